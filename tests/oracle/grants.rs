//! Coupons that are earned by purchases and events, against a plain reading of what was sold, and what returns make of
//! them. S99, S100, S25.

use std::collections::BTreeMap;

use serde_json::json;
use vouchsafe as v;

use crate::case::Case;
use crate::engine::{self, Failure};
use crate::random::{self, Random};
use crate::twin;

#[derive(Debug, Clone)]
struct Rule {
    /// The lines that it covers, with how many pieces of each.
    lines: Vec<(u64, u64)>,
    event: Option<&'static str>,
    pieces: u64,
    per: &'static str,
    codes: u64,
    on_return: &'static str,
    /// Whether it can be earned now.
    open: bool,
}

/// What a rule gives: the pieces that counted, and how many codes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Given {
    coupon: String,
    event: Option<String>,
    counted: Vec<(u64, u64)>,
    codes: u64,
}

const EVENTS: [&str; 3] = ["newsletter", "survey", "visit"];

impl Rule {
    fn earned(&self, pieces: u64) -> u64 {
        match self.per {
            "unit" => pieces / self.pieces * self.codes,
            _ => u64::from(pieces >= self.pieces) * self.codes,
        }
    }

    fn gives(&self, coupon: &str, happened: &[&str]) -> Vec<Given> {
        let one = |counted: Vec<(u64, u64)>| {
            let codes = self.earned(counted.iter().map(|(_, pieces)| pieces).sum());
            Given { coupon: coupon.to_owned(), event: None, counted, codes }
        };
        let all = match (self.event, self.per) {
            _ if !self.open => Vec::new(),
            (Some(event), _) if happened.contains(&event) => {
                let (coupon, event) = (coupon.to_owned(), Some(event.to_owned()));
                vec![Given { coupon, event, counted: Vec::new(), codes: self.codes }]
            }
            (Some(_), _) => Vec::new(),
            (None, "line") => self.lines.iter().map(|line| one(vec![*line])).collect(),
            (None, _) => vec![one(self.lines.clone())],
        };
        all.into_iter().filter(|given| given.codes > 0).collect()
    }
}

fn rule(r: &mut Random, case: &Case, event: Option<&'static str>) -> (Rule, serde_json::Value) {
    let scope = random::scope(r, 2);
    let covered = twin::covered(case, &scope);
    let pieces = |l: &crate::case::Line| if l.measured { 1 } else { u64::try_from(l.quantity.digits).unwrap() };
    let mut lines: Vec<(u64, u64)> =
        case.lines.iter().filter(|l| covered.contains(&l.id)).map(|l| (l.id, pieces(l))).collect();
    lines.sort_unstable();
    let rule = Rule {
        lines,
        event,
        pieces: r.of(&[1, 1, 2, 3, 5]),
        per: r.of(&["order", "line", "unit"]),
        codes: r.of(&[1, 1, 2, 3]),
        on_return: r.of(&["keep", "revoke", "revoke_or_bill"]),
        open: true,
    };
    let json = match event {
        Some(event) => json!({"event": {"event": event, "codes": rule.codes}}),
        None => json!({"purchase": {
            "scope": scope.json(case.policy),
            "pieces": rule.pieces,
            "per": rule.per,
            "codes": rule.codes,
            "on_return": rule.on_return,
        }}),
    };
    (rule, json)
}

fn given(grant: &v::Grant) -> Given {
    let (event, counted) = match grant.cause() {
        v::GrantCause::Purchase { counted, .. } => {
            (None, counted.iter().map(|c| (c.line.0, u64::from(c.units))).collect())
        }
        v::GrantCause::Event { event } => (Some(event.to_string()), Vec::new()),
        cause => panic!("an unknown cause {cause:?}"),
    };
    Given { coupon: grant.coupon().to_string(), event, counted, codes: grant.codes().into() }
}

/// One random order in a shop whose coupons can be earned.
pub fn compare(seed: u64, index: u64, met: &mut BTreeMap<String, u64>) -> Result<(), Failure> {
    let case = random::case(seed ^ 0xea12, index);
    let mut r = Random(seed ^ index.wrapping_mul(0x8d58_ac26) ^ 1);
    let mut rules: Vec<Vec<Rule>> = Vec::new();
    let mut definitions: Vec<v::Coupon> = Vec::new();
    for n in 0..1 + r.below(3) {
        let mut events = EVENTS.to_vec();
        let open = r.of(&["", "", "", "off", "over", "now"]);
        let (mut own, mut earn) = (Vec::new(), Vec::new());
        for _ in 0..1 + r.below(3) {
            let event = if r.one_in(3) { events.pop() } else { None };
            let (mut rule, json) = rule(&mut r, &case, event);
            rule.open = !["off", "over"].contains(&open);
            own.push(rule);
            earn.push(json);
        }
        // What it is worth, and when it can be used, has no part in it.
        let mut definition = json!({
            "version": 1, "id": format!("earned-{n}"), "benefits": [{"percent": {"off": "10"}}], "earn": earn,
            "validity": {"from": "2027-01-01"},
        });
        match open {
            "off" => definition["status"] = "inactive".into(),
            "over" => definition["availability"] = json!({"thru": "2026-03-28"}),
            "now" => definition["availability"] = json!({"from": "2026-03-29", "thru": "2026-03-29"}),
            _ => {}
        }
        definitions.push(serde_json::from_value(definition.clone()).map_err(|e| format!("{e}: {definition}"))?);
        rules.push(own);
    }
    let happened: Vec<&str> = EVENTS.into_iter().filter(|_| r.one_in(2)).collect();
    let expected: Vec<Given> = (rules.iter().enumerate())
        .flat_map(|(n, own)| own.iter().map(move |rule| (n, rule)))
        .flat_map(|(n, rule)| rule.gives(&format!("earned-{n}"), &happened))
        .collect();
    let events = happened.iter().map(|e| e.parse()).collect::<Result<Vec<v::EventId>, _>>()?;
    engine::with(&case, |shop, request| {
        let earnings = shop.earnings(definitions)?;
        let request = request.clone().with_earnings(&earnings).with_events(&events);
        let outcome = shop.evaluate(&request)?;
        let found: Vec<Given> = outcome.grants().iter().map(given).collect();
        if found != expected {
            return Err(format!("{rules:?}\nexpected {expected:?}\nfound    {found:?}").into());
        }
        // Every code of a definition on its own occasion, whenever it is worked out.
        let grants = || outcome.grants().iter();
        let occasions: Vec<(String, String)> = grants()
            .flat_map(|grant| grant.occasions().map(|occasion| (grant.coupon().to_string(), occasion.to_string())))
            .collect();
        let mut distinct = occasions.clone();
        distinct.sort();
        distinct.dedup();
        let codes: u64 = expected.iter().map(|g| g.codes).sum();
        if distinct.len() != occasions.len() || occasions.len() as u64 != codes {
            return Err(format!("{codes} codes, {occasions:?}").into());
        }
        if outcome.grants() != shop.evaluate(&request)?.grants() {
            return Err("another answer".into());
        }
        *met.entry("granted".to_owned()).or_default() += expected.len() as u64;
        let flat: Vec<&Rule> =
            rules.iter().flatten().flat_map(|rule| rule.gives("", &happened).into_iter().map(move |_| rule)).collect();
        for _ in 0..3 {
            returned(&case, &outcome, &flat, &mut r, met)?;
        }
        Ok(())
    })
    .map_err(|error| format!("{error}\n{case}").into())
}

/// How one code stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    NotIssued,
    Unused,
    Used(i64),
    TakenBack,
}

/// Some of it comes back, with the codes in any state.
fn returned(
    case: &Case,
    outcome: &v::Outcome,
    rules: &[&Rule],
    r: &mut Random,
    met: &mut BTreeMap<String, u64>,
) -> Result<(), Failure> {
    let mut back = Vec::new();
    for line in outcome.lines() {
        if r.one_in(2) {
            back.push((line.id(), u32::try_from(r.below(u64::from(line.units()) + 1))?));
        }
    }
    let mut coupons: Vec<&v::CouponId> = outcome.grants().iter().map(v::Grant::coupon).collect();
    coupons.dedup();
    // Occasions tell the codes of one definition apart.
    for coupon in coupons {
        let own = outcome.grants().iter().zip(rules).filter(|(grant, _)| grant.coupon() == coupon);
        let (grants, rules): (Vec<v::Grant>, Vec<&Rule>) = own.map(|(grant, rule)| (grant.clone(), *rule)).unzip();
        of_definition(&grants, &rules, &back, outcome.currency(), r, met)
            .map_err(|error| format!("{error}\n{case}"))?;
    }
    Ok(())
}

fn of_definition(
    grants: &[v::Grant],
    rules: &[&Rule],
    back: &[(v::LineId, u32)],
    currency: v::Currency,
    r: &mut Random,
    met: &mut BTreeMap<String, u64>,
) -> Result<(), Failure> {
    let money = |minor: i64| v::Money::new(minor, currency);
    let (mut told, mut expected) = (Vec::new(), Vec::new());
    for (grant, rule) in grants.iter().zip(rules) {
        let mut states: Vec<(State, v::OccasionId)> = Vec::new();
        for occasion in grant.occasions() {
            let used = State::Used(i64::try_from(r.below(900))?);
            let state = r.of(&[State::NotIssued, State::Unused, State::Unused, used, State::TakenBack]);
            let code = match state {
                State::NotIssued => None,
                State::Unused => Some(v::GrantedCode::Unused),
                State::Used(discount) => Some(v::GrantedCode::Used { discount: money(discount) }),
                State::TakenBack => Some(v::GrantedCode::TakenBack),
            };
            told.extend(code.map(|code| (grant.coupon().clone(), occasion.clone(), code)));
            states.push((state, occasion));
        }
        if rule.event.is_some() {
            continue;
        }
        let counted = given(grant).counted;
        let kept = counted.iter().map(|(line, units)| {
            let gone = back.iter().find(|(id, _)| id.0 == *line).map_or(0, |(_, units)| u64::from(*units));
            units - gone
        });
        let standing = rule.earned(kept.sum());
        let mut unearned = u64::from(grant.codes()) - standing;
        // Those that were taken back are gone already; the others go as it costs least, the last ones first.
        unearned = unearned.saturating_sub(states.iter().filter(|(s, _)| *s == State::TakenBack).count() as u64);
        let kinds: [fn(&State) -> bool; 3] =
            [|s| *s == State::NotIssued, |s| *s == State::Unused, |s| matches!(s, State::Used(_))];
        for kind in kinds {
            for (state, occasion) in states.iter().rev().filter(|(s, _)| kind(s)) {
                if unearned == 0 {
                    break;
                }
                unearned -= 1;
                let (coupon, occasion) = (grant.coupon().clone(), occasion.clone());
                expected.push(match (rule.on_return, state) {
                    ("keep", _) => v::GrantReturn::Keep { coupon, occasion },
                    (_, State::NotIssued) => v::GrantReturn::Withhold { coupon, occasion },
                    (_, State::Unused) => v::GrantReturn::Revoke { coupon, occasion },
                    ("revoke_or_bill", State::Used(discount)) => {
                        v::GrantReturn::Bill { coupon, occasion, amount: money(*discount) }
                    }
                    _ => v::GrantReturn::Keep { coupon, occasion },
                });
            }
        }
    }
    let found = v::grants_on_return(grants, back, &told);
    *met.entry("unearned".to_owned()).or_default() += found.len() as u64;
    if found == expected {
        return Ok(());
    }
    Err(format!("{back:?} come back\n{rules:?}\nexpected {expected:?}\nfound    {found:?}").into())
}
