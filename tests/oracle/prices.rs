//! Which of several prices holds: every price that the customer is entitled to, put into one order.

use std::cmp::{Ordering, Reverse};

use crate::case::{Line, Number};
use crate::fraction::Fraction;
use crate::market::Market;
use crate::types::{Goods, Near, Standing};

/// A price in a list, in thousandths of a percent or decimal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// In the currency of the order, or in another one.
    Price(Number, bool),
    PercentOff(i128),
    AmountOff(Number, bool),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub goods: Goods,
    pub from: i128,
    pub value: Value,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holders {
    Types(Vec<u8>),
    Customers(Vec<u8>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    pub id: u8,
    pub holders: Holders,
    pub priority: i32,
    /// Local days, both inclusive.
    pub days: (Option<i64>, Option<i64>),
    pub entries: Vec<Entry>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strategy {
    MostSpecific,
    Lowest,
    Priority,
}

/// Whose price it is, the nearest holder first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holder {
    Line,
    Customer,
    /// The position among the customer's types.
    Type(usize),
    List,
}

/// One price that a customer is entitled to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub holder: Holder,
    near: Near,
    from: i128,
    /// None for the list price, which stands below all.
    priority: Option<i32>,
    pub price: Fraction,
    pub list: Option<u8>,
}

impl Candidate {
    fn of_line(holder: Holder, price: Number, priority: Option<i32>) -> Self {
        Self { holder, near: Near::Product, from: 1, priority, price: price.fraction(), list: None }
    }

    pub fn source(&self) -> &'static str {
        match self.holder {
            Holder::Line | Holder::Customer => "customer",
            Holder::Type(_) => "customer_type",
            Holder::List => "list",
        }
    }

    /// The text of the list's name decides where nothing else does.
    fn compare(&self, other: &Self, strategy: Strategy) -> Ordering {
        let specific = (self.holder, self.near, Reverse(self.from))
            .cmp(&(other.holder, other.near, Reverse(other.from)))
            .then(other.priority.unwrap_or(0).cmp(&self.priority.unwrap_or(0)))
            .then(self.price.cmp(&other.price))
            .then(self.list.cmp(&other.list));
        match strategy {
            Strategy::MostSpecific => specific,
            Strategy::Lowest => self.price.cmp(&other.price).then(specific),
            Strategy::Priority => Reverse(self.priority).cmp(&Reverse(other.priority)).then(specific),
        }
    }
}

/// All that the customer is entitled to for a line, the one that holds first. `pieces` is the sum over the lines of the
/// product.
pub fn candidates(market: &Market, standing: &Standing, line: &Line, pieces: Fraction) -> Vec<Candidate> {
    let mut all = vec![Candidate::of_line(Holder::List, line.price, None)];
    all.extend(line.customer_price.map(|price| Candidate::of_line(Holder::Line, price, Some(0))));
    for (at, of) in standing.types.iter().enumerate() {
        for (_, _, price) in market.prices.iter().filter(|(t, product, _)| t == of && *product == line.product) {
            all.push(Candidate::of_line(Holder::Type(at), *price, Some(0)));
        }
    }
    let today = market.local_day(market.at);
    for list in &market.lists {
        let holder = match &list.holders {
            Holders::Customers(keys) => keys.iter().any(|k| market.keys.contains(k)).then_some(Holder::Customer),
            Holders::Types(of) => standing.types.iter().position(|t| of.contains(t)).map(Holder::Type),
        };
        let live = list.days.0.is_none_or(|from| from <= today) && list.days.1.is_none_or(|thru| today <= thru);
        let Some(holder) = holder.filter(|_| live) else { continue };
        for entry in &list.entries {
            let near = entry.goods.near(&market.tree, line.product, line.parent, &line.categories);
            let Some(near) = near.filter(|_| Fraction::whole(entry.from) <= pieces || entry.from == 1) else {
                continue;
            };
            let (zero, of_list) = (Fraction::whole(0), line.price.fraction());
            let price = match entry.value {
                Value::Price(_, true) | Value::AmountOff(_, true) => continue,
                Value::Price(price, false) => price.fraction(),
                Value::PercentOff(off) => of_list * Fraction::new(100_000 - off, 100_000),
                Value::AmountOff(off, false) => (of_list - off.fraction()).max(zero),
            };
            let (from, priority, list) = (entry.from, Some(list.priority), Some(list.id));
            all.push(Candidate { holder, near, from, priority, price, list });
        }
    }
    all.sort_by(|a, b| a.compare(b, market.strategy));
    all
}

/// Whether two entries say the same of the same holder at the same time: a mistake of the definition.
pub fn overlap(market: &Market) -> bool {
    struct Said<'a> {
        /// Two entries of one list have the same holders, though there be none.
        list: Option<u8>,
        types: &'a [u8],
        keys: &'a [u8],
        goods: Goods,
        from: i128,
        priority: i32,
        days: (Option<i64>, Option<i64>),
        /// Its own currency, another one, or every one.
        currency: Option<bool>,
    }
    let mut said: Vec<Said<'_>> = Vec::new();
    for list in &market.lists {
        let (types, keys): (&[u8], &[u8]) = match &list.holders {
            Holders::Types(types) => (types, &[]),
            Holders::Customers(keys) => (&[], keys),
        };
        for entry in &list.entries {
            let currency = match entry.value {
                Value::Price(_, foreign) | Value::AmountOff(_, foreign) => Some(foreign),
                Value::PercentOff(_) => None,
            };
            let (goods, from) = (entry.goods, entry.from);
            said.push(Said {
                list: Some(list.id),
                types,
                keys,
                goods,
                from,
                priority: list.priority,
                days: list.days,
                currency,
            });
        }
    }
    for (of, product, _) in &market.prices {
        let goods = Goods::Product(*product, false);
        let types = std::slice::from_ref(of);
        said.push(Said {
            list: None,
            types,
            keys: &[],
            goods,
            from: 1,
            priority: 0,
            days: (None, None),
            currency: Some(false),
        });
    }
    let overlaps = |a: &Said<'_>, b: &Said<'_>| {
        let holder = (a.list.is_some() && a.list == b.list)
            || a.types.iter().any(|t| b.types.contains(t))
            || a.keys.iter().any(|k| b.keys.contains(k));
        let before = |end: Option<i64>, start: Option<i64>| end.zip(start).is_some_and(|(end, start)| end < start);
        let apart = before(a.days.1, b.days.0) || before(b.days.1, a.days.0);
        let currency = a.currency.zip(b.currency).is_none_or(|(a, b)| a == b);
        holder && !apart && currency && (a.goods, a.from, a.priority) == (b.goods, b.from, b.priority)
    };
    (0..said.len()).any(|i| (0..i).any(|j| overlaps(&said[i], &said[j])))
}
