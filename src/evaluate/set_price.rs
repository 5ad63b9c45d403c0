//! A price instead of the usual one, where it is lower.

use crate::coupon::{Level, SetPrice, Split};
use crate::money::{Quantity, Rounding, UnitPrice};
use crate::shop::Prepared;

use super::amount::{once, over_units};
use super::benefit::{Turn, gather, settle_as, sum};
use super::pass::{Gain, Pass};
use super::service;
use super::units::Take;

pub(super) fn apply(pass: &mut Pass<'_>, index: u32, prepared: &Prepared, benefit: usize, set: &SetPrice) {
    let Some(price) = set.price().in_currency(pass.currency) else { return };
    let turn = Turn { index, prepared, benefit, target: set.target() };
    gather(pass, turn, false);
    let mut hows = std::mem::take(&mut pass.s.hows);
    hows.clear();
    hows.reserve(pass.s.gains.len());
    // What a price does not lower is not lost; what the depth of all codes withholds of it is.
    let limited = pass.depth.is_some();
    let mut lost = 0_i64;
    match prepared.coupon().level() {
        Level::Order => {
            let one = price.extended_minor(Quantity::ONE, pass.currency, Rounding::HalfUp).unwrap_or(i64::MAX);
            let over = sum(&pass.s.gains, |g| g.left).saturating_sub(one).max(0);
            once(pass, over, Split::Proportional);
            if limited && !prepared.inner().facts.service {
                let open = pass.s.gains.iter().fold(0_i64, |sum, gain| sum.saturating_add(above_floor(pass, gain)));
                lost = over.min(open).saturating_sub(sum(&pass.s.gains, |g| g.take));
            }
        }
        Level::Line => {
            let whole_minor =
                price.to_minor_floor(pass.currency).filter(|f| price.to_minor_ceil(pass.currency) == Some(*f));
            let mut gains = std::mem::take(&mut pass.s.gains);
            for gain in &mut gains {
                // What is measured is one piece, whose price is not that of one unit of measure.
                let each = whole_minor.filter(|_| !is_measured(pass, gain)).map(Take::To);
                gain.want = match each {
                    Some(to) => over_units(pass, gain, |run, floor| to.given(run, floor)),
                    None => gain.left.saturating_sub(extended(pass, gain, price)).max(0),
                };
                if limited {
                    gain.want = gain.want.min(above_floor(pass, gain));
                }
                gain.take = gain.want.min(gain.room);
                hows.push(each.unwrap_or(Take::Proportional));
            }
            pass.s.gains = gains;
        }
    }
    service::narrow_wants(pass, prepared);
    if limited && prepared.coupon().level() == Level::Line {
        lost = sum(&pass.s.gains, |g| g.want.saturating_sub(g.take));
    }
    settle_as(pass, turn, set.cap(), lost, &hows);
    pass.s.hows = hows;
}

/// What the floors of the picked units leave to be taken.
fn above_floor(pass: &Pass<'_>, gain: &Gain) -> i64 {
    over_units(pass, gain, |run, floor| run.left.saturating_sub(floor).max(0))
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
