//! Earlier uses on the limits that a revision adds: a campaign that is limited in its middle does not begin at zero.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use sqlx::Database;

use crate::coupon::{Amounts, Condition, Coupon};
use crate::key::Namespace;
use crate::money::Currency;
use crate::outcome::{CounterKey, Redemption};
use crate::store::imported::raised_by;
use crate::store::sql::{Cell, Dialect, Row, Statement, Value};
use crate::store::{AdminFailure, StoreError};

use super::imports::{ImportRow, read_uses};
use super::{CHUNK, counted, write};

const RECORDS: Statement = Statement {
    sqlite: include_str!("../../sqlite/admin/records_to_recount.sql"),
    postgres: include_str!("../../postgres/admin/records_to_recount.sql"),
};
const PAGE: Statement = Statement::both(include_str!("uses_to_recount.sql"));
const BESIDES: Statement = Statement {
    sqlite: include_str!("../../sqlite/admin/set_taken_besides.sql"),
    postgres: include_str!("../../postgres/admin/set_taken_besides.sql"),
};
const HOLDS: Statement = Statement::both(include_str!("holds_to_recount.sql"));
const PARTS: Statement = Statement {
    sqlite: include_str!("../../sqlite/admin/parts_of.sql"),
    postgres: include_str!("../../postgres/admin/parts_of.sql"),
};
const HOLD_MORE: Statement = Statement {
    sqlite: include_str!("../../sqlite/admin/insert_parts.sql"),
    postgres: include_str!("../../postgres/admin/insert_parts.sql"),
};
const RAISE: Statement = Statement {
    sqlite: include_str!("../../sqlite/admin/raise_counters.sql"),
    postgres: include_str!("../../postgres/admin/raise_counters.sql"),
};
const IMPORTS: Statement = Statement::both(include_str!("imports_to_recount.sql"));
const TAKEN: Statement = Statement {
    sqlite: include_str!("../../sqlite/admin/set_import_taken.sql"),
    postgres: include_str!("../../postgres/admin/set_import_taken.sql"),
};

/// What counters are raised by, and in which order they are locked.
#[derive(Debug, Default)]
pub(super) struct Sums(BTreeMap<Cell, (u64, u64)>);

impl Sums {
    pub(super) fn use_up(&mut self, key: &CounterKey, by: u64) {
        let sum = self.0.entry(key.into()).or_default();
        sum.0 = sum.0.saturating_add(by);
    }

    fn hold(&mut self, key: &CounterKey, by: u64) {
        let sum = self.0.entry(key.into()).or_default();
        sum.1 = sum.1.saturating_add(by);
    }

    /// Raises the counters for good, each after those before it.
    pub(super) async fn raise<D: Dialect>(
        self,
        connection: &mut <D as Database>::Connection,
        namespace: &Namespace,
    ) -> Result<(), StoreError> {
        let rows = self.0.iter().map(|(cell, (used, held))| Ok(CounterRow::new(cell, stored(*used)?, stored(*held)?)));
        let rows: Vec<CounterRow<'_>> = rows.collect::<Result<_, StoreError>>()?;
        for chunk in rows.chunks(CHUNK) {
            D::execute(connection, &RAISE, vec![namespace.as_str().into(), write(chunk)?.into()]).await?;
        }
        Ok(())
    }
}

/// What a counter is raised by, on its way into the table.
#[derive(Debug, Serialize)]
pub(super) struct CounterRow<'c> {
    owner: &'c str,
    code: &'c str,
    customer: &'c str,
    kind: &'c str,
    used: i64,
    held: i64,
}

impl<'c> CounterRow<'c> {
    pub(super) fn new(cell: &'c Cell, used: i64, held: i64) -> Self {
        Self { owner: &cell.owner, code: &cell.code, customer: &cell.customer, kind: &cell.kind, used, held }
    }
}

fn stored(amount: u64) -> Result<i64, StoreError> {
    i64::try_from(amount).map_err(|_| StoreError::backend(format!("a counter cannot be raised by {amount}")))
}

/// One kind of counter that terms have.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Limited {
    Total,
    Code,
    Customer,
    CustomerCode,
    Units,
    Money(Currency),
    /// Of every currency that has no budget of its own.
    MoneyElsewhere,
    FirstOrder,
}

/// The kinds of counters that a redemption raises under these terms.
fn limited(terms: &Coupon) -> BTreeSet<Limited> {
    let limits = terms.limits();
    let first_order = terms.conditions().iter().any(Condition::requires_first_order);
    let plain = [
        (limits.total().is_some(), Limited::Total),
        (limits.per_code().is_some(), Limited::Code),
        (limits.per_customer().is_some(), Limited::Customer),
        (limits.per_customer_and_code().is_some(), Limited::CustomerCode),
        (limits.units().is_some(), Limited::Units),
        (first_order, Limited::FirstOrder),
    ];
    let elsewhere = limits.money().and_then(Amounts::other).map(|_| Limited::MoneyElsewhere);
    let plain = plain.into_iter().filter_map(|(is_limited, kind)| is_limited.then_some(kind));
    let money = limits.money().into_iter().flat_map(Amounts::named).map(|budget| Limited::Money(budget.currency()));
    plain.chain(money).chain(elsewhere).collect()
}

/// Counts earlier uses and holds on the limits that a new revision adds.
///
/// Whatever was recorded so far counts on the limits of the revision before, since that one was recounted as well: where
/// the new one adds none, nothing is read.
pub(super) async fn recount<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    before: &Coupon,
    terms: &Coupon,
    sees_the_latest: bool,
) -> Result<(), AdminFailure> {
    if limited(terms).is_subset(&limited(before)) {
        return Ok(());
    }
    if !sees_the_latest {
        let why = "a revision that adds a limit counts earlier uses: it takes a transaction of read committed";
        return Err(StoreError::backend(why).into());
    }
    let mut sums = Sums::default();
    recount_records::<D>(connection, namespace, terms, &mut sums).await?;
    recount_imports::<D>(connection, namespace, terms, &mut sums).await?;
    let parts = recount_holds::<D>(connection, namespace, terms, &mut sums).await?;
    sums.raise::<D>(connection, namespace).await?;
    for chunk in parts.chunks(CHUNK) {
        D::execute(connection, &HOLD_MORE, vec![namespace.as_str().into(), write(chunk)?.into()]).await?;
    }
    Ok(())
}

/// What was taken, as it is stored beside a document.
type Taken = Vec<(CounterKey, u64)>;

/// What a redemption would have raised under these terms, and has not.
fn missing(redemption: &Redemption, has: impl Fn(&CounterKey) -> bool, terms: &Coupon) -> Taken {
    let deltas = redemption.deltas_under(terms).into_iter();
    deltas.map(|delta| (delta.key, delta.by)).filter(|(key, _)| !has(key)).collect()
}

fn read_redemption(reference: &str, document: &str) -> Result<Redemption, StoreError> {
    let read = serde_json::from_str(document);
    read.map_err(|error| StoreError::corrupt(format!("redemption of `{reference}`"), error))
}

/// A text that is stored under a key.
#[derive(Debug, Serialize)]
struct Put<'k> {
    key: &'k str,
    value: String,
}

async fn recount_records<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    terms: &Coupon,
    sums: &mut Sums,
) -> Result<(), StoreError> {
    let mut after = -1_i64;
    loop {
        let key = || -> Vec<Value> { vec![namespace.as_str().into(), terms.id().as_str().into(), after.into()] };
        let page = D::rows(connection, &PAGE, key().into_iter().chain([counted(CHUNK).into()]).collect()).await?;
        let Some(last) = page.first().map(|row| row.maybe_int(0)).transpose()?.flatten() else { return Ok(()) };
        let rows = D::rows(connection, &RECORDS, key().into_iter().chain([last.into()]).collect()).await?;
        let mut besides = Vec::new();
        for row in &rows {
            let reference = row.text(1)?;
            let redemption = read_redemption(reference, row.text(2)?)?;
            let corrupt = |error| StoreError::corrupt(format!("what `{reference}` took besides"), error);
            let mut taken: Taken =
                row.maybe_text(3)?.map(serde_json::from_str).transpose().map_err(corrupt)?.unwrap_or_default();
            let deltas = redemption.deltas();
            let has = |key: &CounterKey| {
                deltas.iter().any(|delta| delta.key() == key) || taken.iter().any(|(taken, _)| taken == key)
            };
            let missing = missing(&redemption, has, terms);
            if missing.is_empty() {
                continue;
            }
            for (key, by) in missing {
                sums.use_up(&key, by);
                taken.push((key, by));
            }
            besides.push(Put { key: reference, value: write(&taken)? });
        }
        if !besides.is_empty() {
            D::execute(connection, &BESIDES, vec![namespace.as_str().into(), write(&besides)?.into()]).await?;
        }
        after = last;
    }
}

/// Uses of an older system, like those that were recorded here.
async fn recount_imports<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    terms: &Coupon,
    sums: &mut Sums,
) -> Result<(), StoreError> {
    let mut after = String::new();
    loop {
        let values = vec![namespace.as_str().into(), terms.id().as_str().into(), after.into(), counted(CHUNK).into()];
        let rows = D::rows(connection, &IMPORTS, values).await?;
        let mut changed = Vec::new();
        for row in &rows {
            let ImportRow { code, uses, mut taken } = read_uses(row)?;
            let before = taken.len();
            for (key, (by, _)) in raised_by(terms, &code, &uses) {
                if taken.iter().all(|(taken, _)| *taken != key) {
                    sums.use_up(&key, by);
                    taken.push((key, by));
                }
            }
            if taken.len() > before {
                changed.push(Put { key: row.text(0)?, value: write(&taken)? });
            }
        }
        if !changed.is_empty() {
            let coupon = terms.id().as_str();
            let values = vec![namespace.as_str().into(), coupon.into(), write(&changed)?.into()];
            D::execute(connection, &TAKEN, values).await?;
        }
        match rows.last() {
            Some(row) => after = row.text(0)?.to_owned(),
            None => return Ok(()),
        }
    }
}

/// What a hold has of one counter more, on its way into the table.
#[derive(Debug, Serialize)]
struct PartRow {
    reference: String,
    owner: String,
    code: String,
    customer: String,
    kind: String,
    amount: i64,
    lapses_at: i64,
}

/// Holds, live and lapsed: whether a hold has lapsed is judged by whoever reads it.
async fn recount_holds<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    terms: &Coupon,
    sums: &mut Sums,
) -> Result<Vec<PartRow>, StoreError> {
    let mut parts = Vec::new();
    let mut after = (i64::MIN, String::new());
    loop {
        let values = vec![namespace.as_str().into(), after.0.into(), after.1.into(), counted(CHUNK).into()];
        let rows = D::rows(connection, &HOLDS, values).await?;
        let of_coupon = |row: &Row| -> Result<Option<(String, i64, Redemption)>, StoreError> {
            let (reference, redemption) = (row.text(1)?, read_redemption(row.text(1)?, row.text(2)?)?);
            let concerned = redemption.coupons().iter().any(|redeemed| redeemed.coupon == *terms.id());
            Ok(concerned.then_some((reference.to_owned(), row.int(0)?, redemption)))
        };
        let holds = rows.iter().filter_map(|row| of_coupon(row).transpose());
        let holds: Vec<(String, i64, Redemption)> = holds.collect::<Result<_, _>>()?;
        let references: Vec<&str> = holds.iter().map(|(reference, ..)| reference.as_str()).collect();
        let values = vec![namespace.as_str().into(), write(&references)?.into()];
        let mut held = BTreeSet::new();
        for row in &D::rows(connection, &PARTS, values).await? {
            let text = |place| row.text(place).map(str::to_owned);
            let cell = Cell { owner: text(1)?, code: text(2)?, customer: text(3)?, kind: text(4)? };
            held.insert((text(0)?, cell));
        }
        for (reference, lapses_at, redemption) in &holds {
            let has = |key: &CounterKey| held.contains(&(reference.clone(), Cell::from(key)));
            for (key, by) in missing(redemption, has, terms) {
                sums.hold(&key, by);
                let Cell { owner, code, customer, kind } = Cell::from(&key);
                let (reference, amount) = (reference.clone(), stored(by)?);
                parts.push(PartRow { reference, owner, code, customer, kind, amount, lapses_at: *lapses_at });
            }
        }
        match rows.last() {
            Some(row) => after = (row.int(0)?, row.text(1)?.to_owned()),
            None => return Ok(parts),
        }
    }
}
