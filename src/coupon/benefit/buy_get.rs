//! Buy some pieces, get others.

use std::num::NonZeroU64;

use super::reward::Reward;
use super::set_part::{Among, SetPart};
use super::target::{Pick, Target};
use crate::error::Why;
use crate::form::{Check, DraftValue, Form, Writer};

/// The most kinds of goods that have to be bought for one set.
const MAX_BUY: usize = 7;

/// Buy some pieces, get others free or cheaper: "buy two, get one", "buy a racket, get the balls at half price".
///
/// Without goods of its own for what is given, pieces of the same goods are bought and given: all pieces are put in a
/// row, the dearest first, and cut into sets, and in each set the last pieces are rewarded (V19). With goods of its own,
/// as many sets are formed as the pieces of both sides allow, no piece being bought and given at once: the cheapest pieces
/// of the goods to be given get the reward, and the dearest of the others are bought. Every piece of a set is used up: no
/// other set of pieces counts it again.
///
/// In JSON `{"buy_get": {"buy": [{"pieces": 2}], "get": {"pieces": 1}, "reward": "free"}}`.
///
/// ```
/// use std::num::NonZeroU32;
/// use vouchsafe::*;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let one = SetPart::new(NonZeroU32::MIN);
/// let benefit = BuyGet::new(one.clone(), one, Reward::Free);
/// let coupon = Coupon::builder("bogo").code("BOGO").benefit(benefit).build()?;
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let prepared = shop.prepare(coupon)?;
/// let shirt = Product::new("SHIRT".parse()?);
/// let order = Order::builder(Currency::USD)
///     .line(Line::new(LineId(1), shirt, Quantity::pieces(5)?, UnitPrice::parse("10.00")?))
///     .build()?;
/// let codes = [Presented::new("BOGO", &prepared)];
/// let customer = Customer::anonymous();
/// let at = parse_instant("2026-03-29T12:00:00Z")?;
/// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
/// // Two sets of two, and one piece that is in none.
/// assert_eq!(shop.evaluate(&request)?.totals().payable().to_string(), "30.00 USD");
/// # Ok(())
/// # }
/// ```
///
/// # Several goods to be bought need goods of their own to be given
///
/// ```
/// use vouchsafe::Benefit;
///
/// let json = r#"{"buy_get": {"buy": [{"pieces": 1, "of": {"tags": ["a"]}}, {"pieces": 1, "of": {"tags": ["b"]}}],
///     "get": {"pieces": 1}}}"#;
/// let error = serde_json::from_str::<Benefit>(json).unwrap_err();
/// assert_eq!(error.to_string(), "`buy_get.get` is `{..}`: not allowed together with several goods to be bought, without `of`");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuyGet {
    pub(crate) buy: Vec<SetPart>,
    pub(crate) get: SetPart,
    pub(crate) reward: Reward,
    pub(crate) max_sets: Option<u64>,
    pub(crate) pick: Pick,
    pub(crate) incomplete: bool,
    pub(crate) among: Among,
    pub(crate) target: Target,
}

impl BuyGet {
    /// Buy this, get that, with every choice at its default.
    #[must_use]
    pub fn new(buy: SetPart, get: SetPart, reward: Reward) -> Self {
        Self {
            buy: vec![buy],
            get,
            reward,
            max_sets: None,
            pick: Pick::default(),
            incomplete: false,
            among: Among::default(),
            target: Target::default(),
        }
    }

    /// The same, with this to be bought as well: at most 7 parts in all. What is given needs goods of its own then
    /// ([`SetPart::of`]), since a row of the same goods has no several kinds. The check of the coupon says so, at
    /// `buy` and `get`.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use std::num::NonZeroU32;
    /// use vouchsafe::*;
    ///
    /// let one = |tag: &str| -> Result<SetPart, Error> {
    ///     Ok(SetPart::new(NonZeroU32::MIN).of(Scope::Tags(vec![tag.parse()?])))
    /// };
    /// // A racket and a bag, and a cap comes for nothing.
    /// let set = BuyGet::new(one("rackets")?, one("caps")?, Reward::Free).and_buy(one("bags")?);
    /// assert!(Coupon::builder("set").benefit(set.clone()).build().is_ok());
    ///
    /// // Which of them would be given?
    /// let anything = BuyGet::new(one("rackets")?, SetPart::new(NonZeroU32::MIN), Reward::Free).and_buy(one("bags")?);
    /// let errors = Coupon::builder("set").benefit(anything).build().unwrap_err();
    /// assert!(errors.at("benefits[0].buy_get.get").is_some());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn and_buy(mut self, part: SetPart) -> Self {
        self.buy.push(part);
        self
    }

    /// The same, for at most so many sets.
    #[must_use]
    pub fn at_most(self, sets: NonZeroU64) -> Self {
        Self { max_sets: Some(sets.get()), ..self }
    }

    /// The same, rewarding these pieces first.
    #[must_use]
    pub fn picking(self, pick: Pick) -> Self {
        Self { pick, ..self }
    }

    /// The same, where a last set that is short rewards what it has beyond the pieces to be bought.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let tagged = |pieces: u32, tag: &str| -> Result<SetPart, Box<dyn std::error::Error>> {
    ///     Ok(SetPart::new(pieces.try_into()?).of(Scope::Tags(vec![tag.parse()?])))
    /// };
    /// // A racket, and up to three cans of balls for nothing.
    /// let balls = BuyGet::new(tagged(1, "rackets")?, tagged(3, "balls")?, Reward::Free).with_incomplete();
    /// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
    /// let coupon = shop.prepare(Coupon::builder("balls").code("BALLS").benefit(balls).build()?)?;
    /// let line = |id, sku: &str, tag: &str, pieces, price| -> Result<Line, Error> {
    ///     let product = Product::new(sku.parse()?).with_tags([tag.parse()?]);
    ///     Ok(Line::new(LineId(id), product, Quantity::pieces(pieces)?, UnitPrice::parse(price)?))
    /// };
    /// let lines = [line(1, "RACKET", "rackets", 1, "90.00")?, line(2, "BALLS", "balls", 2, "6.00")?];
    /// let order = Order::builder(Currency::USD).lines(lines).build()?;
    /// let codes = [Presented::new("balls", &coupon)];
    /// let customer = Customer::anonymous();
    /// let at = parse_instant("2026-03-29T12:00:00Z")?;
    /// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
    /// // Two are in the basket, so two are free; complete sets alone would give none.
    /// assert_eq!(shop.evaluate(&request)?.totals().payable().to_string(), "90.00 USD");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_incomplete(self) -> Self {
        Self { incomplete: true, ..self }
    }

    /// The same, with sets formed within the order, within each line or within each product.
    #[must_use]
    pub fn formed_among(self, among: Among) -> Self {
        Self { among, ..self }
    }

    /// What has to be bought for one set.
    #[must_use]
    pub fn buy(&self) -> &[SetPart] {
        &self.buy
    }

    /// What one set gives.
    #[must_use]
    pub fn get(&self) -> &SetPart {
        &self.get
    }

    /// What becomes of the pieces given.
    #[must_use]
    pub fn reward(&self) -> &Reward {
        &self.reward
    }

    /// The most sets; `None`: as many as there are.
    #[must_use]
    pub fn max_sets(&self) -> Option<u64> {
        self.max_sets
    }

    /// Which pieces are rewarded first.
    #[must_use]
    pub fn pick(&self) -> Pick {
        self.pick
    }

    /// Whether a last set that is short rewards what it has: of "buy 2, get 2" of the same goods, three pieces give one.
    #[must_use]
    pub fn incomplete(&self) -> bool {
        self.incomplete
    }

    /// Within what the sets are formed.
    #[must_use]
    pub fn among(&self) -> Among {
        self.among
    }

    /// Whether the pieces that are given are of the goods that are bought.
    pub(crate) fn is_same_goods(&self) -> bool {
        self.get.of.is_none()
    }

    /// Its parts: what is bought, and last what is given where that is of other goods.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &SetPart> {
        self.buy.iter().chain((!self.is_same_goods()).then_some(&self.get))
    }
}

impl Form for BuyGet {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| {
            let buy = f.required_with("buy", |value, check| SetPart::read_some(value, MAX_BUY, check));
            let get: Option<SetPart> = f.required("get");
            let reward = f.or_default("reward");
            let (max_sets, pick) = (f.not_zero("max_sets"), f.or_default("pick"));
            let (incomplete, among) = (f.or_default("incomplete"), f.or_default("among"));
            let other = get.as_ref().is_some_and(|get| get.of.is_some());
            if buy.as_ref().is_some_and(|buy| buy.len() > 1) && get.is_some() && !other {
                f.report("get", Why::Contradicts { with: "several goods to be bought, without `of`" });
            }
            Some(Self { buy: buy?, get: get?, reward, max_sets, pick, incomplete, among, target: Target::default() })
        })
    }

    fn write(&self) -> DraftValue {
        Writer::default()
            .put("buy", &self.buy)
            .put("get", &self.get)
            .put("reward", &self.reward)
            .put_some("max_sets", self.max_sets.as_ref())
            .put_unless_default("pick", &self.pick)
            .put_unless_default("incomplete", &self.incomplete)
            .put_unless_default("among", &self.among)
            .end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity};

    #[test]
    fn each_choice_is_read_and_written() {
        assert_identity::<BuyGet>(&[
            r#"{"buy":[{"pieces":2}],"get":{"pieces":1},"reward":"free"}"#,
            r#"{"buy":[{"pieces":2,"of":{"tags":["a"]}},{"pieces":1}],"get":{"pieces":1,"of":"on_sale"},"reward":{"percent":"50"},"max_sets":3,"pick":"dearest","incomplete":true,"among":"product"}"#,
            r#"{"buy":[{"pieces":2}],"get":{"pieces":2},"reward":{"to_price":{"USD":"1.00"}},"incomplete":true,"among":"line"}"#,
        ]);
    }

    #[test]
    fn every_mistake_is_reported() {
        let many = format!(r#"{{"buy":[{}],"get":{{"pieces":1,"of":"on_sale"}}}}"#, [r#"{"pieces":1}"#; 8].join(","));
        assert_errors::<BuyGet>(&[
            ("{}", "`buy` is missing; `get` is missing"),
            (r#"{"buy":[],"get":{"pieces":0}}"#, "`buy` is `[]`: empty; `get.pieces` is `0`: zero"),
            (&many, "`buy` is `[..]`: more than 7 members"),
            (r#"{"buy":[{"pieces":1}],"get":{"pieces":1,"of":"on_sale"},"max_sets":0}"#, "`max_sets` is `0`: zero"),
        ]);
    }
}
