//! A copy of a request with something mended, and what becomes of it.

use chrono::{DateTime, Utc};

use super::{HintStep, HintedCustomer, stand_in};
use crate::coupon::Scope;
use crate::customer::{Customer, IdentityKey, IdentityKind, Membership};
use crate::error::Error;
use crate::evaluate::Scratch;
use crate::key::CustomerTypeId;
use crate::money::{Money, Quantity, UnitPrice};
use crate::order::{Charge, ChargeKind, Line, LineId, Order, Product};
use crate::outcome::{Answer, Outcome};
use crate::refusal::Refusal;
use crate::request::{Presented, Request};
use crate::shop::{Prepared, Shop};

/// A request on trial: what was done to it so far.
#[derive(Debug, Clone)]
pub(super) struct Trial {
    pub(super) order: Order,
    pub(super) customer: Customer,
    pub(super) at: DateTime<Utc>,
    /// Codes of the request that were taken out.
    pub(super) removed: Vec<usize>,
    /// Customers that join.
    pub(super) joining: u64,
    /// The numbers that lines and charges have, or had: sorted. Goods that are made up have others.
    taken: Vec<LineId>,
    pub(super) steps: Vec<HintStep>,
}

/// Evaluates trials, with the buffers for it.
pub(super) struct Bench<'a> {
    pub(super) shop: &'a Shop,
    pub(super) request: Request<'a>,
    pub(super) outcome: Outcome,
    scratch: Scratch,
    codes: Vec<Presented<'a>>,
}

impl<'a> Bench<'a> {
    pub(super) fn new(shop: &'a Shop, request: &Request<'a>) -> Self {
        Self {
            shop,
            request: request.clone(),
            outcome: Outcome::empty(request.reference.clone(), request.order.currency()),
            scratch: Scratch::default(),
            codes: Vec::new(),
        }
    }

    /// Has an automatic offer left out of what is priced next, or made on other terms.
    pub(super) fn try_offer(&mut self, on_trial: Option<(u32, Option<Prepared>)>) {
        self.scratch.try_offer(on_trial);
    }

    /// The automatic offers that were looked at last, by their places in the ranks, each with why it was not made.
    pub(super) fn offers_found(&self) -> Vec<(u32, Vec<Refusal>)> {
        self.scratch.offers_found()
    }

    /// Why one of those was not made.
    pub(super) fn offer_reasons(&self, rank: u32) -> Vec<Refusal> {
        self.scratch.offer_reasons(rank).cloned().collect()
    }

    /// Prices a trial with the codes of the request that were not taken out, and `code` at the end, whether it is one of
    /// them or not. Without `all` those that were taken out are in as well.
    pub(super) fn price(
        &mut self,
        trial: &Trial,
        own: Option<usize>,
        code: Option<Presented<'a>>,
        all: bool,
    ) -> Result<(), Error> {
        self.codes.clear();
        let kept = |i: &usize| Some(*i) != own && (all || !trial.removed.contains(i));
        self.codes.extend(self.request.codes.iter().enumerate().filter(|(i, _)| kept(i)).map(|(_, code)| *code));
        if let Some(mut code) = code {
            code.usage.customers = code.usage.customers.saturating_add(trial.joining);
            self.codes.push(code);
        }
        let request = Request {
            order: &trial.order,
            customer: &trial.customer,
            at: trial.at,
            codes: &self.codes,
            ..self.request.clone()
        };
        self.shop.evaluate_into(&request, &mut self.outcome, &mut self.scratch)
    }

    /// The answer to the code that was priced last.
    pub(super) fn answer(&self) -> Option<&Answer> {
        self.outcome.answers().last()
    }

    pub(super) fn payable(&self) -> Money {
        self.outcome.totals().payable()
    }
}

impl Trial {
    pub(super) fn new(request: &Request<'_>) -> Self {
        let charges = request.order.charges().iter().map(Charge::id);
        let mut taken: Vec<LineId> = request.order.lines().iter().map(Line::id).chain(charges).collect();
        taken.sort_unstable();
        Self {
            order: request.order.clone(),
            customer: request.customer.clone(),
            at: request.at,
            removed: Vec::new(),
            joining: 0,
            taken,
            steps: Vec::new(),
        }
    }

    /// The same with more pieces on a line, or fewer.
    pub(super) fn with_pieces(&self, id: LineId, pieces: u64, step: HintStep) -> Option<Self> {
        let quantity = Quantity::pieces(pieces).ok()?;
        let change = |line: &Line| if line.id() == id { line.of_quantity(quantity) } else { line.clone() };
        self.with_lines(self.order.lines().iter().map(change).collect(), step)
    }

    /// The same without these lines; none where one of them is no line, or where no other is left.
    pub(super) fn without_lines(&self, ids: &[LineId]) -> Option<Self> {
        let all = self.order.lines();
        let lines: Vec<Line> = all.iter().filter(|line| !ids.contains(&line.id())).cloned().collect();
        let known = ids.iter().all(|id| all.iter().any(|line| line.id() == *id));
        self.with_lines(lines, HintStep::RemoveLines(ids.to_vec()))
            .filter(|trial| known && !trial.order.lines().is_empty())
    }

    /// The same with goods that the order does not have, as far as a product can be thought of that is in the scope.
    pub(super) fn with_goods(
        &self,
        of: &Scope,
        each: UnitPrice,
        products: u64,
        pieces: u64,
        step: HintStep,
    ) -> Option<Self> {
        // The scope does not say which products there are, so no more than a handful are made up.
        const MOST: u64 = 100;
        if products > MOST {
            return None;
        }
        let mut lines = self.order.lines().to_vec();
        let mut taken = self.taken.clone();
        let mut free = (1..).map(LineId).filter(|id| self.taken.binary_search(id).is_err());
        let class = self.order.lines().first().and_then(Line::tax_class).cloned();
        for n in 0..products {
            let id = free.next()?;
            let product = product_of(of, n, id)?;
            taken.push(id);
            let line = Line::new(id, product, Quantity::pieces(pieces).ok()?, each);
            lines.push(class.iter().cloned().fold(line, Line::with_tax_class));
        }
        taken.sort_unstable();
        self.with_lines(lines, step).map(|trial| Self { taken, ..trial })
    }

    fn with_lines(&self, lines: Vec<Line>, step: HintStep) -> Option<Self> {
        let order = self.order.with_lines(lines).ok()?;
        Some(Self { order, ..self.clone() }.and(step))
    }

    pub(super) fn later(&self, at: DateTime<Utc>) -> Self {
        let mut trial = self.clone();
        // Only the last of several instants is to be waited for.
        trial.steps.retain(|step| !matches!(step, HintStep::WaitUntil(_)));
        trial.at = at;
        trial.and(HintStep::WaitUntil(at))
    }

    /// The same by somebody of whom no more is known than a key of this kind.
    pub(super) fn identified(&self, kind: IdentityKind) -> Option<Self> {
        let value = if kind == IdentityKind::Email { "somebody@hint.invalid" } else { "hint:somebody" };
        let customer = self.customer_of(IdentityKey::new(kind, value).ok()?);
        Some(Self { customer, ..self.clone() }.and(HintStep::Identify))
    }

    /// The same by the customer of this key.
    pub(super) fn identified_as(&self, key: &IdentityKey, who: HintedCustomer) -> Self {
        let customer = self.customer_of(key.clone());
        Self { customer, ..self.clone() }.and(HintStep::IdentifyAs(who))
    }

    fn customer_of(&self, key: IdentityKey) -> Customer {
        let mut customer =
            Customer::new([key]).with_held(self.customer.held().clone()).with_new(self.customer.is_new());
        for (name, day) in self.customer.dates() {
            customer = customer.with_date(name.clone(), *day);
        }
        customer
    }

    /// The same by a customer of this type.
    pub(super) fn of_type(&self, customer_type: &CustomerTypeId, key: &IdentityKey) -> Self {
        let mut trial = self.identified_as(key, HintedCustomer::OfType(customer_type.clone()));
        trial.customer = trial.customer.with_type(customer_type.clone());
        trial
    }

    /// The same by a member of this group, or, where it is for every group, of one that is made up.
    pub(super) fn member(&self, group: Option<&CustomerTypeId>, key: &IdentityKey) -> Option<Self> {
        let made_up = || CustomerTypeId::new("hint:group").ok();
        let membership = group.cloned().or_else(made_up)?;
        let mut trial = self.identified_as(key, HintedCustomer::Member(group.cloned()));
        trial.customer = trial.customer.with_membership(Membership::new(membership));
        Some(trial)
    }

    /// The same with so many orders before this one, placed at this very instant.
    pub(super) fn after_orders(&self, orders: u64) -> Option<Self> {
        // Each has a time of its own, so no more than a handful are made up.
        const MOST: u64 = 100;
        let history = self.customer.history();
        let now = (0..orders).filter(|_| orders <= MOST).map(|_| self.at);
        let times = history.order_times().iter().copied().chain(now);
        let all = history.orders().saturating_add(orders);
        let history = history.clone().with_order_times(times).with_orders(all);
        let customer = self.customer.clone().with_history(history);
        Some(Self { customer, ..self.clone() }.and(HintStep::OrderFirst(orders))).filter(|_| orders > 0)
    }

    /// The same with so much more spent before.
    pub(super) fn after_spending(&self, amount: Money) -> Option<Self> {
        let history = self.customer.history();
        let spend = history.spend(amount.currency()).checked_add(amount).ok()?;
        let customer = self.customer.clone().with_history(history.clone().with_spend(spend).ok()?);
        Some(Self { customer, ..self.clone() }.and(HintStep::SpendFirst(amount)))
    }

    pub(super) fn paid_by(&self, option: &crate::key::PaymentOptionId) -> Self {
        let order = self.order.clone().with_payment_option(option.clone());
        Self { order, ..self.clone() }.and(HintStep::PayBy(option.clone()))
    }

    pub(super) fn shipped_by(&self, method: &crate::key::ShippingMethodId) -> Option<Self> {
        let change = |charge: &Charge| match charge.kind() {
            ChargeKind::Shipping { .. } => charge.clone().with_method(method.clone()),
            ChargeKind::Fee => charge.clone(),
        };
        let order = self.order.with_charges(self.order.charges().iter().map(change).collect()).ok()?;
        Some(Self { order, ..self.clone() }.and(HintStep::ShipBy(method.clone())))
    }

    pub(super) fn joined_by(&self, customers: u64) -> Self {
        Self { joining: self.joining.saturating_add(customers), ..self.clone() }
            .and(HintStep::BringCustomers(customers))
    }

    pub(super) fn without_code(&self, code: usize) -> Self {
        let mut trial = self.clone();
        trial.removed.push(code);
        trial.and(HintStep::RemoveCode(code))
    }

    /// The same with a code in again that was taken out.
    pub(super) fn with_code_again(&self, code: usize) -> Self {
        let mut trial = self.clone();
        trial.removed.retain(|removed| *removed != code);
        trial.steps.retain(|step| *step != HintStep::RemoveCode(code));
        trial
    }

    fn and(mut self, step: HintStep) -> Self {
        self.steps.push(step);
        self
    }
}

/// The n-th product that can be made up within a scope, for this line; none where the scope asks for what cannot be made up.
fn product_of(scope: &Scope, n: u64, line: LineId) -> Option<Product> {
    let made_up = || stand_in(line).ok().map(Product::new);
    match scope {
        Scope::Open => made_up(),
        Scope::Products(list) => list.get(usize::try_from(n).ok()?).cloned().map(Product::new),
        Scope::Categories(list) => Some(made_up()?.with_categories([list.first()?.clone()])),
        Scope::Tags(list) => Some(made_up()?.with_tags([list.first()?.clone()])),
        Scope::OnSale => Some(made_up()?.with_on_sale(true)),
        Scope::Subsystem(subsystem) => Some(made_up()?.with_subsystem(subsystem.clone())),
        _ => None,
    }
}
