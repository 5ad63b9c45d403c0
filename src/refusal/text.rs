//! Refusals, and what would mend them, as text for a log or an admin page: lower case, no full stop.

use std::fmt;

use chrono::{DateTime, Utc};

use super::{LimitKind, Mend, Refusal};
use crate::order::LineId;

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownCode => f.write_str("no coupon has this code"),
            Self::CodeRevoked => f.write_str("the code was withdrawn"),
            Self::DuplicateCode => f.write_str("the code was entered twice"),
            Self::SameCoupon { coupon } => write!(f, "another code of `{coupon}` already applies"),
            Self::Inactive => f.write_str("the coupon is switched off"),
            Self::NotStarted { starts } => write!(f, "valid from {}", instant(*starts)),
            Self::Expired { ended: Some(ended) } => write!(f, "was valid until {}", instant(*ended)),
            Self::Expired { ended: None } => f.write_str("the coupon has ended"),
            Self::WrongCustomer => f.write_str("the code belongs to another customer"),
            Self::CustomerRequired => f.write_str("only a known customer can use it"),
            Self::LimitReached { limit, allowed, taken } => {
                let what = match limit {
                    LimitKind::Total => "uses",
                    LimitKind::Code => "uses of this code",
                    LimitKind::Customer => "uses by this customer",
                    LimitKind::CustomerCode => "uses of this code by this customer",
                    LimitKind::Units => "discounted units",
                    LimitKind::Money => "minor units of the budget",
                };
                write!(f, "{taken} of {allowed} {what} are taken")
            }
            Self::BudgetExhausted { wanted: Some(wanted), left } => {
                write!(f, "{wanted} wanted, and {left} can still be given")
            }
            Self::BudgetExhausted { wanted: None, left } => write!(f, "{left} can still be given"),
            Self::CustomerType { found: Some(found) } => write!(f, "not for customers of type `{found}`"),
            Self::CustomerType { found: None } => f.write_str("not for customers without a type"),
            Self::CustomerAttribute { key } => write!(f, "not for customers with this `{key}`, or without any"),
            Self::MembersOnly => f.write_str("only for members"),
            Self::NotThisCustomer => f.write_str("only for certain customers"),
            Self::FirstOrder { orders } => write!(f, "only for a first order, {orders} came before"),
            Self::NthOrder { required, found } => write!(f, "only for order number {required}, this is number {found}"),
            Self::OrdersInPeriod { required, found, days } => {
                write!(f, "{required} orders within {days} days required, found {found}")
            }
            Self::LifetimeSpend { required, found } => write!(f, "{required} spent so far required, found {found}"),
            Self::LastOrder { found: Some(found) } => write!(f, "the last order was at {}", instant(*found)),
            Self::LastOrder { found: None } => f.write_str("there is no earlier order"),
            Self::NotBoughtBefore => f.write_str("nothing that is required was bought before"),
            Self::NotEnabledHere => f.write_str("not enabled on this channel or form"),
            Self::Region => f.write_str("not in this region"),
            Self::PaymentOption => f.write_str("not with this payment option"),
            Self::ShippingMethod { found, .. } if found.is_empty() => f.write_str("not without a shipping method"),
            Self::ShippingMethod { found, .. } => {
                f.write_str("not with shipping method ")?;
                for (i, method) in found.iter().enumerate() {
                    write!(f, "{}`{method}`", if i > 0 { ", " } else { "" })?;
                }
                Ok(())
            }
            Self::OutsideHours { opens: Some(opens) } => {
                write!(f, "closed at this hour, open from {}", instant(*opens))
            }
            Self::OutsideHours { opens: None } => f.write_str("closed at this hour"),
            Self::BlackoutDate { opens: Some(opens) } => write!(f, "not on this day, open from {}", instant(*opens)),
            Self::BlackoutDate { opens: None } => f.write_str("not on this day"),
            Self::UniqueCustomers { required, found } => {
                write!(f, "{required} customers required, {found} have joined")
            }
            Self::MinimumSpend { required, found } => write!(f, "{required} required, found {found}"),
            Self::MaximumSpend { allowed, found } => write!(f, "at most {allowed} allowed, found {found}"),
            Self::MinimumQuantity { required, found } => write!(f, "{required} pieces required, found {found}"),
            Self::DistinctProducts { required, found } => {
                write!(f, "{required} different products required, found {found}")
            }
            Self::NotWithLines { lines } => {
                f.write_str("not together with ")?;
                named(f, lines)
            }
            Self::Excluded => f.write_str("a condition that excludes it holds"),
            Self::NoneOf => f.write_str("none of its alternative conditions holds"),
            Self::NoAmountInCurrency { currency } => write!(f, "it names no amount in {currency}"),
            Self::ManualNotAllowed => f.write_str("amounts by hand are not allowed"),
            Self::ManualAmountRequired => f.write_str("the operator has to enter an amount"),
            Self::ManualAmountTooHigh { allowed, found } => write!(f, "at most {allowed} may be entered, not {found}"),
            Self::HostAmountsRequired => f.write_str("the amounts for the lines are missing"),
            Self::NotApplicable => f.write_str("nothing in the order is covered"),
            Self::NotWithDiscounts { line } => write!(f, "line {line} carries a discount, and it does not combine"),
            Self::TypeConflict => f.write_str("another coupon changes the customer's type"),
            Self::BetterInGroup { .. } => f.write_str("another code of its group is better"),
            Self::NotStackable { beside: Some(other) } => write!(f, "does not stand beside a code of `{other}`"),
            Self::NotStackable { beside: None } => f.write_str("does not stand beside another code of the order"),
            Self::TooManyCodes { allowed: 1 } => f.write_str("at most 1 code is allowed"),
            Self::TooManyCodes { allowed } => write!(f, "at most {allowed} codes are allowed"),
            Self::NoBenefit => f.write_str("it comes to nothing on this order"),
        }
    }
}

impl fmt::Display for Mend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Spend(amount) => write!(f, "add {amount}"),
            Self::SpendLess(amount) => write!(f, "take {amount} out"),
            Self::Pieces(pieces) => write!(f, "add {pieces} more"),
            Self::Products(1) => f.write_str("add another product"),
            Self::Products(products) => write!(f, "add {products} other products"),
            Self::RemoveLines(lines) => {
                f.write_str("take out ")?;
                named(f, lines)
            }
            Self::WaitUntil(at) => write!(f, "come back from {}", instant(*at)),
            Self::Identify => f.write_str("log in"),
            Self::EnterAmount => f.write_str("enter an amount"),
            Self::EnterAtMost(amount) => write!(f, "enter at most {amount}"),
            Self::ChangePayment => f.write_str("choose another payment option"),
            Self::ChangeShipping => f.write_str("choose another shipping method"),
            Self::Customers(1) => f.write_str("bring one more customer"),
            Self::Customers(customers) => write!(f, "bring {customers} more customers"),
            Self::Orders(1) => f.write_str("place another order first"),
            Self::Orders(orders) => write!(f, "place {orders} other orders first"),
            Self::SpendBefore(amount) => write!(f, "spend {amount} in other orders first"),
            Self::RemoveOtherCode => f.write_str("take another code out"),
        }
    }
}

/// Lines by their numbers.
fn named(f: &mut fmt::Formatter<'_>, lines: &[LineId]) -> fmt::Result {
    f.write_str(if lines.len() == 1 { "line" } else { "lines" })?;
    for (i, line) in lines.iter().enumerate() {
        write!(f, "{} {line}", if i > 0 { "," } else { "" })?;
    }
    Ok(())
}

fn instant(at: DateTime<Utc>) -> impl fmt::Display {
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}
