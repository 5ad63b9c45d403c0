//! What a definition gives.

use super::coupon::{MAX_DAYS, of};
use super::shape::{ANY, Field, Object, Rule, Shape, may, need};
use super::values::{COUNT, LONG_COUNT, QUANTITY};
use crate::coupon::{
    Among, FirstOf, Measure, OperatorAmount, Per, PercentBase, Pick, RewardFrom, SetOrder, Split, TaxView, Within,
};

use Shape::{Any, Def, Flag, List, Names, Object as Of, Tagged, Text, True, Whole};

/// Which pieces a benefit acts on, among its own fields.
const TARGET: &[Field] = &[
    may("scope", Def("Scope")),
    may("max_units", LONG_COUNT),
    may("max_units_per_line", LONG_COUNT),
    may("pick", Names(Pick::NAMES)),
    may("groups_of", LONG_COUNT),
    may("pieces_from", LONG_COUNT),
];

const STEP_VALUE: &[Field] = &[may("percent", Def("Percent")), may("amount", Def("Amounts"))];
const STEP_RULE: &[Rule] = &[Rule::One(&["percent", "amount"])];

const MAX_INSTRUCTIONS: u64 = {
    assert!(OperatorAmount::MAX_INSTRUCTIONS == 4_000);
    4_000
};

pub(super) const DEFS: &[(&str, Shape)] = &[
    (
        "Benefit",
        Any(&[
            Names(&["none"]),
            Tagged("percent", &Def("PercentOff")),
            Tagged("amount", &Def("AmountOff")),
            Tagged("set_price", &Def("SetPrice")),
            Tagged("shipping", &Def("ShippingOff")),
            Tagged("operator", &Def("OperatorAmount")),
            Tagged("host", &Def("HostAmounts")),
            Tagged("tiers", &Def("Tiers")),
            Tagged("steps", &Def("Steps")),
            Tagged("first_further", &Def("FirstFurther")),
            Tagged("gift", &Def("Gift")),
            Tagged("trial", &Def("Trial")),
            Tagged("bundle", &Def("Bundle")),
            Tagged("buy_get", &Def("BuyGet")),
            Tagged("nth", &Def("NthOff")),
        ]),
    ),
    (
        "OfferBenefit",
        Any(&[
            Tagged("percent", &Def("PercentOff")),
            Tagged("amount", &Def("AmountOff")),
            Tagged("set_price", &Def("SetPrice")),
            Tagged("shipping", &Def("ShippingOff")),
            Tagged("tiers", &Def("Tiers")),
            Tagged("steps", &Def("Steps")),
            Tagged("first_further", &Def("FirstFurther")),
            Tagged("gift", &Def("Gift")),
            Tagged("bundle", &Def("Bundle")),
            Tagged("buy_get", &Def("BuyGet")),
            Tagged("nth", &Def("NthOff")),
        ]),
    ),
    (
        "PercentOff",
        Of(&of(&[
            &[
                need("off", Def("Percent")),
                may("base", Names(PercentBase::NAMES)),
                may("cap", Def("Amounts")),
                may("include_shipping", Flag),
            ],
            TARGET,
        ])),
    ),
    (
        "AmountOff",
        Of(&of(&[
            &[
                need("off", Def("Amounts")),
                may("per", Names(Per::NAMES)),
                may("tax", Names(TaxView::NAMES)),
                may("split", Names(Split::NAMES)),
                may("include_shipping", Flag),
                may("cap", Def("Amounts")),
            ],
            TARGET,
        ])),
    ),
    ("SetPrice", Of(&of(&[&[need("price", Def("PriceTable")), may("cap", Def("Amounts"))], TARGET]))),
    (
        "ShippingOff",
        Any(&[
            Names(&["free"]),
            Of(&Object {
                fields: &[&[
                    may("free", True),
                    may("percent", Def("Percent")),
                    may("amount", Def("Amounts")),
                    may("to_price", Def("Amounts")),
                    may("methods", List(&Def("ShippingMethodId"), 0, ANY)),
                    may("cap", Def("Amounts")),
                    may("each_shipment", Flag),
                ]],
                rules: &[Rule::One(&["free", "percent", "amount", "to_price"])],
            }),
        ]),
    ),
    ("OperatorAmount", Of(&of(&[&[may("instructions", Text(MAX_INSTRUCTIONS)), may("max", Def("Amounts"))], TARGET]))),
    ("HostAmounts", Of(&of(&[&[may("max", Def("Amounts"))], TARGET]))),
    (
        "Tiers",
        Of(&of(&[
            &[
                may("by", Names(Measure::NAMES)),
                may("in", Names(Within::NAMES)),
                need("steps", List(&Def("Tier"), 1, 100)),
                may("marginal", Flag),
                may("cap", Def("Amounts")),
            ],
            TARGET,
        ])),
    ),
    ("Tier", Of(&Object { fields: &[&[need("from", Def("Threshold"))], STEP_VALUE], rules: STEP_RULE })),
    ("Threshold", Any(&[LONG_COUNT, Def("Amounts")])),
    (
        "Steps",
        Of(&Object {
            fields: &[
                &[need("every", Any(&[LONG_COUNT, Def("AmountsNotZero")]))],
                STEP_VALUE,
                &[may("max_steps", LONG_COUNT), may("in", Names(Within::NAMES)), may("cap", Def("Amounts"))],
                TARGET,
            ],
            rules: STEP_RULE,
        }),
    ),
    (
        "FirstFurther",
        Of(&of(&[
            &[
                need("first", Def("Amounts")),
                need("further", Def("Amounts")),
                may("per", Names(FirstOf::NAMES)),
                may("cap", Def("Amounts")),
            ],
            TARGET,
        ])),
    ),
    (
        "Gift",
        Of(&of(&[&[
            need("product", Def("ProductId")),
            may("pieces", Whole(1, QUANTITY)),
            may("value", Def("PriceTable")),
        ]])),
    ),
    ("Trial", Of(&of(&[&[need("days", Whole(1, MAX_DAYS))]]))),
    ("SetPart", Of(&of(&[&[need("pieces", COUNT), may("of", Def("Scope"))]]))),
    (
        "Bundle",
        Of(&Object {
            fields: &[&[
                need("parts", List(&Def("SetPart"), 1, 8)),
                may("price", Def("Amounts")),
                may("percent", Def("Percent")),
                may("amount", Def("Amounts")),
                may("max_sets", LONG_COUNT),
                may("pick", Names(Pick::NAMES)),
            ]],
            rules: &[Rule::One(&["price", "percent", "amount"])],
        }),
    ),
    (
        "BuyGet",
        Of(&of(&[&[
            need("buy", List(&Def("SetPart"), 1, 7)),
            need("get", Def("SetPart")),
            may("reward", Def("Reward")),
            may("max_sets", LONG_COUNT),
            may("pick", Names(Pick::NAMES)),
            may("incomplete", Flag),
            may("among", Names(Among::NAMES)),
        ]])),
    ),
    (
        "Reward",
        Any(&[
            Names(&["free"]),
            Tagged("percent", &Def("Percent")),
            Tagged("amount", &Def("Amounts")),
            Tagged("to_price", &Def("Amounts")),
        ]),
    ),
    (
        "NthOff",
        Of(&of(&[&[
            need("of", COUNT),
            may("take", COUNT),
            may("which", Def("NthPiece")),
            may("sets", Names(SetOrder::NAMES)),
            may("from", Names(RewardFrom::NAMES)),
            may("reward", Def("Reward")),
            may("max_sets", LONG_COUNT),
            may("among", Names(Among::NAMES)),
            may("scope", Def("Scope")),
        ]])),
    ),
    ("NthPiece", Any(&[Names(&["cheapest", "dearest"]), Tagged("position", &COUNT)])),
];
