//! A copy of a request with something mended, and what becomes of it.

use chrono::{DateTime, Utc};

use super::{HintStep, stand_in};
use crate::coupon::Scope;
use crate::customer::{Customer, IdentityKey};
use crate::error::Error;
use crate::evaluate::Scratch;
use crate::money::{Money, Quantity, UnitPrice};
use crate::order::{Charge, ChargeKind, Line, LineId, Order, Product};
use crate::outcome::{Answer, Outcome};
use crate::request::{Presented, Request};
use crate::shop::Shop;

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
        Self {
            order: request.order.clone(),
            customer: request.customer.clone(),
            at: request.at,
            removed: Vec::new(),
            joining: 0,
            steps: Vec::new(),
        }
    }

    /// The same with more pieces on a line, or fewer.
    pub(super) fn with_pieces(&self, id: LineId, pieces: u64, step: HintStep) -> Option<Self> {
        let quantity = Quantity::pieces(pieces).ok()?;
        let change = |line: &Line| if line.id() == id { line.of_quantity(quantity) } else { line.clone() };
        self.with_lines(self.order.lines().iter().map(change).collect(), step)
    }

    pub(super) fn without_lines(&self, ids: &[LineId]) -> Option<Self> {
        let lines = self.order.lines().iter().filter(|line| !ids.contains(&line.id())).cloned().collect();
        self.with_lines(lines, HintStep::RemoveLines(ids.to_vec()))
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
        let used = |id: u64| {
            let charges = self.order.charges().iter().map(Charge::id);
            self.order.lines().iter().map(Line::id).chain(charges).any(|used| used == LineId(id))
        };
        let mut free = (1..).filter(|id| !used(*id));
        let class = self.order.lines().first().and_then(Line::tax_class).cloned();
        for n in 0..products {
            let product = product_of(of, n)?;
            let line = Line::new(LineId(free.next()?), product, Quantity::pieces(pieces).ok()?, each);
            lines.push(class.iter().cloned().fold(line, Line::with_tax_class));
        }
        self.with_lines(lines, step)
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

    pub(super) fn identified(&self) -> Option<Self> {
        let somebody = Customer::new([IdentityKey::id("hint:somebody").ok()?]);
        let mut customer = somebody.with_held(self.customer.held().clone()).with_new(self.customer.is_new());
        for (name, day) in self.customer.dates() {
            customer = customer.with_date(name.clone(), *day);
        }
        Some(Self { customer, ..self.clone() }.and(HintStep::Identify))
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

    fn and(mut self, step: HintStep) -> Self {
        self.steps.push(step);
        self
    }
}

/// The n-th product that can be made up within a scope; none where the scope asks for what cannot be made up.
fn product_of(scope: &Scope, n: u64) -> Option<Product> {
    let made_up = || stand_in(n).ok().map(Product::new);
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
