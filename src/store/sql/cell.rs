//! A counter's key in columns, so that a statement can find the counters of what a shopper typed.

use chrono::NaiveDate;
use serde::Serialize;

use crate::coupon::Code;
use crate::customer::IdentityKey;
use crate::money::Currency;
use crate::outcome::CounterKey;

use crate::store::{BoxError, StoreError};

/// The columns of a counter, all of them always filled. The derived order (owner, code, customer, kind, by bytes) is the
/// order in which every statement locks counters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Cell {
    /// The coupon or the allowance; nothing for what belongs to neither.
    pub(in crate::store) owner: String,
    pub(in crate::store) code: String,
    pub(in crate::store) customer: String,
    pub(in crate::store) kind: String,
}

impl From<&CounterKey> for Cell {
    fn from(key: &CounterKey) -> Self {
        let (none, text) = (String::new, |text: &str| text.to_owned());
        let (owner, code, customer, kind) = match key {
            CounterKey::Total { coupon } => (text(coupon.as_str()), none(), none(), text("total")),
            CounterKey::Units { coupon } => (text(coupon.as_str()), none(), none(), text("units")),
            CounterKey::Money { coupon, currency } => {
                (text(coupon.as_str()), none(), none(), format!("money:{}", currency.code()))
            }
            CounterKey::Code { coupon, code } => (text(coupon.as_str()), text(code.as_str()), none(), text("code")),
            CounterKey::Customer { coupon, customer } => {
                (text(coupon.as_str()), none(), customer.to_string(), text("customer"))
            }
            CounterKey::CustomerCode { coupon, code, customer } => {
                (text(coupon.as_str()), text(code.as_str()), customer.to_string(), text("customer_code"))
            }
            CounterKey::FirstOrder { customer } => (none(), none(), customer.to_string(), text("first_order")),
            CounterKey::Allowance { allowance, customer, since } => {
                let customer = customer.as_ref().map_or_else(String::new, ToString::to_string);
                let since = since.map_or_else(String::new, |day| day.to_string());
                (text(allowance.as_str()), none(), customer, format!("allowance:{since}"))
            }
        };
        Self { owner, code, customer, kind }
    }
}

impl TryFrom<&Cell> for CounterKey {
    type Error = StoreError;

    fn try_from(cell: &Cell) -> Result<Self, StoreError> {
        let corrupt = |why: BoxError| StoreError::corrupt(format!("counter {cell:?}"), why);
        read(cell).map_err(corrupt)
    }
}

fn read(cell: &Cell) -> Result<CounterKey, BoxError> {
    let coupon = || cell.owner.parse();
    let customer = || cell.customer.parse::<IdentityKey>();
    let code = || Code::from_canonical(&cell.code);
    Ok(match cell.kind.split_once(':') {
        None => match cell.kind.as_str() {
            "total" => CounterKey::Total { coupon: coupon()? },
            "units" => CounterKey::Units { coupon: coupon()? },
            "code" => CounterKey::Code { coupon: coupon()?, code: code()? },
            "customer" => CounterKey::Customer { coupon: coupon()?, customer: customer()? },
            "customer_code" => CounterKey::CustomerCode { coupon: coupon()?, code: code()?, customer: customer()? },
            "first_order" => CounterKey::FirstOrder { customer: customer()? },
            other => return Err(format!("`{other}` is no kind of counter").into()),
        },
        Some(("money", currency)) => CounterKey::Money { coupon: coupon()?, currency: currency.parse::<Currency>()? },
        Some(("allowance", since)) => CounterKey::Allowance {
            allowance: cell.owner.parse()?,
            customer: if cell.customer.is_empty() { None } else { Some(customer()?) },
            since: if since.is_empty() { None } else { Some(since.parse::<NaiveDate>()?) },
        },
        Some((other, _)) => return Err(format!("`{other}` is no kind of counter").into()),
    })
}
