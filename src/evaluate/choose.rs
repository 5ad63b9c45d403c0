//! Step 7, one round of it: which of the eligible codes stay, by what they put up with.

use std::collections::{HashMap, HashSet};

use crate::coupon::{AssignWhen, Combination, Exclusive, TypeKind};
use crate::key::{CouponId, CustomerTypeId, GroupId, KeyIndex, TagId};
use crate::refusal::LimitKind;
use crate::shop::Prepared;

use super::pass::{Pass, Passed, State, coupon_of, rank};

/// How often an order is chosen for at most because a code that shuts others out finds no place itself.
const MOST_TRIED: usize = 64;

/// Chooses among the eligible codes of this round. What is exclusive shuts others out while it stands itself, whatever
/// their rank; one that finds no place by rank shuts nobody out, so that the choice is made again without it.
pub(super) fn choose(pass: &mut Pass<'_>) {
    if let [only] = *pass.s.ranked {
        return alone(pass, only);
    }
    let ranked = std::mem::take(&mut pass.s.ranked);
    let mut fallen = Fallen::new();
    loop {
        for index in &ranked {
            if let Some(candidate) = pass.candidate(*index) {
                candidate.passed = fallen.get(index).copied().unwrap_or(Passed::No);
                if candidate.state == State::Selected {
                    candidate.state = State::Eligible;
                }
            }
        }
        let shutting = Shutting::new(pass, &ranked, &fallen);
        by_rank(pass, &ranked, &shutting, &fallen);
        let standing = |pass: &mut Pass<'_>, i: u32| pass.candidate(i).is_none_or(|c| c.state == State::Selected);
        let Some(first) = shutting.standing.iter().copied().find(|i| !standing(pass, *i)) else { break };
        if fallen.len() < MOST_TRIED {
            fall(pass, first, &mut fallen);
            continue;
        }
        for index in &ranked {
            if matches!(exclusive_of(pass, *index), Exclusive::Order | Exclusive::Class) {
                fall(pass, *index, &mut fallen);
            }
        }
    }
    pass.s.ranked = ranked;
}

/// The only code in the race: nothing shuts it out, and it shuts nobody out.
fn alone(pass: &mut Pass<'_>, index: u32) {
    let Some(seated) = pass.candidate(index).filter(|c| c.state != State::Refused).map(|c| c.seated) else { return };
    let passed = if seated { Passed::No } else { Chosen::none_yet(pass).room(pass, index) };
    if let Some(candidate) = pass.candidate(index) {
        candidate.passed = passed;
        candidate.state = if passed == Passed::No { State::Selected } else { State::Eligible };
    }
}

/// Codes that would shut others out and have no place themselves, with why.
pub(super) type Fallen = HashMap<u32, Passed>;

fn fall(pass: &mut Pass<'_>, index: u32, fallen: &mut Fallen) {
    if let Some(candidate) = pass.candidate(index) {
        fallen.entry(index).or_insert(candidate.passed);
    }
}

/// One walk down the ranks.
fn by_rank(pass: &mut Pass<'_>, ranked: &[u32], shutting: &Shutting, fallen: &Fallen) {
    let mut chosen = Chosen::none_yet(pass);
    if shutting.any_seated {
        for index in ranked {
            if pass.candidate(*index).is_some_and(|c| c.seated && c.state == State::Eligible) {
                chosen.take(pass, *index);
            }
        }
    }
    for index in ranked {
        let state = pass.candidate(*index).map(|c| c.state);
        if state == Some(State::Selected) {
            chosen.stop_after(pass, *index);
        }
        if state != Some(State::Eligible) || fallen.contains_key(index) {
            continue;
        }
        let passed = if shutting.is_out(pass, *index) { Passed::NotStackable } else { chosen.room(pass, *index) };
        if passed == Passed::No {
            chosen.take(pass, *index);
            chosen.stop_after(pass, *index);
        } else if let Some(candidate) = pass.candidate(*index) {
            candidate.passed = passed;
        }
    }
}

/// What a code that is still in the race is exclusive of.
fn exclusive_of(pass: &mut Pass<'_>, index: u32) -> Exclusive {
    if pass.candidate(index).is_none_or(|c| c.state != State::Eligible) {
        return Exclusive::No;
    }
    pass.presented(index).and_then(coupon_of).map_or(Exclusive::No, |c| c.combination().exclusive())
}

/// What exclusive codes shut others out of, as long as they stand: of several the first by rank. What was accepted before
/// pricing stays, so nothing exclusive can come to stand beside it.
#[derive(Debug, Default)]
pub(super) struct Shutting {
    any_seated: bool,
    /// The code beside which no other one stands.
    alone: Option<u32>,
    /// The stages in which no other code acts.
    stages: u8,
    /// The codes that shut others out and were not accepted before.
    pub(super) standing: Vec<u32>,
}

impl Shutting {
    pub(super) fn new(pass: &mut Pass<'_>, ranked: &[u32], fallen: &Fallen) -> Self {
        let (mut all, mut taken) = (Self::default(), 0);
        for index in ranked {
            if pass.candidate(*index).is_none_or(|c| !c.seated) {
                continue;
            }
            all.any_seated = true;
            taken |= pass.stages(*index);
            match exclusive_of(pass, *index) {
                Exclusive::Order => all.alone = all.alone.or(Some(*index)),
                Exclusive::Class => all.stages |= pass.stages(*index),
                Exclusive::No | Exclusive::Line => {}
            }
        }
        for index in ranked {
            if all.alone.is_some() {
                break;
            }
            if pass.candidate(*index).is_none_or(|c| c.seated) || fallen.contains_key(index) {
                continue;
            }
            let stages = pass.stages(*index);
            match exclusive_of(pass, *index) {
                Exclusive::Order if !all.any_seated && all.standing.is_empty() => {
                    all.alone = Some(*index);
                    all.standing.push(*index);
                }
                Exclusive::Class if stages != 0 && stages & (taken | all.stages) == 0 => {
                    all.stages |= stages;
                    all.standing.push(*index);
                }
                _ => {}
            }
        }
        all
    }

    /// Whether a code that was not accepted before is shut out.
    pub(super) fn is_out(&self, pass: &mut Pass<'_>, index: u32) -> bool {
        let stages = pass.stages(index);
        match (self.alone, exclusive_of(pass, index)) {
            (Some(alone), _) => alone != index,
            (None, Exclusive::Order) => true,
            (None, Exclusive::Class) if stages != 0 => !self.standing.contains(&index),
            (None, _) => stages & self.stages != 0,
        }
    }
}

/// Whether two codes never stand on one order, as their definitions tell; the first by rank comes first.
pub(crate) fn never_together(first: &Prepared, second: &Prepared) -> bool {
    // What changes a type before pricing was accepted before.
    let early = |one: &Prepared| one.coupon().assign().is_some_and(|assign| assign.when() == AssignWhen::BeforePricing);
    apart(first, second) || (first.coupon().combination().stops() && !early(second))
}

/// The code of these, which stand by rank and were chosen, beside which another one does not stand.
pub(super) fn in_the_way(pass: &Pass<'_>, index: u32, chosen: impl IntoIterator<Item = u32>) -> Option<CouponId> {
    let (presented, prepared) = (pass.presented(index)?, pass.prepared(index)?);
    let shuts_out = |other: &u32| {
        let (Some(first), Some(terms)) = (pass.presented(*other), pass.prepared(*other)) else { return false };
        let before = rank(first, presented).then(other.cmp(&index)).is_lt();
        apart(terms, prepared) || (before && terms.coupon().combination().stops())
    };
    let found = chosen.into_iter().find(shuts_out)?;
    pass.prepared(found).map(|other| other.coupon().id().clone())
}

/// Whether two codes do not stand together, whichever comes first.
fn apart(first: &Prepared, second: &Prepared) -> bool {
    let (a, b) = (first.coupon().combination(), second.coupon().combination());
    let refuses = |one: &Combination, other: &Combination| one.not_with().iter().any(|tag| other.tags().contains(tag));
    let shares_class = first.inner().facts.stages & second.inner().facts.stages != 0;
    let exclusive = |one: &Combination| match one.exclusive() {
        Exclusive::Order => true,
        Exclusive::Class => shares_class,
        Exclusive::No | Exclusive::Line => false,
    };
    exclusive(a) || exclusive(b) || refuses(a, b) || refuses(b, a) || (a.group().is_some() && a.group() == b.group())
}

/// What was chosen so far in a round.
pub(super) struct Chosen<'a> {
    /// Codes that count against the number allowed.
    codes: u32,
    allowed: Option<u32>,
    /// The primary type that is assigned so far.
    assigned: Option<CustomerTypeId>,
    /// The definition chosen last: codes of one definition are neighbours in rank.
    last: Option<&'a CouponId>,
    /// How many codes of it were chosen in a row.
    of_last: u64,
    /// Lines that have a code of their own; nothing is stored where no code was entered on a line.
    lines: HashSet<u32>,
    groups: KeyIndex<&'a GroupId>,
    tags: KeyIndex<&'a TagId>,
    not_with: KeyIndex<&'a TagId>,
    /// A code that was chosen lets none come after it.
    stopped: bool,
}

impl<'a> Chosen<'a> {
    /// Nothing is chosen yet; a primary type may be decided on all the same.
    pub(super) fn none_yet(pass: &Pass<'_>) -> Self {
        let assigned = pass.new_primary().cloned();
        Self {
            codes: 0,
            allowed: pass.max_codes(),
            assigned,
            last: None,
            of_last: 0,
            lines: HashSet::new(),
            groups: KeyIndex::default(),
            tags: KeyIndex::default(),
            not_with: KeyIndex::default(),
            stopped: false,
        }
    }

    fn counts(pass: &mut Pass<'a>, index: u32) -> bool {
        !pass.policy.line_codes() || pass.candidate(index).is_some_and(|c| c.line.is_none())
    }

    pub(super) fn room(&self, pass: &mut Pass<'a>, index: u32) -> Passed {
        let Some(coupon) = pass.presented(index).and_then(coupon_of) else { return Passed::NotStackable };
        let combination = coupon.combination();
        if !combination.several_codes() && self.last == Some(coupon.id()) {
            return Passed::SameCoupon;
        }
        if combination.group().is_some_and(|group| self.groups.contains(group)) {
            return Passed::Group;
        }
        let apart = combination.tags().iter().any(|tag| self.not_with.contains(tag))
            || combination.not_with().iter().any(|tag| self.tags.contains(tag));
        if self.stopped || apart {
            return Passed::NotStackable;
        }
        // Several codes of one definition draw on the same counters.
        if let (true, Some(presented)) = (self.last == Some(coupon.id()), pass.presented(index)) {
            let (limits, usage) = (coupon.limits(), presented.usage);
            let counters = [
                (LimitKind::Total, limits.total(), usage.total),
                (LimitKind::Customer, limits.per_customer(), usage.customer),
            ];
            for (limit, allowed, used) in counters {
                let taken = used.saturating_add(self.of_last);
                if let Some(allowed) = allowed.filter(|allowed| taken >= *allowed) {
                    return Passed::Limit { limit, allowed, taken };
                }
            }
        }
        let assigns = pass.candidate(index).is_some_and(|c| c.assigns);
        let assign = coupon.assign().filter(|assign| assigns && assign.kind() == TypeKind::Primary);
        if let (Some(assigned), Some(assign)) = (&self.assigned, assign) {
            if assigned != assign.to() {
                return Passed::TypeConflict;
            }
        }
        let line = pass.candidate(index).and_then(|c| c.line);
        if line.is_some_and(|line| self.lines.contains(&line)) {
            return Passed::TooMany(1);
        }
        match self.allowed {
            Some(max) if self.codes >= max && Self::counts(pass, index) => Passed::TooMany(max),
            _ => Passed::No,
        }
    }

    fn take(&mut self, pass: &mut Pass<'a>, index: u32) {
        self.count(pass, index);
        if let Some(candidate) = pass.candidate(index) {
            candidate.state = State::Selected;
        }
    }

    /// Counts a code in.
    pub(super) fn count(&mut self, pass: &mut Pass<'a>, index: u32) {
        if Self::counts(pass, index) {
            self.codes = self.codes.saturating_add(1);
        }
        let coupon = pass.presented(index).and_then(coupon_of);
        let id = coupon.map(|c| c.id());
        self.of_last = if self.last == id { self.of_last.saturating_add(1) } else { 1 };
        self.last = id;
        if let Some(combination) = coupon.map(|c| c.combination()) {
            self.groups.extend(combination.group());
            self.tags.extend(combination.tags());
            self.not_with.extend(combination.not_with());
        }
        if let Some(candidate) = pass.candidate(index) {
            self.lines.extend(candidate.line);
            let assign = coupon.and_then(|c| c.assign()).filter(|a| a.kind() == TypeKind::Primary);
            if let (true, None, Some(assign)) = (candidate.assigns, &self.assigned, assign) {
                self.assigned = Some(assign.to().clone());
            }
        }
    }

    /// Lets nothing come after a chosen code that stops.
    pub(super) fn stop_after(&mut self, pass: &Pass<'a>, index: u32) {
        self.stopped |= pass.presented(index).and_then(coupon_of).is_some_and(|c| c.combination().stops());
    }
}
