//! What all requests share, and which request goes where.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

use axum::extract::State;
use axum::routing::{get, post, put};
use axum::{Json, Router};
use chrono::{DateTime, Utc};
use sqlx::Pool;
use sqlx::pool::PoolConnection;
use vouchsafe::{CouponId, LoadedCode, Namespace, Prepared, Shop, SqlStore, StoreError};

use crate::catalogue::{Catalogue, Listed};
use crate::orders::{self, Orders};
use crate::payment::Payments;
use crate::problem::Problem;
use crate::{admin, cancel, place, quote};

/// Why the shop cannot open.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    #[error("the database cannot be used")]
    Database(#[from] sqlx::Error),
    #[error("the tables of the coupons cannot be made")]
    Store(#[from] StoreError),
    #[error("the shop's own documents cannot be used")]
    Documents(#[from] serde_json::Error),
    #[error("the namespace or the catalogue cannot be used")]
    Value(#[from] vouchsafe::Error),
}

/// The shop: one value, shared by all requests.
pub struct App<D: Orders> {
    parts: Arc<Parts<D>>,
}

struct Parts<D: Orders> {
    shop: Shop,
    catalogue: Catalogue,
    pool: Pool<D>,
    namespace: Namespace,
    payments: Arc<Payments>,
    admin_token: Option<String>,
    /// Coupons by revision. Their terms never change under one, so they are prepared once; counters are never kept.
    prepared: RwLock<HashMap<(CouponId, u32), Arc<Prepared>>>,
}

/// Prepared coupons that are kept; a shop with more begins anew rather than to grow for ever.
const MOST_PREPARED: usize = 10_000;

impl<D: Orders> Clone for App<D> {
    fn clone(&self) -> Self {
        Self { parts: self.parts.clone() }
    }
}

impl<D: Orders> App<D> {
    /// Opens a shop on a database, and makes its tables.
    ///
    /// # Errors
    /// The database cannot be used.
    pub async fn open(
        pool: Pool<D>,
        namespace: &str,
        admin_token: Option<String>,
        payments: Arc<Payments>,
    ) -> Result<Self, AppError> {
        orders::migrate(&pool).await?;
        let parts = Parts {
            shop: serde_json::from_str(include_str!("shop.json"))?,
            catalogue: Catalogue::bundled()?,
            pool,
            namespace: namespace.parse()?,
            payments,
            admin_token: admin_token.filter(|token| !token.is_empty()),
            prepared: RwLock::default(),
        };
        Ok(Self { parts: Arc::new(parts) })
    }

    pub(crate) fn shop(&self) -> &Shop {
        &self.parts.shop
    }

    pub(crate) fn catalogue(&self) -> &Catalogue {
        &self.parts.catalogue
    }

    pub(crate) fn pool(&self) -> &Pool<D> {
        &self.parts.pool
    }

    pub(crate) fn payments(&self) -> &Payments {
        &self.parts.payments
    }

    pub(crate) fn admin_token(&self) -> Option<&str> {
        self.parts.admin_token.as_deref()
    }

    pub(crate) async fn connection(&self) -> Result<PoolConnection<D>, sqlx::Error> {
        self.parts.pool.acquire().await
    }

    /// The coupons of this shop, over a connection or a transaction.
    pub(crate) fn store<'c>(&self, connection: &'c mut D::Connection) -> SqlStore<'c, D> {
        SqlStore::new(connection, self.parts.namespace.clone())
    }

    /// The definition of a code, prepared when its revision is first seen; nothing where the code is unknown.
    pub(crate) fn prepare(&self, code: &LoadedCode) -> Result<Option<Arc<Prepared>>, vouchsafe::Error> {
        let Some((coupon, revision)) = code.revision() else { return Ok(None) };
        let key = (coupon.clone(), revision);
        if let Some(kept) = self.parts.prepared.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(Some(kept.clone()));
        }
        let prepared = code.prepare(&self.parts.shop)?.map(Arc::new);
        if let Some(prepared) = &prepared {
            let mut kept = self.parts.prepared.write().unwrap_or_else(PoisonError::into_inner);
            if kept.len() >= MOST_PREPARED {
                kept.clear();
            }
            kept.insert(key, prepared.clone());
        }
        Ok(prepared)
    }
}

/// A host reads the clock, the library never does.
pub(crate) fn now() -> DateTime<Utc> {
    SystemTime::now().into()
}

/// All that can be asked.
pub fn router<D: Orders>(app: App<D>) -> Router {
    let admin = Router::new()
        .route("/coupons", get(admin::list::<D>))
        .route("/coupons/{coupon}", get(admin::read::<D>).put(admin::write::<D>))
        .route("/coupons/{coupon}/status", put(admin::set_status::<D>))
        .route("/coupons/{coupon}/kill", post(admin::kill::<D>))
        .route("/coupons/{coupon}/log", get(admin::log::<D>))
        .route("/coupons/{coupon}/usage", get(admin::usage::<D>))
        .route("/coupons/{coupon}/batches/{batch}", post(admin::batch::<D>))
        .route("/codes/{code}", get(admin::code::<D>))
        .route("/orders/{order}/cancel", post(cancel::by_admin::<D>));
    Router::new()
        .route("/health", get(health::<D>))
        .route("/products", get(products::<D>))
        .route("/quote", post(quote::quote::<D>))
        .route("/orders/{order}", get(place::read::<D>).put(place::place::<D>))
        .route("/orders/{order}/cancel", post(cancel::by_shopper::<D>))
        .nest("/admin", admin)
        .fallback(nothing_there)
        .method_not_allowed_fallback(asked_otherwise)
        .with_state(app)
}

async fn health<D: Orders>(State(app): State<App<D>>) -> Result<Json<serde_json::Value>, Problem> {
    let mut connection = app.connection().await?;
    sqlx::Connection::ping(&mut *connection).await?;
    Ok(Json(serde_json::json!({"status": "open"})))
}

async fn products<D: Orders>(State(app): State<App<D>>) -> Json<Vec<Listed>> {
    Json(app.catalogue().all().cloned().collect())
}

async fn nothing_there() -> Problem {
    Problem::NotFound("page")
}

async fn asked_otherwise() -> Problem {
    Problem::Method
}
