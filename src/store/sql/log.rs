//! Records and counters, as they were written.

use chrono::{DateTime, Utc};
use sqlx::Database;

use crate::customer::IdentityKey;
use crate::key::{CouponId, Namespace};
use crate::outcome::CounterKey;
use crate::request::Reference;
use crate::store::sql::Dialect;
use crate::store::{CounterState, Page, StoreError, UsageRecord};

pub(super) async fn counter<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    key: &CounterKey,
    lapsed: DateTime<Utc>,
) -> Result<CounterState, StoreError> {
    let _ = (connection, namespace, key, lapsed);
    Err(StoreError::backend("not built yet"))
}

pub(super) async fn counters<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    lapsed: DateTime<Utc>,
) -> Result<Vec<(CounterKey, CounterState)>, StoreError> {
    let _ = (connection, namespace, lapsed);
    Err(StoreError::backend("not built yet"))
}

pub(super) async fn record<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    reference: &Reference,
) -> Result<Option<UsageRecord>, StoreError> {
    let _ = (connection, namespace, reference);
    Err(StoreError::backend("not built yet"))
}

pub(super) async fn records<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    page: Page,
) -> Result<Vec<UsageRecord>, StoreError> {
    let _ = (connection, namespace, page);
    Err(StoreError::backend("not built yet"))
}

pub(super) async fn usage_log<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    coupon: &CouponId,
    page: Page,
) -> Result<Vec<UsageRecord>, StoreError> {
    let _ = (connection, namespace, coupon, page);
    Err(StoreError::backend("not built yet"))
}

pub(super) async fn records_of<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    keys: &[IdentityKey],
    page: Page,
) -> Result<Vec<UsageRecord>, StoreError> {
    let _ = (connection, namespace, keys, page);
    Err(StoreError::backend("not built yet"))
}
