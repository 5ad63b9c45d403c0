//! A coupon of a case as definitions of the crate.
//!
//! Most are one definition. Tiers are one definition for each tier, of which exactly one can hold. What a definition
//! cannot say exactly is not applicable, by the name of the field.

mod scope;
mod sets;
mod terms;
mod value;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};
use vouchsafe::{Code, CodeFormat, Money, Usage};

use super::facts::{Facts, currency};
use super::fields::{Fields, Read, decimal, figure, not_applicable};
use super::reading::Reading;
use scope::Scope;

/// Where a coupon takes its turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    Line,
    Order,
    Shipping,
}

/// What the words for refusals depend on.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct About {
    pub(crate) deleted: bool,
    pub(crate) requires: bool,
    pub(crate) min_quantity: bool,
    pub(crate) groups: bool,
    pub(crate) methods: bool,
    pub(crate) not_on_sale: bool,
    pub(crate) category_subtotal: bool,
    pub(crate) first_order: bool,
    pub(crate) stranger: bool,
}

/// A code that was given to somebody, or at some time.
#[derive(Debug, Clone)]
pub(crate) struct Issued {
    pub(crate) holder: Option<String>,
    pub(crate) at: DateTime<Utc>,
    /// From when, and until when.
    pub(crate) window: Option<[Option<DateTime<Utc>>; 2]>,
}

/// A coupon of a case, mapped.
#[derive(Debug, Clone)]
pub(crate) struct Mapped {
    /// Drafts of definitions, without their codes.
    pub(crate) drafts: Vec<Value>,
    pub(crate) code: Option<String>,
    pub(crate) usage: Usage,
    pub(crate) issued: Option<Issued>,
    pub(crate) about: About,
    pub(crate) needs_identity: bool,
    pub(crate) exclusive: bool,
    pub(crate) stackable: bool,
    pub(crate) priority: i64,
    pub(crate) stage: Stage,
    /// The lines it can touch, by position.
    pub(crate) touch: Vec<usize>,
    /// Takes fixed amounts, whatever is left, as long as enough is.
    pub(crate) fixed: bool,
    /// Judged on what earlier coupons left.
    pub(crate) waits: bool,
    /// Whether it may as well take its turn among the lines.
    pub(crate) can_rise: bool,
    /// Rounded on each unit.
    pub(crate) per_unit: Option<bool>,
    /// Gives something besides money.
    pub(crate) gives: bool,
}

/// What surrounds a coupon.
pub(crate) struct Context<'a> {
    pub(crate) facts: &'a Facts,
    pub(crate) reading: &'a Reading,
    /// Coupons on shipping beside it, itself included.
    pub(crate) shipping_coupons: usize,
    /// Takes its turn among the lines, so that the order of the coupons is kept.
    pub(crate) raised: bool,
    pub(crate) universal: bool,
    /// The pieces that count, where the case gives their number.
    pub(crate) eligible_quantity: bool,
}

pub(crate) fn is_shipping(coupon: &Value) -> bool {
    coupon.get("kind").and_then(Value::as_str).is_some_and(|kind| kind.contains("shipping"))
}

pub(crate) fn map(coupon: &Value, id: &str, context: &Context<'_>) -> Read<Mapped> {
    let f = Fields::of(coupon, "coupons[]")?;
    let kind = f.text("kind")?.map_or_else(|| not_applicable("malformed: coupons[].kind"), Ok)?;
    let mut terms = Terms::read(&f, kind, context)?;
    terms.value(&f, kind)?;
    terms.conditions(&f)?;
    terms.limits(&f)?;
    terms.validity(&f)?;
    terms.rest(&f)?;
    f.finish()?;
    terms.end(id)
}

/// What one definition says, before it is put together.
struct Part {
    benefits: Vec<Value>,
    conditions: Vec<Value>,
    scope: Option<Value>,
}

struct Terms<'a> {
    context: &'a Context<'a>,
    /// The code of the currency that bare figures are in.
    coupon_currency: String,
    scope: Scope,
    touch: Vec<usize>,
    level: &'static str,
    parts: Vec<Part>,
    conditions: Vec<Value>,
    draft: Map<String, Value>,
    limits: Map<String, Value>,
    /// Its benefit has a cap of its own.
    capped: bool,
    /// Its benefit says itself from how many pieces a line qualifies.
    lines_picked: bool,
    mapped: Mapped,
}

impl<'a> Terms<'a> {
    fn read(f: &Fields<'_>, kind: &str, context: &'a Context<'a>) -> Read<Self> {
        let facts = context.facts;
        let scope = Scope::read(f.raw("scope"))?;
        let mut touch = Vec::new();
        for (i, line) in facts.lines.iter().enumerate() {
            if line.discountable && scope.covers(line, context.reading.either_list) {
                touch.push(i);
            }
        }
        let coupon_currency = f.text("coupon_currency")?.unwrap_or(&facts.code).to_owned();
        let mapped = Mapped {
            drafts: Vec::new(),
            code: None,
            usage: Usage::default(),
            issued: None,
            about: About { not_on_sale: scope.exclude_on_sale, ..About::default() },
            needs_identity: false,
            exclusive: false,
            stackable: true,
            priority: 0,
            stage: Stage::Line,
            touch: touch.clone(),
            fixed: !kind.contains("percent") && !kind.contains("price"),
            waits: false,
            can_rise: false,
            per_unit: None,
            gives: false,
        };
        Ok(Self {
            context,
            coupon_currency,
            scope,
            touch,
            level: "line",
            parts: Vec::new(),
            conditions: Vec::new(),
            draft: Map::new(),
            limits: Map::new(),
            capped: false,
            lines_picked: false,
            mapped,
        })
    }

    fn currency(&self, code: &str) -> Read<String> {
        let facts = self.context.facts;
        if code == facts.code {
            return Ok(facts.currency.to_string());
        }
        Ok(currency(code, None).or_else(|_| currency(code, Some(facts.minor_units)))?.to_string())
    }

    /// A figure in the currency of the coupon.
    fn amounts(&self, figure_of: Decimal) -> Read<Value> {
        Ok(json!({self.currency(&self.coupon_currency)?: figure(figure_of)}))
    }

    /// The value of the coupon: one figure, or one per currency and one for every other.
    fn value_amounts(&self, f: &Fields<'_>) -> Read<Value> {
        let mut amounts = Map::new();
        if let Some(by_currency) = f.raw("amount_by_currency") {
            let Some(map) = by_currency.as_object() else { return f.malformed("amount_by_currency") };
            for (code, value) in map {
                let Some(value) = decimal(value) else { return f.malformed("amount_by_currency") };
                amounts.insert(self.currency(code)?, figure(value).into());
            }
        }
        if let Some(default) = f.decimal("amount_default")? {
            amounts.insert("other".to_owned(), figure(default).into());
        }
        if amounts.is_empty() {
            let Some(value) = f.decimal("value")? else { return f.malformed("value") };
            return self.amounts(value);
        }
        f.remarks(&["value"]);
        Ok(Value::Object(amounts))
    }

    /// The most it gives.
    fn cap(&self, f: &Fields<'_>) -> Read<Option<Value>> {
        let mut amounts = Map::new();
        if let Some(cap) = f.decimal("max_discount")? {
            amounts.insert(self.currency(&self.coupon_currency)?, figure(cap).into());
        }
        if let Some(default) = f.decimal("max_discount_default")? {
            amounts.insert("other".to_owned(), figure(default).into());
        }
        Ok((!amounts.is_empty()).then_some(Value::Object(amounts)))
    }

    /// Which pieces.
    fn target(&mut self, f: &Fields<'_>, benefit: &mut Map<String, Value>) -> Read<()> {
        let mut most = f.whole("max_units")?;
        if let Some(size) = f.whole("group_size")? {
            benefit.insert("groups_of".to_owned(), size.into());
            self.mapped.about.groups = true;
            if let Some(groups) = f.whole("max_applications")? {
                let pieces = groups.saturating_mul(size);
                most = Some(most.map_or(pieces, |most| most.min(pieces)));
            }
        }
        for (name, limit) in [("max_units", most), ("max_units_per_line", f.whole("max_units_per_line")?)] {
            if let Some(limit) = limit {
                benefit.insert(name.to_owned(), limit.into());
            }
        }
        if let Some(pieces) = f.whole("min_line_quantity")?.filter(|pieces| *pieces > 1) {
            benefit.insert("pieces_from".to_owned(), pieces.into());
        }
        self.lines_picked = true;
        self.pick(f, benefit)
    }

    fn pick(&self, f: &Fields<'_>, benefit: &mut Map<String, Value>) -> Read<()> {
        let dearest = match f.text("unit_choice")? {
            None => self.context.reading.dearest,
            Some("cheapest") => false,
            Some("most_expensive") => true,
            Some(other) => return not_applicable(format!("coupons[].unit_choice={other}")),
        };
        if dearest {
            benefit.insert("pick".to_owned(), "dearest".into());
        }
        Ok(())
    }

    /// One application is all that an order holds, or the limit cannot be said.
    fn once(&self, f: &Fields<'_>) -> Read<()> {
        match f.whole("max_applications")? {
            None | Some(1) => Ok(()),
            // So many groups.
            Some(_) if f.raw("group_size").is_some() => Ok(()),
            Some(_) => not_applicable("coupons[].max_applications"),
        }
    }

    /// The cap of a benefit.
    fn put_cap(&mut self, f: &Fields<'_>, benefit: &mut Map<String, Value>) -> Read<()> {
        if let Some(cap) = self.cap(f)? {
            benefit.insert("cap".to_owned(), cap);
            self.capped = true;
        }
        Ok(())
    }

    fn one(&mut self, stage: Stage, level: &'static str, kind: &str, benefit: Map<String, Value>) {
        self.mapped.stage = stage;
        self.level = level;
        self.parts.push(Part { benefits: vec![json!({kind: benefit})], conditions: Vec::new(), scope: None });
    }

    /// Puts the definitions together.
    fn end(mut self, id: &str) -> Read<Mapped> {
        let currency = self.context.facts.currency.to_string();
        let scope = self.scope.json(self.context.reading.either_list, &currency);
        if !self.limits.is_empty() {
            self.draft.insert("limits".to_owned(), Value::Object(self.limits));
        }
        if self.context.reading.tax_before_discount {
            self.draft.insert("funding".to_owned(), json!({"third_party": {"party": "maker"}}));
        }
        let several = self.parts.len() > 1;
        for (i, part) in self.parts.into_iter().enumerate() {
            let id = if several { format!("{id}-{i:03}") } else { id.to_owned() };
            let mut draft = self.draft.clone();
            draft.insert("version".to_owned(), 1.into());
            draft.insert("id".to_owned(), id.into());
            draft.insert("level".to_owned(), self.level.into());
            let scope = match (&scope, part.scope) {
                (Some(a), Some(b)) => Some(json!({"all": [a, b]})),
                (a, b) => a.clone().or(b),
            };
            if let Some(scope) = scope {
                draft.insert("scope".to_owned(), scope);
            }
            let conditions: Vec<Value> = self.conditions.iter().cloned().chain(part.conditions).collect();
            if !conditions.is_empty() {
                draft.insert("conditions".to_owned(), conditions.into());
            }
            draft.insert("benefits".to_owned(), part.benefits.into());
            self.mapped.drafts.push(Value::Object(draft));
        }
        Ok(self.mapped)
    }
}

/// The code as definitions write it, and its format: a code outside A-Z 0-9 is an imported one.
pub(crate) fn code_format(code: &str) -> &'static str {
    let plain = code.trim().chars().all(|c| c.is_ascii_alphanumeric());
    if plain && Code::parse(code, CodeFormat::Standard).is_ok() { "standard" } else { "imported" }
}

/// One minor unit, as a coupon that stands there already.
pub(crate) fn a_little(facts: &Facts) -> String {
    Money::new(1, facts.currency).amount_text()
}
