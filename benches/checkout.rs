//! Times of one evaluation. `cargo bench --bench checkout` takes some minutes; a part of a name as argument runs the
//! benches whose names contain it. Times move from machine to machine: `cargo bench --bench ratios` has the figures that
//! can be compared.
//!
//! | group | measures |
//! |---|---|
//! | `W1` to `W4` | the workloads at 1 to 10,000 lines: the integer loop (`floor`), the loop on decimals, an owned outcome, reused buffers, and from a host's own order |
//! | `benefit` | each kind of benefit, tax included |
//! | `code` | refused codes against an applied one, on one line |
//! | `quantity` | one piece on each line against a million |
//! | `tax` | without rates, tax per class, and per line |
//! | `trace` | not asked for, and asked for |
//! | `threads` | one thread and two that share all that is prepared; the time is that of one evaluation on each |

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
use std::time::Instant;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

use common::{Desk, RawLine, SIZES, Workload};
use grouped::{group, reused};
use vouchsafe::*;

fn owned(group: &mut BenchmarkGroup<'_, WallTime>, id: BenchmarkId, desk: &Desk, order: &Order) {
    let codes = desk.presented();
    let request = desk.request(order, &codes);
    group.bench_function(id, |b| b.iter(|| desk.shop.evaluate(black_box(&request)).unwrap()));
}

fn workloads(c: &mut Criterion) {
    for workload in Workload::ALL {
        let mut group = group(c, workload.name());
        let desk = Desk::of(workload);
        let (terms, facts) = (workload.terms(), common::facts());
        let decimal_terms = common::decimal::terms(&terms);
        for n in SIZES {
            common::assert_same_answers(workload, n);
            group.throughput(Throughput::Elements(u64::try_from(n).unwrap()));
            let (raw, host) = (common::lines(n), common::host_lines(n));
            let order = common::order(&host);
            let mut out = common::floor::Out::default();
            group.bench_function(BenchmarkId::new("floor", n), |b| {
                b.iter(|| {
                    let (lines, terms) = (black_box(raw.as_slice()), black_box(terms.as_slice()));
                    common::floor::run(workload, lines, terms, black_box(&facts), &mut out);
                    black_box(&out);
                });
            });
            group.bench_function(BenchmarkId::new("decimal", n), |b| {
                b.iter(|| common::decimal::run(black_box(&host), black_box(&decimal_terms), black_box(&facts)));
            });
            owned(&mut group, BenchmarkId::new("owned", n), &desk, &order);
            reused(&mut group, BenchmarkId::new("reused", n), &desk, &order);
            group.bench_function(BenchmarkId::new("unprepared", n), |b| b.iter(|| desk.unprepared(black_box(&host))));
            let catalogue = common::catalogue(&host);
            group.bench_function(BenchmarkId::new("from_catalogue", n), |b| {
                b.iter(|| desk.with_catalogue(black_box(&catalogue), black_box(&host)));
            });
        }
        group.finish();
    }
}

fn benefits(c: &mut Criterion) {
    let mut group = group(c, "benefit");
    for (name, desk) in common::kinds() {
        for n in [1, 10, 100, 10_000] {
            let order = common::order_with_shipping(&common::host_lines(n));
            group.throughput(Throughput::Elements(u64::try_from(n).unwrap()));
            reused(&mut group, BenchmarkId::new(name, n), &desk, &order);
        }
    }
    for n in [1, 10, 100, 10_000] {
        let order = common::order_with_floors(&common::host_lines(n));
        group.throughput(Throughput::Elements(u64::try_from(n).unwrap()));
        for (name, desk) in common::under_floors() {
            reused(&mut group, BenchmarkId::new(name, n), &desk, &order);
        }
    }
    group.finish();
}

fn codes(c: &mut Criterion) {
    let mut group = group(c, "code");
    let order = common::order(&common::host_lines(1));
    let desks = [("applied", Desk::of(Workload::W3))].into_iter().chain(common::refused());
    for (name, desk) in desks {
        owned(&mut group, BenchmarkId::new(name, "owned"), &desk, &order);
        reused(&mut group, BenchmarkId::new(name, "reused"), &desk, &order);
    }
    group.finish();
}

fn quantities(c: &mut Criterion) {
    let mut group = group(c, "quantity");
    let workloads = Workload::ALL.map(|w| (w.name(), Desk::of(w)));
    for (name, desk) in workloads.into_iter().chain(common::kinds()) {
        for quantity in [1, 1_000_000] {
            let lines: Vec<_> = common::lines(100).into_iter().map(|l| RawLine { quantity, ..l }).collect();
            let order = common::order_with_shipping(&common::host_lines_of(&lines));
            reused(&mut group, BenchmarkId::new(name, quantity), &desk, &order);
        }
    }
    group.finish();
}

fn tax(c: &mut Criterion) {
    let mut group = group(c, "tax");
    let per_line = RoundingRules { tax_level: TaxRounding::PerLine, ..RoundingRules::default() };
    for n in [10, 1_000] {
        let host = common::host_lines(n);
        let (taxed, untaxed) = (common::order(&host), common::order_without_rates(&host));
        let desk = Desk::of(Workload::W1);
        reused(&mut group, BenchmarkId::new("none", n), &desk, &untaxed);
        reused(&mut group, BenchmarkId::new("per class", n), &desk, &taxed);
        let policy = Policy::builder(Currency::USD).max_codes(None).rounding(per_line).build().unwrap();
        let desk = Desk { shop: Shop::new(policy), ..desk };
        reused(&mut group, BenchmarkId::new("per line", n), &desk, &taxed);
    }
    group.finish();
}

fn trace(c: &mut Criterion) {
    let mut group = group(c, "trace");
    for workload in Workload::ALL {
        for (name, detail) in [("off", Detail::Reasons), ("on", Detail::Trace)] {
            let desk = Desk { detail, ..Desk::of(workload) };
            let id = BenchmarkId::new(name, workload.name());
            reused(&mut group, id, &desk, &common::order(&common::host_lines(10)));
        }
    }
    group.finish();
}

fn threads(c: &mut Criterion) {
    let mut group = group(c, "threads");
    for n in [10, 100] {
        let (desk, order) = (Desk::of(Workload::W3), common::order(&common::host_lines(n)));
        let run = |times: u64| {
            let codes = desk.presented();
            let request = desk.request(&order, &codes);
            let start = Instant::now();
            for _ in 0..times {
                black_box(desk.shop.evaluate(black_box(&request)).unwrap());
            }
            start.elapsed()
        };
        group.bench_function(BenchmarkId::new("one", n), |b| b.iter_custom(run));
        group.bench_function(BenchmarkId::new("two", n), |b| {
            b.iter_custom(|times| {
                std::thread::scope(|scope| {
                    let both = [(); 2].map(|()| scope.spawn(|| run(times)));
                    both.map(|thread| thread.join().unwrap()).into_iter().max().unwrap()
                })
            });
        });
    }
    group.finish();
}

criterion_group!(checkout, workloads, benefits, codes, quantities, tax, trace, threads);
criterion_main!(checkout);
