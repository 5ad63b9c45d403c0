//! Random cases, the same for the same seed everywhere. Figures are small, so that lines run dry, caps bind and
//! remainders tie.

use crate::case::{
    Basis, Benefit, Case, Charge, Condition, Conflict, Coupon, Entered, Funding, Line, Number, Overrides, Per, Policy,
    Scope, ShippingValue, Target, View,
};
use crate::combining;
use crate::fraction::Mode;
use crate::kinds::{Among, BundleWorth, Group, LadderKind, Layout, Measure, Over, Reward, SetKind, StepWorth, Which};
use crate::types::Seen;

pub use crate::source::Random;

/// Case number `index` of a run.
pub fn case(seed: u64, index: u64) -> Case {
    let mut r = Random(seed ^ index.wrapping_mul(0x2545_f491_4f6c_dd1d));
    let (lines, coupons) = r.sizes();
    sized(&mut r, lines, coupons)
}

/// A case of at most so many lines and coupons.
pub fn sized(r: &mut Random, most_lines: u64, most_coupons: u64) -> Case {
    let policy = policy(r);
    let rates = if r.one_in(4) {
        Vec::new()
    } else {
        [None, Some(1), Some(2)].into_iter().map(|class| (class, rate(r))).collect()
    };
    let lines = 1 + r.below(most_lines);
    let lines: Vec<Line> = (1..=lines).map(|id| line(r, policy, id)).collect();
    let charges: Vec<Charge> = (0..r.of(&[0, 0, 1, 1, 2, 3])).map(|i| charge(r, 100 + i)).collect();
    let coupons: Vec<Coupon> = (0..1 + r.below(most_coupons)).map(|i| coupon(r, policy, i)).collect();
    let codes = codes(r, policy, &lines, &coupons);
    Case { policy, rates, lines, charges, offers: Vec::new(), coupons, codes, seen: Seen::default() }
}

fn policy(r: &mut Random) -> Policy {
    let modes = [Mode::HalfUp, Mode::HalfUp, Mode::HalfEven, Mode::HalfDown, Mode::Down];
    Policy {
        exponent: r.of(&[2, 2, 2, 0, 3]),
        inclusive: r.one_in(2),
        discount_rounding: r.of(&modes),
        tax_rounding: r.of(&modes),
        percent_per_unit: r.one_in(4),
        tax_per_line: r.one_in(4),
        max_codes: r.of(&[None, None, None, Some(1), Some(2), Some(3)]),
        line_codes: r.one_in(3),
        conflict: r.of(&[Conflict::Refuse, Conflict::Drop, Conflict::Better]),
        cash: r.maybe(8, |r| r.of(&[5, 10, 25])),
        depths: combining::depths(r),
    }
}

fn rate(r: &mut Random) -> i128 {
    let figures = [0, 5_000, 7_000, 8_000, 10_000, 19_000, 20_000, 21_000, 100_000, 250_000];
    if r.one_in(5) { i128::from(r.below(50_000)) } else { r.of(&figures) }
}

fn funding(r: &mut Random) -> Funding {
    match r.below(6) {
        0 => Funding::Third,
        1 => Funding::Split(r.of(&[0, 33_333, 40_000, 50_000, 100_000])),
        _ => Funding::Seller,
    }
}

/// Shop discounts that fit into an amount.
fn discounts(r: &mut Random, amount: i128) -> Vec<(i128, Funding)> {
    let mut left = amount;
    let mut all = Vec::new();
    for _ in 0..r.of(&[0, 0, 0, 1, 1, 2]) {
        let part = i128::from(r.below(u64::try_from(left).unwrap() / 2 + 2)).min(left);
        left -= part;
        all.push((part, funding(r)));
    }
    all
}

fn class(r: &mut Random) -> Option<u8> {
    r.of(&[None, Some(1), Some(2)])
}

fn unit_price(r: &mut Random, policy: Policy) -> Number {
    let digits = match r.below(8) {
        0 => 0,
        1 => r.of(&[100, 1000, 1999, 50, 333]),
        2 => i128::from(1 + r.below(12)),
        _ => r.amount(3_000),
    };
    match r.one_in(6) {
        // Finer than the minor unit.
        true => Number { digits: digits * 10 + i128::from(r.below(100)), scale: policy.exponent + 2 },
        false => Number { digits, scale: policy.exponent },
    }
}

pub fn line(r: &mut Random, policy: Policy, id: u64) -> Line {
    let measured = r.one_in(10);
    let quantity = if measured {
        Number { digits: i128::from(1 + r.below(4_000)), scale: 3 }
    } else {
        Number { digits: i128::from(1 + if r.one_in(3) { r.below(9) } else { r.below(3) }), scale: 0 }
    };
    let price = unit_price(r, policy);
    let minor = crate::fraction::Fraction::whole(10_i128.pow(policy.exponent));
    let list = (price.fraction() * quantity.fraction() * minor).round(Mode::HalfUp);
    let floor = |r: &mut Random| Number { digits: price.digits * i128::from(r.below(12)) / 10, scale: price.scale };
    Line {
        // Ids in no order, none twice.
        id: (id * 7) % 11 + 1,
        product: r.of(&[1, 2, 3, 4]),
        parent: None,
        categories: vec![r.of(&[1, 2, 3])],
        on_sale: r.one_in(3),
        quantity,
        measured,
        price,
        customer_price: r.maybe(6, |r| unit_price(r, policy)),
        floor: r.maybe(5, floor),
        discountable: !r.one_in(8),
        class: class(r),
        discounts: discounts(r, list),
        refused: false,
    }
}

fn charge(r: &mut Random, id: u64) -> Charge {
    let amount = if r.one_in(8) { 0 } else { r.amount(1_500) };
    let shipping = if r.one_in(5) { None } else { Some(r.of(&[None, Some(1), Some(2)])) };
    Charge { id, shipping, amount, class: class(r), discounts: discounts(r, amount) }
}

pub fn scope(r: &mut Random, depth: u32) -> Scope {
    match r.below(if depth == 0 { 5 } else { 8 }) {
        0 => Scope::Open,
        1 => Scope::Products(r.list(4)),
        2 => Scope::Categories(r.list(3)),
        3 => Scope::OnSale,
        4 => {
            let min = r.maybe(2, |r| r.amount(1_500));
            let max = if min.is_none() || r.one_in(2) { Some(min.unwrap_or(0) + r.amount(1_500)) } else { None };
            Scope::Prices(min, max)
        }
        5 => Scope::All(vec![scope(r, depth - 1), scope(r, depth - 1)]),
        6 => Scope::Any(vec![scope(r, depth - 1), scope(r, depth - 1)]),
        _ => Scope::Not(Box::new(scope(r, depth - 1))),
    }
}

fn target(r: &mut Random) -> Target {
    Target {
        scope: r.maybe(6, |r| scope(r, 1)),
        max_units: r.maybe(4, |r| 1 + r.below(4)),
        max_units_per_line: r.maybe(7, |r| 1 + r.below(3)),
        groups_of: r.maybe(8, |r| 1 + r.below(3)),
        pieces_from: r.maybe(10, |r| 1 + r.below(4)),
        dearest: r.one_in(2),
    }
}

fn percent(r: &mut Random) -> i128 {
    match r.below(6) {
        0 => r.of(&[100_000, 50_000, 33_333, 10_000]),
        1 => i128::from(r.below(2_000)),
        2 => i128::from(r.below(100_001)),
        _ => i128::from(r.below(13)) * 2_500,
    }
}

fn view(r: &mut Random, one_in: u64) -> View {
    if r.one_in(one_in) { r.of(&[View::Net, View::Gross]) } else { View::AsPriced }
}

fn benefit(r: &mut Random, policy: Policy) -> Benefit {
    match r.below(28) {
        18..=21 => Benefit::Set(set(r)),
        22..=25 => Benefit::Ladder(ladder(r)),
        0..=6 => Benefit::Percent {
            off: percent(r),
            original: r.one_in(3),
            cap: r.maybe(4, |r| r.amount(2_000)),
            shipping: r.one_in(8),
            target: target(r),
        },
        7..=11 => {
            let per = r.of(&[Per::Order, Per::Order, Per::OrderEvenly, Per::Line, Per::Unit]);
            let off = if r.one_in(30) { 0 } else { r.amount(2_500) };
            let view = match per {
                Per::Order => view(r, 3),
                _ => View::AsPriced,
            };
            Benefit::Amount { off, per, view, shipping: r.one_in(8), target: target(r) }
        }
        12 | 13 => Benefit::SetPrice { price: unit_price(r, policy), target: target(r) },
        14 | 15 => {
            let value = match r.below(4) {
                0 => ShippingValue::Free,
                1 => ShippingValue::Percent(percent(r).max(1)),
                2 => ShippingValue::Amount(r.amount(900)),
                _ => ShippingValue::ToPrice(r.amount(600) - 1),
            };
            let by_shipment = matches!(value, ShippingValue::Amount(_) | ShippingValue::ToPrice(_));
            Benefit::Shipping {
                value,
                each: by_shipment && r.one_in(2),
                methods: r.maybe(3, |r| r.list(2)),
                cap: r.maybe(4, |r| r.amount(700)),
            }
        }
        16 => match r.below(3) {
            0 => Benefit::Operator { max: r.maybe(2, |r| r.amount(3_000)), target: target(r) },
            _ => Benefit::Host { max: r.maybe(2, |r| r.amount(2_000)), target: target(r) },
        },
        26 | 27 => {
            Benefit::Gift { product: r.of(&[1, 2, 9]), pieces: 1 + r.below(3), value: r.maybe(2, |r| r.amount(900)) }
        }
        _ => Benefit::None,
    }
}

fn reward(r: &mut Random) -> Reward {
    match r.below(8) {
        0..=2 => Reward::Free,
        3..=5 => Reward::Percent(percent(r)),
        6 => Reward::Amount(r.amount(1_200)),
        _ => Reward::ToPrice(r.amount(900) - 1),
    }
}

fn group(r: &mut Random, most: u64) -> Group {
    Group { pieces: 1 + r.below(most), of: r.maybe(2, |r| scope(r, 1)) }
}

fn set(r: &mut Random) -> SetKind {
    let max_sets = r.maybe(3, |r| 1 + r.below(3));
    let among = r.of(&[Among::Order, Among::Order, Among::Order, Among::Line, Among::Product]);
    match r.below(4) {
        3 => SetKind::Bundle {
            parts: (0..r.of(&[1, 1, 2, 2, 3])).map(|_| group(r, 3)).collect(),
            worth: match r.below(4) {
                0 => BundleWorth::Percent(percent(r)),
                1 => BundleWorth::Amount(r.amount(1_500)),
                _ => BundleWorth::Price(r.amount(3_000) - 1),
            },
            max_sets,
            dearest: r.one_in(2),
        },
        0 => {
            let of = 1 + r.below(4);
            let take = if r.one_in(3) { 1 + r.below(of) } else { 1 };
            let pool = r.one_in(3);
            let which = match r.below(4) {
                0 => Which::Dearest,
                1 if !pool => Which::Position(1 + r.below(of - take + 1)),
                _ => Which::Cheapest,
            };
            let layout = r.of(&[Layout::DearestFirst, Layout::DearestFirst, Layout::CheapestFirst, Layout::AsListed]);
            SetKind::Nth { of, take, which, layout, pool, reward: reward(r), max_sets, among }
        }
        1 => SetKind::BuyGet {
            buy: (0..r.of(&[1, 1, 2, 3])).map(|_| group(r, 2)).collect(),
            get: Group { pieces: 1 + r.below(3), of: Some(scope(r, 1)) },
            reward: reward(r),
            max_sets,
            dearest: r.one_in(3),
            incomplete: r.one_in(3),
            among,
        },
        _ => SetKind::BuyGet {
            buy: vec![group(r, 3)],
            get: Group { pieces: 1 + r.below(2), of: None },
            reward: reward(r),
            max_sets,
            dearest: r.one_in(3),
            incomplete: r.one_in(3),
            among,
        },
    }
}

fn step_worth(r: &mut Random) -> StepWorth {
    if r.one_in(2) { StepWorth::Percent(percent(r)) } else { StepWorth::Amount(r.amount(1_500)) }
}

fn ladder(r: &mut Random) -> LadderKind {
    if r.one_in(4) {
        let (first, further) = (r.amount(900) - 1, r.amount(600) - 1);
        return LadderKind::FirstFurther { first, further, over_order: r.one_in(2), target: target(r) };
    }
    let by = r.of(&[Measure::Spend, Measure::Quantity]);
    let over = r.of(&[Over::Qualifying, Over::Order, Over::Line]);
    if r.one_in(3) {
        let every = if by == Measure::Spend { r.amount(1_500) } else { 1 + i128::from(r.below(3)) };
        let max_steps = r.maybe(3, |r| 1 + r.below(3));
        return LadderKind::Steps { by, every, worth: step_worth(r), max_steps, over, target: target(r) };
    }
    let marginal = over != Over::Order && r.one_in(3);
    let mut from = 0;
    let steps = (0..1 + r.below(3))
        .map(|_| {
            from += if by == Measure::Spend { r.amount(2_500) } else { 1 + i128::from(r.below(3)) };
            (from, if marginal { StepWorth::Percent(percent(r)) } else { step_worth(r) })
        })
        .collect();
    LadderKind::Tiers { by, over, steps, marginal, cap: r.maybe(4, |r| r.amount(2_000)), target: target(r) }
}

fn condition(r: &mut Random, depth: u32) -> Condition {
    match r.below(if depth == 0 { 4 } else { 8 }) {
        0..=2 => Condition::Spend {
            amount: r.amount(5_000),
            basis: r.of(&[Basis::Discounted, Basis::List, Basis::Remaining, Basis::Remaining]),
            view: view(r, 3),
            whole_order: r.one_in(2),
            inclusive: !r.one_in(3),
        },
        3 | 4 => Condition::Quantity {
            pieces: 1 + i128::from(r.below(6)),
            whole_order: r.one_in(2),
            of: r.maybe(2, |r| scope(r, 1)),
        },
        5 => Condition::All(vec![condition(r, depth - 1), condition(r, depth - 1)]),
        6 => Condition::Any(vec![condition(r, depth - 1), condition(r, depth - 1)]),
        _ => Condition::Not(Box::new(condition(r, depth - 1))),
    }
}

fn coupon(r: &mut Random, policy: Policy, index: u64) -> Coupon {
    let several = r.of(&[1, 1, 1, 1, 2, 2, 3]);
    let order_level = r.one_in(2);
    let mut benefits: Vec<Benefit> = (0..several).map(|_| benefit(r, policy)).collect();
    // The figures of an operator and of the host come once with a code: a definition asks for them once.
    let (mut operators, mut hosts) = (0, 0);
    benefits.retain(|benefit| match benefit {
        Benefit::Operator { .. } => std::mem::replace(&mut operators, 1) == 0,
        Benefit::Host { .. } => std::mem::replace(&mut hosts, 1) == 0,
        _ => true,
    });
    for benefit in &mut benefits {
        if let (Benefit::SetPrice { price, .. }, true) = (benefit, order_level) {
            // The price of an order is no finer than the minor unit.
            *price = Number { digits: r.amount(6_000), scale: policy.exponent };
        }
    }
    Coupon {
        id: format!("coupon-{}", r.of(&["a", "b", "c"]).to_owned() + &index.to_string()),
        priority: r.of(&[0, 0, 0, 1, 2, -1]),
        order_level,
        scope: if r.one_in(2) { Scope::Open } else { scope(r, 2) },
        benefits,
        conditions: (0..r.of(&[0, 0, 0, 1, 2])).map(|_| condition(r, 2)).collect(),
        funding: funding(r),
        with_discounts: !r.one_in(4),
        combining: combining::random(r),
        several_codes: r.one_in(3),
        overrides: Overrides::Nothing,
        assign: None,
        budget: r.maybe(5, |r| {
            let budget = r.amount(3_000);
            (budget, i128::from(r.below(u64::try_from(budget).unwrap() + budget.min(3) as u64)))
        }),
        refuse_when_short: r.one_in(2),
        units: r.maybe(8, |r| (1 + r.below(5), r.below(4))),
        total: r.maybe(6, |r| (1 + r.below(4), r.below(4))),
    }
}

/// Makes some coupons override prices, and others one group.
pub fn contest(r: &mut Random, case: &mut Case) {
    for coupon in &mut case.coupons {
        match r.below(4) {
            // What overrides prices sets discounts aside, so that it stands beside them.
            0 => {
                coupon.overrides = r.of(&[Overrides::Touched, Overrides::Everything]);
                coupon.with_discounts = true;
            }
            1 | 2 => coupon.combining.group = Some(1),
            _ => {}
        }
    }
}

/// Puts automatic offers into the shop of a case.
pub fn add_offers(r: &mut Random, case: &mut Case) {
    for i in 0..1 + r.below(3) {
        let mut offer = coupon(r, case.policy, i);
        // One may have the name of a discount that the host gives.
        offer.id = if i == 0 && r.one_in(6) { "discount 0".to_owned() } else { offer.id.replace("coupon", "offering") };
        offer.benefits.retain(|b| !matches!(b, Benefit::Operator { .. } | Benefit::Host { .. } | Benefit::None));
        if offer.benefits.is_empty() {
            let target = target(r);
            offer.benefits.push(Benefit::Percent {
                off: percent(r),
                original: false,
                cap: None,
                shipping: false,
                target,
            });
        }
        (offer.several_codes, offer.refuse_when_short) = (false, false);
        (offer.budget, offer.units, offer.total) = (None, None, None);
        case.offers.push(offer);
    }
}

fn codes(r: &mut Random, policy: Policy, lines: &[Line], coupons: &[Coupon]) -> Vec<Entered> {
    let mut codes = Vec::new();
    for (index, coupon) in coupons.iter().enumerate() {
        let several = if coupon.several_codes || r.one_in(5) { 1 + r.below(3) } else { 1 };
        for n in 0..several {
            let host = coupon.benefits.iter().any(|b| matches!(b, Benefit::Host { .. }));
            let operator = coupon.benefits.iter().any(|b| matches!(b, Benefit::Operator { .. }));
            codes.push(Entered {
                coupon: index,
                code: format!("CODE{}{n}", coupon.id.to_uppercase().replace("COUPON-", "")),
                on_line: r.maybe(if policy.line_codes { 3 } else { 12 }, |r| r.of(lines).id),
                operator_amount: if operator && !r.one_in(6) {
                    Some(if r.one_in(6) { 0 } else { r.amount(3_000) })
                } else {
                    None
                },
                host_amounts: (host && !r.one_in(6))
                    .then(|| lines.iter().filter(|l| l.id % 3 != 0).map(|l| (l.id, r.amount(900) - 1)).collect()),
            });
            if r.one_in(20) {
                let again = codes.last().cloned();
                codes.extend(again);
            }
        }
    }
    // Typed in any order.
    for i in (1..codes.len()).rev() {
        let j = usize::try_from(r.below(i as u64 + 1)).unwrap();
        codes.swap(i, j);
    }
    codes
}
