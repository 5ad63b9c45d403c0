//! Mutation testing in one build: see README.md.

mod copy;
mod coverage;
mod list;
mod rewrite;
mod trial;

use copy::{Copy, Program};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use trial::{Fate, Trial};

/// Folders or files when none are named.
const FOLDERS: [&str; 3] = ["src/money", "src/evaluate", "src/settle"];
/// Integration tests when none are named; the unit tests always run.
const TESTS: [&str; 5] = ["requirements", "peer_cases", "invariants", "price_invariants", "oracle"];
/// Few cases, the same ones each time, and no time lost in making a failure small.
const SETTINGS: [(&str, &str); 7] = [
    ("PROPTEST_CASES", "64"),
    ("PROPTEST_MAX_SHRINK_ITERS", "0"),
    ("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "1"),
    ("PROPTEST_RNG_SEED", "1"),
    ("VOUCHSAFE_CASES", "1600"),
    ("RUST_BACKTRACE", "0"),
    ("MUTANTS", "1"),
];

struct Asked {
    folders: Vec<String>,
    tests: Vec<String>,
    work: PathBuf,
    minutes: u64,
    sample: Option<usize>,
    seed: u64,
    jobs: usize,
    again: Option<PathBuf>,
    list: bool,
    coverage: bool,
    programs: Vec<Program>,
}

fn asked() -> Result<Asked, String> {
    let mut asked = Asked {
        folders: Vec::new(),
        tests: Vec::new(),
        work: std::env::temp_dir().join("vouchsafe-mutants"),
        minutes: 240,
        sample: None,
        seed: 1,
        jobs: 1,
        again: None,
        list: false,
        coverage: false,
        programs: Vec::new(),
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("{argument} wants a value"));
        let number = |text: String| text.parse::<u64>().map_err(|_| format!("{text}: no number"));
        let size = |text: String| text.parse::<usize>().map_err(|_| format!("{text}: no number"));
        match argument.as_str() {
            "--file" => asked.folders.push(value()?),
            "--test" => asked.tests.push(value()?),
            "--work" => asked.work = PathBuf::from(value()?),
            "--minutes" => asked.minutes = number(value()?)?,
            "--sample" => asked.sample = Some(size(value()?)?),
            "--seed" => asked.seed = number(value()?)?,
            "--jobs" => asked.jobs = size(value()?)?.max(1),
            "--again" => asked.again = Some(PathBuf::from(value()?)),
            "--list" => asked.list = true,
            "--program" => {
                let text = value()?;
                let (name, path) = text.split_once('=').ok_or("--program wants NAME=PATH")?;
                asked.programs.push(Program { name: name.to_owned(), path: PathBuf::from(path) });
            }
            "--coverage" => asked.coverage = true,
            other => return Err(format!("no argument {other}")),
        }
    }
    if asked.folders.is_empty() {
        asked.folders = FOLDERS.map(str::to_owned).to_vec();
    }
    if asked.tests.is_empty() {
        asked.tests = TESTS.map(str::to_owned).to_vec();
    }
    Ok(asked)
}

/// The numbers in an order that looks random and is the same for a seed (splitmix64).
fn shuffled(numbers: impl Iterator<Item = usize>, seed: u64) -> Vec<usize> {
    let weight = |number: usize| {
        let mut state = seed.wrapping_add((number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        state ^ (state >> 31)
    };
    let mut numbers: Vec<usize> = numbers.collect();
    numbers.sort_by_key(|number| weight(*number));
    numbers
}

/// What an earlier report calls killed, by its text: place and change.
fn settled_before(report: &str) -> BTreeSet<&str> {
    let settled = |line: &&str| line.starts_with("killed\t") || line.starts_with("timeout\t");
    report.lines().filter(settled).filter_map(|line| line.split('\t').nth(1)).collect()
}

fn run() -> Result<(), String> {
    let asked = asked()?;
    let start = Instant::now();
    let repository = std::env::current_dir().map_err(|error| error.to_string())?;
    let settings = SETTINGS.map(|(name, value)| (name.to_owned(), value.to_owned()));
    if asked.coverage {
        let copy = Copy::of(&repository, &asked.work, Vec::new())?;
        return coverage::print(&copy, &asked.work, &asked.tests, &settings, &asked.folders);
    }
    let mutants = list::of(&repository, &asked.folders)?;
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for mutant in &mutants {
        *kinds.entry(&mutant.genre).or_default() += 1;
    }
    println!("{} mutants: {kinds:?}", mutants.len());
    if asked.list {
        for mutant in &mutants {
            println!("{}", mutant.name);
        }
        return Ok(());
    }

    let mut copy = Copy::of(&repository, &asked.work, mutants)?;
    let programs = if asked.programs.is_empty() {
        copy.settle(&asked.work)?;
        eprintln!("settled after {} s", start.elapsed().as_secs());
        copy.build(&asked.tests, None)?
    } else {
        copy.recall(&asked.work);
        asked.programs
    };
    eprintln!("built after {} s", start.elapsed().as_secs());

    let trial = Trial { programs: &programs, directory: &copy.directory, settings: &settings };
    let tests = trial.tests(&asked.work.join("reached"))?;
    let takes: Duration = tests.iter().map(|test| test.takes).sum();
    eprintln!(
        "{} tests, {} s when each runs alone; after {} s",
        tests.len(),
        takes.as_secs(),
        start.elapsed().as_secs()
    );

    let earlier = asked.again.map(std::fs::read_to_string).transpose().map_err(|error| error.to_string())?;
    let settled = settled_before(earlier.as_deref().unwrap_or_default());
    let live = copy.mutants.iter().filter(|(number, _)| !copy.left_out.contains_key(number));
    let open = live.filter(|(_, mutant)| !settled.contains(mutant.name.as_str())).map(|(&number, _)| number);
    let mut order = shuffled(open, asked.seed);
    order.truncate(asked.sample.unwrap_or(usize::MAX));

    let fates = Mutex::new(BTreeMap::new());
    let next = AtomicUsize::new(0);
    let deadline = start + Duration::from_secs(asked.minutes * 60);
    let worker = || -> Result<(), String> {
        while let Some(&number) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
            if Instant::now() > deadline {
                break;
            }
            let fate = trial.fate(number, &tests)?;
            let mut fates = fates.lock().map_err(|error| error.to_string())?;
            fates.insert(number, fate);
            if fates.len() % 100 == 0 {
                eprintln!("{} of {} after {} s", fates.len(), order.len(), start.elapsed().as_secs());
                std::fs::write(asked.work.join("report.part.tsv"), report(&copy, &fates))
                    .map_err(|error| error.to_string())?;
            }
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..asked.jobs).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().map_err(|_| "a worker failed".to_owned())?)
    })?;
    let fates = fates.into_inner().map_err(|error| error.to_string())?;
    let path = asked.work.join("report.tsv");
    std::fs::write(&path, report(&copy, &fates)).map_err(|error| error.to_string())?;
    println!("{}", summary(&copy, &fates, &asked.folders));
    println!("{} of {} tried in {} s; {}", fates.len(), order.len(), start.elapsed().as_secs(), path.display());
    Ok(())
}

/// One line for each mutant: what became of it, what it is, and the test that noticed it.
fn report(copy: &Copy, fates: &BTreeMap<usize, Fate>) -> String {
    let mut text = String::new();
    for (number, mutant) in &copy.mutants {
        let (fate, by) = match (copy.left_out.get(number), fates.get(number)) {
            (Some(why), _) => ("left out", *why),
            (None, None) => ("not tried", ""),
            (None, Some(Fate::Killed(by))) => ("killed", by.as_str()),
            (None, Some(Fate::TimedOut)) => ("timeout", ""),
            (None, Some(Fate::Survived)) => ("survived", ""),
            (None, Some(Fate::Unreached)) => ("unreached", ""),
        };
        let _ = writeln!(text, "{fate}\t{}\t{by}", mutant.name);
    }
    text
}

/// A line for each folder, and one for all.
fn summary(copy: &Copy, fates: &BTreeMap<usize, Fate>, folders: &[String]) -> String {
    let mut text = "folder           mutants left out killed timeout survived unreached not tried".to_owned();
    for folder in folders.iter().map(String::as_str).chain([""]) {
        let mut counts = [0_usize; 7];
        for (number, _) in copy.mutants.iter().filter(|(_, mutant)| mutant.file.starts_with(folder)) {
            counts[0] += 1;
            let column = match (copy.left_out.contains_key(number), fates.get(number)) {
                (true, _) => 1,
                (_, Some(Fate::Killed(_))) => 2,
                (_, Some(Fate::TimedOut)) => 3,
                (_, Some(Fate::Survived)) => 4,
                (_, Some(Fate::Unreached)) => 5,
                (_, None) => 6,
            };
            counts[column] += 1;
        }
        let [all, out, killed, timeout, survived, unreached, rest] = counts;
        let name = if folder.is_empty() { "all" } else { folder };
        let _ = write!(
            text,
            "\n{name:<16} {all:>7} {out:>8} {killed:>6} {timeout:>7} {survived:>8} {unreached:>9} {rest:>9}"
        );
    }
    text
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
