//! Figures per currency.
//!
//! Nothing in this crate converts money, so a definition names its figures in every currency it is meant for. Where a
//! merchant wants one figure for all the rest ("10 of whatever you pay in"), `other` says so, and it is taken as such:
//! 10 dollars, 10 euros, 10 yen.

use rust_decimal::Decimal;

use crate::error::{Error, Why};
use crate::money::{Currency, Money, UnitPrice, minor_from_decimal, parse_decimal};

use crate::form::DraftValue;
use crate::form::{Check, Form, serde_by_form};

/// Amounts and prices stay below this many major units (S143).
const LIMIT_MAJOR: i64 = 100_000_000;
/// The most decimals any currency has.
const MAX_DECIMALS: u8 = 9;
/// The name that stands for every currency that is not named.
const OTHER: &str = "other";

/// An amount named per currency, and perhaps one figure for every other currency.
///
/// In JSON `{"USD": "10.00", "JPY": "1000", "other": "10"}`. Each amount is zero or more, below 100,000,000 major units,
/// and has at most the decimals of its currency (S143): a finer one is an error of the definition, not a matter of
/// rounding.
///
/// ```
/// use vouchsafe::{Amounts, Currency, Money};
///
/// let amounts = Amounts::new([Money::parse("10", Currency::USD)?, Money::parse("1000", Currency::JPY)?])?;
/// assert_eq!(amounts.in_currency(Currency::JPY), Some(Money::new(1000, Currency::JPY)));
/// assert_eq!(amounts.in_currency(Currency::EUR), None); // never a conversion
/// # Ok::<(), vouchsafe::Error>(())
/// ```
///
/// # A figure for every other currency, as such
///
/// ```
/// use vouchsafe::{Amounts, Currency};
///
/// let amounts: Amounts = serde_json::from_str(r#"{"USD": "10.00", "other": "9.50"}"#)?;
/// assert_eq!(amounts.in_currency(Currency::EUR).map(|m| m.minor()), Some(950));
/// assert_eq!(amounts.in_currency(Currency::JPY), None); // half a yen does not exist
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amounts {
    /// Minor units by currency, sorted by currency, no currency twice.
    pub(crate) by_currency: Vec<(Currency, i64)>,
    /// Major units for every currency that is not named, as such.
    pub(crate) other: Option<Decimal>,
}

impl Amounts {
    /// Amounts in the currencies named, none for any other.
    ///
    /// # Errors
    /// At the path `amounts`: [`Why::Empty`], [`Why::Negative`], [`Why::OutOfRange`] from 100,000,000 major units, and
    /// [`Why::Duplicate`] for a currency given twice.
    pub fn new(amounts: impl IntoIterator<Item = Money>) -> Result<Self, Error> {
        let amounts: Vec<Money> = amounts.into_iter().collect();
        let mut by_currency: Vec<(Currency, i64)> = Vec::with_capacity(amounts.len());
        for money in amounts {
            let refused = |why| Error::invalid("amounts", money, why);
            in_bounds(money.minor(), money.currency()).map_err(refused)?;
            insert(&mut by_currency, money.currency(), money.minor()).map_err(refused)?;
        }
        if by_currency.is_empty() {
            return Err(Error::invalid("amounts", "", Why::Empty));
        }
        Ok(Self { by_currency, other: None })
    }

    /// The same amount of major units in every currency, as such.
    ///
    /// # Errors
    /// At the path `amounts`: [`Why::Negative`], [`Why::OutOfRange`], [`Why::TooPrecise`].
    pub fn everywhere(figure: Decimal) -> Result<Self, Error> {
        let other = common_figure(figure).map_err(|why| Error::invalid("amounts", figure, why))?;
        Ok(Self { by_currency: Vec::new(), other: Some(other) })
    }

    /// The amount in this currency: the one named for it, else the figure for every other currency as such.
    ///
    /// `None` where neither is named, or where the common figure has more decimals than the currency.
    #[must_use]
    pub fn in_currency(&self, currency: Currency) -> Option<Money> {
        match self.by_currency.binary_search_by(|(c, _)| c.cmp(&currency)) {
            Ok(found) => self.by_currency.get(found).map(|(c, minor)| Money::new(*minor, *c)),
            Err(_) => self.other.and_then(|figure| Money::from_decimal(figure, currency).ok()),
        }
    }

    /// The amounts that are named, by currency.
    pub fn named(&self) -> impl Iterator<Item = Money> + '_ {
        self.by_currency.iter().map(|(currency, minor)| Money::new(*minor, *currency))
    }

    /// The figure in major units for every currency that is not named.
    #[must_use]
    pub fn other(&self) -> Option<Decimal> {
        self.other
    }

    /// Whether every figure is zero.
    pub(crate) fn is_zero(&self) -> bool {
        self.by_currency.iter().all(|(_, minor)| *minor == 0) && self.other.is_none_or(|figure| figure.is_zero())
    }

    /// Reads amounts none of which may be zero: a budget, a limit.
    pub(crate) fn read_not_zero(value: &DraftValue, check: &mut Check) -> Option<Self> {
        read_table(value, check, |text, currency| {
            let figure = figure_in(text, currency)?;
            if figure.is_zero() { Err(Why::Zero) } else { Ok(figure) }
        })
        .and_then(Self::from_table)
    }

    fn from_table((named, other): Table<Decimal>) -> Option<Self> {
        let minor = |(currency, figure)| minor_from_decimal(figure, currency).ok().map(|minor| (currency, minor));
        Some(Self { by_currency: named.into_iter().map(minor).collect::<Option<_>>()?, other })
    }
}

impl Form for Amounts {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        read_table(value, check, figure_in).and_then(Self::from_table)
    }

    fn write(&self) -> DraftValue {
        let named = self.named().map(|money| (money.currency().to_string(), money.amount_text()));
        let other = self.other.map(|figure| (OTHER.to_owned(), figure.to_string()));
        DraftValue::map(named.chain(other))
    }
}

/// A price named per currency, as fine as unit prices are, and perhaps one for every other currency.
///
/// In JSON `{"USD": "0.0035", "JPY": "1"}`. A price is zero or more, below 100,000,000 major units, and has at most nine
/// decimals.
///
/// ```
/// use vouchsafe::{Currency, PriceTable, UnitPrice};
///
/// let prices = PriceTable::new([(Currency::USD, UnitPrice::parse("0.0035")?)])?;
/// assert_eq!(prices.in_currency(Currency::USD), Some(UnitPrice::parse("0.0035")?));
/// assert_eq!(prices.in_currency(Currency::EUR), None);
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceTable {
    /// Sorted by currency, no currency twice.
    pub(crate) by_currency: Vec<(Currency, UnitPrice)>,
    /// For every currency that is not named.
    pub(crate) other: Option<UnitPrice>,
}

impl PriceTable {
    /// Prices in the currencies named, none for any other.
    ///
    /// # Errors
    /// At the path `price`: [`Why::Empty`], [`Why::OutOfRange`] from 100,000,000 major units, and [`Why::Duplicate`] for
    /// a currency given twice.
    pub fn new(prices: impl IntoIterator<Item = (Currency, UnitPrice)>) -> Result<Self, Error> {
        let mut by_currency = Vec::new();
        for (currency, price) in prices {
            let refused = |why| Error::invalid("price", price, why);
            price_in_bounds(price).map_err(refused)?;
            insert(&mut by_currency, currency, price).map_err(refused)?;
        }
        if by_currency.is_empty() {
            return Err(Error::invalid("price", "", Why::Empty));
        }
        Ok(Self { by_currency, other: None })
    }

    /// The price in this currency: the one named for it, else the one for every other currency as such.
    #[must_use]
    pub fn in_currency(&self, currency: Currency) -> Option<UnitPrice> {
        match self.by_currency.binary_search_by(|(c, _)| c.cmp(&currency)) {
            Ok(found) => self.by_currency.get(found).map(|(_, price)| *price),
            Err(_) => self.other,
        }
    }

    /// The prices that are named, by currency.
    pub fn named(&self) -> impl Iterator<Item = (Currency, UnitPrice)> + '_ {
        self.by_currency.iter().copied()
    }

    /// The price for every currency that is not named.
    #[must_use]
    pub fn other(&self) -> Option<UnitPrice> {
        self.other
    }

    /// A currency whose price is finer than its minor unit, which the price of a whole order must not be.
    pub(crate) fn finer_than_its_currency(&self) -> Option<Currency> {
        let finer =
            |(currency, price): (Currency, UnitPrice)| minor_from_decimal(price.to_decimal(), currency).is_err();
        self.named().find(|named| finer(*named)).map(|(currency, _)| currency)
    }
}

impl PriceTable {
    /// Reads prices none of which may be zero: what something is worth.
    pub(crate) fn read_not_zero(value: &DraftValue, check: &mut Check) -> Option<Self> {
        Self::read_each(value, check, |price| if price.is_zero() { Err(Why::Zero) } else { Ok(()) })
    }

    fn read_each(value: &DraftValue, check: &mut Check, accept: impl Fn(UnitPrice) -> Result<(), Why>) -> Option<Self> {
        let (by_currency, other) = read_table(value, check, |text, _| {
            let price = UnitPrice::from_text(text)?;
            price_in_bounds(price)?;
            accept(price).map(|()| price)
        })?;
        Some(Self { by_currency, other })
    }
}

impl Form for PriceTable {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        Self::read_each(value, check, |_| Ok(()))
    }

    fn write(&self) -> DraftValue {
        let named = self.named().map(|(currency, price)| (currency.to_string(), price.to_string()));
        let other = self.other.map(|price| (OTHER.to_owned(), price.to_string()));
        DraftValue::map(named.chain(other))
    }
}

serde_by_form!(Amounts, PriceTable);

/// What is named, sorted by currency, and what holds for the rest.
pub(crate) type Table<T> = (Vec<(Currency, T)>, Option<T>);

/// Reads a map from currencies to figures; `None` as currency is the field for every other one.
pub(crate) fn read_table<T>(
    value: &DraftValue,
    check: &mut Check,
    read: impl Fn(&str, Option<Currency>) -> Result<T, Why>,
) -> Option<Table<T>> {
    let Some(entries) = value.as_map() else {
        // "off": "10" is the likely slip: it names no currency.
        check.wrong_kind(value, "an object that names an amount per currency");
        return None;
    };
    if entries.is_empty() {
        check.report(value, Why::Empty);
        return None;
    }
    let mut table: Table<T> = (Vec::new(), None);
    let mut whole = true;
    for (place, (name, value)) in entries.iter().enumerate() {
        let read_one = check.in_field(name, place, |check| {
            let currency = match name.as_str() {
                OTHER => Ok(None),
                name => Currency::from_text(name).map(Some),
            };
            let currency = currency.map_err(|why| check.report(name, why));
            let text = check.figure(value)?;
            let currency = currency.ok()?;
            let figure = read(text, currency).map_err(|why| check.report(value, why)).ok()?;
            let placed = match currency {
                Some(currency) => insert(&mut table.0, currency, figure),
                None if table.1.is_some() => Err(Why::Duplicate),
                None => {
                    table.1 = Some(figure);
                    Ok(())
                }
            };
            placed.map_err(|why| check.report(value, why)).ok()
        });
        whole &= read_one.is_some();
    }
    whole.then_some(table)
}

/// Keeps the list sorted by currency.
pub(crate) fn insert<T>(list: &mut Vec<(Currency, T)>, currency: Currency, figure: T) -> Result<(), Why> {
    match list.binary_search_by(|(c, _)| c.cmp(&currency)) {
        Ok(_) => Err(Why::Duplicate),
        Err(place) => {
            list.insert(place, (currency, figure));
            Ok(())
        }
    }
}

/// A figure in major units that the currency can hold and that is in bounds.
fn figure_in(text: &str, currency: Option<Currency>) -> Result<Decimal, Why> {
    let figure = parse_decimal(text)?;
    match currency {
        Some(currency) => {
            // Bounds first: a figure too large for any count of minor units is out of bounds, not an overflow.
            if figure >= Decimal::from(LIMIT_MAJOR) {
                return Err(out_of_bounds(currency));
            }
            in_bounds(minor_from_decimal(figure, currency)?, currency)?;
            Ok(figure)
        }
        None => common_figure(figure),
    }
}

/// A figure for currencies that are not known yet: as fine as the finest of them.
fn common_figure(figure: Decimal) -> Result<Decimal, Why> {
    let figure = figure.normalize();
    if figure.is_sign_negative() && !figure.is_zero() {
        Err(Why::Negative)
    } else if figure >= Decimal::from(LIMIT_MAJOR) {
        Err(Why::OutOfRange { min: "0".to_owned(), max: "99999999.999999999".to_owned() })
    } else if figure.scale() > u32::from(MAX_DECIMALS) {
        Err(Why::TooPrecise { decimals: MAX_DECIMALS })
    } else {
        Ok(figure)
    }
}

/// Zero or more, and below the limit.
fn in_bounds(minor: i64, currency: Currency) -> Result<(), Why> {
    if minor < 0 {
        Err(Why::Negative)
    } else if minor > max_minor(currency) {
        Err(out_of_bounds(currency))
    } else {
        Ok(())
    }
}

fn max_minor(currency: Currency) -> i64 {
    currency.minor_per_major().saturating_mul(LIMIT_MAJOR).saturating_sub(1)
}

fn out_of_bounds(currency: Currency) -> Why {
    Why::OutOfRange { min: "0".to_owned(), max: Money::new(max_minor(currency), currency).amount_text() }
}

fn price_in_bounds(price: UnitPrice) -> Result<(), Why> {
    if price.to_decimal() < Decimal::from(LIMIT_MAJOR) {
        Ok(())
    } else {
        Err(Why::OutOfRange { min: "0".to_owned(), max: "99999999.999999999".to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Amounts, String> {
        serde_json::from_str(json).map_err(|e| e.to_string())
    }

    /// Proves S143 and the amounts of V17.
    #[test]
    fn amounts_stay_in_bounds_and_in_the_decimals_of_their_currency() {
        for (json, error) in [
            (r#"{"USD":"99999999.99"}"#, ""),
            (r#"{"USD":"0"}"#, ""),
            (r#"{"USD":"1.500"}"#, ""),
            (r#"{"KWD":"1.505"}"#, ""),
            (r#"{"PTS:0":"500"}"#, ""),
            (r#"{"USD":"100000000.00"}"#, "`USD` is `100000000.00`: not between 0 and 99999999.99"),
            (r#"{"JPY":"100000000"}"#, "`JPY` is `100000000`: not between 0 and 99999999"),
            (r#"{"USD":"99999999999999999999"}"#, "`USD` is `99999999999999999999`: not between 0 and 99999999.99"),
            (r#"{"USD":"-0.01"}"#, "`USD` is `-0.01`: negative"),
            (r#"{"USD":"0.001"}"#, "`USD` is `0.001`: more than 2 decimals"),
            (r#"{"JPY":"0.5"}"#, "`JPY` is `0.5`: more than 0 decimals"),
            (r#"{"USD":10}"#, "`USD` is `10`: a JSON number, amounts and percentages are strings"),
            (r#"{"USD":0.1}"#, "`USD` is `0.1`: a JSON number, amounts and percentages are strings"),
            (r#"{"USD":"ten"}"#, "`USD` is `ten`: not a decimal number"),
            (r#"{"USX":"1"}"#, "`USX` is `USX`: not a known currency"),
            (r#"{"USD":"1","USD":"1"}"#, "`USD` is `1`: given twice"),
            (r#"{"other":"1","other":"2"}"#, "`other` is `2`: given twice"),
            (r#"{"other":"-1"}"#, "`other` is `-1`: negative"),
            (r#"{"other":"0.0000000001"}"#, "`other` is `0.0000000001`: more than 9 decimals"),
            (r#"{}"#, "`` is `{}`: empty"),
            (r#""10""#, "`` is `10`: expected an object that names an amount per currency"),
        ] {
            assert_eq!(read(json).err().unwrap_or_default(), error, "{json}");
        }
    }

    #[test]
    fn every_currency_reports_its_own_mistake() {
        let error = read(r#"{"USX":1,"EUR":"-1","USD":"1"}"#).unwrap_err();
        assert_eq!(error.matches("; ").count(), 2, "{error}");
    }

    #[test]
    fn constructors_keep_the_same_bounds() {
        let usd = |minor| Money::new(minor, Currency::USD);
        assert!(Amounts::new([usd(9_999_999_999)]).is_ok());
        for bad in [vec![usd(10_000_000_000)], vec![usd(-1)], vec![usd(1), usd(1)], vec![]] {
            assert!(Amounts::new(bad).is_err());
        }
        assert!(Amounts::everywhere(Decimal::new(-1, 0)).is_err());
        assert_eq!(Amounts::everywhere(Decimal::new(50, 1)).unwrap().in_currency(Currency::JPY).unwrap().minor(), 5);
        let dear = UnitPrice::parse("100000000").unwrap();
        assert!(PriceTable::new([(Currency::USD, dear)]).is_err());
    }

    #[test]
    fn prices_may_be_finer_than_their_currency() {
        let prices: PriceTable = serde_json::from_str(r#"{"USD":"0.0035","EUR":"1.00"}"#).unwrap();
        assert_eq!(prices.finer_than_its_currency(), Some(Currency::USD));
        assert_eq!(serde_json::to_string(&prices).unwrap(), r#"{"EUR":"1","USD":"0.0035"}"#);
        assert!(serde_json::from_str::<PriceTable>(r#"{"USD":"0.0000000001"}"#).is_err());
        assert!(serde_json::from_str::<PriceTable>(r#"{"USD":"-1"}"#).is_err());
    }

    #[test]
    fn a_round_trip_is_identity() {
        let json = r#"{"JPY":"1000","USD":"10.00","other":"9.5"}"#;
        assert_eq!(serde_json::to_string(&read(json).unwrap()).unwrap(), json);
    }
}
