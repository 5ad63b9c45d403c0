//! Codes of an older system, with the uses they had there.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::Database;

use crate::coupon::Code;
use crate::customer::{IdentityKey, Pseudonyms};
use crate::issue::{ImportedCode, Uses};
use crate::key::{CouponId, Namespace};
use crate::outcome::CounterKey;
use crate::request::IssuedCode;
use crate::store::imported::raised_by;
use crate::store::sql::step::next_pseudonyms;
use crate::store::sql::{Cell, Dialect, Row, Statement, nanos};
use crate::store::{AdminError, AdminFailure, CounterState, StoreError};

use super::codes::{hand_out, may_issue};
use super::definitions::Locked;
use super::recount::{CounterRow, Sums};
use super::rows::read_code;
use super::{CHUNK, end, write};

const LOCK: Statement = Statement {
    sqlite: include_str!("../../sqlite/admin/raise_counters.sql"),
    postgres: include_str!("../../postgres/admin/raise_counters.sql"),
};
const STATES: Statement = Statement {
    sqlite: include_str!("../../sqlite/admin/counter_states.sql"),
    postgres: include_str!("../../postgres/admin/counter_states.sql"),
};
const INSERT: Statement = Statement {
    sqlite: include_str!("../../sqlite/admin/insert_imports.sql"),
    postgres: include_str!("../../postgres/admin/insert_imports.sql"),
};

/// Uses by one customer, as they are stored.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredUses {
    by: Vec<IdentityKey>,
    times: u64,
}

/// What is stored of an imported code that had uses.
pub(super) struct ImportRow {
    pub(super) code: Code,
    pub(super) uses: Vec<Uses>,
    pub(super) taken: Vec<(CounterKey, u64)>,
}

/// An import, from its columns: code, uses, taken.
pub(super) fn read_uses(row: &Row) -> Result<ImportRow, StoreError> {
    let code = read_code(row.text(0)?)?;
    let corrupt = |error| StoreError::corrupt(format!("import of code `{code}`"), error);
    let uses: Vec<StoredUses> = serde_json::from_str(row.text(1)?).map_err(corrupt)?;
    let taken = serde_json::from_str(row.text(2)?).map_err(corrupt)?;
    let uses = uses.into_iter().map(|StoredUses { by, times }| Uses { by, times }).collect();
    Ok(ImportRow { code, uses, taken })
}

/// The same uses and counters with pseudonyms in the place of keys, as they are stored.
pub(in crate::store::sql) fn forget_uses(row: &Row, names: &Pseudonyms) -> Result<(String, String), StoreError> {
    let ImportRow { uses, mut taken, .. } = read_uses(row)?;
    let stored = uses.into_iter().map(|Uses { mut by, times }| {
        names.replace_all(&mut by);
        StoredUses { by, times }
    });
    let stored: Vec<StoredUses> = stored.collect();
    for (key, _) in &mut taken {
        if let Some(pseudonym) = key.forgetting(names) {
            *key = pseudonym;
        }
    }
    Ok((write(&stored)?, write(&taken)?))
}

/// How often a code was used in an older system.
pub(super) fn uses_in(coupon: &CouponId, document: &str) -> Result<u64, StoreError> {
    let corrupt = |error| StoreError::corrupt(format!("an import of `{coupon}`"), error);
    let uses: Vec<StoredUses> = serde_json::from_str(document).map_err(corrupt)?;
    Ok(uses.iter().fold(0, |sum, uses| sum.saturating_add(uses.times)))
}

/// An import on its way into the table.
#[derive(Debug, Serialize)]
struct NewImport<'c> {
    code: &'c str,
    uses: String,
    taken: String,
}

/// A code with its uses, and what they raise: by how much, and up to which limit.
struct Import {
    issued: IssuedCode,
    uses: Vec<Uses>,
    raised: BTreeMap<CounterKey, (u64, u64)>,
}

pub(super) async fn import<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    coupon: &CouponId,
    codes: &[ImportedCode],
    lapsed: DateTime<Utc>,
) -> Result<(), AdminFailure> {
    let mut transaction = D::begin(connection).await?;
    let answer = import_all::<D>(&mut transaction, namespace, coupon, codes, lapsed).await;
    end(transaction, answer).await
}

async fn import_all<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    coupon: &CouponId,
    codes: &[ImportedCode],
    lapsed: DateTime<Utc>,
) -> Result<(), AdminFailure> {
    next_pseudonyms::<D>(connection, namespace, 0).await?;
    let locked = Locked::to_issue::<D>(connection, namespace, coupon).await?;
    let locked = locked.ok_or_else(|| AdminError::UnknownCoupon { coupon: coupon.clone() })?;
    let imports: Vec<Import> = codes
        .iter()
        .map(|code| {
            let (issued, uses) = code.clone().into_parts();
            let raised = raised_by(&locked.current, issued.code(), &uses);
            Import { issued, uses, raised }
        })
        .collect();
    let issued: Vec<&IssuedCode> = imports.iter().map(|import| &import.issued).collect();
    let places = may_issue::<D>(connection, namespace, &locked, &issued).await?;
    count_uses::<D>(connection, namespace, &imports, lapsed).await?;
    let of_one = locked.current.limits().per_code() == Some(1);
    let bound: Vec<(&IssuedCode, Option<&IdentityKey>)> = imports
        .iter()
        .map(|import| {
            // As a commit does: a code good for one use belongs to whoever used it (S3).
            let user = import.uses.iter().flat_map(|uses| &uses.by).next().filter(|_| of_one);
            (&import.issued, import.issued.holder().or(user))
        })
        .collect();
    hand_out::<D>(connection, namespace, coupon, &bound, places).await?;
    Ok(keep::<D>(connection, namespace, coupon, &imports).await?)
}

/// Takes what the uses count on, if it all fits.
async fn count_uses<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    imports: &[Import],
    lapsed: DateTime<Utc>,
) -> Result<(), AdminFailure> {
    let cells: BTreeSet<Cell> = imports.iter().flat_map(|import| import.raised.keys()).map(Cell::from).collect();
    let states = lock_counters::<D>(connection, namespace, &cells, lapsed).await?;
    let mut wanted: HashMap<&CounterKey, u64> = HashMap::new();
    let mut sums = Sums::default();
    for Import { issued, raised, .. } in imports {
        for (key, (by, limit)) in raised {
            let so_far = wanted.entry(key).or_default();
            *so_far = so_far.saturating_add(*by);
            let CounterState { used, held } = states.get(&Cell::from(key)).copied().unwrap_or_default();
            let after = used.checked_add(held).and_then(|taken| taken.checked_add(*so_far));
            // A column holds no more than this.
            let most = (*limit).min(i64::MAX.unsigned_abs());
            if after.is_none_or(|after| after > most) {
                let (code, counter, wanted) = (issued.code().clone(), Box::new(key.clone()), *so_far);
                return Err(AdminError::ImportOverLimit { code, counter, limit: *limit, used, held, wanted }.into());
            }
            sums.use_up(key, *by);
        }
    }
    Ok(sums.raise::<D>(connection, namespace).await?)
}

/// Locks counters, each after those before it, and tells how far they have gone.
async fn lock_counters<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    cells: &BTreeSet<Cell>,
    lapsed: DateTime<Utc>,
) -> Result<HashMap<Cell, CounterState>, StoreError> {
    // Raised by nothing, a row is there and is locked.
    let rows: Vec<CounterRow<'_>> = cells.iter().map(|cell| CounterRow::new(cell, 0, 0)).collect();
    for chunk in rows.chunks(CHUNK) {
        D::execute(connection, &LOCK, vec![namespace.as_str().into(), write(chunk)?.into()]).await?;
    }
    let mut states = HashMap::with_capacity(rows.len());
    for chunk in rows.chunks(CHUNK) {
        let values = vec![namespace.as_str().into(), write(chunk)?.into(), nanos(lapsed)?.into()];
        for row in &D::rows(connection, &STATES, values).await? {
            let text = |place| row.text(place).map(str::to_owned);
            let cell = Cell { owner: text(0)?, code: text(1)?, customer: text(2)?, kind: text(3)? };
            states.insert(cell, CounterState { used: row.figure(4)?, held: row.figure(5)? });
        }
    }
    Ok(states)
}

/// Keeps the uses, so that limits that are added later count them as well.
async fn keep<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    coupon: &CouponId,
    imports: &[Import],
) -> Result<(), StoreError> {
    let mut rows = Vec::new();
    for Import { issued, uses, raised } in imports.iter().filter(|import| !import.uses.is_empty()) {
        let taken: Vec<(&CounterKey, u64)> = raised.iter().map(|(key, (by, _))| (key, *by)).collect();
        let uses = uses.iter().map(|uses| StoredUses { by: uses.by.clone(), times: uses.times });
        let uses: Vec<StoredUses> = uses.collect();
        rows.push(NewImport { code: issued.code().as_str(), uses: write(&uses)?, taken: write(&taken)? });
    }
    for chunk in rows.chunks(CHUNK) {
        let values = vec![namespace.as_str().into(), coupon.as_str().into(), write(chunk)?.into()];
        D::execute(connection, &INSERT, values).await?;
    }
    Ok(())
}
