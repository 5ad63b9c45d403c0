//! Accounts of loyalty points: spent once, moved with the order, moved back once, and never below zero.

use std::sync::atomic::{AtomicU64, Ordering};

use super::Rig;
use super::races::race;
use super::scene::*;
use crate::*;

/// One point for a dollar, worth a cent each.
fn club() -> Shop {
    let rates = PointsRates::new([(Currency::USD, PointsRate::parse("1").unwrap())]).unwrap();
    let worth = PriceTable::new([(Currency::USD, UnitPrice::parse("0.01").unwrap())]).unwrap();
    let program = PointsProgram::earning(rates).worth(worth).unwrap();
    Shop::builder(Policy::builder(Currency::USD).build().unwrap()).points(program).build().unwrap()
}

fn ann() -> IdentityKey {
    id("42")
}

fn pieces(number: u64, price: &str) -> Order {
    let product = Product::new("BOOT".parse().unwrap());
    let line = Line::new(LineId(1), product, Quantity::pieces(number).unwrap(), UnitPrice::parse(price).unwrap());
    Order::builder(Currency::USD).line(line).build().unwrap()
}

/// An order of Ann's of 20.00 a piece, that redeems so many points of those she believes to have.
fn buys(reference: &str, number: u64, redeemed: u64, believed: u64) -> PlacedOrder {
    let (basket, customer) = (pieces(number, "20.00"), Customer::new([ann()]));
    let request = Request::new(&basket, &customer, order(reference), at(0));
    club().place(&request.with_points(PointsUse::new(redeemed, believed))).unwrap()
}

fn redemption(placed: &PlacedOrder) -> Redemption {
    placed.redemption().unwrap()
}

async fn seen<S: CouponStore>(store: &mut S, reference: &str, minutes: i64) -> PointsBalance {
    let request = LoadRequest::new(order(reference), Currency::USD, at(minutes)).customer([ann()]).points();
    insist!(store.load(&request)).points().unwrap()
}

async fn balance<S: CouponAdmin>(store: &mut S) -> u64 {
    store.points(&ann(), at(0)).await.unwrap().balance()
}

fn movement(id: &str) -> MovementId {
    id.parse().unwrap()
}

/// Points that came without an order are credited once for each id, in each account.
///
/// Proves S29.
pub fn points_are_credited_once<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        for _ in 0..3 {
            desk.credit_points(&ann(), &movement("start"), 700).await.unwrap();
        }
        desk.credit_points(&ann(), &movement("gesture"), 30).await.unwrap();
        desk.credit_points(&id("43"), &movement("start"), 5).await.unwrap();
        assert_eq!(desk.points(&ann(), at(0)).await.unwrap(), PointsBalance::new(730, 0));
        assert_eq!(desk.points(&id("43"), at(0)).await.unwrap(), PointsBalance::new(5, 0));
        assert_eq!(desk.points(&id("44"), at(0)).await.unwrap(), PointsBalance::default());
        assert_eq!(seen(&mut store, "o-1", 0).await, PointsBalance::new(730, 0));
    });
}

/// Of two orders that want the same points one gets them; a hold keeps them from others as long as it lives; a repeat moves
/// nothing.
///
/// Proves S29, trap 14, trap 15.
pub fn points_are_spent_once<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.credit_points(&ann(), &movement("start"), 1_000).await.unwrap();
        let (first, second) = (redemption(&buys("o-1", 1, 800, 1_000)), redemption(&buys("o-2", 1, 300, 1_000)));
        assert_eq!(store.reserve(&first, at(0), at(20)).await.unwrap(), Reserve::Held { until: at(20) });
        assert_eq!(seen(&mut store, "o-2", 0).await, PointsBalance::new(1_000, 800));
        assert_eq!(seen(&mut store, "o-1", 0).await, PointsBalance::new(1_000, 0), "the own hold is left out");
        assert_eq!(desk.points(&ann(), at(19)).await.unwrap(), PointsBalance::new(1_000, 800));
        let short = Objection::PointsShort { account: ann(), balance: 1_000, held: 800, wanted: 300 };
        assert_eq!(store.commit(&second, at(0)).await.unwrap(), Commit::Refused(vec![short]));
        // A larger basket of the same reference is not blocked by its own hold.
        let larger = redemption(&buys("o-1", 2, 1_000, 1_000));
        assert_eq!(store.reserve(&larger, at(0), at(20)).await.unwrap(), Reserve::Held { until: at(20) });
        assert_eq!(seen(&mut store, "o-2", 20).await, PointsBalance::new(1_000, 0), "lapsed");

        assert_eq!(store.commit(&first, at(1)).await.unwrap(), Commit::Recorded);
        // 1,000 less 800, and 12 are earned on 12.00.
        assert_eq!(desk.points(&ann(), at(1)).await.unwrap(), PointsBalance::new(212, 0));
        assert_eq!(store.commit(&first, at(2)).await.unwrap(), Commit::AlreadyRecorded);
        assert_eq!(balance(&mut desk).await, 212);
        assert_eq!(
            seen(&mut store, "o-1", 30).await,
            PointsBalance::new(1_000, 0),
            "a repeat is priced as the first time"
        );
        let short = Objection::PointsShort { account: ann(), balance: 212, held: 0, wanted: 300 };
        assert_eq!(store.commit(&second, at(2)).await.unwrap(), Commit::Refused(vec![short]));
        assert_eq!(store.commit(&redemption(&buys("o-1", 1, 0, 1_000)), at(2)).await.unwrap(), Commit::Different);
        // What is released is free at once.
        let third = redemption(&buys("o-3", 1, 212, 212));
        assert_eq!(store.reserve(&third, at(2), at(22)).await.unwrap(), Reserve::Held { until: at(22) });
        assert_eq!(store.release(&order("o-3"), at(3)).await.unwrap(), Release::Released);
        assert_eq!(desk.points(&ann(), at(3)).await.unwrap(), PointsBalance::new(212, 0));
    });
}

/// A void gives points back like money, once, and never takes what is not there.
///
/// Proves S29, S106.
pub fn a_void_moves_points_back<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        let moved = |points| Void::Voided {
            uses_given_back: false,
            type_reverted: false,
            allowances_given_back: false,
            points,
        };
        let back = |given_back, taken_back, shortfall| Some(PointsReturned { given_back, taken_back, shortfall });
        desk.credit_points(&ann(), &movement("start"), 1_000).await.unwrap();
        // 10.00 is what is paid, so that 10 are earned.
        assert_eq!(store.commit(&redemption(&buys("o-1", 1, 1_000, 1_000)), at(0)).await.unwrap(), Commit::Recorded);
        assert_eq!(balance(&mut desk).await, 10);
        assert_eq!(store.void(&order("o-1"), OnVoid::KEEP, at(1)).await.unwrap(), moved(back(1_000, 10, 0)));
        assert_eq!(store.void(&order("o-1"), OnVoid::KEEP, at(1)).await.unwrap(), Void::AlreadyVoided);
        assert_eq!(balance(&mut desk).await, 1_000);

        assert_eq!(store.commit(&redemption(&buys("o-2", 1, 1_000, 1_000)), at(0)).await.unwrap(), Commit::Recorded);
        let kept = OnVoid::KEEP.with_points_kept(true);
        assert_eq!(store.void(&order("o-2"), kept, at(1)).await.unwrap(), moved(None));
        assert_eq!(balance(&mut desk).await, 10);

        // 20 are earned, and 30 are spent before the order is voided; that one earns 19 on 19.70.
        assert_eq!(store.commit(&redemption(&buys("o-3", 1, 0, 0)), at(0)).await.unwrap(), Commit::Recorded);
        assert_eq!(store.commit(&redemption(&buys("o-4", 1, 30, 30)), at(0)).await.unwrap(), Commit::Recorded);
        assert_eq!(balance(&mut desk).await, 19);
        assert_eq!(store.void(&order("o-3"), OnVoid::KEEP, at(1)).await.unwrap(), moved(back(0, 19, 1)));
        assert_eq!(balance(&mut desk).await, 0);
    });
}

/// A return moves points once for each id, and all returns and the void together no more than the order did.
///
/// Proves S28, S29.
pub fn returns_move_points_once<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.credit_points(&ann(), &movement("start"), 1_000).await.unwrap();
        assert_eq!(store.commit(&redemption(&buys("o-1", 1, 1_000, 1_000)), at(0)).await.unwrap(), Commit::Recorded);
        let moved = |given_back, taken_back| PointsReturned { given_back, taken_back, shortfall: 0 };
        let part = PointsReturn::new(333, 3);
        for (n, answer) in
            [(1, ReturnPoints::Returned(moved(333, 3))), (1, ReturnPoints::AlreadyReturned(moved(333, 3)))]
        {
            let id = movement(&format!("r-{n}"));
            assert_eq!(desk.return_points(&order("o-1"), &id, part).await.unwrap(), answer);
            assert_eq!(balance(&mut desk).await, 340);
        }
        let other = PointsReturn::new(334, 3);
        assert_eq!(desk.return_points(&order("o-1"), &movement("r-1"), other).await.unwrap(), ReturnPoints::Different);
        let rest = desk.return_points(&order("o-1"), &movement("r-2"), PointsReturn::new(900, 900)).await.unwrap();
        assert_eq!(rest, ReturnPoints::Returned(moved(667, 7)), "no more than is left");
        assert_eq!(balance(&mut desk).await, 1_000);
        let nothing = desk.return_points(&order("o-9"), &movement("r-1"), part).await.unwrap();
        assert_eq!(nothing, ReturnPoints::NotRecorded);
        // An order that moved no points has none to move back.
        assert_eq!(Basket::order("o-2").by(&[ann()]).place(&mut store).await, Commit::Recorded);
        let nothing = desk.return_points(&order("o-2"), &movement("r-1"), part).await.unwrap();
        assert_eq!(nothing, ReturnPoints::NotRecorded);

        // What returns have moved a void does not move again.
        let voided = store.void(&order("o-1"), OnVoid::KEEP, at(1)).await.unwrap();
        assert!(matches!(voided, Void::Voided { points: Some(points), .. } if points == moved(0, 0)), "{voided:?}");
        assert_eq!(balance(&mut desk).await, 1_000);
    });
}

/// Many orders at once want the points of one account: no more are spent than there are.
///
/// Proves S29, trap 14.
pub fn an_account_in_a_race<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk);
        desk.credit_points(&ann(), &movement("start"), 1_000).await.unwrap();
    });
    // 100 points off 20.00 leave 19.00, which earn 19; so each order costs 81.
    let redemptions: Vec<Redemption> = (0..40).map(|n| redemption(&buys(&format!("o-{n}"), 1, 100, 1_000))).collect();
    let recorded = AtomicU64::new(0);
    race(&rig, 8, 80, |rig, connection, n| {
        let redemption = &redemptions[n % 40];
        match rig.wait(async { insist!(rig.store(connection).commit(redemption, at(0))) }) {
            Commit::Recorded => _ = recorded.fetch_add(1, Ordering::SeqCst),
            Commit::AlreadyRecorded => {}
            Commit::Refused(objections) => {
                assert!(matches!(objections[..], [Objection::PointsShort { .. }]), "{objections:?}");
            }
            other => panic!("{other:?}"),
        }
    });
    rig.wait(async {
        open!(rig: desk);
        // 1,000 - 81 * 12 = 28 is the first balance below 100.
        assert_eq!((recorded.into_inner(), balance(&mut desk).await), (12, 28));
    });
}

/// A change of a placed order moves points by the difference, once.
///
/// Proves S89, S107.
pub fn an_amendment_moves_points_by_the_difference<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.credit_points(&ann(), &movement("start"), 1_500).await.unwrap();
        // 60.00 less 15.00: 45 are earned.
        let placed = buys("o-1", 3, 1_500, 1_500);
        assert_eq!(store.commit(&redemption(&placed), at(0)).await.unwrap(), Commit::Recorded);
        assert_eq!(balance(&mut desk).await, 45);
        let change =
            |id: &str, pieces| Amendment::new(movement(id)).in_quantity(LineId(1), Quantity::pieces(pieces).unwrap());
        let less = placed.amend(&change("a-1", 1)).unwrap();
        let moved = less.redemption().points().unwrap();
        let after = 1_500 - moved.redeemed + moved.earned;
        for answer in [Amend::Amended, Amend::AlreadyAmended] {
            assert_eq!(desk.amend(&less, at(1)).await.unwrap(), answer);
            assert_eq!(balance(&mut desk).await, after);
        }
        let more = less.placed().amend(&change("a-2", 4)).unwrap();
        let moved = more.redemption().points().unwrap();
        assert_eq!(desk.amend(&more, at(2)).await.unwrap(), Amend::Amended);
        assert_eq!(balance(&mut desk).await, 1_500 - moved.redeemed + moved.earned);
        let voided = store.void(&order("o-1"), OnVoid::KEEP, at(3)).await.unwrap();
        assert!(matches!(voided, Void::Voided { points: Some(_), .. }), "{voided:?}");
        assert_eq!(balance(&mut desk).await, 1_500);
    });
}
