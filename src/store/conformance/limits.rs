//! Limits hold, each for what it names.

use super::Rig;
use super::desk::Desk;
use super::scene::*;
use crate::*;

/// A code for one use is good for one use, by whomever.
///
/// Proves S4.
pub fn a_one_time_code_is_used_once<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.has(Coupon::builder("patrol").percent_off("40").per_code_limit(1).build().unwrap()).await;
        desk.hands_out("patrol", vec![bearer("K7WQ93MX"), bearer("P2HD8VRT")]).await;
        let late = Basket::order("o-2").code("k7wq-93mx").redemption(&mut store).await;
        assert_eq!(Basket::order("o-1").code("K7WQ-93MX").place(&mut store).await, Commit::Recorded);
        let refused = store.commit(&late, at(0)).await.unwrap();
        let key = CounterKey::Code { coupon: "patrol".parse().unwrap(), code: code("K7WQ93MX") };
        assert_eq!(refused_by(&refused), [&key]);
        let seen = Basket::order("o-3").code("K7WQ93MX").price_with(&mut store).await;
        let spent = Refusal::LimitReached { limit: LimitKind::Code, allowed: 1, taken: 1 };
        assert_eq!(seen.answers()[0].reasons(), [spent]);
        assert_eq!(Basket::order("o-4").code("P2HD8VRT").place(&mut store).await, Commit::Recorded);
    })
}

/// What was free when it was looked at may be gone when it is taken.
///
/// Proves S23, trap 14.
pub fn a_look_takes_nothing<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.has(ten_percent("spring").total_limit(1).build().unwrap()).await;
        let mut seen = Vec::new();
        for shopper in 0..5 {
            seen.push(Basket::order(&format!("o-{shopper}")).code("spring").redemption(&mut store).await);
        }
        let mut recorded = 0;
        for redemption in &seen {
            match store.commit(redemption, at(0)).await.unwrap() {
                Commit::Recorded => recorded += 1,
                refused => assert_eq!(refused_by(&refused), [&total("spring")]),
            }
        }
        assert_eq!(recorded, 1);
        assert_eq!(desk.state(&total("spring"), at(0)).await, (1, 0));
    })
}

/// Each limit has a counter of its own, and none more than those that the coupon names: raised by a hold, kept by the
/// record, listed by key.
///
/// Proves S69, S98.
pub fn every_limit_has_its_counter<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        let fund = Amounts::new([usd("50.00")]).unwrap();
        let gift = Coupon::builder("gift").percent_off("10").total_limit(9).per_code_limit(8).per_customer_limit(7);
        let gift = gift.per_customer_and_code_limit(6).units_limit(5).budget(fund);
        desk.has(gift.condition(Condition::FirstOrder).build().unwrap()).await;
        desk.hands_out("gift", vec![bearer("AAAA")]).await;
        let (ann, mail) = (id("42"), email("ann@example.com"));
        let basket = Basket::order("o-1").by(&[ann.clone(), mail.clone()]).code("aaaa");
        let held = basket.hold(&mut store).await;
        let coupon = || "gift".parse::<CouponId>().unwrap();
        let of = |customer: &IdentityKey| {
            let customer = || customer.clone();
            [
                (CounterKey::FirstOrder { customer: customer() }, 1),
                (CounterKey::Customer { coupon: coupon(), customer: customer() }, 1),
                (CounterKey::CustomerCode { coupon: coupon(), code: code("AAAA"), customer: customer() }, 1),
            ]
        };
        let mut expected = vec![
            (total("gift"), 1),
            (budget("gift"), 1_000),
            (CounterKey::Units { coupon: coupon() }, 1),
            (CounterKey::Code { coupon: coupon(), code: code("AAAA") }, 1),
        ];
        expected.extend(of(&ann));
        expected.extend(of(&mail));
        expected.sort();
        let states = |held| expected.iter().map(move |(key, by)| (key.clone(), if held { (0, *by) } else { (*by, 0) }));
        assert_eq!(desk.states(at(1)).await, states(true).collect::<Vec<_>>());
        assert_eq!(store.commit(&held, at(1)).await.unwrap(), Commit::Recorded);
        assert_eq!(desk.states(at(1)).await, states(false).collect::<Vec<_>>());
    });
}

/// A limit of the definition is one limit, whichever of its codes is typed.
///
/// Proves S69, trap 16.
pub fn a_limit_belongs_to_what_it_names<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        let patrol = Coupon::builder("patrol").percent_off("40").total_limit(2).per_code_limit(1);
        desk.has(patrol.build().unwrap()).await;
        desk.hands_out("patrol", vec![bearer("AAAA"), bearer("BBBB"), bearer("CCCC")]).await;
        let third = Basket::order("o-3").code("CCCC").redemption(&mut store).await;
        for (order, code) in [("o-1", "AAAA"), ("o-2", "BBBB")] {
            assert_eq!(Basket::order(order).code(code).place(&mut store).await, Commit::Recorded);
        }
        let refused = store.commit(&third, at(0)).await.unwrap();
        assert_eq!(refused_by(&refused), [&total("patrol")], "its own code is unused, the definition is used up");
    })
}

/// Without a limit there is a record and no counter, so that nobody waits for anybody.
///
/// Proves S76, S103, trap 17.
pub fn an_unlimited_coupon_touches_no_counter<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.has(ten_percent("spring").build().unwrap()).await;
        for n in 0..3 {
            let redemption = Basket::order(&format!("o-{n}")).by(&[id("42")]).code("spring").hold(&mut store).await;
            assert_eq!(redemption.deltas(), []);
            assert_eq!(store.commit(&redemption, at(0)).await.unwrap(), Commit::Recorded);
        }
        assert_eq!(desk.states(at(0)).await, []);
        assert_eq!(desk.log("spring").await.len(), 3);
    })
}

/// However it is typed, it is one code: looked up, counted and used up as one.
///
/// Proves S19, trap 19.
pub fn a_code_is_one_in_every_spelling<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.has(ten_percent("spring").per_code_limit(2).build().unwrap()).await;
        let late = Basket::order("o-3").code("SPRING").redemption(&mut store).await;
        assert_eq!(Basket::order("o-1").code(" spring ").place(&mut store).await, Commit::Recorded);
        assert_eq!(Basket::order("o-2").code("S-p-r-I n g").place(&mut store).await, Commit::Recorded);
        let refused = store.commit(&late, at(0)).await.unwrap();
        assert_eq!(refused_by(&refused).len(), 1);
        let loaded = Basket::order("o-4").code("sPrInG").code("SPRINT").load(&mut store).await;
        assert_eq!(loaded.codes()[0].usage().code(), 2);
        assert!(loaded.codes()[1].coupon().is_none());
    })
}

/// A code of an older system keeps its hyphens: the same letters without them are another code.
///
/// Proves trap 19 for two formats side by side.
pub fn formats_are_not_mixed_up<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        let old = Coupon::builder("old").code_format(CodeFormat::Imported).code("20-OFF").percent_off("10");
        desk.has(old.build().unwrap()).await;
        desk.has(Coupon::builder("new").code("20OFF").percent_off("20").build().unwrap()).await;
        let found = Basket::order("o-1").code("20-off").code("20off").code("20 off").load(&mut store).await;
        let ids: Vec<_> = found.codes().iter().map(|c| c.coupon().map(|c| c.id().to_string())).collect();
        assert_eq!(ids, [Some("old".to_owned()), Some("new".to_owned()), Some("new".to_owned())]);

        // Without hyphens of its own it is still of the older format, and a hyphen makes another code of it.
        let plain = Coupon::builder("plain").code_format(CodeFormat::Imported).code("30OFF").percent_off("10");
        desk.has(plain.build().unwrap()).await;
        let found = Basket::order("o-1").code("30off").code("30-off").load(&mut store).await;
        assert_eq!(found.codes()[0].coupon().map(|c| c.id().as_str()), Some("plain"));
        assert!(found.codes()[1].coupon().is_none());
    })
}

/// A customer is known by any of several keys, and a limit that is reached on one is reached.
///
/// Proves S98, trap 18.
pub fn a_customer_is_known_by_any_key<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.has(ten_percent("once").per_customer_limit(1).build().unwrap()).await;
        let (ann, mail) = (id("42"), email("ann@example.com"));
        let basket = |n: &str, keys: &[IdentityKey]| Basket::order(n).by(keys).code("once");
        // Priced while there was still room; the store has the last word.
        let other_mail = basket("o-2", &[ann.clone(), email("other@example.com")]).redemption(&mut store).await;
        let other_id = basket("o-3", &[id("43"), email(" ANN@example.com")]).redemption(&mut store).await;
        assert_eq!(basket("o-1", &[ann.clone(), mail.clone()]).place(&mut store).await, Commit::Recorded);
        let refused = store.commit(&other_mail, at(0)).await.unwrap();
        assert_eq!(refused_by(&refused), [&per_customer("once", ann.clone())]);
        let refused = store.commit(&other_id, at(0)).await.unwrap();
        assert_eq!(refused_by(&refused), [&per_customer("once", mail)]);
        assert_eq!(desk.state(&per_customer("once", id("43")), at(0)).await, (0, 0), "all or none");
        let fresh = basket("o-4", &[id("44"), email("bob@example.com")]);
        assert_eq!(fresh.place(&mut store).await, Commit::Recorded);
    })
}

/// Nobody slips past a limit per customer by not saying who they are.
///
/// Proves S98, trap 18.
pub fn a_guest_cannot_pass_a_limit_per_customer<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.has(ten_percent("once").per_customer_limit(1).build().unwrap()).await;
        let basket = Basket::order("o-1").code("once");
        let outcome = basket.price_with(&mut store).await;
        assert_eq!(outcome.answers()[0].reasons(), [Refusal::CustomerRequired]);

        // Even where evaluation lets a guest see the price, there is nothing that could be committed.
        let policy = Policy::builder(Currency::USD).no_identity(NoIdentity::ApplyAndFlag).build().unwrap();
        let lenient = Shop::new(policy);
        let loaded = store.load(&basket.request(&lenient)).await.unwrap();
        let prepared = loaded.prepare(&lenient).unwrap();
        let codes = loaded.presented(&prepared);
        let line = Line::new(
            LineId(1),
            Product::new("BOOT".parse().unwrap()),
            Quantity::pieces(1).unwrap(),
            UnitPrice::parse("100.00").unwrap(),
        );
        let order_of_one = Order::builder(Currency::USD).line(line).build().unwrap();
        let guest = Customer::anonymous();
        let request = Request::new(&order_of_one, &guest, order("o-1"), at(0)).with_codes(&codes);
        let outcome = lenient.evaluate(&request).unwrap();
        assert!(outcome.answers()[0].is_applied());
        assert_eq!(outcome.redemption(), Err(NotPlaceable::CustomerRequired));
    })
}

/// There is one first order: of two offers for it, held or recorded, one is taken.
///
/// Proves S16.
pub fn a_first_order_is_claimed_once<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        for name in ["welcome", "hello"] {
            desk.has(ten_percent(name).condition(Condition::FirstOrder).build().unwrap()).await;
        }
        let ann = [id("42"), email("ann@example.com")];
        let second = Basket::order("o-2").by(&ann).code("hello");
        let second_redemption = second.redemption(&mut store).await;
        let first = Basket::order("o-1").by(&ann).code("welcome").hold(&mut store).await;
        let refused = store.commit(&second_redemption, at(0)).await.unwrap();
        let of_ann = ann.clone().map(|customer| CounterKey::FirstOrder { customer });
        assert_eq!(refused_by(&refused), of_ann.iter().collect::<Vec<_>>());
        assert!(second.load(&mut store).await.codes()[0].usage().first_order_claimed());
        let own = Basket::order("o-1").by(&ann).code("welcome").load(&mut store).await;
        assert!(!own.codes()[0].usage().first_order_claimed(), "the own hold is not in the way");
        assert_eq!(store.commit(&first, at(0)).await.unwrap(), Commit::Recorded);
        assert!(matches!(store.commit(&second_redemption, at(30)).await.unwrap(), Commit::Refused(_)));
        assert_eq!(second.by(&[id("43")]).place(&mut store).await, Commit::Recorded);
    })
}

/// A budget is clipped to what is left when it is priced, and refused when that is gone: the last order never overshoots.
///
/// Proves V20, trap 25.
pub fn a_budget_is_never_overshot<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        let budget_of_ten = Amounts::new([usd("10.00")]).unwrap();
        let promo = Coupon::builder("promo").code("PROMO").amount_off(usd("12.00")).budget(budget_of_ten);
        desk.has(promo.build().unwrap()).await;
        assert_eq!(Basket::order("o-1").price("2.60").code("promo").place(&mut store).await, Commit::Recorded);

        // Two see 7.40 left; one gets it.
        let outcome = Basket::order("o-2").code("promo").price_with(&mut store).await;
        let answer = &outcome.answers()[0];
        assert_eq!((answer.wanted(), answer.discount()), (usd("12.00"), usd("7.40")));
        let (second, third) =
            (outcome.redemption().unwrap(), Basket::order("o-3").code("promo").redemption(&mut store).await);
        assert_eq!(store.commit(&second, at(0)).await.unwrap(), Commit::Recorded);
        let refused = store.commit(&third, at(0)).await.unwrap();
        let gone =
            Objection::LimitReached { counter: budget("promo"), limit: 1_000, used: 1_000, held: 0, wanted: 740 };
        assert_eq!(refused, Commit::Refused(vec![gone]));
        assert_eq!(desk.state(&budget("promo"), at(0)).await, (1_000, 0));
        let again = Basket::order("o-3").code("promo").price_with(&mut store).await;
        assert_eq!(again.totals().payable(), usd("100.00"), "priced without it");
    })
}

/// A budget that is not to be clipped refuses whoever would get less than the coupon says, and takes nothing for it.
///
/// Proves V20.
pub fn a_budget_that_refuses_gives_all_or_nothing<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        let budget_of_ten = Amounts::new([usd("10.00")]).unwrap();
        let promo = Coupon::builder("promo").code("PROMO").amount_off(usd("6.00")).budget(budget_of_ten);
        desk.has(promo.when_short(WhenShort::Refuse).build().unwrap()).await;
        let late = Basket::order("o-3").code("promo").redemption(&mut store).await;
        assert_eq!(Basket::order("o-1").code("promo").place(&mut store).await, Commit::Recorded);
        // 4.00 are left, and 6.00 are wanted.
        let outcome = Basket::order("o-2").code("promo").price_with(&mut store).await;
        assert!(!outcome.answers()[0].is_applied());
        assert_eq!(outcome.totals().payable(), usd("100.00"));
        let redemption = outcome.redemption().unwrap();
        assert_eq!(store.commit(&redemption, at(0)).await.unwrap(), Commit::Recorded);
        let refused = store.commit(&late, at(0)).await.unwrap();
        assert_eq!(refused_by(&refused), [&budget("promo")]);
        assert_eq!(desk.state(&budget("promo"), at(0)).await, (600, 0));
    })
}

/// A code that took nothing off is not used up by it, and one that took off nothing but the shipping is.
///
/// Proves trap 13.
pub fn what_gave_nothing_is_not_counted<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        let dust = Coupon::builder("dust").code("DUST").percent_off("0.001").total_limit(1);
        desk.has(dust.build().unwrap()).await;
        let free = Coupon::builder("free")
            .code("FREE")
            .benefit(Benefit::Shipping(ShippingOff::new(ShippingValue::Free)))
            .total_limit(1);
        desk.has(free.build().unwrap()).await;
        // A thousandth of a cent, of 1.00.
        let outcome = Basket::order("o-1").price("1.00").code("dust").price_with(&mut store).await;
        assert!(!outcome.answers()[0].is_applied());
        assert_eq!(store.commit(&outcome.redemption().unwrap(), at(0)).await.unwrap(), Commit::Recorded);
        assert_eq!(desk.state(&total("dust"), at(0)).await, (0, 0));
        // A cent, of 1,000.00: its one use.
        assert_eq!(Basket::order("o-2").price("1000.00").code("dust").place(&mut store).await, Commit::Recorded);
        assert_eq!(desk.state(&total("dust"), at(0)).await, (1, 0));

        let outcome = Basket::order("o-3").code("free").price_with(&mut store).await;
        assert!(!outcome.answers()[0].is_applied(), "nothing is shipped");
        let shipped = Basket::order("o-4").shipping("4.00").code("free");
        let late = Basket::order("o-5").shipping("4.00").code("free").redemption(&mut store).await;
        assert_eq!(shipped.place(&mut store).await, Commit::Recorded);
        assert_eq!(refused_by(&store.commit(&late, at(0)).await.unwrap()), [&total("free")]);
    })
}

/// Several coupons are recorded together or not at all, and every counter that said no is told.
///
/// Proves S23.
pub fn all_or_none<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        for (name, limit) in [("a", 5), ("b", 1), ("c", 1)] {
            desk.has(ten_percent(name).total_limit(limit).build().unwrap()).await;
        }
        let all = Basket::order("o-1").code("a").code("b").code("c").redemption(&mut store).await;
        assert_eq!(Basket::order("o-2").code("b").place(&mut store).await, Commit::Recorded);
        Basket::order("o-3").code("c").hold(&mut store).await;
        let limit_reached =
            |name: &str, used, held| Objection::LimitReached { counter: total(name), limit: 1, used, held, wanted: 1 };
        let objections = vec![limit_reached("b", 1, 0), limit_reached("c", 0, 1)];
        assert_eq!(store.commit(&all, at(0)).await.unwrap(), Commit::Refused(objections.clone()));
        assert_eq!(store.reserve(&all, at(0), at(20)).await.unwrap(), Reserve::Refused(objections));
        assert_eq!(desk.state(&total("a"), at(0)).await, (0, 0));
        assert_eq!(desk.log("a").await, []);
    })
}

/// A "no" is an answer: the same handle goes on, and what it does next is recorded.
///
/// Proves trap 27.
pub fn a_refusal_leaves_the_handle_usable<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.has(ten_percent("spring").total_limit(1).build().unwrap()).await;
        desk.has(ten_percent("summer").total_limit(1).build().unwrap()).await;
        let late = Basket::order("o-2").code("spring").redemption(&mut store).await;
        assert_eq!(Basket::order("o-1").code("spring").place(&mut store).await, Commit::Recorded);
        assert!(matches!(store.reserve(&late, at(0), at(20)).await.unwrap(), Reserve::Refused(_)));
        assert!(matches!(store.commit(&late, at(0)).await.unwrap(), Commit::Refused(_)));
        assert_eq!(Basket::order("o-2").code("summer").place(&mut store).await, Commit::Recorded);
    })
}

/// A limit that is added in the middle of a campaign counts what was used and is held before.
///
/// Proves S69.
pub fn a_limit_added_later_counts_earlier_uses<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.has(ten_percent("spring").build().unwrap()).await;
        for n in 0..3 {
            let basket = Basket::order(&format!("o-{n}")).by(&[id("42")]).code("spring");
            assert_eq!(basket.place(&mut store).await, Commit::Recorded);
        }
        let held = Basket::order("o-3").by(&[id("43")]).code("spring").hold(&mut store).await;
        desk.changes(ten_percent("spring").total_limit(5).per_customer_limit(3).build().unwrap()).await;
        assert_eq!(desk.state(&total("spring"), at(0)).await, (3, 1));
        assert_eq!(desk.state(&per_customer("spring", id("42")), at(0)).await, (3, 0));
        assert_eq!(store.commit(&held, at(0)).await.unwrap(), Commit::Recorded);
        assert_eq!(desk.state(&total("spring"), at(0)).await, (4, 0));
        assert_eq!(Basket::order("o-5").by(&[id("43")]).code("spring").place(&mut store).await, Commit::Recorded);
        let full = Basket::order("o-6").by(&[id("44")]).code("spring").price_with(&mut store).await;
        let spent = Refusal::LimitReached { limit: LimitKind::Total, allowed: 5, taken: 5 };
        assert_eq!(full.answers()[0].reasons(), [spent]);
    })
}
