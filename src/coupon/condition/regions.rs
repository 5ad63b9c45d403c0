//! A condition on lists.

use super::selection::selection;
use crate::key::RegionId;

selection! {
    /// The order's fact is in or out.
    Regions, RegionId
}
