//! Codes drawn at random: no two alike, none guessed, none another one's slip; what is told of them, and how guessing is
//! slowed down.

use std::collections::{HashMap, HashSet};
use std::convert::Infallible;

use proptest::prelude::*;
use serde_json::json;
use vouchsafe::*;

use super::support::*;

/// What a code may hold at all.
const CHARACTERS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// Random bytes that are the same every time; a shop takes the operating system's.
fn seeded(seed: u64) -> impl FnMut(&mut [u8]) -> Result<(), Infallible> {
    let mut state = seed;
    move |buffer| {
        for byte in buffer {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            *byte = mixed.to_be_bytes()[3];
        }
        Ok(())
    }
}

fn pattern(prefix: &str, random: u32) -> CodePattern {
    let pattern = CodePattern::new().with_minimum_bits(1).unwrap().with_random(random).unwrap();
    pattern.with_prefix(prefix).unwrap()
}

fn batch(pattern: &CodePattern, count: u64, seed: u64) -> Vec<Code> {
    pattern.generate(count, seeded(seed)).unwrap().collect::<Result<_, _>>().unwrap()
}

/// Every code with one character that is another one, and every code in which two characters changed places.
fn slips(code: &Code) -> Vec<Code> {
    let text = code.as_str().as_bytes();
    let read = |bytes: Vec<u8>| Code::from_canonical(&String::from_utf8(bytes).unwrap()).unwrap();
    let mut slips = Vec::new();
    for place in 0..text.len() {
        for other in CHARACTERS.iter().filter(|other| **other != text[place]) {
            let mut wrong = text.to_vec();
            wrong[place] = *other;
            slips.push(read(wrong));
        }
        for later in place + 1..text.len() {
            if text[later] != text[place] {
                let mut swapped = text.to_vec();
                swapped.swap(place, later);
                slips.push(read(swapped));
            }
        }
    }
    slips
}

/// Proves S34: every slip of real codes is tried, at every place, look-alikes and distant swaps included.
#[test]
fn no_slip_of_a_code_passes_for_a_code() {
    let mut tried = 0;
    for (prefix, random) in [("", 13), ("SKI", 13), ("O0I1", 13), ("", 23), ("WINTER2026", 13), ("B", 1)] {
        let pattern = pattern(prefix, random);
        for code in batch(&pattern, 13, 1) {
            assert!(code.check_passes() && pattern.fits(&code), "{code}");
            for slip in slips(&code) {
                assert!(!slip.check_passes() && !pattern.fits(&slip), "{slip} is a slip of {code}");
                tried += 1;
            }
        }
    }
    // Of a code of 14: 14 x 35 wrong characters, and up to 91 swaps.
    assert!(tried > 40_000, "{tried}");
}

proptest! {
    /// Proves S34: a slip of a code of one batch is no code of another batch, whatever their prefixes and lengths.
    #[test]
    fn no_slip_is_a_code_of_another_batch(
        prefixes in ["[A-Z0-9]{0,8}", "[A-Z0-9]{0,8}"],
        random in [1_u32..=15, 1_u32..=15],
        seed in any::<u64>(),
    ) {
        let patterns = [pattern(&prefixes[0], random[0]), pattern(&prefixes[1], random[1])];
        let batches = [batch(&patterns[0], 8, seed), batch(&patterns[1], 8, !seed)];
        let codes: HashSet<&Code> = batches.iter().flatten().collect();
        for code in batches.iter().flatten() {
            for slip in slips(code) {
                prop_assert!(!codes.contains(&slip) && !slip.check_passes(), "{} is a slip of {}", slip, code);
                prop_assert!(patterns.iter().all(|pattern| !pattern.fits(&slip)));
            }
        }
    }

    /// However the bytes come, no code comes twice, and all of them fit.
    #[test]
    fn no_code_comes_twice(prefix in "[A-Z0-9]{0,8}", random in 1_u32..=3, bytes in proptest::collection::vec(any::<u8>(), 1..40)) {
        let pattern = pattern(&prefix, random);
        let mut source = bytes.iter().copied().cycle();
        let source = |buffer: &mut [u8]| {
            buffer.fill_with(|| source.next().unwrap());
            Ok::<(), Infallible>(())
        };
        let count = u64::try_from(pattern.capacity() / 2).unwrap().min(60);
        let mut seen = HashSet::new();
        for made in pattern.generate(count, source).unwrap() {
            // Bytes that repeat themselves come to an end, and not to a code that exists.
            let Ok(code) = made else { break };
            prop_assert!(pattern.fits(&code));
            prop_assert!(seen.insert(code));
        }
        prop_assert!(!seen.is_empty() || bytes.len() < 40);
    }
}

/// Proves S7, S34: N issued are N distinct codes, and each can be used once.
#[test]
fn five_hundred_ski_patrollers_have_five_hundred_codes() {
    let patrol =
        coupon("patrol", json!({"code": null, "limits": {"per_code": 1}, "benefits": [{"percent": {"off": "40"}}]}));
    let till = Till::new([patrol]);
    let codes = batch(&CodePattern::new().with_prefix("SKI").unwrap(), 500, 7);
    assert_eq!(codes.iter().collect::<HashSet<_>>().len(), 500);
    let issued = codes.iter().map(|code| IssuedCode::new(code.clone(), at(NOON)));
    till.store.issue(&"patrol".parse().unwrap(), issued).unwrap();
    let buy = |i: usize, code: &Code, again: &str| {
        let who = customer(&format!("patroller-{i}"));
        till.price(&format!("o-{i}{again}"), &who, code.as_str(), "100.00", NOON)
    };
    for (i, code) in codes.iter().enumerate() {
        let outcome = buy(i, code, "");
        assert_eq!(payable(&outcome), "60.00");
        assert!(till.commit(&outcome, NOON).is_recorded());
    }
    let used = till.store.counters(at(NOON)).into_iter().filter(|(_, state)| state.used == 1).count();
    assert_eq!(used, 500);
    // Used, a code is worth nothing: neither to whom it was, nor to whoever it is handed (S10).
    for (i, code) in codes.iter().enumerate().step_by(50) {
        assert_eq!(reasons(&buy(i, code, "-again")), [["limit_reached"]]);
        let other = buy(i + 1, code, "-other");
        assert!(!applied(&other) && why(&other).contains(&why(&buy(i, code, "-again"))[0]));
    }
}

/// How many codes there are, counted in another way than the library does: from the last character to the first, each
/// with its own weight.
fn counted(prefix: &str, random: u32) -> u128 {
    let value = |c: u8| u64::from(if c.is_ascii_digit() { c - b'0' } else { c - b'A' + 10 });
    let drawn: Vec<u64> = CHARACTERS.iter().filter(|c| !b"01IO".contains(c)).map(|c| value(*c)).collect();
    let mut weight = 1;
    let mut ways: HashMap<u64, u128> = HashMap::from([(0, 1)]);
    for _ in 0..=random {
        let mut next = HashMap::new();
        for (sum, count) in ways {
            for value in &drawn {
                *next.entry((sum + weight * value) % 37).or_default() += count;
            }
        }
        ways = next;
        weight = weight * 2 % 37;
    }
    for character in prefix.bytes().rev() {
        ways = ways.into_iter().map(|(sum, count)| ((sum + weight * value(character)) % 37, count)).collect();
        weight = weight * 2 % 37;
    }
    ways.get(&0).copied().unwrap_or(0)
}

/// Proves S34: the odds that the documentation names, computed.
#[test]
fn the_odds_of_a_guess_are_as_documented() {
    let pattern = CodePattern::new();
    assert_eq!((pattern.bits(), pattern.capacity()), (64, 31_907_881_641_011_115_029));
    for (prefix, random) in [("", 13), ("SKI", 13), ("", 8), ("WINTER2026", 13), ("Z9", 20), ("0", 1)] {
        let pattern = self::pattern(prefix, random);
        assert_eq!(pattern.capacity(), counted(prefix, random), "{prefix} {random}");
    }
    // A million codes are live: one guess in 31,907,881,641,011 hits one.
    assert_eq!(pattern.one_guess_in(1_000_000), Some(31_907_881_641_011));
    // Whoever tries ten and then one a minute for a year has 525,610 tries: one such year in sixty million finds a code.
    let tries = u128::from(AttemptPolicy::default().burst()) + 365 * 24 * 60;
    assert_eq!((tries, 31_907_881_641_011 / tries), (525_610, 60_706_382));
    // Eight characters and no limiter: a thousand guesses a second find one of a million live codes within 16 minutes.
    let short = self::pattern("", 8).one_guess_in(1_000_000).unwrap();
    assert_eq!((short, short / 1_000 / 60), (950_928, 15));
}

/// Each of 256 bytes draws one character; every code that there is comes from exactly eight of them.
#[test]
fn every_code_is_as_likely_as_any_other() {
    let pattern = pattern("", 1);
    let mut drawn: HashMap<Code, u32> = HashMap::new();
    for byte in 0..=u8::MAX {
        let source = |buffer: &mut [u8]| {
            buffer.fill(byte);
            Ok::<(), Infallible>(())
        };
        if let Some(Ok(code)) = pattern.generate(1, source).unwrap().next() {
            *drawn.entry(code).or_default() += 1;
        }
    }
    assert_eq!(drawn.len(), usize::try_from(pattern.capacity()).unwrap());
    assert!(drawn.values().all(|count| *count == 8), "{drawn:?}");
}

/// The bad input of a batch larger than its code space; half of the space is still found.
#[test]
fn a_batch_larger_than_its_code_space_is_refused_before_its_first_code() {
    let pattern = pattern("", 2);
    assert_eq!(pattern.capacity(), 886);
    let codes: HashSet<Code> = batch(&pattern, 443, 3).into_iter().collect();
    assert_eq!(codes.len(), 443);
    let never = |_: &mut [u8]| -> Result<(), Infallible> { panic!("no byte is asked for") };
    for count in [444, 886, 887, u64::MAX] {
        let error = pattern.generate(count, never).unwrap_err();
        let expected = format!("`count` is `{count}`: more than half of the code space, at most 443");
        assert_eq!(error.to_string(), expected);
    }
    assert_eq!(pattern.generate(0, never).unwrap().count(), 0);
    // A count costs nothing by itself.
    let mut many = self::pattern("", 23).generate(u64::MAX, seeded(1)).unwrap();
    assert!(many.next().unwrap().is_ok());
    assert_eq!(many.left(), u64::MAX - 1);
}

#[test]
fn a_source_that_is_broken_ends_the_batch() {
    let pattern = pattern("SKI", 4);
    for byte in 0..=u8::MAX {
        let source = |buffer: &mut [u8]| {
            buffer.fill(byte);
            Ok::<(), Infallible>(())
        };
        let mut codes = pattern.generate(1_000, source).unwrap();
        let made: Vec<_> = codes.by_ref().collect();
        // One code at most, then the error, and then nothing more.
        assert!(made.len() <= 2, "{byte}");
        assert_eq!(made.last(), Some(&Err(GenerateError::Exhausted { draws: 256 })));
        assert!(made.iter().rev().skip(1).all(Result::is_ok));
        assert!(codes.next().is_none() && codes.left() == 0);
    }
    // A source that says that it is broken is asked no more.
    let mut asked = 0;
    let source = |buffer: &mut [u8]| {
        asked += 1;
        buffer.fill(asked);
        if asked < 5 { Ok(()) } else { Err(std::io::Error::other("the device is gone")) }
    };
    let made: Vec<_> = pattern.generate(1_000, source).unwrap().collect();
    let Some(Err(error)) = made.last() else { panic!("{made:?}") };
    assert_eq!(error.to_string(), "the source of random bytes failed");
    assert_eq!(std::error::Error::source(error).unwrap().to_string(), "the device is gone");
    assert!(made.len() > 1 && made.iter().rev().skip(1).all(Result::is_ok));
    assert_eq!(asked, 5);
}

#[test]
fn codes_that_exist_are_left_out() {
    let pattern = pattern("", 2);
    let first: HashSet<Code> = batch(&pattern, 400, 1).into_iter().collect();
    let mut asked = Vec::new();
    let second = pattern.generate(400, seeded(2)).unwrap().excluding(|code| {
        asked.push(code.clone());
        first.contains(code)
    });
    let second: HashSet<Code> = second.collect::<Result<_, _>>().unwrap();
    assert_eq!((second.len(), second.intersection(&first).count()), (400, 0));
    assert!(asked.iter().all(|code| pattern.fits(code)));
    // Where every code is taken there is none to be found.
    let mut none = pattern.generate(1, seeded(3)).unwrap().excluding(|_| true);
    assert_eq!(none.next(), Some(Err(GenerateError::Exhausted { draws: 256 })));
}

/// Proves S87: what a mail says of a code, in the merchant's days (S92, V15, V16).
#[cfg(feature = "tz")]
#[test]
fn a_mail_says_the_last_day_of_a_code() {
    let berlin = Zone::named("Europe/Berlin").unwrap();
    let fields = |validity: serde_json::Value, issued: &str| {
        let coupon = coupon("c", json!({"code": null, "validity": validity, "benefits": [{"percent": {"off": "10"}}]}));
        let fields = MergeFields::new(&coupon, &issued_code("K7WQ93MX", issued), &berlin).unwrap();
        let json = serde_json::to_value(&fields).unwrap();
        assert_eq!(json["code"], "K7WQ93MX");
        (json.get("date_created").cloned(), json.get("expires").cloned())
    };
    let days = |created: &str, expires: &str| (Some(json!(created)), Some(json!(expires)));
    // Until 2026-03-30T15:00Z, of which the last instant is at 16:59:59 local time.
    let countdown = || json!({"countdown": {"days": 2, "hours": 3}});
    assert_eq!(fields(countdown(), "2026-03-28T12:00:00Z"), days("2026-03-28", "2026-03-30"));
    // From 21:00Z until 24:00Z local time, summer time by then: midnight is no part of the day after.
    assert_eq!(fields(countdown(), "2026-03-27T19:00:00Z"), days("2026-03-27", "2026-03-29"));
    assert_eq!(fields(countdown(), "2026-03-27T19:00:00.000000001Z"), days("2026-03-27", "2026-03-30"));
    // Made at half past midnight in Berlin, where UTC has the day before.
    assert_eq!(fields(json!({"from": "2026-01-01"}), "2026-03-27T23:30:00Z"), (Some(json!("2026-03-28")), None));
    assert_eq!(fields(json!({"thru": "2026-03-29"}), NOON), (None, Some(json!("2026-03-29"))));
    assert_eq!(fields(json!({}), NOON), (None, None));
}

/// What a shopper sees who types a code into an order of 30.00, whatever is behind it.
fn seen(entry: Entry) -> (Outcome, String) {
    let outcome = order([line(1, "30.00")]).customer(customer("ben")).code(entry).run();
    let seen = serde_json::to_string(&outcome.public()).unwrap();
    (outcome, seen)
}

/// Proves S35: every code that reads like an unknown one counts like one, so that being throttled tells nothing either.
#[test]
fn what_reads_as_unknown_counts_as_unknown() {
    let off = || json!([{"percent": {"off": "10"}}]);
    let personal = coupon("p", json!({"code": null, "kind": "personal", "benefits": off()}));
    let ann = issued_code("K7WQ93MX", NOON).with_holder(IdentityKey::id("ann").unwrap());
    let once = coupon("x", json!({"code": "K7WQ93MX", "limits": {"total": 1}, "benefits": off()}));
    let members = coupon("x", json!({"code": "K7WQ93MX", "conditions": [{"members": {}}], "benefits": off()}));
    let inactive = coupon("x", json!({"code": "K7WQ93MX", "status": "inactive", "benefits": off()}));
    let unknown = seen(Entry::unknown("K7WQ93MX")).1;
    let alike = [
        Entry::unknown("K7WQ93MX"),
        Entry::issued(ann.clone(), personal.clone()),
        Entry::issued(ann.with_revocation(Revocation::new(at(NOON), "lost").unwrap()), personal),
        Entry::new(once).usage(Usage::default().with_total(1)),
        Entry::new(members),
        Entry::new(inactive),
    ];
    for entry in alike {
        let (outcome, seen) = seen(entry.clone());
        assert_eq!((seen.as_str(), outcome.unknown_codes()), (unknown.as_str(), 1), "{entry:?}");
        // Entered twice, it counts twice, as an unknown code does.
        let twice = order([line(1, "30.00")]).customer(customer("ben")).codes([entry.clone(), entry.clone()]).run();
        assert_eq!(twice.unknown_codes(), 2, "{entry:?}");
        // Nor does it matter that this shop tells its customers more.
        let distinct = policy(|p| p.public_reasons(PublicReasons::Distinct));
        let told = order_under(distinct, [line(1, "30.00")]).customer(customer("ben")).code(entry).run();
        assert_eq!(told.unknown_codes(), 1);
    }
    // What tells that the code exists is no guess: it applies, or says what it lacks.
    let expired = coupon("x", json!({"code": "K7WQ93MX", "validity": {"thru": "2026-03-28"}, "benefits": off()}));
    for known in [percent_off("k7wq93mx", "10"), expired] {
        assert_eq!(seen(known.into()).0.unknown_codes(), 0);
    }
    assert_eq!(order([line(1, "30.00")]).run().unknown_codes(), 0);
}

/// Proves S35: while somebody is throttled, the right code reads like a wrong one, to the byte.
#[test]
fn whoever_is_throttled_is_told_what_a_wrong_code_is_told() {
    let spring = percent_off("spring", "10");
    let policy = AttemptPolicy::new(3, chrono::TimeDelta::minutes(1)).unwrap();
    let mut attempts = Attempts::default();
    let mut enter = |typed: &str, instant: &str| {
        let attempt = policy.may_try(&attempts, at(instant));
        let known = attempt.is_allowed() && typed.eq_ignore_ascii_case("spring");
        let entry = if known { Entry::typed(typed, spring.clone()) } else { Entry::unknown(typed) };
        let (outcome, seen) = seen(entry);
        if attempt.is_allowed() {
            policy.record(&mut attempts, outcome.unknown_codes(), at(instant));
        }
        (payable(&outcome), seen)
    };
    let wrong = seen(Entry::unknown("spring")).1;
    // A right one costs nothing, so shoppers who know their codes are never slowed down.
    for second in 10..30 {
        assert_eq!(enter("spring", &format!("2026-03-29T11:59:{second}Z")).0, "27.00");
    }
    for guess in ["SUMMER", "AUTUMN", "WINTER"] {
        assert_eq!(enter(guess, "2026-03-29T12:00:00Z").0, "30.00");
    }
    for second in 1..60 {
        let told = enter("spring", &format!("2026-03-29T12:00:{second:02}Z"));
        assert_eq!(told, ("30.00".to_owned(), wrong.clone()));
    }
    // Having asked all the while has cost nothing more.
    assert_eq!(enter("spring", "2026-03-29T12:01:00Z").0, "27.00");
    assert_eq!(enter("SUMMER", "2026-03-29T12:01:00Z").0, "30.00");
    assert_eq!(enter("spring", "2026-03-29T12:01:59Z").1, wrong);
}
