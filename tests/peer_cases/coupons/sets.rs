//! Coupons on sets of pieces.

use serde_json::{Map, Value, json};

use super::scope::Scope;
use super::{Part, Stage, Terms};
use crate::runner::fields::{Fields, Read, figure, not_applicable, put};

impl Terms<'_> {
    /// So many pieces together at a price.
    pub(super) fn bundle(&mut self, f: &Fields<'_>) -> Read<()> {
        let Some(size) = f.whole("bundle_size")? else { return f.malformed("bundle_size") };
        let mut bundle = Map::new();
        bundle.insert("parts".to_owned(), json!([{ "pieces": size }]));
        bundle.insert("price".to_owned(), self.value_amounts(f)?);
        self.pick(f, &mut bundle)?;
        self.set(f, "bundle", bundle)
    }

    /// One piece of each group for nothing, by its place.
    pub(super) fn nth(&mut self, f: &Fields<'_>) -> Read<()> {
        let (Some(of), Some(nth)) = (f.whole("group_size")?, f.whole("nth")?) else { return f.malformed("group_size") };
        let take = f.whole("value")?.unwrap_or(1);
        let mut benefit = json!({"of": of, "take": take, "reward": "free"});
        let dearest = match f.text("sort")? {
            None | Some("price_asc") => false,
            Some("price_desc") => true,
            Some(other) => return not_applicable(format!("coupons[].sort={other}")),
        };
        put(&mut benefit, "sets", json!(if dearest { "dearest_first" } else { "cheapest_first" }));
        match f.text("picking")? {
            None | Some("per_group") => put(&mut benefit, "which", json!({ "position": nth })),
            Some("pool") if nth == 1 => {
                put(&mut benefit, "which", json!(if dearest { "dearest" } else { "cheapest" }));
                put(&mut benefit, "from", json!("pool"));
            }
            Some(other) => return not_applicable(format!("coupons[].picking={other} (of piece {nth})")),
        }
        self.set(f, "nth", benefit.as_object().cloned().unwrap_or_default())
    }

    /// The cheapest of so many for nothing.
    pub(super) fn cheapest_of(&mut self, f: &Fields<'_>) -> Read<()> {
        let of = f.whole("min_quantity")?.unwrap_or(1);
        let take = f.whole("value")?.unwrap_or(1);
        let benefit = json!({"of": of, "take": take, "sets": "cheapest_first", "reward": "free"});
        self.set(f, "nth", benefit.as_object().cloned().unwrap_or_default())
    }

    /// Buy some and get others of the same product for nothing.
    pub(super) fn buy_x_get_y(&mut self, f: &Fields<'_>) -> Read<()> {
        let (Some(buy), Some(get)) = (f.whole("buy")?, f.whole("get")?) else { return f.malformed("buy") };
        let incomplete = f.flag("partial_get")?.unwrap_or(false);
        f.remarks(&["value"]);
        let benefit = json!({"buy": [{"pieces": buy}], "get": {"pieces": get}, "reward": "free",
            "incomplete": incomplete, "among": "product"});
        self.set(f, "buy_get", benefit.as_object().cloned().unwrap_or_default())
    }

    /// Buy some, get others cheaper.
    pub(super) fn buy_get(&mut self, f: &Fields<'_>) -> Read<()> {
        let (Some(buy), Some(get)) = (f.raw("buy"), f.raw("get")) else { return f.malformed("buy") };
        let (buy, get) = (Fields::of(buy, "coupons[].buy")?, Fields::of(get, "coupons[].get")?);
        let side = |f: &Fields<'_>| -> Read<Scope> {
            Ok(Scope { skus: f.texts("skus")?, categories: f.texts("categories")?, ..Scope::default() })
        };
        let (bought, given) = (side(&buy)?, side(&get)?);
        let (least, most) = (buy.whole("min_quantity")?.unwrap_or(1), get.whole("quantity")?.unwrap_or(1));
        let partial = f.flag("partial_get")? == Some(true);
        let reward = match get.text("discount")? {
            Some("percent") => {
                let Some(off) = f.decimal("value")? else { return f.malformed("value") };
                json!({"percent": figure(off)})
            }
            Some("free") | None => {
                f.remarks(&["value"]);
                json!("free")
            }
            Some("amount_per_unit") => json!({"amount": self.value_amounts(f)?}),
            Some(other) => return not_applicable(format!("coupons[].get.discount={other}")),
        };
        buy.finish()?;
        get.finish()?;
        let either = self.context.reading.either_list;
        let currency = self.context.facts.currency.to_string();
        // The scope of a coupon is about what it lowers; what is bought may be anything.
        let own = std::mem::take(&mut self.scope).json(either, &currency);
        let given = match (own, given.json(either, &currency)) {
            (Some(own), Some(given)) => json!({"all": [own, given]}),
            (own, given) => own.or(given).unwrap_or_else(|| json!("open")),
        };
        let (mut part, mut quantity) = (json!({"pieces": least}), json!({"pieces": least, "range": "order"}));
        if let Some(of) = bought.json(either, &currency) {
            put(&mut part, "of", of.clone());
            put(&mut quantity, "of", of);
        }
        let mut benefit = Map::new();
        benefit.insert("buy".to_owned(), json!([part]));
        benefit.insert("get".to_owned(), json!({"pieces": most, "of": given}));
        benefit.insert("reward".to_owned(), reward);
        if partial {
            benefit.insert("incomplete".to_owned(), json!(true));
        }
        self.pick(f, &mut benefit)?;
        self.conditions.push(json!({"minimum_quantity": quantity}));
        self.mapped.about.requires = true;
        self.mapped.about.min_quantity = true;
        self.set(f, "buy_get", benefit)
    }

    fn set(&mut self, f: &Fields<'_>, kind: &str, mut benefit: Map<String, Value>) -> Read<()> {
        if let Some(most) = f.whole("max_applications")? {
            benefit.insert("max_sets".to_owned(), most.into());
        }
        self.mapped.about.groups = true;
        self.mapped.stage = Stage::Line;
        self.level = "line";
        self.parts.push(Part { benefits: vec![json!({ kind: benefit })], conditions: Vec::new(), scope: None });
        Ok(())
    }
}
