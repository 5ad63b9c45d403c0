//! What an order would cost, to be shown on a page.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use vouchsafe::{Digest, PublicOutcome};

use crate::app::App;
use crate::basket::Basket;
use crate::orders::Orders;
use crate::pricing::{Checkout, Coupons, Priced};
use crate::problem::{Problem, Read};
use crate::shopper::Shopper;

/// An id that the browser chose for this checkout, and keeps until the order is placed: it tells a repeat from a second
/// order.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct QuoteRequest {
    order: String,
    basket: Basket,
}

/// What a browser may see of a price.
#[derive(Debug, Serialize)]
pub(crate) struct Quote {
    order: String,
    /// To be sent back with the order: what was agreed to.
    seen: Digest,
    coupons: Coupons,
    price: PublicOutcome,
}

impl Quote {
    pub(crate) fn new(checkout: &Checkout, priced: &Priced) -> Self {
        let (seen, price) = (priced.outcome.digest(), priced.outcome.public());
        Self { order: checkout.id.to_string(), seen, coupons: priced.coupons, price }
    }
}

pub(crate) async fn quote<D: Orders>(
    State(app): State<App<D>>,
    shopper: Shopper,
    Read(request): Read<QuoteRequest>,
) -> Result<Json<Quote>, Problem> {
    let checkout = Checkout::new(&app, &request.order, shopper, request.basket)?;
    let priced = app.price(&checkout).await?;
    Ok(Json(*priced.quote(&checkout)))
}
