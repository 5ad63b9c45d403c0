//! Commits of one or many in one round trip, where nothing speaks against them.
//!
//! A database that has the statement for it records the redemptions, all of them or none, and says whether it did. It is
//! asked where that is likely: not where types or points change, or where a window is over. Whatever it does not record is
//! judged by the rules that all stores share.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use sqlx::{Connection, Database};

use crate::coupon::Code;
use crate::customer::IdentityKey;
use crate::key::CouponId;
use crate::outcome::{CounterKey, Guard, Redemption};
use crate::store::StoreError;
use crate::store::sql::{Cell, Dialect, Value};

use super::ask::{Scope, json, reference_key};
use super::at_once::is_simple;
use super::settle::{Use, uses};

/// Records all of them, or changes nothing. Says whether it did.
pub(super) async fn commit_group<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    scope: Scope<'_>,
    redemptions: &[&Redemption],
) -> Result<bool, StoreError> {
    let Some(statement) = &D::COMMIT_GROUP else { return Ok(false) };
    let mut group = Group::default();
    for redemption in redemptions {
        if !is_simple(scope, redemption) || group.add(redemption)?.is_none() {
            return Ok(false);
        }
    }
    let bare = !connection.is_in_transaction();
    for _ in 0..2 {
        let rows = D::rows(connection, statement, group.values(scope)?).await?;
        let Some(row) = rows.first() else { return Ok(false) };
        let (recorded, begun) = (row.int(0)? != 0, row.int(1)? != 0);
        if !(bare && begun) {
            return Ok(recorded);
        }
        // An earlier call on this connection was dropped while it began: in its transaction nothing is recorded for good.
        D::end_stray(connection).await?;
    }
    Err(StoreError::unavailable("the connection is in a transaction that nobody ends"))
}

#[derive(Debug, Serialize)]
struct Item<'r> {
    currency: String,
    payable: i64,
    document: String,
    uses: Vec<Use<'r>>,
    /// By key, and each once.
    customers: BTreeSet<String>,
}

#[derive(Debug, Serialize)]
struct Keyed<'a, T> {
    reference: &'a str,
    #[serde(flatten)]
    rest: &'a T,
}

#[derive(Debug, Serialize)]
struct LiveCode<'r> {
    coupon: &'r str,
    code: &'r str,
    reference: String,
    customers: &'r [IdentityKey],
    /// Whose it is from here on, where it is good for one use.
    holder: Option<&'r IdentityKey>,
}

#[derive(Debug)]
struct Rise {
    amount: i64,
    most: i64,
}

#[derive(Debug, Serialize)]
struct Raised<'a> {
    #[serde(flatten)]
    cell: &'a Cell,
    amount: i64,
    most: i64,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Priced<'r> {
    coupon: &'r str,
    revision: u32,
}

/// What the statement is asked to record: everything in the order in which it is locked, and each counter once.
#[derive(Debug, Default)]
struct Group<'r> {
    items: BTreeMap<String, Item<'r>>,
    codes: BTreeMap<(&'r str, String), LiveCode<'r>>,
    counters: BTreeMap<Cell, Rise>,
    definitions: BTreeSet<Priced<'r>>,
}

impl<'r> Group<'r> {
    /// Takes it in. Nothing where a limit is passed already by what the group takes, or a reference is there twice.
    fn add(&mut self, redemption: &'r Redemption) -> Result<Option<()>, StoreError> {
        let reference = reference_key(redemption.reference());
        for delta in redemption.deltas() {
            let Ok(by) = i64::try_from(delta.by()) else { return Ok(None) };
            // A limit that no figure reaches is none.
            let limit = i64::try_from(delta.limit()).unwrap_or(i64::MAX);
            let rise = self.counters.entry(delta.key().into()).or_insert(Rise { amount: 0, most: limit });
            let Some(amount) = rise.amount.checked_add(by) else { return Ok(None) };
            *rise = Rise { amount, most: rise.most.min(limit) };
            if rise.amount > rise.most {
                return Ok(None);
            }
        }
        for guard in redemption.guards() {
            match guard {
                Guard::Revision { coupon, revision } => {
                    self.definitions.insert(Priced { coupon: coupon.as_str(), revision: *revision });
                }
                Guard::CodeLive { coupon, code } => {
                    let holder = redemption.counted().first().filter(|_| is_of_one(redemption, coupon, code));
                    let (coupon, customers) = (coupon.as_str(), redemption.customer());
                    let live =
                        LiveCode { coupon, code: code.as_str(), reference: reference.clone(), customers, holder };
                    self.codes.insert((live.code, reference.clone()), live);
                }
                Guard::Window { .. } | Guard::Allowance { .. } | Guard::Types { .. } | Guard::Seen { .. } => {}
            }
        }
        // Later terms may count more than what was priced.
        let priced = redemption.coupons().iter().map(|r| Priced { coupon: r.coupon.as_str(), revision: r.revision });
        self.definitions.extend(priced);
        let item = Item {
            currency: redemption.currency().code().to_owned(),
            payable: redemption.payable().minor(),
            document: json(redemption)?,
            uses: uses(redemption)?,
            customers: redemption.customer().iter().map(ToString::to_string).collect(),
        };
        Ok(self.items.insert(reference, item).is_none().then_some(()))
    }

    fn values(&self, scope: Scope<'_>) -> Result<Vec<Value>, StoreError> {
        let items: Vec<_> = self.items.iter().map(|(reference, rest)| Keyed { reference, rest }).collect();
        let codes: Vec<_> = self.codes.values().collect();
        let raised = |(cell, rise): (_, &Rise)| Raised { cell, amount: rise.amount, most: rise.most };
        let counters: Vec<_> = self.counters.iter().map(raised).collect();
        Ok(vec![
            scope.namespace(),
            scope.now()?,
            json(&items)?.into(),
            json(&codes)?.into(),
            json(&counters)?.into(),
            json(&self.definitions)?.into(),
        ])
    }
}

/// Whether the terms let one use of each code: the definition is the one that was priced, so the deltas tell.
fn is_of_one(redemption: &Redemption, coupon: &CouponId, code: &Code) -> bool {
    let key = CounterKey::Code { coupon: coupon.clone(), code: code.clone() };
    redemption.deltas().iter().any(|delta| *delta.key() == key && delta.limit() == 1)
}
