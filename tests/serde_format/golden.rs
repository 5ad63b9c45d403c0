//! Compares what is written with the golden files, byte by byte.

use std::fmt::Debug;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::documents::{Reading, Visit};

/// One way of reading the documents of a file.
type Way<'w, T> = &'w dyn Fn() -> serde_json::Result<Vec<T>>;

/// Compares every document with its golden file, and finds all differences before it fails.
#[derive(Debug)]
pub struct Golden {
    directory: PathBuf,
    /// Whether to write the files instead.
    update: bool,
    files: Vec<String>,
    wrong: Vec<String>,
}

impl Golden {
    pub fn new(directory: impl AsRef<Path>, update: bool) -> Self {
        Self { directory: directory.as_ref().to_owned(), update, files: Vec::new(), wrong: Vec::new() }
    }

    /// The text of the golden file, after it was compared with what is written now.
    fn compare<T: Serialize>(&mut self, file: &str, built: &[T]) -> String {
        let written = serde_json::to_string_pretty(built).unwrap() + "\n";
        let path = self.directory.join(file).with_extension("json");
        self.files.push(format!("{file}.json"));
        if self.update {
            fs::write(&path, &written).unwrap();
        }
        let golden = fs::read_to_string(&path).unwrap_or_default();
        if golden != written {
            self.wrong.push(format!(
                "{file}.json: `-` is the file, `+` is what is written now\n{}",
                difference(&golden, &written)
            ));
        }
        golden
    }

    /// Fails with everything that differs, and where the directory holds a file that no document belongs to.
    pub fn finish(mut self) {
        for entry in fs::read_dir(&self.directory).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if name.ends_with(".json") && !self.files.contains(&name) {
                self.wrong.push(format!("{name}: no document is kept in this file"));
            }
        }
        assert!(self.files.len() > 30, "the walk found too little to mean anything");
        assert!(
            self.wrong.is_empty(),
            "the format has changed, which breaks what hosts have stored.\n\n{}",
            self.wrong.join("\n")
        );
    }
}

impl Visit for Golden {
    fn read<T>(&mut self, file: &'static str, _: Reading, built: Vec<T>)
    where
        T: Serialize + DeserializeOwned + PartialEq + Debug,
    {
        let golden = self.compare(file, &built);
        // As text, as bytes, as a stream; and by way of a tree, whose fields may come in another order.
        let tree = || serde_json::from_str::<Value>(&golden).and_then(serde_json::from_value::<Vec<T>>);
        let ways: [(&str, Way<'_, T>); 4] = [
            ("text", &|| serde_json::from_str(&golden)),
            ("bytes", &|| serde_json::from_slice(golden.as_bytes())),
            ("stream", &|| serde_json::from_reader(golden.as_bytes())),
            ("tree", &tree),
        ];
        for (way, read) in ways {
            match read() {
                Err(error) => self.wrong.push(format!("{file}.json cannot be read as {way}: {error}")),
                Ok(read) if read.len() != built.len() => {
                    self.wrong.push(format!("{file}.json holds {} and not {}", read.len(), built.len()));
                }
                Ok(read) => {
                    for (place, (read, built)) in read.iter().zip(&built).enumerate().filter(|(_, (r, b))| r != b) {
                        self.wrong.push(format!("{file}.json [{place}], as {way}, is\n{read:?}\nand not\n{built:?}"));
                    }
                }
            }
        }
    }

    fn written<T: Serialize>(&mut self, file: &'static str, built: Vec<T>) {
        self.compare(file, &built);
    }
}

/// The lines that differ, with one line before and after.
fn difference(old: &str, new: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let rest = old.len().min(new.len()) - head;
    let tail = old.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    let mut shown = vec![format!("  line {}:", head + 1)];
    let mut show = |mark: char, lines: &[&str]| {
        const MOST: usize = 30;
        shown.extend(lines.iter().take(MOST).map(|line| format!("{mark} {line}")));
        shown.extend((lines.len() > MOST).then(|| format!("{mark} ... {} more", lines.len() - MOST)));
    };
    show(' ', &old[head.saturating_sub(1)..head]);
    show('-', &old[head..old.len() - tail]);
    show('+', &new[head..new.len() - tail]);
    show(' ', &old[old.len() - tail..(old.len() - tail + 1).min(old.len())]);
    shown.join("\n")
}

#[test]
fn a_difference_shows_the_lines_that_changed() {
    assert_eq!(difference("a\nb\nc\nd", "a\nx\nc\nd"), "  line 2:\n  a\n- b\n+ x\n  c");
    assert_eq!(difference("", "a"), "  line 1:\n+ a");
    assert_eq!(difference("a\na", "a\na\na"), "  line 3:\n  a\n+ a");
}
