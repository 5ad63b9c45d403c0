//! After the order: voids and changes. Nothing is counted back twice, and no change passes a limit.

use chrono::{DateTime, Utc};
use vouchsafe::store::rules::{no_room, points_short};
use vouchsafe::{Amend, Amended, CounterKey, Digest, Objection, OnVoid, PointsReturn, Redemption, Reference, Void};

use crate::counters::{Part, owner};
use crate::logs::Record;
use crate::step::{Failure, Rows, document, json, nanos};

impl Rows<'_> {
    pub(crate) fn void(&self, reference: &Reference, policy: OnVoid, at: DateTime<Utc>) -> Result<Void, Failure> {
        let Some(record) = self.record_of(reference)? else { return Ok(Void::NotRecorded) };
        if record.voided_at.is_some() {
            return Ok(Void::AlreadyVoided);
        }
        self.run(
            "UPDATE record SET voided_at = ?2, uses_back = ?3, allowances_back = ?4 WHERE place = ?1",
            (record.place, nanos(at)?, policy.gives_uses_back(), policy.gives_allowances_back()),
        )?;
        self.give_back(&owner(reference)?, |key| match key.allowance() {
            Some(_) => policy.gives_allowances_back(),
            None => policy.gives_uses_back(),
        })?;
        if policy.gives_uses_back() {
            self.run("UPDATE used SET times = 0 WHERE place = ?1", [record.place])?;
            for code in &record.bound {
                self.set_bound(code, None)?;
            }
        }
        let points = record.redemption.points().filter(|_| policy.gives_points_back());
        let all =
            points.map(|points| self.undo_points(&record, points, PointsReturn::new(points.redeemed, points.earned)));
        Ok(Void::Voided {
            uses_given_back: policy.gives_uses_back(),
            type_reverted: policy.reverts_type() && self.revert_types(reference, at)?,
            allowances_given_back: policy.gives_allowances_back(),
            points: all.transpose()?,
        })
    }

    pub(crate) fn amend(&self, amended: &Amended, at: DateTime<Utc>) -> Result<Amend, Failure> {
        let (redemption, reference) = (amended.redemption(), amended.redemption().reference());
        let Some(record) = self.record_of(reference)? else { return Ok(Amend::NotRecorded) };
        let key = (self.shop, owner(reference)?, amended.id().as_str());
        let sql = "SELECT based_on, document FROM amendment WHERE shop = ?1 AND reference = ?2 AND movement = ?3";
        let known = self.first(sql, key, |row| {
            Ok((document::<Digest>(row, "based_on")?, document::<Redemption>(row, "document")?))
        })?;
        if let Some((based_on, made)) = known {
            let replayed = based_on == amended.based_on() && made.same_content(redemption);
            // Planned again on the order as it was changed, it changes nothing.
            let same = replayed || record.redemption.same_content(redemption);
            return Ok(if same { Amend::AlreadyAmended } else { Amend::Different });
        }
        if record.voided_at.is_some() {
            return Ok(Amend::Refused(vec![Objection::Voided]));
        }
        // Whoever was forgotten meanwhile must not come back by a change.
        if record.redemption.digest() != amended.based_on() || record.redemption.customer() != redemption.customer() {
            return Ok(Amend::Different);
        }
        let objections = self.objections_to_change(&record, redemption, at)?;
        if !objections.is_empty() {
            return Ok(Amend::Refused(objections));
        }
        self.put_in_its_place(&record, amended, at)?;
        Ok(Amend::Amended)
    }

    /// Where a counter rises its limit still holds; where it falls nobody is asked.
    fn objections_to_change(
        &self,
        record: &Record,
        redemption: &Redemption,
        at: DateTime<Utc>,
    ) -> Result<Vec<Objection>, Failure> {
        let reference = owner(redemption.reference())?;
        let parts = self.parts(&reference)?;
        let had = |key: &CounterKey| parts.iter().find(|(known, _)| known == key).map_or(0, |(_, by)| *by);
        let mut objections = Vec::new();
        for delta in redemption.deltas().iter().filter(|delta| delta.by() > had(delta.key())) {
            let others = self.taken(delta.key(), &reference, at, delta.recorded_since(at))?;
            objections.extend(no_room(delta, others));
        }
        if let Some(points) = redemption.points() {
            let before = record.redemption.points().map_or(0, |before| before.redeemed);
            let wanted = points.redeemed.saturating_sub(before);
            let account = self.points(&points.account, &reference, at)?;
            objections.extend(points_short(&points.account, wanted, account));
        }
        Ok(objections)
    }

    /// The changed order under the same reference, recorded at the instant of the first: it is no second use.
    fn put_in_its_place(&self, record: &Record, amended: &Amended, at: DateTime<Utc>) -> Result<(), Failure> {
        let redemption = amended.redemption();
        let reference = owner(redemption.reference())?;
        self.sweep(redemption, at)?;
        let taken = self.takes(redemption)?;
        self.give_back(&reference, |_| true)?;
        for (key, by) in taken {
            self.take(&reference, &key, by, Part::Recorded(record.at))?;
        }
        let (before, after, mut undone) = (record.redemption.points(), redemption.points(), record.undone);
        if let Some(points) = after.or(before) {
            let (given, taken) = undone.change(before, after);
            self.give_and_take(&points.account, given, taken)?;
            self.set_undone(record, undone.given_back, undone.taken_back)?;
        }
        let document = json(redemption)?;
        self.run("UPDATE record SET document = ?2 WHERE place = ?1", (record.place, &document))?;
        self.write_uses(record.place, redemption)?;
        self.run(
            "INSERT INTO amendment (shop, reference, movement, based_on, document) VALUES (?1, ?2, ?3, ?4, ?5)",
            (self.shop, &reference, amended.id().as_str(), json(&amended.based_on())?, &document),
        )?;
        Ok(())
    }
}
