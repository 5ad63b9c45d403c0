//! The kinds of offer that look at pieces or at steps, as plain figures: what both sides of the comparison read.

use serde_json::{Map, Value, json};

use crate::case::{Policy, Scope, Target, thousandths};

/// What becomes of one piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reward {
    Free,
    Percent(i128),
    Amount(i128),
    ToPrice(i128),
}

/// So many pieces of some goods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub pieces: u64,
    pub of: Option<Scope>,
}

/// Within what sets are formed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Among {
    Order,
    Line,
    Product,
}

/// In which order the pieces are laid out before sets are formed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    DearestFirst,
    CheapestFirst,
    AsListed,
}

/// Which pieces of a set are rewarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    Cheapest,
    Dearest,
    Position(u64),
}

/// What a bundle costs, or what goes off it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BundleWorth {
    Price(i128),
    Percent(i128),
    Amount(i128),
}

/// A benefit that forms sets of pieces and uses them up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SetKind {
    BuyGet {
        buy: Vec<Group>,
        get: Group,
        reward: Reward,
        max_sets: Option<u64>,
        dearest: bool,
        incomplete: bool,
        among: Among,
    },
    Nth {
        of: u64,
        take: u64,
        which: Which,
        layout: Layout,
        pool: bool,
        reward: Reward,
        max_sets: Option<u64>,
        among: Among,
    },
    Bundle {
        parts: Vec<Group>,
        worth: BundleWorth,
        max_sets: Option<u64>,
        dearest: bool,
    },
}

fn put(map: &mut Map<String, Value>, name: &str, value: impl Into<Value>) {
    map.insert(name.to_owned(), value.into());
}

impl Reward {
    pub fn json(self, policy: Policy) -> Value {
        match self {
            Self::Free => json!("free"),
            Self::Percent(off) => json!({"percent": thousandths(off)}),
            Self::Amount(off) => json!({"amount": {policy.currency(): policy.text(off)}}),
            Self::ToPrice(price) => json!({"to_price": {policy.currency(): policy.text(price)}}),
        }
    }
}

impl Group {
    fn json(&self, policy: Policy) -> Value {
        let mut map = Map::new();
        put(&mut map, "pieces", self.pieces);
        if let Some(of) = &self.of {
            put(&mut map, "of", of.json(policy));
        }
        map.into()
    }
}

impl Among {
    fn among(self, map: &mut Map<String, Value>) {
        match self {
            Self::Order => {}
            Self::Line => put(map, "among", "line"),
            Self::Product => put(map, "among", "product"),
        }
    }
}

impl SetKind {
    pub fn json(&self, policy: Policy) -> Value {
        let mut map = Map::new();
        let groups = |of: &[Group]| Value::from(of.iter().map(|g| g.json(policy)).collect::<Vec<_>>());
        let kind = match self {
            Self::BuyGet { buy, get, reward, max_sets, dearest, incomplete, among } => {
                put(&mut map, "buy", groups(buy));
                put(&mut map, "get", get.json(policy));
                put(&mut map, "reward", reward.json(policy));
                if let Some(most) = max_sets {
                    put(&mut map, "max_sets", *most);
                }
                if *dearest {
                    put(&mut map, "pick", "dearest");
                }
                if *incomplete {
                    put(&mut map, "incomplete", true);
                }
                among.among(&mut map);
                "buy_get"
            }
            Self::Nth { of, take, which, layout, pool, reward, max_sets, among } => {
                put(&mut map, "of", *of);
                put(&mut map, "take", *take);
                match which {
                    Which::Cheapest => {}
                    Which::Dearest => put(&mut map, "which", "dearest"),
                    Which::Position(n) => put(&mut map, "which", json!({"position": n})),
                }
                match layout {
                    Layout::DearestFirst => {}
                    Layout::CheapestFirst => put(&mut map, "sets", "cheapest_first"),
                    Layout::AsListed => put(&mut map, "sets", "as_listed"),
                }
                if *pool {
                    put(&mut map, "from", "pool");
                }
                put(&mut map, "reward", reward.json(policy));
                if let Some(most) = max_sets {
                    put(&mut map, "max_sets", *most);
                }
                among.among(&mut map);
                "nth"
            }
            Self::Bundle { parts, worth, max_sets, dearest } => {
                put(&mut map, "parts", groups(parts));
                match worth {
                    BundleWorth::Price(price) => {
                        put(&mut map, "price", json!({policy.currency(): policy.text(*price)}))
                    }
                    BundleWorth::Percent(off) => put(&mut map, "percent", thousandths(*off)),
                    BundleWorth::Amount(off) => put(&mut map, "amount", json!({policy.currency(): policy.text(*off)})),
                }
                if let Some(most) = max_sets {
                    put(&mut map, "max_sets", *most);
                }
                if *dearest {
                    put(&mut map, "pick", "dearest");
                }
                "bundle"
            }
        };
        json!({ kind: map })
    }

    /// Every scope that it names.
    pub fn scopes(&mut self) -> Vec<&mut Scope> {
        match self {
            Self::BuyGet { buy, get, .. } => buy.iter_mut().chain([get]).filter_map(|g| g.of.as_mut()).collect(),
            Self::Bundle { parts, .. } => parts.iter_mut().filter_map(|g| g.of.as_mut()).collect(),
            Self::Nth { .. } => Vec::new(),
        }
    }
}

/// What a step of a ladder gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepWorth {
    Percent(i128),
    Amount(i128),
}

/// What picks the step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    Spend,
    Quantity,
}

/// Of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    Qualifying,
    Order,
    Line,
}

/// A benefit whose worth follows how much there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LadderKind {
    Tiers { by: Measure, over: Over, steps: Vec<(i128, StepWorth)>, marginal: bool, cap: Option<i128>, target: Target },
    Steps { by: Measure, every: i128, worth: StepWorth, max_steps: Option<u64>, over: Over, target: Target },
    FirstFurther { first: i128, further: i128, over_order: bool, target: Target },
}

impl StepWorth {
    fn among(self, map: &mut Map<String, Value>, policy: Policy) {
        match self {
            Self::Percent(off) => put(map, "percent", thousandths(off)),
            Self::Amount(off) => put(map, "amount", json!({policy.currency(): policy.text(off)})),
        }
    }
}

impl Over {
    fn among(self, map: &mut Map<String, Value>) {
        match self {
            Self::Qualifying => {}
            Self::Order => put(map, "in", "order"),
            Self::Line => put(map, "in", "line"),
        }
    }
}

impl LadderKind {
    pub fn target(&self) -> &Target {
        let (Self::Tiers { target, .. } | Self::Steps { target, .. } | Self::FirstFurther { target, .. }) = self;
        target
    }

    pub fn target_mut(&mut self) -> &mut Target {
        let (Self::Tiers { target, .. } | Self::Steps { target, .. } | Self::FirstFurther { target, .. }) = self;
        target
    }

    /// The same without its extras.
    pub fn plain(&mut self) {
        match self {
            Self::Tiers { cap, steps, .. } => {
                *cap = None;
                if steps.len() > 1 {
                    steps.pop();
                }
            }
            Self::Steps { max_steps, .. } => *max_steps = None,
            Self::FirstFurther { .. } => {}
        }
    }

    pub fn json(&self, policy: Policy) -> Value {
        let mut map = Map::new();
        let threshold = |by: Measure, figure: i128| match by {
            Measure::Spend => json!({policy.currency(): policy.text(figure)}),
            Measure::Quantity => json!(u64::try_from(figure).unwrap()),
        };
        let by_name = |by: Measure| if by == Measure::Spend { "spend" } else { "quantity" };
        let kind = match self {
            Self::Tiers { by, over, steps, marginal, cap, target } => {
                put(&mut map, "by", by_name(*by));
                over.among(&mut map);
                let step = |(from, worth): &(i128, StepWorth)| {
                    let mut step = Map::new();
                    put(&mut step, "from", threshold(*by, *from));
                    worth.among(&mut step, policy);
                    Value::from(step)
                };
                put(&mut map, "steps", steps.iter().map(step).collect::<Vec<_>>());
                if *marginal {
                    put(&mut map, "marginal", true);
                }
                if let Some(cap) = cap {
                    put(&mut map, "cap", json!({policy.currency(): policy.text(*cap)}));
                }
                target.among(&mut map, policy);
                "tiers"
            }
            Self::Steps { by, every, worth, max_steps, over, target } => {
                put(&mut map, "every", threshold(*by, *every));
                worth.among(&mut map, policy);
                if let Some(most) = max_steps {
                    put(&mut map, "max_steps", *most);
                }
                over.among(&mut map);
                target.among(&mut map, policy);
                "steps"
            }
            Self::FirstFurther { first, further, over_order, target } => {
                put(&mut map, "first", json!({policy.currency(): policy.text(*first)}));
                put(&mut map, "further", json!({policy.currency(): policy.text(*further)}));
                if *over_order {
                    put(&mut map, "per", "order");
                }
                target.among(&mut map, policy);
                "first_further"
            }
        };
        json!({ kind: map })
    }
}

impl SetKind {
    /// The same without its extras.
    pub fn plain(&mut self) {
        match self {
            Self::BuyGet { max_sets, incomplete, among, .. } => {
                (*max_sets, *incomplete, *among) = (None, false, Among::Order);
            }
            Self::Nth { max_sets, among, layout, .. } => {
                (*max_sets, *among, *layout) = (None, Among::Order, Layout::DearestFirst);
            }
            Self::Bundle { max_sets, .. } => *max_sets = None,
        }
    }
}

impl Reward {
    fn is_zero(self) -> bool {
        matches!(self, Self::Percent(0) | Self::Amount(0))
    }
}

impl StepWorth {
    fn is_zero(self) -> bool {
        matches!(self, Self::Percent(0) | Self::Amount(0))
    }
}

impl SetKind {
    pub fn is_zero(&self) -> bool {
        match self {
            Self::BuyGet { reward, .. } | Self::Nth { reward, .. } => reward.is_zero(),
            Self::Bundle { worth, .. } => matches!(worth, BundleWorth::Percent(0) | BundleWorth::Amount(0)),
        }
    }
}

impl LadderKind {
    pub fn is_zero(&self) -> bool {
        match self {
            Self::Tiers { steps, .. } => steps.iter().all(|(_, worth)| worth.is_zero()),
            Self::Steps { worth, .. } => worth.is_zero(),
            Self::FirstFurther { first, further, .. } => (*first, *further) == (0, 0),
        }
    }
}
