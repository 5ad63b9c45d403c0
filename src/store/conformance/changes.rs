//! A placed order that is changed: the record is replaced, and counters move by the difference, once.

use super::Rig;
use super::desk::Desk;
use super::scene::*;
use crate::*;

/// The checkout of so many pieces at 30.00 with a code.
async fn placed<S: CouponStore>(store: &mut S, reference: &str, number: u64) -> PlacedOrder {
    let shop = shop();
    let loaded = Basket::order(reference).by(&[id("42")]).code("ten").load(store).await;
    let prepared = loaded.prepare(&shop).unwrap();
    let codes = loaded.presented(&prepared);
    let product = Product::new("BOOT".parse().unwrap());
    let price = UnitPrice::parse("30.00").unwrap();
    let line = Line::new(LineId(1), product, Quantity::pieces(number).unwrap(), price);
    let basket = Order::builder(Currency::USD).line(line).build().unwrap();
    let customer = Customer::new([id("42")]);
    shop.place(&Request::new(&basket, &customer, order(reference), at(0)).with_codes(&codes)).unwrap()
}

async fn place<S: CouponStore>(store: &mut S, reference: &str, number: u64) -> PlacedOrder {
    let placed = placed(store, reference, number).await;
    assert_eq!(store.commit(&placed.redemption().unwrap(), at(0)).await.unwrap(), Commit::Recorded);
    placed
}

fn change(id: &str, pieces: u64) -> Amendment {
    Amendment::new(id.parse().unwrap()).in_quantity(LineId(1), Quantity::pieces(pieces).unwrap())
}

/// Ten percent of a budget of 20.00, once for each customer.
fn ten() -> CouponBuilder {
    let fund = Amounts::new([usd("20.00")]).unwrap();
    Coupon::builder("ten").code("TEN").percent_off("10").budget(fund).total_limit(5).per_customer_limit(2)
}

/// The same change again changes nothing; another one under its id, and one that is based on what stands no longer, is
/// different.
///
/// Proves S89, S107.
pub fn a_change_is_made_once<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.has(ten().build().unwrap()).await;
        let order_of_three = place(&mut store, "o-1", 3).await;
        assert_eq!(desk.state(&budget("ten"), at(0)).await, (900, 0));
        let less = order_of_three.amend(&change("a-1", 1)).unwrap();
        for answer in [Amend::Amended, Amend::AlreadyAmended] {
            assert_eq!(desk.amend(&less, at(1)).await.unwrap(), answer);
            assert_eq!(desk.state(&budget("ten"), at(1)).await, (300, 0));
            assert_eq!(desk.state(&total("ten"), at(1)).await, (1, 0), "no second use");
        }
        let other = order_of_three.amend(&change("a-1", 2)).unwrap();
        assert_eq!(desk.amend(&other, at(2)).await.unwrap(), Amend::Different, "another change of that id");
        let late = order_of_three.amend(&change("a-2", 2)).unwrap();
        assert_eq!(desk.amend(&late, at(2)).await.unwrap(), Amend::Different, "based on what stands no longer");
        let more = less.placed().amend(&change("a-3", 4)).unwrap();
        assert_eq!(desk.amend(&more, at(3)).await.unwrap(), Amend::Amended);
        assert_eq!(desk.amend(&less, at(3)).await.unwrap(), Amend::AlreadyAmended, "a late repeat");
        assert_eq!(desk.state(&budget("ten"), at(3)).await, (1_200, 0));
        let record = desk.record(&order("o-1")).await.unwrap().unwrap();
        assert_eq!((record.recorded_at, record.redemption.payable()), (at(0), usd("108.00")));
        assert!(record.redemption.same_content(more.redemption()));
        assert_eq!(desk.log("ten").await, [record]);

        let nowhere = placed(&mut store, "o-2", 3).await.amend(&change("a-1", 1)).unwrap();
        assert_eq!(desk.amend(&nowhere, at(3)).await.unwrap(), Amend::NotRecorded);
        // A void gives back what the changed order has.
        store.void(&order("o-1"), OnVoid::KEEP.with_uses_given_back(true), at(4)).await.unwrap();
        for key in [budget("ten"), total("ten"), per_customer("ten", id("42"))] {
            assert_eq!(desk.state(&key, at(4)).await, (0, 0), "{key:?}");
        }
        let voided = more.placed().amend(&change("a-4", 1)).unwrap();
        assert_eq!(desk.amend(&voided, at(5)).await.unwrap(), Amend::Refused(vec![Objection::Voided]));
    });
}

/// Where a change raises a counter its limit holds, against what others have used and hold; where it lowers one, nothing
/// is asked.
///
/// Proves S89, trap 25.
pub fn a_change_passes_no_limit<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.has(ten().build().unwrap()).await;
        let first = place(&mut store, "o-1", 3).await;
        Basket::order("o-2").by(&[id("43")]).price("70.00").code("ten").hold(&mut store).await;
        assert_eq!(desk.state(&budget("ten"), at(0)).await, (900, 700));
        let more = first.amend(&change("a-1", 5)).unwrap();
        let full = Objection::LimitReached { counter: budget("ten"), limit: 2_000, used: 0, held: 700, wanted: 1_500 };
        assert_eq!(desk.amend(&more, at(19)).await.unwrap(), Amend::Refused(vec![full]));
        assert_eq!(desk.state(&budget("ten"), at(19)).await, (900, 700));
        let less = first.amend(&change("a-2", 2)).unwrap();
        desk.switches("ten", Status::Inactive).await;
        assert_eq!(desk.amend(&less, at(19)).await.unwrap(), Amend::Amended, "a definition is not asked again");
        assert_eq!(desk.state(&budget("ten"), at(19)).await, (600, 700));
        // The hold lapsed, and is not in the way.
        let more = less.placed().amend(&change("a-3", 5)).unwrap();
        assert_eq!(desk.amend(&more, at(20)).await.unwrap(), Amend::Amended);
        assert_eq!(desk.state(&budget("ten"), at(20)).await, (1_500, 0));
    });
}
