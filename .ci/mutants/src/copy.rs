//! A copy of the crate that holds all mutants, and its build.

use crate::list::Mutant;
use crate::rewrite::{self, Rewritten};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Which mutant is on is read once; where `MUTANTS_REACHED` names a file, each switch that is asked is written to it.
const SWITCH: &str = r#"
#[doc(hidden)]
pub fn __mutant(number: u32) -> bool {
    use std::io::Write;
    use std::sync::atomic::{AtomicBool, Ordering};
    static ACTIVE: std::sync::OnceLock<u32> = std::sync::OnceLock::new();
    static FILE: std::sync::OnceLock<std::fs::File> = std::sync::OnceLock::new();
    static REACHED: [AtomicBool; COUNT] = [const { AtomicBool::new(false) }; COUNT];
    let active = *ACTIVE.get_or_init(|| std::env::var("MUTANT").map_or(0, |number| number.parse().unwrap_or(0)));
    if active != 0 {
        return active == number;
    }
    if !REACHED[number as usize].swap(true, Ordering::Relaxed) {
        if let Some(path) = std::env::var_os("MUTANTS_REACHED") {
            let open = || std::fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
            let _ = FILE.get_or_init(open).write_all(format!("{number}\n").as_bytes());
        }
    }
    false
}
"#;

/// What an earlier run left out, by name.
const LEFT_OUT: &str = "left-out.txt";

/// Dependencies of tests that are not run here, and that take longer to build than the library.
const HEAVY: [&str; 4] = ["criterion ", "indicatif ", "jsonschema ", "tokio "];

fn without_heavy(manifest: &str) -> String {
    let kept = manifest.lines().filter(|line| !HEAVY.iter().any(|name| line.starts_with(name)));
    kept.flat_map(|line| [line, "\n"]).collect()
}

/// The copy, and what of the mutants is in it.
pub struct Copy {
    pub directory: PathBuf,
    target: PathBuf,
    /// By number, from 1.
    pub mutants: BTreeMap<usize, Mutant>,
    /// What does not compile, or stands where nothing can be switched.
    pub left_out: BTreeMap<usize, &'static str>,
}

/// A test program, and where it is run.
#[derive(Clone, Debug)]
pub struct Program {
    pub name: String,
    pub path: PathBuf,
}

impl Copy {
    /// Copies what is in the repository; the files of the mutants are written by `settle`.
    /// Without mutants it is the crate as it is.
    pub fn of(repository: &Path, work: &Path, mutants: Vec<Mutant>) -> Result<Self, String> {
        let directory = work.join(if mutants.is_empty() { "plain" } else { "crate" });
        let listed = Command::new("git").current_dir(repository).args(["ls-files", "-z"]).output().map_err(text)?;
        for name in String::from_utf8_lossy(&listed.stdout).split('\0').filter(|name| !name.is_empty()) {
            // What is changed is kept beside the copy, as it was.
            let changed = |mutant: &Mutant| mutant.file == name || name == "src/lib.rs";
            let changed = mutants.iter().any(changed);
            let to = if changed { work.join("sources") } else { directory.clone() };
            if let Ok(mut content) = fs::read(repository.join(name)) {
                if name == "Cargo.toml" {
                    content = without_heavy(&String::from_utf8_lossy(&content)).into_bytes();
                }
                if name == "Cargo.lock" && to.join(name).exists() {
                    continue; // cargo has taken out what the copy does not need
                }
                write_if_changed(&to.join(name), &content)?;
            }
        }
        let mutants = (1..).zip(mutants).collect();
        Ok(Self { directory, target: work.join("target"), mutants, left_out: BTreeMap::new() })
    }

    /// Leaves out what did not compile in an earlier run.
    pub fn recall(&mut self, work: &Path) {
        let earlier = fs::read_to_string(work.join(LEFT_OUT)).unwrap_or_default();
        let earlier: BTreeSet<&str> = earlier.lines().collect();
        for (&number, _) in self.mutants.iter().filter(|(_, mutant)| earlier.contains(mutant.name.as_str())) {
            self.left_out.insert(number, "does not compile");
        }
    }

    /// Leaves out what does not compile, until the rest does. What did not in an earlier run is not tried again.
    pub fn settle(&mut self, work: &Path) -> Result<(), String> {
        self.recall(work);
        for round in 1.. {
            let files = self.write()?;
            let errors = self.check()?;
            eprintln!("check {round}: {} mutants, {} errors", self.mutants.len() - self.left_out.len(), errors.len());
            if errors.is_empty() {
                let broken = self.left_out.iter().filter(|(_, why)| **why == "does not compile");
                let names: String = broken.flat_map(|(number, _)| [self.mutants[number].name.as_str(), "\n"]).collect();
                return write_if_changed(&work.join(LEFT_OUT), names.as_bytes());
            }
            let guilty: BTreeSet<usize> = errors.iter().flat_map(|error| guilty_of(error, &files)).collect();
            if guilty.is_empty() {
                return Err(format!("the copy does not compile: {}", errors[0]["rendered"].as_str().unwrap_or("")));
            }
            self.left_out.extend(guilty.into_iter().map(|number| (number, "does not compile")));
        }
        Ok(())
    }

    fn write(&mut self) -> Result<BTreeMap<String, Rewritten>, String> {
        let mut by_file: BTreeMap<&str, BTreeMap<usize, &Mutant>> = BTreeMap::new();
        for (&number, mutant) in &self.mutants {
            let of_file = by_file.entry(&mutant.file).or_default();
            if !self.left_out.contains_key(&number) {
                of_file.insert(number, mutant);
            }
        }
        let mut files = BTreeMap::new();
        let mut unplaced = Vec::new();
        for (name, mutants) in by_file {
            let kept = self.directory.join("../sources").join(name);
            let source = fs::read_to_string(&kept).map_err(|error| format!("{}: {error}", kept.display()))?;
            let rewritten = rewrite::file(&source, &mutants).map_err(|error| format!("{name}: {error}"))?;
            write_if_changed(&self.directory.join(name), rewritten.text.as_bytes())?;
            unplaced.extend(rewritten.unplaced.iter().copied());
            files.insert(name.to_owned(), rewritten);
        }
        self.left_out.extend(unplaced.into_iter().map(|number| (number, "stands where nothing can be switched")));
        let mut library = fs::read_to_string(self.directory.join("../sources/src/lib.rs")).map_err(text)?;
        library.push_str(&SWITCH.replace("COUNT", &(self.mutants.len() + 1).to_string()));
        write_if_changed(&self.directory.join("src/lib.rs"), library.as_bytes())?;
        Ok(files)
    }

    fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("cargo");
        command.current_dir(&self.directory).args(arguments).arg("--message-format=json").stdout(Stdio::piped());
        command
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_INCREMENTAL", "0")
            .env("RUSTFLAGS", "--cap-lints=allow");
        // Optimised a little, with the overflow checks and assertions of a debug build.
        for (name, value) in [("OPT_LEVEL", "1"), ("DEBUG", "0"), ("CODEGEN_UNITS", "16")] {
            command.env(format!("CARGO_PROFILE_DEV_{name}"), value).env(format!("CARGO_PROFILE_TEST_{name}"), value);
        }
        command
    }

    fn check(&self) -> Result<Vec<Value>, String> {
        let output = self.cargo(&["check", "--offline", "--lib"]).stderr(Stdio::null()).output().map_err(text)?;
        let errors = messages(&output.stdout).filter_map(|mut line| {
            let message = line.get_mut("message")?.take();
            (message["level"] == "error" && message["spans"].as_array().is_some_and(|spans| !spans.is_empty()))
                .then_some(message)
        });
        let errors: Vec<Value> = errors.collect();
        if errors.is_empty() && !output.status.success() {
            return Err("cargo check fails without an error that has a place".to_owned());
        }
        Ok(errors)
    }

    /// The unit tests and the named integration tests. The crate itself is optimised where its tests take long: the unit
    /// tests never do, and neither need a build with counters.
    pub fn build(&self, tests: &[String], counted: Option<&Path>) -> Result<Vec<Program>, String> {
        let mut programs = self.programs(&["--lib".to_owned()], true, counted)?;
        let named: Vec<String> = tests.iter().flat_map(|test| ["--test".to_owned(), test.clone()]).collect();
        programs.extend(self.programs(&named, counted.is_some(), counted)?);
        let rank = |program: &Program| tests.iter().position(|test| *test == program.name).map_or(0, |i| i + 1);
        programs.sort_by_key(rank);
        Ok(programs)
    }

    fn programs(&self, targets: &[String], plain: bool, counted: Option<&Path>) -> Result<Vec<Program>, String> {
        let mut command = self.cargo(&["test", "--offline", "--no-run"]);
        command.args(targets).stderr(Stdio::inherit());
        if plain {
            // What the crate depends on stays as it was built.
            command.args(["--config", "profile.dev.package.\"*\".opt-level=1"]);
            command.env("CARGO_PROFILE_DEV_OPT_LEVEL", "0").env("CARGO_PROFILE_TEST_OPT_LEVEL", "0");
        }
        if let Some(wrapper) = counted {
            command.env("RUSTC_WORKSPACE_WRAPPER", wrapper);
        }
        let output = command.output().map_err(text)?;
        if !output.status.success() {
            let rendered =
                messages(&output.stdout).filter_map(|line| line["message"]["rendered"].as_str().map(str::to_owned));
            return Err(format!("the tests do not compile:\n{}", rendered.collect::<Vec<_>>().concat()));
        }
        let built = messages(&output.stdout).filter(|line| line["profile"]["test"] == true).filter_map(|line| {
            let (name, path) = (line["target"]["name"].as_str()?, line["executable"].as_str()?);
            Some(Program { name: name.to_owned(), path: PathBuf::from(path) })
        });
        Ok(built.collect())
    }
}

/// The mutants in whose text an error lies; where it lies in none, those of the closest switch around it.
fn guilty_of(error: &Value, files: &BTreeMap<String, Rewritten>) -> Vec<usize> {
    let Some(spans) = error["spans"].as_array() else { return Vec::new() };
    let spans = || {
        let places = spans.iter().filter_map(|span| {
            let place = |name: &str| usize::try_from(span[name].as_u64()?).ok();
            Some((
                span["is_primary"] == true,
                files.get(span["file_name"].as_str()?)?,
                place("byte_start")?,
                place("byte_end")?,
            ))
        });
        let mut places: Vec<_> = places.collect();
        places.sort_by_key(|(primary, ..)| !primary);
        places.into_iter()
    };
    for (_, file, start, end) in spans() {
        let inside = |range: &std::ops::Range<usize>| range.start <= start && end <= range.end;
        let branch = file.branches.iter().filter(|(range, _)| inside(range)).min_by_key(|(range, _)| range.len());
        if let Some((_, number)) = branch {
            return vec![*number];
        }
    }
    for (_, file, start, end) in spans() {
        let inside = |range: &std::ops::Range<usize>| range.start <= start && end <= range.end;
        let site = file.sites.iter().filter(|(range, _)| inside(range)).min_by_key(|(range, _)| range.len());
        if let Some((_, numbers)) = site {
            return numbers.clone();
        }
    }
    Vec::new()
}

fn messages(output: &[u8]) -> impl Iterator<Item = Value> + '_ {
    output.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok())
}

/// Leaves the time of a file that holds this already, so that cargo builds no more than what changed.
fn write_if_changed(path: &Path, content: &[u8]) -> Result<(), String> {
    if fs::read(path).is_ok_and(|old| old == content) {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(text)?;
    }
    fs::write(path, content).map_err(|error| format!("{}: {error}", path.display()))
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
