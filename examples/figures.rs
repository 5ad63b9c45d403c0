//! Draws the chart of the README from the figures in `examples/figures/figures.json`.
//!
//! ```sh
//! cargo run --example figures
//! ```
//!
//! writes `examples/output/figures.svg`, which the README shows in the repository, and `src/guide/chart.md`, the same
//! picture as an address that needs no file, for docs.rs. Whoever measures anew edits the figures, here and in
//! `src/guide/figures.md`, and runs it; `tests/front_page.rs` holds the three together.

#![allow(clippy::float_arithmetic, clippy::arithmetic_side_effects)] // lengths of bars, and no money

use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use serde::Deserialize;

/// The figures, as `figures.json` has them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Figures {
    pub(crate) panels: Vec<Panel>,
}

/// One scale, with the bars that are measured by it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Panel {
    title: String,
    note: String,
    scale: Scale,
    least: f64,
    most: f64,
    /// Where the scale has a line, as it is written below it.
    marks: Vec<String>,
    /// The mark at which both sides are even.
    even: Option<String>,
    pub(crate) groups: Vec<Group>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Scale {
    Linear,
    Log,
}

/// Bars under one heading.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Group {
    name: String,
    pub(crate) bars: Vec<Bar>,
}

/// One figure.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Bar {
    name: String,
    /// As it is written, `23,000`.
    pub(crate) value: String,
    #[serde(default)]
    ours: bool,
    /// The command that prints it, or the two times it was worked out from.
    pub(crate) source: String,
}

const WIDTH: u32 = 760;
/// Where bars begin, and how long the longest may be.
const LEFT: u32 = 262;
const LENGTH: f64 = 420.0;
const ROW: u32 = 19;

/// The figures as they are committed.
pub(crate) fn figures() -> Result<Figures, Box<dyn Error>> {
    Ok(serde_json::from_str(include_str!("figures/figures.json"))?)
}

impl Panel {
    /// How far right a figure lies, in tenths of a pixel, so that no platform rounds it another way.
    fn length(&self, text: &str) -> Result<String, Box<dyn Error>> {
        let value: f64 = text.replace(',', "").parse()?;
        let part = match self.scale {
            Scale::Linear => (value - self.least) / (self.most - self.least),
            Scale::Log => (value / self.least).ln() / (self.most / self.least).ln(),
        };
        if !(0.0..=1.0).contains(&part) {
            return Err(format!("{text} is not on the scale of `{}`", self.title).into());
        }
        Ok(format!("{:.1}", part * LENGTH))
    }

    fn rows(&self) -> usize {
        self.groups.iter().map(|group| group.bars.len() + 1).sum()
    }

    /// Draws it below `top`, and says where it ends.
    fn draw(&self, top: u32, out: &mut String) -> Result<u32, Box<dyn Error>> {
        writeln!(
            out,
            r#"<text class="vf-ink" x="20" y="{}" font-size="15" font-weight="600">{}</text>"#,
            top + 16,
            self.title
        )?;
        writeln!(
            out,
            r##"<text class="vf-soft" x="20" y="{}" font-size="12" fill="#59636e">{}</text>"##,
            top + 34,
            self.note
        )?;
        let first = top + 44;
        let end = first + ROW * u32::try_from(self.rows())?;
        for mark in &self.marks {
            let (at, even) = (self.length(mark)?, self.even.as_deref() == Some(mark));
            let (class, colour) = if even { ("vf-even", "#59636e") } else { ("vf-line", "#d1d9e0") };
            writeln!(
                out,
                r#"<path class="{class}" transform="translate({LEFT})" d="M{at} {first}V{end}" stroke="{colour}"/>"#
            )?;
            writeln!(
                out,
                r##"<text class="vf-soft" transform="translate({LEFT})" x="{at}" y="{}" font-size="11" fill="#59636e" text-anchor="middle">{mark}</text>"##,
                end + 14
            )?;
        }
        let mut y = first;
        for group in &self.groups {
            writeln!(
                out,
                r#"<text class="vf-ink" x="20" y="{}" font-size="12" font-weight="600">{}</text>"#,
                y + 14,
                group.name
            )?;
            y += ROW;
            for bar in &group.bars {
                let length = self.length(&bar.value)?;
                let (class, colour) = if bar.ours { ("vf-ours", "#0969da") } else { ("vf-other", "#8c959f") };
                writeln!(
                    out,
                    r#"<text class="vf-ink" x="{}" y="{}" font-size="12" text-anchor="end">{}</text>"#,
                    LEFT - 8,
                    y + 14,
                    bar.name
                )?;
                writeln!(
                    out,
                    r#"<rect class="{class}" x="{LEFT}" y="{}" width="{length}" height="{}" rx="2" fill="{colour}"><title>{}</title></rect>"#,
                    y + 3,
                    ROW - 6,
                    bar.source
                )?;
                writeln!(
                    out,
                    r#"<text class="vf-ink" transform="translate({LEFT})" x="{length}" dx="6" y="{}" font-size="12">{}</text>"#,
                    y + 14,
                    bar.value
                )?;
                y += ROW;
            }
        }
        Ok(end + 34)
    }
}

/// The whole picture. Colours stand twice: plain for whatever knows no style sheet, and for whoever reads in the dark.
pub(crate) fn svg(figures: &Figures) -> Result<String, Box<dyn Error>> {
    let (mut panels, mut top) = (String::new(), 16);
    for panel in &figures.panels {
        top = panel.draw(top, &mut panels)?;
    }
    let mut out = String::new();
    writeln!(
        out,
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{top}" viewBox="0 0 {WIDTH} {top}" role="img" fill="#1f2328" font-family="system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif">"##
    )?;
    writeln!(
        out,
        "<title>What an evaluation and a redemption cost; every figure stands in the guide `figures`</title>"
    )?;
    writeln!(out, "<style>@media (prefers-color-scheme: dark) {{")?;
    for (class, rule) in [
        ("card", "fill: #0d1117; stroke: #3d444d"),
        ("ink", "fill: #f0f6fc"),
        ("soft", "fill: #9198a1"),
        ("ours", "fill: #4493f8"),
        ("other", "fill: #656c76"),
        ("line", "stroke: #3d444d"),
        ("even", "stroke: #9198a1"),
    ] {
        writeln!(out, ".vf-{class} {{ {rule} }}")?;
    }
    writeln!(out, "}}</style>")?;
    let (inner, tall) = (WIDTH - 1, top - 1);
    writeln!(
        out,
        r##"<rect class="vf-card" x="0.5" y="0.5" width="{inner}" height="{tall}" rx="6" fill="#ffffff" stroke="#d1d9e0"/>"##
    )?;
    out.push_str(&panels);
    out.push_str("</svg>\n");
    Ok(out)
}

/// The definition of the link `chart` that holds the picture itself: rustdoc copies no files. It comes before the one of the
/// README, and of two definitions Markdown takes the first.
pub(crate) fn link(svg: &str) -> String {
    let mut out = String::from("[chart]: <data:image/svg+xml,");
    for character in svg.chars() {
        match character {
            '<' => out.push_str("%3C"),
            '>' => out.push_str("%3E"),
            '#' => out.push_str("%23"),
            '%' => out.push_str("%25"),
            '\n' => out.push(' '),
            other => out.push(other),
        }
    }
    out.push_str(">\n");
    out
}

#[allow(dead_code)] // a test includes this file and compares
fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let svg = svg(&figures()?)?;
    fs::write(root.join("examples/output/figures.svg"), &svg)?;
    fs::write(root.join("src/guide/chart.md"), link(&svg))?;
    println!("examples/output/figures.svg and src/guide/chart.md: {} bytes", svg.len());
    Ok(())
}
