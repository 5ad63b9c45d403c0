//! Cases that other promotion systems pin in their own tests, as facts, run against this crate.
//!
//! Reads every `*.json` of tests/data/peer-cases, or of the directory that `PEER_CASES` names, and prints per file what
//! passed, failed and is not applicable, and why. The last line is `peer cases: P passed, F failed, N not applicable`.
//! A failed universal case fails the test; so do the cases of this repository where 3 of 100 or more, of those that other
//! engines pin, are not applicable.
//!
//! This target has no test harness, so that the last line is the last one: `cargo test --test peer_cases`.

#[path = "peer_cases/mod.rs"]
mod runner;

use std::process::ExitCode;

fn main() -> ExitCode {
    if std::env::args().any(|argument| argument == "--list") {
        return ExitCode::SUCCESS;
    }
    let directory = runner::report::directory();
    match runner::report::Report::of(&directory) {
        Ok(report) => {
            println!("{}", report.text);
            let own_copy = std::env::var_os("PEER_CASES").is_none();
            if own_copy && report.leaves_out_too_many() {
                eprintln!("3 of 100 of the given cases or more are not applicable");
                return ExitCode::FAILURE;
            }
            if report.broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("{}: {error}", directory.display());
            ExitCode::FAILURE
        }
    }
}
