//! Redemptions to record: priced before the clock runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use vouchsafe::*;

/// What the raw contestants write of a redemption.
pub struct Job {
    pub reference: String,
    pub coupon: i64,
    pub document: String,
}

/// What is to be recorded in one turn; clients take the next group that nobody has.
pub struct Work {
    jobs: Vec<Job>,
    redemptions: Vec<Redemption>,
    next: AtomicUsize,
    group: usize,
}

impl Work {
    /// The next group; none when all is done.
    pub fn take(&self) -> Option<(&[Job], &[Redemption])> {
        let from = self.next.fetch_add(self.group, Ordering::Relaxed);
        let until = (from + self.group).min(self.jobs.len());
        let jobs = self.jobs.get(from..until).filter(|jobs| !jobs.is_empty())?;
        Some((jobs, &self.redemptions[from..until]))
    }

    pub fn len(&self) -> usize {
        self.jobs.len()
    }
}

/// What is bought, and under how many codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    pub coupons: u64,
    pub clients: usize,
    pub group: usize,
    /// Once per customer, by an id: one counter and one row of history more.
    pub known: bool,
}

impl Shape {
    pub fn hot(clients: usize) -> Self {
        Self { coupons: 1, clients, group: 1, known: false }
    }

    pub fn spread(clients: usize) -> Self {
        Self { coupons: 1_000, ..Self::hot(clients) }
    }

    pub fn grouped(self) -> Self {
        Self { group: 20, ..self }
    }

    pub fn of_known_customers(self) -> Self {
        Self { known: true, ..self }
    }

    pub fn name(self) -> String {
        let coupons = if self.coupons == 1 { "one hot coupon" } else { "1,000 coupons" };
        let group = if self.group == 1 { "" } else { ", 20 grouped" };
        let known = if self.known { ", known customers" } else { "" };
        format!("{coupons}{group}{known}")
    }
}

pub fn at() -> chrono::DateTime<chrono::Utc> {
    parse_instant("2026-03-01T12:00:00Z").unwrap()
}

fn reference(n: u64) -> Reference {
    Reference::Order(format!("o-{n}").parse().unwrap())
}

/// The shop with its coupons.
pub struct Till {
    shop: Shop,
    coupons: Vec<Coupon>,
    prepared: Vec<Prepared>,
    order: Order,
    count: AtomicU64,
}

impl Till {
    pub fn new(shape: Shape) -> Arc<Self> {
        let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
        let coupon = |n: u64| {
            let coupon =
                Coupon::builder(format!("c-{n}")).code(&format!("C{n}")).percent_off("10").total_limit(1 << 40);
            if shape.known { coupon.per_customer_limit(1).build() } else { coupon.build() }.unwrap()
        };
        let coupons: Vec<Coupon> = (0..shape.coupons).map(coupon).collect();
        let prepared = coupons.iter().map(|coupon| shop.prepare(coupon.clone()).unwrap()).collect();
        let product = Product::new("BOOT".parse().unwrap());
        let line = Line::new(LineId(1), product, Quantity::ONE, UnitPrice::parse("100.00").unwrap());
        let order = Order::builder(Currency::USD).line(line).build().unwrap();
        Arc::new(Self { shop, coupons, prepared, order, count: AtomicU64::new(0) })
    }

    pub fn coupons(&self) -> &[Coupon] {
        &self.coupons
    }

    /// So many redemptions that nobody had before.
    pub fn work(&self, shape: Shape, jobs: usize) -> Work {
        let mut redemptions = Vec::new();
        let mut job = || {
            let n = self.count.fetch_add(1, Ordering::Relaxed);
            // A step that meets every coupon, in no order that a cache would like.
            let place = (n * 389) % shape.coupons;
            let code = &self.prepared[place as usize];
            let customer = match shape.known {
                true => Customer::new([IdentityKey::id(&format!("c-{n}")).unwrap()]),
                false => Customer::anonymous(),
            };
            let codes = [Presented::new(code.coupon().code().unwrap().as_str(), code)];
            let request = Request::new(&self.order, &customer, reference(n), at()).with_codes(&codes);
            let redemption = self.shop.evaluate(&request).unwrap().redemption().unwrap();
            assert_eq!(redemption.deltas().len(), 1 + usize::from(shape.known));
            let document = serde_json::to_string(&redemption).unwrap();
            redemptions.push(redemption);
            Job { reference: format!("order:o-{n}"), coupon: place as i64, document }
        };
        let jobs = (0..jobs).map(|_| job()).collect();
        Work { jobs, redemptions, next: AtomicUsize::new(0), group: shape.group }
    }

    /// The whole checkout of an order of this work: what the store knows, the price, the commit.
    #[cfg(any(feature = "sqlite", feature = "postgres"))]
    pub async fn check_out<S: CouponStore>(&self, store: &mut S, job: &Job, redemption: &Redemption) {
        let code = &self.prepared[job.coupon as usize];
        let entered = code.coupon().code().unwrap().as_str();
        let (reference, nobody) = (redemption.reference(), Customer::anonymous());
        let request = LoadRequest::new(reference.clone(), Currency::USD, at()).code(entered);
        let loaded = store.load(&request).await.unwrap();
        let codes = [loaded.codes()[0].presented(Some(code))];
        let request = Request::new(&self.order, &nobody, reference.clone(), at()).with_codes(&codes);
        let redemption = self.shop.evaluate(&request).unwrap().redemption().unwrap();
        assert_eq!(store.commit(&redemption, at()).await.unwrap(), Commit::Recorded);
    }
}
