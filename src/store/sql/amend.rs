//! Orders that were changed after they were recorded.

use chrono::{DateTime, Utc};
use sqlx::Database;

use crate::key::Namespace;
use crate::settle::Amended;
use crate::store::sql::Dialect;
use crate::store::{Amend, Grace, StoreError};

pub(super) async fn amend<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    amended: &Amended,
    (at, grace): (DateTime<Utc>, Grace),
) -> Result<Amend, StoreError> {
    let _ = (connection, namespace, amended, at, grace);
    Err(StoreError::backend("not built yet"))
}
