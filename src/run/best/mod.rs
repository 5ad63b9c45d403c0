//! The best combination of a wallet of codes, exactly, by branch and bound.

mod bound;
mod effect;
mod search;

use crate::error::Error;
use crate::outcome::Outcome;
use crate::request::Request;
use crate::shop::Shop;

use search::{Found, Search};

/// Whose best a search is for.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC)); // one code an order
/// let five = shop.prepare(Coupon::builder("five").code("FIVE").percent_off("5").build()?)?;
/// let tenth = shop.prepare(Coupon::builder("tenth").code("TENTH").percent_off("10").build()?)?;
/// let line = Line::new(LineId(1), Product::new("BOOT".parse()?), Quantity::ONE, UnitPrice::parse("100.00")?);
/// let order = Order::builder(Currency::USD).line(line).build()?;
/// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
/// let wallet = [Presented::new("FIVE", &five), Presented::new("TENTH", &tenth)];
/// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&wallet);
///
/// let best = |goal| shop.best_offer(&request, OfferSearch::default().for_goal(goal));
/// assert_eq!(best(OfferGoal::Customer)?.codes(), [1]);
/// // The merchant must let one be used, as no code at all would leave room for another: the one that costs less.
/// assert_eq!(best(OfferGoal::Merchant)?.codes(), [0]);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum OfferGoal {
    /// The shopper's: the least to pay, tax, shipping and cash rounding included. Points that the request redeems as a
    /// discount count as paid, so that no code is left out because points would have paid for it. Gifts of codes count at
    /// what their definitions say they are worth; those of automatic offers do not count.
    #[default]
    Customer,
    /// The seller's, who has to let the wallet be used: of the combinations to which no further code of the wallet could be
    /// added and be applied, the one that leaves the seller most, without tax and less what the gifts of codes are worth. What third
    /// parties reimburse is left to the seller.
    Merchant,
}

/// How [`Shop::best_offer`] searches.
///
/// ```
/// use vouchsafe::{OfferGoal, OfferSearch};
///
/// let search = OfferSearch::default();
/// assert_eq!((search.goal(), search.node_budget()), (OfferGoal::Customer, 20_000));
/// assert_eq!(search.for_goal(OfferGoal::Merchant).with_node_budget(500).node_budget(), 500);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OfferSearch {
    goal: OfferGoal,
    nodes: u64,
}

impl Default for OfferSearch {
    fn default() -> Self {
        Self { goal: OfferGoal::Customer, nodes: 20_000 }
    }
}

impl OfferSearch {
    /// The same for this goal.
    #[must_use]
    pub fn for_goal(self, goal: OfferGoal) -> Self {
        Self { goal, ..self }
    }

    /// The same with so many evaluations at most; past them the best that was found comes without a proof.
    #[must_use]
    pub fn with_node_budget(self, nodes: u64) -> Self {
        Self { nodes, ..self }
    }

    /// Whose best it is for.
    #[must_use]
    pub fn goal(&self) -> OfferGoal {
        self.goal
    }

    /// The most evaluations.
    #[must_use]
    pub fn node_budget(&self) -> u64 {
        self.nodes
    }
}

/// The best combination that a search found. An example stands at [`Shop::best_offer`].
///
/// # Past the budget there is no proof
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let tenth = shop.prepare(Coupon::builder("tenth").code("TENTH").percent_off("10").build()?)?;
/// let line = Line::new(LineId(1), Product::new("BOOT".parse()?), Quantity::ONE, UnitPrice::parse("100.00")?);
/// let order = Order::builder(Currency::USD).line(line).build()?;
/// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
/// let wallet = [Presented::new("TENTH", &tenth)];
/// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&wallet);
///
/// // With no evaluation allowed there is an answer all the same: the order without a code, and no proof.
/// let none = shop.best_offer(&request, OfferSearch::default().with_node_budget(0))?;
/// assert!(none.codes().is_empty() && !none.is_proven());
/// assert_eq!(none.outcome().totals().payable().to_string(), "100.00 USD");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BestOffer {
    codes: Vec<usize>,
    outcome: Outcome,
    proven: bool,
    nodes: u64,
}

impl BestOffer {
    /// The codes of it, as positions among the codes of the request, in ascending order. All of them are applied.
    #[must_use]
    pub fn codes(&self) -> &[usize] {
        &self.codes
    }

    /// What the order comes to with exactly these codes.
    #[must_use]
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// [`outcome`](Self::outcome), owned.
    #[must_use]
    pub fn into_outcome(self) -> Outcome {
        self.outcome
    }

    /// Whether no combination of which every code is applied is better: the search came to its end before its budget did.
    #[must_use]
    pub fn is_proven(&self) -> bool {
        self.proven
    }

    /// How many evaluations it took.
    #[must_use]
    pub fn nodes(&self) -> u64 {
        self.nodes
    }
}

impl Shop {
    /// The best combination of the codes of a request: a shopper's wallet, of which policy and the coupons themselves let
    /// only some stand together.
    ///
    /// It is searched among the combinations of which *every* code is applied; beside them a code that is refused changes
    /// nothing. Those in which more of what was ordered can be sold go first (a change of the customer's type may close a
    /// product), then the goal decides. Of several that are equal, one with the fewest codes is taken, and of those the one
    /// whose codes come first by rank (priority, definition, code), so the same wallet has the same answer however its codes
    /// are ordered. A code whose effect is no money (a type, a trial, a gift without a value) is therefore not taken for its
    /// own sake.
    ///
    /// The answer is exact, and [`BestOffer::is_proven`] says so, unless the search reaches the bound of
    /// [`OfferSearch::with_node_budget`]; then it is the best found by then. Nothing but the input decides when that is. With a
    /// bound of at least the number of codes it is never worse than any single code.
    ///
    /// # Errors
    /// As [`evaluate`](Shop::evaluate).
    ///
    /// # Example
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let shop = Shop::new(Policy::builder(Currency::USD).max_codes(Some(2)).build()?);
    /// let wallet = [
    ///     shop.prepare(Coupon::builder("five").code("FIVE").percent_off("5").build()?)?,
    ///     shop.prepare(Coupon::builder("ten").code("TEN").percent_off("10").build()?)?,
    ///     shop.prepare(Coupon::builder("eight").code("EIGHT").amount_off(Money::parse("8.00", Currency::USD)?).build()?)?,
    /// ];
    /// let codes = [
    ///     Presented::new("five", &wallet[0]),
    ///     Presented::new("ten", &wallet[1]),
    ///     Presented::new("eight", &wallet[2]),
    /// ];
    /// let line = Line::new(LineId(1), Product::new("BOOTS".parse()?), Quantity::ONE, UnitPrice::parse("100.00")?);
    /// let order = Order::builder(Currency::USD).line(line).build()?;
    /// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
    /// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
    ///
    /// let best = shop.best_offer(&request, OfferSearch::default())?;
    /// assert_eq!(best.codes(), [1, 2]);
    /// assert_eq!(best.outcome().totals().payable().to_string(), "82.00 USD");
    /// assert!(best.is_proven());
    /// # Ok(())
    /// # }
    /// ```
    pub fn best_offer(&self, request: &Request<'_>, search: OfferSearch) -> Result<BestOffer, Error> {
        let Found { codes, proven, nodes } = Search::new(self, request, search).run()?;
        let chosen: Vec<_> = codes.iter().filter_map(|code| request.codes.get(*code).copied()).collect();
        let outcome = self.evaluate(&Request { codes: &chosen, ..request.clone() })?;
        Ok(BestOffer { codes, outcome, proven, nodes })
    }
}
