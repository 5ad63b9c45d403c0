//! What an assignment makes of the types that the customer holds, and which of several goes first.

use chrono::{DateTime, TimeDelta, Utc};

use crate::coupon::{AssignUntil, TypeAssignment, TypeKind};
use crate::customer::TypeTerm;
use crate::error::{Error, Why};
use crate::key::CustomerTypeId;
use crate::outcome::{TraceStep, TypeCause, TypeChange, TypeUnchanged};

use super::pass::Pass;

/// How the customer holds a type that is assigned again.
#[derive(Debug, Clone, Copy)]
struct Running {
    /// When that ends; none where no end is known.
    end: Option<DateTime<Utc>>,
    /// It may end all the same, with a membership.
    hangs: bool,
}

impl<'a> Pass<'a> {
    /// The change that an assignment makes to what the customer held before this evaluation, or why it makes none.
    pub(super) fn assigning(
        &self,
        assign: &TypeAssignment,
        cause: TypeCause,
    ) -> Result<Result<TypeChange, TypeUnchanged>, Error> {
        let held = self.request.customer.held();
        let to = assign.to();
        let term_before = held.term().filter(|_| held.primary() == self.type_before && !held.term_is_over(self.at));
        let (running, since) = match assign.kind() {
            TypeKind::Primary => {
                let running = (Some(to) == self.type_before).then(|| Running {
                    end: term_before.and_then(|term| self.end_of(term)),
                    hangs: term_before.is_some(),
                });
                (running, None)
            }
            TypeKind::Membership => {
                let window = held.memberships().iter().find(|m| m.customer_type() == to).map(|m| m.window());
                let window = window.filter(|w| w.until().is_none_or(|until| until > self.at));
                let running = window.map(|w| Running { end: w.until(), hangs: false });
                (running, window.map_or(Some(self.at), |w| w.from()))
            }
        };
        let rank = |t: Option<&CustomerTypeId>| t.map_or(0, |t| self.shop.types().rank(t));
        if assign.is_only_upwards() && running.is_none() && rank(Some(to)) <= rank(self.type_before) {
            return Ok(Err(TypeUnchanged::NotUpwards));
        }
        let (until, hangs_on) = match assign.until() {
            AssignUntil::Membership(membership) => (None, Some(membership)),
            until => (self.last_instant(until, running)?, None),
        };
        let end = match hangs_on.map(|membership| self.membership_end(membership)) {
            Some(None) => return Ok(Err(TypeUnchanged::NotMember)),
            Some(Some(end)) => end,
            None => until,
        };
        if end.is_some_and(|end| end <= self.at) {
            return Ok(Err(TypeUnchanged::Over));
        }
        let longer = running.is_none_or(|running| match (running.end, end) {
            (Some(before), Some(after)) => after > before,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (None, None) => running.hangs && hangs_on.is_none(),
        });
        if !longer {
            return Ok(Err(TypeUnchanged::AlreadyHeld));
        }
        let bounded = until.is_some() || hangs_on.is_some();
        let change = match assign.kind() {
            TypeKind::Primary => TypeChange {
                kind: TypeKind::Primary,
                from: self.type_before.cloned(),
                to: Some(to.clone()),
                when: assign.when(),
                since: None,
                until,
                while_member_of: hangs_on.cloned(),
                // A type for a time never becomes one for good because another one was laid over it.
                then: match term_before {
                    Some(term) => term.next().cloned(),
                    None => held.primary_at(self.at).cloned(),
                }
                .filter(|_| bounded),
                before: term_before.cloned(),
                cause,
                at: self.at,
            },
            TypeKind::Membership => TypeChange {
                kind: TypeKind::Membership,
                from: running.map(|_| to.clone()),
                to: Some(to.clone()),
                when: assign.when(),
                since,
                until,
                while_member_of: None,
                then: None,
                before: running.and_then(|running| running.end).map(TypeTerm::until),
                cause,
                at: self.at,
            },
        };
        Ok(Ok(change))
    }

    /// When a term ends; none where no end is known.
    fn end_of(&self, term: &TypeTerm) -> Option<DateTime<Utc>> {
        let with = term.membership().and_then(|membership| self.membership_end(membership).flatten());
        match (term.ends_at(), with) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    /// When a membership ends, with what is known to change; none where there is none, inside none where it has no end.
    fn membership_end(&self, membership: &CustomerTypeId) -> Option<Option<DateTime<Utc>>> {
        let of =
            |c: &&TypeChange| c.kind == TypeKind::Membership && c.to.as_ref().or(c.from.as_ref()) == Some(membership);
        if let Some(change) = self.s.changes.iter().find(of) {
            return change.to.as_ref().map(|_| change.until);
        }
        let held = self.request.customer.held().memberships();
        held.iter().find(|m| m.customer_type() == membership && m.is_live(self.at)).map(|m| m.window().until())
    }

    /// The end of a time in local days; a number of days is added to what runs already.
    fn last_instant(&self, until: &AssignUntil, running: Option<Running>) -> Result<Option<DateTime<Utc>>, Error> {
        let zone = self.policy.zone();
        let last = match until {
            AssignUntil::Forever | AssignUntil::Membership(_) => return Ok(None),
            AssignUntil::Day(day) => Some(*day),
            AssignUntil::Days(days) => {
                let last = running.and_then(|running| running.end);
                let last = last.and_then(|end| end.checked_sub_signed(TimeDelta::nanoseconds(1))).unwrap_or(self.at);
                zone.local_date(last).checked_add_days(chrono::Days::new(u64::from(*days)))
            }
        };
        let end = last.and_then(|day| zone.day_end(day).ok());
        match end {
            Some(end) => Ok(Some(end)),
            None => Err(Error::invalid("assign.until", self.at.to_rfc3339(), Why::BadTime)),
        }
    }

    /// Takes a change in. Of two about the same the first stands; of two memberships of one type the longer.
    pub(super) fn decide(&mut self, change: TypeChange) {
        let Some(place) = self.s.changes.iter().position(|c| c.concerns_same(&change)) else {
            self.s.changes.push(change);
            return;
        };
        let mut loser = change;
        if let Some(first) = self.s.changes.get_mut(place) {
            let both = first.to.is_some() && loser.to.is_some();
            let longer = match (first.until, loser.until) {
                (Some(a), Some(b)) => b > a,
                (first, new) => first.is_some() && new.is_none(),
            };
            if first.kind == TypeKind::Membership && both && longer {
                std::mem::swap(first, &mut loser);
            }
        }
        if let Some(to) = loser.to.or(loser.from) {
            self.unchanged(&to, loser.cause, TypeUnchanged::Conflict);
        }
    }

    /// Judges an assignment and takes in what it changes; says why it changes nothing.
    pub(super) fn assign(&mut self, assign: &TypeAssignment, cause: TypeCause) -> Result<Option<TypeUnchanged>, Error> {
        match self.assigning(assign, cause.clone())? {
            Ok(change) => {
                self.decide(change);
                Ok(None)
            }
            Err(why) => {
                self.unchanged(assign.to(), cause, why);
                Ok(Some(why))
            }
        }
    }

    /// Traces that an assignment changes nothing.
    pub(super) fn unchanged(&mut self, to: &CustomerTypeId, cause: TypeCause, why: TypeUnchanged) {
        if self.tracing {
            self.note(None, TraceStep::TypeNotChanged { to: to.clone(), cause, why }, 0, 0);
        }
    }

    /// The primary type that was decided on, where it changes.
    pub(super) fn new_primary(&self) -> Option<&CustomerTypeId> {
        self.s.changes.iter().find(|c| c.kind == TypeKind::Primary).and_then(|c| c.to.as_ref())
    }
}
