//! When a benefit acts.

use crate::coupon::{Benefit, Level, Per, Within};

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

/// The stage of a benefit; none where it moves no money. A level concerns percentages and set prices; an amount, and what
/// is counted, has its own word for it.
pub(crate) fn stage(benefit: &Benefit, level: Level) -> Option<Stage> {
    match (benefit, level) {
        (Benefit::Percent(_) | Benefit::SetPrice(_), Level::Line)
        | (Benefit::Host(_) | Benefit::Bundle(_) | Benefit::BuyGet(_) | Benefit::Nth(_), _) => Some(Stage::Line),
        (Benefit::Percent(_) | Benefit::SetPrice(_), Level::Order) | (Benefit::Operator(_), _) => Some(Stage::Order),
        (Benefit::Amount(amount), _) => match amount.per() {
            Per::Order => Some(Stage::Order),
            Per::Line | Per::Unit => Some(Stage::Line),
        },
        (Benefit::FirstFurther(_), _) => Some(Stage::Line),
        (Benefit::Steps(steps), _) => Some(of_measure(steps.within())),
        (Benefit::Tiers(tiers), _) => Some(of_measure(tiers.within())),
        (Benefit::Shipping(_), _) => Some(Stage::Shipping),
        (Benefit::Gift(_) | Benefit::Trial(_) | Benefit::None, _) => None,
    }
}

/// What is counted on each line is taken on each line.
fn of_measure(within: Within) -> Stage {
    match within {
        Within::Line => Stage::Line,
        Within::Qualifying | Within::Order => Stage::Order,
    }
}
