//! Numbers that look random and come again with the same seed.

/// A small generator (splitmix64): what kills when, what is in a basket.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Another one for each of these numbers, so that a basket is the same whoever fills it.
    pub fn of(seed: u64, numbers: &[u64]) -> Self {
        let mixed = numbers.iter().fold(seed, |mixed, number| Self(mixed ^ number.wrapping_mul(0x2545_f491)).next());
        Self(mixed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From zero to one below this.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// Once in so many times.
    pub fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }
}

/// The seed of this run: `FAULT_SEED`, or another one each time.
pub fn seed() -> u64 {
    let given = std::env::var("FAULT_SEED").ok().map(|text| text.parse().unwrap());
    given.unwrap_or_else(|| {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        since.as_nanos() as u64 % 1_000_000_000
    })
}

/// How many times over: `FAULT_ROUNDS`, once by default.
pub fn rounds() -> u64 {
    std::env::var("FAULT_ROUNDS").map_or(1, |text| text.parse().unwrap())
}
