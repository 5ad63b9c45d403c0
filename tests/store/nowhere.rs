//! Who is forgotten stands nowhere: every row of every table is looked through.

use super::*;

/// What no row has any more. The last key has all that JSON and occasions write otherwise than it is.
pub const TRACES: [&str; 2] = ["forget-me", "quo"];

fn keys() -> Vec<IdentityKey> {
    ["id:forget-me", "email:forget-me@example.com", "other:a/b \"quo\" ü %~#"].map(|key| key.parse().unwrap()).into()
}

/// The tables in which a customer leaves a trace.
pub const TABLES: [&str; 14] = [
    "coupon_amendment",
    "coupon_code",
    "coupon_counter",
    "coupon_customer",
    "coupon_history",
    "coupon_import",
    "coupon_part",
    "coupon_points",
    "coupon_points_credit",
    "coupon_points_hold",
    "coupon_recent",
    "coupon_redemption",
    "coupon_type_change",
    "coupon_type_key",
];

struct Checkout<'s, S> {
    store: &'s mut S,
    shop: Shop,
    earnings: Earnings,
}

impl<S: CouponAdmin> Checkout<'_, S> {
    async fn price(&mut self, id: &str, product: &str, codes: &[&str], points: u64) -> (PlacedOrder, Redemption) {
        let (customer, reference) = (Customer::new(keys()), Reference::Order(id.parse().unwrap()));
        let line = Line::new(
            LineId(1),
            Product::new(product.parse().unwrap()),
            Quantity::pieces(2).unwrap(),
            UnitPrice::parse("50.00").unwrap(),
        );
        let order = Order::builder(Currency::USD).line(line).build().unwrap();
        let counted = self.shop.policy().counted_keys(&customer);
        let counters = self.shop.allowance_counters(&order, &counted, noon());
        let request = LoadRequest::new(reference.clone(), Currency::USD, noon())
            .with_codes(codes.iter().copied())
            .customer(counted)
            .allowances(counters)
            .points();
        let loaded = self.store.load(&request).await.unwrap();
        let (prepared, customer) = (loaded.prepare(&self.shop).unwrap(), loaded.customer(customer));
        let (presented, events) = (loaded.presented(&prepared), ["newsletter".parse().unwrap()]);
        let available = loaded.points().map_or(0, PointsBalance::available);
        let request = Request::new(&order, &customer, reference, noon())
            .with_codes(&presented)
            .with_allowances(loaded.allowances())
            .with_points(PointsUse::new(points, available))
            .with_earnings(&self.earnings)
            .with_events(&events);
        let placed = self.shop.place(&request).unwrap();
        let redemption = placed.redemption().unwrap();
        assert!(redemption.coupons().len() == codes.len(), "{redemption:?}");
        (placed, redemption)
    }
}

/// A customer who does all there is to be done.
pub async fn live<S: CouponAdmin>(store: &mut S) {
    let rule = EarnRule::new("newsletter".parse::<EventId>().unwrap());
    let earned = Coupon::builder("earned").percent_off("5").earn(rule).build().unwrap();
    let (edit, at) = (Edit::new(noon()), noon());
    let spring = Coupon::builder("spring").code("SPRING").percent_off("10").total_limit(9).per_customer_limit(9);
    store.define(&spring.build().unwrap(), &edit).await.unwrap();
    store.define(&definition("patrol", 10, 3), &edit).await.unwrap();
    store.define(&earned, &edit).await.unwrap();
    let code = |text| IssuedCode::new(Code::parse(text, CodeFormat::Standard).unwrap(), at);
    let own = code("P2HD-8VRT").with_holder(keys()[1].clone()).with_occasion("spring mail".parse().unwrap());
    let patrol: CouponId = "patrol".parse().unwrap();
    store.issue(&patrol, &[code("K7WQ-93MX"), own]).await.unwrap();
    let imported = ImportedCode::new(code("W4NC-6JYA")).used(keys(), 1);
    store.import(&patrol, &[imported], at).await.unwrap();
    for (n, key) in keys().iter().enumerate() {
        store.credit_points(key, &format!("start-{n}").parse().unwrap(), 500).await.unwrap();
    }

    let shop = shop(false);
    let earnings = shop.earnings([earned.clone()]).unwrap();
    let mut checkout = Checkout { store, shop, earnings };
    let (placed, first) = checkout.price("o-1", "BOOT", &["SPRING", "K7WQ-93MX"], 20).await;
    assert_eq!(checkout.store.commit(&first, at).await.unwrap(), Commit::Recorded);
    let (_, joined) = checkout.price("o-2", "CLUB-YEAR", &[], 0).await;
    assert_eq!(checkout.store.commit(&joined, at).await.unwrap(), Commit::Recorded);
    let back = OnVoid::KEEP.with_type_reverted(true);
    let reference = Reference::Order("o-2".parse().unwrap());
    assert!(matches!(checkout.store.void(&reference, back, at).await.unwrap(), Void::Voided { .. }));
    let (_, held) = checkout.price("o-3", "BOOT", &["SPRING"], 30).await;
    let until = at + TimeDelta::minutes(20);
    assert!(matches!(checkout.store.reserve(&held, at, until).await.unwrap(), Reserve::Held { .. }));

    // Codes that were earned, each for its occasion, which names the customer.
    let Checkout { store, shop, .. } = checkout;
    let [grant] = first.grants() else { panic!("{:?}", first.grants()) };
    assert!(TRACES.iter().any(|trace| grant.occasion().as_str().contains(trace)), "{}", grant.occasion());
    for occasion in grant.occasions() {
        let request = IssueRequest::new(at).with_occasion(occasion);
        let free = [Code::parse("EARN-ED11", CodeFormat::Standard).unwrap()];
        assert!(store.issue_once(&shop, earned.id(), &request, &free).await.unwrap().is_new());
    }
    let change = Amendment::new("a-1".parse().unwrap()).in_quantity(LineId(1), Quantity::ONE);
    assert_eq!(store.amend(&placed.amend(&change).unwrap(), at).await.unwrap(), Amend::Amended);
    let returned = store.return_points(first.reference(), &"r-1".parse().unwrap(), PointsReturn::new(5, 5)).await;
    assert!(matches!(returned.unwrap(), ReturnPoints::Returned(_)));
    // A limit for each customer and code that comes late: records count on it besides what they say.
    let current = store.definition(&"spring".parse().unwrap()).await.unwrap().unwrap();
    let mut document = serde_json::to_value(&*current).unwrap();
    document["limits"]["per_customer_and_code"] = 9.into();
    store.revise(&serde_json::from_value(document).unwrap(), &edit).await.unwrap();
}

/// Says how many uses are counted in all: they stay.
async fn sums<S: CouponAdmin>(store: &mut S) -> (usize, u64, u64) {
    let counters = store.counters(noon()).await.unwrap();
    let sum = |of: fn(&CounterState) -> u64| counters.iter().map(|(_, state)| of(state)).sum();
    (counters.len(), sum(|state| state.used), sum(|state| state.held))
}

pub async fn forget<S: CouponAdmin>(store: &mut S) {
    let before = sums(store).await;
    let forgotten = store.forget(&keys()).await.unwrap();
    assert_eq!(forgotten.pseudonyms.len(), 3);
    assert_eq!(sums(store).await, before);
    // All that is stored can still be read, under the names that are known now.
    assert_eq!(store.records_of(&forgotten.pseudonyms[..1], Page::first(9)).await.unwrap().len(), 2);
    assert_eq!(store.type_history(&forgotten.pseudonyms[0]).await.unwrap().len(), 2);
    let account = store.points(&forgotten.pseudonyms[0], noon()).await.unwrap();
    assert!(account.balance() > 0 && account.held() == 30, "{account:?}");
    let earned: Code = Code::parse("EARN-ED11", CodeFormat::Standard).unwrap();
    let (_, issued) = store.issued(&earned).await.unwrap().unwrap();
    let occasion = issued.occasion().unwrap().to_string();
    assert!(occasion.ends_with(&forgotten.pseudonyms[0].to_string()), "{occasion}");
    let shop = shop(false);
    let imported = store.look_up(&shop, "W4NC-6JYA").await.unwrap().unwrap();
    assert_eq!((imported.uses, imported.issued.unwrap().holder().cloned()), (1, forgotten.pseudonyms.first().cloned()));
    // What was held is still held for whom it was, and can be let go.
    let held = Reference::Order("o-3".parse().unwrap());
    assert_eq!(store.release(&held, noon()).await.unwrap(), Release::Released);
    assert_eq!(sums(store).await, (before.0, before.1, 0));
}

/// A reference whose record was purged is a new one, with changes of types of its own and a place that none had.
pub async fn purged_and_used_again<S: CouponAdmin>(store: &mut S) {
    let shop = shop(false);
    let earnings = shop.earnings([]).unwrap();
    let mut places = Vec::new();
    let late = noon() + TimeDelta::days(9);
    for round in 0..3 {
        let mut checkout = Checkout { store: &mut *store, shop: shop.clone(), earnings: earnings.clone() };
        let (_, joined) = checkout.price("o-1", "CLUB-YEAR", &[], 0).await;
        assert_eq!(store.commit(&joined, noon()).await.unwrap(), Commit::Recorded, "{round}");
        places.extend(store.records(Page::first(9)).await.unwrap().into_iter().map(|record| record.place));
        assert_eq!(store.type_history(&keys()[0]).await.unwrap().len(), round + 1);
        let step = Purge::holds(late, 9).with_records_before(late);
        assert_eq!(store.purge(&step).await.unwrap().records, 1);
    }
    assert!(places.len() == 3 && places.is_sorted_by(|a, b| a < b), "{places:?}");
}
