//! What a run has granted of the allowances so far.

use super::member::Member;
use crate::customer::IdentityKey;
use crate::key::AllowanceId;
use crate::outcome::Outcome;
use crate::shop::{AllowancePer, AllowanceUsage};

/// Units by allowance: of those that all share, and of the customer who was served last. To remember every customer would
/// take more memory with every member; one who comes again much later is told by commit.
#[derive(Debug, Default)]
pub(super) struct Granted {
    shared: Vec<AllowanceUsage>,
    /// The keys that count of the customer who was served last.
    latest: Vec<IdentityKey>,
    of_latest: Vec<AllowanceUsage>,
}

impl Granted {
    /// What is taken for a member: before the run, and by the run.
    pub(super) fn taken(&self, member: &Member, usage: &mut Vec<AllowanceUsage>) {
        usage.clear();
        usage.extend_from_slice(&member.allowances);
        let of_latest = if self.is_latest(member.customer.keys()) { self.of_latest.as_slice() } else { &[] };
        for granted in self.shared.iter().chain(of_latest) {
            let same = member.allowances.iter().filter(|before| before.allowance() == granted.allowance());
            let before = same.map(AllowanceUsage::taken).max().unwrap_or(0);
            let taken = before.saturating_add(granted.taken());
            // Of several figures of one allowance, the highest counts.
            usage.push(AllowanceUsage::new(granted.allowance().clone(), taken));
        }
    }

    fn is_latest(&self, keys: &[IdentityKey]) -> bool {
        self.latest.iter().any(|key| keys.contains(key))
    }

    /// Adds what an outcome takes that is going to be recorded.
    pub(super) fn add(&mut self, outcome: &Outcome) {
        if self.is_latest(&outcome.counted) {
            let new = outcome.counted.iter().filter(|key| !self.latest.contains(key));
            let new: Vec<IdentityKey> = new.cloned().collect();
            self.latest.extend(new);
        } else {
            self.latest.clone_from(&outcome.counted);
            self.of_latest.clear();
        }
        for allowance in outcome.allowances().iter().filter(|allowance| allowance.granted() > 0) {
            let to = match allowance.per() {
                AllowancePer::Shared => &mut self.shared,
                AllowancePer::Customer => &mut self.of_latest,
            };
            add(to, allowance.allowance(), allowance.granted());
        }
    }
}

fn add(to: &mut Vec<AllowanceUsage>, allowance: &AllowanceId, granted: u64) {
    match to.iter_mut().find(|usage| usage.allowance() == allowance) {
        Some(usage) => *usage = AllowanceUsage::new(allowance.clone(), usage.taken().saturating_add(granted)),
        None => to.push(AllowanceUsage::new(allowance.clone(), granted)),
    }
}
