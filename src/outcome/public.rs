//! What a browser may see of an outcome: a type of its own, so that nothing else can slip out.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::answer::{Answer, AnswerState};
use super::line::LineOutcome;
use super::{Flag, Outcome};
use crate::coupon::Benefit;
use crate::money::{Currency, Money, Percent, TaxRate};
use crate::order::LineId;
use crate::policy::{PriceMode, PublicReasons};
use crate::refusal::{Mend, PublicReason, Refusal};

/// What a browser may see of an [`Outcome`]: amounts, and per code whether it applies.
///
/// Not in it are ids and internal names of coupons (S73), priorities, accounts, campaigns, who funds a discount, the
/// customer and the customer's type, whose price a line has, what lost against it, and why exactly a code was refused
/// (S9). A product that this customer must not see answers like one that does not exist, without price or name (S5,
/// S38). Without a code the bytes are the same whether or not a programme with types, prices and codes exists (S11).
///
/// Amounts are strings in the outcome's currency. It can be written but not read: nothing a browser sends back is taken
/// for an outcome.
///
/// # Example
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let order = Order::builder(Currency::USD)
///     .line(Line::new(LineId(1), Product::new("BOOT".parse()?), Quantity::pieces(1)?, UnitPrice::parse("30.00")?))
///     .build()?;
/// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
/// let codes = [Presented::unknown("GUESS")];
/// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
/// let public = shop.evaluate(&request)?.public();
/// assert_eq!(
///     serde_json::to_string(&public.answers()[0])?,
///     r#"{"entered":"GUESS","status":"refused","reason":"not_valid","text":"this code is not valid"}"#,
/// );
/// assert_eq!(public.totals().payable().to_string(), "30.00 USD");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PublicOutcome {
    currency: Currency,
    price_mode: PriceMode,
    lines: Vec<PublicLine>,
    charges: Vec<PublicCharge>,
    answers: Vec<PublicAnswer>,
    taxes: Vec<PublicTax>,
    totals: PublicTotals,
    placeable: bool,
    #[serde(skip_serializing_if = "is_false")]
    log_in: bool,
}

impl PublicOutcome {
    /// The currency of every amount.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// Whether prices contain tax.
    #[must_use]
    pub fn price_mode(&self) -> PriceMode {
        self.price_mode
    }

    /// The lines, by id.
    #[must_use]
    pub fn lines(&self) -> &[PublicLine] {
        &self.lines
    }

    /// Shipping and fees, by id.
    #[must_use]
    pub fn charges(&self) -> &[PublicCharge] {
        &self.charges
    }

    /// What became of each code, in the order in which they were presented.
    #[must_use]
    pub fn answers(&self) -> &[PublicAnswer] {
        &self.answers
    }

    /// Tax per class; empty where no rates were given.
    #[must_use]
    pub fn taxes(&self) -> &[PublicTax] {
        &self.taxes
    }

    /// The sums.
    #[must_use]
    pub fn totals(&self) -> &PublicTotals {
        &self.totals
    }

    /// Whether the order can be placed as it is.
    #[must_use]
    pub fn is_placeable(&self) -> bool {
        self.placeable
    }

    /// Whether the shopper has to log in before the order can be placed.
    #[must_use]
    pub fn must_log_in(&self) -> bool {
        self.log_in
    }
}

/// A line as a browser may see it: amounts for the whole line, or nothing at all where the product is unknown to this
/// customer.
///
/// In JSON `{"id":1,"units":2,"price":"60.00","shop_discount":"0.00","coupon_discount":"6.00","total":"54.00"}`, with
/// `tax` where rates were given, or `{"id":1,"units":2,"refused":"unknown_product"}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicLine {
    id: LineId,
    units: u32,
    amounts: Option<PublicAmounts>,
}

impl PublicLine {
    /// The number of the line.
    #[must_use]
    pub fn id(&self) -> LineId {
        self.id
    }

    /// Indivisible units: pieces, or one for a measured line.
    #[must_use]
    pub fn units(&self) -> u32 {
        self.units
    }

    /// Its amounts; none for a product that is unknown to this customer (S5, S38).
    #[must_use]
    pub fn amounts(&self) -> Option<&PublicAmounts> {
        self.amounts.as_ref()
    }
}

impl Serialize for PublicLine {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &self.id)?;
        map.serialize_entry("units", &self.units)?;
        match &self.amounts {
            None => map.serialize_entry("refused", "unknown_product")?,
            Some(amounts) => amounts.entries(&mut map)?,
        }
        map.end()
    }
}

/// Shipping or a fee as a browser may see it.
///
/// In JSON like a [`PublicLine`], without `units`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicCharge {
    id: LineId,
    amounts: PublicAmounts,
}

impl PublicCharge {
    /// The number of the charge.
    #[must_use]
    pub fn id(&self) -> LineId {
        self.id
    }

    /// Its amounts.
    #[must_use]
    pub fn amounts(&self) -> &PublicAmounts {
        &self.amounts
    }
}

impl Serialize for PublicCharge {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &self.id)?;
        self.amounts.entries(&mut map)?;
        map.end()
    }
}

/// The amounts of a [`PublicLine`] or [`PublicCharge`], for the whole of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicAmounts {
    price: Money,
    shop_discount: Money,
    coupon_discount: Money,
    total: Money,
    tax: Option<Money>,
}

impl PublicAmounts {
    fn of(line: &LineOutcome) -> Self {
        Self {
            price: line.priced(),
            shop_discount: line.shop_discount(),
            coupon_discount: line.coupon_discount(),
            total: line.discounted(),
            tax: line.tax(),
        }
    }

    /// At the price that holds for this customer, before discounts.
    #[must_use]
    pub fn price(&self) -> Money {
        self.price
    }

    /// Discounts that the shop gave.
    #[must_use]
    pub fn shop_discount(&self) -> Money {
        self.shop_discount
    }

    /// Discounts by coupons.
    #[must_use]
    pub fn coupon_discount(&self) -> Money {
        self.coupon_discount
    }

    /// What is left after discounts; with tax where prices contain it, without where they do not.
    #[must_use]
    pub fn total(&self) -> Money {
        self.total
    }

    /// The tax on it; none where no rates were given.
    #[must_use]
    pub fn tax(&self) -> Option<Money> {
        self.tax
    }

    fn entries<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("price", &self.price.amount_text())?;
        map.serialize_entry("shop_discount", &self.shop_discount.amount_text())?;
        map.serialize_entry("coupon_discount", &self.coupon_discount.amount_text())?;
        map.serialize_entry("total", &self.total.amount_text())?;
        match self.tax {
            Some(tax) => map.serialize_entry("tax", &tax.amount_text()),
            None => Ok(()),
        }
    }
}

/// The tax of one class as a browser may see it: rate and amounts, not what the class is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PublicTax {
    rate: TaxRate,
    #[serde(serialize_with = "amount")]
    net: Money,
    #[serde(serialize_with = "amount")]
    tax: Money,
}

impl PublicTax {
    /// The rate in percent.
    #[must_use]
    pub fn rate(&self) -> TaxRate {
        self.rate
    }

    /// What it is taken on.
    #[must_use]
    pub fn net(&self) -> Money {
        self.net
    }

    /// The tax.
    #[must_use]
    pub fn tax(&self) -> Money {
        self.tax
    }
}

/// How a code ended, as a browser may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Status {
    Applied { percent: Option<Percent>, amount: Money, forfeited: Money, trial_days: Option<u32> },
    Waiting,
    Refused { reason: PublicReason, mend: Option<Mend> },
}

/// What became of one code, as a browser may see it.
///
/// In JSON one of
/// - `{"entered":"spring","status":"applied","description":"Spring sale","percent":"10","amount":"6.00"}`, with
///   `forfeited` where a part of its amount is lost and `trial_days` where it gives some,
/// - `{"entered":"SHIPFREE","status":"waiting_for_shipping","description":"Free shipping"}`,
/// - `{"entered":"guess","status":"refused","reason":"not_valid","text":"this code is not valid"}`, with `mend` where
///   the shopper could do something about it,
///
/// each with `line` where it was entered on one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicAnswer {
    entered: String,
    line: Option<LineId>,
    description: String,
    status: Status,
}

impl PublicAnswer {
    fn of(answer: &Answer, reasons: PublicReasons) -> Self {
        let status = match answer.state() {
            AnswerState::Applied => Status::Applied {
                percent: percent(answer),
                amount: answer.discount(),
                forfeited: answer.forfeited(),
                trial_days: answer.trial_days(),
            },
            AnswerState::WaitingForShipping => Status::Waiting,
            AnswerState::Refused => Status::Refused {
                reason: Refusal::public_of(answer.reasons(), reasons),
                mend: Refusal::public_mend_of(answer.reasons(), reasons),
            },
        };
        Self {
            entered: answer.entered().to_owned(),
            line: answer.line(),
            description: answer.description().to_owned(),
            status,
        }
    }

    /// What the shopper typed, as it was typed.
    #[must_use]
    pub fn entered(&self) -> &str {
        &self.entered
    }

    /// The line it was entered on.
    #[must_use]
    pub fn line(&self) -> Option<LineId> {
        self.line
    }

    /// How it ended.
    #[must_use]
    pub fn state(&self) -> AnswerState {
        match self.status {
            Status::Applied { .. } => AnswerState::Applied,
            Status::Waiting => AnswerState::WaitingForShipping,
            Status::Refused { .. } => AnswerState::Refused,
        }
    }

    /// The text an order form shows (S75); empty where the code was refused.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.description
    }

    /// The percentage, for a coupon that is worth one and nothing else (S85).
    #[must_use]
    pub fn percent(&self) -> Option<Percent> {
        match self.status {
            Status::Applied { percent, .. } => percent,
            _ => None,
        }
    }

    /// What it took off; none where it was not applied.
    #[must_use]
    pub fn amount(&self) -> Option<Money> {
        match self.status {
            Status::Applied { amount, .. } => Some(amount),
            _ => None,
        }
    }

    /// The part of its amount that is lost (S63).
    #[must_use]
    pub fn forfeited(&self) -> Option<Money> {
        match self.status {
            Status::Applied { forfeited, .. } => Some(forfeited).filter(|f| !f.is_zero()),
            _ => None,
        }
    }

    /// Days of a free trial.
    #[must_use]
    pub fn trial_days(&self) -> Option<u32> {
        match self.status {
            Status::Applied { trial_days, .. } => trial_days,
            _ => None,
        }
    }

    /// The one reason that the public may know; none where it was not refused.
    #[must_use]
    pub fn reason(&self) -> Option<PublicReason> {
        match self.status {
            Status::Refused { reason, .. } => Some(reason),
            _ => None,
        }
    }

    /// What the shopper could do about it (S26); never told where the reason stays hidden.
    #[must_use]
    pub fn mend(&self) -> Option<&Mend> {
        match &self.status {
            Status::Refused { mend, .. } => mend.as_ref(),
            _ => None,
        }
    }
}

impl Serialize for PublicAnswer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("entered", &self.entered)?;
        if let Some(line) = self.line {
            map.serialize_entry("line", &line)?;
        }
        map.serialize_entry("status", &self.state())?;
        match &self.status {
            Status::Applied { percent, amount, trial_days, .. } => {
                map.serialize_entry("description", &self.description)?;
                if let Some(percent) = percent {
                    map.serialize_entry("percent", percent)?;
                }
                map.serialize_entry("amount", &amount.amount_text())?;
                if let Some(forfeited) = self.forfeited() {
                    map.serialize_entry("forfeited", &forfeited.amount_text())?;
                }
                if let Some(days) = trial_days {
                    map.serialize_entry("trial_days", days)?;
                }
            }
            Status::Waiting => map.serialize_entry("description", &self.description)?,
            Status::Refused { reason, mend } => {
                map.serialize_entry("reason", reason)?;
                map.serialize_entry("text", &reason.to_string())?;
                if let Some(mend) = mend {
                    map.serialize_entry("mend", mend)?;
                }
            }
        }
        map.end()
    }
}

/// The percentage of a coupon that is worth one and nothing else.
fn percent(answer: &Answer) -> Option<Percent> {
    match answer.terms()?.benefits() {
        [Benefit::Percent(percent)] => Some(percent.off()),
        _ => None,
    }
}

/// The sums as a browser may see them. Where prices do not contain tax,
/// `items - item_discount + shipping - shipping_discount + fees + tax + cash_rounding = payable`; where they do, the
/// same without `tax`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PublicTotals {
    #[serde(serialize_with = "amount")]
    items: Money,
    #[serde(serialize_with = "amount")]
    item_discount: Money,
    #[serde(serialize_with = "amount")]
    coupon_discount: Money,
    #[serde(serialize_with = "amount")]
    shipping: Money,
    #[serde(serialize_with = "amount")]
    shipping_discount: Money,
    #[serde(serialize_with = "amount")]
    fees: Money,
    #[serde(serialize_with = "amount_or_none", skip_serializing_if = "Option::is_none")]
    tax: Option<Money>,
    #[serde(serialize_with = "amount", skip_serializing_if = "is_zero")]
    cash_rounding: Money,
    #[serde(serialize_with = "amount")]
    payable: Money,
}

impl PublicTotals {
    /// Lines at the customer's prices, before discounts.
    #[must_use]
    pub fn items(&self) -> Money {
        self.items
    }

    /// All discounts on lines, the shop's and those of coupons.
    #[must_use]
    pub fn item_discount(&self) -> Money {
        self.item_discount
    }

    /// All discounts of coupons, on lines and on shipping.
    #[must_use]
    pub fn coupon_discount(&self) -> Money {
        self.coupon_discount
    }

    /// Shipping, before discounts.
    #[must_use]
    pub fn shipping(&self) -> Money {
        self.shipping
    }

    /// All discounts on shipping.
    #[must_use]
    pub fn shipping_discount(&self) -> Money {
        self.shipping_discount
    }

    /// Fees.
    #[must_use]
    pub fn fees(&self) -> Money {
        self.fees
    }

    /// The tax; none where no rates were given.
    #[must_use]
    pub fn tax(&self) -> Option<Money> {
        self.tax
    }

    /// What cash rounding adds; negative where it takes away.
    #[must_use]
    pub fn cash_rounding(&self) -> Money {
        self.cash_rounding
    }

    /// What the shopper pays.
    #[must_use]
    pub fn payable(&self) -> Money {
        self.payable
    }
}

fn amount<S: Serializer>(money: &Money, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&money.amount_text())
}

fn amount_or_none<S: Serializer>(money: &Option<Money>, serializer: S) -> Result<S::Ok, S::Error> {
    money.map(Money::amount_text).serialize(serializer)
}

fn is_zero(money: &Money) -> bool {
    money.is_zero()
}

fn is_false(value: &bool) -> bool {
    !*value
}

impl Outcome {
    /// What a browser may see of it.
    #[must_use]
    pub fn public(&self) -> PublicOutcome {
        let line = |line: &LineOutcome| PublicLine {
            id: line.id(),
            units: line.units(),
            amounts: line.refusal().is_none().then(|| PublicAmounts::of(line)),
        };
        let charge = |charge: &LineOutcome| PublicCharge { id: charge.id(), amounts: PublicAmounts::of(charge) };
        let totals = self.totals();
        PublicOutcome {
            currency: self.currency,
            price_mode: self.price_mode,
            lines: self.lines.iter().map(line).collect(),
            charges: self.charges.iter().map(charge).collect(),
            answers: self.answers.iter().map(|answer| PublicAnswer::of(answer, self.public_reasons)).collect(),
            taxes: self
                .taxes
                .iter()
                .filter_map(|tax| Some(PublicTax { rate: tax.rate()?, net: tax.net(), tax: tax.tax()? }))
                .collect(),
            totals: PublicTotals {
                items: totals.items(),
                item_discount: totals.item_discount(),
                coupon_discount: totals.coupon_discount(),
                shipping: totals.shipping(),
                shipping_discount: totals.shipping_discount(),
                fees: totals.fees(),
                tax: totals.tax(),
                cash_rounding: totals.cash_rounding(),
                payable: totals.payable(),
            },
            placeable: self.placeable(),
            log_in: self.has_flag(Flag::IdentityNeeded),
        }
    }
}
