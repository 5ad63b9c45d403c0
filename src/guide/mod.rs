//! The field, told by topic: each page teaches what goes wrong elsewhere, what the crate decides, and how to use it. All
//! examples run, with `use vouchsafe::*` and nothing else.
//!
//! | page | for |
//! |---|---|
//! | [`checkout`] | the first hour: priced, told, held, recorded with the order |
//! | [`customer_types`] | members, wholesale, clubs: prices, sight and quantities by type |
//! | [`money`] | rounding, shares, tax bases, and when a day ends |
//! | [`codes`] | how codes are made, what a limit counts, how coupons are abused |
//! | [`offers`] | every kind of benefit, offers without a code, what stands beside what |
//! | [`after_the_order`] | changes, returns, transfers, subscriptions, books |
//! | [`documents`] | JSON in and out |
//! | [`stores`] | a store for another database, and growing |
//! | [`proof`] | every guarantee, its test, and how many cases it saw |
//! | [`figures`] | what things cost, and how that was measured |

#[doc = include_str!("after_the_order.md")]
pub mod after_the_order {}
#[doc = include_str!("checkout.md")]
pub mod checkout {}
#[doc = include_str!("codes.md")]
pub mod codes {}
#[doc = include_str!("customer_types.md")]
pub mod customer_types {}
#[doc = include_str!("documents.md")]
pub mod documents {}
#[doc = include_str!("chart.md")]
#[doc = include_str!("figures.md")]
pub mod figures {}
#[doc = include_str!("money.md")]
pub mod money {}
#[doc = include_str!("offers.md")]
pub mod offers {}
#[doc = include_str!("proof.md")]
pub mod proof {}
#[doc = include_str!("stores.md")]
pub mod stores {}
