//! What a line or charge costs.

use super::answer::Answer;
use crate::key::{AccountId, DiscountId};
use crate::money::{Currency, Money};
use crate::order::LineId;
use crate::refusal::LineRefusal;
use crate::shop::PriceSource;

/// Stands for "no key of the host".
pub(crate) const NO_HOST_KEY: u32 = u32::MAX;

/// Stands for "not priced by a list".
pub(crate) const NO_PRICE_LIST: u32 = u32::MAX;

/// Stands for "taken off by points", in the place of a discount of the shop.
pub(crate) const BY_POINTS: u32 = u32::MAX;

/// Stands for "in no tax class": a refused line is in no total.
pub(crate) const NO_CLASS: u32 = u32::MAX;

/// One line or charge, priced. All amounts are in the currency of the outcome, for the whole line.
///
/// Always `discounted = priced - shop_discount - coupon_discount - points_discount` and
/// `taxable = discounted + third_party`. For prices without tax `net = taxable` and `payable = discounted + tax`; for
/// prices with tax `net + tax = taxable` and `payable = discounted`. Nothing is ever below zero. Of a refused line every
/// amount is zero.
///
/// Points that are redeemed as a discount are no coupon, and stand apart: in `points_discount`, which is zero wherever
/// there are none. Points that are a tender change no line.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let tenth = shop.prepare(Coupon::builder("tenth").code("TENTH").percent_off("10").build()?)?;
/// // 60.00 that the shop reduced by 10.00, with 20% tax on top.
/// let line = Line::new(LineId(1), Product::new("BOOT".parse()?), Quantity::pieces(2)?, UnitPrice::parse("30.00")?);
/// let line = line.with_discount(ShopDiscount::new("sale".parse()?, Money::parse("10.00", Currency::USD)?));
/// let order = Order::builder(Currency::USD).line(line).default_rate(TaxRate::parse("20")?).build()?;
/// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
/// let codes = [Presented::new("TENTH", &tenth)];
/// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
/// let outcome = shop.evaluate(&request)?;
/// let line = outcome.line(LineId(1)).ok_or("the line")?;
/// assert_eq!(line.priced().to_string(), "60.00 USD");
/// assert_eq!((line.shop_discount().to_string(), line.coupon_discount().to_string()), ("10.00 USD".into(), "5.00 USD".into()));
/// assert_eq!((line.discounted().to_string(), line.payable().to_string()), ("45.00 USD".into(), "54.00 USD".into()));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineOutcome {
    pub(crate) id: LineId,
    pub(crate) currency: Currency,
    pub(crate) units: u32,
    /// Position of its class in [`Outcome::taxes`](super::Outcome::taxes).
    pub(crate) class: u32,
    pub(crate) host_key: u32,
    pub(crate) price_source: PriceSource,
    /// Position among the price lists of the outcome.
    pub(crate) price_list: u32,
    pub(crate) refusal: Option<LineRefusal>,
    pub(crate) taxed: bool,
    pub(crate) list: i64,
    pub(crate) priced: i64,
    pub(crate) shop_discount: i64,
    pub(crate) coupon_discount: i64,
    pub(crate) third_party: i64,
    pub(crate) net: i64,
    pub(crate) tax: i64,
    pub(crate) taxable: i64,
    pub(crate) payable: i64,
}

impl LineOutcome {
    fn money(&self, minor: i64) -> Money {
        Money::new(minor, self.currency)
    }

    /// The number of the line or charge.
    #[must_use]
    pub fn id(&self) -> LineId {
        self.id
    }

    /// Indivisible units that are sold: pieces, or one for a measured line and for a charge. What was ordered is
    /// [`Outcome::requested`](super::Outcome::requested).
    #[must_use]
    pub fn units(&self) -> u32 {
        self.units
    }

    /// Why the line cannot be sold to this customer; its amounts are zero then, and it is in no total.
    #[must_use]
    pub fn refusal(&self) -> Option<LineRefusal> {
        self.refusal
    }

    /// Whose price it was priced at.
    #[must_use]
    pub fn price_source(&self) -> PriceSource {
        self.price_source
    }

    /// At the list price.
    #[must_use]
    pub fn list(&self) -> Money {
        self.money(self.list)
    }

    /// At the price that holds for this customer, before discounts.
    #[must_use]
    pub fn priced(&self) -> Money {
        self.money(self.priced)
    }

    /// Discounts that the shop gave before coupons.
    #[must_use]
    pub fn shop_discount(&self) -> Money {
        self.money(self.shop_discount)
    }

    /// Discounts by coupons, without points.
    #[must_use]
    pub fn coupon_discount(&self) -> Money {
        self.money(self.coupon_discount)
    }

    /// What loyalty points took off that were redeemed as a discount (S29).
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let program = PointsProgram::redeeming(PriceTable::new([(Currency::USD, UnitPrice::parse("0.01")?)])?)?;
    /// let shop = Shop::builder(Policy::storefront(Currency::USD, Zone::UTC)).points(program).build()?;
    /// let ten = shop.prepare(Coupon::builder("ten").code("TEN").percent_off("10").build()?)?;
    /// let line = Line::new(LineId(1), Product::new("BOOT".parse()?), Quantity::ONE, UnitPrice::parse("50.00")?);
    /// let order = Order::builder(Currency::USD).line(line).build()?;
    /// let (ann, at) = (Customer::new([IdentityKey::id("42")?]), parse_instant("2026-03-01T12:00:00Z")?);
    /// let codes = [Presented::new("ten", &ten)];
    /// let request = Request::new(&order, &ann, Reference::Order("o-1".parse()?), at).with_codes(&codes);
    /// let outcome = shop.evaluate(&request.with_points(PointsUse::new(700, 700)))?;
    ///
    /// let line = &outcome.lines()[0];
    /// assert_eq!(line.coupon_discount().to_string(), "5.00 USD");
    /// assert_eq!(line.points_discount().to_string(), "7.00 USD");
    /// assert_eq!(line.discounted().to_string(), "38.00 USD");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn points_discount(&self) -> Money {
        let others = self.shop_discount.saturating_add(self.coupon_discount);
        self.money(self.priced.saturating_sub(others).saturating_sub(self.left()))
    }

    /// What is left after all discounts, as priced.
    #[must_use]
    pub fn discounted(&self) -> Money {
        self.money(self.left())
    }

    /// What third parties pay is in the taxable amount and not in what is left; every discount else is in neither.
    fn left(&self) -> i64 {
        self.taxable.saturating_sub(self.third_party)
    }

    /// The part of the discounts that a third party reimburses; it stays in the taxable amount.
    #[must_use]
    pub fn third_party(&self) -> Money {
        self.money(self.third_party)
    }

    /// The taxable amount as priced: the priced amount less the seller's part of every discount (S115).
    #[must_use]
    pub fn taxable(&self) -> Money {
        self.money(self.taxable)
    }

    /// The taxable amount without tax: the tax base. Without a rate it is the taxable amount.
    #[must_use]
    pub fn net(&self) -> Money {
        self.money(self.net)
    }

    /// The tax; none where no rate was given.
    #[must_use]
    pub fn tax(&self) -> Option<Money> {
        self.taxed.then(|| self.money(self.tax))
    }

    /// What the shopper pays for it, tax included where a rate was given.
    #[must_use]
    pub fn payable(&self) -> Money {
        self.money(self.payable)
    }
}

/// One amount taken off one line or charge.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
/// let half = Offer::new(Coupon::builder("half").percent_off("50").build()?)?;
/// let shop = Shop::builder(Policy::storefront(Currency::USD, Zone::UTC)).offer(half).build()?;
/// let tenth = shop.prepare(Coupon::builder("tenth").code("TENTH").percent_off("10").build()?)?;
/// let line = Line::new(LineId(1), Product::new("BOOT".parse()?), Quantity::pieces(2)?, UnitPrice::parse("30.00")?);
/// let order = Order::builder(Currency::USD).line(line).build()?;
/// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
/// let codes = [Presented::new("TENTH", &tenth)];
/// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
/// let outcome = shop.evaluate(&request)?;
/// let taken: Vec<String> = outcome
///     .adjustments()
///     .map(|taken| match taken.source {
///         Source::Code(answer) => format!("line {}: {} by {}", taken.line, taken.amount, answer.entered()),
///         Source::Discount { id, .. } => format!("line {}: {} by {id}", taken.line, taken.amount),
///         _ => String::new(),
///     })
///     .collect();
/// assert_eq!(taken, ["line 1: 30.00 USD by half", "line 1: 3.00 USD by TENTH"]);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Adjustment<'a> {
    /// The line or charge.
    pub line: LineId,
    /// Where it comes from.
    pub source: Source<'a>,
    /// How much; zero for a coupon of no value (S91).
    pub amount: Money,
    /// The part of it that a third party reimburses.
    pub third_party: Money,
}

/// Where an adjustment comes from.
///
/// ```
/// use vouchsafe::{Outcome, Source};
///
/// /// What the shop gave by itself, its automatic offers among it, in minor units.
/// fn given_by_the_shop(outcome: &Outcome) -> i64 {
///     let of_shop = |source: &Source<'_>| matches!(source, Source::Discount { .. });
///     outcome.adjustments().filter(|taken| of_shop(&taken.source)).map(|taken| taken.amount.minor()).sum()
/// }
/// # let nothing = Outcome::empty(vouchsafe::Reference::Order("o-1".parse()?), vouchsafe::Currency::USD);
/// # assert_eq!(given_by_the_shop(&nothing), 0);
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source<'a> {
    /// A discount that the shop gave.
    Discount {
        /// Its id.
        id: &'a DiscountId,
        /// The account it is booked to.
        account: Option<&'a AccountId>,
    },
    /// A code that was applied.
    Code(&'a Answer),
    /// Loyalty points that were redeemed as a discount.
    Points {
        /// The account it is booked to.
        account: Option<&'a AccountId>,
    },
}

/// An adjustment by positions: cheap to write, resolved when read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RawAdjustment {
    pub(crate) slot: u32,
    /// Index of the answer, or of the shop's discount, or [`BY_POINTS`].
    pub(crate) source: u32,
    pub(crate) coupon: bool,
    pub(crate) amount: i64,
    pub(crate) third: i64,
}
