//! The shop that is put under fire: its coupons, its customers, and what they buy.

use chrono::{DateTime, TimeDelta, Utc};
use vouchsafe::*;

use crate::dice::Dice;

/// Coupons with a limit on all uses, taken one after the other, so that at any time one is about to be used up.
pub const HOT: u64 = 30;
/// The uses of each of them.
pub const HOT_LIMIT: u64 = 12;
/// How many orders a worker looks at one of them for.
const HOT_ORDERS: u64 = 9;
/// Codes good for one order each.
pub const TICKETS: u64 = 60;
pub const CUSTOMERS: u64 = 10;
/// What every customer has to begin with.
pub const POINTS: u64 = 1_000_000;
/// Uses of one offer by each customer.
pub const EACH: u64 = 6;
/// In cents.
pub const BUDGET: i64 = 40_000;

pub fn namespace(name: &str) -> Namespace {
    name.parse().unwrap()
}

/// Now, by the clock of this machine, which all workers share.
pub fn now() -> DateTime<Utc> {
    DateTime::from(std::time::SystemTime::now())
}

pub fn usd(text: &str) -> Money {
    Money::parse(text, Currency::USD).unwrap()
}

pub fn shop() -> Shop {
    let policy = Policy::builder(Currency::USD).max_codes(None).build().unwrap();
    let club = TypeAssignment::membership("CLUB".parse().unwrap(), AssignWhen::OnCommit);
    let worth = PriceTable::new([(Currency::USD, UnitPrice::parse("0.01").unwrap())]).unwrap();
    Shop::builder(policy)
        .customer_type("CLUB".parse().unwrap())
        .purchase_assigns(Goods::product("CLUB-YEAR".parse().unwrap()), club.lasting(AssignUntil::Days(365)).unwrap())
        .points(PointsProgram::earning(PointsRates::everywhere(PointsRate::parse("1").unwrap())).worth(worth).unwrap())
        .build()
        .unwrap()
}

pub fn hot(number: u64) -> String {
    format!("hot-{number}")
}

/// Every definition of the shop.
pub fn coupons() -> Vec<Coupon> {
    let mut coupons: Vec<Coupon> = (0..HOT)
        .map(|number| {
            let name = hot(number);
            let coupon = Coupon::builder(&name).code(&name.to_uppercase()).percent_off("10");
            coupon.total_limit(HOT_LIMIT).build().unwrap()
        })
        .collect();
    let each = Coupon::builder("each").code("EACH").percent_off("5").per_customer_limit(EACH);
    let budget = Coupon::builder("budget").code("BUDGET").amount_off(usd("3.00"));
    let budget = budget.budget(Amounts::new([Money::new(BUDGET, Currency::USD)]).unwrap()).when_short(WhenShort::Clip);
    let ticket = Coupon::builder("ticket").percent_off("20").per_code_limit(1);
    let free = Coupon::builder("free").code("FREE").percent_off("1");
    coupons.extend([each, budget, ticket, free].map(|coupon| coupon.build().unwrap()));
    coupons
}

/// The text of a ticket, without letters that look alike.
pub fn ticket(number: u64) -> String {
    format!("TICKET{number}")
}

pub fn tickets() -> Vec<IssuedCode> {
    let issued = now() - TimeDelta::hours(1);
    (0..TICKETS).map(|n| IssuedCode::new(Code::parse(&ticket(n), CodeFormat::Standard).unwrap(), issued)).collect()
}

pub fn customer(number: u64) -> Customer {
    let id = IdentityKey::id(&format!("c-{number}")).unwrap();
    Customer::new([id, IdentityKey::email(&format!("c{number}@example.com")).unwrap()])
}

/// One customer, one basket, and what is typed.
#[derive(Debug, Clone)]
pub struct Basket {
    pub reference: Reference,
    pub customer: Option<u64>,
    pub codes: Vec<String>,
    product: &'static str,
    pieces: u64,
    redeem: u64,
}

impl Basket {
    /// The basket of the so-manieth order of a worker: the same each time.
    pub fn of(seed: u64, worker: u64, number: u64) -> Self {
        let mut dice = Dice::of(seed, &[worker, number]);
        let customer = (!dice.once_in(3)).then(|| dice.below(CUSTOMERS));
        let mut codes = vec![hot(number / HOT_ORDERS % HOT)];
        if dice.once_in(3) {
            // Its neighbour, typed before or behind it: two coupons in either order.
            codes.push(hot((number / HOT_ORDERS + 1) % HOT));
        }
        let others = [(4, "BUDGET".to_owned()), (5, "FREE".to_owned()), (5, ticket(dice.below(TICKETS)))];
        codes.extend(others.into_iter().filter(|(times, _)| dice.once_in(*times)).map(|(_, code)| code));
        if customer.is_some() && dice.once_in(3) {
            codes.push("EACH".to_owned());
        }
        let turn = dice.below(codes.len() as u64);
        codes.rotate_left(turn as usize);
        if dice.once_in(12) {
            codes.clear();
        }
        let product = if customer.is_some() && dice.once_in(12) { "CLUB-YEAR" } else { "BOOT" };
        let redeem = if customer.is_some() && dice.once_in(4) { dice.below(300) } else { 0 };
        let reference = Reference::Order(format!("w{worker}-{number}").parse().unwrap());
        Self { reference, customer, codes, product, pieces: 1 + dice.below(3), redeem }
    }

    /// An order of one hot coupon and nothing else, by nobody.
    pub fn simple(reference: &str, code: String) -> Self {
        let reference = Reference::Order(reference.parse().unwrap());
        Self { reference, customer: None, codes: vec![code], product: "BOOT", pieces: 1, redeem: 0 }
    }

    /// One piece more: other content under the same reference.
    pub fn changed(mut self) -> Self {
        self.pieces += 1;
        self
    }

    fn customer(&self) -> Customer {
        self.customer.map_or_else(Customer::anonymous, customer)
    }

    pub fn request(&self, shop: &Shop, at: DateTime<Utc>) -> LoadRequest {
        LoadRequest::new(self.reference.clone(), Currency::USD, at)
            .with_codes(self.codes.clone())
            .customer(shop.policy().counted_keys(&self.customer()))
            .points()
    }

    /// What is to be recorded of it. Codes that do not apply are left out, as a shopper would.
    pub fn price(&self, shop: &Shop, loaded: &Loaded, at: DateTime<Utc>) -> Redemption {
        let prepared = loaded.prepare(shop).unwrap();
        let codes = loaded.presented(&prepared);
        let quantity = Quantity::pieces(self.pieces).unwrap();
        let product = Product::new(self.product.parse().unwrap());
        let line = Line::new(LineId(1), product, quantity, UnitPrice::parse("40.00").unwrap());
        let order = Order::builder(Currency::USD).line(line).build().unwrap();
        let customer = loaded.customer(self.customer());
        let available = loaded.points().map_or(0, PointsBalance::available);
        let redeem = self.redeem.min(available);
        let request = Request::new(&order, &customer, self.reference.clone(), at).with_codes(&codes);
        shop.evaluate(&request.with_points(PointsUse::new(redeem, available))).unwrap().redemption().unwrap()
    }
}
