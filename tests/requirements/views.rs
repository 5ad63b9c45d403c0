//! What a customer sees of a catalogue: which products, at which price, and how many.

use vouchsafe::*;

use crate::support::*;

fn kind(name: &str) -> CustomerTypeId {
    name.parse().unwrap()
}

fn listing(id: &str, list_price: &str) -> Listing {
    Listing::new(product(id), price(list_price))
}

fn goods(id: &str) -> Goods {
    Goods::product(id.parse().unwrap())
}

/// Retail, wholesale from rank 10 and collectors: a sample only for wholesale, a price only on request, a first edition
/// that only collectors buy, screws by the hundred.
fn shop() -> Shop {
    let wholesale = || Audience::of_types([kind("WHOLESALE")]);
    let list = PriceList::builder("wholesale")
        .for_types([kind("WHOLESALE")])
        .entry(PriceEntry::percent_off(Goods::Everything, percent("20")))
        .entry(PriceEntry::price("SCREW".parse().unwrap(), Currency::USD, price("0.0035")))
        .entry(PriceEntry::price("SCREW".parse().unwrap(), Currency::USD, price("0.003")).from_quantity(450))
        .build()
        .unwrap();
    let acme = PriceList::builder("acme")
        .for_customers([IdentityKey::id("acme").unwrap()])
        .entry(PriceEntry::price("BOOT".parse().unwrap(), Currency::USD, price("111.00")))
        .build()
        .unwrap();
    Shop::builder(policy(|p| p.accept(Currency::EUR)))
        .default_type(kind("RETAIL"))
        .customer_type(CustomerType::new(kind("WHOLESALE")).with_rank(10))
        .customer_type(CustomerType::new(kind("COLLECTOR")))
        .price_list(list)
        .price_list(acme)
        .visible_only_to("SAMPLE".parse().unwrap(), [kind("WHOLESALE")])
        .access(AccessRule::deny(
            Permission::SeePrice,
            goods("MACHINE"),
            Audience::everyone().except([kind("WHOLESALE")]),
        ))
        .access(AccessRule::deny(Permission::Buy, goods("BOOK"), Audience::everyone()))
        .access(AccessRule::allow(Permission::Buy, goods("BOOK"), Audience::of_types([kind("COLLECTOR")])))
        .quantity_rule(
            QuantityRule::new(goods("SCREW")).with_increment(100).and_then(|rule| rule.with_min(150)).unwrap(),
        )
        .allowance(
            Allowance::new("boots".parse().unwrap(), [goods("BOOT")], 6).unwrap().with_window(AllowanceWindow::Month),
        )
        .payment_option(PaymentOffer::new("CARD".parse().unwrap()))
        .payment_option(PaymentOffer::new("NET30".parse().unwrap()).to(wholesale()).preferred_by(wholesale()))
        .build()
        .unwrap()
}

fn catalogue() -> [Listing; 5] {
    [
        listing("BOOT", "150.00"),
        listing("SAMPLE", "1.00"),
        listing("MACHINE", "9000.00"),
        listing("BOOK", "70.00"),
        listing("SCREW", "0.005"),
    ]
}

fn retail() -> Customer {
    customer("1")
}

fn wholesaler(id: &str) -> Customer {
    customer(id).with_type(kind("WHOLESALE"))
}

fn shown(shop: &Shop, who: &Customer) -> Vec<String> {
    let listings = catalogue();
    let viewer = shop.viewer(who, at(NOON));
    viewer
        .catalogue(&listings)
        .map(|view| {
            let price = view.price().map_or("-".to_owned(), |price| price.unit().to_string());
            format!("{} {price} {}", view.product().id(), view.refusal().map_or("", LineRefusal::code))
        })
        .collect()
}

/// Proves S38, S46: who sees what, who sees its price, who buys it are three questions.
#[test]
fn a_catalogue_is_what_the_customer_may_see() {
    let shop = shop();
    assert_eq!(
        shown(&shop, &retail()),
        ["BOOT 150 ", "MACHINE - price_not_visible", "BOOK 70 not_purchasable", "SCREW 0.005 "]
    );
    assert_eq!(
        shown(&shop, &retail().with_memberships([kind("COLLECTOR")])),
        ["BOOT 150 ", "MACHINE - price_not_visible", "BOOK 70 ", "SCREW 0.005 "]
    );
    assert_eq!(
        shown(&shop, &wholesaler("2")),
        ["BOOT 120 ", "SAMPLE 0.8 ", "MACHINE 7200 ", "BOOK 56 not_purchasable", "SCREW 0.0035 "]
    );
}

/// Proves S41: a wholesaler sees the account's price before that of the type, and the preferred way to pay first.
#[test]
fn a_wholesaler_sees_the_price_of_the_account() {
    let (shop, boot) = (shop(), listing("BOOT", "150.00"));
    let who = wholesaler("acme");
    let viewer = shop.viewer(&who, at(NOON));
    let view = viewer.view(&boot);
    let shown = view.price().unwrap();
    assert_eq!((shown.unit().to_string(), shown.source()), ("111".to_owned(), PriceSource::Customer));
    assert_eq!((shown.price_list().map(PriceListId::as_str), shown.customer_type()), (Some("acme"), None));
    assert_eq!(shown.list_price(), price("150.00"));
    let options = |viewer: &Viewer<'_>| viewer.payment_options().map(|o| o.iter().map(ToString::to_string).collect());
    assert_eq!(options(&viewer), Some(vec!["NET30".to_owned(), "CARD".to_owned()]));

    let other = wholesaler("2");
    let view = shop.view(&boot, &other, at(NOON));
    let shown = view.price().unwrap();
    assert_eq!((shown.unit().to_string(), shown.source()), ("120".to_owned(), PriceSource::CustomerType));
    assert_eq!(shown.customer_type(), Some(&kind("WHOLESALE")));
    let stranger = Customer::anonymous();
    assert_eq!(options(&shop.viewer(&stranger, at(NOON))), Some(vec!["CARD".to_owned()]));
    // What the host agreed on the spot is the most specific of all.
    let agreed = boot.with_customer_price(price("99.90"));
    assert_eq!(shop.view(&agreed, &other, at(NOON)).price().unwrap().unit().to_string(), "99.9");
}

/// Proves S47, S37: screws come by the hundred and no fewer than 150, so the price shown is that of 200; from 450 on they
/// are cheaper, which is 500 in steps of a hundred.
#[test]
fn the_price_is_that_of_the_smallest_order() {
    let (shop, screw, who) = (shop(), listing("SCREW", "0.005"), wholesaler("2"));
    let view = shop.view(&screw, &who, at(NOON));
    assert_eq!((view.min(), view.increment(), view.max()), (Some(150), Some(100), None));
    assert_eq!(view.smallest_order(), 200);
    assert_eq!(view.price().unwrap().unit().to_string(), "0.0035");
    let next = view.next_price().unwrap();
    assert_eq!((next.from(), next.unit().to_string()), (500, "0.003".to_owned()));
    // Nobody else reaches it.
    assert_eq!(shop.view(&screw, &retail(), at(NOON)).next_price(), None);
    assert_eq!(
        serde_json::to_string(&view.public()).unwrap(),
        concat!(
            r#"{"product":"SCREW","currency":"USD","price":"0.0035","list_price":"0.005","#,
            r#""next_price":{"from":500,"price":"0.003"},"min":150,"increment":100}"#
        )
    );
}

/// Proves S44, S45: how many are left, and until when that counts.
#[test]
fn what_is_left_of_an_allowance_is_shown() {
    let (shop, boot, who) = (shop(), listing("BOOT", "150.00"), retail());
    let left = |who: &Customer, taken: u64| {
        let usage = [AllowanceUsage::new("boots".parse().unwrap(), taken)];
        let viewer = shop.viewer(who, at(NOON)).with_allowances(&usage);
        let view = viewer.view(&boot);
        (view.left(), view.refusal())
    };
    assert_eq!(left(&who, 0), (Some(6), None));
    assert_eq!(left(&who, 4), (Some(2), None));
    let none = LineRefusal::AllocationExceeded { remaining: 0, requested: 1 };
    assert_eq!(left(&who, 7), (Some(0), Some(none)));
    let agreed = who.clone().with_allowance_grant(AllowanceGrant::new("boots".parse().unwrap(), 12));
    assert_eq!(left(&agreed, 4), (Some(8), None));
    assert_eq!(left(&Customer::anonymous(), 0), (Some(6), Some(LineRefusal::CustomerRequired)));
    let view = shop.view(&boot, &who, at(NOON));
    assert_eq!(view.left_until(), Some(at("2026-04-01T00:00:00Z")));
    assert_eq!(
        serde_json::to_string(&view.public()).unwrap(),
        r#"{"product":"BOOT","currency":"USD","price":"150.00","left":6,"left_until":"2026-04-01T00:00:00Z"}"#
    );
}

/// Proves S5, S11, S38: to the public a product that is not seen is one that does not exist, whatever rules name it; a
/// price that is not seen is absent, and so is what would give it away.
#[test]
fn the_public_learns_nothing_of_what_is_hidden() {
    let (shop, listings, stranger) = (shop(), catalogue(), Customer::anonymous());
    let viewer = shop.viewer(&stranger, at(NOON));
    let sample = viewer.view(&listings[1]);
    assert!(!sample.is_visible() && !sample.is_buyable());
    assert_eq!((sample.public(), sample.price(), sample.left()), (None, None, None));
    let machine = serde_json::to_string(&viewer.view(&listings[2]).public()).unwrap();
    assert_eq!(machine, r#"{"product":"MACHINE","currency":"USD","refused":"price_not_visible"}"#);
    let all = serde_json::to_string(&viewer.catalogue(&listings).map(|v| v.public()).collect::<Vec<_>>()).unwrap();
    for hidden in ["SAMPLE", "9000", "7200", "WHOLESALE", "wholesale", "acme", "COLLECTOR", "NET30", "0.0035"] {
        assert!(!all.contains(hidden), "{hidden} in {all}");
    }
}

/// A price is never converted: in another currency there are the prices of that currency, and percentages.
#[test]
fn prices_are_shown_in_one_currency() {
    let (shop, who) = (shop(), wholesaler("acme"));
    let viewer = shop.viewer(&who, at(NOON)).in_currency(Currency::EUR).unwrap();
    assert_eq!(viewer.view(&listing("BOOT", "140.00")).price().unwrap().unit().to_string(), "112");
    let error = shop.viewer(&who, at(NOON)).in_currency(Currency::JPY).unwrap_err();
    assert_eq!(error.to_string(), "`currency` is `JPY`: not in USD");
}

/// A type that ends shows in the catalogue from that instant on (S52).
#[test]
fn a_catalogue_follows_the_types_that_hold() {
    let ends = "2026-03-29T12:00:00Z";
    let who = wholesaler("2").with_type_term(TypeTerm::until(at(ends)));
    let (shop, sample) = (shop(), listing("SAMPLE", "1.00"));
    assert!(shop.view(&sample, &who, at("2026-03-29T11:59:59Z")).is_visible());
    assert!(!shop.view(&sample, &who, at(ends)).is_visible());
}

/// What offers make of a product alone is what an order of it alone comes to, for whoever may buy it.
#[test]
fn offers_are_shown_for_a_product_alone() {
    let offer = |json: &str| -> Offer { serde_json::from_str(json).unwrap() };
    let shop = Shop::builder(Policy::builder(Currency::USD).build().unwrap())
        .default_type(kind("RETAIL"))
        .customer_type("WHOLESALE".parse().unwrap())
        .price(kind("WHOLESALE"), "BOOT".parse().unwrap(), Currency::USD, UnitPrice::parse("40.00").unwrap())
        .visible_only_to("SAMPLE".parse().unwrap(), [kind("WHOLESALE")])
        .quantity_rule(QuantityRule::new(goods("SOCK")).with_min(3).unwrap())
        .offer(offer(
            r#"{"id":"a","description":"From 45.00","benefits":[{"percent":{"off":"10"}}],
                "conditions":[{"minimum_spend":{"amounts":{"USD":"45.00"}}}]}"#,
        ))
        .offer(offer(
            r#"{"id":"b","description":"The third is free","benefits":[{"nth":{"of":3,"reward":"free"}}],
                "scope":{"products":["SOCK"]}}"#,
        ))
        .offer(offer(
            r#"{"id":"c","benefits":[{"percent":{"off":"50"}}],"scope":{"products":["SAMPLE"]},
                "conditions":[{"hours":{"days":["mon"]}}]}"#,
        ))
        .build()
        .unwrap();
    let retail = Customer::anonymous();
    let wholesale = Customer::anonymous().with_type(kind("WHOLESALE"));
    let seen = |who: &Customer, id: &str, price: &str, when: &str| {
        let offered = shop.viewer(who, at(when)).offered(&listing(id, price)).unwrap()?;
        let names: Vec<_> = offered.offers().iter().map(OfferOutcome::description).collect();
        let (priced, discounted) = (offered.priced().amount_text(), offered.discounted().amount_text());
        Some(format!("{} for {priced}, {discounted}: {}", offered.units(), names.join(", ")))
    };
    assert_eq!(seen(&retail, "BOOT", "50.00", NOON).unwrap(), "1 for 50.00, 45.00: From 45.00");
    // Below 45.00 at the price of the type.
    assert_eq!(seen(&wholesale, "BOOT", "50.00", NOON), None);
    // Three at least are sold.
    assert_eq!(seen(&retail, "SOCK", "4.00", NOON).unwrap(), "3 for 12.00, 8.00: The third is free");
    // Not seen at all, and for those who see it only on Mondays.
    assert_eq!(seen(&retail, "SAMPLE", "6.00", "2026-03-30T12:00:00Z"), None);
    assert_eq!(seen(&wholesale, "SAMPLE", "6.00", "2026-03-30T12:00:00Z").unwrap(), "1 for 6.00, 3.00: ");
    assert_eq!(seen(&wholesale, "SAMPLE", "6.00", NOON), None);
}
