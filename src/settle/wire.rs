//! Settlements, refunds and transfers as JSON: everything, losslessly, and checked when it is read. Amounts are strings in
//! the one currency of the document; of a settlement every movement is made again, and has to lead to where it stands.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::figures::{DiscountOrigin, DiscountPart, LineFigures};
use super::refund::{KeptLine, Refund, RefundLine};
use super::settlement::{Movement, SettledLine, Settlement, cash_left};
use super::threshold::ThresholdPolicy;
use super::transfer::Transfer;
use crate::error::{Error, Why};
use crate::key::{AccountId, MovementId, PartyId, TaxClass};
use crate::money::{Currency, Money, Rounding, TaxRate};
use crate::order::LineId;
use crate::policy::PriceMode;
use crate::request::Reference;

/// The version of the documents of this room. It stands first, so that a document of another version is refused as that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Version;

impl Version {
    const THIS: u32 = 1;
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(Self::THIS)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u32::deserialize(deserializer)? {
            Self::THIS => Ok(Self),
            _ => Err(de::Error::custom(Why::UnknownVersion { supported: Self::THIS })),
        }
    }
}

fn is_false(value: &bool) -> bool {
    !*value
}

fn disagrees(path: String, value: impl std::fmt::Display) -> Error {
    Error::invalid(path, value, Why::Disagrees { with: "the rest of the document" })
}

fn signed(text: &str, currency: Currency, path: impl Fn() -> String) -> Result<i64, Error> {
    match Money::parse(text, currency) {
        Ok(money) => Ok(money.minor()),
        Err(Error::Invalid(field)) => Err(Error::invalid(path(), text, field.why)),
        Err(other) => Err(other.under(&path())),
    }
}

fn amount(text: &str, currency: Currency, path: impl Fn() -> String) -> Result<i64, Error> {
    let minor = signed(text, currency, &path)?;
    if minor < 0 { Err(Error::invalid(path(), text, Why::Negative)) } else { Ok(minor) }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FiguresForm {
    priced: String,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    discounts: Vec<PartForm>,
    taxable: String,
    net: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    tax: Option<String>,
    payable: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PartForm {
    origin: DiscountOrigin,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    account: Option<AccountId>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    party: Option<PartyId>,
    amount: String,
    third_party: String,
}

impl FiguresForm {
    pub(super) fn of(figures: &LineFigures) -> Self {
        let part = |part: &DiscountPart| PartForm {
            origin: part.origin.clone(),
            account: part.account.clone(),
            party: part.party.clone(),
            amount: part.amount().amount_text(),
            third_party: part.third_party().amount_text(),
        };
        Self {
            priced: figures.priced().amount_text(),
            discounts: figures.discounts.iter().map(part).collect(),
            taxable: figures.taxable().amount_text(),
            net: figures.net().amount_text(),
            tax: figures.tax().map(|tax| tax.amount_text()),
            payable: figures.payable().amount_text(),
        }
    }

    pub(super) fn read(self, currency: Currency, mode: PriceMode, path: &str) -> Result<LineFigures, Error> {
        let read = |text: &str, field: &str| amount(text, currency, || format!("{path}.{field}"));
        let mut discounts = Vec::with_capacity(self.discounts.len());
        for (i, part) in self.discounts.into_iter().enumerate() {
            discounts.push(DiscountPart {
                currency,
                amount: read(&part.amount, &format!("discounts[{i}].amount"))?,
                third: read(&part.third_party, &format!("discounts[{i}].third_party"))?,
                origin: part.origin,
                account: part.account,
                party: part.party,
            });
        }
        let tax = self.tax.as_deref().map_or(Ok(0), |tax| read(tax, "tax"))?;
        let (priced, taxed) = (read(&self.priced, "priced")?, self.tax.is_some());
        let figures = LineFigures { currency, mode, taxed, priced, tax, discounts };
        if !figures.is_sound() {
            return Err(disagrees(format!("{path}.priced"), &self.priced));
        }
        for (text, field, expected) in [
            (&self.taxable, "taxable", figures.taxable_minor()),
            (&self.net, "net", figures.net_minor()),
            (&self.payable, "payable", figures.payable_minor()),
        ] {
            if read(text, field)? != expected {
                return Err(disagrees(format!("{path}.{field}"), text));
            }
        }
        Ok(figures)
    }
}

/// Tax and rate go together.
fn taxed(figures: &LineFigures, rate: Option<TaxRate>, path: &str) -> Result<(), Error> {
    if figures.taxed == rate.is_some() {
        return Ok(());
    }
    Err(disagrees(format!("{path}.tax_rate"), rate.map_or_else(|| "none".to_owned(), |rate| rate.to_string())))
}

/// Lines are named once, in their order.
fn ordered<T>(lines: &[T], id: impl Fn(&T) -> LineId, path: &str) -> Result<(), Error> {
    match lines.iter().zip(lines.iter().skip(1)).position(|(a, b)| id(a) >= id(b)) {
        None => Ok(()),
        Some(i) => {
            let line = lines.get(i.saturating_add(1)).map_or(LineId(0), id);
            Err(Error::invalid(format!("{path}[{}].line", i.saturating_add(1)), line, Why::Unordered))
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LineForm {
    line: LineId,
    #[serde(skip_serializing_if = "is_false", default)]
    charge: bool,
    /// Left out for a part of a charge.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    units: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    tax_class: Option<TaxClass>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    tax_rate: Option<TaxRate>,
    figures: FiguresForm,
}

impl LineForm {
    fn of_settled(line: &SettledLine) -> Self {
        Self {
            line: line.line,
            charge: line.charge,
            units: Some(line.units),
            tax_class: line.tax_class.clone(),
            tax_rate: line.rate,
            figures: FiguresForm::of(&line.figures),
        }
    }

    fn of_refund(line: &RefundLine) -> Self {
        Self {
            line: line.line,
            charge: line.charge,
            units: line.units(),
            tax_class: line.tax_class.clone(),
            tax_rate: line.rate,
            figures: FiguresForm::of(&line.figures),
        }
    }

    fn settled(self, currency: Currency, mode: PriceMode, path: &str) -> Result<SettledLine, Error> {
        let units = self.units.ok_or_else(|| Error::invalid(format!("{path}.units"), "", Why::Missing))?;
        let figures = self.figures.read(currency, mode, &format!("{path}.figures"))?;
        taxed(&figures, self.tax_rate, path)?;
        if units == 0 && figures.priced != 0 || self.charge && units > 1 {
            return Err(disagrees(format!("{path}.units"), units));
        }
        let (line, charge) = (self.line, self.charge);
        Ok(SettledLine { line, charge, units, tax_class: self.tax_class, rate: self.tax_rate, figures })
    }

    fn returned(self, currency: Currency, mode: PriceMode, path: &str) -> Result<RefundLine, Error> {
        let figures = self.figures.read(currency, mode, &format!("{path}.figures"))?;
        taxed(&figures, self.tax_rate, path)?;
        match self.units {
            Some(0) => return Err(Error::invalid(format!("{path}.units"), 0, Why::Zero)),
            None if !self.charge => return Err(Error::invalid(format!("{path}.units"), "", Why::Missing)),
            _ => {}
        }
        let (line, charge, units) = (self.line, self.charge, self.units.unwrap_or(0));
        Ok(RefundLine { line, charge, units, tax_class: self.tax_class, rate: self.tax_rate, figures })
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptForm {
    line: LineId,
    #[serde(skip_serializing_if = "is_false", default)]
    charge: bool,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    tax_class: Option<TaxClass>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    tax_rate: Option<TaxRate>,
    before: FiguresForm,
    after: FiguresForm,
}

/// A [`Refund`], before it is checked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RefundForm {
    version: Version,
    id: MovementId,
    reference: Reference,
    currency: Currency,
    price_mode: PriceMode,
    position: u32,
    #[serde(skip_serializing_if = "is_false", default)]
    void: bool,
    thresholds: ThresholdPolicy,
    lines: Vec<LineForm>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    kept: Vec<KeptForm>,
    cash_rounding: String,
    payable: String,
}

impl From<Refund> for RefundForm {
    fn from(refund: Refund) -> Self {
        let kept = |kept: &KeptLine| KeptForm {
            line: kept.line,
            charge: kept.charge,
            tax_class: kept.tax_class.clone(),
            tax_rate: kept.rate,
            before: FiguresForm::of(&kept.before),
            after: FiguresForm::of(&kept.after),
        };
        Self {
            version: Version,
            currency: refund.currency,
            price_mode: refund.mode,
            position: refund.position,
            void: refund.void,
            thresholds: refund.thresholds,
            lines: refund.lines.iter().map(LineForm::of_refund).collect(),
            kept: refund.kept.iter().map(kept).collect(),
            cash_rounding: refund.cash_rounding().amount_text(),
            payable: refund.payable().amount_text(),
            id: refund.id,
            reference: refund.reference,
        }
    }
}

impl TryFrom<RefundForm> for Refund {
    type Error = Error;

    fn try_from(form: RefundForm) -> Result<Self, Error> {
        let (currency, mode) = (form.currency, form.price_mode);
        let mut refund = Self {
            id: form.id,
            reference: form.reference,
            currency,
            mode,
            position: form.position,
            void: form.void,
            thresholds: form.thresholds,
            lines: Vec::with_capacity(form.lines.len()),
            kept: Vec::with_capacity(form.kept.len()),
            cash: signed(&form.cash_rounding, currency, || "cash_rounding".to_owned())?,
        };
        for (i, line) in form.lines.into_iter().enumerate() {
            refund.lines.push(line.returned(currency, mode, &format!("lines[{i}]"))?);
        }
        ordered(&refund.lines, RefundLine::line, "lines")?;
        for (i, kept) in form.kept.into_iter().enumerate() {
            let path = format!("kept[{i}]");
            let before = kept.before.read(currency, mode, &format!("{path}.before"))?;
            let after = kept.after.read(currency, mode, &format!("{path}.after"))?;
            taxed(&before, kept.tax_rate, &path)?;
            taxed(&after, kept.tax_rate, &path)?;
            let (line, charge, tax_class, rate) = (kept.line, kept.charge, kept.tax_class, kept.tax_rate);
            refund.kept.push(KeptLine { line, charge, tax_class, rate, before, after });
        }
        ordered(&refund.kept, KeptLine::line, "kept")?;
        if refund.thresholds == ThresholdPolicy::Keep && !refund.kept.is_empty() {
            return Err(Error::invalid("kept", refund.kept.len(), Why::Contradicts { with: "thresholds" }));
        }
        if refund.lines.is_empty() {
            return Err(Error::invalid("lines", 0, Why::Empty));
        }
        if amount(&form.payable, currency, || "payable".to_owned())? != refund.payable().minor() {
            return Err(disagrees("payable".to_owned(), &form.payable));
        }
        Ok(refund)
    }
}

/// A [`Transfer`], before it is checked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TransferForm {
    version: Version,
    id: MovementId,
    from: Reference,
    to: Reference,
    currency: Currency,
    price_mode: PriceMode,
    tax_rounding: Rounding,
    position: u32,
    line: LineId,
    #[serde(skip_serializing_if = "is_false", default)]
    charge: bool,
    units: u32,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    tax_class: Option<TaxClass>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    tax_rate: Option<TaxRate>,
    before: FiguresForm,
    after: FiguresForm,
    cash_rounding_before: String,
    cash_rounding_after: String,
}

impl From<Transfer> for TransferForm {
    fn from(transfer: Transfer) -> Self {
        let cash = |minor: i64| Money::new(minor, transfer.currency).amount_text();
        Self {
            version: Version,
            currency: transfer.currency,
            price_mode: transfer.mode,
            tax_rounding: transfer.rounding,
            position: transfer.position,
            line: transfer.line,
            charge: transfer.charge,
            units: transfer.units,
            before: FiguresForm::of(&transfer.before),
            after: FiguresForm::of(&transfer.after),
            cash_rounding_before: cash(transfer.cash_before),
            cash_rounding_after: cash(transfer.cash_after),
            tax_class: transfer.tax_class,
            tax_rate: transfer.rate,
            id: transfer.id,
            from: transfer.from,
            to: transfer.to,
        }
    }
}

impl TryFrom<TransferForm> for Transfer {
    type Error = Error;

    fn try_from(form: TransferForm) -> Result<Self, Error> {
        let (currency, mode) = (form.currency, form.price_mode);
        let cash = |text: &str, name: &'static str| signed(text, currency, || name.to_owned());
        let transfer = Self {
            before: form.before.read(currency, mode, "before")?,
            after: form.after.read(currency, mode, "after")?,
            cash_before: cash(&form.cash_rounding_before, "cash_rounding_before")?,
            cash_after: cash(&form.cash_rounding_after, "cash_rounding_after")?,
            id: form.id,
            from: form.from,
            to: form.to,
            currency,
            mode,
            rounding: form.tax_rounding,
            position: form.position,
            line: form.line,
            charge: form.charge,
            units: form.units,
            tax_class: form.tax_class,
            rate: form.tax_rate,
        };
        taxed(&transfer.before, transfer.rate, "before")?;
        if transfer.units == 0 {
            return Err(Error::invalid("units", 0, Why::Zero));
        }
        if transfer.charge && transfer.units > 1 {
            return Err(disagrees("units".to_owned(), transfer.units));
        }
        if transfer.from == transfer.to {
            return Err(Error::invalid("to", &transfer.to, Why::Duplicate));
        }
        if transfer.cash_before < transfer.before.payable_minor().saturating_neg() {
            return Err(disagrees("cash_rounding_before".to_owned(), &form.cash_rounding_before));
        }
        if transfer.arriving(transfer.after.priced)? != (transfer.after.clone(), transfer.cash_after) {
            return Err(disagrees("after".to_owned(), &transfer.id));
        }
        Ok(transfer)
    }
}

/// A [`Settlement`], before it is checked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SettlementForm {
    version: Version,
    reference: Reference,
    currency: Currency,
    price_mode: PriceMode,
    tax_rounding: Rounding,
    placed: Vec<LineForm>,
    placed_cash_rounding: String,
    paid: String,
    movements: Vec<Movement>,
    lines: Vec<LineForm>,
    cash_rounding: String,
    payable: String,
}

impl From<Settlement> for SettlementForm {
    fn from(settlement: Settlement) -> Self {
        let lines = |lines: &[SettledLine]| lines.iter().map(LineForm::of_settled).collect();
        Self {
            version: Version,
            currency: settlement.currency,
            price_mode: settlement.mode,
            tax_rounding: settlement.rounding,
            placed: lines(&settlement.placed),
            placed_cash_rounding: settlement.money(settlement.placed_cash).amount_text(),
            paid: settlement.paid().amount_text(),
            lines: lines(&settlement.lines),
            cash_rounding: settlement.cash_rounding().amount_text(),
            payable: settlement.payable().amount_text(),
            reference: settlement.reference,
            movements: settlement.movements,
        }
    }
}

impl TryFrom<SettlementForm> for Settlement {
    type Error = Error;

    fn try_from(form: SettlementForm) -> Result<Self, Error> {
        let (currency, mode) = (form.currency, form.price_mode);
        let read = |lines: Vec<LineForm>, name: &str| {
            let read = |(i, line): (usize, LineForm)| line.settled(currency, mode, &format!("{name}[{i}]"));
            let lines = lines.into_iter().enumerate().map(read).collect::<Result<Vec<_>, _>>()?;
            ordered(&lines, SettledLine::line, name)?;
            Ok::<_, Error>(lines)
        };
        let placed = read(form.placed, "placed")?;
        if let Some((i, line)) = placed.iter().enumerate().find(|(_, line)| line.units == 0) {
            return Err(Error::invalid(format!("placed[{i}].units"), line.units, Why::Zero));
        }
        let paid = placed.iter().try_fold(0_i64, |sum, line| sum.checked_add(line.figures.payable_minor()));
        let paid = paid.ok_or_else(|| Error::overflow("paid"))?;
        let cash = signed(&form.placed_cash_rounding, currency, || "placed_cash_rounding".to_owned())?;
        if cash_left(cash, paid) != cash || paid.checked_add(cash).is_none() {
            return Err(disagrees("placed_cash_rounding".to_owned(), &form.placed_cash_rounding));
        }
        let mut settlement = Self {
            reference: form.reference,
            currency,
            mode,
            rounding: form.tax_rounding,
            lines: placed.clone(),
            placed,
            placed_cash: cash,
            cash,
            movements: Vec::new(),
        };
        for (i, movement) in form.movements.iter().enumerate() {
            let redone = settlement.redo(movement);
            if !redone.is_ok_and(|new| new) {
                return Err(disagrees(format!("movements[{i}]"), movement.id()));
            }
        }
        if read(form.lines, "lines")? != settlement.lines {
            return Err(disagrees("lines".to_owned(), settlement.lines.len()));
        }
        for (text, name, expected) in [
            (&form.paid, "paid", settlement.paid()),
            (&form.cash_rounding, "cash_rounding", settlement.cash_rounding()),
            (&form.payable, "payable", settlement.payable()),
        ] {
            if signed(text, currency, || name.to_owned())? != expected.minor() {
                return Err(disagrees(name.to_owned(), text));
            }
        }
        Ok(settlement)
    }
}
