//! Pricing cases: a basket and coupons in, amounts out.

use rust_decimal::Decimal;
use serde_json::Value;
use vouchsafe::{Money, Outcome};

use super::facts::{CustomerFacts, Facts, LineFacts, any_time, currency, fees, instant, shipments};
use super::fields::{Fields, Read, decimal, whole};
use super::reading::readings;
use super::run::{How, Ran, map_all, refused_definition, run};
use super::{Verdict, by_reading};

const REMARKS: &[&str] = &["id", "source", "note", "tags", "numbers"];

pub(crate) fn judge(case: &Value, universal: bool) -> Read<Verdict> {
    let f = Fields::of(case, "")?;
    f.remarks(REMARKS);
    f.flag("universal")?;
    let readings = readings(case, &f, universal)?;
    let facts = facts(&f)?;
    let coupons: Vec<&Value> = f.list("coupons")?.unwrap_or_default().iter().collect();
    let Some(expect) = f.raw("expect") else { return f.malformed("expect") };
    let expect = Expect::read(expect, &facts)?;
    f.finish()?;
    by_reading(&readings, |reading| {
        let how = How { universal, eligible_quantity: false };
        let mapped = map_all(&coupons, &facts, reading, how)?;
        let ran = match run(&facts, mapped, reading, &[])? {
            Ok(ran) => ran,
            Err(error) => return Ok(vec![error]),
        };
        let expects_it = expect.refused.as_deref() == Some("invalid_definition");
        if let Some(refused) = refused_definition(&ran).filter(|_| !expects_it) {
            return Err(refused);
        }
        Ok(expect.differences(&ran, &facts))
    })
}

fn facts(f: &Fields<'_>) -> Read<Facts> {
    let code = f.text("currency")?.unwrap_or("USD").to_owned();
    let minor_units = match f.raw("minor_units").map(whole) {
        None => None,
        Some(units) => match units.and_then(|units| u8::try_from(units).ok()) {
            Some(units) => Some(units),
            None => return f.malformed("minor_units"),
        },
    };
    let currency = currency(&code, minor_units)?;
    let mut lines = Vec::new();
    for line in f.list("lines")?.map_or_else(|| f.malformed("lines"), Ok)? {
        lines.push(LineFacts::read(line)?);
    }
    let customer = CustomerFacts::read(f, false)?;
    let (mut channel, mut now) = (f.text("channel")?.map(str::to_owned), any_time());
    if let Some(context) = f.raw("context") {
        let context = Fields::of(context, "context")?;
        channel = context.text("channel")?.map(str::to_owned).or(channel);
        if let Some(text) = context.text("now")? {
            now = instant(text).map_or_else(|| context.malformed("now"), Ok)?;
        }
        context.finish()?;
    }
    Ok(Facts {
        currency,
        minor_units: currency.exponent(),
        code,
        inclusive: f.flag("prices_include_tax")?.unwrap_or(false),
        lines,
        shipments: shipments(f, &customer)?,
        shipping_tax_rate: f.decimal("shipping_tax_rate")?,
        fees: fees(f)?,
        customer,
        channel,
        now,
    })
}

/// What a case expects; what is null is not stated.
struct Expect {
    line_discounts: Option<Vec<Option<Decimal>>>,
    line_totals: Option<Vec<Option<Decimal>>>,
    tax: Option<Vec<Option<Decimal>>>,
    order_discount: Option<Decimal>,
    tax_total: Option<Decimal>,
    shipping_discount: Option<Decimal>,
    total: Option<Decimal>,
    net_total: Option<Decimal>,
    refused: Option<String>,
    applied: Option<Vec<usize>>,
}

impl Expect {
    fn read(value: &Value, facts: &Facts) -> Read<Self> {
        let f = Fields::of(value, "expect")?;
        // Derived figures are expected like others; what is the peer's own is not expected at all.
        f.remarks(&["derived", "peer_specific"]);
        let per_line = |field: &str| -> Read<Option<Vec<Option<Decimal>>>> {
            let Some(list) = f.list(field)? else { return Ok(None) };
            if list.len() != facts.lines.len() {
                return f.malformed(field);
            }
            let mut all = Vec::new();
            for value in list {
                match decimal(value) {
                    None if !value.is_null() => return f.malformed(field),
                    found => all.push(found),
                }
            }
            Ok(Some(all))
        };
        let applied = match f.list("applied")? {
            None => None,
            Some(list) => {
                let indexes: Option<Vec<usize>> =
                    list.iter().map(|v| whole(v).and_then(|i| usize::try_from(i).ok())).collect();
                Some(indexes.map_or_else(|| f.malformed("applied"), Ok)?)
            }
        };
        let expect = Self {
            line_discounts: per_line("line_discounts")?,
            line_totals: per_line("line_totals")?,
            tax: per_line("tax")?,
            order_discount: f.decimal("order_discount")?,
            tax_total: f.decimal("tax_total")?,
            shipping_discount: f.decimal("shipping_discount")?,
            total: f.decimal("total")?,
            net_total: f.decimal("net_total")?,
            refused: f.text("refused")?.map(str::to_owned),
            applied,
        };
        f.finish()?;
        Ok(expect)
    }

    /// Everything that is not as expected.
    fn differences(&self, ran: &Ran, facts: &Facts) -> Vec<String> {
        let outcome = &ran.outcome;
        let totals = outcome.totals();
        let mut wrong = Vec::new();
        let mut compare = |name: &str, expected: Option<Decimal>, got: Decimal| {
            if let Some(expected) = expected.filter(|expected| *expected != got) {
                wrong.push(format!("{name}: expected {expected}, got {got}"));
            }
        };
        let major = Money::to_decimal;
        for (i, line) in outcome.lines().iter().enumerate() {
            let of = |list: &Option<Vec<Option<Decimal>>>| list.as_ref().and_then(|l| l.get(i).copied().flatten());
            compare(&format!("line_discounts[{i}]"), of(&self.line_discounts), major(line.coupon_discount()));
            compare(&format!("line_totals[{i}]"), of(&self.line_totals), major(line.discounted()));
            compare(&format!("tax[{i}]"), of(&self.tax), line.tax().map_or(Decimal::ZERO, major));
        }
        let tax = totals.tax().map_or(Decimal::ZERO, major);
        compare("order_discount", self.order_discount, major(totals.item_discount()));
        compare("tax_total", self.tax_total, tax);
        compare("shipping_discount", self.shipping_discount, major(totals.shipping_discount()));
        compare("net_total", self.net_total, major(totals.net()));
        // Without a stated tax the total is before tax, unless prices contain it.
        let before_tax = !facts.inclusive && self.tax_total.is_none();
        let payable = major(totals.payable());
        compare("total", self.total, if before_tax { payable.saturating_sub(tax) } else { payable });
        wrong.extend(self.refusal(ran));
        wrong.extend(sums(outcome));
        if let Some(expected) = &self.applied {
            let got: Vec<usize> =
                ran.coupons.iter().enumerate().filter(|(_, c)| c.had_an_effect()).map(|(i, _)| i).collect();
            if *expected != got {
                wrong.push(format!("applied: expected {expected:?}, got {got:?}"));
            }
        }
        wrong
    }

    /// One coupon is refused for the reason named; of several, one of those that are not applied.
    fn refusal(&self, ran: &Ran) -> Option<String> {
        let word = self.refused.as_deref()?;
        let candidates = ran.coupons.iter().enumerate();
        let mut refusable =
            candidates.filter(|(i, _)| self.applied.as_ref().is_none_or(|applied| !applied.contains(i)));
        if refusable.any(|(_, coupon)| coupon.is_refused_for(word)) {
            return None;
        }
        let got: Vec<String> = ran.coupons.iter().map(super::run::Fate::text).collect();
        Some(format!("refused: expected {word}, got [{}]", got.join(", ")))
    }
}

/// What must hold whatever a case expects: the shares of the lines are the discount of the order.
fn sums(outcome: &Outcome) -> Option<String> {
    let lines: i64 = outcome.lines().iter().map(|line| line.coupon_discount().minor()).sum();
    let charges: i64 = outcome.charges().iter().map(|charge| charge.coupon_discount().minor()).sum();
    let all = outcome.totals().coupon_discount().minor();
    (lines.checked_add(charges) != Some(all)).then(|| format!("shares: {lines} and {charges} are not {all}"))
}

pub(crate) fn is_one(case: &Value) -> bool {
    case.get("lines").is_some()
}
