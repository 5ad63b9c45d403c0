//! Calls that are dropped in their middle, seen from another connection.

use vouchsafe::*;

use crate::drop_at::drop_at;
use crate::scene::*;

/// Wherever a call on a bare connection is dropped, the one that comes next on it is recorded for everybody, and no
/// transaction stays open behind it.
#[tokio::test]
async fn what_comes_after_a_dropped_call_is_recorded_for_everybody() {
    let Some(database) = shop_with([ten_percent("flash").total_limit(1_000)]).await else { return };
    let (mut connection, mut other) = (database.connect().await, database.connect().await);
    let (mut recorded, mut dropped) = (0, 0);
    // Sooner and later by halves: how long a call takes is for the machine to say.
    for waits in (0..12).flat_map(|n| [2 << n, 3 << n]) {
        for verb in 0..5 {
            let mut store = handle(&mut connection);
            let (first, second) = (format!("a-{waits}-{verb}"), format!("b-{waits}-{verb}"));
            let first = Basket::new(&first, &["flash"]).redemption(&mut store).await;
            let second = Basket::new(&second, &["flash"]).redemption(&mut store).await;
            let ended = match verb {
                0 => drop_at(store.reserve(&first, at(0), at(20)), waits).await,
                1 => drop_at(store.commit(&first, at(0)), waits).await,
                2 => drop_at(handle(&mut connection).carefully().commit(&first, at(0)), waits).await,
                3 => {
                    drop_at(store.credit_points(&IdentityKey::id("7").unwrap(), &"x".parse().unwrap(), 1), waits).await
                }
                _ => drop_at(store.purge(&Purge::holds(at(0), 1)), waits).await,
            };
            dropped += u32::from(!ended);
            assert_eq!(handle(&mut connection).commit(&second, at(0)).await.unwrap(), Commit::Recorded);
            let seen = handle(&mut other).record(second.reference()).await.unwrap();
            assert!(seen.is_some(), "verb {verb} dropped at {waits}: nobody else sees what came after");
            // What was dropped is asked again, and is there once.
            assert!(handle(&mut connection).commit(&first, at(0)).await.unwrap().is_recorded());
            recorded += 2;
            assert_eq!(used(&database, "flash").await, (recorded, 0), "verb {verb} dropped at {waits}");
        }
    }
    println!("{dropped} of 120 calls were dropped in their middle");
    assert!(dropped > 20, "{dropped}");
    let open = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
    assert_eq!(figure(&database, open).await, 0);
}
