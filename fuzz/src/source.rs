//! Random choices that the fuzzer makes: the other end of `tests/oracle/source.rs`, with the same name and functions.
//! Cases are smaller and lives shorter, so that there are more of them.

use std::cell::RefCell;

#[derive(Default)]
struct Tape {
    bytes: Vec<u8>,
    place: usize,
    /// What every choice beyond the end of the tape starts from.
    seed: u64,
}

thread_local! {
    static TAPE: RefCell<Tape> = RefCell::default();
}

/// From here on the bytes choose; whatever they do not reach follows from the number that the first eight of them make.
pub fn play(data: &[u8]) {
    let (seed, bytes) = data.split_at(data.len().min(8));
    let seed = seed.iter().fold(0, |seed, byte| seed << 8 | u64::from(*byte));
    TAPE.with_borrow_mut(|tape| {
        tape.bytes.clear();
        tape.bytes.extend_from_slice(bytes);
        (tape.place, tape.seed) = (0, seed);
    });
}

/// The next bytes of the tape as one number, if it is that long.
fn taken(count: usize) -> Option<u64> {
    TAPE.with_borrow_mut(|tape| {
        let bytes = tape.bytes.get(tape.place..tape.place + count)?;
        tape.place += count;
        Some(bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    })
}

/// Adds what happened to a story. libFuzzer keeps the input, and the story is told when that is replayed.
pub fn note(story: &mut Vec<String>, what: impl FnOnce() -> String) {
    if !cfg!(feature = "engine") {
        story.push(what());
    }
}

/// The tape, and SplitMix64 beyond its end.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        taken(8).unwrap_or_else(|| {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = self.0 ^ TAPE.with_borrow(|tape| tape.seed);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        })
    }

    pub fn below(&mut self, end: u64) -> u64 {
        let wide = if end <= 1 << 8 {
            taken(1)
        } else if end <= 1 << 16 {
            taken(2)
        } else {
            None
        };
        wide.unwrap_or_else(|| self.next()) % end
    }

    pub fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    pub fn of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[usize::try_from(self.below(choices.len() as u64)).unwrap()].clone()
    }

    pub fn maybe<T>(&mut self, one_in: u64, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.one_in(one_in).then(|| make(self))
    }

    pub fn amount(&mut self, most: u64) -> i128 {
        let most = if self.one_in(3) { most / 20 + 2 } else { most };
        i128::from(self.below(most) + 1)
    }

    pub fn sizes(&mut self) -> (u64, u64) {
        (self.of(&[1, 1, 2, 2, 3, 7]), self.of(&[1, 1, 1, 2, 2, 3, 4, 8]))
    }

    pub fn steps(&mut self, usually: u64) -> u64 {
        1 + self.below((usually / 4).max(2))
    }

    pub fn list(&mut self, most: u8) -> Vec<u8> {
        (1..=most).filter(|_| self.one_in(2)).collect()
    }
}
