//! What holds for every order, whatever is on it: sums, bounds, and all the ways in which an answer must not depend on
//! how the question was put.

#![allow(
    missing_docs,
    unreachable_pub,
    dead_code,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

#[path = "oracle/answer.rs"]
mod answer;
#[path = "oracle/case.rs"]
mod case;
#[path = "oracle/combining.rs"]
mod combining;
#[path = "oracle/engine.rs"]
mod engine;
#[path = "oracle/fraction.rs"]
mod fraction;
#[path = "oracle/kinds.rs"]
mod kinds;
#[path = "oracle/random.rs"]
mod random;
#[path = "oracle/source.rs"]
mod source;
#[path = "oracle/types.rs"]
mod types;

use std::collections::BTreeMap;
use std::num::NonZeroU64;

use proptest::prelude::*;
use vouchsafe::*;

use case::Case;

/// A case of the generator that the comparison with the second implementation uses as well.
fn cases() -> impl Strategy<Value = Case> {
    any::<u64>().prop_map(|seed| random::case(seed, 0))
}

fn outcome(case: &Case) -> Outcome {
    engine::with(case, |shop, request| Ok(shop.evaluate(request)?)).unwrap()
}

fn bytes(outcome: &Outcome) -> String {
    serde_json::to_string(outcome).unwrap()
}

fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::USD)
}

/// Everything that any outcome must satisfy.
fn sound(outcome: &Outcome) -> Result<(), TestCaseError> {
    let minor = |m: Money| i128::from(m.minor());
    let (mut by_line, mut seller) = (BTreeMap::<LineId, i128>::new(), BTreeMap::<LineId, i128>::new());
    let mut by_code = BTreeMap::<String, (i128, i128)>::new();
    for off in outcome.adjustments() {
        prop_assert!(off.amount.minor() >= 0 && off.third_party.minor() >= 0);
        prop_assert!(off.third_party.minor() <= off.amount.minor());
        *by_line.entry(off.line).or_default() += minor(off.amount);
        *seller.entry(off.line).or_default() += minor(off.amount) - minor(off.third_party);
        if let Source::Code(answer) = off.source {
            prop_assert!(answer.is_applied(), "{} is refused and takes {}", answer.entered(), off.amount);
            let of_code = by_code.entry(format!("{:?} {:?}", answer.code(), answer.line())).or_default();
            *of_code = (of_code.0 + minor(off.amount), of_code.1 + minor(off.third_party));
        }
    }
    let mut sums = [0_i128; 7];
    for line in outcome.lines().iter().chain(outcome.charges()) {
        let off = by_line.get(&line.id()).copied().unwrap_or_default();
        prop_assert_eq!(off, minor(line.shop_discount()) + minor(line.coupon_discount()), "line {}", line.id());
        prop_assert!(line.shop_discount().minor() >= 0 && line.coupon_discount().minor() >= 0);
        prop_assert!(off <= minor(line.priced()), "line {} is discounted by {}", line.id(), off);
        let by_seller = seller.get(&line.id()).copied().unwrap_or_default();
        prop_assert_eq!(minor(line.taxable()) + by_seller, minor(line.priced()), "line {}", line.id());
        let tax = line.tax().map_or(0, minor);
        prop_assert!(tax >= 0 && line.net().minor() >= 0 && line.payable().minor() >= 0);
        let exclusive = outcome.price_mode() == PriceMode::TaxExclusive;
        let on_top = if exclusive { tax } else { 0 };
        prop_assert_eq!(minor(line.payable()), minor(line.taxable()) - minor(line.third_party()) + on_top);
        prop_assert_eq!(minor(line.net()), minor(line.taxable()) - if exclusive { 0 } else { tax });
        if line.taxable().is_zero() {
            prop_assert_eq!(tax, 0, "a line of weight zero gets nothing");
        }
        let figures = [
            minor(line.taxable()),
            minor(line.net()),
            tax,
            minor(line.third_party()),
            minor(line.coupon_discount()),
            minor(line.payable()),
            off,
        ];
        for (sum, figure) in sums.iter_mut().zip(figures) {
            *sum += figure;
        }
    }
    let totals = outcome.totals();
    let expected = [
        minor(totals.taxable()),
        minor(totals.net()),
        totals.tax().map_or(0, minor),
        minor(totals.third_party()),
        minor(totals.coupon_discount()),
        minor(totals.payable()) - minor(totals.cash_rounding()),
        outcome.accounts().iter().map(|a| minor(a.discount())).sum(),
    ];
    prop_assert_eq!(sums, expected, "lines add up to the totals");
    let classes = outcome
        .taxes()
        .iter()
        .fold([0_i128; 3], |s, t| [s[0] + minor(t.taxable()), s[1] + minor(t.net()), s[2] + t.tax().map_or(0, minor)]);
    prop_assert_eq!(&classes[..], &expected[..3], "classes add up to the totals");
    for answer in outcome.answers() {
        let (off, third) = match answer.is_applied() {
            true => by_code.get(&format!("{:?} {:?}", answer.code(), answer.line())).copied().unwrap_or_default(),
            false => (0, 0),
        };
        prop_assert_eq!((minor(answer.discount()), minor(answer.third_party())), (off, third));
        prop_assert!(answer.wanted().minor() >= answer.discount().minor() && answer.forfeited().minor() >= 0);
        prop_assert_eq!(answer.reasons().is_empty(), answer.state() != AnswerState::Refused);
    }
    // Refused means without effect: nothing of it is recorded.
    if let Ok(redemption) = outcome.redemption() {
        let applied = outcome.answers().iter().filter(|a| a.is_applied()).count();
        prop_assert_eq!(redemption.coupons().len(), applied);
        prop_assert!(redemption.deltas().windows(2).all(|pair| pair[0].key() < pair[1].key()));
    }
    Ok(())
}

/// 400 cases a property, or what `PROPTEST_CASES` says.
fn config() -> ProptestConfig {
    let asked = ProptestConfig::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { asked.cases } else { 400 };
    ProptestConfig { cases, ..asked }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn sums_and_bounds_hold(case in cases()) {
        sound(&outcome(&case))?;
    }

    #[test]
    fn evaluating_twice_gives_the_same_bytes_with_and_without_used_buffers(case in cases(), other in cases()) {
        let mut scratch = Scratch::default();
        let mut kept = outcome(&other);
        engine::with(&other, |shop, request| Ok(shop.evaluate_into(request, &mut kept, &mut scratch)?)).unwrap();
        engine::with(&case, |shop, request| Ok(shop.evaluate_into(request, &mut kept, &mut scratch)?)).unwrap();
        let fresh = outcome(&case);
        prop_assert_eq!(&kept, &fresh);
        prop_assert_eq!(bytes(&kept), bytes(&fresh));
    }

    #[test]
    fn the_order_in_which_lines_and_codes_come_is_irrelevant(case in cases(), turn in 0_usize..8) {
        let mut turned = case.clone();
        turned.lines.rotate_left(turn % case.lines.len());
        turned.lines.reverse();
        turned.charges.reverse();
        let by_lines = outcome(&turned);
        let plain = outcome(&case);
        // Addresses of class and host key follow the order in which lines are given; everything said does not.
        prop_assert_eq!(bytes(&by_lines), bytes(&plain));
        let codes = turned.codes.len();
        turned.codes.rotate_left(turn % codes.max(1));
        turned.codes.reverse();
        let by_codes = outcome(&turned);
        prop_assert_eq!(by_codes.lines(), plain.lines());
        prop_assert_eq!(by_codes.charges(), plain.charges());
        prop_assert_eq!(by_codes.totals(), plain.totals());
        let answers = |o: &Outcome| {
            let mut all: Vec<String> = o.answers().iter().map(|a| format!("{a:?}")).collect();
            all.sort();
            all
        };
        prop_assert_eq!(answers(&by_codes), answers(&plain));
    }

    #[test]
    fn without_its_codes_an_order_is_what_it_was(case in cases()) {
        // Refused codes leave no trace in the money.
        let with = outcome(&case);
        if with.answers().iter().all(|a| a.state() == AnswerState::Refused) {
            let without = outcome(&Case { codes: Vec::new(), ..case });
            prop_assert_eq!(with.lines(), without.lines());
            prop_assert_eq!(with.charges(), without.charges());
            prop_assert_eq!(with.totals(), without.totals());
            prop_assert_eq!(with.taxes(), without.taxes());
            prop_assert_eq!(with.flags(), without.flags());
        }
    }

    #[test]
    fn one_more_code_leaves_every_line_sound(case in cases()) {
        for codes in 0..=case.codes.len() {
            let mut fewer = case.clone();
            fewer.codes.truncate(codes);
            sound(&outcome(&fewer))?;
        }
    }
}

/// A line of so many pieces at so many minor units.
fn line(id: u64, price: i64, quantity: u64) -> Line {
    let product = Product::new(format!("P{id}").parse().unwrap());
    let price = UnitPrice::parse(&usd(price).amount_text()).unwrap();
    Line::new(LineId(id), product, Quantity::pieces(quantity).unwrap(), price)
}

fn evaluate(
    policy: PolicyBuilder,
    order: &Order,
    coupons: Vec<CouponBuilder>,
    typed: &[&str],
) -> Result<Outcome, Error> {
    let shop = Shop::new(policy.max_codes(None).build().unwrap());
    let prepared: Vec<Prepared> = coupons.into_iter().map(|c| shop.prepare(c.build().unwrap()).unwrap()).collect();
    let codes: Vec<Presented<'_>> = prepared.iter().zip(typed).map(|(c, typed)| Presented::new(typed, c)).collect();
    let customer = Customer::anonymous();
    let at = parse_instant("2026-03-29T12:00:00Z").unwrap();
    shop.evaluate(&Request::new(order, &customer, Reference::Order("o".parse().unwrap()), at).with_codes(&codes))
}

fn dollars() -> PolicyBuilder {
    Policy::builder(Currency::USD)
}

fn percent(thousandths: u32) -> Percent {
    Percent::from_thousandths(thousandths).unwrap()
}

fn amounts(minor: i64) -> Amounts {
    Amounts::new([usd(minor)]).unwrap()
}

fn price(minor: i64) -> PriceTable {
    PriceTable::new([(Currency::USD, UnitPrice::parse(&usd(minor).amount_text()).unwrap())]).unwrap()
}

/// One benefit of each kind that takes the same from equal pieces, at a level.
fn benefits(units: Option<u64>, figure: i64, off: u32) -> Vec<(Level, Benefit)> {
    let target = || units.and_then(NonZeroU64::new).map_or_else(Target::default, |n| Target::default().units(n));
    vec![
        (Level::Order, PercentOff::new(percent(off)).on(target()).into()),
        (Level::Order, PercentOff::new(percent(off)).capped_at(amounts(figure)).on(target()).into()),
        (Level::Line, PercentOff::new(Percent::HUNDRED).on(target()).into()),
        (Level::Line, AmountOff::new(amounts(figure)).on(target()).into()),
        (Level::Line, AmountOff::new(amounts(figure)).taken_per(Per::Unit).on(target()).into()),
        (Level::Line, SetPrice::new(price(figure)).on(target()).into()),
        (Level::Order, SetPrice::new(price(figure)).on(target()).into()),
    ]
}

fn total(lines: Vec<Line>, level: Level, benefit: &Benefit) -> Result<(i64, i64), TestCaseError> {
    let order = Order::builder(Currency::USD).lines(lines).build().unwrap();
    let coupon = Coupon::builder("c").code("C").level(level).benefit(benefit.clone());
    let outcome = evaluate(dollars(), &order, vec![coupon], &["C"]).unwrap();
    sound(&outcome)?;
    Ok((outcome.totals().coupon_discount().minor(), outcome.answers()[0].forfeited().minor()))
}

proptest! {
    #[test]
    fn a_quantity_is_so_many_lines_of_one(
        lines in prop::collection::vec((1_i64..3_000, 1_u64..9), 1..4),
        units in prop::option::of(1_u64..12),
        figure in 1_i64..5_000,
        off in 1_u32..100_000,
    ) {
        for (level, benefit) in benefits(units, figure, off) {
            let whole = lines.iter().zip(1..).map(|((price, count), id)| line(id, *price, *count)).collect();
            let mut single = Vec::new();
            for (price, count) in &lines {
                for _ in 0..*count {
                    single.push(line(single.len() as u64 + 1, *price, 1));
                }
            }
            prop_assert_eq!(total(whole, level, &benefit)?, total(single, level, &benefit)?, "{:?}", benefit);
        }
    }

    #[test]
    fn a_line_split_in_two_equal_ones_leaves_order_level_totals_alone(
        lines in prop::collection::vec((0_i64..5_000, 1_u64..5), 1..6),
        at in any::<prop::sample::Index>(),
        off in 0_u32..=100_000,
        figure in 1_i64..20_000,
    ) {
        let at = at.index(lines.len());
        let build = |split: bool| -> Vec<Line> {
            let mut all = Vec::new();
            for (i, (price, count)) in lines.iter().enumerate() {
                let id = i as u64 * 2;
                match split && i == at {
                    true => all.extend([line(id, *price, *count), line(id + 1, *price, *count)]),
                    false if i == at => all.push(line(id, *price, count * 2)),
                    false => all.push(line(id, *price, *count)),
                }
            }
            all
        };
        for benefit in [
            Benefit::from(PercentOff::new(percent(off))),
            PercentOff::new(percent(off)).capped_at(amounts(figure)).into(),
            PercentOff::new(percent(off)).base_of(PercentBase::Original).into(),
            AmountOff::new(amounts(figure)).into(),
        ] {
            let (whole, split) = (build(false), build(true));
            let (whole, split) = (total(whole, Level::Order, &benefit)?, total(split, Level::Order, &benefit)?);
            prop_assert_eq!(whole, split);
        }
    }

    #[test]
    fn a_thousand_million_pieces_cost_no_more_than_one(
        first in (0_i64..100_000, 1_u64..=1_000_000_000),
        second in (0_i64..100_000, 1_u64..=1_000_000_000),
        units in prop::option::of(1_u64..3_000_000_000),
        // Beyond it, what is lost on 2 x 10^9 pieces does not fit, and is an error of its own.
        figure in 1_i64..4_000_000_000,
        off in 1_u32..=100_000,
    ) {
        let of_each = [first, second];
        for (level, benefit) in benefits(units, figure, off) {
            let lines: Vec<Line> = of_each.iter().zip(1..).map(|((p, q), id)| line(id, *p, *q)).collect();
            let (taken, _) = total(lines, level, &benefit)?;
            // Pieces are taken cheapest first, so what the picked pieces cost bounds what comes off.
            let mut open = units.unwrap_or(u64::MAX);
            let mut sorted: Vec<(i64, u64)> = of_each.iter().copied().filter(|(p, _)| *p > 0).collect();
            sorted.sort_unstable();
            let mut cost = 0_i128;
            for (price, count) in sorted {
                let count = count.min(open);
                open -= count;
                cost += i128::from(price) * i128::from(count);
            }
            prop_assert!(i128::from(taken) <= cost, "{} of {} with {:?}", taken, cost, benefit);
            if matches!((level, &benefit), (Level::Line, Benefit::Percent(_))) {
                prop_assert_eq!(i128::from(taken), cost);
            }
        }
    }

    #[test]
    fn extreme_amounts_are_exact_or_an_error(
        // From nothing to the edge of what can be written, as many of each size.
        prices in prop::collection::vec(
            (0_i64..=999_999_999_999_999_999, 0_u32..60, 0_u64..=1_000_000, 0_u32..20, any::<bool>()),
            1..5,
        ),
        shipping in (0_i64..=i64::MAX, 0_u32..63).prop_map(|(amount, less)| amount >> less),
        rate in 0_u32..=1000,
        inclusive in any::<bool>(),
        units in prop::option::of(1_u64..2_000_000),
        figure in 1_i64..=9_999_999_999,
        off in 1_u32..=100_000,
    ) {
        let mut order = Order::builder(Currency::USD)
            .default_rate(TaxRate::parse(&rate.to_string()).unwrap())
            .charge(Charge::shipping(LineId(99), usd(shipping)))
            .price_mode(if inclusive { PriceMode::TaxInclusive } else { PriceMode::TaxExclusive });
        for ((price, less, count, fewer, floor), id) in prices.iter().zip(1..) {
            let (price, count) = (price >> less, count >> fewer);
            let Ok(unit) = UnitPrice::parse(&usd(price).amount_text()) else { return Ok(()) };
            let product = Product::new("P".parse().unwrap());
            let line = Line::new(LineId(id), product, Quantity::pieces(count + 1).unwrap(), unit);
            order = order.line(if *floor { line.with_floor_price(unit) } else { line });
        }
        let Ok(order) = order.build() else { return Ok(()) };
        let all: Vec<CouponBuilder> = benefits(units, figure, off)
            .into_iter()
            .chain([
                (Level::Line, AmountOff::new(amounts(figure)).tax_view(TaxView::Net).into()),
                (Level::Line, AmountOff::new(amounts(figure)).tax_view(TaxView::Gross).with_shipping().into()),
                (Level::Line, AmountOff::new(amounts(figure)).split_evenly().into()),
                (Level::Order, PercentOff::new(percent(off)).base_of(PercentBase::Original).with_shipping().into()),
                (Level::Line, ShippingOff::new(ShippingValue::Percent(percent(off))).into()),
            ])
            .zip('A'..)
            .map(|((level, benefit), name)| {
                Coupon::builder(name.to_string()).code(&name.to_string()).level(level).benefit(benefit)
            })
            .collect();
        let typed: Vec<String> = ('A'..).take(all.len()).map(|c| c.to_string()).collect();
        let typed: Vec<&str> = typed.iter().map(String::as_str).collect();
        for one in all.iter().zip(&typed) {
            if let Ok(outcome) = evaluate(dollars(), &order, vec![one.0.clone()], &[*one.1]) {
                sound(&outcome)?;
            }
        }
        if let Ok(outcome) = evaluate(dollars(), &order, all, &typed) {
            sound(&outcome)?;
        }
    }

    #[test]
    fn any_text_may_be_typed_as_a_code(text in any::<String>(), format in any::<bool>()) {
        let order = Order::builder(Currency::USD).line(line(1, 1_000, 1)).build().unwrap();
        let format = if format { CodeFormat::Standard } else { CodeFormat::Imported };
        let coupon = || Coupon::builder("c").code_format(format).code("WELCOME10").percent_off("10");
        let outcome = evaluate(dollars(), &order, vec![coupon()], &[&text]).unwrap();
        sound(&outcome)?;
        let answer = &outcome.answers()[0];
        let canonical = Code::parse(&text, format).is_ok_and(|code| code.as_str() == "WELCOME10");
        prop_assert_eq!(answer.is_applied(), canonical);
        if !canonical {
            prop_assert_eq!(answer.reasons(), &[Refusal::UnknownCode][..]);
        }
    }
}
