//! Release.

use sqlx::Database;

use crate::request::Reference;
use crate::store::sql::{Dialect, Row, Statement, Value};
use crate::store::{Release, StoreError};

use super::ask::{Locks, Scope, reference_key};
use super::facts::{HELD, RECORDED, VOIDED};
use super::{HOLD_POINTS, LOCK, TAKE};

const STATE: Statement = Statement::both(include_str!("state.sql"));
const FREE: Statement = Statement::both(include_str!("free.sql"));

/// How far the reference has come: what it is, whether that lives, and whether it holds points.
struct State {
    state: i64,
    live: bool,
    points: bool,
}

impl State {
    async fn read<D: Dialect>(
        connection: &mut <D as Database>::Connection,
        scope: Scope<'_>,
        reference: &str,
    ) -> Result<Option<Self>, StoreError> {
        let rows = D::rows(connection, &STATE, vec![scope.namespace(), reference.into()]).await?;
        let state = |row: &Row| -> Result<Self, StoreError> {
            let until = row.maybe_instant(1)?;
            let live = until.is_some_and(|until| scope.grace.is_live(until, scope.at));
            Ok(Self { state: row.int(0)?, live, points: row.int(2)? != 0 })
        };
        rows.first().map(state).transpose()
    }

    /// What is said without changing anything; nothing where there is a hold to be let go.
    fn answer(state: Option<&Self>) -> Option<Release> {
        match state.map(|state| state.state) {
            Some(HELD) => None,
            Some(RECORDED | VOIDED) => Some(Release::Recorded),
            Some(_) | None => Some(Release::NothingHeld),
        }
    }
}

pub(super) async fn release<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    scope: Scope<'_>,
    reference: &Reference,
) -> Result<Release, StoreError> {
    let reference = reference_key(reference);
    if !D::ONE_WRITER {
        let seen = State::read::<D>(connection, scope, &reference).await?;
        if let Some(answer) = State::answer(seen.as_ref()) {
            return Ok(answer);
        }
    }
    let mut transaction = D::begin(connection).await?;
    D::execute(&mut transaction, &LOCK, Locks::of(reference.clone()).values(scope)?).await?;
    let found = State::read::<D>(&mut transaction, scope, &reference).await?;
    if let Some(answer) = State::answer(found.as_ref()) {
        transaction.rollback().await.map_err(D::failure)?;
        return Ok(answer);
    }
    let key = || vec![scope.namespace(), reference.as_str().into()];
    let nothing = [scope.lapsed(), scope.now()?, "[]".into(), Value::Int(None)];
    D::execute(&mut transaction, &TAKE, key().into_iter().chain(nothing).collect()).await?;
    if found.as_ref().is_some_and(|found| found.points) {
        let nothing = [Value::Text(None), Value::Int(None), Value::Int(None)];
        D::execute(&mut transaction, &HOLD_POINTS, key().into_iter().chain(nothing).collect()).await?;
    }
    D::execute(&mut transaction, &FREE, key()).await?;
    transaction.commit().await.map_err(D::failure)?;
    Ok(if found.is_some_and(|found| found.live) { Release::Released } else { Release::NothingHeld })
}
