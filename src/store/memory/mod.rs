//! A store in memory: the reference for every other, and all that a test or a single process needs.

mod admin;
mod amend;
mod codes;
mod error;
mod forget;
mod history;
mod issuing;
mod judge;
mod load;
mod points;
mod purge;
mod second;
mod state;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};

pub use error::AdminError;
pub use state::CounterState;

use super::{Commit, CouponStore, Grace, LoadRequest, Loaded, OnVoid, Release, Reserve, StoreError, Void};
use crate::outcome::Redemption;
use crate::request::Reference;

use state::State;

/// A store in memory. Clones are handles on one store, and may be used from many threads.
///
/// It keeps every promise of [`CouponStore`] but one: what it recorded is gone with the process. Its futures are ready
/// at once, so it needs no runtime; [`block_on`](crate::block_on) or any `await` will do.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// let store = MemoryStore::new();
/// store.define(Coupon::builder("spring").code("SPRING").percent_off("10").total_limit(1000).build()?)?;
/// let handle = store.clone();
/// assert!(handle.definition(&"spring".parse()?).is_some());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct MemoryStore {
    state: Arc<Mutex<State>>,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same store with a grace for clocks that are apart, which holds for all handles on it.
    #[must_use]
    pub fn with_grace(self, grace: Grace) -> Self {
        self.lock().grace = grace;
        self
    }

    /// The state. Changes are worked out first and applied without a step that can fail, so that a thread that died
    /// left it whole.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CouponStore for MemoryStore {
    async fn load(&mut self, request: &LoadRequest) -> Result<Loaded, StoreError> {
        Ok(self.lock().load(request))
    }

    async fn reserve(
        &mut self,
        redemption: &Redemption,
        at: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Reserve, StoreError> {
        Ok(self.lock().reserve(redemption, at, until))
    }

    async fn commit(&mut self, redemption: &Redemption, at: DateTime<Utc>) -> Result<Commit, StoreError> {
        Ok(self.lock().commit(redemption, at))
    }

    async fn release(&mut self, reference: &Reference, at: DateTime<Utc>) -> Result<Release, StoreError> {
        Ok(self.lock().release(reference, at))
    }

    async fn void(&mut self, reference: &Reference, policy: OnVoid, at: DateTime<Utc>) -> Result<Void, StoreError> {
        Ok(self.lock().void(reference, policy, at))
    }
}
