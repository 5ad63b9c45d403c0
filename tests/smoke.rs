//! A first look at the engine.
use vouchsafe::*;
fn usd(t: &str) -> Money { Money::parse(t, Currency::USD).unwrap() }
fn line(id: u64, price: &str, q: u64) -> Line {
    Line::new(LineId(id), Product::new(format!("P{id}").parse().unwrap()), Quantity::pieces(q).unwrap(), UnitPrice::parse(price).unwrap())
}
fn run(lines: Vec<Line>, coupons: Vec<CouponBuilder>, max: Option<u32>) -> Outcome {
    let shop = Shop::new(Policy::builder(Currency::USD).max_codes(max).build().unwrap());
    let order = Order::builder(Currency::USD).lines(lines).build().unwrap();
    let prepared: Vec<Prepared> = coupons.into_iter().enumerate().map(|(i, c)| shop.prepare(c.code(&format!("CODE{i}")).description("d").build().unwrap()).unwrap()).collect();
    let names: Vec<String> = (0..prepared.len()).map(|i| format!("code-{i}")).collect();
    let codes: Vec<Presented<'_>> = prepared.iter().zip(&names).map(|(p, n)| Presented::new(n, p)).collect();
    let c = Customer::anonymous();
    let r = Request::new(&order, &c, Reference::Order("o".parse().unwrap()), parse_instant("2026-03-29T12:00:00Z").unwrap()).with_codes(&codes);
    shop.evaluate(&r).unwrap()
}
fn offs(o: &Outcome) -> Vec<String> { o.lines().iter().map(|l| l.coupon_discount().amount_text()).collect() }
#[test]
fn golden() {
    let c = || Coupon::builder("c");
    let o = run(vec![line(1, "50.00", 1)], vec![c().amount_off(usd("100.00"))], None);
    assert_eq!(offs(&o), ["50.00"]); assert_eq!(o.answers()[0].forfeited(), usd("50.00"));
    let o = run(vec![line(1, "50.00", 3)], vec![c().amount_off(usd("100.00"))], None);
    assert_eq!(offs(&o), ["100.00"]);
    let o = run(vec![line(1, "30.00", 2), line(2, "40.00", 1)], vec![c().percent_off("10")], None);
    assert_eq!(offs(&o), ["6.00", "4.00"]);
    let o = run(vec![line(1, "19.99", 1), line(2, "19.99", 1), line(3, "60.02", 1)], vec![c().amount_off(usd("10.00"))], None);
    assert_eq!(offs(&o), ["2.00", "2.00", "6.00"]);
    let o = run(vec![line(1, "100.00", 1)], vec![Coupon::builder("a").percent_off("10"), Coupon::builder("b").percent_off("10")], None);
    assert_eq!(o.totals().payable(), usd("81.00"));
    let v = ["1.06", "2.06", "3.06", "4.06"];
    let ls = || v.iter().zip(1..).map(|(p, i)| line(i, p, 1)).collect::<Vec<_>>();
    let o = run(ls(), vec![c().percent_off("10")], None);
    assert_eq!(offs(&o), ["0.11", "0.21", "0.31", "0.41"]);
    let o = run(ls(), vec![c().percent_off("10").level(Level::Order)], None);
    assert_eq!(o.totals().coupon_discount(), usd("1.02"));
    let o = run(vec![line(1, "100.00", 1)], vec![Coupon::builder("a").percent_off("10"), Coupon::builder("b").percent_off("10")], Some(1));
    assert_eq!(o.totals().payable(), usd("90.00"));
    println!("{:?}", o.answers());
    let o = run(vec![line(1, "50.00", 1)], vec![c().percent_off("0")], None);
    assert!(o.answers()[0].is_applied());
    assert_eq!(o.adjustments().count(), 1);
    println!("{:#?}", o.redemption());
}
