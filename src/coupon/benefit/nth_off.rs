//! The n-th piece, or the cheapest or dearest of so many.

use std::num::{NonZeroU32, NonZeroU64};

use super::reward::Reward;
use super::set_part::Among;
use super::target::Target;
use crate::error::Why;
use crate::form::{Check, DraftValue, Fields, Form, Writer, choices, serde_by_form, tagged};

choices! {
    /// In what order pieces are put into sets of so many.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    /// # let pay = |benefit: Benefit, lines: &[(&str, u64, &str)]| -> Result<String, Box<dyn std::error::Error>> {
    /// #     let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
    /// #     let coupon = shop.prepare(Coupon::builder("demo").code("DEMO").benefit(benefit).build()?)?;
    /// #     let mut order = Order::builder(Currency::USD);
    /// #     for (id, (product, pieces, price)) in (1..).zip(lines) {
    /// #         let product = Product::new(product.parse()?);
    /// #         order = order.line(Line::new(LineId(id), product, Quantity::pieces(*pieces)?, UnitPrice::parse(price)?));
    /// #     }
    /// #     let (order, customer) = (order.build()?, Customer::anonymous());
    /// #     let (codes, at) = ([Presented::new("DEMO", &coupon)], parse_instant("2026-03-29T12:00:00Z")?);
    /// #     let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
    /// #     Ok(shop.evaluate(&request)?.totals().payable().to_string())
    /// # };
    /// // `pay`: what an order of these lines (product, pieces, price) comes to with the benefit.
    /// use std::num::NonZeroU32;
    /// let second = |sets| NthOff::new(NonZeroU32::MIN.saturating_add(1), Reward::Free).in_order(sets).into();
    /// let lines = [("A", 1, "10.00"), ("B", 1, "4.00"), ("C", 1, "8.00"), ("D", 1, "6.00"), ("E", 1, "2.00")]; // 30.00
    /// // 10 and 8, 6 and 4: of each pair the cheaper one is free.
    /// assert_eq!(pay(second(SetOrder::DearestFirst), &lines)?, "18.00 USD");
    /// // 2 and 4, 6 and 8: the dearest is left over, which suits the merchant.
    /// assert_eq!(pay(second(SetOrder::CheapestFirst), &lines)?, "22.00 USD");
    /// // 10 and 4, 8 and 6: as the lines stand.
    /// assert_eq!(pay(second(SetOrder::AsListed), &lines)?, "20.00 USD");
    /// # Ok(())
    /// # }
    /// ```
    pub enum SetOrder {
        /// The dearest first, by unit price after the shop's discounts; equal ones by line id.
        DearestFirst = "dearest_first",
        /// The cheapest first.
        CheapestFirst = "cheapest_first",
        /// Line by line, by line id.
        AsListed = "as_listed",
    }
}

choices! {
    /// From which pieces the rewarded ones are taken.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    /// # let pay = |benefit: Benefit, lines: &[(&str, u64, &str)]| -> Result<String, Box<dyn std::error::Error>> {
    /// #     let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
    /// #     let coupon = shop.prepare(Coupon::builder("demo").code("DEMO").benefit(benefit).build()?)?;
    /// #     let mut order = Order::builder(Currency::USD);
    /// #     for (id, (product, pieces, price)) in (1..).zip(lines) {
    /// #         let product = Product::new(product.parse()?);
    /// #         order = order.line(Line::new(LineId(id), product, Quantity::pieces(*pieces)?, UnitPrice::parse(price)?));
    /// #     }
    /// #     let (order, customer) = (order.build()?, Customer::anonymous());
    /// #     let (codes, at) = ([Presented::new("DEMO", &coupon)], parse_instant("2026-03-29T12:00:00Z")?);
    /// #     let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
    /// #     Ok(shop.evaluate(&request)?.totals().payable().to_string())
    /// # };
    /// // `pay`: what an order of these lines (product, pieces, price) comes to with the benefit.
    /// use std::num::NonZeroU32;
    /// let second = |from| NthOff::new(NonZeroU32::MIN.saturating_add(1), Reward::Free).taken_from(from).into();
    /// let lines = [("A", 1, "10.00"), ("B", 1, "8.00"), ("C", 1, "6.00"), ("D", 1, "4.00")]; // 28.00
    /// // Of 10 and 8 the 8, of 6 and 4 the 4.
    /// assert_eq!(pay(second(RewardFrom::EachSet), &lines)?, "16.00 USD");
    /// // Two sets give two free pieces: the two cheapest of all, 4 and 6.
    /// assert_eq!(pay(second(RewardFrom::Pool), &lines)?, "18.00 USD");
    /// # Ok(())
    /// # }
    /// ```
    pub enum RewardFrom {
        /// Each set by itself.
        EachSet = "each_set",
        /// All pieces of complete sets together.
        Pool = "pool",
    }
}

/// Which pieces of a set are rewarded.
///
/// In JSON `"cheapest"`, `"dearest"` or `{"position": 2}`.
///
/// ```
/// use vouchsafe::NthPiece;
///
/// let second: NthPiece = serde_json::from_str(r#"{"position": 2}"#)?;
/// assert!(matches!(second, NthPiece::Position(place) if place.get() == 2));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum NthPiece {
    /// The cheapest: what the merchant gives away costs least.
    #[default]
    Cheapest,
    /// The dearest.
    Dearest,
    /// The one at this place of the set, counted from 1 in the order of the sets.
    Position(NonZeroU32),
}

const PIECES: &str = "`cheapest`, `dearest`, `position`";

impl Form for NthPiece {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        match check.choice(value, PIECES)? {
            ("cheapest", None) => Some(Self::Cheapest),
            ("dearest", None) => Some(Self::Dearest),
            ("position", Some(inner)) => check.in_field("position", 0, |check| {
                let place = NonZeroU32::new(u32::read(inner, check)?);
                if place.is_none() {
                    check.report(inner, Why::Zero);
                }
                place.map(Self::Position)
            }),
            ("position", None) => {
                check.wrong_kind(value, "an object with one field, since this kind needs more than its name");
                None
            }
            ("cheapest" | "dearest", Some(inner)) => {
                check.wrong_kind(inner, "only the name");
                None
            }
            (kind, _) => {
                check.report(kind, Why::UnknownChoice { choices: PIECES });
                None
            }
        }
    }

    fn write(&self) -> DraftValue {
        match self {
            Self::Cheapest => "cheapest".into(),
            Self::Dearest => "dearest".into(),
            Self::Position(place) => tagged("position", place.get().write()),
        }
    }
}

serde_by_form!(NthPiece);

/// The n-th piece, or the cheapest or dearest of every n: "the third free", "every second at half price".
///
/// The qualifying pieces are put in order and cut into sets of `of` pieces; of each complete set, `take` pieces get the
/// reward. What is left over is no set. Every piece of a set is used up: no other set of pieces counts it again. In JSON
/// `{"nth": {"of": 3, "reward": "free"}}`.
///
/// ```
/// use std::num::NonZeroU32;
/// use vouchsafe::*;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let three = NonZeroU32::new(3).ok_or("zero")?;
/// let coupon = Coupon::builder("three").code("THREE").benefit(NthOff::new(three, Reward::Free)).build()?;
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let prepared = shop.prepare(coupon)?;
/// let line = |id, pieces, price| -> Result<Line, Error> {
///     Ok(Line::new(LineId(id), Product::new("SHIRT".parse()?), Quantity::pieces(pieces)?, UnitPrice::parse(price)?))
/// };
/// // Four pieces: the cheapest of the three dearest is free, and the fourth is in no set.
/// let order = Order::builder(Currency::USD).line(line(1, 2, "9.00")?).line(line(2, 2, "5.00")?).build()?;
/// let codes = [Presented::new("THREE", &prepared)];
/// let customer = Customer::anonymous();
/// let at = parse_instant("2026-03-29T12:00:00Z")?;
/// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
/// assert_eq!(shop.evaluate(&request)?.totals().payable().to_string(), "23.00 USD");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NthOff {
    pub(crate) of: u32,
    pub(crate) take: u32,
    pub(crate) which: NthPiece,
    pub(crate) sets: SetOrder,
    pub(crate) from: RewardFrom,
    pub(crate) reward: Reward,
    pub(crate) max_sets: Option<u64>,
    pub(crate) among: Among,
    pub(crate) target: Target,
}

impl NthOff {
    /// The cheapest of every `of` pieces, dearest first, with every choice at its default.
    #[must_use]
    pub fn new(of: NonZeroU32, reward: Reward) -> Self {
        Self {
            of: of.get(),
            take: 1,
            which: NthPiece::default(),
            sets: SetOrder::default(),
            from: RewardFrom::default(),
            reward,
            max_sets: None,
            among: Among::default(),
            target: Target::default(),
        }
    }

    /// The same, rewarding so many pieces of each set.
    #[must_use]
    pub fn taking(self, take: NonZeroU32) -> Self {
        Self { take: take.get(), ..self }
    }

    /// The same, rewarding these pieces of each set.
    #[must_use]
    pub fn rewarding(self, which: NthPiece) -> Self {
        Self { which, ..self }
    }

    /// The same, with the sets formed in this order.
    #[must_use]
    pub fn in_order(self, sets: SetOrder) -> Self {
        Self { sets, ..self }
    }

    /// The same, with the rewarded pieces taken from here.
    #[must_use]
    pub fn taken_from(self, from: RewardFrom) -> Self {
        Self { from, ..self }
    }

    /// The same, for at most so many sets, those that are formed first.
    #[must_use]
    pub fn at_most(self, sets: NonZeroU64) -> Self {
        Self { max_sets: Some(sets.get()), ..self }
    }

    /// The same, with sets formed within the order, within each line or within each product.
    #[must_use]
    pub fn formed_among(self, among: Among) -> Self {
        Self { among, ..self }
    }

    /// The same, within this scope as well as the coupon's.
    #[must_use]
    pub fn within(self, scope: crate::coupon::Scope) -> Self {
        Self { target: self.target.within(scope), ..self }
    }

    /// How many pieces make a set.
    #[must_use]
    pub fn of(&self) -> u32 {
        self.of
    }

    /// How many pieces of a set are rewarded.
    #[must_use]
    pub fn take(&self) -> u32 {
        self.take
    }

    /// Which pieces of a set are rewarded. The cheapest are those that stand last where the dearest stand first, then the
    /// smaller line id, then what has most left; pieces at zero are passed over.
    #[must_use]
    pub fn which(&self) -> NthPiece {
        self.which
    }

    /// In what order the sets are formed.
    #[must_use]
    pub fn sets(&self) -> SetOrder {
        self.sets
    }

    /// Where the rewarded pieces are taken from.
    #[must_use]
    pub fn from(&self) -> RewardFrom {
        self.from
    }

    /// What they get.
    #[must_use]
    pub fn reward(&self) -> &Reward {
        &self.reward
    }

    /// The most sets; `None`: as many as there are.
    #[must_use]
    pub fn max_sets(&self) -> Option<u64> {
        self.max_sets
    }

    /// Within what the sets are formed.
    #[must_use]
    pub fn among(&self) -> Among {
        self.among
    }

    /// Which pieces it acts on: its scope narrows the coupon's.
    #[must_use]
    pub fn target(&self) -> &Target {
        &self.target
    }
}

impl Form for NthOff {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| {
            let of: Option<u32> = f.required_not_zero("of");
            let take = f.not_zero("take").unwrap_or(1);
            let (which, sets, from): (NthPiece, _, _) =
                (f.or_default("which"), f.or_default("sets"), f.or_default("from"));
            fits(f, of, take, which);
            if let (NthPiece::Position(_), RewardFrom::Pool) = (which, from) {
                f.report("from", Why::Contradicts { with: "a position, which only each set has" });
            }
            let reward = f.or_default("reward");
            let (max_sets, among) = (f.not_zero("max_sets"), f.or_default("among"));
            let target = Target { scope: f.optional("scope"), ..Target::default() };
            Some(Self { of: of?, take, which, sets, from, reward, max_sets, among, target })
        })
    }

    fn write(&self) -> DraftValue {
        Writer::default()
            .put("of", &self.of)
            .put_unless("take", &self.take, &1)
            .put_unless_default("which", &self.which)
            .put_unless_default("sets", &self.sets)
            .put_unless_default("from", &self.from)
            .put("reward", &self.reward)
            .put_some("max_sets", self.max_sets.as_ref())
            .put_unless_default("among", &self.among)
            .put_some("scope", self.target.scope.as_ref())
            .end()
    }
}

/// A set rewards no more pieces than it has, and no piece behind its last.
fn fits(f: &mut Fields<'_, '_>, of: Option<u32>, take: u32, which: NthPiece) {
    let Some(of) = of else { return };
    let range = |max: u32| Why::OutOfRange { min: "1".to_owned(), max: max.to_string() };
    match which {
        _ if take > of => f.report("take", range(of)),
        NthPiece::Position(place) if place.get() > of.saturating_sub(take).saturating_add(1) => {
            f.report("which", range(of.saturating_sub(take).saturating_add(1)));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity};

    #[test]
    fn each_choice_is_read_and_written() {
        assert_identity::<NthOff>(&[
            r#"{"of":3,"reward":"free"}"#,
            r#"{"of":3,"take":2,"which":"dearest","sets":"as_listed","from":"pool","reward":{"percent":"50"},"max_sets":2,"among":"product","scope":"on_sale"}"#,
            r#"{"of":2,"which":{"position":2},"sets":"cheapest_first","reward":{"amount":{"USD":"1.00"}}}"#,
        ]);
    }

    #[test]
    fn every_mistake_is_reported() {
        assert_errors::<NthOff>(&[
            ("{}", "`of` is missing"),
            (r#"{"of":0,"take":0,"reward":"free"}"#, "`of` is `0`: zero; `take` is `0`: zero"),
            (r#"{"of":2,"take":3,"reward":"free"}"#, "`take` is `3`: not between 1 and 2"),
            (r#"{"of":3,"which":{"position":4},"reward":"free"}"#, "`which` is `{..}`: not between 1 and 3"),
            (r#"{"of":3,"take":2,"which":{"position":3},"reward":"free"}"#, "`which` is `{..}`: not between 1 and 2"),
            (r#"{"of":3,"which":{"position":0},"reward":"free"}"#, "`which.position` is `0`: zero"),
            (
                r#"{"of":3,"which":{"position":1},"from":"pool","reward":"free"}"#,
                "`from` is `pool`: not allowed together with a position, which only each set has",
            ),
            (
                r#"{"of":3,"which":"any","reward":"free"}"#,
                "`which` is `any`: not one of `cheapest`, `dearest`, `position`",
            ),
        ]);
    }
}
