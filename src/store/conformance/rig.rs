//! What an author brings, so that a store can be tried.

use std::future::Future;

use crate::store::CouponAdmin;

/// A fresh store to try, and the ways into it. See the [module](super) for a whole one.
///
/// Every promise gets a rig of its own, with nothing stored. Checkouts of many threads use it at once, each with a
/// connection of its own.
pub trait Rig: Send + Sync + Sized + 'static {
    /// What a handle borrows: a connection to the database.
    type Connection: Send + 'static;
    /// A transaction of the host on such a connection.
    type Transaction<'c>;
    /// A handle on the store.
    type Store<'c>: CouponAdmin;

    /// A store with nothing in it: a database of its own, with its tables. None where there is no database to try the
    /// store on, such as a server that is not installed: then nothing is tried, and the rig should say so aloud.
    fn fresh() -> Option<Self>;

    /// Waits for a future, on whichever thread asks.
    fn wait<F: Future>(&self, work: F) -> F::Output;

    /// One more connection.
    fn connect(&self) -> impl Future<Output = Self::Connection>;

    /// A handle on the store, over a connection.
    fn store<'c>(&self, connection: &'c mut Self::Connection) -> Self::Store<'c>;

    /// A handle on the store of another shop in the same database; where a store keeps one shop only, on another store.
    fn neighbour<'c>(&self, connection: &'c mut Self::Connection) -> Self::Store<'c>;

    /// Begins a transaction of the host. None where the store has none to join: promises about them are not tried then.
    fn begin<'c>(&self, connection: &'c mut Self::Connection) -> impl Future<Output = Option<Self::Transaction<'c>>>;

    /// A handle on the store inside of a transaction.
    fn inside<'t>(&self, transaction: &'t mut Self::Transaction<'_>) -> Self::Store<'t>;

    /// Ends a transaction.
    fn end(&self, transaction: Self::Transaction<'_>, ending: Ending) -> impl Future<Output = ()>;
}

/// How a transaction of the host ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// With everything that was done in it.
    Commit,
    /// As if nothing had been done in it.
    RollBack,
}
