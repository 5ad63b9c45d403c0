//! Reserve and commit: who says no, and what happens where nobody does.

use chrono::{DateTime, Utc};

use crate::coupon::{Code, Status};
use crate::key::CouponId;
use crate::outcome::{CounterKey, Guard, Redemption};
use crate::store::{Commit, Objection, Reserve, Revised};

use super::codes::CodeEntry;
use super::state::{Hold, State};

/// What stands before a redemption.
#[derive(Default)]
struct Verdict {
    stale: Vec<Revised>,
    objections: Vec<Objection>,
    /// Counters that look full as long as lapsed holds are counted.
    crowded: Vec<CounterKey>,
}

/// What the reference has recorded already.
enum Recorded {
    Nothing,
    Same,
    Other,
    Voided,
}

impl State {
    pub(super) fn reserve(&mut self, redemption: &Redemption, at: DateTime<Utc>, until: DateTime<Utc>) -> Reserve {
        match self.recorded(redemption) {
            Recorded::Nothing => {}
            Recorded::Same => return Reserve::AlreadyRecorded,
            Recorded::Other => return Reserve::Different,
            Recorded::Voided => return Reserve::Refused(vec![Objection::Voided]),
        }
        let own = self.live_hold(redemption.reference(), at);
        let held_longer = own.filter(|hold| hold.redemption.same_content(redemption)).map(|hold| hold.until);
        let verdict = self.judge(redemption, at);
        if !verdict.stale.is_empty() {
            return Reserve::Stale(verdict.stale);
        }
        if !verdict.objections.is_empty() {
            return Reserve::Refused(verdict.objections);
        }
        self.sweep_all(&verdict.crowded, at);
        let until = redemption.hold_until(held_longer.map_or(until, |longer| longer.max(until)));
        self.hold(redemption, until);
        Reserve::Held { until }
    }

    pub(super) fn commit(&mut self, redemption: &Redemption, at: DateTime<Utc>) -> Commit {
        match self.recorded(redemption) {
            Recorded::Nothing => {}
            Recorded::Same => return Commit::AlreadyRecorded,
            Recorded::Other => return Commit::Different,
            Recorded::Voided => return Commit::Refused(vec![Objection::Voided]),
        }
        let verdict = self.judge(redemption, at);
        if !verdict.stale.is_empty() {
            return Commit::Stale(verdict.stale);
        }
        if !verdict.objections.is_empty() {
            return Commit::Refused(verdict.objections);
        }
        self.sweep_all(&verdict.crowded, at);
        self.record(redemption, at);
        Commit::Recorded
    }

    fn recorded(&self, redemption: &Redemption) -> Recorded {
        match self.records.get(redemption.reference()) {
            None => Recorded::Nothing,
            Some(record) if record.voided.is_some() => Recorded::Voided,
            Some(record) if record.redemption.same_content(redemption) => Recorded::Same,
            Some(_) => Recorded::Other,
        }
    }

    fn sweep_all(&mut self, counters: &[CounterKey], at: DateTime<Utc>) {
        for key in counters {
            self.sweep(key, at);
        }
    }

    /// Asks every guard and every counter. Nothing is changed.
    fn judge(&self, redemption: &Redemption, at: DateTime<Utc>) -> Verdict {
        let own = self.live_hold(redemption.reference(), at);
        let mut verdict = Verdict::default();
        for guard in redemption.guards() {
            match guard {
                Guard::Revision { coupon, revision } => self.definition_stands(coupon, *revision, own, &mut verdict),
                Guard::CodeLive { coupon, code } => {
                    verdict.objections.extend(self.code_lives(coupon, code, redemption));
                }
                Guard::Types { revision } => {
                    let (priced, current) = (*revision, self.types.revision(redemption.counted(), None));
                    if priced != current {
                        verdict.objections.push(Objection::TypesChanged { priced, current });
                    }
                }
                Guard::Window { .. } | Guard::Allowance { .. } | Guard::Seen { .. } => {}
            }
        }
        verdict.objections.extend(redemption.objections_within(at, self.grace));
        for delta in redemption.deltas() {
            let (key, wanted, limit) = (delta.key(), delta.by(), delta.limit());
            let taken = self.taken(key, redemption.reference(), at, delta.recorded_since(at));
            let after = taken.used.checked_add(taken.held).and_then(|taken| taken.checked_add(wanted));
            if after.is_none_or(|after| after > limit) {
                let (counter, used, held) = (key.clone(), taken.used, taken.held);
                verdict.objections.push(Objection::LimitReached { counter, limit, used, held, wanted });
            } else if self.looks_full(key, wanted, limit) {
                verdict.crowded.push(key.clone());
            }
        }
        verdict.objections.extend(self.points.objection(redemption, self.lapsed_through(at)));
        verdict
    }

    /// A live hold pins the revision it was made with, unless that was killed. Otherwise the definition must be active,
    /// and be the one that was priced.
    fn definition_stands(&self, coupon: &CouponId, priced: u32, own: Option<&Hold>, verdict: &mut Verdict) {
        let coupon = coupon.clone();
        let Some(definition) = self.definitions.get(&coupon) else {
            verdict.objections.push(Objection::UnknownCoupon { coupon });
            return;
        };
        let held = own.is_some_and(|hold| {
            hold.redemption.coupons().iter().any(|held| held.coupon == coupon && held.revision == priced)
        });
        if held && priced > definition.killed_through {
            return;
        }
        let current = definition.current.revision();
        if definition.current.status() != Status::Active {
            let killed = definition.killed_through >= current;
            let objection = if killed { Objection::Killed { coupon } } else { Objection::NotActive { coupon } };
            verdict.objections.push(objection);
        } else if current != priced {
            verdict.stale.push(Revised { coupon, priced, current });
        }
    }

    fn code_lives(&self, coupon: &CouponId, code: &Code, redemption: &Redemption) -> Option<Objection> {
        let (entry, coupon, code) = (self.codes.get(code), coupon.clone(), code.clone());
        let Some(issued) = entry.filter(|entry| entry.coupon == coupon).and_then(CodeEntry::issued) else {
            return Some(Objection::UnknownCode { coupon, code });
        };
        if issued.is_revoked() {
            return Some(Objection::CodeRevoked { coupon, code });
        }
        let others = issued.holder().is_some_and(|holder| !redemption.customer().contains(holder));
        others.then_some(Objection::WrongCustomer { coupon, code })
    }
}
