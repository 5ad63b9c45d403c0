//! How much customers may buy over a window of time.

use std::collections::HashSet;

use crate::error::{Error, Why};
use crate::form::DraftValue;
use crate::form::{Check, Form, Writer, choices, read_members, serde_by_form};
use crate::key::AllowanceId;

use super::{AllowanceWindow, Excess};
use crate::shop::{Audience, Goods};

choices! {
    /// Whose purchases an allowance counts together. In JSON by name: `"customer"` or `"shared"`.
    ///
    /// ```
    /// use vouchsafe::AllowancePer;
    ///
    /// assert_eq!(AllowancePer::default(), AllowancePer::Customer);
    /// ```
    pub enum AllowancePer {
        /// Each customer has the quantity. It is counted on every identity key of the customer.
        Customer = "customer",
        /// All customers share it: first come, first served.
        Shared = "shared",
    }
}

/// How much of a set of goods customers may buy over a window of time (S44).
///
/// Its goods are counted together: six bottles are six of one wine, or one each of six. All allowances that concern a
/// customer hold side by side, and each counts the purchase. A measured line is one unit.
///
/// A customer may have a quantity of their own in its place ([`AllowanceGrant`](crate::AllowanceGrant)), where it is
/// counted per customer.
///
/// ```
/// use vouchsafe::{Allowance, AllowanceWindow, Audience, Excess, Goods};
///
/// // Pro-form customers may buy six pairs a season.
/// let pairs = Allowance::new("pro-pairs".parse()?, [Goods::category("skis".parse()?).with_descendants()], 6)?
///     .with_audience(Audience::of_types(["PROFORM".parse()?]))
///     .with_window(AllowanceWindow::Year)
///     .with_excess(Excess::Cap);
/// assert_eq!(pairs.quantity(), 6);
/// # Ok::<(), vouchsafe::Error>(())
/// ```
///
/// # One of a kind
///
/// What there is one of is an allowance that all customers share (S48). The store counts it when an order is recorded, so
/// that of many who try at once one has it.
///
/// ```
/// use vouchsafe::{Allowance, AllowancePer, Goods};
///
/// let violin = Allowance::new("violin".parse()?, [Goods::product("STRAD-1714".parse()?)], 1)?
///     .with_per(AllowancePer::Shared);
/// # Ok::<(), vouchsafe::Error>(())
/// ```
///
/// # JSON
///
/// ```
/// use vouchsafe::{Allowance, AllowanceWindow};
///
/// let bottles: Allowance = serde_json::from_str(
///     r#"{
///         "id": "bottles",
///         "goods": [{"category": "wine"}, {"product": "PORT"}],
///         "to": {"types": ["CLUB"]},
///         "quantity": 12,
///         "window": "quarter",
///         "excess": "cap"
///     }"#,
/// )?;
/// assert_eq!(bottles.window(), AllowanceWindow::Quarter);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowance {
    id: AllowanceId,
    goods: Vec<Goods>,
    audience: Audience,
    quantity: u64,
    window: AllowanceWindow,
    per: AllowancePer,
    excess: Excess,
}

impl Allowance {
    /// So many units of these goods for each customer, once and for all.
    ///
    /// # Errors
    /// [`Why::Zero`] at `quantity`; [`Why::Empty`] at `goods` where there are none, [`Why::Duplicate`] at the one that is
    /// given twice.
    pub fn new(id: AllowanceId, goods: impl IntoIterator<Item = Goods>, quantity: u64) -> Result<Self, Error> {
        let goods: Vec<Goods> = goods.into_iter().collect();
        if goods.is_empty() {
            return Err(Error::invalid("goods", "[]", Why::Empty));
        }
        let mut named = HashSet::with_capacity(goods.len());
        if let Some(place) = goods.iter().position(|one| !named.insert(one)) {
            return Err(Error::invalid(format!("goods[{place}]"), "{..}", Why::Duplicate));
        }
        if quantity == 0 {
            return Err(Error::invalid("quantity", quantity, Why::Zero));
        }
        Ok(Self {
            id,
            goods,
            audience: Audience::everyone(),
            quantity,
            window: AllowanceWindow::default(),
            per: AllowancePer::default(),
            excess: Excess::default(),
        })
    }

    /// The customers it is for. Others are not limited by it.
    #[must_use]
    pub fn with_audience(mut self, audience: Audience) -> Self {
        self.audience = audience;
        self
    }

    /// Over which time it is counted; all of it by default.
    #[must_use]
    pub fn with_window(mut self, window: AllowanceWindow) -> Self {
        self.window = window;
        self
    }

    /// Whose purchases are counted together; those of each customer by default.
    #[must_use]
    pub fn with_per(mut self, per: AllowancePer) -> Self {
        self.per = per;
        self
    }

    /// What becomes of units above it; refused by default.
    #[must_use]
    pub fn with_excess(mut self, excess: Excess) -> Self {
        self.excess = excess;
        self
    }

    /// Its name, under which the store counts.
    #[must_use]
    pub fn id(&self) -> &AllowanceId {
        &self.id
    }

    /// The goods, counted together.
    #[must_use]
    pub fn goods(&self) -> &[Goods] {
        &self.goods
    }

    /// The customers it is for.
    #[must_use]
    pub fn audience(&self) -> &Audience {
        &self.audience
    }

    /// How many units.
    #[must_use]
    pub fn quantity(&self) -> u64 {
        self.quantity
    }

    /// Over which time it is counted.
    #[must_use]
    pub fn window(&self) -> AllowanceWindow {
        self.window
    }

    /// Whose purchases are counted together.
    #[must_use]
    pub fn per(&self) -> AllowancePer {
        self.per
    }

    /// What becomes of units above it.
    #[must_use]
    pub fn excess(&self) -> Excess {
        self.excess
    }
}

impl Form for Allowance {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| {
            let id = f.required("id");
            let goods = f.required_with("goods", |value, check| {
                let goods = read_members(value, check, Goods::read)?;
                if goods.is_empty() {
                    check.report(value, Why::Empty);
                }
                let mut named = HashSet::with_capacity(goods.len());
                for (i, one) in goods.iter().enumerate() {
                    if one.as_ref().is_some_and(|one| !named.insert(one)) {
                        check.in_member(i, |check| check.report("{..}", Why::Duplicate));
                    }
                }
                goods.into_iter().collect::<Option<Vec<Goods>>>()
            });
            let audience = f.optional_or_reported("to");
            let quantity: Option<u64> = f.required_not_zero("quantity");
            let window = f.or_default("window");
            let (per, excess) = (f.or_default("per"), f.or_default("excess"));
            let made = Self::new(id?, goods?, quantity?).ok()?;
            Some(
                made.with_audience(audience?.unwrap_or_default()).with_window(window).with_per(per).with_excess(excess),
            )
        })
    }

    fn write(&self) -> DraftValue {
        Writer::default()
            .put("id", &self.id)
            .put("goods", &self.goods)
            .put_unless_default("to", &self.audience)
            .put("quantity", &self.quantity)
            .put_unless_default("window", &self.window)
            .put_unless_default("per", &self.per)
            .put_unless_default("excess", &self.excess)
            .end()
    }
}

serde_by_form!(Allowance);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity};

    #[test]
    fn a_round_trip_is_identity() {
        assert_identity::<Allowance>(&[
            r#"{"id":"A","goods":["everything"],"quantity":1}"#,
            concat!(
                r#"{"id":"A","goods":[{"product":"P","variants":true},{"category":"C"}],"to":{"types":["PRO"]},"#,
                r#""quantity":6,"window":{"rolling":{"days":30}},"per":"shared","excess":"cap"}"#
            ),
            r#"{"id":"A","goods":[{"product":"P"}],"quantity":1,"window":{"days":{"from":"2026-11-01"}}}"#,
        ]);
        assert_identity::<AllowanceWindow>(&[r#""ever""#, r#""month""#, r#""quarter""#, r#""year""#]);
    }

    #[test]
    fn every_mistake_is_reported_with_its_path() {
        assert_errors::<Allowance>(&[
            ("{}", "`id` is missing; `goods` is missing; `quantity` is missing"),
            (
                r#"{"id":"A","goods":[],"quantity":0,"window":"week","per":"team","excess":"clip","max":1}"#,
                "`goods` is `[]`: empty; `quantity` is `0`: zero; `window` is `week`: not one of `ever`, `days`, \
                 `month`, `quarter`, `year`, `rolling`; `per` is `team`: not one of `customer`, `shared`; \
                 `excess` is `clip`: not one of `refuse`, `cap`; `max` is `1`: unknown field, known: `id`, `goods`, `to`, `quantity`, `window`, `per`, `excess`",
            ),
            (
                r#"{"id":"A","goods":[{"product":"P"},"everything",{"product":"P"}],"quantity":1}"#,
                "`goods[2]` is `{..}`: given twice",
            ),
        ]);
        let window = |window: &str| format!(r#"{{"id":"A","goods":["everything"],"quantity":1,"window":{window}}}"#);
        for (given, error) in [
            (r#"{"rolling":{"days":0}}"#, "`window.rolling.days` is `0`: zero"),
            (r#"{"rolling":{}}"#, "`window.rolling.days` is missing"),
            (r#""rolling""#, "`window` is `rolling`: expected an object"),
            (r#"{"month":{}}"#, "`window.month` is `{}`: expected nothing beside the name"),
            (
                r#"{"days":{"from":"2026-03-02","thru":"2026-03-01"}}"#,
                "`window.days.thru` is `2026-03-01`: ends before it begins",
            ),
        ] {
            assert_errors::<Allowance>(&[(&window(given), error)]);
        }
    }

    #[test]
    fn the_constructor_goes_by_the_same_rules() {
        let new = |goods: Vec<Goods>, quantity| {
            Allowance::new("A".parse().unwrap(), goods, quantity).map(|_| ()).map_err(|error| error.to_string())
        };
        let everything = || vec![Goods::Everything];
        assert_eq!(new(everything(), 1), Ok(()));
        assert_eq!(new(everything(), 0), Err("`quantity` is `0`: zero".to_owned()));
        assert_eq!(new(vec![], 1), Err("`goods` is `[]`: empty".to_owned()));
        let twice = [everything(), everything()].concat();
        assert_eq!(new(twice, 1), Err("`goods[1]` is `{..}`: given twice".to_owned()));
    }
}
