//! Makes a market that differs smaller, as long as it still differs.

use super::Market;
use crate::prices::Strategy;
use crate::types::{Audience, Held};

/// Every market that is one step simpler.
fn simpler(market: &Market) -> Vec<Market> {
    let cases = crate::shrink::simpler(&market.case).into_iter();
    let mut all: Vec<Market> = cases.map(|case| Market { case, ..market.clone() }).collect();
    let mut with = |change: &dyn Fn(&mut Market)| {
        let mut next = market.clone();
        change(&mut next);
        if next != *market {
            all.push(next);
        }
    };
    with(&|m| m.held = Held::default());
    with(&|m| m.held.term = None);
    with(&|m| m.tree.clear());
    with(&|m| m.berlin = false);
    with(&|m| m.strategy = Strategy::MostSpecific);
    with(&|m| m.payment = None);
    with(&|m| m.shipping = None);
    with(&|m| m.pays = None);
    for i in 0..market.keys.len() {
        with(&|m| remove(&mut m.keys, i));
    }
    for i in 0..market.held.memberships.len() {
        with(&|m| remove(&mut m.held.memberships, i));
    }
    for i in 0..market.prices.len() {
        with(&|m| remove(&mut m.prices, i));
    }
    for i in 0..market.lists.len() {
        with(&|m| remove(&mut m.lists, i));
        with(&|m| m.lists[i].days = (None, None));
        with(&|m| m.lists[i].priority = 0);
        for j in 0..market.lists[i].entries.len() {
            with(&|m| remove(&mut m.lists[i].entries, j));
            with(&|m| m.lists[i].entries[j].from = 1);
        }
    }
    for i in 0..market.visible_only_to.len() {
        with(&|m| remove(&mut m.visible_only_to, i));
    }
    for i in 0..market.rules.len() {
        with(&|m| remove(&mut m.rules, i));
        with(&|m| m.rules[i].to = Audience::default());
    }
    for i in 0..market.quantities.len() {
        with(&|m| remove(&mut m.quantities, i));
        with(&|m| m.quantities[i].to = Audience::default());
        with(&|m| m.quantities[i].min = None);
        with(&|m| m.quantities[i].increment = None);
        with(&|m| m.quantities[i].max = None);
    }
    for i in 0..market.allowances.len() {
        with(&|m| remove(&mut m.allowances, i));
        with(&|m| m.allowances[i].to = Audience::default());
        with(&|m| m.allowances[i].window = crate::quantities::Window::Ever);
    }
    for i in 0..market.grants.len() {
        with(&|m| remove(&mut m.grants, i));
    }
    for i in 0..market.taken.len() {
        with(&|m| remove(&mut m.taken, i));
    }
    for i in 0..market.case.coupons.len() {
        with(&|m| m.case.coupons[i].assign = None);
        with(&|m| m.case.coupons[i].overrides = crate::case::Overrides::Nothing);
    }
    all
}

/// Leaves one out.
fn remove<T>(of: &mut Vec<T>, index: usize) {
    of.remove(index);
}

/// The smallest market on the way down that still differs.
pub fn smallest(mut market: Market, differs: impl Fn(&Market) -> bool) -> Market {
    for _ in 0..600 {
        match simpler(&market).into_iter().find(|next| differs(next)) {
            Some(next) => market = next,
            None => break,
        }
    }
    market
}
