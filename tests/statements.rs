//! The statements of the stores in databases: whatever is asked of a table is asked of one shop.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};

/// Every file of statements, and those that make the tables apart.
fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "sql") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store")
}

/// Without comments, which may say anything.
fn code(text: &str) -> String {
    text.lines().map(|line| line.split("--").next().unwrap()).collect::<Vec<_>>().join("\n")
}

/// The words of a statement.
fn words(statement: &str) -> Vec<&str> {
    statement.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty()).collect()
}

/// How often a statement reads or writes a table, and how often it says of which shop.
fn tables_and_namespaces(statement: &str) -> (usize, usize) {
    let words = words(statement);
    let of_table = |pair: &[&str]| {
        let verb = ["FROM", "JOIN", "INTO", "UPDATE", "USING"].contains(&pair[0].to_uppercase().as_str());
        verb && pair[1].starts_with("coupon_") && pair[1] != "coupon_schema"
    };
    let tables = words.windows(2).filter(|pair| of_table(pair)).count();
    (tables, words.iter().filter(|word| **word == "namespace").count())
}

/// One database serves many shops: every statement says for each table whose rows it means.
#[test]
fn every_statement_names_the_shop_for_each_table() {
    let (mut statements, mut wrong) = (0, Vec::new());
    for file in files(&root()) {
        let name = file.strip_prefix(root()).unwrap().display().to_string();
        let text = code(&fs::read_to_string(&file).unwrap());
        if name.contains("schema/") {
            continue;
        }
        for statement in text.split(';').filter(|statement| !words(statement).is_empty()) {
            let (tables, namespaces) = tables_and_namespaces(statement);
            statements += usize::from(tables > 0);
            if namespaces < tables {
                wrong.push(format!("{name}: {tables} tables, {namespaces} namespaces:{statement}"));
            }
        }
    }
    assert!(statements > 80, "the walk found too little to mean anything: {statements}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// In the schema every table has the namespace, and it leads every key and every index.
#[test]
fn every_key_begins_with_the_shop() {
    for database in ["sqlite", "postgres"] {
        let file = root().join(database).join("schema/1.sql");
        let text = code(&fs::read_to_string(file).unwrap());
        let (mut tables, mut indexes) = (0, 0);
        for statement in text.split(';') {
            let words = words(statement);
            if words.len() < 4 || words[0] != "CREATE" {
                continue;
            }
            if words[1] == "TABLE" {
                tables += 1;
                assert_eq!(words[3], "namespace", "{statement}");
                let key = words.windows(3).position(|w| w[0] == "PRIMARY" && w[1] == "KEY").unwrap();
                let of_column = words[key - 3..key].contains(&"NULL") && words[3] == "namespace";
                assert!(words.get(key + 2) == Some(&"namespace") || of_column, "{statement}");
            } else if words.contains(&"INDEX") {
                indexes += 1;
                let on = words.iter().position(|word| *word == "ON").unwrap();
                assert_eq!(words[on + 2], "namespace", "{statement}");
            }
        }
        assert!(tables > 15 && indexes > 8, "{tables} tables, {indexes} indexes");
    }
}

/// What the server runs by itself says of which shop as well.
#[test]
fn functions_of_the_schema_name_the_shop_for_each_table() {
    let text = code(&fs::read_to_string(root().join("postgres/schema/functions.sql")).unwrap());
    let bodies: Vec<&str> = text.split("$$").skip(1).step_by(2).collect();
    assert!(!bodies.is_empty());
    for statement in bodies.iter().flat_map(|body| body.split(';')) {
        let (tables, namespaces) = tables_and_namespaces(statement);
        assert!(namespaces >= tables, "{statement}");
    }
}
