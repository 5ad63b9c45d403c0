//! Customers' types: every change, and what they come to.

use chrono::{DateTime, Utc};
use sqlx::Database;

use crate::customer::{Customer, HeldTypes, IdentityKey};
use crate::key::{CustomerTypeId, Namespace};
use crate::request::Reference;
use crate::store::sql::Dialect;
use crate::store::{StoreError, TypeRecord};

pub(super) async fn held_types<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    keys: &[IdentityKey],
) -> Result<HeldTypes, StoreError> {
    let _ = (connection, namespace, keys);
    Err(StoreError::backend("not built yet"))
}

pub(super) async fn type_history<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    key: &IdentityKey,
) -> Result<Vec<TypeRecord>, StoreError> {
    let _ = (connection, namespace, key);
    Err(StoreError::backend("not built yet"))
}

pub(super) async fn customers_of_type<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    customer_type: &CustomerTypeId,
    at: DateTime<Utc>,
) -> Result<Vec<Customer>, StoreError> {
    let _ = (connection, namespace, customer_type, at);
    Err(StoreError::backend("not built yet"))
}

/// Sets the changes of a record back, as [`OnVoid::with_type_reverted`](crate::OnVoid::with_type_reverted) has it; says
/// whether any was. Its customers are to be locked here.
pub(super) async fn revert<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    reference: &Reference,
    at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let _ = (connection, namespace, reference, at);
    Err(StoreError::backend("not built yet"))
}
