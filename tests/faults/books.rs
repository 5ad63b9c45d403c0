//! The books of a shop as they lie in the database, read past the store, and what must be true of them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use vouchsafe::*;

use crate::base::Base;
use crate::campaign::{BUDGET, EACH, HOT_LIMIT, POINTS, ticket};
use crate::crew::BESIDE;
use crate::journal::{Call, Fate};

pub type Fates = BTreeMap<String, Fate>;

/// A counter in columns: owner, code, customer, kind.
type Cell = [String; 4];

/// The row of a reference.
#[derive(Debug)]
struct Row {
    state: i64,
    held_until: i64,
    place: String,
    uses_given_back: bool,
    redemption: Option<Redemption>,
}

/// Every table at one moment.
#[derive(Debug)]
pub struct Books {
    rows: BTreeMap<String, Row>,
    /// Used and held.
    counters: BTreeMap<Cell, (i64, i64)>,
    /// Amount, and when it lapses.
    parts: BTreeMap<(String, Cell), (i64, i64)>,
    uses: Vec<Vec<String>>,
    history: Vec<Vec<String>>,
    balances: BTreeMap<String, i64>,
    points_held: BTreeMap<(String, String), (i64, i64)>,
    changes: Vec<Vec<String>>,
    holders: BTreeMap<String, String>,
    orders: BTreeSet<String>,
}

/// How much there was to look at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub acknowledged: u64,
    pub recorded: u64,
    pub voided: u64,
    pub live_holds: u64,
    pub lapsed_holds: u64,
    pub orders: u64,
    /// Questions that a fault left without an answer.
    pub in_doubt: u64,
}

fn number(text: &str) -> i64 {
    text.parse().unwrap_or_else(|_| panic!("`{text}` is no number"))
}

fn cell(columns: &[String]) -> Cell {
    [columns[0].clone(), columns[1].clone(), columns[2].clone(), columns[3].clone()]
}

/// The columns of a counter, worked out here once more.
fn cell_of(key: &CounterKey) -> Cell {
    let none = String::new;
    match key {
        CounterKey::Total { coupon } => [coupon.to_string(), none(), none(), "total".to_owned()],
        CounterKey::Money { coupon, currency } => [coupon.to_string(), none(), none(), format!("money:{currency}")],
        CounterKey::Code { coupon, code } => [coupon.to_string(), code.to_string(), none(), "code".to_owned()],
        CounterKey::Customer { coupon, customer } => {
            [coupon.to_string(), none(), customer.to_string(), "customer".to_owned()]
        }
        other => panic!("this shop has no counter {other:?}"),
    }
}

/// The limit of every counter of the shop.
fn limit_of([owner, _, _, kind]: &Cell) -> i64 {
    match (owner.as_str(), kind.as_str()) {
        ("each", "customer") => EACH as i64,
        ("budget", "money:USD") => BUDGET,
        ("ticket", "code") => 1,
        (hot, "total") if hot.starts_with("hot-") => HOT_LIMIT as i64,
        other => panic!("this shop has no counter {other:?}"),
    }
}

fn nanos(at: DateTime<Utc>) -> i64 {
    at.timestamp_nanos_opt().unwrap()
}

impl Books {
    /// Reads all tables of one shop, in a transaction that sees one moment.
    pub async fn read<D: Base>(connection: &mut D::Connection, shop: &str) -> Result<Self, sqlx::Error> {
        let mut transaction = D::snapshot(connection).await?;
        let mut of_shop: Vec<Vec<Vec<String>>> = Vec::new();
        for sql in TABLES {
            let rows = D::rows_of(&mut transaction, sql).await?;
            of_shop.push(rows.into_iter().filter(|row| row[0] == shop).map(|row| row[1..].to_vec()).collect());
        }
        let orders = D::rows_of(&mut transaction, "SELECT reference FROM orders").await?;
        transaction.rollback().await?;
        let mut tables = of_shop.into_iter();
        let mut next = || tables.next().unwrap();
        let row = |row: Vec<String>| {
            let redemption = serde_json::from_str(&row[5]).ok();
            let (state, held_until) = (number(&row[1]), row[2].parse().unwrap_or(0));
            let (place, uses_given_back) = (row[3].clone(), row[4] == "1");
            (row[0].clone(), Row { state, held_until, place, uses_given_back, redemption })
        };
        Ok(Self {
            rows: next().into_iter().map(row).collect(),
            counters: next().iter().map(|row| (cell(row), (number(&row[4]), number(&row[5])))).collect(),
            parts: next()
                .iter()
                .map(|row| ((row[0].clone(), cell(&row[1..])), (number(&row[5]), number(&row[6]))))
                .collect(),
            uses: next(),
            history: next(),
            balances: next().iter().map(|row| (row[0].clone(), number(&row[1]))).collect(),
            points_held: next()
                .iter()
                .map(|row| ((row[0].clone(), row[1].clone()), (number(&row[2]), number(&row[3]))))
                .collect(),
            changes: next(),
            holders: next().into_iter().map(|row| (row[0].clone(), row[1].clone())).collect(),
            orders: orders.into_iter().map(|row| row[0].clone()).collect(),
        })
    }

    /// Everything that is wrong. `before` is what was acknowledged before the books were read, `after` what had been tried
    /// when they were.
    pub fn faults(&self, before: &Fates, after: &Fates, now: DateTime<Utc>) -> Vec<String> {
        let mut faults = Vec::new();
        self.used_is_recorded(&mut faults);
        self.held_is_held(nanos(now), &mut faults);
        self.records_are_whole(&mut faults);
        self.points_add_up(nanos(now), &mut faults);
        self.codes_are_bound(&mut faults);
        self.what_was_acknowledged_is_there(before, after, now, &mut faults);
        self.what_is_there_was_tried(after, &mut faults);
        faults
    }

    fn recorded(&self) -> impl Iterator<Item = (&String, &Row)> {
        self.rows.iter().filter(|(_, row)| row.state >= 2)
    }

    /// Every counter is the sum of what is recorded and not given back, and with live holds never above its limit.
    fn used_is_recorded(&self, faults: &mut Vec<String>) {
        let mut expected: BTreeMap<Cell, i64> = BTreeMap::new();
        for (reference, row) in self.recorded().filter(|(_, row)| !row.uses_given_back) {
            let Some(redemption) = &row.redemption else {
                faults.push(format!("{reference} has no readable document"));
                continue;
            };
            for delta in redemption.deltas() {
                *expected.entry(cell_of(delta.key())).or_default() += delta.by() as i64;
            }
        }
        for cell in expected.keys().chain(self.counters.keys()) {
            let (used, recorded) =
                (self.counters.get(cell).map_or(0, |c| c.0), expected.get(cell).copied().unwrap_or(0));
            if used != recorded {
                faults.push(format!("{cell:?}: {used} used, {recorded} recorded"));
            }
        }
    }

    /// Every counter's held is the sum of its parts, every live hold has its parts and no other has any, and no limit is
    /// passed.
    fn held_is_held(&self, now: i64, faults: &mut Vec<String>) {
        let (mut sums, mut live): (BTreeMap<&Cell, i64>, BTreeMap<&Cell, i64>) = Default::default();
        for ((reference, cell), (amount, lapses_at)) in &self.parts {
            *sums.entry(cell).or_default() += amount;
            if *lapses_at > now {
                *live.entry(cell).or_default() += amount;
            }
            match self.rows.get(reference) {
                Some(row) if row.state == 1 && row.held_until == *lapses_at => {}
                other => faults.push(format!("{reference} has {amount} of {cell:?} until {lapses_at}: {other:?}")),
            }
        }
        for (cell, (used, held)) in &self.counters {
            let sum = sums.get(cell).copied().unwrap_or(0);
            if *held != sum {
                faults.push(format!("{cell:?}: {held} held, {sum} in parts"));
            }
            let live = live.get(cell).copied().unwrap_or(0);
            if used + live > limit_of(cell) {
                faults.push(format!("{cell:?}: {used} used and {live} held of {}", limit_of(cell)));
            }
        }
        for cell in sums.keys().filter(|cell| !self.counters.contains_key(**cell)) {
            faults.push(format!("{cell:?} is held and is no counter"));
        }
        for (reference, row) in self.rows.iter().filter(|(_, row)| row.state == 1 && row.held_until > now) {
            let Some(redemption) = &row.redemption else {
                faults.push(format!("{reference} is held without a readable document"));
                continue;
            };
            let wanted: BTreeMap<Cell, i64> =
                redemption.deltas().iter().map(|delta| (cell_of(delta.key()), delta.by() as i64)).collect();
            let parts = self.parts.iter().filter(|((of, _), _)| of == reference);
            let found: BTreeMap<Cell, i64> = parts.map(|((_, cell), (amount, _))| (cell.clone(), *amount)).collect();
            if wanted != found {
                faults.push(format!("{reference} holds {found:?} instead of {wanted:?}"));
            }
        }
    }

    /// Every record has its place, its lines in the usage log, its keys in the history, its changes of type; nothing else
    /// has any.
    fn records_are_whole(&self, faults: &mut Vec<String>) {
        let count = |rows: &[Vec<String>]| {
            let mut counts: BTreeMap<String, usize> = BTreeMap::new();
            for row in rows {
                *counts.entry(row[0].clone()).or_default() += 1;
            }
            counts
        };
        let mut found = [count(&self.uses), count(&self.history), count(&self.changes)];
        let mut places = BTreeSet::new();
        for (reference, row) in self.recorded() {
            let Some(redemption) = &row.redemption else { continue };
            if row.place.is_empty() || !places.insert(row.place.clone()) {
                faults.push(format!("{reference} has no place of its own: `{}`", row.place));
            }
            let wanted = [redemption.coupons().len(), redemption.customer().len(), redemption.type_changes().len()];
            for ((what, wanted), found) in ["uses", "history", "changes of type"].iter().zip(wanted).zip(&mut found) {
                let found = found.remove(reference).unwrap_or(0);
                if found != wanted {
                    faults.push(format!("{reference} has {found} rows of {what} instead of {wanted}"));
                }
            }
        }
        for (what, left) in ["uses", "history", "changes of type"].iter().zip(found) {
            faults.extend(left.iter().map(|(reference, rows)| format!("{reference}, not recorded, has {rows} {what}")));
        }
    }

    /// Every account is what it began with and what recorded orders moved; a void moved it back.
    fn points_add_up(&self, now: i64, faults: &mut Vec<String>) {
        let mut expected: BTreeMap<&String, i64> =
            self.balances.keys().map(|account| (account, POINTS as i64)).collect();
        let mut names: BTreeMap<String, i64> = BTreeMap::new();
        for (_, row) in self.recorded().filter(|(_, row)| row.state == 2) {
            if let Some(points) = row.redemption.as_ref().and_then(Redemption::points) {
                *names.entry(points.account.to_string()).or_default() += points.earned as i64 - points.redeemed as i64;
            }
        }
        for (account, moved) in &names {
            *expected.entry(account).or_default() += moved;
        }
        for (account, expected) in expected {
            let balance = self.balances.get(account).copied().unwrap_or(0);
            if balance != expected {
                faults.push(format!("account {account} has {balance} points instead of {expected}"));
            }
        }
        for ((account, reference), (points, lapses_at)) in &self.points_held {
            let holds = self.rows.get(reference).filter(|row| row.state == 1 && row.held_until == *lapses_at);
            let redeemed = holds.and_then(|row| row.redemption.as_ref()?.points()).map(|points| points.redeemed as i64);
            if redeemed != Some(*points) {
                faults.push(format!("{reference} holds {points} points of {account} instead of {redeemed:?}"));
            }
        }
        for (reference, row) in self.rows.iter().filter(|(_, row)| row.state == 1 && row.held_until > now) {
            let points = row.redemption.as_ref().and_then(Redemption::points).filter(|points| points.redeemed > 0);
            let Some(points) = points else { continue };
            if !self.points_held.contains_key(&(points.account.to_string(), reference.clone())) {
                faults.push(format!("{reference} lost its hold of {} points", points.redeemed));
            }
        }
    }

    /// A ticket that was used belongs to whoever used it; any other to nobody.
    fn codes_are_bound(&self, faults: &mut Vec<String>) {
        let mut owners: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (_, row) in self.recorded().filter(|(_, row)| !row.uses_given_back) {
            let Some(redemption) = &row.redemption else { continue };
            for redeemed in redemption.coupons().iter().filter(|redeemed| redeemed.coupon.as_str() == "ticket") {
                let keys = redemption.counted().iter().map(ToString::to_string).collect();
                if owners.insert(redeemed.code.to_string(), keys).is_some() {
                    faults.push(format!("{} was redeemed twice", redeemed.code));
                }
            }
        }
        for number in 0..crate::campaign::TICKETS {
            let code = ticket(number);
            let holder = self.holders.get(&code).cloned().unwrap_or_default();
            let keys = owners.get(&code).cloned().unwrap_or_default();
            let is_right = if keys.is_empty() { holder.is_empty() } else { keys.contains(&holder) };
            if !is_right {
                faults.push(format!("{code} belongs to `{holder}`, and was redeemed by {keys:?}"));
            }
        }
    }

    fn what_was_acknowledged_is_there(
        &self,
        before: &Fates,
        after: &Fates,
        now: DateTime<Utc>,
        faults: &mut Vec<String>,
    ) {
        for (reference, fate) in before {
            let row = self.rows.get(reference);
            if let Some(recorded) = &fate.recorded {
                let stands = row.filter(|row| row.state >= 2);
                if !stands.and_then(|row| row.redemption.as_ref()).is_some_and(|stored| stored.same_content(recorded)) {
                    faults.push(format!("{reference} was acknowledged and is lost: {row:?}"));
                }
                let order = self.orders.contains(reference);
                if fate.placed == Some(!order) && !(order && fate.in_doubt) {
                    faults.push(format!("{reference} has an order row: {order}, and should: {}", !order));
                }
            }
            if let (Some(back), Some(row)) = (fate.voided, row)
                && (row.state != 3 || row.uses_given_back != back)
            {
                faults.push(format!("{reference} was voided, giving back: {back}, and is {row:?}"));
            }
            let unchanged = after.get(reference).is_some_and(|after| after.held == fate.held && after.open.is_none());
            if let Some((until, held)) = fate.held.as_ref().filter(|(until, _)| unchanged && *until > now) {
                let stands = row.filter(|row| row.state == 1 && row.held_until >= nanos(*until));
                if !stands.and_then(|row| row.redemption.as_ref()).is_some_and(|stored| stored.same_content(held)) {
                    faults.push(format!("{reference} was held until {until} and is not: {row:?}"));
                }
            }
        }
    }

    fn what_is_there_was_tried(&self, after: &Fates, faults: &mut Vec<String>) {
        for (reference, row) in &self.rows {
            let Some(fate) = after.get(reference) else {
                faults.push(format!("{reference} was never tried: {row:?}"));
                continue;
            };
            let stored = row.redemption.as_ref();
            let was_tried = stored.is_some_and(|stored| fate.tried.iter().any(|tried| tried.same_content(stored)));
            if row.state > 0 && !was_tried {
                faults.push(format!("{reference} was never tried with this content: {row:?}"));
            }
            let open = matches!(fate.open, Some(Call::Commit | Call::Place));
            if row.state >= 2 && fate.recorded.is_none() && !open && !fate.in_doubt {
                faults.push(format!("{reference} was refused and is recorded"));
            }
            if row.state == 3 && !fate.void_tried {
                faults.push(format!("{reference} was never voided and is void"));
            }
        }
        for reference in &self.orders {
            if self.rows.get(reference).is_none_or(|row| row.state < 2) {
                faults.push(format!("{reference} has an order row and no redemption"));
            }
        }
    }

    /// Uses of a hot coupon: recorded, and held by live holds.
    pub fn taken(&self, coupon: &str, now: DateTime<Utc>) -> (i64, i64) {
        let cell = [coupon.to_owned(), String::new(), String::new(), "total".to_owned()];
        let parts = self.parts.iter().filter(|((_, of), (_, lapses_at))| *of == cell && *lapses_at > nanos(now));
        (self.counters.get(&cell).map_or(0, |(used, _)| *used), parts.map(|(_, (amount, _))| amount).sum())
    }

    /// How many references are recorded, void or not.
    pub fn records(&self) -> usize {
        self.recorded().count()
    }

    /// The store reports these very counters.
    pub fn compare_counters(&self, reported: &[(CounterKey, CounterState)], now: DateTime<Utc>) {
        let live = |cell: &Cell| {
            let parts = self.parts.iter().filter(|((_, of), (_, lapses_at))| of == cell && *lapses_at > nanos(now));
            parts.map(|(_, (amount, _))| *amount).sum::<i64>()
        };
        let own: BTreeMap<Cell, (i64, i64)> =
            self.counters.iter().map(|(cell, (used, _))| (cell.clone(), (*used, live(cell)))).collect();
        let told = |state: &CounterState| (state.used as i64, state.held as i64);
        let reported: BTreeMap<Cell, (i64, i64)> =
            reported.iter().map(|(key, state)| (cell_of(key), told(state))).collect();
        let raised = |counters: BTreeMap<Cell, (i64, i64)>| -> BTreeMap<Cell, (i64, i64)> {
            counters.into_iter().filter(|(_, state)| *state != (0, 0)).collect()
        };
        assert_eq!(raised(own), raised(reported));
    }

    /// References with a hold that lives at this instant.
    pub fn live_holds(&self, now: DateTime<Utc>) -> Vec<Reference> {
        let live = self.rows.values().filter(|row| row.state == 1 && row.held_until > nanos(now));
        live.filter_map(|row| Some(row.redemption.as_ref()?.reference().clone())).collect()
    }

    pub fn tally(&self, fates: &Fates, now: DateTime<Utc>) -> Tally {
        let count = |is_so: &dyn Fn(&Row) -> bool| self.rows.values().filter(|row| is_so(row)).count() as u64;
        Tally {
            acknowledged: fates.values().filter(|fate| fate.recorded.is_some()).count() as u64,
            recorded: count(&|row| row.state == 2),
            voided: count(&|row| row.state == 3),
            live_holds: count(&|row| row.state == 1 && row.held_until > nanos(now)),
            lapsed_holds: count(&|row| row.state == 1 && row.held_until <= nanos(now)),
            orders: self.orders.len() as u64,
            in_doubt: fates.values().filter(|fate| fate.in_doubt).count() as u64,
        }
    }
}

/// Everything of the shop beside it, which is to stay as it is.
pub async fn beside<D: Base>(place: &str) -> Vec<Vec<String>> {
    let mut connection = D::open(place).await.unwrap();
    let mut all = Vec::new();
    for sql in TABLES {
        let rows = D::rows_of(&mut connection, sql).await.unwrap();
        all.extend(rows.into_iter().filter(|row| row[0] == BESIDE));
    }
    all.sort();
    assert!(!all.is_empty(), "there is no shop beside it");
    all
}

const TABLES: [&str; 9] = [
    "SELECT namespace, reference, CAST(state AS TEXT), CAST(held_until AS TEXT), CAST(place AS TEXT), \
     CAST(uses_given_back AS TEXT), document FROM coupon_redemption",
    "SELECT namespace, owner, code, customer, kind, CAST(used AS TEXT), CAST(held AS TEXT) FROM coupon_counter",
    "SELECT namespace, reference, owner, code, customer, kind, CAST(amount AS TEXT), CAST(lapses_at AS TEXT) \
     FROM coupon_part",
    "SELECT namespace, reference, coupon, CAST(place AS TEXT) FROM coupon_use",
    "SELECT namespace, reference, customer, CAST(place AS TEXT) FROM coupon_history",
    "SELECT namespace, account, CAST(balance AS TEXT) FROM coupon_points",
    "SELECT namespace, account, reference, CAST(points AS TEXT), CAST(lapses_at AS TEXT) FROM coupon_points_hold",
    "SELECT namespace, reference, CAST(place AS TEXT) FROM coupon_type_change WHERE reverts = 0",
    "SELECT namespace, code, holder FROM coupon_code WHERE standing = 2",
];
