//! A shop with customer types, a customer, and an order: what both sides of the comparison read.

pub mod engine;
pub mod random;
pub mod shrink;
pub mod twin;

use std::fmt;

use serde_json::{Map, Value, json};

use crate::access::{Offer, Permission, Rule};
use crate::case::{Case, Number, thousandths};
use crate::prices::{Entry, Holders, List, Strategy, Value as Price};
use crate::quantities::{Allowance, Grant, QuantityRule};
use crate::types::{DAY, Held, Tree, Types, date, instant, type_name, type_names};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Market {
    pub case: Case,
    pub at: i64,
    /// The merchant's zone: Berlin, or UTC.
    pub berlin: bool,
    pub types: Types,
    pub tree: Tree,
    /// The customer's identity keys, and whether a customer without any is refused.
    pub keys: Vec<u8>,
    pub flag_guests: bool,
    pub held: Held,
    pub grants: Vec<Grant>,
    /// Type, product and price.
    pub prices: Vec<(u8, u8, Number)>,
    pub lists: Vec<List>,
    pub strategy: Strategy,
    pub visible_only_to: Vec<(u8, Vec<u8>)>,
    pub rules: Vec<Rule>,
    pub payment: Option<Vec<Offer>>,
    pub shipping: Option<Vec<Offer>>,
    /// The payment option that the order chose.
    pub pays: Option<u8>,
    pub quantities: Vec<QuantityRule>,
    pub allowances: Vec<Allowance>,
    /// What is taken of an allowance, by its number.
    pub taken: Vec<(u8, u64)>,
}

impl Market {
    /// A shop without any rules and a customer without any type, for an order.
    pub fn plain(case: Case) -> Self {
        Self {
            case,
            at: 0,
            berlin: false,
            types: Types::default(),
            tree: Tree::new(),
            keys: vec![1],
            flag_guests: false,
            held: Held::default(),
            grants: Vec::new(),
            prices: Vec::new(),
            lists: Vec::new(),
            strategy: Strategy::MostSpecific,
            visible_only_to: Vec::new(),
            rules: Vec::new(),
            payment: None,
            shipping: None,
            pays: None,
            quantities: Vec::new(),
            allowances: Vec::new(),
            taken: Vec::new(),
        }
    }

    /// The local day of an instant, counted from 2026-03-29 on. Berlin is one hour ahead, and two from 01:00Z of that
    /// day to 2026-10-25T01:00Z.
    pub fn local_day(&self, at: i64) -> i64 {
        let summer = (60..210 * DAY + 60).contains(&at);
        let ahead = match (self.berlin, summer) {
            (false, _) => 0,
            (true, false) => 60,
            (true, true) => 120,
        };
        (at + ahead).div_euclid(DAY)
    }

    /// The instant at which a local day begins.
    pub fn midnight(&self, day: i64) -> i64 {
        (-2 * DAY..=2 * DAY)
            .map(|apart| day * DAY + apart)
            .find(|at| self.local_day(*at) == day && self.local_day(at - 1) < day)
            .unwrap()
    }

    /// The document of the shop, with the policy that the case asks for.
    pub fn shop_json(&self, mut policy: Value) -> Value {
        let mut map = Map::new();
        let mut put = |name: &str, value: Value| drop(map.insert(name.to_owned(), value));
        policy["zone"] = if self.berlin { "Europe/Berlin" } else { "UTC" }.into();
        if self.flag_guests {
            policy["no_identity"] = "apply_and_flag".into();
        }
        put("version", 1.into());
        put("policy", policy);
        let currency = self.case.policy.currency();
        let foreign = if currency == "EUR" { "USD" } else { "EUR" };
        let list = |of: Vec<Value>| Value::from(of);
        if !self.types.defined.is_empty() {
            let defined = self.types.defined.iter();
            put("customer_types", list(defined.map(|(t, rank)| json!({"id": type_name(*t), "rank": rank})).collect()));
        }
        if let Some(default) = self.types.default {
            put("default_type", type_name(default).into());
        }
        if !self.tree.is_empty() {
            let of = self.tree.iter().map(|(c, above)| match above {
                None => json!(format!("C{c}")),
                Some(above) => json!({"id": format!("C{c}"), "parent": format!("C{above}")}),
            });
            put("categories", list(of.collect()));
        }
        if !self.prices.is_empty() {
            let of = self.prices.iter().map(|(t, product, price)| {
                let price = price.to_string();
                json!({"customer_type": type_name(*t), "product": format!("P{product}"), "currency": currency, "price": price})
            });
            put("prices", list(of.collect()));
        }
        if !self.lists.is_empty() {
            put("price_lists", list(self.lists.iter().map(|l| l.json(currency, foreign)).collect()));
        }
        match self.strategy {
            Strategy::MostSpecific => {}
            Strategy::Lowest => put("price_strategy", "lowest".into()),
            Strategy::Priority => put("price_strategy", "priority".into()),
        }
        if !self.visible_only_to.is_empty() {
            let of = self.visible_only_to.iter();
            let of = of.map(|(p, types)| json!({"product": format!("P{p}"), "customer_types": type_names(types)}));
            put("visible_only_to", list(of.collect()));
        }
        if !self.rules.is_empty() {
            put("access", list(self.rules.iter().map(Rule::json).collect()));
        }
        for (name, letter, key, offers) in
            [("payment_options", "B", "option", &self.payment), ("shipping_options", "M", "method", &self.shipping)]
        {
            if let Some(offers) = offers {
                put(name, list(offers.iter().map(|o| o.json(letter, key)).collect()));
            }
        }
        if !self.quantities.is_empty() {
            put("quantity_rules", list(self.quantities.iter().map(QuantityRule::json).collect()));
        }
        if !self.allowances.is_empty() {
            put("allowances", list(self.allowances.iter().map(Allowance::json).collect()));
        }
        map.into()
    }

    pub fn customer_json(&self) -> Value {
        let mut map = Map::new();
        map.insert("version".to_owned(), 1.into());
        self.held.put(&mut map);
        if !self.keys.is_empty() {
            map.insert("keys".to_owned(), self.keys.iter().map(|k| Value::from(format!("id:{k}"))).collect());
        }
        if !self.grants.is_empty() {
            map.insert("allowance_grants".to_owned(), self.grants.iter().map(Grant::json).collect());
        }
        map.into()
    }
}

impl List {
    fn json(&self, currency: &str, foreign: &str) -> Value {
        let holders = match &self.holders {
            Holders::Types(of) => json!({"types": type_names(of)}),
            Holders::Customers(of) => json!({"customers": of.iter().map(|k| format!("id:{k}")).collect::<Vec<_>>()}),
        };
        let mut validity = Map::new();
        for (name, day) in [("from", self.days.0), ("thru", self.days.1)] {
            if let Some(day) = day {
                validity.insert(name.to_owned(), date(day).into());
            }
        }
        let mut list = json!({
            "id": format!("L{}", self.id),
            "for": holders,
            "priority": self.priority,
            "entries": self.entries.iter().map(|e| e.json(currency, foreign)).collect::<Vec<_>>(),
        });
        if !validity.is_empty() {
            list["validity"] = validity.into();
        }
        list
    }
}

impl Entry {
    fn json(&self, currency: &str, foreign: &str) -> Value {
        let in_currency = |is_foreign: bool, number: Number| {
            let name = if is_foreign { foreign } else { currency };
            json!({ name: number.to_string() })
        };
        let (name, value) = match self.value {
            Price::Price(price, is_foreign) => ("price", in_currency(is_foreign, price)),
            Price::AmountOff(off, is_foreign) => ("amount_off", in_currency(is_foreign, off)),
            Price::PercentOff(off) => ("percent_off", thousandths(off).into()),
        };
        json!({"goods": self.goods.json(), "from": u64::try_from(self.from).unwrap(), name: value})
    }
}

impl Rule {
    fn json(&self) -> Value {
        let permissions: Vec<&str> = self.permissions.iter().map(|p| Permission::name(*p)).collect();
        let effect = if self.allows { "allow" } else { "deny" };
        json!({effect: permissions, "goods": self.goods.json(), "to": self.to.json()})
    }
}

impl Offer {
    fn json(&self, letter: &str, key: &str) -> Value {
        let mut offer = json!({key: format!("{letter}{}", self.option), "to": self.to.json()});
        if let Some(by) = &self.preferred_by {
            offer["preferred_by"] = by.json();
        }
        offer
    }
}

impl fmt::Display for Market {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.case)?;
        for line in self.case.lines.iter().filter(|l| l.parent.is_some()) {
            writeln!(f, "line {} is a variant of P{}", line.id, line.parent.unwrap_or_default())?;
        }
        writeln!(f, "shop {}", self.shop_json(json!({})))?;
        writeln!(f, "customer {} at {}", self.customer_json(), instant(self.at))?;
        if let Some(option) = self.pays {
            writeln!(f, "pays with B{option}")?;
        }
        for (of, units) in &self.taken {
            writeln!(f, "taken of A{of}: {units}")?;
        }
        Ok(())
    }
}
