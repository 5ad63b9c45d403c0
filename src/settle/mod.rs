//! What happens to an order after it was placed: later payments, returns, transfers, changes, and how it is booked. All of
//! it under the terms that were stored with the order, never under those of today.

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
pub use placed::{PlaceError, PlacedOrder, Thresholds};
pub use points::PointsReturn;
pub use recompute::Recomputed;
pub use refund::{KeptLine, Refund, RefundLine, RefundRequest, TaxRefund};
pub use settlement::{Movement, SettledLine, Settlement};
pub use subscription::Subscription;
pub use threshold::ThresholdPolicy;
pub use transfer::{MovedDiscount, Received, Transfer, TransferRequest};
