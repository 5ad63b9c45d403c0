//! The rules, golden vectors and traps, one test at least for each. The doc comment of a test names what it proves, so
//! that `grep -rn "S62" tests` finds the proof.
//!
//! Expected figures are worked out by hand and stand as literals; where they are not obvious a comment has the sum.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod support;

mod access;
mod after_changes;
mod allowances;
mod allowances_property;
mod altered_documents;
mod bad_input;
mod best_offer;
mod codes;
mod combination;
mod combination_property;
mod conditions;
mod customer_types;
mod daily_use;
mod definition;
mod earned;
mod figures_afterwards;
mod found_afterwards;
mod golden;
mod hints;
mod hints_property;
mod insight;
mod issuing;
mod ledger;
mod offers;
mod order_of_work;
mod points;
mod points_accounts;
mod pro_form;
mod random_codes;
mod redeeming;
mod returns;
mod returns_property;
mod reviews;
mod runs;
mod sets;
mod stored_terms;
mod tiers;
mod traps;
mod type_changes;
mod type_prices;
mod values;
mod views;
