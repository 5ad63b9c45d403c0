//! The least that any combination could leave to be paid: what a search may pass over.
//!
//! # Why it is never too high
//!
//! Two ways are gone, each with a proof; the highest figure counts. Both are about what is left of the lines; everything is
//! counted in 256ths of a minor unit, and every division is rounded to the safe side.
//!
//! **All together.** Every code that may still come is taken to come, in the order in which the engine lets them act: by
//! stage, then by rank. The state is a figure `x(i)` for each slot and a list of *pools*, amounts that may come off any slot
//! of a set. What is kept true is: there are `d(k, i) >= 0`, for each pool `k` with amount `A(k)` only on slots of its set,
//! their sum over `i` at most `A(k)`, so that each slot has at least `y(i) = x(i) - sum of d(k, i) over k` left, *whichever*
//! of the codes so far were used.
//! - At the start `x(i)` is the lowest amount that the slot may begin with.
//! - A code that takes at most `A` off its slots, in whatever way, adds a pool of `A` for them.
//! - A code that takes at most `a(i)` off each line lowers `x(i)` by that. One that sets a line down to `t(i)` lowers `x(i)` to
//!   that, since `min(y, t) >= min(x, t) - d`.
//! - A percentage `p` leaves a line at least `(1 - p)` of what it has, less the slack `s` of its rounding: `x(i)` becomes
//!   `(1 - p) x(i) - s`. `d(k, i)` becomes `(1 - p) d(k, i)` on its slots: where it has all slots of a pool, the pool shrinks
//!   along; else the pool is kept as it is, which is more. Rounded line by line, the slot keeps `x - round(p x)`, which
//!   neither falls when `x` rises nor rises faster than it, so pools are kept as they are.
//! - A code that was *not* used, or leaves a slot alone, changes nothing, and the new `y(i)` is at most the old one where that
//!   is not negative, and at most zero, which no line falls below, where it is.
//! - An amount below zero is no better a bound than zero, and a pool need not be above the sum of its slots, since `d(k, i)`
//!   above `x(i)` says no more than `d(k, i) = x(i)`.
//!
//! In the end the sum of all `x` less all pools bounds what is left, and so does the sum of those slots that are in no pool.
//!
//! **So many at most.** Where only `k` codes may still come, the state is one figure for `0..=k` codes: what is left in all.
//! A code takes at most the smaller of its most and its percentage of that figure (with its rounding); the new figure rises
//! with the old one, so the least over all ways to use `k` codes, in the order of the engine, is found code by code. A code that acts
//! in several stages takes its most at the very end: whatever else acts on less takes less, and by no more than that.
//!
//! Where policy bounds what all codes take together, what that leaves is a third figure.
//!
//! Tax that comes on top grows with what is left; third parties only make it more. Points that are redeemed as a discount
//! count as paid, but no tax is added to what they pay for: the tax on the most that they could is allowed for as a whole,
//! and where they could pay for everything no tax is counted at all. So is cash rounding allowed for as a whole.

use super::effect::{Effect, How, ONE, Setting, adds_tax, takes_some_pieces};
use crate::coupon::Combination;
use crate::evaluate::{Survey, Surveyed};
use crate::money::{Percent, Rounding, TaxRate};
use crate::order::Order;
use crate::policy::{Depth, Policy, TaxRounding};
use crate::request::{Presented, Request};
use crate::shop::{RedeemAs, STAGES, Shop, Stage};

/// What of a wallet may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Not at all.
    Out,
    /// It is used.
    In,
    /// It may come.
    Open,
}

/// The bound of one wallet on one snapshot.
#[derive(Debug)]
pub(super) struct Bound {
    /// What each slot begins with at least.
    start: Vec<i64>,
    /// The rate that is added to each slot.
    rates: Vec<Option<TaxRate>>,
    /// In the order in which they act.
    effects: Vec<Effect>,
    /// The slots of each effect, one bit for each slot.
    sets: Vec<Vec<u64>>,
    totals: Vec<Whole>,
    /// What the gifts of each code are worth, in minor units.
    gifts: Vec<i64>,
    /// The codes in the order in which they act; those of several stages at the end.
    turns: Vec<usize>,
    /// What rounding of tax and of cash may take away, and the tax on what points may pay for.
    slack: i64,
    /// What there is, were nothing taken off.
    most_left: i64,
    /// The least that the limits of policy on all codes together leave, in minor units.
    limited: Option<i64>,
    /// Policy bounds what all codes take together, of a line or of the order.
    bounded: bool,
    /// Amounts are beyond the range of 256ths, so nothing is known.
    beyond: bool,
    work: Work,
}

/// What a code does in all.
#[derive(Debug, Clone, Copy, Default)]
struct Whole {
    /// With tax, in 256ths.
    most: i64,
    /// Its percentage of all there is, with what rounding may add.
    part: Option<(Percent, i64)>,
    stage: Option<Stage>,
    stages: usize,
}

#[derive(Debug, Default)]
struct Work {
    left: Vec<i64>,
    pools: Vec<(usize, i64)>,
    in_pool: Vec<u64>,
    counted: Vec<i64>,
}

impl Bound {
    /// The bound of these codes, which stand by rank.
    pub(super) fn new(
        shop: &Shop,
        request: &Request<'_>,
        survey: &Survey,
        codes: &[(Presented<'_>, &Surveyed)],
    ) -> Self {
        let (policy, order) = (shop.policy(), request.order);
        let pieces_differ = codes.iter().any(|(presented, surveyed)| {
            let benefits = presented.coupon.map(|p| p.coupon().benefits()).unwrap_or_default();
            benefits.iter().any(|b| takes_some_pieces(b, surveyed.units_left))
        });
        let setting = Setting { policy, order, survey, pieces_differ };
        let mut effects = Vec::new();
        for (code, (presented, surveyed)) in codes.iter().enumerate() {
            setting.effects(code, presented, surveyed, &mut effects);
        }
        // Stable, so by rank inside a stage, and in the order of the benefits inside a code.
        effects.sort_by_key(|effect| effect.stage);
        let words = survey.grounds.len().div_ceil(64);
        let set = |effect: &Effect| {
            let mut bits = vec![0_u64; words];
            for slot in &effect.slots {
                mark(&mut bits, *slot);
            }
            bits
        };
        let highest = survey.grounds.iter().fold(0_i64, |sum, g| sum.saturating_add(g.highest));
        let by_points = most_by_points(shop, request);
        let taxed = adds_tax(order, policy) && by_points < highest;
        let rate = |class: u32| usize::try_from(class).ok().and_then(|c| order.classes().get(c)).and_then(|c| c.rate);
        let rates: Vec<_> = survey.grounds.iter().map(|g| rate(g.class).filter(|_| taxed)).collect();
        let highest_rate = rates.iter().flatten().max().copied();
        let untaxed =
            with_tax_up(by_points.saturating_mul(ONE), highest_rate).saturating_sub(by_points.saturating_mul(ONE));
        let steps = match policy.rounding().tax_level {
            TaxRounding::PerClass => order.classes().len(),
            TaxRounding::PerLine => survey.grounds.len(),
        };
        let cash = policy.cash().and_then(|cash| cash.to_minor(order.currency()).ok()).unwrap_or(0);
        let steps = i64::try_from(steps).unwrap_or(i64::MAX).saturating_add(cash);
        let mut bound = Self {
            start: survey.grounds.iter().map(|g| g.lowest.saturating_mul(ONE)).collect(),
            sets: effects.iter().map(set).collect(),
            rates,
            totals: vec![Whole::default(); codes.len()],
            gifts: codes.iter().map(|(presented, _)| setting.gifts(presented)).collect(),
            turns: Vec::new(),
            slack: steps.saturating_mul(ONE).saturating_add(if taxed { untaxed } else { 0 }),
            most_left: survey.grounds.iter().fold(0_i64, |sum, g| sum.saturating_add(g.priced)),
            // With tax of up to a hundredfold, and products with percentages in 128 bits.
            beyond: highest > i64::MAX / ONE / 1_000,
            effects,
            limited: None,
            bounded: policy.depth() != Depth::default() || policy.max_discount().is_some(),
            work: Work::default(),
        };
        bound.limit(policy, order);
        bound.sum_up();
        bound
    }

    /// What policy leaves of the order: what is taken of it all grows more slowly than it does.
    fn limit(&mut self, policy: &Policy, order: &Order) {
        let all = self.start.iter().fold(0_i64, |sum, x| sum.saturating_add(*x));
        let most = policy.max_discount().and_then(|most| most.in_currency(order.currency()));
        let most = most.map(|most| most.minor().saturating_mul(ONE));
        let deep = policy.depth().per_order().map(|depth| depth.of_minor(all, Rounding::Down).saturating_add(ONE));
        let Some(taken) = [most, deep].into_iter().flatten().min() else { return };
        let highest = self.rates.iter().flatten().max().copied();
        let with_tax = self.start.iter().zip(&self.rates).map(|(x, rate)| with_tax_down(*x, *rate));
        let left = with_tax.fold(0_i64, i64::saturating_add).saturating_sub(with_tax_up(taken, highest));
        self.limited = Some(minor_up(left.saturating_sub(self.slack)));
    }

    /// What each code does in all, and when.
    fn sum_up(&mut self) {
        for effect in &self.effects {
            let Some(whole) = self.totals.get_mut(effect.code) else { continue };
            let highest = effect.slots.iter().filter_map(|s| at(&self.rates, *s)).flatten().max();
            let most = effect.most.saturating_mul(ONE);
            whole.most = whole.most.saturating_add(with_tax_up(most, highest.copied()));
            whole.part = match (&effect.how, whole.stages) {
                (How::Percent { off, slack, .. }, 0) => {
                    let slots = i64::try_from(effect.slots.len()).unwrap_or(i64::MAX);
                    Some((*off, with_tax_up(slack.saturating_mul(slots), highest.copied()).saturating_add(1)))
                }
                _ => None,
            };
            if whole.stage != Some(effect.stage) {
                whole.stages = whole.stages.saturating_add(1);
            }
            // A second benefit in the same stage: its percentage is no longer all that it takes.
            whole.part = whole.part.filter(|_| whole.stage.is_none());
            whole.stage = Some(effect.stage);
        }
        let codes = || self.totals.iter().enumerate();
        let single = STAGES.iter().flat_map(|stage| {
            codes().filter(move |(_, w)| w.stages == 1 && w.stage == Some(*stage)).map(|(code, _)| code)
        });
        let several = codes().filter(|(_, w)| w.stages > 1).map(|(code, _)| code);
        self.turns = single.chain(several).collect();
    }

    /// Which of these codes take something beside any others of them, whatever comes: those of which the last piece of what
    /// they act on keeps enough for a minor unit at least when all others took all that they could. They neither hang on what
    /// remains nor run short.
    pub(super) fn certain(
        &mut self,
        order: &Order,
        survey: &Survey,
        codes: &[(Presented<'_>, &Surveyed)],
        standing: &[Standing],
    ) -> Vec<bool> {
        let mut certain = vec![false; codes.len()];
        // A code on a line keeps others off it, and a floor or the depth of all codes keeps all off.
        if self.beyond || self.bounded || order.any_floor() || codes.iter().any(|(_, surveyed)| surveyed.line.is_some())
        {
            return certain;
        }
        self.together(standing);
        for (effect, set) in self.effects.iter().zip(&self.sets) {
            let Some((presented, surveyed)) = codes.get(effect.code) else { continue };
            let Some(coupon) = presented.coupon.map(|prepared| prepared.coupon()) else { continue };
            let short = surveyed.budget_left.is_some() || surveyed.units_left.is_some() || surveyed.wavering;
            let plain = *coupon.combination() == Combination::default() && coupon.assign().is_none();
            let Some(off) = effect.sure.filter(|_| plain && !short) else { continue };
            let slots = || effect.slots.iter();
            let left = slots().filter_map(|s| at(&self.work.left, *s)).fold(0_i64, |sum, x| sum.saturating_add(*x));
            let reach = |(e, amount): &(usize, i64)| {
                let other = self.sets.get(*e).map(Vec::as_slice).unwrap_or_default();
                if set.iter().zip(other).any(|(a, b)| a & b != 0) { *amount } else { 0 }
            };
            let left = self.work.pools.iter().map(reach).fold(left, i64::saturating_sub);
            let units = slots().filter_map(|s| at(&survey.grounds, *s)).map(|g| i64::from(g.units)).sum::<i64>();
            let each = left.max(0).checked_div(units).unwrap_or(0);
            if let Some(certain) = certain.get_mut(effect.code) {
                *certain |= effect.most > 0 && off.of_minor(each, Rounding::Down) >= ONE;
            }
        }
        certain
    }

    /// The most that a seller could be left with, without tax, in minor units.
    pub(super) fn most_left(&self) -> i64 {
        self.most_left
    }

    /// What a code takes at most, in minor units.
    pub(super) fn most(&self, code: usize) -> i64 {
        self.totals.get(code).map_or(0, |whole| whole.most.saturating_add(ONE - 1).checked_div(ONE).unwrap_or(0))
    }

    /// The least that may be left to pay, in minor units, less what is given besides. `free` is how many of the open codes may
    /// still come, where that is bounded; `counts` says which codes it is about.
    pub(super) fn least(
        &mut self,
        standing: &[Standing],
        free: Option<u32>,
        counts: impl Fn(usize) -> bool,
        above: i64,
    ) -> i64 {
        if self.beyond {
            return i64::MIN;
        }
        // Whatever is given besides, all of it together.
        let come = self.gifts.iter().zip(standing).filter(|(_, s)| **s != Standing::Out);
        let gifts = come.fold(0_i64, |sum, (gift, _)| sum.saturating_add(*gift));
        self.left(standing, free, counts, above.saturating_add(gifts)).saturating_sub(gifts)
    }

    /// The least that may be left to pay, whatever is given besides.
    fn left(&mut self, standing: &[Standing], free: Option<u32>, counts: impl Fn(usize) -> bool, above: i64) -> i64 {
        let open = (0..standing.len()).filter(|c| standing.get(*c) == Some(&Standing::Open) && counts(*c)).count();
        let free = free.and_then(|free| usize::try_from(free).ok()).filter(|free| *free < open);
        let few = free.map_or(i64::MIN, |free| self.so_many(standing, free, counts));
        let few = few.max(self.limited.unwrap_or(i64::MIN));
        if few > above {
            return few;
        }
        few.max(self.together(standing))
    }

    fn together(&mut self, standing: &[Standing]) -> i64 {
        let Self { start, rates, effects, sets, slack, work, .. } = self;
        let Work { left, pools, in_pool, .. } = work;
        left.clone_from(start);
        pools.clear();
        for (e, effect) in effects.iter().enumerate() {
            if standing.get(effect.code).is_none_or(|s| *s == Standing::Out) {
                continue;
            }
            let most = effect.most.saturating_mul(ONE);
            let sum = effect.slots.iter().filter_map(|s| at(left, *s)).fold(0_i64, |sum, x| sum.saturating_add(*x));
            if most <= taken(effect, left, sum) {
                pools.push((e, most.min(sum)));
                continue;
            }
            match &effect.how {
                How::Anywhere => pools.push((e, most.min(sum))),
                How::Less(each) => {
                    for (slot, less) in effect.slots.iter().zip(each) {
                        set(left, *slot, |x| x.saturating_sub(less.saturating_mul(ONE)).max(0));
                    }
                }
                How::DownTo(each) => {
                    for (slot, to) in effect.slots.iter().zip(each) {
                        set(left, *slot, |x| x.min(to.saturating_mul(ONE)));
                    }
                }
                How::Percent { off, slack, exact } => {
                    let whole = sets.get(e).map(Vec::as_slice).unwrap_or_default();
                    let mut shrinks = false;
                    for (of, amount) in pools.iter_mut() {
                        if sets.get(*of).is_some_and(|set| covers(whole, set)) {
                            *amount = keep_up(*amount, *off);
                            shrinks = true;
                        }
                    }
                    for slot in &effect.slots {
                        set(left, *slot, |x| match exact.filter(|_| !shrinks && x % ONE == 0) {
                            Some(rounding) => x.saturating_sub(off.of_minor(x / ONE, rounding).saturating_mul(ONE)),
                            None => keep_down(x, *off).saturating_sub(*slack).max(0),
                        });
                    }
                }
            }
        }
        // What no pool can reach stands for itself.
        in_pool.clear();
        in_pool.resize(start.len().div_ceil(64), 0);
        let mut reach = 0_i64;
        for (e, amount) in pools.iter() {
            let Some(set) = sets.get(*e) else { continue };
            for (all, bits) in in_pool.iter_mut().zip(set) {
                *all |= bits;
            }
            let slots = effects.get(*e).map(|effect| effect.slots.as_slice()).unwrap_or_default();
            let highest = slots.iter().filter_map(|s| at(rates, *s)).flatten().max();
            reach = reach.saturating_add(with_tax_up(*amount, highest.copied()));
        }
        let (mut safe, mut open) = (0_i64, 0_i64);
        for (slot, (x, rate)) in (0_u32..).zip(left.iter().zip(rates.iter())) {
            let amount = with_tax_down(*x, *rate);
            let sum = if is_marked(in_pool, slot) { &mut open } else { &mut safe };
            *sum = sum.saturating_add(amount);
        }
        let all = safe.saturating_add(open.saturating_sub(reach).max(0)).saturating_sub(*slack);
        minor_up(all)
    }

    fn so_many(&mut self, standing: &[Standing], free: usize, counts: impl Fn(usize) -> bool) -> i64 {
        let Self { start, rates, totals, turns, slack, work, .. } = self;
        let counted = &mut work.counted;
        let all = start.iter().zip(rates.iter()).fold(0_i64, |sum, (x, r)| sum.saturating_add(with_tax_down(*x, *r)));
        counted.clear();
        counted.resize(free.saturating_add(1), all);
        for code in turns.iter() {
            let Some(whole) = totals.get(*code) else { continue };
            let after = |x: i64| {
                let part =
                    whole.part.map_or(i64::MAX, |(off, more)| x.saturating_sub(keep_down(x, off)).saturating_add(more));
                x.saturating_sub(whole.most.min(part)).max(0)
            };
            match standing.get(*code) {
                Some(Standing::In) => counted.iter_mut().for_each(|x| *x = after(*x)),
                Some(Standing::Open) if !counts(*code) => counted.iter_mut().for_each(|x| *x = after(*x)),
                Some(Standing::Open) => {
                    for more in (1..counted.len()).rev() {
                        let fewer = more.checked_sub(1).and_then(|fewer| counted.get(fewer)).copied();
                        if let (Some(x), Some(fewer)) = (counted.get_mut(more), fewer) {
                            *x = after(fewer).min(*x);
                        }
                    }
                }
                Some(Standing::Out) | None => {}
            }
        }
        minor_up(counted.last().copied().unwrap_or(0).saturating_sub(*slack))
    }
}

/// What points that are redeemed as a discount could be worth, in minor units.
fn most_by_points(shop: &Shop, request: &Request<'_>) -> i64 {
    let program = shop.points().filter(|program| program.redeem_as() == RedeemAs::Discount);
    let currency = request.order.currency();
    let value = program.and_then(|program| program.value_in(currency));
    value.zip(request.points).map_or(0, |(value, asked)| value.times_floor(asked.redeem(), currency))
}

/// What an effect would take as it says itself, to compare with its most; never more than that need be.
fn taken(effect: &Effect, left: &[i64], sum: i64) -> i64 {
    let with = |each: &[i64], one: fn(i64, i64) -> i64| {
        let slots = effect.slots.iter().zip(each);
        slots.filter_map(|(s, e)| Some(one(*at(left, *s)?, e.saturating_mul(ONE)))).fold(0_i64, i64::saturating_add)
    };
    match &effect.how {
        How::Anywhere => i64::MAX,
        How::Percent { off, .. } => sum.saturating_sub(keep_down(sum, *off)),
        How::Less(each) => with(each, |x, less| x.min(less)),
        How::DownTo(each) => with(each, |x, to| x.saturating_sub(to).max(0)),
    }
}

fn at<T>(list: &[T], slot: u32) -> Option<&T> {
    list.get(usize::try_from(slot).ok()?)
}

fn set(list: &mut [i64], slot: u32, to: impl FnOnce(i64) -> i64) {
    if let Some(x) = usize::try_from(slot).ok().and_then(|i| list.get_mut(i)) {
        *x = to(*x);
    }
}

fn place(slot: u32) -> (usize, u64) {
    (usize::try_from(slot / 64).unwrap_or(usize::MAX), 1_u64 << (slot % 64))
}

fn mark(bits: &mut [u64], slot: u32) {
    let (word, bit) = place(slot);
    if let Some(word) = bits.get_mut(word) {
        *word |= bit;
    }
}

fn is_marked(bits: &[u64], slot: u32) -> bool {
    let (word, bit) = place(slot);
    bits.get(word).is_some_and(|word| word & bit != 0)
}

fn covers(whole: &[u64], part: &[u64]) -> bool {
    whole.iter().zip(part).all(|(whole, part)| part & !whole == 0)
}

/// What a percentage leaves, rounded down.
fn keep_down(x: i64, off: Percent) -> i64 {
    x.saturating_sub(off.of_minor(x, Rounding::Down)).saturating_sub(1).max(0)
}

/// What a percentage leaves, rounded up.
fn keep_up(x: i64, off: Percent) -> i64 {
    x.saturating_sub(off.of_minor(x, Rounding::Down))
}

fn with_tax_down(x: i64, rate: Option<TaxRate>) -> i64 {
    x.saturating_add(rate.and_then(|rate| rate.exclusive_tax(x, Rounding::Down)).unwrap_or(0))
}

fn with_tax_up(x: i64, rate: Option<TaxRate>) -> i64 {
    let tax = rate.map_or(0, |rate| rate.exclusive_tax(x, Rounding::Down).map_or(i64::MAX, |t| t.saturating_add(1)));
    x.saturating_add(tax)
}

/// The smallest number of whole minor units that is not below.
fn minor_up(x: i64) -> i64 {
    let whole = x.div_euclid(ONE);
    if x.rem_euclid(ONE) == 0 { whole } else { whole.saturating_add(1) }
}
