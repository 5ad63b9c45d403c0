//! Amounts with and without tax. Sums are converted as tax itself is rounded: once per tax class, or per line where
//! policy says so (trap: net thresholds in a gross shop).

use crate::coupon::TaxView;
use crate::money::TaxRate;
use crate::policy::{PriceMode, TaxRounding};

use super::pass::Pass;

/// The sum of amounts, each with its class, as the view asks for it. Without a rate, net and gross are as priced.
pub(super) fn sum_in(pass: &Pass<'_>, view: TaxView, amounts: impl Iterator<Item = (u32, i64)>) -> i64 {
    if !differs(pass, view) {
        return amounts.fold(0_i64, |sum, (_, minor)| sum.saturating_add(minor));
    }
    if pass.policy.rounding().tax_level == TaxRounding::PerLine {
        let rate = |class| usize::try_from(class).ok().and_then(|c| pass.order.classes().get(c)).and_then(|c| c.rate);
        return amounts.fold(0_i64, |sum, (class, minor)| sum.saturating_add(convert(pass, rate(class), minor)));
    }
    let mut classes: Vec<i64> = vec![0; pass.order.classes().len()];
    for (class, minor) in amounts {
        if let Some(sum) = usize::try_from(class).ok().and_then(|c| classes.get_mut(c)) {
            *sum = sum.saturating_add(minor);
        }
    }
    classes
        .iter()
        .zip(pass.order.classes())
        .fold(0_i64, |sum, (minor, class)| sum.saturating_add(convert(pass, class.rate, *minor)))
}

/// Whether amounts in this view are other amounts than the prices.
pub(super) fn differs(pass: &Pass<'_>, view: TaxView) -> bool {
    match view {
        TaxView::AsPriced => false,
        TaxView::Net => pass.price_mode == PriceMode::TaxInclusive,
        TaxView::Gross => pass.price_mode == PriceMode::TaxExclusive,
    }
}

/// An amount as priced, seen from the other side: net of a gross price, gross of a net price.
pub(super) fn convert(pass: &Pass<'_>, rate: Option<TaxRate>, minor: i64) -> i64 {
    let rounding = pass.policy.rounding().tax;
    match (rate, pass.price_mode) {
        (None, _) => minor,
        (Some(rate), PriceMode::TaxInclusive) => rate.inclusive_net(minor, rounding),
        (Some(rate), PriceMode::TaxExclusive) => {
            minor.saturating_add(rate.exclusive_tax(minor, rounding).unwrap_or(i64::MAX))
        }
    }
}

/// The amount as priced whose other side is `other`; where the rounding of tax leaves none, the smallest whose other
/// side is not below it.
pub(super) fn unconvert(pass: &Pass<'_>, rate: Option<TaxRate>, other: i64) -> i64 {
    let rounding = pass.policy.rounding().tax;
    let Some(rate) = rate else { return other };
    let near = match pass.price_mode {
        PriceMode::TaxInclusive => other.saturating_add(rate.exclusive_tax(other, rounding).unwrap_or(i64::MAX)),
        PriceMode::TaxExclusive => rate.inclusive_net(other, rounding),
    };
    if convert(pass, Some(rate), near) == other {
        return near;
    }
    // Rounding moves the answer by a minor unit or two at most.
    let mut found = near.saturating_sub(3).max(0);
    for _ in 0..6 {
        if convert(pass, Some(rate), found) >= other {
            break;
        }
        found = found.saturating_add(1);
    }
    found
}
