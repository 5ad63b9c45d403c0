//! The layout of the crate: data flows one way, and no module imports from a later room.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms from the ground to the roof. `error` and `money` name each other's types, as a currency stands in messages.
const ROOMS: [&str; 24] = [
    "error",
    "key",
    "money",
    "calendar",
    "form",
    "attribute",
    "funding",
    "customer",
    "policy",
    "order",
    "coupon",
    "shop",
    "refusal",
    "request",
    "outcome",
    "evaluate",
    "run",
    "issue",
    "settle",
    "store",
    "insight",
    "schema",
    "guide",
    "lib",
];

/// Imports that point upwards, each with its reason.
const ALLOWED: [(&str, &str); 1] = [
    // A message names the currency that was expected.
    ("error", "money"),
];

#[test]
fn no_module_imports_from_a_later_room() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    for file in sources(&root) {
        let room = room_of(&root, &file);
        let rank = rank(&room).unwrap_or_else(|| panic!("`{room}` is no room: name it in ROOMS"));
        for target in imports(&fs::read_to_string(&file).unwrap()) {
            let Some(of_target) = self::rank(&target) else { continue };
            if of_target > rank && room != "lib" && !ALLOWED.contains(&(room.as_str(), target.as_str())) {
                wrong.push(format!("{} imports from `{target}`", file.display()));
            }
        }
    }
    assert!(sources(&root).len() > 50, "the walk found too little to mean anything");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Files fit in a head. Tests at the bottom of a file are not counted.
#[test]
fn files_stay_short() {
    const MOST: usize = 600;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let long: Vec<String> = sources(&root)
        .into_iter()
        .filter_map(|file| {
            let text = fs::read_to_string(&file).unwrap();
            let lines = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default().lines().count();
            (lines > MOST).then(|| format!("{} has {lines} lines", file.display()))
        })
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

fn sources(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn room_of(root: &Path, file: &Path) -> String {
    let inside = file.strip_prefix(root).unwrap();
    let first = inside.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

fn rank(room: &str) -> Option<usize> {
    ROOMS.iter().position(|r| *r == room)
}

/// The rooms that the code of a file names; comments and unit tests may point anywhere.
fn imports(text: &str) -> Vec<String> {
    let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let mut rooms = Vec::new();
    for line in lines {
        for (at, _) in line.match_indices("crate::") {
            let rest = &line[at + "crate::".len()..];
            rooms.push(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    rooms
}
