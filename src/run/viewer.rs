//! What one customer sees, product by product.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::listing::Listing;
use super::view::{NextPrice, ProductView, ViewedPrice};
use crate::customer::Customer;
use crate::error::{Error, Why};
use crate::evaluate::missing_permission;
use crate::key::PaymentOptionId;
use crate::money::{Currency, Quantity};
use crate::policy::NoIdentity;
use crate::refusal::LineRefusal;
use crate::shop::{AllowanceUsage, Ask, Available, Candidate, Entitled, Excess, Ledger, Quantities, Shop, Standing};

/// One customer in front of the shelves at one instant (S38, S41). What holds for every product (types, price lists,
/// payment options) is worked out once; each product then costs a few look-ups and allocates nothing.
///
/// It goes by the types that the customer has: what a code would change before pricing, an evaluation says.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// let shop = Shop::builder(Policy::storefront(Currency::USD, Zone::UTC))
///     .default_type("RETAIL".parse()?)
///     .customer_type("WHOLESALE".parse()?)
///     .price("WHOLESALE".parse()?, "BOOT".parse()?, Currency::USD, UnitPrice::parse("119.00")?)
///     .visible_only_to("SAMPLE".parse()?, ["WHOLESALE".parse()?])
///     .build()?;
/// let catalogue = [
///     Listing::new(Product::new("BOOT".parse()?), UnitPrice::parse("199.00")?),
///     Listing::new(Product::new("SAMPLE".parse()?), UnitPrice::parse("1.00")?),
/// ];
/// let at = parse_instant("2026-03-29T12:00:00Z")?;
/// let prices = |customer: &Customer| -> Vec<String> {
///     let viewer = shop.viewer(customer, at);
///     viewer.catalogue(&catalogue).filter_map(|view| Some(view.price()?.unit().to_string())).collect()
/// };
/// assert_eq!(prices(&Customer::anonymous()), ["199"]);
/// assert_eq!(prices(&Customer::anonymous().with_type("WHOLESALE".parse()?)), ["119", "1"]);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Viewer<'a> {
    shop: &'a Shop,
    customer: &'a Customer,
    at: DateTime<Utc>,
    currency: Currency,
    standing: Standing,
    entitled: Entitled,
    ledger: Ledger,
    payment_options: Option<Arc<[PaymentOptionId]>>,
    /// What is counted for each customer is not sold to this one, of whom no key counts.
    unknown: bool,
}

impl Shop {
    /// A customer in front of the shelves, with prices in the currency of the policy and nothing taken of any allowance.
    #[must_use]
    pub fn viewer<'a>(&'a self, customer: &'a Customer, at: DateTime<Utc>) -> Viewer<'a> {
        let standing = self.standing(customer, at);
        let mut entitled = Entitled::default();
        self.entitle(&standing, customer.keys(), at, &mut entitled);
        let kinds = self.policy().identity_kinds();
        let known = customer.keys().iter().any(|key| kinds.contains(&key.kind()));
        Viewer {
            shop: self,
            customer,
            at,
            currency: self.policy().currency(),
            payment_options: self.payment_options(&standing).map(|offered| offered.into_iter().cloned().collect()),
            standing,
            entitled,
            ledger: Ledger::new(customer.allowance_grants(), &[], at),
            unknown: !known && self.policy().no_identity() == NoIdentity::Refuse,
        }
    }

    /// One product as one customer sees it, with nothing taken of any allowance. Keep the [`viewer`](Self::viewer) for many
    /// products of one customer, and for what [is taken](Viewer::with_allowances).
    ///
    /// Automatic offers of the shop are not in it: they are priced in an order, where they depend on everything else that is
    /// bought. What they take off a product that is bought alone, [`Viewer::offered`] tells.
    ///
    /// ```
    /// use vouchsafe::{Currency, Customer, Listing, Policy, Product, Shop, UnitPrice, parse_instant};
    ///
    /// let shop = Shop::new(Policy::builder(Currency::USD).build()?);
    /// let boot = Listing::new(Product::new("BOOT".parse()?), UnitPrice::parse("199.00")?);
    /// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
    /// assert!(shop.view(&boot, &customer, at).is_buyable());
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    #[must_use]
    pub fn view<'l>(&'l self, listing: &'l Listing, customer: &Customer, at: DateTime<Utc>) -> ProductView<'l> {
        view(self, &self.viewer(customer, at), listing)
    }
}

impl<'a> Viewer<'a> {
    /// What is taken of the allowances, as the store knows it; what is absent is zero.
    /// [`Shop::allowance_counters_of`] says what to ask for.
    #[must_use]
    pub fn with_allowances(mut self, usage: &[AllowanceUsage]) -> Self {
        self.ledger = Ledger::new(self.customer.allowance_grants(), usage, self.at);
        self
    }

    /// Shows prices in another currency than that of the policy: list prices handed in are of that currency then.
    ///
    /// # Errors
    /// [`Why::CurrencyMismatch`] at `currency` where the policy does not accept it.
    pub fn in_currency(mut self, currency: Currency) -> Result<Self, Error> {
        let policy = self.shop.policy();
        if !policy.accepts(currency) {
            let why = Why::CurrencyMismatch { expected: policy.currency() };
            return Err(Error::invalid("currency", currency, why));
        }
        self.currency = currency;
        Ok(self)
    }

    pub(super) fn shop(&self) -> &'a Shop {
        self.shop
    }

    pub(super) fn customer(&self) -> &'a Customer {
        self.customer
    }

    pub(super) fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// What the customer is to the shop.
    #[must_use]
    pub fn standing(&self) -> &Standing {
        &self.standing
    }

    /// The payment options that are offered to the customer, the preferred ones in front (S39, S41); none where the shop
    /// leaves them to the host, and an empty list where it offers none to this customer.
    #[must_use]
    pub fn payment_options(&self) -> Option<&[PaymentOptionId]> {
        self.payment_options.as_deref()
    }

    /// One product as the customer sees it.
    #[must_use]
    pub fn view<'l>(&self, listing: &'l Listing) -> ProductView<'l>
    where
        'a: 'l,
    {
        view(self.shop, self, listing)
    }

    /// The products that the customer sees, in the order given (S38): one pass, one product at a time.
    pub fn catalogue<'l>(
        &self,
        listings: impl IntoIterator<Item = &'l Listing>,
    ) -> impl Iterator<Item = ProductView<'l>>
    where
        'a: 'l,
    {
        listings.into_iter().map(|listing| self.view(listing)).filter(ProductView::is_visible)
    }
}

/// The shop stands beside its viewer so that a view may outlive the viewer.
fn view<'l>(shop: &'l Shop, viewer: &Viewer<'_>, listing: &'l Listing) -> ProductView<'l> {
    let product = listing.product();
    let mut view = ProductView {
        product,
        currency: viewer.currency,
        visible: true,
        price: None,
        next_price: None,
        refusal: missing_permission(shop.permitted(product, &viewer.standing)),
        smallest_order: 1,
        min: None,
        max: None,
        increment: None,
        left: None,
        left_until: None,
        payment_options: None,
    };
    if view.refusal == Some(LineRefusal::NotVisible) {
        view.visible = false;
        return view;
    }
    view.payment_options.clone_from(&viewer.payment_options);
    let available = shop.available(product, &viewer.standing, &viewer.ledger);
    let quantities = available.quantities;
    (view.min, view.max, view.increment) = (quantities.min, quantities.max, quantities.increment);
    view.smallest_order = quantities.smallest();
    (view.left, view.left_until) = (available.left(), available.until());
    if view.refusal == Some(LineRefusal::PriceNotVisible) {
        return view;
    }
    let ask = Ask {
        product,
        list_price: listing.list_price(),
        customer_price: listing.customer_price(),
        millionths: Ask::pieces(view.smallest_order.into()),
        currency: viewer.currency,
    };
    let price = shop.price_of(&viewer.standing, &viewer.entitled, &ask);
    view.price = Some(viewed(&viewer.standing, &price, listing));
    view.refusal = view.refusal.or_else(|| not_sold(&available, view.smallest_order, viewer.unknown));
    if view.refusal.is_none() {
        let most = u64::from(view.max.unwrap_or(u32::MAX)).min(view.left.unwrap_or(u64::MAX));
        let below = (price.price, view.increment.unwrap_or(1), most);
        let next = shop.next_price(&viewer.standing, &viewer.entitled, &ask, below);
        view.next_price = next.map(|(from, unit)| NextPrice { from, unit });
    }
    view
}

fn viewed<'s>(standing: &Standing, price: &Candidate<'s>, listing: &Listing) -> ViewedPrice<'s> {
    ViewedPrice {
        unit: price.price,
        source: price.source(),
        customer_type: price.customer_type(standing.types()).cloned(),
        price_list: price.list.map(|(_, list)| list),
        list_price: listing.list_price(),
    }
}

/// Why not even the smallest order of a product is sold, in the order in which an evaluation finds it.
fn not_sold(available: &Available, smallest: u32, unknown: bool) -> Option<LineRefusal> {
    let Quantities { min, max, increment, .. } = available.quantities;
    if smallest > Quantity::MAX {
        // Two rules that leave no quantity in common: as of one piece.
        let required = min.filter(|min| *min > 1).map(|required| LineRefusal::BelowMinimum { required, found: 1 });
        return required.or(increment.map(|increment| LineRefusal::NotAMultiple { increment, found: 1 }));
    }
    if let Some(allowed) = max.filter(|max| *max < smallest) {
        return Some(LineRefusal::AboveMaximum { allowed, found: smallest });
    }
    if unknown && available.per_customer {
        return Some(LineRefusal::CustomerRequired);
    }
    [Excess::Cap, Excess::Refuse].into_iter().find_map(|excess| {
        let left = available.left_by(excess).and_then(|left| u32::try_from(left).ok());
        let remaining = left.filter(|left| *left < smallest)?;
        Some(LineRefusal::AllocationExceeded { remaining, requested: smallest })
    })
}
