//! What a host hands in: orders, customers, policies, shops, and what is known of codes.

use vouchsafe::*;

use super::coupons::money;

fn price(text: &str) -> UnitPrice {
    UnitPrice::parse(text).unwrap()
}

fn line(id: u64, product: Product, quantity: Quantity, unit_price: &str) -> Line {
    Line::new(LineId(id), product, quantity, price(unit_price))
}

pub fn product(id: &str) -> Product {
    Product::new(id.parse().unwrap())
}

pub fn orders() -> Vec<Order> {
    let eur = Currency::EUR;
    let booth = product("BOOTH")
        .with_parent("AM".parse().unwrap())
        .with_type("EXHIBIT".parse().unwrap())
        .with_subsystem("MTG".parse().unwrap())
        .with_categories(["halls".parse().unwrap(), "stands".parse().unwrap()])
        .with_tags(["corner".parse().unwrap()])
        .with_attributes(Attributes::new([
            ("hall".parse().unwrap(), "7".parse().unwrap()),
            ("side".parse().unwrap(), "west".parse().unwrap()),
            ("side".parse().unwrap(), "north".parse().unwrap()),
        ]))
        .with_on_sale(true)
        .with_subscription(true);
    let whole = Order::builder(eur)
        .price_mode(PriceMode::TaxInclusive)
        .line(
            line(7, booth, Quantity::pieces(1_000_000_000).unwrap(), "0.003500001")
                .with_host_key("row 7")
                .with_description("Booth, 3 × 3 m\n\"corner\"")
                .with_customer_price(price("0.003"))
                .with_floor_price(price("0.001"))
                .with_discountable(false)
                .with_tax_class("standard".parse().unwrap())
                .with_billing(Billing::every_days(14).unwrap().with_payments(26).unwrap())
                .with_discount(
                    ShopDiscount::new("early".parse().unwrap(), money("12.30", eur))
                        .with_account("4711".parse().unwrap())
                        .with_funding(Funding::ThirdParty { party: "ACME".parse().unwrap() }),
                )
                .with_discount(ShopDiscount::new("volume".parse().unwrap(), money("0.01", eur)).with_funding(
                    Funding::Split { party: "ACME".parse().unwrap(), share: Percent::parse("12.5").unwrap() },
                )),
        )
        .line(line(u64::MAX, product("WAX"), Quantity::measured("0.000001".parse().unwrap()).unwrap(), "11.50"))
        .charge(
            Charge::shipping(LineId(8), money("9.90", eur))
                .with_method("express".parse().unwrap())
                .with_description("Overnight")
                .with_tax_class("standard".parse().unwrap())
                .with_discount(ShopDiscount::new("ship".parse().unwrap(), money("1.00", eur))),
        )
        .charge(Charge::shipping(LineId(10), money("0.00", eur)))
        .charge(Charge::fee(LineId(9), money("2.50", eur)))
        .rate("standard".parse().unwrap(), TaxRate::parse("8.875").unwrap())
        .rate("reduced".parse().unwrap(), TaxRate::parse("2.600001").unwrap())
        .default_rate(TaxRate::ZERO)
        .channel("web".parse().unwrap())
        .region("US-CO".parse().unwrap())
        .payment_option("invoice".parse().unwrap());
    let own = Currency::own("PTS", 3).unwrap();
    let builders = [
        whole,
        Order::builder(Currency::JPY),
        Order::builder(Currency::USD).price_mode(PriceMode::TaxExclusive).line(line(
            1,
            product("BOOT"),
            Quantity::pieces(2).unwrap(),
            "199.00",
        )),
        Order::builder(own)
            .line(line(1, product("MUG"), Quantity::ONE, "1.005"))
            .charge(Charge::fee(LineId(2), money("0.001", own))),
    ];
    builders.into_iter().map(|order| order.build().unwrap()).collect()
}

pub fn customers() -> Vec<Customer> {
    let history = History::default()
        .with_order_times(["2026-01-05T09:00:00Z", "2025-12-24T23:59:59.25Z"].map(|text| parse_instant(text).unwrap()))
        .with_orders(3)
        .with_spend(money("120.00", Currency::USD))
        .and_then(|history| history.with_spend(money("1000", Currency::JPY)))
        .unwrap()
        .with_products(["SKI", "BOOT"].map(|id| id.parse().unwrap()))
        .with_categories(["boots".parse().unwrap()]);
    let keys = [
        (IdentityKind::Id, "42"),
        (IdentityKind::Email, "Ann@Example.com"),
        (IdentityKind::Phone, "+41445550100"),
        (IdentityKind::Device, "7f3a:01"),
        (IdentityKind::Other, "loyalty:9"),
    ];
    let ann = Customer::new(keys.map(|(kind, value)| IdentityKey::new(kind, value).unwrap()))
        .with_type("PROFORM".parse().unwrap())
        .with_memberships(["AAPT".parse().unwrap(), "PSIA".parse().unwrap()])
        .with_new(true)
        .with_history(history);
    let term = TypeTerm::until(parse_instant("2026-05-01T00:00:00Z").unwrap()).then("RETAIL".parse().unwrap());
    let bob = Customer::anonymous().with_type("PROFORM".parse().unwrap()).with_type_term(term);
    let stored = Customer::new([]).with_held(bob.held().clone().with_revision(u64::MAX));
    let dated = Customer::new([])
        .with_date("joined".parse().unwrap(), "12-31".parse().unwrap())
        .with_date("birthday".parse().unwrap(), "02-29".parse().unwrap())
        .with_attributes(Attributes::new([("segment".parse().unwrap(), "press".parse().unwrap())]));
    vec![ann, Customer::anonymous(), Customer::new([]), stored, dated]
}

pub fn policies() -> Vec<Policy> {
    let (usd, chf) = (Currency::USD, Currency::CHF);
    let builders = [
        Policy::builder(usd),
        Policy::builder(chf)
            .accept(Currency::EUR)
            .accept(Currency::own("PTS", 2).unwrap())
            .zone(Zone::named("Europe/Zurich").unwrap())
            .price_mode(PriceMode::TaxInclusive)
            .rounding(RoundingRules {
                discount: Rounding::HalfEven,
                tax: Rounding::Down,
                percent: PercentRounding::PerUnit,
                tax_level: TaxRounding::PerLine,
            })
            .max_codes(None)
            .line_codes(true)
            .manual(true)
            .discount_conflict(DiscountConflict::DropDiscounts)
            .no_identity(NoIdentity::ApplyAndFlag)
            .identity_kinds([IdentityKind::Device, IdentityKind::Id])
            .public_reasons(PublicReasons::Distinct)
            .cash(CashInterval::parse("0.05").unwrap()),
        Policy::builder(usd)
            .zone(Zone::named("+05:45").unwrap())
            .rounding(RoundingRules { discount: Rounding::HalfDown, ..RoundingRules::default() })
            .max_codes(Some(u32::MAX))
            .discount_conflict(DiscountConflict::BetterOf)
            .identity_kinds([]),
        Policy::builder(usd)
            .depth(
                Depth::default()
                    .with_per_line(Percent::parse("50").unwrap())
                    .with_per_order(Percent::parse("33.333").unwrap()),
            )
            .max_discount(Amounts::new([Money::new(5_000, usd)]).unwrap()),
    ];
    builders.into_iter().map(|policy| policy.build().unwrap()).collect()
}

/// A programme of points in all its parts.
fn points() -> PointsProgram {
    let rates =
        [(Currency::USD, PointsRate::parse("1.5").unwrap()), (Currency::JPY, PointsRate::parse("0.01").unwrap())];
    let value = [(Currency::USD, price("0.0125")), (Currency::JPY, price("1"))];
    PointsProgram::earning(PointsRates::new(rates).unwrap())
        .worth(PriceTable::new(value).unwrap())
        .unwrap()
        .with_scope(Scope::OnSale)
        .redeemed_as(RedeemAs::Tender)
        .with_minimum(500)
        .unwrap()
        .with_step(100)
        .unwrap()
        .with_account("4950".parse().unwrap())
}

pub fn shops() -> Vec<Shop> {
    let policy = || Policy::builder(Currency::USD).accept(Currency::JPY).max_codes(Some(3)).build().unwrap();
    let whole = Shop::builder(policy())
        .default_type("RETAIL".parse().unwrap())
        .customer_type("PROFORM".parse().unwrap())
        .price("PROFORM".parse().unwrap(), "SKI".parse().unwrap(), Currency::USD, price("299"))
        .price("PROFORM".parse().unwrap(), "BOOT".parse().unwrap(), Currency::JPY, price("11900"))
        .price("PROFORM".parse().unwrap(), "BOOT".parse().unwrap(), Currency::USD, price("119.0005"))
        .price_list(
            PriceList::builder("proform-2026")
                .for_types(["PROFORM".parse().unwrap()])
                .priority(-5)
                .days(parse_date("2026-01-01").ok(), parse_date("2026-12-31").ok())
                .entry(PriceEntry::percent_off(Goods::Everything, Percent::parse("12.5").unwrap()))
                .entry(
                    PriceEntry::price("BOOT".parse().unwrap(), Currency::USD, price("99.5"))
                        .with_descendants()
                        .from_quantity(12),
                )
                .build()
                .unwrap(),
        )
        .price_list(
            PriceList::builder("acme")
                .for_customers(["id:42".parse().unwrap(), "email:ann@example.com".parse().unwrap()])
                .entry(PriceEntry::amount_off(Goods::category("ski".parse().unwrap()), Currency::JPY, price("500")))
                .build()
                .unwrap(),
        )
        .price_strategy(PriceStrategy::Lowest)
        .visible_only_to("PROTOTYPE".parse().unwrap(), ["PROFORM".parse().unwrap()])
        .visible_only_to("LATER".parse().unwrap(), []);
    let year = TypeAssignment::membership("CLUB".parse().unwrap(), AssignWhen::OnCommit);
    let assigning = Shop::builder(policy())
        .customer_type("CLUB".parse().unwrap())
        .purchase_assigns(
            Goods::product("CLUB-YEAR".parse().unwrap()),
            year.clone().lasting(AssignUntil::Days(365)).unwrap(),
        )
        .sign_up_assigns("club-form".parse().unwrap(), year)
        .points(points());
    let sale = Coupon::builder("spring-sale").description("Spring sale").percent_off("10").scope(Scope::OnSale);
    let mug = Coupon::builder("mug").benefit(Gift::new("MUG".parse().unwrap())).priority(-1);
    let offering = Shop::builder(policy())
        .offer(Offer::new(sale.build().unwrap()).unwrap())
        .offer(Offer::new(mug.build().unwrap()).unwrap());
    vec![
        offering.build().unwrap(),
        whole.build().unwrap(),
        Shop::new(policy()),
        gated(policy()),
        bounded(policy()),
        assigning.build().unwrap(),
    ]
}

/// Rules of every kind about who sees, prices and buys, and what is offered to whom.
fn gated(policy: Policy) -> Shop {
    let pro = || Audience::of_types(["PROFORM".parse().unwrap()]);
    let category = || Goods::category("pro".parse().unwrap()).with_descendants();
    let edition = Goods::product("EDITION".parse().unwrap()).with_descendants();
    let everything = AccessRule::deny(Permission::SeePrice, Goods::Everything, Audience::of_types([]));
    Shop::builder(policy)
        .default_type("RETAIL".parse().unwrap())
        .customer_type(CustomerType::new("PROFORM".parse().unwrap()).with_rank(10))
        .category("pro".parse().unwrap())
        .subcategory("pro/boots".parse().unwrap(), "pro".parse().unwrap())
        .products(["EDITION".parse().unwrap()])
        .access(AccessRule::deny(Permission::See, category(), Audience::everyone()))
        .access(AccessRule::allow(Permission::See, category(), pro()))
        .access(AccessRule::deny(Permission::Buy, edition, Audience::of_rank(1).except(["PROFORM".parse().unwrap()])))
        .access(everything.and(Permission::Buy))
        .payment_option(PaymentOffer::new("CARD".parse().unwrap()))
        .payment_option(PaymentOffer::new("NET30".parse().unwrap()).to(pro()).preferred_by(Audience::everyone()))
        .shipping_option(ShippingOffer::new("pallet".parse().unwrap()).to(Audience::of_rank(10)))
        .build()
        .unwrap()
}

/// Quantity rules and allowances.
fn bounded(policy: Policy) -> Shop {
    Shop::builder(policy)
        .customer_type("PROFORM".parse().unwrap())
        .quantity_rule(
            QuantityRule::new(Goods::category("boots".parse().unwrap()).with_descendants())
                .with_audience(Audience::of_types(["PROFORM".parse().unwrap()]))
                .with_min(2)
                .and_then(|rule| rule.with_max(12))
                .and_then(|rule| rule.with_increment(2))
                .unwrap()
                .with_excess(Excess::Cap),
        )
        .allowance(
            Allowance::new("pairs".parse().unwrap(), [Goods::Everything, Goods::product("BOOT".parse().unwrap())], 6)
                .unwrap()
                .with_audience(Audience::of_rank(1))
                .with_window(AllowanceWindow::rolling(30).unwrap())
                .with_per(AllowancePer::Shared)
                .with_excess(Excess::Cap),
        )
        .allowance(Allowance::new("ever".parse().unwrap(), [Goods::Everything], u64::MAX).unwrap())
        .build()
        .unwrap()
}

pub fn usages() -> Vec<Usage> {
    let whole = Usage::default()
        .with_total(u64::MAX)
        .with_code(2)
        .with_customer(3)
        .with_customer_code(4)
        .with_units(5)
        .with_money(money("12.50", Currency::USD))
        .with_first_order_claimed(true)
        .with_customers(80);
    vec![whole, Usage::default(), Usage::default().with_money(money("0", Currency::JPY))]
}

pub fn issued_codes() -> Vec<IssuedCode> {
    let instant = |text: &str| parse_instant(text).unwrap();
    let code = |text, format| Code::parse(text, format).unwrap();
    let at = instant("2026-03-28T12:00:00.123Z");
    let window =
        |from: Option<&str>, until: Option<&str>| Window::instants(from.map(instant), until.map(instant)).unwrap();
    vec![
        IssuedCode::new(code("K7WQ-93MX", CodeFormat::Standard), at)
            .with_holder(IdentityKey::email("ann@example.com").unwrap())
            .with_window(window(Some("2026-04-01T00:00:00Z"), Some("2026-05-01T00:00:00Z")))
            .with_batch("letters-2026".parse().unwrap())
            .with_occasion("spring mail".parse().unwrap())
            .with_issued_by("anna".parse().unwrap())
            .with_revocation(
                Revocation::new(instant("2026-04-02T08:00:00Z"), "Sent twice")
                    .unwrap()
                    .with_by("bert".parse().unwrap()),
            ),
        IssuedCode::new(code("from_the_old/shop", CodeFormat::Imported), at),
        IssuedCode::new(code("BEARER", CodeFormat::Standard), at)
            .with_window(window(None, Some("2026-05-01T00:00:00Z")))
            .with_revocation(Revocation::new(instant("2026-04-02T08:00:00Z"), "").unwrap()),
    ]
}

pub fn imported_codes() -> Vec<ImportedCode> {
    let issued = |text: &str| {
        let code = Code::parse(text, CodeFormat::Imported).unwrap();
        IssuedCode::new(code, parse_instant("2019-11-01T00:00:00Z").unwrap())
    };
    let ann = || [IdentityKey::id("42").unwrap(), IdentityKey::email("ann@example.com").unwrap()];
    vec![
        ImportedCode::new(issued("Ski_Club 7").with_holder(IdentityKey::id("42").unwrap()))
            .used(ann(), 2)
            .used([], u64::MAX)
            .used([IdentityKey::id("43").unwrap()], 1),
        ImportedCode::new(issued("UNUSED")),
    ]
}
