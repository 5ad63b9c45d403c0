//! A recorded redemption changed: the record stays, and counters move by the difference.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::settle::Amended;
use crate::store::judge::no_room;
use crate::store::{Amend, Objection};

use super::MemoryStore;
use super::state::State;

impl MemoryStore {
    /// Puts a changed order in the place of the one that is recorded, under the same reference: one atomic step, all or
    /// nothing. It is no second use, so counters move only by the difference, and where one rises its limit still holds.
    ///
    /// What was asked when the order was recorded (windows, revisions, holders) is not asked again. The customer's types
    /// stay as the record left them. The same [change](Amended::id) again changes nothing, and another one under its id is
    /// [different](Amend::Different).
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let store = MemoryStore::new();
    /// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
    /// let budget = Amounts::new([Money::parse("10.00", Currency::USD)?])?;
    /// let coupon = Coupon::builder("c").code("TEN").percent_off("10").budget(budget).build()?;
    /// store.define(coupon.clone())?;
    /// let coupon = shop.prepare(coupon)?;
    /// let shirt = Product::new("SHIRT".parse()?);
    /// let order = Order::builder(Currency::USD)
    ///     .line(Line::new(LineId(1), shirt, Quantity::pieces(3)?, UnitPrice::parse("30.00")?))
    ///     .build()?;
    /// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
    /// let codes = [Presented::new("ten", &coupon)];
    /// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
    /// let placed = shop.place(&request)?;
    /// block_on(store.clone().commit(&placed.redemption()?, at))?;
    ///
    /// let amended = placed.amend(&Amendment::new("a-1".parse()?).in_quantity(LineId(1), Quantity::pieces(1)?))?;
    /// assert_eq!(store.amend(&amended, at), Amend::Amended);
    /// assert_eq!(store.amend(&amended, at), Amend::AlreadyAmended);
    /// let spent = CounterKey::Money { coupon: "c".parse()?, currency: Currency::USD };
    /// assert_eq!(store.counter(&spent, at).used, 300);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn amend(&self, amended: &Amended, at: DateTime<Utc>) -> Amend {
        self.lock().amend(amended, at)
    }
}

impl State {
    fn amend(&mut self, amended: &Amended, at: DateTime<Utc>) -> Amend {
        let (redemption, reference) = (amended.redemption(), amended.redemption().reference());
        let Some(record) = self.records.get(reference) else { return Amend::NotRecorded };
        let known = record.amendments.iter().find(|(id, ..)| id == amended.id());
        if let Some((_, based_on, made)) = known {
            let replayed = *based_on == amended.based_on() && made.same_content(redemption);
            // Planned again on the order as it was changed, it changes nothing.
            let same = replayed || record.redemption.same_content(redemption);
            return if same { Amend::AlreadyAmended } else { Amend::Different };
        }
        if record.voided.is_some() {
            return Amend::Refused(vec![Objection::Voided]);
        }
        // Whoever was forgotten meanwhile must not come back by a change.
        if record.redemption.digest() != amended.based_on() || record.redemption.customer() != redemption.customer() {
            return Amend::Different;
        }
        let taken = self.to_take(redemption);
        let had = |key| record.taken.iter().find(|(k, _)| k == key).map_or(0, |(_, by)| *by);
        let (mut objections, mut crowded) = (Vec::new(), Vec::new());
        for delta in redemption.deltas().iter().filter(|delta| delta.by() > had(delta.key())) {
            let others = self.taken(delta.key(), reference, at, delta.recorded_since(at));
            if let Some(objection) = no_room(delta, others) {
                objections.push(objection);
            } else if self.looks_full(delta.key(), delta.by(), delta.limit()) {
                crowded.push(delta.key().clone());
            }
        }
        let now = self.lapsed_through(at);
        objections.extend(self.points.objection_to_change(record.redemption.points(), redemption, now));
        if !objections.is_empty() {
            return Amend::Refused(objections);
        }
        for key in &crowded {
            self.sweep(key, at);
        }
        self.put_amended(reference, Arc::new(redemption.clone()), taken, (amended.id(), amended.based_on()));
        Amend::Amended
    }
}
