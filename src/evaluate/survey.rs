//! What a search over codes knows before it prices any of them: the snapshot, and what each code could touch on it, each
//! judged as if it were the only one.

use crate::coupon::Benefit;
use crate::error::Error;
use crate::request::Request;
use crate::shop::Shop;

use super::allowances::{self, Plan};
use super::benefit::acts_on;
use super::pass::{Pass, Scratch, State};
use super::{begin, recognise, shipping, to_the_snapshot};

/// The snapshot of an order with a wallet of codes.
#[derive(Debug)]
pub(crate) struct Survey {
    pub(crate) grounds: Vec<Ground>,
    pub(crate) codes: Vec<Surveyed>,
}

/// What a slot can stand at where codes begin. Amounts in minor units, of the whole line; a refused line has none.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ground {
    pub(crate) lowest: i64,
    /// With the shop's discounts dropped, or at the list price, where a code of the wallet does that.
    pub(crate) highest: i64,
    /// Before the shop's discounts: what the seller has of it at most, since third parties may pay for discounts.
    pub(crate) priced: i64,
    pub(crate) units: u32,
    /// The tax class, as a position among those of the order.
    pub(crate) class: u32,
}

/// One code of the wallet.
#[derive(Debug)]
pub(crate) struct Surveyed {
    /// Refused on the snapshot, whatever stands beside it.
    pub(crate) refused: bool,
    /// Its money is refused.
    pub(crate) money_off: bool,
    /// It only waits for shipping.
    pub(crate) waiting: bool,
    /// Whether it may act hangs on what others leave: a condition on what remains, prices that it overrides, discounts that
    /// it does not combine with.
    pub(crate) wavering: bool,
    pub(crate) line: Option<u32>,
    pub(crate) budget_left: Option<i64>,
    pub(crate) units_left: Option<u64>,
    /// For each benefit the slots that it may act on.
    pub(crate) touched: Vec<Vec<u32>>,
}

/// Judges a wallet on the snapshot. Codes that change the customer's types before pricing do so, so of those the wallet
/// should only hold what is to be used together.
pub(crate) fn survey(shop: &Shop, request: &Request<'_>, scratch: &mut Scratch) -> Result<Survey, Error> {
    let plan = {
        let mut pass = begin(shop, request, scratch, Plan::default(), recognise::each)?;
        allowances::of_lines(&mut pass);
        if !pass.plan.is_sold_short() {
            return look(pass);
        }
        pass.plan
    };
    let order = request.order.granting(&plan.granted(), shop.policy().rounding().discount)?;
    let granted = Request { order: &order, ..request.clone() };
    let mut pass = begin(shop, &granted, scratch, plan, recognise::each)?;
    allowances::apply(&mut pass);
    look(pass)
}

fn look(mut pass: Pass<'_>) -> Result<Survey, Error> {
    to_the_snapshot(&mut pass)?;
    let drops = pass.s.candidates.iter().any(|c| c.state != State::Refused && c.drops.is_some());
    let overrides = pass.s.candidates.iter().any(|c| c.state != State::Refused && c.overrides);
    let ground = |(slot, cell): (&crate::order::Slot, &super::pass::Cell)| {
        let at_list = Some(slot.list).filter(|_| overrides);
        let before = Some(cell.base).filter(|_| drops || overrides);
        let ground = Ground {
            lowest: at_list.map_or(cell.after, |list| list.min(cell.after)),
            highest: at_list.unwrap_or(0).max(before.unwrap_or(0)).max(cell.after),
            priced: at_list.unwrap_or(0).max(cell.base),
            units: slot.units,
            class: slot.class,
        };
        if cell.refusal.is_some() { Ground { lowest: 0, highest: 0, priced: 0, ..ground } } else { ground }
    };
    let grounds = pass.order.slots().iter().zip(&pass.s.cells).map(ground).collect();
    let codes = (0_u32..).zip(&pass.s.candidates).map(|(index, candidate)| Surveyed {
        refused: candidate.state == State::Refused,
        money_off: candidate.money_off,
        waiting: candidate.waiting,
        wavering: candidate.deferred || candidate.drops.is_some() || candidate.overrides,
        line: candidate.line,
        budget_left: candidate.budget_left,
        units_left: candidate.units_left,
        touched: touched(&pass, index),
    });
    Ok(Survey { grounds, codes: codes.collect() })
}

/// The slots that each benefit of a code may act on.
fn touched(pass: &Pass<'_>, index: u32) -> Vec<Vec<u32>> {
    let candidate = usize::try_from(index).ok().and_then(|i| pass.s.candidates.get(i));
    let (Some(candidate), Some(prepared)) = (candidate.filter(|c| c.state != State::Refused), pass.prepared(index))
    else {
        return Vec::new();
    };
    let touch = pass.s.touch.get(candidate.touch.clone()).unwrap_or_default();
    let lines = pass.order.lines().len();
    let of_benefit = |(at, benefit): (usize, &Benefit)| {
        let covered = |slot: &&u32| acts_on(pass, prepared, at, usize::try_from(**slot).unwrap_or(usize::MAX));
        let on_lines = touch.iter().filter(|_| benefit.target().is_some()).filter(covered).copied();
        let charges = pass.order.charges().iter().enumerate();
        let on_charges = charges.filter(|(_, charge)| shipping::acts_on(benefit, charge, candidate.line.is_some()));
        on_lines.chain(on_charges.filter_map(|(i, _)| u32::try_from(i.saturating_add(lines)).ok())).collect()
    };
    prepared.coupon().benefits().iter().enumerate().map(of_benefit).collect()
}
