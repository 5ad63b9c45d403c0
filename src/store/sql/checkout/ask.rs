//! What a redemption asks the database, in the words of the statements.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::customer::IdentityKey;
use crate::key::Namespace;
use crate::outcome::{Guard, Redemption};
use crate::request::Reference;
use crate::store::sql::{Cell, Value, nanos};
use crate::store::{Grace, StoreError};

/// Whose store it is, at which instant, and how far clocks may be apart.
#[derive(Debug, Clone, Copy)]
pub(in crate::store::sql) struct Scope<'a> {
    pub(in crate::store::sql) namespace: &'a Namespace,
    pub(in crate::store::sql) grace: Grace,
    pub(in crate::store::sql) at: DateTime<Utc>,
    /// Whether simple commits may be recorded without a look.
    pub(in crate::store::sql) at_once: bool,
}

impl Scope<'_> {
    pub(in crate::store::sql) fn namespace(&self) -> Value {
        self.namespace.as_str().into()
    }

    pub(in crate::store::sql) fn now(&self) -> Result<Value, StoreError> {
        Ok(nanos(self.at)?.into())
    }

    /// Holds until this instant have lapsed.
    pub(in crate::store::sql) fn lapsed(&self) -> Value {
        nearest_nanos(self.grace.lapsed_through(self.at)).into()
    }
}

/// An instant that is only compared with stored ones: one that is too far away may be the farthest.
pub(in crate::store::sql) fn nearest_nanos(at: DateTime<Utc>) -> i64 {
    let farthest = if at < DateTime::UNIX_EPOCH { i64::MIN } else { i64::MAX };
    at.timestamp_nanos_opt().unwrap_or(farthest)
}

/// A list or a document, as statements take it.
pub(in crate::store::sql) fn json<T: Serialize + ?Sized>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(StoreError::backend)
}

/// A reference as the key of its row.
pub(in crate::store::sql) fn reference_key(reference: &Reference) -> String {
    match reference {
        Reference::Order(id) => format!("order:{id}"),
        Reference::Claim(id) => format!("claim:{id}"),
    }
}

/// A counter that is looked at: all of it, or what was recorded from an instant on.
#[derive(Debug, Serialize)]
pub(in crate::store::sql) struct Look {
    #[serde(flatten)]
    pub(in crate::store::sql) cell: Cell,
    pub(in crate::store::sql) since: Option<i64>,
}

#[derive(Debug, Serialize)]
struct Priced<'r> {
    coupon: &'r str,
    revision: u32,
}

/// What one redemption wants to know, written down once: it is asked twice, without locks and under them.
#[derive(Debug)]
pub(in crate::store::sql) struct Ask {
    pub(in crate::store::sql) reference: String,
    /// The coupons, codes and counters in their order, for the locks as well.
    coupons: BTreeSet<String>,
    codes: BTreeSet<String>,
    pub(in crate::store::sql) cells: BTreeSet<Cell>,
    /// Whose types change, or must not have changed.
    customers: BTreeSet<String>,
    account: Option<String>,
    facts: Vec<Value>,
}

impl Ask {
    pub(in crate::store::sql) fn new(scope: Scope<'_>, redemption: &Redemption) -> Result<Self, StoreError> {
        let reference = reference_key(redemption.reference());
        let coupons = redemption.coupons().iter().map(|redeemed| redeemed.coupon.to_string()).collect();
        let (mut codes, mut types) = (BTreeSet::new(), !redemption.type_changes().is_empty());
        for guard in redemption.guards() {
            match guard {
                Guard::CodeLive { code, .. } => {
                    codes.insert(code.as_str().to_owned());
                }
                Guard::Types { .. } => types = true,
                Guard::Revision { .. } | Guard::Window { .. } | Guard::Allowance { .. } | Guard::Seen { .. } => {}
            }
        }
        let customers = redemption.counted().iter().filter(|_| types).map(IdentityKey::to_string).collect();
        let account = redemption.points().map(|points| points.account.to_string());
        let cells = redemption.deltas().iter().map(|delta| delta.key().into()).collect();
        let mut ask = Self { reference, coupons, codes, cells, customers, account, facts: Vec::new() };
        let priced: BTreeSet<(&str, u32)> =
            redemption.coupons().iter().map(|redeemed| (redeemed.coupon.as_str(), redeemed.revision)).collect();
        let priced: Vec<Priced<'_>> =
            priced.into_iter().map(|(coupon, revision)| Priced { coupon, revision }).collect();
        let looks: Vec<Look> = redemption
            .deltas()
            .iter()
            .map(|delta| Look { cell: delta.key().into(), since: delta.recorded_since(scope.at).map(nearest_nanos) })
            .collect();
        ask.facts = vec![
            scope.namespace(),
            ask.reference.as_str().into(),
            scope.lapsed(),
            json(&priced)?.into(),
            json(&ask.codes)?.into(),
            json(&looks)?.into(),
            json(&ask.customers)?.into(),
            ask.account.clone().into(),
        ];
        Ok(ask)
    }

    /// The values of the statement that tells the facts.
    pub(in crate::store::sql) fn facts(&self) -> Vec<Value> {
        self.facts.clone()
    }

    /// What is locked for it, in the order in which everybody locks.
    pub(in crate::store::sql) fn locks(&self, besides: impl IntoIterator<Item = Cell>) -> Locks {
        let mut locks = Locks::of(self.reference.clone());
        locks.coupons = self.coupons.clone();
        locks.codes = self.codes.clone();
        locks.cells = self.cells.clone();
        locks.cells.extend(besides);
        locks.customers = self.customers.clone();
        locks.accounts = self.account.iter().cloned().collect();
        locks
    }
}

/// The rows that a step locks, besides what the reference holds: that is locked with it. Always in this order, each kind
/// in the order of its keys, so that two steps never wait for each other.
#[derive(Debug, Default)]
pub(in crate::store::sql) struct Locks {
    reference: Option<String>,
    pub(in crate::store::sql) coupons: BTreeSet<String>,
    pub(in crate::store::sql) codes: BTreeSet<String>,
    pub(in crate::store::sql) cells: BTreeSet<Cell>,
    pub(in crate::store::sql) customers: BTreeSet<String>,
    pub(in crate::store::sql) accounts: BTreeSet<String>,
}

impl Locks {
    /// The reference alone, with what it holds.
    pub(in crate::store::sql) fn of(reference: String) -> Self {
        Self { reference: Some(reference), ..Self::default() }
    }

    /// What another step locks as well, without its reference.
    pub(in crate::store::sql) fn add(&mut self, other: Self) {
        self.coupons.extend(other.coupons);
        self.codes.extend(other.codes);
        self.cells.extend(other.cells);
        self.customers.extend(other.customers);
        self.accounts.extend(other.accounts);
    }

    /// The values of the statement that locks.
    pub(in crate::store::sql) fn values(&self, scope: Scope<'_>) -> Result<Vec<Value>, StoreError> {
        Ok(vec![
            scope.namespace(),
            self.reference.clone().into(),
            json(&self.coupons)?.into(),
            json(&self.codes)?.into(),
            json(&self.cells)?.into(),
            json(&self.customers)?.into(),
            json(&self.accounts)?.into(),
        ])
    }
}
