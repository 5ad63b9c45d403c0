//! Life with the data: customers are forgotten, and what is over is taken away, while the figures stay right.

use std::sync::atomic::{AtomicU64, Ordering};

use super::Rig;
use super::desk::Desk;
use super::races::race;
use super::scene::*;
use crate::*;

/// Takes away all that is over, in steps; says what.
async fn purges<S: CouponAdmin>(store: &mut S, step: Purge) -> (u64, u64) {
    let mut sum = (0, 0);
    for _ in 0..1_000 {
        let purged = insist!(store.purge(&step));
        if purged.is_done() {
            return sum;
        }
        sum = (sum.0 + purged.holds, sum.1 + purged.records);
    }
    panic!("a purge never ends: {sum:?}");
}

/// Lapsed holds are taken away in steps of the size that was asked for; live ones stay, and so does every figure.
///
/// Proves S23.
pub fn a_purge_takes_lapsed_holds_in_steps<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.has(ten_percent("spring").total_limit(20).per_customer_limit(20).build().unwrap()).await;
        for n in 0..7 {
            Basket::order(&format!("gone-{n}")).by(&[id("42")]).code("spring").hold(&mut store).await;
        }
        let live = Basket::order("o-1").by(&[id("42")]).code("spring").at(10).hold(&mut store).await;
        assert_eq!(Basket::order("o-2").by(&[id("42")]).code("spring").place(&mut store).await, Commit::Recorded);
        for (minutes, state) in [(19, (1, 8)), (20, (1, 1))] {
            assert_eq!(desk.state(&total("spring"), at(minutes)).await, state);
        }
        assert!(desk.purge(&Purge::holds(at(19), 3)).await.unwrap().is_done(), "none of them lapsed");
        let first = desk.purge(&Purge::holds(at(20), 3)).await.unwrap();
        assert!((1..=3).contains(&first.holds), "a small step: {first:?}");
        assert_eq!(desk.state(&total("spring"), at(20)).await, (1, 1));
        assert_eq!(purges(&mut desk, Purge::holds(at(20), 3)).await, (7 - first.holds, 0));
        for key in [total("spring"), per_customer("spring", id("42"))] {
            assert_eq!(desk.state(&key, at(20)).await, (1, 1), "{key:?}");
            assert_eq!(desk.state(&key, at(19)).await, (1, 1), "{key:?}: they are gone for every clock");
        }
        assert_eq!(store.commit(&live, at(21)).await.unwrap(), Commit::Recorded);
        assert_eq!(
            Basket::order("gone-1").by(&[id("42")]).code("spring").at(21).place(&mut store).await,
            Commit::Recorded
        );
        assert_eq!(desk.state(&total("spring"), at(21)).await, (3, 0));
        assert_eq!(desk.records(Page::first(9)).await.unwrap().len(), 3);
    });
}

/// Old records are taken away in steps, oldest first; what they raised counters by stays counted, and younger ones stay as
/// they were.
///
/// Proves S23, S86.
pub fn a_purge_of_records_keeps_the_counters<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.has(ten_percent("spring").total_limit(6).build().unwrap()).await;
        for n in 0..5 {
            let basket = Basket::order(&format!("o-{n}")).by(&[id("42")]).code("spring").at(n);
            assert_eq!(basket.place(&mut store).await, Commit::Recorded);
        }
        let before = desk.records(Page::first(9)).await.unwrap();
        let step = Purge::holds(at(60), 2).with_records_before(at(3));
        let first = desk.purge(&step).await.unwrap();
        assert!((1..=2).contains(&first.records), "a small step: {first:?}");
        assert_eq!(purges(&mut desk, step).await, (0, 3 - first.records));
        let left = desk.records(Page::first(9)).await.unwrap();
        assert_eq!(left, before[3..], "places stay, too");
        assert_eq!(desk.record(&order("o-1")).await.unwrap(), None);
        assert_eq!(desk.log("spring").await, left);
        assert_eq!(desk.state(&total("spring"), at(60)).await, (5, 0));
        let kept = Basket::order("o-4").by(&[id("42")]).code("spring").at(61);
        assert_eq!(kept.place(&mut store).await, Commit::AlreadyRecorded);
        assert_eq!(Basket::order("o-9").code("spring").at(61).place(&mut store).await, Commit::Recorded);
        let full = Basket::order("o-10").code("spring").at(61).price_with(&mut store).await;
        assert!(!full.answers()[0].is_applied(), "six of six");
        let last = desk.records(Page::after(left[1].place, 9)).await.unwrap();
        assert_eq!(last.len(), 1, "what is written later has a higher place");
    });
}

/// Checkouts go on while what lapsed is taken away: nobody is refused for it, and the books are right.
///
/// Proves S23.
pub fn a_purge_is_in_nobodys_way<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.has(ten_percent("flash").total_limit(60).build().unwrap()).await;
        for n in 0..60 {
            Basket::order(&format!("gone-{n}")).code("flash").hold(&mut store).await;
        }
    });
    let (recorded, purged) = (AtomicU64::new(0), AtomicU64::new(0));
    race(&rig, 8, 80, |rig, connection, n| {
        rig.wait(async {
            let mut store = rig.store(connection);
            if n % 4 == 0 {
                let gone = insist!(store.purge(&Purge::holds(at(30), 5)));
                purged.fetch_add(gone.holds, Ordering::SeqCst);
            } else {
                let basket = Basket::order(&format!("o-{n}")).code("flash").at(30);
                let redemption = basket.redemption(&mut store).await;
                assert_eq!(insist!(store.commit(&redemption, at(30))), Commit::Recorded);
                recorded.fetch_add(1, Ordering::SeqCst);
            }
        });
    });
    rig.wait(async {
        open!(rig: desk);
        assert_eq!((recorded.into_inner(), desk.state(&total("flash"), at(30)).await), (60, (60, 0)));
        let (holds, records) = purges(&mut desk, Purge::holds(at(30), 100)).await;
        assert!(holds + purged.into_inner() <= 60, "what made room for others may be gone before");
        assert_eq!(records, 0);
        desk.check_books(&["flash"], &[(total("flash"), 60)], at(30)).await;
        assert_eq!(desk.state(&total("flash"), at(0)).await, (60, 0), "none is left for an earlier clock");
    });
}

/// A customer who is forgotten is nowhere any more, and every figure is what it was; who comes back is new.
///
/// Proves S98, S106.
pub fn a_forgotten_customer_leaves_the_figures<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        let (ann, mail, bob) = (id("42"), email("ann@example.com"), id("43"));
        let both = [ann.clone(), mail.clone()];
        desk.has(ten_percent("once").per_customer_limit(1).total_limit(9).build().unwrap()).await;
        desk.has(Coupon::builder("solo").percent_off("10").per_code_limit(1).build().unwrap()).await;
        desk.hands_out("solo", vec![bearer("AAAA"), bearer("BBBB").with_holder(ann.clone())]).await;
        let bought = Basket::order("o-1").by(&both).product("CLUB-YEAR").code("once").code("aaaa");
        let redemption = bought.redemption(&mut store).await;
        assert_eq!(store.commit(&redemption, at(0)).await.unwrap(), Commit::Recorded);
        assert_eq!(Basket::order("o-2").by(&[bob.clone()]).code("once").place(&mut store).await, Commit::Recorded);
        Basket::order("o-3").by(&[ann.clone()]).code("bbbb").hold(&mut store).await;
        desk.credit_points(&ann, &"start".parse().unwrap(), 70).await.unwrap();
        let before = desk.states(at(1)).await;

        let forgotten = desk.forget(&both).await.unwrap();
        let [pseudonym, other] = forgotten.pseudonyms.as_slice() else { panic!("{forgotten:?}") };
        assert_ne!(pseudonym, other);
        assert!(forgotten.changed >= 6, "{forgotten:?}");

        // Under the keys there is nothing.
        assert_eq!(desk.records_of(&both, Page::first(9)).await.unwrap(), []);
        assert_eq!((desk.history(&ann).await, desk.history(&mail).await), (vec![], vec![]));
        assert!(desk.held_types(&both).await.unwrap().memberships().is_empty());
        assert_eq!(desk.points(&ann, at(1)).await.unwrap(), PointsBalance::default());
        let nobody = |text: String| assert!(!text.contains("ann@example.com") && !text.contains("id:42"), "{text}");
        for record in desk.records(Page::first(9)).await.unwrap() {
            nobody(format!("{:?}", record.redemption.customer()));
        }
        for (key, _) in desk.states(at(1)).await {
            nobody(format!("{key:?}"));
        }
        assert_eq!(
            (desk.holder("AAAA").await, desk.holder("BBBB").await),
            (Some(pseudonym.clone()), Some(pseudonym.clone()))
        );

        // Under the pseudonym there is all of it.
        assert_eq!(desk.records_of(&[pseudonym.clone()], Page::first(9)).await.unwrap().len(), 1);
        assert_eq!(desk.points(pseudonym, at(1)).await.unwrap().balance(), 70);
        assert_eq!(desk.history(pseudonym).await.len(), 1);
        let sums = |states: &[(CounterKey, (u64, u64))]| {
            states.iter().fold((0, 0), |sum, (_, (used, held))| (sum.0 + used, sum.1 + held))
        };
        let after = desk.states(at(1)).await;
        assert_eq!((after.len(), sums(&after)), (before.len(), sums(&before)));
        assert_eq!(desk.state(&total("once"), at(1)).await, (2, 0));
        assert_eq!(desk.state(&per_customer("once", pseudonym.clone()), at(1)).await, (1, 0));
        assert_eq!(desk.state(&per_customer("once", bob.clone()), at(1)).await, (1, 0));
        desk.check_books(&["once", "solo"], &[(total("once"), 9)], at(1)).await;

        // The order is recorded still, for somebody else by now; it can be voided.
        assert_eq!(store.commit(&redemption, at(2)).await.unwrap(), Commit::Different);
        let back = OnVoid::KEEP.with_uses_given_back(true);
        assert!(matches!(store.void(&order("o-1"), back, at(3)).await.unwrap(), Void::Voided { .. }));
        assert_eq!(desk.state(&total("once"), at(3)).await, (1, 0));

        // Who comes back is a new customer.
        assert_eq!(Basket::order("o-4").by(&both).code("once").at(4).place(&mut store).await, Commit::Recorded);
        assert_eq!(desk.state(&per_customer("once", ann.clone()), at(4)).await, (1, 0));
        // Forgotten again, there is another pseudonym for each key.
        let again = desk.forget(&both).await.unwrap();
        assert!(again.pseudonyms.iter().all(|name| !forgotten.pseudonyms.contains(name)), "{again:?}");
        assert_eq!(desk.state(&per_customer("once", bob), at(5)).await, (1, 0));
    });
}
