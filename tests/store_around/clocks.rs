//! Servers whose clocks are apart: holds are kept as they were promised, and no limit is passed for that.

use chrono::TimeDelta;
use vouchsafe::*;

use crate::desk::*;

on_each_store! {
    a_hold_outlives_a_clock_that_is_ahead,
    without_a_grace_a_hold_ends_at_its_instant,
    a_hold_ends_for_all_when_the_grace_is_over,
    a_hold_pins_its_terms_by_a_clock_that_is_ahead,
    windows_are_wider_at_both_ends,
    an_allowance_of_the_last_second_counts_for_its_month,
    points_that_are_held_stay_held,
    handles_with_different_graces_never_pass_a_limit,
    what_was_promised_is_kept_whoever_asks,
}

/// A's clock shows 12:19:30, B's is 60 seconds ahead: B leaves alone what A holds until 12:20:00.
async fn a_hold_outlives_a_clock_that_is_ahead<P: Place>(place: &mut P) {
    define(place, ten_percent("last").total_limit(1)).await;
    let mut store = place.store(grace(60));
    let (held, late) =
        (redemption(&mut store, "a", "LAST", noon(0)).await, redemption(&mut store, "b", "LAST", noon(0)).await);
    store.reserve(&held, noon(0), noon(1_200)).await.unwrap();

    let ahead = noon(1_230);
    let seen = store.load(&LoadRequest::new(order("b"), Currency::USD, ahead).code("LAST")).await.unwrap();
    assert_eq!(seen.codes()[0].usage().total(), 1);
    let objection = Objection::LimitReached { counter: total("last"), limit: 1, used: 0, held: 1, wanted: 1 };
    assert_eq!(store.commit(&late, ahead).await.unwrap(), Commit::Refused(vec![objection.clone()]));
    assert_eq!(store.reserve(&late, ahead, noon(2_430)).await.unwrap(), Reserve::Refused(vec![objection]));
    assert_eq!(store.counter(&total("last"), ahead).await.unwrap().held, 1);
    assert_eq!(store.commit(&held, noon(1_170)).await.unwrap(), Commit::Recorded);
    assert_eq!(store.counter(&total("last"), ahead).await.unwrap().used, 1);
}

/// What the grace is for: by the same clocks the promise is broken without one.
async fn without_a_grace_a_hold_ends_at_its_instant<P: Place>(place: &mut P) {
    define(place, ten_percent("last").total_limit(1)).await;
    let mut store = place.store(Grace::NONE);
    let (held, late) =
        (redemption(&mut store, "a", "LAST", noon(0)).await, redemption(&mut store, "b", "LAST", noon(0)).await);
    store.reserve(&held, noon(0), noon(1_200)).await.unwrap();
    assert_eq!(store.commit(&late, noon(1_230)).await.unwrap(), Commit::Recorded);
    assert_eq!(full(&store.commit(&held, noon(1_170)).await.unwrap()), [&total("last")]);
}

/// 12:20:00 and 60 seconds: alive at 12:20:59.999999999, lapsed at 12:21:00, whoever asks.
async fn a_hold_ends_for_all_when_the_grace_is_over<P: Place>(place: &mut P) {
    define(place, ten_percent("last").total_limit(1)).await;
    let mut store = place.store(grace(60));
    let (held, late) =
        (redemption(&mut store, "a", "LAST", noon(0)).await, redemption(&mut store, "b", "LAST", noon(0)).await);
    store.reserve(&held, noon(0), noon(1_200)).await.unwrap();
    let (over, before) = (noon(1_260), noon(1_260) - TimeDelta::nanoseconds(1));
    let asked = |at| LoadRequest::new(order("a"), Currency::USD, at).code("LAST");
    assert_eq!(store.load(&asked(before)).await.unwrap().progress(), &Progress::Held { until: noon(1_200) });
    assert_eq!(store.load(&asked(over)).await.unwrap().progress(), &Progress::Open);
    assert_eq!(full(&store.commit(&late, before).await.unwrap()), [&total("last")]);
    assert_eq!(store.commit(&late, over).await.unwrap(), Commit::Recorded);
    assert_eq!(store.release(held.reference(), over).await.unwrap(), Release::NothingHeld);
    assert_eq!(full(&store.commit(&held, over).await.unwrap()), [&total("last")]);
}

/// The own hold is alive by the same rule: it pins its revision at a server whose clock says that it lapsed, and what is
/// released there was held.
async fn a_hold_pins_its_terms_by_a_clock_that_is_ahead<P: Place>(place: &mut P) {
    define(place, ten_percent("spring").total_limit(9)).await;
    let mut store = place.store(grace(60));
    let [first, second, third] = [
        redemption(&mut store, "o-1", "SPRING", noon(0)).await,
        redemption(&mut store, "o-2", "SPRING", noon(0)).await,
        redemption(&mut store, "o-3", "SPRING", noon(0)).await,
    ];
    for held in [&first, &second, &third] {
        store.reserve(held, noon(0), noon(1_200)).await.unwrap();
    }
    let revised = Coupon::builder("spring").code("SPRING").percent_off("20").total_limit(9).build().unwrap();
    store.revise(&revised, &Edit::new(noon(600))).await.unwrap();
    assert_eq!(store.commit(&first, noon(1_259)).await.unwrap(), Commit::Recorded);
    assert_eq!(store.release(second.reference(), noon(1_259)).await.unwrap(), Release::Released);
    let stale = Revised { coupon: "spring".parse().unwrap(), priced: 1, current: 2 };
    assert_eq!(store.commit(&third, noon(1_260)).await.unwrap(), Commit::Stale(vec![stale]));
}

/// A coupon of 12:00:00 to 13:00:00 that is priced within it is recorded from 11:59:00 until before 13:01:00.
async fn windows_are_wider_at_both_ends<P: Place>(place: &mut P) {
    define(place, ten_percent("happy").instants(Some(noon(0)), Some(noon(3_600)))).await;
    let wide = [(-60, true), (-61, false), (3_659, true), (3_660, false)];
    let exact = [(0, true), (-1, false), (3_599, true), (3_600, false)];
    for (seconds, hour) in [(60, wide), (0, exact)] {
        let mut store = place.store(grace(seconds));
        for (at, recorded) in hour {
            let priced = redemption(&mut store, &format!("o{seconds}{at}"), "HAPPY", noon(1_800)).await;
            let answer = store.commit(&priced, noon(at)).await.unwrap();
            let (coupon, from, until) = ("happy".parse().unwrap(), Some(noon(0)), Some(noon(3_600)));
            let outside = Commit::Refused(vec![Objection::OutsideWindow { coupon, from, until }]);
            assert_eq!(answer, if recorded { Commit::Recorded } else { outside }, "{seconds}, {at}");
        }
    }
}

/// An order of the last second of March takes from March, though the clock of the server that records it shows April.
async fn an_allowance_of_the_last_second_counts_for_its_month<P: Place>(place: &mut P) {
    let boots = Goods::product("BOOT".parse().unwrap());
    let month = Allowance::new("month".parse().unwrap(), [boots], 5).unwrap().with_window(AllowanceWindow::Month);
    let shop = Shop::builder(Policy::storefront(Currency::USD, Zone::UTC)).allowance(month).build().unwrap();
    let ann = Customer::new([IdentityKey::id("42").unwrap()]);
    let april = parse_instant("2026-04-01T00:00:00Z").unwrap();
    let last = april - TimeDelta::seconds(1);
    let counter = |day: &str| CounterKey::Allowance {
        allowance: "month".parse().unwrap(),
        customer: Some(IdentityKey::id("42").unwrap()),
        since: parse_date(day).ok(),
    };
    for (seconds, recorded) in [(0, false), (60, true)] {
        let mut store = place.store(grace(seconds));
        let priced = price(&mut store, &shop, "o-1", &ann, "", last).await.unwrap().redemption().unwrap();
        let answer = store.commit(&priced, april + TimeDelta::seconds(30)).await.unwrap();
        assert_eq!(answer.is_recorded(), recorded, "{answer:?}");
    }
    let mut store = place.store(grace(60));
    assert_eq!(store.counter(&counter("2026-03-01"), april).await.unwrap().used, 1);
    assert_eq!(store.counter(&counter("2026-04-01"), april).await.unwrap().used, 0);
}

/// Ten points, held for one order, are not there for another whose server is ahead.
async fn points_that_are_held_stay_held<P: Place>(place: &mut P) {
    let cents = PriceTable::new([(Currency::USD, UnitPrice::parse("0.01").unwrap())]).unwrap();
    let shop = Shop::builder(Policy::storefront(Currency::USD, Zone::UTC));
    let shop = shop.points(PointsProgram::redeeming(cents).unwrap()).build().unwrap();
    let (key, mut store) = (IdentityKey::id("42").unwrap(), place.store(grace(60)));
    let ann = Customer::new([key.clone()]);
    store.credit_points(&key, &"gift".parse().unwrap(), 10).await.unwrap();
    let [held, late] = [
        price(&mut store, &shop, "o-1", &ann, "", noon(0)).await.unwrap().redemption().unwrap(),
        price(&mut store, &shop, "o-2", &ann, "", noon(0)).await.unwrap().redemption().unwrap(),
    ];
    store.reserve(&held, noon(0), noon(1_200)).await.unwrap();
    let short = Objection::PointsShort { account: key.clone(), balance: 10, held: 10, wanted: 10 };
    assert_eq!(store.commit(&late, noon(1_259)).await.unwrap(), Commit::Refused(vec![short]));
    assert_eq!(store.points(&key, noon(1_259)).await.unwrap().available(), 0);
    assert_eq!(store.points(&key, noon(1_260)).await.unwrap().available(), 10);
    assert_eq!(store.commit(&held, noon(1_259)).await.unwrap(), Commit::Recorded);
    assert_eq!(store.points(&key, noon(1_260)).await.unwrap().balance(), 0);
}

/// One server was set up without the grace. It takes a hold away; whose it was takes the counter again, or is refused.
async fn handles_with_different_graces_never_pass_a_limit<P: Place>(place: &mut P) {
    define(place, ten_percent("last").total_limit(1)).await;
    define(place, ten_percent("two").total_limit(2)).await;
    for (coupon, recorded) in [("last", false), ("two", true)] {
        let code = coupon.to_uppercase();
        let mut store = place.store(grace(60));
        let held = redemption(&mut store, &format!("held-{coupon}"), &code, noon(0)).await;
        let late = redemption(&mut store, &format!("late-{coupon}"), &code, noon(0)).await;
        store.reserve(&held, noon(0), noon(1_200)).await.unwrap();
        drop(store);
        assert_eq!(place.store(Grace::NONE).commit(&late, noon(1_230)).await.unwrap(), Commit::Recorded);
        let mut store = place.store(grace(60));
        let answer = store.commit(&held, noon(1_230)).await.unwrap();
        assert_eq!(answer.is_recorded(), recorded, "{coupon}: {answer:?}");
        let counter = store.counter(&total(coupon), noon(1_230)).await.unwrap();
        assert_eq!((counter.used, counter.held), (1 + u64::from(recorded), 0), "{coupon}");
    }
}

#[test]
fn a_purge_of_the_store_in_memory_leaves_what_may_still_be_alive() {
    wait(a_purge_leaves_what_may_still_be_alive(&mut Memory::default()));
}

/// What is purged by the clock of one server is lapsed for all.
async fn a_purge_leaves_what_may_still_be_alive<P: Place>(place: &mut P) {
    define(place, ten_percent("last").total_limit(1)).await;
    let mut store = place.store(grace(60));
    let held = redemption(&mut store, "a", "LAST", noon(0)).await;
    store.reserve(&held, noon(0), noon(1_200)).await.unwrap();
    assert_eq!(store.purge(&Purge::holds(noon(1_259), 100)).await.unwrap().holds, 0);
    assert_eq!(store.purge(&Purge::holds(noon(1_260), 100)).await.unwrap().holds, 1);
}

/// Checkouts at four servers, whose clocks are up to the grace apart. A hold that is alive by the clock of the server that made
/// it is always recorded there, and the limit is kept.
async fn what_was_promised_is_kept_whoever_asks<P: Place>(place: &mut P) {
    const LIMIT: u64 = 5;
    define(place, ten_percent("busy").total_limit(LIMIT)).await;
    let mut store = place.store(grace(45));
    let mut seed = 42_u64;
    let mut below = |bound: i64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(seed >> 33).unwrap() % bound
    };
    // How far each clock is ahead of the true time.
    let ahead = [0, 45, 17, 31];
    let mut time = 0;
    let mut holds: Vec<(Redemption, usize, i64)> = Vec::new();
    let (mut kept, mut refused, mut used) = (0, 0, 0);
    for n in 0..300 {
        time += below(20);
        let server = usize::try_from(below(4)).unwrap();
        let at = time + ahead[server];
        let id = format!("o-{n}");
        let outcome = price(&mut store, &storefront(), &id, &Customer::anonymous(), "BUSY", noon(at)).await.unwrap();
        if outcome.answers()[0].is_applied() {
            let wanted = outcome.redemption().unwrap();
            let until = at + 20 + below(60);
            match store.reserve(&wanted, noon(at), noon(until)).await.unwrap() {
                Reserve::Held { .. } => holds.push((wanted, server, until)),
                Reserve::Refused(_) => refused += 1,
                other => panic!("{other:?}"),
            }
        } else {
            refused += 1;
        }
        // Every third time somebody pays in time, by the clock of the server that made the hold, and returns the goods.
        let alive = holds.iter().position(|(_, server, until)| time + ahead[*server] < *until);
        if let Some(place) = alive.filter(|_| n % 3 == 0) {
            let (held, server, _) = holds.remove(place);
            let at = noon(time + ahead[server]);
            assert_eq!(store.commit(&held, at).await.unwrap(), Commit::Recorded, "{n}: {held:?}");
            let back = OnVoid::KEEP.with_uses_given_back(used == LIMIT - 2);
            used += u64::from(used < LIMIT - 2);
            store.void(held.reference(), back, at).await.unwrap();
            kept += 1;
        }
        for ahead in ahead {
            let counter = store.counter(&total("busy"), noon(time + ahead)).await.unwrap();
            assert!(counter.used == used && counter.used + counter.held <= LIMIT, "{n}: {counter:?}");
        }
    }
    assert!(kept > 20 && refused > 50, "{kept} kept and {refused} refused prove little");
}
