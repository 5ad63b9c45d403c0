//! What a shopper could do for more off: other codes of their own, and codes that they just missed. Nothing is told that was
//! not tried.

mod find;
mod trial;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::coupon::Scope;
use crate::error::Error;
use crate::key::{CouponId, PaymentOptionId, ProductId, ShippingMethodId};
use crate::money::Money;
use crate::order::LineId;
use crate::request::{Presented, Request};
use crate::shop::Shop;

/// Which code a [`Hint`] is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HintedCode {
    /// One of the codes of the request, by its position: it was refused.
    Presented(usize),
    /// One of the wallet, by its position: it was not presented.
    Wallet(usize),
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hint {
    code: HintedCode,
    coupon: CouponId,
    steps: Vec<HintStep>,
    replaces: Vec<usize>,
    gain: Money,
    payable: Money,
    #[serde(skip)]
    entered: String,
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

    /// How much less there is to pay once the steps are done with the code: than with the same goods, at the same time and so
    /// on, and with the codes of the request as they are. More than nothing.
    #[must_use]
    pub fn gain(&self) -> Money {
        self.gain
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
            _ => false,
        };
        if self.hidden || self.steps.iter().any(tells) {
            return None;
        }
        Some(PublicHint {
            entered: self.entered.clone(),
            steps: self.steps.iter().map(HintStep::as_tried).collect(),
            gain: self.gain,
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

/// What a browser may see of a [`Hint`]: the code as it was typed, what to do, and what it brings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PublicHint {
    entered: String,
    steps: Vec<HintStep>,
    gain: Money,
    payable: Money,
}

impl PublicHint {
    /// The code, as it was typed or as the wallet has it.
    #[must_use]
    pub fn entered(&self) -> &str {
        &self.entered
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

    /// What there is to pay then.
    #[must_use]
    pub fn payable(&self) -> Money {
        self.payable
    }
}

impl Shop {
    /// What the shopper could do for more off: codes of the wallet that would apply to this order as it stands, and codes
    /// of the request or the wallet that were just missed (S26): 12.30 more, two more of a category, the piece that completes
    /// a set, another hour, a log-in, another code taken out.
    ///
    /// Every hint was tried: what it says was done to a copy of the request and priced, the code was applied there, and
    /// there was less to pay. Nothing is said of codes for which there is nothing to be done, or nothing that a shopper can
    /// do: another region, another type. The wallet is that of the customer; a code of it that was presented as well is left out.
    /// The codes with the most to gain come first, and then those with fewer steps.
    ///
    /// It takes some evaluations for each code: as many as there are ways to mend it, of lines at most 16.
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
    pub fn hints(&self, request: &Request<'_>, wallet: &[Presented<'_>]) -> Result<Vec<Hint>, Error> {
        find::hints(self, request, wallet)
    }
}

/// A product that stands for goods that are not in the order, by a name of its own.
fn stand_in(n: u64) -> Result<ProductId, Error> {
    ProductId::new(&format!("hint:{n}"))
}
