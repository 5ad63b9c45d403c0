//! The command line.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

pub const HELP: &str = "\
A small shop over HTTP: quote, place, cancel, and an admin's JSON.

usage: cargo run --manifest-path examples/shop/Cargo.toml -- [options]

  --store sqlite:FILE    keeps everything in an SQLite file (default sqlite:shop.db)
  --store postgres:URL   or in PostgreSQL, as in postgres://me@localhost/shop
  --listen ADDRESS       where to listen (default 127.0.0.1:8080)
  --help                 print this

environment:
  SHOP_ADMIN_TOKEN       what an admin sends as `authorization: Bearer ...`; without it there is no admin
  SHOP_NAMESPACE         which shop this is, of several in one database (default shop)

The tables are made where there are none. Ctrl-C or SIGTERM finishes what is being served, then stops.

exit code: 0 stopped as asked, 1 the shop cannot run, 2 an option that cannot be used
";

pub const USAGE: &str = "\
usage: vouchsafe-shop [--store sqlite:FILE|postgres:URL] [--listen ADDRESS]
       vouchsafe-shop --help";

/// Where everything is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreName {
    Sqlite(PathBuf),
    Postgres(String),
}

impl fmt::Display for StoreName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(file) => write!(f, "SQLite, {}", file.display()),
            // A password is never printed.
            Self::Postgres(url) => match url.rsplit_once('@') {
                Some((_, host)) => write!(f, "PostgreSQL, {}", host.split('?').next().unwrap_or_default()),
                None => f.write_str("PostgreSQL"),
            },
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    pub store: StoreName,
    pub listen: SocketAddr,
}

impl Options {
    /// Reads the options; nothing where help is asked for.
    ///
    /// # Errors
    /// What cannot be used, in words.
    pub fn of(arguments: impl IntoIterator<Item = String>) -> Result<Option<Self>, String> {
        let listen = SocketAddr::from(([127, 0, 0, 1], 8080));
        let mut options = Self { store: StoreName::Sqlite("shop.db".into()), listen };
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            let (name, mut inline) = match argument.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (argument.as_str(), None),
            };
            let mut value =
                || inline.take().or_else(|| arguments.next()).ok_or_else(|| format!("{name} needs a value"));
            match name {
                "--store" => options.store = store(&value()?)?,
                "--listen" => {
                    let text = value()?;
                    let problem = |_| format!("--listen is `{text}`: not an address with a port, as 127.0.0.1:8080");
                    options.listen = text.parse().map_err(problem)?;
                }
                "--help" | "-h" => return Ok(None),
                _ => return Err(format!("unknown option `{argument}`")),
            }
        }
        Ok(Some(options))
    }
}

fn store(text: &str) -> Result<StoreName, String> {
    // `postgres://...` is a URL by itself, `postgres:` may also stand before one.
    let url = text.strip_prefix("postgres:").filter(|rest| !rest.starts_with("//")).unwrap_or(text);
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return Ok(StoreName::Postgres(url.to_owned()));
    }
    match text.strip_prefix("sqlite:").filter(|file| !file.is_empty()) {
        Some(file) => Ok(StoreName::Sqlite(file.into())),
        None => Err(format!("--store is `{text}`: not one of sqlite:FILE, postgres:URL")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &[&str]) -> Result<Option<Options>, String> {
        Options::of(arguments.iter().map(|&argument| argument.to_owned()))
    }

    #[test]
    fn options_are_read_or_named() {
        let options = read(&["--store", "sqlite:/tmp/a.db", "--listen=0.0.0.0:80"]).unwrap().unwrap();
        assert_eq!((options.store, options.listen.port()), (StoreName::Sqlite("/tmp/a.db".into()), 80));
        for url in ["postgres://me:secret@db/shop", "postgres:postgres://me:secret@db/shop"] {
            let store = read(&["--store", url]).unwrap().unwrap().store;
            assert_eq!(store.to_string(), "PostgreSQL, db/shop");
        }
        assert_eq!(read(&["--help"]), Ok(None));
        for (arguments, complaint) in [
            (vec!["--store"], "--store needs a value"),
            (vec!["--store", "redis:x"], "--store is `redis:x`: not one of sqlite:FILE, postgres:URL"),
            (vec!["--listen", "x"], "--listen is `x`: not an address with a port, as 127.0.0.1:8080"),
            (vec!["--port", "1"], "unknown option `--port`"),
        ] {
            assert_eq!(read(&arguments).unwrap_err(), complaint);
        }
    }
}
