//! The parts of the table, one for each store.

mod memory;
#[allow(dead_code, reason = "a part of it for each feature")]
mod race;
#[allow(dead_code, reason = "a part of it for each feature")]
mod work;

#[cfg(feature = "postgres")]
mod parts;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "postgres")]
#[path = "../../tests/support/postgres.rs"]
#[allow(clippy::incompatible_msrv, reason = "what SQL needs is newer than what the library does")]
mod server;
#[cfg(feature = "sqlite")]
mod sqlite;

use crate::turns::Table;

/// What of the raw limit a store wants to reach.
#[cfg(any(feature = "sqlite", feature = "postgres"))]
const BAR: f64 = 0.8;

/// Everything, or only the part of this name: `memory`, `sqlite`, `postgres`, `parts`,
/// `codes`. Says how many bars were missed.
pub async fn run(turns: usize, only: Option<&str>) -> usize {
    let wanted = |part| only.is_none_or(|only| only == part);
    let mut table = Table::begin();
    if wanted("memory") {
        memory::race(&mut table, turns).await;
    }
    #[cfg(feature = "sqlite")]
    if wanted("sqlite") {
        sqlite::race(&mut table, turns).await;
    }
    #[cfg(feature = "postgres")]
    if wanted("postgres") {
        postgres::race(&mut table, turns).await;
    }
    #[cfg(feature = "postgres")]
    if wanted("parts") {
        parts::parts(&mut table, turns).await;
    }
    if wanted("codes") {
        #[cfg(feature = "sqlite")]
        sqlite::codes(&mut table, turns).await;
        #[cfg(feature = "postgres")]
        postgres::codes(&mut table, turns).await;
    }
    table.end()
}

/// Few codes and many: a million, or as many as the environment says.
#[cfg(any(feature = "sqlite", feature = "postgres"))]
fn code_counts() -> [i64; 2] {
    let many = std::env::var("STORED_CODES").ok().map_or(1_000_000, |text| text.parse().unwrap());
    [10_000, many]
}

/// Nanoseconds for the load of a code that was handed out, any one of so many.
#[cfg(any(feature = "sqlite", feature = "postgres"))]
async fn loads<S: vouchsafe::CouponStore>(store: &mut S, count: i64, seed: &mut i64) -> f64 {
    use vouchsafe::{Currency, LoadRequest, Reference};

    const LOADS: u32 = 50;
    let start = std::time::Instant::now();
    for _ in 0..LOADS {
        *seed = (1_103_515_245 * *seed + 12_345) % (1 << 31);
        let code = format!("k{:012}", (*seed % count * 7_919) % 1_000_000_007);
        let request = LoadRequest::new(Reference::Order("o-1".parse().unwrap()), Currency::USD, work::at()).code(code);
        let loaded = store.load(&request).await.unwrap();
        assert!(loaded.codes()[0].issued().is_some(), "{request:?}");
    }
    start.elapsed().as_nanos() as f64 / f64::from(LOADS)
}

#[cfg(any(feature = "sqlite", feature = "postgres"))]
fn codes_row(table: &mut Table, what: &str, figures: impl Iterator<Item = (i64, f64)>) {
    let figures: Vec<(i64, f64)> = figures.collect();
    let (few, many) = (figures[0], figures[1]);
    let at = format!("{} codes", many.0);
    let times = format!("{:.0} us against {:.0} us", many.1 / 1e3, few.1 / 1e3);
    table.row(&format!("{what}, load of a code / among {}", few.0), &at, many.1 / few.1, Some((true, 1.5)), &times);
}
