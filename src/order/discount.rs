//! Discounts that the shop gave before any coupon.

use crate::funding::Funding;
use crate::key::{AccountId, DiscountId};
use crate::money::Money;

/// A discount that the shop gave on a line or charge before any coupon. It is listed here and never hidden in the unit
/// price, so that thresholds, tax and books can tell it from a price.
///
/// ```
/// use vouchsafe::{Currency, Funding, Money, ShopDiscount};
///
/// let spring = ShopDiscount::new("spring-sale".parse()?, Money::parse("20.00", Currency::USD)?)
///     .with_account("4730".parse()?)
///     .with_funding(Funding::ThirdParty { party: "ACME".parse()? });
/// assert_eq!(spring.amount().to_string(), "20.00 USD");
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShopDiscount {
    pub(crate) id: DiscountId,
    pub(crate) amount: Money,
    pub(crate) account: Option<AccountId>,
    pub(crate) funding: Funding,
}

impl ShopDiscount {
    /// A discount of this amount on the whole line, funded by the seller.
    #[must_use]
    pub fn new(id: DiscountId, amount: Money) -> Self {
        Self { id, amount, account: None, funding: Funding::Seller }
    }

    /// The account it is booked to.
    #[must_use]
    pub fn with_account(mut self, account: AccountId) -> Self {
        self.account = Some(account);
        self
    }

    /// Who pays for it.
    #[must_use]
    pub fn with_funding(mut self, funding: Funding) -> Self {
        self.funding = funding;
        self
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &DiscountId {
        &self.id
    }

    /// Its amount, on the whole line.
    #[must_use]
    pub fn amount(&self) -> Money {
        self.amount
    }

    /// The account it is booked to.
    #[must_use]
    pub fn account(&self) -> Option<&AccountId> {
        self.account.as_ref()
    }

    /// Who pays for it.
    #[must_use]
    pub fn funding(&self) -> &Funding {
        &self.funding
    }
}
