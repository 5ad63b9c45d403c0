//! Runs cases of the neutral schema (tests/data/peer-cases/README.md) against the public interface of the crate.
//!
//! | module | does |
//! |---|---|
//! | `fields` | reads fields, and remembers which: one that nobody read makes the case not applicable |
//! | `reading` | `rounding`, `stacking` and `holds_for`: the policy that a case is run under |
//! | `facts` | basket, shipping, customer and instant: an order and a customer of the crate |
//! | `coupons` | a coupon: definitions of the crate |
//! | `run` | checks, prepares, presents, evaluates; the words for refusals |
//! | `pricing`, `eligibility`, `allocation` | the three kinds of case: what is expected, and what came out |
//! | `report` | files, counts, and the last line |
//!
//! A universal case must pass. Any other passes under the policies that `holds_for` names: it fails where all of them
//! are known here and none gives what is expected, and is not applicable where one of them is not known here and the
//! policy of the crate gives something else.

mod allocation;
mod coupons;
mod eligibility;
mod facts;
mod fields;
mod pricing;
mod reading;
pub(crate) mod report;
mod run;

use serde_json::Value;

use fields::{NotApplicable, Read, not_applicable};
use reading::{Reading, Readings};

/// How a case ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    Passed,
    /// What was expected and what came instead. Binding where no correct engine may answer otherwise.
    Failed {
        differences: Vec<String>,
        binding: bool,
    },
    /// The field that cannot be expressed.
    NotApplicable(String),
}

/// Whether every correct engine must agree.
pub(crate) fn is_universal(case: &Value) -> bool {
    case.get("universal").and_then(Value::as_bool).unwrap_or(false)
}

/// Runs one case. Whatever it holds, there is a verdict and no panic.
pub(crate) fn judge(case: &Value) -> Verdict {
    let universal = is_universal(case);
    let judged = std::panic::catch_unwind(|| {
        if allocation::is_one(case) {
            allocation::judge(case, universal)
        } else if eligibility::is_one(case) {
            eligibility::judge(case, universal)
        } else if pricing::is_one(case) {
            pricing::judge(case, universal)
        } else {
            not_applicable("malformed: neither lines, context nor weights")
        }
    });
    match judged {
        Ok(Ok(verdict)) => verdict,
        Ok(Err(NotApplicable(field))) => Verdict::NotApplicable(field),
        Err(_) => Verdict::Failed { differences: vec!["a panic".to_owned()], binding: true },
    }
}

/// Tries each reading of a case; the first that gives what is expected settles it.
fn by_reading(readings: &Readings, run: impl Fn(&Reading) -> Read<Vec<String>>) -> Read<Verdict> {
    let mut differences: Option<Vec<String>> = None;
    let mut unmapped: Option<NotApplicable> = None;
    for reading in &readings.all {
        match run(reading) {
            Ok(wrong) if wrong.is_empty() => return Ok(Verdict::Passed),
            Ok(wrong) => {
                differences.get_or_insert(wrong);
            }
            Err(field) => {
                unmapped.get_or_insert(field);
            }
        }
    }
    match (differences, unmapped) {
        (Some(_), _) if !readings.binding() && !readings.unknown.is_empty() => {
            not_applicable(format!("holds_for={}", readings.unknown.join("+")))
        }
        (Some(differences), _) => Ok(Verdict::Failed { differences, binding: readings.binding() }),
        (None, Some(field)) => Err(field),
        (None, None) => not_applicable("malformed: case"),
    }
}
