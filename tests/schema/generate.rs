//! Documents at random that a schema accepts, drawn from nothing but the schema.

use serde_json::{Map, Value, json};

/// Draws documents.
pub struct Generator<'s> {
    schema: &'s Value,
    state: u64,
}

impl<'s> Generator<'s> {
    pub fn new(schema: &'s Value, seed: u64) -> Self {
        Self { schema, state: (seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) }
    }

    /// A number below another one.
    fn below(&mut self, bound: u64) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state >> 11) % bound.max(1)
    }

    pub fn document(&mut self) -> Value {
        self.value(self.schema, 0)
    }

    fn value(&mut self, schema: &'s Value, depth: u64) -> Value {
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            let name = reference.strip_prefix("#/$defs/").unwrap();
            return self.value(&self.schema["$defs"][name], depth);
        }
        if let Some(branches) = schema.get("anyOf").and_then(Value::as_array) {
            // The first is the simplest; deep down nothing else ends.
            let count = if depth > 7 { 1 } else { branches.len() as u64 };
            let drawn = self.below(count) as usize;
            return self.value(&branches[drawn], depth);
        }
        if let Some(fixed) = schema.get("const") {
            return fixed.clone();
        }
        if let Some(choices) = schema.get("enum").and_then(Value::as_array) {
            return choices[self.below(choices.len() as u64) as usize].clone();
        }
        match schema["type"].as_str().unwrap() {
            "boolean" => json!(self.below(2) == 1),
            "integer" => {
                let least = schema["minimum"].as_i64().unwrap().max(-3);
                let room = schema["maximum"].as_u64().unwrap().saturating_sub(least.max(0) as u64).min(20);
                json!(least + self.below(room + 1) as i64)
            }
            "string" => match schema.get("examples").and_then(Value::as_array) {
                Some(examples) => examples[self.below(examples.len() as u64) as usize].clone(),
                None => json!("text"),
            },
            "array" => {
                let least = schema.get("minItems").and_then(Value::as_u64).unwrap_or(0);
                let most = schema.get("maxItems").and_then(Value::as_u64).unwrap_or(u64::MAX);
                let count = (least + self.below(if depth > 5 { 1 } else { 3 })).min(most);
                let mut members: Vec<Value> = (0..count).map(|_| self.value(&schema["items"], depth + 1)).collect();
                if schema.get("uniqueItems").is_some() {
                    let mut once = Vec::new();
                    members.retain(|member| {
                        !once.contains(member) && {
                            once.push(member.clone());
                            true
                        }
                    });
                }
                Value::Array(members)
            }
            "object" => self.object(schema, depth),
            other => panic!("{other}"),
        }
    }

    fn object(&mut self, schema: &'s Value, depth: u64) -> Value {
        let mut fields = Map::new();
        let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
            let least = schema.get("minProperties").and_then(Value::as_u64).unwrap_or(0);
            let most = schema.get("maxProperties").and_then(Value::as_u64).unwrap_or(2);
            for _ in 0..(least + self.below(2)).min(most) {
                let name = self.value(&schema["propertyNames"], depth + 1);
                fields
                    .insert(name.as_str().unwrap().to_owned(), self.value(&schema["additionalProperties"], depth + 1));
            }
            return Value::Object(fields);
        };
        let needed: Vec<&str> = names(schema.get("required"));
        let seldom = 3 + 2 * depth + properties.len() as u64 / 4;
        for (name, part) in properties {
            if needed.contains(&name.as_str()) || self.below(seldom) == 0 {
                fields.insert(name.clone(), self.value(part, depth + 1));
            }
        }
        for rule in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            self.obey(rule, properties, &mut fields, depth);
        }
        Value::Object(fields)
    }

    fn obey(
        &mut self,
        rule: &'s Value,
        properties: &'s Map<String, Value>,
        fields: &mut Map<String, Value>,
        depth: u64,
    ) {
        let each = |rules: &'s Value| -> Vec<&'s str> {
            rules.as_array().unwrap().iter().flat_map(|rule| names(rule.get("required"))).collect()
        };
        if let Some(one) = rule.get("oneOf") {
            let one = each(one);
            let kept = one[self.below(one.len() as u64) as usize];
            for name in one {
                fields.remove(name);
            }
            fields.insert(kept.to_owned(), self.value(&properties[kept], depth + 1));
        } else if let Some(some) = rule.get("anyOf") {
            let some = each(some);
            if !some.iter().any(|name| fields.contains_key(*name)) {
                let added = some[self.below(some.len() as u64) as usize];
                fields.insert(added.to_owned(), self.value(&properties[added], depth + 1));
            }
        } else if let Some(both) = rule.get("not") {
            let both = names(both.get("required"));
            if both.iter().all(|name| fields.contains_key(*name)) {
                fields.remove(both[1]);
            }
        } else if let Some(with) = rule.get("dependentRequired").and_then(Value::as_object) {
            for (name, others) in with
                .iter()
                .filter(|(name, _)| fields.contains_key(*name))
                .map(|(n, o)| (n.clone(), o))
                .collect::<Vec<_>>()
            {
                for other in names(Some(others)) {
                    assert_ne!(name, other);
                    if !fields.contains_key(other) {
                        fields.insert(other.to_owned(), self.value(&properties[other], depth + 1));
                    }
                }
            }
        } else if let Some(condition) = rule.get("if") {
            let (field, holds) = condition["properties"].as_object().unwrap().iter().next().unwrap();
            let then = if fields.get(field) == Some(&holds["const"]) { &rule["then"] } else { &rule["else"] };
            for (name, part) in then["properties"].as_object().unwrap() {
                if fields.contains_key(name) {
                    fields.insert(name.clone(), self.value(part, depth + 1));
                }
            }
        }
    }
}

fn names(list: Option<&Value>) -> Vec<&str> {
    list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}
