//! Customers who are forgotten while somebody is busy with them.

use sqlx::Connection;
use vouchsafe::*;

use crate::postgres::Database;
use crate::scene::*;

fn ann() -> IdentityKey {
    IdentityKey::id("ann").unwrap()
}

fn of_ann(key: IdentityKey) -> CounterKey {
    CounterKey::Customer { coupon: "flash".parse().unwrap(), customer: key }
}

/// A code of an older system that the customer used there once.
fn used_by_ann() -> ImportedCode {
    let code = Code::parse("OLD0001", CodeFormat::Standard).unwrap();
    ImportedCode::new(IssuedCode::new(code, at(0))).used([ann()], 1)
}

/// What every counter of customers says, against what the records say.
async fn customers_are_counted(database: &Database, keys: &[IdentityKey]) {
    let mut connection = database.connect().await;
    let mut store = handle(&mut connection);
    let records = store.records(Page::first(100)).await.unwrap();
    for key in keys {
        let recorded = records.iter().filter(|record| record.redemption.counted().contains(key)).count();
        let state = store.counter(&of_ann(key.clone()), at(120)).await.unwrap();
        assert_eq!((state.used, state.held), (u64::try_from(recorded).unwrap(), 0), "{key}");
        let history = store.records_of(std::slice::from_ref(key), Page::first(100)).await.unwrap();
        assert_eq!(history.len(), recorded, "{key}");
    }
}

async fn forget(database: Database) -> Forgotten {
    let mut connection = database.connect().await;
    handle(&mut connection).forget(&[ann()]).await.unwrap()
}

/// A hold that has lapsed is taken away, and its order is recorded, while the customer is being forgotten: the record bears
/// the reference that was looked for, and is another row.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_came_in_the_place_of_a_hold_is_forgotten_as_well() {
    let Some(database) = shop_with([ten_percent("flash").per_customer_limit(9)]).await else { return };
    let mut connection = database.connect().await;
    let mut store = handle(&mut connection);
    let priced = Basket::new("o-1", &["flash"]).by("ann").redemption(&mut store).await;
    store.reserve(&priced, at(0), at(20)).await.unwrap();

    let mut host = connection.begin().await.unwrap();
    assert_eq!(handle(&mut host).purge(&Purge::holds(at(30), 10)).await.unwrap().holds, 1);
    let forgetting = tokio::spawn(forget(database.clone()));
    until_somebody_waits(&database).await;
    assert_eq!(handle(&mut host).commit(&priced, at(30)).await.unwrap(), Commit::Recorded);
    host.commit().await.unwrap();

    let forgotten = forgetting.await.unwrap();
    let pseudonym = forgotten.pseudonyms.first().cloned().unwrap();
    customers_are_counted(&database, &[ann(), pseudonym.clone()]).await;
    let mut store = handle(&mut connection);
    assert_eq!(store.records_of(&[pseudonym], Page::first(9)).await.unwrap().len(), 1);
}

/// An order that is recorded when everything was looked at already comes after: all of it bears the key, none of it the
/// pseudonym, and whoever is forgotten again is forgotten with it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_recorded_after_the_look_comes_after() {
    let Some(database) = shop_with([ten_percent("flash"), ten_percent("old").per_code_limit(9)]).await else { return };
    let mut connection = database.connect().await;
    let mut store = handle(&mut connection);
    store.import(&"old".parse().unwrap(), &[used_by_ann()], at(0)).await.unwrap();
    let first = Basket::new("o-1", &["flash"]).by("ann").redemption(&mut store).await;
    let second = Basket::new("o-2", &["flash"]).by("ann").redemption(&mut store).await;
    store.commit(&first, at(0)).await.unwrap();

    // Imports are renamed last but one, so whoever forgets is stopped behind the look.
    let mut host = connection.begin().await.unwrap();
    sqlx::query("SELECT 1 FROM coupon_import FOR UPDATE").execute(&mut *host).await.unwrap();
    let forgetting = tokio::spawn(forget(database.clone()));
    until_somebody_waits(&database).await;
    let mut other = database.connect().await;
    assert_eq!(handle(&mut other).commit(&second, at(0)).await.unwrap(), Commit::Recorded);
    host.rollback().await.unwrap();

    let forgotten = forgetting.await.unwrap();
    let pseudonym = forgotten.pseudonyms.first().cloned().unwrap();
    let mut store = handle(&mut other);
    for (key, reference) in [(pseudonym, order("o-1")), (ann(), order("o-2"))] {
        let of_key = store.records_of(&[key], Page::first(9)).await.unwrap();
        let of_key: Vec<_> = of_key.iter().map(|record| record.redemption.reference().clone()).collect();
        assert_eq!(of_key, [reference]);
    }
    assert_eq!(store.forget(&[ann()]).await.unwrap().changed, 1);
    let trace = "SELECT count(*) FROM coupon_redemption WHERE strpos(document, 'ann') > 0";
    assert_eq!(figure(&database, trace).await, 0);
}

/// A limit that is added while somebody is being forgotten counts by the names that stand in the books afterwards.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_limit_that_is_added_waits_for_the_names() {
    let Some(database) = shop_with([ten_percent("flash").per_code_limit(9)]).await else { return };
    let mut connection = database.connect().await;
    let mut store = handle(&mut connection);
    store.import(&"flash".parse().unwrap(), &[used_by_ann()], at(0)).await.unwrap();

    let mut host = connection.begin().await.unwrap();
    let forgotten = handle(&mut host).forget(&[ann()]).await.unwrap();
    let revising = tokio::spawn({
        let database = database.clone();
        async move {
            let limited = ten_percent("flash").per_code_limit(9).per_customer_limit(9).build().unwrap();
            let mut connection = database.connect().await;
            handle(&mut connection).revise(&limited, &Edit::new(at(1))).await.unwrap()
        }
    });
    until_somebody_waits(&database).await;
    host.commit().await.unwrap();
    assert_eq!(revising.await.unwrap(), 2);

    let pseudonym = forgotten.pseudonyms.first().cloned().unwrap();
    let mut store = handle(&mut connection);
    for (key, used) in [(pseudonym, 1), (ann(), 0)] {
        assert_eq!(store.counter(&of_ann(key), at(0)).await.unwrap().used, used);
    }
}

/// Codes that are being imported with uses of somebody who is forgotten meanwhile: whoever forgets waits, and finds them.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_import_is_forgotten_with_the_rest() {
    let Some(database) = shop_with([ten_percent("flash").per_customer_limit(9)]).await else { return };
    let mut connection = database.connect().await;
    let mut store = handle(&mut connection);
    let priced = Basket::new("o-1", &["flash"]).by("ann").redemption(&mut store).await;
    store.commit(&priced, at(0)).await.unwrap();

    let mut host = connection.begin().await.unwrap();
    handle(&mut host).import(&"flash".parse().unwrap(), &[used_by_ann()], at(0)).await.unwrap();
    let forgetting = tokio::spawn(forget(database.clone()));
    until_somebody_waits(&database).await;
    host.commit().await.unwrap();

    let pseudonym = forgetting.await.unwrap().pseudonyms.first().cloned().unwrap();
    let mut store = handle(&mut connection);
    for (key, used) in [(pseudonym, 2), (ann(), 0)] {
        assert_eq!(store.counter(&of_ann(key), at(0)).await.unwrap().used, used);
    }
    let trace = "SELECT count(*) FROM coupon_import WHERE strpos(uses || taken, 'ann') > 0";
    assert_eq!(figure(&database, trace).await, 0);
}
