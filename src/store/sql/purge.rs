//! What is over, taken away in small steps.

use sqlx::Database;

use crate::key::Namespace;
use crate::store::sql::Dialect;
use crate::store::{Grace, Purge, Purged, StoreError};

pub(super) async fn purge<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    what: &Purge,
    grace: Grace,
) -> Result<Purged, StoreError> {
    let _ = (connection, namespace, what, grace);
    Err(StoreError::backend("not built yet"))
}
