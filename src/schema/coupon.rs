//! Definitions: coupons and automatic offers, with what they are made of.

use super::shape::{ANY, Field, Object, Rule, Shape, may, need};
use super::values::{CATEGORIES, COUNT, LONG_COUNT, PRODUCTS, SHORT, TYPES};
use crate::coupon::{
    AssignUntil, AssignWhen, Basis, CodeFormat, Countdown, EarnRule, Kind, Level, LineRange, OnReturn, Overrides, Per,
    Remainder, Status, TaxView, Trial, TypeKind, WhenShort,
};

use Shape::{Any, Def, Flag, List, Names, Object as Of, Set, Signed, Tagged, Text, Whole};

pub(super) const fn of(fields: &'static [&'static [Field]]) -> Object {
    Object { fields, rules: &[] }
}

/// The fields of a definition, but for its version.
pub(super) const FIELDS: &[Field] = &[
    need("id", Def("CouponId")),
    may("revision", COUNT),
    may("name", Text(255)),
    may("description", Text(255)),
    may("status", Names(Status::NAMES)),
    may("kind", Names(Kind::NAMES)),
    may("code", Text(ANY)),
    may("code_format", Names(CodeFormat::NAMES)),
    may("level", Names(Level::NAMES)),
    may("scope", Def("Scope")),
    may("availability", Def("Period")),
    may("validity", Def("Validity")),
    may("earn", List(&Def("EarnRule"), 0, 100)),
    may("limits", Def("Limits")),
    may("conditions", List(&Def("Condition"), 0, 1_000)),
    need("benefits", List(&Def("Benefit"), 1, 100)),
    may("assign", Def("TypeAssignment")),
    may("combination", Def("Combination")),
    may("priority", Signed),
    may("account", Def("AccountId")),
    may("funding", Def("Funding")),
    may("payments", Def("Payments")),
    may("remainder", Names(Remainder::NAMES)),
    may("campaign", Def("CampaignId")),
];

/// The fields of an automatic offer, but for its version: without what only a code, a counter or a customer can have.
pub(super) const OFFER: &[Field] = &[
    need("id", Def("CouponId")),
    may("revision", COUNT),
    may("name", Text(255)),
    may("description", Text(255)),
    may("status", Names(Status::NAMES)),
    may("level", Names(Level::NAMES)),
    may("scope", Def("Scope")),
    may("validity", Def("Period")),
    may("conditions", List(&Def("OfferCondition"), 0, 1_000)),
    need("benefits", List(&Def("OfferBenefit"), 1, 100)),
    may("combination", Def("OfferCombination")),
    may("priority", Signed),
    may("account", Def("AccountId")),
    may("funding", Def("Funding")),
    may("campaign", Def("CampaignId")),
];

/// How the code of a definition is spelt.
pub(super) const CODE: &[Rule] =
    &[Rule::Where("code_format", "imported", "code", Def("ImportedFormCode"), Def("StandardCode"))];

/// What a condition asks for, of a coupon and of an offer alike.
const ASKED: Shape = Any(&[
    Tagged("minimum_spend", &Def("MinimumSpend")),
    Tagged("maximum_spend", &Def("MaximumSpend")),
    Tagged("minimum_quantity", &Def("MinimumQuantity")),
    Tagged("distinct_products", &Def("DistinctProducts")),
    Tagged("without", &Def("Without")),
    Tagged("nth_order", &Def("NthOrder")),
    Tagged("orders_in_period", &Def("OrdersInPeriod")),
    Tagged("lifetime_spend", &Def("LifetimeSpend")),
    Tagged("last_order", &Def("LastOrder")),
    Tagged("bought", &Def("Bought")),
    Tagged("customer_types", &Def("CustomerTypes")),
    Tagged("customer_attribute", &Def("HasAttribute")),
    Tagged("channels", &Def("Channels")),
    Tagged("regions", &Def("Regions")),
    Tagged("payment_options", &Def("PaymentOptions")),
    Tagged("shipping_methods", &Def("ShippingMethods")),
    Tagged("customers", &Def("Customers")),
    Tagged("hours", &Def("Weekly")),
    Tagged("not_on", &Def("NotOn")),
]);

/// Several of a kind, all of them or any of them.
const SCOPES: Shape = List(&Def("Scope"), 1, 1_000);
const CONDITIONS: Shape = List(&Def("Condition"), 1, 1_000);
const OFFER_CONDITIONS: Shape = List(&Def("OfferCondition"), 1, 1_000);

const DAYS: &[Field] = &[may("from", Def("Date")), may("thru", Def("Date"))];
const INSTANTS: &[Field] = &[may("starts_at", Def("Instant")), may("ends_at", Def("Instant"))];
const DAYS_OR_INSTANTS: &[Rule] = &[
    Rule::NotBoth("from", "starts_at"),
    Rule::NotBoth("from", "ends_at"),
    Rule::NotBoth("thru", "starts_at"),
    Rule::NotBoth("thru", "ends_at"),
];

const SPEND: Shape = Of(&of(&[&[
    need("amounts", Def("Amounts")),
    may("basis", Names(Basis::NAMES)),
    may("tax", Names(TaxView::NAMES)),
    may("range", Names(LineRange::NAMES)),
    may("inclusive", Flag),
    may("of", Def("Scope")),
]]));

const EARNED: Field = may("codes", Whole(1, EARN_CODES));
const EARN_CODES: u64 = {
    assert!(EarnRule::MAX_CODES == 1_000);
    1_000
};
/// The most days of a trial, of a countdown and of an assignment.
pub(super) const MAX_DAYS: u64 = {
    assert!(Trial::MAX_DAYS == 36_500 && AssignUntil::MAX_DAYS == 36_500 && Countdown::MAX_DAYS == 36_500);
    36_500
};

pub(super) const DEFS: &[(&str, Shape)] = &[
    (
        "Scope",
        Any(&[
            Names(&["open", "on_sale"]),
            Tagged("open", &Of(&of(&[]))),
            Tagged("subsystem", &Of(&of(&[&[need("subsystem", Def("SubsystemId"))]]))),
            Tagged(
                "product_type",
                &Of(&of(&[&[
                    need("subsystem", Def("SubsystemId")),
                    need("product_type", Def("ProductTypeId")),
                    may("parent_product", Def("ProductId")),
                ]])),
            ),
            Tagged(
                "parent_product",
                &Of(&of(&[&[need("parent_product", Def("ProductId")), may("product_type", Def("ProductTypeId"))]])),
            ),
            Tagged(
                "product",
                &Of(&of(&[&[need("parent_product", Def("ProductId")), need("product", Def("ProductId"))]])),
            ),
            Tagged("products", &PRODUCTS),
            Tagged("categories", &CATEGORIES),
            Tagged("tags", &List(&Def("TagId"), 0, ANY)),
            Tagged("attribute", &Def("HasAttribute")),
            Tagged("price_range", &Def("PriceRange")),
            Tagged("all", &SCOPES),
            Tagged("any", &SCOPES),
            Tagged("not", &Def("Scope")),
        ]),
    ),
    (
        "HasAttribute",
        Of(&of(&[&[need("key", Def("AttributeKey")), may("any_of", List(&Def("AttributeValue"), 0, ANY))]])),
    ),
    (
        "PriceRange",
        Of(&Object {
            fields: &[&[may("min", Def("Amounts")), may("max", Def("Amounts"))]],
            rules: &[Rule::Some(&["min", "max"])],
        }),
    ),
    (
        "Validity",
        Of(&Object {
            fields: &[DAYS, INSTANTS, &[may("countdown", Def("Countdown"))]],
            rules: &[
                Rule::NotBoth("from", "starts_at"),
                Rule::NotBoth("from", "ends_at"),
                Rule::NotBoth("thru", "starts_at"),
                Rule::NotBoth("thru", "ends_at"),
                Rule::NotBoth("from", "countdown"),
                Rule::NotBoth("thru", "countdown"),
                Rule::NotBoth("starts_at", "countdown"),
                Rule::NotBoth("ends_at", "countdown"),
            ],
        }),
    ),
    ("Period", Of(&Object { fields: &[DAYS, INSTANTS], rules: DAYS_OR_INSTANTS })),
    ("DayRange", Of(&Object { fields: &[DAYS], rules: &[] })),
    (
        "Countdown",
        Of(&Object {
            fields: &[&[may("days", Whole(0, MAX_DAYS)), may("hours", Whole(0, MAX_DAYS.saturating_mul(24)))]],
            rules: &[Rule::Some(&["days", "hours"])],
        }),
    ),
    (
        "EarnRule",
        Any(&[
            Tagged(
                "purchase",
                &Of(&of(&[&[
                    may("scope", Def("Scope")),
                    may("pieces", COUNT),
                    may("per", Names(Per::NAMES)),
                    may("on_return", Names(OnReturn::NAMES)),
                    EARNED,
                ]])),
            ),
            Tagged("event", &Of(&of(&[&[need("event", Def("EventId")), EARNED]]))),
            Tagged(
                "anniversary",
                &Of(&of(&[&[
                    need("of", Def("DateName")),
                    may("days_before", Whole(0, 364)),
                    may("days_after", Whole(0, 364)),
                    may("leap_day", Def("LeapDay")),
                    EARNED,
                ]])),
            ),
        ]),
    ),
    (
        "Limits",
        Of(&of(&[&[
            may("total", LONG_COUNT),
            may("per_code", LONG_COUNT),
            may("per_customer", LONG_COUNT),
            may("per_customer_and_code", LONG_COUNT),
            may("codes", LONG_COUNT),
            may("units", LONG_COUNT),
            may("money", Def("AmountsNotZero")),
            may("when_short", Names(WhenShort::NAMES)),
        ]])),
    ),
    (
        "TypeAssignment",
        Of(&of(&[&[
            need("to", Def("CustomerTypeId")),
            may("when", Names(AssignWhen::NAMES)),
            may("kind", Names(TypeKind::NAMES)),
            may("until", Def("AssignUntil")),
            may("only_upwards", Flag),
        ]])),
    ),
    (
        "AssignUntil",
        Any(&[
            Names(&["forever"]),
            Tagged("day", &Def("Date")),
            Tagged("days", &Whole(1, MAX_DAYS)),
            Tagged("membership", &Def("CustomerTypeId")),
        ]),
    ),
    (
        "Combination",
        Of(&of(&[&[
            may("with_discounts", Flag),
            may("exclusive", Any(&[Flag, Names(&["order", "class", "line"])])),
            may("several_codes", Flag),
            may("overrides", Names(Overrides::NAMES)),
            may("group", Def("GroupId")),
            may("tags", List(&Def("TagId"), 0, ANY)),
            may("not_with", List(&Def("TagId"), 0, ANY)),
            may("stop", Flag),
        ]])),
    ),
    (
        "OfferCombination",
        Of(&of(&[&[
            may("with_discounts", Flag),
            may("exclusive", Any(&[Flag, Names(&["order", "class", "line"])])),
            may("group", Def("GroupId")),
            may("tags", List(&Def("TagId"), 0, ANY)),
            may("not_with", List(&Def("TagId"), 0, ANY)),
            may("stop", Flag),
        ]])),
    ),
    (
        "Funding",
        Any(&[
            Names(&["seller"]),
            Tagged("third_party", &Of(&of(&[&[need("party", Def("PartyId"))]]))),
            Tagged("split", &Of(&of(&[&[need("party", Def("PartyId")), need("share", Def("Percent"))]]))),
        ]),
    ),
    (
        "Payments",
        Any(&[Names(&["first", "all"]), Tagged("first_n", &COUNT), Tagged("months", &COUNT), Tagged("days", &COUNT)]),
    ),
    (
        "Condition",
        Any(&[
            Names(&["first_order"]),
            Tagged("all", &CONDITIONS),
            Tagged("any", &CONDITIONS),
            Tagged("not", &Def("Condition")),
            Tagged("members", &Def("Members")),
            Tagged("unique_customers", &Def("UniqueCustomers")),
            ASKED,
        ]),
    ),
    (
        "OfferCondition",
        Any(&[
            // First one that ends, for readers that try the first choice first.
            Tagged("members", &Def("Members")),
            Tagged("all", &OFFER_CONDITIONS),
            Tagged("any", &OFFER_CONDITIONS),
            Tagged("not", &Def("OfferCondition")),
            ASKED,
        ]),
    ),
    ("MinimumSpend", SPEND),
    ("MaximumSpend", SPEND),
    (
        "MinimumQuantity",
        Of(&of(&[&[need("pieces", LONG_COUNT), may("range", Names(LineRange::NAMES)), may("of", Def("Scope"))]])),
    ),
    (
        "DistinctProducts",
        Of(&of(&[&[need("at_least", LONG_COUNT), may("range", Names(LineRange::NAMES)), may("of", Def("Scope"))]])),
    ),
    ("Without", Of(&of(&[&[need("of", Def("Scope"))]]))),
    ("NthOrder", Of(&of(&[&[need("n", LONG_COUNT)]]))),
    ("OrdersInPeriod", Of(&of(&[&[need("days", COUNT), need("at_least", LONG_COUNT)]]))),
    ("LifetimeSpend", Of(&of(&[&[need("at_least", Def("Amounts"))]]))),
    (
        "LastOrder",
        Of(&Object {
            fields: &[&[may("within_days", SHORT), may("over_days", SHORT)]],
            rules: &[Rule::Some(&["within_days", "over_days"])],
        }),
    ),
    ("Bought", Of(&of(&[&[may("products", PRODUCTS), may("categories", CATEGORIES)]]))),
    ("Members", Of(&of(&[&[may("groups", TYPES)]]))),
    ("CustomerTypes", Of(&of(&[&[may("only", TYPES), may("except", TYPES)]]))),
    ("Channels", Of(&of(&[&[need("only", List(&Def("ChannelId"), 0, ANY))]]))),
    (
        "Regions",
        Of(&of(&[&[may("only", List(&Def("RegionId"), 0, ANY)), may("except", List(&Def("RegionId"), 0, ANY))]])),
    ),
    (
        "PaymentOptions",
        Of(&of(&[&[
            may("only", List(&Def("PaymentOptionId"), 0, ANY)),
            may("except", List(&Def("PaymentOptionId"), 0, ANY)),
        ]])),
    ),
    (
        "ShippingMethods",
        Of(&of(&[&[
            may("only", List(&Def("ShippingMethodId"), 0, ANY)),
            may("except", List(&Def("ShippingMethodId"), 0, ANY)),
        ]])),
    ),
    (
        "Customers",
        Of(&Object {
            fields: &[&[
                may("only", List(&Def("IdentityKey"), 0, ANY)),
                may("email_domains", List(&Def("EmailDomain"), 0, ANY)),
            ]],
            rules: &[Rule::Some(&["only", "email_domains"])],
        }),
    ),
    (
        "Weekly",
        Of(&Object {
            fields: &[&[
                need("days", Set(&Def("Weekday"), 1)),
                may("from", Def("LocalTime")),
                may("until", Def("LocalTime")),
            ]],
            rules: &[Rule::With("from", "until"), Rule::With("until", "from")],
        }),
    ),
    (
        "NotOn",
        Of(&of(&[&[need(
            "dates",
            List(
                &Any(&[Def("Date"), Of(&Object { fields: &[DAYS], rules: &[Rule::Some(&["from", "thru"])] })]),
                0,
                ANY,
            ),
        )]])),
    ),
    ("UniqueCustomers", Of(&of(&[&[need("at_least", LONG_COUNT)]]))),
    (
        "EmailDomain",
        Shape::Pattern(&super::shape::Pattern {
            pattern: r"^[^@ \u0000-\u001F\u007F-\u009F]+$",
            most: None,
            format: None,
            not_zero: false,
            examples: &["example.com"],
        }),
    ),
];
