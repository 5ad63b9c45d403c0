//! What a worker tried and what it was told: written, and on the disk, before its next step.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use vouchsafe::*;

/// One step with the store.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Call {
    Reserve {
        until: DateTime<Utc>,
    },
    Commit,
    /// Together with the order row, in a transaction of the host.
    Place,
    /// The same, but the host takes it back.
    TakeBack,
    Release,
    Void {
        uses_back: bool,
    },
}

/// What the store answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Told {
    Held {
        until: DateTime<Utc>,
    },
    Recorded,
    AlreadyRecorded,
    /// The store said no, or wants another look.
    No {
        why: String,
    },
    TakenBack,
    Released,
    NothingHeld,
    Voided,
    AlreadyVoided,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Entry {
    /// A worker began to live.
    Life,
    Try {
        number: u64,
        call: Call,
        redemption: Box<Redemption>,
    },
    /// The answer, and how often the question was asked before without one.
    Done {
        told: Told,
        lost: u32,
    },
}

pub struct Journal(File);

impl Journal {
    pub fn open(path: &Path) -> Self {
        Self(OpenOptions::new().create(true).append(true).open(path).unwrap())
    }

    /// One line in one write. What was acknowledged is on the disk when this returns.
    pub fn write(&mut self, entry: &Entry) {
        let mut line = serde_json::to_vec(entry).unwrap();
        line.push(b'\n');
        self.0.write_all(&line).unwrap();
        if matches!(entry, Entry::Done { .. }) {
            self.0.sync_data().unwrap();
        }
    }
}

/// How many lives a worker began, and how many answers it got, without reading what they were.
pub fn count(path: &Path) -> (usize, usize) {
    let text = std::fs::read(path).unwrap_or_default();
    let lines = || text.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n"));
    let lives = lines().filter(|line| line.ends_with(b"\"Life\"\n")).count();
    (lives, lines().filter(|line| line.starts_with(b"{\"Done\"")).count())
}

/// A reference as it is stored.
pub fn name(reference: &Reference) -> String {
    match reference {
        Reference::Order(id) => format!("order:{id}"),
        Reference::Claim(id) => format!("claim:{id}"),
    }
}

/// Every entry that was written whole. A line that a kill tore is no entry: nothing was done upon it.
pub fn read(path: &Path) -> Vec<Entry> {
    let text = std::fs::read(path).unwrap_or_default();
    let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let lines = text[..whole].split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| serde_json::from_slice(line).unwrap_or_else(|_| torn(line))).collect()
}

/// A line that begins with half of another: the half was torn by a kill, and the next life went on behind it.
fn torn(line: &[u8]) -> Entry {
    let text = String::from_utf8_lossy(line);
    let life = text.rfind("\"Life\"").unwrap_or_else(|| panic!("no entry: {text}"));
    serde_json::from_str(&text[life..]).unwrap()
}

/// What must be, and what may be, of one reference.
#[derive(Debug, Clone, Default)]
pub struct Fate {
    /// Everything that was ever tried under it, in order.
    pub tried: Vec<Redemption>,
    /// The content that was acknowledged as recorded.
    pub recorded: Option<Redemption>,
    /// A question went without an answer. The database may still be at work upon it, whatever was said since.
    pub in_doubt: bool,
    /// A void was asked for; and whether it was answered, with what it gave back.
    pub void_tried: bool,
    pub voided: Option<bool>,
    /// What was acknowledged as held, and neither used up, replaced, let go nor put in doubt since.
    pub held: Option<(DateTime<Utc>, Redemption)>,
    /// Recorded together with an order row, or without one.
    pub placed: Option<bool>,
    /// The last step, where it was not answered.
    pub open: Option<Call>,
}

/// What became of every reference of a worker.
pub fn fates(entries: &[Entry]) -> BTreeMap<String, Fate> {
    let mut fates: BTreeMap<String, Fate> = BTreeMap::new();
    let mut last: Option<(Call, Redemption)> = None;
    for entry in entries {
        match entry {
            Entry::Life => {}
            Entry::Try { call, redemption, .. } => {
                let fate = fates.entry(name(redemption.reference())).or_default();
                if !fate.tried.iter().any(|tried| tried.same_content(redemption)) {
                    fate.tried.push((**redemption).clone());
                }
                fate.in_doubt |= fate.open.is_some();
                fate.open = Some(call.clone());
                fate.void_tried |= matches!(call, Call::Void { .. });
                last = Some((call.clone(), (**redemption).clone()));
            }
            Entry::Done { told, lost } => {
                let (call, redemption) = last.take().expect("an answer to a question");
                let fate = fates.get_mut(&name(redemption.reference())).expect("a question before");
                fate.open = None;
                fate.in_doubt |= *lost > 0;
                fate.settle(&call, redemption, told);
            }
        }
    }
    fates
}

impl Fate {
    fn settle(&mut self, call: &Call, redemption: Redemption, told: &Told) {
        match (call, told) {
            (Call::Reserve { .. }, Told::Held { until }) => self.held = Some((*until, redemption)),
            (Call::Commit | Call::Place, Told::Recorded | Told::AlreadyRecorded) => {
                self.recorded = Some(redemption);
                self.placed = Some(*call == Call::Place);
                self.held = None;
            }
            (Call::Release, Told::Released | Told::NothingHeld) => self.held = None,
            (Call::Void { uses_back }, Told::Voided | Told::AlreadyVoided) => self.voided = Some(*uses_back),
            (Call::Reserve { .. } | Call::Commit | Call::Place | Call::TakeBack, Told::No { .. }) => {}
            (Call::TakeBack, Told::TakenBack) => {}
            other => panic!("{} was told {other:?}", redemption.reference()),
        }
    }
}
