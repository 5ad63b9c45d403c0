//! Orders that were changed after they were recorded.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::Database;

use crate::key::Namespace;
use crate::outcome::{CounterKey, Redemption};
use crate::settle::Amended;
use crate::store::judge::{no_room, points_short};
use crate::store::points::Undone;
use crate::store::sql::{Cell, Dialect, Statement, Value, nanos};
use crate::store::{Amend, CounterState, Grace, Objection, StoreError};

use super::checkout::LOCK;
use super::checkout::ask::{Ask, Locks, Scope, json, reference_key};
use super::checkout::facts::{Found, VOIDED, read as read_facts};
use super::checkout::settle::{figure, uses};
use super::points::{move_account, set_undone};
use super::step::{read, read_redemption};

macro_rules! statement {
    ($name:literal) => {
        Statement {
            sqlite: include_str!(concat!("../sqlite/amend/", $name)),
            postgres: include_str!(concat!("../postgres/amend/", $name)),
        }
    };
}

const RECORD: Statement = Statement::both(include_str!("amend/record.sql"));
const AMENDMENT: Statement = Statement::both(include_str!("amend/amendment.sql"));
const INSERT_AMENDMENT: Statement = Statement::both(include_str!("amend/insert_amendment.sql"));
const SET_RECORD: Statement = Statement::both(include_str!("amend/set_record.sql"));
const LOWER: Statement = statement!("lower_counters.sql");
const RAISE: Statement = statement!("raise_counters.sql");
const DELETE_RECENT: Statement = statement!("delete_recent.sql");
const INSERT_RECENT: Statement = statement!("insert_recent.sql");
const DELETE_USES: Statement = statement!("delete_uses.sql");
const INSERT_USES: Statement = statement!("insert_uses.sql");

/// How often definitions may be revised between a look and the locks before somebody else is to try again.
const TRIES: usize = 8;

type Taken = BTreeMap<CounterKey, u64>;

/// What is recorded.
struct Record {
    voided: bool,
    redemption: Redemption,
    taken: Taken,
    place: i64,
    at: DateTime<Utc>,
    undone: Undone,
}

pub(super) async fn amend<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    amended: &Amended,
    (at, grace): (DateTime<Utc>, Grace),
) -> Result<Amend, StoreError> {
    let scope = Scope { namespace, grace, at, at_once: true };
    let mut besides = BTreeSet::new();
    for _ in 0..TRIES {
        let mut transaction = D::begin(connection).await?;
        let change = Change { scope, amended, reference: reference_key(amended.redemption().reference()) };
        let tried = change.try_once::<D>(&mut transaction, &besides).await;
        if matches!(tried, Ok(Tried::Answer(Amend::Amended))) {
            transaction.commit().await.map_err(D::failure)?;
        } else {
            drop(transaction.rollback().await);
        }
        match tried? {
            Tried::Answer(answer) => return Ok(answer),
            // A limit was added since: its counter is to be locked in its place among the others.
            Tried::NotLocked(cells) => besides.extend(cells),
        }
    }
    Err(StoreError::conflict("definitions were revised again and again"))
}

enum Tried {
    Answer(Amend),
    NotLocked(BTreeSet<Cell>),
}

struct Change<'a> {
    scope: Scope<'a>,
    amended: &'a Amended,
    reference: String,
}

impl Change<'_> {
    /// The first values of every statement.
    fn key(&self) -> Vec<Value> {
        vec![self.scope.namespace(), self.reference.as_str().into()]
    }

    async fn try_once<D: Dialect>(
        &self,
        connection: &mut <D as Database>::Connection,
        besides: &BTreeSet<Cell>,
    ) -> Result<Tried, StoreError> {
        D::execute(connection, &LOCK, Locks::of(self.reference.clone()).values(self.scope)?).await?;
        let Some(record) = self.read::<D>(connection).await? else { return Ok(Tried::Answer(Amend::NotRecorded)) };
        if let Some(answer) = self.answer::<D>(connection, &record).await? {
            return Ok(Tried::Answer(answer));
        }
        let redemption = self.amended.redemption();
        let ask = Ask::new(self.scope, redemption)?;
        // The reference is locked first, as everywhere; only now is it known what else the record has.
        let locks = ask.locks(record.taken.keys().map(Cell::from).chain(besides.iter().cloned()));
        D::execute(connection, &LOCK, locks.values(self.scope)?).await?;
        let found = read_facts::<D>(connection, self.scope, &ask).await?;
        let added = found.besides(redemption);
        let cells: BTreeSet<Cell> = added.iter().map(|(key, _)| key.into()).collect();
        if !cells.is_subset(&locks.cells) {
            return Ok(Tried::NotLocked(cells));
        }
        let objections = self.objections(&record, &found);
        if !objections.is_empty() {
            return Ok(Tried::Answer(Amend::Refused(objections)));
        }
        self.write::<D>(connection, record, &added).await?;
        Ok(Tried::Answer(Amend::Amended))
    }

    async fn read<D: Dialect>(
        &self,
        connection: &mut <D as Database>::Connection,
    ) -> Result<Option<Record>, StoreError> {
        let rows = D::rows(connection, &RECORD, self.key()).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let redemption = read_redemption(&self.reference, row.text(1)?)?;
        let besides = row.maybe_text(2)?;
        let besides: Option<Vec<(CounterKey, u64)>> =
            besides.map(|text| read(text, || format!("what `{}` took besides", self.reference))).transpose()?;
        let deltas = redemption.deltas().iter().map(|delta| (delta.key().clone(), delta.by()));
        let taken = deltas.chain(besides.unwrap_or_default()).collect();
        Ok(Some(Record {
            voided: row.int(0)? == VOIDED,
            taken,
            place: row.int(3)?,
            at: row.instant(4)?,
            undone: Undone { given_back: row.figure(5)?, taken_back: row.figure(6)? },
            redemption,
        }))
    }

    /// What is said without a look at counters.
    async fn answer<D: Dialect>(
        &self,
        connection: &mut <D as Database>::Connection,
        record: &Record,
    ) -> Result<Option<Amend>, StoreError> {
        let redemption = self.amended.redemption();
        let values = self.key().into_iter().chain([self.amended.id().as_str().into()]).collect();
        if let Some(known) = D::rows(connection, &AMENDMENT, values).await?.first() {
            let made = read_redemption(&self.reference, known.text(1)?)?;
            let based_on = self.amended.based_on().to_string();
            let replayed = known.text(0)? == based_on && made.same_content(redemption);
            // Planned again on the order as it was changed, it changes nothing.
            let same = replayed || record.redemption.same_content(redemption);
            return Ok(Some(if same { Amend::AlreadyAmended } else { Amend::Different }));
        }
        if record.voided {
            return Ok(Some(Amend::Refused(vec![Objection::Voided])));
        }
        // Whoever was forgotten meanwhile must not come back by a change.
        let same = record.redemption.digest() == self.amended.based_on()
            && record.redemption.customer() == redemption.customer();
        Ok((!same).then_some(Amend::Different))
    }

    /// Counters that rise, and points that are used besides: without what the record has of them itself.
    fn objections(&self, record: &Record, found: &Found) -> Vec<Objection> {
        let redemption = self.amended.redemption();
        let mut objections = Vec::new();
        for delta in redemption.deltas() {
            let had = record.taken.get(delta.key()).copied().unwrap_or(0);
            if delta.by() > had {
                let counts = delta.recorded_since(self.scope.at).is_none_or(|since| record.at >= since);
                let CounterState { used, held } = found.counter(delta);
                let used = used.saturating_sub(if counts { had } else { 0 });
                objections.extend(no_room(delta, CounterState { used, held }));
            }
        }
        if let Some(points) = redemption.points() {
            let before = record.redemption.points().map_or(0, |before| before.redeemed);
            let wanted = points.redeemed.saturating_sub(before);
            objections.extend(points_short(&points.account, wanted, found.account()));
        }
        objections
    }

    async fn write<D: Dialect>(
        &self,
        connection: &mut <D as Database>::Connection,
        record: Record,
        added: &[(CounterKey, u64)],
    ) -> Result<(), StoreError> {
        let redemption = self.amended.redemption();
        let deltas = redemption.deltas().iter().map(|delta| (delta.key().clone(), delta.by()));
        let taken: Taken = deltas.chain(added.iter().cloned()).collect();
        self.move_counters::<D>(connection, &record, &taken).await?;
        let mut undone = record.undone;
        let (before, after) = (record.redemption.points(), redemption.points());
        let movement = undone.change(before, after);
        set_undone::<D>(connection, self.scope.namespace, redemption.reference(), undone).await?;

        let coupons = record.redemption.coupons().iter().chain(redemption.coupons());
        let coupons: BTreeSet<&str> = coupons.map(|redeemed| redeemed.coupon.as_str()).collect();
        let of_place = vec![self.scope.namespace(), json(&coupons)?.into(), record.place.into()];
        D::execute(connection, &DELETE_USES, of_place).await?;
        let mut rows = self.key();
        rows.extend([record.place.into(), redemption.currency().code().into(), json(&uses(redemption)?)?.into()]);
        D::execute(connection, &INSERT_USES, rows).await?;
        let besides = (!added.is_empty()).then(|| json(added)).transpose()?;
        let document = json(redemption)?;
        let mut row = self.key();
        row.extend([redemption.payable().minor().into(), besides.into(), document.as_str().into()]);
        D::execute(connection, &SET_RECORD, row).await?;
        let mut amendment = self.key();
        let (id, based_on) = (self.amended.id().as_str(), self.amended.based_on().to_string());
        amendment.extend([id.into(), based_on.into(), document.into()]);
        D::execute(connection, &INSERT_AMENDMENT, amendment).await?;
        if let Some(points) = after.or(before) {
            move_account::<D>(connection, self.scope.namespace, &points.account, movement).await?;
        }
        Ok(())
    }

    /// Counters move by the difference; what counts by when it was recorded keeps the instant of the record.
    async fn move_counters<D: Dialect>(
        &self,
        connection: &mut <D as Database>::Connection,
        record: &Record,
        taken: &Taken,
    ) -> Result<(), StoreError> {
        let (mut rises, mut falls) = (BTreeMap::new(), BTreeMap::new());
        let keys: BTreeSet<&CounterKey> = record.taken.keys().chain(taken.keys()).collect();
        for key in keys {
            let of = |taken: &Taken| taken.get(key).copied().unwrap_or(0);
            let (before, after) = (of(&record.taken), of(taken));
            if after > before {
                rises.insert(Cell::from(key), after.saturating_sub(before));
            } else if before > after {
                falls.insert(Cell::from(key), before.saturating_sub(after));
            }
        }
        D::execute(connection, &LOWER, vec![self.scope.namespace(), Move::list(&falls)?.into()]).await?;
        D::execute(connection, &RAISE, vec![self.scope.namespace(), Move::list(&rises)?.into()]).await?;
        for (statement, of) in [(&DELETE_RECENT, &record.taken), (&INSERT_RECENT, taken)] {
            let rolling = of.iter().filter(|(key, _)| matches!(key, CounterKey::Allowance { since: None, .. }));
            let rolling: BTreeMap<Cell, u64> = rolling.map(|(key, by)| (key.into(), *by)).collect();
            if !rolling.is_empty() {
                let mut values = self.key();
                values.extend([nanos(record.at)?.into(), Move::list(&rolling)?.into()]);
                D::execute(connection, statement, values).await?;
            }
        }
        Ok(())
    }
}

/// By how much a counter moves.
#[derive(Serialize)]
struct Move<'c> {
    #[serde(flatten)]
    cell: &'c Cell,
    by: i64,
}

impl Move<'_> {
    fn list(moves: &BTreeMap<Cell, u64>) -> Result<String, StoreError> {
        let moves = moves.iter().map(|(cell, by)| Ok(Move { cell, by: figure(*by)? }));
        json(&moves.collect::<Result<Vec<Move<'_>>, StoreError>>()?)
    }
}
