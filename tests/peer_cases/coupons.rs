//! A coupon of a case as definitions of the crate.
//!
//! Most are one definition. Tiers are one definition for each tier, of which exactly one can hold. What a definition
//! cannot say exactly is not applicable, by the name of the field.

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};
use vouchsafe::{Code, CodeFormat, Money, Usage};

use super::facts::{Facts, LineFacts, currency, date, instant, next_midnight};
use super::fields::{Fields, OrField, Read, decimal, figure, not_applicable};
use super::reading::{Reading, RoundAt};

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
    pub(crate) window: Option<(Option<DateTime<Utc>>, Option<DateTime<Utc>>)>,
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
    mapped: Mapped,
}

/// Which lines, as the case says it.
#[derive(Default)]
struct Scope {
    skus: Option<Vec<String>>,
    categories: Option<Vec<String>>,
    exclude_skus: Vec<String>,
    exclude_categories: Vec<String>,
    exclude_on_sale: bool,
    min: Option<Decimal>,
    max: Option<Decimal>,
}

impl Scope {
    fn read(value: Option<&Value>) -> Read<Self> {
        let Some(value) = value else { return Ok(Self::default()) };
        let f = Fields::of(value, "coupons[].scope")?;
        let scope = Self {
            skus: f.texts("skus")?,
            categories: f.texts("categories")?,
            exclude_skus: f.texts("exclude_skus")?.unwrap_or_default(),
            exclude_categories: f.texts("exclude_categories")?.unwrap_or_default(),
            exclude_on_sale: f.flag("exclude_on_sale")?.unwrap_or(false),
            min: f.decimal("min_unit_price")?,
            max: f.decimal("max_unit_price")?,
        };
        f.finish()?;
        Ok(scope)
    }

    fn covers(&self, line: &LineFacts, either: bool) -> bool {
        let sku = self.skus.as_ref().map(|list| list.contains(&line.sku));
        let category = self.categories.as_ref().map(|list| list.iter().any(|c| line.categories.contains(c)));
        let listed = match (sku, category) {
            (Some(a), Some(b)) if either => a || b,
            (a, b) => a.unwrap_or(true) && b.unwrap_or(true),
        };
        listed
            && !self.exclude_skus.contains(&line.sku)
            && !self.exclude_categories.iter().any(|c| line.categories.contains(c))
            && !(self.exclude_on_sale && line.on_sale)
            && self.min.is_none_or(|min| line.unit_price >= min)
            && self.max.is_none_or(|max| line.unit_price <= max)
    }

    /// The scope of the crate; none where every line is meant.
    fn json(&self, either: bool, currency: &str) -> Option<Value> {
        let mut all = Vec::new();
        match (&self.skus, &self.categories) {
            (Some(skus), Some(categories)) if either => {
                all.push(json!({"any": [{"products": skus}, {"categories": categories}]}));
            }
            (skus, categories) => {
                all.extend(skus.as_ref().map(|skus| json!({"products": skus})));
                all.extend(categories.as_ref().map(|categories| json!({"categories": categories})));
            }
        }
        if !self.exclude_skus.is_empty() {
            all.push(json!({"not": {"products": self.exclude_skus}}));
        }
        if !self.exclude_categories.is_empty() {
            all.push(json!({"not": {"categories": self.exclude_categories}}));
        }
        if self.exclude_on_sale {
            all.push(json!({"not": "on_sale"}));
        }
        if self.min.is_some() || self.max.is_some() {
            let mut range = Map::new();
            for (name, bound) in [("min", self.min), ("max", self.max)] {
                if let Some(bound) = bound {
                    range.insert(name.to_owned(), json!({currency: figure(bound)}));
                }
            }
            all.push(json!({"price_range": range}));
        }
        match all.len() {
            0 => None,
            1 => all.pop(),
            _ => Some(json!({"all": all})),
        }
    }
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

    /// Which pieces. Of groups of pieces only a complete one counts: so many pieces, where so many are there.
    fn target(&mut self, f: &Fields<'_>, benefit: &mut Map<String, Value>) -> Read<()> {
        let mut limits = [f.whole("max_units")?, f.whole("max_units_per_line")?];
        if let Some(size) = f.whole("group_size")? {
            if limits != [None, None] {
                return not_applicable("coupons[].group_size (beside max_units)");
            }
            self.one_set(f, size, "group_size")?;
            self.conditions.push(json!({"minimum_quantity": {"pieces": size}}));
            self.mapped.about.groups = true;
            limits[0] = Some(size);
        }
        for (name, limit) in ["max_units", "max_units_per_line"].into_iter().zip(limits) {
            if let Some(limit) = limit {
                benefit.insert(name.to_owned(), limit.into());
            }
        }
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
            Some(_) => not_applicable("coupons[].max_applications"),
        }
    }

    /// The pieces that it can touch.
    fn pieces(&self) -> u64 {
        self.touch.iter().filter_map(|i| self.context.facts.lines.get(*i)).map(|line| line.qty).sum()
    }

    /// Whether a set of so many pieces is wanted, or fits into the order, no more than once.
    fn one_set(&self, f: &Fields<'_>, size: u64, field: &str) -> Read<()> {
        match f.whole("max_applications")? {
            Some(1) => Ok(()),
            None if self.pieces() < size.saturating_mul(2) => Ok(()),
            _ => not_applicable(format!("coupons[].{field} (several sets)")),
        }
    }

    fn one(&mut self, stage: Stage, level: &'static str, kind: &str, benefit: Map<String, Value>) {
        self.mapped.stage = stage;
        self.level = level;
        self.parts.push(Part { benefits: vec![json!({kind: benefit})], conditions: Vec::new(), scope: None });
    }

    fn value(&mut self, f: &Fields<'_>, kind: &str) -> Read<()> {
        match kind {
            "percent" => self.percent(f)?,
            "amount_order" | "amount_line" | "amount_per_unit" => self.amount(f, kind)?,
            "fixed_price" | "fixed_order_price" | "bundle_fixed_price" => self.set_price(f, kind)?,
            "cheapest_free" | "gift" => self.free(f, kind)?,
            "tiered_percent" | "tiered_amount_line" => self.tiers(f, kind)?,
            "buy_get" => self.buy_get(f)?,
            "buy_x_get_y" => self.buy_x_get_y(f)?,
            "first_additional_per_unit" => self.first_additional(f)?,
            "free_shipping" | "percent_shipping" | "amount_shipping" | "fixed_shipping_price" => {
                self.shipping(f, kind)?;
            }
            _ => return not_applicable(format!("coupons[].kind={kind}")),
        }
        // A cap on what has none of its own is a budget of which nothing is spent yet.
        if let Some(cap) = self.cap(f)?.filter(|_| !self.capped) {
            if f.raw("max_total_discount").is_some() {
                return not_applicable("coupons[].max_discount (beside a budget)");
            }
            self.limits.insert("money".to_owned(), cap);
        }
        Ok(())
    }

    fn percent(&mut self, f: &Fields<'_>) -> Read<()> {
        self.once(f)?;
        let Some(off) = f.decimal("value")? else { return f.malformed("value") };
        let stated = f.text("level")?;
        let at = match (stated, self.context.raised) {
            (Some("order"), _) => RoundAt::Order,
            (Some("line"), _) => RoundAt::Line,
            (Some("unit"), _) => RoundAt::Unit,
            (Some(other), _) => return not_applicable(format!("coupons[].level={other}")),
            (None, true) if self.context.reading.round_at == RoundAt::Order => RoundAt::Line,
            (None, _) => self.context.reading.round_at,
        };
        let mut benefit = Map::new();
        benefit.insert("off".to_owned(), figure(off).into());
        if self.context.reading.original {
            benefit.insert("base".to_owned(), "original".into());
        }
        if let Some(cap) = self.cap(f)? {
            benefit.insert("cap".to_owned(), cap);
            self.capped = true;
        }
        let with_shipping = f.flag("includes_shipping")?.unwrap_or(false);
        if with_shipping {
            benefit.insert("include_shipping".to_owned(), true.into());
        }
        self.target(f, &mut benefit)?;
        self.mapped.per_unit = (at != RoundAt::Order).then_some(at == RoundAt::Unit);
        let exact_on_lines = self.touch.len() == 1 || self.context.universal;
        self.mapped.can_rise = stated.is_none() && exact_on_lines && !with_shipping;
        match at {
            RoundAt::Order => self.one(Stage::Order, "order", "percent", benefit),
            RoundAt::Line | RoundAt::Unit => self.one(Stage::Line, "line", "percent", benefit),
        }
        Ok(())
    }

    fn amount(&mut self, f: &Fields<'_>, kind: &str) -> Read<()> {
        self.once(f)?;
        let (stage, per, levels): (_, _, &[&str]) = match kind {
            "amount_order" if self.context.raised => (Stage::Line, "line", &["order"]),
            "amount_order" => (Stage::Order, "order", &["order"]),
            "amount_line" => (Stage::Line, "line", &["line"]),
            _ => (Stage::Line, "unit", &["unit", "line"]),
        };
        if let Some(level) = f.text("level")?.filter(|level| !levels.contains(level)) {
            return not_applicable(format!("coupons[].level={level} (of {kind})"));
        }
        let mut benefit = Map::new();
        benefit.insert("off".to_owned(), self.value_amounts(f)?);
        benefit.insert("per".to_owned(), per.into());
        let with_shipping = f.flag("includes_shipping")?.unwrap_or(false);
        if with_shipping {
            benefit.insert("include_shipping".to_owned(), true.into());
        }
        self.target(f, &mut benefit)?;
        self.mapped.can_rise = kind == "amount_order" && self.touch.len() == 1 && !with_shipping;
        self.one(stage, "line", "amount", benefit);
        Ok(())
    }

    fn set_price(&mut self, f: &Fields<'_>, kind: &str) -> Read<()> {
        let mut benefit = Map::new();
        benefit.insert("price".to_owned(), self.value_amounts(f)?);
        if kind == "bundle_fixed_price" {
            let Some(size) = f.whole("bundle_size")? else { return f.malformed("bundle_size") };
            self.one_set(f, size, "bundle_size")?;
            self.pick(f, &mut benefit)?;
            benefit.insert("max_units".to_owned(), size.into());
            self.conditions.push(json!({"minimum_quantity": {"pieces": size}}));
            self.mapped.about.groups = true;
            self.one(Stage::Order, "order", "set_price", benefit);
            return Ok(());
        }
        self.once(f)?;
        self.target(f, &mut benefit)?;
        if kind == "fixed_price" {
            self.one(Stage::Line, "line", "set_price", benefit);
        } else {
            self.one(Stage::Order, "order", "set_price", benefit);
        }
        Ok(())
    }

    /// So many pieces for nothing.
    fn free(&mut self, f: &Fields<'_>, kind: &str) -> Read<()> {
        let pieces = f.whole("value")?.unwrap_or(1);
        match f.whole("min_quantity")? {
            Some(size) if kind == "cheapest_free" => self.one_set(f, size, "kind=cheapest_free")?,
            _ => self.once(f)?,
        }
        let mut benefit = Map::new();
        benefit.insert("off".to_owned(), "100".into());
        benefit.insert("max_units".to_owned(), pieces.into());
        if kind == "gift" {
            self.pick(f, &mut benefit)?;
        }
        self.one(Stage::Line, "line", "percent", benefit);
        Ok(())
    }

    /// One definition for each tier: from its threshold, and not from that of the next.
    fn tiers(&mut self, f: &Fields<'_>, kind: &str) -> Read<()> {
        self.once(f)?;
        let mut tiers = Vec::new();
        for tier in f.list("tiers")?.map_or_else(|| f.malformed("tiers"), Ok)? {
            match tier.as_array().map(|pair| pair.iter().map(decimal).collect::<Vec<_>>()).as_deref() {
                Some([Some(threshold), Some(value)]) => tiers.push((*threshold, *value)),
                _ => return f.malformed("tiers"),
            }
        }
        tiers.sort_unstable();
        f.remarks(&["value"]);
        if let Some(code) = f.text("tiers_currency")? {
            code.clone_into(&mut self.coupon_currency);
        }
        let basis = f.text("tier_basis")?;
        let lines: Vec<Option<String>> = match basis {
            Some("line_total" | "line") => self.touched_skus()?.into_iter().map(Some).collect(),
            None if kind == "tiered_amount_line" && self.touch.len() > 1 => {
                return not_applicable("coupons[].tier_basis (absent)");
            }
            _ => vec![None],
        };
        for line in &lines {
            for (i, (threshold, value)) in tiers.iter().enumerate() {
                let reached = |threshold: Decimal| self.reached(basis, threshold, line.is_some());
                let mut conditions = vec![reached(*threshold)?];
                if let Some((next, _)) = tiers.get(i.saturating_add(1)) {
                    conditions.push(json!({"not": reached(*next)?}));
                }
                let benefit = if kind == "tiered_percent" {
                    let mut benefit = json!({"off": figure(*value)});
                    if self.context.reading.original {
                        benefit["base"] = "original".into();
                    }
                    json!({"percent": benefit})
                } else {
                    json!({"amount": {"off": self.amounts(*value)?, "per": "line"}})
                };
                let scope = line.as_ref().map(|sku| json!({"products": [sku]}));
                self.parts.push(Part { benefits: vec![benefit], conditions, scope });
            }
        }
        let at_order = kind == "tiered_percent" && basis.is_none_or(|b| !b.starts_with("line"));
        let raised = self.context.raised || !at_order;
        self.level = if raised { "line" } else { "order" };
        self.mapped.stage = if raised { Stage::Line } else { Stage::Order };
        self.mapped.can_rise = self.touch.len() == 1 || self.context.universal;
        self.mapped.about.groups = true;
        Ok(())
    }

    fn reached(&self, basis: Option<&str>, threshold: Decimal, of_line: bool) -> Read<Value> {
        let range = if of_line { "qualifying" } else { "order" };
        match basis {
            None | Some("subtotal" | "order_subtotal" | "line_total" | "line") => {
                let amounts = self.amounts(threshold)?;
                Ok(json!({"minimum_spend": {"amounts": amounts, "basis": "list", "range": range}}))
            }
            Some("quantity" | "order_quantity") => {
                let pieces: u64 = figure(threshold).parse().or_field("coupons[].tiers")?;
                // No pieces at all are always there.
                let least = json!({"minimum_quantity": {"pieces": pieces.max(1), "range": "order"}});
                Ok(if pieces == 0 { json!({"any": [least, {"not": least}]}) } else { least })
            }
            Some(other) => not_applicable(format!("coupons[].tier_basis={other}")),
        }
    }

    /// The products that it can touch, each of one line only.
    fn touched_skus(&self) -> Read<Vec<String>> {
        let lines = &self.context.facts.lines;
        let skus: Vec<String> = self.touch.iter().filter_map(|i| lines.get(*i)).map(|l| l.sku.clone()).collect();
        match skus.iter().find(|sku| lines.iter().filter(|line| line.sku == **sku).count() > 1) {
            Some(_) => not_applicable("lines[].sku (on several lines, each with a total of its own)"),
            None => Ok(skus),
        }
    }

    /// Buy some, get others cheaper, once: a condition on the ones, a benefit on the others. Exact where no line is
    /// both.
    fn buy_get(&mut self, f: &Fields<'_>) -> Read<()> {
        let (Some(buy), Some(get)) = (f.raw("buy"), f.raw("get")) else { return f.malformed("buy") };
        let (buy, get) = (Fields::of(buy, "coupons[].buy")?, Fields::of(get, "coupons[].get")?);
        let side = |f: &Fields<'_>| -> Read<Scope> {
            Ok(Scope { skus: f.texts("skus")?, categories: f.texts("categories")?, ..Scope::default() })
        };
        let (bought, given) = (side(&buy)?, side(&get)?);
        let least = buy.whole("min_quantity")?.unwrap_or(1);
        let most = get.whole("quantity")?.unwrap_or(1);
        let either = self.context.reading.either_list;
        let lines = &self.context.facts.lines;
        if lines.iter().any(|line| bought.covers(line, either) && given.covers(line, either)) {
            return not_applicable("coupons[].kind=buy_get (one line is bought and given)");
        }
        let pieces = |scope: &Scope| lines.iter().filter(|l| scope.covers(l, either)).map(|l| l.qty).sum::<u64>();
        match f.whole("max_applications")? {
            Some(1) => {}
            None if pieces(&bought) < least.saturating_mul(2) => {}
            _ => return not_applicable("coupons[].max_applications"),
        }
        if pieces(&given) < most && f.flag("partial_get")? != Some(true) && pieces(&bought) >= least {
            return not_applicable("coupons[].partial_get");
        }
        f.remarks(&["partial_get"]);
        let currency = self.context.facts.currency.to_string();
        let mut target = Map::new();
        target.insert("max_units".to_owned(), most.into());
        if let Some(scope) = given.json(either, &currency) {
            target.insert("scope".to_owned(), scope);
        }
        self.pick(f, &mut target)?;
        let benefit = match get.text("discount")? {
            Some("percent") => {
                let Some(off) = f.decimal("value")? else { return f.malformed("value") };
                target.insert("off".to_owned(), figure(off).into());
                json!({"percent": target})
            }
            Some("free") | None => {
                f.remarks(&["value"]);
                target.insert("off".to_owned(), "100".into());
                json!({"percent": target})
            }
            Some("amount_per_unit") => {
                target.insert("off".to_owned(), self.value_amounts(f)?);
                target.insert("per".to_owned(), "unit".into());
                json!({"amount": target})
            }
            Some(other) => return not_applicable(format!("coupons[].get.discount={other}")),
        };
        buy.finish()?;
        get.finish()?;
        let mut quantity = json!({"pieces": least, "range": "order"});
        if let Some(of) = bought.json(either, &currency) {
            quantity["of"] = of;
        }
        self.conditions.push(json!({"minimum_quantity": quantity}));
        self.mapped.about.requires = true;
        self.mapped.about.min_quantity = true;
        self.mapped.about.groups = true;
        self.parts.push(Part { benefits: vec![benefit], conditions: Vec::new(), scope: None });
        Ok(())
    }

    /// Buy some and get others of the same product, once: that many pieces for nothing, where all of them are there.
    fn buy_x_get_y(&mut self, f: &Fields<'_>) -> Read<()> {
        let (Some(buy), Some(get)) = (f.whole("buy")?, f.whole("get")?) else { return f.malformed("buy") };
        let (set, pieces) = (buy.saturating_add(get), self.pieces());
        if self.touch.len() > 1 {
            return not_applicable("coupons[].kind=buy_x_get_y (on several lines)");
        }
        let once = pieces <= set.saturating_add(buy) || f.whole("max_applications")? == Some(1);
        if !once {
            return not_applicable("coupons[].kind=buy_x_get_y (several sets)");
        }
        if pieces > buy && pieces < set {
            return not_applicable("coupons[].kind=buy_x_get_y (incomplete set)");
        }
        f.remarks(&["value", "partial_get", "max_applications"]);
        let mut benefit = Map::new();
        benefit.insert("off".to_owned(), "100".into());
        benefit.insert("max_units".to_owned(), get.into());
        self.conditions.push(json!({"minimum_quantity": {"pieces": set}}));
        self.mapped.about.groups = true;
        self.mapped.about.min_quantity = true;
        self.one(Stage::Line, "line", "percent", benefit);
        Ok(())
    }

    /// One amount off the first piece of a line, a smaller one off each other: the smaller one off all, and the rest off
    /// one.
    fn first_additional(&mut self, f: &Fields<'_>) -> Read<()> {
        let (Some(first), Some(additional)) = (f.decimal("first")?, f.decimal("additional")?) else {
            return f.malformed("first");
        };
        let Some(more) = first.checked_sub(additional).filter(|more| !more.is_sign_negative()) else {
            return not_applicable("coupons[].kind=first_additional_per_unit (less for the first)");
        };
        f.remarks(&["value"]);
        let each = json!({"amount": {"off": self.amounts(additional)?, "per": "unit"}});
        let one = json!({"amount": {"off": self.amounts(more)?, "per": "unit", "max_units_per_line": 1}});
        self.parts.push(Part { benefits: vec![each, one], conditions: Vec::new(), scope: None });
        Ok(())
    }

    fn shipping(&mut self, f: &Fields<'_>, kind: &str) -> Read<()> {
        self.once(f)?;
        self.mapped.stage = Stage::Shipping;
        let mut methods = f.texts("shipping_methods")?;
        if let Some(value) = f.raw("requires_shipping_method") {
            let required = match value {
                Value::String(one) => vec![one.clone()],
                _ => f.texts("requires_shipping_method")?.unwrap_or_default(),
            };
            methods = Some(match methods {
                Some(methods) => methods.into_iter().filter(|m| required.contains(m)).collect(),
                None => required,
            });
        }
        self.mapped.about.methods = methods.is_some();
        let covered: Vec<Option<&str>> = (self.context.facts.shipments.iter())
            .map(|(method, _)| method.as_deref())
            .filter(|method| methods.as_ref().is_none_or(|list| list.iter().any(|m| Some(m.as_str()) == *method)))
            .collect();
        let per_shipment = f.flag("per_shipment")?.unwrap_or(false);
        let mut benefit = Map::new();
        match kind {
            "free_shipping" => {
                f.remarks(&["value"]);
                benefit.insert("free".to_owned(), true.into());
            }
            "percent_shipping" => {
                let Some(off) = f.decimal("value")? else { return f.malformed("value") };
                if self.context.reading.original && self.context.shipping_coupons > 1 {
                    return self.percent_of_original_shipping(off, methods.is_some());
                }
                benefit.insert("percent".to_owned(), figure(off).into());
            }
            "amount_shipping" => {
                benefit.insert("amount".to_owned(), self.value_amounts(f)?);
                if per_shipment && covered.len() > 1 {
                    return self.on_each_shipment(&covered, &benefit);
                }
            }
            _ => {
                if covered.len() > 1 && !per_shipment {
                    return not_applicable("coupons[].kind=fixed_shipping_price (of several shipments together)");
                }
                benefit.insert("to_price".to_owned(), self.value_amounts(f)?);
            }
        }
        if let Some(methods) = methods {
            benefit.insert("methods".to_owned(), methods.into());
        }
        if let Some(cap) = self.cap(f)? {
            benefit.insert("cap".to_owned(), cap);
            self.capped = true;
        }
        self.one(Stage::Shipping, "line", "shipping", benefit);
        Ok(())
    }

    /// A percentage of the original price of shipping, whatever other coupons took: one that includes shipping and
    /// covers no line.
    fn percent_of_original_shipping(&mut self, off: Decimal, by_method: bool) -> Read<()> {
        if by_method {
            return not_applicable("stacking=original (of shipping by method)");
        }
        self.scope = Scope { skus: Some(Vec::new()), ..Scope::default() };
        self.mapped.touch.clear();
        let percent = json!({"off": figure(off), "base": "original", "include_shipping": true});
        self.parts.push(Part { benefits: vec![json!({"percent": percent})], conditions: Vec::new(), scope: None });
        Ok(())
    }

    /// The same amount off each shipment: one benefit for each method.
    fn on_each_shipment(&mut self, covered: &[Option<&str>], benefit: &Map<String, Value>) -> Read<()> {
        let mut benefits = Vec::new();
        for (i, method) in covered.iter().enumerate() {
            let Some(method) = method.filter(|m| !covered.iter().skip(i.saturating_add(1)).any(|o| *o == Some(*m)))
            else {
                return not_applicable("coupons[].per_shipment (shipments of one method)");
            };
            let mut one = benefit.clone();
            one.insert("methods".to_owned(), json!([method]));
            benefits.push(json!({"shipping": one}));
        }
        self.parts.push(Part { benefits, conditions: Vec::new(), scope: None });
        Ok(())
    }

    fn conditions(&mut self, f: &Fields<'_>) -> Read<()> {
        if f.raw("coupon_currency").is_some() {
            // Nothing is always spent, but only in the currency of the coupon.
            let none = self.amounts(Decimal::ZERO)?;
            self.conditions.push(json!({"minimum_spend": {"amounts": none, "range": "order"}}));
        }
        let basis = match f.text("min_subtotal_basis")? {
            None => self.context.reading.discounted_basis,
            Some("original") => false,
            Some("discounted") => true,
            Some(other) => return not_applicable(format!("coupons[].min_subtotal_basis={other}")),
        };
        let inclusive = f.flag("min_subtotal_inclusive")?.unwrap_or(true);
        let basis = if basis { "remaining" } else { "list" };
        if let Some(least) = f.decimal("min_subtotal")? {
            let amounts = self.amounts(least)?;
            self.mapped.waits = basis == "remaining";
            self.conditions.push(json!({"minimum_spend":
                {"amounts": amounts, "basis": basis, "range": "order", "inclusive": inclusive}}));
        }
        if let Some(most) = f.decimal("max_subtotal")? {
            let amounts = self.amounts(most)?;
            self.conditions.push(json!({"not": {"minimum_spend":
                {"amounts": amounts, "basis": basis, "range": "order", "inclusive": false}}}));
        }
        self.quantities(f)?;
        self.required(f)?;
        self.of_customer(f)
    }

    fn quantities(&mut self, f: &Fields<'_>) -> Read<()> {
        let (skus, categories) = (f.texts("min_quantity_skus")?, f.texts("min_quantity_categories")?);
        if let Some(pieces) = f.whole("min_quantity")? {
            self.mapped.about.min_quantity = true;
            let of = match (skus, categories) {
                (None, None) => None,
                (Some(skus), None) => Some(json!({"products": skus})),
                (None, Some(categories)) => Some(json!({"categories": categories})),
                (Some(skus), Some(categories)) => {
                    Some(json!({"any": [{"products": skus}, {"categories": categories}]}))
                }
            };
            let qualifying = self.context.eligible_quantity && of.is_none();
            let range = if qualifying { "qualifying" } else { "order" };
            let mut quantity = json!({"pieces": pieces, "range": range});
            if let Some(of) = of {
                quantity["of"] = of;
            }
            if pieces > 0 {
                self.conditions.push(json!({"minimum_quantity": quantity}));
            }
        }
        if let Some(pieces) = f.whole("min_line_quantity")? {
            self.mapped.about.min_quantity = true;
            let touched: Vec<&LineFacts> = self.touch.iter().filter_map(|i| self.context.facts.lines.get(*i)).collect();
            // On one line a condition says the same.
            match touched.as_slice() {
                [] => {}
                [_] => self.conditions.push(json!({"minimum_quantity": {"pieces": pieces}})),
                lines if lines.iter().all(|line| line.qty >= pieces) => {}
                _ => return not_applicable("coupons[].min_line_quantity (of several lines)"),
            }
        }
        Ok(())
    }

    fn required(&mut self, f: &Fields<'_>) -> Read<()> {
        let present = |of: Value| json!({"minimum_quantity": {"pieces": 1, "range": "order", "of": of}});
        if let Some(skus) = f.texts("requires_skus_any")? {
            self.mapped.about.requires = true;
            self.conditions.push(present(json!({"products": skus})));
        }
        let categories = f.texts("requires_categories_any")?;
        if let Some(categories) = &categories {
            self.mapped.about.requires = true;
            self.conditions.push(present(json!({"categories": categories})));
        }
        if let Some(least) = f.decimal("min_category_subtotal")? {
            self.mapped.about.category_subtotal = true;
            let categories = categories.or_else(|| self.scope.categories.clone()).unwrap_or_default();
            let inside = |line: &LineFacts| categories.iter().any(|c| line.categories.contains(c));
            let lines = &self.context.facts.lines;
            // A minimum looks at the whole order or at the lines of the coupon: exact where these are those of the
            // category.
            let of_coupon =
                (0..lines.len()).filter(|i| lines.get(*i).is_some_and(inside)).eq(self.touch.iter().copied());
            let range = match (lines.iter().all(inside), of_coupon) {
                (true, _) => "order",
                (false, true) => "qualifying",
                (false, false) => return not_applicable("coupons[].min_category_subtotal (of some lines)"),
            };
            let amounts = self.amounts(least)?;
            self.conditions.push(json!({"minimum_spend": {"amounts": amounts, "basis": "list", "range": range}}));
        }
        if let Some(skus) = f.texts("requires_distinct_skus")? {
            self.mapped.about.requires = true;
            let least = f.whole("min_distinct")?.map_or(skus.len(), |n| usize::try_from(n).unwrap_or(usize::MAX));
            let sets = combinations(&skus, least);
            if sets.len().saturating_mul(least.saturating_add(1)) > 900 || sets.is_empty() || least == 0 {
                return not_applicable("coupons[].min_distinct");
            }
            let all: Vec<Value> = sets
                .iter()
                .map(|set| {
                    let each: Vec<Value> = set.iter().map(|sku| present(json!({"products": [sku]}))).collect();
                    json!({"all": each})
                })
                .collect();
            self.conditions.push(json!({"any": all}));
        }
        Ok(())
    }

    fn of_customer(&mut self, f: &Fields<'_>) -> Read<()> {
        if let Some(groups) = f.texts("customer_groups")? {
            self.conditions.push(json!({"members": {"groups": groups}}));
        }
        if f.flag("first_order_only")? == Some(true) {
            self.mapped.about.first_order = true;
            self.mapped.needs_identity |= !self.context.facts.customer.stranger;
            self.conditions.push("first_order".into());
        }
        if let Some(n) = f.whole("nth_order")? {
            self.mapped.about.first_order |= n == 1;
            self.conditions.push(json!({"nth_order": {"n": n}}));
        }
        if let Some(emails) = f.texts("allowed_emails")? {
            if emails.iter().any(|email| email.contains('*') || email.starts_with('@')) {
                return not_applicable("coupons[].allowed_emails (pattern)");
            }
            let keys: Vec<String> = emails.iter().map(|email| format!("email:{email}")).collect();
            self.conditions.push(json!({"customers": {"only": keys}}));
        }
        if let Some(channels) = f.texts("channels")? {
            self.conditions.push(json!({"channels": {"only": channels}}));
        }
        Ok(())
    }

    fn limits(&mut self, f: &Fields<'_>) -> Read<()> {
        let (facts, reading) = (self.context.facts, self.context.reading);
        let mut used = f.whole("used")?.unwrap_or(0);
        let held = f.whole("held")?.unwrap_or(0);
        let cancelled = f.whole("cancelled_uses")?.unwrap_or(0);
        let given_back = f.flag("reusable_after_cancel")?.unwrap_or(false);
        let apart = reading.cancelled_apart || cancelled > used;
        match (apart, given_back) {
            (true, false) => used = used.saturating_add(cancelled),
            (false, true) => used = used.saturating_sub(cancelled),
            (true, true) | (false, false) => {}
        }
        let mut usage = Usage::default().with_total(used.saturating_add(held));
        if let Some(limit) = f.whole("usage_limit")? {
            self.limits.insert("total".to_owned(), limit.into());
        }
        if let Some(limit) = f.whole("per_customer_limit")? {
            self.limits.insert("per_customer".to_owned(), limit.into());
            self.mapped.needs_identity = true;
        }
        let customer = &facts.customer;
        let mut uses = customer.uses;
        let apart = reading.cancelled_apart || customer.cancelled_uses > uses;
        match (apart, given_back) {
            (true, false) => uses = uses.saturating_add(customer.cancelled_uses),
            (false, true) => uses = uses.saturating_sub(customer.cancelled_uses),
            (true, true) | (false, false) => {}
        }
        usage = usage.with_customer(uses);
        let given = f.decimal("total_discount_given")?;
        if let Some(budget) = f.decimal("max_total_discount")? {
            self.limits.insert("money".to_owned(), self.amounts(budget)?);
            usage = usage.with_money(facts.money(given.unwrap_or_default(), "coupons[].total_discount_given")?);
        }
        if let Some(consumed) = f.decimal("already_consumed_amount")? {
            // A balance is a budget of the coupon's own value.
            if self.limits.contains_key("money") {
                return not_applicable("coupons[].already_consumed_amount (beside a budget)");
            }
            let Some(value) = f.decimal("value")?.filter(|_| f.raw("kind") == Some(&json!("amount_order"))) else {
                return not_applicable("coupons[].already_consumed_amount");
            };
            self.limits.insert("money".to_owned(), self.amounts(value)?);
            usage = usage.with_money(facts.money(consumed, "coupons[].already_consumed_amount")?);
        }
        if reading.refuse_when_short && self.limits.contains_key("money") {
            self.limits.insert("when_short".to_owned(), "refuse".into());
        }
        self.mapped.usage = usage;
        Ok(())
    }

    fn validity(&mut self, f: &Fields<'_>) -> Read<()> {
        let at = |field: &str| -> Read<Option<(&str, DateTime<Utc>)>> {
            match f.text(field)? {
                None => Ok(None),
                Some(text) => instant(text).map_or_else(|| f.malformed(field), |at| Ok(Some((text, at)))),
            }
        };
        let (starts, ends, issued) = (at("starts")?, at("ends")?, at("issued_at")?);
        let last_day = match (ends, f.flag("ends_is_date")?.unwrap_or(false)) {
            (Some((text, _)), true) => date(text),
            _ => None,
        };
        let is_day = |text: &str| text.len() == 10;
        let ends_at = match last_day {
            Some(day) => next_midnight(day).map_or_else(|| f.malformed("ends"), |at| Ok(Some(at)))?,
            None => ends.map(|(_, at)| at),
        };
        let starts_at = starts.map(|(_, at)| at);
        let countdown = f.whole("valid_for_hours")?;
        let bound = match f.raw("bound_customer") {
            None => None,
            Some(Value::String(text)) => Some(text.clone()),
            Some(Value::Number(number)) => Some(number.to_string()),
            Some(_) => return f.malformed("bound_customer"),
        };
        if let Some(hours) = countdown {
            let Some((_, at)) = issued else { return f.malformed("issued_at") };
            self.draft.insert("validity".to_owned(), json!({"countdown": {"hours": hours}}));
            let window = (starts_at.is_some() || ends_at.is_some()).then_some((starts_at, ends_at));
            self.mapped.issued = Some(Issued { holder: bound, at, window });
            return Ok(());
        }
        if let Some(holder) = bound {
            let at = issued.map_or(yesterday(self.context.facts.now), |(_, at)| at);
            self.mapped.issued = Some(Issued { holder: Some(holder), at, window: None });
        }
        let mut validity = Map::new();
        let days = last_day.is_some() && starts.is_none_or(|(text, _)| is_day(text));
        if days {
            validity.extend(starts.map(|(text, _)| ("from".to_owned(), text.into())));
            validity.extend(last_day.map(|day| ("thru".to_owned(), day.to_string().into())));
        } else {
            let text = |at: DateTime<Utc>| Value::from(at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true));
            validity.extend(starts_at.map(|at| ("starts_at".to_owned(), text(at))));
            validity.extend(ends_at.map(|at| ("ends_at".to_owned(), text(at))));
        }
        if !validity.is_empty() {
            self.draft.insert("validity".to_owned(), Value::Object(validity));
        }
        Ok(())
    }

    fn rest(&mut self, f: &Fields<'_>) -> Read<()> {
        if f.flag("enabled")? == Some(false) {
            self.draft.insert("status".to_owned(), "inactive".into());
        }
        self.mapped.about.deleted = f.flag("deleted")?.unwrap_or(false);
        if let Some(priority) = f.raw("priority") {
            let Some(priority) = priority.as_i64() else { return f.malformed("priority") };
            self.mapped.priority = priority;
            self.draft.insert("priority".to_owned(), priority.into());
        }
        self.mapped.exclusive = f.flag("exclusive")?.unwrap_or(false);
        self.mapped.stackable = f.flag("stackable")?.unwrap_or(true);
        self.mapped.code = f.text("code")?.map(str::to_owned);
        self.mapped.about.stranger = self.context.facts.customer.stranger || !self.context.facts.customer.stated;
        Ok(())
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

/// Every choice of `n` of them, up to a thousand.
fn combinations(of: &[String], n: usize) -> Vec<Vec<&String>> {
    if n == 0 {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for (i, first) in of.iter().enumerate() {
        for mut rest in combinations(of.get(i.saturating_add(1)..).unwrap_or_default(), n.saturating_sub(1)) {
            rest.insert(0, first);
            all.push(rest);
            if all.len() > 1_000 {
                return all;
            }
        }
    }
    all
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

fn yesterday(now: DateTime<Utc>) -> DateTime<Utc> {
    now.checked_sub_signed(TimeDelta::days(1)).unwrap_or(now)
}
