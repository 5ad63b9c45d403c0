//! What a coupon gives: one benefit or a few for each kind.

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::scope::Scope;
use super::{Part, Stage, Terms};
use crate::runner::fields::{Fields, OrField, Read, decimal, figure, not_applicable, put};
use crate::runner::reading::RoundAt;

impl Terms<'_> {
    pub(super) fn value(&mut self, f: &Fields<'_>, kind: &str) -> Read<()> {
        match kind {
            "percent" => self.percent(f)?,
            "amount_order" | "amount_line" | "amount_per_unit" => self.amount(f, kind)?,
            "fixed_price" | "fixed_order_price" => self.set_price(f, kind)?,
            "bundle_fixed_price" => self.bundle(f)?,
            "group_nth_free" => self.nth(f)?,
            "cheapest_free" if f.raw("min_quantity").is_some() => self.cheapest_of(f)?,
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
        self.put_cap(f, &mut benefit)?;
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
        self.put_cap(f, &mut benefit)?;
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
        self.once(f)?;
        self.put_cap(f, &mut benefit)?;
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
        if let Some([product]) = self.scope.skus.as_deref().filter(|_| kind == "gift" && self.touch.is_empty()) {
            // Not in the basket yet, so it is added.
            let gift = json!({"gift": {"product": product, "pieces": pieces}});
            self.once(f)?;
            self.scope = Scope::default();
            self.mapped.gives = true;
            self.parts.push(Part { benefits: vec![gift], conditions: Vec::new(), scope: None });
            return Ok(());
        }
        self.once(f)?;
        let mut benefit = Map::new();
        benefit.insert("off".to_owned(), "100".into());
        benefit.insert("max_units".to_owned(), pieces.into());
        if kind == "gift" {
            self.pick(f, &mut benefit)?;
        }
        self.one(Stage::Line, "line", "percent", benefit);
        Ok(())
    }

    /// Tiers, of the order or of each line. What the crate does not know of tiers is one definition for each tier: from its
    /// threshold, and not from that of the next.
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
        let percent = kind == "tiered_percent";
        // Each kind is for what it is named after, unless it says otherwise.
        let basis = f.text("tier_basis")?.or((!percent).then_some("line_total"));
        let of_line = matches!(basis, Some("line_total" | "line" | "line_quantity"));
        // A tier of the order that lowers lines one by one, or percentages of the original price, are tiers of their own.
        let of_original = percent && self.context.reading.original;
        if !of_original && (of_line || (percent && !self.context.raised)) {
            return self.whole_tiers(f, &tiers, basis, of_line);
        }
        let lines: Vec<Option<String>> =
            if of_line { self.touched_skus()?.into_iter().map(Some).collect() } else { vec![None] };
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
                        put(&mut benefit, "base", "original");
                    }
                    json!({"percent": benefit})
                } else {
                    json!({"amount": {"off": self.amounts(*value)?, "per": "line"}})
                };
                let scope = line.as_ref().map(|sku| json!({"products": [sku]}));
                self.parts.push(Part { benefits: vec![benefit], conditions, scope });
            }
        }
        let at_order = percent && !of_line;
        let raised = self.context.raised || !at_order;
        self.level = if raised { "line" } else { "order" };
        self.mapped.stage = if raised { Stage::Line } else { Stage::Order };
        self.mapped.can_rise = self.touch.len() == 1 || self.context.universal;
        self.mapped.about.groups = true;
        Ok(())
    }

    /// Tiers as the crate has them.
    fn whole_tiers(
        &mut self,
        f: &Fields<'_>,
        tiers: &[(Decimal, Decimal)],
        basis: Option<&str>,
        of_line: bool,
    ) -> Read<()> {
        let percent = f.raw("kind") == Some(&json!("tiered_percent"));
        let by_quantity = match basis {
            None | Some("subtotal" | "order_subtotal" | "line_total" | "line") => false,
            Some("quantity" | "order_quantity" | "line_quantity") => true,
            Some(other) => return not_applicable(format!("coupons[].tier_basis={other}")),
        };
        let mut steps = Vec::new();
        for (threshold, value) in tiers {
            let from = if by_quantity {
                let pieces: u64 = figure(*threshold).parse().or_field("coupons[].tiers")?;
                // No pieces at all are always there.
                pieces.max(1).into()
            } else {
                self.amounts(*threshold)?
            };
            let (name, worth) =
                if percent { ("percent", figure(*value).into()) } else { ("amount", self.amounts(*value)?) };
            steps.push(json!({"from": from, name: worth}));
        }
        let mut benefit = Map::new();
        benefit.insert("by".to_owned(), if by_quantity { "quantity" } else { "spend" }.into());
        benefit.insert("in".to_owned(), if of_line { "line" } else { "order" }.into());
        benefit.insert("steps".to_owned(), steps.into());
        self.put_cap(f, &mut benefit)?;
        self.target(f, &mut benefit)?;
        self.mapped.can_rise = self.touch.len() == 1 || self.context.universal;
        self.mapped.about.groups = true;
        self.one(if of_line { Stage::Line } else { Stage::Order }, "line", "tiers", benefit);
        Ok(())
    }

    fn reached(&self, basis: Option<&str>, threshold: Decimal, of_line: bool) -> Read<Value> {
        let range = if of_line { "qualifying" } else { "order" };
        match basis {
            None | Some("subtotal" | "order_subtotal" | "line_total" | "line") => {
                let amounts = self.amounts(threshold)?;
                Ok(json!({"minimum_spend": {"amounts": amounts, "basis": "list", "range": range}}))
            }
            Some("quantity" | "order_quantity" | "line_quantity") => {
                let pieces: u64 = figure(threshold).parse().or_field("coupons[].tiers")?;
                // No pieces at all are always there.
                let least = json!({"minimum_quantity": {"pieces": pieces.max(1), "range": range}});
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

    /// One amount off the first piece of a line, another off each other one.
    fn first_additional(&mut self, f: &Fields<'_>) -> Read<()> {
        self.once(f)?;
        let (Some(first), Some(additional)) = (f.decimal("first")?, f.decimal("additional")?) else {
            return f.malformed("first");
        };
        f.remarks(&["value"]);
        let per = match f.text("level")? {
            None | Some("line" | "unit") => "line",
            Some("order") => "order",
            Some(other) => return not_applicable(format!("coupons[].level={other} (of first_additional_per_unit)")),
        };
        let mut benefit = Map::new();
        benefit.insert("first".to_owned(), self.amounts(first)?);
        benefit.insert("further".to_owned(), self.amounts(additional)?);
        benefit.insert("per".to_owned(), per.into());
        self.put_cap(f, &mut benefit)?;
        self.target(f, &mut benefit)?;
        self.one(Stage::Line, "line", "first_further", benefit);
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
                benefit.insert("each_shipment".to_owned(), per_shipment.into());
            }
            _ => {
                benefit.insert("to_price".to_owned(), self.value_amounts(f)?);
                benefit.insert("each_shipment".to_owned(), per_shipment.into());
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
}
