//! What the first page of the crate shows: its chart, the figures in it, and where its links lead.

#![allow(clippy::unwrap_used, clippy::panic)]

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
