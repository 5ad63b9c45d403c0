//! The schema, applied step by step.

use sqlx::{Connection, Database};

use super::{Dialect, SqlStore, Statement};
use crate::store::StoreError;

/// Makes the table that says how far the schema is, and has whoever else migrates wait.
const PREPARE: Statement = Statement {
    sqlite: include_str!("../sqlite/schema/prepare.sql"),
    postgres: include_str!("../postgres/schema/prepare.sql"),
};
const VERSION: Statement = Statement::both("SELECT coalesce(max(version), 0) FROM coupon_schema");
const STEP: Statement = Statement::both("INSERT INTO coupon_schema (version) VALUES ($1)");

impl<D: Dialect> SqlStore<'_, D> {
    /// Brings the tables up to date: all steps in one transaction, or none. Says which version there is now.
    ///
    /// # Errors
    /// The database could not be asked, or it has a later version than this crate knows.
    pub async fn migrate(connection: &mut <D as Database>::Connection) -> Result<i64, StoreError> {
        let bare = !connection.is_in_transaction();
        let version = Self::bring_up_to_date(connection).await;
        if bare && version.is_err() {
            D::mend(connection).await;
        }
        version
    }

    async fn bring_up_to_date(connection: &mut <D as Database>::Connection) -> Result<i64, StoreError> {
        let mut transaction = D::begin(connection).await?;
        D::batch(&mut transaction, D::pick(&PREPARE)).await?;
        let rows = D::rows(&mut transaction, &VERSION, Vec::new()).await?;
        let mut version = rows.first().map_or(Ok(0), |row| row.int(0))?;
        let known = i64::try_from(D::SCHEMA.len()).unwrap_or(i64::MAX);
        if version > known {
            return Err(StoreError::backend(format!("the tables have version {version}, this crate knows {known}")));
        }
        for text in D::SCHEMA.iter().skip(usize::try_from(version).unwrap_or(usize::MAX)) {
            D::batch(&mut transaction, text).await?;
            version = version.saturating_add(1);
            D::execute(&mut transaction, &STEP, vec![version.into()]).await?;
        }
        transaction.commit().await.map_err(D::failure)?;
        Ok(version)
    }
}
