//! Void.

use serde::Serialize;
use sqlx::Database;

use crate::outcome::{CounterKey, Redemption};
use crate::request::Reference;
use crate::settle::PointsReturn;
use crate::store::sql::{Cell, Dialect, Statement, points, types};
use crate::store::{OnVoid, StoreError, Void};

use super::LOCK;
use super::ask::{Locks, Scope, json, reference_key};
use super::facts::{RECORDED, VOIDED, read_redemption};

const RECORD: Statement = Statement::both(include_str!("record_to_void.sql"));
const VOID: Statement = Statement {
    sqlite: include_str!("../../sqlite/checkout/void.sql"),
    postgres: include_str!("../../postgres/checkout/void.sql"),
};

/// A record with what it took and bound besides what its document tells.
struct Record {
    redemption: Redemption,
    besides: Vec<(CounterKey, u64)>,
    bound: Vec<String>,
}

enum Found {
    Record(Box<Record>),
    Answer(Void),
}

async fn read<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    scope: Scope<'_>,
    reference: &str,
) -> Result<Found, StoreError> {
    let rows = D::rows(connection, &RECORD, vec![scope.namespace(), reference.into()]).await?;
    let Some(row) = rows.first() else { return Ok(Found::Answer(Void::NotRecorded)) };
    match row.int(0)? {
        RECORDED => {}
        VOIDED => return Ok(Found::Answer(Void::AlreadyVoided)),
        _ => return Ok(Found::Answer(Void::NotRecorded)),
    }
    let redemption = read_redemption(reference, row.text(1)?)?;
    let corrupt = |error| StoreError::corrupt(format!("lists of `{reference}` in coupon_redemption"), error);
    let besides = row.maybe_text(2)?.map(serde_json::from_str).transpose().map_err(corrupt)?;
    let bound = row.maybe_text(3)?.map(serde_json::from_str).transpose().map_err(corrupt)?;
    let (besides, bound) = (besides.unwrap_or_default(), bound.unwrap_or_default());
    Ok(Found::Record(Box::new(Record { redemption, besides, bound })))
}

/// A counter that falls.
#[derive(Serialize)]
struct Fall {
    #[serde(flatten)]
    cell: Cell,
    by: u64,
}

impl Record {
    /// What the void gives back, in the order of the cells.
    fn falls(&self, policy: OnVoid) -> Vec<Fall> {
        let deltas = self.redemption.deltas().iter().map(|delta| (delta.key(), delta.by()));
        let taken = deltas.chain(self.besides.iter().map(|(key, by)| (key, *by)));
        let goes_back = |key: &CounterKey| {
            if key.allowance().is_some() { policy.gives_allowances_back() } else { policy.gives_uses_back() }
        };
        let back = taken.filter(|(key, _)| goes_back(key));
        let mut falls: Vec<Fall> = back.map(|(key, by)| Fall { cell: key.into(), by }).collect();
        falls.sort_by(|a, b| a.cell.cmp(&b.cell));
        falls
    }
}

pub(super) async fn void<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    scope: Scope<'_>,
    reference: &Reference,
    policy: OnVoid,
) -> Result<Void, StoreError> {
    let key = reference_key(reference);
    if !D::ONE_WRITER
        && let Found::Answer(answer) = read::<D>(connection, scope, &key).await?
    {
        return Ok(answer);
    }
    let mut transaction = D::begin(connection).await?;
    D::execute(&mut transaction, &LOCK, Locks::of(key.clone()).values(scope)?).await?;
    let record = match read::<D>(&mut transaction, scope, &key).await? {
        Found::Record(record) => record,
        Found::Answer(answer) => {
            transaction.rollback().await.map_err(D::failure)?;
            return Ok(answer);
        }
    };
    let falls = record.falls(policy);
    let bound: &[String] = if policy.gives_uses_back() { &record.bound } else { &[] };
    let mut locks = Locks::of(key.clone());
    locks.codes = bound.iter().cloned().collect();
    locks.cells = falls.iter().map(|fall| fall.cell.clone()).collect();
    // Only now is it known what else the record touches; the reference is locked first, as everywhere.
    D::execute(&mut transaction, &LOCK, locks.values(scope)?).await?;
    let coupons: Vec<&str> = record.redemption.coupons().iter().map(|redeemed| redeemed.coupon.as_str()).collect();
    let values = vec![
        scope.namespace(),
        key.into(),
        scope.now()?,
        policy.gives_uses_back().into(),
        policy.gives_allowances_back().into(),
        json(&falls)?.into(),
        json(bound)?.into(),
        json(&coupons)?.into(),
    ];
    D::execute(&mut transaction, &VOID, values).await?;
    let type_reverted = policy.reverts_type()
        && !record.redemption.type_changes().is_empty()
        && types::revert::<D>(&mut transaction, scope.namespace, reference, scope.at).await?;
    let moved = match record.redemption.points().filter(|_| policy.gives_points_back()) {
        Some(moved) => {
            let all = PointsReturn::new(moved.redeemed, moved.earned);
            Some(points::give_back::<D>(&mut transaction, scope.namespace, reference, moved, all).await?)
        }
        None => None,
    };
    transaction.commit().await.map_err(D::failure)?;
    Ok(Void::Voided {
        uses_given_back: policy.gives_uses_back(),
        type_reverted,
        allowances_given_back: policy.gives_allowances_back(),
        points: moved,
    })
}
