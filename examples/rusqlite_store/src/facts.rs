//! What the rules of a commit ask of the rows: read first, all of it, so that no question can fail in the middle.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use vouchsafe::store::rules::{CodeFact, DefinitionFact, Facts};
use vouchsafe::{
    Code, CounterKey, CounterState, CouponId, Delta, Guard, IdentityKey, IssuedCode, PointsBalance, Redemption,
};

use crate::counters::owner;
use crate::step::{Failure, Rows};

/// The facts of one redemption at an instant.
#[derive(Debug)]
pub(crate) struct Found {
    definitions: BTreeMap<CouponId, DefinitionFact>,
    own_hold: Option<Redemption>,
    own_parts: BTreeMap<CounterKey, u64>,
    issued: BTreeMap<Code, (CouponId, IssuedCode)>,
    types_revision: u64,
    taken: BTreeMap<CounterKey, CounterState>,
    points: PointsBalance,
}

impl Found {
    pub(crate) fn by(rows: &Rows<'_>, redemption: &Redemption, at: DateTime<Utc>) -> Result<Self, Failure> {
        let reference = owner(redemption.reference())?;
        let own_hold = rows.live_hold(redemption.reference(), at)?.map(|hold| hold.redemption);
        let own_parts = match own_hold {
            Some(_) => rows.parts(&reference)?.into_iter().collect(),
            None => BTreeMap::new(),
        };

        // Definitions that it was priced with, and those that its hold pins.
        let mut coupons: BTreeSet<&CouponId> = own_hold.iter().flat_map(|h| h.coupons()).map(|r| &r.coupon).collect();
        let mut issued = BTreeMap::new();
        for guard in redemption.guards() {
            match guard {
                Guard::Revision { coupon, .. } => {
                    coupons.insert(coupon);
                }
                Guard::CodeLive { code, .. } => {
                    let entry = rows.code(code)?;
                    let entry = entry.and_then(|entry| Some((entry.coupon.clone(), entry.issued()?.clone())));
                    issued.extend(entry.map(|entry| (code.clone(), entry)));
                }
                Guard::Window { .. } | Guard::Allowance { .. } | Guard::Types { .. } | Guard::Seen { .. } => {}
            }
        }
        let mut definitions = BTreeMap::new();
        for coupon in coupons {
            let Some(definition) = rows.definition(coupon)? else { continue };
            let fact = DefinitionFact {
                revision: definition.current.revision(),
                status: definition.current.status(),
                killed_through: definition.killed_through,
            };
            definitions.insert(coupon.clone(), fact);
        }

        let mut taken = BTreeMap::new();
        for delta in redemption.deltas() {
            let others = rows.taken(delta.key(), &reference, at, delta.recorded_since(at))?;
            taken.insert(delta.key().clone(), others);
        }
        let points = match redemption.points() {
            Some(points) => rows.points(&points.account, &reference, at)?,
            None => PointsBalance::default(),
        };
        let types_revision = rows.types(redemption.counted(), None)?.revision().unwrap_or(0);
        Ok(Self { definitions, own_hold, own_parts, issued, types_revision, taken, points })
    }
}

impl Facts for Found {
    fn definition(&self, coupon: &CouponId) -> Option<DefinitionFact> {
        self.definitions.get(coupon).copied()
    }

    fn own_hold(&self) -> Option<&Redemption> {
        self.own_hold.as_ref()
    }

    fn issued(&self, coupon: &CouponId, code: &Code) -> Option<CodeFact<'_>> {
        let (of, issued) = self.issued.get(code)?;
        (of == coupon).then(|| CodeFact { revoked: issued.is_revoked(), holder: issued.holder() })
    }

    fn types_revision(&self) -> u64 {
        self.types_revision
    }

    fn taken(&self, delta: &Delta) -> CounterState {
        self.taken.get(delta.key()).copied().unwrap_or_default()
    }

    fn held(&self, delta: &Delta) -> u64 {
        self.own_parts.get(delta.key()).copied().unwrap_or(0)
    }

    fn points(&self, _: &IdentityKey) -> PointsBalance {
        self.points
    }
}
