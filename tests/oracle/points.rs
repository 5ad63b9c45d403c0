//! Loyalty points of random orders: earned by one floor over the net amount, redeemed up to what is left, the fewest
//! that it takes. S28, S29.

use std::collections::BTreeMap;

use serde_json::json;
use vouchsafe as v;

use crate::case::{Case, Number, Scope};
use crate::engine::{self, Failure, policy};
use crate::fraction::Fraction;
use crate::random::{self, Random};
use crate::twin;

/// The programme of a shop, and what a customer asks for.
#[derive(Debug, Clone)]
pub struct Points {
    pub rate: Option<Fraction>,
    pub multiplier: Fraction,
    pub scope: Scope,
    pub tender: bool,
    value: Option<Fraction>,
    minimum: Option<i128>,
    step: Option<i128>,
    /// How many are asked for, and how many there are.
    wanted: Option<(i128, i128)>,
    known: bool,
    exponent: u32,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PointsAnswer {
    pub earned: i128,
    pub redeemed: i128,
    pub money: i128,
    pub due: i128,
    /// Why none are redeemed: all that there is to say.
    pub reasons: Vec<&'static str>,
}

impl Points {
    /// All that is asked for or nothing, but no more of it than is left to pay for.
    pub fn redeem(&self, left: i128, told: &mut PointsAnswer) {
        let Some((wanted, balance)) = self.wanted else { return };
        let Some(value) = self.value else {
            told.reasons.push("not_offered");
            return;
        };
        let value = value * Fraction::whole(10_i128.pow(self.exponent));
        let money = (value * Fraction::whole(wanted)).floor().min(left);
        let no = [
            ("identity_required", !self.known),
            ("below_minimum", self.minimum.is_some_and(|minimum| wanted < minimum)),
            ("not_in_steps", self.step.is_some_and(|step| wanted % step != 0)),
            ("balance_too_low", balance < wanted),
            ("not_applicable", left == 0),
            ("no_benefit", money == 0),
        ];
        told.reasons.extend(no.iter().filter(|(_, is)| *is).map(|(why, _)| *why));
        if told.reasons.is_empty() {
            told.money = money;
            told.redeemed = (Fraction::whole(money) / value).ceil();
        }
    }
}

fn random_points(r: &mut Random, case: &Case) -> (Points, v::Shop) {
    let number = |r: &mut Random, scale: u32, most: u64| Number { digits: r.amount(most), scale };
    let scale = case.policy.exponent;
    let rate = (!r.one_in(8)).then(|| {
        let scale = r.of(&[0, 1, 3]);
        number(r, scale, 40)
    });
    // Worth a minor unit, less than that, and more.
    let value = (rate.is_none() || !r.one_in(8)).then(|| {
        let (finer, most) = (r.of(&[0, 0, 1, 2]), r.of(&[1, 30, 30]));
        number(r, scale + finer, most)
    });
    let multiplier = Number { digits: r.of(&[1000, 1000, 1500, 3333, 250]), scale: 3 };
    let scope = if r.one_in(2) { Scope::Open } else { random::scope(r, 1) };
    let (minimum, step) = (r.maybe(5, |r| r.amount(200)), r.maybe(5, |r| r.of(&[2, 5, 100])));
    let tender = r.one_in(2);
    let mut wanted = 1 + i128::from(r.of(&[20_u64, 500, 20_000]).min(r.next() % 20_000));
    if let Some(step) = step.filter(|_| !r.one_in(4)) {
        wanted = (wanted / step + 1) * step;
    }
    let balance = if r.one_in(8) { wanted - 1 } else { wanted + i128::from(r.below(900)) };
    let wanted = (!r.one_in(6)).then_some((wanted, balance));
    let currency = case.policy.currency();
    let mut program = json!({"scope": scope.json(case.policy)});
    let figure = |number: Number| json!({ currency: number.to_string() });
    for (name, figure) in [("earn", rate.map(figure)), ("value", value.map(figure))] {
        if let Some(figure) = figure {
            program[name] = figure;
        }
    }
    for (name, figure) in [("minimum", minimum), ("step", step)] {
        if let Some(figure) = figure {
            program[name] = u64::try_from(figure).unwrap().into();
        }
    }
    if tender {
        program["redeem_as"] = "tender".into();
    }
    let shop = json!({
        "version": 1,
        "policy": serde_json::to_value(policy(case).unwrap()).unwrap(),
        "customer_types": [{"id": "GOLD", "points_multiplier": multiplier.to_string()}],
        "default_type": "GOLD",
        "points": program,
    });
    let points = Points {
        rate: rate.map(Number::fraction),
        multiplier: multiplier.fraction(),
        scope,
        tender,
        value: value.map(Number::fraction),
        minimum,
        step,
        wanted,
        known: !r.one_in(6),
        exponent: case.policy.exponent,
    };
    (points, serde_json::from_value(shop.clone()).unwrap_or_else(|e| panic!("{e}: {shop}")))
}

/// One random order in a shop with points.
pub fn compare(seed: u64, index: u64, met: &mut BTreeMap<String, u64>) -> Result<(), Failure> {
    let case = random::case(seed ^ 0x9017, index);
    let mut r = Random(seed ^ index.wrapping_mul(0x2127_599b) ^ 9);
    let (points, shop) = random_points(&mut r, &case);
    let keys = points.known.then(|| v::IdentityKey::id("ann")).transpose()?;
    let customer = v::Customer::new(keys);
    let setting = engine::Setting { shop, customer, ..engine::setting(&case, "o-1")? };
    let (expected, told) = twin::evaluate_with_points(&case, &points);
    engine::with_setting(&case, &setting, |shop, request| {
        let mut request = request.clone();
        if let Some((wanted, balance)) = points.wanted {
            request = request.with_points(v::PointsUse::new(wanted.try_into()?, balance.try_into()?));
        }
        let outcome = shop.evaluate(&request)?;
        let mut differences = expected.differences(&engine::answer(&outcome));
        let found = outcome.points().ok_or("no points")?;
        let minor = |money: v::Money| i128::from(money.minor());
        let (money, due) = (minor(found.money()), minor(outcome.amount_due()));
        let refusal = found.refusal().map(|refusal| serde_json::to_value(refusal).unwrap());
        let refusal = refusal
            .map(|r| r.as_str().map_or_else(|| r.as_object().unwrap().keys().next().unwrap().clone(), str::to_owned));
        let reasons = match &refusal {
            None => Vec::new(),
            Some(why) => match told.reasons.iter().find(|reason| *reason == why) {
                Some(_) => told.reasons.clone(),
                None => vec!["something else"],
            },
        };
        let (earned, redeemed) = (i128::from(found.earned()), i128::from(found.redeemed()));
        let found = PointsAnswer { earned, redeemed, money, due, reasons };
        if told != found {
            differences.push(format!("points\n  expected {told:?}\n  found    {found:?} {refusal:?}"));
        }
        if !differences.is_empty() {
            return Err(format!("{points:?}\n{}", differences.join("\n")).into());
        }
        if let Ok(redemption) = outcome.redemption() {
            let moved = redemption.points().map(|p| (i128::from(p.earned), i128::from(p.redeemed), minor(p.money)));
            let expected = points.known.then_some((told.earned, told.redeemed, told.money));
            if moved != expected.filter(|(earned, redeemed, _)| earned + redeemed > 0) {
                return Err(format!("recorded is {moved:?}, not {expected:?}").into());
            }
        }
        let mut count = |what: &str| *met.entry(what.to_owned()).or_default() += 1;
        if told.redeemed > 0 {
            count(if points.tender { "tendered" } else { "redeemed" });
        }
        if let Some(why) = refusal {
            count(&why);
        }
        if outcome.placeable() {
            crate::recompute::recomputes(shop, &request, index % 8 == 0)?;
            count("recomputed");
        }
        Ok(())
    })
    .map_err(|error| format!("{error}\n{case}").into())
}
