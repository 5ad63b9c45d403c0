//! The quantity rules and allowances of a shop, and what they leave of a product for a customer.

use chrono::{DateTime, NaiveDate, Utc};

use super::{Allowance, AllowancePer, AllowanceUsage, Excess, PreparedWindow, QuantityRule};
use crate::calendar::{Window, Zone};
use crate::customer::AllowanceGrant;
use crate::error::Error;
use crate::key::{AllowanceId, KeyMap};
use crate::order::Product;
use crate::shop::goods::{Catalogue, Nearness};
use crate::shop::goods_index::GoodsIndex;
use crate::shop::{Shop, Standing};

/// The quantity rules and allowances of a shop.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Bounds {
    rules: Vec<QuantityRule>,
    rules_about: GoodsIndex,
    allowances: Vec<Allowance>,
    windows: Vec<PreparedWindow>,
    allowances_about: GoodsIndex,
}

/// How many units of one product an order may hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Quantities {
    pub(crate) min: Option<u32>,
    pub(crate) max: Option<u32>,
    pub(crate) increment: Option<u32>,
    /// What becomes of units above the maximum.
    pub(crate) excess: Excess,
}

/// What is known of a customer's allowances at an instant: quantities agreed with the customer, and what is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ledger {
    at: DateTime<Utc>,
    grants: Vec<AllowanceGrant>,
    taken: KeyMap<AllowanceId, u64>,
}

/// An allowance as it stands for a customer at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limit<'a> {
    pub(crate) allowance: &'a Allowance,
    /// The first day of its period, which tells the counter of this period from those of others.
    pub(crate) since: Option<NaiveDate>,
    /// As long as this lasts, the same quantity is counted on the same counter.
    pub(crate) window: Window,
    pub(crate) limit: u64,
    pub(crate) taken: u64,
}

impl Limit<'_> {
    /// How many more units may be bought.
    pub(crate) fn left(&self) -> u64 {
        self.limit.saturating_sub(self.taken)
    }

    pub(crate) fn per_customer(&self) -> bool {
        self.allowance.per() == AllowancePer::Customer
    }

    /// For a window that goes with the purchase: so many days back.
    pub(crate) fn rolling_days(&self) -> Option<u32> {
        self.allowance.window().rolling_days()
    }
}

/// Whether an allowance limits a customer at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standby<'a> {
    /// It does.
    Counts(Limit<'a>),
    /// Its fixed dates are yet to begin or are over, and it limits nothing during this window.
    Idle(Window),
}

impl Ledger {
    pub(crate) fn new(grants: &[AllowanceGrant], usage: &[AllowanceUsage], at: DateTime<Utc>) -> Self {
        let mut taken: KeyMap<AllowanceId, u64> = KeyMap::default();
        taken.reserve(usage.len());
        for used in usage {
            let highest = taken.entry(used.allowance().clone()).or_default();
            *highest = (*highest).max(used.taken());
        }
        Self { at, grants: grants.to_vec(), taken }
    }

    /// The quantity agreed with the customer, where there is one, and the window during which that does not change.
    /// Of several that hold the highest counts.
    fn agreed(&self, allowance: &AllowanceId, mut window: Window) -> (Option<u64>, Window) {
        let mut quantity = None;
        for grant in self.grants.iter().filter(|grant| grant.allowance() == allowance) {
            let until_then = match grant.window().from() {
                Some(from) if self.at < from => Window::instants(None, Some(from)).ok(),
                _ if grant.window().contains(self.at) => {
                    quantity = quantity.max(Some(grant.quantity()));
                    Some(grant.window())
                }
                _ => None,
            };
            window = until_then.and_then(|other| window.intersect(&other)).unwrap_or(window);
        }
        (quantity, window)
    }
}

impl Bounds {
    /// Adds a rule.
    pub(crate) fn add_rule(&mut self, rule: QuantityRule) {
        self.rules_about.insert(rule.goods(), self.rules.len());
        self.rules.push(rule);
    }

    /// Adds an allowance.
    ///
    /// # Errors
    /// Days that the zone cannot place on the time line, at a path inside of `window`.
    pub(crate) fn add_allowance(&mut self, allowance: Allowance, zone: &Zone) -> Result<(), Error> {
        self.windows.push(PreparedWindow::new(allowance.window(), zone)?);
        for goods in allowance.goods() {
            self.allowances_about.insert(goods, self.allowances.len());
        }
        self.allowances.push(allowance);
        Ok(())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rules.is_empty() && self.allowances.is_empty()
    }

    pub(crate) fn rules(&self) -> &[QuantityRule] {
        &self.rules
    }

    pub(crate) fn allowances(&self) -> &[Allowance] {
        &self.allowances
    }

    /// The figures of the nearest rules about a product that concern the customer; of several, the strictest.
    pub(crate) fn quantities(&self, catalogue: &Catalogue, standing: &Standing, product: &Product) -> Quantities {
        let (mut nearest, mut found) = (None::<Nearness>, Quantities::default());
        if self.rules.is_empty() {
            return found;
        }
        self.rules_about.each(catalogue, product, |nearness, place| {
            let Some(rule) = self.rules.get(place).filter(|rule| rule.audience().contains(standing)) else { return };
            match nearest {
                Some(nearest) if nearest < nearness => return,
                Some(nearest) if nearest == nearness => {}
                _ => {
                    nearest = Some(nearness);
                    found = Quantities::default();
                }
            }
            found.add(rule);
        });
        found
    }

    /// The places of the allowances about a product, whomever they concern; each once, in the order of definition.
    pub(crate) fn about(&self, catalogue: &Catalogue, product: &Product, places: &mut Vec<usize>) {
        places.clear();
        if self.allowances.is_empty() {
            return;
        }
        self.allowances_about.each(catalogue, product, |_, place| places.push(place));
        places.sort_unstable();
        places.dedup();
    }

    /// How an allowance stands for a customer; none where it does not concern the customer.
    pub(crate) fn stand(&self, place: usize, zone: &Zone, standing: &Standing, ledger: &Ledger) -> Option<Standby<'_>> {
        let allowance = self.allowances.get(place).filter(|a| a.audience().contains(standing))?;
        let span = match self.windows.get(place)?.at(zone, ledger.at) {
            Ok(span) => span,
            Err(idle) => return Some(Standby::Idle(idle)),
        };
        let (agreed, window) = match allowance.per() {
            AllowancePer::Customer => ledger.agreed(allowance.id(), span.window),
            AllowancePer::Shared => (None, span.window),
        };
        Some(Standby::Counts(Limit {
            allowance,
            since: span.since,
            window,
            limit: agreed.unwrap_or(allowance.quantity()),
            taken: ledger.taken.get(allowance.id()).copied().unwrap_or(0),
        }))
    }

    /// The first day and the length of the period in which an allowance counts at an instant, whomever it concerns;
    /// none outside of fixed dates.
    pub(crate) fn counted_since(&self, place: usize, zone: &Zone, at: DateTime<Utc>) -> Option<Option<NaiveDate>> {
        self.windows.get(place)?.at(zone, at).ok().map(|span| span.since)
    }
}

impl Quantities {
    /// The fewest units that one order may hold, whatever the maximum says.
    pub(crate) fn smallest(&self) -> u32 {
        let (least, step) = (self.min.unwrap_or(1).max(1), self.increment.unwrap_or(1).max(1));
        least.div_ceil(step).saturating_mul(step)
    }

    /// The strictest of both.
    fn add(&mut self, rule: &QuantityRule) {
        self.min = self.min.max(rule.min());
        if let Some(max) = rule.max() {
            // Refused goes before capped, whichever maximum is the lower.
            self.excess = if self.max.is_none() { rule.excess() } else { self.excess.min(rule.excess()) };
            self.max = Some(self.max.map_or(max, |other| other.min(max)));
        }
        self.increment = match (self.increment, rule.increment()) {
            (Some(a), Some(b)) => Some(common_multiple(a, b)),
            (a, b) => a.or(b),
        };
    }
}

/// The least common multiple; one that no order reaches where it is too large.
fn common_multiple(a: u32, b: u32) -> u32 {
    let (mut x, mut y) = (a, b);
    while let Some(rest) = x.checked_rem(y) {
        (x, y) = (y, rest);
    }
    a.checked_div(x).and_then(|parts| parts.checked_mul(b)).unwrap_or(u32::MAX)
}

/// What a customer may buy of a product, for a page that shows it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Available {
    /// The fewest, the most and the steps in one order.
    pub(crate) quantities: Quantities,
    /// What the tightest allowance leaves, of those that refuse what is above and of those that cap it.
    refusing: Option<Left>,
    capping: Option<Left>,
    /// One of them counts what each customer buys.
    pub(crate) per_customer: bool,
}

/// How many units an allowance leaves, and when it begins anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Left {
    units: u64,
    until: Option<DateTime<Utc>>,
}

impl Left {
    /// The tighter of two; of equally tight ones that which stays so for longer.
    fn tighter(self, other: Option<Self>) -> Self {
        let key = |left: &Self| (left.units, left.until.is_some(), std::cmp::Reverse(left.until));
        other.filter(|other| key(other) < key(&self)).unwrap_or(self)
    }
}

impl Available {
    /// How many more units the tightest allowance leaves; none where nothing limits it.
    pub(crate) fn left(&self) -> Option<u64> {
        self.tightest().map(|left| left.units)
    }

    /// Until when that is counted: then it begins anew.
    pub(crate) fn until(&self) -> Option<DateTime<Utc>> {
        self.tightest().and_then(|left| left.until)
    }

    /// What the tightest of those allowances leaves that do this with what is above.
    pub(crate) fn left_by(&self, excess: Excess) -> Option<u64> {
        match excess {
            Excess::Refuse => self.refusing.map(|left| left.units),
            Excess::Cap => self.capping.map(|left| left.units),
        }
    }

    fn tightest(&self) -> Option<Left> {
        self.refusing.map_or(self.capping, |left| Some(left.tighter(self.capping)))
    }

    fn add(&mut self, limit: &Limit<'_>) {
        let left = Left { units: limit.left(), until: limit.window.until() };
        let of_kind = match limit.allowance.excess() {
            Excess::Refuse => &mut self.refusing,
            Excess::Cap => &mut self.capping,
        };
        *of_kind = Some(left.tighter(*of_kind));
        self.per_customer |= limit.per_customer();
    }
}

impl Shop {
    /// What a customer may buy of a product, given what is taken of the allowances. Cheap for every product of a
    /// catalogue: rules are found by product and category, and nothing is allocated.
    pub(crate) fn available(&self, product: &Product, standing: &Standing, ledger: &Ledger) -> Available {
        let (bounds, catalogue) = (self.bounds(), self.catalogue());
        let mut available =
            Available { quantities: bounds.quantities(catalogue, standing, product), ..Available::default() };
        if bounds.allowances.is_empty() {
            return available;
        }
        // An allowance that comes twice changes nothing: the tightest counts.
        bounds.allowances_about.each(catalogue, product, |_, place| {
            let standby = bounds.stand(place, self.policy().zone(), standing, ledger);
            if let Some(Standby::Counts(limit)) = standby {
                available.add(&limit);
            }
        });
        available
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::parse_instant;
    use crate::customer::Customer;

    fn shop(fields: &str) -> Shop {
        let json = format!(
            r#"{{"version":1,"policy":{{"currency":"USD"}},
                "customer_types":["RETAIL",{{"id":"PRO","rank":5}}],"default_type":"RETAIL",
                "categories":["shoes",{{"id":"boots","parent":"shoes"}}],{fields}}}"#
        );
        serde_json::from_str(&json).unwrap()
    }

    fn errors(fields: &str) -> String {
        let json = format!(
            r#"{{"version":1,"policy":{{"currency":"USD","zone":"Pacific/Apia"}},"customer_types":["RETAIL"],
                "products":["BOOT"],"categories":["shoes"],{fields}}}"#
        );
        serde_json::from_str::<Shop>(&json).map_or_else(|error| error.to_string(), |_| String::new())
    }

    fn boot() -> Product {
        Product::new("BOOT-42".parse().unwrap())
            .with_parent("BOOT".parse().unwrap())
            .with_categories(["boots".parse().unwrap()])
    }

    fn available(shop: &Shop, customer: &Customer, usage: &[(&str, u64)], at: &str) -> Available {
        let at = parse_instant(at).unwrap();
        let usage: Vec<_> = usage.iter().map(|(id, taken)| AllowanceUsage::new(id.parse().unwrap(), *taken)).collect();
        let ledger = Ledger::new(customer.allowance_grants(), &usage, at);
        shop.available(&boot(), &shop.standing(customer, at), &ledger)
    }

    const NOON: &str = "2026-03-29T12:00:00Z";

    #[test]
    fn the_nearest_rule_holds_alone_and_equals_hold_together() {
        let rules = concat!(
            r#""quantity_rules":["#,
            r#"{"goods":"everything","max":3,"min":2},"#,
            r#"{"goods":{"category":"shoes","subcategories":true},"max":50,"excess":"cap"},"#,
            r#"{"goods":{"category":"boots"},"max":40,"increment":4,"excess":"cap"},"#,
            r#"{"goods":{"category":"boots"},"to":{"min_rank":1},"max":30,"increment":6},"#,
            r#"{"goods":{"product":"BOOT","variants":true},"to":{"types":["PRO"],"except":["RETAIL"]},"min":7},"#,
            r#"{"goods":{"product":"BOOT"},"max":1}]"#
        );
        let shop = shop(rules);
        let of = |types: &str| {
            let customer = Customer::anonymous().with_type(types.parse().unwrap());
            available(&shop, &customer, &[], NOON).quantities
        };
        let boots = Quantities { min: None, max: Some(40), increment: Some(4), excess: Excess::Cap };
        assert_eq!(of("RETAIL"), boots);
        assert_eq!(of("PRO"), Quantities { min: Some(7), ..Quantities::default() }, "the parent is nearer");
        let both = Customer::anonymous().with_memberships(["PRO".parse().unwrap()]);
        let strictest = Quantities { max: Some(30), increment: Some(12), excess: Excess::Refuse, ..boots };
        assert_eq!(available(&shop, &both, &[], NOON).quantities, strictest);
        let elsewhere = Product::new("SOCK".parse().unwrap());
        let retail = shop.standing(&Customer::anonymous(), parse_instant(NOON).unwrap());
        let everything = Quantities { min: Some(2), max: Some(3), ..Quantities::default() };
        assert_eq!(shop.bounds().quantities(shop.catalogue(), &retail, &elsewhere), everything);
    }

    #[test]
    fn a_common_multiple_is_the_least_or_out_of_reach() {
        for (a, b, expected) in [(4, 6, 12), (6, 4, 12), (5, 5, 5), (1, 7, 7), (u32::MAX, u32::MAX - 1, u32::MAX)] {
            assert_eq!(common_multiple(a, b), expected);
        }
    }

    #[test]
    fn the_tightest_allowance_is_shown() {
        let allowances = concat!(
            r#""allowances":["#,
            r#"{"id":"all","goods":["everything"],"quantity":100},"#,
            r#"{"id":"boots","goods":[{"category":"shoes","subcategories":true},{"product":"BOOT","variants":true}],"#,
            r#""quantity":6,"window":"month"},"#,
            r#"{"id":"pro","goods":[{"category":"boots"}],"to":{"types":["PRO"]},"quantity":2,"window":{"rolling":{"days":3}}},"#,
            r#"{"id":"fair","goods":["everything"],"quantity":1,"window":{"days":{"from":"2026-04-01","thru":"2026-04-30"}}}]"#
        );
        let shop = shop(allowances);
        let retail = Customer::anonymous();
        let left = |customer: &Customer, usage: &[(&str, u64)], at: &str| available(&shop, customer, usage, at).left();
        assert_eq!(left(&retail, &[], NOON), Some(6));
        assert_eq!(left(&retail, &[("boots", 4), ("boots", 3)], NOON), Some(2));
        assert_eq!(left(&retail, &[("boots", 9)], NOON), Some(0));
        assert_eq!(left(&retail, &[("all", 99)], NOON), Some(1));
        assert_eq!(left(&retail.clone().with_type("PRO".parse().unwrap()), &[], NOON), Some(2));
        assert_eq!(left(&retail, &[], "2026-04-30T23:59:59Z"), Some(1), "fixed dates limit nothing outside");
        assert_eq!(left(&retail, &[], "2026-05-01T00:00:00Z"), Some(6));
        let until = available(&shop, &retail, &[], NOON).until();
        assert_eq!(until, parse_instant("2026-04-01T00:00:00Z").ok());

        let granted =
            |quantity| retail.clone().with_allowance_grant(AllowanceGrant::new("boots".parse().unwrap(), quantity));
        assert_eq!(left(&granted(12), &[("boots", 4)], NOON), Some(8));
        assert_eq!(left(&granted(0), &[], NOON), Some(0));
        let over = Window::instants(None, parse_instant("2026-03-29T12:00:00Z").ok()).unwrap();
        let ended = AllowanceGrant::new("boots".parse().unwrap(), 12).with_window(over);
        assert_eq!(left(&retail.clone().with_allowance_grant(ended.clone()), &[], NOON), Some(6));
        let held = available(&shop, &retail.clone().with_allowance_grant(ended), &[], "2026-03-29T11:00:00Z");
        assert_eq!((held.left(), held.until()), (Some(12), over.until()), "and what is agreed ends with its window");
    }

    #[test]
    fn mistakes_are_named_with_their_paths() {
        for (fields, error) in [
            (
                r#""quantity_rules":[{"goods":{"product":"BOT"},"max":1},7,{"goods":{"category":"shoe"},"to":{"types":["VIP"]},"min":2}]"#,
                concat!(
                    "`quantity_rules[1]` is `7`: expected an object; ",
                    "`quantity_rules[0].goods.product` is `BOT`: unknown product; ",
                    "`quantity_rules[2].goods.category` is `shoe`: unknown category; ",
                    "`quantity_rules[2].to.types[0]` is `VIP`: unknown customer type"
                ),
            ),
            (
                r#""quantity_rules":[{"goods":"everything","max":1},{"goods":"everything","to":{"min_rank":1},"max":2},{"goods":"everything","min":1}]"#,
                "`quantity_rules[2].goods` is `{..}`: given twice",
            ),
            (
                r#""allowances":[{"id":"A","goods":["everything",{"product":"BOT"}],"to":{"except":["VIP"]},"quantity":1},
                    {"id":"A","goods":["everything"],"quantity":1}]"#,
                concat!(
                    "`allowances[0].goods[1].product` is `BOT`: unknown product; ",
                    "`allowances[0].to.except[0]` is `VIP`: unknown customer type; ",
                    "`allowances[1].id` is `A`: given twice"
                ),
            ),
        ] {
            assert_eq!(errors(fields), error);
        }
        // The day that Samoa skipped.
        let skipped = r#""allowances":[{"id":"A","goods":["everything"],"quantity":1,"window":{"days":{"from":"2011-12-30","thru":"2011-12-30"}}}]"#;
        if cfg!(feature = "tz") {
            let error =
                "`allowances[0].window.days.thru` is `2011-12-30`: can never apply: no such day in this time zone";
            assert_eq!(errors(skipped), error);
        }
    }
}
