//! Whatever comes back, moves to another order or is voided, in whatever order: no cent is lost and none is made up. Every
//! figure is compared with a model that knows nothing but single units.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};
use vouchsafe::*;

use crate::ledger::balanced;
use crate::support::*;

/// One unit: its price, taxable amount, net and what is paid for it.
type Unit = [i64; 4];

/// A line of the model: its units, lowest first. Of a charge only what is paid is followed.
#[derive(Debug, Clone)]
struct Units {
    charge: bool,
    units: Vec<Unit>,
}

/// An order of the model.
#[derive(Debug, Clone)]
struct Model {
    lines: BTreeMap<LineId, Units>,
    /// What is left of what was paid.
    left: i64,
}

/// The units of an amount: the first ones carry the odd cents.
fn evenly(amount: i64, units: u32) -> Vec<i64> {
    let (units, mut parts) = (i64::from(units), Vec::new());
    for i in 0..units {
        parts.push(amount / units + i64::from(i < amount % units));
    }
    parts
}

fn split(amounts: [i64; 4], count: u32) -> Vec<Unit> {
    let parts = amounts.map(|amount| evenly(amount, count));
    (0..usize::try_from(count).unwrap()).map(|i| [parts[0][i], parts[1][i], parts[2][i], parts[3][i]]).collect()
}

impl Model {
    fn of(outcome: &Outcome) -> Self {
        let line = |charge: bool| {
            move |line: &LineOutcome| {
                let amounts = [line.priced(), line.taxable(), line.net(), line.payable()].map(Money::minor);
                (line.id(), Units { charge, units: split(amounts, line.units()) })
            }
        };
        let lines = outcome.lines().iter().map(line(false)).chain(outcome.charges().iter().map(line(true)));
        Self { lines: lines.collect(), left: outcome.totals().payable().minor() }
    }

    fn standing(&self) -> i64 {
        self.lines.values().flat_map(|line| &line.units).map(|unit| unit[3]).sum()
    }

    /// What units give back when they go: what was paid for them, at most what is left, and all of it with the last.
    fn pay_back(&mut self, paid: i64) -> i64 {
        let back = if self.standing() == 0 { self.left } else { paid.min(self.left) };
        self.left -= back;
        back
    }

    fn take(&mut self, line: LineId, count: u32) -> Vec<Unit> {
        self.lines.get_mut(&line).unwrap().units.drain(..usize::try_from(count).unwrap()).collect()
    }
}

fn sums(units: &[Unit]) -> [i64; 4] {
    [0, 1, 2, 3].map(|i| units.iter().map(|unit| unit[i]).sum())
}

fn figures(of: &LineFigures) -> [i64; 4] {
    [of.priced(), of.taxable(), of.net(), of.payable()].map(Money::minor)
}

#[derive(Debug, Clone)]
struct Market {
    inclusive: bool,
    rates: Option<(u32, u32)>,
    cash: bool,
    baskets: Vec<Basket>,
}

#[derive(Debug, Clone)]
struct Basket {
    /// Cents, pieces, class, cents off by the shop.
    lines: Vec<(u32, u64, u8, u32)>,
    shipping: Option<u32>,
    fee: Option<u32>,
    codes: Vec<usize>,
}

fn baskets() -> impl Strategy<Value = Basket> {
    let cents = prop_oneof![1 => Just(0_u32), 3 => 1_u32..30, 6 => 30_u32..20_000];
    let line = (cents, 1_u64..8, 0_u8..3, 0_u32..40);
    let codes = proptest::sample::subsequence((0..5).collect::<Vec<usize>>(), 0..=5);
    let charge = || proptest::option::of(0_u32..1_500);
    (proptest::collection::vec(line, 1..5), charge(), charge(), codes)
        .prop_map(|(lines, shipping, fee, codes)| Basket { lines, shipping, fee, codes })
}

fn markets() -> impl Strategy<Value = Market> {
    let rates = proptest::option::weighted(0.8, (0_u32..30_000, 0_u32..300_000));
    (any::<bool>(), rates, any::<bool>(), proptest::collection::vec(baskets(), 1..4))
        .prop_map(|(inclusive, rates, cash, baskets)| Market { inclusive, rates, cash, baskets })
}

fn coupons() -> Vec<Coupon> {
    let acme = json!({"third_party": {"party": "ACME"}});
    let all = [
        json!({"account": "4910", "benefits": [{"percent": {"off": "12.5"}}]}),
        json!({"account": "4911", "funding": acme, "benefits": [{"amount": {"off": {"USD": "13.37"}}}]}),
        json!({"account": "4910", "funding": {"split": {"party": "BETA", "share": "33.333"}}, "level": "order",
               "benefits": [{"percent": {"off": "7", "include_shipping": true}}]}),
        json!({"benefits": [{"shipping": {"percent": "50"}}], "funding": acme}),
        json!({"benefits": [{"amount": {"off": {"USD": "0.07"}, "per": "unit"}}]}),
    ];
    all.into_iter().enumerate().map(|(i, fields): (usize, Value)| coupon(&format!("c{i}"), fields)).collect()
}

impl Market {
    fn outcome(&self, at: usize) -> Outcome {
        self.case(at, &coupons()).run()
    }

    fn case(&self, at: usize, coupons: &[Coupon]) -> Case {
        let basket = &self.baskets[at];
        let price = |cents: u32| format!("{}.{:02}", cents / 100, cents % 100);
        let line = |(id, (cents, count, class, off)): (u64, &(u32, u64, u8, u32))| {
            let line = pieces(id, &price(*cents), *count);
            let off = i64::from(*off).min(i64::from(*cents) * i64::try_from(*count).unwrap());
            let line =
                if off > 0 { line.with_discount(discount("shop", Money::new(off, Currency::USD))) } else { line };
            if *class == 0 { line } else { line.with_tax_class(format!("c{class}").parse().unwrap()) }
        };
        let policy = policy(|policy| if self.cash { policy.cash("0.05".parse().unwrap()) } else { policy });
        let mut case = order_under(policy, (1..).zip(&basket.lines).map(line))
            .reference(Reference::Order(format!("o-{at}").parse().unwrap()));
        for (id, cents) in [(90, basket.shipping), (91, basket.fee)] {
            let Some(amount) = cents.map(|cents| Money::new(cents.into(), Currency::USD)) else { continue };
            let charge = if id == 90 { shipping(id, amount) } else { Charge::fee(LineId(id), amount) };
            case = case.charge(charge.with_tax_class("c1".parse().unwrap()));
        }
        if let Some((one, two)) = self.rates {
            let rate = |thousandths: u32| rate(&format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000));
            case = case.order(|order| {
                let order = order.default_rate(rate(19_000));
                order.rate("c1".parse().unwrap(), rate(one)).rate("c2".parse().unwrap(), rate(two))
            });
        }
        if self.inclusive {
            case = case.inclusive();
        }
        basket.codes.iter().fold(case, |case, code| case.code(coupons[*code].clone()))
    }
}

#[derive(Debug, Clone)]
enum Deed {
    /// Units of some lines, each by its place among the lines and a share of what is left.
    Return(Vec<(prop::sample::Index, u8)>),
    /// A part of a charge, in percent.
    Part(prop::sample::Index, u8),
    Void,
    /// Units of a line to another order, perhaps at another price.
    Move {
        line: prop::sample::Index,
        share: u8,
        to: prop::sample::Index,
        cents: Option<u32>,
    },
}

fn deeds() -> impl Strategy<Value = Vec<(prop::sample::Index, Deed)>> {
    let index = any::<prop::sample::Index>;
    let line = (index(), 1_u8..=100);
    let price = proptest::option::of(0_u32..30_000);
    let deed = prop_oneof![
        5 => proptest::collection::vec(line, 1..4).prop_map(Deed::Return),
        2 => (index(), 1_u8..=100).prop_map(|(line, share)| Deed::Part(line, share)),
        1 => Just(Deed::Void),
        4 => (index(), 1_u8..=100, index(), price)
            .prop_map(|(line, share, to, cents)| Deed::Move { line, share, to, cents }),
    ];
    proptest::collection::vec((index(), deed), 1..14)
}

/// So much of what is left, at least one.
fn some(left: u32, share: u8) -> u32 {
    (left * u32::from(share)).div_ceil(100)
}

struct World {
    orders: Vec<(Settlement, Model)>,
    books: Books,
    /// What was paid on top when lines moved.
    topped_up: i64,
    moves: u64,
}

impl World {
    fn new(market: &Market) -> Self {
        let account = |text: &str| text.parse::<AccountId>().unwrap();
        let books = Books::new(account("1200"), account("4000"), account("4900"), account("2200"))
            .with_claims(account("1300"))
            .with_cash_rounding(account("4990"));
        let mut orders = Vec::new();
        for at in 0..market.baskets.len() {
            let outcome = market.outcome(at);
            let postings = books.post(&outcome, |_| false).unwrap();
            balanced(&postings);
            booked_as_counted(&outcome, &postings);
            orders.push((Settlement::new(&outcome).unwrap(), Model::of(&outcome)));
        }
        Self { orders, books, topped_up: 0, moves: 0 }
    }

    fn id(&mut self) -> MovementId {
        self.moves += 1;
        format!("m-{}", self.moves).parse().unwrap()
    }

    fn pay_back(&mut self, at: usize, refund: &Refund) {
        let (settlement, model) = &mut self.orders[at];
        let mut paid = 0;
        for line in refund.lines() {
            let kept = &model.lines[&line.line()];
            let found = figures(line.figures());
            match line.units() {
                Some(units) => {
                    let charge = kept.charge;
                    let gone = sums(&model.take(line.line(), units));
                    if charge {
                        assert_eq!(found[3], gone[3])
                    } else {
                        assert_eq!(found, gone, "{line:?}")
                    }
                    paid += gone[3];
                }
                None => {
                    let unit = &mut model.lines.get_mut(&line.line()).unwrap().units[0];
                    unit[3] -= found[3];
                    paid += found[3];
                }
            }
            assert!(found.iter().all(|amount| *amount >= 0));
            let parts = line.figures().discounts();
            assert!(parts.iter().all(|p| !p.seller().is_negative() && !p.third_party().is_negative()), "{parts:?}");
        }
        let expected = model.pay_back(paid);
        assert_eq!(refund.payable().minor(), expected);
        assert!(settlement.apply(refund).unwrap());
        assert!(!settlement.apply(refund).unwrap());
        assert_eq!(settlement.payable().minor(), model.left);
        balanced(&self.books.post_refund(refund, |_| false).unwrap());
    }

    fn go(&mut self, at: usize, deed: &Deed) {
        let id = self.id();
        let (settlement, model) = self.orders[at].clone();
        let left: Vec<(LineId, u32, bool)> = (model.lines.iter())
            .map(|(id, line)| (*id, u32::try_from(line.units.len()).unwrap(), line.charge))
            .filter(|(_, units, _)| *units > 0)
            .collect();
        match deed {
            Deed::Return(picks) => {
                let mut request = RefundRequest::new(id);
                let mut named = Vec::new();
                for (pick, share) in picks.iter().filter(|_| !left.is_empty()) {
                    let (line, units, _) = *pick.get(&left);
                    if !named.contains(&line) {
                        named.push(line);
                        request = request.units(line, some(units, *share));
                    }
                }
                match settlement.refund(&request) {
                    Ok(refund) => self.pay_back(at, &refund),
                    Err(error) => assert_eq!((error, left.len()), (SettleError::NothingAsked, 0)),
                }
            }
            Deed::Part(pick, share) => {
                let charges: Vec<_> = left.iter().filter(|(_, _, charge)| *charge).collect();
                if charges.is_empty() {
                    return;
                }
                let line = pick.get(&charges).0;
                let paid = model.lines[&line].units[0][3];
                let amount = paid * i64::from(*share) / 100;
                let request = RefundRequest::new(id).amount(line, Money::new(amount, Currency::USD));
                match settlement.refund(&request) {
                    Ok(refund) => self.pay_back(at, &refund),
                    Err(error) => assert_eq!((error, amount), (SettleError::Zero { line }, 0)),
                }
            }
            Deed::Void => match settlement.void(id) {
                Ok(refund) => self.pay_back(at, &refund),
                Err(error) => assert_eq!((error, left.len(), model.left), (SettleError::NothingLeft, 0, 0)),
            },
            Deed::Move { line, share, to, cents } => {
                let to = to.index(self.orders.len());
                if to == at || left.is_empty() {
                    return;
                }
                let (line, units, charge) = *line.get(&left);
                self.transfer(at, to, (line, some(units, *share), charge), *cents, id);
            }
        }
    }

    fn transfer(&mut self, at: usize, to: usize, what: (LineId, u32, bool), cents: Option<u32>, id: MovementId) {
        let (line, units, charge) = what;
        let target = self.orders[to].0.reference().clone();
        let request = TransferRequest::new(id, line, units, target, Currency::USD);
        let request = match cents {
            Some(cents) => request.at_price(Money::new(cents.into(), Currency::USD)),
            None => request,
        };
        let (settlement, model) = &mut self.orders[at];
        let transfer = settlement.transfer(&request).unwrap();
        let gone = sums(&model.take(line, units));
        if charge {
            assert_eq!(figures(transfer.before())[3], gone[3]);
        } else {
            assert_eq!(figures(transfer.before()), gone);
        }
        let moved = model.pay_back(gone[3]);
        assert_eq!(transfer.payable().minor(), moved);
        assert!(settlement.send(&transfer).unwrap() && !settlement.send(&transfer).unwrap());
        assert_eq!(settlement.payable().minor(), model.left);
        for part in transfer.discounts() {
            assert_eq!(part.before, part.moved.checked_add(part.forfeited).unwrap());
            assert!(!part.moved.is_negative() && !part.forfeited.is_negative());
        }
        let after = transfer.after();
        match cents.filter(|cents| i64::from(*cents) != transfer.before().priced().minor()) {
            None => assert_eq!(after, transfer.before()),
            Some(cents) => {
                assert_eq!(after.priced().minor(), i64::from(cents));
                let tax = match (transfer.tax_rate(), self.orders[to].0.price_mode()) {
                    (None, _) => 0,
                    (Some(rate), PriceMode::TaxExclusive) => {
                        rate.on_net(after.taxable(), Rounding::HalfUp).unwrap().minor()
                    }
                    (Some(rate), PriceMode::TaxInclusive) => {
                        after.taxable().minor() - rate.net_of_gross(after.taxable(), Rounding::HalfUp).minor()
                    }
                };
                assert_eq!(after.tax().map_or(0, Money::minor), tax);
            }
        }
        let (settlement, model) = &mut self.orders[to];
        let becomes = LineId(1_000 + self.moves);
        assert!(settlement.receive(&transfer, becomes).unwrap() && !settlement.receive(&transfer, becomes).unwrap());
        model.lines.insert(becomes, Units { charge, units: split(figures(after), units) });
        model.left += moved + transfer.difference().minor();
        self.topped_up += transfer.difference().minor();
        assert_eq!(settlement.payable().minor(), model.left);
        assert!(model.left >= 0);
        balanced(&self.books.post_sent(&transfer, |_| false).unwrap());
        let Some(Movement::Received(received)) = settlement.movements().last() else { panic!("not received") };
        balanced(&self.books.post_received(received, |_| false).unwrap());
    }

    /// No cent is lost, and none is made up.
    fn conserved(&self) {
        let sum = |of: fn(&Settlement) -> Money| self.orders.iter().map(|(s, _)| of(s).minor()).sum::<i64>();
        let paid = sum(Settlement::paid) + self.topped_up;
        assert_eq!(paid, sum(Settlement::refunded) + sum(Settlement::payable));
    }
}

/// The discounts of each account, with the claims that stand in their place, are those that the outcome counts.
fn booked_as_counted(outcome: &Outcome, postings: &[Posting]) {
    let mut counted: BTreeMap<String, i64> = BTreeMap::new();
    for total in outcome.accounts() {
        let name = total.account().map_or("4900", AccountId::as_str).to_owned();
        *counted.entry(name).or_default() += total.discount().minor();
    }
    let of_coupon = |id: &CouponId| {
        let answer = outcome.answers().iter().find(|answer| answer.coupon() == Some(id)).unwrap();
        answer.terms().and_then(|terms| terms.account()).map_or("4900", AccountId::as_str).to_owned()
    };
    let mut booked: BTreeMap<String, i64> = BTreeMap::new();
    for posting in postings {
        let account = match (posting.purpose, &posting.coupon) {
            (Purpose::Discount, _) => posting.account.to_string(),
            (Purpose::Claim, Some(coupon)) => of_coupon(coupon),
            _ => continue,
        };
        *booked.entry(account).or_default() += posting.signed();
    }
    counted.retain(|_, sum| *sum != 0);
    assert_eq!(booked, counted);
}

/// Coupons whose thresholds returns may lose.
fn with_thresholds() -> Vec<Coupon> {
    let from = |dollars: &str| json!([{"minimum_spend": {"amounts": {"USD": dollars}}}]);
    let acme = json!({"split": {"party": "ACME", "share": "60"}});
    let all = [
        json!({"conditions": from("20.00"), "benefits": [{"percent": {"off": "50"}}]}),
        json!({"conditions": from("60.00"), "funding": acme, "benefits": [{"amount": {"off": {"USD": "13.37"}}}]}),
        json!({"benefits": [{"amount": {"off": {"USD": "9.99"}}}]}),
        json!({"conditions": from("100.00"), "benefits": [{"shipping": "free"}]}),
        json!({"conditions": [{"minimum_quantity": {"pieces": 5}}], "level": "order", "benefits": [{"percent": {"off": "33.333"}}]}),
    ];
    all.into_iter().enumerate().map(|(i, fields)| coupon(&format!("c{i}"), fields)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 300 } else { 5_000 }))]

    /// Whatever the policy for thresholds: no return pays back less than nothing or more than is left, all of them come to
    /// what was paid, and every entry of the books balances.
    #[test]
    fn thresholds_conserve_money(
        market in markets(),
        returns in proptest::collection::vec(
            (proptest::collection::vec((any::<prop::sample::Index>(), 1_u8..=100), 1..4), 0_usize..3), 1..8),
    ) {
        let policies = [ThresholdPolicy::Keep, ThresholdPolicy::Recompute, ThresholdPolicy::ClawBack];
        let placed = market.case(0, &with_thresholds()).place();
        let mut settlement = Settlement::new(placed.outcome()).unwrap();
        let account = |text: &str| text.parse::<AccountId>().unwrap();
        let books = Books::new(account("1200"), account("4000"), account("4900"), account("2200"));
        for (at, (picks, policy)) in returns.iter().enumerate() {
            let left: Vec<(LineId, u32)> = settlement.lines().iter()
                .filter(|line| line.units() > 0)
                .map(|line| (line.line(), line.units()))
                .collect();
            if left.is_empty() {
                break;
            }
            let (mut request, mut named) = (RefundRequest::new(format!("r-{at}").parse().unwrap()), Vec::new());
            for (pick, share) in picks {
                let (line, units) = *pick.get(&left);
                if !named.contains(&line) {
                    named.push(line);
                    request = request.units(line, some(units, *share));
                }
            }
            let request = request.thresholds(policies[*policy]);
            let before = settlement.payable();
            let refund = settlement.refund_with_terms(&placed, &request).unwrap();
            prop_assert!(!refund.payable().is_negative() && refund.payable().minor() <= before.minor());
            for kept in refund.kept() {
                let parts = kept.after().discounts();
                prop_assert!(parts.iter().all(|p| !p.seller().is_negative() && !p.third_party().is_negative()));
                let [priced, taxable, net, payable] = figures(kept.after());
                prop_assert!(priced >= 0 && taxable >= 0 && net >= 0 && payable >= 0);
            }
            balanced(&books.post_refund(&refund, |_| false).unwrap());
            prop_assert!(settlement.apply(&refund).unwrap());
            prop_assert_eq!(settlement.payable(), before.checked_sub(refund.payable()).unwrap());
            let text = serde_json::to_string(&settlement).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Settlement>(&text).unwrap(), &settlement);
        }
        if let Ok(void) = settlement.void("v-1".parse().unwrap()) {
            settlement.apply(&void).unwrap();
        }
        prop_assert_eq!(settlement.refunded(), settlement.paid());
        prop_assert!(settlement.payable().is_zero());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 300 } else { 5_000 }))]

    /// Any sequence of partial returns, transfers between orders and voids conserves money to the cent, gives back what a
    /// model of single units gives back, and is booked in entries that balance.
    #[test]
    fn nothing_is_lost_and_nothing_is_made_up(market in markets(), deeds in deeds()) {
        let mut world = World::new(&market);
        for (at, deed) in &deeds {
            world.go(at.index(market.baskets.len()), deed);
            world.conserved();
        }
        for at in 0..market.baskets.len() {
            world.go(at, &Deed::Void);
        }
        world.conserved();
        for (settlement, model) in &world.orders {
            prop_assert_eq!((settlement.payable().minor(), model.left), (0, 0));
            let postings = world.books.post_settlement(settlement, |_| false).unwrap();
            balanced(&postings);
            let mut accounts: BTreeMap<&AccountId, i64> = BTreeMap::new();
            for posting in &postings {
                *accounts.entry(&posting.account).or_default() += posting.signed();
            }
            prop_assert!(accounts.values().all(|sum| *sum == 0), "{:?}", accounts);
            let text = serde_json::to_string(settlement).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Settlement>(&text).unwrap(), settlement);
        }
    }
}
