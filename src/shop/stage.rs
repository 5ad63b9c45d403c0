//! When a benefit acts.

use crate::coupon::{Benefit, Level, Per};

/// Where a benefit has its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    Line,
    Order,
    Shipping,
}

impl Stage {
    /// One bit for each.
    pub(super) fn bit(self) -> u8 {
        match self {
            Self::Line => 1,
            Self::Order => 2,
            Self::Shipping => 4,
        }
    }
}

pub(crate) const STAGES: [Stage; 3] = [Stage::Line, Stage::Order, Stage::Shipping];

/// The stage of a benefit; none where it moves no money. A level concerns percentages and set prices; an amount has its
/// own word for it.
pub(crate) fn stage(benefit: &Benefit, level: Level) -> Option<Stage> {
    match (benefit, level) {
        (Benefit::Percent(_) | Benefit::SetPrice(_), Level::Line) | (Benefit::Host(_), _) => Some(Stage::Line),
        (Benefit::Percent(_) | Benefit::SetPrice(_), Level::Order) | (Benefit::Operator(_), _) => Some(Stage::Order),
        (Benefit::Amount(amount), _) => match amount.per() {
            Per::Order => Some(Stage::Order),
            Per::Line | Per::Unit => Some(Stage::Line),
        },
        (Benefit::Shipping(_), _) => Some(Stage::Shipping),
        (Benefit::Trial(_) | Benefit::None, _) => None,
    }
}
