//! What the engine answers: outcomes, what a browser sees of them, and what is to be recorded.

use chrono::{DateTime, Utc};
use vouchsafe::*;

use super::coupons::{money, usd};
use super::facts::product;

fn noon() -> DateTime<Utc> {
    parse_instant("2026-03-29T12:00:00Z").unwrap()
}

fn line(id: u64, name: &str, price: &str, pieces: u64) -> Line {
    Line::new(LineId(id), product(name), Quantity::pieces(pieces).unwrap(), UnitPrice::parse(price).unwrap())
}

fn ann() -> Customer {
    Customer::new([
        IdentityKey::id("42").unwrap(),
        IdentityKey::email("ann@example.com").unwrap(),
        IdentityKey::device("d-1").unwrap(),
    ])
}

fn placed() -> Reference {
    Reference::Order("o-1".parse().unwrap())
}

fn prepare(shop: &Shop, coupons: impl IntoIterator<Item = CouponBuilder>) -> Vec<Prepared> {
    coupons.into_iter().map(|coupon| shop.prepare(coupon.build().unwrap()).unwrap()).collect()
}

fn type_of(when: AssignWhen) -> TypeAssignment {
    TypeAssignment::new("PROFORM".parse().unwrap(), when)
}

/// A payment option and a shipping method that are not offered to the customer, and lines refused for every reason of
/// access.
fn options() -> Outcome {
    let deny =
        |permission, id: &str| AccessRule::deny(permission, Goods::product(id.parse().unwrap()), Audience::everyone());
    let shop = Shop::builder(Policy::storefront(Currency::USD, Zone::UTC))
        .access(deny(Permission::See, "PROTOTYPE"))
        .access(deny(Permission::SeePrice, "PROJECT"))
        .access(deny(Permission::Buy, "EDITION"))
        .payment_option(PaymentOffer::new("CARD".parse().unwrap()))
        .payment_option(PaymentOffer::new("INVOICE".parse().unwrap()).preferred_by(Audience::everyone()))
        .shipping_option(ShippingOffer::new("standard".parse().unwrap()))
        .build()
        .unwrap();
    let gated = ["PROTOTYPE", "PROJECT", "EDITION"].into_iter().zip(2..).map(|(id, at)| line(at, id, "99.00", 1));
    let order = Order::builder(Currency::USD)
        .line(line(1, "BOOT", "30.00", 1))
        .lines(gated)
        .charge(Charge::shipping(LineId(9), money("4.90", Currency::USD)).with_method("pallet".parse().unwrap()))
        .payment_option("NET30".parse().unwrap())
        .build()
        .unwrap();
    shop.evaluate(&Request::new(&order, &Customer::anonymous(), placed(), noon())).unwrap()
}

/// Every outcome, with the file it is kept in.
pub fn files() -> Vec<(&'static str, Outcome)> {
    vec![
        ("outcome-applied-exclusive", applied(PriceMode::TaxExclusive)),
        ("outcome-applied-inclusive", applied(PriceMode::TaxInclusive)),
        ("outcome-refused", refused(PublicReasons::Distinct)),
        ("outcome-waiting", waiting()),
        ("outcome-claim", claim()),
        ("outcome-types", types()),
        ("outcome-flags", flags()),
        ("outcome-lines", lines()),
        ("outcome-limits", limits()),
        ("outcome-options", options()),
        ("outcome-allowances", allowances()),
        ("outcome-grants", grants()),
        ("outcome-offers", offers()),
        ("outcome-points-discount", points(RedeemAs::Discount, 500)),
        ("outcome-points-tender", points(RedeemAs::Tender, 500)),
        ("outcome-points-refused", points(RedeemAs::Discount, 900)),
        ("outcome-least", Outcome::empty(placed(), Currency::JPY)),
    ]
}

/// Automatic offers that take something off and give a gift, beside a discount of the host and a code; with a trace.
fn offers() -> Outcome {
    let maker = Funding::Split { party: "ACME".parse().unwrap(), share: Percent::parse("50").unwrap() };
    let sale = Coupon::builder("sale").description("Spring sale").percent_off("10").account("4730".parse().unwrap());
    let mug = Coupon::builder("mug").benefit(Gift::new("MUG".parse().unwrap()));
    let shop = Shop::builder(Policy::builder(Currency::USD).max_codes(None).build().unwrap())
        .offer(Offer::new(sale.funding(maker).build().unwrap()).unwrap())
        .offer(Offer::new(mug.build().unwrap()).unwrap())
        .build()
        .unwrap();
    let given = ShopDiscount::new("host".parse().unwrap(), money("5.00", Currency::USD));
    let order = Order::builder(Currency::USD)
        .lines([line(1, "BOOT", "30.00", 2).with_discount(given), line(2, "POLE", "44.90", 1)])
        .build()
        .unwrap();
    let coupons = prepare(&shop, [Coupon::builder("spring").code("SPRING").percent_off("10")]);
    let (codes, ann) = ([Presented::new("spring", &coupons[0])], ann());
    let request = Request::new(&order, &ann, placed(), noon()).with_codes(&codes).with_detail(Detail::Trace);
    shop.evaluate(&request).unwrap()
}

/// Loyalty points of a balance of 730, beside a coupon and a line that is not in the scope of points.
fn points(redeem_as: RedeemAs, redeem: u64) -> Outcome {
    let rates = PointsRates::new([(Currency::USD, PointsRate::parse("1.5").unwrap())]).unwrap();
    let value = PriceTable::new([(Currency::USD, UnitPrice::parse("0.015").unwrap())]).unwrap();
    let program = PointsProgram::earning(rates).worth(value).unwrap().redeemed_as(redeem_as);
    let program = program.with_account("4950".parse().unwrap()).with_minimum(100).unwrap().with_step(50).unwrap();
    let shop = Shop::builder(Policy::builder(Currency::USD).max_codes(None).build().unwrap())
        .points(program.with_scope(Scope::Products(vec!["BOOT".parse().unwrap(), "POLE".parse().unwrap()])))
        .build()
        .unwrap();
    let order = Order::builder(Currency::USD)
        .lines([line(1, "BOOT", "30.00", 2), line(2, "CARD", "50.00", 1), line(3, "POLE", "44.90", 1)])
        .charge(Charge::shipping(LineId(9), money("4.90", Currency::USD)))
        .default_rate("8".parse().unwrap())
        .build()
        .unwrap();
    let coupons = prepare(&shop, [Coupon::builder("spring").code("SPRING").percent_off("10")]);
    let (codes, ann) = ([Presented::new("spring", &coupons[0])], ann());
    let request = Request::new(&order, &ann, placed(), noon()).with_codes(&codes).with_detail(Detail::Trace);
    shop.evaluate(&request.with_points(PointsUse::new(redeem, 730))).unwrap()
}

/// Two tax classes, a discount of the shop, shipping and a fee, a line that the customer must not see, cash rounding,
/// a third party who pays, a change of the customer's type, and codes of every kind and end; with a trace.
fn applied(mode: PriceMode) -> Outcome {
    let chf = Currency::CHF;
    let policy = Policy::builder(chf)
        .price_mode(mode)
        .max_codes(None)
        .cash(CashInterval::parse("0.05").unwrap())
        .build()
        .unwrap();
    let shop = Shop::builder(policy)
        .default_type("RETAIL".parse().unwrap())
        .customer_type("PROFORM".parse().unwrap())
        .price("RETAIL".parse().unwrap(), "POLE".parse().unwrap(), chf, UnitPrice::parse("44.90").unwrap())
        .visible_only_to("PROTOTYPE".parse().unwrap(), ["PROFORM".parse().unwrap()])
        .build()
        .unwrap();
    let season =
        ShopDiscount::new("season".parse().unwrap(), money("20.00", chf)).with_account("4711".parse().unwrap());
    let wax = Quantity::measured("1.25".parse().unwrap()).unwrap();
    let order = Order::builder(chf)
        .line(
            line(1, "BOOT", "199.95", 2)
                .with_host_key("row-1")
                .with_tax_class("standard".parse().unwrap())
                .with_discount(season),
        )
        .line(line(2, "POLE", "49.90", 1).with_tax_class("standard".parse().unwrap()))
        .line(line(3, "PROTOTYPE", "999.00", 1).with_host_key("row-3").with_tax_class("secret".parse().unwrap()))
        .line(
            Line::new(LineId(4), product("WAX").with_subscription(true), wax, UnitPrice::parse("11.50").unwrap())
                .with_tax_class("reduced".parse().unwrap()),
        )
        .charge(Charge::fee(LineId(11), money("2.50", chf)).with_tax_class("standard".parse().unwrap()))
        .charge(Charge::shipping(LineId(10), money("9.90", chf)).with_tax_class("standard".parse().unwrap()))
        .rate("standard".parse().unwrap(), TaxRate::parse("8.1").unwrap())
        .rate("reduced".parse().unwrap(), TaxRate::parse("2.6").unwrap())
        .rate("secret".parse().unwrap(), TaxRate::parse("99").unwrap())
        .build()
        .unwrap();
    let gift = AmountOff::new(Amounts::new([money("20.00", chf)]).unwrap()).taken_per(Per::Line);
    let coupons = [
        Coupon::builder("c-percent").name("INTERNAL").code("TEN").description("Ten percent").percent_off("10"),
        Coupon::builder("c-maker")
            .code("MAKER")
            .description("From the maker")
            .amount_off(money("15.00", chf))
            .funding(Funding::ThirdParty { party: "ACME".parse().unwrap() })
            .account("4712".parse().unwrap())
            .campaign("winter".parse().unwrap()),
        Coupon::builder("c-line").code("GIFT20").benefit(Benefit::Amount(gift)).priority(-5),
        Coupon::builder("c-ship").code("FREESHIP").benefit(Benefit::Shipping(ShippingOff::new(ShippingValue::Free))),
        Coupon::builder("c-trial").code("TRIAL").benefit(Benefit::Trial(Trial::new(14).unwrap())),
        Coupon::builder("c-type").benefit(Benefit::None).assign(type_of(AssignWhen::OnCommit)).countdown(30, 0),
        Coupon::builder("c-ended")
            .code("OLD")
            .percent_off("5")
            .instants(None, Some(parse_instant("2020-01-01T00:00:00Z").unwrap())),
    ];
    let prepared = prepare(&shop, coupons);
    let code = Code::parse("K7WQ93MX", CodeFormat::Standard).unwrap();
    let issued = IssuedCode::new(code, parse_instant("2026-03-20T08:00:00.5Z").unwrap());
    let typed = ["ten", "maker", "gift 20", "free-ship", "trial", "k7wq-93mx", "old"];
    let mut codes: Vec<Presented<'_>> = prepared.iter().zip(typed).map(|(p, t)| Presented::new(t, p)).collect();
    codes[5] = codes[5].with_issued(&issued);
    codes.push(Presented::unknown("no\n\"such\" code 🎿"));
    codes.push(Presented::new("TEN", &prepared[0]));
    let customer = ann().with_new(true);
    let request = Request::new(&order, &customer, placed(), noon()).with_codes(&codes).with_detail(Detail::Trace);
    shop.evaluate(&request).unwrap()
}

/// Refused with several reasons at once, with and without figures, and for every kind of remedy.
fn refused(reasons: PublicReasons) -> Outcome {
    let policy =
        Policy::builder(Currency::USD).public_reasons(reasons).max_codes(Some(1)).manual(true).build().unwrap();
    let shop = Shop::new(policy);
    let order = Order::builder(Currency::USD).line(line(1, "BOOT", "30.00", 1)).build().unwrap();
    let coupon = |id: &str| Coupon::builder(id).code(&id.to_ascii_uppercase());
    let yen = Amounts::new([money("500", Currency::JPY)]).unwrap();
    let several = coupon("several")
        .condition(Condition::FirstOrder)
        .condition(Condition::Regions(Regions::only(["US-CO".parse().unwrap()])))
        .condition(Condition::LastOrder(LastOrder::new(Some(30), None).unwrap()))
        .condition(Condition::MinimumSpend(MinimumSpend::new(usd("50.00"))))
        .condition(Condition::MinimumQuantity(MinimumQuantity::new(3.try_into().unwrap())))
        .percent_off("10");
    let coupons = [
        several,
        coupon("used").total_limit(5).per_customer_limit(1).percent_off("10"),
        coupon("budget").budget(usd("10.00")).percent_off("10"),
        coupon("yen").benefit(Benefit::Amount(AmountOff::new(yen))),
        coupon("later").percent_off("10").instants(Some(parse_instant("2026-04-01T00:00:00Z").unwrap()), None),
        coupon("off").percent_off("10").status(Status::Expired),
        coupon("operator").benefit(Benefit::Operator(OperatorAmount::new("").unwrap().up_to(usd("5.00")))),
        coupon("sales").percent_off("10").scope(Scope::OnSale),
        coupon("ten").percent_off("10"),
        coupon("five").percent_off("5"),
        coupon("members").condition(Condition::Members(Members::any())).percent_off("5"),
        coupon("spend").condition(Condition::MinimumSpend(MinimumSpend::new(usd("50.00")))).percent_off("5"),
    ];
    let prepared = prepare(&shop, coupons);
    let used = Usage::default().with_total(5).with_customer(1);
    let spent = Usage::default().with_money(money("10.00", Currency::USD));
    let codes: Vec<Presented<'_>> = prepared
        .iter()
        .map(|prepared| {
            let id = prepared.coupon().id().as_str();
            let presented = Presented::new(id, prepared);
            match id {
                "used" => presented.with_usage(used),
                "budget" => presented.with_usage(spent),
                "operator" => presented.with_operator_amount(money("7.00", Currency::USD)),
                _ => presented,
            }
        })
        .chain([Presented::unknown("nothing")])
        .collect();
    let history = History::default().with_orders(3);
    let customer = ann().with_history(history);
    shop.evaluate(&Request::new(&order, &customer, placed(), noon()).with_codes(&codes)).unwrap()
}

/// A shipping coupon on an order without shipping, without rates.
fn waiting() -> Outcome {
    let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
    let order = Order::builder(Currency::USD).line(line(1, "BOOT", "30.00", 1)).build().unwrap();
    let free = Coupon::builder("c-ship").code("FREESHIP").description("Free delivery");
    let prepared = prepare(&shop, [free.benefit(Benefit::Shipping(ShippingOff::new(ShippingValue::Free)))]);
    let (customer, codes) = (Customer::anonymous(), [Presented::new("freeship", &prepared[0])]);
    shop.evaluate(&Request::new(&order, &customer, placed(), noon()).with_codes(&codes)).unwrap()
}

/// A code on an empty cart that changes the customer's type before pricing.
fn claim() -> Outcome {
    let shop = Shop::builder(Policy::storefront(Currency::USD, Zone::UTC))
        .default_type("RETAIL".parse().unwrap())
        .customer_type("PROFORM".parse().unwrap())
        .build()
        .unwrap();
    let order = Order::builder(Currency::USD).build().unwrap();
    let coupon = Coupon::builder("pro").code("PRO").benefit(Benefit::None).assign(type_of(AssignWhen::BeforePricing));
    let prepared = prepare(&shop, [coupon]);
    let (customer, codes) = (ann(), [Presented::new("pro", &prepared[0])]);
    let request = Request::new(&order, &customer, Reference::Claim("c-1".parse().unwrap()), noon());
    shop.evaluate(&request.with_codes(&codes).with_detail(Detail::Trace)).unwrap()
}

/// Every cause of a change of types but coupons: an administrator for a client, a purchase, a sign-up, an end; with what
/// changed nothing.
fn types() -> Outcome {
    let days = |to: &str, days| {
        TypeAssignment::membership(to.parse().unwrap(), AssignWhen::OnCommit).lasting(AssignUntil::Days(days)).unwrap()
    };
    let shop = Shop::builder(Policy::storefront(Currency::USD, Zone::UTC))
        .default_type("RETAIL".parse().unwrap())
        .customer_type(CustomerType::new("PROFORM".parse().unwrap()).with_rank(10))
        .customer_type(
            CustomerType::new("CLUB".parse().unwrap()).with_points_multiplier(PointsMultiplier::parse("1.5").unwrap()),
        )
        .customer_type("GUILD".parse().unwrap())
        .customer_type("NEWS".parse().unwrap())
        .purchase_assigns(Goods::product("CLUB-YEAR".parse().unwrap()), days("CLUB", 365))
        .purchase_assigns(Goods::product("CLUB-YEAR".parse().unwrap()), type_of(AssignWhen::NextOrder))
        .sign_up_assigns(
            "newsletter".parse().unwrap(),
            TypeAssignment::membership("NEWS".parse().unwrap(), AssignWhen::OnCommit),
        )
        .build()
        .unwrap();
    let order = Order::builder(Currency::USD).line(line(1, "CLUB-YEAR", "49.00", 1)).build().unwrap();
    let (rep, eve): (ActorId, ActorId) = ("rep-7".parse().unwrap(), "eve".parse().unwrap());
    let window = |from, until| Window::instants(parse_instant(from).ok(), parse_instant(until).ok()).unwrap();
    let customer = ann()
        .with_membership(
            Membership::new("CLUB".parse().unwrap())
                .with_window(window("2026-01-01T00:00:00Z", "2026-07-01T00:00:00Z")),
        )
        .with_membership(
            Membership::new("GUILD".parse().unwrap())
                .with_window(window("2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z")),
        );
    // As a store hands it out.
    let held = customer.held().clone().with_revision(2);
    let customer = customer.with_held(held);
    let assignment = TypeAssignment::new("PROFORM".parse().unwrap(), AssignWhen::OnCommit)
        .lasting(AssignUntil::Membership("CLUB".parse().unwrap()))
        .unwrap();
    let events = [
        TypeEvent::Administrator { actor: eve.clone(), assignment },
        TypeEvent::SignUp("newsletter".parse().unwrap()),
        TypeEvent::Leave { actor: eve, membership: "NEWS".parse().unwrap() },
        TypeEvent::Ended,
    ];
    let request = Request::new(&order, &customer, placed(), noon()).with_type_events(&events).with_actor(&rep);
    shop.evaluate(&request.with_detail(Detail::Trace)).unwrap()
}

/// All flags at once: an unknown shopper, new, who pays nothing for what is taxed.
fn flags() -> Outcome {
    let policy = Policy::builder(Currency::USD).no_identity(NoIdentity::ApplyAndFlag).build().unwrap();
    let shop = Shop::new(policy);
    let order = Order::builder(Currency::USD)
        .line(line(1, "BOOT", "30.00", 1))
        .default_rate(TaxRate::parse("8.875").unwrap())
        .build()
        .unwrap();
    let prepared = prepare(&shop, [Coupon::builder("c-all").code("ALL").per_customer_limit(1).percent_off("100")]);
    let (customer, codes) = (Customer::anonymous(), [Presented::new("all", &prepared[0])]);
    shop.evaluate(&Request::new(&order, &customer, placed(), noon()).with_codes(&codes)).unwrap()
}

/// Codes entered on lines, one of which drops the shop's discount; prices of three sources; a split payer; other
/// rounding.
fn lines() -> Outcome {
    let usd_ = Currency::USD;
    let policy = Policy::builder(usd_)
        .line_codes(true)
        .discount_conflict(DiscountConflict::DropDiscounts)
        .rounding(RoundingRules {
            discount: Rounding::HalfEven,
            tax: Rounding::HalfDown,
            percent: PercentRounding::PerUnit,
            tax_level: TaxRounding::PerLine,
        })
        .build()
        .unwrap();
    let shop = Shop::builder(policy)
        .default_type("RETAIL".parse().unwrap())
        .price("RETAIL".parse().unwrap(), "SKI".parse().unwrap(), usd_, UnitPrice::parse("299").unwrap())
        .build()
        .unwrap();
    let order = Order::builder(usd_)
        .line(
            line(1, "BOOT", "10.05", 3)
                .with_discount(ShopDiscount::new("season".parse().unwrap(), money("1.00", usd_))),
        )
        .line(line(2, "SKI", "310.00", 1).with_customer_price(UnitPrice::parse("280").unwrap()))
        .line(line(3, "SKI", "310.00", 1))
        .default_rate(TaxRate::parse("4.25").unwrap())
        .build()
        .unwrap();
    let coupons = [
        Coupon::builder("c-drop")
            .code("DROP")
            .percent_off("15")
            .combination(Combination::default().discounts(false))
            .funding(Funding::Split { party: "ACME".parse().unwrap(), share: Percent::parse("33.333").unwrap() }),
        Coupon::builder("c-order").code("ORDER").level(Level::Order).amount_off(money("25.00", usd_)),
        Coupon::builder("c-much").code("MUCH").amount_off(money("500.00", usd_)).account("4990".parse().unwrap()),
    ];
    let prepared = prepare(&shop, coupons);
    let codes = [
        Presented::new("drop", &prepared[0]).on_line(LineId(1)),
        Presented::new("order", &prepared[1]),
        Presented::new("much", &prepared[2]).on_line(LineId(2)),
    ];
    let customer = ann();
    let request = Request::new(&order, &customer, placed(), noon()).with_codes(&codes).with_detail(Detail::Trace);
    shop.evaluate(&request).unwrap()
}

/// An issued code under every limit there is, whose budget runs short.
fn limits() -> Outcome {
    let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
    let order = Order::builder(Currency::USD).line(line(1, "BOOT", "30.00", 2)).build().unwrap();
    let coupon = Coupon::builder("c-limits")
        .revision(3)
        .countdown(30, 0)
        .total_limit(1_000)
        .per_code_limit(2)
        .per_customer_limit(3)
        .per_customer_and_code_limit(1)
        .units_limit(100)
        .budget(usd("50.00"))
        .condition(Condition::FirstOrder)
        .campaign("spring".parse().unwrap())
        .assign(type_of(AssignWhen::NextOrder))
        .percent_off("10");
    let prepared = prepare(&shop, [coupon]);
    let code = Code::parse("K7WQ93MX", CodeFormat::Standard).unwrap();
    let issued = IssuedCode::new(code, parse_instant("2026-03-20T08:00:00Z").unwrap());
    let usage = Usage::default().with_money(money("46.00", Currency::USD));
    let codes = [Presented::new("k7wq-93mx", &prepared[0]).with_issued(&issued).with_usage(usage)];
    let customer = ann().with_type("RETAIL".parse().unwrap());
    shop.evaluate(&Request::new(&order, &customer, placed(), noon()).with_codes(&codes)).unwrap()
}

/// Less of a line is sold than was ordered; allowances of every kind of window, for each customer and shared by all, one
/// with a quantity agreed with the customer, and one that is yet to begin.
fn allowances() -> Outcome {
    let allowance = |id: &str, product: &str, quantity| {
        Allowance::new(id.parse().unwrap(), [Goods::product(product.parse().unwrap())], quantity).unwrap()
    };
    let april = DayRange::new(parse_date("2026-04-01").ok(), None).unwrap();
    let shop = Shop::builder(Policy::storefront(Currency::USD, Zone::UTC))
        .allowance(allowance("a-pairs", "BOOT", 6).with_window(AllowanceWindow::Month).with_excess(Excess::Cap))
        .allowance(allowance("b-agreed", "SKI", 1).with_window(AllowanceWindow::rolling(30).unwrap()))
        .allowance(allowance("c-shared", "SKI", 100).with_per(AllowancePer::Shared))
        .allowance(allowance("d-april", "BOOT", 1).with_window(AllowanceWindow::Days(april)))
        .quantity_rule(QuantityRule::new(Goods::Everything).with_max(12).unwrap())
        .build()
        .unwrap();
    let order = Order::builder(Currency::USD)
        .line(
            line(1, "BOOT", "30.00", 3)
                .with_discount(ShopDiscount::new("season".parse().unwrap(), money("1.00", Currency::USD))),
        )
        .line(line(2, "SKI", "299.00", 2))
        .build()
        .unwrap();
    let until = Window::instants(None, parse_instant("2026-05-01T00:00:00Z").ok()).unwrap();
    let customer = ann().with_allowance_grant(AllowanceGrant::new("b-agreed".parse().unwrap(), 2).with_window(until));
    let taken =
        [AllowanceUsage::new("a-pairs".parse().unwrap(), 4), AllowanceUsage::new("c-shared".parse().unwrap(), 98)];
    let request = Request::new(&order, &customer, placed(), noon()).with_allowances(&taken).with_detail(Detail::Trace);
    shop.evaluate(&request).unwrap()
}

/// What is earned by a purchase, an event and a birthday, personal and for anyone.
fn grants() -> Outcome {
    let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
    let each =
        PurchaseTrigger::new(Scope::Open).with_pieces(2).unwrap().with_per(Per::Unit).with_on_return(OnReturn::Revoke);
    let birthday = AnniversaryTrigger::new("birthday".parse().unwrap(), 7, 7).unwrap();
    let newsletter: EventId = "newsletter".parse().unwrap();
    let general = Coupon::builder("c-bought").revision(3).percent_off("5");
    let personal = Coupon::builder("c-given").kind(Kind::Personal).percent_off("10");
    let general = general
        .earn(EarnRule::new(each).with_codes(3).unwrap())
        .earn(EarnRule::new(PurchaseTrigger::new(Scope::Products(vec!["SKI".parse().unwrap()])).with_per(Per::Line)));
    let personal = personal.earn(EarnRule::new(newsletter.clone())).earn(EarnRule::new(birthday));
    let earnings = shop.earnings([general.build().unwrap(), personal.build().unwrap()]).unwrap();
    let order = Order::builder(Currency::USD)
        .line(line(1, "BOOT", "30.00", 3))
        .line(line(2, "SKI", "299.00", 1))
        .build()
        .unwrap();
    let customer = ann().with_date("birthday".parse().unwrap(), "04-01".parse().unwrap());
    let events = [newsletter];
    let request = Request::new(&order, &customer, placed(), noon()).with_earnings(&earnings).with_events(&events);
    shop.evaluate(&request).unwrap()
}

pub fn redemptions() -> Vec<Redemption> {
    let seen = "0123456789abcdef0123456789abcdef".parse().unwrap();
    vec![
        limits().redemption().unwrap().confirming(seen),
        allowances().redemption().unwrap(),
        lines().redemption().unwrap(),
        claim().redemption().unwrap(),
        types().redemption().unwrap(),
        grants().redemption().unwrap(),
        points(RedeemAs::Discount, 500).redemption().unwrap(),
        points(RedeemAs::Tender, 500).redemption().unwrap(),
        Outcome::empty(placed(), Currency::JPY).redemption().unwrap(),
    ]
}

pub fn public() -> Vec<PublicOutcome> {
    let mut public: Vec<PublicOutcome> = files().iter().map(|(_, outcome)| outcome.public()).collect();
    public.push(refused(PublicReasons::Collapsed).public());
    public
}

/// Some redemptions as a usage log has them, the second one voided. A list of its own, so that a new kind of outcome does not
/// move the sums.
fn usage_records() -> Vec<UsageRecord> {
    let at = parse_instant("2026-03-29T12:00:00Z").unwrap();
    let nothing = Outcome::empty(placed(), Currency::JPY);
    let outcomes = [limits(), allowances(), lines(), claim(), types(), nothing];
    let mut records: Vec<UsageRecord> =
        outcomes.iter().map(|outcome| UsageRecord::new(outcome.redemption().unwrap(), at)).collect();
    if let Some(second) = records.get_mut(1) {
        *second = second.clone().voided(at, OnVoid::KEEP);
    }
    records
}

pub fn usage_entries() -> Vec<UsageEntry> {
    usage_records().iter().flat_map(UsageRecord::entries).collect()
}

pub fn reports() -> Vec<ReportRow> {
    let mut report = Report::new(Zone::UTC, Granularity::Month);
    for record in usage_records() {
        report.add(&record).unwrap();
    }
    report.rows()
}
