//! A store that fails never prices an order wrongly, and never stops the shop.

use serde_json::json;
use sqlx::{Postgres, Sqlite};
use vouchsafe_shop::orders::Orders;
use vouchsafe_shop::payment::Standing;

use crate::client::{boot, code, total};
use crate::{Open, on_both};

/// A database whose coupons can be put out of reach while its orders are not.
trait Breakable: Orders {
    async fn run(open: &Open<Self>, statement: &'static str);
}

impl Breakable for Sqlite {
    async fn run(open: &Open<Self>, statement: &'static str) {
        sqlx::raw_sql(statement).execute(&open.pool).await.unwrap();
    }
}

impl Breakable for Postgres {
    async fn run(open: &Open<Self>, statement: &'static str) {
        sqlx::raw_sql(statement).execute(&open.pool).await.unwrap();
    }
}

/// The order without coupons is always there, and nobody pays it without having seen it.
async fn without_its_coupons_the_shop_sells_on<D: Breakable>(open: Open<D>) {
    let ann = open.client.shopper("ann");
    open.client.define("welcome", "WELCOME10", json!({"total": 10})).await;
    let before = ann.quote("o-1", &["WELCOME10"]).await;
    assert_eq!((total(&before), &before["coupons"]), ("90.00", &json!("checked")));

    D::run(&open, "ALTER TABLE coupon_code RENAME TO out_of_reach").await;
    let quote = ann.quote("o-1", &["WELCOME10"]).await;
    assert_eq!((total(&quote), &quote["coupons"]), ("100.00", &json!("unavailable")));
    // What was agreed to was 90.00.
    let changed = ann.place("o-1", &["WELCOME10"], &before["seen"], "tok_visa").await;
    assert_eq!((changed.0, code(&changed)), (409, "total_changed"));
    assert_eq!(open.payments.all(), []);
    let placed = ann.place("o-1", &["WELCOME10"], &quote["seen"], "tok_visa").await;
    assert_eq!((placed.0, open.paid(Standing::Captured)), (201, (1, 10_000)), "{placed:?}");
    let admin = open.client.admin().get("/admin/codes/WELCOME10").await;
    assert_eq!((admin.0, code(&admin)), (500, "internal"));

    // Back again: no use was taken, and the order that went without can be cancelled.
    D::run(&open, "ALTER TABLE out_of_reach RENAME TO coupon_code").await;
    assert_eq!(open.client.used("welcome").await, (0, 0));
    assert_eq!(total(&ann.quote("o-2", &["WELCOME10"]).await), "90.00");
    assert_eq!(ann.post("/orders/o-1/cancel", json!({})).await.0, 200);
    assert_eq!(open.paid(Standing::Refunded), (1, 10_000));
}

/// Between the hold and the order: the order is not written, the payment is let go, and the shopper may go on without.
async fn what_fails_in_the_middle_is_charged_to_nobody<D: Breakable>(open: Open<D>) {
    let (ann, ben) = (open.client.shopper("ann"), open.client.shopper("ben"));
    open.client.define("welcome", "WELCOME10", json!({"total": 1})).await;
    let quote = ann.quote("o-1", &["WELCOME10"]).await;
    // The usage log is written by the commit, and by nothing before it.
    D::run(&open, "ALTER TABLE coupon_use RENAME TO out_of_reach").await;
    let failed = ann.place("o-1", &["WELCOME10"], &quote["seen"], "tok_visa").await;
    assert_eq!((failed.0, code(&failed)), (409, "total_changed"));
    let offer = &failed.1["error"]["quote"];
    assert_eq!((total(offer), &offer["coupons"]), ("100.00", &json!("unavailable")));
    assert_eq!((open.paid(Standing::Captured), open.paid(Standing::Voided)), ((0, 0), (1, 9_000)));
    assert_eq!(ann.get("/orders/o-1").await.0, 404);

    // Ben, who cannot have the use that Ann holds, agrees to what she was offered.
    let order = json!({
        "basket": boot(&["WELCOME10"]), "seen": ben.quote("o-2", &["WELCOME10"]).await["seen"], "payment": "tok_visa",
        "without_coupons": true,
    });
    assert_eq!(ben.put("/orders/o-2", order.clone()).await.0, 201);
    assert_eq!(ben.put("/orders/o-2", order).await.0, 200);
    assert_eq!(open.paid(Standing::Captured), (1, 10_000));

    // The hold is the order's own: Ann's request goes through as soon as it can.
    D::run(&open, "ALTER TABLE out_of_reach RENAME TO coupon_use").await;
    let placed = ann.place("o-1", &["WELCOME10"], &quote["seen"], "tok_visa").await;
    assert_eq!((placed.0, open.paid(Standing::Captured)), (201, (2, 19_000)), "{placed:?}");
    assert_eq!(open.client.used("welcome").await, (1, 0));
    assert_eq!(open.paid(Standing::Authorised), (0, 0));
}

on_both!(without_its_coupons_the_shop_sells_on, what_fails_in_the_middle_is_charged_to_nobody);
