//! Who takes part in a recurring run, and what became of it.

use std::fmt;
use std::sync::Arc;

use crate::customer::Customer;
use crate::error::Error;
use crate::key::PaymentOptionId;
use crate::order::{LineId, Order};
use crate::outcome::{Flag, Outcome};
use crate::refusal::{LineRefusal, OrderRefusal};
use crate::request::Reference;
use crate::shop::AllowanceUsage;

/// One customer who may take part in a [recurring run](crate::Shop::price_run), with the reference under which this
/// customer's order is going to be recorded.
///
/// ```
/// use vouchsafe::{Customer, IdentityKey, Member, Reference};
///
/// let ann = Customer::new([IdentityKey::id("ann")?]).with_type("WINE_CLUB".parse()?);
/// let member = Member::new(ann, Reference::Order("2026-04-ann".parse()?)).with_payment_option("INVOICE".parse()?);
/// assert_eq!(member.reference().to_string(), "order 2026-04-ann");
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Member {
    pub(super) customer: Arc<Customer>,
    pub(super) reference: Reference,
    pub(super) allowances: Vec<AllowanceUsage>,
    pub(super) order: Option<Arc<Order>>,
    pub(super) payment_option: Option<PaymentOptionId>,
}

impl Member {
    /// A customer, and the reference of the order or claim: the same one at every attempt, and one of its own for each
    /// member and run.
    #[must_use]
    pub fn new(customer: impl Into<Arc<Customer>>, reference: Reference) -> Self {
        Self { customer: customer.into(), reference, allowances: Vec::new(), order: None, payment_option: None }
    }

    /// What was taken of the allowances before the run began, as the store knows it; what is absent is zero. What the run
    /// itself grants is added by the run.
    #[must_use]
    pub fn with_allowances(mut self, usage: impl IntoIterator<Item = AllowanceUsage>) -> Self {
        self.allowances = usage.into_iter().collect();
        self
    }

    /// An order in place of the template: other quantities, a line left out, the tax rates of another region.
    #[must_use]
    pub fn with_order(mut self, order: impl Into<Arc<Order>>) -> Self {
        self.order = Some(order.into());
        self
    }

    /// A payment option in place of that of the template.
    #[must_use]
    pub fn with_payment_option(mut self, option: PaymentOptionId) -> Self {
        self.payment_option = Some(option);
        self
    }

    /// The customer.
    #[must_use]
    pub fn customer(&self) -> &Customer {
        &self.customer
    }

    /// What the order is recorded under.
    #[must_use]
    pub fn reference(&self) -> &Reference {
        &self.reference
    }

    /// What was taken of the allowances before the run began.
    #[must_use]
    pub fn allowances(&self) -> &[AllowanceUsage] {
        &self.allowances
    }

    /// The order in place of the template.
    #[must_use]
    pub fn order(&self) -> Option<&Order> {
        self.order.as_deref()
    }

    /// The payment option in place of that of the template.
    #[must_use]
    pub fn payment_option(&self) -> Option<&PaymentOptionId> {
        self.payment_option.as_ref()
    }
}

/// One member of the cohort, with what this member's order costs, or with every reason why it cannot be placed.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// let shop = Shop::builder(Policy::storefront(Currency::USD, Zone::UTC))
///     .access(AccessRule::deny(Permission::Buy, Goods::product("RARE".parse()?), Audience::everyone()))
///     .build()?;
/// let rare = Line::new(LineId(1), Product::new("RARE".parse()?), Quantity::ONE, UnitPrice::parse("90.00")?);
/// let (template, everyone) = (Order::builder(Currency::USD).line(rare).build()?, Audience::everyone());
/// let ann = Member::new(Customer::new([IdentityKey::id("ann")?]), Reference::Order("2026-04-ann".parse()?));
///
/// let mut run = shop.price_run(&template, &everyone, parse_instant("2026-04-01T08:00:00Z")?, [ann]);
/// let item = run.next().ok_or("nobody")?;
/// assert!(!item.is_served());
/// assert_eq!(item.reasons(), [NotServed::Line { line: LineId(1), refusal: LineRefusal::NotPurchasable }]);
/// assert_eq!(item.reasons()[0].to_string(), "line 1: the customer may not buy the product");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct RunItem {
    pub(super) member: Member,
    pub(super) outcome: Option<Outcome>,
    pub(super) reasons: Vec<NotServed>,
}

/// Why a member of a run cannot be served. An example stands at [`RunItem`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotServed {
    /// A line cannot be sold to this customer.
    Line {
        /// The line.
        line: LineId,
        /// Why not.
        refusal: LineRefusal,
    },
    /// The order as a whole cannot be placed by this customer.
    Order(OrderRefusal),
    /// Something is counted for each customer, and no identity key of this one counts.
    CustomerRequired,
    /// The order could not be priced at all.
    Error(Error),
}

impl NotServed {
    /// A stable word for the reason: that of the refusal, `customer_required` or `error`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Line { refusal, .. } => refusal.code(),
            Self::Order(refusal) => refusal.code(),
            Self::CustomerRequired => "customer_required",
            Self::Error(_) => "error",
        }
    }
}

/// In a few words, for logs and admin pages.
impl fmt::Display for NotServed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line { line, refusal } => write!(f, "line {line}: {refusal}"),
            Self::Order(refusal) => refusal.fmt(f),
            Self::CustomerRequired => f.write_str("the customer is not known"),
            Self::Error(error) => error.fmt(f),
        }
    }
}

impl RunItem {
    pub(super) fn of(member: Member, priced: Result<Outcome, Error>) -> Self {
        let outcome = match priced {
            Ok(outcome) => outcome,
            Err(error) => return Self { member, outcome: None, reasons: vec![NotServed::Error(error)] },
        };
        let lines = outcome.lines().iter();
        let lines = lines.filter_map(|line| Some(NotServed::Line { line: line.id(), refusal: line.refusal()? }));
        let mut reasons: Vec<NotServed> = lines.collect();
        reasons.extend(outcome.order_refusals().iter().cloned().map(NotServed::Order));
        if outcome.has_flag(Flag::IdentityNeeded) {
            reasons.push(NotServed::CustomerRequired);
        }
        Self { member, outcome: Some(outcome), reasons }
    }

    /// The member.
    #[must_use]
    pub fn member(&self) -> &Member {
        &self.member
    }

    /// Whether the order can be placed as it was priced.
    #[must_use]
    pub fn is_served(&self) -> bool {
        self.reasons.is_empty()
    }

    /// The order priced for this member, where it could be priced; of one who is not served it may have refused lines.
    /// What is recorded for one who is served is its [`redemption`](Outcome::redemption).
    #[must_use]
    pub fn outcome(&self) -> Option<&Outcome> {
        self.outcome.as_ref()
    }

    /// Every reason why the member cannot be served, lines first; empty for one who is.
    #[must_use]
    pub fn reasons(&self) -> &[NotServed] {
        &self.reasons
    }

    /// The member, with what is to be recorded and sent, or with every reason why nothing is.
    ///
    /// # Errors
    /// The [reasons](Self::reasons) of a member who cannot be served.
    pub fn into_parts(self) -> (Member, Result<Outcome, Vec<NotServed>>) {
        match self.outcome {
            Some(outcome) if self.reasons.is_empty() => (self.member, Ok(outcome)),
            _ => (self.member, Err(self.reasons)),
        }
    }
}
