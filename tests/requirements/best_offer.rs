//! The best combination of a wallet, by hand. All combinations of random wallets are held against it in `tests/best_offer.rs`.

use vouchsafe::*;

use crate::support::{NOON, at, customer};

fn coupon(id: &str, rest: &str) -> String {
    format!(r#"{{"version":1,"id":"{id}","code":"{}",{rest}}}"#, id.to_uppercase())
}

fn percent(id: &str, off: u32, rest: &str) -> String {
    coupon(id, &format!(r#""benefits":[{{"percent":{{"off":"{off}"}}}}]{rest}"#))
}

fn amount(id: &str, off: &str) -> String {
    coupon(id, &format!(r#""benefits":[{{"amount":{{"off":{{"USD":"{off}"}}}}}}]"#))
}

fn shop(max: Option<u32>) -> ShopBuilder {
    Shop::builder(Policy::builder(Currency::USD).max_codes(max).build().unwrap())
}

/// Searches a wallet for one line of 100.00; answers the ids that it takes, what is to be paid, and the find.
fn search(shop: &Shop, wallet: &[String], search: OfferSearch) -> (String, String, BestOffer) {
    search_with(shop, wallet, search, None, None)
}

/// The same with tax on the line, and with points to redeem.
fn search_with(
    shop: &Shop,
    wallet: &[String],
    search: OfferSearch,
    tax: Option<&str>,
    points: Option<PointsUse>,
) -> (String, String, BestOffer) {
    let prepare = |json: &String| shop.prepare(serde_json::from_str(json).unwrap()).unwrap();
    let prepared: Vec<Prepared> = wallet.iter().map(prepare).collect();
    let codes: Vec<_> = prepared.iter().map(|p| Presented::new(p.coupon().code().unwrap().as_str(), p)).collect();
    let ski = Product::new("SKI".parse().unwrap());
    let line = Line::new(LineId(1), ski, Quantity::ONE, UnitPrice::parse("100.00").unwrap());
    let mut order = Order::builder(Currency::USD).line(line).price_mode(PriceMode::TaxExclusive);
    if let Some(rate) = tax {
        order = order.default_rate(TaxRate::parse(rate).unwrap());
    }
    let order = order.build().unwrap();
    let customer = customer("ann");
    let reference = Reference::Order("o-1".parse().unwrap());
    let mut request = Request::new(&order, &customer, reference, at(NOON)).with_codes(&codes);
    if let Some(points) = points {
        request = request.with_points(points);
    }
    let best = shop.best_offer(&request, search).unwrap();
    let ids: Vec<&str> = best.codes().iter().map(|code| prepared[*code].coupon().id().as_str()).collect();
    (ids.join(" "), best.outcome().totals().payable().amount_text(), best)
}

fn best(shop: ShopBuilder, wallet: &[String]) -> (String, String) {
    let (ids, payable, best) = search(&shop.build().unwrap(), wallet, OfferSearch::default());
    assert!(best.is_proven());
    (ids, payable)
}

fn told(ids: &str, payable: &str) -> (String, String) {
    (ids.to_owned(), payable.to_owned())
}

/// 30% alone leaves 70.00; 20% and 15.00 together leave 65.00, though each is worth less.
#[test]
fn two_that_stand_together_beat_one_that_stands_alone() {
    let alone = percent("alone", 30, r#","combination":{"exclusive":true}"#);
    let wallet = [alone, percent("twenty", 20, ""), amount("fifteen", "15.00")];
    assert_eq!(best(shop(None), &wallet), told("twenty fifteen", "65.00"));
    // One code only: then the exclusive one is the best.
    assert_eq!(best(shop(Some(1)), &wallet), told("alone", "70.00"));
}

/// The order of the work decides: of two codes of three, 20% and 30.00 leave 50.00, since lines come first.
#[test]
fn as_many_as_the_policy_allows() {
    let wallet = [percent("ten", 10, ""), percent("twenty", 20, ""), amount("thirty", "30.00"), amount("five", "5.00")];
    assert_eq!(best(shop(Some(1)), &wallet), told("thirty", "70.00"));
    assert_eq!(best(shop(Some(2)), &wallet), told("twenty thirty", "50.00"));
    assert_eq!(best(shop(Some(3)), &wallet), told("ten twenty thirty", "42.00"));
    assert_eq!(best(shop(None), &wallet), told("ten twenty thirty five", "37.00"));
}

/// A code that changes the type before pricing is worth what the new prices are, and what they open.
#[test]
fn a_change_of_type_opens_prices_and_codes() {
    let pro = || -> CustomerTypeId { "PROFORM".parse().unwrap() };
    let with_types = || {
        shop(Some(2)).default_type("RETAIL".parse().unwrap()).customer_type("PROFORM".parse().unwrap()).price(
            pro(),
            "SKI".parse().unwrap(),
            Currency::USD,
            UnitPrice::parse("80.00").unwrap(),
        )
    };
    let becomes = r#""benefits":["none"],"assign":{"to":"PROFORM","when":"before_pricing"}"#;
    let wallet = [
        coupon("become", becomes),
        percent("pros", 50, r#","conditions":[{"customer_types":{"only":["PROFORM"]}}]"#),
        percent("retail", 30, r#","conditions":[{"customer_types":{"only":["RETAIL"]}}]"#),
        amount("fifteen", "15.00"),
    ];
    // 80.00 less half of it; without it 100.00 less 30% less 15.00 is 55.00.
    assert_eq!(best(with_types(), &wallet), told("become pros", "40.00"));
    assert_eq!(best(with_types(), &wallet[2..]), told("retail fifteen", "55.00"));
}

/// Of equals the fewest codes, then those that come first by rank, in whatever order they are handed in.
#[test]
fn ties_are_broken_the_same_way_every_time() {
    let (a, b, both) = (amount("a", "10.00"), amount("b", "10.00"), amount("c", "20.00"));
    assert_eq!(best(shop(Some(2)), &[a.clone(), b.clone(), both.clone()]).1, "70.00");
    assert_eq!(best(shop(Some(2)), &[b.clone(), both, a.clone()]), told("c a", "70.00"));
    assert_eq!(best(shop(Some(1)), &[b.clone(), a.clone()]), told("a", "90.00"));
    // Whatever comes after 100.00 off takes nothing.
    let all = amount("x-all", "100.00");
    assert_eq!(best(shop(None), &[a, b, all]), told("x-all", "0.00"));
    assert_eq!(best(shop(None), &[]), told("", "100.00"));
    let nothing = coupon("nothing", r#""benefits":["none"]"#);
    assert_eq!(best(shop(None), &[nothing]), told("", "100.00"));
}

/// The seller's best lets everything be used that can be: of the pairs that fill the two places, the cheapest.
#[test]
fn the_sellers_best_is_complete() {
    let wallet = [percent("ten", 10, ""), percent("twenty", 20, ""), amount("thirty", "30.00"), amount("five", "5.00")];
    let merchant = OfferSearch::default().for_goal(OfferGoal::Merchant);
    let of = |max| {
        let (ids, payable, best) = search(&shop(max).build().unwrap(), &wallet, merchant);
        assert!(best.is_proven());
        (ids, payable)
    };
    assert_eq!(of(Some(1)), told("five", "95.00"));
    assert_eq!(of(Some(2)), told("ten five", "85.00"));
    assert_eq!(of(None), told("ten twenty thirty five", "37.00"));
}

/// 50% off as long as nothing else was taken: beside the two others it is refused, so they are complete without it, and
/// 97.02 is more than 50.00. What may be refused beside others proves nothing about what is left to add.
#[test]
fn what_may_be_refused_beside_others_leaves_them_complete() {
    let untouched =
        r#","priority":-1,"conditions":[{"minimum_spend":{"amounts":{"USD":"100.00"},"basis":"remaining"}}]"#;
    let wallet = [percent("half", 50, untouched), percent("one", 1, ""), percent("two", 2, "")];
    let merchant = OfferSearch::default().for_goal(OfferGoal::Merchant);
    let (ids, payable, best) = search(&shop(None).build().unwrap(), &wallet, merchant);
    assert_eq!((ids.as_str(), payable.as_str(), best.is_proven()), ("one two", "97.02", true));
    // For the customer it is the other way round.
    let (ids, payable, _) = search(&shop(None).build().unwrap(), &wallet, OfferSearch::default());
    assert_eq!((ids.as_str(), payable.as_str()), ("half", "50.00"));
}

/// Past the budget the best so far comes without a proof, and the same each time; it is no worse than any single code.
#[test]
fn past_the_budget_nothing_is_proven() {
    let wallet: Vec<String> = (1..=12).map(|i| percent(&format!("c{i}"), i, "")).collect();
    let shop = shop(Some(3)).build().unwrap();
    let with = |nodes| search(&shop, &wallet, OfferSearch::default().with_node_budget(nodes));
    let (ids, payable, none) = with(0);
    assert_eq!((ids.as_str(), payable.as_str()), ("", "100.00"));
    assert!(!none.is_proven() && none.nodes() == 0);
    // The empty order, the snapshot, and each code by itself.
    let (ids, payable, singles) = with(14);
    assert_eq!((ids.as_str(), payable.as_str()), ("c12", "88.00"));
    assert!(!singles.is_proven() && singles.nodes() == 14);
    // 12%, 11% and 10% one after the other: 88.00, 78.32, 70.49.
    let (ids, payable, all) = with(1_000);
    assert_eq!((ids.as_str(), payable.as_str()), ("c10 c11 c12", "70.49"));
    assert!(all.is_proven() && all.nodes() < 100, "{}", all.nodes());
}

/// Two codes of 10.00 with the tag `t`, and one of 12.00 that does not stand beside them: the pair is the best, though the
/// third code is better than each of it.
fn pair_and_rival() -> [String; 3] {
    let off = |id, off: &str, rest: &str| {
        coupon(id, &format!(r#""benefits":[{{"amount":{{"off":{{"USD":"{off}"}}}}}}],"combination":{rest}"#))
    };
    let tagged = r#"{"tags":["t"]}"#;
    [off("a", "10.00", tagged), off("b", "10.00", tagged), off("c", "12.00", r#"{"not_with":["t"]}"#)]
}

/// 100.00 less 10.00 twice is 80.00; the cup that an automatic offer gives comes with any of the codes, or none.
#[test]
fn what_an_automatic_offer_gives_is_no_gain_of_a_code() {
    let cup = r#"{"id":"cup","benefits":[{"gift":{"product":"CUP","value":{"USD":"20.00"}}}]}"#;
    let with_cup = || shop(None).offer(serde_json::from_str(cup).unwrap());
    assert_eq!(best(with_cup(), &pair_and_rival()), told("a b", "80.00"));
    let (_, _, found) = search(&with_cup().build().unwrap(), &pair_and_rival(), OfferSearch::default());
    assert!(found.outcome().gifts()[0].is_of_offer());
    // A cup of a code is a gain: worth 20.50, it is better than the pair, beside which it does not stand.
    let own = r#""benefits":[{"gift":{"product":"CUP","value":{"USD":"20.50"}}}],"combination":{"not_with":["t"]}"#;
    let [a, b, _] = pair_and_rival();
    assert_eq!(best(with_cup(), &[a, b, coupon("d", own)]), told("d", "100.00"));
}

/// 100.00 less 10.00 twice is 80.00; points pay for 50.00 of it, and 20% on the 30.00 that remain is 6.00.
#[test]
fn points_as_a_discount_lower_the_tax_on_what_is_left() {
    let with = |redeem, wallet: &[String], codes: &str, payable: &str| {
        let program = r#"{"earn":{"USD":"1"},"value":{"USD":"0.01"}}"#;
        let shop = shop(None).points(serde_json::from_str(program).unwrap()).build().unwrap();
        let points = PointsUse::new(redeem, redeem);
        let (ids, left, best) = search_with(&shop, wallet, OfferSearch::default(), Some("20"), Some(points));
        assert_eq!((ids.as_str(), left.as_str(), best.is_proven()), (codes, payable, true), "{redeem}");
    };
    with(5_000, &pair_and_rival(), "a b", "36.00");
    // Without points 80.00 and 16.00 of tax; with points for all of it nothing, and 80.00 of points are fewer than 88.00.
    with(0, &pair_and_rival(), "a b", "96.00");
    with(50_000, &pair_and_rival(), "a b", "0.00");
}

/// Three shipments at 10.00 each: 10.00 off one piece and off shipping is 10.00 off each of them, since a shipment is no
/// piece of anything. With 5.00 off that is better than the 31.00 off that stands alone.
#[test]
fn a_limit_of_pieces_does_not_bound_what_shipping_gives() {
    let shop = shop(None).build().unwrap();
    let wallet = [
        coupon("alone", r#""benefits":[{"amount":{"off":{"USD":"31.00"}}}],"combination":{"not_with":["t"]}"#),
        coupon(
            "ships",
            concat!(
                r#""benefits":[{"amount":{"off":{"USD":"10.00"},"per":"unit","include_shipping":true,"max_units":1}}],"#,
                r#""scope":{"products":["POLE"]},"combination":{"tags":["t"]}"#
            ),
        ),
        coupon("five", r#""benefits":[{"amount":{"off":{"USD":"5.00"}}}],"combination":{"tags":["t"]}"#),
    ];
    let prepared: Vec<Prepared> =
        wallet.iter().map(|json| shop.prepare(serde_json::from_str(json).unwrap()).unwrap()).collect();
    let codes: Vec<_> = prepared.iter().map(|p| Presented::new(p.coupon().code().unwrap().as_str(), p)).collect();
    let mut order = Order::builder(Currency::USD);
    for (id, product, price) in [(1, "SKI", "100.00"), (2, "POLE", "0.01")] {
        let product = Product::new(product.parse().unwrap());
        order = order.line(Line::new(LineId(id), product, Quantity::ONE, UnitPrice::parse(price).unwrap()));
    }
    let shipments = (7..10).map(|id| Charge::shipping(LineId(id), Money::new(1_000, Currency::USD)));
    let order = shipments.fold(order, OrderBuilder::charge).build().unwrap();
    let (customer, reference) = (customer("ann"), Reference::Order("o-1".parse().unwrap()));
    let request = Request::new(&order, &customer, reference, at(NOON)).with_codes(&codes);
    let best = shop.best_offer(&request, OfferSearch::default()).unwrap();
    assert_eq!((best.codes(), best.is_proven()), (&[1, 2][..], true));
    // 130.01 less 30.01 less 5.00.
    assert_eq!(best.outcome().totals().payable().amount_text(), "95.00");
}

/// Codes that only seem to be in each other's way stand together: one that is exclusive of a class beside one of another
/// class, codes of two groups, and a change of type before pricing behind a code that lets none come after it.
#[test]
fn codes_that_are_apart_in_nothing_stand_together() {
    let class = percent("class", 20, r#","combination":{"exclusive":"class"}"#);
    let order = coupon("whole", r#""level":"order","benefits":[{"amount":{"off":{"USD":"15.00"}}}]"#);
    assert_eq!(best(shop(None), &[class, order]), told("class whole", "65.00"));
    let grouped = |id: &str| percent(id, 10, &format!(r#","combination":{{"group":"{id}"}}"#));
    assert_eq!(best(shop(None), &[grouped("one"), grouped("two")]), told("one two", "81.00"));

    let (pro, ski): (CustomerTypeId, ProductId) = ("PROFORM".parse().unwrap(), "SKI".parse().unwrap());
    let types = shop(None).default_type("RETAIL".parse().unwrap()).customer_type("PROFORM".parse().unwrap());
    let types = types.price(pro, ski, Currency::USD, UnitPrice::parse("80.00").unwrap());
    let becomes = coupon("then", r#""benefits":["none"],"assign":{"to":"PROFORM","when":"before_pricing"}"#);
    let stops = percent("last", 10, r#","priority":5,"combination":{"stop":true}"#);
    // 80.00 less 10%.
    assert_eq!(best(types, &[stops, becomes]), told("last then", "72.00"));
}
