//! The admin's desk in short words: what stands on the second trait, asked and unpacked.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, Utc};

use super::scene::{at, code};
use crate::*;

/// What an admin does and looks at.
pub(super) trait Desk: CouponAdmin {
    async fn has(&mut self, coupon: Coupon) {
        self.define(&coupon, &edit()).await.unwrap();
    }

    /// Revises a definition, based on what stands.
    async fn changes(&mut self, mut coupon: Coupon) {
        coupon.revision = self.definition(coupon.id()).await.unwrap().unwrap().revision();
        self.revise(&coupon, &edit()).await.unwrap();
    }

    async fn switches(&mut self, coupon: &str, status: Status) {
        self.set_status(&coupon.parse().unwrap(), status, &edit()).await.unwrap();
    }

    async fn kills(&mut self, coupon: &str) {
        self.kill(&coupon.parse().unwrap(), &edit()).await.unwrap();
    }

    async fn hands_out(&mut self, coupon: &str, codes: Vec<IssuedCode>) {
        self.issue(&coupon.parse().unwrap(), &codes).await.unwrap();
    }

    async fn withdraws(&mut self, text: &str) {
        self.revoke(&code(text), &Revocation::new(at(0), "lost").unwrap()).await.unwrap();
    }

    /// Used, and held by this instant.
    async fn state(&mut self, key: &CounterKey, at: DateTime<Utc>) -> (u64, u64) {
        let state = self.counter(key, at).await.unwrap();
        (state.used, state.held)
    }

    async fn states(&mut self, at: DateTime<Utc>) -> Vec<(CounterKey, (u64, u64))> {
        let counters = self.counters(at).await.unwrap();
        counters.into_iter().map(|(key, state)| (key, (state.used, state.held))).collect()
    }

    async fn log(&mut self, coupon: &str) -> Vec<UsageRecord> {
        self.usage_log(&coupon.parse().unwrap(), Page::first(1_000_000)).await.unwrap()
    }

    async fn holder(&mut self, text: &str) -> Option<IdentityKey> {
        self.issued(&code(text)).await.unwrap().unwrap().1.holder().cloned()
    }

    async fn history(&mut self, key: &IdentityKey) -> Vec<TypeRecord> {
        self.type_history(key).await.unwrap()
    }

    /// Used is what is recorded, and no limit is passed.
    async fn check_books(&mut self, coupons: &[&str], limits: &[(CounterKey, u64)], now: DateTime<Utc>) {
        let (mut recorded, mut seen) = (BTreeMap::new(), HashSet::new());
        for coupon in coupons {
            for record in self.log(coupon).await {
                if record.uses_given_back || !seen.insert(record.redemption.reference().clone()) {
                    continue;
                }
                for delta in record.redemption.deltas() {
                    *recorded.entry(delta.key().clone()).or_insert(0) += delta.by();
                }
            }
        }
        for (key, (used, held)) in self.states(now).await {
            assert_eq!(used, recorded.get(&key).copied().unwrap_or(0), "{key:?}");
            if let Some((_, limit)) = limits.iter().find(|(k, _)| *k == key) {
                assert!(used + held <= *limit, "{key:?}: {used} used and {held} held of {limit}");
            }
        }
    }
}

impl<S: CouponAdmin> Desk for S {}

fn edit() -> Edit {
    Edit::new(at(0)).by("eve".parse().unwrap())
}
