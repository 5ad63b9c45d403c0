//! The store in memory, the reference for the others.

use std::future::Future;

use vouchsafe::store::conformance::{Ending, Rig};
use vouchsafe::*;

/// Two shops, each with a store of its own.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    ours: MemoryStore,
    theirs: MemoryStore,
}

impl Rig for Memory {
    type Connection = Self;
    type Transaction<'c> = Self;
    type Store<'c> = MemoryStore;

    fn fresh() -> Option<Self> {
        Some(Self::default())
    }

    fn wait<F: Future>(&self, work: F) -> F::Output {
        block_on(work)
    }

    async fn connect(&self) -> Self {
        self.clone()
    }

    fn store(&self, connection: &mut Self) -> MemoryStore {
        connection.ours.clone()
    }

    fn neighbour(&self, connection: &mut Self) -> MemoryStore {
        connection.theirs.clone()
    }

    /// It has no transaction to join.
    async fn begin(&self, _: &mut Self) -> Option<Self> {
        None
    }

    fn inside(&self, transaction: &mut Self::Transaction<'_>) -> MemoryStore {
        transaction.ours.clone()
    }

    async fn end(&self, _: Self::Transaction<'_>, _: Ending) {}
}

vouchsafe::conformance!(Memory);
