//! How a customer comes by a code: made at random, issued to one person or in a batch, earned, or imported from an older
//! system. And how guessing is slowed down.
//!
//! # A definition and its codes
//!
//! A definition with a *shared* code has nothing to issue: the code stands in the flyer. All others are redeemed with
//! codes of their own, each handed out once: to one customer (a [personal](crate::Kind::Personal) coupon), to whoever
//! carries it (a *bearer* code, bound to the customer who redeems it), or in a *batch* to a group that the merchant does
//! not know by name.
//!
//! # Two windows
//!
//! | window | of the definition | asked when |
//! |---|---|---|
//! | [availability](crate::Coupon::availability) | when a code can be given or earned | it is issued, and never again |
//! | [validity](crate::Coupon::validity) | when a code can be used | it is redeemed |
//!
//! They are independent (S100): a code that was given on the last day of the campaign is good for as long as the validity
//! says. A validity that is a *countdown* begins with each code (S79), so that everyone has the same time; codes of a
//! batch are stored first and begin when they are [exported](crate::MemoryStore::export) (S80).
//!
//! # Once per occasion
//!
//! What is issued for an *occasion* (a birthday, an order that earned it, a mail to a list) is issued once for each
//! customer: the job that runs twice, and the mail that is sent again, show the same code with the same clock. A host
//! names the occasion; the store keeps the promise ([`MemoryStore::issue_once`](crate::MemoryStore::issue_once)).

mod alphabet;
mod generator;
mod issuing;
mod pattern;
mod refusal;
mod request;

pub use generator::{CodeGenerator, GenerateError};
pub use issuing::Issuing;
pub use pattern::CodePattern;
pub use refusal::IssueRefusal;
pub use request::IssueRequest;
