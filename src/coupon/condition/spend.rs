//! What thresholds on the worth of an order share.

use crate::coupon::{Amounts, Scope, TaxView};
use crate::form::DraftValue;
use crate::form::{Check, Fields, Form, Writer, choices};

choices! {
    /// Which amount of a line a threshold looks at.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    /// // A lamp at 80.00 that the shop reduced by 10.00, and a chair at 50.00; the coupon is for lamps, from 75.00 on.
    /// let applies = |minimum: MinimumSpend| -> Result<bool, Box<dyn std::error::Error>> {
    ///     let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
    ///     let lamps = Scope::Products(vec!["LAMP".parse()?]);
    ///     let coupon = Coupon::builder("lamps").code("LAMPS").percent_off("10").scope(lamps).condition(minimum).build()?;
    ///     let coupon = shop.prepare(coupon)?;
    ///     let line = |id, product: &str, price| -> Result<Line, Error> {
    ///         Ok(Line::new(LineId(id), Product::new(product.parse()?), Quantity::ONE, UnitPrice::parse(price)?))
    ///     };
    ///     let sale = ShopDiscount::new("sale".parse()?, Money::parse("10.00", Currency::USD)?);
    ///     let order = Order::builder(Currency::USD).line(line(1, "LAMP", "80.00")?.with_discount(sale));
    ///     let (order, customer) = (order.line(line(2, "CHAIR", "50.00")?).build()?, Customer::anonymous());
    ///     let (codes, at) = ([Presented::new("LAMPS", &coupon)], parse_instant("2026-03-29T12:00:00Z")?);
    ///     let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
    ///     Ok(shop.evaluate(&request)?.answers()[0].is_applied())
    /// };
    /// let minimum = || -> Result<MinimumSpend, Error> {
    ///     Ok(MinimumSpend::new(Amounts::new([Money::parse("75.00", Currency::USD)?])?))
    /// };
    /// assert!(!applies(minimum()?.basis_of(Basis::Discounted))?); // 70.00
    /// assert!(applies(minimum()?.basis_of(Basis::List))?); // 80.00
    /// # Ok(())
    /// # }
    /// ```
    pub enum Basis {
        /// After the discounts of the shop and before any coupon: what the shopper saw when adding up.
        Discounted = "discounted",
        /// At the price before any discount.
        List = "list",
        /// What is left at the coupon's turn, after earlier coupons; the coupon itself never counts.
        Remaining = "remaining",
    }
}

choices! {
    /// Which lines a threshold looks at.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    /// // A lamp at 80.00 that the shop reduced by 10.00, and a chair at 50.00; the coupon is for lamps, from 100.00 on.
    /// let applies = |minimum: MinimumSpend| -> Result<bool, Box<dyn std::error::Error>> {
    ///     let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
    ///     let lamps = Scope::Products(vec!["LAMP".parse()?]);
    ///     let coupon = Coupon::builder("lamps").code("LAMPS").percent_off("10").scope(lamps).condition(minimum).build()?;
    ///     let coupon = shop.prepare(coupon)?;
    ///     let line = |id, product: &str, price| -> Result<Line, Error> {
    ///         Ok(Line::new(LineId(id), Product::new(product.parse()?), Quantity::ONE, UnitPrice::parse(price)?))
    ///     };
    ///     let sale = ShopDiscount::new("sale".parse()?, Money::parse("10.00", Currency::USD)?);
    ///     let order = Order::builder(Currency::USD).line(line(1, "LAMP", "80.00")?.with_discount(sale));
    ///     let (order, customer) = (order.line(line(2, "CHAIR", "50.00")?).build()?, Customer::anonymous());
    ///     let (codes, at) = ([Presented::new("LAMPS", &coupon)], parse_instant("2026-03-29T12:00:00Z")?);
    ///     let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
    ///     Ok(shop.evaluate(&request)?.answers()[0].is_applied())
    /// };
    /// let minimum = || -> Result<MinimumSpend, Error> {
    ///     Ok(MinimumSpend::new(Amounts::new([Money::parse("100.00", Currency::USD)?])?))
    /// };
    /// assert!(!applies(minimum()?.range_of(LineRange::Qualifying))?); // the lamp: 70.00
    /// assert!(applies(minimum()?.range_of(LineRange::Order))?); // with the chair: 120.00
    /// # Ok(())
    /// # }
    /// ```
    pub enum LineRange {
        /// The lines that the coupon acts on.
        Qualifying = "qualifying",
        /// Every line of the order.
        Order = "order",
    }
}

/// A threshold with every choice about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spend {
    pub(crate) amounts: Amounts,
    pub(crate) basis: Basis,
    pub(crate) tax: TaxView,
    pub(crate) range: LineRange,
    pub(crate) inclusive: bool,
    pub(crate) of: Option<Scope>,
}

impl Spend {
    pub(super) fn new(amounts: Amounts) -> Self {
        let (basis, tax, range) = (Basis::default(), TaxView::default(), LineRange::default());
        Self { amounts, basis, tax, range, inclusive: true, of: None }
    }

    pub(super) fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| {
            let amounts = f.required("amounts");
            let (basis, tax, range) = (f.or_default("basis"), f.or_default("tax"), f.or_default("range"));
            let inclusive = f.optional("inclusive").unwrap_or(true);
            let of = read_of(f);
            amounts.map(|amounts| Self { amounts, basis, tax, range, inclusive, of })
        })
    }

    pub(super) fn write(&self) -> DraftValue {
        Writer::default()
            .put("amounts", &self.amounts)
            .put_unless_default("basis", &self.basis)
            .put_unless_default("tax", &self.tax)
            .put_unless_default("range", &self.range)
            .put_unless("inclusive", &self.inclusive, &true)
            .put_some("of", self.of.as_ref())
            .end()
    }
}

/// The scope that narrows what a condition looks at: a tree of its own inside the tree of conditions.
pub(super) fn read_of(f: &mut Fields<'_, '_>) -> Option<Scope> {
    f.optional_with("of", read_scope)
}

/// Reads a scope as a tree of its own.
pub(super) fn read_scope(value: &DraftValue, check: &mut Check) -> Option<Scope> {
    check.tree(|check| Scope::read(value, check))
}

/// Declares a condition on the worth of an order: its choices, and how it is read and written.
macro_rules! spend {
    ($(#[$meta:meta])* $name:ident, $new:literal, $exclusive:literal, $inclusive:literal) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name(pub(crate) $crate::coupon::condition::spend::Spend);

        impl $name {
            #[doc = $new]
            #[must_use]
            pub fn new(amounts: $crate::coupon::Amounts) -> Self {
                Self($crate::coupon::condition::spend::Spend::new(amounts))
            }

            /// The same, looking at this amount of a line.
            #[must_use]
            pub fn basis_of(mut self, basis: $crate::coupon::condition::Basis) -> Self {
                self.0.basis = basis;
                self
            }

            /// The same, with or without tax.
            #[must_use]
            pub fn tax_view(mut self, tax: $crate::coupon::TaxView) -> Self {
                self.0.tax = tax;
                self
            }

            /// The same, looking at these lines.
            #[must_use]
            pub fn range_of(mut self, range: $crate::coupon::condition::LineRange) -> Self {
                self.0.range = range;
                self
            }

            /// The same, adding up only lines of this scope, within the range.
            #[must_use]
            pub fn only_of(mut self, scope: $crate::coupon::Scope) -> Self {
                self.0.of = Some(scope);
                self
            }

            #[doc = $exclusive]
            #[must_use]
            pub fn exclusive(mut self) -> Self {
                self.0.inclusive = false;
                self
            }

            /// The threshold per currency.
            #[must_use]
            pub fn amounts(&self) -> &$crate::coupon::Amounts {
                &self.0.amounts
            }

            /// Which amount of a line it looks at.
            #[must_use]
            pub fn basis(&self) -> $crate::coupon::condition::Basis {
                self.0.basis
            }

            /// With or without tax.
            #[must_use]
            pub fn tax(&self) -> $crate::coupon::TaxView {
                self.0.tax
            }

            /// Which lines it looks at.
            #[must_use]
            pub fn range(&self) -> $crate::coupon::condition::LineRange {
                self.0.range
            }

            /// Adds up only lines of this scope, within the range.
            #[must_use]
            pub fn of(&self) -> Option<&$crate::coupon::Scope> {
                self.0.of.as_ref()
            }

            #[doc = $inclusive]
            #[must_use]
            pub fn inclusive(&self) -> bool {
                self.0.inclusive
            }
        }

        impl $crate::form::Form for $name {
            fn read(
                value: &$crate::form::DraftValue,
                check: &mut $crate::form::Check,
            ) -> Option<Self> {
                $crate::coupon::condition::spend::Spend::read(value, check).map(Self)
            }

            fn write(&self) -> $crate::form::DraftValue {
                self.0.write()
            }
        }

        super::selection::into_condition!($name);
    };
}
pub(super) use spend;
