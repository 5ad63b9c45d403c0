//! From document to outcome: amounts in their currency, positions that exist, figures that add up.

use std::collections::BTreeMap;

use super::super::answer::{Answer, AnswerState};
use super::super::line::{BY_POINTS, LineOutcome, NO_CLASS, NO_HOST_KEY, NO_PRICE_LIST, RawAdjustment};
use super::super::type_change::{self, TypeCause};
use super::super::{AccountTotal, Grant, GrantCause, Outcome, TaxTotal, Totals};
use super::form::{AnswerForm, LineForm, OutcomeForm, SourceForm, TaxForm, TotalsForm};
use super::{first_charges, gifts, points};
use crate::calendar::Window;
use crate::error::{Error, Why};
use crate::key::{AccountId, PaymentOptionId, TaxClass};
use crate::money::{Currency, Money};
use crate::order::LineId;
use crate::policy::PriceMode;
use crate::refusal::{LineRefusal, OrderRefusal};
use crate::shop::PriceSource;

/// Reads an amount that is not negative.
pub(super) fn amount(text: &str, currency: Currency, path: impl Fn() -> String) -> Result<i64, Error> {
    let minor = signed(text, currency, &path)?;
    if minor < 0 {
        return Err(Error::invalid(path(), text, Why::Negative));
    }
    Ok(minor)
}

fn signed(text: &str, currency: Currency, path: impl Fn() -> String) -> Result<i64, Error> {
    match Money::parse(text, currency) {
        Ok(money) => Ok(money.minor()),
        Err(Error::Invalid(field)) => Err(Error::invalid(path(), text, field.why)),
        Err(other) => Err(other.under(&path())),
    }
}

/// Refuses a figure that is not what the others make it.
pub(super) fn equal(found: i64, expected: i128, currency: Currency, path: impl Fn() -> String) -> Result<(), Error> {
    if i128::from(found) == expected {
        return Ok(());
    }
    Err(disagrees(path(), Money::new(found, currency).amount_text()))
}

pub(super) fn disagrees(path: String, value: impl std::fmt::Display) -> Error {
    Error::invalid(path, value, Why::Disagrees { with: "the rest of the document" })
}

pub(super) fn total(values: impl Iterator<Item = i64>) -> i128 {
    values.fold(0_i128, |sum, value| sum.saturating_add(i128::from(value)))
}

impl<V> OutcomeForm<V> {
    /// Checks the document and makes the outcome of it.
    pub(super) fn read(self) -> Result<Outcome, Error> {
        let mut outcome = Outcome::empty(self.reference, self.currency);
        outcome.at = self.at;
        outcome.price_mode = self.price_mode;
        outcome.rounding = self.rounding;
        outcome.public_reasons = self.public_reasons;
        if let Some(stray) = self.counted.iter().find(|key| !self.customer.contains(key)) {
            return Err(Error::invalid("counted", stray, Why::UnknownReference { what: "customer" }));
        }
        outcome.customer = self.customer;
        outcome.counted = self.counted;
        outcome.customer_type = self.customer_type;
        outcome.points_multiplier = self.points_multiplier;
        outcome.actor = self.actor;
        outcome.new_customer = self.new_customer;
        outcome.discounts = self.discounts.into_iter().map(|d| (d.id, d.account)).collect();
        taxes(&mut outcome, &self.taxes)?;
        lines(&mut outcome, self.lines, self.charges)?;
        answers(&mut outcome, self.answers)?;
        outcome.points = self.points.map(|points| points.read(outcome.currency)).transpose()?;
        for (i, form) in self.adjustments.iter().enumerate() {
            let raw = adjustment(&outcome, form, i)?;
            outcome.adjustments.push(raw);
        }
        first_charges::read(&mut outcome, &self.first_charges)?;
        gifts::read(&mut outcome, self.gifts)?;
        super::offers::add_up(&mut outcome, &self.offers)?;
        add_up_adjustments(&outcome)?;
        add_up_taxes(&outcome)?;
        outcome.totals = totals(&outcome, &self.totals)?;
        for (i, form) in self.accounts.into_iter().enumerate() {
            let discount = amount(&form.discount, outcome.currency, || format!("accounts[{i}].discount"))?;
            let currency = outcome.currency;
            outcome.accounts.push(AccountTotal { account: form.account, currency, discount });
        }
        add_up_accounts(&outcome)?;
        points::add_up(&outcome)?;
        type_change::check(&self.type_changes, |cause| match cause {
            TypeCause::Coupon { coupon, code } => {
                let mut applied = outcome.answers.iter().filter(|a| a.state == AnswerState::Applied);
                applied.any(|a| a.coupon.as_ref() == Some(coupon) && a.code.as_ref() == Some(code))
            }
            TypeCause::Purchase { line, .. } => {
                let found = outcome.lines.binary_search_by_key(line, |l| l.id).ok();
                found.and_then(|i| outcome.lines.get(i)).is_some_and(|l| l.refusal.is_none())
            }
            TypeCause::SignUp { .. } | TypeCause::Administrator { .. } | TypeCause::Ended => true,
        })?;
        if let Some(revision) = self.types_revision.filter(|_| self.type_changes.is_empty()) {
            let why = Why::Disagrees { with: "the rest of the document" };
            return Err(Error::invalid("types_revision", revision, why));
        }
        outcome.type_changes = self.type_changes;
        outcome.types_revision = self.types_revision;
        grants(&outcome, &self.grants)?;
        outcome.grants = self.grants;
        options(&outcome, self.payment_options.as_deref(), &self.order_refusals)?;
        outcome.payment_options = self.payment_options;
        outcome.order_refusals = self.order_refusals;
        outcome.allowances = self.allowances;
        outcome.allowances_to_come = self.allowances_to_come;
        allowances(&outcome)?;
        if self.flags.iter().enumerate().any(|(i, flag)| self.flags.iter().take(i).any(|f| f == flag)) {
            return Err(Error::invalid("flags", self.flags.len(), Why::Duplicate));
        }
        outcome.flags = self.flags;
        for (i, entry) in self.trace.iter().flat_map(|trace| trace.entries().iter().enumerate()) {
            if let Some(line) = entry.line.filter(|line| slot_of(&outcome, *line).is_none()) {
                return Err(unknown_line(format!("trace.entries[{i}].line"), line));
            }
            if let Some(stray) = [entry.before, entry.after].iter().find(|m| m.currency() != outcome.currency) {
                return Err(other_currency(format!("trace.entries[{i}]"), *stray, outcome.currency));
            }
        }
        outcome.trace = self.trace;
        Ok(outcome)
    }
}

/// Each of a customer that counts, and for no line that was refused. A line may be gone, or hold other pieces than it did:
/// what a changed order earned when it was placed stands.
fn grants(outcome: &Outcome, grants: &[Grant]) -> Result<(), Error> {
    Grant::check_all(grants, &outcome.counted)?;
    for (i, grant) in grants.iter().enumerate() {
        let GrantCause::Purchase { counted, .. } = grant.cause() else { continue };
        for (j, counted) in counted.iter().enumerate() {
            let found = outcome.lines.binary_search_by_key(&counted.line, |l| l.id).ok();
            if found.and_then(|at| outcome.lines.get(at)).is_some_and(|line| line.refusal.is_some()) {
                let path = format!("grants[{i}].cause.purchase.counted[{j}].line");
                return Err(disagrees(path, counted.line));
            }
        }
    }
    Ok(())
}

/// Allowances are named once, in order, and no order takes more of one than there was, nor more than it has.
fn allowances(outcome: &Outcome) -> Result<(), Error> {
    let units: u64 = outcome.lines.iter().map(|line| u64::from(line.units)).fold(0, u64::saturating_add);
    let mut last = None;
    for (i, allowance) in outcome.allowances.iter().enumerate() {
        let path = |field: &'static str| format!("allowances[{i}].{field}");
        if last.is_some_and(|last| last >= &allowance.allowance) {
            return Err(Error::invalid(path("allowance"), &allowance.allowance, Why::Unordered));
        }
        last = Some(&allowance.allowance);
        let left = allowance.limit.saturating_sub(allowance.taken);
        if allowance.granted > left.min(units) {
            return Err(disagrees(path("granted"), allowance.granted));
        }
        if matches!((allowance.from, allowance.until), (Some(from), Some(until)) if from >= until) {
            return Err(Error::invalid(path("until"), "..", Why::EmptyWindow));
        }
        match allowance.rolling_days {
            Some(0) => return Err(Error::invalid(path("rolling_days"), 0, Why::Zero)),
            Some(days) if allowance.since.is_some() => {
                return Err(Error::invalid(path("rolling_days"), days, Why::Contradicts { with: "since" }));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Options are named once, and what was refused is a charge of the order, or an option that was not offered.
fn options(outcome: &Outcome, payment: Option<&[PaymentOptionId]>, refusals: &[OrderRefusal]) -> Result<(), Error> {
    let offered = payment.unwrap_or_default();
    if let Some((i, twice)) =
        offered.iter().enumerate().find(|(i, option)| offered.iter().take(*i).any(|o| o == *option))
    {
        return Err(Error::invalid(format!("payment_options[{i}]"), twice, Why::Duplicate));
    }
    for (i, refusal) in refusals.iter().enumerate() {
        let path = || format!("order_refusals[{i}]");
        match refusal {
            OrderRefusal::PaymentNotAllowed { option } => {
                if payment.is_none() || offered.contains(option) {
                    return Err(disagrees(path(), option));
                }
            }
            OrderRefusal::ShippingNotAllowed { line, .. } => {
                if outcome.charges.binary_search_by_key(line, |charge| charge.id).is_err() {
                    return Err(unknown_line(path(), *line));
                }
            }
        }
        if refusals.iter().take(i).any(|earlier| earlier == refusal) {
            return Err(Error::invalid(path(), refusal.code(), Why::Duplicate));
        }
    }
    Ok(())
}

pub(super) fn unknown_line(path: String, line: LineId) -> Error {
    Error::invalid(path, line, Why::UnknownReference { what: "line" })
}

fn other_currency(path: String, found: Money, expected: Currency) -> Error {
    Error::invalid(path, found, Why::CurrencyMismatch { expected })
}

/// The position of a line or charge: lines first, then charges, each by id.
fn slot_of(outcome: &Outcome, id: LineId) -> Option<u32> {
    let (lines, charges) = (&outcome.lines, &outcome.charges);
    let at = match lines.binary_search_by_key(&id, |l| l.id) {
        Ok(at) => at,
        Err(_) => lines.len().checked_add(charges.binary_search_by_key(&id, |l| l.id).ok()?)?,
    };
    u32::try_from(at).ok()
}

fn taxes(outcome: &mut Outcome, forms: &[TaxForm]) -> Result<(), Error> {
    let currency = outcome.currency;
    for (i, form) in forms.iter().enumerate() {
        let path = |field: &'static str| move || format!("taxes[{i}].{field}");
        if form.rate.is_some() != form.tax.is_some() {
            return Err(disagrees(path("rate")(), form.tax.as_deref().unwrap_or("none")));
        }
        let total = TaxTotal {
            class: form.class.clone(),
            rate: form.rate,
            currency,
            taxable: amount(&form.taxable, currency, path("taxable"))?,
            net: amount(&form.net, currency, path("net"))?,
            tax: form.tax.as_ref().map_or(Ok(0), |tax| amount(tax, currency, path("tax")))?,
        };
        outcome.taxes.push(total);
    }
    Ok(())
}

fn lines(outcome: &mut Outcome, lines: Vec<LineForm>, charges: Vec<LineForm>) -> Result<(), Error> {
    let mut classes: BTreeMap<Option<TaxClass>, u32> = BTreeMap::new();
    for (i, tax) in outcome.taxes.iter().enumerate() {
        if classes.insert(tax.class.clone(), u32::try_from(i).unwrap_or(NO_CLASS)).is_some() {
            return Err(Error::invalid(format!("taxes[{i}].class"), name_of(tax.class.as_ref()), Why::Duplicate));
        }
    }
    for (name, forms) in [("lines", lines), ("charges", charges)] {
        let mut last: Option<LineId> = None;
        for (i, mut form) in forms.into_iter().enumerate() {
            let path = |field: &'static str| format!("{name}[{i}].{field}");
            if last.is_some_and(|last| last >= form.id) || slot_of(outcome, form.id).is_some() {
                return Err(Error::invalid(path("id"), form.id, Why::Duplicate));
            }
            last = Some(form.id);
            let host_key = match form.host_key.take() {
                None => NO_HOST_KEY,
                Some(key) => {
                    outcome.host_keys.push(key);
                    u32::try_from(outcome.host_keys.len().saturating_sub(1)).unwrap_or(NO_HOST_KEY)
                }
            };
            let class = match (form.refused, classes.get(&form.tax_class)) {
                (Some(_), _) => NO_CLASS,
                (None, Some(class)) => *class,
                (None, None) => {
                    let what = Why::UnknownReference { what: "tax class" };
                    return Err(Error::invalid(path("tax_class"), name_of(form.tax_class.as_ref()), what));
                }
            };
            if let Some(requested) = form.requested {
                if requested <= form.units || name == "charges" {
                    return Err(disagrees(path("requested"), requested));
                }
                outcome.capped.push((form.id, requested));
            }
            if let Some(list) = form.price_list.as_ref().filter(|_| form.price_source == PriceSource::List) {
                return Err(disagrees(path("price_list"), list));
            }
            let price_list = form.price_list.take();
            let mut line = line(&form, outcome, host_key, class, path)?;
            if let Some(list) = price_list {
                line.price_list = Outcome::add_price_list(&mut outcome.price_lists, &list);
            }
            if name == "lines" { outcome.lines.push(line) } else { outcome.charges.push(line) }
        }
    }
    Ok(())
}

fn name_of(class: Option<&TaxClass>) -> &str {
    class.map_or("none", TaxClass::as_str)
}

fn line(
    form: &LineForm,
    outcome: &Outcome,
    host_key: u32,
    class: u32,
    path: impl Fn(&'static str) -> String,
) -> Result<LineOutcome, Error> {
    let currency = outcome.currency;
    let read = |text: &str, field: &'static str| amount(text, currency, || path(field));
    let line = LineOutcome {
        id: form.id,
        currency,
        units: form.units,
        class,
        host_key,
        price_source: form.price_source,
        price_list: NO_PRICE_LIST,
        refusal: form.refused,
        taxed: form.tax.is_some(),
        list: read(&form.list, "list")?,
        priced: read(&form.priced, "priced")?,
        shop_discount: read(&form.shop_discount, "shop_discount")?,
        coupon_discount: read(&form.coupon_discount, "coupon_discount")?,
        third_party: read(&form.third_party, "third_party")?,
        net: read(&form.net, "net")?,
        tax: form.tax.as_ref().map_or(Ok(0), |tax| read(tax, "tax"))?,
        taxable: read(&form.taxable, "taxable")?,
        payable: read(&form.payable, "payable")?,
    };
    if line.units == 0 {
        return Err(Error::invalid(path("units"), 0, Why::Zero));
    }
    let points = form.points_discount.as_ref().map_or(Ok(0), |points| read(points, "points_discount"))?;
    let figures = [line.list, line.priced, line.shop_discount, line.coupon_discount, points, line.third_party];
    if line.refusal.is_some() && (line.taxed || figures.iter().any(|f| *f != 0)) {
        return Err(disagrees(path("refused"), form.refused.map_or("none", LineRefusal::code)));
    }
    let rate = usize::try_from(class).ok().and_then(|c| outcome.taxes.get(c)).and_then(TaxTotal::rate);
    if line.refusal.is_none() && line.taxed != rate.is_some() {
        return Err(disagrees(path("tax"), form.tax.as_deref().unwrap_or("none")));
    }
    let wide = i128::from;
    let discount = wide(line.shop_discount).saturating_add(wide(line.coupon_discount)).saturating_add(wide(points));
    let left = wide(line.priced).saturating_sub(discount);
    if left < 0 {
        return Err(disagrees(path("priced"), &form.priced));
    }
    if wide(line.third_party) > discount {
        return Err(disagrees(path("third_party"), &form.third_party));
    }
    equal(line.taxable, left.saturating_add(wide(line.third_party)), currency, || path("taxable"))?;
    let (net, payable) = match outcome.price_mode {
        PriceMode::TaxExclusive => (wide(line.taxable), left.saturating_add(wide(line.tax))),
        PriceMode::TaxInclusive => (wide(line.taxable).saturating_sub(wide(line.tax)), left),
    };
    equal(line.net, net, currency, || path("net"))?;
    equal(line.payable, payable, currency, || path("payable"))?;
    Ok(line)
}

fn answers(outcome: &mut Outcome, forms: Vec<AnswerForm>) -> Result<(), Error> {
    for (i, form) in forms.into_iter().enumerate() {
        let answer = answer(outcome, form, |field| format!("answers[{i}].{field}"))?;
        outcome.answers.push(answer);
    }
    Ok(())
}

fn answer(outcome: &Outcome, form: AnswerForm, path: impl Fn(&'static str) -> String) -> Result<Answer, Error> {
    let currency = outcome.currency;
    let read = |text: &str, field: &'static str| amount(text, currency, || path(field));
    let window = Window::instants(form.valid_from, form.valid_until).map_err(|_| {
        let until = form.valid_until.map_or_else(String::new, |until| until.to_rfc3339());
        Error::invalid(path("valid_until"), until, Why::EmptyWindow)
    })?;
    let answer = Answer {
        entered: form.entered,
        code: form.code,
        coupon: form.coupon,
        terms: form.terms.map(|terms| terms.0),
        state: form.state,
        reasons: form.reasons,
        line: form.line,
        window,
        issued: form.issued,
        currency,
        wanted: read(&form.wanted, "wanted")?,
        granted: read(&form.discount, "discount")?,
        forfeited: read(&form.forfeited, "forfeited")?,
        third_party: read(&form.third_party, "third_party")?,
        units: form.units,
        units_wanted: form.units_wanted.unwrap_or(form.units),
        trial_days: form.trial_days,
    };
    if let Some(line) = answer.line.filter(|line| outcome.lines.binary_search_by_key(line, |l| l.id).is_err()) {
        return Err(unknown_line(path("line"), line));
    }
    let refused = answer.state == AnswerState::Refused;
    // Beside a change of type or a trial, an applied code may say why its money is refused.
    let explained = answer.trial_days.is_some() || answer.terms.as_ref().is_some_and(|t| t.assign().is_some());
    let wrong = if refused { answer.reasons.is_empty() } else { !answer.reasons.is_empty() && !explained };
    if wrong {
        return Err(disagrees(path("reasons"), answer.reasons.len()));
    }
    if let Some(stray) = answer.reasons.iter().flat_map(|r| r.amounts()).find(|m| m.currency() != currency) {
        return Err(other_currency(path("reasons"), stray, currency));
    }
    let terms = answer.terms.as_ref().map(|terms| terms.id());
    if refused == terms.is_some() || (!refused && (terms != answer.coupon.as_ref() || answer.code.is_none())) {
        return Err(disagrees(path("terms"), terms.map_or("none", |id| id.as_str())));
    }
    let figures = [answer.wanted, answer.granted, answer.forfeited, answer.third_party];
    let counted = answer.units_wanted != 0 || answer.trial_days.is_some() || figures.iter().any(|f| *f != 0);
    if answer.state != AnswerState::Applied && counted {
        return Err(disagrees(path("state"), answer.discount().amount_text()));
    }
    let more = answer.granted > answer.wanted || answer.units > answer.units_wanted;
    if more || answer.third_party > answer.granted {
        return Err(disagrees(path("discount"), answer.discount().amount_text()));
    }
    Ok(answer)
}

fn adjustment(outcome: &Outcome, form: &super::form::AdjustmentForm, i: usize) -> Result<RawAdjustment, Error> {
    let path = |field: &'static str| move || format!("adjustments[{i}].{field}");
    let slot = slot_of(outcome, form.line).ok_or_else(|| unknown_line(path("line")(), form.line))?;
    let (source, coupon, known) = match form.source {
        SourceForm::Discount(at) => (at, false, outcome.discounts.len()),
        SourceForm::Points => (BY_POINTS, false, usize::MAX),
        SourceForm::Code(at) => {
            let applied =
                usize::try_from(at).ok().and_then(|at| outcome.answers.get(at)).is_some_and(Answer::is_applied);
            (at, true, if applied { outcome.answers.len() } else { 0 })
        }
    };
    if usize::try_from(source).map_or(true, |at| at >= known) {
        let what = Why::UnknownReference { what: if coupon { "applied code" } else { "discount" } };
        return Err(Error::invalid(path("source")(), source, what));
    }
    let taken = amount(&form.amount, outcome.currency, path("amount"))?;
    let third = amount(&form.third_party, outcome.currency, path("third_party"))?;
    if third > taken {
        return Err(disagrees(path("third_party")(), &form.third_party));
    }
    Ok(RawAdjustment { slot, source, coupon, amount: taken, third })
}

/// The adjustments of a line make its discounts, those of a code what it took off.
fn add_up_adjustments(outcome: &Outcome) -> Result<(), Error> {
    let slots = outcome.lines.len().saturating_add(outcome.charges.len());
    let mut by_slot = vec![(0_i128, 0_i128, 0_i128); slots];
    let mut points = vec![0_i128; slots];
    let mut by_code = vec![(0_i128, 0_i128); outcome.answers.len()];
    for raw in &outcome.adjustments {
        let (amount, third) = (i128::from(raw.amount), i128::from(raw.third));
        if let Some(sum) = usize::try_from(raw.slot).ok().and_then(|slot| by_slot.get_mut(slot)) {
            let by_points = usize::try_from(raw.slot).ok().and_then(|slot| points.get_mut(slot));
            let discount = match by_points.filter(|_| !raw.coupon && raw.source == BY_POINTS) {
                Some(points) => points,
                None if raw.coupon => &mut sum.1,
                None => &mut sum.0,
            };
            *discount = discount.saturating_add(amount);
            sum.2 = sum.2.saturating_add(third);
        }
        let code = usize::try_from(raw.source).ok().filter(|_| raw.coupon);
        if let Some(sum) = code.and_then(|code| by_code.get_mut(code)) {
            sum.0 = sum.0.saturating_add(amount);
            sum.1 = sum.1.saturating_add(third);
        }
    }
    for ((line, sum), points) in outcome.lines.iter().chain(&outcome.charges).zip(&by_slot).zip(&points) {
        let path = |field: &'static str| move || format!("line {}.{field}", line.id);
        equal(line.shop_discount, sum.0, outcome.currency, path("shop_discount"))?;
        equal(line.coupon_discount, sum.1, outcome.currency, path("coupon_discount"))?;
        equal(line.points_discount().minor(), *points, outcome.currency, path("points_discount"))?;
        equal(line.third_party, sum.2, outcome.currency, path("third_party"))?;
    }
    for (i, (answer, sum)) in outcome.answers.iter().zip(&by_code).enumerate() {
        equal(answer.granted, sum.0, outcome.currency, || format!("answers[{i}].discount"))?;
        equal(answer.third_party, sum.1, outcome.currency, || format!("answers[{i}].third_party"))?;
    }
    Ok(())
}

/// The lines of a tax class make its sums.
fn add_up_taxes(outcome: &Outcome) -> Result<(), Error> {
    let mut sums = vec![(0_i128, 0_i128, 0_i128); outcome.taxes.len()];
    for line in outcome.lines.iter().chain(&outcome.charges) {
        if let Some(sum) = usize::try_from(line.class).ok().and_then(|class| sums.get_mut(class)) {
            sum.0 = sum.0.saturating_add(line.taxable.into());
            sum.1 = sum.1.saturating_add(line.net.into());
            sum.2 = sum.2.saturating_add(line.tax.into());
        }
    }
    for (i, (tax, sum)) in outcome.taxes.iter().zip(&sums).enumerate() {
        let path = |field: &'static str| move || format!("taxes[{i}].{field}");
        equal(tax.taxable, sum.0, outcome.currency, path("taxable"))?;
        equal(tax.net, sum.1, outcome.currency, path("net"))?;
        equal(tax.tax, sum.2, outcome.currency, path("tax"))?;
    }
    Ok(())
}

fn totals(outcome: &Outcome, form: &TotalsForm) -> Result<Totals, Error> {
    let currency = outcome.currency;
    let path = |field: &'static str| move || format!("totals.{field}");
    let read = |text: &str, field: &'static str| amount(text, currency, path(field));
    let cash_rounding = signed(&form.cash_rounding, currency, path("cash_rounding"))?;
    let payable = signed(&form.payable, currency, path("payable"))?;
    let before_cash = payable.checked_sub(cash_rounding).ok_or_else(|| Error::overflow("totals.payable"))?;
    let totals = Totals {
        currency,
        items: read(&form.items, "items")?,
        item_discount: read(&form.item_discount, "item_discount")?,
        coupon_discount: read(&form.coupon_discount, "coupon_discount")?,
        points_discount: form.points_discount.as_ref().map_or(Ok(0), |points| read(points, "points_discount"))?,
        shipping: read(&form.shipping, "shipping")?,
        shipping_discount: read(&form.shipping_discount, "shipping_discount")?,
        fees: read(&form.fees, "fees")?,
        taxable: read(&form.taxable, "taxable")?,
        net: read(&form.net, "net")?,
        tax: form.tax.as_ref().map_or(Ok(0), |tax| read(tax, "tax"))?,
        taxed: form.tax.is_some(),
        third_party: read(&form.third_party, "third_party")?,
        before_cash,
        cash_rounding,
    };
    if outcome.taxes.iter().any(|tax| tax.rate.is_some() != totals.taxed) {
        return Err(disagrees(path("tax")(), form.tax.as_deref().unwrap_or("none")));
    }
    let all = || outcome.lines.iter().chain(&outcome.charges);
    let lines = || outcome.lines.iter();
    let left = |line: &LineOutcome| line.priced.saturating_sub(line.shop_discount).saturating_sub(line.coupon_discount);
    let check = |found: i64, expected: i128, field: &'static str| equal(found, expected, currency, path(field));
    check(totals.items, total(lines().map(|l| l.priced)), "items")?;
    let points = || lines().map(|l| l.points_discount().minor());
    let discounts = lines().map(|l| l.shop_discount.saturating_add(l.coupon_discount));
    check(totals.item_discount, total(discounts.chain(points())), "item_discount")?;
    check(totals.points_discount, total(points()), "points_discount")?;
    check(totals.coupon_discount, total(all().map(|l| l.coupon_discount)), "coupon_discount")?;
    check(totals.taxable, total(all().map(|l| l.taxable)), "taxable")?;
    check(totals.net, total(all().map(|l| l.net)), "net")?;
    check(totals.tax, total(all().map(|l| l.tax)), "tax")?;
    check(totals.third_party, total(all().map(|l| l.third_party)), "third_party")?;
    // Which charge is shipping and which a fee is not written; together they are all charges.
    let charged = total(outcome.charges.iter().map(left))
        .saturating_add(totals.shipping_discount.into())
        .saturating_sub(totals.fees.into());
    check(totals.shipping, charged, "shipping")?;
    check(totals.before_cash, total(all().map(|l| l.payable)), "payable")?;
    Ok(totals)
}

/// Discounts by account: each account once, each with the sum of its adjustments. A code that applied to an empty cart
/// has none, and the account of its coupon is there all the same.
fn add_up_accounts(outcome: &Outcome) -> Result<(), Error> {
    let applied = outcome.answers.iter().filter(|answer| answer.is_applied());
    let mut sums: BTreeMap<Option<&AccountId>, i128> =
        applied.map(|answer| (answer.terms().and_then(|terms| terms.account()), 0)).collect();
    for raw in &outcome.adjustments {
        let at = usize::try_from(raw.source).ok();
        let account = if raw.coupon {
            at.and_then(|at| outcome.answers.get(at)).and_then(Answer::terms).and_then(|terms| terms.account())
        } else if raw.source == BY_POINTS {
            outcome.points().and_then(|points| points.program()).and_then(|program| program.account())
        } else {
            at.and_then(|at| outcome.discounts.get(at)).and_then(|(_, account)| account.as_ref())
        };
        let sum = sums.entry(account).or_default();
        *sum = sum.saturating_add(raw.amount.into());
    }
    for (i, total) in outcome.accounts.iter().enumerate() {
        let path = || format!("accounts[{i}]");
        let Some(sum) = sums.remove(&total.account.as_ref()) else {
            return Err(disagrees(path(), total.account.as_ref().map_or("none", AccountId::as_str)));
        };
        equal(total.discount, sum, outcome.currency, path)?;
    }
    match sums.into_keys().next() {
        Some(missing) => Err(disagrees("accounts".to_owned(), missing.map_or("none", AccountId::as_str))),
        None => Ok(()),
    }
}
