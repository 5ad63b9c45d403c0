//! Accounts of loyalty points: one balance each, with what live holds have of it.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};

use crate::customer::{IdentityKey, Pseudonyms};
use crate::key::MovementId;
use crate::outcome::{PointsMove, Redemption};
use crate::request::Reference;
use crate::settle::PointsReturn;
use crate::store::judge::points_short;
use crate::store::points::{Undone, give_and_take};
use crate::store::{Objection, PointsBalance, PointsReturned, ReturnPoints};

use super::MemoryStore;
use super::state::State;

/// One account.
#[derive(Debug, Default)]
struct Account {
    balance: u64,
    /// What references hold, and until when.
    holds: HashMap<Reference, (DateTime<Utc>, u64)>,
    /// Points that came without an order.
    credits: HashSet<MovementId>,
}

impl Account {
    /// What it has without what others than this reference hold.
    fn state(&self, own: Option<&Reference>, at: DateTime<Utc>) -> PointsBalance {
        let others = self.holds.iter().filter(|(of, (until, _))| *until > at && Some(*of) != own);
        PointsBalance::new(self.balance, others.fold(0_u64, |sum, (_, (_, points))| sum.saturating_add(*points)))
    }
}

/// Every account.
#[derive(Debug, Default)]
pub(super) struct Accounts {
    accounts: HashMap<IdentityKey, Account>,
}

/// What a record did to an account, and what returns have undone of it.
#[derive(Debug, Default)]
pub(super) struct Moved {
    /// What the account had before, for a repeat from the very start.
    pub(super) before: PointsBalance,
    undone: Undone,
    returns: BTreeMap<MovementId, (PointsReturn, PointsReturned)>,
}

impl Accounts {
    pub(super) fn state(&self, account: &IdentityKey, own: Option<&Reference>, at: DateTime<Utc>) -> PointsBalance {
        self.accounts.get(account).map_or_else(PointsBalance::default, |account| account.state(own, at))
    }

    /// Puts pseudonyms in the place of keys; says how many accounts with points were those of one of
    /// them.
    pub(super) fn forget(&mut self, names: &Pseudonyms) -> u64 {
        let mut changed = 0_u64;
        for (key, pseudonym) in names.pairs() {
            if let Some(account) = self.accounts.remove(key) {
                changed = changed.saturating_add(u64::from(account.balance > 0));
                self.accounts.insert(pseudonym.clone(), account);
            }
        }
        changed
    }

    pub(super) fn hold(&mut self, redemption: &Redemption, until: DateTime<Utc>) {
        if let Some(points) = redemption.points().filter(|points| points.redeemed > 0) {
            let account = self.accounts.entry(points.account.clone()).or_default();
            account.holds.insert(redemption.reference().clone(), (until, points.redeemed));
        }
    }

    pub(super) fn release(&mut self, redemption: &Redemption) {
        let account = redemption.points().and_then(|points| self.accounts.get_mut(&points.account));
        if let Some(account) = account {
            account.holds.remove(redemption.reference());
        }
    }

    /// Moves the account of a redemption that was agreed to.
    pub(super) fn record(&mut self, redemption: &Redemption, at: DateTime<Utc>) -> Moved {
        let Some(points) = redemption.points() else { return Moved::default() };
        let account = self.accounts.entry(points.account.clone()).or_default();
        let before = account.state(Some(redemption.reference()), at);
        account.balance = account.balance.saturating_sub(points.redeemed).saturating_add(points.earned);
        Moved { before, ..Moved::default() }
    }

    /// What speaks against a change of a record that uses more points than before.
    pub(super) fn objection_to_change(
        &self,
        before: Option<&PointsMove>,
        after: &Redemption,
        at: DateTime<Utc>,
    ) -> Option<Objection> {
        let points = after.points()?;
        let wanted = points.redeemed.saturating_sub(before.map_or(0, |before| before.redeemed));
        points_short(&points.account, wanted, self.state(&points.account, Some(after.reference()), at))
    }

    /// Moves an account by what a change of a record makes of it: only the difference, and without what returns have moved
    /// already.
    pub(super) fn change(&mut self, before: Option<&PointsMove>, after: Option<&PointsMove>, moved: &mut Moved) {
        let Some(account) = after.or(before).map(|points| points.account.clone()) else { return };
        let (rise, fall) = moved.undone.change(before, after);
        give_and_take(&mut self.accounts.entry(account).or_default().balance, rise, fall);
    }

    /// Undoes so much of what a record moved, but no more than is left of it.
    pub(super) fn give_back(&mut self, points: &PointsMove, moved: &mut Moved, asked: PointsReturn) -> PointsReturned {
        let (given, taken) = moved.undone.undo(points, asked);
        give_and_take(&mut self.accounts.entry(points.account.clone()).or_default().balance, given, taken)
    }
}

impl State {
    fn return_points(&mut self, reference: &Reference, id: &MovementId, asked: PointsReturn) -> ReturnPoints {
        let Some(record) = self.records.get_mut(reference) else { return ReturnPoints::NotRecorded };
        let Some(points) = record.redemption.points() else { return ReturnPoints::NotRecorded };
        if let Some((earlier, returned)) = record.points.returns.get(id) {
            return if *earlier == asked { ReturnPoints::AlreadyReturned(*returned) } else { ReturnPoints::Different };
        }
        let returned = self.points.give_back(points, &mut record.points, asked);
        record.points.returns.insert(id.clone(), (asked, returned));
        ReturnPoints::Returned(returned)
    }
}

impl MemoryStore {
    /// The points of an account, with what live holds have of them at this instant.
    #[must_use]
    pub fn points(&self, account: &IdentityKey, at: DateTime<Utc>) -> PointsBalance {
        let state = self.lock();
        state.points.state(account, None, state.lapsed_through(at))
    }

    /// Puts points into an account that no order earned: those of an old system, or a gesture. Again with the same id it
    /// is the same.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let (store, ann) = (MemoryStore::new(), IdentityKey::id("42")?);
    /// for _ in 0..2 {
    ///     store.credit_points(&ann, &"moved-in".parse()?, 730);
    /// }
    /// assert_eq!(store.points(&ann, parse_instant("2026-03-01T12:00:00Z")?).balance(), 730);
    /// # Ok(())
    /// # }
    /// ```
    pub fn credit_points(&self, account: &IdentityKey, id: &MovementId, points: u64) {
        let mut state = self.lock();
        let account = state.points.accounts.entry(account.clone()).or_default();
        if account.credits.insert(id.clone()) {
            account.balance = account.balance.saturating_add(points);
        }
    }

    /// Moves points for a return: gives back what was redeemed on what came back, and takes back what that had earned
    /// (S28, S29). Never more than the order moved, however often it is asked; never below zero: what is not there any more
    /// is reported. The same id again changes nothing.
    ///
    /// **Atomic:** the balance, and the note that the return was done.
    pub fn return_points(&self, reference: &Reference, id: &MovementId, points: PointsReturn) -> ReturnPoints {
        self.lock().return_points(reference, id, points)
    }
}
