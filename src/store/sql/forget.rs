//! Customers who are forgotten.

use sqlx::Database;

use crate::customer::IdentityKey;
use crate::key::Namespace;
use crate::store::sql::Dialect;
use crate::store::{Forgotten, StoreError};

pub(super) async fn forget<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    keys: &[IdentityKey],
) -> Result<Forgotten, StoreError> {
    let _ = (connection, namespace, keys);
    Err(StoreError::backend("not built yet"))
}
