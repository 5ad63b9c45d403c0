//! Stores that break a promise are found out by the kit: each flaw here has cost a merchant money somewhere.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use vouchsafe::store::conformance::{Ending, Rig, promises};
use vouchsafe::*;

/// What is wrong with a store. By default nothing: every verb is that of the memory store.
trait Flaw: Send + Sync {
    /// Whether all shops of the database are one.
    fn one_shop(&self) -> bool {
        false
    }

    /// Whether it says that it joins a transaction, and does not.
    fn alone(&self) -> bool {
        false
    }

    /// Whether a refusal aborts the transaction of the host.
    fn aborts(&self) -> bool {
        false
    }

    fn load(&self, store: &mut MemoryStore, request: &LoadRequest) -> Loaded {
        block_on(store.load(request)).unwrap()
    }

    fn reserve(
        &self,
        store: &mut MemoryStore,
        redemption: &Redemption,
        at: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Reserve {
        block_on(store.reserve(redemption, at, until)).unwrap()
    }

    fn commit(&self, store: &mut MemoryStore, redemption: &Redemption, at: DateTime<Utc>) -> Commit {
        block_on(store.commit(redemption, at)).unwrap()
    }

    fn release(&self, store: &mut MemoryStore, reference: &Reference, at: DateTime<Utc>) -> Release {
        block_on(store.release(reference, at)).unwrap()
    }

    fn void(&self, store: &mut MemoryStore, reference: &Reference, policy: OnVoid, at: DateTime<Utc>) -> Void {
        block_on(store.void(reference, policy, at)).unwrap()
    }

    fn revise(&self, store: &mut MemoryStore, coupon: &Coupon, edit: &Edit) -> Result<u32, AdminFailure> {
        block_on(CouponAdmin::revise(store, coupon, edit))
    }

    fn issue_once(
        &self,
        store: &mut MemoryStore,
        (shop, coupon): (&Shop, &CouponId),
        request: &IssueRequest,
        candidates: &[Code],
    ) -> Result<Issue, AdminFailure> {
        block_on(CouponAdmin::issue_once(store, shop, coupon, request, candidates))
    }

    fn export(
        &self,
        store: &mut MemoryStore,
        shop: &Shop,
        batch: &BatchId,
        at: DateTime<Utc>,
        by: Option<&ActorId>,
    ) -> Result<Vec<IssuedCode>, AdminFailure> {
        block_on(CouponAdmin::export(store, shop, batch, at, by))
    }

    fn revoke(&self, store: &mut MemoryStore, code: &Code, revocation: &Revocation) -> Result<(), AdminFailure> {
        block_on(CouponAdmin::revoke(store, code, revocation))
    }

    fn import(
        &self,
        store: &mut MemoryStore,
        coupon: &CouponId,
        codes: &[ImportedCode],
        at: DateTime<Utc>,
    ) -> Result<(), AdminFailure> {
        block_on(CouponAdmin::import(store, coupon, codes, at))
    }

    fn records(&self, store: &mut MemoryStore, page: Page) -> Vec<UsageRecord> {
        block_on(CouponAdmin::records(store, page)).unwrap()
    }

    fn credit_points(&self, store: &mut MemoryStore, account: &IdentityKey, id: &MovementId, points: u64) {
        store.clone().credit_points(account, id, points);
    }

    fn amend(&self, store: &mut MemoryStore, amended: &Amended, at: DateTime<Utc>) -> Amend {
        block_on(CouponAdmin::amend(store, amended, at)).unwrap()
    }

    fn forget(&self, store: &mut MemoryStore, keys: &[IdentityKey]) -> Forgotten {
        block_on(CouponAdmin::forget(store, keys)).unwrap()
    }

    fn purge(&self, store: &mut MemoryStore, what: &Purge) -> Purged {
        block_on(CouponAdmin::purge(store, what)).unwrap()
    }
}

/// A handle on a store with a flaw.
struct Broken {
    store: MemoryStore,
    aborted: bool,
    flaw: &'static dyn Flaw,
}

impl Broken {
    /// An aborted transaction answers nothing any more.
    fn still(&mut self) -> Result<&mut MemoryStore, StoreError> {
        if self.aborted { Err(StoreError::backend("current transaction is aborted")) } else { Ok(&mut self.store) }
    }
}

impl CouponStore for Broken {
    async fn load(&mut self, request: &LoadRequest) -> Result<Loaded, StoreError> {
        Ok(self.flaw.load(self.still()?, request))
    }

    async fn reserve(
        &mut self,
        redemption: &Redemption,
        at: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Reserve, StoreError> {
        let answer = self.flaw.reserve(self.still()?, redemption, at, until);
        self.aborted = self.flaw.aborts() && matches!(answer, Reserve::Refused(_));
        Ok(answer)
    }

    async fn commit(&mut self, redemption: &Redemption, at: DateTime<Utc>) -> Result<Commit, StoreError> {
        let answer = self.flaw.commit(self.still()?, redemption, at);
        self.aborted = self.flaw.aborts() && matches!(answer, Commit::Refused(_));
        Ok(answer)
    }

    async fn release(&mut self, reference: &Reference, at: DateTime<Utc>) -> Result<Release, StoreError> {
        Ok(self.flaw.release(self.still()?, reference, at))
    }

    async fn void(&mut self, reference: &Reference, policy: OnVoid, at: DateTime<Utc>) -> Result<Void, StoreError> {
        Ok(self.flaw.void(self.still()?, reference, policy, at))
    }
}

/// The verbs of the second trait that no flaw here changes.
macro_rules! pass_on {
    ($(fn $verb:ident($($name:ident: $of:ty),*) -> $answer:ty;)+) => {
        $(
            async fn $verb(&mut self, $($name: $of),*) -> $answer {
                CouponAdmin::$verb(&mut self.store, $($name),*).await
            }
        )+
    };
}

impl CouponAdmin for Broken {
    pass_on! {
        fn define(coupon: &Coupon, edit: &Edit) -> Result<u32, AdminFailure>;
        fn set_status(coupon: &CouponId, status: Status, edit: &Edit) -> Result<u32, AdminFailure>;
        fn kill(coupon: &CouponId, edit: &Edit) -> Result<u32, AdminFailure>;
        fn definition(coupon: &CouponId) -> Result<Option<Arc<Coupon>>, StoreError>;
        fn definition_at(coupon: &CouponId, revision: u32) -> Result<Option<Arc<Coupon>>, StoreError>;
        fn definitions(after: Option<&CouponId>, limit: u32) -> Result<Vec<Arc<Coupon>>, StoreError>;
        fn definition_log(coupon: &CouponId) -> Result<Vec<DefinitionChange>, StoreError>;
        fn issue(coupon: &CouponId, codes: &[IssuedCode]) -> Result<(), AdminFailure>;
        fn add_batch(batch: &BatchId, coupon: &CouponId, codes: &[Code], at: DateTime<Utc>) -> Result<(), AdminFailure>;
        fn batch(batch: &BatchId) -> Result<Option<BatchRecord>, StoreError>;
        fn revoke_batch(batch: &BatchId, revocation: &Revocation) -> Result<u64, AdminFailure>;
        fn issued(code: &Code) -> Result<Option<(CouponId, IssuedCode)>, StoreError>;
        fn look_up(shop: &Shop, entered: &str) -> Result<Option<CodeRecord>, AdminFailure>;
        fn codes_of(shop: &Shop, of: &CouponId, after: Option<&Code>, most: u32) -> Result<Vec<CodeRecord>, AdminFailure>;
        fn issued_count(coupon: &CouponId) -> Result<u64, StoreError>;
        fn counter(key: &CounterKey, at: DateTime<Utc>) -> Result<CounterState, StoreError>;
        fn counters(at: DateTime<Utc>) -> Result<Vec<(CounterKey, CounterState)>, StoreError>;
        fn record(reference: &Reference) -> Result<Option<UsageRecord>, StoreError>;
        fn usage_log(coupon: &CouponId, page: Page) -> Result<Vec<UsageRecord>, StoreError>;
        fn records_of(keys: &[IdentityKey], page: Page) -> Result<Vec<UsageRecord>, StoreError>;
        fn held_types(keys: &[IdentityKey]) -> Result<HeldTypes, StoreError>;
        fn type_history(key: &IdentityKey) -> Result<Vec<TypeRecord>, StoreError>;
        fn customers_of_type(of: &CustomerTypeId, at: DateTime<Utc>) -> Result<Vec<Customer>, StoreError>;
        fn points(account: &IdentityKey, at: DateTime<Utc>) -> Result<PointsBalance, StoreError>;
        fn return_points(of: &Reference, id: &MovementId, points: PointsReturn) -> Result<ReturnPoints, StoreError>;
    }

    async fn revise(&mut self, coupon: &Coupon, edit: &Edit) -> Result<u32, AdminFailure> {
        self.flaw.revise(&mut self.store, coupon, edit)
    }

    async fn issue_once(
        &mut self,
        shop: &Shop,
        coupon: &CouponId,
        request: &IssueRequest,
        candidates: &[Code],
    ) -> Result<Issue, AdminFailure> {
        self.flaw.issue_once(&mut self.store, (shop, coupon), request, candidates)
    }

    async fn export(
        &mut self,
        shop: &Shop,
        batch: &BatchId,
        at: DateTime<Utc>,
        by: Option<&ActorId>,
    ) -> Result<Vec<IssuedCode>, AdminFailure> {
        self.flaw.export(&mut self.store, shop, batch, at, by)
    }

    async fn revoke(&mut self, code: &Code, revocation: &Revocation) -> Result<(), AdminFailure> {
        self.flaw.revoke(&mut self.store, code, revocation)
    }

    async fn import(
        &mut self,
        coupon: &CouponId,
        codes: &[ImportedCode],
        at: DateTime<Utc>,
    ) -> Result<(), AdminFailure> {
        self.flaw.import(&mut self.store, coupon, codes, at)
    }

    async fn records(&mut self, page: Page) -> Result<Vec<UsageRecord>, StoreError> {
        Ok(self.flaw.records(&mut self.store, page))
    }

    async fn credit_points(&mut self, account: &IdentityKey, id: &MovementId, points: u64) -> Result<(), StoreError> {
        self.flaw.credit_points(&mut self.store, account, id, points);
        Ok(())
    }

    async fn amend(&mut self, amended: &Amended, at: DateTime<Utc>) -> Result<Amend, StoreError> {
        Ok(self.flaw.amend(&mut self.store, amended, at))
    }

    async fn forget(&mut self, keys: &[IdentityKey]) -> Result<Forgotten, StoreError> {
        Ok(self.flaw.forget(&mut self.store, keys))
    }

    async fn purge(&mut self, what: &Purge) -> Result<Purged, StoreError> {
        Ok(self.flaw.purge(&mut self.store, what))
    }
}

/// A store with a flaw under test.
struct Bench {
    ours: MemoryStore,
    theirs: MemoryStore,
    flaw: &'static dyn Flaw,
}

impl Bench {
    fn with(flaw: &'static dyn Flaw) -> Self {
        let ours = MemoryStore::new();
        let theirs = if flaw.one_shop() { ours.clone() } else { MemoryStore::new() };
        Self { ours, theirs, flaw }
    }

    fn handle(&self, store: &MemoryStore) -> Broken {
        Broken { store: store.clone(), aborted: false, flaw: self.flaw }
    }
}

impl Rig for Bench {
    type Connection = ();
    type Transaction<'c> = MemoryStore;
    type Store<'c> = Broken;

    fn fresh() -> Option<Self> {
        Some(Self::with(&Sound))
    }

    fn wait<T: Future>(&self, work: T) -> T::Output {
        block_on(work)
    }

    async fn connect(&self) {}

    fn store(&self, (): &mut ()) -> Broken {
        self.handle(&self.ours)
    }

    fn neighbour(&self, (): &mut ()) -> Broken {
        self.handle(&self.theirs)
    }

    async fn begin(&self, (): &mut ()) -> Option<MemoryStore> {
        self.flaw.alone().then(|| self.ours.clone())
    }

    fn inside(&self, transaction: &mut Self::Transaction<'_>) -> Broken {
        self.handle(transaction)
    }

    async fn end(&self, _: Self::Transaction<'_>, _: Ending) {}
}

/// Runs one promise; says whether it is kept.
fn keeps(flaw: &'static dyn Flaw, name: &str) -> bool {
    let all = promises::<Bench>();
    let (_, promise) =
        all.iter().find(|(promise, _)| *promise == name).unwrap_or_else(|| panic!("no promise `{name}`"));
    let rig = Bench::with(flaw);
    catch_unwind(AssertUnwindSafe(|| promise(rig))).is_ok()
}

/// The redemption with some of its document changed.
fn edited(redemption: &Redemption, edit: impl FnOnce(&mut Value)) -> Redemption {
    let mut document = serde_json::to_value(redemption).unwrap();
    edit(&mut document);
    serde_json::from_value(document).unwrap()
}

fn without_guard(redemption: &Redemption, kind: &str) -> Redemption {
    edited(redemption, |document| {
        if let Some(guards) = document.get_mut("guards") {
            guards.as_array_mut().unwrap().retain(|guard| guard.get(kind).is_none());
        }
    })
}

/// A test of each flaw: the promise that it breaks is found broken, and a store without the flaw keeps that promise.
macro_rules! flaws {
    ($($(#[$doc:meta])+ $name:ident as $test:ident breaks $($promise:literal),+; { $($of:tt)* })+) => {
        $(
            $(#[$doc])+
            struct $name;

            impl Flaw for $name {
                $($of)*
            }

            #[test]
            fn $test() {
                for promise in [$($promise),+] {
                    assert!(keeps(&Sound, promise), "{promise} on a sound store");
                    assert!(!keeps(&$name, promise), "{promise} does not find the flaw");
                }
            }
        )+
    };
}

/// No flaw at all.
struct Sound;

impl Flaw for Sound {}

flaws! {
    /// Looks whether there is room, and then takes it: two who look at once both take the last.
    LooksThenTakes as looking_before_taking_is_found breaks "races::a_thousand_of_five_thousand"; {
        fn commit(&self, store: &mut MemoryStore, redemption: &Redemption, at: DateTime<Utc>) -> Commit {
            let mut last = false;
            for delta in redemption.deltas() {
                let state = store.clone().counter(delta.key(), at);
                if state.used + state.held + delta.by() > delta.limit() {
                    return block_on(store.commit(redemption, at)).unwrap();
                }
                last |= state.used + state.held + delta.by() == delta.limit();
            }
            if last {
                std::thread::sleep(Duration::from_millis(100));
            }
            let unlimited = edited(redemption, |document| {
                for delta in document["deltas"].as_array_mut().unwrap() {
                    delta["limit"] = 1_000_000.into();
                }
            });
            block_on(store.commit(&unlimited, at)).unwrap()
        }
    }

    /// A customer's own hold is counted against the own basket.
    BlocksItself as counting_the_own_hold_is_found breaks "holds::a_hold_stands_for_others_only"; {
        fn load(&self, store: &mut MemoryStore, request: &LoadRequest) -> Loaded {
            let nobody = Reference::Order("nobody".parse().unwrap());
            let request = LoadRequest::new(nobody, request.currency(), request.at()).with_codes(request.codes());
            block_on(store.load(&request)).unwrap()
        }
    }

    /// Holds of abandoned baskets stay for ever.
    NeverLapses as holds_that_never_lapse_are_found breaks
        "holds::a_lapsed_hold_is_never_in_the_way", "holds::lapsed_holds_make_room"; {
        fn reserve(&self, store: &mut MemoryStore, of: &Redemption, at: DateTime<Utc>, until: DateTime<Utc>) -> Reserve {
            match block_on(store.reserve(of, at, until + TimeDelta::days(365))).unwrap() {
                Reserve::Held { .. } => Reserve::Held { until },
                answer => answer,
            }
        }
    }

    /// A second reserve makes the hold anew, and shorter where it comes late.
    Shortens as a_hold_that_is_shortened_is_found breaks "holds::reserving_again_extends"; {
        fn reserve(&self, store: &mut MemoryStore, of: &Redemption, at: DateTime<Utc>, until: DateTime<Utc>) -> Reserve {
            block_on(store.release(of.reference(), at)).unwrap();
            block_on(store.reserve(of, at, until)).unwrap()
        }
    }

    /// A changed basket that is refused loses what was held.
    DropsOnRefusal as a_hold_that_is_lost_is_found breaks "holds::a_refused_change_keeps_the_hold"; {
        fn reserve(&self, store: &mut MemoryStore, of: &Redemption, at: DateTime<Utc>, until: DateTime<Utc>) -> Reserve {
            let answer = block_on(store.reserve(of, at, until)).unwrap();
            if matches!(answer, Reserve::Refused(_)) {
                block_on(store.release(of.reference(), at)).unwrap();
            }
            answer
        }
    }

    /// Says twice that a hold was released.
    ReleasesTwice as a_second_release_is_found breaks "holds::a_release_frees_once"; {
        fn release(&self, store: &mut MemoryStore, reference: &Reference, at: DateTime<Utc>) -> Release {
            match block_on(store.release(reference, at)).unwrap() {
                Release::NothingHeld => Release::Released,
                answer => answer,
            }
        }
    }

    /// A retry after a lost answer is no success.
    RefusesRepeats as a_refused_repeat_is_found breaks
        "repeats::a_repeat_is_the_same_redemption", "payment::a_payment_is_captured_only_with_its_redemption"; {
        fn commit(&self, store: &mut MemoryStore, redemption: &Redemption, at: DateTime<Utc>) -> Commit {
            match block_on(store.commit(redemption, at)).unwrap() {
                Commit::AlreadyRecorded => Commit::Different,
                answer => answer,
            }
        }
    }

    /// A retry is a second use.
    CountsRepeats as a_repeat_that_counts_is_found breaks "repeats::a_repeat_is_the_same_redemption"; {
        fn commit(&self, store: &mut MemoryStore, redemption: &Redemption, at: DateTime<Utc>) -> Commit {
            let answer = block_on(store.commit(redemption, at)).unwrap();
            if answer == Commit::AlreadyRecorded {
                let again = edited(redemption, |document| {
                    document["reference"] = serde_json::json!({"order": "again"});
                    for delta in document["deltas"].as_array_mut().unwrap() {
                        delta["limit"] = 1_000_000.into();
                    }
                });
                assert_eq!(block_on(store.commit(&again, at)).unwrap(), Commit::Recorded);
            }
            answer
        }
    }

    /// What fits is taken, though something else is refused.
    TakesHalf as a_half_refusal_is_found breaks "limits::all_or_none"; {
        fn commit(&self, store: &mut MemoryStore, redemption: &Redemption, at: DateTime<Utc>) -> Commit {
            let answer = block_on(store.commit(redemption, at)).unwrap();
            if let Commit::Refused(objections) = &answer {
                let full = |key: &CounterKey| {
                    objections.iter().any(|no| matches!(no, Objection::LimitReached { counter, .. } if counter == key))
                };
                let keep: Vec<bool> = redemption.deltas().iter().map(|delta| !full(delta.key())).collect();
                let half = edited(redemption, |document| {
                    let mut keep = keep.iter();
                    document["deltas"].as_array_mut().unwrap().retain(|_| *keep.next().unwrap());
                });
                block_on(store.reserve(&half, at, at + TimeDelta::days(1))).unwrap();
            }
            answer
        }
    }

    /// Records at the price of terms that stand no longer.
    IgnoresRevisions as a_stale_price_is_found breaks
        "terms::a_revised_definition_is_stale", "terms::deactivating_spares_live_holds"; {
        fn commit(&self, store: &mut MemoryStore, redemption: &Redemption, at: DateTime<Utc>) -> Commit {
            block_on(store.commit(&without_guard(redemption, "revision"), at)).unwrap()
        }
    }

    /// A withdrawn code is as good as before.
    IgnoresRevocations as a_code_that_outlives_its_withdrawal_is_found breaks
        "terms::revoking_spares_nothing", "issuing::what_is_withdrawn_stays_withdrawn"; {
        fn revoke(&self, store: &mut MemoryStore, code: &Code, _: &Revocation) -> Result<(), AdminFailure> {
            let known = store.clone().issued(code).is_some();
            if known { Ok(()) } else { Err(AdminError::UnknownCode { code: code.clone() }.into()) }
        }
    }

    /// Of two changes of a customer's type that were priced at once the second undoes the first.
    IgnoresTypes as a_lost_membership_is_found breaks
        "types::a_year_is_added_to_a_year", "races::sixteen_years_in_a_race"; {
        fn commit(&self, store: &mut MemoryStore, redemption: &Redemption, at: DateTime<Utc>) -> Commit {
            block_on(store.commit(&without_guard(redemption, "types"), at)).unwrap()
        }
    }

    /// Somebody else's code can be redeemed, and used ones as well.
    IgnoresHolders as a_code_of_somebody_else_is_found breaks "customers::a_personal_code_is_its_holders"; {
        fn commit(&self, store: &mut MemoryStore, redemption: &Redemption, at: DateTime<Utc>) -> Commit {
            block_on(store.commit(&without_guard(redemption, "code_live"), at)).unwrap()
        }
    }

    /// A void gives the use back, whatever the policy.
    AlwaysGivesBack as a_use_that_comes_back_is_found breaks "voids::a_void_keeps_the_use"; {
        fn void(&self, store: &mut MemoryStore, reference: &Reference, policy: OnVoid, at: DateTime<Utc>) -> Void {
            block_on(store.void(reference, policy.with_uses_given_back(true), at)).unwrap()
        }
    }

    /// A code that is typed in small letters is another one.
    MindsTheCase as a_code_of_one_spelling_is_found breaks "limits::a_code_is_one_in_every_spelling"; {
        fn load(&self, store: &mut MemoryStore, request: &LoadRequest) -> Loaded {
            let plain = |text: &String| text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
            let codes: Vec<String> =
                request.codes().iter().map(|code| if plain(code) { code.clone() } else { "-".to_owned() }).collect();
            block_on(store.load(&request.clone().with_codes(codes))).unwrap()
        }
    }

    /// The second admin writes over what the first one wrote.
    LosesEdits as a_lost_edit_is_found breaks "definitions::no_edit_is_lost", "definitions::one_edit_wins_in_a_race"; {
        fn revise(&self, store: &mut MemoryStore, coupon: &Coupon, edit: &Edit) -> Result<u32, AdminFailure> {
            let Some(stands) = store.clone().definition(coupon.id()) else {
                return Err(AdminError::UnknownCoupon { coupon: coupon.id().clone() }.into());
            };
            let mut document = serde_json::to_value(coupon).unwrap();
            document["revision"] = stands.revision().into();
            block_on(CouponAdmin::revise(store, &serde_json::from_value(document).unwrap(), edit))
        }
    }

    /// Nobody knows who changed it.
    KeepsNoLog as an_edit_without_a_trace_is_found breaks "definitions::the_audit_log_says_who_changed_what"; {
        fn revise(&self, store: &mut MemoryStore, coupon: &Coupon, _: &Edit) -> Result<u32, AdminFailure> {
            Ok(store.clone().revise(coupon.clone())?)
        }
    }

    /// The mail that is sent again has another code.
    IssuesTwice as a_second_code_for_an_occasion_is_found breaks
        "issuing::one_code_for_each_occasion", "issuing::one_code_for_an_occasion_in_a_race"; {
        fn issue_once(
            &self, store: &mut MemoryStore,
            (shop, coupon): (&Shop, &CouponId),
            request: &IssueRequest,
            candidates: &[Code],
        ) -> Result<Issue, AdminFailure> {
            let holder = request.holder().cloned();
            let request = holder.into_iter().fold(IssueRequest::new(request.at()), IssueRequest::with_holder);
            block_on(CouponAdmin::issue_once(store, shop, coupon, &request, candidates))
        }
    }

    /// A batch is printed twice.
    ExportsTwice as a_second_export_is_found breaks
        "issuing::a_batch_is_exported_once", "issuing::one_export_in_a_race"; {
        fn export(
            &self, store: &mut MemoryStore,
            shop: &Shop,
            batch: &BatchId,
            at: DateTime<Utc>,
            by: Option<&ActorId>,
        ) -> Result<Vec<IssuedCode>, AdminFailure> {
            match block_on(CouponAdmin::export(store, shop, batch, at, by)) {
                Err(AdminFailure::Refused(AdminError::AlreadyExported { .. })) => {
                    Ok(store.clone().batch(batch).unwrap().issued)
                }
                answer => answer,
            }
        }
    }

    /// Codes that were used in the old shop come back unused.
    ImportsUnused as an_import_without_its_uses_is_found breaks "issuing::imported_uses_count"; {
        fn import(
            &self, store: &mut MemoryStore,
            coupon: &CouponId,
            codes: &[ImportedCode],
            at: DateTime<Utc>,
        ) -> Result<(), AdminFailure> {
            let unused: Vec<_> = codes.iter().map(|code| ImportedCode::new(code.issued().clone())).collect();
            block_on(CouponAdmin::import(store, coupon, &unused, at))
        }
    }

    /// A page of the log begins one too far.
    SkipsRecords as a_record_between_two_pages_is_found breaks "logs::everything_is_in_the_log_once"; {
        fn records(&self, store: &mut MemoryStore, page: Page) -> Vec<UsageRecord> {
            let mut records = block_on(CouponAdmin::records(store, page)).unwrap();
            if records.first().is_some_and(|record| record.place > 2) {
                records.remove(0);
            }
            records
        }
    }

    /// A credit that is sent again is there twice.
    CreditsTwice as points_from_nowhere_are_found breaks "accounts::points_are_credited_once"; {
        fn credit_points(&self, store: &mut MemoryStore, account: &IdentityKey, id: &MovementId, points: u64) {
            let had = store.clone().points(account, DateTime::UNIX_EPOCH).balance();
            store.clone().credit_points(account, &format!("{id}-{had}").parse().unwrap(), points);
        }
    }

    /// A change of an order that is sent again is made again.
    AmendsTwice as a_second_amendment_is_found breaks "changes::a_change_is_made_once"; {
        fn amend(&self, store: &mut MemoryStore, amended: &Amended, at: DateTime<Utc>) -> Amend {
            match block_on(CouponAdmin::amend(store, amended, at)).unwrap() {
                Amend::AlreadyAmended => Amend::Amended,
                answer => answer,
            }
        }
    }

    /// Who is forgotten is still in all the records.
    Remembers as a_customer_who_is_not_forgotten_is_found breaks "life::a_forgotten_customer_leaves_the_figures"; {
        fn forget(&self, store: &mut MemoryStore, _: &[IdentityKey]) -> Forgotten {
            let nobody = ["a", "b"].map(|value| IdentityKey::id(value).unwrap());
            block_on(CouponAdmin::forget(store, &nobody)).unwrap()
        }
    }

    /// A purge takes holds that live.
    PurgesTheLiving as a_purge_of_live_holds_is_found breaks "life::a_purge_takes_lapsed_holds_in_steps"; {
        fn purge(&self, store: &mut MemoryStore, _: &Purge) -> Purged {
            let far = parse_instant("2999-01-01T00:00:00Z").unwrap();
            block_on(CouponAdmin::purge(store, &Purge::holds(far, 3))).unwrap()
        }
    }

    /// Two shops in one database are one.
    MixesShops as mixed_shops_are_found breaks "shops::shops_know_nothing_of_each_other"; {
        fn one_shop(&self) -> bool {
            true
        }
    }

    /// What was done in a transaction that was rolled back stays done.
    GoesAlone as a_store_outside_of_the_transaction_is_found breaks
        "transactions::a_rollback_leaves_nothing", "transactions::what_is_committed_with_the_order_stays"; {
        fn alone(&self) -> bool {
            true
        }
    }

    /// A limit that is reached aborts the order.
    Aborts as an_aborted_transaction_is_found breaks "limits::a_refusal_leaves_the_handle_usable"; {
        fn aborts(&self) -> bool {
            true
        }
    }
}
