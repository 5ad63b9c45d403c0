//! What the people who run the shop do with coupons. Every page wants the admin's token.

use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use vouchsafe::*;

use crate::app::{App, now};
use crate::orders::Orders;
use crate::problem::{Asked, Named, Problem, Read};

/// An admin, by a token that is compared in a time that tells nothing about it.
#[derive(Debug)]
pub(crate) struct Admin {
    actor: ActorId,
}

impl<D: Orders> FromRequestParts<App<D>> for Admin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App<D>) -> Result<Self, Problem> {
        let sent = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let sent = sent.and_then(|value| value.strip_prefix("Bearer "));
        match (app.admin_token(), sent) {
            (Some(token), Some(sent)) if same(token.as_bytes(), sent.as_bytes()) => {
                let actor = parts.headers.get("x-actor").and_then(|value| value.to_str().ok()).unwrap_or("admin");
                Ok(Self { actor: actor.parse().map_err(|why| Problem::unusable("x-actor", &why))? })
            }
            _ => Err(Problem::Unauthorised),
        }
    }
}

fn same(token: &[u8], sent: &[u8]) -> bool {
    let differences = token.iter().zip(sent).fold(0, |found, (a, b)| found | (a ^ b));
    token.len() == sent.len() && differences == 0
}

impl Admin {
    fn edit(&self) -> Edit {
        Edit::new(now()).by(self.actor.clone())
    }
}

/// The id in the path.
fn id(text: &str) -> Result<CouponId, Problem> {
    text.parse().map_err(|why| Problem::unusable("coupon", &why))
}

/// Which part of a list is asked for.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Part {
    after: Option<String>,
    limit: u32,
}

impl Default for Part {
    fn default() -> Self {
        Self { after: None, limit: 50 }
    }
}

const MOST: u32 = 500;

/// All coupons by id, a part of them at a time.
pub(crate) async fn list<D: Orders>(
    State(app): State<App<D>>,
    Asked(part): Asked<Part>,
    _: Admin,
) -> Result<Json<Vec<Coupon>>, Problem> {
    let after = part.after.as_deref().map(id).transpose()?;
    let mut connection = app.connection().await?;
    let found = app.store(&mut connection).definitions(after.as_ref(), part.limit.min(MOST)).await?;
    Ok(Json(found.iter().map(|coupon| Coupon::clone(coupon)).collect()))
}

pub(crate) async fn read<D: Orders>(
    State(app): State<App<D>>,
    Named(coupon): Named<String>,
    _: Admin,
) -> Result<Json<Coupon>, Problem> {
    let mut connection = app.connection().await?;
    let found = app.store(&mut connection).definition(&id(&coupon)?).await?;
    found.map(|coupon| Json(Coupon::clone(&coupon))).ok_or(Problem::NotFound("coupon"))
}

#[derive(Debug, Serialize)]
pub(crate) struct Edited {
    coupon: CouponId,
    revision: u32,
}

/// A new coupon, or a new revision of one: then the document says on which revision it is based, and is refused where
/// somebody else was faster.
pub(crate) async fn write<D: Orders>(
    State(app): State<App<D>>,
    Named(coupon): Named<String>,
    admin: Admin,
    Read(draft): Read<CouponDraft>,
) -> Result<Json<Edited>, Problem> {
    let id = id(&coupon)?;
    // A draft may be wrong, so that every mistake is told at once with its path.
    let coupon = draft.check().map_err(|errors| Problem::from(Error::from(errors)))?;
    if *coupon.id() != id {
        return Err(Problem::field("id", format!("is `{}`, and the path says `{id}`", coupon.id())));
    }
    let mut connection = app.connection().await?;
    let mut store = app.store(&mut connection);
    let revision = match store.define(&coupon, &admin.edit()).await {
        Err(AdminFailure::Refused(AdminError::AlreadyDefined { .. })) => store.revise(&coupon, &admin.edit()).await?,
        defined => defined?,
    };
    Ok(Json(Edited { coupon: id, revision }))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewStatus {
    status: Status,
}

pub(crate) async fn set_status<D: Orders>(
    State(app): State<App<D>>,
    Named(coupon): Named<String>,
    admin: Admin,
    Read(new): Read<NewStatus>,
) -> Result<Json<Edited>, Problem> {
    let coupon = id(&coupon)?;
    let mut connection = app.connection().await?;
    let revision = app.store(&mut connection).set_status(&coupon, new.status, &admin.edit()).await?;
    Ok(Json(Edited { coupon, revision }))
}

/// Switches a coupon off, and the live holds of shoppers who are paying with it.
pub(crate) async fn kill<D: Orders>(
    State(app): State<App<D>>,
    Named(coupon): Named<String>,
    admin: Admin,
) -> Result<Json<Edited>, Problem> {
    let coupon = id(&coupon)?;
    let mut connection = app.connection().await?;
    let revision = app.store(&mut connection).kill(&coupon, &admin.edit()).await?;
    Ok(Json(Edited { coupon, revision }))
}

/// Who did what to a coupon, and when.
#[derive(Debug, Serialize)]
pub(crate) struct Entry {
    did: String,
    at: DateTime<Utc>,
    by: Option<ActorId>,
    from: Option<u32>,
    to: u32,
}

pub(crate) async fn log<D: Orders>(
    State(app): State<App<D>>,
    Named(coupon): Named<String>,
    _: Admin,
) -> Result<Json<Vec<Entry>>, Problem> {
    let mut connection = app.connection().await?;
    let log = app.store(&mut connection).definition_log(&id(&coupon)?).await?;
    let entry = |change: &DefinitionChange| Entry {
        did: did(change.kind).to_owned(),
        at: change.edit.at(),
        by: change.edit.actor().cloned(),
        from: change.before.as_ref().map(|coupon| coupon.revision()),
        to: change.after.revision(),
    };
    Ok(Json(log.iter().map(entry).collect()))
}

fn did(kind: EditKind) -> &'static str {
    match kind {
        EditKind::Defined => "defined",
        EditKind::Revised => "revised",
        EditKind::StatusSet => "status_set",
        EditKind::Killed => "killed",
        _ => "edited",
    }
}

/// How far a coupon's total limit has gone, and the latest orders that used it.
#[derive(Debug, Serialize)]
pub(crate) struct UsageOf {
    used: u64,
    held: u64,
    limit: Option<u64>,
    uses: Vec<Use>,
    /// To be sent as `after` for the uses behind these; nothing at the end.
    next: Option<u64>,
}

#[derive(Debug, Serialize)]
struct Use {
    reference: Reference,
    code: Code,
    discount: Money,
    payable: Money,
    recorded_at: DateTime<Utc>,
    voided_at: Option<DateTime<Utc>>,
}

pub(crate) async fn usage<D: Orders>(
    State(app): State<App<D>>,
    Named(coupon): Named<String>,
    Asked(part): Asked<Part>,
    _: Admin,
) -> Result<Json<UsageOf>, Problem> {
    let coupon = id(&coupon)?;
    let limit = part.limit.clamp(1, MOST);
    let page = match part.after.as_deref().map(str::parse) {
        None => Page::first(limit),
        Some(Ok(after)) => Page::after(after, limit),
        Some(Err(_)) => return Err(Problem::field("after", "not a number")),
    };
    let mut connection = app.connection().await?;
    let mut store = app.store(&mut connection);
    let definition = store.definition(&coupon).await?.ok_or(Problem::NotFound("coupon"))?;
    let counter = store.counter(&CounterKey::Total { coupon: coupon.clone() }, now()).await?;
    let records = store.usage_log(&coupon, page).await?;
    let full = u32::try_from(records.len()).is_ok_and(|count| count == limit);
    let uses = records.iter().flat_map(|record| uses_of(record, &coupon)).collect();
    let next = records.last().filter(|_| full).map(|record| record.place);
    Ok(Json(UsageOf { used: counter.used, held: counter.held, limit: definition.limits().total(), uses, next }))
}

fn uses_of(record: &UsageRecord, coupon: &CouponId) -> Vec<Use> {
    let redemption = &record.redemption;
    let of_it = redemption.coupons().iter().filter(|redeemed| redeemed.coupon == *coupon);
    of_it
        .map(|redeemed| Use {
            reference: redemption.reference().clone(),
            code: redeemed.code.clone(),
            discount: redeemed.discount,
            payable: redemption.payable(),
            recorded_at: record.recorded_at,
            voided_at: record.voided_at,
        })
        .collect()
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewBatch {
    count: u64,
}

/// The codes of a batch, each good as long as its coupon says. Again it gives the same codes.
#[derive(Debug, Serialize)]
pub(crate) struct Batch {
    batch: BatchId,
    exported_at: DateTime<Utc>,
    codes: Vec<Code>,
}

/// Makes a batch of codes and hands it out.
pub(crate) async fn batch<D: Orders>(
    State(app): State<App<D>>,
    Named((coupon, batch)): Named<(String, String)>,
    admin: Admin,
    Read(new): Read<NewBatch>,
) -> Result<Json<Batch>, Problem> {
    const MOST_CODES: u64 = 10_000;
    let coupon = id(&coupon)?;
    let batch: BatchId = batch.parse().map_err(|why| Problem::unusable("batch", &why))?;
    if !(1..=MOST_CODES).contains(&new.count) {
        return Err(Problem::field("count", format!("not from 1 to {MOST_CODES}")));
    }
    let mut connection = app.connection().await?;
    let mut store = app.store(&mut connection);
    // A request that is repeated gets the batch of the first time.
    let before = store.batch(&batch).await?;
    if before.as_ref().is_some_and(|before| before.coupon != coupon) {
        return Err(Problem::Refused(AdminError::BatchExists { batch }));
    }
    if before.is_none() {
        let codes = codes(new.count).map_err(Problem::Internal)?;
        store.add_batch(&batch, &coupon, &codes, now()).await?;
    }
    if before.is_none_or(|before| before.exported_at.is_none()) {
        store.export(app.shop(), &batch, now(), Some(&admin.actor)).await?;
    }
    let stands = store.batch(&batch).await?.ok_or(Problem::NotFound("batch"))?;
    let exported_at = stands.exported_at.ok_or(Problem::NotFound("batch"))?;
    Ok(Json(Batch { batch, exported_at, codes: stands.codes }))
}

/// Codes of the operating system's random bytes, of which nobody can tell the next.
fn codes(count: u64) -> Result<Vec<Code>, String> {
    use std::io::Read as _;
    let mut device = std::fs::File::open("/dev/urandom").map_err(|error| error.to_string())?;
    let codes = CodePattern::new().generate(count, |buffer: &mut [u8]| device.read_exact(buffer));
    codes.map_err(|error| error.to_string())?.collect::<Result<_, _>>().map_err(|error| error.to_string())
}

/// What is known of one code.
#[derive(Debug, Serialize)]
pub(crate) struct CodeOf {
    coupon: CouponId,
    code: Code,
    status: CodeStatus,
    uses: u64,
    holder: Option<String>,
    batch: Option<BatchId>,
}

pub(crate) async fn code<D: Orders>(
    State(app): State<App<D>>,
    Named(entered): Named<String>,
    _: Admin,
) -> Result<Json<CodeOf>, Problem> {
    let mut connection = app.connection().await?;
    let found = app.store(&mut connection).look_up(app.shop(), &entered).await?.ok_or(Problem::NotFound("code"))?;
    let status = found.status(now());
    let holder = found.issued.as_ref().and_then(IssuedCode::holder).map(ToString::to_string);
    let CodeRecord { coupon, code, uses, batch, .. } = found;
    Ok(Json(CodeOf { coupon, code, status, uses, holder, batch }))
}
