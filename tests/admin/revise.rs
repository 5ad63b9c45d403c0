//! A definition that is revised while checkouts run: no use is lost to the count.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sqlx::Database;
use vouchsafe::*;

use crate::script::{at, shop};

/// Opens connections to one database.
pub trait Connect: Clone + Send + Sync + 'static {
    type Dialect: Dialect;
    fn connect(&self) -> impl Future<Output = <Self::Dialect as Database>::Connection> + Send;
}

pub fn store<D: Dialect>(connection: &mut <D as Database>::Connection) -> SqlStore<'_, D> {
    SqlStore::new(connection, "shop".parse().unwrap())
}

/// Asks again where that helps.
macro_rules! insist {
    ($call:expr) => {
        loop {
            match $call.await {
                Ok(answer) => break Ok(answer),
                Err(failure) => match AdminFailure::from(failure) {
                    AdminFailure::Store(error) if error.is_retryable() => {}
                    other => break Err(other),
                },
            }
        }
    };
}

/// What a shopper wants: how much of it, and how the checkout goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Commit,
    Hold,
    Void,
}

fn spring() -> CouponBuilder {
    Coupon::builder("spring").code("SPRING").percent_off("10")
}

async fn redemption<S: CouponStore>(store: &mut S, order: &str, ann: &[IdentityKey]) -> Option<Redemption> {
    let (shop, reference) = (shop(), Reference::Order(order.parse().unwrap()));
    let request = LoadRequest::new(reference.clone(), Currency::USD, at(0)).code("spring").customer(ann.to_vec());
    let loaded = insist!(store.load(&request)).unwrap();
    let prepared = loaded.prepare(&shop).unwrap();
    let codes = loaded.presented(&prepared);
    let boot = Product::new("BOOT".parse().unwrap());
    let line = Line::new(LineId(1), boot, Quantity::pieces(1).unwrap(), UnitPrice::parse("100.00").unwrap());
    let basket = Order::builder(Currency::USD).line(line).build().unwrap();
    let customer = Customer::new(ann.to_vec());
    let outcome = shop.evaluate(&Request::new(&basket, &customer, reference, at(0)).with_codes(&codes)).unwrap();
    outcome.answers()[0].is_applied().then(|| outcome.redemption().unwrap())
}

/// One checkout to its end; says whether it was recorded and still counts.
async fn check_out<S: CouponStore>(store: &mut S, order: &str, ann: &[IdentityKey], way: Way) -> bool {
    let policy = OnVoid::KEEP.with_uses_given_back(true);
    loop {
        let Some(redemption) = redemption(store, order, ann).await else { return false };
        if way == Way::Hold {
            let until = at(20);
            match insist!(store.reserve(&redemption, at(0), until)).unwrap() {
                Reserve::Held { .. } => {}
                Reserve::Stale(_) => continue,
                Reserve::Refused(_) => return false,
                other => panic!("{other:?}"),
            }
        }
        match insist!(store.commit(&redemption, at(1))).unwrap() {
            Commit::Recorded | Commit::AlreadyRecorded => {}
            Commit::Stale(_) => continue,
            Commit::Refused(_) => return false,
            Commit::Different => panic!("{order} is another"),
        }
        if way == Way::Void {
            let answer = insist!(store.void(redemption.reference(), policy, at(2))).unwrap();
            assert!(matches!(answer, Void::Voided { .. } | Void::AlreadyVoided), "{answer:?}");
            return false;
        }
        return true;
    }
}

/// Checkouts of eight workers, and in their middle an admin who adds one limit after the other. Afterwards every counter
/// is what the records that count add up to.
pub async fn limits_are_added_while_checkouts_run<C: Connect>(database: C) {
    const ORDERS: usize = 40;
    let mut connection = database.connect().await;
    let mut admin = store::<C::Dialect>(&mut connection);
    admin.define(&spring().build().unwrap(), &Edit::new(at(0))).await.unwrap();
    // A hold from before all of it counts on every limit that comes.
    let early = redemption(&mut admin, "early", &[IdentityKey::id("early").unwrap()]).await.unwrap();
    assert!(matches!(admin.reserve(&early, at(0), at(20)).await.unwrap(), Reserve::Held { .. }));

    let done = Arc::new(AtomicBool::new(false));
    let workers: Vec<_> = (0..4_usize)
        .map(|worker| {
            let (database, done) = (database.clone(), done.clone());
            tokio::spawn(async move {
                let mut connection = database.connect().await;
                let mut store = store::<C::Dialect>(&mut connection);
                let mut counted = 0_u64;
                for n in 0.. {
                    if n >= ORDERS && done.load(Ordering::SeqCst) {
                        break;
                    }
                    let ann = [IdentityKey::id(&(n % 7).to_string()).unwrap()];
                    let way = [Way::Commit, Way::Hold, Way::Void, Way::Commit][n % 4];
                    counted += u64::from(check_out(&mut store, &format!("o-{worker}-{n}"), &ann, way).await);
                }
                counted
            })
        })
        .collect();

    let edits: [fn(CouponBuilder) -> CouponBuilder; 4] = [
        |coupon| coupon.total_limit(1_000_000),
        |coupon| coupon.per_customer_limit(100_000),
        |coupon| coupon.per_customer_and_code_limit(100_000),
        |coupon| coupon.per_code_limit(1_000_000),
    ];
    let mut terms = spring();
    for edit in edits {
        terms = edit(terms);
        let revision = admin.definition(&"spring".parse().unwrap()).await.unwrap().unwrap().revision();
        let next = terms.clone().revision(revision).build().unwrap();
        insist!(admin.revise(&next, &Edit::new(at(0)))).unwrap();
    }
    done.store(true, Ordering::SeqCst);
    let mut counted = 0;
    for worker in workers {
        counted += worker.await.unwrap();
    }

    let mut expected = BTreeMap::new();
    let mut raise = |key: CounterKey, (used, held): (u64, u64)| {
        let sum: &mut (u64, u64) = expected.entry(key).or_default();
        *sum = (sum.0 + used, sum.1 + held);
    };
    let mut place = Page::first(50);
    let mut records = 0;
    loop {
        let page = admin.usage_log(&"spring".parse().unwrap(), place).await.unwrap();
        let Some(last) = page.last() else { break };
        place = Page::after(last.place, 50);
        for record in page.iter().filter(|record| !record.uses_given_back) {
            records += 1;
            keys(&record.redemption).into_iter().for_each(|key| raise(key, (1, 0)));
        }
    }
    assert_eq!(records, counted, "every acknowledged order is there, and no other");
    keys(&early).into_iter().for_each(|key| raise(key, (0, 1)));
    let counters: BTreeMap<CounterKey, (u64, u64)> =
        admin.counters(at(3)).await.unwrap().into_iter().map(|(key, state)| (key, (state.used, state.held))).collect();
    let counters: BTreeMap<_, _> = counters.into_iter().filter(|(_, state)| *state != (0, 0)).collect();
    assert_eq!(counters, expected);
    assert_eq!(admin.commit(&early, at(3)).await.unwrap(), Commit::Recorded, "its terms are pinned");
    let total = CounterKey::Total { coupon: "spring".parse().unwrap() };
    let state = admin.counter(&total, at(3)).await.unwrap();
    assert_eq!((state.used, state.held), (counted + 1, 0));
}

/// Every counter that a use of the last revision counts on.
fn keys(redemption: &Redemption) -> Vec<CounterKey> {
    let (coupon, code) = (|| "spring".parse().unwrap(), || redemption.coupons()[0].code.clone());
    let customer = || redemption.counted()[0].clone();
    vec![
        CounterKey::Total { coupon: coupon() },
        CounterKey::Code { coupon: coupon(), code: code() },
        CounterKey::Customer { coupon: coupon(), customer: customer() },
        CounterKey::CustomerCode { coupon: coupon(), code: code(), customer: customer() },
    ]
}

/// A limit that is added below what was used already stops the next one, and gives nothing back.
pub async fn a_limit_below_what_was_used_stops_the_next<C: Connect>(database: C) {
    let mut connection = database.connect().await;
    let mut admin = store::<C::Dialect>(&mut connection);
    admin.define(&spring().build().unwrap(), &Edit::new(at(0))).await.unwrap();
    for n in 0..5 {
        let ann = [IdentityKey::id(&n.to_string()).unwrap()];
        assert!(check_out(&mut admin, &format!("o-{n}"), &ann, Way::Commit).await);
    }
    assert_eq!(admin.counters(at(0)).await.unwrap(), [], "without limits no counter is touched");
    let bob = [IdentityKey::id("bob").unwrap()];
    let late = redemption(&mut admin, "late", &bob).await.unwrap();
    let budget = Amounts::new([Money::parse("45.00", Currency::USD).unwrap()]).unwrap();
    admin.revise(&spring().total_limit(4).budget(budget).build().unwrap(), &Edit::new(at(0))).await.unwrap();
    let stale = Revised { coupon: "spring".parse().unwrap(), priced: 1, current: 2 };
    assert_eq!(admin.commit(&late, at(0)).await.unwrap(), Commit::Stale(vec![stale]));
    assert!(!check_out(&mut admin, "o-6", &bob, Way::Commit).await);
    let of = |state: CounterState| (state.used, state.held);
    let total = CounterKey::Total { coupon: "spring".parse().unwrap() };
    let spent = CounterKey::Money { coupon: "spring".parse().unwrap(), currency: Currency::USD };
    assert_eq!(of(admin.counter(&total, at(0)).await.unwrap()), (5, 0));
    assert_eq!(of(admin.counter(&spent, at(0)).await.unwrap()), (5_000, 0));

    // What is given back goes back on the limits that came later, too.
    let first = Reference::Order("o-0".parse().unwrap());
    admin.void(&first, OnVoid::KEEP.with_uses_given_back(true), at(1)).await.unwrap();
    assert_eq!(of(admin.counter(&total, at(0)).await.unwrap()), (4, 0));
    assert_eq!(of(admin.counter(&spent, at(0)).await.unwrap()), (4_000, 0));

    // Taken away and put back, a limit counts the one use that it missed, and no other twice.
    let current = admin.definition(&"spring".parse().unwrap()).await.unwrap().unwrap().revision();
    admin.revise(&spring().revision(current).build().unwrap(), &Edit::new(at(0))).await.unwrap();
    assert!(check_out(&mut admin, "o-7", &bob, Way::Commit).await);
    let back = spring().revision(current + 1).total_limit(6).build().unwrap();
    admin.revise(&back, &Edit::new(at(0))).await.unwrap();
    assert_eq!(of(admin.counter(&total, at(0)).await.unwrap()), (5, 0));
    assert!(check_out(&mut admin, "o-8", &bob, Way::Commit).await);
    assert!(!check_out(&mut admin, "o-9", &bob, Way::Commit).await);
}

/// Of two admins who edit at once one is told; nobody's edit is lost, and the log has each once.
pub async fn of_two_edits_at_once_one_is_told<C: Connect>(database: C) {
    let mut connection = database.connect().await;
    let mut admin = store::<C::Dialect>(&mut connection);
    admin.define(&spring().build().unwrap(), &Edit::new(at(0))).await.unwrap();
    let editors: Vec<_> = (0..4)
        .map(|editor| {
            let database = database.clone();
            tokio::spawn(async move {
                let mut connection = database.connect().await;
                let mut store = store::<C::Dialect>(&mut connection);
                let by: ActorId = format!("editor-{editor}").parse().unwrap();
                let mut told = 0;
                for n in 0..5_u64 {
                    loop {
                        let current = insist!(store.definition(&"spring".parse().unwrap())).unwrap().unwrap();
                        let next =
                            spring().revision(current.revision()).total_limit(1 + n * 4 + editor).build().unwrap();
                        let edit = Edit::new(at(0)).by(by.clone());
                        match insist!(store.revise(&next, &edit)) {
                            Ok(revision) => {
                                assert_eq!(revision, current.revision() + 1);
                                break;
                            }
                            Err(AdminFailure::Refused(AdminError::RevisedMeanwhile { .. })) => told += 1,
                            Err(other) => panic!("{other:?}"),
                        }
                    }
                }
                told
            })
        })
        .collect();
    for editor in editors {
        let _told: i32 = editor.await.unwrap();
    }
    let log = admin.definition_log(&"spring".parse().unwrap()).await.unwrap();
    assert_eq!(log.len(), 21);
    for (n, change) in (1_u32..).zip(&log) {
        assert_eq!(change.after.revision(), n);
        assert_eq!(change.before.as_ref().map(|before| before.revision()), n.checked_sub(1).filter(|n| *n > 0));
    }
}

/// Whoever runs the job twice at once shows the same code: one for each occasion of each customer, whoever asks.
pub async fn an_occasion_has_one_code_whoever_asks<C: Connect>(database: C) {
    let mut connection = database.connect().await;
    let mut admin = store::<C::Dialect>(&mut connection);
    let gift = Coupon::builder("gift").kind(Kind::Personal).percent_off("10").codes_limit(10).build().unwrap();
    admin.define(&gift, &Edit::new(at(0))).await.unwrap();
    let other = Coupon::builder("other").percent_off("10").per_code_limit(1).build().unwrap();
    admin.define(&other, &Edit::new(at(0))).await.unwrap();
    let jobs: Vec<_> = (0..4_usize)
        .map(|job| {
            let database = database.clone();
            tokio::spawn(async move {
                let mut connection = database.connect().await;
                let mut store = store::<C::Dialect>(&mut connection);
                let code = |text: String| Code::parse(&text, CodeFormat::Standard).unwrap();
                let mut shown = Vec::new();
                for customer in 0..10 {
                    let holder = IdentityKey::id(&customer.to_string()).unwrap();
                    let request = IssueRequest::new(at(0)).with_holder(holder).with_occasion("may".parse().unwrap());
                    // All jobs draw the same codes: whoever comes second takes the next one.
                    let candidates: Vec<Code> = (0..12).map(|n| code(format!("GIFT{n}"))).collect();
                    let gift = "gift".parse().unwrap();
                    let issued = insist!(store.issue_once(&shop(), &gift, &request, &candidates)).unwrap();
                    shown.push(issued.into_issued());
                    // And another definition wants one of them, too.
                    let bearer = IssueRequest::new(at(0));
                    let wanted = [code(format!("GIFT{customer}")), code(format!("OTHER{job}X{customer}"))];
                    let other = "other".parse().unwrap();
                    insist!(store.issue_once(&shop(), &other, &bearer, &wanted)).unwrap();
                }
                shown
            })
        })
        .collect();
    let mut shown = Vec::new();
    for job in jobs {
        shown.push(job.await.unwrap());
    }
    assert!(shown.iter().all(|codes| *codes == shown[0]), "{shown:?}");
    let distinct: std::collections::BTreeSet<&Code> = shown[0].iter().map(IssuedCode::code).collect();
    assert_eq!(distinct.len(), 10);
    assert_eq!(admin.issued_count(&"gift".parse().unwrap()).await.unwrap(), 10);
    assert_eq!(admin.issued_count(&"other".parse().unwrap()).await.unwrap(), 40);
}

/// A limit per customer holds whoever the shopper claims to be, as long as one key is the same: the id, the address under
/// another alias, or the device.
pub async fn a_customer_is_the_same_by_any_key<S: CouponAdmin>(store: &mut S) {
    let policy = Policy::builder(Currency::USD)
        .identity_kinds([IdentityKind::Id, IdentityKind::Email, IdentityKind::Device])
        .build()
        .unwrap();
    let shop = Shop::new(policy);
    let once = Coupon::builder("once").code("ONCE").percent_off("10").per_customer_limit(1).build().unwrap();
    store.define(&once, &Edit::new(at(0))).await.unwrap();
    let account = IdentityKey::id("42").unwrap();
    let alias = |text| IdentityKey::email_without_aliases(text, true).unwrap();
    let device = |text| IdentityKey::new(IdentityKind::Device, text).unwrap();
    let place = async |store: &mut S, order: &str, keys: &[IdentityKey]| {
        let (reference, customer) = (Reference::Order(order.parse().unwrap()), Customer::new(keys.to_vec()));
        let counted = shop.policy().counted_keys(&customer);
        let request = LoadRequest::new(reference.clone(), Currency::USD, at(0)).code("once").customer(counted);
        let loaded = store.load(&request).await.unwrap();
        let prepared = loaded.prepare(&shop).unwrap();
        let codes = loaded.presented(&prepared);
        let boot = Product::new("BOOT".parse().unwrap());
        let line = Line::new(LineId(1), boot, Quantity::pieces(1).unwrap(), UnitPrice::parse("100.00").unwrap());
        let basket = Order::builder(Currency::USD).line(line).build().unwrap();
        let request = Request::new(&basket, &customer, reference, at(0)).with_codes(&codes);
        let outcome = shop.evaluate(&request).unwrap();
        if !outcome.answers()[0].is_applied() {
            return false;
        }
        let answer = store.commit(&outcome.redemption().unwrap(), at(0)).await.unwrap();
        assert_eq!(answer, Commit::Recorded);
        true
    };
    let first = [account.clone(), alias("Ann.Smith+shop@example.com"), device("phone")];
    assert!(place(store, "o-1", &first).await);
    assert!(!place(store, "o-2", &[account]).await, "the same account");
    assert!(!place(store, "o-3", &[alias("annsmith+again@example.com")]).await, "a guest with another alias");
    assert!(!place(store, "o-4", &[alias("bob@example.com"), device("phone")]).await, "a new address, the same device");
    assert!(place(store, "o-5", &[alias("bob@example.com"), device("laptop")]).await, "somebody else");
}

/// More than goes into one statement or one page: codes keep their order, and none is forgotten or counted twice.
pub async fn lists_are_longer_than_a_page<C: Connect>(database: C) {
    const MANY: usize = 2_500;
    let mut connection = database.connect().await;
    let mut admin = store::<C::Dialect>(&mut connection);
    let (edit, shop) = (Edit::new(at(0)), shop());
    let paper = Coupon::builder("paper").percent_off("10").per_code_limit(1).build().unwrap();
    admin.define(&paper, &edit).await.unwrap();
    let code = |text: String| Code::parse(&text, CodeFormat::Standard).unwrap();
    // Not in the order of their texts.
    let codes: Vec<Code> = (0..MANY).map(|n| code(format!("P{:04}", n * 7_919 % 10_000))).collect();
    let (batch, paper) = ("printed".parse().unwrap(), "paper".parse().unwrap());
    admin.add_batch(&batch, &paper, &codes, at(0)).await.unwrap();
    admin.add_batch(&batch, &paper, &codes, at(0)).await.unwrap();
    let exported = admin.export(&shop, &batch, at(1), None).await.unwrap();
    assert!(exported.iter().map(IssuedCode::code).eq(&codes));
    let record = admin.batch(&batch).await.unwrap().unwrap();
    assert_eq!((record.codes, record.issued), (codes, exported));

    let old: Vec<ImportedCode> = (0..MANY)
        .map(|n| ImportedCode::new(IssuedCode::new(code(format!("OLD{n}")), at(-60))).used([], n as u64 % 3))
        .collect();
    admin.import(&paper, &old[..1], at(0)).await.unwrap();
    let refused = admin.import(&paper, &old[1..], at(0)).await;
    assert!(matches!(refused, Err(AdminFailure::Refused(AdminError::ImportOverLimit { .. }))), "{refused:?}");
    let many = Coupon::builder("many").percent_off("10").build().unwrap();
    admin.define(&many, &edit).await.unwrap();
    let many_id = "many".parse().unwrap();
    admin.import(&many_id, &old[1..], at(0)).await.unwrap();
    assert_eq!(admin.issued_count(&many_id).await.unwrap(), 2_499);
    let limited = Coupon::builder("many").percent_off("10").total_limit(100_000).per_code_limit(9).build().unwrap();
    admin.revise(&limited, &edit).await.unwrap();
    // 833 times 1 and 833 times 2.
    let total = CounterKey::Total { coupon: many_id.clone() };
    assert_eq!(admin.counter(&total, at(0)).await.unwrap().used, 2_499);
    assert_eq!(admin.counters(at(0)).await.unwrap().len(), 1 + 1_666);
    let (mut seen, mut after) = (0, None);
    loop {
        let page = admin.codes_of(&shop, &many_id, after.as_ref(), 1_000).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.code.clone());
        seen += page.iter().filter(|record| record.uses > 0).count();
    }
    assert_eq!(seen, 1_666);
    let why = Revocation::new(at(9), "leaked").unwrap();
    assert_eq!(admin.revoke_batch(&batch, &why).await.unwrap(), 2_500);

    // Records that fill a page and some: each counts once.
    admin.define(&spring().build().unwrap(), &edit).await.unwrap();
    for n in 0..1_050 {
        let ann = [IdentityKey::id(&(n % 500).to_string()).unwrap()];
        assert!(check_out(&mut admin, &format!("o-{n}"), &ann, Way::Commit).await);
    }
    let next = spring().total_limit(1_051).per_customer_limit(3).build().unwrap();
    admin.revise(&next, &edit).await.unwrap();
    let total = CounterKey::Total { coupon: "spring".parse().unwrap() };
    assert_eq!(admin.counter(&total, at(0)).await.unwrap().used, 1_050);
    let of = |n: usize| IdentityKey::id(&n.to_string()).unwrap();
    for (n, used) in [(0, 3), (49, 3), (50, 2), (499, 2)] {
        let key = CounterKey::Customer { coupon: "spring".parse().unwrap(), customer: of(n) };
        assert_eq!(admin.counter(&key, at(0)).await.unwrap().used, used, "{n}");
    }
    assert!(!check_out(&mut admin, "three times already", &[of(0)], Way::Commit).await);
    assert!(check_out(&mut admin, "the last one", &[of(50)], Way::Commit).await);
    assert!(!check_out(&mut admin, "one too many", &[of(51)], Way::Commit).await);
}
