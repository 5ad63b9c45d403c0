//! What a case leaves open, and what `holds_for` says about it: a policy of the crate, chosen by the words of the case.

use serde_json::Value;
use vouchsafe::{PercentRounding, Rounding, RoundingRules, TaxRounding};

use super::fields::{Fields, Read, mentions, not_applicable};

/// Where a percentage is rounded that does not say so itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RoundAt {
    Order,
    Line,
    Unit,
}

/// One way to read a case: a policy, and the choices that a definition can make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) discount: Rounding,
    pub(crate) tax: Rounding,
    pub(crate) tax_level: TaxRounding,
    pub(crate) round_at: RoundAt,
    /// Percentages are taken of the original price.
    pub(crate) original: bool,
    pub(crate) dearest: bool,
    /// A minimum without a basis of its own looks at what earlier coupons left.
    pub(crate) discounted_basis: bool,
    pub(crate) max_codes: Option<u32>,
    /// Tax stays on the price before the discount: a third party pays for it.
    pub(crate) tax_before_discount: bool,
    /// A shopper without a customer stays without identity.
    pub(crate) strangers: bool,
    pub(crate) refuse_when_short: bool,
    /// A scope of products and categories covers what is in either. Unless so, what is in both.
    pub(crate) either_list: bool,
    /// Cancelled orders stand beside the earlier ones. Unless so, they are among them.
    pub(crate) cancelled_apart: bool,
}

/// The readings of a case: it passes if one of them gives what it expects.
#[derive(Debug)]
pub(crate) struct Readings {
    pub(crate) all: Vec<Reading>,
    /// Words of `holds_for` that name no choice known here.
    pub(crate) unknown: Vec<String>,
    /// A universal case, or one whose `holds_for` names policies all of which are known here.
    binding: bool,
}

pub(crate) fn readings(case: &Value, fields: &Fields<'_>, universal: bool) -> Read<Readings> {
    let mode = match fields.text("rounding")? {
        None => Rounding::HalfUp,
        Some(word) => match rounding(word) {
            Some(mode) => mode,
            None => return not_applicable(format!("rounding={word}")),
        },
    };
    let original = match fields.text("stacking")? {
        None | Some("sequential") => false,
        Some("original") => true,
        Some(other) => return not_applicable(format!("stacking={other}")),
    };
    let mut readings = Readings {
        all: vec![Reading {
            discount: mode,
            tax: mode,
            tax_level: TaxRounding::PerClass,
            round_at: RoundAt::Order,
            original,
            dearest: false,
            discounted_basis: false,
            max_codes: None,
            tax_before_discount: false,
            strangers: false,
            refuse_when_short: false,
            either_list: false,
            cancelled_apart: false,
        }],
        unknown: Vec::new(),
        binding: universal,
    };
    let tokens = fields.texts("holds_for")?.unwrap_or_default();
    for token in &tokens {
        readings.narrow(token)?;
    }
    readings.binding = universal || (!tokens.is_empty() && readings.unknown.is_empty());
    readings.open_words(case);
    Ok(readings)
}

impl Readings {
    /// Whether the case must pass.
    pub(crate) fn binding(&self) -> bool {
        self.binding
    }

    /// Sets what one word of `holds_for` names; several with `|` or `_or_` between them are tried one after the other.
    fn narrow(&mut self, token: &str) -> Read<()> {
        let (name, choices) = token.split_once('=').unwrap_or(("", token));
        let choices: Vec<&str> = choices.split('|').flat_map(|c| c.split("_or_")).collect();
        let settings: Vec<Setting> = choices.iter().filter_map(|choice| setting(name, choice)).collect();
        if settings.is_empty() {
            self.unknown.push(token.to_owned());
            return Ok(());
        }
        let mut all = Vec::new();
        for reading in &self.all {
            for setting in &settings {
                let mut reading = reading.clone();
                if apply(*setting, &mut reading) && !all.contains(&reading) {
                    all.push(reading);
                }
            }
        }
        if all.is_empty() {
            return not_applicable(format!("holds_for={token}"));
        }
        self.all = all;
        Ok(())
    }

    /// Two things that the schema says in one word each, and that can be read in two ways.
    fn open_words(&mut self, case: &Value) {
        let mut double = |set: fn(&mut Reading)| {
            let mut others = self.all.clone();
            others.iter_mut().for_each(set);
            self.all.extend(others);
        };
        if mentions(case, "skus") && mentions(case, "categories") && mentions(case, "scope") {
            double(|reading| reading.either_list = true);
        }
        if mentions(case, "cancelled_orders") {
            double(|reading| reading.cancelled_apart = true);
        }
    }
}

impl Reading {
    pub(crate) fn rules(&self, per_unit: bool) -> RoundingRules {
        RoundingRules {
            discount: self.discount,
            tax: self.tax,
            percent: if per_unit { PercentRounding::PerUnit } else { PercentRounding::PerLine },
            tax_level: self.tax_level,
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Setting {
    Rounding(Rounding),
    TaxRounding(Rounding),
    At(RoundAt),
    TaxLevel(TaxRounding),
    Original(bool),
    Dearest(bool),
    DiscountedBasis(bool),
    OneCode,
    TaxBeforeDiscount,
    Strangers,
    RefuseWhenShort(bool),
    /// What the crate does anyway.
    Ours,
    /// What the crate never does.
    Never,
}

fn rounding(word: &str) -> Option<Rounding> {
    let word = word.to_ascii_lowercase();
    Some(match word.strip_prefix("round_").unwrap_or(&word) {
        "half_up" | "nearest" => Rounding::HalfUp,
        "half_even" | "bankers" | "banker" => Rounding::HalfEven,
        "half_down" => Rounding::HalfDown,
        "floor" | "down" | "truncate" => Rounding::Down,
        _ => return None,
    })
}

/// `tax_round_half_up`, `tax_half_up`.
fn tax_mode(word: &str) -> Option<Rounding> {
    let word = word.strip_prefix("tax_")?;
    rounding(word.strip_prefix("round_").unwrap_or(word))
}

fn setting(name: &str, choice: &str) -> Option<Setting> {
    use Setting::*;
    Some(match (name, choice) {
        ("" | "rounding" | "discount_rounding", word) if rounding(word).is_some() => Rounding(rounding(word)?),
        ("tax_rounding", word) if rounding(word).is_some() => TaxRounding(rounding(word)?),
        ("", word) if tax_mode(word).is_some() => TaxRounding(tax_mode(word)?),
        ("" | "rounding", "ceil" | "up" | "round_up" | "tax_round_up") => Never,
        ("", "round_at_order" | "round_per_order" | "round_once") => At(RoundAt::Order),
        ("", "round_per_line" | "round_at_line") => At(RoundAt::Line),
        ("", "round_per_unit" | "round_at_unit") => At(RoundAt::Unit),
        ("", "tax_per_line" | "tax_round_per_line") => TaxLevel(vouchsafe::TaxRounding::PerLine),
        ("", "tax_per_class" | "tax_per_rate" | "tax_per_group" | "tax_round_per_rate" | "tax_at_order") => {
            TaxLevel(vouchsafe::TaxRounding::PerClass)
        }
        ("", "tax_per_unit" | "tax_round_per_unit") => Never,
        ("stacking", "sequential") => Original(false),
        ("stacking", "original") => Original(true),
        ("unit_choice", "cheapest") => Dearest(false),
        ("unit_choice", "most_expensive") => Dearest(true),
        ("unit_choice", _) => Never,
        ("group_fill", "cheapest_first") => Dearest(false),
        ("group_fill", _) => Never,
        ("min_subtotal_basis", "discounted") => DiscountedBasis(true),
        ("min_subtotal_basis", "original") => DiscountedBasis(false),
        ("", "one_coupon_per_order" | "single_coupon" | "one_coupon" | "one_code_per_order") | ("max_codes", "1") => {
            OneCode
        }
        ("", "tax_before_discount" | "tax_on_original" | "tax_on_undiscounted" | "tax_on_list") => TaxBeforeDiscount,
        ("", "customer_required" | "guest_refused" | "guests_refused" | "login_required") => Strangers,
        ("", "budget_clipped" | "budget_clips" | "clip_to_budget" | "partial_budget") => RefuseWhenShort(false),
        ("", "budget_refuses" | "budget_all_or_nothing" | "no_partial_budget") => RefuseWhenShort(true),
        (
            "",
            "tax_on_discounted"
            | "amount_order_redistributes_over_floor"
            | "proportional_split"
            | "shipping_shares_proportionally"
            | "exclusive_by_priority"
            | "balance_coupons"
            | "definition_validated"
            | "non_discountable_not_counted"
            | "units_not_reused_across_coupons"
            | "original_unit_price"
            | "largest_remainder"
            | "largest_remainder_first_on_tie"
            | "case_insensitive_codes"
            | "end_exclusive"
            | "end_instant_exclusive",
        ) => Ours,
        (
            "",
            "amount_order_keeps_floor_loss"
            | "no_redistribution"
            | "tax_from_unit"
            | "case_sensitive_codes"
            | "end_inclusive"
            | "end_instant_inclusive"
            | "fixed_cart_needs_no_sale_items",
        ) => Never,
        _ => return None,
    })
}

/// Makes the choice; says whether the crate has it.
fn apply(setting: Setting, reading: &mut Reading) -> bool {
    match setting {
        Setting::Rounding(mode) => (reading.discount, reading.tax) = (mode, mode),
        Setting::TaxRounding(mode) => reading.tax = mode,
        Setting::At(at) => reading.round_at = at,
        Setting::TaxLevel(level) => reading.tax_level = level,
        Setting::Original(original) => reading.original = original,
        Setting::Dearest(dearest) => reading.dearest = dearest,
        Setting::DiscountedBasis(discounted) => reading.discounted_basis = discounted,
        Setting::OneCode => reading.max_codes = Some(1),
        Setting::TaxBeforeDiscount => reading.tax_before_discount = true,
        Setting::Strangers => reading.strangers = true,
        Setting::RefuseWhenShort(refuse) => reading.refuse_when_short = refuse,
        Setting::Ours => {}
        Setting::Never => return false,
    }
    true
}
