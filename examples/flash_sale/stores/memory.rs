//! In this process.

use vouchsafe::MemoryStore;

use super::{Backend, Failure};

#[derive(Debug, Default)]
pub(crate) struct Memory(MemoryStore);

impl Backend for Memory {
    type Connection = MemoryStore;
    type Store<'c> = MemoryStore;

    async fn connect(&self) -> Result<MemoryStore, Failure> {
        Ok(self.0.clone())
    }

    fn store(&self, connection: &mut MemoryStore) -> MemoryStore {
        connection.clone()
    }
}
