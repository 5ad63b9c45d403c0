//! Giving up a basket, or cancelling an order.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use vouchsafe::*;

use crate::admin::Admin;
use crate::app::{App, now};
use crate::orders::{CANCELLED, Orders, PAID, PLACED};
use crate::problem::{Named, Problem, Read};
use crate::shopper::Shopper;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct CancelRequest {
    /// Whether the coupon can be used again. By default a use stays used (S106).
    give_uses_back: bool,
}

#[derive(Debug, Serialize)]
pub(crate) struct Cancelled {
    order: String,
    state: &'static str,
    /// Whether its uses were given back by this very request.
    uses_given_back: bool,
}

/// A shopper gives up a basket, or cancels an order: a use stays used.
pub(crate) async fn by_shopper<D: Orders>(
    State(app): State<App<D>>,
    Named(id): Named<String>,
    shopper: Shopper,
) -> Result<Json<Cancelled>, Problem> {
    match app.find(&id).await? {
        Some(row) if row.account != shopper.account => Err(Problem::NotFound("order")),
        Some(_) => app.cancel(id, OnVoid::KEEP).await,
        None => {
            let reference = Reference::Order(id.parse().map_err(|why| Problem::unusable("order", &why))?);
            match app.store(&mut *app.connection().await?).release(&reference, now()).await? {
                Release::Released => Ok(Json(Cancelled { order: id, state: "given_up", uses_given_back: false })),
                Release::NothingHeld | Release::Recorded => Err(Problem::NotFound("order")),
            }
        }
    }
}

/// An admin cancels an order, and may give its uses back.
pub(crate) async fn by_admin<D: Orders>(
    State(app): State<App<D>>,
    Named(id): Named<String>,
    _: Admin,
    Read(request): Read<CancelRequest>,
) -> Result<Json<Cancelled>, Problem> {
    app.cancel(id, OnVoid::KEEP.with_uses_given_back(request.give_uses_back)).await
}

impl<D: Orders> App<D> {
    /// Marks the order and its redemption as cancelled, in one transaction, and then pays back. Again it pays back what
    /// was not yet paid back, and changes nothing else.
    async fn cancel(&self, id: String, policy: OnVoid) -> Result<Json<Cancelled>, Problem> {
        let mut transaction = D::begin_writing(self.pool()).await?;
        let row = D::find(&mut transaction, &id).await?.ok_or(Problem::NotFound("order"))?;
        let mut uses_given_back = false;
        let from = if row.state == PLACED { PLACED } else { PAID };
        if D::move_on(&mut transaction, &id, from, CANCELLED).await? {
            let reference = Reference::Order(id.parse()?);
            // Nothing is recorded of an order that was placed while the store failed.
            if let Void::Voided { uses_given_back: back, .. } =
                self.store(&mut transaction).void(&reference, policy, now()).await?
            {
                uses_given_back = back;
            }
        }
        transaction.commit().await?;
        let payment = u64::try_from(row.payment).map_err(|error| Problem::Internal(error.to_string()))?;
        self.pay_back(payment).await;
        Ok(Json(Cancelled { order: id, state: CANCELLED, uses_given_back }))
    }

    /// Pays back what was captured, and lets go of what was not, even if it is captured at this very moment.
    async fn pay_back(&self, payment: u64) {
        let payments = self.payments();
        let back = payments.refund(payment).await.is_ok()
            || payments.void(payment).await.is_ok()
            || payments.refund(payment).await.is_ok();
        if !back {
            eprintln!("payment {payment} is not paid back");
        }
    }
}
