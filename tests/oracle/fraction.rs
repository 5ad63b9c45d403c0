//! Exact fractions: as many digits as 128 bits hold, lowest terms, no rounding but where one asks for it.

use std::cmp::Ordering;
use std::ops::{Add, Div, Mul, Sub};

/// How a fraction becomes a whole number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    HalfUp,
    HalfEven,
    HalfDown,
    Down,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fraction {
    n: i128,
    d: i128,
}

/// By Euclid. Nearly all figures have 64 bits, in which a processor divides many times faster.
fn gcd(a: i128, b: i128) -> i128 {
    let (Ok(mut x), Ok(mut y)) = (u64::try_from(a.unsigned_abs()), u64::try_from(b.unsigned_abs())) else {
        return if b == 0 { a.abs() } else { gcd(b, a % b) };
    };
    while y != 0 {
        (x, y) = (y, x % y);
    }
    i128::from(x.max(1))
}

impl Fraction {
    pub fn new(n: i128, d: i128) -> Self {
        assert!(d != 0, "a fraction over zero");
        let (n, d) = if d < 0 { (-n, -d) } else { (n, d) };
        match gcd(n, d) {
            1 => Self { n, d },
            common => Self { n: n / common, d: d / common },
        }
    }

    pub fn whole(n: i128) -> Self {
        Self { n, d: 1 }
    }

    /// The largest whole number that is not above it.
    pub fn floor(self) -> i128 {
        self.n.div_euclid(self.d)
    }

    /// The smallest whole number that is not below it.
    pub fn ceil(self) -> i128 {
        -Self::new(-self.n, self.d).floor()
    }

    pub fn parts(self) -> (i128, i128) {
        (self.n, self.d)
    }

    pub fn is_whole(self) -> bool {
        self.d == 1
    }

    /// To a whole number. Only amounts that are not negative are rounded here.
    pub fn round(self, mode: Mode) -> i128 {
        assert!(self.n >= 0, "only amounts from zero on are rounded");
        let below = self.floor();
        let rest = self - Self::whole(below);
        let up = match (rest.cmp(&Self::new(1, 2)), mode) {
            (_, Mode::Down) | (Ordering::Less, _) => false,
            (Ordering::Greater, _) => true,
            (Ordering::Equal, Mode::HalfUp) => true,
            (Ordering::Equal, Mode::HalfDown) => false,
            (Ordering::Equal, Mode::HalfEven) => below % 2 == 1,
        };
        if up { below + 1 } else { below }
    }
}

impl Add for Fraction {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self::new(self.n * other.d + other.n * self.d, self.d * other.d)
    }
}

impl Sub for Fraction {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self::new(self.n * other.d - other.n * self.d, self.d * other.d)
    }
}

impl Mul for Fraction {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Self::new(self.n * other.n, self.d * other.d)
    }
}

impl Div for Fraction {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        Self::new(self.n * other.d, self.d * other.n)
    }
}

impl PartialOrd for Fraction {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Fraction {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.n * other.d).cmp(&(other.n * self.d))
    }
}

/// Shares a total by weight, by largest remainder: the semantics, section 4, word by word. Answers the shares; what
/// finds no room under the caps is not placed.
pub fn share(total: i128, weights: &[i128], caps: &[i128]) -> Vec<i128> {
    let mut shares = vec![0; weights.len()];
    let mut open: Vec<usize> = (0..weights.len()).filter(|i| weights[*i] > 0).collect();
    let mut rest = total;
    // A line whose quota reaches its cap gets the cap and the rest is shared anew until no cap binds.
    loop {
        let sum: i128 = open.iter().map(|i| weights[*i]).sum();
        if sum == 0 {
            return shares;
        }
        let quota = |i: usize| Fraction::new(rest * weights[i], sum);
        let capped: Vec<usize> = open.iter().copied().filter(|i| quota(*i) >= Fraction::whole(caps[*i])).collect();
        if capped.is_empty() {
            // Then one pass of largest remainder: everybody gets the whole part, the missing units go to the largest
            // remainders, the first of equal ones first.
            let mut by_remainder = open.clone();
            by_remainder.sort_by_key(|i| std::cmp::Reverse(quota(*i) - Fraction::whole(quota(*i).floor())));
            for i in &open {
                shares[*i] = quota(*i).floor();
            }
            let missing = rest - open.iter().map(|i| shares[*i]).sum::<i128>();
            for i in by_remainder.iter().take(usize::try_from(missing).unwrap()) {
                shares[*i] += 1;
            }
            return shares;
        }
        for i in &capped {
            shares[*i] = caps[*i];
            rest -= caps[*i];
        }
        open.retain(|i| !capped.contains(i));
    }
}

#[test]
fn fractions_by_hand() {
    let half = Fraction::new(5, 2);
    assert_eq!([Mode::HalfUp, Mode::HalfEven, Mode::HalfDown, Mode::Down].map(|m| half.round(m)), [3, 2, 2, 2]);
    assert_eq!(Fraction::new(7, 2).round(Mode::HalfEven), 4);
    assert_eq!(Fraction::new(2, 4), Fraction::new(-1, -2));
    assert_eq!((Fraction::new(-1, 3).floor(), Fraction::new(1, 3).ceil()), (-1, 1));
}

#[test]
fn shares_by_hand() {
    let free = [1_000_000; 7];
    assert_eq!(share(1000, &[1999, 1999, 6002], &free), [200, 200, 600]);
    assert_eq!(share(1000, &[1, 1, 1], &free), [334, 333, 333]);
    assert_eq!(share(3, &[1; 7], &free), [1, 1, 1, 0, 0, 0, 0]);
    assert_eq!(share(5, &[1, 1, 1], &[1, 9, 9]), [1, 2, 2]);
    assert_eq!(share(0, &[0, 0], &free), [0, 0]);
}
