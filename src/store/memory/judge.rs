//! Reserve and commit in memory: what the shared rules are told, and what happens where nobody says no.

use chrono::{DateTime, Utc};

use crate::coupon::Code;
use crate::customer::IdentityKey;
use crate::key::CouponId;
use crate::outcome::{Delta, Redemption};
use crate::store::judge::{CodeFact, DefinitionFact, Facts, Judged, judge};
use crate::store::{Commit, CounterState, Objection, PointsBalance, Reserve};

use super::codes::CodeEntry;
use super::state::{Hold, State};

/// What is stored, as the rules see it for one redemption at an instant.
struct Stored<'a> {
    state: &'a State,
    redemption: &'a Redemption,
    own: Option<&'a Hold>,
    at: DateTime<Utc>,
}

impl Facts for Stored<'_> {
    fn definition(&self, coupon: &CouponId) -> Option<DefinitionFact> {
        let definition = self.state.definitions.get(coupon)?;
        let (revision, status) = (definition.current.revision(), definition.current.status());
        Some(DefinitionFact { revision, status, killed_through: definition.killed_through })
    }

    fn own_hold(&self) -> Option<&Redemption> {
        self.own.map(|hold| hold.redemption.as_ref())
    }

    fn issued(&self, coupon: &CouponId, code: &Code) -> Option<CodeFact<'_>> {
        let entry = self.state.codes.get(code).filter(|entry| entry.coupon == *coupon);
        let issued = entry.and_then(CodeEntry::issued)?;
        Some(CodeFact { revoked: issued.is_revoked(), holder: issued.holder() })
    }

    fn types_revision(&self) -> u64 {
        self.state.types.revision(self.redemption.counted(), None)
    }

    fn taken(&self, delta: &Delta) -> CounterState {
        self.state.taken(delta.key(), self.redemption.reference(), self.at, delta.recorded_since(self.at))
    }

    fn held(&self, delta: &Delta) -> u64 {
        let taken = self.own.into_iter().flat_map(|hold| &hold.taken);
        taken.filter(|(key, _)| key == delta.key()).fold(0, |sum, (_, by)| sum.saturating_add(*by))
    }

    fn points(&self, account: &IdentityKey) -> PointsBalance {
        self.state.points.state(account, Some(self.redemption.reference()), self.state.lapsed_through(self.at))
    }
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
        match self.judge(redemption, at) {
            Judged::Fits => {}
            Judged::Stale(revised) => return Reserve::Stale(revised),
            Judged::Refused(objections) => return Reserve::Refused(objections),
        }
        self.sweep_crowded(redemption, at);
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
        match self.judge(redemption, at) {
            Judged::Fits => {}
            Judged::Stale(revised) => return Commit::Stale(revised),
            Judged::Refused(objections) => return Commit::Refused(objections),
        }
        self.sweep_crowded(redemption, at);
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

    /// Takes lapsed holds away from the counters that look full as long as these are counted.
    fn sweep_crowded(&mut self, redemption: &Redemption, at: DateTime<Utc>) {
        for delta in redemption.deltas() {
            if self.looks_full(delta.key(), delta.by(), delta.limit()) {
                self.sweep(delta.key(), at);
            }
        }
    }

    fn judge(&self, redemption: &Redemption, at: DateTime<Utc>) -> Judged {
        let own = self.live_hold(redemption.reference(), at);
        judge(redemption, at, self.grace, &Stored { state: self, redemption, own, at })
    }
}
