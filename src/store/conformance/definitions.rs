//! Definitions: stored once, revised by one admin at a time, with a log of who changed what.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::Rig;
use super::desk::Desk;
use super::races::race;
use super::scene::*;
use crate::*;

fn id_of(name: &str) -> CouponId {
    name.parse().unwrap()
}

fn spring(percent: &str) -> Coupon {
    Coupon::builder("spring").code("SPRING").percent_off(percent).build().unwrap()
}

fn based_on(mut coupon: Coupon, revision: u32) -> Coupon {
    coupon.revision = revision;
    coupon
}

fn by(actor: &str, minutes: i64) -> Edit {
    Edit::new(at(minutes)).by(actor.parse().unwrap())
}

/// Why the rules say no.
fn no<T: std::fmt::Debug>(answer: Result<T, AdminFailure>) -> AdminError {
    match answer {
        Err(AdminFailure::Refused(error)) => error,
        other => panic!("{other:?}"),
    }
}

/// A definition is stored once, and its shared code stands for it alone, however it is spelled. What is refused changes
/// nothing.
///
/// Proves S19, S131.
pub fn a_definition_is_stored_once<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        assert_eq!(desk.define(&spring("10"), &by("eve", 0)).await.unwrap(), 1);
        let again = no(desk.define(&spring("20"), &by("eve", 1)).await);
        assert_eq!(again, AdminError::AlreadyDefined { coupon: id_of("spring") });
        let other = Coupon::builder("other").code("sp-ring").percent_off("10").build().unwrap();
        assert_eq!(no(desk.define(&other, &by("eve", 1)).await), AdminError::CodeTaken { code: code("SPRING") });
        assert_eq!(desk.definition(&id_of("other")).await.unwrap(), None);
        let unknown = no(desk.revise(&other, &by("eve", 1)).await);
        assert_eq!(unknown, AdminError::UnknownCoupon { coupon: id_of("other") });
        for refused in [
            no(desk.set_status(&id_of("other"), Status::Inactive, &by("eve", 1)).await),
            no(desk.kill(&id_of("other"), &by("eve", 1)).await),
        ] {
            assert_eq!(refused, unknown);
        }
        let stands = desk.definition(&id_of("spring")).await.unwrap().unwrap();
        assert_eq!((stands.as_ref(), desk.definition_log(&id_of("other")).await.unwrap()), (&spring("10"), vec![]));
        assert_eq!(Basket::order("o-1").code("spring").redemption(&mut store).await.payable(), usd("90.00"));
    });
}

/// Of two admins who edit at once the second is told, and what the first one wrote stands. An edit that changes nothing
/// makes no revision, and every revision can be read for ever.
///
/// Proves S131.
pub fn no_edit_is_lost<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.has(spring("10")).await;
        assert_eq!(desk.revise(&spring("15"), &by("ann", 1)).await.unwrap(), 2);
        let late = no(desk.revise(&spring("20"), &by("bob", 2)).await);
        assert_eq!(late, AdminError::RevisedMeanwhile { coupon: id_of("spring"), based_on: 1, current: 2 });
        assert_eq!(desk.revise(&based_on(spring("15"), 2), &by("bob", 3)).await.unwrap(), 2, "nothing changed");
        assert_eq!(desk.revise(&based_on(spring("20"), 2), &by("bob", 4)).await.unwrap(), 3);
        for (revision, percent) in [(1, "10"), (2, "15"), (3, "20")] {
            let then = desk.definition_at(&id_of("spring"), revision).await.unwrap().unwrap();
            assert_eq!(*then, based_on(spring(percent), revision));
        }
        assert_eq!(desk.definition_at(&id_of("spring"), 4).await.unwrap(), None);
        let loaded = Basket::order("o-1").code("spring").load(&mut store).await;
        assert_eq!(loaded.codes()[0].revision(), Some((&id_of("spring"), 3)));
        assert_eq!(loaded.codes()[0].coupon().map(AsRef::as_ref), Some(&based_on(spring("20"), 3)));
    });
}

/// Many admins save at the same time what they based on the same revision: one of them wins.
///
/// Proves S131.
pub fn one_edit_wins_in_a_race<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk);
        desk.has(spring("50")).await;
    });
    let won = AtomicUsize::new(0);
    race(&rig, 8, 8, |rig, connection, n| {
        let answer = rig.wait(async {
            let edit = by("eve", 1);
            insist_on_admin!(rig.store(connection).revise(&spring(&(n + 1).to_string()), &edit))
        });
        match answer {
            Ok(2) => _ = won.fetch_add(1, Ordering::SeqCst),
            other => assert!(matches!(other, Err(AdminError::RevisedMeanwhile { current: 2, .. })), "{other:?}"),
        }
    });
    assert_eq!(won.load(Ordering::SeqCst), 1);
    rig.wait(async {
        open!(rig: desk);
        assert_eq!(desk.definition(&id_of("spring")).await.unwrap().unwrap().revision(), 2);
        assert_eq!(desk.definition_log(&id_of("spring")).await.unwrap().len(), 2);
    });
}

/// The log of a definition says who changed it, when, from what and to what; what changed nothing is not in it.
///
/// Proves S131.
pub fn the_audit_log_says_who_changed_what<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk);
        let spring_id = id_of("spring");
        let note = by("ann", 0).with_note("for easter");
        desk.define(&spring("10"), &note).await.unwrap();
        desk.revise(&spring("15"), &by("bob", 1)).await.unwrap();
        desk.revise(&based_on(spring("15"), 2), &by("bob", 2)).await.unwrap();
        no(desk.revise(&spring("99"), &by("bob", 3)).await);
        desk.set_status(&spring_id, Status::Inactive, &by("cid", 4)).await.unwrap();
        desk.set_status(&spring_id, Status::Inactive, &by("cid", 5)).await.unwrap();
        desk.set_status(&spring_id, Status::Active, &Edit::new(at(6))).await.unwrap();
        for minutes in [7, 8] {
            desk.kill(&spring_id, &by("dan", minutes)).await.unwrap();
        }
        let log = desk.definition_log(&spring_id).await.unwrap();
        let kinds: Vec<_> = log.iter().map(|change| (change.kind, change.edit.clone())).collect();
        let expected = [
            (EditKind::Defined, note),
            (EditKind::Revised, by("bob", 1)),
            (EditKind::StatusSet, by("cid", 4)),
            (EditKind::StatusSet, Edit::new(at(6))),
            (EditKind::Killed, by("dan", 7)),
        ];
        assert_eq!(kinds, expected);
        assert_eq!((log[0].before.clone(), log[0].after.as_ref()), (None, &spring("10")));
        assert_eq!(log[1].before.as_deref(), Some(&spring("10")));
        assert_eq!(log[1].after.as_ref(), &based_on(spring("15"), 2));
        for (earlier, later) in log.iter().zip(&log[1..]) {
            assert_eq!(Some(&earlier.after), later.before.as_ref());
        }
        assert_eq!((log[4].after.revision(), log[4].after.status()), (5, Status::Inactive));
    });
}

/// A shared code that was replaced is free at once, and its new one is found.
///
/// Proves S19, S131.
pub fn a_replaced_code_is_free<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.has(spring("10")).await;
        desk.has(ten_percent("summer").build().unwrap()).await;
        let taken = Coupon::builder("spring").code("summer").percent_off("10").build().unwrap();
        assert_eq!(no(desk.revise(&taken, &by("eve", 1)).await), AdminError::CodeTaken { code: code("SUMMER") });
        desk.changes(Coupon::builder("spring").code("EASTER").percent_off("10").build().unwrap()).await;
        desk.has(Coupon::builder("new").code("SPRING").percent_off("30").build().unwrap()).await;
        let found = Basket::order("o-1").code("easter").code("spring").load(&mut store).await;
        let ids: Vec<_> = found.codes().iter().map(|code| code.coupon().map(|of| of.id().to_string())).collect();
        assert_eq!(ids, [Some("spring".to_owned()), Some("new".to_owned())]);
    });
}

/// All definitions, by id, page by page.
///
/// Proves S128.
pub fn definitions_are_listed_by_id<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk);
        for name in ["d", "b", "e", "a", "c"] {
            desk.has(ten_percent(name).build().unwrap()).await;
        }
        desk.changes(Coupon::builder("c").code("C").percent_off("20").build().unwrap()).await;
        let mut pages: Vec<Vec<String>> = Vec::new();
        let mut after = None;
        loop {
            let page = desk.definitions(after.as_ref(), 2).await.unwrap();
            let Some(last) = page.last() else { break };
            after = Some(last.id().clone());
            pages.push(page.iter().map(|of| format!("{} {}", of.id(), of.revision())).collect());
        }
        assert_eq!(pages, [vec!["a 1", "b 1"], vec!["c 2", "d 1"], vec!["e 1"]]);
    });
}

/// A campaign is limited while checkouts run: whatever was recorded before, during and after is counted, once.
///
/// Proves S69.
pub fn a_limit_added_in_a_race_misses_nobody<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk);
        desk.has(ten_percent("flash").build().unwrap()).await;
    });
    let (recorded, abandoned) = (AtomicUsize::new(0), AtomicUsize::new(0));
    race(&rig, 8, 121, |rig, connection, n| {
        rig.wait(async {
            let mut store = rig.store(connection);
            if n == 60 {
                let limited = ten_percent("flash").total_limit(1_000).per_customer_limit(200).build().unwrap();
                let edit = by("eve", 1);
                assert_eq!(insist_on_admin!(store.revise(&limited, &edit)), Ok(2));
                return;
            }
            let basket = Basket::order(&format!("o-{n}")).by(&[id("42")]).code("flash");
            let held = basket.redemption(&mut store).await;
            let is_held = n % 3 == 0 && insist!(store.reserve(&held, at(0), at(20))) == Reserve::Held { until: at(20) };
            if n % 6 == 0 {
                abandoned.fetch_add(usize::from(is_held), Ordering::SeqCst);
                return;
            }
            // Priced under terms that were revised meanwhile, it is priced again.
            for _ in 0..2 {
                let redemption = basket.redemption(&mut store).await;
                match insist!(store.commit(&redemption, at(0))) {
                    Commit::Recorded => {
                        recorded.fetch_add(1, Ordering::SeqCst);
                        return;
                    }
                    answer => assert!(matches!(answer, Commit::Stale(_)), "{answer:?}"),
                }
            }
            panic!("o-{n} is refused for ever");
        });
    });
    assert_eq!(recorded.into_inner(), 100, "120 without the twenty that were abandoned");
    let abandoned = u64::try_from(abandoned.into_inner()).unwrap();
    rig.wait(async {
        open!(rig: desk);
        for key in [total("flash"), per_customer("flash", id("42"))] {
            assert_eq!(desk.state(&key, at(1)).await, (100, abandoned), "{key:?}");
            assert_eq!(desk.state(&key, at(20)).await, (100, 0), "{key:?}");
        }
    });
}
