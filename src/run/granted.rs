//! What a run has granted of the allowances so far.

use std::collections::HashMap;

use super::member::Member;
use crate::customer::IdentityKey;
use crate::key::AllowanceId;
use crate::outcome::Outcome;
use crate::shop::{AllowancePer, AllowanceUsage};

/// Units by allowance: of those that all share, and of each customer's by identity key.
#[derive(Debug, Default)]
pub(super) struct Granted {
    shared: Vec<AllowanceUsage>,
    of_key: HashMap<IdentityKey, Vec<AllowanceUsage>>,
}

impl Granted {
    /// What is taken for a member: before the run, and by the run.
    pub(super) fn taken(&self, member: &Member, usage: &mut Vec<AllowanceUsage>) {
        usage.clear();
        usage.extend_from_slice(&member.allowances);
        let by_run = |usage: &mut Vec<AllowanceUsage>, granted: &[AllowanceUsage]| {
            for granted in granted {
                let same = member.allowances.iter().filter(|before| before.allowance() == granted.allowance());
                let before = same.map(AllowanceUsage::taken).max().unwrap_or(0);
                let taken = before.saturating_add(granted.taken());
                // Of several figures of one allowance, the highest counts.
                usage.push(AllowanceUsage::new(granted.allowance().clone(), taken));
            }
        };
        by_run(usage, &self.shared);
        if !self.of_key.is_empty() {
            for key in member.customer.keys() {
                by_run(usage, self.of_key.get(key).map_or(&[], Vec::as_slice));
            }
        }
    }

    /// Adds what an outcome takes that is going to be recorded.
    pub(super) fn add(&mut self, outcome: &Outcome) {
        for allowance in outcome.allowances().iter().filter(|allowance| allowance.granted() > 0) {
            match allowance.per() {
                AllowancePer::Shared => add(&mut self.shared, allowance.allowance(), allowance.granted()),
                AllowancePer::Customer => {
                    for key in &outcome.counted {
                        let of_key = self.of_key.entry(key.clone()).or_default();
                        add(of_key, allowance.allowance(), allowance.granted());
                    }
                }
            }
        }
    }
}

fn add(to: &mut Vec<AllowanceUsage>, allowance: &AllowanceId, granted: u64) {
    match to.iter_mut().find(|usage| usage.allowance() == allowance) {
        Some(usage) => *usage = AllowanceUsage::new(allowance.clone(), usage.taken().saturating_add(granted)),
        None => to.push(AllowanceUsage::new(allowance.clone(), granted)),
    }
}
