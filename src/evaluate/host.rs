//! Amounts that the host computed. The engine still caps, allocates and taxes them.

use crate::coupon::HostAmounts;
use crate::money::Money;
use crate::shop::Prepared;

use super::benefit::{Turn, gather, settle, sum};
use super::pass::Pass;
use super::units::Take;

pub(super) fn apply(pass: &mut Pass<'_>, index: u32, prepared: &Prepared, benefit: usize, amounts: &HostAmounts) {
    let Some(supplied) = pass.presented(index).and_then(|p| p.host_amounts) else { return };
    let turn = Turn { index, prepared, benefit, target: amounts.target() };
    gather(pass, turn, false);
    let order = pass.order;
    for gain in &mut pass.s.gains {
        let line = usize::try_from(gain.slot).ok().and_then(|i| order.slots().get(i)).map(|s| s.id);
        let amount = supplied.iter().find(|(id, _)| Some(*id) == line).map_or(0, |(_, m)| m.minor());
        gain.want = amount.min(gain.room);
        gain.take = gain.want;
    }
    // Amounts for lines that the coupon does not cover, or above what a line has, are lost.
    let all = supplied.iter().fold(0_i64, |sum, (_, amount)| sum.saturating_add(Money::minor(*amount)));
    let lost = all.saturating_sub(sum(&pass.s.gains, |g| g.take));
    settle(pass, turn, amounts.max(), lost, Take::Proportional);
}
