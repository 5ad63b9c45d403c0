//! How orders and what becomes of them are booked, with figures worked out by hand.

use serde_json::json;
use vouchsafe::*;

use crate::support::*;

fn account(text: &str) -> AccountId {
    text.parse().unwrap()
}

fn books() -> Books {
    Books::new(account("1200"), account("4000"), account("4900"), account("2200"))
        .with_shipping_revenue(account("4100"))
        .with_deferred(account("2400"), account("1400"))
        .with_claims(account("1300"))
        .with_cash_rounding(account("4990"))
}

/// `line side account amount`, one row for each entry.
fn rows(postings: &[Posting]) -> Vec<String> {
    balanced(postings);
    let line = |posting: &Posting| posting.line.map_or("-".to_owned(), |line| line.to_string());
    postings.iter().map(|p| format!("{} {} {} {}", line(p), p.side, p.account, p.amount.amount_text())).collect()
}

/// The entries of each line balance, and so do those of the order.
pub(crate) fn balanced(postings: &[Posting]) {
    let mut lines: Vec<Option<LineId>> = postings.iter().map(|posting| posting.line).collect();
    lines.sort();
    lines.dedup();
    for line in lines {
        let of_line: Vec<&Posting> = postings.iter().filter(|posting| posting.line == line).collect();
        assert_eq!(of_line.iter().map(|posting| posting.signed()).sum::<i64>(), 0, "{line:?}: {of_line:?}");
        assert!(of_line.iter().all(|posting| posting.amount.minor() > 0));
    }
}

fn settled(case: Case) -> Settlement {
    Settlement::new(&case.run()).unwrap()
}

/// Proves S146, S109: receivable 90, discount 10, revenue 100; deferred, and recognised.
#[test]
fn s146_normal_and_deferred_postings() {
    let case = || {
        order([line(1, "100.00")])
            .code(coupon("ten", json!({"account": "4910", "benefits": [{"percent": {"off": "10"}}]})))
    };
    let outcome = case().run();
    let normal = books().post(&outcome, |_| false).unwrap();
    assert_eq!(rows(&normal), ["1 debit 1200 90.00", "1 debit 4910 10.00", "1 credit 4000 100.00"]);
    assert_eq!(normal[1].coupon.as_ref().map(CouponId::as_str), Some("ten"));
    let deferred = books().post(&outcome, |_| true).unwrap();
    assert_eq!(rows(&deferred), ["1 debit 1200 90.00", "1 debit 1400 10.00", "1 credit 2400 100.00"]);
    let purposes: Vec<Purpose> = deferred.iter().map(|posting| posting.purpose).collect();
    assert_eq!(purposes, [Purpose::Receivable, Purpose::DeferredDiscount, Purpose::DeferredRevenue]);
    let recognised = books().recognise(&settled(case()), LineId(1)).unwrap();
    let expected = ["1 credit 1400 10.00", "1 debit 2400 100.00", "1 debit 4910 10.00", "1 credit 4000 100.00"];
    assert_eq!(rows(&recognised), expected);
    // Together they are what is booked of something that was never deferred.
    let all = [deferred, recognised].concat();
    for (account, sum) in [("1200", 9_000), ("4910", 1_000), ("4000", -10_000), ("1400", 0), ("2400", 0)] {
        let of = all.iter().filter(|posting| posting.account.as_str() == account);
        assert_eq!(of.map(Posting::signed).sum::<i64>(), sum, "{account}");
    }
    let bare = Books::new(account("1"), account("2"), account("3"), account("4"));
    assert_eq!(bare.post(&outcome, |_| true), Err(SettleError::NoDeferredAccounts { line: LineId(1) }));
    let unknown = books().recognise(&settled(case()), LineId(9));
    assert_eq!(unknown, Err(SettleError::UnknownLine { line: LineId(9) }));
}

/// Proves S114: discounts by account, those of the shop and of several coupons, are those of the outcome.
#[test]
fn s114_discounts_by_account_are_those_of_the_outcome() {
    let shop = discount("season", usd("5.00")).with_account(account("4920"));
    let outcome =
        order([line(1, "100.00").with_discount(shop), line(2, "50.00").with_discount(discount("x", usd("1.00")))])
            .code(coupon("ten", json!({"account": "4910", "benefits": [{"percent": {"off": "10"}}]})))
            .code(coupon("two", json!({"account": "4910", "benefits": [{"amount": {"off": {"USD": "2.00"}}}]})))
            .code(coupon("one", json!({"benefits": [{"amount": {"off": {"USD": "1.00"}}}]})))
            .run();
    let postings = books().post(&outcome, |_| false).unwrap();
    balanced(&postings);
    for total in outcome.accounts() {
        let name = total.account().map_or("4900", AccountId::as_str);
        let of = postings.iter().filter(|p| p.account.as_str() == name && p.purpose == Purpose::Discount);
        assert_eq!(of.map(Posting::signed).sum::<i64>(), total.discount().minor(), "{name}");
    }
    assert_eq!(outcome.accounts().len(), 3);
}

/// Proves V11, V24 as they are booked: a third party's part is a claim, and revenue stays what the seller earns.
#[test]
fn a_third_party_owes_its_part() {
    let maker = |funding: serde_json::Value| {
        coupon(
            "maker",
            json!({"account": "4910", "funding": funding, "benefits": [{"amount": {"off": {"USD": "10.00"}}}]}),
        )
    };
    let outcome = order([line(1, "100.00")]).taxed("8").code(maker(json!({"third_party": {"party": "ACME"}}))).run();
    let postings = books().post(&outcome, |_| false).unwrap();
    let expected = ["1 debit 1200 98.00", "1 credit 4000 100.00", "1 debit 1300 10.00", "1 credit 2200 8.00"];
    assert_eq!(rows(&postings), expected);
    assert_eq!(postings[2].party.as_ref().map(PartyId::as_str), Some("ACME"));
    // A party with an account of its own, and 40% of it: 4.00 owed, 6.00 given; taxable 94.00.
    let outcome =
        order([line(1, "100.00")]).taxed("8").code(maker(json!({"split": {"party": "ACME", "share": "40"}}))).run();
    let own = books().with_party("ACME".parse().unwrap(), account("1310"));
    let expected =
        ["1 debit 1200 97.52", "1 debit 4910 6.00", "1 credit 4000 100.00", "1 debit 1310 4.00", "1 credit 2200 7.52"];
    assert_eq!(rows(&own.post(&outcome, |_| false).unwrap()), expected);
    // Prices with tax: revenue is the price without it, 121.00 - 21.00.
    let maker = coupon(
        "maker",
        json!({"funding": {"third_party": {"party": "ACME"}}, "benefits": [{"amount": {"off": {"USD": "12.10"}}}]}),
    );
    let outcome = order([line(1, "121.00")]).inclusive().taxed("21").code(maker).run();
    let expected = ["1 debit 1200 108.90", "1 credit 4000 100.00", "1 debit 1300 12.10", "1 credit 2200 21.00"];
    assert_eq!(rows(&books().post(&outcome, |_| false).unwrap()), expected);
}

/// Returns, claw-backs and voids are booked the other way round; shipping, cash rounding and tax classes have accounts.
#[test]
fn what_comes_back_is_booked_back() {
    let case = order([pieces(1, "60.00", 2)]).charge(shipping(9, usd("5.00"))).code(coupon(
        "half",
        json!({"benefits": [{"percent": {"off": "10"}}],
               "conditions": [{"minimum_spend": {"amounts": {"USD": "100.00"}}}]}),
    ));
    let placed = case.place();
    let mut s = Settlement::new(placed.outcome()).unwrap();
    let request = RefundRequest::new("r-1".parse().unwrap()).units(LineId(1), 1).thresholds(ThresholdPolicy::ClawBack);
    let back = s.refund_with_terms(&placed, &request).unwrap();
    // 54.00 less the 6.00 that the kept one is no longer entitled to.
    let postings = books().post_refund(&back, |_| false).unwrap();
    let expected =
        ["1 credit 1200 54.00", "1 credit 4900 6.00", "1 debit 4000 60.00", "1 debit 1200 6.00", "1 credit 4900 6.00"];
    assert_eq!(rows(&postings), expected);
    s.apply(&back).unwrap();
    let void = s.void("v-1".parse().unwrap()).unwrap();
    s.apply(&void).unwrap();
    let all = books().post_settlement(&s, |_| false).unwrap();
    for account in ["1200", "4000", "4100", "4900"] {
        let of: Vec<i64> = all.iter().filter(|p| p.account.as_str() == account).map(Posting::signed).collect();
        assert!(of.len() >= 2 && of.iter().sum::<i64>() == 0, "{account}: {of:?}");
    }
    // 17.37 is paid as 17.35, and given back as that.
    let rappen = Policy::builder(Currency::CHF).cash("0.05".parse().unwrap()).build().unwrap();
    let outcome = order_under(rappen, [line(1, "17.37").with_tax_class("food".parse().unwrap())])
        .order(|order| order.rate("food".parse().unwrap(), rate("0")))
        .run();
    let own = books().with_tax_class("food".parse().unwrap(), account("2210"));
    let expected = ["1 debit 1200 17.37", "1 credit 4000 17.37", "- credit 1200 0.02", "- debit 4990 0.02"];
    assert_eq!(rows(&own.post(&outcome, |_| false).unwrap()), expected);
    let void = Settlement::new(&outcome).unwrap().void("v-1".parse().unwrap()).unwrap();
    let expected = ["1 credit 1200 17.37", "1 debit 4000 17.37", "- debit 1200 0.02", "- credit 4990 0.02"];
    assert_eq!(rows(&own.post_refund(&void, |_| false).unwrap()), expected);
}

/// Proves S108 in the books: what one order loses the other gains, but for what is forfeited and paid on top.
#[test]
fn a_transfer_is_booked_in_both_orders() {
    let mut spring = settled(order([line(1, "60.00")]).taxed("10").code(amount_off("ten", "10.00")));
    let to = Reference::Order("autumn".parse().unwrap());
    let mut autumn = settled(order([line(1, "25.00")]).taxed("10").reference(to.clone()));
    let request = TransferRequest::new("t-1".parse().unwrap(), LineId(1), 1, to, Currency::USD).at_price(usd("8.00"));
    let transfer = spring.transfer(&request).unwrap();
    spring.send(&transfer).unwrap();
    autumn.receive(&transfer, LineId(2)).unwrap();
    let sent = rows(&books().post_sent(&transfer, |_| false).unwrap());
    assert_eq!(sent, ["1 credit 1200 55.00", "1 credit 4900 10.00", "1 debit 4000 60.00", "1 debit 2200 5.00"]);
    let Some(Movement::Received(received)) = autumn.movements().first() else { panic!("nothing was received") };
    let received = rows(&books().post_received(received, |_| false).unwrap());
    assert_eq!(received, ["2 debit 4900 8.00", "2 credit 4000 8.00"]);
}

/// Proves S29 in the books: what points take off is a discount of their own account, and what they pay of the receivable is
/// a debit of it, turned round where it goes back. Without such an account it is that of discounts.
#[test]
fn points_have_an_account() {
    let program = json!({"earn": {"USD": "1"}, "value": {"USD": "0.01"}});
    let program: PointsProgram = serde_json::from_value(program).unwrap();
    let case = order([line(1, "40.00")]).customer(customer("ann")).points(1_000, 1_000);
    let outcome = case.shop(|shop| shop.points(program)).run();
    let own = books().with_points(account("2500"));
    for (books, name) in [(&own, "2500"), (&books(), "4900")] {
        let sold = books.post(&outcome, |_| false).unwrap();
        let off = format!("1 debit {name} 10.00");
        assert_eq!(rows(&sold), ["1 debit 1200 30.00", off.as_str(), "1 credit 4000 40.00"]);
        assert_eq!((&sold[1].coupon, &sold[1].discount, &sold[1].party), (&None, &None, &None));
        let paid = books.post_tender(usd("5.00"));
        assert_eq!(rows(&paid), [format!("- debit {name} 5.00"), "- credit 1200 5.00".to_owned()]);
        assert_eq!(paid.iter().map(|p| p.purpose).collect::<Vec<_>>(), [Purpose::Points, Purpose::Receivable]);
        let back = books.post_tender(usd("-5.00"));
        assert_eq!(rows(&back), [format!("- credit {name} 5.00"), "- debit 1200 5.00".to_owned()]);
        assert_eq!(back[0].side.opposite(), back[1].side);
        assert_eq!(back[1].side.opposite(), back[0].side);
    }
}

/// Books are kept beside the orders: what is read posts to the same accounts, and no class or party has two.
#[test]
fn books_are_read_back() {
    let all = books()
        .with_points(account("2500"))
        .with_tax_class("food".parse().unwrap(), account("2210"))
        .with_tax_class("books".parse().unwrap(), account("2220"))
        .with_party("ACME".parse().unwrap(), account("1310"));
    let text = serde_json::to_string(&all).unwrap();
    assert_eq!(serde_json::from_str::<Books>(&text).unwrap(), all);
    let read = |fields: &str| {
        let text = format!(r#"{{"receivable": "1", "revenue": "2", "discount": "3", "tax": "4", {fields}}}"#);
        serde_json::from_str::<Books>(&text).map_err(|error| error.to_string())
    };
    assert!(read(r#""tax_classes": {"food": "2210", "books": "2210"}"#).is_ok());
    for (twice, error) in [
        (r#""tax_classes": {"food": "2210", "food": "2220"}"#, "given twice"),
        (r#""parties": {"ACME": "1310", "ACME": "1310"}"#, "given twice"),
        (r#""parties": ["ACME"]"#, "expected an object of accounts"),
    ] {
        let found = read(twice).unwrap_err();
        assert!(found.contains(error), "{twice}: {found}");
    }
}

/// Proves S144: an account of a coupon exists, is active, and is of class R, X or A.
#[test]
fn s144_discount_accounts_are_active_and_of_class_r_x_or_a() {
    let of = |id: &str, class, active| Account::new(account(id), class).with_active(active);
    let table = AccountTable::new([
        of("r", AccountClass::Revenue, true),
        of("x", AccountClass::Expense, true),
        of("a", AccountClass::Asset, true),
        of("l", AccountClass::Liability, true),
        of("e", AccountClass::Equity, true),
        of("old", AccountClass::Revenue, false),
    ])
    .unwrap();
    let named = |name: &str| coupon("c", json!({"account": name, "benefits": [{"percent": {"off": "10"}}]}));
    for name in ["r", "x", "a"] {
        assert!(table.check(&named(name)).is_ok());
    }
    assert!(table.check(&percent_off("none", "10")).is_ok());
    for (name, error) in [
        ("l", "`account` is `l`: not of class R, X or A"),
        ("e", "`account` is `e`: not of class R, X or A"),
        ("old", "`account` is `old`: not active"),
        ("nowhere", "`account` is `nowhere`: unknown account"),
    ] {
        assert_eq!(table.check(&named(name)).unwrap_err().to_string(), error);
    }
    let all = [named("r"), named("old"), named("nowhere")];
    let errors = table.check_all(&all).unwrap_err();
    let paths: Vec<&str> = errors.errors().iter().map(|error| error.path.as_str()).collect();
    assert_eq!(paths, ["coupons[1].account", "coupons[2].account"]);
    let rows: Vec<String> =
        table.accounts().iter().map(|a| format!("{} {} {}", a.id(), a.class(), a.is_active())).collect();
    assert_eq!(rows, ["a A true", "e E true", "l L true", "old R false", "r R true", "x X true"]);
    let twice = AccountTable::new([of("r", AccountClass::Revenue, true), of("r", AccountClass::Asset, true)]);
    assert_eq!(twice.unwrap_err().to_string(), "`accounts[1].id` is `r`: given twice");
    let text = serde_json::to_string(&table).unwrap();
    assert!(text.contains(r#"{"id":"old","class":"R","active":false}"#));
    assert_eq!(serde_json::from_str::<AccountTable>(&text).unwrap(), table);
}

/// Proves S145: what an invoice shows of a coupon is line data of the outcome, with the text and the amount of each line.
#[test]
fn s145_the_coupon_stands_on_the_invoice() {
    let outcome = order([line(1, "100.00"), line(2, "50.00")]).code(percent_off("ten", "10")).run();
    let shown: Vec<(u64, &str, String)> = outcome
        .adjustments()
        .map(|adjustment| match adjustment.source {
            Source::Code(answer) => (adjustment.line.0, answer.description(), adjustment.amount.to_string()),
            _ => panic!("no code"),
        })
        .collect();
    assert_eq!(shown, [(1, "ten coupon", "10.00 USD".to_owned()), (2, "ten coupon", "5.00 USD".to_owned())]);
}
