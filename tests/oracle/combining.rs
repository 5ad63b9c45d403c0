//! What codes put up with, and how deep all of them may cut together, as plain figures: what both sides of the comparison
//! read; and which of some codes stand beside each other.

use serde_json::{Map, Value, json};

use crate::random::Random;

/// What a coupon shuts other coupons out of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Exclusive {
    #[default]
    No,
    Order,
    Class,
    Line,
}

/// What a coupon may stand beside.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Combining {
    pub exclusive: Exclusive,
    pub group: Option<u8>,
    pub tags: Vec<u8>,
    pub not_with: Vec<u8>,
    pub stop: bool,
}

/// How much all codes of an order may take together: percentages in thousandths, and an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Depths {
    pub per_line: Option<i128>,
    pub per_order: Option<i128>,
    pub most: Option<i128>,
}

fn names(prefix: &str, of: &[u8]) -> Value {
    of.iter().map(|n| Value::from(format!("{prefix}{n}"))).collect()
}

impl Combining {
    /// Adds what differs from the default.
    pub fn write(&self, map: &mut Map<String, Value>) {
        let mut put = |name: &str, value: Value| drop(map.insert(name.to_owned(), value));
        match self.exclusive {
            Exclusive::No => {}
            Exclusive::Order => put("exclusive", true.into()),
            Exclusive::Class => put("exclusive", json!("class")),
            Exclusive::Line => put("exclusive", json!("line")),
        }
        if let Some(group) = self.group {
            put("group", format!("G{group}").into());
        }
        if !self.tags.is_empty() {
            put("tags", names("tag-", &self.tags));
        }
        if !self.not_with.is_empty() {
            put("not_with", names("tag-", &self.not_with));
        }
        if self.stop {
            put("stop", true.into());
        }
    }

    pub fn in_one_group(&self, other: &Self) -> bool {
        self.group.is_some() && self.group == other.group
    }

    /// Whether either of two will not stand beside a tag of the other.
    pub fn apart(&self, other: &Self) -> bool {
        self.not_with.iter().any(|tag| other.tags.contains(tag))
            || other.not_with.iter().any(|tag| self.tags.contains(tag))
    }
}

pub fn random(r: &mut Random) -> Combining {
    let exclusive = match r.below(30) {
        0..=2 => Exclusive::Order,
        3..=5 => Exclusive::Class,
        6..=9 => Exclusive::Line,
        _ => Exclusive::No,
    };
    let some = |r: &mut Random, one_in: u64| if r.one_in(one_in) { r.list(3) } else { Vec::new() };
    let group = r.maybe(5, |r| r.of(&[1, 1, 2]));
    Combining { exclusive, group, tags: some(r, 4), not_with: some(r, 5), stop: r.one_in(15) }
}

pub fn depths(r: &mut Random) -> Depths {
    let percent = |r: &mut Random| r.of(&[10_000, 25_000, 33_333, 50_000, 75_000, 99_000, 100_000]);
    Depths { per_line: r.maybe(6, percent), per_order: r.maybe(7, percent), most: r.maybe(8, |r| r.amount(4_000)) }
}

/// A code that is eligible, as selection sees it.
#[derive(Debug, Clone)]
pub struct Contender<'a> {
    pub combining: &'a Combining,
    /// The stages that its benefits act in.
    pub stages: Vec<&'static str>,
    /// In its place already, whatever comes.
    pub seated: bool,
}

impl Contender<'_> {
    /// Whether it is exclusive of the order, or of a class: what acts nowhere has none.
    fn shuts(&self) -> bool {
        match self.combining.exclusive {
            Exclusive::Order => true,
            Exclusive::Class => !self.stages.is_empty(),
            Exclusive::No | Exclusive::Line => false,
        }
    }

    fn shuts_out(&self, other: &Self) -> bool {
        let shares = self.stages.iter().any(|stage| other.stages.contains(stage));
        self.shuts() && (self.combining.exclusive == Exclusive::Order || shares)
    }
}

/// Which codes shut others out, among those by rank that could: whatever the rank of the others, and of several exclusive
/// ones the first by rank goes. What is in its place already stays, and what will not stand beside that has to go.
pub fn standing(all: &[Contender<'_>], fallen: impl Fn(usize) -> bool) -> Vec<usize> {
    let seated = (0..all.len()).filter(|i| all[*i].seated);
    let mut standing: Vec<usize> = seated.clone().filter(|i| all[*i].shuts()).collect();
    for i in (0..all.len()).filter(|i| all[*i].shuts() && !all[*i].seated && !fallen(*i)) {
        let beside = |other: &usize| !all[i].shuts_out(&all[*other]) && !all[*other].shuts_out(&all[i]);
        if standing.iter().chain(&seated.clone().collect::<Vec<_>>()).all(beside) {
            standing.push(i);
        }
    }
    standing
}

/// Whether one of those shuts a code out. What is exclusive and does not stand is out itself.
pub fn is_out(all: &[Contender<'_>], standing: &[usize], i: usize) -> bool {
    let exclusive = all[i].shuts() && !standing.contains(&i);
    exclusive || standing.iter().any(|by| *by != i && all[*by].shuts_out(&all[i]))
}
