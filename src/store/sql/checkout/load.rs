//! Load.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use sqlx::Database;

use crate::coupon::{Code, Coupon};
use crate::customer::{HeldTypes, IdentityKey};
use crate::outcome::{AllowanceCounter, CounterKey, Guard, Redemption, TypeChange};
use crate::request::IssuedCode;
use crate::store::judge::in_the_way;
use crate::store::sql::admin::rows::{ISSUED, issued_code};
use crate::store::sql::{Cell, Dialect, Row, Statement};
use crate::store::{CounterState, LoadRequest, Loaded, LoadedCode, PointsBalance, Progress, StoreError, spellings};

use super::ask::{Look, Scope, json, nearest_nanos, reference_key};
use super::facts::{HELD, RECORDED, VOIDED, cell, read_coupon, read_redemption, revision};

const LOAD: Statement = Statement {
    sqlite: include_str!("../../sqlite/checkout/load.sql"),
    postgres: include_str!("../../postgres/checkout/load.sql"),
};

/// What the reference has itself: it is left out of every figure, and its terms stay.
#[derive(Default)]
struct Own {
    progress: Progress,
    redemption: Option<Arc<Redemption>>,
    /// What a record took, and when; nothing of what a void gave back.
    taken: BTreeMap<Cell, u64>,
    recorded_at: Option<DateTime<Utc>>,
    /// The last change of types before the record.
    types_before: Option<i64>,
    points_before: Option<PointsBalance>,
}

struct StoredCode {
    coupon: String,
    issued: Option<IssuedCode>,
}

struct Definition {
    current: Arc<Coupon>,
    killed_through: u32,
}

#[derive(Default)]
struct Found {
    own: Own,
    codes: BTreeMap<String, StoredCode>,
    definitions: BTreeMap<String, Definition>,
    revisions: BTreeMap<(String, u32), Arc<Coupon>>,
    counters: BTreeMap<Cell, CounterState>,
    types: Vec<(i64, TypeChange)>,
    points: PointsBalance,
}

pub(super) async fn load<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    scope: Scope<'_>,
    request: &LoadRequest,
) -> Result<Loaded, StoreError> {
    let reference = reference_key(request.reference());
    let typed: BTreeSet<Code> = request.codes().iter().flat_map(|entered| spellings(entered)).map(|(_, c)| c).collect();
    let look = |counter: &AllowanceCounter| {
        let since = counter.recorded_since(request.at()).map(nearest_nanos);
        Look { cell: counter.key().into(), since }
    };
    let looks: Vec<Look> = request.allowance_counters().iter().map(look).collect();
    let values = vec![
        scope.namespace(),
        reference.as_str().into(),
        scope.lapsed(),
        json(&typed)?.into(),
        json(request.customer_keys())?.into(),
        json(&looks)?.into(),
        request.points_account().map(ToString::to_string).into(),
    ];
    let mut found = Found::default();
    for row in &D::rows(connection, &LOAD, values).await? {
        found.add(row, scope, &reference)?;
    }
    Ok(found.loaded(request))
}

impl Found {
    fn add(&mut self, row: &Row, scope: Scope<'_>, reference: &str) -> Result<(), StoreError> {
        match row.int(0)? {
            0 => self.own = Own::read(row, scope, reference)?,
            1 => self.code(row)?,
            2 => {
                let (coupon, killed_through) = (row.text(1)?, revision(row, 9)?);
                let current = Arc::new(read_coupon(coupon, row.text(7)?)?);
                self.definitions.insert(coupon.to_owned(), Definition { current, killed_through });
            }
            3 => {
                let coupon = row.text(1)?;
                let terms = Arc::new(read_coupon(coupon, row.text(7)?)?);
                self.revisions.insert((coupon.to_owned(), revision(row, 8)?), terms);
            }
            4 => {
                let state = CounterState { used: row.figure(8)?, held: row.figure(9)? };
                self.counters.insert(cell(row)?, state);
            }
            5 => {
                let corrupt = |error| StoreError::corrupt("a change in coupon_type_change", error);
                let change = serde_json::from_str(row.text(7)?).map_err(corrupt)?;
                self.types.push((row.int(8)?, change));
            }
            6 => self.points = PointsBalance::new(row.figure(8)?, row.figure(9)?),
            other => return Err(StoreError::corrupt("what was loaded", format!("kind {other}"))),
        }
        Ok(())
    }

    fn code(&mut self, row: &Row) -> Result<(), StoreError> {
        let (code, coupon) = (row.text(1)?.to_owned(), row.text(2)?.to_owned());
        let issued = if row.int(8)? == ISSUED {
            // In the order of the columns of code.sql.
            let places = [1, 2, 8, 3, 9, 10, 11, 4, 5, 6, 7];
            Some(issued_code(&row.at(&places))?)
        } else {
            None
        };
        self.codes.insert(code, StoredCode { coupon, issued });
        Ok(())
    }

    fn loaded(mut self, request: &LoadRequest) -> Loaded {
        let codes = request.codes().iter().map(|entered| match self.find(entered) {
            None => LoadedCode::unknown(entered),
            Some((coupon, issued, pinned)) => {
                let own = self.own.redemption.as_deref().filter(|_| pinned);
                let usage = request.usage_of(&coupon, issued, |key| in_the_way(key, self.taken(key, None), own));
                let found = LoadedCode::found(entered, coupon, usage);
                match issued {
                    Some(issued) => found.with_issued(issued.clone()),
                    None => found,
                }
            }
        });
        let codes: Vec<LoadedCode> = codes.collect();
        let allowances =
            request.allowance_usage(|counter| self.taken(counter.key(), counter.recorded_since(request.at())));
        let held = self.held();
        let points = request.points_account().map(|account| self.points_of(account));
        let loaded = Loaded::new(codes, self.own.progress).with_held(held).with_allowances(allowances);
        match points {
            Some(points) => loaded.with_points(points),
            None => loaded,
        }
    }

    /// The definition that a typed text stands for, as the reference holds or recorded it, or as it is; and which of both.
    fn find(&self, entered: &str) -> Option<(Arc<Coupon>, Option<&IssuedCode>, bool)> {
        spellings(entered).find_map(|(format, code)| {
            let stored = self.codes.get(code.as_str());
            let issued = stored.and_then(|stored| stored.issued.as_ref());
            let pinned = self.own.redemption.as_deref().and_then(|own| self.pinned(own, &code, issued));
            let pinned = pinned.map(|(terms, issued)| (terms, issued, true));
            let current = || Some((&self.definitions.get(&stored?.coupon)?.current, issued, false));
            let (coupon, issued, pinned) = pinned.or_else(current)?;
            (coupon.code_format() == format).then(|| (coupon.clone(), issued, pinned))
        })
    }

    fn pinned<'f>(
        &'f self,
        own: &Redemption,
        code: &Code,
        issued: Option<&'f IssuedCode>,
    ) -> Option<(&'f Arc<Coupon>, Option<&'f IssuedCode>)> {
        let redeemed = own.coupons().iter().find(|redeemed| redeemed.code == *code)?;
        let definition = self.definitions.get(redeemed.coupon.as_str())?;
        if redeemed.revision <= definition.killed_through {
            return None;
        }
        let terms = if definition.current.revision() == redeemed.revision {
            &definition.current
        } else {
            self.revisions.get(&(redeemed.coupon.to_string(), redeemed.revision))?
        };
        let live = |guard: &Guard| matches!(guard, Guard::CodeLive { code: of, .. } if of == code);
        Some((terms, issued.filter(|_| own.guards().iter().any(live))))
    }

    /// What others have taken of a counter: recorded from an instant on, or ever, and held.
    fn taken(&self, key: &CounterKey, since: Option<DateTime<Utc>>) -> u64 {
        let cell = key.into();
        let Some(state) = self.counters.get(&cell) else { return 0 };
        let counts = since.is_none_or(|since| self.own.recorded_at.is_some_and(|at| at >= since));
        let own = self.own.taken.get(&cell).copied().filter(|_| counts).unwrap_or(0);
        state.used.saturating_sub(own).saturating_add(state.held)
    }

    /// What the customer holds after all changes, or after those before the record: a repeat from the very start comes to
    /// the same content.
    fn held(&mut self) -> HeldTypes {
        self.types.sort_by_key(|(place, _)| *place);
        let before = self.own.types_before;
        let changes = self.types.iter().filter(|(place, _)| before.is_none_or(|before| *place <= before));
        let (mut held, mut revision) = (HeldTypes::default(), 0_u64);
        for (_, change) in changes {
            held.apply(change);
            revision = revision.saturating_add(1);
        }
        held.with_revision(revision)
    }

    fn points_of(&self, account: &IdentityKey) -> PointsBalance {
        let own = self.own.redemption.as_ref().and_then(|own| own.points());
        let before = self.own.points_before.filter(|_| own.is_some_and(|points| points.account == *account));
        before.unwrap_or(self.points)
    }
}

impl Own {
    fn read(row: &Row, scope: Scope<'_>, reference: &str) -> Result<Self, StoreError> {
        let state = row.int(8)?;
        match state {
            HELD => {
                let until = row.instant(9)?;
                if !scope.grace.is_live(until, scope.at) {
                    return Ok(Self::default());
                }
                let redemption = Some(Arc::new(read_redemption(reference, row.text(7)?)?));
                Ok(Self { progress: Progress::Held { until }, redemption, ..Self::default() })
            }
            RECORDED | VOIDED => Self::read_record(row, reference, state == VOIDED),
            _ => Ok(Self::default()),
        }
    }

    fn read_record(row: &Row, reference: &str, voided: bool) -> Result<Self, StoreError> {
        let redemption = Arc::new(read_redemption(reference, row.text(7)?)?);
        let corrupt = |error| StoreError::corrupt(format!("taken_besides of `{reference}`"), error);
        let besides: Option<Vec<(CounterKey, u64)>> =
            row.maybe_text(1)?.map(serde_json::from_str).transpose().map_err(corrupt)?;
        let (uses_back, allowances_back) = (row.int(14)? != 0, row.int(15)? != 0);
        let gave_back = |key: &CounterKey| if key.allowance().is_some() { allowances_back } else { uses_back };
        let deltas = redemption.deltas().iter().map(|delta| (delta.key().clone(), delta.by()));
        let taken = deltas.chain(besides.into_iter().flatten()).filter(|(key, _)| !gave_back(key));
        let taken = taken.map(|(key, by)| (Cell::from(&key), by)).collect();
        let recorded_at = row.maybe_instant(10)?;
        if voided {
            return Ok(Self { progress: Progress::Voided, taken, recorded_at, ..Self::default() });
        }
        let points_before = match (row.maybe_int(12)?, row.maybe_int(13)?) {
            (Some(_), Some(_)) => Some(PointsBalance::new(row.figure(12)?, row.figure(13)?)),
            _ => None,
        };
        Ok(Self {
            progress: Progress::Recorded(redemption.clone()),
            redemption: Some(redemption),
            taken,
            recorded_at,
            types_before: row.maybe_int(11)?,
            points_before,
        })
    }
}
