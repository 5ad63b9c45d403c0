//! What a customer did before.

use chrono::{DateTime, Utc};

use crate::error::{Error, Why};
use crate::key::{CategoryId, KeySet, ProductId};
use crate::money::{Currency, Money};

/// What a customer did before this order. Cancelled orders are not in it: that is the host's to say.
///
/// ```
/// use vouchsafe::{Currency, History, Money};
///
/// let history = History::default().with_orders(2).with_spend(Money::parse("120.00", Currency::USD)?)?;
/// assert_eq!(history.spend(Currency::USD), Money::parse("120.00", Currency::USD)?);
/// assert_eq!(history.spend(Currency::EUR), Money::zero(Currency::EUR));
/// # Ok::<(), vouchsafe::Error>(())
/// ```
///
/// # Times count as orders
///
/// ```
/// use vouchsafe::{History, parse_instant};
///
/// let history = History::default().with_order_times([parse_instant("2026-01-05T09:00:00Z")?]);
/// assert_eq!(history.orders(), 1);
/// assert_eq!(history.with_orders(0).orders(), 1); // one is known to have been placed
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    pub(super) orders: u64,
    pub(super) order_times: Vec<DateTime<Utc>>,
    pub(super) spend: Vec<Money>,
    pub(super) products: KeySet,
    pub(super) categories: KeySet,
}

impl History {
    /// How many orders the customer placed before this one; at least as many as there are
    /// [times](Self::with_order_times).
    #[must_use]
    pub fn with_orders(mut self, orders: u64) -> Self {
        self.orders = orders.max(self.known_orders());
        self
    }

    /// When earlier orders were placed; as far back as conditions over a period look. There are at least this many
    /// orders, so the count rises with it.
    #[must_use]
    pub fn with_order_times(mut self, times: impl IntoIterator<Item = DateTime<Utc>>) -> Self {
        self.order_times = times.into_iter().collect();
        self.order_times.sort_unstable();
        self.orders = self.orders.max(self.known_orders());
        self
    }

    /// How many orders have a time.
    pub(super) fn known_orders(&self) -> u64 {
        u64::try_from(self.order_times.len()).unwrap_or(u64::MAX)
    }

    /// What the customer spent in one currency so far; one figure per currency, the last one given stands.
    ///
    /// # Errors
    /// [`Why::Negative`] at `history.spend`.
    pub fn with_spend(mut self, spend: Money) -> Result<Self, Error> {
        if spend.is_negative() {
            return Err(Error::invalid("history.spend", spend, Why::Negative));
        }
        match self.spend.binary_search_by_key(&spend.currency(), |s| s.currency()) {
            Ok(found) => self.spend.iter_mut().skip(found).take(1).for_each(|s| *s = spend),
            Err(place) => self.spend.insert(place, spend),
        }
        Ok(self)
    }

    /// Products bought before.
    #[must_use]
    pub fn with_products(mut self, products: impl IntoIterator<Item = ProductId>) -> Self {
        self.products = KeySet::new(products.into_iter().map(|p| p.key().clone()));
        self
    }

    /// Categories bought from before.
    #[must_use]
    pub fn with_categories(mut self, categories: impl IntoIterator<Item = CategoryId>) -> Self {
        self.categories = KeySet::new(categories.into_iter().map(|c| c.key().clone()));
        self
    }

    /// How many orders were placed before this one.
    #[must_use]
    pub fn orders(&self) -> u64 {
        self.orders
    }

    /// When earlier orders were placed, oldest first.
    #[must_use]
    pub fn order_times(&self) -> &[DateTime<Utc>] {
        &self.order_times
    }

    /// What was spent in a currency; zero where the host gave no figure.
    #[must_use]
    pub fn spend(&self, currency: Currency) -> Money {
        self.spend.iter().find(|s| s.currency() == currency).copied().unwrap_or(Money::zero(currency))
    }

    /// Whether this product was bought before.
    #[must_use]
    pub fn bought_product(&self, product: &ProductId) -> bool {
        self.products.contains(product.key())
    }

    /// Whether anything of this category was bought before.
    #[must_use]
    pub fn bought_category(&self, category: &CategoryId) -> bool {
        self.categories.contains(category.key())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::parse_instant;

    fn usd(minor: i64) -> Money {
        Money::new(minor, Currency::USD)
    }

    #[test]
    fn one_figure_per_currency_and_the_last_one_stands() {
        let eur = Money::new(5, Currency::EUR);
        let one = History::default().with_spend(usd(1)).unwrap().with_spend(eur).unwrap().with_spend(usd(2)).unwrap();
        let other = History::default().with_spend(usd(2)).unwrap().with_spend(eur).unwrap();
        assert_eq!(one, other, "the order in which figures were given does not matter");
        assert_eq!((one.spend(Currency::USD), one.spend(Currency::EUR)), (usd(2), eur));
        let error = History::default().with_spend(usd(-1)).unwrap_err();
        assert_eq!(error.to_string(), "`history.spend` is `-0.01 USD`: negative");
    }

    #[test]
    fn there_are_at_least_as_many_orders_as_times() {
        let times = ["2026-02-01T00:00:00Z", "2026-01-01T00:00:00Z"].map(|t| parse_instant(t).unwrap());
        for history in [
            History::default().with_orders(1).with_order_times(times),
            History::default().with_order_times(times).with_orders(1),
        ] {
            assert_eq!(history.orders(), 2);
            assert!(history.order_times().is_sorted());
        }
        assert_eq!(History::default().with_order_times(times).with_orders(9).orders(), 9);
    }

    #[test]
    fn what_was_bought_is_found() {
        let boot: ProductId = "BOOT".parse().unwrap();
        let ski: CategoryId = "ski".parse().unwrap();
        let history = History::default().with_products([boot.clone(), boot.clone()]).with_categories([ski.clone()]);
        assert!(history.bought_product(&boot) && history.bought_category(&ski));
        assert!(!history.bought_product(&"SKI".parse().unwrap()));
        assert!(!History::default().bought_category(&ski));
    }
}
