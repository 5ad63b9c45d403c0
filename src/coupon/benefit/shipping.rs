//! Shipping free or cheaper.

use crate::coupon::Amounts;
use crate::error::Why;
use crate::form::DraftValue;
use crate::form::{Check, Fields, Form, Writer};
use crate::key::ShippingMethodId;
use crate::money::Percent;

/// What becomes of the shipping charge.
///
/// ```
/// use vouchsafe::{Percent, ShippingOff, ShippingValue};
///
/// let half = ShippingOff::new(ShippingValue::Percent(Percent::parse("50")?));
/// assert!(matches!(half.value(), ShippingValue::Percent(percent) if percent.thousandths() == 50_000));
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ShippingValue {
    /// Nothing is charged.
    Free,
    /// A percentage off.
    Percent(Percent),
    /// An amount off; off all shipments that are covered together, unless it is off each.
    Amount(Amounts),
    /// This price instead, where it is lower; for all shipments that are covered together, unless it is for each.
    ToPrice(Amounts),
}

impl ShippingValue {
    /// Whether it is another thing for each shipment than for all together.
    fn may_be_each(&self) -> bool {
        match self {
            Self::Amount(_) | Self::ToPrice(_) => true,
            Self::Free | Self::Percent(_) => false,
        }
    }
}

/// Shipping free or cheaper (S14).
///
/// Acts on the shipping lines of the order and on nothing else. In JSON `{"shipping": "free"}`, or an object with
/// exactly one of `free`, `percent`, `amount` and `to_price`, and perhaps `methods`, `cap` and `each_shipment`.
///
/// ```
/// use vouchsafe::{Benefit, ShippingMethodId, ShippingOff, ShippingValue};
///
/// let free = Benefit::from(ShippingOff::new(ShippingValue::Free));
/// assert_eq!(serde_json::to_string(&free)?, r#"{"shipping":"free"}"#);
///
/// let standard = ShippingOff::new(ShippingValue::Free).only_methods([ShippingMethodId::new("standard")?]);
/// let json = r#"{"shipping":{"free":true,"methods":["standard"]}}"#;
/// assert_eq!(serde_json::to_string(&Benefit::from(standard))?, json);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShippingOff {
    pub(crate) value: ShippingValue,
    pub(crate) methods: Option<Vec<ShippingMethodId>>,
    pub(crate) cap: Option<Amounts>,
    pub(crate) each_shipment: bool,
}

impl ShippingOff {
    /// This for every shipping method, without a cap.
    #[must_use]
    pub fn new(value: ShippingValue) -> Self {
        Self { value, methods: None, cap: None, each_shipment: false }
    }

    /// The same, for these methods only; an empty list is none.
    #[must_use]
    pub fn only_methods(self, methods: impl IntoIterator<Item = ShippingMethodId>) -> Self {
        Self { methods: Some(methods.into_iter().collect()), ..self }
    }

    /// The same, giving at most so much in all.
    #[must_use]
    pub fn capped_at(self, cap: Amounts) -> Self {
        Self { cap: Some(cap), ..self }
    }

    /// The same, for each shipment by itself: an amount off each, or a price for each. What is free or a percentage is
    /// so for each anyway.
    #[must_use]
    pub fn on_each_shipment(self) -> Self {
        let each_shipment = self.value.may_be_each();
        Self { each_shipment, ..self }
    }

    /// Whether an amount or a price is for each shipment by itself. Otherwise it is for all covered shipments together,
    /// shared by what each of them costs.
    #[must_use]
    pub fn each_shipment(&self) -> bool {
        self.each_shipment
    }

    /// What becomes of the charge.
    #[must_use]
    pub fn value(&self) -> &ShippingValue {
        &self.value
    }

    /// The shipping methods it is for; `None`: all, an empty list: none.
    #[must_use]
    pub fn methods(&self) -> Option<&[ShippingMethodId]> {
        self.methods.as_deref()
    }

    /// The most it gives in all. An order in a currency that it does not name is refused, never left uncapped.
    #[must_use]
    pub fn cap(&self) -> Option<&Amounts> {
        self.cap.as_ref()
    }
}

/// The fields one of which says what becomes of the charge.
const VALUES: [&str; 4] = ["free", "percent", "amount", "to_price"];

impl Form for ShippingOff {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        match value.as_text() {
            Some("free") => Some(Self::new(ShippingValue::Free)),
            Some(_) => {
                check.report(value, Why::UnknownChoice { choices: "`free`, or an object" });
                None
            }
            None => check.fields(value, |f| {
                let value = read_value(f);
                let (methods, cap) = (f.optional("methods"), f.optional("cap"));
                let each_shipment = f.or_default("each_shipment");
                if each_shipment && value.as_ref().is_some_and(|value| !value.may_be_each()) {
                    f.report("each_shipment", Why::Contradicts { with: "free or a percentage" });
                }
                value.map(|value| Self { value, methods, cap, each_shipment })
            }),
        }
    }

    fn write(&self) -> DraftValue {
        let writer = match &self.value {
            ShippingValue::Free if self.methods.is_none() && self.cap.is_none() => return "free".into(),
            ShippingValue::Free => Writer::default().put("free", &true),
            ShippingValue::Percent(percent) => Writer::default().put("percent", percent),
            ShippingValue::Amount(amounts) => Writer::default().put("amount", amounts),
            ShippingValue::ToPrice(amounts) => Writer::default().put("to_price", amounts),
        };
        writer
            .put_some("methods", self.methods.as_ref())
            .put_some("cap", self.cap.as_ref())
            .put_unless_default("each_shipment", &self.each_shipment)
            .end()
    }
}

fn read_value(f: &mut Fields<'_, '_>) -> Option<ShippingValue> {
    let mut named = VALUES.into_iter().filter(|name| f.has(name)).collect::<Vec<_>>().into_iter();
    let first = named.next();
    for further in named {
        f.report(further, Why::Contradicts { with: first.unwrap_or_default() });
    }
    match first {
        Some("free") => {
            let free: Option<bool> = f.optional("free");
            if free == Some(false) {
                f.report("free", Why::UnknownChoice { choices: "`true`" });
            }
            Some(ShippingValue::Free)
        }
        Some("percent") => f.optional("percent").map(ShippingValue::Percent),
        Some("amount") => f.optional("amount").map(ShippingValue::Amount),
        Some(_) => f.optional("to_price").map(ShippingValue::ToPrice),
        None => {
            f.report("free", Why::MissingOneOf { others: "`percent`, `amount` or `to_price`" });
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity};

    #[test]
    fn each_value_is_read_and_written() {
        assert_identity::<ShippingOff>(&[
            r#""free""#,
            r#"{"free":true,"cap":{"USD":"9.90"}}"#,
            r#"{"percent":"50"}"#,
            r#"{"amount":{"USD":"5.00"},"methods":[]}"#,
            r#"{"to_price":{"JPY":"0"},"methods":["standard","express"]}"#,
            r#"{"to_price":{"USD":"3.00"},"each_shipment":true}"#,
            r#"{"amount":{"USD":"3.00"},"each_shipment":true}"#,
        ]);
    }

    #[test]
    fn exactly_one_value_is_named() {
        assert_errors::<ShippingOff>(&[
            (r#""cheap""#, "`` is `cheap`: not one of `free`, or an object"),
            (r#"{"methods":["a"]}"#, "`free` is missing, and no `percent`, `amount` or `to_price` in its place"),
            (
                r#"{"percent":"50","amount":{"USD":"5"},"free":true}"#,
                "`percent` is `50`: not allowed together with free; `amount` is `{..}`: not allowed together with free",
            ),
            (
                r#"{"percent":"50","each_shipment":true}"#,
                "`each_shipment` is `true`: not allowed together with free or a percentage",
            ),
            (r#"{"free":false}"#, "`free` is `false`: not one of `true`"),
            (r#"{"percent":"101"}"#, "`percent` is `101`: not between 0 and 100"),
            (r#"{"to_price":{"USD":"-1"}}"#, "`to_price.USD` is `-1`: negative"),
            ("7", "`` is `7`: expected an object"),
        ]);
    }
}
