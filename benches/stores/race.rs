//! Clients that record what there is, as fast as they can.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use vouchsafe::Redemption;

use super::work::{Job, Shape, Till, Work};
use crate::turns::{Table, quantile};

/// How long one turn of a contestant is to take.
const TURN: Duration = Duration::from_millis(400);

/// The most redemptions of one turn: a store in memory keeps them all.
const MOST: usize = 20_000;

/// One client of a contestant.
pub trait Client: Send + Sized + 'static {
    /// Records a group in one transaction.
    fn record(&mut self, jobs: &[Job], redemptions: &[Redemption]) -> impl Future<Output = ()> + Send;
}

/// Clients that race against others in turns.
pub trait Contestant {
    fn turn<'a>(&'a mut self, till: &'a Till, shape: Shape) -> std::pin::Pin<Box<dyn Future<Output = f64> + 'a>>;
}

pub struct Clients<C> {
    clients: Vec<C>,
    /// How many redemptions fill a turn.
    jobs: usize,
}

impl<C: Client> Clients<C> {
    pub fn new(clients: Vec<C>) -> Self {
        Self { clients, jobs: 0 }
    }

    async fn run(&mut self, work: Work) -> Duration {
        let work = Arc::new(work);
        let start = Instant::now();
        let tasks: Vec<_> = self
            .clients
            .drain(..)
            .map(|mut client| {
                let work = Arc::clone(&work);
                tokio::spawn(async move {
                    while let Some((jobs, redemptions)) = work.take() {
                        client.record(jobs, redemptions).await;
                    }
                    client
                })
            })
            .collect();
        for task in tasks {
            self.clients.push(task.await.unwrap());
        }
        start.elapsed()
    }
}

impl<C: Client> Contestant for Clients<C> {
    /// Redemptions a second.
    fn turn<'a>(&'a mut self, till: &'a Till, shape: Shape) -> std::pin::Pin<Box<dyn Future<Output = f64> + 'a>> {
        Box::pin(async move {
            // Statements are prepared, and the count that fills a turn is found.
            let mut tried = 20 * shape.clients * shape.group;
            while self.jobs == 0 {
                let took = self.run(till.work(shape, tried)).await;
                if took > TURN / 8 || tried >= MOST {
                    self.jobs =
                        ((tried as f64) * TURN.as_secs_f64() / took.as_secs_f64()).ceil().min(MOST as f64) as usize;
                }
                tried *= 4;
            }
            let work = till.work(shape, self.jobs);
            let jobs = work.len() as f64;
            jobs / self.run(work).await.as_secs_f64()
        })
    }
}

/// The medians of each contestant.
pub async fn in_turns(turns: usize, till: &Till, shape: Shape, contestants: &mut [&mut dyn Contestant]) -> Vec<f64> {
    let mut figures = vec![Vec::new(); contestants.len()];
    for _ in 0..turns {
        for (contestant, figures) in contestants.iter_mut().zip(&mut figures) {
            figures.push(contestant.turn(till, shape).await);
        }
    }
    figures.into_iter().map(|figures| quantile(figures, 2)).collect()
}

fn rate(figure: f64) -> String {
    match figure {
        f if f < 1e5 => format!("{f:.0}/s"),
        f => format!("{:.2}M/s", f / 1e6),
    }
}

fn clients(shape: Shape) -> String {
    format!("{} client{}", shape.clients, if shape.clients == 1 { "" } else { "s" })
}

/// Ours beside the two raw limits.
pub fn rows(table: &mut Table, what: &str, shape: Shape, figures: &[f64], bar: Option<f64>) {
    let (ours, raw, written) = (figures[0], figures[1], figures[2]);
    let (name, at) = (format!("{what}, {}", shape.name()), clients(shape));
    let times = |other| format!("{} against {}", rate(ours), rate(other));
    table.row(&format!("{name} / raw"), &at, ours / raw, bar.map(|bar| (false, bar)), &times(raw));
    table.row("  / raw, written down", &at, ours / written, None, &times(written));
}

/// Another way beside the raw limit, without a bar.
pub fn noted(table: &mut Table, what: &str, shape: Shape, figure: f64, raw: f64) {
    let times = format!("{} against {}", rate(figure), rate(raw));
    table.row(&format!("  {what} / raw"), &clients(shape), figure / raw, None, &times);
}
