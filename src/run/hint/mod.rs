//! What a shopper could do for more off: other codes of their own, codes and offers that they just missed, the next tier.
//! Nothing is told that was not tried.

mod choices;
mod find;
mod further;
mod offers;
mod people;
mod trial;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::coupon::Scope;
#[cfg(doc)]
use crate::coupon::{Bought, Bundle, BuyGet, NthOff, Steps, Tiers};
use crate::error::Error;
use crate::key::{CouponId, CustomerTypeId, PaymentOptionId, ProductId, ShippingMethodId};
use crate::money::Money;
use crate::order::LineId;
use crate::outcome::PublicGift;
#[cfg(doc)]
use crate::refusal::Refusal;
use crate::request::{Presented, Request};
use crate::shop::Shop;

/// Which code a [`Hint`] is about, or that it is about an automatic offer of the shop.
///
/// ```
/// use vouchsafe::{Hint, HintedCode, Presented};
///
/// /// The code to be entered, as the wallet has it; none where it stands on the order already, or where there is none.
/// fn to_enter<'a>(hint: &Hint, wallet: &[Presented<'a>]) -> Option<&'a str> {
///     match hint.code() {
///         HintedCode::Wallet(i) => wallet.get(i).map(|code| code.entered()),
///         HintedCode::Presented(_) | HintedCode::Offer => None,
///     }
/// }
/// # let _ = to_enter;
/// assert_eq!(serde_json::to_string(&HintedCode::Wallet(2))?, r#"{"wallet":2}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HintedCode {
    /// One of the codes of the request, by its position: it was refused, or could take off [more](Hint::is_more).
    Presented(usize),
    /// One of the wallet, by its position: it was not presented.
    Wallet(usize),
    /// An automatic offer of the shop, of which [`Hint::coupon`] is the id: it is not made, or could take off
    /// [more](Hint::is_more).
    Offer,
}

/// Who somebody would have to be that is not known yet. No customer is named.
///
/// ```
/// use vouchsafe::{HintStep, HintedCustomer};
///
/// let member = HintStep::IdentifyAs(HintedCustomer::Member(Some("CLUB".parse()?)));
/// assert_eq!(serde_json::to_string(&member)?, r#"{"identify_as":{"member":"CLUB"}}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum HintedCustomer {
    /// The one to whom the code was issued.
    Holder,
    /// One of those that the definition lists by their keys or by the domain of their e-mail address.
    Listed,
    /// A customer of this type.
    OfType(CustomerTypeId),
    /// A member of this group, or of any.
    Member(Option<CustomerTypeId>),
}

/// One thing to do, exactly as it was tried.
///
/// ```
/// use vouchsafe::{HintStep, LineId};
///
/// let step = HintStep::AddPieces { line: LineId(7), pieces: 2 };
/// assert_eq!(serde_json::to_string(&step)?, r#"{"add_pieces":{"line":7,"pieces":2}}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum HintStep {
    /// Add so many pieces to a line of the order. The shop's discounts on the line stay as they are.
    AddPieces {
        /// The line.
        line: LineId,
        /// How many more.
        pieces: u64,
    },
    /// Add goods of this scope worth so much, since no line of the order will do: it was tried with one piece of that price.
    AddWorth {
        /// What they have to be.
        of: Scope,
        /// At the price of the customer, before any discount.
        amount: Money,
    },
    /// Add so many pieces of goods of this scope, of different products where `different`, since no line of the order will
    /// do. It was tried with pieces that cost nothing, so what is gained is what the code makes of the order as it is.
    AddGoods {
        /// What they have to be.
        of: Scope,
        /// How many.
        pieces: u64,
        /// Each of another product, and of none that the order has.
        different: bool,
    },
    /// Take so many pieces of a line out.
    TakePieces {
        /// The line.
        line: LineId,
        /// How many fewer; at least one stays.
        pieces: u64,
    },
    /// Take these lines out.
    RemoveLines(Vec<LineId>),
    /// Come back at this instant: the first at which the code is live.
    WaitUntil(DateTime<Utc>),
    /// Log in, or give an e-mail address. It was tried with somebody of whom nothing else is known.
    Identify,
    /// Log in, if that is who the shopper is: nobody is known yet. Not for the public, which is not told whom a code is for.
    IdentifyAs(HintedCustomer),
    /// Place so many other orders first. It was tried as if they were placed at this very instant.
    OrderFirst(u64),
    /// Spend so much in other orders first.
    SpendFirst(Money),
    /// Pay by this option.
    PayBy(PaymentOptionId),
    /// Have it shipped by this method, at the price of the one that was chosen.
    ShipBy(ShippingMethodId),
    /// Bring so many more customers.
    BringCustomers(u64),
    /// Take this code out, by its position in the request.
    RemoveCode(usize),
}

impl HintStep {
    /// Without the members of its scope that were not tried: that the shopper sees goods of the first of several categories
    /// says nothing of the others.
    fn as_tried(&self) -> Self {
        let mut step = self.clone();
        if let Self::AddWorth { of, .. } | Self::AddGoods { of, .. } = &mut step {
            match of {
                Scope::Categories(list) => list.truncate(1),
                Scope::Tags(list) => list.truncate(1),
                _ => {}
            }
        }
        step
    }
}

/// What a shopper could do, and what would be gained. Begun with [`Shop::hints`], where an example stands.
///
/// It is for the host; what a browser may see of it is [`public`](Self::public).
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let fifty = Amounts::new([Money::parse("50.00", Currency::USD)?])?;
/// let fifth = Coupon::builder("q3-push").code("FIFTH").percent_off("20").condition(MinimumSpend::new(fifty)).build()?;
/// let fifth = shop.prepare(fifth)?;
/// let soap = Line::new(LineId(1), Product::new("SOAP".parse()?), Quantity::pieces(3)?, UnitPrice::parse("12.00")?);
/// let order = Order::builder(Currency::USD).line(soap).build()?;
/// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
/// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at);
/// let wallet = [Presented::new("fifth", &fifth)];
/// let hints = shop.hints(&request, &wallet)?;
/// // 36.00; two more are 60.00, and 48.00 with the code.
/// let hint = &hints[0];
/// assert_eq!(hint.code(), HintedCode::Wallet(0));
/// assert_eq!(hint.steps(), [HintStep::AddPieces { line: LineId(1), pieces: 2 }]);
/// assert_eq!((hint.gain().to_string(), hint.payable().to_string()), ("12.00 USD".into(), "48.00 USD".into()));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hint {
    code: HintedCode,
    coupon: CouponId,
    steps: Vec<HintStep>,
    replaces: Vec<usize>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    more: bool,
    gain: Money,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    gifts: Vec<PublicGift>,
    payable: Money,
    #[serde(skip)]
    entered: String,
    #[serde(skip)]
    description: String,
    #[serde(skip)]
    hidden: bool,
}

impl Hint {
    /// The code.
    #[must_use]
    pub fn code(&self) -> HintedCode {
        self.code
    }

    /// Its definition.
    #[must_use]
    pub fn coupon(&self) -> &CouponId {
        &self.coupon
    }

    /// Everything that has to be done, in this order, besides entering the code where it is one of the wallet. Empty where
    /// that is all.
    #[must_use]
    pub fn steps(&self) -> &[HintStep] {
        &self.steps
    }

    /// Codes of the request, by their positions, that are applied without it and not with it, though they stay entered.
    #[must_use]
    pub fn replaces(&self) -> &[usize] {
        &self.replaces
    }

    /// Whether the code, or the offer, takes something off already, and would take off more.
    #[must_use]
    pub fn is_more(&self) -> bool {
        self.more
    }

    /// How much less there is to pay once the steps are done with the code: than with the same goods, at the same time and so
    /// on, and with the codes of the request as they are. More than nothing, unless there are [gifts](Self::gifts). Of an
    /// automatic offer: than in a shop without it.
    ///
    /// Where there is [more](Self::is_more) to be taken off, it is by how much that rises: from 3.50 at 5% of 70.00 to 10.00
    /// at 10% of 100.00 it is 6.50.
    #[must_use]
    pub fn gain(&self) -> Money {
        self.gain
    }

    /// What comes for nothing then, beyond what does without it.
    #[must_use]
    pub fn gifts(&self) -> &[PublicGift] {
        &self.gifts
    }

    /// What there is to pay then.
    #[must_use]
    pub fn payable(&self) -> Money {
        self.payable
    }

    /// What a browser may see; none where it would tell what the public reasons of the policy keep quiet: that a code is
    /// known though it is refused, or which goods there are that the shopper did not see.
    /// Of several categories or tags only the first is named: the one that was tried.
    #[must_use]
    pub fn public(&self) -> Option<PublicHint> {
        let tells = |step: &HintStep| match step {
            HintStep::AddWorth { of, .. } | HintStep::AddGoods { of, .. } => names_products(of),
            HintStep::IdentifyAs(_) => true,
            _ => false,
        };
        if self.hidden || self.steps.iter().any(tells) {
            return None;
        }
        Some(PublicHint {
            entered: self.entered.clone(),
            description: self.description.clone(),
            steps: self.steps.iter().map(HintStep::as_tried).collect(),
            gain: self.gain,
            gifts: self.gifts.clone(),
            payable: self.payable,
        })
    }
}

/// Whether a scope names single products, of which the shopper may not see all.
fn names_products(scope: &Scope) -> bool {
    match scope {
        Scope::Product { .. } | Scope::Products(_) | Scope::ParentProduct { .. } => true,
        Scope::ProductType { parent, .. } => parent.is_some(),
        Scope::All(group) | Scope::Any(group) => group.members().iter().any(names_products),
        Scope::Not(_) => true,
        Scope::Open
        | Scope::Subsystem(_)
        | Scope::Categories(_)
        | Scope::Tags(_)
        | Scope::OnSale
        | Scope::Attribute(_)
        | Scope::PriceRange(_) => false,
    }
}

/// What a browser may see of a [`Hint`]: the code as it was typed or what an offer says of itself, what to do, and what it
/// brings.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let fifty = Amounts::new([Money::parse("50.00", Currency::USD)?])?;
/// let fifth = Coupon::builder("q3-push").code("FIFTH").percent_off("20").condition(MinimumSpend::new(fifty)).build()?;
/// let fifth = shop.prepare(fifth)?;
/// let soap = Line::new(LineId(1), Product::new("SOAP".parse()?), Quantity::pieces(3)?, UnitPrice::parse("12.00")?);
/// let order = Order::builder(Currency::USD).line(soap).build()?;
/// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
/// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at);
/// let wallet = [Presented::new("fifth", &fifth)];
/// let hints = shop.hints(&request, &wallet)?;
/// let seen = hints[0].public().ok_or("to be seen")?; // the code as the wallet has it, and no id of a definition
/// assert_eq!(seen.entered(), "fifth");
/// assert!(!serde_json::to_string(&seen)?.contains("q3-push"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PublicHint {
    #[serde(skip_serializing_if = "String::is_empty")]
    entered: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    description: String,
    steps: Vec<HintStep>,
    gain: Money,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    gifts: Vec<PublicGift>,
    payable: Money,
}

impl PublicHint {
    /// The code, as it was typed or as the wallet has it; empty of an automatic offer.
    #[must_use]
    pub fn entered(&self) -> &str {
        &self.entered
    }

    /// What an automatic offer says of itself; empty of a code.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.description
    }

    /// Everything that has to be done.
    #[must_use]
    pub fn steps(&self) -> &[HintStep] {
        &self.steps
    }

    /// How much less there is to pay then.
    #[must_use]
    pub fn gain(&self) -> Money {
        self.gain
    }

    /// What comes for nothing then, beyond what does without it.
    #[must_use]
    pub fn gifts(&self) -> &[PublicGift] {
        &self.gifts
    }

    /// What there is to pay then.
    #[must_use]
    pub fn payable(&self) -> Money {
        self.payable
    }
}

impl Shop {
    /// What the shopper could do for more off: codes of the wallet that would apply to this order as it stands, codes of the
    /// request or the wallet that were just missed (S26), the next tier of a code that applies, and automatic offers of the
    /// shop that are nearly reached.
    ///
    /// Every hint was tried: what it says was done to a copy of the request and priced, the code was applied there, and
    /// there was less to pay, or as much and a gift more. What a code gives besides (a type, a trial) is no gain. The wallet
    /// is that of the customer; a code of it that was presented as well is left out. The hints with the most to gain come
    /// first, and then those with fewer steps.
    ///
    /// | refused for | the hint |
    /// |---|---|
    /// | [`NotStarted`](Refusal::NotStarted), [`OutsideHours`](Refusal::OutsideHours), [`BlackoutDate`](Refusal::BlackoutDate) | [`WaitUntil`](HintStep::WaitUntil) the instant at which it opens |
    /// | [`LastOrder`](Refusal::LastOrder) | [`WaitUntil`](HintStep::WaitUntil) the first full second at which it is long enough ago; where it must be recent, [`OrderFirst`](HintStep::OrderFirst) |
    /// | [`NthOrder`](Refusal::NthOrder), [`OrdersInPeriod`](Refusal::OrdersInPeriod) | [`OrderFirst`](HintStep::OrderFirst) what is missing, by a customer who is known |
    /// | [`LifetimeSpend`](Refusal::LifetimeSpend) | [`SpendFirst`](HintStep::SpendFirst) what is missing, by a customer who is known |
    /// | [`CustomerRequired`](Refusal::CustomerRequired) | [`Identify`](HintStep::Identify) |
    /// | [`WrongCustomer`](Refusal::WrongCustomer), [`NotThisCustomer`](Refusal::NotThisCustomer), [`MembersOnly`](Refusal::MembersOnly), [`CustomerType`](Refusal::CustomerType) | [`IdentifyAs`](HintStep::IdentifyAs) one of those for whom it is, while nobody is known; for the host alone |
    /// | [`PaymentOption`](Refusal::PaymentOption) | [`PayBy`](HintStep::PayBy) one that is offered |
    /// | [`ShippingMethod`](Refusal::ShippingMethod) | [`ShipBy`](HintStep::ShipBy) one that is offered, where the order has shipping |
    /// | [`UniqueCustomers`](Refusal::UniqueCustomers) | [`BringCustomers`](HintStep::BringCustomers) |
    /// | [`MinimumSpend`](Refusal::MinimumSpend), [`MinimumQuantity`](Refusal::MinimumQuantity), of conditions and of tiers alike | [`AddPieces`](HintStep::AddPieces) to the line that takes the least more; where none will do, [`AddWorth`](HintStep::AddWorth) or [`AddGoods`](HintStep::AddGoods) |
    /// | [`DistinctProducts`](Refusal::DistinctProducts) | [`AddGoods`](HintStep::AddGoods), each different |
    /// | [`MaximumSpend`](Refusal::MaximumSpend) | [`TakePieces`](HintStep::TakePieces) or [`RemoveLines`](HintStep::RemoveLines) of one line |
    /// | [`NotWithLines`](Refusal::NotWithLines), [`NotWithDiscounts`](Refusal::NotWithDiscounts) | [`RemoveLines`](HintStep::RemoveLines) |
    /// | [`NotStackable`](Refusal::NotStackable), [`TooManyCodes`](Refusal::TooManyCodes), [`SameCoupon`](Refusal::SameCoupon), [`BetterInGroup`](Refusal::BetterInGroup), [`TypeConflict`](Refusal::TypeConflict) | [`RemoveCode`](HintStep::RemoveCode): the one without which there is least to pay, or all that must be |
    /// | [`NoBenefit`](Refusal::NoBenefit) of a set ([`BuyGet`], [`NthOff`], [`Bundle`]) | [`AddPieces`](HintStep::AddPieces) that complete it |
    /// | [`NoneOf`](Refusal::NoneOf) | that of the first of its conditions that can be met |
    ///
    /// No hint is told of what nobody can mend: codes that are unknown, withdrawn, switched off, over or used up
    /// ([`LimitReached`](Refusal::LimitReached), [`BudgetExhausted`](Refusal::BudgetExhausted)), a first order that was
    /// placed, a currency without an amount, amounts that an operator or the host hands in. Nor of what a shopper could
    /// mend and the engine cannot try:
    /// - [`NotApplicable`](Refusal::NotApplicable): what goods cost that the order does not have is not known, nor what
    ///   would be gained; nor are goods that were to be [`Bought`] before.
    /// - [`Region`](Refusal::Region), [`NotEnabledHere`](Refusal::NotEnabledHere) and
    ///   [`CustomerAttribute`](Refusal::CustomerAttribute): where the order goes, where it is placed and what is known of the
    ///   customer is the host's to say. A customer who is known is not told to be somebody else.
    /// - [`Excluded`](Refusal::Excluded): what must not hold may be an audience.
    /// - Shipping that is not chosen yet, since its price is not known; and a code that waits for it.
    /// - Goods of a set of which the order has none, and goods that are measured, which are not added to or taken from.
    ///
    /// # Automatic offers
    ///
    /// Of the offers that [could match](crate::Offer) by the products of the order and that are not made for want of an
    /// amount, of pieces, of different products or of a complete set, or for how the order is paid or shipped, the first 16 by
    /// rank are looked at, those that are made in [`Tiers`] or [`Steps`] among them. Nobody is told of one for
    /// whom it is, or when. One for everything that asks for a way to pay, or for goods that the order does not have, could not
    /// match the order, so that it is not looked at.
    ///
    /// # Cost
    ///
    /// It takes some evaluations for each code and offer: as many as there are ways to mend it, of lines at most 16; each
    /// evaluation judges all offers that could match. For a shop with thousands that match most orders it is nothing to ask for on
    /// every page.
    ///
    /// # Errors
    /// As [`evaluate`](Shop::evaluate).
    ///
    /// # Example
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
    /// let fifty = Amounts::new([Money::parse("50.00", Currency::USD)?])?;
    /// let coupon = Coupon::builder("fifty").code("FIFTY").percent_off("20").condition(MinimumSpend::new(fifty)).build()?;
    /// let coupon = shop.prepare(coupon)?;
    /// let soap = Line::new(LineId(1), Product::new("SOAP".parse()?), Quantity::pieces(3)?, UnitPrice::parse("12.00")?);
    /// let order = Order::builder(Currency::USD).line(soap).build()?;
    /// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
    /// let codes = [Presented::new("FIFTY", &coupon)];
    /// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
    ///
    /// let hints = shop.hints(&request, &[])?;
    /// assert_eq!(hints[0].steps(), [HintStep::AddPieces { line: LineId(1), pieces: 2 }]);
    /// // Five pieces are 60.00.
    /// assert_eq!(hints[0].gain().to_string(), "12.00 USD");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Example: a gift that is nearly reached
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let mug: Offer = serde_json::from_str(
    ///     r#"{"id": "mug", "description": "A mug from 50.00",
    ///         "conditions": [{"minimum_spend": {"amounts": {"USD": "50.00"}}}],
    ///         "benefits": [{"gift": {"product": "MUG"}}]}"#,
    /// )?;
    /// let shop = Shop::builder(Policy::storefront(Currency::USD, Zone::UTC)).offer(mug).build()?;
    /// let soap = Line::new(LineId(1), Product::new("SOAP".parse()?), Quantity::pieces(4)?, UnitPrice::parse("12.00")?);
    /// let order = Order::builder(Currency::USD).line(soap).build()?;
    /// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
    /// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at);
    ///
    /// let hints = shop.hints(&request, &[])?;
    /// assert_eq!(hints[0].steps(), [HintStep::AddPieces { line: LineId(1), pieces: 1 }]);
    /// assert_eq!((hints[0].gain().minor(), hints[0].gifts()[0].product().as_str()), (0, "MUG"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Example: an offer that is nearly reached
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let three: Offer = serde_json::from_str(
    ///     r#"{"id": "three", "description": "The third is free",
    ///         "benefits": [{"nth": {"of": 3, "reward": "free"}}]}"#,
    /// )?;
    /// let shop = Shop::builder(Policy::storefront(Currency::USD, Zone::UTC)).offer(three).build()?;
    /// let soap = Line::new(LineId(1), Product::new("SOAP".parse()?), Quantity::pieces(2)?, UnitPrice::parse("12.00")?);
    /// let order = Order::builder(Currency::USD).line(soap).build()?;
    /// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
    /// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at);
    ///
    /// let hints = shop.hints(&request, &[])?;
    /// let seen = hints[0].public().ok_or("nothing to be seen")?;
    /// assert_eq!((hints[0].code(), seen.description()), (HintedCode::Offer, "The third is free"));
    /// assert_eq!(seen.steps(), [HintStep::AddPieces { line: LineId(1), pieces: 1 }]);
    /// assert_eq!(seen.gain().to_string(), "12.00 USD");
    /// # Ok(())
    /// # }
    /// ```
    pub fn hints(&self, request: &Request<'_>, wallet: &[Presented<'_>]) -> Result<Vec<Hint>, Error> {
        find::hints(self, request, wallet)
    }
}

/// A product that stands for goods that are not in the order, by a name of its own for each line.
fn stand_in(line: LineId) -> Result<ProductId, Error> {
    ProductId::new(&format!("hint:{line}"))
}
