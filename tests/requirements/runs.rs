//! A cohort is selected, a basket is priced as another type, a recurring run is priced for its members.

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

/// A case of wine for each member, by invoice; the cellar's one magnum on line 2 where it is asked for.
fn shipment(quantity: u64, with_magnum: bool) -> Order {
    let magnum = with_magnum.then(|| of(2, product("MAGNUM"), "150.00", 1));
    let lines = [of(1, product("WINE"), "10.00", quantity)].into_iter().chain(magnum);
    Order::builder(Currency::USD).lines(lines).payment_option("INVOICE".parse().unwrap()).build().unwrap()
}

fn member(who: Customer) -> Member {
    let reference = format!("2026-04-{}", who.keys().first().map_or("nobody".to_owned(), ToString::to_string));
    Member::new(who, Reference::Order(reference.parse().unwrap()))
}

fn served(items: &[RunItem]) -> Vec<(String, String)> {
    let id = |item: &RunItem| item.member().reference().to_string().replace("order 2026-04-id:", "");
    let due = |item: &RunItem| match item.outcome() {
        Some(outcome) if item.is_served() => payable(outcome),
        _ => item.reasons().iter().map(NotServed::code).collect::<Vec<_>>().join(" "),
    };
    items.iter().map(|item| (id(item), due(item))).collect()
}

fn text(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(id, due)| ((*id).to_owned(), (*due).to_owned())).collect()
}

/// Two clubs, the higher one with a price of its own and an invoice; twelve bottles a quarter for each; one magnum.
fn cellar() -> Shop {
    let wine = || Goods::product("WINE".parse().unwrap());
    let gold = PriceList::builder("gold")
        .for_types([kind("GOLD")])
        .entry(PriceEntry::percent_off(wine(), percent("25")))
        .build()
        .unwrap();
    let account = PriceList::builder("acme")
        .for_customers([IdentityKey::id("acme").unwrap()])
        .entry(PriceEntry::price("WINE".parse().unwrap(), Currency::USD, price("7.10")))
        .build()
        .unwrap();
    let bottles = Allowance::new("bottles".parse().unwrap(), [wine()], 12).unwrap();
    let magnum = Goods::product("MAGNUM".parse().unwrap());
    let one = Allowance::new("magnum".parse().unwrap(), [magnum.clone()], 1).unwrap();
    Shop::builder(policy(|p| p))
        .default_type(kind("RETAIL"))
        .customer_type(CustomerType::new(kind("CLUB")))
        .customer_type(CustomerType::new(kind("GOLD")))
        .customer_type(CustomerType::new(kind("YOUTH")))
        .price(kind("CLUB"), "WINE".parse().unwrap(), Currency::USD, price("8.00"))
        .price_list(gold)
        .price_list(account)
        .access(AccessRule::deny(Permission::Buy, wine(), Audience::of_types([kind("YOUTH")])))
        .access(AccessRule::deny(Permission::See, magnum, Audience::of_types([kind("CLUB"), kind("YOUTH")])))
        .allowance(bottles.with_window(AllowanceWindow::Quarter))
        .allowance(one.with_per(AllowancePer::Shared))
        .payment_option(PaymentOffer::new("CARD".parse().unwrap()))
        .payment_option(PaymentOffer::new("INVOICE".parse().unwrap()).to(Audience::everyone().except([kind("YOUTH")])))
        .build()
        .unwrap()
}

fn clubs() -> Audience {
    Audience::of_types([kind("CLUB"), kind("GOLD"), kind("YOUTH")])
}

/// Proves S51: each member pays the price of the own type or account, strangers are left out, and who cannot be served
/// comes with every reason. 6 x 8.00, 6 x 7.50, 6 x 7.10.
#[test]
fn a_run_prices_each_member_under_the_own_type() {
    let (shop, order, cohort) = (cellar(), shipment(6, true), clubs());
    let members = [
        member(customer("ann").with_type(kind("CLUB"))).with_order(shipment(6, false)),
        member(customer("bob").with_type(kind("GOLD"))).with_order(shipment(6, false)),
        member(customer("acme").with_type(kind("CLUB"))).with_order(shipment(6, false)),
        member(customer("eve")),
        member(customer("kid").with_type(kind("YOUTH"))),
        member(customer("joe").with_memberships([kind("CLUB")])).with_payment_option("CARD".parse().unwrap()),
    ];
    let mut run = shop.price_run(&order, &cohort, at(NOON), members);
    let items: Vec<RunItem> = run.by_ref().collect();
    assert_eq!(run.left_out(), 1);
    assert_eq!(
        served(&items),
        text(&[
            ("ann", "48.00"),
            ("bob", "45.00"),
            ("acme", "42.60"),
            ("kid", "not_purchasable not_visible payment_not_allowed"),
            ("joe", "not_visible"),
        ])
    );
    // Of who cannot be served nothing is recorded; of the others, what an evaluation says.
    let records = |item: &RunItem| item.outcome().is_some_and(|outcome| outcome.redemption().is_ok());
    assert_eq!(items.iter().map(records).collect::<Vec<_>>(), [true, true, true, false, false]);
    let option = |i: usize| items[i].outcome().unwrap().order_refusals().len();
    assert_eq!((option(3), option(4)), (1, 0));
}

/// Proves S52: who has left is left out of the next run, from the very instant at which the membership ended.
#[test]
fn the_next_run_leaves_out_who_has_left() {
    let (shop, order, cohort) = (cellar(), shipment(1, false), clubs());
    let over = "2026-04-01T08:00:00Z";
    let members = [
        member(customer("stays").with_memberships([kind("CLUB")])),
        member(customer("leaves").with_membership(Membership::new(kind("CLUB")).with_window(until(over)))),
        member(customer("term").with_type(kind("GOLD")).with_type_term(TypeTerm::until(at(over)))),
        member(customer("while").with_type(kind("GOLD")).with_type_term(TypeTerm::while_member_of(kind("CLUB")))),
        member(customer("joins").with_membership(
            Membership::new(kind("CLUB")).with_window(Window::instants(Some(at(over)), None).unwrap()),
        )),
    ];
    let run = |instant: &str| -> Vec<String> {
        let items: Vec<_> = shop.price_run(&order, &cohort, at(instant), members.clone()).collect();
        served(&items).into_iter().map(|(id, _)| id).collect()
    };
    assert_eq!(run("2026-04-01T07:59:59Z"), ["stays", "leaves", "term"]);
    assert_eq!(run(over), ["stays", "joins"]);
}

/// Proves S48, S51: what there is one of is promised to one member, and the one after the next does not get it either.
#[test]
fn a_run_promises_what_there_is_one_of_once() {
    let (shop, order, cohort) = (cellar(), shipment(1, true), Audience::everyone());
    let member = |id: &str| member(customer(id).with_type(kind("GOLD")));
    let items: Vec<_> = shop.price_run(&order, &cohort, at(NOON), ["a", "b", "c"].map(member)).collect();
    let none_left = "allocation_exceeded";
    // 7.50 and the magnum at 150.00.
    assert_eq!(served(&items), text(&[("a", "157.50"), ("b", none_left), ("c", none_left)]));
    let refusal = LineRefusal::AllocationExceeded { remaining: 0, requested: 1 };
    assert_eq!(items[1].reasons(), [NotServed::Line { line: LineId(2), refusal }]);

    // Who is not served takes nothing: here the first may not pay so.
    let members = [member("a").with_payment_option("CHEQUE".parse().unwrap()), member("b")];
    let items: Vec<_> = shop.price_run(&order, &cohort, at(NOON), members).collect();
    assert_eq!(served(&items), text(&[("a", "payment_not_allowed"), ("b", "157.50")]));

    // What the store says of before the run counts beside it.
    let sold = member("a").with_allowances([AllowanceUsage::new("magnum".parse().unwrap(), 1)]);
    let items: Vec<_> = shop.price_run(&order, &cohort, at(NOON), [sold]).collect();
    assert_eq!(served(&items), text(&[("a", none_left)]));
}

/// Proves S44, S51: a customer who comes twice in a row, under whatever key, has one allowance: 12 bottles, 3 of them bought
/// before; 5 and then 5 are too many, 5 and then 4 are not.
#[test]
fn a_customer_who_comes_twice_has_one_allowance() {
    let (shop, order, cohort) = (cellar(), shipment(5, false), Audience::everyone());
    let email = IdentityKey::email("ann@example.com").unwrap();
    let bought = [AllowanceUsage::new("bottles".parse().unwrap(), 3)];
    let first = member(Customer::new([IdentityKey::id("ann").unwrap(), email.clone()])).with_allowances(bought.clone());
    let again = |quantity| {
        let guest = Customer::new([email.clone()]);
        let order = shipment(quantity, false);
        Member::new(guest, Reference::Order("2".parse().unwrap())).with_order(order).with_allowances(bought.clone())
    };
    let run = |members: [Member; 2]| -> Vec<String> {
        let items: Vec<_> = shop.price_run(&order, &cohort, at(NOON), members).collect();
        served(&items).into_iter().map(|(_, due)| due).collect()
    };
    assert_eq!(run([first.clone(), again(5)]), ["50.00", "allocation_exceeded"]);
    assert_eq!(run([first.clone(), again(4)]), ["50.00", "40.00"]);
    // Somebody else has an allowance of their own.
    assert_eq!(run([first.clone(), member(customer("bob"))]), ["50.00", "50.00"]);
    // The run keeps no list of everybody: one who comes again after others is told by commit.
    let apart = [first, member(customer("bob")), again(8)];
    let items: Vec<_> = shop.price_run(&order, &cohort, at(NOON), apart).collect();
    assert!(items.iter().all(RunItem::is_served));
    let mut store = MemoryStore::new();
    let commits = items.iter().map(|item| {
        let redemption = item.outcome().unwrap().redemption().unwrap();
        block_on(store.commit(&redemption, at(NOON))).unwrap().is_recorded()
    });
    assert_eq!(commits.collect::<Vec<_>>(), [true, true, false]);
}

/// An order that cannot be priced stops nobody but its own member.
#[test]
fn an_error_is_that_of_one_member() {
    let (shop, order, cohort) = (cellar(), shipment(1, false), Audience::everyone());
    let yen = Order::builder(Currency::JPY).build().unwrap();
    let members = [member(customer("a")).with_order(yen), member(customer("b"))];
    let items: Vec<_> = shop.price_run(&order, &cohort, at(NOON), members).collect();
    assert_eq!(served(&items), text(&[("a", "error"), ("b", "10.00")]));
    assert!(items[0].outcome().is_none());
    let error = "`order.currency` is `JPY`: not in USD";
    assert!(matches!(items[0].reasons(), [NotServed::Error(found)] if found.to_string() == error));
}

/// What is counted for each customer needs a customer: refused, or sold with a flag where the policy says so, and not
/// placeable either way.
#[test]
fn a_member_without_a_key_is_not_served() {
    let (order, cohort) = (shipment(1, false), Audience::everyone());
    for (no_identity, reason) in [
        (NoIdentity::Refuse, NotServed::Line { line: LineId(1), refusal: LineRefusal::CustomerRequired }),
        (NoIdentity::ApplyAndFlag, NotServed::CustomerRequired),
    ] {
        let wine = Goods::product("WINE".parse().unwrap());
        let shop = Shop::builder(policy(|p| p.no_identity(no_identity)))
            .allowance(Allowance::new("bottles".parse().unwrap(), [wine], 12).unwrap())
            .build()
            .unwrap();
        let items: Vec<_> = shop.price_run(&order, &cohort, at(NOON), [member(Customer::anonymous())]).collect();
        assert_eq!(items[0].reasons(), [reason]);
    }
}

/// A run reads members as they come, prices one when it is asked for one, and can be left at any point.
#[test]
fn a_run_is_lazy() {
    let (shop, order, cohort) = (cellar(), shipment(1, false), clubs());
    let mut read = 0;
    let endless = std::iter::repeat_with(|| {
        read += 1;
        member(customer(&read.to_string()).with_type(kind("CLUB")))
    });
    assert_eq!(shop.price_run(&order, &cohort, at(NOON), endless).take(3).count(), 3);
    assert_eq!(read, 3);
}

/// Proves S51, S48 to the end: what the run promised is committed, and commit has the last word where somebody else was
/// quicker.
#[test]
fn commit_decides_on_what_a_run_promised() {
    let (shop, order, cohort, store) = (cellar(), shipment(1, true), Audience::everyone(), MemoryStore::new());
    let gold = |id: &str| member(customer(id).with_type(kind("GOLD")));
    let commit = |outcome: &Outcome| {
        block_on(store.clone().commit(&outcome.redemption().unwrap(), at(NOON))).unwrap().is_recorded()
    };
    // The run is priced while somebody buys the magnum in the shop.
    let items: Vec<_> = shop.price_run(&order, &cohort, at(NOON), [gold("a")]).collect();
    let quicker: Vec<_> = shop.price_run(&order, &cohort, at(NOON), [gold("shopper")]).collect();
    assert!(commit(quicker[0].outcome().unwrap()));
    assert!(items[0].is_served());
    assert!(!commit(items[0].outcome().unwrap()));
}
