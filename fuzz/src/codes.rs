//! Codes as shoppers type them, patterns, and the codes that patterns make.

use std::collections::BTreeSet;
use std::convert::Infallible;

use vouchsafe::{Code, CodeFormat, CodePattern, Error, GenerateError, Why};

use crate::bytes::Bytes;
use crate::tally;

/// The characters that are never taken for each other.
const LETTERS: &str = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
/// What a slip may put in the place of a character.
const TYPED: &[u8; 36] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
/// Those that are easily taken for each other.
const MISREAD: &[u8; 4] = b"0O1I";

/// The canonical form, worked out anew: `Err` is the position of the first character that no code holds, from 1 on.
fn spelt(text: &str, format: CodeFormat) -> Result<String, usize> {
    let outer = |place: usize, all: &[char]| {
        all[..=place].iter().all(|c| c.is_whitespace()) || all[place..].iter().all(|c| c.is_whitespace())
    };
    let all: Vec<char> = text.chars().collect();
    let mut canonical = String::new();
    for (place, c) in all.iter().enumerate() {
        if c.is_whitespace() && outer(place, &all) {
            continue;
        }
        let (kept, dropped) = match format {
            CodeFormat::Standard => (matches!(c, 'a'..='z' | 'A'..='Z' | '0'..='9'), matches!(c, ' ' | '-')),
            CodeFormat::Imported => (matches!(c, ' '..='~'), false),
        };
        if kept {
            canonical.push(if c.is_ascii_lowercase() { char::from(*c as u8 - b'a' + b'A') } else { *c });
        } else if !dropped {
            return Err(place + 1);
        }
    }
    Ok(canonical)
}

fn reads(text: &str, format: CodeFormat) -> Option<Code> {
    let max = if format == CodeFormat::Standard { 24 } else { 64 };
    let expected = spelt(text, format);
    match Code::parse(text, format) {
        Ok(code) => {
            assert_eq!(Ok(code.as_str()), expected.as_deref(), "{text:?}");
            assert!((1..=max).contains(&code.as_str().len()), "{text:?}");
            assert_eq!(Code::parse(code.as_str(), format).as_ref(), Ok(&code), "a canonical code reads as itself");
            assert_eq!(Code::from_canonical(code.as_str()).as_ref(), Ok(&code));
            let lower = code.as_str().to_lowercase();
            assert_eq!(Code::parse(&lower, format).as_ref(), Ok(&code));
            assert_eq!(Code::from_canonical(&lower).is_ok(), lower == code.as_str());
            let json = serde_json::to_string(&code).unwrap();
            assert_eq!(serde_json::from_str::<Code>(&json).unwrap(), code);
            if format == CodeFormat::Standard {
                assert_eq!(Code::parse(code.as_str(), CodeFormat::Imported).as_ref(), Ok(&code));
                let typed: Vec<String> = code.as_str().chars().map(String::from).collect();
                assert_eq!(Code::parse(&format!(" {} ", typed.join("- ")), format).as_ref(), Ok(&code));
            }
            assert_eq!(code.check_passes(), checked(code.as_str()), "{code}");
            tally::met("read as a code");
            Some(code)
        }
        Err(Error::Invalid(field)) => {
            assert_eq!(field.path, "code");
            tally::met("refused as a code");
            match (&field.why, &expected) {
                (Why::WrongCharacter { position, character }, Err(place)) => {
                    assert_eq!((position, text.chars().nth(place - 1)), (place, Some(*character)), "{text:?}");
                }
                (Why::Empty, Ok(canonical)) => assert_eq!(canonical, ""),
                (Why::TooLong { max: most }, Ok(canonical)) => assert!(*most == max && canonical.len() > max),
                other => panic!("{text:?}: {other:?}"),
            }
            None
        }
        Err(other) => panic!("{text:?}: {other}"),
    }
}

/// Whether the weighted sum of the characters, the last one counted once and each before it twice as often as the next,
/// is a multiple of 37, and the last of them is a letter of the alphabet.
fn checked(code: &str) -> bool {
    let value = |c: char| c.to_digit(36).filter(|_| !c.is_ascii_lowercase()).map(u64::from);
    let values: Option<Vec<u64>> = code.chars().map(value).collect();
    let Some(values) = values.filter(|values| (2..=24).contains(&values.len())) else { return false };
    let sum: u64 = values.iter().rev().enumerate().map(|(place, value)| value << place).sum();
    sum % 37 == 0 && code.ends_with(|last| LETTERS.contains(last))
}

/// How many codes there are with one letter at random, one by one.
fn counted(prefix: &str) -> u128 {
    let value = |c: char| u64::from(c.to_digit(36).unwrap());
    let start = prefix.chars().fold(0, |sum, c| 2 * sum + value(c));
    let pairs = LETTERS.chars().flat_map(|one| LETTERS.chars().map(move |last| (one, last)));
    let codes = pairs.filter(|(one, last)| (4 * start + 2 * value(*one) + value(*last)) % 37 == 0);
    u128::try_from(codes.count()).unwrap()
}

fn pattern(bytes: &mut Bytes<'_>) -> Option<CodePattern> {
    let bits = u32::from(bytes.byte()) % 130;
    let random = u32::from(bytes.byte()) % 26;
    let len = bytes.below(28).min(bytes.0.len());
    let (prefix, rest) = bytes.0.split_at(len);
    bytes.0 = rest;
    let prefix = String::from_utf8_lossy(prefix);
    let json = serde_json::json!({"prefix": prefix, "random": random, "minimum_bits": bits});
    let read = serde_json::from_value::<CodePattern>(json);
    let room = 23_usize.checked_sub(usize::try_from(random).unwrap()).filter(|_| random > 0);
    let spelling =
        spelt(&prefix, CodeFormat::Standard).ok().filter(|prefix| room.is_some_and(|room| prefix.len() <= room));
    let Some(spelling) = spelling else {
        let error = read.unwrap_err().to_string();
        assert!(error.contains("`prefix` is") || error.contains("`random` is"), "{error}");
        tally::met("refused as a pattern");
        return None;
    };
    // Every step counts the codes of the pattern anew, so that not every input takes all of them.
    let thorough = bits % 4 == 0;
    if let (false, Ok(made)) = (thorough, &read) {
        assert_eq!((made.prefix(), made.random(), made.minimum_bits()), (spelling.as_str(), random, bits));
        tally::met("read as a pattern");
        return read.ok();
    }
    let made = CodePattern::new()
        .with_minimum_bits(0)
        .and_then(|p| p.with_random(random))
        .and_then(|p| p.with_prefix(&prefix));
    let made = made.unwrap();
    if made.bits() < bits {
        let error = read.unwrap_err().to_string();
        assert!(error.contains("`random` is") && error.contains("bits where"), "{error}");
        let error = made.with_minimum_bits(bits).unwrap_err();
        assert!(
            matches!(error, Error::Invalid(field) if matches!(field.why, Why::TooFewBits { minimum, .. } if minimum == bits))
        );
        tally::met("refused as a pattern");
        return None;
    }
    let made = made.with_minimum_bits(bits).unwrap();
    assert_eq!(read.unwrap(), made);
    let json = serde_json::to_string(&made).unwrap();
    assert_eq!(serde_json::from_str::<CodePattern>(&json).unwrap(), made);
    assert_eq!((made.prefix(), made.random(), made.minimum_bits()), (spelling.as_str(), random, bits));
    assert_eq!(made.length(), spelling.len() + usize::try_from(random).unwrap() + 1);
    assert!(made.length() <= CodePattern::MAX_LENGTH);
    assert!(1 << made.bits() <= made.capacity() && made.capacity() >> made.bits() == 1);
    assert!(made.capacity() <= 32_u128.pow(random));
    if random == 1 {
        assert_eq!(made.capacity(), counted(&spelling), "{spelling}");
    }
    tally::met("built as a pattern");
    Some(made)
}

/// A generated code, and every slip and swap that the bytes choose.
fn generated(code: &Code, pattern: &CodePattern, bytes: &mut Bytes<'_>) {
    let text = code.as_str();
    assert!(pattern.fits(code) && code.check_passes() && checked(text), "{code}");
    assert_eq!(text.len(), pattern.length());
    assert!(text.starts_with(pattern.prefix()));
    assert!(text[pattern.prefix().len()..].chars().all(|c| LETTERS.contains(c)), "{code}");
    reads(text, CodeFormat::Standard).unwrap();
    let letters = text.as_bytes();
    let wrong = |place: usize, other: usize, letter: u8| {
        let (mut slip, mut swap) = (letters.to_vec(), letters.to_vec());
        slip[place] = letter;
        swap.swap(place, other);
        for wrong in [slip, swap] {
            if wrong != *letters {
                let wrong = Code::from_canonical(std::str::from_utf8(&wrong).unwrap()).unwrap();
                assert!(!wrong.check_passes() && !pattern.fits(&wrong), "{wrong} passes as well as {code}");
            }
        }
    };
    for _ in 0..2 {
        wrong(bytes.below(letters.len()), bytes.below(letters.len()), TYPED[bytes.below(TYPED.len())]);
    }
    // `0` for `O`, `1` for `I` and back are always among them.
    let place = bytes.below(letters.len());
    for letter in MISREAD {
        wrong(place, place, *letter);
    }
}

/// One text as a code of both formats; or a pattern and some of its codes.
pub fn codes(data: &[u8]) {
    tally::run();
    let bytes = &mut Bytes(data);
    if bytes.byte() & 1 == 0 {
        let text = String::from_utf8_lossy(bytes.0);
        let standard = reads(&text, CodeFormat::Standard);
        let imported = reads(&text, CodeFormat::Imported);
        if let (Some(standard), Some(imported)) = (standard, imported) {
            assert_eq!(standard.as_str(), imported.as_str().replace([' ', '-'], ""));
        }
        return;
    }
    let Some(pattern) = pattern(bytes) else { return };
    let count = u64::from(bytes.byte()) % 6;
    // The bytes, over and over, each time with another one between them; or the same over and over.
    let (supply, stuck, mut given) = (bytes.0.to_vec(), count == 5, 0_usize);
    let source = |buffer: &mut [u8]| {
        for byte in buffer {
            let (turn, place) = (given / supply.len().max(1), given % supply.len().max(1));
            *byte = supply.get(place).copied().unwrap_or_default() ^ if stuck { 0 } else { (turn % 251) as u8 };
            given += 1;
        }
        Ok::<(), Infallible>(())
    };
    let codes = match pattern.generate(count, source) {
        Ok(codes) => codes,
        Err(Error::Invalid(field)) => {
            assert!(
                matches!(field.why, Why::CodeSpace { max } if max < u128::from(count) && max == pattern.capacity() / 2)
            );
            tally::met("asked for too many codes");
            return;
        }
        Err(other) => panic!("{other}"),
    };
    let mut made = BTreeSet::new();
    for code in codes {
        match code {
            Ok(code) => {
                generated(&code, &pattern, bytes);
                tally::met("generated a code");
                assert!(made.insert(code.clone()), "{code} was made before");
            }
            Err(GenerateError::Exhausted { draws }) => {
                assert_eq!(draws, 256);
                tally::met("ran out of random codes");
                return;
            }
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(made.len() as u64, count);
}
