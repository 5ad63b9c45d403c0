//! Benefits: what a coupon is worth.
//!
//! One file per kind. A benefit is only data here, checked when it is made. Whatever the kind, what it comes to is capped
//! at what a line has left, shared to the cent and taxed in the same way.

mod amount_off;
mod bundle;
mod buy_get;
mod first_further;
mod gift;
mod host;
mod measure;
mod nth_off;
mod operator;
mod percent_off;
mod reward;
mod set_part;
mod set_price;
mod shipping;
mod steps;
mod target;
mod tiers;
mod trial;

pub use amount_off::{AmountOff, Per, Split, TaxView};
pub use bundle::{Bundle, BundleValue};
pub use buy_get::BuyGet;
pub use first_further::{FirstFurther, FirstOf};
pub use gift::Gift;
pub use host::HostAmounts;
pub use measure::{Measure, StepValue, Threshold, Within};
pub use nth_off::{NthOff, NthPiece, RewardFrom, SetOrder};
pub use operator::OperatorAmount;
pub use percent_off::{PercentBase, PercentOff};
pub use reward::Reward;
pub use set_part::{Among, SetPart};
pub use set_price::SetPrice;
pub use shipping::{ShippingOff, ShippingValue};
pub use steps::Steps;
pub use target::{Pick, Target};
pub use tiers::{Tier, Tiers};
pub use trial::Trial;

use crate::coupon::Amounts;
use crate::error::Why;

use crate::form::DraftValue;
use crate::form::{Check, Form, serde_by_form, tagged};

/// One benefit; a coupon has one or more (S125: a free booth and a free advertisement).
///
/// In JSON the name `"none"`, or an object with one field: `{"percent": {"off": "10"}}`.
///
/// ```
/// use vouchsafe::{Benefit, Percent, PercentOff};
///
/// let benefit: Benefit = serde_json::from_str(r#"{"percent": {"off": "10"}}"#)?;
/// assert_eq!(benefit, PercentOff::new(Percent::parse("10")?).into());
///
/// let error = serde_json::from_str::<Benefit>(r#"{"percent": {"off": "100.001"}}"#).unwrap_err();
/// assert_eq!(error.to_string(), "`percent.off` is `100.001`: not between 0 and 100");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # The fields of each kind in JSON
///
/// Those in brackets may be left out. `t` stands for the fields of a [`Target`], which stand among the others: `[scope]`,
/// `[max_units]`, `[max_units_per_line]`, `[pick]`, `[groups_of]`, `[pieces_from]`. An amount names one figure per currency:
/// `{"USD": "5.00"}`; a part is `{"pieces": 2, "of": scope}`.
///
/// | kind | fields |
/// |---|---|
/// | `percent` | `off`, `[base]`, `[cap]`, `[include_shipping]`, `t` |
/// | `amount` | `off`, `[per]`, `[tax]`, `[split]`, `[include_shipping]`, `[cap]`, `t` |
/// | `set_price` | `price`, `[cap]`, `t` |
/// | `shipping` | `"free"`, or one of `free`, `percent`, `amount`, `to_price`; `[methods]`, `[cap]`, `[each_shipment]` |
/// | `operator`, `host` | `[max]`; an operator's `[instructions]`, `t` |
/// | `tiers` | `steps`: each `from` and `percent` or `amount`; `[by]` (`quantity` where `from` counts pieces), `[in]`, `[marginal]`, `[cap]`, `t` |
/// | `steps` | `every`, `percent` or `amount`, `[max_steps]`, `[in]`, `[cap]`, `t` |
/// | `first_further` | `first`, `further`, `[per]`, `[cap]`, `t` |
/// | `gift` | `product`, `[pieces]`, `[value]` |
/// | `trial` | `days` |
/// | `bundle` | `parts`, one of `price`, `percent`, `amount`; `[max_sets]`, `[pick]` |
/// | `buy_get` | `buy`: parts, `get`: a part, `[reward]`, `[max_sets]`, `[pick]`, `[incomplete]`, `[among]` |
/// | `nth` | `of`, `[take]`, `[which]`, `[sets]`, `[from]`, `[reward]`, `[max_sets]`, `[among]`, `[scope]` |
///
/// `in` is [`Within`]: which lines are counted together.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Benefit {
    /// A percentage off.
    Percent(PercentOff),
    /// An amount off.
    Amount(AmountOff),
    /// A price instead of the usual one.
    SetPrice(SetPrice),
    /// Shipping free or cheaper.
    Shipping(ShippingOff),
    /// An amount that an operator gives with the code (S141).
    Operator(OperatorAmount),
    /// Amounts per line that the host computed.
    Host(HostAmounts),
    /// More off, the more is bought.
    Tiers(Tiers),
    /// So much off for every so much that is bought.
    Steps(Steps),
    /// One amount off the first piece, another off each further one.
    FirstFurther(FirstFurther),
    /// Something extra: pieces of a product for nothing.
    Gift(Gift),
    /// Free days before a subscription is charged (S67).
    Trial(Trial),
    /// Pieces of several goods together, at a price of their own.
    Bundle(Bundle),
    /// Buy some pieces, get others.
    BuyGet(BuyGet),
    /// The n-th piece, or the cheapest or dearest of so many.
    Nth(NthOff),
    /// No money: the coupon has another effect.
    None,
}

impl Benefit {
    /// Whether the definition itself says that it is worth nothing: accepted at 0.00 and counted (S91).
    pub(crate) fn is_zero_by_definition(&self) -> bool {
        match self {
            Self::Percent(percent) => percent.off.is_zero(),
            Self::Amount(amount) => amount.off.is_zero(),
            Self::Shipping(shipping) => match &shipping.value {
                ShippingValue::Percent(percent) => percent.is_zero(),
                ShippingValue::Amount(amounts) => amounts.is_zero(),
                ShippingValue::Free | ShippingValue::ToPrice(_) => false,
            },
            Self::Tiers(tiers) => tiers.is_zero(),
            Self::Bundle(bundle) => bundle.value.is_zero(),
            Self::BuyGet(buy_get) => buy_get.reward.is_zero(),
            Self::Nth(nth) => nth.reward.is_zero(),
            Self::Steps(steps) => steps.value().is_zero(),
            Self::FirstFurther(off) => off.first().is_zero() && off.further().is_zero(),
            Self::None => true,
            Self::SetPrice(_) | Self::Operator(_) | Self::Host(_) | Self::Gift(_) | Self::Trial(_) => false,
        }
    }

    /// Every figure per currency that it names. An order in a currency that one of them does not name is refused.
    pub(crate) fn figures(&self) -> impl Iterator<Item = &Amounts> {
        let third = match self {
            Self::Steps(steps) => steps.cap(),
            Self::FirstFurther(off) => off.cap(),
            _ => None,
        };
        let (first, second, steps) = match self {
            Self::Percent(percent) => (percent.cap(), None, &[][..]),
            Self::Amount(amount) => (Some(amount.off()), amount.cap(), &[][..]),
            Self::Shipping(shipping) => {
                let value = match shipping.value() {
                    ShippingValue::Amount(amounts) | ShippingValue::ToPrice(amounts) => Some(amounts),
                    ShippingValue::Free | ShippingValue::Percent(_) => None,
                };
                (value, shipping.cap(), &[][..])
            }
            Self::Operator(operator) => (operator.max(), None, &[][..]),
            Self::Host(host) => (host.max(), None, &[][..]),
            Self::Tiers(tiers) => (tiers.cap(), None, tiers.steps()),
            Self::Bundle(bundle) => (bundle.value.amounts(), None, &[][..]),
            Self::BuyGet(buy_get) => (buy_get.reward.amounts(), None, &[][..]),
            Self::Nth(nth) => (nth.reward.amounts(), None, &[][..]),
            Self::Steps(steps) => (steps.every().amounts(), steps.value().amounts(), &[][..]),
            Self::FirstFurther(off) => (Some(off.first()), Some(off.further()), &[][..]),
            Self::SetPrice(price) => (price.cap(), None, &[][..]),
            Self::Gift(_) | Self::Trial(_) | Self::None => (None, None, &[][..]),
        };
        let of_steps = steps.iter().flat_map(|step| [step.from().amounts(), step.value().amounts()]);
        first.into_iter().chain(second).chain(third).chain(of_steps.flatten())
    }

    /// Which pieces it acts on, for kinds that act on pieces.
    #[must_use]
    pub fn target(&self) -> Option<&Target> {
        match self {
            Self::Percent(percent) => Some(&percent.target),
            Self::Amount(amount) => Some(&amount.target),
            Self::SetPrice(price) => Some(&price.target),
            Self::Operator(operator) => Some(&operator.target),
            Self::Host(host) => Some(&host.target),
            Self::Tiers(tiers) => Some(&tiers.target),
            Self::Bundle(bundle) => Some(&bundle.target),
            Self::BuyGet(buy_get) => Some(&buy_get.target),
            Self::Nth(nth) => Some(&nth.target),
            Self::Steps(steps) => Some(&steps.target),
            Self::FirstFurther(off) => Some(&off.target),
            Self::Shipping(_) | Self::Gift(_) | Self::Trial(_) | Self::None => None,
        }
    }
}

impl Benefit {
    /// Whether a piece has more or less off for what is bought beside it: sets, tiers, steps, a first piece and the others,
    /// groups and numbers of pieces that count.
    pub(crate) fn hangs_on_others(&self) -> bool {
        let set = matches!(self, Self::BuyGet(_) | Self::Nth(_) | Self::Bundle(_));
        let ladder = matches!(self, Self::Tiers(_) | Self::Steps(_) | Self::FirstFurther(_));
        set || ladder || self.target().is_some_and(|t| t.groups_of().is_some() || t.pieces_from().is_some())
    }

    /// The parts of the sets that it forms, for kinds whose sets have several.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &SetPart> {
        let (bundle, buy_get) = match self {
            Self::Bundle(bundle) => (bundle.parts(), None),
            Self::BuyGet(buy_get) => (&[][..], Some(buy_get.parts())),
            _ => (&[][..], None),
        };
        bundle.iter().chain(buy_get.into_iter().flatten())
    }
}

const KINDS: &str = "`percent`, `amount`, `set_price`, `shipping`, `operator`, `host`, `tiers`, `steps`, `first_further`, \
    `gift`, `trial`, `bundle`, `buy_get`, `nth`, `none`";

impl Form for Benefit {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        let (kind, inner) = check.choice(value, KINDS)?;
        match (kind, inner) {
            ("none", None) => Some(Self::None),
            (kind, _) if !KINDS.split(", ").any(|name| name.trim_matches('`') == kind) => {
                check.report(kind, Why::UnknownChoice { choices: KINDS });
                None
            }
            (_, None) => {
                check.wrong_kind(value, "an object with one field, since this kind needs more than its name");
                None
            }
            (kind, Some(inner)) => check.in_field(kind, 0, |check| Self::read_kind(kind, inner, check)),
        }
    }

    fn write(&self) -> DraftValue {
        match self {
            Self::None => "none".into(),
            Self::Percent(benefit) => tagged("percent", benefit.write()),
            Self::Amount(benefit) => tagged("amount", benefit.write()),
            Self::SetPrice(benefit) => tagged("set_price", benefit.write()),
            Self::Shipping(benefit) => tagged("shipping", benefit.write()),
            Self::Operator(benefit) => tagged("operator", benefit.write()),
            Self::Host(benefit) => tagged("host", benefit.write()),
            Self::Steps(benefit) => tagged("steps", benefit.write()),
            Self::FirstFurther(benefit) => tagged("first_further", benefit.write()),
            Self::Gift(benefit) => tagged("gift", benefit.write()),
            Self::Tiers(benefit) => tagged("tiers", benefit.write()),
            Self::Trial(benefit) => tagged("trial", benefit.write()),
            Self::Bundle(benefit) => tagged("bundle", benefit.write()),
            Self::BuyGet(benefit) => tagged("buy_get", benefit.write()),
            Self::Nth(benefit) => tagged("nth", benefit.write()),
        }
    }
}

impl Benefit {
    fn read_kind(kind: &str, inner: &DraftValue, check: &mut Check) -> Option<Self> {
        match kind {
            "percent" => Form::read(inner, check).map(Self::Percent),
            "amount" => Form::read(inner, check).map(Self::Amount),
            "set_price" => Form::read(inner, check).map(Self::SetPrice),
            "shipping" => Form::read(inner, check).map(Self::Shipping),
            "operator" => Form::read(inner, check).map(Self::Operator),
            "host" => Form::read(inner, check).map(Self::Host),
            "steps" => Form::read(inner, check).map(Self::Steps),
            "first_further" => Form::read(inner, check).map(Self::FirstFurther),
            "gift" => Form::read(inner, check).map(Self::Gift),
            "tiers" => Form::read(inner, check).map(Self::Tiers),
            "trial" => Form::read(inner, check).map(Self::Trial),
            "bundle" => Form::read(inner, check).map(Self::Bundle),
            "buy_get" => Form::read(inner, check).map(Self::BuyGet),
            "nth" => Form::read(inner, check).map(Self::Nth),
            _ => {
                check.wrong_kind(inner, "only the name `none`");
                None
            }
        }
    }
}

serde_by_form!(Benefit);

macro_rules! into_benefit {
    ($($kind:ident($name:ident)),*) => {$(
        impl From<$name> for Benefit {
            fn from(benefit: $name) -> Self {
                Self::$kind(benefit)
            }
        }
    )*};
}
into_benefit!(
    Percent(PercentOff),
    Amount(AmountOff),
    SetPrice(SetPrice),
    Shipping(ShippingOff),
    Operator(OperatorAmount),
    Host(HostAmounts),
    Tiers(Tiers),
    Steps(Steps),
    FirstFurther(FirstFurther),
    Gift(Gift),
    Trial(Trial),
    Bundle(Bundle),
    BuyGet(BuyGet),
    Nth(NthOff)
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_identity, errors_of, read};

    #[test]
    fn every_kind_is_read_and_written() {
        assert_identity::<Benefit>(&[
            r#""none""#,
            r#"{"percent":{"off":"10"}}"#,
            r#"{"amount":{"off":{"USD":"10.00"}}}"#,
            r#"{"set_price":{"price":{"USD":"9.99"}}}"#,
            r#"{"shipping":"free"}"#,
            r#"{"shipping":{"percent":"50"}}"#,
            r#"{"operator":{}}"#,
            r#"{"host":{}}"#,
            r#"{"trial":{"days":14}}"#,
            r#"{"bundle":{"parts":[{"pieces":2}],"price":{"USD":"5.00"}}}"#,
            r#"{"buy_get":{"buy":[{"pieces":2}],"get":{"pieces":1},"reward":"free"}}"#,
            r#"{"nth":{"of":3,"reward":"free"}}"#,
        ]);
    }

    #[test]
    fn what_is_no_benefit_is_reported() {
        for json in [r#""nothing""#, r#"{"percnt":{"off":"10"}}"#, "{}"] {
            assert!(errors_of::<Benefit>(json).contains(&format!("not one of {KINDS}")), "{json}");
        }
        assert!(errors_of::<Benefit>(r#""percent""#).contains("expected an object with one field"));
        assert!(errors_of::<Benefit>(r#"{"none":{}}"#).contains("expected only the name `none`"));
        let two = r#"{"percent":{"off":"10"},"trial":{"days":1}}"#;
        assert!(errors_of::<Benefit>(two).contains("expected a name or an object with one field"));
    }

    /// Proves which definitions S91 is about.
    #[test]
    fn a_benefit_of_zero_is_known_by_its_definition() {
        for (json, zero) in [
            (r#""none""#, true),
            (r#"{"percent":{"off":"0.000"}}"#, true),
            (r#"{"percent":{"off":"0.001"}}"#, false),
            (r#"{"amount":{"off":{"USD":"0","other":"0"}}}"#, true),
            (r#"{"amount":{"off":{"USD":"0","EUR":"0.01"}}}"#, false),
            (r#"{"shipping":{"percent":"0"}}"#, true),
            (r#"{"shipping":{"amount":{"USD":"0"}}}"#, true),
            (r#"{"shipping":{"to_price":{"USD":"0"}}}"#, false),
            (r#"{"shipping":"free"}"#, false),
            (r#"{"set_price":{"price":{"USD":"0"}}}"#, false),
            (r#"{"trial":{"days":14}}"#, false),
            (r#"{"nth":{"of":3,"reward":{"percent":"0"}}}"#, true),
            (r#"{"nth":{"of":3,"reward":"free"}}"#, false),
        ] {
            assert_eq!(read::<Benefit>(json).is_zero_by_definition(), zero, "{json}");
        }
    }
}
