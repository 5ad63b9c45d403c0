//! The only arithmetic.
