//! A shop and its shoppers, as the promises have them: short words for what a checkout hands to a store.
//!
//! They are public for tests of your own beside the promises.

use chrono::{DateTime, TimeDelta, Utc};

use crate::*;

/// So many minutes after noon of the day on which all of this happens.
pub fn at(minutes: i64) -> DateTime<Utc> {
    parse_instant("2026-03-01T12:00:00Z").unwrap() + TimeDelta::minutes(minutes)
}

/// An amount in dollars.
pub fn usd(text: &str) -> Money {
    Money::parse(text, Currency::USD).unwrap()
}

/// The reference of an order.
pub fn order(id: &str) -> Reference {
    Reference::Order(id.parse().unwrap())
}

/// A customer by the id that the host gave.
pub fn id(value: &str) -> IdentityKey {
    IdentityKey::id(value).unwrap()
}

/// A customer by e-mail.
pub fn email(value: &str) -> IdentityKey {
    IdentityKey::email(value).unwrap()
}

/// A code, as a host makes it.
pub fn code(text: &str) -> Code {
    Code::parse(text, CodeFormat::Standard).unwrap()
}

/// A code that was handed out an hour before noon, to nobody in particular.
pub fn bearer(text: &str) -> IssuedCode {
    IssuedCode::new(code(text), at(-60))
}

/// 10% off under the code of the definition's own name in capitals.
pub fn ten_percent(name: &str) -> CouponBuilder {
    Coupon::builder(name).code(&name.to_uppercase()).percent_off("10")
}

/// The counter of all uses of a definition.
pub fn total(coupon: &str) -> CounterKey {
    CounterKey::Total { coupon: coupon.parse().unwrap() }
}

/// The counter of the uses of one customer.
pub fn per_customer(coupon: &str, customer: IdentityKey) -> CounterKey {
    CounterKey::Customer { coupon: coupon.parse().unwrap(), customer }
}

/// The counter of the dollars that a definition gave.
pub fn budget(coupon: &str) -> CounterKey {
    CounterKey::Money { coupon: coupon.parse().unwrap(), currency: Currency::USD }
}

/// A shopper in front of the counter: what is in the basket, who it is, what is typed.
#[derive(Debug, Clone)]
pub struct Basket {
    reference: Reference,
    keys: Vec<IdentityKey>,
    codes: Vec<String>,
    price: Option<&'static str>,
    shipping: Option<&'static str>,
    product: &'static str,
    events: Vec<TypeEvent>,
    own_types: bool,
    at: DateTime<Utc>,
}

impl Basket {
    /// One piece at 100.00, at noon, nobody we know.
    pub fn order(reference: &str) -> Self {
        Self {
            reference: order(reference),
            keys: Vec::new(),
            codes: Vec::new(),
            price: Some("100.00"),
            shipping: None,
            product: "BOOT",
            events: Vec::new(),
            own_types: false,
            at: at(0),
        }
    }

    /// Nothing in the basket yet.
    pub fn claim(reference: &str) -> Self {
        let reference = Reference::Claim(reference.parse().unwrap());
        Self { reference, price: None, ..Self::order("-") }
    }

    /// Whose basket it is, by these keys.
    pub fn by(mut self, keys: &[IdentityKey]) -> Self {
        self.keys = keys.to_vec();
        self
    }

    /// One more code, as it was typed.
    pub fn code(mut self, entered: &str) -> Self {
        self.codes.push(entered.to_owned());
        self
    }

    /// What the one piece costs.
    pub fn price(mut self, price: &'static str) -> Self {
        self.price = Some(price);
        self
    }

    /// What it costs to ship it.
    pub fn shipping(mut self, price: &'static str) -> Self {
        self.shipping = Some(price);
        self
    }

    /// Another product than boots.
    pub fn product(mut self, product: &'static str) -> Self {
        self.product = product;
        self
    }

    /// Something that happened to the customer's types.
    pub fn event(mut self, event: TypeEvent) -> Self {
        self.events.push(event);
        self
    }

    /// Of a host that keeps the customer's types itself, and knows of none.
    pub fn with_own_types(mut self) -> Self {
        self.own_types = true;
        self
    }

    /// So many minutes after noon.
    pub fn at(mut self, minutes: i64) -> Self {
        self.at = at(minutes);
        self
    }

    /// What a checkout of this shop asks the store.
    pub fn request(&self, shop: &Shop) -> LoadRequest {
        let customer = Customer::new(self.keys.clone());
        LoadRequest::new(self.reference.clone(), Currency::USD, self.at)
            .with_codes(self.codes.clone())
            .customer(shop.policy().counted_keys(&customer))
    }

    /// What the store knows of it.
    pub async fn load<S: CouponStore>(&self, store: &mut S) -> Loaded {
        let request = self.request(&shop());
        insist!(store.load(&request))
    }

    /// Loads and evaluates.
    pub async fn price_with<S: CouponStore>(&self, store: &mut S) -> Outcome {
        let shop = shop();
        let loaded = self.load(store).await;
        let prepared = loaded.prepare(&shop).unwrap();
        let codes = loaded.presented(&prepared);
        let line = |price| {
            let product = Product::new(self.product.parse().unwrap());
            Line::new(LineId(1), product, Quantity::pieces(1).unwrap(), UnitPrice::parse(price).unwrap())
        };
        let shipping = self.shipping.map(|price| Charge::shipping(LineId(2), usd(price)));
        let order = Order::builder(Currency::USD).lines(self.price.map(line));
        let order = shipping.into_iter().fold(order, OrderBuilder::charge).build().unwrap();
        let customer = Customer::new(self.keys.clone());
        let customer = if self.own_types { customer } else { loaded.customer(customer) };
        let request = Request::new(&order, &customer, self.reference.clone(), self.at).with_codes(&codes);
        shop.evaluate(&request.with_type_events(&self.events)).unwrap()
    }

    /// Loads and evaluates; every code must apply.
    pub async fn redemption<S: CouponStore>(&self, store: &mut S) -> Redemption {
        let outcome = self.price_with(store).await;
        for answer in outcome.answers() {
            assert!(answer.is_applied(), "{}: {:?}", answer.entered(), answer.reasons());
        }
        outcome.redemption().unwrap()
    }

    /// The whole checkout.
    pub async fn place<S: CouponStore>(&self, store: &mut S) -> Commit {
        let redemption = self.redemption(store).await;
        insist!(store.commit(&redemption, self.at))
    }

    /// Reserves for twenty minutes.
    pub async fn hold<S: CouponStore>(&self, store: &mut S) -> Redemption {
        let redemption = self.redemption(store).await;
        let until = self.at + TimeDelta::minutes(20);
        assert_eq!(insist!(store.reserve(&redemption, self.at, until)), Reserve::Held { until });
        redemption
    }
}

/// A shop that takes any number of codes and knows some types of customers; a year of the club or the guild is a
/// membership.
pub fn shop() -> Shop {
    let policy = Policy::builder(Currency::USD).max_codes(None).build().unwrap();
    Shop::builder(policy)
        .default_type("RETAIL".parse().unwrap())
        .customer_type("PROFORM".parse().unwrap())
        .customer_type("CLUB".parse().unwrap())
        .customer_type("GUILD".parse().unwrap())
        .purchase_assigns(Goods::product("CLUB-YEAR".parse().unwrap()), year("CLUB"))
        .purchase_assigns(Goods::product("GUILD-YEAR".parse().unwrap()), year("GUILD"))
        .build()
        .unwrap()
}

fn year(of: &str) -> TypeAssignment {
    let membership = TypeAssignment::membership(of.parse().unwrap(), AssignWhen::OnCommit);
    membership.lasting(AssignUntil::Days(365)).unwrap()
}

/// The counters that said no.
pub fn full(objections: &[Objection]) -> Vec<&CounterKey> {
    let key = |objection: &'static str| panic!("not a counter: {objection}");
    objections
        .iter()
        .map(|objection| match objection {
            Objection::LimitReached { counter, .. } => counter,
            other => key(Box::leak(other.to_string().into_boxed_str())),
        })
        .collect()
}

/// The counters that said no to a commit, and nothing else did.
pub fn refused_by(commit: &Commit) -> Vec<&CounterKey> {
    match commit {
        Commit::Refused(objections) => full(objections),
        other => panic!("{other:?}"),
    }
}
