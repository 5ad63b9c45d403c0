//! Browsers go away, and a server drops what it was doing for them: a call of the store ends in its middle, and nobody hears
//! what came of it.

use vouchsafe::*;

use crate::desk::*;
use crate::drop_at::drop_at;

on_each_store! {
    /// Proves S23 and trap 14 for a call that is dropped at any of the points where it waits: asked again on the same
    /// connection, it is recorded once, and the limit is where it should be.
    a_call_that_is_dropped_is_asked_again,
}

async fn a_call_that_is_dropped_is_asked_again<P: Place>(place: &mut P) {
    define(place, ten_percent("spring").total_limit(1_000).per_customer_limit(1)).await;
    let (shop, mut dropped) = (storefront(), 0);
    for (n, verb) in (0..96_usize).zip([0, 1, 2, 3].into_iter().cycle()) {
        // Sooner and later by halves: how long a call takes is for the machine to say.
        let (id, waits) = (format!("o-{n}"), [2, 3][n / 4 % 2] << (n / 8));
        let ann = Customer::new([IdentityKey::id(&format!("of-{n}")).unwrap()]);
        let outcome = price(&mut place.store(Grace::NONE), &shop, &id, &ann, "spring", noon(0)).await.unwrap();
        let redemption = outcome.redemption().unwrap();
        assert_eq!(redemption.coupons().len(), 1);
        // Held first or not: a commit takes another way.
        if verb % 2 == 0 {
            place.store(Grace::NONE).reserve(&redemption, noon(0), noon(600)).await.unwrap();
        }
        let mut store = place.store(Grace::NONE);
        let ended = match verb {
            0 | 1 => drop_at(store.commit(&redemption, noon(1)), waits).await,
            2 => drop_at(store.release(redemption.reference(), noon(1)), waits).await,
            _ => drop_at(store.reserve(&redemption, noon(1), noon(600)), waits).await,
        };
        drop(store);
        dropped += usize::from(!ended);
        // On the very connection on which it was dropped, whose transaction may be rolled back just now.
        let answer = loop {
            match place.store(Grace::NONE).commit(&redemption, noon(2)).await {
                Err(error) if error.is_retryable() => {}
                answer => break answer.unwrap(),
            }
        };
        assert!(answer.is_recorded(), "{id}, dropped at {waits}: {answer:?}");
        let state = place.store(Grace::NONE).counter(&total("spring"), noon(3)).await.unwrap();
        assert_eq!((state.used, state.held), (u64::try_from(n).unwrap() + 1, 0), "{id}, dropped at {waits}");
    }
    println!("{dropped} of 96 calls were dropped in their middle");
}
