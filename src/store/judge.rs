//! Who says no: the rules of a commit and of a reservation, the same for every store.

use chrono::{DateTime, Utc};

use crate::coupon::{Code, Coupon, Status};
use crate::customer::IdentityKey;
use crate::key::CouponId;
use crate::outcome::{CounterKey, Delta, Guard, Redeemed, Redemption};

use super::{CounterState, Grace, Objection, PointsBalance, Revised};

/// A definition as it stands. See [`Facts`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DefinitionFact {
    /// The revision that stands.
    pub revision: u32,
    /// Whether it is active.
    pub status: Status,
    /// Holds on revisions up to this one are worth nothing: the last one that was killed, zero where none was.
    pub killed_through: u32,
}

/// An issued code as it stands. See [`Facts`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeFact<'a> {
    /// Whether it was withdrawn.
    pub revoked: bool,
    /// Whose code it is by now; nobody's where it is a bearer code that was not bound.
    pub holder: Option<&'a IdentityKey>,
}

/// What the rules ask of what is stored, for one redemption by the instant at which they [judge](judge) it. A store
/// reads it under its locks, and only then.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::store::rules::{CodeFact, DefinitionFact, Facts, Judged, judge};
/// use vouchsafe::*;
///
/// /// What a store has read: one active definition, and how far its only counter has gone.
/// struct Rows {
///     definition: (CouponId, DefinitionFact),
///     taken: CounterState,
/// }
///
/// impl Facts for Rows {
///     fn definition(&self, coupon: &CouponId) -> Option<DefinitionFact> {
///         let (known, definition) = &self.definition;
///         (known == coupon).then_some(*definition)
///     }
///     fn own_hold(&self) -> Option<&Redemption> {
///         None
///     }
///     fn issued(&self, _: &CouponId, _: &Code) -> Option<CodeFact<'_>> {
///         None
///     }
///     fn types_revision(&self) -> u64 {
///         0
///     }
///     fn taken(&self, _: &Delta) -> CounterState {
///         self.taken
///     }
///     fn held(&self, _: &Delta) -> u64 {
///         0
///     }
///     fn points(&self, _: &IdentityKey) -> PointsBalance {
///         PointsBalance::default()
///     }
/// }
///
/// # let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let spring = Coupon::builder("spring").code("SPRING").percent_off("10").total_limit(100).build()?;
/// let fact = DefinitionFact { revision: spring.revision(), status: spring.status(), killed_through: 0 };
/// let (id, at) = (spring.id().clone(), parse_instant("2026-03-29T12:00:00Z")?);
/// # let spring = shop.prepare(spring)?;
/// # let line = Line::new(LineId(1), Product::new("BOOT".parse()?), Quantity::ONE, UnitPrice::parse("60.00")?);
/// # let (order, nobody) = (Order::builder(Currency::USD).line(line).build()?, Customer::anonymous());
/// # let codes = [Presented::new("spring", &spring)];
/// # let request = Request::new(&order, &nobody, Reference::Order("o-1".parse()?), at).with_codes(&codes);
/// # let redemption = shop.evaluate(&request)?.redemption()?;
/// // ... an order with the code SPRING, evaluated ...
/// let rows = |used| Rows { definition: (id.clone(), fact), taken: CounterState::new(used, 0) };
/// assert_eq!(judge(&redemption, at, Grace::NONE, &rows(99)), Judged::Fits);
/// let Judged::Refused(objections) = judge(&redemption, at, Grace::NONE, &rows(100)) else { panic!("a limit") };
/// assert_eq!(objections[0].to_string(), "a limit of `spring` is reached: 100 used and 0 held of 100, 1 wanted");
/// # Ok(())
/// # }
/// ```
pub trait Facts {
    /// The definition; none where there is none of this id.
    fn definition(&self, coupon: &CouponId) -> Option<DefinitionFact>;

    /// What the reference itself holds, as long as that [lives](Grace::is_live).
    fn own_hold(&self) -> Option<&Redemption>;

    /// A code that was handed out under this definition; none that lies in a batch or belongs to another definition.
    fn issued(&self, coupon: &CouponId, code: &Code) -> Option<CodeFact<'_>>;

    /// The revision of the types that are stored under the keys that [count](Redemption::counted).
    fn types_revision(&self) -> u64;

    /// What others have taken of a counter: what was recorded, all or
    /// [the last days of it](Delta::recorded_since), and what live holds of other references have.
    fn taken(&self, delta: &Delta) -> CounterState;

    /// What the reference's own live hold has of a counter.
    fn held(&self, delta: &Delta) -> u64;

    /// An account of points, with what live holds of other references have of it.
    fn points(&self, account: &IdentityKey) -> PointsBalance;
}

/// What stands before a redemption.
#[derive(Debug, Default)]
struct Verdict {
    stale: Vec<Revised>,
    objections: Vec<Objection>,
}

/// What [`judge`] comes to. See [`Facts`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judged {
    /// Nobody says no: it can be held or recorded.
    Fits,
    /// Definitions were revised since it was priced.
    Stale(Vec<Revised>),
    /// Guards or counters say no, every one that does.
    Refused(Vec<Objection>),
}

/// Asks every guard and every counter of a redemption, for a hold as for a record. Nothing is changed. What is recorded
/// under the reference is for the store to compare before. See [`Facts`] for an example.
#[must_use]
pub fn judge(redemption: &Redemption, at: DateTime<Utc>, grace: Grace, facts: &impl Facts) -> Judged {
    let mut verdict = Verdict::default();
    for guard in redemption.guards() {
        match guard {
            Guard::Revision { coupon, revision } => definition_stands(coupon, *revision, facts, &mut verdict),
            Guard::CodeLive { coupon, code } => {
                verdict.objections.extend(code_lives(coupon, code, redemption, facts));
            }
            Guard::Types { revision } => {
                let (priced, current) = (*revision, facts.types_revision());
                if priced != current {
                    verdict.objections.push(Objection::TypesChanged { priced, current });
                }
            }
            Guard::Window { .. } | Guard::Allowance { .. } | Guard::Seen { .. } => {}
        }
    }
    verdict.objections.extend(redemption.objections_within(at, grace));
    let wanted = redemption.deltas().iter().filter(|delta| !is_held(delta, facts));
    verdict.objections.extend(wanted.filter_map(|delta| no_room(delta, facts.taken(delta))));
    verdict.objections.extend(too_few_points(redemption, facts));
    match verdict {
        Verdict { stale, .. } if !stale.is_empty() => Judged::Stale(stale),
        Verdict { objections, .. } if !objections.is_empty() => Judged::Refused(objections),
        Verdict { .. } => Judged::Fits,
    }
}

/// Whether the reference holds what it takes of a counter: nobody could have taken it, whatever the limit was when others
/// took more. It must have asked for it when it was held, since what later limits count besides was never given room; and a
/// hold on terms that were killed is worth nothing.
fn is_held(delta: &Delta, facts: &impl Facts) -> bool {
    let Some(hold) = facts.own_hold() else { return false };
    let asked = hold.deltas().iter().any(|held| held.key() == delta.key() && held.by() >= delta.by());
    let stands = |held: &Redeemed| {
        facts.definition(&held.coupon).is_some_and(|definition| held.revision > definition.killed_through)
    };
    let of_counter = |held: &&Redeemed| delta.key().coupon().is_none_or(|coupon| held.coupon == *coupon);
    let mut pinned = hold.coupons().iter().filter(of_counter);
    let stands = delta.key().allowance().is_some() || pinned.any(stands);
    asked && stands && facts.held(delta) >= delta.by()
}

/// What speaks against raising a counter of which others have taken this much. For [amendments](crate::CouponAdmin::amend),
/// which ask nothing else.
#[must_use]
pub fn no_room(delta: &Delta, taken: CounterState) -> Option<Objection> {
    let (counter, wanted, limit) = (delta.key(), delta.by(), delta.limit());
    let CounterState { used, held } = taken;
    let after = used.checked_add(held).and_then(|taken| taken.checked_add(wanted));
    let full = after.is_none_or(|after| after > limit);
    full.then(|| Objection::LimitReached { counter: counter.clone(), limit, used, held, wanted })
}

/// A live hold pins the revision it was made with, unless that was killed. Otherwise the definition must be active, and
/// be the one that was priced.
fn definition_stands(coupon: &CouponId, priced: u32, facts: &impl Facts, verdict: &mut Verdict) {
    let coupon = coupon.clone();
    let Some(definition) = facts.definition(&coupon) else {
        verdict.objections.push(Objection::UnknownCoupon { coupon });
        return;
    };
    let held = facts
        .own_hold()
        .is_some_and(|hold| hold.coupons().iter().any(|held| held.coupon == coupon && held.revision == priced));
    if held && priced > definition.killed_through {
        return;
    }
    let current = definition.revision;
    if definition.status != Status::Active {
        let killed = definition.killed_through >= current;
        let objection = if killed { Objection::Killed { coupon } } else { Objection::NotActive { coupon } };
        verdict.objections.push(objection);
    } else if current != priced {
        verdict.stale.push(Revised { coupon, priced, current });
    }
}

fn code_lives(coupon: &CouponId, code: &Code, redemption: &Redemption, facts: &impl Facts) -> Option<Objection> {
    let issued = facts.issued(coupon, code);
    let (coupon, code) = (coupon.clone(), code.clone());
    let Some(issued) = issued else { return Some(Objection::UnknownCode { coupon, code }) };
    if issued.revoked {
        return Some(Objection::CodeRevoked { coupon, code });
    }
    let others = issued.holder.is_some_and(|holder| !redemption.customer().contains(holder));
    others.then_some(Objection::WrongCustomer { coupon, code })
}

/// What speaks against taking the points that a redemption uses.
fn too_few_points(redemption: &Redemption, facts: &impl Facts) -> Option<Objection> {
    let points = redemption.points().filter(|points| points.redeemed > 0)?;
    points_short(&points.account, points.redeemed, facts.points(&points.account))
}

/// What speaks against taking so many points from an account.
///
/// ```
/// use vouchsafe::store::rules::points_short;
/// use vouchsafe::{IdentityKey, PointsBalance};
///
/// let (ann, account) = (IdentityKey::id("42")?, PointsBalance::new(730, 500));
/// assert_eq!(points_short(&ann, 230, account), None);
/// let short = points_short(&ann, 231, account).map(|objection| objection.to_string());
/// assert_eq!(short.as_deref(), Some("231 points are wanted: 730 are there, and 500 of them are held"));
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[must_use]
pub fn points_short(account: &IdentityKey, wanted: u64, state: PointsBalance) -> Option<Objection> {
    let (account, balance, held) = (account.clone(), state.balance(), state.held());
    (state.available() < wanted).then_some(Objection::PointsShort { account, balance, held, wanted })
}

/// What others have taken of a counter, as far as it is in the way of what the reference holds or has recorded itself under
/// these very terms: a limit that was raised since lets others take more than the terms leave that were pinned. For
/// [`load`](crate::CouponStore::load), which shows a shopper what there is room for.
///
/// ```
/// use vouchsafe::CounterKey;
/// use vouchsafe::store::rules::in_the_way;
///
/// // A reference that holds nothing meets all that others took.
/// assert_eq!(in_the_way(&CounterKey::Total { coupon: "spring".parse()? }, 99, None), 99);
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[must_use]
pub fn in_the_way(key: &CounterKey, taken: u64, pinned: Option<&Redemption>) -> u64 {
    let delta = pinned.and_then(|own| own.deltas().iter().find(|delta| delta.key() == key));
    delta.map_or(taken, |delta| taken.min(delta.limit().saturating_sub(delta.by())))
}

/// What a redemption would have raised under these terms, and has not: limits that were added since it was priced. A
/// store counts them when it records what was priced before, and for all that is stored when a definition is
/// [revised](crate::CouponAdmin::revise).
#[must_use]
pub fn missing(redemption: &Redemption, taken: &[(CounterKey, u64)], terms: &Coupon) -> Vec<(CounterKey, u64)> {
    let deltas = redemption.deltas_under(terms).into_iter();
    deltas.map(|delta| (delta.key, delta.by)).filter(|(key, _)| taken.iter().all(|(k, _)| k != key)).collect()
}
