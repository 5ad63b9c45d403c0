//! vouchsafe
#![forbid(unsafe_code)]

pub mod calendar;
pub mod coupon;
mod error;
mod key;
pub mod money;

pub use calendar::{Phase, Weekly, Window, Zone, days_before, parse_date, parse_instant, tz_data_version};
pub use coupon::{
    AmountOff, Amounts, AssignWhen, Basis, Benefit, Bought, Channels, Code, CodeFormat, Combination, Condition,
    Countdown, Coupon, CouponBuilder, CouponDraft, CustomerTypes, Customers, DayRange, DraftValue, Funding, Group,
    HostAmounts, InstantRange, Kind, LastOrder, Level, LifetimeSpend, Limits, Members, MinimumQuantity, MinimumSpend,
    Negated, NthOrder, OperatorAmount, OrdersInPeriod, PaymentOptions, Payments, Per, PercentBase, PercentOff, Pick,
    PriceRange, PriceTable, Range, Regions, Scope, SetPrice, ShippingOff, ShippingValue, Split, Status, Target,
    TaxView, Trial, TypeAssignment, Validity, WhenShort,
};
pub use error::{DefinitionErrors, Error, FieldError, Why};
pub use key::*;
pub use money::{
    CashInterval, Currency, Money, Percent, Quantity, Rounding, TaxRate, UnitPrice, UnitSplit, allocate,
    allocate_capped, allocate_each, allocate_even, split_units,
};

mod customer;
mod evaluate;
mod order;
mod outcome;
mod policy;
mod refusal;
mod request;
mod shop;
pub mod store;
pub use evaluate::Scratch;
pub use outcome::*;
pub use customer::{Customer, History, IdentityKey, IdentityKind};
pub use order::{Charge, ChargeKind, Line, LineId, Order, OrderBuilder, Product, ShopDiscount};
pub use policy::*;
pub use refusal::{LimitKind, LineRefusal, Mend, PublicReason, Refusal};
pub use request::{Detail, IssuedCode, Presented, Reference, Request, Usage};
pub use shop::{Prepared, Shop, ShopBuilder};
pub use store::{
    AdminError, BoxError, BoxFuture, Commit, CounterState, CouponStore, DynCouponStore, LoadRequest, Loaded,
    LoadedCode, MemoryStore, Objection, OnVoid, Release, Reserve, Revised, Standing, StoreError, TypeRecord,
    UsageRecord, Void, block_on,
};
