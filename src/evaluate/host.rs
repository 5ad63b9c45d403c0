//! Amounts that the host computed. The engine still caps, allocates and taxes them.

use crate::coupon::HostAmounts;
use crate::money::Money;
use crate::shop::Prepared;

use super::benefit::{Turn, gather, settle, sum};
use super::pass::Pass;
use super::service;
use super::units::Take;

pub(super) fn apply(pass: &mut Pass<'_>, index: u32, prepared: &Prepared, benefit: usize, amounts: &HostAmounts) {
    let Some(supplied) = pass.presented(index).and_then(|p| p.host_amounts) else { return };
    let turn = Turn { index, prepared, benefit, target: amounts.target() };
    gather(pass, turn, false);
    service::narrow(pass, prepared);
    let order = pass.order;
    // By slot, as gains are, so that the cost follows the lines.
    let slot_of = |id| order.slot_of(id).and_then(|slot| u32::try_from(slot).ok());
    let mut by_slot: Vec<(u32, i64)> =
        supplied.iter().filter_map(|(id, amount)| Some((slot_of(*id)?, amount.minor()))).collect();
    by_slot.sort_unstable();
    for gain in &mut pass.s.gains {
        let found = by_slot.binary_search_by_key(&gain.slot, |(slot, _)| *slot);
        let amount = found.ok().and_then(|at| by_slot.get(at)).map_or(0, |(_, amount)| *amount);
        gain.want = amount.min(gain.room);
        gain.take = gain.want;
    }
    // Amounts for lines that the coupon does not cover, or above what a line has, are lost.
    // Those for refused lines are as if they had not been supplied: what is lost is shown, and a product that the customer
    // must not see has no amount.
    let cell = |id| order.slot_of(id).and_then(|slot| pass.s.cells.get(slot));
    let meant = supplied.iter().filter(|(id, _)| cell(*id).is_some_and(|cell| cell.refusal.is_none()));
    let all = meant.fold(0_i128, |sum, (_, amount)| sum.saturating_add(i128::from(Money::minor(*amount))));
    let lost = all.saturating_sub(i128::from(sum(&pass.s.gains, |g| g.take)));
    settle(pass, turn, amounts.max(), i64::try_from(lost).unwrap_or(i64::MAX), Take::Proportional);
}
