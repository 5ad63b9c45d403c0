//! Batches of codes: stored first, handed out later, withdrawn as one.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sqlx::Database;

use crate::coupon::Code;
use crate::issue::IssueRequest;
use crate::key::{ActorId, BatchId, CouponId, Namespace};
use crate::request::{IssuedCode, Revocation};
use crate::shop::Shop;
use crate::store::sql::{Dialect, Row, Statement, Value, nanos};
use crate::store::{AdminError, AdminFailure, BatchRecord, StoreError};

use super::codes::{CodeRow, count, insert, insert_batch, may_store};
use super::definitions::Locked;
use super::rows::{ISSUED, PREPARED, issued_code, read_code};
use super::{CHUNK, counted, end, texts, unusable, write};

const BATCH: Statement = Statement::both(
    "SELECT coupon, prepared, added_at, exported_at FROM coupon_batch WHERE namespace = $1 AND batch = $2",
);
const BATCH_TO_EXPORT: Statement =
    Statement { sqlite: include_str!("../../sqlite/admin/lock_batch.sql"), postgres: BATCH.postgres };
const CODES: Statement = Statement::both(include_str!("batch_codes.sql"));
const EXPORT: Statement = Statement {
    sqlite: include_str!("../../sqlite/admin/export_batch.sql"),
    postgres: include_str!("../../postgres/admin/export_batch.sql"),
};
const EXPORTED: Statement =
    Statement::both("UPDATE coupon_batch SET exported_at = $3 WHERE namespace = $1 AND batch = $2");
const REVOKE: Statement = Statement {
    sqlite: include_str!("../../sqlite/admin/revoke_batch.sql"),
    postgres: include_str!("../../postgres/admin/revoke_batch.sql"),
};
const USED: Statement = Statement {
    sqlite: include_str!("../../sqlite/admin/used_codes.sql"),
    postgres: include_str!("../../postgres/admin/used_codes.sql"),
};
const REVOKE_ONE: Statement = Statement::both(include_str!("revoke_code.sql"));

/// What is known of a batch without its codes.
struct Known {
    coupon: CouponId,
    prepared: bool,
    exported_at: Option<DateTime<Utc>>,
}

async fn known<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    batch: &BatchId,
) -> Result<Option<Known>, StoreError> {
    known_by::<D>(&BATCH, connection, namespace, batch).await
}

async fn known_by<D: Dialect>(
    statement: &Statement,
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    batch: &BatchId,
) -> Result<Option<Known>, StoreError> {
    let rows = D::rows(connection, statement, vec![namespace.as_str().into(), batch.as_str().into()]).await?;
    let read = |row: &Row| {
        let coupon = row.text(0)?.parse();
        let coupon = coupon.map_err(|error| StoreError::corrupt(format!("batch `{batch}`"), error))?;
        Ok(Known { coupon, prepared: row.int(1)? != 0, exported_at: row.maybe_instant(3)? })
    };
    rows.first().map(read).transpose()
}

pub(super) async fn add_batch<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    (batch, coupon): (&BatchId, &CouponId),
    codes: &[Code],
    at: DateTime<Utc>,
) -> Result<(), AdminFailure> {
    let mut transaction = D::begin(connection).await?;
    let answer = store_batch::<D>(&mut transaction, namespace, (batch, coupon), codes, at).await;
    end(transaction, answer).await
}

async fn store_batch<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    (batch, coupon): (&BatchId, &CouponId),
    codes: &[Code],
    at: DateTime<Utc>,
) -> Result<(), AdminFailure> {
    let locked = Locked::to_issue::<D>(connection, namespace, coupon).await?;
    if let Some(known) = known::<D>(connection, namespace, batch).await? {
        let same = known.prepared && known.coupon == *coupon;
        if same && codes_of::<D>(connection, namespace, batch).await?.iter().eq(codes.iter().map(Code::as_str)) {
            return Ok(());
        }
        return Err(AdminError::BatchExists { batch: batch.clone() }.into());
    }
    let locked = locked.ok_or_else(|| AdminError::UnknownCoupon { coupon: coupon.clone() })?;
    if locked.current.code().is_some() {
        return Err(AdminError::SharedCode { coupon: coupon.clone() }.into());
    }
    let wanted: Vec<_> = codes.iter().map(|code| (code, None)).collect();
    may_store::<D>(connection, namespace, &locked, &wanted).await?;
    let values = [true.into(), nanos(at)?.into(), Value::Int(None)];
    insert_batch::<D>(connection, namespace, coupon, batch, values).await?;
    let rows = (0_i64..).zip(codes).map(|(place, code)| CodeRow::prepared(code, batch, place));
    let rows: Vec<CodeRow<'_>> = rows.collect();
    insert::<D>(connection, namespace, coupon, PREPARED, &rows).await?;
    let stored = counted(rows.len());
    Ok(count::<D>(connection, namespace, coupon, (stored, stored)).await?)
}

/// The codes of a batch as texts, in their order.
async fn codes_of<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    batch: &BatchId,
) -> Result<Vec<String>, StoreError> {
    const TEXTS: Statement = Statement::both(
        "SELECT code FROM coupon_code WHERE namespace = $1 AND batch = $2 AND batch IS NOT NULL ORDER BY place",
    );
    let rows = D::rows(connection, &TEXTS, vec![namespace.as_str().into(), batch.as_str().into()]).await?;
    Ok(texts(&rows)?.collect())
}

pub(super) async fn export<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    shop: &Shop,
    batch: &BatchId,
    (at, by): (DateTime<Utc>, Option<&ActorId>),
) -> Result<Vec<IssuedCode>, AdminFailure> {
    let request = IssueRequest::new(at).with_batch(batch.clone());
    let request = by.cloned().into_iter().fold(request, IssueRequest::with_by);
    let mut transaction = D::begin(connection).await?;
    let answer = hand_out::<D>(&mut transaction, namespace, shop, batch, &request).await;
    end(transaction, answer).await
}

async fn hand_out<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    shop: &Shop,
    batch: &BatchId,
    request: &IssueRequest,
) -> Result<Vec<IssuedCode>, AdminFailure> {
    let unknown = || AdminError::UnknownBatch { batch: batch.clone() };
    // The definition of a batch never changes; whether it was exported is asked under the lock of that definition.
    let known_first = known_by::<D>(&BATCH_TO_EXPORT, connection, namespace, batch).await?;
    let coupon = known_first.ok_or_else(unknown)?.coupon;
    let locked = Locked::to_issue::<D>(connection, namespace, &coupon).await?;
    let known = known::<D>(connection, namespace, batch).await?.ok_or_else(unknown)?;
    if let Some(at) = known.exported_at {
        return Err(AdminError::AlreadyExported { batch: batch.clone(), at }.into());
    }
    let locked = locked.ok_or_else(|| AdminError::UnknownCoupon { coupon: coupon.clone() })?;
    let issuing = shop.issuing(&locked.current).map_err(|error| unusable(&coupon, error))?;
    let at = nanos(request.at())?;
    let by = request.by().map(|by| by.as_str().to_owned());
    let values = vec![namespace.as_str().into(), batch.as_str().into(), at.into(), by.into()];
    let rows = D::rows(connection, &EXPORT, values).await?;
    let places = rows.iter().map(|row| Ok((row.int(1)?, read_code(row.text(0)?)?)));
    let mut codes: Vec<(i64, Code)> = places.collect::<Result<_, StoreError>>()?;
    codes.sort();
    let issued = codes.into_iter().map(|(_, code)| issuing.issue(code, request));
    let issued: Vec<IssuedCode> = issued
        .collect::<Result<_, _>>()
        .map_err(|refusal| AdminError::NotIssued { coupon: coupon.clone(), refusal })?;
    if issued.is_empty() {
        return Err(AdminError::NothingToExport { batch: batch.clone() }.into());
    }
    let values = vec![namespace.as_str().into(), batch.as_str().into(), at.into()];
    D::execute(connection, &EXPORTED, values).await?;
    let handed_out = counted(issued.len());
    count::<D>(connection, namespace, &coupon, (0, handed_out.saturating_neg())).await?;
    Ok(issued)
}

pub(super) async fn batch<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    batch: &BatchId,
) -> Result<Option<BatchRecord>, StoreError> {
    let rows = D::rows(connection, &CODES, vec![namespace.as_str().into(), batch.as_str().into()]).await?;
    let Some(first) = rows.first() else { return Ok(None) };
    let coupon = first.text(11)?.parse();
    let mut record = BatchRecord {
        coupon: coupon.map_err(|error| StoreError::corrupt(format!("batch `{batch}`"), error))?,
        added_at: first.instant(12)?,
        exported_at: first.maybe_instant(13)?,
        codes: Vec::new(),
        issued: Vec::new(),
    };
    // A batch without codes is one row without a code.
    for row in rows.iter().filter(|row| row.maybe_text(0).is_ok_and(|code| code.is_some())) {
        record.codes.push(read_code(row.text(0)?)?);
        if row.int(2)? == ISSUED {
            record.issued.push(issued_code(row)?);
        }
    }
    Ok(Some(record))
}

pub(super) async fn revoke<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    code: &Code,
    revocation: &Revocation,
) -> Result<(), AdminFailure> {
    let values = vec![namespace.as_str().into(), code.as_str().into(), write(revocation)?.into()];
    let mut transaction = D::begin(connection).await?;
    let answer = match D::execute(&mut transaction, &REVOKE_ONE, values).await {
        Ok(0) => Err(AdminError::UnknownCode { code: code.clone() }.into()),
        Ok(_) => Ok(()),
        Err(error) => Err(error.into()),
    };
    end(transaction, answer).await
}

pub(super) async fn revoke_batch<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    batch: &BatchId,
    revocation: &Revocation,
) -> Result<u64, AdminFailure> {
    let mut transaction = D::begin(connection).await?;
    let answer = withdraw::<D>(&mut transaction, namespace, batch, revocation).await;
    end(transaction, answer).await
}

async fn withdraw<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    batch: &BatchId,
    revocation: &Revocation,
) -> Result<u64, AdminFailure> {
    let values = vec![namespace.as_str().into(), batch.as_str().into(), write(revocation)?.into()];
    // The write comes first, so that SQLite makes this transaction the one that writes.
    let withdrawn = D::rows(connection, &REVOKE, values).await?;
    let known = known::<D>(connection, namespace, batch).await?;
    let coupon = known.ok_or_else(|| AdminError::UnknownBatch { batch: batch.clone() })?.coupon;
    let withdrawn: Vec<String> = texts(&withdrawn)?.collect();
    let mut unused = withdrawn.len();
    for chunk in withdrawn.chunks(CHUNK) {
        let values = vec![namespace.as_str().into(), coupon.as_str().into(), write(chunk)?.into()];
        // One that was used is withdrawn as well: a void may give its use back. It stays a used one.
        let used: HashSet<String> = texts(&D::rows(connection, &USED, values).await?)?.collect();
        unused = unused.saturating_sub(used.len());
    }
    Ok(u64::try_from(unused).unwrap_or(u64::MAX))
}
