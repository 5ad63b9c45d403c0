//! What an order costs: ask the store what it knows of the codes, and evaluate.
//!
//! A store that fails never prices an order wrongly. It is asked again where that may help; then the order is priced
//! without coupons, and the shopper is told so. A shop that cannot sell because its coupons cannot be read would be the
//! worse shop.

use serde::Serialize;
use vouchsafe::*;

use crate::app::{App, now};
use crate::basket::Basket;
use crate::orders::Orders;
use crate::problem::{Problem, chain};
use crate::quote::Quote;
use crate::shopper::Shopper;

/// How often the store is asked.
const TRIES: u32 = 3;

/// Who orders what, under which id.
#[derive(Debug, Clone)]
pub(crate) struct Checkout {
    pub(crate) id: OrderId,
    pub(crate) shopper: Shopper,
    pub(crate) order: Order,
    /// As the browser sent it, to tell a repeat from another order.
    pub(crate) basket: Basket,
    /// The codes that are to be looked at.
    pub(crate) codes: Vec<String>,
}

/// Whether codes were looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Coupons {
    Checked,
    /// The store failed: the price is that without coupons.
    Unavailable,
}

/// A price, and where it came from.
#[derive(Debug)]
pub(crate) struct Priced {
    pub(crate) outcome: Outcome,
    pub(crate) coupons: Coupons,
}

impl Checkout {
    pub(crate) fn new<D: Orders>(app: &App<D>, id: &str, shopper: Shopper, basket: Basket) -> Result<Self, Problem> {
        let id = id.parse().map_err(|why| Problem::unusable("order", &why))?;
        let order = basket.order(app.shop(), app.catalogue())?;
        let codes = basket.codes.clone();
        Ok(Self { id, shopper, order, basket, codes })
    }

    /// The same for a shopper who has agreed to go without coupons.
    pub(crate) fn without_coupons(self) -> Self {
        Self { codes: Vec::new(), ..self }
    }

    pub(crate) fn reference(&self) -> Reference {
        Reference::Order(self.id.clone())
    }
}

impl Priced {
    pub(crate) fn quote(&self, checkout: &Checkout) -> Box<Quote> {
        Box::new(Quote::new(checkout, self))
    }
}

impl<D: Orders> App<D> {
    /// The price, with its codes if the store can answer.
    pub(crate) async fn price(&self, checkout: &Checkout) -> Result<Priced, Problem> {
        match self.load(checkout).await {
            Ok(loaded) => self.evaluate(checkout, &loaded),
            Err(why) => {
                eprintln!("order {} is priced without coupons: {}", checkout.id, chain(&why));
                self.price_without_coupons(checkout)
            }
        }
    }

    /// The price that nothing but the catalogue is needed for.
    pub(crate) fn price_without_coupons(&self, checkout: &Checkout) -> Result<Priced, Problem> {
        let request = Request::new(&checkout.order, &checkout.shopper.customer, checkout.reference(), now());
        Ok(Priced { outcome: self.shop().evaluate(&request)?, coupons: Coupons::Unavailable })
    }

    async fn load(&self, checkout: &Checkout) -> Result<Loaded, StoreError> {
        let request = LoadRequest::new(checkout.reference(), checkout.order.currency(), now())
            .with_codes(&checkout.codes)
            .customer(self.shop().policy().counted_keys(&checkout.shopper.customer));
        let mut tries = 0_u32;
        loop {
            let loaded = match self.connection().await {
                Ok(mut connection) => {
                    let loaded = self.store(&mut connection).load(&request).await;
                    if loaded.is_err() {
                        // A connection that failed does not go back into the pool unseen.
                        drop(connection.close().await);
                    }
                    loaded
                }
                Err(error) => Err(StoreError::unavailable(error)),
            };
            tries = tries.saturating_add(1);
            match loaded {
                Err(error) if error.is_retryable() && tries < TRIES => {}
                loaded => return loaded,
            }
        }
    }

    fn evaluate(&self, checkout: &Checkout, loaded: &Loaded) -> Result<Priced, Problem> {
        let prepared = loaded.codes().iter().map(|code| self.prepare(code)).collect::<Result<Vec<_>, _>>()?;
        let codes: Vec<Presented<'_>> =
            loaded.codes().iter().zip(&prepared).map(|(code, prepared)| code.presented(prepared.as_deref())).collect();
        // The types that earlier codes gave the customer are the store's to know.
        let customer = loaded.customer(checkout.shopper.customer.clone());
        let request = Request::new(&checkout.order, &customer, checkout.reference(), now()).with_codes(&codes);
        Ok(Priced { outcome: self.shop().evaluate(&request)?, coupons: Coupons::Checked })
    }
}
