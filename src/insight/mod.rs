//! What a merchant and a shopper want to know about coupons, apart from any one order.

mod describe;
mod describe_condition;
mod lint;
mod listing;
mod report;
mod sets;
mod usage;
mod wrap;

pub use describe::{Term, Terms, Topic};
pub use lint::{LintOptions, Warning, WarningKind, lint};
pub use listing::{CouponQuery, EffectiveStatus, ListOrder};
pub use report::{
    BasketFigures, Granularity, MoneyFigures, RedemptionRate, Report, ReportFailure, ReportFigures, ReportRow,
    ReportSubject, UsageFigures,
};
pub use usage::UsageEntry;
