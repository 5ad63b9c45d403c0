//! Customers' types: every change, and what they come to.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sqlx::Database;

use crate::customer::{Customer, HeldTypes, IdentityKey};
use crate::key::{CustomerTypeId, Namespace};
use crate::outcome::TypeChange;
use crate::request::Reference;
use crate::store::audience::Audience;
use crate::store::sql::{Dialect, Row, Statement, nanos};
use crate::store::types::{TypeEntry, TypeLog};
use crate::store::{StoreError, TypeRecord};

use super::checkout::ask::{json, reference_key};
use super::step::{CHUNK, in_order, list, read, read_reference};

const OF_KEYS: Statement = Statement {
    sqlite: include_str!("../sqlite/types/of_keys.sql"),
    postgres: include_str!("../postgres/types/of_keys.sql"),
};
const OF_REFERENCE: Statement = Statement::both(include_str!("types/of_reference.sql"));
const PAGE: Statement = Statement::both(include_str!("types/page.sql"));
const LOCK: Statement = Statement {
    sqlite: include_str!("../sqlite/types/lock_customers.sql"),
    postgres: include_str!("../postgres/types/lock_customers.sql"),
};
const INSERT: Statement = Statement {
    sqlite: include_str!("../sqlite/types/insert_change.sql"),
    postgres: include_str!("../postgres/types/insert_change.sql"),
};
const INSERT_KEYS: Statement = Statement {
    sqlite: include_str!("../sqlite/types/insert_keys.sql"),
    postgres: include_str!("../postgres/types/insert_keys.sql"),
};
const SET_FATE: Statement = Statement::both(include_str!("types/set_fate.sql"));

pub(super) async fn held_types<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    keys: &[IdentityKey],
) -> Result<HeldTypes, StoreError> {
    let changes = of_keys::<D>(connection, namespace, list(keys)?).await?;
    let mut held = HeldTypes::default();
    for (_, entry) in &changes {
        held.apply(&entry.record.change);
    }
    Ok(held.with_revision(u64::try_from(changes.len()).unwrap_or(u64::MAX)))
}

pub(super) async fn type_history<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    key: &IdentityKey,
) -> Result<Vec<TypeRecord>, StoreError> {
    let changes = of_keys::<D>(connection, namespace, list([key])?).await?;
    Ok(changes.into_iter().map(|(_, entry)| entry.record).collect())
}

pub(super) async fn customers_of_type<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    customer_type: &CustomerTypeId,
    at: DateTime<Utc>,
) -> Result<Vec<Customer>, StoreError> {
    let (mut audience, mut after) = (Audience::default(), 0);
    loop {
        let chunk = i64::try_from(CHUNK).unwrap_or(i64::MAX);
        let values = vec![namespace.as_str().into(), after.into(), chunk.into()];
        let rows = D::rows(connection, &PAGE, values).await?;
        for row in &rows {
            let (place, entry) = read_entry(row)?;
            audience.add(&entry.record.customer, entry.record.change);
            after = place;
        }
        if rows.len() < CHUNK {
            return Ok(audience.of_type(customer_type, at));
        }
    }
}

/// Locks the rows of customers in the order of their keys, for a change of their types: the log of them can be counted
/// and written then.
pub(super) async fn lock_customers<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    keys: &[String],
) -> Result<(), StoreError> {
    D::execute(connection, &LOCK, vec![namespace.as_str().into(), json(keys)?.into()]).await.map(drop)
}

/// Sets the changes of a record back, by the rules of [`TypeLog::revert`]; says whether any was. The caller has locked the
/// row of the reference, and its counters before.
pub(super) async fn revert<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    reference: &Reference,
    at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let values = vec![namespace.as_str().into(), reference_key(reference).into()];
    let rows = D::rows(connection, &OF_REFERENCE, values).await?;
    let own: Vec<(i64, TypeEntry)> = rows.iter().map(read_entry).collect::<Result<_, _>>()?;
    if own.is_empty() {
        return Ok(false);
    }
    let keys = in_order(own.iter().flat_map(|(_, entry)| &entry.record.customer));
    // Keys that hang together are locked together, so they are learnt first, and asked again under the lock.
    let (keys, _) = hanging_together::<D>(connection, namespace, keys).await?;
    lock_customers::<D>(connection, namespace, &keys).await?;
    let (under_lock, entries) = hanging_together::<D>(connection, namespace, keys.clone()).await?;
    if under_lock != keys {
        return Err(StoreError::conflict("the keys of the customer were joined with others meanwhile"));
    }
    let mut log = TypeLog::default();
    let stored: Vec<(i64, bool, bool)> =
        entries.iter().map(|(place, entry)| (*place, entry.reverted, entry.due)).collect();
    let of_record = |place: &i64| own.iter().any(|(own, _)| own == place);
    let mut places = Vec::new();
    for (place, entry) in entries {
        let at = log.add(entry);
        places.extend(of_record(&place).then_some(at));
    }
    let any = log.revert(&places, at);
    write_back::<D>(connection, namespace, &log, &stored).await?;
    Ok(any)
}

/// The keys that are stored together with these, and all changes under them, oldest first.
async fn hanging_together<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    mut keys: Vec<String>,
) -> Result<(Vec<String>, Vec<(i64, TypeEntry)>), StoreError> {
    loop {
        let entries = of_keys::<D>(connection, namespace, json(&keys)?).await?;
        let known = in_order(entries.iter().flat_map(|(_, entry)| &entry.record.customer));
        let mut all = [keys.as_slice(), known.as_slice()].concat();
        all.sort();
        all.dedup();
        if all.len() == keys.len() {
            return Ok((all, entries));
        }
        keys = all;
    }
}

/// Stores what a log says now that it did not say when it was read: new changes, and what became of old ones.
async fn write_back<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    log: &TypeLog,
    before: &[(i64, bool, bool)],
) -> Result<(), StoreError> {
    let mut fates = BTreeMap::new();
    for ((place, reverted, due), entry) in before.iter().zip(log.entries()) {
        if (*reverted, *due) != (entry.reverted, entry.due) {
            fates.insert(*place, (entry.reverted, entry.due));
        }
    }
    for (place, (reverted, due)) in fates {
        let values = vec![namespace.as_str().into(), place.into(), reverted.into(), due.into()];
        D::execute(connection, &SET_FATE, values).await?;
    }
    for entry in log.entries().iter().skip(before.len()) {
        let TypeRecord { customer, change, at, reference, .. } = &entry.record;
        let (keys, document) = (list(customer)?, json(change)?);
        let mut values = vec![namespace.as_str().into(), reference_key(reference).into(), nanos(*at)?.into()];
        values.extend([keys.clone().into(), document.into()]);
        let rows = D::rows(connection, &INSERT, values).await?;
        let place = rows.first().map_or(Ok(0), |row| row.int(0))?;
        D::execute(connection, &INSERT_KEYS, vec![namespace.as_str().into(), keys.into(), place.into()]).await?;
    }
    Ok(())
}

/// Every change that is stored under any key of a list, with its place, oldest first.
pub(super) async fn of_keys<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    keys: String,
) -> Result<Vec<(i64, TypeEntry)>, StoreError> {
    let rows = D::rows(connection, &OF_KEYS, vec![namespace.as_str().into(), keys.into()]).await?;
    rows.iter().map(read_entry).collect()
}

/// A change with its place: the columns of every statement here that reads some.
fn read_entry(row: &Row) -> Result<(i64, TypeEntry), StoreError> {
    let place = row.int(0)?;
    let what = || format!("change of type {place}");
    let change: TypeChange = read(row.text(7)?, what)?;
    let record = TypeRecord {
        customer: read(row.text(6)?, what)?,
        change,
        at: row.instant(2)?,
        reference: read_reference(row.text(1)?)?,
        reverts: row.int(3)? != 0,
    };
    Ok((place, TypeEntry { record, reverted: row.int(4)? != 0, due: row.int(5)? != 0 }))
}
