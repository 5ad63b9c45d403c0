//! What the merchant chose: policies and shops.

use super::shape::{ANY, Field, Object, Rule, Shape, Table, may, need};
use super::values::{LONG_COUNT, PRODUCTS, SHORT, TYPES};
use crate::policy::{DiscountConflict, NoIdentity, PercentRounding, PriceMode, PublicReasons, TaxRounding};
use crate::shop::{AllowancePer, AllowanceWindow, Excess, Permission, PriceStrategy, RedeemAs};

use Shape::{Any, Def, Flag, List, Map, Names, Object as Of, Set, Signed, Tagged, Whole};

/// The fields of a policy, but for its version.
pub(super) const POLICY: &[Field] = &[
    need("currency", Def("Currency")),
    may("accepts", List(&Def("Currency"), 0, ANY)),
    may("zone", Def("Zone")),
    may("prices", Names(PriceMode::NAMES)),
    may("rounding", Def("RoundingRules")),
    may("max_codes", Any(&[Whole(1, 4_294_967_295), Names(&["unlimited"])])),
    may("line_codes", Flag),
    may("manual", Flag),
    may("discount_conflict", Names(DiscountConflict::NAMES)),
    may("no_identity", Names(NoIdentity::NAMES)),
    may("identity_kinds", List(&Def("IdentityKind"), 0, ANY)),
    may("public_reasons", Names(PublicReasons::NAMES)),
    may("cash", Def("CashInterval")),
    may("depth", Def("Depth")),
    may("max_discount", Def("AmountsNotZero")),
];

/// The fields of a shop, but for its version.
pub(super) const SHOP: &[Field] = &[
    need("policy", Def("PolicyOfShop")),
    may("customer_types", List(&Def("CustomerType"), 0, ANY)),
    may("default_type", Def("CustomerTypeId")),
    may("categories", List(&Def("Category"), 0, ANY)),
    may("products", PRODUCTS),
    may("prices", List(&Def("TypePrice"), 0, ANY)),
    may("price_lists", List(&Def("PriceList"), 0, ANY)),
    may("price_strategy", Names(PriceStrategy::NAMES)),
    may("visible_only_to", List(&Def("Visibility"), 0, ANY)),
    may("access", List(&Def("AccessRule"), 0, ANY)),
    may("payment_options", List(&Def("PaymentOffer"), 0, ANY)),
    may("shipping_options", List(&Def("ShippingOffer"), 0, ANY)),
    may("quantity_rules", List(&Def("QuantityRule"), 0, ANY)),
    may("allowances", List(&Def("Allowance"), 0, ANY)),
    may("purchases", List(&Def("Purchase"), 0, ANY)),
    may("sign_ups", List(&Def("SignUp"), 0, ANY)),
    may("points", Def("PointsProgram")),
    may("offers", List(&Def("Offer"), 0, ANY)),
];

/// The version of a document inside another one, where it may be left out.
pub(super) const INNER_VERSION: Field = may("version", Whole(1, 1));

const fn of(fields: &'static [&'static [Field]]) -> Object {
    Object { fields, rules: &[] }
}

/// A price or an amount in one currency.
const FIGURE: Shape = Map(&Table { names: Def("Currency"), values: Def("UnitPrice"), least: 1, most: 1 });
const GOODS_DAYS: &[Field] = &[may("from", Def("Date")), may("thru", Def("Date"))];
const MAX_DAYS: u64 = {
    assert!(AllowanceWindow::MAX_DAYS == 36_500);
    36_500
};

pub(super) const DEFS: &[(&str, Shape)] = &[
    (
        "RoundingRules",
        Of(&of(&[&[
            may("discount", Def("Rounding")),
            may("tax", Def("Rounding")),
            may("percent", Names(PercentRounding::NAMES)),
            may("tax_level", Names(TaxRounding::NAMES)),
        ]])),
    ),
    ("Depth", Of(&of(&[&[may("per_line", Def("PercentNotZero")), may("per_order", Def("PercentNotZero"))]]))),
    ("PolicyOfShop", Of(&of(&[&[INNER_VERSION], POLICY]))),
    (
        "CustomerType",
        Any(&[
            Def("CustomerTypeId"),
            Of(&of(&[&[
                need("id", Def("CustomerTypeId")),
                may("rank", SHORT),
                may("points_multiplier", Def("PointsMultiplier")),
            ]])),
        ]),
    ),
    (
        "Category",
        Any(&[Def("CategoryId"), Of(&of(&[&[need("id", Def("CategoryId")), may("parent", Def("CategoryId"))]]))]),
    ),
    (
        "TypePrice",
        Of(&of(&[&[
            need("customer_type", Def("CustomerTypeId")),
            need("product", Def("ProductId")),
            may("currency", Def("Currency")),
            need("price", Def("UnitPrice")),
        ]])),
    ),
    ("Visibility", Of(&of(&[&[need("product", Def("ProductId")), need("customer_types", TYPES)]]))),
    (
        "PriceList",
        Of(&of(&[&[
            need("id", Def("PriceListId")),
            need("for", Def("PriceHolders")),
            may("priority", Signed),
            may("validity", Def("Period")),
            need("entries", List(&Def("PriceEntry"), 0, ANY)),
        ]])),
    ),
    (
        "PriceHolders",
        Of(&Object {
            fields: &[&[may("types", Set(&Def("CustomerTypeId"), 0)), may("customers", Set(&Def("IdentityKey"), 0))]],
            rules: &[Rule::One(&["types", "customers"])],
        }),
    ),
    (
        "PriceEntry",
        Of(&Object {
            fields: &[&[
                need("goods", Def("Goods")),
                may("from", LONG_COUNT),
                may("price", FIGURE),
                may("percent_off", Def("Percent")),
                may("amount_off", FIGURE),
            ]],
            rules: &[Rule::One(&["price", "percent_off", "amount_off"])],
        }),
    ),
    (
        "Goods",
        Any(&[
            Names(&["everything"]),
            Of(&of(&[&[need("product", Def("ProductId")), may("variants", Flag)]])),
            Of(&of(&[&[need("category", Def("CategoryId")), may("subcategories", Flag)]])),
        ]),
    ),
    ("Audience", Of(&of(&[&[may("types", TYPES), may("min_rank", SHORT), may("except", TYPES)]]))),
    (
        "AccessRule",
        Of(&Object {
            fields: &[&[
                may("allow", PERMISSIONS),
                may("deny", PERMISSIONS),
                need("goods", Def("Goods")),
                may("to", Def("Audience")),
            ]],
            rules: &[Rule::One(&["allow", "deny"])],
        }),
    ),
    (
        "PaymentOffer",
        Any(&[
            Def("PaymentOptionId"),
            Of(&of(&[&[
                need("option", Def("PaymentOptionId")),
                may("to", Def("Audience")),
                may("preferred_by", Def("Audience")),
            ]])),
        ]),
    ),
    (
        "ShippingOffer",
        Any(&[
            Def("ShippingMethodId"),
            Of(&of(&[&[
                need("method", Def("ShippingMethodId")),
                may("to", Def("Audience")),
                may("preferred_by", Def("Audience")),
            ]])),
        ]),
    ),
    (
        "QuantityRule",
        Of(&Object {
            fields: &[&[
                need("goods", Def("Goods")),
                may("to", Def("Audience")),
                may("min", LONG_COUNT),
                may("max", LONG_COUNT),
                may("increment", LONG_COUNT),
                may("excess", Names(Excess::NAMES)),
            ]],
            rules: &[Rule::Some(&["min", "max", "increment"])],
        }),
    ),
    (
        "Allowance",
        Of(&of(&[&[
            need("id", Def("AllowanceId")),
            need("goods", Set(&Def("Goods"), 1)),
            may("to", Def("Audience")),
            need("quantity", LONG_COUNT),
            may("window", Def("AllowanceWindow")),
            may("per", Names(AllowancePer::NAMES)),
            may("excess", Names(Excess::NAMES)),
        ]])),
    ),
    (
        "AllowanceWindow",
        Any(&[
            Names(&["ever", "month", "quarter", "year"]),
            Tagged("days", &Of(&of(&[GOODS_DAYS]))),
            Tagged("rolling", &Of(&of(&[&[need("days", Whole(1, MAX_DAYS))]]))),
        ]),
    ),
    ("Purchase", Of(&of(&[&[need("goods", Def("Goods")), need("assign", Def("TypeAssignment"))]]))),
    ("SignUp", Of(&of(&[&[need("form", Def("SignUpId")), need("assign", Def("TypeAssignment"))]]))),
    (
        "PointsProgram",
        Of(&Object {
            fields: &[&[
                may("earn", Def("PointsRates")),
                may("value", Def("PriceTableNotZero")),
                may("scope", Def("Scope")),
                may("redeem_as", Names(RedeemAs::NAMES)),
                may("minimum", LONG_COUNT),
                may("step", LONG_COUNT),
                may("account", Def("AccountId")),
            ]],
            rules: &[Rule::Some(&["earn", "value"])],
        }),
    ),
    (
        "PointsRates",
        Map(&Table { names: super::values::CURRENCY_OR_OTHER, values: Def("PointsRate"), least: 1, most: ANY }),
    ),
];

const PERMISSIONS: Shape = Set(&Names(Permission::NAMES), 1);
