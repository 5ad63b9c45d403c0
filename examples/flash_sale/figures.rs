//! What is counted, and how it is printed.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::io::{self, Write};
use std::time::Duration;

use vouchsafe::*;

use super::options::Options;
use super::sale::{Closing, Orders};

/// Why a shopper got no discount, and how late that was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Reason {
    why: &'static str,
    when: &'static str,
}

const USED_UP: &str = "used up";
const ONCE: &str = "once for each customer";

impl Reason {
    /// An answer that no shopper here should ever get.
    pub(crate) const UNEXPECTED: Self = Self { why: "unexpected answer", when: "when recorded" };

    /// Seen in the price, from figures that were a moment old.
    pub(crate) fn priced(refusal: &Refusal) -> Self {
        let why = match refusal {
            Refusal::LimitReached { limit: LimitKind::Customer, .. } => ONCE,
            Refusal::LimitReached { .. } => USED_UP,
            other => other.code(),
        };
        Self { why, when: "when priced" }
    }

    /// Seen by the store, which has the last word.
    pub(crate) fn recorded(objections: &[Objection]) -> Self {
        let why = match objections.first() {
            Some(Objection::LimitReached { counter: CounterKey::Customer { .. }, .. }) => ONCE,
            Some(Objection::LimitReached { .. }) => USED_UP,
            _ => Self::UNEXPECTED.why,
        };
        Self { why, when: "when recorded" }
    }

    pub(crate) fn is_used_up(self) -> bool {
        self.why == USED_UP
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.why, self.when)
    }
}

/// What a worker has seen, and what all have.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) attempts: u64,
    pub(crate) refused: BTreeMap<Reason, u64>,
    pub(crate) gave_up: u64,
    pub(crate) walked_away: u64,
    pub(crate) tried_again: u64,
    pub(crate) repeats: u64,
    /// Repeats that were not told that they are repeats.
    pub(crate) repeats_denied: u64,
    /// Orders that were told twice that they are placed, as if they were two.
    pub(crate) told_twice: u64,
    /// Every order that was told that it is placed.
    pub(crate) acknowledged: Orders,
    /// Orders of which nobody knows.
    pub(crate) failed: Orders,
    /// By code, those who found it used up.
    pub(crate) turned_away: HashMap<u32, Vec<u32>>,
    pub(crate) any: Latencies,
    pub(crate) redeemed: Latencies,
}

impl Tally {
    pub(crate) fn add(&mut self, other: Self) {
        for (mine, theirs) in [
            (&mut self.attempts, other.attempts),
            (&mut self.gave_up, other.gave_up),
            (&mut self.walked_away, other.walked_away),
            (&mut self.tried_again, other.tried_again),
            (&mut self.repeats, other.repeats),
            (&mut self.repeats_denied, other.repeats_denied),
            (&mut self.told_twice, other.told_twice),
        ] {
            *mine = mine.saturating_add(theirs);
        }
        for (reason, count) in other.refused {
            let mine = self.refused.entry(reason).or_default();
            *mine = mine.saturating_add(count);
        }
        for (code, shoppers) in other.turned_away {
            self.turned_away.entry(code).or_default().extend(shoppers);
        }
        self.acknowledged.extend(other.acknowledged);
        self.failed.extend(other.failed);
        self.any.merge(&other.any);
        self.redeemed.merge(&other.redeemed);
    }
}

/// How long things took: counts in buckets, each at most a 32nd wide, so that a million of them need no more room than
/// one.
#[derive(Debug, Clone)]
pub(crate) struct Latencies {
    buckets: Vec<u64>,
    count: u64,
    slowest: u64,
}

/// As many as 64 bits of nanoseconds need.
const BUCKETS: usize = 1_920;

impl Default for Latencies {
    fn default() -> Self {
        Self { buckets: vec![0; BUCKETS], count: 0, slowest: 0 }
    }
}

impl Latencies {
    pub(crate) fn add(&mut self, took: Duration) {
        let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        if let Some(count) = self.buckets.get_mut(bucket(nanos)) {
            *count = count.saturating_add(1);
        }
        self.count = self.count.saturating_add(1);
        self.slowest = self.slowest.max(nanos);
    }

    fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.buckets.iter_mut().zip(&other.buckets) {
            *mine = mine.saturating_add(*theirs);
        }
        self.count = self.count.saturating_add(other.count);
        self.slowest = self.slowest.max(other.slowest);
    }

    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    pub(crate) fn slowest(&self) -> Duration {
        Duration::from_nanos(self.slowest)
    }

    /// What so many of a hundred did not exceed, rounded up by a 32nd at most; nothing where nothing was counted.
    pub(crate) fn percentile(&self, percent: u64) -> Duration {
        let rank = self.count.saturating_mul(percent).div_ceil(100);
        let mut seen = 0_u64;
        for (place, count) in self.buckets.iter().enumerate() {
            seen = seen.saturating_add(*count);
            if seen >= rank && *count > 0 {
                return Duration::from_nanos(upper(place).min(self.slowest));
            }
        }
        Duration::ZERO
    }
}

/// Up to 63 one by one; from there on 32 between each power of two and the next.
fn bucket(nanos: u64) -> usize {
    let shift = 63_u32.saturating_sub(nanos.leading_zeros()).saturating_sub(5);
    let within = nanos.checked_shr(shift).unwrap_or(0);
    usize::try_from(u64::from(shift).saturating_mul(32).saturating_add(within)).unwrap_or(usize::MAX)
}

/// The longest time that falls into a bucket.
fn upper(bucket: usize) -> u64 {
    let bucket = u64::try_from(bucket).unwrap_or(u64::MAX);
    let shift = (bucket / 32).saturating_sub(1);
    let within = bucket.saturating_sub(shift.saturating_mul(32)).saturating_add(1);
    let end = u128::from(within).checked_shl(u32::try_from(shift).unwrap_or(0)).unwrap_or(0);
    u64::try_from(end.saturating_sub(1)).unwrap_or(u64::MAX)
}

/// What is about to happen.
pub(crate) fn heading(options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let Options { store, customers, codes, limit, workers } = options;
    let good = if *codes == 1 { "good" } else { "each good" };
    writeln!(out, "Flash sale\n==========\n")?;
    writeln!(out, "store       {store}")?;
    writeln!(out, "shoppers    {}, {} at a time", grouped(*customers), grouped(*workers))?;
    writeln!(out, "codes       {}, {good} for {} orders, one for each customer\n", grouped(*codes), grouped(*limit))
}

const WIDTH: usize = 64;

/// What happened.
pub(crate) fn table(closing: &Closing, out: &mut dyn Write) -> io::Result<()> {
    let Closing { tally, took, audit } = closing;
    let rule = "-".repeat(WIDTH);
    writeln!(out, "{rule}")?;
    row(out, "attempts", &grouped(tally.attempts))?;
    row(out, "redeemed", &grouped(tally.redeemed.count()))?;
    for (reason, count) in &tally.refused {
        row(out, &format!("refused: {reason}"), &grouped(*count))?;
    }
    row(out, "held the code and gave it up", &grouped(tally.gave_up))?;
    row(out, "held the code until it lapsed", &grouped(tally.walked_away))?;
    for (label, count) in [
        ("asked again after a lost answer", tally.repeats),
        ("tried again, others were in the way", tally.tried_again),
        ("the store failed to the end", u64::try_from(tally.failed.len()).unwrap_or(u64::MAX)),
    ] {
        if count > 0 {
            row(out, label, &grouped(count))?;
        }
    }
    writeln!(out, "{rule}")?;
    row(out, "time", &shown(*took))?;
    row(out, "throughput, attempts", &format!("{}/s", grouped(per_second(tally.attempts, *took))))?;
    row(out, "throughput, redemptions", &format!("{}/s", grouped(per_second(tally.redeemed.count(), *took))))?;
    writeln!(out, "{rule}")?;
    columns(out, "how long a checkout took", "any", "redeemed")?;
    for percent in [50, 95, 99] {
        let [any, redeemed] = [&tally.any, &tally.redeemed].map(|of| shown(of.percentile(percent)));
        columns(out, &format!("p{percent}"), &any, &redeemed)?;
    }
    columns(out, "slowest", &shown(tally.any.slowest()), &shown(tally.redeemed.slowest()))?;
    writeln!(out, "{rule}")?;
    writeln!(out, "invariants, read back from the store")?;
    for check in &audit.checks {
        match &check.broken {
            None => row(out, &format!("  {}", check.promise), "kept")?,
            Some(why) => {
                row(out, &format!("  {}", check.promise), "BROKEN")?;
                writeln!(out, "    {why}")?;
            }
        }
    }
    writeln!(out, "{rule}")?;
    let (all, broken) = (audit.checks.len(), audit.broken());
    if broken == 0 {
        writeln!(out, "All {all} invariants are kept.")
    } else {
        writeln!(out, "{broken} of {all} invariants BROKEN: this store loses money.")
    }
}

fn row(out: &mut dyn Write, label: &str, value: &str) -> io::Result<()> {
    let space = WIDTH.saturating_sub(label.chars().count());
    writeln!(out, "{label}{value:>space$}")
}

fn columns(out: &mut dyn Write, label: &str, first: &str, second: &str) -> io::Result<()> {
    writeln!(out, "{label:<32}{first:>16}{second:>16}")
}

fn per_second(count: u64, took: Duration) -> u64 {
    let a_second = u128::from(count).saturating_mul(1_000_000_000).checked_div(took.as_nanos());
    a_second.and_then(|count| u64::try_from(count).ok()).unwrap_or(count)
}

/// Three digits, in the unit that suits.
pub(crate) fn shown(time: Duration) -> String {
    let nanos = time.as_nanos();
    let (unit, nanos_in_it) = match nanos {
        0..1_000 => return format!("{nanos} ns"),
        1_000..1_000_000 => ("us", 1_000_u128),
        1_000_000..1_000_000_000 => ("ms", 1_000_000),
        _ => ("s", 1_000_000_000),
    };
    let hundredths = nanos.saturating_mul(100).checked_div(nanos_in_it).unwrap_or(0);
    let (whole, rest) = (hundredths / 100, hundredths % 100);
    match whole {
        0..10 => format!("{whole}.{rest:02} {unit}"),
        10..100 => format!("{whole}.{} {unit}", rest / 10),
        _ => format!("{whole} {unit}"),
    }
}

/// An error with what caused it, each told once.
pub(crate) fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let words = error.to_string();
        if !text.ends_with(&words) {
            text.push_str(&format!(": {words}"));
        }
        cause = error.source();
    }
    text
}

/// A number with commas.
pub(crate) fn grouped(number: impl Into<u64>) -> String {
    let digits = number.into().to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && digits.len().saturating_sub(place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_a_sorted_list_within_a_32nd() {
        let mut latencies = Latencies::default();
        // A thousand times from 1 to 1,000 us, in another order.
        for i in 0..1_000_u64 {
            latencies.add(Duration::from_micros((i * 337) % 1_000 + 1));
        }
        for (percent, exact) in [(50, 500_000), (95, 950_000), (99, 990_000), (100, 1_000_000)] {
            let found = u64::try_from(latencies.percentile(percent).as_nanos()).unwrap();
            assert!((exact..=exact + exact / 32).contains(&found), "p{percent}: {found}");
        }
        assert_eq!(latencies.percentile(100), latencies.slowest());
        assert_eq!(Latencies::default().percentile(99), Duration::ZERO);
    }

    #[test]
    fn every_time_falls_into_a_bucket_that_holds_it() {
        for nanos in (0..64).map(|bit| 1_u64 << bit).flat_map(|n| [n - 1, n, n + n / 3]).chain([u64::MAX]) {
            let place = bucket(nanos);
            assert!(place < BUCKETS && nanos <= upper(place), "{nanos}");
            assert!(place == 0 || upper(place - 1) < nanos, "{nanos}");
        }
    }

    #[test]
    fn times_and_numbers_are_readable() {
        let times = [999, 1_000, 12_345, 999_999, 1_000_000, 123_456_789, 10_060_000_000, 754_321_000_000];
        assert_eq!(
            times.map(|nanos| shown(Duration::from_nanos(nanos))),
            ["999 ns", "1.00 us", "12.3 us", "999 us", "1.00 ms", "123 ms", "10.0 s", "754 s"],
        );
        assert_eq!([0_u32, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }
}
