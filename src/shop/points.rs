//! What customers earn points for, and what points are worth.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use rust_decimal::Decimal;

use crate::coupon::{PriceTable, Scope, insert, read_table};
use crate::error::{Error, Why};
use crate::form::DraftValue;
use crate::form::{Check, Form, Writer, choices, serde_by_form};
use crate::key::AccountId;
use crate::money::{Currency, UnitPrice, parse_decimal};
use crate::order::Product;

use super::matcher::{Matcher, UnitAmount};

choices! {
    /// What points are when they are redeemed (S29).
    ///
    /// | | lowers | taxed is | shown as |
    /// |---|---|---|---|
    /// | discount | lines, taxable amounts, the amount to pay | what is left | [`LineOutcome::points_discount`](crate::LineOutcome::points_discount) |
    /// | tender | nothing but what is still due | the whole price | [`PointsOutcome::tendered`](crate::PointsOutcome::tendered), [`Outcome::amount_due`](crate::Outcome::amount_due) |
    ///
    /// ```
    /// use vouchsafe::RedeemAs;
    ///
    /// assert_eq!(RedeemAs::default(), RedeemAs::Discount);
    /// assert_eq!(serde_json::to_string(&RedeemAs::Tender)?, r#""tender""#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub enum RedeemAs {
        /// A discount that the seller gives, after all others: it lowers the price and with it the tax.
        Discount = "discount",
        /// A means of payment like a voucher that was bought: prices and tax are as without it.
        Tender = "tender",
    }
}

/// How many points one major unit of a currency earns: above zero, at most 1,000,000, with six decimals.
///
/// ```
/// use vouchsafe::PointsRate;
///
/// let rate = PointsRate::parse("1.5")?;
/// assert_eq!(rate.to_string(), "1.5");
/// assert_eq!(PointsRate::parse("0").unwrap_err().to_string(), "`points_rate` is `0`: zero");
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PointsRate {
    millionths: i64,
}

impl PointsRate {
    /// The most decimals.
    const DECIMALS: u8 = 6;
    /// The largest one, in points.
    const MAX: i64 = 1_000_000;

    /// A rate from text in plain decimal notation.
    ///
    /// # Errors
    /// At the path `points_rate`: text that is no decimal, [`Why::Negative`], [`Why::Zero`], [`Why::TooPrecise`] beyond
    /// six decimals, [`Why::OutOfRange`] above 1,000,000.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Self::from_text(text).map_err(|why| Error::invalid("points_rate", text, why))
    }

    fn from_text(text: &str) -> Result<Self, Why> {
        let decimal = parse_decimal(text)?.normalize();
        if decimal.is_zero() {
            return Err(Why::Zero);
        }
        if decimal.is_sign_negative() {
            return Err(Why::Negative);
        }
        if decimal > Decimal::from(Self::MAX) {
            return Err(Why::OutOfRange { min: "0.000001".to_owned(), max: Self::MAX.to_string() });
        }
        let missing = u32::from(Self::DECIMALS).checked_sub(decimal.scale());
        let missing = missing.ok_or(Why::TooPrecise { decimals: Self::DECIMALS })?;
        let millionths = 10_i128.checked_pow(missing).and_then(|power| decimal.mantissa().checked_mul(power));
        let millionths = millionths.and_then(|m| i64::try_from(m).ok()).ok_or(Why::Overflow)?;
        Ok(Self { millionths })
    }

    /// The rate as a decimal.
    #[must_use]
    pub fn to_decimal(self) -> Decimal {
        Decimal::new(self.millionths, u32::from(Self::DECIMALS)).normalize()
    }
}

impl fmt::Display for PointsRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_decimal().fmt(f)
    }
}

impl fmt::Debug for PointsRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for PointsRate {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text)
    }
}

impl Form for PointsRate {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        let text = check.figure(value)?;
        check.accept(value, Self::parse(text))
    }

    fn write(&self) -> DraftValue {
        self.to_string().into()
    }
}

/// How many points a major unit earns, per currency, and perhaps one rate for every other currency.
///
/// In JSON `{"USD": "1.5", "JPY": "0.01"}`, or with `"other": "1"` for all the rest. In a currency without a rate nothing
/// is earned.
///
/// ```
/// use vouchsafe::{Currency, PointsRate, PointsRates};
///
/// let rates = PointsRates::new([(Currency::USD, "1.5".parse()?), (Currency::JPY, "0.01".parse()?)])?;
/// assert_eq!(rates.in_currency(Currency::JPY), Some(PointsRate::parse("0.01")?));
/// assert_eq!(rates.in_currency(Currency::EUR), None);
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PointsRates {
    /// Sorted by currency, no currency twice.
    by_currency: Vec<(Currency, PointsRate)>,
    /// For every currency that is not named.
    other: Option<PointsRate>,
}

impl PointsRates {
    /// Rates in the currencies named, none for any other.
    ///
    /// # Errors
    /// At the path `earn`: [`Why::Empty`], and [`Why::Duplicate`] for a currency given twice.
    pub fn new(rates: impl IntoIterator<Item = (Currency, PointsRate)>) -> Result<Self, Error> {
        let mut by_currency = Vec::new();
        for (currency, rate) in rates {
            insert(&mut by_currency, currency, rate).map_err(|why| Error::invalid("earn", currency, why))?;
        }
        if by_currency.is_empty() {
            return Err(Error::invalid("earn", "", Why::Empty));
        }
        Ok(Self { by_currency, other: None })
    }

    /// The same rate in every currency, as such.
    #[must_use]
    pub fn everywhere(rate: PointsRate) -> Self {
        Self { by_currency: Vec::new(), other: Some(rate) }
    }

    /// The rate in this currency: the one named for it, else the one for every other currency.
    #[must_use]
    pub fn in_currency(&self, currency: Currency) -> Option<PointsRate> {
        match self.by_currency.binary_search_by(|(c, _)| c.cmp(&currency)) {
            Ok(found) => self.by_currency.get(found).map(|(_, rate)| *rate),
            Err(_) => self.other,
        }
    }
}

impl Form for PointsRates {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        let (by_currency, other) = read_table(value, check, |text, _| PointsRate::from_text(text))?;
        Some(Self { by_currency, other })
    }

    fn write(&self) -> DraftValue {
        let named = self.by_currency.iter().map(|(currency, rate)| (currency.to_string(), rate.to_string()));
        let other = self.other.map(|rate| ("other".to_owned(), rate.to_string()));
        DraftValue::map(named.chain(other))
    }
}

/// Loyalty points: what is earned on an order, and what points are worth on a later one (S28, S29). Given to a shop with
/// [`ShopBuilder::points`](crate::ShopBuilder::points).
///
/// **Earned** is `floor(rate x net amount x multiplier)`, once on the sum of the lines in the scope. The net amount is what
/// the customer pays for them without tax: nothing is earned on what was discounted away, be it by the shop, a coupon or
/// points, nor on refused lines, shipping and fees. The multiplier is the highest of the customer's
/// [types](crate::CustomerType::with_points_multiplier).
///
/// **Redeemed** are the points that the customer asks for with
/// [`Request::with_points`](crate::Request::with_points), or none: never fewer because the balance is too low. They take
/// off their value, rounded down to the minor unit, but at most what is left of the lines in the scope; of the points only
/// those are used that this takes. Minimum and step bound what may be asked for, not what is used of it.
///
/// In JSON
/// `{"earn": {"USD": "1.5"}, "value": {"USD": "0.01"}, "scope": "open", "redeem_as": "tender", "minimum": 500, "step": 100,
/// "account": "4950"}`, each of them optional, but not both `earn` and `value` at once.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// // One and a half points for a dollar, a cent for a point.
/// let program = PointsProgram::earning(PointsRates::new([(Currency::USD, "1.5".parse()?)])?)
///     .worth(PriceTable::new([(Currency::USD, UnitPrice::parse("0.01")?)])?)?;
/// let shop = Shop::builder(Policy::storefront(Currency::USD, Zone::UTC)).points(program).build()?;
///
/// let line = Line::new(LineId(1), Product::new("BOOT".parse()?), Quantity::pieces(1)?, UnitPrice::parse("39.99")?);
/// let order = Order::builder(Currency::USD).line(line).build()?;
/// let (ann, at) = (Customer::new([IdentityKey::id("42")?]), parse_instant("2026-03-01T12:00:00Z")?);
/// let request = Request::new(&order, &ann, Reference::Order("o-1".parse()?), at).with_points(PointsUse::new(500, 730));
/// let outcome = shop.evaluate(&request)?;
///
/// // 500 points take 5.00 off; 34.99 earn 52.485, so 52.
/// assert_eq!(outcome.totals().payable().to_string(), "34.99 USD");
/// let points = outcome.points().unwrap();
/// assert_eq!((points.redeemed(), points.earned()), (500, 52));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PointsProgram {
    earn: Option<PointsRates>,
    value: Option<PriceTable>,
    scope: Scope,
    redeem_as: RedeemAs,
    minimum: Option<u64>,
    step: Option<u64>,
    account: Option<AccountId>,
}

impl PointsProgram {
    fn new(earn: Option<PointsRates>, value: Option<PriceTable>) -> Self {
        let (scope, redeem_as) = (Scope::Open, RedeemAs::default());
        Self { earn, value, scope, redeem_as, minimum: None, step: None, account: None }
    }

    /// A programme in which points are earned at these rates. What they are worth is said with
    /// [`worth`](Self::worth); until then they can only be collected.
    #[must_use]
    pub fn earning(rates: PointsRates) -> Self {
        Self::new(Some(rates), None)
    }

    /// A programme in which points can be redeemed and no more are earned, such as one that is wound up.
    ///
    /// # Errors
    /// As [`worth`](Self::worth).
    pub fn redeeming(value: PriceTable) -> Result<Self, Error> {
        Self::new(None, None).worth(value)
    }

    /// What one point is worth, in major units of each currency; it may be finer than the minor unit.
    ///
    /// # Errors
    /// [`Why::Zero`] at the path `value`.
    ///
    /// ```
    /// use vouchsafe::*;
    ///
    /// let nothing = PriceTable::new([(Currency::USD, UnitPrice::ZERO)])?;
    /// let error = PointsProgram::redeeming(nothing).unwrap_err();
    /// assert_eq!(error.to_string(), "`value` is `0`: zero");
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    pub fn worth(mut self, value: PriceTable) -> Result<Self, Error> {
        let zero = value.named().map(|(_, price)| price).chain(value.other()).find(|price| price.is_zero());
        if let Some(zero) = zero {
            return Err(Error::invalid("value", zero, Why::Zero));
        }
        self.value = Some(value);
        Ok(self)
    }

    /// The lines that earn points and that points may pay for; all lines by default, never shipping and fees. A line that
    /// cannot be discounted earns, and can be paid for with points as a tender, but is not lowered by a discount.
    #[must_use]
    pub fn with_scope(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }

    /// Whether points lower the price or pay for it.
    #[must_use]
    pub fn redeemed_as(mut self, redeem_as: RedeemAs) -> Self {
        self.redeem_as = redeem_as;
        self
    }

    /// The fewest points that may be asked for.
    ///
    /// # Errors
    /// [`Why::Zero`] at the path `minimum`.
    pub fn with_minimum(mut self, minimum: u64) -> Result<Self, Error> {
        self.minimum = Some(not_zero("minimum", minimum)?);
        Ok(self)
    }

    /// Points may be asked for in multiples of this number only.
    ///
    /// # Errors
    /// [`Why::Zero`] at the path `step`.
    pub fn with_step(mut self, step: u64) -> Result<Self, Error> {
        self.step = Some(not_zero("step", step)?);
        Ok(self)
    }

    /// The account to which points that are redeemed as a discount are booked.
    #[must_use]
    pub fn with_account(mut self, account: AccountId) -> Self {
        self.account = Some(account);
        self
    }

    /// The rates at which points are earned; none where none are.
    #[must_use]
    pub fn earn(&self) -> Option<&PointsRates> {
        self.earn.as_ref()
    }

    /// What one point is worth; none where points cannot be redeemed.
    #[must_use]
    pub fn value(&self) -> Option<&PriceTable> {
        self.value.as_ref()
    }

    /// The lines that it is about.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// What points are when they are redeemed.
    #[must_use]
    pub fn redeem_as(&self) -> RedeemAs {
        self.redeem_as
    }

    /// The fewest points that may be asked for.
    #[must_use]
    pub fn minimum(&self) -> Option<u64> {
        self.minimum
    }

    /// The number of which only multiples may be asked for.
    #[must_use]
    pub fn step(&self) -> Option<u64> {
        self.step
    }

    /// The account to which redeemed points are booked.
    #[must_use]
    pub fn account(&self) -> Option<&AccountId> {
        self.account.as_ref()
    }

    /// How many points a major unit of this currency earns.
    pub(crate) fn rate_in(&self, currency: Currency) -> Option<PointsRate> {
        self.earn.as_ref()?.in_currency(currency)
    }

    /// What a point is worth in this currency.
    pub(crate) fn value_in(&self, currency: Currency) -> Option<UnitPrice> {
        self.value.as_ref()?.in_currency(currency)
    }
}

fn not_zero(path: &'static str, figure: u64) -> Result<u64, Error> {
    if figure == 0 { Err(Error::invalid(path, figure, Why::Zero)) } else { Ok(figure) }
}

impl Form for PointsProgram {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        if value.as_map().is_none() {
            check.wrong_kind(value, "an object");
            return None;
        }
        check.fields(value, |f| {
            let collects = f.has("earn") || f.has("value");
            let earn = f.optional("earn");
            let value = f.optional_with("value", PriceTable::read_not_zero);
            let (scope, redeem_as) = (f.or_default("scope"), f.or_default("redeem_as"));
            let (minimum, step) = (f.not_zero("minimum"), f.not_zero("step"));
            let account = f.optional("account");
            if !collects {
                f.report("earn", Why::Missing);
                return None;
            }
            Some(Self { earn, value, scope, redeem_as, minimum, step, account })
        })
    }

    fn write(&self) -> DraftValue {
        Writer::default()
            .put_some("earn", self.earn.as_ref())
            .put_some("value", self.value.as_ref())
            .put_unless_default("scope", &self.scope)
            .put_unless_default("redeem_as", &self.redeem_as)
            .put_some("minimum", self.minimum.as_ref())
            .put_some("step", self.step.as_ref())
            .put_some("account", self.account.as_ref())
            .end()
    }
}

serde_by_form!(PointsRate, PointsRates, PointsProgram);

/// The programme of a shop, made ready for evaluation. Outcomes share it as the terms that they were priced under.
#[derive(Debug, Clone)]
pub(crate) struct Points {
    program: Arc<PointsProgram>,
    matcher: Matcher,
}

impl Points {
    pub(crate) fn new(program: PointsProgram) -> Self {
        Self { matcher: Matcher::new(&program.scope), program: Arc::new(program) }
    }

    pub(crate) fn program(&self) -> &PointsProgram {
        &self.program
    }

    pub(crate) fn shared(&self) -> Arc<PointsProgram> {
        self.program.clone()
    }

    pub(crate) fn covers(&self, product: &Product, unit: UnitAmount) -> bool {
        self.matcher.covers(product, unit)
    }
}

impl PartialEq for Points {
    fn eq(&self, other: &Self) -> bool {
        self.program == other.program
    }
}

impl Eq for Points {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity};

    #[test]
    fn a_round_trip_is_identity() {
        assert_identity::<PointsProgram>(&[
            r#"{"earn":{"other":"1"}}"#,
            r#"{"value":{"USD":"0.01"}}"#,
            r#"{"earn":{"JPY":"0.01","USD":"1.5","other":"1000000"},"value":{"USD":"0.000000001","other":"1"},"scope":"on_sale","redeem_as":"tender","minimum":500,"step":100,"account":"4950"}"#,
        ]);
    }

    /// Proves the bad input of a programme: negative and zero values, and rates beyond bounds.
    #[test]
    fn every_mistake_is_reported_with_its_path() {
        assert_errors::<PointsProgram>(&[
            ("7", "`` is `7`: expected an object"),
            ("{}", "`earn` is missing"),
            (r#"{"minimum":5}"#, "`earn` is missing"),
            (
                r#"{"earn":{"USD":"-1","EUR":"0","JPY":"1000000.1","CHF":1.5,"GBP":"0.0000001"},"value":{"USD":"0","EUR":"-0.01"},"scope":"all","redeem_as":"cash","minimum":0,"step":-1,"account":""}"#,
                "`earn.USD` is `-1`: negative; `earn.EUR` is `0`: zero; \
                 `earn.JPY` is `1000000.1`: not between 0.000001 and 1000000; \
                 `earn.CHF` is `1.5`: a JSON number, amounts and percentages are strings; \
                 `earn.GBP` is `0.0000001`: more than 6 decimals; \
                 `value.USD` is `0`: zero; `value.EUR` is `-0.01`: negative; `scope` is `all`: \
                 expected an object with one field, since this kind needs more than its name; \
                 `redeem_as` is `cash`: not one of `discount`, `tender`; `minimum` is `0`: zero; \
                 `step` is `-1`: negative; `account` is ``: empty",
            ),
        ]);
        let usd = |text: &str| (Currency::USD, text.parse::<PointsRate>().unwrap());
        let error = |rates: Vec<(Currency, PointsRate)>| PointsRates::new(rates).unwrap_err().to_string();
        assert_eq!(error(vec![usd("1"), usd("2")]), "`earn` is `USD`: given twice");
        assert_eq!(error(vec![]), "`earn` is ``: empty");
        let program = || PointsProgram::earning(PointsRates::everywhere("1".parse().unwrap()));
        assert_eq!(program().with_minimum(0).unwrap_err().to_string(), "`minimum` is `0`: zero");
        assert_eq!(program().with_step(0).unwrap_err().to_string(), "`step` is `0`: zero");
    }
}
