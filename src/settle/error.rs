//! Why something cannot be done to a placed order.

use crate::error::Error;
use crate::key::MovementId;
use crate::money::{Currency, Money};
use crate::order::LineId;
use crate::outcome::NotPlaceable;
use crate::request::Reference;

/// Why a return, a transfer or a void cannot be. Nothing was changed.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let order = Order::builder(Currency::USD)
///     .line(Line::new(LineId(1), Product::new("CUP".parse()?), Quantity::pieces(2)?, UnitPrice::parse("9.00")?))
///     .build()?;
/// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
/// let outcome = shop.evaluate(&Request::new(&order, &customer, Reference::Order("o-1".parse()?), at))?;
/// let settlement = Settlement::new(&outcome)?;
/// let three = RefundRequest::new("r-1".parse()?).units(LineId(1), 3);
/// assert_eq!(settlement.refund(&three), Err(SettleError::TooManyUnits { line: LineId(1), asked: 3, left: 2 }));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettleError {
    /// The order was never placed, so nothing can become of it.
    #[error("the order was not placed: {0}")]
    NotPlaced(#[from] NotPlaceable),
    /// The order has no such line or charge.
    #[error("there is no line {line}")]
    UnknownLine {
        /// The line that was asked for.
        line: LineId,
    },
    /// A line is named twice in one request.
    #[error("line {line} is named twice")]
    LineTwice {
        /// The line.
        line: LineId,
    },
    /// Nothing is asked for.
    #[error("nothing is asked for")]
    NothingAsked,
    /// No units, or no money, of a line are asked for.
    #[error("nothing is asked for of line {line}")]
    Zero {
        /// The line.
        line: LineId,
    },
    /// More units than are left: more than were sold, or some that are gone already.
    #[error("{asked} units of line {line} are asked for, {left} are left")]
    TooManyUnits {
        /// The line.
        line: LineId,
        /// How many were asked for.
        asked: u32,
        /// How many are left.
        left: u32,
    },
    /// More money than is left of a charge.
    #[error("{asked} of charge {line} are asked for, {left} are left")]
    AmountTooHigh {
        /// The charge.
        line: LineId,
        /// How much was asked for.
        asked: Money,
        /// How much is left.
        left: Money,
    },
    /// A part of an amount is asked for of a line: lines go back by units, charges by amount.
    #[error("line {line} is no charge, it is returned by units")]
    NotACharge {
        /// The line.
        line: LineId,
    },
    /// Nothing is left of the order.
    #[error("nothing is left of the order")]
    NothingLeft,
    /// Another currency than that of the order. Nothing is ever converted.
    #[error("the order is in {expected}, and what is asked for in {found}")]
    OtherCurrency {
        /// The currency of the order.
        expected: Currency,
        /// The other one.
        found: Currency,
    },
    /// One order has prices with tax, the other without.
    #[error("the orders differ in whether prices contain tax")]
    OtherPriceMode,
    /// The order that is named is another one, or is no other one.
    #[error("{found} is the wrong order")]
    WrongOrder {
        /// The order that is named.
        found: Reference,
    },
    /// The line of the order that is to be filled is there already.
    #[error("there is a line {line} already")]
    LineTaken {
        /// The line.
        line: LineId,
    },
    /// The same id was given to something else.
    #[error("`{id}` is the id of something else that happened to the order")]
    IdTaken {
        /// The id.
        id: MovementId,
    },
    /// Something else happened to the order since it was planned. Plan it again.
    #[error("something else happened to the order since this was planned")]
    Stale,
    /// Something came back or moved already, so the order can no longer be changed: what is kept is changed by further
    /// returns and transfers, and what is added is an order of its own.
    #[error("something came back or moved already")]
    AlreadyMoved,
    /// A threshold is to be judged, which needs the terms that the order was placed under.
    #[error("thresholds are judged by the terms of the placed order, which are not given")]
    TermsNeeded,
    /// A line is deferred, and the books have no accounts for that.
    #[error("line {line} is deferred, and the books have no deferred accounts")]
    NoDeferredAccounts {
        /// The line.
        line: LineId,
    },
    /// A figure that cannot be, or does not fit.
    #[error(transparent)]
    Unusable(#[from] Error),
}
