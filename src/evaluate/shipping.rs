//! Shipping free or cheaper. Acts on the shipping charges, whatever lines the coupon covers.

use crate::coupon::{Amounts, Benefit, ShippingOff, ShippingValue, Split, Target};
use crate::key::ShippingMethodId;
use crate::money::Money;
use crate::order::{Charge, ChargeKind};
use crate::shop::Prepared;

use super::amount::{each_line, once};
use super::benefit::{Turn, settle, sum};
use super::offers;
use super::pass::{Gain, Pass};
use super::units::Take;

/// Whether a list of methods covers a charge. A list that is absent covers all, an empty one none.
pub(super) fn covers(methods: Option<&[ShippingMethodId]>, method: Option<&ShippingMethodId>) -> bool {
    methods.is_none_or(|list| method.is_some_and(|m| list.contains(m)))
}

/// Whether a benefit acts on a charge: shipping, where it is for its method or includes shipping. A code entered on a line
/// stays on that line, but for what it says of shipping itself.
pub(super) fn acts_on(benefit: &Benefit, charge: &Charge, on_line: bool) -> bool {
    let ChargeKind::Shipping { method } = charge.kind() else { return false };
    match benefit {
        Benefit::Shipping(shipping) => covers(shipping.methods(), method.as_ref()),
        Benefit::Percent(percent) => percent.include_shipping() && !on_line,
        Benefit::Amount(amount) => amount.include_shipping() && !on_line,
        _ => false,
    }
}

/// Whether a coupon would touch a charge.
pub(super) fn touched_by(prepared: &Prepared, charge: &Charge, on_line: bool) -> bool {
    prepared.coupon().benefits().iter().any(|benefit| acts_on(benefit, charge, on_line))
}

pub(super) fn apply(pass: &mut Pass<'_>, index: u32, benefit: usize, off: &ShippingOff) {
    let Some(prepared) = pass.prepared(index) else { return };
    let lines = pass.order.lines().len();
    let mut gains = std::mem::take(&mut pass.s.gains);
    gains.clear();
    for (i, charge) in pass.order.charges().iter().enumerate() {
        let ChargeKind::Shipping { method } = charge.kind() else { continue };
        let slot = i.saturating_add(lines);
        let (Some(cell), Ok(position)) = (pass.s.cells.get(slot), u32::try_from(slot)) else { continue };
        if covers(off.methods(), method.as_ref())
            && !offers::is_given(pass, index, slot)
            && !pass.is_kept_from(index, cell)
        {
            let original = if cell.dropped { cell.base } else { cell.after };
            gains.push(Gain { slot: position, units: 1, left: cell.left, original, room: cell.left, want: 0, take: 0 });
        }
    }
    pass.s.gains = gains;
    let rounding = pass.policy.rounding().discount;
    let minor = |amounts: &Amounts| amounts.in_currency(pass.currency).map(Money::minor);
    let mut lost = 0;
    match off.value() {
        ShippingValue::Free => each(&mut pass.s.gains, |left| left),
        ShippingValue::Percent(percent) => each(&mut pass.s.gains, |left| percent.of_minor(left, rounding)),
        ShippingValue::ToPrice(price) => {
            let price = minor(price).unwrap_or(i64::MAX);
            if off.each_shipment() {
                each(&mut pass.s.gains, |left| left.saturating_sub(price).max(0));
            } else {
                let above = sum(&pass.s.gains, |g| g.left).saturating_sub(price).max(0);
                lost = once(pass, above, Split::Proportional);
            }
        }
        ShippingValue::Amount(amounts) => {
            let amount = minor(amounts).unwrap_or(0);
            lost = if off.each_shipment() { each_line(pass, amount) } else { once(pass, amount, Split::Proportional) };
        }
    }
    let target = Target::default();
    settle(pass, Turn { index, prepared, benefit, target: &target }, off.cap(), lost, Take::Proportional);
}

fn each(gains: &mut [Gain], take: impl Fn(i64) -> i64) {
    for gain in gains {
        gain.want = take(gain.left).min(gain.room);
        gain.take = gain.want;
    }
}
