//! Proves the runner of tests/peer_cases: that it notices what is wrong, ignores nothing and survives anything.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic,
    clippy::field_reassign_with_default
)]

#[path = "peer_cases/mod.rs"]
mod runner;

use runner::report::{Counts, Report, directory};
use runner::{Verdict, judge};
use serde_json::{Value, json};

/// All cases of this repository, whatever `PEER_CASES` says.
fn cases() -> Vec<Value> {
    let directory = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/peer-cases");
    let mut cases = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "json") {
            let list: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
            cases.extend(list);
        }
    }
    assert!(cases.len() > 300);
    cases
}

fn passing() -> Vec<Value> {
    cases().into_iter().filter(|case| judge(case) == Verdict::Passed).collect()
}

/// Another figure of as many decimals.
fn other(figure: &Value) -> Value {
    match figure {
        Value::String(text) => {
            let last = text.chars().last().unwrap();
            let changed = if last == '7' { '8' } else { '7' };
            json!(format!("{}{changed}", &text[..text.len() - 1]))
        }
        Value::Number(number) => json!(number.as_i64().unwrap() + 1),
        Value::Bool(flag) => json!(!flag),
        value => value.clone(),
    }
}

#[test]
fn every_expected_figure_is_looked_at() {
    for case in passing() {
        let Some(expect) = case.get("expect").and_then(Value::as_object) else { continue };
        let mut looked_at = 0;
        for (field, value) in expect {
            let mut wrongs = Vec::new();
            match (field.as_str(), value) {
                ("derived" | "peer_specific" | "refused" | "reason" | "applied", _) | (_, Value::Null) => continue,
                (_, Value::Array(list)) => {
                    for i in 0..list.len() {
                        let mut list = list.clone();
                        list[i] = other(&list[i]);
                        wrongs.extend((list[i] != Value::Null).then_some(Value::Array(list)));
                    }
                }
                (_, value) => wrongs.push(other(value)),
            }
            for wrong in wrongs {
                let mut changed = case.clone();
                changed["expect"][field] = wrong;
                // What was eligible and now is not expected to be fails without a reason too.
                assert_ne!(judge(&changed), Verdict::Passed, "{field} of {}", case["id"]);
                looked_at += 1;
            }
        }
        assert!(looked_at > 0, "{} expects no figure", case["id"]);
    }
}

#[test]
fn a_reason_of_another_kind_is_a_failure() {
    let zeros = ["no_benefit", "incomplete_group"];
    for case in passing() {
        for field in ["refused", "reason"] {
            let Some(word) = case["expect"].get(field).and_then(Value::as_str) else { continue };
            if zeros.contains(&word) {
                continue;
            }
            let mut changed = case.clone();
            changed["expect"][field] = json!(if word == "channel" { "expired" } else { "channel" });
            assert_ne!(judge(&changed), Verdict::Passed, "{}", case["id"]);
        }
        if let Some(applied) = case["expect"].get("applied").and_then(Value::as_array) {
            let mut changed = case.clone();
            changed["expect"]["applied"] = if applied.is_empty() { json!([0]) } else { json!([]) };
            assert_ne!(judge(&changed), Verdict::Passed, "{}", case["id"]);
        }
    }
}

#[test]
fn parts_of_an_allocation_are_compared() {
    let mut compared = 0;
    for case in passing() {
        for i in 0..case.get("parts").and_then(Value::as_array).map_or(0, Vec::len) {
            let mut changed = case.clone();
            changed["parts"][i] = other(&case["parts"][i]);
            assert_ne!(judge(&changed), Verdict::Passed, "{}", case["id"]);
            compared += 1;
        }
    }
    assert!(compared > 50);
}

/// A field that nobody knows, in every object of a case.
#[test]
fn an_unknown_field_is_never_ignored() {
    fn objects(value: &Value, path: String, found: &mut Vec<String>) {
        match value {
            Value::Object(map) => {
                found.push(path.clone());
                for (name, value) in map {
                    // Free tables and remarks hold what they like.
                    if !["peer_specific", "skus", "amount_by_currency"].contains(&name.as_str()) {
                        objects(value, format!("{path}/{name}"), found);
                    }
                }
            }
            Value::Array(list) => {
                for (i, value) in list.iter().enumerate() {
                    objects(value, format!("{path}/{i}"), found);
                }
            }
            _ => {}
        }
    }
    for case in passing() {
        let mut paths = Vec::new();
        objects(&case, String::new(), &mut paths);
        for path in paths {
            let mut changed = case.clone();
            changed.pointer_mut(&path).unwrap()["phase_of_moon"] = json!("full");
            match judge(&changed) {
                Verdict::NotApplicable(field) => assert!(field.contains("phase_of_moon"), "{field}"),
                verdict => panic!("{} at {path:?}: {verdict:?}", case["id"]),
            }
        }
    }
}

#[test]
fn what_is_malformed_never_panics() {
    let junk = [
        json!(null),
        json!(7),
        json!(-1),
        json!(1.5),
        json!(u64::MAX),
        json!(true),
        json!(""),
        json!("x"),
        json!("-3"),
        json!("99999999999999999999999999"),
        json!("0.000000000000000000000001"),
        json!([]),
        json!([null]),
        json!([[]]),
        json!({}),
        json!({"x": {"y": []}}),
    ];
    let panicked = |verdict: Verdict| matches!(verdict, Verdict::Failed { differences, .. } if differences.iter().any(|d| d == "a panic"));
    fn paths(value: &Value, path: String, found: &mut Vec<String>) {
        match value {
            Value::Object(map) => map.iter().for_each(|(name, v)| paths(v, format!("{path}/{name}"), found)),
            Value::Array(list) => list.iter().enumerate().for_each(|(i, v)| paths(v, format!("{path}/{i}"), found)),
            _ => {}
        }
        found.push(path);
    }
    // One case in seven is enough of each kind, with all fields that there are.
    for case in cases().into_iter().step_by(7) {
        let mut all = Vec::new();
        paths(&case, String::new(), &mut all);
        for path in all {
            for wrong in &junk {
                let mut changed = case.clone();
                *changed.pointer_mut(&path).unwrap() = wrong.clone();
                assert!(!panicked(judge(&changed)), "{} at {path:?}: {wrong}", case["id"]);
            }
        }
    }
}

#[test]
fn the_report_ends_with_its_line() {
    let report = Report::of(&directory()).unwrap();
    let (universal, others) = (report.universal, report.others);
    let line = format!(
        "peer cases: {} passed, {} failed, {} not applicable",
        universal.passed + others.passed,
        universal.failed + others.failed,
        universal.not_applicable + others.not_applicable
    );
    assert_eq!(report.text.lines().last(), Some(line.as_str()));
}

#[test]
fn a_file_that_is_no_list_of_cases_is_told() {
    let mut report = Report::default();
    for (name, text) in [("a.json", "[{\"id\":"), ("b.json", "7"), ("c.json", "{}"), ("d.json", "[null, 1, []]")] {
        report.file(name, text);
    }
    assert_eq!(report.others.not_applicable, 6, "{}", report.text);
    assert_eq!((report.universal.passed, report.others.passed, report.broken), (0, 0, 0));
}

/// A case that only holds elsewhere says nothing; one that holds here must.
#[test]
fn policies_that_are_not_ours_do_not_count() {
    let case = |holds_for: &str, off: &str, universal: bool| {
        let total = if off == "0.03" { "0.97" } else { "0.98" };
        judge(&json!({
            "id": "x", "currency": "USD", "minor_units": 2, "universal": universal, "holds_for": [holds_for],
            "lines": [{"sku": "A", "unit_price": "1.00", "qty": 1}],
            "coupons": [{"kind": "percent", "value": "2.5"}],
            "expect": {"order_discount": off, "total": total},
        }))
    };
    assert_eq!(case("half_up", "0.03", false), Verdict::Passed);
    assert!(matches!(case("half_up", "0.02", false), Verdict::Failed { binding: true, .. }));
    assert_eq!(case("rounding=half_even|half_up", "0.02", false), Verdict::Passed);
    assert_eq!(case("rounding=half_even|half_up", "0.03", false), Verdict::Passed);
    assert_eq!(case("half_down_or_floor", "0.02", false), Verdict::Passed);
    assert_eq!(case("round_up", "0.03", false), Verdict::NotApplicable("holds_for=round_up".to_owned()));
    assert_eq!(case("moon=full", "0.03", false), Verdict::Passed);
    assert_eq!(case("moon=full", "0.02", false), Verdict::NotApplicable("holds_for=moon=full".to_owned()));
    assert!(matches!(case("moon=full", "0.02", true), Verdict::Failed { binding: true, .. }));
}

#[test]
fn three_cases_of_a_hundred_left_out_are_too_many() {
    for (passed, not_applicable, too_many) in [(98, 2, false), (97, 3, true), (192, 5, false)] {
        let given = Counts { passed, failed: 0, not_applicable };
        let mut report = Report::default();
        report.given = given;
        assert_eq!(report.leaves_out_too_many(), too_many, "{not_applicable} of {}", passed + not_applicable);
    }
}
