//! A placed order as JSON, for storage, and checked when it is read.
//!
//! ```json
//! {
//!   "version": 1,
//!   "policy": {"version": 1, "currency": "USD"},
//!   "order": {"version": 1, "currency": "USD", "lines": ["..."]},
//!   "prices": [{"line": 1, "price": "17.991", "source": "customer_type", "list": "club"}],
//!   "codes": [{"answer": 0, "budget_left": "7.40", "facts": [true]}],
//!   "outcome": {"version": 1, "...": "the whole outcome, with the terms of each code"}
//! }
//! ```
//!
//! `version` is that of the rules that priced the order. A record of another version is read all the same, and its figures
//! stand. `prices` names the lines whose base price is not the list price; `codes` the codes about which more is known
//! than the outcome says; `sold` the lines as they were sold that a change has put in another quantity
//! (`{"line": 1, "amount": "30.00", "quantity": 3, "discounts": ["1.50"]}`), since every quantity is worked out from that
//! one, and ranges of prices go on covering what they covered. Each is left out where it is empty.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::period::PeriodLine;
use super::placed::PlacedOrder;
use super::subscription::Subscription;
use crate::coupon::Trial;
use crate::error::{Error, Why};
use crate::evaluate::{BasePrice, Settled, Sold, count_facts, extended};
use crate::key::{AllowanceId, MovementId, PriceListId};
use crate::money::{Currency, ExactPrice, Money, Quantity};
use crate::order::{Billing, LineId, Order};
use crate::outcome::{AnswerState, CountedLine, LineOutcome, Outcome, RecordedOutcome, SEMANTICS_VERSION};
use crate::policy::{Policy, PriceMode};
use crate::shop::PriceSource;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlacedForm {
    version: u32,
    policy: Policy,
    order: Order,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    prices: Vec<PriceForm>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    sold: Vec<SoldForm>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    codes: Vec<CodeForm>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    allowances: Vec<AllowanceForm>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    claimed: Vec<CountedLine>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    amendments: Vec<MovementId>,
    outcome: RecordedOutcome,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PriceForm {
    line: LineId,
    price: String,
    source: PriceSource,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    list: Option<PriceListId>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SoldForm {
    line: LineId,
    /// What it cost on the snapshot.
    amount: String,
    quantity: Quantity,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    discounts: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AllowanceForm {
    allowance: AllowanceId,
    /// The lines that it counts.
    lines: Vec<LineId>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CodeForm {
    /// Position among the answers.
    answer: usize,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    operator_amount: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    host_amounts: Vec<HostAmountForm>,
    #[serde(skip_serializing_if = "is_false", default)]
    drops: bool,
    #[serde(skip_serializing_if = "is_false", default)]
    overrides: bool,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    budget_left: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    units_left: Option<u64>,
    #[serde(skip_serializing_if = "is_false", default)]
    gone: bool,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    facts: Vec<bool>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HostAmountForm {
    line: LineId,
    amount: String,
}

fn is_false(value: &bool) -> bool {
    !*value
}

impl Serialize for PlacedOrder {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        PlacedForm::of(self).serialize(serializer)
    }
}

/// Reads what was written, checked: the parts belong together, and the figures add up.
impl<'de> Deserialize<'de> for PlacedOrder {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        PlacedForm::deserialize(deserializer)?.read().map_err(de::Error::custom)
    }
}

impl PlacedForm {
    fn of(placed: &PlacedOrder) -> Self {
        let priced = placed.order.lines().iter().zip(&placed.prices);
        let apart = priced.filter(|(_, base)| base.source != PriceSource::List);
        let settled = placed.codes.iter().enumerate().filter(|(_, settled)| **settled != Settled::default());
        Self {
            version: placed.semantics,
            policy: placed.policy.clone(),
            order: placed.order.clone(),
            prices: apart
                .map(|(line, base)| PriceForm {
                    line: line.id(),
                    price: base.price.to_string(),
                    source: base.source,
                    list: base.list.clone(),
                })
                .collect(),
            sold: (placed.order.lines().iter().zip(&placed.prices))
                .filter_map(|(line, base)| {
                    let sold = base.sold.as_ref()?;
                    let amount = Money::new(sold.minor, placed.order.currency()).amount_text();
                    let discounts = sold.discounts.iter().map(|amount| amount.amount_text()).collect();
                    Some(SoldForm { line: line.id(), amount, quantity: sold.quantity, discounts })
                })
                .collect(),
            codes: settled.map(|(answer, settled)| CodeForm::of(answer, settled, placed)).collect(),
            allowances: (placed.allowances.iter())
                .map(|(allowance, lines)| AllowanceForm { allowance: allowance.clone(), lines: lines.clone() })
                .collect(),
            claimed: placed.claimed.clone(),
            amendments: placed.amendments.clone(),
            outcome: RecordedOutcome { outcome: placed.outcome.clone(), semantics: placed.semantics },
        }
    }

    fn read(self) -> Result<PlacedOrder, Error> {
        let RecordedOutcome { outcome, semantics } = self.outcome;
        if semantics != self.version {
            return Err(disagrees("outcome.version".to_owned(), semantics));
        }
        goes_with(&self.policy, &self.order, &outcome)?;
        outcome.redemption().map_err(|why| disagrees("outcome".to_owned(), why))?;
        let mut prices = prices(&self.order, &outcome, self.prices)?;
        sold(&self.policy, &self.order, &mut prices, self.sold)?;
        let codes = codes(&self.order, &outcome, self.codes)?;
        let allowances = allowances(&outcome, self.allowances)?;
        let claimed = claimed(&self.order, self.claimed)?;
        let amendments = self.amendments;
        if let Some((i, twice)) =
            amendments.iter().enumerate().find(|(i, id)| amendments.iter().take(*i).any(|a| a == *id))
        {
            return Err(Error::invalid(format!("amendments[{i}]"), twice, Why::Duplicate));
        }
        let (policy, order) = (self.policy, self.order);
        let placed = PlacedOrder { semantics, policy, order, prices, codes, allowances, claimed, amendments, outcome };
        if semantics == SEMANTICS_VERSION {
            bases_are_recorded(&placed)?;
        }
        Ok(placed)
    }
}

impl CodeForm {
    fn of(answer: usize, settled: &Settled, placed: &PlacedOrder) -> Self {
        let currency = placed.order.currency();
        Self {
            answer,
            operator_amount: settled.operator_amount.map(Money::amount_text),
            host_amounts: (settled.host_amounts.iter())
                .map(|(line, amount)| HostAmountForm { line: *line, amount: amount.amount_text() })
                .collect(),
            drops: settled.drops,
            overrides: settled.overrides,
            budget_left: settled.budget_left.map(|left| Money::new(left, currency).amount_text()),
            units_left: settled.units_left,
            gone: settled.gone,
            facts: settled.facts.clone(),
        }
    }
}

fn disagrees(path: String, value: impl std::fmt::Display) -> Error {
    Error::invalid(path, value, Why::Disagrees { with: "the rest of the document" })
}

/// Policy, order and outcome are about the same lines in the same currency.
fn goes_with(policy: &Policy, order: &Order, outcome: &Outcome) -> Result<(), Error> {
    let currency = order.currency();
    if outcome.currency() != currency {
        return Err(disagrees("outcome.currency".to_owned(), outcome.currency()));
    }
    if !policy.accepts(currency) {
        return Err(disagrees("order.currency".to_owned(), currency));
    }
    if outcome.price_mode() != order.price_mode().unwrap_or(policy.price_mode()) {
        return Err(disagrees("outcome.price_mode".to_owned(), outcome.price_mode()));
    }
    if outcome.rounding() != policy.rounding() {
        return Err(disagrees("outcome.rounding".to_owned(), "{..}"));
    }
    let lines = order.lines().iter().map(|line| (line.id(), line.quantity().pieces_count()));
    let charges = order.charges().iter().map(|charge| (charge.id(), 1));
    let same = |name: &str, placed: &mut dyn Iterator<Item = (LineId, u32)>, recorded: &[LineOutcome]| {
        let mut count = 0_usize;
        for (i, expected) in placed.enumerate() {
            match recorded.get(i) {
                Some(found) if (found.id(), found.units()) == expected => {}
                Some(found) => return Err(disagrees(format!("outcome.{name}[{i}]"), found.id())),
                None => return Err(disagrees(format!("order.{name}[{i}]"), expected.0)),
            }
            count = i.saturating_add(1);
        }
        match recorded.get(count) {
            Some(found) => Err(disagrees(format!("outcome.{name}[{count}]"), found.id())),
            None => Ok(()),
        }
    };
    same("lines", &mut { lines }, outcome.lines())?;
    same("charges", &mut { charges }, outcome.charges())
}

/// The base price of every line: the one that is named, else the list price.
fn prices(order: &Order, outcome: &Outcome, forms: Vec<PriceForm>) -> Result<Vec<BasePrice>, Error> {
    let list = |line: &crate::order::Line| BasePrice {
        price: line.unit_price().into(),
        source: PriceSource::List,
        list: None,
        sold: None,
    };
    let mut prices: Vec<BasePrice> = order.lines().iter().map(list).collect();
    let mut last = None;
    for (i, form) in forms.into_iter().enumerate() {
        let path = |field: &str| format!("prices[{i}].{field}");
        if last.is_some_and(|last| last >= form.line) {
            return Err(Error::invalid(path("line"), form.line, Why::Unordered));
        }
        last = Some(form.line);
        let found = order.slot_of(form.line).and_then(|slot| prices.get_mut(slot));
        let Some(place) = found else {
            return Err(Error::invalid(path("line"), form.line, Why::UnknownReference { what: "line" }));
        };
        if form.source == PriceSource::List {
            return Err(disagrees(path("source"), "list"));
        }
        let price = ExactPrice::parse(&form.price).map_err(|error| match error {
            Error::Invalid(field) => Error::invalid(path("price"), &field.value, field.why),
            other => other.under(&path("price")),
        })?;
        *place = BasePrice { price, source: form.source, list: form.list, sold: None };
    }
    // What the outcome names is what was resolved, unless a coupon set the line back to the list price.
    for ((line, recorded), base) in order.lines().iter().zip(outcome.lines()).zip(&prices) {
        let overridden = recorded.price_source() == PriceSource::List;
        let same = (recorded.price_source(), outcome.price_list(recorded)) == (base.source, base.list.as_ref());
        if !overridden && !same {
            return Err(disagrees("prices".to_owned(), line.id()));
        }
    }
    Ok(prices)
}

/// The lines as they were sold that are in another quantity now: what is left of each follows from it.
fn sold(policy: &Policy, order: &Order, prices: &mut [BasePrice], forms: Vec<SoldForm>) -> Result<(), Error> {
    let (currency, mut last) = (order.currency(), None);
    for (i, form) in forms.into_iter().enumerate() {
        let path = |field: &str| format!("sold[{i}].{field}");
        if last.is_some_and(|last| last >= form.line) {
            return Err(Error::invalid(path("line"), form.line, Why::Unordered));
        }
        last = Some(form.line);
        let slot = order.slot_of(form.line);
        let found = slot.and_then(|slot| Some((order.lines().get(slot)?, prices.get_mut(slot)?)));
        let Some((line, base)) = found else {
            return Err(Error::invalid(path("line"), form.line, Why::UnknownReference { what: "line" }));
        };
        if form.quantity.is_measured() != line.quantity().is_measured() {
            return Err(disagrees(path("quantity"), form.quantity));
        }
        let discounts = (form.discounts.iter().enumerate())
            .map(|(j, text)| amount(text, currency, path(&format!("discounts[{j}]"))))
            .collect::<Result<Vec<Money>, Error>>()?;
        if discounts.len() != line.discounts().len() {
            return Err(disagrees(path("discounts"), discounts.len()));
        }
        let minor = amount(&form.amount, currency, path("amount"))?.minor();
        base.sold = Some(Sold { minor, quantity: form.quantity, discounts });
        if base.in_quantity(line, line.quantity(), currency, policy.rounding().discount)? != *line {
            return Err(disagrees(path("discounts"), form.line));
        }
    }
    Ok(())
}

/// An amount that is not below zero.
fn amount(text: &str, currency: Currency, path: String) -> Result<Money, Error> {
    match Money::parse(text, currency) {
        Ok(money) if money.is_negative() => Err(Error::invalid(path, text, Why::Negative)),
        Ok(money) => Ok(money),
        Err(Error::Invalid(field)) => Err(Error::invalid(path, text, field.why)),
        Err(other) => Err(other.under(&path)),
    }
}

/// What is known of each code besides its answer.
fn codes(order: &Order, outcome: &Outcome, forms: Vec<CodeForm>) -> Result<Vec<Settled>, Error> {
    let currency = order.currency();
    let mut codes = vec![Settled::default(); outcome.answers().len()];
    let mut last = None;
    for (i, form) in forms.into_iter().enumerate() {
        let path = |field: &str| format!("codes[{i}].{field}");
        if last.is_some_and(|last| last >= form.answer) {
            return Err(Error::invalid(path("answer"), form.answer, Why::Unordered));
        }
        last = Some(form.answer);
        let answer = outcome.answers().get(form.answer).filter(|answer| answer.state() != AnswerState::Refused);
        let Some((_, settled)) = answer.zip(codes.get_mut(form.answer)) else {
            return Err(Error::invalid(path("answer"), form.answer, Why::UnknownReference { what: "applied code" }));
        };
        let amount = |text: &str, path: String| amount(text, currency, path);
        let read = |text: Option<String>, field: &str| text.map(|text| amount(&text, path(field))).transpose();
        settled.operator_amount = read(form.operator_amount, "operator_amount")?;
        settled.budget_left = read(form.budget_left, "budget_left")?.map(Money::minor);
        (settled.units_left, settled.gone) = (form.units_left, form.gone);
        (settled.drops, settled.overrides, settled.facts) = (form.drops, form.overrides, form.facts);
        let mut before = None;
        for (j, form) in form.host_amounts.into_iter().enumerate() {
            let path = |field: &str| format!("codes[{i}].host_amounts[{j}].{field}");
            if order.slot_of(form.line).is_none() {
                return Err(Error::invalid(path("line"), form.line, Why::UnknownReference { what: "line" }));
            }
            if before.is_some_and(|before| before >= form.line) {
                return Err(Error::invalid(path("line"), form.line, Why::Unordered));
            }
            before = Some(form.line);
            settled.host_amounts.push((form.line, amount(&form.amount, path("amount"))?));
        }
    }
    for (i, (answer, settled)) in outcome.answers().iter().zip(&codes).enumerate() {
        let expected = answer.terms().map_or(0, |terms| count_facts(terms.conditions()));
        if settled.facts.len() != expected {
            return Err(disagrees(format!("codes of answers[{i}].facts"), settled.facts.len()));
        }
    }
    Ok(codes)
}

/// Each of a line, by line, and no more pieces than it has.
fn claimed(order: &Order, forms: Vec<CountedLine>) -> Result<Vec<CountedLine>, Error> {
    let mut last = None;
    for (i, form) in forms.iter().enumerate() {
        let path = |field: &str| format!("claimed[{i}].{field}");
        let line = order.slot_of(form.line).and_then(|slot| order.lines().get(slot));
        let Some(line) = line else {
            return Err(Error::invalid(path("line"), form.line, Why::UnknownReference { what: "line" }));
        };
        if last.is_some_and(|last| last >= form.line) {
            return Err(Error::invalid(path("line"), form.line, Why::Unordered));
        }
        last = Some(form.line);
        if form.units == 0 || form.units > line.quantity().pieces_count() {
            return Err(disagrees(path("units"), form.units));
        }
    }
    Ok(forms)
}

/// The lines of each allowance that the outcome names, which together are what it counts.
fn allowances(outcome: &Outcome, forms: Vec<AllowanceForm>) -> Result<Vec<(AllowanceId, Vec<LineId>)>, Error> {
    let mut named = outcome.allowances().iter();
    let mut allowances = Vec::with_capacity(forms.len());
    for (i, form) in forms.into_iter().enumerate() {
        let path = |field: &str| format!("allowances[{i}].{field}");
        let Some(counted) = named.next().filter(|counted| *counted.allowance() == form.allowance) else {
            return Err(disagrees(path("allowance"), form.allowance));
        };
        let mut units = 0_u64;
        for (j, line) in form.lines.iter().enumerate() {
            let found = outcome.lines().binary_search_by_key(line, LineOutcome::id).ok();
            let Some(found) = found.and_then(|at| outcome.lines().get(at)) else {
                return Err(Error::invalid(path("lines"), line, Why::UnknownReference { what: "line" }));
            };
            if form.lines.iter().take(j).any(|earlier| earlier >= line) {
                return Err(Error::invalid(path("lines"), line, Why::Unordered));
            }
            units = units.saturating_add(found.units().into());
        }
        if units != counted.granted() {
            return Err(disagrees(path("lines"), units));
        }
        allowances.push((form.allowance, form.lines));
    }
    match named.next() {
        Some(missing) => Err(disagrees("allowances".to_owned(), missing.allowance())),
        None => Ok(allowances),
    }
}

/// Each line's base price makes the amount that was recorded, unless a coupon set it back to the list price.
fn bases_are_recorded(placed: &PlacedOrder) -> Result<(), Error> {
    let lines = placed.order.lines().iter().zip(placed.order.slots());
    for ((line, slot), (base, recorded)) in lines.zip(placed.prices.iter().zip(placed.outcome.lines())) {
        let price =
            if recorded.price_source() == base.source { extended(&placed.order, line, base)? } else { slot.list };
        if recorded.list().minor() != slot.list || recorded.priced().minor() != price {
            return Err(disagrees("prices".to_owned(), line.id()));
        }
    }
    Ok(())
}

/// A subscription, kept beside its order.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SubscriptionForm {
    version: u32,
    billing: Billing,
    #[serde(skip_serializing_if = "is_zero", default)]
    trial_days: u32,
    payments_made: u32,
    first: Vec<PeriodLine>,
    /// What each code left over, by answer; nothing where none did.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    carried: Vec<String>,
    terms: PlacedOrder,
}

fn is_zero(value: &u32) -> bool {
    *value == 0
}

impl Serialize for Subscription {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let any = self.carried.iter().any(|left| *left != 0);
        let text = |left: &i64| Money::new(*left, self.terms.order.currency()).amount_text();
        let form = SubscriptionForm {
            version: self.terms.semantics,
            billing: self.billing,
            trial_days: self.trial_days,
            payments_made: self.made,
            first: self.first.clone(),
            carried: if any { self.carried.iter().map(text).collect() } else { Vec::new() },
            terms: self.terms.clone(),
        };
        form.serialize(serializer)
    }
}

/// Reads what was written, checked: the lines are billed as it says, and the figures of the first payment go together.
impl<'de> Deserialize<'de> for Subscription {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        SubscriptionForm::deserialize(deserializer)?.read().map_err(de::Error::custom)
    }
}

impl SubscriptionForm {
    fn read(self) -> Result<Subscription, Error> {
        let (order, outcome) = (&self.terms.order, &self.terms.outcome);
        if self.version != self.terms.semantics {
            return Err(disagrees("version".to_owned(), self.version));
        }
        if self.trial_days > Trial::MAX_DAYS {
            let why = Why::OutOfRange { min: "0".to_owned(), max: Trial::MAX_DAYS.to_string() };
            return Err(Error::invalid("trial_days", self.trial_days, why));
        }
        if self.payments_made == 0 {
            return Err(Error::invalid("payments_made", 0, Why::Zero));
        }
        if self.billing.payments().unwrap_or(Subscription::MAX_PAYMENTS) < self.payments_made {
            return Err(disagrees("payments_made".to_owned(), self.payments_made));
        }
        if !order.lines().iter().map(crate::order::Line::id).eq(self.first.iter().map(PeriodLine::line)) {
            return Err(disagrees("first".to_owned(), self.first.len()));
        }
        let otherwise = |line: &&crate::order::Line| line.billing() != Some(&self.billing);
        if let Some(line) = order.lines().iter().find(otherwise) {
            return Err(disagrees("billing".to_owned(), line.id()));
        }
        for (i, line) in self.first.iter().enumerate() {
            first_line(line, outcome).map_err(|error| error.under(&format!("first[{i}]")))?;
        }
        let answers = outcome.answers().len();
        let carried = match self.carried.len() {
            0 => vec![0; answers],
            given if given == answers => {
                let read = |(i, text): (usize, &String)| amount(text, order.currency(), format!("carried[{i}]"));
                let read = self.carried.iter().enumerate().map(read);
                read.map(|left| left.map(Money::minor)).collect::<Result<_, _>>()?
            }
            given => return Err(disagrees("carried".to_owned(), given)),
        };
        let (trial_days, made) = (self.trial_days, self.payments_made);
        Ok(Subscription { terms: self.terms, billing: self.billing, trial_days, first: self.first, carried, made })
    }
}

/// What was paid of one line: in the currency of the order, nothing below zero, and adding up.
fn first_line(line: &PeriodLine, outcome: &Outcome) -> Result<(), Error> {
    let tax = line.tax.unwrap_or(Money::zero(outcome.currency()));
    let all = [line.priced, line.discount, line.third_party, line.taxable, line.net, tax, line.payable];
    if let Some(stray) = all.iter().find(|amount| amount.currency() != outcome.currency()) {
        let why = Why::CurrencyMismatch { expected: outcome.currency() };
        return Err(Error::invalid("payable", stray, why));
    }
    if let Some(below) = all.iter().find(|amount| amount.is_negative()) {
        return Err(Error::invalid("payable", below, Why::Negative));
    }
    let wide = |amount: Money| i128::from(amount.minor());
    let left = wide(line.priced).saturating_sub(wide(line.discount));
    let (net, payable) = match outcome.price_mode() {
        PriceMode::TaxExclusive => (wide(line.taxable), left.saturating_add(wide(tax))),
        PriceMode::TaxInclusive => (wide(line.taxable).saturating_sub(wide(tax)), left),
    };
    let agrees = wide(line.taxable) == left.saturating_add(wide(line.third_party));
    if !agrees || wide(line.net) != net || wide(line.payable) != payable {
        return Err(disagrees("payable".to_owned(), line.payable));
    }
    Ok(())
}
