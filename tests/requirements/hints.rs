//! Hints: what a shopper could do for more off. Each is done here from outside, and the order priced again.

use chrono::{DateTime, Utc};
use vouchsafe::*;

use crate::support::{NOON, at};

/// A basket as a host keeps it: id, product, category, price and pieces of each line.
#[derive(Clone)]
struct Basket {
    policy: &'static str,
    lines: Vec<(u64, String, String, String, u64)>,
    payment: Option<&'static str>,
    shipping: Option<String>,
    customer: Customer,
    at: DateTime<Utc>,
    joined: u64,
    /// Definitions of the codes that are entered, and of those that the customer has besides.
    entered: Vec<String>,
    wallet: Vec<String>,
}

fn coupon(id: &str, rest: &str) -> String {
    format!(r#"{{"version":1,"id":"{id}","code":"{}",{rest}}}"#, id.to_uppercase())
}

const TEN: &str = r#""benefits":[{"percent":{"off":"10"}}]"#;

/// Ten percent under this condition.
fn ten_if(condition: &str) -> String {
    coupon("ten", &format!(r#"{TEN},"conditions":[{condition}]"#))
}

/// A shirt at 20.00 and two books at 5.00.
fn basket() -> Basket {
    let line = |id, product: &str, category: &str, price: &str, pieces| {
        (id, product.to_owned(), category.to_owned(), price.to_owned(), pieces)
    };
    Basket {
        policy: r#"{"version":1,"currency":"USD","max_codes":null}"#,
        lines: vec![line(1, "SHIRT", "clothes", "20.00", 1), line(2, "BOOK", "books", "5.00", 2)],
        payment: None,
        shipping: None,
        customer: Customer::anonymous(),
        at: at(NOON),
        joined: 0,
        entered: Vec::new(),
        wallet: Vec::new(),
    }
}

impl Basket {
    fn entered(mut self, definition: String) -> Self {
        self.entered.push(definition);
        self
    }

    fn wallet(mut self, definition: String) -> Self {
        self.wallet.push(definition);
        self
    }

    fn ask<T>(&self, without: &[usize], what: impl FnOnce(&Shop, &Request<'_>, &[Presented<'_>]) -> T) -> T {
        let shop = Shop::new(serde_json::from_str(self.policy).unwrap());
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
        let usage = Usage::default().with_customers(self.joined);
        let present = |prepared| -> Presented<'_> {
            let prepared: &Prepared = prepared;
            Presented::new(prepared.coupon().code().unwrap().as_str(), prepared).with_usage(usage)
        };
        let kept = entered.iter().enumerate().filter(|(i, _)| !without.contains(i));
        let codes: Vec<_> = kept.map(|(_, prepared)| present(prepared)).collect();
        let wallet: Vec<_> = wallet.iter().map(present).collect();
        let reference = Reference::Order("o-1".parse().unwrap());
        what(&shop, &Request::new(&order, &self.customer, reference, self.at).with_codes(&codes), &wallet)
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
                HintStep::AddWorth { of: Scope::Categories(list), amount } => {
                    let price = amount.amount_text();
                    basket.lines.push((50, "NEW".into(), list[0].to_string(), price, 1));
                }
                HintStep::AddGoods { of, pieces, different } => {
                    let category = match of {
                        Scope::Categories(list) => list[0].to_string(),
                        _ => "any".to_owned(),
                    };
                    let lines = if *different { *pieces } else { 1 };
                    for n in 0..lines {
                        let product = match of {
                            Scope::Products(list) => list[0].to_string(),
                            _ => format!("NEW{n}"),
                        };
                        basket.lines.push((50 + n, product, category.clone(), "0".into(), pieces / lines));
                    }
                }
                HintStep::WaitUntil(instant) => basket.at = *instant,
                HintStep::Identify => basket.customer = Customer::new([IdentityKey::id("ann").unwrap()]),
                HintStep::PayBy(option) => {
                    basket.payment = Some(["card", "invoice"].into_iter().find(|o| *o == option.as_str()).unwrap());
                }
                HintStep::ShipBy(method) => basket.shipping = Some(method.to_string()),
                HintStep::BringCustomers(more) => basket.joined += more,
                HintStep::RemoveCode(code) => out.push(*code),
                step => panic!("{step:?}"),
            }
        }
        if let HintedCode::Wallet(i) = hint.code() {
            basket.entered.push(self.wallet[i].clone());
        }
        (basket, out)
    }

    /// Follows every hint: the code is applied, and what there is to pay is what was promised.
    fn kept(&self) -> Vec<Hint> {
        let hints = self.hints();
        for hint in &hints {
            let (basket, out) = self.follow(hint);
            let evaluate =
                |basket: &Self, out: &[usize]| basket.ask(out, |shop, request, _| shop.evaluate(request).unwrap());
            let outcome = evaluate(&basket, &out);
            let of_hint = |answer: &&Answer| answer.coupon() == Some(hint.coupon());
            assert!(outcome.answers().iter().find(of_hint).unwrap().is_applied(), "{hint:?}");
            assert_eq!(outcome.totals().payable(), hint.payable(), "{hint:?}");
            // The same without the code, and with all others.
            let own = basket.entered.iter().position(|json| json.contains(&format!(r#""id":"{}""#, hint.coupon())));
            let without = evaluate(&basket, &[own.unwrap()]);
            let gain = without.totals().payable().checked_sub(outcome.totals().payable()).unwrap();
            assert_eq!(gain, hint.gain(), "{hint:?}");
            assert!(gain.minor() > 0);
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
        (r#"{"without":{"of":{"categories":["books"]}}}"#, r#"[{"remove_lines":[2]}] 2.00"#),
        (r#"{"unique_customers":{"at_least":3}}"#, r#"[{"bring_customers":3}] 3.00"#),
        // NOON is a Sunday.
        (r#"{"hours":{"days":["mon"]}}"#, r#"[{"wait_until":"2026-03-30T00:00:00Z"}] 3.00"#),
        (r#"{"not_on":{"dates":["2026-03-29"]}}"#, r#"[{"wait_until":"2026-03-30T00:00:00Z"}] 3.00"#),
        // Nobody can change where they live, or what they are.
        (r#"{"regions":{"only":["DE"]}}"#, ""),
        (r#"{"members":{}}"#, ""),
        // No payment option was chosen yet.
        (r#"{"payment_options":{"only":["invoice"]}}"#, ""),
        // One of the two is enough, and only one can be mended.
        (
            r#"{"any":[{"members":{}},{"minimum_quantity":{"pieces":5}}]}"#,
            r#"[{"add_pieces":{"line":2,"pieces":2}}] 4.00"#,
        ),
        // Both are needed.
        (
            r#"{"all":[{"minimum_quantity":{"pieces":5}},{"hours":{"days":["mon"]}}]}"#,
            r#"[{"add_pieces":{"line":2,"pieces":2}},{"wait_until":"2026-03-30T00:00:00Z"}] 4.00"#,
        ),
        (r#"{"all":[{"minimum_quantity":{"pieces":5}},{"members":{}}]}"#, ""),
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
    let either = r#"{"any":[{"members":{}},{"minimum_quantity":{"pieces":5}}]}"#;
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
