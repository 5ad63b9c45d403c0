//! The outcome as JSON.
