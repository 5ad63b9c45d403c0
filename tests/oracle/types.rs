//! Customer types: what a customer has at an instant, whom a rule concerns and what it is about.
//!
//! Types, products and categories are numbers here, instants are minutes from 2026-03-29T00:00Z on.

use serde_json::{Map, Value, json};

/// Minutes of a day.
pub const DAY: i64 = 24 * 60;

/// An instant as text.
pub fn instant(minutes: i64) -> String {
    let start = "2026-03-29T00:00:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    (start + chrono::TimeDelta::minutes(minutes)).to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// A date as text, counted from 2026-03-29 on.
pub fn date(day: i64) -> String {
    instant(day * DAY)[..10].to_owned()
}

pub fn type_name(of: u8) -> String {
    format!("T{of}")
}

pub fn type_names(of: &[u8]) -> Value {
    of.iter().map(|t| Value::from(type_name(*t))).collect()
}

fn put(map: &mut Map<String, Value>, name: &str, value: impl Into<Value>) {
    map.insert(name.to_owned(), value.into());
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    pub of: u8,
    pub from: Option<i64>,
    /// No longer inside.
    pub until: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Term {
    pub until: Option<i64>,
    pub while_member_of: Option<u8>,
    pub then: Option<u8>,
}

/// What a customer has.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Held {
    pub primary: Option<u8>,
    pub term: Option<Term>,
    pub memberships: Vec<Membership>,
}

impl Held {
    pub fn members_at(&self, at: i64) -> Vec<u8> {
        let live = |m: &&Membership| m.from.is_none_or(|from| from <= at) && m.until.is_none_or(|until| at < until);
        self.memberships.iter().filter(live).map(|m| m.of).collect()
    }

    /// Whether the term of the primary type is over.
    pub fn is_over(&self, at: i64) -> bool {
        self.term.as_ref().is_some_and(|term| {
            term.until.is_some_and(|until| until <= at)
                || term.while_member_of.is_some_and(|m| !self.members_at(at).contains(&m))
        })
    }

    /// After its term the primary type is the one that comes then.
    pub fn primary_at(&self, at: i64) -> Option<u8> {
        match &self.term {
            Some(term) if self.is_over(at) => term.then,
            _ => self.primary,
        }
    }

    pub fn put(&self, map: &mut Map<String, Value>) {
        let Some(primary) = self.primary else {
            put(map, "memberships", self.memberships.iter().map(Membership::json).collect::<Vec<_>>());
            return;
        };
        put(map, "customer_type", type_name(primary));
        if let Some(term) = &self.term {
            let mut fields = Map::new();
            if let Some(until) = term.until {
                put(&mut fields, "until", instant(until));
            }
            for (name, of) in [("while_member_of", term.while_member_of), ("then", term.then)] {
                if let Some(of) = of {
                    put(&mut fields, name, type_name(of));
                }
            }
            put(map, "type_term", fields);
        }
        put(map, "memberships", self.memberships.iter().map(Membership::json).collect::<Vec<_>>());
    }
}

impl Membership {
    fn json(&self) -> Value {
        let mut map = Map::new();
        put(&mut map, "type", type_name(self.of));
        for (name, at) in [("starts_at", self.from), ("ends_at", self.until)] {
            if let Some(at) = at {
                put(&mut map, name, instant(at));
            }
        }
        map.into()
    }
}

/// What the conditions of coupons see: the types before a code changed them before pricing, and after.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Seen {
    pub before: Standing,
    pub after: Standing,
    /// The codes that were accepted before pricing.
    pub seated: Vec<usize>,
    /// The codes that would have changed the type before pricing, and were not accepted.
    pub unseated: Vec<(usize, Vec<String>)>,
    /// The codes whose assignment changes nothing.
    pub idle: Vec<usize>,
    /// A primary type that goes before whatever a code could assign.
    pub taken: Option<u8>,
    /// The terms are those of a placed order: whatever was applied stands, also where it comes to nothing.
    pub stored: bool,
}

/// What a customer is to a shop at an instant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing {
    /// The primary type first, then live memberships, each once.
    pub types: Vec<u8>,
    pub has_primary: bool,
    pub members: Vec<u8>,
    pub rank: u32,
}

/// The types that a shop defines.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Types {
    /// Each with its rank; none at all where the host looks after types.
    pub defined: Vec<(u8, u32)>,
    pub default: Option<u8>,
}

impl Types {
    pub fn knows(&self, of: u8) -> bool {
        self.defined.is_empty() && self.default.is_none()
            || self.defined.iter().any(|(t, _)| *t == of)
            || self.default == Some(of)
    }

    pub fn rank(&self, of: u8) -> u32 {
        self.defined.iter().find(|(t, _)| *t == of).map_or(0, |(_, rank)| *rank)
    }

    /// A customer without a type, or with one the shop does not know, has the default type. The rank is the highest of
    /// the held types.
    pub fn standing(&self, held: &Held, at: i64) -> Standing {
        let primary = held.primary_at(at).filter(|t| self.knows(*t)).or(self.default);
        let members: Vec<u8> = held.members_at(at).into_iter().filter(|t| self.knows(*t)).collect();
        let mut types: Vec<u8> = Vec::new();
        for of in primary.into_iter().chain(members.iter().copied()) {
            if !types.contains(&of) {
                types.push(of);
            }
        }
        let rank = types.iter().map(|t| self.rank(*t)).max().unwrap_or(0);
        Standing { types, has_primary: primary.is_some(), members: held.members_at(at), rank }
    }
}

/// Whom a rule concerns. All parts that are given must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Audience {
    pub types: Option<Vec<u8>>,
    pub min_rank: Option<u32>,
    pub except: Vec<u8>,
}

impl Audience {
    pub fn contains(&self, standing: &Standing) -> bool {
        let any = |of: &Vec<u8>| of.iter().any(|t| standing.types.contains(t));
        self.types.as_ref().is_none_or(any)
            && self.min_rank.is_none_or(|min| standing.rank >= min)
            && !any(&self.except)
    }

    /// Types before rank before everyone; the smaller the more specific.
    pub fn width(&self) -> u8 {
        match (&self.types, self.min_rank) {
            (Some(_), _) => 0,
            (None, Some(_)) => 1,
            (None, None) => 2,
        }
    }

    pub fn json(&self) -> Value {
        let mut map = Map::new();
        if let Some(types) = &self.types {
            put(&mut map, "types", type_names(types));
        }
        if let Some(min) = self.min_rank {
            put(&mut map, "min_rank", min);
        }
        if !self.except.is_empty() {
            put(&mut map, "except", type_names(&self.except));
        }
        map.into()
    }
}

/// What a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Goods {
    Everything,
    /// With its subcategories, or without.
    Category(u8, bool),
    /// With its variants, or without.
    Product(u8, bool),
}

/// Categories and the one above each.
pub type Tree = Vec<(u8, Option<u8>)>;

/// How near a rule is to a product: the smaller the nearer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Near {
    Product,
    Parent,
    Category(usize),
    Everything,
}

impl Goods {
    /// How near these goods are to a product; none where they are not about it.
    pub fn near(self, tree: &Tree, product: u8, parent: Option<u8>, categories: &[u8]) -> Option<Near> {
        match self {
            Self::Everything => Some(Near::Everything),
            Self::Product(id, _) if id == product => Some(Near::Product),
            Self::Product(id, variants) => (variants && parent == Some(id)).then_some(Near::Parent),
            Self::Category(id, below) => {
                let mut nearest = None;
                for own in categories {
                    // Up from the product's own category, step by step.
                    let (mut at, mut steps) = (Some(*own), 0);
                    while let Some(category) = at {
                        if category == id && (below || steps == 0) {
                            nearest = Some(nearest.map_or(steps, |n: usize| n.min(steps)));
                        }
                        at = tree.iter().find(|(c, _)| *c == category).and_then(|(_, above)| *above);
                        steps += 1;
                    }
                }
                nearest.map(Near::Category)
            }
        }
    }

    pub fn json(self) -> Value {
        match self {
            Self::Everything => json!("everything"),
            Self::Category(id, below) => json!({"category": format!("C{id}"), "subcategories": below}),
            Self::Product(id, variants) => json!({"product": format!("P{id}"), "variants": variants}),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    Commit,
    BeforePricing,
    NextOrder,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    Forever,
    /// A local day, inclusive, counted from 2026-03-29 on.
    Day(i64),
    Days(i64),
    Membership(u8),
}

/// A type that something assigns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assign {
    pub to: u8,
    pub when: When,
    pub membership: bool,
    pub until: Until,
    pub only_upwards: bool,
}

impl Assign {
    pub fn json(&self) -> Value {
        let mut map = Map::new();
        put(&mut map, "to", type_name(self.to));
        match self.when {
            When::Commit => {}
            When::BeforePricing => put(&mut map, "when", "before_pricing"),
            When::NextOrder => put(&mut map, "when", "next_order"),
        }
        if self.membership {
            put(&mut map, "kind", "membership");
        }
        match self.until {
            Until::Forever => {}
            Until::Day(day) => put(&mut map, "until", json!({"day": date(day)})),
            Until::Days(days) => put(&mut map, "until", json!({"days": days})),
            Until::Membership(of) => put(&mut map, "until", json!({"membership": type_name(of)})),
        }
        if self.only_upwards {
            put(&mut map, "only_upwards", true);
        }
        map.into()
    }
}
