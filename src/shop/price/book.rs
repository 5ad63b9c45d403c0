//! All prices of a shop, found by product and customer without a walk over lists.

use std::collections::HashMap;
use std::ops::Range;

use chrono::{DateTime, Utc};

use crate::calendar::{Window, Zone};
use crate::customer::IdentityKey;
use crate::error::{Error, Why};
use crate::key::{CategoryId, CustomerTypeId, KeyIndex, KeyMap, ProductId};
use crate::money::{Currency, ExactPrice, UnitPrice};
use crate::order::Product;
use crate::shop::goods::Nearness;
use crate::shop::parts::Report;
use crate::shop::{Catalogue, Goods, TypePrices};

use super::choice::{Candidate, Holder, PriceLoss, PriceStrategy};
use super::entry::PriceEntry;
use super::list::{PriceHolders, PriceList};
use super::overlap::overlaps;

/// The prices of a shop.
///
/// Entries are sorted by what they are about, then by list. A price is found by way of the product, its parent and its
/// categories, and there by the lists that the customer is entitled to: a search in a sorted slice, however many lists and
/// entries there are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct PriceBook {
    strategy: PriceStrategy,
    of_types: TypePrices,
    lists: Vec<PriceList>,
    windows: Vec<Window>,
    lists_of_type: KeyMap<CustomerTypeId, Vec<u32>>,
    lists_of_customer: HashMap<IdentityKey, Vec<u32>>,
    places: Vec<Place>,
    of_product: KeyMap<ProductId, Range<usize>>,
    of_category: KeyMap<CategoryId, Range<usize>>,
    of_everything: Range<usize>,
    /// Some price is for a larger quantity only.
    any_breaks: bool,
}

/// Where an entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    list: u32,
    entry: u32,
}

/// The lists that a customer is entitled to at an instant, worked out once for all products.
#[derive(Debug, Clone, Default)]
pub(crate) struct Entitled {
    /// By position, each once, with the most specific holder.
    lists: Vec<(u32, Holder)>,
}

impl Entitled {
    /// The customer is entitled to no list at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.lists.is_empty()
    }
}

/// What is asked about one product.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ask<'a> {
    pub(crate) product: &'a Product,
    pub(crate) list_price: UnitPrice,
    /// What the host put on the line.
    pub(crate) customer_price: Option<UnitPrice>,
    /// The quantity of the product in the whole order, in millionths.
    pub(crate) millionths: u128,
    pub(crate) currency: Currency,
}

impl Ask<'_> {
    /// So many pieces, in millionths.
    pub(crate) fn pieces(count: u64) -> u128 {
        u128::from(count).saturating_mul(1_000_000)
    }
}

impl PriceBook {
    /// Puts prices together, lists with their places in the document, and reports what cannot be used.
    pub(in crate::shop) fn new(
        of_types: TypePrices,
        placed: Vec<(usize, PriceList)>,
        strategy: PriceStrategy,
        zone: &Zone,
        report: &mut Report<'_>,
    ) -> Self {
        let mut book = Self { strategy, of_types, ..Self::default() };
        let mut names = KeyIndex::default();
        let (places, lists): (Vec<usize>, Vec<PriceList>) = placed.into_iter().unzip();
        let path = |list: usize| format!("price_lists[{}]", places.get(list).copied().unwrap_or(list));
        for (i, list) in lists.iter().enumerate() {
            if !names.insert(list.id().clone()) {
                report.add(format!("{}.id", path(i)), list.id(), Why::Duplicate);
            }
            list.check(&path(i), report);
            let window = list.window(zone).unwrap_or_else(|error| {
                if let Error::Invalid(field) = error.under(&format!("{}.validity", path(i))) {
                    report.add(field.path, field.value, field.why);
                }
                Window::ALWAYS
            });
            book.windows.push(window);
            let position = u32::try_from(i).unwrap_or(u32::MAX);
            match list.holders() {
                PriceHolders::Types(types) => {
                    types.iter().for_each(|t| book.lists_of_type.entry(t.clone()).or_default().push(position));
                }
                PriceHolders::Customers(keys) => {
                    keys.iter().for_each(|k| book.lists_of_customer.entry(k.clone()).or_default().push(position));
                }
            }
        }
        let listed = lists.iter().zip(&book.windows).map(|(l, w)| (l.holders(), l.priority(), *w, l.entries()));
        for overlap in overlaps(listed) {
            let entry = |(list, entry): (usize, usize)| format!("{}.entries[{entry}]", path(list));
            report.add(entry(overlap.entry), "{..}", Why::Overlaps { with: entry(overlap.with) });
        }
        book.against_short_form(&lists, path, report);
        book.index(&lists);
        book.lists = lists;
        book
    }

    /// The short form of prices is a list of each type without an end, of priority 0.
    fn against_short_form(&self, lists: &[PriceList], path: impl Fn(usize) -> String, report: &mut Report<'_>) {
        for (i, list) in lists.iter().enumerate().filter(|(_, list)| list.priority() == 0) {
            let PriceHolders::Types(types) = list.holders() else { continue };
            for (j, entry) in list.entries().iter().enumerate().filter(|(_, entry)| entry.from() == 1) {
                let Goods::Product { id, variants: false } = entry.goods() else { continue };
                let currency = entry.value().currency();
                if types.iter().any(|t| self.of_types.has(t, id, currency)) {
                    let why = Why::Overlaps { with: "prices".to_owned() };
                    report.add(format!("{}.entries[{j}]", path(i)), "{..}", why);
                }
            }
        }
    }

    fn index(&mut self, lists: &[PriceList]) {
        let mut all: Vec<(&Goods, Place)> = Vec::new();
        for (list, entries) in (0_u32..).zip(lists.iter().map(PriceList::entries)) {
            self.any_breaks |= entries.iter().any(|entry| entry.from() > 1);
            all.extend((0_u32..).zip(entries).map(|(entry, of)| (of.goods(), Place { list, entry })));
        }
        all.sort_unstable_by(|(a, x), (b, y)| about(a).cmp(&about(b)).then((x.list, x.entry).cmp(&(y.list, y.entry))));
        let mut from = 0_usize;
        for group in all.chunk_by(|(a, _), (b, _)| about(a) == about(b)) {
            let range = from..from.saturating_add(group.len());
            from = range.end;
            match group.first().map(|(goods, _)| *goods) {
                Some(Goods::Product { id, .. }) => {
                    self.of_product.insert(id.clone(), range);
                }
                Some(Goods::Category { id, .. }) => {
                    self.of_category.insert(id.clone(), range);
                }
                Some(Goods::Everything) => self.of_everything = range,
                None => {}
            }
        }
        self.places = all.into_iter().map(|(_, place)| place).collect();
    }

    /// Nobody pays anything but the list price, as far as the shop says.
    pub(crate) fn is_empty(&self) -> bool {
        self.of_types.is_empty() && self.lists.is_empty()
    }

    /// Whether a price may hang on the quantity of a product in the whole order.
    pub(crate) fn any_breaks(&self) -> bool {
        self.any_breaks
    }

    pub(crate) fn strategy(&self) -> PriceStrategy {
        self.strategy
    }

    pub(crate) fn lists(&self) -> &[PriceList] {
        &self.lists
    }

    pub(crate) fn list(&self, position: u32) -> Option<&PriceList> {
        self.lists.get(usize::try_from(position).ok()?)
    }

    pub(crate) fn of_types(&self) -> &TypePrices {
        &self.of_types
    }

    /// Works out which lists hold for a customer with these types and identity keys at an instant.
    pub(crate) fn entitle(
        &self,
        types: &[CustomerTypeId],
        keys: &[IdentityKey],
        at: DateTime<Utc>,
        entitled: &mut Entitled,
    ) {
        let lists = &mut entitled.lists;
        lists.clear();
        if self.lists.is_empty() {
            return;
        }
        let of_customer =
            keys.iter().filter_map(|key| self.lists_of_customer.get(key)).map(|of| (of, Holder::Customer));
        let of_types = types.iter().zip(0_u32..);
        let of_types = of_types.filter_map(|(t, i)| Some((self.lists_of_type.get(t)?, Holder::Type(i))));
        let live = |list: u32| self.windows.get(at_place(list)).is_some_and(|window| window.contains(at));
        for (of, holder) in of_customer.chain(of_types) {
            lists.extend(of.iter().filter(|list| live(**list)).map(|list| (*list, holder)));
        }
        lists.sort_unstable();
        lists.dedup_by_key(|(list, _)| *list);
    }

    /// The price that holds. `types` are those that the customer was entitled by.
    pub(crate) fn resolve<'s>(
        &'s self,
        catalogue: &Catalogue,
        types: &[CustomerTypeId],
        entitled: &Entitled,
        ask: &Ask<'_>,
    ) -> Candidate<'s> {
        let mut best = everybodys(ask);
        self.candidates(catalogue, types, entitled, ask, |candidate| {
            if candidate.compare(&best, self.strategy).0.is_lt() {
                best = candidate;
            }
        });
        best
    }

    /// The prices that lost against the one that holds, in the order in which they would have come, and why.
    pub(crate) fn losers<'s>(
        &'s self,
        catalogue: &Catalogue,
        types: &[CustomerTypeId],
        entitled: &Entitled,
        ask: &Ask<'_>,
    ) -> Vec<(Candidate<'s>, PriceLoss)> {
        let mut all = vec![everybodys(ask)];
        self.candidates(catalogue, types, entitled, ask, |candidate| all.push(candidate));
        all.sort_by(|a, b| a.compare(b, self.strategy).0);
        // One that is about two categories of the product was found twice.
        all.dedup();
        let mut all = all.into_iter();
        let Some(best) = all.next() else { return Vec::new() };
        all.map(|loser| (loser, best.compare(&loser, self.strategy).1)).collect()
    }

    /// Every price that the customer is entitled to, but for the list price.
    fn candidates<'s>(
        &'s self,
        catalogue: &Catalogue,
        types: &[CustomerTypeId],
        entitled: &Entitled,
        ask: &Ask<'_>,
        mut found: impl FnMut(Candidate<'s>),
    ) {
        if let Some(price) = ask.customer_price {
            found(Candidate { holder: Holder::Line, price: price.into(), ..everybodys(ask) });
        }
        let product = ask.product;
        for (t, i) in types.iter().zip(0_u32..) {
            if let Some(price) = self.of_types.get(Some(t), product.id(), ask.currency) {
                found(Candidate { holder: Holder::Type(i), price: price.into(), ..everybodys(ask) });
            }
        }
        if entitled.lists.is_empty() {
            return;
        }
        self.each_entry(catalogue, entitled, product, |place, holder| {
            if let Some(candidate) = self.candidate(catalogue, place, holder, ask) {
                found(candidate);
            }
        });
    }

    /// The least quantity above one, in pieces, from which on another price might hold.
    fn next_from(&self, catalogue: &Catalogue, entitled: &Entitled, ask: &Ask<'_>) -> Option<u64> {
        let mut next: Option<u64> = None;
        self.each_entry(catalogue, entitled, ask.product, |place, holder| {
            let from = self.entry(place).map_or(0, PriceEntry::from);
            let beyond = Ask { millionths: Ask::pieces(from), ..*ask };
            if beyond.millionths > ask.millionths
                && next.is_none_or(|next| from < next)
                && self.candidate(catalogue, place, holder, &beyond).is_some()
            {
                next = Some(from);
            }
        });
        next
    }

    /// The next quantity, in multiples of a step and up to a limit, at which one unit costs less than this.
    pub(crate) fn next_price(
        &self,
        catalogue: &Catalogue,
        types: &[CustomerTypeId],
        entitled: &Entitled,
        ask: &Ask<'_>,
        (price, step, most): (ExactPrice, u32, u64),
    ) -> Option<(u64, ExactPrice)> {
        if !self.any_breaks || entitled.is_empty() {
            return None;
        }
        let mut ask = *ask;
        loop {
            let step = u64::from(step.max(1));
            let quantity = self.next_from(catalogue, entitled, &ask)?.div_ceil(step).saturating_mul(step);
            if quantity > most {
                return None;
            }
            ask.millionths = Ask::pieces(quantity);
            let next = self.resolve(catalogue, types, entitled, &ask).price;
            if next < price {
                return Some((quantity, next));
            }
        }
    }

    /// Every entry about a product on the lists that the customer is entitled to, whatever its quantity.
    fn each_entry(
        &self,
        catalogue: &Catalogue,
        entitled: &Entitled,
        product: &Product,
        mut found: impl FnMut(Place, Holder),
    ) {
        let mut about = |range: &Range<usize>| self.entitled_places(range, entitled, &mut found);
        [Some(product.id()), product.parent()]
            .into_iter()
            .flatten()
            .filter_map(|p| self.of_product.get(p))
            .for_each(&mut about);
        if !self.of_category.is_empty() {
            let lines = product.categories().iter().flat_map(|own| catalogue.line_of(own));
            lines.filter_map(|(_, category)| self.of_category.get(category)).for_each(&mut about);
        }
        about(&self.of_everything);
    }

    /// The entries of a range that belong to lists of the customer: the shorter of the two is walked, the longer searched.
    fn entitled_places(&self, range: &Range<usize>, entitled: &Entitled, found: &mut impl FnMut(Place, Holder)) {
        let places = self.places.get(range.clone()).unwrap_or_default();
        if places.len() < entitled.lists.len() {
            for place in places {
                if let Ok(i) = entitled.lists.binary_search_by_key(&place.list, |(list, _)| *list) {
                    entitled.lists.get(i).into_iter().for_each(|(_, holder)| found(*place, *holder));
                }
            }
            return;
        }
        for (list, holder) in &entitled.lists {
            let from = places.partition_point(|place| place.list < *list);
            let of_list = places.iter().skip(from).take_while(|place| place.list == *list);
            of_list.for_each(|place| found(*place, *holder));
        }
    }

    fn entry(&self, place: Place) -> Option<&PriceEntry> {
        self.list(place.list)?.entries().get(at_place(place.entry))
    }

    fn candidate<'s>(
        &'s self,
        catalogue: &Catalogue,
        place: Place,
        holder: Holder,
        ask: &Ask<'_>,
    ) -> Option<Candidate<'s>> {
        let (list, entry) = (self.list(place.list)?, self.entry(place)?);
        if Ask::pieces(entry.from()) > ask.millionths && entry.from() > 1 {
            return None;
        }
        Some(Candidate {
            holder,
            nearness: catalogue.nearness(entry.goods(), ask.product)?,
            from: entry.from(),
            priority: list.priority(),
            price: entry.value().at(ask.list_price, ask.currency)?,
            list: Some((place.list, list.id())),
        })
    }
}

fn at_place(place: u32) -> usize {
    usize::try_from(place).unwrap_or(usize::MAX)
}

/// The list price, as a price among others.
fn everybodys<'s>(ask: &Ask<'_>) -> Candidate<'s> {
    let price = ExactPrice::from(ask.list_price);
    Candidate { holder: Holder::List, nearness: Nearness::Product, from: 1, priority: 0, price, list: None }
}

/// What goods are found by: with what is below or without, under the same name.
fn about(goods: &Goods) -> (Option<&ProductId>, Option<&CategoryId>) {
    match goods {
        Goods::Product { id, .. } => (Some(id), None),
        Goods::Category { id, .. } => (None, Some(id)),
        Goods::Everything => (None, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::parse_instant;
    use crate::form::testing::read;
    use crate::policy::Policy;
    use crate::shop::{PriceSource, Shop, ShopBuilder};

    const NOON: &str = "2026-03-29T12:00:00Z";

    fn shop() -> ShopBuilder {
        Shop::builder(Policy::builder(Currency::USD).accept(Currency::EUR).build().unwrap())
            .default_type("RETAIL".parse().unwrap())
            .customer_type("CLUB".parse().unwrap())
            .customer_type("STAFF".parse().unwrap())
            .category("drinks".parse().unwrap())
            .category("gifts".parse().unwrap())
            .subcategory("wine".parse().unwrap(), "drinks".parse().unwrap())
    }

    fn list(id: &str, holders: &str, priority: i32, entries: &str) -> PriceList {
        read(&format!(r#"{{"id":"{id}","for":{holders},"priority":{priority},"entries":[{entries}]}}"#))
    }

    /// A bottle of wine at 10.00, asked by customer 42, who is of these types: exact price, whose it is, and the list.
    fn ask(shop: &Shop, types: &[&str], quantity: u128) -> String {
        ask_at(shop, types, quantity, Currency::USD, NOON)
    }

    fn ask_at(shop: &Shop, types: &[&str], quantity: u128, currency: Currency, at: &str) -> String {
        let types: Vec<CustomerTypeId> = types.iter().map(|t| t.parse().unwrap()).collect();
        let noir = Product::new("NOIR-M".parse().unwrap())
            .with_parent("NOIR".parse().unwrap())
            .with_categories(["wine".parse().unwrap(), "gifts".parse().unwrap()]);
        let ask = Ask {
            product: &noir,
            list_price: UnitPrice::parse("10.00").unwrap(),
            customer_price: None,
            millionths: quantity.saturating_mul(1_000_000),
            currency,
        };
        let keys = ["email:a@b.c", "id:42"].map(|key| key.parse().unwrap());
        let mut entitled = Entitled::default();
        let book = shop.prices();
        book.entitle(&types, &keys, parse_instant(at).unwrap(), &mut entitled);
        let found = book.resolve(shop.catalogue(), &types, &entitled, &ask);
        let losers = book.losers(shop.catalogue(), &types, &entitled, &ask);
        assert!(losers.iter().all(|(lost, _)| found.compare(lost, book.strategy()).0.is_lt()));
        let source = match found.source() {
            PriceSource::List => "list",
            PriceSource::CustomerType => "type",
            PriceSource::Customer => "customer",
        };
        format!("{} {source} {}", found.price, found.list.map_or("-", |(_, id)| id.as_str()))
    }

    const CLUB: &str = r#"{"types":["CLUB"]}"#;
    const STAFF: &str = r#"{"types":["STAFF"]}"#;
    const ACME: &str = r#"{"customers":["id:42"]}"#;

    fn at(goods: &str, price: &str) -> String {
        format!(r#"{{"goods":{goods},"price":{{"USD":"{price}"}}}}"#)
    }

    fn off(goods: &str, percent: &str) -> String {
        format!(r#"{{"goods":{goods},"percent_off":"{percent}"}}"#)
    }

    /// Proves S37, S41: each price on the list beats all that stand below it.
    #[test]
    fn the_most_specific_price_wins() {
        let all = [
            list("acme", ACME, 0, &off(r#""everything""#, "1")),
            list("club", CLUB, 0, &at(r#"{"product":"NOIR-M"}"#, "9.80")),
            list("club-parent", CLUB, 9, &at(r#"{"product":"NOIR","variants":true}"#, "9.70")),
            list("club-near", CLUB, 9, &off(r#"{"category":"gifts"}"#, "4")),
            list("club-far", CLUB, 9, &off(r#"{"category":"drinks","subcategories":true}"#, "5")),
            list("club-all", CLUB, 9, &off(r#""everything""#, "6")),
            list("staff", STAFF, 99, &at(r#"{"product":"NOIR-M"}"#, "1.00")),
        ];
        let expected = [
            "9.9 customer acme",
            "9.8 type club",
            "9.7 type club-parent",
            "9.6 type club-near",
            "9.5 type club-far",
            "9.4 type club-all",
            "1 type staff",
            "10 list -",
        ];
        for (gone, expected) in expected.iter().enumerate() {
            let shop = all.iter().skip(gone).cloned().fold(shop(), ShopBuilder::price_list).build().unwrap();
            let found = ask(&shop, &["CLUB", "STAFF"], 1);
            assert_eq!(found, *expected, "without the first {gone}");
            // The order in which lists were given is nothing.
            let turned =
                all.iter().skip(gone).rev().cloned().fold(self::shop(), ShopBuilder::price_list).build().unwrap();
            assert_eq!(ask(&turned, &["CLUB", "STAFF"], 1), found);
        }
    }

    #[test]
    fn what_is_below_goods_is_covered_where_it_is_said() {
        for goods in [r#"{"product":"NOIR"}"#, r#"{"category":"drinks"}"#, r#"{"category":"beer"}"#] {
            let shop = shop().category("beer".parse().unwrap()).price_list(list("a", CLUB, 0, &off(goods, "5")));
            assert_eq!(ask(&shop.build().unwrap(), &["CLUB"], 1), "10 list -", "{goods}");
        }
    }

    #[test]
    fn strategies() {
        let lists = [
            list("club", CLUB, 1, &at(r#"{"product":"NOIR-M"}"#, "11.00")),
            list("staff", STAFF, 5, &off(r#""everything""#, "10")),
            list("acme", ACME, -1, &at(r#"{"product":"NOIR-M"}"#, "9.50")),
        ];
        let with = |strategy| lists.iter().cloned().fold(shop().price_strategy(strategy), ShopBuilder::price_list);
        let asked = |strategy, types: &[&str]| ask(&with(strategy).build().unwrap(), types, 1);
        assert_eq!(asked(PriceStrategy::MostSpecific, &["CLUB", "STAFF"]), "9.5 customer acme");
        assert_eq!(asked(PriceStrategy::Lowest, &["CLUB", "STAFF"]), "9 type staff");
        assert_eq!(asked(PriceStrategy::Priority, &["CLUB", "STAFF"]), "9 type staff");
        assert_eq!(asked(PriceStrategy::Priority, &["CLUB"]), "11 type club");
        // The list price stands below every priority.
        assert_eq!(asked(PriceStrategy::Priority, &[]), "9.5 customer acme");
        // It is a price like others where the lowest wins.
        let dear = shop().price_strategy(PriceStrategy::Lowest).price_list(lists[0].clone()).build().unwrap();
        assert_eq!(ask(&dear, &["CLUB"], 1), "10 list -");
    }

    #[test]
    fn larger_quantities_have_prices_of_their_own() {
        let p = r#"{"goods":{"product":"NOIR-M"},"price":{"USD":"9"}}"#;
        let dozen = r#"{"goods":{"product":"NOIR-M"},"from":12,"price":{"USD":"8"}}"#;
        let gross = r#"{"goods":{"product":"NOIR-M"},"from":144,"price":{"USD":"7"}}"#;
        let shop = shop().price_list(list("club", CLUB, 0, &[gross, p, dozen].join(","))).build().unwrap();
        for (quantity, price) in [(1, "9"), (11, "9"), (12, "8"), (143, "8"), (144, "7"), (1_000_000, "7")] {
            assert_eq!(ask(&shop, &["CLUB"], quantity), format!("{price} type club"), "{quantity}");
        }
    }

    /// Windows are half-open, and days are those of the merchant.
    #[test]
    fn a_list_holds_in_its_window_and_its_currency() {
        let spring: PriceList = read(
            r#"{"id":"spring","for":{"types":["CLUB"]},"validity":{"from":"2026-03-01","thru":"2026-03-31"},
                "entries":[{"goods":{"product":"NOIR-M"},"price":{"USD":"9"}}]}"#,
        );
        let shop = shop().price_list(spring).build().unwrap();
        let at = |currency, at: &str| ask_at(&shop, &["CLUB"], 1, currency, at);
        assert_eq!(at(Currency::USD, "2026-02-28T23:59:59Z"), "10 list -");
        assert_eq!(at(Currency::USD, "2026-03-01T00:00:00Z"), "9 type spring");
        assert_eq!(at(Currency::USD, "2026-03-31T23:59:59Z"), "9 type spring");
        assert_eq!(at(Currency::USD, "2026-04-01T00:00:00Z"), "10 list -");
        assert_eq!(at(Currency::EUR, NOON), "10 list -", "never a conversion");
    }

    /// Everything alike: of two keys of one customer, the lower price; then the id of the list.
    #[test]
    fn ties_have_an_answer() {
        let email = r#"{"customers":["email:a@b.c"]}"#;
        let two = |one: &str, other: &str| {
            let lists = [
                list("z", ACME, 0, &at(r#"{"product":"NOIR-M"}"#, one)),
                list("a", email, 0, &at(r#"{"product":"NOIR-M"}"#, other)),
            ];
            ask(&lists.into_iter().fold(shop(), ShopBuilder::price_list).build().unwrap(), &[], 1)
        };
        assert_eq!(two("8", "9"), "8 customer z");
        assert_eq!(two("9", "8"), "8 customer a");
        assert_eq!(two("9", "9.0"), "9 customer a");
        let prior = shop().price_list(list("z", ACME, 1, &at(r#"{"product":"NOIR-M"}"#, "9"))).price_list(list(
            "a",
            ACME,
            0,
            &at(r#"{"product":"NOIR-M"}"#, "8"),
        ));
        assert_eq!(ask(&prior.build().unwrap(), &[], 1), "9 customer z");
    }

    /// The short form and a list of more than one holder are found as well, and a list of nobody is for nobody.
    #[test]
    fn holders() {
        let both = list("both", r#"{"types":["STAFF","CLUB"]}"#, 1, &at(r#"{"product":"NOIR-M"}"#, "9"));
        let nobody = list("none", r#"{"types":[]}"#, 9, &at(r#"{"product":"NOIR-M"}"#, "1"));
        let short =
            shop().price("CLUB".parse().unwrap(), "NOIR-M".parse().unwrap(), Currency::USD, "8".parse().unwrap());
        let shop = short.price_list(both).price_list(nobody).build().unwrap();
        assert_eq!(ask(&shop, &["CLUB"], 1), "9 type both", "by its priority");
        assert_eq!(ask(&shop, &["RETAIL", "STAFF"], 1), "9 type both");
        assert_eq!(ask(&shop, &["RETAIL"], 1), "10 list -");
        assert!(Shop::new(Policy::builder(Currency::USD).build().unwrap()).prices().is_empty());
    }

    /// The builder and the document report the same, each with its whole path.
    #[test]
    fn mistakes_across_lists() {
        let p = at(r#"{"product":"NOIR-M"}"#, "9");
        let lists = [
            list("a", r#"{"types":["CLUB","STAFF"]}"#, 0, &[off(r#"{"category":"beer"}"#, "1"), p.clone()].join(",")),
            list("b", CLUB, 1, &p),
            list("a", r#"{"types":["VIP","CLUB"]}"#, 0, &p),
            list("d", STAFF, 0, &off(r#"{"product":"NOIR-M"}"#, "1")),
            list("e", ACME, 0, &p),
        ];
        let short =
            shop().price("CLUB".parse().unwrap(), "NOIR-M".parse().unwrap(), Currency::USD, "8".parse().unwrap());
        let expected = "`price_lists[0].entries[0].goods.category` is `beer`: unknown category; \
             `price_lists[0].entries[1]` is `{..}`: overlaps with `prices`; \
             `price_lists[2].id` is `a`: given twice; \
             `price_lists[2].for.types[0]` is `VIP`: unknown customer type; \
             `price_lists[2].entries[0]` is `{..}`: overlaps with `price_lists[0].entries[1]`; \
             `price_lists[2].entries[0]` is `{..}`: overlaps with `prices`; \
             `price_lists[3].entries[0]` is `{..}`: overlaps with `price_lists[0].entries[1]`";
        let sorted = |text: &str| {
            let mut errors: Vec<String> = text.split("; ").map(str::to_owned).collect();
            errors.sort();
            errors
        };
        let built = lists.iter().cloned().fold(short, ShopBuilder::price_list).build().unwrap_err().to_string();
        assert_eq!(sorted(&built), sorted(expected));
        let json = format!(
            r#"{{"version":1,"policy":{{"currency":"USD"}},"customer_types":["RETAIL","CLUB","STAFF"],
                "categories":["drinks"],"prices":[{{"customer_type":"CLUB","product":"NOIR-M","price":"8"}}],
                "price_lists":{}}}"#,
            serde_json::to_string(&lists).unwrap()
        );
        let read = serde_json::from_str::<Shop>(&json).unwrap_err().to_string();
        assert_eq!(sorted(&read), sorted(expected));
    }

    /// What a list says of itself is said once, with both paths from the root of the document.
    #[test]
    fn an_overlap_within_a_list_is_reported_once() {
        let p = at(r#"{"product":"NOIR-M"}"#, "9");
        let list = format!(r#"{{"id":"a","for":{{"types":["CLUB"]}},"entries":[{p},{p}]}}"#);
        let json = format!(
            r#"{{"version":1,"policy":{{"currency":"USD"}},"customer_types":["CLUB"],"categories":[{{"id":"red","parent":"wine"}}],
                "price_lists":[{list}]}}"#
        );
        assert_eq!(
            serde_json::from_str::<Shop>(&json).unwrap_err().to_string(),
            "`price_lists[0].entries[1]` is `{..}`: overlaps with `price_lists[0].entries[0]`; \
             `categories[0].parent` is `wine`: unknown category"
        );
    }

    #[test]
    fn lists_whose_windows_or_currencies_part_do_not_overlap() {
        let spring = |id: &str, from: &str, thru: &str, value: &str| -> PriceList {
            read(&format!(
                r#"{{"id":"{id}","for":{CLUB},"validity":{{"from":"{from}","thru":"{thru}"}},
                    "entries":[{{"goods":{{"product":"P"}},{value}}}]}}"#
            ))
        };
        let (usd, eur, any) = (r#""price":{"USD":"1"}"#, r#""price":{"EUR":"1"}"#, r#""percent_off":"5""#);
        let overlap = |lists: &[PriceList]| {
            let built = lists.iter().cloned().fold(shop(), ShopBuilder::price_list).build();
            built.map_or_else(|error| error.to_string(), |_| String::new())
        };
        let march = |value| spring("march", "2026-03-01", "2026-03-31", value);
        let year = |value| spring("year", "2026-01-01", "2026-12-31", value);
        let april = |value| spring("april", "2026-04-01", "2026-04-30", value);
        assert_eq!(overlap(&[march(usd), april(usd), year(eur)]), "");
        let found = "`price_lists[1].entries[0]` is `{..}`: overlaps with `price_lists[0].entries[0]`";
        assert_eq!(overlap(&[march(usd), year(usd)]), found);
        assert_eq!(overlap(&[march(usd), year(any)]), found);
        // The long one is remembered behind the short one.
        let third = "`price_lists[2].entries[0]` is `{..}`: overlaps with `price_lists[1].entries[0]`";
        assert_eq!(overlap(&[march(eur), year(usd), april(usd)]), third);
    }
}
