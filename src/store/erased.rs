//! A store behind a pointer, for hosts that choose it at run time.

use std::future::Future;
use std::pin::Pin;

use chrono::{DateTime, Utc};

use super::{Commit, CouponStore, LoadRequest, Loaded, OnVoid, Release, Reserve, StoreError, Void};
use crate::outcome::Redemption;
use crate::request::Reference;

/// The future of an erased store.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// [`CouponStore`] with its futures in boxes, so that a store can stand behind `Box<dyn DynCouponStore>`.
///
/// Every store has it, and nobody implements or calls it by hand: a `Box<dyn DynCouponStore>` and a
/// `&mut dyn DynCouponStore` are [`CouponStore`]s again, with the same verbs. [`CouponAdmin`](crate::CouponAdmin) has no such
/// twin: an admin page is written once over `S: CouponAdmin`, as that trait shows.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// let mut store: Box<dyn DynCouponStore> = Box::new(MemoryStore::new());
/// let order = Reference::Order("o-1".parse()?);
/// assert_eq!(block_on(store.release(&order, parse_instant("2026-03-01T12:00:00Z")?))?, Release::NothingHeld);
/// # Ok(())
/// # }
/// ```
pub trait DynCouponStore: Send {
    /// [`CouponStore::load`].
    fn load_boxed<'a>(&'a mut self, request: &'a LoadRequest) -> BoxFuture<'a, Loaded>;
    /// [`CouponStore::reserve`].
    fn reserve_boxed<'a>(
        &'a mut self,
        redemption: &'a Redemption,
        at: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> BoxFuture<'a, Reserve>;
    /// [`CouponStore::commit`].
    fn commit_boxed<'a>(&'a mut self, redemption: &'a Redemption, at: DateTime<Utc>) -> BoxFuture<'a, Commit>;
    /// [`CouponStore::release`].
    fn release_boxed<'a>(&'a mut self, reference: &'a Reference, at: DateTime<Utc>) -> BoxFuture<'a, Release>;
    /// [`CouponStore::void`].
    fn void_boxed<'a>(&'a mut self, reference: &'a Reference, policy: OnVoid, at: DateTime<Utc>)
    -> BoxFuture<'a, Void>;
}

impl<S: CouponStore> DynCouponStore for S {
    fn load_boxed<'a>(&'a mut self, request: &'a LoadRequest) -> BoxFuture<'a, Loaded> {
        Box::pin(self.load(request))
    }

    fn reserve_boxed<'a>(
        &'a mut self,
        redemption: &'a Redemption,
        at: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> BoxFuture<'a, Reserve> {
        Box::pin(self.reserve(redemption, at, until))
    }

    fn commit_boxed<'a>(&'a mut self, redemption: &'a Redemption, at: DateTime<Utc>) -> BoxFuture<'a, Commit> {
        Box::pin(self.commit(redemption, at))
    }

    fn release_boxed<'a>(&'a mut self, reference: &'a Reference, at: DateTime<Utc>) -> BoxFuture<'a, Release> {
        Box::pin(self.release(reference, at))
    }

    fn void_boxed<'a>(
        &'a mut self,
        reference: &'a Reference,
        policy: OnVoid,
        at: DateTime<Utc>,
    ) -> BoxFuture<'a, Void> {
        Box::pin(self.void(reference, policy, at))
    }
}

impl CouponStore for dyn DynCouponStore + '_ {
    async fn load(&mut self, request: &LoadRequest) -> Result<Loaded, StoreError> {
        self.load_boxed(request).await
    }

    async fn reserve(
        &mut self,
        redemption: &Redemption,
        at: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Reserve, StoreError> {
        self.reserve_boxed(redemption, at, until).await
    }

    async fn commit(&mut self, redemption: &Redemption, at: DateTime<Utc>) -> Result<Commit, StoreError> {
        self.commit_boxed(redemption, at).await
    }

    async fn release(&mut self, reference: &Reference, at: DateTime<Utc>) -> Result<Release, StoreError> {
        self.release_boxed(reference, at).await
    }

    async fn void(&mut self, reference: &Reference, policy: OnVoid, at: DateTime<Utc>) -> Result<Void, StoreError> {
        self.void_boxed(reference, policy, at).await
    }
}

macro_rules! through {
    ($($pointer:ty),*) => {$(
        impl<S: CouponStore + ?Sized> CouponStore for $pointer {
            async fn load(&mut self, request: &LoadRequest) -> Result<Loaded, StoreError> {
                (**self).load(request).await
            }

            async fn reserve(
                &mut self,
                redemption: &Redemption,
                at: DateTime<Utc>,
                until: DateTime<Utc>,
            ) -> Result<Reserve, StoreError> {
                (**self).reserve(redemption, at, until).await
            }

            async fn commit(&mut self, redemption: &Redemption, at: DateTime<Utc>) -> Result<Commit, StoreError> {
                (**self).commit(redemption, at).await
            }

            async fn release(&mut self, reference: &Reference, at: DateTime<Utc>) -> Result<Release, StoreError> {
                (**self).release(reference, at).await
            }

            async fn void(
                &mut self,
                reference: &Reference,
                policy: OnVoid,
                at: DateTime<Utc>,
            ) -> Result<Void, StoreError> {
                (**self).void(reference, policy, at).await
            }
        }
    )*};
}

through!(&mut S, Box<S>);
