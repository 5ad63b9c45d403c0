//! Accounts of points.

use chrono::{DateTime, Utc};
use sqlx::Database;

use crate::customer::IdentityKey;
use crate::key::{MovementId, Namespace};
use crate::outcome::PointsMove;
use crate::request::Reference;
use crate::settle::PointsReturn;
use crate::store::points::{Undone, give_and_take};
use crate::store::sql::{Dialect, Row, Statement, Value};
use crate::store::{PointsBalance, PointsReturned, ReturnPoints, StoreError};

use super::checkout::ask::{nearest_nanos, reference_key};
use super::step::{LOCK_RECORD, end, read_redemption, stored};

const STATE: Statement = Statement::both(include_str!("points/state.sql"));
const INSERT_CREDIT: Statement = Statement::both(include_str!("points/insert_credit.sql"));
const LOCK_ACCOUNT: Statement = Statement::both(include_str!("points/lock_account.sql"));
const SET_BALANCE: Statement = Statement::both(include_str!("points/set_balance.sql"));
const UNDONE: Statement = Statement::both(include_str!("points/undone.sql"));
const SET_UNDONE: Statement = Statement::both(include_str!("points/set_undone.sql"));
const RETURN: Statement = Statement::both(include_str!("points/return.sql"));
const INSERT_RETURN: Statement = Statement::both(include_str!("points/insert_return.sql"));

pub(super) async fn points<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    account: &IdentityKey,
    lapsed: DateTime<Utc>,
) -> Result<PointsBalance, StoreError> {
    let values = vec![namespace.as_str().into(), account.to_string().into(), nearest_nanos(lapsed).into()];
    let rows = D::rows(connection, &STATE, values).await?;
    let balance = |row: &Row| Ok(PointsBalance::new(row.figure(0)?, row.figure(1)?));
    rows.first().map_or_else(|| Ok(PointsBalance::default()), balance)
}

pub(super) async fn credit_points<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    account: &IdentityKey,
    id: &MovementId,
    points: u64,
) -> Result<(), StoreError> {
    let mut transaction = D::begin(connection).await?;
    let credited = credit::<D>(&mut transaction, namespace, (account, id), points).await;
    end(transaction, credited).await
}

async fn credit<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    (account, id): (&IdentityKey, &MovementId),
    points: u64,
) -> Result<(), StoreError> {
    let text = account.to_string();
    let values = vec![namespace.as_str().into(), text.into(), id.as_str().into(), stored(points).into()];
    if D::execute(connection, &INSERT_CREDIT, values).await? > 0 {
        move_account::<D>(connection, namespace, account, (points, 0)).await?;
    }
    Ok(())
}

/// Locks an account, puts points in and takes points out; never more than a column holds, and never below zero.
pub(super) async fn move_account<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    account: &IdentityKey,
    (given, taken): (u64, u64),
) -> Result<PointsReturned, StoreError> {
    let key = || -> Vec<Value> { vec![namespace.as_str().into(), account.to_string().into()] };
    let rows = D::rows(connection, &LOCK_ACCOUNT, key()).await?;
    let mut balance = rows.first().map_or(Ok(0), |row| row.figure(0))?;
    let returned = give_and_take(&mut balance, given, taken);
    let values = key().into_iter().chain([stored(balance).into()]).collect();
    D::execute(connection, &SET_BALANCE, values).await?;
    Ok(returned)
}

pub(super) async fn return_points<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    reference: &Reference,
    id: &MovementId,
    points: PointsReturn,
) -> Result<ReturnPoints, StoreError> {
    let mut transaction = D::begin(connection).await?;
    let returned = return_once::<D>(&mut transaction, namespace, (reference, id), points).await;
    end(transaction, returned).await
}

async fn return_once<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    (reference, id): (&Reference, &MovementId),
    asked: PointsReturn,
) -> Result<ReturnPoints, StoreError> {
    let key = reference_key(reference);
    let record: Vec<Value> = vec![namespace.as_str().into(), key.as_str().into()];
    let rows = D::rows(connection, &LOCK_RECORD, record.clone()).await?;
    let Some(row) = rows.first() else { return Ok(ReturnPoints::NotRecorded) };
    let redemption = read_redemption(&key, row.text(0)?)?;
    let Some(moved) = redemption.points() else { return Ok(ReturnPoints::NotRecorded) };
    let movement = || record.iter().cloned().chain([Value::from(id.as_str())]);
    if let Some(row) = D::rows(connection, &RETURN, movement().collect()).await?.first() {
        let returned =
            PointsReturned { given_back: row.figure(2)?, taken_back: row.figure(3)?, shortfall: row.figure(4)? };
        let same = (row.int(0)?, row.int(1)?) == (stored(asked.given_back()), stored(asked.taken_back()));
        return Ok(if same { ReturnPoints::AlreadyReturned(returned) } else { ReturnPoints::Different });
    }
    let returned = give_back::<D>(connection, namespace, reference, moved, asked).await?;
    let figures =
        [asked.given_back(), asked.taken_back(), returned.given_back, returned.taken_back, returned.shortfall];
    let values = movement().chain(figures.map(|figure| Value::from(stored(figure))));
    D::execute(connection, &INSERT_RETURN, values.collect()).await?;
    Ok(ReturnPoints::Returned(returned))
}

/// What has been undone of the points that a record moved.
pub(super) async fn undone<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    reference: &Reference,
) -> Result<Undone, StoreError> {
    let values = vec![namespace.as_str().into(), reference_key(reference).into()];
    let rows = D::rows(connection, &UNDONE, values).await?;
    let undone = |row: &Row| Ok(Undone { given_back: row.figure(0)?, taken_back: row.figure(1)? });
    rows.first().map_or_else(|| Ok(Undone::default()), undone)
}

pub(super) async fn set_undone<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    reference: &Reference,
    undone: Undone,
) -> Result<(), StoreError> {
    let mut values: Vec<Value> = vec![namespace.as_str().into(), reference_key(reference).into()];
    values.extend([stored(undone.given_back).into(), stored(undone.taken_back).into()]);
    D::execute(connection, &SET_UNDONE, values).await.map(drop)
}

/// Undoes so much of what a record moved, but no more than is left of it. The record is locked; its account is locked
/// here.
pub(super) async fn give_back<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    reference: &Reference,
    moved: &PointsMove,
    asked: PointsReturn,
) -> Result<PointsReturned, StoreError> {
    let mut undone = undone::<D>(connection, namespace, reference).await?;
    let movement = undone.undo(moved, asked);
    set_undone::<D>(connection, namespace, reference, undone).await?;
    move_account::<D>(connection, namespace, &moved.account, movement).await
}
