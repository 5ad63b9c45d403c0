//! What a browser may see of an outcome: a type of its own, so that nothing else can slip out.

mod answer;
mod line;
mod offer;
mod points;
mod totals;

use serde::Serialize;

pub use answer::PublicAnswer;
pub use line::{PublicAmounts, PublicCharge, PublicLine};
pub use offer::PublicOffer;
pub use points::PublicPoints;
pub use totals::{PublicTax, PublicTotals};

use super::line::LineOutcome;
use super::{Flag, Outcome, PublicGift};
use crate::key::PaymentOptionId;
use crate::money::Currency;
use crate::policy::PriceMode;
use crate::refusal::OrderRefusal;

/// What a browser may see of an [`Outcome`]: amounts, and per code whether it applies.
///
/// Not in it are ids and internal names of coupons (S73), priorities, accounts, campaigns, who funds a discount, the
/// customer and the customer's type, whose price a line has, what lost against it, and why exactly a code was refused
/// (S9). A product that this customer must not see answers like one that does not exist, without price or name (S5,
/// S38). Without a code the bytes are the same whether or not a programme with types, prices and codes exists (S11).
///
/// Amounts are strings in the outcome's currency. It can be written but not read: nothing a browser sends back is taken
/// for an outcome.
///
/// # Example
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let order = Order::builder(Currency::USD)
///     .line(Line::new(LineId(1), Product::new("BOOT".parse()?), Quantity::pieces(1)?, UnitPrice::parse("30.00")?))
///     .build()?;
/// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
/// let codes = [Presented::unknown("GUESS")];
/// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
/// let public = shop.evaluate(&request)?.public();
/// assert_eq!(
///     serde_json::to_string(&public.answers()[0])?,
///     r#"{"entered":"GUESS","status":"refused","reason":"not_valid","text":"this code is not valid"}"#,
/// );
/// assert_eq!(public.totals().payable().to_string(), "30.00 USD");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PublicOutcome {
    currency: Currency,
    price_mode: PriceMode,
    lines: Vec<PublicLine>,
    charges: Vec<PublicCharge>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    offers: Vec<PublicOffer>,
    answers: Vec<PublicAnswer>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    gifts: Vec<PublicGift>,
    taxes: Vec<PublicTax>,
    totals: PublicTotals,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_options: Option<Vec<PaymentOptionId>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    order_refusals: Vec<OrderRefusal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    points: Option<PublicPoints>,
    placeable: bool,
    #[serde(skip_serializing_if = "is_false")]
    log_in: bool,
}

impl PublicOutcome {
    /// The currency of every amount.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// Whether prices contain tax.
    #[must_use]
    pub fn price_mode(&self) -> PriceMode {
        self.price_mode
    }

    /// The lines, by id.
    #[must_use]
    pub fn lines(&self) -> &[PublicLine] {
        &self.lines
    }

    /// Shipping and fees, by id.
    #[must_use]
    pub fn charges(&self) -> &[PublicCharge] {
        &self.charges
    }

    /// What became of each code, in the order in which they were presented.
    #[must_use]
    pub fn answers(&self) -> &[PublicAnswer] {
        &self.answers
    }

    /// What the shop gives without a code; empty where it gives nothing.
    #[must_use]
    pub fn offers(&self) -> &[PublicOffer] {
        &self.offers
    }

    /// What comes with the order for nothing.
    #[must_use]
    pub fn gifts(&self) -> &[PublicGift] {
        &self.gifts
    }

    /// Tax per class; empty where no rates were given.
    #[must_use]
    pub fn taxes(&self) -> &[PublicTax] {
        &self.taxes
    }

    /// The sums.
    #[must_use]
    pub fn totals(&self) -> &PublicTotals {
        &self.totals
    }

    /// The payment options to choose from, those to be proposed first in front (S39, S41); none where the shop leaves
    /// them to the page.
    #[must_use]
    pub fn payment_options(&self) -> Option<&[PaymentOptionId]> {
        self.payment_options.as_deref()
    }

    /// Why the order as a whole cannot be placed: each names nothing but what the order itself chose (S39).
    #[must_use]
    pub fn order_refusals(&self) -> &[OrderRefusal] {
        &self.order_refusals
    }

    /// Loyalty points; none where the shop has none.
    #[must_use]
    pub fn points(&self) -> Option<&PublicPoints> {
        self.points.as_ref()
    }

    /// Whether the order can be placed as it is.
    #[must_use]
    pub fn is_placeable(&self) -> bool {
        self.placeable
    }

    /// Whether the shopper has to log in before the order can be placed.
    #[must_use]
    pub fn must_log_in(&self) -> bool {
        self.log_in
    }
}

fn is_false(value: &bool) -> bool {
    !*value
}

impl Outcome {
    /// What a browser may see of it.
    #[must_use]
    pub fn public(&self) -> PublicOutcome {
        let charge = |charge: &LineOutcome| PublicCharge { id: charge.id(), amounts: PublicAmounts::of(charge) };
        let totals = self.totals();
        PublicOutcome {
            currency: self.currency,
            price_mode: self.price_mode,
            lines: self.lines.iter().map(PublicLine::of).collect(),
            charges: self.charges.iter().map(charge).collect(),
            offers: self.offers().iter().map(PublicOffer::of).collect(),
            answers: self.answers.iter().map(|answer| PublicAnswer::of(answer, self)).collect(),
            gifts: self.gifts.iter().map(PublicGift::of).collect(),
            taxes: self
                .taxes
                .iter()
                .filter_map(|tax| Some(PublicTax { rate: tax.rate()?, net: tax.net(), tax: tax.tax()? }))
                .collect(),
            totals: PublicTotals {
                items: totals.items(),
                item_discount: totals.item_discount(),
                coupon_discount: totals.coupon_discount(),
                points_discount: totals.points_discount(),
                shipping: totals.shipping(),
                shipping_discount: totals.shipping_discount(),
                fees: totals.fees(),
                tax: totals.tax(),
                cash_rounding: totals.cash_rounding(),
                payable: totals.payable(),
            },
            payment_options: self.payment_options.clone(),
            order_refusals: self.order_refusals.clone(),
            points: PublicPoints::of(self),
            placeable: self.placeable(),
            log_in: self.has_flag(Flag::IdentityNeeded),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{Zone, parse_instant};
    use crate::coupon::{Code, CodeFormat, Condition, Coupon, CouponBuilder};
    use crate::customer::{Customer, IdentityKey};
    use crate::money::Money;
    use crate::money::UnitPrice;
    use crate::order::{Line, Order};
    use crate::outcome::fixture::{line, money, prepared, price, rich};
    use crate::policy::{Policy, PublicReasons};
    use crate::request::{IssuedCode, Presented, Reference, Request, Revocation, Usage};
    use crate::shop::{Prepared, Shop};

    fn usd(text: &str) -> Money {
        money(text, Currency::USD)
    }

    fn order(lines: Vec<Line>) -> Order {
        Order::builder(Currency::USD).lines(lines).build().unwrap()
    }

    fn json(value: &impl Serialize) -> String {
        serde_json::to_string(value).unwrap()
    }

    /// The answers to one text typed, in whatever way it is refused.
    fn answers(reasons: PublicReasons, presented: &[Presented<'_>], customer: &Customer) -> Vec<String> {
        let policy = Policy::builder(Currency::USD).public_reasons(reasons).max_codes(None).build().unwrap();
        let (shop, order) = (Shop::new(policy), order(vec![line(1, "BOOT", "30.00", 1)]));
        let at = parse_instant("2026-03-29T12:00:00Z").unwrap();
        let request =
            Request::new(&order, customer, Reference::Order("o-1".parse().unwrap()), at).with_codes(presented);
        shop.evaluate(&request).unwrap().public().answers().iter().map(json).collect()
    }

    fn ten(id: &str) -> CouponBuilder {
        Coupon::builder(id).name("INTERNAL").percent_off("10")
    }

    fn shop() -> Shop {
        Shop::new(Policy::builder(Currency::USD).build().unwrap())
    }

    /// Proves S9: unknown, withdrawn, not yours, wrong audience, members only, switched off and used up are one answer.
    #[test]
    fn what_must_stay_hidden_looks_the_same_to_the_last_byte() {
        let shop = shop();
        let stranger = Customer::new([IdentityKey::id("7").unwrap()]);
        let plain = prepared(&shop, ten("plain").code("SECRET"));
        let issuing = prepared(&shop, ten("issuing"));
        let used_up = prepared(&shop, ten("used-up").code("SECRET").total_limit(5));
        let broke =
            prepared(&shop, ten("broke").code("SECRET").budget(crate::coupon::Amounts::new([usd("1.00")]).unwrap()));
        let off = prepared(&shop, ten("off").code("SECRET").status(crate::coupon::Status::Inactive));
        let condition = |json: &str| serde_json::from_str::<Condition>(json).unwrap();
        let limited: Vec<Prepared> = [
            r#"{"members": {}}"#,
            r#"{"customer_types": {"only": ["PROFORM"]}}"#,
            r#"{"customers": {"only": ["id:42"]}}"#,
            r#"{"channels": {"only": ["phone"]}}"#,
            r#"{"not": {"customers": {"only": ["id:7"]}}}"#,
            r#"{"any": [{"members": {}}, {"minimum_spend": {"amounts": {"USD": "500.00"}}}]}"#,
            r#"{"all": [{"minimum_spend": {"amounts": {"USD": "500.00"}}}, {"members": {}}]}"#,
        ]
        .iter()
        .enumerate()
        .map(|(i, c)| prepared(&shop, ten(&format!("limited-{i}")).code("SECRET").condition(condition(c))))
        .collect();
        let code = Code::parse("SECRET", CodeFormat::Standard).unwrap();
        let at = parse_instant("2026-03-01T00:00:00Z").unwrap();
        let revoked = IssuedCode::new(code.clone(), at).with_revocation(Revocation::new(at, "lost").unwrap());
        let held = IssuedCode::new(code, at).with_holder(IdentityKey::id("42").unwrap());

        let typed = "secret";
        let mut hidden = vec![
            Presented::unknown(typed),
            Presented::new(typed, &issuing).with_issued(&revoked),
            Presented::new(typed, &issuing).with_issued(&held),
            Presented::new(typed, &used_up).with_usage(Usage::default().with_total(5)),
            Presented::new(typed, &broke).with_usage(Usage::default().with_money(usd("1.00"))),
            Presented::new(typed, &off),
        ];
        hidden.extend(limited.iter().map(|p| Presented::new(typed, p)));
        let expected =
            r#"{"entered":"secret","status":"refused","reason":"not_valid","text":"this code is not valid"}"#;
        for one in &hidden {
            let seen = answers(PublicReasons::Collapsed, std::slice::from_ref(one), &stranger);
            assert_eq!(seen, [expected], "{one:?}");
            // Typed twice, it gives nothing away either.
            let seen = answers(PublicReasons::Collapsed, &[*one, *one], &stranger);
            assert_eq!(seen, [expected, expected], "{one:?}");
        }
        // The same code in the right hands applies, and the second time it was entered already.
        let seen = answers(PublicReasons::Collapsed, &[Presented::new(typed, &plain); 2], &stranger);
        assert_eq!(
            seen,
            [
                r#"{"entered":"secret","status":"applied","description":"","percent":"10","amount":"3.00"}"#,
                r#"{"entered":"secret","status":"refused","reason":"duplicate","text":"this code was already entered"}"#,
            ]
        );
        // A policy may tell them apart.
        let told: Vec<String> =
            hidden.iter().flat_map(|one| answers(PublicReasons::Distinct, &[*one], &stranger)).collect();
        assert!(told[2].contains("not_for_you") && told[3].contains("used_up"), "{told:?}");
    }

    /// Proves S26: a shopper hears what is missing, unless the reason stays hidden.
    #[test]
    fn a_near_miss_says_by_how_much() {
        let condition = r#"{"minimum_spend": {"amounts": {"USD": "34.10"}}}"#;
        let condition: Condition = serde_json::from_str(condition).unwrap();
        let shop = shop();
        let coupon = prepared(&shop, ten("near").code("NEAR").condition(condition));
        let seen = answers(PublicReasons::Collapsed, &[Presented::new("near", &coupon)], &Customer::anonymous());
        assert_eq!(
            seen,
            [concat!(
                r#"{"entered":"near","status":"refused","reason":"order_too_small","#,
                r#""text":"the order is too small for this code","#,
                r#""mend":{"spend":{"amount":"4.10","currency":"USD"}}}"#
            )]
        );
    }

    /// Proves S5, S38: a product that must not be seen is an unknown product, without price or name.
    #[test]
    fn an_unseen_product_is_an_unknown_one() {
        let (_, outcome) = rich(PriceMode::TaxExclusive);
        assert_eq!(json(&outcome.public().lines()[2]), r#"{"id":3,"units":1,"refused":"unknown_product"}"#);
        assert!(!outcome.public().is_placeable());
    }

    /// Proves S73 and more: nothing that is the merchant's own gets out.
    #[test]
    fn nothing_internal_is_in_it() {
        for mode in [PriceMode::TaxExclusive, PriceMode::TaxInclusive] {
            let (order, outcome) = rich(mode);
            let (public, receipt) = (json(&outcome.public()), outcome.receipt(&order).to_string());
            for internal in [
                "INTERNAL",
                "c-percent",
                "c-maker",
                "4711",
                "4712",
                "winter",
                "ACME",
                "season",
                "RETAIL",
                "PROTOTYPE",
                "row-1",
                "standard",
                "reduced",
                "secret",
                "id:42",
                "priority",
                "customer_type",
                "999",
                "44.91",
                "K7WQ93MX",
                "duplicate_code",
                "unknown_code",
                "o-1",
            ] {
                assert!(!public.contains(internal), "{internal} in {public}");
                assert!(!receipt.contains(internal), "{internal} in {receipt}");
            }
            assert!(!public.contains("PROFORM"), "{public}");
        }
    }

    /// Proves S11: a programme that a shopper has no part in leaves no trace.
    #[test]
    fn without_a_code_a_programme_cannot_be_seen() {
        let policy = || Policy::storefront(Currency::USD, Zone::UTC);
        let without = Shop::new(policy());
        let with = Shop::builder(policy())
            .default_type("RETAIL".parse().unwrap())
            .customer_type("PROFORM".parse().unwrap())
            .price(
                "PROFORM".parse().unwrap(),
                "BOOT".parse().unwrap(),
                Currency::USD,
                UnitPrice::parse("99.00").unwrap(),
            )
            .visible_only_to("PROTOTYPE".parse().unwrap(), ["PROFORM".parse().unwrap()])
            .build()
            .unwrap();
        let order = order(vec![line(1, "BOOT", "199.00", 1), line(2, "POLE", "49.00", 2)]);
        let (before, after) = (price(&without, &order, &[]), price(&with, &order, &[]));
        assert_eq!(json(&after.public()), json(&before.public()));
        assert_eq!(after.receipt(&order).to_string(), before.receipt(&order).to_string());
    }

    #[test]
    fn totals_add_up_as_documented() {
        for mode in [PriceMode::TaxExclusive, PriceMode::TaxInclusive] {
            let (_, outcome) = rich(mode);
            let public = outcome.public();
            let totals = public.totals();
            let tax = if mode == PriceMode::TaxExclusive { totals.tax().unwrap().minor() } else { 0 };
            let sum = totals.items().minor() - totals.item_discount().minor() + totals.shipping().minor()
                - totals.shipping_discount().minor()
                + totals.fees().minor()
                + tax
                + totals.cash_rounding().minor();
            assert_eq!(totals.payable().minor(), sum);
            assert_eq!(public.taxes().iter().map(|t| t.tax().minor()).sum::<i64>(), totals.tax().unwrap().minor());
        }
    }
}
