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
//!
//! # Codes that nobody guesses
//!
//! A code that is worth something to whoever types it is money, and must be as hard to guess as a password. So codes for
//! one use are never thought up; they are drawn at random, as a [`CodePattern`] says:
//!
//! ```text
//! SKI 2345678 9ABCDE M
//! |   |              |
//! |   |              check character: computed from all the others
//! |   random part: five bits a character, 13 characters by default
//! prefix: the merchant's, may be empty
//! ```
//!
//! * **Random bits.** With 64 of them and a million codes live, one guess in 31 million million hits one
//!   ([`CodePattern::one_guess_in`]). A pattern with fewer can only be made by whoever says so.
//! * **No look-alikes.** `0` and `O`, `1` and `I` are never drawn. Blanks, hyphens and small letters mean nothing, so a code
//!   may be printed in groups.
//! * **A check character.** The characters of a code weigh 1, 2, 4, 8 and so on from the end, and the sum is a multiple of
//!   37. One wrong character or two that changed places always break it ([`Code::check_passes`]): a slip never is another
//!   customer's code, and a host may answer it as unknown without asking the database ([`CodePattern::fits`]).
//! * **Each another one.** [`CodeGenerator`] makes a batch without a double, and refuses one that its code space is too
//!   small for.
//!
//! Memorable codes (`WELCOME10`) are for definitions with one shared code, where knowing it is no secret; their limits say
//! how often they can be used.
//!
//! # Guessing is slowed down
//!
//! [`AttemptPolicy`] is for what can be guessed all the same: words, short codes, codes of an older system. The public
//! answer to somebody who is slowed down is that of a wrong code, to the byte.
//!
//! [`Code::check_passes`]: crate::Code::check_passes

mod alphabet;
mod attempts;
mod earned;
mod generator;
mod import;
mod issuing;
mod merge;
mod pattern;
mod refusal;
mod request;

pub use attempts::{Attempt, AttemptPolicy, Attempts};
pub use generator::{CodeGenerator, GenerateError};
pub use import::ImportedCode;
pub(crate) use import::Uses;
pub use issuing::Issuing;
pub use merge::MergeFields;
pub use pattern::CodePattern;
pub use refusal::IssueRefusal;
pub use request::IssueRequest;
