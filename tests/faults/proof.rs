//! The checks see what they are there for: each kind of damage, done to good books by hand.

use sqlx::{Connection, Sqlite};

use crate::base::Base;
use crate::books::Books;
use crate::campaign::now;
use crate::crew::{Crew, SHOP, Scratch, block, set_up};
use crate::dice::seed;
use crate::worker::{Kind, Work};

/// What is damaged, and how the damage is told.
const DAMAGES: [(&str, &str); 19] = [
    ("UPDATE coupon_counter SET used = used - 1 WHERE owner LIKE 'hot%' AND used > 0", "recorded"),
    ("UPDATE coupon_counter SET used = used + 20 WHERE owner LIKE 'hot%'", "of 12"),
    ("UPDATE coupon_counter SET held = held + 1 WHERE owner LIKE 'hot%'", "in parts"),
    ("DELETE FROM coupon_counter WHERE used > 0", "0 used"),
    ("DELETE FROM coupon_part", "instead of"),
    ("UPDATE coupon_part SET amount = amount + 1", "holds"),
    ("UPDATE coupon_part SET lapses_at = lapses_at + 1", "until"),
    ("DELETE FROM coupon_redemption WHERE state = 2", "is lost"),
    ("DELETE FROM coupon_redemption WHERE state = 1", "is not: None"),
    ("UPDATE coupon_redemption SET state = 0 WHERE state = 1", "is not: Some"),
    ("UPDATE coupon_redemption SET state = 2 WHERE state = 3", "was voided"),
    ("UPDATE coupon_redemption SET state = 2, place = -rowid WHERE state = 1", "was refused and is recorded"),
    ("UPDATE coupon_redemption SET document = (SELECT max(document) FROM coupon_redemption)", "with this content"),
    ("DELETE FROM coupon_use", "rows of uses"),
    ("DELETE FROM coupon_history", "rows of history"),
    ("UPDATE coupon_points SET balance = balance + 1", "points instead of"),
    ("DELETE FROM orders", "has an order row: false"),
    ("INSERT INTO orders (reference) VALUES ('order:nobody')", "no redemption"),
    ("UPDATE coupon_code SET holder = CASE WHEN holder IS NULL THEN 'id:x' END", "belongs to"),
];

/// Without this, checks that see nothing would pass.
#[test]
fn every_damage_would_be_seen() {
    let scratch = Scratch::new();
    let place = scratch.file("shop.db");
    block(set_up::<Sqlite>(&place)).unwrap();
    let mut crew = Crew::new(Kind::Sqlite, &place, 2, Work::Storm, seed());
    crew.start_all();
    crew.go();
    crew.wait_for_steps(250);
    crew.stop();
    let tally = block(crew.check::<Sqlite>(&place));
    assert!(tally.live_holds > 0 && tally.voided > 0 && tally.orders > 0, "nothing to damage: {tally:?}");
    let fates = crew.fates();
    block(async {
        let mut connection = Sqlite::open(&place).await.unwrap();
        for (sql, expected) in DAMAGES {
            let mut transaction = connection.begin().await.unwrap();
            sqlx::raw_sql(sql).execute(&mut *transaction).await.unwrap();
            let books = Books::read::<Sqlite>(&mut transaction, SHOP).await.unwrap();
            transaction.rollback().await.unwrap();
            let faults = books.faults(&fates, &fates, now());
            assert!(faults.iter().any(|fault| fault.contains(expected)), "{sql}: {faults:?}");
        }
    });
    println!("{} damages were seen", DAMAGES.len());
}
