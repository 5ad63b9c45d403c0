//! Lives of codes through the memory store: issued once an occasion, held, recorded, tried again, withdrawn and voided.
//! Beside it stands a plain list of what happened, from which every answer and every counter is worked out anew.

use chrono::{DateTime, TimeDelta, Utc};
use vouchsafe::{self as v, CouponStore as _};

use crate::random::Random;
use crate::source::note;

const CUSTOMERS: [&str; 3] = ["id:ann", "id:bob", "id:carol"];
/// Few, so that codes are taken.
const CODES: [&str; 7] = ["SKI2A", "SKI2B", "SKI2C", "SKI2D", "SKI2E", "SKI2F", "SKI2G"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Priced,
    Held(DateTime<Utc>),
    Recorded { voided: bool, back: bool },
    Released,
}

#[derive(Debug)]
struct Code {
    text: &'static str,
    holder: usize,
    occasion: u64,
    revoked: bool,
}

#[derive(Debug)]
struct Fact {
    who: usize,
    code: usize,
    redemption: v::Redemption,
    state: State,
}

/// What a counter counts.
#[derive(Debug, Clone, Copy)]
enum Of {
    All,
    Code(usize),
    Customer(usize),
}

struct Life {
    shop: v::Shop,
    store: v::MemoryStore,
    coupon: v::CouponId,
    limits: [u64; 3],
    now: DateTime<Utc>,
    codes: Vec<Code>,
    facts: Vec<Fact>,
    story: Vec<String>,
}

impl Life {
    fn new(r: &mut Random) -> Self {
        let limits = [1 + r.below(6), 1 + r.below(3), 1 + r.below(4)];
        let store = v::MemoryStore::new();
        let coupon = v::Coupon::builder("ski").percent_off("10");
        let [total, code, customer] = limits;
        let coupon = coupon.total_limit(total).per_code_limit(code).per_customer_limit(customer).build().unwrap();
        let id = coupon.id().clone();
        store.define(coupon).unwrap();
        let now = v::parse_instant("2026-03-28T12:00:00Z").unwrap();
        let shop = v::Shop::new(v::Policy::storefront(v::Currency::USD, v::Zone::UTC));
        let story = vec![format!("limits {limits:?}")];
        Self { shop, store, coupon: id, limits, now, codes: Vec::new(), facts: Vec::new(), story }
    }

    fn check<T: PartialEq + std::fmt::Debug>(&self, what: impl std::fmt::Display, expected: T, found: T) {
        let story = || self.story.join("\n");
        assert!(expected == found, "{what}\n  expected {expected:?}\n  found    {found:?}\n{}", story());
    }

    fn counts(&self, of: Of, without: Option<usize>) -> (u64, u64) {
        let (mut used, mut held) = (0, 0);
        for (i, fact) in self.facts.iter().enumerate() {
            let concerned = match of {
                Of::All => true,
                Of::Code(code) => fact.code == code,
                Of::Customer(who) => fact.who == who,
            };
            if concerned && Some(i) != without {
                match fact.state {
                    State::Recorded { back, .. } => used += u64::from(!back),
                    State::Held(until) => held += u64::from(self.now < until),
                    State::Priced | State::Released => {}
                }
            }
        }
        (used, held)
    }

    /// Whether this customer may use this code once more, beside all others.
    fn fits(&self, code: usize, who: usize, without: Option<usize>) -> bool {
        let room = [Of::All, Of::Code(code), Of::Customer(who)].iter().zip(self.limits).all(|(of, limit)| {
            let (used, held) = self.counts(*of, without);
            used + held < limit
        });
        room && !self.codes[code].revoked && self.codes[code].holder == who
    }

    fn issue(&mut self, r: &mut Random) {
        let (holder, occasion) = (usize::try_from(r.below(3)).unwrap(), r.below(4));
        let given: Vec<&'static str> = (0..r.below(4)).map(|_| r.of(&CODES)).collect();
        let request = v::IssueRequest::new(self.now)
            .with_holder(CUSTOMERS[holder].parse().unwrap())
            .with_occasion(format!("visit-{occasion}").parse().unwrap());
        let source = given.iter().map(|text| v::Code::parse(text, v::CodeFormat::Standard));
        let answer = self.store.issue_once(&self.shop, &self.coupon, &request, source);
        note(&mut self.story, || format!("issue to {holder} for {occasion} out of {given:?}: {answer:?}"));
        let before = self.codes.iter().find(|c| (c.holder, c.occasion) == (holder, occasion));
        if let Some(before) = before {
            let Ok(v::Issue::AlreadyIssued(found)) = answer else { panic!("not again: {}", self.story.join("\n")) };
            self.check("the same code", (before.text, before.revoked), (found.code().as_str(), found.is_revoked()));
            return;
        }
        match given.iter().find(|text| self.codes.iter().all(|c| c.text != **text)) {
            Some(text) => {
                let Ok(v::Issue::Issued(found)) = answer else { panic!("not issued: {}", self.story.join("\n")) };
                self.check("a new code", *text, found.code().as_str());
                self.codes.push(Code { text, holder, occasion, revoked: false });
            }
            None => {
                let tried = u32::try_from(given.len()).unwrap();
                let taken = matches!(answer, Err(v::IssueError::NoFreeCode { tried: found }) if found == tried);
                self.check("no free code", true, taken);
            }
        }
    }

    fn price(&mut self, r: &mut Random) -> Option<usize> {
        let (text, who, number) = (r.of(&CODES), usize::try_from(r.below(3)).unwrap(), self.facts.len());
        let reference = v::Reference::Order(format!("o-{number}").parse().unwrap());
        let pen = v::Product::new("PEN".parse().unwrap());
        let price = v::UnitPrice::parse("3.00").unwrap();
        let line = v::Line::new(v::LineId(1), pen, v::Quantity::ONE, price);
        let order = v::Order::builder(v::Currency::USD).line(line).build().unwrap();
        let customer = v::Customer::new([CUSTOMERS[who].parse().unwrap()]);
        let load = v::LoadRequest::new(reference.clone(), v::Currency::USD, self.now)
            .code(text.to_lowercase())
            .customer(self.shop.policy().counted_keys(&customer));
        let loaded = v::block_on(self.store.load(&load)).unwrap();
        let prepared = loaded.prepare(&self.shop).unwrap();
        let codes = loaded.presented(&prepared);
        let request = v::Request::new(&order, &customer, reference, self.now).with_codes(&codes);
        let outcome = self.shop.evaluate(&request).unwrap();
        let applied = outcome.answers().iter().all(|answer| answer.state() == v::AnswerState::Applied);
        note(&mut self.story, || format!("price {number} with {text} for {who}: {:?}", outcome.answers()));
        let code = self.codes.iter().position(|c| c.text == text);
        let expected = code.filter(|code| self.fits(*code, who, None));
        self.check("applied", expected.is_some(), applied);
        self.check("payable", if applied { 270 } else { 300 }, outcome.totals().payable().minor());
        let code = expected?;
        let redemption = outcome.redemption().unwrap();
        // As a host keeps it between the steps.
        let read = serde_json::from_str(&serde_json::to_string(&redemption).unwrap()).unwrap();
        self.check("a redemption from JSON", &redemption, &read);
        self.facts.push(Fact { who, code, redemption: read, state: State::Priced });
        Some(number)
    }

    fn reserve(&mut self, r: &mut Random, i: usize) {
        let until = self.now + TimeDelta::minutes(r.of(&[10, 60, 24 * 60]));
        let answer = v::block_on(self.store.reserve(&self.facts[i].redemption, self.now, until)).unwrap();
        note(&mut self.story, || format!("reserve {i}: {answer:?}"));
        let fits = self.fits(self.facts[i].code, self.facts[i].who, Some(i));
        match (self.facts[i].state, answer) {
            (State::Recorded { voided: false, .. }, v::Reserve::AlreadyRecorded) => {}
            (State::Recorded { voided: true, .. }, v::Reserve::Refused(_)) => {}
            (State::Recorded { .. }, answer) => panic!("reserve: {answer:?}\n{}", self.story.join("\n")),
            (state, v::Reserve::Held { until: found }) if fits => {
                let before = if let State::Held(before) = state { before } else { until };
                self.check("held until", if self.now < before { until.max(before) } else { until }, found);
                self.facts[i].state = State::Held(found);
            }
            (_, v::Reserve::Refused(_)) if !fits => {}
            (_, answer) => panic!("reserve: fits {fits}, found {answer:?}\n{}", self.story.join("\n")),
        }
    }

    fn commit(&mut self, i: usize) {
        let answer = v::block_on(self.store.commit(&self.facts[i].redemption, self.now)).unwrap();
        note(&mut self.story, || format!("commit {i}: {answer:?}"));
        let expected = match self.facts[i].state {
            State::Recorded { voided: false, .. } => "already recorded",
            State::Recorded { .. } => "refused",
            _ if self.fits(self.facts[i].code, self.facts[i].who, Some(i)) => "recorded",
            _ => "refused",
        };
        let found = match answer {
            v::Commit::Recorded => "recorded",
            v::Commit::AlreadyRecorded => "already recorded",
            v::Commit::Refused(_) => "refused",
            _ => "?",
        };
        self.check("commit", expected, found);
        if found == "recorded" {
            self.facts[i].state = State::Recorded { voided: false, back: false };
        }
    }

    fn release(&mut self, i: usize) {
        let reference = self.facts[i].redemption.reference().clone();
        let answer = v::block_on(self.store.release(&reference, self.now)).unwrap();
        note(&mut self.story, || format!("release {i}: {answer:?}"));
        let expected = match self.facts[i].state {
            State::Held(until) if self.now < until => v::Release::Released,
            State::Recorded { .. } => v::Release::Recorded,
            _ => v::Release::NothingHeld,
        };
        self.check("release", expected, answer);
        if let State::Held(_) = self.facts[i].state {
            self.facts[i].state = State::Released;
        }
    }

    fn void(&mut self, r: &mut Random, i: usize) {
        let back = r.one_in(2);
        let reference = self.facts[i].redemption.reference().clone();
        let policy = v::OnVoid::KEEP.with_uses_given_back(back);
        let answer = v::block_on(self.store.void(&reference, policy, self.now)).unwrap();
        note(&mut self.story, || format!("void {i}, uses back {back}: {answer:?}"));
        match (self.facts[i].state, answer) {
            (State::Recorded { voided: false, .. }, v::Void::Voided { uses_given_back, .. }) => {
                self.check("uses given back", back, uses_given_back);
                self.facts[i].state = State::Recorded { voided: true, back };
            }
            (State::Recorded { voided: true, .. }, v::Void::AlreadyVoided) => {}
            (State::Priced | State::Held(_) | State::Released, v::Void::NotRecorded) => {}
            (_, answer) => panic!("void: {answer:?}\n{}", self.story.join("\n")),
        }
    }

    fn revoke(&mut self, r: &mut Random) {
        let text = r.of(&CODES);
        let code = v::Code::parse(text, v::CodeFormat::Standard).unwrap();
        let answer = self.store.revoke(&code, v::Revocation::new(self.now, "lost").unwrap());
        note(&mut self.story, || format!("revoke {text}: {answer:?}"));
        let known = self.codes.iter_mut().find(|c| c.text == text).map(|c| c.revoked = true);
        self.check("known", known.is_some(), answer.is_ok());
    }

    /// Every counter, and what is known of every code.
    fn look(&self) {
        let counter = |of: Of| match of {
            Of::All => v::CounterKey::Total { coupon: self.coupon.clone() },
            Of::Code(code) => v::CounterKey::Code {
                coupon: self.coupon.clone(),
                code: v::Code::from_canonical(self.codes[code].text).unwrap(),
            },
            Of::Customer(who) => {
                v::CounterKey::Customer { coupon: self.coupon.clone(), customer: CUSTOMERS[who].parse().unwrap() }
            }
        };
        let all = [Of::All].into_iter().chain((0..self.codes.len()).map(Of::Code)).chain((0..3).map(Of::Customer));
        for of in all {
            let found = self.store.counter(&counter(of), self.now);
            self.check(format_args!("{of:?}"), self.counts(of, None), (found.used, found.held));
            let limit = match of {
                Of::All => self.limits[0],
                Of::Code(_) => self.limits[1],
                Of::Customer(_) => self.limits[2],
            };
            assert!(found.used + found.held <= limit, "{of:?} is exceeded\n{}", self.story.join("\n"));
        }
        for (i, code) in self.codes.iter().enumerate() {
            let record = self.store.look_up(&self.shop, code.text).unwrap().unwrap();
            self.check(
                "uses",
                (self.counts(Of::Code(i), None).0, code.revoked),
                (record.uses, record.revocation.is_some()),
            );
        }
    }
}

/// One life.
pub fn live(r: &mut Random) {
    let mut life = Life::new(r);
    let life = &mut life;
    for _ in 0..2 + r.below(10) {
        life.now += TimeDelta::minutes(r.of(&[0, 1, 30, 120, 24 * 60]));
        let some = |r: &mut Random, life: &Life| {
            (!life.facts.is_empty()).then(|| usize::try_from(r.below(life.facts.len() as u64)).unwrap())
        };
        match r.below(12) {
            0..=2 => life.issue(r),
            3..=6 => {
                if let Some(i) = life.price(r) {
                    match r.below(3) {
                        0 => life.reserve(r, i),
                        1 => life.commit(i),
                        _ => {}
                    }
                }
            }
            7 => drop(some(r, life).map(|i| life.reserve(r, i))),
            8 => drop(some(r, life).map(|i| life.commit(i))),
            9 => drop(some(r, life).map(|i| life.release(i))),
            10 => drop(some(r, life).map(|i| life.void(r, i))),
            _ => life.revoke(r),
        }
        life.look();
    }
}
