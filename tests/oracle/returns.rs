//! What becomes of orders, against lists of units: every unit of a line is written down by itself when the order is
//! placed, and what goes back or moves is taken off the list, the first ones first. Semantics, section 10: a refund is
//! unit by unit, each at what was paid for it, all of them together what was paid; coupon amounts are not refunded;
//! other lines keep their shares; moved + forfeited = before.

use std::collections::{BTreeMap, VecDeque};

use vouchsafe as v;

use crate::answer::{Answer, CodeAnswer};
use crate::case::{Benefit, Case, Overrides};
use crate::engine::{self, Failure};
use crate::fraction::{Fraction, Mode, share};
use crate::random::{self, Random};
use crate::source::note;
use crate::stored::{self, Change};
use crate::twin;

/// A discount on something: where it comes from, how much, and what a third party has of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub origin: v::DiscountOrigin,
    pub account: Option<String>,
    pub amount: i128,
    pub third: i128,
}

/// What a line stands at, or one unit of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Figures {
    pub priced: i128,
    pub parts: Vec<Part>,
    pub tax: i128,
}

impl Figures {
    pub fn discount(&self) -> i128 {
        self.parts.iter().map(|p| p.amount).sum()
    }

    pub fn third(&self) -> i128 {
        self.parts.iter().map(|p| p.third).sum()
    }

    pub fn taxable(&self) -> i128 {
        self.priced - self.discount() + self.third()
    }

    pub fn net(&self, inclusive: bool) -> i128 {
        if inclusive { self.taxable() - self.tax } else { self.taxable() }
    }

    pub fn payable(&self, inclusive: bool) -> i128 {
        self.priced - self.discount() + if inclusive { 0 } else { self.tax }
    }

    pub fn plus(&mut self, other: &Self, sign: i128) {
        self.priced += sign * other.priced;
        self.tax += sign * other.tax;
        for part in &other.parts {
            match self.parts.iter_mut().find(|p| (&p.origin, &p.account) == (&part.origin, &part.account)) {
                Some(known) => {
                    known.amount += sign * part.amount;
                    known.third += sign * part.third;
                }
                None => {
                    let (amount, third) = (sign * part.amount, sign * part.third);
                    self.parts.push(Part { amount, third, ..part.clone() });
                }
            }
        }
    }

    /// Without discounts of nothing, in one order.
    pub fn told(&self) -> (i128, BTreeMap<String, (i128, i128)>, i128) {
        let parts = self.parts.iter().filter(|p| p.amount != 0 || p.third != 0);
        let parts = parts.map(|p| (format!("{:?} to {:?}", p.origin, p.account), (p.amount, p.third)));
        (self.priced, parts.collect(), self.tax)
    }

    /// Unit by unit. The amounts between the price and what is paid (below each discount, the taxable amount, after all
    /// discounts, net, with tax) are each spread evenly, the first units carrying the odd minor units; a discount and the
    /// tax lie between them.
    fn units(&self, count: usize, inclusive: bool) -> VecDeque<Self> {
        let even = |amount: i128| -> Vec<i128> {
            let count = i128::try_from(count).unwrap();
            (0..count).map(|i| Fraction::new(amount - i, count).ceil()).collect()
        };
        let mut levels = vec![even(self.priced)];
        let mut level = self.priced;
        let mut down = |by: i128| {
            level -= by;
            levels.push(even(level));
        };
        self.parts.iter().for_each(|p| down(p.amount - p.third));
        self.parts.iter().for_each(|p| down(p.third));
        let last = match inclusive {
            true => [even(self.taxable()), even(self.taxable() - self.tax)],
            false => [even(self.payable(false)), even(self.priced - self.discount())],
        };
        let mut units = VecDeque::new();
        for i in 0..count {
            let step = |n: usize| levels[n][i] - levels[n + 1][i];
            let parts = self.parts.iter().enumerate().map(|(n, part)| {
                let third = step(self.parts.len() + n);
                Part { amount: step(n) + third, third, ..part.clone() }
            });
            let unit = Self { priced: levels[0][i], parts: parts.collect(), tax: last[0][i] - last[1][i] };
            unit.is_sound(inclusive);
            units.push_back(unit);
        }
        self.is_even(&units);
        let mut all = Self::default();
        units.iter().for_each(|unit| all.plus(unit, 1));
        assert_eq!(all.told(), self.told(), "the units are not the line");
        units
    }

    /// Every component of a unit is within one minor unit of its even part.
    fn is_even(&self, units: &VecDeque<Self>) {
        let near = |part: i128, whole: i128| {
            let off = part * i128::try_from(units.len()).unwrap() - whole;
            assert!(off.abs() < i128::try_from(units.len()).unwrap(), "{part} of {whole}: {self:?}");
        };
        for unit in units {
            near(unit.priced, self.priced);
            near(unit.tax, self.tax);
            for (part, whole) in unit.parts.iter().zip(&self.parts) {
                near(part.third, whole.third);
                near(part.amount - part.third, whole.amount - whole.third);
            }
        }
    }

    fn is_sound(&self, inclusive: bool) {
        let parts = self.parts.iter().all(|p| p.third >= 0 && p.amount >= p.third);
        let sound =
            parts && self.priced >= 0 && self.tax >= 0 && self.payable(inclusive) >= 0 && self.net(inclusive) >= 0;
        assert!(sound, "a unit is below zero: {self:?}");
    }
}

#[derive(Debug, Clone)]
pub struct Line {
    pub id: u64,
    charge: bool,
    taxed: bool,
    class: Option<String>,
    rate: Option<Fraction>,
    units: VecDeque<Figures>,
}

impl Line {
    pub fn figures(&self) -> Figures {
        let mut sum = Figures::default();
        self.units.iter().for_each(|unit| sum.plus(unit, 1));
        sum
    }
}

/// An order, and what it stands at.
#[derive(Debug, Clone)]
pub struct Account {
    pub inclusive: bool,
    pub lines: Vec<Line>,
    paid: i128,
    refunded: i128,
    /// What would be paid back if all of it came back.
    standing: i128,
    moves: usize,
}

pub fn minor(money: v::Money) -> i128 {
    i128::from(money.minor())
}

pub fn rate(rate: v::TaxRate) -> Fraction {
    let text = serde_json::to_value(rate).unwrap();
    let text = text.as_str().unwrap();
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits: i128 = format!("{whole}{part}").parse().unwrap();
    Fraction::new(digits, 100 * 10_i128.pow(u32::try_from(part.len()).unwrap()))
}

/// The figures of a priced line.
pub fn figures(outcome: &v::Outcome, line: &v::LineOutcome) -> Figures {
    let mut figures = Figures { priced: minor(line.priced()), parts: Vec::new(), tax: line.tax().map_or(0, minor) };
    for taken in outcome.adjustments().filter(|a| a.line == line.id()) {
        let (origin, account) = match taken.source {
            v::Source::Discount { id, account } => (v::DiscountOrigin::Shop { discount: id.clone() }, account),
            v::Source::Code(answer) => {
                let (coupon, code) = (answer.coupon().unwrap().clone(), answer.code().unwrap().clone());
                (v::DiscountOrigin::Coupon { coupon, code }, answer.terms().unwrap().account())
            }
            v::Source::Points { account } => (v::DiscountOrigin::Points, account),
            _ => panic!("an unknown discount"),
        };
        let (amount, third) = (minor(taken.amount), minor(taken.third_party));
        let part = Part { origin, account: account.map(ToString::to_string), amount, third };
        figures.plus(&Figures { parts: vec![part], ..Figures::default() }, 1);
    }
    figures
}

impl Account {
    pub fn new(outcome: &v::Outcome, inclusive: bool) -> Self {
        let mut lines = Vec::new();
        let charges = outcome.charges().iter().map(|c| (true, c));
        for (charge, line) in outcome.lines().iter().map(|l| (false, l)).chain(charges) {
            let class = outcome.tax_class(line);
            let total = outcome.taxes().iter().find(|t| t.class() == class);
            lines.push(Line {
                id: line.id().0,
                charge,
                taxed: line.tax().is_some(),
                class: class.map(ToString::to_string),
                rate: total.and_then(v::TaxTotal::rate).map(rate),
                units: figures(outcome, line).units(line.units().try_into().unwrap(), inclusive),
            });
        }
        lines.sort_by_key(|l| l.id);
        let standing = minor(outcome.totals().payable());
        Self { inclusive, lines, paid: standing, refunded: 0, standing, moves: 0 }
    }

    fn lines_cost(&self) -> i128 {
        self.lines.iter().map(|l| l.figures().payable(self.inclusive)).sum()
    }

    /// Takes units off a line. The cash rounding stays with the order as long as there is money in it.
    fn take(&mut self, line: u64, units: usize) -> Figures {
        let mut taken = Figures::default();
        let line = self.lines.iter_mut().find(|l| l.id == line).unwrap();
        line.units.drain(..units).for_each(|unit| taken.plus(&unit, 1));
        taken
    }

    /// What the order stands at once some of it is gone, before which it had this rounding.
    fn standing_after(&self, rounding: i128) -> i128 {
        let cost = self.lines_cost();
        if cost == 0 { 0 } else { (cost + rounding).max(0) }
    }

    fn rounding(&self) -> i128 {
        self.standing - self.lines_cost()
    }
}

/// The figures of the engine, as written here.
pub fn found(figures: &v::LineFigures, inclusive: bool) -> Figures {
    let part = |p: &v::DiscountPart| {
        assert_eq!(minor(p.seller()), minor(p.amount()) - minor(p.third_party()));
        let account = p.account().map(ToString::to_string);
        Part { origin: p.origin().clone(), account, amount: minor(p.amount()), third: minor(p.third_party()) }
    };
    let mine = Figures {
        priced: minor(figures.priced()),
        parts: figures.discounts().iter().map(part).collect(),
        tax: figures.tax().map_or(0, minor),
    };
    let of = |what: fn(&v::DiscountOrigin) -> bool| -> i128 {
        mine.parts.iter().filter(|p| what(&p.origin)).map(|p| p.amount).sum()
    };
    assert_eq!(minor(figures.coupon_discount()), of(|o| matches!(o, v::DiscountOrigin::Coupon { .. })));
    assert_eq!(minor(figures.shop_discount()), of(|o| matches!(o, v::DiscountOrigin::Shop { .. })));
    assert_eq!(minor(figures.points_discount()), of(|o| matches!(o, v::DiscountOrigin::Points)));
    assert_eq!(minor(figures.third_party()), mine.third());
    assert_eq!(minor(figures.taxable()), mine.taxable());
    assert_eq!(minor(figures.net()), mine.net(inclusive));
    assert_eq!(minor(figures.discounted()), mine.priced - mine.discount());
    assert_eq!(minor(figures.payable()), mine.payable(inclusive));
    mine
}

/// Some orders of one shop, and everything that was done to them.
struct Story {
    orders: Vec<(v::Settlement, Account)>,
    told: Vec<String>,
    met: BTreeMap<String, u64>,
    next: u64,
    tax: Mode,
    /// Whether lines of odd numbers are delivered later.
    deferred: bool,
}

fn books() -> v::Books {
    let id = |text: &str| text.parse().unwrap();
    v::Books::new(id("receivable"), id("revenue"), id("discount"), id("tax"))
        .with_shipping_revenue(id("shipping"))
        .with_deferred(id("deferred revenue"), id("deferred discount"))
        .with_claims(id("claims"))
        .with_cash_rounding(id("rounding"))
        .with_tax_class("T2".parse().unwrap(), id("tax 2"))
}

impl Story {
    fn id(&mut self) -> v::MovementId {
        self.next += 1;
        format!("m-{}", self.next).parse().unwrap()
    }

    fn met(&mut self, what: &str) {
        *self.met.entry(what.to_owned()).or_default() += 1;
    }

    fn check<T: PartialEq + std::fmt::Debug>(&self, what: &str, expected: &T, found: &T) {
        assert!(expected == found, "{what}\n  expected {expected:?}\n  found    {found:?}\n{}", self.told.join("\n"));
    }

    /// The settlement says what the list says.
    fn same(&self, order: usize) {
        let (settlement, account) = &self.orders[order];
        self.check("the lines", &account.lines.len(), &settlement.lines().len());
        for (line, stands) in account.lines.iter().zip(settlement.lines()) {
            let what = |what: &str| format!("{what} of line {} of order {order}", line.id);
            self.check(&what("the number"), &line.id, &stands.line().0);
            self.check(&what("the kind"), &line.charge, &stands.is_charge());
            self.check(&what("the units"), &line.units.len(), &usize::try_from(stands.units()).unwrap());
            self.check(&what("the class"), &line.class, &stands.tax_class().map(ToString::to_string));
            self.check(&what("the rate"), &line.rate, &stands.tax_rate().map(rate));
            self.check(&what("whether it is taxed"), &line.taxed, &stands.figures().tax().is_some());
            let stands = found(stands.figures(), account.inclusive).told();
            self.check(&what("the figures"), &line.figures().told(), &stands);
        }
        self.check("what was paid", &account.paid, &minor(settlement.paid()));
        self.check("what was paid back", &account.refunded, &minor(settlement.refunded()));
        self.check("what it stands at", &account.standing, &minor(settlement.payable()));
        self.check("what happened", &account.moves, &settlement.movements().len());
        self.booked(order);
    }

    /// The entries of all that happened balance, for every line and in all, and leave in each account what the order
    /// stands at.
    fn booked(&self, order: usize) {
        let (settlement, account) = &self.orders[order];
        let odd = |line: v::LineId| self.deferred && line.0 % 2 == 1;
        let postings = books().post_settlement(settlement, odd).unwrap();
        let mut sums = BTreeMap::<String, i128>::new();
        let mut lines = BTreeMap::<Option<u64>, i128>::new();
        for posting in &postings {
            let signed = i128::from(posting.signed());
            assert!(posting.amount.minor() > 0, "{posting:?}");
            *sums.entry(posting.account.to_string()).or_default() += signed;
            *lines.entry(posting.line.map(|l| l.0)).or_default() += signed;
        }
        sums.retain(|_, sum| *sum != 0);
        lines.retain(|_, sum| *sum != 0);
        self.check("lines out of balance", &BTreeMap::new(), &lines);
        let mut expected = BTreeMap::<String, i128>::new();
        let mut put = |account: &str, amount: i128| *expected.entry(account.to_owned()).or_default() += amount;
        put("receivable", account.standing);
        put("rounding", -account.rounding());
        for line in &account.lines {
            let (figures, deferred) = (line.figures(), odd(v::LineId(line.id)));
            let revenue = if account.inclusive { figures.priced - figures.tax } else { figures.priced };
            let usual = if line.charge { "shipping" } else { "revenue" };
            put(if deferred { "deferred revenue" } else { usual }, -revenue);
            put(if line.class.as_deref() == Some("T2") { "tax 2" } else { "tax" }, -figures.tax);
            for part in &figures.parts {
                let usual = part.account.as_deref().unwrap_or("discount");
                put(if deferred { "deferred discount" } else { usual }, part.amount - part.third);
                put("claims", part.third);
            }
        }
        expected.retain(|_, sum| *sum != 0);
        self.check("the accounts", &expected, &sums);
    }

    /// What is booked as discounts when the order is placed is what the outcome says of its accounts, and delivery moves
    /// what was deferred to where it had gone without.
    fn booked_first(&self, order: usize, outcome: &v::Outcome) {
        let settlement = &self.orders[order].0;
        type Sums = BTreeMap<String, i128>;
        let (mut booked, mut told, mut all, mut sellers) = (Sums::new(), Sums::new(), Sums::new(), Sums::new());
        let name = |account: Option<&v::AccountId>| account.map_or("discount".to_owned(), ToString::to_string);
        for posting in books().post(outcome, |_| false).unwrap() {
            if posting.purpose == v::Purpose::Discount {
                *booked.entry(name(Some(&posting.account))).or_default() += i128::from(posting.signed());
            }
        }
        for total in outcome.accounts() {
            *told.entry(name(total.account())).or_default() += minor(total.discount());
        }
        for part in self.orders[order].1.lines.iter().flat_map(|l| l.figures().parts) {
            let account = part.account.clone().unwrap_or_else(|| "discount".to_owned());
            *all.entry(account.clone()).or_default() += part.amount;
            *sellers.entry(account).or_default() += part.amount - part.third;
        }
        for sums in [&mut booked, &mut told, &mut all, &mut sellers] {
            sums.retain(|_, sum| *sum != 0);
        }
        self.check("the discounts that are booked", &sellers, &booked);
        self.check("the accounts of the outcome", &all, &told);
        let sum = |postings: Vec<v::Posting>| {
            let mut sums = BTreeMap::<_, i64>::new();
            postings.iter().for_each(|p| *sums.entry(p.account.clone()).or_default() += p.signed());
            sums.retain(|_, sum| *sum != 0);
            sums
        };
        let mut later = books().post_settlement(settlement, |_| true).unwrap();
        for line in settlement.lines() {
            later.extend(books().recognise(settlement, line.line()).unwrap());
        }
        let now = books().post_settlement(settlement, |_| false).unwrap();
        self.check("what is delivered", &sum(now), &sum(later));
    }

    fn refused(&mut self, order: usize, request: &v::RefundRequest, error: &v::SettleError) {
        let found = self.orders[order].0.refund(request);
        self.check("a refusal", &Err(error.clone()), &found);
        self.met("refused");
    }

    /// Asks for what there is not.
    fn mistake(&mut self, order: usize, r: &mut Random) {
        let id = self.id();
        let request = v::RefundRequest::new(id);
        let account = &self.orders[order].1;
        let line = r.of(&account.lines);
        let at = v::LineId(line.id);
        let left = u32::try_from(line.units.len()).unwrap();
        match r.below(5) {
            0 => self.refused(order, &request, &v::SettleError::NothingAsked),
            1 => {
                let at = v::LineId(999);
                self.refused(order, &request.units(at, 1), &v::SettleError::UnknownLine { line: at });
            }
            2 => {
                let asked = left + 1 + u32::try_from(r.below(3)).unwrap();
                let error = v::SettleError::TooManyUnits { line: at, asked, left };
                self.refused(order, &request.units(at, asked), &error);
            }
            3 if left > 0 => self.refused(order, &request.units(at, 0), &v::SettleError::Zero { line: at }),
            4 if left > 0 => {
                let error = v::SettleError::LineTwice { line: at };
                self.refused(order, &request.units(at, 1).whole(at), &error);
            }
            _ => {}
        }
    }

    fn refund(&mut self, order: usize, r: &mut Random) {
        let mut request = v::RefundRequest::new(self.id());
        let account = &self.orders[order].1;
        let (inclusive, currency) = (account.inclusive, self.orders[order].0.currency());
        let mut asked: Vec<(u64, usize, i128)> = Vec::new();
        let lines: Vec<Line> = account.lines.iter().filter(|l| !l.units.is_empty()).cloned().collect();
        for line in &lines {
            if !r.one_in(2) {
                continue;
            }
            let (id, left) = (v::LineId(line.id), line.units.len());
            let cost = line.figures().payable(inclusive);
            if line.charge && cost > 1 && r.one_in(2) {
                let part = 1 + i128::from(r.below(u64::try_from(cost - 1).unwrap()));
                asked.push((line.id, 0, part));
                request = request.amount(id, v::Money::new(i64::try_from(part).unwrap(), currency));
            } else if r.one_in(3) {
                asked.push((line.id, left, 0));
                request = request.whole(id);
            } else {
                let units = 1 + r.below(left as u64);
                asked.push((line.id, usize::try_from(units).unwrap(), 0));
                request = request.units(id, u32::try_from(units).unwrap());
            }
        }
        if asked.is_empty() {
            return;
        }
        let refund = match self.orders[order].0.refund(&request) {
            Ok(refund) => refund,
            Err(error) => panic!("{error}: {asked:?}\n{}", self.told.join("\n")),
        };
        note(&mut self.told, || format!("order {order}: back go {asked:?}, paid back {}", refund.payable()));
        self.check("the planned lines", &asked.len(), &refund.lines().len());
        self.met("refunds");
        let mut account = self.orders[order].1.clone();
        let rounding = account.rounding();
        let before = account.standing;
        let (mut all, mut classes) = (Figures::default(), BTreeMap::<_, Figures>::new());
        for ((line, units, amount), back) in asked.iter().zip(refund.lines()) {
            self.check("a returned line", line, &back.line().0);
            let told = found(back.figures(), inclusive);
            if *units == 0 {
                // A part of a charge: exactly what was asked for, the rest in proportion.
                self.check("no unit", &None, &back.units());
                self.check("a part of a charge", amount, &told.payable(inclusive));
                self.part_of_charge(&mut account, *line, &told);
            } else {
                self.check("the units", &Some(u32::try_from(*units).unwrap()), &back.units());
                self.check("a refund", &account.take(*line, *units).told(), &told.told());
            }
            let of = account.lines.iter().find(|l| l.id == *line).unwrap();
            classes.entry((of.class.clone(), of.rate.map(Fraction::parts))).or_default().plus(&told, 1);
            all.plus(&told, 1);
        }
        account.standing = account.standing_after(rounding);
        account.refunded += before - account.standing;
        account.moves += 1;
        self.check("what is paid back", &(before - account.standing), &minor(refund.payable()));
        let cash = before - account.standing - all.payable(inclusive);
        self.check("the cash rounding", &cash, &minor(refund.cash_rounding()));
        self.sums(&refund, &all, inclusive);
        self.check("kept lines", &0, &refund.kept().len());
        let found: BTreeMap<_, _> = refund
            .taxes()
            .into_iter()
            .map(|t| {
                let key = (t.class.map(|c| c.to_string()), t.rate.map(|t| rate(t).parts()));
                (key, (minor(t.taxable), minor(t.net), t.tax.map_or(0, minor)))
            })
            .collect();
        let classes: BTreeMap<_, _> =
            classes.into_iter().map(|(k, f)| (k, (f.taxable(), f.net(inclusive), f.tax))).collect();
        self.check("the classes", &classes, &found);
        self.apply(order, &refund, account);
        let again = self.orders[order].0.refund(&request);
        self.check("the same return again", &Ok(refund), &again);
    }

    fn sums(&self, refund: &v::Refund, all: &Figures, inclusive: bool) {
        self.check("taxable", &all.taxable(), &minor(refund.taxable()));
        self.check("net", &all.net(inclusive), &minor(refund.net()));
        self.check("tax", &all.tax, &refund.tax().map_or(0, minor));
        self.check("third party", &all.third(), &minor(refund.third_party()));
        let both = minor(refund.coupon_discount()) + minor(refund.shop_discount());
        self.check("discounts", &all.discount(), &both);
        let parts = refund.discounts().iter().map(|p| minor(p.amount())).sum();
        self.check("the discounts one by one", &all.discount(), &parts);
    }

    /// Every level of a charge goes down as what is paid does, to within one minor unit.
    fn part_of_charge(&self, account: &mut Account, line: u64, gone: &Figures) {
        let inclusive = account.inclusive;
        let line = account.lines.iter_mut().find(|l| l.id == line).unwrap();
        let unit = &mut line.units[0];
        let share = Fraction::new(gone.payable(inclusive), unit.payable(inclusive));
        let near = |what: &str, gone: i128, of: i128| {
            let exact = share * Fraction::whole(of);
            let off = Fraction::whole(gone) - exact;
            let near = off < Fraction::whole(1) && Fraction::whole(-1) < off;
            assert!(near, "{what}: {gone} of {of} is not {exact:?}\n{}", self.told.join("\n"));
        };
        near("priced", gone.priced, unit.priced);
        near("taxable", gone.taxable(), unit.taxable());
        near("net", gone.net(inclusive), unit.net(inclusive));
        near("tax", gone.tax, unit.tax);
        for part in &gone.parts {
            let of = unit.parts.iter().find(|p| p.origin == part.origin).unwrap();
            near("the seller's part", part.amount - part.third, of.amount - of.third);
            near("the part of a third party", part.third, of.third);
        }
        gone.is_sound(inclusive);
        unit.plus(gone, -1);
        unit.is_sound(inclusive);
    }

    fn apply(&mut self, order: usize, refund: &v::Refund, account: Account) {
        let before = self.orders[order].0.clone();
        let text = serde_json::to_string(refund).unwrap();
        self.check("a refund from JSON", refund, &serde_json::from_str(&text).unwrap());
        let new = self.orders[order].0.apply(refund);
        self.check("applied", &Ok(true), &new);
        let again = self.orders[order].0.apply(refund);
        self.check("applied again", &Ok(false), &again);
        let (mut stale, id) = (before, self.id());
        // Another plan of the same settlement is stale once this one was applied.
        if let Ok(void) = stale.void(id) {
            stale.apply(&void).unwrap();
            self.check("a stale plan", &Err(v::SettleError::Stale), &stale.apply(refund));
        }
        self.orders[order].1 = account;
        self.same(order);
    }

    fn void(&mut self, order: usize) {
        let id = self.id();
        let (settlement, account) = &self.orders[order];
        let nothing = account.lines.iter().all(|l| l.units.is_empty());
        let plan = settlement.void(id.clone());
        if nothing && account.standing == 0 {
            self.check("a void of nothing", &Err(v::SettleError::NothingLeft), &plan);
            return;
        }
        let mut account = account.clone();
        let refund = plan.unwrap();
        note(&mut self.told, || format!("order {order}: voided, paid back {}", refund.payable()));
        self.check("a void pays back all", &account.standing, &minor(refund.payable()));
        self.check("a void", &true, &refund.is_void());
        let mut all = Figures::default();
        for line in account.lines.iter_mut() {
            line.units.drain(..).for_each(|unit| all.plus(&unit, 1));
        }
        self.sums(&refund, &all, account.inclusive);
        account.refunded += account.standing;
        account.standing = 0;
        account.moves += 1;
        self.met("voids");
        self.apply(order, &refund, account);
        let again = self.orders[order].0.void(id);
        self.check("the same void again", &Ok(refund), &again);
    }

    fn transfer(&mut self, from: usize, to: usize, r: &mut Random) {
        let id = self.id();
        let (settlement, account) = &self.orders[from];
        let lines: Vec<Line> = account.lines.iter().filter(|l| !l.units.is_empty()).cloned().collect();
        if lines.is_empty() || from == to {
            return;
        }
        let line = r.of(&lines);
        let units = 1 + usize::try_from(r.below(line.units.len() as u64)).unwrap();
        let (currency, inclusive) = (settlement.currency(), account.inclusive);
        let target = self.orders[to].0.reference().clone();
        let mut source = account.clone();
        let rounding = source.rounding();
        let standing = source.standing;
        let before = source.take(line.id, units);
        let price = r.maybe(2, |r| if r.one_in(4) { before.priced } else { r.amount(4_000) - 1 });
        let asked = u32::try_from(units).unwrap();
        let mut request = v::TransferRequest::new(id, v::LineId(line.id), asked, target, currency);
        if let Some(price) = price {
            request = request.at_price(v::Money::new(i64::try_from(price).unwrap(), currency));
        }
        let transfer = settlement.transfer(&request).unwrap();
        note(&mut self.told, || format!("{units} of line {} move from {from} to {to} at {price:?}", line.id));
        self.check("what moves", &before.told(), &found(transfer.before(), inclusive).told());
        let after = found(transfer.after(), inclusive);
        let price = price.unwrap_or(before.priced);
        if price == before.priced {
            self.check("what arrives", &before.told(), &after.told());
        } else {
            self.at_price(&before, &after, price, &line);
            self.met("transfers at another price");
        }
        // Moved + forfeited = before, for every discount.
        let mut lost = 0;
        for moved in transfer.discounts() {
            self.check("before", &minor(moved.before), &(minor(moved.moved) + minor(moved.forfeited)));
            assert!(moved.forfeited.minor() >= 0 && moved.moved.minor() >= 0, "{moved:?}");
            lost += minor(moved.forfeited);
        }
        self.check("forfeited", &lost, &minor(transfer.forfeited()));
        self.check("lost", &lost, &(before.discount() - after.discount()));
        // Money leaves the one order as it enters the other, the rounding with the last of it.
        source.standing = source.standing_after(rounding);
        source.moves += 1;
        self.check("the money that moves", &(standing - source.standing), &minor(transfer.payable()));
        let mut target = self.orders[to].1.clone();
        let arriving = minor(transfer.payable()) + minor(transfer.difference());
        let along = minor(transfer.payable()) - before.payable(inclusive);
        let cost = after.payable(inclusive);
        let expected = if cost == 0 { 0 } else { (cost + along).max(0) };
        self.check("the money that arrives", &expected, &arriving);
        target.standing += arriving;
        target.moves += 1;
        let at = 500 + self.next;
        target.lines.push(Line { id: at, units: after.units(units, inclusive), ..line.clone() });
        target.lines.sort_by_key(|l| l.id);
        let text = serde_json::to_string(&transfer).unwrap();
        self.check("a transfer from JSON", &transfer, &serde_json::from_str(&text).unwrap());
        for expected in [true, false] {
            let sent = self.orders[from].0.send(&transfer);
            self.check("sent", &Ok(expected), &sent);
            let received = self.orders[to].0.receive(&transfer, v::LineId(at));
            self.check("received", &Ok(expected), &received);
        }
        self.orders[from].1 = source;
        self.orders[to].1 = target;
        self.same(from);
        self.same(to);
        self.met("transfers");
    }

    /// Each discount takes what it took as far as there is room, in their order; the tax is that of the new amount.
    fn at_price(&self, before: &Figures, after: &Figures, price: i128, line: &Line) {
        self.check("the new price", &price, &after.priced);
        let inclusive = self.orders[0].1.inclusive;
        let mut room = price;
        for part in &before.parts {
            let taken = part.amount.min(room);
            room -= taken;
            let same = |p: &&Part| (&p.origin, &p.account) == (&part.origin, &part.account);
            let found = after.parts.iter().find(same).map_or((0, 0), |p| (p.amount, p.third));
            self.check("a discount at the new price", &taken, &found.0);
            if part.amount > 0 {
                let exact = Fraction::new(part.third * taken, part.amount);
                let off = Fraction::whole(found.1) - exact;
                assert!(off < Fraction::whole(1) && Fraction::whole(-1) < off, "{part:?} became {found:?}");
            }
        }
        let taxable = Fraction::whole(after.taxable());
        let rate = line.rate.filter(|_| line.taxed);
        let tax = match (rate, inclusive) {
            (None, _) => 0,
            (Some(rate), false) => (taxable * rate).round(self.tax),
            (Some(rate), true) => after.taxable() - (taxable / (Fraction::whole(1) + rate)).round(self.tax),
        };
        self.check("the tax at the new price", &tax, &after.tax);
        after.is_sound(inclusive);
    }
}

/// Whether a piece has more or less off for what is bought beside it.
fn hangs_on_others(coupon: &crate::case::Coupon) -> bool {
    let counts = |target: &crate::case::Target| target.groups_of.is_some() || target.pieces_from.is_some();
    coupon.benefits.iter().any(|benefit| match benefit {
        Benefit::Set(_) | Benefit::Ladder(_) => true,
        Benefit::Percent { target, .. }
        | Benefit::Amount { target, .. }
        | Benefit::SetPrice { target, .. }
        | Benefit::Operator { target, .. }
        | Benefit::Host { target, .. } => counts(target),
        Benefit::Shipping { .. } | Benefit::Gift { .. } | Benefit::None => false,
    })
}

/// The figures of a line as the twin prices it.
fn priced(case: &Case, answer: &Answer, id: u64) -> Figures {
    let line = answer.lines.iter().find(|l| l.id == id).unwrap();
    let mut figures = Figures { priced: line.priced, parts: Vec::new(), tax: line.tax.unwrap_or(0) };
    // In the order in which they were taken: the shop's first.
    let mut offs: Vec<_> = answer.offs.iter().filter(|o| o.line == id).collect();
    offs.sort_by_key(|o| !o.by.starts_with("discount"));
    for off in offs {
        let (origin, account) = match off.by.strip_prefix("discount ") {
            Some(n) => (
                v::DiscountOrigin::Shop { discount: off.by.parse().unwrap() },
                (n == "0").then(|| "coupon-a".to_owned()),
            ),
            None => {
                let entered = case.codes.iter().find(|c| c.code == off.by).unwrap();
                let id = &case.coupons[entered.coupon].id;
                let code = v::Code::parse(&off.by, v::CodeFormat::Standard).unwrap();
                let account = (!id.starts_with("coupon-c")).then(|| id[..8].to_owned());
                (v::DiscountOrigin::Coupon { coupon: id.parse().unwrap(), code }, account)
            }
        };
        let part = Part { origin, account, amount: off.amount, third: off.third_party };
        figures.plus(&Figures { parts: vec![part], ..Figures::default() }, 1);
    }
    figures
}

/// Returns under the terms of the order: what is kept is priced by the twin, with its thresholds judged anew.
pub fn judge(seed: u64, index: u64, met: &mut BTreeMap<String, u64>) -> Result<bool, Failure> {
    let mut case = random::case(seed ^ 0x1bd9, index);
    let all = case.coupons.clone();
    // As often as not nothing but thresholds decides.
    case.coupons.retain(|c| !c.conditions.is_empty() || hangs_on_others(c));
    if case.coupons.is_empty() {
        return Ok(false);
    }
    let kept: Vec<String> = case.coupons.iter().map(|c| c.id.clone()).collect();
    case.codes.retain(|c| kept.contains(&all[c.coupon].id));
    for code in &mut case.codes {
        code.coupon = kept.iter().position(|id| *id == all[code.coupon].id).unwrap();
    }
    let mut r = Random(seed ^ index.wrapping_mul(0x6c62_272e) ^ 3);
    let first = twin::evaluate(&case);
    let placed = engine::with(&case, |shop, request| Ok(shop.place(request).ok()))?;
    let Some(placed) = placed else { return Ok(false) };
    let inclusive = case.policy.inclusive;
    let (tax, deferred) = (case.policy.tax_rounding, r.one_in(2));
    let orders = vec![(v::Settlement::new(placed.outcome())?, Account::new(placed.outcome(), inclusive))];
    let mut told = Vec::new();
    note(&mut told, || case.to_string());
    let mut story = Story { orders, told, met: std::mem::take(met), next: 0, tax, deferred };
    for _ in 0..1 + r.below(3) {
        let policy =
            r.of(&[v::ThresholdPolicy::Recompute, v::ThresholdPolicy::Recompute, v::ThresholdPolicy::ClawBack]);
        story.refund_with_terms(&placed, &case, &first, policy, &mut r);
    }
    story.void(0);
    let (settlement, account) = &story.orders[0];
    story.check("all the money", &account.paid, &minor(settlement.refunded()));
    *met = story.met;
    Ok(true)
}

impl Story {
    fn refund_with_terms(
        &mut self,
        placed: &v::PlacedOrder,
        case: &Case,
        first: &Answer,
        policy: v::ThresholdPolicy,
        r: &mut Random,
    ) {
        let mut request = v::RefundRequest::new(self.id()).thresholds(policy);
        let (settlement, account) = &self.orders[0];
        let (mut account, inclusive) = (account.clone(), account.inclusive);
        let (rounding, standing) = (account.rounding(), account.standing);
        let mut back = Figures::default();
        let mut asked = Vec::new();
        for line in account.lines.clone().iter().filter(|l| !l.units.is_empty()) {
            if r.one_in(2) {
                let units = 1 + usize::try_from(r.below(line.units.len() as u64)).unwrap();
                request = request.units(v::LineId(line.id), u32::try_from(units).unwrap());
                asked.push((line.id, units));
                back.plus(&account.take(line.id, units), 1);
            }
        }
        if asked.is_empty() {
            return;
        }
        let refund = settlement.refund_with_terms(placed, &request);
        let refund = refund.unwrap_or_else(|e| panic!("{e}\n{}", self.told.join("\n")));
        let without = settlement.refund(&request);
        self.check("without terms", &Err(v::SettleError::TermsNeeded), &without);
        note(&mut self.told, || format!("{policy:?}: back go {asked:?}, paid back {}", refund.payable()));
        // What is left, priced anew.
        let units = |id: u64| account.lines.iter().find(|l| l.id == id).unwrap().units.len();
        let quantity = |line: &crate::case::Line| match (units(line.id), line.measured) {
            (0, _) => 0,
            (_, true) => line.quantity.digits,
            (left, false) => i128::try_from(left).unwrap(),
        };
        let quantities = case.lines.iter().map(|l| (l.id, quantity(l))).collect();
        let left = stored::stored(case, first, &Change { quantities, added: Vec::new(), judged: true });
        let judged = twin::evaluate(&left);
        // A coupon falls where its own conditions say no, that of a code on a line that is gone among them.
        let mut all = left.clone();
        let applied =
            |c: &&crate::case::Entered| first.codes.iter().any(|a| a.entered == c.code && a.state == "applied");
        // With what the host's amounts are on what is left.
        let as_left =
            |code: &crate::case::Entered| left.codes.iter().find(|c| c.code == code.code).unwrap_or(code).clone();
        all.codes = case.codes.iter().filter(applied).map(as_left).collect();
        let judged_all = twin::evaluate(&all);
        let thresholds = ["minimum_spend", "minimum_quantity", "none_of", "excluded"];
        let fell = |c: &&CodeAnswer| c.reasons.iter().any(|why| thresholds.contains(&why.as_str()));
        let mut lost: Vec<&str> = judged_all.codes.iter().filter(fell).map(|c| c.entered.as_str()).collect();
        // Of what pieces earn for each other, what is kept earns so much less.
        let off = |figures: &Figures, code: &str| -> i128 {
            let of = |p: &&Part| matches!(&p.origin, v::DiscountOrigin::Coupon { code: of, .. } if of.as_str() == code);
            figures.parts.iter().filter(of).map(|part| part.amount).sum()
        };
        // One that took nothing off what is kept leaves it alone, unless it overrode prices.
        let overrode = |code: &str| {
            let entered = case.codes.iter().find(|c| c.code == code).unwrap();
            case.coupons[entered.coupon].overrides != Overrides::Nothing
        };
        lost.retain(|code| overrode(code) || account.lines.iter().any(|line| off(&line.figures(), code) > 0));
        let goods = || account.lines.iter().filter(|l| !l.charge && !l.units.is_empty());
        let mut too_much: Vec<(&str, Vec<(u64, i128)>)> = Vec::new();
        for entered in case.codes.iter().filter(applied).filter(|c| hangs_on_others(&case.coupons[c.coupon])) {
            let code = entered.code.as_str();
            let taken: Vec<i128> = goods().map(|line| off(&line.figures(), code)).collect();
            let earned: i128 = goods().map(|line| off(&priced(&left, &judged, line.id), code)).sum();
            let much = taken.iter().sum::<i128>() - earned;
            if much > 0 && !lost.contains(&code) {
                too_much.push((code, goods().map(|line| line.id).zip(share(much, &taken, &taken)).collect()));
                self.met("sets and tiers that were broken");
            }
        }
        let mut targets = Vec::new();
        for line in account.lines.iter().filter(|l| !l.units.is_empty()) {
            let before = line.figures();
            let after = match policy {
                _ if lost.is_empty() && too_much.is_empty() => before.clone(),
                v::ThresholdPolicy::Recompute => priced(&left, &judged, line.id),
                _ => self.clawed(&before, line, |code, amount| match too_much.iter().find(|(of, _)| *of == code) {
                    _ if lost.contains(&code) => amount,
                    Some((_, lines)) => lines.iter().find(|(id, _)| *id == line.id).map_or(0, |(_, much)| *much),
                    None => 0,
                }),
            };
            targets.push((line.id, before, after));
        }
        let cost = |f: &Figures| f.payable(inclusive);
        let rises: Vec<i128> = targets.iter().map(|(_, b, a)| (cost(a) - cost(b)).max(0)).collect();
        let falls: i128 = targets.iter().map(|(_, b, a)| (cost(b) - cost(a)).max(0)).sum();
        let room = cost(&back) + falls;
        if rises.iter().sum::<i128>() > room {
            // No more than what comes back: the rest is let go, in proportion.
            let granted = share(room, &rises, &rises);
            for ((id, before, after), granted) in targets.iter_mut().zip(granted) {
                if cost(after) <= cost(before) {
                    continue;
                }
                let kept = refund.kept().iter().find(|k| k.line().0 == *id);
                let found = kept.map_or(before.clone(), |k| found(k.after(), inclusive));
                self.check("the part of a rise", &granted, &(cost(&found) - cost(before)));
                found.is_sound(inclusive);
                *after = found;
            }
            self.met("rises that were cut");
        }
        // What is kept becomes no cheaper: what is returned pays back what was paid for it at most.
        if targets.iter().map(|(_, before, after)| cost(after) - cost(before)).sum::<i128>() < 0 {
            targets.iter_mut().for_each(|(_, before, after)| *after = before.clone());
            self.met("kept lines that were not made cheaper");
        }
        if targets.iter().any(|(_, before, after)| before.told() != after.told()) {
            self.met(if policy == v::ThresholdPolicy::Recompute { "recomputed" } else { "clawed back" });
        }
        for (id, before, after) in targets {
            let kept = refund.kept().iter().find(|k| k.line().0 == id);
            let found = kept.map_or(before, |k| found(k.after(), inclusive));
            self.check(&format!("line {id}, which is kept"), &after.told(), &found.told());
            let line = account.lines.iter_mut().find(|l| l.id == id).unwrap();
            // The discounts in the order in which the engine has them: the parts of units hang on it.
            line.units = found.units(line.units.len(), inclusive);
        }
        account.standing = account.standing_after(rounding);
        account.refunded += standing - account.standing;
        account.moves += 1;
        self.check("what is paid back", &(standing - account.standing), &minor(refund.payable()));
        assert!(refund.payable().minor() >= 0, "{refund:?}\n{}", self.told.join("\n"));
        self.apply(0, &refund, account);
        let again = self.orders[0].0.refund_with_terms(placed, &request);
        self.check("the same return again", &Ok(refund), &again);
        self.met("returns");
    }

    /// With so much less of the discounts of codes, and taxed on what the seller no longer gives. Third parties give less in
    /// proportion, rounded down.
    fn clawed(&self, before: &Figures, line: &Line, less: impl Fn(&str, i128) -> i128) -> Figures {
        let mut after = before.clone();
        let mut back = 0;
        for part in &mut after.parts {
            let v::DiscountOrigin::Coupon { code, .. } = &part.origin else { continue };
            let less = less(code.as_str(), part.amount);
            if less > 0 {
                let (amount, third) = (part.amount - less, part.third * (part.amount - less) / part.amount);
                back += part.amount - part.third - (amount - third);
                (part.amount, part.third) = (amount, third);
            }
        }
        let (back, one) = (Fraction::whole(back), Fraction::whole(1));
        if let Some(rate) = line.rate.filter(|_| line.taxed) {
            after.tax += match self.orders[0].1.inclusive {
                false => (back * rate).round(self.tax),
                true => back.floor() - (back / (one + rate)).round(self.tax),
            };
        }
        after
    }
}

/// A case of the generator that is placed in the same shop as the first one.
fn another(seed: u64, index: u64, like: &Case) -> Case {
    (1..)
        .map(|n| random::case(seed ^ 0xabcd, index.wrapping_mul(97).wrapping_add(n)))
        .find(|case| case.policy.exponent == like.policy.exponent)
        .map(|case| Case { policy: like.policy, ..case })
        .unwrap()
}

/// One story of one to three orders. Answers whether they could be placed.
pub fn tell(seed: u64, index: u64, met: &mut BTreeMap<String, u64>) -> Result<bool, Failure> {
    let first = random::case(seed ^ 0x5e77, index);
    let mut r = Random(seed ^ index.wrapping_mul(0x9e37_79b9) ^ 77);
    let mut cases = vec![first];
    for n in 0..r.below(3) {
        let next = another(seed, index + n, &cases[0]);
        cases.push(next);
    }
    let policy = cases[0].policy;
    let (told, next, tax) = (Vec::new(), 0, policy.tax_rounding);
    let deferred = r.one_in(2);
    let mut story = Story { orders: Vec::new(), told, met: std::mem::take(met), next, tax, deferred };
    for (n, case) in cases.iter().enumerate() {
        let setting = engine::setting(case, &format!("o-{n}"))?;
        let outcome = engine::with_setting(case, &setting, |shop, request| Ok(shop.evaluate(request)?))?;
        if !outcome.placeable() {
            *met = story.met;
            return Ok(false);
        }
        note(&mut story.told, || format!("order {n}\n{case}{:?}", outcome.totals()));
        story.orders.push((v::Settlement::new(&outcome)?, Account::new(&outcome, policy.inclusive)));
        story.same(n);
        story.booked_first(n, &outcome);
    }
    let count = story.orders.len();
    let paid: i128 = story.orders.iter().map(|(_, a)| a.paid).sum();
    let mut extra = 0;
    let usually = 3 + r.below(6);
    for _ in 0..r.steps(usually) {
        let order = usize::try_from(r.below(count as u64)).unwrap();
        match r.below(12) {
            0 => story.void(order),
            1 => story.mistake(order, &mut r),
            2..=6 => story.refund(order, &mut r),
            _ => story.transfer(order, usize::try_from(r.below(count as u64)).unwrap(), &mut r),
        }
        if r.one_in(4) {
            // Kept with the order as JSON.
            let text = serde_json::to_string(&story.orders[order].0)?;
            let read = serde_json::from_str(&text).map_err(|e| format!("{e}: {text}\n{}", story.told.join("\n")))?;
            story.check("a settlement from JSON", &story.orders[order].0, &read);
            story.orders[order].0 = read;
        }
    }
    for (settlement, _) in &story.orders {
        for movement in settlement.movements() {
            if let v::Movement::Received(received) = movement {
                extra += minor(received.transfer().difference());
            }
        }
    }
    for order in 0..count {
        story.void(order);
    }
    // To the cent: all that was paid, and what transfers cost more, was paid back.
    let back: i128 = story.orders.iter().map(|(s, _)| minor(s.refunded())).sum();
    story.check("all the money", &(paid + extra), &back);
    *met = story.met;
    Ok(true)
}
