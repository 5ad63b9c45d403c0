//! Pairs of coupons that take more together than the merchant meant.

use crate::calendar::Window;
use crate::coupon::{Benefit, Combination, Coupon, Exclusive, PercentBase, Scope, Status};
use crate::money::Percent;

use super::{Found, LintOptions, WarningKind, never};

/// Fractions are whole numbers of this; two percentages with three decimals are exact.
const WHOLE: u128 = 10_000_000_000;

/// What the percentages of a coupon leave of a line that all of them cover.
struct Depth {
    left: u128,
    /// Whether it takes a part of the original price, whatever others took before.
    additive: bool,
}

/// Warns of pairs that may stand on one order; at the one with the smaller id.
pub(super) fn pairs(coupons: &[&Coupon], most: Percent, options: &LintOptions, found: &mut Found) {
    if options.max_codes.is_some_and(|codes| codes < 2) {
        return;
    }
    let mut last: Option<&Coupon> = None;
    let mut deep: Vec<(&Coupon, Depth, Window)> = Vec::new();
    for coupon in coupons.iter().copied().filter(|coupon| coupon.status() == Status::Active) {
        // Of several documents with one id, one will be in use.
        if last.is_some_and(|last| last.id() == coupon.id()) {
            continue;
        }
        last = Some(coupon);
        if coupon.combination().exclusive() == Exclusive::Order {
            continue;
        }
        if let (Some(depth), Ok(window)) = (depth(coupon), coupon.validity().window_in(&options.zone)) {
            deep.push((coupon, depth, window));
        }
    }
    for (place, (a, depth_a, window_a)) in deep.iter().enumerate() {
        found.of(a);
        for (b, depth_b, window_b) in deep.iter().skip(place) {
            let itself = a.id() == b.id();
            if (itself && !a.combination().several_codes())
                || window_a.intersect(window_b).is_none()
                || disjoint(a.scope(), b.scope())
                || never::never_together(a, b)
                || shut_out(a, b)
            {
                continue;
            }
            let taken = together(depth_a, depth_b);
            if taken > u128::from(most.thousandths()).saturating_mul(WHOLE / 100_000) {
                let thousandths = u32::try_from(taken.div_ceil(WHOLE / 100_000)).unwrap_or(100_000);
                found.warn("combination", WarningKind::Stacks { with: b.id().clone(), thousandths });
            }
        }
    }
}

fn depth(coupon: &Coupon) -> Option<Depth> {
    let mut of = None;
    for benefit in coupon.benefits() {
        let Benefit::Percent(percent) = benefit else { continue };
        if percent.off().is_zero() {
            continue;
        }
        let depth = of.get_or_insert(Depth { left: WHOLE, additive: false });
        depth.additive |= percent.base() == PercentBase::Original;
        let kept = u128::from(Percent::HUNDRED.thousandths().saturating_sub(percent.off().thousandths()));
        depth.left = depth.left.saturating_mul(kept) / 100_000;
    }
    of
}

/// What two coupons take of a line together, in the worst order.
fn together(a: &Depth, b: &Depth) -> u128 {
    let taken = |depth: &Depth| WHOLE.saturating_sub(depth.left);
    if a.additive || b.additive {
        taken(a).saturating_add(taken(b)).min(WHOLE)
    } else {
        WHOLE.saturating_sub(a.left.saturating_mul(b.left) / WHOLE)
    }
}

/// Whether two coupons say themselves that they do not stand together: a group, tags, or a stop of the first by rank.
fn shut_out(a: &Coupon, b: &Coupon) -> bool {
    let (of_a, of_b) = (a.combination(), b.combination());
    let refuses = |one: &Combination, other: &Combination| one.not_with().iter().any(|tag| other.tags().contains(tag));
    let rank = |coupon: &Coupon| (std::cmp::Reverse(coupon.priority()), coupon.id().clone());
    let first = if rank(a) <= rank(b) { of_a } else { of_b };
    (of_a.group().is_some() && of_a.group() == of_b.group())
        || refuses(of_a, of_b)
        || refuses(of_b, of_a)
        || first.stops()
}

/// Whether no product is in both scopes, as far as the scopes themselves say: lists of products.
fn disjoint(a: &Scope, b: &Scope) -> bool {
    match (a, b) {
        (Scope::Products(a), Scope::Products(b)) => a.iter().all(|product| !b.contains(product)),
        (Scope::All(group), other) | (other, Scope::All(group)) => group.members().iter().any(|m| disjoint(m, other)),
        (Scope::Any(group), other) | (other, Scope::Any(group)) => group.members().iter().all(|m| disjoint(m, other)),
        (Scope::Not(negated), other) | (other, Scope::Not(negated)) => negated.inner() == other,
        _ => false,
    }
}
