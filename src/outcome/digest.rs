//! A fingerprint of what the shopper saw.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Outcome;
use crate::error::{Error, Why};

/// A fingerprint of the amounts that a shopper saw: 128 bits, written as 32 hexadecimal digits.
///
/// It tells whether an amount changed between the page and the order: of the currency, the total to pay, and each line's
/// and charge's id and amount to pay; where points are redeemed, of how many, and the amount that is due. It is no signature and keeps nothing secret (FNV-1a, 128 bits). Made by
/// [`Outcome::digest`](crate::Outcome::digest), handed back by
/// [`Redemption::confirming`](crate::Redemption::confirming); a string in JSON.
///
/// ```
/// use vouchsafe::Digest;
///
/// let digest: Digest = "6c62272e07bb014262b821756295c58d".parse()?;
/// assert_eq!(digest.to_string(), "6c62272e07bb014262b821756295c58d");
/// assert!("6c62".parse::<Digest>().is_err());
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(u128);

impl Digest {
    pub(crate) fn start() -> Self {
        Self(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d)
    }

    pub(crate) fn add(self, bytes: &[u8]) -> Self {
        const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
        let folded = bytes.iter().fold(self.0, |hash, byte| (hash ^ u128::from(*byte)).wrapping_mul(PRIME));
        Self(folded)
    }

    pub(crate) fn add_i64(self, value: i64) -> Self {
        self.add(&value.to_be_bytes())
    }
}

impl Outcome {
    /// A fingerprint of the amounts, for [`Redemption::confirming`](crate::Redemption::confirming).
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut digest = Digest::start().add(self.currency.code().as_bytes());
        digest = digest.add_i64(self.totals.payable().minor());
        for line in self.lines.iter().chain(&self.charges) {
            digest = digest.add_i64(i64::from_ne_bytes(line.id.0.to_ne_bytes())).add_i64(line.payable);
        }
        match self.points().filter(|points| points.redeemed > 0) {
            Some(points) => {
                let points_used = i64::from_ne_bytes(points.redeemed.to_ne_bytes());
                digest.add(b"points").add_i64(points_used).add_i64(self.amount_due().minor())
            }
            None => digest,
        }
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl FromStr for Digest {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let bad = || Error::invalid("digest", text, Why::WrongKind { expected: "32 hexadecimal digits" });
        if text.len() != 32 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(bad());
        }
        u128::from_str_radix(text, 16).map(Self).map_err(|_| bad())
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{line, price};
    use super::*;
    use crate::money::Currency;
    use crate::order::{Line, Order};
    use crate::policy::Policy;
    use crate::shop::Shop;

    /// Vectors of FNV-1a with 128 bits, as they are published.
    #[test]
    fn it_is_the_function_it_says_it_is() {
        assert_eq!(Digest::start().to_string(), "6c62272e07bb014262b821756295c58d");
        assert_eq!(Digest::start().add(b"a").to_string(), "d228cb696f1a8caf78912b704e4a8964");
        assert_eq!(Digest::start().add(b"foobar").to_string(), "343e1662793c64bf6f0d3597ba446f18");
        assert_eq!(Digest::start().add_i64(1), Digest::start().add(&[0, 0, 0, 0, 0, 0, 0, 1]));
    }

    #[test]
    fn text_goes_both_ways() {
        let digest = Digest::start().add(b"a");
        assert_eq!(digest.to_string().parse(), Ok(digest));
        assert_eq!(serde_json::to_string(&digest).unwrap(), r#""d228cb696f1a8caf78912b704e4a8964""#);
        for bad in ["", "d228", "+228cb696f1a8caf78912b704e4a8964", "g228cb696f1a8caf78912b704e4a8964"] {
            let error = bad.parse::<Digest>().unwrap_err().to_string();
            assert_eq!(error, format!("`digest` is `{bad}`: expected 32 hexadecimal digits"));
        }
    }

    #[test]
    fn any_amount_that_changes_changes_it() {
        let of = |currency: Currency, lines: Vec<Line>| {
            let shop = Shop::new(Policy::builder(currency).build().unwrap());
            price(&shop, &Order::builder(currency).lines(lines).build().unwrap(), &[]).digest()
        };
        let usd = Currency::USD;
        let all = [
            of(usd, vec![]),
            of(Currency::EUR, vec![]),
            of(usd, vec![line(1, "P", "10.00", 1)]),
            of(usd, vec![line(2, "P", "10.00", 1)]),
            of(usd, vec![line(1, "P", "10.01", 1)]),
            of(usd, vec![line(1, "P", "4.00", 1), line(2, "Q", "6.00", 1)]),
            of(usd, vec![line(1, "P", "6.00", 1), line(2, "Q", "4.00", 1)]),
        ];
        for (i, digest) in all.iter().enumerate() {
            assert!(!all[..i].contains(digest), "{i}");
        }
        // What a shopper does not pay for is not in it.
        let priced = of(usd, vec![line(1, "P", "5.00", 2)]);
        assert_eq!(priced, of(usd, vec![line(1, "Q", "10.00", 1)]));
    }
}
