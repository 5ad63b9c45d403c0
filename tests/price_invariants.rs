//! What holds of prices whatever lists a shop has: they are those of a plain walk over all lists, in any order, and nobody
//! pays for what others are entitled to.

#![allow(missing_docs, clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::cmp::Reverse;

use chrono::{DateTime, Utc};
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use proptest::test_runner::Config;
use vouchsafe::*;

/// The types there are; nobody holds the last one.
const TYPES: [&str; 4] = ["RETAIL", "DEALER", "CLUB", "NOBODY"];
const KEYS: [&str; 3] = ["id:1", "id:2", "email:a@b.c"];
const PRODUCTS: [&str; 4] = ["P", "P-S", "Q", "R"];

fn at() -> DateTime<Utc> {
    parse_instant("2026-03-15T12:00:00Z").unwrap()
}

fn parse<T: std::str::FromStr<Err = Error>>(text: &str) -> T {
    text.parse().unwrap()
}

/// `P-S` is a variant of `P`; `P` and `P-S` are red wines, `Q` is a gift and a wine, and `R` is nothing.
fn product(name: &str) -> Product {
    let product = Product::new(parse(name));
    match name {
        "P-S" => product.with_parent(parse("P")).with_categories([parse("red")]),
        "P" => product.with_categories([parse("red")]),
        "Q" => product.with_categories([parse("gifts"), parse("wine")]),
        _ => product,
    }
}

fn goods() -> impl Strategy<Value = Goods> {
    let product = (select(&PRODUCTS[..]), any::<bool>()).prop_map(|(name, below)| (Goods::product(parse(name)), below));
    let category = (select(vec!["wine", "red", "gifts"]), any::<bool>());
    let category = category.prop_map(|(name, below)| (Goods::category(parse(name)), below));
    let below = |(goods, below): (Goods, bool)| if below { goods.with_descendants() } else { goods };
    prop_oneof![3 => product.prop_map(below), 2 => category.prop_map(below), 1 => Just(Goods::Everything)]
}

fn entry() -> impl Strategy<Value = PriceEntry> {
    let currency = select(vec![Currency::USD, Currency::USD, Currency::EUR]);
    let figure = (0_u32..2_000).prop_map(|thousandths| format!("{}.{:03}", thousandths / 100, thousandths % 100 * 10));
    let from = select(vec![1_u64, 1, 1, 3, 10]);
    (goods(), 0..3_u8, 0..=100_000_u32, currency, figure, from).prop_map(
        |(goods, kind, percent, currency, figure, from)| {
            let figure = UnitPrice::parse(&figure).unwrap();
            let entry = match (kind, &goods) {
                (0, Goods::Product { id, .. }) => PriceEntry::price(id.clone(), currency, figure),
                (1, _) => PriceEntry::amount_off(goods, currency, figure),
                _ => PriceEntry::percent_off(goods, Percent::from_thousandths(percent).unwrap()),
            };
            entry.from_quantity(from)
        },
    )
}

type Parts = (bool, Vec<&'static str>, Vec<&'static str>, i32, u8, Vec<PriceEntry>);

/// Price lists that one shop can have together: what would overlap is left out.
fn lists() -> impl Strategy<Value = Vec<PriceList>> {
    let holders = (any::<bool>(), subsequence(&TYPES[..3], 1..=2), subsequence(&KEYS[..], 1..=2));
    let list = (holders, -1..=2_i32, 0..4_u8, prop::collection::vec(entry(), 1..6)).prop_map(
        |((by_type, types, keys), priority, window, entries)| (by_type, types, keys, priority, window, entries),
    );
    prop::collection::vec(list, 0..8).prop_map(|all| {
        let mut kept: Vec<PriceList> = Vec::new();
        for (i, parts) in all.into_iter().enumerate() {
            let Some(list) = built(i, parts) else { continue };
            let mut with = kept.clone();
            with.push(list);
            if shop(&with, PriceStrategy::MostSpecific).is_ok() {
                kept = with;
            }
        }
        kept
    })
}

fn built(i: usize, (by_type, types, keys, priority, window, entries): Parts) -> Option<PriceList> {
    let list = PriceList::builder(format!("list-{}", i * 7 % 8)).priority(priority).entries(entries);
    let list = match by_type {
        true => list.for_types(types.into_iter().map(parse)),
        false => list.for_customers(keys.into_iter().map(parse)),
    };
    let day = |text| parse_date(text).ok();
    let list = match window {
        0 => list.days(day("2026-03-01"), day("2026-03-31")),
        1 => list.days(day("2026-03-16"), None),
        _ => list,
    };
    list.build().ok()
}

fn shop(lists: &[PriceList], strategy: PriceStrategy) -> Result<Shop, Error> {
    let policy = Policy::builder(Currency::USD).build()?;
    let types = TYPES[1..].iter().fold(Shop::builder(policy).default_type(parse(TYPES[0])), |shop, name| {
        shop.customer_type(CustomerType::new(parse(name)))
    });
    let categories = types.category(parse("wine")).subcategory(parse("red"), parse("wine")).category(parse("gifts"));
    lists.iter().cloned().fold(categories.price_strategy(strategy), ShopBuilder::price_list).build()
}

/// A basket: product, quantity, list price in cents, and whether the host put a price on the line.
type Basket = Vec<(&'static str, u64, u32, bool)>;

fn baskets() -> impl Strategy<Value = Basket> {
    prop::collection::vec((select(&PRODUCTS[..]), 1..12_u64, 0..3_000_u32, prop::bool::weighted(0.1)), 1..6)
}

fn order(basket: &Basket) -> Order {
    let lines = basket.iter().zip(1..).map(|((name, quantity, cents, own), id)| {
        let price = UnitPrice::parse(&format!("{}.{:02}", cents / 100, cents % 100)).unwrap();
        let line = Line::new(LineId(id), product(name), Quantity::pieces(*quantity).unwrap(), price);
        if *own { line.with_customer_price(UnitPrice::parse("7.77").unwrap()) } else { line }
    });
    Order::builder(Currency::USD).lines(lines).build().unwrap()
}

/// Customers with a primary type or none, with or without membership of the club, with one key or two.
fn customers() -> impl Strategy<Value = Customer> {
    let types = (select(vec![None, Some("RETAIL"), Some("DEALER")]), any::<bool>());
    (types, subsequence(&KEYS[..], 1..=2)).prop_map(|((primary, club), keys)| {
        let customer = Customer::new(keys.into_iter().map(parse));
        let customer = primary.into_iter().fold(customer, |customer, name| customer.with_type(parse(name)));
        if club { customer.with_memberships([parse("CLUB")]) } else { customer }
    })
}

fn price(shop: &Shop, basket: &Basket, customer: &Customer) -> Outcome {
    let order = order(basket);
    let request = Request::new(&order, customer, Reference::Order(parse("o-1")), at());
    shop.evaluate(&request.with_detail(Detail::Trace)).unwrap()
}

fn bytes(outcome: &Outcome) -> String {
    serde_json::to_string(outcome).unwrap()
}

/// How far goods are from a product, by the words of the contract: itself, its parent, its categories, everything.
fn distance(goods: &Goods, product: &Product) -> Option<u32> {
    match goods {
        Goods::Product { id, .. } if id == product.id() => Some(0),
        Goods::Product { id, variants: true, .. } if product.parent() == Some(id) => Some(1),
        Goods::Category { id, subcategories, .. } => {
            let of = |own: &CategoryId| match (own == id, own.as_str(), id.as_str()) {
                (true, ..) => Some(2),
                (false, "red", "wine") if *subcategories => Some(3),
                _ => None,
            };
            product.categories().iter().filter_map(of).min()
        }
        Goods::Everything => Some(9),
        _ => None,
    }
}

/// The price of a line by a plain walk over everything: whose it is, the list, the exact price of one unit.
fn walked(
    shop: &Shop,
    basket: &Basket,
    customer: &Customer,
    line: &Line,
) -> (PriceSource, Option<PriceListId>, ExactPrice) {
    let standing = shop.standing(customer, at());
    let sum: u64 = basket.iter().filter(|(name, ..)| *name == line.product().id().as_str()).map(|(_, n, ..)| n).sum();
    // Holder, distance, quantity, priority (none for the list price), price, list.
    type Rank = (usize, u32, Reverse<u64>, Reverse<Option<i32>>, ExactPrice, Option<PriceListId>);
    let list_price = (usize::MAX, 0, Reverse(1), Reverse(None), line.unit_price().into(), None);
    let mut all: Vec<Rank> = vec![list_price];
    all.extend(line.customer_price().map(|own| (0, 0, Reverse(1), Reverse(Some(0)), own.into(), None)));
    for list in shop.price_lists() {
        let live = match list.validity() {
            Validity::Days(days) => {
                let today = at().date_naive();
                days.from().is_none_or(|from| from <= today) && days.thru().is_none_or(|thru| today <= thru)
            }
            _ => true,
        };
        let holder = match list.holders() {
            PriceHolders::Customers(keys) => keys.iter().any(|key| customer.keys().contains(key)).then_some(1),
            PriceHolders::Types(types) => standing.types().iter().position(|t| types.contains(t)).map(|i| i + 2),
            _ => None,
        };
        let Some(holder) = holder.filter(|_| live) else { continue };
        for entry in list.entries().iter().filter(|entry| entry.from() <= sum) {
            let found = distance(entry.goods(), line.product());
            let price = entry.value().at(line.unit_price(), Currency::USD);
            if let (Some(distance), Some(price)) = (found, price) {
                let (from, priority) = (Reverse(entry.from()), Reverse(Some(list.priority())));
                all.push((holder, distance, from, priority, price, Some(list.id().clone())));
            }
        }
    }
    let best = match shop.price_strategy() {
        PriceStrategy::MostSpecific => all.into_iter().min(),
        PriceStrategy::Lowest => all.into_iter().min_by_key(|rank| (rank.4, rank.clone())),
        PriceStrategy::Priority => all.into_iter().min_by_key(|rank| (rank.3, rank.clone())),
    };
    let (holder, _, _, _, price, list) = best.unwrap();
    let source = match holder {
        0 | 1 => PriceSource::Customer,
        usize::MAX => PriceSource::List,
        _ => PriceSource::CustomerType,
    };
    (source, list, price)
}

const STRATEGIES: [PriceStrategy; 3] = [PriceStrategy::MostSpecific, PriceStrategy::Lowest, PriceStrategy::Priority];

/// 400 cases a property, or what `PROPTEST_CASES` says.
fn config() -> Config {
    let asked = Config::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { asked.cases } else { 400 };
    Config { cases, ..asked }
}

proptest! {
    #![proptest_config(config())]

    /// Proves S37, S41: the index finds what a walk over all lists finds, under every strategy.
    #[test]
    fn a_price_is_that_of_a_plain_walk(lists in lists(), basket in baskets(), customer in customers()) {
        for strategy in STRATEGIES {
            let shop = shop(&lists, strategy).unwrap();
            let outcome = price(&shop, &basket, &customer);
            for (line, priced) in order(&basket).lines().iter().zip(outcome.lines()) {
                let (source, list, exact) = walked(&shop, &basket, &customer, line);
                prop_assert_eq!(priced.price_source(), source, "{:?} {:?}", strategy, line.id());
                prop_assert_eq!(outcome.price_list(priced), list.as_ref(), "{:?} {:?}", strategy, line.id());
                let amount = exact.extended(line.quantity(), Currency::USD, Rounding::HalfUp).unwrap();
                prop_assert_eq!(priced.priced(), amount);
            }
            prop_assert_eq!(&serde_json::from_str::<Outcome>(&bytes(&outcome)).unwrap(), &outcome);
        }
    }

    /// No strategy charges less than the lowest price.
    #[test]
    fn the_lowest_is_never_above_another_strategy(lists in lists(), basket in baskets(), customer in customers()) {
        let [specific, lowest, priority] = STRATEGIES.map(|strategy| price(&shop(&lists, strategy).unwrap(), &basket, &customer));
        for other in [&specific, &priority] {
            for (low, line) in lowest.lines().iter().zip(other.lines()) {
                prop_assert!(low.priced().minor() <= line.priced().minor());
                prop_assert!(low.priced().minor() <= line.list().minor());
            }
        }
    }

    /// The order in which lists and their entries were given is nothing, down to the trace.
    #[test]
    fn the_order_of_lists_and_entries_does_not_matter(
        lists in lists(), basket in baskets(), customer in customers(), turns in prop::collection::vec(any::<Index>(), 8),
    ) {
        let mut turned = lists.clone();
        for (i, turn) in turns.iter().enumerate().take(turned.len()) {
            let with = turn.index(turned.len());
            turned.swap(i, with);
        }
        let turned: Vec<PriceList> = turned.iter().map(|list| {
            let mut document = serde_json::to_value(list).unwrap();
            document["entries"].as_array_mut().unwrap().reverse();
            serde_json::from_value(document).unwrap()
        }).collect();
        for strategy in STRATEGIES {
            let one = price(&shop(&lists, strategy).unwrap(), &basket, &customer);
            let other = price(&shop(&turned, strategy).unwrap(), &basket, &customer);
            prop_assert_eq!(bytes(&one), bytes(&other));
        }
    }

    /// Proves S11: prices of a type that nobody has, and of a customer who is somebody else, change nothing.
    #[test]
    fn prices_of_others_change_nothing(
        lists in lists(), basket in baskets(), customer in customers(), entries in prop::collection::vec(entry(), 1..6),
    ) {
        let others = [
            PriceList::builder("nobody").for_types([parse("NOBODY")]).priority(9).entries(entries.clone()).build(),
            PriceList::builder("else").for_customers([parse("id:9")]).priority(9).entries(entries).build(),
        ];
        let with: Vec<PriceList> = lists.iter().cloned().chain(others.into_iter().flatten()).collect();
        for strategy in STRATEGIES {
            let one = price(&shop(&lists, strategy).unwrap(), &basket, &customer);
            let other = price(&shop(&with, strategy).unwrap(), &basket, &customer);
            prop_assert_eq!(bytes(&one), bytes(&other));
        }
    }

    /// Two lines of one product are priced by the same list as one line of both.
    #[test]
    fn splitting_a_line_keeps_its_list(lists in lists(), basket in baskets(), customer in customers()) {
        let shop = shop(&lists, PriceStrategy::MostSpecific).unwrap();
        let whole = price(&shop, &basket, &customer);
        let halves: Basket = basket
            .iter()
            .flat_map(|(name, n, cents, own)| [(*name, n / 2, *cents, *own), (*name, n - n / 2, *cents, *own)])
            .filter(|(_, n, ..)| *n > 0)
            .collect();
        let split = price(&shop, &halves, &customer);
        let (order, halves) = (order(&basket), self::order(&halves));
        for (line, half) in order.lines().iter().flat_map(|l| halves.lines().iter().map(move |h| (l, h))) {
            let alike = |l: &Line| (l.product().id().clone(), l.unit_price(), l.customer_price());
            if alike(line) == alike(half) {
                let (one, other) = (whole.line(line.id()).unwrap(), split.line(half.id()).unwrap());
                prop_assert_eq!(whole.price_list(one), split.price_list(other));
                prop_assert_eq!(one.price_source(), other.price_source());
            }
        }
    }
}
