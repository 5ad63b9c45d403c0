//! Customers who are forgotten.

use std::collections::BTreeSet;

use serde::Serialize;
use sqlx::Database;

use crate::customer::{IdentityKey, Pseudonyms};
use crate::key::{Namespace, OccasionId};
use crate::outcome::CounterKey;
use crate::store::sql::{Cell, Dialect, Row, Statement, Value};
use crate::store::{Forgotten, StoreError};

use super::admin::imports::forget_uses;
use super::checkout::ask::json;
use super::step::{CHUNK, end, list, next_pseudonyms, read, read_redemption};
use super::types::of_keys;

macro_rules! statement {
    ($name:literal) => {
        Statement {
            sqlite: include_str!(concat!("../sqlite/forget/", $name)),
            postgres: include_str!(concat!("../postgres/forget/", $name)),
        }
    };
}

const REFERENCES: Statement = statement!("references.sql");
const REDEMPTIONS: Statement = statement!("redemptions.sql");
const AMENDMENTS: Statement = statement!("amendments.sql");
const CODES: Statement = statement!("codes.sql");
const COUNTERS: Statement = statement!("counters.sql");
const CUSTOMERS: Statement = statement!("customers.sql");
const ACCOUNTS: Statement = statement!("accounts.sql");
const IMPORT: Statement = Statement::both(include_str!("forget/import.sql"));
const NAMED_IN_CODES: Statement = statement!("named_in_codes.sql");
const NAMED_IN_IMPORTS: Statement = statement!("named_in_imports.sql");
const RENAME: Statement = statement!("rename.sql");
const SET_REDEMPTIONS: Statement = statement!("set_redemptions.sql");
const SET_AMENDMENT: Statement = Statement::both(include_str!("forget/set_amendment.sql"));
const SET_CODE: Statement = Statement::both(include_str!("forget/set_code.sql"));
const SET_IMPORT: Statement = Statement::both(include_str!("forget/set_import.sql"));
const SET_TYPE_CHANGE: Statement = Statement::both(include_str!("forget/set_type_change.sql"));

/// How often the customer may have been busy meanwhile before somebody else is to try again.
const TRIES: usize = 8;

pub(super) async fn forget<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    keys: &[IdentityKey],
) -> Result<Forgotten, StoreError> {
    if keys.is_empty() {
        return Ok(Forgotten { pseudonyms: Vec::new(), changed: 0 });
    }
    let mut transaction = D::begin(connection).await?;
    let forgotten = in_turn::<D>(&mut transaction, namespace, keys).await;
    end(transaction, forgotten).await
}

/// One customer of a shop after the other.
async fn in_turn<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    keys: &[IdentityKey],
) -> Result<Forgotten, StoreError> {
    let count = Pseudonyms::wanted(keys);
    let last = next_pseudonyms::<D>(connection, namespace, count).await?;
    let wanted = Wanted::new(keys, last.saturating_sub(count))?;
    // Reading through a whole shop takes its time, in which no checkout should wait.
    let named = Named::read::<D>(connection, namespace, &wanted).await?;
    for _ in 0..TRIES {
        let mut step = D::begin(connection).await?;
        match try_once::<D>(&mut step, namespace, keys, &wanted, &named).await {
            // What was recorded between the look and the locks is to be forgotten as well.
            Ok(None) => step.rollback().await.map_err(D::failure)?,
            Ok(Some(forgotten)) => return end(step, Ok(forgotten)).await,
            Err(error) => return end(step, Err(error)).await,
        }
    }
    Err(StoreError::conflict("the customer was busy again and again"))
}

/// Rows that name the customer in the middle of a text, where no index finds them.
struct Named {
    /// Codes whose occasion may.
    codes: Vec<String>,
    /// Imported codes that the customer used, each with its definition.
    imports: Vec<(String, String)>,
}

impl Named {
    async fn read<D: Dialect>(
        connection: &mut <D as Database>::Connection,
        namespace: &Namespace,
        wanted: &Wanted,
    ) -> Result<Self, StoreError> {
        let parts = json(&wanted.names.parts_of_occasions())?;
        let rows = D::rows(connection, &NAMED_IN_CODES, vec![namespace.as_str().into(), parts.into()]).await?;
        let codes = rows.iter().map(|row| row.text(0).map(str::to_owned)).collect::<Result<_, _>>()?;
        let values = vec![namespace.as_str().into(), wanted.quoted.as_str().into()];
        let rows = D::rows(connection, &NAMED_IN_IMPORTS, values).await?;
        let import = |row: &Row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned()));
        Ok(Self { codes, imports: rows.iter().map(import).collect::<Result<_, StoreError>>()? })
    }
}

/// What is asked for, as statements take it.
struct Wanted {
    names: Pseudonyms,
    /// The keys, and as they stand in a document.
    keys: String,
    quoted: String,
}

impl Wanted {
    fn new(keys: &[IdentityKey], last: u64) -> Result<Self, StoreError> {
        let names = Pseudonyms::new(keys, last);
        let quoted: Vec<String> = keys.iter().map(json).collect::<Result<_, _>>()?;
        Ok(Self { names, keys: list(keys)?, quoted: json(&quoted)? })
    }

    /// A statement about the rows of these keys.
    fn of_keys(&self, namespace: &Namespace) -> Vec<Value> {
        vec![namespace.as_str().into(), self.keys.as_str().into()]
    }

    async fn references<D: Dialect>(
        &self,
        connection: &mut <D as Database>::Connection,
        namespace: &Namespace,
    ) -> Result<BTreeSet<String>, StoreError> {
        let values = self.of_keys(namespace).into_iter().chain([self.quoted.as_str().into()]).collect();
        let rows = D::rows(connection, &REFERENCES, values).await?;
        rows.iter().map(|row| row.text(0).map(str::to_owned)).collect()
    }
}

/// Locks all rows of the customer in the order in which everybody locks, and renames them; nothing where more of them
/// came meanwhile.
async fn try_once<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    keys: &[IdentityKey],
    wanted: &Wanted,
    named: &Named,
) -> Result<Option<Forgotten>, StoreError> {
    let references = wanted.references::<D>(connection, namespace).await?;
    let of_references =
        || -> Result<Vec<Value>, StoreError> { Ok(vec![namespace.as_str().into(), json(&references)?.into()]) };
    let redemptions = D::rows(connection, &REDEMPTIONS, of_references()?).await?;
    let values = wanted.of_keys(namespace).into_iter().chain([json(&named.codes)?.into()]).collect();
    let codes = D::rows(connection, &CODES, values).await?;
    let counters = D::rows(connection, &COUNTERS, wanted.of_keys(namespace)).await?;
    D::execute(connection, &CUSTOMERS, wanted.of_keys(namespace)).await?;
    let accounts = D::rows(connection, &ACCOUNTS, wanted.of_keys(namespace)).await?;
    // Nothing more can come now that counts on any of these rows. What came in the place of a hold that was taken away
    // meanwhile bears its reference, and is not locked.
    let locked: BTreeSet<String> =
        redemptions.iter().map(|row| row.text(0).map(str::to_owned)).collect::<Result<_, _>>()?;
    if !wanted.references::<D>(connection, namespace).await?.is_subset(&locked) {
        return Ok(None);
    }

    let amendments = D::rows(connection, &AMENDMENTS, of_references()?).await?;
    forget_amendments::<D>(connection, namespace, &wanted.names, &amendments).await?;
    forget_imports::<D>(connection, namespace, &wanted.names, &named.imports).await?;
    let changes = [
        forget_redemptions::<D>(connection, namespace, &wanted.names, &redemptions).await?,
        forget_codes::<D>(connection, namespace, &wanted.names, &codes).await?,
        not_empty(&counters, 4)?,
        forget_types::<D>(connection, namespace, wanted).await?,
        not_empty(&accounts, 1)?,
    ];
    rename::<D>(connection, namespace, &wanted.names, &counters, &locked).await?;
    let pseudonyms = keys.iter().filter_map(|key| wanted.names.of(key).cloned()).collect();
    Ok(Some(Forgotten { pseudonyms, changed: changes.into_iter().fold(0, u64::saturating_add) }))
}

/// How many rows have a figure in a column that is not zero: an empty row is one that was only ever locked.
fn not_empty(rows: &[Row], column: usize) -> Result<u64, StoreError> {
    rows.iter().try_fold(0_u64, |count, row| Ok(count.saturating_add(u64::from(row.figure(column)? > 0))))
}

#[derive(Serialize)]
struct Renamed<'r> {
    reference: &'r str,
    document: String,
    besides: Option<String>,
}

async fn forget_redemptions<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    names: &Pseudonyms,
    rows: &[Row],
) -> Result<u64, StoreError> {
    let mut renamed = Vec::new();
    for row in rows {
        let reference = row.text(0)?;
        let Some(redemption) = read_redemption(reference, row.text(1)?)?.forgetting(names) else { continue };
        let besides = row.maybe_text(2)?.map(|text| forget_taken(reference, text, names)).transpose()?;
        renamed.push(Renamed { reference, document: json(&redemption)?, besides });
    }
    for chunk in renamed.chunks(CHUNK) {
        D::execute(connection, &SET_REDEMPTIONS, vec![namespace.as_str().into(), json(chunk)?.into()]).await?;
    }
    Ok(u64::try_from(renamed.len()).unwrap_or(u64::MAX))
}

fn forget_taken(reference: &str, text: &str, names: &Pseudonyms) -> Result<String, StoreError> {
    let mut taken: Vec<(CounterKey, u64)> = read(text, || format!("what `{reference}` took besides"))?;
    for (key, _) in &mut taken {
        if let Some(pseudonym) = key.forgetting(names) {
            *key = pseudonym;
        }
    }
    json(&taken)
}

async fn forget_amendments<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    names: &Pseudonyms,
    rows: &[Row],
) -> Result<(), StoreError> {
    for row in rows {
        let (reference, movement) = (row.text(0)?, row.text(1)?);
        if let Some(redemption) = read_redemption(reference, row.text(2)?)?.forgetting(names) {
            let values = vec![namespace.as_str().into(), reference.into(), movement.into(), json(&redemption)?.into()];
            D::execute(connection, &SET_AMENDMENT, values).await?;
        }
    }
    Ok(())
}

async fn forget_imports<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    names: &Pseudonyms,
    imports: &[(String, String)],
) -> Result<(), StoreError> {
    for (coupon, code) in imports {
        let key: Vec<Value> = vec![namespace.as_str().into(), coupon.as_str().into(), code.as_str().into()];
        for row in &D::rows(connection, &IMPORT, key.clone()).await? {
            let (uses, taken) = forget_uses(row, names)?;
            let values = key.iter().cloned().chain([uses.into(), taken.into()]).collect();
            D::execute(connection, &SET_IMPORT, values).await?;
        }
    }
    Ok(())
}

async fn forget_codes<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    names: &Pseudonyms,
    rows: &[Row],
) -> Result<u64, StoreError> {
    let mut changed = 0_u64;
    for row in rows {
        let code = row.text(0)?;
        let customer = |place| -> Result<Option<(String, bool)>, StoreError> {
            let Some(text) = row.maybe_text(place)?.filter(|text| !text.is_empty()) else { return Ok(None) };
            let key = text.parse::<IdentityKey>();
            let key = key.map_err(|error| StoreError::corrupt(format!("customer of code `{code}`"), error))?;
            Ok(Some(names.of(&key).map_or_else(|| (key.to_string(), false), |name| (name.to_string(), true))))
        };
        let (holder, occasion_of) = (customer(1)?, customer(2)?);
        let occasion = row.maybe_text(3)?.map(str::parse::<OccasionId>).transpose();
        let occasion = occasion.map_err(|error| StoreError::corrupt(format!("occasion of code `{code}`"), error))?;
        let forgotten = occasion.as_ref().and_then(|occasion| names.occasion(occasion));
        let renamed = [&holder, &occasion_of].into_iter().flatten().any(|(_, renamed)| *renamed);
        if !renamed && forgotten.is_none() {
            continue;
        }
        changed = changed.saturating_add(1);
        let occasion = forgotten.or(occasion);
        // That of nobody is no text, and that of no occasion is nothing.
        let nobody = row.maybe_text(2)?.map(|_| String::new());
        let mut values: Vec<Value> = vec![namespace.as_str().into(), code.into()];
        values.extend([
            Value::Text(holder.map(|(text, _)| text)),
            Value::Text(occasion_of.map(|(text, _)| text).or(nobody)),
            Value::Text(occasion.map(|occasion| occasion.to_string())),
        ]);
        D::execute(connection, &SET_CODE, values).await?;
    }
    Ok(changed)
}

async fn forget_types<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    wanted: &Wanted,
) -> Result<u64, StoreError> {
    let changes = of_keys::<D>(connection, namespace, wanted.keys.clone()).await?;
    for (place, entry) in &changes {
        let mut customer = entry.record.customer.clone();
        wanted.names.replace_all(&mut customer);
        let values = vec![namespace.as_str().into(), (*place).into(), json(&customer)?.into()];
        D::execute(connection, &SET_TYPE_CHANGE, values).await?;
    }
    Ok(u64::try_from(changes.len()).unwrap_or(u64::MAX))
}

#[derive(Serialize)]
struct Pair {
    key: String,
    name: String,
}

#[derive(Serialize)]
struct RenamedCell {
    #[serde(flatten)]
    cell: Cell,
    name: String,
}

async fn rename<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    names: &Pseudonyms,
    counters: &[Row],
    references: &BTreeSet<String>,
) -> Result<(), StoreError> {
    let pairs = names.pairs().iter().map(|(key, name)| Pair { key: key.to_string(), name: name.to_string() });
    let pairs: Vec<Pair> = pairs.collect();
    let mut cells = Vec::with_capacity(counters.len());
    for row in counters {
        let text = |place| row.text(place).map(str::to_owned);
        let cell = Cell { owner: text(0)?, code: text(1)?, customer: text(2)?, kind: text(3)? };
        let name = pairs.iter().find(|pair| pair.key == cell.customer).map(|pair| pair.name.clone());
        cells.extend(name.map(|name| RenamedCell { cell, name }));
    }
    let (pairs, cells, references) = (json(&pairs)?, json(&cells)?, json(references)?);
    let values = vec![namespace.as_str().into(), pairs.into(), cells.into(), references.into()];
    D::execute(connection, &RENAME, values).await.map(drop)
}
