//! Contestants timed in turns in one process, so that a busy machine slows all of them alike, and a table of their ratios.

#![allow(
    clippy::float_arithmetic,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

/// How long one contestant runs in one turn: shorter than a scheduler's time slice.
const SLICE: Duration = Duration::from_micros(500);

/// Runs the job so many times and says how long that took.
pub type Job = Box<dyn FnMut(u64) -> Duration>;

pub fn job<T>(mut once: impl FnMut() -> T + 'static) -> Job {
    Box::new(move |times| {
        let start = Instant::now();
        for _ in 0..times {
            black_box(once());
        }
        start.elapsed()
    })
}

/// Nanoseconds for one run of each job.
pub fn in_turns(turns: usize, mut jobs: Vec<Job>) -> Vec<f64> {
    let times: Vec<u64> = jobs
        .iter_mut()
        .map(|job| {
            let mut times = 1;
            // Buffers grow, caches fill, and the count for one slice is found.
            loop {
                let took = job(times);
                if took >= SLICE / 4 {
                    return ((times as f64) * SLICE.as_secs_f64() / took.as_secs_f64()).ceil() as u64;
                }
                times *= 2;
            }
        })
        .collect();
    let mut figures = vec![Vec::new(); jobs.len()];
    for _ in 0..turns {
        for ((job, n), figures) in jobs.iter_mut().zip(&times).zip(&mut figures) {
            figures.push(job(*n).as_nanos() as f64 / *n as f64);
        }
    }
    figures.into_iter().map(|figures| quantile(figures, 10)).collect()
}

/// The figure below which one part in so many lies.
pub fn quantile(mut figures: Vec<f64>, parts: usize) -> f64 {
    figures.sort_unstable_by(f64::total_cmp);
    figures[figures.len() / parts]
}

pub struct Table {
    missed: usize,
}

impl Table {
    pub fn begin() -> Self {
        println!("| {:<52} | {:<10} | {:>6} | {:>8} | {:<6} | {:<30} |", "what", "at", "ratio", "bar", "", "times");
        println!("|{:-<54}|{:-<12}|{:->8}|{:->10}|{:-<8}|{:-<32}|", "", "", "", "", "", "");
        Self { missed: 0 }
    }

    /// Says how many bars were missed.
    pub fn end(self) -> usize {
        println!("\nbars missed: {}", self.missed);
        self.missed
    }

    pub fn row(&mut self, what: &str, at: &str, ratio: f64, bar: Option<(bool, f64)>, times: &str) {
        let (bar, verdict) = match bar {
            None => (String::new(), ""),
            Some((at_most, bar)) => {
                let held = if at_most { ratio <= bar } else { ratio >= bar };
                self.missed += usize::from(!held);
                (format!("{} {bar:.2}", if at_most { "<=" } else { ">=" }), if held { "held" } else { "MISSED" })
            }
        };
        println!("| {what:<52} | {at:<10} | {ratio:>6.2} | {bar:>8} | {verdict:<6} | {times:<30} |");
    }

    pub fn at_most(&mut self, what: &str, at: &str, times: &[f64], (of, to): (usize, usize), bar: f64) {
        let text = format!("{} against {}", nanos(times[of]), nanos(times[to]));
        self.row(what, at, times[of] / times[to], Some((true, bar)), &text);
    }

    pub fn noted(&mut self, what: &str, at: &str, times: &[f64], (of, to): (usize, usize)) {
        let text = format!("{} against {}", nanos(times[of]), nanos(times[to]));
        self.row(what, at, times[of] / times[to], None, &text);
    }
}

fn nanos(time: f64) -> String {
    match time {
        t if t < 1_000.0 => format!("{t:.0} ns"),
        t if t < 1_000_000.0 => format!("{:.2} us", t / 1e3),
        t => format!("{:.2} ms", t / 1e6),
    }
}
