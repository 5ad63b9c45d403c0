//! What a customer is shown agrees with what an order of it says, for random shops, customers and types.

#![allow(
    missing_docs,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use vouchsafe::*;

const TYPES: [&str; 4] = ["T0", "T1", "T2", "T3"];
const CATEGORIES: [&str; 4] = ["c0", "c1", "c2", "c3"];

fn noon() -> DateTime<Utc> {
    parse_instant("2026-03-29T12:00:00Z").unwrap()
}

/// A generator of small numbers: the same seed, the same case.
#[derive(Debug, Clone)]
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    fn of<'a>(&mut self, names: &[&'a str]) -> &'a str {
        names[self.below(names.len() as u64) as usize]
    }

    fn kind(&mut self) -> CustomerTypeId {
        self.of(&TYPES).parse().unwrap()
    }

    fn price(&mut self) -> UnitPrice {
        let text = format!("{}.{:03}", self.below(20), self.below(1_000));
        UnitPrice::parse(&text).unwrap()
    }

    fn goods(&mut self) -> Goods {
        let goods = match self.below(4) {
            0 => Goods::Everything,
            1 => Goods::category(self.of(&CATEGORIES).parse().unwrap()),
            _ => Goods::product(format!("P{}", self.below(6)).parse().unwrap()),
        };
        if self.one_in(2) { goods.with_descendants() } else { goods }
    }

    fn audience(&mut self) -> Audience {
        let audience = match self.below(4) {
            0 => Audience::everyone(),
            1 => Audience::of_rank(self.below(4) as u32),
            _ => Audience::of_types([self.kind()]),
        };
        if self.one_in(5) { audience.except([self.kind()]) } else { audience }
    }

    fn currency(&mut self) -> Currency {
        if self.one_in(5) { Currency::EUR } else { Currency::USD }
    }
}

/// One more rule, where the shop can still be built with it.
fn add(shop: ShopBuilder, change: impl FnOnce(ShopBuilder) -> ShopBuilder) -> ShopBuilder {
    let changed = change(shop.clone());
    if changed.clone().build().is_ok() { changed } else { shop }
}

fn shop(dice: &mut Dice) -> Shop {
    let mut policy = Policy::builder(Currency::USD).accept(Currency::EUR);
    if dice.one_in(2) {
        policy = policy.no_identity(NoIdentity::ApplyAndFlag);
    }
    let mut shop = Shop::builder(policy.build().unwrap()).default_type("T0".parse().unwrap());
    for (rank, kind) in (0..).zip(TYPES) {
        shop = shop.customer_type(CustomerType::new(kind.parse().unwrap()).with_rank(rank));
    }
    shop = shop.category("c0".parse().unwrap()).category("c3".parse().unwrap());
    shop = shop.subcategory("c1".parse().unwrap(), "c0".parse().unwrap());
    shop = shop.subcategory("c2".parse().unwrap(), "c1".parse().unwrap());
    let strategies = [PriceStrategy::MostSpecific, PriceStrategy::Lowest, PriceStrategy::Priority];
    shop = shop.price_strategy(strategies[dice.below(3) as usize]);
    for _ in 0..dice.below(4) {
        let product = format!("P{}", dice.below(6)).parse().unwrap();
        let (kind, currency, price) = (dice.kind(), dice.currency(), dice.price());
        shop = add(shop, |shop| shop.price(kind, product, currency, price));
    }
    for i in 0..dice.below(6) {
        let list = price_list(dice, i);
        shop = add(shop, |shop| shop.price_list(list));
    }
    for _ in 0..dice.below(6) {
        let permission = [Permission::See, Permission::SeePrice, Permission::Buy][dice.below(3) as usize];
        let (goods, audience) = (dice.goods(), dice.audience());
        let rule = if dice.one_in(2) {
            AccessRule::deny(permission, goods, audience)
        } else {
            AccessRule::allow(permission, goods, audience)
        };
        shop = add(shop, |shop| shop.access(rule));
    }
    for _ in 0..dice.below(4) {
        if let Some(rule) = quantity_rule(dice) {
            shop = add(shop, |shop| shop.quantity_rule(rule));
        }
    }
    for i in 0..dice.below(4) {
        let allowance = allowance(dice, i);
        shop = add(shop, |shop| shop.allowance(allowance));
    }
    for option in ["CARD", "INVOICE"] {
        if dice.one_in(2) {
            let (to, preferring) = (dice.audience(), dice.audience());
            let offer = PaymentOffer::new(option.parse().unwrap()).to(to).preferred_by(preferring);
            shop = add(shop, |shop| shop.payment_option(offer));
        }
    }
    shop.build().unwrap()
}

fn price_list(dice: &mut Dice, i: u64) -> PriceList {
    let mut list = PriceList::builder(format!("list-{i}")).priority(dice.below(3) as i32 - 1);
    list = if dice.one_in(3) {
        list.for_customers([IdentityKey::id("1").unwrap()])
    } else {
        list.for_types([dice.kind()])
    };
    if dice.one_in(4) {
        let day = parse_date("2026-03-29").unwrap() + TimeDelta::days(dice.below(3) as i64 - 1);
        list = list.days(Some(day), None);
    }
    let mut kept = None;
    for _ in 0..=dice.below(6) {
        let entry = match dice.below(3) {
            0 => PriceEntry::percent_off(dice.goods(), format!("{}.5", dice.below(90)).parse().unwrap()),
            1 => PriceEntry::amount_off(dice.goods(), dice.currency(), dice.price()),
            _ => PriceEntry::price(format!("P{}", dice.below(6)).parse().unwrap(), dice.currency(), dice.price()),
        };
        let more = list.clone().entry(entry.from_quantity([1, 1, 2, 6, 10, 25][dice.below(6) as usize]));
        // Entries of which none goes before the other are no list.
        if let Ok(built) = more.clone().build() {
            (list, kept) = (more, Some(built));
        }
    }
    kept.unwrap()
}

fn quantity_rule(dice: &mut Dice) -> Option<QuantityRule> {
    let mut rule = QuantityRule::new(dice.goods()).with_audience(dice.audience());
    if dice.one_in(2) {
        rule = rule.with_min(dice.below(8) as u32).ok()?;
    }
    if dice.one_in(2) {
        rule = rule.with_increment(dice.below(7) as u32).ok()?;
    }
    if dice.one_in(2) {
        rule = rule.with_max(dice.below(30) as u32).ok()?;
    }
    Some(if dice.one_in(2) { rule.with_excess(Excess::Cap) } else { rule })
}

fn allowance(dice: &mut Dice, i: u64) -> Allowance {
    let goods = [dice.goods(), Goods::product(format!("P{}", dice.below(6)).parse().unwrap())];
    let one = goods[0] == goods[1];
    let goods = goods.into_iter().skip(usize::from(one));
    let window = match dice.below(4) {
        0 => AllowanceWindow::Ever,
        1 => AllowanceWindow::Month,
        2 => AllowanceWindow::rolling(30).unwrap(),
        _ => {
            let from = parse_date("2026-03-29").unwrap() + TimeDelta::days(dice.below(3) as i64 - 1);
            AllowanceWindow::Days(DayRange::new(Some(from), None).unwrap())
        }
    };
    let mut allowance = Allowance::new(format!("a{i}").parse().unwrap(), goods, 1 + dice.below(12)).unwrap();
    allowance = allowance.with_audience(dice.audience()).with_window(window);
    if dice.one_in(2) {
        allowance = allowance.with_per(AllowancePer::Shared);
    }
    if dice.one_in(2) { allowance.with_excess(Excess::Cap) } else { allowance }
}

fn product(dice: &mut Dice, i: u64) -> Product {
    let mut product = Product::new(format!("P{i}").parse().unwrap());
    if dice.one_in(3) {
        product = product.with_parent(format!("P{}", dice.below(6)).parse().unwrap());
    }
    let categories = CATEGORIES.iter().filter(|_| dice.one_in(3));
    product.with_categories(categories.map(|c| c.parse().unwrap()).collect::<Vec<_>>())
}

fn customer(dice: &mut Dice) -> Customer {
    let mut customer = match dice.below(3) {
        0 => Customer::anonymous(),
        1 => Customer::new([IdentityKey::id("1").unwrap()]),
        _ => Customer::new(["device:d".parse().unwrap()]),
    };
    if dice.one_in(2) {
        customer = customer.with_type(dice.kind());
    }
    if dice.one_in(3) {
        customer = customer.with_membership(Membership::new(dice.kind()));
    }
    if dice.one_in(3) {
        customer = customer.with_allowance_grant(AllowanceGrant::new("a0".parse().unwrap(), dice.below(9)));
    }
    customer
}

/// A shop, one customer, six products, and what is taken of the allowances.
struct Case {
    shop: Shop,
    customer: Customer,
    currency: Currency,
    listings: Vec<Listing>,
    usage: Vec<AllowanceUsage>,
}

impl Case {
    fn new(seed: u64) -> Self {
        let dice = &mut Dice(seed);
        let (shop, customer) = (shop(dice), customer(dice));
        let listings = (0..6).map(|i| {
            let listing = Listing::new(product(dice, i), dice.price());
            if dice.one_in(6) { listing.with_customer_price(dice.price()) } else { listing }
        });
        let listings = listings.collect();
        let usage = (0..4).filter(|_| dice.one_in(2)).collect::<Vec<_>>();
        let usage = usage.iter().map(|i| AllowanceUsage::new(format!("a{i}").parse().unwrap(), dice.below(6)));
        let usage = usage.collect();
        Self { shop, customer, currency: dice.currency(), listings, usage }
    }

    fn viewer<'a>(&'a self, customer: &'a Customer) -> Viewer<'a> {
        self.shop.viewer(customer, noon()).with_allowances(&self.usage).in_currency(self.currency).unwrap()
    }

    fn order(&self, listing: &Listing, quantity: u64) -> Order {
        let quantity = Quantity::pieces(quantity).unwrap();
        let line = Line::new(LineId(1), listing.product().clone(), quantity, listing.list_price());
        let line = listing.customer_price().map_or(line.clone(), |price| line.with_customer_price(price));
        Order::builder(self.currency).line(line).build().unwrap()
    }

    fn evaluate(&self, customer: &Customer, listing: &Listing, quantity: u64) -> Outcome {
        let order = self.order(listing, quantity);
        let request = Request::new(&order, customer, Reference::Order("o".parse().unwrap()), noon());
        self.shop.evaluate(&request.with_allowances(&self.usage)).unwrap()
    }
}

fn extended(unit: ExactPrice, quantity: u64, currency: Currency) -> Money {
    unit.extended(Quantity::pieces(quantity).unwrap(), currency, Rounding::HalfUp).unwrap()
}

/// What one product is shown as, against orders of it.
fn agrees(case: &Case, customer: &Customer, listing: &Listing, view: &ProductView<'_>) -> Result<(), TestCaseError> {
    let least = u64::from(view.smallest_order());
    let outcome = case.evaluate(customer, listing, least);
    let line = &outcome.lines()[0];
    prop_assert_eq!(line.refusal(), view.refusal());
    prop_assert_eq!(view.is_visible(), view.refusal() != Some(LineRefusal::NotVisible));
    let hidden = [LineRefusal::NotVisible, LineRefusal::PriceNotVisible];
    prop_assert_eq!(view.price().is_none(), view.refusal().is_some_and(|refusal| hidden.contains(&refusal)));
    prop_assert_eq!(view.public().is_some(), view.is_visible());
    let Some(price) = view.price() else { return Ok(()) };
    if least > 1 && view.refusal() != Some(LineRefusal::NotPurchasable) {
        let alone = case.evaluate(customer, listing, 1).lines()[0].refusal();
        let too_few = matches!(alone, Some(LineRefusal::BelowMinimum { .. } | LineRefusal::NotAMultiple { .. }));
        prop_assert!(too_few, "{alone:?}");
    }
    if !view.is_buyable() {
        return Ok(());
    }
    prop_assert_eq!(line.priced(), extended(price.unit(), least, case.currency));
    prop_assert_eq!((line.price_source(), outcome.price_list(line)), (price.source(), price.price_list()));
    prop_assert_eq!(u64::from(outcome.requested(line)), least);
    // Up to the next price nothing is cheaper, and there it is.
    let (step, next) = (u64::from(view.increment().unwrap_or(1)), view.next_price());
    let most = u64::from(view.max().unwrap_or(60)).min(view.left().unwrap_or(60)).min(60);
    let end = next.map_or(most + 1, |next| next.from());
    for quantity in (least..end).filter(|q| q % step == 0) {
        let outcome = case.evaluate(customer, listing, quantity);
        let priced = outcome.lines()[0].priced();
        prop_assert_eq!(outcome.lines()[0].refusal(), None, "{} of {:?}", quantity, view);
        let dear = extended(price.unit(), quantity, case.currency);
        prop_assert!(priced.minor() >= dear.minor(), "{quantity} of {view:?}");
    }
    if let Some(next) = next {
        let outcome = case.evaluate(customer, listing, next.from());
        let line = &outcome.lines()[0];
        prop_assert!(next.unit() < price.unit());
        prop_assert_eq!((line.refusal(), line.priced()), (None, extended(next.unit(), next.from(), case.currency)));
        prop_assert_eq!(u64::from(line.units()), next.from());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Proves S38, S41, S46: whether a product is seen, what it costs and why it is not sold is the same on a page as in
    /// an order, under every type.
    #[test]
    fn a_view_says_what_an_order_says(seed in any::<u64>()) {
        let case = Case::new(seed);
        let types = TYPES.iter().map(|t| case.customer.clone().with_type(t.parse().unwrap()));
        for customer in types.chain([case.customer.clone()]) {
            let viewer = case.viewer(&customer);
            for listing in &case.listings {
                agrees(&case, &customer, listing, &viewer.view(listing))?;
            }
            let offered = case.evaluate(&customer, &case.listings[0], 1);
            let shown = viewer.payment_options().map(<[_]>::to_vec);
            prop_assert_eq!(shown.as_deref(), offered.payment_options());
        }
    }

    /// A catalogue is its visible products in their order, whenever and however often it is looked at; looking changes
    /// nothing.
    #[test]
    fn looking_is_deterministic_and_changes_nothing(seed in any::<u64>()) {
        let case = Case::new(seed);
        let before = case.shop.clone();
        let viewer = case.viewer(&case.customer);
        let seen: Vec<_> = viewer.catalogue(&case.listings).collect();
        let one_by_one: Vec<_> = case.listings.iter().map(|l| viewer.view(l)).filter(|v| v.is_visible()).collect();
        prop_assert_eq!(&seen, &one_by_one);
        let again = case.viewer(&case.customer);
        prop_assert_eq!(&seen, &again.catalogue(&case.listings).collect::<Vec<_>>());
        prop_assert_eq!(&case.shop, &before);
    }

    /// Proves S37: what a basket would cost as another type are the figures of a customer who has it, and nothing of it
    /// can be recorded.
    #[test]
    fn a_preview_has_the_figures_of_the_type(seed in any::<u64>(), quantity in 1_u64..20) {
        let case = Case::new(seed);
        for (kind, listing) in TYPES.iter().zip(&case.listings) {
            let kind: CustomerTypeId = kind.parse().unwrap();
            let order = case.order(listing, quantity);
            let request = |who| {
                let request = Request::new(&order, who, Reference::Order("o".parse().unwrap()), noon());
                request.with_allowances(&case.usage)
            };
            let preview = case.shop.evaluate(&request(&case.customer).as_type(&kind)).unwrap();
            let owner = case.customer.clone().with_type(kind.clone());
            let real = case.shop.evaluate(&request(&owner)).unwrap();
            prop_assert_eq!(preview.lines(), real.lines());
            prop_assert_eq!(preview.totals(), real.totals());
            prop_assert_eq!(preview.allowances(), real.allowances());
            prop_assert_eq!(preview.payment_options(), real.payment_options());
            prop_assert_eq!(preview.redemption().unwrap_err(), NotPlaceable::Preview);
        }
    }

    /// Proves S51: a run gives each member what an evaluation gives that member alone, as far as nothing is shared; run
    /// twice, it is the same.
    #[test]
    fn a_run_prices_each_member_as_if_alone(seed in any::<u64>()) {
        let case = Case::new(seed);
        let cohort = Dice(seed ^ 1).audience();
        let template = case.order(&case.listings[0], 1 + seed % 7);
        let members = || {
            (0..8_u64).map(|i| {
                let mut who = customer(&mut Dice(seed.wrapping_add(i)));
                if !who.keys().is_empty() {
                    let keys = [IdentityKey::id(&i.to_string()).unwrap()];
                    who = Customer::new(keys).with_held(who.held().clone());
                }
                Member::new(who, Reference::Order(format!("o-{i}").parse().unwrap())).with_allowances(case.usage.clone())
            })
        };
        let summed = |run: PriceRun<'_, _>| -> Vec<String> { run.map(|item| format!("{item:?}")).collect() };
        let first = summed(case.shop.price_run(&template, &cohort, noon(), members().collect::<Vec<_>>()));
        prop_assert_eq!(first, summed(case.shop.price_run(&template, &cohort, noon(), members().collect::<Vec<_>>())));

        let inside: Vec<_> = members().filter(|m| cohort.contains(&case.shop.standing(m.customer(), noon()))).collect();
        let items: Vec<_> = case.shop.price_run(&template, &cohort, noon(), members()).collect();
        prop_assert_eq!(items.len(), inside.len());
        for (item, member) in items.iter().zip(&inside) {
            prop_assert_eq!(item.member().reference(), member.reference());
            let request = Request::new(&template, member.customer(), member.reference().clone(), noon());
            let alone = case.shop.evaluate(&request.with_allowances(&case.usage)).unwrap();
            let outcome = item.outcome().unwrap();
            prop_assert_eq!(item.is_served(), outcome.redemption().is_ok());
            let shared = alone.allowances().iter().any(|a| a.per() == AllowancePer::Shared);
            if !shared {
                prop_assert_eq!(outcome, &alone);
            }
        }
    }
}

/// The generator reaches every answer there is, or the comparison would prove nothing of it.
#[test]
fn every_kind_of_answer_is_met() {
    let mut met: BTreeMap<String, u32> = BTreeMap::new();
    for seed in 0..400 {
        let case = Case::new(seed);
        let viewer = case.viewer(&case.customer);
        for view in case.listings.iter().map(|listing| viewer.view(listing)) {
            let mut meet = |what: String| *met.entry(what).or_default() += 1;
            meet(view.refusal().map_or("sold", LineRefusal::code).to_owned());
            if let Some(price) = view.price().filter(|_| view.is_buyable()) {
                meet(format!("{:?} {}", price.source(), price.price_list().is_some()));
            }
            let parts = [
                ("next price", view.next_price().is_some()),
                ("left", view.left().is_some() && view.is_buyable()),
                ("left until", view.left_until().is_some()),
                ("several", view.smallest_order() > 1 && view.is_buyable()),
                ("preferred", viewer.payment_options().is_some_and(|options| options.len() == 2)),
            ];
            parts.into_iter().filter(|(_, is)| *is).for_each(|(what, _)| meet(what.to_owned()));
        }
    }
    let expected = [
        "Customer false",
        "Customer true",
        "CustomerType false",
        "CustomerType true",
        "List false",
        "above_maximum",
        "allocation_exceeded",
        "customer_required",
        "left",
        "left until",
        "next price",
        "not_purchasable",
        "not_visible",
        "preferred",
        "price_not_visible",
        "several",
        "sold",
    ];
    assert_eq!(met.keys().collect::<Vec<_>>(), expected, "{met:#?}");
    assert!(met.values().all(|count| *count >= 2), "{met:#?}");
}
