//! What an assignment makes of the types that a customer holds.

use crate::market::Market;
use crate::types::{Assign, Held, Membership, Term, Until};

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    pub membership: bool,
    pub from: Option<u8>,
    pub to: u8,
    pub until: Option<i64>,
    pub while_member_of: Option<u8>,
}

/// The end of a time of local days: the midnight that ends the n-th day after the day of the change, or after the last
/// day of what runs already.
fn end_of(market: &Market, until: Until, running: Option<i64>) -> Option<i64> {
    match until {
        Until::Forever | Until::Membership(_) => None,
        Until::Day(day) => Some(market.midnight(day + 1)),
        Until::Days(days) => {
            let last = running.map_or(market.local_day(market.at), |end| market.local_day(end - 1));
            Some(market.midnight(last + days + 1))
        }
    }
}

/// Whether a time goes on longer than another one, without an end the longest.
fn longer(end: Option<i64>, than: Option<i64>) -> bool {
    than.is_some_and(|than| end.is_none_or(|end| end > than))
}

/// The change that an assignment makes, or none where it makes nothing else of the customer.
pub fn change(market: &Market, assign: &Assign) -> Option<Change> {
    let (at, held) = (market.at, &market.held);
    let standing = market.types.standing(held, at);
    let primary = standing.types.first().copied().filter(|_| standing.has_primary);
    let while_member_of = match assign.until {
        Until::Membership(of) => Some(of),
        _ => None,
    };
    let to = assign.to;
    let (same, running) = if assign.membership {
        let live = held.memberships.iter().find(|m| m.of == to && held.members_at(at).contains(&to));
        (live.is_some(), live.and_then(|m| m.until))
    } else {
        (
            primary == Some(to),
            held.term.as_ref().filter(|_| held.primary == Some(to) && !held.is_over(at)).and_then(|t| t.until),
        )
    };
    let upwards = primary.is_none_or(|p| market.types.rank(to) > market.types.rank(p));
    if assign.only_upwards && !same && !upwards {
        return None;
    }
    let until = end_of(market, assign.until, running);
    // What hangs on a membership ends with it, so that for good is longer.
    let hangs =
        !assign.membership && held.term.as_ref().is_some_and(|t| t.while_member_of.is_some()) && !held.is_over(at);
    let freed = hangs && assign.until == Until::Forever && held.primary == Some(to);
    if same && !freed && !longer(until, running) {
        return None;
    }
    // What is over before it begins changes nothing.
    if while_member_of.is_some_and(|of| !held.members_at(at).contains(&of)) {
        return None;
    }
    if until.is_some_and(|until| until <= at) {
        return None;
    }
    let from = if assign.membership { same.then_some(to) } else { primary };
    Some(Change { membership: assign.membership, from, to, until, while_member_of })
}

/// What is held with a change.
pub fn with(held: &Held, change: &Change, at: i64) -> Held {
    let mut held = held.clone();
    let Change { to, until, while_member_of, .. } = *change;
    if !change.membership {
        held.primary = Some(to);
        let bounded = until.is_some() || while_member_of.is_some();
        held.term = bounded.then_some(Term { until, while_member_of, then: None });
        return held;
    }
    let from = held.memberships.iter().find(|m| m.of == to).map_or(Some(at), |m| m.from);
    let membership = Membership { of: to, from, until };
    match held.memberships.iter_mut().find(|m| m.of == to) {
        Some(place) => *place = membership,
        None => held.memberships.push(membership),
    }
    held
}
