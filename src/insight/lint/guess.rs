//! Codes that somebody could try who was never given them.

use crate::coupon::{Benefit, Coupon, StepValue};

use super::{LintOptions, is_for_anybody};

/// A code shorter than this is found by trying.
const SHORT: usize = 8;
/// So many digits at the end of a word are a year or a percentage, and easily tried.
const FEW_DIGITS: usize = 4;

/// Whether anybody who guesses the code gets much for it, as often as they like.
pub(super) fn guessable(coupon: &Coupon, options: &LintOptions) -> bool {
    let limits = coupon.limits();
    let limited = limits.total().is_some() || limits.per_code().is_some() || limits.money().is_some();
    let code = coupon.code().map(|code| code.as_str());
    !limited
        && is_for_anybody(coupon)
        && code.is_some_and(|code| code.chars().count() < SHORT || is_like_a_word(code))
        && coupon.benefits().iter().any(|benefit| is_worth_much(benefit, options))
}

/// A word, and at most a few digits behind it.
fn is_like_a_word(code: &str) -> bool {
    let word = code.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = code.chars().count().saturating_sub(word.chars().count());
    digits <= FEW_DIGITS && word.chars().all(|c| c.is_ascii_alphabetic())
}

fn is_worth_much(benefit: &Benefit, options: &LintOptions) -> bool {
    match benefit {
        Benefit::Percent(percent) => percent.off() >= options.steep && percent.cap().is_none(),
        Benefit::Amount(amount) => options.currencies.iter().any(|currency| {
            let from = options.valuable.as_ref().and_then(|valuable| valuable.in_currency(*currency));
            matches!((amount.off().in_currency(*currency), from), (Some(off), Some(from)) if off.minor() >= from.minor())
        }),
        Benefit::SetPrice(price) => {
            let mut prices = options.currencies.iter().filter_map(|currency| price.price().in_currency(*currency));
            prices.any(|price| price.to_decimal().is_zero())
        }
        Benefit::Tiers(tiers) => tiers.cap().is_none() && tiers.steps().iter().any(|step| is_valuable(step.value(), options)),
        Benefit::Steps(steps) => steps.cap().is_none() && is_valuable(steps.value(), options),
        _ => false,
    }
}

fn is_valuable(value: &StepValue, options: &LintOptions) -> bool {
    match value {
        StepValue::Percent(percent) => *percent >= options.steep,
        StepValue::Amount(amounts) => options.currencies.iter().any(|currency| {
            let from = options.valuable.as_ref().and_then(|valuable| valuable.in_currency(*currency));
            amounts.in_currency(*currency).zip(from).is_some_and(|(off, from)| off.minor() >= from.minor())
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_from_codes_made_at_random() {
        for word in ["WELCOME", "WELCOME10", "SPRING2026", "AAAAAAAAAAAA"] {
            assert!(is_like_a_word(word), "{word}");
        }
        for random in ["K7WQ93MXP2HD", "WELCOME20261", "10WELCOME", "WEL-COME"] {
            assert!(!is_like_a_word(random), "{random}");
        }
    }
}
