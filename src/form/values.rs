//! Forms of the values that stand in every document of the host: amounts, prices, rates, quantities, zones, versions.

use chrono::{NaiveTime, Weekday};

use super::{Check, Fields, Form, Writer};
use crate::calendar::{LeapDay, MonthDay, Weekly, Window, Zone};
use crate::error::Why;
use crate::form::DraftValue;
use crate::money::{
    CashInterval, Currency, Money, Quantity, Rounding, TaxRate, UnitPrice, minor_from_decimal, parse_decimal,
};

/// A value that is kept as it stands.
impl Form for DraftValue {
    fn read(value: &DraftValue, _: &mut Check) -> Option<Self> {
        Some(value.clone())
    }

    fn write(&self) -> DraftValue {
        self.clone()
    }
}

/// Forms of types that are one string. A figure is told apart from other text: written as a JSON number, it has
/// already lost its cents somewhere.
macro_rules! text_forms {
    ($($text:ident: $($name:ty),*;)*) => {$($(
        impl Form for $name {
            fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
                let text = check.$text(value)?;
                let made = text.parse::<Self>();
                check.accept(value, made)
            }

            fn write(&self) -> DraftValue {
                self.to_string().into()
            }
        }
    )*)*};
}

text_forms! {
    text: crate::key::DiscountId, crate::key::TaxClass, Currency, MonthDay;
    figure: UnitPrice, TaxRate, CashInterval;
}

impl Form for Zone {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        let text = check.text(value)?;
        check.accept(value, Self::named(text))
    }

    fn write(&self) -> DraftValue {
        self.name().as_ref().into()
    }
}

impl Form for Rounding {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        let text = check.text(value)?;
        let found = ROUNDINGS.iter().find(|(name, _)| *name == text);
        if found.is_none() {
            let choices = "`half_up`, `half_even`, `half_down`, `down`";
            check.report(value, Why::UnknownChoice { choices });
        }
        found.map(|(_, rounding)| *rounding)
    }

    fn write(&self) -> DraftValue {
        ROUNDINGS.iter().find(|(_, rounding)| rounding == self).map_or(DraftValue::NULL, |(name, _)| (*name).into())
    }
}

impl Form for LeapDay {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        match check.text(value)? {
            "feb_28" => Some(Self::Feb28),
            "mar_1" => Some(Self::Mar1),
            _ => {
                check.report(value, Why::UnknownChoice { choices: "`feb_28`, `mar_1`" });
                None
            }
        }
    }

    fn write(&self) -> DraftValue {
        match self {
            Self::Feb28 => "feb_28".into(),
            Self::Mar1 => "mar_1".into(),
        }
    }
}

/// Some weekdays, all day or between two local times.
impl Form for Weekly {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| {
            let days = f.required_with("days", read_weekdays);
            let (from, until) = (f.optional_with("from", read_time), f.optional_with("until", read_time));
            match (f.has("from"), f.has("until")) {
                (true, false) => f.report("until", Why::Missing),
                (false, true) => f.report("from", Why::Missing),
                (false, false) => return f.accept_at(&["days"], Self::days(&days?)),
                (true, true) => {}
            }
            f.accept_at(&["days", "from", "until"], Self::hours(&days?, from?, until?))
        })
    }

    fn write(&self) -> DraftValue {
        let (days, hours) = self.texts();
        let (from, until) = hours.unzip();
        Writer::default()
            .put("days", &DraftValue::list(days))
            .put_some("from", from.as_ref())
            .put_some("until", until.as_ref())
            .end()
    }
}

/// Weekdays by name, each once.
fn read_weekdays(value: &DraftValue, check: &mut Check) -> Option<Vec<Weekday>> {
    let mut seen: Vec<Weekday> = Vec::new();
    let days = read_members(value, check, |value, check| {
        let day = Weekly::weekday(check.text(value)?);
        let why = match day {
            None => Why::UnknownChoice { choices: Weekly::CHOICES },
            Some(day) if seen.contains(&day) => Why::Duplicate,
            Some(day) => {
                seen.push(day);
                return Some(day);
            }
        };
        check.report(value, why);
        None
    });
    days?.into_iter().collect()
}

fn read_time(value: &DraftValue, check: &mut Check) -> Option<NaiveTime> {
    Weekly::read_time(check.text(value)?).map_err(|why| check.report(value, why)).ok()
}

const ROUNDINGS: [(&str, Rounding); 4] = [
    ("half_up", Rounding::HalfUp),
    ("half_even", Rounding::HalfEven),
    ("half_down", Rounding::HalfDown),
    ("down", Rounding::Down),
];

/// A whole number of pieces, or `{"measured": "1.25"}`.
impl Form for Quantity {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        if let Some(digits) = value.as_number() {
            if digits.bytes().all(|b| b.is_ascii_digit()) {
                // What does not even fit 64 bits is out of the same range.
                return check.accept(value, Self::pieces(digits.parse().unwrap_or(u64::MAX)));
            }
            let whole = digits.strip_prefix('-').is_some_and(|d| d.bytes().all(|b| b.is_ascii_digit()));
            check.report(value, if whole { Why::Negative } else { NOT_A_QUANTITY });
            return None;
        }
        if value.as_map().is_none() {
            check.report(value, NOT_A_QUANTITY);
            return None;
        }
        check.fields(value, |f| {
            f.required_with("measured", |value, check| {
                let decimal = parse_decimal(check.figure(value)?).map_err(|why| check.report(value, why)).ok()?;
                check.accept(value, Self::measured(decimal))
            })
        })
    }

    fn write(&self) -> DraftValue {
        if self.is_measured() { DraftValue::map([("measured", self.to_string())]) } else { self.pieces_count().into() }
    }
}

const NOT_A_QUANTITY: Why =
    Why::WrongKind { expected: "a whole number of pieces, or an object such as {\"measured\": \"1.25\"}" };

/// An amount from zero upward as text, in the currency of its document. Where that is unknown, the text is judged as
/// far as it can be.
pub(crate) fn read_amount(value: &DraftValue, currency: Option<Currency>, check: &mut Check) -> Option<Money> {
    let text = check.figure(value)?;
    let made = parse_decimal(text).and_then(|decimal| match currency {
        _ if decimal.is_sign_negative() => Err(Why::Negative),
        Some(currency) => minor_from_decimal(decimal, currency).map(|minor| Some(Money::new(minor, currency))),
        None => Ok(None),
    });
    made.map_err(|why| check.report(value, why)).ok()?
}

/// Reads a list member by member; `None` stands where a member was reported.
pub(crate) fn read_members<T>(
    value: &DraftValue,
    check: &mut Check,
    mut read: impl FnMut(&DraftValue, &mut Check) -> Option<T>,
) -> Option<Vec<Option<T>>> {
    let Some(members) = value.as_list() else {
        check.wrong_kind(value, "a list");
        return None;
    };
    Some(members.iter().enumerate().map(|(i, member)| check.in_member(i, |check| read(member, check))).collect())
}

/// Reads a map whose names are data, such as currencies or tax classes; what was reported is left out.
pub(crate) fn read_named<T>(
    value: &DraftValue,
    check: &mut Check,
    expected: &'static str,
    mut read: impl FnMut(&str, &DraftValue, &mut Check) -> Option<T>,
) -> Option<Vec<T>> {
    let Some(entries) = value.as_map() else {
        check.wrong_kind(value, expected);
        return None;
    };
    let read = |(i, (name, value)): (usize, &(String, DraftValue))| check.in_field(name, i, |c| read(name, value, c));
    Some(entries.iter().enumerate().filter_map(read).collect())
}

/// Reads the fields `starts_at` and `ends_at`, each optional: instants, the end no longer inside.
pub(crate) fn read_window(f: &mut Fields<'_, '_>) -> Option<Window> {
    let (starts_at, ends_at) = (f.optional_or_reported("starts_at"), f.optional_or_reported("ends_at"));
    f.accept_at(&["starts_at", "ends_at"], Window::instants(starts_at?, ends_at?))
}

/// Reads the version of a document that stands alone.
pub(crate) fn read_version(f: &mut Fields<'_, '_>, supported: u32) {
    if !f.has("version") {
        f.report("version", Why::Missing);
    }
    read_inner_version(f, supported);
}

/// Reads the version of a document inside another one, where it may be left out.
pub(crate) fn read_inner_version(f: &mut Fields<'_, '_>, supported: u32) {
    f.optional_with("version", |value, check| {
        let version = u32::read(value, check)?;
        if version != supported {
            check.report(value, Why::UnknownVersion { supported });
        }
        Some(())
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity};

    #[test]
    fn quantities_are_pieces_or_a_measure() {
        let expected = "expected a whole number of pieces, or an object such as {\"measured\": \"1.25\"}";
        assert_identity::<Quantity>(&["1", "1000000000", r#"{"measured":"1.25"}"#]);
        assert_errors::<Quantity>(&[
            ("0", "`` is `0`: zero"),
            ("-3", "`` is `-3`: negative"),
            ("1000000000000", "`` is `1000000000000`: not between 1 and 1000000000"),
            ("18446744073709551615", "`` is `18446744073709551615`: not between 1 and 1000000000"),
            ("1.25", &format!("`` is `1.25`: {expected}")),
            ("1.0", &format!("`` is `1.0`: {expected}")),
            ("1e12", &format!("`` is `1000000000000.0`: {expected}")),
            ("1e30", &format!("`` is `1e30`: {expected}")),
            ("\"3\"", &format!("`` is `3`: {expected}")),
            ("true", &format!("`` is `true`: {expected}")),
            ("[]", &format!("`` is `[]`: {expected}")),
            ("{}", "`measured` is missing"),
            (r#"{"measured":1.25}"#, "`measured` is `1.25`: a JSON number, amounts and percentages are strings"),
            (r#"{"measured":"0"}"#, "`measured` is `0`: zero"),
            (r#"{"measured":"-1"}"#, "`measured` is `-1`: negative"),
            (r#"{"measured":"1.2345678"}"#, "`measured` is `1.2345678`: more than 6 decimals"),
            (r#"{"measured":"1 kg"}"#, "`measured` is `1 kg`: not a decimal number"),
            (r#"{"measured":"1","unit":"kg"}"#, "`unit` is `kg`: unknown field, known: `measured`"),
        ]);
    }

    #[test]
    fn figures_are_strings() {
        assert_identity::<UnitPrice>(&["\"0.0035\"", "\"119\""]);
        assert_identity::<TaxRate>(&["\"8.875\""]);
        assert_identity::<CashInterval>(&["\"0.05\""]);
        assert_errors::<UnitPrice>(&[
            ("0.1", "`` is `0.1`: a JSON number, amounts and percentages are strings"),
            ("7", "`` is `7`: a JSON number, amounts and percentages are strings"),
            ("\"-1.00\"", "`` is `-1.00`: negative"),
            ("\"1.0123456789\"", "`` is `1.0123456789`: more than 9 decimals"),
            ("\"9999999999999999999\"", "`` is `9999999999999999999`: too large for exact amounts"),
            ("\"1_000\"", "`` is `1_000`: not a decimal number"),
            ("\"1e3\"", "`` is `1e3`: not a decimal number"),
            ("\"\"", "`` is ``: empty"),
            ("null", "`` is `null`: expected a string"),
        ]);
        assert_errors::<TaxRate>(&[
            ("19", "`` is `19`: a JSON number, amounts and percentages are strings"),
            ("\"1000.5\"", "`` is `1000.5`: not between 0 and 1000"),
        ]);
        assert_errors::<CashInterval>(&[("\"0\"", "`` is `0`: zero")]);
    }

    #[test]
    fn names_are_read_whole() {
        assert_identity::<Currency>(&["\"JPY\"", "\"PTS:0\""]);
        assert_identity::<Zone>(&["\"UTC\"", "\"+02:00\""]);
        assert_identity::<Rounding>(&["\"half_up\"", "\"half_even\"", "\"half_down\"", "\"down\""]);
        assert_errors::<Currency>(&[
            ("\"USX\"", "`` is `USX`: not a known currency"),
            ("\"usd\"", "`` is `usd`: not a known currency"),
            ("840", "`` is `840`: expected a string"),
        ]);
        assert_errors::<Zone>(&[
            ("\"Mars/Olympus\"", "`` is `Mars/Olympus`: not a known time zone"),
            ("2", "`` is `2`: expected a string"),
        ]);
        assert_errors::<Rounding>(&[
            ("\"up\"", "`` is `up`: not one of `half_up`, `half_even`, `half_down`, `down`"),
            ("0", "`` is `0`: expected a string"),
        ]);
    }

    #[test]
    fn an_amount_has_at_most_the_decimals_of_its_currency() {
        let read = |json: &str, currency| {
            let value: DraftValue = serde_json::from_str(json).unwrap();
            let mut kept = None;
            let errors = Check::document(|check| {
                kept = read_amount(&value, currency, check);
                Some(())
            });
            (kept.map(|m| m.to_string()), errors.map_or_else(|e| e.to_string(), |()| String::new()))
        };
        for (json, currency, amount, error) in [
            ("\"1.5\"", Some(Currency::USD), Some("1.50 USD"), ""),
            ("\"0\"", Some(Currency::JPY), Some("0 JPY"), ""),
            ("\"1.505\"", Some(Currency::KWD), Some("1.505 KWD"), ""),
            ("\"1.505\"", Some(Currency::USD), None, "`` is `1.505`: more than 2 decimals"),
            ("\"-0.01\"", Some(Currency::USD), None, "`` is `-0.01`: negative"),
            ("\"-0.01\"", None, None, "`` is `-0.01`: negative"),
            ("\"ten\"", None, None, "`` is `ten`: not a decimal number"),
            ("\"10\"", None, None, ""),
            (
                "\"92233720368547758.08\"",
                Some(Currency::USD),
                None,
                "`` is `92233720368547758.08`: too large for exact amounts",
            ),
            (r#"{"amount":"1","currency":"USD"}"#, Some(Currency::USD), None, "`` is `{..}`: expected a string"),
        ] {
            assert_eq!(read(json, currency), (amount.map(str::to_owned), error.to_owned()), "{json}");
        }
    }
}
