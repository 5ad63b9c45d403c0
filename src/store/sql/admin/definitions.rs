//! Definitions: stored, revised, switched off, and who did that.

use std::sync::Arc;

use sqlx::Database;

use crate::coupon::{Coupon, Status};
use crate::key::{CouponId, Namespace};
use crate::store::sql::step::next_pseudonyms;
use crate::store::sql::{Dialect, Row, Statement, Value, nanos};
use crate::store::{AdminError, AdminFailure, DefinitionChange, Edit, EditKind, StoreError};

use super::codes::share_code;
use super::recount::recount;
use super::{end, read_coupon, write};

const DOCUMENT: Statement =
    Statement::both("SELECT document FROM coupon_definition WHERE namespace = $1 AND coupon = $2");
const DOCUMENT_AT: Statement =
    Statement::both("SELECT document FROM coupon_revision WHERE namespace = $1 AND coupon = $2 AND revision = $3");
const DOCUMENTS: Statement = Statement::both(
    "SELECT coupon, document FROM coupon_definition WHERE namespace = $1 AND coupon > $2 ORDER BY coupon LIMIT $3",
);
const LOG: Statement = Statement::both(include_str!("definition_log.sql"));
const INSERT: Statement = Statement::both(include_str!("insert_definition.sql"));
const INSERT_REVISION: Statement =
    Statement::both("INSERT INTO coupon_revision (namespace, coupon, revision, document) VALUES ($1, $2, $3, $4)");
const INSERT_EDIT: Statement = Statement::both(include_str!("insert_edit.sql"));
const UPDATE: Statement = Statement::both(include_str!("update_definition.sql"));
const LOCK_TO_EDIT: Statement = Statement {
    sqlite: include_str!("../../sqlite/admin/lock_definition.sql"),
    postgres: include_str!("../../postgres/admin/lock_definition_to_edit.sql"),
};
const LOCK_TO_ISSUE: Statement = Statement {
    sqlite: include_str!("../../sqlite/admin/lock_definition.sql"),
    postgres: include_str!("../../postgres/admin/lock_definition_to_issue.sql"),
};

/// A definition that nobody else changes until the transaction ends.
#[derive(Debug)]
pub(super) struct Locked {
    pub(super) current: Arc<Coupon>,
    killed_through: u32,
    pub(super) codes_issued: u64,
    /// Whether later statements see everything that was written before the lock was taken.
    sees_the_latest: bool,
}

impl Locked {
    async fn by<D: Dialect>(
        statement: &Statement,
        connection: &mut <D as Database>::Connection,
        namespace: &Namespace,
        coupon: &CouponId,
    ) -> Result<Option<Self>, StoreError> {
        let rows = D::rows(connection, statement, vec![namespace.as_str().into(), coupon.as_str().into()]).await?;
        let read = |row: &Row| {
            Ok(Self {
                current: read_coupon(coupon.as_str(), row.text(2)?)?,
                killed_through: u32::try_from(row.figure(0)?).unwrap_or(u32::MAX),
                codes_issued: row.figure(1)?,
                sees_the_latest: row.int(3)? != 0,
            })
        };
        rows.first().map(read).transpose()
    }

    /// Locks it against edits, and lets checkouts pass.
    pub(super) async fn to_issue<D: Dialect>(
        connection: &mut <D as Database>::Connection,
        namespace: &Namespace,
        coupon: &CouponId,
    ) -> Result<Option<Self>, StoreError> {
        Self::by::<D>(&LOCK_TO_ISSUE, connection, namespace, coupon).await
    }

    /// Locks it against everything that counts on it.
    async fn to_edit<D: Dialect>(
        connection: &mut <D as Database>::Connection,
        namespace: &Namespace,
        coupon: &CouponId,
    ) -> Result<Self, AdminFailure> {
        let locked = Self::by::<D>(&LOCK_TO_EDIT, connection, namespace, coupon).await?;
        locked.ok_or_else(|| AdminError::UnknownCoupon { coupon: coupon.clone() }.into())
    }
}

pub(super) async fn define<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    coupon: &Coupon,
    edit: &Edit,
) -> Result<u32, AdminFailure> {
    let mut transaction = D::begin(connection).await?;
    let answer = insert::<D>(&mut transaction, namespace, coupon, edit).await;
    end(transaction, answer).await
}

async fn insert<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    coupon: &Coupon,
    edit: &Edit,
) -> Result<u32, AdminFailure> {
    let (revision, document) = (coupon.revision(), write(coupon)?);
    let active = coupon.status() == Status::Active;
    let key = || -> Vec<Value> { vec![namespace.as_str().into(), coupon.id().as_str().into()] };
    let row = [i64::from(revision).into(), active.into(), document.clone().into()];
    if D::execute(connection, &INSERT, key().into_iter().chain(row).collect()).await? == 0 {
        return Err(AdminError::AlreadyDefined { coupon: coupon.id().clone() }.into());
    }
    let row = [i64::from(revision).into(), document.into()];
    D::execute(connection, &INSERT_REVISION, key().into_iter().chain(row).collect()).await?;
    share_code::<D>(connection, namespace, None, coupon).await?;
    note::<D>(connection, namespace, (coupon.id(), EditKind::Defined), (None, revision), edit).await?;
    Ok(revision)
}

pub(super) async fn revise<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    coupon: &Coupon,
    edit: &Edit,
) -> Result<u32, AdminFailure> {
    let mut transaction = D::begin(connection).await?;
    let answer = match to_revise::<D>(&mut transaction, namespace, coupon.id()).await {
        Ok(locked) => {
            let coupon = coupon.clone();
            let after = update::<D>(&mut transaction, namespace, &locked, coupon, locked.killed_through).await;
            log_revised::<D>(&mut transaction, namespace, &locked, after, (EditKind::Revised, edit)).await
        }
        Err(failure) => Err(failure),
    };
    end(transaction, answer).await
}

async fn to_revise<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    coupon: &CouponId,
) -> Result<Locked, AdminFailure> {
    // A limit that is added counts what is recorded, by the keys that it reads there.
    next_pseudonyms::<D>(connection, namespace, 0).await?;
    Locked::to_edit::<D>(connection, namespace, coupon).await
}

pub(super) async fn set_status<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    coupon: &CouponId,
    status: Status,
    edit: &Edit,
) -> Result<u32, AdminFailure> {
    let mut transaction = D::begin(connection).await?;
    let answer = match Locked::to_edit::<D>(&mut transaction, namespace, coupon).await {
        Ok(locked) => {
            let coupon = with_status(&locked.current, status);
            let after = update::<D>(&mut transaction, namespace, &locked, coupon, locked.killed_through).await;
            log_revised::<D>(&mut transaction, namespace, &locked, after, (EditKind::StatusSet, edit)).await
        }
        Err(failure) => Err(failure),
    };
    end(transaction, answer).await
}

pub(super) async fn kill<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    coupon: &CouponId,
    edit: &Edit,
) -> Result<u32, AdminFailure> {
    let mut transaction = D::begin(connection).await?;
    let answer = match Locked::to_edit::<D>(&mut transaction, namespace, coupon).await {
        Ok(locked) => switch_off::<D>(&mut transaction, namespace, &locked, edit).await,
        Err(failure) => Err(failure),
    };
    end(transaction, answer).await
}

async fn switch_off<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    locked: &Locked,
    edit: &Edit,
) -> Result<u32, AdminFailure> {
    let (before, coupon) = (locked.current.revision(), with_status(&locked.current, Status::Inactive));
    let revision = if coupon == *locked.current { before } else { following(&locked.current)? };
    if locked.killed_through >= revision {
        return Ok(revision);
    }
    update::<D>(connection, namespace, locked, coupon, revision).await?;
    let edited = (locked.current.id(), EditKind::Killed);
    note::<D>(connection, namespace, edited, (Some(before), revision), edit).await?;
    Ok(revision)
}

fn with_status(coupon: &Coupon, status: Status) -> Coupon {
    let mut coupon = coupon.clone();
    coupon.status = status;
    coupon
}

/// The number of the next revision.
fn following(current: &Coupon) -> Result<u32, AdminFailure> {
    let exhausted = || AdminError::RevisionsExhausted { coupon: current.id().clone() };
    Ok(current.revision().checked_add(1).ok_or_else(exhausted)?)
}

/// Puts a new revision in the place of the locked one, unless nothing differs; says which revision stands.
async fn update<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    locked: &Locked,
    mut coupon: Coupon,
    killed_through: u32,
) -> Result<u32, AdminFailure> {
    let (based_on, current) = (coupon.revision(), locked.current.revision());
    if based_on != current {
        return Err(AdminError::RevisedMeanwhile { coupon: coupon.id().clone(), based_on, current }.into());
    }
    let same = coupon == *locked.current;
    if same && killed_through == locked.killed_through {
        return Ok(current);
    }
    if !same {
        coupon.revision = following(&locked.current)?;
    }
    let (revision, document) = (coupon.revision(), write(&coupon)?);
    let active = coupon.status() == Status::Active;
    let key = || -> Vec<Value> { vec![namespace.as_str().into(), coupon.id().as_str().into()] };
    let row = [i64::from(revision).into(), active.into(), document.clone().into(), i64::from(killed_through).into()];
    D::execute(connection, &UPDATE, key().into_iter().chain(row).collect()).await?;
    if !same {
        let row = [i64::from(revision).into(), document.into()];
        D::execute(connection, &INSERT_REVISION, key().into_iter().chain(row).collect()).await?;
        share_code::<D>(connection, namespace, Some(&locked.current), &coupon).await?;
        recount::<D>(connection, namespace, &locked.current, &coupon, locked.sees_the_latest).await?;
    }
    Ok(revision)
}

/// Writes down that a revision was made, if one was.
async fn log_revised<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    locked: &Locked,
    after: Result<u32, AdminFailure>,
    (kind, edit): (EditKind, &Edit),
) -> Result<u32, AdminFailure> {
    let (before, after) = (locked.current.revision(), after?);
    if before != after {
        note::<D>(connection, namespace, (locked.current.id(), kind), (Some(before), after), edit).await?;
    }
    Ok(after)
}

async fn note<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    (coupon, kind): (&CouponId, EditKind),
    (before, after): (Option<u32>, u32),
    edit: &Edit,
) -> Result<(), StoreError> {
    let values = vec![
        namespace.as_str().into(),
        coupon.as_str().into(),
        name_of(kind).into(),
        before.map(i64::from).into(),
        i64::from(after).into(),
        nanos(edit.at)?.into(),
        edit.by.as_ref().map(|by| by.as_str().to_owned()).into(),
        edit.note.clone().into(),
    ];
    D::execute(connection, &INSERT_EDIT, values).await.map(drop)
}

fn name_of(kind: EditKind) -> &'static str {
    match kind {
        EditKind::Defined => "defined",
        EditKind::Revised => "revised",
        EditKind::StatusSet => "status_set",
        EditKind::Killed => "killed",
    }
}

pub(super) async fn definition<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    coupon: &CouponId,
) -> Result<Option<Arc<Coupon>>, StoreError> {
    let rows = D::rows(connection, &DOCUMENT, vec![namespace.as_str().into(), coupon.as_str().into()]).await?;
    rows.first().map(|row| read_coupon(coupon.as_str(), row.text(0)?)).transpose()
}

pub(super) async fn definition_at<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    coupon: &CouponId,
    revision: u32,
) -> Result<Option<Arc<Coupon>>, StoreError> {
    let values = vec![namespace.as_str().into(), coupon.as_str().into(), i64::from(revision).into()];
    let rows = D::rows(connection, &DOCUMENT_AT, values).await?;
    rows.first().map(|row| read_coupon(coupon.as_str(), row.text(0)?)).transpose()
}

pub(super) async fn definitions<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    after: Option<&CouponId>,
    limit: u32,
) -> Result<Vec<Arc<Coupon>>, StoreError> {
    let after = after.map_or("", CouponId::as_str);
    let values = vec![namespace.as_str().into(), after.into(), i64::from(limit).into()];
    let rows = D::rows(connection, &DOCUMENTS, values).await?;
    rows.iter().map(|row| read_coupon(row.text(0)?, row.text(1)?)).collect()
}

pub(super) async fn definition_log<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    coupon: &CouponId,
) -> Result<Vec<DefinitionChange>, StoreError> {
    let rows = D::rows(connection, &LOG, vec![namespace.as_str().into(), coupon.as_str().into()]).await?;
    rows.iter().map(|row| read_change(coupon, row)).collect()
}

fn read_change(coupon: &CouponId, row: &Row) -> Result<DefinitionChange, StoreError> {
    let what = || format!("edit of `{coupon}`");
    let kind = match row.text(0)? {
        "defined" => EditKind::Defined,
        "revised" => EditKind::Revised,
        "status_set" => EditKind::StatusSet,
        "killed" => EditKind::Killed,
        other => return Err(StoreError::corrupt(what(), format!("`{other}` is no kind of edit"))),
    };
    let by = row.maybe_text(2)?.map(str::parse).transpose();
    let edit = Edit {
        at: row.instant(1)?,
        by: by.map_err(|error| StoreError::corrupt(what(), error))?,
        note: row.maybe_text(3)?.map(str::to_owned),
    };
    let before = row.maybe_text(4)?.map(|document| read_coupon(coupon.as_str(), document)).transpose()?;
    Ok(DefinitionChange { kind, edit, before, after: read_coupon(coupon.as_str(), row.text(5)?)? })
}
