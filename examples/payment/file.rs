//! Orders and coupons in one SQLite file.

use std::collections::BTreeMap;
use std::io::Write;

use chrono::{DateTime, Utc};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection, Row};
use vouchsafe::{Commit, CouponAdmin, CouponStore, Currency, Money, Namespace, Redemption, Reference, SqliteStore};

use super::{Database, Result};

/// The host's one file: its own table of orders, and ours beside it.
struct File {
    connection: SqliteConnection,
    shop: Namespace,
}

impl Database for File {
    fn coupons(&mut self) -> impl CouponAdmin {
        SqliteStore::new(&mut self.connection, self.shop.clone())
    }

    async fn place(&mut self, redemption: &Redemption, at: DateTime<Utc>) -> Result<Commit> {
        let mut transaction = self.connection.begin_with("BEGIN IMMEDIATE").await?;
        let answer = SqliteStore::new(&mut transaction, self.shop.clone()).commit(redemption, at).await?;
        if answer.is_recorded() {
            write(&mut transaction, redemption.reference(), redemption.payable()).await?;
        }
        transaction.commit().await?;
        Ok(answer)
    }

    async fn place_without_coupons(&mut self, order: &Reference, paid: Money) -> Result<()> {
        write(&mut self.connection, order, paid).await
    }

    async fn orders(&mut self) -> Result<BTreeMap<String, Money>> {
        let rows = sqlx::query("SELECT id, paid FROM shop_order").fetch_all(&mut self.connection).await?;
        let amount = |row: &sqlx::sqlite::SqliteRow| Money::new(row.get("paid"), Currency::USD);
        Ok(rows.iter().map(|row| (row.get("id"), amount(row))).collect())
    }
}

/// One order, once.
async fn write(connection: &mut SqliteConnection, order: &Reference, paid: Money) -> Result<()> {
    let insert = sqlx::query("INSERT INTO shop_order (id, paid) VALUES ($1, $2) ON CONFLICT DO NOTHING");
    insert.bind(order.to_string()).bind(paid.minor()).execute(connection).await?;
    Ok(())
}

/// Tells the story on a fresh file.
pub(crate) fn tell(out: &mut dyn Write) -> Result<()> {
    let path = std::env::temp_dir().join(format!("vouchsafe-payment-{}.db", std::process::id()));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let told = runtime.block_on(async {
        let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
        let mut connection = options.connect().await?;
        SqliteStore::migrate(&mut connection).await?;
        sqlx::raw_sql("CREATE TABLE shop_order (id TEXT PRIMARY KEY, paid INTEGER NOT NULL)")
            .execute(&mut connection)
            .await?;
        super::story(File { connection, shop: "theatre".parse()? }, out).await
    });
    std::fs::remove_file(&path)?;
    told
}
