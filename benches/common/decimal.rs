//! What a shop's backend writes today: a loop on decimals with a fresh `Vec` for the answer. No tax, no reasons, no
//! effects.

use rust_decimal::Decimal;
use rust_decimal::RoundingStrategy::{MidpointAwayFromZero, ToZero};

use super::{Facts, HostLine, Value};

#[derive(Debug)]
pub struct Line {
    pub discount: Decimal,
    pub left: Decimal,
}

#[derive(Debug)]
pub struct Answer {
    pub lines: Vec<Line>,
    pub discount: Decimal,
    pub total: Decimal,
}

#[derive(Debug)]
pub struct Term {
    percent: Option<Decimal>,
    amount: Decimal,
    /// Numbers of categories, as in a database; none where every line is meant.
    categories: Option<Vec<u32>>,
    guarded: bool,
}

pub fn terms(terms: &[super::Term]) -> Vec<Term> {
    let one = |term: &super::Term| Term {
        percent: match term.value {
            Value::Percent(thousandths) => Some(Decimal::new(i64::from(thousandths), 5).normalize()),
            Value::Amount(_) => None,
        },
        amount: match term.value {
            Value::Percent(_) => Decimal::ZERO,
            Value::Amount(minor) => Decimal::new(minor, 2),
        },
        categories: (term.categories != (1 << 24) - 1)
            .then(|| (0..24).filter(|c| term.categories >> c & 1 == 1).collect()),
        guarded: term.guarded,
    };
    terms.iter().map(one).collect()
}

fn guards_hold(facts: &Facts, subtotal: Decimal) -> bool {
    facts.at >= facts.from
        && facts.at < facts.until
        && facts.used < facts.limit
        && facts.used_by_customer < facts.limit_per_customer
        && subtotal >= Decimal::new(facts.minimum, 2)
        && facts.customer_type == facts.wanted_type
}

pub fn run(host: &[HostLine], terms: &[Term], facts: &Facts) -> Answer {
    let start = |l: &HostLine| Line { discount: Decimal::ZERO, left: l.price * Decimal::from(l.quantity) };
    let mut lines: Vec<Line> = host.iter().map(start).collect();
    let needs_subtotal = terms.iter().any(|t| t.guarded);
    let holds = !needs_subtotal || guards_hold(facts, lines.iter().map(|l| l.left).sum());
    let mut discount = Decimal::ZERO;
    for term in terms.iter().filter(|t| !t.guarded || holds) {
        let qualifies = |l: &HostLine| term.categories.as_ref().is_none_or(|c| c.contains(&l.category_number));
        discount += match term.percent {
            Some(percent) => percent_off(host, &mut lines, percent, qualifies),
            None => amount_off(host, &mut lines, term.amount, qualifies),
        };
    }
    let total = lines.iter().map(|l| l.left).sum();
    Answer { lines, discount, total }
}

fn percent_off(
    host: &[HostLine],
    lines: &mut [Line],
    percent: Decimal,
    qualifies: impl Fn(&HostLine) -> bool,
) -> Decimal {
    let mut sum = Decimal::ZERO;
    for (line, _) in lines.iter_mut().zip(host).filter(|(_, h)| qualifies(h)) {
        let off = (line.left * percent).round_dp_with_strategy(2, MidpointAwayFromZero);
        line.left -= off;
        line.discount += off;
        sum += off;
    }
    sum
}

fn amount_off(
    host: &[HostLine],
    lines: &mut [Line],
    amount: Decimal,
    qualifies: impl Fn(&HostLine) -> bool,
) -> Decimal {
    let qualifying: Decimal = lines.iter().zip(host).filter(|(_, h)| qualifies(h)).map(|(l, _)| l.left).sum();
    let off = amount.min(qualifying);
    if off.is_zero() {
        return off;
    }
    let mut missing = off;
    let mut remainders = Vec::new();
    for (i, (line, _)) in lines.iter_mut().zip(host).enumerate().filter(|(_, (_, h))| qualifies(h)) {
        let quota = off * line.left / qualifying;
        let share = quota.round_dp_with_strategy(2, ToZero);
        remainders.push((quota - share, i));
        missing -= share;
        line.left -= share;
        line.discount += share;
    }
    remainders.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let cent = Decimal::new(1, 2);
    for (_, i) in remainders {
        if missing.is_zero() {
            break;
        }
        lines[i].left -= cent;
        lines[i].discount += cent;
        missing -= cent;
    }
    off
}
