//! The store in memory beside a counter and a map behind one lock.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use vouchsafe::*;

use super::race::{Client, Clients, in_turns, rows};
use super::work::{Job, Shape, Till, at};
use crate::turns::Table;

/// Counters and records behind one lock.
#[derive(Default)]
struct Books {
    counters: HashMap<i64, u64>,
    records: HashMap<String, Option<Redemption>>,
}

#[derive(Clone)]
struct Raw {
    books: Arc<Mutex<Books>>,
    written_down: bool,
}

impl Client for Raw {
    async fn record(&mut self, jobs: &[Job], redemptions: &[Redemption]) {
        for (job, redemption) in jobs.iter().zip(redemptions) {
            let record = self.written_down.then(|| redemption.clone());
            let mut books = self.books.lock().unwrap();
            let used = books.counters.entry(job.coupon).or_default();
            assert!(*used < 1 << 40);
            *used += 1;
            assert!(books.records.insert(job.reference.clone(), record).is_none());
        }
    }
}

impl Client for MemoryStore {
    async fn record(&mut self, _: &[Job], redemptions: &[Redemption]) {
        for redemption in redemptions {
            assert_eq!(self.commit(redemption, at()).await.unwrap(), Commit::Recorded);
        }
    }
}

/// No bar: it is not the limit of any database.
pub async fn race(table: &mut Table, turns: usize) {
    for shape in [Shape::hot(1), Shape::hot(8), Shape::hot(32), Shape::spread(1), Shape::spread(32)] {
        let till = Till::new(shape);
        let store = MemoryStore::new();
        for coupon in till.coupons() {
            store.define(coupon.clone()).unwrap();
        }
        let raw = |written_down| {
            let client = Raw { books: Arc::default(), written_down };
            Clients::new(vec![client; shape.clients])
        };
        let (mut bare, mut written) = (raw(false), raw(true));
        let mut ours = Clients::new(vec![store; shape.clients]);
        let figures = in_turns(turns, &till, shape, &mut [&mut ours, &mut bare, &mut written]).await;
        rows(table, "memory", shape, &figures, None);
    }
}
