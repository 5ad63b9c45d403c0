//! How codes are handed out, prepared in batches, withdrawn and taken over from an older system.

use std::convert::Infallible;
use std::iter;

use serde_json::{Value, json};
use vouchsafe::*;

use crate::support::*;

const MARCH: &str = "2026-03-01T12:00:00Z";

fn code(text: &str) -> Code {
    Code::parse(text, CodeFormat::Standard).unwrap()
}

fn one(text: &str) -> iter::Once<Result<Code, Infallible>> {
    iter::once(Ok(code(text)))
}

fn request(instant: &str) -> IssueRequest {
    IssueRequest::new(at(instant))
}

fn id(value: &str) -> IdentityKey {
    IdentityKey::id(value).unwrap()
}

/// A definition without a shared code, ten percent off.
fn ten(name: &str, fields: Value) -> Coupon {
    let mut all = json!({"code": null, "benefits": [{"percent": {"off": "10"}}]});
    all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    coupon(name, all)
}

fn personal(fields: Value) -> Coupon {
    let mut all = json!({"kind": "personal"});
    all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    ten("gift", all)
}

/// A batch of so many codes, from bytes that count upwards.
fn codes(count: u64) -> Vec<Code> {
    let mut next = 0_u64;
    let source = |bytes: &mut [u8]| {
        next += 1;
        bytes.fill(0);
        bytes[..8].copy_from_slice(&next.to_le_bytes());
        Ok::<(), Infallible>(())
    };
    CodePattern::new().with_prefix("SKI").unwrap().generate(count, source).unwrap().collect::<Result<_, _>>().unwrap()
}

fn coupon_id(name: &str) -> CouponId {
    name.parse().unwrap()
}

fn batch(name: &str) -> BatchId {
    name.parse().unwrap()
}

fn status(till: &Till, typed: &str, instant: &str) -> CodeStatus {
    till.store.look_up(&till.shop, typed).unwrap().unwrap().status(at(instant))
}

/// What became of the code that is typed: `applied`, or the reasons.
fn answer(till: &Till, order: &str, who: &Customer, typed: &str, instant: &str) -> Vec<&'static str> {
    let outcome = till.price(order, who, typed, "100.00", instant);
    if applied(&outcome) { vec!["applied"] } else { reasons(&outcome)[0].clone() }
}

/// Proves S7: a batch for five hundred ski patrollers is five hundred codes, each good once, and no more.
#[test]
fn a_batch_of_five_hundred_is_used_five_hundred_times() {
    let till = Till::new([ten("patrol", json!({"limits": {"per_code": 1, "total": 500}}))]);
    let (name, codes) = (batch("patrol-2026"), codes(500));
    till.store.add_batch(&name, &coupon_id("patrol"), codes.clone(), at(MARCH)).unwrap();
    let issued = till.store.export(&till.shop, &name, at(MARCH), None).unwrap();
    let mut distinct: Vec<&str> = issued.iter().map(|issued| issued.code().as_str()).collect();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!((distinct.len(), till.store.issued_count(&coupon_id("patrol"))), (500, 500));
    for (i, code) in codes.iter().enumerate() {
        let outcome = till.price(&format!("o-{i}"), &customer(&i.to_string()), code.as_str(), "100.00", MARCH);
        assert_eq!((payable(&outcome).as_str(), till.commit(&outcome, MARCH)), ("90.00", Commit::Recorded));
    }
    assert_eq!(till.used("patrol"), 500);
    // Every one of them is used now, for anybody.
    for code in &codes {
        let again = answer(&till, "again", &customer("late"), code.as_str(), MARCH);
        assert!(again.contains(&"limit_reached"), "{again:?}");
    }
    let used = till.store.codes_of(&till.shop, &coupon_id("patrol"), Some(CodeStatus::Used), at(MARCH)).unwrap();
    assert_eq!((used.len(), used[0].uses), (500, 1));
}

/// Proves S3, S10: a bearer code is anybody's until it is used; then it is nobody else's.
#[test]
fn a_bearer_code_is_bound_when_it_is_used() {
    let till = Till::new([ten("patrol", json!({"limits": {"per_code": 1}}))]);
    let issued = till.store.issue_once(&till.shop, &coupon_id("patrol"), &request(MARCH), one("K7WQ93MX")).unwrap();
    assert_eq!(issued.issued().holder(), None);
    let outcome = till.price("o-1", &customer("1"), "k7wq-93mx", "100.00", MARCH);
    assert_eq!(till.commit(&outcome, MARCH), Commit::Recorded);
    assert_eq!(till.store.issued(&code("K7WQ93MX")).unwrap().1.holder(), Some(&id("1")));
    assert_eq!(answer(&till, "o-2", &customer("2"), "K7WQ93MX", MARCH), ["wrong_customer", "limit_reached"]);
}

/// Proves S10: a code of a general coupon is bound to an e-mail address, or to the hash of one where the host keeps no
/// addresses; passed on unused, it is worth nothing, and nobody is told that it exists.
#[test]
fn a_code_may_be_bound_to_an_address_or_its_hash() {
    let hash = IdentityKey::new(IdentityKind::Other, "sha256:0c7e6a40b1d1").unwrap();
    let address = IdentityKey::email("ann@example.com").unwrap();
    let till = Till::new([ten("patrol", json!({"limits": {"per_code": 1}}))]);
    for (text, holder) in [("HASHED", &hash), ("MAILED", &address)] {
        let request = request(MARCH).with_holder(holder.clone());
        till.store.issue_once(&till.shop, &coupon_id("patrol"), &request, one(text)).unwrap();
        assert_eq!(answer(&till, "o-9", &customer("2"), text, MARCH), ["wrong_customer"]);
        assert_eq!(answer(&till, "o-9", &Customer::anonymous(), text, MARCH), ["wrong_customer"]);
        let public = |typed: &str| {
            let outcome = till.price("o-9", &customer("2"), typed, "100.00", MARCH);
            serde_json::to_string(&outcome.public()).unwrap().replace(typed, "*")
        };
        assert_eq!(public(text), public("NOSUCHCODE"));
        // The own account, with the key beside the customer's id.
        let ann = Customer::new([id("1"), holder.clone()]);
        let outcome = till.price(&format!("o-{text}"), &ann, text, "100.00", MARCH);
        assert_eq!((payable(&outcome).as_str(), till.commit(&outcome, MARCH)), ("90.00", Commit::Recorded));
        assert_eq!(till.store.issued(&code(text)).unwrap().1.holder(), Some(holder), "bound as it was issued");
    }
}

/// Proves S18, S55: an operator gives one customer a code of a definition that exists; nobody else can use it, and its
/// owner once.
#[test]
fn an_operator_gives_one_customer_a_code() {
    let till = Till::new([personal(json!({}))]);
    let asked = request(MARCH).with_holder(id("1")).with_by("anna".parse().unwrap());
    let issued = till.store.issue_once(&till.shop, &coupon_id("gift"), &asked, one("SORRY1")).unwrap().into_issued();
    assert_eq!((issued.issued_by().unwrap().as_str(), issued.occasion()), ("anna", None));
    assert_eq!(answer(&till, "o-1", &customer("2"), "sorry1", MARCH), ["wrong_customer"]);
    let outcome = till.price("o-2", &customer("1"), "sorry1", "100.00", MARCH);
    assert_eq!(till.commit(&outcome, MARCH), Commit::Recorded);
    let again = answer(&till, "o-3", &customer("1"), "sorry1", MARCH);
    assert!(again.iter().all(|reason| *reason == "limit_reached") && !again.is_empty(), "{again:?}");
    // Without an occasion, another complaint is another code.
    let second = till.store.issue_once(&till.shop, &coupon_id("gift"), &asked, one("SORRY2")).unwrap();
    assert!(second.is_new());
    assert_eq!(till.store.issued_count(&coupon_id("gift")), 2);
}

/// Golden vector V16. Proves S78, S79: the countdown is exact, and everyone has the same time, whenever the code was
/// issued.
#[test]
fn v16_a_countdown_begins_with_each_code() {
    let till = Till::new([personal(json!({"validity": {"countdown": {"days": 2, "hours": 3}}}))]);
    for (who, issued_at, last, over) in [
        ("1", "2026-03-28T12:00:00Z", "2026-03-30T14:59:59Z", "2026-03-30T15:00:00Z"),
        // Two years later, through a leap day.
        ("2", "2028-02-28T12:00:00Z", "2028-03-01T14:59:59Z", "2028-03-01T15:00:00Z"),
    ] {
        let asked = request(issued_at).with_holder(id(who));
        let issuing = personal(json!({"validity": {"countdown": {"days": 2, "hours": 3}}}));
        let window = till.shop.issuing(&issuing).unwrap().window(&asked).unwrap();
        assert_eq!((window.from(), window.until()), (Some(at(issued_at)), Some(at(over))));
        let text = format!("GIFT{who}");
        till.store.issue_once(&till.shop, &coupon_id("gift"), &asked, one(&text)).unwrap();
        assert_eq!(answer(&till, "o-1", &customer(who), &text, last), ["applied"]);
        assert_eq!(answer(&till, "o-1", &customer(who), &text, over), ["expired"]);
        assert_eq!((status(&till, &text, last), status(&till, &text, over)), (CodeStatus::Unused, CodeStatus::Expired));
    }
    // Bad input: dates and a countdown at once.
    let both =
        json!({"code": null, "validity": {"thru": "2026-12-31", "countdown": {"days": 2}}, "benefits": ["none"]});
    assert_eq!(errors("g", both), "`validity.countdown` is `{..}`: not allowed together with dates");
}

/// Proves S80: the clock of a batch starts with its export; before that its codes are unknown to everybody.
#[test]
fn an_export_starts_the_clock() {
    let fields = json!({"limits": {"per_code": 1}, "validity": {"countdown": {"days": 1}}});
    let till = Till::new([ten("patrol", fields)]);
    let (name, patrol) = (batch("patrol-2026"), coupon_id("patrol"));
    let export = |instant: &str| till.store.export(&till.shop, &name, at(instant), Some(&"anna".parse().unwrap()));
    assert_eq!(export(MARCH), Err(AdminError::UnknownBatch { batch: name.clone() }));
    till.store.add_batch(&name, &patrol, [code("AAAA"), code("BBBB")], at("2026-01-01T00:00:00Z")).unwrap();

    // Taken, but not to be redeemed; it reads like a code that was never made, and not even the host hears whose it is.
    let load = LoadRequest::new(Reference::Order("o-1".parse().unwrap()), Currency::USD, at(MARCH)).code("AAAA");
    let loaded = block_on(till.store.clone().load(&load)).unwrap();
    assert_eq!(loaded.codes()[0].coupon(), None);
    assert_eq!(answer(&till, "o-1", &customer("1"), "AAAA", MARCH), ["unknown_code"]);
    assert_eq!((status(&till, "aaaa", MARCH), till.store.issued_count(&patrol)), (CodeStatus::Prepared, 0));
    let taken = till.store.issue(&patrol, [issued_code("AAAA", MARCH)]);
    assert_eq!(taken, Err(AdminError::CodeTaken { code: code("AAAA") }));
    let shared = till.store.define(coupon("spring", json!({"code": "BBBB", "benefits": ["none"]})));
    assert_eq!(shared, Err(AdminError::CodeTaken { code: code("BBBB") }));

    let issued = export(MARCH).unwrap();
    assert_eq!(issued.iter().map(|i| i.code().as_str()).collect::<Vec<_>>(), ["AAAA", "BBBB"]);
    assert!(issued.iter().all(|issued| issued.issued_at() == at(MARCH)
        && issued.batch() == Some(&name)
        && issued.issued_by().unwrap().as_str() == "anna"));
    assert_eq!(answer(&till, "o-1", &customer("1"), "AAAA", "2026-03-02T11:59:59Z"), ["applied"]);
    assert_eq!(answer(&till, "o-1", &customer("1"), "AAAA", "2026-03-02T12:00:00Z"), ["expired"]);

    // Bad input: exporting twice. The same codes are shown again, with the clock they have.
    let late = "2026-03-09T12:00:00Z";
    assert_eq!(export(late), Err(AdminError::AlreadyExported { batch: name.clone(), at: at(MARCH) }));
    assert_eq!(export(late).unwrap_err().to_string(), "batch `patrol-2026` was exported at 2026-03-01T12:00:00Z");
    let record = till.store.batch(&name).unwrap();
    assert_eq!((record.exported_at, record.issued), (Some(at(MARCH)), issued));
    assert_eq!(status(&till, "AAAA", late), CodeStatus::Expired);
}

/// A batch is stored whole or not at all, and the same again is no second one.
#[test]
fn a_batch_is_stored_once() {
    let till = Till::new([
        ten("patrol", json!({"limits": {"codes": 3}})),
        personal(json!({})),
        coupon("spring", json!({"benefits": ["none"]})),
    ]);
    let (name, patrol) = (batch("b-1"), coupon_id("patrol"));
    let add = |codes: &[&str], of: &str| {
        let codes: Vec<Code> = codes.iter().map(|text| code(text)).collect();
        till.store.add_batch(&name, &coupon_id(of), codes, at(MARCH)).map_err(|error| error.to_string())
    };
    // Bad input: a batch larger than the limit on codes refuses whole.
    let four = "`patrol` allows 3 codes, 0 are issued and 4 more are wanted";
    assert_eq!(add(&["AAAA", "BBBB", "CCCC", "DDDD"], "patrol"), Err(four.to_owned()));
    assert_eq!(add(&["AAAA", "aa-aa"], "patrol"), Err("code `AAAA` is taken".to_owned()));
    assert_eq!(add(&["AAAA"], "other"), Err("`other` is not defined".to_owned()));
    assert_eq!(add(&["AAAA"], "spring"), Err("`spring` has a shared code, none is issued".to_owned()));
    assert_eq!(add(&["AAAA"], "gift"), Err("code `AAAA` of the personal coupon `gift` has no holder".to_owned()));
    assert!(till.store.batch(&name).is_none() && till.store.look_up(&till.shop, "AAAA").unwrap().is_none());

    assert_eq!(add(&["AAAA", "BBBB"], "patrol"), Ok(()));
    assert_eq!(add(&["AAAA", "BBBB"], "patrol"), Ok(()), "a repeat changes nothing");
    assert_eq!(add(&["CCCC"], "patrol"), Err("batch `b-1` exists already".to_owned()));
    let joined = till.store.issue(&patrol, [issued_code("CCCC", MARCH).with_batch(name.clone())]);
    assert_eq!(joined, Err(AdminError::BatchExists { batch: name.clone() }));
    // One more code is allowed, and no two.
    let two = till.store.issue(&patrol, [issued_code("CCCC", MARCH), issued_code("DDDD", MARCH)]);
    assert_eq!(two, Err(AdminError::CodesLimit { coupon: patrol.clone(), limit: 3, issued: 2, wanted: 2 }));
    till.store.issue(&patrol, [issued_code("CCCC", MARCH).with_batch(batch("singles"))]).unwrap();
    assert_eq!(till.store.issued_count(&patrol), 1);
    let singles = till.store.batch(&batch("singles")).unwrap();
    assert_eq!((singles.codes.len(), singles.issued.len()), (1, 1));
}

/// Proves S81: the number available caps the codes issued in all, over every way in which a code comes to be.
#[test]
fn the_number_available_caps_the_codes_issued() {
    let till = Till::new([ten("patrol", json!({"limits": {"codes": 4}}))]);
    let patrol = coupon_id("patrol");
    till.store.add_batch(&batch("b-1"), &patrol, [code("AAAA")], at(MARCH)).unwrap();
    till.store.import(&patrol, [ImportedCode::new(issued_code("OLD1", MARCH))], at(MARCH)).unwrap();
    till.store.issue(&patrol, [issued_code("BBBB", MARCH)]).unwrap();
    let asked = |occasion: &str| request(MARCH).with_holder(id("1")).with_occasion(occasion.parse().unwrap());
    let issue = |occasion: &str, text: &str| till.store.issue_once(&till.shop, &patrol, &asked(occasion), one(text));
    assert!(issue("mail-1", "CCCC").unwrap().is_new());
    let full = AdminError::CodesLimit { coupon: patrol.clone(), limit: 4, issued: 4, wanted: 1 };
    assert_eq!(issue("mail-2", "DDDD"), Err(IssueError::Store(full.clone())));
    // The second mail of the first occasion is no further code.
    assert_eq!(issue("mail-1", "DDDD").unwrap().issued().code(), &code("CCCC"));
    assert_eq!(till.store.import(&patrol, [ImportedCode::new(issued_code("OLD2", MARCH))], at(MARCH)), Err(full));
    // A code that is withdrawn was issued all the same.
    till.store.revoke(&code("BBBB"), Revocation::new(at(MARCH), "lost").unwrap()).unwrap();
    assert!(issue("mail-2", "DDDD").is_err());
    assert_eq!(till.store.issued_count(&patrol), 3);
}

/// Section 7: issuing is idempotent by definition, customer and occasion; a second mail shows the same code, with the same
/// clock, whatever became of the definition.
#[test]
fn one_code_for_each_occasion() {
    let till = Till::new([personal(json!({"validity": {"countdown": {"days": 30}}})), ten("other", json!({}))]);
    let asked = |who: &str, occasion: &str, instant: &str| {
        request(instant).with_holder(id(who)).with_occasion(occasion.parse().unwrap())
    };
    let issue = |of: &str, asked: IssueRequest, text: &str| {
        till.store.issue_once(&till.shop, &coupon_id(of), &asked, one(text)).unwrap()
    };
    let first = issue("gift", asked("1", "spring", MARCH), "AAAA");
    assert!(first.is_new());
    let again = issue("gift", asked("1", "spring", "2026-03-20T12:00:00Z"), "BBBB");
    assert_eq!(again, Issue::AlreadyIssued(first.issued().clone()));
    assert!(till.store.issued(&code("BBBB")).is_none());
    for (of, who, occasion, text) in
        [("gift", "2", "spring", "CCCC"), ("gift", "1", "autumn", "DDDD"), ("other", "1", "spring", "EEEE")]
    {
        assert!(issue(of, asked(who, occasion, MARCH), text).is_new(), "{of} {who} {occasion}");
    }
    // What was given stays given: switched off, or used.
    let outcome = till.price("o-1", &customer("1"), "AAAA", "100.00", MARCH);
    assert_eq!(till.commit(&outcome, MARCH), Commit::Recorded);
    till.store.set_status(&coupon_id("gift"), Status::Inactive).unwrap();
    assert!(!issue("gift", asked("1", "spring", NOON), "FFFF").is_new());
    let refusal = IssueRefusal::NotActive { status: Status::Inactive };
    let refused = till.store.issue_once(&till.shop, &coupon_id("gift"), &asked("3", "spring", NOON), one("FFFF"));
    let not_issued = AdminError::NotIssued { coupon: coupon_id("gift"), refusal };
    assert_eq!(refused, Err(IssueError::Store(not_issued)));
    // Codes that the host issues by rules of its own keep to the same promise.
    let second = issued_code("GGGG", MARCH).with_holder(id("1")).with_occasion("spring".parse().unwrap());
    let taken = till.store.issue(&coupon_id("other"), [second]).unwrap_err();
    assert_eq!(taken.to_string(), "occasion `spring` has code `EEEE`");
}

/// Trap 14, for codes: of many jobs that run for one occasion at once, one issues, and all show the same code. A bearer
/// code that was bound since is still the one of its occasion.
#[test]
fn an_occasion_at_many_hands_at_once_is_one_code() {
    let till = Till::new([ten("patrol", json!({"limits": {"per_code": 1}}))]);
    let asked = request(MARCH).with_occasion("o-17/3".parse().unwrap());
    let issued: Vec<Issue> = std::thread::scope(|scope| {
        let job = |k: usize| {
            let (till, asked) = (till.clone(), asked.clone());
            move || till.store.issue_once(&till.shop, &coupon_id("patrol"), &asked, one(&format!("CODE{k}"))).unwrap()
        };
        let jobs: Vec<_> = (0..16).map(|k| scope.spawn(job(k))).collect();
        jobs.into_iter().map(|job| job.join().unwrap()).collect()
    });
    assert_eq!(issued.iter().filter(|issue| issue.is_new()).count(), 1);
    assert!(issued.iter().all(|issue| issue.issued() == issued[0].issued()));
    assert_eq!(till.store.issued_count(&coupon_id("patrol")), 1);
    let text = issued[0].issued().code().as_str().to_owned();
    let outcome = till.price("o-1", &customer("1"), &text, "100.00", MARCH);
    assert_eq!(till.commit(&outcome, MARCH), Commit::Recorded);
    let later = till.store.issue_once(&till.shop, &coupon_id("patrol"), &asked, one("LATER")).unwrap();
    assert_eq!((later.is_new(), later.issued().holder()), (false, Some(&id("1"))));
}

/// A code that is taken is drawn again, and a source that fails or repeats itself is told.
#[test]
fn codes_are_drawn_until_one_is_free() {
    let till = Till::new([ten("patrol", json!({}))]);
    let patrol = coupon_id("patrol");
    till.store.issue(&patrol, [issued_code("AAAA", MARCH)]).unwrap();
    let issue = |codes: Vec<Result<Code, &'static str>>| {
        till.store
            .issue_once(&till.shop, &patrol, &request(MARCH), codes)
            .map(|issue| issue.issued().code().to_string())
    };
    assert_eq!(issue(vec![Ok(code("AAAA")), Ok(code("BBBB")), Ok(code("CCCC"))]), Ok("BBBB".to_owned()));
    assert_eq!(issue(vec![Ok(code("AAAA")), Err("gone")]), Err(IssueError::Source("gone")));
    assert_eq!(issue(vec![]), Err(IssueError::NoFreeCode { tried: 0 }));
    let same = iter::repeat_with(|| Ok::<_, Infallible>(code("AAAA")));
    let broken = till.store.issue_once(&till.shop, &patrol, &request(MARCH), same);
    assert_eq!(broken, Err(IssueError::NoFreeCode { tried: 256 }));
    let wrong = Code::parse("A_1", CodeFormat::Imported).unwrap();
    let refusal = IssueRefusal::WrongFormat { code: wrong.clone() };
    let not_issued = AdminError::NotIssued { coupon: patrol.clone(), refusal };
    assert_eq!(issue(vec![Ok(wrong)]), Err(IssueError::Store(not_issued)));
    assert_eq!(till.store.issued_count(&patrol), 2);
}

/// Proves S100: whether a code is given is a matter of availability alone, whether it is used one of validity alone.
#[test]
fn giving_and_using_have_windows_of_their_own() {
    let till = Till::new([ten(
        "june",
        json!({"availability": {"from": "2026-05-01", "thru": "2026-05-31"},
            "validity": {"from": "2026-06-01", "thru": "2026-06-30"}}),
    )]);
    let issue = |instant: &str, text: &str| {
        till.store.issue_once(&till.shop, &coupon_id("june"), &request(instant), one(text)).map_err(|error| match error
        {
            IssueError::Store(AdminError::NotIssued { refusal, .. }) => refusal.code(),
            other => panic!("{other}"),
        })
    };
    assert_eq!(issue("2026-04-30T23:59:59Z", "AAAA"), Err("not_yet_available"));
    assert!(issue("2026-05-31T23:59:59Z", "AAAA").is_ok());
    assert_eq!(issue("2026-06-01T00:00:00Z", "BBBB"), Err("no_longer_available"));
    let use_at = |instant: &str| answer(&till, "o-1", &customer("1"), "AAAA", instant);
    assert_eq!(use_at("2026-05-31T23:59:59Z"), ["not_started"]);
    assert_eq!(use_at("2026-06-01T00:00:00Z"), ["applied"]);
    assert_eq!(use_at("2026-06-30T23:59:59Z"), ["applied"]);
    assert_eq!(use_at("2026-07-01T00:00:00Z"), ["expired"]);
    // What was earned in time is issued, however late the job runs; its clock starts when it is issued.
    let asked = request("2026-06-02T03:00:00Z").with_earned_at(at("2026-05-31T23:59:59Z"));
    let earned = till.store.issue_once(&till.shop, &coupon_id("june"), &asked, one("BBBB")).unwrap();
    assert_eq!(earned.issued().issued_at(), at("2026-06-02T03:00:00Z"));
    // A batch is handed out by the same rule.
    till.store.add_batch(&batch("b-1"), &coupon_id("june"), [code("CCCC")], at(MARCH)).unwrap();
    let early = till.store.export(&till.shop, &batch("b-1"), at(MARCH), None).unwrap_err();
    assert_eq!(early.to_string(), "`june` gives no code: to be had from 2026-05-01T00:00:00Z");
    assert!(till.store.export(&till.shop, &batch("b-1"), at("2026-05-01T00:00:00Z"), None).is_ok());
}

/// Proves S105, S106: one customer, once, until it expires; a cancelled order leaves the code used.
#[test]
fn a_code_of_one_customer_is_used_once_and_stays_used() {
    let till = Till::new([personal(json!({"validity": {"countdown": {"days": 30}}}))]);
    let asked = request(MARCH).with_holder(id("1")).with_occasion("o-1/1".parse().unwrap());
    till.store.issue_once(&till.shop, &coupon_id("gift"), &asked, one("THANKS")).unwrap();
    assert_eq!(answer(&till, "o-2", &customer("2"), "THANKS", MARCH), ["wrong_customer"]);
    assert_eq!(answer(&till, "o-2", &customer("1"), "THANKS", "2026-03-31T12:00:00Z"), ["expired"]);
    let outcome = till.price("o-2", &customer("1"), "THANKS", "100.00", MARCH);
    assert_eq!(till.commit(&outcome, MARCH), Commit::Recorded);
    block_on(till.store.clone().void(outcome.reference(), OnVoid::KEEP, at(MARCH))).unwrap();
    assert!(answer(&till, "o-3", &customer("1"), "THANKS", MARCH).contains(&"limit_reached"));
    assert_eq!(status(&till, "THANKS", MARCH), CodeStatus::Used);
    // Used it stays, whatever comes later.
    till.store.revoke(&code("THANKS"), Revocation::new(at(MARCH), "cancelled").unwrap()).unwrap();
    assert_eq!(status(&till, "THANKS", "2027-01-01T00:00:00Z"), CodeStatus::Used);
}

/// One code or a whole batch is withdrawn, with its cause; used codes stay used, and a use that comes back frees none.
#[test]
fn codes_are_withdrawn_with_their_cause() {
    let till = Till::new([ten("patrol", json!({"limits": {"per_code": 1}}))]);
    let (name, patrol) = (batch("b-1"), coupon_id("patrol"));
    let four = ["AAAA", "BBBB", "CCCC", "DDDD"].map(code);
    till.store.add_batch(&name, &patrol, four, at(MARCH)).unwrap();
    let why = |cause: &str| Revocation::new(at(NOON), cause).unwrap();
    // Withdrawn before it was handed out, it never is.
    till.store.revoke(&code("DDDD"), why("misprint")).unwrap();
    assert_eq!(till.store.export(&till.shop, &name, at(MARCH), None).unwrap().len(), 3);
    assert_eq!(answer(&till, "o-9", &customer("9"), "DDDD", MARCH), ["unknown_code"]);
    assert_eq!((status(&till, "DDDD", MARCH), till.store.issued_count(&patrol)), (CodeStatus::Revoked, 3));

    let used = till.price("o-1", &customer("1"), "AAAA", "100.00", MARCH);
    assert_eq!(till.commit(&used, MARCH), Commit::Recorded);
    let held = till.price("o-2", &customer("2"), "BBBB", "100.00", MARCH);
    till.reserve(&held, MARCH, "2026-03-01T12:20:00Z");
    assert_eq!(till.store.revoke_batch(&name, why("leaked")), Ok(2));
    assert_eq!(till.store.revoke_batch(&name, why("leaked again")), Ok(0));
    let unknown = till.store.revoke_batch(&batch("b-2"), why("leaked"));
    assert_eq!(unknown, Err(AdminError::UnknownBatch { batch: batch("b-2") }));

    assert_eq!(answer(&till, "o-3", &customer("3"), "CCCC", MARCH), ["code_revoked"]);
    let objection = Objection::CodeRevoked { coupon: patrol.clone(), code: code("BBBB") };
    assert_eq!(till.commit(&held, MARCH), Commit::Refused(vec![objection]));
    let states = ["AAAA", "BBBB", "CCCC", "DDDD"].map(|text| status(&till, text, MARCH));
    assert_eq!(states, [CodeStatus::Used, CodeStatus::Revoked, CodeStatus::Revoked, CodeStatus::Revoked]);
    let causes = till.store.codes_of(&till.shop, &patrol, None, at(MARCH)).unwrap();
    let causes: Vec<&str> = causes.iter().map(|record| record.revocation.as_ref().unwrap().cause()).collect();
    assert_eq!(causes, ["leaked", "leaked", "leaked", "misprint"], "the first cause stands");
    // The order is voided and its use given back: the code is withdrawn all the same.
    let back = OnVoid::KEEP.with_uses_given_back(true);
    block_on(till.store.clone().void(used.reference(), back, at(MARCH))).unwrap();
    assert_eq!(answer(&till, "o-4", &customer("1"), "AAAA", MARCH), ["code_revoked"]);
    assert_eq!(status(&till, "AAAA", MARCH), CodeStatus::Revoked);

    till.store.add_batch(&batch("b-3"), &patrol, [code("EEEE")], at(MARCH)).unwrap();
    assert_eq!(till.store.revoke_batch(&batch("b-3"), why("no campaign")), Ok(1));
    let nothing = till.store.export(&till.shop, &batch("b-3"), at(MARCH), None).unwrap_err();
    assert_eq!(nothing.to_string(), "batch `b-3` has no code to export");
}

/// Codes of an older system come with the uses they had: used up there is used up here.
#[test]
fn codes_of_an_older_system_keep_their_uses() {
    let limits = json!({"per_code": 3, "total": 10, "per_customer": 4, "per_customer_and_code": 2});
    let till = Till::new([ten("club", json!({"code_format": "imported", "limits": limits}))]);
    let club = coupon_id("club");
    let old = |text: &str| {
        let code = Code::parse(text, CodeFormat::Imported).unwrap();
        ImportedCode::new(IssuedCode::new(code, at("2019-11-01T00:00:00Z")))
    };
    let codes = [
        old("Ski_Club 1").used([id("1"), IdentityKey::email("ann@example.com").unwrap()], 2),
        old("Ski_Club 2").used([id("1")], 1).used([], 2),
        old("Ski_Club 3"),
    ];
    till.store.import(&club, codes, at(MARCH)).unwrap();
    let used = |key: CounterKey| till.store.counter(&key, at(MARCH)).used;
    let (coupon, code) = (|| club.clone(), || Code::parse("ski_club 1", CodeFormat::Imported).unwrap());
    assert_eq!(used(CounterKey::Total { coupon: coupon() }), 5);
    assert_eq!(used(CounterKey::Code { coupon: coupon(), code: code() }), 2);
    assert_eq!(used(CounterKey::Customer { coupon: coupon(), customer: id("1") }), 3);
    let mail = || IdentityKey::email("ann@example.com").unwrap();
    assert_eq!(used(CounterKey::Customer { coupon: coupon(), customer: mail() }), 2);
    assert_eq!(used(CounterKey::CustomerCode { coupon: coupon(), code: code(), customer: id("1") }), 2);

    assert_eq!(answer(&till, "o-1", &customer("1"), " ski_club 1", MARCH), ["limit_reached"]);
    assert_eq!(answer(&till, "o-1", &customer("2"), "ski_club 1", MARCH), ["applied"]);
    assert_eq!(answer(&till, "o-1", &customer("2"), "SKI_CLUB 2", MARCH), ["limit_reached"]);
    let outcome = till.price("o-1", &customer("2"), "ski_club 3", "100.00", MARCH);
    assert_eq!(till.commit(&outcome, MARCH), Commit::Recorded);
    let record = |typed: &str| till.store.look_up(&till.shop, typed).unwrap().unwrap();
    assert_eq!((record("ski_club 1").uses, record("ski_club 2").uses, record("SKI_CLUB 3").uses), (2, 3, 1));
    assert!(till.store.look_up(&till.shop, "ski club 1").unwrap().is_none());
    // 6 are used in all: four more are one too many with the second code, and none of them comes in.
    let more = [old("OLD 4").used([], 3), old("OLD 5").used([], 2)];
    let error = till.store.import(&club, more, at(MARCH)).unwrap_err();
    assert_eq!(error.to_string(), "code `OLD 5` passes a limit: 6 used and 0 held of 10, 5 more imported");
    assert!(till.store.look_up(&till.shop, "OLD 4").unwrap().is_none());
    assert_eq!(used(CounterKey::Total { coupon: coupon() }), 6);
    let twice = till.store.import(&club, [old("OLD 4"), old("old 4")], at(MARCH));
    assert!(matches!(twice, Err(AdminError::CodeTaken { .. })), "{twice:?}");
    let over = till.store.import(&club, [old("OLD 6").used([id("7")], 3)], at(MARCH)).unwrap_err();
    assert_eq!(over.to_string(), "code `OLD 6` passes a limit: 0 used and 0 held of 2, 3 more imported");
}

/// What a live hold has is not imported away: the limit is passed by neither.
#[test]
fn an_import_leaves_room_for_what_is_held() {
    let till = Till::new([ten("club", json!({"limits": {"total": 3}}))]);
    let club = coupon_id("club");
    till.store.issue(&club, [issued_code("AAAA", MARCH)]).unwrap();
    let held = till.price("o-1", &customer("1"), "AAAA", "100.00", MARCH);
    till.reserve(&held, MARCH, "2026-03-01T12:20:00Z");
    let old = |text: &str, uses| ImportedCode::new(issued_code(text, MARCH)).used([], uses);
    let early = till.store.import(&club, [old("OLD1", 3)], at(MARCH)).unwrap_err();
    assert_eq!(early.to_string(), "code `OLD1` passes a limit: 0 used and 1 held of 3, 3 more imported");
    till.store.import(&club, [old("OLD1", 2)], at(MARCH)).unwrap();
    assert_eq!(till.commit(&held, MARCH), Commit::Recorded);
    assert_eq!(till.used("club"), 3);
}

/// Limits that come later count earlier uses of the older system too, and a code good for one use belongs to its user
/// (S3).
#[test]
fn later_limits_count_imported_uses() {
    let till = Till::new([ten("club", json!({"limits": {"per_code": 1}}))]);
    let used = ImportedCode::new(issued_code("OLD1", MARCH)).used([id("1")], 1);
    till.store.import(&coupon_id("club"), [used, ImportedCode::new(issued_code("OLD2", MARCH))], at(MARCH)).unwrap();
    assert_eq!(till.store.issued(&code("OLD1")).unwrap().1.holder(), Some(&id("1")));
    assert_eq!(till.store.issued(&code("OLD2")).unwrap().1.holder(), None);
    assert_eq!(till.used("club"), 0, "no such limit, no such counter");
    for (limits, total) in [
        (json!({"per_code": 1, "total": 2, "per_customer": 1}), 1),
        // A further revision counts nothing twice.
        (json!({"per_code": 1, "total": 2, "per_customer": 1, "codes": 9}), 1),
    ] {
        let revision = till.store.definition(&coupon_id("club")).unwrap().revision();
        till.store.revise(ten("club", json!({"limits": limits, "revision": revision}))).unwrap();
        assert_eq!(till.used("club"), total);
    }
    assert_eq!(answer(&till, "o-1", &customer("1"), "OLD2", MARCH), ["limit_reached"]);
    let outcome = till.price("o-2", &customer("2"), "OLD2", "100.00", MARCH);
    assert_eq!(till.commit(&outcome, MARCH), Commit::Recorded);
    assert_eq!(till.used("club"), 2);
}

/// Unused, used, revoked, expired: every code of a definition has one of them at an instant.
#[test]
fn every_code_has_one_status() {
    let fields = json!({"limits": {"per_code": 1}, "validity": {"thru": "2026-12-31"}});
    let till = Till::new([ten("patrol", fields), coupon("spring", json!({"benefits": ["none"]}))]);
    let patrol = coupon_id("patrol");
    let window = Window::instants(None, Some(at(NOON))).unwrap();
    let short = issued_code("CCCC", MARCH).with_window(window);
    let all = [issued_code("AAAA", MARCH), issued_code("BBBB", MARCH), short, issued_code("DDDD", MARCH)];
    till.store.issue(&patrol, all).unwrap();
    till.store.add_batch(&batch("b-1"), &patrol, [code("EEEE")], at(MARCH)).unwrap();
    let used = till.price("o-1", &customer("1"), "BBBB", "100.00", MARCH);
    assert_eq!(till.commit(&used, MARCH), Commit::Recorded);
    till.store.revoke(&code("DDDD"), Revocation::new(at(MARCH), "lost").unwrap()).unwrap();
    let of = |status: CodeStatus, instant: &str| -> Vec<String> {
        let records = till.store.codes_of(&till.shop, &patrol, Some(status), at(instant)).unwrap();
        records.into_iter().map(|record| record.code.to_string()).collect()
    };
    assert_eq!(of(CodeStatus::Unused, MARCH), ["AAAA", "CCCC"]);
    assert_eq!(
        (of(CodeStatus::Unused, NOON), of(CodeStatus::Expired, NOON)),
        (vec!["AAAA".into()], vec!["CCCC".into()])
    );
    let new_year = "2027-01-01T00:00:00Z";
    assert_eq!(of(CodeStatus::Expired, new_year), ["AAAA", "CCCC"]);
    assert_eq!(
        (of(CodeStatus::Used, new_year), of(CodeStatus::Revoked, new_year)),
        (vec!["BBBB".into()], vec!["DDDD".into()])
    );
    assert_eq!(of(CodeStatus::Prepared, new_year), ["EEEE"]);
    assert_eq!(status(&till, "spring", NOON), CodeStatus::Shared);
    assert!(till.store.codes_of(&till.shop, &coupon_id("none"), None, at(NOON)).is_err());
    assert_eq!((till.store.issued_count(&patrol), till.store.issued_count(&coupon_id("none"))), (4, 0));
}
