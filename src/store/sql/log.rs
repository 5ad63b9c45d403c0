//! Records and counters, as they were written.

use chrono::{DateTime, Utc};
use sqlx::Database;

use crate::customer::IdentityKey;
use crate::key::{CouponId, Namespace};
use crate::outcome::CounterKey;
use crate::request::Reference;
use crate::store::sql::{Cell, Dialect, Row, Statement};
use crate::store::{CounterState, Page, StoreError, UsageRecord};

use super::Value;
use super::checkout::ask::{nearest_nanos, reference_key};
use super::step::{list, read_redemption, stored};

const COUNTER: Statement = Statement::both(include_str!("log/counter.sql"));
const COUNTERS: Statement = Statement::both(include_str!("log/counters.sql"));
const RECORD: Statement = Statement::both(include_str!("log/record.sql"));
const RECORDS: Statement = Statement::both(include_str!("log/records.sql"));
const USAGE_LOG: Statement = Statement::both(include_str!("log/usage_log.sql"));
const RECORDS_OF: Statement = Statement {
    sqlite: include_str!("../sqlite/log/records_of.sql"),
    postgres: include_str!("../postgres/log/records_of.sql"),
};

pub(super) async fn counter<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    key: &CounterKey,
    lapsed: DateTime<Utc>,
) -> Result<CounterState, StoreError> {
    let Cell { owner, code, customer, kind } = key.into();
    let cell = [owner, code, customer, kind].map(Value::from);
    let values = [Value::from(namespace.as_str())].into_iter().chain(cell).chain([nearest_nanos(lapsed).into()]);
    let rows = D::rows(connection, &COUNTER, values.collect()).await?;
    rows.first().map_or_else(|| Ok(CounterState::default()), read_state)
}

pub(super) async fn counters<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    lapsed: DateTime<Utc>,
) -> Result<Vec<(CounterKey, CounterState)>, StoreError> {
    let values = vec![namespace.as_str().into(), nearest_nanos(lapsed).into()];
    let mut counters = Vec::new();
    for row in &D::rows(connection, &COUNTERS, values).await? {
        let text = |place| row.text(place).map(str::to_owned);
        let cell = Cell { owner: text(2)?, code: text(3)?, customer: text(4)?, kind: text(5)? };
        counters.push((CounterKey::try_from(&cell)?, read_state(row)?));
    }
    counters.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(counters)
}

/// The first two columns.
fn read_state(row: &Row) -> Result<CounterState, StoreError> {
    Ok(CounterState { used: row.figure(0)?, held: row.figure(1)? })
}

pub(super) async fn record<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    reference: &Reference,
) -> Result<Option<UsageRecord>, StoreError> {
    let values = vec![namespace.as_str().into(), reference_key(reference).into()];
    D::rows(connection, &RECORD, values).await?.first().map(read_record).transpose()
}

pub(super) async fn records<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    page: Page,
) -> Result<Vec<UsageRecord>, StoreError> {
    let values = vec![namespace.as_str().into(), stored(page.after).into(), i64::from(page.limit).into()];
    D::rows(connection, &RECORDS, values).await?.iter().map(read_record).collect()
}

pub(super) async fn usage_log<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    coupon: &CouponId,
    page: Page,
) -> Result<Vec<UsageRecord>, StoreError> {
    let of = coupon.as_str().into();
    let values = vec![namespace.as_str().into(), of, stored(page.after).into(), i64::from(page.limit).into()];
    D::rows(connection, &USAGE_LOG, values).await?.iter().map(read_record).collect()
}

pub(super) async fn records_of<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    keys: &[IdentityKey],
    page: Page,
) -> Result<Vec<UsageRecord>, StoreError> {
    let of = list(keys)?.into();
    let values = vec![namespace.as_str().into(), of, stored(page.after).into(), i64::from(page.limit).into()];
    D::rows(connection, &RECORDS_OF, values).await?.iter().map(read_record).collect()
}

fn read_record(row: &Row) -> Result<UsageRecord, StoreError> {
    let redemption = read_redemption(row.text(0)?, row.text(1)?)?;
    Ok(UsageRecord {
        redemption: redemption.into(),
        recorded_at: row.instant(2)?,
        voided_at: row.maybe_instant(3)?,
        uses_given_back: row.int(4)? != 0,
        allowances_given_back: row.int(5)? != 0,
        place: row.figure(6)?,
    })
}
