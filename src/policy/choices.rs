//! The single choices of a policy.

use crate::form::DraftValue;
use crate::form::{Check, Form, Writer, choices, serde_by_form};
use crate::money::Rounding;

choices! {
    /// Whether prices contain tax.
    ///
    /// ```
    /// use vouchsafe::PriceMode;
    ///
    /// assert_eq!(serde_json::to_string(&PriceMode::TaxInclusive)?, r#""tax_inclusive""#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub enum PriceMode {
        /// Tax comes on top of prices.
        TaxExclusive = "tax_exclusive",
        /// Prices contain tax.
        TaxInclusive = "tax_inclusive",
    }
}

choices! {
    /// Where tax is rounded.
    ///
    /// Three lines of 10.05 that contain 19% are 25.34 net and 4.81 tax per class, but 25.35 and 4.80 per line (V26).
    pub enum TaxRounding {
        /// Once per tax class, on the sum of its lines, then shared to the lines by largest remainder; as electronic
        /// invoices sum.
        PerClass = "per_class",
        /// On each line.
        PerLine = "per_line",
    }
}

choices! {
    /// Where a line-level percentage is rounded.
    ///
    /// 10% of three units at 1.05 is 0.32 per line (of 3.15), and 0.33 per unit (three times 0.11).
    pub enum PercentRounding {
        /// Once per line.
        PerLine = "per_line",
        /// On each unit of a line.
        PerUnit = "per_unit",
    }
}

choices! {
    /// What happens to a coupon that does not combine with discounts, where a line that it would touch carries one
    /// (S140).
    pub enum DiscountConflict {
        /// The coupon is refused and the discounts stay.
        RefuseCoupon = "refuse_coupon",
        /// The discounts of the lines that the coupon touches are dropped.
        DropDiscounts = "drop_discounts",
        /// Whichever leaves the shopper less to pay; where both leave the same, the discounts stay and the coupon is
        /// kept.
        BetterOf = "better_of",
    }
}

choices! {
    /// What a per-customer limit does for a shopper without any identity key, at evaluation. Reserve and commit always
    /// refuse: a limit is never silently passed.
    pub enum NoIdentity {
        /// The code is refused: log in first.
        Refuse = "refuse",
        /// The code applies, and the outcome is flagged as needing an identity before it can be placed.
        ApplyAndFlag = "apply_and_flag",
    }
}

choices! {
    /// How refusals look to the public (S9).
    pub enum PublicReasons {
        /// Unknown, revoked, not yours, wrong audience and used up all read `not valid`, so that nobody learns from a
        /// refusal that a code exists.
        Collapsed = "collapsed",
        /// Every reason has a public word of its own.
        Distinct = "distinct",
    }
}

/// How rounding is done; recorded in the outcome.
///
/// In JSON `{"discount": "half_even", "tax_level": "per_line"}`; what is absent has its default.
///
/// ```
/// use vouchsafe::{Rounding, RoundingRules, TaxRounding};
///
/// let bankers = RoundingRules { discount: Rounding::HalfEven, ..RoundingRules::default() };
/// assert_eq!(bankers.tax, Rounding::HalfUp);
/// assert_eq!(bankers.tax_level, TaxRounding::PerClass);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct RoundingRules {
    /// Mode for discounts.
    pub discount: Rounding,
    /// Mode for tax.
    pub tax: Rounding,
    /// Where line-level percentages are rounded.
    pub percent: PercentRounding,
    /// Where tax is rounded.
    pub tax_level: TaxRounding,
}

impl Form for RoundingRules {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| {
            Some(Self {
                discount: f.optional("discount").unwrap_or_default(),
                tax: f.optional("tax").unwrap_or_default(),
                percent: f.or_default("percent"),
                tax_level: f.or_default("tax_level"),
            })
        })
    }

    fn write(&self) -> DraftValue {
        Writer::default()
            .put_unless("discount", &self.discount, &Rounding::HalfUp)
            .put_unless("tax", &self.tax, &Rounding::HalfUp)
            .put_unless_default("percent", &self.percent)
            .put_unless_default("tax_level", &self.tax_level)
            .end()
    }
}

serde_by_form!(RoundingRules);
