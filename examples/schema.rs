//! Prints the JSON Schema of a document, for an editor or a service in another language.
//!
//! ```text
//! cargo run --example schema --features schema             # the names of the documents
//! cargo run --example schema --features schema -- coupon   # the schema of one
//! ```
#![allow(missing_docs)]

use std::process::ExitCode;

use vouchsafe::schema::Document;

fn main() -> ExitCode {
    let Some(name) = std::env::args().nth(1) else {
        for document in Document::ALL {
            println!("{document}");
        }
        return ExitCode::SUCCESS;
    };
    match Document::named(&name) {
        Some(document) => {
            println!("{:#}", document.schema().to_value());
            ExitCode::SUCCESS
        }
        None => {
            let known: Vec<&str> = Document::ALL.into_iter().map(Document::name).collect();
            eprintln!("no document `{name}`; known: {}", known.join(", "));
            ExitCode::FAILURE
        }
    }
}
