//! The other side of the comparison: the same shop, customer and order through the public interface of the crate.

use vouchsafe as v;

use super::Market;
use super::twin::{LineStands, MarketAnswer, Verdict};
use crate::engine::{Failure, Setting, answer, policy, with_setting};
use crate::types::instant;

/// What the engine says. Whatever else fails is a mistake of the comparison.
pub fn evaluate(market: &Market) -> Verdict {
    let json = market.shop_json(serde_json::to_value(policy(&market.case).unwrap()).unwrap());
    let shop: v::Shop = match serde_json::from_value(json) {
        Ok(shop) => shop,
        Err(error) if ["overlaps", "given twice"].iter().any(|why| error.to_string().contains(why)) => {
            return Verdict::Mistaken;
        }
        Err(error) => panic!("{error}\n{market}"),
    };
    let found = serde_json::from_value(market.customer_json()).map_err(Failure::from).and_then(|customer| {
        let payment = market.pays.map(|option| format!("B{option}").parse()).transpose()?;
        let setting = Setting { shop, customer, at: v::parse_instant(&instant(market.at))?, payment };
        with_setting(&market.case, &setting, |shop, request| Ok(told(market, &shop.evaluate(request)?)))
    });
    Verdict::Answer(Box::new(found.unwrap_or_else(|error| panic!("{error}\n{market}"))))
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
        lines.push(LineStands { id: line.id().0, requested: u64::from(line.units()), refusal, source, list });
    }
    let sold = |id: u64| lines.iter().all(|l| l.id != id || l.refusal.is_none());
    answer.lines.retain(|l| sold(l.id));
    MarketAnswer {
        answer,
        primary: outcome.customer_type().map(|t| t.as_str()[1..].parse().unwrap()),
        lines,
        allowances: Vec::new(),
        payment: outcome.payment_options().map(|of| of.iter().map(ToString::to_string).collect()),
        order_refusals: outcome.order_refusals().iter().map(|r| serde_json::to_value(r).unwrap()).collect(),
        placeable: outcome.placeable(),
    }
}
