//! Random shops with customer types. Few types, products, categories and prices, so that rules meet, tie and overlap.

use super::Market;
use crate::access::{Offer, Permission, Rule, clash};
use crate::case::{Benefit, Case, Condition, Number, Overrides, Policy};
use crate::combining::Combining;
use crate::prices::{Entry, Holders, List, Strategy, Value, overlap};
use crate::quantities::{Allowance, Grant, QuantityRule, Window, twice};
use crate::random::{self, Random};
use crate::types::{Assign, Audience, DAY, Goods, Held, Membership, Term, Types, Until, When};

/// What the engine can do so far.
const LISTS: bool = true;
const ACCESS: bool = true;
const OVERRIDES: bool = true;
const CHANGES: bool = true;
const QUANTITIES: bool = true;

/// Market number `index` of a run.
pub fn market(seed: u64, index: u64) -> Market {
    let mut case = random::case(seed, index);
    let mut r = Random(seed ^ 0x7a7e ^ index.wrapping_mul(0x2545_f491_4f6c_dd1d));
    let r = &mut r;
    let policy = case.policy;
    for line in &mut case.lines {
        // What a product is does not change from line to line.
        (line.parent, line.categories) = match line.product {
            1 => (None, vec![1]),
            2 => (Some(1), vec![2]),
            3 => (Some(1), vec![3, 1]),
            _ => (None, vec![]),
        };
        if r.one_in(3) {
            (line.price, line.customer_price) = (price(r, policy), None);
        }
        // A discount that is larger than the price is cut to it, whatever the price is.
        let most = line.price.fraction()
            * line.quantity.fraction()
            * crate::fraction::Fraction::whole(10_i128.pow(policy.exponent));
        let mut left = most.floor();
        for (amount, _) in &mut line.discounts {
            *amount = (*amount).min(left);
            left -= *amount;
        }
    }
    let types = types(r);
    let tree = match r.below(4) {
        0 => vec![],
        1 => vec![(1, None), (2, None), (3, None)],
        2 => vec![(1, None), (2, Some(1)), (3, Some(2))],
        _ => vec![(1, Some(3)), (2, Some(1)), (3, None)],
    };
    let at = r.of(&[0, 12 * 60, 22 * 60 - 1, 22 * 60, DAY, 3 * DAY - 121, 3 * DAY - 120]);
    let held = held(r, at);
    let mut keys = r.list(3);
    if r.one_in(3) {
        keys.clear();
    }
    let berlin = r.one_in(2);
    let flag_guests = r.one_in(2);
    let mut market = Market { at, berlin, tree, keys, flag_guests, held, types, ..Market::plain(case) };
    // What is to begin later and is given now is nowhere said.
    market.held.memberships.retain(|m| m.from.is_none_or(|from| from <= at) || m.of == 4);
    let known: Vec<u8> = market.types.defined.iter().map(|(t, _)| *t).collect();
    prices(r, &known, &mut market);
    access(r, &known, &mut market);
    quantities(r, &known, &mut market);
    assignments(r, &known, &market.held, &mut market.case);
    market
}

fn types(r: &mut Random) -> Types {
    let defined: Vec<(u8, u32)> = match r.below(6) {
        0 => vec![],
        1 => vec![(1, 0)],
        2 => vec![(1, 0), (2, 0), (3, 0)],
        _ => vec![(1, r.of(&[0, 5])), (2, r.of(&[0, 5, 10])), (3, r.of(&[5, 10]))],
    };
    let default =
        if defined.is_empty() { None } else { r.of(&[None, Some(1), Some(1), defined.last().map(|(t, _)| *t)]) };
    Types { defined, default }
}

fn around(r: &mut Random, at: i64) -> Option<i64> {
    r.of(&[None, Some(at - 1), Some(at), Some(at + 1), Some(at + DAY)])
}

fn held(r: &mut Random, at: i64) -> Held {
    // A type that no shop knows is among them.
    let mut memberships: Vec<Membership> = Vec::new();
    for _ in 0..r.of(&[0, 0, 1, 2, 3]) {
        let of = r.of(&[1, 2, 2, 3, 4]);
        let from = r.of(&[None, None, Some(at - 1), Some(at), Some(at + 1)]);
        let until = around(r, at).filter(|until| from.is_none_or(|from| from < *until));
        if memberships.iter().all(|m| m.of != of) {
            memberships.push(Membership { of, from, until });
        }
    }
    let term = r.maybe(3, |r| Term {
        until: around(r, at),
        while_member_of: r.maybe(3, |r| r.of(&[1, 2, 3])),
        then: r.of(&[None, Some(1), Some(2), Some(4)]),
    });
    let primary = r.of(&[None, Some(1), Some(2), Some(2), Some(3), Some(4)]);
    // A term that never ends is none.
    let term = term.filter(|t| primary.is_some() && (t.until.is_some() || t.while_member_of.is_some()));
    Held { primary, term, memberships }
}

fn audience(r: &mut Random, known: &[u8]) -> Audience {
    let some = |r: &mut Random| known.iter().copied().filter(|_| r.one_in(2)).collect::<Vec<u8>>();
    Audience {
        types: if r.one_in(2) { Some(some(r)) } else { None },
        min_rank: r.maybe(4, |r| r.of(&[1, 5, 6, 10])),
        except: if r.one_in(5) { some(r) } else { vec![] },
    }
}

fn goods(r: &mut Random) -> Goods {
    match r.below(6) {
        0 => Goods::Everything,
        1 | 2 => Goods::Category(r.of(&[1, 2, 3]), r.one_in(2)),
        _ => Goods::Product(r.of(&[1, 1, 2, 3, 4]), r.one_in(3)),
    }
}

fn price(r: &mut Random, policy: Policy) -> Number {
    match r.below(5) {
        0 => Number { digits: i128::from(r.below(100)), scale: policy.exponent + 2 },
        _ => Number { digits: r.of(&[0, 100, 150, 199, 200, 1000, 1001]), scale: policy.exponent },
    }
}

fn prices(r: &mut Random, known: &[u8], market: &mut Market) {
    let policy = market.case.policy;
    for of in known {
        for product in [1, 2, 4] {
            if LISTS && r.one_in(5) {
                market.prices.push((*of, product, price(r, policy)));
            }
        }
    }
    if !LISTS {
        return;
    }
    market.strategy = r.of(&[Strategy::MostSpecific, Strategy::MostSpecific, Strategy::Lowest, Strategy::Priority]);
    for id in (1..=5).filter(|_| r.one_in(2)).collect::<Vec<u8>>() {
        let holders = if r.one_in(3) {
            Holders::Customers(r.list(3))
        } else {
            Holders::Types(known.iter().copied().filter(|_| r.one_in(2)).collect())
        };
        let (from, days) = (r.of(&[None, None, None, Some(-1), Some(0), Some(1)]), r.of(&[0, 0, 1, 3]));
        let days = (from, r.maybe(3, |r| from.unwrap_or_else(|| r.of(&[-1, 0, 1])) + days));
        let entries = (0..r.of(&[0, 1, 1, 2, 3, 4])).map(|_| entry(r, policy)).collect();
        market.lists.push(List { id, holders, priority: r.of(&[0, 0, 0, 1, 5, -1]), days, entries });
    }
    // Lists in no order.
    for i in (1..market.lists.len()).rev() {
        let j = usize::try_from(r.below(i as u64 + 1)).unwrap();
        market.lists.swap(i, j);
    }
    // Most definitions are no mistake.
    while overlap(market) && !r.one_in(30) {
        let full: Vec<usize> = (0..market.lists.len()).filter(|i| !market.lists[*i].entries.is_empty()).collect();
        match full.is_empty() {
            true => market.prices.clear(),
            false => drop(market.lists[r.of(&full)].entries.pop()),
        }
    }
}

fn entry(r: &mut Random, policy: Policy) -> Entry {
    let foreign = r.one_in(10);
    let (goods, value) = match r.below(3) {
        0 => (Goods::Product(r.of(&[1, 1, 2, 3, 4]), r.one_in(3)), Value::Price(price(r, policy), foreign)),
        1 => (goods(r), Value::PercentOff(r.of(&[0, 10_000, 33_333, 50_000, 50_000, 100_000]))),
        _ => (goods(r), Value::AmountOff(price(r, policy), foreign)),
    };
    Entry { goods, from: r.of(&[1, 1, 1, 2, 3, 5]), value }
}

fn access(r: &mut Random, known: &[u8], market: &mut Market) {
    for product in [1, 2, 3] {
        if r.one_in(10) {
            let types = known.iter().copied().filter(|_| r.one_in(2)).collect();
            market.visible_only_to.push((product, types));
        }
    }
    if !ACCESS {
        return;
    }
    for _ in 0..r.of(&[0, 0, 0, 1, 2, 3, 4]) {
        let all = [Permission::See, Permission::SeePrice, Permission::Buy];
        let mut permissions: Vec<Permission> = all.into_iter().filter(|_| r.one_in(2)).collect();
        if permissions.is_empty() {
            permissions.push(r.of(&all));
        }
        let rule = Rule { allows: !r.one_in(3), permissions, goods: goods(r), to: audience(r, known) };
        market.rules.push(rule);
        if clash(market) && !r.one_in(10) {
            market.rules.pop();
        }
    }
    let offers = |r: &mut Random| {
        r.maybe(3, |r| {
            let mut offers: Vec<Offer> = Vec::new();
            for option in r.list(3) {
                let (to, preferred_by) = (audience(r, known), r.maybe(3, |r| audience(r, known)));
                offers.push(Offer { option, to, preferred_by });
            }
            if r.one_in(2) {
                offers.reverse();
            }
            offers
        })
    };
    (market.payment, market.shipping) = (offers(r), offers(r));
    market.pays = r.of(&[None, Some(1), Some(2)]);
}

fn quantities(r: &mut Random, known: &[u8], market: &mut Market) {
    if !QUANTITIES {
        return;
    }
    for _ in 0..r.of(&[0, 0, 0, 1, 2, 3]) {
        let (min, increment) = (r.maybe(4, |r| r.of(&[1_u64, 2, 3])), r.maybe(4, |r| r.of(&[1_u64, 2, 3])));
        let max = r.maybe(2, |r| r.of(&[1, 2, 3, 4, 6]));
        // Figures that leave no quantity are a mistake.
        let least: u64 = min.unwrap_or(1).next_multiple_of(increment.unwrap_or(1));
        let max = max.map(|max: u64| max.max(least));
        if min.or(max).or(increment).is_some() {
            let (goods, to) = (goods(r), audience(r, known));
            market.quantities.push(QuantityRule { goods, to, min, max, increment, caps: r.one_in(2) });
            if twice(market) && !r.one_in(10) {
                market.quantities.pop();
            }
        }
    }
    for id in r.list(3) {
        let mut of: Vec<Goods> = vec![goods(r)];
        let more = goods(r);
        if r.one_in(3) && !of.contains(&more) {
            of.push(more);
        }
        let window = match r.below(9) {
            0 => Window::Month,
            1 => Window::Quarter,
            2 => Window::Year,
            3 => Window::Rolling(30),
            4 | 5 => {
                let from = r.of(&[None, Some(-1), Some(0), Some(1), Some(3)]);
                let days = r.of(&[0, 1, 2]);
                let thru = r.maybe(2, |r| from.unwrap_or_else(|| r.of(&[-1, 0, 1, 3])) + days);
                // Without an end on either side it is for ever.
                if from.or(thru).is_some() { Window::Days(from, thru) } else { Window::Ever }
            }
            _ => Window::Ever,
        };
        let (quantity, to) = (r.of(&[1, 2, 3, 4, 6, 10]), audience(r, known));
        let (shared, caps) = (r.one_in(3), r.one_in(2));
        market.allowances.push(Allowance { id, goods: of, to, quantity, window, shared, caps });
        if r.one_in(2) {
            market.taken.push((id, r.below(6)));
        }
        for _ in 0..r.of(&[0, 0, 1, 2]) {
            let from = r.of(&[None, None, Some(market.at - 1), Some(market.at), Some(market.at + 1)]);
            let until = around(r, market.at).filter(|until| from.is_none_or(|from| from < *until));
            market.grants.push(Grant { allowance: id, quantity: r.below(8), from, until });
        }
    }
}

fn assignments(r: &mut Random, known: &[u8], held: &Held, case: &mut Case) {
    for coupon in &mut case.coupons {
        if CHANGES && r.one_in(6) {
            let (only, except) = (r.maybe(2, |r| r.list(3)), if r.one_in(3) { r.list(3) } else { vec![] });
            coupon.conditions.push(Condition::Types { only, except });
        }
        if r.one_in(8) {
            coupon.conditions.push(Condition::Members(r.maybe(2, |r| r.list(3))));
        }
        if OVERRIDES && r.one_in(6) {
            coupon.overrides = r.of(&[Overrides::Touched, Overrides::Everything]);
            coupon.with_discounts = true;
        }
        // Whether one that overrides may be dearer for the type that it assigns is nowhere said.
        if r.one_in(5) && !known.is_empty() && coupon.overrides == Overrides::Nothing {
            let when = r.of(&[When::Commit, When::BeforePricing, When::BeforePricing, When::NextOrder]);
            let when = if CHANGES { when } else { When::BeforePricing };
            let membership = CHANGES && r.one_in(4);
            let until = match r.below(6) {
                0 if CHANGES => Until::Day(r.of(&[-1, 0, 1])),
                1 | 2 if CHANGES => Until::Days(r.of(&[1, 2, 30])),
                3 if CHANGES && !membership => Until::Membership(r.of(known)),
                _ => Until::Forever,
            };
            let to = r.of(known);
            // Nor whether a type that hung on a lost membership comes to life again with it.
            let hung = held.term.as_ref().is_some_and(|t| t.while_member_of == Some(to));
            let membership = membership && !hung;
            // Which of a primary type and a membership has the first of few places is nowhere said.
            let membership = membership && (when != When::BeforePricing || case.policy.max_codes.is_none());
            // A type that hangs on itself is a mistake.
            let hangs = until == Until::Membership(to);
            // How what is held for a time goes on to hang on a membership is nowhere said.
            let again = matches!(until, Until::Membership(_)) && held.primary == Some(to);
            let again =
                again || held.primary == Some(to) && held.term.as_ref().is_some_and(|t| t.while_member_of.is_some());
            let until = if hangs || again { Until::Forever } else { until };
            coupon.assign = Some(Assign { to, when, membership, until, only_upwards: false });
            if when == When::BeforePricing {
                // What is judged before pricing reads no price and no line, and keeps its seat.
                coupon.conditions.retain(|c| matches!(c, Condition::Types { .. } | Condition::Members(_)));
                (coupon.several_codes, coupon.with_discounts) = (false, true);
                coupon.combining = Combining::default();
                (coupon.budget, coupon.units, coupon.overrides) = (None, None, Default::default());
                coupon.benefits = vec![Benefit::None];
            }
        }
    }
    // A type that hangs on a membership which comes with the same order is left to the proofs by hand.
    let given: Vec<u8> =
        case.coupons.iter().filter_map(|c| c.assign.as_ref()).filter(|a| a.membership).map(|a| a.to).collect();
    for assign in case.coupons.iter_mut().filter_map(|c| c.assign.as_mut()) {
        if matches!(assign.until, Until::Membership(of) if given.contains(&of)) {
            assign.until = Until::Forever;
        }
    }
    // A code of a line cannot change the type of the customer before there are lines.
    let before = |c: &crate::case::Coupon| c.assign.as_ref().is_some_and(|a| a.when == When::BeforePricing);
    for code in &mut case.codes {
        if before(&case.coupons[code.coupon]) {
            (code.on_line, code.operator_amount, code.host_amounts) = (None, None, None);
        }
    }
}
