//! Definitions: each benefit, condition, scope, and everything else that a definition says.

use std::num::{NonZeroU32, NonZeroU64};

use chrono::{NaiveTime, Weekday};
use vouchsafe::*;

pub fn money(text: &str, currency: Currency) -> Money {
    Money::parse(text, currency).unwrap()
}

pub fn usd(text: &str) -> Amounts {
    Amounts::new([money(text, Currency::USD)]).unwrap()
}

/// Currencies with none, two, three and four decimals, and one of the host's own.
fn several() -> Amounts {
    let own = Currency::own("PTS", 0).unwrap();
    Amounts::new([
        money("10.00", Currency::USD),
        money("1000", Currency::JPY),
        money("3.005", Currency::iso("KWD").unwrap()),
        money("0.0250", Currency::iso("CLF").unwrap()),
        money("500", own),
        money("0.01", Currency::EUR),
        money("99999999.99", Currency::CHF),
    ])
    .unwrap()
}

fn ids<T: for<'a> TryFrom<&'a str, Error = Error>>(texts: &[&str]) -> Vec<T> {
    texts.iter().map(|text| T::try_from(text).unwrap()).collect()
}

fn units(count: u64) -> NonZeroU64 {
    NonZeroU64::new(count).unwrap()
}

fn by_spend(from: &[&str]) -> Tiers {
    let step = |from: &&str| (Threshold::Spend(usd(from)), StepValue::Percent(Percent::parse("5").unwrap()));
    Tiers::new(from.iter().map(step)).unwrap()
}

fn whole_target() -> Target {
    Target::default()
        .within(Scope::Tags(ids(&["winter"])))
        .units(units(3))
        .units_per_line(units(1))
        .picking(Pick::Dearest)
}

fn all_of(name: &str, make: impl Fn(CouponBuilder) -> CouponBuilder) -> Coupon {
    make(Coupon::builder(name).code(&name.to_ascii_uppercase())).build().unwrap()
}

fn benefit(name: &str, benefit: Benefit) -> Coupon {
    all_of(name, |coupon| coupon.benefit(benefit.clone()))
}

pub fn benefits() -> Vec<Coupon> {
    let percent = |text| Percent::parse(text).unwrap();
    let prices = |text: &str| {
        PriceTable::new([
            (Currency::USD, UnitPrice::parse(text).unwrap()),
            (Currency::JPY, UnitPrice::parse("980").unwrap()),
        ])
        .unwrap()
    };
    let pieces = |count: u32| std::num::NonZeroU32::new(count).unwrap();
    let operator = || OperatorAmount::new("What the manager wrote on the form").unwrap();
    let shipping = |value| Benefit::Shipping(ShippingOff::new(value));
    vec![
        benefit("percent", Benefit::Percent(PercentOff::new(percent("10")))),
        benefit("percent-zero", Benefit::Percent(PercentOff::new(Percent::ZERO))),
        benefit(
            "percent-whole",
            Benefit::Percent(
                PercentOff::new(percent("33.333"))
                    .base_of(PercentBase::Original)
                    .capped_at(several())
                    .with_shipping()
                    .on(whole_target()),
            ),
        ),
        benefit("amount", Benefit::Amount(AmountOff::new(usd("5.00")))),
        benefit("amount-zero", Benefit::Amount(AmountOff::new(usd("0.00")))),
        benefit("amount-currencies", Benefit::Amount(AmountOff::new(several()))),
        benefit(
            "amount-everywhere",
            Benefit::Amount(AmountOff::new(Amounts::everywhere("12.50".parse().unwrap()).unwrap())),
        ),
        benefit(
            "amount-even",
            Benefit::Amount(AmountOff::new(usd("5.00")).split_evenly().with_shipping().on(whole_target())),
        ),
        benefit("amount-per-line", Benefit::Amount(AmountOff::new(usd("5.00")).taken_per(Per::Line))),
        benefit("amount-net", Benefit::Amount(AmountOff::new(usd("5.00")).tax_view(TaxView::Net))),
        benefit("amount-gross", Benefit::Amount(AmountOff::new(usd("5.00")).tax_view(TaxView::Gross))),
        benefit("amount-per-unit", Benefit::Amount(AmountOff::new(usd("5.00")).taken_per(Per::Unit))),
        benefit("set-price", Benefit::SetPrice(SetPrice::new(prices("0.0035")))),
        benefit("set-price-of", Benefit::SetPrice(SetPrice::new(prices("99.99")).on(whole_target()))),
        benefit("nth", NthOff::new(pieces(3), Reward::Free).into()),
        benefit(
            "nth-whole",
            NthOff::new(pieces(4), Reward::Percent(percent("50")))
                .taking(pieces(2))
                .rewarding(NthPiece::Position(pieces(2)))
                .in_order(SetOrder::AsListed)
                .at_most(units(5))
                .formed_among(Among::Line)
                .within(Scope::OnSale)
                .into(),
        ),
        benefit(
            "nth-pool",
            NthOff::new(pieces(3), Reward::Amount(usd("5.00")))
                .rewarding(NthPiece::Dearest)
                .in_order(SetOrder::CheapestFirst)
                .taken_from(RewardFrom::Pool)
                .into(),
        ),
        benefit(
            "buy-get",
            BuyGet::new(SetPart::new(pieces(2)), SetPart::new(pieces(1)), Reward::Free)
                .with_incomplete()
                .formed_among(Among::Product)
                .into(),
        ),
        benefit(
            "buy-get-others",
            BuyGet::new(
                SetPart::new(pieces(2)).of(Scope::OnSale),
                SetPart::new(pieces(1)).of(Scope::Open),
                Reward::ToPrice(usd("1.00")),
            )
            .and_buy(SetPart::new(pieces(1)))
            .at_most(units(3))
            .picking(Pick::Dearest)
            .into(),
        ),
        benefit("bundle", Bundle::new(SetPart::new(pieces(3)), BundleValue::Price(several())).into()),
        benefit(
            "bundle-parts",
            Bundle::new(SetPart::new(pieces(1)).of(Scope::OnSale), BundleValue::Percent(percent("10")))
                .and(SetPart::new(pieces(2)))
                .at_most(units(3))
                .picking(Pick::Dearest)
                .into(),
        ),
        benefit("bundle-amount", Bundle::new(SetPart::new(pieces(2)), BundleValue::Amount(usd("5.00"))).into()),
        benefit("shipping-free", shipping(ShippingValue::Free)),
        benefit("shipping-percent", shipping(ShippingValue::Percent(percent("50")))),
        benefit("shipping-amount", shipping(ShippingValue::Amount(usd("4.00")))),
        benefit(
            "shipping-to-price",
            Benefit::Shipping(
                ShippingOff::new(ShippingValue::ToPrice(usd("1.90")))
                    .only_methods(ids::<ShippingMethodId>(&["ground", "pick-up"]))
                    .capped_at(usd("8.00")),
            ),
        ),
        benefit("shipping-no-method", Benefit::Shipping(ShippingOff::new(ShippingValue::Free).only_methods([]))),
        benefit("operator", Benefit::Operator(operator())),
        benefit("operator-whole", Benefit::Operator(operator().up_to(usd("25.00")).on(whole_target()))),
        benefit("host", Benefit::Host(HostAmounts::default())),
        benefit("host-whole", Benefit::Host(HostAmounts::default().up_to(usd("25.00")).on(whole_target()))),
        benefit(
            "amount-capped",
            Benefit::Amount(AmountOff::new(usd("2.00")).taken_per(Per::Unit).capped_at(usd("7.00"))),
        ),
        benefit("set-price-capped", Benefit::SetPrice(SetPrice::new(prices("99.99")).capped_at(several()))),
        benefit(
            "groups",
            Benefit::Percent(PercentOff::new(percent("10")).on(Target::default().in_groups_of(units(3)))),
        ),
        benefit(
            "pieces-from",
            Benefit::Percent(PercentOff::new(percent("10")).on(Target::default().from_pieces(units(2)))),
        ),
        benefit(
            "shipping-each",
            Benefit::Shipping(ShippingOff::new(ShippingValue::Amount(usd("4.00"))).on_each_shipment()),
        ),
        benefit(
            "shipping-each-price",
            Benefit::Shipping(ShippingOff::new(ShippingValue::ToPrice(usd("4.00"))).on_each_shipment()),
        ),
        benefit("tiers", Benefit::Tiers(by_spend(&["50.00", "100.00"]))),
        benefit(
            "tiers-whole",
            Benefit::Tiers(by_spend(&["0.00", "100.00"]).marginal().unwrap().capped_at(several()).on(whole_target())),
        ),
        benefit("tiers-order", Benefit::Tiers(by_spend(&["50.00"]).counted_within(Within::Order))),
        benefit(
            "tiers-quantity",
            Benefit::Tiers(
                Tiers::new([(Threshold::Pieces(3), StepValue::Amount(usd("5.00")))])
                    .unwrap()
                    .counted_within(Within::Line),
            ),
        ),
        benefit(
            "steps",
            Benefit::Steps(Steps::new(Threshold::Spend(usd("50.00")), StepValue::Amount(usd("5.00"))).unwrap()),
        ),
        benefit(
            "steps-whole",
            Benefit::Steps(
                Steps::new(Threshold::Pieces(3), StepValue::Percent(percent("1")))
                    .unwrap()
                    .at_most(units(4))
                    .counted_within(Within::Line)
                    .capped_at(several())
                    .on(whole_target()),
            ),
        ),
        benefit("first-further", Benefit::FirstFurther(FirstFurther::new(usd("5.00"), usd("2.00")))),
        benefit(
            "first-further-whole",
            Benefit::FirstFurther(
                FirstFurther::new(several(), several())
                    .first_of(FirstOf::Order)
                    .capped_at(several())
                    .on(whole_target()),
            ),
        ),
        benefit("gift", Benefit::Gift(Gift::new("MUG".parse().unwrap()))),
        benefit(
            "gift-whole",
            Benefit::Gift(Gift::new("MUG".parse().unwrap()).with_pieces(units(2)).unwrap().worth(several())),
        ),
        benefit("trial", Benefit::Trial(Trial::new(14).unwrap())),
        benefit("none", Benefit::None),
        all_of("two", |coupon| coupon.percent_off("10").benefit(shipping(ShippingValue::Free))),
    ]
}

fn clock(hour: u32, minute: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, minute, 0).unwrap()
}

pub fn conditions() -> Vec<Coupon> {
    let spend = || MinimumSpend::new(usd("50.00"));
    let both = || [Condition::FirstOrder, Condition::Members(Members::any())];
    let groups: Vec<(&str, Condition)> = vec![
        ("all", Condition::all(both()).unwrap()),
        ("any", Condition::any(both()).unwrap()),
        ("not", Condition::FirstOrder.negated().unwrap()),
        ("minimum-spend", Condition::MinimumSpend(spend())),
        (
            "minimum-spend-list",
            Condition::MinimumSpend(
                spend().basis_of(Basis::List).tax_view(TaxView::Net).range_of(LineRange::Order).exclusive(),
            ),
        ),
        (
            "minimum-spend-remaining",
            Condition::MinimumSpend(spend().basis_of(Basis::Remaining).tax_view(TaxView::Gross)),
        ),
        ("minimum-spend-of", Condition::MinimumSpend(spend().only_of(Scope::Categories(ids(&["shoes"]))))),
        ("maximum-spend", Condition::MaximumSpend(MaximumSpend::new(usd("200.00")))),
        (
            "maximum-spend-of",
            Condition::MaximumSpend(
                MaximumSpend::new(usd("200.00"))
                    .basis_of(Basis::Remaining)
                    .tax_view(TaxView::Net)
                    .range_of(LineRange::Order)
                    .only_of(Scope::OnSale)
                    .exclusive(),
            ),
        ),
        ("minimum-quantity", Condition::MinimumQuantity(MinimumQuantity::new(units(3)))),
        (
            "minimum-quantity-of",
            Condition::MinimumQuantity(
                MinimumQuantity::new(units(3)).range_of(LineRange::Order).only_of(Scope::OnSale.negated().unwrap()),
            ),
        ),
        ("distinct-products", Condition::DistinctProducts(DistinctProducts::new(units(3)))),
        (
            "distinct-products-of",
            Condition::DistinctProducts(
                DistinctProducts::new(units(3)).range_of(LineRange::Order).only_of(Scope::Tags(ids(&["winter"]))),
            ),
        ),
        ("without", Condition::Without(Without::new(Scope::OnSale))),
        ("first-order", Condition::FirstOrder),
        ("nth-order", Condition::NthOrder(NthOrder::new(units(5)))),
        ("orders-in-period", Condition::OrdersInPeriod(OrdersInPeriod::new(90, 2).unwrap())),
        ("lifetime-spend", Condition::LifetimeSpend(LifetimeSpend::new(usd("1000.00")))),
        ("last-order-within", Condition::LastOrder(LastOrder::new(Some(30), None).unwrap())),
        ("last-order-between", Condition::LastOrder(LastOrder::new(Some(365), Some(90)).unwrap())),
        ("bought", Condition::Bought(Bought::products_of(ids::<ProductId>(&["BOOT", "SKI"])))),
        ("bought-of", Condition::Bought(Bought::categories_of(ids::<CategoryId>(&["boots"])))),
        (
            "bought-either",
            Condition::Bought(
                Bought::products_of(ids::<ProductId>(&["BOOT"])).or_categories(ids::<CategoryId>(&["skis"])),
            ),
        ),
        ("members", Condition::Members(Members::any())),
        ("members-of", Condition::Members(Members::of(ids::<CustomerTypeId>(&["AAPT", "PSIA"])))),
        ("types-only", Condition::CustomerTypes(CustomerTypes::only(ids::<CustomerTypeId>(&["PROFORM"])))),
        ("types-except", Condition::CustomerTypes(CustomerTypes::except(ids::<CustomerTypeId>(&["STAFF"])))),
        ("customer-attribute", Condition::CustomerAttribute(HasAttribute::any("segment".parse().unwrap()))),
        (
            "customer-attribute-of",
            Condition::CustomerAttribute(HasAttribute::one_of("segment".parse().unwrap(), ["press".parse().unwrap()])),
        ),
        ("channels", Condition::Channels(Channels::only(ids::<ChannelId>(&["web", "form-7"])))),
        ("regions-only", Condition::Regions(Regions::only(ids::<RegionId>(&["US-CO"])))),
        ("regions-except", Condition::Regions(Regions::except(ids::<RegionId>(&["US-HI"])))),
        ("payment-only", Condition::PaymentOptions(PaymentOptions::only(ids::<PaymentOptionId>(&["invoice"])))),
        ("payment-except", Condition::PaymentOptions(PaymentOptions::except(ids::<PaymentOptionId>(&["cash"])))),
        ("shipping-only", Condition::ShippingMethods(ShippingMethods::only(ids::<ShippingMethodId>(&["ground"])))),
        ("shipping-except", Condition::ShippingMethods(ShippingMethods::except(ids::<ShippingMethodId>(&["air"])))),
        ("hours", Condition::Hours(Weekly::hours(&[Weekday::Mon, Weekday::Fri], clock(22, 0), clock(2, 30)).unwrap())),
        ("weekdays", Condition::Hours(Weekly::days(&[Weekday::Sat, Weekday::Sun]).unwrap())),
        (
            "not-on",
            Condition::NotOn(
                NotOn::new([
                    DayRange::new(parse_date("2026-11-27").ok(), parse_date("2026-11-27").ok()).unwrap(),
                    DayRange::new(parse_date("2026-12-24").ok(), parse_date("2027-01-01").ok()).unwrap(),
                    DayRange::new(parse_date("2028-01-01").ok(), None).unwrap(),
                ])
                .unwrap(),
            ),
        ),
        ("unique-customers", Condition::UniqueCustomers(UniqueCustomers::new(units(100)))),
        (
            "customers",
            Condition::Customers(Customers::only([
                IdentityKey::id("42").unwrap(),
                IdentityKey::email("ann@example.com").unwrap(),
            ])),
        ),
        (
            "email-domains",
            Condition::Customers(Customers::only([]).or_email_domains(["example.com", "example.org"]).unwrap()),
        ),
        ("nobody", Condition::Customers(Customers::only([]))),
    ];
    let one = |(name, condition): (&str, Condition)| all_of(name, |c| c.condition(condition.clone()).percent_off("10"));
    let mut coupons: Vec<Coupon> = groups.into_iter().map(one).collect();
    coupons.push(all_of("several", |c| {
        c.condition(Condition::FirstOrder).condition(Condition::MinimumSpend(spend())).percent_off("10")
    }));
    coupons
}

/// A scope as deep as one may be.
fn deepest() -> Scope {
    (1..16).fold(Scope::OnSale, |scope, _| scope.negated().unwrap())
}

pub fn scopes() -> Vec<Coupon> {
    let (parent, product): (ProductId, ProductId) = ("AM".parse().unwrap(), "BOOTH".parse().unwrap());
    let (subsystem, kind): (SubsystemId, ProductTypeId) = ("MTG".parse().unwrap(), "BOOTH".parse().unwrap());
    let range =
        |min: Option<&str>, max: Option<&str>| Scope::PriceRange(PriceRange::new(min.map(usd), max.map(usd)).unwrap());
    let by_type = |parent: Option<ProductId>| Scope::ProductType {
        subsystem: subsystem.clone(),
        product_type: kind.clone(),
        parent,
    };
    let named = [
        ("open", Scope::Open),
        ("subsystem", Scope::Subsystem(subsystem.clone())),
        ("product-type", by_type(None)),
        ("product-type-of", by_type(Some(parent.clone()))),
        ("parent", Scope::ParentProduct { parent: parent.clone(), product_type: None }),
        ("parent-of-type", Scope::ParentProduct { parent: parent.clone(), product_type: Some(kind.clone()) }),
        ("product", Scope::Product { parent, product }),
        ("products", Scope::Products(ids(&["BOOT", "SKI"]))),
        ("no-product", Scope::Products(vec![])),
        ("categories", Scope::Categories(ids(&["shoes"]))),
        ("tags", Scope::Tags(ids(&["winter"]))),
        ("attribute", Scope::Attribute(HasAttribute::any("brand".parse().unwrap()))),
        (
            "attribute-of",
            Scope::Attribute(HasAttribute::one_of(
                "brand".parse().unwrap(),
                ids::<AttributeValue>(&["Alpina", "Völkl"]),
            )),
        ),
        ("on-sale", Scope::OnSale),
        ("price-from", range(Some("10.00"), None)),
        ("price-to", range(None, Some("99.99"))),
        ("price-between", range(Some("10.00"), Some("99.99"))),
        ("all", Scope::all([Scope::Open, Scope::OnSale]).unwrap()),
        ("any", Scope::any([Scope::OnSale, Scope::Tags(ids(&["winter"]))]).unwrap()),
        ("not", Scope::OnSale.negated().unwrap()),
        ("deepest", deepest()),
    ];
    named.into_iter().map(|(name, scope)| all_of(name, |c| c.scope(scope.clone()).percent_off("10"))).collect()
}

pub fn terms() -> Vec<Coupon> {
    let instant = |text| parse_instant(text).unwrap();
    let day = |text| parse_date(text).unwrap();
    let assign = |when| TypeAssignment::new("PROFORM".parse().unwrap(), when);
    let issued = |id| Coupon::builder(id).kind(Kind::Personal).percent_off("10");
    let percent = |id: &str| Coupon::builder(id).code(&id.to_ascii_uppercase()).percent_off("10");
    let lasting = |until| assign(AssignWhen::OnCommit).lasting(until).unwrap();
    let coupons = vec![
        percent("upwards").assign(lasting(AssignUntil::Days(30)).only_upwards(true)),
        percent("season").assign(lasting(AssignUntil::Day(day("2026-04-30")))),
        percent("hanging").assign(lasting(AssignUntil::Membership("CLUB".parse().unwrap()))),
        percent("member").assign(TypeAssignment::membership("CLUB".parse().unwrap(), AssignWhen::OnCommit)),
        // Everything there is at once. Text keeps what JSON has to escape.
        Coupon::builder("whole")
            .revision(7)
            .name("Réveillon \"internal\"\n\u{1}")
            .description("10 % – nur für Sie 🎿 \\ </script>")
            .status(Status::Inactive)
            .code("any/thing they_had")
            .code_format(CodeFormat::Imported)
            .level(Level::Order)
            .scope(Scope::OnSale.negated().unwrap())
            .availability(Validity::Days(DayRange::new(Some(day("2026-01-01")), None).unwrap()))
            .days(Some(day("2026-03-01")), Some(day("2026-05-31")))
            .total_limit(1_000)
            .per_code_limit(900)
            .per_customer_limit(2)
            .per_customer_and_code_limit(1)
            .codes_limit(10_000)
            .units_limit(u64::MAX)
            .budget(several())
            .when_short(WhenShort::Refuse)
            .condition(Condition::FirstOrder)
            .percent_off("10")
            .assign(assign(AssignWhen::NextOrder))
            .combination(Combination::default().discounts(false).alone().repeated().overriding(Overrides::Everything))
            .priority(-5)
            .account("4990".parse().unwrap())
            .funding(Funding::Split { party: "ACME".parse().unwrap(), share: Percent::parse("66.667").unwrap() })
            .payments(Payments::FirstN(NonZeroU32::new(3).unwrap()))
            .campaign("winter".parse().unwrap()),
        percent("least"),
        percent("grouped").combination(
            Combination::default()
                .exclusive_of(Exclusive::Class)
                .in_group("welcome".parse().unwrap())
                .tagged(["sale".parse().unwrap()])
                .apart_from(["clearance".parse().unwrap(), "last".parse().unwrap()])
                .stopping(),
        ),
        percent("of-lines").combination(Combination::default().exclusive_of(Exclusive::Line)),
        percent("expired").status(Status::Expired),
        percent("from").days(Some(day("2024-02-29")), None),
        percent("thru").days(None, Some(day("9999-12-31"))),
        percent("instants").instants(Some(instant("2026-01-01T09:00:00Z")), Some(instant("2026-01-01T09:00:00.5Z"))),
        percent("offset").instants(Some(instant("2026-01-01T00:00:00+02:00")), None),
        percent("ends").instants(None, Some(instant("2026-01-01T00:00:00.000000001Z"))),
        percent("available")
            .availability(Validity::Instants(InstantRange::new(None, Some(instant("2027-01-01T00:00:00Z"))).unwrap())),
        issued("countdown").countdown(2, 3),
        issued("countdown-hours").countdown(0, 3),
        issued("personal").per_code_limit(3),
        issued("earned").earn(EarnRule::new(PurchaseTrigger::new(Scope::Open))),
        Coupon::builder("earned-whole")
            .percent_off("10")
            .per_code_limit(2)
            .earn(
                EarnRule::new(
                    PurchaseTrigger::new(Scope::Products(ids(&["JOURNAL"])))
                        .with_pieces(3)
                        .unwrap()
                        .with_per(Per::Unit)
                        .with_on_return(OnReturn::RevokeOrBill),
                )
                .with_codes(2)
                .unwrap(),
            )
            .earn(EarnRule::new(EventId::new("newsletter").unwrap()))
            .earn(EarnRule::new(AnniversaryTrigger::new("birthday".parse().unwrap(), 0, 0).unwrap()))
            .earn(
                EarnRule::new(
                    AnniversaryTrigger::new("joined".parse().unwrap(), 7, 357).unwrap().with_leap_day(LeapDay::Mar1),
                )
                .with_codes(1_000)
                .unwrap(),
            ),
        percent("budget").budget(usd("100.00")),
        percent("third-party").funding(Funding::ThirdParty { party: "ACME".parse().unwrap() }),
        percent("first-payment").payments(Payments::First),
        percent("all-payments").payments(Payments::All),
        percent("months").payments(Payments::Months(NonZeroU32::new(3).unwrap())),
        percent("days").payments(Payments::Days(NonZeroU32::new(90).unwrap())),
        Coupon::builder("carried")
            .code("CARRIED")
            .amount_off(money("50.00", Currency::USD))
            .remainder(Remainder::Carry),
        percent("pro-now").assign(assign(AssignWhen::BeforePricing)),
        percent("pro-then").assign(assign(AssignWhen::OnCommit)),
        percent("last").priority(i32::MIN),
        percent("first").priority(i32::MAX),
    ];
    coupons.into_iter().map(|coupon| coupon.build().unwrap()).collect()
}
