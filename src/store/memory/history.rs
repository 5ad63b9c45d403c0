//! What was recorded, one by one: the usage log of a definition, the history of a customer, everything for a report.

use crate::customer::IdentityKey;
use crate::key::CouponId;
use crate::request::Reference;
use crate::store::UsageRecord;

use super::MemoryStore;
use super::state::{Record, State};

impl MemoryStore {
    /// The record of an order or claim.
    #[must_use]
    pub fn record(&self, reference: &Reference) -> Option<UsageRecord> {
        self.lock().records.get(reference).map(usage_record)
    }

    /// Everything that was recorded, in the order in which it was written: with coupons and without, voided records among
    /// them. What a [`Report`](crate::Report) folds.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
    /// let (order, ann) = (Order::builder(Currency::USD).build()?, Customer::new([IdentityKey::id("42")?]));
    /// let at = parse_instant("2026-03-29T12:00:00Z")?;
    /// let outcome = shop.evaluate(&Request::new(&order, &ann, Reference::Order("o-1".parse()?), at))?;
    ///
    /// let mut store = MemoryStore::new();
    /// block_on(store.commit(&outcome.redemption()?, at))?;
    /// assert_eq!(store.records().len(), 1);
    /// assert_eq!(store.records_of(ann.keys()).len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn records(&self) -> Vec<UsageRecord> {
        self.lock().log(|_| true)
    }

    /// The usage log of a definition (S128), in the order in which it was written; voided records among them.
    #[must_use]
    pub fn usage_log(&self, coupon: &CouponId) -> Vec<UsageRecord> {
        self.lock().log(|record| record.redemption.coupons().iter().any(|redeemed| redeemed.coupon == *coupon))
    }

    /// What was recorded for a customer, by any of these keys, in the order in which it was written: the purchase history
    /// with its coupons (S58, S86).
    #[must_use]
    pub fn records_of(&self, keys: &[IdentityKey]) -> Vec<UsageRecord> {
        self.lock().log(|record| record.redemption.customer().iter().any(|key| keys.contains(key)))
    }
}

impl State {
    fn log(&self, wanted: impl Fn(&Record) -> bool) -> Vec<UsageRecord> {
        let records = self.log.values().filter_map(|reference| self.records.get(reference));
        records.filter(|record| wanted(record)).map(usage_record).collect()
    }
}

fn usage_record(record: &Record) -> UsageRecord {
    UsageRecord {
        redemption: record.redemption.clone(),
        recorded_at: record.at,
        voided_at: record.voided,
        uses_given_back: record.uses_given_back,
        allowances_given_back: record.allowances_given_back,
        place: record.place,
    }
}
