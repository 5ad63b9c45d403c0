//! What the engine writes for its own later use: the top level alone is described.

use super::shape::{ANY, Field, Shape, may, need};
use super::values::LONG;
use crate::policy::{PriceMode, PublicReasons};

use Shape::{Def, Flag, List, Names, Written};

const LISTED: Shape = List(&Written("object"), 0, ANY);

pub(super) const OUTCOME: &[Field] = &[
    need("reference", Written("object")),
    need("at", Def("Instant")),
    need("currency", Def("Currency")),
    need("price_mode", Names(PriceMode::NAMES)),
    need("rounding", Def("RoundingRules")),
    need("public_reasons", Names(PublicReasons::NAMES)),
    need("customer", List(&Def("IdentityKey"), 0, ANY)),
    need("counted", List(&Def("IdentityKey"), 0, ANY)),
    may("customer_type", Def("CustomerTypeId")),
    may("points_multiplier", Def("PointsMultiplier")),
    may("actor", Def("ActorId")),
    need("new_customer", Flag),
    need("lines", LISTED),
    need("charges", LISTED),
    need("discounts", LISTED),
    may("offers", LISTED),
    need("answers", LISTED),
    need("adjustments", LISTED),
    need("taxes", LISTED),
    may("first_charges", LISTED),
    may("gifts", LISTED),
    need("totals", Written("object")),
    need("accounts", LISTED),
    may("type_changes", LISTED),
    may("types_revision", LONG),
    may("grants", LISTED),
    may("payment_options", List(&Def("PaymentOptionId"), 0, ANY)),
    may("order_refusals", Written("array")),
    may("allowances", LISTED),
    may("allowances_to_come", LISTED),
    may("points", Written("object")),
    need("flags", Written("array")),
    may("trace", Written("object")),
];

pub(super) const PLACED: &[Field] = &[
    need("policy", Def("Policy")),
    need("order", Def("Order")),
    may("prices", LISTED),
    may("sold", LISTED),
    may("codes", LISTED),
    may("allowances", LISTED),
    may("claimed", LISTED),
    may("amendments", Written("array")),
    need("outcome", Def("Outcome")),
];

pub(super) const REDEMPTION: &[Field] = &[
    need("reference", Written("object")),
    need("customer", List(&Def("IdentityKey"), 0, ANY)),
    may("counted", List(&Def("IdentityKey"), 0, ANY)),
    need("new_customer", Flag),
    need("currency", Def("Currency")),
    need("payable", Def("Money")),
    need("coupons", LISTED),
    need("deltas", LISTED),
    need("guards", Written("array")),
    may("type_changes", LISTED),
    may("grants", LISTED),
    may("points", Written("object")),
    may("actor", Def("ActorId")),
    need("digest", Written("string")),
    need("priced_at", Def("Instant")),
];
