//! Orders, coupons and requests in few words.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use vouchsafe::*;

/// The instant of every evaluation that names no other: noon of a day in spring.
pub(crate) const NOON: &str = "2026-03-29T12:00:00Z";

pub(crate) fn at(text: &str) -> DateTime<Utc> {
    parse_instant(text).unwrap()
}

pub(crate) fn usd(text: &str) -> Money {
    Money::parse(text, Currency::USD).unwrap()
}

pub(crate) fn eur(text: &str) -> Money {
    Money::parse(text, Currency::EUR).unwrap()
}

pub(crate) fn price(text: &str) -> UnitPrice {
    UnitPrice::parse(text).unwrap()
}

pub(crate) fn percent(text: &str) -> Percent {
    text.parse().unwrap()
}

pub(crate) fn rate(text: &str) -> TaxRate {
    text.parse().unwrap()
}

pub(crate) fn product(id: &str) -> Product {
    Product::new(id.parse().unwrap())
}

/// One piece of product `P{id}`.
pub(crate) fn line(id: u64, unit_price: &str) -> Line {
    pieces(id, unit_price, 1)
}

/// Several pieces of product `P{id}`.
pub(crate) fn pieces(id: u64, unit_price: &str, quantity: u64) -> Line {
    of(id, product(&format!("P{id}")), unit_price, quantity)
}

/// Several pieces of a given product.
pub(crate) fn of(id: u64, product: Product, unit_price: &str, quantity: u64) -> Line {
    Line::new(LineId(id), product, Quantity::pieces(quantity).unwrap(), price(unit_price))
}

pub(crate) fn discount(id: &str, amount: Money) -> ShopDiscount {
    ShopDiscount::new(id.parse().unwrap(), amount)
}

pub(crate) fn shipping(id: u64, amount: Money) -> Charge {
    Charge::shipping(LineId(id), amount)
}

pub(crate) fn customer(id: &str) -> Customer {
    Customer::new([IdentityKey::id(id).unwrap()])
}

/// A definition whose shared code is its id in capitals. Fields may be overwritten; a field of `null` is left out.
pub(crate) fn coupon(id: &str, fields: Value) -> Coupon {
    draft(id, fields).check().unwrap()
}

/// The same, not checked yet.
pub(crate) fn draft(id: &str, fields: Value) -> CouponDraft {
    let mut document =
        json!({"version": 1, "id": id, "code": id.to_uppercase(), "description": format!("{id} coupon")});
    let target = document.as_object_mut().unwrap();
    for (name, value) in fields.as_object().unwrap() {
        match value {
            Value::Null => target.remove(name),
            value => target.insert(name.clone(), value.clone()),
        };
    }
    serde_json::from_value(document).unwrap()
}

/// What is wrong with a definition, as text.
pub(crate) fn errors(id: &str, fields: Value) -> String {
    draft(id, fields).check().map_or_else(|errors| errors.to_string(), |_| String::new())
}

/// So many percent off each line.
pub(crate) fn percent_off(id: &str, percent: &str) -> Coupon {
    coupon(id, json!({"benefits": [{"percent": {"off": percent}}]}))
}

/// So many percent off the order.
pub(crate) fn order_percent_off(id: &str, percent: &str) -> Coupon {
    coupon(id, json!({"level": "order", "benefits": [{"percent": {"off": percent}}]}))
}

/// So many dollars off, once per order.
pub(crate) fn amount_off(id: &str, dollars: &str) -> Coupon {
    coupon(id, json!({"benefits": [{"amount": {"off": {"USD": dollars}}}]}))
}

/// One code as it is presented.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    typed: String,
    coupon: Option<Coupon>,
    issued: Option<IssuedCode>,
    usage: Usage,
    line: Option<u64>,
    operator: Option<Money>,
    host: Option<Vec<(LineId, Money)>>,
}

impl Entry {
    /// The shared code of a coupon, as it is written.
    pub(crate) fn new(coupon: Coupon) -> Self {
        Self::typed(&coupon.code().map_or(String::new(), ToString::to_string), coupon)
    }

    /// The code of a coupon as somebody types it.
    pub(crate) fn typed(text: &str, coupon: Coupon) -> Self {
        Self { coupon: Some(coupon), ..Self::unknown(text) }
    }

    /// A code that nothing answers to.
    pub(crate) fn unknown(text: &str) -> Self {
        let (usage, typed) = (Usage::default(), text.to_owned());
        Self { typed, coupon: None, issued: None, usage, line: None, operator: None, host: None }
    }

    /// A code that was issued under a definition.
    pub(crate) fn issued(issued: IssuedCode, coupon: Coupon) -> Self {
        let typed = issued.code().to_string();
        Self { issued: Some(issued), ..Self::typed(&typed, coupon) }
    }

    pub(crate) fn usage(mut self, usage: Usage) -> Self {
        self.usage = usage;
        self
    }

    pub(crate) fn on_line(mut self, line: u64) -> Self {
        self.line = Some(line);
        self
    }

    pub(crate) fn operator(mut self, amount: Money) -> Self {
        self.operator = Some(amount);
        self
    }

    pub(crate) fn host(mut self, amounts: &[(u64, Money)]) -> Self {
        self.host = Some(amounts.iter().map(|(id, amount)| (LineId(*id), *amount)).collect());
        self
    }
}

impl From<Coupon> for Entry {
    fn from(coupon: Coupon) -> Self {
        Self::new(coupon)
    }
}

pub(crate) fn issued_code(text: &str, issued_at: &str) -> IssuedCode {
    IssuedCode::new(Code::parse(text, CodeFormat::Standard).unwrap(), at(issued_at))
}

/// One evaluation in preparation: dollars, an anonymous shopper, any number of codes, at noon.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    shop: ShopBuilder,
    order: OrderBuilder,
    customer: Customer,
    entries: Vec<Entry>,
    at: DateTime<Utc>,
    detail: Detail,
    reference: Reference,
    taken: Vec<AllowanceUsage>,
    events: Vec<TypeEvent>,
    actor: Option<ActorId>,
    points: Option<PointsUse>,
}

/// An order in dollars in a shop that takes any number of codes.
pub(crate) fn order(lines: impl IntoIterator<Item = Line>) -> Case {
    order_in(Currency::USD, lines)
}

/// An order in any currency.
pub(crate) fn order_in(currency: Currency, lines: impl IntoIterator<Item = Line>) -> Case {
    order_under(Policy::builder(currency).max_codes(None).build().unwrap(), lines)
}

/// An order under a policy, in its currency.
pub(crate) fn order_under(policy: Policy, lines: impl IntoIterator<Item = Line>) -> Case {
    Case {
        order: Order::builder(policy.currency()).lines(lines),
        shop: Shop::builder(policy),
        customer: Customer::anonymous(),
        entries: Vec::new(),
        at: at(NOON),
        detail: Detail::Reasons,
        reference: Reference::Order("o-1".parse().unwrap()),
        taken: Vec::new(),
        events: Vec::new(),
        actor: None,
        points: None,
    }
}

/// A policy in dollars that takes any number of codes, changed.
pub(crate) fn policy(change: impl FnOnce(PolicyBuilder) -> PolicyBuilder) -> Policy {
    change(Policy::builder(Currency::USD).max_codes(None)).build().unwrap()
}

impl Case {
    pub(crate) fn shop(mut self, change: impl FnOnce(ShopBuilder) -> ShopBuilder) -> Self {
        self.shop = change(self.shop);
        self
    }

    pub(crate) fn order(mut self, change: impl FnOnce(OrderBuilder) -> OrderBuilder) -> Self {
        self.order = change(self.order);
        self
    }

    pub(crate) fn charge(self, charge: Charge) -> Self {
        self.order(|order| order.charge(charge))
    }

    /// One tax rate for everything that names no class.
    pub(crate) fn taxed(self, percent: &str) -> Self {
        self.order(|order| order.default_rate(rate(percent)))
    }

    pub(crate) fn inclusive(self) -> Self {
        self.order(|order| order.price_mode(PriceMode::TaxInclusive))
    }

    pub(crate) fn customer(mut self, customer: Customer) -> Self {
        self.customer = customer;
        self
    }

    pub(crate) fn history(self, history: History) -> Self {
        let customer = self.customer.clone().with_history(history);
        self.customer(customer)
    }

    pub(crate) fn code(mut self, entry: impl Into<Entry>) -> Self {
        self.entries.push(entry.into());
        self
    }

    pub(crate) fn codes<E: Into<Entry>>(self, entries: impl IntoIterator<Item = E>) -> Self {
        entries.into_iter().fold(self, Self::code)
    }

    pub(crate) fn at(mut self, instant: &str) -> Self {
        self.at = at(instant);
        self
    }

    pub(crate) fn traced(mut self) -> Self {
        self.detail = Detail::Trace;
        self
    }

    pub(crate) fn reference(mut self, reference: Reference) -> Self {
        self.reference = reference;
        self
    }

    /// So much is taken of an allowance.
    pub(crate) fn taken(mut self, allowance: &str, units: u64) -> Self {
        self.taken.push(AllowanceUsage::new(allowance.parse().unwrap(), units));
        self
    }

    /// One more thing that happened to the customer's types.
    pub(crate) fn event(mut self, event: TypeEvent) -> Self {
        self.events.push(event);
        self
    }

    pub(crate) fn actor(mut self, actor: &str) -> Self {
        self.actor = Some(actor.parse().unwrap());
        self
    }

    /// So many points are to be redeemed of a balance.
    pub(crate) fn points(mut self, redeem: u64, balance: u64) -> Self {
        self.points = Some(PointsUse::new(redeem, balance));
        self
    }

    pub(crate) fn run(self) -> Outcome {
        self.try_run().unwrap()
    }

    /// The outcome as an order form shows it.
    pub(crate) fn receipt(self) -> String {
        let order = self.order.clone().build().unwrap();
        self.run().receipt(&order).to_string()
    }

    /// Places the order and keeps its terms.
    pub(crate) fn place(self) -> PlacedOrder {
        self.ask(|shop, request| shop.place(request).unwrap()).unwrap()
    }

    pub(crate) fn try_run(self) -> Result<Outcome, Error> {
        let outcome = self.ask(|shop, request| shop.evaluate(request))??;
        consistent(&outcome);
        Ok(outcome)
    }

    fn ask<T>(self, ask: impl FnOnce(&Shop, &Request<'_>) -> T) -> Result<T, Error> {
        let shop = self.shop.build()?;
        let order = self.order.build()?;
        let prepare = |e: &Entry| e.coupon.clone().map(|c| shop.prepare(c)).transpose();
        let prepared: Vec<Option<Prepared>> = self.entries.iter().map(prepare).collect::<Result<_, _>>()?;
        let codes: Vec<Presented<'_>> = self
            .entries
            .iter()
            .zip(&prepared)
            .map(|(entry, prepared)| {
                let mut code = match prepared {
                    Some(prepared) => Presented::new(&entry.typed, prepared),
                    None => Presented::unknown(&entry.typed),
                };
                code = code.with_usage(entry.usage);
                code = entry.issued.as_ref().map_or(code, |issued| code.with_issued(issued));
                code = entry.line.map_or(code, |line| code.on_line(LineId(line)));
                code = entry.operator.map_or(code, |amount| code.with_operator_amount(amount));
                entry.host.as_ref().map_or(code, |amounts| code.with_host_amounts(amounts))
            })
            .collect();
        let request = Request::new(&order, &self.customer, self.reference, self.at).with_type_events(&self.events);
        let request = self.actor.iter().fold(request, Request::with_actor);
        let request = request.with_codes(&codes).with_detail(self.detail).with_allowances(&self.taken);
        let request = self.points.into_iter().fold(request, Request::with_points);
        Ok(ask(&shop, &request))
    }
}

/// What must hold of every outcome whatsoever.
fn consistent(outcome: &Outcome) {
    let sum = |amounts: &mut dyn Iterator<Item = Money>| amounts.map(Money::minor).sum::<i64>();
    let totals = outcome.totals();
    let all = || outcome.lines().iter().chain(outcome.charges());
    for line in all() {
        let figures = [line.priced(), line.coupon_discount(), line.discounted(), line.taxable(), line.payable()];
        assert!(figures.iter().all(|m| !m.is_negative()), "{line:?}");
        let of_line = outcome.adjustments().filter(|a| a.line == line.id()).map(|a| a.amount);
        let points = line.points_discount().minor();
        let discount = line.shop_discount().minor() + line.coupon_discount().minor() + points;
        assert!(points >= 0, "{line:?}");
        assert_eq!(sum(&mut of_line.into_iter()), discount, "{line:?}");
        assert_eq!(line.discounted().minor(), line.priced().minor() - discount, "{line:?}");
        let seller = discount - line.third_party().minor();
        assert_eq!(line.taxable().minor(), line.priced().minor() - seller, "{line:?}");
        assert_eq!(line.payable().minor() + line.third_party().minor(), line.net().minor() + tax(line), "{line:?}");
    }
    let discounts = totals.item_discount().minor() + totals.shipping_discount().minor();
    assert_eq!(sum(&mut outcome.accounts().iter().map(AccountTotal::discount)), fees_off(outcome) + discounts);
    assert_eq!(sum(&mut all().map(LineOutcome::coupon_discount)), totals.coupon_discount().minor());
    assert_eq!(sum(&mut all().map(LineOutcome::points_discount)), totals.points_discount().minor());
    let points = outcome.points().map_or(0, |points| points.discount().minor());
    assert_eq!(points, totals.points_discount().minor());
    assert_eq!(sum(&mut outcome.answers().iter().map(Answer::discount)), totals.coupon_discount().minor());
    assert_eq!(sum(&mut all().map(LineOutcome::taxable)), totals.taxable().minor());
    assert_eq!(sum(&mut all().map(LineOutcome::net)), totals.net().minor());
    assert_eq!(all().map(tax).sum::<i64>(), totals.tax().map_or(0, Money::minor));
    let due = sum(&mut all().map(LineOutcome::payable)) + totals.cash_rounding().minor();
    assert_eq!(due, totals.payable().minor());
    let touching = |a: Adjustment<'_>| match a.source {
        Source::Code(answer) => Some(std::ptr::from_ref(answer)),
        _ => None,
    };
    let touching: HashSet<_> = outcome.adjustments().filter_map(touching).collect();
    for answer in outcome.answers() {
        // Beside a change of type, an applied code may say why its money is refused.
        let explained = answer.is_applied() && !outcome.type_changes().is_empty();
        assert!(explained || (answer.state() == AnswerState::Refused) != answer.reasons().is_empty(), "{answer:?}");
        assert!(answer.is_applied() || answer.discount().is_zero() && !touching.contains(&std::ptr::from_ref(answer)));
    }
}

/// What shops took off fees; no coupon touches those, and no total names it.
fn fees_off(outcome: &Outcome) -> i64 {
    let shop: i64 = outcome.charges().iter().map(|c| c.shop_discount().minor()).sum();
    let coupons: i64 = outcome.charges().iter().map(|c| c.coupon_discount().minor()).sum();
    shop + coupons - outcome.totals().shipping_discount().minor()
}

fn tax(line: &LineOutcome) -> i64 {
    line.tax().map_or(0, Money::minor)
}

/// What coupons took off each line.
pub(crate) fn off(outcome: &Outcome) -> Vec<String> {
    outcome.lines().iter().map(|line| line.coupon_discount().amount_text()).collect()
}

/// What coupons took off in all.
pub(crate) fn total_off(outcome: &Outcome) -> String {
    outcome.totals().coupon_discount().amount_text()
}

/// What the shopper pays.
pub(crate) fn payable(outcome: &Outcome) -> String {
    outcome.totals().payable().amount_text()
}

/// The words for the reasons of each code; an applied one has none.
pub(crate) fn reasons(outcome: &Outcome) -> Vec<Vec<&'static str>> {
    outcome.answers().iter().map(|answer| answer.reasons().iter().map(Refusal::code).collect()).collect()
}

/// The reasons of the one code there is.
pub(crate) fn why(outcome: &Outcome) -> &[Refusal] {
    outcome.answers()[0].reasons()
}

/// Whether the one code there is was applied.
pub(crate) fn applied(outcome: &Outcome) -> bool {
    outcome.answers()[0].is_applied()
}

/// Ids of the coupons that were applied, sorted.
pub(crate) fn winners(outcome: &Outcome) -> Vec<String> {
    let applied = outcome.answers().iter().filter(|answer| answer.is_applied());
    let mut ids: Vec<String> = applied.filter_map(|answer| answer.coupon()).map(ToString::to_string).collect();
    ids.sort();
    ids
}

/// A store in memory with a shop in front of it, as a checkout uses them.
#[derive(Debug, Clone)]
pub(crate) struct Till {
    pub(crate) store: MemoryStore,
    pub(crate) shop: Shop,
}

impl Till {
    /// A till under a policy that takes any number of codes.
    pub(crate) fn new(coupons: impl IntoIterator<Item = Coupon>) -> Self {
        let store = MemoryStore::new();
        for coupon in coupons {
            store.define(coupon).unwrap();
        }
        Self { store, shop: Shop::new(policy(|p| p)) }
    }

    /// Loads, prices one line at this price, and says what is to be recorded.
    pub(crate) fn price(&self, order: &str, who: &Customer, typed: &str, unit_price: &str, instant: &str) -> Outcome {
        let (reference, instant) = (Reference::Order(order.parse().unwrap()), at(instant));
        let load = LoadRequest::new(reference.clone(), Currency::USD, instant);
        let load = load.code(typed).customer(who.keys().iter().cloned());
        let loaded = block_on(self.store.clone().load(&load)).unwrap();
        let prepared = loaded.prepare(&self.shop).unwrap();
        let codes = loaded.presented(&prepared);
        let order = Order::builder(Currency::USD).line(line(1, unit_price)).build().unwrap();
        let request = Request::new(&order, who, reference, instant).with_codes(&codes);
        let outcome = self.shop.evaluate(&request).unwrap();
        consistent(&outcome);
        outcome
    }

    pub(crate) fn commit(&self, outcome: &Outcome, instant: &str) -> Commit {
        block_on(self.store.clone().commit(&outcome.redemption().unwrap(), at(instant))).unwrap()
    }

    pub(crate) fn reserve(&self, outcome: &Outcome, instant: &str, until: &str) -> Reserve {
        block_on(self.store.clone().reserve(&outcome.redemption().unwrap(), at(instant), at(until))).unwrap()
    }

    /// How many uses of a definition are recorded.
    pub(crate) fn used(&self, coupon: &str) -> u64 {
        self.store.counter(&CounterKey::Total { coupon: coupon.parse().unwrap() }, at(NOON)).used
    }
}
