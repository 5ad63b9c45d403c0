//! The JSON of every document, pinned byte by byte by the golden files in `tests/serde_format/`.
//!
//! A changed byte is a breaking change: hosts have stored documents, and outcomes and redemptions are read back years
//! later. Whoever changes the format on purpose records it in CHANGELOG.md under Behaviour and rewrites the files with
//! `UPDATE_FORMAT=1 cargo test --test serde_format`. Files are only ever written by that.
//!
//! `tests/host_features` reads and writes the same files with the features that a host may turn on in the libraries
//! that this crate shares with it.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]
// A golden file names a zone, and names need the zone data.
#![cfg(feature = "tz")]

#[path = "serde_format/damage.rs"]
mod damage;
#[path = "serde_format/documents/mod.rs"]
mod documents;
#[path = "serde_format/golden.rs"]
mod golden;

use std::fmt::Debug;

use damage::{Step, path, places, replaced, with_field};
use documents::{Reading, Visit};
use golden::Golden;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use vouchsafe::*;

const DIRECTORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/serde_format");

#[test]
fn documents_are_read_and_written_as_in_the_golden_files() {
    let mut golden = Golden::new(DIRECTORY, std::env::var_os("UPDATE_FORMAT").is_some());
    documents::all(&mut golden);
    golden.finish();
}

/// One document of some kind, and how it is read.
struct Document<'d> {
    file: &'static str,
    reading: Reading,
    value: Value,
    read: &'d dyn Fn(&str) -> Result<(), String>,
}

/// What it takes to look at every document by itself.
struct Each<F>(F);

impl<F: FnMut(&Document<'_>)> Visit for Each<F> {
    fn read<T>(&mut self, file: &'static str, reading: Reading, built: Vec<T>)
    where
        T: Serialize + DeserializeOwned + PartialEq + Debug,
    {
        // With tax inside of prices only figures differ.
        if file == "outcome-applied-inclusive" {
            return;
        }
        let read = |text: &str| serde_json::from_str::<T>(text).map(|_| ()).map_err(|error| error.to_string());
        for document in built {
            let value = serde_json::to_value(&document).unwrap();
            self.0(&Document { file, reading, value, read: &read });
        }
    }

    fn written<T: Serialize>(&mut self, _: &'static str, _: Vec<T>) {}
}

/// Tries documents with one thing wrong, and collects those that were not refused as they should be.
#[derive(Default)]
struct Tried {
    count: usize,
    wrong: Vec<String>,
}

impl Tried {
    fn refused(&mut self, document: &Document<'_>, what: &str, text: &str, expected: impl Fn(&str) -> bool) {
        self.count += 1;
        let found = match (document.read)(text) {
            Ok(()) => "it was accepted".to_owned(),
            Err(error) if expected(&error) => return,
            Err(error) => error,
        };
        self.wrong.push(format!("{}, {what}: {found}", document.file));
    }

    fn finish(self, at_least: usize) {
        assert!(self.wrong.is_empty(), "{} of {}:\n{}", self.wrong.len(), self.count, self.wrong.join("\n"));
        assert!(self.count >= at_least, "only {} were tried", self.count);
    }
}

/// Whether the error names the place, or the object around it where that is a choice with one field too many.
fn names(error: &str, place: &[Step]) -> bool {
    let around = place.split_last().map_or(String::new(), |(_, around)| path(around));
    error.contains(&format!("`{}` is", path(place))) || error.contains(&format!("`{around}` is"))
}

#[test]
fn an_unknown_field_is_refused_at_every_level() {
    let mut tried = Tried::default();
    documents::all(&mut Each(|document: &Document<'_>| {
        for (place, object) in places(&document.value).into_iter().filter(|(_, value)| value.is_object()) {
            let text = replaced(&document.value, &place, &with_field(object, "surprise", "1"));
            let field: Vec<Step> = place.into_iter().chain([Step::Field("surprise".to_owned())]).collect();
            tried.refused(document, &path(&field), &text, |error| !document.reading.paths || names(error, &field));
        }
    }));
    tried.finish(1_000);
}

#[test]
fn a_field_given_twice_is_refused_at_every_level() {
    let mut tried = Tried::default();
    documents::all(&mut Each(|document: &Document<'_>| {
        for (place, object) in places(&document.value) {
            for (name, value) in object.as_object().into_iter().flatten() {
                let text = replaced(&document.value, &place, &with_field(object, name, &value.to_string()));
                let field: Vec<Step> = place.iter().cloned().chain([Step::Field(name.clone())]).collect();
                tried.refused(document, &path(&field), &text, |error| !document.reading.paths || names(error, &field));
            }
        }
    }));
    tried.finish(2_000);
}

/// The first release reads version 1 and nothing else, and guesses nothing where a version is missing.
#[test]
fn a_missing_or_unknown_version_is_refused() {
    let mut tried = Tried::default();
    documents::all(&mut Each(|document: &Document<'_>| {
        if !document.reading.versioned {
            return;
        }
        let mut without = document.value.clone();
        without.as_object_mut().unwrap().remove("version").unwrap();
        let missing = |error: &str| error.contains("`version`") && error.contains("missing");
        tried.refused(document, "no version", &without.to_string(), missing);
        let at = [Step::Field("version".to_owned())];
        for version in ["0", "2", "4294967295"] {
            let text = replaced(&document.value, &at, version);
            tried.refused(document, version, &text, |error| error.contains("unknown version, 1 is supported"));
            // Whatever else a document of another version holds, it is told as that.
            let text = format!(r#"{{"version": {version}, "surprise": 1}}"#);
            tried.refused(document, &text, &text, |error| error.contains("unknown version, 1 is supported"));
        }
        for version in ["null", "\"1\"", "1.0", "-1", "4294967297", "[1]", "{}"] {
            tried.refused(document, version, &replaced(&document.value, &at, version), |_| true);
        }
    }));
    tried.finish(1_000);
}

/// Amounts, percentages, prices and rates are text; ids, codes and dates are as well.
#[test]
fn no_text_may_be_a_number_and_no_number_a_fraction() {
    let mut tried = Tried::default();
    documents::all(&mut Each(|document: &Document<'_>| {
        for (place, value) in places(&document.value) {
            let name = path(&place);
            let bad: &[&str] = match value {
                // A number of codes stands in its place.
                Value::String(text) if text == "unlimited" => &["1.5", "1e2", "-1"],
                Value::String(_) => &["10", "10.5", "1e2", "-1", "0"],
                Value::Number(_) => &["1.0", "1e0", "1.5", "-1.5", "\"1\"", "18446744073709551616"],
                Value::Bool(_) => &["0", "1", "\"true\""],
                _ => continue,
            };
            let figure = value.as_str().is_some_and(|text| text.contains('.') && text.parse::<f64>().is_ok());
            for bad in bad {
                let text = replaced(&document.value, &place, bad);
                tried.refused(document, &format!("{name} = {bad}"), &text, |error| {
                    let told = !figure || error.contains("a JSON number, amounts and percentages are strings");
                    !document.reading.paths || (names(error, &place) && told)
                });
            }
            // Beyond the numbers that the reader of JSON itself takes.
            tried.refused(document, &name, &replaced(&document.value, &place, "1e400"), |_| true);
        }
    }));
    tried.finish(5_000);
}

/// What has the right kind and the wrong content. Text that strict readers must not take for a figure.
#[test]
fn figures_are_read_strictly() {
    let mut tried = Tried::default();
    documents::all(&mut Each(|document: &Document<'_>| {
        for (place, value) in places(&document.value) {
            let Some(figure) = value.as_str().filter(|text| text.contains('.') && text.parse::<f64>().is_ok()) else {
                continue;
            };
            for bad in
                ["", " ", ".", "1_000", "1,5", "+1", "1e1", "0x1", "NaN", "inf", " 1", "1 ", "1.", ".5", "--1", "١"]
            {
                let text = replaced(&document.value, &place, &Value::from(bad).to_string());
                let what = format!("{} = `{bad}` instead of {figure}", path(&place));
                tried.refused(document, &what, &text, |error| !document.reading.paths || names(error, &place));
            }
        }
    }));
    tried.finish(5_000);
}

#[test]
fn a_truncated_document_is_an_error_at_every_length() {
    let mut tried = 0;
    documents::all(&mut Each(|document: &Document<'_>| {
        let text = document.value.to_string();
        for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
            assert!((document.read)(&text[..end]).is_err(), "{} {end}", document.file);
            tried += 1;
        }
    }));
    assert!(tried > 10_000, "{tried}");
}

/// Bytes that are no UTF-8, at every place where there are other characters than ASCII.
#[test]
fn text_that_is_no_unicode_is_an_error() {
    struct Broken(usize);
    impl Visit for Broken {
        fn read<T>(&mut self, file: &'static str, _: Reading, built: Vec<T>)
        where
            T: Serialize + DeserializeOwned + PartialEq + Debug,
        {
            for document in &built {
                let text = serde_json::to_vec(document).unwrap();
                for place in (0..text.len()).filter(|place| !text[*place].is_ascii()) {
                    let mut broken = text.clone();
                    broken[place] = b'"';
                    assert!(serde_json::from_slice::<T>(&broken).is_err(), "{file} {place}");
                    broken.truncate(place);
                    assert!(serde_json::from_slice::<T>(&broken).is_err(), "{file} {place}");
                    self.0 += 1;
                }
            }
        }

        fn written<T: Serialize>(&mut self, _: &'static str, _: Vec<T>) {}
    }
    let mut broken = Broken(0);
    documents::all(&mut broken);
    assert!(broken.0 > 10, "{}", broken.0);
}

/// No document is a tree without bounds; where one holds a tree, the tree has some.
#[test]
fn a_deep_document_is_an_error_in_a_small_stack() {
    let tried = std::thread::Builder::new().stack_size(512 * 1024).spawn(|| {
        let (deep, mut tried) = (damage::deep(), Tried::default());
        let mut last = "";
        documents::all(&mut Each(|document: &Document<'_>| {
            // One of each kind will do; what differs between documents of a kind stands in no root.
            if std::mem::replace(&mut last, document.file) != document.file {
                for text in damage::nested(&document.value, &deep) {
                    tried.refused(document, &text[..text.len().min(60)], &text, |_| true);
                }
            }
        }));
        tried.finish(300);
    });
    tried.unwrap().join().unwrap();
}

/// The same, built in code: a draft holds any value, and a checked tree is bounded from the start.
#[test]
fn a_deep_draft_built_in_code_is_an_error_in_a_small_stack() {
    let tried = std::thread::Builder::new().stack_size(512 * 1024).spawn(|| {
        let deep = || (0..100_000).fold(DraftValue::from("on_sale"), |inner, _| DraftValue::map([("not", inner)]));
        let list = || (0..100_000).fold(DraftValue::NULL, |inner, _| DraftValue::list([inner]));
        for value in [deep(), list()] {
            assert!(serde_json::to_string(&value).is_err() && value.clone() == value);
            for path in ["id", "scope", "conditions[0].any", "benefits[0].percent.scope", "limits.money", "surprise"] {
                let mut draft = CouponDraft::new();
                draft.set(path, value.clone()).unwrap();
                assert!(draft.check().is_err(), "{path}");
            }
            let order = OrderDraft { currency: "USD".into(), tax_rates: value.clone(), ..OrderDraft::default() };
            let policy = PolicyDraft { currency: "USD".into(), rounding: value.clone(), ..PolicyDraft::default() };
            let history = HistoryDraft { spend: value.clone(), ..HistoryDraft::default() };
            let shop = ShopDraft { customer_types: value.clone(), ..ShopDraft::default() };
            assert!(order.check().is_err() && policy.check().is_err() && shop.check().is_err());
            assert!(CustomerDraft { history: Some(history), ..CustomerDraft::default() }.check().is_err());
            assert!(UsageDraft { money: value.clone(), ..UsageDraft::default() }.check().is_err());
            assert!(IssuedCodeDraft { holder: value, ..IssuedCodeDraft::default() }.check().is_err());
        }
        let scope = (0..100_000).try_fold(Scope::OnSale, |scope, _| scope.negated());
        let condition = (0..100_000).try_fold(Condition::FirstOrder, |inner, _| Condition::all([inner]));
        assert!(scope.is_err() && condition.is_err());
    });
    tried.unwrap().join().unwrap();
}

/// A default that is spelled out, or null, reads as one that is left out; and is left out when written.
#[test]
fn defaults_may_be_spelled_out() {
    fn same<T: Serialize + DeserializeOwned + PartialEq + Debug>(short: Value, long: Value) {
        let (read, whole): (T, T) =
            (serde_json::from_value(short.clone()).unwrap(), serde_json::from_value(long).unwrap());
        assert_eq!(read, whole);
        assert_eq!(serde_json::to_value(&whole).unwrap(), short);
    }
    same::<Coupon>(
        json!({"version": 1, "id": "c", "code": "C", "benefits": [{"percent": {"off": "10"}}, {"amount": {"off": {"USD": "1.00"}}}],
               "conditions": [{"minimum_spend": {"amounts": {"USD": "5.00"}}}]}),
        json!({"version": 1, "id": "c", "revision": 1, "name": null, "description": "", "status": "active",
               "kind": "general", "code": "c", "code_format": "standard", "level": "line", "scope": "open",
               "availability": {}, "validity": {}, "limits": {"total": null, "when_short": "clip"},
               "conditions": [{"minimum_spend": {"amounts": {"USD": "5"}, "basis": "discounted", "tax": "as_priced",
                                                 "range": "qualifying", "inclusive": true}}],
               "benefits": [{"percent": {"off": "10.000", "base": "remaining", "cap": null, "include_shipping": false,
                                         "scope": null, "max_units": null, "pick": "cheapest"}},
                            {"amount": {"off": {"USD": "1"}, "per": "order", "tax": "as_priced", "split": "proportional"}}],
               "assign": null, "combination": {"with_discounts": true, "exclusive": false, "several_codes": false},
               "priority": 0, "account": null, "funding": "seller", "payments": null, "campaign": null}),
    );
    same::<Policy>(
        json!({"version": 1, "currency": "USD"}),
        json!({"version": 1, "currency": "USD", "accepts": [], "zone": "UTC", "prices": "tax_exclusive",
               "rounding": {"discount": "half_up", "tax": "half_up", "percent": "per_line", "tax_level": "per_class"},
               "max_codes": 1, "line_codes": false, "manual": false, "discount_conflict": "refuse_coupon",
               "no_identity": "refuse", "identity_kinds": ["other", "phone", "email", "id"],
               "public_reasons": "collapsed", "cash": null}),
    );
    same::<Order>(
        json!({"version": 1, "currency": "USD", "lines": [{"id": 1, "product": "A", "quantity": 1, "unit_price": "1.5"}]}),
        json!({"version": 1, "currency": "USD", "prices": null, "tax_rates": {}, "charges": [],
               "lines": [{"id": 1, "product": {"id": "A", "categories": [], "tags": [], "on_sale": false,
                          "subscription": false}, "quantity": 1, "unit_price": "1.50", "discountable": true,
                          "discounts": []}]}),
    );
    same::<Customer>(
        json!({"version": 1}),
        json!({"version": 1, "keys": [], "memberships": [], "new": false, "history": {"orders": 0, "spend": {}}}),
    );
    same::<Usage>(json!({}), json!({"total": 0, "customer": 0, "money": null, "first_order_claimed": false}));
}
