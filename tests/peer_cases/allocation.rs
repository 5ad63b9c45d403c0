//! Allocation cases: an amount shared by weights.

use rust_decimal::Decimal;
use serde_json::Value;
use vouchsafe::{allocate, allocate_capped};

use super::Verdict;
use super::fields::{Fields, Read, not_applicable};

/// The policy of the crate among those that cases name.
const OURS: &str = "largest_remainder_first_on_tie";

pub(crate) fn is_one(case: &Value) -> bool {
    case.get("weights").is_some()
}

pub(crate) fn judge(case: &Value, universal: bool) -> Read<Verdict> {
    let f = Fields::of(case, "")?;
    f.remarks(&["id", "source", "note", "tags", "numbers", "currency", "minor_units", "universal"]);
    let policies = f.texts("consistent_with")?.unwrap_or_default();
    let others: Vec<&str> = policies.iter().map(String::as_str).collect();
    if others.contains(&"carry_rounding_delta") {
        return not_applicable("consistent_with=carry_rounding_delta");
    }
    let Some(amount) = f.raw("amount") else { return f.malformed("amount") };
    let Some(amount) = amount.as_i64() else { return f.malformed("amount") };
    let weights = f.texts("weights")?.unwrap_or_default();
    let Some(weights) = whole_weights(&weights) else { return not_applicable("weights") };
    let step = i64::try_from(f.whole("step")?.unwrap_or(1)).unwrap_or(0);
    if step < 1 {
        return f.malformed("step");
    }
    let remainder = f.raw("remainder").map(|r| r.as_i64().map_or_else(|| f.malformed("remainder"), Ok)).transpose()?;
    let capped = f.flag("capped")?.unwrap_or(false);
    let error = f.text("error")?;
    let parts = match f.list("parts")? {
        None => None,
        Some(list) => {
            let parts: Option<Vec<i64>> = list.iter().map(Value::as_i64).collect();
            Some(parts.map_or_else(|| f.malformed("parts"), Ok)?)
        }
    };
    f.text("rounding")?;
    f.finish()?;

    // What is no multiple of the step stays apart.
    let (steps, apart) = (amount.checked_div(step).unwrap_or(0), amount.checked_rem(step).unwrap_or(0));
    let got = if capped {
        let caps = &weights.scaled;
        if weights.scale != 1 {
            return not_applicable("capped (by fractions)");
        }
        // An amount is never more than there is.
        let room = caps.iter().try_fold(0_i64, |sum, cap| sum.checked_add(*cap)).unwrap_or(i64::MAX);
        allocate_capped(steps.min(room), &weights.scaled, caps)
    } else {
        allocate(steps, &weights.scaled)
    };
    let got = got.map(|parts| parts.into_iter().map(|part| part.saturating_mul(step)).collect::<Vec<i64>>());

    let ours = universal || others.contains(&OURS) || others.contains(&"capped_by_weight");
    let verdict = match (&got, error, parts) {
        (Err(_), Some(_), _) => Vec::new(),
        (Ok(got), Some(error), _) => vec![format!("expected error {error}, got {got:?}")],
        (Err(error), None, expected) => vec![format!("expected {expected:?}, got error: {error}")],
        (Ok(got), None, Some(expected)) if *got == expected && remainder.is_none_or(|r| r == apart) => Vec::new(),
        (Ok(got), None, Some(expected)) => vec![format!("expected {expected:?}, got {got:?} and {apart} apart")],
        (Ok(_), None, None) => return f.malformed("parts"),
    };
    if let Ok(got) = &got {
        let sum: Option<i64> = got.iter().try_fold(apart, |sum, part| sum.checked_add(*part));
        if !capped && sum != Some(amount) {
            return Ok(Verdict::Failed { differences: vec![format!("{got:?} is not {amount}")], binding: true });
        }
    }
    if verdict.is_empty() {
        return Ok(Verdict::Passed);
    }
    if !ours {
        // Another policy than ours gives other parts, which says nothing.
        let named = if others.is_empty() { error.unwrap_or("none") } else { others.first().copied().unwrap_or("none") };
        return not_applicable(format!("consistent_with={named} (not ours)"));
    }
    Ok(Verdict::Failed { differences: verdict, binding: true })
}

/// Weights as whole numbers of the same proportions.
struct Weights {
    scaled: Vec<i64>,
    scale: i64,
}

/// Decimals and fractions over their common denominator.
fn whole_weights(texts: &[String]) -> Option<Weights> {
    let mut fractions = Vec::new();
    for text in texts {
        let (over, under) = text.split_once('/').unwrap_or((text, "1"));
        let (over, under) = (Decimal::from_str_exact(over.trim()).ok()?, Decimal::from_str_exact(under.trim()).ok()?);
        if under.is_zero() || under.is_sign_negative() {
            return None;
        }
        let whole = |d: Decimal| {
            let up = 10_i128.checked_pow(over.scale().max(under.scale()).checked_sub(d.scale())?)?;
            d.mantissa().checked_mul(up)
        };
        fractions.push((whole(over)?, whole(under)?));
    }
    let mut common = 1_i128;
    for (_, under) in &fractions {
        common = common.checked_div(gcd(common, *under))?.checked_mul(*under)?;
    }
    let mut scaled = Vec::new();
    for (over, under) in &fractions {
        scaled.push(over.checked_mul(common.checked_div(*under)?)?);
    }
    // 1/2 over 2/2 is already in lowest terms of whole numbers; only what is common to all goes away.
    let common_factor = if common == 1 { 1 } else { scaled.iter().fold(0, |g, w| gcd(g, *w)).max(1) };
    let scaled: Option<Vec<i64>> =
        scaled.iter().map(|w| w.checked_div(common_factor).and_then(|w| i64::try_from(w).ok())).collect();
    Some(Weights { scaled: scaled?, scale: i64::try_from(common).ok()? })
}

fn gcd(a: i128, b: i128) -> i128 {
    let (mut a, mut b) = (a.unsigned_abs(), b.unsigned_abs());
    while b != 0 {
        (a, b) = (b, a.checked_rem(b).unwrap_or(0));
    }
    i128::try_from(a.max(1)).unwrap_or(1)
}
