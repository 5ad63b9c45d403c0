//! What the uses that a code had in an older system count on.

use std::collections::BTreeMap;

use crate::coupon::{Code, Coupon};
use crate::customer::IdentityKey;
use crate::issue::{ImportedCode, Uses};
use crate::outcome::CounterKey;

/// What the uses that an imported code had before raise under these terms: by counter, by how much, and the limit of it. A
/// store counts them when the code comes in, and after a [revision](crate::CouponAdmin::revise) on the counters that are new:
/// leave out those that it counted them on before, or they count twice.
///
/// ```
/// use vouchsafe::store::rules::imported_uses;
/// use vouchsafe::*;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let terms = Coupon::builder("gift").percent_off("10").total_limit(100).build()?;
/// let code = IssuedCode::new(Code::parse("K7WQ-93MX", CodeFormat::Standard)?, parse_instant("2026-03-01T12:00:00Z")?);
/// let raised = imported_uses(&terms, &ImportedCode::new(code).used([], 3));
/// assert_eq!(raised[&CounterKey::Total { coupon: "gift".parse()? }], (3, 100));
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn imported_uses(terms: &Coupon, imported: &ImportedCode) -> BTreeMap<CounterKey, (u64, u64)> {
    raised(terms, imported.issued().code(), imported.each_use())
}

/// What the uses of a code raise under these terms, by key, with the limit of each.
pub(super) fn raised_by(terms: &Coupon, code: &Code, uses: &[Uses]) -> BTreeMap<CounterKey, (u64, u64)> {
    raised(terms, code, uses.iter().map(|uses| (uses.by.as_slice(), uses.times)))
}

fn raised<'u>(
    terms: &Coupon,
    code: &Code,
    uses: impl Iterator<Item = (&'u [IdentityKey], u64)>,
) -> BTreeMap<CounterKey, (u64, u64)> {
    let (coupon, code, limits) = (|| terms.id().clone(), || code.clone(), terms.limits());
    let mut sums = BTreeMap::new();
    let mut raise = |limit: Option<u64>, key: CounterKey, by: u64| {
        if let Some(limit) = limit {
            let sum: &mut (u64, u64) = sums.entry(key).or_insert((0, limit));
            sum.0 = sum.0.saturating_add(by);
        }
    };
    for (by, times) in uses {
        raise(limits.total(), CounterKey::Total { coupon: coupon() }, times);
        raise(limits.per_code(), CounterKey::Code { coupon: coupon(), code: code() }, times);
        for customer in by {
            let customer = || customer.clone();
            raise(limits.per_customer(), CounterKey::Customer { coupon: coupon(), customer: customer() }, times);
            let key = CounterKey::CustomerCode { coupon: coupon(), code: code(), customer: customer() };
            raise(limits.per_customer_and_code(), key, times);
        }
    }
    sums
}
