//! One statement in the words of each database.

/// The text of a statement: files beside the store that uses them.
#[derive(Debug, Clone, Copy)]
pub struct Statement {
    #[cfg_attr(not(feature = "sqlite"), allow(dead_code, reason = "the other database has its own"))]
    pub(in crate::store) sqlite: &'static str,
    #[cfg_attr(not(feature = "postgres"), allow(dead_code, reason = "the other database has its own"))]
    pub(in crate::store) postgres: &'static str,
}

impl Statement {
    /// A statement that both understand.
    pub(in crate::store) const fn both(text: &'static str) -> Self {
        Self { sqlite: text, postgres: text }
    }
}
