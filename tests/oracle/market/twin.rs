//! What an order comes to in a shop with customer types: the steps before the coupons, each worked out by itself, and
//! then the twin of the plain order on what is left.

use serde_json::{Value, json};

use super::Market;
use crate::access::{clash, offered, refusal};
use crate::answer::Answer;
use crate::case::{Case, Overrides};
use crate::changes::{change, with};
use crate::fraction::{Fraction, Mode};
use crate::prices::{candidates, overlap};
use crate::quantities::{Left, grant, twice, units};
use crate::twin as plain;
use crate::types::{Seen, Standing, When};

/// How one line stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineStands {
    pub id: u64,
    pub requested: u64,
    pub refusal: Option<Value>,
    pub source: &'static str,
    pub list: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarketAnswer {
    /// Of lines that are sold, and of charges.
    pub answer: Answer,
    pub primary: Option<u8>,
    pub lines: Vec<LineStands>,
    /// By name.
    pub allowances: Vec<Left>,
    pub payment: Option<Vec<String>>,
    pub order_refusals: Vec<Value>,
    pub placeable: bool,
}

/// What the shop says of the order; none where its definition is a mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Mistaken,
    Answer(Box<MarketAnswer>),
}

impl MarketAnswer {
    /// Where a coupon overrides a price that is no other than the list price, nobody says whose price it is then.
    pub fn without_idle_sources(mut self, market: &Market) -> Self {
        if market.case.coupons.iter().any(|c| c.overrides != Overrides::Nothing) {
            let idle = |id: u64| self.answer.lines.iter().any(|l| l.id == id && l.list == l.priced);
            for line in self.lines.iter_mut().filter(|l| l.refusal.is_none() && idle(l.id)) {
                (line.source, line.list) = ("", None);
            }
        }
        self
    }
}

impl Verdict {
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let (Self::Answer(a), Self::Answer(b)) = (self, other) else {
            return if self == other { Vec::new() } else { vec![format!("expected {self:?}\nfound    {other:?}")] };
        };
        let mut all = a.answer.differences(&b.answer);
        let mut compare = |name: &str, expected: String, found: String| {
            if expected != found {
                all.push(format!("{name}\n  expected {expected}\n  found    {found}"));
            }
        };
        compare("primary type", format!("{:?}", a.primary), format!("{:?}", b.primary));
        compare("lines", format!("{:?}", a.lines), format!("{:?}", b.lines));
        compare("allowances", format!("{:?}", a.allowances), format!("{:?}", b.allowances));
        compare("payment", format!("{:?}", a.payment), format!("{:?}", b.payment));
        compare("order refusals", format!("{:?}", a.order_refusals), format!("{:?}", b.order_refusals));
        compare("placeable", a.placeable.to_string(), b.placeable.to_string());
        all
    }

    /// What came up, for the count of what the comparison has met.
    pub fn tell(&self, mut what: impl FnMut(String)) {
        let Self::Answer(answer) = self else { return what("mistaken".to_owned()) };
        for line in &answer.lines {
            match &line.refusal {
                Some(reason) => what(name(reason)),
                None => what(format!("price of {}{}", line.source, if line.list.is_some() { " list" } else { "" })),
            }
        }
        answer.order_refusals.iter().for_each(|reason| what(name(reason)));
        for code in &answer.answer.codes {
            what(code.state.to_owned());
            code.reasons.iter().for_each(|reason| what(reason.clone()));
        }
        if answer.payment.is_some() {
            what("payment offered".to_owned());
        }
    }
}

fn name(reason: &Value) -> String {
    reason.as_object().map_or_else(|| reason.as_str().unwrap().to_owned(), |map| map.keys().next().unwrap().clone())
}

/// The standing of the customer before and after the codes that change the type before pricing.
pub fn seen(market: &Market) -> Seen {
    let before = market.types.standing(&market.held, market.at);
    let idle = (0..market.case.codes.len()).filter(|code| {
        let assign = market.case.coupons[market.case.codes[*code].coupon].assign.as_ref();
        assign.is_some_and(|assign| change(market, assign).is_none())
    });
    let mut seen = Seen { after: before.clone(), before, idle: idle.collect(), ..Seen::default() };
    let case = Case { seen: seen.clone(), ..market.case.clone() };
    let mut wanted: Vec<usize> = (0..case.codes.len())
        .filter(|code| {
            let assign = case.coupons[case.codes[*code].coupon].assign.as_ref();
            assign.is_some_and(|assign| assign.when == When::BeforePricing)
        })
        .collect();
    // One that would change nothing is a code like any other.
    wanted.retain(|code| !seen.idle.contains(code));
    wanted.sort_by_key(|code| {
        let coupon = &case.coupons[case.codes[*code].coupon];
        (std::cmp::Reverse(coupon.priority), coupon.id.clone(), case.codes[*code].code.clone())
    });
    let mut held = market.held.clone();
    for code in wanted {
        let coupon = &case.coupons[case.codes[code].coupon];
        let assign = coupon.assign.as_ref().unwrap();
        let same = seen.seated.iter().any(|c| case.codes[*c].coupon == case.codes[code].coupon);
        let reasons = plain::judge_before_pricing(&case, code);
        if !reasons.is_empty() {
            seen.unseated.push((code, reasons));
        } else if !assign.membership && seen.taken.is_some() {
            // Of two that would assign the primary type one is refused, though it be the same type.
            seen.unseated.push((code, vec!["type_conflict".to_owned()]));
        } else if same && !coupon.several_codes {
            // One of a definition is enough.
            seen.unseated.push((code, vec!["same_coupon".to_owned()]));
        } else {
            seen.seated.push(code);
            held = with(&held, &change(market, assign).unwrap(), market.at);
            if !assign.membership {
                seen.taken = Some(assign.to);
            }
        }
    }
    seen.after = market.types.standing(&held, market.at);
    seen
}

/// Every line as far as it is sold and at the price that holds, or refused.
fn priced(market: &Market, standing: &Standing, case: &mut Case) -> (Vec<LineStands>, Vec<Left>) {
    let mut stands: Vec<LineStands> = Vec::new();
    for line in &mut case.lines {
        let refusal = refusal(market, standing, line).map(|r| json!(r));
        line.refused = refusal.is_some();
        stands.push(LineStands { id: line.id, requested: units(line), refusal, source: "", list: None });
    }
    let (granted, left) = grant(market, standing, &case.lines);
    for (id, granted) in granted {
        let at = case.lines.iter().position(|l| l.id == id).unwrap();
        let line = &mut case.lines[at];
        line.refused = granted.refusal.is_some();
        stands[at].refusal = granted.refusal;
        if granted.granted < granted.requested {
            let (sold, ordered) = (i128::from(granted.granted), i128::from(granted.requested));
            line.quantity.digits = sold;
            // What the shop gave shrinks in proportion.
            // Several that are rounded up are no more than the list price, as no order may have it.
            let minor = Fraction::whole(10_i128.pow(case.policy.exponent));
            let mut room = (line.price.fraction() * line.quantity.fraction() * minor).round(Mode::HalfUp);
            for (amount, _) in &mut line.discounts {
                *amount = Fraction::new(*amount * sold, ordered).round(case.policy.discount_rounding);
                *amount = (*amount).min(room);
                room -= *amount;
            }
        }
    }
    let lines = case.lines.clone();
    for (line, stands) in case.lines.iter_mut().zip(&mut stands).filter(|(l, _)| !l.refused) {
        let same = lines.iter().filter(|other| other.product == line.product && !other.refused);
        let pieces = same.fold(Fraction::whole(0), |sum, other| sum + other.quantity.fraction());
        let price = candidates(market, standing, line, pieces).swap_remove(0);
        stands.source = price.source();
        stands.list = price.list.map(|id| format!("L{id}"));
        line.customer_price = Some(price.price.into());
    }
    stands.sort_by_key(|l| l.id);
    (stands, left)
}

pub fn evaluate(market: &Market) -> Verdict {
    if overlap(market) || clash(market) || twice(market) {
        return Verdict::Mistaken;
    }
    let seen = seen(market);
    let standing = seen.after.clone();
    let mut case = Case { seen, ..market.case.clone() };
    let (mut lines, left) = priced(market, &standing, &mut case);
    let payment = offered(market.payment.as_ref(), &standing);
    let shipping = offered(market.shipping.as_ref(), &standing);
    // What is counted for each customer is shown to nobody, and not sold.
    let of_each = |l: &Left| market.allowances.iter().any(|a| !a.shared && format!("A{}", a.id) == l.id);
    let nobody = market.keys.is_empty() && left.iter().any(|l| l.granted > 0 && of_each(l));
    let mut order_refusals = Vec::new();
    if let Some(option) = market.pays.filter(|option| payment.as_ref().is_some_and(|of| !of.contains(option))) {
        order_refusals.push(json!({"payment_not_allowed": {"option": format!("B{option}")}}));
    }
    let mut charges: Vec<_> = case.charges.iter().collect();
    charges.sort_by_key(|c| c.id);
    for charge in charges {
        let Some(Some(method)) = charge.shipping else { continue };
        if shipping.as_ref().is_some_and(|of| !of.contains(&method)) {
            let method = format!("M{method}");
            order_refusals.push(json!({"shipping_not_allowed": {"line": charge.id, "method": method}}));
        }
    }
    let (answer, overridden) = plain::evaluate_and_tell(&case);
    for line in lines.iter_mut().filter(|l| overridden.contains(&l.id)) {
        (line.source, line.list) = ("list", None);
    }
    let answer = MarketAnswer {
        answer,
        primary: standing.types.first().copied().filter(|_| standing.has_primary),
        placeable: !nobody && order_refusals.is_empty() && lines.iter().all(|l| l.refusal.is_none()),
        lines,
        allowances: left,
        payment: payment.map(|of| of.iter().map(|option| format!("B{option}")).collect()),
        order_refusals,
    };
    Verdict::Answer(Box::new(answer.without_idle_sources(market)))
}
