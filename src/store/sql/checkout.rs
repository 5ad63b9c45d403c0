//! The verbs of the checkout.

use chrono::{DateTime, Utc};

use crate::outcome::Redemption;
use crate::request::Reference;
use crate::store::{Commit, CouponStore, LoadRequest, Loaded, OnVoid, Release, Reserve, StoreError, Void};

use super::{Dialect, SqlStore};

impl<D: Dialect> CouponStore for SqlStore<'_, D> {
    async fn load(&mut self, _: &LoadRequest) -> Result<Loaded, StoreError> {
        Err(StoreError::backend("not built yet"))
    }

    async fn reserve(&mut self, _: &Redemption, _: DateTime<Utc>, _: DateTime<Utc>) -> Result<Reserve, StoreError> {
        Err(StoreError::backend("not built yet"))
    }

    async fn commit(&mut self, _: &Redemption, _: DateTime<Utc>) -> Result<Commit, StoreError> {
        Err(StoreError::backend("not built yet"))
    }

    async fn release(&mut self, _: &Reference, _: DateTime<Utc>) -> Result<Release, StoreError> {
        Err(StoreError::backend("not built yet"))
    }

    async fn void(&mut self, _: &Reference, _: OnVoid, _: DateTime<Utc>) -> Result<Void, StoreError> {
        Err(StoreError::backend("not built yet"))
    }
}
