//! Random lives of customers through the memory store: orders held, lapsed, recorded and voided, codes, sign-ups,
//! purchases and administrators that change types, over a random time line. Beside it stands a plain list of facts, from
//! which everything is worked out anew at every step: what is taken of every allowance, what every customer holds, and
//! what the store has to answer.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use serde_json::json;
use vouchsafe::{self as v, CouponStore as _};

use crate::random::Random;
use crate::source::note;
use crate::types::{DAY, Held, Membership, Term, instant};

const TYPES: [(&str, u32); 4] = [("RETAIL", 0), ("CLUB", 5), ("SILVER", 7), ("GOLD", 10)];
/// Each with its goods, how many units, and who counts them.
const ALLOWANCES: [(&str, &[&str], u64); 6] = [
    ("ever", &["PEN"], 6),
    ("month", &["PEN", "INK"], 5),
    ("rolling", &["INK"], 3),
    ("shared", &["INK"], 9),
    ("days", &["PEN"], 2),
    ("club", &["INK"], 2),
];
const ROLLING_DAYS: i64 = 2;
/// Bob and Carol share a household's address. Ann has a quantity of her own.
const CUSTOMERS: [&[&str]; 4] =
    [&["id:ann"], &["id:bob", "email:home@example.com"], &["id:carol", "email:home@example.com"], &["id:dan"]];
const GRANTED_TO_ANN: u64 = 9;

fn kind(name: &str) -> u8 {
    u8::try_from(TYPES.iter().position(|(t, _)| *t == name).unwrap()).unwrap()
}

fn clock(minutes: i64) -> DateTime<Utc> {
    instant(minutes).parse().unwrap()
}

fn minutes(at: DateTime<Utc>) -> i64 {
    (at - clock(0)).num_minutes()
}

/// Berlin in spring: two hours ahead from 2026-03-29T01:00Z on.
fn local_day(at: i64) -> i64 {
    (at + if at >= 60 { 120 } else { 60 }).div_euclid(DAY)
}

fn midnight(day: i64) -> i64 {
    (day * DAY - 120..=day * DAY).find(|at| local_day(*at) == day).unwrap()
}

/// The days of the calendar month of a day, counted from 2026-03-29 on, the last one no longer inside.
fn month(day: i64) -> (i64, i64) {
    [(-28, 3), (3, 33), (33, 64)].into_iter().find(|(from, end)| (*from..*end).contains(&day)).unwrap()
}

/// From when, and until when, as instants.
type Period = (Option<i64>, Option<i64>);

/// Where an allowance stands in its window: its period as instants, none outside of fixed days.
fn period(allowance: &str, at: i64) -> Option<Period> {
    let day = local_day(at);
    let span = |(from, end): (i64, i64)| (Some(midnight_or_first(from)), Some(midnight(end)));
    match allowance {
        "month" => Some(span(month(day))),
        // The first quarter ends with March, the second one with June.
        "club" => Some(span(if day < 3 { (-87, 3) } else { (3, 94) })),
        "days" => (4..6).contains(&day).then(|| span((4, 6))),
        _ => Some((None, None)),
    }
}

/// What tells the windows of an allowance apart: before fixed days is another one than after them.
fn stretch(allowance: &str, at: i64) -> (Option<Period>, bool) {
    (period(allowance, at), allowance == "days" && local_day(at) < 4)
}

/// Winter days need no instant of their own here, only one that tells them apart.
fn midnight_or_first(day: i64) -> i64 {
    if day < 0 { day * DAY } else { midnight(day) }
}

static SHOP: LazyLock<v::Shop> = LazyLock::new(shop);

/// What asks for a type.
static COUPON: LazyLock<v::Coupon> = LazyLock::new(|| {
    let assign = json!({"to": "GOLD", "until": {"days": 1}});
    let coupon = json!({"version": 1, "id": "pro", "code": "PRO", "benefits": ["none"], "assign": assign});
    serde_json::from_value(coupon).unwrap()
});

fn shop() -> v::Shop {
    let allowance = |name: &str, window: serde_json::Value, more: &[(&str, serde_json::Value)]| {
        let (_, goods, quantity) = ALLOWANCES.iter().find(|(n, ..)| *n == name).unwrap();
        let goods: Vec<_> = goods.iter().map(|g| json!({"product": g})).collect();
        let mut allowance = json!({"id": name, "goods": goods, "quantity": quantity, "window": window});
        more.iter().for_each(|(field, value)| allowance[*field] = value.clone());
        allowance
    };
    let cap = || ("excess", json!("cap"));
    let types: Vec<_> = TYPES.iter().map(|(id, rank)| json!({"id": id, "rank": rank})).collect();
    serde_json::from_value(json!({
        "version": 1,
        "policy": {"currency": "USD", "zone": "Europe/Berlin", "max_codes": "unlimited"},
        "customer_types": types,
        "default_type": "RETAIL",
        "allowances": [
            allowance("ever", json!("ever"), &[]),
            allowance("month", json!("month"), &[cap()]),
            allowance("rolling", json!({"rolling": {"days": ROLLING_DAYS}}), &[cap()]),
            allowance("shared", json!("ever"), &[cap(), ("per", json!("shared"))]),
            allowance("days", json!({"days": {"from": "2026-04-02", "thru": "2026-04-03"}}), &[]),
            allowance("club", json!("quarter"), &[cap(), ("to", json!({"types": ["CLUB"]}))]),
        ],
        "purchases": [
            {"goods": {"product": "YEAR"}, "assign": {"to": "CLUB", "kind": "membership", "until": {"days": 2}}}
        ],
        "sign_ups": [{"form": "news", "assign": {"to": "SILVER", "until": {"days": 3}, "only_upwards": true}}],
    }))
    .unwrap()
}

/// What one order or claim takes and changes, once it is recorded.
#[derive(Debug, Clone)]
struct Fact {
    who: usize,
    reference: v::Reference,
    redemption: v::Redemption,
    priced_at: i64,
    /// Units by allowance.
    units: Vec<(&'static str, u64)>,
    /// Allowances of fixed days that concern it.
    watched: Vec<&'static str>,
    changes: Vec<v::TypeChange>,
    /// How many changes of the customer's types were written down when it was priced.
    turn: usize,
    /// How many it has written down itself, those that set others back among them.
    written: usize,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Priced,
    Held {
        until: i64,
    },
    Recorded {
        at: i64,
        order: usize,
        units_back: bool,
        /// What it changed is to be set back, as soon as nothing later stands.
        types_back: bool,
        voided: bool,
    },
    Gone,
}

impl Fact {
    /// Under which keys an allowance counts it.
    fn keys(&self, allowance: &str) -> Vec<&'static str> {
        if allowance == "shared" { vec![""] } else { CUSTOMERS[self.who].to_vec() }
    }
}

struct Life {
    shop: &'static v::Shop,
    store: v::MemoryStore,
    now: i64,
    facts: Vec<Fact>,
    recorded: usize,
    story: Vec<String>,
    met: BTreeMap<String, u64>,
}

impl Life {
    fn new() -> Self {
        let store = v::MemoryStore::new();
        store.define(COUPON.clone()).unwrap();
        let (now, story, met) = (20 * 60, Vec::new(), BTreeMap::new());
        Self { shop: &SHOP, store, now, facts: Vec::new(), recorded: 0, story, met }
    }

    fn met(&mut self, what: &str) {
        *self.met.entry(what.to_owned()).or_default() += 1;
    }

    fn check<T: PartialEq + std::fmt::Debug>(&self, what: impl std::fmt::Display, expected: T, found: T) {
        assert!(
            expected == found,
            "{what} at {}\n  expected {expected:?}\n  found    {found:?}\n{}",
            instant(self.now),
            self.story.join("\n")
        );
    }

    // What is known of allowances.

    /// What counts on one key of an allowance at an instant, without one fact.
    fn taken_on(&self, allowance: &str, key: &str, at: i64, without: Option<usize>) -> u64 {
        let counts = |fact: &Fact| match fact.state {
            State::Recorded { at: then, units_back, .. } => {
                !units_back && (allowance != "rolling" || then >= at - ROLLING_DAYS * DAY)
            }
            State::Held { until } => at < until,
            State::Priced | State::Gone => false,
        };
        let same_period = |fact: &Fact| period(allowance, fact.priced_at) == period(allowance, at);
        self.facts
            .iter()
            .enumerate()
            .filter(|(i, fact)| Some(*i) != without && counts(fact) && same_period(fact))
            .filter(|(_, fact)| fact.keys(allowance).contains(&key))
            .flat_map(|(_, fact)| &fact.units)
            .filter(|(of, _)| *of == allowance)
            .map(|(_, units)| units)
            .sum()
    }

    /// The highest over a customer's keys.
    fn taken(&self, allowance: &str, who: usize) -> u64 {
        let keys = if allowance == "shared" { &[""][..] } else { CUSTOMERS[who] };
        keys.iter().map(|key| self.taken_on(allowance, key, self.now, None)).max().unwrap()
    }

    fn limit(allowance: &str, who: usize) -> u64 {
        match (allowance, who) {
            ("ever", 0) => GRANTED_TO_ANN,
            _ => ALLOWANCES.iter().find(|(name, ..)| *name == allowance).unwrap().2,
        }
    }

    /// Whether a fact may be recorded or held now.
    fn fits(&self, i: usize) -> bool {
        let fact = &self.facts[i];
        let window = |name: &&str| stretch(name, fact.priced_at) == stretch(name, self.now);
        // What a change is made from must still be so.
        let overtaken = !fact.changes.is_empty() && fact.turn != self.turn(fact.who);
        !overtaken
            && fact.watched.iter().all(window)
            && fact.units.iter().all(|(name, units)| {
                let room =
                    |key: &&str| self.taken_on(name, key, self.now, Some(i)) + units <= Self::limit(name, fact.who);
                fact.keys(name).iter().all(room)
            })
    }

    // What is known of types.

    /// What a customer holds after all recorded changes that were not set back.
    fn held(&self, who: usize) -> Held {
        let mut facts: Vec<(usize, &Fact)> =
            self.facts.iter().filter_map(|fact| Some((Self::standing(fact)?, fact))).collect();
        facts.sort_by_key(|(order, _)| *order);
        let mut held = Held::default();
        for (_, fact) in facts.into_iter().filter(|(_, fact)| same_person(fact.who, who)) {
            fact.changes.iter().for_each(|change| apply(&mut held, change));
        }
        held
    }

    /// How many changes were written down for a customer.
    fn turn(&self, who: usize) -> usize {
        self.facts.iter().filter(|fact| same_person(fact.who, who)).map(|fact| fact.written).sum()
    }

    fn standing(fact: &Fact) -> Option<usize> {
        match fact.state {
            State::Recorded { order, .. } => Some(order),
            _ => None,
        }
    }

    // Steps.

    fn customer(&mut self, who: usize, reference: &v::Reference) -> v::Customer {
        let keys: Vec<v::IdentityKey> = CUSTOMERS[who].iter().map(|k| k.parse().unwrap()).collect();
        let mut customer = v::Customer::new(keys.clone());
        if who == 0 {
            customer = customer.with_allowance_grant(v::AllowanceGrant::new("ever".parse().unwrap(), GRANTED_TO_ANN));
        }
        let load = v::LoadRequest::new(reference.clone(), v::Currency::USD, clock(self.now)).customer(keys);
        v::block_on(self.store.load(&load)).unwrap().customer(customer)
    }

    /// Prices an order or claim, and checks what it was priced with.
    fn price(&mut self, r: &mut Random, who: usize) -> Option<usize> {
        let number = self.facts.len();
        let products: Vec<(&str, u64)> = match r.below(8) {
            0 => vec![],
            1 => vec![("YEAR", 1)],
            2 => vec![("YEAR", 1), ("INK", 1 + r.below(3))],
            3 => vec![("PEN", 1 + r.below(3)), ("INK", 1 + r.below(3)), ("PEN", 1)],
            4 | 5 => vec![("INK", 1 + r.below(4))],
            _ => vec![("PEN", 1 + r.below(4))],
        };
        let event = match r.below(3) {
            _ if !products.is_empty() => None,
            0 => Some(v::TypeEvent::SignUp("news".parse().unwrap())),
            1 => {
                let to = r.of(&["RETAIL", "GOLD", "SILVER"]);
                let assign = json!({"administrator": {"actor": "eve", "assignment": {"to": to}}});
                Some(serde_json::from_value(assign).unwrap())
            }
            _ => Some(serde_json::from_value(json!({"leave": {"actor": "eve", "membership": "CLUB"}})).unwrap()),
        };
        let code = event.is_none() && r.one_in(4);
        let reference = match products.is_empty() {
            true => v::Reference::Claim(format!("c-{number}").parse().unwrap()),
            false => v::Reference::Order(format!("o-{number}").parse().unwrap()),
        };
        let mut order = v::Order::builder(v::Currency::USD);
        for (line, (product, pieces)) in (1..).zip(&products) {
            let product = v::Product::new(product.parse().unwrap());
            let price = v::UnitPrice::parse("3.00").unwrap();
            order = order.line(v::Line::new(v::LineId(line), product, v::Quantity::pieces(*pieces).unwrap(), price));
        }
        let order = order.build().unwrap();
        let customer = self.customer(who, &reference);
        let counters =
            self.shop.allowance_counters(&order, &self.shop.policy().counted_keys(&customer), clock(self.now));
        let mut load = v::LoadRequest::new(reference.clone(), v::Currency::USD, clock(self.now))
            .customer(customer.keys().iter().cloned())
            .allowances(counters);
        if code {
            load = load.code("pro");
        }
        let loaded = v::block_on(self.store.load(&load)).unwrap();
        let prepared = loaded.prepare(self.shop).unwrap();
        let (codes, events) = (loaded.presented(&prepared), event.clone().into_iter().collect::<Vec<_>>());
        let request = v::Request::new(&order, &customer, reference.clone(), clock(self.now))
            .with_codes(&codes)
            .with_type_events(&events)
            .with_allowances(loaded.allowances());
        let outcome = self.shop.evaluate(&request).unwrap();
        let now = instant(self.now);
        note(&mut self.story, || format!("{now} {reference:?} of {who}: {products:?} {event:?} code {code}"));

        // The allowances that concern it, and what is taken of them.
        let held = self.held(who);
        let member = held.members_at(self.now).contains(&kind("CLUB"));
        let about = |goods: &[&str]| products.iter().any(|(p, _)| goods.contains(p));
        let mut expected: Vec<(String, u64, u64)> = Vec::new();
        let mut watched = Vec::new();
        for (name, ..) in ALLOWANCES.iter().filter(|(_, goods, _)| about(goods)) {
            if *name == "club" && !member {
                continue;
            }
            if period(name, self.now).is_some() {
                expected.push(((*name).to_owned(), Self::limit(name, who), self.taken(name, who)));
            }
            // What is over for good comes to nothing more.
            if *name != "days" || local_day(self.now) < 6 {
                watched.push(*name);
            }
        }
        expected.sort();
        let mut found: Vec<(String, u64, u64)> =
            outcome.allowances().iter().map(|a| (a.allowance().to_string(), a.limit(), a.taken())).collect();
        found.sort();
        self.check("allowances", expected, found);
        for allowance in outcome.allowances() {
            assert!(
                allowance.granted() == 0 || allowance.taken() + allowance.granted() <= allowance.limit(),
                "granted beyond the limit"
            );
        }
        self.expect_changes(who, &held, &products, event.as_ref(), code, &outcome);
        let Ok(redemption) = outcome.redemption() else {
            self.met("not placeable");
            return None;
        };
        let names = ALLOWANCES.iter().map(|(name, ..)| *name);
        let units = names
            .filter_map(|name| {
                let allowance = outcome.allowances().iter().find(|a| a.allowance().as_str() == name)?;
                Some((name, allowance.granted())).filter(|(_, units)| *units > 0)
            })
            .collect();
        let changes = outcome.type_changes().to_vec();
        let (priced_at, turn, state) = (self.now, self.turn(who), State::Priced);
        self.facts.push(Fact {
            who,
            reference,
            redemption,
            priced_at,
            units,
            watched,
            changes,
            turn,
            written: 0,
            state,
        });
        Some(number)
    }

    /// The one change that an order or claim makes, or none.
    fn expect_changes(
        &mut self,
        who: usize,
        held: &Held,
        products: &[(&str, u64)],
        event: Option<&v::TypeEvent>,
        code: bool,
        outcome: &v::Outcome,
    ) {
        let (now, today) = (self.now, local_day(self.now));
        let primary = held.primary_at(now).unwrap_or(kind("RETAIL"));
        let days = |n: i64| Some(midnight(today + n + 1));
        let mut expected: Vec<(&str, u8, Option<u8>, Option<i64>)> = Vec::new();
        let mut becomes = |to: u8, until: Option<i64>| {
            let ends =
                held.term.as_ref().filter(|_| held.primary == Some(to) && !held.is_over(now)).and_then(|t| t.until);
            let longer = match (ends, until) {
                (Some(_), None) => Some(None),
                // So many days more than it was to last.
                (Some(ends), Some(until)) => {
                    Some(Some(midnight(local_day(ends - 1) + 1 + (local_day(until - 1) - today))))
                }
                (None, _) => None,
            };
            if to != primary {
                expected.push(("primary", to, Some(primary), until));
            } else if let Some(until) = longer {
                expected.push(("primary", to, Some(primary), until));
            }
        };
        if code {
            becomes(kind("GOLD"), days(1));
        }
        match event {
            Some(v::TypeEvent::SignUp(_)) if TYPES[usize::from(primary)].1 <= 7 => becomes(kind("SILVER"), days(3)),
            Some(v::TypeEvent::Administrator { assignment, .. }) => becomes(kind(assignment.to().as_str()), None),
            _ => {}
        }
        let club = kind("CLUB");
        let running = held.memberships.iter().find(|m| m.of == club && held.members_at(now).contains(&club));
        if matches!(event, Some(v::TypeEvent::Leave { .. })) && running.is_some() {
            expected.push(("leave", club, None, None));
        }
        if products.iter().any(|(p, _)| *p == "YEAR") && outcome.lines()[0].refusal().is_none() {
            match running {
                Some(m) => {
                    expected.push(("membership", club, Some(club), m.until.map(|u| midnight(local_day(u - 1) + 3))))
                }
                None => expected.push(("membership", club, None, days(2))),
            }
        }
        let of = |t: &Option<v::CustomerTypeId>| t.as_ref().map(|t| kind(t.as_str()));
        let mut found: Vec<(&str, u8, Option<u8>, Option<i64>)> = outcome
            .type_changes()
            .iter()
            .map(|c| match (c.kind, of(&c.to)) {
                (v::TypeKind::Primary, to) => ("primary", to.unwrap_or(99), of(&c.from), c.until.map(minutes)),
                (_, Some(to)) => ("membership", to, of(&c.from), c.until.map(minutes)),
                (_, None) => ("leave", of(&c.from).unwrap(), None, None),
            })
            .collect();
        for (what, ..) in &expected {
            self.met(&format!("{what} changes"));
        }
        expected.sort();
        found.sort();
        self.check(format_args!("changes of {who}, who holds {held:?}"), expected, found);
    }

    fn reserve(&mut self, r: &mut Random, i: usize) {
        let until = self.now + r.of(&[30, 6 * 60, DAY, 3 * DAY]);
        let redemption = self.facts[i].redemption.clone();
        let answer = v::block_on(self.store.reserve(&redemption, clock(self.now), clock(until))).unwrap();
        let now = instant(self.now);
        note(&mut self.story, || format!("{now} reserve {:?}: {answer:?}", self.facts[i].reference));
        if let State::Recorded { .. } = self.facts[i].state {
            return self.check("reserve", true, matches!(answer, v::Reserve::AlreadyRecorded | v::Reserve::Refused(_)));
        }
        let fits = self.fits(i);
        let ends = self.facts[i].watched.iter().filter_map(|name| match (period(name, self.now), *name) {
            (Some((_, end)), _) => end,
            // What is bought before the first day is not counted.
            (None, _) => Some(midnight(4)),
        });
        let until = ends.fold(until, i64::min);
        match answer {
            v::Reserve::Held { until: found } if fits => {
                // Holding again extends; it never shortens.
                let until = match self.facts[i].state {
                    State::Held { until: before } if self.now < before => until.max(before),
                    _ => until,
                };
                self.check("held until", until, minutes(found));
                self.facts[i].state = State::Held { until };
                self.met("held");
            }
            v::Reserve::Refused(_) if !fits => self.met("hold refused"),
            other => panic!("reserve: fits {fits}, found {other:?}\n{}", self.story.join("\n")),
        }
    }

    fn commit(&mut self, i: usize) {
        let redemption = self.facts[i].redemption.clone();
        let answer = v::block_on(self.store.commit(&redemption, clock(self.now))).unwrap();
        let now = instant(self.now);
        note(&mut self.story, || format!("{now} commit {:?}: {answer:?}", self.facts[i].reference));
        let expected = match self.facts[i].state {
            State::Recorded { voided: false, .. } => "already recorded",
            State::Recorded { .. } => "refused",
            _ if self.fits(i) => "recorded",
            _ => "refused",
        };
        let found = match answer {
            v::Commit::Recorded => "recorded",
            v::Commit::AlreadyRecorded => "already recorded",
            v::Commit::Refused(_) => "refused",
            _ => "?",
        };
        self.check("commit", expected, found);
        self.met(found);
        if found == "recorded" {
            let (at, order) = (self.now, self.recorded);
            self.recorded += 1;
            self.facts[i].written = self.facts[i].changes.len();
            let (units_back, types_back, voided) = (false, false, false);
            self.facts[i].state = State::Recorded { at, order, units_back, types_back, voided };
        }
    }

    fn release(&mut self, i: usize) {
        let reference = self.facts[i].reference.clone();
        let answer = v::block_on(self.store.release(&reference, clock(self.now))).unwrap();
        let now = instant(self.now);
        note(&mut self.story, || format!("{now} release {reference:?}: {answer:?}"));
        let expected = match self.facts[i].state {
            State::Held { until } if self.now < until => v::Release::Released,
            State::Recorded { .. } => v::Release::Recorded,
            _ => v::Release::NothingHeld,
        };
        self.check("release", expected, answer);
        if let State::Held { .. } = self.facts[i].state {
            self.facts[i].state = State::Gone;
        }
    }

    fn void(&mut self, r: &mut Random, i: usize) {
        let (units, types) = (r.one_in(2), r.one_in(2));
        let reference = self.facts[i].reference.clone();
        let policy = v::OnVoid::KEEP.with_allowances_given_back(units).with_type_reverted(types);
        let answer = v::block_on(self.store.void(&reference, policy, clock(self.now))).unwrap();
        let now = instant(self.now);
        note(&mut self.story, || format!("{now} void {reference:?} units {units} types {types}: {answer:?}"));
        let State::Recorded { at, order, voided, .. } = self.facts[i].state else {
            return self.check("void", v::Void::NotRecorded, answer);
        };
        if voided {
            return self.check("void", v::Void::AlreadyVoided, answer);
        }
        self.facts[i].state = State::Recorded { at, order, units_back: units, types_back: types, voided: true };
        let before = self.facts[i].changes.len();
        self.set_back();
        let reverted = match answer {
            v::Void::Voided { type_reverted, .. } => Some(type_reverted),
            _ => None,
        };
        self.check("type reverted", Some(self.facts[i].changes.len() < before), reverted);
        if reverted == Some(true) {
            self.met("types back");
        }
        self.met("voided");
    }

    /// Sets back what is to be set back and over which no later change of the same stands, the latest first.
    fn set_back(&mut self) {
        let mut places: Vec<(usize, usize)> =
            (0..self.facts.len()).filter_map(|i| Some((Self::standing(&self.facts[i])?, i))).collect();
        places.sort_unstable();
        for (order, i) in places.into_iter().rev() {
            if !matches!(self.facts[i].state, State::Recorded { types_back: true, .. }) {
                continue;
            }
            let stands_under = |change: &v::TypeChange| {
                self.facts.iter().any(|fact| {
                    same_person(fact.who, self.facts[i].who)
                        && Self::standing(fact).is_some_and(|of| of > order)
                        && fact.changes.iter().any(|other| other.concerns_same(change))
                })
            };
            let kept: Vec<_> = self.facts[i].changes.iter().filter(|c| stands_under(c)).cloned().collect();
            self.facts[i].written += self.facts[i].changes.len() - kept.len();
            self.facts[i].changes = kept;
        }
    }

    /// Everything that can be looked at, against what the facts come to.
    fn look(&mut self) {
        for (who, keys) in CUSTOMERS.iter().enumerate() {
            let reference = v::Reference::Order("look".parse().unwrap());
            let customer = self.customer(who, &reference);
            let held = self.held(who);
            let name = |t: u8| TYPES[usize::from(t)].0.to_owned();
            let expected: Vec<String> = held
                .primary_at(self.now)
                .or(Some(kind("RETAIL")))
                .into_iter()
                .chain(held.members_at(self.now))
                .map(name)
                .collect();
            let standing = self.shop.standing(&customer, clock(self.now));
            self.check(
                format_args!("types of {who}"),
                expected,
                standing.types().iter().map(ToString::to_string).collect(),
            );
            for (allowance, ..) in ALLOWANCES {
                for key in if allowance == "shared" { &[""][..] } else { *keys } {
                    let taken = self.taken_on(allowance, key, self.now, None);
                    let limit = Self::limit(allowance, who).max(Self::limit(allowance, 0));
                    assert!(taken <= limit, "{allowance} of {key} is exceeded\n{}", self.story.join("\n"));
                }
            }
            // No change is written down twice.
            let key = keys[0].parse().unwrap();
            let recorded = self.store.type_history(&key).iter().filter(|record| !record.reverts).count();
            let all = self.facts.iter().filter(|fact| matches!(fact.state, State::Recorded { .. }));
            let most: usize = all.filter(|f| f.who == who).map(|f| f.redemption.type_changes().len()).sum();
            self.check(format_args!("history of {who}"), most, recorded);
        }
    }
}

fn same_person(a: usize, b: usize) -> bool {
    CUSTOMERS[a].iter().any(|key| CUSTOMERS[b].contains(key))
}

/// What a change makes of what was held.
fn apply(held: &mut Held, change: &v::TypeChange) {
    let of = |t: &Option<v::CustomerTypeId>| t.as_ref().map(|t| kind(t.as_str()));
    let until = change.until.map(minutes);
    if change.kind == v::TypeKind::Primary {
        held.primary = of(&change.to);
        let (while_member_of, then) = (of(&change.while_member_of), of(&change.then));
        let term = Term { until, while_member_of, then };
        held.term = (until.is_some() || while_member_of.is_some()).then_some(term);
        return;
    }
    let place = held.memberships.iter().position(|m| Some(m.of) == of(&change.to) || Some(m.of) == of(&change.from));
    match (of(&change.to), place) {
        (Some(to), place) => {
            let membership = Membership { of: to, from: change.since.map(minutes), until };
            match place {
                Some(place) => held.memberships[place] = membership,
                None => held.memberships.push(membership),
            }
        }
        (None, Some(place)) => drop(held.memberships.drain(place..=place)),
        (None, None) => {}
    }
}

/// One life.
pub fn live(seed: u64, index: u64, met: &mut BTreeMap<String, u64>) {
    let mut r = Random(seed ^ 0x11fe ^ index.wrapping_mul(0x2545_f491_4f6c_dd1d));
    let r = &mut r;
    let mut life = Life::new();
    for _ in 0..r.steps(40) {
        life.now += r.of(&[0, 0, 1, 30, 3 * 60, 6 * 60, 12 * 60, DAY]);
        let some = |r: &mut Random, life: &Life| {
            let i = r.below(life.facts.len().max(1) as u64);
            usize::try_from(i).ok().filter(|i| *i < life.facts.len())
        };
        match r.below(10) {
            0..=3 => {
                let who = usize::try_from(r.below(CUSTOMERS.len() as u64)).unwrap();
                if let Some(i) = life.price(r, who) {
                    match r.below(4) {
                        0 => {}
                        1 => life.reserve(r, i),
                        _ => life.commit(i),
                    }
                }
            }
            4 | 5 => drop(some(r, &life).map(|i| life.commit(i))),
            6 => drop(some(r, &life).map(|i| life.reserve(r, i))),
            7 => drop(some(r, &life).map(|i| life.release(i))),
            _ => drop(some(r, &life).map(|i| life.void(r, i))),
        }
        life.look();
    }
    for (what, times) in life.met {
        *met.entry(what).or_default() += times;
    }
}
