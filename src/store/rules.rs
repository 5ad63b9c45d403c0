//! What every store decides in the same way, for whoever writes a store of their own.
//!
//! A store reads rows under its locks, asks these, and writes what they answer; so it judges nothing itself, and cannot
//! judge otherwise than the stores of this crate, which ask the same.
//!
//! | verb | asks |
//! |---|---|
//! | [`load`](crate::CouponStore::load) | [`in_the_way`]: what others took, as the terms of a hold see it |
//! | [`reserve`](crate::CouponStore::reserve), [`commit`](crate::CouponStore::commit) | [`judge`], which asks the store for [`Facts`]; [`missing`]: limits that were added since it was priced |
//! | [`commit`](crate::CouponStore::commit), [`void`](crate::CouponStore::void) | [`TypeLog`]: what a customer holds after all changes, and what is set back |
//! | [`void`](crate::CouponStore::void), [`return_points`](crate::CouponAdmin::return_points) | [`Undone`], [`give_and_take`]: points move back once, and never below zero |
//! | [`revise`](crate::CouponAdmin::revise), [`import`](crate::CouponAdmin::import) | [`missing`], [`imported_uses`]: uses that were there before the limit |
//! | [`amend`](crate::CouponAdmin::amend) | [`no_room`], [`points_short`], [`Undone::change`] |

pub use super::imported::imported_uses;
pub use super::judge::{CodeFact, DefinitionFact, Facts, Judged, in_the_way, judge, missing, no_room, points_short};
pub use super::points::{Undone, give_and_take};
pub use super::types::{TypeEntry, TypeLog};
