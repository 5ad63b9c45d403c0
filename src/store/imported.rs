//! What the uses that a code had in an older system count on.

use std::collections::BTreeMap;

use crate::coupon::{Code, Coupon};
use crate::issue::Uses;
use crate::outcome::CounterKey;

/// What the uses of a code raise under these terms, by key, with the limit of each.
pub(super) fn raised(terms: &Coupon, code: &Code, uses: &[Uses]) -> BTreeMap<CounterKey, (u64, u64)> {
    let (coupon, code, limits) = (|| terms.id().clone(), || code.clone(), terms.limits());
    let mut sums = BTreeMap::new();
    let mut raise = |limit: Option<u64>, key: CounterKey, by: u64| {
        if let Some(limit) = limit {
            let sum: &mut (u64, u64) = sums.entry(key).or_insert((0, limit));
            sum.0 = sum.0.saturating_add(by);
        }
    };
    for Uses { by, times } in uses {
        raise(limits.total(), CounterKey::Total { coupon: coupon() }, *times);
        raise(limits.per_code(), CounterKey::Code { coupon: coupon(), code: code() }, *times);
        for customer in by {
            let customer = || customer.clone();
            raise(limits.per_customer(), CounterKey::Customer { coupon: coupon(), customer: customer() }, *times);
            let key = CounterKey::CustomerCode { coupon: coupon(), code: code(), customer: customer() };
            raise(limits.per_customer_and_code(), key, *times);
        }
    }
    sums
}
