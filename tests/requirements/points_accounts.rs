//! Accounts of loyalty points: held, moved once with the order, and moved back by returns.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use serde_json::json;
use vouchsafe::*;

use crate::support::*;

/// A shop with points, a store, and Ann.
struct Till {
    shop: Shop,
    store: MemoryStore,
    at: DateTime<Utc>,
}

impl Till {
    /// One point for a dollar, worth a cent each.
    fn new(redeem_as: &str) -> Self {
        let program = json!({"earn": {"USD": "1"}, "value": {"USD": "0.01"}, "redeem_as": redeem_as});
        let program: PointsProgram = serde_json::from_value(program).unwrap();
        let shop = Shop::builder(policy(|policy| policy)).points(program).build().unwrap();
        Self { shop, store: MemoryStore::new(), at: at(NOON) }
    }

    fn with(self, points: u64) -> Self {
        self.store.credit_points(&ann(), &"start".parse().unwrap(), points);
        self
    }

    fn order(pieces: u64, price: &str, tax: &str) -> Order {
        let order = Order::builder(Currency::USD).line(super::support::pieces(1, price, pieces));
        order.default_rate(rate(tax)).build().unwrap()
    }

    /// Prices an order of so many pieces, with so many points of a balance that the shopper believes in.
    fn price(&self, reference: &str, order: &Order, points: PointsUse) -> Outcome {
        let (ann, reference) = (Customer::new([ann()]), self::reference(reference));
        self.shop.evaluate(&Request::new(order, &ann, reference, self.at).with_points(points)).unwrap()
    }

    /// What the store tells of the account to an order.
    fn load(&mut self, reference: &str, at: DateTime<Utc>) -> PointsBalance {
        let request = LoadRequest::new(self::reference(reference), Currency::USD, at).customer([ann()]).points();
        block_on(self.store.load(&request)).unwrap().points().unwrap()
    }

    fn commit(&mut self, outcome: &Outcome) -> Commit {
        block_on(self.store.commit(&outcome.redemption().unwrap(), self.at)).unwrap()
    }

    fn balance(&self) -> u64 {
        self.store.points(&ann(), self.at).balance()
    }
}

fn ann() -> IdentityKey {
    IdentityKey::id("ann").unwrap()
}

fn reference(id: &str) -> Reference {
    Reference::Order(id.parse().unwrap())
}

fn returned(points: PointsReturn) -> (u64, u64) {
    (points.given_back(), points.taken_back())
}

/// Returns pieces of line 1, and says what that does to the points.
fn give_back(settlement: &mut Settlement, outcome: &Outcome, id: &str, pieces: u32) -> (Refund, PointsReturn) {
    let id: MovementId = id.parse().unwrap();
    let refund = settlement.refund(&RefundRequest::new(id.clone()).units(LineId(1), pieces)).unwrap();
    assert!(settlement.apply(&refund).unwrap());
    (refund, settlement.points_return(outcome, &id).unwrap())
}

/// Proves S29 and trap 14: of two orders that want the same points one gets them, a hold counts as long as it lives, and a
/// repeat moves nothing.
#[test]
fn points_are_spent_once() {
    let mut till = Till::new("discount").with(1_000);
    let order = Till::order(1, "20.00", "0");
    let (first, second) =
        (till.price("o-1", &order, PointsUse::new(800, 1_000)), till.price("o-2", &order, PointsUse::new(300, 1_000)));
    let (soon, later) = (till.at + TimeDelta::minutes(20), till.at + TimeDelta::minutes(30));
    let held = block_on(till.store.reserve(&first.redemption().unwrap(), till.at, soon)).unwrap();
    assert_eq!(held, Reserve::Held { until: soon });
    assert_eq!(till.load("o-2", till.at), PointsBalance::new(1_000, 800));
    assert_eq!(till.load("o-1", till.at), PointsBalance::new(1_000, 0), "the own hold is left out");
    let short = Objection::PointsShort { account: ann(), balance: 1_000, held: 800, wanted: 300 };
    assert_eq!(till.commit(&second), Commit::Refused(vec![short]));
    // A larger basket of the same reference is not blocked by its own hold.
    let larger = till.price("o-1", &Till::order(2, "20.00", "0"), PointsUse::new(1_000, 1_000));
    assert!(matches!(
        block_on(till.store.reserve(&larger.redemption().unwrap(), till.at, soon)).unwrap(),
        Reserve::Held { .. }
    ));
    assert_eq!(till.load("o-2", later), PointsBalance::new(1_000, 0), "a hold that lapsed holds nothing");

    assert_eq!(till.commit(&first), Commit::Recorded);
    // 1000 less 800, and 12 are earned on 12.00.
    assert_eq!(till.balance(), 212);
    assert_eq!(till.commit(&first), Commit::AlreadyRecorded);
    assert_eq!(till.balance(), 212);
    assert_eq!(till.load("o-1", later), PointsBalance::new(1_000, 0), "a repeat is priced as the first time");
    let short = Objection::PointsShort { account: ann(), balance: 212, held: 0, wanted: 300 };
    assert_eq!(till.commit(&second), Commit::Refused(vec![short.clone()]));
    assert_eq!(short.to_string(), "300 points are wanted: 212 are there, and 0 of them are held");
    let other = till.price("o-1", &order, PointsUse::new(0, 1_000));
    assert_eq!(till.commit(&other), Commit::Different);
    // What was released is free at once.
    let third = till.price("o-3", &order, PointsUse::new(212, 212));
    block_on(till.store.reserve(&third.redemption().unwrap(), till.at, soon)).unwrap();
    block_on(till.store.release(&reference("o-3"), till.at)).unwrap();
    assert_eq!(till.store.points(&ann(), till.at), PointsBalance::new(212, 0));
}

/// Proves S29, S106: a void gives points back like money, once, and never takes what is not there.
#[test]
fn a_void_moves_points_back() {
    let order = Till::order(1, "20.00", "0");
    let void = |till: &mut Till, policy| match block_on(till.store.void(&reference("o-1"), policy, till.at)).unwrap() {
        Void::Voided { points, .. } => points.map(|points| (points.given_back, points.taken_back, points.shortfall)),
        other => panic!("{other:?}"),
    };
    let bought = |points| {
        let mut till = Till::new("discount").with(points);
        let outcome = till.price("o-1", &order, PointsUse::new(points, points));
        assert_eq!(till.commit(&outcome), Commit::Recorded);
        till
    };
    let mut till = bought(1_000);
    assert_eq!((till.balance(), void(&mut till, OnVoid::KEEP), till.balance()), (10, Some((1_000, 10, 0)), 1_000));
    let mut till = bought(1_000);
    assert_eq!((void(&mut till, OnVoid::KEEP.with_points_kept(true)), till.balance()), (None, 10));
    // The 20 that were earned are spent before the order is voided.
    let mut till = bought(0);
    let spent = till.price("o-2", &order, PointsUse::new(20, 20));
    assert_eq!((till.commit(&spent), till.balance()), (Commit::Recorded, 19));
    assert_eq!((void(&mut till, OnVoid::KEEP), till.balance()), (Some((0, 19, 1)), 0));
}

/// Proves S28, S29: points as a discount go back with the goods, all together exactly.
#[test]
fn returns_give_points_back_in_proportion() {
    let mut till = Till::new("discount").with(1_000);
    // 30.00 less 10.00: 20.00 for three cups, which earn 20.
    let outcome = till.price("o-1", &Till::order(3, "10.00", "0"), PointsUse::new(1_000, 1_000));
    till.commit(&outcome);
    let mut settlement = Settlement::new(&outcome).unwrap();
    // 6.67, 6.67, 6.66 are paid back. What is kept: 13.33 and 6.67 of points; 6.66 and 3.34.
    for (id, paid, expected) in [("r-1", "6.67", (333, 7)), ("r-2", "6.67", (333, 7)), ("r-3", "6.66", (334, 6))] {
        let (refund, points) = give_back(&mut settlement, &outcome, id, 1);
        assert_eq!((refund.payable(), returned(points)), (usd(paid), expected), "{id}");
        let balance = till.balance();
        let done = till.store.return_points(&reference("o-1"), &id.parse().unwrap(), points);
        assert!(matches!(done, ReturnPoints::Returned(points) if points.shortfall == 0), "{done:?}");
        assert_eq!(till.balance(), balance + expected.0 - expected.1);
        let again = till.store.return_points(&reference("o-1"), &id.parse().unwrap(), points);
        assert!(matches!(again, ReturnPoints::AlreadyReturned(_)), "{again:?}");
    }
    assert_eq!(till.balance(), 1_000);
    assert_eq!(returned(settlement.points_returned(&outcome).unwrap()), (1_000, 20));
    // Nothing more than the order moved ever goes back, and the same id for something else changes nothing.
    let more = PointsReturn::new(5, 0);
    let id = |id: &str| id.parse::<MovementId>().unwrap();
    assert_eq!(till.store.return_points(&reference("o-1"), &id("r-3"), more), ReturnPoints::Different);
    let nothing = ReturnPoints::Returned(PointsReturned::default());
    assert_eq!(till.store.return_points(&reference("o-1"), &id("r-4"), more), nothing);
    assert_eq!(till.store.return_points(&reference("o-9"), &id("r-1"), more), ReturnPoints::NotRecorded);
    assert_eq!(till.balance(), 1_000);
    let elsewhere = till.price("o-2", &Till::order(1, "1.00", "0"), PointsUse::default());
    assert!(matches!(settlement.points_returned(&elsewhere), Err(SettleError::WrongOrder { .. })));
}

/// Proves S29: what was paid with points goes back as points, and the rest as money.
#[test]
fn returns_of_what_was_paid_with_points() {
    let till = Till::new("tender").with(5_000);
    // Two at 50.00 and 8%: 108.00, of which 50.00 in points. 53.70 without tax are paid in money: 53 points.
    let outcome = till.price("o-1", &Till::order(2, "50.00", "8"), PointsUse::new(5_000, 5_000));
    assert_eq!(outcome.points().unwrap().earned(), 53);
    let mut settlement = Settlement::new(&outcome).unwrap();
    let (refund, points) = give_back(&mut settlement, &outcome, "r-1", 1);
    // Of the 54.00 that are kept 25.00 are paid in points: 23.15 without tax, so that 26.85 earn.
    assert_eq!((refund.payable(), returned(points)), (usd("54.00"), (2_500, 27)));
    assert_eq!(settlement.tender_return(&outcome, refund.id()).unwrap(), usd("25.00"));
    let (last, points) = give_back(&mut settlement, &outcome, "r-2", 1);
    assert_eq!(returned(points), (2_500, 26));
    assert_eq!(settlement.tender_return(&outcome, last.id()).unwrap(), usd("25.00"));
}

/// Proves S89, trap 22: a placed order keeps the terms of its points, and comes to the same figures.
#[test]
fn a_placed_order_is_priced_again_with_its_points() {
    for redeem_as in ["discount", "tender"] {
        let till = Till::new(redeem_as);
        let (order, customer) = (Till::order(3, "10.00", "8"), Customer::new([ann()]));
        let request =
            Request::new(&order, &customer, reference("o-1"), till.at).with_points(PointsUse::new(1_000, 1_000));
        let placed = till.shop.place(&request).unwrap();
        assert_eq!(placed.recompute().unwrap(), Recomputed::Same, "{redeem_as}");
        let kept: PlacedOrder = serde_json::from_str(&serde_json::to_string(&placed).unwrap()).unwrap();
        assert_eq!(kept, placed);
        // One cup at 10.00 with 8%: as a discount its 10.00 are covered, as a tender 10.00 of 10.80.
        let one = placed.reprice(&[(LineId(1), 1)], ThresholdCheck::AsPlaced).unwrap();
        let due = if redeem_as == "discount" { "0.00" } else { "0.80" };
        assert_eq!((one.amount_due(), one.points().unwrap().redeemed()), (usd(due), 1_000));
        let none = placed.reprice(&[(LineId(1), 0)], ThresholdCheck::AsPlaced).unwrap();
        assert_eq!(none.points().unwrap().redeemed(), 0);
    }
}

/// Proves S89, S107: a change of a placed order moves points by the difference, once.
#[test]
fn an_amendment_moves_points_by_the_difference() {
    let mut till = Till::new("tender").with(1_500);
    let (order, customer) = (Till::order(3, "10.00", "0"), Customer::new([ann()]));
    let request = Request::new(&order, &customer, reference("o-1"), till.at).with_points(PointsUse::new(1_500, 1_500));
    // 30.00, of which 15.00 are paid in points; 15 are earned.
    let placed = till.shop.place(&request).unwrap();
    assert_eq!((till.commit(placed.outcome()), till.balance()), (Commit::Recorded, 15));
    let change = |id: &str, pieces| {
        Amendment::new(id.parse().unwrap()).in_quantity(LineId(1), Quantity::pieces(pieces).unwrap())
    };
    // One is left: 10.00, all of it in points. 500 go back, and the 15 that were earned.
    let less = placed.amend(&change("a-1", 1)).unwrap();
    assert_eq!(less.to_refund(), usd("15.00"));
    assert_eq!((till.store.amend(&less, till.at), till.balance()), (Amend::Amended, 500));
    assert_eq!((till.store.amend(&less, till.at), till.balance()), (Amend::AlreadyAmended, 500));
    // More of it is paid in money: no further points are used than were asked for then.
    let more = less.placed().amend(&change("a-2", 4)).unwrap();
    assert_eq!((till.store.amend(&more, till.at), till.balance()), (Amend::Amended, 530));
    let moved = more.redemption().points().unwrap();
    assert_eq!((moved.redeemed, moved.earned, more.to_pay()), (1_000, 30, usd("30.00")));
}

/// What happens to an account.
#[derive(Debug, Clone)]
enum Event {
    Buy { pieces: u64, cents: u32, redeem: u64, tax: u8 },
    Return { order: usize, pieces: u32 },
    Void { order: usize, kept: bool },
    Repeat { order: usize },
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let buy = (1..5_u64, 0..9_999_u32, 0..3_000_u64, 0..26_u8).prop_map(|(pieces, cents, redeem, tax)| Event::Buy {
        pieces,
        cents,
        redeem,
        tax,
    });
    let back = (any::<usize>(), 1..4_u32).prop_map(|(order, pieces)| Event::Return { order, pieces });
    let void = (any::<usize>(), any::<bool>()).prop_map(|(order, kept)| Event::Void { order, kept });
    let again = any::<usize>().prop_map(|order| Event::Repeat { order });
    prop::collection::vec(prop_oneof![4 => buy, 4 => back, 1 => void, 1 => again], 1..25)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Proves S29: over any sequence an account has what was earned less what was redeemed, with what was given back and
    /// without what was taken back, and never less than nothing; of an order no more comes back than it moved, and all of
    /// it once all of its goods are back.
    #[test]
    fn an_account_always_adds_up(tender in any::<bool>(), start in 0..2_000_u64, events in events()) {
        let mut till = Till::new(if tender { "tender" } else { "discount" }).with(start);
        let mut orders: Vec<(Outcome, Settlement, bool)> = Vec::new();
        let mut expected = i128::from(start);
        for (i, event) in events.into_iter().enumerate() {
            let at = |order: usize| order % orders.len().max(1);
            match event {
                Event::Buy { pieces, cents, redeem, tax } => {
                    let price = format!("{}.{:02}", cents / 100, cents % 100);
                    let (name, order) = (format!("o-{i}"), Till::order(pieces, &price, &tax.to_string()));
                    let balance = till.load(&name, till.at).available();
                    let outcome = till.price(&name, &order, PointsUse::new(redeem, balance));
                    let points = outcome.points().unwrap();
                    prop_assert!(points.redeemed() <= redeem.min(balance));
                    prop_assert!(!outcome.amount_due().is_negative());
                    expected += i128::from(points.earned()) - i128::from(points.redeemed());
                    prop_assert_eq!(till.commit(&outcome), Commit::Recorded);
                    orders.push((outcome.clone(), Settlement::new(&outcome).unwrap(), false));
                }
                Event::Repeat { order } if !orders.is_empty() => {
                    let (outcome, _, voided) = &orders[at(order)];
                    let (outcome, voided) = (outcome.clone(), *voided);
                    prop_assert_eq!(till.commit(&outcome) == Commit::AlreadyRecorded, !voided);
                }
                Event::Return { order, pieces } if !orders.is_empty() => {
                    let place = at(order);
                    let (outcome, settlement, _) = &mut orders[place];
                    let pieces = pieces.min(settlement.line(LineId(1)).unwrap().units());
                    if pieces == 0 {
                        continue;
                    }
                    let (refund, points) = give_back(settlement, outcome, &format!("r-{i}"), pieces);
                    let tendered = settlement.tender_return(outcome, refund.id()).unwrap();
                    prop_assert!(tendered.minor() <= refund.payable().minor());
                    match till.store.return_points(outcome.reference(), refund.id(), points) {
                        ReturnPoints::Returned(points) => {
                            expected += i128::from(points.given_back) - i128::from(points.taken_back);
                        }
                        other => prop_assert!(outcome.redemption().unwrap().points().is_none(), "{other:?}"),
                    }
                    if settlement.line(LineId(1)).unwrap().units() == 0 {
                        let points = outcome.points().unwrap();
                        let all = returned(settlement.points_returned(outcome).unwrap());
                        prop_assert_eq!(all, (points.redeemed(), points.earned()));
                    }
                }
                Event::Void { order, kept } if !orders.is_empty() => {
                    let place = at(order);
                    let (outcome, _, voided) = &mut orders[place];
                    let policy = OnVoid::KEEP.with_points_kept(kept);
                    match block_on(till.store.void(outcome.reference(), policy, till.at)).unwrap() {
                        Void::Voided { points, .. } => {
                            *voided = true;
                            let points = points.unwrap_or_default();
                            prop_assert!(!kept || points == PointsReturned::default());
                            expected += i128::from(points.given_back) - i128::from(points.taken_back);
                        }
                        other => prop_assert!(*voided && other == Void::AlreadyVoided),
                    }
                }
                _ => {}
            }
            prop_assert_eq!(i128::from(till.balance()), expected);
        }
    }
}
