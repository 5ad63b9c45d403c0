//! Where random cases come from, how large they are, and how much is told of them.

/// Adds what happened to a story, which is printed where something differs.
pub fn note(story: &mut Vec<String>, what: impl FnOnce() -> String) {
    story.push(what());
}

/// SplitMix64.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
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

    /// The most lines and the most coupons of a case.
    pub fn sizes(&mut self) -> (u64, u64) {
        (self.of(&[4, 4, 4, 7]), self.of(&[4, 4, 4, 8]))
    }

    /// How many steps a life has, where usually it has so many.
    pub fn steps(&mut self, usually: u64) -> u64 {
        usually
    }

    pub fn list(&mut self, most: u8) -> Vec<u8> {
        (1..=most).filter(|_| self.one_in(2)).collect()
    }
}
