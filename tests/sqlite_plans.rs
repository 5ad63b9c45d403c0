//! Every statement of the store in SQLite finds its rows by an index.
#![cfg(feature = "sqlite")]
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use std::fs;
use std::path::{Path, PathBuf};

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Row};
use vouchsafe::SqliteStore;

/// Statements that read a whole shop, and that nobody runs in a checkout.
const WHOLE_SHOP: [&str; 3] = ["log/counters.sql", "forget/named_in_codes.sql", "forget/named_in_imports.sql"];

fn files(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("schema") {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "sql" || extension == "rs") {
            found.push(path);
        }
    }
}

/// The statements of a file, without its comments; of a Rust file, those that are one line of text.
fn statements(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap();
    if file.extension().is_some_and(|extension| extension == "rs") {
        let calls = text.split("Statement::both(").skip(1).map(str::trim_start);
        let quoted = calls.filter_map(|call| call.strip_prefix('"')?.split_once('"'));
        return quoted.map(|(statement, _)| statement.to_owned()).collect();
    }
    let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("--")).collect();
    let statements = code.join("\n");
    statements.split(';').map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned).collect()
}

async fn plan(connection: &mut SqliteConnection, statement: &str) -> Vec<String> {
    let explained = format!("EXPLAIN QUERY PLAN {statement}");
    let values = (1..=20).filter(|n| statement.contains(&format!("${n}"))).max().unwrap_or(0);
    let query = (0..values).fold(sqlx::query(AssertSqlSafe(explained)), |query, _| query.bind(None::<String>));
    let rows = query.fetch_all(connection).await.unwrap_or_else(|error| panic!("{error}: {statement}"));
    rows.iter().map(|row| row.get::<String, _>("detail")).collect()
}

/// Whether the step walks over all rows of a table, or over all of a shop. The highest place of a shop is one look at the end
/// of an index, and what `EXPLAIN` calls by another name than a table of ours is a list or a step before it.
fn walks(step: &str, statement: &str) -> bool {
    let words: Vec<&str> = statement.split_whitespace().map(|word| word.trim_matches(['(', ',', ';'])).collect();
    let of_table = |name: &str| {
        let mut named = words.windows(2).filter(|pair| pair[1] == name && pair[0] != "AS").map(|pair| pair[0]);
        name.starts_with("coupon_") || (words.contains(&name) && named.all(|word| word.starts_with("coupon_")))
    };
    let name = step.split_whitespace().nth(1).unwrap_or_default();
    let all_of_it = step.starts_with("SCAN ") && !step.contains("VIRTUAL");
    let all_of_a_shop = step.ends_with("(namespace=?)") && !statement.contains("max(place)");
    (all_of_it && of_table(name)) || all_of_a_shop
}

/// Proves that no statement reads more than it is about, however many records, codes and shops there are.
#[tokio::test]
async fn no_statement_walks_over_a_table() {
    let mut connection = SqliteConnectOptions::new().in_memory(true).connect().await.unwrap();
    SqliteStore::migrate(&mut connection).await.unwrap();
    let (root, mut found) = (Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store"), Vec::new());
    files(&root.join("sql"), &mut found);
    files(&root.join("sqlite"), &mut found);
    assert!(found.len() > 50, "the walk found too little to mean anything");
    let (mut wrong, mut asked) = (Vec::new(), 0);
    for file in found.iter().filter(|file| !WHOLE_SHOP.iter().any(|name| file.ends_with(name))) {
        for statement in statements(file) {
            asked += 1;
            let steps = plan(&mut connection, &statement).await;
            let walking = steps.into_iter().filter(|step| walks(step, &statement));
            wrong.extend(walking.map(|step| format!("{}: {step}", file.strip_prefix(&root).unwrap().display())));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(asked > 80, "{asked} statements are too few to mean anything");
}
