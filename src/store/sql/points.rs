//! Accounts of points.

use chrono::{DateTime, Utc};
use sqlx::Database;

use crate::customer::IdentityKey;
use crate::key::{MovementId, Namespace};
use crate::outcome::PointsMove;
use crate::request::Reference;
use crate::settle::PointsReturn;
use crate::store::sql::Dialect;
use crate::store::{PointsBalance, PointsReturned, ReturnPoints, StoreError};

pub(super) async fn points<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    account: &IdentityKey,
    lapsed: DateTime<Utc>,
) -> Result<PointsBalance, StoreError> {
    let _ = (connection, namespace, account, lapsed);
    Err(StoreError::backend("not built yet"))
}

pub(super) async fn credit_points<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    account: &IdentityKey,
    id: &MovementId,
    points: u64,
) -> Result<(), StoreError> {
    let _ = (connection, namespace, account, id, points);
    Err(StoreError::backend("not built yet"))
}

pub(super) async fn return_points<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    reference: &Reference,
    id: &MovementId,
    points: PointsReturn,
) -> Result<ReturnPoints, StoreError> {
    let _ = (connection, namespace, reference, id, points);
    Err(StoreError::backend("not built yet"))
}

/// Undoes so much of what a record moved, but no more than is left of it. The record is locked; its account is to be
/// locked here.
pub(super) async fn give_back<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    reference: &Reference,
    moved: &PointsMove,
    asked: PointsReturn,
) -> Result<PointsReturned, StoreError> {
    let _ = (connection, namespace, reference, moved, asked);
    Err(StoreError::backend("not built yet"))
}
