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
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    /// let tax = |tax_level| -> Result<String, Box<dyn std::error::Error>> {
    ///     let rounding = RoundingRules { tax_level, ..RoundingRules::default() };
    ///     let policy = Policy::builder(Currency::EUR).price_mode(PriceMode::TaxInclusive).rounding(rounding).build()?;
    ///     let mut order = Order::builder(Currency::EUR).default_rate(TaxRate::parse("19")?);
    ///     for id in 1..=3 {
    ///         order = order.line(Line::new(LineId(id), Product::new("TEA".parse()?), Quantity::ONE, UnitPrice::parse("10.05")?));
    ///     }
    ///     let (order, customer) = (order.build()?, Customer::anonymous());
    ///     let at = parse_instant("2026-03-29T12:00:00Z")?;
    ///     let outcome = Shop::new(policy).evaluate(&Request::new(&order, &customer, Reference::Order("o-1".parse()?), at))?;
    ///     Ok(outcome.totals().tax().map(|tax| tax.to_string()).unwrap_or_default())
    /// };
    /// assert_eq!(tax(TaxRounding::PerClass)?, "4.81 EUR");
    /// assert_eq!(tax(TaxRounding::PerLine)?, "4.80 EUR");
    /// # Ok(())
    /// # }
    /// ```
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
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    /// let off = |percent| -> Result<String, Box<dyn std::error::Error>> {
    ///     let rounding = RoundingRules { percent, ..RoundingRules::default() };
    ///     let shop = Shop::new(Policy::builder(Currency::USD).rounding(rounding).build()?);
    ///     let tenth = shop.prepare(Coupon::builder("tenth").code("TENTH").percent_off("10").build()?)?;
    ///     let tea = Line::new(LineId(1), Product::new("TEA".parse()?), Quantity::pieces(3)?, UnitPrice::parse("1.05")?);
    ///     let order = Order::builder(Currency::USD).line(tea).build()?;
    ///     let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
    ///     let codes = [Presented::new("TENTH", &tenth)];
    ///     let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
    ///     Ok(shop.evaluate(&request)?.totals().coupon_discount().to_string())
    /// };
    /// assert_eq!(off(PercentRounding::PerLine)?, "0.32 USD");
    /// assert_eq!(off(PercentRounding::PerUnit)?, "0.33 USD");
    /// # Ok(())
    /// # }
    /// ```
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
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    /// // 10% that does not combine with discounts, on a lamp at 80.00 that the shop reduced by 5.00.
    /// let pay = |conflict| -> Result<String, Box<dyn std::error::Error>> {
    ///     let shop = Shop::new(Policy::builder(Currency::USD).discount_conflict(conflict).build()?);
    ///     let alone = Combination::default().discounts(false);
    ///     let tenth = Coupon::builder("tenth").code("TENTH").percent_off("10").combination(alone).build()?;
    ///     let tenth = shop.prepare(tenth)?;
    ///     let sale = ShopDiscount::new("sale".parse()?, Money::parse("5.00", Currency::USD)?);
    ///     let lamp = Line::new(LineId(1), Product::new("LAMP".parse()?), Quantity::ONE, UnitPrice::parse("80.00")?);
    ///     let order = Order::builder(Currency::USD).line(lamp.with_discount(sale)).build()?;
    ///     let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
    ///     let codes = [Presented::new("TENTH", &tenth)];
    ///     let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
    ///     Ok(shop.evaluate(&request)?.totals().payable().to_string())
    /// };
    /// assert_eq!(pay(DiscountConflict::RefuseCoupon)?, "75.00 USD");
    /// assert_eq!(pay(DiscountConflict::DropDiscounts)?, "72.00 USD");
    /// assert_eq!(pay(DiscountConflict::BetterOf)?, "72.00 USD");
    /// # Ok(())
    /// # }
    /// ```
    pub enum DiscountConflict {
        /// The coupon is refused and the discounts stay.
        RefuseCoupon = "refuse_coupon",
        /// The discounts of the lines that the coupon touches are dropped.
        DropDiscounts = "drop_discounts",
        /// Whichever leaves the shopper less to pay, tax on top included; where both leave the same, the discounts stay and the coupon is
        /// kept.
        BetterOf = "better_of",
    }
}

choices! {
    /// What a per-customer limit does for a shopper without any identity key, at evaluation. Reserve and commit always
    /// refuse: a limit is never silently passed.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    /// let outcome = |no_identity| -> Result<Outcome, Box<dyn std::error::Error>> {
    ///     let shop = Shop::new(Policy::builder(Currency::USD).no_identity(no_identity).build()?);
    ///     let once = shop.prepare(Coupon::builder("once").code("ONCE").percent_off("10").per_customer_limit(1).build()?)?;
    ///     let line = Line::new(LineId(1), Product::new("LAMP".parse()?), Quantity::ONE, UnitPrice::parse("80.00")?);
    ///     let order = Order::builder(Currency::USD).line(line).build()?;
    ///     let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
    ///     let codes = [Presented::new("ONCE", &once)];
    ///     let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
    ///     Ok(shop.evaluate(&request)?)
    /// };
    /// assert_eq!(outcome(NoIdentity::Refuse)?.totals().payable().to_string(), "80.00 USD");
    /// // The price is shown, and the order waits for a log-in.
    /// let flagged = outcome(NoIdentity::ApplyAndFlag)?;
    /// assert_eq!(flagged.totals().payable().to_string(), "72.00 USD");
    /// assert!(!flagged.placeable());
    /// # Ok(())
    /// # }
    /// ```
    pub enum NoIdentity {
        /// The code is refused: log in first.
        Refuse = "refuse",
        /// The code applies, and the outcome is flagged as needing an identity before it can be placed.
        ApplyAndFlag = "apply_and_flag",
    }
}

choices! {
    /// How refusals look to the public (S9).
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    /// // A code that is known and used up.
    /// let reason = |reasons| -> Result<Option<PublicReason>, Box<dyn std::error::Error>> {
    ///     let shop = Shop::new(Policy::builder(Currency::USD).public_reasons(reasons).build()?);
    ///     let last = shop.prepare(Coupon::builder("last").code("LAST").percent_off("10").total_limit(5).build()?)?;
    ///     let order = Order::builder(Currency::USD).build()?;
    ///     let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
    ///     let codes = [Presented::new("LAST", &last).with_usage(Usage::default().with_total(5))];
    ///     let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
    ///     Ok(shop.evaluate(&request)?.public().answers()[0].reason())
    /// };
    /// assert_eq!(reason(PublicReasons::Collapsed)?, Some(PublicReason::NotValid));
    /// assert_ne!(reason(PublicReasons::Distinct)?, Some(PublicReason::NotValid));
    /// # Ok(())
    /// # }
    /// ```
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
