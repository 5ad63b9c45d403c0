//! Text in lines of bounded width.

/// No line can be narrower, or a long word would stand letter below letter.
const NARROWEST: usize = 20;

/// Writes a text as an item of a list, with a dash before its first line and as much space before the others. A word that
/// is longer than a line is broken.
pub(super) fn wrap(out: &mut String, text: &str, width: usize) {
    let room = width.max(NARROWEST).saturating_sub(2);
    let mut used = 0_usize;
    out.push_str("- ");
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if used > 0 {
            // Also where the word will be broken: it begins with a line of its own.
            if used.saturating_add(1).saturating_add(length) > room {
                out.push_str("\n  ");
                used = 0;
            } else {
                out.push(' ');
                used = used.saturating_add(1);
            }
        }
        for letter in word.chars() {
            if used >= room {
                out.push_str("\n  ");
                used = 0;
            }
            out.push(letter);
            used = used.saturating_add(1);
        }
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrapped(text: &str, width: usize) -> String {
        let mut out = String::new();
        wrap(&mut out, text, width);
        out
    }

    #[test]
    fn lines_are_never_wider_and_no_letter_is_lost() {
        let text = "for ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGH or \u{e4}\u{f6}\u{fc}, but not  this\nand that";
        for width in 0..60 {
            let out = wrapped(text, width);
            assert!(out.lines().all(|line| line.chars().count() <= width.max(20)), "{out}");
            let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            assert_eq!(letters(out.trim_start_matches('-')), letters(text));
        }
        assert_eq!(wrapped("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 20), "- ABCDEFGHIJKLMNOPQR\n  STUVWXYZ\n");
        assert_eq!(wrapped("one two three four", 20), "- one two three four\n");
        assert_eq!(wrapped("one two three fours", 20), "- one two three\n  fours\n");
        assert_eq!(wrapped("", 20), "- \n");
    }
}
