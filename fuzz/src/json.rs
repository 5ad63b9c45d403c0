//! JSON as every kind of document. The first character says which kind, in the order of [`KINDS`] from `!` on.

use std::cell::Cell;
use std::fmt::Debug;
use std::sync::LazyLock;

use serde::Serialize;
use serde::de::DeserializeOwned;
use vouchsafe::*;

use crate::tally;

/// What is tried with the rest of the input.
type Kind = (&'static str, fn(&str));

macro_rules! kinds {
    (drafts: $($draft:ident => $checked:ident $(with $more:ident)?),* ; others: $($other:ident $(with $more_of:ident)?),* $(,)?) => {
        /// Every kind of document and of what stands inside of one, each with its name.
        pub const KINDS: &[Kind] = &[
            $((stringify!($checked), |text| {
                let read = document::<$draft, $checked>(text, $draft::check);
                if let Some(_read) = read { $($more(&_read);)? }
            }),)*
            $((stringify!($other), |text| if let Some(_read) = kept::<$other>(text) { $($more_of(&_read);)? }),)*
        ];
    };
}

kinds! {
    drafts:
        CouponDraft => Coupon with coupon, OrderDraft => Order with order, CustomerDraft => Customer with customer,
        PolicyDraft => Policy with policy, ShopDraft => Shop with shop, UsageDraft => Usage, IssuedCodeDraft => IssuedCode,
        RevocationDraft => Revocation;
    others:
        Offer, PriceList, Goods, Audience, AccessRule, Allowance, QuantityRule, PointsProgram, CustomerType, Condition,
        Scope, Benefit, Combination, Validity, Limits, TypeAssignment, EarnRule, Billing, Product, CodePattern,
        AttemptPolicy, Attempts, ImportedCode, TypeEvent, Reference, Weekly, Money, Funding, PointsUse,
        Outcome with outcome, Redemption with redemption, PlacedOrder with placed, Subscription with subscription,
        RefundRequest, Refund, TransferRequest, Transfer, Settlement with settlement, AccountTable, Books, Posting, Refusal,
        LineRefusal, OrderRefusal, PublicReason, PublicLineReason, Mend, IssueRefusal, Objection, Reserve, Commit, Release,
        Void, OnVoid, GrantedCode, GrantReturn, ReturnPoints, PointsRefusal, PointsBalance, PointsReturn, CounterKey,
}

thread_local! {
    static TURN: Cell<u64> = const { Cell::new(0) };
}

/// Of several things to do with what was read one comes to pass, so that a run stays short; which, the text decides.
fn one_of(ways: u64) -> u64 {
    let turn = TURN.get();
    TURN.set(turn / ways);
    turn % ways
}

/// Reads a checked type; what is read is written, and read again to the same.
fn kept<T: Serialize + DeserializeOwned + PartialEq + Debug>(text: &str) -> Option<T> {
    let read = match serde_json::from_str::<T>(text) {
        Ok(read) => read,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            tally::met("refused");
            return None;
        }
    };
    tally::met("read, written and read again");
    again(&read);
    Some(read)
}

/// What this crate wrote itself is always read.
fn again<T: Serialize + DeserializeOwned + PartialEq + Debug>(written: &T) -> T {
    let text = serde_json::to_string(written).unwrap();
    let read = serde_json::from_str::<T>(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert!(read == *written, "{written:?}\nwritten as {text}\nis read as {read:?}");
    assert_eq!(serde_json::to_string(&read).unwrap(), text);
    read
}

/// Reads a document as such and as a draft, which must come to the same: the same value, or the same mistakes, each typed
/// and with its path.
fn document<D, T>(text: &str, check: impl Fn(&D) -> Result<T, DefinitionErrors>) -> Option<T>
where
    D: Serialize + DeserializeOwned + PartialEq + Debug + for<'t> From<&'t T>,
    T: Serialize + DeserializeOwned + PartialEq + Debug,
{
    let read = kept::<T>(text);
    let Ok(draft) = serde_json::from_str::<D>(text) else {
        assert!(read.is_none(), "no draft: {text}");
        return None;
    };
    // A draft keeps everything, what is wrong as well.
    if let (0, Ok(written)) = (one_of(2), serde_json::to_string(&draft)) {
        let again = serde_json::from_str::<D>(&written).unwrap_or_else(|error| panic!("{error}: {written}"));
        assert!(again == draft, "{draft:?}\nwritten as {written}\nis read as {again:?}");
    }
    match check(&draft) {
        Ok(checked) => {
            assert_eq!(read.as_ref(), Some(&checked), "the draft is right: {text}");
            assert_eq!(check(&D::from(&checked)).as_ref(), Ok(&checked));
            tally::met("the same as a draft");
        }
        Err(errors) => {
            let found = serde_json::from_str::<T>(text).err().map(|error| error.to_string());
            let Some(found) = found else { panic!("the draft is wrong, the document is not: {errors}") };
            let parts = |text: &str| {
                let mut parts: Vec<String> = text.split("; ").map(ToOwned::to_owned).collect();
                parts.sort_unstable();
                parts
            };
            assert_eq!(parts(&found), parts(&errors.to_string()), "{text}");
            assert!(!errors.errors().is_empty());
            let object = text.trim_start().starts_with('{');
            for error in errors.errors() {
                assert!(!object || !error.path.is_empty(), "{error}");
                assert!(!error.path.contains(char::is_control) && error.value.chars().count() <= 83, "{error}");
                assert!(!error.why.to_string().is_empty());
            }
            tally::met("the same mistakes as a draft");
        }
    }
    read
}

static SHOP: LazyLock<Shop> = LazyLock::new(|| Shop::new(Policy::storefront(Currency::USD, Zone::UTC)));

static COUPON: LazyLock<Coupon> =
    LazyLock::new(|| Coupon::builder("ten").code("TEN").percent_off("10").build().unwrap());

fn basket(currency: Currency) -> Order {
    let line = |id, product: &str, pieces| {
        let product = Product::new(product.parse().unwrap()).with_categories(["shoes".parse().unwrap()]);
        Line::new(LineId(id), product, Quantity::pieces(pieces).unwrap(), UnitPrice::parse("19").unwrap())
    };
    let order = Order::builder(currency).line(line(1, "BOOT", 2)).line(line(2, "SOCK", 5));
    order.charge(Charge::shipping(LineId(9), Money::new(490, currency))).build().unwrap()
}

fn at() -> chrono::DateTime<chrono::Utc> {
    parse_instant("2026-03-29T12:00:00Z").unwrap()
}

/// Prices an order with one code. Whatever was read may be too much for it, and be an error; it never panics.
fn priced(shop: &Shop, order: &Order, customer: &Customer, coupon: &Coupon) {
    let Ok(prepared) = shop.prepare(coupon.clone()) else { return };
    let entered = coupon.code().map_or("K7WQ93MX", Code::as_str);
    let issued = IssuedCode::new(Code::from_canonical("K7WQ93MX").unwrap(), at());
    let mut presented = Presented::new(entered, &prepared);
    if coupon.code().is_none() {
        presented = presented.with_issued(&issued);
    }
    let codes = [presented];
    let request = Request::new(order, customer, Reference::Order("o-1".parse().unwrap()), at()).with_codes(&codes);
    if one_of(2) == 0 {
        let Ok(told) = shop.evaluate(&request) else { return };
        tally::met("priced");
        match one_of(3) {
            0 => outcome(&told),
            1 => drop(told.receipt(order).to_string()),
            _ => drop(again(&told)),
        }
    } else {
        let Ok(order) = shop.place(&request) else { return };
        tally::met("placed");
        match one_of(3) {
            0 => placed(&order),
            1 => drop(again(&order)),
            _ => assert_eq!(order.recompute().unwrap(), Recomputed::Same),
        }
    }
}

fn coupon(coupon: &Coupon) {
    match one_of(4) {
        0 => drop(coupon.describe().to_text(60)),
        1 => drop(lint([coupon], &LintOptions::new(SHOP.policy()))),
        _ => priced(&SHOP, &basket(Currency::USD), &Customer::anonymous(), coupon),
    }
}

fn order(order: &Order) {
    let own = Shop::new(Policy::storefront(order.currency(), Zone::UTC));
    priced(&own, order, &Customer::anonymous(), &COUPON);
}

fn customer(customer: &Customer) {
    priced(&SHOP, &basket(Currency::USD), customer, &COUPON);
}

fn policy(policy: &Policy) {
    priced(&Shop::new(policy.clone()), &basket(policy.currency()), &Customer::anonymous(), &COUPON);
}

fn shop(shop: &Shop) {
    let ann = Customer::new([IdentityKey::id("ann").unwrap()]);
    drop(shop.standing(&ann, at()));
    priced(shop, &basket(shop.policy().currency()), &ann, &COUPON);
}

fn outcome(outcome: &Outcome) {
    match one_of(3) {
        0 => drop((outcome.digest(), outcome.public())),
        1 => {
            if let Ok(redeemed) = outcome.redemption() {
                redemption(&again(&redeemed));
            }
        }
        _ => {
            if let Ok(settled) = Settlement::new(outcome) {
                settlement(&settled);
            }
        }
    }
}

fn redemption(redemption: &Redemption) {
    let mut store = MemoryStore::new();
    let until = at() + chrono::TimeDelta::minutes(10);
    let _ = block_on(store.reserve(redemption, at(), until)).unwrap();
    tally::met("recorded");
    let first = block_on(store.commit(redemption, at())).unwrap();
    if first == Commit::Recorded {
        assert_eq!(block_on(store.commit(redemption, at())).unwrap(), Commit::AlreadyRecorded);
        let voided = block_on(store.void(redemption.reference(), OnVoid::KEEP, at())).unwrap();
        assert!(matches!(voided, Void::Voided { .. }), "{voided:?}");
    }
}

fn placed(placed: &PlacedOrder) {
    match one_of(4) {
        0 => drop((placed.recompute(), placed.redemption())),
        1 => drop((placed.reprice(&[], ThresholdCheck::AsPlaced), placed.reprice(&[], ThresholdCheck::Anew))),
        2 => {
            if let Ok(subscriptions) = placed.subscriptions() {
                subscriptions.iter().for_each(subscription);
            }
        }
        _ => outcome(placed.outcome()),
    }
}

fn subscription(read: &Subscription) {
    let mut running = read.clone();
    for _ in 0..3 {
        let _ = running.next_payment();
    }
}

fn settlement(read: &Settlement) {
    if let Ok(refund) = read.void("void".parse().unwrap()) {
        tally::met("settled");
        let mut after = read.clone();
        assert_eq!(after.apply(&refund), Ok(true));
        assert_eq!(after.apply(&refund), Ok(false));
        assert_eq!(
            after.payable().minor(),
            after.lines().iter().map(|line| line.figures().payable().minor()).sum::<i64>()
        );
        again(&refund);
        again(&after);
    }
}

/// One text as one kind of document.
pub fn json(data: &[u8]) {
    tally::run();
    let Some((first, rest)) = data.split_first() else { return };
    let Ok(text) = std::str::from_utf8(rest) else { return };
    let (_, kind) = KINDS[usize::from(first.wrapping_sub(b'!')) % KINDS.len()];
    // FNV-1a.
    let mix = |sum: u64, byte: &u8| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    TURN.set(rest.iter().fold(0xcbf2_9ce4_8422_2325, mix) >> 7);
    kind(text);
}
