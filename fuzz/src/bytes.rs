//! Numbers out of what the fuzzer hands in.

/// What is left of the input. Once it is used up, everything is zero.
pub struct Bytes<'d>(pub &'d [u8]);

impl Bytes<'_> {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn byte(&mut self) -> u8 {
        match self.0.split_first() {
            Some((byte, rest)) => {
                self.0 = rest;
                *byte
            }
            None => 0,
        }
    }

    pub fn below(&mut self, end: usize) -> usize {
        let byte = usize::from(self.byte());
        if end <= 256 { byte % end } else { (byte * 256 + usize::from(self.byte())) % end }
    }

    /// A number of up to 63 bits; how many, the first byte says, so that small ones are as likely as large ones.
    pub fn number(&mut self) -> i64 {
        let bits = u32::from(self.byte()) % 64;
        let bytes = bits.div_ceil(8);
        let whole = (0..bytes).fold(0_u64, |number, _| number << 8 | u64::from(self.byte()));
        i64::try_from(whole & ((1 << bits) - 1)).unwrap()
    }
}
