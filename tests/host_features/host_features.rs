//! The wire format must not depend on the features that a host turns on in rust_decimal and serde_json: the same golden
//! files are read and written here as in `tests/serde_format.rs`, under features that change what their numbers are.
#![cfg(test)]
#![allow(dead_code)]

#[path = "../serde_format/damage.rs"]
mod damage;
#[path = "../serde_format/documents/mod.rs"]
mod documents;
#[path = "../serde_format/golden.rs"]
mod golden;

use std::fmt::Debug;

use damage::{path, places, replaced};
use documents::{Reading, Visit};
use golden::Golden;
use rust_decimal::Decimal;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Without this, nothing below would mean anything.
#[test]
fn the_features_are_on() {
    assert_eq!(serde_json::to_string(&Decimal::new(105, 1)).unwrap(), "10.5", "serde-float");
    let tree: Value = serde_json::from_str(r#"{"b":1,"a":1.10}"#).unwrap();
    let kept = if cfg!(feature = "exact-numbers") { "1.10" } else { "1.1" };
    assert_eq!(tree.to_string(), format!(r#"{{"b":1,"a":{kept}}}"#), "preserve_order, arbitrary_precision");
}

#[test]
fn documents_are_read_and_written_as_in_the_golden_files() {
    let mut golden = Golden::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../serde_format"), false);
    documents::all(&mut golden);
    golden.finish();
}

/// What is refused under the features of this crate is refused under those of the host, and at the same place.
struct Refused {
    tried: usize,
    wrong: Vec<String>,
}

impl Refused {
    fn check<T: DeserializeOwned>(&mut self, what: &str, text: &str, named: impl Fn(&str) -> bool) {
        let in_text = serde_json::from_str::<T>(text).map(|_| ());
        let in_tree = serde_json::from_str::<Value>(text).and_then(serde_json::from_value::<T>).map(|_| ());
        for found in [in_text, in_tree] {
            self.tried += 1;
            match found {
                Ok(()) => self.wrong.push(format!("{what}: it was accepted")),
                Err(error) if named(&error.to_string()) => {}
                Err(error) => self.wrong.push(format!("{what}: {error}")),
            }
        }
    }
}

impl Visit for Refused {
    fn read<T>(&mut self, file: &'static str, reading: Reading, built: Vec<T>)
    where
        T: Serialize + DeserializeOwned + PartialEq + Debug,
    {
        // A tree gives numbers to a reader in yet another way than text does.
        if file == "outcome-applied-inclusive" {
            return;
        }
        for document in built {
            let document = serde_json::to_value(&document).unwrap();
            for (place, value) in places(&document) {
                let bad: &[&str] = match value {
                    Value::String(text) if text == "unlimited" => &["1.5", "1e2"],
                    Value::String(_) => &["10", "10.50"],
                    Value::Number(_) => &["1.0", "1.5", "1e0", "\"1\""],
                    _ => continue,
                };
                for bad in bad {
                    let text = replaced(&document, &place, bad);
                    let place = path(&place);
                    let named = |error: &str| !reading.paths || error.contains(&format!("`{place}` is"));
                    self.check::<T>(&format!("{file}, {place} = {bad}"), &text, named);
                }
            }
        }
    }

    fn written<T: Serialize>(&mut self, _: &'static str, _: Vec<T>) {}
}

#[test]
fn no_text_may_be_a_number_and_no_number_a_fraction() {
    let mut refused = Refused { tried: 0, wrong: Vec::new() };
    documents::all(&mut refused);
    assert!(refused.wrong.is_empty(), "{}", refused.wrong.join("\n"));
    assert!(refused.tried > 4_000, "{}", refused.tried);
}

/// A host may have lifted the limit of serde_json on how deep a document is nested; this crate has its own.
struct Deep(Vec<String>, usize);

impl Visit for Deep {
    fn read<T>(&mut self, file: &'static str, _: Reading, built: Vec<T>)
    where
        T: Serialize + DeserializeOwned + PartialEq + Debug,
    {
        let document = serde_json::to_value(&built[0]).unwrap();
        for text in damage::nested(&document, &self.0) {
            let mut reader = serde_json::Deserializer::from_str(&text);
            reader.disable_recursion_limit();
            assert!(T::deserialize(&mut reader).is_err(), "{file}: {}", &text[..60]);
            self.1 += 1;
        }
    }

    fn written<T: Serialize>(&mut self, _: &'static str, _: Vec<T>) {}
}

#[test]
fn a_deep_document_is_an_error_without_the_limit_of_serde_json() {
    let tried = std::thread::Builder::new().stack_size(512 * 1024).spawn(|| {
        let mut deep = Deep(damage::deep().to_vec(), 0);
        documents::all(&mut deep);
        assert!(deep.1 > 300, "{}", deep.1);
    });
    tried.unwrap().join().unwrap();
}
