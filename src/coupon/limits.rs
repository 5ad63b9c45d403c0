//! How often, by whom and up to what sum a coupon may be used.
//!
//! Each limit is a counter of its own, and a use counts on all of them. Without a limit there is no counter, so that a
//! coupon for everybody does not make all checkouts queue for one row.

use super::amounts::Amounts;
use crate::form::DraftValue;
use crate::form::{Check, Fields, Form, Writer, choices, serde_by_form};

choices! {
    /// What happens where a money budget or a number of units is nearly used up.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    /// // 20.00 off a purchase, out of a budget of 100.00 of which 85.00 are given.
    /// let answer = |when_short| -> Result<String, Box<dyn std::error::Error>> {
    ///     let shop = Shop::new(Policy::order_form(Currency::USD, Zone::UTC));
    ///     let budget = Amounts::new([Money::parse("100.00", Currency::USD)?])?;
    ///     let twenty = Coupon::builder("twenty").code("TWENTY").amount_off(Money::parse("20.00", Currency::USD)?);
    ///     let twenty = shop.prepare(twenty.budget(budget).when_short(when_short).build()?)?;
    ///     let line = Line::new(LineId(1), Product::new("BOOT".parse()?), Quantity::ONE, UnitPrice::parse("50.00")?);
    ///     let order = Order::builder(Currency::USD).line(line).build()?;
    ///     let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
    ///     let usage = Usage::default().with_money(Money::parse("85.00", Currency::USD)?);
    ///     let codes = [Presented::new("TWENTY", &twenty).with_usage(usage)];
    ///     let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
    ///     Ok(shop.evaluate(&request)?.totals().payable().to_string())
    /// };
    /// assert_eq!(answer(WhenShort::Clip)?, "35.00 USD"); // the 15.00 that are left
    /// assert_eq!(answer(WhenShort::Refuse)?, "50.00 USD");
    /// # Ok(())
    /// # }
    /// ```
    pub enum WhenShort {
        /// The coupon grants what is left.
        Clip = "clip",
        /// The coupon is refused.
        Refuse = "refuse",
    }
}

/// Separate counters, each optional: absent is unlimited (S76), and zero is a definition error.
///
/// A limit of zero would read as "never" to one merchant and as "unlimited" to the next, so it does not exist; to switch
/// a coupon off there is [`Status::Inactive`](crate::Status::Inactive).
///
/// ```
/// use vouchsafe::Limits;
///
/// let limits: Limits = serde_json::from_str(r#"{"total": 1000, "per_customer": 1}"#)?;
/// assert_eq!((limits.total(), limits.per_customer(), limits.codes()), (Some(1000), Some(1), None));
///
/// let error = serde_json::from_str::<Limits>(r#"{"total": 0}"#).unwrap_err();
/// assert_eq!(error.to_string(), "`total` is `0`: zero");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Limits {
    pub(crate) total: Option<u64>,
    pub(crate) per_code: Option<u64>,
    pub(crate) per_customer: Option<u64>,
    pub(crate) per_customer_and_code: Option<u64>,
    pub(crate) codes: Option<u64>,
    pub(crate) units: Option<u64>,
    pub(crate) money: Option<Amounts>,
    pub(crate) when_short: WhenShort,
}

impl Limits {
    /// Uses of the definition in all (S69).
    #[must_use]
    pub fn total(&self) -> Option<u64> {
        self.total
    }

    /// Uses of each code (S4).
    #[must_use]
    pub fn per_code(&self) -> Option<u64> {
        self.per_code
    }

    /// Uses of the definition by each customer (S98).
    #[must_use]
    pub fn per_customer(&self) -> Option<u64> {
        self.per_customer
    }

    /// Uses of each code by each customer.
    #[must_use]
    pub fn per_customer_and_code(&self) -> Option<u64> {
        self.per_customer_and_code
    }

    /// Codes that may be issued in all (S81).
    #[must_use]
    pub fn codes(&self) -> Option<u64> {
        self.codes
    }

    /// Pieces that may be discounted in all.
    #[must_use]
    pub fn units(&self) -> Option<u64> {
        self.units
    }

    /// Money that may be given away in all, a budget per currency.
    #[must_use]
    pub fn money(&self) -> Option<&Amounts> {
        self.money.as_ref()
    }

    /// What happens where the budget or the pieces left are less than the coupon is worth.
    #[must_use]
    pub fn when_short(&self) -> WhenShort {
        self.when_short
    }

    /// The limits of a kind whose codes are good for one use unless the definition says otherwise.
    pub(crate) fn once_by_default(self) -> Self {
        Self { per_customer: self.per_customer.or(Some(1)), ..self.once_per_code_by_default() }
    }

    /// The limits of a coupon that can be earned again, each code of which is good for one use unless the definition says
    /// otherwise.
    pub(crate) fn once_per_code_by_default(self) -> Self {
        Self { per_code: self.per_code.or(Some(1)), ..self }
    }
}

impl Form for Limits {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        let read = |f: &mut Fields<'_, '_>| {
            Some(Self {
                total: f.not_zero("total"),
                per_code: f.not_zero("per_code"),
                per_customer: f.not_zero("per_customer"),
                per_customer_and_code: f.not_zero("per_customer_and_code"),
                codes: f.not_zero("codes"),
                units: f.not_zero("units"),
                money: f.optional_with("money", Amounts::read_not_zero),
                when_short: f.or_default("when_short"),
            })
        };
        check.fields(value, read)
    }

    fn write(&self) -> DraftValue {
        Writer::default()
            .put_some("total", self.total.as_ref())
            .put_some("per_code", self.per_code.as_ref())
            .put_some("per_customer", self.per_customer.as_ref())
            .put_some("per_customer_and_code", self.per_customer_and_code.as_ref())
            .put_some("codes", self.codes.as_ref())
            .put_some("units", self.units.as_ref())
            .put_some("money", self.money.as_ref())
            .put_unless_default("when_short", &self.when_short)
            .end()
    }
}

serde_by_form!(Limits);

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves trap 20 and S76.
    #[test]
    fn a_limit_of_zero_is_an_error_and_an_absent_one_is_unlimited() {
        let json = r#"{"total":0,"per_code":0,"per_customer":0,"per_customer_and_code":0,"codes":0,"units":0,
            "money":{"USD":"0.00"},"when_short":"wait"}"#;
        let error = serde_json::from_str::<Limits>(json).unwrap_err().to_string();
        assert_eq!(error.matches(": zero").count(), 7, "{error}");
        assert!(error.ends_with("`when_short` is `wait`: not one of `clip`, `refuse`"), "{error}");
        let unlimited: Limits = serde_json::from_str(r#"{"total":null}"#).unwrap();
        assert_eq!(unlimited, Limits::default());
    }

    #[test]
    fn a_round_trip_is_identity() {
        let json = r#"{"total":1,"per_code":2,"per_customer":3,"per_customer_and_code":4,"codes":5,"units":18446744073709551615,"money":{"USD":"7.40"},"when_short":"refuse"}"#;
        let limits: Limits = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&limits).unwrap(), json);
        assert_eq!(serde_json::to_string(&Limits::default()).unwrap(), "{}");
    }
}
