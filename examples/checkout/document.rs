//! The document that the checkout reads, and how it is checked: every mistake at once, each with its path and value.
//!
//! The parts are drafts of the library. What is left is the frame around them, read here with the same manners: unknown
//! fields are mistakes, amounts are text, and whatever is wrong is named by its path in the whole document.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use vouchsafe::*;

/// The version of the document, and of the drafts in it that do not state their own.
const VERSION: &str = "1";

/// A shop, a shopper with codes, and an order, all of it checked.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) title: Option<String>,
    pub(crate) story: Option<String>,
    pub(crate) shop: Shop,
    pub(crate) coupons: Vec<Coupon>,
    pub(crate) issued: Vec<(CouponId, IssuedCode)>,
    pub(crate) order: Order,
    pub(crate) codes: Vec<Typed>,
    pub(crate) first: Visit,
    pub(crate) again: Visit,
}

/// Who comes to the checkout, when, and under which reference.
#[derive(Debug)]
pub(crate) struct Visit {
    pub(crate) customer: Customer,
    pub(crate) reference: Reference,
    pub(crate) at: DateTime<Utc>,
}

/// A code as it was typed, with what an operator or the host adds to it.
#[derive(Debug)]
pub(crate) struct Typed {
    pub(crate) entered: String,
    pub(crate) line: Option<LineId>,
    pub(crate) operator_amount: Option<Money>,
    pub(crate) host_amounts: Option<Vec<(LineId, Money)>>,
}

/// One mistake.
#[derive(Debug)]
pub(crate) struct Problem {
    path: String,
    value: String,
    why: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, value, why } = self;
        match (path.as_str(), value.as_str()) {
            ("", _) => write!(f, "{why}"),
            (_, "") => write!(f, "`{path}`: {why}"),
            _ => write!(f, "`{path}` is `{value}`: {why}"),
        }
    }
}

impl Document {
    /// Reads and checks a document.
    pub(crate) fn read(json: &str) -> Result<Self, Vec<Problem>> {
        let mut problems = Problems::default();
        let value: DraftValue = match serde_json::from_str(json) {
            Ok(value) => value,
            Err(error) => {
                problems.add("", "", format!("not a JSON document: {error}"));
                return Err(problems.0);
            }
        };
        let document = read_document(&value, &mut problems);
        match document {
            Some(document) if problems.0.is_empty() => Ok(document),
            _ => Err(problems.0),
        }
    }
}

/// The mistakes found so far.
#[derive(Default)]
struct Problems(Vec<Problem>);

impl Problems {
    fn add(&mut self, path: &str, value: impl fmt::Display, why: impl fmt::Display) {
        self.0.push(Problem { path: shown(path), value: shown(&value.to_string()), why: why.to_string() });
    }

    /// What a checked constructor said of the value at this path.
    fn accept<T>(&mut self, path: &str, value: &DraftValue, made: Result<T, Error>) -> Option<T> {
        match made {
            Ok(made) => return Some(made),
            Err(Error::Invalid(field)) => self.add(path, value, field.why),
            Err(other) => self.add(path, value, other),
        }
        None
    }

    /// What a draft said of itself, with this path before its own paths.
    fn checked<T>(&mut self, path: &str, checked: Result<T, DefinitionErrors>) -> Option<T> {
        let errors = match checked {
            Ok(checked) => return Some(checked),
            Err(errors) => errors,
        };
        for error in errors.errors() {
            let below = if error.path.is_empty() { String::new() } else { format!(".{}", error.path) };
            self.add(&format!("{path}{below}"), &error.value, &error.why);
        }
        None
    }

    fn text<'d>(&mut self, path: &str, value: &'d DraftValue) -> Option<&'d str> {
        if value.as_text().is_none() {
            self.add(path, value, "expected a string");
        }
        value.as_text()
    }

    /// An amount is text, so that no float ever touches it.
    fn amount(&mut self, path: &str, value: &DraftValue, currency: Currency) -> Option<Money> {
        if value.as_number().is_some() {
            self.add(path, value, Why::JsonNumber);
            return None;
        }
        let text = self.text(path, value)?;
        self.accept(path, value, Money::parse(text, currency))
    }

    fn instant(&mut self, path: &str, value: &DraftValue) -> Option<DateTime<Utc>> {
        let text = self.text(path, value)?;
        self.accept(path, value, parse_instant(text))
    }

    fn line(&mut self, path: &str, value: &DraftValue, digits: Option<&str>) -> Option<LineId> {
        let id = digits.and_then(|digits| digits.parse().ok()).map(LineId);
        if id.is_none() {
            self.add(path, value, "expected the number of a line");
        }
        id
    }

    /// The members of a list, each with its path.
    fn list<'d>(&mut self, path: &str, value: Option<&'d DraftValue>) -> Vec<(String, &'d DraftValue)> {
        let Some(value) = value else { return Vec::new() };
        let Some(members) = value.as_list() else {
            self.add(path, value, "expected a list");
            return Vec::new();
        };
        members.iter().enumerate().map(|(i, member)| (format!("{path}[{i}]"), member)).collect()
    }
}

/// Text on one line of at most 80 characters, whatever stands in the file.
fn shown(text: &str) -> String {
    let whole: String = text.chars().take(80).flat_map(char::escape_debug).collect();
    if text.chars().nth(80).is_some() { whole + "..." } else { whole }
}

/// The fields of one object: each is asked for once, and what nobody asked for is a mistake.
struct Fields<'d> {
    path: String,
    left: Vec<&'d (String, DraftValue)>,
}

impl<'d> Fields<'d> {
    fn of(path: &str, value: &'d DraftValue, problems: &mut Problems) -> Option<Self> {
        let Some(fields) = value.as_map() else {
            let why = if path.is_empty() { "the document is not an object" } else { "expected an object" };
            problems.add(path, value, why);
            return None;
        };
        Some(Self { path: path.to_owned(), left: fields.iter().collect() })
    }

    fn path(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// The field of this name; `null` is as good as absent.
    fn take(&mut self, name: &str) -> Option<&'d DraftValue> {
        let place = self.left.iter().position(|(field, _)| field == name)?;
        let (_, value) = self.left.remove(place);
        (!value.is_null()).then_some(value)
    }

    fn need(&mut self, name: &str, problems: &mut Problems) -> Option<&'d DraftValue> {
        let value = self.take(name);
        if value.is_none() {
            problems.add(&self.path(name), "", Why::Missing);
        }
        value
    }

    fn end(self, known: &[&'static str], problems: &mut Problems) {
        for (name, value) in &self.left {
            let given_twice = known.contains(&name.as_str());
            let why = if given_twice { Why::Duplicate } else { Why::unknown_field(name, known) };
            problems.add(&self.path(name), value, why);
        }
    }
}

fn read_document(value: &DraftValue, problems: &mut Problems) -> Option<Document> {
    let mut fields = Fields::of("", value, problems)?;
    if let Some(version) = fields.need("version", problems).filter(|version| version.as_number() != Some(VERSION)) {
        problems.add("version", version, format!("unknown version, {VERSION} is supported"));
    }
    let title = fields.take("title").and_then(|value| problems.text("title", value)).map(str::to_owned);
    let story = fields.take("story").and_then(|value| problems.text("story", value)).map(str::to_owned);
    let shop = fields.need("shop", problems).and_then(|value| {
        let draft: ShopDraft = part("shop", value, problems)?;
        problems.checked("shop", draft.check())
    });
    let customer = match fields.take("customer") {
        Some(value) => read_customer("customer", value, problems),
        None => Some(Customer::anonymous()),
    };
    let coupons: Vec<Option<Coupon>> = problems
        .list("coupons", fields.take("coupons"))
        .into_iter()
        .map(|(path, value)| problems.checked(&path, CouponDraft::from(versioned(value)).check()))
        .collect();
    let issued: Vec<Option<(CouponId, IssuedCode)>> = problems
        .list("issued", fields.take("issued"))
        .into_iter()
        .map(|(path, value)| read_issued(&path, value, &coupons, problems))
        .collect();
    let order = fields.need("order", problems).and_then(|value| {
        let draft: OrderDraft = part("order", value, problems)?;
        problems.checked("order", draft.check())
    });
    let codes: Vec<Option<Typed>> = problems
        .list("codes", fields.take("codes"))
        .into_iter()
        .map(|(path, value)| read_typed(&path, value, order.as_ref(), problems))
        .collect();
    let reference = match fields.take("reference") {
        Some(value) => read_reference("reference", value, problems),
        None => problems.accept("reference", &DraftValue::NULL, "order-1".parse().map(Reference::Order)),
    };
    let at = fields.need("at", problems).and_then(|value| problems.instant("at", value));
    let first = visit(customer, reference, at);
    let again = read_again(fields.take("again"), first.as_ref(), problems);
    let known = ["version", "title", "story", "shop", "customer", "coupons", "issued", "order", "codes", "reference"];
    fields.end(&[&known[..], &["at", "again"]].concat(), problems);
    Some(Document {
        title,
        story,
        shop: shop?,
        coupons: coupons.into_iter().collect::<Option<_>>()?,
        issued: issued.into_iter().collect::<Option<_>>()?,
        order: order?,
        codes: codes.into_iter().collect::<Option<_>>()?,
        first: first?,
        again: again?,
    })
}

fn visit(customer: Option<Customer>, reference: Option<Reference>, at: Option<DateTime<Utc>>) -> Option<Visit> {
    Some(Visit { customer: customer?, reference: reference?, at: at? })
}

/// A part that is a document of its own has the version of the whole, unless it states one.
fn versioned(value: &DraftValue) -> DraftValue {
    match value.as_map() {
        Some(fields) if value.get("version").is_none() => {
            let version = ("version".to_owned(), DraftValue::from(1_u32));
            DraftValue::map(std::iter::once(version).chain(fields.iter().cloned()))
        }
        _ => value.clone(),
    }
}

/// The draft of a part.
fn part<T: DeserializeOwned>(path: &str, value: &DraftValue, problems: &mut Problems) -> Option<T> {
    if value.as_map().is_none() {
        problems.add(path, value, "expected an object");
        return None;
    }
    let json = serde_json::to_string(&versioned(value));
    json.and_then(|json| serde_json::from_str(&json)).map_err(|error| problems.add(path, value, error)).ok()
}

fn read_customer(path: &str, value: &DraftValue, problems: &mut Problems) -> Option<Customer> {
    let draft: CustomerDraft = part(path, value, problems)?;
    problems.checked(path, draft.check())
}

/// `{"order": "R-1"}` or `{"claim": "c-1"}`.
fn read_reference(path: &str, value: &DraftValue, problems: &mut Problems) -> Option<Reference> {
    let (kind, id) = match value.as_map() {
        Some([(kind, id)]) if kind == "order" || kind == "claim" => (kind, id),
        _ => {
            problems.add(path, value, "expected {\"order\": \"..\"} or {\"claim\": \"..\"}");
            return None;
        }
    };
    let path = format!("{path}.{kind}");
    let text = problems.text(&path, id)?;
    match kind.as_str() {
        "claim" => problems.accept(&path, id, text.parse().map(Reference::Claim)),
        _ => problems.accept(&path, id, text.parse().map(Reference::Order)),
    }
}

/// The second attempt: by default the same customer at the same instant, under the next reference.
fn read_again(value: Option<&DraftValue>, first: Option<&Visit>, problems: &mut Problems) -> Option<Visit> {
    let empty = DraftValue::map::<String, DraftValue>([]);
    let mut fields = Fields::of("again", value.unwrap_or(&empty), problems)?;
    let customer = match fields.take("customer") {
        Some(value) => read_customer("again.customer", value, problems),
        None => first.map(|first| first.customer.clone()),
    };
    let reference = match fields.take("reference") {
        Some(value) => read_reference("again.reference", value, problems),
        None => first.and_then(|first| {
            let next = match &first.reference {
                Reference::Order(id) => format!("{id}-2").parse().map(Reference::Order),
                Reference::Claim(id) => format!("{id}-2").parse().map(Reference::Claim),
            };
            problems.accept("reference", &DraftValue::from(first.reference.to_string()), next)
        }),
    };
    let at = match fields.take("at") {
        Some(value) => problems.instant("again.at", value),
        None => first.map(|first| first.at),
    };
    fields.end(&["customer", "reference", "at"], problems);
    visit(customer, reference, at)
}

fn read_issued(
    path: &str,
    value: &DraftValue,
    coupons: &[Option<Coupon>],
    problems: &mut Problems,
) -> Option<(CouponId, IssuedCode)> {
    let mut fields = Fields::of(path, value, problems)?;
    let mut text = |name: &str, needed: bool, problems: &mut Problems| {
        let value = if needed { fields.need(name, problems) } else { fields.take(name) }?;
        let path = fields.path(name);
        problems.text(&path, value).map(|text| (path, value, text))
    };
    let coupon = text("coupon", true, problems);
    // The spelling of a code is a matter of its definition.
    let named = |c: &&Coupon| coupon.as_ref().is_some_and(|(_, _, id)| c.id().as_str() == *id);
    let definition = coupons.iter().flatten().find(named);
    if let (Some((path, value, _)), None, true) = (&coupon, definition, coupons.iter().all(Option::is_some)) {
        problems.add(path, value, Why::UnknownReference { what: "coupon" });
    }
    let coupon = coupon.and_then(|(path, value, id)| problems.accept(&path, value, CouponId::new(id)));
    let format = definition.map_or(CodeFormat::Standard, Coupon::code_format);
    let code = text("code", true, problems)
        .and_then(|(path, value, text)| problems.accept(&path, value, Code::parse(text, format)));
    let holder = text("holder", false, problems)
        .map(|(path, value, text)| problems.accept(&path, value, text.parse::<IdentityKey>()));
    let issued_at = fields.need("issued_at", problems);
    let issued_at = issued_at.and_then(|value| problems.instant(&fields.path("issued_at"), value));
    fields.end(&["coupon", "code", "holder", "issued_at"], problems);
    let issued = IssuedCode::new(code?, issued_at?);
    let issued = match holder {
        Some(holder) => issued.with_holder(holder?),
        None => issued,
    };
    Some((coupon?, issued))
}

/// Text, or `{"entered": "..", "line": 1, "operator_amount": "5.00", "host_amounts": {"1": "2.50"}}`.
fn read_typed(path: &str, value: &DraftValue, order: Option<&Order>, problems: &mut Problems) -> Option<Typed> {
    if let Some(text) = value.as_text() {
        return Some(Typed { entered: text.to_owned(), line: None, operator_amount: None, host_amounts: None });
    }
    if value.as_map().is_none() {
        problems.add(path, value, "expected a string or an object");
        return None;
    }
    let mut fields = Fields::of(path, value, problems)?;
    let entered = fields.need("entered", problems);
    let entered = entered.and_then(|value| problems.text(&fields.path("entered"), value));
    let line = fields.take("line");
    let line = line.map(|value| problems.line(&fields.path("line"), value, value.as_number()));
    let operator_amount = fields.take("operator_amount");
    let host_amounts = fields.take("host_amounts");
    let (operator_path, host_path) = (fields.path("operator_amount"), fields.path("host_amounts"));
    fields.end(&["entered", "line", "operator_amount", "host_amounts"], problems);
    // Amounts are in the currency of the order.
    let currency = order?.currency();
    let operator_amount = operator_amount.map(|value| problems.amount(&operator_path, value, currency));
    let host_amounts = host_amounts.map(|value| {
        let Some(amounts) = value.as_map() else {
            problems.add(&host_path, value, "expected an object that names an amount per line");
            return None;
        };
        let read = amounts.iter().map(|(line, value)| {
            let path = format!("{host_path}.{line}");
            let line = problems.line(&path, value, Some(line));
            let amount = problems.amount(&path, value, currency);
            Some((line?, amount?))
        });
        // All of them are read, so that every mistake is found.
        read.collect::<Vec<_>>().into_iter().collect::<Option<Vec<_>>>()
    });
    Some(Typed {
        entered: entered?.to_owned(),
        line: line.map_or(Some(None), |line| line.map(Some))?,
        operator_amount: operator_amount.map_or(Some(None), |amount| amount.map(Some))?,
        host_amounts: host_amounts.map_or(Some(None), |amounts| amounts.map(Some))?,
    })
}
