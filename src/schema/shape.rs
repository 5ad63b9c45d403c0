//! What a table of the schema is made of, and how it becomes JSON.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// The form of one value.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shape {
    /// True or false.
    Flag,
    /// Nothing but true.
    True,
    /// A whole number between two others, both inclusive.
    Whole(u64, u64),
    /// A whole number of 32 bits with a sign.
    Signed,
    /// Text of at most so many characters.
    Text(u64),
    /// Text that a pattern describes.
    Pattern(&'static Pattern),
    /// One of these names.
    Names(&'static [&'static str]),
    /// What another table describes.
    Def(&'static str),
    /// A list of so many to so many.
    List(&'static Shape, u64, u64),
    /// A list of at least so many, each once.
    Set(&'static Shape, u64),
    /// An object whose names are data.
    Map(&'static Table),
    /// An object with one field of this name.
    Tagged(&'static str, &'static Shape),
    /// An object with named fields.
    Object(&'static Object),
    /// One of these; one that is a choice itself stands for its members.
    Any(&'static [Shape]),
    /// Anything that the engine writes there: not promised here.
    Written(&'static str),
}

/// The most members of a list that has no bound of its own.
pub(super) const ANY: u64 = u64::MAX;

/// Text with a form of its own.
#[derive(Debug)]
pub(super) struct Pattern {
    /// A regular expression without anything that engines treat differently.
    pub(super) pattern: &'static str,
    /// The most characters, where the pattern does not say.
    pub(super) most: Option<u64>,
    /// The `format` of JSON Schema.
    pub(super) format: Option<&'static str>,
    /// Whether a figure of zero is refused.
    pub(super) not_zero: bool,
    pub(super) examples: &'static [&'static str],
}

/// An object whose names are data.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) names: Shape,
    pub(super) values: Shape,
    pub(super) least: u64,
    pub(super) most: u64,
}

/// An object with named fields; a field that stands in none of the groups is refused.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) fields: &'static [&'static [Field]],
    pub(super) rules: &'static [Rule],
}

/// One field.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    name: &'static str,
    shape: Shape,
    needed: bool,
}

/// A field that must be there.
pub(super) const fn need(name: &'static str, shape: Shape) -> Field {
    Field { name, shape, needed: true }
}

/// A field that may be absent.
pub(super) const fn may(name: &'static str, shape: Shape) -> Field {
    Field { name, shape, needed: false }
}

/// What holds between fields of one object.
#[derive(Debug, Clone, Copy)]
pub(super) enum Rule {
    /// Exactly one of them is there.
    One(&'static [&'static str]),
    /// At least one of them is there.
    Some(&'static [&'static str]),
    /// Not both are there.
    NotBoth(&'static str, &'static str),
    /// Where the first is there, the second is as well.
    With(&'static str, &'static str),
    /// Where the field holds this name, another one has this form; else that one.
    Where(&'static str, &'static str, &'static str, Shape, Shape),
}

/// The words of the tables, the tables by name, and what was asked for.
pub(super) struct Render<'w> {
    pub(super) words: &'w Map<String, Value>,
    /// What stands before the name of a table where another one refers to it.
    pub(super) prefix: &'static str,
    pub(super) asked: BTreeSet<&'static str>,
}

impl Render<'_> {
    /// A table with its title and its description.
    pub(super) fn table(&mut self, name: &'static str, shape: &Shape) -> Value {
        let mut schema = self.shape(name, shape);
        put(&mut schema, "title", title(name));
        if let Some(words) = self.words.get(name) {
            put(&mut schema, "description", words.clone());
        }
        schema.into()
    }

    fn shape(&mut self, owner: &'static str, shape: &Shape) -> Map<String, Value> {
        match *shape {
            Shape::Flag => typed("boolean"),
            Shape::True => object([("const", true.into())]),
            Shape::Whole(least, most) => {
                let mut schema = typed("integer");
                put(&mut schema, "minimum", least);
                put(&mut schema, "maximum", most);
                schema
            }
            Shape::Signed => {
                let mut schema = typed("integer");
                put(&mut schema, "minimum", i32::MIN);
                put(&mut schema, "maximum", i32::MAX);
                schema
            }
            Shape::Text(most) => {
                let mut schema = typed("string");
                if most != ANY {
                    put(&mut schema, "maxLength", most);
                }
                schema
            }
            Shape::Pattern(pattern) => text(pattern),
            Shape::Names(names) => {
                let mut schema = typed("string");
                put(&mut schema, "enum", names);
                schema
            }
            Shape::Def(name) => {
                self.asked.insert(name);
                object([("$ref", format!("#/$defs/{}{name}", self.prefix).into())])
            }
            Shape::List(member, least, most) => {
                let mut schema = typed("array");
                put(&mut schema, "items", self.shape(owner, member));
                bounds(&mut schema, ("minItems", least), ("maxItems", most));
                schema
            }
            Shape::Set(member, least) => {
                let mut schema = self.shape(owner, &Shape::List(member, least, ANY));
                put(&mut schema, "uniqueItems", true);
                schema
            }
            Shape::Map(table) => {
                let mut schema = typed("object");
                put(&mut schema, "propertyNames", self.shape(owner, &table.names));
                put(&mut schema, "additionalProperties", self.shape(owner, &table.values));
                bounds(&mut schema, ("minProperties", table.least), ("maxProperties", table.most));
                schema
            }
            Shape::Tagged(name, inner) => {
                let field = Field { name, shape: *inner, needed: true };
                self.object(owner, std::iter::once(&field), &[])
            }
            Shape::Object(of) => self.object(owner, of.fields.iter().copied().flatten(), of.rules),
            Shape::Any(shapes) => {
                let members = shapes.iter().flat_map(|shape| match shape {
                    Shape::Any(members) => members,
                    one => std::slice::from_ref(one),
                });
                let shapes: Vec<Value> = members.map(|shape| self.shape(owner, shape).into()).collect();
                object([("anyOf", shapes.into())])
            }
            Shape::Written(kind) => typed(kind),
        }
    }

    fn object<'f>(
        &mut self,
        owner: &'static str,
        fields: impl Iterator<Item = &'f Field>,
        rules: &[Rule],
    ) -> Map<String, Value> {
        let (mut properties, mut needed) = (Map::new(), Vec::new());
        for field in fields {
            let mut schema = self.shape(owner, &field.shape);
            if let Some(words) = self.words.get(&format!("{owner}.{}", field.name)) {
                put(&mut schema, "description", words.clone());
            }
            put(&mut properties, field.name, schema);
            if field.needed {
                needed.push(field.name);
            }
        }
        let mut schema = typed("object");
        put(&mut schema, "properties", properties);
        put(&mut schema, "additionalProperties", false);
        if !needed.is_empty() {
            put(&mut schema, "required", needed);
        }
        let all: Vec<Value> = rules.iter().map(|rule| self.rule(owner, rule).into()).collect();
        if !all.is_empty() {
            put(&mut schema, "allOf", all);
        }
        schema
    }

    fn rule(&mut self, owner: &'static str, rule: &Rule) -> Map<String, Value> {
        let there = |names: &[&str]| Value::from(object([("required", names.into())]));
        let each = |names: &[&str]| names.iter().map(|name| there(&[name])).collect::<Vec<_>>();
        match *rule {
            Rule::One(names) => object([("oneOf", each(names).into())]),
            Rule::Some(names) => object([("anyOf", each(names).into())]),
            Rule::NotBoth(one, other) => object([("not", there(&[one, other]))]),
            Rule::With(one, other) => {
                object([("dependentRequired", object([(one, [other].as_slice().into())]).into())])
            }
            Rule::Where(field, holds, other, then, or_else) => {
                let of = |name: &'static str, schema: Map<String, Value>| object([(name, schema.into())]);
                let properties = |name, schema| object([("properties", of(name, schema).into())]);
                let mut condition = properties(field, object([("const", holds.into())]));
                put(&mut condition, "required", [field].as_slice());
                let mut schema = of("if", condition);
                put(&mut schema, "then", properties(other, self.shape(owner, &then)));
                put(&mut schema, "else", properties(other, self.shape(owner, &or_else)));
                schema
            }
        }
    }
}

fn object<const N: usize>(fields: [(&str, Value); N]) -> Map<String, Value> {
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn put(schema: &mut Map<String, Value>, name: &str, value: impl Into<Value>) {
    schema.insert(name.to_owned(), value.into());
}

fn typed(kind: &str) -> Map<String, Value> {
    object([("type", kind.into())])
}

fn bounds(schema: &mut Map<String, Value>, (fewest, least): (&str, u64), (greatest, most): (&str, u64)) {
    if least > 0 {
        put(schema, fewest, least);
    }
    if most != ANY {
        put(schema, greatest, most);
    }
}

fn text(of: &Pattern) -> Map<String, Value> {
    let mut schema = typed("string");
    put(&mut schema, "pattern", of.pattern);
    if let Some(most) = of.most {
        put(&mut schema, "maxLength", most);
    }
    if let Some(format) = of.format {
        put(&mut schema, "format", format);
    }
    if of.not_zero {
        put(&mut schema, "not", object([("pattern", "^[0.]*$".into())]));
    }
    if !of.examples.is_empty() {
        put(&mut schema, "examples", of.examples);
    }
    schema
}

/// The name of a type as words: `PercentOff` is "Percent off".
fn title(name: &str) -> String {
    let mut title = String::new();
    for character in name.chars() {
        if character.is_ascii_uppercase() && !title.is_empty() {
            title.push(' ');
            title.push(character.to_ascii_lowercase());
        } else {
            title.push(character);
        }
    }
    title
}
