//! What the memory store has beyond the promises of every store, which `tests/conformance` tries on it.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

use std::future::Future;

use vouchsafe::store::conformance::scene::*;
use vouchsafe::*;

/// What a runtime asks of a task.
fn spawn<T: Send + 'static>(task: impl Future<Output = T> + Send + 'static) -> std::thread::JoinHandle<T> {
    std::thread::spawn(move || block_on(task))
}

/// A checkout in generic code, as a host writes it once for any store.
async fn checkout<S: CouponStore + 'static>(mut store: S) -> (Void, Commit) {
    let basket = Basket::order("o-1").code("spring");
    let redemption = basket.hold(&mut store).await;
    let commit = store.commit(&redemption, at(1)).await.unwrap();
    store.release(redemption.reference(), at(1)).await.unwrap();
    (store.void(redemption.reference(), OnVoid::KEEP, at(2)).await.unwrap(), commit)
}

/// Futures of generic code can be spawned on another thread; stores stand behind pointers; no runtime is needed.
#[test]
fn any_pointer_to_a_store_is_a_store() {
    let with_spring = || {
        let store = MemoryStore::new();
        store.define(ten_percent("spring").total_limit(1).build().unwrap()).unwrap();
        store
    };
    let expected = (
        Void::Voided { uses_given_back: false, type_reverted: false, allowances_given_back: false, points: None },
        Commit::Recorded,
    );
    assert_eq!(spawn(checkout(with_spring())).join().unwrap(), expected);
    let erased: Box<dyn DynCouponStore> = Box::new(with_spring());
    assert_eq!(spawn(checkout(erased)).join().unwrap(), expected);
    let leaked: &'static mut MemoryStore = Box::leak(Box::new(with_spring()));
    assert_eq!(spawn(checkout(leaked)).join().unwrap(), expected);
    let leaked: &'static mut dyn DynCouponStore = Box::leak(Box::new(with_spring()));
    assert_eq!(spawn(checkout(leaked)).join().unwrap(), expected);
}

/// One handle for many threads, and documents that travel.
#[test]
fn what_is_public_is_send_and_sync() {
    fn both<T: Send + Sync>() {}
    both::<MemoryStore>();
    both::<LoadRequest>();
    both::<Loaded>();
    both::<Redemption>();
    both::<StoreError>();
    both::<AdminError>();
    both::<UsageRecord>();
    both::<Commit>();
}

/// Lapsed holds are forgotten when asked, and live ones are not.
#[test]
fn purging_gives_memory_back_and_nothing_else() {
    let mut store = MemoryStore::new();
    store.define(ten_percent("spring").total_limit(5).build().unwrap()).unwrap();
    block_on(async {
        Basket::order("o-1").code("spring").hold(&mut store).await;
        let live = Basket::order("o-2").code("spring").at(10).hold(&mut store).await;
        let step = Purge::holds(at(20), 10);
        assert_eq!(store.purge(&step).holds, 1);
        assert!(store.purge(&step).is_done());
        assert_eq!(store.counter(&total("spring"), at(20)).held, 1);
        assert_eq!(store.commit(&live, at(20)).await.unwrap(), Commit::Recorded);
    });
}

fn lost() -> Revocation {
    Revocation::new(at(0), "lost").unwrap()
}

/// The admin's door says what is wrong, and changes nothing then.
#[test]
fn definitions_and_codes_are_stored_whole_or_not_at_all() {
    let store = MemoryStore::new();
    let patrol: CouponId = "patrol".parse().unwrap();
    let define = |name: &str, shared: Option<&str>| {
        let coupon = Coupon::builder(name).percent_off("10").codes_limit(2);
        shared.map_or(coupon.clone(), |shared| coupon.code(shared)).build().unwrap()
    };
    store.define(define("patrol", None)).unwrap();
    store.define(define("spring", Some("SPRING"))).unwrap();
    let message = |result: Result<u32, AdminError>| result.unwrap_err().to_string();
    assert_eq!(message(store.define(define("patrol", None))), "`patrol` is defined already: change it with `revise`");
    assert_eq!(message(store.define(define("other", Some("sp-ring")))), "code `SPRING` is taken");
    assert!(store.definition(&"other".parse().unwrap()).is_none());
    assert_eq!(message(store.revise(define("other", None))), "`other` is not defined");

    let issue = |codes: &[&str]| store.issue(&patrol, codes.iter().map(|text| bearer(text))).map_err(|e| e.to_string());
    assert_eq!(issue(&["AAAA", "AAAA"]), Err("code `AAAA` is taken".to_owned()));
    assert_eq!(issue(&["SPRING"]), Err("code `SPRING` is taken".to_owned()));
    let three = "`patrol` allows 2 codes, 0 are issued and 3 more are wanted";
    assert_eq!(issue(&["AAAA", "BBBB", "CCCC"]), Err(three.to_owned()));
    assert!(store.issued(&code("AAAA")).is_none(), "all or none");
    let imported = IssuedCode::new(Code::parse("A-1", CodeFormat::Imported).unwrap(), at(0));
    let wrong = store.issue(&patrol, [imported]).unwrap_err();
    assert_eq!(wrong.to_string(), "code `A-1` is not of the format of `patrol`");
    store.define(Coupon::builder("own").kind(Kind::Personal).percent_off("10").build().unwrap()).unwrap();
    let nobodys = store.issue(&"own".parse().unwrap(), [bearer("CCCC")]).unwrap_err();
    assert_eq!(nobodys.to_string(), "code `CCCC` of the personal coupon `own` has no holder");
    assert_eq!(issue(&["AAAA", "BBBB"]), Ok(()));
    assert_eq!(store.revoke(&code("SPRING"), lost()), Err(AdminError::UnknownCode { code: code("SPRING") }));
    assert_eq!(store.revoke(&code("AAAA"), lost()), Ok(()));

    // A shared code that was replaced is free, and the revisions are kept.
    assert_eq!(store.revise(define("spring", Some("EASTER"))), Ok(2));
    assert_eq!(store.revise(store.definition(&"spring".parse().unwrap()).unwrap().as_ref().clone()), Ok(2));
    store.define(define("new", Some("SPRING"))).unwrap();
    let first = store.definition_at(&"spring".parse().unwrap(), 1).unwrap();
    assert_eq!(first.code(), Some(&code("SPRING")));
}
