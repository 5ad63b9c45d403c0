//! The floor: the job as a plain loop on integers, written for just this job, all buffers reused. No tax, no reasons, no
//! effects, nothing checked.

use super::{Facts, RawLine, Term, Value, Workload};

/// The answer, and what is needed on the way.
#[derive(Debug, Default)]
pub struct Out {
    pub discounts: Vec<i64>,
    pub left: Vec<i64>,
    pub discount: i64,
    pub total: i64,
    remainders: Vec<(i64, u32)>,
    order: Vec<u32>,
}

pub fn run(workload: Workload, lines: &[RawLine], terms: &[Term], facts: &Facts, out: &mut Out) {
    match (workload, terms) {
        (Workload::W1, [Term { value: Value::Percent(thousandths), .. }]) => percent(lines, *thousandths, out),
        (Workload::W2, [Term { value: Value::Amount(minor), .. }]) => amount(lines, *minor, out),
        (Workload::W3, [term @ Term { value: Value::Percent(thousandths), .. }]) => {
            scoped_percent(lines, *thousandths, term.categories, facts, out);
        }
        _ => stacked(lines, terms, facts, out),
    }
}

#[inline]
fn extended(line: &RawLine) -> i64 {
    line.unit * i64::from(line.quantity)
}

/// Rounded half up; everything here is positive.
#[inline]
fn percent_of(amount: i64, thousandths: u32) -> i64 {
    let product = amount as u64 * u64::from(thousandths);
    ((product + 50_000) / 100_000) as i64
}

#[inline]
fn guards_hold(facts: &Facts, subtotal: i64) -> bool {
    facts.at >= facts.from
        && facts.at < facts.until
        && facts.used < facts.limit
        && facts.used_by_customer < facts.limit_per_customer
        && subtotal >= facts.minimum
        && facts.customer_type == facts.wanted_type
}

fn percent(lines: &[RawLine], thousandths: u32, out: &mut Out) {
    out.discounts.clear();
    out.left.clear();
    (out.discount, out.total) = (0, 0);
    for line in lines {
        let amount = extended(line);
        let off = percent_of(amount, thousandths);
        out.discounts.push(off);
        out.left.push(amount - off);
        out.discount += off;
        out.total += amount - off;
    }
}

fn scoped_percent(lines: &[RawLine], thousandths: u32, categories: u32, facts: &Facts, out: &mut Out) {
    let subtotal: i64 = lines.iter().map(extended).sum();
    let holds = guards_hold(facts, subtotal);
    out.discounts.clear();
    out.left.clear();
    out.discount = 0;
    for line in lines {
        let amount = extended(line);
        let off = if holds && categories >> line.category & 1 == 1 { percent_of(amount, thousandths) } else { 0 };
        out.discounts.push(off);
        out.left.push(amount - off);
        out.discount += off;
    }
    out.total = subtotal - out.discount;
}

fn amount(lines: &[RawLine], minor: i64, out: &mut Out) {
    out.discounts.clear();
    out.left.clear();
    out.left.extend(lines.iter().map(extended));
    out.discounts.resize(lines.len(), 0);
    let subtotal: i64 = out.left.iter().sum();
    out.discount = largest_remainder(lines, minor, u32::MAX, out);
    out.total = subtotal - out.discount;
}

/// Takes the amount from the lines of some categories; answers what they could bear.
fn largest_remainder(lines: &[RawLine], minor: i64, categories: u32, out: &mut Out) -> i64 {
    let qualifies = |line: &RawLine| categories >> line.category & 1 == 1;
    let qualifying: i64 = lines.iter().zip(&out.left).filter(|(l, _)| qualifies(l)).map(|(_, left)| left).sum();
    if qualifying == 0 {
        return 0;
    }
    let off = minor.min(qualifying);
    let (weight_of_all, product_of) = (qualifying as u64, off as u64);
    let mut missing = off;
    out.remainders.clear();
    for (i, line) in lines.iter().enumerate() {
        if qualifies(line) {
            let product = product_of * out.left[i] as u64;
            let share = (product / weight_of_all) as i64;
            out.remainders.push(((product % weight_of_all) as i64, i as u32));
            missing -= share;
            out.left[i] -= share;
            out.discounts[i] += share;
        }
    }
    if missing > 0 {
        let first = |a: &(i64, u32), b: &(i64, u32)| b.0.cmp(&a.0).then(a.1.cmp(&b.1));
        let (chosen, at_last, _) = out.remainders.select_nth_unstable_by(missing as usize - 1, first);
        for (_, i) in chosen.iter().chain([&*at_last]) {
            out.left[*i as usize] -= 1;
            out.discounts[*i as usize] += 1;
        }
    }
    off
}

fn stacked(lines: &[RawLine], terms: &[Term], facts: &Facts, out: &mut Out) {
    out.discounts.clear();
    out.left.clear();
    out.left.extend(lines.iter().map(extended));
    out.discounts.resize(lines.len(), 0);
    out.discount = 0;
    let subtotal: i64 = out.left.iter().sum();
    let holds = guards_hold(facts, subtotal);
    for term in terms {
        if term.guarded && !holds {
            continue;
        }
        match term.value {
            Value::Percent(thousandths) => {
                for ((line, left), discount) in lines.iter().zip(&mut out.left).zip(&mut out.discounts) {
                    if term.categories >> line.category & 1 == 1 {
                        let off = percent_of(*left, thousandths);
                        *left -= off;
                        *discount += off;
                        out.discount += off;
                    }
                }
            }
            Value::Amount(minor) => out.discount += largest_remainder(lines, minor, term.categories, out),
        }
    }
    out.total = subtotal - out.discount;
}

/// The cheapest of every three pieces free, the dearest first.
pub fn third_free(lines: &[RawLine], out: &mut Out) {
    out.order.clear();
    out.order.extend(0..lines.len() as u32);
    out.order.sort_unstable_by_key(|i| (std::cmp::Reverse(lines[*i as usize].unit), *i));
    out.discounts.clear();
    out.discounts.resize(lines.len(), 0);
    let sets = lines.iter().map(|line| i64::from(line.quantity)).sum::<i64>() / 3;
    (out.discount, out.total) = (0, 0);
    let mut place = 0_i64;
    for i in &out.order {
        let line = &lines[*i as usize];
        let until = place + i64::from(line.quantity);
        let free = (until / 3).min(sets) - (place / 3).min(sets);
        let off = free * line.unit;
        out.discounts[*i as usize] = off;
        out.discount += off;
        out.total += extended(line) - off;
        place = until;
    }
}

/// 5% of the whole order from 50.00 on, 10% from 100.00 on, by largest remainder.
pub fn tier(lines: &[RawLine], out: &mut Out) {
    let spent: i64 = lines.iter().map(extended).sum();
    let thousandths = match spent {
        10_000.. => 10_000,
        5_000.. => 5_000,
        _ => 0,
    };
    amount(lines, percent_of(spent, thousandths), out);
}
