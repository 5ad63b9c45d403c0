//! The list of mutants, as `cargo mutants --list --json` makes it.

use serde::Deserialize;
use std::path::Path;
use std::process::Command;

/// One change of the source, by its place in the file.
#[derive(Clone, Debug, Deserialize)]
pub struct Mutant {
    pub file: String,
    pub span: Span,
    pub replacement: String,
    pub genre: String,
    /// What is said of it: place and change.
    pub name: String,
}

#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Span {
    pub start: Place,
}

/// Both numbers start at 1, columns are characters.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
pub struct Place {
    pub line: usize,
    pub column: usize,
}

/// All mutants of the folders, in the order of files and places.
pub fn of(repository: &Path, folders: &[String]) -> Result<Vec<Mutant>, String> {
    let mut command = Command::new("cargo");
    command.current_dir(repository).args(["mutants", "--list", "--json"]);
    for folder in folders {
        command.args(["--file", &if folder.ends_with(".rs") { folder.clone() } else { format!("{folder}/**/*.rs") }]);
    }
    let output = command.output().map_err(|error| format!("cargo mutants: {error}"))?;
    if !output.status.success() {
        return Err(format!("cargo mutants: {}", String::from_utf8_lossy(&output.stderr)));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())
}
