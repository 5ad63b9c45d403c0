//! What the benches that criterion runs share. A module of theirs alone: the other programs link no criterion.

use std::hint::black_box;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion};
use vouchsafe::{Order, Scratch};

use super::common::Desk;

/// A group of short measurements: the figures that can be compared are ratios.
pub(crate) fn group<'c>(c: &'c mut Criterion, name: &str) -> BenchmarkGroup<'c, WallTime> {
    let mut group = c.benchmark_group(name);
    group.warm_up_time(Duration::from_millis(100)).measurement_time(Duration::from_millis(400));
    group.sample_size(20).nresamples(5_000);
    group
}

/// An evaluation into buffers that are kept.
pub(crate) fn reused(group: &mut BenchmarkGroup<'_, WallTime>, id: BenchmarkId, desk: &Desk, order: &Order) {
    let codes = desk.presented();
    let request = desk.request(order, &codes);
    let (mut outcome, mut scratch) = (desk.blank(), Scratch::default());
    group.bench_function(id, |b| {
        b.iter(|| {
            desk.shop.evaluate_into(black_box(&request), &mut outcome, &mut scratch).unwrap();
            black_box(&outcome);
        });
    });
}
