//! The memory store keeps every promise of a store. The promises themselves are in `store/promises`, written once for
//! any store; here each is tried on this one.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

#[path = "store/promises/mod.rs"]
mod promises;
#[path = "store/rig.rs"]
mod rig;

use std::future::Future;

use chrono::{DateTime, Utc};
use promises::{allowances, customers, holds, limits, payment, races, repeats, terms, types, voids};
use rig::*;
use vouchsafe::*;

struct Memory(MemoryStore);

impl Rig for Memory {
    type Store = MemoryStore;

    fn fresh() -> Self {
        Self(MemoryStore::new())
    }

    fn store(&self) -> MemoryStore {
        self.0.clone()
    }

    fn wait<F: Future>(&self, checkout: F) -> F::Output {
        block_on(checkout)
    }

    fn define(&self, coupon: Coupon) {
        self.0.define(coupon).unwrap();
    }

    fn revise(&self, mut coupon: Coupon) {
        let based_on = self.0.definition(coupon.id()).unwrap().revision();
        let mut json = serde_json::to_value(&coupon).unwrap();
        json["revision"] = based_on.into();
        coupon = serde_json::from_value(json).unwrap();
        self.0.revise(coupon).unwrap();
    }

    fn set_status(&self, coupon: &str, status: Status) {
        self.0.set_status(&coupon.parse().unwrap(), status).unwrap();
    }

    fn kill(&self, coupon: &str) {
        self.0.kill(&coupon.parse().unwrap()).unwrap();
    }

    fn issue(&self, coupon: &str, codes: Vec<IssuedCode>) {
        self.0.issue(&coupon.parse().unwrap(), codes).unwrap();
    }

    fn revoke(&self, text: &str) {
        self.0.revoke(&code(text), lost()).unwrap();
    }

    fn counter(&self, key: &CounterKey, at: DateTime<Utc>) -> (u64, u64) {
        let state = self.0.counter(key, at);
        (state.used, state.held)
    }

    fn counters(&self, at: DateTime<Utc>) -> Vec<(CounterKey, (u64, u64))> {
        self.0.counters(at).into_iter().map(|(key, state)| (key, (state.used, state.held))).collect()
    }

    fn log(&self, coupon: &str) -> Vec<UsageRecord> {
        self.0.usage_log(&coupon.parse().unwrap())
    }

    fn holder(&self, text: &str) -> Option<IdentityKey> {
        self.0.issued(&code(text)).unwrap().1.holder().cloned()
    }

    fn type_history(&self, key: &IdentityKey) -> Vec<TypeRecord> {
        self.0.type_history(key)
    }
}

/// Proves S4, S23: a replay is the same success, and the counter is unchanged.
#[test]
fn a_repeat_is_the_same_redemption() {
    block_on(repeats::a_repeat_is_the_same_redemption(Memory::fresh()));
}

/// Proves S4, S107: what was recorded is answered as recorded, whatever became of the definition.
#[test]
fn a_repeat_outlasts_the_definition() {
    block_on(repeats::a_repeat_outlasts_the_definition(Memory::fresh()));
}

/// Proves S23: one reference stands for one content.
#[test]
fn other_content_is_different() {
    block_on(repeats::other_content_is_different(Memory::fresh()));
}

/// Proves S8: claims are recorded exactly like orders.
#[test]
fn a_claim_is_not_an_order() {
    block_on(repeats::a_claim_is_not_an_order(Memory::fresh()));
}

/// Proves S23: release, void and commit in any order leave the counters right.
#[test]
fn calls_in_the_wrong_order_do_no_harm() {
    block_on(repeats::calls_in_the_wrong_order_do_no_harm(Memory::fresh()));
}

/// Proves S86, S95: the record of the purchase history.
#[test]
fn the_usage_log_tells_all() {
    block_on(repeats::the_usage_log_tells_all(Memory::fresh()));
}

/// Proves S4: the second commit by anyone is refused, limit reached.
#[test]
fn a_one_time_code_is_used_once() {
    block_on(limits::a_one_time_code_is_used_once(Memory::fresh()));
}

/// Proves S23, trap 14: limits are enforced when they are taken, not when they are looked at.
#[test]
fn a_look_takes_nothing() {
    block_on(limits::a_look_takes_nothing(Memory::fresh()));
}

/// Proves S69, trap 16: a limit belongs to the definition, whichever code is typed.
#[test]
fn a_limit_belongs_to_what_it_names() {
    block_on(limits::a_limit_belongs_to_what_it_names(Memory::fresh()));
}

/// Proves S76, S103, trap 17: an unlimited coupon writes its record and touches nothing shared.
#[test]
fn an_unlimited_coupon_touches_no_counter() {
    block_on(limits::an_unlimited_coupon_touches_no_counter(Memory::fresh()));
}

/// Proves S19, trap 19: what is accepted in lower case is marked as used.
#[test]
fn a_code_is_one_in_every_spelling() {
    block_on(limits::a_code_is_one_in_every_spelling(Memory::fresh()));
}

/// Proves trap 19 for two formats side by side.
#[test]
fn formats_are_not_mixed_up() {
    block_on(limits::formats_are_not_mixed_up(Memory::fresh()));
}

/// Proves S98, trap 18: a limit per customer holds over every key, and a new e-mail does not reset it.
#[test]
fn a_customer_is_known_by_any_key() {
    block_on(limits::a_customer_is_known_by_any_key(Memory::fresh()));
}

/// Proves S98, trap 18: guests do not slip past.
#[test]
fn a_guest_cannot_pass_a_limit_per_customer() {
    block_on(limits::a_guest_cannot_pass_a_limit_per_customer(Memory::fresh()));
}

/// Proves S16: a first order is claimed once, by hold or record.
#[test]
fn a_first_order_is_claimed_once() {
    block_on(limits::a_first_order_is_claimed_once(Memory::fresh()));
}

/// Proves V20, trap 25: the last order does not overshoot a budget.
#[test]
fn a_budget_is_never_overshot() {
    block_on(limits::a_budget_is_never_overshot(Memory::fresh()));
}

/// Proves S23: several coupons are recorded together or not at all.
#[test]
fn all_or_none() {
    block_on(limits::all_or_none(Memory::fresh()));
}

/// Proves trap 27: a limit that is reached is an answer, and the next call on the handle works.
#[test]
fn a_refusal_leaves_the_handle_usable() {
    block_on(limits::a_refusal_leaves_the_handle_usable(Memory::fresh()));
}

/// Proves S69: a campaign that is limited in the middle does not begin at zero.
#[test]
fn a_limit_added_later_counts_earlier_uses() {
    block_on(limits::a_limit_added_later_counts_earlier_uses(Memory::fresh()));
}

/// Proves S23: a hold is taken for others and free for its own reference.
#[test]
fn a_hold_stands_for_others_only() {
    block_on(holds::a_hold_stands_for_others_only(Memory::fresh()));
}

/// Proves trap 15: a customer's own hold never blocks the retry.
#[test]
fn a_changed_basket_replaces_its_own_hold() {
    block_on(holds::a_changed_basket_replaces_its_own_hold(Memory::fresh()));
}

/// Proves trap 15: a change that is refused costs the shopper nothing that was held.
#[test]
fn a_refused_change_keeps_the_hold() {
    block_on(holds::a_refused_change_keeps_the_hold(Memory::fresh()));
}

/// Proves S23: a limit is never reported reached while a lapsed hold stands in the way.
#[test]
fn a_lapsed_hold_is_never_in_the_way() {
    block_on(holds::a_lapsed_hold_is_never_in_the_way(Memory::fresh()));
}

/// Proves S23: abandoned baskets give everything back.
#[test]
fn lapsed_holds_make_room() {
    block_on(holds::lapsed_holds_make_room(Memory::fresh()));
}

/// Proves trap 28: after a lapse the counters are taken again, or the commit is refused.
#[test]
fn a_commit_after_a_lapse_takes_again_or_refuses() {
    block_on(holds::a_commit_after_a_lapse_takes_again_or_refuses(Memory::fresh()));
}

/// Proves trap 28: a slow payment extends its hold.
#[test]
fn reserving_again_extends() {
    block_on(holds::reserving_again_extends(Memory::fresh()));
}

/// Proves S23: a release lowers the counters once.
#[test]
fn a_release_frees_once() {
    block_on(holds::a_release_frees_once(Memory::fresh()));
}

/// Proves S20, S70, S107: the window is judged at the instant of the call.
#[test]
fn a_hold_ends_with_the_window() {
    block_on(holds::a_hold_ends_with_the_window(Memory::fresh()));
}

/// Proves S107: the shopper pays the total that was seen.
#[test]
fn the_total_is_the_one_that_was_seen() {
    block_on(holds::the_total_is_the_one_that_was_seen(Memory::fresh()));
}

/// Proves S107: what is recorded was priced under the terms that stand.
#[test]
fn a_revised_definition_is_stale() {
    block_on(terms::a_revised_definition_is_stale(Memory::fresh()));
}

/// Proves S107: a live hold pins revision and terms.
#[test]
fn a_live_hold_pins_its_terms() {
    block_on(terms::a_live_hold_pins_its_terms(Memory::fresh()));
}

/// Proves S107: the pin lapses with the hold.
#[test]
fn a_lapsed_hold_pins_nothing() {
    block_on(terms::a_lapsed_hold_pins_nothing(Memory::fresh()));
}

/// Proves S107: the pin is for what is held.
#[test]
fn a_hold_pins_only_what_it_holds() {
    block_on(terms::a_hold_pins_only_what_it_holds(Memory::fresh()));
}

/// Proves S131: only active definitions take new holds; existing ones survive.
#[test]
fn deactivating_spares_live_holds() {
    block_on(terms::deactivating_spares_live_holds(Memory::fresh()));
}

/// Proves S131: a killed definition takes nothing.
#[test]
fn killing_spares_nothing() {
    block_on(terms::killing_spares_nothing(Memory::fresh()));
}

/// Proves S10: a withdrawn code is worth nothing.
#[test]
fn revoking_spares_nothing() {
    block_on(terms::revoking_spares_nothing(Memory::fresh()));
}

/// Proves S84 for a store: what it does not know it does not record.
#[test]
fn what_is_not_defined_is_refused() {
    block_on(terms::what_is_not_defined_is_refused(Memory::fresh()));
}

/// Proves S79: the countdown of each code is guarded when it is redeemed.
#[test]
fn a_countdown_is_guarded_at_commit() {
    block_on(terms::a_countdown_is_guarded_at_commit(Memory::fresh()));
}

/// Proves S1, S8, S12: a pro-form code on an empty cart, and later orders that need no code.
#[test]
fn a_claim_gives_the_type_for_good() {
    block_on(customers::a_claim_gives_the_type_for_good(Memory::fresh()));
}

/// Proves S3, S10: a bearer code belongs to whoever redeems it.
#[test]
fn a_bearer_code_is_bound_when_it_is_committed() {
    block_on(customers::a_bearer_code_is_bound_when_it_is_committed(Memory::fresh()));
}

/// Proves S55, S105, S135: only the holder, once.
#[test]
fn a_personal_code_is_its_holders() {
    block_on(customers::a_personal_code_is_its_holders(Memory::fresh()));
}

/// Proves S103: a code that anyone may use stays so.
#[test]
fn a_code_for_many_is_bound_to_nobody() {
    block_on(customers::a_code_for_many_is_bound_to_nobody(Memory::fresh()));
}

/// Proves S3, S12: a type change names its customer.
#[test]
fn a_type_needs_somebody() {
    block_on(customers::a_type_needs_somebody(Memory::fresh()));
}

/// Proves S106: a void leaves the use used.
#[test]
fn a_void_keeps_the_use() {
    block_on(voids::a_void_keeps_the_use(Memory::fresh()));
}

/// Proves S106: a voided order is not placed by a retry.
#[test]
fn a_voided_reference_cannot_be_recorded_again() {
    block_on(voids::a_voided_reference_cannot_be_recorded_again(Memory::fresh()));
}

/// Proves S106 with the other policy: every counter goes back, once.
#[test]
fn a_void_can_give_the_use_back() {
    block_on(voids::a_void_can_give_the_use_back(Memory::fresh()));
}

/// Proves S12: each change of type can be reverted, and is never reverted over a later one.
#[test]
fn a_void_can_revert_the_type() {
    block_on(voids::a_void_can_revert_the_type(Memory::fresh()));
}

/// Proves trap 28: reserve, authorise, commit, capture, with a lapse and a refusal in the middle.
#[test]
fn a_payment_is_captured_only_with_its_redemption() {
    block_on(payment::a_payment_is_captured_only_with_its_redemption(Memory::fresh()));
}

/// Proves V18, S23, S69, trap 14: exactly 1,000 of 5,000, and replays do not count.
#[test]
fn a_thousand_of_five_thousand() {
    races::a_thousand_of_five_thousand(Memory::fresh());
}

/// Proves S23, S98, trap 25: no limit is passed in a race of whole checkouts, and used is what is recorded.
#[test]
fn the_books_are_right_after_a_race() {
    races::the_books_are_right_after_a_race(Memory::fresh());
}

/// Proves S16: one customer, many devices, one first order.
#[test]
fn one_first_order_in_a_race() {
    races::one_first_order_in_a_race(Memory::fresh());
}

/// Proves trap 26: two coupons taken in opposite order come to an end.
#[test]
fn two_coupons_in_opposite_order() {
    races::two_coupons_in_opposite_order(Memory::fresh());
}

/// Proves S44: every order is counted, with or without a coupon; a repeat is no second purchase.
#[test]
fn an_order_without_a_coupon_is_counted() {
    block_on(allowances::an_order_without_a_coupon_is_counted(Memory::fresh()));
}

/// Proves S44, trap 14: an allowance is kept when it is taken, not when it is looked at.
#[test]
fn a_look_at_an_allowance_takes_nothing() {
    block_on(allowances::a_look_at_an_allowance_takes_nothing(Memory::fresh()));
}

/// Proves S44, trap 15: holds keep from others what they have, and never from their own order.
#[test]
fn holds_take_from_allowances() {
    block_on(allowances::holds_take_from_allowances(Memory::fresh()));
}

/// Proves S44: what was held is counted once when it is recorded.
#[test]
fn a_committed_hold_counts_once() {
    block_on(allowances::a_committed_hold_counts_once(Memory::fresh()));
}

/// Proves S44, S106: a void keeps what was bought counted, or gives it back once.
#[test]
fn a_void_keeps_or_gives_back() {
    block_on(allowances::a_void_keeps_or_gives_back(Memory::fresh()));
}

/// Proves S45: rolling days are counted from the instant of recording.
#[test]
fn rolling_days_go_with_the_purchase() {
    block_on(allowances::rolling_days_go_with_the_purchase(Memory::fresh()));
}

/// Proves S45: no order is recorded in another window than it was judged in.
#[test]
fn an_allowance_is_counted_in_its_own_window() {
    block_on(allowances::an_allowance_is_counted_in_its_own_window(Memory::fresh()));
}

/// Proves S44, S48: what all share is never oversold in a race.
#[test]
fn a_shared_allowance_in_a_race() {
    allowances::a_shared_allowance_in_a_race(Memory::fresh());
}

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
    let rig = || {
        let rig = Memory::fresh();
        rig.define(ten_percent("spring").total_limit(1).build().unwrap());
        rig.store()
    };
    let expected = (
        Void::Voided { uses_given_back: false, type_reverted: false, allowances_given_back: false, points: None },
        Commit::Recorded,
    );
    assert_eq!(spawn(checkout(rig())).join().unwrap(), expected);
    let erased: Box<dyn DynCouponStore> = Box::new(rig());
    assert_eq!(spawn(checkout(erased)).join().unwrap(), expected);
    let leaked: &'static mut MemoryStore = Box::leak(Box::new(rig()));
    assert_eq!(spawn(checkout(leaked)).join().unwrap(), expected);
    let leaked: &'static mut dyn DynCouponStore = Box::leak(Box::new(rig()));
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
    let rig = Memory::fresh();
    rig.define(ten_percent("spring").total_limit(5).build().unwrap());
    let mut store = rig.store();
    block_on(async {
        Basket::order("o-1").code("spring").hold(&mut store).await;
        let live = Basket::order("o-2").code("spring").at(10).hold(&mut store).await;
        let step = Purge::holds(at(20), 10);
        assert_eq!(rig.0.purge(&step).holds, 1);
        assert!(rig.0.purge(&step).is_done());
        assert_eq!(rig.counter(&total("spring"), at(20)), (0, 1));
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
    assert_eq!(message(store.define(define("patrol", None))), "`patrol` is defined already");
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

/// Proves S12, S49: a change of type is recorded with its order, once.
#[test]
fn types_are_recorded_once() {
    block_on(types::types_are_recorded_once(Memory::fresh()));
}

/// Proves S49, S52: memberships stand beside each other, and end by the clock or by leaving.
#[test]
fn memberships_stand_side_by_side() {
    block_on(types::memberships_stand_side_by_side(Memory::fresh()));
}

/// Proves S12, S106: a void turns types back by policy, and never over a later change of the same.
#[test]
fn types_are_turned_back_by_policy() {
    block_on(types::types_are_turned_back_by_policy(Memory::fresh()));
}

/// Proves S49: a type wants somebody who has it.
#[test]
fn a_type_is_for_somebody() {
    block_on(types::a_type_is_for_somebody(Memory::fresh()));
}

/// Proves S12, S23, S49: of two orders that were priced at once, neither takes what the other paid for.
#[test]
fn a_year_is_added_to_a_year() {
    block_on(types::a_year_is_added_to_a_year(Memory::fresh()));
}

/// Proves S12, S23: a primary type is changed from the one that is held, under whichever key.
#[test]
fn a_primary_type_is_changed_from_what_it_is() {
    block_on(types::a_primary_type_is_changed_from_what_it_is(Memory::fresh()));
}

/// Proves S23, S49: only a change of types that a store handed out is guarded.
#[test]
fn types_are_in_nobodys_way() {
    block_on(types::types_are_in_nobodys_way(Memory::fresh()));
}

/// Proves S23, S49: sixteen years bought at once are sixteen years.
#[test]
fn sixteen_years_in_a_race() {
    races::sixteen_years_in_a_race(Memory::fresh());
}
