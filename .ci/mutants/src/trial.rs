//! Which tests reach which mutant, and which of them notice it.

use crate::copy::Program;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// One test, and what it reaches when nothing is changed.
#[derive(Debug)]
pub struct Test {
    pub program: usize,
    /// Empty for a program without a harness.
    pub name: String,
    pub takes: Duration,
    pub reaches: BTreeSet<usize>,
}

/// What became of a mutant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// A test failed, or its process did.
    Killed(String),
    /// Longer than three times what the tests take, and three seconds.
    TimedOut,
    Survived,
    /// No test asks its switch.
    Unreached,
}

#[derive(Debug)]
pub struct Trial<'a> {
    pub programs: &'a [Program],
    pub directory: &'a Path,
    pub settings: &'a [(String, String)],
}

impl Trial<'_> {
    /// Runs every test alone, with all mutants off. One that fails is told and left out.
    pub fn tests(&self, reached: &Path) -> Result<Vec<Test>, String> {
        let mut tests = Vec::new();
        for (index, program) in self.programs.iter().enumerate() {
            for name in self.names(program)? {
                let _ = std::fs::remove_file(reached);
                let start = Instant::now();
                let status = self
                    .command(program, 600, &[&name])
                    .env("MUTANTS_REACHED", reached)
                    .stdout(Stdio::null())
                    .status()
                    .map_err(|error| error.to_string())?;
                let takes = start.elapsed();
                if !status.success() {
                    eprintln!("left out, it fails with nothing changed: {} {name}", program.name);
                    continue;
                }
                let numbers = std::fs::read_to_string(reached).unwrap_or_default();
                let reaches = numbers.lines().filter_map(|line| line.parse().ok()).collect();
                tests.push(Test { program: index, name, takes, reaches });
            }
        }
        tests.sort_by_key(|test| test.takes);
        Ok(tests)
    }

    fn names(&self, program: &Program) -> Result<Vec<String>, String> {
        let mut command = Command::new(&program.path);
        command.current_dir(self.directory).args(["--list", "--format", "terse"]);
        let output = command.output().map_err(|error| error.to_string())?;
        let text = String::from_utf8_lossy(&output.stdout);
        let names: Vec<String> =
            text.lines().filter_map(|line| Some(line.strip_suffix(": test")?.to_owned())).collect();
        Ok(if names.is_empty() { vec![String::new()] } else { names })
    }

    /// A process that may take so many seconds of a processor and four gigabytes.
    fn command(&self, program: &Program, seconds: u64, names: &[&String]) -> Command {
        let mut command = Command::new("sh");
        let limits = format!("ulimit -c 0; ulimit -t {seconds}; ulimit -v 4000000; exec \"$0\" \"$@\"");
        command.arg("-c").arg(limits).arg(&program.path).current_dir(self.directory);
        if names.iter().all(|name| !name.is_empty()) {
            command.args(["--exact", "--test-threads=1", "--color=never"]).args(names);
        }
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        command.stderr(Stdio::null()).stdin(Stdio::null());
        command
    }

    /// Tries one mutant: the tests that reach it, the fast ones first, up to the first that fails.
    pub fn fate(&self, number: usize, tests: &[Test]) -> Result<Fate, String> {
        let reaching: Vec<&Test> = tests.iter().filter(|test| test.reaches.contains(&number)).collect();
        if reaching.is_empty() {
            return Ok(Fate::Unreached);
        }
        // In steps of growing cost; each step runs one process for each program.
        let steps = [20, 200, 2_000, u128::MAX];
        let mut done = 0;
        for bound in steps {
            let step = reaching[done..].iter().take_while(|test| test.takes.as_millis() < bound).count();
            let mut by_program: BTreeMap<usize, Vec<&Test>> = BTreeMap::new();
            for test in &reaching[done..done + step] {
                by_program.entry(test.program).or_default().push(test);
            }
            done += step;
            for (program, tests) in by_program {
                let fate = self.run(&self.programs[program], number, &tests)?;
                if fate != Fate::Survived {
                    return Ok(fate);
                }
            }
        }
        Ok(Fate::Survived)
    }

    fn run(&self, program: &Program, number: usize, tests: &[&Test]) -> Result<Fate, String> {
        let takes: Duration = tests.iter().map(|test| test.takes).sum();
        let names: Vec<&String> = tests.iter().map(|test| &test.name).collect();
        let mut child = self
            .command(program, takes.as_secs() * 3 + 3, &names)
            .env("MUTANT", number.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| error.to_string())?;
        let mut killer = None;
        if let Some(output) = child.stdout.take() {
            for line in BufReader::new(output).split(b'\n') {
                let line = line.map_err(|error| error.to_string())?;
                let line = String::from_utf8_lossy(&line);
                if let Some(name) = line.strip_prefix("test ").and_then(|line| line.strip_suffix(" ... FAILED")) {
                    killer = Some(name.to_owned());
                    let _ = child.kill();
                    break;
                }
            }
        }
        let status = child.wait().map_err(|error| error.to_string())?;
        Ok(match killer {
            Some(name) => Fate::Killed(format!("{} {name}", program.name)),
            None if status.success() => Fate::Survived,
            // SIGKILL or SIGXCPU, from the limit.
            None if matches!(status.signal(), Some(9 | 24)) => Fate::TimedOut,
            None => Fate::Killed(program.name.clone()),
        })
    }
}
