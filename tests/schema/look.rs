//! Finds the part of a schema that a place of a document falls under.

use std::collections::BTreeSet;

use serde_json::Value;

use super::damage::Step;

/// A schema to look into.
pub struct Look<'s>(pub &'s Value);

/// A part of it, with its place there.
type At<'s> = (String, &'s Value);

impl<'s> Look<'s> {
    fn resolved(&self, (at, schema): At<'s>) -> At<'s> {
        match schema.get("$ref").and_then(Value::as_str) {
            Some(reference) => {
                let name = reference.strip_prefix("#/$defs/").unwrap();
                self.resolved((name.to_owned(), &self.0["$defs"][name]))
            }
            None => (at, schema),
        }
    }

    /// The alternatives that a part consists of, itself where it has none.
    fn branches(&self, at: At<'s>) -> Vec<At<'s>> {
        let (at, schema) = self.resolved(at);
        match schema.get("anyOf").and_then(Value::as_array) {
            Some(branches) => {
                let branch = |(i, branch)| self.branches((format!("{at}/{i}"), branch));
                branches.iter().enumerate().flat_map(branch).collect()
            }
            None => vec![(at, schema)],
        }
    }

    /// The one of the alternatives that a value is meant for.
    fn branch(&self, at: At<'s>, value: &Value) -> Option<At<'s>> {
        let kind = match value {
            Value::Object(_) => "object",
            Value::Array(_) => "array",
            Value::String(_) => "string",
            Value::Number(_) => "integer",
            _ => "boolean",
        };
        let mut fitting = self.branches(at).into_iter().filter(|(_, schema)| {
            let named = schema.get("properties").and_then(Value::as_object);
            let holds = |name: &String| named.is_none_or(|named| named.contains_key(name));
            let kinds = schema.get("enum").and_then(Value::as_array);
            let fixed = |(name, value): (&String, &Value)| {
                let choices = named.and_then(|named| named.get(name)?.get("enum")?.as_array());
                choices.is_none_or(|choices| choices.contains(value))
            };
            schema.get("type").and_then(Value::as_str).unwrap_or("boolean") == kind
                && kinds.is_none_or(|kinds| kinds.contains(value))
                && value.as_object().is_none_or(|fields| fields.keys().all(holds) && fields.iter().all(fixed))
        });
        fitting.next()
    }

    /// The part that the value at this place falls under.
    fn at(&self, document: &Value, place: &[Step]) -> Option<(At<'s>, Value)> {
        let mut at = ("".to_owned(), self.0);
        let mut value = document;
        for step in place {
            let (name, schema) = self.branch(at, value)?;
            (at, value) = match step {
                Step::Field(field) => match schema.get("properties") {
                    Some(properties) => ((format!("{name}.{field}"), properties.get(field)?), value.get(field)?),
                    None => ((format!("{name}.*"), schema.get("additionalProperties")?), value.get(field)?),
                },
                Step::Member(place) => ((format!("{name}[]"), schema.get("items")?), value.get(place)?),
            };
        }
        Some((at, value.clone()))
    }

    /// The table of the object at this place: where it stands in the schema, and its fields. An object with one field that
    /// says which of several it is, is none.
    pub fn table(&self, document: &Value, place: &[Step]) -> Option<(String, BTreeSet<String>)> {
        let (at, value) = self.at(document, place)?;
        let (name, schema) = self.branch(at.clone(), &value)?;
        let fields = schema.get("properties")?.as_object()?;
        let tagged = self.branches(at).len() > 1 && is_tagged(schema);
        (!tagged).then(|| (name, fields.keys().cloned().collect()))
    }

    /// All tables.
    pub fn tables(&self) -> Vec<String> {
        let mut found = BTreeSet::new();
        let mut seen = BTreeSet::new();
        self.walk((String::new(), self.0), &mut found, &mut seen);
        found.into_iter().collect()
    }

    fn walk(&self, at: At<'s>, found: &mut BTreeSet<String>, seen: &mut BTreeSet<String>) {
        let branches = self.branches(at);
        let several = branches.len() > 1;
        for (name, schema) in branches {
            if !seen.insert(name.clone()) {
                continue;
            }
            if let Some(fields) = schema.get("properties").and_then(Value::as_object) {
                if !(several && is_tagged(schema)) {
                    found.insert(name.clone());
                }
                for (field, schema) in fields {
                    self.walk((format!("{name}.{field}"), schema), found, seen);
                }
            }
            if let Some(schema) = schema.get("additionalProperties").filter(|schema| schema.is_object()) {
                self.walk((format!("{name}.*"), schema), found, seen);
            }
            if let Some(schema) = schema.get("items") {
                self.walk((format!("{name}[]"), schema), found, seen);
            }
        }
    }

    /// The names from which the value at this place is chosen, alone or with what belongs to them.
    pub fn choices(&self, document: &Value, place: &[Step]) -> Option<(String, BTreeSet<String>)> {
        let (at, _) = self.at(document, place)?;
        let name = self.resolved(at.clone()).0;
        let mut names = BTreeSet::new();
        let branches = self.branches(at);
        for (_, schema) in &branches {
            if let Some(members) = schema.get("enum").and_then(Value::as_array) {
                names.extend(members.iter().map(|name| name.as_str().unwrap().to_owned()));
            } else if is_tagged(schema) && branches.len() > 1 {
                names.extend(schema["properties"].as_object()?.keys().cloned());
            } else {
                return None;
            }
        }
        (!names.is_empty()).then_some((name, names))
    }
}

/// An object with one field, which it must have.
fn is_tagged(schema: &Value) -> bool {
    schema.get("properties").and_then(Value::as_object).is_some_and(|fields| fields.len() == 1)
        && schema.get("required").and_then(Value::as_array).is_some_and(|needed| needed.len() == 1)
}
