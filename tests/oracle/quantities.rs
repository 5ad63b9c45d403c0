//! How much a customer may buy: at one time, and over a window of time.

use serde_json::{Map, Value, json};

use crate::case::Line;
use crate::market::Market;
use crate::types::{Audience, Goods, Standing, date, instant};

/// How many units of a product one order may hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuantityRule {
    pub goods: Goods,
    pub to: Audience,
    pub min: Option<u64>,
    pub max: Option<u64>,
    pub increment: Option<u64>,
    pub caps: bool,
}

/// Over which time an allowance is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    Ever,
    /// Local days, both inclusive.
    Days(Option<i64>, Option<i64>),
    Month,
    Quarter,
    Year,
    Rolling(u32),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowance {
    pub id: u8,
    pub goods: Vec<Goods>,
    pub to: Audience,
    pub quantity: u64,
    pub window: Window,
    pub shared: bool,
    pub caps: bool,
}

/// A quantity of the customer's own in the place of the allowance's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    pub allowance: u8,
    pub quantity: u64,
    pub from: Option<i64>,
    pub until: Option<i64>,
}

impl QuantityRule {
    pub fn json(&self) -> Value {
        let mut map = Map::new();
        map.insert("goods".to_owned(), self.goods.json());
        map.insert("to".to_owned(), self.to.json());
        for (name, figure) in [("min", self.min), ("max", self.max), ("increment", self.increment)] {
            if let Some(figure) = figure {
                map.insert(name.to_owned(), figure.into());
            }
        }
        if self.caps {
            map.insert("excess".to_owned(), "cap".into());
        }
        map.into()
    }
}

impl Allowance {
    pub fn json(&self) -> Value {
        let window = match self.window {
            Window::Ever => json!("ever"),
            Window::Month => json!("month"),
            Window::Quarter => json!("quarter"),
            Window::Year => json!("year"),
            Window::Rolling(days) => json!({"rolling": {"days": days}}),
            Window::Days(from, thru) => {
                let mut days = Map::new();
                for (name, day) in [("from", from), ("thru", thru)] {
                    if let Some(day) = day {
                        days.insert(name.to_owned(), date(day).into());
                    }
                }
                json!({"days": days})
            }
        };
        json!({
            "id": format!("A{}", self.id),
            "goods": self.goods.iter().map(|g| g.json()).collect::<Vec<_>>(),
            "to": self.to.json(),
            "quantity": self.quantity,
            "window": window,
            "per": if self.shared { "shared" } else { "customer" },
            "excess": if self.caps { "cap" } else { "refuse" },
        })
    }
}

impl Grant {
    pub fn json(&self) -> Value {
        let mut grant = json!({"allowance": format!("A{}", self.allowance), "quantity": self.quantity});
        for (name, at) in [("starts_at", self.from), ("ends_at", self.until)] {
            if let Some(at) = at {
                grant[name] = instant(at).into();
            }
        }
        grant
    }
}

/// What one line gets of what was ordered, or why nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    pub requested: u64,
    pub granted: u64,
    pub refusal: Option<Value>,
}

/// An allowance as the order leaves it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Left {
    pub id: String,
    pub limit: u64,
    pub taken: u64,
    pub granted: u64,
    pub left: u64,
    pub until: Option<String>,
}

/// What the quantity rules of a product come to: the nearest ones hold, of several that are as near the strictest.
#[derive(Debug, Clone, Default)]
struct Figures {
    min: Option<u64>,
    max: Option<u64>,
    increment: Option<u64>,
    refuses: bool,
}

fn figures(market: &Market, standing: &Standing, line: &Line) -> Figures {
    let near = |rule: &QuantityRule| rule.goods.near(&market.tree, line.product, line.parent, &line.categories);
    let mut rules: Vec<&QuantityRule> = market.quantities.iter().filter(|r| r.to.contains(standing)).collect();
    rules.retain(|r| near(r).is_some());
    let nearest = rules.iter().filter_map(|r| near(r)).min();
    rules.retain(|r| near(r) == nearest);
    Figures {
        min: rules.iter().filter_map(|r| r.min).max(),
        max: rules.iter().filter_map(|r| r.max).min(),
        increment: rules.iter().filter_map(|r| r.increment).reduce(least_common_multiple),
        refuses: rules.iter().any(|r| r.max.is_some() && !r.caps),
    }
}

fn least_common_multiple(a: u64, b: u64) -> u64 {
    (1..=b).map(|n| a * n).find(|multiple| multiple % b == 0).unwrap()
}

/// An allowance that concerns the customer at the instant.
struct Standby<'a> {
    of: &'a Allowance,
    limit: u64,
    taken: u64,
    until: Option<i64>,
}

impl Standby<'_> {
    fn left(&self) -> u64 {
        self.limit.saturating_sub(self.taken)
    }

    fn covers(&self, market: &Market, line: &Line) -> bool {
        self.of.goods.iter().any(|g| g.near(&market.tree, line.product, line.parent, &line.categories).is_some())
    }
}

fn standby<'a>(market: &'a Market, standing: &Standing) -> Vec<Standby<'a>> {
    let mut all = Vec::new();
    for of in market.allowances.iter().filter(|a| a.to.contains(standing)) {
        let today = market.local_day(market.at);
        let mut until = match of.window {
            Window::Ever | Window::Rolling(_) => None,
            Window::Days(from, thru) if from.is_some_and(|d| today < d) || thru.is_some_and(|d| d < today) => continue,
            Window::Days(_, thru) => thru.map(|day| day + 1),
            // The first of April ends March, and the first quarter.
            Window::Month if today < 3 => Some(3),
            Window::Month => Some(33),
            Window::Quarter if today < 3 => Some(3),
            Window::Quarter => Some(94),
            Window::Year => Some(278),
        }
        .map(|day| market.midnight(day));
        // The customer's own quantity stands in the place of the allowance's; of several the highest.
        let own: Vec<&Grant> = market.grants.iter().filter(|g| g.allowance == of.id && !of.shared).collect();
        let live = |g: &&&Grant| g.from.is_none_or(|f| f <= market.at) && g.until.is_none_or(|u| market.at < u);
        let limit = own.iter().filter(live).map(|g| g.quantity).max().unwrap_or(of.quantity);
        // It is counted like this until another quantity holds.
        let mut turns: Vec<i64> =
            own.iter().flat_map(|g| [g.from, g.until]).flatten().filter(|t| *t > market.at).collect();
        turns.sort_unstable();
        let quantity_at = |at: i64| {
            let live = |g: &&&Grant| g.from.is_none_or(|f| f <= at) && g.until.is_none_or(|u| at < u);
            own.iter().filter(live).map(|g| g.quantity).max().unwrap_or(of.quantity)
        };
        if let Some(turn) = turns.into_iter().find(|t| quantity_at(*t) != limit) {
            until = Some(until.map_or(turn, |until| until.min(turn)));
        }
        let taken = market.taken.iter().find(|(id, _)| *id == of.id).map_or(0, |(_, units)| *units);
        all.push(Standby { of, limit, taken, until });
    }
    all
}

/// Pieces; a measured line is one.
pub fn units(line: &Line) -> u64 {
    if line.measured { 1 } else { u64::try_from(line.quantity.digits).unwrap() }
}

/// Until when an allowance is counted as it is, and whether quantities of the customer's own come and go meanwhile: then
/// it may be told sooner that something may change, though nothing does.
pub fn counted_until(market: &Market, standing: &Standing, id: u8) -> (Option<i64>, bool) {
    let until = standby(market, standing).iter().find(|s| s.of.id == id).and_then(|s| s.until);
    let turns = market.grants.iter().filter(|g| g.allowance == id).flat_map(|g| [g.from, g.until]).flatten();
    (until, turns.filter(|turn| *turn > market.at).count() > 0)
}

/// What is sold of each line that the customer may buy, in the order of the line ids, and how the allowances stand then.
pub fn grant(market: &Market, standing: &Standing, lines: &[Line]) -> (Vec<(u64, Granted)>, Vec<Left>) {
    let mut lines: Vec<&Line> = lines.iter().filter(|l| !l.refused).collect();
    lines.sort_by_key(|l| l.id);
    let standby = standby(market, standing);
    let of: Vec<Vec<&Standby<'_>>> =
        lines.iter().map(|l| standby.iter().filter(|s| s.covers(market, l)).collect()).collect();
    let plain = |l: &&Line| Granted { requested: units(l), granted: units(l), refusal: None };
    let mut granted: Vec<Granted> = lines.iter().map(plain).collect();
    let ordered = |product: u8| lines.iter().filter(|l| l.product == product).map(|l| units(l)).sum::<u64>();

    // What was ordered of each product against its rules.
    for (line, granted) in lines.iter().zip(&mut granted) {
        let (rules, found) = (figures(market, standing, line), ordered(line.product));
        granted.refusal = if let Some(required) = rules.min.filter(|min| found < *min) {
            Some(json!({"below_minimum": {"required": required, "found": found}}))
        } else if let Some(step) = rules.increment.filter(|step| found % step != 0) {
            Some(json!({"not_a_multiple": {"increment": step, "found": found}}))
        } else {
            // Two rules that are equally near may leave nothing to be sold.
            let none = |max: u64| max - max % rules.increment.unwrap_or(1) < rules.min.unwrap_or(1);
            let over = rules.max.filter(|max| found > *max && (rules.refuses || none(*max)));
            over.map(|allowed| json!({"above_maximum": {"allowed": allowed, "found": found}}))
        };
    }
    // Nobody has no allowance of their own.
    for (granted, of) in granted.iter_mut().zip(&of) {
        if market.keys.is_empty() && !market.flag_guests && of.iter().any(|s| !s.of.shared) {
            granted.refusal.get_or_insert(json!("customer_required"));
        }
    }
    cap(market, standing, &lines, &of, &mut granted);
    refuse(&standby, &of, &mut granted);
    for granted in granted.iter_mut().filter(|g| g.refusal.is_some()) {
        granted.granted = 0;
    }
    let mut left: Vec<Left> = Vec::new();
    for standby in standby.iter().filter(|s| of.iter().any(|of| of.iter().any(|o| o.of.id == s.of.id))) {
        let sold = granted.iter().zip(&of).filter(|(_, of)| of.iter().any(|o| o.of.id == standby.of.id));
        let granted = sold.map(|(g, _)| g.granted).sum::<u64>();
        left.push(Left {
            id: format!("A{}", standby.of.id),
            limit: standby.limit,
            taken: standby.taken,
            granted,
            left: standby.left().saturating_sub(granted),
            until: standby.until.map(instant),
        });
    }
    left.sort();
    (lines.iter().map(|l| l.id).zip(granted).collect(), left)
}

/// What rules and allowances that cap leave, earlier lines first. What a product gets is a whole number of its steps and
/// not below its minimum: its last lines give up the rest.
fn cap(market: &Market, standing: &Standing, lines: &[&Line], of: &[Vec<&Standby<'_>>], granted: &mut [Granted]) {
    let mut why: Vec<Option<Value>> = vec![None; lines.len()];
    for i in 0..lines.len() {
        if granted[i].refusal.is_some() {
            continue;
        }
        let rules = figures(market, standing, lines[i]);
        let product: Vec<usize> = (0..lines.len()).filter(|j| lines[*j].product == lines[i].product).collect();
        let mut most = granted[i].requested;
        if let Some(max) = rules.max {
            let found: u64 = product.iter().map(|j| granted[*j].requested).sum();
            let sold: u64 = product.iter().filter(|j| **j < i).map(|j| granted[*j].granted).sum();
            let whole = max - max % rules.increment.unwrap_or(1);
            if whole.saturating_sub(sold) < most {
                most = whole.saturating_sub(sold);
                why[i] = Some(json!({"above_maximum": {"allowed": max, "found": found}}));
            }
        }
        for standby in of[i].iter().filter(|s| s.of.caps) {
            let sold: u64 = (0..i)
                .filter(|j| granted[*j].refusal.is_none() && of[*j].iter().any(|o| o.of.id == standby.of.id))
                .map(|j| granted[j].granted)
                .sum();
            let left = standby.left().saturating_sub(sold);
            if left < most {
                most = left;
                why[i] = Some(json!({"allocation_exceeded": {"remaining": left, "requested": granted[i].requested}}));
            }
        }
        if most < granted[i].requested {
            // What makes no whole step with the lines before is left to others.
            let before: u64 = product.iter().filter(|j| **j < i).map(|j| granted[*j].granted).sum();
            let whole = (before + most) - (before + most) % rules.increment.unwrap_or(1);
            most = whole.saturating_sub(before);
        }
        granted[i].granted = most;
    }
    for i in 0..lines.len() {
        let rules = figures(market, standing, lines[i]);
        let product: Vec<usize> = (0..lines.len()).filter(|j| lines[*j].product == lines[i].product).collect();
        let sold: u64 = product.iter().filter(|j| granted[**j].refusal.is_none()).map(|j| granted[*j].granted).sum();
        let mut over = sold % rules.increment.unwrap_or(1);
        if rules.min.is_some_and(|min| sold - over < min) {
            over = sold;
        }
        for j in product.into_iter().rev().filter(|j| granted[*j].refusal.is_none()).collect::<Vec<_>>() {
            let less = over.min(granted[j].granted);
            granted[j].granted -= less;
            over -= less;
        }
    }
    for i in (0..lines.len()).filter(|i| granted[*i].granted == 0 && granted[*i].refusal.is_none()).collect::<Vec<_>>()
    {
        // A line that gave up what makes no whole step says what the last line of its product ran into.
        let of_product = (0..lines.len()).rev().filter(|j| lines[*j].product == lines[i].product);
        let last = of_product.filter_map(|j| why[j].clone()).next();
        granted[i].refusal = why[i].clone().or(last);
    }
}

/// All lines of an allowance that is exceeded are refused together; a line of several says the tightest. What allowances
/// that cap have left of an order is what the others look at.
fn refuse(standby: &[Standby<'_>], of: &[Vec<&Standby<'_>>], granted: &mut [Granted]) {
    let mut exceeded: Vec<(u64, u64, Vec<usize>)> = Vec::new();
    for standby in standby {
        let lines: Vec<usize> = (0..granted.len())
            .filter(|i| granted[*i].refusal.is_none() && of[*i].iter().any(|o| o.of.id == standby.of.id))
            .collect();
        let requested: u64 = lines.iter().map(|i| granted[*i].granted).sum();
        if requested > standby.left() {
            exceeded.push((standby.left(), requested, lines));
        }
    }
    exceeded.sort_by_key(|(left, ..)| *left);
    for (remaining, requested, lines) in exceeded {
        for i in lines {
            let reason = json!({"allocation_exceeded": {"remaining": remaining, "requested": requested}});
            granted[i].refusal.get_or_insert(reason);
        }
    }
}

/// Whether two rules speak of the same goods and audience: a mistake of the definition.
pub fn twice(market: &Market) -> bool {
    let rules = &market.quantities;
    (0..rules.len()).any(|i| (0..i).any(|j| (rules[i].goods, &rules[i].to) == (rules[j].goods, &rules[j].to)))
}
