//! A recurring run in a few figures.

use std::collections::BTreeMap;

use super::member::RunItem;
use crate::error::Error;
use crate::money::{Currency, Money};

/// A recurring run in a few figures, added up while it goes by.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// let shop = Shop::builder(Policy::storefront(Currency::USD, Zone::UTC))
///     .access(AccessRule::deny(Permission::Buy, Goods::product("RARE".parse()?), Audience::everyone()))
///     .build()?;
/// let order = |product: &str| -> Result<Order, Error> {
///     let line = Line::new(LineId(1), Product::new(product.parse()?), Quantity::ONE, UnitPrice::parse("90.00")?);
///     Order::builder(Currency::USD).line(line).build()
/// };
/// let member = |id: &str| -> Result<Member, Error> {
///     Ok(Member::new(Customer::new([IdentityKey::id(id)?]), Reference::Order(id.parse()?)))
/// };
/// let members = [member("1")?, member("2")?.with_order(order("RARE")?), member("3")?];
/// let (template, everyone, at) = (order("CASE")?, Audience::everyone(), parse_instant("2026-04-01T08:00:00Z")?);
///
/// let mut summary = RunSummary::default();
/// for item in shop.price_run(&template, &everyone, at, members) {
///     summary.add(&item)?;
/// }
/// assert_eq!((summary.served(), summary.not_served()), (2, 1));
/// assert_eq!(summary.payable(Currency::USD).to_string(), "180.00 USD");
/// assert_eq!(summary.reasons().collect::<Vec<_>>(), [("not_purchasable", 1)]);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunSummary {
    served: u64,
    not_served: u64,
    payable: Vec<Money>,
    reasons: BTreeMap<&'static str, u64>,
}

impl RunSummary {
    /// Adds one member.
    ///
    /// # Errors
    /// [`Error::Overflow`] of `payable` where the sum leaves the range of exact amounts; the summary is as before then.
    pub fn add(&mut self, item: &RunItem) -> Result<(), Error> {
        match item.outcome().filter(|_| item.is_served()) {
            Some(outcome) => {
                let due = outcome.totals().payable();
                let sum = self.payable(due.currency()).minor().checked_add(due.minor());
                let sum = Money::new(sum.ok_or_else(|| Error::overflow("payable"))?, due.currency());
                self.payable.retain(|other| other.currency() != due.currency());
                self.payable.push(sum);
                self.served = self.served.saturating_add(1);
            }
            None => {
                self.not_served = self.not_served.saturating_add(1);
                for reason in item.reasons() {
                    let count = self.reasons.entry(reason.code()).or_default();
                    *count = count.saturating_add(1);
                }
            }
        }
        Ok(())
    }

    /// How many members can be served.
    #[must_use]
    pub fn served(&self) -> u64 {
        self.served
    }

    /// How many members of the cohort cannot be served.
    #[must_use]
    pub fn not_served(&self) -> u64 {
        self.not_served
    }

    /// What all who can be served pay together in a currency.
    #[must_use]
    pub fn payable(&self, currency: Currency) -> Money {
        let found = self.payable.iter().find(|sum| sum.currency() == currency);
        found.copied().unwrap_or_else(|| Money::new(0, currency))
    }

    /// How often each reason stood in the way, by its word.
    pub fn reasons(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.reasons.iter().map(|(code, count)| (*code, *count))
    }
}
