//! Accounts of loyalty points through the memory store: orders that are held, recorded, released, voided and returned in
//! any order, against a plain list of facts. A balance is what was credited and earned, less what was redeemed, and what
//! returns gave back and took back; it is never below zero, and nobody spends a point twice (S28, S29, trap 14).

use std::collections::BTreeMap;

use serde_json::json;
use vouchsafe::{self as v, CouponStore as _};

use crate::fraction::Fraction;
use crate::random::Random;
use crate::source::note;

const PEOPLE: [&str; 2] = ["ann", "ben"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Priced,
    Held { until: i64 },
    Recorded,
    Voided,
}

struct Fact {
    who: usize,
    redemption: v::Redemption,
    outcome: v::Outcome,
    settlement: v::Settlement,
    earned: i128,
    redeemed: i128,
    state: State,
    /// Undone so far, whether or not it was still there.
    given: i128,
    taken: i128,
}

struct Wallets {
    shop: v::Shop,
    store: v::MemoryStore,
    now: i64,
    facts: Vec<Fact>,
    balances: [i128; 2],
    told: Vec<String>,
    tender: bool,
}

fn clock(minutes: i64) -> chrono::DateTime<chrono::Utc> {
    v::parse_instant("2026-03-29T12:00:00Z").unwrap() + chrono::TimeDelta::minutes(minutes)
}

fn key(who: usize) -> v::IdentityKey {
    v::IdentityKey::id(PEOPLE[who]).unwrap()
}

impl Wallets {
    fn check<T: PartialEq + std::fmt::Debug>(&self, what: &str, expected: &T, found: &T) {
        assert!(expected == found, "{what}\n  expected {expected:?}\n  found    {found:?}\n{}", self.told.join("\n"));
    }

    /// What others hold now.
    fn held(&self, who: usize, without: Option<usize>) -> i128 {
        let live = |fact: &Fact| matches!(fact.state, State::Held { until } if self.now < until);
        let of = |(i, fact): &(usize, &Fact)| fact.who == who && Some(*i) != without && live(fact);
        self.facts.iter().enumerate().filter(of).map(|(_, fact)| fact.redeemed).sum()
    }

    fn same(&self) {
        for who in 0..PEOPLE.len() {
            let found = self.store.points(&key(who), clock(self.now));
            assert!(self.balances[who] >= 0);
            self.check("the balance", &self.balances[who], &i128::from(found.balance()));
            self.check("what is held", &self.held(who, None), &i128::from(found.held()));
        }
    }

    /// The account moves: never below zero; what is not there is not taken.
    fn undo(&mut self, who: usize, given: i128, taken: i128) -> v::PointsReturned {
        let there = self.balances[who] + given;
        let gone = taken.min(there);
        self.balances[who] = there - gone;
        let returned = json!({
            "given_back": u64::try_from(given).unwrap(),
            "taken_back": u64::try_from(gone).unwrap(),
            "shortfall": u64::try_from(taken - gone).unwrap(),
        });
        serde_json::from_value(returned).unwrap()
    }

    fn order(&mut self, r: &mut Random, n: u64) {
        let who = usize::try_from(r.below(2)).unwrap();
        let usd = v::Currency::USD;
        let mut order = v::Order::builder(usd);
        for id in 1..=1 + r.below(3) {
            let price = v::UnitPrice::parse(&format!("{}.{:02}", r.below(40), r.below(100))).unwrap();
            let product = v::Product::new("P".parse().unwrap());
            let quantity = v::Quantity::pieces(1 + r.below(4)).unwrap();
            order = order.line(v::Line::new(v::LineId(id), product, quantity, price));
        }
        order = order.charge(v::Charge::shipping(v::LineId(9), v::Money::new(490, usd)));
        let order = order.build().unwrap();
        let customer = v::Customer::new([key(who)]);
        let reference = v::Reference::Order(format!("o-{n}").parse().unwrap());
        // As if another checkout had not been heard of yet.
        let balance = u64::try_from(self.balances[who]).unwrap();
        let asked = if balance == 0 { 0 } else { 1 + r.below(balance) };
        let mut request = v::Request::new(&order, &customer, reference, clock(self.now));
        if asked > 0 && !r.one_in(4) {
            request = request.with_points(v::PointsUse::new(asked, balance));
        }
        let outcome = self.shop.evaluate(&request).unwrap();
        let redemption = outcome.redemption().unwrap();
        let moved = redemption.points().map_or((0, 0), |p| (i128::from(p.earned), i128::from(p.redeemed)));
        note(&mut self.told, || format!("o-{n} of {} earns and redeems {moved:?}", PEOPLE[who]));
        self.facts.push(Fact {
            who,
            redemption,
            settlement: v::Settlement::new(&outcome).unwrap(),
            outcome,
            earned: moved.0,
            redeemed: moved.1,
            state: State::Priced,
            given: 0,
            taken: 0,
        });
    }

    fn short(&self, i: usize) -> bool {
        let fact = &self.facts[i];
        fact.redeemed > 0 && self.balances[fact.who] - self.held(fact.who, Some(i)) < fact.redeemed
    }

    fn reserve(&mut self, i: usize, r: &mut Random) {
        let until = self.now + 1 + i64::try_from(r.below(20)).unwrap();
        let answer = v::block_on(self.store.reserve(&self.facts[i].redemption, clock(self.now), clock(until))).unwrap();
        note(&mut self.told, || format!("reserve {i}: {answer:?}"));
        match self.facts[i].state {
            State::Recorded => self.check("reserve", &true, &matches!(answer, v::Reserve::AlreadyRecorded)),
            State::Voided => self.check("reserve", &true, &matches!(answer, v::Reserve::Refused(_))),
            _ if self.short(i) => {
                let short = |objection: &v::Objection| matches!(objection, v::Objection::PointsShort { .. });
                let refused = matches!(&answer, v::Reserve::Refused(why) if why.iter().all(short));
                self.check("reserve what is not there", &true, &refused);
            }
            _ => {
                // Reserving again extends a hold and never cuts it short.
                let live = match self.facts[i].state {
                    State::Held { until } if self.now < until => until,
                    _ => 0,
                };
                let until = until.max(live);
                let held = matches!(answer, v::Reserve::Held { until: found, .. } if found == clock(until));
                self.check("reserve", &true, &held);
                self.facts[i].state = State::Held { until };
            }
        }
    }

    fn commit(&mut self, i: usize) {
        let answer = v::block_on(self.store.commit(&self.facts[i].redemption, clock(self.now))).unwrap();
        note(&mut self.told, || format!("commit {i}: {answer:?}"));
        match self.facts[i].state {
            State::Recorded => self.check("commit", &v::Commit::AlreadyRecorded, &answer),
            State::Voided => self.check("commit", &true, &matches!(answer, v::Commit::Refused(_))),
            _ if self.short(i) => {
                self.check("commit what is not there", &true, &matches!(answer, v::Commit::Refused(_)));
            }
            _ => {
                self.check("commit", &v::Commit::Recorded, &answer);
                let fact = &mut self.facts[i];
                fact.state = State::Recorded;
                self.balances[fact.who] += fact.earned - fact.redeemed;
            }
        }
    }

    fn release(&mut self, i: usize) {
        let reference = self.facts[i].redemption.reference().clone();
        let answer = v::block_on(self.store.release(&reference, clock(self.now))).unwrap();
        note(&mut self.told, || format!("release {i}: {answer:?}"));
        if let State::Held { .. } = self.facts[i].state {
            self.facts[i].state = State::Priced;
        }
    }

    fn void(&mut self, i: usize) {
        let reference = self.facts[i].redemption.reference().clone();
        let answer = v::block_on(self.store.void(&reference, v::OnVoid::KEEP, clock(self.now))).unwrap();
        note(&mut self.told, || format!("void {i}: {answer:?}"));
        match (self.facts[i].state, answer) {
            (State::Recorded, v::Void::Voided { points, .. }) => {
                let fact = &mut self.facts[i];
                let (given, taken) = (fact.redeemed - fact.given, fact.earned - fact.taken);
                (fact.given, fact.taken, fact.state) = (fact.redeemed, fact.earned, State::Voided);
                let (who, moves) = (fact.who, fact.redemption.points().is_some());
                let returned = self.undo(who, given, taken);
                self.check("what a void moves", &moves.then_some(returned), &points);
            }
            (State::Voided, answer) => self.check("void", &v::Void::AlreadyVoided, &answer),
            (State::Recorded, answer) => panic!("{answer:?}\n{}", self.told.join("\n")),
            (_, answer) => self.check("void", &v::Void::NotRecorded, &answer),
        }
    }

    /// What points paid for, or are earned on, of what is left: the lines and not the shipping.
    fn left(settlement: &v::Settlement, figure: impl Fn(&v::LineFigures) -> v::Money) -> i128 {
        let lines = settlement.lines().iter().filter(|line| !line.is_charge());
        lines.map(|line| i128::from(figure(line.figures()).minor())).sum()
    }

    fn refund(&mut self, i: usize, r: &mut Random, n: u64) {
        let id: v::MovementId = format!("r-{n}").parse().unwrap();
        let tender = self.tender;
        let fact = &mut self.facts[i];
        if fact.state != State::Recorded {
            return;
        }
        let mut request = v::RefundRequest::new(id.clone());
        for line in fact.settlement.lines().iter().filter(|l| l.units() > 0) {
            if r.one_in(2) {
                request = request.units(line.line(), 1 + u32::try_from(r.below(line.units().into())).unwrap());
            }
        }
        let Ok(refund) = fact.settlement.refund(&request) else { return };
        fact.settlement.apply(&refund).unwrap();
        let points = fact.settlement.points_return(&fact.outcome, &id).unwrap();
        let (given, taken) =
            (fact.given + i128::from(points.given_back()), fact.taken + i128::from(points.taken_back()));
        // In proportion to what is left of what they took off or paid, and all of it once nothing is left.
        let first = v::Settlement::new(&fact.outcome).unwrap();
        let of = |settlement| match tender {
            true => Self::left(settlement, v::LineFigures::payable),
            false => Self::left(settlement, v::LineFigures::points_discount),
        };
        let (kept, all) = (of(&fact.settlement), of(&first));
        let mut exact = Fraction::whole(0);
        if all > 0 {
            exact = Fraction::new(fact.redeemed * (all - kept), all);
        }
        let near = Fraction::whole(given) <= exact && exact - Fraction::whole(given) < Fraction::whole(1);
        assert!(near, "{given} of {exact:?} given back\n{}", self.told.join("\n"));
        // What is kept earns by one floor; a tender's part of it earns nothing.
        let paid = Self::left(&fact.settlement, v::LineFigures::payable);
        let tendered = if tender && all > 0 {
            let whole = fact.outcome.points().map_or(0, |p| i128::from(p.tendered().minor()));
            Fraction::new(whole * kept, all)
        } else {
            Fraction::whole(0)
        };
        let rate = Fraction::new(3, 2 * 100);
        let earns = (Fraction::whole(paid) - tendered) * rate;
        let off = Fraction::whole(fact.earned - taken) - earns;
        let near = match tender {
            false => fact.earned - taken == earns.floor(),
            // The part of a tender is a whole number of cents.
            true => off < Fraction::whole(1) && Fraction::new(-3, 2) <= off,
        };
        assert!(near, "{taken} taken back of {}, {earns:?} stand\n{}", fact.earned, self.told.join("\n"));
        (fact.given, fact.taken) = (given, taken);
        let (who, reference) = (fact.who, fact.redemption.reference().clone());
        let (back, gone) = (i128::from(points.given_back()), i128::from(points.taken_back()));
        let moves = fact.redemption.points().is_some();
        let answer = self.store.return_points(&reference, &id, points);
        note(&mut self.told, || format!("return of {i}: {points:?}, {answer:?}"));
        if !moves {
            return self.check("a return without points", &v::ReturnPoints::NotRecorded, &answer);
        }
        let returned = self.undo(who, back, gone);
        self.check("a return", &v::ReturnPoints::Returned(returned), &answer);
        let again = self.store.return_points(&reference, &id, points);
        self.check("the same return again", &v::ReturnPoints::AlreadyReturned(returned), &again);
    }
}

/// One life of two accounts.
pub fn live(seed: u64, index: u64, met: &mut BTreeMap<String, u64>) {
    let mut r = Random(seed ^ index.wrapping_mul(0x2917_014f) ^ 21);
    let tender = r.one_in(2);
    let program = json!({
        "earn": {"USD": "1.5"}, "value": {"USD": r.of(&["0.01", "0.005", "0.2"])},
        "redeem_as": if tender { "tender" } else { "discount" },
    });
    let shop = json!({"version": 1, "policy": {"version": 1, "currency": "USD"}, "points": program});
    let shop = serde_json::from_value(shop).unwrap();
    let (store, facts, told) = (v::MemoryStore::new(), Vec::new(), Vec::new());
    let mut wallets = Wallets { shop, store, now: 0, facts, balances: [0, 0], told, tender };
    for n in 0..r.steps(40) {
        wallets.now += i64::try_from(r.below(4)).unwrap();
        let mut count = |what: &str| *met.entry(what.to_owned()).or_default() += 1;
        let i = usize::try_from(r.below(1 + wallets.facts.len() as u64)).unwrap();
        if i == wallets.facts.len() || r.one_in(4) {
            wallets.order(&mut r, n);
            if r.one_in(5) {
                let (who, points) = (usize::try_from(r.below(2)).unwrap(), r.below(900));
                let id: v::MovementId = format!("c-{n}").parse().unwrap();
                wallets.store.credit_points(&key(who), &id, points);
                wallets.store.credit_points(&key(who), &id, points);
                wallets.balances[who] += i128::from(points);
            }
        } else {
            match r.below(8) {
                0 => wallets.release(i),
                1 => wallets.void(i),
                2 => wallets.reserve(i, &mut r),
                3 | 4 => wallets.refund(i, &mut r, n),
                _ => wallets.commit(i),
            }
            count("steps");
        }
        wallets.same();
    }
    // Balance = earned - redeemed + given back - taken back, and what was not there any more.
    let mut count = |what: &str, by: i128| *met.entry(what.to_owned()).or_default() += u64::try_from(by).unwrap();
    for fact in &wallets.facts {
        if matches!(fact.state, State::Recorded | State::Voided) {
            count("earned", fact.earned);
            count("redeemed", fact.redeemed);
            count("given back", fact.given);
            count("taken back", fact.taken);
        }
    }
}
