//! Documents with one thing wrong.

use serde_json::Value;

/// One step from the root of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    Field(String),
    Member(usize),
}

/// A place in a document.
pub type Place = Vec<Step>;

/// The place as an error names it: `lines[0].quantity`.
pub fn path(place: &[Step]) -> String {
    let mut path = String::new();
    for step in place {
        match step {
            Step::Field(name) if path.is_empty() => path.push_str(name),
            Step::Field(name) => path.push_str(&format!(".{name}")),
            Step::Member(index) => path.push_str(&format!("[{index}]")),
        }
    }
    path
}

/// Every place of a document with what stands there, the root first.
pub fn places(document: &Value) -> Vec<(Place, &Value)> {
    fn walk<'v>(value: &'v Value, place: &Place, found: &mut Vec<(Place, &'v Value)>) {
        found.push((place.clone(), value));
        let mut below = |step: Step, value: &'v Value| {
            let place: Place = place.iter().cloned().chain([step]).collect();
            walk(value, &place, found);
        };
        match value {
            Value::Array(members) => members.iter().enumerate().for_each(|(i, v)| below(Step::Member(i), v)),
            Value::Object(fields) => fields.iter().for_each(|(name, v)| below(Step::Field(name.clone()), v)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(document, &Vec::new(), &mut found);
    found
}

/// The document as text, with `text` instead of what stands at the place.
pub fn replaced(document: &Value, at: &[Step], text: &str) -> String {
    let whole = |value: &Value| serde_json::to_string(value).unwrap();
    let Some((first, rest)) = at.split_first() else { return text.to_owned() };
    match (document, first) {
        (Value::Object(fields), Step::Field(name)) => {
            let entry = |(field, value): (&String, &Value)| {
                let value = if field == name { replaced(value, rest, text) } else { whole(value) };
                format!("{}:{value}", whole(&Value::from(field.as_str())))
            };
            format!("{{{}}}", fields.iter().map(entry).collect::<Vec<_>>().join(","))
        }
        (Value::Array(members), Step::Member(index)) => {
            let member =
                |(i, value): (usize, &Value)| if i == *index { replaced(value, rest, text) } else { whole(value) };
            format!("[{}]", members.iter().enumerate().map(member).collect::<Vec<_>>().join(","))
        }
        _ => panic!("no such place"),
    }
}

/// The object as text, with one more field at its end.
pub fn with_field(object: &Value, name: &str, text: &str) -> String {
    let whole = serde_json::to_string(object).unwrap();
    let inside = whole.strip_prefix('{').and_then(|whole| whole.strip_suffix('}')).unwrap();
    let comma = if inside.is_empty() { "" } else { "," };
    format!("{{{inside}{comma}{}:{text}}}", Value::from(name))
}

/// Lists and objects, 100,000 inside one another.
pub fn deep() -> [String; 3] {
    const LEVELS: usize = 100_000;
    let nested = |open: &str, inner: &str, close: &str| open.repeat(LEVELS) + inner + &close.repeat(LEVELS);
    [nested("[", "", "]"), nested(r#"{"not":"#, r#""on_sale""#, "}"), nested(r#"{"any":["#, r#""first_order""#, "]}")]
}

/// The document with the deep branches at its root, at each of its fields, and as a field nobody knows.
pub fn nested(document: &Value, deep: &[String]) -> Vec<String> {
    let fields = document.as_object().into_iter().flatten().map(|(name, _)| vec![Step::Field(name.clone())]);
    let places: Vec<Place> = fields.chain([Vec::new()]).collect();
    let mut texts: Vec<String> = Vec::new();
    for deep in deep {
        texts.extend(places.iter().map(|place| replaced(document, place, deep)));
        for name in ["scope", "conditions", "surprise"].iter().filter(|name| document.get(**name).is_none()) {
            texts.extend(document.is_object().then(|| with_field(document, name, deep)));
        }
    }
    texts
}
