//! What customer types there are.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;

use crate::error::{Error, Why};
use crate::form::DraftValue;
use crate::form::{Check, Form, Writer, serde_by_form};
use crate::key::{CustomerTypeId, KeyMap};
use crate::money::{Money, parse_decimal};

/// A group of customers who see, pay and may buy the same (S36): retail, wholesale, pro-form, a club.
///
/// A type is a name, a rank for rules that speak of "this type or higher", and what it multiplies points by. Prices,
/// access, allowances and payment options are rules of the shop that name types.
///
/// In JSON `"RETAIL"`, or `{"id": "PROFORM", "rank": 10, "points_multiplier": "1.5"}`.
///
/// ```
/// use vouchsafe::CustomerType;
///
/// let retail = CustomerType::new("RETAIL".parse()?);
/// let pro = CustomerType::new("PROFORM".parse()?).with_rank(10);
/// assert!(pro.rank() > retail.rank());
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerType {
    pub(super) id: CustomerTypeId,
    pub(super) rank: u32,
    pub(super) points: PointsMultiplier,
}

impl CustomerType {
    /// A type of rank 0 that multiplies points by one.
    #[must_use]
    pub fn new(id: CustomerTypeId) -> Self {
        Self { id, rank: 0, points: PointsMultiplier::ONE }
    }

    /// How high it stands: rules may speak of all customers from a rank upward.
    #[must_use]
    pub fn with_rank(mut self, rank: u32) -> Self {
        self.rank = rank;
        self
    }

    /// What points earned by its customers are multiplied by (S28).
    #[must_use]
    pub fn with_points_multiplier(mut self, multiplier: PointsMultiplier) -> Self {
        self.points = multiplier;
        self
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> &CustomerTypeId {
        &self.id
    }

    /// How high it stands.
    #[must_use]
    pub fn rank(&self) -> u32 {
        self.rank
    }

    /// What points are multiplied by.
    #[must_use]
    pub fn points_multiplier(&self) -> PointsMultiplier {
        self.points
    }
}

/// The name of a type of rank 0.
impl FromStr for CustomerType {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        text.parse().map(Self::new)
    }
}

impl Form for CustomerType {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        if value.as_text().is_some() {
            return Form::read(value, check).map(Self::new);
        }
        if value.as_map().is_none() {
            check.wrong_kind(value, "a customer type or an object");
            return None;
        }
        check.fields(value, |f| {
            let (id, rank) = (f.required("id"), f.or_default("rank"));
            let points = f.optional("points_multiplier").unwrap_or_default();
            Some(Self { id: id?, rank, points })
        })
    }

    fn write(&self) -> DraftValue {
        if *self == Self::new(self.id.clone()) {
            return self.id.write();
        }
        Writer::default()
            .put("id", &self.id)
            .put_unless_default("rank", &self.rank)
            .put_unless_default("points_multiplier", &self.points)
            .end()
    }
}

/// What points are multiplied by: 0 to 1,000 with three decimals.
///
/// ```
/// use vouchsafe::PointsMultiplier;
///
/// let gold = PointsMultiplier::parse("1.5")?;
/// assert_eq!(gold.to_string(), "1.5");
/// assert!(PointsMultiplier::parse("-1").is_err());
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PointsMultiplier {
    thousandths: u32,
}

impl PointsMultiplier {
    /// Points as they are.
    pub const ONE: Self = Self { thousandths: 1_000 };
    /// The largest one, in thousandths.
    const MAX: u32 = 1_000_000;

    /// A multiplier from text in plain decimal notation.
    ///
    /// # Errors
    /// At the path `points_multiplier`: text that is no decimal, [`Why::Negative`], [`Why::TooPrecise`] beyond three
    /// decimals, [`Why::OutOfRange`] above 1,000.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Self::from_text(text).map_err(|why| Error::invalid("points_multiplier", text, why))
    }

    fn from_text(text: &str) -> Result<Self, Why> {
        let decimal = parse_decimal(text)?.normalize();
        if decimal.is_sign_negative() && !decimal.is_zero() {
            return Err(Why::Negative);
        }
        let scale = decimal.scale();
        let Some(missing) = 3_u32.checked_sub(scale) else { return Err(Why::TooPrecise { decimals: 3 }) };
        let thousandths = 10_i128.checked_pow(missing).and_then(|p| decimal.mantissa().checked_mul(p));
        let fits = thousandths.and_then(|t| u32::try_from(t).ok()).filter(|t| *t <= Self::MAX);
        let out = || Why::OutOfRange { min: "0".to_owned(), max: "1000".to_owned() };
        fits.map(|thousandths| Self { thousandths }).ok_or_else(out)
    }

    /// The multiplier as a decimal.
    #[must_use]
    pub fn to_decimal(self) -> Decimal {
        Decimal::new(i64::from(self.thousandths), 3).normalize()
    }

    /// The points for an amount: `floor(rate x net amount x multiplier)`, with the rate in points per major unit (S28).
    /// Nothing is earned on what was discounted away, so hand in what is left.
    ///
    /// # Errors
    /// [`Why::Negative`] for a rate or amount below zero; [`Error::Overflow`] beyond 64 bits.
    ///
    /// ```
    /// use rust_decimal::Decimal;
    /// use vouchsafe::{Currency, Money, PointsMultiplier};
    ///
    /// // 33.30 at one point per dollar, one and a half times: 49.95, so 49.
    /// let gold = PointsMultiplier::parse("1.5")?;
    /// assert_eq!(gold.points(Decimal::ONE, Money::parse("33.30", Currency::USD)?)?, 49);
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    pub fn points(self, rate: Decimal, net: Money) -> Result<u64, Error> {
        if rate.is_sign_negative() && !rate.is_zero() {
            return Err(Error::invalid("rate", rate, Why::Negative));
        }
        if net.is_negative() {
            return Err(Error::invalid("net", net, Why::Negative));
        }
        // Up to 2^96 times 2^63 does not fit 128 bits, so every step is checked.
        let product = rate
            .mantissa()
            .checked_mul(i128::from(net.minor()))
            .and_then(|product| product.checked_mul(i128::from(self.thousandths)));
        let decimals = rate.scale().saturating_add(u32::from(net.currency().exponent())).saturating_add(3);
        let overflow = || Error::overflow("points");
        let product = product.ok_or_else(overflow)?;
        // A divisor beyond 128 bits is larger than any product.
        let points = 10_i128.checked_pow(decimals).map_or(0, |d| product.checked_div(d).unwrap_or(0));
        u64::try_from(points).map_err(|_| overflow())
    }
}

impl Default for PointsMultiplier {
    fn default() -> Self {
        Self::ONE
    }
}

impl fmt::Display for PointsMultiplier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_decimal().fmt(f)
    }
}

impl fmt::Debug for PointsMultiplier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for PointsMultiplier {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text)
    }
}

impl Form for PointsMultiplier {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        let text = check.figure(value)?;
        check.accept(value, Self::parse(text))
    }

    fn write(&self) -> DraftValue {
        self.to_string().into()
    }
}

serde_by_form!(CustomerType, PointsMultiplier);

/// The types that were defined, and which of them new and anonymous shoppers have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Types {
    list: Vec<CustomerType>,
    places: KeyMap<CustomerTypeId, usize>,
    default: Option<CustomerTypeId>,
}

impl Types {
    /// Adds a type; says whether it is new.
    pub(super) fn define(&mut self, customer_type: CustomerType) -> bool {
        if self.places.contains_key(&customer_type.id) {
            return false;
        }
        self.places.insert(customer_type.id.clone(), self.list.len());
        self.list.push(customer_type);
        true
    }

    /// Puts a definition in the place of one that was only a name.
    pub(super) fn redefine(&mut self, customer_type: CustomerType) {
        let place = self.places.get(&customer_type.id).and_then(|place| self.list.get_mut(*place));
        if let Some(named) = place {
            *named = customer_type;
        }
    }

    /// Sets the type of new and anonymous shoppers, which is defined before.
    pub(super) fn set_default(&mut self, customer_type: Option<CustomerTypeId>) {
        self.default = customer_type;
    }

    pub(crate) fn all(&self) -> &[CustomerType] {
        &self.list
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(crate) fn default_type(&self) -> Option<&CustomerTypeId> {
        self.default.as_ref()
    }

    pub(crate) fn get(&self, id: &CustomerTypeId) -> Option<&CustomerType> {
        self.places.get(id).and_then(|place| self.list.get(*place))
    }

    /// Whether rules may name the type. A shop that defines none leaves them to the host.
    pub(crate) fn knows(&self, id: &CustomerTypeId) -> bool {
        self.list.is_empty() || self.places.contains_key(id)
    }

    pub(crate) fn rank(&self, id: &CustomerTypeId) -> u32 {
        self.get(id).map_or(0, CustomerType::rank)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity};
    use crate::money::Currency;

    #[test]
    fn a_round_trip_is_identity() {
        assert_identity::<CustomerType>(&[r#""RETAIL""#, r#"{"id":"PRO","rank":10,"points_multiplier":"0.125"}"#]);
        assert_errors::<CustomerType>(&[
            ("7", "`` is `7`: expected a customer type or an object"),
            (
                r#"{"rank":-1,"points_multiplier":2}"#,
                "`rank` is `-1`: negative; \
                 `points_multiplier` is `2`: a JSON number, amounts and percentages are strings; `id` is missing",
            ),
            (r#"{"id":"A","points_multiplier":"1.0001"}"#, "`points_multiplier` is `1.0001`: more than 3 decimals"),
            (
                r#"{"id":"A","points_multiplier":"1000.001"}"#,
                "`points_multiplier` is `1000.001`: not between 0 and 1000",
            ),
            (r#"{"id":"A","points_multiplier":"-0.5"}"#, "`points_multiplier` is `-0.5`: negative"),
        ]);
    }

    /// Proves S28: floor of rate times net times multiplier, in exact figures.
    #[test]
    fn points_are_rounded_down_once() {
        let usd = |text: &str| Money::parse(text, Currency::USD).unwrap();
        for (multiplier, rate, net, points) in [
            ("1", "1", "29.99", 29),
            ("2", "1", "29.99", 59),
            ("1.5", "1", "33.30", 49),
            ("0.333", "10", "100.00", 333),
            ("0", "1", "100.00", 0),
            ("1000", "0.001", "0.99", 0),
            ("1000", "0.001", "1.00", 1),
        ] {
            let multiplier = PointsMultiplier::parse(multiplier).unwrap();
            assert_eq!(multiplier.points(rate.parse().unwrap(), usd(net)), Ok(points), "{multiplier} {rate} {net}");
        }
        let most = PointsMultiplier::parse("1000").unwrap();
        assert!(most.points(Decimal::MAX, usd("90000000000000000.00")).is_err());
        assert!(most.points(-Decimal::ONE, usd("1.00")).is_err());
        assert!(most.points(Decimal::ONE, usd("-1.00")).is_err());
    }
}
