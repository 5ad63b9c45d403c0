//! How a customer comes by a code: made at random, issued to one person or in a batch, earned, or imported from an older
//! system. And how guessing is slowed down.

mod alphabet;
mod generator;
mod pattern;

pub use generator::{CodeGenerator, GenerateError};
pub use pattern::CodePattern;
