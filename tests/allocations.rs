//! How often an evaluation allocates, and how much memory stays taken by what is kept: pinned. Counted per thread by an
//! allocator of this test program's own, so that tests may run side by side. `-- --nocapture memory` prints the bytes.

// An allocator can only be written with `unsafe`; the library itself forbids it.
#![allow(unsafe_code)]
#![allow(missing_docs, clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::indexing_slicing)]

#[path = "../benches/common/mod.rs"]
mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use common::{Desk, Offering, RawLine, SIZES, Workload};
use vouchsafe::*;

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
    /// Bytes taken and not given back, of which another thread may have taken some.
    static TAKEN: Cell<i64> = const { Cell::new(0) };
}

fn count(grown: usize, shrunk: usize) {
    // A thread that is ending has no counter any more, and nothing to count.
    let _gone = ALLOCATIONS.try_with(|n| n.set(n.get() + u64::from(grown > 0)));
    let change = i64::try_from(grown).unwrap_or(0) - i64::try_from(shrunk).unwrap_or(0);
    let _gone = TAKEN.try_with(|n| n.set(n.get() + change));
}

// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size, layout.size());
        unsafe { System.realloc(memory, layout, size) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        count(0, layout.size());
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// How often something allocates or grows what it allocated.
fn allocations<T>(job: impl FnOnce() -> T) -> u64 {
    let before = ALLOCATIONS.with(Cell::get);
    let made = job();
    let after = ALLOCATIONS.with(Cell::get);
    drop(made);
    after - before
}

/// Into buffers that served one evaluation of the same order before.
fn reused(desk: &Desk, order: &Order) -> u64 {
    let codes = desk.presented();
    let request = desk.request(order, &codes);
    let (mut outcome, mut scratch) = (desk.blank(), Scratch::default());
    // Some buffers change places between outcome and scratch, so each has to grow once.
    for _ in 0..2 {
        desk.shop.evaluate_into(&request, &mut outcome, &mut scratch).unwrap();
    }
    let counted = allocations(|| desk.shop.evaluate_into(&request, &mut outcome, &mut scratch).unwrap());
    assert_eq!(outcome, desk.shop.evaluate(&request).unwrap());
    counted
}

/// Into a fresh outcome.
fn owned(desk: &Desk, order: &Order) -> u64 {
    let codes = desk.presented();
    let request = desk.request(order, &codes);
    allocations(|| desk.shop.evaluate(&request).unwrap())
}

fn order(n: usize) -> Order {
    common::order_with_shipping(&common::host_lines(n))
}

#[test]
fn nothing_is_allocated_once_buffers_have_grown() {
    for workload in Workload::ALL {
        for n in SIZES {
            assert_eq!(reused(&Desk::of(workload), &order(n)), 0, "{} at {n} lines", workload.name());
        }
    }
}

/// So many lines, of each this many pieces.
fn order_of(n: usize, quantity: u32) -> Order {
    let lines: Vec<_> = common::lines(n).into_iter().map(|l| RawLine { quantity, ..l }).collect();
    common::order_with_shipping(&common::host_lines_of(&lines))
}

#[test]
fn no_kind_of_benefit_allocates_once_buffers_have_grown() {
    for (name, desk) in common::kinds().into_iter().filter(|(name, _)| !takes_some_units(name)) {
        assert_eq!(reused(&desk, &order(100)), 0, "{name}");
    }
    let order = common::order_with_floors(&common::host_lines(100));
    for (name, desk) in common::under_floors() {
        assert_eq!(reused(&desk, &order), 0, "{name}");
    }
}

/// Offers that match are worked out in a pass of their own, whose memory is kept as well.
#[test]
fn automatic_offers_allocate_nothing_once_buffers_have_grown() {
    use common::Offering::{ByProduct, OneMatches, OtherProducts, Over, ToCome};
    for what in [OtherProducts, Over, ToCome, OneMatches, ByProduct] {
        for workload in Workload::ALL {
            assert_eq!(reused(&common::offering(workload, 100, what), &order(100)), 0, "{what:?} {}", workload.name());
        }
    }
}

fn takes_some_units(name: &str) -> bool {
    ["percent on some units", "one free unit", "one unit per line"].contains(&name)
}

#[test]
fn taking_some_units_allocates_nothing_once_buffers_have_grown() {
    for (name, desk) in common::kinds().into_iter().filter(|(name, _)| takes_some_units(name)) {
        for quantity in [7, 1_000_000] {
            assert_eq!(reused(&desk, &order_of(100, quantity)), 0, "{name} of {quantity} pieces");
        }
    }
}

/// Trap 12: quantities are not expanded. 30 lines of 200 pieces cost no more memory than 30 lines of three: none at all.
#[test]
fn sets_of_pieces_and_steps_allocate_nothing_whatever_the_quantities() {
    for (name, desk) in common::sets().into_iter().chain(common::ladders()) {
        // Three, so that each product has a set of its own: a code without any says why, which is a text.
        let counts = [3, 200, 1_000_000].map(|quantity| reused(&desk, &order_of(30, quantity)));
        assert_eq!(counts, [0; 3], "{name}");
    }
}

#[test]
fn a_refusal_allocates_nothing_once_buffers_have_grown() {
    for (name, desk) in common::refused() {
        for n in [1, 100] {
            assert_eq!(reused(&desk, &order(n)), 0, "{name} at {n} lines");
        }
    }
}

/// A shop with rules about who sees, prices and buys, and about how to pay: asking them costs no memory.
#[test]
fn rules_of_access_allocate_nothing_once_buffers_have_grown() {
    let category = |text: &str| Goods::category(text.parse().unwrap());
    let club = || Audience::of_types(["CLUB".parse().unwrap()]);
    for workload in Workload::ALL {
        let mut desk = Desk::of(workload);
        desk.shop = Shop::builder(desk.shop.policy().clone())
            .default_type("CLUB".parse().unwrap())
            .subcategory("category-1".parse().unwrap(), "category-2".parse().unwrap())
            .category("category-2".parse().unwrap())
            .access(AccessRule::deny(Permission::See, category("category-2").with_descendants(), Audience::everyone()))
            .access(AccessRule::deny(Permission::Buy, Goods::Everything, Audience::everyone()))
            .access(AccessRule::allow(Permission::Buy, Goods::Everything, club()))
            .visible_only_to("SKU-000003".parse().unwrap(), ["CLUB".parse().unwrap()])
            .payment_option(PaymentOffer::new("CARD".parse().unwrap()).preferred_by(club()))
            .build()
            .unwrap();
        // With lines enough to meet the conditions of the codes: a condition that fails writes its reasons down.
        assert_eq!(reused(&desk, &order(100)), 0, "{}", workload.name());
    }
}

/// One for each buffer that is used: for the codes their standing, lines, rank; for the lines their amounts, shares and
/// remainders; of the outcome its lines, charges, adjustments, taxes, accounts, the customer's keys (twice: all, and
/// those that count), answers; and for each code the text as it was entered.
#[test]
fn an_owned_outcome_of_one_line_costs_one_allocation_for_each_buffer() {
    let most = |name: &str| match name {
        "W4" => 39,
        "W2" => 19,
        _ => 18,
    };
    for workload in Workload::ALL {
        let counted = owned(&Desk::of(workload), &order(1));
        assert!(counted <= most(workload.name()), "{}: {counted}", workload.name());
    }
    for (name, desk) in common::refused() {
        let counted = owned(&desk, &order(1));
        assert!(counted <= 20, "{name}: {counted}");
    }
}

/// [`owned`] on a thread of its own, whose buffers have served no evaluation before.
fn owned_from_nothing(desk: &Desk, order: &Order) -> u64 {
    std::thread::scope(|scope| scope.spawn(|| owned(desk, order)).join()).unwrap()
}

#[test]
fn an_owned_outcome_costs_the_same_number_at_every_size() {
    let workloads = Workload::ALL.map(|w| (w.name(), Desk::of(w)));
    for (name, desk) in workloads.into_iter().chain(common::kinds()).chain(common::refused()) {
        let counts = SIZES.map(|n| owned_from_nothing(&desk, &order(n)));
        let [_, ten, more @ ..] = counts;
        assert!(more.iter().all(|count| *count == ten), "{name}: {counts:?}");
    }
}

#[test]
fn a_million_pieces_allocate_what_one_piece_does() {
    let (one, million) = (order_of(100, 1), order_of(100, 1_000_000));
    for (name, desk) in Workload::ALL.map(|w| (w.name(), Desk::of(w))).into_iter().chain(common::kinds()) {
        if !takes_some_units(name) {
            assert_eq!(reused(&desk, &million), reused(&desk, &one), "{name}");
        }
    }
}

#[test]
fn an_owned_outcome_of_a_million_pieces_costs_what_one_piece_does() {
    let (one, million) = (order_of(100, 1), order_of(100, 1_000_000));
    for workload in Workload::ALL {
        let desk = Desk::of(workload);
        let (million, one) = (owned_from_nothing(&desk, &million), owned_from_nothing(&desk, &one));
        assert_eq!(million, one, "{}", workload.name());
    }
}

/// A catalogue of so many products, of every kind that rules and prices tell apart, for one customer.
fn viewed(products: usize) -> u64 {
    let key = |text: String| text.parse().unwrap();
    let list = PriceList::builder("club")
        .for_types(["CLUB".parse().unwrap()])
        .entry(PriceEntry::percent_off(Goods::category("even".parse().unwrap()), "10".parse().unwrap()))
        .entry(PriceEntry::percent_off(Goods::Everything, "20".parse().unwrap()).from_quantity(12));
    let each = |goods: Goods| Allowance::new("each".parse().unwrap(), [goods], 6).unwrap();
    let shop = Shop::builder(Policy::storefront(Currency::USD, Zone::UTC))
        .default_type("CLUB".parse().unwrap())
        .price_list(list.build().unwrap())
        .visible_only_to(key("P3".to_owned()), [])
        .quantity_rule(QuantityRule::new(Goods::Everything).with_increment(2).unwrap())
        .allowance(each(Goods::category("even".parse().unwrap())))
        .build()
        .unwrap();
    let listings: Vec<Listing> = (0..products)
        .map(|i| {
            let category = if i % 2 == 0 { "even" } else { "odd" }.parse().unwrap();
            let product = Product::new(format!("P{i}").parse().unwrap()).with_categories([category]);
            Listing::new(product, UnitPrice::parse("10.00").unwrap())
        })
        .collect();
    let customer = Customer::new([IdentityKey::id("1").unwrap()]);
    let usage = [AllowanceUsage::new("each".parse().unwrap(), 1)];
    allocations(|| {
        let viewer = shop.viewer(&customer, common::at()).with_allowances(&usage);
        assert_eq!(viewer.catalogue(&listings).count(), products - 1);
    })
}

#[test]
fn a_catalogue_allocates_for_its_viewer_and_not_for_its_products() {
    let few = viewed(10);
    assert_eq!(viewed(10_000), few);
    assert!(few <= 6, "{few}");
}

/// Pricing a run of so many members, each let go of before the next; those of the cohort only, and as the run goes on with
/// one figure for what all of them share.
fn run_of(members: usize) -> u64 {
    let wine = || Goods::product("WINE".parse().unwrap());
    let all = Allowance::new("all".parse().unwrap(), [wine()], 1_000_000).unwrap().with_per(AllowancePer::Shared);
    let shop = Shop::builder(Policy::storefront(Currency::USD, Zone::UTC))
        .default_type("RETAIL".parse().unwrap())
        .customer_type(CustomerType::new("CLUB".parse().unwrap()))
        .price("CLUB".parse().unwrap(), "WINE".parse().unwrap(), Currency::USD, UnitPrice::parse("8.00").unwrap())
        .allowance(all)
        .build()
        .unwrap();
    let wine = Product::new("WINE".parse().unwrap());
    let line = Line::new(LineId(1), wine, Quantity::pieces(6).unwrap(), UnitPrice::parse("10.00").unwrap());
    let template = Order::builder(Currency::USD).line(line).build().unwrap();
    let club = Audience::of_types(["CLUB".parse().unwrap()]);
    let members: Vec<Member> = (0..members)
        .map(|i| {
            let kind = if i % 2 == 0 { "CLUB" } else { "RETAIL" }.parse().unwrap();
            let customer = Customer::new([IdentityKey::id(&i.to_string()).unwrap()]).with_type(kind);
            Member::new(customer, Reference::Order(format!("o-{i}").parse().unwrap()))
        })
        .collect();
    allocations(|| {
        let run = shop.price_run(&template, &club, common::at(), members);
        assert_eq!(run.filter(|item| !item.is_served()).count(), 0);
    })
}

#[test]
fn a_run_allocates_the_same_for_each_member() {
    let (ten, more, many) = (run_of(10), run_of(1_010), run_of(10_010));
    assert_eq!((many - ten) / 10, more - ten, "what the first members need is needed once");
    let each = (more - ten) / 500;
    assert!(each <= 40, "{each}");
}

/// Random bytes that are the same every time.
fn random_bytes() -> impl FnMut(&mut [u8]) -> Result<(), std::convert::Infallible> {
    let mut state = 1_u64;
    move |buffer| {
        for byte in buffer {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = state.to_be_bytes()[0];
        }
        Ok(())
    }
}

/// What is remembered of the codes grows now and then; a code itself lies in place.
#[test]
fn a_generated_code_allocates_nothing_of_its_own() {
    let pattern = CodePattern::new().with_prefix("PATROL-26").unwrap();
    let made =
        |count: u64| allocations(|| pattern.generate(count, random_bytes()).unwrap().map(Result::unwrap).count());
    let (few, many) = (made(1_000), made(100_000));
    assert!(few <= 4, "{few}");
    assert!(many <= few + 8, "{many}: of 100 times as many it remembers 100 times as much, doubling at a time");
}

/// How many bytes each of `count` things takes that are made and kept.
fn bytes_each<T>(count: usize, keep: impl FnOnce(usize) -> T) -> i64 {
    let before = TAKEN.with(Cell::get);
    let kept = keep(count);
    let taken = TAKEN.with(Cell::get) - before;
    drop(kept);
    assert_eq!(TAKEN.with(Cell::get), before, "all of it is given back");
    taken / i64::try_from(count).unwrap()
}

/// A thousand of each, with the slack of the lists that they are kept in. What is asked of the allocator; it rounds up.
#[test]
fn memory_of_what_a_host_keeps() {
    let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
    let numbers = |count: usize| 0..u32::try_from(count).unwrap();
    let prepared = |make: &dyn Fn(CouponBuilder) -> CouponBuilder, count: usize| -> Vec<Prepared> {
        let one = |i| shop.prepare(make(common::builder(i).percent_off("10")).build().unwrap()).unwrap();
        numbers(count).map(one).collect()
    };
    let conditions = |coupon: CouponBuilder| {
        let hundred = Amounts::new([Money::parse("100.00", Currency::USD).unwrap()]).unwrap();
        let days = (parse_date("2026-01-01").ok(), parse_date("2026-12-31").ok());
        let club = CustomerTypes::only([CustomerTypeId::new("CLUB").unwrap()]);
        let coupon = coupon.days(days.0, days.1).total_limit(500).per_customer_limit(1);
        coupon.condition(MinimumSpend::new(hundred)).condition(club)
    };
    let products = |coupon: CouponBuilder| {
        coupon.scope(Scope::Products((0..100).map(|i| format!("SKU-{i:06}").parse().unwrap()).collect()))
    };
    let code = |i: u32| Code::parse(&format!("PATROL{i:06}"), CodeFormat::Standard).unwrap();
    let issued = |i| IssuedCode::new(code(i), common::at()).with_holder(IdentityKey::id(&format!("{i}")).unwrap());
    let in_memory = |count: usize| {
        let store = MemoryStore::new();
        let patrol = Coupon::builder("patrol").percent_off("50").build().unwrap();
        store.define(patrol).unwrap();
        store.issue(&"patrol".parse().unwrap(), numbers(count).map(issued)).unwrap();
        store
    };
    let offers = |count: usize| common::offering(Workload::W1, u32::try_from(count).unwrap(), Offering::OtherProducts);
    for (what, each, most) in [
        ("a prepared coupon: a percentage", bytes_each(1_000, |n| prepared(&|coupon| coupon, n)), 1_700),
        ("the same with days, limits and two conditions", bytes_each(1_000, |n| prepared(&conditions, n)), 2_600),
        ("the same for 100 products", bytes_each(1_000, |n| prepared(&products, n)), 8_400),
        ("an automatic offer in its shop, for one product", bytes_each(1_000, offers), 3_500),
        ("an issued code with its holder", bytes_each(1_000, |n| numbers(n).map(issued).collect::<Vec<_>>()), 300),
        ("the same in the store in memory", bytes_each(1_000, in_memory), 550),
        (
            "a product of a catalogue, in one category",
            bytes_each(1_000, |n| common::catalogue(&common::host_lines(n))),
            200,
        ),
    ] {
        println!("{each:6} bytes  {what}");
        assert!(each <= most, "{what}: {each} bytes, {most} at most");
    }
}
