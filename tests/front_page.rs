//! What the first page of the crate shows: its chart, the figures in it, where its links lead, and how it counts the tests.

#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]

use std::fs;
use std::path::PathBuf;

#[path = "../examples/figures.rs"]
mod figures;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// After a change of the figures: `cargo run --example figures`.
#[test]
fn the_chart_is_drawn_from_the_figures() {
    let svg = figures::svg(&figures::figures().unwrap()).unwrap();
    assert!(svg == read("examples/output/figures.svg"), "run `cargo run --example figures`");
    assert!(figures::link(&svg) == read("src/guide/chart.md"), "run `cargo run --example figures`");
}

/// Every figure of the chart stands in the guide, with what it comes from.
#[test]
fn the_chart_shows_nothing_that_the_guide_does_not_say() {
    let guide = read("src/guide/figures.md");
    let words: Vec<&str> = guide.split(|c: char| !c.is_ascii_digit() && c != '.' && c != ',').collect();
    let figures = figures::figures().unwrap();
    let bars: Vec<_> = figures.panels.iter().flat_map(|panel| &panel.groups).flat_map(|group| &group.bars).collect();
    assert!(bars.len() > 20, "too few to mean anything: {}", bars.len());
    for bar in bars {
        let said = words.iter().any(|word| word.trim_end_matches(['.', ',']) == bar.value);
        assert!(said, "{} is not in the guide", bar.value);
        let source = &bar.source;
        let command = source.strip_prefix("cargo bench --bench ").is_some_and(|rest| guide.contains(rest));
        let times = source.split_once(" beside ").is_some_and(|(time, _)| guide.contains(time));
        assert!(command || times, "the guide does not have `{source}`");
    }
}

/// Links of the README lead to files in the repository, and to pages of the documentation in `src/lib.rs`, whose
/// definitions come first.
#[test]
fn every_link_of_the_readme_leads_somewhere() {
    let (readme, library) = (read("README.md"), read("src/lib.rs"));
    let links: Vec<(&str, &str)> = readme
        .lines()
        .filter_map(|line| line.strip_prefix('[')?.split_once("]: "))
        .filter(|(name, _)| !name.contains(']')) // a use before a colon
        .collect();
    assert!(links.len() > 10, "{links:?}");
    let before = library.split("include_str!(\"../README.md\")").next().unwrap_or_default();
    for (name, file) in &links {
        assert!(root().join(file).exists(), "[{name}] leads to {file}, which is not there");
        let page = format!("//! [{name}]: ");
        assert!(*name == "chart" || before.contains(&page), "src/lib.rs has no [{name}] before the README");
        assert!(readme.contains(&format!("][{name}]")), "nothing leads to [{name}]");
    }
    // And each use has a definition.
    for part in readme.split("][").skip(1) {
        let name = part.split(']').next().unwrap_or_default();
        let known = links.iter().any(|(known, _)| *known == name);
        // In code two brackets may meet: `answers()[0][1]`.
        assert!(known || !name.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "[{name}] is not defined");
    }
}

/// What the pages count in the tests is what stands there.
#[test]
fn the_pages_count_the_tests_as_they_are() {
    let (proof, readme) = (read("src/guide/proof.md"), read("README.md"));
    let count = |text: &str, what: fn(&str) -> bool| text.lines().filter(|line| what(line.trim())).count();
    let is_test: fn(&str) -> bool = |line| line == "#[test]";
    let mut rules = 0;
    for file in fs::read_dir(root().join("tests/requirements")).unwrap() {
        rules += count(&fs::read_to_string(file.unwrap().path()).unwrap(), is_test);
    }
    let promises = count(&read("src/store/conformance/list.rs"), |line| {
        line.split_once("::").is_some_and(|(room, promise)| {
            let plain = |text: &str| text.chars().all(|c| c.is_ascii_lowercase() || c == '_');
            promise.ends_with(',') && plain(room) && plain(promise.trim_end_matches(','))
        })
    });
    let flaws = count(&read("tests/broken_stores.rs"), |line| {
        line.split_once(" breaks").is_some_and(|(before, _)| before.contains(" as ") && !before.contains('$'))
    });
    let by_hand = count(&read("tests/requirements/bad_input.rs"), is_test);
    let counted = count(&read("tests/allocations.rs"), is_test);
    for (page, told) in [
        (&proof, format!("{promises} promises on 3 stores")),
        (&proof, format!("{} in all", promises * 5)),
        (&proof, format!("{flaws} broken stores")),
        (&readme, format!("{promises} promises on each of three stores")),
    ] {
        assert!(page.contains(&told), "a page does not say `{told}`");
    }
    // Of these there may be more than the pages say.
    for (found, least, page, told) in [
        (rules, 500, &proof, "| over 500 tests in all |"),
        (by_hand, 12, &proof, "| over a dozen tests; documents cut at every length"),
        (by_hand, 12, &readme, "| over a dozen tests by hand;"),
        (counted, 12, &proof, "| over a dozen tests with a counting allocator |"),
    ] {
        assert!(found > least, "{found} tests: `{told}`");
        assert!(page.contains(told), "a page does not say `{told}`");
    }
    // The constants behind the other figures.
    for (file, constant, told) in [
        ("tests/oracle.rs", "const CASES: u64 = 20_000;", "| 20,000 orders:"),
        ("tests/oracle.rs", "\"VOUCHSAFE_CASES\", CASES / 20)", "| 1,000 shops |"),
        ("tests/invariants.rs", "asked.cases } else { 400 }", "| 400 random orders each |"),
        ("tests/price_invariants.rs", "asked.cases } else { 400 }", "| 400 shops for each of 5 properties |"),
        ("src/money/allocate/share.rs", "for round in 0..20_000 {", "| 20,000 splits,"),
        (".ci/deep", "PROPTEST_CASES:-20000", "20,000 cases a property"),
        (".ci/deep", "VOUCHSAFE_CASES:-200000", "200,000 random orders"),
    ] {
        assert!(read(file).contains(constant), "{file} has no `{constant}` any more: what does the guide say of it?");
        assert!(proof.contains(told), "the guide does not say `{told}`");
    }
}
