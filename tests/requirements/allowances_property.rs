//! Whatever is ordered, held, recorded, voided or left to lapse, in whatever order: no allowance is ever exceeded.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use serde_json::{Value, json};
use vouchsafe::*;

use crate::support::*;

/// What a shopper does with an order.
#[derive(Debug, Clone, Copy)]
enum Deed {
    Commit,
    /// Holds it for so many hours, and goes away.
    Hold(i64),
    /// Holds it for so many hours, and commits it when half of them are over, or when as many again are.
    Pay {
        hours: i64,
        late: bool,
    },
    /// Commits it, and voids it with what is given back.
    Void {
        back: bool,
    },
    Release,
}

#[derive(Debug, Clone)]
struct Step {
    shopper: u8,
    /// Pieces of each of two products, on one line or two.
    pieces: (u8, u8),
    split: bool,
    deed: Deed,
    /// Hours until the next one begins.
    hours: i64,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let deed = prop_oneof![
        4 => Just(Deed::Commit),
        2 => (1_i64..200).prop_map(Deed::Hold),
        3 => (1_i64..200, any::<bool>()).prop_map(|(hours, late)| Deed::Pay { hours, late }),
        2 => any::<bool>().prop_map(|back| Deed::Void { back }),
        1 => Just(Deed::Release),
    ];
    let hours = prop_oneof![Just(0_i64), 0_i64..60, 200_i64..900];
    let step = (0_u8..3, (0_u8..6, 0_u8..6), any::<bool>(), deed, hours)
        .prop_map(|(shopper, pieces, split, deed, hours)| Step { shopper, pieces, split, deed, hours });
    proptest::collection::vec(step, 1..40)
}

fn windows() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!("ever")),
        Just(json!("month")),
        Just(json!("quarter")),
        Just(json!("year")),
        Just(json!({"days": {"from": "2026-02-10", "thru": "2026-03-29"}})),
        (1_u32..40).prop_map(|days| json!({"rolling": {"days": days}})),
    ]
}

fn allowances() -> impl Strategy<Value = Vec<Allowance>> {
    let one = (windows(), any::<bool>(), any::<bool>(), 1_u64..9, 0_usize..3);
    proptest::collection::vec(one, 1..4).prop_map(|all| {
        let goods =
            [json!([{"product": "P1"}]), json!([{"product": "P2"}]), json!([{"product": "P1"}, {"product": "P2"}])];
        let made = all.into_iter().enumerate().map(|(i, (window, shared, cap, quantity, of))| {
            serde_json::from_value(json!({
                "id": format!("a{i}"), "goods": goods[of], "quantity": quantity, "window": window,
                "per": if shared { "shared" } else { "customer" }, "excess": if cap { "cap" } else { "refuse" },
            }))
            .unwrap()
        });
        made.collect()
    })
}

/// A purchase that stands.
#[derive(Debug)]
struct Bought {
    at: DateTime<Utc>,
    shopper: u8,
    /// Units of the first and of the second product.
    units: [u64; 2],
}

struct World {
    shop: Shop,
    store: MemoryStore,
    bought: BTreeMap<usize, Bought>,
}

impl World {
    fn priced(&self, number: usize, step: &Step, at: DateTime<Utc>) -> Outcome {
        let half = u64::from(step.pieces.0) / 2;
        let first = u64::from(step.pieces.0);
        let lines = if step.split { vec![(1, half), (4, first - half)] } else { vec![(1, first)] };
        let lines = lines.into_iter().map(|(line, pieces)| (line, "P1", pieces));
        let lines = lines.chain([(2, "P2", u64::from(step.pieces.1))]).filter(|(_, _, pieces)| *pieces > 0);
        let order = Order::builder(Currency::USD).lines(lines.map(|(line, p, n)| of(line, product(p), "10.00", n)));
        let order = order.build().unwrap();
        let (who, reference) =
            (customer(&step.shopper.to_string()), Reference::Order(format!("o-{number}").parse().unwrap()));
        let counters = self.shop.allowance_counters(&order, &self.shop.policy().counted_keys(&who), at);
        let load = LoadRequest::new(reference.clone(), Currency::USD, at).allowances(counters);
        let loaded = block_on(self.store.clone().load(&load)).unwrap();
        let request = Request::new(&order, &who, reference, at).with_allowances(loaded.allowances());
        self.shop.evaluate(&request).unwrap()
    }

    fn commit(&mut self, number: usize, step: &Step, outcome: &Outcome, at: DateTime<Utc>) -> bool {
        let answer = block_on(self.store.clone().commit(&outcome.redemption().unwrap(), at)).unwrap();
        if answer == Commit::Recorded {
            let units = ["P1", "P2"].map(|name| {
                let of_product = outcome.lines().iter().filter(|line| (line.id() == LineId(2)) == (name == "P2"));
                of_product.map(|line| u64::from(line.units())).sum()
            });
            self.bought.insert(number, Bought { at, shopper: step.shopper, units });
        }
        answer == Commit::Recorded
    }

    fn go(&mut self, number: usize, step: &Step, at: DateTime<Utc>) {
        let outcome = self.priced(number, step, at);
        let Ok(redemption) = outcome.redemption() else { return };
        let mut store = self.store.clone();
        match step.deed {
            Deed::Commit => {
                self.commit(number, step, &outcome, at);
            }
            Deed::Hold(hours) => {
                block_on(store.reserve(&redemption, at, at + TimeDelta::hours(hours))).unwrap();
            }
            Deed::Release => {
                block_on(store.reserve(&redemption, at, at + TimeDelta::hours(50))).unwrap();
                block_on(store.release(redemption.reference(), at)).unwrap();
            }
            Deed::Pay { hours, late } => {
                block_on(store.reserve(&redemption, at, at + TimeDelta::hours(hours))).unwrap();
                self.commit(number, step, &outcome, at + TimeDelta::hours(if late { hours * 2 } else { hours / 2 }));
            }
            Deed::Void { back } => {
                if self.commit(number, step, &outcome, at) {
                    let policy = OnVoid::KEEP.with_allowances_given_back(back);
                    block_on(store.void(redemption.reference(), policy, at)).unwrap();
                    if back {
                        self.bought.remove(&number);
                    }
                }
            }
        }
    }

    /// What stands of an allowance in the window of one purchase, by that shopper or by all.
    fn in_window_of(&self, allowance: &Allowance, last: &Bought) -> u64 {
        let zone = self.shop.policy().zone();
        let period = |at: DateTime<Utc>| {
            let day = zone.local_date(at).to_string();
            let (year, month) = (day[..4].to_owned(), day[5..7].parse::<u32>().unwrap());
            match allowance.window() {
                AllowanceWindow::Month => (year, month),
                AllowanceWindow::Quarter => (year, (month - 1) / 3),
                AllowanceWindow::Year => (year, 0),
                _ => (String::new(), 0),
            }
        };
        let counts = |one: &&Bought| {
            let same = match allowance.window() {
                AllowanceWindow::Days(days) => {
                    let day = zone.local_date(one.at);
                    days.from().is_none_or(|from| from <= day) && days.thru().is_none_or(|thru| day <= thru)
                }
                AllowanceWindow::Rolling { days, .. } => days_before(last.at, days) <= one.at && one.at <= last.at,
                _ => period(one.at) == period(last.at),
            };
            same && (allowance.per() == AllowancePer::Shared || one.shopper == last.shopper)
        };
        let of = |name: &str| allowance.goods().contains(&Goods::product(name.parse().unwrap()));
        let units = |one: &Bought| one.units[0] * u64::from(of("P1")) + one.units[1] * u64::from(of("P2"));
        self.bought.values().filter(counts).map(units).sum()
    }
}

proptest! {
    /// Proves S44, S45, S48: over any sequence of orders, holds, lapses and voids, and across the ends of windows, what
    /// stands never exceeds an allowance; rolling windows included.
    #[test]
    fn no_allowance_is_ever_exceeded(allowances in allowances(), steps in steps()) {
        let builder = allowances.iter().cloned().fold(Shop::builder(policy(|p| p)), ShopBuilder::allowance);
        let mut world = World { shop: builder.build().unwrap(), store: MemoryStore::new(), bought: BTreeMap::new() };
        let mut now = at("2026-01-20T12:00:00Z");
        for (number, step) in steps.iter().enumerate() {
            world.go(number, step, now);
            now += TimeDelta::hours(step.hours);
        }
        for allowance in &allowances {
            for last in world.bought.values() {
                let taken = world.in_window_of(allowance, last);
                prop_assert!(taken <= allowance.quantity(), "{}: {taken} of {} at {}", allowance.id(), allowance.quantity(), last.at);
            }
        }
    }
}
