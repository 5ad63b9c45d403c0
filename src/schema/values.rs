//! Values that stand in every document: figures, dates, names.

use super::shape::{ANY, Object, Pattern, Shape, Table, need};
use crate::key::Key;
use crate::money::Quantity;

use Shape::{Any, Def, List, Names, Whole};

/// Whole numbers of 32 bits from one.
pub(super) const COUNT: Shape = Whole(1, 4_294_967_295);
/// Whole numbers of 64 bits from one.
pub(super) const LONG_COUNT: Shape = Whole(1, u64::MAX);
/// Whole numbers of 64 bits.
pub(super) const LONG: Shape = Whole(0, u64::MAX);
/// Whole numbers of 32 bits.
pub(super) const SHORT: Shape = Whole(0, 4_294_967_295);

const fn figure(pattern: &'static str, not_zero: bool, examples: &'static [&'static str]) -> Pattern {
    Pattern { pattern, most: None, format: None, not_zero, examples }
}

const AMOUNT: &str = r"^0*[0-9]{1,8}(\.[0-9]{1,9}0{0,19})?$";
const PERCENT: &str = r"^0*(100(\.0{1,28})?|[0-9]{1,2}(\.[0-9]{1,3}0{0,25})?)$";

const KEY: Shape = Shape::Pattern(&Pattern {
    pattern: r"^[^\u0000-\u001F\u007F-\u009F]+$",
    most: Some(KEY_CHARS),
    format: None,
    not_zero: false,
    examples: &["A", "spring-2026"],
});

/// The most characters of an id, whose type is another one.
const KEY_CHARS: u64 = {
    assert!(Key::MAX_CHARS == 255);
    255
};

pub(super) const CURRENCY_OR_OTHER: Shape = Shape::Pattern(&Pattern {
    pattern: "^([A-Z]{3}|[A-Z0-9]{3,7}:[0-9]|other)$",
    most: None,
    format: None,
    not_zero: false,
    examples: &["USD", "EUR"],
});

const fn per_currency(values: Shape) -> Table {
    Table { names: CURRENCY_OR_OTHER, values, least: 1, most: ANY }
}

/// Lists of ids, of any length.
pub(super) const PRODUCTS: Shape = List(&Def("ProductId"), 0, ANY);
pub(super) const CATEGORIES: Shape = List(&Def("CategoryId"), 0, ANY);
pub(super) const TYPES: Shape = List(&Def("CustomerTypeId"), 0, ANY);

const STANDARD_CODE: Pattern = Pattern {
    pattern: "^[ -]*([A-Za-z0-9][ -]*){1,24}$",
    most: None,
    format: None,
    not_zero: false,
    examples: &["SPRING", "k7wq-93mx"],
};
const IMPORTED_CODE: Pattern = Pattern {
    pattern: "^ *[!-~]([ -~]{0,62}[!-~])? *$",
    most: None,
    format: None,
    not_zero: false,
    examples: &["SPRING!"],
};

pub(super) const DEFS: &[(&str, Shape)] = &[
    ("Currency", Shape::Pattern(&figure("^([A-Z]{3}|[A-Z0-9]{3,7}:[0-9])$", false, &["USD", "PTS:0"]))),
    ("Zone", Shape::Pattern(&figure("^([A-Za-z0-9_+/-]+|[+-][0-9]{2}:[0-9]{2})$", false, &["UTC", "+02:00"]))),
    (
        "Date",
        Shape::Pattern(&Pattern {
            pattern: "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$",
            most: None,
            format: Some("date"),
            not_zero: false,
            examples: &["2026-03-29"],
        }),
    ),
    (
        "Instant",
        Shape::Pattern(&Pattern {
            pattern: concat!(
                "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]",
                r"(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})$"
            ),
            most: None,
            format: Some("date-time"),
            not_zero: false,
            examples: &["2026-03-29T12:00:00Z"],
        }),
    ),
    ("MonthDay", Shape::Pattern(&figure("^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$", false, &["02-29"]))),
    ("LocalTime", Shape::Pattern(&figure("^([01][0-9]|2[0-3]):[0-5][0-9]$", false, &["15:00"]))),
    ("Percent", Shape::Pattern(&figure(PERCENT, false, &["10", "12.5"]))),
    ("PercentNotZero", Shape::Pattern(&figure(PERCENT, true, &["50"]))),
    ("AmountText", Shape::Pattern(&figure(r"^[0-9]{1,28}(\.[0-9]{1,28})?$", false, &["10.00"]))),
    ("Amounts", Shape::Map(&per_currency(Shape::Pattern(&figure(AMOUNT, false, &["10.00", "5"]))))),
    ("AmountsNotZero", Shape::Map(&per_currency(Shape::Pattern(&figure(AMOUNT, true, &["10.00"]))))),
    ("PriceTable", Shape::Map(&per_currency(Shape::Pattern(&figure(AMOUNT, false, &["9.50"]))))),
    ("PriceTableNotZero", Shape::Map(&per_currency(Shape::Pattern(&figure(AMOUNT, true, &["0.01"]))))),
    ("UnitPrice", Shape::Pattern(&figure(r"^0*[0-9]{1,18}(\.[0-9]{1,9}0{0,9})?$", false, &["9.50", "0.0035"]))),
    (
        "TaxRate",
        Shape::Pattern(&figure(r"^0*(1000(\.0{1,24})?|[0-9]{1,3}(\.[0-9]{1,6}0{0,19})?)$", false, &["8.875", "0"])),
    ),
    ("CashInterval", Shape::Pattern(&figure(r"^0*[0-9]{1,9}(\.[0-9]{1,9}0{0,9})?$", true, &["0.05"]))),
    (
        "PointsRate",
        Shape::Pattern(&figure(r"^0*(1000000(\.0{1,20})?|[0-9]{1,6}(\.[0-9]{1,6}0{0,16})?)$", true, &["1", "0.5"])),
    ),
    (
        "PointsMultiplier",
        Shape::Pattern(&figure(r"^0*(1000(\.0{1,24})?|[0-9]{1,3}(\.[0-9]{1,3}0{0,22})?)$", false, &["2"])),
    ),
    (
        "Quantity",
        Any(&[
            Whole(1, QUANTITY),
            Shape::Object(&Object {
                fields: &[&[need(
                    "measured",
                    Shape::Pattern(&figure(
                        r"^0*(1000000000(\.0{1,18})?|[0-9]{1,9}(\.[0-9]{1,6}0{0,13})?)$",
                        true,
                        &["1.25"],
                    )),
                )]],
                rules: &[],
            }),
        ]),
    ),
    ("Rounding", Names(&["half_up", "half_even", "half_down", "down"])),
    ("LeapDay", Names(&["feb_28", "mar_1"])),
    ("Weekday", Names(&["mon", "tue", "wed", "thu", "fri", "sat", "sun"])),
    ("StandardCode", Shape::Pattern(&STANDARD_CODE)),
    ("ImportedFormCode", Shape::Pattern(&IMPORTED_CODE)),
    (
        "IdentityKey",
        Shape::Pattern(&figure(
            r"^(id|email|phone|device|other):.*[^ ].*$",
            false,
            &["id:42", "email:ann@example.com", "phone:+41445550100"],
        )),
    ),
    ("IdentityKind", Names(&["id", "email", "phone", "device", "other"])),
    (
        "Attributes",
        Shape::Map(&Table {
            names: Def("AttributeKey"),
            values: Any(&[Def("AttributeValue"), List(&Def("AttributeValue"), 1, ANY)]),
            least: 0,
            most: ANY,
        }),
    ),
    ("AccountId", KEY),
    ("ActorId", KEY),
    ("AllowanceId", KEY),
    ("AttributeKey", KEY),
    ("AttributeValue", KEY),
    ("BatchId", KEY),
    ("CampaignId", KEY),
    ("CategoryId", KEY),
    ("ChannelId", KEY),
    ("CouponId", KEY),
    ("CustomerTypeId", KEY),
    ("DateName", KEY),
    ("DiscountId", KEY),
    ("EventId", KEY),
    ("GroupId", KEY),
    ("OccasionId", KEY),
    ("PartyId", KEY),
    ("PaymentOptionId", KEY),
    ("PriceListId", KEY),
    ("ProductId", KEY),
    ("ProductTypeId", KEY),
    ("RegionId", KEY),
    ("ShippingMethodId", KEY),
    ("SignUpId", KEY),
    ("SubsystemId", KEY),
    ("TagId", KEY),
    ("TaxClass", KEY),
];

/// The most pieces, whose type is another one.
pub(super) const QUANTITY: u64 = {
    assert!(Quantity::MAX == 1_000_000_000);
    1_000_000_000
};
