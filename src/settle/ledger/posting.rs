//! One entry of the books.

use serde::{Deserialize, Serialize};

use crate::form::choices;
use crate::key::{AccountId, CouponId, DiscountId, PartyId};
use crate::money::Money;
use crate::order::LineId;

choices! {
    /// The side of an account that an entry stands on.
    ///
    /// ```
    /// use vouchsafe::Side;
    ///
    /// assert_eq!(Side::Debit.opposite(), Side::Credit);
    /// ```
    pub enum Side {
        /// The left side: raises assets and expenses.
        Debit = "debit",
        /// The right side: raises revenue and liabilities.
        Credit = "credit",
    }
}

impl Side {
    /// The other side.
    #[must_use]
    pub fn opposite(self) -> Self {
        match self {
            Self::Debit => Self::Credit,
            Self::Credit => Self::Debit,
        }
    }
}

choices! {
    /// What an entry is for.
    ///
    /// ```
    /// use vouchsafe::Purpose;
    ///
    /// assert_eq!(serde_json::to_string(&Purpose::DeferredRevenue)?, "\"deferred_revenue\"");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub enum Purpose {
        /// What the shopper owes.
        Receivable = "receivable",
        /// What was sold, at the customer's price without tax.
        Revenue = "revenue",
        /// What was sold and is not delivered yet.
        DeferredRevenue = "deferred_revenue",
        /// The seller's part of a discount.
        Discount = "discount",
        /// The seller's part of a discount on something that is not delivered yet.
        DeferredDiscount = "deferred_discount",
        /// What a third party owes for its part of a discount.
        Claim = "claim",
        /// Tax that is owed.
        Tax = "tax",
        /// What loyalty points paid as a tender. What they took off as a discount is a discount.
        Points = "points",
        /// What was rounded to the smallest coin.
        CashRounding = "cash_rounding",
    }
}

/// One entry: an amount on one side of an account. Made by [`Books`](super::Books); the entries of a line always balance.
///
/// In JSON `{"line": 1, "account": "1200", "side": "debit", "amount": {"amount": "90.00", "currency": "USD"}, "purpose":
/// "receivable"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Posting {
    /// The line or charge; none for what concerns the order as a whole.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub line: Option<LineId>,
    /// The account.
    pub account: AccountId,
    /// The side of it.
    pub side: Side,
    /// How much; always above zero.
    pub amount: Money,
    /// What it is for.
    pub purpose: Purpose,
    /// The coupon whose discount it is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub coupon: Option<CouponId>,
    /// The discount of the shop that it is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub discount: Option<DiscountId>,
    /// The third party that owes it, where it is known by name.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub party: Option<PartyId>,
}

impl Posting {
    /// The amount in minor units, above zero on the debit side and below it on the credit side: those of a balanced set
    /// sum to zero.
    #[must_use]
    pub fn signed(&self) -> i64 {
        match self.side {
            Side::Debit => self.amount.minor(),
            Side::Credit => self.amount.minor().saturating_neg(),
        }
    }
}
