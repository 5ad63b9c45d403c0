//! A price instead of the usual one, where it is lower.

use crate::coupon::{Level, SetPrice, Split};
use crate::money::{Quantity, Rounding, UnitPrice};
use crate::shop::Prepared;

use super::amount::{once, over_units};
use super::benefit::{Turn, gather, settle, sum};
use super::pass::{Gain, Pass};
use super::service;
use super::units::Take;

pub(super) fn apply(pass: &mut Pass<'_>, index: u32, prepared: &Prepared, benefit: usize, set: &SetPrice) {
    let Some(price) = set.price().in_currency(pass.currency) else { return };
    let turn = Turn { index, prepared, benefit, target: set.target() };
    gather(pass, turn, false);
    let mut how = Take::Proportional;
    match prepared.coupon().level() {
        Level::Order => {
            let one = price.extended_minor(Quantity::ONE, pass.currency, Rounding::HalfUp).unwrap_or(i64::MAX);
            let over = sum(&pass.s.gains, |g| g.left).saturating_sub(one).max(0);
            once(pass, over, Split::Proportional);
        }
        Level::Line => {
            let whole_minor =
                price.to_minor_floor(pass.currency).filter(|f| price.to_minor_ceil(pass.currency) == Some(*f));
            let mut gains = std::mem::take(&mut pass.s.gains);
            for gain in &mut gains {
                gain.want = match whole_minor {
                    Some(minor) if !is_measured(pass, gain) => {
                        over_units(pass, gain, |run, floor| Take::To(minor).given(run, floor))
                    }
                    _ => gain.left.saturating_sub(extended(pass, gain, price)).max(0),
                };
                gain.take = gain.want.min(gain.room);
            }
            pass.s.gains = gains;
            if let Some(minor) = whole_minor {
                how = Take::To(minor);
            }
        }
    }
    service::narrow_wants(pass, prepared);
    settle(pass, turn, set.cap(), 0, how);
}

fn is_measured(pass: &Pass<'_>, gain: &Gain) -> bool {
    quantity(pass, gain).is_some_and(|q| q.is_measured())
}

fn quantity(pass: &Pass<'_>, gain: &Gain) -> Option<Quantity> {
    pass.order.lines().get(usize::try_from(gain.slot).ok()?).map(|l| l.quantity())
}

/// What the picked units cost at the new price, rounded once.
fn extended(pass: &Pass<'_>, gain: &Gain, price: UnitPrice) -> i64 {
    let quantity = match quantity(pass, gain) {
        Some(whole) if whole.is_measured() => Some(whole),
        _ => Quantity::pieces(u64::from(gain.units)).ok(),
    };
    quantity
        .and_then(|q| price.extended_minor(q, pass.currency, Rounding::HalfUp))
        // A price beyond exact arithmetic is above any other.
        .unwrap_or(i64::MAX)
}
