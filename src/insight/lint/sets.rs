//! Sets of pieces, bundles, tiers and steps that give nothing, too much, or less than the one before.

use crate::coupon::{
    Amounts, Benefit, Bundle, BundleValue, Coupon, FirstFurther, Reward, StepValue, Steps, Threshold, Tier, Tiers,
    Within,
};
use crate::key::{CouponId, GroupId};
use crate::money::{Currency, Money, Percent, Rounding};

use std::collections::{BTreeMap, BTreeSet};

use super::{Found, LintOptions, WarningKind};

/// What a benefit of one of these kinds comes to. The path is that of the benefit, with its kind.
pub(super) fn worth(benefit: &Benefit, path: &str, options: &LintOptions, found: &mut Found) {
    match benefit {
        Benefit::Nth(nth) => of_reward(nth.reward(), &format!("{path}.nth.reward"), options, found),
        Benefit::BuyGet(buy_get) => of_reward(buy_get.reward(), &format!("{path}.buy_get.reward"), options, found),
        Benefit::Bundle(bundle) => of_bundle(bundle, &format!("{path}.bundle"), options, found),
        Benefit::Tiers(tiers) => of_tiers(tiers, &format!("{path}.tiers.steps"), options, found),
        Benefit::Steps(steps) => of_steps(steps, &format!("{path}.steps"), options, found),
        Benefit::FirstFurther(off) => of_first_further(off, &format!("{path}.first_further"), options, found),
        _ => {}
    }
}

/// Groups of one, and tags to be kept apart from that nobody has. One definition by itself says nothing of that.
pub(super) fn alone(coupons: &[&Coupon], found: &mut Found) {
    let ids: BTreeSet<&CouponId> = coupons.iter().map(|coupon| coupon.id()).collect();
    if ids.len() < 2 {
        return;
    }
    let mut groups: BTreeMap<&GroupId, BTreeSet<&CouponId>> = BTreeMap::new();
    let mut tags = BTreeSet::new();
    for coupon in coupons {
        if let Some(group) = coupon.combination().group() {
            groups.entry(group).or_default().insert(coupon.id());
        }
        tags.extend(coupon.combination().tags());
    }
    for coupon in coupons {
        found.of(coupon);
        let combination = coupon.combination();
        // Of several codes of one definition the group takes the best, too.
        let several = combination.several_codes();
        if let Some(group) = combination.group().filter(|_| !several) {
            if groups.get(group).is_some_and(|members| members.len() < 2) {
                found.warn("combination.group", WarningKind::GroupOfOne { group: group.clone() });
            }
        }
        for (i, tag) in combination.not_with().iter().enumerate().filter(|(_, tag)| !tags.contains(tag)) {
            found.warn(format!("combination.not_with[{i}]"), WarningKind::NobodyHasTag { tag: tag.clone() });
        }
    }
}

/// Whether some currency of the shop has a figure.
fn is_known(amounts: &Amounts, options: &LintOptions) -> bool {
    options.currencies.iter().any(|currency| amounts.in_currency(*currency).is_some())
}

/// The currencies of the shop in which this is more than that.
fn above<'a>(
    more: &'a Amounts,
    less: &'a Amounts,
    options: &'a LintOptions,
) -> impl Iterator<Item = (Money, Money)> + 'a {
    let both = options.currencies.iter().filter_map(|c| Some((more.in_currency(*c)?, less.in_currency(*c)?)));
    both.filter(|(more, less)| more.minor() > less.minor())
}

/// An amount off: without a figure, or zero.
fn of_off(off: &Amounts, path: &str, options: &LintOptions, found: &mut Found) {
    if !is_known(off, options) {
        found.warn(path, WarningKind::NoCurrency);
    } else if off.is_zero() {
        found.warn(path, WarningKind::GivesNothing);
    }
}

/// A price in the place of another: without a figure.
fn of_price(price: &Amounts, path: &str, options: &LintOptions, found: &mut Found) {
    if !is_known(price, options) {
        found.warn(path, WarningKind::NoCurrency);
    }
}

/// A percentage of everything: zero, or steep.
fn of_percent(off: Percent, path: &str, options: &LintOptions, found: &mut Found) {
    if off.is_zero() {
        found.warn(path, WarningKind::GivesNothing);
    } else if off >= options.steep {
        found.warn(path, WarningKind::SteepPercent { off });
    }
}

/// What some pieces of a set get. A free piece is what sets are for, so nothing here is steep.
fn of_reward(reward: &Reward, path: &str, options: &LintOptions, found: &mut Found) {
    match reward {
        Reward::Percent(off) if off.is_zero() => found.warn(format!("{path}.percent"), WarningKind::GivesNothing),
        Reward::Free | Reward::Percent(_) => {}
        Reward::Amount(off) => of_off(off, &format!("{path}.amount"), options, found),
        Reward::ToPrice(price) => of_price(price, &format!("{path}.to_price"), options, found),
    }
}

fn of_bundle(bundle: &Bundle, path: &str, options: &LintOptions, found: &mut Found) {
    match bundle.value() {
        BundleValue::Percent(off) => of_percent(*off, &format!("{path}.percent"), options, found),
        BundleValue::Amount(off) => of_off(off, &format!("{path}.amount"), options, found),
        BundleValue::Price(price) => {
            let path = format!("{path}.price");
            of_price(price, &path, options, found);
            let free = |currency: &&Currency| price.in_currency(**currency).is_some_and(|price| price.is_zero());
            for currency in options.currencies.iter().filter(free) {
                found.warn(path.clone(), WarningKind::Free { currency: *currency });
            }
        }
    }
}

fn of_tiers(tiers: &Tiers, path: &str, options: &LintOptions, found: &mut Found) {
    let mut below: Option<&Tier> = None;
    for (place, tier) in tiers.steps().iter().enumerate() {
        let path = format!("{path}[{place}]");
        let value = of_value(tier.value(), tier.from(), &path, options, found);
        if matches!(tier.from(), Threshold::Spend(amounts) if !is_known(amounts, options)) {
            found.warn(format!("{path}.from"), WarningKind::NoCurrency);
        }
        // Where each has its own part, one may well give less than the one before.
        if !tiers.is_marginal() && below.is_some_and(|below| gives_no_more(tiers, tier, below, options)) {
            found.warn(value, WarningKind::NoMoreThanBefore);
        }
        below = Some(tier);
    }
}

/// What a tier or a step gives; answers its path.
fn of_value(value: &StepValue, from: &Threshold, path: &str, options: &LintOptions, found: &mut Found) -> String {
    match value {
        StepValue::Percent(off) => {
            let path = format!("{path}.percent");
            of_percent(*off, &path, options, found);
            path
        }
        StepValue::Amount(off) => {
            let path = format!("{path}.amount");
            of_off(off, &path, options, found);
            if let Threshold::Spend(from) = from {
                for (off, minimum) in above(off, from, options) {
                    found.warn(path.clone(), WarningKind::AmountAboveMinimum { off, minimum });
                }
            }
            path
        }
    }
}

/// Whether a tier gives no more than the one before it does where it begins.
fn gives_no_more(tiers: &Tiers, tier: &Tier, below: &Tier, options: &LintOptions) -> bool {
    let in_each = |more: &dyn Fn(Currency) -> Option<bool>| {
        let mut known = options.currencies.iter().filter_map(|currency| more(*currency));
        known.any(|gives_more| !gives_more)
    };
    match (tier.value(), below.value()) {
        (StepValue::Percent(this), StepValue::Percent(before)) => this <= before,
        (StepValue::Amount(this), StepValue::Amount(before)) => {
            in_each(&|c| Some(this.in_currency(c)?.minor() > before.in_currency(c)?.minor()))
        }
        // What a percentage comes to is known only of what is counted, and of nothing less.
        _ if tiers.within() == Within::Order || tiers.cap().is_some() || !tiers.target().is_every_piece() => false,
        (this, before) => in_each(&|currency| {
            let Threshold::Spend(from) = tier.from() else { return None };
            let from = from.in_currency(currency)?;
            let off = |value: &StepValue| match value {
                StepValue::Percent(percent) => Some(percent.of(from, Rounding::HalfUp).minor()),
                StepValue::Amount(amounts) => amounts.in_currency(currency).map(Money::minor),
            };
            Some(off(this)? > off(before)?)
        }),
    }
}

fn of_steps(steps: &Steps, path: &str, options: &LintOptions, found: &mut Found) {
    let value = of_value(steps.value(), steps.every(), path, options, found);
    if matches!(steps.every(), Threshold::Spend(amounts) if !is_known(amounts, options)) {
        found.warn(format!("{path}.every"), WarningKind::NoCurrency);
    }
    if let (StepValue::Percent(off), None, None) = (steps.value(), steps.max_steps(), steps.cap()) {
        if !off.is_zero() {
            found.warn(value, WarningKind::EndlessSteps);
        }
    }
}

fn of_first_further(off: &FirstFurther, path: &str, options: &LintOptions, found: &mut Found) {
    for (amounts, field) in [(off.first(), "first"), (off.further(), "further")] {
        if !is_known(amounts, options) {
            found.warn(format!("{path}.{field}"), WarningKind::NoCurrency);
        }
    }
    if off.first().is_zero() && off.further().is_zero() {
        found.warn(path, WarningKind::GivesNothing);
    }
}
