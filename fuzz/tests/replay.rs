//! Every input of the corpora once more, without libFuzzer: what a target found stays found.
//!
//! `FUZZ_CORPUS` names another directory with a directory for each target.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};

fn replay(target: &str, run: fn(&[u8])) {
    let root =
        std::env::var("FUZZ_CORPUS").unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/corpus").to_owned());
    let mut failed = Vec::new();
    let mut count = 0;
    for entry in fs::read_dir(format!("{root}/{target}")).unwrap() {
        let path = entry.unwrap().path();
        let data = fs::read(&path).unwrap();
        count += 1;
        if catch_unwind(AssertUnwindSafe(|| run(&data))).is_err() {
            failed.push(path);
        }
    }
    println!("{count} inputs of {target}");
    vouchsafe_fuzz::show();
    assert!(count > 10, "the corpus of {target} is missing");
    assert!(failed.is_empty(), "{failed:?}");
}

#[test]
fn json() {
    replay("json", vouchsafe_fuzz::json);
}

#[test]
fn codes() {
    replay("codes", vouchsafe_fuzz::codes);
}

#[test]
fn allocation() {
    replay("allocation", vouchsafe_fuzz::allocation);
}

#[test]
fn evaluate() {
    replay("evaluate", vouchsafe_fuzz::evaluate);
}

#[test]
fn life() {
    replay("life", vouchsafe_fuzz::life);
}
