//! What a coupon may stand beside.

use crate::error::Why;
use crate::form::DraftValue;
use crate::form::{Check, Form, Writer, choices, serde_by_form};
use crate::key::{GroupId, TagId};

/// What a coupon may stand beside.
///
/// How many codes one order may carry at all is the merchant's policy; this says what the coupon itself puts up with. The
/// same words hold for [automatic offers](crate::Offer) among each other.
///
/// ```
/// use vouchsafe::{Combination, Exclusive};
///
/// let combination: Combination = serde_json::from_str(r#"{"with_discounts": false}"#)?;
/// assert!(!combination.with_discounts() && combination.exclusive() == Exclusive::No);
/// assert!(Combination::default().with_discounts()); // S139
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// # Groups, tags and stops
///
/// - `group`: of the codes of one group that would apply, only the best for the shopper does: each is tried in turn, and
///   the one stays that leaves least to pay, with whatever follows from it; of equal ones the first by rank. Several groups
///   are tried together as long as there are no more than 64 choices; past that one after the other, by the rank of their
///   first codes, 64 tries in all.
/// - `tags` and `not_with`: a code does not stand beside one that has a tag which it will not be with, whichever of the two
///   says so; the first by rank stays.
/// - `stop`: where it is applied, no code after it by rank is.
///
/// ```
/// use vouchsafe::Combination;
///
/// let combination: Combination = serde_json::from_str(
///     r#"{"group": "welcome", "tags": ["seasonal"], "not_with": ["clearance"], "stop": true}"#,
/// )?;
/// assert_eq!(combination.group().map(|group| group.as_str()), Some("welcome"));
/// assert!(combination.stops() && combination.tags().len() == 1);
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// # The best of a group
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
/// let shop = Shop::new(Policy::builder(Currency::USD).max_codes(None).build()?);
/// let welcome = || -> Result<Combination, Error> { Ok(Combination::default().in_group("welcome".parse()?)) };
/// let five = Coupon::builder("five").code("FIVE").percent_off("5").combination(welcome()?).build()?;
/// let eight = Coupon::builder("eight").code("EIGHT").amount_off(Money::parse("8.00", Currency::USD)?);
/// let (five, eight) = (shop.prepare(five)?, shop.prepare(eight.combination(welcome()?).build()?)?);
/// let post = Coupon::builder("post").code("POST").benefit(ShippingOff::new(ShippingValue::Free)).build()?;
/// let post = shop.prepare(post)?; // of no group: it stands beside either
///
/// let line = Line::new(LineId(1), Product::new("BOOT".parse()?), Quantity::ONE, UnitPrice::parse("100.00")?);
/// let shipping = Charge::shipping(LineId(2), Money::parse("6.00", Currency::USD)?);
/// let order = Order::builder(Currency::USD).line(line).charge(shipping).build()?;
/// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
/// let codes = [Presented::new("FIVE", &five), Presented::new("EIGHT", &eight), Presented::new("POST", &post)];
/// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
/// let outcome = shop.evaluate(&request)?;
/// let states: Vec<AnswerState> = outcome.answers().iter().map(|answer| answer.state()).collect();
/// assert_eq!(states, [AnswerState::Refused, AnswerState::Applied, AnswerState::Applied]);
/// assert_eq!(outcome.totals().payable().to_string(), "92.00 USD");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Combination {
    pub(crate) with_discounts: bool,
    pub(crate) exclusive: Exclusive,
    pub(crate) several_codes: bool,
    pub(crate) overrides: Overrides,
    pub(crate) group: Option<GroupId>,
    pub(crate) tags: Vec<TagId>,
    pub(crate) not_with: Vec<TagId>,
    pub(crate) stop: bool,
}

/// What a coupon shuts other coupons out of, while it is applied and whatever their rank. Of several that are exclusive of
/// the order or of a class which both want, the first by rank goes.
///
/// It has its own place by rank like any other: one that a tag or a stop of an earlier code, or the number of codes, keeps
/// out shuts nobody out.
///
/// In JSON `false`, `true` or `"order"`, `"class"`, `"line"`.
///
/// ```
/// use vouchsafe::Exclusive;
///
/// assert_eq!(serde_json::from_str::<Exclusive>("true")?, Exclusive::Order);
/// assert_eq!(serde_json::to_string(&Exclusive::Line)?, r#""line""#);
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// # What each of them comes to
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
/// // What 20% off boots shuts out: 10% off each line, and 5.00 off the order. Boots are 100.00, socks 10.00.
/// let pay = |exclusive| -> Result<String, Box<dyn std::error::Error>> {
///     let shop = Shop::new(Policy::builder(Currency::USD).max_codes(None).build()?);
///     let boots = Coupon::builder("a").code("BOOTS").percent_off("20").scope(Scope::Products(vec!["BOOT".parse()?]));
///     let boots = shop.prepare(boots.combination(Combination::default().exclusive_of(exclusive)).build()?)?;
///     let tenth = shop.prepare(Coupon::builder("b").code("TENTH").percent_off("10").build()?)?;
///     let five = Coupon::builder("c").code("FIVE").amount_off(Money::parse("5.00", Currency::USD)?).build()?;
///     let five = shop.prepare(five)?;
///     let line = |id, product: &str, price| -> Result<Line, Error> {
///         Ok(Line::new(LineId(id), Product::new(product.parse()?), Quantity::ONE, UnitPrice::parse(price)?))
///     };
///     let order = Order::builder(Currency::USD).line(line(1, "BOOT", "100.00")?).line(line(2, "SOCKS", "10.00")?);
///     let (order, customer) = (order.build()?, Customer::anonymous());
///     let codes = [Presented::new("BOOTS", &boots), Presented::new("TENTH", &tenth), Presented::new("FIVE", &five)];
///     let at = parse_instant("2026-03-29T12:00:00Z")?;
///     let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
///     Ok(shop.evaluate(&request)?.totals().payable().to_string())
/// };
/// assert_eq!(pay(Exclusive::No)?, "76.00 USD"); // less 20.00, 9.00 and 5.00
/// assert_eq!(pay(Exclusive::Order)?, "90.00 USD"); // less 20.00
/// assert_eq!(pay(Exclusive::Class)?, "85.00 USD"); // 5.00 acts on the order, 10% on lines as BOOTS does
/// assert_eq!(pay(Exclusive::Line)?, "84.00 USD"); // 1.00 and 5.00 off the socks alone
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Exclusive {
    /// Of nothing.
    #[default]
    No,
    /// Of the order: no other code stands on it.
    Order,
    /// Of its class: no other code that acts in a stage in which it acts (lines, order, shipping), by what their benefits
    /// are, not by what comes of them.
    Class,
    /// Of the lines and shipping charges that it is for: other codes leave those alone and act on the rest.
    Line,
}

const EXCLUSIVE: &str = "`order`, `class`, `line`";

impl Form for Exclusive {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        if let Some(exclusive) = value.as_flag() {
            return Some(if exclusive { Self::Order } else { Self::No });
        }
        match value.as_text() {
            Some("order") => Some(Self::Order),
            Some("class") => Some(Self::Class),
            Some("line") => Some(Self::Line),
            Some(_) => {
                check.report(value, Why::UnknownChoice { choices: EXCLUSIVE });
                None
            }
            None => {
                check.wrong_kind(value, "true, false, `order`, `class` or `line`");
                None
            }
        }
    }

    fn write(&self) -> DraftValue {
        match self {
            Self::No => false.into(),
            Self::Order => true.into(),
            Self::Class => "class".into(),
            Self::Line => "line".into(),
        }
    }
}

serde_by_form!(Exclusive);

choices! {
    /// Whether a coupon acts on the list price in place of the customer's own price and the shop's discounts.
    ///
    /// While it is applied, the lines in question stand at the list price without the shop's discounts, for it and for
    /// every code beside it. Where the order would not be cheaper with it than without it, it is refused as no benefit, so
    /// it never takes a better price away.
    ///
    /// ```
    /// use vouchsafe::{Combination, Overrides};
    ///
    /// let combination: Combination = serde_json::from_str(r#"{"overrides": "touched"}"#)?;
    /// assert_eq!(combination.overrides(), Overrides::Touched);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub enum Overrides {
        /// It acts on what the customer would pay.
        Nothing = "nothing",
        /// The lines that it touches stand at the list price.
        Touched = "touched",
        /// All lines stand at the list price.
        Everything = "everything",
    }
}

impl Default for Combination {
    fn default() -> Self {
        Self {
            with_discounts: true,
            exclusive: Exclusive::No,
            several_codes: false,
            overrides: Overrides::Nothing,
            group: None,
            tags: Vec::new(),
            not_with: Vec::new(),
            stop: false,
        }
    }
}

impl Combination {
    /// Whether it acts on lines that carry a discount of the shop (S112); default yes (S139).
    #[must_use]
    pub fn with_discounts(&self) -> bool {
        self.with_discounts
    }

    /// What it shuts other coupons out of; default nothing.
    #[must_use]
    pub fn exclusive(&self) -> Exclusive {
        self.exclusive
    }

    /// Whether several codes of this one definition may be used on one order; default no.
    #[must_use]
    pub fn several_codes(&self) -> bool {
        self.several_codes
    }

    /// Whether it acts on the list price in place of the customer's own price and the shop's discounts; default no.
    #[must_use]
    pub fn overrides(&self) -> Overrides {
        self.overrides
    }

    /// The group of which only the best for the shopper applies.
    #[must_use]
    pub fn group(&self) -> Option<&GroupId> {
        self.group.as_ref()
    }

    /// What others may refuse to stand beside.
    #[must_use]
    pub fn tags(&self) -> &[TagId] {
        &self.tags
    }

    /// It does not stand beside a code with one of these tags.
    #[must_use]
    pub fn not_with(&self) -> &[TagId] {
        &self.not_with
    }

    /// Whether no code after it by rank is applied where it is; default no.
    #[must_use]
    pub fn stops(&self) -> bool {
        self.stop
    }

    /// The same in a group of which only the best applies.
    #[must_use]
    pub fn in_group(self, group: GroupId) -> Self {
        Self { group: Some(group), ..self }
    }

    /// The same with these tags.
    #[must_use]
    pub fn tagged(self, tags: impl IntoIterator<Item = TagId>) -> Self {
        Self { tags: tags.into_iter().collect(), ..self }
    }

    /// The same, not beside codes with one of these tags.
    #[must_use]
    pub fn apart_from(self, tags: impl IntoIterator<Item = TagId>) -> Self {
        Self { not_with: tags.into_iter().collect(), ..self }
    }

    /// The same, with no code after it by rank.
    #[must_use]
    pub fn stopping(self) -> Self {
        Self { stop: true, ..self }
    }

    /// The same, acting on the list price of these lines.
    #[must_use]
    pub fn overriding(self, overrides: Overrides) -> Self {
        Self { overrides, ..self }
    }

    /// The same with or without the shop's discounts.
    #[must_use]
    pub fn discounts(self, allowed: bool) -> Self {
        Self { with_discounts: allowed, ..self }
    }

    /// The same, shutting every other coupon out.
    #[must_use]
    pub fn alone(self) -> Self {
        Self { exclusive: Exclusive::Order, ..self }
    }

    /// The same, shutting other coupons out of this much.
    #[must_use]
    pub fn exclusive_of(self, exclusive: Exclusive) -> Self {
        Self { exclusive, ..self }
    }

    /// The same, letting several codes of this definition onto one order.
    #[must_use]
    pub fn repeated(self) -> Self {
        Self { several_codes: true, ..self }
    }
}

impl Form for Combination {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| {
            Some(Self {
                with_discounts: f.optional("with_discounts").unwrap_or(true),
                exclusive: f.or_default("exclusive"),
                several_codes: f.or_default("several_codes"),
                overrides: f.or_default("overrides"),
                group: f.optional("group"),
                tags: f.or_default("tags"),
                not_with: f.or_default("not_with"),
                stop: f.or_default("stop"),
            })
        })
    }

    fn write(&self) -> DraftValue {
        Writer::default()
            .put_unless("with_discounts", &self.with_discounts, &true)
            .put_unless_default("exclusive", &self.exclusive)
            .put_unless_default("several_codes", &self.several_codes)
            .put_unless_default("overrides", &self.overrides)
            .put_some("group", self.group.as_ref())
            .put_unless_default("tags", &self.tags)
            .put_unless_default("not_with", &self.not_with)
            .put_unless_default("stop", &self.stop)
            .end()
    }
}

serde_by_form!(Combination);

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves S112, S139.
    #[test]
    fn defaults_are_left_out_and_read_back() {
        assert_eq!(serde_json::to_string(&Combination::default()).unwrap(), "{}");
        assert_eq!(serde_json::from_str::<Combination>("{}").unwrap(), Combination::default());
        let json = concat!(
            r#"{"with_discounts":false,"exclusive":true,"several_codes":true,"overrides":"touched","group":"g","#,
            r#""tags":["a"],"not_with":["b","c"],"stop":true}"#
        );
        let tag = |text: &str| text.parse::<TagId>().unwrap();
        let all = Combination::default().discounts(false).alone().repeated().overriding(Overrides::Touched);
        let all = all.in_group("g".parse().unwrap()).tagged([tag("a")]).apart_from([tag("b"), tag("c")]).stopping();
        assert_eq!(serde_json::to_string(&all).unwrap(), json);
        assert_eq!(serde_json::from_str::<Combination>(json).unwrap(), all);
        let error = serde_json::from_str::<Combination>(r#"{"exclusive":"yes"}"#).unwrap_err();
        assert_eq!(error.to_string(), "`exclusive` is `yes`: not one of `order`, `class`, `line`");
        for (json, exclusive) in [("false", Exclusive::No), ("true", Exclusive::Order), ("\"class\"", Exclusive::Class)]
        {
            assert_eq!(serde_json::from_str::<Exclusive>(json).unwrap(), exclusive);
            assert_eq!(serde_json::to_string(&exclusive).unwrap(), json);
        }
        assert_eq!(serde_json::from_str::<Exclusive>("\"order\"").unwrap(), Exclusive::Order);
    }
}
