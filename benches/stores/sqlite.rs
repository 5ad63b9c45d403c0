//! The store in an SQLite file beside the same file with two tables of two columns.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection};
use tokio::sync::Mutex;
use vouchsafe::*;

use super::race::{Client, Clients, Contestant, in_turns, noted, rows};
use super::work::{Job, Shape, Till, at};
use super::{BAR, code_counts};
use crate::turns::{Table, quantile};

const RAW: &str = "
    CREATE TABLE raw_counter (id INTEGER PRIMARY KEY, used INTEGER NOT NULL, most INTEGER NOT NULL);
    CREATE TABLE raw_redemption (reference TEXT PRIMARY KEY, coupon INTEGER NOT NULL, document TEXT) WITHOUT ROWID;
    CREATE TABLE raw_use (coupon INTEGER NOT NULL, reference TEXT NOT NULL, PRIMARY KEY (coupon, reference)) WITHOUT ROWID;
    WITH RECURSIVE n (id) AS (SELECT 0 UNION ALL SELECT id + 1 FROM n WHERE id < 999)
    INSERT INTO raw_counter SELECT id, 0, 1099511627776 FROM n;
";
const UPDATE: &str = "UPDATE raw_counter SET used = used + 1 WHERE id = $1 AND used < most";
const INSERT: &str = "INSERT INTO raw_redemption (reference, coupon) VALUES ($1, $2)";
const INSERT_DOCUMENT: &str = "INSERT INTO raw_redemption (reference, coupon, document) VALUES ($1, $2, $3)";
const INSERT_USE: &str = "INSERT INTO raw_use (coupon, reference) VALUES ($1, $2)";

/// A file that goes with its owner.
struct File(PathBuf);

impl File {
    fn new(name: &str) -> Self {
        let file = Self(std::env::temp_dir().join(format!("vouchsafe-bench-{}-{name}.db", std::process::id())));
        file.remove();
        file
    }

    fn remove(&self) {
        for behind in ["", "-wal", "-shm"] {
            let mut name = self.0.clone().into_os_string();
            name.push(behind);
            let _ = std::fs::remove_file(name);
        }
    }
}

impl Drop for File {
    fn drop(&mut self) {
        self.remove();
    }
}

async fn connect(file: &Path, synchronous: SqliteSynchronous) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(file).create_if_missing(true);
    let options = options.journal_mode(SqliteJournalMode::Wal).synchronous(synchronous);
    options.busy_timeout(Duration::from_secs(60)).disable_statement_logging().connect().await.unwrap()
}

/// Clients that wait in a line for one connection, as a host does that has one process: SQLite has one writer.
type Line = Arc<Mutex<SqliteConnection>>;

#[derive(Clone)]
struct Raw {
    line: Line,
    written_down: bool,
}

impl Client for Raw {
    async fn record(&mut self, jobs: &[Job], _: &[Redemption]) {
        let mut connection = self.line.lock().await;
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.unwrap();
        for job in jobs {
            let taken = sqlx::query(UPDATE).bind(job.coupon).execute(&mut *transaction).await.unwrap();
            assert_eq!(taken.rows_affected(), 1);
            let insert = sqlx::query(if self.written_down { INSERT_DOCUMENT } else { INSERT });
            let insert = insert.bind(job.reference.as_str()).bind(job.coupon);
            let insert = if self.written_down { insert.bind(job.document.as_str()) } else { insert };
            insert.execute(&mut *transaction).await.unwrap();
            if self.written_down {
                let insert = sqlx::query(INSERT_USE).bind(job.coupon).bind(job.reference.as_str());
                insert.execute(&mut *transaction).await.unwrap();
            }
        }
        transaction.commit().await.unwrap();
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

#[derive(Clone)]
struct Ours(Line, Way);

fn namespace() -> Namespace {
    "shop".parse().unwrap()
}

impl Client for Ours {
    async fn record(&mut self, jobs: &[Job], redemptions: &[Redemption]) {
        let mut connection = self.0.lock().await;
        let mut store = SqliteStore::new(&mut connection, namespace());
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

async fn race_shape(table: &mut Table, turns: usize, shape: Shape, synchronous: SqliteSynchronous) {
    let till = Till::new(shape);
    let files = ["bare", "written", "ours"].map(File::new);
    let mut lines = Vec::new();
    for file in &files {
        lines.push(Arc::new(Mutex::new(connect(&file.0, synchronous).await)));
    }
    for line in &lines[..2] {
        sqlx::raw_sql(RAW).execute(&mut *line.lock().await).await.unwrap();
    }
    {
        let mut connection = lines[2].lock().await;
        SqliteStore::migrate(&mut connection).await.unwrap();
        let mut store = SqliteStore::new(&mut connection, namespace());
        for coupon in till.coupons() {
            store.define(coupon, &Edit::new(at())).await.unwrap();
        }
    }
    let raw = |place: usize, written_down| {
        Clients::new(vec![Raw { line: Arc::clone(&lines[place]), written_down }; shape.clients])
    };
    let (mut bare, mut written) = (raw(0, false), raw(1, true));
    let ours = |way| Clients::new(vec![Ours(Arc::clone(&lines[2]), way); shape.clients]);
    let (mut commit, mut carefully) = (ours(Way::Commit), ours(Way::Carefully));
    let mut check_out = ours(Way::CheckOut(Arc::clone(&till)));
    let mut all: Vec<&mut dyn Contestant> = vec![&mut commit, &mut bare, &mut written];
    if shape == Shape::hot(1) {
        all.push(&mut carefully);
        all.push(&mut check_out);
    }
    let figures = in_turns(turns, &till, shape, &mut all).await;
    let name = if synchronous == SqliteSynchronous::Full { "SQLite FULL" } else { "SQLite NORMAL" };
    rows(table, name, shape, &figures, Some(BAR));
    if let [_, raw, _, carefully, check_out] = figures[..] {
        noted(table, "with a look before", shape, carefully, raw);
        noted(table, "load, evaluate, commit", shape, check_out, raw);
    }
}

pub async fn race(table: &mut Table, turns: usize) {
    let shapes = [
        Shape::hot(1),
        Shape::hot(8),
        Shape::hot(32),
        Shape::spread(1),
        Shape::spread(8),
        Shape::spread(32),
        Shape::hot(1).of_known_customers(),
        Shape::hot(1).grouped(),
        Shape::hot(8).grouped(),
        Shape::hot(32).grouped(),
    ];
    for shape in shapes {
        race_shape(table, turns, shape, SqliteSynchronous::Full).await;
    }
    for shape in [Shape::hot(1), Shape::hot(8), Shape::spread(8)] {
        race_shape(table, turns, shape, SqliteSynchronous::Normal).await;
    }
}

/// Codes that were handed out, so many at a go.
const CODES: &str = "
    WITH RECURSIVE n (id) AS (SELECT $1 UNION ALL SELECT id + 1 FROM n WHERE id + 1 < $2)
    INSERT INTO coupon_code (namespace, code, coupon, standing, holder, issued_at)
    SELECT 'shop', printf('K%012d', (id * 7919) % 1000000007), 'issued', 2, 'id:' || id, 0 FROM n
";

/// Loads of one code in many files, in turns: nanoseconds.
pub async fn codes(table: &mut Table, turns: usize) {
    let mut files = Vec::new();
    for count in code_counts() {
        let file = File::new(&format!("codes-{count}"));
        let mut connection = connect(&file.0, SqliteSynchronous::Off).await;
        SqliteStore::migrate(&mut connection).await.unwrap();
        let coupon = Coupon::builder("issued").percent_off("10").per_code_limit(1).build().unwrap();
        SqliteStore::new(&mut connection, namespace()).define(&coupon, &Edit::new(at())).await.unwrap();
        for from in (0..count).step_by(100_000) {
            let until = count.min(from + 100_000);
            sqlx::query(CODES).bind(from).bind(until).execute(&mut connection).await.unwrap();
        }
        files.push((count, connection, file, Vec::new()));
    }
    let mut seed = 42;
    for _ in 0..turns * 20 {
        for (count, connection, _, figures) in &mut files {
            figures.push(super::loads(&mut SqliteStore::new(connection, namespace()), *count, &mut seed).await);
        }
    }
    super::codes_row(table, "SQLite", files.into_iter().map(|(count, _, _, figures)| (count, quantile(figures, 2))));
}
