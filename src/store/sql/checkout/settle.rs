//! Reserve and commit.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::Database;

use crate::outcome::{CounterKey, Redeemed, Redemption};
use crate::store::judge::{Judged, judge};
use crate::store::sql::{Cell, Dialect, Statement, Value, nanos};
use crate::store::{Commit, Objection, Reserve, Revised, StoreError};

use super::ask::{Ask, Scope, json, reference_key};
use super::facts::{Found, read};
use super::{HOLD_POINTS, LOCK, TAKE, at_once};

const HOLD: Statement = Statement::both(include_str!("hold.sql"));
const RECORD: Statement = Statement {
    sqlite: include_str!("../../sqlite/checkout/record.sql"),
    postgres: include_str!("../../postgres/checkout/record.sql"),
};
const TYPES: Statement = Statement {
    sqlite: include_str!("../../sqlite/checkout/types.sql"),
    postgres: include_str!("../../postgres/checkout/types.sql"),
};
const POINTS: Statement = Statement::both(include_str!("set_points.sql"));

/// How often definitions may be revised between a look and the locks before somebody else is to try again.
const TRIES: usize = 8;

/// What is to become of a redemption.
#[derive(Debug, Clone, Copy)]
enum Aim {
    Hold { until: DateTime<Utc> },
    Record,
}

/// What came of it.
enum Settled {
    Held { until: DateTime<Utc> },
    Recorded,
    AlreadyRecorded,
    Different,
    Stale(Vec<Revised>),
    Refused(Vec<Objection>),
}

pub(super) async fn reserve<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    scope: Scope<'_>,
    redemption: &Redemption,
    until: DateTime<Utc>,
) -> Result<Reserve, StoreError> {
    Ok(match settle::<D>(connection, scope, redemption, Aim::Hold { until }).await? {
        Settled::Held { until } => Reserve::Held { until },
        Settled::Recorded | Settled::AlreadyRecorded => Reserve::AlreadyRecorded,
        Settled::Different => Reserve::Different,
        Settled::Stale(revised) => Reserve::Stale(revised),
        Settled::Refused(objections) => Reserve::Refused(objections),
    })
}

pub(super) async fn commit<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    scope: Scope<'_>,
    redemption: &Redemption,
) -> Result<Commit, StoreError> {
    Ok(match settle::<D>(connection, scope, redemption, Aim::Record).await? {
        Settled::Held { .. } | Settled::Recorded => Commit::Recorded,
        Settled::AlreadyRecorded => Commit::AlreadyRecorded,
        Settled::Different => Commit::Different,
        Settled::Stale(revised) => Commit::Stale(revised),
        Settled::Refused(objections) => Commit::Refused(objections),
    })
}

async fn settle<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    scope: Scope<'_>,
    redemption: &Redemption,
    aim: Aim,
) -> Result<Settled, StoreError> {
    let ask = Ask::new(scope, redemption)?;
    let mut besides = BTreeSet::new();
    if !D::ONE_WRITER {
        let seen = read::<D>(connection, scope, &ask).await?;
        if let Some(no) = says_no(scope, redemption, &seen) {
            return Ok(no);
        }
        besides = cells(&seen.besides(redemption));
    }
    for _ in 0..TRIES {
        let locks = ask.locks(besides.iter().cloned());
        let mut transaction = D::begin(connection).await?;
        let simple = matches!(aim, Aim::Record) && at_once::is_simple(scope, redemption);
        if D::ONE_WRITER && scope.at_once && simple {
            let values = at_once::values(scope, redemption)?;
            if D::execute(&mut transaction, &at_once::RECORD_AT_ONCE, values).await? > 0 {
                transaction.commit().await.map_err(D::failure)?;
                return Ok(Settled::Recorded);
            }
        } else {
            D::execute(&mut transaction, &LOCK, locks.values(scope)?).await?;
        }
        let found = read::<D>(&mut transaction, scope, &ask).await?;
        let settled = says_no(scope, redemption, &found);
        let taken = Taken::new(redemption, found.besides(redemption));
        if settled.is_none() && taken.besides.iter().all(|(key, _)| locks.cells.contains(&key.into())) {
            let settled = match aim {
                Aim::Hold { until } => hold::<D>(&mut transaction, scope, redemption, &found, (&taken, until)).await?,
                Aim::Record => record::<D>(&mut transaction, scope, redemption, &found, &taken).await?,
            };
            transaction.commit().await.map_err(D::failure)?;
            return Ok(settled);
        }
        transaction.rollback().await.map_err(D::failure)?;
        if let Some(no) = settled {
            return Ok(no);
        }
        // A limit was added between the look and the locks: its counter is to be locked in its place among the others.
        besides = cells(&taken.besides);
    }
    Err(StoreError::conflict("definitions were revised again and again"))
}

fn cells(counters: &[(CounterKey, u64)]) -> BTreeSet<Cell> {
    counters.iter().map(|(key, _)| key.into()).collect()
}

/// Everything that says no, by what was found.
fn says_no(scope: Scope<'_>, redemption: &Redemption, found: &Found) -> Option<Settled> {
    if found.voided {
        return Some(Settled::Refused(vec![Objection::Voided]));
    }
    if let Some(record) = &found.record {
        return Some(if record.same_content(redemption) { Settled::AlreadyRecorded } else { Settled::Different });
    }
    match judge(redemption, scope.at, scope.grace, found) {
        Judged::Fits => None,
        Judged::Stale(revised) => Some(Settled::Stale(revised)),
        Judged::Refused(objections) => Some(Settled::Refused(objections)),
    }
}

/// What a redemption takes: its deltas, and what later terms of its coupons count besides.
struct Taken<'r> {
    redemption: &'r Redemption,
    besides: Vec<(CounterKey, u64)>,
}

#[derive(Serialize)]
struct Rise {
    #[serde(flatten)]
    cell: Cell,
    used: i64,
    held: i64,
}

impl<'r> Taken<'r> {
    fn new(redemption: &'r Redemption, besides: Vec<(CounterKey, u64)>) -> Self {
        Self { redemption, besides }
    }

    /// The counters in the order of their cells, raised by figures that a database can count.
    fn rises(&self, aim: Aim) -> Result<String, StoreError> {
        let deltas = self.redemption.deltas().iter().map(|delta| (delta.key(), delta.by()));
        let mut rises = Vec::new();
        for (key, by) in deltas.chain(self.besides.iter().map(|(key, by)| (key, *by))) {
            let (cell, by) = (key.into(), figure(by)?);
            rises.push(match aim {
                Aim::Hold { .. } => Rise { cell, used: 0, held: by },
                Aim::Record => Rise { cell, used: by, held: 0 },
            });
        }
        rises.sort_by(|a, b| a.cell.cmp(&b.cell));
        json(&rises)
    }
}

/// A figure as it is stored.
pub(in crate::store::sql) fn figure(value: u64) -> Result<i64, StoreError> {
    i64::try_from(value).map_err(|_| StoreError::backend(format!("{value} is more than a database can count")))
}

async fn hold<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    scope: Scope<'_>,
    redemption: &Redemption,
    found: &Found,
    (taken, asked): (&Taken<'_>, DateTime<Utc>),
) -> Result<Settled, StoreError> {
    let longer = found.hold.as_ref().filter(|(hold, _)| hold.same_content(redemption)).map(|(_, until)| *until);
    let until = redemption.hold_until(longer.map_or(asked, |longer| longer.max(asked)));
    let (reference, lapses): (String, Value) = (reference_key(redemption.reference()), nanos(until)?.into());
    let rises = taken.rises(Aim::Hold { until })?;
    let moved =
        vec![scope.namespace(), reference.as_str().into(), scope.lapsed(), scope.now()?, rises.into(), lapses.clone()];
    D::execute(connection, &TAKE, moved).await?;
    let points = redemption.points().filter(|points| points.redeemed > 0);
    if points.is_some() || found.holds_points {
        let account = points.map(|points| points.account.to_string());
        let held = figure(points.map_or(0, |points| points.redeemed))?;
        let values = vec![scope.namespace(), reference.as_str().into(), account.into(), held.into(), lapses.clone()];
        D::execute(connection, &HOLD_POINTS, values).await?;
    }
    let row = vec![
        scope.namespace(),
        reference.into(),
        lapses,
        redemption.currency().code().into(),
        redemption.payable().minor().into(),
        json(redemption)?.into(),
    ];
    D::execute(connection, &HOLD, row).await?;
    Ok(Settled::Held { until })
}

/// One coupon of the usage log.
#[derive(Debug, Serialize)]
pub(in crate::store::sql) struct Use<'r> {
    part: usize,
    coupon: &'r str,
    code: &'r str,
    revision: u32,
    units: i64,
    discount: i64,
    third_party: i64,
}

impl<'r> Use<'r> {
    fn new(part: usize, redeemed: &'r Redeemed) -> Result<Self, StoreError> {
        Ok(Self {
            part,
            coupon: redeemed.coupon.as_str(),
            code: redeemed.code.as_str(),
            revision: redeemed.revision,
            units: figure(redeemed.units)?,
            discount: redeemed.discount.minor(),
            third_party: redeemed.third_party.minor(),
        })
    }
}

/// The rows of the usage log.
pub(in crate::store::sql) fn uses(redemption: &Redemption) -> Result<Vec<Use<'_>>, StoreError> {
    redemption.coupons().iter().enumerate().map(|(part, redeemed)| Use::new(part, redeemed)).collect()
}

async fn record<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    scope: Scope<'_>,
    redemption: &Redemption,
    found: &Found,
    taken: &Taken<'_>,
) -> Result<Settled, StoreError> {
    let reference = reference_key(redemption.reference());
    let moved = vec![
        scope.namespace(),
        reference.as_str().into(),
        scope.lapsed(),
        scope.now()?,
        taken.rises(Aim::Record)?.into(),
        Value::Int(None),
    ];
    D::execute(connection, &TAKE, moved).await?;
    if found.holds_points {
        let (nobody, nothing) = (Value::Text(None), Value::Int(None));
        let values = vec![scope.namespace(), reference.as_str().into(), nobody, nothing.clone(), nothing];
        D::execute(connection, &HOLD_POINTS, values).await?;
    }
    let bound = found.binds(redemption);
    let besides = (!taken.besides.is_empty()).then(|| json(&taken.besides)).transpose()?;
    let binds = (!bound.is_empty()).then(|| json(&bound)).transpose()?;
    let before = redemption.points().map(|_| found.account());
    let row = vec![
        scope.namespace(),
        reference.as_str().into(),
        scope.now()?,
        redemption.currency().code().into(),
        redemption.payable().minor().into(),
        json(redemption)?.into(),
        besides.into(),
        binds.into(),
        redemption.counted().first().map(ToString::to_string).into(),
        json(&uses(redemption)?)?.into(),
        json(redemption.customer())?.into(),
        before.map(|before| figure(before.balance())).transpose()?.into(),
        before.map(|before| figure(before.held())).transpose()?.into(),
    ];
    D::execute(connection, &RECORD, row).await?;
    if !redemption.type_changes().is_empty() {
        let values = vec![
            scope.namespace(),
            reference.as_str().into(),
            scope.now()?,
            json(redemption.counted())?.into(),
            json(redemption.type_changes())?.into(),
        ];
        D::execute(connection, &TYPES, values).await?;
    }
    if let Some(points) = redemption.points() {
        let after = found.account().balance().saturating_sub(points.redeemed).saturating_add(points.earned);
        let values = vec![scope.namespace(), points.account.to_string().into(), figure(after)?.into()];
        D::execute(connection, &POINTS, values).await?;
    }
    Ok(Settled::Recorded)
}
