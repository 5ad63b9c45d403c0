//! Who says no: the rules of a commit and of a reservation, the same for every store of ours.

use chrono::{DateTime, Utc};

use crate::coupon::{Code, Coupon, Status};
use crate::customer::IdentityKey;
use crate::key::CouponId;
use crate::outcome::{CounterKey, Delta, Guard, Redeemed, Redemption};

use super::{CounterState, Grace, Objection, PointsBalance, Revised};

/// A definition as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DefinitionFact {
    pub(super) revision: u32,
    pub(super) status: Status,
    /// Holds on revisions up to this one are worth nothing.
    pub(super) killed_through: u32,
}

/// An issued code as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CodeFact<'a> {
    pub(super) revoked: bool,
    pub(super) holder: Option<&'a IdentityKey>,
}

/// What the rules ask of what is stored, by the instant at which they judge.
pub(super) trait Facts {
    fn definition(&self, coupon: &CouponId) -> Option<DefinitionFact>;

    /// What the reference itself holds, as long as that lives.
    fn own_hold(&self) -> Option<&Redemption>;

    /// A code that was handed out under this definition.
    fn issued(&self, coupon: &CouponId, code: &Code) -> Option<CodeFact<'_>>;

    /// The revision of the types that are stored under the keys that count.
    fn types_revision(&self) -> u64;

    /// What others have taken of a counter.
    fn taken(&self, delta: &Delta) -> CounterState;

    /// What the reference's own live hold has of a counter.
    fn held(&self, delta: &Delta) -> u64;

    /// An account of points, with what others hold of it.
    fn points(&self, account: &IdentityKey) -> PointsBalance;
}

/// What stands before a redemption.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    pub(super) stale: Vec<Revised>,
    pub(super) objections: Vec<Objection>,
}

/// What the verdict comes to.
#[derive(Debug)]
pub(super) enum Judged {
    Fits,
    Stale(Vec<Revised>),
    Refused(Vec<Objection>),
}

/// Asks every guard and every counter. Nothing is changed.
pub(super) fn judge(redemption: &Redemption, (at, grace): (DateTime<Utc>, Grace), facts: &impl Facts) -> Judged {
    let mut verdict = Verdict::default();
    for guard in redemption.guards() {
        match guard {
            Guard::Revision { coupon, revision } => definition_stands(coupon, *revision, facts, &mut verdict),
            Guard::CodeLive { coupon, code } => {
                verdict.objections.extend(code_lives(coupon, code, redemption, facts));
            }
            Guard::Types { revision } => {
                let (priced, current) = (*revision, facts.types_revision());
                if priced != current {
                    verdict.objections.push(Objection::TypesChanged { priced, current });
                }
            }
            Guard::Window { .. } | Guard::Allowance { .. } | Guard::Seen { .. } => {}
        }
    }
    verdict.objections.extend(redemption.objections_within(at, grace));
    let wanted = redemption.deltas().iter().filter(|delta| !is_held(delta, facts));
    verdict.objections.extend(wanted.filter_map(|delta| no_room(delta, facts.taken(delta))));
    verdict.objections.extend(too_few_points(redemption, facts));
    match verdict {
        Verdict { stale, .. } if !stale.is_empty() => Judged::Stale(stale),
        Verdict { objections, .. } if !objections.is_empty() => Judged::Refused(objections),
        Verdict { .. } => Judged::Fits,
    }
}

/// Whether the reference holds what it takes of a counter: nobody could have taken it, whatever the limit was when others
/// took more. It must have asked for it when it was held, since what later limits count besides was never given room; and a
/// hold on terms that were killed is worth nothing.
fn is_held(delta: &Delta, facts: &impl Facts) -> bool {
    let Some(hold) = facts.own_hold() else { return false };
    let asked = hold.deltas().iter().any(|held| held.key() == delta.key() && held.by() >= delta.by());
    let stands = |held: &Redeemed| {
        facts.definition(&held.coupon).is_some_and(|definition| held.revision > definition.killed_through)
    };
    let of_counter = |held: &&Redeemed| delta.key().coupon().is_none_or(|coupon| held.coupon == *coupon);
    let mut pinned = hold.coupons().iter().filter(of_counter);
    let stands = delta.key().allowance().is_some() || pinned.any(stands);
    asked && stands && facts.held(delta) >= delta.by()
}

/// What speaks against raising a counter of which others have taken this much.
pub(super) fn no_room(delta: &Delta, taken: CounterState) -> Option<Objection> {
    let (counter, wanted, limit) = (delta.key(), delta.by(), delta.limit());
    let CounterState { used, held } = taken;
    let after = used.checked_add(held).and_then(|taken| taken.checked_add(wanted));
    let full = after.is_none_or(|after| after > limit);
    full.then(|| Objection::LimitReached { counter: counter.clone(), limit, used, held, wanted })
}

/// A live hold pins the revision it was made with, unless that was killed. Otherwise the definition must be active, and
/// be the one that was priced.
fn definition_stands(coupon: &CouponId, priced: u32, facts: &impl Facts, verdict: &mut Verdict) {
    let coupon = coupon.clone();
    let Some(definition) = facts.definition(&coupon) else {
        verdict.objections.push(Objection::UnknownCoupon { coupon });
        return;
    };
    let held = facts
        .own_hold()
        .is_some_and(|hold| hold.coupons().iter().any(|held| held.coupon == coupon && held.revision == priced));
    if held && priced > definition.killed_through {
        return;
    }
    let current = definition.revision;
    if definition.status != Status::Active {
        let killed = definition.killed_through >= current;
        let objection = if killed { Objection::Killed { coupon } } else { Objection::NotActive { coupon } };
        verdict.objections.push(objection);
    } else if current != priced {
        verdict.stale.push(Revised { coupon, priced, current });
    }
}

fn code_lives(coupon: &CouponId, code: &Code, redemption: &Redemption, facts: &impl Facts) -> Option<Objection> {
    let issued = facts.issued(coupon, code);
    let (coupon, code) = (coupon.clone(), code.clone());
    let Some(issued) = issued else { return Some(Objection::UnknownCode { coupon, code }) };
    if issued.revoked {
        return Some(Objection::CodeRevoked { coupon, code });
    }
    let others = issued.holder.is_some_and(|holder| !redemption.customer().contains(holder));
    others.then_some(Objection::WrongCustomer { coupon, code })
}

/// What speaks against taking the points that a redemption uses.
fn too_few_points(redemption: &Redemption, facts: &impl Facts) -> Option<Objection> {
    let points = redemption.points().filter(|points| points.redeemed > 0)?;
    points_short(&points.account, points.redeemed, facts.points(&points.account))
}

/// What speaks against taking so many points from an account.
pub(super) fn points_short(account: &IdentityKey, wanted: u64, state: PointsBalance) -> Option<Objection> {
    let (account, balance, held) = (account.clone(), state.balance(), state.held());
    (state.available() < wanted).then_some(Objection::PointsShort { account, balance, held, wanted })
}

/// What others have taken of a counter, as far as it is in the way of what the reference holds or has recorded itself under
/// these very terms: a limit that was raised since lets others take more than the terms leave that were pinned.
pub(super) fn in_the_way(key: &CounterKey, taken: u64, pinned: Option<&Redemption>) -> u64 {
    let delta = pinned.and_then(|own| own.deltas().iter().find(|delta| delta.key() == key));
    delta.map_or(taken, |delta| taken.min(delta.limit().saturating_sub(delta.by())))
}

/// What a redemption would have raised under these terms, and has not: limits that were added since it was priced.
pub(super) fn missing(redemption: &Redemption, taken: &[(CounterKey, u64)], terms: &Coupon) -> Vec<(CounterKey, u64)> {
    let deltas = redemption.deltas_under(terms).into_iter();
    deltas.map(|delta| (delta.key, delta.by)).filter(|(key, _)| taken.iter().all(|(k, _)| k != key)).collect()
}
