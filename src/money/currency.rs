//! Currencies.

/// A currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Currency;

impl std::fmt::Display for Currency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("USD")
    }
}
