//! Reads the store back: whatever was said during the sale, this is what a merchant pays for.

use std::collections::{HashMap, HashSet};

use vouchsafe::*;

use super::figures::{Tally, grouped};
use super::sale::{Habit, Sale, coupon_of, now};
use super::stores::Failure;

/// One promise, and how it was broken.
#[derive(Debug)]
pub(crate) struct Check {
    pub(crate) promise: &'static str,
    pub(crate) broken: Option<String>,
}

/// What the store was found to hold.
#[derive(Debug)]
pub(crate) struct Audit {
    pub(crate) checks: Vec<Check>,
}

impl Audit {
    pub(crate) fn broken(&self) -> usize {
        self.checks.iter().filter(|check| check.broken.is_some()).count()
    }

    pub(crate) fn is_kept(&self) -> bool {
        self.broken() == 0
    }
}

/// How many records are read at a time.
const PAGE: u32 = 1_000;

/// What the records say.
#[derive(Debug, Default)]
struct Records {
    /// How often each coupon was redeemed.
    uses: HashMap<CouponId, u64>,
    /// Every order that is recorded.
    orders: HashSet<Reference>,
    twice: Vec<Reference>,
    wrong_price: Vec<Reference>,
    /// Who redeemed which coupon.
    customers: HashSet<(CouponId, IdentityKey)>,
    again: Vec<Reference>,
}

impl Records {
    async fn read<S: CouponAdmin>(store: &mut S) -> Result<Self, Failure> {
        let mut records = Self::default();
        let mut page = Page::first(PAGE);
        loop {
            let read = store.records(page).await?;
            let Some(last) = read.last() else { return Ok(records) };
            page = Page::after(last.place, PAGE);
            for record in &read {
                records.add(&record.redemption);
            }
        }
    }

    fn add(&mut self, redemption: &Redemption) {
        let reference = redemption.reference();
        if !self.orders.insert(reference.clone()) {
            self.twice.push(reference.clone());
        }
        // 100.00 less 10%.
        let off = Money::new(1_000, Currency::USD);
        let right =
            redemption.coupons().len() == 1 && redemption.coupons().iter().all(|redeemed| redeemed.discount == off);
        if !right || redemption.payable() != Money::new(9_000, Currency::USD) {
            self.wrong_price.push(reference.clone());
        }
        for redeemed in redemption.coupons() {
            let uses = self.uses.entry(redeemed.coupon.clone()).or_default();
            *uses = uses.saturating_add(1);
            let mut again = false;
            for key in redemption.customer() {
                again |= !self.customers.insert((redeemed.coupon.clone(), key.clone()));
            }
            if again {
                self.again.push(reference.clone());
            }
        }
    }
}

/// Reads everything that was recorded and every counter, and holds them against what shoppers were told.
pub(crate) async fn read<S: CouponAdmin>(sale: &Sale, tally: &Tally, store: &mut S) -> Result<Audit, Failure> {
    let records = Records::read(store).await?;
    let (mut past, mut off, mut held, mut left_over) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let wanted = demand(sale);
    for place in 0..sale.codes {
        let coupon = coupon_of(place)?;
        let state = store.counter(&CounterKey::Total { coupon: coupon.clone() }, now()).await?;
        let recorded = records.uses.get(&coupon).copied().unwrap_or(0);
        if state.used.max(recorded) > sale.limit {
            past.push(format!("{coupon}: {} of {}", grouped(state.used.max(recorded)), grouped(sale.limit)));
        }
        if state.used != recorded {
            off.push(format!("{coupon}: {} used, {} recorded", grouped(state.used), grouped(recorded)));
        }
        if state.held > 0 {
            held.push(format!("{coupon}: {}", grouped(state.held)));
        }
        let wanted = wanted.get(&place).copied().unwrap_or(0).min(sale.limit);
        // A checkout that failed to the end may have wanted one.
        let failed = u64::try_from(tally.failed.len()).unwrap_or(u64::MAX);
        if recorded.saturating_add(failed) < wanted {
            left_over.push(format!("{coupon}: {} of {}", grouped(recorded), grouped(wanted)));
        }
    }
    let lost = tally.acknowledged.difference(&records.orders);
    let unheard = records.orders.difference(&tally.acknowledged).filter(|order| !tally.failed.contains(order));
    let denied = tally.repeats_denied.saturating_add(tally.told_twice);
    let checks = vec![
        check("no code is redeemed past its limit", past),
        check("what is used is what is recorded", off),
        check("every acknowledged order is recorded", names(lost)),
        check("nothing else is, and nothing twice", names(unheard.chain(&records.twice))),
        check("a repeat is the same redemption", Vec::from_iter((denied > 0).then(|| grouped(denied)))),
        check("one for each customer, whatever the account", names(&records.again)),
        check("every discount is right to the cent", names(&records.wrong_price)),
        check("nothing is held any more", held),
        check("nobody was turned away from a free use", left_over),
    ];
    Ok(Audit { checks })
}

/// How many shoppers would keep a use of each code.
fn demand(sale: &Sale) -> HashMap<u32, u64> {
    let mut wanted: HashMap<u32, u64> = HashMap::new();
    for shopper in (0..sale.customers).filter(|shopper| Habit::of(*shopper).keeps()) {
        let count = wanted.entry(sale.code_for(shopper)).or_default();
        *count = count.saturating_add(1);
    }
    wanted
}

fn names<'r>(orders: impl IntoIterator<Item = &'r Reference>) -> Vec<String> {
    orders.into_iter().map(ToString::to_string).collect()
}

/// Kept where nothing speaks against it; else the first few of what does.
fn check(promise: &'static str, mut against: Vec<String>) -> Check {
    const SHOWN: usize = 3;
    let count = against.len();
    against.sort();
    against.truncate(SHOWN);
    let more = count.saturating_sub(against.len());
    let mut text = against.join(", ");
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    Check { promise, broken: (count > 0).then_some(text) }
}
