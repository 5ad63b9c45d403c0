//! From an order to the offers that could match, without a look at all others.
//!
//! Each offer is filed under the keys of one fact that an order must have for it: a product, a category, a tag; where its
//! goods say nothing, a customer type, a channel, a region or a payment option. An order asks for the keys it has, so
//! that its cost follows its lines and the offers that share a key with them. Offers that anything could match are
//! filed by their dates, so that those to come and those that are over are not looked at either.

use chrono::{DateTime, Utc};

use crate::calendar::Window;
use crate::coupon::{Benefit, Condition, Coupon, Scope};
use crate::key::{Key, KeyMap};
use crate::order::{Line, Order, Product};
use crate::shop::Standing;

use super::super::Prepared;

/// A fact of an order that offers are filed under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fact {
    Product,
    Parent,
    Category,
    Tag,
    Subsystem,
    ProductType,
    CustomerType,
    Channel,
    Region,
    PaymentOption,
}

const FACTS: usize = 10;

/// The offers of a shop by what an order must have for them.
#[derive(Debug, Default)]
pub(crate) struct OfferIndex {
    /// For each fact, the list of each of its keys.
    keys: [KeyMap<Key, u32>; FACTS],
    lists: Vec<Dated>,
    /// Those for goods on sale.
    on_sale: Dated,
    /// Those that act on shipping.
    shipping: Dated,
    /// Those that any order could match.
    anything: Dated,
}

/// Offers by when they begin.
#[derive(Debug, Default)]
struct Dated(Vec<Entry>);

#[derive(Debug)]
struct Entry {
    window: Window,
    /// The latest end of this one and all before it; none where one of them does not end.
    latest: Option<DateTime<Utc>>,
    offer: u32,
}

impl Dated {
    fn add(&mut self, window: Window, offer: u32) {
        self.0.push(Entry { window, latest: None, offer });
    }

    /// Sorts them once all are there.
    fn arrange(&mut self) {
        self.0.sort_by_key(|entry| (entry.window.from(), entry.offer));
        let mut latest = Some(DateTime::<Utc>::MIN_UTC);
        for entry in &mut self.0 {
            latest = latest.zip(entry.window.until()).map(|(latest, until)| latest.max(until));
            entry.latest = latest;
        }
    }

    /// Calls for those that are open at an instant.
    fn open(&self, at: DateTime<Utc>, mut found: impl FnMut(u32)) {
        let begun = self.0.partition_point(|entry| entry.window.from().is_none_or(|from| from <= at));
        for entry in self.0.iter().take(begun).rev() {
            if entry.latest.is_some_and(|latest| latest <= at) {
                return;
            }
            if entry.window.contains(at) {
                found(entry.offer);
            }
        }
    }
}

/// Where an offer is filed: under each of these keys, with goods on sale, or nowhere in particular.
#[derive(Debug, Clone)]
struct Places {
    keys: Vec<(Fact, Key)>,
    on_sale: bool,
}

impl Places {
    fn of(fact: Fact, keys: impl IntoIterator<Item = Key>) -> Self {
        Self { keys: keys.into_iter().map(|key| (fact, key)).collect(), on_sale: false }
    }

    fn size(&self) -> (bool, usize) {
        (self.on_sale, self.keys.len())
    }

    fn with(mut self, other: Self) -> Self {
        self.keys.extend(other.keys);
        self.on_sale |= other.on_sale;
        self
    }

    /// Of two facts that must both hold, the one that fewer orders have.
    fn narrower(a: Option<Self>, b: Option<Self>) -> Option<Self> {
        match (a, b) {
            (Some(a), Some(b)) => Some(if b.size() < a.size() { b } else { a }),
            (one, None) | (None, one) => one,
        }
    }

    /// Of several facts of which one must hold, all; none where one of them is anything at all.
    fn any(all: impl IntoIterator<Item = Option<Self>>) -> Option<Self> {
        let none = Self { keys: Vec::new(), on_sale: false };
        all.into_iter().try_fold(none, |sum, one| one.map(|one| sum.with(one)))
    }

    /// What a line must have to be covered; none where any line may be.
    fn of_scope(scope: &Scope) -> Option<Self> {
        match scope {
            Scope::Subsystem(subsystem) => Some(Self::of(Fact::Subsystem, [subsystem.key().clone()])),
            Scope::ProductType { product_type, .. } => Some(Self::of(Fact::ProductType, [product_type.key().clone()])),
            Scope::ParentProduct { parent, .. } => Some(Self::of(Fact::Parent, [parent.key().clone()])),
            Scope::Product { product, .. } => Some(Self::of(Fact::Product, [product.key().clone()])),
            Scope::Products(list) => Some(Self::of(Fact::Product, list.iter().map(|p| p.key().clone()))),
            Scope::Categories(list) => Some(Self::of(Fact::Category, list.iter().map(|c| c.key().clone()))),
            Scope::Tags(list) => Some(Self::of(Fact::Tag, list.iter().map(|t| t.key().clone()))),
            Scope::OnSale => Some(Self { keys: Vec::new(), on_sale: true }),
            Scope::All(group) => group.members().iter().map(Self::of_scope).fold(None, Self::narrower),
            Scope::Any(group) => Self::any(group.members().iter().map(Self::of_scope)),
            _ => None,
        }
    }

    /// What an order must have for a condition to hold; none where that cannot be told by keys.
    fn of_condition(condition: &Condition) -> Option<Self> {
        match condition {
            Condition::All(group) => group.members().iter().map(Self::of_condition).fold(None, Self::narrower),
            Condition::Any(group) => Self::any(group.members().iter().map(Self::of_condition)),
            Condition::MinimumQuantity(minimum) => minimum.of().and_then(Self::of_scope),
            Condition::DistinctProducts(distinct) => distinct.of().and_then(Self::of_scope),
            Condition::CustomerTypes(types) => {
                types.allowed().map(|list| Self::of(Fact::CustomerType, list.iter().map(|t| t.key().clone())))
            }
            Condition::Channels(channels) => {
                Some(Self::of(Fact::Channel, channels.allowed().iter().map(|c| c.key().clone())))
            }
            Condition::Regions(regions) => {
                regions.allowed().map(|list| Self::of(Fact::Region, list.iter().map(|r| r.key().clone())))
            }
            Condition::PaymentOptions(options) => {
                options.allowed().map(|list| Self::of(Fact::PaymentOption, list.iter().map(|o| o.key().clone())))
            }
            _ => None,
        }
    }

    /// Where a definition is filed for its lines, and whether it may act without any.
    fn of_terms(terms: &Coupon) -> (Option<Self>, bool) {
        let conditions = || terms.conditions().iter().map(Self::of_condition);
        let goods = |places: &Self| places.keys.iter().all(|(fact, _)| fact.is_of_goods());
        let asked = || conditions().flatten().filter(|p| goods(p)).map(Some).fold(None, Self::narrower);
        let lines = terms.benefits().iter().filter(|benefit| !matches!(benefit, Benefit::Shipping(_)));
        let touched = Self::any(lines.map(|b| b.target().and_then(|t| t.scope()).and_then(Self::of_scope)));
        let lines = Self::narrower(Self::of_scope(terms.scope()), touched);
        let customer = || conditions().fold(None, Self::narrower);
        let places = Self::narrower(lines, asked()).or_else(customer);
        let ships = terms.benefits().iter().any(|benefit| match benefit {
            Benefit::Shipping(_) => true,
            Benefit::Percent(percent) => percent.include_shipping(),
            Benefit::Amount(amount) => amount.include_shipping(),
            _ => false,
        });
        (places, ships)
    }
}

impl Fact {
    fn is_of_goods(self) -> bool {
        !matches!(self, Self::CustomerType | Self::Channel | Self::Region | Self::PaymentOption)
    }

    fn place(self) -> usize {
        match self {
            Self::Product => 0,
            Self::Parent => 1,
            Self::Category => 2,
            Self::Tag => 3,
            Self::Subsystem => 4,
            Self::ProductType => 5,
            Self::CustomerType => 6,
            Self::Channel => 7,
            Self::Region => 8,
            Self::PaymentOption => 9,
        }
    }
}

/// What was found, kept from one order to the next, so that nothing has to be cleared.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Counts the orders.
    turn: u64,
    /// The order that each list was last looked at for.
    lists: Vec<u64>,
    /// The order that each offer was last found for.
    offers: Vec<u64>,
    /// The offers, by rank.
    pub(crate) ranks: Vec<u32>,
}

impl Found {
    fn add(&mut self, offer: u32) {
        if mark(&mut self.offers, offer, self.turn) {
            self.ranks.push(offer);
        }
    }
}

/// Marks a place for this turn; says whether it was not marked yet.
fn mark(marks: &mut Vec<u64>, place: u32, turn: u64) -> bool {
    let Ok(place) = usize::try_from(place) else { return false };
    if marks.len() <= place {
        marks.resize(place.saturating_add(1), 0);
    }
    marks.get_mut(place).is_some_and(|mark| std::mem::replace(mark, turn) != turn)
}

impl OfferIndex {
    pub(super) fn new<'a>(offers: impl Iterator<Item = (u32, &'a Prepared)>) -> Self {
        let mut index = Self::default();
        for (offer, prepared) in offers {
            let window = prepared.window();
            let (places, ships) = Places::of_terms(prepared.coupon());
            if ships {
                index.shipping.add(window, offer);
            }
            let Some(places) = places else {
                index.anything.add(window, offer);
                continue;
            };
            if places.on_sale {
                index.on_sale.add(window, offer);
            }
            for (fact, key) in places.keys {
                let next = u32::try_from(index.lists.len()).unwrap_or(u32::MAX);
                let Some(keys) = index.keys.get_mut(fact.place()) else { continue };
                let at = *keys.entry(key).or_insert(next);
                if at == next {
                    index.lists.push(Dated::default());
                }
                if let Some(list) = usize::try_from(at).ok().and_then(|at| index.lists.get_mut(at)) {
                    list.add(window, offer);
                }
            }
        }
        let Self { lists, on_sale, shipping, anything, .. } = &mut index;
        lists.iter_mut().chain([on_sale, shipping, anything]).for_each(Dated::arrange);
        index
    }

    /// Finds the offers that could match an order: no other one does.
    pub(crate) fn find(&self, order: &Order, standing: &Standing, at: DateTime<Utc>, found: &mut Found) {
        found.ranks.clear();
        found.turn = found.turn.saturating_add(1);
        self.anything.open(at, |offer| found.add(offer));
        if !order.charges().is_empty() {
            self.shipping.open(at, |offer| found.add(offer));
        }
        // Fact by fact, so that what no offer is filed under costs nothing per line.
        let products = || order.lines().iter().map(Line::product);
        self.ask(Fact::Product, products().map(|p| p.id().key()), at, found);
        self.ask(Fact::Parent, products().filter_map(|p| p.parent()).map(|p| p.key()), at, found);
        self.ask(Fact::Category, products().flat_map(|p| p.categories()).map(|c| c.key()), at, found);
        self.ask(Fact::Tag, products().flat_map(|p| p.tags()).map(|t| t.key()), at, found);
        self.ask(Fact::Subsystem, products().filter_map(|p| p.subsystem()).map(|s| s.key()), at, found);
        self.ask(Fact::ProductType, products().filter_map(|p| p.product_type()).map(|t| t.key()), at, found);
        if !self.on_sale.0.is_empty() && products().any(Product::is_on_sale) {
            self.on_sale.open(at, |offer| found.add(offer));
        }
        self.ask(Fact::CustomerType, standing.types().iter().map(|t| t.key()), at, found);
        self.ask(Fact::Channel, order.channel().map(|c| c.key()), at, found);
        self.ask(Fact::Region, order.region().map(|r| r.key()), at, found);
        self.ask(Fact::PaymentOption, order.payment_option().map(|o| o.key()), at, found);
        found.ranks.sort_unstable();
    }

    fn ask<'k>(&self, fact: Fact, keys: impl IntoIterator<Item = &'k Key>, at: DateTime<Utc>, found: &mut Found) {
        let Some(of_fact) = self.keys.get(fact.place()).filter(|keys| !keys.is_empty()) else { return };
        for list in keys.into_iter().filter_map(|key| of_fact.get(key)) {
            if mark(&mut found.lists, *list, found.turn) {
                let list = usize::try_from(*list).ok().and_then(|list| self.lists.get(list));
                list.into_iter().for_each(|list| list.open(at, |offer| found.add(offer)));
            }
        }
    }
}
