//! Which pieces a benefit acts on.

use std::num::NonZeroU64;

use crate::coupon::Scope;
use crate::form::{Fields, Writer, choices};

choices! {
    /// Which pieces go first where a benefit acts on a limited number of them.
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
    /// use std::num::NonZeroU64;
    /// let one_free = |pick| PercentOff::new(Percent::HUNDRED).on(Target::default().units(NonZeroU64::MIN).picking(pick)).into();
    /// let lines = [("SHOES", 1, "60.00"), ("SOCKS", 2, "5.00")];
    /// assert_eq!(pay(one_free(Pick::Cheapest), &lines)?, "65.00 USD");
    /// assert_eq!(pay(one_free(Pick::Dearest), &lines)?, "10.00 USD");
    /// # Ok(())
    /// # }
    /// ```
    pub enum Pick {
        /// The cheapest: what the merchant gives away costs least.
        Cheapest = "cheapest",
        /// The dearest.
        Dearest = "dearest",
    }
}

/// Which pieces a benefit acts on.
///
/// The fields of a target stand among the fields of its benefit: `{"percent": {"off": "100", "max_units": 1}}` is one
/// free piece. Without any of them a benefit acts on every piece of every line of the coupon's scope.
///
/// ```
/// use std::num::NonZeroU64;
/// use vouchsafe::{Benefit, Percent, PercentOff, Pick, Target};
///
/// let one = Target::default().units(NonZeroU64::MIN).picking(Pick::Dearest);
/// let free = Benefit::from(PercentOff::new(Percent::HUNDRED).on(one));
/// let json = r#"{"percent":{"off":"100","max_units":1,"pick":"dearest"}}"#;
/// assert_eq!(serde_json::to_string(&free)?, json);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Target {
    pub(crate) scope: Option<Scope>,
    pub(crate) max_units: Option<u64>,
    pub(crate) max_units_per_line: Option<u64>,
    pub(crate) pick: Pick,
    pub(crate) groups_of: Option<u64>,
    pub(crate) pieces_from: Option<u64>,
}

impl Target {
    /// The same, within this scope as well as the coupon's.
    #[must_use]
    pub fn within(self, scope: Scope) -> Self {
        Self { scope: Some(scope), ..self }
    }

    /// The same, on at most so many pieces in all.
    #[must_use]
    pub fn units(self, most: NonZeroU64) -> Self {
        Self { max_units: Some(most.get()), ..self }
    }

    /// The same, on at most so many pieces of one line.
    #[must_use]
    pub fn units_per_line(self, most: NonZeroU64) -> Self {
        Self { max_units_per_line: Some(most.get()), ..self }
    }

    /// The same, on complete groups of so many pieces only, over all lines together.
    #[must_use]
    pub fn in_groups_of(self, pieces: NonZeroU64) -> Self {
        Self { groups_of: Some(pieces.get()), ..self }
    }

    /// The same, on lines of at least so many pieces only.
    #[must_use]
    pub fn from_pieces(self, pieces: NonZeroU64) -> Self {
        Self { pieces_from: Some(pieces.get()), ..self }
    }

    /// The same, with these pieces first.
    #[must_use]
    pub fn picking(self, pick: Pick) -> Self {
        Self { pick, ..self }
    }

    /// Narrows the coupon's scope for this benefit.
    #[must_use]
    pub fn scope(&self) -> Option<&Scope> {
        self.scope.as_ref()
    }

    /// The most pieces in all; `None`: every piece.
    #[must_use]
    pub fn max_units(&self) -> Option<u64> {
        self.max_units
    }

    /// The most pieces of one line; `None`: every piece.
    #[must_use]
    pub fn max_units_per_line(&self) -> Option<u64> {
        self.max_units_per_line
    }

    /// Only complete groups of so many pieces count, over all lines together: of 8 pieces in groups of 3 it acts on 6.
    /// What other limits leave is what is grouped, and pieces at zero are in no group. `None`: every piece counts.
    #[must_use]
    pub fn groups_of(&self) -> Option<u64> {
        self.groups_of
    }

    /// A line qualifies from so many pieces; with fewer the benefit leaves it alone. `None`: every line qualifies.
    #[must_use]
    pub fn pieces_from(&self) -> Option<u64> {
        self.pieces_from
    }

    /// Whether nothing holds it back from every piece of every line of its scope.
    pub(crate) fn is_every_piece(&self) -> bool {
        let Self { scope: _, max_units, max_units_per_line, pick: _, groups_of, pieces_from } = self;
        (max_units, max_units_per_line, groups_of, pieces_from) == (&None, &None, &None, &None)
    }

    /// Whether it picks some pieces of the lines that it acts on.
    pub(crate) fn picks(&self) -> bool {
        (self.max_units, self.max_units_per_line, self.groups_of) != (None, None, None)
    }

    /// Which pieces go first.
    #[must_use]
    pub fn pick(&self) -> Pick {
        self.pick
    }

    /// Reads the fields of a target among those of its benefit.
    pub(super) fn read_among(f: &mut Fields<'_, '_>) -> Self {
        Self {
            scope: f.optional("scope"),
            max_units: f.not_zero("max_units"),
            max_units_per_line: f.not_zero("max_units_per_line"),
            pick: f.or_default("pick"),
            groups_of: f.not_zero("groups_of"),
            pieces_from: f.not_zero("pieces_from"),
        }
    }

    /// Writes the fields of a target among those of its benefit.
    pub(super) fn write_among(&self, writer: Writer) -> Writer {
        writer
            .put_some("scope", self.scope.as_ref())
            .put_some("max_units", self.max_units.as_ref())
            .put_some("max_units_per_line", self.max_units_per_line.as_ref())
            .put_unless_default("pick", &self.pick)
            .put_some("groups_of", self.groups_of.as_ref())
            .put_some("pieces_from", self.pieces_from.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use crate::coupon::HostAmounts;
    use crate::form::testing::{assert_errors, assert_identity};

    #[test]
    fn the_fields_of_a_target_stand_among_those_of_its_benefit() {
        assert_identity::<HostAmounts>(&[
            r#"{"scope":"on_sale","max_units":3,"max_units_per_line":1,"pick":"dearest"}"#,
            r#"{"groups_of":3,"pieces_from":2}"#,
            r#"{"scope":{"tags":[]}}"#,
        ]);
    }

    #[test]
    fn no_piece_at_all_is_an_error() {
        assert_errors::<HostAmounts>(&[
            (
                r#"{"max_units":0,"max_units_per_line":0,"groups_of":0,"pieces_from":0}"#,
                "`max_units` is `0`: zero; `max_units_per_line` is `0`: zero; `groups_of` is `0`: zero; \
                 `pieces_from` is `0`: zero",
            ),
            (
                r#"{"pick":"best","scope":{"tags":1},"max_units":"1"}"#,
                "`pick` is `best`: not one of `cheapest`, `dearest`; `scope.tags` is `1`: expected a list; \
                 `max_units` is `1`: expected a whole number",
            ),
        ]);
    }
}
