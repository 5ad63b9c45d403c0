//! Sets of pieces, every piece by itself: the n-th of so many, buy and get, bundles.

use std::cmp::Ordering;

use super::{Part, Round, Slot, Twin, UNCAPPED, percent_of, share_by_left, sort_pieces};
use crate::fraction::Fraction;
use crate::kinds::{Among, BundleWorth, Group, Layout, Reward, SetKind, Which};

/// One piece that no earlier set used.
#[derive(Debug, Clone)]
struct Unit {
    slot: usize,
    /// Its place among the pieces of its line.
    at: usize,
    /// What a piece of its line stood at before any coupon.
    price: Fraction,
    left: i128,
    product: u8,
}

/// What one set benefit does: places in the list of units.
#[derive(Debug, Clone, Default)]
struct Plan {
    rewarded: Vec<usize>,
    claimed: Vec<usize>,
    /// What the bundles save together.
    saved: i128,
}

impl Unit {
    fn place(&self) -> (usize, usize) {
        (self.slot, self.at)
    }

    fn dearest_first(&self, other: &Self) -> Ordering {
        other.price.cmp(&self.price).then(self.place().cmp(&other.place()))
    }

    fn cheapest_first(&self, other: &Self) -> Ordering {
        self.price.cmp(&other.price).then(self.place().cmp(&other.place()))
    }
}

/// How equal goods are cut into sets.
struct Cut {
    of: usize,
    take: usize,
    which: Which,
    layout: Layout,
    pool: bool,
    incomplete: bool,
    among: Among,
}

impl<'a> Twin<'a> {
    /// Whether a line can be of any use to a set benefit.
    pub(super) fn in_set(&self, kind: &SetKind, slot: usize) -> bool {
        let of = |group: &Group| group.of.as_ref().is_none_or(|of| self.covers(of, &self.start[slot]));
        match kind {
            SetKind::Nth { .. } => true,
            SetKind::BuyGet { buy, get, .. } if get.of.is_none() => buy.iter().any(of),
            SetKind::BuyGet { buy, get, .. } => buy.iter().chain([get]).any(of),
            SetKind::Bundle { parts, .. } => parts.iter().any(of),
        }
    }

    pub(super) fn form_sets(&self, round: &mut Round<'a>, code: usize, kind: &SetKind) {
        match kind {
            SetKind::Nth { of, take, which, layout, pool, reward, max_sets, among } => {
                let cut = Cut {
                    of: usize::try_from(*of).unwrap(),
                    take: usize::try_from(*take).unwrap(),
                    which: *which,
                    layout: *layout,
                    pool: *pool,
                    incomplete: false,
                    among: *among,
                };
                let units = self.units(round, code, |_| true);
                self.of_same_goods(round, code, &units, &cut, *reward, *max_sets);
            }
            SetKind::BuyGet { buy, get, reward, max_sets, dearest, incomplete, among } if get.of.is_none() => {
                let (bought, given) = (usize::try_from(buy[0].pieces).unwrap(), usize::try_from(get.pieces).unwrap());
                let cut = Cut {
                    of: bought + given,
                    take: given,
                    which: if *dearest { Which::Dearest } else { Which::Cheapest },
                    layout: Layout::DearestFirst,
                    pool: false,
                    incomplete: *incomplete,
                    among: *among,
                };
                let of = |slot: &Slot<'_>| buy[0].of.as_ref().is_none_or(|of| self.covers(of, slot));
                let units = self.units(round, code, of);
                self.of_same_goods(round, code, &units, &cut, *reward, *max_sets);
            }
            SetKind::BuyGet { .. } => self.buy_and_get(round, code, kind),
            SetKind::Bundle { parts, worth, max_sets, dearest } => {
                self.bundle_up(round, code, (parts, *worth), *max_sets, *dearest);
            }
        }
    }

    /// The pieces that a set benefit may use, line by line.
    fn units(&self, round: &Round<'a>, code: usize, of: impl Fn(&Slot<'_>) -> bool) -> Vec<Unit> {
        let own = self.entered(code).on_line;
        let mut units = Vec::new();
        for slot in &self.judged[code].touch {
            let facts = &round.slots[*slot];
            if !self.is_open(facts, code, own) || !of(facts) {
                continue;
            }
            let original = if facts.dropped { facts.base } else { facts.after };
            let price = Fraction::new(original, i128::try_from(facts.count).unwrap());
            // What sets of offers used stays used, so many pieces of the line: those with least left.
            let unclaimed = Self::pieces(facts).iter().filter(|piece| !piece.claimed).count();
            let free = unclaimed.saturating_sub(if facts.dropped { 0 } else { facts.used });
            for (at, piece) in Self::pieces(facts).iter().enumerate().filter(|(_, piece)| !piece.claimed).take(free) {
                let product = facts.line.unwrap().product;
                units.push(Unit { slot: *slot, at, price, left: piece.left, product });
            }
        }
        units
    }

    fn of_same_goods(
        &self,
        round: &mut Round<'a>,
        code: usize,
        units: &[Unit],
        cut: &Cut,
        reward: Reward,
        max_sets: Option<u64>,
    ) {
        let least = least(reward);
        let arrange = |max: usize| {
            let mut row: Vec<usize> = (0..units.len()).collect();
            row.sort_by(|a, b| match cut.layout {
                Layout::DearestFirst => units[*a].dearest_first(&units[*b]),
                Layout::CheapestFirst => units[*a].cheapest_first(&units[*b]),
                Layout::AsListed => units[*a].place().cmp(&units[*b].place()),
            });
            let within = |unit: usize| match cut.among {
                Among::Order => 0,
                Among::Line => units[unit].slot,
                Among::Product => usize::from(units[unit].product),
            };
            let (mut plan, mut sets) = (Plan::default(), max);
            // The line or product whose first piece comes first is the first.
            let mut rows: Vec<usize> = Vec::new();
            for unit in &row {
                if !rows.contains(&within(*unit)) {
                    rows.push(within(*unit));
                }
            }
            for of in rows {
                let row: Vec<usize> = row.iter().copied().filter(|unit| within(*unit) == of).collect();
                let formed = if cut.pool {
                    pool(units, &row, cut, sets, least, &mut plan)
                } else {
                    each_set(units, &row, cut, sets, least, &mut plan)
                };
                sets -= formed;
            }
            plan
        };
        let max = max_sets.map_or(usize::MAX, |most| usize::try_from(most).unwrap());
        let Some(plan) = self.within_units(round, code, max, cut.take, arrange) else { return };
        self.give_rewards(round, code, units, &plan, reward);
    }

    /// Arranges sets, as many as the limit of units of the coupon lets be rewarded: only whole ones.
    fn within_units(
        &self,
        round: &mut Round<'a>,
        code: usize,
        max: usize,
        of_one: usize,
        arrange: impl Fn(usize) -> Plan,
    ) -> Option<Plan> {
        let coupon = self.coupon(code);
        let plan = arrange(max);
        let left = coupon.units.map_or(UNCAPPED, |(allowed, used)| {
            i128::from(allowed - used) - self.of_definition(round, code, |t| t.units)
        });
        if i128::try_from(plan.rewarded.len()).unwrap() <= left {
            return Some(plan);
        }
        if coupon.refuse_when_short {
            round.tallies[code].refused = Some(vec!["limit_reached".to_owned()]);
            return None;
        }
        let plan = arrange(max.min(usize::try_from(left.max(0)).unwrap() / of_one));
        round.tallies[code].short_of_units |= plan.rewarded.is_empty();
        Some(plan)
    }

    /// Takes the rewards off, and uses the pieces up where that took anything.
    fn give_rewards(&self, round: &mut Round<'a>, code: usize, units: &[Unit], plan: &Plan, reward: Reward) {
        let (mode, per_unit) = (self.case.policy.discount_rounding, self.case.policy.percent_per_unit);
        let mut parts = self.rewarded_parts(round, units, plan);
        let mut worth = 0;
        for part in &mut parts {
            let rooms = part.rooms.clone();
            let pieces = part.pieces.clone();
            match reward {
                Reward::Free => {
                    worth += part.left();
                    part.take = part.room();
                }
                Reward::Percent(off) if per_unit => {
                    let off: Vec<i128> = pieces.iter().map(|p| percent_of(off, p.left, mode)).collect();
                    worth += off.iter().sum::<i128>();
                    part.each(off.iter().zip(&rooms).map(|(off, room)| *off.min(room)).collect());
                }
                Reward::Percent(off) => {
                    let off = percent_of(off, part.left(), mode);
                    worth += off;
                    part.take = off.min(part.room());
                }
                Reward::Amount(off) => {
                    worth += off * i128::try_from(pieces.len()).unwrap();
                    part.each(rooms.iter().map(|room| off.min(*room)).collect());
                }
                Reward::ToPrice(price) => {
                    let down = |(p, room): (&super::Piece, &i128)| (p.left - price).max(0).min(*room);
                    worth += part.each(pieces.iter().zip(&rooms).map(down).collect());
                }
            }
        }
        self.use_up(round, code, units, plan, parts, worth);
    }

    fn rewarded_parts(&self, round: &Round<'a>, units: &[Unit], plan: &Plan) -> Vec<Part> {
        let mut parts: Vec<Part> = Vec::new();
        for slot in 0..round.slots.len() {
            let of = plan.rewarded.iter().map(|unit| &units[*unit]).filter(|unit| unit.slot == slot);
            let mut at: Vec<usize> = of.map(|unit| unit.at).collect();
            at.sort_unstable();
            if at.is_empty() {
                continue;
            }
            let all = Self::pieces(&round.slots[slot]);
            let pieces = at.iter().map(|at| all[*at]).collect();
            let part = Self::part(&round.slots[slot], slot, pieces);
            parts.push(Part { at, ..part });
        }
        parts
    }

    /// Takes off what the parts say, and marks every piece of the sets. The marks go on first, so that they stay on the
    /// very pieces, whatever order these stand in afterwards.
    fn use_up(&self, round: &mut Round<'a>, code: usize, units: &[Unit], plan: &Plan, parts: Vec<Part>, worth: i128) {
        let before = round.slots.clone();
        for unit in &plan.claimed {
            let Unit { slot, at, .. } = units[*unit];
            let mut pieces = Self::pieces(&round.slots[slot]);
            pieces[at].claimed = true;
            round.slots[slot].pieces = Some(pieces);
        }
        let granted = round.tallies[code].granted;
        self.settle_benefit(round, code, parts, worth, None);
        if round.tallies[code].granted == granted {
            round.slots = before;
            return;
        }
        for slot in &mut round.slots {
            if let Some(pieces) = &mut slot.pieces {
                sort_pieces(pieces);
            }
        }
    }

    /// Sets of several goods: as many as there are pieces for, no piece in two places.
    fn buy_and_get(&self, round: &mut Round<'a>, code: usize, kind: &SetKind) {
        let SetKind::BuyGet { buy, get, reward, max_sets, dearest, incomplete, among } = kind else { return };
        let groups: Vec<&Group> = buy.iter().chain([get]).collect();
        let covers = |group: &Group, slot: &Slot<'_>| group.of.as_ref().is_none_or(|of| self.covers(of, slot));
        let units = self.units(round, code, |slot| groups.iter().any(|group| covers(group, slot)));
        let needs: Vec<usize> = groups.iter().map(|group| usize::try_from(group.pieces).unwrap()).collect();
        let get = buy.len();
        let fits = |unit: usize, part: usize| {
            let unit = &units[unit];
            (part != get || unit.left > least(*reward)) && covers(groups[part], &self.start[unit.slot])
        };
        let arrange = |max: usize| {
            let within = |unit: usize| match among {
                Among::Order => 0,
                Among::Line => units[unit].slot,
                Among::Product => usize::from(units[unit].product),
            };
            let mut row: Vec<usize> = (0..units.len()).collect();
            row.sort_by(|a, b| units[*a].dearest_first(&units[*b]));
            let mut rows: Vec<usize> = Vec::new();
            for unit in &row {
                if !rows.contains(&within(*unit)) {
                    rows.push(within(*unit));
                }
            }
            let (mut plan, mut open) = (Plan::default(), max);
            for of in rows {
                let mut free: Vec<usize> = row.iter().copied().filter(|unit| within(*unit) == of).collect();
                let mut sets = 0;
                let demand = |sets: usize| -> Vec<usize> { needs.iter().map(|need| need * sets).collect() };
                while sets < open && matches(&free, &demand(sets + 1), &fits) {
                    sets += 1;
                }
                let mut wanted = demand(sets);
                // One more set, of which as many are given as there are.
                let short = (1..needs[get]).rev().map(|some| {
                    let more = |part: usize| if part == get { some } else { needs[part] };
                    (0..needs.len()).map(|part| wanted[part] + more(part)).collect::<Vec<_>>()
                });
                if let Some(more) =
                    short.into_iter().find(|more| *incomplete && sets < open && matches(&free, more, &fits))
                {
                    (wanted, sets) = (more, sets + 1);
                }
                open -= sets;
                // What is rewarded goes first, then what is bought, each piece as long as the others do without it.
                for part in [get].into_iter().chain(0..get) {
                    let mut order = free.clone();
                    if part == get && !dearest {
                        order.sort_by(|a, b| units[*a].cheapest_first(&units[*b]));
                    }
                    for unit in order {
                        if wanted[part] == 0 || !fits(unit, part) {
                            continue;
                        }
                        let without: Vec<usize> = free.iter().copied().filter(|other| *other != unit).collect();
                        wanted[part] -= 1;
                        if matches(&without, &wanted, &fits) {
                            free = without;
                            plan.claimed.push(unit);
                            if part == get {
                                plan.rewarded.push(unit);
                            }
                        } else {
                            wanted[part] += 1;
                        }
                    }
                }
            }
            plan
        };
        let max = max_sets.map_or(usize::MAX, |most| usize::try_from(most).unwrap());
        let Some(plan) = self.within_units(round, code, max, needs[get], arrange) else { return };
        self.give_rewards(round, code, &units, &plan, *reward);
    }
}

impl<'a> Twin<'a> {
    /// Bundles: each part takes pieces in the order of the pick as long as the others do without them; the first bundle
    /// has the first pieces of each.
    fn bundle_up(
        &self,
        round: &mut Round<'a>,
        code: usize,
        (groups, worth): (&[Group], BundleWorth),
        max_sets: Option<u64>,
        dearest: bool,
    ) {
        let mode = self.case.policy.discount_rounding;
        let covers = |group: &Group, slot: &Slot<'_>| group.of.as_ref().is_none_or(|of| self.covers(of, slot));
        let units = self.units(round, code, |slot| groups.iter().any(|group| covers(group, slot)));
        let needs: Vec<usize> = groups.iter().map(|group| usize::try_from(group.pieces).unwrap()).collect();
        let fits = |unit: usize, part: usize| covers(&groups[part], &self.start[units[unit].slot]);
        let arrange = |max: usize| {
            let mut free: Vec<usize> = (0..units.len()).collect();
            free.sort_by(|a, b| match dearest {
                true => units[*a].dearest_first(&units[*b]),
                false => units[*a].cheapest_first(&units[*b]),
            });
            let demand = |sets: usize| -> Vec<usize> { needs.iter().map(|need| need * sets).collect() };
            let mut sets = 0;
            while matches(&free, &demand(sets + 1), &fits) {
                sets += 1;
            }
            let mut wanted = demand(sets);
            let mut rows: Vec<Vec<usize>> = Vec::new();
            for part in 0..groups.len() {
                let mut row = Vec::new();
                for unit in free.clone() {
                    if wanted[part] == 0 || !fits(unit, part) {
                        continue;
                    }
                    let without: Vec<usize> = free.iter().copied().filter(|other| *other != unit).collect();
                    wanted[part] -= 1;
                    if matches(&without, &wanted, &fits) {
                        free = without;
                        row.push(unit);
                    } else {
                        wanted[part] += 1;
                    }
                }
                rows.push(row);
            }
            let (mut plan, mut formed) = (Plan::default(), 0);
            for set in 0..sets {
                if formed == max {
                    break;
                }
                let of_part = |(row, need): (&Vec<usize>, &usize)| row[set * need..(set + 1) * need].to_vec();
                let pieces: Vec<usize> = rows.iter().zip(&needs).flat_map(of_part).collect();
                let left: i128 = pieces.iter().map(|unit| units[*unit].left).sum();
                let saving = match worth {
                    BundleWorth::Price(price) => (left - price).max(0),
                    BundleWorth::Percent(off) => percent_of(off, left, mode),
                    BundleWorth::Amount(off) => off.min(left),
                };
                // One that would save nothing is not formed.
                if saving > 0 {
                    formed += 1;
                    plan.saved += saving;
                    plan.rewarded.extend(&pieces);
                    plan.claimed.extend(pieces);
                }
            }
            plan
        };
        let max = max_sets.map_or(usize::MAX, |most| usize::try_from(most).unwrap());
        let Some(plan) = self.within_units(round, code, max, needs.iter().sum(), arrange) else { return };
        let mut parts = self.rewarded_parts(round, &units, &plan);
        share_by_left(&mut parts, plan.saved);
        self.use_up(round, code, &units, &plan, parts, plan.saved);
    }
}

/// Whether there are different pieces for all that is wanted of each part.
fn matches(free: &[usize], wanted: &[usize], fits: &impl Fn(usize, usize) -> bool) -> bool {
    // Augmenting paths: one place after the other finds a piece, or moves others on.
    fn place(
        part: usize,
        free: &[usize],
        fits: &impl Fn(usize, usize) -> bool,
        seen: &mut [bool],
        taken: &mut [Option<usize>],
    ) -> bool {
        for i in 0..free.len() {
            if seen[i] || !fits(free[i], part) {
                continue;
            }
            seen[i] = true;
            if taken[i].is_none_or(|other| place(other, free, fits, seen, taken)) {
                taken[i] = Some(part);
                return true;
            }
        }
        false
    }
    let mut taken = vec![None; free.len()];
    (0..wanted.len())
        .all(|part| (0..wanted[part]).all(|_| place(part, free, fits, &mut vec![false; free.len()], &mut taken)))
}

/// What is left of a piece at most where a reward gives it nothing.
fn least(reward: Reward) -> i128 {
    if let Reward::ToPrice(price) = reward { price } else { 0 }
}

/// Sets down the row, each rewarding some of its own pieces. One that rewards nothing uses nothing up and does not count.
fn each_set(units: &[Unit], row: &[usize], cut: &Cut, max: usize, least: i128, plan: &mut Plan) -> usize {
    let mut formed = 0;
    for set in row.chunks(cut.of) {
        let missing = cut.of - set.len();
        let take = if missing == 0 { cut.take } else { cut.take.saturating_sub(missing) };
        if formed == max || take == 0 || (missing > 0 && !cut.incomplete) {
            break;
        }
        let worth_something = |unit: &usize| units[*unit].left > least;
        let mut set = set.to_vec();
        let rewarded: Vec<usize> = match cut.which {
            Which::Position(place) => {
                let first = usize::try_from(place).unwrap() - 1;
                set[first..first + take].iter().copied().filter(worth_something).collect()
            }
            Which::Cheapest | Which::Dearest => {
                set.sort_by(|a, b| units[*a].dearest_first(&units[*b]));
                if cut.which == Which::Cheapest {
                    set.reverse();
                }
                set.iter().copied().filter(worth_something).take(take).collect()
            }
        };
        if !rewarded.is_empty() {
            formed += 1;
            plan.rewarded.extend(rewarded);
            plan.claimed.extend(set);
        }
    }
    formed
}

/// Of all pieces of complete sets together the cheapest, or the dearest.
fn pool(units: &[Unit], row: &[usize], cut: &Cut, max: usize, least: i128, plan: &mut Plan) -> usize {
    let sets = (row.len() / cut.of).min(max);
    let mut pool = row[..sets * cut.of].to_vec();
    pool.sort_by(|a, b| units[*a].dearest_first(&units[*b]));
    if cut.which != Which::Dearest {
        pool.reverse();
    }
    let rewarded: Vec<usize> =
        pool.iter().copied().filter(|unit| units[*unit].left > least).take(sets * cut.take).collect();
    if !rewarded.is_empty() {
        plan.rewarded.extend(rewarded);
        plan.claimed.extend(pool);
    }
    sets
}
