//! One story: what a shop does at its checkout, and what a second shopper gets to hear.

use std::io::{self, Write};

use chrono::TimeDelta;
use vouchsafe::*;

use super::View;
use super::document::{Document, Typed, Visit};
use super::show::{self, Indented};
use super::stores::{Shelf, Unopened, wait};

/// How long codes are held while a payment is authorised.
const HOLD: TimeDelta = TimeDelta::minutes(20);

/// Why a story ends early.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("cannot print: {0}")]
    Print(#[from] io::Error),
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    #[error("cannot be priced: {0}")]
    Input(#[from] Error),
    #[error("`coupons[{place}]` cannot be defined: {why}")]
    Define { place: usize, why: AdminFailure },
    #[error("`issued[{place}]` cannot be issued: {why}")]
    Issue { place: usize, why: AdminFailure },
    #[error("{0}")]
    Unopened(#[from] Unopened),
    #[error("{0}: {why}", why = cause(.0))]
    Store(#[from] StoreError),
}

/// What the database said of it.
fn cause(error: &StoreError) -> String {
    std::error::Error::source(error).map_or_else(|| "no cause is known".to_owned(), ToString::to_string)
}

/// Tells the story of a document.
pub(crate) fn tell(
    document: &Document,
    file: &str,
    view: View,
    shelf: &mut Shelf,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let mut store = shelf.next()?;
    stock(document, &mut store)?;
    let detail = if view == View::Trace { Detail::Trace } else { Detail::Reasons };
    let outcome = price(document, &document.first, &mut store, detail)?;
    match view {
        View::Json => {
            writeln!(out, "{}", serde_json::to_string_pretty(&outcome)?)?;
            return Ok(());
        }
        View::Public => {
            writeln!(out, "{}", serde_json::to_string_pretty(&outcome.public())?)?;
            return Ok(());
        }
        View::Story | View::Trace => {}
    }

    show::heading(document, file, out)?;
    let receipt = outcome.receipt(&document.order).to_string();
    write!(out, "{}", Indented(&receipt))?;
    show::codes(&outcome, out)?;
    if let Some(trace) = outcome.trace() {
        show::trace(trace, out)?;
    }
    if redeem(&outcome, &document.first, &mut store, out)? {
        let second = price(document, &document.again, &mut store, Detail::Reasons)?;
        show::second(document, &second, out)?;
    }
    Ok(())
}

/// Tells the store the coupons, and the codes that were issued under them.
fn stock<S: CouponAdmin>(document: &Document, store: &mut S) -> Result<(), Failure> {
    let edit = Edit::new(document.first.at);
    for (place, coupon) in document.coupons.iter().enumerate() {
        wait(store.define(coupon, &edit)).map_err(|why| Failure::Define { place, why })?;
    }
    for (place, (coupon, issued)) in document.issued.iter().enumerate() {
        let issued = std::slice::from_ref(issued);
        wait(store.issue(coupon, issued)).map_err(|why| Failure::Issue { place, why })?;
    }
    Ok(())
}

/// Asks the store what it knows of the codes, and prices the order.
fn price<S: CouponStore>(
    document: &Document,
    visit: &Visit,
    store: &mut S,
    detail: Detail,
) -> Result<Outcome, Failure> {
    let Document { shop, order, codes, .. } = document;
    let request = LoadRequest::new(visit.reference.clone(), order.currency(), visit.at)
        .with_codes(codes.iter().map(|typed| typed.entered.as_str()))
        .customer(shop.policy().counted_keys(&visit.customer));
    let loaded = wait(store.load(&request))?;

    // A host with many shoppers keeps prepared coupons by id and revision; here each is prepared when it is typed.
    let prepared = loaded.prepare(shop)?;
    let mut presented = loaded.presented(&prepared);
    for (presented, typed) in presented.iter_mut().zip(codes) {
        *presented = with_details(*presented, typed);
    }

    // The store keeps the types that codes have given; it knows better than the document.
    let customer = loaded.customer(visit.customer.clone());
    let request =
        Request::new(order, &customer, visit.reference.clone(), visit.at).with_codes(&presented).with_detail(detail);
    Ok(shop.evaluate(&request)?)
}

/// What was said with a code: the line it was entered on, and amounts by the operator or the host.
fn with_details<'a>(mut presented: Presented<'a>, typed: &'a Typed) -> Presented<'a> {
    if let Some(line) = typed.line {
        presented = presented.on_line(line);
    }
    if let Some(amount) = typed.operator_amount {
        presented = presented.with_operator_amount(amount);
    }
    if let Some(amounts) = &typed.host_amounts {
        presented = presented.with_host_amounts(amounts);
    }
    presented
}

/// Reserves and commits, as a shop does around its payment, and then commits once more, as a shop does that never heard
/// the answer. Says whether there is anything that a second shopper could want.
fn redeem<S: CouponAdmin>(
    outcome: &Outcome,
    visit: &Visit,
    store: &mut S,
    out: &mut dyn Write,
) -> Result<bool, Failure> {
    writeln!(out, "\nRedeeming as {}", visit.reference)?;
    let redemption = match outcome.redemption() {
        Ok(redemption) => redemption,
        Err(why) => {
            writeln!(out, "  nothing is recorded: {why}")?;
            return Ok(false);
        }
    };
    let (at, until) = (visit.at, visit.at.checked_add_signed(HOLD).unwrap_or(visit.at));
    writeln!(out, "  reserve      {}", show::reserve(&wait(store.reserve(&redemption, at, until))?))?;
    // Here the payment is authorised. Then, in the transaction that inserts the order:
    let committed = wait(store.commit(&redemption, at))?;
    writeln!(out, "  commit       {}", show::commit(&committed))?;
    writeln!(out, "  once more    {}", show::commit(&wait(store.commit(&redemption, at))?))?;
    if !committed.is_recorded() {
        return Ok(false);
    }
    let mut counters = Vec::new();
    for delta in redemption.deltas() {
        counters.push(wait(store.counter(delta.key(), at))?.used);
    }
    let held = wait(store.held_types(redemption.customer()))?;
    show::recorded(&redemption, &counters, &held, at, out)?;
    Ok(!redemption.coupons().is_empty())
}
