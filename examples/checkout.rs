//! A checkout from end to end: price an order with its codes, print the receipt and the reasons of refused codes, redeem
//! what applied, and see that nobody can redeem it a second time.
//!
//! ```sh
//! cargo run --example checkout                       # every story in examples/data, one after the other
//! cargo run --example checkout -- my-order.json      # an order of your own
//! cargo run --example checkout -- --help
//! cargo run --example checkout --features sqlite     # the same, recorded in an SQLite file
//! ```
//!
//! A story is one JSON document: a shop with its policy, a shopper, coupon definitions, codes that were issued, an
//! order, the codes as they were typed, and the instant. The files in `examples/data` are made to be copied and changed.
//!
//! - `checkout/document.rs` reads and checks a document; every mistake is named by its path;
//! - `checkout/story.rs` is the part to read first: load, evaluate, reserve, commit;
//! - `checkout/show.rs` puts the answers into words;
//! - `checkout/stores/` opens the store: in memory, or in a file.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[path = "checkout/document.rs"]
mod document;
#[path = "checkout/show.rs"]
mod show;
#[path = "checkout/stores/mod.rs"]
mod stores;
#[path = "checkout/story.rs"]
mod story;

use document::Document;
use stores::Shelf;

const HELP: &str = "\
Prices an order with its codes, prints the receipt, redeems the codes and tries them a second time.

usage: cargo run --example checkout -- [options] [FILE...]

  FILE        a JSON document; without any, every story in examples/data

  --store DB  keep what is redeemed in this SQLite file, each story as a shop of its own; needs --features sqlite
              (with that feature and without this option: a file in the directory for temporary ones)
  --trace     print besides where every cent came from
  --json      print the outcome as JSON, as a shop would store it, and nothing else
  --public    print what a browser may see of it as JSON, and nothing else
  --help      print this

exit code: 0 priced, 2 a file or an option that cannot be used
";

/// The exit code for files and options that cannot be used.
const UNUSABLE: u8 = 2;

/// What is printed of a story.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum View {
    /// The whole story.
    #[default]
    Story,
    /// The whole story, and where every cent came from.
    Trace,
    /// The outcome as JSON.
    Json,
    /// What a browser may see, as JSON.
    Public,
}

#[allow(dead_code)] // a test includes this file and calls `run`
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let quiet = arguments.iter().any(|argument| argument == "--json" || argument == "--public");
    match run(arguments, &mut io::stdout().lock(), &mut io::stderr().lock()) {
        Ok(code) => {
            if let Some(file) = stores::kept_in().filter(|_| !quiet) {
                eprintln!("\nrecorded in {}", file.display());
            }
            ExitCode::from(code)
        }
        // Whoever reads may stop reading: `checkout | head`.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cannot print: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the program and returns its exit code; an error only where nothing can be printed.
pub(crate) fn run(
    arguments: impl IntoIterator<Item = String>,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<u8> {
    let mut view = View::Story;
    let (mut files, mut store) = (Vec::new(), None);
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--store" => match arguments.next() {
                Some(file) => store = Some(PathBuf::from(file)),
                None => {
                    write!(err, "--store needs a file\n\n{HELP}")?;
                    return Ok(UNUSABLE);
                }
            },
            "--trace" => view = View::Trace,
            "--json" => view = View::Json,
            "--public" => view = View::Public,
            "--help" | "-h" => {
                write!(out, "{HELP}")?;
                return Ok(0);
            }
            option if option.starts_with('-') => {
                write!(err, "unknown option `{option}`\n\n{HELP}")?;
                return Ok(UNUSABLE);
            }
            file => files.push(PathBuf::from(file)),
        }
    }
    if files.is_empty() {
        files = match bundled() {
            Ok(files) => files,
            Err(error) => {
                writeln!(err, "{}: {error}", data().display())?;
                return Ok(UNUSABLE);
            }
        };
    }
    let mut shelf = match Shelf::open(store.as_deref()) {
        Ok(shelf) => shelf,
        Err(why) => {
            writeln!(err, "{why}")?;
            return Ok(UNUSABLE);
        }
    };
    let mut code = 0;
    for (i, file) in files.iter().enumerate() {
        if i > 0 && matches!(view, View::Story | View::Trace) {
            writeln!(out, "\n")?;
        }
        if let Err(failure) = tell(file, view, &mut shelf, out)? {
            // What was printed so far stands before the message, also where both go to one terminal.
            out.flush()?;
            write!(err, "{failure}")?;
            code = UNUSABLE;
        }
    }
    out.flush()?;
    Ok(code)
}

/// One file: its story, or what is wrong with it.
fn tell(file: &Path, view: View, shelf: &mut Shelf, out: &mut dyn Write) -> io::Result<Result<(), String>> {
    let shown = shown(file);
    let json = match std::fs::read_to_string(file) {
        Ok(json) => json,
        Err(error) => return Ok(Err(format!("{shown}: cannot be read: {error}\n"))),
    };
    let document = match Document::read(&json) {
        Ok(document) => document,
        Err(problems) => {
            let lines: String = problems.iter().map(|problem| format!("{shown}: {problem}\n")).collect();
            return Ok(Err(lines));
        }
    };
    match story::tell(&document, &shown, view, shelf, out) {
        Ok(()) => Ok(Ok(())),
        Err(story::Failure::Print(error)) => Err(error),
        Err(failure) => Ok(Err(format!("{shown}: {failure}\n"))),
    }
}

/// Where the bundled stories are.
fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join("data")
}

/// The bundled stories, by name.
fn bundled() -> io::Result<Vec<PathBuf>> {
    let files = std::fs::read_dir(data())?.map(|entry| entry.map(|entry| entry.path()));
    let mut files = files.collect::<io::Result<Vec<_>>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    Ok(files)
}

/// The file as the reader knows it: a bundled one by its place in the repository.
fn shown(file: &Path) -> String {
    let file = file.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap_or(file);
    file.display().to_string().replace('\\', "/")
}
