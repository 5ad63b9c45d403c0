//! From lines and charges to an order that can be priced.

use crate::error::{Error, Why};
use crate::key::{ChannelId, PaymentOptionId, RegionId, TaxClass};
use crate::money::{Currency, Money, TaxRate};
use crate::policy::PriceMode;

use super::rules::{self, ClassRate, Classes};
use super::{Charge, ChargeKind, Line, LineId, Order, ShopDiscount};

/// What evaluation reads of a line or charge, in one place and as integers: lines first, then charges, each by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) id: LineId,
    /// Extended list price in minor units.
    pub(crate) list: i64,
    /// Discounts that the shop gave, in minor units.
    pub(crate) shop_discount: i64,
    /// The floor of one unit in minor units, rounded up; zero where there is none.
    pub(crate) unit_floor: i64,
    /// Indivisible units: pieces, or one for a measured line.
    pub(crate) units: u32,
    /// Index into [`Order::classes`].
    pub(crate) class: u32,
    pub(crate) discountable: bool,
    pub(crate) shipping: bool,
}

/// Builds an [`Order`]; begun with [`Order::builder`].
///
/// ```
/// use vouchsafe::{Currency, Line, LineId, Order, PriceMode, Product, Quantity, UnitPrice};
///
/// let order = Order::builder(Currency::EUR)
///     .price_mode(PriceMode::TaxInclusive)
///     .line(
///         Line::new(LineId(1), Product::new("SKI".parse()?), Quantity::ONE, UnitPrice::parse("305.00")?)
///             .with_tax_class("standard".parse()?),
///     )
///     .rate("standard".parse()?, "21".parse()?)
///     .channel("web".parse()?)
///     .build()?;
/// assert_eq!(order.channel().map(|c| c.as_str()), Some("web"));
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct OrderBuilder {
    pub(super) currency: Currency,
    pub(super) price_mode: Option<PriceMode>,
    pub(super) lines: Vec<Line>,
    pub(super) charges: Vec<Charge>,
    pub(super) rates: Vec<ClassRate>,
    pub(super) channel: Option<ChannelId>,
    pub(super) region: Option<RegionId>,
    pub(super) payment_option: Option<PaymentOptionId>,
}

impl OrderBuilder {
    /// Adds a line.
    #[must_use]
    pub fn line(mut self, line: Line) -> Self {
        self.lines.push(line);
        self
    }

    /// Adds lines.
    #[must_use]
    pub fn lines(mut self, lines: impl IntoIterator<Item = Line>) -> Self {
        self.lines.extend(lines);
        self
    }

    /// Adds shipping or a fee.
    #[must_use]
    pub fn charge(mut self, charge: Charge) -> Self {
        self.charges.push(charge);
        self
    }

    /// Whether prices contain tax, where this order differs from the policy.
    #[must_use]
    pub fn price_mode(mut self, mode: PriceMode) -> Self {
        self.price_mode = Some(mode);
        self
    }

    /// The rate of a tax class. Rates are the caller's; where any is given, every class in the order needs one. Without
    /// rates an outcome still has the taxable amount of each class.
    #[must_use]
    pub fn rate(mut self, class: TaxClass, rate: TaxRate) -> Self {
        self.rates.push(ClassRate { class: rules::named(class), rate: Some(rate) });
        self
    }

    /// The rate of lines and charges that name no tax class.
    #[must_use]
    pub fn default_rate(mut self, rate: TaxRate) -> Self {
        self.rates.push(ClassRate { class: None, rate: Some(rate) });
        self
    }

    /// The sales channel or order form (S82).
    #[must_use]
    pub fn channel(mut self, channel: ChannelId) -> Self {
        self.channel = Some(channel);
        self
    }

    /// The region.
    #[must_use]
    pub fn region(mut self, region: RegionId) -> Self {
        self.region = Some(region);
        self
    }

    /// The payment option: an opaque id, never card or bank data (S13).
    #[must_use]
    pub fn payment_option(mut self, option: PaymentOptionId) -> Self {
        self.payment_option = Some(option);
        self
    }

    /// Checks and builds.
    ///
    /// # Errors
    /// The first unusable field, with its path by the positions in which lines and charges were added: an id given
    /// twice; an amount in another currency; a negative charge or discount; a discount above what it discounts; a tax
    /// class without a rate beside classes with one; a rate given twice; more than [`Order::MAX_LINES`] lines and
    /// charges, [`Order::MAX_DISCOUNTS`] discounts on one of them, or [`Order::MAX_TAX_CLASSES`] classes.
    /// [`Error::Overflow`] where an amount or the sum of the order leaves the range of exact amounts.
    ///
    /// # An id stands for one line or charge
    ///
    /// ```
    /// use vouchsafe::{Charge, Currency, Line, LineId, Money, Order, Product, Quantity, UnitPrice};
    ///
    /// let pen = Line::new(LineId(7), Product::new("PEN".parse()?), Quantity::ONE, UnitPrice::parse("2.50")?);
    /// let shipping = Charge::shipping(LineId(7), Money::parse("4.90", Currency::USD)?);
    /// let error = Order::builder(Currency::USD).line(pen).charge(shipping).build().unwrap_err();
    /// assert_eq!(error.to_string(), "`charges[0].id` is `7`: given twice");
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    ///
    /// # Rates for all classes or for none
    ///
    /// ```
    /// use vouchsafe::{Currency, Line, LineId, Order, Product, Quantity, UnitPrice};
    ///
    /// let pen = Line::new(LineId(1), Product::new("PEN".parse()?), Quantity::ONE, UnitPrice::parse("2.50")?);
    /// let books = Order::builder(Currency::EUR).line(pen).rate("books".parse()?, "7".parse()?);
    /// assert_eq!(books.clone().build().unwrap_err().to_string(), "`tax_rates.default` is missing");
    /// assert!(books.default_rate("19".parse()?).build().is_ok());
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    pub fn build(self) -> Result<Order, Error> {
        let Self { currency, price_mode, mut lines, mut charges, rates, channel, region, payment_option } = self;
        if lines.len().saturating_add(charges.len()) > Order::MAX_LINES {
            return Err(Error::invalid("lines", lines.len(), Why::TooMany { max: Order::MAX_LINES }));
        }
        let line_places = Places::sort("lines", &mut lines, |line| line.id);
        let charge_places = Places::sort("charges", &mut charges, |charge| charge.id);
        unique_ids(&lines, &line_places, |line| line.id)?;
        unique_ids(&charges, &charge_places, |charge| charge.id)?;
        let shared = |charge: &Charge| lines.binary_search_by_key(&charge.id, |line| line.id).is_ok();
        if let Some((i, charge)) = charges.iter().enumerate().find(|(_, charge)| shared(charge)) {
            return Err(Error::invalid("id", charge.id, Why::Duplicate).under(&charge_places.path(i, charge.id)));
        }

        let rates_given = !rates.is_empty();
        unique_rates(&rates)?;
        let mut classes = Classes::default();
        let mut slots = Vec::with_capacity(lines.len().saturating_add(charges.len()));
        let mut total = 0_i64;
        let (mut any_shop_discount, mut any_floor) = (false, false);
        let (mut any_host_key, mut any_customer_price) = (false, false);
        for line in &lines {
            let slot = line_slot(line, currency, &mut classes)
                .map_err(|e| e.under(&line_places.path(slots.len(), line.id)))?;
            total = rules::add_to_total(total, slot.list).map_err(|_| Error::overflow("order total"))?;
            any_shop_discount |= slot.shop_discount != 0;
            any_floor |= slot.unit_floor != 0;
            any_host_key |= line.host_key.is_some();
            any_customer_price |= line.customer_price.is_some();
            slots.push(slot);
        }
        for (i, charge) in charges.iter().enumerate() {
            let slot =
                charge_slot(charge, currency, &mut classes).map_err(|e| e.under(&charge_places.path(i, charge.id)))?;
            total = rules::add_to_total(total, slot.list).map_err(|_| Error::overflow("order total"))?;
            any_shop_discount |= slot.shop_discount != 0;
            slots.push(slot);
        }
        classes.rate(rates);
        if let Some(class) = classes.without_rate().next().filter(|_| rates_given) {
            return Err(Error::invalid(format!("tax_rates.{}", class.name()), "", Why::Missing));
        }
        Ok(Order {
            any_shop_discount,
            any_floor,
            any_host_key,
            any_customer_price,
            classes: classes.into_vec(),
            currency,
            price_mode,
            lines,
            charges,
            channel,
            region,
            payment_option,
            slots,
        })
    }
}

/// Where members stood before they were sorted, for the paths of errors. Hosts mostly hand lines in by id, and then
/// there is nothing to sort and nothing to remember.
struct Places {
    list: &'static str,
    given: Given,
}

enum Given {
    /// By their ids, none of them twice.
    Sorted,
    As(Vec<LineId>),
}

impl Places {
    #[inline]
    fn sort<T>(list: &'static str, members: &mut [T], id: impl Fn(&T) -> LineId + Copy) -> Self {
        if members.is_sorted_by(|a, b| id(a) < id(b)) {
            return Self { list, given: Given::Sorted };
        }
        let given = members.iter().map(id).collect();
        members.sort_by_key(id);
        Self { list, given: Given::As(given) }
    }

    /// The path of a member by where it stands among the sorted; of those that share an id, the one added last.
    fn path(&self, sorted: usize, id: LineId) -> String {
        let place = match &self.given {
            Given::Sorted => sorted,
            Given::As(ids) => ids.iter().rposition(|given| *given == id).unwrap_or(sorted),
        };
        format!("{}[{place}]", self.list)
    }
}

fn unique_ids<T>(members: &[T], places: &Places, id: impl Fn(&T) -> LineId) -> Result<(), Error> {
    if matches!(places.given, Given::Sorted) {
        return Ok(());
    }
    let pairs = members.iter().zip(members.iter().skip(1));
    match pairs.enumerate().find(|(_, (a, b))| id(a) == id(b)) {
        Some((i, (_, twice))) => {
            let path = places.path(i.saturating_add(1), id(twice));
            Err(Error::invalid("id", id(twice), Why::Duplicate).under(&path))
        }
        None => Ok(()),
    }
}

fn unique_rates(rates: &[ClassRate]) -> Result<(), Error> {
    if rates.len() > Order::MAX_TAX_CLASSES {
        return Err(Error::invalid("tax_rates", rates.len(), Why::TooMany { max: Order::MAX_TAX_CLASSES }));
    }
    for (i, rate) in rates.iter().enumerate() {
        if rates.iter().take(i).any(|earlier| earlier.class == rate.class) {
            return Err(Error::invalid(format!("tax_rates.{}", rate.name()), "", Why::Duplicate));
        }
    }
    Ok(())
}

/// An error of a rule: an overflow is one of its own.
fn refused(path: &str, value: impl std::fmt::Display, why: Why) -> Error {
    match why {
        Why::Overflow => Error::overflow(path),
        why => Error::invalid(path, value, why),
    }
}

#[inline]
fn line_slot(line: &Line, currency: Currency, classes: &mut Classes) -> Result<Slot, Error> {
    let amounts = rules::line_amounts(line, currency);
    let (list, unit_floor) = amounts.map_err(|(field, price, why)| refused(field, price, why))?;
    Ok(Slot {
        id: line.id,
        list,
        shop_discount: shop_discount(&line.discounts, Money::new(list, currency))?,
        unit_floor,
        units: line.quantity.pieces_count(),
        class: class_index(line.tax_class.as_ref(), classes)?,
        discountable: line.discountable,
        shipping: false,
    })
}

fn charge_slot(charge: &Charge, currency: Currency, classes: &mut Classes) -> Result<Slot, Error> {
    let list = rules::amount_in(currency, charge.amount).map_err(|why| refused("amount", charge.amount, why))?;
    Ok(Slot {
        id: charge.id,
        list,
        shop_discount: shop_discount(&charge.discounts, charge.amount)?,
        unit_floor: 0,
        units: 1,
        class: class_index(charge.tax_class.as_ref(), classes)?,
        discountable: false,
        shipping: matches!(charge.kind, ChargeKind::Shipping { .. }),
    })
}

#[inline]
fn class_index(class: Option<&TaxClass>, classes: &mut Classes) -> Result<u32, Error> {
    classes.index(class).ok_or_else(|| {
        let name = class.map_or(Order::DEFAULT_TAX_CLASS, TaxClass::as_str);
        Error::invalid("tax_class", name, Why::TooMany { max: Order::MAX_TAX_CLASSES })
    })
}

#[inline]
fn shop_discount(discounts: &[ShopDiscount], list: Money) -> Result<i64, Error> {
    if discounts.len() > Order::MAX_DISCOUNTS {
        return Err(Error::invalid("discounts", discounts.len(), Why::TooMany { max: Order::MAX_DISCOUNTS }));
    }
    let mut sum = 0_i64;
    for (i, discount) in discounts.iter().enumerate() {
        sum = rules::add_discount(sum, discount.amount, list)
            .map_err(|why| refused(&format!("discounts[{i}].amount"), discount.amount, why))?;
        if discounts.iter().take(i).any(|earlier| earlier.id == discount.id) {
            return Err(Error::invalid(format!("discounts[{i}].id"), &discount.id, Why::Duplicate));
        }
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::{Quantity, UnitPrice};
    use crate::order::Product;

    fn line(id: u64, price: &str) -> Line {
        let quantity = Quantity::pieces(2).unwrap();
        Line::new(LineId(id), Product::new("A".parse().unwrap()), quantity, UnitPrice::parse(price).unwrap())
    }

    fn usd(text: &str) -> Money {
        Money::parse(text, Currency::USD).unwrap()
    }

    fn discount(id: &str, amount: Money) -> ShopDiscount {
        ShopDiscount::new(id.parse().unwrap(), amount)
    }

    fn order() -> OrderBuilder {
        Order::builder(Currency::USD)
    }

    fn ids(order: &Order) -> Vec<u64> {
        order.slots().iter().map(|slot| slot.id.0).collect()
    }

    #[test]
    fn slots_stand_by_id_lines_first() {
        let shipping = |id| Charge::shipping(LineId(id), usd("1"));
        let given =
            order().charge(shipping(4)).line(line(9, "1")).charge(shipping(0)).line(line(2, "1")).build().unwrap();
        assert_eq!(ids(&given), [2, 9, 0, 4]);
        let sorted = order().line(line(2, "1")).line(line(9, "1")).charge(shipping(0)).charge(shipping(4)).build();
        assert_eq!(given, sorted.unwrap());
        for (slot, id) in [(Some(0), 2), (Some(1), 9), (Some(2), 0), (Some(3), 4), (None, 7)] {
            assert_eq!(given.slot_of(LineId(id)), slot);
        }
        assert_eq!(given.charge_of(3).map(Charge::id), Some(LineId(4)));
        assert!(given.charge_of(1).is_none() && given.charge_of(4).is_none());
    }

    #[test]
    fn a_slot_holds_what_evaluation_reads() {
        let order = order()
            .line(
                line(1, "10.004")
                    .with_floor_price(UnitPrice::parse("3.001").unwrap())
                    .with_discount(discount("a", usd("2.50")))
                    .with_discount(discount("b", usd("1")))
                    .with_discountable(false),
            )
            .charge(Charge::shipping(LineId(2), usd("9.90")).with_discount(discount("a", usd("9.90"))))
            .charge(Charge::fee(LineId(3), usd("0")))
            .build()
            .unwrap();
        let slots: Vec<_> = order
            .slots()
            .iter()
            .map(|s| (s.list, s.shop_discount, s.unit_floor, s.units, s.discountable, s.shipping))
            .collect();
        assert_eq!(
            slots,
            [
                // 20.008 is rounded once, on the line; the floor is rounded up.
                (2_001, 350, 301, 2, false, false),
                (990, 990, 0, 1, false, true),
                (0, 0, 0, 1, false, false),
            ]
        );
        assert!(order.any_shop_discount() && !order.any_customer_price());
    }

    #[test]
    fn the_floor_of_a_measured_line_is_that_of_all_of_it() {
        for (floor, measure, minor) in [("4.00", "1.25", 500), ("4.001", "1.25", 501), ("0", "1.25", 0)] {
            let quantity = Quantity::measured(measure.parse().unwrap()).unwrap();
            let cheese = Line::new(LineId(1), Product::new("A".parse().unwrap()), quantity, UnitPrice::ZERO)
                .with_floor_price(UnitPrice::parse(floor).unwrap());
            assert_eq!(order().line(cheese).build().unwrap().slots().first().unwrap().unit_floor, minor, "{floor}");
        }
    }

    #[test]
    fn paths_are_the_positions_in_which_parts_were_added() {
        let fee = |id| Charge::fee(LineId(id), usd("1"));
        let eur = Money::new(1, Currency::EUR);
        for (builder, error) in [
            // Sorted or not, the last of those that share an id is named.
            (order().line(line(1, "1")).line(line(1, "1")), "`lines[1].id` is `1`: given twice"),
            (order().line(line(5, "1")).line(line(1, "1")).line(line(5, "1")), "`lines[2].id` is `5`: given twice"),
            (order().charge(fee(5)).charge(fee(1)).charge(fee(5)), "`charges[2].id` is `5`: given twice"),
            (order().line(line(5, "1")).charge(fee(9)).charge(fee(5)), "`charges[1].id` is `5`: given twice"),
            (
                order().line(line(5, "1")).line(line(1, "1").with_discount(discount("a", eur))),
                "`lines[1].discounts[0].amount` is `0.01 EUR`: not in USD",
            ),
            (
                order().line(line(5, "1").with_discount(discount("a", usd("-0.01")))).line(line(1, "1")),
                "`lines[0].discounts[0].amount` is `-0.01 USD`: negative",
            ),
            (
                order().line(
                    line(1, "1").with_discount(discount("a", usd("1"))).with_discount(discount("b", usd("1.01"))),
                ),
                "`lines[0].discounts[1].amount` is `1.01 USD`: not between 0 and 1.00",
            ),
            (
                order()
                    .line(line(1, "1").with_discount(discount("a", usd("1"))).with_discount(discount("a", usd("1")))),
                "`lines[0].discounts[1].id` is `a`: given twice",
            ),
            (order().charge(Charge::fee(LineId(1), eur)), "`charges[0].amount` is `0.01 EUR`: not in USD"),
            (order().charge(Charge::fee(LineId(1), usd("-1"))), "`charges[0].amount` is `-1.00 USD`: negative"),
            (
                order().charge(fee(1).with_discount(discount("a", usd("1.01")))),
                "`charges[0].discounts[0].amount` is `1.01 USD`: not between 0 and 1.00",
            ),
        ] {
            assert_eq!(builder.build().unwrap_err().to_string(), error);
        }
    }

    #[test]
    fn nothing_wraps() {
        let huge = "99999999999999999";
        let with = |price: &str| UnitPrice::parse(price).unwrap();
        for (builder, field) in [
            (order().line(line(7, huge)), "lines[0].unit_price"),
            (order().line(line(7, "1").with_customer_price(with(huge))), "lines[0].customer_price"),
            (order().line(line(7, "1").with_floor_price(with("999999999999999999"))), "lines[0].floor_price"),
            (order().line(line(7, "30000000000000000")).line(line(8, "30000000000000000")), "order total"),
            (
                order().charge(Charge::fee(LineId(1), Money::new(i64::MAX, Currency::USD))).line(line(2, "1")),
                "order total",
            ),
        ] {
            assert_eq!(builder.build().unwrap_err(), Error::overflow(field));
        }
        // Twelve digits and a million pieces fit.
        let many = Line::new(
            LineId(1),
            Product::new("A".parse().unwrap()),
            Quantity::pieces(1_000_000).unwrap(),
            UnitPrice::parse("9999999999.99").unwrap(),
        );
        assert_eq!(order().line(many).build().unwrap().slots().first().unwrap().list, 999_999_999_999_000_000);
    }

    #[test]
    fn rates_are_for_all_classes_or_for_none() {
        let books = || order().line(line(1, "1").with_tax_class("books".parse().unwrap())).line(line(2, "1"));
        let rate = |text: &str| text.parse().unwrap();
        assert_eq!(books().build().unwrap().classes().len(), 2);
        let error = books().rate("books".parse().unwrap(), rate("7")).build().unwrap_err();
        assert_eq!(error.to_string(), "`tax_rates.default` is missing");
        let error = books().default_rate(rate("7")).build().unwrap_err();
        assert_eq!(error.to_string(), "`tax_rates.books` is missing");
        let error = books().default_rate(rate("7")).rate("default".parse().unwrap(), rate("8")).build().unwrap_err();
        assert_eq!(error.to_string(), "`tax_rates.default` is ``: given twice", "the name stands for no class");
        let order = books().default_rate(rate("19")).rate("books".parse().unwrap(), rate("7")).build().unwrap();
        assert_eq!(order.rate(None), Some(rate("19")));
        assert_eq!(order.rate(Some(&"books".parse().unwrap())), Some(rate("7")));
        assert_eq!(order.rate(Some(&"food".parse().unwrap())), None);
    }

    #[test]
    fn lists_are_bounded() {
        let discounts = (0..=Order::MAX_DISCOUNTS).map(|i| discount(&i.to_string(), usd("0")));
        let error = order().line(discounts.fold(line(1, "1"), Line::with_discount)).build().unwrap_err();
        assert_eq!(error.to_string(), "`lines[0].discounts` is `101`: more than 100 members");

        let classes = |count: u64| (0..count).map(|i| line(i, "1").with_tax_class(i.to_string().parse().unwrap()));
        assert!(order().lines(classes(1_000)).build().is_ok());
        let error = order().lines(classes(1_001)).build().unwrap_err();
        assert_eq!(error.to_string(), "`lines[1000].tax_class` is `1000`: more than 1000 members");

        let rates = (0..=Order::MAX_TAX_CLASSES).map(|i| i.to_string().parse().unwrap());
        let error = rates.fold(order(), |order, class| order.rate(class, TaxRate::ZERO)).build().unwrap_err();
        assert_eq!(error.to_string(), "`tax_rates` is `1001`: more than 1000 members");
    }

    /// Nor does it matter in which order a database gives the fields of `tax_rates` back.
    #[test]
    fn the_order_of_rates_decides_nothing() {
        let lines = || order().lines([line(2, "1"), line(1, "1").with_tax_class("food".parse().unwrap())]);
        let rates = |builder: OrderBuilder, classes: [&str; 4]| {
            let rate = |order: OrderBuilder, class: &str| order.rate(class.parse().unwrap(), "7".parse().unwrap());
            classes.into_iter().fold(builder, rate).build().unwrap()
        };
        let order = rates(lines(), ["wine", "default", "food", "books"]);
        assert_eq!(order, rates(lines(), ["books", "food", "default", "wine"]));
        let names: Vec<&str> = order.classes().iter().map(ClassRate::name).collect();
        assert_eq!(names, ["food", "default", "books", "wine"]);
    }

    #[test]
    fn an_empty_cart_is_an_order() {
        let order = order().build().unwrap();
        assert!(order.slots().is_empty() && order.classes().is_empty() && order.discounts_of(0).is_empty());
    }
}
