//! A definition written in Rust.

use chrono::{DateTime, NaiveDate, Utc};

use crate::error::DefinitionErrors;
use crate::key::{AccountId, CampaignId};
use crate::money::Money;

use super::{
    Amounts, Benefit, CodeFormat, Combination, Condition, Coupon, CouponDraft, EarnRule, Kind, Level, Payments,
    Remainder, Scope, Status, TypeAssignment, Validity, WhenShort,
};
use crate::form::DraftValue;
use crate::form::{Form, Writer, tagged};
use crate::funding::Funding;

/// Builds a coupon definition; nothing is checked before [`build`](Self::build), which then checks all of it.
///
/// ```
/// use vouchsafe::{Condition, Coupon};
///
/// let coupon = Coupon::builder("welcome")
///     .code("WELCOME10")
///     .description("10% off your first order")
///     .percent_off("10")
///     .condition(Condition::FirstOrder)
///     .build()?;
/// assert_eq!(coupon.code().map(|code| code.as_str()), Some("WELCOME10"));
/// # Ok::<(), vouchsafe::DefinitionErrors>(())
/// ```
///
/// # Everything that is wrong, at once
///
/// ```
/// use vouchsafe::Coupon;
///
/// let errors = Coupon::builder("c").code("20% off").percent_off("100.001").total_limit(0).build().unwrap_err();
/// assert_eq!(
///     errors.to_string(),
///     "`code` is `20% off`: character `%` at position 3 is not allowed; \
///      `limits.total` is `0`: zero; \
///      `benefits[0].percent.off` is `100.001`: not between 0 and 100"
/// );
/// ```
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until it builds"]
pub struct CouponBuilder {
    /// In the order they were given; the last one of a name counts.
    fields: Vec<(String, DraftValue)>,
    earn: Vec<DraftValue>,
    limits: Vec<(String, DraftValue)>,
    conditions: Vec<DraftValue>,
    benefits: Vec<DraftValue>,
}

impl Coupon {
    /// Begins a definition with this id.
    pub fn builder(id: impl AsRef<str>) -> CouponBuilder {
        let fields = vec![("version".to_owned(), CouponDraft::VERSION.into()), ("id".to_owned(), id.as_ref().into())];
        CouponBuilder { fields, earn: Vec::new(), limits: Vec::new(), conditions: Vec::new(), benefits: Vec::new() }
    }
}

impl CouponBuilder {
    /// Checks the definition.
    ///
    /// # Errors
    /// Everything that [`CouponDraft::check`] reports.
    pub fn build(self) -> Result<Coupon, DefinitionErrors> {
        self.draft().check()
    }

    /// The definition as a draft, unchecked.
    #[must_use]
    pub fn draft(self) -> CouponDraft {
        let lists = [
            ("earn", (!self.earn.is_empty()).then(|| DraftValue::list(self.earn))),
            ("limits", (!self.limits.is_empty()).then(|| DraftValue::map(self.limits))),
            ("conditions", (!self.conditions.is_empty()).then(|| DraftValue::list(self.conditions))),
            ("benefits", (!self.benefits.is_empty()).then(|| DraftValue::list(self.benefits))),
        ];
        let lists = lists.into_iter().filter_map(|(name, value)| value.map(|value| (name.to_owned(), value)));
        CouponDraft::of(self.fields.into_iter().chain(lists))
    }

    fn put(mut self, name: &str, value: DraftValue) -> Self {
        place(&mut self.fields, name, value);
        self
    }

    fn limit(mut self, name: &str, value: DraftValue) -> Self {
        place(&mut self.limits, name, value);
        self
    }

    /// Counts the edits, from 1.
    pub fn revision(self, revision: u32) -> Self {
        self.put("revision", revision.into())
    }

    /// The merchant's own name, never public (S73).
    pub fn name(self, name: &str) -> Self {
        self.put("name", name.into())
    }

    /// What an order form and an invoice show (S75).
    pub fn description(self, description: &str) -> Self {
        self.put("description", description.into())
    }

    /// Whether it can be redeemed.
    pub fn status(self, status: Status) -> Self {
        self.put("status", status.write())
    }

    /// For anyone with the code, or for one customer.
    pub fn kind(self, kind: Kind) -> Self {
        self.put("kind", kind.write())
    }

    /// The shared code, in any spelling.
    pub fn code(self, code: &str) -> Self {
        self.put("code", code.into())
    }

    /// Which codes it may have.
    pub fn code_format(self, code_format: CodeFormat) -> Self {
        self.put("code_format", code_format.write())
    }

    /// Whether percentages and set prices act on each line or on the order.
    pub fn level(self, level: Level) -> Self {
        self.put("level", level.write())
    }

    /// Which lines it acts on.
    pub fn scope(self, scope: Scope) -> Self {
        self.put("scope", scope.write())
    }

    /// When it can be given or earned; not a countdown (S116).
    pub fn availability(self, availability: Validity) -> Self {
        self.put("availability", availability.write())
    }

    /// When it can be used.
    pub fn validity(self, validity: Validity) -> Self {
        self.put("validity", validity.write())
    }

    /// Can be used on local days, both inclusive, each optional (S70, S77).
    ///
    /// ```
    /// use vouchsafe::{Coupon, parse_date};
    ///
    /// let last = parse_date("2026-03-29").ok();
    /// assert!(Coupon::builder("spring").percent_off("10").days(None, last).build().is_ok());
    ///
    /// let errors = Coupon::builder("never").percent_off("10").days(last, parse_date("2026-03-28").ok()).build();
    /// assert!(errors.is_err_and(|errors| errors.at("validity.thru").is_some()));
    /// ```
    pub fn days(self, from: Option<NaiveDate>, thru: Option<NaiveDate>) -> Self {
        let days = Writer::default().put_some("from", from.as_ref()).put_some("thru", thru.as_ref()).end();
        self.put("validity", days)
    }

    /// Can be used in `[starts_at, ends_at)`, each optional.
    pub fn instants(self, starts_at: Option<DateTime<Utc>>, ends_at: Option<DateTime<Utc>>) -> Self {
        let instants =
            Writer::default().put_some("starts_at", starts_at.as_ref()).put_some("ends_at", ends_at.as_ref()).end();
        self.put("validity", instants)
    }

    /// Can be used for so long from the moment its code was issued (S79).
    pub fn countdown(self, days: u32, hours: u32) -> Self {
        self.put("validity", tagged("countdown", Writer::default().put("days", &days).put("hours", &hours).end()))
    }

    /// One more way in which it is earned (S99).
    pub fn earn(mut self, rule: EarnRule) -> Self {
        self.earn.push(rule.write());
        self
    }

    /// Uses in all (S69).
    pub fn total_limit(self, most: u64) -> Self {
        self.limit("total", most.into())
    }

    /// Uses of each code.
    pub fn per_code_limit(self, most: u64) -> Self {
        self.limit("per_code", most.into())
    }

    /// Uses by each customer (S98).
    pub fn per_customer_limit(self, most: u64) -> Self {
        self.limit("per_customer", most.into())
    }

    /// Uses of each code by each customer.
    pub fn per_customer_and_code_limit(self, most: u64) -> Self {
        self.limit("per_customer_and_code", most.into())
    }

    /// Codes that may be issued in all (S81).
    pub fn codes_limit(self, most: u64) -> Self {
        self.limit("codes", most.into())
    }

    /// Pieces that may be discounted in all.
    pub fn units_limit(self, most: u64) -> Self {
        self.limit("units", most.into())
    }

    /// Money that may be given away in all, a budget per currency.
    pub fn budget(self, money: Amounts) -> Self {
        self.limit("money", money.write())
    }

    /// What happens where the budget or the pieces left are less than the coupon is worth.
    pub fn when_short(self, when_short: WhenShort) -> Self {
        self.limit("when_short", when_short.write())
    }

    /// One more condition that must hold.
    pub fn condition(mut self, condition: impl Into<Condition>) -> Self {
        self.conditions.push(condition.into().write());
        self
    }

    /// One more benefit.
    pub fn benefit(mut self, benefit: impl Into<Benefit>) -> Self {
        self.benefits.push(benefit.into().write());
        self
    }

    /// One more benefit: so many percent off, as text such as `10` or `33.333`.
    pub fn percent_off(mut self, percent: &str) -> Self {
        self.benefits.push(tagged("percent", tagged("off", percent.into())));
        self
    }

    /// One more benefit: an amount off, once per order. For amounts in several currencies there is
    /// [`AmountOff`](crate::AmountOff).
    pub fn amount_off(mut self, amount: Money) -> Self {
        let off = DraftValue::map([(amount.currency().to_string(), amount.amount_text())]);
        self.benefits.push(tagged("amount", tagged("off", off)));
        self
    }

    /// The customer type that redeeming assigns.
    pub fn assign(self, assign: TypeAssignment) -> Self {
        self.put("assign", assign.write())
    }

    /// What it may stand beside.
    pub fn combination(self, combination: Combination) -> Self {
        self.put("combination", combination.write())
    }

    /// Higher goes first.
    pub fn priority(self, priority: i32) -> Self {
        self.put("priority", priority.into())
    }

    /// The discount account that its amounts are booked on.
    pub fn account(self, account: AccountId) -> Self {
        self.put("account", account.write())
    }

    /// Who pays for the discount.
    pub fn funding(self, funding: Funding) -> Self {
        self.put("funding", funding.write())
    }

    /// What becomes of the part of an amount that a payment of a subscription cannot take.
    pub fn remainder(self, remainder: Remainder) -> Self {
        self.put("remainder", remainder.write())
    }

    /// Which payments of a subscription it lowers.
    pub fn payments(self, payments: Payments) -> Self {
        self.put("payments", payments.write())
    }

    /// The campaign it belongs to.
    pub fn campaign(self, campaign: CampaignId) -> Self {
        self.put("campaign", campaign.write())
    }
}

/// Puts a field, in the place of an earlier one of its name if there is one.
fn place(fields: &mut Vec<(String, DraftValue)>, name: &str, value: DraftValue) {
    match fields.iter_mut().find(|(field, _)| field == name) {
        Some((_, old)) => *old = value,
        None => fields.push((name.to_owned(), value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coupon::AssignWhen;
    use crate::key::CustomerTypeId;
    use crate::money::Currency;
    use std::num::NonZeroU32;

    #[test]
    fn every_field_reaches_the_coupon() {
        let instant = crate::parse_instant("2026-03-29T22:00:00Z").unwrap();
        let builder = Coupon::builder("c")
            .revision(2)
            .name("internal")
            .description("shown")
            .status(Status::Inactive)
            .kind(Kind::General)
            .code_format(CodeFormat::Imported)
            .code("20% off")
            .level(Level::Order)
            .scope(Scope::OnSale)
            .availability(Validity::Always)
            .instants(None, Some(instant))
            .total_limit(1)
            .per_code_limit(2)
            .per_customer_limit(3)
            .per_customer_and_code_limit(4)
            .codes_limit(5)
            .units_limit(6)
            .budget(Amounts::new([Money::new(740, Currency::USD)]).unwrap())
            .when_short(WhenShort::Refuse)
            .condition(Condition::FirstOrder)
            .percent_off("10")
            .amount_off(Money::new(1_000, Currency::USD))
            .benefit(Benefit::None)
            .assign(TypeAssignment::new(CustomerTypeId::new("CLUB").unwrap(), AssignWhen::NextOrder))
            .combination(Combination::default().alone())
            .priority(9)
            .account(AccountId::new("R-1").unwrap())
            .funding(Funding::Seller)
            .payments(Payments::FirstN(NonZeroU32::MIN))
            .campaign(CampaignId::new("spring").unwrap());
        let json = r#"{"version":1,"id":"c","revision":2,"name":"internal","description":"shown","status":"inactive","code_format":"imported","code":"20% OFF","level":"order","scope":"on_sale","validity":{"ends_at":"2026-03-29T22:00:00Z"},"limits":{"total":1,"per_code":2,"per_customer":3,"per_customer_and_code":4,"codes":5,"units":6,"money":{"USD":"7.40"},"when_short":"refuse"},"conditions":["first_order"],"benefits":[{"percent":{"off":"10"}},{"amount":{"off":{"USD":"10.00"}}},"none"],"assign":{"to":"CLUB","when":"next_order"},"combination":{"exclusive":true},"priority":9,"account":"R-1","payments":{"first_n":1},"campaign":"spring"}"#;
        assert_eq!(serde_json::to_string(&builder.build().unwrap()).unwrap(), json);
    }

    #[test]
    fn the_last_word_counts() {
        let coupon =
            Coupon::builder("c").percent_off("10").code("A").code("B").countdown(2, 3).days(None, None).build();
        let coupon = coupon.unwrap();
        assert_eq!(coupon.code().unwrap().as_str(), "B");
        assert_eq!(coupon.validity(), &Validity::Always);
    }

    #[test]
    fn it_goes_through_the_same_check() {
        let errors = Coupon::builder("").kind(Kind::Personal).code("A").countdown(0, 0).total_limit(0).build();
        let errors = errors.unwrap_err();
        for path in ["id", "code", "validity.countdown.days", "limits.total", "benefits"] {
            assert!(errors.at(path).is_some(), "{path} in {errors}");
        }
    }
}
