//! One table of ratios for many answers at once: a catalogue of 100,000 products for one customer, a price list of a
//! million entries, a recurring run of 100,000 members, each beside the plain loop over `HashMap`s of strings and decimals
//! that a shop's backend would write for the same look-ups. Run on a quiet machine with `cargo bench --bench catalogue`; a
//! number as argument sets how many turns there are (21).
//!
//! The plain loops look up and compute, and nothing else: no reasons, no losers, no tax, no record of what was granted.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::float_arithmetic,
    clippy::as_conversions,
    clippy::manual_is_multiple_of
)]

mod common;

use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use common::turns::{Job, Table, in_turns, job};
use rust_decimal::Decimal;
use vouchsafe::*;

const PRODUCTS: usize = 100_000;
const ENTRIES: usize = 1_000_000;
const MEMBERS: usize = 100_000;

fn key<T: std::str::FromStr<Err = Error>>(text: &str) -> T {
    text.parse().unwrap()
}

/// Every fifth product has a price of its own, others have something off by category.
fn priced(i: usize) -> bool {
    i % 5 == 0
}

fn hidden(i: usize) -> bool {
    i % 97 == 0
}

/// Product `i` is in one of 200 categories, ten of which stand under each of twenty.
fn category(i: usize) -> (String, String) {
    let own = i % 200;
    (format!("category-{own}"), format!("department-{}", own % 20))
}

fn list_price(i: usize) -> i64 {
    99 + (i as i64 * 7_919) % 49_901
}

/// A product as a backend has it in its own types.
struct Row {
    id: String,
    category: String,
    department: String,
    price: Decimal,
}

/// What a backend keeps in maps, by id or name.
#[derive(Default)]
struct Maps {
    prices: HashMap<String, Decimal>,
    off: HashMap<String, Decimal>,
    hidden: HashSet<String>,
    hidden_categories: HashSet<String>,
    quantities: HashMap<String, (u32, u32)>,
    allowances: HashMap<String, (u64, u64)>,
}

struct Shown<'a> {
    id: &'a str,
    price: Decimal,
    min: u32,
    max: u32,
    left: Option<u64>,
}

impl Maps {
    fn view<'a>(&self, row: &'a Row) -> Option<Shown<'a>> {
        let of_category = |set: &HashSet<String>| set.contains(&row.category) || set.contains(&row.department);
        if self.hidden.contains(&row.id) || of_category(&self.hidden_categories) {
            return None;
        }
        let off = || self.off.get(&row.category).or_else(|| self.off.get(&row.department));
        let price = match self.prices.get(&row.id) {
            Some(price) => *price,
            None => off().map_or(row.price, |off| row.price * (Decimal::ONE - off)),
        };
        let (min, max) =
            self.quantities.get(&row.category).or(self.quantities.get(&row.department)).map_or((1, 0), |q| *q);
        let left = self.allowances.get(&row.category).or(self.allowances.get(&row.department));
        Some(Shown { id: &row.id, price, min, max, left: left.map(|(limit, taken)| limit - taken) })
    }
}

/// A shop of 20,000 prices by product and 40 by category, 1,000 products that only others see, 40 quantity rules and 10
/// allowances; the same in maps.
fn shop_and_maps() -> (Shop, Maps) {
    let wholesale: CustomerTypeId = key("WHOLESALE");
    let mut maps = Maps::default();
    let mut list = PriceList::builder("wholesale").for_types([wholesale.clone()]);
    let mut shop = Shop::builder(Policy::storefront(Currency::USD, Zone::UTC))
        .default_type(key("RETAIL"))
        .customer_type(CustomerType::new(wholesale).with_rank(10))
        .customer_type(CustomerType::new(key("PRO")));
    for i in (0..PRODUCTS).filter(|i| priced(*i)) {
        let price = Decimal::new(list_price(i) * 4 / 5, 2);
        maps.prices.insert(format!("PRODUCT-{i}"), price);
        let price = UnitPrice::from_decimal(price).unwrap();
        list = list.entry(PriceEntry::price(key(&format!("PRODUCT-{i}")), Currency::USD, price));
    }
    for i in (0..PRODUCTS).filter(|i| hidden(*i)) {
        maps.hidden.insert(format!("PRODUCT-{i}"));
        shop = shop.visible_only_to(key(&format!("PRODUCT-{i}")), [key("PRO")]);
    }
    for i in 0..20 {
        shop = shop.category(key(&format!("department-{i}")));
    }
    for i in 0..200 {
        let (own, department) = category(i);
        shop = shop.subcategory(key(&own), key(&department));
        let goods = || Goods::category(key(&own));
        if i % 5 == 1 {
            maps.off.insert(own.clone(), Decimal::new(125, 3));
            list = list.entry(PriceEntry::percent_off(goods(), key("12.5")));
        }
        if i % 40 == 2 {
            maps.hidden_categories.insert(own.clone());
            shop = shop.access(AccessRule::deny(Permission::See, goods(), Audience::everyone().except([key("PRO")])));
        }
        if i % 5 == 3 {
            maps.quantities.insert(own.clone(), (2, 24));
            shop = shop.quantity_rule(QuantityRule::new(goods()).with_min(2).unwrap().with_max(24).unwrap());
        }
        if i % 20 == 4 {
            maps.allowances.insert(own.clone(), (50, 3));
            shop = shop.allowance(Allowance::new(key(&format!("allowance-{i}")), [goods()], 50).unwrap());
        }
    }
    (shop.price_list(list.build().unwrap()).build().unwrap(), maps)
}

fn catalogue(table: &mut Table, turns: usize) {
    let (shop, maps) = shop_and_maps();
    let rows: Vec<Row> = (0..PRODUCTS)
        .map(|i| {
            let (category, department) = category(i);
            Row { id: format!("PRODUCT-{i}"), category, department, price: Decimal::new(list_price(i), 2) }
        })
        .collect();
    let listings: Vec<Listing> = rows
        .iter()
        .map(|row| {
            let product = Product::new(key(&row.id)).with_categories([key(&row.category)]);
            Listing::new(product, UnitPrice::from_decimal(row.price).unwrap())
        })
        .collect();
    let usage: Vec<AllowanceUsage> =
        (4..200).step_by(20).map(|i| AllowanceUsage::new(key(&format!("allowance-{i}")), 3)).collect();
    let customer = Customer::new([IdentityKey::id("1").unwrap()]).with_type(key("WHOLESALE"));
    let engine = {
        let shop = shop.clone();
        move |n: usize, each: &mut dyn FnMut(&ProductView<'_>)| {
            let viewer = shop.viewer(&customer, common::at()).with_allowances(&usage);
            viewer.catalogue(&listings[..n]).for_each(|view| each(&view));
        }
    };
    // Both say the same.
    let mut expected = rows.iter().filter_map(|row| maps.view(row));
    engine(PRODUCTS, &mut |view| {
        let shown = expected.next().unwrap();
        let price = view.price().unwrap().unit().to_decimal();
        assert_eq!((view.product().id().as_str(), price), (shown.id, shown.price.normalize()));
        assert_eq!((view.smallest_order(), view.max().unwrap_or(0), view.left()), (shown.min, shown.max, shown.left));
    });
    assert!(expected.next().is_none());
    let engine = Rc::new(engine);
    let seen = |n: usize| {
        let engine = Rc::clone(&engine);
        job(move || {
            let mut seen = 0_usize;
            engine(n, &mut |view| seen += usize::from(view.is_buyable()));
            seen
        })
    };
    let plain: Job = job(move || {
        let shown = rows.iter().filter_map(|row| maps.view(row));
        shown.fold((0_usize, Decimal::ZERO), |(n, sum), shown| (n + shown.id.len(), sum + shown.price))
    });
    let figures = in_turns(turns, vec![plain, seen(PRODUCTS)]);
    table.at_most("catalogue for one customer / loop over maps", "100,000", &figures, (1, 0), 1.0);
    let shop = Rc::new(shop);
    let one = Customer::anonymous();
    let figures = in_turns(turns, vec![job(move || shop.viewer(&one, common::at()).payment_options().is_some())]);
    table.noted("  of that, a viewer", "1", &figures, (0, 0));
}

fn price_list(table: &mut Table, turns: usize) {
    let of = |entries: usize| {
        let mut list = PriceList::builder("big").for_types([key("WHOLESALE")]);
        for i in 0..entries {
            let price = UnitPrice::from_decimal(Decimal::new(list_price(i), 2)).unwrap();
            list = list.entry(PriceEntry::price(key(&format!("PRODUCT-{i}")), Currency::USD, price));
        }
        Shop::builder(Policy::storefront(Currency::USD, Zone::UTC))
            .default_type(key("WHOLESALE"))
            .price_list(list.build().unwrap())
            .build()
            .unwrap()
    };
    // A thousand products, far apart.
    let asked = |entries: usize| (0..1_000).map(move |i| i * 7_919 % entries);
    let looks = |entries: usize| {
        let shop = of(entries);
        let listing = |i| {
            Listing::new(Product::new(key(&format!("PRODUCT-{i}"))), UnitPrice::from_decimal(Decimal::ONE).unwrap())
        };
        let listings: Vec<Listing> = asked(entries).map(listing).collect();
        let customer = Customer::anonymous();
        job(move || {
            let viewer = shop.viewer(&customer, common::at());
            let found = viewer.catalogue(&listings).filter(|v| v.price().is_some_and(|p| p.price_list().is_some()));
            assert_eq!(found.count(), 1_000);
        })
    };
    let map: HashMap<String, Decimal> =
        (0..ENTRIES).map(|i| (format!("PRODUCT-{i}"), Decimal::new(list_price(i), 2))).collect();
    let names: Vec<String> = asked(ENTRIES).map(|i| format!("PRODUCT-{i}")).collect();
    let plain = job(move || names.iter().map(|name| map[name]).sum::<Decimal>());
    let figures = in_turns(turns, vec![plain, looks(ENTRIES), looks(1_000)]);
    table.noted("1,000 views, list of 1,000,000 / look-ups in a map", "1,000,000", &figures, (1, 0));
    table.noted("  the same / with a list of 1,000", "1,000,000", &figures, (1, 2));
}

/// A member as a backend has it in its own types.
struct Subscriber {
    reference: String,
    kind: String,
    option: String,
}

struct Billed {
    reference: String,
    lines: Vec<Decimal>,
    total: Decimal,
}

const KINDS: [&str; 4] = ["CLUB", "GOLD", "SILVER", "RETAIL"];
const BOX: [(&str, u32, i64); 3] = [("RED", 6, 1_250), ("WHITE", 4, 990), ("ROSE", 2, 1_100)];

fn run_shop(allowances: bool) -> Shop {
    let mut shop = Shop::builder(Policy::storefront(Currency::USD, Zone::UTC)).default_type(key("RETAIL"));
    for (n, kind) in (1_i64..).zip(&KINDS[..3]) {
        shop = shop.customer_type(CustomerType::new(key(kind)));
        for (product, _, price) in BOX {
            let price = UnitPrice::from_decimal(Decimal::new(price - 50 * n, 2)).unwrap();
            shop = shop.price(key(kind), key(product), Currency::USD, price);
        }
    }
    if allowances {
        let all = Allowance::new(key("cellar"), [Goods::product(key("RED"))], u64::MAX).unwrap();
        let each = Allowance::new(key("each"), [Goods::product(key("ROSE"))], 12).unwrap();
        shop = shop.allowance(all.with_per(AllowancePer::Shared)).allowance(each.with_window(AllowanceWindow::Month));
    }
    shop.payment_option(PaymentOffer::new(key("CARD")))
        .payment_option(PaymentOffer::new(key("INVOICE")))
        .build()
        .unwrap()
}

fn template() -> Order {
    let lines = (1..).zip(BOX).map(|(id, (product, quantity, price))| {
        let price = UnitPrice::from_decimal(Decimal::new(price, 2)).unwrap();
        Line::new(LineId(id), Product::new(key(product)), Quantity::pieces(quantity.into()).unwrap(), price)
    });
    Order::builder(Currency::USD).lines(lines).payment_option(key("CARD")).build().unwrap()
}

fn plain_run(members: &[Subscriber]) -> impl Iterator<Item = Billed> {
    let mut prices: HashMap<String, HashMap<String, Decimal>> = HashMap::new();
    for (n, kind) in (1_i64..).zip(&KINDS[..3]) {
        let of_kind = BOX.iter().map(|(product, _, price)| ((*product).to_owned(), Decimal::new(price - 50 * n, 2)));
        prices.insert((*kind).to_owned(), of_kind.collect());
    }
    let options: HashSet<String> = ["CARD", "INVOICE"].map(str::to_owned).into();
    let basket: Vec<(String, Decimal, Decimal)> =
        BOX.iter().map(|(p, n, price)| ((*p).to_owned(), Decimal::from(*n), Decimal::new(*price, 2))).collect();
    members.iter().filter_map(move |m| {
        let prices = prices.get(&m.kind).filter(|_| options.contains(&m.option))?;
        let lines: Vec<Decimal> =
            basket.iter().map(|(product, n, list)| (prices.get(product).unwrap_or(list) * n).round_dp(2)).collect();
        Some(Billed { reference: m.reference.clone(), total: lines.iter().sum(), lines })
    })
}

fn runs(table: &mut Table, turns: usize) {
    let subscribers: Vec<Subscriber> = (0..MEMBERS)
        .map(|i| Subscriber {
            reference: format!("2026-04-{i}"),
            kind: KINDS[i % KINDS.len()].to_owned(),
            option: "CARD".to_owned(),
        })
        .collect();
    let members: Vec<Member> = subscribers
        .iter()
        .map(|s| {
            let customer = Customer::new([IdentityKey::id(&s.reference).unwrap()]).with_type(key(&s.kind));
            Member::new(Arc::new(customer), Reference::Order(key(&s.reference)))
        })
        .collect();
    let members = Rc::new(members);
    let priced = |allowances: bool, n: usize| {
        let (shop, template, members) = (run_shop(allowances), template(), Rc::clone(&members));
        let cohort = Audience::everyone().except([key("RETAIL")]);
        // Both say the same.
        let due = |item: RunItem| item.outcome().unwrap().totals().payable().to_decimal();
        let found = shop.price_run(&template, &cohort, common::at(), members[..100].iter().cloned()).map(due);
        assert!(found.eq(plain_run(&subscribers[..100]).map(|billed| billed.total)));
        job(move || {
            let members = members[..n].iter().cloned();
            shop.price_run(&template, &cohort, common::at(), members).filter(RunItem::is_served).count()
        })
    };
    let contestants =
        vec![priced(false, MEMBERS), priced(true, MEMBERS), priced(false, MEMBERS / 100), priced(true, MEMBERS / 100)];
    let subscribers = Rc::new(subscribers);
    let plain = |n: usize| {
        let subscribers = Rc::clone(&subscribers);
        job(move || {
            let billed = plain_run(&subscribers[..n]);
            billed.map(|b| b.reference.len() + b.lines.len() + usize::from(b.total.is_zero())).sum::<usize>()
        })
    };
    let figures = in_turns(turns, contestants.into_iter().chain([plain(MEMBERS), plain(MEMBERS / 100)]).collect());
    table.noted("recurring run / loop over maps", "100,000", &figures, (0, 4));
    table.noted("  with a shared and a customer's allowance", "100,000", &figures, (1, 4));
    table.noted("recurring run / loop over maps", "1,000", &figures, (2, 5));
    table.noted("  with a shared and a customer's allowance", "1,000", &figures, (3, 5));
}

fn main() {
    let turns = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(21);
    let mut table = Table::begin();
    catalogue(&mut table, turns);
    price_list(&mut table, turns);
    runs(&mut table, turns);
    table.end();
}
