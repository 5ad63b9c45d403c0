//! Codes: issued once for each occasion, exported once, withdrawn for good, imported with their uses.

use std::sync::atomic::{AtomicU64, Ordering};

use chrono::TimeDelta;

use super::Rig;
use super::desk::Desk;
use super::races::race;
use super::scene::*;
use crate::*;

fn coupon(name: &str) -> CouponId {
    name.parse().unwrap()
}

fn codes(texts: &[&str]) -> Vec<Code> {
    texts.iter().map(|text| code(text)).collect()
}

fn bearers(texts: &[&str]) -> Vec<IssuedCode> {
    texts.iter().map(|text| bearer(text)).collect()
}

fn why(cause: &str) -> Revocation {
    Revocation::new(at(0), cause).unwrap()
}

fn no<T: std::fmt::Debug>(answer: Result<T, AdminFailure>) -> AdminError {
    match answer {
        Err(AdminFailure::Refused(error)) => error,
        other => panic!("{other:?}"),
    }
}

/// Codes are stored all or none: what is taken, of another format, without its holder or beyond the limit on codes stops
/// all of them.
///
/// Proves S10, S19, S81.
pub fn codes_are_issued_all_or_none<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk);
        let patrol = coupon("patrol");
        desk.has(Coupon::builder("patrol").percent_off("40").codes_limit(3).build().unwrap()).await;
        desk.has(Coupon::builder("own").kind(Kind::Personal).percent_off("10").build().unwrap()).await;
        desk.has(ten_percent("spring").build().unwrap()).await;
        let unknown = no(desk.issue(&coupon("other"), &bearers(&["AAAA"])).await);
        assert_eq!(unknown, AdminError::UnknownCoupon { coupon: coupon("other") });
        for texts in [["AAAA", "AAAA"], ["BBBB", "SPRING"]] {
            let taken = no(desk.issue(&patrol, &bearers(&texts)).await);
            assert_eq!(taken, AdminError::CodeTaken { code: code(texts[1]) });
        }
        let old = IssuedCode::new(Code::parse("A-1", CodeFormat::Imported).unwrap(), at(0));
        let wrong = no(desk.issue(&patrol, &[bearer("AAAA"), old.clone()]).await);
        assert_eq!(wrong, AdminError::WrongFormat { coupon: patrol.clone(), code: old.code().clone() });
        let nobodys = no(desk.issue(&coupon("own"), &[bearer("AAAA").with_holder(id("42")), bearer("BBBB")]).await);
        assert_eq!(nobodys, AdminError::HolderRequired { coupon: coupon("own"), code: code("BBBB") });
        let four = no(desk.issue(&patrol, &bearers(&["AAAA", "BBBB", "CCCC", "DDDD"])).await);
        assert_eq!(four, AdminError::CodesLimit { coupon: patrol.clone(), limit: 3, issued: 0, wanted: 4 });
        for text in ["AAAA", "BBBB"] {
            assert_eq!(desk.issued(&code(text)).await.unwrap(), None, "all or none");
        }
        assert_eq!(desk.issued_count(&patrol).await.unwrap(), 0);

        desk.issue(&patrol, &bearers(&["AAAA", "BBBB"])).await.unwrap();
        assert_eq!(desk.issued(&code("aaaa")).await.unwrap(), Some((patrol.clone(), bearer("AAAA"))));
        let more = no(desk.issue(&patrol, &bearers(&["CCCC", "DDDD"])).await);
        assert_eq!(more, AdminError::CodesLimit { coupon: patrol.clone(), limit: 3, issued: 2, wanted: 2 });
        assert_eq!(
            (desk.issued_count(&patrol).await.unwrap(), desk.issued_count(&coupon("none")).await.unwrap()),
            (2, 0)
        );
    });
}

/// One code for each occasion of each customer, whatever became of it; without an occasion every call issues another.
/// Codes that are taken are passed over.
///
/// Proves S3, S79, S100.
pub fn one_code_for_each_occasion<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        let (shop, solo) = (shop(), coupon("solo"));
        desk.has(Coupon::builder("solo").percent_off("10").per_code_limit(1).build().unwrap()).await;
        desk.has(ten_percent("taken").build().unwrap()).await;
        let mail = |minutes| IssueRequest::new(at(minutes)).with_occasion("spring mail".parse().unwrap());
        let first = desk.issue_once(&shop, &solo, &mail(0), &codes(&["TAKEN", "AAAA", "BBBB"])).await.unwrap();
        assert_eq!((first.is_new(), first.issued().code().as_str(), first.issued().issued_at()), (true, "AAAA", at(0)));
        let again = desk.issue_once(&shop, &solo, &mail(9), &codes(&["BBBB"])).await.unwrap();
        assert_eq!(again, Issue::AlreadyIssued(first.issued().clone()), "the same code with the same clock");
        let ann = mail(1).with_holder(id("42"));
        let anns = desk.issue_once(&shop, &solo, &ann, &codes(&["AAAA", "BBBB"])).await.unwrap();
        assert_eq!((anns.is_new(), anns.issued().code().as_str()), (true, "BBBB"));

        // Bound since, it is still the one of that occasion; withdrawn and switched off, too.
        assert_eq!(Basket::order("o-1").by(&[id("43")]).code("aaaa").place(&mut store).await, Commit::Recorded);
        desk.withdraws("AAAA").await;
        desk.switches("solo", Status::Inactive).await;
        let again = desk.issue_once(&shop, &solo, &mail(99), &codes(&["CCCC"])).await.unwrap().into_issued();
        assert_eq!((again.code().as_str(), again.holder(), again.is_revoked()), ("AAAA", Some(&id("43")), true));
        let off = no(desk.issue_once(&shop, &solo, &IssueRequest::new(at(1)), &codes(&["CCCC"])).await);
        assert!(matches!(off, AdminError::NotIssued { .. }), "{off:?}");
        desk.switches("solo", Status::Active).await;

        for text in ["CCCC", "DDDD"] {
            let issue = desk.issue_once(&shop, &solo, &IssueRequest::new(at(1)), &codes(&[text])).await.unwrap();
            assert!(issue.is_new(), "{issue:?}");
        }
        let none = no(desk.issue_once(&shop, &solo, &IssueRequest::new(at(1)), &codes(&["TAKEN", "AAAA"])).await);
        assert_eq!(none, AdminError::NoFreeCode { coupon: solo.clone(), tried: 2 });
        let none = no(desk.issue_once(&shop, &solo, &IssueRequest::new(at(1)), &[]).await);
        assert_eq!(none, AdminError::NoFreeCode { coupon: solo.clone(), tried: 0 });
        assert_eq!(desk.issued_count(&solo).await.unwrap(), 4);
    });
}

/// A job that runs on eight machines at once gives one code for the occasion, and all eight show it.
///
/// Proves S23, S100.
pub fn one_code_for_an_occasion_in_a_race<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk);
        desk.has(Coupon::builder("gift").percent_off("10").build().unwrap()).await;
    });
    let (new, shown) = (AtomicU64::new(0), std::sync::Mutex::new(Vec::new()));
    race(&rig, 8, 8, |rig, connection, n| {
        let issue = rig.wait(async {
            let request = IssueRequest::new(at(0)).with_holder(id("42")).with_occasion("birthday".parse().unwrap());
            let (shop, gift, candidates) = (shop(), coupon("gift"), codes(&[&format!("AAA{n}"), &format!("BBB{n}")]));
            insist_on_admin!(rig.store(connection).issue_once(&shop, &gift, &request, &candidates)).unwrap()
        });
        new.fetch_add(u64::from(issue.is_new()), Ordering::SeqCst);
        shown.lock().unwrap().push(issue.into_issued());
    });
    let shown = shown.into_inner().unwrap();
    assert_eq!(new.into_inner(), 1);
    assert!(shown.iter().all(|issued| *issued == shown[0]), "{shown:?}");
    rig.wait(async {
        open!(rig: desk);
        assert_eq!(desk.issued_count(&coupon("gift")).await.unwrap(), 1);
    });
}

/// No more codes than the definition allows, whoever issues them at once; and no code twice.
///
/// Proves S23, S81.
pub fn the_limit_on_codes_in_a_race<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk);
        desk.has(Coupon::builder("gift").percent_off("10").codes_limit(10).build().unwrap()).await;
        desk.has(Coupon::builder("more").percent_off("10").build().unwrap()).await;
    });
    let (issued, doubles) = (AtomicU64::new(0), AtomicU64::new(0));
    race(&rig, 8, 32, |rig, connection, n| {
        rig.wait(async {
            let mut store = rig.store(connection);
            let (gift, more) = (coupon("gift"), coupon("more"));
            let one = bearers(&[&format!("GIFT{n}")]);
            match insist_on_admin!(store.issue(&gift, &one)) {
                Ok(()) => _ = issued.fetch_add(1, Ordering::SeqCst),
                Err(no) => assert!(matches!(no, AdminError::CodesLimit { issued: 10, .. }), "{no:?}"),
            }
            // Each of these codes is wanted four times.
            let double = bearers(&[&format!("MORE{}", n % 8)]);
            match insist_on_admin!(store.issue(&more, &double)) {
                Ok(()) => _ = doubles.fetch_add(1, Ordering::SeqCst),
                Err(no) => assert!(matches!(no, AdminError::CodeTaken { .. }), "{no:?}"),
            }
        });
    });
    assert_eq!((issued.into_inner(), doubles.into_inner()), (10, 8));
    rig.wait(async {
        open!(rig: desk);
        assert_eq!(desk.issued_count(&coupon("gift")).await.unwrap(), 10);
        assert_eq!(desk.issued_count(&coupon("more")).await.unwrap(), 8);
    });
}

/// A batch is stored whole and is nobody's until it is exported, once: then the clocks of its codes begin.
///
/// Proves S80, S81.
pub fn a_batch_is_exported_once<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        let (shop, patrol, batch) = (shop(), coupon("patrol"), "patrol-2026".parse::<BatchId>().unwrap());
        let day = Coupon::builder("patrol").percent_off("40").countdown(1, 0).codes_limit(3).per_code_limit(1);
        desk.has(day.build().unwrap()).await;
        let all = codes(&["CCCC", "AAAA", "BBBB"]);
        let unknown = no(desk.export(&shop, &batch, at(0), None).await);
        assert_eq!(unknown, AdminError::UnknownBatch { batch: batch.clone() });
        assert_eq!(desk.batch(&batch).await.unwrap(), None);
        desk.add_batch(&batch, &patrol, &all, at(0)).await.unwrap();
        desk.add_batch(&batch, &patrol, &all, at(1)).await.unwrap();
        let exists = AdminError::BatchExists { batch: batch.clone() };
        assert_eq!(no(desk.add_batch(&batch, &patrol, &codes(&["AAAA", "BBBB", "CCCC"]), at(1)).await), exists);
        let joined = bearer("DDDD").with_batch(batch.clone());
        let full = AdminError::CodesLimit { coupon: patrol.clone(), limit: 3, issued: 3, wanted: 1 };
        assert_eq!(no(desk.issue(&patrol, &[joined]).await), full, "codes in batches count");
        assert_eq!(desk.issued_count(&patrol).await.unwrap(), 0, "and are not handed out");
        assert!(Basket::order("o-1").code("aaaa").load(&mut store).await.codes()[0].coupon().is_none());

        desk.withdraws("BBBB").await;
        let long_after = 60 * 24 * 40;
        let eve: ActorId = "eve".parse().unwrap();
        let issued = desk.export(&shop, &batch, at(long_after), Some(&eve)).await.unwrap();
        let shown: Vec<_> = issued.iter().map(|of| (of.code().as_str(), of.issued_at(), of.issued_by())).collect();
        assert_eq!(shown, [("CCCC", at(long_after), Some(&eve)), ("AAAA", at(long_after), Some(&eve))]);
        let twice = AdminError::AlreadyExported { batch: batch.clone(), at: at(long_after) };
        assert_eq!(no(desk.export(&shop, &batch, at(long_after + 60 * 24), None).await), twice);
        let record = desk.batch(&batch).await.unwrap().unwrap();
        assert_eq!((&record.coupon, record.added_at, record.exported_at), (&patrol, at(0), Some(at(long_after))));
        assert_eq!((record.codes, record.issued), (all, issued));
        assert_eq!(desk.issued_count(&patrol).await.unwrap(), 2);

        let late = Basket::order("o-2").code("AAAA").at(long_after + 24 * 60).price_with(&mut store).await;
        assert!(!late.answers()[0].is_applied(), "its day is over");
        let just = Basket::order("o-2").code("AAAA").at(long_after + 24 * 60 - 1);
        assert_eq!(just.place(&mut store).await, Commit::Recorded);
        assert!(Basket::order("o-3").code("bbbb").at(long_after).load(&mut store).await.codes()[0].coupon().is_none());
    });
}

/// Of those who export a batch at once one gets its codes.
///
/// Proves S23, S80.
pub fn one_export_in_a_race<R: Rig>(rig: R) {
    let batch = || "b-1".parse::<BatchId>().unwrap();
    rig.wait(async {
        open!(rig: desk);
        desk.has(Coupon::builder("gift").percent_off("10").build().unwrap()).await;
        let texts: Vec<String> = (0..50).map(|n| format!("GIFT{n}")).collect();
        let all: Vec<Code> = texts.iter().map(|text| code(text)).collect();
        desk.add_batch(&batch(), &coupon("gift"), &all, at(0)).await.unwrap();
    });
    let exported = AtomicU64::new(0);
    race(&rig, 8, 8, |rig, connection, n| {
        let minutes = i64::try_from(n).unwrap();
        let (shop, batch) = (shop(), batch());
        match rig.wait(async { insist_on_admin!(rig.store(connection).export(&shop, &batch, at(minutes), None)) }) {
            Ok(codes) => assert_eq!((codes.len(), exported.fetch_add(1, Ordering::SeqCst)), (50, 0)),
            Err(no) => assert!(matches!(no, AdminError::AlreadyExported { .. }), "{no:?}"),
        }
    });
    assert_eq!(exported.into_inner(), 1);
    rig.wait(async {
        open!(rig: desk);
        let record = desk.batch(&batch()).await.unwrap().unwrap();
        assert!(record.issued.iter().all(|issued| Some(issued.issued_at()) == record.exported_at), "{record:?}");
        assert_eq!(desk.issued_count(&coupon("gift")).await.unwrap(), 50);
    });
}

/// What is withdrawn is withdrawn, alone or with its batch, for the first cause that was given; what was used stays used.
///
/// Proves S10, S82.
pub fn what_is_withdrawn_stays_withdrawn<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        let (shop, batch) = (shop(), "b-1".parse::<BatchId>().unwrap());
        desk.has(Coupon::builder("gift").percent_off("10").per_code_limit(1).build().unwrap()).await;
        desk.has(ten_percent("spring").build().unwrap()).await;
        desk.add_batch(&batch, &coupon("gift"), &codes(&["AAAA", "BBBB", "CCCC", "DDDD"]), at(0)).await.unwrap();
        desk.export(&shop, &batch, at(0), None).await.unwrap();
        assert_eq!(Basket::order("o-1").code("aaaa").place(&mut store).await, Commit::Recorded);
        let held = Basket::order("o-2").code("bbbb").hold(&mut store).await;
        desk.revoke(&code("CCCC"), &why("lost")).await.unwrap();
        desk.revoke(&code("CCCC"), &why("again")).await.unwrap();

        assert_eq!(desk.revoke_batch(&batch, &why("leaked")).await.unwrap(), 2, "two that could still be used");
        assert_eq!(desk.revoke_batch(&batch, &why("twice")).await.unwrap(), 0);
        for (text, cause) in [("AAAA", "leaked"), ("BBBB", "leaked"), ("CCCC", "lost"), ("DDDD", "leaked")] {
            let (_, issued) = desk.issued(&code(text)).await.unwrap().unwrap();
            assert_eq!(issued.revocation().map(Revocation::cause), Some(cause), "{text}");
        }
        let gone = Objection::CodeRevoked { coupon: coupon("gift"), code: code("BBBB") };
        assert_eq!(store.commit(&held, at(1)).await.unwrap(), Commit::Refused(vec![gone]), "held or not");
        // A use that is given back does not bring the code back.
        store.void(&order("o-1"), OnVoid::KEEP.with_uses_given_back(true), at(2)).await.unwrap();
        let seen = Basket::order("o-3").code("aaaa").at(3).price_with(&mut store).await;
        assert!(seen.answers()[0].reasons().contains(&Refusal::CodeRevoked));

        for text in ["SPRING", "ZZZZ"] {
            let refused = no(desk.revoke(&code(text), &why("lost")).await);
            assert_eq!(refused, AdminError::UnknownCode { code: code(text) });
        }
        let unknown = no(desk.revoke_batch(&"b-9".parse().unwrap(), &why("lost")).await);
        assert_eq!(unknown, AdminError::UnknownBatch { batch: "b-9".parse().unwrap() });
    });
}

/// Codes of an older system come with their uses: counted on every limit, those of later revisions as well, all or none.
///
/// Proves S3, S69.
pub fn imported_uses_count<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        let club = coupon("club");
        let terms = || Coupon::builder("club").percent_off("5").per_code_limit(2).total_limit(5);
        desk.has(terms().build().unwrap()).await;
        let old = |text| ImportedCode::new(bearer(text));
        let codes = [old("AAAA").used([id("42"), id("43")], 2), old("BBBB").used([], 1), old("CCCC")];
        let too_many = [old("AAAA").used([], 1), old("BBBB").used([], 3)];
        let over = AdminError::ImportOverLimit {
            code: code("BBBB"),
            counter: Box::new(CounterKey::Code { coupon: club.clone(), code: code("BBBB") }),
            limit: 2,
            used: 0,
            held: 0,
            wanted: 3,
        };
        assert_eq!(no(desk.import(&club, &too_many, at(0)).await), over);
        assert_eq!(
            (desk.issued(&code("AAAA")).await.unwrap(), desk.states(at(0)).await),
            (None, vec![]),
            "all or none"
        );
        desk.import(&club, &codes, at(0)).await.unwrap();
        assert_eq!(desk.state(&total("club"), at(0)).await, (3, 0));
        assert_eq!(desk.issued_count(&club).await.unwrap(), 3);
        let spent = Basket::order("o-1").code("aaaa").price_with(&mut store).await;
        assert!(!spent.answers()[0].is_applied());
        for (reference, text) in [("o-2", "BBBB"), ("o-3", "CCCC")] {
            assert_eq!(Basket::order(reference).code(text).place(&mut store).await, Commit::Recorded);
        }
        assert_eq!(desk.state(&total("club"), at(0)).await, (5, 0));
        assert_eq!(desk.log("club").await.len(), 2, "uses of an older system are no records");
        let sum = no(desk.import(&club, &[old("DDDD").used([], 1)], at(0)).await);
        assert!(matches!(sum, AdminError::ImportOverLimit { limit: 5, used: 5, wanted: 1, .. }), "{sum:?}");

        // On a limit that is added later they count, too.
        desk.changes(terms().per_customer_limit(3).build().unwrap()).await;
        assert_eq!(desk.state(&per_customer("club", id("42")), at(0)).await, (2, 0));
        assert_eq!(desk.look_up(&shop(), "bbbb").await.unwrap().unwrap().uses, 2);

        // A code good for one use belongs to whoever used it.
        desk.has(Coupon::builder("solo").percent_off("5").per_code_limit(1).build().unwrap()).await;
        desk.import(&coupon("solo"), &[old("EEEE").used([id("44")], 1)], at(0)).await.unwrap();
        assert_eq!(desk.holder("EEEE").await, Some(id("44")));
    });
}

/// What became of a code, for whoever is asked about it: of every standing, in any spelling.
///
/// Proves S82, S128.
pub fn a_code_is_looked_up<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        let (shop, gift, batch) = (shop(), coupon("gift"), "b-1".parse::<BatchId>().unwrap());
        desk.has(ten_percent("spring").build().unwrap()).await;
        let day = Coupon::builder("gift").percent_off("10").countdown(1, 0).per_code_limit(1);
        desk.has(day.build().unwrap()).await;
        desk.hands_out("gift", bearers(&["AAAA", "BBBB", "CCCC"])).await;
        desk.add_batch(&batch, &gift, &codes(&["DDDD", "EEEE"]), at(0)).await.unwrap();
        desk.withdraws("BBBB").await;
        desk.withdraws("EEEE").await;
        assert_eq!(Basket::order("o-1").by(&[id("42")]).code("aaaa").place(&mut store).await, Commit::Recorded);

        for (entered, status) in [
            (" spr-ing ", CodeStatus::Shared),
            ("a-a-a-a", CodeStatus::Used),
            ("bbbb", CodeStatus::Revoked),
            ("CCCC", CodeStatus::Unused),
            ("dddd", CodeStatus::Prepared),
            ("eeee", CodeStatus::Revoked),
        ] {
            let record = desk.look_up(&shop, entered).await.unwrap().unwrap();
            assert_eq!(record.status(at(1)), status, "{entered}");
            assert_eq!(record.uses, u64::from(status == CodeStatus::Used), "{entered}");
        }
        let used = desk.look_up(&shop, "AAAA").await.unwrap().unwrap();
        assert_eq!((used.coupon, used.issued.unwrap().holder()), (gift.clone(), Some(&id("42"))));
        let lying = desk.look_up(&shop, "dddd").await.unwrap().unwrap();
        assert_eq!((lying.batch, lying.issued, lying.window), (Some(batch), None, None));
        let expired = desk.look_up(&shop, "cccc").await.unwrap().unwrap();
        assert_eq!(expired.status(at(23 * 60)), CodeStatus::Expired, "issued an hour before noon, for a day");
        assert_eq!(desk.look_up(&shop, "ZZZZ").await.unwrap(), None);
    });
}

/// The codes of a definition in the order of their texts, page by page, each as it would be looked up.
///
/// Proves S128.
pub fn codes_are_listed_by_text<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk);
        let (shop, gift) = (shop(), coupon("gift"));
        let unknown = no(desk.codes_of(&shop, &gift, None, 10).await);
        assert_eq!(unknown, AdminError::UnknownCoupon { coupon: gift.clone() });
        desk.has(Coupon::builder("gift").percent_off("10").build().unwrap()).await;
        desk.has(Coupon::builder("other").percent_off("10").build().unwrap()).await;
        desk.hands_out("gift", bearers(&["DDDD", "AAAA", "CCCC", "Z9", "B2"])).await;
        desk.hands_out("other", bearers(&["BBBB"])).await;
        let (mut listed, mut after) = (Vec::new(), None);
        loop {
            let page = desk.codes_of(&shop, &gift, after.as_ref(), 2).await.unwrap();
            let Some(last) = page.last() else { break };
            assert!(page.len() <= 2, "{page:?}");
            after = Some(last.code.clone());
            listed.extend(page);
        }
        assert_eq!(listed.iter().map(|of| of.code.as_str()).collect::<Vec<_>>(), ["AAAA", "B2", "CCCC", "DDDD", "Z9"]);
        for record in listed {
            assert_eq!(desk.look_up(&shop, record.code.as_str()).await.unwrap(), Some(record));
        }
    });
}

/// What does not exist, lies in a batch still or was withdrawn is a wrong code, and each of them counts as a guess; so a
/// shop can throttle whoever tries many, and never somebody who has a code.
///
/// Proves S35.
pub fn wrong_codes_count_as_guesses<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.has(Coupon::builder("patrol").percent_off("40").per_code_limit(1).build().unwrap()).await;
        desk.hands_out("patrol", bearers(&["AAAA", "BBBB"])).await;
        desk.add_batch(&"later".parse().unwrap(), &coupon("patrol"), &codes(&["CCCC"]), at(-1)).await.unwrap();
        desk.withdraws("BBBB").await;
        let policy = AttemptPolicy::new(2, TimeDelta::minutes(10)).unwrap();
        let mut attempts = Attempts::default();
        for (typed, wrong) in [("NOSUCH", 1), ("AAAA", 0), ("CCCC", 1), ("BBBB", 1)] {
            let outcome = Basket::order("o-1").code(typed).price_with(&mut store).await;
            assert_eq!(outcome.unknown_codes(), wrong, "{typed}");
            assert_eq!(outcome.answers()[0].is_applied(), wrong == 0, "{typed}");
            policy.record(&mut attempts, outcome.unknown_codes(), at(0));
        }
        assert!(!policy.may_try(&attempts, at(0)).is_allowed(), "three guesses, and two are allowed");
    })
}
