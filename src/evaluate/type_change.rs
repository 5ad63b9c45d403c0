//! Step 2: codes that change the customer's type before pricing (S6).
//!
//! They see the old type; every other code sees the new one. Of several that would assign a type, the first by rank
//! wins and the others are refused with a conflict. The winner keeps its place when codes are selected, since prices
//! already follow from it.

use crate::coupon::AssignWhen;
use crate::error::Error;
use crate::outcome::TraceStep;
use crate::refusal::Refusal;

use super::judge;
use super::pass::{Pass, State, rank};

pub(super) fn before_pricing(pass: &mut Pass<'_>) -> Result<(), Error> {
    let mut winner: Option<u32> = None;
    for i in 0..pass.request.codes.len() {
        let index = u32::try_from(i).unwrap_or(u32::MAX);
        let Some(prepared) = pass.prepared(index) else { continue };
        let assigns_now = prepared
            .coupon()
            .assign()
            .is_some_and(|a| a.when() == AssignWhen::BeforePricing && Some(a.to()) != pass.type_before);
        if !assigns_now || pass.s.candidates.get(i).is_none_or(|c| c.state == State::Refused) {
            continue;
        }
        judge::terms(pass, index)?;
        if pass.s.candidates.get(i).is_none_or(|c| c.state == State::Refused) {
            continue;
        }
        let (Some(new), old) = (pass.presented(index), winner.and_then(|w| pass.presented(w))) else { continue };
        match (winner, old) {
            (Some(holder), Some(old)) if rank(new, old).is_lt() => {
                pass.refuse(holder, Refusal::TypeConflict);
                winner = Some(index);
            }
            (Some(_), _) => pass.refuse(index, Refusal::TypeConflict),
            (None, _) => winner = Some(index),
        }
    }
    let Some(winner) = winner else { return Ok(()) };
    if let Some(candidate) = pass.candidate(winner) {
        candidate.seated = true;
        candidate.assigns = true;
    }
    if let Some(assign) = pass.prepared(winner).and_then(|p| p.coupon().assign()) {
        if pass.tracing {
            let step = TraceStep::TypeChanged { from: pass.type_before.cloned(), to: assign.to().clone() };
            pass.note(None, step, 0, 0);
        }
        pass.customer_type = Some(assign.to());
        pass.s.standing.set(pass.shop.types(), pass.request.customer.held(), pass.customer_type, pass.at);
    }
    Ok(())
}
