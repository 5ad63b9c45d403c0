//! Why not: what stands between a code and its discount.
//!
//! A refusal is a business "no" and never an error: the order is priced without the coupon. A refused code carries
//! every reason that holds at the step where it fell, in the order of the variants of [`Refusal`], each with what was
//! required, what was found and, where the shopper can do something about it, what would [`mend`](Refusal::mend) it.
//!
//! What a browser may see is [`PublicReason`]: by default unknown, revoked, not yours, wrong audience and used up all
//! read the same (S9), so that nobody learns from a refusal that a code exists.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::key::{CouponId, CustomerTypeId};
use crate::money::{Currency, Money};
use crate::order::LineId;
use crate::policy::PublicReasons;

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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Refusal {
    /// No coupon answers to what was typed, or it cannot be a code at all.
    UnknownCode,
    /// The code was withdrawn.
    CodeRevoked,
    /// The same code was presented before.
    DuplicateCode,
    /// Another code of the same definition applies, and one order takes one.
    SameCoupon {
        /// The definition.
        coupon: CouponId,
    },
    /// The definition is switched off.
    Inactive,
    /// Its time has not begun.
    NotStarted {
        /// When it begins.
        starts: DateTime<Utc>,
    },
    /// Its time is over.
    Expired {
        /// The first instant at which it was no longer valid; none where it was ended by hand.
        ended: Option<DateTime<Utc>>,
    },
    /// The code belongs to somebody else (S55).
    WrongCustomer,
    /// It can only be used by a customer who is known.
    CustomerRequired,
    /// A limit is reached (S69, S98).
    LimitReached {
        /// Which counter.
        limit: LimitKind,
        /// How much is allowed.
        allowed: u64,
        /// How much is taken.
        taken: u64,
    },
    /// The money budget is spent, or what is left does not cover the discount where it is not to be clipped.
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
    /// Only for members (S117).
    MembersOnly,
    /// Only for certain customers, and this is none of them.
    NotThisCustomer,
    /// Only for a first order (S16).
    FirstOrder {
        /// How many orders there were before.
        orders: u64,
    },
    /// Only for the n-th order.
    NthOrder {
        /// Which order it is for.
        required: u64,
        /// Which order this is.
        found: u64,
    },
    /// Too few orders within a period (S15).
    OrdersInPeriod {
        /// How many are required.
        required: u64,
        /// How many there were.
        found: u64,
        /// Within how many days.
        days: u32,
    },
    /// Too little spent so far (S15).
    LifetimeSpend {
        /// What is required.
        required: Money,
        /// What was spent.
        found: Money,
    },
    /// The last order is too recent, too long ago, or there was none.
    LastOrder {
        /// When it was.
        found: Option<DateTime<Utc>>,
    },
    /// Nothing that was required was bought before.
    NotBoughtBefore,
    /// Not enabled on this channel or form (S82).
    NotEnabledHere,
    /// Not in this region.
    Region,
    /// Not with this payment option.
    PaymentOption,
    /// Less spent than required (S17).
    MinimumSpend {
        /// What is required.
        required: Money,
        /// What was found.
        found: Money,
    },
    /// Fewer pieces than required (S17).
    MinimumQuantity {
        /// How many are required.
        required: u64,
        /// How many were found.
        found: u64,
    },
    /// A condition that must not hold, holds.
    Excluded,
    /// None of several conditions, one of which must hold, holds.
    NoneOf,
    /// It names no amount for the currency of the order. Amounts are never converted.
    NoAmountInCurrency {
        /// The currency of the order.
        currency: Currency,
    },
    /// Amounts by hand are not allowed (S147).
    ManualNotAllowed,
    /// The operator has to enter an amount (S141).
    ManualAmountRequired,
    /// The amount entered is above the most allowed.
    ManualAmountTooHigh {
        /// The most allowed.
        allowed: Money,
        /// What was entered.
        found: Money,
    },
    /// The host has to hand in the amounts.
    HostAmountsRequired,
    /// Nothing in the order is covered by it.
    NotApplicable,
    /// A line it would touch carries a discount, and it does not combine with discounts (S140).
    NotWithDiscounts {
        /// The first such line.
        line: LineId,
    },
    /// Another coupon would change the customer's type to something else.
    TypeConflict,
    /// It does not stand beside another code of the order.
    NotStackable,
    /// More codes than one order may hold (S68).
    TooManyCodes {
        /// How many it may hold.
        allowed: u32,
    },
    /// It is worth something, but came to nothing on this order, and is not counted as used.
    NoBenefit,
}

/// What a shopper could do so that a reason no longer holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Mend {
    /// Spend this much more.
    Spend(Money),
    /// Add this many pieces.
    Pieces(u64),
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
    /// Take out another code.
    RemoveOtherCode,
}

/// What a browser may see of a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PublicReason {
    /// The code is not valid; nothing more is said.
    NotValid,
    /// It was entered twice.
    Duplicate,
    /// Its time has not begun.
    NotStarted,
    /// Its time is over.
    Expired,
    /// It is used up.
    UsedUp,
    /// It belongs to somebody else, or to another kind of customer.
    NotForYou,
    /// Log in first.
    LogIn,
    /// It is not for use here: channel, region or payment option.
    NotHere,
    /// The order is too small.
    OrderTooSmall,
    /// A condition of the offer is not met.
    ConditionNotMet,
    /// Nothing in the order is covered.
    NotApplicable,
    /// It does not combine with what the order already has.
    DoesNotCombine,
    /// One code too many.
    TooManyCodes,
}

impl PublicReason {
    /// A stable word for it.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NotValid => "not_valid",
            Self::Duplicate => "duplicate",
            Self::NotStarted => "not_started",
            Self::Expired => "expired",
            Self::UsedUp => "used_up",
            Self::NotForYou => "not_for_you",
            Self::LogIn => "log_in",
            Self::NotHere => "not_here",
            Self::OrderTooSmall => "order_too_small",
            Self::ConditionNotMet => "condition_not_met",
            Self::NotApplicable => "not_applicable",
            Self::DoesNotCombine => "does_not_combine",
            Self::TooManyCodes => "too_many_codes",
        }
    }
}

impl fmt::Display for PublicReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotValid => "this code is not valid",
            Self::Duplicate => "this code was already entered",
            Self::NotStarted => "this code is not valid yet",
            Self::Expired => "this code has expired",
            Self::UsedUp => "this code is used up",
            Self::NotForYou => "this code is not for you",
            Self::LogIn => "log in to use this code",
            Self::NotHere => "this code is not for use here",
            Self::OrderTooSmall => "the order is too small for this code",
            Self::ConditionNotMet => "a condition of this code is not met",
            Self::NotApplicable => "nothing in the order is covered by this code",
            Self::DoesNotCombine => "this code does not combine with the rest of the order",
            Self::TooManyCodes => "the order holds too many codes",
        })
    }
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
            Self::MinimumSpend { .. } => "minimum_spend",
            Self::MinimumQuantity { .. } => "minimum_quantity",
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
            Self::NotStackable => "not_stackable",
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
            Self::CustomerRequired => Some(Mend::Identify),
            Self::MinimumSpend { required, found } => {
                let short = required.checked_sub(*found).ok()?;
                // A threshold that must be passed and not only reached lacks one minor unit when it is met exactly.
                Some(Mend::Spend(if short.minor() > 0 { short } else { Money::new(1, short.currency()) }))
            }
            Self::MinimumQuantity { required, found } => Some(Mend::Pieces(required.saturating_sub(*found))),
            Self::ManualAmountRequired => Some(Mend::EnterAmount),
            Self::ManualAmountTooHigh { allowed, .. } => Some(Mend::EnterAtMost(*allowed)),
            Self::PaymentOption => Some(Mend::ChangePayment),
            Self::NotStackable | Self::TooManyCodes { .. } => Some(Mend::RemoveOtherCode),
            _ => None,
        }
    }

    /// The word for it that the public may see.
    ///
    /// ```
    /// use vouchsafe::{PublicReason, PublicReasons, Refusal};
    ///
    /// for hidden in [Refusal::UnknownCode, Refusal::WrongCustomer, Refusal::CodeRevoked] {
    ///     assert_eq!(hidden.public(PublicReasons::Collapsed), PublicReason::NotValid);
    /// }
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    #[must_use]
    pub fn public(&self, reasons: PublicReasons) -> PublicReason {
        if reasons == PublicReasons::Collapsed && self.tells_of_existence() {
            return PublicReason::NotValid;
        }
        match self {
            Self::UnknownCode | Self::CodeRevoked | Self::Inactive => PublicReason::NotValid,
            Self::DuplicateCode | Self::SameCoupon { .. } => PublicReason::Duplicate,
            Self::NotStarted { .. } => PublicReason::NotStarted,
            Self::Expired { .. } => PublicReason::Expired,
            Self::LimitReached { .. } | Self::BudgetExhausted { .. } => PublicReason::UsedUp,
            Self::WrongCustomer | Self::CustomerType { .. } | Self::MembersOnly | Self::NotThisCustomer => {
                PublicReason::NotForYou
            }
            Self::CustomerRequired => PublicReason::LogIn,
            Self::NotEnabledHere | Self::Region | Self::PaymentOption => PublicReason::NotHere,
            Self::MinimumSpend { .. } | Self::MinimumQuantity { .. } => PublicReason::OrderTooSmall,
            Self::FirstOrder { .. }
            | Self::NthOrder { .. }
            | Self::OrdersInPeriod { .. }
            | Self::LifetimeSpend { .. }
            | Self::LastOrder { .. }
            | Self::NotBoughtBefore
            | Self::Excluded
            | Self::NoneOf
            | Self::NoAmountInCurrency { .. }
            | Self::ManualNotAllowed
            | Self::ManualAmountRequired
            | Self::ManualAmountTooHigh { .. }
            | Self::HostAmountsRequired => PublicReason::ConditionNotMet,
            Self::NotApplicable | Self::NoBenefit => PublicReason::NotApplicable,
            Self::NotWithDiscounts { .. } | Self::TypeConflict | Self::NotStackable => PublicReason::DoesNotCombine,
            Self::TooManyCodes { .. } => PublicReason::TooManyCodes,
        }
    }

    /// The amounts it names, all in the currency of the order.
    pub(crate) fn amounts(&self) -> impl Iterator<Item = Money> {
        let (first, second) = match self {
            Self::BudgetExhausted { wanted, left } => (*wanted, Some(*left)),
            Self::LifetimeSpend { required, found } | Self::MinimumSpend { required, found } => {
                (Some(*required), Some(*found))
            }
            Self::ManualAmountTooHigh { allowed, found } => (Some(*allowed), Some(*found)),
            _ => (None, None),
        };
        first.into_iter().chain(second)
    }

    /// Whether the reason gives away that a code exists to somebody who cannot use it.
    fn tells_of_existence(&self) -> bool {
        matches!(
            self,
            Self::UnknownCode
                | Self::CodeRevoked
                | Self::Inactive
                | Self::WrongCustomer
                | Self::LimitReached { .. }
                | Self::BudgetExhausted { .. }
                | Self::CustomerType { .. }
                | Self::MembersOnly
                | Self::NotThisCustomer
                | Self::NotEnabledHere
                // What must not hold may be an audience.
                | Self::Excluded
        )
    }

    /// The one public reason of a code with several: where any of them must stay hidden, nothing else is said.
    pub(crate) fn public_of(refusals: &[Self], reasons: PublicReasons) -> PublicReason {
        Self::shown(refusals, reasons).map_or(PublicReason::NotValid, |refusal| refusal.public(reasons))
    }

    /// What the public may be told to do about the reason that it is told.
    pub(crate) fn public_mend_of(refusals: &[Self], reasons: PublicReasons) -> Option<Mend> {
        // The bound of amounts by hand is the merchant's own business.
        Self::shown(refusals, reasons).and_then(Self::mend).filter(|mend| !matches!(mend, Mend::EnterAtMost(_)))
    }

    /// The reason that the public is told about, if any.
    fn shown(refusals: &[Self], reasons: PublicReasons) -> Option<&Self> {
        let hidden = refusals.iter().any(|refusal| refusal.public(reasons) == PublicReason::NotValid);
        refusals.first().filter(|_| !hidden)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownCode => f.write_str("no coupon has this code"),
            Self::CodeRevoked => f.write_str("the code was withdrawn"),
            Self::DuplicateCode => f.write_str("the code was entered twice"),
            Self::SameCoupon { coupon } => write!(f, "another code of `{coupon}` already applies"),
            Self::Inactive => f.write_str("the coupon is switched off"),
            Self::NotStarted { starts } => write!(f, "valid from {}", instant(*starts)),
            Self::Expired { ended: Some(ended) } => write!(f, "was valid until {}", instant(*ended)),
            Self::Expired { ended: None } => f.write_str("the coupon has ended"),
            Self::WrongCustomer => f.write_str("the code belongs to another customer"),
            Self::CustomerRequired => f.write_str("only a known customer can use it"),
            Self::LimitReached { limit, allowed, taken } => {
                let what = match limit {
                    LimitKind::Total => "uses",
                    LimitKind::Code => "uses of this code",
                    LimitKind::Customer => "uses by this customer",
                    LimitKind::CustomerCode => "uses of this code by this customer",
                    LimitKind::Units => "discounted units",
                    LimitKind::Money => "minor units of the budget",
                };
                write!(f, "{taken} of {allowed} {what} are taken")
            }
            Self::BudgetExhausted { wanted: Some(wanted), left } => {
                write!(f, "the budget has {left} left of {wanted} wanted")
            }
            Self::BudgetExhausted { wanted: None, left } => write!(f, "the budget has {left} left"),
            Self::CustomerType { found: Some(found) } => write!(f, "not for customers of type `{found}`"),
            Self::CustomerType { found: None } => f.write_str("not for customers without a type"),
            Self::MembersOnly => f.write_str("only for members"),
            Self::NotThisCustomer => f.write_str("only for certain customers"),
            Self::FirstOrder { orders } => write!(f, "only for a first order, {orders} came before"),
            Self::NthOrder { required, found } => write!(f, "only for order number {required}, this is number {found}"),
            Self::OrdersInPeriod { required, found, days } => {
                write!(f, "{required} orders within {days} days required, found {found}")
            }
            Self::LifetimeSpend { required, found } => write!(f, "{required} spent so far required, found {found}"),
            Self::LastOrder { found: Some(found) } => write!(f, "the last order was at {}", instant(*found)),
            Self::LastOrder { found: None } => f.write_str("there is no earlier order"),
            Self::NotBoughtBefore => f.write_str("nothing that is required was bought before"),
            Self::NotEnabledHere => f.write_str("not enabled on this channel or form"),
            Self::Region => f.write_str("not in this region"),
            Self::PaymentOption => f.write_str("not with this payment option"),
            Self::MinimumSpend { required, found } => write!(f, "{required} required, found {found}"),
            Self::MinimumQuantity { required, found } => write!(f, "{required} pieces required, found {found}"),
            Self::Excluded => f.write_str("a condition that excludes it holds"),
            Self::NoneOf => f.write_str("none of its alternative conditions holds"),
            Self::NoAmountInCurrency { currency } => write!(f, "it names no amount in {currency}"),
            Self::ManualNotAllowed => f.write_str("amounts by hand are not allowed"),
            Self::ManualAmountRequired => f.write_str("the operator has to enter an amount"),
            Self::ManualAmountTooHigh { allowed, found } => write!(f, "at most {allowed} may be entered, not {found}"),
            Self::HostAmountsRequired => f.write_str("the amounts for the lines are missing"),
            Self::NotApplicable => f.write_str("nothing in the order is covered"),
            Self::NotWithDiscounts { line } => write!(f, "line {line} carries a discount, and it does not combine"),
            Self::TypeConflict => f.write_str("another coupon changes the customer's type"),
            Self::NotStackable => f.write_str("does not stand beside another code of the order"),
            Self::TooManyCodes { allowed } => write!(f, "an order takes {allowed} of them"),
            Self::NoBenefit => f.write_str("it comes to nothing on this order"),
        }
    }
}

fn instant(at: DateTime<Utc>) -> impl fmt::Display {
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// Why a line cannot be sold to this customer. The line stays in the answer, out of every total, and the outcome cannot
/// be placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LineRefusal {
    /// The product is not visible to the customer's type. To the public it is an unknown product.
    NotVisible,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd(minor: i64) -> Money {
        Money::new(minor, Currency::USD)
    }

    #[test]
    fn hidden_reasons_swallow_the_others() {
        let both = [Refusal::MinimumSpend { required: usd(5_000), found: usd(100) }, Refusal::MembersOnly];
        assert_eq!(Refusal::public_of(&both, PublicReasons::Collapsed), PublicReason::NotValid);
        assert_eq!(Refusal::public_of(&both, PublicReasons::Distinct), PublicReason::OrderTooSmall);
        assert_eq!(Refusal::public_of(&[], PublicReasons::Distinct), PublicReason::NotValid);
    }

    #[test]
    fn an_exclusive_threshold_met_exactly_lacks_one_minor_unit() {
        let met = Refusal::MinimumSpend { required: usd(5_000), found: usd(5_000) };
        assert_eq!(met.mend(), Some(Mend::Spend(usd(1))));
    }
}
