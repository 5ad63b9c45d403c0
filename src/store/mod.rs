//! Where redemptions are recorded, so that no limit is ever passed.
//!
//! Pricing previews limits; a store enforces them. [`CouponStore`] is the small trait of the checkout: five verbs, each
//! one atomic step, each safe to repeat; [`CouponAdmin`] is the second, for admin pages and jobs. [`MemoryStore`] is the
//! reference implementation and lives in the process; `SqliteStore` and `PostgresStore` (features `sqlite`, `postgres`) keep
//! the same promises in a database. [`growth`] says which to take, and what it serves.
//!
//! # The one rule
//!
//! **Commit the redemption in the transaction that writes the order.** A store handle borrows a connection or a
//! transaction and never owns a pool, so that both are recorded or neither is. A redemption that is committed on its
//! own is used up by an order that may never come to be.
//!
//! # The way of a code through a checkout
//!
//! | step | verb | what it promises |
//! |---|---|---|
//! | show the price | [`load`](CouponStore::load) | definitions and figures, as they were a moment ago |
//! | begin to pay | [`reserve`](CouponStore::reserve) | what is held cannot be taken by others, until it lapses |
//! | the order is written | [`commit`](CouponStore::commit) | recorded once, with every counter, or not at all |
//! | the basket is given up | [`release`](CouponStore::release) | what was held is free |
//! | the order is cancelled | [`void`](CouponStore::void) | marked as void; what is given back is policy |
//!
//! Reserving is optional: a shop that charges after the order is written can commit at once. One that authorises a
//! payment first reserves, authorises, commits in the order's transaction, and captures last. A commit after the hold
//! lapsed takes the counters again or refuses; then the authorisation is voided and nothing was charged.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use chrono::TimeDelta;
//! use vouchsafe::*;
//!
//! let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
//! let mut store = MemoryStore::new();
//! store.define(Coupon::builder("welcome").code("WELCOME10").percent_off("10").per_customer_limit(1).build()?)?;
//!
//! let boot = Product::new("BOOT".parse()?);
//! let line = Line::new(LineId(1), boot, Quantity::pieces(1)?, UnitPrice::parse("120.00")?);
//! let order = Order::builder(Currency::USD).line(line).build()?;
//! let ann = Customer::new([IdentityKey::id("42")?]);
//! let (reference, at) = (Reference::Order("o-1".parse()?), parse_instant("2026-03-01T12:00:00Z")?);
//!
//! // What is typed, and what the store knows of it.
//! let request = LoadRequest::new(reference.clone(), Currency::USD, at)
//!     .code("welcome 10")
//!     .customer(shop.policy().counted_keys(&ann));
//! let loaded = block_on(store.load(&request))?;
//! let prepared = loaded.prepare(&shop)?;
//! let codes = loaded.presented(&prepared);
//!
//! // The price.
//! let outcome = shop.evaluate(&Request::new(&order, &ann, reference, at).with_codes(&codes))?;
//! assert_eq!(outcome.totals().payable().to_string(), "108.00 USD");
//!
//! // Held while the payment is authorised, recorded with the order.
//! let redemption = outcome.redemption()?;
//! let until = at + TimeDelta::minutes(20);
//! assert_eq!(block_on(store.reserve(&redemption, at, until))?, Reserve::Held { until });
//! assert_eq!(block_on(store.commit(&redemption, at))?, Commit::Recorded);
//!
//! // A repeat is the same redemption.
//! assert_eq!(block_on(store.commit(&redemption, at))?, Commit::AlreadyRecorded);
//! # Ok(())
//! # }
//! ```
//!
//! # References
//!
//! Everything is keyed by a [`Reference`] that the host chose: an order, or a claim where no order
//! exists yet. Take the id of the order row or of the checkout, never a new one for each attempt: a reference is what
//! tells a repeat from a second use.
//!
//! # A store of your own
//!
//! Implement [`CouponStore`] on a handle that borrows your connection or transaction. What every store does the same way
//! is there already: it reads rows under its locks, asks the [`rules`], and writes what they answer. A whole one over another
//! driver is the package `examples/rusqlite_store` of the repository; the [guide](crate::guide::stores) walks through it.
//!
//! | verb | to do | at hand |
//! |---|---|---|
//! | load | look up each code as typed: shared ones in definitions, others among issued codes | [`spellings`], [`LoadedCode`] |
//! | | definition and issued code from their documents | [`Coupon`](crate::Coupon), [`IssuedCode`](crate::IssuedCode) |
//! | | usage from counters and live holds, without what this reference has itself | [`LoadRequest::usage_of`] |
//! | | the same of allowances; of those that count back from now, by when it was recorded | [`LoadRequest::allowance_usage`] |
//! | | the types that the customer holds, with the revision they have; a hold or a record of the reference | [`Loaded`], [`HeldTypes::with_revision`](crate::HeldTypes::with_revision), [`Progress`] |
//! | reserve, commit | a record under the reference: the same content or another | [`Redemption::same_content`] |
//! | | every guard and every counter | [`rules::judge`], which asks for [`rules::Facts`] |
//! | | which holds have lapsed | [`Grace::lapsed_through`] |
//! | | limits that were added since it was priced | [`rules::missing`] |
//! | | counters, locked in this order: recorded + held by others + `by` is at most `limit` | [`Redemption::deltas`] |
//! | | a counter that counts back from now: recorded at [`recorded_since`](crate::Delta::recorded_since) or later, instead of all that was | [`Delta`](crate::Delta) |
//! | reserve | how long the hold may live | [`Redemption::hold_until`] |
//! | commit | the record, as JSON; a bearer code bound to the customer; the changes of type, kept and folded | [`Redemption`], [`Redemption::counted`], [`Redemption::type_changes`], [`HeldTypes::apply`](crate::HeldTypes::apply), [`rules::TypeLog`] |
//! | release, void | what the hold or the record took, given back once | [`Release`], [`Void`], [`OnVoid`], [`rules::Undone`] |
//!
//! Then [`CouponAdmin`], for what comes before and after a checkout:
//!
//! | verb | to do | at hand |
//! |---|---|---|
//! | define, revise, kill | the revision that was read is the one that stands; an entry of the audit log in the same step | [`Edit`], [`DefinitionChange::new`], [`AdminError`] |
//! | revise | a limit that is added counts every record, live hold and import before it | [`rules::missing`], [`rules::imported_uses`] |
//! | issue, add a batch, import | a code that is known is known to all definitions; an occasion has one code | [`IssueRequest`](crate::IssueRequest), [`CodeRecord::new`], [`BatchRecord::new`] |
//! | logs | pages by place, in the order of recording | [`Page::place`], [`UsageRecord::at_place`], [`TypeRecord::new`] |
//! | points | never below zero; a repeat moves nothing | [`PointsReturned::new`], [`ReturnPoints`] |
//! | forget | a pseudonym in the place of each key, everywhere; whoever is recorded meanwhile comes wholly before or after | [`Pseudonyms`](crate::Pseudonyms), [`Redemption::forgetting`], [`Forgotten::new`] |
//! | purge | a small step; what was counted stays counted | [`Purge::limit`], [`Grace::lapsed_through`], [`Purged::new`] |
//!
//! # Allowances
//!
//! An order takes from [allowances](crate::Allowance) without any code, so an order of a shop that has some is loaded,
//! recorded and counted like one with a coupon: their [counters](crate::Shop::allowance_counters) are asked for with
//! [`LoadRequest::allowances`], what is taken goes into
//! [`Request::with_allowances`](crate::Request::with_allowances), and the redemption has their deltas among the others.
//! Counters of calendar periods and fixed dates bear the first day of the period, so that a new one begins at zero.
//!
//! A counter of rolling days is a sum over rows: keep one row for each counter and reference with the amount and the
//! instant of recording, lock a row of the counter itself first, as for any other, and add up what is recent enough with
//! all live holds. What was recorded at the very instant where the days begin counts.
//!
//! # Customer types
//!
//! A change of a customer's types is made from what the customer held when it was priced: a year of membership is added
//! to the end of the one that runs. Of two orders of one customer that are priced at the same moment, the one that is
//! recorded second would undo the first, and a year that was paid for would be lost. So types that a store hands out have a
//! [revision](crate::HeldTypes::revision), an order that changes any of them is recorded upon that revision only, and the
//! second order is refused with [`Objection::TypesChanged`]. What the host does then: load, evaluate, and ask again, under
//! the same reference. A total that follows from the types may have changed with them;
//! [`Redemption::confirming`] tells.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use vouchsafe::*;
//!
//! let year = TypeAssignment::membership("CLUB".parse()?, AssignWhen::OnCommit).lasting(AssignUntil::Days(365))?;
//! let shop = Shop::builder(Policy::storefront(Currency::USD, Zone::UTC))
//!     .customer_type("CLUB".parse()?)
//!     .purchase_assigns(Goods::product("CLUB-YEAR".parse()?), year)
//!     .build()?;
//! let (mut store, ann) = (MemoryStore::new(), [IdentityKey::id("42")?]);
//! let at = parse_instant("2026-03-01T12:00:00Z")?;
//! let price = |store: &mut MemoryStore, reference: &Reference| -> Result<Redemption, Box<dyn std::error::Error>> {
//!     let loaded = block_on(store.load(&LoadRequest::new(reference.clone(), Currency::USD, at).customer(ann.clone())))?;
//!     let product = Product::new("CLUB-YEAR".parse()?);
//!     let line = Line::new(LineId(1), product, Quantity::pieces(1)?, UnitPrice::parse("49.00")?);
//!     let order = Order::builder(Currency::USD).line(line).build()?;
//!     let customer = loaded.customer(Customer::new(ann.clone()));
//!     Ok(shop.evaluate(&Request::new(&order, &customer, reference.clone(), at))?.redemption()?)
//! };
//!
//! // On two devices at once.
//! let (phone, laptop) = (Reference::Order("o-1".parse()?), Reference::Order("o-2".parse()?));
//! let (first, second) = (price(&mut store, &phone)?, price(&mut store, &laptop)?);
//! assert_eq!(block_on(store.commit(&first, at))?, Commit::Recorded);
//! let changed = Objection::TypesChanged { priced: 0, current: 1 };
//! assert_eq!(block_on(store.commit(&second, at))?, Commit::Refused(vec![changed]));
//!
//! // Priced again, it adds its year to the first one's.
//! let again = price(&mut store, &laptop)?;
//! assert_eq!(block_on(store.commit(&again, at))?, Commit::Recorded);
//! let end = store.held_types(&ann).memberships()[0].window().until();
//! assert_eq!(end, Some(parse_instant("2028-03-01T00:00:00Z")?));
//! # Ok(())
//! # }
//! ```
//!
//! A revision is any number that rises with every change that is recorded under any of the customer's counted keys, be it
//! by a commit or by a void that sets types back, and with nothing else: the number of such changes will do. Load the types
//! with the very keys that count for the order ([`Policy::counted_keys`](crate::Policy::counted_keys)), since over other
//! keys it is another number. Of a reference that is recorded it is the number before that record, as the types are.
//!
//! In a database keep one row for each identity key, create it where there is none, and lock the rows of all counted keys
//! in their order, after the counters, before the changes are counted: two transactions that only counted would each
//! miss what the other is about to write. An order that changes no type has no such guard, and need not touch these rows.
//! A hold does not pin the types: what it holds are counters.
//!
//! # Loyalty points
//!
//! An account is a row for each customer, under the first key that counts: a balance, and what live holds have of it. An
//! order that [moves points](crate::Redemption::points) locks the row after the counters. It is refused with
//! [`Objection::PointsShort`] where the balance less what others hold is below what is redeemed; recorded, the balance falls
//! by what is redeemed and rises by what is earned, in the same step as the record. A repeat moves nothing. A hold keeps
//! redeemed points from other orders, and is worth nothing once it has lapsed; what an order earns is there when it is
//! recorded and not before. [`LoadRequest::points`] asks for the account without what the reference itself has; of a
//! reference that is recorded, as it was before that record.
//!
//! A return moves points by [`CouponAdmin::return_points`], once for each movement, and never more than the order did: keep
//! the sums next to the record. A balance never falls below zero; what could not be taken is the shortfall.
//!
//! # Clocks that are apart
//!
//! No store reads a clock: every call brings the instant of the server that makes it. Servers differ, by a moment or by
//! seconds, and a hold that one made until 12:20 is lapsed for another whose clock is ahead. [`Grace`] is how much of that
//! a shop puts up with: holds live so much longer, and windows are so much wider at both ends, for every clock alike. A
//! minute does, where servers keep time at all; without one a hold ends at its instant.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use chrono::TimeDelta;
//! use vouchsafe::*;
//!
//! # let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
//! let mut store = MemoryStore::new().with_grace(Grace::new(TimeDelta::minutes(1))?);
//! store.define(Coupon::builder("last").code("LAST").percent_off("10").total_limit(1).build()?)?;
//! # let line = Line::new(LineId(1), Product::new("BOOT".parse()?), Quantity::pieces(1)?, UnitPrice::parse("60.00")?);
//! # let order = Order::builder(Currency::USD).line(line).build()?;
//! # let price = |store: &mut MemoryStore, id: &str, at| -> Result<Redemption, Box<dyn std::error::Error>> {
//! #     let reference = Reference::Order(id.parse()?);
//! #     let request = LoadRequest::new(reference.clone(), Currency::USD, at).code("LAST");
//! #     let loaded = block_on(store.load(&request))?;
//! #     let prepared = loaded.prepare(&shop)?;
//! #     let (codes, nobody) = (loaded.presented(&prepared), Customer::anonymous());
//! #     Ok(shop.evaluate(&Request::new(&order, &nobody, reference, at).with_codes(&codes))?.redemption()?)
//! # };
//!
//! // One server holds the last use for ten minutes.
//! let noon = parse_instant("2026-03-01T12:00:00Z")?;
//! let (first, second) = (price(&mut store, "o-1", noon)?, price(&mut store, "o-2", noon)?);
//! let until = noon + TimeDelta::minutes(10);
//! block_on(store.reserve(&first, noon, until))?;
//!
//! // The clock of another is 40 seconds ahead and shows 12:10:30: for the first it is 12:09:50, and the hold is kept.
//! let ahead = until + TimeDelta::seconds(30);
//! assert!(!block_on(store.commit(&second, ahead))?.is_recorded());
//! assert_eq!(block_on(store.commit(&first, until - TimeDelta::seconds(5)))?, Commit::Recorded);
//! # Ok(())
//! # }
//! ```
//!
//! # When the store fails
//!
//! A [`StoreError`] is never a "no", and never prices an order wrongly. Two ways lead on: ask again where
//! [a retry helps](StoreError::is_retryable), which is always safe; or sell without coupons. Which one, depends on what was
//! asked:
//!
//! | it failed in | what may have happened | the way on |
//! |---|---|---|
//! | load | nothing | evaluate without any code, and tell the shopper that codes cannot be used just now |
//! | reserve | a hold that nobody heard of | the same, under the same reference; the hold lapses |
//! | commit in the host's transaction | nothing: it is rolled back, and the order with it | the whole transaction again; or the order without codes |
//! | the host's `COMMIT` itself, or commit on a bare connection | it is recorded, or it is not | **ask again** with the same redemption until it is answered; the order waits |
//! | release, void | it is done, or it is not | ask again later; what is held lapses |
//! | any of them, dropped in its middle (a browser went away, a timeout) | it is done, or it is not | the same: a transaction of the host is rolled back, and on a bare connection **ask again** |
//!
//! Evaluate without codes rather than with [unknown](crate::Presented::unknown) ones: those would be told to the shopper as
//! mistyped, and counted as [guesses](crate::Outcome::unknown_codes). The total is another one, so the shopper agrees to it
//! again, and the payment is authorised anew. What else comes from the store is missing as well: a customer whose type it
//! keeps is priced as the host knows the customer, and an order that takes from [allowances](crate::Allowance), moves
//! points or changes types has to wait, since its [`Redemption`] has to be recorded. One without any of them moves nothing.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use vouchsafe::*;
//!
//! /// The price with the code, or without any where the store does not answer; and whether it did.
//! fn price<S: CouponStore>(
//!     shop: &Shop,
//!     store: &mut S,
//!     order: &Order,
//!     request: &LoadRequest,
//! ) -> Result<(Outcome, bool), Box<dyn std::error::Error>> {
//!     let customer = Customer::anonymous();
//!     let plain = Request::new(order, &customer, request.reference().clone(), request.at());
//!     match block_on(store.load(request)) {
//!         Ok(loaded) => {
//!             let prepared = loaded.prepare(shop)?;
//!             let codes = loaded.presented(&prepared);
//!             Ok((shop.evaluate(&plain.with_codes(&codes))?, true))
//!         }
//!         // Into the log with the error and its source; the shopper gets the order.
//!         Err(_) => Ok((shop.evaluate(&plain)?, false)),
//!     }
//! }
//!
//! # /// A store that cannot be reached.
//! # struct Unreachable;
//! # impl CouponStore for Unreachable {
//! #     async fn load(&mut self, _: &LoadRequest) -> Result<Loaded, StoreError> {
//! #         Err(StoreError::unavailable("connection refused"))
//! #     }
//! #     async fn reserve(&mut self, _: &Redemption, _: Instant, _: Instant) -> Result<Reserve, StoreError> {
//! #         Err(StoreError::unavailable("connection refused"))
//! #     }
//! #     async fn commit(&mut self, _: &Redemption, _: Instant) -> Result<Commit, StoreError> {
//! #         Err(StoreError::unavailable("connection refused"))
//! #     }
//! #     async fn release(&mut self, _: &Reference, _: Instant) -> Result<Release, StoreError> {
//! #         Err(StoreError::unavailable("connection refused"))
//! #     }
//! #     async fn void(&mut self, _: &Reference, _: OnVoid, _: Instant) -> Result<Void, StoreError> {
//! #         Err(StoreError::unavailable("connection refused"))
//! #     }
//! # }
//! # type Instant = chrono::DateTime<chrono::Utc>;
//! # let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
//! # let mut store = MemoryStore::new();
//! # store.define(Coupon::builder("spring").code("SPRING").percent_off("10").build()?)?;
//! # let line = Line::new(LineId(1), Product::new("BOOT".parse()?), Quantity::pieces(1)?, UnitPrice::parse("60.00")?);
//! # let order = Order::builder(Currency::USD).line(line).build()?;
//! # let at = parse_instant("2026-03-01T12:00:00Z")?;
//! let request = LoadRequest::new(Reference::Order("o-1".parse()?), Currency::USD, at).code("SPRING");
//! let (with, heard) = price(&shop, &mut store, &order, &request)?;
//! assert_eq!((with.totals().payable().to_string().as_str(), heard), ("54.00 USD", true));
//! let (without, heard) = price(&shop, &mut Unreachable, &order, &request)?;
//! assert_eq!((without.totals().payable().to_string().as_str(), heard), ("60.00 USD", false));
//! assert!(without.redemption()?.coupons().is_empty() && without.redemption()?.deltas().is_empty());
//! # Ok(())
//! # }
//! ```

mod admin;
mod answer;
mod audience;
mod block_on;
#[cfg(feature = "conformance")]
pub mod conformance;
mod difference;
mod documents;
mod erased;
mod error;
mod grace;
mod guards;
mod imported;
mod issuing;
mod judge;
mod memory;
mod points;
#[cfg(feature = "postgres")]
mod postgres;
pub mod rules;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod sql;
#[cfg(feature = "sqlite")]
mod sqlite;
mod types;
mod usage;

#[doc = include_str!("growth.md")]
pub mod growth {}

use std::future::Future;

use chrono::{DateTime, Utc};

pub use admin::{AdminFailure, CouponAdmin, DefinitionChange, Edit, EditKind, Forgotten, Page, Purge, Purged};
pub use answer::{Amend, Commit, Objection, OnVoid, Release, Reserve, Revised, Void};
pub use block_on::block_on;
pub use difference::Difference;
pub use documents::{LoadRequest, Loaded, LoadedCode, Progress, spellings};
pub use erased::{BoxFuture, DynCouponStore};
pub use error::{BoxError, StoreError};
pub use grace::Grace;
pub use issuing::{BatchRecord, CodeRecord, CodeStatus, Issue, IssueError};
pub use memory::{AdminError, CounterState, MemoryStore};
pub use points::{PointsBalance, PointsReturned, ReturnPoints};
#[cfg(feature = "postgres")]
pub use postgres::PostgresStore;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub use sql::{Dialect, SqlStore};
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteStore;
pub use types::TypeRecord;
pub use usage::UsageRecord;

use crate::outcome::Redemption;
use crate::request::Reference;

/// The checkout's view of a store. A handle borrows a connection or a transaction, is used by one checkout, and is
/// thrown away; hence `&mut self`.
///
/// A store evaluates nothing: it checks the guards and moves the counters of a [`Redemption`]. No method has a default
/// body, since none could be right for every database. Implementers write `async fn`.
///
/// Every call carries the instant at which it is judged; no store reads a clock. Every call is safe to repeat.
///
/// # In generic code
///
/// The futures are `Send`, so a checkout can be spawned on any runtime, or run on none.
///
/// ```
/// use chrono::{DateTime, Utc};
/// use vouchsafe::{Commit, CouponStore, Redemption, StoreError};
///
/// async fn place<S: CouponStore>(store: &mut S, redemption: &Redemption, at: DateTime<Utc>) -> Result<bool, StoreError> {
///     // ... insert the order in the same transaction ...
///     match store.commit(redemption, at).await? {
///         Commit::Recorded | Commit::AlreadyRecorded => Ok(true),
///         // Price again, or give up; the transaction is still usable.
///         Commit::Different | Commit::Refused(_) | Commit::Stale(_) => Ok(false),
///     }
/// }
/// ```
pub trait CouponStore: Send {
    /// What the store knows of the codes as they were typed, of the customer, of allowances, and of the reference.
    ///
    /// A code is found by its canonical form. A reference with a live hold, or one that is recorded, gets the terms it
    /// was priced under, whatever became of the definition, unless that was killed. Usage is what is recorded plus what
    /// live holds of others have, by this instant; over several identity keys the highest; nothing of this reference.
    ///
    /// **Atomic:** nothing. **May be stale:** every counter, the moment it is read; commit checks them again. A
    /// definition must belong to its revision, so that hosts can keep prepared coupons by revision.
    ///
    /// **Wrong answers that lose money:** leaving out the hold of *another* reference or counting a lapsed one only
    /// costs a shopper a second look, since commit decides; terms of one revision under the number of another are
    /// recorded at the wrong price.
    fn load(&mut self, request: &LoadRequest) -> impl Future<Output = Result<Loaded, StoreError>> + Send;

    /// Holds every counter of the redemption for its reference before the instant `until`; 15 to 30 minutes are usual.
    ///
    /// Again with the same content it extends the hold, and never shortens it. With other content it replaces the hold:
    /// the new basket is judged as if the old hold were not there. A live hold pins revision and terms of its coupons: a
    /// definition that is revised or switched off meanwhile stands for this reference as it was, and a changed basket
    /// keeps it. Holds need no clean-up: whether one has lapsed is judged by the instant of whichever call looks at it.
    ///
    /// **Atomic:** all guards and all counters, all or none, counters taken in the order of their keys, so that two
    /// checkouts cannot deadlock. A refusal changes nothing and leaves the host's transaction usable.
    ///
    /// **May be stale:** nothing.
    ///
    /// **Wrong answers that lose money:** "held" where there was no room sells the same use twice. "Refused" on account
    /// of a lapsed hold, or of the reference's own, loses an order.
    fn reserve(
        &mut self,
        redemption: &Redemption,
        at: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> impl Future<Output = Result<Reserve, StoreError>> + Send;

    /// Records the redemption: its counters for good, its codes bound to the customer, the changes of the customer's
    /// types.
    ///
    /// A change of types that was priced from what the store handed out is recorded only upon the same
    /// [revision](crate::HeldTypes::revision); a repeat is no second change and is not asked for it.
    ///
    /// What a live hold of the reference has is used up first. Without one, and after one lapsed, the counters are taken
    /// as if for the first time, or refused. Where the basket changed since it was held, the difference is taken. A
    /// bearer code good for one use belongs to the redeeming customer from here on (S3). A coupon without limits writes
    /// the record and touches no shared counter.
    ///
    /// **Atomic:** guards, counters, points, record, binding and type, all or none, with counters in the order of their keys; and
    /// together with the host's transaction where the handle borrows one. A refusal changes nothing and leaves that
    /// transaction usable.
    ///
    /// **May be stale:** nothing.
    ///
    /// **Wrong answers that lose money:** "recorded" past a limit, or twice for two contents of one reference. "Recorded"
    /// over a change of types that the redemption was not priced with: what that one gave is lost. "Recorded"
    /// that a crash undoes, while the order stands. "Different" or "refused" on a mere repeat, so that a paid order is
    /// cancelled.
    fn commit(
        &mut self,
        redemption: &Redemption,
        at: DateTime<Utc>,
    ) -> impl Future<Output = Result<Commit, StoreError>> + Send;

    /// Lets go of what the reference holds. What is recorded stays.
    ///
    /// **Atomic:** the hold and all its counters. **May be stale:** nothing; but a hold that is never released only
    /// lapses, so a lost release costs others a wait and nothing else.
    ///
    /// **Wrong answers that lose money:** letting go twice lowers a counter twice, and the limit is passed.
    fn release(
        &mut self,
        reference: &Reference,
        at: DateTime<Utc>,
    ) -> impl Future<Output = Result<Release, StoreError>> + Send;

    /// Marks what is recorded as void. By default the uses stay used (S106); the policy may give them back, and set
    /// changes of the customer's types back, each where no
    /// later change of the same stands; that moves the revision of the types on. A voided reference can never be recorded again.
    /// Points go back unless the policy keeps them: what was redeemed into the account, what was earned out of it, each
    /// without what returns moved before, and never below zero.
    ///
    /// **Atomic:** the mark, the counters, the points and the type. **May be stale:** nothing.
    ///
    /// **Wrong answers that lose money:** giving back twice lowers a counter twice, and the limit is passed. Setting back
    /// a type over a later change takes away what was paid for.
    fn void(
        &mut self,
        reference: &Reference,
        policy: OnVoid,
        at: DateTime<Utc>,
    ) -> impl Future<Output = Result<Void, StoreError>> + Send;
}
