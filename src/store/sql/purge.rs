//! What is over, taken away in small steps.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::Database;

use crate::key::Namespace;
use crate::store::sql::{Dialect, Statement, Value};
use crate::store::{Grace, Purge, Purged, StoreError};

use super::checkout::ask::{json, nearest_nanos};
use super::step::{end, read_redemption};

const LAPSED: Statement = Statement {
    sqlite: include_str!("../sqlite/life/lapsed.sql"),
    postgres: include_str!("../postgres/life/lapsed.sql"),
};
const LOCK_PARTS: Statement = Statement {
    sqlite: include_str!("../sqlite/life/lock_parts.sql"),
    postgres: include_str!("../postgres/life/lock_parts.sql"),
};
/// Only for a database with more than one writer.
const LOCK_TERMS: Statement = Statement { sqlite: "", postgres: include_str!("../postgres/life/lock_terms.sql") };
const PURGE_HOLDS: Statement = Statement {
    sqlite: include_str!("../sqlite/life/purge_holds.sql"),
    postgres: include_str!("../postgres/life/purge_holds.sql"),
};
const OLD: Statement =
    Statement { sqlite: include_str!("../sqlite/life/old.sql"), postgres: include_str!("../postgres/life/old.sql") };
const PURGE_RECORDS: Statement = Statement {
    sqlite: include_str!("../sqlite/life/purge_records.sql"),
    postgres: include_str!("../postgres/life/purge_records.sql"),
};

pub(super) async fn purge<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    what: &Purge,
    grace: Grace,
) -> Result<Purged, StoreError> {
    let mut transaction = D::begin(connection).await?;
    let purged = step::<D>(&mut transaction, namespace, what, grace).await;
    end(transaction, purged).await
}

async fn step<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    what: &Purge,
    grace: Grace,
) -> Result<Purged, StoreError> {
    let holds = holds::<D>(connection, namespace, what, grace.lapsed_through(what.at)).await?;
    let records = match what.records_before {
        Some(before) => records::<D>(connection, namespace, what, before).await?,
        None => 0,
    };
    Ok(Purged { holds, records })
}

/// What a statement takes that finds what is over.
fn found_by(namespace: &Namespace, through: DateTime<Utc>, what: &Purge) -> Vec<Value> {
    let most = i64::try_from(what.most()).unwrap_or(i64::MAX);
    vec![namespace.as_str().into(), nearest_nanos(through).into(), most.into()]
}

async fn holds<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    what: &Purge,
    lapsed: DateTime<Utc>,
) -> Result<u64, StoreError> {
    let rows = D::rows(connection, &LAPSED, found_by(namespace, lapsed, what)).await?;
    if rows.is_empty() {
        return Ok(0);
    }
    let references: Vec<&str> = rows.iter().map(|row| row.text(0)).collect::<Result<_, _>>()?;
    let values: Vec<Value> = vec![namespace.as_str().into(), json(&references)?.into()];
    D::rows(connection, &LOCK_PARTS, values.clone()).await?;
    if !D::ONE_WRITER {
        D::rows(connection, &LOCK_TERMS, values.clone()).await?;
        // And what an edit gave them until a moment ago.
        D::rows(connection, &LOCK_PARTS, values.clone()).await?;
    }
    D::execute(connection, &PURGE_HOLDS, values).await?;
    Ok(u64::try_from(references.len()).unwrap_or(u64::MAX))
}

#[derive(Serialize)]
struct OfReference<'r> {
    reference: &'r str,
    place: i64,
}

#[derive(Serialize, PartialEq, Eq, PartialOrd, Ord)]
struct OfCoupon {
    coupon: String,
    place: i64,
}

#[derive(Serialize)]
struct OfCustomer {
    customer: String,
    place: i64,
}

async fn records<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    what: &Purge,
    before: DateTime<Utc>,
) -> Result<u64, StoreError> {
    let rows = D::rows(connection, &OLD, found_by(namespace, before, what)).await?;
    if rows.is_empty() {
        return Ok(0);
    }
    let (mut references, mut coupons, mut customers) = (Vec::new(), BTreeSet::new(), Vec::new());
    for row in &rows {
        let (reference, place) = (row.text(0)?, row.int(1)?);
        let redemption = read_redemption(reference, row.text(2)?)?;
        references.push(OfReference { reference, place });
        for redeemed in redemption.coupons() {
            coupons.insert(OfCoupon { coupon: redeemed.coupon.to_string(), place });
        }
        customers.extend(redemption.customer().iter().map(|key| OfCustomer { customer: key.to_string(), place }));
    }
    let lists = [json(&references)?, json(&coupons)?, json(&customers)?];
    let values = [Value::from(namespace.as_str())].into_iter().chain(lists.map(Value::from));
    D::execute(connection, &PURGE_RECORDS, values.collect()).await?;
    Ok(u64::try_from(references.len()).unwrap_or(u64::MAX))
}
