//! How documents are read, checked and written back: one machinery for definitions and for what the host hands in, so
//! that one rule holds for all. Every mistake is reported at once, each with its path.

pub(crate) mod amounts;
mod check;
pub(crate) mod draft;
mod draft_value;
mod fields;
mod macros;
mod scalars;
pub(crate) mod tree;
mod values;

#[cfg(test)]
pub(crate) use check::testing;
pub(crate) use check::{Check, Form, tagged};
pub(crate) use draft::{Draft, checked_by, drafts};
pub use draft_value::DraftValue;
pub(crate) use fields::{Fields, Writer};
pub(crate) use macros::{choices, serde_by_form};
pub(crate) use values::{read_amount, read_inner_version, read_members, read_named, read_version, read_window};
