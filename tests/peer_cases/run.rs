//! Asks the crate: definitions are checked and prepared, codes presented, the order priced.

use rust_decimal::Decimal;
use serde_json::{Value, json};
use vouchsafe::{
    Answer, AnswerState, Code, CodeFormat, CouponDraft, IssuedCode, Outcome, Policy, Prepared, Presented, Reference,
    Refusal, Request, Shop, Window,
};

use super::coupons::{About, Context, Mapped, Stage, code_format, is_shipping, map};
use super::facts::{Facts, identity};
use super::fields::{NotApplicable, OrField, Read, not_applicable, put};
use super::reading::Reading;

/// How the coupons of a case fared.
pub(crate) struct Ran {
    pub(crate) outcome: Outcome,
    pub(crate) coupons: Vec<Fate>,
}

/// How one coupon of a case fared.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fate {
    pub(crate) applied: bool,
    pub(crate) waiting: bool,
    pub(crate) discount: Decimal,
    pub(crate) refusals: Vec<Refusal>,
    /// Why the definition was refused before anything was priced.
    pub(crate) invalid: Option<String>,
    pub(crate) about: About,
    /// Something besides money came of it, if it was applied.
    pub(crate) gives: bool,
}

/// Maps all coupons of a case, in the order given.
///
/// The crate takes coupons in stages: lines, then the order, then shipping. Where the case wants one of the order before
/// one of the lines and the two touch the same lines, the first is taken among the lines if that changes nothing but
/// its turn.
pub(crate) fn map_all(coupons: &[&Value], facts: &Facts, reading: &Reading, how: How) -> Read<Vec<Mapped>> {
    let shipping_coupons = coupons.iter().filter(|coupon| is_shipping(coupon)).count();
    let mut raised = vec![false; coupons.len()];
    loop {
        let mut mapped = Vec::new();
        for ((i, coupon), raised) in coupons.iter().enumerate().zip(&raised) {
            let context = Context {
                facts,
                reading,
                shipping_coupons,
                raised: *raised,
                universal: how.universal,
                eligible_quantity: how.eligible_quantity,
            };
            mapped.push(map(coupon, &format!("coupon-{i:04}"), &context)?);
        }
        match against_the_stages(&mapped, reading) {
            None => return Ok(mapped),
            Some(i) => match (raised.get_mut(i), mapped.get(i)) {
                (Some(raised), Some(coupon)) if coupon.can_rise && !*raised => *raised = true,
                _ => return not_applicable("coupons (order of the lines after order of the whole)"),
            },
        }
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct How {
    pub(crate) universal: bool,
    pub(crate) eligible_quantity: bool,
}

/// A coupon of the order that the case wants to go before one of the lines, where that makes a difference.
fn against_the_stages(coupons: &[Mapped], reading: &Reading) -> Option<usize> {
    let mut ranked: Vec<(usize, &Mapped)> = coupons.iter().enumerate().collect();
    ranked.sort_by_key(|(i, coupon)| (std::cmp::Reverse(coupon.priority), *i));
    for (place, (_, later)) in ranked.iter().enumerate() {
        for (i, earlier) in ranked.iter().take(place) {
            let inverted = earlier.stage == Stage::Order && later.stage == Stage::Line;
            let meet = later.waits || earlier.touch.iter().any(|line| later.touch.contains(line));
            let alike = (earlier.fixed && later.fixed) || reading.original;
            if inverted && meet && (later.waits || !alike) && !alone(earlier, later) {
                return Some(*i);
            }
        }
    }
    None
}

/// Whether only one of two can be applied.
fn alone(a: &Mapped, b: &Mapped) -> bool {
    a.exclusive || b.exclusive || !a.stackable || !b.stackable
}

/// One coupon ready to be presented: its definitions, or why they are refused.
struct Ready {
    prepared: Vec<(String, Prepared, Option<IssuedCode>)>,
    fate: Fate,
}

/// Prices the order with the coupons. `entered` is what was typed for each, where the case says so.
///
/// An error of the evaluation itself is an answer too, and never the expected one.
pub(crate) fn run(
    facts: &Facts,
    mut coupons: Vec<Mapped>,
    reading: &Reading,
    entered: &[Option<String>],
) -> Read<Result<Ran, String>> {
    let mut max_codes = reading.max_codes;
    beside_others(&mut coupons, &mut max_codes)?;
    let per_unit = per_unit(&coupons)?;
    let policy = Policy::builder(facts.currency).max_codes(max_codes).rounding(reading.rules(per_unit)).build();
    let shop = Shop::new(policy.or_field("policy")?);
    let order = facts.order()?;
    let needs_identity = coupons.iter().any(|coupon| coupon.needs_identity);
    let customer = facts.customer.customer(reading, needs_identity)?;

    let mut ready = Vec::new();
    for (i, coupon) in coupons.iter().enumerate() {
        ready.push(prepare(&shop, coupon, i)?);
    }
    let mut presented = Vec::new();
    let mut owner = Vec::new();
    for (i, (ready, coupon)) in ready.iter().zip(&coupons).enumerate() {
        let typed = entered.get(i).and_then(Option::as_deref);
        for (code, prepared, issued) in &ready.prepared {
            let typed = typed.unwrap_or(code);
            let one = if coupon.about.deleted {
                Presented::unknown(typed)
            } else {
                Presented::new(typed, prepared).with_usage(coupon.usage)
            };
            presented.push(match issued {
                Some(issued) => one.with_issued(issued),
                None => one,
            });
            owner.push(i);
        }
    }
    let reference = Reference::Order("order".parse().or_field("order")?);
    let request = Request::new(&order, &customer, reference, facts.now).with_codes(&presented);
    let outcome = match shop.evaluate(&request) {
        Ok(outcome) => outcome,
        Err(error) => return Ok(Err(format!("evaluation: {error}"))),
    };

    let mut fates: Vec<Fate> = ready.into_iter().map(|ready| ready.fate).collect();
    for (answer, owner) in outcome.answers().iter().zip(&owner) {
        if let Some(fate) = fates.get_mut(*owner) {
            fate.add(answer);
        }
    }
    Ok(Ok(Ran { outcome, coupons: fates }))
}

impl Fate {
    pub(crate) fn had_an_effect(&self) -> bool {
        !self.discount.is_zero() || (self.applied && self.gives)
    }

    fn add(&mut self, answer: &Answer) {
        self.discount = self.discount.checked_add(answer.discount().to_decimal()).unwrap_or(self.discount);
        match answer.state() {
            AnswerState::Applied => self.applied = true,
            AnswerState::WaitingForShipping => self.waiting = true,
            AnswerState::Refused => self.refusals.extend(answer.reasons().iter().cloned()),
        }
    }

    /// Whether it would apply, were there anything to take: zero is no refusal.
    pub(crate) fn is_eligible(&self) -> bool {
        self.applied
            || self.waiting
            || (!self.refusals.is_empty() && self.refusals.iter().all(|r| matches!(r, Refusal::NoBenefit)))
    }

    /// Whether it is refused in this neutral word, or by a zero that means the same.
    pub(crate) fn is_refused_for(&self, word: &str) -> bool {
        if matches!(word, "no_benefit" | "incomplete_group") {
            return self.discount.is_zero();
        }
        if self.invalid.is_some() {
            return word == "invalid_definition";
        }
        let none_applied = !self.applied && self.discount.is_zero();
        let waits = self.waiting && matches!(word, "shipping_method" | "no_eligible_items");
        none_applied && (waits || self.refusals.iter().any(|refusal| self.about.words(refusal).contains(&word)))
    }

    pub(crate) fn text(&self) -> String {
        match (&self.invalid, self.applied, self.waiting) {
            (Some(why), ..) => format!("invalid definition: {why}"),
            (None, true, _) => format!("applied {}", self.discount),
            (None, false, true) => "waiting for shipping".to_owned(),
            (None, false, false) => {
                let words: Vec<&str> = self.refusals.iter().map(Refusal::code).collect();
                format!("refused {}", words.join("+"))
            }
        }
    }
}

impl About {
    /// The neutral words that a refusal of the crate answers to.
    fn words(&self, refusal: &Refusal) -> Vec<&'static str> {
        let mut words: Vec<&'static str> = match refusal {
            Refusal::UnknownCode if self.deleted => vec!["unknown_code", "disabled"],
            Refusal::UnknownCode => vec!["unknown_code"],
            Refusal::CodeRevoked | Refusal::Inactive => vec!["disabled"],
            Refusal::DuplicateCode | Refusal::SameCoupon { .. } => vec!["duplicate"],
            Refusal::NotStarted { .. } => vec!["not_started"],
            Refusal::Expired { .. } => vec!["expired"],
            Refusal::WrongCustomer | Refusal::NotThisCustomer => vec!["customer_not_allowed"],
            Refusal::CustomerRequired => vec!["customer_required"],
            Refusal::LimitReached { limit, .. } => match limit {
                vouchsafe::LimitKind::Total | vouchsafe::LimitKind::Code => vec!["usage_limit"],
                vouchsafe::LimitKind::Customer | vouchsafe::LimitKind::CustomerCode => vec!["per_customer_limit"],
                _ => vec!["budget_exhausted"],
            },
            Refusal::BudgetExhausted { .. } => vec!["budget_exhausted"],
            Refusal::CustomerType { .. } | Refusal::MembersOnly => vec!["customer_group"],
            Refusal::FirstOrder { .. } => vec!["first_order"],
            Refusal::NthOrder { .. } if self.first_order => vec!["nth_order", "first_order"],
            Refusal::NthOrder { .. } => vec!["nth_order"],
            Refusal::NotEnabledHere => vec!["channel"],
            Refusal::MinimumSpend { .. } if self.category_subtotal => vec!["min_subtotal", "required_product_missing"],
            Refusal::MinimumSpend { .. } => vec!["min_subtotal"],
            Refusal::MinimumQuantity { .. } | Refusal::NoneOf => {
                let mut words = Vec::new();
                words.extend(self.requires.then_some("required_product_missing"));
                words.extend(self.min_quantity.then_some("min_quantity"));
                words.extend(self.groups.then_some("incomplete_group"));
                words
            }
            Refusal::MaximumSpend { .. } => vec!["max_subtotal"],
            Refusal::DistinctProducts { .. } => vec!["required_product_missing"],
            Refusal::ShippingMethod { .. } => vec!["shipping_method"],
            Refusal::NotWithLines { .. } => vec!["on_sale_items_in_cart"],
            Refusal::NoAmountInCurrency { .. } => vec!["currency_mismatch"],
            Refusal::NotApplicable => {
                let mut words = vec!["no_eligible_items"];
                words.extend(self.methods.then_some("shipping_method"));
                words.extend(self.not_on_sale.then_some("on_sale_items_in_cart"));
                words
            }
            Refusal::NotStackable { .. } | Refusal::TooManyCodes { .. } => vec!["not_stackable"],
            // Pieces that make no set.
            Refusal::NoBenefit if self.groups && self.min_quantity => {
                vec!["no_benefit", "incomplete_group", "min_quantity"]
            }
            Refusal::NoBenefit => vec!["no_benefit", "incomplete_group"],
            _ => Vec::new(),
        };
        // Nobody is in no group, has no history and holds no code: a stranger has to log in first.
        let of_customer = matches!(
            words.first(),
            Some(&("customer_group" | "customer_not_allowed" | "first_order" | "nth_order" | "per_customer_limit"))
        );
        if self.stranger && of_customer {
            words.push("customer_required");
        }
        words
    }
}

/// What may not stand beside others: the crate knows coupons that shut all others out, and a number of codes.
fn beside_others(coupons: &mut [Mapped], max_codes: &mut Option<u32>) -> Read<()> {
    if coupons.len() < 2 || coupons.iter().all(|coupon| coupon.stackable) {
        return Ok(());
    }
    let pair = coupons.len() == 2;
    let first = coupons.iter_mut().enumerate().min_by_key(|(i, coupon)| (std::cmp::Reverse(coupon.priority), *i));
    match first {
        Some((_, first)) if !first.stackable => first.exclusive = true,
        _ if pair => *max_codes = Some(1),
        _ => return not_applicable("coupons[].stackable (behind several others)"),
    }
    Ok(())
}

/// Line percentages are all rounded in one way.
fn per_unit(coupons: &[Mapped]) -> Read<bool> {
    let mut ways: Vec<bool> = coupons.iter().filter_map(|coupon| coupon.per_unit).collect();
    ways.dedup();
    match ways.as_slice() {
        [] => Ok(false),
        [one] => Ok(*one),
        _ => not_applicable("coupons[].level (line beside unit)"),
    }
}

fn prepare(shop: &Shop, coupon: &Mapped, index: usize) -> Read<Ready> {
    let mut fate = Fate { about: coupon.about, gives: coupon.gives, ..Fate::default() };
    let mut prepared = Vec::new();
    for (i, draft) in coupon.drafts.iter().enumerate() {
        let code = match (&coupon.code, coupon.drafts.len()) {
            (Some(code), 1) => code.clone(),
            _ => format!("CODE{index}X{i}"),
        };
        let mut draft = draft.clone();
        put(&mut draft, "description", json!(code));
        put(&mut draft, "code_format", json!(code_format(&code)));
        put(&mut draft, "combination", json!({"exclusive": coupon.exclusive}));
        if coupon.issued.is_none() {
            put(&mut draft, "code", json!(code));
        }
        let checked = serde_json::from_value::<CouponDraft>(draft).map_err(|e| e.to_string());
        let definition = match checked.and_then(|draft| draft.check().map_err(|e| e.to_string())) {
            Ok(definition) => definition,
            Err(why) => {
                fate.invalid = Some(why);
                return Ok(Ready { prepared: Vec::new(), fate });
            }
        };
        let format = definition.code_format();
        let ready = shop.prepare(definition).or_field("coupons[].starts")?;
        prepared.push((code.clone(), ready, issue(coupon, &code, format)?));
    }
    Ok(Ready { prepared, fate })
}

fn issue(coupon: &Mapped, code: &str, format: CodeFormat) -> Read<Option<IssuedCode>> {
    let Some(issued) = &coupon.issued else { return Ok(None) };
    let code = Code::parse(code, format).or_field("coupons[].code")?;
    let mut one = IssuedCode::new(code, issued.at);
    if let Some(holder) = &issued.holder {
        one = one.with_holder(identity(holder)?);
    }
    if let Some([from, until]) = issued.window {
        one = one.with_window(Window::instants(from, until).or_field("coupons[].ends")?);
    }
    Ok(Some(one))
}

/// A definition that the crate refuses, where the case does not expect that, says nothing about prices.
pub(crate) fn refused_definition(ran: &Ran) -> Option<NotApplicable> {
    let why = ran.coupons.iter().find_map(|fate| fate.invalid.clone())?;
    Some(NotApplicable(format!("definition refused: {why}")))
}
