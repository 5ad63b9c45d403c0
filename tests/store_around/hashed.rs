//! Keys that were hashed: limits hold as before, and a store knows nobody.

use vouchsafe::*;

use crate::desk::*;

on_each_store! {
    /// Proves S98, trap 18.
    a_limit_holds_across_id_alias_and_device_that_are_hashed,
    a_personal_code_is_for_its_hashed_owner,
}

fn hash() -> IdentityHash {
    IdentityHash::new(b"a secret of one shop, 32 bytes..").unwrap()
}

/// Once per customer, by id, address or device; each of the others shares one key with the first.
async fn a_limit_holds_across_id_alias_and_device_that_are_hashed<P: Place>(place: &mut P) {
    let kinds = [IdentityKind::Id, IdentityKind::Email, IdentityKind::Device];
    let policy = Policy::builder(Currency::USD).identity_kinds(kinds).build().unwrap();
    let (shop, hash) = (Shop::new(policy), hash());
    define(place, ten_percent("once").per_customer_limit(1)).await;
    let mut store = place.store(Grace::NONE);
    let customer = |id: &str, address: &str, device: &str| {
        let address = IdentityKey::email_without_aliases(address, true).unwrap();
        let keys = [IdentityKey::id(id).unwrap(), address, IdentityKey::device(device).unwrap()];
        hash.customer(&Customer::new(keys))
    };
    let shoppers = [
        (customer("42", "ann@example.com", "d-1"), true),
        (customer("42", "other@example.com", "d-2"), false),
        (customer("43", "A.nn+again@Example.com", "d-3"), false),
        (customer("44", "third@example.com", "d-1"), false),
        (customer("45", "bob@example.com", "d-4"), true),
    ];
    // All are priced first, so that each saw the code free: the store says no.
    let mut priced = Vec::new();
    for (n, (shopper, _)) in shoppers.iter().enumerate() {
        let outcome = price(&mut store, &shop, &format!("o-{n}"), shopper, "ONCE", noon(0)).await.unwrap();
        priced.push(outcome.redemption().unwrap());
    }
    for (redemption, (_, recorded)) in priced.iter().zip(&shoppers) {
        assert_eq!(store.commit(redemption, noon(1)).await.unwrap().is_recorded(), *recorded);
    }
    let stored =
        format!("{:?} {:?}", store.records(Page::first(10)).await.unwrap(), store.counters(noon(1)).await.unwrap());
    for plain in ["id:42", "ann@", "example.com", "device:d-1", "device:d-4"] {
        assert!(!stored.contains(plain), "{plain}");
    }
    assert!(stored.contains(&hash.key(&IdentityKey::id("42").unwrap()).to_string()));
}

/// The holder is hashed when the code is issued, and the customer when it is redeemed.
async fn a_personal_code_is_for_its_hashed_owner<P: Place>(place: &mut P) {
    let (shop, hash, code) = (storefront(), hash(), Code::parse("MINE2026", CodeFormat::Standard).unwrap());
    define(place, Coupon::builder("mine").kind(Kind::Personal).percent_off("10")).await;
    let mut store = place.store(Grace::NONE);
    let [ann, bob] = ["42", "77"].map(|id| IdentityKey::id(id).unwrap());
    let issued = IssuedCode::new(code.clone(), noon(-60)).with_holder(hash.key(&ann));
    store.issue(&"mine".parse().unwrap(), &[issued]).await.unwrap();
    for (id, key, applies) in [("o-1", &bob, false), ("o-2", &ann, true)] {
        let customer = hash.customer(&Customer::new([key.clone()]));
        let outcome = price(&mut store, &shop, id, &customer, "mine2026", noon(0)).await.unwrap();
        assert_eq!(outcome.answers()[0].is_applied(), applies, "{:?}", outcome.answers()[0].reasons());
    }
}

/// The file, byte by byte.
#[cfg(feature = "sqlite")]
#[test]
fn no_plain_key_is_written_to_the_file() {
    let file = std::env::temp_dir().join(format!("vouchsafe-hashed-{}.db", std::process::id()));
    let address = format!("sqlite://{}?mode=rwc", file.display());
    wait(async {
        let mut place = Sqlite::at(&address).await;
        a_limit_holds_across_id_alias_and_device_that_are_hashed(&mut place).await;
        sqlx::Connection::close(place.0).await.unwrap();
    });
    let bytes = std::fs::read(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    let holds = |text: &str| bytes.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(holds(hash().key(&IdentityKey::id("42").unwrap()).value()), "the walk finds what is there");
    for plain in ["id:42", "ann@", "example.com", "device:d-1"] {
        assert!(!holds(plain), "{plain}");
    }
}
