//! Reserve, authorise, commit with the order, capture: money moves last, and never for a refused order.

use super::Rig;
use super::desk::Desk;
use super::scene::*;
use crate::*;

/// A payment provider: what was authorised, and what became of it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Bank {
    authorised: Vec<Money>,
    captured: Vec<Money>,
    voided: Vec<Money>,
}

/// The end of a checkout whose payment took until `paid_at`.
async fn pay<S: CouponStore>(store: &mut S, held: &Redemption, paid_at: i64, bank: &mut Bank) -> Commit {
    bank.authorised.push(held.payable());
    let answer = store.commit(held, at(paid_at)).await.unwrap();
    if answer.is_recorded() {
        bank.captured.push(held.payable());
    } else {
        bank.voided.push(held.payable());
    }
    answer
}

/// Every payment that is captured has its redemption; what is refused is never captured.
///
/// Proves trap 28.
pub fn a_payment_is_captured_only_with_its_redemption<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.has(ten_percent("last").total_limit(2).build().unwrap()).await;
        let mut bank = Bank::default();

        // In time.
        let quick = Basket::order("o-1").code("last").hold(&mut store).await;
        assert_eq!(pay(&mut store, &quick, 2, &mut bank).await, Commit::Recorded);

        // The bank took half an hour, the hold lapsed, and somebody else holds the last one.
        let slow = Basket::order("o-2").code("last").at(3).hold(&mut store).await;
        let other = Basket::order("o-3").code("last").at(30).hold(&mut store).await;
        assert_eq!(refused_by(&pay(&mut store, &slow, 33, &mut bank).await), [&total("last")]);
        assert_eq!((bank.captured.len(), bank.voided.len()), (1, 1));

        // The shopper agrees to the price without the coupon, under the same order.
        let plain = Basket::order("o-2").at(34).redemption(&mut store).await;
        assert_eq!(plain.payable(), usd("100.00"));
        assert_eq!(pay(&mut store, &plain, 35, &mut bank).await, Commit::Recorded);

        // A lapse with nobody in the way: the counter is taken again.
        assert_eq!(pay(&mut store, &other, 55, &mut bank).await, Commit::Recorded);

        // The answer got lost, and the host asks again: the capture is not doubled, since it is told.
        assert_eq!(store.commit(&other, at(56)).await.unwrap(), Commit::AlreadyRecorded);
        assert_eq!(bank.captured, [usd("90.00"), usd("100.00"), usd("90.00")]);
        assert_eq!(bank.voided, [usd("90.00")]);
        assert_eq!(bank.authorised.len(), bank.captured.len() + bank.voided.len());
        assert_eq!(desk.state(&total("last"), at(60)).await, (2, 0));
    })
}
