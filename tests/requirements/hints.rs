//! Hints: what a shopper could do for more off. Each is done here from outside, and the order priced again.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use vouchsafe::*;

use crate::support::{NOON, at};

/// A basket as a host keeps it: id, product, category, price and pieces of each line.
#[derive(Debug, Clone)]
pub(crate) struct Basket {
    pub(crate) policy: &'static str,
    pub(crate) lines: Vec<(u64, String, String, String, u64)>,
    pub(crate) payment: Option<&'static str>,
    pub(crate) shipping: Option<String>,
    pub(crate) customer: Customer,
    pub(crate) at: DateTime<Utc>,
    /// Customers that joined, by definition.
    pub(crate) joined: Vec<(String, u64)>,
    /// Definitions of automatic offers of the shop.
    pub(crate) offers: Vec<String>,
    /// Definitions of the codes that are entered, and of those that the customer has besides.
    pub(crate) entered: Vec<String>,
    pub(crate) wallet: Vec<String>,
}

/// Pieces of each product.
type Gifts = BTreeMap<String, u64>;

fn coupon(id: &str, rest: &str) -> String {
    format!(r#"{{"version":1,"id":"{id}","code":"{}",{rest}}}"#, id.to_uppercase())
}

const TEN: &str = r#""benefits":[{"percent":{"off":"10"}}]"#;

/// Ten percent under this condition.
fn ten_if(condition: &str) -> String {
    coupon("ten", &format!(r#"{TEN},"conditions":[{condition}]"#))
}

/// The category of goods of a scope.
fn category_of(scope: &Scope) -> String {
    match scope {
        Scope::Categories(list) => list[0].to_string(),
        _ => "any".to_owned(),
    }
}

/// A shirt at 20.00 and two books at 5.00.
pub(crate) fn basket() -> Basket {
    let line = |id, product: &str, category: &str, price: &str, pieces| {
        (id, product.to_owned(), category.to_owned(), price.to_owned(), pieces)
    };
    Basket {
        policy: r#"{"version":1,"currency":"USD","max_codes":"unlimited"}"#,
        lines: vec![line(1, "SHIRT", "clothes", "20.00", 1), line(2, "BOOK", "books", "5.00", 2)],
        payment: None,
        shipping: None,
        customer: Customer::anonymous(),
        at: at(NOON),
        joined: Vec::new(),
        offers: Vec::new(),
        entered: Vec::new(),
        wallet: Vec::new(),
    }
}

impl Basket {
    fn entered(mut self, definition: String) -> Self {
        self.entered.push(definition);
        self
    }

    fn offer(mut self, id: &str, rest: &str) -> Self {
        self.offers.push(format!(r#"{{"id":"{id}",{rest}}}"#));
        self
    }

    fn by(self, customer: Customer) -> Self {
        Self { customer, ..self }
    }

    fn wallet(mut self, definition: String) -> Self {
        self.wallet.push(definition);
        self
    }

    fn ask<T>(&self, without: &[usize], what: impl FnOnce(&Shop, &Request<'_>, &[Presented<'_>]) -> T) -> T {
        let shop = Shop::builder(serde_json::from_str(self.policy).unwrap());
        let offer = |json: &String| -> Offer { serde_json::from_str(json).unwrap() };
        let shop = self.offers.iter().map(offer).fold(shop, ShopBuilder::offer).build().unwrap();
        let mut order = Order::builder(Currency::USD);
        for (id, product, category, price, pieces) in &self.lines {
            let product = Product::new(product.parse().unwrap()).with_categories([category.parse().unwrap()]);
            let quantity = Quantity::pieces(*pieces).unwrap();
            order = order.line(Line::new(LineId(*id), product, quantity, UnitPrice::parse(price).unwrap()));
        }
        if let Some(method) = &self.shipping {
            let charge = Charge::shipping(LineId(9), Money::new(500, Currency::USD));
            order = order.charge(charge.with_method(method.parse().unwrap()));
        }
        if let Some(option) = self.payment {
            order = order.payment_option(option.parse().unwrap());
        }
        let order = order.build().unwrap();
        let prepare = |json: &String| shop.prepare(serde_json::from_str(json).unwrap()).unwrap();
        let (entered, wallet): (Vec<_>, Vec<_>) =
            (self.entered.iter().map(prepare).collect(), self.wallet.iter().map(prepare).collect());
        let joined = |id: &str| self.joined.iter().filter(|(of, _)| of == id).map(|(_, joined)| joined).sum();
        let present = |prepared| -> Presented<'_> {
            let prepared: &Prepared = prepared;
            Presented::new(prepared.coupon().code().unwrap().as_str(), prepared)
                .with_usage(Usage::default().with_customers(joined(prepared.coupon().id().as_str())))
        };
        let kept = entered.iter().enumerate().filter(|(i, _)| !without.contains(i));
        let codes: Vec<_> = kept.map(|(_, prepared)| present(prepared)).collect();
        let wallet: Vec<_> = wallet.iter().map(present).collect();
        let reference = Reference::Order("o-1".parse().unwrap());
        what(&shop, &Request::new(&order, &self.customer, reference, self.at).with_codes(&codes), &wallet)
    }

    fn free_id(&self) -> u64 {
        self.lines.iter().map(|line| line.0).max().unwrap_or(0).max(50) + 1
    }

    fn definitions(&self) -> String {
        [self.entered.concat(), self.wallet.concat()].concat()
    }

    fn hints(&self) -> Vec<Hint> {
        self.ask(&[], |shop, request, wallet| shop.hints(request, wallet).unwrap())
    }

    /// Does what a hint says, with nothing of the library but its words.
    fn follow(&self, hint: &Hint) -> (Self, Vec<usize>) {
        let (mut basket, mut out) = (self.clone(), Vec::new());
        for step in hint.steps() {
            match step {
                HintStep::AddPieces { line, pieces } => {
                    basket.lines.iter_mut().find(|l| l.0 == line.0).unwrap().4 += pieces;
                }
                HintStep::TakePieces { line, pieces } => {
                    basket.lines.iter_mut().find(|l| l.0 == line.0).unwrap().4 -= pieces;
                }
                HintStep::RemoveLines(lines) => basket.lines.retain(|l| !lines.contains(&LineId(l.0))),
                HintStep::AddWorth { of, amount } => {
                    let (id, category) = (basket.free_id(), category_of(of));
                    basket.lines.push((id, format!("NEW{id}"), category, amount.amount_text(), 1));
                }
                HintStep::AddGoods { of, pieces, different } => {
                    let lines = if *different { *pieces } else { 1 };
                    for _ in 0..lines {
                        let (id, category) = (basket.free_id(), category_of(of));
                        let product = match of {
                            Scope::Products(list) => list[0].to_string(),
                            _ => format!("NEW{id}"),
                        };
                        basket.lines.push((id, product, category, "0".into(), pieces / lines));
                    }
                }
                HintStep::WaitUntil(instant) => basket.at = *instant,
                HintStep::Identify => basket.customer = Customer::new([IdentityKey::id("ann").unwrap()]),
                // Those whom the definitions of these tests name.
                HintStep::IdentifyAs(who) => {
                    let of = |key: &str| Customer::new([key.parse().unwrap()]);
                    basket.customer = match who {
                        HintedCustomer::Listed => {
                            of(if self.definitions().contains("id:42") { "id:42" } else { "email:ann@example.com" })
                        }
                        HintedCustomer::OfType(name) => of("id:ann").with_type(name.clone()),
                        HintedCustomer::Member(group) => {
                            of("id:ann").with_memberships([group.clone().unwrap_or("ANY".parse().unwrap())])
                        }
                        who => panic!("{who:?}"),
                    };
                }
                HintStep::OrderFirst(orders) => {
                    let history = basket.customer.history().clone();
                    let times = history.order_times().iter().copied().chain((0..*orders).map(|_| basket.at));
                    let orders = history.orders() + orders;
                    let history = history.clone().with_order_times(times.collect::<Vec<_>>()).with_orders(orders);
                    basket.customer = basket.customer.with_history(history);
                }
                HintStep::SpendFirst(amount) => {
                    let history = basket.customer.history().clone();
                    let spend = history.spend(Currency::USD).checked_add(*amount).unwrap();
                    basket.customer = basket.customer.with_history(history.with_spend(spend).unwrap());
                }
                HintStep::PayBy(option) => {
                    basket.payment = Some(["card", "invoice"].into_iter().find(|o| *o == option.as_str()).unwrap());
                }
                HintStep::ShipBy(method) => basket.shipping = Some(method.to_string()),
                HintStep::BringCustomers(more) => basket.joined.push((hint.coupon().to_string(), *more)),
                HintStep::RemoveCode(code) => out.push(*code),
                step => panic!("{step:?}"),
            }
        }
        if let HintedCode::Wallet(i) = hint.code() {
            basket.entered.push(self.wallet[i].clone());
        }
        (basket, out)
    }

    /// What a hint's code or offer takes off, what there is to pay with it, and how many pieces of each product come for
    /// nothing with it and without; none where it is not applied.
    fn saved(&self, hint: &Hint, out: &[usize]) -> Option<(Money, Money, [Gifts; 2])> {
        let evaluate =
            |basket: &Self, out: &[usize]| basket.ask(out, |shop, request, _| shop.evaluate(request).unwrap());
        let outcome = evaluate(self, out);
        let named = |json: &String| json.contains(&format!(r#""id":"{}""#, hint.coupon()));
        let without = if hint.code() == HintedCode::Offer {
            let made = outcome.offers().iter().any(|offer| offer.id().as_str() == hint.coupon().as_str());
            let offers = self.offers.iter().filter(|json| !named(json)).cloned().collect();
            made.then(|| evaluate(&Self { offers, ..self.clone() }, &[]))
        } else {
            let of_hint = |answer: &&Answer| answer.coupon() == Some(hint.coupon());
            let applied = outcome.answers().iter().find(of_hint).is_some_and(Answer::is_applied);
            // The same without the code, and with all others.
            applied.then(|| evaluate(self, &[self.entered.iter().position(named).unwrap()]))
        };
        let payable = outcome.totals().payable();
        let gifts = |outcome: &Outcome| {
            let mut gifts = Gifts::new();
            for gift in outcome.gifts() {
                *gifts.entry(gift.product().to_string()).or_default() += gift.pieces();
            }
            gifts
        };
        without.map(|without| {
            let saved = without.totals().payable().checked_sub(payable).unwrap();
            (saved, payable, [gifts(&outcome), gifts(&without)])
        })
    }

    /// Follows every hint: the code is applied, and what there is to pay is what was promised.
    pub(crate) fn kept(&self) -> Vec<Hint> {
        let hints = self.hints();
        for hint in &hints {
            let (basket, out) = self.follow(hint);
            let (saved, payable, [with, without]) =
                basket.saved(hint, &out).unwrap_or_else(|| panic!("{hint:?}: {self:?}"));
            assert_eq!(payable, hint.payable(), "{hint:?}: {self:?}");
            let already = if hint.is_more() { self.saved(hint, &[]).unwrap().0 } else { Money::zero(Currency::USD) };
            assert_eq!(saved.checked_sub(already).unwrap(), hint.gain(), "{hint:?}: {self:?}");
            let more = |(gift, pieces): (&String, &u64)| {
                let more = pieces.saturating_sub(without.get(gift).copied().unwrap_or(0));
                (more > 0).then(|| (gift.clone(), more))
            };
            let told: Gifts = hint.gifts().iter().map(|gift| (gift.product().to_string(), gift.pieces())).collect();
            if !hint.is_more() {
                assert_eq!(with.iter().filter_map(more).collect::<Gifts>(), told, "{hint:?}: {self:?}");
            }
            let lost = without.iter().any(|(gift, pieces)| with.get(gift).is_none_or(|with| with < pieces));
            assert!(hint.gain().minor() > 0 || (hint.gain().is_zero() && !told.is_empty() && !lost), "{hint:?}");
        }
        hints
    }

    /// The steps of the one hint there is, in JSON, with what is gained.
    fn told(&self) -> String {
        let hints = self.kept();
        assert!(hints.len() <= 1, "{hints:?}");
        hints.first().map_or_else(String::new, |hint| {
            format!("{} {}", serde_json::to_string(hint.steps()).unwrap(), hint.gain().amount_text())
        })
    }
}

/// Proves S26: what is missing is told for every condition that a shopper can mend, and it holds.
#[test]
fn what_is_missing_is_told_and_holds() {
    for (condition, told) in [
        // 30.00 are there. Three books at 5.00 make 45.00, which is nearer than two shirts.
        (r#"{"minimum_spend":{"amounts":{"USD":"42.30"}}}"#, r#"[{"add_pieces":{"line":2,"pieces":3}}] 4.50"#),
        // 10% of 20.00 and of ten books.
        (
            r#"{"minimum_spend":{"amounts":{"USD":"50.00"},"of":{"categories":["books"]}}}"#,
            r#"[{"add_pieces":{"line":2,"pieces":8}}] 7.00"#,
        ),
        // There is nothing like it in the order: goods of that scope for 12.00, of which 10% are 1.20.
        (
            r#"{"minimum_spend":{"amounts":{"USD":"12.00"},"of":{"categories":["toys"]}}}"#,
            r#"[{"add_worth":{"of":{"categories":["toys"]},"amount":{"amount":"12.00","currency":"USD"}}}] 4.20"#,
        ),
        (r#"{"minimum_quantity":{"pieces":5}}"#, r#"[{"add_pieces":{"line":2,"pieces":2}}] 4.00"#),
        (
            r#"{"minimum_quantity":{"pieces":3,"of":{"categories":["clothes"]}}}"#,
            r#"[{"add_pieces":{"line":1,"pieces":2}}] 7.00"#,
        ),
        (
            r#"{"minimum_quantity":{"pieces":2,"of":{"categories":["toys"]}}}"#,
            r#"[{"add_goods":{"of":{"categories":["toys"]},"pieces":2,"different":false}}] 3.00"#,
        ),
        (
            r#"{"distinct_products":{"at_least":4}}"#,
            r#"[{"add_goods":{"of":"open","pieces":2,"different":true}}] 3.00"#,
        ),
        (r#"{"maximum_spend":{"amounts":{"USD":"27.00"}}}"#, r#"[{"take_pieces":{"line":2,"pieces":1}}] 2.50"#),
        // All books, or the shirt.
        (r#"{"maximum_spend":{"amounts":{"USD":"20.00"}}}"#, r#"[{"remove_lines":[2]}] 2.00"#),
        (r#"{"maximum_spend":{"amounts":{"USD":"4.00"}}}"#, ""),
        (r#"{"without":{"of":{"categories":["books"]}}}"#, r#"[{"remove_lines":[2]}] 2.00"#),
        (r#"{"unique_customers":{"at_least":3}}"#, r#"[{"bring_customers":3}] 3.00"#),
        // NOON is a Sunday.
        (r#"{"hours":{"days":["mon"]}}"#, r#"[{"wait_until":"2026-03-30T00:00:00Z"}] 3.00"#),
        (r#"{"not_on":{"dates":["2026-03-29"]}}"#, r#"[{"wait_until":"2026-03-30T00:00:00Z"}] 3.00"#),
        // Nobody can change where they live.
        (r#"{"regions":{"only":["DE"]}}"#, ""),
        (r#"{"channels":{"only":["app"]}}"#, ""),
        // It is not known yet who the shopper is.
        (r#"{"members":{}}"#, r#"[{"identify_as":{"member":null}}] 3.00"#),
        (r#"{"members":{"groups":["CLUB"]}}"#, r#"[{"identify_as":{"member":"CLUB"}}] 3.00"#),
        (r#"{"customer_types":{"only":["STAFF"]}}"#, r#"[{"identify_as":{"of_type":"STAFF"}}] 3.00"#),
        (r#"{"customers":{"only":["id:42"]}}"#, r#"[{"identify_as":"listed"}] 3.00"#),
        (r#"{"customers":{"only":[],"email_domains":["example.com"]}}"#, r#"[{"identify_as":"listed"}] 3.00"#),
        (r#"{"customers":{"only":[]}}"#, ""),
        // No payment option was chosen yet.
        (r#"{"payment_options":{"only":["invoice"]}}"#, r#"[{"pay_by":"invoice"}] 3.00"#),
        // One of the two is enough, and only one can be mended.
        (
            r#"{"any":[{"regions":{"only":["DE"]}},{"minimum_quantity":{"pieces":5}}]}"#,
            r#"[{"add_pieces":{"line":2,"pieces":2}}] 4.00"#,
        ),
        // Both are needed.
        (
            r#"{"all":[{"minimum_quantity":{"pieces":5}},{"hours":{"days":["mon"]}}]}"#,
            r#"[{"add_pieces":{"line":2,"pieces":2}},{"wait_until":"2026-03-30T00:00:00Z"}] 4.00"#,
        ),
        (r#"{"all":[{"minimum_quantity":{"pieces":5}},{"regions":{"only":["DE"]}}]}"#, ""),
    ] {
        assert_eq!(basket().entered(ten_if(condition)).told(), told, "{condition}");
        // The same for a code that the customer has and did not enter.
        assert_eq!(basket().wallet(ten_if(condition)).told(), told, "{condition}");
    }
}

/// Proves S26: dates, log-ins, payment and shipping.
#[test]
fn time_identity_payment_and_shipping_are_told() {
    let later = coupon("ten", &format!(r#"{TEN},"validity":{{"from":"2026-04-01"}}"#));
    assert_eq!(basket().entered(later).told(), r#"[{"wait_until":"2026-04-01T00:00:00Z"}] 3.00"#);
    let over = coupon("ten", &format!(r#"{TEN},"validity":{{"thru":"2026-03-01"}}"#));
    assert_eq!(basket().entered(over).told(), "");
    let once = coupon("ten", &format!(r#"{TEN},"limits":{{"per_customer":1}}"#));
    assert_eq!(basket().entered(once).told(), r#"["identify"] 3.00"#);
    let by_invoice = ten_if(r#"{"payment_options":{"only":["invoice"]}}"#);
    let card = Basket { payment: Some("card"), ..basket() };
    assert_eq!(card.entered(by_invoice).told(), r#"[{"pay_by":"invoice"}] 3.00"#);
    let by_ground = ten_if(r#"{"shipping_methods":{"only":["ground"]}}"#);
    let air = Basket { shipping: Some("air".to_owned()), ..basket() };
    assert_eq!(air.entered(by_ground.clone()).told(), r#"[{"ship_by":"ground"}] 3.00"#);
    assert_eq!(basket().entered(by_ground).told(), "");
}

/// Proves S26: codes of the customer that would apply as it stands, alone, besides others, or instead of one.
#[test]
fn other_codes_of_the_customer_are_told() {
    let five = coupon("five", r#""benefits":[{"amount":{"off":{"USD":"5.00"}}}]"#);
    let ten = coupon("ten", TEN);
    let hints = basket().wallet(five.clone()).wallet(ten.clone()).kept();
    let told: Vec<_> = hints.iter().map(|h| (h.code(), h.steps().len(), h.gain().amount_text())).collect();
    assert_eq!(
        told,
        [(HintedCode::Wallet(0), 0, "5.00".to_owned()), (HintedCode::Wallet(1), 0, "3.00".to_owned())],
        "the most to gain first"
    );
    // One code an order: 5.00 for 3.00, and never the other way round.
    let one = Basket { policy: r#"{"version":1,"currency":"USD"}"#, ..basket() };
    let told = one.clone().entered(ten.clone()).wallet(five.clone()).told();
    assert!(told == r#"[{"remove_code":0}] 2.00"# || told == "[] 2.00", "{told}");
    assert_eq!(one.entered(five.clone()).wallet(ten.clone()).told(), "");
    // An exclusive one pushes the other out by itself.
    let alone = coupon("alone", r#""benefits":[{"percent":{"off":"30"}}],"combination":{"exclusive":true}"#);
    let hints = basket().entered(five.clone()).wallet(alone).kept();
    assert_eq!((hints[0].replaces(), hints[0].gain().amount_text().as_str()), ([0].as_slice(), "4.00"));
    // What is entered is no hint any more.
    assert_eq!(basket().entered(five.clone()).wallet(five).told(), "");
}

/// What must stay hidden of a refused code stays hidden in its hint; the customer's own codes are known to the customer.
#[test]
fn hints_tell_the_public_no_more_than_refusals_do() {
    let shirts = r#"{"minimum_quantity":{"pieces":2,"of":{"products":["SECRET"]}}}"#;
    let hints = basket().entered(ten_if(shirts)).kept();
    assert_eq!(hints[0].public(), None, "names a product");
    let public = basket().entered(ten_if(r#"{"minimum_quantity":{"pieces":5}}"#)).kept()[0].public().unwrap();
    assert_eq!(
        serde_json::to_string(&public).unwrap(),
        concat!(
            r#"{"entered":"TEN","steps":[{"add_pieces":{"line":2,"pieces":2}}],"#,
            r#""gain":{"amount":"4.00","currency":"USD"},"payable":{"amount":"36.00","currency":"USD"}}"#,
        )
    );
    // One of several, where the other is an audience: that the code exists is not told.
    let either = r#"{"any":[{"customers":{"only":[]}},{"minimum_quantity":{"pieces":5}}]}"#;
    assert_eq!(basket().entered(ten_if(either)).kept()[0].public(), None);
    assert!(basket().wallet(ten_if(either)).kept()[0].public().is_some());
}

/// Of several categories that would do one was tried, and only that one is named to a browser.
#[test]
fn the_public_is_told_only_of_the_category_that_was_tried() {
    for kind in ["categories", "tags"] {
        let of = format!(r#"{{"{kind}":["toys","secret"]}}"#);
        let ten = ten_if(&format!(r#"{{"minimum_quantity":{{"pieces":2,"of":{of}}}}}"#));
        let hints = basket().wallet(ten).hints();
        let steps = |hint: &Hint| serde_json::to_string(&hint.public().unwrap().steps()).unwrap();
        assert_eq!(
            steps(&hints[0]),
            format!(r#"[{{"add_goods":{{"of":{{"{kind}":["toys"]}},"pieces":2,"different":false}}}}]"#)
        );
        // The host is told of all.
        assert!(serde_json::to_string(&hints[0]).unwrap().contains("secret"));
    }
}

/// One more and the third is free: of a shirt at 20.00 and two books at 5.00, pieces are missing for a set.
#[test]
fn the_pieces_that_complete_a_set_are_told() {
    let add = |pieces: u64, gain: &str| format!(r#"[{{"add_pieces":{{"line":2,"pieces":{pieces}}}}}] {gain}"#);
    let books = r#","scope":{"categories":["books"]}"#;
    for (benefit, scope, told) in [
        // The third book.
        (r#"{"buy_get":{"buy":[{"pieces":2}],"get":{"pieces":1},"reward":"free"}}"#, books, add(1, "5.00")),
        // Two more of the cheaper line, of which one is free.
        (r#"{"nth":{"of":5,"reward":"free"}}"#, "", add(2, "5.00")),
        // A shirt and three books are 35.00, and are to be had for 10.00.
        (r#"{"bundle":{"parts":[{"pieces":4}],"price":{"USD":"10.00"}}}"#, "", add(1, "25.00")),
        // A bundle that is dearer than its pieces is never formed.
        (r#"{"bundle":{"parts":[{"pieces":4}],"price":{"USD":"900.00"}}}"#, "", String::new()),
    ] {
        let set = coupon("set", &format!(r#""benefits":[{benefit}]{scope}"#));
        assert_eq!(basket().entered(set.clone()).told(), told, "{benefit}");
        assert_eq!(basket().wallet(set).told(), told, "{benefit}");
    }
}

/// A customer who is known, with three orders before, the last on the 1st of March, and 80.00 spent.
pub(crate) fn regular() -> Customer {
    let times = ["2026-01-05T09:00:00Z", "2026-02-01T09:00:00Z", "2026-03-01T09:30:15.5Z"].map(at);
    let history = History::default().with_order_times(times).with_spend(Money::new(8_000, Currency::USD)).unwrap();
    Customer::new([IdentityKey::id("ann").unwrap()]).with_history(history)
}

/// Proves S26, S15, S94: what other orders would have to bring is told to those who are known.
#[test]
fn what_other_orders_bring_is_told() {
    for (condition, told) in [
        (r#"{"nth_order":{"n":6}}"#, r#"[{"order_first":2}] 3.00"#),
        // The third order was placed already.
        (r#"{"nth_order":{"n":3}}"#, ""),
        // One of the three is within 30 days.
        (r#"{"orders_in_period":{"days":30,"at_least":3}}"#, r#"[{"order_first":2}] 3.00"#),
        (
            r#"{"lifetime_spend":{"at_least":{"USD":"100.00"}}}"#,
            r#"[{"spend_first":{"amount":"20.00","currency":"USD"}}] 3.00"#,
        ),
        // More than 30 days after it, to the second: the 31st of March at 9:30:15.5, and nothing is open at that.
        (r#"{"last_order":{"over_days":30}}"#, r#"[{"wait_until":"2026-03-31T09:30:16Z"}] 3.00"#),
        (r#"{"last_order":{"over_days":29,"within_days":40}}"#, r#"[{"wait_until":"2026-03-30T09:30:16Z"}] 3.00"#),
        (r#"{"last_order":{"within_days":7}}"#, r#"[{"order_first":1}] 3.00"#),
        // Nothing leads back to a first order.
        (r#""first_order""#, ""),
    ] {
        assert_eq!(basket().by(regular()).entered(ten_if(condition)).told(), told, "{condition}");
        assert_eq!(basket().by(regular()).wallet(ten_if(condition)).told(), told, "{condition}");
    }
    // Of somebody who is not known, no order would be remembered.
    assert_eq!(basket().entered(ten_if(r#"{"nth_order":{"n":2}}"#)).told(), "");
    // Somebody who is known is nobody else.
    for condition in
        [r#"{"members":{}}"#, r#"{"customers":{"only":["id:42"]}}"#, r#"{"customer_types":{"only":["X"]}}"#]
    {
        assert_eq!(basket().by(regular()).wallet(ten_if(condition)).told(), "", "{condition}");
    }
}

/// A code that was issued to somebody: to the host alone, that it waits for its holder to log in.
#[test]
fn the_holder_of_a_code_is_asked_to_log_in() {
    let shop = Shop::new(serde_json::from_str(basket().policy).unwrap());
    let terms = r#"{"version":1,"id":"own","kind":"personal","benefits":[{"percent":{"off":"10"}}]}"#;
    let own = shop.prepare(serde_json::from_str(terms).unwrap()).unwrap();
    let holder = IdentityKey::id("holder").unwrap();
    let issued =
        IssuedCode::new(Code::parse("OWN", CodeFormat::default()).unwrap(), at(NOON)).with_holder(holder.clone());
    let codes = [Presented::new("OWN", &own).with_issued(&issued)];
    let line =
        Line::new(LineId(1), Product::new("BOOK".parse().unwrap()), Quantity::ONE, UnitPrice::parse("5.00").unwrap());
    let order = Order::builder(Currency::USD).line(line).build().unwrap();
    let reference = Reference::Order("o-1".parse().unwrap());
    let by = |customer: &Customer| {
        let request = Request::new(&order, customer, reference.clone(), at(NOON)).with_codes(&codes);
        (shop.hints(&request, &[]).unwrap(), shop.evaluate(&request).unwrap())
    };
    let (hints, _) = by(&Customer::anonymous());
    assert_eq!(hints[0].steps(), [HintStep::IdentifyAs(HintedCustomer::Holder)]);
    assert_eq!((hints[0].gain().amount_text().as_str(), hints[0].public()), ("0.50", None));
    let (_, outcome) = by(&Customer::new([holder]));
    assert_eq!(outcome.totals().payable(), hints[0].payable());
    // Somebody else, who is known, is told nothing.
    assert_eq!(by(&Customer::new([IdentityKey::id("ann").unwrap()])).0, []);
}

/// Whom a code is for is told to the host, and never to a browser.
#[test]
fn the_public_is_not_told_whom_a_code_is_for() {
    let distinct = r#"{"version":1,"currency":"USD","max_codes":"unlimited","public_reasons":"distinct"}"#;
    for condition in [r#"{"members":{"groups":["CLUB"]}}"#, r#"{"customers":{"only":["id:42"]}}"#] {
        for policy in [basket().policy, distinct] {
            let basket = Basket { policy, ..basket() };
            assert_eq!(basket.clone().entered(ten_if(condition)).kept()[0].public(), None);
            assert_eq!(basket.wallet(ten_if(condition)).kept()[0].public(), None);
        }
    }
}

/// A limit per customer counts by keys of the kinds that policy names.
#[test]
fn a_log_in_is_told_by_the_keys_that_count() {
    let policy = r#"{"version":1,"currency":"USD","identity_kinds":["email"]}"#;
    let once = coupon("ten", &format!(r#"{TEN},"limits":{{"per_customer":1}}"#));
    let hints = Basket { policy, ..basket() }.entered(once).hints();
    assert_eq!(hints[0].steps(), [HintStep::Identify]);
}

/// More codes than one in the way: all of them are taken out that must, and no other.
#[test]
fn as_many_codes_are_taken_out_as_must_be() {
    let small = |id: &str, off: &str, together: &str| {
        coupon(id, &format!(r#""benefits":[{{"amount":{{"off":{{"USD":"{off}"}}}}}}],"combination":{{{together}}}"#))
    };
    // The big one will stand beside neither of two that come first by rank.
    let big =
        coupon("big", r#""benefits":[{"percent":{"off":"50"}}],"combination":{"not_with":["small"]},"priority":-1"#);
    let one = small("one", "1.00", r#""tags":["small"]"#);
    let two = small("two", "2.00", r#""tags":["small"]"#);
    let free = small("free", "0.50", "");
    let basket = basket().entered(one).entered(free).entered(two).wallet(big);
    // Half of 30.00 on the lines, and 0.50 off the order, are 14.50; with the three it is 26.50.
    assert_eq!(basket.told(), r#"[{"remove_code":0},{"remove_code":2}] 12.00"#);
}

/// What carries a discount stands against a code that does not combine with any.
#[test]
fn discounted_lines_in_the_way_are_told() {
    let alone = coupon("ten", &format!(r#"{TEN},"combination":{{"with_discounts":false}}"#));
    let policy = r#"{"version":1,"currency":"USD","discount_conflict":"refuse_coupon"}"#;
    let basket = Basket { policy, ..basket() }
        .offer("books", r#""benefits":[{"percent":{"off":"50"}}],"scope":{"categories":["books"]}"#)
        .entered(alone);
    // 10% of the shirt.
    assert_eq!(basket.told(), r#"[{"remove_lines":[2]}] 2.00"#);
}

/// Proves S17, S26: what leads to the next tier of a code that applies, with how much more that takes off.
#[test]
fn the_next_tier_is_told() {
    let spend = r#"{"tiers":{"steps":[{"from":{"USD":"20.00"},"percent":"5"},{"from":{"USD":"50.00"},"percent":"10"},
        {"from":{"USD":"80.00"},"percent":"20"}]}}"#;
    let marginal = spend.replace("]}}", r#"],"marginal":true}}"#);
    let pieces = r#"{"tiers":{"by":"quantity","steps":[{"from":2,"percent":"5"},{"from":5,"percent":"10"}]}}"#;
    let each = |most: &str| format!(r#"{{"steps":{{"every":{{"USD":"15.00"}},"amount":{{"USD":"1.00"}}{most}}}}}"#);
    let add = |pieces: u64, gain: &str| format!(r#"[{{"add_pieces":{{"line":2,"pieces":{pieces}}}}}] {gain}"#);
    let shirt = |gain: &str| format!(r#"[{{"add_pieces":{{"line":1,"pieces":1}}}}] {gain}"#);
    for (benefit, told) in [
        // 30.00 at 5% are 1.50; another shirt, and 50.00 at 10% are 5.00.
        (spend.to_owned(), shirt("3.50")),
        // 10.00 at 5%, and then 30.00 at 5% and nothing yet at 10%.
        (marginal, shirt("1.00")),
        // Three pieces for 30.00 at 5%, five for 40.00 at 10%.
        (pieces.to_owned(), add(2, "2.50")),
        // Twice 15.00 are reached; the third time is at 45.00.
        (each(""), add(3, "1.00")),
        (each(r#","max_steps":2"#), String::new()),
        (each(r#","max_steps":3"#), add(3, "1.00")),
    ] {
        let tiers = coupon("tiers", &format!(r#""benefits":[{benefit}]"#));
        let basket = basket().entered(tiers);
        assert_eq!(basket.told(), told, "{benefit}");
        assert!(basket.hints().iter().all(Hint::is_more));
    }
    // Of goods of which there are none in pieces, it is what they have to be worth.
    let mut oil = basket();
    oil.lines = vec![(1, "SHIRT".into(), "clothes".into(), "20.00".into(), 1)];
    let tiers = coupon("tiers", &format!(r#""benefits":[{spend}]"#));
    assert_eq!(oil.entered(tiers.clone()).told(), r#"[{"add_pieces":{"line":1,"pieces":2}}] 5.00"#);
    // Not reached yet at all: below the first tier.
    let mut book = basket();
    book.lines.truncate(0);
    book.lines.push((2, "BOOK".into(), "books".into(), "5.00".into(), 1));
    let hints = book.entered(tiers).kept();
    assert_eq!((hints[0].is_more(), hints[0].gain().amount_text().as_str()), (false, "1.00"));
}

/// Automatic offers that are nearly reached, and the next tier of one that is made.
#[test]
fn offers_nearly_reached_are_told() {
    let add = |pieces: u64, gain: &str| format!(r#"[{{"add_pieces":{{"line":2,"pieces":{pieces}}}}}] {gain}"#);
    for (rest, told) in [
        (
            r#""benefits":[{"percent":{"off":"10"}}],"conditions":[{"minimum_spend":{"amounts":{"USD":"40.00"}}}]"#,
            add(2, "4.00"),
        ),
        (r#""benefits":[{"percent":{"off":"10"}}],"conditions":[{"minimum_quantity":{"pieces":6}}]"#, add(3, "4.50")),
        (
            r#""benefits":[{"percent":{"off":"10"}}],"conditions":[{"distinct_products":{"at_least":3}}]"#,
            r#"[{"add_goods":{"of":"open","pieces":1,"different":true}}] 3.00"#.to_owned(),
        ),
        (
            r#""benefits":[{"buy_get":{"buy":[{"pieces":2}],"get":{"pieces":1},"reward":"free"}}],"scope":{"categories":["books"]}"#,
            add(1, "5.00"),
        ),
        (
            concat!(
                r#""benefits":[{"percent":{"off":"10"}}],"scope":{"categories":["books"]},"#,
                r#""conditions":[{"payment_options":{"only":["invoice"]}}]"#
            ),
            r#"[{"pay_by":"invoice"}] 1.00"#.to_owned(),
        ),
        // 30.00 at 5%, and 50.00 at 10%.
        (
            r#""benefits":[{"tiers":{"steps":[{"from":{"USD":"20.00"},"percent":"5"},{"from":{"USD":"50.00"},"percent":"10"}]}}]"#,
            r#"[{"add_pieces":{"line":1,"pieces":1}}] 3.50"#.to_owned(),
        ),
        // Made already.
        (r#""benefits":[{"percent":{"off":"10"}}]"#, String::new()),
        // Neither for whom an offer is, nor when, is told to somebody who did not ask for it.
        (r#""benefits":[{"percent":{"off":"10"}}],"conditions":[{"members":{}}]"#, String::new()),
        (r#""benefits":[{"percent":{"off":"10"}}],"conditions":[{"customers":{"only":["id:42"]}}]"#, String::new()),
        (r#""benefits":[{"percent":{"off":"10"}}],"conditions":[{"hours":{"days":["mon"]}}]"#, String::new()),
        (
            r#""benefits":[{"percent":{"off":"10"}}],"conditions":[{"members":{}},{"minimum_quantity":{"pieces":6}}]"#,
            String::new(),
        ),
        // Nothing of it is in the order.
        (
            r#""benefits":[{"percent":{"off":"10"}}],"scope":{"categories":["toys"]},"conditions":[{"minimum_quantity":{"pieces":6}}]"#,
            String::new(),
        ),
    ] {
        assert_eq!(basket().offer("offer", rest).told(), told, "{rest}");
    }
}

/// A gift is told as money is: of an offer that is nearly reached, of a code in the wallet, and beside money; not where
/// another gift, or money, gives way for it.
#[test]
fn gifts_are_told() {
    let mug = r#"{"gift":{"product":"MUG","pieces":2,"value":{"USD":"4.00"}}}"#;
    let forty = r#""conditions":[{"minimum_spend":{"amounts":{"USD":"40.00"}}}]"#;
    let told = |basket: &Basket| -> Vec<String> {
        let gifts = |hint: &Hint| serde_json::to_string(hint.gifts()).unwrap();
        let hints = basket.kept();
        hints
            .iter()
            .map(|hint| format!("{} {} {}", hint.steps().len(), hint.gain().amount_text(), gifts(hint)))
            .collect()
    };
    let two_mugs = r#"[{"product":"MUG","pieces":2}]"#;
    let nearly = basket().offer("mug", &format!(r#""benefits":[{mug}],{forty}"#));
    assert_eq!(told(&nearly), [format!("1 0.00 {two_mugs}")]);
    // Two more books: 10% of 40.00, and the mugs.
    let both = format!(r#""benefits":[{{"percent":{{"off":"10"}}}},{mug}],{forty}"#);
    assert_eq!(told(&basket().entered(coupon("both", &both))), [format!("1 4.00 {two_mugs}")]);
    let code = coupon("mug", &format!(r#""benefits":[{mug}],"combination":{{"exclusive":true}},"priority":1"#));
    assert_eq!(told(&basket().wallet(code.clone())), [format!("0 0.00 {two_mugs}")]);
    // In the place of 3.00, and of a cap.
    assert_eq!(told(&basket().entered(coupon("ten", TEN)).wallet(code.clone())), [""; 0]);
    let cap = coupon("cap", r#""benefits":[{"gift":{"product":"CAP"}}]"#);
    assert_eq!(told(&basket().entered(cap).wallet(code)), [""; 0]);
}

/// What a browser may see of a hint about an offer: its description, and nothing where an audience is among what it asks.
#[test]
fn the_public_sees_an_offer_by_its_description() {
    let rest = r#""description":"Five for less","benefits":[{"percent":{"off":"10"}}],"conditions":"#;
    let six = basket().offer("offer", &format!(r#"{rest}[{{"minimum_quantity":{{"pieces":6}}}}]"#));
    assert_eq!(
        serde_json::to_string(&six.kept()[0].public().unwrap()).unwrap(),
        concat!(
            r#"{"description":"Five for less","steps":[{"add_pieces":{"line":2,"pieces":3}}],"#,
            r#""gain":{"amount":"4.50","currency":"USD"},"payable":{"amount":"40.50","currency":"USD"}}"#,
        )
    );
    let either = r#"[{"any":[{"members":{}},{"minimum_quantity":{"pieces":6}}]}]"#;
    assert_eq!(basket().offer("offer", &format!("{rest}{either}")).kept()[0].public(), None);
}

/// Of any number of offers that are missed, the first sixteen by rank are looked at.
#[test]
fn so_many_offers_are_tried_and_no_more() {
    let mut basket = basket();
    for n in 0..40 {
        let rest = format!(
            r#""priority":{n},"benefits":[{{"percent":{{"off":"{}"}}}}],"conditions":[{{"minimum_quantity":{{"pieces":6}}}}]"#,
            n % 5 + 1,
        );
        basket = basket.offer(&format!("offer{n}"), &rest);
    }
    let hints = basket.hints();
    assert_eq!(hints.len(), 16);
    assert!(hints.iter().all(|hint| hint.coupon().as_str() >= "offer24"));
}
