//! The store in PostgreSQL beside two tables of two columns in the same server.

use std::sync::Arc;

use sqlx::{PgConnection, Postgres};
use vouchsafe::*;

use super::race::{Client, Clients, Contestant, in_turns, noted, rows};
use super::server::{Database, Server, Settings};
use super::work::{Job, Shape, Till, at};
use super::{BAR, code_counts};
use crate::turns::{Table, quantile};

const RAW: &str = "
    CREATE TABLE raw_counter (id BIGINT PRIMARY KEY, used BIGINT NOT NULL, most BIGINT NOT NULL);
    CREATE TABLE raw_redemption (reference TEXT PRIMARY KEY, coupon BIGINT NOT NULL, document TEXT);
    CREATE TABLE raw_use (coupon BIGINT NOT NULL, reference TEXT NOT NULL, PRIMARY KEY (coupon, reference));
    INSERT INTO raw_counter SELECT id, 0, 1099511627776 FROM generate_series(0, 999) AS n (id);
    ALTER TABLE raw_counter SET (fillfactor = 50);
";
const BARE: &str = "
    WITH taken AS (UPDATE raw_counter SET used = used + 1 WHERE id = $1 AND used < most RETURNING id)
    INSERT INTO raw_redemption (reference, coupon) SELECT $2, id FROM taken
";
const WRITTEN: &str = "
    WITH taken AS (UPDATE raw_counter SET used = used + 1 WHERE id = $1 AND used < most RETURNING id),
    record AS (INSERT INTO raw_redemption (reference, coupon, document) SELECT $2, id, $3 FROM taken)
    INSERT INTO raw_use (coupon, reference) SELECT id, $2 FROM taken
";
const BARE_GROUP: &str = "
    WITH new AS (SELECT unnest($2::text[]) AS reference),
    taken AS (
        UPDATE raw_counter SET used = used + (SELECT count(*) FROM new)
        WHERE id = $1 AND used + (SELECT count(*) FROM new) <= most
        RETURNING id
    )
    INSERT INTO raw_redemption (reference, coupon) SELECT reference, id FROM taken CROSS JOIN new
";
const WRITTEN_GROUP: &str = "
    WITH new AS (SELECT * FROM unnest($2::text[], $3::text[]) AS n (reference, document)),
    taken AS (
        UPDATE raw_counter SET used = used + (SELECT count(*) FROM new)
        WHERE id = $1 AND used + (SELECT count(*) FROM new) <= most
        RETURNING id
    ),
    record AS (
        INSERT INTO raw_redemption (reference, coupon, document) SELECT reference, id, document FROM taken CROSS JOIN new
    )
    INSERT INTO raw_use (coupon, reference) SELECT id, reference FROM taken CROSS JOIN new
";

const SIZE: &str = "
    SELECT sum(pg_total_relation_size(c.oid))::bigint, (SELECT count(*) FROM coupon_redemption)
    FROM pg_class c WHERE c.relname IN ('coupon_redemption', 'coupon_use', 'coupon_history')
";

struct Raw {
    connection: PgConnection,
    written_down: bool,
}

impl Client for Raw {
    async fn record(&mut self, jobs: &[Job], _: &[Redemption]) {
        let statement = match (jobs, self.written_down) {
            ([_], false) => BARE,
            ([_], true) => WRITTEN,
            (_, false) => BARE_GROUP,
            (_, true) => WRITTEN_GROUP,
        };
        let query = sqlx::query::<Postgres>(statement).bind(jobs[0].coupon);
        let query = if let [job] = jobs {
            let query = query.bind(job.reference.as_str());
            if self.written_down { query.bind(job.document.as_str()) } else { query }
        } else {
            let query = query.bind(jobs.iter().map(|job| job.reference.as_str()).collect::<Vec<_>>());
            let documents = || jobs.iter().map(|job| job.document.as_str()).collect::<Vec<_>>();
            if self.written_down { query.bind(documents()) } else { query }
        };
        assert_eq!(query.execute(&mut self.connection).await.unwrap().rows_affected(), jobs.len() as u64);
    }
}

/// How ours records.
#[derive(Clone)]
enum Way {
    Commit,
    /// Without the statement for the simple case.
    Carefully,
    /// Load, evaluate and commit.
    CheckOut(Arc<Till>),
}

struct Ours(PgConnection, Way);

fn namespace() -> Namespace {
    "shop".parse().unwrap()
}

impl Client for Ours {
    async fn record(&mut self, jobs: &[Job], redemptions: &[Redemption]) {
        let mut store = PostgresStore::new(&mut self.0, namespace());
        match (&self.1, redemptions) {
            (Way::CheckOut(till), _) => till.check_out(&mut store, &jobs[0], &redemptions[0]).await,
            (Way::Carefully, _) => {
                assert_eq!(store.carefully().commit(&redemptions[0], at()).await.unwrap(), Commit::Recorded);
            }
            (Way::Commit, [redemption]) => {
                assert_eq!(store.commit(redemption, at()).await.unwrap(), Commit::Recorded);
            }
            (Way::Commit, group) => {
                let answers = store.commit_all(group, at()).await.unwrap();
                assert!(answers.iter().all(|answer| *answer == Commit::Recorded));
            }
        }
    }
}

async fn ours(database: &Database, shape: Shape, way: Way) -> Clients<Ours> {
    let mut clients = Vec::new();
    for _ in 0..shape.clients {
        clients.push(Ours(database.connect().await, way.clone()));
    }
    Clients::new(clients)
}

async fn race_shape(table: &mut Table, turns: usize, shape: Shape, server: &Server) {
    let till = Till::new(shape);
    let (bare, written, ours) = (server.empty_database(), server.empty_database(), server.database());
    for database in [&bare, &written] {
        sqlx::raw_sql(RAW).execute(&mut database.connect().await).await.unwrap();
    }
    {
        let mut connection = ours.connect().await;
        let mut store = PostgresStore::new(&mut connection, namespace());
        for coupon in till.coupons() {
            store.define(coupon, &Edit::new(at())).await.unwrap();
        }
    }
    let (mut bare, mut written) = (raw(&bare, shape, false).await, raw(&written, shape, true).await);
    let mut commit = self::ours(&ours, shape, Way::Commit).await;
    let mut carefully = self::ours(&ours, shape, Way::Carefully).await;
    let mut check_out = self::ours(&ours, shape, Way::CheckOut(Arc::clone(&till))).await;
    let mut all: Vec<&mut dyn Contestant> = vec![&mut commit, &mut bare, &mut written];
    if shape == Shape::hot(1) || shape == Shape::spread(8) {
        all.push(&mut carefully);
        all.push(&mut check_out);
    }
    let figures = in_turns(turns, &till, shape, &mut all).await;
    rows(table, "PostgreSQL", shape, &figures, Some(BAR));
    if let [_, raw, _, carefully, check_out] = figures[..] {
        noted(table, "with a look before", shape, carefully, raw);
        noted(table, "load, evaluate, commit", shape, check_out, raw);
    }
    if shape == Shape::spread(32) {
        let (size, records): (i64, i64) = sqlx::query_as(SIZE).fetch_one(&mut ours.connect().await).await.unwrap();
        println!(
            "  a redemption takes {} bytes in PostgreSQL, its index entries and its log among them",
            size / records
        );
    }
}

async fn raw(database: &Database, shape: Shape, written_down: bool) -> Clients<Raw> {
    let mut clients = Vec::new();
    for _ in 0..shape.clients {
        clients.push(Raw { connection: database.connect().await, written_down });
    }
    Clients::new(clients)
}

pub async fn race(table: &mut Table, turns: usize) {
    let Some(server) = Server::start_with(Settings::Durable) else { return };
    let shapes = [
        Shape::hot(1),
        Shape::hot(8),
        Shape::hot(32),
        Shape::spread(1),
        Shape::spread(8),
        Shape::spread(32),
        Shape::hot(8).of_known_customers(),
        Shape::hot(1).grouped(),
        Shape::hot(8).grouped(),
        Shape::hot(32).grouped(),
    ];
    for shape in shapes {
        race_shape(table, turns, shape, &server).await;
    }
}

const CODES: &str = "
    INSERT INTO coupon_code (namespace, code, coupon, standing, holder, issued_at)
    SELECT 'shop', 'K' || lpad(((id * 7919) % 1000000007)::text, 12, '0'), 'issued', 2, 'id:' || id, 0
    FROM generate_series($1::bigint, $2::bigint - 1) AS n (id)
";

/// Loads of one code in many databases, in turns.
pub async fn codes(table: &mut Table, turns: usize) {
    let Some(server) = Server::start_with(Settings::Quick) else { return };
    let mut databases = Vec::new();
    for count in code_counts() {
        let mut connection = server.database().connect().await;
        let coupon = Coupon::builder("issued").percent_off("10").per_code_limit(1).build().unwrap();
        PostgresStore::new(&mut connection, namespace()).define(&coupon, &Edit::new(at())).await.unwrap();
        for from in (0..count).step_by(500_000) {
            let until = count.min(from + 500_000);
            sqlx::query(CODES).bind(from).bind(until).execute(&mut connection).await.unwrap();
        }
        sqlx::raw_sql("VACUUM ANALYZE coupon_code").execute(&mut connection).await.unwrap();
        databases.push((count, connection, Vec::new()));
    }
    let mut seed = 42;
    for _ in 0..turns * 20 {
        for (count, connection, figures) in &mut databases {
            figures.push(super::loads(&mut PostgresStore::new(connection, namespace()), *count, &mut seed).await);
        }
    }
    super::codes_row(
        table,
        "PostgreSQL",
        databases.into_iter().map(|(count, _, figures)| (count, quantile(figures, 2))),
    );
}
