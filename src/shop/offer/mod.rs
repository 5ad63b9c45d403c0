//! Automatic offers: what the shop gives without a code.

mod index;

use std::sync::Arc;

use crate::calendar::Zone;
use crate::coupon::{
    Benefit, Condition, Coupon, Kind, Limits, Overrides, Remainder, Status, Validity, read_inner_coupon,
};
use crate::error::{DefinitionErrors, FieldError, Why};
use crate::form::DraftValue;
use crate::form::{Check, Form, serde_by_form};
use crate::key::DiscountId;

use super::Prepared;
pub(crate) use index::Found;
use index::OfferIndex;

/// What stands beside a field that an offer cannot have.
const AUTOMATIC: &str = "an automatic offer";

/// An offer that the shop makes by itself: no code is typed, and whoever meets its conditions has it.
///
/// An offer is a definition like a coupon's, with the same benefits, scopes and conditions. It has nothing that needs a
/// code, a holder or a counter of a store. Each of these is [`Why::Contradicts`] at its path, all at once:
///
/// | an offer cannot have | error at | since |
/// |---|---|---|
/// | the kind `personal` | `kind` | nobody holds it |
/// | a shared code | `code` | none is typed |
/// | a countdown | `validity.countdown` | nothing is issued from which it could run |
/// | availability, a way to be earned | `availability`, `earn` | nothing is given or earned |
/// | limits of any kind, also of money or units | `limits` | no store counts it |
/// | a change of the customer's type | `assign` | a shopper would change by looking at a basket |
/// | payments it is for, a remainder that is carried | `payments`, `remainder` | only a code is for some payments of a subscription and not for others |
/// | several codes, an override of prices and discounts | `combination.several_codes`, `combination.overrides` | it has no code, and is such a discount itself |
/// | a condition that only first orders meet, or how many customers joined | `conditions[n]` | a store has to guard and to count it |
/// | amounts by an operator or the host, a trial, `none` | `benefits[n]` | it gives money or a gift, by rule |
///
/// Policy's number of codes, depth and most discount are about codes: offers neither count nor are cut.
///
/// Offers run in step 5 of the [order of work](crate::Shop::evaluate), in a stage of their own: after the discounts
/// that the host put on the lines, and before any code. Their thresholds are judged on the totals after step 4, at the
/// customer's prices. What an offer takes becomes a [discount of the shop](crate::ShopDiscount) under its id, account
/// and funding, so that everything after it treats it as one: thresholds of coupons see the amount after it, a coupon
/// that does not combine with discounts stands against it (S140), it goes with the line into returns, changes and
/// books. Coupons themselves are never automatic (S101).
///
/// - Offers among each other go by rank: priority, then id. Each acts on what the ones before it left.
/// - A line that already carries a discount under the id of the offer is left alone: the host gave it there already.
/// - An offer that does not combine with discounts is not made where a line it would touch carries one.
/// - At most [`Order::MAX_DISCOUNTS`](crate::Order::MAX_DISCOUNTS) discounts lie on one line, those of offers among
///   them; offers that find no room are not made.
/// - Pieces that a set of an offer used are used up for the sets of codes. What it took off lies on the line as a whole, as
///   any discount of the shop does: to codes, each piece of the line costs an equal part of what is left of it.
/// - Of a line whose price is above its list price, offers take no more than the list price.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// let sale = Coupon::builder("boot-sale").percent_off("20").scope(Scope::Categories(vec!["boots".parse()?])).build()?;
/// let shop = Shop::builder(Policy::storefront(Currency::USD, Zone::UTC)).offer(Offer::new(sale)?).build()?;
///
/// let boot = Product::new("BOOT".parse()?).with_categories(["boots".parse()?]);
/// let order = Order::builder(Currency::USD)
///     .line(Line::new(LineId(1), boot, Quantity::pieces(2)?, UnitPrice::parse("50.00")?))
///     .build()?;
/// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
/// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at);
/// let outcome = shop.evaluate(&request)?;
/// assert_eq!(outcome.lines()[0].shop_discount().to_string(), "20.00 USD");
/// assert_eq!(outcome.totals().payable().to_string(), "80.00 USD");
/// # Ok(())
/// # }
/// ```
///
/// # What needs a code is no offer
///
/// ```
/// use vouchsafe::{Coupon, Offer};
///
/// let coupon = Coupon::builder("ten").code("TEN").percent_off("10").total_limit(100).build()?;
/// let errors = Offer::new(coupon).unwrap_err();
/// assert_eq!(
///     errors.to_string(),
///     "`code` is `TEN`: not allowed together with an automatic offer; `limits` is `{..}`: not allowed together with an automatic offer"
/// );
/// # Ok::<(), vouchsafe::DefinitionErrors>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    terms: Coupon,
}

impl Offer {
    /// The offer of a definition.
    ///
    /// # Errors
    /// [`Why::Contradicts`] for everything that an offer cannot have, all at once.
    pub fn new(terms: Coupon) -> Result<Self, DefinitionErrors> {
        let errors = misfits(&terms);
        if errors.is_empty() { Ok(Self { terms }) } else { Err(DefinitionErrors(errors)) }
    }

    /// Its definition.
    #[must_use]
    pub fn terms(&self) -> &Coupon {
        &self.terms
    }

    /// The id that its discounts have.
    #[must_use]
    pub fn discount_id(&self) -> DiscountId {
        self.terms.id().key().clone().into()
    }
}

/// What an offer cannot have, with where it stands.
fn misfits(terms: &Coupon) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut add = |path: String, value: &str| {
        errors.push(FieldError::new(path, value, Why::Contradicts { with: AUTOMATIC }));
    };
    if terms.kind() == Kind::Personal {
        add("kind".to_owned(), terms.kind().as_str());
    }
    if let Some(code) = terms.code() {
        add("code".to_owned(), code.as_str());
    }
    if matches!(terms.validity(), Validity::Countdown(_)) {
        add("validity.countdown".to_owned(), "{..}");
    }
    let combination = terms.combination();
    for (path, there) in [
        ("availability", terms.availability() != &Validity::Always),
        ("earn", !terms.earn().is_empty()),
        ("limits", terms.limits() != &Limits::default()),
        ("assign", terms.assign().is_some()),
        ("payments", terms.payments().is_some()),
        ("remainder", terms.remainder() != Remainder::default()),
        ("combination.several_codes", combination.several_codes()),
        ("combination.overrides", combination.overrides() != Overrides::Nothing),
    ] {
        if there {
            add(path.to_owned(), "{..}");
        }
    }
    for (i, condition) in terms.conditions().iter().enumerate() {
        if needs_a_store(condition) {
            add(format!("conditions[{i}]"), "{..}");
        }
    }
    for (i, benefit) in terms.benefits().iter().enumerate() {
        let kind = match benefit {
            Benefit::Operator(_) => "operator",
            Benefit::Host(_) => "host",
            Benefit::Trial(_) => "trial",
            Benefit::None => "none",
            _ => continue,
        };
        add(format!("benefits[{i}]"), kind);
    }
    errors
}

/// Whether a condition asks what only a store can guard, wherever it stands.
fn needs_a_store(condition: &Condition) -> bool {
    match condition {
        Condition::All(group) | Condition::Any(group) => group.members().iter().any(needs_a_store),
        Condition::Not(negated) => needs_a_store(negated.inner()),
        // Nobody counts the customers of an offer.
        Condition::UniqueCustomers(_) => true,
        other => other.requires_first_order(),
    }
}

impl Form for Offer {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        let terms = check.fields(value, read_inner_coupon)?;
        let errors = misfits(&terms);
        if errors.is_empty() {
            return Some(Self { terms });
        }
        let place = check.path();
        let whole = |error: FieldError| FieldError { path: format!("{place}{}{}", dot(&place), error.path), ..error };
        check.report_found(errors.into_iter().map(whole).collect());
        None
    }

    fn write(&self) -> DraftValue {
        self.terms.write_inner()
    }
}

fn dot(place: &str) -> &'static str {
    if place.is_empty() { "" } else { "." }
}

serde_by_form!(Offer);

/// One offer, made ready.
#[derive(Debug)]
pub(crate) struct PreparedOffer {
    pub(crate) offer: Offer,
    pub(crate) prepared: Prepared,
    pub(crate) discount: DiscountId,
    /// What a shopper reads.
    pub(crate) description: Arc<str>,
}

/// The offers of a shop, by rank, with the index that finds those that could match.
#[derive(Debug, Clone, Default)]
pub(crate) struct Offers(Option<Arc<Inner>>);

#[derive(Debug)]
struct Inner {
    /// By rank.
    offers: Vec<PreparedOffer>,
    /// In the order given, by their places among those.
    given: Vec<usize>,
    index: OfferIndex,
}

impl PartialEq for Offers {
    fn eq(&self, other: &Self) -> bool {
        self.given().eq(other.given())
    }
}

impl Eq for Offers {}

impl Offers {
    /// Prepares offers, or says what is wrong with them, each with its whole path.
    pub(super) fn new(offers: &[(usize, Offer)], zone: &Zone, mut wrong: impl FnMut(FieldError)) -> Self {
        let mut prepared = Vec::with_capacity(offers.len());
        for (at, (place, offer)) in offers.iter().enumerate() {
            match Prepared::new(offer.terms.clone(), zone) {
                Ok(ready) => prepared.push((at, offer, ready)),
                Err(error) => match error.under(&format!("offers[{place}]")) {
                    crate::error::Error::Invalid(field) => wrong(*field),
                    other => wrong(FieldError::new(format!("offers[{place}]"), other, Why::Overflow)),
                },
            }
        }
        prepared.sort_by(|(_, a, _), (_, b, _)| {
            (b.terms.priority().cmp(&a.terms.priority())).then_with(|| a.terms.id().cmp(b.terms.id()))
        });
        let mut given: Vec<(usize, usize)> = prepared.iter().enumerate().map(|(rank, (at, ..))| (*at, rank)).collect();
        given.sort_unstable();
        let ready = |(_, offer, prepared): (usize, &Offer, Prepared)| PreparedOffer {
            offer: offer.clone(),
            prepared,
            discount: offer.discount_id(),
            description: offer.terms.description().into(),
        };
        let offers: Vec<PreparedOffer> = prepared.into_iter().map(ready).collect();
        if offers.is_empty() {
            return Self(None);
        }
        let live = |offer: &&PreparedOffer| offer.offer.terms.status() == Status::Active;
        let index =
            OfferIndex::new((0_u32..).zip(&offers).filter(|(_, offer)| live(offer)).map(|(i, o)| (i, &o.prepared)));
        Self(Some(Arc::new(Inner { offers, given: given.into_iter().map(|(_, rank)| rank).collect(), index })))
    }

    /// In the order given.
    pub(crate) fn given(&self) -> impl Iterator<Item = &Offer> {
        let inner = self.0.as_deref();
        inner.into_iter().flat_map(|i| i.given.iter().filter_map(|at| i.offers.get(*at))).map(|offer| &offer.offer)
    }

    /// By its place in the ranks.
    pub(crate) fn get(&self, rank: u32) -> Option<&PreparedOffer> {
        self.0.as_ref()?.offers.get(usize::try_from(rank).ok()?)
    }

    pub(crate) fn index(&self) -> Option<&OfferIndex> {
        self.0.as_ref().map(|inner| &inner.index)
    }
}
