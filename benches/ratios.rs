//! One table of ratios: the engine against a plain integer loop and a loop on decimals, timed in turns in one process, so
//! that a busy machine slows all of them alike. Run on a quiet machine with `cargo bench --bench ratios`; a number as
//! argument sets how many turns there are (61), `--no-threads` leaves out the rows that need two idle cores.
//!
//! A turn is half a millisecond of each contestant, and a time is the one below which a tenth of its turns lies: whatever
//! else the machine does only ever adds to one. The plain loops compute discounts and nothing else; the engine also computes tax,
//! answers and effects. The bars are what the crate wants to hold.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::float_arithmetic,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss
)]

mod common;

use std::hint::black_box;
use std::rc::Rc;
use std::sync::Barrier;
use std::time::Instant;

use common::turns::{Job, Table, in_turns, job, quantile};
use common::{Desk, HostLine, Workload};
use vouchsafe::*;

/// One evaluation into an owned outcome, all prepared.
fn owned(desk: Desk, host: &[HostLine]) -> Job {
    let order = common::order(host);
    let desk = Rc::new(desk);
    Box::new(move |times| {
        let codes = desk.presented();
        let request = desk.request(&order, &codes);
        let start = Instant::now();
        for _ in 0..times {
            black_box(desk.shop.evaluate(black_box(&request)).unwrap());
        }
        start.elapsed()
    })
}

/// One evaluation into buffers that are kept, all prepared.
fn reused(desk: Desk, host: &[HostLine]) -> Job {
    reused_on(desk, common::order(host))
}

fn reused_on(desk: Desk, order: Order) -> Job {
    let (mut outcome, mut scratch) = (desk.blank(), Scratch::default());
    Box::new(move |times| {
        let codes = desk.presented();
        let request = desk.request(&order, &codes);
        let start = Instant::now();
        for _ in 0..times {
            desk.shop.evaluate_into(black_box(&request), &mut outcome, &mut scratch).unwrap();
            black_box(&outcome);
        }
        start.elapsed()
    })
}

fn contestants(workload: Workload, n: usize) -> Vec<Job> {
    let raw = common::lines(n);
    let host = Rc::new(common::host_lines(n));
    let (terms, facts) = (workload.terms(), common::facts());
    let decimal_terms = common::decimal::terms(&terms);
    let mut out = common::floor::Out::default();
    let floor = job(move || {
        common::floor::run(workload, black_box(&raw), black_box(&terms), black_box(&facts), &mut out);
        out.total
    });
    let decimal = {
        let host = Rc::clone(&host);
        job(move || common::decimal::run(black_box(&host), black_box(&decimal_terms), black_box(&facts)))
    };
    let unprepared = {
        let (host, desk) = (Rc::clone(&host), Desk::of(workload));
        job(move || desk.unprepared(black_box(&host)))
    };
    let from_catalogue = {
        let (host, desk, catalogue) = (Rc::clone(&host), Desk::of(workload), common::catalogue(&host));
        job(move || desk.with_catalogue(black_box(&catalogue), black_box(&host)))
    };
    vec![
        floor,
        decimal,
        owned(Desk::of(workload), &host),
        reused(Desk::of(workload), &host),
        unprepared,
        from_catalogue,
    ]
}

const FLOOR: usize = 0;
const DECIMAL: usize = 1;
const OWNED: usize = 2;
const REUSED: usize = 3;
const UNPREPARED: usize = 4;
const CATALOGUE: usize = 5;

fn workloads(table: &mut Table, turns: usize) {
    for workload in Workload::ALL {
        let sizes: &[usize] = if workload == Workload::W4 { &[10, 100] } else { &[10, 100, 1_000] };
        let (owned_bar, unprepared_bar, reused_bar) = match workload {
            Workload::W1 | Workload::W3 => (1.0, 1.5, 10.0),
            Workload::W2 => (1.0, 1.5, 5.0),
            Workload::W4 => (0.5, 0.6, 5.0),
        };
        for n in sizes {
            let figures = in_turns(turns, contestants(workload, *n));
            let at = format!("{} {n}", workload.name());
            table.at_most("owned outcome / decimal loop", &at, &figures, (OWNED, DECIMAL), owned_bar);
            table.at_most("unprepared order / decimal loop", &at, &figures, (UNPREPARED, DECIMAL), unprepared_bar);
            table.noted("  with the host's products kept / decimal loop", &at, &figures, (CATALOGUE, DECIMAL));
            table.at_most("reused buffers / integer loop", &at, &figures, (REUSED, FLOOR), reused_bar);
        }
    }
}

fn cost_per_line(table: &mut Table, turns: usize) {
    for workload in Workload::ALL {
        let jobs = [100, 10_000].map(|n| {
            let mut job = reused(Desk::of(workload), &common::host_lines(n));
            let shrunk: Job = Box::new(move |times| {
                let took = job(times);
                took * 100 / u32::try_from(n).unwrap()
            });
            shrunk
        });
        let figures = in_turns(turns, jobs.into());
        let what = "100 lines at 10,000 lines / at 100 lines";
        table.at_most(what, workload.name(), &figures, (1, 0), 1.2);
    }
}

fn quantities(table: &mut Table, turns: usize) {
    type Kind = (&'static str, fn() -> Desk);
    let kinds: [Kind; 6] = [
        ("W1 100", || Desk::of(Workload::W1)),
        ("W2 100", || Desk::of(Workload::W2)),
        ("W3 100", || Desk::of(Workload::W3)),
        ("W4 100", || Desk::of(Workload::W4)),
        ("per unit", || Desk::with(AmountOff::new(Amounts::new([common::usd(10)]).unwrap()).taken_per(Per::Unit))),
        ("max units", || {
            let one = Target::default().units(1.try_into().unwrap());
            Desk::with(PercentOff::new(Percent::HUNDRED).on(one))
        }),
    ];
    for (name, desk) in kinds {
        let jobs = [1, 1_000_000].map(|quantity| {
            let lines: Vec<_> = common::lines(100).into_iter().map(|l| common::RawLine { quantity, ..l }).collect();
            reused(desk(), &common::host_lines_of(&lines))
        });
        let figures = in_turns(turns, jobs.into());
        table.at_most("quantity 1,000,000 / quantity 1", name, &figures, (1, 0), 1.05);
    }
}

fn refusals(table: &mut Table, turns: usize) {
    let one = common::host_lines(1);
    for (form, run) in [("owned", owned as fn(Desk, &[HostLine]) -> Job), ("reused", reused)] {
        let mut jobs = vec![run(Desk::of(Workload::W3), &one)];
        let ways = common::refused();
        let names: Vec<&str> = ways.iter().map(|(name, _)| *name).collect();
        jobs.extend(ways.into_iter().map(|(_, desk)| run(desk, &one)));
        let figures = in_turns(turns, jobs);
        for (i, name) in (1..).zip(names) {
            table.at_most(&format!("refused / applied, one line, {form}"), name, &figures, (i, 0), 1.0);
        }
    }
}

fn trace(table: &mut Table, turns: usize) {
    for workload in [Workload::W1, Workload::W4] {
        let host = common::host_lines(10);
        let traced = Desk { detail: Detail::Trace, ..Desk::of(workload) };
        let figures = in_turns(turns, vec![reused(Desk::of(workload), &host), reused(traced, &host)]);
        table.noted("trace asked for / not asked for", &format!("{} 10", workload.name()), &figures, (1, 0));
    }
}

/// The benefit of a name.
fn desk_of(name: &str) -> Desk {
    let all = common::sets().into_iter().chain(common::ladders());
    all.into_iter().find(|(known, _)| *known == name).map(|(_, desk)| desk).unwrap()
}

/// Sets of pieces and tiers against the same as plain loops on integers.
fn offers(table: &mut Table, turns: usize) {
    type Floor = fn(&[common::RawLine], &mut common::floor::Out);
    let all: [(&str, Floor, f64); 2] =
        [("third free", common::floor::third_free, 10.0), ("tiers by spend", common::floor::tier, 5.0)];
    for (name, floor, bar) in all {
        for n in [10, 100, 1_000] {
            let (raw, host, mut out) = (common::lines(n), common::host_lines(n), common::floor::Out::default());
            let floor = job(move || {
                floor(black_box(&raw), &mut out);
                out.total
            });
            let figures = in_turns(turns, vec![floor, reused(desk_of(name), &host)]);
            table.at_most(&format!("{name}, reused buffers / integer loop"), &n.to_string(), &figures, (1, 0), bar);
        }
    }
    for (name, _) in common::sets().into_iter().chain(common::ladders()) {
        let jobs = [1, 200].map(|quantity| {
            let lines: Vec<_> = common::lines(30).into_iter().map(|l| common::RawLine { quantity, ..l }).collect();
            reused(desk_of(name), &common::host_lines_of(&lines))
        });
        let figures = in_turns(turns, jobs.into());
        table.noted("30 lines of 200 pieces / of one", name, &figures, (1, 0));
    }
}

/// Automatic offers of the shop that concern no line of an order of 100 lines, which has one code.
fn automatic(table: &mut Table, turns: usize) {
    let host = common::host_lines(100);
    for what in [common::Offering::OtherProducts, common::Offering::Over, common::Offering::ToCome] {
        let mut jobs = vec![reused(Desk::of(Workload::W1), &host)];
        jobs.extend([1_000, 10_000].map(|count| reused(common::offering(Workload::W1, count, what), &host)));
        let figures = in_turns(turns, jobs);
        for (i, count) in [(1, 1_000), (2, 10_000)] {
            let title = format!("{count} offers, {what:?} / none");
            // Goods have to be looked up, one by one.
            let bar = if what == common::Offering::OtherProducts { 1.2 } else { 1.05 };
            table.at_most(&title, "W1 100", &figures, (i, 0), bar);
        }
    }
}

/// Two threads share prepared coupons, customer and order; what they do together against what one does. Beside them the
/// same of the plain loops, which share nothing that is written: what two cores of this machine can do at all.
fn threads(table: &mut Table, turns: usize) {
    for (workload, n) in [(Workload::W1, 10), (Workload::W3, 10), (Workload::W1, 100)] {
        let times = u64::try_from(2_000_000 / (n + 20)).unwrap();
        let at = format!("{} {n}", workload.name());
        let (desk, host, facts) = (Desk::of(workload), common::host_lines(n), common::facts());
        let order = common::order(&host);
        let (raw, terms) = (common::lines(n), workload.terms());
        let decimal_terms = common::decimal::terms(&terms);
        for (form, keep, share) in
            [("owned", false, true), ("owned, nothing shared", false, false), ("reused", true, true)]
        {
            let run = |times: u64| {
                let own = (Desk::of(workload), common::order(&host));
                let (desk, order) = if share { (&desk, &order) } else { (&own.0, &own.1) };
                let codes = desk.presented();
                let request = desk.request(order, &codes);
                let (mut outcome, mut scratch) = (desk.blank(), Scratch::default());
                let start = Instant::now();
                for _ in 0..times {
                    if keep {
                        desk.shop.evaluate_into(black_box(&request), &mut outcome, &mut scratch).unwrap();
                        black_box(&outcome);
                    } else {
                        black_box(desk.shop.evaluate(black_box(&request)).unwrap());
                    }
                }
                start.elapsed()
            };
            let ratio = two_against_one(turns, times, run);
            table.row(&format!("two threads / one, {form}"), &at, ratio, share.then_some((false, 1.9)), "");
        }
        let integers = |times: u64| {
            let (start, mut out) = (Instant::now(), common::floor::Out::default());
            for _ in 0..times * 10 {
                common::floor::run(workload, black_box(&raw), &terms, &facts, &mut out);
                black_box(&out);
            }
            start.elapsed()
        };
        table.row("two threads / one, integer loop", &at, two_against_one(turns, times, integers), None, "");
        let decimals = |times: u64| {
            let start = Instant::now();
            for _ in 0..times {
                black_box(common::decimal::run(black_box(&host), &decimal_terms, &facts));
            }
            start.elapsed()
        };
        table.row("two threads / one, decimal loop", &at, two_against_one(turns, times, decimals), None, "");
    }
}

/// How many times as much two threads do in a time as one does: the median of some turns.
fn two_against_one(turns: usize, times: u64, run: impl Fn(u64) -> std::time::Duration + Sync) -> f64 {
    run(times / 10);
    let turn = || {
        let alone = run(times).as_secs_f64();
        let barrier = Barrier::new(2);
        let together = std::thread::scope(|scope| {
            let handles = [(); 2].map(|()| {
                scope.spawn(|| {
                    barrier.wait();
                    run(times)
                })
            });
            handles.map(|h| h.join().unwrap()).into_iter().max().unwrap()
        });
        2.0 * alone / together.as_secs_f64()
    };
    quantile((0..turns).map(|_| turn()).collect(), 2)
}

fn main() {
    let mut turns = 61;
    let mut with_threads = true;
    for argument in std::env::args().skip(1) {
        match (argument.as_str(), argument.parse()) {
            (_, Ok(number)) => turns = number,
            ("--no-threads", _) => with_threads = false,
            _ => {}
        }
    }
    for workload in Workload::ALL {
        for n in common::SIZES {
            common::assert_same_answers(workload, n);
        }
    }
    let mut table = Table::begin();
    workloads(&mut table, turns);
    cost_per_line(&mut table, turns);
    quantities(&mut table, turns);
    refusals(&mut table, turns);
    trace(&mut table, turns);
    offers(&mut table, turns);
    automatic(&mut table, turns);
    if with_threads {
        threads(&mut table, turns.div_ceil(9));
    }
    table.end();
}
