//! The merchant's choices: what two correct engines may answer differently is decided here, once, and recorded in every
//! outcome.
//!
//! A [`Policy`] is made by [`Policy::builder`], by one of the presets, from a [`PolicyDraft`], or from JSON.

mod choices;
mod depth;
mod draft;

pub use choices::{
    DiscountConflict, NoIdentity, PercentRounding, PriceMode, PublicReasons, RoundingRules, TaxRounding,
};
pub use depth::Depth;
pub use draft::PolicyDraft;
pub(crate) use draft::read_inner_policy;

use crate::calendar::Zone;
use crate::customer::{Customer, IdentityKey, IdentityKind};
use crate::error::{Error, Why};
use crate::form::amounts::Amounts;
use crate::money::{CashInterval, Currency};

/// The choices of one merchant; what none of them decides is the same for everyone.
///
/// ```
/// use vouchsafe::{Currency, Policy, PriceMode, Zone};
///
/// let policy = Policy::builder(Currency::EUR)
///     .zone(Zone::UTC)
///     .price_mode(PriceMode::TaxInclusive)
///     .max_codes(Some(3))
///     .build()?;
/// assert_eq!(policy.max_codes(), Some(3));
/// # Ok::<(), vouchsafe::Error>(())
/// ```
///
/// # JSON
///
/// ```
/// use vouchsafe::Policy;
///
/// let policy: Policy = serde_json::from_str(
///     r#"{"version": 1, "currency": "CHF", "prices": "tax_inclusive", "max_codes": "unlimited", "cash": "0.05"}"#,
/// )?;
/// assert_eq!(policy.max_codes(), None);
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// The fields are those of [`PolicyDraft`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    currencies: Vec<Currency>,
    zone: Zone,
    price_mode: PriceMode,
    rounding: RoundingRules,
    max_codes: Option<u32>,
    line_codes: bool,
    manual: bool,
    discount_conflict: DiscountConflict,
    no_identity: NoIdentity,
    identity_kinds: Vec<IdentityKind>,
    public_reasons: PublicReasons,
    cash: Option<CashInterval>,
    depth: Depth,
    max_discount: Option<Amounts>,
}

impl Policy {
    /// A policy that starts from the defaults, in the merchant's own currency.
    #[must_use]
    pub fn builder(currency: Currency) -> PolicyBuilder {
        PolicyBuilder {
            policy: Self {
                currencies: vec![currency],
                zone: Zone::UTC,
                price_mode: PriceMode::default(),
                rounding: RoundingRules::default(),
                max_codes: Some(1),
                line_codes: false,
                manual: false,
                discount_conflict: DiscountConflict::default(),
                no_identity: NoIdentity::default(),
                identity_kinds: vec![IdentityKind::Id, IdentityKind::Email, IdentityKind::Phone, IdentityKind::Other],
                public_reasons: PublicReasons::default(),
                cash: None,
                depth: Depth::default(),
                max_discount: None,
            },
        }
    }

    /// A web shop that sells to types of customers: one code an order, refusals that give nothing away, no amounts
    /// by operators.
    ///
    /// ```
    /// use vouchsafe::{Currency, Policy, PublicReasons, Zone};
    ///
    /// let policy = Policy::storefront(Currency::USD, Zone::UTC);
    /// assert_eq!(policy.public_reasons(), PublicReasons::Collapsed);
    /// ```
    #[must_use]
    pub fn storefront(currency: Currency, zone: Zone) -> Self {
        Self { zone, ..Self::builder(currency).policy }
    }

    /// An order form with personal and group codes: one code an order (S68), reasons told plainly, since a wrong code
    /// gets a notice (S84).
    ///
    /// ```
    /// use vouchsafe::{Currency, Policy, PublicReasons, Zone};
    ///
    /// let policy = Policy::order_form(Currency::USD, Zone::UTC);
    /// assert_eq!(policy.public_reasons(), PublicReasons::Distinct);
    /// ```
    #[must_use]
    pub fn order_form(currency: Currency, zone: Zone) -> Self {
        Self { zone, public_reasons: PublicReasons::Distinct, ..Self::builder(currency).policy }
    }

    /// An association's office: operators may enter amounts by hand (S141), the order and each line hold one coupon
    /// (S150), reasons are told plainly.
    ///
    /// ```
    /// use vouchsafe::{Currency, Policy, Zone};
    ///
    /// let policy = Policy::association(Currency::USD, Zone::UTC);
    /// assert!(policy.manual() && policy.line_codes());
    /// ```
    #[must_use]
    pub fn association(currency: Currency, zone: Zone) -> Self {
        Self {
            zone,
            manual: true,
            line_codes: true,
            public_reasons: PublicReasons::Distinct,
            ..Self::builder(currency).policy
        }
    }

    /// The merchant's own currency.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currencies.first().copied().unwrap_or(Currency::USD)
    }

    /// The currencies in which orders are accepted, the merchant's own first.
    #[must_use]
    pub fn currencies(&self) -> &[Currency] {
        &self.currencies
    }

    /// Whether orders in this currency are accepted.
    #[must_use]
    pub fn accepts(&self, currency: Currency) -> bool {
        self.currencies.contains(&currency)
    }

    /// The zone in which days begin and end.
    #[must_use]
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// Whether prices contain tax, where an order does not say so itself.
    #[must_use]
    pub fn price_mode(&self) -> PriceMode {
        self.price_mode
    }

    /// How rounding is done.
    #[must_use]
    pub fn rounding(&self) -> RoundingRules {
        self.rounding
    }

    /// How many codes one order may hold; `None` is any number. One by default (S68).
    #[must_use]
    pub fn max_codes(&self) -> Option<u32> {
        self.max_codes
    }

    /// Whether each line has a coupon field of its own, beside the codes of the order (S150). Where it has not, a code
    /// entered on a line counts among the codes of the order.
    #[must_use]
    pub fn line_codes(&self) -> bool {
        self.line_codes
    }

    /// Whether operators may enter amounts by hand (S147).
    #[must_use]
    pub fn manual(&self) -> bool {
        self.manual
    }

    /// What happens where a coupon does not combine with discounts.
    #[must_use]
    pub fn discount_conflict(&self) -> DiscountConflict {
        self.discount_conflict
    }

    /// What a per-customer limit does without an identity, at evaluation.
    #[must_use]
    pub fn no_identity(&self) -> NoIdentity {
        self.no_identity
    }

    /// Which kinds of identity keys count for per-customer limits.
    #[must_use]
    pub fn identity_kinds(&self) -> &[IdentityKind] {
        &self.identity_kinds
    }

    /// Those of a customer's identity keys that count for per-customer limits.
    ///
    /// ```
    /// use vouchsafe::{Currency, Customer, IdentityKey, Policy, Zone};
    ///
    /// let ann = Customer::new([IdentityKey::id("42")?, IdentityKey::device("7f3a")?]);
    /// let policy = Policy::storefront(Currency::USD, Zone::UTC);
    /// assert_eq!(policy.counted_keys(&ann), [IdentityKey::id("42")?]);
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    #[must_use]
    pub fn counted_keys(&self, customer: &Customer) -> Vec<IdentityKey> {
        customer.keys().iter().filter(|key| self.identity_kinds.contains(&key.kind())).cloned().collect()
    }

    /// How refusals look to the public.
    #[must_use]
    pub fn public_reasons(&self) -> PublicReasons {
        self.public_reasons
    }

    /// How deep all coupons of an order may cut together; no limit by default.
    #[must_use]
    pub fn depth(&self) -> Depth {
        self.depth
    }

    /// The most that all coupons of an order may take off together, lines and shipping; no limit by default.
    #[must_use]
    pub fn max_discount(&self) -> Option<&Amounts> {
        self.max_discount.as_ref()
    }

    /// The cash-rounding interval of the amount to pay.
    #[must_use]
    pub fn cash(&self) -> Option<CashInterval> {
        self.cash
    }
}

/// Builds a [`Policy`]; begun with [`Policy::builder`].
///
/// ```
/// use vouchsafe::{CashInterval, Currency, Policy};
///
/// let policy = Policy::builder(Currency::CHF).accept(Currency::EUR).cash(CashInterval::parse("0.05")?).build()?;
/// assert!(policy.accepts(Currency::EUR));
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct PolicyBuilder {
    policy: Policy,
}

impl PolicyBuilder {
    /// One more currency in which orders are accepted. Amounts are never converted.
    #[must_use]
    pub fn accept(mut self, currency: Currency) -> Self {
        if !self.policy.accepts(currency) {
            self.policy.currencies.push(currency);
        }
        self
    }

    /// The zone in which days begin and end; UTC by default.
    #[must_use]
    pub fn zone(mut self, zone: Zone) -> Self {
        self.policy.zone = zone;
        self
    }

    /// Whether prices contain tax; they do not by default.
    #[must_use]
    pub fn price_mode(mut self, mode: PriceMode) -> Self {
        self.policy.price_mode = mode;
        self
    }

    /// How rounding is done; half-up, per line and per class by default.
    #[must_use]
    pub fn rounding(mut self, rounding: RoundingRules) -> Self {
        self.policy.rounding = rounding;
        self
    }

    /// How many codes one order may hold; one by default, `None` for any number.
    #[must_use]
    pub fn max_codes(mut self, max: Option<u32>) -> Self {
        self.policy.max_codes = max;
        self
    }

    /// Whether each line has a coupon field of its own (S150); no by default.
    #[must_use]
    pub fn line_codes(mut self, own_field: bool) -> Self {
        self.policy.line_codes = own_field;
        self
    }

    /// Whether operators may enter amounts by hand; no by default.
    #[must_use]
    pub fn manual(mut self, allowed: bool) -> Self {
        self.policy.manual = allowed;
        self
    }

    /// What happens where a coupon does not combine with discounts; the coupon is refused by default.
    #[must_use]
    pub fn discount_conflict(mut self, conflict: DiscountConflict) -> Self {
        self.policy.discount_conflict = conflict;
        self
    }

    /// What a per-customer limit does without an identity, at evaluation; it refuses by default.
    #[must_use]
    pub fn no_identity(mut self, no_identity: NoIdentity) -> Self {
        self.policy.no_identity = no_identity;
        self
    }

    /// Which kinds of identity keys count for per-customer limits; all but devices by default.
    #[must_use]
    pub fn identity_kinds(mut self, kinds: impl IntoIterator<Item = IdentityKind>) -> Self {
        self.policy.identity_kinds = kinds.into_iter().collect();
        self.policy.identity_kinds.sort_unstable();
        self.policy.identity_kinds.dedup();
        self
    }

    /// How refusals look to the public; collapsed by default.
    #[must_use]
    pub fn public_reasons(mut self, reasons: PublicReasons) -> Self {
        self.policy.public_reasons = reasons;
        self
    }

    /// Rounds the amount to pay, and nothing else, to a cash interval.
    #[must_use]
    pub fn cash(mut self, interval: CashInterval) -> Self {
        self.policy.cash = Some(interval);
        self
    }

    /// How deep all coupons of an order may cut together. What a depth of the order does is shown at [`Depth`].
    ///
    /// # No line below half its price, whatever is typed
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let depth = Depth::default().with_per_line(Percent::parse("50")?);
    /// let shop = Shop::new(Policy::builder(Currency::USD).max_codes(None).depth(depth).build()?);
    /// let a = shop.prepare(Coupon::builder("a").code("A").percent_off("40").build()?)?;
    /// let b = shop.prepare(Coupon::builder("b").code("B").percent_off("40").build()?)?;
    /// let line = Line::new(LineId(1), Product::new("BOOT".parse()?), Quantity::ONE, UnitPrice::parse("100.00")?);
    /// let order = Order::builder(Currency::USD).line(line).build()?;
    /// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
    /// let codes = [Presented::new("a", &a), Presented::new("b", &b)];
    /// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
    /// let outcome = shop.evaluate(&request)?;
    /// // 40.00, and of the 24.00 of the second the 10.00 that are left above 50.00.
    /// assert_eq!(outcome.totals().payable().to_string(), "50.00 USD");
    /// assert_eq!(outcome.answers()[1].forfeited().to_string(), "14.00 USD");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn depth(mut self, depth: Depth) -> Self {
        self.policy.depth = depth;
        self
    }

    /// The most that all coupons of an order may take off together, in every currency that is accepted. By rank within the
    /// stages each takes what is left of it, as of the [depth](Depth) of an order; the smaller of both counts.
    ///
    /// ```
    /// use vouchsafe::{Amounts, Currency, Money, Policy};
    ///
    /// let fifty = Amounts::new([Money::parse("50.00", Currency::USD)?])?;
    /// let policy = Policy::builder(Currency::USD).max_discount(fifty.clone());
    /// assert!(policy.clone().build()?.max_discount().is_some());
    /// let error = policy.accept(Currency::EUR).build().unwrap_err();
    /// assert_eq!(error.to_string(), "`max_discount.EUR` is missing");
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    ///
    /// # Two codes share it
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let most = Amounts::new([Money::parse("50.00", Currency::USD)?])?;
    /// let shop = Shop::new(Policy::builder(Currency::USD).max_codes(None).max_discount(most).build()?);
    /// let a = shop.prepare(Coupon::builder("a").code("A").percent_off("20").build()?)?;
    /// let b = shop.prepare(Coupon::builder("b").code("B").percent_off("20").build()?)?;
    /// let line = Line::new(LineId(1), Product::new("SOFA".parse()?), Quantity::ONE, UnitPrice::parse("200.00")?);
    /// let order = Order::builder(Currency::USD).line(line).build()?;
    /// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
    /// let codes = [Presented::new("a", &a), Presented::new("b", &b)];
    /// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
    /// // 40.00, and of 32.00 the 10.00 that are left.
    /// assert_eq!(shop.evaluate(&request)?.totals().payable().to_string(), "150.00 USD");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn max_discount(mut self, most: Amounts) -> Self {
        self.policy.max_discount = Some(most);
        self
    }

    /// Checks and builds.
    ///
    /// # Errors
    /// [`Why::Zero`] at `max_codes`; [`Why::TooPrecise`] at `cash` where the interval is finer than the minor unit of a
    /// currency that is accepted. [`Why::Zero`] for a depth or an amount of zero, and [`Why::Missing`] for a currency that is
    /// accepted and has no amount, at `depth` and `max_discount`.
    ///
    /// # A rappen interval cannot be paid in yen
    ///
    /// ```
    /// use vouchsafe::{CashInterval, Currency, Policy};
    ///
    /// let error = Policy::builder(Currency::JPY).cash(CashInterval::parse("0.05")?).build().unwrap_err();
    /// assert_eq!(error.to_string(), "`cash` is `0.05`: more than 0 decimals");
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    pub fn build(self) -> Result<Policy, Error> {
        if self.policy.max_codes == Some(0) {
            return Err(Error::invalid("max_codes", 0, Why::Zero));
        }
        if let Some(cash) = self.policy.cash {
            for currency in &self.policy.currencies {
                fits(cash, *currency).map_err(|why| Error::invalid("cash", cash, why))?;
            }
        }
        self.policy.depth.check()?;
        if let Some(most) = &self.policy.max_discount {
            let mut accepted = self.policy.currencies.iter();
            if let Some((currency, why)) = accepted.find_map(|c| Some((c, names(most, *c).err()?))) {
                let value = most.in_currency(*currency).map_or_else(String::new, |amount| amount.amount_text());
                return Err(Error::invalid(format!("max_discount.{currency}"), value, why));
            }
        }
        Ok(self.policy)
    }
}

/// Whether an amount is named for a currency, and is more than zero.
fn names(amounts: &Amounts, currency: Currency) -> Result<(), Why> {
    match amounts.in_currency(currency) {
        None => Err(Why::Missing),
        Some(amount) if amount.is_zero() => Err(Why::Zero),
        Some(_) => Ok(()),
    }
}

/// Whether a cash interval is a whole number of minor units.
fn fits(cash: CashInterval, currency: Currency) -> Result<(), Why> {
    match cash.to_minor(currency) {
        Ok(_) => Ok(()),
        Err(Error::Invalid(field)) => Err(field.why),
        Err(_) => Err(Why::Overflow),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_without_a_code_at_all_is_refused() {
        let error = Policy::builder(Currency::USD).max_codes(Some(0)).build().unwrap_err();
        assert_eq!(error.to_string(), "`max_codes` is `0`: zero");
    }

    #[test]
    fn presets_keep_their_sources_choices() {
        let shop = Policy::storefront(Currency::USD, Zone::UTC);
        assert_eq!((shop.max_codes(), shop.manual()), (Some(1), false));
        assert_eq!(shop.public_reasons(), PublicReasons::Collapsed);
        let form = Policy::order_form(Currency::USD, Zone::UTC);
        assert_eq!((form.max_codes(), form.public_reasons()), (Some(1), PublicReasons::Distinct));
        let office = Policy::association(Currency::USD, Zone::UTC);
        assert_eq!((office.line_codes(), office.manual()), (true, true));
    }
}
