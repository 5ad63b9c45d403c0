//! Codes that are handed out: one by one, many at once, once for each occasion.

use std::collections::{HashMap, HashSet};

use serde::Serialize;
use sqlx::Database;

use crate::coupon::{Code, Coupon, Kind};
use crate::customer::IdentityKey;
use crate::issue::IssueRequest;
use crate::key::{BatchId, CouponId, Namespace, OccasionId};
use crate::request::IssuedCode;
use crate::shop::Shop;
use crate::store::sql::{Dialect, Row, Statement, Value, nanos};
use crate::store::{AdminError, AdminFailure, Issue, StoreError};

use super::definitions::Locked;
use super::rows::{CODE, ISSUED, issued_code, read_code};
use super::{CHUNK, counted, end, texts, unusable, write};

const SHARE: Statement = Statement::both(
    "INSERT INTO coupon_code (namespace, code, coupon, standing) VALUES ($1, $2, $3, 0) ON CONFLICT DO NOTHING",
);
const UNSHARE: Statement =
    Statement::both("DELETE FROM coupon_code WHERE namespace = $1 AND code = $2 AND coupon = $3 AND standing = 0");
const TAKEN: Statement = Statement {
    sqlite: include_str!("../../sqlite/admin/taken_codes.sql"),
    postgres: include_str!("../../postgres/admin/taken_codes.sql"),
};
const OCCASIONS: Statement = Statement {
    sqlite: include_str!("../../sqlite/admin/taken_occasions.sql"),
    postgres: include_str!("../../postgres/admin/taken_occasions.sql"),
};
const BATCHES: Statement = Statement {
    sqlite: include_str!("../../sqlite/admin/known_batches.sql"),
    postgres: include_str!("../../postgres/admin/known_batches.sql"),
};
const INSERT: Statement = Statement {
    sqlite: include_str!("../../sqlite/admin/insert_codes.sql"),
    postgres: include_str!("../../postgres/admin/insert_codes.sql"),
};
const INSERT_BATCH: Statement = Statement::both(include_str!("insert_batch.sql"));
const COUNT: Statement = Statement::both(include_str!("count_codes.sql"));

/// The most codes of a source that are tried for one.
const MOST: usize = 256;

/// A code on its way into the table.
#[derive(Debug, Serialize)]
pub(super) struct CodeRow<'c> {
    code: &'c str,
    holder: Option<String>,
    issued_at: Option<i64>,
    valid_from: Option<i64>,
    valid_until: Option<i64>,
    issued_by: Option<&'c str>,
    batch: Option<&'c str>,
    place: Option<i64>,
    occasion: Option<&'c str>,
    occasion_of: Option<String>,
    revocation: Option<String>,
}

impl<'c> CodeRow<'c> {
    /// One that lies in a batch.
    pub(super) fn prepared(code: &'c Code, batch: &'c BatchId, place: i64) -> Self {
        Self {
            code: code.as_str(),
            holder: None,
            issued_at: None,
            valid_from: None,
            valid_until: None,
            issued_by: None,
            batch: Some(batch.as_str()),
            place: Some(place),
            occasion: None,
            occasion_of: None,
            revocation: None,
        }
    }

    /// One that was handed out. It may belong to somebody already; its occasion is that of whom it was issued to.
    pub(super) fn issued(
        issued: &'c IssuedCode,
        holder: Option<&IdentityKey>,
        place: Option<i64>,
    ) -> Result<Self, StoreError> {
        let window = issued.window().unwrap_or_default();
        let occasion = issued.occasion().map(OccasionId::as_str);
        Ok(Self {
            code: issued.code().as_str(),
            holder: holder.map(ToString::to_string),
            issued_at: Some(nanos(issued.issued_at())?),
            valid_from: window.from().map(nanos).transpose()?,
            valid_until: window.until().map(nanos).transpose()?,
            issued_by: issued.issued_by().map(|by| by.as_str()),
            batch: issued.batch().map(BatchId::as_str),
            place,
            occasion,
            occasion_of: occasion.map(|_| occasion_of(issued.holder())),
            revocation: issued.revocation().map(write).transpose()?,
        })
    }
}

/// Whom a code was issued to for an occasion, in a column that is never nothing.
fn occasion_of(holder: Option<&IdentityKey>) -> String {
    holder.map_or_else(String::new, ToString::to_string)
}

/// Makes the shared code of `coupon` stand for it, in the place of the one that it had before.
pub(super) async fn share_code<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    before: Option<&Coupon>,
    coupon: &Coupon,
) -> Result<(), AdminFailure> {
    let old = before.and_then(Coupon::code);
    if old == coupon.code() {
        return Ok(());
    }
    let row = |code: &Code| vec![namespace.as_str().into(), code.as_str().into(), coupon.id().as_str().into()];
    if let Some(code) = coupon.code() {
        if D::execute(connection, &SHARE, row(code)).await? == 0 {
            return Err(AdminError::CodeTaken { code: code.clone() }.into());
        }
    }
    if let Some(old) = old {
        D::execute(connection, &UNSHARE, row(old)).await?;
    }
    Ok(())
}

/// Asks whether the definition allows so many codes more (S81).
pub(super) fn has_room(locked: &Locked, wanted: usize) -> Result<(), AdminError> {
    let (issued, wanted) = (locked.codes_issued, u64::try_from(wanted).unwrap_or(u64::MAX));
    let full = |limit: &u64| issued.saturating_add(wanted) > *limit;
    match locked.current.limits().codes().filter(full) {
        Some(limit) => Err(AdminError::CodesLimit { coupon: locked.current.id().clone(), limit, issued, wanted }),
        None => Ok(()),
    }
}

/// Those of the codes that stand for something already.
pub(super) async fn taken<'c, D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    codes: impl Iterator<Item = &'c Code> + Send,
) -> Result<HashSet<String>, StoreError> {
    let codes: Vec<&str> = codes.map(Code::as_str).collect();
    let mut taken = HashSet::new();
    for chunk in codes.chunks(CHUNK) {
        let rows = D::rows(connection, &TAKEN, vec![namespace.as_str().into(), write(chunk)?.into()]).await?;
        taken.extend(texts(&rows)?);
    }
    Ok(taken)
}

/// Asks whether these codes can be stored under a definition: all or none.
pub(super) async fn may_store<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    locked: &Locked,
    codes: &[(&Code, Option<&IdentityKey>)],
) -> Result<(), AdminFailure> {
    has_room(locked, codes.len())?;
    let taken = taken::<D>(connection, namespace, codes.iter().map(|(code, _)| *code)).await?;
    let (coupon, mut seen) = (&locked.current, HashSet::with_capacity(codes.len()));
    let (format, personal) = (coupon.code_format(), coupon.kind() == Kind::Personal);
    for (code, holder) in codes {
        let (id, code) = (|| coupon.id().clone(), *code);
        if personal && holder.is_none() {
            return Err(AdminError::HolderRequired { coupon: id(), code: code.clone() }.into());
        }
        if !format.holds(code) {
            return Err(AdminError::WrongFormat { coupon: id(), code: code.clone() }.into());
        }
        if taken.contains(code.as_str()) || !seen.insert(code) {
            return Err(AdminError::CodeTaken { code: code.clone() }.into());
        }
    }
    Ok(())
}

/// Batches that codes bear the name of, each with the place of its next code.
type Places = HashMap<String, i64>;

/// Asks whether codes that are handed out may bear the names of these batches.
async fn may_join<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    coupon: &CouponId,
    batches: &[&BatchId],
) -> Result<(HashSet<String>, Places), StoreError> {
    let (mut closed, mut places) = (HashSet::new(), Places::new());
    let names: Vec<&str> = batches.iter().map(|batch| batch.as_str()).collect();
    for chunk in names.chunks(CHUNK) {
        let rows = D::rows(connection, &BATCHES, vec![namespace.as_str().into(), write(chunk)?.into()]).await?;
        for row in &rows {
            let name = row.text(0)?.to_owned();
            if row.text(1)? != coupon.as_str() || row.int(2)? != 0 {
                closed.insert(name);
            } else {
                places.insert(name, row.int(3)?);
            }
        }
    }
    Ok((closed, places))
}

/// Codes of earlier occasions, by whom they were issued to and for what.
async fn occasions<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    coupon: &CouponId,
    wanted: &[(String, &OccasionId)],
) -> Result<HashMap<(String, String), String>, StoreError> {
    #[derive(Serialize)]
    struct Wanted<'o> {
        of: &'o str,
        occasion: &'o str,
    }
    let wanted: Vec<Wanted<'_>> =
        wanted.iter().map(|(of, occasion)| Wanted { of, occasion: occasion.as_str() }).collect();
    let mut known = HashMap::new();
    for chunk in wanted.chunks(CHUNK) {
        let values = vec![namespace.as_str().into(), coupon.as_str().into(), write(chunk)?.into()];
        for row in &D::rows(connection, &OCCASIONS, values).await? {
            known.insert((row.text(1)?.to_owned(), row.text(0)?.to_owned()), row.text(2)?.to_owned());
        }
    }
    Ok(known)
}

/// Asks whether these codes can be handed out: all or none. Says where they stand in the batches that they name.
pub(super) async fn may_issue<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    locked: &Locked,
    codes: &[&IssuedCode],
) -> Result<Places, AdminFailure> {
    let coupon = locked.current.id();
    let stored: Vec<_> = codes.iter().map(|issued| (issued.code(), issued.holder())).collect();
    may_store::<D>(connection, namespace, locked, &stored).await?;
    let batches: Vec<&BatchId> = codes.iter().filter_map(|issued| issued.batch()).collect();
    let wanted = codes.iter().filter_map(|issued| Some((occasion_of(issued.holder()), issued.occasion()?)));
    let wanted: Vec<(String, &OccasionId)> = wanted.collect();
    let (closed, places) = may_join::<D>(connection, namespace, coupon, &batches).await?;
    let mut known = occasions::<D>(connection, namespace, coupon, &wanted).await?;
    for issued in codes {
        if let Some(batch) = issued.batch().filter(|batch| closed.contains(batch.as_str())) {
            return Err(AdminError::BatchExists { batch: batch.clone() }.into());
        }
        let Some(occasion) = issued.occasion() else { continue };
        let key = (occasion_of(issued.holder()), occasion.as_str().to_owned());
        if let Some(code) = known.insert(key, issued.code().as_str().to_owned()) {
            let code = read_code(&code)?;
            return Err(AdminError::OccasionTaken { occasion: occasion.clone(), code }.into());
        }
    }
    Ok(places)
}

/// Stores codes under a definition. What was free when it was asked may be taken by another definition meanwhile: then the
/// first code that is says so.
pub(super) async fn insert<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    coupon: &CouponId,
    standing: i64,
    rows: &[CodeRow<'_>],
) -> Result<(), AdminFailure> {
    for chunk in rows.chunks(CHUNK) {
        let values = vec![namespace.as_str().into(), coupon.as_str().into(), standing.into(), write(chunk)?.into()];
        let stored = D::rows(connection, &INSERT, values).await?;
        if stored.len() < chunk.len() {
            let stored: HashSet<String> = texts(&stored)?.collect();
            if let Some(taken) = chunk.iter().find(|row| !stored.contains(row.code)) {
                return Err(AdminError::CodeTaken { code: read_code(taken.code)? }.into());
            }
        }
    }
    Ok(())
}

/// Counts codes for the limit on codes, and those of them that lie in a batch.
pub(super) async fn count<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    coupon: &CouponId,
    (issued, prepared): (i64, i64),
) -> Result<(), StoreError> {
    let values = vec![namespace.as_str().into(), coupon.as_str().into(), issued.into(), prepared.into()];
    D::execute(connection, &COUNT, values).await.map(drop)
}

/// Stores a batch, unless there is one of this name.
pub(super) async fn insert_batch<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    coupon: &CouponId,
    batch: &BatchId,
    values: [Value; 3],
) -> Result<(), AdminFailure> {
    let key = [namespace.as_str().into(), batch.as_str().into(), coupon.as_str().into()];
    if D::execute(connection, &INSERT_BATCH, key.into_iter().chain(values).collect()).await? == 0 {
        return Err(AdminError::BatchExists { batch: batch.clone() }.into());
    }
    Ok(())
}

/// Stores codes that were handed out, and everything by which they are found. Beside each stands whom it belongs to.
pub(super) async fn hand_out<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    coupon: &CouponId,
    codes: &[(&IssuedCode, Option<&IdentityKey>)],
    mut places: Places,
) -> Result<(), AdminFailure> {
    let mut rows = Vec::with_capacity(codes.len());
    for (issued, holder) in codes {
        let mut place = None;
        if let Some(batch) = issued.batch() {
            if !places.contains_key(batch.as_str()) {
                let at = nanos(issued.issued_at())?;
                let values = [false.into(), at.into(), at.into()];
                insert_batch::<D>(connection, namespace, coupon, batch, values).await?;
            }
            let next = places.entry(batch.as_str().to_owned()).or_default();
            place = Some(*next);
            *next = next.saturating_add(1);
        }
        rows.push(CodeRow::issued(issued, *holder, place)?);
    }
    insert::<D>(connection, namespace, coupon, ISSUED, &rows).await?;
    Ok(count::<D>(connection, namespace, coupon, (counted(codes.len()), 0)).await?)
}

pub(super) async fn issue<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    coupon: &CouponId,
    codes: &[IssuedCode],
) -> Result<(), AdminFailure> {
    let mut transaction = D::begin(connection).await?;
    let answer = issue_all::<D>(&mut transaction, namespace, coupon, codes).await;
    end(transaction, answer).await
}

async fn issue_all<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    coupon: &CouponId,
    codes: &[IssuedCode],
) -> Result<(), AdminFailure> {
    let locked = Locked::to_issue::<D>(connection, namespace, coupon).await?;
    let locked = locked.ok_or_else(|| AdminError::UnknownCoupon { coupon: coupon.clone() })?;
    let issued: Vec<&IssuedCode> = codes.iter().collect();
    let places = may_issue::<D>(connection, namespace, &locked, &issued).await?;
    let codes: Vec<_> = codes.iter().map(|issued| (issued, issued.holder())).collect();
    hand_out::<D>(connection, namespace, coupon, &codes, places).await
}

pub(super) async fn issue_once<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    shop: &Shop,
    coupon: &CouponId,
    (request, candidates): (&IssueRequest, &[Code]),
) -> Result<Issue, AdminFailure> {
    let mut transaction = D::begin(connection).await?;
    let answer = issue_first_free::<D>(&mut transaction, namespace, shop, coupon, (request, candidates)).await;
    end(transaction, answer).await
}

async fn issue_first_free<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    shop: &Shop,
    coupon: &CouponId,
    (request, candidates): (&IssueRequest, &[Code]),
) -> Result<Issue, AdminFailure> {
    let locked = Locked::to_issue::<D>(connection, namespace, coupon).await?;
    let locked = locked.ok_or_else(|| AdminError::UnknownCoupon { coupon: coupon.clone() })?;
    if let Some(before) = issued_before::<D>(connection, namespace, coupon, request).await? {
        return Ok(Issue::AlreadyIssued(before));
    }
    let issuing = shop.issuing(&locked.current).map_err(|error| unusable(coupon, error))?;
    let refused = |refusal| AdminError::NotIssued { coupon: coupon.clone(), refusal };
    issuing.window(request).map_err(refused)?;
    has_room(&locked, 1)?;
    if let Some(batch) = request.batch() {
        let (closed, _) = may_join::<D>(connection, namespace, coupon, &[batch]).await?;
        if !closed.is_empty() {
            return Err(AdminError::BatchExists { batch: batch.clone() }.into());
        }
    }
    let candidates = candidates.get(..MOST).unwrap_or(candidates);
    let taken = taken::<D>(connection, namespace, candidates.iter()).await?;
    for code in candidates {
        let issued = issuing.issue(code.clone(), request).map_err(refused)?;
        if taken.contains(code.as_str()) {
            continue;
        }
        let places = may_issue::<D>(connection, namespace, &locked, &[&issued]).await?;
        let stored = hand_out::<D>(connection, namespace, coupon, &[(&issued, issued.holder())], places).await;
        match stored {
            // Taken a moment ago. Nothing was written but perhaps a batch, which the next code joins.
            Err(AdminFailure::Refused(AdminError::CodeTaken { .. })) => {}
            answer => return answer.map(|()| Issue::Issued(issued)),
        }
    }
    let tried = u32::try_from(candidates.len()).unwrap_or(u32::MAX);
    Err(AdminError::NoFreeCode { coupon: coupon.clone(), tried }.into())
}

/// The code that the occasion of the request had before.
async fn issued_before<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    coupon: &CouponId,
    request: &IssueRequest,
) -> Result<Option<IssuedCode>, StoreError> {
    let Some(occasion) = request.occasion() else { return Ok(None) };
    let wanted = [(occasion_of(request.holder()), occasion)];
    let known = occasions::<D>(connection, namespace, coupon, &wanted).await?;
    let Some(code) = known.into_values().next() else { return Ok(None) };
    let rows: Vec<Row> = D::rows(connection, &CODE, vec![namespace.as_str().into(), code.into()]).await?;
    rows.first().map_or(Ok(None), |row| issued_code(row).map(Some))
}
