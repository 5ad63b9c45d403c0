//! What happens to an order after it was placed: later payments, returns, transfers, changes, and how it is booked. All of
//! it under the terms that were stored with the order, never under those of today.
//!
//! # What the host keeps
//!
//! Nothing here is stored by the crate. All of it is plain data with a JSON form, to be kept in the row of the order and
//! written back in the transaction in which something happens to it.
//!
//! | kept | made by | what for |
//! |---|---|---|
//! | [`PlacedOrder`] | [`Shop::place`](crate::Shop::place), and anew by each [`amend`](PlacedOrder::amend) | the terms and base prices of then: changes, audits, thresholds, subscriptions |
//! | [`Settlement`] | [`Settlement::new`] | what each line stands at: returns, transfers, voids, the books |
//! | [`Subscription`] | [`PlacedOrder::subscription`] | the payments after the first |
//!
//! **Changes come before returns.** A placed order does not know what a settlement gave back, nor a settlement what was
//! changed since it was made: units that were returned could be taken off the order once more, and paid back twice. So
//! begin the settlement from [`Amended::placed`] when the goods leave the house, or let [`Settlement::amend`] take each
//! change over, which refuses it once something came back; from then on less is a return, and more is another order.
//!
//! # Which verb
//!
//! | what happened | verb | money |
//! |---|---|---|
//! | units come back | [`Settlement::refund`] | what was paid for these units |
//! | units come back, and what is kept may no longer reach a threshold | [`Settlement::refund_with_terms`] | as the [`ThresholdPolicy`] says |
//! | the order is cancelled, or the rest of it | [`Settlement::void`] | all that is left |
//! | a line goes to another order | [`Settlement::transfer`], [`send`](Settlement::send), [`receive`](Settlement::receive) | moves along; a difference in price is paid |
//! | a line is added, removed, or in another quantity | [`PlacedOrder::amend`] | the difference |
//! | the next bill is due | [`Subscription::next_payment`] | that of the terms of then |
//! | somebody asks whether the figures are right | [`PlacedOrder::recompute`] | none |
//! | the books are kept | [`Books`] | none: balanced entries of each of the above |
//!
//! # How a line comes back unit by unit
//!
//! A line of three at 100.00 with 10% off was paid with 270.00. Each unit was paid with 90.00, and that is what it gives
//! back: the coupon amount is not refunded (S110). Where an amount cannot be shared evenly, the first units have the odd
//! cents, and the lowest unit that is still there goes first: 100.00 over three units is 33.34, 33.33, 33.33, and whoever
//! returns one today and two next week has 33.34 and 66.66. So whatever the order and the grouping, no unit gives back more
//! than was paid for it, and all together what was paid (traps 23 and 24). Price, taxable amount, net and payment are
//! shared like that, each for itself; a discount and the tax are what lies between two of them ([`LineFigures`]).
//!
//! A plan changes nothing; [`apply`](Settlement::apply) does, once for each [`MovementId`](crate::MovementId), so that a
//! parcel that is scanned twice is paid back once. Take the id of the return, never a new one for each attempt.
//!
//! # What goes back beside money
//!
//! | | asked of | recorded with |
//! |---|---|---|
//! | loyalty points | [`Settlement::points_return`] | [`CouponAdmin::return_points`](crate::CouponAdmin::return_points) |
//! | what points paid as a tender | [`Settlement::tender_return`] | the host's payment |
//! | codes that the goods had earned | [`Settlement::grants_after`] | [`CouponAdmin::revoke`](crate::CouponAdmin::revoke), or a bill |
//! | the use of the coupon | stays used (S106) | [`CouponStore::void`](crate::CouponStore::void) may give it back, by policy |

mod amend;
mod error;
mod figures;
mod grants;
mod ledger;
mod period;
mod placed;
mod points;
mod reading;
mod recompute;
mod refund;
mod settlement;
mod subscription;
mod threshold;
mod transfer;
mod void;
mod wire;

pub use amend::{AmendError, Amended, Amendment};
pub use error::SettleError;
pub use figures::{DiscountOrigin, DiscountPart, LineFigures};
pub use grants::{GrantReturn, GrantedCode, grants_on_return};
pub use ledger::{Account, AccountClass, AccountTable, Books, Posting, Purpose, Side};
pub use period::{PeriodLine, PeriodOutcome};
pub use placed::{PlaceError, PlacedOrder, ThresholdCheck};
pub use points::PointsReturn;
pub use recompute::Recomputed;
pub use refund::{KeptLine, Refund, RefundLine, RefundRequest, TaxRefund};
pub use settlement::{Movement, SettledLine, Settlement};
pub use subscription::Subscription;
pub use threshold::ThresholdPolicy;
pub use transfer::{MovedDiscount, Received, Transfer, TransferRequest};
