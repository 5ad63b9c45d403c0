//! A million codes for one offer, each another one, as a file for whoever prints or mails them.
//!
//! ```sh
//! cargo run --release --example codes -- 1000000 codes.csv
//! cargo run --release --example codes -- 500 codes.csv --prefix PATROL --seed 7
//! ```
//!
//! A ski maker offers patrollers 40% off through the season. Each gets a code of their own, good for one order, so that a
//! code that is passed on after it was used is worth nothing. The codes are written as they are made: at no time do all of
//! them lie in memory. Without a path nothing is written.

use std::collections::HashSet;
use std::error::Error;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};
use vouchsafe::*;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const HELP: &str = "[COUNT] [PATH] [--prefix TEXT] [--seed NUMBER]
  COUNT   how many codes, 1000000 by default
  PATH    the file they are written to; without it nothing is written
  TEXT    what every code begins with, SKI by default
  NUMBER  the same codes each time, for a test; without it the bytes are the operating system's";

/// What fills a buffer with random bytes.
type Source = Box<dyn FnMut(&mut [u8]) -> io::Result<()>>;

#[allow(dead_code)] // a test includes this file and calls `run`
fn main() -> ExitCode {
    if std::env::args().skip(1).any(|argument| argument == "--help" || argument == "-h") {
        println!("{HELP}");
        return ExitCode::SUCCESS;
    }
    match Job::of(std::env::args().skip(1)).and_then(|job| run(&job, &mut io::stdout().lock())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// What is asked for on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Job {
    pub(crate) count: u64,
    pub(crate) prefix: String,
    pub(crate) seed: Option<u64>,
    pub(crate) file: Option<PathBuf>,
}

impl Default for Job {
    fn default() -> Self {
        Self { count: 1_000_000, prefix: "SKI".to_owned(), seed: None, file: None }
    }
}

impl Job {
    /// Reads `[COUNT] [PATH] [--prefix TEXT] [--seed NUMBER]`.
    pub(crate) fn of(arguments: impl IntoIterator<Item = String>) -> Result<Self> {
        let mut job = Self::default();
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| format!("`{argument}` needs a value"));
            match argument.as_str() {
                "--prefix" => job.prefix = value()?,
                "--seed" => job.seed = Some(value()?.parse()?),
                other if other.starts_with('-') => return Err(format!("unknown option `{other}`\n{HELP}").into()),
                other => match other.parse() {
                    Ok(count) => job.count = count,
                    Err(_) => job.file = Some(other.into()),
                },
            }
        }
        Ok(job)
    }
}

/// Makes the codes and says what they are.
pub(crate) fn run(job: &Job, out: &mut dyn Write) -> Result<()> {
    let pattern = CodePattern::new().with_prefix(&job.prefix)?;
    writeln!(out, "Codes for an offer\n==================\n")?;
    writeln!(out, "pattern   {}", shown(&pattern))?;
    writeln!(out, "codes     {} there are, {} random bits", pattern.capacity(), pattern.bits())?;

    let source = match job.seed {
        Some(seed) => seeded(seed),
        None => system_bytes()?,
    };
    let started = Instant::now();
    let made = write_codes(pattern.generate(job.count, source)?, job.file.as_deref())?;
    // How fast it was is told apart: what stands above and below is the same every time.
    let a_second = u128::from(made).saturating_mul(1_000).checked_div(started.elapsed().as_millis());
    eprintln!("{} codes a second", a_second.unwrap_or(made.into()));

    writeln!(out, "made      {made}")?;
    match pattern.one_guess_in(made) {
        Some(guesses) => writeln!(out, "guessing  one guess in {guesses} hits one of them")?,
        None => writeln!(out, "guessing  there is nothing to guess")?,
    }
    if let Some(file) = &job.file {
        writeln!(out, "read back {} distinct codes that fit the pattern", distinct(file, &pattern)?)?;
    }
    Ok(())
}

/// A row for each code, written as soon as it is made.
fn write_codes<E>(codes: impl Iterator<Item = std::result::Result<Code, E>>, file: Option<&Path>) -> Result<u64>
where
    E: Error + 'static,
{
    // Draws on a terminal only; in a pipe or a log it is silent.
    let bar = ProgressBar::new(codes.size_hint().1.and_then(|count| u64::try_from(count).ok()).unwrap_or(0));
    bar.set_style(ProgressStyle::with_template("{bar:40} {human_pos} of {human_len}, {eta} left")?);
    let mut rows: Box<dyn Write> = match file {
        Some(file) => Box::new(BufWriter::new(File::create(file)?)),
        None => Box::new(io::sink()),
    };
    writeln!(rows, "code,date_created,expires")?;

    let (offer, zone) = (offer()?, Zone::named("America/Denver")?);
    let exported_at = parse_instant("2026-11-02T16:00:00Z")?;
    let mut made = 0_u64;
    for code in codes {
        // A store takes them along the way: `MemoryStore::add_batch`, or a table with a unique index over the codes.
        let issued = IssuedCode::new(code?, exported_at);
        let fields = MergeFields::new(&offer, &issued, &zone)?;
        let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
        writeln!(rows, "{},{},{}", fields.code(), day(fields.date_created()), day(fields.expires()))?;
        made = made.saturating_add(1);
        if made % 10_000 == 0 {
            bar.set_position(made);
        }
    }
    rows.flush()?;
    bar.finish_and_clear();
    Ok(made)
}

/// 40% off everything, once for each code, through the last day of the season.
fn offer() -> Result<Coupon> {
    Ok(serde_json::from_str(
        r#"{"version": 1, "id": "patrol", "description": "40% for patrollers",
            "validity": {"from": "2026-11-01", "thru": "2027-04-30"}, "limits": {"per_code": 1},
            "benefits": [{"percent": {"off": "40"}}]}"#,
    )?)
}

/// How many different codes a file holds. Here, and not before, all of them are held at once.
fn distinct(file: &Path, pattern: &CodePattern) -> Result<usize> {
    let mut codes = HashSet::new();
    for row in BufReader::new(File::open(file)?).lines().skip(1) {
        let row = row?;
        let code = Code::parse(row.split(',').next().unwrap_or_default(), CodeFormat::Standard)?;
        if pattern.fits(&code) {
            codes.insert(code);
        }
    }
    Ok(codes.len())
}

fn shown(pattern: &CodePattern) -> String {
    let (prefix, random, length) = (pattern.prefix(), pattern.random(), pattern.length());
    let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}, ") };
    format!("{prefix}{random} random characters, a check character: {length} in all")
}

/// The operating system's random bytes, of which nobody can tell the next. On other systems than this, and in a shop on
/// any, `getrandom::fill` does the same and can be handed over as it is.
fn system_bytes() -> Result<Source> {
    let device = File::open("/dev/urandom").map_err(|error| format!("no random bytes here, give a --seed: {error}"))?;
    let mut device = BufReader::new(device);
    Ok(Box::new(move |buffer| device.read_exact(buffer)))
}

/// Bytes that are the same every time, for tests: whoever knows one code of a batch made of them knows all. A shop takes
/// the operating system's.
fn seeded(seed: u64) -> Source {
    // A state of zero would stay zero.
    let mut state = (seed ^ 0x9e37_79b9_7f4a_7c15).max(1);
    Box::new(move |buffer| {
        for byte in buffer {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            *byte = state.to_be_bytes()[0];
        }
        Ok(())
    })
}
