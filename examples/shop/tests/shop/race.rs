//! Many clients, one code.

use serde_json::json;
use vouchsafe_shop::orders::Orders;
use vouchsafe_shop::payment::Standing;

use crate::client::{Client, code, total};
use crate::{Open, on_both};

/// Quotes, places, and where the total has changed, agrees to the new one. Every other shopper clicks twice.
async fn shop(client: Client, shopper: usize, typed: String) -> String {
    let (client, order) = (client.shopper(&shopper.to_string()), format!("o-{shopper}"));
    let codes = [typed.as_str()];
    let mut quote = client.quote(&order, &codes).await;
    for _ in 0..20 {
        let place = || client.place(&order, &codes, &quote["seen"], "tok_visa");
        let answer = if shopper.is_multiple_of(2) {
            let (one, other) = tokio::join!(place(), place());
            if one.0 < 300 { one } else { other }
        } else {
            place().await
        };
        match (answer.0, code(&answer)) {
            (200 | 201, _) => return answer.1["payable"]["amount"].as_str().unwrap().to_owned(),
            (409, "total_changed") => {
                assert_eq!(total(&answer.1["error"]["quote"]), "100.00");
                quote = answer.1["error"]["quote"].clone();
            }
            (503, "unavailable") => {}
            _ => panic!("{answer:?}"),
        }
    }
    panic!("shopper {shopper} was never served")
}

/// So many shoppers at once; how many paid 90.00 and how many 100.00.
async fn rush<D: Orders>(open: &Open<D>, shoppers: usize, typed: &str) -> (usize, usize) {
    let rush: Vec<_> =
        (0..shoppers).map(|shopper| tokio::spawn(shop(open.client.clone(), shopper, typed.to_owned()))).collect();
    let mut paid = Vec::new();
    for shopper in rush {
        paid.push(shopper.await.unwrap());
    }
    let count = |amount: &str| paid.iter().filter(|paid| *paid == amount).count();
    (count("90.00"), count("100.00"))
}

/// Proves V18 over HTTP, and traps 14, 15, 28: ten uses, sixty shoppers.
async fn ten_uses_are_ten_discounts<D: Orders>(open: Open<D>) {
    open.client.define("welcome", "WELCOME10", json!({"total": 10, "per_customer": 1})).await;
    assert_eq!(rush(&open, 60, "welcome-10").await, (10, 50));
    assert_eq!(open.client.used("welcome").await, (10, 0));
    // What was charged is what was ordered, once each; all else was let go: 10 x 90.00 + 50 x 100.00.
    assert_eq!(open.paid(Standing::Captured), (60, 590_000));
    assert_eq!(open.paid(Standing::Authorised), (0, 0));
}

/// Proves S4: a code of a batch, good for one order, passed on to twenty shoppers.
async fn a_code_for_one_order_is_for_one_order<D: Orders>(open: Open<D>) {
    let coupon = json!({
        "version": 1, "id": "patrol", "limits": {"per_code": 1}, "benefits": [{"percent": {"off": "10"}}],
    });
    assert_eq!(open.client.admin().put("/admin/coupons/patrol", coupon).await.0, 200);
    let (status, batch) = open.client.admin().post("/admin/coupons/patrol/batches/first", json!({"count": 3})).await;
    assert_eq!((status, batch["codes"].as_array().map(Vec::len)), (200, Some(3)), "{batch}");
    let typed = batch["codes"][1].as_str().unwrap();
    assert_eq!(rush(&open, 20, typed).await, (1, 19));
    let (_, known) = open.client.admin().get(&format!("/admin/codes/{typed}")).await;
    assert_eq!((&known["status"], &known["uses"]), (&json!("used"), &json!(1)));
    assert_eq!(open.paid(Standing::Captured), (20, 199_000));
}

on_both!(ten_uses_are_ten_discounts, a_code_for_one_order_is_for_one_order);
