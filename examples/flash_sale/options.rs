//! What is asked for on the command line.

use std::path::PathBuf;

pub(crate) const HELP: &str = "\
Many shoppers race for a few uses of a code. In the end the store is read back: no limit passed, nothing lost.

usage: cargo run --release --example flash_sale -- [options]

  --store memory         in this process, gone with it (default)
  --store sqlite:FILE    in an SQLite file, which is made where there is none; needs --features sqlite
  --store postgres:URL   in PostgreSQL, as in postgres://me@localhost/shop; needs --features postgres
  --customers N          how many shoppers come (default 20000)
  --codes N              how many codes there are, shared out among the shoppers (default 1)
  --limit N              how many orders each code is good for (default 10000)
  --workers N            how many shoppers are served at a time, each on a connection of its own (default 8)
  --help                 print this

Of twenty shoppers five hold the code while they pay, one gives it up, one walks away from a hold that lapses, one never
hears the answer and asks again, and one comes back for more under another account.

The tables are made where there are none. Every run is a shop of its own in them, so that a database serves any number
of runs.

exit code: 0 every invariant held, 1 one is broken, 2 an option that cannot be used, 3 the store cannot be used
";

pub(crate) const USAGE: &str = "\
usage: flash_sale [--store memory|sqlite:FILE|postgres:URL] [--customers N] [--codes N] [--limit N] [--workers N]
       flash_sale --help";

/// Where redemptions are recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StoreName {
    Memory,
    Sqlite(PathBuf),
    Postgres(String),
}

impl std::fmt::Display for StoreName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Memory => f.write_str("memory"),
            Self::Sqlite(file) => write!(f, "sqlite, {}", file.display()),
            // A password is never printed.
            Self::Postgres(url) => match url.rsplit_once('@') {
                Some((_, host)) => write!(f, "postgres, {host}"),
                None => f.write_str("postgres"),
            },
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) store: StoreName,
    pub(crate) customers: u32,
    pub(crate) codes: u32,
    pub(crate) limit: u32,
    pub(crate) workers: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self { store: StoreName::Memory, customers: 20_000, codes: 1, limit: 10_000, workers: 8 }
    }
}

impl Options {
    /// Reads the options; nothing where help is asked for.
    pub(crate) fn of(arguments: impl IntoIterator<Item = String>) -> Result<Option<Self>, String> {
        let mut options = Self::default();
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            // Both `--limit 10` and `--limit=10`.
            let (name, mut inline) = match argument.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (argument.as_str(), None),
            };
            let mut value =
                || inline.take().or_else(|| arguments.next()).ok_or_else(|| format!("{name} needs a value"));
            match name {
                "--store" => options.store = store(&value()?)?,
                "--customers" => options.customers = number(name, &value()?, 10_000_000)?,
                "--codes" => options.codes = number(name, &value()?, 100_000)?,
                "--limit" => options.limit = number(name, &value()?, 1_000_000_000)?,
                "--workers" => options.workers = number(name, &value()?, 1_000)?,
                "--help" | "-h" => return Ok(None),
                _ => return Err(format!("unknown option `{argument}`")),
            }
        }
        Ok(Some(options))
    }
}

fn number(name: &str, text: &str, most: u32) -> Result<u32, String> {
    let number = text.replace('_', "").parse().ok().filter(|number| (1..=most).contains(number));
    number.ok_or_else(|| format!("{name} is `{text}`: not a whole number from 1 to {most}"))
}

fn store(text: &str) -> Result<StoreName, String> {
    let place = |name: &str| text.strip_prefix(name).filter(|place| !place.is_empty());
    if text == "memory" {
        return Ok(StoreName::Memory);
    }
    if let Some(file) = place("sqlite:") {
        return Ok(StoreName::Sqlite(file.into()));
    }
    // `postgres://...` is a URL by itself, `postgres:` may also stand before one.
    if text.starts_with("postgres://") || text.starts_with("postgresql://") {
        return Ok(StoreName::Postgres(text.to_owned()));
    }
    match place("postgres:") {
        Some(url) if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
            Ok(StoreName::Postgres(url.to_owned()))
        }
        _ => Err(format!("--store is `{text}`: not one of memory, sqlite:FILE, postgres:URL")),
    }
}
