//! What the public may know of a refusal.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Mend, Refusal};
use crate::policy::PublicReasons;

/// What a browser may see of a refusal: a word and a text.
///
/// Several reasons share a word, and by default whatever would tell a stranger that a code exists shares
/// [`NotValid`](Self::NotValid) with codes that do not (S9). Which reason has which word stands in the table of
/// [`Refusal`].
///
/// ```
/// use vouchsafe::PublicReason;
///
/// assert_eq!(PublicReason::Expired.code(), "expired");
/// assert_eq!(PublicReason::Expired.to_string(), "this code has expired");
/// ```
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
    /// Not on this day, or not at this hour.
    NotNow,
    /// It is used up.
    UsedUp,
    /// It belongs to somebody else, or to another kind of customer.
    NotForYou,
    /// Log in first.
    LogIn,
    /// It is not for use here: channel, region, payment option or shipping method.
    NotHere,
    /// The order is too small.
    OrderTooSmall,
    /// The order is too large.
    OrderTooLarge,
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
            Self::NotNow => "not_now",
            Self::UsedUp => "used_up",
            Self::NotForYou => "not_for_you",
            Self::LogIn => "log_in",
            Self::NotHere => "not_here",
            Self::OrderTooSmall => "order_too_small",
            Self::OrderTooLarge => "order_too_large",
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
            Self::NotNow => "this code is not valid at this time",
            Self::UsedUp => "this code is used up",
            Self::NotForYou => "this code is not for you",
            Self::LogIn => "log in to use this code",
            Self::NotHere => "this code is not for use here",
            Self::OrderTooSmall => "the order is too small for this code",
            Self::OrderTooLarge => "the order is too large for this code",
            Self::ConditionNotMet => "a condition of this code is not met",
            Self::NotApplicable => "this code takes nothing off this order",
            Self::DoesNotCombine => "this code does not combine with the rest of the order",
            Self::TooManyCodes => "the order holds too many codes",
        })
    }
}

impl Refusal {
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
            Self::WrongCustomer
            | Self::CustomerType { .. }
            | Self::CustomerAttribute { .. }
            | Self::MembersOnly
            | Self::NotThisCustomer => PublicReason::NotForYou,
            Self::CustomerRequired => PublicReason::LogIn,
            Self::NotEnabledHere | Self::Region | Self::PaymentOption | Self::ShippingMethod { .. } => {
                PublicReason::NotHere
            }
            Self::OutsideHours { .. } | Self::BlackoutDate { .. } => PublicReason::NotNow,
            Self::MinimumSpend { .. } | Self::MinimumQuantity { .. } | Self::DistinctProducts { .. } => {
                PublicReason::OrderTooSmall
            }
            Self::MaximumSpend { .. } => PublicReason::OrderTooLarge,
            Self::FirstOrder { .. }
            | Self::NthOrder { .. }
            | Self::OrdersInPeriod { .. }
            | Self::LifetimeSpend { .. }
            | Self::LastOrder { .. }
            | Self::NotBoughtBefore
            | Self::UniqueCustomers { .. }
            | Self::Excluded
            | Self::NoneOf
            | Self::NoAmountInCurrency { .. }
            | Self::ManualNotAllowed
            | Self::ManualAmountRequired
            | Self::ManualAmountTooHigh { .. }
            | Self::HostAmountsRequired => PublicReason::ConditionNotMet,
            Self::NotApplicable | Self::NoBenefit => PublicReason::NotApplicable,
            Self::NotWithLines { .. }
            | Self::NotWithDiscounts { .. }
            | Self::TypeConflict
            | Self::BetterInGroup { .. }
            | Self::NotStackable { .. } => PublicReason::DoesNotCombine,
            Self::TooManyCodes { .. } => PublicReason::TooManyCodes,
        }
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
                | Self::CustomerAttribute { .. }
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
