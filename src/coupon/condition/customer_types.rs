//! A condition on lists.

use super::selection::selection;
use crate::key::CustomerTypeId;

selection! {
    /// The order's fact is in or out.
    CustomerTypes, CustomerTypeId
}
