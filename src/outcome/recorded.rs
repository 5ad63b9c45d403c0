//! A redemption read back from where a store keeps it: checked, so that one that exists can be applied.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::counter::{CounterKey, Delta};
use super::digest::Digest;
use super::grant::Grant;
use super::points::PointsMove;
use super::redemption::{Guard, Redeemed, Redemption};
use super::type_change::{self, TypeCause, TypeChange};
use super::wire::Version;
use crate::customer::IdentityKey;
use crate::error::{Error, Why};
use crate::key::{ActorId, CouponId};
use crate::money::{Currency, Money};
use crate::request::Reference;
use crate::shop::RedeemAs;

/// The document before it is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RedemptionForm {
    version: Version,
    reference: Reference,
    customer: Vec<IdentityKey>,
    #[serde(default)]
    counted: Vec<IdentityKey>,
    new_customer: bool,
    currency: Currency,
    payable: Money,
    coupons: Vec<Redeemed>,
    deltas: Vec<Delta>,
    guards: Vec<Guard>,
    #[serde(default)]
    type_changes: Vec<TypeChange>,
    #[serde(default)]
    grants: Vec<Grant>,
    points: Option<PointsMove>,
    #[serde(default)]
    actor: Option<ActorId>,
    digest: Digest,
    priced_at: DateTime<Utc>,
}

impl TryFrom<RedemptionForm> for Redemption {
    type Error = Error;

    fn try_from(form: RedemptionForm) -> Result<Self, Error> {
        money(form.payable, form.currency, || "payable".to_owned())?;
        if let Some(stray) = form.counted.iter().find(|key| !form.customer.contains(key)) {
            return Err(Error::invalid("counted", stray, Why::UnknownReference { what: "customer" }));
        }
        coupons(&form)?;
        deltas(&form)?;
        guards(&form)?;
        points(&form)?;
        type_change::check(&form.type_changes, |cause| match cause {
            TypeCause::Coupon { coupon, code } => form.coupons.iter().any(|c| c.coupon == *coupon && c.code == *code),
            TypeCause::Purchase { .. }
            | TypeCause::SignUp { .. }
            | TypeCause::Administrator { .. }
            | TypeCause::Ended => true,
        })?;
        Grant::check_all(&form.grants, &form.counted)?;
        Ok(Self {
            version: form.version,
            reference: form.reference,
            customer: form.customer,
            counted: form.counted,
            new_customer: form.new_customer,
            currency: form.currency,
            payable: form.payable,
            coupons: form.coupons,
            deltas: form.deltas,
            guards: form.guards,
            type_changes: form.type_changes,
            grants: form.grants,
            points: form.points,
            actor: form.actor,
            digest: form.digest,
            priced_at: form.priced_at,
        })
    }
}

/// In the redemption's currency, and not negative.
fn money(found: Money, currency: Currency, path: impl Fn() -> String) -> Result<(), Error> {
    if found.currency() != currency {
        return Err(Error::invalid(path(), found, Why::CurrencyMismatch { expected: currency }));
    }
    if found.is_negative() {
        return Err(Error::invalid(path(), found, Why::Negative));
    }
    Ok(())
}

fn unknown_coupon(path: String, coupon: &CouponId) -> Error {
    Error::invalid(path, coupon, Why::UnknownReference { what: "coupon" })
}

/// By definition and code, each code once; no more granted than wanted, no more reimbursed than granted.
fn coupons(form: &RedemptionForm) -> Result<(), Error> {
    let mut last: Option<&Redeemed> = None;
    for (i, redeemed) in form.coupons.iter().enumerate() {
        let path = |field: &'static str| move || format!("coupons[{i}].{field}");
        if last.is_some_and(|last| (&last.coupon, &last.code) >= (&redeemed.coupon, &redeemed.code)) {
            return Err(Error::invalid(path("code")(), &redeemed.code, Why::Unordered));
        }
        last = Some(redeemed);
        money(redeemed.discount, form.currency, path("discount"))?;
        money(redeemed.wanted, form.currency, path("wanted"))?;
        money(redeemed.forfeited, form.currency, path("forfeited"))?;
        money(redeemed.third_party, form.currency, path("third_party"))?;
        for (part, whole, field) in
            [(redeemed.discount, redeemed.wanted, "discount"), (redeemed.third_party, redeemed.discount, "third_party")]
        {
            if part.minor() > whole.minor() {
                return Err(Error::invalid(path(field)(), part, Why::Disagrees { with: "the rest of the document" }));
            }
        }
        if redeemed.revision == 0 {
            return Err(Error::invalid(path("revision")(), 0, Why::Zero));
        }
    }
    Ok(())
}

/// In the order in which every store takes them, each key once, of coupons and customers that are redeemed here.
fn deltas(form: &RedemptionForm) -> Result<(), Error> {
    let mut last: Option<&CounterKey> = None;
    for (i, delta) in form.deltas.iter().enumerate() {
        let path = |field: &str| format!("deltas[{i}].{field}");
        if last.is_some_and(|last| *last >= delta.key) {
            return Err(Error::invalid(path("key"), format!("{:?}", delta.key), Why::Unordered));
        }
        last = Some(&delta.key);
        for (figure, field) in [(delta.by, "by"), (delta.limit, "limit")] {
            if figure == 0 {
                return Err(Error::invalid(path(field), figure, Why::Zero));
            }
        }
        rolling(delta).map_err(|why| Error::invalid(path("rolling_days"), delta.rolling_days.unwrap_or(0), why))?;
        if let Some(coupon) = delta.key.coupon() {
            redeemed(form, coupon, || path("key.coupon"))?;
        }
        match &delta.key {
            CounterKey::Money { currency, .. } if *currency != form.currency => {
                let why = Why::CurrencyMismatch { expected: form.currency };
                return Err(Error::invalid(path("key.currency"), currency, why));
            }
            CounterKey::Code { coupon, code } | CounterKey::CustomerCode { coupon, code, .. }
                if !form.coupons.iter().any(|c| c.coupon == *coupon && c.code == *code) =>
            {
                return Err(Error::invalid(path("key.code"), code, Why::UnknownReference { what: "code" }));
            }
            _ => {}
        }
        let customer = match &delta.key {
            CounterKey::Customer { customer, .. }
            | CounterKey::CustomerCode { customer, .. }
            | CounterKey::FirstOrder { customer } => Some(customer),
            CounterKey::Allowance { customer, .. } => customer.as_ref(),
            _ => None,
        };
        if let Some(stray) = customer.filter(|key| !form.counted.contains(key)) {
            return Err(Error::invalid(path("key.customer"), stray, Why::UnknownReference { what: "customer" }));
        }
    }
    Ok(())
}

/// Only an allowance without a first day goes with the purchase.
fn rolling(delta: &Delta) -> Result<(), Why> {
    match (delta.rolling_days, &delta.key) {
        (None, _) => Ok(()),
        (Some(0), _) => Err(Why::Zero),
        (Some(_), CounterKey::Allowance { since: None, .. }) => Ok(()),
        (Some(_), _) => Err(Why::Contradicts { with: "key" }),
    }
}

fn redeemed(form: &RedemptionForm, coupon: &CouponId, path: impl Fn() -> String) -> Result<(), Error> {
    if form.coupons.iter().any(|c| c.coupon == *coupon) { Ok(()) } else { Err(unknown_coupon(path(), coupon)) }
}

/// Of coupons that are redeemed here or of allowances, windows that are not empty, one digest at most, and one revision of
/// the customer's types at most, where any changes.
fn guards(form: &RedemptionForm) -> Result<(), Error> {
    let (mut seen, mut types) = (false, false);
    for (i, guard) in form.guards.iter().enumerate() {
        let path = || format!("guards[{i}].coupon");
        match guard {
            Guard::Revision { coupon, .. } | Guard::CodeLive { coupon, .. } => redeemed(form, coupon, path)?,
            Guard::Window { coupon, from, until } => {
                redeemed(form, coupon, path)?;
                not_empty(*from, *until, i)?;
            }
            Guard::Allowance { from, until, .. } => not_empty(*from, *until, i)?,
            Guard::Types { revision } => {
                let path = || format!("guards[{i}].revision");
                if std::mem::replace(&mut types, true) {
                    return Err(Error::invalid(path(), revision, Why::Duplicate));
                }
                if form.type_changes.is_empty() {
                    return Err(Error::invalid(path(), revision, Why::Disagrees { with: "the rest of the document" }));
                }
            }
            Guard::Seen { digest } => {
                if std::mem::replace(&mut seen, true) {
                    return Err(Error::invalid(format!("guards[{i}].digest"), digest, Why::Duplicate));
                }
            }
        }
    }
    Ok(())
}

/// Of the account of the customer's first counted key, with an amount where points are redeemed and only there, and no
/// more as a tender than there is to pay.
fn points(form: &RedemptionForm) -> Result<(), Error> {
    let Some(points) = &form.points else { return Ok(()) };
    let disagrees = Why::Disagrees { with: "the rest of the document" };
    if form.counted.first() != Some(&points.account) {
        return Err(Error::invalid("points.account", &points.account, Why::UnknownReference { what: "customer" }));
    }
    money(points.money, form.currency, || "points.money".to_owned())?;
    let too_much = points.redeemed_as == RedeemAs::Tender && points.money.minor() > form.payable.minor();
    if (points.redeemed == 0) != points.money.is_zero() || too_much {
        return Err(Error::invalid("points.money", points.money, disagrees));
    }
    if points.earned == 0 && points.redeemed == 0 {
        return Err(Error::invalid("points.earned", points.earned, Why::Zero));
    }
    Ok(())
}

fn not_empty(from: Option<DateTime<Utc>>, until: Option<DateTime<Utc>>, i: usize) -> Result<(), Error> {
    match (from, until) {
        (Some(from), Some(until)) if from >= until => {
            Err(Error::invalid(format!("guards[{i}].until"), until, Why::EmptyWindow))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::fixture;
    use super::*;
    use crate::coupon::{Amounts, Coupon};
    use crate::customer::Customer;
    use crate::order::{LineId, Order};
    use crate::policy::Policy;
    use crate::request::{Presented, Request};
    use crate::shop::Shop;

    /// A redemption with every kind of counter.
    fn redemption() -> Redemption {
        let shop = Shop::new(Policy::builder(Currency::USD).build().unwrap());
        let coupon = fixture::prepared(
            &shop,
            Coupon::builder("c")
                .code("CODE")
                .percent_off("10")
                .total_limit(10)
                .per_code_limit(10)
                .per_customer_limit(1)
                .per_customer_and_code_limit(1)
                .units_limit(100)
                .budget(Amounts::new([fixture::money("100.00", Currency::USD)]).unwrap())
                .condition(serde_json::from_str::<crate::coupon::Condition>(r#""first_order""#).unwrap()),
        );
        let order = Order::builder(Currency::USD).line(fixture::line(1, "BOOT", "30.00", 2)).build().unwrap();
        let customer = Customer::new([IdentityKey::id("42").unwrap(), IdentityKey::email("ann@example.com").unwrap()]);
        let at = crate::calendar::parse_instant("2026-03-29T12:00:00Z").unwrap();
        let codes = [Presented::new("code", &coupon).on_line(LineId(1))];
        let request = Request::new(&order, &customer, Reference::Order("o-1".parse().unwrap()), at).with_codes(&codes);
        let outcome = shop.evaluate(&request).unwrap();
        outcome.redemption().unwrap().confirming(outcome.digest())
    }

    #[test]
    fn what_is_written_is_read_back_whole() {
        let redemption = redemption();
        assert_eq!(redemption.deltas().len(), 10);
        let text = serde_json::to_string(&redemption).unwrap();
        let read: Redemption = serde_json::from_str(&text).unwrap();
        assert_eq!(read, redemption);
        assert_eq!(serde_json::to_string(&read).unwrap(), text);
    }

    #[test]
    fn a_missing_or_unknown_version_is_refused() {
        let mut document = serde_json::to_value(redemption()).unwrap();
        assert_eq!(document["version"], json!(1));
        let refused =
            |document: &Value| serde_json::from_value::<Redemption>(document.clone()).unwrap_err().to_string();
        document["version"] = json!(2);
        assert!(refused(&document).contains("unknown version, 1 is supported"));
        document.as_object_mut().unwrap().remove("version");
        assert!(refused(&document).contains("missing field `version`"));
    }

    #[test]
    fn a_document_that_contradicts_itself_is_refused() {
        let document = serde_json::to_value(redemption()).unwrap();
        let usd = |amount: &str| json!({"amount": amount, "currency": "USD"});
        let first = |document: &Value| document["deltas"][0].clone();
        let broken: [(&str, Value, &str); 17] = [
            ("/payable", usd("-1.00"), "`payable` is `-1.00 USD`: negative"),
            ("/payable", json!({"amount": "1.00", "currency": "EUR"}), "`payable` is `1.00 EUR`: not in USD"),
            ("/payable/amount", json!(1.5), "string"),
            ("/coupons/0/discount", usd("6.01"), "does not agree"),
            ("/coupons/0/third_party", usd("6.01"), "does not agree"),
            ("/coupons/0/forfeited", json!({"amount": "1", "currency": "JPY"}), "not in USD"),
            ("/coupons/0/revision", json!(0), "zero"),
            ("/coupons/0/coupon", json!("other"), "unknown coupon"),
            ("/deltas/1", first(&document), "not in order, or given twice"),
            ("/deltas/9", first(&document), "not in order, or given twice"),
            ("/deltas/0/by", json!(0), "zero"),
            ("/deltas/0/by", json!(-1), "invalid value"),
            ("/deltas/0/limit", json!(0), "zero"),
            ("/counted", json!([]), "unknown customer"),
            ("/counted", json!(["id:43"]), "unknown customer"),
            ("/guards/0/revision/coupon", json!("other"), "unknown coupon"),
            ("/digest", json!("abc"), "32 hexadecimal digits"),
        ];
        for (pointer, value, expected) in broken {
            let mut document = document.clone();
            *document.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = value;
            let error = serde_json::from_value::<Redemption>(document).unwrap_err().to_string();
            assert!(error.contains(expected), "{pointer}: {error}");
        }
        for pointer in ["", "/coupons/0", "/deltas/0", "/guards/0/revision"] {
            let mut document = document.clone();
            document.pointer_mut(pointer).unwrap()["extra"] = json!(1);
            let error = serde_json::from_value::<Redemption>(document).unwrap_err().to_string();
            assert!(error.contains("unknown field `extra`"), "{pointer}: {error}");
        }
    }

    /// What allowances add to a redemption is checked like the rest.
    #[test]
    fn counters_of_allowances_are_checked() {
        let mut document = serde_json::to_value(redemption()).unwrap();
        let pairs = |key: Value| json!({"key": {"allowance": key}, "by": 2, "limit": 6});
        let month = json!({"allowance": "pairs", "customer": "id:42", "since": "2026-03-01"});
        let guard = json!({"allowance": {"allowance": "pairs", "from": "2026-03-01T00:00:00Z", "until": "2026-04-01T00:00:00Z"}});
        let mut rolling = pairs(json!({"allowance": "days"}));
        rolling["rolling_days"] = json!(30);
        let (deltas, guards) = ("/deltas", "/guards");
        let push = |document: &mut Value, at: &str, member: Value| {
            document.pointer_mut(at).unwrap().as_array_mut().unwrap().push(member);
        };
        push(&mut document, deltas, rolling);
        push(&mut document, deltas, pairs(month.clone()));
        push(&mut document, guards, guard);
        let read: Redemption = serde_json::from_value(document.clone()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), document);
        assert_eq!((read.deltas()[10].rolling_days(), read.deltas()[11].rolling_days()), (Some(30), None));

        let last = document["guards"].as_array().unwrap().len() - 1;
        let until = format!("/guards/{last}/allowance/until");
        for (pointer, value, expected) in [
            ("/deltas/10/rolling_days", json!(0), "`deltas[10].rolling_days` is `0`: zero"),
            ("/deltas/10/key/allowance/since", json!("2026-03-01"), "not allowed together with key"),
            ("/deltas/0/rolling_days", json!(7), "not allowed together with key"),
            ("/deltas/11/key/allowance/customer", json!("id:43"), "unknown customer"),
            ("/deltas/11/key/allowance/allowance", json!("day"), "not in order, or given twice"),
            ("/deltas/11/by", json!(0), "zero"),
            (until.as_str(), json!("2026-03-01T00:00:00Z"), "ends before it begins"),
        ] {
            let mut broken = document.clone();
            let (parent, field) = pointer.rsplit_once('/').unwrap();
            broken.pointer_mut(parent).unwrap()[field] = value;
            let error = serde_json::from_value::<Redemption>(broken).unwrap_err().to_string();
            assert!(error.contains(expected), "{pointer}: {error}");
        }
    }

    /// The customer's types are guarded where they change, once.
    #[test]
    fn types_are_guarded_once_and_only_where_they_change() {
        let mut document = serde_json::to_value(redemption()).unwrap();
        document["type_changes"] = json!([{"kind": "membership", "to": "CLUB", "when": "on_commit",
            "cause": {"purchase": {"product": "CLUB-YEAR", "line": 1}}, "at": "2026-03-29T12:00:00Z"}]);
        let bare: Redemption = serde_json::from_value(document.clone()).unwrap();
        let guards = document["guards"].as_array().unwrap().len();
        document["guards"].as_array_mut().unwrap().push(json!({"types": {"revision": 3}}));
        let read: Redemption = serde_json::from_value(document.clone()).unwrap();
        assert_eq!(read.guards().last(), Some(&Guard::Types { revision: 3 }));
        assert_eq!(serde_json::to_value(&read).unwrap(), document);
        assert!(read.same_content(&bare), "what it was priced from is not what it records");

        let refused =
            |document: &Value| serde_json::from_value::<Redemption>(document.clone()).unwrap_err().to_string();
        let mut twice = document.clone();
        twice["guards"].as_array_mut().unwrap().push(json!({"types": {"revision": 4}}));
        assert_eq!(refused(&twice), format!("`guards[{}].revision` is `4`: given twice", guards + 1));
        document["type_changes"] = json!([]);
        let stray = format!("`guards[{guards}].revision` is `3`: does not agree with the rest of the document");
        assert_eq!(refused(&document), stray);
    }

    /// The window of an allowance may go on between two evaluations of one order: that is no other purchase.
    #[test]
    fn a_repeat_in_the_next_window_is_the_same() {
        let with = |since: &str, by: u64| {
            let mut document = serde_json::to_value(redemption()).unwrap();
            let key = json!({"allowance": {"allowance": "pairs", "customer": "id:42", "since": since}});
            document["deltas"].as_array_mut().unwrap().push(json!({"key": key, "by": by, "limit": 6}));
            serde_json::from_value::<Redemption>(document).unwrap()
        };
        assert!(with("2026-03-01", 2).same_content(&with("2026-04-01", 2)));
        assert!(!with("2026-03-01", 2).same_content(&with("2026-03-01", 3)));
        assert!(!with("2026-03-01", 2).same_content(&redemption()));
    }
}
