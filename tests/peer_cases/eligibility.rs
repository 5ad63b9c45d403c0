//! Eligibility cases: a coupon and the facts of a basket in, yes or no out. Asked of the same evaluation as prices: a
//! basket of the given subtotal and quantity is made up, and the code presented.

use rust_decimal::Decimal;
use serde_json::{Value, json};
use vouchsafe::{Code, CodeFormat, Money, allocate_even};

use super::coupons::{a_little, code_format, is_shipping};
use super::facts::{CustomerFacts, Facts, LineFacts, any_time, currency, instant};
use super::fields::{Fields, OrField, Read, not_applicable, put, whole};
use super::reading::{Reading, readings};
use super::run::{Fate, How, map_all, run};
use super::{Verdict, by_reading};

pub(crate) fn is_one(case: &Value) -> bool {
    case.get("context").is_some() && case.get("lines").is_none()
}

pub(crate) fn judge(case: &Value, universal: bool) -> Read<Verdict> {
    let f = Fields::of(case, "")?;
    f.remarks(&["id", "source", "note", "tags", "numbers"]);
    f.flag("universal")?;
    let readings = readings(case, &f, universal)?;
    let Some(context) = f.raw("context") else { return f.malformed("context") };
    let asked = Asked::read(context, f.raw("coupon"))?;
    let Some(expect) = f.raw("expect") else { return f.malformed("expect") };
    let expect = Fields::of(expect, "expect")?;
    expect.remarks(&["derived", "peer_specific"]);
    let Some(eligible) = expect.flag("eligible")? else { return expect.malformed("eligible") };
    let reason = expect.text("reason")?;
    expect.finish()?;
    f.finish()?;
    by_reading(&readings, |reading| {
        let fate = match asked.ask(reading, universal)? {
            Ok(fate) => fate,
            Err(error) => return Ok(vec![error]),
        };
        if fate.invalid.is_some() && reason != Some("invalid_definition") {
            return not_applicable(format!("definition refused: {}", fate.text()));
        }
        let as_expected = match (eligible, reason) {
            (true, _) => fate.is_eligible(),
            (false, None) => !fate.is_eligible() || fate.discount.is_zero(),
            (false, Some(reason)) => fate.is_refused_for(reason),
        };
        let expected = if eligible { "eligible" } else { reason.unwrap_or("not eligible") };
        Ok(if as_expected { Vec::new() } else { vec![format!("expected {expected}, got {}", fate.text())] })
    })
}

/// The coupon, what stands beside it, and the basket.
struct Asked {
    facts: Facts,
    /// Those that are applied already, then the one that is judged.
    coupons: Vec<Value>,
    entered: Option<String>,
    unknown: bool,
    eligible_quantity: bool,
}

impl Asked {
    fn read(context: &Value, coupon: Option<&Value>) -> Read<Self> {
        let f = Fields::of(context, "context")?;
        let code = f.text("currency")?.unwrap_or("USD").to_owned();
        let currency = currency(&code, None)?;
        let customer = CustomerFacts::read(&f, true)?;
        let eligible = f.whole("eligible_quantity")?;
        let mut facts = Facts {
            currency,
            minor_units: currency.exponent(),
            code,
            inclusive: false,
            lines: Vec::new(),
            shipments: Vec::new(),
            shipping_tax_rate: None,
            fees: Vec::new(),
            channel: f.text("channel")?.map(str::to_owned),
            now: match f.text("now")? {
                None => any_time(),
                Some(text) => instant(text).map_or_else(|| f.malformed("now"), Ok)?,
            },
            customer,
        };
        facts.lines = basket(&f, &facts, eligible, coupon)?;
        let method = facts.customer.shipping_method.clone().or(f.text("shipping_method")?.map(str::to_owned));
        if method.is_some() || coupon.is_some_and(is_shipping) {
            facts.shipments.push((method, Decimal::TEN));
        }
        let entered = f.text("code_entered")?.map(str::to_owned);
        let known = f.texts("codes_known")?.unwrap_or_default();
        let mut coupons = Vec::new();
        for other in f.list("applied_coupons")?.unwrap_or_default() {
            coupons.push(applied(other, coupon, &facts)?);
        }
        f.finish()?;
        let mut judged = coupon.cloned();
        if let Some(judged) = judged.as_mut().filter(|coupon| coupon.get("code").is_none_or(Value::is_null)) {
            // The coupon answers to the one of the codes known that was entered.
            if let Some(code) = own_code(&known, entered.as_deref()) {
                put(judged, "code", code);
            }
        }
        let unknown = judged.is_none();
        coupons.push(judged.unwrap_or_else(|| json!({"kind": "percent", "value": "10", "deleted": true})));
        Ok(Self { facts, coupons, entered, unknown, eligible_quantity: eligible.is_some() })
    }

    fn ask(&self, reading: &Reading, universal: bool) -> Read<Result<Fate, String>> {
        let coupons: Vec<&Value> = self.coupons.iter().collect();
        let how = How { universal, eligible_quantity: self.eligible_quantity };
        let mapped = map_all(&coupons, &self.facts, reading, how)?;
        let mut entered = vec![None; mapped.len()];
        if let Some(last) = entered.last_mut() {
            last.clone_from(&self.entered);
        }
        let ran = match run(&self.facts, mapped, reading, &entered)? {
            Ok(ran) => ran,
            Err(error) => return Ok(Err(error)),
        };
        let mut fate = ran.coupons.into_iter().next_back().unwrap_or_default();
        if self.unknown {
            fate.about.deleted = false;
        }
        Ok(Ok(fate))
    }
}

/// Of the codes known the one that was entered, else the first.
fn own_code(known: &[String], entered: Option<&str>) -> Option<String> {
    let canonical = |code: &str| {
        let format = if code_format(code) == "standard" { CodeFormat::Standard } else { CodeFormat::Imported };
        Code::parse(code, format).ok().map(|code| code.as_str().to_owned())
    };
    let entered = entered.and_then(canonical);
    let same = known.iter().find(|code| entered.is_some() && canonical(code) == entered);
    same.or(known.first()).cloned()
}

/// A coupon that stands on the order already: one of the fields of a coupon, or a code.
fn applied(value: &Value, judged: Option<&Value>, facts: &Facts) -> Read<Value> {
    let mut coupon = json!({"kind": "amount_order", "value": a_little(facts)});
    match value {
        Value::String(code) => {
            let own = judged.and_then(|coupon| coupon.get("code")).and_then(Value::as_str);
            if own.is_some_and(|own| own.eq_ignore_ascii_case(code)) {
                return Ok(judged.cloned().unwrap_or(coupon));
            }
            put(&mut coupon, "code", code.as_str());
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                if !value.is_null() {
                    put(&mut coupon, name, value.clone());
                }
            }
        }
        _ => return not_applicable("malformed: context.applied_coupons"),
    }
    Ok(coupon)
}

/// Lines that come to the subtotal and the quantity given.
fn basket(f: &Fields<'_>, facts: &Facts, eligible: Option<u64>, coupon: Option<&Value>) -> Read<Vec<LineFacts>> {
    let subtotal = f.decimal("subtotal")?.unwrap_or_default();
    let quantity = f.whole("quantity")?;
    let categories = f.texts("categories")?.unwrap_or_default();
    let on_sale = f.flag("on_sale_only")?.unwrap_or(false);
    let mut skus: Vec<(String, u64)> = Vec::new();
    match f.raw("skus") {
        None => {}
        Some(Value::Object(map)) => {
            for (sku, qty) in map {
                let Some(qty) = whole(qty) else { return f.malformed("skus") };
                skus.push((sku.clone(), qty));
            }
        }
        Some(_) => skus.extend(f.texts("skus")?.unwrap_or_default().into_iter().map(|sku| (sku, 1))),
    }
    let mut counts = true;
    if let Some(eligible) = eligible {
        let rest = quantity.unwrap_or(eligible).checked_sub(eligible);
        let Some(rest) = rest.filter(|_| skus.len() < 2) else { return f.malformed("eligible_quantity") };
        let of = |name: &str| coupon.and_then(|c| c.get(name)?.as_array()?.first()?.as_str());
        // Pieces that count are of the products asked for, the rest is not; else the rest cannot be discounted.
        let named = of("min_quantity_skus").is_some() || of("min_quantity_categories").is_some();
        let sku = of("min_quantity_skus").map_or_else(|| "SKU".to_owned(), str::to_owned);
        let own = skus.pop().map_or(sku, |(sku, _)| sku);
        skus = vec![(own, eligible), ("the-rest".to_owned(), rest)];
        counts = named;
    } else if skus.is_empty() {
        skus.push(("SKU".to_owned(), quantity.unwrap_or(1)));
    }
    let many = skus.len();
    skus.retain(|(_, qty)| *qty > 0);
    let total = Money::from_decimal(subtotal, facts.currency).or_field("context.subtotal")?.minor();
    if skus.is_empty() {
        return if total == 0 { Ok(Vec::new()) } else { f.malformed("quantity") };
    }
    let shares = allocate_even(total, &vec![total; skus.len()]).or_field("context.subtotal")?;
    let asked = coupon.and_then(|c| c.get("min_quantity_categories")?.as_array()?.first()?.as_str());
    let mut lines = Vec::new();
    for ((sku, qty), share) in skus.into_iter().zip(shares) {
        let is_rest = eligible.is_some() && sku == "the-rest" && many > 1;
        // As fine as it takes for the line to come to its share.
        let price = Money::new(share, facts.currency).to_decimal().checked_div(qty.into()).unwrap_or_default();
        let mut categories = categories.clone();
        if eligible.is_some() && !is_rest {
            categories.extend(asked.map(str::to_owned));
        }
        lines.push(LineFacts {
            sku,
            unit_price: price.round_dp(9),
            qty,
            categories,
            product_type: None,
            on_sale,
            tax_rate: None,
            discountable: counts || !is_rest,
            min_price: None,
        });
    }
    Ok(lines)
}
