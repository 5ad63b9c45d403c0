//! Times of sets of pieces, of tiers and steps, and of automatic offers. `cargo bench --bench offers` takes a minute or two; a part of a name as argument runs the
//! benches whose names contain it.
//!
//! | group | measures |
//! |---|---|
//! | `sets` | each kind of set at 10, 100 and 1,000 lines, tax included; `floor` is the third piece free as a plain loop on integers, without tax, reasons or effects |
//! | `ladders` | tiers, steps, first and further pieces, gifts and the like at 10, 100 and 1,000 lines; `floor` is a tier of the whole order as a plain loop on integers, shared by largest remainder |
//! | `automatic` | 100 lines and a code against 1,000 and 10,000 automatic offers: `none` is the same without any; most shops' offers concern no line of an order, and those must cost next to nothing |
//! | `pieces` | 30 lines of one piece each against 30 lines of 200 and of a million: quantities are never expanded |

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions
)]

mod common;
#[path = "common/grouped.rs"]
mod grouped;

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

use common::floor::{self, Out};
use common::{Desk, HostLine, Offering, RawLine, Workload};
use grouped::{group, reused};
use vouchsafe::*;

/// Each of these desks, beside the plain loop that does what the first one does.
fn beside_a_loop(
    c: &mut Criterion,
    name: &str,
    desks: fn() -> Vec<(&'static str, Desk)>,
    order: fn(&[HostLine]) -> Order,
    floor: fn(&[RawLine], &mut Out),
) {
    let mut group = group(c, name);
    for n in [10, 100, 1_000] {
        group.throughput(Throughput::Elements(u64::try_from(n).unwrap()));
        let (raw, order, mut out) = (common::lines(n), order(&common::host_lines(n)), Out::default());
        group.bench_function(BenchmarkId::new("floor", n), |b| {
            b.iter(|| {
                floor(black_box(&raw), &mut out);
                black_box(&out);
            });
        });
        floor(&raw, &mut out);
        for (i, (name, desk)) in desks().into_iter().enumerate() {
            if i == 0 {
                let codes = desk.presented();
                let outcome = desk.shop.evaluate(&desk.request(&order, &codes)).unwrap();
                assert_eq!(common::discounts(&outcome), out.discounts, "{name} at {n} lines");
            }
            reused(&mut group, BenchmarkId::new(name, n), &desk, &order);
        }
    }
    group.finish();
}

fn sets(c: &mut Criterion) {
    beside_a_loop(c, "sets", common::sets, common::order, floor::third_free);
}

fn ladders(c: &mut Criterion) {
    beside_a_loop(c, "ladders", common::ladders, common::order_with_shipping, floor::tier);
}

fn pieces(c: &mut Criterion) {
    let mut group = group(c, "pieces");
    for (name, desk) in common::sets().into_iter().chain(common::ladders()) {
        for quantity in [1, 200, 1_000_000] {
            let lines: Vec<_> = common::lines(30).into_iter().map(|l| RawLine { quantity, ..l }).collect();
            let order = common::order(&common::host_lines_of(&lines));
            reused(&mut group, BenchmarkId::new(name, quantity), &desk, &order);
        }
    }
    group.finish();
}

fn automatic(c: &mut Criterion) {
    let mut group = group(c, "automatic");
    let order = common::order(&common::host_lines(100));
    reused(&mut group, BenchmarkId::new("none", 0), &Desk::of(Workload::W1), &order);
    for count in [1_000, 10_000] {
        for what in
            [Offering::OtherProducts, Offering::Over, Offering::ToCome, Offering::OneMatches, Offering::ByProduct]
        {
            let desk = common::offering(Workload::W1, count, what);
            let codes = desk.presented();
            let made = desk.shop.evaluate(&desk.request(&order, &codes)).unwrap().offers().len();
            let expected = match what {
                Offering::OneMatches => 1,
                Offering::ByProduct => 100,
                Offering::OtherProducts | Offering::Over | Offering::ToCome => 0,
            };
            assert_eq!(made, expected, "{what:?}");
            reused(&mut group, BenchmarkId::new(format!("{what:?}"), count), &desk, &order);
        }
    }
    group.finish();
}

criterion_group!(offers, sets, ladders, pieces, automatic);
criterion_main!(offers);
