//! What a redemption takes in PostgreSQL itself, and which part of it what: the function of the schema, called in the server
//! again and again, as it is and without one of its parts. Nothing waits for a disk or a client here.

use super::server::{Server, Settings};
use crate::turns::{Table, quantile};

/// A part, and where it begins and ends in the text of the function.
const PARTS: [(&str, &str, &str); 4] = [
    ("the record, the usage log, the history", "    WITH item AS MATERIALIZED", "    IF codes <> '[]'"),
    ("the counter", "    FOR item IN\n        SELECT * FROM jsonb_to_recordset(counters)", "    -- Last, so that"),
    ("the lock of the definition", "    -- Last, so that", "    RETURN TRUE;"),
    ("the savepoint", "EXCEPTION WHEN SQLSTATE 'CP001' THEN", "END $"),
];
/// The bare conditional update and insert, called the same way, and nothing at all.
const BARE: &str = "
    CREATE TABLE raw_counter (id BIGINT PRIMARY KEY, used BIGINT NOT NULL, most BIGINT NOT NULL);
    CREATE TABLE raw_redemption (reference TEXT PRIMARY KEY, coupon BIGINT NOT NULL);
    INSERT INTO raw_counter VALUES (1, 0, 1099511627776);
    CREATE FUNCTION bare(shop text, at bigint, items jsonb, codes jsonb, counters jsonb, definitions jsonb)
    RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
        WITH taken AS (UPDATE raw_counter SET used = used + 1 WHERE id = 1 AND used < most RETURNING id)
        INSERT INTO raw_redemption (reference, coupon) SELECT items -> 0 ->> 'reference', id FROM taken;
        RETURN TRUE;
    END $$;
    CREATE FUNCTION nothing(shop text, at bigint, items jsonb, codes jsonb, counters jsonb, definitions jsonb)
    RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RETURN TRUE; END $$;
    INSERT INTO coupon_definition (namespace, coupon, revision, active, document) VALUES ('shop', 'hot', 1, 1, '{}');
    CREATE PROCEDURE call_it(what text, first int, calls int, INOUT seconds float8) LANGUAGE plpgsql AS $$
    DECLARE
        begun timestamptz := clock_timestamp();
        document text := repeat('0123456789', 80);
        counters jsonb := '[{\"owner\": \"hot\", \"code\": \"\", \"customer\": \"\", \"kind\": \"total\", \"amount\": 1, \"most\": 1099511627776}]';
        used jsonb := '[{\"part\": 0, \"coupon\": \"hot\", \"code\": \"HOT\", \"revision\": 1, \"units\": 1, \"discount\": 1, \"third_party\": 0}]';
        recorded boolean;
    BEGIN
        FOR i IN first .. first + calls - 1 LOOP
            EXECUTE 'SELECT ' || what || '(''shop'', $1, $2, ''[]'', $3, ''[{\"coupon\": \"hot\", \"revision\": 1}]'')'
            INTO recorded
            USING i::bigint, jsonb_build_array(jsonb_build_object(
                'reference', what || i, 'currency', 'USD', 'payable', 1, 'document', document, 'uses', used,
                'customers', '[\"id:1\"]'::jsonb)), counters;
            ASSERT recorded;
            COMMIT;
        END LOOP;
        seconds := extract(epoch FROM clock_timestamp() - begun);
    END $$;
";
const CALLS: i32 = 500;

/// Microseconds of each, in turns, with those of nothing taken off.
pub async fn parts(table: &mut Table, turns: usize) {
    let Some(server) = Server::start_with(Settings::Durable) else { return };
    let mut connection = server.database().connect().await;
    sqlx::raw_sql(BARE).execute(&mut connection).await.unwrap();
    sqlx::raw_sql("SET synchronous_commit = off").execute(&mut connection).await.unwrap();
    let whole: String = sqlx::query_scalar("SELECT pg_get_functiondef('coupon_commit'::regproc)")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    let mut names = vec!["nothing".to_owned(), "coupon_commit".to_owned(), "bare".to_owned()];
    for (n, (part, from, until)) in PARTS.into_iter().enumerate() {
        let (before, rest) = whole.split_once(from).unwrap_or_else(|| panic!("{part}: no {from}"));
        let (_, after) = rest.split_once(until).unwrap_or_else(|| panic!("{part}: no {until}"));
        let name = format!("without_{n}");
        let text = format!("{before}{until}{after}").replace("coupon_commit(", &format!("{name}("));
        sqlx::raw_sql(sqlx::AssertSqlSafe(text)).execute(&mut connection).await.unwrap();
        names.push(name);
    }
    let mut figures = vec![Vec::new(); names.len()];
    for turn in 0..i32::try_from(turns * 3).unwrap() {
        for (name, figures) in names.iter().zip(&mut figures) {
            let call = sqlx::query_scalar("CALL call_it($1, $2, $3, NULL)").bind(name).bind(turn * CALLS).bind(CALLS);
            let seconds: f64 = call.fetch_one(&mut connection).await.unwrap();
            figures.push(seconds / f64::from(CALLS) * 1e6);
            sqlx::raw_sql("VACUUM coupon_counter, coupon_definition, raw_counter")
                .execute(&mut connection)
                .await
                .unwrap();
        }
    }
    let figures: Vec<f64> = figures.into_iter().map(|of| quantile(of, 2)).collect();
    let (nothing, all) = (figures[0], figures[1] - figures[0]);
    let mut row = |what: &str, figure: f64| {
        let figure = figure - nothing;
        table.row(what, "the server", figure / all, None, &format!("{figure:.0} us against {all:.0} us"));
    };
    row("PostgreSQL, a bare update and insert / a redemption", figures[2]);
    for ((part, _, _), figure) in PARTS.iter().zip(&figures[3..]) {
        row(&format!("  without {part}"), *figure);
    }
}
