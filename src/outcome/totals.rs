//! The sums of an outcome.

use crate::key::AccountId;
use crate::money::{Currency, Money};

/// The sums of an outcome. Refused lines are in none of them.
///
/// | to pay | is |
/// |---|---|
/// | prices without tax | `taxable - third_party + tax + cash_rounding` |
/// | prices with tax | `taxable - third_party + cash_rounding` |
///
/// where `taxable = items - item_discount + shipping - shipping_discount + fees + third_party`: what the seller gives
/// away lowers the tax base (S115), what a third party reimburses does not. Of a coupon's discount, the part on lines is
/// in `item_discount` and the part on shipping in `shipping_discount`; `coupon_discount` is both, without the shop's.
/// Points that are redeemed as a discount act on lines: they are in `item_discount` and not in `coupon_discount`;
/// `points_discount` has them alone. Points that are a tender change none of these sums: they are a way to pay, and what is
/// then still due is [`Outcome::amount_due`](super::Outcome::amount_due). It is that amount which cash rounding rounds.
///
/// 100.00 less 10.00 that a manufacturer reimburses, 8% on top (V11):
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let ten = Money::parse("10.00", Currency::USD)?;
/// let maker = Funding::ThirdParty { party: "ACME".parse()? };
/// let coupon = shop.prepare(Coupon::builder("maker").code("MAKER").amount_off(ten).funding(maker).build()?)?;
/// let razor = Product::new("RAZOR".parse()?);
/// let order = Order::builder(Currency::USD)
///     .line(Line::new(LineId(1), razor, Quantity::pieces(1)?, UnitPrice::parse("100.00")?))
///     .default_rate(TaxRate::parse("8")?)
///     .build()?;
/// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
/// let codes = [Presented::new("maker", &coupon)];
/// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
/// let outcome = shop.evaluate(&request)?;
/// let totals = outcome.totals();
/// assert_eq!(totals.taxable().to_string(), "100.00 USD");
/// assert_eq!(totals.tax().map(|tax| tax.to_string()).as_deref(), Some("8.00 USD"));
/// assert_eq!(totals.third_party().to_string(), "10.00 USD");
/// assert_eq!(totals.payable().to_string(), "98.00 USD");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    pub(crate) currency: Currency,
    pub(crate) items: i64,
    pub(crate) item_discount: i64,
    pub(crate) coupon_discount: i64,
    pub(crate) points_discount: i64,
    pub(crate) shipping: i64,
    pub(crate) shipping_discount: i64,
    pub(crate) fees: i64,
    pub(crate) taxable: i64,
    pub(crate) net: i64,
    pub(crate) tax: i64,
    pub(crate) taxed: bool,
    pub(crate) third_party: i64,
    pub(crate) before_cash: i64,
    pub(crate) cash_rounding: i64,
}

impl Totals {
    pub(crate) fn zero(currency: Currency) -> Self {
        Self {
            currency,
            items: 0,
            item_discount: 0,
            coupon_discount: 0,
            points_discount: 0,
            shipping: 0,
            shipping_discount: 0,
            fees: 0,
            taxable: 0,
            net: 0,
            tax: 0,
            taxed: false,
            third_party: 0,
            before_cash: 0,
            cash_rounding: 0,
        }
    }

    fn money(&self, minor: i64) -> Money {
        Money::new(minor, self.currency)
    }

    /// Lines at the customer's prices, before discounts.
    #[must_use]
    pub fn items(&self) -> Money {
        self.money(self.items)
    }

    /// All discounts on lines: the shop's, those of coupons, and points.
    #[must_use]
    pub fn item_discount(&self) -> Money {
        self.money(self.item_discount)
    }

    /// All discounts of coupons, on lines and on shipping.
    #[must_use]
    pub fn coupon_discount(&self) -> Money {
        self.money(self.coupon_discount)
    }

    /// What loyalty points took off lines, where they are redeemed as a discount (S29).
    #[must_use]
    pub fn points_discount(&self) -> Money {
        self.money(self.points_discount)
    }

    /// Shipping, before discounts.
    #[must_use]
    pub fn shipping(&self) -> Money {
        self.money(self.shipping)
    }

    /// All discounts on shipping.
    #[must_use]
    pub fn shipping_discount(&self) -> Money {
        self.money(self.shipping_discount)
    }

    /// Fees after discounts of the shop. No coupon touches them.
    #[must_use]
    pub fn fees(&self) -> Money {
        self.money(self.fees)
    }

    /// Taxable amounts, as priced: all amounts less the seller's part of every discount.
    #[must_use]
    pub fn taxable(&self) -> Money {
        self.money(self.taxable)
    }

    /// Taxable amounts without tax.
    #[must_use]
    pub fn net(&self) -> Money {
        self.money(self.net)
    }

    /// The tax; none where no rates were given.
    #[must_use]
    pub fn tax(&self) -> Option<Money> {
        self.taxed.then(|| self.money(self.tax))
    }

    /// What third parties reimburse of the discounts. The shopper does not pay it, and the seller gets it all the same.
    #[must_use]
    pub fn third_party(&self) -> Money {
        self.money(self.third_party)
    }

    /// What cash rounding adds to the amount to pay; negative where it takes away.
    #[must_use]
    pub fn cash_rounding(&self) -> Money {
        self.money(self.cash_rounding)
    }

    /// What the shopper pays, tax and cash rounding included.
    #[must_use]
    pub fn payable(&self) -> Money {
        self.money(self.before_cash.saturating_add(self.cash_rounding))
    }
}

/// Discounts booked to one account (S109, S114): the shop's, those of coupons, and points, on lines and charges. The totals of
/// all accounts, the one without a name among them, are all discounts of the order.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let tenth = Coupon::builder("tenth").code("TENTH").percent_off("10").account("4400-SALES".parse()?).build()?;
/// let tenth = shop.prepare(tenth)?;
/// let line = Line::new(LineId(1), Product::new("BOOT".parse()?), Quantity::pieces(2)?, UnitPrice::parse("30.00")?);
/// let order = Order::builder(Currency::USD).line(line).build()?;
/// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
/// let codes = [Presented::new("TENTH", &tenth)];
/// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
/// let outcome = shop.evaluate(&request)?;
/// let totals: Vec<String> = outcome
///     .accounts()
///     .iter()
///     .map(|total| format!("{}: {}", total.account().map_or("none", |account| account.as_str()), total.discount()))
///     .collect();
/// assert_eq!(totals, ["4400-SALES: 6.00 USD"]);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountTotal {
    pub(crate) account: Option<AccountId>,
    pub(crate) currency: Currency,
    pub(crate) discount: i64,
}

impl AccountTotal {
    /// The account; none for discounts that name none.
    #[must_use]
    pub fn account(&self) -> Option<&AccountId> {
        self.account.as_ref()
    }

    /// The sum of its discounts.
    #[must_use]
    pub fn discount(&self) -> Money {
        Money::new(self.discount, self.currency)
    }
}
