//! The second implementation: slow, on exact fractions, every piece by itself, written from the semantics and not from
//! the engine. Where the semantics leave something open, the reading is said where it is used.

use crate::answer::{Answer, ClassAnswer, CodeAnswer, GiftAnswer, LineAnswer, Off, TotalsAnswer};
use crate::case::{
    Basis, Benefit, Case, Condition, Conflict, Coupon, Entered, Funding, Line, Overrides, Per, Scope, ShippingValue,
    Target, View,
};
use crate::combining::{self, Contender, Exclusive};
use crate::fraction::{Fraction, Mode, share};
use crate::points::{Points, PointsAnswer};
use crate::types::{Standing, When};

#[path = "ladders.rs"]
mod ladders;
#[path = "offers.rs"]
mod offers;
#[path = "sets.rs"]
mod sets;

const UNCAPPED: i128 = 1_000_000_000_000_000_000;

/// One piece of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Piece {
    left: i128,
    original: i128,
    /// A set of pieces used it up.
    claimed: bool,
}

/// A line, or a charge (then `line` is none).
#[derive(Debug, Clone)]
struct Slot<'a> {
    id: u64,
    line: Option<&'a Line>,
    shipping: Option<Option<u8>>,
    class: Option<u8>,
    count: usize,
    list: i128,
    base: i128,
    /// The least that one piece may cost.
    floor: i128,
    /// With their names: first those of the host, then those of offers.
    discounts: Vec<(String, i128, Funding)>,
    /// What thresholds and prices of a scope look at.
    seen: i128,
    /// How many pieces the sets of offers used.
    used: usize,
    /// After the shop's discounts, before any coupon.
    after: i128,
    left: i128,
    third: i128,
    /// What loyalty points took off.
    points: i128,
    /// What the depth of all codes leaves of it at least.
    least: i128,
    /// The code that is exclusive of it.
    keeper: Option<usize>,
    dropped: bool,
    /// At the list price, whatever the customer's own price is.
    overridden: bool,
    owned: bool,
    /// The pieces, from the moment on when a benefit took only some of them.
    pieces: Option<Vec<Piece>>,
}

/// What one code did in one round.
#[derive(Debug, Clone, Default)]
struct Tally {
    wanted: i128,
    granted: i128,
    forfeited: i128,
    third: i128,
    units: i128,
    turn_was: bool,
    /// A benefit could pick no piece, for its definition has too few units left.
    short_of_units: bool,
    refused: Option<Vec<String>>,
}

/// A presented code, judged on the snapshot.
#[derive(Debug, Clone)]
struct Judged {
    reasons: Vec<String>,
    touch: Vec<usize>,
    waiting: bool,
    drops: bool,
    deferred: bool,
}

/// One round of selection and pricing.
#[derive(Debug, Clone)]
struct Round<'a> {
    slots: Vec<Slot<'a>>,
    offs: Vec<Off>,
    tallies: Vec<Tally>,
    chosen: Vec<usize>,
    /// What all codes together may take yet.
    open: i128,
    /// Refused for good in this or an earlier round, with the reasons.
    refused: Vec<(usize, Vec<String>)>,
    /// Not chosen in the last round, with the reason.
    passed: Vec<(usize, String)>,
}

/// The part of one line or charge that a benefit acts on: some of its pieces, those with most left first.
#[derive(Debug, Clone)]
struct Part {
    slot: usize,
    /// Their places among the pieces of the line.
    at: Vec<usize>,
    pieces: Vec<Piece>,
    rooms: Vec<i128>,
    /// What the depth of all codes leaves of them together.
    most: i128,
    /// Piece by piece, where the benefit says it so.
    takes: Option<Vec<i128>>,
    /// Its pieces are treated apart from each other, though all of the line are acted on.
    uneven: bool,
    take: i128,
}

impl Part {
    fn left(&self) -> i128 {
        self.pieces.iter().map(|p| p.left).sum()
    }

    fn original(&self) -> i128 {
        self.pieces.iter().map(|p| p.original).sum()
    }

    fn above_floor(&self) -> i128 {
        self.rooms.iter().sum()
    }

    fn room(&self) -> i128 {
        self.above_floor().min(self.most)
    }

    /// What each piece gives; answers the sum. Where that is too deep, all of them give what is open, by what each has
    /// left.
    fn each(&mut self, takes: Vec<i128>) -> i128 {
        let all: i128 = takes.iter().sum();
        self.takes = Some(takes).filter(|_| all <= self.most);
        self.take = all.min(self.most);
        all
    }
}

fn percent_of(percent: i128, amount: i128, mode: Mode) -> i128 {
    (Fraction::new(percent, 100_000) * Fraction::whole(amount)).round(mode)
}

fn sum<T>(of: &[T], figure: impl Fn(&T) -> i128) -> i128 {
    of.iter().map(figure).sum()
}

/// An amount spread over pieces: 100 over three is 34, 33, 33.
fn evenly(amount: i128, count: usize) -> Vec<i128> {
    share(amount, &vec![1; count], &vec![UNCAPPED; count])
}

pub struct Twin<'a> {
    case: &'a Case,
    start: Vec<Slot<'a>>,
    judged: Vec<Judged>,
    /// It makes the offers of the shop, which stand in the place of coupons.
    offering: bool,
    /// What those gave beside discounts.
    offer_gifts: Vec<GiftAnswer>,
}

/// The discounts of the host, numbered.
fn named(of: &[(i128, Funding)]) -> Vec<(String, i128, Funding)> {
    of.iter().enumerate().map(|(n, (amount, funding))| (format!("discount {n}"), *amount, *funding)).collect()
}

pub fn evaluate(case: &Case) -> Answer {
    evaluate_and_tell(case).0
}

/// And which lines stand at the list price because of a coupon.
pub fn evaluate_and_tell(case: &Case) -> (Answer, Vec<u64>) {
    let mut twin = Twin::new(case);
    twin.judge();
    let round = twin.select();
    let overridden = round.slots.iter().filter(|s| s.overridden && s.line.is_some()).map(|s| s.id).collect();
    (twin.answer(&round), overridden)
}

/// Whether an applied code of a coupon takes the place of the shop's discounts.
pub fn drops(case: &Case, coupon: usize) -> bool {
    let mut twin = Twin::new(case);
    twin.judge();
    let round = twin.select();
    round.chosen.iter().any(|code| case.codes[*code].coupon == coupon && twin.judged[*code].drops)
}

/// The lines that a scope covers.
pub fn covered(case: &Case, scope: &Scope) -> Vec<u64> {
    let twin = Twin::new(case);
    twin.start.iter().filter(|slot| twin.covers(scope, slot)).map(|slot| slot.id).collect()
}

/// With loyalty points, redeemed after all coupons.
pub fn evaluate_with_points(case: &Case, points: &Points) -> (Answer, PointsAnswer) {
    let mut twin = Twin::new(case);
    twin.judge();
    let mut round = twin.select();
    let eligible: Vec<usize> = (0..twin.start.len()).filter(|i| twin.covers(&points.scope, &twin.start[*i])).collect();
    let reductible: Vec<usize> =
        eligible.iter().copied().filter(|i| twin.start[*i].line.is_some_and(|l| l.discountable)).collect();
    let lefts: Vec<i128> = reductible.iter().map(|i| round.slots[*i].left).collect();
    let mut told = PointsAnswer::default();
    if !points.tender {
        points.redeem(lefts.iter().sum(), &mut told);
        for (i, amount) in reductible.iter().zip(share(told.money, &lefts, &lefts)).filter(|(_, a)| *a > 0) {
            let slot = &mut round.slots[*i];
            (slot.left, slot.points) = (slot.left - amount, amount);
            round.offs.push(Off { line: slot.id, by: "points".to_owned(), amount, third_party: 0 });
        }
    }
    let mut answer = twin.answer(&round);
    if points.tender {
        let of = |i: &usize| answer.lines.iter().find(|l| l.id == round.slots[*i].id).unwrap().payable;
        points.redeem(eligible.iter().map(of).sum(), &mut told);
        // What is still due in money is what is rounded.
        let to_pay = answer.totals.payable - answer.totals.cash_rounding;
        if let Some(interval) = case.policy.cash {
            let due = to_pay - told.money;
            answer.totals.cash_rounding = Fraction::new(due, interval).round(Mode::HalfUp) * interval - due;
        }
        answer.totals.payable = to_pay + answer.totals.cash_rounding;
    }
    let line = |i: &usize| answer.lines.iter().find(|l| l.id == round.slots[*i].id).unwrap();
    let to_pay: i128 = eligible.iter().map(|i| line(i).payable).sum();
    // What is paid for a line, without tax: where a third party pays a part, its part of the tax is not on that.
    let untaxed = |i: &usize| {
        let (left, third) = (round.slots[*i].left, round.slots[*i].third);
        match (case.policy.inclusive, left + third) {
            (false, _) | (_, 0) => left,
            (true, all) => left - Fraction::new(line(i).tax.unwrap_or(0) * left, all).round(Mode::HalfUp),
        }
    };
    let mut net: i128 = eligible.iter().map(untaxed).sum();
    if points.tender {
        // Nothing is earned on what points pay.
        if to_pay > 0 {
            net -= Fraction::new(net * told.money, to_pay).round(Mode::HalfUp);
        }
    }
    told.due = answer.totals.payable - if points.tender { told.money } else { 0 };
    let major = Fraction::new(net, 10_i128.pow(case.policy.exponent));
    told.earned = points.rate.map_or(0, |rate| (major * rate * points.multiplier).floor());
    (answer, told)
}

/// What step 2 says of a code that changes the type before pricing: it sees no line and no price.
pub fn judge_before_pricing(case: &Case, code: usize) -> Vec<String> {
    Twin { case, start: Vec::new(), judged: Vec::new(), offering: false, offer_gifts: Vec::new() }
        .judge_code(code)
        .reasons
}

impl<'a> Twin<'a> {
    fn new(case: &'a Case) -> Self {
        let mut twin = Twin { case, start: Vec::new(), judged: Vec::new(), offering: false, offer_gifts: Vec::new() };
        twin.start = twin.slots();
        if !case.offers.is_empty() {
            twin.offer_gifts = offers::make(case, &mut twin.start);
        }
        twin
    }

    fn coupon(&self, code: usize) -> &'a Coupon {
        &self.case.coupons[self.entered(code).coupon]
    }

    fn entered(&self, code: usize) -> &'a Entered {
        &self.case.codes[code]
    }

    fn third_part(&self, funding: Funding, amount: i128) -> i128 {
        match funding {
            Funding::Seller => 0,
            Funding::Third => amount,
            Funding::Split(part) => percent_of(part, amount, self.case.policy.discount_rounding),
        }
    }

    // Steps 1 to 5: prices and the shop's discounts.

    fn slots(&self) -> Vec<Slot<'a>> {
        let case = self.case;
        let minor = Fraction::whole(10_i128.pow(case.policy.exponent));
        let mut slots = Vec::new();
        for line in case.lines.iter().filter(|l| !l.refused) {
            // A quantity of pieces, or one piece that is measured; the extended amount is rounded once, half-up.
            let extended =
                |price: crate::case::Number| (price.fraction() * line.quantity.fraction() * minor).round(Mode::HalfUp);
            let count = if line.measured { 1 } else { usize::try_from(line.quantity.digits).unwrap() };
            let whole = if line.measured { line.quantity.fraction() } else { Fraction::whole(1) };
            slots.push(Slot {
                id: line.id,
                line: Some(line),
                shipping: None,
                class: line.class,
                count,
                list: extended(line.price),
                base: extended(line.customer_price.unwrap_or(line.price)),
                floor: line.floor.map_or(0, |floor| (floor.fraction() * whole * minor).ceil()),
                discounts: named(&line.discounts),
                seen: 0,
                used: 0,
                after: 0,
                left: 0,
                third: 0,
                points: 0,
                least: 0,
                keeper: None,
                dropped: false,
                overridden: false,
                owned: false,
                pieces: None,
            });
        }
        let mut charges = Vec::new();
        for charge in &case.charges {
            charges.push(Slot {
                id: charge.id,
                line: None,
                shipping: charge.shipping,
                class: charge.class,
                count: 1,
                list: charge.amount,
                base: charge.amount,
                floor: 0,
                discounts: named(&charge.discounts),
                seen: 0,
                used: 0,
                after: 0,
                left: 0,
                third: 0,
                points: 0,
                least: 0,
                keeper: None,
                dropped: false,
                overridden: false,
                owned: false,
                pieces: None,
            });
        }
        slots.sort_by_key(|s| s.id);
        charges.sort_by_key(|s| s.id);
        slots.extend(charges);
        for slot in &mut slots {
            slot.after = slot.base;
            for (_, amount, _) in &slot.discounts {
                slot.after -= (*amount).min(slot.after);
            }
            // Offers are discounts themselves, so that they look at what stood before any.
            slot.seen = if self.offering { slot.base } else { slot.after };
        }
        slots
    }

    // Step 6: eligibility, on one snapshot.

    fn covers(&self, scope: &Scope, slot: &Slot<'_>) -> bool {
        let Some(line) = slot.line else { return false };
        let unit = Fraction::new(slot.seen, i128::try_from(slot.count).unwrap());
        match scope {
            Scope::Open => true,
            Scope::Products(of) => of.contains(&line.product),
            Scope::Categories(of) => line.categories.iter().any(|c| of.contains(c)),
            Scope::OnSale => line.on_sale,
            Scope::Prices(min, max) => {
                min.is_none_or(|min| unit >= Fraction::whole(min)) && max.is_none_or(|max| unit <= Fraction::whole(max))
            }
            Scope::All(of) => of.iter().all(|s| self.covers(s, slot)),
            Scope::Any(of) => of.iter().any(|s| self.covers(s, slot)),
            Scope::Not(inner) => !self.covers(inner, slot),
            Scope::Lines(of) => of.contains(&slot.id),
        }
    }

    fn judge(&mut self) {
        for code in 0..self.case.codes.len() {
            let mut judged = self.judge_code(code);
            // What was judged before pricing stays as it was judged.
            if self.case.seen.seated.contains(&code) {
                judged.reasons.clear();
            }
            if let Some((_, reasons)) = self.case.seen.unseated.iter().find(|(c, _)| *c == code) {
                judged.reasons.clone_from(reasons);
            }
            self.judged.push(judged);
        }
    }

    /// Of the same code twice one stays: that of the whole order, then that of the first line, then the smaller figure.
    fn is_duplicate(&self, code: usize) -> bool {
        let key = |i: usize| {
            let entered = self.entered(i);
            let slot = entered.on_line.map(|id| self.case.lines.iter().filter(|l| l.id < id).count());
            (slot, entered.operator_amount, i)
        };
        (0..self.case.codes.len())
            .any(|other| self.entered(other).code == self.entered(code).code && key(other) < key(code))
    }

    fn judge_code(&self, code: usize) -> Judged {
        let (coupon, entered) = (self.coupon(code), self.entered(code));
        let touch: Vec<usize> = (0..self.start.len())
            .filter(|i| {
                let slot = &self.start[*i];
                slot.line.is_some_and(|l| l.discountable && entered.on_line.is_none_or(|id| id == l.id))
                    && self.covers(&coupon.scope, slot)
                    && !self.is_given(code, slot)
            })
            .collect();
        let mut judged = Judged { reasons: Vec::new(), touch, waiting: false, drops: false, deferred: false };
        if self.is_duplicate(code) {
            judged.reasons.push("duplicate_code".to_owned());
            return judged;
        }
        let mut no = |reason: &str| judged.reasons.push(reason.to_owned());
        if [coupon.units, coupon.total].into_iter().flatten().any(|(allowed, used)| used >= allowed) {
            no("limit_reached");
        }
        if coupon.budget.is_some_and(|(budget, spent)| spent >= budget) {
            no("budget_exhausted");
        }
        if coupon.benefits.iter().any(|b| matches!(b, Benefit::Host { .. })) && entered.host_amounts.is_none() {
            no("host_amounts_required");
        }
        // One operator's figure for the coupon.
        let by_hand = coupon.benefits.iter().find_map(|b| match b {
            Benefit::Operator { max, .. } => Some(*max),
            _ => None,
        });
        if let Some(max) = by_hand {
            match (entered.operator_amount, max) {
                (None, _) => no("manual_amount_required"),
                (Some(amount), Some(max)) if amount > max => no("manual_amount_too_high"),
                _ => {}
            }
        }
        let any_shipping = self.start.iter().any(|s| s.shipping.is_some());
        // What could act on lines were there more of them says what is missing.
        // Of a placed order whatever was applied stands, and keeps its line, though nothing is left for it to take.
        let (mut acts, mut short) = (self.assigns(code) || self.case.seen.stored, None);
        for benefit in &coupon.benefits {
            let on = |lines: bool| {
                let mut slots = (0..self.start.len()).filter(|i| self.start[*i].line.is_some() == lines);
                slots.any(|i| self.acts_on(benefit, code, &judged.touch, i))
            };
            let below = self.below(benefit, &judged.touch);
            acts |= match benefit {
                Benefit::Gift { .. } | Benefit::None => !judged.touch.is_empty(),
                _ => (on(true) && below.is_none()) || on(false),
            };
            short = short.or(below);
        }
        let shipping = coupon.benefits.iter().any(|b| matches!(b, Benefit::Shipping { .. }));
        // What is automatic waits for nothing.
        judged.waiting = shipping && !any_shipping && !acts && !self.offering;
        if !acts && !judged.waiting {
            no(short.unwrap_or("not_applicable"));
        }
        let discounted = (0..self.start.len()).any(|i| {
            self.start[i].discounts.iter().any(|(_, amount, _)| *amount > 0)
                && coupon.benefits.iter().any(|b| self.acts_on(b, code, &judged.touch, i))
        });
        // One that waits for shipping does nothing to lines yet.
        if !coupon.with_discounts && discounted && !judged.waiting {
            match self.case.policy.conflict {
                Conflict::Refuse => no("not_with_discounts"),
                Conflict::Drop | Conflict::Better => judged.drops = true,
            }
        }
        let mut reasons = Vec::new();
        let mut verdict = Verdict::Yes;
        for condition in &coupon.conditions {
            verdict = verdict.and(self.holds(condition, code, &judged.touch, &self.start, false, &mut reasons));
        }
        judged.deferred = verdict == Verdict::Later;
        if verdict == Verdict::No {
            judged.reasons.extend(reasons);
        }
        judged
    }

    /// What a benefit is short of to act on any line, where it is something to be bought.
    fn below(&self, benefit: &Benefit, touch: &[usize]) -> Option<&'static str> {
        let target = match benefit {
            Benefit::Percent { target, .. }
            | Benefit::Amount { target, .. }
            | Benefit::SetPrice { target, .. }
            | Benefit::Operator { target, .. }
            | Benefit::Host { target, .. } => target,
            Benefit::Ladder(kind) => kind.target(),
            Benefit::Shipping { .. } | Benefit::Gift { .. } | Benefit::Set(_) | Benefit::None => return None,
        };
        let whole = Target { pieces_from: None, ..target.clone() };
        let of = |target: &Target| -> Vec<u64> {
            let slots = touch.iter().map(|i| &self.start[*i]).filter(|slot| self.is_for(target, slot));
            slots.map(|slot| u64::try_from(slot.count).unwrap()).collect()
        };
        let pieces = of(target);
        if pieces.is_empty() {
            return (target.pieces_from.is_some() && !of(&whole).is_empty()).then_some("minimum_quantity");
        }
        let most = target.max_units_per_line.unwrap_or(u64::MAX);
        let found: u64 = pieces.into_iter().map(|pieces| pieces.min(most)).sum();
        if target.groups_of.is_some_and(|group| found < group) {
            return Some("minimum_quantity");
        }
        match benefit {
            Benefit::Ladder(kind) => self.below_the_ladder(touch, kind),
            _ => None,
        }
    }

    /// Whether a target is for a line: within its scope, with the pieces that it takes.
    fn is_for(&self, target: &Target, slot: &Slot<'_>) -> bool {
        let enough = |least: u64| u64::try_from(slot.count).unwrap() >= least;
        target.scope.as_ref().is_none_or(|s| self.covers(s, slot)) && target.pieces_from.is_none_or(enough)
    }

    /// Whether a benefit of a code acts on a line or charge at all.
    fn acts_on(&self, benefit: &Benefit, code: usize, touch: &[usize], slot: usize) -> bool {
        let whole_order = self.entered(code).on_line.is_none();
        let by_target = |target: &Target| touch.contains(&slot) && self.is_for(target, &self.start[slot]);
        let ships = self.start[slot].shipping.is_some();
        if self.is_given(code, &self.start[slot]) {
            return false;
        }
        match benefit {
            Benefit::Percent { target, shipping, .. } | Benefit::Amount { target, shipping, .. } => {
                by_target(target) || (*shipping && ships && whole_order)
            }
            Benefit::SetPrice { target, .. } | Benefit::Operator { target, .. } | Benefit::Host { target, .. } => {
                by_target(target)
            }
            Benefit::Shipping { methods, .. } => match (self.start[slot].shipping, methods) {
                (None, _) => false,
                (Some(_), None) => true,
                (Some(method), Some(of)) => method.is_some_and(|m| of.contains(&m)),
            },
            Benefit::Set(kind) => touch.contains(&slot) && self.in_set(kind, slot),
            Benefit::Ladder(kind) => by_target(kind.target()),
            Benefit::Gift { .. } | Benefit::None => false,
        }
    }

    fn holds(
        &self,
        condition: &Condition,
        code: usize,
        touch: &[usize],
        slots: &[Slot<'_>],
        at_turn: bool,
        reasons: &mut Vec<String>,
    ) -> Verdict {
        let range = |whole_order: bool| -> Vec<usize> {
            (0..slots.len())
                .filter(|i| if whole_order { slots[*i].line.is_some() } else { touch.contains(i) })
                .collect()
        };
        match condition {
            Condition::All(of) => {
                of.iter().fold(Verdict::Yes, |all, c| all.and(self.holds(c, code, touch, slots, at_turn, reasons)))
            }
            Condition::Any(of) => {
                let mut inner = Vec::new();
                let any = of
                    .iter()
                    .fold(Verdict::No, |any, c| any.or(self.holds(c, code, touch, slots, at_turn, &mut inner)));
                if any == Verdict::No {
                    reasons.push("none_of".to_owned());
                    reasons.extend(inner);
                }
                any
            }
            Condition::Not(inner) => match self.holds(inner, code, touch, slots, at_turn, &mut Vec::new()) {
                Verdict::Yes => {
                    reasons.push("excluded".to_owned());
                    Verdict::No
                }
                Verdict::No => Verdict::Yes,
                Verdict::Later => Verdict::Later,
            },
            Condition::Types { only, except } => {
                let any = |of: &Vec<u8>| of.iter().any(|t| self.standing_seen_by(code).types.contains(t));
                if only.as_ref().is_none_or(any) && !any(except) {
                    return Verdict::Yes;
                }
                reasons.push("customer_type".to_owned());
                Verdict::No
            }
            Condition::Members(groups) => {
                let members = &self.standing_seen_by(code).members;
                let any = |of: &Vec<u8>| of.iter().any(|t| members.contains(t));
                if groups.as_ref().map_or(!members.is_empty(), any) {
                    return Verdict::Yes;
                }
                reasons.push("members_only".to_owned());
                Verdict::No
            }
            Condition::Spend { amount, basis, view, whole_order, inclusive } => {
                if *basis == Basis::Remaining && !at_turn {
                    return Verdict::Later;
                }
                let figures: Vec<(Option<u8>, i128)> = range(*whole_order)
                    .into_iter()
                    .map(|i| {
                        let slot = &slots[i];
                        let figure = match basis {
                            Basis::List => slot.list,
                            Basis::Discounted => slot.seen,
                            Basis::Remaining => slot.left,
                        };
                        (slot.class, figure)
                    })
                    .collect();
                // Net and gross are worked out per tax class or per line, as tax is.
                let found = if self.differs(*view) && self.case.policy.tax_per_line {
                    sum(&figures, |(class, figure)| self.other_side(*class, *figure))
                } else if self.differs(*view) {
                    let mut classes: Vec<Option<u8>> = figures.iter().map(|(class, _)| *class).collect();
                    classes.sort_unstable();
                    classes.dedup();
                    sum(&classes, |class| {
                        let of: Vec<_> = figures.iter().filter(|(c, _)| c == class).collect();
                        self.other_side(*class, sum(&of, |(_, figure)| *figure))
                    })
                } else {
                    sum(&figures, |(_, figure)| *figure)
                };
                let holds = if *inclusive { found >= *amount } else { found > *amount };
                if holds {
                    return Verdict::Yes;
                }
                reasons.push("minimum_spend".to_owned());
                Verdict::No
            }
            Condition::Quantity { pieces, whole_order, of } => {
                let found: usize = range(*whole_order)
                    .into_iter()
                    .filter(|i| of.as_ref().is_none_or(|of| self.covers(of, &slots[*i])))
                    .map(|i| slots[i].count)
                    .sum();
                if i128::try_from(found).unwrap() >= *pieces {
                    return Verdict::Yes;
                }
                reasons.push("minimum_quantity".to_owned());
                Verdict::No
            }
        }
    }

    /// A code that changes the type before pricing sees the old one; every other code sees the new one.
    fn standing_seen_by(&self, code: usize) -> &Standing {
        let before = self.coupon(code).assign.as_ref().is_some_and(|assign| assign.when == When::BeforePricing);
        // One that would change nothing is a code like any other.
        if before && self.assigns(code) { &self.case.seen.before } else { &self.case.seen.after }
    }

    /// Whether a code makes something else of the customer.
    fn assigns(&self, code: usize) -> bool {
        self.coupon(code).assign.is_some() && !self.case.seen.idle.contains(&code)
    }

    fn rate(&self, class: Option<u8>) -> Option<Fraction> {
        self.case.rates.iter().find(|(c, _)| *c == class).map(|(_, rate)| Fraction::new(*rate, 100_000))
    }

    fn differs(&self, view: View) -> bool {
        matches!((view, self.case.policy.inclusive), (View::Net, true) | (View::Gross, false))
    }

    /// Net of a gross amount, gross of a net one.
    fn other_side(&self, class: Option<u8>, amount: i128) -> i128 {
        let (one, mode) = (Fraction::whole(1), self.case.policy.tax_rounding);
        match self.rate(class) {
            None => amount,
            Some(rate) if self.case.policy.inclusive => (Fraction::whole(amount) / (one + rate)).round(mode),
            Some(rate) => amount + (Fraction::whole(amount) * rate).round(mode),
        }
    }

    // Step 7: selection.

    fn rank(&self) -> Vec<usize> {
        let mut ranked: Vec<usize> = (0..self.judged.len()).filter(|i| self.judged[*i].reasons.is_empty()).collect();
        ranked.sort_by_key(|i| {
            // One that was accepted before pricing keeps its place whatever comes.
            let seated = self.case.seen.seated.contains(i);
            (!seated, self.rank_of(*i))
        });
        ranked
    }

    fn rank_of(&self, code: usize) -> impl Ord + use<> {
        let coupon = self.coupon(code);
        (std::cmp::Reverse(coupon.priority), coupon.id.clone(), self.entered(code).code.clone())
    }

    /// Refused codes change nothing for the others: what stays is what stays without them.
    fn select(&self) -> Round<'a> {
        let mut round = self.select_of(&self.rank());
        loop {
            let without = self.select_of(&round.chosen);
            if without.chosen.len() == round.chosen.len() {
                return round;
            }
            let (mut refused, mut passed) = (round.refused, round.passed);
            refused.extend(without.refused.iter().cloned());
            passed.extend(without.passed.iter().cloned());
            round = Round { refused, passed, ..without };
        }
    }

    /// Selection among some codes, by rank.
    fn select_of(&self, codes: &[usize]) -> Round<'a> {
        let groups = self.groups(codes);
        let better = self.case.policy.conflict == Conflict::Better;
        let overrides = |code: usize| (0..self.start.len()).any(|i| self.overrides(code, &self.start[i], i));
        let contested = |code: usize| self.judged[code].drops && better || overrides(code);
        // Without these the order is no dearer. Groups are decided beside what stays, so that they are decided again.
        let mut out: Vec<(usize, &str)> = Vec::new();
        loop {
            let (mut barred, mut round) = self.best_of_groups(codes, &groups, &out);
            let (known, mut decided) = (barred.len(), Vec::new());
            // The better of a coupon and of what it takes away from the customer, discounts or prices: both are priced,
            // contested coupons by rank. It stays where the order is cheaper with it.
            while let Some(code) = round.chosen.iter().copied().find(|c| contested(*c) && !decided.contains(c)) {
                let mut without = barred.clone();
                without.push((code, if overrides(code) { "no_benefit" } else { "not_with_discounts" }));
                let other = self.settle(codes, &without);
                if self.to_pay(&other) <= self.to_pay(&round) {
                    barred = without;
                    round = other;
                } else {
                    decided.push(code);
                }
            }
            if groups.is_empty() || barred.len() == known {
                return round;
            }
            out.extend(barred.drain(known..));
        }
    }

    /// The codes of each group of several that could apply, by rank. What is in its place already decides its group.
    fn groups(&self, codes: &[usize]) -> Vec<Vec<usize>> {
        let mut groups: Vec<(u8, Vec<usize>)> = Vec::new();
        for code in codes.iter().copied() {
            let Some(group) = self.coupon(code).combining.group else { continue };
            match groups.iter_mut().find(|(of, _)| *of == group) {
                Some((_, codes)) => codes.push(code),
                None => groups.push((group, vec![code])),
            }
        }
        let open = |codes: &Vec<usize>| codes.len() > 1 && codes.iter().all(|c| !self.case.seen.seated.contains(c));
        groups.into_iter().map(|(_, codes)| codes).filter(open).collect()
    }

    /// One code of each group, so that least is left to pay; of equal ones that of which more apply, then the first by rank.
    /// All are tried together where there are no more than 64 choices, else one group after the other with 64 tries.
    fn best_of_groups<'w>(
        &self,
        all: &[usize],
        groups: &[Vec<usize>],
        out: &[(usize, &'w str)],
    ) -> (Vec<(usize, &'w str)>, Round<'a>) {
        let tried = |picked: &[usize]| {
            let left = groups.iter().zip(picked).flat_map(|(codes, at)| codes.iter().filter(|c| **c != codes[*at]));
            let mut barred: Vec<(usize, &str)> = left.map(|code| (*code, "better_in_group")).collect();
            let others = out.iter().filter(|(code, _)| barred.iter().all(|(other, _)| other != code));
            let others: Vec<(usize, &str)> = others.copied().collect();
            barred.extend(others);
            let round = self.settle(all, &barred);
            let applied = groups.iter().zip(picked).filter(|(codes, at)| round.chosen.contains(&codes[**at])).count();
            ((self.to_pay(&round), std::cmp::Reverse(applied)), barred, round)
        };
        let together: usize = groups.iter().map(Vec::len).product();
        let mut picked = vec![0; groups.len()];
        if together <= 64 {
            let choice = |mut n: usize| {
                let mut picked = vec![0; groups.len()];
                for (at, codes) in groups.iter().enumerate().rev() {
                    (picked[at], n) = (n % codes.len(), n / codes.len());
                }
                picked
            };
            picked = (0..together).map(choice).min_by_key(|picked| tried(picked).0).unwrap();
        } else {
            let mut tries = 64;
            for at in 0..groups.len() {
                let of = groups[at].len().min(tries);
                tries -= of;
                let with = |code: usize| {
                    let mut picked = picked.clone();
                    picked[at] = code;
                    tried(&picked).0
                };
                picked[at] = (0..of).min_by_key(|code| with(*code)).unwrap_or(0);
            }
        }
        let (_, barred, round) = tried(&picked);
        (barred, round)
    }

    /// Whether a code takes a better price or a discount of the shop away from a line or charge.
    fn overrides(&self, code: usize, slot: &Slot<'_>, index: usize) -> bool {
        let coupon = self.coupon(code);
        let acts = coupon.benefits.iter().any(|b| self.acts_on(b, code, &self.judged[code].touch, index));
        let meant = match coupon.overrides {
            Overrides::Nothing => false,
            Overrides::Touched => acts,
            // All lines; a charge is none.
            Overrides::Everything => acts || slot.line.is_some(),
        };
        // One that waits for shipping is not applied yet.
        meant && !self.judged[code].waiting && (slot.base != slot.list || slot.after != slot.base)
    }

    /// Rounds until every chosen code has an effect.
    fn settle(&self, codes: &[usize], barred: &[(usize, &str)]) -> Round<'a> {
        let mut alive = codes.to_vec();
        alive.retain(|c| barred.iter().all(|(b, _)| b != c));
        let mut refused: Vec<(usize, Vec<String>)> =
            barred.iter().map(|(c, why)| (*c, vec![(*why).to_owned()])).collect();
        loop {
            let (chosen, passed) = self.choose(&alive);
            let mut round = self.price(chosen);
            let mut failed: Vec<(usize, Vec<String>)> = Vec::new();
            for code in &round.chosen {
                let tally = &round.tallies[*code];
                if let Some(reasons) = &tally.refused {
                    failed.push((*code, reasons.clone()));
                } else if tally.granted == 0 && !self.has_effect(*code) {
                    // What there would have been, were any budget or units left.
                    let reason = match tally {
                        Tally { wanted: 1.., .. } => "budget_exhausted",
                        Tally { short_of_units: true, .. } => "limit_reached",
                        _ => "no_benefit",
                    };
                    failed.push((*code, vec![reason.to_owned()]));
                }
            }
            // One that came to nothing leaves the others as they were, so that all such go together. One that stood in
            // the way of the others (took something before it was refused, kept a line for itself, dropped discounts)
            // goes first, alone.
            let in_the_way = |code: usize| {
                let overrides = (0..self.start.len()).any(|i| self.overrides(code, &self.start[i], i));
                self.judged[code].drops
                    || overrides
                    || self.entered(code).on_line.is_some()
                    || round.slots.iter().any(|slot| slot.keeper == Some(code))
                    || round.tallies[code].granted > 0
            };
            if let Some(first) = failed.iter().position(|(code, _)| in_the_way(*code)) {
                failed = vec![failed.swap_remove(first)];
            }
            if failed.is_empty() {
                round.refused = refused;
                round.passed = passed;
                return round;
            }
            alive.retain(|c| failed.iter().all(|(f, _)| f != c));
            refused.extend(failed);
        }
    }

    /// Whether a code may come to 0.00 and still counts.
    fn has_effect(&self, code: usize) -> bool {
        let zero = |b: &Benefit| {
            matches!(
                b,
                Benefit::None
                    | Benefit::Percent { off: 0, .. }
                    | Benefit::Amount { off: 0, .. }
                    | Benefit::Shipping { value: ShippingValue::Percent(0) | ShippingValue::Amount(0), .. }
            ) || gives_nothing(b)
        };
        self.judged[code].waiting
            || self.case.seen.stored
            || self.assigns(code)
            || self.coupon(code).benefits.iter().any(|b| matches!(b, Benefit::Gift { .. }))
            || (self.coupon(code).assign.is_none() && self.coupon(code).benefits.iter().all(zero))
            || self.entered(code).operator_amount == Some(0)
    }

    /// Those that shut others out do so while they stand themselves: one that finds no place shuts nobody out.
    fn choose(&self, alive: &[usize]) -> (Vec<usize>, Vec<(usize, String)>) {
        let contender = |code: &usize| {
            let coupon = self.coupon(*code);
            let mut stages: Vec<_> = coupon.benefits.iter().map(|b| stage_of(b, coupon.order_level)).collect();
            stages.retain(|stage| !stage.is_empty());
            Contender { combining: &coupon.combining, stages, seated: self.case.seen.seated.contains(code) }
        };
        let contenders: Vec<Contender<'_>> = alive.iter().map(contender).collect();
        let mut fallen: Vec<(usize, String)> = Vec::new();
        loop {
            let standing = combining::standing(&contenders, |i| fallen.iter().any(|(code, _)| *code == alive[i]));
            let out = |i: usize| combining::is_out(&contenders, &standing, i);
            let (chosen, passed) = self.choose_beside(alive, out, &fallen);
            match standing.iter().map(|i| alive[*i]).find(|code| !chosen.contains(code)) {
                None => return (chosen, passed),
                Some(first) => fallen.extend(passed.into_iter().find(|(code, _)| *code == first)),
            }
        }
    }

    fn choose_beside(
        &self,
        alive: &[usize],
        is_out: impl Fn(usize) -> bool,
        fallen: &[(usize, String)],
    ) -> (Vec<usize>, Vec<(usize, String)>) {
        let seen = &self.case.seen;
        let primary = |code: usize| {
            let assign = self.coupon(code).assign.as_ref().filter(|a| !a.membership && self.assigns(code))?;
            Some(assign.to)
        };
        let (mut chosen, mut passed): (Vec<usize>, Vec<(usize, String)>) = Default::default();
        for (place, code) in alive.iter().copied().enumerate() {
            let (coupon, line) = (self.coupon(code), self.entered(code).on_line);
            let counts = |c: &usize| !self.case.policy.line_codes || self.entered(*c).on_line.is_none();
            let places = chosen.iter().filter(|c| counts(c)).count();
            let full = self.case.policy.max_codes.is_some_and(|max| places >= usize::try_from(max).unwrap());
            // Several codes of one definition draw on the same counter.
            let same = chosen.iter().filter(|c| self.coupon(**c).id == coupon.id).count() as u64;
            let assigned = seen.taken.or_else(|| chosen.iter().find_map(|c| primary(*c)));
            let conflict = |to: u8| assigned.is_some_and(|assigned| assigned != to);
            let beside = |c: &usize| {
                let other = &self.coupon(*c).combining;
                !other.apart(&coupon.combining) && (!other.stop || self.rank_of(code) < self.rank_of(*c))
            };
            let fell = fallen.iter().find(|(fell, _)| *fell == code).map(|(_, why)| why.as_str());
            let reason = if seen.seated.contains(&code) {
                chosen.push(code);
                continue;
            } else if let Some(why) = fell {
                why
            } else if is_out(place) {
                "not_stackable"
            } else if !coupon.several_codes && same > 0 {
                "same_coupon"
            } else if chosen.iter().any(|c| coupon.combining.in_one_group(&self.coupon(*c).combining)) {
                "better_in_group"
            } else if !chosen.iter().all(beside) {
                "not_stackable"
            } else if primary(code).is_some_and(conflict) {
                "type_conflict"
            } else if coupon.total.is_some_and(|(allowed, used)| used + same >= allowed) {
                "limit_reached"
            } else if (line.is_some() && chosen.iter().any(|c| self.entered(*c).on_line == line))
                || (counts(&code) && full)
            {
                "too_many_codes"
            } else {
                chosen.push(code);
                continue;
            };
            passed.push((code, reason.to_owned()));
        }
        (chosen, passed)
    }

    // Step 8: coupons in stages.

    fn price(&self, chosen: Vec<usize>) -> Round<'a> {
        let mut round = Round {
            slots: self.start.clone(),
            open: UNCAPPED,
            offs: Vec::new(),
            tallies: vec![Tally::default(); self.case.codes.len()],
            chosen,
            refused: Vec::new(),
            passed: Vec::new(),
        };
        for code in round.chosen.clone() {
            for i in 0..round.slots.len() {
                let acts =
                    self.coupon(code).benefits.iter().any(|b| self.acts_on(b, code, &self.judged[code].touch, i));
                let slot = &mut round.slots[i];
                slot.dropped |= self.judged[code].drops && acts;
                // Where it takes nothing away nothing is overridden.
                if self.overrides(code, &self.start[i], i) {
                    (slot.dropped, slot.overridden) = (true, true);
                    slot.base = slot.list;
                }
                // The pieces that a set of an offer used are free again where the coupon takes its place, on lines that
                // had nothing off them as well.
                let meant = match self.coupon(code).overrides {
                    Overrides::Nothing => false,
                    Overrides::Touched => acts,
                    Overrides::Everything => acts || slot.line.is_some(),
                };
                slot.dropped |= meant && !self.judged[code].waiting && slot.used > 0;
                slot.owned |=
                    slot.line.is_some() && !self.judged[code].waiting && self.entered(code).on_line == Some(slot.id);
            }
        }
        for slot in &mut round.slots {
            slot.left = slot.base;
            if slot.dropped {
                continue;
            }
            for (name, amount, funding) in &slot.discounts {
                let amount = (*amount).min(slot.left);
                let third_party = self.third_part(*funding, amount);
                slot.left -= amount;
                slot.third += third_party;
                round.offs.push(Off { line: slot.id, by: name.clone(), amount, third_party });
            }
        }
        self.limit(&mut round);
        for stage in ["line", "order", "shipping"] {
            for code in round.chosen.clone() {
                let coupon = self.coupon(code);
                for benefit in coupon.benefits.iter().filter(|b| stage_of(b, coupon.order_level) == stage) {
                    if self.turn(&mut round, code) {
                        self.apply(&mut round, code, benefit);
                    }
                }
            }
        }
        for code in round.chosen.clone() {
            // A coupon of no value shows 0.00 on what it covers (S91).
            let coupon = self.coupon(code);
            let zero = coupon.benefits.iter().all(|b| {
                matches!(b, Benefit::None | Benefit::Percent { off: 0, .. } | Benefit::Amount { off: 0, .. })
                    || gives_nothing(b)
            });
            // One that changes the type is worth that.
            if self.turn(&mut round, code) && zero && coupon.assign.is_none() {
                for i in &self.judged[code].touch {
                    let line = round.slots[*i].id;
                    round.offs.push(Off { line, by: self.entered(code).code.clone(), amount: 0, third_party: 0 });
                }
            }
        }
        round
    }

    /// Keeps the lines and charges of what is exclusive of them, by rank, aside from lines that have a code of their own; and
    /// sets what all codes together may take, of what stands before them.
    fn limit(&self, round: &mut Round<'a>) {
        let depths = self.case.policy.depths;
        let part = |percent: i128, of: i128| percent_of(percent, of, self.case.policy.discount_rounding);
        for code in round.chosen.clone() {
            let (coupon, own) = (self.coupon(code), self.entered(code).on_line);
            if coupon.combining.exclusive != Exclusive::Line || self.judged[code].waiting {
                continue;
            }
            for i in 0..round.slots.len() {
                let acts = coupon.benefits.iter().any(|b| self.acts_on(b, code, &self.judged[code].touch, i));
                let slot = &mut round.slots[i];
                if acts && self.is_open(slot, code, own) {
                    slot.keeper = Some(code);
                }
            }
        }
        let meant = round.slots.iter().filter(|slot| slot.line.is_some() || slot.shipping.is_some());
        let before: i128 = meant.map(|slot| slot.left).sum();
        for slot in round.slots.iter_mut().filter(|slot| slot.line.is_some()) {
            slot.least = depths.per_line.map_or(0, |percent| slot.left - part(percent, slot.left));
        }
        let of_order = depths.per_order.map_or(UNCAPPED, |percent| part(percent, before));
        round.open = of_order.min(depths.most.unwrap_or(UNCAPPED));
    }

    /// Whether a code that was entered on a line, or on none, may act on a line or charge: no other one keeps it.
    fn is_open(&self, slot: &Slot<'_>, code: usize, own: Option<u64>) -> bool {
        (!slot.owned || own == Some(slot.id))
            && slot.keeper.is_none_or(|keeper| keeper == code)
            && !self.is_given(code, slot)
    }

    /// Whether a code may act; conditions on what remains are judged at its first turn.
    fn turn(&self, round: &mut Round<'a>, code: usize) -> bool {
        if !round.tallies[code].turn_was {
            round.tallies[code].turn_was = true;
            if self.judged[code].deferred {
                let mut reasons = Vec::new();
                let verdict = self.coupon(code).conditions.iter().fold(Verdict::Yes, |all, c| {
                    all.and(self.holds(c, code, &self.judged[code].touch, &round.slots, true, &mut reasons))
                });
                if verdict == Verdict::No {
                    round.tallies[code].refused = Some(reasons);
                }
            }
        }
        round.tallies[code].refused.is_none()
    }

    /// The pieces of a slot, those with most left first.
    fn pieces(slot: &Slot<'_>) -> Vec<Piece> {
        slot.pieces.clone().unwrap_or_else(|| {
            let original = if slot.dropped { slot.base } else { slot.after };
            let (left, original) = (evenly(slot.left, slot.count), evenly(original, slot.count));
            let piece = |(left, original)| Piece { left, original, claimed: false };
            left.into_iter().zip(original).map(piece).collect()
        })
    }

    /// The first pieces of a slot.
    fn part(slot: &Slot<'_>, index: usize, pieces: Vec<Piece>) -> Part {
        let rooms = pieces.iter().map(|p| (p.left - slot.floor).max(0)).collect();
        let (at, most) = ((0..pieces.len()).collect(), (slot.left - slot.least).max(0));
        Part { slot: index, at, pieces, rooms, most, takes: None, uneven: false, take: 0 }
    }

    fn gather(&self, round: &mut Round<'a>, code: usize, target: &Target, shipping: bool) -> Vec<Part> {
        let (coupon, own) = (self.coupon(code), self.entered(code).on_line);
        let mut on: Vec<usize> = self.judged[code].touch.clone();
        on.retain(|i| {
            let slot = &round.slots[*i];
            self.is_open(slot, code, own) && self.is_for(target, slot)
        });
        // What codes of the same definition used up before counts.
        let units_left = coupon
            .units
            .map(|(allowed, used)| i128::from(allowed - used) - self.of_definition(round, code, |t| t.units));
        let by_target = [target.max_units, target.max_units_per_line, target.groups_of];
        let limited = by_target.iter().any(Option::is_some) || units_left.is_some();
        let mut parts = Vec::new();
        if limited {
            let unit = |i: &usize| {
                let slot = &round.slots[*i];
                let original = if slot.dropped { slot.base } else { slot.after };
                Fraction::new(original, i128::try_from(slot.count).unwrap())
            };
            on.sort_by(|a, b| {
                let by_price = unit(a).cmp(&unit(b));
                if target.dearest { by_price.reverse().then(a.cmp(b)) } else { by_price.then(a.cmp(b)) }
            });
            // Where it is all or none, every piece that the benefit would act on is picked, and counted.
            let short = units_left.filter(|_| coupon.refuse_when_short);
            let clip = units_left.filter(|_| !coupon.refuse_when_short).unwrap_or(UNCAPPED);
            let all = clip.min(target.max_units.map_or(UNCAPPED, i128::from)).max(0);
            let mut open = all;
            let mut there = 0;
            for i in on {
                let slot = &round.slots[i];
                let most = target.max_units_per_line.map_or(UNCAPPED, i128::from);
                let mut pieces = Self::pieces(slot);
                pieces.retain(|p| p.left > 0);
                there += i128::try_from(pieces.len()).unwrap().min(most);
                let most = open.min(most);
                pieces.truncate(usize::try_from(most).unwrap_or(usize::MAX));
                open -= i128::try_from(pieces.len()).unwrap();
                if !pieces.is_empty() {
                    parts.push(Self::part(slot, i, pieces));
                }
            }
            // Only complete groups count: the last pieces of the pick make none.
            let mut over = (all - open) % target.groups_of.map_or(1, i128::from);
            open += over;
            while over > 0 {
                let last: &mut Part = parts.last_mut().unwrap();
                last.pieces.pop();
                last.rooms.pop();
                last.at.pop();
                over -= 1;
                if last.pieces.is_empty() {
                    parts.pop();
                }
            }
            parts.sort_by_key(|p| p.slot);
            let there = there.min(target.max_units.map_or(UNCAPPED, i128::from));
            let there = there - there % target.groups_of.map_or(1, i128::from);
            round.tallies[code].short_of_units |= parts.is_empty() && there > 0;
            if short.is_some_and(|left| all - open > left) {
                round.tallies[code].refused = Some(vec!["limit_reached".to_owned()]);
                return Vec::new();
            }
        } else {
            on.sort_unstable();
            parts.extend(on.into_iter().map(|i| Self::part(&round.slots[i], i, Self::pieces(&round.slots[i]))));
        }
        // A shipping charge is weighed like a line, last in ties; it is no piece of anything.
        if shipping && own.is_none() {
            for (i, slot) in
                round.slots.iter().enumerate().filter(|(_, s)| s.shipping.is_some() && self.is_open(s, code, own))
            {
                parts.push(Self::part(slot, i, Self::pieces(slot)));
            }
        }
        parts
    }

    fn of_definition(&self, round: &Round<'a>, code: usize, figure: impl Fn(&Tally) -> i128) -> i128 {
        let id = &self.coupon(code).id;
        round.chosen.iter().filter(|c| self.coupon(**c).id == *id).map(|c| figure(&round.tallies[*c])).sum()
    }

    fn apply(&self, round: &mut Round<'a>, code: usize, benefit: &Benefit) {
        let (coupon, mode) = (self.coupon(code), self.case.policy.discount_rounding);
        let mut benefit_cap = None;
        let (mut parts, worth);
        match benefit {
            Benefit::Gift { .. } | Benefit::None => return,
            Benefit::Set(kind) => return self.form_sets(round, code, kind),
            Benefit::Ladder(kind) => return self.climb(round, code, kind),
            Benefit::Percent { off, original, cap, shipping, target } => {
                benefit_cap = *cap;
                parts = self.gather(round, code, target, *shipping);
                let base = |p: &Part| if *original { p.original() } else { p.left() };
                if coupon.order_level {
                    // Once on the sum, rounded once, then allocated.
                    worth = percent_of(*off, sum(&parts, base), mode);
                    if *original {
                        // What a line cannot hold is forfeited, not moved.
                        let weights: Vec<i128> = parts.iter().map(base).collect();
                        let shares = share(worth, &weights, &vec![UNCAPPED; weights.len()]);
                        for (part, share) in parts.iter_mut().zip(shares) {
                            part.take = share.min(part.room());
                        }
                    } else {
                        share_by_left(&mut parts, worth);
                    }
                } else {
                    let mut value = 0;
                    for part in &mut parts {
                        if self.case.policy.percent_per_unit {
                            let base = |p: &Piece| if *original { p.original } else { p.left };
                            let off: Vec<i128> = part.pieces.iter().map(|p| percent_of(*off, base(p), mode)).collect();
                            value += off.iter().sum::<i128>();
                            part.each(off.iter().zip(&part.rooms).map(|(off, room)| *off.min(room)).collect());
                        } else {
                            let off = percent_of(*off, base(part), mode);
                            value += off;
                            part.take = off.min(part.room());
                        }
                    }
                    worth = value;
                }
            }
            Benefit::Amount { off, per, view, shipping, target } => {
                parts = self.gather(round, code, target, *shipping);
                worth = match per {
                    Per::Order | Per::OrderEvenly
                        if self.differs(*view) && coupon.funding == Funding::Seller && !self.case.rates.is_empty() =>
                    {
                        let placed = self.on_the_other_side(round, &mut parts, *off);
                        sum(&parts, |p| p.take) + off - placed
                    }
                    Per::Order => {
                        share_by_left(&mut parts, *off);
                        *off
                    }
                    Per::OrderEvenly => {
                        let rooms: Vec<i128> = parts.iter().map(Part::room).collect();
                        let shares = share((*off).min(rooms.iter().sum()), &vec![1; rooms.len()], &rooms);
                        for (part, share) in parts.iter_mut().zip(shares) {
                            part.take = share;
                        }
                        *off
                    }
                    Per::Line => {
                        for part in &mut parts {
                            part.take = (*off).min(part.room());
                        }
                        off * i128::try_from(parts.len()).unwrap()
                    }
                    Per::Unit => {
                        for part in &mut parts {
                            part.each(part.rooms.iter().map(|room| (*off).min(*room)).collect());
                        }
                        off * sum(&parts, |p| i128::try_from(p.pieces.len()).unwrap())
                    }
                };
            }
            Benefit::SetPrice { price, target } => {
                parts = self.gather(round, code, target, false);
                let price = price.fraction() * Fraction::whole(10_i128.pow(self.case.policy.exponent));
                // What a price does not lower is not lost; what the depth of all codes withholds is.
                if coupon.order_level {
                    let over = (sum(&parts, Part::left) - price.round(Mode::HalfUp)).max(0);
                    share_by_left(&mut parts, over);
                    worth = over.min(sum(&parts, Part::above_floor));
                } else {
                    let mut value = 0;
                    for part in &mut parts {
                        let line = round.slots[part.slot].line.unwrap();
                        if price.is_whole() && !line.measured {
                            let down = |(p, room): (&Piece, &i128)| (p.left - price.floor()).max(0).min(*room);
                            value += part.each(part.pieces.iter().zip(&part.rooms).map(down).collect());
                        } else {
                            // A price finer than the minor unit is rounded once, for all its pieces together.
                            let count = Fraction::whole(i128::try_from(part.pieces.len()).unwrap());
                            let quantity = if line.measured { line.quantity.fraction() } else { count };
                            let over = (part.left() - (price * quantity).round(Mode::HalfUp)).max(0);
                            value += over.min(part.above_floor());
                            part.take = over.min(part.room());
                        }
                    }
                    worth = value;
                }
            }
            Benefit::Operator { target, .. } => {
                parts = self.gather(round, code, target, false);
                worth = self.entered(code).operator_amount.unwrap();
                share_by_left(&mut parts, worth);
            }
            Benefit::Host { max, target } => {
                benefit_cap = *max;
                parts = self.gather(round, code, target, false);
                let mut supplied = self.entered(code).host_amounts.clone().unwrap();
                // What is refused is in no total, and so is what was meant for it.
                supplied.retain(|(id, _)| self.case.lines.iter().any(|l| l.id == *id && !l.refused));
                for part in &mut parts {
                    let id = round.slots[part.slot].id;
                    let amount = supplied.iter().find(|(line, _)| *line == id).map_or(0, |(_, amount)| *amount);
                    part.take = amount.min(part.room());
                }
                worth = sum(&supplied, |(_, amount)| *amount);
            }
            Benefit::Shipping { value, each, cap, .. } => {
                benefit_cap = *cap;
                parts = (0..round.slots.len())
                    .filter(|i| self.acts_on(benefit, code, &[], *i))
                    .filter(|i| self.is_open(&round.slots[*i], code, None))
                    .map(|i| Self::part(&round.slots[i], i, Self::pieces(&round.slots[i])))
                    .collect();
                for part in &mut parts {
                    part.take = match value {
                        ShippingValue::Free => part.left(),
                        ShippingValue::Percent(off) => percent_of(*off, part.left(), mode),
                        ShippingValue::ToPrice(price) if *each => (part.left() - price).max(0),
                        ShippingValue::Amount(amount) if *each => (*amount).min(part.left()),
                        ShippingValue::ToPrice(_) | ShippingValue::Amount(_) => 0,
                    };
                }
                worth = match value {
                    ShippingValue::Amount(amount) if *each => amount * i128::try_from(parts.len()).unwrap(),
                    ShippingValue::Amount(amount) => {
                        share_by_left(&mut parts, *amount);
                        *amount
                    }
                    ShippingValue::ToPrice(price) if !each => {
                        let above = (sum(&parts, Part::left) - price).max(0);
                        share_by_left(&mut parts, above);
                        above
                    }
                    _ => sum(&parts, |p| p.take),
                };
            }
        }
        self.settle_benefit(round, code, parts, worth, benefit_cap);
    }

    /// The cap, then the budget, then off it comes. What is worth something and finds no room is forfeited.
    fn settle_benefit(&self, round: &mut Round<'a>, code: usize, mut parts: Vec<Part>, worth: i128, cap: Option<i128>) {
        let coupon = self.coupon(code);
        let cap = cap.unwrap_or(UNCAPPED);
        let total = sum(&parts, |p| p.take);
        let wanted = total.min(cap);
        let spent = self.of_definition(round, code, |t| t.granted);
        let tally = &mut round.tallies[code];
        tally.forfeited += (worth.min(cap) - total).max(0);
        tally.wanted += wanted;
        // What all codes together may take is no matter of one coupon: it clips, and the budget of the coupon sees that.
        let mut granted = wanted.min(round.open);
        if let Some((budget, used)) = coupon.budget {
            let left = (budget - used - spent).max(0);
            if granted > left && coupon.refuse_when_short {
                tally.refused = Some(vec!["budget_exhausted".to_owned()]);
                return;
            }
            granted = granted.min(left);
        }
        if granted < total {
            // The sum is capped, then shared by the uncapped amounts.
            let uncapped: Vec<i128> = parts.iter().map(|p| p.take).collect();
            let shares = share(granted, &uncapped, &uncapped);
            for (part, share) in parts.iter_mut().zip(shares) {
                part.take = share;
                part.takes = None;
            }
        }
        for part in parts.iter().filter(|p| p.take > 0) {
            self.take(round, code, part);
        }
    }

    fn take(&self, round: &mut Round<'a>, code: usize, part: &Part) {
        let slot = &mut round.slots[part.slot];
        if slot.pieces.is_some() || part.uneven || part.pieces.len() < slot.count {
            let weights: Vec<i128> = part.pieces.iter().map(|p| p.left).collect();
            let takes = part.takes.clone().unwrap_or_else(|| share(part.take, &weights, &part.rooms));
            let mut pieces = Self::pieces(slot);
            for (at, take) in part.at.iter().zip(takes) {
                pieces[*at].left -= take;
            }
            sort_pieces(&mut pieces);
            slot.pieces = Some(pieces);
        }
        slot.left -= part.take;
        round.open -= part.take;
        let third_party = self.third_part(self.coupon(code).funding, part.take);
        slot.third += third_party;
        let by = self.entered(code).code.clone();
        round.offs.push(Off { line: slot.id, by, amount: part.take, third_party });
        let tally = &mut round.tallies[code];
        tally.granted += part.take;
        tally.third += third_party;
        if slot.line.is_some() {
            tally.units += i128::try_from(part.pieces.len()).unwrap();
        }
    }

    /// An amount stated net in a gross shop, or gross in a net one. It is shared over what tax is rounded on, classes or
    /// lines, as they look from that side; the stated side of each then falls by exactly that, and the side of the
    /// prices is the total before less the total after. Answers how much of the stated amount was placed.
    fn on_the_other_side(&self, round: &Round<'a>, parts: &mut [Part], amount: i128) -> i128 {
        let mut groups: Vec<(Option<u8>, Vec<usize>, i128)> = Vec::new();
        for (i, part) in parts.iter().enumerate() {
            let (class, per_line) = (round.slots[part.slot].class, self.case.policy.tax_per_line);
            match groups.iter_mut().find(|(c, ..)| !per_line && *c == class) {
                Some((_, of, _)) => of.push(i),
                None => {
                    let rounded: Vec<&Slot<'_>> = if per_line {
                        vec![&round.slots[part.slot]]
                    } else {
                        round.slots.iter().filter(|s| s.class == class).collect()
                    };
                    groups.push((class, vec![i], sum(&rounded, |s| s.left + s.third)));
                }
            }
        }
        let room_of = |parts: &[Part], of: &[usize]| of.iter().map(|i| parts[*i].room()).sum::<i128>();
        let rooms: Vec<i128> = groups
            .iter()
            .map(|(class, of, before)| {
                self.other_side(*class, *before) - self.other_side(*class, before - room_of(parts, of))
            })
            .collect();
        let shares = share(amount.min(rooms.iter().sum()), &rooms, &rooms);
        let mut placed = 0;
        for (((class, of, before), stated), all) in groups.into_iter().zip(shares).zip(rooms) {
            if stated == 0 {
                continue;
            }
            let room = room_of(parts, &of);
            let target = self.other_side(class, before) - stated;
            // Of several amounts that look the same from the other side, the one that its price or tax gives; where
            // none looks so, the smallest that does not fall below.
            let rate = Fraction::whole(1) + self.rate(class).unwrap_or(Fraction::whole(0));
            let mode = self.case.policy.tax_rounding;
            let near = if target < 0 {
                0
            } else if self.case.policy.inclusive {
                target + (Fraction::whole(target) * (rate - Fraction::whole(1))).round(mode)
            } else {
                (Fraction::whole(target) / rate).round(mode)
            };
            let after = if self.other_side(class, near) == target {
                near
            } else {
                (0..=before).find(|after| self.other_side(class, *after) >= target).unwrap_or(before)
            };
            let off = if stated == all { room } else { (before - after).clamp(0, room) };
            placed += (self.other_side(class, before) - self.other_side(class, before - off)).min(stated);
            let weights: Vec<i128> = of.iter().map(|i| parts[*i].left()).collect();
            let caps: Vec<i128> = of.iter().map(|i| parts[*i].room()).collect();
            for (i, take) in of.into_iter().zip(share(off, &weights, &caps)) {
                parts[i].take = take;
            }
        }
        placed
    }

    /// What the shopper has to pay after a round, before it is rounded for cash.
    fn to_pay(&self, round: &Round<'a>) -> i128 {
        let totals = self.answer(round).totals;
        totals.payable - totals.cash_rounding
    }

    // Step 9: tax, and the answer.

    fn answer(&self, round: &Round<'a>) -> Answer {
        let policy = self.case.policy;
        let taxed = !self.case.rates.is_empty();
        let taxables: Vec<i128> = round.slots.iter().map(|s| s.left + s.third).collect();
        let mut taxes = vec![0; round.slots.len()];
        let mut classes: Vec<Option<u8>> = round.slots.iter().map(|s| s.class).collect();
        classes.sort_unstable();
        classes.dedup();
        let mut of_class = Vec::new();
        for class in classes {
            let of: Vec<usize> = (0..round.slots.len()).filter(|i| round.slots[*i].class == class).collect();
            let taxable: i128 = of.iter().map(|i| taxables[*i]).sum();
            let tax_of = |amount: i128| {
                let other = self.other_side(class, amount);
                if policy.inclusive { amount - other } else { other - amount }
            };
            if taxed && policy.tax_per_line {
                for i in &of {
                    taxes[*i] = tax_of(taxables[*i]);
                }
            } else if taxed {
                let weights: Vec<i128> = of.iter().map(|i| taxables[*i]).collect();
                for (i, tax) in of.iter().zip(share(tax_of(taxable), &weights, &vec![UNCAPPED; of.len()])) {
                    taxes[*i] = tax;
                }
            }
            let tax: i128 = of.iter().map(|i| taxes[*i]).sum();
            let net = if policy.inclusive { taxable - tax } else { taxable };
            of_class.push(ClassAnswer { class, taxable, net, tax: taxed.then_some(tax) });
        }
        let mut totals = TotalsAnswer::default();
        let mut lines = Vec::new();
        for ((slot, taxable), tax) in round.slots.iter().zip(&taxables).zip(&taxes) {
            let off = slot.base - slot.left;
            let by_coupons = off - slot.points - if slot.dropped { 0 } else { slot.base - slot.after };
            let shop_discount = if slot.dropped { 0 } else { slot.base - slot.after };
            if slot.line.is_some() {
                totals.items += slot.base;
                totals.item_discount += off;
            } else if slot.shipping.is_some() {
                totals.shipping += slot.base;
                totals.shipping_discount += off;
            } else {
                totals.fees += slot.left;
            }
            totals.coupon_discount += by_coupons;
            totals.third_party += slot.third;
            totals.taxable += taxable;
            lines.push(LineAnswer {
                id: slot.id,
                units: i128::try_from(slot.count).unwrap(),
                list: slot.list,
                priced: slot.base,
                shop_discount,
                coupon_discount: by_coupons,
                third_party: slot.third,
                taxable: *taxable,
                net: if policy.inclusive { taxable - tax } else { *taxable },
                tax: taxed.then_some(*tax),
                payable: if policy.inclusive { slot.left } else { slot.left + tax },
            });
        }
        let tax: i128 = taxes.iter().sum();
        totals.tax = taxed.then_some(tax);
        totals.net = if policy.inclusive { totals.taxable - tax } else { totals.taxable };
        let to_pay = totals.taxable - totals.third_party + if policy.inclusive { 0 } else { tax };
        if let Some(interval) = policy.cash {
            totals.cash_rounding = Fraction::new(to_pay, interval).round(Mode::HalfUp) * interval - to_pay;
        }
        totals.payable = to_pay + totals.cash_rounding;
        let goods: Vec<i128> =
            round.slots.iter().zip(&taxables).filter(|(s, _)| s.line.is_some()).map(|(_, t)| *t).collect();
        // A discount of 0.00 that the shop gave need not be shown.
        let mut offs = round.offs.clone();
        offs.retain(|off| off.amount > 0 || !off.by.starts_with("discount"));
        offs.sort();
        let codes: Vec<CodeAnswer> = (0..self.case.codes.len()).map(|code| self.code_answer(round, code)).collect();
        // What is refused for its money gives nothing either.
        let given = (0..codes.len()).filter(|code| codes[*code].state == "applied" && codes[*code].reasons.is_empty());
        let mut gifts: Vec<GiftAnswer> = self.offer_gifts.clone();
        gifts.extend(given.flat_map(|code| gifts_of(self.coupon(code))));
        gifts.sort();
        Answer {
            lines,
            offs,
            codes,
            gifts,
            classes: of_class,
            totals,
            zero_base: !goods.is_empty() && goods.iter().all(|t| *t == 0),
        }
    }

    fn code_answer(&self, round: &Round<'a>, code: usize) -> CodeAnswer {
        let entered = self.entered(code).code.clone();
        let tally = &round.tallies[code];
        if round.chosen.contains(&code) && self.judged[code].waiting {
            return CodeAnswer { entered, state: "waiting", ..CodeAnswer::default() };
        }
        if round.chosen.contains(&code) {
            return CodeAnswer {
                entered,
                state: "applied",
                reasons: Vec::new(),
                discount: tally.granted,
                wanted: tally.wanted,
                forfeited: tally.forfeited,
                third_party: tally.third,
                units: tally.units,
            };
        }
        let mut reasons = self.judged[code].reasons.clone();
        reasons.extend(round.refused.iter().filter(|(c, _)| *c == code).flat_map(|(_, reasons)| reasons.clone()));
        reasons.extend(round.passed.iter().filter(|(c, _)| *c == code).map(|(_, reason)| reason.clone()));
        reasons.sort();
        reasons.dedup();
        CodeAnswer { entered, state: "refused", reasons, ..CodeAnswer::default() }
    }
}

/// Shares an amount by what each part has left, no part beyond its room; what finds no room is not placed.
fn share_by_left(parts: &mut [Part], amount: i128) {
    let weights: Vec<i128> = parts.iter().map(Part::left).collect();
    let rooms: Vec<i128> = parts.iter().map(Part::room).collect();
    let shares = share(amount.min(rooms.iter().sum()), &weights, &rooms);
    for (part, share) in parts.iter_mut().zip(shares) {
        part.take = share;
    }
}

/// Whether the definition of an offer says itself that it is worth nothing.
fn gives_nothing(benefit: &Benefit) -> bool {
    match benefit {
        Benefit::Set(kind) => kind.is_zero(),
        Benefit::Ladder(kind) => kind.is_zero(),
        _ => false,
    }
}

/// What a coupon gives beside its money.
pub(super) fn gifts_of(coupon: &Coupon) -> Vec<GiftAnswer> {
    let gift = |benefit: &Benefit| match benefit {
        Benefit::Gift { product, pieces, value } => {
            Some(GiftAnswer { by: coupon.id.clone(), product: format!("P{product}"), pieces: *pieces, value: *value })
        }
        _ => None,
    };
    coupon.benefits.iter().filter_map(gift).collect()
}

/// Those with most left first; of equal ones those that no set used.
fn sort_pieces(pieces: &mut [Piece]) {
    pieces.sort_by_key(|p| (std::cmp::Reverse((p.left, p.original)), p.claimed));
}

fn stage_of(benefit: &Benefit, order_level: bool) -> &'static str {
    match benefit {
        Benefit::Percent { .. } | Benefit::SetPrice { .. } if order_level => "order",
        Benefit::Percent { .. } | Benefit::SetPrice { .. } | Benefit::Host { .. } => "line",
        Benefit::Amount { per: Per::Line | Per::Unit, .. } => "line",
        Benefit::Amount { .. } | Benefit::Operator { .. } => "order",
        Benefit::Shipping { .. } => "shipping",
        Benefit::Set(_) => "line",
        Benefit::Ladder(kind) => ladders::stage_of(kind),
        Benefit::Gift { .. } | Benefit::None => "",
    }
}

/// What is known of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Yes,
    No,
    /// Depends on what remains at the code's turn.
    Later,
}

impl Verdict {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Later, _) | (_, Self::Later) => Self::Later,
            (Self::Yes, Self::Yes) => Self::Yes,
        }
    }

    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Yes, _) | (_, Self::Yes) => Self::Yes,
            (Self::Later, _) | (_, Self::Later) => Self::Later,
            (Self::No, Self::No) => Self::No,
        }
    }
}
