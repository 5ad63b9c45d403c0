//! JSON Schema of every document, for editors, admin pages and services in other languages.
//!
//! A schema is drawn from tables that stand beside the readers, and `tests/schema.rs` holds the two together: every field
//! that a reader knows stands in its table and no other, every example document of the repository is valid, and what a
//! schema accepts is accepted by the reader, but for what no schema can know.
//!
//! # What is promised
//!
//! The schemas are of the dialect 2020-12, without `$id` and with all parts under `$defs`. Unknown fields are refused
//! wherever the reader refuses them.
//!
//! The reader has the last word. What a schema does not know: rules across fields and entries (a step below the one before
//! it, an amount finer than its currency, a type that is not listed), days that no calendar has, time zones and currencies
//! by name, ids given twice, trees deeper than 16 or larger than 1,000. Stricter than the reader it is in what a program has
//! no reason to write: `null` for a field that is absent, a minus before a figure of zero, blanks around a name, and in an
//! automatic offer the default of a field that no offer has.
//!
//! Documents that the host or an admin writes are described whole. [`Document::Outcome`], [`Document::PlacedOrder`] and
//! [`Document::Redemption`] are written by the engine for its own later use: their top level is described and holds for
//! version 1; below it the schema says no more than whether a list, an object or text stands there, and what is there may
//! grow. Read them by the types of this crate.
//!
//! ```
//! use vouchsafe::schema::Document;
//!
//! let schema = Document::Coupon.schema().to_value();
//! assert_eq!(schema["required"], serde_json::json!(["version", "id", "benefits"]));
//! assert_eq!(schema["additionalProperties"], false);
//! assert_eq!(schema["properties"]["benefits"]["items"]["$ref"], "#/$defs/Benefit");
//! ```
//!
//! # Inside of a schema of the host
//!
//! Each document and its draft are [`schemars::JsonSchema`], so that a type of the host that holds one can derive its own
//! (feature `derive` of `schemars`). The parts stand there under names that begin with `vouchsafe.`.
//!
//! ```
//! use schemars::schema_for;
//! use vouchsafe::CouponDraft;
//!
//! let schema = schema_for!(Vec<CouponDraft>).to_value();
//! assert_eq!(schema["items"]["$ref"], "#/$defs/vouchsafe.Coupon");
//! assert_eq!(schema["$defs"]["vouchsafe.Offer"], serde_json::Value::Null); // only what it leads to
//! assert!(schema["$defs"]["vouchsafe.Benefit"].is_object());
//! ```

mod benefits;
mod coupon;
mod facts;
mod records;
mod shape;
mod shop;
mod values;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value};

use self::shape::{Field, Object, Render, Rule, Shape, need};

/// A kind of document that has a schema.
///
/// ```
/// use vouchsafe::schema::Document;
///
/// assert_eq!(Document::named("coupon"), Some(Document::Coupon));
/// assert_eq!(Document::Coupon.to_string(), "coupon");
/// assert!(Document::ALL.len() > 10);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Document {
    /// A [`Coupon`](crate::Coupon).
    Coupon,
    /// An automatic [`Offer`](crate::Offer), as it stands in a shop.
    Offer,
    /// A [`Policy`](crate::Policy).
    Policy,
    /// A [`Shop`](crate::Shop).
    Shop,
    /// An [`Order`](crate::Order).
    Order,
    /// A [`Customer`](crate::Customer).
    Customer,
    /// A [`Usage`](crate::Usage).
    Usage,
    /// An [`IssuedCode`](crate::IssuedCode).
    IssuedCode,
    /// A [`Revocation`](crate::Revocation).
    Revocation,
    /// An [`ImportedCode`](crate::ImportedCode).
    ImportedCode,
    /// A [`CodePattern`](crate::CodePattern).
    CodePattern,
    /// An [`AttemptPolicy`](crate::AttemptPolicy).
    AttemptPolicy,
    /// [`Attempts`](crate::Attempts).
    Attempts,
    /// An [`Outcome`](crate::Outcome): its top level.
    Outcome,
    /// A [`PlacedOrder`](crate::PlacedOrder): its top level.
    PlacedOrder,
    /// A [`Redemption`](crate::Redemption): its top level.
    Redemption,
}

/// The version of a document that stands alone.
const VERSION: &[Field] = &[need("version", Shape::Whole(1, 1))];

/// Documents, each with its name and its form.
const DOCUMENTS: &[(Document, &str, &str, Object)] = &[
    (Document::Coupon, "coupon", "Coupon", whole(&[VERSION, coupon::FIELDS], coupon::CODE)),
    (Document::Offer, "offer", "Offer", whole(&[&[shop::INNER_VERSION], coupon::OFFER], &[])),
    (Document::Policy, "policy", "Policy", whole(&[VERSION, shop::POLICY], &[])),
    (Document::Shop, "shop", "Shop", whole(&[VERSION, shop::SHOP], &[])),
    (Document::Order, "order", "Order", whole(&[VERSION, facts::ORDER], &[])),
    (Document::Customer, "customer", "Customer", whole(&[VERSION, facts::CUSTOMER], facts::CUSTOMER_RULES)),
    (Document::Usage, "usage", "Usage", whole(&[facts::USAGE], &[])),
    (Document::IssuedCode, "issued-code", "IssuedCode", whole(&[facts::ISSUED], facts::ISSUED_RULES)),
    (Document::Revocation, "revocation", "Revocation", whole(&[facts::REVOCATION], &[])),
    (
        Document::ImportedCode,
        "imported-code",
        "ImportedCode",
        whole(&[facts::ISSUED, facts::USES], facts::ISSUED_RULES),
    ),
    (Document::CodePattern, "code-pattern", "CodePattern", whole(&[facts::CODE_PATTERN], &[])),
    (Document::AttemptPolicy, "attempt-policy", "AttemptPolicy", whole(&[facts::ATTEMPT_POLICY], &[])),
    (Document::Attempts, "attempts", "Attempts", whole(&[facts::ATTEMPTS], facts::ATTEMPTS_RULES)),
    (Document::Outcome, "outcome", "Outcome", whole(&[VERSION, records::OUTCOME], &[])),
    (Document::PlacedOrder, "placed-order", "PlacedOrder", whole(&[VERSION, records::PLACED], &[])),
    (Document::Redemption, "redemption", "Redemption", whole(&[VERSION, records::REDEMPTION], &[])),
];

const fn whole(fields: &'static [&'static [Field]], rules: &'static [Rule]) -> Object {
    Object { fields, rules }
}

/// The dialect of all schemas.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// Descriptions by type and field: the first paragraph of the doc comment of each, held to it by `tests/schema.rs`.
const WORDS: &str = include_str!("words.json");

impl Document {
    /// Every kind of document.
    pub const ALL: [Self; 16] = [
        Self::Coupon,
        Self::Offer,
        Self::Policy,
        Self::Shop,
        Self::Order,
        Self::Customer,
        Self::Usage,
        Self::IssuedCode,
        Self::Revocation,
        Self::ImportedCode,
        Self::CodePattern,
        Self::AttemptPolicy,
        Self::Attempts,
        Self::Outcome,
        Self::PlacedOrder,
        Self::Redemption,
    ];

    /// The kind of this name, such as `coupon` or `issued-code`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        DOCUMENTS.iter().find(|(_, known, ..)| *known == name).map(|(document, ..)| *document)
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.entry().map_or("", |(_, name, ..)| name)
    }

    /// The schema of a document that stands alone, with all of its parts.
    ///
    /// ```
    /// use vouchsafe::schema::Document;
    ///
    /// for document in Document::ALL {
    ///     let schema = document.schema();
    ///     assert_eq!(schema.get("$schema").and_then(|v| v.as_str()), Some("https://json-schema.org/draft/2020-12/schema"));
    /// }
    /// ```
    #[must_use]
    pub fn schema(self) -> Schema {
        let (mut root, parts) = self.tables("");
        root.insert("$schema".to_owned(), DIALECT.into());
        if !parts.is_empty() {
            root.insert("$defs".to_owned(), parts.into());
        }
        root.into()
    }

    fn entry(self) -> Option<&'static (Self, &'static str, &'static str, Object)> {
        DOCUMENTS.iter().find(|(document, ..)| *document == self)
    }

    /// Its own table, and all tables that it leads to by name.
    fn tables(self, prefix: &'static str) -> (Map<String, Value>, Map<String, Value>) {
        let Some((_, _, name, object)) = self.entry() else { return (Map::new(), Map::new()) };
        let words: Map<String, Value> = serde_json::from_str(WORDS).unwrap_or_default();
        let mut render = Render { words: &words, prefix, asked: BTreeSet::new() };
        let root = match render.table(name, &Shape::Object(object)) {
            Value::Object(root) => root,
            _ => Map::new(),
        };
        let mut parts = Map::new();
        let mut done: BTreeSet<&str> = BTreeSet::new();
        while let Some(next) = render.asked.iter().copied().find(|asked| !done.contains(asked)) {
            done.insert(next);
            if let Some(shape) = part(next) {
                parts.insert(format!("{prefix}{next}"), render.table(next, &shape));
            }
        }
        (root, parts)
    }

    /// Its reference in a schema of the host, with everything that it leads to.
    fn embedded(self, generator: &mut SchemaGenerator) -> Schema {
        let (root, parts) = self.tables(PREFIX);
        for (name, part) in parts {
            generator.definitions_mut().entry(name).or_insert(part);
        }
        root.into()
    }
}

/// What stands before the names of parts in a schema of the host.
const PREFIX: &str = "vouchsafe.";

/// The table of this name.
fn part(name: &str) -> Option<Shape> {
    let tables = [values::DEFS, coupon::DEFS, benefits::DEFS, facts::DEFS, shop::DEFS];
    let of_document =
        || DOCUMENTS.iter().find(|(_, _, known, _)| *known == name).map(|(.., object)| Shape::Object(object));
    tables.into_iter().flatten().find(|(known, _)| *known == name).map(|(_, shape)| *shape).or_else(of_document)
}

impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

macro_rules! documents {
    ($($document:ident: $($name:ident),*;)*) => {$($(
        impl JsonSchema for crate::$name {
            fn schema_name() -> Cow<'static, str> {
                Cow::Borrowed(concat!("vouchsafe.", stringify!($document)))
            }

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                Document::$document.embedded(generator)
            }
        }
    )*)*};
}

documents! {
    Coupon: Coupon, CouponDraft;
    Offer: Offer;
    Policy: Policy, PolicyDraft;
    Shop: Shop, ShopDraft;
    Order: Order, OrderDraft;
    Customer: Customer, CustomerDraft;
    Usage: Usage, UsageDraft;
    IssuedCode: IssuedCode, IssuedCodeDraft;
    Revocation: Revocation, RevocationDraft;
    ImportedCode: ImportedCode;
    CodePattern: CodePattern;
    AttemptPolicy: AttemptPolicy;
    Attempts: Attempts;
    Outcome: Outcome;
    PlacedOrder: PlacedOrder;
    Redemption: Redemption;
}
