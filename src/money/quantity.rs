//! Quantities of lines.

use std::fmt;

use rust_decimal::Decimal;
use serde::de::{self, MapAccess, Unexpected, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::decimal::{Plain, parse_decimal, scaled_up_to, shortest, to_decimal};
use crate::error::{Error, Why};

/// How much of a product a line orders: 1 to 1,000,000,000 pieces, or a measure such as 1.25 kg.
///
/// A measure counts as **one indivisible unit**: a coupon for one unit takes all of it, and it is never split. Pieces
/// are counted, never expanded: nothing in this crate costs more for a million pieces than for one.
///
/// ```
/// use rust_decimal::Decimal;
/// use vouchsafe::Quantity;
///
/// assert_eq!(Quantity::pieces(3)?.pieces_count(), 3);
/// let cheese = Quantity::measured(Decimal::new(125, 2))?;
/// assert_eq!((cheese.pieces_count(), cheese.to_string().as_str()), (1, "1.25"));
/// assert!(Quantity::pieces(0).is_err());
/// assert!(Quantity::pieces(1_000_000_001).is_err());
/// # Ok::<(), vouchsafe::Error>(())
/// ```
///
/// # JSON
///
/// A count is a JSON integer, because it is no amount; a measure is a string like every decimal.
///
/// ```
/// use vouchsafe::Quantity;
///
/// let three: Quantity = serde_json::from_str("3").unwrap();
/// assert_eq!(serde_json::to_string(&three).unwrap(), "3");
/// let cheese: Quantity = serde_json::from_str(r#"{"measured":"1.25"}"#).unwrap();
/// assert_eq!(serde_json::to_string(&cheese).unwrap(), r#"{"measured":"1.25"}"#);
/// assert!(serde_json::from_str::<Quantity>("1.25").is_err());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Quantity(Kind);

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    /// 1 to 1,000,000,000.
    Pieces(u32),
    /// Above zero, in its shortest form so that equal measures are equal.
    Measured { mantissa: i64, decimals: u8 },
}

impl Quantity {
    /// One piece.
    pub const ONE: Self = Self(Kind::Pieces(1));
    /// The most pieces, and the largest measure.
    pub const MAX: u32 = 1_000_000_000;
    /// The most decimals of a measure.
    pub const DECIMALS: u8 = 6;

    /// A count of pieces.
    ///
    /// # Errors
    /// At the path `quantity`: [`Why::Zero`], [`Why::OutOfRange`] above a thousand million.
    #[inline]
    pub fn pieces(count: u64) -> Result<Self, Error> {
        Self::pieces_or_why(count).map_err(|why| Error::invalid("quantity", count, why))
    }

    #[inline]
    fn pieces_or_why(count: u64) -> Result<Self, Why> {
        match u32::try_from(count) {
            Ok(0) => Err(Why::Zero),
            Ok(count) if count <= Self::MAX => Ok(Self(Kind::Pieces(count))),
            _ => Err(Why::OutOfRange { min: "1".to_owned(), max: Self::MAX.to_string() }),
        }
    }

    /// A measure: weight, length, hours.
    ///
    /// # Errors
    /// At the path `quantity`: [`Why::Zero`], [`Why::Negative`], [`Why::TooPrecise`] beyond six decimals,
    /// [`Why::OutOfRange`] above a thousand million.
    pub fn measured(measure: Decimal) -> Result<Self, Error> {
        Self::measured_or_why(measure).map_err(|why| Error::invalid("quantity", measure, why))
    }

    fn measured_or_why(measure: Decimal) -> Result<Self, Why> {
        // A thousand million in millionths.
        const MAX: i64 = 1_000_000_000_000_000;
        match scaled_up_to(measure, Self::DECIMALS, MAX)? {
            0 => Err(Why::Zero),
            millionths => {
                let (mantissa, decimals) = shortest(millionths, Self::DECIMALS);
                Ok(Self(Kind::Measured { mantissa, decimals }))
            }
        }
    }

    /// How many units there are to discount: the pieces, or one for a measure.
    #[inline]
    #[must_use]
    pub const fn pieces_count(self) -> u32 {
        match self.0 {
            Kind::Pieces(count) => count,
            Kind::Measured { .. } => 1,
        }
    }

    /// Whether it is a measure.
    #[inline]
    #[must_use]
    pub const fn is_measured(self) -> bool {
        matches!(self.0, Kind::Measured { .. })
    }

    /// The factor a unit price is multiplied by, as a decimal.
    #[must_use]
    pub fn to_decimal(self) -> Decimal {
        let (mantissa, decimals) = self.factor();
        to_decimal(mantissa, decimals)
    }

    /// Pieces or measure in millionths: at most 10^15.
    pub(crate) fn millionths(self) -> u64 {
        let (mantissa, decimals) = self.factor();
        let missing = u32::from(Self::DECIMALS.saturating_sub(decimals));
        u64::try_from(mantissa).unwrap_or(0).saturating_mul(10_u64.saturating_pow(missing))
    }

    /// The factor a unit price is multiplied by: mantissa, at most 10^15, and decimals.
    #[inline]
    pub(super) fn factor(self) -> (i64, u8) {
        match self.0 {
            Kind::Pieces(count) => (i64::from(count), 0),
            Kind::Measured { mantissa, decimals } => (mantissa, decimals),
        }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mantissa, decimals) = self.factor();
        Plain { mantissa, decimals }.fmt(f)
    }
}

impl fmt::Debug for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Kind::Pieces(count) => write!(f, "{count}"),
            Kind::Measured { .. } => write!(f, "measured {self}"),
        }
    }
}

impl Serialize for Quantity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Kind::Pieces(count) => serializer.serialize_u32(count),
            Kind::Measured { .. } => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("measured", &self.to_string())?;
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;
        impl<'de> Visitor<'de> for Form {
            type Value = Quantity;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number of pieces, or {\"measured\": \"1.25\"}")
            }

            fn visit_u64<E: de::Error>(self, count: u64) -> Result<Quantity, E> {
                Quantity::pieces(count).map_err(E::custom)
            }

            fn visit_i64<E: de::Error>(self, count: i64) -> Result<Quantity, E> {
                match u64::try_from(count) {
                    Ok(count) => self.visit_u64(count),
                    Err(_) => Err(E::custom(Error::invalid("quantity", count, Why::Negative))),
                }
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Quantity, A::Error> {
                let mut measure: Option<String> = None;
                while let Some(key) = map.next_key::<String>()? {
                    match key.as_str() {
                        "measured" if measure.is_some() => return Err(de::Error::duplicate_field("measured")),
                        "measured" => measure = Some(map.next_value()?),
                        // Where a host turns on `arbitrary_precision` of serde_json, every number arrives like this.
                        "$serde_json::private::Number" => {
                            let text: String = map.next_value()?;
                            return match text.parse::<u64>() {
                                Ok(count) => self.visit_u64(count),
                                Err(_) => Err(de::Error::invalid_value(Unexpected::Other("number"), &self)),
                            };
                        }
                        other => return Err(de::Error::unknown_field(other, &["measured"])),
                    }
                }
                let text = measure.ok_or_else(|| de::Error::missing_field("measured"))?;
                parse_decimal(&text)
                    .and_then(Quantity::measured_or_why)
                    .map_err(|why| de::Error::custom(Error::invalid("quantity.measured", text, why)))
            }
        }
        deserializer.deserialize_any(Form)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(text: &str) -> Result<Quantity, Why> {
        parse_decimal(text).and_then(Quantity::measured_or_why)
    }

    #[test]
    fn pieces_from_one_to_a_thousand_million() {
        let range = Why::OutOfRange { min: "1".to_owned(), max: "1000000000".to_owned() };
        for (count, expected) in [
            (0, Err(Why::Zero)),
            (1, Ok(1)),
            (1_000_000_000, Ok(1_000_000_000)),
            (1_000_000_001, Err(range.clone())),
            (u64::from(u32::MAX) + 2, Err(range.clone())),
            (u64::MAX, Err(range)),
        ] {
            assert_eq!(Quantity::pieces_or_why(count).map(Quantity::pieces_count), expected, "{count}");
        }
        assert_eq!(Quantity::pieces(0).unwrap_err().to_string(), "`quantity` is `0`: zero");
    }

    #[test]
    fn a_measure_is_one_unit_and_equal_by_value() {
        let cheese = measured("1.25").unwrap();
        assert_eq!(format!("{cheese:?} {:?}", Quantity::ONE), "measured 1.25 1");
        let error = serde_json::from_str::<Quantity>("true").unwrap_err().to_string();
        assert!(
            error.starts_with("invalid type: boolean `true`, expected ") && !error.contains("expected  "),
            "{error}"
        );
        assert_eq!((cheese.pieces_count(), cheese.is_measured()), (1, true));
        assert_eq!(cheese, measured("1.250").unwrap());
        assert_eq!(cheese.to_decimal(), Decimal::new(125, 2));
        assert_ne!(measured("1").unwrap(), Quantity::ONE);
        assert_eq!(measured("0.000001").unwrap().to_string(), "0.000001");
        assert_eq!(measured("1000000000").unwrap().to_string(), "1000000000");
        assert_eq!(measured("0"), Err(Why::Zero));
        assert_eq!(measured("-1"), Err(Why::Negative));
        assert_eq!(measured("0.0000001"), Err(Why::TooPrecise { decimals: 6 }));
        assert!(matches!(measured("1000000000.000001"), Err(Why::OutOfRange { .. })));
        assert!(matches!(measured("79228162514264337593543950335"), Err(Why::OutOfRange { .. })));
    }

    #[test]
    fn json_counts_are_integers_and_measures_are_strings() {
        for quantity in [Quantity::ONE, Quantity::pieces(1_000_000_000).unwrap(), measured("1.25").unwrap()] {
            let json = serde_json::to_string(&quantity).unwrap();
            assert_eq!(serde_json::from_str::<Quantity>(&json).unwrap(), quantity, "{json}");
        }
        for json in [
            "0",
            "-1",
            "1.0",
            "1.5",
            "1e3",
            "1000000001",
            "18446744073709551616",
            "\"3\"",
            "null",
            "[]",
            "{}",
            r#"{"measured":1.25}"#,
            r#"{"measured":"0"}"#,
            r#"{"measured":"1","measured":"2"}"#,
            r#"{"pieces":3}"#,
            r#"{"measured":"1","unit":"kg"}"#,
        ] {
            assert!(serde_json::from_str::<Quantity>(json).is_err(), "{json}");
        }
        let error = serde_json::from_str::<Quantity>("-1").unwrap_err().to_string();
        assert!(error.starts_with("`quantity` is `-1`: negative"), "{error}");
    }

    /// With `arbitrary_precision` turned on by the host, serde_json hands every number over as such a map.
    #[test]
    fn a_number_in_the_clothes_of_arbitrary_precision() {
        let json = |number: &str| format!(r#"{{"$serde_json::private::Number":"{number}"}}"#);
        assert_eq!(serde_json::from_str::<Quantity>(&json("3")).unwrap().pieces_count(), 3);
        for number in ["0", "1.5", "-1", "1e3"] {
            assert!(serde_json::from_str::<Quantity>(&json(number)).is_err(), "{number}");
        }
    }
}
