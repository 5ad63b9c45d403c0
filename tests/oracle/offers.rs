//! Automatic offers, as they are documented: codes that nobody types, in a stage of their own before all others, whose
//! takings are discounts of the shop from then on.

use super::{Slot, Twin, gifts_of};
use crate::answer::GiftAnswer;
use crate::case::{Case, Conflict, Entered, Policy};
use crate::combining::Depths;

/// Puts on the lines and charges what the offers of the shop take, and how many pieces their sets use. Answers what they
/// give besides.
pub(super) fn make(case: &Case, slots: &mut [Slot<'_>]) -> Vec<GiftAnswer> {
    let entered = |(coupon, offer): (usize, &crate::case::Coupon)| Entered {
        coupon,
        code: format!("offer {}", offer.id),
        on_line: None,
        operator_amount: None,
        host_amounts: None,
    };
    // No policy of codes concerns them, and one that will not be with discounts is not made.
    let (conflict, depths) = (Conflict::Refuse, Depths::default());
    let policy = Policy { max_codes: None, line_codes: false, conflict, depths, ..case.policy };
    let codes = case.offers.iter().enumerate().map(entered).collect();
    let inner = Case { policy, coupons: case.offers.clone(), codes, offers: Vec::new(), ..case.clone() };
    let mut twin =
        Twin { case: &inner, start: Vec::new(), judged: Vec::new(), offering: true, offer_gifts: Vec::new() };
    twin.start = twin.slots();
    twin.judge();
    let round = twin.select();
    for (slot, made) in slots.iter_mut().zip(&round.slots) {
        // Of a line that is dearer than its list price they take no more than that.
        let given: i128 = slot.discounts.iter().map(|(_, amount, _)| *amount).sum();
        let mut room = (slot.list - given).max(0);
        for code in twin.rank() {
            let by = &inner.codes[code].code;
            let taken = round.offs.iter().filter(|off| off.line == slot.id && off.by == *by).map(|off| off.amount);
            let amount = taken.sum::<i128>().min(room);
            if amount > 0 {
                let offer = twin.coupon(code);
                slot.discounts.push((offer.id.clone(), amount, offer.funding));
                (room, slot.after) = (room - amount, slot.after - amount);
            }
        }
        slot.seen = slot.after;
        let used = made.pieces.iter().flatten().filter(|piece| piece.claimed).count();
        slot.used = used;
    }
    round.chosen.iter().flat_map(|code| gifts_of(twin.coupon(*code))).collect()
}

impl Twin<'_> {
    /// Whether the host already gave a line the discount of an offer, which then leaves it alone.
    pub(super) fn is_given(&self, code: usize, slot: &Slot<'_>) -> bool {
        self.offering && slot.discounts.iter().any(|(name, ..)| *name == self.coupon(code).id)
    }
}
