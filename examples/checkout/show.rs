//! The answers of the library in words, for a terminal.
//!
//! A shop shows its customers the receipt, or words of its own made from the public view. What is printed besides, the
//! full reasons, counters and accounts, is for the people who run the shop.

use std::fmt;
use std::io::{self, Write};

use chrono::{DateTime, SecondsFormat, Utc};
use vouchsafe::*;

use super::document::Document;

/// The width of a terminal.
const WIDTH: usize = 80;

/// Text, set in by two.
pub(crate) struct Indented<'a>(pub(crate) &'a str);

impl fmt::Display for Indented<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in self.0.lines() {
            let blank = if line.is_empty() { "" } else { "  " };
            writeln!(f, "{blank}{line}")?;
        }
        Ok(())
    }
}

/// Title, file, story, and what was typed.
pub(crate) fn heading(document: &Document, file: &str, out: &mut dyn Write) -> io::Result<()> {
    let title = plain(document.title.as_deref().unwrap_or(file));
    writeln!(out, "{title}\n{}", "=".repeat(title.chars().count()))?;
    if document.title.is_some() {
        writeln!(out, "{file}")?;
    }
    writeln!(out)?;
    if let Some(story) = &document.story {
        for row in wrapped(&plain(story), WIDTH) {
            writeln!(out, "{row}")?;
        }
        writeln!(out)?;
    }
    writeln!(out, "Customer: {}", shopper(&document.first.customer))?;
    let typed: Vec<String> = document
        .codes
        .iter()
        .map(|code| match code.line {
            Some(line) => format!("\"{}\" on line {line}", plain(&code.entered)),
            None => format!("\"{}\"", plain(&code.entered)),
        })
        .collect();
    match typed.as_slice() {
        [] => writeln!(out, "No code typed\n"),
        [code] => writeln!(out, "Code typed: {code}\n"),
        codes => writeln!(out, "Codes typed: {}\n", codes.join(", ")),
    }
}

/// Who comes, in one line.
fn shopper(customer: &Customer) -> String {
    let mut facts: Vec<String> = customer.keys().iter().map(ToString::to_string).collect();
    if facts.is_empty() {
        facts.push("an anonymous shopper".to_owned());
    }
    facts.extend(customer.customer_type().map(|of| format!("type {of}")));
    facts.extend(customer.memberships().iter().map(|m| format!("member of {}", m.customer_type())));
    plain(&facts.join(", "))
}

/// What became of each code: applied, or every reason why not and what would mend it.
pub(crate) fn codes(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    if outcome.answers().is_empty() {
        return Ok(());
    }
    writeln!(out, "\nWhat the shop knows of the codes")?;
    answers(outcome, out)
}

fn answers(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    let entered: Vec<String> =
        outcome.answers().iter().map(|answer| plain(answer.entered()).trim().to_owned()).collect();
    let column = entered.iter().map(|code| code.chars().count()).max().unwrap_or(0).max(11);
    for (answer, entered) in outcome.answers().iter().zip(&entered) {
        let mut rows = Vec::new();
        match answer.state() {
            AnswerState::Applied => {
                let mut row = format!("applied: {} off", answer.discount());
                if answer.discount().is_zero() && answer.trial_days().is_none() {
                    "applied".clone_into(&mut row);
                }
                if !answer.forfeited().is_zero() {
                    row.push_str(&format!(", {} lost", answer.forfeited()));
                }
                if !answer.third_party().is_zero() {
                    row.push_str(&format!(", {} of it reimbursed", answer.third_party()));
                }
                rows.push(row);
            }
            AnswerState::WaitingForShipping => rows.push("applies as soon as shipping is chosen".to_owned()),
            AnswerState::Refused => rows.extend(answer.reasons().iter().map(reason)),
        }
        for (i, row) in rows.iter().enumerate() {
            let first = if i == 0 { entered.as_str() } else { "" };
            let refused = if answer.state() != AnswerState::Refused {
                ""
            } else if i == 0 {
                "refused: "
            } else {
                "and:     "
            };
            writeln!(out, "  {first:<column$}  {refused}{row}")?;
        }
    }
    Ok(())
}

/// A reason, and what would mend it.
fn reason(refusal: &Refusal) -> String {
    match refusal.mend() {
        Some(mend) => format!("{refusal} -> {mend}"),
        None => refusal.to_string(),
    }
}

/// Every step on the way to the cents.
pub(crate) fn trace(trace: &Trace, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\nWhere every cent came from")?;
    for entry in trace.entries() {
        let step = step(&entry.step);
        let Some(line) = entry.line else {
            writeln!(out, "  {:<36}{step}", "order")?;
            continue;
        };
        let (line, before, after) = (format!("line {line}"), entry.before.amount_text(), entry.after.amount_text());
        writeln!(out, "  {line:<8}{before:>12} -> {after:>10}  {step}")?;
    }
    Ok(())
}

fn step(step: &TraceStep) -> String {
    match step {
        TraceStep::Price { won, lost, .. } => format!("{} before {}", price(won.source), price(lost.source)),
        TraceStep::TypeChanged { from: Some(from), to } => format!("customer type {from} becomes {to}"),
        TraceStep::TypeChanged { from: None, to } => format!("customer type {to}"),
        TraceStep::LineRefused => "refused, out of every total".to_owned(),
        TraceStep::ShopDiscount { id } => format!("discount `{id}` of the shop"),
        TraceStep::DiscountsDropped => "discounts dropped for a coupon".to_owned(),
        TraceStep::Coupon { coupon, benefit: 0 } => format!("coupon `{coupon}`"),
        TraceStep::Coupon { coupon, benefit } => format!("coupon `{coupon}`, its benefit {benefit}"),
        TraceStep::Tax => "taxable amount, and what is paid".to_owned(),
        _ => "another step".to_owned(),
    }
}

fn price(source: PriceSource) -> &'static str {
    match source {
        PriceSource::List => "list price",
        PriceSource::CustomerType => "price of the customer type",
        PriceSource::Customer => "price of the customer",
        _ => "another price",
    }
}

/// The store's answer to a reservation.
pub(crate) fn reserve(answer: &Reserve) -> String {
    match answer {
        Reserve::Held { until } => format!("held until {}", instant(*until)),
        Reserve::AlreadyRecorded => "already recorded".to_owned(),
        Reserve::Different => "something else is recorded under this reference".to_owned(),
        Reserve::Refused(objections) => refused(objections),
        Reserve::Stale(_) => "a coupon was revised meanwhile: price again".to_owned(),
    }
}

/// The store's answer to a commit.
pub(crate) fn commit(answer: &Commit) -> String {
    match answer {
        Commit::Recorded => "recorded".to_owned(),
        Commit::AlreadyRecorded => "already recorded; nothing is counted twice".to_owned(),
        Commit::Different => "something else is recorded under this reference".to_owned(),
        Commit::Refused(objections) => refused(objections),
        Commit::Stale(_) => "a coupon was revised meanwhile: price again".to_owned(),
    }
}

fn refused(objections: &[Objection]) -> String {
    let reasons: Vec<String> = objections.iter().map(ToString::to_string).collect();
    format!("refused: {}", reasons.join("; "))
}

/// What the store has written down: coupons with their counters, and the customer's new type.
pub(crate) fn recorded(
    redemption: &Redemption,
    counters: &[u64],
    held: &HeldTypes,
    at: DateTime<Utc>,
    out: &mut dyn Write,
) -> io::Result<()> {
    for redeemed in redemption.coupons() {
        let mut row = format!("{} redeemed", redeemed.code);
        if !redeemed.discount.is_zero() {
            row.push_str(&format!(", {} off", redeemed.discount));
        }
        if let Some(account) = &redeemed.account {
            row.push_str(&format!(", booked to {account}"));
        }
        writeln!(out, "  history      {row}")?;
    }
    for (delta, used) in redemption.deltas().iter().zip(counters) {
        writeln!(out, "  counter      {}", counter(delta.key(), *used, delta.limit()))?;
    }
    if redemption.type_change().is_some() {
        let now = held.primary_at(at).map_or("none", CustomerTypeId::as_str);
        match redemption.type_change().and_then(|change| change.from.as_ref()) {
            Some(from) => writeln!(out, "  customer     type {from} becomes {now}")?,
            None => writeln!(out, "  customer     type {now}")?,
        }
    }
    Ok(())
}

fn counter(key: &CounterKey, used: u64, limit: u64) -> String {
    match key {
        CounterKey::Total { coupon } => format!("`{coupon}`: use {used} of {limit}"),
        CounterKey::Code { code, .. } => format!("code {code}: use {used} of {limit}"),
        CounterKey::Customer { coupon, customer } => format!("`{coupon}` by {customer}: use {used} of {limit}"),
        CounterKey::CustomerCode { code, customer, .. } => format!("code {code} by {customer}: use {used} of {limit}"),
        CounterKey::Units { coupon } => format!("`{coupon}`: {used} of {limit} units"),
        CounterKey::Money { coupon, currency } => {
            let money = |minor: u64| Money::new(i64::try_from(minor).unwrap_or(i64::MAX), *currency);
            format!("`{coupon}`: {} of {} given", money(used).amount_text(), money(limit))
        }
        CounterKey::FirstOrder { customer } => format!("first order of {customer}: {used} of {limit}"),
        _ => format!("another counter: {used} of {limit}"),
    }
}

/// The same codes once more.
pub(crate) fn second(document: &Document, outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    let (first, again) = (&document.first, &document.again);
    let same = again.customer == first.customer && !first.customer.keys().is_empty();
    let who = if same { "the same customer".to_owned() } else { shopper(&again.customer) };
    writeln!(out, "\nA second time, as {}, by {who}", again.reference)?;
    if again.at != first.at {
        writeln!(out, "  at           {}", instant(again.at))?;
    }
    answers(outcome, out)?;
    for line in outcome.lines().iter().filter(|line| line.refusal().is_some()) {
        writeln!(out, "  line {:<6}  refused: not visible to this customer", line.id().to_string())?;
    }
    match outcome.redemption() {
        Ok(redemption) => writeln!(out, "  to pay       {}", redemption.payable()),
        Err(why) => writeln!(out, "  order        cannot be placed: {why}"),
    }
}

fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Text from a file as it may stand on a terminal: without control characters.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Text in rows, broken between words.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut rows: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match rows.last_mut() {
            Some(row) if row.chars().count().saturating_add(word.chars().count()) < width => {
                row.push(' ');
                row.push_str(word);
            }
            _ => rows.push(word.to_owned()),
        }
    }
    rows
}
