//! The stores that a sale can be held on.

use std::error::Error;
use std::future::Future;

use vouchsafe::*;

use super::options::{Options, StoreName};
use super::sale::{Closing, Sale};

mod memory;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

/// Why there is no sale.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("this build has no {0}")]
    #[allow(dead_code)] // a build with all features has all
    NotBuilt(&'static str),
    #[error("cannot connect to the store")]
    #[allow(dead_code)] // memory is always there
    Connect(#[source] Box<dyn Error + Send + Sync>),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the coupons cannot be defined")]
    Define(#[from] AdminFailure),
    #[error("the sale is wrong")]
    Input(#[from] vouchsafe::Error),
    #[error("the coupon is wrong")]
    Definition(#[from] DefinitionErrors),
    #[error("the order cannot be placed")]
    NotPlaceable(#[from] NotPlaceable),
    #[error("a worker stopped")]
    Worker(#[from] tokio::task::JoinError),
}

/// A kind of store: what a worker's connection to it is, and the handle that a checkout has on that.
pub(crate) trait Backend: Send + Sync + 'static {
    type Connection: Send + 'static;
    type Store<'c>: CouponAdmin;

    fn connect(&self) -> impl Future<Output = Result<Self::Connection, Failure>> + Send;
    fn store<'c>(&self, connection: &'c mut Self::Connection) -> Self::Store<'c>;
}

/// Holds the sale on the store that was asked for.
pub(crate) async fn hold(options: &Options) -> Result<Closing, Failure> {
    let sale = Sale::new(options)?;
    match &options.store {
        StoreName::Memory => sale.hold(memory::Memory::default()).await,
        #[cfg(feature = "sqlite")]
        StoreName::Sqlite(file) => sale.hold(sqlite::Sqlite::open(file, shop_of_its_own()?).await?).await,
        #[cfg(not(feature = "sqlite"))]
        StoreName::Sqlite(_) => Err(Failure::NotBuilt("sqlite")),
        #[cfg(feature = "postgres")]
        StoreName::Postgres(url) => sale.hold(postgres::Postgres::open(url, shop_of_its_own()?).await?).await,
        #[cfg(not(feature = "postgres"))]
        StoreName::Postgres(_) => Err(Failure::NotBuilt("postgres")),
    }
}

/// One namespace for each run, so that a database serves many of them.
#[cfg(any(feature = "sqlite", feature = "postgres"))]
fn shop_of_its_own() -> Result<Namespace, vouchsafe::Error> {
    format!("flash-sale-{}", super::sale::now().timestamp_micros()).parse()
}
