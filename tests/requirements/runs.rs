//! Section F: a cohort is selected, a basket is priced as another type.

use vouchsafe::*;

use crate::support::*;

fn kind(name: &str) -> CustomerTypeId {
    name.parse().unwrap()
}

/// A club of rank 5 with wine at 8.00 in place of 10.00, and a cellar list that only its members see.
fn club() -> Shop {
    Shop::builder(policy(|p| p))
        .default_type(kind("RETAIL"))
        .customer_type(CustomerType::new(kind("CLUB")).with_rank(5))
        .customer_type(CustomerType::new(kind("STAFF")).with_rank(9))
        .price(kind("CLUB"), "WINE".parse().unwrap(), Currency::USD, price("8.00"))
        .visible_only_to("CELLAR".parse().unwrap(), [kind("CLUB")])
        .build()
        .unwrap()
}

fn until(end: &str) -> Window {
    Window::instants(None, Some(at(end))).unwrap()
}

fn ids<'a>(customers: impl Iterator<Item = &'a Customer>) -> Vec<String> {
    customers.map(|c| c.keys()[0].to_string()).collect()
}

/// Proves S40, S52: a campaign goes to those who have the type at that instant, however they have it.
#[test]
fn an_audience_is_selected_by_the_types_that_hold() {
    let ends = "2026-03-29T12:00:00Z";
    let customers = [
        customer("primary").with_type(kind("CLUB")),
        customer("member").with_memberships([kind("CLUB")]),
        customer("left").with_membership(Membership::new(kind("CLUB")).with_window(until(ends))),
        customer("nobody"),
        customer("termed").with_type(kind("CLUB")).with_type_term(TypeTerm::until(at(ends)).then(kind("STAFF"))),
        customer("unknown").with_type(kind("VIP")),
    ];
    let shop = club();
    let selected = |audience: Audience, instant: &str| ids(shop.select(&audience, &customers, at(instant)));
    let (before, after) = ("2026-03-29T11:59:59Z", ends);

    assert_eq!(
        selected(Audience::of_types([kind("CLUB")]), before),
        ["id:primary", "id:member", "id:left", "id:termed"]
    );
    assert_eq!(selected(Audience::of_types([kind("CLUB")]), after), ["id:primary", "id:member"]);
    assert_eq!(selected(Audience::of_rank(9), after), ["id:termed"]);
    // Without a type that the shop knows, the default type holds.
    assert_eq!(
        selected(Audience::of_types([kind("RETAIL")]).except([kind("CLUB")]), after),
        ["id:left", "id:nobody", "id:unknown"]
    );
    assert_eq!(selected(Audience::everyone(), after).len(), 6);
    assert!(selected(Audience::of_types([]), after).is_empty());
    // By value as well, one at a time.
    let mut owned = customers.iter().cloned();
    assert_eq!(shop.select(&Audience::of_rank(5), &mut owned, at(after)).count(), 3);
}

fn basket() -> Order {
    let lines = [of(1, product("WINE"), "10.00", 3), of(2, product("CELLAR"), "90.00", 1)];
    Order::builder(Currency::USD).lines(lines).build().unwrap()
}

fn basket_of<'a>(order: &'a Order, who: &'a Customer) -> Request<'a> {
    Request::new(order, who, Reference::Order("o-1".parse().unwrap()), at(NOON))
}

/// Proves S37, S38: what the basket would cost as another type are the figures of one who has that type: 3 x 8.00 and a
/// product that strangers do not see.
#[test]
fn a_basket_as_another_type_has_the_figures_of_that_type() {
    let (shop, order) = (club(), basket());
    let stranger = customer("1").with_memberships([kind("STAFF")]);
    let preview = shop.evaluate(&basket_of(&order, &stranger).as_type(&kind("CLUB"))).unwrap();
    assert_eq!(payable(&preview), "114.00");
    assert_eq!(preview.customer_type(), Some(&kind("CLUB")));

    let member = stranger.clone().with_type(kind("CLUB"));
    let real = shop.evaluate(&basket_of(&order, &member)).unwrap();
    assert_eq!((preview.lines(), preview.totals()), (real.lines(), real.totals()));
    assert_eq!((preview.digest(), preview.answers()), (real.digest(), real.answers()));

    // The other way round: a member sees what it is worth to be one.
    let retail = shop.evaluate(&basket_of(&order, &member).as_type(&kind("RETAIL"))).unwrap();
    assert_eq!(payable(&retail), "30.00");
    assert_eq!(retail.lines()[1].refusal(), Some(LineRefusal::NotVisible));
}

/// A term that is over does not stand in the way of a type that is asked for.
#[test]
fn a_preview_looks_at_no_term() {
    let (shop, order) = (club(), basket());
    let over = customer("1").with_type(kind("CLUB")).with_type_term(TypeTerm::until(at("2026-01-01T00:00:00Z")));
    assert_eq!(payable(&shop.evaluate(&basket_of(&order, &over)).unwrap()), "30.00");
    assert_eq!(payable(&shop.evaluate(&basket_of(&order, &over).as_type(&kind("CLUB"))).unwrap()), "114.00");
}

/// Proves S49: a mere preview assigns and records nothing, not even where it is stored and read back.
#[test]
fn a_preview_records_nothing() {
    let (shop, order, who) = (club(), basket(), customer("1"));
    // Even as the type that the customer has.
    for as_type in ["CLUB", "RETAIL"] {
        let preview = shop.evaluate(&basket_of(&order, &who).as_type(&kind(as_type))).unwrap();
        assert!(!preview.placeable() && !preview.public().is_placeable());
        assert!(preview.has_flag(Flag::Preview));
        assert_eq!(preview.redemption(), Err(NotPlaceable::Preview));
        let read: Outcome = serde_json::from_str(&serde_json::to_string(&preview).unwrap()).unwrap();
        assert_eq!(read, preview);
        assert_eq!(read.redemption(), Err(NotPlaceable::Preview));
    }
}

#[test]
fn a_preview_as_an_unknown_type_is_an_error() {
    let (order, who) = (basket(), customer("1"));
    let request = basket_of(&order, &who);
    let error = club().evaluate(&request.clone().as_type(&kind("VIP"))).unwrap_err();
    assert_eq!(error.to_string(), "`as_type` is `VIP`: unknown customer type");
    // A shop that defines no types leaves them to the host.
    assert!(Shop::new(policy(|p| p)).evaluate(&request.as_type(&kind("VIP"))).is_ok());
}
