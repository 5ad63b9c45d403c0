//! Stand-ins until the rooms below arrive; goes away with them.
#![allow(missing_docs, dead_code, unreachable_pub)]
use rust_decimal::Decimal;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3], u8);
impl Currency {
    pub const USD: Self = Self(*b"USD", 2);
    pub fn exponent(self) -> u8 {
        self.1
    }
}
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money(i64, Currency);
impl Money {
    pub fn new(minor: i64, currency: Currency) -> Self {
        Self(minor, currency)
    }
    pub fn from_decimal(amount: Decimal, currency: Currency) -> Result<Self, crate::Error> {
        let _ = amount;
        Ok(Self(0, currency))
    }
}
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Percent(u32);
impl Percent {
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }
}
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct UnitPrice(i64, u8);
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdentityKey(crate::Key);
