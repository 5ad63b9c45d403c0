//! What is returned, and what is paid back for it.

use serde::{Deserialize, Serialize};

use super::figures::{DiscountPart, LineFigures};
use super::threshold::ThresholdPolicy;
use super::wire::RefundForm;
use crate::error::{Error, Why};
use crate::key::{MovementId, TaxClass};
use crate::money::{Currency, Money, TaxRate};
use crate::order::LineId;
use crate::policy::PriceMode;
use crate::request::Reference;

/// What a customer brings back: units of lines, and charges in whole or in part.
///
/// The id is the host's: the same return again is the same refund. In JSON
/// `{"id": "r-1", "lines": [{"line": 1, "units": 2}, {"line": 9}]}`; a line without `units` is all that is left of it,
/// and a charge may name an `amount`.
///
/// ```
/// use vouchsafe::{Currency, LineId, Money, RefundRequest, ThresholdPolicy};
///
/// // Two pieces of line 1, and half of the shipping.
/// let request = RefundRequest::new("r-1".parse()?)
///     .units(LineId(1), 2)
///     .amount(LineId(9), Money::parse("2.45", Currency::USD)?)
///     .thresholds(ThresholdPolicy::Keep);
/// assert_eq!(request.id().as_str(), "r-1");
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefundRequest {
    pub(super) id: MovementId,
    pub(super) lines: Vec<Asked>,
    #[serde(skip_serializing_if = "is_default", default)]
    pub(super) thresholds: ThresholdPolicy,
}

fn is_default(policy: &ThresholdPolicy) -> bool {
    *policy == ThresholdPolicy::default()
}

/// What is asked of one line or charge: all that is left of it, so many units, or an amount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "AskedForm")]
pub(super) struct Asked {
    pub(super) line: LineId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) units: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) amount: Option<Money>,
}

/// The document before it is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AskedForm {
    line: LineId,
    #[serde(default)]
    units: Option<u32>,
    #[serde(default)]
    amount: Option<Money>,
}

impl TryFrom<AskedForm> for Asked {
    type Error = Error;

    fn try_from(form: AskedForm) -> Result<Self, Error> {
        let AskedForm { line, units, amount } = form;
        match (units, amount) {
            (Some(_), Some(amount)) => Err(Error::invalid("amount", amount, Why::Contradicts { with: "units" })),
            _ => Ok(Self { line, units, amount }),
        }
    }
}

impl RefundRequest {
    /// A return of nothing yet.
    #[must_use]
    pub fn new(id: MovementId) -> Self {
        Self { id, lines: Vec::new(), thresholds: ThresholdPolicy::default() }
    }

    /// So many units of a line: pieces, or one for a measured line.
    #[must_use]
    pub fn units(mut self, line: LineId, units: u32) -> Self {
        self.lines.push(Asked { line, units: Some(units), amount: None });
        self
    }

    /// All that is left of a line or a charge.
    #[must_use]
    pub fn whole(mut self, line: LineId) -> Self {
        self.lines.push(Asked { line, units: None, amount: None });
        self
    }

    /// A part of a charge, as it was paid: tax included.
    #[must_use]
    pub fn amount(mut self, charge: LineId, amount: Money) -> Self {
        self.lines.push(Asked { line: charge, units: None, amount: Some(amount) });
        self
    }

    /// What becomes of a coupon whose threshold what is kept no longer reaches.
    #[must_use]
    pub fn thresholds(mut self, policy: ThresholdPolicy) -> Self {
        self.thresholds = policy;
        self
    }

    /// The id of the return.
    #[must_use]
    pub fn id(&self) -> &MovementId {
        &self.id
    }

    /// What becomes of a coupon whose threshold what is kept no longer reaches.
    #[must_use]
    pub fn threshold_policy(&self) -> ThresholdPolicy {
        self.thresholds
    }
}

/// What is paid back for a return, and what it is made of: made by [`Settlement::refund`](super::Settlement::refund) and
/// [`Settlement::void`](super::Settlement::void), done by [`Settlement::apply`](super::Settlement::apply).
///
/// A plan until it is applied, and then a part of the settlement. Every sum is of what goes back for the returned lines,
/// less what the kept lines cost more now ([`Refund::kept`]), so a part of it can be below zero; the amount to pay back
/// never is.
///
/// Three at 100.00 less 10%, two of them returned (V12). What the coupon took off is not paid back (S110):
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let ten = shop.prepare(Coupon::builder("spring").code("TEN").percent_off("10").build()?)?;
/// let order = Order::builder(Currency::USD)
///     .line(Line::new(LineId(1), Product::new("BOOT".parse()?), Quantity::pieces(3)?, UnitPrice::parse("100.00")?))
///     .build()?;
/// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
/// let codes = [Presented::new("ten", &ten)];
/// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
/// let mut settlement = Settlement::new(&shop.evaluate(&request)?)?;
///
/// let refund = settlement.refund(&RefundRequest::new("r-1".parse()?).units(LineId(1), 2))?;
/// assert_eq!(refund.payable().to_string(), "180.00 USD");
/// assert_eq!(refund.coupon_discount().to_string(), "20.00 USD");
/// assert!(settlement.apply(&refund)?);
/// assert_eq!(settlement.payable().to_string(), "90.00 USD");
/// // Sent twice, it is done once.
/// assert!(!settlement.apply(&refund)?);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RefundForm", into = "RefundForm")]
pub struct Refund {
    pub(super) id: MovementId,
    pub(super) reference: Reference,
    pub(super) currency: Currency,
    pub(super) mode: PriceMode,
    /// How many movements came before it.
    pub(super) position: u32,
    pub(super) void: bool,
    pub(super) thresholds: ThresholdPolicy,
    /// By id.
    pub(super) lines: Vec<RefundLine>,
    /// By id.
    pub(super) kept: Vec<KeptLine>,
    pub(super) cash: i64,
}

/// What goes back of one line or charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundLine {
    pub(super) line: LineId,
    pub(super) charge: bool,
    /// Zero for a part of a charge.
    pub(super) units: u32,
    pub(super) tax_class: Option<TaxClass>,
    pub(super) rate: Option<TaxRate>,
    pub(super) figures: LineFigures,
}

impl RefundLine {
    /// The line or charge.
    #[must_use]
    pub fn line(&self) -> LineId {
        self.line
    }

    /// Whether it is a charge.
    #[must_use]
    pub fn is_charge(&self) -> bool {
        self.charge
    }

    /// How many units come back; none where only a part of a charge is paid back.
    #[must_use]
    pub fn units(&self) -> Option<u32> {
        (self.units > 0).then_some(self.units)
    }

    /// The tax class.
    #[must_use]
    pub fn tax_class(&self) -> Option<&TaxClass> {
        self.tax_class.as_ref()
    }

    /// The tax rate that was used.
    #[must_use]
    pub fn tax_rate(&self) -> Option<TaxRate> {
        self.rate
    }

    /// What these units stood at: what is paid back is [`LineFigures::payable`].
    #[must_use]
    pub fn figures(&self) -> &LineFigures {
        &self.figures
    }
}

/// A line that is kept and costs something else after a return, since a threshold is no longer reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptLine {
    pub(super) line: LineId,
    pub(super) charge: bool,
    pub(super) tax_class: Option<TaxClass>,
    pub(super) rate: Option<TaxRate>,
    /// Both with the same discounts in the same order.
    pub(super) before: LineFigures,
    pub(super) after: LineFigures,
}

impl KeptLine {
    /// The line or charge.
    #[must_use]
    pub fn line(&self) -> LineId {
        self.line
    }

    /// What the units that are kept stood at before.
    #[must_use]
    pub fn before(&self) -> &LineFigures {
        &self.before
    }

    /// What they stand at now.
    #[must_use]
    pub fn after(&self) -> &LineFigures {
        &self.after
    }

    /// What they cost more than before; below zero where they cost less.
    #[must_use]
    pub fn difference(&self) -> Money {
        let difference = self.after.payable_minor().saturating_sub(self.before.payable_minor());
        Money::new(difference, self.after.currency)
    }
}

/// What a refund takes back of one tax class.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TaxRefund {
    /// The class.
    pub class: Option<TaxClass>,
    /// The rate that was used.
    pub rate: Option<TaxRate>,
    /// Taxable amount, as priced.
    pub taxable: Money,
    /// Taxable amount without tax.
    pub net: Money,
    /// The tax; none where no rate was given.
    pub tax: Option<Money>,
}

impl Refund {
    /// The id of the return or void.
    #[must_use]
    pub fn id(&self) -> &MovementId {
        &self.id
    }

    /// The order.
    #[must_use]
    pub fn reference(&self) -> &Reference {
        &self.reference
    }

    /// The currency of every amount in it.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// Whether the whole order was voided.
    #[must_use]
    pub fn is_void(&self) -> bool {
        self.void
    }

    /// How thresholds were treated.
    #[must_use]
    pub fn threshold_policy(&self) -> ThresholdPolicy {
        self.thresholds
    }

    /// What goes back, by line.
    #[must_use]
    pub fn lines(&self) -> &[RefundLine] {
        &self.lines
    }

    /// Lines that are kept and cost something else now; empty where thresholds are kept.
    #[must_use]
    pub fn kept(&self) -> &[KeptLine] {
        &self.kept
    }

    /// The part of the cash rounding that goes back, below zero where it was in favour of the shopper. It goes back with
    /// the last of the money.
    #[must_use]
    pub fn cash_rounding(&self) -> Money {
        self.money(self.cash)
    }

    /// What is paid back: never below zero, never more than is left of what was paid. Where points were a tender, the part
    /// that they paid goes [back as points](super::Settlement::tender_return) and not in money.
    #[must_use]
    pub fn payable(&self) -> Money {
        self.money(self.sum(LineFigures::payable_minor).saturating_add(self.cash))
    }

    /// The taxable amount, as priced.
    #[must_use]
    pub fn taxable(&self) -> Money {
        self.money(self.sum(LineFigures::taxable_minor))
    }

    /// The taxable amount without tax: what the tax base falls by.
    #[must_use]
    pub fn net(&self) -> Money {
        self.money(self.sum(LineFigures::net_minor))
    }

    /// The tax that is paid back; none where no rates were given.
    #[must_use]
    pub fn tax(&self) -> Option<Money> {
        let taxed = self.lines.iter().any(|line| line.figures.taxed) || self.kept.iter().any(|kept| kept.after.taxed);
        taxed.then(|| self.money(self.sum(|figures| figures.tax)))
    }

    /// The tax by class, in the order of the lines.
    #[must_use]
    pub fn taxes(&self) -> Vec<TaxRefund> {
        let mut taxes: Vec<TaxRefund> = Vec::new();
        let mut add = |class: &Option<TaxClass>, rate: Option<TaxRate>, figures: &LineFigures, sign: i64| {
            let signed = |minor: i64| minor.saturating_mul(sign);
            let (taxable, net) = (signed(figures.taxable_minor()), signed(figures.net_minor()));
            let tax = rate.map(|_| signed(figures.tax));
            let plus = |sum: &mut Money, minor: i64| *sum = self.money(sum.minor().saturating_add(minor));
            match taxes.iter_mut().find(|sum| sum.class == *class && sum.rate == rate) {
                Some(sum) => {
                    plus(&mut sum.taxable, taxable);
                    plus(&mut sum.net, net);
                    sum.tax.iter_mut().for_each(|sum| plus(sum, tax.unwrap_or(0)));
                }
                None => {
                    let (taxable, net, tax) = (self.money(taxable), self.money(net), tax.map(|tax| self.money(tax)));
                    taxes.push(TaxRefund { class: class.clone(), rate, taxable, net, tax });
                }
            }
        };
        for line in &self.lines {
            add(&line.tax_class, line.rate, &line.figures, 1);
        }
        for kept in &self.kept {
            add(&kept.tax_class, kept.rate, &kept.before, 1);
            add(&kept.tax_class, kept.rate, &kept.after, -1);
        }
        taxes
    }

    /// What coupons had taken off. It is not paid back (S110).
    #[must_use]
    pub fn coupon_discount(&self) -> Money {
        self.money(self.sum(|figures| figures.coupon_discount().minor()))
    }

    /// What the shop's discounts had taken off. It is not paid back either.
    #[must_use]
    pub fn shop_discount(&self) -> Money {
        self.money(self.sum(|figures| figures.shop_discount().minor()))
    }

    /// What third parties are no longer charged for.
    #[must_use]
    pub fn third_party(&self) -> Money {
        self.money(self.sum(LineFigures::third_minor))
    }

    /// The discounts one by one, with what is gone of each: what the returned lines carried, and what was taken back from
    /// kept lines.
    #[must_use]
    pub fn discounts(&self) -> Vec<DiscountPart> {
        let mut sums: Vec<DiscountPart> = Vec::new();
        let returned = self.lines.iter().map(|line| (&line.figures, 1));
        let kept = self.kept.iter().flat_map(|kept| [(&kept.before, 1), (&kept.after, -1)]);
        for (figures, sign) in returned.chain(kept) {
            for part in &figures.discounts {
                super::figures::add_part(&mut sums, part, sign);
            }
        }
        sums
    }

    fn money(&self, minor: i64) -> Money {
        Money::new(minor, self.currency)
    }

    /// Of what comes back, less what kept lines cost more.
    fn sum(&self, of: impl Fn(&LineFigures) -> i64) -> i64 {
        let back = self.lines.iter().map(|line| of(&line.figures)).fold(0, i64::saturating_add);
        let more = self.kept.iter().map(|kept| of(&kept.after).saturating_sub(of(&kept.before)));
        back.saturating_sub(more.fold(0, i64::saturating_add))
    }

    /// Whether it is what this request asks for.
    pub(super) fn answers(&self, request: &RefundRequest) -> bool {
        let mut asked: Vec<&Asked> = request.lines.iter().collect();
        asked.sort_by_key(|asked| asked.line);
        let fits = |(line, asked): (&RefundLine, &Asked)| {
            line.line == asked.line
                && match (asked.units, asked.amount) {
                    (Some(units), _) => units == line.units,
                    (None, Some(amount)) => amount == line.figures.payable(),
                    (None, None) => line.units > 0,
                }
        };
        !self.void
            && self.thresholds == request.thresholds
            && self.lines.len() == request.lines.len()
            && self.lines.iter().zip(asked).all(fits)
    }
}
