//! Why a line, or the order as a whole, cannot be sold to this customer as it stands.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Mend;
use crate::key::{PaymentOptionId, ShippingMethodId};
use crate::order::LineId;

/// Why a line cannot be sold to this customer. The line stays in the answer, out of every total, and the outcome cannot
/// be placed.
///
/// Of several reasons a line has the first of this list: who does not see a product is told nothing else about it. What
/// a browser may know of it is [`public`](Self::public).
///
/// ```
/// use vouchsafe::{LineRefusal, PublicLineReason};
///
/// assert_eq!(LineRefusal::NotPurchasable.code(), "not_purchasable");
/// assert_eq!(LineRefusal::NotVisible.public(), PublicLineReason::UnknownProduct);
/// assert_eq!(serde_json::to_string(&LineRefusal::NotVisible)?, r#""not_visible""#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum LineRefusal {
    /// The customer does not see the product (S5, S38). To the public it is an unknown product.
    NotVisible,
    /// The customer sees the product and not its price, so it cannot be sold at one.
    PriceNotVisible,
    /// The customer sees the product and its price, and may not buy it (S46).
    NotPurchasable,
    /// Fewer units of the product than an order must hold (S47). Mended by adding the difference.
    BelowMinimum {
        /// The fewest it may hold.
        required: u32,
        /// How many it holds, over all lines of the product.
        found: u32,
    },
    /// A quantity that the product is not sold in (S47). Mended by adding up to the next multiple.
    NotAMultiple {
        /// The steps in which it is sold.
        increment: u32,
        /// How many units the order holds.
        found: u32,
    },
    /// More units of the product than one order may hold (S47).
    AboveMaximum {
        /// The most it may hold.
        allowed: u32,
        /// How many it holds.
        found: u32,
    },
    /// An allowance counts what each customer buys, and the shopper has no identity key that counts. Mended by logging
    /// in.
    CustomerRequired,
    /// More than what is left of an allowance (S44).
    AllocationExceeded {
        /// How many units are left.
        remaining: u32,
        /// How many are ordered, over all lines that it counts.
        requested: u32,
    },
}

impl LineRefusal {
    /// A stable word for the reason, for hosts that translate.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NotVisible => "not_visible",
            Self::PriceNotVisible => "price_not_visible",
            Self::NotPurchasable => "not_purchasable",
            Self::BelowMinimum { .. } => "below_minimum",
            Self::NotAMultiple { .. } => "not_a_multiple",
            Self::AboveMaximum { .. } => "above_maximum",
            Self::CustomerRequired => "customer_required",
            Self::AllocationExceeded { .. } => "allocation_exceeded",
        }
    }

    /// What the shopper could do about it, where there is anything (S26).
    ///
    /// ```
    /// use vouchsafe::{LineRefusal, Mend};
    ///
    /// assert_eq!(LineRefusal::NotAMultiple { increment: 6, found: 8 }.mend(), Some(Mend::Pieces(4)));
    /// assert_eq!(LineRefusal::AllocationExceeded { remaining: 2, requested: 3 }.mend(), None);
    /// ```
    #[must_use]
    pub fn mend(self) -> Option<Mend> {
        let pieces = |missing: u32| Some(Mend::Pieces(u64::from(missing)));
        match self {
            Self::BelowMinimum { required, found } => pieces(required.saturating_sub(found)),
            Self::NotAMultiple { increment, found } => {
                pieces(found.checked_rem(increment).map_or(0, |rest| increment.saturating_sub(rest)))
            }
            Self::CustomerRequired => Some(Mend::Identify),
            Self::NotVisible
            | Self::PriceNotVisible
            | Self::NotPurchasable
            | Self::AboveMaximum { .. }
            | Self::AllocationExceeded { .. } => None,
        }
    }

    /// What a browser may know of it.
    #[must_use]
    pub fn public(self) -> PublicLineReason {
        match self {
            Self::NotVisible => PublicLineReason::UnknownProduct,
            Self::PriceNotVisible => PublicLineReason::PriceNotVisible,
            Self::NotPurchasable => PublicLineReason::NotPurchasable,
            Self::BelowMinimum { required, .. } => PublicLineReason::BelowMinimum { required },
            Self::NotAMultiple { increment, .. } => PublicLineReason::NotAMultiple { increment },
            Self::AboveMaximum { allowed, .. } => PublicLineReason::AboveMaximum { allowed },
            Self::CustomerRequired => PublicLineReason::LogIn,
            Self::AllocationExceeded { remaining, .. } => PublicLineReason::AllocationExceeded { remaining },
        }
    }
}

impl fmt::Display for LineRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotVisible => f.write_str("the customer does not see the product"),
            Self::PriceNotVisible => f.write_str("the customer does not see the price"),
            Self::NotPurchasable => f.write_str("the customer may not buy the product"),
            Self::BelowMinimum { required, found } => write!(f, "at least {required} required, found {found}"),
            Self::NotAMultiple { increment, found } => {
                write!(f, "only sold in multiples of {increment}, found {found}")
            }
            Self::AboveMaximum { allowed, found } => write!(f, "at most {allowed} allowed, found {found}"),
            Self::CustomerRequired => f.write_str("only a known customer can buy it"),
            Self::AllocationExceeded { remaining, requested } => {
                write!(f, "{remaining} left of the allowance, {requested} ordered")
            }
        }
    }
}

/// What a browser may see of a [`LineRefusal`]: a product that the customer must not see is one that does not exist (S5,
/// S38).
///
/// ```
/// use vouchsafe::PublicLineReason;
///
/// assert_eq!(PublicLineReason::UnknownProduct.code(), "unknown_product");
/// assert_eq!(PublicLineReason::NotPurchasable.to_string(), "not for sale to you");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum PublicLineReason {
    /// There is no such product.
    UnknownProduct,
    /// There is no price to be shown.
    PriceNotVisible,
    /// It is for sale, but not to this customer.
    NotPurchasable,
    /// Too few of it.
    BelowMinimum {
        /// The fewest.
        required: u32,
    },
    /// It is not sold in this quantity.
    NotAMultiple {
        /// The steps in which it is sold.
        increment: u32,
    },
    /// Too many of it in one order.
    AboveMaximum {
        /// The most.
        allowed: u32,
    },
    /// Log in first.
    LogIn,
    /// More than what is left for this customer.
    AllocationExceeded {
        /// How many are left.
        remaining: u32,
    },
}

impl PublicLineReason {
    /// A stable word for it.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::UnknownProduct => "unknown_product",
            Self::PriceNotVisible => "price_not_visible",
            Self::NotPurchasable => "not_purchasable",
            Self::BelowMinimum { .. } => "below_minimum",
            Self::NotAMultiple { .. } => "not_a_multiple",
            Self::AboveMaximum { .. } => "above_maximum",
            Self::LogIn => "log_in",
            Self::AllocationExceeded { .. } => "allocation_exceeded",
        }
    }
}

impl fmt::Display for PublicLineReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownProduct => f.write_str("unknown product"),
            Self::PriceNotVisible => f.write_str("price not shown"),
            Self::NotPurchasable => f.write_str("not for sale to you"),
            Self::BelowMinimum { required } => write!(f, "at least {required}"),
            Self::NotAMultiple { increment } => write!(f, "only in multiples of {increment}"),
            Self::AboveMaximum { allowed } => write!(f, "at most {allowed} in one order"),
            Self::LogIn => f.write_str("log in to buy it"),
            Self::AllocationExceeded { remaining: 0 } => f.write_str("none left"),
            Self::AllocationExceeded { remaining } => write!(f, "only {remaining} left"),
        }
    }
}

/// Why an order cannot be placed as it stands, though each of its lines could be (S39). The order is priced all the
/// same.
///
/// It names nothing but what the order itself chose, so a browser may see it: an option that the shop has for others
/// reads as one that it has not.
///
/// ```
/// use vouchsafe::{Mend, OrderRefusal};
///
/// let refusal = OrderRefusal::PaymentNotAllowed { option: "NET30".parse()? };
/// assert_eq!(refusal.to_string(), "payment option `NET30` is not offered to this customer");
/// assert_eq!((refusal.code(), refusal.mend()), ("payment_not_allowed", Some(Mend::ChangePayment)));
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum OrderRefusal {
    /// The payment option is not offered to this customer (S39). Mended by choosing another.
    PaymentNotAllowed {
        /// The payment option of the order.
        option: PaymentOptionId,
    },
    /// The shipping method of a charge is not offered to this customer. Mended by choosing another.
    ShippingNotAllowed {
        /// The charge.
        line: LineId,
        /// Its shipping method.
        method: ShippingMethodId,
    },
}

impl OrderRefusal {
    /// A stable word for the reason, for hosts that translate.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::PaymentNotAllowed { .. } => "payment_not_allowed",
            Self::ShippingNotAllowed { .. } => "shipping_not_allowed",
        }
    }

    /// What the shopper could do about it, where there is anything (S26).
    #[must_use]
    pub fn mend(&self) -> Option<Mend> {
        match self {
            Self::PaymentNotAllowed { .. } => Some(Mend::ChangePayment),
            Self::ShippingNotAllowed { .. } => Some(Mend::ChangeShipping),
        }
    }
}

impl fmt::Display for OrderRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PaymentNotAllowed { option } => {
                write!(f, "payment option `{option}` is not offered to this customer")
            }
            Self::ShippingNotAllowed { line, method } => {
                write!(f, "shipping method `{method}` of charge {line} is not offered to this customer")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: [LineRefusal; 8] = [
        LineRefusal::NotVisible,
        LineRefusal::PriceNotVisible,
        LineRefusal::NotPurchasable,
        LineRefusal::BelowMinimum { required: 6, found: 4 },
        LineRefusal::NotAMultiple { increment: 6, found: 8 },
        LineRefusal::AboveMaximum { allowed: 12, found: 13 },
        LineRefusal::CustomerRequired,
        LineRefusal::AllocationExceeded { remaining: 2, requested: 3 },
    ];

    /// The word of a reason in JSON: the text itself, or the one field of an object.
    fn word(value: &impl Serialize) -> String {
        match serde_json::to_value(value).unwrap() {
            serde_json::Value::String(word) => word,
            other => other.as_object().unwrap().keys().next().unwrap().clone(),
        }
    }

    #[test]
    fn codes_are_the_words_of_json() {
        for refusal in LINES {
            assert_eq!(word(&refusal), refusal.code());
            assert_eq!(word(&refusal.public()), refusal.public().code());
        }
        let (option, method) = ("NET30".parse().unwrap(), "express".parse().unwrap());
        let payment = OrderRefusal::PaymentNotAllowed { option };
        let shipping = OrderRefusal::ShippingNotAllowed { line: LineId(9), method };
        for refusal in [&payment, &shipping] {
            assert_eq!(word(refusal), refusal.code());
        }
        assert_eq!(shipping.mend(), Some(Mend::ChangeShipping));
        assert_eq!(shipping.to_string(), "shipping method `express` of charge 9 is not offered to this customer");
    }

    /// Proves S5, S38: of the reasons of a line the public hears all but one, and that one reads as no product at all.
    #[test]
    fn an_unseen_product_has_no_word_of_its_own() {
        let seen: Vec<&str> = LINES.iter().map(|refusal| refusal.public().code()).collect();
        let of_quantities = ["below_minimum", "not_a_multiple", "above_maximum", "log_in", "allocation_exceeded"];
        assert_eq!(seen[..3], ["unknown_product", "price_not_visible", "not_purchasable"]);
        assert_eq!(seen[3..], of_quantities);
        assert!(!LineRefusal::NotVisible.public().to_string().contains("see"));
    }
}
