//! vouchsafe
#![forbid(unsafe_code)]
