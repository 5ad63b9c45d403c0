//! What is stored, as the rules see it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sqlx::Database;

use crate::coupon::{Code, Coupon, Status};
use crate::customer::IdentityKey;
use crate::key::CouponId;
use crate::outcome::{CounterKey, Delta, Guard, Redemption};
use crate::store::judge::{CodeFact, DefinitionFact, Facts, missing};
use crate::store::sql::admin::rows::ISSUED;
use crate::store::sql::{Cell, Dialect, Row, Statement};
use crate::store::{CounterState, PointsBalance, StoreError};

use super::ask::{Ask, Scope};

const FACTS: Statement = Statement {
    sqlite: include_str!("../../sqlite/checkout/facts.sql"),
    postgres: include_str!("../../postgres/checkout/facts.sql"),
};

/// How far a reference has come, as a number.
pub(super) const HELD: i64 = 1;
pub(super) const RECORDED: i64 = 2;
pub(in crate::store::sql) const VOIDED: i64 = 3;

/// A definition as it stands, and its terms where they are not those that were priced.
#[derive(Debug)]
struct Definition {
    fact: DefinitionFact,
    terms: Option<Coupon>,
}

#[derive(Debug)]
struct StoredCode {
    coupon: String,
    standing: i64,
    revoked: bool,
    holder: Option<IdentityKey>,
}

/// Everything that a redemption is judged by.
#[derive(Debug, Default)]
pub(in crate::store::sql) struct Found {
    /// What the reference holds, as long as that lives.
    pub(super) hold: Option<(Redemption, DateTime<Utc>)>,
    pub(super) record: Option<Redemption>,
    pub(super) voided: bool,
    definitions: BTreeMap<String, Definition>,
    codes: BTreeMap<String, StoredCode>,
    /// What others have taken, and what the reference holds.
    counters: BTreeMap<Cell, (CounterState, u64)>,
    types: u64,
    points: PointsBalance,
    /// Whether the reference holds points, alive or lapsed.
    pub(super) holds_points: bool,
}

pub(in crate::store::sql) async fn read<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    scope: Scope<'_>,
    ask: &Ask,
) -> Result<Found, StoreError> {
    let rows = D::rows(connection, &FACTS, ask.facts()).await?;
    let mut found = Found::default();
    for row in &rows {
        found.add(row, scope, ask)?;
    }
    Ok(found)
}

/// A redemption as it is stored.
pub(super) fn read_redemption(reference: &str, document: &str) -> Result<Redemption, StoreError> {
    serde_json::from_str(document)
        .map_err(|error| StoreError::corrupt(format!("the document of {reference} in coupon_redemption"), error))
}

/// A definition as it is stored.
pub(super) fn read_coupon(coupon: &str, document: &str) -> Result<Coupon, StoreError> {
    serde_json::from_str(document).map_err(|error| StoreError::corrupt(format!("definition `{coupon}`"), error))
}

pub(super) fn revision(row: &Row, place: usize) -> Result<u32, StoreError> {
    let stored = row.int(place)?;
    u32::try_from(stored).map_err(|error| StoreError::corrupt(format!("revision {stored}"), error))
}

impl Found {
    fn add(&mut self, row: &Row, scope: Scope<'_>, ask: &Ask) -> Result<(), StoreError> {
        match row.int(0)? {
            0 => self.reference(row, scope, &ask.reference),
            1 => self.definition(row),
            2 => self.code(row),
            3 => {
                let cell = cell(row)?;
                let (used, held, own) = (row.figure(6)?, row.figure(7)?, row.figure(9)?);
                let held = held.saturating_sub(row.figure(8)?).saturating_sub(own);
                self.counters.insert(cell, (CounterState { used, held }, own));
                Ok(())
            }
            4 => {
                self.types = row.figure(6)?;
                Ok(())
            }
            5 => {
                self.points = PointsBalance::new(row.figure(6)?, row.figure(7)?);
                Ok(())
            }
            6 => {
                self.holds_points = true;
                Ok(())
            }
            other => Err(StoreError::corrupt("a fact", format!("kind {other}"))),
        }
    }

    fn reference(&mut self, row: &Row, scope: Scope<'_>, reference: &str) -> Result<(), StoreError> {
        match row.int(6)? {
            HELD => {
                let until = row.instant(7)?;
                if scope.grace.is_live(until, scope.at) {
                    self.hold = Some((read_redemption(reference, row.text(5)?)?, until));
                }
            }
            RECORDED => self.record = Some(read_redemption(reference, row.text(5)?)?),
            VOIDED => self.voided = true,
            _ => {}
        }
        Ok(())
    }

    fn definition(&mut self, row: &Row) -> Result<(), StoreError> {
        let coupon = row.text(1)?;
        let status = if row.int(7)? == 0 { Status::Inactive } else { Status::Active };
        let fact = DefinitionFact { revision: revision(row, 6)?, status, killed_through: revision(row, 8)? };
        let terms = row.maybe_text(5)?.map(|document| read_coupon(coupon, document)).transpose()?;
        // Two revisions of one definition may be redeemed together; the terms matter where they differ from either.
        let known = self.definitions.entry(coupon.to_owned()).or_insert(Definition { fact, terms: None });
        known.terms = terms.or(known.terms.take());
        Ok(())
    }

    fn code(&mut self, row: &Row) -> Result<(), StoreError> {
        let code = row.text(1)?;
        let corrupt = |error| StoreError::corrupt(format!("holder of code `{code}`"), error);
        let holder = row.maybe_text(3)?.map(|holder| holder.parse().map_err(corrupt)).transpose()?;
        let (standing, revoked) = (row.int(6)?, row.int(7)? != 0);
        let stored = StoredCode { coupon: row.text(2)?.to_owned(), standing, revoked, holder };
        self.codes.insert(code.to_owned(), stored);
        Ok(())
    }

    /// What is taken of a counter; of what is recorded, that of the reference itself as well.
    pub(in crate::store::sql) fn counter(&self, delta: &Delta) -> CounterState {
        self.counters.get(&delta.key().into()).copied().unwrap_or_default().0
    }

    /// The account of points, with what others hold of it.
    pub(in crate::store::sql) fn account(&self) -> PointsBalance {
        self.points
    }

    /// What later terms of its coupons count besides its deltas.
    pub(in crate::store::sql) fn besides(&self, redemption: &Redemption) -> Vec<(CounterKey, u64)> {
        let mut taken: Vec<(CounterKey, u64)> =
            redemption.deltas().iter().map(|delta| (delta.key().clone(), delta.by())).collect();
        let deltas = taken.len();
        for redeemed in redemption.coupons() {
            let definition = self.definitions.get(redeemed.coupon.as_str());
            let revised = definition.filter(|definition| definition.fact.revision != redeemed.revision);
            if let Some(terms) = revised.and_then(|definition| definition.terms.as_ref()) {
                let missing = missing(redemption, &taken, terms);
                taken.extend(missing);
            }
        }
        taken.split_off(deltas)
    }

    /// Bearer codes that belong to the customer from here on: those that are good for one use (S3).
    pub(super) fn binds(&self, redemption: &Redemption) -> Vec<Code> {
        let mut bound = Vec::new();
        for guard in redemption.guards() {
            let Guard::CodeLive { coupon, code } = guard else { continue };
            let free = self.codes.get(code.as_str()).is_some_and(|c| c.standing == ISSUED && c.holder.is_none());
            if free && self.is_of_one(redemption, coupon, code) && !redemption.counted().is_empty() {
                bound.push(code.clone());
            }
        }
        bound
    }

    /// Whether the terms that stand let one use of each code. Where they are those that were priced, the deltas tell.
    fn is_of_one(&self, redemption: &Redemption, coupon: &CouponId, code: &Code) -> bool {
        let Some(definition) = self.definitions.get(coupon.as_str()) else { return false };
        let priced = redemption.coupons().iter().any(|redeemed| {
            redeemed.coupon == *coupon && redeemed.code == *code && redeemed.revision == definition.fact.revision
        });
        match &definition.terms {
            Some(terms) if !priced => terms.limits().per_code() == Some(1),
            _ => {
                let key = CounterKey::Code { coupon: coupon.clone(), code: code.clone() };
                redemption.deltas().iter().any(|delta| *delta.key() == key && delta.limit() == 1)
            }
        }
    }
}

pub(super) fn cell(row: &Row) -> Result<Cell, StoreError> {
    let text = |place| row.text(place).map(str::to_owned);
    Ok(Cell { owner: text(1)?, code: text(2)?, customer: text(3)?, kind: text(4)? })
}

impl Facts for Found {
    fn definition(&self, coupon: &CouponId) -> Option<DefinitionFact> {
        self.definitions.get(coupon.as_str()).map(|definition| definition.fact)
    }

    fn own_hold(&self) -> Option<&Redemption> {
        self.hold.as_ref().map(|(redemption, _)| redemption)
    }

    fn issued(&self, coupon: &CouponId, code: &Code) -> Option<CodeFact<'_>> {
        let stored = self.codes.get(code.as_str())?;
        let issued = stored.standing == ISSUED && stored.coupon == coupon.as_str();
        issued.then_some(CodeFact { revoked: stored.revoked, holder: stored.holder.as_ref() })
    }

    fn types_revision(&self) -> u64 {
        self.types
    }

    fn taken(&self, delta: &Delta) -> CounterState {
        self.counter(delta)
    }

    fn held(&self, delta: &Delta) -> u64 {
        self.counters.get(&delta.key().into()).copied().unwrap_or_default().1
    }

    fn points(&self, _: &IdentityKey) -> PointsBalance {
        self.points
    }
}
