//! The schemas against the readers: whoever adds a field, a choice or a rule to one of them fails here until the other
//! has it too.
//!
//! The descriptions in `src/schema/words.json` are the doc comments, rewritten with
//! `UPDATE_FORMAT=1 cargo test --features schema --test schema`.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::as_conversions,
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]
// A golden file names a zone, and names need the zone data.
#![cfg(feature = "tz")]

#[path = "serde_format/damage.rs"]
#[allow(dead_code, reason = "shared with the tests of the format")]
mod damage;
#[path = "schema/generate.rs"]
mod generate;
#[path = "schema/look.rs"]
mod look;
#[path = "schema/words.rs"]
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use damage::{Step, path, places, replaced, with_field};
use generate::Generator;
use jsonschema::Validator;
use look::Look;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use vouchsafe::schema::Document;
use vouchsafe::*;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Reads a document by the type it is of.
fn read(document: Document, text: &str) -> Result<(), String> {
    fn by<T: DeserializeOwned>(text: &str) -> Result<(), String> {
        serde_json::from_str::<T>(text).map(|_| ()).map_err(|error| error.to_string())
    }
    match document {
        Document::Coupon => by::<Coupon>(text),
        Document::Offer => by::<Offer>(text),
        Document::Policy => by::<Policy>(text),
        Document::Shop => by::<Shop>(text),
        Document::Order => by::<Order>(text),
        Document::Customer => by::<Customer>(text),
        Document::Usage => by::<Usage>(text),
        Document::IssuedCode => by::<IssuedCode>(text),
        Document::Revocation => by::<Revocation>(text),
        Document::ImportedCode => by::<ImportedCode>(text),
        Document::CodePattern => by::<CodePattern>(text),
        Document::AttemptPolicy => by::<AttemptPolicy>(text),
        Document::Attempts => by::<Attempts>(text),
        Document::Outcome => by::<Outcome>(text),
        Document::PlacedOrder => by::<PlacedOrder>(text),
        Document::Redemption => by::<Redemption>(text),
        other => panic!("no reader of {other}"),
    }
}

/// Whether the engine writes it for its own use: its top level alone is described.
fn is_record(document: Document) -> bool {
    matches!(document, Document::Outcome | Document::PlacedOrder | Document::Redemption)
}

fn validator(document: Document) -> Validator {
    jsonschema::validator_for(&document.schema().to_value()).unwrap()
}

fn read_json(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The golden documents of a kind.
fn golden(document: Document) -> Vec<Value> {
    let directory = PathBuf::from(ROOT).join("tests/serde_format");
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let of = match document {
            Document::Outcome => stem.starts_with("outcome-") && stem != "outcome-public",
            Document::Coupon => stem.starts_with("coupon-"),
            other => stem == other.name(),
        };
        if of && path.extension().is_some_and(|e| e == "json") {
            found.extend(read_json(&path).as_array().unwrap().clone());
        }
    }
    // No golden file of their own: they stand in those of others.
    match document {
        Document::Offer => golden(Document::Shop).iter().flat_map(|shop| listed(shop, "offers")).collect(),
        Document::Revocation => {
            golden(Document::IssuedCode).iter().filter_map(|code| code.get("revocation").cloned()).collect()
        }
        _ => found,
    }
}

fn listed(of: &Value, name: &str) -> Vec<Value> {
    of.get(name).and_then(Value::as_array).cloned().unwrap_or_default()
}

fn with_version(mut value: Value) -> Value {
    value.as_object_mut().unwrap().entry("version").or_insert(json!(1));
    value
}

/// The documents in the example data.
fn examples() -> Vec<(Document, Value)> {
    let data = PathBuf::from(ROOT).join("examples/data");
    let mut found = Vec::new();
    let mut paths: Vec<PathBuf> = fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths.iter().filter(|path| path.extension().is_some_and(|e| e == "json")) {
        let whole = read_json(path);
        for (name, document) in [("shop", Document::Shop), ("order", Document::Order), ("customer", Document::Customer)]
        {
            found.extend(whole.get(name).map(|part| (document, with_version(part.clone()))));
        }
        found.extend(listed(&whole, "coupons").into_iter().map(|coupon| (Document::Coupon, with_version(coupon))));
    }
    for entry in fs::read_dir(data.join("coupons")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "json") {
            found.push((Document::Coupon, read_json(&path)["definition"].clone()));
        }
    }
    found
}

/// The JSON texts in the README and in the doc comments that are whole documents with a version.
fn snippets() -> Vec<Value> {
    let mut found = Vec::new();
    let mut files = vec![PathBuf::from(ROOT).join("README.md")];
    let mut folders = vec![PathBuf::from(ROOT).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                files.push(path);
            }
        }
    }
    for file in files {
        let text = fs::read_to_string(file).unwrap();
        let text: String =
            text.lines().map(|line| line.trim_start().trim_start_matches("/// ").to_owned() + "\n").collect();
        for piece in text.split("r#\"").skip(1) {
            let json = piece.split("\"#").next().unwrap();
            // A null stands for what is absent, and is not offered by a schema.
            let versioned = |value: &Value| value.get("version").is_some() && !json.contains("null");
            found.extend(serde_json::from_str::<Value>(json).ok().filter(versioned));
        }
    }
    found
}

#[test]
fn every_schema_is_one() {
    for document in Document::ALL {
        let schema = document.schema().to_value();
        jsonschema::meta::validate(&schema).unwrap_or_else(|error| panic!("{document}: {error}"));
        assert_eq!(Document::named(document.name()), Some(document));
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
        let text = schema.to_string();
        assert!(!text.contains("\"$id\""), "{document}");
        // Every part that is named is there, and none that is not.
        let defs: BTreeSet<String> = schema
            .get("$defs")
            .and_then(Value::as_object)
            .map(|defs| defs.keys().cloned().collect())
            .unwrap_or_default();
        let asked: BTreeSet<String> =
            text.split("\"#/$defs/").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect();
        assert_eq!(asked, defs, "{document}");
    }
}

#[test]
fn every_example_document_is_valid() {
    let mut count = 0;
    let mut wrong = Vec::new();
    let mut check = |document: Document, validator: &Validator, value: &Value| {
        count += 1;
        if let Err(error) = validator.validate(value) {
            wrong.push(format!("{document} {}: {error}\n{value}", error.instance_path()));
        }
    };
    for document in Document::ALL {
        let (validator, golden) = (validator(document), golden(document));
        assert!(!golden.is_empty(), "{document} has no golden file");
        golden.iter().for_each(|value| check(document, &validator, value));
    }
    let validators: BTreeMap<Document, Validator> =
        Document::ALL.into_iter().map(|document| (document, validator(document))).collect();
    for (document, value) in examples() {
        check(document, &validators[&document], &value);
    }
    // What a page shows is either wrong on purpose, or valid.
    let kinds = [Document::Coupon, Document::Policy, Document::Shop, Document::Order, Document::Customer];
    for value in snippets() {
        for document in kinds.into_iter().filter(|document| read(*document, &value.to_string()).is_ok()) {
            check(document, &validators[&document], &value);
        }
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count > 250, "only {count} documents were found");
}

/// The names in a list of choices or fields, as an error tells them.
fn told(error: &str, after: &[&str]) -> Option<BTreeSet<String>> {
    let list = after.iter().find_map(|words| error.split_once(words))?.1;
    let list = list.split(['\n', ';']).next()?;
    Some(list.split('`').skip(1).step_by(2).map(str::to_owned).collect())
}

/// Golden and generated documents that the reader accepts.
fn accepted(document: Document) -> Vec<Value> {
    let mut all = golden(document);
    if !is_record(document) {
        let schema = document.schema().to_value();
        // Of offers fewer are accepted.
        let seeds = if document == Document::Offer { 1_500 } else { 400 };
        let generated = (0..seeds).map(|seed| Generator::new(&schema, seed).document());
        all.extend(generated.filter(|value| read(document, &value.to_string()).is_ok()));
    }
    all
}

/// The reader of an offer knows every field of a definition, and says of these that they are none of an offer.
fn is_no_field_of_an_offer(at: &str, field: &str) -> bool {
    let of_definition =
        ["kind", "code", "code_format", "earn", "availability", "limits", "assign", "payments", "remainder"];
    match at {
        "offer" | "Offer" => of_definition.contains(&field),
        "OfferCombination" => ["several_codes", "overrides"].contains(&field),
        // A countdown runs from the day of issue.
        "Period" => field == "countdown",
        _ => false,
    }
}

/// Each object with named fields has, in its table, the fields that its reader knows, and no other.
#[test]
fn a_table_has_the_fields_that_its_reader_knows() {
    // What the readers told, by the table: a part by its name, the rest by document and place.
    let mut known: BTreeMap<String, (BTreeSet<String>, BTreeSet<String>)> = BTreeMap::new();
    let mut tables: BTreeSet<String> = BTreeSet::new();
    for document in Document::ALL {
        let schema = document.schema().to_value();
        let look = Look(&schema);
        let named = |at: String| if at.is_empty() || at.starts_with('.') { format!("{document}{at}") } else { at };
        if !is_record(document) {
            tables.extend(look.tables().into_iter().map(named));
        }
        for value in accepted(document) {
            for (place, object) in places(&value).into_iter().filter(|(_, value)| value.is_object()) {
                if is_record(document) && !place.is_empty() {
                    continue;
                }
                let Some((at, properties)) = look.table(&value, &place) else { continue };
                let text = replaced(&value, &place, &with_field(object, "zz_surprise", "1"));
                let error = read(document, &text).unwrap_err();
                let told = told(&error, &[", known: ", "? known: ", ", expected one of "]);
                // An object without any field has none to tell.
                assert!(told.is_some() || error.contains("unknown field"), "{document} {}: {error}", path(&place));
                let entry = known.entry(named(at)).or_insert_with(|| (properties, BTreeSet::new()));
                entry.1.extend(told.unwrap_or_default());
            }
        }
    }
    let forms: Vec<(String, BTreeSet<String>)> =
        known.iter().map(|(at, (table, _))| (at.clone(), table.clone())).collect();
    for (at, (table, reader)) in &mut known {
        reader.retain(|field| !is_no_field_of_an_offer(at, field));
        // Of several forms of an object a reader may know the fields of the others, to say that they exclude it.
        if let Some((form, _)) = at.rsplit_once('/') {
            let others = forms.iter().filter(|(other, _)| other.rsplit_once('/').is_some_and(|(f, _)| f == form));
            let others: BTreeSet<String> = others.flat_map(|(_, fields)| fields.clone()).collect();
            reader.retain(|field| table.contains(field) || !others.contains(field));
        }
        assert_eq!(table, reader, "{at}");
    }
    let missed: Vec<&String> = tables.iter().filter(|at| !known.contains_key(*at)).collect();
    assert!(missed.is_empty(), "no document reaches {missed:?}");
    assert!(known.len() > 100, "{}", known.len());
}

/// A wrong choice is told with all choices there are, and those stand in the schema.
#[test]
fn a_table_has_the_choices_that_its_reader_knows() {
    let mut compared: BTreeMap<String, (BTreeSet<String>, BTreeSet<String>)> = BTreeMap::new();
    for document in Document::ALL.into_iter().filter(|document| !is_record(*document)) {
        let schema = document.schema().to_value();
        let look = Look(&schema);
        for value in accepted(document) {
            for (place, _) in places(&value) {
                let Some((at, choices)) = look.choices(&value, &place) else { continue };
                let text = replaced(&value, &place, "\"zz_surprise\"");
                let error = read(document, &text).unwrap_err();
                // Where any other text may stand, the reader takes it for a name, or says what else may.
                let here = format!("`{}` is ", path(&place));
                let of_place = error.split("; ").find(|error| error.starts_with(&here));
                let of_place = of_place.unwrap_or_else(|| panic!("{document} {}: {error}", path(&place)));
                let Some(mut told) = told(of_place, &["not one of "]) else { continue };
                // The reader knows every kind, and says of some that they are none of an offer.
                if at.ends_with("OfferBenefit") {
                    told.retain(|kind| !["none", "operator", "host", "trial"].contains(&kind.as_str()));
                } else if at.ends_with("OfferCondition") {
                    told.retain(|kind| !["first_order", "unique_customers"].contains(&kind.as_str()));
                }
                // What the forms of an object choose from is told together.
                let entry = compared.entry(at.replace("/0.", ".").replace("/1.", ".")).or_default();
                entry.0.extend(choices);
                entry.1.extend(told);
            }
        }
    }
    for (at, (table, reader)) in &compared {
        assert_eq!(table, reader, "{at}");
    }
    assert!(compared.len() >= 40, "only {}: {:?}", compared.len(), compared.keys());
}

/// A document without a field that is needed is refused by both.
#[test]
fn what_is_needed_is_needed_by_both() {
    let mut count = 0;
    for document in Document::ALL {
        let validator = validator(document);
        for value in golden(document) {
            for (place, object) in places(&value).into_iter().filter(|(_, value)| value.is_object()) {
                if is_record(document) && !place.is_empty() {
                    continue;
                }
                for name in object.as_object().unwrap().keys() {
                    let mut less = object.clone();
                    less.as_object_mut().unwrap().remove(name);
                    let text = replaced(&value, &place, &less.to_string());
                    let less: Value = serde_json::from_str(&text).unwrap();
                    count += 1;
                    let (valid, read) = (validator.is_valid(&less), read(document, &text));
                    // The schema refuses nothing that can be read; what the reader alone refuses are rules across fields.
                    assert!(valid || read.is_err(), "{document} without {name} in {}: {text}", path(&place));
                    let missing = read.is_err_and(|error| {
                        error.contains(" is missing") && !error.contains("version") && !error.contains("tax_rates")
                    });
                    assert!(!(valid && missing), "{document} needs {name} in {}: {text}", path(&place));
                }
            }
        }
    }
    assert!(count > 1_500, "{count}");
}

/// Documents with one thing wrong, by what is wrong: how many both refuse, and how many the reader alone.
#[test]
fn what_is_wrong_is_refused_by_the_schema_too() {
    let mut tried: BTreeMap<&str, (usize, BTreeMap<String, usize>)> = BTreeMap::new();
    for document in Document::ALL.into_iter().filter(|document| !is_record(*document)) {
        let validator = validator(document);
        for value in golden(document) {
            let mut refuse = |kind: &'static str, text: String| {
                // What JSON itself cannot hold never comes to a schema.
                let Ok(bad) = serde_json::from_str::<Value>(&text) else { return };
                let Err(error) = read(document, &text) else { return };
                let entry = tried.entry(kind).or_default();
                entry.0 += 1;
                if validator.is_valid(&bad) {
                    let why = error.rsplit_once("`: ").map_or(error.clone(), |(_, why)| why.to_owned());
                    *entry.1.entry(why).or_default() += 1;
                }
            };
            for (place, part) in places(&value) {
                match part {
                    Value::Object(_) => {
                        refuse("unknown field", replaced(&value, &place, &with_field(part, "surprise", "1")));
                    }
                    Value::String(text) => {
                        for bad in ["10", "10.5", "true", "[]", "{}"] {
                            refuse("no text", replaced(&value, &place, bad));
                        }
                        if text.contains('.') && text.parse::<f64>().is_ok() {
                            for bad in ["", " ", ".", "1_000", "1,5", "+1", "1e1", "NaN", " 1", "1.", ".5", "--1", "-1"]
                            {
                                refuse("no figure", replaced(&value, &place, &Value::from(bad).to_string()));
                            }
                        }
                        for bad in ["", "\u{7}", "no such thing!"] {
                            refuse("other text", replaced(&value, &place, &Value::from(bad).to_string()));
                        }
                    }
                    Value::Number(_) => {
                        for bad in ["1.5", "-1", "\"1\"", "true", "0", "18446744073709551616"] {
                            refuse("no such number", replaced(&value, &place, bad));
                        }
                    }
                    Value::Bool(_) => {
                        for bad in ["0", "1", "\"true\""] {
                            refuse("no flag", replaced(&value, &place, bad));
                        }
                    }
                    Value::Array(_) => {
                        for bad in ["{}", "\"A\"", "[[]]", "[null]"] {
                            refuse("no list", replaced(&value, &place, bad));
                        }
                    }
                    Value::Null => {}
                }
            }
            for version in ["0", "2", "\"1\"", "1.5"] {
                if value.get("version").is_some() {
                    refuse("version", replaced(&value, &[Step::Field("version".to_owned())], version));
                }
            }
        }
    }
    let told: Vec<String> = tried
        .iter()
        .map(|(kind, (count, unknown))| {
            let unknown: Vec<String> = unknown.iter().map(|(why, count)| format!("  {count} {why}")).collect();
            format!("{count} {kind}\n{}", unknown.iter().map(|line| line.clone() + "\n").collect::<String>())
        })
        .collect();
    let file = PathBuf::from(ROOT).join("tests/schema/refused.txt");
    if std::env::var_os("UPDATE_FORMAT").is_some() {
        fs::write(&file, told.concat()).unwrap();
    }
    assert_eq!(told.concat(), fs::read_to_string(file).unwrap(), "\n{}", told.concat());
}

/// What no schema can know: the reasons for which a reader may refuse what a schema accepts.
const BEYOND: &[&str] = &[
    // Rules across fields and entries.
    "not allowed together with several goods to be bought",
    "not allowed together with a trial",
    "not allowed together with earn",
    "not allowed together with kind personal",
    "not allowed together with a shared code",
    "not allowed together with shipping, which has no time of service",
    "not allowed together with a purchase, which is known once it is priced",
    "not allowed together with an assignment before pricing",
    "not allowed together with an automatic offer",
    "not allowed together with free or a percentage",
    "not allowed together with steps counted in something else",
    "not allowed together with an amount",
    "not allowed together with in order",
    "not allowed together with per line",
    "not allowed together with per unit",
    "not allowed together with an even split",
    "not allowed together with a position",
    "can never apply: each step comes after the one before it",
    "can never apply: only an amount leaves a remainder",
    "can never apply: only a product has a price",
    "can never apply: over_days is not less than within_days",
    "can never apply: max is below min",
    "ends before it begins",
    "given twice",
    "overlaps with",
    "leads back to itself",
    "not between 1 and ",
    "not between 0 and ",
    // The decimals of a currency, and what an order comes to.
    "more than 0 decimals",
    "the minimum is above it",
    "longer than ",
    // Names that stand nowhere else.
    "unknown customer type",
    "unknown category",
    "unknown product",
    // How hard a code is to guess.
    "bits where",
    // A form of steps: the first says what the others are.
    "expected a whole number",
    "expected an object that names an amount per currency",
    "is `0`: zero",
    "is missing",
];

/// What a schema accepts is accepted by the reader, but for what no schema can know.
#[test]
fn what_the_schema_accepts_is_read() {
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    let mut read_by: BTreeMap<&str, usize> = BTreeMap::new();
    for document in Document::ALL.into_iter().filter(|document| !is_record(*document)) {
        let (schema, validator) = (document.schema().to_value(), validator(document));
        for seed in 0..400 {
            let value = Generator::new(&schema, seed).document();
            if let Err(error) = validator.validate(&value) {
                panic!("{document} {seed}, {}: {error}\n{value}", error.instance_path());
            }
            match read(document, &value.to_string()) {
                Ok(()) => *read_by.entry(document.name()).or_default() += 1,
                Err(errors) => {
                    for error in errors.split("; ") {
                        if !BEYOND.iter().any(|known| error.contains(known)) {
                            *reasons.entry(format!("{document}: {error}")).or_default() += 1;
                        }
                    }
                }
            }
        }
    }
    assert!(reasons.is_empty(), "{reasons:#?}");
    for document in Document::ALL.into_iter().filter(|document| !is_record(*document)) {
        let count = read_by.get(document.name()).copied().unwrap_or_default();
        assert!(count >= 20, "only {count} of 400 of {document} were read");
    }
}

/// Descriptions are the doc comments.
#[test]
fn descriptions_are_the_doc_comments() {
    let found = words::words(&Document::ALL.map(|document| document.schema().to_value()));
    let (written, missing) = (serde_json::to_string_pretty(&found.words).unwrap() + "\n", found.missing);
    let file = PathBuf::from(ROOT).join("src/schema/words.json");
    if std::env::var_os("UPDATE_FORMAT").is_some() {
        fs::write(&file, &written).unwrap();
    }
    assert!(fs::read_to_string(file).unwrap() == written, "src/schema/words.json is not what the doc comments say");
    assert!(missing.len() <= 50, "{} of {} have none: {missing:#?}", missing.len(), found.words.len());
}
