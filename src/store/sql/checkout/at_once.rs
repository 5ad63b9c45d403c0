//! A commit of the simple kind, recorded without a look.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::outcome::{CounterKey, Guard, Redemption};
use crate::store::StoreError;
use crate::store::sql::{Cell, Statement, Value};

use super::ask::{Scope, json, reference_key};
use super::settle::{figure, uses};

/// Asks and writes together, and says how much it wrote: nothing where anything speaks against it. Only for a database with
/// one writer; others have functions of their own.
pub(super) const RECORD_AT_ONCE: Statement =
    Statement { sqlite: include_str!("../../sqlite/checkout/record_at_once.sql"), postgres: "" };

/// Whether nothing but counters, definitions and codes has to be asked.
pub(super) fn is_simple(scope: Scope<'_>, redemption: &Redemption) -> bool {
    let guards_types = redemption.guards().iter().any(|guard| matches!(guard, Guard::Types { .. }));
    let by_day = |key: &CounterKey| matches!(key, CounterKey::Allowance { since: None, .. });
    let rolls = redemption.deltas().iter().any(|delta| delta.rolling_days().is_some() || by_day(delta.key()));
    !rolls
        && !guards_types
        && redemption.type_changes().is_empty()
        && redemption.points().is_none()
        && redemption.objections_within(scope.at, scope.grace).is_empty()
}

#[derive(Serialize)]
struct Stands<'r> {
    coupon: &'r str,
    revision: u32,
}

#[derive(Serialize)]
struct Lives<'r> {
    coupon: &'r str,
    code: &'r str,
}

#[derive(Serialize)]
struct Rise {
    #[serde(flatten)]
    cell: Cell,
    by: i64,
    /// No counter goes beyond what a database can count.
    limit: i64,
}

/// The values of the statement.
pub(super) fn values(scope: Scope<'_>, redemption: &Redemption) -> Result<Vec<Value>, StoreError> {
    let (mut stands, mut lives, mut binds) = (Vec::new(), Vec::new(), BTreeSet::new());
    for guard in redemption.guards() {
        match guard {
            Guard::Revision { coupon, revision } => {
                stands.push(Stands { coupon: coupon.as_str(), revision: *revision });
            }
            Guard::CodeLive { coupon, code } => {
                lives.push(Lives { coupon: coupon.as_str(), code: code.as_str() });
                let key = CounterKey::Code { coupon: coupon.clone(), code: code.clone() };
                // The terms that were priced are those that stand, so that the deltas tell of their limits.
                let of_one = redemption.deltas().iter().any(|delta| *delta.key() == key && delta.limit() == 1);
                if of_one && !redemption.counted().is_empty() {
                    binds.insert(code.as_str());
                }
            }
            Guard::Window { .. } | Guard::Allowance { .. } | Guard::Types { .. } | Guard::Seen { .. } => {}
        }
    }
    let mut rises = Vec::new();
    for delta in redemption.deltas() {
        let limit = i64::try_from(delta.limit()).unwrap_or(i64::MAX);
        rises.push(Rise { cell: delta.key().into(), by: figure(delta.by())?, limit });
    }
    Ok(vec![
        scope.namespace(),
        reference_key(redemption.reference()).into(),
        scope.now()?,
        redemption.currency().code().into(),
        redemption.payable().minor().into(),
        json(redemption)?.into(),
        json(&stands)?.into(),
        json(&lives)?.into(),
        json(redemption.customer())?.into(),
        json(&rises)?.into(),
        json(&binds)?.into(),
        redemption.counted().first().map(ToString::to_string).into(),
        json(&uses(redemption)?)?.into(),
    ])
}
