//! [guide-after]: guide::after_the_order
//! [guide-checkout]: guide::checkout
//! [guide-codes]: guide::codes
//! [guide-documents]: guide::documents
//! [guide-figures]: guide::figures
//! [guide-money]: guide::money
//! [guide-offers]: guide::offers
//! [guide-proof]: guide::proof
//! [guide-stores]: guide::stores
//! [guide-types]: guide::customer_types
//! [condition]: Condition
//! [scope]: Scope
//!
#![doc = include_str!("guide/chart.md")]
//!
#![doc = include_str!("../README.md")]
//!
//! # The rooms of the crate
//!
//! Data flows one way, from the ground to the roof; no module uses one that stands below it in this table, but for the
//! drafts of every room, which share the forms of the coupons.
//!
//! | module | holds |
//! |---|---|
//! | `error` | [`Error`], [`FieldError`], [`Why`]: unusable input, with path and value |
//! | `key` | [`Key`] and the typed ids |
//! | [`money`] | the only arithmetic: [`Currency`], [`Money`], [`Percent`], [`Rounding`], [`allocate()`] |
//! | [`calendar`] | the only place that knows time zones: [`Zone`], [`Window`] |
//! | `form` | [`DraftValue`]: how every document is read, with all mistakes at once, each with its path |
//! | `funding` | [`Funding`]: who pays for a discount |
//! | `customer` | [`Customer`], [`IdentityKey`], [`History`]: facts only |
//! | `policy` | [`Policy`]: the merchant's choices |
//! | `order` | [`Order`], [`Line`], [`Charge`], [`Product`]: what the backend hands in |
//! | [`coupon`] | [`Coupon`], [`CouponDraft`], [`Scope`], [`Condition`], [`Benefit`]: definitions |
//! | `shop` | [`Shop`], [`Prepared`], [`Offer`]: what changes rarely, prepared once |
//! | `refusal` | [`Refusal`], [`LineRefusal`], [`OrderRefusal`], [`Mend`], [`PublicReason`]: why not |
//! | `request` | [`Request`], [`Presented`], [`Usage`]: what one evaluation is asked |
//! | `outcome` | [`Outcome`], [`Redemption`], [`Receipt`], [`PublicOutcome`]: the answer |
//! | `evaluate` | [`Shop::evaluate`]: the steps |
//! | `run` | [`Viewer`], [`Shop::price_run`], [`Shop::select`], [`Shop::best_offer`], [`Shop::hints`]: many products, customers or codes at once |
//! | [`issue`] | [`CodePattern`], [`Issuing`], [`AttemptPolicy`]: how a customer comes by a code |
//! | [`settle`] | [`PlacedOrder`], [`Settlement`], [`Subscription`], [`Books`]: what happens to an order after it was placed |
//! | [`store`] | [`CouponStore`], [`CouponAdmin`], [`MemoryStore`], `SqliteStore`, `PostgresStore`: where redemptions are recorded |
//! | `insight` | [`Coupon::describe`], [`CouponQuery`], [`Report`], [`lint()`]: coupons in words, in lists, in figures |
//! | `schema` | `schema::Document`, with the feature `schema`: JSON Schema of every document |
//! | [`guide`] | pages only: the field by topic, the proofs, the figures |
//!
//! Everything is re-exported flat: `use vouchsafe::*` is the whole vocabulary. Where a name of it stands in the way of
//! one of your own, such as `Error` or `Order`, your own `use` or definition wins over the `*`.
//!
//! # Words and numbers
//!
//! An **amount** is [`Money`]: whole minor units of one currency. A **line** is a product times a quantity; a **charge**
//! is shipping or a fee. A **definition** is a [`Coupon`]: its code is the *shared* one, known to all; *issued* codes are
//! those handed out one by one under it ([`IssuedCode`]). A coupon **revision** is the number of a version of its terms.
//! A **redemption** is what the store records; a **hold** keeps a use free for one order until it lapses.
//!
//! An **offer** is a definition that the shop gives without a code ([`Offer`]); what it takes is a discount of the shop. The
//! **best offer** is the best combination of the codes of a wallet, on top of those ([`Shop::best_offer`]), and a **hint** is
//! what a shopper could do for more off ([`Shop::hints`]). [`PaymentOffer`] and [`ShippingOffer`] only say to whom an option
//! is offered.
//!
//! Numbers such as S55, V20 or trap 14 in these pages name a rule of the domain, figures that prove one, or a fault that others
//! fell into; `grep -rn "S55" tests src/store/conformance` in the repository finds the test. A *unit* is an indivisible part of
//! a line: a piece, or one for a line that is measured.
#![forbid(unsafe_code)]
// Where the pages are built, each item names the feature that it needs.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod attribute;
pub mod calendar;
pub mod coupon;
mod customer;
mod error;
mod evaluate;
mod form;
mod funding;
pub mod guide;
mod insight;
pub mod issue;
mod key;
pub mod money;
mod order;
mod outcome;
mod policy;
mod refusal;
mod request;
mod run;
#[cfg(feature = "schema")]
pub mod schema;
pub mod settle;
mod shop;
pub mod store;

pub use attribute::Attributes;
pub use calendar::{
    LeapDay, MonthDay, Phase, Weekly, Window, Zone, days_before, parse_date, parse_instant, tz_data_version,
};
pub use coupon::{
    Among, AmountOff, Amounts, AnniversaryTrigger, AssignUntil, AssignWhen, Basis, Benefit, Bought, Bundle,
    BundleValue, BuyGet, Channels, Code, CodeFormat, Combination, Condition, Countdown, Coupon, CouponBuilder,
    CouponDraft, CustomerTypes, Customers, DayRange, DistinctProducts, EarnRule, EarnTrigger, Exclusive, FirstFurther,
    FirstOf, Gift, Group, HasAttribute, HostAmounts, InstantRange, Kind, LastOrder, Level, LifetimeSpend, Limits,
    LineRange, MaximumSpend, Measure, Members, MinimumQuantity, MinimumSpend, Negated, NotOn, NthOff, NthOrder,
    NthPiece, OnReturn, OperatorAmount, OrdersInPeriod, Overrides, PaymentOptions, Payments, Per, PercentBase,
    PercentOff, Pick, PriceRange, PriceTable, PurchaseTrigger, Regions, Remainder, Reward, RewardFrom, Scope, SetOrder,
    SetPart, SetPrice, ShippingMethods, ShippingOff, ShippingValue, Split, Status, StepValue, Steps, Target, TaxView,
    Threshold, Tier, Tiers, Trial, TypeAssignment, TypeKind, UniqueCustomers, Validity, WhenShort, Within, Without,
};
#[cfg(feature = "hash")]
pub use customer::IdentityHash;
pub use customer::{
    AllowanceGrant, Customer, CustomerDraft, HeldTypes, History, HistoryDraft, IdentityKey, IdentityKind, Membership,
    Pseudonyms, TypeTerm,
};
pub use error::{DefinitionErrors, Error, FieldError, Why};
pub use evaluate::Scratch;
pub use form::DraftValue;
pub use funding::Funding;
pub use insight::{
    BasketFigures, CouponQuery, EffectiveStatus, Granularity, LintOptions, ListOrder, MoneyFigures, RedemptionRate,
    Report, ReportFailure, ReportFigures, ReportRow, ReportSubject, Term, Terms, Topic, UsageEntry, UsageFigures,
    Warning, WarningKind, lint,
};
pub use issue::{
    Attempt, AttemptPolicy, Attempts, CodeGenerator, CodePattern, GenerateError, ImportedCode, IssueRefusal,
    IssueRequest, Issuing, MergeFields,
};
pub use key::*;
pub use money::{
    CashInterval, Currency, ExactPrice, Money, Percent, Quantity, Rounding, TaxRate, UnitPrice, UnitSplit, allocate,
    allocate_capped, allocate_each, allocate_even, split_units,
};
pub use order::{
    Billing, BillingPeriod, Charge, ChargeDraft, ChargeKind, Line, LineDraft, LineId, LineProduct, Order, OrderBuilder,
    OrderDraft, Product, ProductDraft, ShopDiscount, ShopDiscountDraft,
};
pub use outcome::*;
pub use policy::*;
pub use refusal::{LimitKind, LineRefusal, Mend, OrderRefusal, PublicLineReason, PublicReason, Refusal};
pub use request::{
    Detail, IssuedCode, IssuedCodeDraft, PointsUse, Presented, Reference, Request, Revocation, RevocationDraft,
    TypeEvent, Usage, UsageDraft,
};
pub use run::{
    BestOffer, Hint, HintStep, HintedCode, HintedCustomer, Listing, Member, NextPrice, NotServed, OfferGoal,
    OfferSearch, OfferedPrice, PriceRun, ProductView, PublicHint, PublicProductView, RunItem, RunSummary, ViewedPrice,
    Viewer,
};
pub use settle::{
    Account, AccountClass, AccountTable, Books, DiscountOrigin, DiscountPart, GrantReturn, GrantedCode, KeptLine,
    LineFigures, MovedDiscount, Movement, PlaceError, PlacedOrder, PointsReturn, Posting, Purpose, Received,
    Recomputed, Refund, RefundLine, RefundRequest, SettleError, SettledLine, Settlement, Side, TaxRefund,
    ThresholdCheck, ThresholdPolicy, Transfer, TransferRequest, grants_on_return,
};
pub use settle::{AmendError, Amended, Amendment, PeriodLine, PeriodOutcome, Subscription};
pub use shop::{
    AccessRule, Allowance, AllowancePer, AllowanceUsage, AllowanceWindow, Audience, CustomerType, Earnings, Effect,
    Excess, Goods, Offer, PaymentOffer, Permission, PointsMultiplier, PointsProgram, PointsRate, PointsRates, Prepared,
    PriceEntry, PriceHolders, PriceList, PriceListBuilder, PriceLoss, PriceSource, PriceStrategy, PriceValue,
    QuantityRule, RedeemAs, ShippingOffer, Shop, ShopBuilder, ShopDraft, Standing, TypePriceDraft, VisibilityDraft,
    coupons_for,
};
#[cfg(feature = "postgres")]
pub use store::PostgresStore;
#[cfg(feature = "sqlite")]
pub use store::SqliteStore;
pub use store::{
    AdminError, AdminFailure, Amend, BatchRecord, BoxError, BoxFuture, CodeRecord, CodeStatus, Commit, CounterState,
    CouponAdmin, CouponStore, DefinitionChange, Difference, DynCouponStore, Edit, EditKind, Forgotten, Grace, Issue,
    IssueError, LoadRequest, Loaded, LoadedCode, MemoryStore, Objection, OnVoid, Page, PointsBalance, PointsReturned,
    Progress, Purge, Purged, Release, Reserve, ReturnPoints, Revised, StoreError, TypeRecord, UsageRecord, Void,
    block_on,
};
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub use store::{Dialect, SqlStore};
