//! What each benefit of a code could take at most, seen from the snapshot: the pieces that a bound is made of.

use crate::coupon::{
    AmountOff, Amounts, Benefit, Bundle, BundleValue, Coupon, Level, Per, PercentBase, PercentOff, Reward, SetPrice,
    ShippingOff, ShippingValue, StepValue, Steps, Target, TaxView, Threshold, Tiers, Within,
};
use crate::evaluate::{Ground, Survey, Surveyed};
use crate::money::{Currency, Money, Percent, Quantity, Rounding};
use crate::order::Order;
use crate::policy::{PercentRounding, Policy, PriceMode};
use crate::request::Presented;
use crate::shop::{Stage, stage};

/// One benefit of one code.
#[derive(Debug)]
pub(super) struct Effect {
    /// The code, as a position by rank.
    pub(super) code: usize,
    pub(super) stage: Stage,
    /// The slots that it may act on, in ascending order.
    pub(super) slots: Vec<u32>,
    /// The most that it takes off in all, in minor units, whatever else is done to the lines.
    pub(super) most: i64,
    pub(super) how: How,
    /// The share of what its slots have that it takes at least, but for rounding; none where it may take nothing though
    /// they have something.
    pub(super) sure: Option<Percent>,
}

/// How much a benefit leaves of a line at least, given what the line has when its turn comes.
#[derive(Debug)]
pub(super) enum How {
    /// A percentage, and at most so many 256ths of a minor unit besides, for rounding. `exact`: on each line by itself, with
    /// this rounding and nothing besides.
    Percent { off: Percent, slack: i64, exact: Option<Rounding> },
    /// At most so much off each line, in minor units; one figure for each slot.
    Less(Vec<i64>),
    /// Down to so much, in minor units; one figure for each slot.
    DownTo(Vec<i64>),
    /// Nothing better is known than the most in all: it may come from any of the lines.
    Anywhere,
}

/// A minor unit in 256ths.
pub(super) const ONE: i64 = 256;

/// What the effects of a wallet are worked out from.
pub(super) struct Setting<'a> {
    pub(super) policy: &'a Policy,
    pub(super) order: &'a Order,
    pub(super) survey: &'a Survey,
    /// Some benefit of the wallet takes only some pieces of a line, so that the pieces of a line may differ.
    pub(super) pieces_differ: bool,
}

impl Setting<'_> {
    fn currency(&self) -> Currency {
        self.order.currency()
    }

    /// Whether a line may refuse a part of what falls to it of a percentage of the order, so that others take it.
    fn moves_shares(&self) -> bool {
        self.order.any_floor() || self.policy.depth().per_line().is_some()
    }

    fn ground(&self, slot: u32) -> Option<&Ground> {
        usize::try_from(slot).ok().and_then(|i| self.survey.grounds.get(i))
    }

    fn highest(&self, slots: &[u32]) -> i64 {
        slots.iter().filter_map(|slot| self.ground(*slot)).fold(0_i64, |sum, g| sum.saturating_add(g.highest))
    }

    /// One figure for each slot.
    fn each(&self, slots: &[u32], figure: impl Fn(&Ground) -> i64) -> Vec<i64> {
        slots.iter().map(|slot| self.ground(*slot).map_or(0, &figure)).collect()
    }

    /// What the gifts of a code stand at in the books.
    pub(super) fn gifts(&self, presented: &Presented<'_>) -> i64 {
        let benefits = presented.coupon.map(|p| p.coupon().benefits()).unwrap_or_default();
        let value = |benefit: &Benefit| match benefit {
            Benefit::Gift(gift) => {
                let each = gift.value().and_then(|value| value.in_currency(self.currency())).map_or(0, Money::minor);
                each.saturating_mul(i64::try_from(gift.pieces()).unwrap_or(i64::MAX))
            }
            _ => 0,
        };
        benefits.iter().map(value).fold(0, i64::saturating_add)
    }

    /// The effects of one code.
    pub(super) fn effects(&self, code: usize, presented: &Presented<'_>, surveyed: &Surveyed, all: &mut Vec<Effect>) {
        let Some(prepared) = presented.coupon.filter(|_| !surveyed.refused && !surveyed.money_off) else { return };
        let coupon = prepared.coupon();
        for (benefit, slots) in coupon.benefits().iter().zip(&surveyed.touched) {
            let Some(stage) = stage(benefit, coupon.level()) else { continue };
            let mut slots = slots.clone();
            slots.sort_unstable();
            slots.dedup();
            let (most, how) = self.effect(coupon, presented, surveyed, benefit, &slots);
            let most = most.min(self.highest(&slots)).min(surveyed.budget_left.unwrap_or(i64::MAX));
            all.push(Effect { code, stage, slots, most, how, sure: sure(benefit) });
        }
    }

    fn effect(
        &self,
        coupon: &Coupon,
        presented: &Presented<'_>,
        surveyed: &Surveyed,
        benefit: &Benefit,
        slots: &[u32],
    ) -> (i64, How) {
        let units_left = surveyed.units_left;
        match benefit {
            Benefit::Percent(percent) => self.percent(coupon, percent, units_left, slots),
            Benefit::Amount(amount) => self.amount(amount, units_left, slots),
            Benefit::SetPrice(price) => self.set_price(coupon, price, units_left, slots),
            Benefit::Tiers(tiers) => self.tiers(tiers, units_left, slots),
            Benefit::Shipping(off) => self.shipping(off, slots),
            Benefit::Operator(_) => (presented.operator_amount.map_or(0, Money::minor), How::Anywhere),
            Benefit::Host(host) => {
                let supplied = presented.host_amounts.unwrap_or_default();
                let of = |slot: &u32| {
                    let id = usize::try_from(*slot).ok().and_then(|i| self.order.slots().get(i)).map(|s| s.id);
                    let given = supplied.iter().filter(|(line, _)| Some(*line) == id);
                    given.fold(0_i64, |sum, (_, amount)| sum.saturating_add(amount.minor()))
                };
                let each: Vec<i64> = slots.iter().map(of).collect();
                (self.capped(total(&each), host.max()), How::Less(each))
            }
            Benefit::BuyGet(set) => {
                let each = set.buy().iter().map(|part| u64::from(part.pieces())).fold(0_u64, u64::saturating_add);
                let (get, all) = (u64::from(set.get().pieces()), self.pieces(slots));
                let sets = all.checked_div(each.saturating_add(get)).unwrap_or(all);
                // Of each line or product there may be a set that is not complete.
                let sets = if set.incomplete() { all } else { sets.min(set.max_sets().unwrap_or(u64::MAX)) };
                (self.reward(set.reward(), get.saturating_mul(sets).min(all), slots), How::Anywhere)
            }
            Benefit::Nth(nth) => {
                let all = self.pieces(slots);
                let sets = all.checked_div(u64::from(nth.of())).unwrap_or(all).min(nth.max_sets().unwrap_or(u64::MAX));
                let most = u64::from(nth.take()).saturating_mul(sets).min(all);
                (self.reward(nth.reward(), most, slots), How::Anywhere)
            }
            Benefit::Bundle(bundle) => (self.bundle(bundle, slots), How::Anywhere),
            Benefit::Steps(steps) => self.steps(steps, slots),
            Benefit::FirstFurther(off) => {
                let minor = |amounts: &Amounts| amounts.in_currency(self.currency()).map_or(0, Money::minor);
                let (first, further) = (minor(off.first()), minor(off.further()));
                // Of each line one piece at most is a first one.
                let of =
                    |g: &Ground| further.saturating_mul(g.units.into()).max(0).saturating_add(first).min(g.highest);
                let each = self.each(slots, of);
                (total(&each), How::Less(each))
            }
            // Moves no money.
            Benefit::Gift(_) | Benefit::Trial(_) | Benefit::None => (0, How::Anywhere),
            // A kind of which nothing better is known may take all that it touches.
            #[allow(unreachable_patterns)]
            _ => (i64::MAX, How::Anywhere),
        }
    }

    fn capped(&self, most: i64, cap: Option<&Amounts>) -> i64 {
        cap.and_then(|cap| cap.in_currency(self.currency())).map_or(most, |cap| most.min(cap.minor()))
    }

    fn percent(&self, coupon: &Coupon, percent: &PercentOff, units_left: Option<u64>, slots: &[u32]) -> (i64, How) {
        let (off, rounding) = (percent.off(), self.policy.rounding().discount);
        let of = |amount: i64| off.of_minor(amount, rounding);
        let per_unit = self.policy.rounding().percent == PercentRounding::PerUnit;
        let units = |g: &Ground| i64::from(g.units);
        let (most, how) = match (coupon.level(), self.dearest(percent.target(), units_left, slots, 0)) {
            // Each line, or each piece, is rounded up by half a unit at most.
            (_, Some(pieces)) => (of(pieces.worth).saturating_add(pieces.count).saturating_add(1), How::Anywhere),
            (Level::Line, None) => {
                let whole = |g: &Ground| of(g.highest).saturating_add(if per_unit { units(g) } else { 0 });
                let each = self.each(slots, whole);
                let how = match percent.base() {
                    PercentBase::Original => How::Less(each.clone()),
                    PercentBase::Remaining if per_unit => {
                        let widest = slots.iter().filter_map(|s| self.ground(*s)).map(units).max().unwrap_or(1);
                        How::Percent { off, slack: widest.saturating_mul(ONE), exact: None }
                    }
                    PercentBase::Remaining => How::Percent { off, slack: ONE / 2, exact: Some(rounding) },
                };
                (total(&each), how)
            }
            (Level::Order, None) => {
                // Rounded once, by half a unit at most, and a share is less than a unit above its quota. A floor moves
                // shares to other lines, so then nothing is known but the sum.
                let how = match percent.base() {
                    _ if self.moves_shares() => How::Anywhere,
                    PercentBase::Original => How::Less(self.each(slots, |g| of(g.highest).saturating_add(2))),
                    PercentBase::Remaining => How::Percent { off, slack: ONE.saturating_add(ONE / 2), exact: None },
                };
                (of(self.highest(slots)), how)
            }
        };
        (self.capped(most, percent.cap()), how)
    }

    fn amount(&self, amount: &AmountOff, units_left: Option<u64>, slots: &[u32]) -> (i64, How) {
        let Some(off) = amount.off().in_currency(self.currency()).map(Money::minor) else { return (0, How::Anywhere) };
        match amount.per() {
            Per::Order => (self.on_either_side(off, amount.tax()), How::Anywhere),
            Per::Line => {
                let each = self.each(slots, |g| off.min(g.highest));
                (total(&each), How::Less(each))
            }
            Per::Unit => match self.dearest(amount.target(), units_left, slots, 0) {
                Some(pieces) => (off.saturating_mul(pieces.count).min(pieces.worth), How::Anywhere),
                None => {
                    let each = self.each(slots, |g| off.saturating_mul(i64::from(g.units)).min(g.highest));
                    (total(&each), How::Less(each))
                }
            },
        }
    }

    /// An amount as priced, where it may be meant on the other side of tax: at most what it is with the highest rate.
    fn on_either_side(&self, off: i64, tax: TaxView) -> i64 {
        if tax == TaxView::AsPriced {
            return off;
        }
        let rates = self.order.classes().iter().filter_map(|class| class.rate);
        let with_tax = rates.filter_map(|rate| rate.exclusive_tax(off, Rounding::HalfUp)).max().unwrap_or(0);
        let classes = i64::try_from(self.order.slots().len()).unwrap_or(i64::MAX);
        off.saturating_add(with_tax).saturating_add(classes).saturating_add(1)
    }

    fn set_price(&self, coupon: &Coupon, set: &SetPrice, units_left: Option<u64>, slots: &[u32]) -> (i64, How) {
        let Some(price) = set.price().in_currency(self.currency()) else { return (0, How::Anywhere) };
        let one = price.to_minor_floor(self.currency()).unwrap_or(i64::MAX);
        if coupon.level() == Level::Order {
            return (self.highest(slots).saturating_sub(one).max(0), How::Anywhere);
        }
        // A measured line is one piece, and what that costs depends on how much it is.
        let measured = |slot: &u32| {
            let line = usize::try_from(*slot).ok().and_then(|i| self.order.lines().get(i));
            line.is_some_and(|line| line.quantity().is_measured())
        };
        let one = if slots.iter().any(measured) { 0 } else { one };
        if let Some(pieces) = self.dearest(set.target(), units_left, slots, one) {
            return (pieces.worth, How::Anywhere);
        }
        let extended = |slot: &u32| {
            // What is sold, which may be less than what was ordered.
            let line = usize::try_from(*slot).ok().and_then(|i| self.order.lines().get(i));
            let pieces = self.ground(*slot).and_then(|g| Quantity::pieces(u64::from(g.units)).ok());
            let whole = line.map(|line| line.quantity()).filter(|quantity| quantity.is_measured());
            let quantity = whole.or(pieces).unwrap_or(Quantity::ONE);
            price.extended_minor(quantity, self.currency(), Rounding::Down).unwrap_or(i64::MAX)
        };
        let down_to: Vec<i64> = slots.iter().map(extended).collect();
        let highest = self.each(slots, |g| g.highest);
        let over = |(high, to): (&i64, &i64)| high.saturating_sub(*to).max(0);
        let most = highest.iter().zip(&down_to).map(over).fold(0_i64, i64::saturating_add);
        // Pieces that differ are set down one by one, and the cheaper ones stay where they are: of a line with the same
        // sum more may be taken, yet never more than in all.
        (most, if self.pieces_differ { How::Anywhere } else { How::DownTo(down_to) })
    }

    /// At most the highest percentage and the highest amount of any step. Marginal steps come to less than the highest.
    fn tiers(&self, tiers: &Tiers, units_left: Option<u64>, slots: &[u32]) -> (i64, How) {
        let rounding = self.policy.rounding();
        let (mut off, mut amount) = (Percent::ZERO, 0_i64);
        for step in tiers.steps() {
            match step.value() {
                StepValue::Percent(percent) => off = off.max(*percent),
                StepValue::Amount(amounts) => {
                    amount = amount.max(amounts.in_currency(self.currency()).map_or(0, Money::minor));
                }
            }
        }
        let of = |amount: i64| off.of_minor(amount, rounding.discount).saturating_add(1);
        let by_line = tiers.within() == Within::Line;
        let per_unit = by_line && rounding.percent == PercentRounding::PerUnit;
        let units = |g: &Ground| i64::from(g.units);
        let whole = |g: &Ground| of(g.highest).saturating_add(if per_unit { units(g) } else { 0 });
        // A step of an amount, marginal and by pieces, is one amount for each piece.
        let times = |g: &Ground| if tiers.is_marginal() { units(g) } else { 1 };
        let amounts = |slots: &[u32]| self.each(slots, |g| amount.saturating_mul(times(g)));
        let most = if by_line {
            total(&self.each(slots, whole)).max(0).saturating_add(total(&amounts(slots)))
        } else {
            let amount = if tiers.is_marginal() { total(&amounts(slots)) } else { amount };
            of(self.highest(slots)).saturating_add(amount)
        };
        let whole_lines = self.dearest(tiers.target(), units_left, slots, 0).is_none();
        let how = if amount > 0 || !whole_lines || (!by_line && self.moves_shares()) {
            How::Anywhere
        } else {
            let widest = slots.iter().filter_map(|s| self.ground(*s)).map(units).max().unwrap_or(1);
            let slack = if per_unit { widest.saturating_add(1) } else { 2 };
            How::Percent { off, slack: slack.saturating_mul(ONE), exact: None }
        };
        (self.capped(most, tiers.cap()), how)
    }

    /// At most what every complete step of the whole order comes to; percentages may be of everything.
    fn steps(&self, steps: &Steps, slots: &[u32]) -> (i64, How) {
        let StepValue::Amount(amounts) = steps.value() else { return (self.highest(slots), How::Anywhere) };
        let each = amounts.in_currency(self.currency()).map_or(0, Money::minor);
        let all = self.survey.grounds.iter();
        let counted = match steps.every() {
            Threshold::Pieces(pieces) => {
                let units = all.fold(0_u64, |sum, g| sum.saturating_add(g.units.into()));
                units.checked_div(*pieces)
            }
            Threshold::Spend(every) => {
                let spent = all.fold(0_i64, |sum, g| sum.saturating_add(g.highest));
                let every = every.in_currency(self.currency()).map_or(0, Money::minor);
                spent.checked_div(every).and_then(|steps| u64::try_from(steps).ok())
            }
        };
        let lines = u64::try_from(slots.len()).unwrap_or(u64::MAX);
        let most = steps.max_steps().map_or(u64::MAX, |most| most.saturating_mul(lines.max(1)));
        let complete = i64::try_from(counted.unwrap_or(u64::MAX).min(most)).unwrap_or(i64::MAX);
        (each.saturating_mul(complete).min(self.highest(slots)), How::Anywhere)
    }

    fn shipping(&self, off: &ShippingOff, slots: &[u32]) -> (i64, How) {
        let minor = |amounts: &Amounts| amounts.in_currency(self.currency()).map_or(0, Money::minor);
        let (most, how) = match off.value() {
            ShippingValue::Free => (self.highest(slots), How::DownTo(vec![0; slots.len()])),
            ShippingValue::Percent(percent) => {
                let rounding = self.policy.rounding().discount;
                let most = total(&self.each(slots, |g| percent.of_minor(g.highest, rounding)));
                (most, How::Percent { off: *percent, slack: ONE / 2, exact: None })
            }
            ShippingValue::ToPrice(price) => {
                let price = minor(price);
                if off.each_shipment() {
                    let most = total(&self.each(slots, |g| g.highest.saturating_sub(price).max(0)));
                    (most, How::DownTo(vec![price; slots.len()]))
                } else {
                    (self.highest(slots).saturating_sub(price).max(0), How::Anywhere)
                }
            }
            ShippingValue::Amount(amounts) if off.each_shipment() => {
                let each = self.each(slots, |g| minor(amounts).min(g.highest));
                (total(&each), How::Less(each))
            }
            ShippingValue::Amount(amounts) => (minor(amounts), How::Anywhere),
        };
        (self.capped(most, off.cap()), how)
    }

    fn pieces(&self, slots: &[u32]) -> u64 {
        slots.iter().filter_map(|slot| self.ground(*slot)).fold(0_u64, |sum, g| sum.saturating_add(u64::from(g.units)))
    }

    /// What rewards come to at most on so many pieces: those of the dearest.
    fn reward(&self, reward: &Reward, pieces: u64, slots: &[u32]) -> i64 {
        let minor = |amounts: &Amounts| amounts.in_currency(self.currency()).map_or(0, Money::minor);
        let dearest = |above: i64| self.dearest_of(slots, Some(pieces), None, above);
        match reward {
            Reward::Free => dearest(0).worth,
            Reward::Percent(off) => {
                let pieces = dearest(0);
                // Each line, or each piece, is rounded up by half a unit at most.
                off.of_minor(pieces.worth, Rounding::Down).saturating_add(pieces.count).saturating_add(1)
            }
            Reward::Amount(amounts) => {
                let pieces = dearest(0);
                minor(amounts).saturating_mul(pieces.count).min(pieces.worth)
            }
            Reward::ToPrice(amounts) => dearest(minor(amounts)).worth,
        }
    }

    /// What all bundles save at most: were they made of the dearest pieces, each at its even part of the price.
    fn bundle(&self, bundle: &Bundle, slots: &[u32]) -> i64 {
        let minor = |amounts: &Amounts| amounts.in_currency(self.currency()).map_or(0, Money::minor);
        let of_one = bundle.parts().iter().map(|part| u64::from(part.pieces())).fold(0_u64, u64::saturating_add);
        let most = self.pieces(slots).checked_div(of_one).unwrap_or(0);
        let bundles = most.min(bundle.max_sets().unwrap_or(u64::MAX));
        let pieces = Some(bundles.saturating_mul(of_one));
        match bundle.value() {
            BundleValue::Price(price) => {
                let part = i64::try_from(of_one).ok().and_then(|n| minor(price).checked_div(n)).unwrap_or(0);
                self.dearest_of(slots, pieces, None, part).worth
            }
            BundleValue::Percent(off) => {
                let pieces = self.dearest_of(slots, pieces, None, 0);
                off.of_minor(pieces.worth, Rounding::Down).saturating_add(pieces.count).saturating_add(1)
            }
            BundleValue::Amount(off) => minor(off).saturating_mul(i64::try_from(bundles).unwrap_or(i64::MAX)),
        }
    }

    /// The dearest pieces that a limit lets a benefit act on, and what each is worth above a price; none where it acts on
    /// all of them. A piece has never more left than it stood at before any coupon, and then the pieces of a line are even.
    fn dearest(&self, target: &Target, units_left: Option<u64>, slots: &[u32], above: i64) -> Option<Pieces> {
        let max = [target.max_units(), units_left].into_iter().flatten().min();
        let per_line = target.max_units_per_line();
        (max.is_some() || target.picks()).then(|| self.dearest_of(slots, max, per_line, above))
    }

    fn dearest_of(&self, slots: &[u32], max: Option<u64>, per_line: Option<u64>, above: i64) -> Pieces {
        let per_line = per_line.unwrap_or(u64::MAX);
        // Charges come after the lines. One is no piece of anything, so no limit of pieces passes it over.
        let lines = self.order.lines().len();
        let (slots, charges): (Vec<u32>, Vec<u32>) =
            slots.iter().partition(|slot| usize::try_from(**slot).is_ok_and(|slot| slot < lines));
        let mut pieces: Vec<(i64, u64)> = slots
            .iter()
            .filter_map(|slot| self.ground(*slot))
            .map(|g| {
                let units = i64::from(g.units.max(1));
                let each = g.highest.saturating_add(units.saturating_sub(1)).checked_div(units).unwrap_or(0);
                (each.saturating_sub(above).max(0), u64::from(g.units).min(per_line))
            })
            .collect();
        pieces.sort_unstable_by(|a, b| b.cmp(a));
        let whole = |slot: &u32| self.ground(*slot).map_or(0, |g| g.highest.saturating_sub(above).max(0));
        let worth = charges.iter().map(whole).fold(0_i64, i64::saturating_add);
        let mut found = Pieces { count: i64::try_from(charges.len()).unwrap_or(i64::MAX), worth };
        let mut open = max.unwrap_or(u64::MAX);
        for (each, count) in pieces {
            let some = i64::try_from(count.min(open)).unwrap_or(i64::MAX);
            open = open.saturating_sub(count);
            found.count = found.count.saturating_add(some);
            found.worth = found.worth.saturating_add(each.saturating_mul(some));
        }
        found
    }
}

/// The dearest pieces.
struct Pieces {
    count: i64,
    worth: i64,
}

fn total(each: &[i64]) -> i64 {
    each.iter().fold(0_i64, |sum, one| sum.saturating_add(*one))
}

/// Whether a benefit may leave the pieces of a line uneven. A kind that nothing better is known of may.
pub(super) fn takes_some_pieces(benefit: &Benefit, units_left: Option<u64>) -> bool {
    match benefit {
        Benefit::Percent(_)
        | Benefit::Amount(_)
        | Benefit::SetPrice(_)
        | Benefit::Operator(_)
        | Benefit::Host(_)
        | Benefit::Tiers(_)
        | Benefit::Steps(_) => benefit.target().is_some_and(|t| units_left.is_some() || t.picks()),
        Benefit::Shipping(_) | Benefit::Gift(_) | Benefit::Trial(_) | Benefit::None => false,
        _ => true,
    }
}

/// The share that a benefit takes at least of what there is, but for rounding.
fn sure(benefit: &Benefit) -> Option<Percent> {
    let whole = |target: &Target| Target { scope: None, ..target.clone() } == Target::default();
    match benefit {
        Benefit::Percent(percent) if whole(percent.target()) => Some(percent.off()),
        // An amount takes at least a minor unit of what there is.
        Benefit::Amount(amount) if whole(amount.target()) && amount.tax() == TaxView::AsPriced => {
            Some(Percent::HUNDRED)
        }
        _ => None,
    }
}

/// Whether tax is added to what a customer pays.
pub(super) fn adds_tax(order: &Order, policy: &Policy) -> bool {
    order.price_mode().unwrap_or(policy.price_mode()) == PriceMode::TaxExclusive
}
