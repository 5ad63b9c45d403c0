//! Every statement of a checkout finds its rows by an index, also those inside of functions.

use chrono::TimeDelta;
use sqlx::PgConnection;
use vouchsafe::*;

use crate::postgres::{Database, Server};
use crate::scene::*;

/// Enough rows that a walk over them would be noticed, in every table that a checkout asks.
const FILL: &str = "
INSERT INTO coupon_definition (namespace, coupon, revision, active, document)
SELECT 'shop', 'c' || n, 1, 1, '{}' FROM generate_series(1, 5000) n;
INSERT INTO coupon_revision (namespace, coupon, revision, document)
SELECT 'shop', 'c' || n, 1, '{}' FROM generate_series(1, 5000) n;
INSERT INTO coupon_code (namespace, code, coupon, standing, holder)
SELECT 'shop', 'X' || n, 'c' || n % 100, 2, 'id:f' || n FROM generate_series(1, 8000) n;
INSERT INTO coupon_counter (namespace, owner, code, customer, kind, used, held)
SELECT 'shop', 'c' || n % 5000, '', 'id:f' || n, 'customer', 1, 0 FROM generate_series(1, 8000) n;
INSERT INTO coupon_part (namespace, reference, owner, code, customer, kind, amount, lapses_at)
SELECT 'shop', 'order:p' || n, 'c' || n % 5000, '', 'id:f' || n, 'customer', 1, 0 FROM generate_series(1, 8000) n;
INSERT INTO coupon_recent (namespace, owner, code, customer, kind, recorded_at, reference, amount)
SELECT 'shop', 'a' || n % 50, '', 'id:f' || n, 'allowance:', n, 'order:r' || n, 1 FROM generate_series(1, 8000) n;
INSERT INTO coupon_redemption (namespace, reference, state, place, recorded_at, currency, payable, document)
SELECT 'shop', 'order:r' || n, 2, nextval('coupon_place'), 4102444800000000000 + n, 'USD', 1, '{}'
FROM generate_series(1, 8000) n;
INSERT INTO coupon_use (namespace, coupon, place, part, reference, code, revision, units, currency, discount, third_party)
SELECT 'shop', 'c' || n % 5000, n, 0, 'order:r' || n, 'X' || n, 1, 1, 'USD', 1, 0 FROM generate_series(1, 8000) n;
INSERT INTO coupon_history (namespace, customer, place, reference)
SELECT 'shop', 'id:f' || n, n, 'order:r' || n FROM generate_series(1, 8000) n;
INSERT INTO coupon_customer (namespace, customer) SELECT 'shop', 'id:f' || n FROM generate_series(1, 8000) n;
INSERT INTO coupon_type_change (namespace, place, reference, recorded_at, reverts, customer, document)
SELECT 'shop', nextval('coupon_place'), 'order:r' || n, n, 0, '[]', '{}' FROM generate_series(1, 8000) n;
INSERT INTO coupon_type_key (namespace, customer, place)
SELECT 'shop', 'id:f' || n, n FROM generate_series(1, 8000) n;
INSERT INTO coupon_points (namespace, account) SELECT 'shop', 'id:f' || n FROM generate_series(1, 8000) n;
INSERT INTO coupon_points_hold (namespace, account, reference, lapses_at, points)
SELECT 'shop', 'id:f' || n, 'order:p' || n, 0, 1 FROM generate_series(1, 8000) n;
INSERT INTO coupon_batch (namespace, batch, coupon, prepared, added_at)
SELECT 'shop', 'b' || n, 'c' || n % 5000, 0, 0 FROM generate_series(1, 8000) n;
INSERT INTO coupon_import (namespace, coupon, code, uses, taken)
SELECT 'shop', 'c' || n % 5000, 'X' || n, '[]', '[]' FROM generate_series(1, 8000) n;
INSERT INTO coupon_edit (namespace, coupon, place, kind, revision_after, edited_at)
SELECT 'shop', 'c' || n % 5000, n, 'defined', 1, 0 FROM generate_series(1, 8000) n;
INSERT INTO coupon_amendment (namespace, reference, movement, based_on, document)
SELECT 'shop', 'order:r' || n, 'm', '', '{}' FROM generate_series(1, 8000) n;
INSERT INTO coupon_points_credit (namespace, account, movement, points)
SELECT 'shop', 'id:f' || n, 'm', 1 FROM generate_series(1, 8000) n;
INSERT INTO coupon_points_return (
    namespace, reference, movement, asked_back, asked_away, given_back, taken_back, shortfall)
SELECT 'shop', 'order:r' || n, 'm', 0, 0, 0, 0, 0 FROM generate_series(1, 8000) n;
INSERT INTO coupon_purged_use (namespace, coupon, code, uses)
SELECT 'shop', 'f' || n, 'F' || n, 1 FROM generate_series(1, 8000) n;
ANALYZE;
";

/// Has the server write down the plan of every statement of this connection, those inside of functions among them.
const EXPLAIN: &str = "
LOAD 'auto_explain';
SET auto_explain.log_min_duration = 0;
SET auto_explain.log_nested_statements = on;
SET log_min_messages = log;
";

async fn checkouts(connection: &mut PgConnection) {
    let until = at(0) + TimeDelta::minutes(20);
    // Prepared statements get a plan for any values after five times.
    for n in 0..8 {
        let store = handle(connection);
        let mut store = if n % 2 == 0 { store } else { store.carefully() };
        let basket = |what: &str| Basket::new(&format!("{what}-{n}"), &["flash", "K7WQ-93MX"]).by("77");
        let redemption = basket("placed").redemption(&mut store).await;
        assert_eq!(redemption.coupons().len(), 2);
        assert_eq!(store.commit(&redemption, at(0)).await.unwrap(), Commit::Recorded);
        assert_eq!(store.commit(&redemption, at(0)).await.unwrap(), Commit::AlreadyRecorded);
        let policy = OnVoid::KEEP.with_uses_given_back(true).with_type_reverted(true);
        assert!(matches!(store.void(redemption.reference(), policy, at(0)).await.unwrap(), Void::Voided { .. }));

        let redemption = basket("held").product("CLUB-YEAR").redemption(&mut store).await;
        assert_eq!(store.reserve(&redemption, at(0), until).await.unwrap(), Reserve::Held { until });
        assert_eq!(store.commit(&redemption, at(0)).await.unwrap(), Commit::Recorded);
        assert!(matches!(store.void(redemption.reference(), policy, at(0)).await.unwrap(), Void::Voided { .. }));
        let redemption = basket("given-up").redemption(&mut store).await;
        assert_eq!(store.reserve(&redemption, at(0), until).await.unwrap(), Reserve::Held { until });
        assert_eq!(store.release(redemption.reference(), at(0)).await.unwrap(), Release::Released);
        let queue = [basket("first").redemption(&mut store).await];
        let answers = store.commit_all(&queue, at(0)).await.unwrap();
        assert_eq!(answers, [Commit::Recorded]);
        assert!(matches!(store.void(queue[0].reference(), policy, at(0)).await.unwrap(), Void::Voided { .. }));
    }
}

async fn filled(database: &Database) {
    let flash = ten_percent("flash").total_limit(1_000).per_customer_limit(500);
    define(database, [flash, Coupon::builder("patrol").percent_off("5").per_code_limit(1)]).await;
    let mut connection = database.connect().await;
    let code = IssuedCode::new(Code::parse("K7WQ-93MX", CodeFormat::Standard).unwrap(), at(-60));
    handle(&mut connection).issue(&"patrol".parse().unwrap(), &[code]).await.unwrap();
    sqlx::raw_sql(FILL).execute(&mut connection).await.unwrap();
}

/// Proves that what a checkout asks costs the same however much is stored: no statement of load, reserve, commit, release
/// and void reads a table of the store from its beginning to its end.
#[tokio::test]
async fn every_statement_of_a_checkout_finds_its_rows_by_an_index() {
    let Some(server) = Server::start() else { return };
    let database = server.database();
    filled(&database).await;
    let mut connection = database.connect().await;
    sqlx::raw_sql(EXPLAIN).execute(&mut connection).await.unwrap();
    checkouts(&mut connection).await;

    let log = server.log();
    let plans = log.matches("Query Text:").count();
    let scans = |kind: &str| log.lines().filter(|line| line.contains(kind) && line.contains(" coupon_")).count();
    println!("{plans} plans, {} lines with an index scan", scans("Index"));
    assert!(plans > 300 && scans("Index") > 300, "{plans}");
    let walks = walks(&log);
    assert!(walks.is_empty(), "tables that are walked over:\n{}", walks.join("\n"));
}

/// What an admin page and a job ask, of definitions and codes.
async fn desk(connection: &mut PgConnection) {
    let (shop, edit, holder) = (shop(), Edit::new(at(0)), IdentityKey::id("77").unwrap());
    let code = |text: String| Code::parse(&text, CodeFormat::Standard).unwrap();
    for n in 0..7 {
        let mut store = handle(connection);
        let (id, batch): (CouponId, BatchId) = (format!("z{n}").parse().unwrap(), format!("z{n}").parse().unwrap());
        let terms = || Coupon::builder(id.as_str()).percent_off("5");
        store.define(&terms().build().unwrap(), &edit).await.unwrap();
        let issued = IssuedCode::new(code(format!("I{n}")), at(-60)).with_batch(format!("issued{n}").parse().unwrap());
        store.issue(&id, &[issued.with_occasion("may".parse().unwrap())]).await.unwrap();
        let request = IssueRequest::new(at(0)).with_holder(holder.clone()).with_occasion("june".parse().unwrap());
        for _ in 0..2 {
            store.issue_once(&shop, &id, &request, &[code(format!("O{n}"))]).await.unwrap();
        }
        let codes = [code(format!("B{n}")), code(format!("A{n}"))];
        store.add_batch(&batch, &id, &codes, at(0)).await.unwrap();
        store.export(&shop, &batch, at(0), None).await.unwrap();
        let old = ImportedCode::new(IssuedCode::new(code(format!("U{n}")), at(-60))).used([holder.clone()], 2);
        store.import(&id, &[old], at(0)).await.unwrap();
        let basket = Basket::new(&format!("desk-{n}"), &[&format!("b{n}")]).by("77");
        let used = basket.redemption(&mut store).await;
        assert_eq!(store.commit(&used, at(0)).await.unwrap(), Commit::Recorded);
        let basket = Basket::new(&format!("desk-held-{n}"), &[&format!("a{n}")]).by("77");
        let held = basket.redemption(&mut store).await;
        assert!(matches!(store.reserve(&held, at(0), at(20)).await.unwrap(), Reserve::Held { .. }));
        let limited = terms().total_limit(9).per_code_limit(3).per_customer_limit(9).build().unwrap();
        assert_eq!(store.revise(&limited, &edit).await.unwrap(), 2);
        let total = CounterKey::Total { coupon: id.clone() };
        let state = store.counter(&total, at(0)).await.unwrap();
        assert_eq!((state.used, state.held), (3, 1), "two of an older system, one recorded, one held");

        assert_eq!(store.definition_log(&id).await.unwrap().len(), 2);
        assert!(store.definition_at(&id, 1).await.unwrap().is_some());
        assert!(store.definitions(Some(&id), 3).await.unwrap().is_empty());
        assert_eq!(store.batch(&batch).await.unwrap().unwrap().issued.len(), 2);
        assert_eq!(store.look_up(&shop, &format!("u{n}")).await.unwrap().unwrap().uses, 2);
        assert_eq!(store.codes_of(&shop, &id, None, 100).await.unwrap().len(), 5);
        let why = Revocation::new(at(1), "leaked").unwrap();
        store.revoke(&codes[0], &why).await.unwrap();
        assert_eq!(store.revoke_batch(&batch, &why).await.unwrap(), 1);
        store.kill(&id, &edit).await.unwrap();
    }
}

/// Proves that what an admin asks of one definition, batch or code costs the same however many others there are, and that a
/// revision that adds a limit reads the records of its definition only.
#[tokio::test]
async fn every_statement_about_definitions_and_codes_finds_its_rows_by_an_index() {
    let Some(server) = Server::start() else { return };
    let database = server.database();
    filled(&database).await;
    let mut connection = database.connect().await;
    sqlx::raw_sql(EXPLAIN).execute(&mut connection).await.unwrap();
    desk(&mut connection).await;
    let log = server.log();
    assert!(log.matches("Query Text:").count() > 200);
    let walks = walks(&log);
    assert!(walks.is_empty(), "tables that are walked over:\n{}", walks.join("\n"));
}

/// What comes after the order: changes, points, histories, customers who are forgotten, what is over.
async fn afterwards(connection: &mut PgConnection) {
    let shop = shop();
    for n in 0..7 {
        let mut store = handle(connection);
        let ann = IdentityKey::id(&format!("ann-{n}")).unwrap();
        let (id, customer) = (format!("after-{n}"), Customer::new([ann.clone()]));
        let boot = Product::new("BOOT".parse().unwrap());
        let line = Line::new(LineId(1), boot, Quantity::pieces(2).unwrap(), UnitPrice::parse("100.00").unwrap());
        let basket = Order::builder(Currency::USD).line(line).build().unwrap();
        let flash = store.definition(&"flash".parse().unwrap()).await.unwrap().unwrap();
        let flash = shop.prepare(flash.as_ref().clone()).unwrap();
        let codes = [Presented::new("flash", &flash)];
        let request = Request::new(&basket, &customer, order(&id), at(0)).with_codes(&codes);
        let placed = shop.place(&request).unwrap();
        assert_eq!(store.commit(&placed.outcome().redemption().unwrap(), at(0)).await.unwrap(), Commit::Recorded);
        let change = Amendment::new("less".parse().unwrap()).in_quantity(LineId(1), Quantity::ONE);
        let amended = placed.amend(&change).unwrap();
        assert_eq!(store.amend(&amended, at(1)).await.unwrap(), Amend::Amended);
        let club = Basket::new(&format!("club-{n}"), &[]).by(&format!("ann-{n}")).product("CLUB-YEAR");
        let club = club.redemption(&mut store).await;
        assert_eq!(store.commit(&club, at(0)).await.unwrap(), Commit::Recorded);
        store.credit_points(&ann, &"start".parse().unwrap(), 100).await.unwrap();
        let back = store.return_points(&order(&id), &"back".parse().unwrap(), PointsReturn::new(1, 1)).await.unwrap();
        assert_eq!(back, ReturnPoints::NotRecorded);

        let place = store.record(&order(&id)).await.unwrap().unwrap().place;
        assert_eq!(store.records(Page::after(place - 1, 1)).await.unwrap().len(), 1);
        assert_eq!(store.usage_log(&"flash".parse().unwrap(), Page::after(place - 1, 3)).await.unwrap().len(), 1);
        assert_eq!(store.records_of(std::slice::from_ref(&ann), Page::first(9)).await.unwrap().len(), 2);
        assert_eq!(store.type_history(&ann).await.unwrap().len(), 1);
        assert_eq!(store.held_types(std::slice::from_ref(&ann)).await.unwrap().memberships().len(), 1);
        assert_eq!(store.points(&ann, at(0)).await.unwrap().balance(), 100);

        assert!(store.forget(&[ann]).await.unwrap().changed > 3);
        let held = Basket::new(&format!("held-{n}"), &["flash"]).redemption(&mut store).await;
        assert!(matches!(store.reserve(&held, at(0), at(20)).await.unwrap(), Reserve::Held { .. }));
        let over = Purge::holds(at(30), 10).with_records_before(at(30));
        assert_eq!(store.purge(&over).await.unwrap(), Purged::new(1, 2));
    }
}

/// Proves that what happens to one order or customer afterwards, and a step of a purge, cost the same however many others
/// there are. Only `forget` looks through a whole shop, for texts that name the customer where no index finds them: in the
/// occasions of codes, in imports, and in holds.
#[tokio::test]
async fn every_statement_after_the_order_finds_its_rows_by_an_index() {
    let Some(server) = Server::start() else { return };
    let database = server.database();
    filled(&database).await;
    let mut connection = database.connect().await;
    sqlx::raw_sql(EXPLAIN).execute(&mut connection).await.unwrap();
    // Lists of some length are looked for in tables of this size by walking over these: that is right, and would hide a
    // missing index. So: wherever there is an index, it is taken.
    sqlx::raw_sql("SET enable_seqscan = off").execute(&mut connection).await.unwrap();
    afterwards(&mut connection).await;
    let log = server.log();
    assert!(log.matches("Query Text:").count() > 200);
    let whole_shop = [
        "coupon_code_of_occasion by -- Codes whose occasion may",
        "coupon_import_pkey by -- Imported codes that",
        // An index of nothing but holds.
        "coupon_redemption_by_lapse by -- References whose records or holds",
    ];
    let mut walks = walks(&log);
    walks.extend(whole_indexes(&log));
    walks.retain(|walk| !whole_shop.iter().any(|known| walk.starts_with(known)));
    assert!(walks.is_empty(), "tables that are walked over:\n{}", walks.join("\n"));
}

/// Every table that is read from its beginning to its end, with the statement that does it, each once.
fn walks(log: &str) -> Vec<String> {
    let (mut statement, mut found) = ("", Vec::new());
    for line in log.lines() {
        if let Some((_, text)) = line.split_once("Query Text:") {
            statement = text.trim();
        } else if let Some((_, walk)) = line.split_once("Seq Scan on coupon_") {
            let table = walk.split_whitespace().next().unwrap_or_default();
            found.push(format!("coupon_{table} by {statement}"));
        }
    }
    found.sort();
    found.dedup();
    found
}

/// Every index that is read from one end to the other, or over all of a shop.
fn whole_indexes(log: &str) -> Vec<String> {
    let (mut statement, mut index, mut found) = ("", None, Vec::new());
    for line in log.lines() {
        if line.contains("->") || line.contains("Query Text:") {
            found.extend(index.take().map(|index| format!("{index} by {statement}")));
        }
        if let Some((_, text)) = line.split_once("Query Text:") {
            statement = text.trim();
        }
        if let Some((_, index_of)) =
            line.split_once(" using coupon_").or_else(|| line.split_once("Bitmap Index Scan on coupon_"))
        {
            index = Some(format!("coupon_{}", index_of.split_whitespace().next().unwrap_or_default()));
        } else if let Some((_, condition)) = line.split_once("Index Cond: ") {
            // A second column, or the namespace alone?
            let columns = condition.matches(" AND ").count();
            if columns > 0 {
                index = None;
            }
        }
    }
    found.sort();
    found.dedup();
    found
}
