//! What one evaluation is asked: an order, a customer, the codes presented with what the store knows of them, and the
//! instant.

mod draft;
mod issued;
mod points;
mod revocation;
mod type_event;

pub use draft::{IssuedCodeDraft, UsageDraft};
pub use issued::IssuedCode;
pub use points::PointsUse;
pub use revocation::{Revocation, RevocationDraft};
pub use type_event::TypeEvent;

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::customer::Customer;
use crate::key::{ActorId, ClaimId, CustomerTypeId, EventId, OrderId};
use crate::money::Money;
use crate::order::{LineId, Order};
use crate::shop::{AllowanceUsage, Earnings, Prepared};

/// What a redemption is keyed by: an order, or a claim where no order exists yet. The host chooses it, and a repeat
/// with the same reference is the same redemption.
///
/// Take the id of the order or of the checkout, the same one at every attempt. A reference made anew for each attempt
/// would make a retry after a lost answer a second use.
///
/// ```
/// use vouchsafe::Reference;
///
/// let order = Reference::Order("R-20411".parse()?);
/// assert_eq!(order.to_string(), "order R-20411");
/// assert_eq!(serde_json::to_string(&order)?, r#"{"order":"R-20411"}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reference {
    /// An order.
    Order(OrderId),
    /// A claim: a code redeemed before any order exists, such as a pro-form code typed on an empty cart (S8).
    Claim(ClaimId),
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Order(id) => write!(f, "order {id}"),
            Self::Claim(id) => write!(f, "claim {id}"),
        }
    }
}

/// How much of a coupon's limits is taken, as the store knows it: uses recorded and uses held by others, never the
/// hold of this very reference. Evaluation only previews limits; the store enforces them.
///
/// ```
/// use vouchsafe::Usage;
///
/// let usage = Usage::default().with_total(999).with_customer(1);
/// assert_eq!(usage.total(), 999);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    pub(crate) total: u64,
    pub(crate) code: u64,
    pub(crate) customer: u64,
    pub(crate) customer_code: u64,
    pub(crate) units: u64,
    pub(crate) money: Option<Money>,
    pub(crate) first_order_claimed: bool,
    pub(crate) customers: u64,
}

impl Usage {
    /// Uses of the definition.
    #[must_use]
    pub fn with_total(mut self, uses: u64) -> Self {
        self.total = uses;
        self
    }

    /// Uses of the code.
    #[must_use]
    pub fn with_code(mut self, uses: u64) -> Self {
        self.code = uses;
        self
    }

    /// Uses by the customer: the highest count over the identity keys.
    #[must_use]
    pub fn with_customer(mut self, uses: u64) -> Self {
        self.customer = uses;
        self
    }

    /// Uses of the code by the customer: the highest count over the identity keys.
    #[must_use]
    pub fn with_customer_code(mut self, uses: u64) -> Self {
        self.customer_code = uses;
        self
    }

    /// Units discounted so far.
    #[must_use]
    pub fn with_units(mut self, units: u64) -> Self {
        self.units = units;
        self
    }

    /// Money given so far, in the currency of the order.
    #[must_use]
    pub fn with_money(mut self, given: Money) -> Self {
        self.money = Some(given);
        self
    }

    /// Whether another order of this customer already holds a first-order offer.
    #[must_use]
    pub fn with_first_order_claimed(mut self, claimed: bool) -> Self {
        self.first_order_claimed = claimed;
        self
    }

    /// How many different customers have joined the offer, for one that takes effect once enough are together
    /// ([`UniqueCustomers`](crate::UniqueCustomers)). No store counts them: who has joined is the host's to say.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let shop = Shop::new(Policy::order_form(Currency::USD, Zone::UTC));
    /// let hundred = UniqueCustomers::new(std::num::NonZeroU64::MIN.saturating_add(99));
    /// let crowd = Coupon::builder("crowd").code("CROWD").percent_off("30").condition(hundred).build()?;
    /// let crowd = shop.prepare(crowd)?;
    /// let line = Line::new(LineId(1), Product::new("BOOT".parse()?), Quantity::ONE, UnitPrice::parse("50.00")?);
    /// let order = Order::builder(Currency::USD).line(line).build()?;
    /// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
    /// for (joined, payable) in [(99, "50.00 USD"), (100, "35.00 USD")] {
    ///     let codes = [Presented::new("CROWD", &crowd).with_usage(Usage::default().with_customers(joined))];
    ///     let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
    ///     assert_eq!(shop.evaluate(&request)?.totals().payable().to_string(), payable);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_customers(mut self, customers: u64) -> Self {
        self.customers = customers;
        self
    }

    /// How many different customers have joined the offer.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.customers
    }

    /// Uses of the definition.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Uses of the code.
    #[must_use]
    pub fn code(&self) -> u64 {
        self.code
    }

    /// Uses by the customer.
    #[must_use]
    pub fn customer(&self) -> u64 {
        self.customer
    }

    /// Uses of the code by the customer.
    #[must_use]
    pub fn customer_code(&self) -> u64 {
        self.customer_code
    }

    /// Units discounted so far.
    #[must_use]
    pub fn units(&self) -> u64 {
        self.units
    }

    /// Money given so far.
    #[must_use]
    pub fn money(&self) -> Option<Money> {
        self.money
    }

    /// Whether another order of this customer already holds a first-order offer.
    #[must_use]
    pub fn first_order_claimed(&self) -> bool {
        self.first_order_claimed
    }
}

/// A code as the shopper typed it, with what the store knows of it.
///
/// A code that no coupon answers to is presented all the same: it is answered as unknown, and can be counted.
/// [`Loaded::presented`](crate::Loaded::presented) makes it from what a store told. A code that is presented with a
/// definition it does not belong to is answered as unknown too.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// let shop = Shop::new(Policy::association(Currency::USD, Zone::UTC));
/// let course = shop.prepare(Coupon::builder("course").code("COURSE26").percent_off("20").total_limit(50).build()?)?;
/// let codes = [
///     Presented::new("course26", &course).with_usage(Usage::default().with_total(49)).on_line(LineId(1)),
///     Presented::unknown("HELLO"),
/// ];
/// assert_eq!(codes[0].entered(), "course26");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Presented<'a> {
    pub(crate) entered: &'a str,
    pub(crate) coupon: Option<&'a Prepared>,
    pub(crate) issued: Option<&'a IssuedCode>,
    pub(crate) usage: Usage,
    pub(crate) line: Option<LineId>,
    pub(crate) operator_amount: Option<Money>,
    pub(crate) host_amounts: Option<&'a [(LineId, Money)]>,
}

impl<'a> Presented<'a> {
    /// A code and the definition that the store found for it.
    #[must_use]
    pub fn new(entered: &'a str, coupon: &'a Prepared) -> Self {
        Self { coupon: Some(coupon), ..Self::unknown(entered) }
    }

    /// A code for which the store found nothing.
    #[must_use]
    pub fn unknown(entered: &'a str) -> Self {
        Self {
            entered,
            coupon: None,
            issued: None,
            usage: Usage::default(),
            line: None,
            operator_amount: None,
            host_amounts: None,
        }
    }

    /// The issued code behind it, for definitions without a shared code.
    #[must_use]
    pub fn with_issued(mut self, issued: &'a IssuedCode) -> Self {
        self.issued = Some(issued);
        self
    }

    /// How much of its limits is taken.
    #[must_use]
    pub fn with_usage(mut self, usage: Usage) -> Self {
        self.usage = usage;
        self
    }

    /// The line it was entered on; a line holds one code, and codes of the order leave that line alone (S150).
    #[must_use]
    pub fn on_line(mut self, line: LineId) -> Self {
        self.line = Some(line);
        self
    }

    /// The amount that an operator entered (S141).
    #[must_use]
    pub fn with_operator_amount(mut self, amount: Money) -> Self {
        self.operator_amount = Some(amount);
        self
    }

    /// The amounts per line that the host computed.
    #[must_use]
    pub fn with_host_amounts(mut self, amounts: &'a [(LineId, Money)]) -> Self {
        self.host_amounts = Some(amounts);
        self
    }

    /// What was typed.
    #[must_use]
    pub fn entered(&self) -> &'a str {
        self.entered
    }
}

/// How much an outcome tells about the way to it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Detail {
    /// Amounts, and the reasons of refusals.
    #[default]
    Reasons,
    /// A trace of every step and cent besides. Costs nothing where it is not asked for.
    Trace,
}

/// One question to [`Shop::evaluate`](crate::Shop::evaluate). It borrows what the host has at hand; nothing is copied.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let line = Line::new(LineId(1), Product::new("BOOTS".parse()?), Quantity::pieces(2)?, UnitPrice::parse("30.00")?);
/// let order = Order::builder(Currency::USD).line(line).build()?;
/// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
///
/// // Without codes an order is priced as well: customer types, shop discounts and tax are the same.
/// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_detail(Detail::Trace);
/// let outcome = shop.evaluate(&request)?;
/// assert_eq!(outcome.totals().payable().to_string(), "60.00 USD");
/// assert!(outcome.trace().is_some());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Request<'a> {
    pub(crate) order: &'a Order,
    pub(crate) customer: &'a Customer,
    pub(crate) codes: &'a [Presented<'a>],
    pub(crate) reference: Reference,
    pub(crate) at: DateTime<Utc>,
    pub(crate) detail: Detail,
    pub(crate) as_type: Option<&'a CustomerTypeId>,
    pub(crate) type_events: &'a [TypeEvent],
    pub(crate) actor: Option<&'a ActorId>,
    pub(crate) allowances: &'a [AllowanceUsage],
    pub(crate) earnings: Option<&'a Earnings>,
    pub(crate) events: &'a [EventId],
    pub(crate) points: Option<PointsUse>,
}

impl<'a> Request<'a> {
    /// An order of a customer at an instant, without codes.
    #[must_use]
    pub fn new(order: &'a Order, customer: &'a Customer, reference: Reference, at: DateTime<Utc>) -> Self {
        Self {
            order,
            customer,
            codes: &[],
            reference,
            at,
            detail: Detail::Reasons,
            as_type: None,
            type_events: &[],
            actor: None,
            allowances: &[],
            earnings: None,
            events: &[],
            points: None,
        }
    }

    /// The codes that the shopper presented. The order they are in never matters.
    #[must_use]
    pub fn with_codes(mut self, codes: &'a [Presented<'a>]) -> Self {
        self.codes = codes;
        self
    }

    /// The codes that the shopper presented, in the order given.
    #[must_use]
    pub fn codes(&self) -> &'a [Presented<'a>] {
        self.codes
    }

    /// What happened to the customer's types besides the order: sign-ups, and what the merchant decided (S12, S50).
    #[must_use]
    pub fn with_type_events(mut self, events: &'a [TypeEvent]) -> Self {
        self.type_events = events;
        self
    }

    /// Who acts for the customer, such as a sales representative (S42). Prices, visibility and payment are the
    /// customer's; the outcome and the record name the actor.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
    /// let line = Line::new(LineId(1), Product::new("BOOTS".parse()?), Quantity::pieces(1)?, UnitPrice::parse("30.00")?);
    /// let order = Order::builder(Currency::USD).line(line).build()?;
    /// let (client, rep) = (Customer::new([IdentityKey::id("42")?]), "rep-7".parse()?);
    /// let at = parse_instant("2026-03-29T12:00:00Z")?;
    /// let request = Request::new(&order, &client, Reference::Order("o-1".parse()?), at).with_actor(&rep);
    /// let redemption = shop.evaluate(&request)?.redemption()?;
    /// assert_eq!((redemption.actor(), redemption.customer()), (Some(&rep), client.keys()));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_actor(mut self, actor: &'a ActorId) -> Self {
        self.actor = Some(actor);
        self
    }

    /// How much the outcome tells about the way to it.
    #[must_use]
    pub fn with_detail(mut self, detail: Detail) -> Self {
        self.detail = detail;
        self
    }

    /// Asks what the order would cost were this the customer's primary type; everything else about the customer stays,
    /// memberships among it. The figures are those of a customer who has the type.
    ///
    /// The outcome is a preview: it is flagged [`Flag::Preview`](crate::Flag::Preview), it is not placeable, and it
    /// records nothing ([`NotPlaceable::Preview`](crate::NotPlaceable::Preview)). A type that the shop does not know is
    /// an error of the evaluation, at the path `as_type`.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let shop = Shop::builder(Policy::storefront(Currency::USD, Zone::UTC))
    ///     .default_type("RETAIL".parse()?)
    ///     .customer_type(CustomerType::new("CLUB".parse()?))
    ///     .price("CLUB".parse()?, "WINE".parse()?, Currency::USD, UnitPrice::parse("8.00")?)
    ///     .build()?;
    /// let wine = Line::new(LineId(1), Product::new("WINE".parse()?), Quantity::pieces(6)?, UnitPrice::parse("10.00")?);
    /// let order = Order::builder(Currency::USD).line(wine).build()?;
    /// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
    /// let (basket, club) = (Reference::Order("o-1".parse()?), "CLUB".parse()?);
    ///
    /// let request = Request::new(&order, &customer, basket, at);
    /// assert_eq!(shop.evaluate(&request)?.totals().payable().to_string(), "60.00 USD");
    /// let as_member = shop.evaluate(&request.as_type(&club))?;
    /// assert_eq!(as_member.totals().payable().to_string(), "48.00 USD");
    /// assert_eq!(as_member.redemption().unwrap_err(), NotPlaceable::Preview);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn as_type(mut self, customer_type: &'a CustomerTypeId) -> Self {
        self.as_type = Some(customer_type);
        self
    }

    /// What is taken of the shop's allowances, as the store knows it: [`Loaded::allowances`](crate::Loaded::allowances).
    /// Without it nothing is taken, as far as a preview goes; the store counts all the same.
    #[must_use]
    pub fn with_allowances(mut self, taken: &'a [AllowanceUsage]) -> Self {
        self.allowances = taken;
        self
    }

    /// The coupons that the order may earn (S99). Without them nothing is earned.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
    /// let rule = EarnRule::new(PurchaseTrigger::new(Scope::Open).with_pieces(2)?.with_per(Per::Unit));
    /// let earnings = shop.earnings([Coupon::builder("next-time").percent_off("5").earn(rule).build()?])?;
    ///
    /// let line = Line::new(LineId(1), Product::new("BOOTS".parse()?), Quantity::pieces(5)?, UnitPrice::parse("30.00")?);
    /// let order = Order::builder(Currency::USD).line(line).build()?;
    /// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
    /// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_earnings(&earnings);
    /// // Two pairs of pieces, and one piece besides.
    /// assert_eq!(shop.evaluate(&request)?.grants()[0].codes(), 2);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_earnings(mut self, earnings: &'a Earnings) -> Self {
        self.earnings = Some(earnings);
        self
    }

    /// What happened to the customer and may earn a coupon (S25): a sign-up, a newsletter, a page visit. An empty order
    /// under a claim will do, where nothing is bought.
    ///
    /// The host reports what it knows to have happened; an event once, however often it is named. One that no definition
    /// names earns nothing. The same event of the same customer is always the same occasion, so where it may earn again it
    /// needs another name, such as `survey-2026`.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
    /// let newsletter: EventId = "newsletter".parse()?;
    /// let rule = EarnRule::new(newsletter.clone());
    /// let welcome = Coupon::builder("welcome").kind(Kind::Personal).percent_off("10").earn(rule).build()?;
    /// let earnings = shop.earnings([welcome])?;
    ///
    /// let (nothing, ann) = (Order::builder(Currency::USD).build()?, Customer::new([IdentityKey::email("ann@example.com")?]));
    /// let (claim, at) = (Reference::Claim("c-1".parse()?), parse_instant("2026-03-29T12:00:00Z")?);
    /// let events = [newsletter];
    /// let request = Request::new(&nothing, &ann, claim, at).with_earnings(&earnings).with_events(&events);
    /// let outcome = shop.evaluate(&request)?;
    /// assert_eq!(outcome.grants()[0].occasion().as_str(), "event/newsletter");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_events(mut self, events: &'a [EventId]) -> Self {
        self.events = events;
        self
    }

    /// The loyalty points that the customer wants to redeem, and the balance to redeem them from (S29):
    /// [`Loaded::points`](crate::Loaded::points) has what the store knows. What became of it is told by
    /// [`Outcome::points`](crate::Outcome::points). Points are earned without it.
    #[must_use]
    pub fn with_points(mut self, points: PointsUse) -> Self {
        self.points = Some(points);
        self
    }
}
