//! A placed order priced again under its stored terms, against the twin on the order that it amounts to: the codes that
//! were applied, without whatever was asked when it was placed, on other quantities of the same lines at the same prices.
//! Semantics, section 10; the traps of recalculating with the coupon of today and of shares that move to survivors.

use std::collections::{BTreeMap, BTreeSet};

use vouchsafe as v;

use crate::answer::{Answer, CodeAnswer};
use crate::case::{Case, Conflict, Coupon, Line, Scope};
use crate::combining::{Combining, Exclusive};
use crate::engine::{self, Failure};
use crate::fraction::{Fraction, Mode};
use crate::random::{self, Random};
use crate::twin;

/// What is left of an order, or became of it.
pub struct Change {
    /// By line; a line that is not named keeps its quantity.
    pub quantities: BTreeMap<u64, i128>,
    pub added: Vec<Line>,
    /// Whether thresholds are judged again.
    pub judged: bool,
}

/// What goes with the quantity of a line.
fn in_proportion(case: &Case, amount: i128, part: i128, whole: i128) -> i128 {
    Fraction::new(amount * part, whole).round(case.policy.discount_rounding)
}

/// The order that a change amounts to, under stored terms.
pub fn stored(case: &Case, first: &Answer, change: &Change) -> Case {
    let mut next = case.clone();
    let quantity = |line: &Line| change.quantities.get(&line.id).copied().unwrap_or(line.quantity.digits);
    next.lines.clear();
    for line in case.lines.iter().filter(|l| quantity(l) > 0) {
        let mut line = line.clone();
        let (part, whole) = (quantity(&line), line.quantity.digits);
        line.quantity.digits = part;
        // Each discount of the shop by itself; together, as in any order, no more than the line costs by the list.
        let minor = Fraction::whole(10_i128.pow(case.policy.exponent));
        let mut room = (line.price.fraction() * line.quantity.fraction() * minor).round(Mode::HalfUp);
        for (amount, _) in line.discounts.iter_mut().filter(|_| part != whole) {
            *amount = in_proportion(case, *amount, part, whole).min(room);
            room -= *amount;
        }
        next.lines.push(line);
    }
    next.lines.extend(change.added.iter().cloned());
    // Whoever was not applied is gone, one that waits for shipping too, and so is who was entered on a line that is gone.
    let applied = |i: &usize| first.codes[*i].state == "applied";
    let there = |line: u64| next.lines.iter().any(|l| l.id == line);
    let codes = (0..case.codes.len()).filter(applied).map(|i| case.codes[i].clone());
    next.codes = codes.filter(|c| c.on_line.is_none_or(there)).collect();
    for code in &mut next.codes {
        for (line, amount) in code.host_amounts.iter_mut().flatten() {
            if let Some(of) = case.lines.iter().find(|l| l.id == *line) {
                *amount = in_proportion(case, *amount, quantity(of), of.quantity.digits);
            }
        }
    }
    // Decided then.
    next.policy.conflict = Conflict::Drop;
    next.policy.max_codes = None;
    next.seen.stored = true;
    // Thresholds are judged again of fewer pieces only, by which nothing comes within reach.
    let discounted = next.lines.iter().filter(|l| !change.judged && l.discounts.iter().any(|(a, _)| *a > 0));
    let discounted: Vec<u64> = discounted.map(|l| l.id).collect();
    for (i, coupon) in next.coupons.iter_mut().enumerate() {
        if !change.judged {
            coupon.conditions.clear();
        }
        // Whatever was decided stays decided; only lines are kept as they were.
        let exclusive = Some(coupon.combining.exclusive).filter(|e| *e == Exclusive::Line).unwrap_or_default();
        coupon.combining = Combining { exclusive, ..Combining::default() };
        coupon.several_codes = true;
        coupon.total = None;
        coupon.refuse_when_short = false;
        decide_prices(case, change, coupon);
        // One that gave no discount the push then leaves a line alone that has one: one that was added, or of which there
        // are enough pieces only now.
        if !coupon.with_discounts && !discounted.is_empty() && !twin::drops(case, i) {
            let others = Scope::Not(Box::new(Scope::Lines(discounted.clone())));
            coupon.scope = Scope::All(vec![coupon.scope.clone(), others]);
        }
    }
    next
}

/// A range of prices covers of the old lines what it covered then.
fn decide_prices(case: &Case, change: &Change, coupon: &mut Coupon) {
    let added: Vec<u64> = change.added.iter().map(|l| l.id).collect();
    let decide = |scope: &mut Scope| {
        if let Scope::Prices(..) = scope {
            let covered = twin::covered(case, scope);
            let new = Scope::All(vec![Scope::Lines(added.clone()), scope.clone()]);
            *scope = Scope::Any(vec![Scope::Lines(covered), new]);
        }
    };
    coupon.each_scope(&decide);
}

/// Codes aside from what was asked only once: a code that is gone says nothing any more.
fn figures(mut answer: Answer) -> Answer {
    answer.codes.retain(|c| c.state == "applied" && c.discount > 0);
    for code in &mut answer.codes {
        *code = CodeAnswer { entered: code.entered.clone(), discount: code.discount, ..CodeAnswer::default() };
    }
    answer
}

fn compare(case: &Case, change: &Change, first: &Answer, found: &v::Outcome) -> Result<(), String> {
    let next = stored(case, first, change);
    let mut expected = figures(twin::evaluate(&next));
    let mut found = figures(engine::answer(found));
    // An adjustment of nothing shows a coupon of no value; which of them stands there is no figure.
    expected.offs.retain(|o| o.amount > 0);
    found.offs.retain(|o| o.amount > 0);
    let differences = expected.differences(&found);
    if differences.is_empty() {
        return Ok(());
    }
    Err(format!("judged: {}\n{next}\n{}", change.judged, differences.join("\n")))
}

/// The counters of money and units go with the codes; no other one moves.
fn counters(before: &v::Redemption, amended: &v::Amended) -> Result<(), String> {
    let sums = |of: &v::Redemption| {
        let by: BTreeMap<String, i128> =
            of.deltas().iter().map(|d| (format!("{:?}", d.key()), i128::from(d.by()))).collect();
        by
    };
    let (old, new) = (sums(before), sums(amended.redemption()));
    let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let mut expected: BTreeMap<&String, i128> = BTreeMap::new();
    for key in keys {
        let by = new.get(key).unwrap_or(&0) - old.get(key).unwrap_or(&0);
        if by != 0 {
            expected.insert(key, by);
        }
    }
    let found: Vec<(String, i128)> =
        amended.changes().iter().map(|c| (format!("{:?}", c.key()), i128::from(c.by()))).collect();
    let same = found.len() == expected.len() && found.iter().all(|(k, by)| expected.get(k) == Some(by));
    let keys_moved: Vec<_> = amended.changes().iter().map(v::CounterChange::key).collect();
    let sorted = keys_moved.windows(2).all(|w| w[0] < w[1]);
    if same && sorted { Ok(()) } else { Err(format!("counters: expected {expected:?}, found {found:?}")) }
}

fn random_change(r: &mut Random, case: &Case, more: bool) -> Change {
    let mut quantities = BTreeMap::new();
    for line in &case.lines {
        let whole = u64::try_from(line.quantity.digits).unwrap();
        if r.one_in(2) {
            continue;
        }
        let quantity = match (line.measured, more) {
            (true, false) => i128::from(r.below(2)) * line.quantity.digits,
            (true, true) => i128::from(r.below(2 * whole)),
            (false, false) => i128::from(r.below(whole + 1)),
            (false, true) => i128::from(r.below(whole + 5)),
        };
        quantities.insert(line.id, quantity);
    }
    let added = if more && r.one_in(3) {
        let mut line = random::line(r, case.policy, 0);
        line.id = 50;
        vec![line]
    } else {
        Vec::new()
    };
    Change { quantities, added, judged: !more && r.one_in(2) }
}

pub fn reprice(seed: u64, index: u64, met: &mut BTreeMap<String, u64>) -> Result<(), Failure> {
    let case = random::case(seed ^ 0x570e, index);
    let mut r = Random(seed ^ index.wrapping_mul(0x517c_c1b7) ^ 5);
    let first = twin::evaluate(&case);
    let mut count = |what: &str| *met.entry(what.to_owned()).or_default() += 1;
    engine::with(&case, |shop, request| {
        let Ok(placed) = shop.place(request) else { return Ok(()) };
        // As it is kept.
        let placed: v::PlacedOrder = serde_json::from_str(&serde_json::to_string(&placed)?)?;
        let before = placed.redemption()?;
        for _ in 0..2 {
            let change = random_change(&mut r, &case, false);
            let units = |line: &Line| {
                let units = *change.quantities.get(&line.id)?;
                Some((v::LineId(line.id), if line.measured { units.min(1) } else { units }.try_into().unwrap()))
            };
            let kept: Vec<(v::LineId, u32)> = case.lines.iter().filter_map(units).collect();
            let thresholds = if change.judged { v::ThresholdCheck::Anew } else { v::ThresholdCheck::AsPlaced };
            let found = placed.reprice(&kept, thresholds)?;
            compare(&case, &change, &first, &found)?;
            count(if change.judged { "judged" } else { "stand" });
            let change = random_change(&mut r, &case, true);
            if change.quantities.is_empty() && change.added.is_empty() {
                continue;
            }
            let mut amendment = v::Amendment::new("a-1".parse()?);
            for (id, quantity) in &change.quantities {
                let line = case.lines.iter().find(|l| l.id == *id).unwrap();
                amendment = match (line.measured, *quantity) {
                    (_, 0) => amendment.removing(v::LineId(*id)),
                    (true, q) => {
                        let quantity = crate::case::Number { digits: q, ..line.quantity }.to_string();
                        amendment.in_quantity(
                            v::LineId(*id),
                            v::Quantity::measured(quantity.parse::<rust_decimal::Decimal>()?)?,
                        )
                    }
                    (false, q) => amendment.in_quantity(v::LineId(*id), v::Quantity::pieces(q.try_into()?)?),
                };
            }
            for line in &change.added {
                amendment = amendment.adding(engine::line(case.policy, line)?);
            }
            let amended = match placed.amend(&amendment) {
                Ok(amended) => amended,
                Err(error) => return Err(format!("{error}: {amendment:?}").into()),
            };
            compare(&case, &change, &first, amended.placed().outcome())?;
            counters(&before, &amended)?;
            let money = |m: v::Money| m.minor();
            let by = money(amended.redemption().payable()) - money(before.payable());
            let told = (money(amended.difference()), money(amended.to_pay()), money(amended.to_refund()));
            if told != (by, by.max(0), (-by).max(0)) || amended.redemption().reference() != before.reference() {
                return Err(format!("the difference is {by}, found {told:?}").into());
            }
            // It is a placed order like any other.
            let text = serde_json::to_string(amended.placed())?;
            let read: v::PlacedOrder = serde_json::from_str(&text).map_err(|e| format!("{e}: {text}"))?;
            if read != *amended.placed() || read.recompute()? != v::Recomputed::Same {
                return Err(format!("{:?}: {text}", read.recompute()).into());
            }
            let again = read.amend(&amendment)?;
            if again.difference().minor() != 0 || !again.changes().is_empty() || again.placed() != &read {
                return Err("the same change again changes something".into());
            }
            count("amended");
        }
        Ok(())
    })
    .map_err(|error| format!("{error}\nfrom\n{case}").into())
}
