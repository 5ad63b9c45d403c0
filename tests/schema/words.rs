//! Doc comments, found in the sources.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use serde_json::Value;

/// Descriptions by type, or by type and field; and what has none.
pub struct Words {
    pub words: BTreeMap<String, String>,
    pub missing: BTreeSet<String>,
}

/// Where the name in JSON is another one than in code, or another type says it.
const ELSEWHERE: &[(&str, &str)] = &[
    ("Steps.in", "Steps.within"),
    ("Tiers.in", "Tiers.within"),
    ("Tiers.marginal", "Tiers.is_marginal"),
    ("Customers.only", "Customers.allowed"),
    ("Line.product", "LineDraft.product"),
    ("AccessRule.to", "AccessRule.audience"),
    ("QuantityRule.to", "QuantityRule.audience"),
    ("Allowance.to", "Allowance.audience"),
    ("PriceList.for", "PriceList.holders"),
    ("Membership.type", "Membership.customer_type"),
    ("ShippingOff.free", "ShippingValue.Free"),
    ("ShippingOff.percent", "ShippingValue.Percent"),
    ("ShippingOff.amount", "ShippingValue.Amount"),
    ("ShippingOff.to_price", "ShippingValue.ToPrice"),
    ("Bundle.price", "BundleValue.Price"),
    ("Bundle.percent", "BundleValue.Percent"),
    ("Bundle.amount", "BundleValue.Amount"),
    ("PriceEntry.price", "PriceValue.Price"),
    ("PriceEntry.percent_off", "PriceValue.PercentOff"),
    ("PriceEntry.amount_off", "PriceValue.AmountOff"),
    ("PolicyOfShop", "Policy"),
    ("StandardCode", "CodeFormat.Standard"),
    ("ImportedFormCode", "CodeFormat.Imported"),
    ("PercentNotZero", "Percent"),
    ("AmountsNotZero", "Amounts"),
    ("PriceTableNotZero", "PriceTable"),
    ("Visibility", "VisibilityDraft"),
    ("Weekday", "Weekly.weekdays"),
    ("Period", "Validity"),
    ("Period.from", "DayRange.from"),
    ("Period.thru", "DayRange.thru"),
    ("Validity.from", "DayRange.from"),
    ("Validity.thru", "DayRange.thru"),
    ("AllowanceWindow.from", "DayRange.from"),
    ("AllowanceWindow.thru", "DayRange.thru"),
    ("AccessRule.allow", "AccessRule.permissions"),
    ("AccessRule.deny", "AccessRule.permissions"),
    ("EarnRule.purchase", "EarnTrigger.Purchase"),
    ("EarnRule.event", "EarnTrigger.Event"),
    ("EarnRule.anniversary", "EarnTrigger.Anniversary"),
    ("EarnRule.pieces", "PurchaseTrigger.pieces"),
    ("EarnRule.per", "PurchaseTrigger.per"),
    ("EarnRule.on_return", "PurchaseTrigger.on_return"),
    ("EarnRule.scope", "PurchaseTrigger.scope"),
    ("EarnRule.of", "AnniversaryTrigger.date"),
    ("EarnRule.leap_day", "AnniversaryTrigger.leap_day"),
    ("EarnRule.days_before", "AnniversaryTrigger.days_before"),
    ("EarnRule.days_after", "AnniversaryTrigger.days_after"),
    ("Steps.percent", "StepValue.Percent"),
    ("Steps.amount", "StepValue.Amount"),
    ("Tier.percent", "StepValue.Percent"),
    ("Tier.amount", "StepValue.Amount"),
    ("Billing.days", "BillingPeriod.Days"),
    ("Billing.months", "BillingPeriod.Months"),
    ("OfferBenefit", "Benefit"),
    ("OfferCombination", "Combination"),
];

/// Types that a macro makes, with the file of the macro.
const MADE: &[(&str, &str)] = &[
    ("MinimumSpend", "spend"),
    ("MaximumSpend", "spend"),
    ("CustomerTypes", "selection"),
    ("Regions", "selection"),
    ("PaymentOptions", "selection"),
    ("ShippingMethods", "selection"),
    ("PaymentOffer", "options"),
    ("ShippingOffer", "options"),
];

pub fn words(schemas: &[Value]) -> Words {
    let docs = docs();
    let mut wanted = BTreeSet::new();
    for schema in schemas {
        want(&name(schema), schema, &mut wanted);
        for (name, part) in schema.get("$defs").and_then(Value::as_object).into_iter().flatten() {
            want(name, part, &mut wanted);
        }
    }
    let mut found = Words { words: BTreeMap::new(), missing: BTreeSet::new() };
    for key in wanted {
        match doc(&key, &docs) {
            Some(words) => drop(found.words.insert(key, words)),
            None => drop(found.missing.insert(key)),
        }
    }
    found
}

/// The type that a title names: "Percent off" is `PercentOff`.
fn name(schema: &Value) -> String {
    schema["title"].as_str().unwrap().split(' ').map(camel).collect()
}

fn camel(word: &str) -> String {
    let mut characters = word.chars();
    characters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(characters).collect()
}

/// The type and every field of it, but for what is a type of its own.
fn want(of: &str, schema: &Value, wanted: &mut BTreeSet<String>) {
    wanted.insert(of.to_owned());
    fields(of, schema, wanted);
}

fn fields(of: &str, schema: &Value, wanted: &mut BTreeSet<String>) {
    for (name, part) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        if name != "version" {
            wanted.insert(format!("{of}.{name}"));
        }
        fields(of, part, wanted);
    }
    for part in schema.get("anyOf").and_then(Value::as_array).into_iter().flatten() {
        fields(of, part, wanted);
    }
}

fn doc(key: &str, docs: &BTreeMap<String, String>) -> Option<String> {
    let made = MADE.iter().find(|(of, _)| key.split_once('.').is_some_and(|(owner, _)| owner == *of));
    if let (Some((_, file)), Some((_, field))) = (made, key.split_once('.')) {
        let field = match field {
            "to" => "audience",
            "preferred_by" => "preferring",
            "only" => "allowed",
            "except" => "excluded",
            "option" | "method" => "id",
            field => field,
        };
        return docs.get(&format!("{file}.{field}")).cloned();
    }
    let elsewhere = ELSEWHERE.iter().find(|(from, _)| *from == key).map(|(_, to)| (*to).to_owned());
    let (of, field) = key.split_once('.').map_or((key, None), |(of, field)| (of, Some(field)));
    let candidates = match field {
        None => vec![of.to_owned(), format!("{of}Draft"), format!("loose {of}")],
        Some(field) => {
            let variant: String = field.split('_').map(camel).collect();
            vec![
                format!("{of}Draft.{field}"),
                format!("{of}.{field}"),
                format!("{of}.is_{field}"),
                format!("{of}.{variant}"),
                // What all benefits with a target have.
                format!("Target.{field}"),
                // What an inner document shares with one that stands alone.
                of.strip_suffix("OfShop").map(|of| format!("{of}Draft.{field}")).unwrap_or_default(),
                of.strip_prefix("Offer").map(|of| format!("{of}.{field}")).unwrap_or_default(),
                of.strip_prefix("Offer").map(|of| format!("{of}.{variant}")).unwrap_or_default(),
                format!("Coupon.{field}"),
                format!("IssuedCodeDraft.{field}"),
            ]
        }
    };
    elsewhere.into_iter().chain(candidates).find_map(|candidate| docs.get(&candidate).cloned())
}

/// The first paragraph of every doc comment, by type and member.
fn docs() -> BTreeMap<String, String> {
    let mut files = Vec::new();
    let mut folders = vec![PathBuf::from(super::ROOT).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    let mut found = BTreeMap::new();
    for file in files.iter().filter(|file| file.extension().is_some_and(|e| e == "rs")) {
        let stem = file.file_stem().unwrap().to_str().unwrap();
        read(stem, &fs::read_to_string(file).unwrap(), &mut found);
    }
    found
}

fn read(stem: &str, text: &str, found: &mut BTreeMap<String, String>) {
    let mut owner = String::new();
    let mut doc: Vec<&str> = Vec::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if line.starts_with("#[cfg(test)]") && lines.peek().is_some_and(|next| next.ends_with('{')) {
            break;
        }
        let plain = line.trim_start();
        if let Some(words) = plain.strip_prefix("///") {
            doc.push(words.trim());
            continue;
        }
        if plain.starts_with("#[") || plain.starts_with("//") {
            continue;
        }
        let words = paragraph(&doc);
        doc.clear();
        let identifier =
            |text: &str| -> String { text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect() };
        let item = ["pub struct ", "pub enum "].iter().find_map(|start| plain.strip_prefix(start));
        if let Some(rest) = item {
            owner = identifier(rest);
            if owner.is_empty() {
                owner = stem.to_owned();
            }
            put(found, owner.clone(), words);
        } else if let Some(rest) = plain.strip_prefix("impl ") {
            owner = identifier(rest.split(" for ").last().unwrap());
            if owner.is_empty() {
                owner = stem.to_owned();
            }
        } else if let Some(rest) = plain.strip_prefix("pub fn ").or_else(|| plain.strip_prefix("pub const fn ")) {
            // What reads a value, not what sets it.
            if plain.contains("(&self)") || plain.contains("(self)") {
                put(found, format!("{owner}.{}", identifier(rest)), words);
            }
        } else {
            let member = identifier(plain.strip_prefix("pub ").unwrap_or(plain));
            let json =
                plain.split_once("= \"").and_then(|(_, rest)| rest.split_once('"')).map(|(json, _)| json.to_owned());
            // The ids of one macro have their type and their path in a line.
            let id = plain.strip_suffix("\";").and_then(|rest| rest.split_once(", \"")).map(|(name, _)| name);
            match (id, json) {
                (Some(id), _) => put(found, id.to_owned(), words),
                (None, Some(json)) if plain.contains(": ") => put(found, format!("{owner}.{json}"), words),
                // A field that is not public speaks to nobody outside.
                _ if plain.starts_with(&format!("{member}: ")) => {}
                _ if !member.is_empty() && !plain.starts_with("pub(") => {
                    // A macro that declares a type begins with its name.
                    put(found, format!("loose {member}"), words.clone());
                    put(found, format!("{owner}.{member}"), words);
                }
                _ => {}
            }
        }
    }
}

fn put(found: &mut BTreeMap<String, String>, key: String, words: Option<String>) {
    if let Some(words) = words {
        found.entry(key).or_insert(words);
    }
}

/// The first paragraph, without links.
fn paragraph(doc: &[&str]) -> Option<String> {
    let lines: Vec<&str> = doc.iter().take_while(|line| !line.is_empty()).copied().collect();
    let mut text = lines.join(" ");
    while let Some(end) = text.find("](") {
        let Some(close) = text[end..].find(')') else { break };
        text.replace_range(end..=end + close, "]");
    }
    // A document has no `None`.
    let text = text.replace("[`", "`").replace("`]", "`").replace("`None`", "absent");
    (!text.is_empty()).then_some(text)
}
