//! Placing an order: hold, authorise, write, capture.
//!
//! | step | what if it fails |
//! |---|---|
//! | price again | the shopper is shown the new total and agrees to that, or not |
//! | **reserve** | as above; where the store fails, the total is that without coupons |
//! | **authorise** the payment | the hold is released, nothing was charged |
//! | write the order and **commit** the redemption, in one transaction | the authorisation is voided, nothing was charged; where it is the store that fails, the shopper is offered the total without coupons |
//! | **capture** the payment | the order stands and waits for its money; a repeat of the request captures |
//!
//! Everything goes by the id of the order, so that a request may be repeated as often as need be.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{SecondsFormat, TimeDelta};
use serde::{Deserialize, Serialize};
use vouchsafe::*;

use crate::app::{App, now};
use crate::basket::Basket;
use crate::orders::{OrderRow, Orders, PAID, PLACED};
use crate::pricing::{Checkout, Coupons, Priced};
use crate::problem::{Named, Problem, Read, chain};
use crate::shopper::Shopper;

/// How long the codes are held while the payment is authorised.
const HOLD: TimeDelta = TimeDelta::minutes(20);
/// How often a price is worked out again because others were faster, and a transaction begun anew.
const TRIES: u32 = 5;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlaceRequest {
    basket: Basket,
    /// The total that the shopper agreed to, as the quote named it.
    seen: Digest,
    /// The payment provider's token.
    payment: String,
    /// Whether the shopper agreed to go without coupons, having been told that they are unavailable.
    #[serde(default)]
    without_coupons: bool,
}

/// An order as its owner sees it.
#[derive(Debug, Serialize)]
pub(crate) struct PlacedOrder {
    order: String,
    state: String,
    payable: Money,
    placed_at: String,
}

impl PlacedOrder {
    pub(crate) fn of(row: &OrderRow) -> Result<Self, Problem> {
        let OrderRow { id, state, placed_at, .. } = row.clone();
        let currency = row.currency.parse().map_err(|error| Problem::Internal(format!("order {id}: {error}")))?;
        Ok(Self { order: id, state, payable: Money::new(row.payable, currency), placed_at })
    }
}

type Answer = (StatusCode, Json<PlacedOrder>);

pub(crate) async fn place<D: Orders>(
    State(app): State<App<D>>,
    Named(id): Named<String>,
    shopper: Shopper,
    Read(request): Read<PlaceRequest>,
) -> Result<Answer, Problem> {
    let mut checkout = Checkout::new(&app, &id, shopper, request.basket)?;
    if request.without_coupons {
        checkout = checkout.without_coupons();
    }
    if let Some(row) = app.find(&id).await? {
        return app.repeated(&checkout, row).await;
    }
    let (priced, redemption) = app.hold(&checkout, request.seen).await?;

    let payment =
        match app.payments().authorise(&checkout.id, priced.outcome.totals().payable(), &request.payment).await {
            Ok(payment) => payment,
            Err(_) => {
                app.let_go(&checkout).await;
                return Err(Problem::PaymentDeclined);
            }
        };
    let row = OrderRow {
        id,
        account: checkout.shopper.account.clone(),
        state: PLACED.to_owned(),
        currency: priced.outcome.currency().to_string(),
        payable: priced.outcome.totals().payable().minor(),
        payment: i64::try_from(payment).map_err(|error| Problem::Internal(error.to_string()))?,
        placed_at: priced.outcome.at().to_rfc3339_opts(SecondsFormat::Secs, true),
        basket: json(&checkout.basket)?,
        outcome: json(&priced.outcome)?,
    };
    let mut written = app.write(&row, redemption.as_ref()).await;
    if let (Ok(Written::StoreFailed), Some(redemption)) = (&written, &redemption)
        && redemption.coupons().is_empty()
    {
        written = app.write(&row, None).await;
    }
    match written {
        Ok(Written::New) => {
            let order = app.capture(row).await?;
            Ok((StatusCode::CREATED, Json(order)))
        }
        // The same request, sent twice, and the other one was faster. Its payment stands, this one's does not.
        Ok(Written::Before(before)) => {
            app.void_payment(payment).await;
            app.repeated(&checkout, before).await
        }
        // Others took what the hold had when it lapsed, or the order was voided.
        Ok(Written::Refused) => {
            app.void_payment(payment).await;
            Err(Problem::TotalChanged(app.price(&checkout).await?.quote(&checkout)))
        }
        Ok(Written::StoreFailed) => {
            app.void_payment(payment).await;
            Err(Problem::TotalChanged(app.price_without_coupons(&checkout)?.quote(&checkout)))
        }
        Err(problem) => {
            // Whether the transaction went through is not known. Where it did not, the payment is voided; where that
            // cannot be seen either, it stays authorised, and a repeat of the request finds out.
            if matches!(app.find(&row.id).await, Ok(None)) {
                app.void_payment(payment).await;
            }
            Err(problem)
        }
    }
}

pub(crate) async fn read<D: Orders>(
    State(app): State<App<D>>,
    Named(id): Named<String>,
    shopper: Shopper,
) -> Result<Json<PlacedOrder>, Problem> {
    let row = app.find(&id).await?.filter(|row| row.account == shopper.account);
    PlacedOrder::of(&row.ok_or(Problem::NotFound("order"))?).map(Json)
}

/// What became of an order that was to be written.
enum Written {
    New,
    Before(OrderRow),
    Refused,
    /// The store cannot record it, now or later; the order is not written.
    StoreFailed,
}

impl<D: Orders> App<D> {
    pub(crate) async fn find(&self, id: &str) -> Result<Option<OrderRow>, Problem> {
        Ok(D::find(&mut *self.connection().await?, id).await?)
    }

    /// Prices the order once more, at the total that the shopper agreed to, and holds its codes. No redemption where the
    /// store fails and the total is the same without it.
    async fn hold(&self, checkout: &Checkout, seen: Digest) -> Result<(Priced, Option<Redemption>), Problem> {
        for _ in 0..TRIES {
            let priced = self.price(checkout).await?;
            let Ok(redemption) = priced.outcome.redemption() else {
                return Err(Problem::NotPlaceable(priced.quote(checkout)));
            };
            if priced.outcome.digest() != seen {
                return Err(Problem::TotalChanged(priced.quote(checkout)));
            }
            if priced.coupons == Coupons::Unavailable {
                return Ok((priced, None));
            }
            let redemption = redemption.confirming(seen);
            let (at, mut connection) = (now(), self.connection().await?);
            let until = at.checked_add_signed(HOLD).unwrap_or(at);
            match self.store(&mut connection).reserve(&redemption, at, until).await {
                Ok(Reserve::Held { .. } | Reserve::AlreadyRecorded) => return Ok((priced, Some(redemption))),
                Ok(Reserve::Different) => return Err(Problem::OrderDiffers),
                // Others were faster, or a coupon was revised: what does it cost now?
                Ok(Reserve::Refused(_) | Reserve::Stale(_)) => {}
                Err(error) if error.is_retryable() => {}
                Err(error) => {
                    eprintln!("order {} goes without coupons: {}", checkout.id, chain(&error));
                    let priced = self.price_without_coupons(checkout)?;
                    if priced.outcome.digest() != seen {
                        return Err(Problem::TotalChanged(priced.quote(checkout)));
                    }
                    return Ok((priced, None));
                }
            }
        }
        Err(Problem::Unavailable(format!("order {}: others were faster {TRIES} times", checkout.id)))
    }

    /// Writes the order and commits its redemption: both or neither. A transaction that failed is begun anew, which is
    /// safe, since both go by the id of the order.
    async fn write(&self, row: &OrderRow, redemption: Option<&Redemption>) -> Result<Written, Problem> {
        let mut tries = 0_u32;
        loop {
            tries = tries.saturating_add(1);
            match self.try_to_write(row, redemption).await {
                Err(Problem::Unavailable(_)) if tries < TRIES => {}
                // The try before this one came through after all.
                Ok(Written::Before(before)) if before.payment == row.payment => return Ok(Written::New),
                written => return written,
            }
        }
    }

    async fn try_to_write(&self, row: &OrderRow, redemption: Option<&Redemption>) -> Result<Written, Problem> {
        let mut transaction = D::begin_writing(self.pool()).await?;
        if !D::insert(&mut transaction, row).await? {
            let before = D::find(&mut transaction, &row.id).await?;
            transaction.rollback().await?;
            return before.map(Written::Before).ok_or_else(|| Problem::Unavailable(format!("order {}", row.id)));
        }
        if let Some(redemption) = redemption {
            match self.store(&mut transaction).commit(redemption, now()).await {
                Ok(Commit::Recorded | Commit::AlreadyRecorded) => {}
                Ok(Commit::Different) => return Err(Problem::OrderDiffers),
                Ok(Commit::Refused(_) | Commit::Stale(_)) => {
                    transaction.rollback().await?;
                    return Ok(Written::Refused);
                }
                Err(error) if error.is_retryable() => return Err(error.into()),
                Err(error) => {
                    eprintln!("order {} cannot be redeemed: {}", row.id, chain(&error));
                    transaction.rollback().await?;
                    return Ok(Written::StoreFailed);
                }
            }
        }
        transaction.commit().await?;
        Ok(Written::New)
    }

    /// Takes the money for an order that is written. Where the provider cannot, the order waits for it.
    async fn capture(&self, mut row: OrderRow) -> Result<PlacedOrder, Problem> {
        let captured = match u64::try_from(row.payment) {
            Ok(payment) => self.payments().capture(payment).await.is_ok(),
            Err(_) => false,
        };
        if captured {
            let mut connection = self.connection().await?;
            if D::move_on(&mut connection, &row.id, PLACED, PAID).await? {
                row.state = PAID.to_owned();
            } else if let Some(stands) = D::find(&mut connection, &row.id).await? {
                // It was cancelled, or captured by a repeat, at this very moment.
                row = stands;
            }
        }
        PlacedOrder::of(&row)
    }

    /// The answer to a request whose order is written: the same as the first time.
    async fn repeated(&self, checkout: &Checkout, row: OrderRow) -> Result<Answer, Problem> {
        if row.account != checkout.shopper.account || row.basket != json(&checkout.basket)? {
            return Err(Problem::OrderDiffers);
        }
        let order = if row.state == PLACED { self.capture(row).await? } else { PlacedOrder::of(&row)? };
        Ok((StatusCode::OK, Json(order)))
    }

    /// Lets go of what an order holds. Where that fails, the hold lapses by itself.
    pub(crate) async fn let_go(&self, checkout: &Checkout) {
        let released = match self.connection().await {
            Ok(mut connection) => self.store(&mut connection).release(&checkout.reference(), now()).await,
            Err(error) => Err(StoreError::unavailable(error)),
        };
        if let Err(error) = released {
            eprintln!("order {} holds its codes until they lapse: {}", checkout.id, chain(&error));
        }
    }

    async fn void_payment(&self, payment: u64) {
        if let Err(error) = self.payments().void(payment).await {
            eprintln!("payment {payment} is not voided: {error}");
        }
    }
}

fn json<T: Serialize>(document: &T) -> Result<String, Problem> {
    serde_json::to_string(document).map_err(|error| Problem::Internal(error.to_string()))
}
