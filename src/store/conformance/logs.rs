//! What was recorded can be read again: all of it, in the order in which it was written, page by page.

use super::Rig;
use super::desk::Desk;
use super::scene::*;
use crate::*;

fn references(records: &[UsageRecord]) -> Vec<String> {
    let name = |record: &UsageRecord| match record.redemption.reference() {
        Reference::Order(id) => id.to_string(),
        Reference::Claim(id) => id.to_string(),
    };
    records.iter().map(name).collect()
}

/// Every order and claim is in the log once, with coupons and without, whatever became of it; no page misses one or shows
/// one twice, not even where more is written meanwhile.
///
/// Proves S58, S86, S128.
pub fn everything_is_in_the_log_once<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        desk.has(ten_percent("spring").build().unwrap()).await;
        desk.has(ten_percent("summer").build().unwrap()).await;
        let with = |n: usize, codes: &[&str]| {
            let basket = Basket::order(&format!("o-{n}")).at(i64::try_from(n).unwrap());
            codes.iter().fold(basket, |basket, code| basket.code(code))
        };
        for n in 0..7 {
            let codes: &[&str] = [&["spring"][..], &[], &["spring", "summer"]][n % 3];
            assert_eq!(with(n, codes).place(&mut store).await, Commit::Recorded);
        }
        // A repeat, a refusal and a hold are no entries.
        assert_eq!(with(3, &["spring"]).place(&mut store).await, Commit::AlreadyRecorded);
        with(99, &["spring"]).hold(&mut store).await;
        store.void(&order("o-3"), OnVoid::KEEP.with_uses_given_back(true), at(50)).await.unwrap();

        let (mut all, mut page) = (Vec::new(), desk.records(Page::first(2)).await.unwrap());
        while let Some(place) = page.last().map(|record| record.place) {
            assert!(page.len() <= 2 && page.is_sorted_by(|a, b| a.place < b.place), "{page:?}");
            all.extend(page);
            if all.len() == 4 {
                assert_eq!(with(7, &["spring"]).place(&mut store).await, Commit::Recorded);
            }
            page = desk.records(Page::after(place, 2)).await.unwrap();
        }
        assert_eq!(references(&all), ["o-0", "o-1", "o-2", "o-3", "o-4", "o-5", "o-6", "o-7"]);
        let (voided, kept) = (&all[3], &all[4]);
        assert_eq!((voided.recorded_at, voided.voided_at, voided.uses_given_back), (at(3), Some(at(50)), true));
        assert_eq!((kept.recorded_at, kept.voided_at, kept.uses_given_back), (at(4), None, false));
        for record in &all {
            let alone = desk.record(record.redemption.reference()).await.unwrap();
            assert_eq!(alone.as_ref(), Some(record));
        }
        assert_eq!(desk.record(&order("o-99")).await.unwrap(), None, "a hold is no record");

        // By definition, page by page as well.
        let id = "spring".parse().unwrap();
        let (mut of_spring, mut page) = (Vec::new(), desk.usage_log(&id, Page::first(2)).await.unwrap());
        while let Some(place) = page.last().map(|record| record.place) {
            of_spring.extend(page);
            page = desk.usage_log(&id, Page::after(place, 2)).await.unwrap();
        }
        assert_eq!(references(&of_spring), ["o-0", "o-2", "o-3", "o-5", "o-6", "o-7"]);
        assert_eq!(references(&desk.log("summer").await), ["o-2", "o-5"]);
        assert_eq!(references(&desk.log("other").await), [""; 0]);
    });
}

/// The purchases of a customer are found by any of the keys, each once.
///
/// Proves S58, S86, S98.
pub fn a_customers_records_are_found_by_any_key<R: Rig>(rig: R) {
    rig.wait(async {
        open!(rig: desk, store);
        let (ann, mail, phone) = (id("42"), email("ann@example.com"), IdentityKey::device("phone").unwrap());
        for (reference, keys) in [
            ("o-1", vec![ann.clone()]),
            ("o-2", vec![mail.clone(), ann.clone()]),
            ("o-3", vec![mail.clone()]),
            ("o-4", vec![id("43")]),
            ("o-5", vec![]),
            ("o-6", vec![ann.clone(), phone.clone()]),
        ] {
            assert_eq!(Basket::order(reference).by(&keys).place(&mut store).await, Commit::Recorded);
        }
        for (keys, expected) in [
            (vec![ann.clone()], vec!["o-1", "o-2", "o-6"]),
            (vec![mail.clone()], vec!["o-2", "o-3"]),
            (vec![phone, mail.clone(), ann.clone()], vec!["o-1", "o-2", "o-3", "o-6"]),
            (vec![id("44")], vec![]),
            (vec![], vec![]),
        ] {
            assert_eq!(references(&desk.records_of(&keys, Page::first(10)).await.unwrap()), expected, "{keys:?}");
        }
        let first = desk.records_of(&[ann.clone(), mail.clone()], Page::first(3)).await.unwrap();
        let rest = desk.records_of(&[ann, mail], Page::after(first[2].place, 3)).await.unwrap();
        assert_eq!(
            (references(&first), references(&rest)),
            (vec!["o-1".to_owned(), "o-2".to_owned(), "o-3".to_owned()], vec!["o-6".to_owned()])
        );
    });
}
