//! Who sees a product, sees its price and buys it, and who pays and is sent goods how.

use crate::case::Line;
use crate::market::Market;
use crate::types::{Audience, Goods, Standing};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    See,
    SeePrice,
    Buy,
}

impl Permission {
    pub fn name(self) -> &'static str {
        match self {
            Self::See => "see",
            Self::SeePrice => "see_price",
            Self::Buy => "buy",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    pub allows: bool,
    pub permissions: Vec<Permission>,
    pub goods: Goods,
    pub to: Audience,
}

/// A payment option or a shipping method that is offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    pub option: u8,
    pub to: Audience,
    pub preferred_by: Option<Audience>,
}

/// With what the short form says: to see is denied to everyone, and allowed to some.
fn all_rules(market: &Market) -> Vec<Rule> {
    let mut rules: Vec<Rule> = market.rules.clone();
    for (product, types) in &market.visible_only_to {
        let goods = Goods::Product(*product, false);
        let permissions = vec![Permission::See];
        let some = Audience { types: Some(types.clone()), ..Audience::default() };
        rules.push(Rule { allows: false, permissions: permissions.clone(), goods, to: Audience::default() });
        if !types.is_empty() {
            rules.push(Rule { allows: true, permissions, goods, to: some });
        }
    }
    rules
}

/// Whether two rules speak of the same permission, goods and audience: a mistake of the definition.
pub fn clash(market: &Market) -> bool {
    let rules = all_rules(market);
    let same = |a: &Rule, b: &Rule| {
        (a.goods, &a.to) == (b.goods, &b.to) && a.permissions.iter().any(|p| b.permissions.contains(p))
    };
    (0..rules.len()).any(|i| (0..i).any(|j| same(&rules[i], &rules[j])))
}

/// Without a rule everything is permitted. Of those that match the nearest goods win, then the more specific audience;
/// among equals to deny wins.
fn permitted(market: &Market, standing: &Standing, line: &Line, permission: Permission) -> bool {
    let mut rules = all_rules(market);
    rules.retain(|rule| rule.permissions.contains(&permission) && rule.to.contains(standing));
    let weight = |rule: &Rule| {
        let near = rule.goods.near(&market.tree, line.product, line.parent, &line.categories)?;
        Some((near, rule.to.width(), rule.allows))
    };
    rules.iter().filter_map(weight).min().is_none_or(|(.., allows)| allows)
}

/// Why a line is not for this customer. Seeing the price needs seeing, and buying needs seeing the price.
pub fn refusal(market: &Market, standing: &Standing, line: &Line) -> Option<&'static str> {
    [
        (Permission::See, "not_visible"),
        (Permission::SeePrice, "price_not_visible"),
        (Permission::Buy, "not_purchasable"),
    ]
    .into_iter()
    .find(|(permission, _)| !permitted(market, standing, line, *permission))
    .map(|(_, reason)| reason)
}

/// What is offered to a customer: in the order of definition, the preferred ones first. None where the shop says nothing.
pub fn offered(offers: Option<&Vec<Offer>>, standing: &Standing) -> Option<Vec<u8>> {
    let of: Vec<&Offer> = offers?.iter().filter(|offer| offer.to.contains(standing)).collect();
    let preferred = |offer: &&&Offer| offer.preferred_by.as_ref().is_some_and(|by| by.contains(standing));
    let (first, then): (Vec<&Offer>, Vec<&Offer>) = of.iter().partition(preferred);
    Some(first.into_iter().chain(then).map(|offer| offer.option).collect())
}
