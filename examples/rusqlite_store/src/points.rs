//! Accounts of points: a balance, and what live holds have of it.

use chrono::{DateTime, Utc};
use vouchsafe::store::rules::give_and_take;
use vouchsafe::{
    IdentityKey, MovementId, PointsBalance, PointsMove, PointsReturn, PointsReturned, Redemption, Reference,
    ReturnPoints,
};

use crate::counters::owner;
use crate::logs::Record;
use crate::step::{Failure, Rows, document, json, nanos};

impl Rows<'_> {
    /// What an account has, without what this reference holds of it.
    pub(crate) fn points(&self, account: &IdentityKey, own: &str, at: DateTime<Utc>) -> Result<PointsBalance, Failure> {
        let held = self.figure(
            "SELECT coalesce(sum(points), 0) FROM hold
             WHERE shop = ?1 AND account = ?2 AND until > ?3 AND reference <> ?4",
            (self.shop, json(account)?, nanos(self.grace.lapsed_through(at))?, own),
        )?;
        Ok(PointsBalance::new(self.balance(account)?, held))
    }

    fn balance(&self, account: &IdentityKey) -> Result<u64, Failure> {
        let sql = "SELECT balance FROM account WHERE shop = ?1 AND account = ?2";
        self.figure(sql, (self.shop, json(account)?))
    }

    fn set_balance(&self, account: &IdentityKey, balance: u64) -> Result<(), Failure> {
        let sql = "INSERT INTO account (shop, account, balance) VALUES (?1, ?2, ?3)
                   ON CONFLICT DO UPDATE SET balance = excluded.balance";
        self.run(sql, (self.shop, json(account)?, balance))
    }

    /// Moves the account of a redemption that was agreed to; says what it had before.
    pub(crate) fn move_points(&self, redemption: &Redemption, at: DateTime<Utc>) -> Result<PointsBalance, Failure> {
        let Some(points) = redemption.points() else { return Ok(PointsBalance::default()) };
        let before = self.points(&points.account, &owner(redemption.reference())?, at)?;
        let after = before.balance().saturating_sub(points.redeemed).saturating_add(points.earned);
        self.set_balance(&points.account, after)?;
        Ok(before)
    }

    /// Undoes so much of what a record moved, but no more than is left of it.
    pub(crate) fn undo_points(
        &self,
        record: &Record,
        points: &PointsMove,
        asked: PointsReturn,
    ) -> Result<PointsReturned, Failure> {
        let mut undone = record.undone;
        let (given, taken) = undone.undo(points, asked);
        self.set_undone(record, undone.given_back, undone.taken_back)?;
        self.give_and_take(&points.account, given, taken)
    }

    pub(crate) fn give_and_take(
        &self,
        account: &IdentityKey,
        given: u64,
        taken: u64,
    ) -> Result<PointsReturned, Failure> {
        let mut balance = self.balance(account)?;
        let returned = give_and_take(&mut balance, given, taken);
        self.set_balance(account, balance)?;
        Ok(returned)
    }

    pub(crate) fn set_undone(&self, record: &Record, given_back: u64, taken_back: u64) -> Result<(), Failure> {
        let sql = "UPDATE record SET given_back = ?2, taken_back = ?3 WHERE place = ?1";
        self.run(sql, (record.place, given_back, taken_back))
    }

    pub(crate) fn credit_points(&self, account: &IdentityKey, id: &MovementId, points: u64) -> Result<(), Failure> {
        let sql = "SELECT count(*) FROM credit WHERE shop = ?1 AND account = ?2 AND movement = ?3";
        if self.figure(sql, (self.shop, json(account)?, id.as_str()))? > 0 {
            return Ok(());
        }
        let sql = "INSERT INTO credit (shop, account, movement) VALUES (?1, ?2, ?3)";
        self.run(sql, (self.shop, json(account)?, id.as_str()))?;
        self.set_balance(account, self.balance(account)?.saturating_add(points))
    }

    pub(crate) fn return_points(
        &self,
        reference: &Reference,
        id: &MovementId,
        asked: PointsReturn,
    ) -> Result<ReturnPoints, Failure> {
        let Some(record) = self.record_of(reference)? else { return Ok(ReturnPoints::NotRecorded) };
        let Some(points) = record.redemption.points() else { return Ok(ReturnPoints::NotRecorded) };
        let sql = "SELECT asked, returned FROM points_return WHERE shop = ?1 AND reference = ?2 AND movement = ?3";
        let read = |row: &rusqlite::Row<'_>| Ok((document(row, "asked")?, document(row, "returned")?));
        let key = (self.shop, owner(reference)?, id.as_str());
        if let Some((earlier, returned)) = self.first::<(PointsReturn, PointsReturned)>(sql, key, read)? {
            let same = earlier == asked;
            return Ok(if same { ReturnPoints::AlreadyReturned(returned) } else { ReturnPoints::Different });
        }
        let returned = self.undo_points(&record, points, asked)?;
        self.run(
            "INSERT INTO points_return (shop, reference, movement, asked, returned) VALUES (?1, ?2, ?3, ?4, ?5)",
            (self.shop, owner(reference)?, id.as_str(), json(&asked)?, json(&returned)?),
        )?;
        Ok(ReturnPoints::Returned(returned))
    }
}
