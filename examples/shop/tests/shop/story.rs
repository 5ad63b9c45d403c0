//! One shopper after the other: quote, place, cancel, and what an admin sees of it.

use serde_json::json;
use vouchsafe_shop::orders::Orders;
use vouchsafe_shop::payment::Standing;

use crate::client::{boot, code, total};
use crate::{Open, on_both};

/// Proves S4, S90, S106: a use is taken once, by whoever places an order, and stays taken when the order is cancelled.
async fn a_use_stays_used_unless_an_admin_gives_it_back<D: Orders>(open: Open<D>) {
    let (ann, ben) = (open.client.shopper("ann"), open.client.shopper("ben"));
    open.client.define("welcome", "WELCOME10", json!({"total": 1})).await;
    // 100.00 less 10%; without a code the price is the price.
    let quote = ann.quote("o-1", &["welcome 10"]).await;
    assert_eq!((total(&quote), &quote["coupons"]), ("90.00", &json!("checked")));
    assert_eq!(total(&ann.quote("o-1", &[]).await), "100.00");

    let placed = ann.place("o-1", &["welcome 10"], &quote["seen"], "tok_visa").await;
    assert_eq!((placed.0, &placed.1["state"]), (201, &json!("paid")), "{placed:?}");
    // The same again is the same order; another basket is another order.
    let again = ann.place("o-1", &["welcome 10"], &quote["seen"], "tok_visa").await;
    assert_eq!((again.0, again.1), (200, placed.1.clone()));
    let other = ann.place("o-1", &[], &quote["seen"], "tok_visa").await;
    assert_eq!((other.0, code(&other)), (409, "order_differs"));
    assert_eq!(open.paid(Standing::Captured), (1, 9_000));
    assert_eq!(open.client.used("welcome").await, (1, 0));

    // Nobody else can use it, or see the order.
    let refused = ben.quote("o-2", &["WELCOME10"]).await;
    assert_eq!((total(&refused), &refused["price"]["answers"][0]["status"]), ("100.00", &json!("refused")));
    assert_eq!(ann.get("/orders/o-1").await, (200, placed.1));
    for answer in [ben.get("/orders/o-1").await, ben.post("/orders/o-1/cancel", json!({})).await] {
        assert_eq!((answer.0, code(&answer)), (404, "not_found"));
    }

    // Cancelled: paid back, and used all the same.
    let cancelled = ann.post("/orders/o-1/cancel", json!({})).await;
    assert_eq!(cancelled, (200, json!({"order": "o-1", "state": "cancelled", "uses_given_back": false})));
    assert_eq!((open.paid(Standing::Refunded), open.client.used("welcome").await), ((1, 9_000), (1, 0)));
    assert_eq!(total(&ben.quote("o-2", &["WELCOME10"]).await), "100.00");
    // Again it changes nothing.
    assert_eq!(ann.post("/orders/o-1/cancel", json!({})).await.0, 200);
    assert_eq!(open.paid(Standing::Refunded), (1, 9_000));

    // An order that an admin cancels, with its use given back.
    let (_, log) = open.client.admin().get("/admin/coupons/welcome/usage").await;
    assert_eq!((log["limit"].clone(), log["uses"].as_array().map(Vec::len)), (json!(1), Some(1)), "{log}");
    open.client.define("second", "SECOND", json!({"total": 1})).await;
    let quote = ann.quote("o-3", &["second"]).await;
    assert_eq!(ann.place("o-3", &["second"], &quote["seen"], "tok_visa").await.0, 201);
    let cancel = open.client.admin().post("/admin/orders/o-3/cancel", json!({"give_uses_back": true})).await;
    assert_eq!((cancel.0, &cancel.1["uses_given_back"]), (200, &json!(true)));
    assert_eq!((open.client.used("second").await, total(&ben.quote("o-4", &["second"]).await)), ((0, 0), "90.00"));
}

/// Proves trap 28: nothing is charged of an order that is not placed, and what was held is free again.
async fn a_declined_payment_lets_the_code_go<D: Orders>(open: Open<D>) {
    let (ann, ben) = (open.client.shopper("ann"), open.client.shopper("ben"));
    open.client.define("welcome", "WELCOME10", json!({"total": 1})).await;
    let quote = ann.quote("o-1", &["WELCOME10"]).await;
    let declined = ann.place("o-1", &["WELCOME10"], &quote["seen"], "tok_declined").await;
    assert_eq!((declined.0, code(&declined)), (402, "payment_declined"));
    assert_eq!((ann.get("/orders/o-1").await.0, open.client.used("welcome").await), (404, (0, 0)));
    let quote = ben.quote("o-2", &["WELCOME10"]).await;
    assert_eq!(ben.place("o-2", &["WELCOME10"], &quote["seen"], "tok_visa").await.0, 201);
    // Ann comes back with another card, and another shopper has the use.
    let quote = ann.quote("o-1", &["WELCOME10"]).await;
    assert_eq!(total(&quote), "100.00");
    assert_eq!((open.paid(Standing::Captured), open.paid(Standing::Authorised)), ((1, 9_000), (0, 0)));
}

/// Proves S107: what a shopper agreed to is what is ordered, whatever an admin does meanwhile.
async fn a_total_that_changed_is_shown_before_it_is_charged<D: Orders>(open: Open<D>) {
    let (ann, admin) = (open.client.shopper("ann"), open.client.admin());
    open.client.define("welcome", "WELCOME10", json!({})).await;
    let quote = ann.quote("o-1", &["WELCOME10"]).await;
    let revised = |revision: u32, off: &str| {
        json!({"version": 1, "id": "welcome", "revision": revision, "code": "WELCOME10",
               "benefits": [{"percent": {"off": off}}]})
    };
    assert_eq!(
        admin.put("/admin/coupons/welcome", revised(1, "5")).await,
        (200, json!({"coupon": "welcome", "revision": 2}))
    );
    // Somebody else whose page is older is told so.
    let late = admin.put("/admin/coupons/welcome", revised(1, "50")).await;
    assert_eq!((late.0, code(&late)), (409, "refused"));
    let changed = ann.place("o-1", &["WELCOME10"], &quote["seen"], "tok_visa").await;
    assert_eq!((changed.0, code(&changed), total(&changed.1["error"]["quote"])), (409, "total_changed", "95.00"));
    let seen = &changed.1["error"]["quote"]["seen"];
    assert_eq!(ann.place("o-1", &["WELCOME10"], seen, "tok_visa").await.0, 201);

    // Switched off it is refused, and the log knows who did what.
    let dora = admin.with("x-actor", "dora");
    assert_eq!(dora.put("/admin/coupons/welcome/status", json!({"status": "inactive"})).await.0, 200);
    assert_eq!(total(&ann.quote("o-2", &["WELCOME10"]).await), "100.00");
    assert_eq!(dora.post("/admin/coupons/welcome/kill", json!({})).await.0, 200);
    let (_, log) = admin.get("/admin/coupons/welcome/log").await;
    let did: Vec<_> = log
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (entry["did"].as_str().unwrap(), entry["by"].as_str().unwrap()))
        .collect();
    assert_eq!(did, [("defined", "admin"), ("revised", "admin"), ("status_set", "dora"), ("killed", "dora")]);
    let (_, all) = admin.get("/admin/coupons?limit=10").await;
    assert_eq!(all.as_array().map(Vec::len), Some(1));
}

/// Who may do what, and what is told of a request that cannot be used.
async fn what_cannot_be_used_is_named<D: Orders>(open: Open<D>) {
    let (client, admin) = (&open.client, open.client.admin());
    let basket = json!({"lines": [{"product": "BOOT", "quantity": 0}, {"product": "UNICORN", "quantity": 1}]});
    let answer = client.post("/quote", json!({"order": "o-1", "basket": basket})).await;
    assert_eq!((answer.0, code(&answer)), (422, "unusable"));
    let fields = json!([
        {"path": "lines[0].quantity", "why": "zero"},
        {"path": "lines[1].product", "why": "no such product"},
    ]);
    assert_eq!(answer.1["error"]["fields"], fields);
    let prices = json!({"order": "o-1", "basket": {"lines": [{"product": "BOOT", "quantity": 1, "price": "1.00"}]}});
    assert_eq!(code(&client.post("/quote", prices).await), "unreadable");
    let empty = client.send(axum::http::Method::POST, "/quote", "{".to_owned()).await;
    assert_eq!((empty.0, code(&empty)), (400, "unreadable"));
    assert_eq!(code(&client.post("/quote", json!({"order": "", "basket": boot(&[])})).await), "unusable");
    for path in ["/", "/admin", "/orders/o-1"] {
        let answer = client.get(path).await;
        assert_eq!((answer.0, code(&answer)), (404, "not_found"), "{path}");
    }
    for (answer, expected) in [
        (client.get("/quote").await, (405, "method_not_allowed")),
        (admin.get("/admin/coupons?limit=many").await, (400, "unreadable")),
        (client.get("/orders/%ff").await, (400, "unreadable")),
    ] {
        assert_eq!((answer.0, code(&answer)), expected);
    }
    assert_eq!(client.get("/health").await.0, 200);
    assert_eq!(client.get("/products").await.1[1]["price"], "599.90");

    // No admin without the token, and not with another.
    for stranger in [client.clone(), client.with("authorization", "Bearer an-admins-tokem")] {
        let answer = stranger.get("/admin/coupons").await;
        assert_eq!((answer.0, code(&answer)), (401, "unauthorised"));
    }
    let wrong = json!({"version": 1, "id": "spring", "code": "!", "benefits": [{"percent": {"off": "110"}}]});
    let answer = admin.put("/admin/coupons/spring", wrong).await;
    let paths: Vec<_> =
        answer.1["error"]["fields"].as_array().unwrap().iter().map(|field| field["path"].clone()).collect();
    assert_eq!((answer.0, paths), (422, vec![json!("benefits[0].percent.off"), json!("code")]));
    assert_eq!(admin.get("/admin/coupons/spring").await.0, 404);

    // A browser is not told why a code is refused: used up reads like unknown (S9).
    client.define("one", "ONE", json!({"total": 1})).await;
    let ann = client.shopper("ann");
    let quote = ann.quote("o-1", &["ONE"]).await;
    assert_eq!(ann.place("o-1", &["ONE"], &quote["seen"], "tok_visa").await.0, 201);
    let [used_up, unknown] = [ann.quote("o-2", &["ONE"]).await, ann.quote("o-2", &["TWO"]).await];
    let told = |quote: &serde_json::Value| quote["price"]["answers"][0].to_string().replace("ONE", "TWO");
    assert_eq!(told(&used_up), told(&unknown));
}

on_both!(
    a_use_stays_used_unless_an_admin_gives_it_back,
    a_declined_payment_lets_the_code_go,
    a_total_that_changed_is_shown_before_it_is_charged,
    what_cannot_be_used_is_named,
);
