//! What the host hands in: orders, customers, usage, codes.

use super::shape::{ANY, Field, Object, Rule, Shape, Table, may, need};
use super::values::{CATEGORIES, COUNT, LONG, LONG_COUNT, PRODUCTS, SHORT};
use crate::coupon::CodeFormat;
use crate::order::Order;
use crate::policy::PriceMode;

use Shape::{Any, Def, Flag, List, Map, Names, Object as Of, Set, Tagged, Text, Whole};

/// The fields of an order, but for its version.
pub(super) const ORDER: &[Field] = &[
    need("currency", Def("Currency")),
    may("prices", Names(PriceMode::NAMES)),
    may("lines", List(&Def("Line"), 0, MAX_LINES)),
    may("charges", List(&Def("Charge"), 0, MAX_LINES)),
    may("tax_rates", Map(&Table { names: Def("TaxClass"), values: Def("TaxRate"), least: 0, most: MAX_TAX_CLASSES })),
    may("channel", Def("ChannelId")),
    may("region", Def("RegionId")),
    may("payment_option", Def("PaymentOptionId")),
];

const MAX_LINES: u64 = {
    assert!(Order::MAX_LINES == 1_000_000);
    1_000_000
};
const MAX_TAX_CLASSES: u64 = {
    assert!(Order::MAX_TAX_CLASSES == 1_000);
    1_000
};
const MAX_DISCOUNTS: u64 = {
    assert!(Order::MAX_DISCOUNTS == 100);
    100
};

/// The fields of a customer, but for its version.
pub(super) const CUSTOMER: &[Field] = &[
    may("keys", List(&Def("IdentityKey"), 0, ANY)),
    may("customer_type", Def("CustomerTypeId")),
    may("type_term", Def("TypeTerm")),
    may("memberships", List(&Def("Membership"), 0, ANY)),
    may("types_revision", LONG),
    may("allowance_grants", List(&Def("AllowanceGrant"), 0, ANY)),
    may("dates", Map(&Table { names: Def("DateName"), values: Def("MonthDay"), least: 0, most: ANY })),
    may("new", Flag),
    may("attributes", Def("Attributes")),
    may("history", Def("History")),
];
pub(super) const CUSTOMER_RULES: &[Rule] = &[Rule::With("type_term", "customer_type")];

const WINDOW: &[Field] = &[may("starts_at", Def("Instant")), may("ends_at", Def("Instant"))];

/// The fields of an issued code.
pub(super) const ISSUED: &[Field] = &[
    need("code", Text(ANY)),
    may("code_format", Names(CodeFormat::NAMES)),
    may("holder", Def("IdentityKey")),
    need("issued_at", Def("Instant")),
    may("starts_at", Def("Instant")),
    may("ends_at", Def("Instant")),
    may("batch", Def("BatchId")),
    may("occasion", Def("OccasionId")),
    may("issued_by", Def("ActorId")),
    may("revocation", Def("Revocation")),
    may("revoked", Flag),
];
pub(super) const ISSUED_RULES: &[Rule] = &[
    Rule::Where("code_format", "imported", "code", Def("ImportedFormCode"), Def("StandardCode")),
    Rule::NotBoth("revocation", "revoked"),
];

pub(super) const USES: &[Field] = &[may("uses", List(&Def("Uses"), 0, ANY))];

pub(super) const USAGE: &[Field] = &[
    may("total", LONG),
    may("code", LONG),
    may("customer", LONG),
    may("customer_code", LONG),
    may("units", LONG),
    may("money", Def("Money")),
    may("first_order_claimed", Flag),
    may("customers", LONG),
];

pub(super) const REVOCATION: &[Field] =
    &[need("at", Def("Instant")), may("cause", Text(255)), may("by", Def("ActorId"))];

pub(super) const CODE_PATTERN: &[Field] = &[
    may(
        "prefix",
        Shape::Pattern(&super::shape::Pattern {
            pattern: "^[ -]*([A-Za-z0-9][ -]*){0,22}$",
            most: None,
            format: None,
            not_zero: false,
            examples: &["ALPS", ""],
        }),
    ),
    may("random", Whole(1, 23)),
    may("minimum_bits", SHORT),
];

pub(super) const ATTEMPT_POLICY: &[Field] = &[need("burst", COUNT), need("refill_seconds", Whole(1, 31_536_000))];
pub(super) const ATTEMPTS: &[Field] = &[may("last_at", Def("Instant")), may("clear_at", Def("Instant"))];
pub(super) const ATTEMPTS_RULES: &[Rule] = &[Rule::With("last_at", "clear_at"), Rule::With("clear_at", "last_at")];

const fn of(fields: &'static [&'static [Field]]) -> Object {
    Object { fields, rules: &[] }
}

pub(super) const DEFS: &[(&str, Shape)] = &[
    (
        "Line",
        Of(&of(&[&[
            need("id", LONG),
            may("key", Def("HostKey")),
            may("description", Text(ANY)),
            need("product", Def("Product")),
            need("quantity", Def("Quantity")),
            need("unit_price", Def("UnitPrice")),
            may("customer_price", Def("UnitPrice")),
            may("floor_price", Def("UnitPrice")),
            may("discountable", Flag),
            may("tax_class", Def("TaxClass")),
            may("discounts", List(&Def("ShopDiscount"), 0, MAX_DISCOUNTS)),
            may("billing", Def("Billing")),
        ]])),
    ),
    ("HostKey", Text(ANY)),
    (
        "Product",
        Any(&[
            Def("ProductId"),
            Of(&of(&[&[
                need("id", Def("ProductId")),
                may("parent", Def("ProductId")),
                may("type", Def("ProductTypeId")),
                may("subsystem", Def("SubsystemId")),
                may("categories", CATEGORIES),
                may("tags", List(&Def("TagId"), 0, ANY)),
                may("on_sale", Flag),
                may("subscription", Flag),
                may("attributes", Def("Attributes")),
            ]])),
        ]),
    ),
    (
        "ShopDiscount",
        Of(&of(&[&[
            need("id", Def("DiscountId")),
            need("amount", Def("AmountText")),
            may("account", Def("AccountId")),
            may("funding", Def("Funding")),
        ]])),
    ),
    (
        "Charge",
        Any(&[
            Of(&of(&[
                &[need("id", LONG), need("kind", Names(&["shipping"])), may("method", Def("ShippingMethodId"))],
                CHARGE,
            ])),
            Of(&of(&[&[need("id", LONG), need("kind", Names(&["fee"]))], CHARGE])),
        ]),
    ),
    (
        "Billing",
        Of(&of(&[&[
            need("every", Any(&[Tagged("days", &Whole(1, 36_525)), Tagged("months", &Whole(1, 1_200))])),
            may("payments", COUNT),
        ]])),
    ),
    ("Membership", Any(&[Def("CustomerTypeId"), Of(&of(&[&[need("type", Def("CustomerTypeId"))], WINDOW]))])),
    (
        "TypeTerm",
        Of(&Object {
            fields: &[&[
                may("until", Def("Instant")),
                may("while_member_of", Def("CustomerTypeId")),
                may("then", Def("CustomerTypeId")),
            ]],
            rules: &[Rule::Some(&["until", "while_member_of"])],
        }),
    ),
    ("AllowanceGrant", Of(&of(&[&[need("allowance", Def("AllowanceId")), need("quantity", LONG)], WINDOW]))),
    (
        "History",
        Of(&of(&[&[
            may("orders", LONG),
            may("order_times", List(&Def("Instant"), 0, ANY)),
            may("spend", Map(&Table { names: Def("Currency"), values: Def("AmountText"), least: 0, most: ANY })),
            may("products", PRODUCTS),
            may("categories", CATEGORIES),
        ]])),
    ),
    ("Money", Of(&of(&[&[need("amount", Def("AmountText")), need("currency", Def("Currency"))]]))),
    ("Revocation", Of(&of(&[REVOCATION]))),
    ("Uses", Of(&of(&[&[may("by", Set(&Def("IdentityKey"), 0)), may("times", LONG_COUNT)]]))),
];

const CHARGE: &[Field] = &[
    may("description", Text(ANY)),
    need("amount", Def("AmountText")),
    may("tax_class", Def("TaxClass")),
    may("discounts", List(&Def("ShopDiscount"), 0, MAX_DISCOUNTS)),
];
