//! Why not: what stands between a code and its discount.
//!
//! A refusal is a business "no" and never an error: the order is priced without the coupon. A refused code carries
//! every reason that holds at the step where it fell, in the order in which they were checked, each with what was
//! required, what was found and, where the shopper can do something about it, what would [`mend`](Refusal::mend) it.
//!
//! What a browser may see is [`PublicReason`]: by default unknown, revoked, not yours, wrong audience and used up all
//! read the same (S9), so that nobody learns from a refusal that a code exists.

mod line;
mod public;
mod text;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use line::{LineRefusal, OrderRefusal, PublicLineReason};
pub use public::PublicReason;

use crate::key::{AttributeKey, CouponId, CustomerTypeId, GroupId, ShippingMethodId};
use crate::money::{Currency, Money};
use crate::order::LineId;

/// Which counter is at its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LimitKind {
    /// Uses of the definition in total.
    Total,
    /// Uses of one code.
    Code,
    /// Uses by one customer.
    Customer,
    /// Uses of one code by one customer.
    CustomerCode,
    /// Discounted units.
    Units,
    /// The money budget.
    Money,
}

/// Why a presented code did not apply. Amounts are in the currency of the order.
///
/// An [`Answer`](crate::Answer) carries every reason that holds at the step where the code fell, in the order in which
/// they were checked: the order of this table. Reasons of one step stand together; once a step refuses, later steps are
/// not asked.
///
/// | reason | code | to the public | where reasons are told |
/// |---|---|---|---|
/// | **recognising what was typed** | | | |
/// | [`UnknownCode`](Self::UnknownCode) | `unknown_code` | `not_valid` | `not_valid` |
/// | [`CodeRevoked`](Self::CodeRevoked) | `code_revoked` | `not_valid` | `not_valid` |
/// | [`DuplicateCode`](Self::DuplicateCode) | `duplicate_code` | `duplicate` | `duplicate` |
/// | **the terms: status, time, holder, limits** | | | |
/// | [`Inactive`](Self::Inactive) | `inactive` | `not_valid` | `not_valid` |
/// | [`NotStarted`](Self::NotStarted) | `not_started` | `not_started` | `not_started` |
/// | [`Expired`](Self::Expired) | `expired` | `expired` | `expired` |
/// | [`WrongCustomer`](Self::WrongCustomer) | `wrong_customer` | `not_valid` | `not_for_you` |
/// | [`CustomerRequired`](Self::CustomerRequired) | `customer_required` | `log_in` | `log_in` |
/// | [`LimitReached`](Self::LimitReached) | `limit_reached` | `not_valid` | `used_up` |
/// | [`BudgetExhausted`](Self::BudgetExhausted) | `budget_exhausted` | `not_valid` | `used_up` |
/// | **the conditions, in the order of the definition** | | | |
/// | [`CustomerType`](Self::CustomerType) | `customer_type` | `not_valid` | `not_for_you` |
/// | [`CustomerAttribute`](Self::CustomerAttribute) | `customer_attribute` | `not_valid` | `not_for_you` |
/// | [`MembersOnly`](Self::MembersOnly) | `members_only` | `not_valid` | `not_for_you` |
/// | [`NotThisCustomer`](Self::NotThisCustomer) | `not_this_customer` | `not_valid` | `not_for_you` |
/// | [`FirstOrder`](Self::FirstOrder) | `first_order` | `condition_not_met` | `condition_not_met` |
/// | [`NthOrder`](Self::NthOrder) | `nth_order` | `condition_not_met` | `condition_not_met` |
/// | [`OrdersInPeriod`](Self::OrdersInPeriod) | `orders_in_period` | `condition_not_met` | `condition_not_met` |
/// | [`LifetimeSpend`](Self::LifetimeSpend) | `lifetime_spend` | `condition_not_met` | `condition_not_met` |
/// | [`LastOrder`](Self::LastOrder) | `last_order` | `condition_not_met` | `condition_not_met` |
/// | [`NotBoughtBefore`](Self::NotBoughtBefore) | `not_bought_before` | `condition_not_met` | `condition_not_met` |
/// | [`NotEnabledHere`](Self::NotEnabledHere) | `not_enabled_here` | `not_valid` | `not_here` |
/// | [`Region`](Self::Region) | `region` | `not_here` | `not_here` |
/// | [`PaymentOption`](Self::PaymentOption) | `payment_option` | `not_here` | `not_here` |
/// | [`ShippingMethod`](Self::ShippingMethod) | `shipping_method` | `not_here` | `not_here` |
/// | [`OutsideHours`](Self::OutsideHours) | `outside_hours` | `not_now` | `not_now` |
/// | [`BlackoutDate`](Self::BlackoutDate) | `blackout_date` | `not_now` | `not_now` |
/// | [`UniqueCustomers`](Self::UniqueCustomers) | `unique_customers` | `condition_not_met` | `condition_not_met` |
/// | [`MinimumSpend`](Self::MinimumSpend) | `minimum_spend` | `order_too_small` | `order_too_small` |
/// | [`MaximumSpend`](Self::MaximumSpend) | `maximum_spend` | `order_too_large` | `order_too_large` |
/// | [`MinimumQuantity`](Self::MinimumQuantity) | `minimum_quantity` | `order_too_small` | `order_too_small` |
/// | [`DistinctProducts`](Self::DistinctProducts) | `distinct_products` | `order_too_small` | `order_too_small` |
/// | [`NotWithLines`](Self::NotWithLines) | `not_with_lines` | `does_not_combine` | `does_not_combine` |
/// | [`Excluded`](Self::Excluded) | `excluded` | `not_valid` | `condition_not_met` |
/// | [`NoneOf`](Self::NoneOf) | `none_of` | `condition_not_met` | `condition_not_met` |
/// | **what it could do to this order** | | | |
/// | [`NoAmountInCurrency`](Self::NoAmountInCurrency) | `no_amount_in_currency` | `condition_not_met` | `condition_not_met` |
/// | [`ManualNotAllowed`](Self::ManualNotAllowed) | `manual_not_allowed` | `condition_not_met` | `condition_not_met` |
/// | [`ManualAmountRequired`](Self::ManualAmountRequired) | `manual_amount_required` | `condition_not_met` | `condition_not_met` |
/// | [`ManualAmountTooHigh`](Self::ManualAmountTooHigh) | `manual_amount_too_high` | `condition_not_met` | `condition_not_met` |
/// | [`HostAmountsRequired`](Self::HostAmountsRequired) | `host_amounts_required` | `condition_not_met` | `condition_not_met` |
/// | [`NotApplicable`](Self::NotApplicable) | `not_applicable` | `not_applicable` | `not_applicable` |
/// | [`NotWithDiscounts`](Self::NotWithDiscounts) | `not_with_discounts` | `does_not_combine` | `does_not_combine` |
/// | **among the other codes of the order** | | | |
/// | [`TypeConflict`](Self::TypeConflict) | `type_conflict` | `does_not_combine` | `does_not_combine` |
/// | [`BetterInGroup`](Self::BetterInGroup) | `better_in_group` | `does_not_combine` | `does_not_combine` |
/// | [`NotStackable`](Self::NotStackable) | `not_stackable` | `does_not_combine` | `does_not_combine` |
/// | [`SameCoupon`](Self::SameCoupon) | `same_coupon` | `duplicate` | `duplicate` |
/// | [`TooManyCodes`](Self::TooManyCodes) | `too_many_codes` | `too_many_codes` | `too_many_codes` |
/// | **at its turn** | | | |
/// | [`NoBenefit`](Self::NoBenefit) | `no_benefit` | `not_applicable` | `not_applicable` |
///
/// The third column is [`PublicReasons::Collapsed`](crate::PublicReasons::Collapsed), the fourth
/// [`PublicReasons::Distinct`](crate::PublicReasons::Distinct). A condition on what
/// remains and a budget are judged at the coupon's turn; the reasons are the same.
///
/// In JSON a reason is its code, with its figures where it has any:
/// ```
/// use vouchsafe::{Currency, Money, Refusal};
///
/// assert_eq!(serde_json::to_string(&Refusal::MembersOnly)?, r#""members_only""#);
/// let usd = |minor| Money::new(minor, Currency::USD);
/// assert_eq!(
///     serde_json::to_string(&Refusal::MinimumSpend { required: usd(5_000), found: usd(4_590) })?,
///     concat!(
///         r#"{"minimum_spend":{"required":{"amount":"50.00","currency":"USD"},"#,
///         r#""found":{"amount":"45.90","currency":"USD"}}}"#,
///     ),
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Refusal {
    /// No coupon answers to what was typed, or it cannot be a code at all (S84).
    ///
    /// Text that is no code of any format is unknown like a well-formed code that nobody issued, so that a refusal does
    /// not teach what codes look like. A shared code typed for a definition that only issues codes is unknown as well.
    UnknownCode,
    /// The code was issued, and withdrawn since.
    CodeRevoked,
    /// The same code was presented before; one of them stays in the race (S68).
    ///
    /// Which one does not depend on the order in which they were typed.
    DuplicateCode,
    /// The definition is switched off (S131).
    Inactive,
    /// Its time has not begun (S20, S77). Mended by waiting.
    NotStarted {
        /// When it begins: the first instant at which it is valid.
        starts: DateTime<Utc>,
    },
    /// Its time is over (S70, S92).
    Expired {
        /// The first instant at which it was no longer valid; none where it was ended by hand.
        ended: Option<DateTime<Utc>>,
    },
    /// The code was issued to somebody else (S55, S135).
    WrongCustomer,
    /// It can only be used by a customer who is known: a limit per customer or a first order is counted on identity
    /// keys, and there are none that count. Mended by logging in.
    ///
    /// A policy may let it apply and flag the outcome instead
    /// ([`NoIdentity::ApplyAndFlag`](crate::NoIdentity::ApplyAndFlag)); it cannot be placed then.
    CustomerRequired,
    /// A limit is reached (S55, S69, S98).
    ///
    /// Evaluation sees counters as the host read them; the store has the last word.
    LimitReached {
        /// Which counter.
        limit: LimitKind,
        /// How much is allowed.
        allowed: u64,
        /// How much is taken.
        taken: u64,
    },
    /// The money budget is spent, or what is left does not cover the discount where it is not to be clipped (V20).
    BudgetExhausted {
        /// What the coupon is worth here; none where nothing at all is left.
        wanted: Option<Money>,
        /// What is left.
        left: Money,
    },
    /// Not for this customer type (S40).
    CustomerType {
        /// The type that was judged; none for a shopper without one.
        found: Option<CustomerTypeId>,
    },
    /// Only for customers of whom something is known that is not known of this one.
    CustomerAttribute {
        /// What it is about. What was found stays with the host.
        key: AttributeKey,
    },
    /// Only for members (S103, S117).
    MembersOnly,
    /// Only for certain customers, and this is none of them.
    NotThisCustomer,
    /// Only for a first order (S16).
    FirstOrder {
        /// How many orders there were before.
        orders: u64,
    },
    /// Only for the n-th order. Mended by placing others first, where it is not over.
    NthOrder {
        /// Which order it is for, counted from 1.
        required: u64,
        /// Which order this is, counted from 1.
        found: u64,
    },
    /// Too few orders within a period (S15). Mended by placing others first.
    OrdersInPeriod {
        /// How many are required.
        required: u64,
        /// How many there were.
        found: u64,
        /// Within how many days.
        days: u32,
    },
    /// Too little spent so far (S15). Mended by spending the difference in other orders first.
    LifetimeSpend {
        /// What is required.
        required: Money,
        /// What was spent.
        found: Money,
    },
    /// The last order is too recent, too long ago, or there was none (S94).
    LastOrder {
        /// When it was.
        found: Option<DateTime<Utc>>,
    },
    /// Nothing that was required was bought before (S94).
    NotBoughtBefore,
    /// Not enabled on this channel or form (S82).
    NotEnabledHere,
    /// Not in this region (S22).
    Region,
    /// Not with this payment option (S22). Mended by choosing another.
    PaymentOption,
    /// Not with this shipping method (S22). Mended by choosing another.
    ShippingMethod {
        /// The methods that are allowed; none where all are but some.
        allowed: Vec<ShippingMethodId>,
        /// The methods of the order, sorted; none where it has no shipping yet.
        found: Vec<ShippingMethodId>,
    },
    /// Not on this weekday, or not at this hour (S32). Mended by waiting.
    OutsideHours {
        /// The first instant at which it is open again; none where the calendar ends before that.
        opens: Option<DateTime<Utc>>,
    },
    /// Not on this day. Mended by waiting.
    BlackoutDate {
        /// When the first day begins that is not left out; none where there is no such day.
        opens: Option<DateTime<Utc>>,
    },
    /// Too few customers have joined so far. Mended by bringing others.
    UniqueCustomers {
        /// How many are required.
        required: u64,
        /// How many have joined.
        found: u64,
    },
    /// Less spent than required (S17). Mended by spending the difference.
    MinimumSpend {
        /// What is required. Where a threshold is to be passed and not only reached, one minor unit more than it.
        required: Money,
        /// What was found, on the basis that the condition names.
        found: Money,
    },
    /// More spent than allowed. Mended by spending less.
    MaximumSpend {
        /// The most allowed. Where a threshold is not to be reached, one minor unit less than it.
        allowed: Money,
        /// What was found, on the basis that the condition names.
        found: Money,
    },
    /// Fewer pieces than required (S17). Mended by adding the difference.
    MinimumQuantity {
        /// How many are required.
        required: u64,
        /// How many were found.
        found: u64,
    },
    /// Fewer different products than required. Mended by adding others.
    DistinctProducts {
        /// How many are required.
        required: u64,
        /// How many were found.
        found: u64,
    },
    /// Not for orders with lines such as these (S22). Mended by taking them out.
    NotWithLines {
        /// All of them.
        lines: Vec<LineId>,
    },
    /// A condition that must not hold, holds. It may tell an audience apart, so it is hidden from the public.
    Excluded,
    /// None of several conditions, one of which must hold, holds. The reasons of each follow.
    NoneOf,
    /// It names no amount for the currency of the order. Amounts are never converted.
    NoAmountInCurrency {
        /// The currency of the order.
        currency: Currency,
    },
    /// Amounts by hand are not allowed (S147).
    ManualNotAllowed,
    /// The operator has to enter an amount (S141). Mended by entering one.
    ManualAmountRequired,
    /// The amount entered is above the most allowed (S141). Mended by entering less; the public is not told how much.
    ManualAmountTooHigh {
        /// The most allowed.
        allowed: Money,
        /// What was entered.
        found: Money,
    },
    /// The host has to hand in the amounts.
    HostAmountsRequired,
    /// Nothing in the order is covered by it (S71, S72).
    NotApplicable,
    /// A line it would touch carries a discount, and it does not combine with discounts (S140).
    NotWithDiscounts {
        /// The first such line or charge.
        line: LineId,
    },
    /// Another coupon changes the customer's type to something else.
    TypeConflict,
    /// It does not stand beside another code of the order: one of the two is exclusive (S112), will not be with a tag
    /// of the other, or stops what comes after it. Mended by taking out the other.
    NotStackable {
        /// The definition of the other: of several the first by rank. None where it is not among the first 32 that apply.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        beside: Option<CouponId>,
    },
    /// Another code of its group leaves less to pay. Mended by taking out the other.
    BetterInGroup {
        /// The group.
        group: GroupId,
    },
    /// Another code of the same definition applies, and one order takes one of them.
    SameCoupon {
        /// The definition.
        coupon: CouponId,
    },
    /// More codes than one order, or one line, may hold (S68, S150). Mended by taking out another.
    TooManyCodes {
        /// How many it may hold.
        allowed: u32,
    },
    /// It is worth something, but came to nothing on this order, and is not counted as used.
    ///
    /// Its place and its claim to stand alone go to the others. A coupon that is worth nothing by definition is accepted
    /// (S91).
    NoBenefit,
}

/// What a shopper could do so that a reason no longer holds. Shows as a few words for a log or an admin page; a shop
/// writes its own for shoppers, in their language.
///
/// ```
/// use vouchsafe::{Currency, Mend, Money, Refusal};
///
/// let usd = |minor| Money::new(minor, Currency::USD);
/// let mend = Refusal::MinimumSpend { required: usd(5_000), found: usd(4_590) }.mend();
/// assert_eq!(mend, Some(Mend::Spend(usd(410))));
/// assert_eq!(mend.unwrap().to_string(), "add 4.10 USD");
/// assert_eq!(Refusal::MembersOnly.mend(), None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Mend {
    /// Spend this much more.
    Spend(Money),
    /// Spend this much less.
    SpendLess(Money),
    /// Add this many pieces.
    Pieces(u64),
    /// Add this many products that differ from those that are there, and from one another.
    Products(u64),
    /// Take these lines out.
    RemoveLines(Vec<LineId>),
    /// Come back at this instant or later.
    WaitUntil(DateTime<Utc>),
    /// Log in, or give an e-mail address.
    Identify,
    /// Enter an amount.
    EnterAmount,
    /// Enter at most this amount.
    EnterAtMost(Money),
    /// Choose another payment option.
    ChangePayment,
    /// Choose another shipping method.
    ChangeShipping,
    /// Bring this many more customers.
    Customers(u64),
    /// Place this many other orders first.
    Orders(u64),
    /// Spend this much in other orders first.
    SpendBefore(Money),
    /// Take out another code.
    RemoveOtherCode,
}

impl Refusal {
    /// A stable word for the reason, for hosts that translate.
    ///
    /// ```
    /// use vouchsafe::Refusal;
    ///
    /// assert_eq!(Refusal::WrongCustomer.code(), "wrong_customer");
    /// ```
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownCode => "unknown_code",
            Self::CodeRevoked => "code_revoked",
            Self::DuplicateCode => "duplicate_code",
            Self::SameCoupon { .. } => "same_coupon",
            Self::Inactive => "inactive",
            Self::NotStarted { .. } => "not_started",
            Self::Expired { .. } => "expired",
            Self::WrongCustomer => "wrong_customer",
            Self::CustomerRequired => "customer_required",
            Self::LimitReached { .. } => "limit_reached",
            Self::BudgetExhausted { .. } => "budget_exhausted",
            Self::CustomerType { .. } => "customer_type",
            Self::CustomerAttribute { .. } => "customer_attribute",
            Self::MembersOnly => "members_only",
            Self::NotThisCustomer => "not_this_customer",
            Self::FirstOrder { .. } => "first_order",
            Self::NthOrder { .. } => "nth_order",
            Self::OrdersInPeriod { .. } => "orders_in_period",
            Self::LifetimeSpend { .. } => "lifetime_spend",
            Self::LastOrder { .. } => "last_order",
            Self::NotBoughtBefore => "not_bought_before",
            Self::NotEnabledHere => "not_enabled_here",
            Self::Region => "region",
            Self::PaymentOption => "payment_option",
            Self::ShippingMethod { .. } => "shipping_method",
            Self::OutsideHours { .. } => "outside_hours",
            Self::BlackoutDate { .. } => "blackout_date",
            Self::UniqueCustomers { .. } => "unique_customers",
            Self::MinimumSpend { .. } => "minimum_spend",
            Self::MaximumSpend { .. } => "maximum_spend",
            Self::MinimumQuantity { .. } => "minimum_quantity",
            Self::DistinctProducts { .. } => "distinct_products",
            Self::NotWithLines { .. } => "not_with_lines",
            Self::Excluded => "excluded",
            Self::NoneOf => "none_of",
            Self::NoAmountInCurrency { .. } => "no_amount_in_currency",
            Self::ManualNotAllowed => "manual_not_allowed",
            Self::ManualAmountRequired => "manual_amount_required",
            Self::ManualAmountTooHigh { .. } => "manual_amount_too_high",
            Self::HostAmountsRequired => "host_amounts_required",
            Self::NotApplicable => "not_applicable",
            Self::NotWithDiscounts { .. } => "not_with_discounts",
            Self::TypeConflict => "type_conflict",
            Self::BetterInGroup { .. } => "better_in_group",
            Self::NotStackable { .. } => "not_stackable",
            Self::TooManyCodes { .. } => "too_many_codes",
            Self::NoBenefit => "no_benefit",
        }
    }

    /// What the shopper could do about it, where there is anything (S26).
    ///
    /// ```
    /// use vouchsafe::{Currency, Mend, Money, Refusal};
    ///
    /// let usd = |text| Money::parse(text, Currency::USD);
    /// let short = Refusal::MinimumSpend { required: usd("50.00")?, found: usd("45.90")? };
    /// assert_eq!(short.mend(), Some(Mend::Spend(usd("4.10")?)));
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    #[must_use]
    pub fn mend(&self) -> Option<Mend> {
        match self {
            Self::NotStarted { starts } => Some(Mend::WaitUntil(*starts)),
            Self::OutsideHours { opens } | Self::BlackoutDate { opens } => opens.map(Mend::WaitUntil),
            Self::ShippingMethod { .. } => Some(Mend::ChangeShipping),
            Self::UniqueCustomers { required, found } => Some(Mend::Customers(required.saturating_sub(*found))),
            Self::CustomerRequired => Some(Mend::Identify),
            Self::NthOrder { required, found } | Self::OrdersInPeriod { required, found, .. } => {
                required.checked_sub(*found).filter(|orders| *orders > 0).map(Mend::Orders)
            }
            Self::LifetimeSpend { required, found } => required.checked_sub(*found).ok().map(Mend::SpendBefore),
            Self::MinimumSpend { required, found } => required.checked_sub(*found).ok().map(Mend::Spend),
            Self::MaximumSpend { allowed, found } => found.checked_sub(*allowed).ok().map(Mend::SpendLess),
            Self::MinimumQuantity { required, found } => Some(Mend::Pieces(required.saturating_sub(*found))),
            Self::DistinctProducts { required, found } => Some(Mend::Products(required.saturating_sub(*found))),
            Self::NotWithLines { lines } => Some(Mend::RemoveLines(lines.clone())),
            Self::ManualAmountRequired => Some(Mend::EnterAmount),
            Self::ManualAmountTooHigh { allowed, .. } => Some(Mend::EnterAtMost(*allowed)),
            Self::PaymentOption => Some(Mend::ChangePayment),
            Self::BetterInGroup { .. } | Self::NotStackable { .. } | Self::TooManyCodes { .. } => {
                Some(Mend::RemoveOtherCode)
            }
            _ => None,
        }
    }

    /// The amounts it names, all in the currency of the order.
    pub(crate) fn amounts(&self) -> impl Iterator<Item = Money> {
        let (first, second) = match self {
            Self::BudgetExhausted { wanted, left } => (*wanted, Some(*left)),
            Self::LifetimeSpend { required, found } | Self::MinimumSpend { required, found } => {
                (Some(*required), Some(*found))
            }
            Self::ManualAmountTooHigh { allowed, found } | Self::MaximumSpend { allowed, found } => {
                (Some(*allowed), Some(*found))
            }
            _ => (None, None),
        };
        first.into_iter().chain(second)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::PublicReasons;

    fn usd(minor: i64) -> Money {
        Money::new(minor, Currency::USD)
    }

    /// One of every variant, in their order.
    fn every() -> Vec<Refusal> {
        let at = DateTime::from_timestamp(1_774_785_600, 0).unwrap();
        let (required, found) = (usd(5_000), usd(4_590));
        vec![
            Refusal::UnknownCode,
            Refusal::CodeRevoked,
            Refusal::DuplicateCode,
            Refusal::Inactive,
            Refusal::NotStarted { starts: at },
            Refusal::Expired { ended: Some(at) },
            Refusal::WrongCustomer,
            Refusal::CustomerRequired,
            Refusal::LimitReached { limit: LimitKind::CustomerCode, allowed: 1, taken: 1 },
            Refusal::BudgetExhausted { wanted: Some(usd(1_200)), left: usd(740) },
            Refusal::CustomerType { found: Some("RETAIL".parse().unwrap()) },
            Refusal::CustomerAttribute { key: "segment".parse().unwrap() },
            Refusal::MembersOnly,
            Refusal::NotThisCustomer,
            Refusal::FirstOrder { orders: 3 },
            Refusal::NthOrder { required: 3, found: 2 },
            Refusal::OrdersInPeriod { required: 3, found: 1, days: 365 },
            Refusal::LifetimeSpend { required, found },
            Refusal::LastOrder { found: Some(at) },
            Refusal::NotBoughtBefore,
            Refusal::NotEnabledHere,
            Refusal::Region,
            Refusal::PaymentOption,
            Refusal::ShippingMethod {
                allowed: vec!["ground".parse().unwrap()],
                found: vec!["air".parse().unwrap(), "express".parse().unwrap()],
            },
            Refusal::OutsideHours { opens: Some(at) },
            Refusal::BlackoutDate { opens: Some(at) },
            Refusal::UniqueCustomers { required: 100, found: 80 },
            Refusal::MinimumSpend { required, found },
            Refusal::MaximumSpend { allowed: found, found: required },
            Refusal::MinimumQuantity { required: 3, found: 1 },
            Refusal::DistinctProducts { required: 3, found: 1 },
            Refusal::NotWithLines { lines: vec![LineId(4), LineId(7)] },
            Refusal::Excluded,
            Refusal::NoneOf,
            Refusal::NoAmountInCurrency { currency: Currency::JPY },
            Refusal::ManualNotAllowed,
            Refusal::ManualAmountRequired,
            Refusal::ManualAmountTooHigh { allowed: required, found: usd(6_000) },
            Refusal::HostAmountsRequired,
            Refusal::NotApplicable,
            Refusal::NotWithDiscounts { line: LineId(7) },
            Refusal::TypeConflict,
            Refusal::BetterInGroup { group: "g".parse().unwrap() },
            Refusal::NotStackable { beside: Some("summer".parse().unwrap()) },
            Refusal::SameCoupon { coupon: "spring".parse().unwrap() },
            Refusal::TooManyCodes { allowed: 1 },
            Refusal::NoBenefit,
        ]
    }

    /// How many variants there are, as the message about an unknown one lists them.
    fn variants() -> usize {
        let message = serde_json::from_str::<Refusal>("\"?\"").unwrap_err().to_string();
        message.split("expected ").last().map_or(0, |listed| listed.split('`').count() / 2)
    }

    #[test]
    fn every_reason_has_a_code_of_its_own_that_json_uses_too() {
        let every = every();
        assert_eq!(every.len(), variants());
        let mut codes: Vec<&str> = every.iter().map(Refusal::code).collect();
        for (refusal, code) in every.iter().zip(&codes) {
            assert!(code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{code}");
            let json = serde_json::to_value(refusal).unwrap();
            let tag = json.as_str().map(str::to_owned);
            let tag = tag.or_else(|| json.as_object().unwrap().keys().next().cloned()).unwrap();
            assert_eq!(tag, *code);
            assert_eq!(serde_json::from_value::<Refusal>(json).unwrap(), *refusal);
        }
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), variants());
    }

    /// The table above is what the functions say, in the order of the variants.
    #[test]
    fn the_table_of_reasons_is_true() {
        let source = include_str!("mod.rs");
        let mut rows = source.lines().filter(|row| row.starts_with("/// | [`"));
        for refusal in every() {
            let name = format!("{refusal:?}");
            let name = name.split([' ', '{']).next().unwrap();
            let (collapsed, distinct) =
                (refusal.public(PublicReasons::Collapsed), refusal.public(PublicReasons::Distinct));
            let expected = format!(
                "/// | [`{name}`](Self::{name}) | `{}` | `{}` | `{}` |",
                refusal.code(),
                collapsed.code(),
                distinct.code()
            );
            assert_eq!(rows.next(), Some(expected.as_str()));
        }
        assert_eq!(rows.next(), None);
    }

    /// Lower case, one line, no full stop, nothing of Rust in it.
    #[test]
    fn texts_keep_to_the_style_of_the_house() {
        let open_ended = [
            Refusal::Expired { ended: None },
            Refusal::BudgetExhausted { wanted: None, left: usd(0) },
            Refusal::CustomerType { found: None },
            Refusal::LastOrder { found: None },
            Refusal::ShippingMethod { allowed: Vec::new(), found: Vec::new() },
            Refusal::OutsideHours { opens: None },
            Refusal::BlackoutDate { opens: None },
            Refusal::NotStackable { beside: None },
        ];
        let mut texts: Vec<String> = every().iter().chain(&open_ended).map(ToString::to_string).collect();
        for text in &texts {
            assert!(!text.ends_with('.') && !text.contains('\n') && !text.contains("::"), "{text}");
            assert!(text.starts_with(|c: char| c.is_lowercase() || c.is_ascii_digit()), "{text}");
        }
        texts.sort_unstable();
        texts.dedup();
        assert_eq!(texts.len(), variants() + open_ended.len());
        let all = every();
        let text = |code: &str| all.iter().find(|refusal| refusal.code() == code).unwrap().to_string();
        assert_eq!(text("not_started"), "valid from 2026-03-29T12:00:00Z");
        assert_eq!(text("limit_reached"), "1 of 1 uses of this code by this customer are taken");
        assert_eq!(text("budget_exhausted"), "12.00 USD wanted, and 7.40 USD can still be given");
        assert_eq!(text("customer_type"), "not for customers of type `RETAIL`");
        assert_eq!(text("minimum_spend"), "50.00 USD required, found 45.90 USD");
        assert_eq!(text("too_many_codes"), "at most 1 code is allowed");
        assert_eq!(text("shipping_method"), "not with shipping method `air`, `express`");
        assert_eq!(text("unique_customers"), "100 customers required, 80 have joined");
        assert_eq!(text("maximum_spend"), "at most 45.90 USD allowed, found 50.00 USD");
        assert_eq!(text("distinct_products"), "3 different products required, found 1");
        assert_eq!(text("not_with_lines"), "not together with lines 4, 7");
        assert_eq!(Refusal::NotWithLines { lines: vec![LineId(4)] }.to_string(), "not together with line 4");
        assert_eq!(Refusal::TooManyCodes { allowed: 2 }.to_string(), "at most 2 codes are allowed");
    }

    /// Proves S9: whatever tells that a code exists is the same reason, and the same JSON, as an unknown code.
    #[test]
    fn what_must_stay_hidden_reads_like_an_unknown_code() {
        let seen = |refusal: &Refusal| {
            let reasons = std::slice::from_ref(refusal);
            let public = Refusal::public_of(reasons, PublicReasons::Collapsed);
            let mend = Refusal::public_mend_of(reasons, PublicReasons::Collapsed);
            serde_json::to_string(&(public, public.to_string(), mend)).unwrap()
        };
        let unknown = seen(&Refusal::UnknownCode);
        let all = every();
        let hidden = all.iter().filter(|refusal| seen(refusal) == unknown).map(Refusal::code);
        assert_eq!(
            hidden.collect::<Vec<_>>(),
            [
                "unknown_code",
                "code_revoked",
                "inactive",
                "wrong_customer",
                "limit_reached",
                "budget_exhausted",
                "customer_type",
                "customer_attribute",
                "members_only",
                "not_this_customer",
                "not_enabled_here",
                "excluded",
            ]
        );
    }

    #[test]
    fn hidden_reasons_swallow_the_others() {
        let both = [Refusal::MinimumSpend { required: usd(5_000), found: usd(100) }, Refusal::MembersOnly];
        assert_eq!(Refusal::public_of(&both, PublicReasons::Collapsed), PublicReason::NotValid);
        assert_eq!(Refusal::public_mend_of(&both, PublicReasons::Collapsed), None);
        assert_eq!(Refusal::public_of(&both, PublicReasons::Distinct), PublicReason::OrderTooSmall);
        assert_eq!(Refusal::public_mend_of(&both, PublicReasons::Distinct), Some(Mend::Spend(usd(4_900))));
        assert_eq!(Refusal::public_of(&[], PublicReasons::Distinct), PublicReason::NotValid);
    }

    #[test]
    fn what_can_be_mended_says_how() {
        let all = every();
        let mends: Vec<(&str, Mend)> =
            all.iter().filter_map(|refusal| Some((refusal.code(), refusal.mend()?))).collect();
        assert_eq!(
            mends,
            [
                ("not_started", Mend::WaitUntil(DateTime::from_timestamp(1_774_785_600, 0).unwrap())),
                ("customer_required", Mend::Identify),
                ("nth_order", Mend::Orders(1)),
                ("orders_in_period", Mend::Orders(2)),
                ("lifetime_spend", Mend::SpendBefore(usd(410))),
                ("payment_option", Mend::ChangePayment),
                ("shipping_method", Mend::ChangeShipping),
                ("outside_hours", Mend::WaitUntil(DateTime::from_timestamp(1_774_785_600, 0).unwrap())),
                ("blackout_date", Mend::WaitUntil(DateTime::from_timestamp(1_774_785_600, 0).unwrap())),
                ("unique_customers", Mend::Customers(20)),
                ("minimum_spend", Mend::Spend(usd(410))),
                ("maximum_spend", Mend::SpendLess(usd(410))),
                ("minimum_quantity", Mend::Pieces(2)),
                ("distinct_products", Mend::Products(2)),
                ("not_with_lines", Mend::RemoveLines(vec![LineId(4), LineId(7)])),
                ("manual_amount_required", Mend::EnterAmount),
                ("manual_amount_too_high", Mend::EnterAtMost(usd(5_000))),
                ("better_in_group", Mend::RemoveOtherCode),
                ("not_stackable", Mend::RemoveOtherCode),
                ("too_many_codes", Mend::RemoveOtherCode),
            ]
        );
        // No order leads back to an earlier one.
        assert_eq!(Refusal::NthOrder { required: 3, found: 4 }.mend(), None);
        // How much an operator may enter at most is not for the public.
        let too_high = Refusal::ManualAmountTooHigh { allowed: usd(5_000), found: usd(6_000) };
        assert_eq!(Refusal::public_mend_of(&[too_high], PublicReasons::Distinct), None);
    }
}
