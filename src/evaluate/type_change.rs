//! Changes of the customer's types. Step 2: those that work before pricing (S6). Step 9: all others.
//!
//! At most one change of the primary type comes out: an administrator's goes first, then that of a code accepted before
//! pricing, then codes by rank, purchases (the type that ranks highest), and sign-ups; what was applied before pricing
//! stands, since prices already follow from it. Memberships stand beside each other, and of two in one type the longer
//! counts.
//!
//! A code that works before pricing sees the old types; every other code sees the new ones.

use std::borrow::Cow;
use std::cmp::Reverse;

use crate::coupon::{AssignWhen, TypeAssignment, TypeKind};
use crate::customer::{HeldTypes, TypeTerm};
use crate::error::{Error, Why};
use crate::key::CustomerTypeId;
use crate::outcome::{TraceStep, TypeCause, TypeChange, TypeUnchanged};
use crate::request::TypeEvent;

use super::choose::{Chosen, Fallen, Shutting};
use super::judge;
use super::pass::{Pass, Passed, State, code_of, coupon_of, rank};
use super::select::refusal_of;

/// Step 2.
pub(super) fn before_pricing(pass: &mut Pass<'_>) -> Result<(), Error> {
    for (i, event) in pass.request.type_events.iter().enumerate() {
        match event {
            TypeEvent::Administrator { assignment, .. } => {
                let known = pass.shop.knows_types_of(assignment);
                known.map_err(|error| error.under(&format!("type_events[{i}].assignment")))?;
            }
            TypeEvent::Leave { membership, .. } => {
                let held = || pass.request.customer.memberships().iter().any(|m| m.customer_type() == membership);
                if !pass.shop.types().knows(membership) && !held() {
                    let why = Why::UnknownReference { what: "customer type" };
                    return Err(Error::invalid(format!("type_events[{i}].membership"), membership, why));
                }
            }
            TypeEvent::SignUp(_) | TypeEvent::Ended => {}
        }
    }
    leave(pass);
    administrators(pass)?;
    let seats = seats(pass)?;
    for index in &seats {
        let Some((assign, cause)) = of_code(pass, *index) else { continue };
        pass.assign(assign, cause)?;
        if let Some(candidate) = pass.candidate(*index) {
            candidate.seated = true;
            candidate.assigns = true;
        }
        if assign.kind() == TypeKind::Primary {
            pass.customer_type = Some(assign.to());
        }
    }
    sign_ups(pass, |assign| assign.when() == AssignWhen::BeforePricing || assign.kind() == TypeKind::Membership)?;
    reprice(pass);
    Ok(())
}

/// From here on the customer is what was applied before pricing.
fn reprice(pass: &mut Pass<'_>) {
    let now = |c: &&TypeChange| c.when == AssignWhen::BeforePricing && c.to.is_some();
    if !pass.s.changes.iter().any(|c| now(&c)) {
        return;
    }
    let mut held = HeldTypes::clone(&pass.held);
    for i in 0..pass.s.changes.len() {
        let Some(change) = pass.s.changes.get(i).filter(now) else { continue };
        held.apply(change);
        if let Some(to) = change.to.clone().filter(|_| pass.tracing) {
            let step = TraceStep::TypeChanged { from: change.from.clone(), to };
            pass.note(None, step, 0, 0);
        }
    }
    if !pass.s.changes.iter().any(|c| now(&c) && c.kind == TypeKind::Primary) {
        // A type that hangs on a membership comes back with it, in this outcome as in every later one.
        let (facts, shop) = (pass.request.customer.held(), pass.shop);
        let set = if held.term_is_over(pass.at) { facts.term().and_then(TypeTerm::next) } else { facts.primary() };
        pass.customer_type = set.filter(|t| shop.types().knows(t)).or(shop.default_type());
    }
    pass.s.standing.set(pass.shop.types(), &held, pass.customer_type, pass.at);
    pass.held = Cow::Owned(held);
}

/// Memberships that are ended before their time.
fn leave(pass: &mut Pass<'_>) {
    for event in pass.request.type_events {
        let TypeEvent::Leave { actor, membership } = event else { continue };
        let cause = TypeCause::Administrator { actor: actor.clone() };
        match ending(pass, membership, AssignWhen::OnCommit, cause.clone(), |over| !over) {
            Some(change) => pass.decide(change),
            None => pass.unchanged(membership, cause, TypeUnchanged::NotMember),
        }
    }
}

/// The end of a membership, where it is over or not, as asked for.
fn ending(
    pass: &Pass<'_>,
    membership: &CustomerTypeId,
    when: AssignWhen,
    cause: TypeCause,
    wanted: impl Fn(bool) -> bool,
) -> Option<TypeChange> {
    let held = pass.request.customer.held().memberships().iter().find(|m| m.customer_type() == membership)?;
    let until = held.window().until();
    wanted(until.is_some_and(|until| until <= pass.at)).then(|| TypeChange {
        kind: TypeKind::Membership,
        from: Some(membership.clone()),
        to: None,
        when,
        since: held.window().from(),
        until: None,
        while_member_of: None,
        then: None,
        before: until.map(TypeTerm::until),
        cause,
        at: pass.at,
    })
}

/// What the merchant decided, memberships first, since a type may hang on one.
fn administrators<'a>(pass: &mut Pass<'a>) -> Result<(), Error> {
    for kind in [TypeKind::Membership, TypeKind::Primary] {
        for event in pass.request.type_events {
            let TypeEvent::Administrator { actor, assignment } = event else { continue };
            if assignment.kind() == kind {
                early(pass, assignment, TypeCause::Administrator { actor: actor.clone() })?;
            }
        }
    }
    Ok(())
}

/// Takes in an assignment; one of the primary type before pricing makes its type the one that prices are judged by.
fn early<'a>(pass: &mut Pass<'a>, assign: &'a TypeAssignment, cause: TypeCause) -> Result<(), Error> {
    let free = pass.new_primary().is_none();
    let changed = pass.assign(assign, cause)?.is_none();
    if changed && free && assign.kind() == TypeKind::Primary && assign.when() == AssignWhen::BeforePricing {
        pass.customer_type = Some(assign.to());
    }
    Ok(())
}

/// What signing up assigns.
fn sign_ups(pass: &mut Pass<'_>, now: impl Fn(&TypeAssignment) -> bool) -> Result<(), Error> {
    let shop = pass.shop;
    for event in pass.request.type_events {
        let TypeEvent::SignUp(form) = event else { continue };
        if let Some(assign) = shop.assignments().of_sign_up(form).filter(|assign| now(assign)) {
            early(pass, assign, TypeCause::SignUp { form: form.clone() })?;
        }
    }
    Ok(())
}

/// The codes that work before pricing, judged on their terms, as far as there is room for them. They keep their place
/// when codes are selected, since prices already follow from them. Of several primary types the first by rank wins.
fn seats(pass: &mut Pass<'_>) -> Result<Vec<u32>, Error> {
    let mut able: Vec<u32> = Vec::new();
    for i in 0..pass.request.codes.len() {
        let index = u32::try_from(i).unwrap_or(u32::MAX);
        let Some((assign, cause)) = of_code(pass, index).filter(|(a, _)| a.when() == AssignWhen::BeforePricing) else {
            continue;
        };
        let refused = |pass: &Pass<'_>| pass.s.candidates.get(i).is_none_or(|c| c.state == State::Refused);
        if refused(pass) {
            continue;
        }
        if let Err(why) = pass.assigning(assign, cause.clone())? {
            pass.unchanged(assign.to(), cause, why);
            continue;
        }
        judge::terms(pass, index)?;
        if !refused(pass) {
            able.push(index);
        }
    }
    able.sort_by(|a, b| match (pass.presented(*a), pass.presented(*b)) {
        (Some(x), Some(y)) => rank(x, y),
        _ => a.cmp(b),
    });
    let primary =
        |pass: &Pass<'_>, index: u32| of_code(pass, index).is_some_and(|(a, _)| a.kind() == TypeKind::Primary);
    // What is exclusive and finds no place itself shuts nobody out.
    let mut fallen = Fallen::new();
    let (seats, passed) = loop {
        let shutting = Shutting::new(pass, &able, &fallen);
        let mut chosen = Chosen::none_yet(pass);
        let (mut seats, mut passed) = (Vec::new(), Vec::new());
        let mut type_taken = pass.new_primary().is_some();
        for index in able.iter().copied() {
            let primary = primary(pass, index);
            let why = if primary && type_taken {
                Passed::TypeConflict
            } else if let Some(why) = fallen.get(&index) {
                *why
            } else if shutting.is_out(pass, index) {
                Passed::NotStackable
            } else {
                chosen.room(pass, index)
            };
            if why != Passed::No {
                passed.push((index, why));
                continue;
            }
            chosen.count(pass, index);
            chosen.stop_after(pass, index);
            seats.push(index);
            type_taken |= primary;
        }
        let failed = passed.iter().find(|(index, _)| shutting.standing.contains(index));
        match failed.copied().filter(|_| fallen.len() < able.len()) {
            Some((index, why)) => drop(fallen.insert(index, why)),
            None => break (seats, passed),
        }
    };
    for (index, why) in passed {
        if let Some(refusal) = refusal_of(pass, index, why, seats.iter().copied()) {
            pass.refuse(index, refusal);
        }
    }
    Ok(seats)
}

/// What a code assigns, with itself as the cause.
fn of_code<'a>(pass: &Pass<'a>, index: u32) -> Option<(&'a TypeAssignment, TypeCause)> {
    let presented = pass.presented(index)?;
    let coupon = coupon_of(presented)?;
    let assign = coupon.assign()?;
    Some((assign, TypeCause::Coupon { coupon: coupon.id().clone(), code: code_of(presented)?.clone() }))
}

/// Step 6: whether redeeming a code would change anything. Those before pricing are judged already.
pub(super) fn judge_later(pass: &mut Pass<'_>, index: u32) -> Result<(), Error> {
    let Some((assign, cause)) = of_code(pass, index).filter(|(a, _)| a.when() != AssignWhen::BeforePricing) else {
        return Ok(());
    };
    match pass.assigning(assign, cause.clone())? {
        Ok(_) => {
            if let Some(candidate) = pass.candidate(index) {
                candidate.assigns = true;
            }
        }
        Err(why) => pass.unchanged(assign.to(), cause, why),
    }
    Ok(())
}

/// Step 9: the changes that follow from what was selected and bought, and what is over.
pub(super) fn settle(pass: &mut Pass<'_>) -> Result<(), Error> {
    for kind in [TypeKind::Membership, TypeKind::Primary] {
        codes(pass, kind)?;
        purchases(pass, kind)?;
    }
    sign_ups(pass, |assign| assign.when() != AssignWhen::BeforePricing && assign.kind() == TypeKind::Primary)?;
    ended(pass);
    Ok(())
}

fn codes(pass: &mut Pass<'_>, kind: TypeKind) -> Result<(), Error> {
    for i in 0..pass.s.ranked.len() {
        let Some(index) = pass.s.ranked.get(i).copied() else { continue };
        if pass.candidate(index).is_none_or(|c| c.state != State::Selected || !c.assigns || c.seated) {
            continue;
        }
        if let Some((assign, cause)) = of_code(pass, index).filter(|(a, _)| a.kind() == kind) {
            pass.assign(assign, cause)?;
        }
    }
    Ok(())
}

/// What the lines that are not refused assign. Of several primary types the highest rank goes first, then the id; where
/// the customer holds that one already, it stays, whatever else was bought.
fn purchases(pass: &mut Pass<'_>, kind: TypeKind) -> Result<(), Error> {
    let shop = pass.shop;
    if !shop.assignments().any_purchases() {
        return Ok(());
    }
    let lines = pass.order.lines().iter().zip(&pass.s.cells).filter(|(_, cell)| cell.refusal.is_none());
    let mut bought: Vec<_> = lines
        .flat_map(|(line, _)| {
            let assigned = shop.assignments().of_purchase(shop.catalogue(), line.product());
            assigned.filter(|assign| assign.kind() == kind).map(move |assign| (line, assign))
        })
        .collect();
    bought.sort_by_key(|(line, assign)| (Reverse(shop.types().rank(assign.to())), assign.to(), line.id()));
    let mut kept = false;
    for (line, assign) in bought {
        let cause = TypeCause::Purchase { product: line.product().id().clone(), line: line.id() };
        if kept {
            pass.unchanged(assign.to(), cause, TypeUnchanged::Conflict);
        } else {
            let why = pass.assign(assign, cause)?;
            kept = kind == TypeKind::Primary && why == Some(TypeUnchanged::AlreadyHeld);
        }
    }
    Ok(())
}

/// What is over, where that was asked for, and a type that hung on a membership that ends with this evaluation.
fn ended(pass: &mut Pass<'_>) {
    if pass.request.type_events.is_empty() {
        return;
    }
    let sweep = pass.request.type_events.contains(&TypeEvent::Ended);
    let held = pass.request.customer.held();
    for membership in held.memberships().iter().filter(|_| sweep) {
        let over = ending(pass, membership.customer_type(), AssignWhen::OnCommit, TypeCause::Ended, |over| over);
        if let Some(change) = over.filter(|over| !pass.s.changes.iter().any(|c| c.concerns_same(over))) {
            pass.decide(change);
        }
    }
    let Some(term) = held.term() else { return };
    let left =
        |c: &TypeChange| c.kind == TypeKind::Membership && c.to.is_none() && c.from.as_ref() == term.membership();
    let over = held.term_is_over(pass.at);
    if (over && sweep || !over && pass.s.changes.iter().any(left)) && pass.new_primary().is_none() {
        pass.decide(TypeChange {
            kind: TypeKind::Primary,
            from: held.primary().cloned(),
            to: term.next().cloned(),
            when: AssignWhen::OnCommit,
            since: None,
            until: None,
            while_member_of: None,
            then: None,
            before: Some(term.clone()),
            cause: TypeCause::Ended,
            at: pass.at,
        });
    }
}
