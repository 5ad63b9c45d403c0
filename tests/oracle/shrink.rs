//! Makes a case that differs smaller, as long as it still differs.

use crate::case::{Benefit, Case, Condition, Funding, Number, Scope, Target, View};
use crate::combining::{Combining, Exclusive};

/// Every case that is one step simpler.
pub fn simpler(case: &Case) -> Vec<Case> {
    let mut all = Vec::new();
    let mut with = |change: &dyn Fn(&mut Case)| {
        let mut next = case.clone();
        change(&mut next);
        if next != *case {
            all.push(next);
        }
    };
    for i in 0..case.codes.len() {
        with(&|c| drop(c.codes.remove(i)));
    }
    for i in 0..case.offers.len() {
        with(&|c| drop(c.offers.remove(i)));
        with(&|c| c.offers[i].conditions.clear());
        with(&|c| c.offers[i].combining = Combining::default());
        with(&|c| c.offers[i].scope = Scope::Open);
        with(&|c| c.offers[i].funding = Funding::Seller);
        with(&|c| c.offers[i].with_discounts = true);
        for j in 0..case.offers[i].benefits.len() {
            if case.offers[i].benefits.len() > 1 {
                with(&|c| drop(c.offers[i].benefits.remove(j)));
            }
            with(&|c| plain(&mut c.offers[i].benefits[j]));
            with(&|c| target_of(&mut c.offers[i].benefits[j], |t| *t = Target::default()));
        }
    }
    for i in 0..case.coupons.len() {
        with(&|c| {
            c.coupons.remove(i);
            c.codes.retain(|code| code.coupon != i);
            for code in &mut c.codes {
                code.coupon -= usize::from(code.coupon > i);
            }
        });
    }
    for i in 0..case.lines.len() {
        with(&|c| {
            let id = c.lines.remove(i).id;
            c.codes.retain(|code| code.on_line != Some(id));
            for code in &mut c.codes {
                if let Some(amounts) = &mut code.host_amounts {
                    amounts.retain(|(line, _)| *line != id);
                }
            }
        });
    }
    for i in 0..case.charges.len() {
        with(&|c| drop(c.charges.remove(i)));
    }
    with(&|c| c.rates.clear());
    with(&|c| c.policy.cash = None);
    with(&|c| c.policy.depths.per_line = None);
    with(&|c| c.policy.depths.per_order = None);
    with(&|c| c.policy.depths.most = None);
    with(&|c| c.policy.max_codes = None);
    with(&|c| c.policy.line_codes = false);
    with(&|c| c.policy.percent_per_unit = false);
    with(&|c| c.policy.tax_per_line = false);
    with(&|c| c.policy.discount_rounding = crate::fraction::Mode::HalfUp);
    with(&|c| c.policy.tax_rounding = crate::fraction::Mode::HalfUp);
    for i in 0..case.lines.len() {
        with(&|c| c.lines[i].discounts.clear());
        with(&|c| c.lines[i].floor = None);
        with(&|c| c.lines[i].customer_price = None);
        with(&|c| c.lines[i].class = None);
        with(&|c| c.lines[i].on_sale = false);
        with(&|c| c.lines[i].discountable = true);
        with(&|c| (c.lines[i].quantity, c.lines[i].measured) = (Number { digits: 1, scale: 0 }, false));
        with(&|c| c.lines[i].quantity.digits = (c.lines[i].quantity.digits - 1).max(1));
        with(&|c| c.lines[i].price.digits /= 2);
    }
    for i in 0..case.charges.len() {
        with(&|c| c.charges[i].discounts.clear());
        with(&|c| c.charges[i].class = None);
    }
    for i in 0..case.coupons.len() {
        with(&|c| c.coupons[i].conditions.clear());
        for j in 0..case.coupons[i].conditions.len() {
            with(&|c| drop(c.coupons[i].conditions.remove(j)));
            if let Condition::All(of) | Condition::Any(of) = &case.coupons[i].conditions[j] {
                for inner in of {
                    with(&|c| c.coupons[i].conditions[j] = inner.clone());
                }
            }
        }
        for j in 0..case.coupons[i].benefits.len() {
            if case.coupons[i].benefits.len() > 1 {
                with(&|c| drop(c.coupons[i].benefits.remove(j)));
            }
            with(&|c| plain(&mut c.coupons[i].benefits[j]));
            with(&|c| target_of(&mut c.coupons[i].benefits[j], |t| t.scope = None));
            with(&|c| target_of(&mut c.coupons[i].benefits[j], |t| t.max_units = None));
            with(&|c| target_of(&mut c.coupons[i].benefits[j], |t| t.max_units_per_line = None));
            with(&|c| target_of(&mut c.coupons[i].benefits[j], |t| (t.groups_of, t.pieces_from) = (None, None)));
        }
        with(&|c| c.coupons[i].funding = Funding::Seller);
        with(&|c| c.coupons[i].scope = Scope::Open);
        with(&|c| c.coupons[i].priority = 0);
        with(&|c| c.coupons[i].combining = Combining::default());
        with(&|c| c.coupons[i].combining.exclusive = Exclusive::No);
        with(&|c| c.coupons[i].combining.group = None);
        with(&|c| c.coupons[i].combining.tags.clear());
        with(&|c| c.coupons[i].combining.not_with.clear());
        with(&|c| c.coupons[i].combining.stop = false);
        with(&|c| c.coupons[i].several_codes = false);
        with(&|c| c.coupons[i].with_discounts = true);
        with(&|c| c.coupons[i].budget = None);
        with(&|c| c.coupons[i].units = None);
        with(&|c| c.coupons[i].total = None);
    }
    for i in 0..case.codes.len() {
        with(&|c| c.codes[i].on_line = None);
    }
    all
}

/// The same benefit without its extras.
fn plain(benefit: &mut Benefit) {
    match benefit {
        Benefit::Percent { original, cap, shipping, .. } => (*original, *cap, *shipping) = (false, None, false),
        Benefit::Amount { view, shipping, .. } => (*view, *shipping) = (View::AsPriced, false),
        Benefit::Shipping { methods, cap, each, .. } => (*methods, *cap, *each) = (None, None, false),
        Benefit::Operator { max, .. } | Benefit::Host { max, .. } => *max = None,
        Benefit::Set(kind) => kind.plain(),
        Benefit::Ladder(kind) => kind.plain(),
        Benefit::SetPrice { .. } | Benefit::Gift { .. } | Benefit::None => {}
    }
}

fn target_of(benefit: &mut Benefit, change: impl Fn(&mut Target)) {
    match benefit {
        Benefit::Percent { target, .. }
        | Benefit::Amount { target, .. }
        | Benefit::SetPrice { target, .. }
        | Benefit::Operator { target, .. }
        | Benefit::Host { target, .. } => change(target),
        Benefit::Ladder(kind) => change(kind.target_mut()),
        Benefit::Shipping { .. } | Benefit::Gift { .. } | Benefit::Set(_) | Benefit::None => {}
    }
}

/// The smallest case on the way down that still differs.
pub fn smallest(mut case: Case, differs: impl Fn(&Case) -> bool) -> Case {
    let mut left = 400;
    while left > 0 {
        left -= 1;
        match simpler(&case).into_iter().find(|next| differs(next)) {
            Some(next) => case = next,
            None => break,
        }
    }
    case
}
