//! How many instructions the main workloads take: figures that a busy machine does not move. `.ci/instructions` counts them under
//! valgrind and holds them against `benches/instructions.txt`.
//!
//! Without arguments it names the workloads; with a name and a number it runs one so often, and prints nothing.

#![allow(missing_docs, clippy::unwrap_used, clippy::arithmetic_side_effects)]

mod common;

use std::hint::black_box;

use common::{Desk, Offering, RawLine, Workload};
use vouchsafe::*;

/// Runs a workload so often.
type Run = Box<dyn FnMut(u64)>;
/// Several of them, by name.
type Desks = fn() -> Vec<(&'static str, Desk)>;

/// Into buffers that are kept.
fn reused(desk: Desk, lines: usize) -> Run {
    reused_on(desk, common::order(&common::host_lines(lines)))
}

fn reused_on(desk: Desk, order: Order) -> Run {
    let (mut outcome, mut scratch) = (desk.blank(), Scratch::default());
    Box::new(move |times| {
        let codes = desk.presented();
        let request = desk.request(&order, &codes);
        for _ in 0..times {
            desk.shop.evaluate_into(black_box(&request), &mut outcome, &mut scratch).unwrap();
            black_box(&outcome);
        }
    })
}

/// Into an outcome of its own each time.
fn owned(desk: Desk, lines: usize) -> Run {
    let order = common::order(&common::host_lines(lines));
    Box::new(move |times| {
        let codes = desk.presented();
        let request = desk.request(&order, &codes);
        for _ in 0..times {
            black_box(desk.shop.evaluate(black_box(&request)).unwrap());
        }
    })
}

/// From the host's own order, of strings and decimals.
fn unprepared(desk: Desk, lines: usize) -> Run {
    let host = common::host_lines(lines);
    Box::new(move |times| {
        for _ in 0..times {
            black_box(desk.unprepared(black_box(&host)));
        }
    })
}

/// The best of ten codes, of which an order takes three.
fn best_of_ten() -> Run {
    let coupon = |i: u32| {
        let builder = common::builder(i);
        let builder = match i % 2 {
            0 => builder.percent_off(&(3 + i).to_string()),
            _ => builder.amount_off(common::usd(300 + 70 * i64::from(i % 5))),
        };
        builder.build().unwrap()
    };
    let mut desk = Desk::new((0..10).map(coupon).collect());
    desk.shop = Shop::new(Policy::builder(Currency::USD).max_codes(Some(3)).build().unwrap());
    let order = common::order(&common::host_lines(10));
    Box::new(move |times| {
        let codes = desk.presented();
        let request = desk.request(&order, &codes);
        for _ in 0..times {
            black_box(desk.shop.best_offer(black_box(&request), OfferSearch::default()).unwrap());
        }
    })
}

/// Every workload by name, made only when it is run.
fn workloads() -> Vec<(String, Box<dyn Fn() -> Run>)> {
    let mut all: Vec<(String, Box<dyn Fn() -> Run>)> = Vec::new();
    for workload in Workload::ALL {
        for lines in [10, 100] {
            let name = |form: &str| format!("{} {lines} {form}", workload.name());
            all.push((name("reused"), Box::new(move || reused(Desk::of(workload), lines))));
            all.push((name("owned"), Box::new(move || owned(Desk::of(workload), lines))));
        }
        all.push((format!("{} 1000 reused", workload.name()), Box::new(move || reused(Desk::of(workload), 1_000))));
        all.push((
            format!("{} 100 unprepared", workload.name()),
            Box::new(move || unprepared(Desk::of(workload), 100)),
        ));
    }
    let desks: [(&str, Desks, usize); 4] = [
        ("refused", common::refused, 1),
        ("kind", common::kinds, 100),
        ("set", common::sets, 100),
        ("ladder", common::ladders, 100),
    ];
    for (group, desks, lines) in desks {
        for (i, (name, _)) in desks().into_iter().enumerate() {
            all.push((format!("{group}: {name}"), Box::new(move || reused(desks().swap_remove(i).1, lines))));
        }
    }
    // 30 lines of so many pieces each: pieces are counted, and never walked one by one.
    for (i, (name, _)) in common::sets().into_iter().enumerate() {
        for quantity in [1, 200] {
            let run = move || {
                let lines: Vec<_> = common::lines(30).into_iter().map(|l| RawLine { quantity, ..l }).collect();
                reused_on(common::sets().swap_remove(i).1, common::order(&common::host_lines_of(&lines)))
            };
            all.push((format!("30 lines of {quantity}: {name}"), Box::new(run)));
        }
    }
    for (name, what) in [("other products", Offering::OtherProducts), ("over", Offering::Over)] {
        let run = move || reused(common::offering(Workload::W1, 10_000, what), 100);
        all.push((format!("10000 offers: {name}"), Box::new(run)));
    }
    all.push(("100 offers: one a line".to_owned(), {
        Box::new(|| reused(common::offering(Workload::W1, 100, Offering::ByProduct), 100))
    }));
    all.push(("best of ten codes".to_owned(), Box::new(best_of_ten)));
    all
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let all = workloads();
    let [name, times] = arguments.as_slice() else {
        all.iter().for_each(|(name, _)| println!("{name}"));
        return;
    };
    let (_, make) = all.iter().find(|(known, _)| known == name).unwrap();
    make()(times.parse().unwrap());
}
