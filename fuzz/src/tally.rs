//! What the runs came to. A run whose input is refused at its first byte proves little, so that each target counts what
//! it has really compared.
//!
//! Printed at ten thousand runs, at a hundred thousand and at every million: libFuzzer leaves no other moment for it.

use std::cell::RefCell;
use std::collections::BTreeMap;

#[derive(Default)]
struct Tally {
    runs: u64,
    met: BTreeMap<&'static str, u64>,
}

thread_local! {
    static TALLY: RefCell<Tally> = RefCell::default();
}

/// Counts a run, and tells what those before it came to when it is time.
pub fn run() {
    TALLY.with_borrow_mut(|tally| {
        if tally.runs == 10_000 || tally.runs == 100_000 || (tally.runs > 0 && tally.runs % 1_000_000 == 0) {
            tell(tally);
        }
        tally.runs += 1;
    });
}

/// Counts what a run has met.
pub fn met(what: &'static str) {
    TALLY.with_borrow_mut(|tally| *tally.met.entry(what).or_default() += 1);
}

/// Prints what this thread has counted.
pub fn show() {
    TALLY.with_borrow(tell);
}

fn tell(tally: &Tally) {
    eprintln!("of {} runs: {:?}", tally.runs, tally.met);
}
