//! What gives more, the more is bought: tiers, steps, and the first piece apart from the others.

use super::{Part, Round, Slot, Twin, UNCAPPED, percent_of, share_by_left, sum};
use crate::case::Target;
use crate::fraction::{Fraction, share};
use crate::kinds::{LadderKind, Measure, Over, StepWorth};

pub(super) fn stage_of(kind: &LadderKind) -> &'static str {
    match kind {
        LadderKind::Tiers { over: Over::Line, .. } | LadderKind::FirstFurther { .. } => "line",
        LadderKind::Tiers { .. } => "order",
        LadderKind::Steps { over: Over::Line, .. } => "line",
        LadderKind::Steps { .. } => "order",
    }
}

impl<'a> Twin<'a> {
    /// What some lines count, on the snapshot: what they stand at before any coupon, or their pieces.
    fn count(&self, round: &Round<'a>, slots: &[usize], by: Measure) -> i128 {
        sum(slots, |i| {
            let slot = &round.slots[*i];
            match by {
                Measure::Spend => slot.seen,
                Measure::Quantity => i128::try_from(slot.count).unwrap(),
            }
        })
    }

    /// The lines that a ladder looks at together.
    fn counted(&self, slots: &[Slot<'_>], touch: &[usize], kind: &LadderKind, over: Over) -> Vec<usize> {
        (0..slots.len())
            .filter(|i| match over {
                Over::Order => slots[*i].line.is_some(),
                Over::Qualifying | Over::Line => touch.contains(i) && self.is_for(kind.target(), &self.start[*i]),
            })
            .collect()
    }

    /// What is missing for a ladder to give anything, where not even its first step is reached; of lines that are counted
    /// by themselves by none.
    pub(super) fn below_the_ladder(&self, touch: &[usize], kind: &LadderKind) -> Option<&'static str> {
        let (by, over, first) = match kind {
            LadderKind::Tiers { by, over, steps, .. } => (*by, *over, steps[0].0),
            LadderKind::Steps { by, every, over, .. } => (*by, *over, *every),
            LadderKind::FirstFurther { .. } => return None,
        };
        let counts = |i: &usize| match by {
            Measure::Spend => self.start[*i].seen,
            Measure::Quantity => i128::try_from(self.start[*i].count).unwrap(),
        };
        let counted = self.counted(&self.start, touch, kind, over);
        let found = match over {
            Over::Line => counted.iter().map(counts).max().unwrap_or(0),
            Over::Qualifying | Over::Order => counted.iter().map(counts).sum(),
        };
        (found < first).then_some(if by == Measure::Spend { "minimum_spend" } else { "minimum_quantity" })
    }

    pub(super) fn climb(&self, round: &mut Round<'a>, code: usize, kind: &LadderKind) {
        let mode = self.case.policy.discount_rounding;
        let (by, over, steps, marginal, cap, target) = match kind {
            LadderKind::Tiers { by, over, steps, marginal, cap, target } => (by, over, steps, marginal, cap, target),
            LadderKind::Steps { .. } => return self.by_steps(round, code, kind),
            LadderKind::FirstFurther { first, further, over_order, target } => {
                return self.first_and_further(round, code, (*first, *further), *over_order, target);
            }
        };
        let reached = |count: i128| steps.iter().rev().find(|(from, _)| count >= *from).map(|(_, worth)| *worth);
        let counted = self.counted(&round.slots, &self.judged[code].touch, kind, *over);
        let all = self.count(round, &counted, *by);
        let singles: Vec<i128> = (0..round.slots.len()).map(|i| self.count(round, &[i], *by)).collect();
        let mut parts;
        let mut worth = 0;
        if *over == Over::Line {
            parts = self.gather(round, code, target, false);
            for part in &mut parts {
                let count = singles[part.slot];
                let full = match (reached(count), *marginal) {
                    (None, _) => 0,
                    (Some(_), true) if *by == Measure::Spend => {
                        (average(steps, count) * Fraction::whole(part.left())).round(mode)
                    }
                    (Some(_), true) => walk(steps, &mut 0, part).round(mode),
                    (Some(StepWorth::Percent(off)), false) if self.case.policy.percent_per_unit => {
                        let off: Vec<i128> = part.pieces.iter().map(|p| percent_of(off, p.left, mode)).collect();
                        let takes = off.iter().zip(&part.rooms).map(|(off, room)| *off.min(room)).collect();
                        part.each(takes);
                        worth += off.iter().sum::<i128>();
                        continue;
                    }
                    (Some(StepWorth::Percent(off)), false) => percent_of(off, part.left(), mode),
                    (Some(StepWorth::Amount(off)), false) => off,
                };
                worth += full;
                part.take = full.min(part.room());
            }
        } else if *marginal {
            parts = self.gather(round, code, target, false);
            if *by == Measure::Spend {
                let left = sum(&parts, Part::left);
                worth = (average(steps, all) * Fraction::whole(left)).round(mode);
                share_by_left(&mut parts, worth);
            } else {
                // Pieces are numbered in the order of the pick, over all lines; each weighs what its step gives.
                let (mut met, mut weights) = (0, vec![Fraction::whole(0); parts.len()]);
                for i in self.in_order(round, &parts, target.dearest) {
                    weights[i] = walk(steps, &mut met, &parts[i]);
                }
                let total = weights.iter().fold(Fraction::whole(0), |sum, weight| sum + *weight);
                worth = total.round(mode);
                let weights: Vec<i128> = weights.iter().map(|w| (*w * Fraction::whole(100_000)).floor()).collect();
                let rooms: Vec<i128> = parts.iter().map(Part::room).collect();
                let shares = share(worth.min(rooms.iter().sum()), &weights, &rooms);
                for (part, share) in parts.iter_mut().zip(shares) {
                    part.take = share;
                }
            }
        } else {
            let Some(step) = reached(all) else { return };
            parts = self.gather(round, code, target, false);
            worth = match step {
                StepWorth::Percent(off) => percent_of(off, sum(&parts, Part::left), mode),
                StepWorth::Amount(off) => off,
            };
            share_by_left(&mut parts, worth);
        }
        self.settle_benefit(round, code, parts, worth, *cap);
    }
}

impl<'a> Twin<'a> {
    /// Once for each complete step.
    fn by_steps(&self, round: &mut Round<'a>, code: usize, kind: &LadderKind) {
        let LadderKind::Steps { by, every, worth: each, max_steps, over, target } = kind else { return };
        let mode = self.case.policy.discount_rounding;
        let worth_of = |count: i128| {
            let steps = (count / every).min(max_steps.map_or(UNCAPPED, i128::from));
            match each {
                StepWorth::Percent(off) => StepWorth::Percent((off * steps).min(100_000)),
                StepWorth::Amount(off) => StepWorth::Amount(off * steps),
            }
        };
        let counted = self.counted(&round.slots, &self.judged[code].touch, kind, *over);
        let all = worth_of(self.count(round, &counted, *by));
        let singles: Vec<i128> = (0..round.slots.len()).map(|i| self.count(round, &[i], *by)).collect();
        let mut parts = self.gather(round, code, target, false);
        let mut worth = 0;
        if *over != Over::Line {
            worth = match all {
                StepWorth::Percent(off) => percent_of(off, sum(&parts, Part::left), mode),
                StepWorth::Amount(off) => off,
            };
            share_by_left(&mut parts, worth);
            return self.settle_benefit(round, code, parts, worth, None);
        }
        for part in &mut parts {
            match worth_of(singles[part.slot]) {
                StepWorth::Percent(off) if self.case.policy.percent_per_unit => {
                    let off: Vec<i128> = part.pieces.iter().map(|p| percent_of(off, p.left, mode)).collect();
                    worth += off.iter().sum::<i128>();
                    part.each(off.iter().zip(&part.rooms).map(|(off, room)| *off.min(room)).collect());
                }
                StepWorth::Percent(off) => {
                    let full = percent_of(off, part.left(), mode);
                    worth += full;
                    part.take = full.min(part.room());
                }
                StepWorth::Amount(off) => {
                    worth += off;
                    part.take = off.min(part.room());
                }
            }
        }
        self.settle_benefit(round, code, parts, worth, None);
    }

    /// The first piece of each line, or of the order, is the one that stands first in the order of the pick.
    fn first_and_further(
        &self,
        round: &mut Round<'a>,
        code: usize,
        (first, further): (i128, i128),
        over_order: bool,
        target: &Target,
    ) {
        let mut parts = self.gather(round, code, target, false);
        let order = self.in_order(round, &parts, target.dearest);
        let of_order = order.into_iter().find(|i| parts[*i].left() > 0);
        let mut worth = 0;
        for (i, part) in parts.iter_mut().enumerate() {
            let has_first = !over_order || of_order == Some(i);
            let mut each = vec![further; part.pieces.len()];
            if let Some(one) = each.first_mut().filter(|_| has_first) {
                *one = first;
                part.uneven = true;
            }
            worth += each.iter().sum::<i128>();
            part.each(each.iter().zip(&part.rooms).map(|(off, room)| *off.min(room)).collect());
        }
        self.settle_benefit(round, code, parts, worth, None);
    }

    /// The lines in the order of the pick.
    fn in_order(&self, round: &Round<'a>, parts: &[Part], dearest: bool) -> Vec<usize> {
        let unit = |part: &Part| {
            let slot = &round.slots[part.slot];
            let original = if slot.dropped { slot.base } else { slot.after };
            Fraction::new(original, i128::try_from(slot.count).unwrap())
        };
        let mut order: Vec<usize> = (0..parts.len()).collect();
        order.sort_by(|a, b| {
            let by_price = unit(&parts[*a]).cmp(&unit(&parts[*b]));
            let by_price = if dearest { by_price.reverse() } else { by_price };
            by_price.then(parts[*a].slot.cmp(&parts[*b].slot))
        });
        order
    }
}

/// What marginal steps by spend give of an amount, over that amount.
fn average(steps: &[(i128, StepWorth)], amount: i128) -> Fraction {
    let mut given = Fraction::whole(0);
    for (place, (from, worth)) in steps.iter().enumerate() {
        let until = steps.get(place + 1).map_or(amount, |(next, _)| amount.min(*next));
        if let StepWorth::Percent(off) = worth {
            given = given + Fraction::new(*off, 100_000) * Fraction::whole((until - from).max(0));
        }
    }
    if amount == 0 { Fraction::whole(0) } else { given / Fraction::whole(amount) }
}

/// What marginal steps by quantity give for the pieces of a part: piece n has the highest step that it reaches. Pieces at
/// zero have no number.
fn walk(steps: &[(i128, StepWorth)], met: &mut i128, part: &Part) -> Fraction {
    let mut given = Fraction::whole(0);
    for piece in part.pieces.iter().filter(|piece| piece.left > 0) {
        *met += 1;
        if let Some((_, StepWorth::Percent(off))) = steps.iter().rev().find(|(from, _)| *met >= *from) {
            given = given + Fraction::new(*off, 100_000) * Fraction::whole(piece.left);
        }
    }
    given
}
