//! What reviews found, each kept from coming back.

use serde_json::json;
use vouchsafe::*;

use crate::support::*;

/// So many dollars off, meant with or without tax.
fn amount_meant(tax: &str, dollars: &str) -> Coupon {
    coupon("meant", json!({"benefits": [{"amount": {"off": {"USD": dollars}, "tax": tax}}]}))
}

fn tax_per_line() -> Policy {
    policy(|p| p.rounding(RoundingRules { tax_level: TaxRounding::PerLine, ..RoundingRules::default() }))
}

/// Three lines of 10.01 incl. 19%: 25.24 net together, but three times 8.41 is 25.23. Proves trap 7 for an amount meant
/// on the other side of tax.
#[test]
fn an_amount_without_tax_that_covers_everything_leaves_nothing() {
    for (dollars, lost) in [("100", "74.76"), ("25.24", "0.00")] {
        let outcome =
            order((1..=3).map(|i| line(i, "10.01"))).taxed("19").inclusive().code(amount_meant("net", dollars)).run();
        assert_eq!((payable(&outcome).as_str(), total_off(&outcome).as_str()), ("0.00", "30.03"));
        assert_eq!(outcome.answers()[0].forfeited(), usd(lost));
    }
    // Three lines of 0.02 and 20%: 0.07 with tax together, three times 0.02 by themselves.
    let outcome = order((1..=3).map(|i| line(i, "0.02"))).taxed("20").code(amount_meant("gross", "100")).run();
    assert_eq!((payable(&outcome).as_str(), outcome.answers()[0].forfeited()), ("0.00", usd("99.93")));
}

/// Where tax is rounded per line, 8.41 net a line: 25.23 before, and exactly 10.00 less after.
#[test]
fn an_amount_without_tax_is_exact_where_tax_is_rounded_per_line() {
    let lines = || order_under(tax_per_line(), (1..=3).map(|i| line(i, "10.01"))).taxed("19").inclusive();
    assert_eq!(lines().run().totals().net(), usd("25.23"));
    let outcome = lines().code(amount_meant("net", "10")).run();
    // 8.41 - 3.34 = 5.07 -> 6.03 and twice 8.41 - 3.33 = 5.08 -> 6.05, of 10.01 each.
    assert_eq!(off(&outcome), ["3.98", "3.96", "3.96"]);
    assert_eq!(outcome.totals().net(), usd("15.23"));
    let outcome = lines().code(amount_meant("net", "100")).run();
    assert_eq!((payable(&outcome).as_str(), outcome.answers()[0].forfeited()), ("0.00", usd("74.77")));
}

/// Three lines of 10.05 incl. 19% are 25.35 net per line and 25.34 net as a class (V26): a threshold reads the figure
/// that the shop shows.
#[test]
fn a_threshold_without_tax_adds_up_as_tax_does() {
    let minimum = || {
        let condition = json!({"minimum_spend": {"amounts": {"USD": "25.35"}, "tax": "net"}});
        coupon("net", json!({"conditions": [condition], "benefits": [{"percent": {"off": "10"}}]}))
    };
    let lines = || (1..=3).map(|i| line(i, "10.05"));
    assert!(applied(&order_under(tax_per_line(), lines()).taxed("19").inclusive().code(minimum()).run()));
    assert!(!applied(&order(lines()).taxed("19").inclusive().code(minimum()).run()));
}

/// Amounts of the host meet their lines whatever the order they come in; one line twice is an error.
#[test]
fn amounts_of_the_host_find_their_lines() {
    let coupon = coupon("host", json!({"benefits": [{"host": {}}]}));
    let lines = || order([line(5, "10"), line(7, "10"), line(9, "10")]);
    let entry = || Entry::new(coupon.clone());
    let outcome = lines().code(entry().host(&[(9, usd("3.00")), (5, usd("1.00"))])).run();
    assert_eq!(off(&outcome), ["1.00", "0.00", "3.00"]);
    let twice = [(9, usd("3.00")), (5, usd("1.00")), (7, usd("1.00")), (9, usd("1.00"))];
    let error = lines().code(entry().host(&twice)).try_run().unwrap_err();
    assert_eq!(error.to_string(), "`codes[0].host_amounts[3]` is `9`: given twice");
}

/// A code that waits for shipping is not applied, so a code of the order still acts on the line that it was entered on.
/// Proves S150.
#[test]
fn a_code_that_waits_on_a_line_keeps_no_other_from_it() {
    let free = coupon("free", json!({"benefits": [{"shipping": "free"}]}));
    let lines = || order_under(policy(|p| p.line_codes(true)), [line(1, "50")]).code(percent_off("ten", "10"));
    let outcome = lines().code(Entry::new(free.clone()).on_line(1)).run();
    assert_eq!(total_off(&outcome), "5.00");
    assert_eq!(outcome.answers()[1].state(), AnswerState::WaitingForShipping);
    // Once there is shipping it is applied, and the line is its own.
    let outcome = lines().charge(shipping(9, usd("7"))).code(Entry::new(free).on_line(1)).run();
    assert_eq!((total_off(&outcome).as_str(), winners(&outcome)), ("7.00", vec!["free".to_owned()]));
}

/// Proves S16 and trap 14: however a definition says "first order", two checkouts of a new customer get one.
#[test]
fn a_first_order_is_claimed_however_it_is_said() {
    for condition in [json!("first_order"), json!({"nth_order": {"n": 1}}), json!({"any": ["first_order"]})] {
        let new = coupon("new", json!({"conditions": [condition.clone()], "benefits": [{"percent": {"off": "10"}}]}));
        let (till, who) = (Till::new([new]), customer("1"));
        let (one, other) = (till.price("o-1", &who, "NEW", "50", NOON), till.price("o-2", &who, "NEW", "50", NOON));
        assert!(applied(&one) && applied(&other), "{condition}");
        assert_eq!(till.commit(&one, NOON), Commit::Recorded, "{condition}");
        assert!(matches!(till.commit(&other, NOON), Commit::Refused(_)), "{condition}");
        assert!(!applied(&till.price("o-3", &who, "NEW", "50", NOON)), "{condition}");
    }
}

/// 10^9 pieces at 0.01 with 99,999,999.99 off each: what is lost is beyond exact arithmetic, and is never reported wrong.
#[test]
fn a_loss_beyond_exact_arithmetic_is_an_error() {
    let each =
        |dollars: &str| coupon("each", json!({"benefits": [{"amount": {"off": {"USD": dollars}, "per": "unit"}}]}));
    let lines = || {
        let pieces = Quantity::pieces(1_000_000_000).unwrap();
        order([Line::new(LineId(1), Product::new("P".parse().unwrap()), pieces, UnitPrice::parse("0.01").unwrap())])
    };
    let error = lines().code(each("99999999.99")).try_run().unwrap_err();
    assert_eq!(error.to_string(), "`codes[0].forfeited` overflows the range of exact amounts");
    // 10^9 times 0.99 is lost where 1.00 is off each piece of 0.01.
    let outcome = lines().code(each("1.00")).run();
    assert_eq!(outcome.answers()[0].forfeited(), usd("990000000.00"));
}

/// The figures of an operator and of the host come once with a code, so a definition asks for them once.
#[test]
fn figures_that_come_with_a_code_are_asked_for_once() {
    let twice = |benefit: serde_json::Value| errors("twice", json!({"benefits": [benefit.clone(), benefit]}));
    assert_eq!(twice(json!({"host": {}})), "`benefits[1]` is `host`: given twice");
    assert_eq!(twice(json!({"trial": {"days": 7}})), "`benefits[1]` is `trial`: given twice");
    let operator = json!({"operator": {"instructions": "ask the office"}});
    assert_eq!(twice(operator), "`benefits[1]` is `operator`: given twice");
}

fn kind(name: &str) -> CustomerTypeId {
    name.parse().unwrap()
}

/// What takes time in proportion to its size is done in seconds; in proportion to its square it would take minutes.
fn in_proportion<T>(work: impl FnOnce() -> T) -> T {
    let begun = std::time::Instant::now();
    let done = work();
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
    done
}

/// A rule about quantities costs each line once, however many products an order has.
#[test]
fn quantities_of_many_products_are_judged_line_by_line() {
    let two = QuantityRule::new(Goods::Everything).with_max(2).unwrap().with_excess(Excess::Cap);
    let lines = (1..=100_000).map(|i| pieces(i, "1.00", 1 + i % 3));
    let case = order(lines).shop(|shop| shop.quantity_rule(two));
    let outcome = in_proportion(|| case.run());
    // A third each of one, two and three pieces, and of those with three one is too many.
    assert_eq!(payable(&outcome), "166667.00");
}

/// Categories may stand as deep as they like, and only those on a circle or under nothing are reported.
#[test]
fn deep_categories_are_checked_in_one_walk() {
    let id = |i: u32| format!("c{i}").parse::<CategoryId>().unwrap();
    let deep = |depth: u32, top: Option<u32>| {
        let shop = Shop::builder(policy(|p| p));
        let shop = top.map_or_else(|| shop.clone().category(id(0)), |top| shop.clone().subcategory(id(0), id(top)));
        let shop = (1..depth).fold(shop, |shop, i| shop.subcategory(id(i), id(i - 1)));
        in_proportion(|| shop.build())
    };
    assert!(deep(50_000, None).is_ok());
    let errors = deep(50_000, Some(1)).unwrap_err().to_string();
    let circle =
        "`categories[0].parent` is `c1`: leads back to itself; `categories[1].parent` is `c0`: leads back to itself";
    assert_eq!(errors, circle);
    let errors = deep(5, Some(9)).unwrap_err().to_string();
    assert_eq!(errors, "`categories[0].parent` is `c9`: unknown category", "and not once more at each below");
}

/// What purchases assign is found by product, however many products assign something.
#[test]
fn purchases_that_assign_types_are_found_by_product() {
    let club = TypeAssignment::membership(kind("CLUB"), AssignWhen::OnCommit);
    let shop = Shop::builder(policy(|p| p)).default_type(kind("RETAIL")).customer_type(CustomerType::new(kind("CLUB")));
    let goods = |i: u64| Goods::product(format!("P{i}").parse().unwrap());
    let shop = (1..=30_000).fold(shop, |shop, i| shop.purchase_assigns(goods(i), club.clone()));
    let outcome = in_proportion(|| order((1..=30_000).map(|i| line(i, "1.00"))).shop(|_| shop).run());
    assert_eq!(outcome.type_changes().len(), 1);
}

/// Types of a shop in which an administrator sets them, and what comes of each by its claim.
struct Office {
    store: MemoryStore,
    shop: Shop,
}

impl Office {
    fn new() -> Self {
        let shop = Shop::builder(policy(|p| p)).default_type(kind("RETAIL"));
        let names = ["CLUB", "PROFORM", "GOLD"].into_iter();
        let shop = names.fold(shop, |shop, name| shop.customer_type(CustomerType::new(kind(name))));
        Self { store: MemoryStore::new(), shop: shop.build().unwrap() }
    }

    fn claim(id: usize) -> Reference {
        Reference::Claim(format!("c-{id}").parse().unwrap())
    }

    fn set(&self, id: usize, who: &Customer, to: &str) {
        let load = LoadRequest::new(Self::claim(id), Currency::USD, at(NOON)).customer(who.keys().iter().cloned());
        let who = block_on(self.store.clone().load(&load)).unwrap().customer(who.clone());
        let assignment = TypeAssignment::new(kind(to), AssignWhen::OnCommit);
        let events = [TypeEvent::Administrator { actor: "eve".parse().unwrap(), assignment }];
        let nothing = Order::builder(Currency::USD).build().unwrap();
        let request = Request::new(&nothing, &who, Self::claim(id), at(NOON)).with_type_events(&events);
        let redemption = self.shop.evaluate(&request).unwrap().redemption().unwrap();
        assert_eq!(block_on(self.store.clone().commit(&redemption, at(NOON))).unwrap(), Commit::Recorded);
    }

    fn void(&self, id: usize) {
        let back = OnVoid::KEEP.with_type_reverted(true);
        block_on(self.store.clone().void(&Self::claim(id), back, at(NOON))).unwrap();
    }

    fn held(&self, who: &Customer) -> Option<CustomerTypeId> {
        self.store.held_types(who.keys()).primary().cloned()
    }
}

/// Three changes of type are recorded, and then voided in every order: in the end the customer is what the customer was
/// before all of them. A change that waits for a later one goes back with it (S12).
#[test]
fn a_type_for_which_nothing_stands_is_not_kept() {
    let ann = customer("7");
    // What is held after each void.
    for (voids, held) in [
        ([0, 1, 2], ["GOLD", "GOLD", "RETAIL"]),
        ([0, 2, 1], ["GOLD", "PROFORM", "RETAIL"]),
        ([1, 0, 2], ["GOLD", "GOLD", "RETAIL"]),
        ([1, 2, 0], ["GOLD", "CLUB", "RETAIL"]),
        ([2, 0, 1], ["PROFORM", "PROFORM", "RETAIL"]),
        ([2, 1, 0], ["PROFORM", "CLUB", "RETAIL"]),
    ] {
        let office = Office::new();
        for (id, to) in ["CLUB", "PROFORM", "GOLD"].into_iter().enumerate() {
            office.set(id, &ann, to);
        }
        for (id, held) in voids.into_iter().zip(held) {
            office.void(id);
            assert_eq!(office.held(&ann), Some(kind(held)), "{voids:?}, {id}");
        }
    }
}

/// A type was stored under an id, the next one under that id and an e-mail address. Once both are set back, neither key
/// finds a type for which nothing stands.
#[test]
fn a_type_is_set_back_under_every_key() {
    let email = || IdentityKey::email("ann@example.com").unwrap();
    let ann = Customer::new([IdentityKey::id("7").unwrap(), email()]);
    for voids in [[0, 1], [1, 0]] {
        let office = Office::new();
        office.set(0, &customer("7"), "PROFORM");
        office.set(1, &ann, "GOLD");
        voids.into_iter().for_each(|id| office.void(id));
        for who in [ann.clone(), customer("7"), Customer::new([email()])] {
            assert_eq!(office.held(&who), Some(kind("RETAIL")), "{voids:?}, {who:?}");
        }
    }
}

/// An allowance may name as many products as it likes, each once.
#[test]
fn an_allowance_of_many_goods_is_checked_in_one_walk() {
    let goods = |count: u32| (0..count).map(|i| Goods::product(format!("P{i}").parse().unwrap()));
    let made = |goods| Allowance::new("all".parse().unwrap(), goods, 6);
    let goods: Vec<Goods> = goods(100_000).collect();
    let all = in_proportion(|| made(goods.clone())).unwrap();
    let document = serde_json::to_string(&all).unwrap();
    assert_eq!(in_proportion(|| serde_json::from_str::<Allowance>(&document)).unwrap(), all);
    let again = made([goods.as_slice(), &goods[..1]].concat()).unwrap_err().to_string();
    assert!(again.starts_with("`goods[100000]`"), "{again}");
}
