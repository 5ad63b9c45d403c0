//! The other side of the comparison: the same shop, customer and order through the public interface of the crate.

use vouchsafe as v;

use super::Market;
use super::twin::{LineStands, MarketAnswer, Verdict, seen};
use crate::engine::{Failure, Setting, answer, policy, with_setting};
use crate::quantities::{Left, counted_until};
use crate::types::instant;

/// What the engine says. An error means that the market itself is unusable.
pub fn evaluate(market: &Market) -> Result<Verdict, Failure> {
    let found = with(market, |shop, request| Ok(told(market, &shop.evaluate(request)?)))?;
    Ok(found.map_or(Verdict::Mistaken, |found| Verdict::Answer(Box::new(found))))
}

/// Builds the request of a market and hands it over; nothing where the shop contradicts itself.
pub fn with<T>(
    market: &Market,
    what: impl FnOnce(&v::Shop, &v::Request<'_>) -> Result<T, Failure>,
) -> Result<Option<T>, Failure> {
    let json = market.shop_json(serde_json::to_value(policy(&market.case).unwrap()).unwrap());
    let shop: v::Shop = match serde_json::from_value(json) {
        Ok(shop) => shop,
        Err(error) if ["overlaps", "given twice"].iter().any(|why| error.to_string().contains(why)) => {
            return Ok(None);
        }
        Err(error) => return Err(error.into()),
    };
    let customer = serde_json::from_value(market.customer_json())?;
    let payment = market.pays.map(|option| format!("B{option}").parse()).transpose()?;
    let reference = v::Reference::Order("o-1".parse()?);
    let setting = Setting { shop, customer, at: v::parse_instant(&instant(market.at))?, payment, reference };
    let taken = market.taken.iter().map(|(id, units)| Ok(v::AllowanceUsage::new(format!("A{id}").parse()?, *units)));
    let taken = taken.collect::<Result<Vec<_>, Failure>>()?;
    with_setting(&market.case, &setting, |shop, request| what(shop, &request.clone().with_allowances(&taken))).map(Some)
}

fn told(market: &Market, outcome: &v::Outcome) -> MarketAnswer {
    let mut answer = answer(outcome);
    let mut lines = Vec::new();
    for line in outcome.lines() {
        let refusal = line.refusal().map(|r| serde_json::to_value(r).unwrap());
        if refusal.is_some() {
            let amounts = [line.list(), line.priced(), line.shop_discount(), line.coupon_discount(), line.payable()];
            assert!(amounts.iter().all(|a| a.minor() == 0), "a refused line has amounts: {line:?}\n{market}");
        }
        let list = outcome.price_list(line).filter(|_| refusal.is_none()).map(ToString::to_string);
        let source = match line.price_source() {
            _ if refusal.is_some() => "",
            v::PriceSource::List => "list",
            v::PriceSource::CustomerType => "customer_type",
            v::PriceSource::Customer => "customer",
            _ => "?",
        };
        lines.push(LineStands {
            id: line.id().0,
            requested: u64::from(outcome.requested(line)),
            refusal,
            source,
            list,
        });
    }
    let mut allowances: Vec<Left> = outcome
        .allowances()
        .iter()
        .map(|a| Left {
            id: a.allowance().to_string(),
            limit: a.limit(),
            taken: a.taken(),
            granted: a.granted(),
            left: a.left(),
            until: a.until().map(|until| until.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)),
        })
        .collect();
    for left in &mut allowances {
        let (until, turns) = counted_until(market, &seen(market).after, left.id[1..].parse().unwrap());
        let sooner = |found: &String| until.is_none_or(|until| *found <= instant(until)) && *found > instant(market.at);
        if turns && left.until.as_ref().is_some_and(sooner) {
            left.until = until.map(instant);
        }
    }
    allowances.sort();
    let sold = |id: u64| lines.iter().all(|l| l.id != id || l.refusal.is_none());
    answer.lines.retain(|l| sold(l.id));
    MarketAnswer {
        answer,
        primary: outcome.customer_type().map(|t| t.as_str()[1..].parse().unwrap()),
        lines,
        allowances,
        payment: outcome.payment_options().map(|of| of.iter().map(ToString::to_string).collect()),
        order_refusals: outcome.order_refusals().iter().map(|r| serde_json::to_value(r).unwrap()).collect(),
        placeable: outcome.placeable(),
    }
    .without_idle_sources(market)
}
