//! Step 7: which of the eligible codes stay. An exclusive one shuts the others out; then rank, and the number of codes
//! that one order may hold. Codes that come to nothing free their place, and the selection runs again without them.

use crate::coupon::Exclusive;
use crate::error::Error;
use crate::key::{GroupId, KeyMap};
use crate::money::Money;
use crate::policy::DiscountConflict;
use crate::refusal::{LimitKind, Refusal};
use crate::request::Presented;

use super::choose::{choose, in_the_way};
use super::discounts;
use super::pass::{Candidate, Pass, Passed, State, Tally, coupon_of, rank};
use super::{stages, tax};

/// Selects and prices until every selected code has an effect, then writes why the others were passed over.
pub(super) fn and_price(pass: &mut Pass<'_>) -> Result<(), Error> {
    by_rank(pass);
    if pass.s.ranked.is_empty() {
        if pass.any_shop_discount() {
            discounts::again(pass);
        }
        return Ok(());
    }
    let mut start = Start::new(pass);
    settle(pass, start.trace);
    loop {
        decide(pass, &start);
        reasons(pass);
        // What is better was decided beside codes that are out now. It is decided again without them, so that a refused
        // code changes nothing. Nobody pays more for it: what stays costs what it cost, until still more of it goes.
        if !start.leave_out_the_refused(pass) {
            return Ok(());
        }
        again_without(pass, &start, &[]);
    }
}

/// Decides which one of each group stays, and which of those that the order must be cheaper with.
fn decide(pass: &mut Pass<'_>, start: &Start) {
    let mut barred = Vec::new();
    let groups = groups(pass, start);
    let mut not_better = Vec::new();
    loop {
        best_of_groups(pass, start, &groups, &not_better, &mut barred);
        let known = barred.len();
        better_of(pass, start, &mut barred);
        // Groups were decided beside codes that are out now, each of which is out for good.
        let out = barred.get(known..).unwrap_or_default().iter().map(|(index, _)| *index);
        let before = not_better.len();
        not_better.extend(out);
        if groups.is_empty() || not_better.len() == before {
            return;
        }
        start.undecide(pass);
    }
}

/// Where selection starts, so that it can start again.
struct Start {
    reasons: usize,
    trace: usize,
    /// The codes by rank; empty where nothing is ever tried twice.
    codes: Vec<Contender>,
}

/// A code as it was before selection.
struct Contender {
    index: u32,
    /// Whether its money was refused before.
    money_off: bool,
    /// Whether it is settled that the order is cheaper with it.
    decided: bool,
}

impl Start {
    fn new(pass: &Pass<'_>) -> Self {
        let grouped = |p: &Presented<'_>| coupon_of(p).is_some_and(|c| c.combination().group().is_some());
        let tried_twice = |(presented, candidate): (&Presented<'_>, &Candidate)| {
            is_contested(pass, candidate) || (candidate.state == State::Eligible && grouped(presented))
        };
        let contested = pass.request.codes.iter().zip(&pass.s.candidates).any(tried_twice);
        let contender = |i: &u32| {
            let candidate = usize::try_from(*i).ok().and_then(|i| pass.s.candidates.get(i))?;
            Some(Contender { index: *i, money_off: candidate.money_off, decided: candidate.decided })
        };
        let codes = if contested { pass.s.ranked.iter().filter_map(contender).collect() } else { Vec::new() };
        Self { reasons: pass.s.reasons.len(), trace: pass.s.trace.len(), codes }
    }

    /// Leaves the refused codes out of what follows, with what was said of them; says whether there were any.
    fn leave_out_the_refused(&mut self, pass: &mut Pass<'_>) -> bool {
        let known = self.codes.len();
        self.codes.retain(|code| pass.candidate(code.index).is_some_and(|c| c.state != State::Refused));
        if self.codes.len() == known {
            return false;
        }
        let said: Vec<_> = pass.s.reasons.drain(self.reasons..).collect();
        let refused = said.into_iter().filter(|(index, _)| self.codes.iter().all(|code| code.index != *index));
        pass.s.reasons.extend(refused);
        self.reasons = pass.s.reasons.len();
        self.undecide(pass);
        true
    }

    /// Asks again of all codes whether the order is cheaper with them.
    fn undecide(&self, pass: &mut Pass<'_>) {
        for code in &self.codes {
            if let Some(candidate) = pass.candidate(code.index) {
                candidate.decided = code.decided;
            }
        }
    }
}

fn by_rank(pass: &mut Pass<'_>) {
    let codes = pass.request.codes;
    let mut ranked = std::mem::take(&mut pass.s.ranked);
    ranked.extend((0_u32..).zip(&pass.s.candidates).filter(|(_, c)| c.state == State::Eligible).map(|(i, _)| i));
    let get = |i: &u32| usize::try_from(*i).ok().and_then(|i| codes.get(i));
    ranked.sort_unstable_by(|a, b| match (get(a), get(b)) {
        (Some(x), Some(y)) => rank(x, y),
        _ => a.cmp(b),
    });
    pass.s.ranked = ranked;
}

/// Rounds of choosing and pricing. Each round refuses at least one code for good, or is the last.
fn settle(pass: &mut Pass<'_>, traced: usize) {
    loop {
        choose(pass);
        pass.s.trace.truncate(traced);
        let reasons = pass.s.reasons.len();
        stages::price(pass);
        if !refuse_the_empty(pass, reasons) {
            return;
        }
    }
}

/// Refuses selected codes that are worth something and came to nothing; says whether there were any. What took nothing
/// changed nothing for the others, so such codes go together. One that stood in the way of others (took something before
/// its budget ran short, kept a line for itself, dropped discounts) goes first and alone: the others had no fair chance.
fn refuse_the_empty(pass: &mut Pass<'_>, reasons: usize) -> bool {
    let mut failed: Vec<u32> = Vec::new();
    let mut in_the_way = None;
    for i in 0..pass.s.ranked.len() {
        let Some(index) = pass.s.ranked.get(i).copied() else { continue };
        if !came_to_nothing(pass, index) {
            continue;
        }
        failed.push(index);
        if in_the_way.is_none() {
            in_the_way = stands_in_the_way(pass, index).then_some(index);
        }
    }
    if let (Some(first), true) = (in_the_way, failed.len() > 1) {
        let kept: Vec<_> = pass.s.reasons.drain(reasons..).filter(|(code, _)| *code == first).collect();
        pass.s.reasons.extend(kept);
        for index in failed.drain(..).filter(|index| *index != first) {
            if let Some(candidate) = pass.candidate(index) {
                candidate.state = State::Eligible;
                candidate.money_off = candidate.money_off && candidate.tally.wanted == 0;
            }
        }
        failed.push(first);
    }
    for index in &failed {
        if pass.candidate(*index).is_some_and(|c| c.state == State::Selected && !c.money_off) {
            let refusal = nothing_left(pass, *index);
            pass.refuse(*index, refusal);
        }
        if let Some(candidate) = pass.candidate(*index) {
            candidate.tally = Tally::default();
        }
    }
    // What is refused for good leaves the race, so that no later round looks at it again.
    let mut ranked = std::mem::take(&mut pass.s.ranked);
    ranked.retain(|i| pass.candidate(*i).is_some_and(|c| c.state != State::Refused));
    pass.s.ranked = ranked;
    !failed.is_empty()
}

/// Whether a code stood in the way of others in this round, though it came to nothing: it took something before it fell,
/// kept a line for itself, dropped discounts.
pub(super) fn stands_in_the_way(pass: &mut Pass<'_>, index: u32) -> bool {
    let stood = |c: &mut Candidate| c.drops.is_some() || c.overrides || c.line.is_some() || c.tally.granted > 0;
    pass.candidate(index).is_some_and(stood) || keeps_lines(pass, index)
}

/// Whether a code that is exclusive of its lines kept any from the others in this round.
fn keeps_lines(pass: &Pass<'_>, index: u32) -> bool {
    let coupon = pass.presented(index).and_then(coupon_of);
    coupon.is_some_and(|c| c.combination().exclusive() == Exclusive::Line)
        && pass.s.cells.iter().any(|cell| cell.owner == Some(index))
}

/// Why a code came to nothing: other codes of its definition used up what that has left, or it is worth nothing here.
fn nothing_left(pass: &mut Pass<'_>, index: u32) -> Refusal {
    let currency = pass.currency;
    let limit = pass.presented(index).and_then(coupon_of).and_then(|c| c.limits().units());
    match (pass.candidate(index).map(|c| c.tally), limit) {
        (Some(tally), _) if tally.wanted > 0 => {
            let (wanted, left) = (Some(Money::new(tally.wanted, currency)), Money::zero(currency));
            Refusal::BudgetExhausted { wanted, left }
        }
        (Some(Tally { units_short: Some(left), .. }), Some(allowed)) => {
            Refusal::LimitReached { limit: LimitKind::Units, allowed, taken: allowed.saturating_sub(left) }
        }
        _ => Refusal::NoBenefit,
    }
}

/// Whether a code of this round is to be refused.
fn came_to_nothing(pass: &mut Pass<'_>, index: u32) -> bool {
    let Some(prepared) = pass.prepared(index) else { return false };
    let zero_by_hand = pass.presented(index).and_then(|p| p.operator_amount).is_some_and(Money::is_zero);
    let worthless = prepared.inner().zero_by_definition || zero_by_hand;
    let Some(candidate) = pass.candidate(index) else { return false };
    match candidate.state {
        // A condition on what remains failed at its turn, or its budget ran short.
        State::Refused => true,
        State::Selected => {
            let gives = prepared.inner().facts.gifts && !candidate.money_off;
            let effect = candidate.assigns || candidate.trial.is_some() || candidate.waiting || gives;
            // Its money was refused in this round, after some of it may have been taken.
            (candidate.money_off && candidate.tally.wanted > 0)
                || (candidate.tally.granted == 0 && !effect && !worthless)
        }
        State::Eligible => false,
    }
}

/// Whether a code stays only where the order is cheaper with it than without it: where it overrides prices, or where
/// policy asks for the better of a coupon and the discounts it does not combine with. One that waits for shipping does
/// not override yet.
fn is_contested(pass: &Pass<'_>, candidate: &Candidate) -> bool {
    let better_of = pass.policy.discount_conflict() == DiscountConflict::BetterOf && !pass.offering;
    (candidate.overrides && !candidate.waiting) || (better_of && candidate.drops.is_some())
}

/// Why a code is kept out while others are priced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Barred {
    /// The order is not cheaper with it.
    NotBetter,
    /// Another one of its group is better.
    Group,
}

/// How often an order is priced at most to decide its groups.
const MOST_TRIED: usize = 64;

/// What a choice of one code for each group comes to: what there is to pay, less of it being better; then how many of the
/// codes apply, more being better.
type Worth = (i64, std::cmp::Reverse<usize>);

/// Of each group of codes the one stays that leaves least to pay, with whatever else follows from it; of equal ones the
/// first by rank. Where the groups of an order leave few choices, all of them are tried together; otherwise one group after
/// the other, by the rank of their first codes, as long as there are tries.
fn best_of_groups(
    pass: &mut Pass<'_>,
    start: &Start,
    groups: &[Vec<u32>],
    not_better: &[u32],
    barred: &mut Vec<(u32, Barred)>,
) {
    if groups.is_empty() {
        return;
    }
    let choices =
        groups.iter().try_fold(1_usize, |all, group| all.checked_mul(group.len()).filter(|n| *n <= MOST_TRIED));
    let mut picked = vec![0_usize; groups.len()];
    if let Some(choices) = choices {
        let mut best: Option<(Worth, usize)> = None;
        for choice in 0..choices {
            pick(&mut picked, groups, choice);
            let worth = tried(pass, start, (groups, &picked), not_better, barred);
            if best.is_none_or(|(least, _)| worth < least) {
                best = Some((worth, choice));
            }
        }
        pick(&mut picked, groups, best.map_or(0, |(_, choice)| choice));
    } else {
        let mut tries = MOST_TRIED;
        for at in 0..groups.len() {
            let mut best: Option<(Worth, usize)> = None;
            for member in 0..groups.get(at).map_or(0, Vec::len).min(tries) {
                tries = tries.saturating_sub(1);
                set(&mut picked, at, member);
                let worth = tried(pass, start, (groups, &picked), not_better, barred);
                if best.is_none_or(|(least, _)| worth < least) {
                    best = Some((worth, member));
                }
            }
            set(&mut picked, at, best.map_or(0, |(_, member)| member));
        }
    }
    tried(pass, start, (groups, &picked), not_better, barred);
}

fn set(picked: &mut [usize], at: usize, member: usize) {
    if let Some(place) = picked.get_mut(at) {
        *place = member;
    }
}

/// The choice of this number: the last group changes fastest.
fn pick(picked: &mut [usize], groups: &[Vec<u32>], choice: usize) {
    let mut rest = choice;
    for (place, group) in picked.iter_mut().zip(groups).rev() {
        let size = group.len();
        (*place, rest) = (rest.checked_rem(size).unwrap_or(0), rest.checked_div(size).unwrap_or(0));
    }
}

/// Prices with one code of each group, and without those that the order is not cheaper with.
fn tried(
    pass: &mut Pass<'_>,
    start: &Start,
    (groups, picked): (&[Vec<u32>], &[usize]),
    not_better: &[u32],
    barred: &mut Vec<(u32, Barred)>,
) -> Worth {
    barred.clear();
    for (group, picked) in groups.iter().zip(picked) {
        barred.extend(group.iter().enumerate().filter(|(at, _)| at != picked).map(|(_, m)| (*m, Barred::Group)));
    }
    let passed_over = barred.len();
    for index in not_better {
        let of_groups = barred.get(..passed_over).unwrap_or_default();
        if of_groups.iter().all(|(other, _)| other != index) {
            barred.push((*index, Barred::NotBetter));
        }
    }
    again_without(pass, start, barred);
    let members = groups.iter().zip(picked).filter_map(|(group, picked)| group.get(*picked).copied());
    let applied = members.filter(|m| pass.candidate(*m).is_some_and(|c| c.state == State::Selected)).count();
    (tax::to_pay(pass), std::cmp::Reverse(applied))
}

/// The codes of each group that has several, by rank; a code that was accepted before pricing has decided its group.
fn groups(pass: &mut Pass<'_>, start: &Start) -> Vec<Vec<u32>> {
    let mut places: KeyMap<GroupId, usize> = KeyMap::default();
    let mut groups: Vec<(bool, Vec<u32>)> = Vec::new();
    for Contender { index, .. } in &start.codes {
        let Some(group) = pass.presented(*index).and_then(coupon_of).and_then(|c| c.combination().group()) else {
            continue;
        };
        let at = *places.entry(group.clone()).or_insert(groups.len());
        if at == groups.len() {
            groups.push((false, Vec::new()));
        }
        let seated = pass.candidate(*index).is_some_and(|c| c.seated);
        if let Some((decided, members)) = groups.get_mut(at) {
            *decided |= seated;
            members.push(*index);
        }
    }
    groups.into_iter().filter(|(decided, members)| !decided && members.len() > 1).map(|(_, members)| members).collect()
}

/// Codes that are contested are priced both ways, by rank.
fn better_of(pass: &mut Pass<'_>, start: &Start, barred: &mut Vec<(u32, Barred)>) {
    while !start.codes.is_empty() {
        let contested = pass.s.ranked.iter().copied().find(|i| {
            let at = usize::try_from(*i).ok().and_then(|i| pass.s.candidates.get(i));
            at.is_some_and(|c| is_contested(pass, c) && c.state == State::Selected && !c.decided && !c.money_off)
        });
        let Some(index) = contested else { return };
        let with = tax::to_pay(pass);
        barred.push((index, Barred::NotBetter));
        again_without(pass, start, barred);
        if tax::to_pay(pass) > with {
            // Decided: it stays, and is not asked again.
            barred.pop();
            if let Some(candidate) = pass.candidate(index) {
                candidate.decided = true;
            }
            again_without(pass, start, barred);
        }
    }
}

/// Selects and prices from the start, so that everybody else's chances are as they were, without some codes.
fn again_without(pass: &mut Pass<'_>, start: &Start, barred: &[(u32, Barred)]) {
    pass.s.reasons.truncate(start.reasons);
    pass.s.ranked.clear();
    for code in &start.codes {
        pass.s.ranked.push(code.index);
        if let Some(candidate) = pass.candidate(code.index) {
            (candidate.state, candidate.money_off) = (State::Eligible, code.money_off);
            candidate.tally = Tally::default();
        }
    }
    for (index, why) in barred {
        if *why == Barred::Group {
            let group = pass.presented(*index).and_then(coupon_of).and_then(|c| c.combination().group());
            if let Some(group) = group.cloned() {
                pass.refuse(*index, Refusal::BetterInGroup { group });
            }
            continue;
        }
        let Some(candidate) = pass.candidate(*index) else { continue };
        // What it does besides costs the shopper nothing, so only its money is refused.
        let effect = candidate.assigns || candidate.trial.is_some();
        match (candidate.overrides, candidate.drops) {
            (true, _) if effect => {
                candidate.money_off = true;
                pass.s.reasons.push((*index, Refusal::NoBenefit));
            }
            (true, _) => pass.refuse(*index, Refusal::NoBenefit),
            (false, Some(line)) => pass.refuse(*index, Refusal::NotWithDiscounts { line }),
            (false, None) => {}
        }
    }
    let mut ranked = std::mem::take(&mut pass.s.ranked);
    ranked.retain(|i| pass.candidate(*i).is_some_and(|c| c.state != State::Refused));
    pass.s.ranked = ranked;
    settle(pass, start.trace);
}

/// Writes why codes were passed over in the last round.
fn reasons(pass: &mut Pass<'_>) {
    let mut first = None;
    for i in 0..pass.s.ranked.len() {
        let Some(index) = pass.s.ranked.get(i).copied() else { continue };
        let Some(passed) = pass.candidate(index).map(|c| c.passed) else { continue };
        if passed == Passed::No {
            continue;
        }
        let chosen = *first.get_or_insert_with(|| first_chosen(pass));
        if let Some(refusal) = refusal_of(pass, index, passed, chosen.into_iter().flatten()) {
            pass.refuse(index, refusal);
        }
    }
}

/// The first codes that were chosen, by rank: among so many the one is looked for that another does not stand beside.
fn first_chosen(pass: &Pass<'_>) -> [Option<u32>; 32] {
    let mut first = [None; 32];
    let is_chosen = |index: &u32| {
        let candidate = usize::try_from(*index).ok().and_then(|i| pass.s.candidates.get(i));
        candidate.is_some_and(|c| c.state == State::Selected)
    };
    let chosen = pass.s.ranked.iter().copied().filter(is_chosen);
    for (place, index) in first.iter_mut().zip(chosen) {
        *place = Some(index);
    }
    first
}

/// Why a code was passed over for those that were chosen, by rank, as the refusal says it; none where it was not.
pub(super) fn refusal_of(
    pass: &Pass<'_>,
    index: u32,
    passed: Passed,
    chosen: impl IntoIterator<Item = u32>,
) -> Option<Refusal> {
    let not_stackable = || Refusal::NotStackable { beside: in_the_way(pass, index, chosen) };
    Some(match (passed, pass.presented(index).and_then(coupon_of)) {
        (Passed::No, _) => return None,
        (Passed::SameCoupon, Some(coupon)) => Refusal::SameCoupon { coupon: coupon.id().clone() },
        (Passed::TypeConflict, _) => Refusal::TypeConflict,
        (Passed::Group, Some(coupon)) => match coupon.combination().group() {
            Some(group) => Refusal::BetterInGroup { group: group.clone() },
            None => not_stackable(),
        },
        (Passed::Limit { limit, allowed, taken }, _) => Refusal::LimitReached { limit, allowed, taken },
        (Passed::TooMany(allowed), _) => Refusal::TooManyCodes { allowed },
        (Passed::NotStackable | Passed::SameCoupon | Passed::Group, _) => not_stackable(),
    })
}
