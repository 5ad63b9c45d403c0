//! A long day of an admin, with every answer written down.

use chrono::{DateTime, TimeDelta, Utc};
use vouchsafe::*;

/// So many minutes after noon.
pub fn at(minutes: i64) -> DateTime<Utc> {
    parse_instant("2026-03-28T12:00:00Z").unwrap() + TimeDelta::minutes(minutes)
}

pub fn shop() -> Shop {
    Shop::new(Policy::storefront(Currency::USD, Zone::UTC))
}

fn code(text: &str) -> Code {
    Code::parse(text, CodeFormat::Standard).unwrap()
}

fn id<T: std::str::FromStr>(text: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    text.parse().unwrap()
}

/// Writes down what a call answers.
macro_rules! say {
    ($said:ident, $call:expr) => {
        $said.push(format!("line {}: {:?}", line!(), word($call.await)))
    };
}

/// A refusal is an answer; a store that fails is none.
fn word<T, E: Into<AdminFailure>>(answer: Result<T, E>) -> Result<T, String> {
    answer.map_err(|failure| match failure.into() {
        AdminFailure::Refused(refusal) => format!("{refusal:?}"),
        AdminFailure::Store(error) => panic!("{error:?}"),
    })
}

/// The whole day. Limits that a revision adds count what was there before, which takes a transaction that sees it: without
/// `adds_limits` none does.
pub async fn run<S: CouponAdmin>(store: &mut S, adds_limits: bool) -> Vec<String> {
    let mut said = Vec::new();
    definitions(store, &mut said, adds_limits).await;
    issue(store, &mut said).await;
    once(store, &mut said).await;
    batches(store, &mut said).await;
    imports(store, &mut said, adds_limits).await;
    said
}

async fn definitions<S: CouponAdmin>(store: &mut S, said: &mut Vec<String>, adds_limits: bool) {
    let (anna, bert) = (id::<ActorId>("anna"), id::<ActorId>("bert"));
    let edit = Edit::new(at(0)).by(anna.clone()).with_note("for the spring");
    let spring = |percent: &str| Coupon::builder("spring").code("SPRING").percent_off(percent);
    let other = Coupon::builder("other").code("spring").percent_off("5").build().unwrap();
    say!(said, store.define(&spring("10").build().unwrap(), &edit));
    say!(said, store.define(&spring("12").build().unwrap(), &edit));
    say!(said, store.define(&other, &edit));
    say!(said, store.definition(&id("other")));
    say!(said, store.revise(&other, &edit));

    let later = Edit::new(at(60)).by(bert.clone());
    say!(said, store.revise(&spring("10").build().unwrap(), &later));
    let fifteen = if adds_limits { spring("15").total_limit(100) } else { spring("15") };
    say!(said, store.revise(&fifteen.build().unwrap(), &later));
    say!(said, store.revise(&spring("20").build().unwrap(), &later));
    say!(said, store.set_status(&id("spring"), Status::Active, &later));
    say!(said, store.set_status(&id("spring"), Status::Inactive, &later));
    say!(said, store.set_status(&id("none"), Status::Inactive, &later));
    say!(said, store.kill(&id("spring"), &Edit::new(at(61))));
    say!(said, store.kill(&id("spring"), &Edit::new(at(62))));
    say!(said, store.kill(&id("none"), &Edit::new(at(62))));
    say!(said, store.set_status(&id("spring"), Status::Active, &Edit::new(at(63))));
    say!(said, store.kill(&id("spring"), &Edit::new(at(64)).with_note("price mistake")));
    for revision in 0..7 {
        say!(said, store.definition_at(&id("spring"), revision));
    }
    say!(said, store.definition_at(&id("none"), 1));

    // The shared code is free as soon as it was replaced, and not before.
    let current = store.definition(&id("spring")).await.unwrap().unwrap();
    let mut draft = CouponDraft::from(&*current);
    draft.set("code", "SUMMER").unwrap();
    let summer = draft.check().unwrap();
    say!(said, store.define(&Coupon::builder("summer").code("Summer").percent_off("5").build().unwrap(), &later));
    say!(said, store.revise(&summer, &later));
    draft.set("code", "AUTUMN").unwrap();
    say!(said, store.revise(&draft.check().unwrap(), &later));
    say!(said, store.define(&other, &later));
    say!(said, store.definitions(None, 2));
    say!(said, store.definitions(Some(&id("spring")), 2));
    say!(said, store.definitions(Some(&id("summer")), 2));
    say!(said, store.definitions(None, 0));
    say!(said, store.definition_log(&id("spring")));
    say!(said, store.definition_log(&id("none")));
    for code in ["spring", "autumn", "summer", "s-u-m m er", "WINTER", "", "\u{410}"] {
        say!(said, store.look_up(&shop(), code));
    }
}

async fn issue<S: CouponAdmin>(store: &mut S, said: &mut Vec<String>) {
    let edit = Edit::new(at(0));
    let patrol = id::<CouponId>("patrol");
    let terms = Coupon::builder("patrol").percent_off("40").per_code_limit(1).codes_limit(6);
    store.define(&terms.build().unwrap(), &edit).await.unwrap();
    let gift = Coupon::builder("gift").kind(Kind::Personal).percent_off("10").build().unwrap();
    store.define(&gift, &edit).await.unwrap();
    let holder = IdentityKey::email("ann@example.com").unwrap();
    let bearer = |text: &str| IssuedCode::new(code(text), at(-60));
    let window = Window::instants(Some(at(0)), Some(at(600))).unwrap();
    let full = bearer("K7WQ-93MX")
        .with_holder(holder.clone())
        .with_window(window)
        .with_batch(id("b-1"))
        .with_occasion(id("spring mail"))
        .with_issued_by(id("anna"))
        .with_revocation(Revocation::new(at(5), "lost \u{e4} \u{0} \"quoted\"").unwrap().with_by(id("bert")));
    say!(said, store.issue(&id("none"), &[bearer("AAAA")]));
    say!(said, store.issue(&patrol, &[]));
    say!(said, store.issue(&patrol, &[full.clone(), bearer("P2HD-8VRT")]));
    say!(said, store.issue(&patrol, &[bearer("NEW1"), bearer("p2hd8vrt")]));
    say!(said, store.issue(&patrol, &[bearer("NEW1"), bearer("NEW1")]));
    say!(said, store.issue(&patrol, &[bearer("SUMMER")]));
    say!(said, store.issued(&code("NEW1")));
    say!(said, store.issue(&id("gift"), &[bearer("NEW1")]));
    let imported = Code::parse("A_1", CodeFormat::Imported).unwrap();
    say!(said, store.issue(&patrol, &[IssuedCode::new(imported, at(0))]));
    let again = |text| bearer(text).with_holder(holder.clone()).with_occasion(id("spring mail"));
    say!(said, store.issue(&patrol, &[again("NEW1")]));
    say!(said, store.issue(&id("gift"), &[again("NEW1"), again("NEW2")]));
    say!(said, store.issue(&id("gift"), &[again("NEW1").with_batch(id("b-1"))]));
    say!(said, store.issue(&id("gift"), &[again("GIFT1")]));
    say!(said, store.issue(&patrol, &[bearer("J1").with_batch(id("b-1")), bearer("I1").with_batch(id("b-2"))]));
    say!(said, store.issue(&patrol, &[bearer("L1"), bearer("L2"), bearer("L3")]));
    for batch in ["b-1", "b-2", "b-3"] {
        say!(said, store.batch(&id(batch)));
    }
    for text in ["K7WQ93MX", "P2HD8VRT", "SUMMER", "GIFT1"] {
        say!(said, store.issued(&code(text)));
        say!(said, store.look_up(&shop(), text));
    }
    say!(said, store.revoke(&code("P2HD8VRT"), &Revocation::new(at(7), "first").unwrap()));
    say!(said, store.revoke(&code("P2HD8VRT"), &Revocation::new(at(8), "second").unwrap()));
    say!(said, store.revoke(&code("SUMMER"), &Revocation::new(at(8), "shared").unwrap()));
    say!(said, store.revoke(&code("NOTHING"), &Revocation::new(at(8), "none").unwrap()));
    say!(said, store.issued(&code("P2HD8VRT")));
    say!(said, store.codes_of(&shop(), &patrol, None, 2));
    say!(said, store.codes_of(&shop(), &patrol, Some(&code("J1")), 10));
    say!(said, store.codes_of(&shop(), &patrol, Some(&code("ZZZZ")), 10));
    say!(said, store.codes_of(&shop(), &id("none"), None, 10));
    say!(said, store.codes_of(&shop(), &id("summer"), None, 10));
    say!(said, store.issued_count(&patrol));
    say!(said, store.issued_count(&id("none")));
    say!(said, store.revoke_batch(&id("b-1"), &Revocation::new(at(9), "leaked").unwrap()));
    say!(said, store.revoke_batch(&id("b-1"), &Revocation::new(at(10), "again").unwrap()));
    say!(said, store.revoke_batch(&id("b-9"), &Revocation::new(at(9), "leaked").unwrap()));
    say!(said, store.batch(&id("b-1")));
}

async fn once<S: CouponAdmin>(store: &mut S, said: &mut Vec<String>) {
    let (shop, edit, daily) = (shop(), Edit::new(at(0)), id::<CouponId>("daily"));
    let terms = Coupon::builder("daily").percent_off("10").codes_limit(4).per_code_limit(1).build().unwrap();
    store.define(&terms, &edit).await.unwrap();
    let ann = IssueRequest::new(at(0)).with_holder(IdentityKey::id("ann").unwrap()).with_occasion(id("monday"));
    let anybody = IssueRequest::new(at(1)).with_occasion(id("monday"));
    let plain = IssueRequest::new(at(2));
    say!(said, store.issue_once(&shop, &id("none"), &ann, &[code("D1")]));
    say!(said, store.issue_once(&shop, &daily, &ann, &[]));
    say!(said, store.issue_once(&shop, &daily, &ann, &[code("SUMMER"), code("GIFT1")]));
    say!(said, store.issue_once(&shop, &daily, &ann, &[code("SUMMER"), code("D1"), code("D2")]));
    say!(said, store.issue_once(&shop, &daily, &ann, &[code("D2")]));
    say!(said, store.issue_once(&shop, &daily, &anybody, &[code("D1"), code("D2")]));
    say!(said, store.issue_once(&shop, &daily, &anybody, &[code("D3")]));
    say!(said, store.issue_once(&shop, &daily, &plain.clone().with_batch(id("b-2")), &[code("D3")]));
    say!(
        said,
        store.issue_once(&shop, &daily, &plain.clone().with_batch(id("day")).with_by(id("anna")), &[code("D3")])
    );
    let imported = Code::parse("A_1", CodeFormat::Imported).unwrap();
    say!(said, store.issue_once(&shop, &daily, &plain, &[imported, code("D4")]));
    say!(said, store.issue_once(&shop, &daily, &plain, &[code("D3"), code("D4")]));
    say!(said, store.issue_once(&shop, &daily, &plain, &[code("D5")]));
    say!(said, store.issue_once(&shop, &daily, &ann, &[]));
    say!(said, store.issue_once(&shop, &id("gift"), &plain, &[code("D5")]));
    say!(said, store.issue_once(&shop, &id("summer"), &plain, &[code("D5")]));
    store.set_status(&daily, Status::Inactive, &edit).await.unwrap();
    say!(said, store.issue_once(&shop, &daily, &plain, &[code("D5")]));
    say!(said, store.issue_once(&shop, &daily, &ann, &[code("D5")]));
    say!(said, store.issued_count(&daily));
    say!(said, store.batch(&id("day")));
}

async fn batches<S: CouponAdmin>(store: &mut S, said: &mut Vec<String>) {
    let (shop, edit, paper) = (shop(), Edit::new(at(0)), id::<CouponId>("paper"));
    let day = Validity::Countdown(Countdown::new(1, 0).unwrap());
    let terms = || Coupon::builder("paper").percent_off("10").codes_limit(5).per_code_limit(1).validity(day);
    store.define(&terms().build().unwrap(), &edit).await.unwrap();
    let codes = ["Z1", "A1", "M1"].map(code);
    let batch = id::<BatchId>("printed");
    say!(said, store.add_batch(&batch, &id("none"), &codes, at(0)));
    say!(said, store.add_batch(&batch, &id("summer"), &codes, at(0)));
    say!(said, store.add_batch(&batch, &id("gift"), &codes, at(0)));
    say!(said, store.add_batch(&id("b-2"), &paper, &codes, at(0)));
    say!(said, store.add_batch(&batch, &paper, &[code("Z1"), code("GIFT1")], at(0)));
    say!(said, store.add_batch(&batch, &paper, &[code("Z1"), code("Z1")], at(0)));
    say!(said, store.add_batch(&batch, &paper, &["Q1", "Q2", "Q3", "Q4", "Q5", "Q6"].map(code), at(0)));
    say!(said, store.add_batch(&batch, &paper, &codes, at(0)));
    say!(said, store.add_batch(&batch, &paper, &codes, at(9)));
    say!(said, store.add_batch(&batch, &paper, &codes[1..], at(9)));
    say!(said, store.add_batch(&batch, &id("none"), &codes, at(9)));
    say!(said, store.issue(&paper, &[IssuedCode::new(code("Q1"), at(0)).with_batch(batch.clone())]));
    say!(said, store.issued_count(&paper));
    say!(said, store.issue(&paper, &["Q1", "Q2", "Q3"].map(|text| IssuedCode::new(code(text), at(0)))));
    say!(said, store.batch(&batch));
    say!(said, store.issued(&code("A1")));
    say!(said, store.look_up(&shop, "a-1"));
    say!(said, store.revoke(&code("A1"), &Revocation::new(at(3), "misprint").unwrap()));
    say!(said, store.look_up(&shop, "a-1"));
    say!(said, store.export(&shop, &id("none"), at(5), None));
    say!(said, store.export(&shop, &id("b-2"), at(5), None));
    store.set_status(&paper, Status::Inactive, &edit).await.unwrap();
    say!(said, store.export(&shop, &batch, at(5), None));
    store.set_status(&paper, Status::Active, &edit).await.unwrap();
    say!(said, store.export(&shop, &batch, at(5), Some(&id("anna"))));
    say!(said, store.export(&shop, &batch, at(6), None));
    say!(said, store.batch(&batch));
    say!(said, store.issued_count(&paper));
    say!(said, store.codes_of(&shop, &paper, None, 100));
    say!(said, store.revoke_batch(&batch, &Revocation::new(at(9), "leaked").unwrap()));
    say!(said, store.add_batch(&id("none at all"), &paper, &[], at(0)));
    say!(said, store.batch(&id("none at all")));
    say!(said, store.export(&shop, &id("none at all"), at(6), None));
}

async fn imports<S: CouponAdmin>(store: &mut S, said: &mut Vec<String>, adds_limits: bool) {
    let (shop, edit, club) = (shop(), Edit::new(at(0)), id::<CouponId>("club"));
    let terms = Coupon::builder("club").percent_off("10").per_code_limit(3).per_customer_limit(4).total_limit(9);
    store.define(&terms.build().unwrap(), &edit).await.unwrap();
    let old = |text: &str| ImportedCode::new(IssuedCode::new(code(text), at(-6000)));
    let [ann, bob] = ["ann", "bob"].map(|value| IdentityKey::id(value).unwrap());
    let mail = IdentityKey::email("ann@example.com").unwrap();
    say!(said, store.import(&id("none"), &[old("O1")], at(0)));
    say!(said, store.import(&club, &[old("O1").used([ann.clone(), mail.clone()], 2).used([], 1), old("O2")], at(0)));
    say!(said, store.import(&club, &[old("O3"), old("O2")], at(0)));
    say!(said, store.import(&club, &[old("O3").used([], 4)], at(0)));
    say!(said, store.import(&club, &[old("O3").used([bob.clone()], 2), old("O4").used([mail.clone()], 3)], at(0)));
    say!(said, store.import(&club, &[old("O3").used([], u64::MAX), old("O4").used([bob.clone()], u64::MAX)], at(0)));
    say!(said, store.import(&club, &[old("O3").used([bob.clone()], 3), old("O4").used([bob.clone(), mail], 1)], at(0)));
    for text in ["O1", "O2", "O3", "O4"] {
        say!(said, store.issued(&code(text)));
        say!(said, store.look_up(&shop, text));
    }
    say!(said, store.codes_of(&shop, &club, None, 100));
    say!(said, store.issued_count(&club));

    // Good for one use: it belongs to whoever used it, and is still the code of nobody's occasion.
    let single = Coupon::builder("single").percent_off("10").per_code_limit(1).build().unwrap();
    store.define(&single, &edit).await.unwrap();
    let used = ImportedCode::new(IssuedCode::new(code("S1"), at(-6000)).with_occasion(id("fair"))).used([ann], 1);
    say!(said, store.import(&id("single"), &[used, old("S2").used([], 1)], at(0)));
    say!(said, store.issued(&code("S1")));
    say!(said, store.issued(&code("S2")));
    let request = IssueRequest::new(at(0)).with_occasion(id("fair"));
    say!(said, store.issue_once(&shop, &id("single"), &request, &[code("S3")]));
    say!(said, store.counters(at(0)));

    if !adds_limits {
        return;
    }
    // A limit that is added later counts what was imported.
    let revised = store.definition(&club).await.unwrap().unwrap();
    let mut draft = CouponDraft::from(&*revised);
    draft.set("limits.per_customer_and_code", DraftValue::from(5)).unwrap();
    say!(said, store.revise(&draft.check().unwrap(), &edit));
    say!(said, store.counters(at(0)));
}
