//! A condition on lists.

use super::selection::selection;
use crate::key::PaymentOptionId;

selection! {
    /// The order's fact is in or out.
    PaymentOptions, PaymentOptionId
}
