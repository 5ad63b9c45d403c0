//! Files of cases, counted and told.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{Verdict, is_universal, judge};

/// How many ended which way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) not_applicable: usize,
}

impl Counts {
    fn add(&mut self, verdict: &Verdict) {
        let count = match verdict {
            Verdict::Passed => &mut self.passed,
            Verdict::Failed { .. } => &mut self.failed,
            Verdict::NotApplicable(_) => &mut self.not_applicable,
        };
        *count = count.saturating_add(1);
    }

    fn and(self, other: Self) -> Self {
        Self {
            passed: self.passed.saturating_add(other.passed),
            failed: self.failed.saturating_add(other.failed),
            not_applicable: self.not_applicable.saturating_add(other.not_applicable),
        }
    }

    fn text(self) -> String {
        let Self { passed, failed, not_applicable } = self;
        format!("{passed} passed, {failed} failed, {not_applicable} not applicable")
    }
}

/// All files of a directory.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// Universal cases, and the others.
    pub(crate) universal: Counts,
    pub(crate) others: Counts,
    /// Cases of other engines: all but our own ones of the same shape.
    pub(crate) given: Counts,
    /// Cases that no correct engine may fail, and failed.
    pub(crate) broken: usize,
    fields: BTreeMap<String, usize>,
    pub(crate) text: String,
}

/// Where the cases are: `PEER_CASES`, or the copies in this repository.
pub(crate) fn directory() -> PathBuf {
    std::env::var_os("PEER_CASES").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join("data").join("peer-cases"),
        PathBuf::from,
    )
}

impl Report {
    /// Runs every `*.json` of a directory, by name.
    ///
    /// # Errors
    /// A directory that cannot be read.
    pub(crate) fn of(directory: &Path) -> Result<Self, std::io::Error> {
        let mut files: Vec<PathBuf> = std::fs::read_dir(directory)?
            .filter_map(Result::ok)
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
            .collect();
        files.sort();
        let mut report = Self::default();
        for file in files {
            let name = file.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
            let text = std::fs::read_to_string(&file)?;
            report.file(&name, &text);
        }
        report.end();
        Ok(report)
    }

    pub(crate) fn file(&mut self, name: &str, text: &str) {
        let cases = match serde_json::from_str::<Value>(text) {
            Ok(Value::Array(cases)) => cases,
            Ok(Value::Object(mut object)) => match object.remove("cases") {
                Some(Value::Array(cases)) => cases,
                _ => vec![Value::Object(object)],
            },
            Ok(other) => vec![other],
            Err(error) => {
                self.text.push_str(&format!("{name}: not readable: {error}\n"));
                vec![Value::Null]
            }
        };
        let (mut universal, mut others) = (Counts::default(), Counts::default());
        let mut fields: BTreeMap<String, usize> = BTreeMap::new();
        let mut failures = String::new();
        for case in &cases {
            let verdict = judge(case);
            let kind = if is_universal(case) { &mut universal } else { &mut others };
            kind.add(&verdict);
            match verdict {
                Verdict::Passed => {}
                Verdict::Failed { differences, binding } => {
                    let id = case.get("id").and_then(Value::as_str).unwrap_or("?");
                    let word = if binding { "FAILED" } else { "failed, not binding" };
                    self.broken = self.broken.saturating_add(usize::from(binding));
                    failures.push_str(&format!("  {word} {id}: {}\n", differences.join("; ")));
                }
                Verdict::NotApplicable(field) => {
                    if std::env::var_os("PEER_CASES_VERBOSE").is_some() {
                        let id = case.get("id").and_then(Value::as_str).unwrap_or("?");
                        failures.push_str(&format!("  not applicable {id}: {field}\n"));
                    }
                    let count = fields.entry(field).or_default();
                    *count = count.saturating_add(1);
                }
            }
        }
        self.text.push_str(&format!("{name}\n  universal: {}\n  others:    {}\n", universal.text(), others.text()));
        self.text.push_str(&failures);
        for (field, count) in fields {
            self.text.push_str(&format!("  not applicable: {count} for {field}\n"));
            let all = self.fields.entry(field).or_default();
            *all = all.saturating_add(count);
        }
        if name != "own.json" {
            self.given = self.given.and(universal).and(others);
        }
        self.universal = self.universal.and(universal);
        self.others = self.others.and(others);
    }

    /// Whether 3 of 100 of the given cases, or more, cannot be expressed.
    pub(crate) fn leaves_out_too_many(&self) -> bool {
        let Counts { passed, failed, not_applicable } = self.given;
        let all = passed.saturating_add(failed).saturating_add(not_applicable);
        not_applicable.saturating_mul(100) >= all.saturating_mul(3).max(1)
    }

    fn end(&mut self) {
        if !self.fields.is_empty() {
            self.text.push_str("not applicable in all files, by field\n");
            for (field, count) in &self.fields {
                self.text.push_str(&format!("  {count} for {field}\n"));
            }
        }
        self.text.push_str(&format!(
            "universal: {}\nothers: {}\npeer cases: {}",
            self.universal.text(),
            self.others.text(),
            self.universal.and(self.others).text()
        ));
    }
}
