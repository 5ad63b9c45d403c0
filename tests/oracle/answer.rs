//! What an order comes to, as both sides of the comparison write it down. Amounts in minor units.

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineAnswer {
    pub id: u64,
    pub units: i128,
    pub list: i128,
    pub priced: i128,
    pub shop_discount: i128,
    pub coupon_discount: i128,
    pub third_party: i128,
    pub taxable: i128,
    pub net: i128,
    pub tax: Option<i128>,
    pub payable: i128,
}

/// One amount off one line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Off {
    pub line: u64,
    pub by: String,
    pub amount: i128,
    pub third_party: i128,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CodeAnswer {
    pub entered: String,
    pub state: &'static str,
    pub reasons: Vec<String>,
    pub discount: i128,
    pub wanted: i128,
    pub forfeited: i128,
    pub third_party: i128,
    pub units: i128,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClassAnswer {
    pub class: Option<u8>,
    pub taxable: i128,
    pub net: i128,
    pub tax: Option<i128>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TotalsAnswer {
    pub items: i128,
    pub item_discount: i128,
    pub coupon_discount: i128,
    pub shipping: i128,
    pub shipping_discount: i128,
    pub fees: i128,
    pub taxable: i128,
    pub net: i128,
    pub tax: Option<i128>,
    pub third_party: i128,
    pub cash_rounding: i128,
    pub payable: i128,
}

/// What comes with the order for nothing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct GiftAnswer {
    pub by: String,
    pub product: String,
    pub pieces: u64,
    pub value: Option<i128>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Lines, then charges, each by id.
    pub lines: Vec<LineAnswer>,
    /// Sorted.
    pub offs: Vec<Off>,
    /// As entered.
    pub codes: Vec<CodeAnswer>,
    /// Sorted.
    pub classes: Vec<ClassAnswer>,
    pub totals: TotalsAnswer,
    pub zero_base: bool,
    /// Sorted.
    pub gifts: Vec<GiftAnswer>,
}

impl Answer {
    /// What differs, one line each.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let mut all = Vec::new();
        list("line", &self.lines, &other.lines, &mut all);
        list("off", &self.offs, &other.offs, &mut all);
        list("code", &self.codes, &other.codes, &mut all);
        list("class", &self.classes, &other.classes, &mut all);
        list("totals", std::slice::from_ref(&self.totals), std::slice::from_ref(&other.totals), &mut all);
        list("gift", &self.gifts, &other.gifts, &mut all);
        if self.zero_base != other.zero_base {
            all.push(format!("zero base: expected {}, found {}", self.zero_base, other.zero_base));
        }
        all
    }
}

fn list<T: PartialEq + std::fmt::Debug>(name: &str, expected: &[T], found: &[T], all: &mut Vec<String>) {
    for i in 0..expected.len().max(found.len()) {
        if expected.get(i) != found.get(i) {
            all.push(format!("{name} {i}\n  expected {:?}\n  found    {:?}", expected.get(i), found.get(i)));
        }
    }
}
