//! Reserve, commit, release. `commit` is the heart of a store: compare, judge, record.

use chrono::{DateTime, Utc};
use vouchsafe::store::rules::{Judged, judge};
use vouchsafe::{Code, Commit, Guard, IdentityKey, Objection, Redemption, Reference, Release, Reserve};

use crate::counters::{Part, owner};
use crate::facts::Found;
use crate::step::{Failure, Rows, document, instant, json, nanos};

/// What a reference holds.
#[derive(Debug)]
pub(crate) struct Hold {
    pub(crate) until: DateTime<Utc>,
    pub(crate) redemption: Redemption,
}

impl Rows<'_> {
    pub(crate) fn commit(&self, redemption: &Redemption, at: DateTime<Utc>) -> Result<Commit, Failure> {
        // The record first: a repeat is a repeat, whatever became of the coupon since.
        if let Some(record) = self.record_of(redemption.reference())? {
            return Ok(match record.redemption.same_content(redemption) {
                _ if record.voided_at.is_some() => Commit::Refused(vec![Objection::Voided]),
                true => Commit::AlreadyRecorded,
                false => Commit::Different,
            });
        }
        match self.judge(redemption, at)? {
            Judged::Stale(revised) => Ok(Commit::Stale(revised)),
            Judged::Refused(objections) => Ok(Commit::Refused(objections)),
            Judged::Fits => {
                self.sweep(redemption, at)?;
                self.record(redemption, at)?;
                Ok(Commit::Recorded)
            }
        }
    }

    /// Everything that was read for it was read under the write lock, so that nobody can take what it finds free.
    fn judge(&self, redemption: &Redemption, at: DateTime<Utc>) -> Result<Judged, Failure> {
        Ok(judge(redemption, at, self.grace, &Found::by(self, redemption, at)?))
    }

    /// Writes what was agreed to: the counters in the order of their keys, the codes that become somebody's, types and
    /// points, and the record itself. A step that fails in the middle leaves nothing of it.
    fn record(&self, redemption: &Redemption, at: DateTime<Utc>) -> Result<(), Failure> {
        let reference = owner(redemption.reference())?;
        self.drop_hold(&reference)?;
        for (key, by) in self.takes(redemption)? {
            self.take(&reference, &key, by, Part::Recorded(at))?;
        }
        let bound = self.bind(redemption)?;
        let types_before = self.write_types(redemption, at)?;
        let before = self.move_points(redemption, at)?;
        self.run(
            "INSERT INTO record (shop, reference, at, bound, types_before, balance_before, held_before, document)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            (
                self.shop,
                &reference,
                nanos(at)?,
                json(&bound)?,
                types_before,
                before.balance(),
                before.held(),
                json(redemption)?,
            ),
        )?;
        let place = self.db.last_insert_rowid();
        self.write_uses(place, redemption)?;
        for key in redemption.customer() {
            let sql = "INSERT OR IGNORE INTO buyer (shop, customer, place) VALUES (?1, ?2, ?3)";
            self.run(sql, (self.shop, json(key)?, place))?;
        }
        Ok(())
    }

    /// Which definitions and codes a record has used.
    pub(crate) fn write_uses(&self, place: i64, redemption: &Redemption) -> Result<(), Failure> {
        self.run("DELETE FROM used WHERE place = ?1", [place])?;
        for redeemed in redemption.coupons() {
            self.run(
                "INSERT INTO used (shop, coupon, code, place, times) VALUES (?1, ?2, ?3, ?4, 1)",
                (self.shop, redeemed.coupon.as_str(), redeemed.code.as_str(), place),
            )?;
        }
        Ok(())
    }

    /// Binds bearer codes that are good for one use to the customer who redeems them; says which.
    fn bind(&self, redemption: &Redemption) -> Result<Vec<Code>, Failure> {
        let Some(customer) = redemption.counted().first() else { return Ok(Vec::new()) };
        let mut bound = Vec::new();
        for guard in redemption.guards() {
            let Guard::CodeLive { coupon, code } = guard else { continue };
            let Some(definition) = self.definition(coupon)? else { continue };
            let Some(entry) = self.code(code)? else { continue };
            let nobodys = entry.issued().is_some_and(|issued| issued.holder().is_none());
            if nobodys && definition.current.limits().per_code() == Some(1) {
                self.set_bound(code, Some(customer))?;
                bound.push(code.clone());
            }
        }
        Ok(bound)
    }

    pub(crate) fn set_bound(&self, code: &Code, customer: Option<&IdentityKey>) -> Result<(), Failure> {
        let customer = customer.map(json).transpose()?;
        let sql = "UPDATE code SET bound = ?3 WHERE shop = ?1 AND code = ?2";
        self.run(sql, (self.shop, code.as_str(), customer))
    }

    pub(crate) fn reserve(
        &self,
        redemption: &Redemption,
        at: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Reserve, Failure> {
        if let Some(record) = self.record_of(redemption.reference())? {
            return Ok(match record.redemption.same_content(redemption) {
                _ if record.voided_at.is_some() => Reserve::Refused(vec![Objection::Voided]),
                true => Reserve::AlreadyRecorded,
                false => Reserve::Different,
            });
        }
        match self.judge(redemption, at)? {
            Judged::Stale(revised) => return Ok(Reserve::Stale(revised)),
            Judged::Refused(objections) => return Ok(Reserve::Refused(objections)),
            Judged::Fits => {}
        }
        let own = self.live_hold(redemption.reference(), at)?;
        let same = own.filter(|hold| hold.redemption.same_content(redemption));
        // The same basket again never shortens its hold, and none outlasts its coupons.
        let until = redemption.hold_until(same.map_or(until, |hold| hold.until.max(until)));
        self.sweep(redemption, at)?;
        self.hold(redemption, until)?;
        Ok(Reserve::Held { until })
    }

    /// Puts a hold in the place of the one that the reference had.
    fn hold(&self, redemption: &Redemption, until: DateTime<Utc>) -> Result<(), Failure> {
        let reference = owner(redemption.reference())?;
        self.drop_hold(&reference)?;
        for (key, by) in self.takes(redemption)? {
            self.take(&reference, &key, by, Part::Held(until))?;
        }
        let points = redemption.points().filter(|points| points.redeemed > 0);
        let account = points.map(|points| json(&points.account)).transpose()?;
        self.run(
            "INSERT INTO hold (shop, reference, until, account, points, document) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            (
                self.shop,
                &reference,
                nanos(until)?,
                account,
                points.map_or(0, |points| points.redeemed),
                json(redemption)?,
            ),
        )
    }

    fn stored_hold(&self, reference: &str) -> Result<Option<Hold>, Failure> {
        let sql = "SELECT until, document FROM hold WHERE shop = ?1 AND reference = ?2";
        self.first(sql, (self.shop, reference), |row| {
            Ok(Hold { until: instant(row, "until")?, redemption: document(row, "document")? })
        })
    }

    /// What the reference holds, as long as that lives: nothing has to be cleaned up for a hold to end.
    pub(crate) fn live_hold(&self, reference: &Reference, at: DateTime<Utc>) -> Result<Option<Hold>, Failure> {
        let hold = self.stored_hold(&owner(reference)?)?;
        Ok(hold.filter(|hold| self.grace.is_live(hold.until, at)))
    }

    pub(crate) fn release(&self, reference: &Reference, at: DateTime<Utc>) -> Result<Release, Failure> {
        if self.record_of(reference)?.is_some() {
            return Ok(Release::Recorded);
        }
        let live = self.live_hold(reference, at)?.is_some();
        self.drop_hold(&owner(reference)?)?;
        Ok(if live { Release::Released } else { Release::NothingHeld })
    }
}
