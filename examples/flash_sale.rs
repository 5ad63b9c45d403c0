//! A flash sale: many shoppers race for a few uses of a code, on a store of your choice, and in the end the store is read
//! back to see whether it kept its promises.
//!
//! ```sh
//! cargo run --release --example flash_sale                                  # in memory
//! cargo run --release --example flash_sale --features sqlite -- --store sqlite:sale.db
//! cargo run --release --example flash_sale --features postgres -- --store postgres://me@localhost/shop
//! cargo run --example flash_sale -- --help
//! ```
//!
//! - `flash_sale/sale.rs` is the part to read first: what a shopper does, and what the store answers;
//! - `flash_sale/stores/` opens a store, one connection for each worker;
//! - `flash_sale/audit.rs` reads the store back and says which promise was kept;
//! - `flash_sale/figures.rs` counts and prints.
//!
//! A use is committed on its own here, since a sale like this has no orders of its own to write. A shop commits it in the
//! transaction that writes the order: `examples/shop`.

use std::io::{self, Write};
use std::process::ExitCode;

#[path = "flash_sale/audit.rs"]
pub(crate) mod audit;
#[path = "flash_sale/figures.rs"]
pub(crate) mod figures;
#[path = "flash_sale/options.rs"]
pub(crate) mod options;
#[path = "flash_sale/sale.rs"]
pub(crate) mod sale;
#[path = "flash_sale/stores/mod.rs"]
pub(crate) mod stores;

use options::Options;

/// An invariant is broken.
const BROKEN: u8 = 1;
/// An option that cannot be used.
const UNUSABLE: u8 = 2;
/// The store cannot be reached, or failed for good.
const STORE_FAILED: u8 = 3;

#[allow(dead_code)] // a test includes this file and calls `run`
fn main() -> ExitCode {
    let arguments = std::env::args().skip(1);
    match run(arguments, &mut io::stdout().lock(), &mut io::stderr().lock()) {
        Ok(code) => ExitCode::from(code),
        // Whoever reads may stop reading: `flash_sale | head`.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cannot print: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the program and returns its exit code; an error only where nothing can be printed, or no thread started.
pub(crate) fn run(
    arguments: impl IntoIterator<Item = String>,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<u8> {
    let options = match Options::of(arguments) {
        Ok(Some(options)) => options,
        Ok(None) => {
            write!(out, "{}", options::HELP)?;
            return Ok(0);
        }
        Err(problem) => {
            writeln!(err, "{problem}\n\n{}", options::USAGE)?;
            return Ok(UNUSABLE);
        }
    };
    figures::heading(&options, out)?;
    out.flush()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match runtime.block_on(stores::hold(&options)) {
        Ok(closing) => {
            let code = close(&closing, out)?;
            out.flush()?;
            Ok(code)
        }
        Err(stores::Failure::NotBuilt(feature)) => {
            writeln!(err, "this build has no such store: run it with --features {feature}")?;
            Ok(UNUSABLE)
        }
        Err(failure) => {
            writeln!(err, "{}", figures::causes(&failure))?;
            Ok(STORE_FAILED)
        }
    }
}

/// Prints what happened; the exit code says whether every promise was kept.
pub(crate) fn close(closing: &sale::Closing, out: &mut dyn Write) -> io::Result<u8> {
    figures::table(closing, out)?;
    Ok(if closing.audit.is_kept() { 0 } else { BROKEN })
}
