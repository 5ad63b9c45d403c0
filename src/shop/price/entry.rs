//! One price of a list.

use crate::error::Why;
use crate::form::DraftValue;
use crate::form::{Check, Form, Writer, read_named, serde_by_form};
use crate::key::ProductId;
use crate::money::{Currency, ExactPrice, Percent, UnitPrice};
use crate::shop::Goods;

/// One price of a [`PriceList`](super::PriceList): what these goods cost, from this quantity on (S37).
///
/// The quantity is that of all lines of the product in the order together, so splitting a line changes nothing; a
/// measured line counts its measure.
///
/// ```
/// use vouchsafe::{Currency, Goods, PriceEntry, UnitPrice};
///
/// let boots = PriceEntry::percent_off(Goods::category("boots".parse()?), "15".parse()?);
/// let dozen = PriceEntry::price("SOCK".parse()?, Currency::USD, UnitPrice::parse("3.95")?).from_quantity(12);
/// assert_eq!((boots.from(), dozen.from()), (1, 12));
/// # Ok::<(), vouchsafe::Error>(())
/// ```
///
/// # JSON
///
/// One of `price`, `percent_off` and `amount_off` beside the goods; amounts name their currency.
///
/// ```
/// use vouchsafe::PriceEntry;
///
/// let dozen: PriceEntry = serde_json::from_str(r#"{"goods": {"product": "SOCK"}, "from": 12, "price": {"USD": "3.95"}}"#)?;
/// assert_eq!(dozen.from(), 12);
/// let error = serde_json::from_str::<PriceEntry>(r#"{"goods": "everything", "price": {"USD": "1"}}"#).unwrap_err();
/// assert_eq!(error.to_string(), "`price` is `{..}`: can never apply: only a product has a price, other goods have something off");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceEntry {
    goods: Goods,
    from: u64,
    value: PriceValue,
}

/// What one unit costs.
///
/// ```
/// use vouchsafe::{Goods, PriceEntry, PriceValue};
///
/// let entry = PriceEntry::percent_off(Goods::Everything, "5".parse()?);
/// assert!(matches!(entry.value(), PriceValue::PercentOff(percent) if percent.to_string() == "5"));
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PriceValue {
    /// A price of its own, in one currency.
    Price(Currency, UnitPrice),
    /// So much off the list price, in any currency.
    PercentOff(Percent),
    /// So much off the list price of each unit, in one currency; never below zero.
    AmountOff(Currency, UnitPrice),
}

impl PriceValue {
    /// The only currency it is for; none where it is for all.
    #[must_use]
    pub fn currency(&self) -> Option<Currency> {
        match self {
            Self::Price(currency, _) | Self::AmountOff(currency, _) => Some(*currency),
            Self::PercentOff(_) => None,
        }
    }

    /// The exact price of one unit at this list price; none in another currency, as nothing is ever converted.
    ///
    /// ```
    /// use vouchsafe::{Currency, PriceValue, UnitPrice};
    ///
    /// let off = PriceValue::PercentOff("12.5".parse()?);
    /// let list = UnitPrice::parse("0.35")?;
    /// assert_eq!(off.at(list, Currency::USD).map(|price| price.to_string()).as_deref(), Some("0.30625"));
    /// assert_eq!(PriceValue::AmountOff(Currency::EUR, list).at(list, Currency::USD), None);
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    #[must_use]
    pub fn at(&self, list_price: UnitPrice, currency: Currency) -> Option<ExactPrice> {
        match self {
            Self::Price(of, price) => (*of == currency).then(|| ExactPrice::from(*price)),
            Self::PercentOff(percent) => Some(ExactPrice::less_percent(list_price, *percent)),
            Self::AmountOff(of, off) => (*of == currency).then(|| ExactPrice::less_amount(list_price, *off)),
        }
    }
}

impl PriceEntry {
    /// The price of a product, from the first unit on.
    #[must_use]
    pub fn price(product: ProductId, currency: Currency, price: UnitPrice) -> Self {
        Self { goods: Goods::product(product), from: 1, value: PriceValue::Price(currency, price) }
    }

    /// So much off the list price of these goods, from the first unit on.
    #[must_use]
    pub fn percent_off(goods: Goods, percent: Percent) -> Self {
        Self { goods, from: 1, value: PriceValue::PercentOff(percent) }
    }

    /// So much off the list price of each unit of these goods, from the first unit on; never below zero.
    #[must_use]
    pub fn amount_off(goods: Goods, currency: Currency, amount: UnitPrice) -> Self {
        Self { goods, from: 1, value: PriceValue::AmountOff(currency, amount) }
    }

    /// The same for the variants of the product and the subcategories of the category as well.
    #[must_use]
    pub fn with_descendants(self) -> Self {
        Self { goods: self.goods.with_descendants(), ..self }
    }

    /// The same from this quantity on. Zero is refused when the list is built.
    #[must_use]
    pub fn from_quantity(self, from: u64) -> Self {
        Self { from, ..self }
    }

    /// Which goods it is about.
    #[must_use]
    pub fn goods(&self) -> &Goods {
        &self.goods
    }

    /// The smallest quantity it holds for.
    #[must_use]
    pub fn from(&self) -> u64 {
        self.from
    }

    /// What one unit costs.
    #[must_use]
    pub fn value(&self) -> PriceValue {
        self.value
    }
}

impl Form for PriceEntry {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| {
            let goods: Option<Goods> = f.required("goods");
            let from = if f.has("from") { f.not_zero("from") } else { Some(1) };
            let price = f.optional_with("price", read_figure);
            let percent = f.optional("percent_off");
            let amount = f.optional_with("amount_off", read_figure);
            let given: Vec<&'static str> =
                ["price", "percent_off", "amount_off"].into_iter().filter(|name| f.has(name)).collect();
            match given.as_slice() {
                [] => f.report("price", Why::MissingOneOf { others: "`percent_off` or `amount_off`" }),
                [first, others @ ..] => others.iter().for_each(|other| f.forbid(other, first)),
            }
            if price.is_some() && goods.as_ref().is_some_and(|goods| !matches!(goods, Goods::Product { .. })) {
                f.report(
                    "price",
                    Why::Impossible { because: "only a product has a price, other goods have something off" },
                );
            }
            let value = match (price, percent, amount) {
                (Some((currency, price)), _, _) => PriceValue::Price(currency, price),
                (None, Some(percent), _) => PriceValue::PercentOff(percent),
                (None, None, amount) => amount.map(|(currency, amount)| PriceValue::AmountOff(currency, amount))?,
            };
            Some(Self { goods: goods?, from: from?, value })
        })
    }

    fn write(&self) -> DraftValue {
        let figure = |currency: &Currency, price: &UnitPrice| DraftValue::map([(currency.to_string(), price.write())]);
        let (name, value) = match &self.value {
            PriceValue::Price(currency, price) => ("price", figure(currency, price)),
            PriceValue::PercentOff(percent) => ("percent_off", percent.write()),
            PriceValue::AmountOff(currency, amount) => ("amount_off", figure(currency, amount)),
        };
        Writer::default().put("goods", &self.goods).put_unless("from", &self.from, &1).put(name, &value).end()
    }
}

/// A figure under the name of its one currency: `{"USD": "3.95"}`.
fn read_figure(value: &DraftValue, check: &mut Check) -> Option<(Currency, UnitPrice)> {
    let figures =
        read_named(value, check, "an object with a currency, such as {\"USD\": \"3.95\"}", |name, value, check| {
            let currency = name.parse::<Currency>().map_err(|_| check.report(name, Why::UnknownCurrency)).ok();
            let figure = UnitPrice::read(value, check);
            Some((currency?, figure?))
        })?;
    match value.as_map().map(<[_]>::len) {
        Some(1) => figures.into_iter().next(),
        Some(0) => {
            check.report(value, Why::Empty);
            None
        }
        _ => {
            check.report(value, Why::TooMany { max: 1 });
            None
        }
    }
}

serde_by_form!(PriceEntry);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity, read};

    #[test]
    fn a_round_trip_is_identity() {
        assert_identity::<PriceEntry>(&[
            r#"{"goods":{"product":"P"},"price":{"USD":"0.0035"}}"#,
            r#"{"goods":{"product":"P","variants":true},"from":12,"price":{"JPY":"980"}}"#,
            r#"{"goods":{"category":"C","subcategories":true},"percent_off":"33.333"}"#,
            r#"{"goods":"everything","from":100,"amount_off":{"PTS:0":"5"}}"#,
        ]);
    }

    #[test]
    fn every_mistake_is_reported_with_its_path() {
        assert_errors::<PriceEntry>(&[
            ("{}", "`goods` is missing; `price` is missing, and no `percent_off` or `amount_off` in its place"),
            (
                r#"{"goods":{"product":""},"from":0,"price":{"USX":"-1"},"each":true}"#,
                "`goods.product` is ``: empty; `from` is `0`: zero; `price.USX` is `USX`: not a known currency; \
                 `price.USX` is `-1`: negative; `each` is `true`: unknown field, known: `goods`, `from`, `price`, `percent_off`, `amount_off`",
            ),
            (r#"{"goods":"everything","percent_off":"100.001"}"#, "`percent_off` is `100.001`: not between 0 and 100"),
            (
                r#"{"goods":"everything","percent_off":"10","amount_off":{"USD":"1"}}"#,
                "`amount_off` is `{..}`: not allowed together with percent_off",
            ),
            (
                r#"{"goods":{"category":"C"},"price":{"USD":"1"}}"#,
                "`price` is `{..}`: can never apply: only a product has a price, other goods have something off",
            ),
            (
                r#"{"goods":{"product":"P"},"from":-1,"price":{"USD":"1","EUR":"1"}}"#,
                "`from` is `-1`: negative; `price` is `{..}`: more than 1 members",
            ),
            (r#"{"goods":{"product":"P"},"amount_off":{}}"#, "`amount_off` is `{}`: empty"),
            (
                r#"{"goods":{"product":"P"},"price":1.5}"#,
                "`price` is `1.5`: expected an object with a currency, such as {\"USD\": \"3.95\"}",
            ),
        ]);
    }

    /// Proves S37: a price, a percentage and an amount, exactly, and never below zero.
    #[test]
    fn what_one_unit_costs() {
        let at = |json: &str, list: &str| {
            let price = read::<PriceEntry>(json).value().at(UnitPrice::parse(list).unwrap(), Currency::USD);
            price.map(|price| price.to_string())
        };
        assert_eq!(at(r#"{"goods":{"product":"P"},"price":{"USD":"8.5"}}"#, "10").as_deref(), Some("8.5"));
        assert_eq!(at(r#"{"goods":{"product":"P"},"price":{"EUR":"8.5"}}"#, "10"), None);
        assert_eq!(at(r#"{"goods":"everything","percent_off":"12.5"}"#, "9.99").as_deref(), Some("8.74125"));
        assert_eq!(at(r#"{"goods":"everything","amount_off":{"USD":"0.5"}}"#, "9.99").as_deref(), Some("9.49"));
        assert_eq!(at(r#"{"goods":"everything","amount_off":{"USD":"10"}}"#, "9.99").as_deref(), Some("0"));
    }
}
