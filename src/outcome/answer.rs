//! What became of a code.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::calendar::Window;
use crate::coupon::{Benefit, Code, Coupon, ShippingValue};
use crate::key::CouponId;
use crate::money::{Currency, Money};
use crate::order::LineId;
use crate::refusal::Refusal;

/// How a presented code ended.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let post = Coupon::builder("post").code("POST").benefit(ShippingOff::new(ShippingValue::Free)).build()?;
/// let post = shop.prepare(post)?;
/// let line = Line::new(LineId(1), Product::new("BOOT".parse()?), Quantity::pieces(2)?, UnitPrice::parse("30.00")?);
/// let order = Order::builder(Currency::USD).line(line).build()?;
/// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
/// let codes = [Presented::new("POST", &post)];
/// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
/// let outcome = shop.evaluate(&request)?;
/// assert_eq!(outcome.answers()[0].state(), AnswerState::WaitingForShipping); // no shipping was chosen yet
/// assert!(outcome.redemption()?.coupons().is_empty());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerState {
    /// Applied: it will be counted as used.
    Applied,
    /// Refused, with reasons.
    #[default]
    Refused,
    /// A shipping coupon on an order without shipping yet: neither refused nor counted.
    WaitingForShipping,
}

/// What became of one presented code: applied with its figures, refused with its reasons, or waiting for shipping.
///
/// For the host: names the definition and every internal reason. What a browser may see of it is
/// [`PublicAnswer`](crate::PublicAnswer).
///
/// A $100 coupon on a $50 order takes 50.00; the rest is lost, and no credit arises (S63, S64, S97, V1):
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// let usd = |text| Money::parse(text, Currency::USD);
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let gift = shop.prepare(Coupon::builder("gift").code("GIFT").amount_off(usd("100.00")?).build()?)?;
/// let book = Product::new("BOOK".parse()?);
/// let order = Order::builder(Currency::USD)
///     .line(Line::new(LineId(1), book, Quantity::pieces(1)?, UnitPrice::parse("50.00")?))
///     .build()?;
/// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
/// let codes = [Presented::new("gift", &gift)];
/// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
/// let outcome = shop.evaluate(&request)?;
/// let answer = &outcome.answers()[0];
/// assert!(answer.is_applied());
/// assert_eq!((answer.discount(), answer.forfeited()), (usd("50.00")?, usd("50.00")?));
/// assert_eq!(outcome.totals().payable(), usd("0.00")?);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub(crate) entered: String,
    pub(crate) code: Option<Code>,
    pub(crate) coupon: Option<CouponId>,
    /// The terms it was applied under; stored with the outcome.
    pub(crate) terms: Option<Arc<Coupon>>,
    pub(crate) state: AnswerState,
    pub(crate) reasons: Vec<Refusal>,
    pub(crate) line: Option<LineId>,
    pub(crate) window: Window,
    pub(crate) issued: bool,
    pub(crate) currency: Currency,
    pub(crate) wanted: i64,
    pub(crate) granted: i64,
    pub(crate) forfeited: i64,
    pub(crate) third_party: i64,
    pub(crate) units: u64,
    pub(crate) units_wanted: u64,
    pub(crate) trial_days: Option<u32>,
}

impl Answer {
    pub(crate) fn blank(currency: Currency) -> Self {
        Self {
            entered: String::new(),
            code: None,
            coupon: None,
            terms: None,
            state: AnswerState::Refused,
            reasons: Vec::new(),
            line: None,
            window: Window::ALWAYS,
            issued: false,
            currency,
            wanted: 0,
            granted: 0,
            forfeited: 0,
            third_party: 0,
            units: 0,
            units_wanted: 0,
            trial_days: None,
        }
    }

    fn money(&self, minor: i64) -> Money {
        Money::new(minor, self.currency)
    }

    /// What the shopper typed.
    #[must_use]
    pub fn entered(&self) -> &str {
        &self.entered
    }

    /// The code in its canonical form; none where it is unknown.
    #[must_use]
    pub fn code(&self) -> Option<&Code> {
        self.code.as_ref()
    }

    /// The definition; none where the code is unknown.
    #[must_use]
    pub fn coupon(&self) -> Option<&CouponId> {
        self.coupon.as_ref()
    }

    /// The terms under which it was applied, as they stood then; none where it was refused. Stored with the outcome, so
    /// that a placed order never sees a later revision.
    #[must_use]
    pub fn terms(&self) -> Option<&Coupon> {
        self.terms.as_deref()
    }

    /// How it ended.
    #[must_use]
    pub fn state(&self) -> AnswerState {
        self.state
    }

    /// Whether it was applied.
    #[must_use]
    pub fn is_applied(&self) -> bool {
        self.state == AnswerState::Applied
    }

    /// Why it was refused: every reason that holds at the step where it fell; empty where it was not refused.
    #[must_use]
    pub fn reasons(&self) -> &[Refusal] {
        &self.reasons
    }

    /// The line it was entered on.
    #[must_use]
    pub fn line(&self) -> Option<LineId> {
        self.line
    }

    /// The text an order form and an invoice show (S75); empty where it was not applied.
    #[must_use]
    pub fn description(&self) -> &str {
        self.terms.as_ref().map_or("", |terms| terms.description())
    }

    /// What it took off in all.
    #[must_use]
    pub fn discount(&self) -> Money {
        self.money(self.granted)
    }

    /// What it would have taken off had its budget not run short.
    #[must_use]
    pub fn wanted(&self) -> Money {
        self.money(self.wanted)
    }

    /// The part of its amount that found nothing to be taken off, and is lost (S63). No credit arises (S64).
    #[must_use]
    pub fn forfeited(&self) -> Money {
        self.money(self.forfeited)
    }

    /// The part of the discount that a third party reimburses.
    #[must_use]
    pub fn third_party(&self) -> Money {
        self.money(self.third_party)
    }

    /// How many units it discounted.
    #[must_use]
    pub fn units(&self) -> u64 {
        self.units
    }

    /// How many units it would have discounted had its limit of units not run short. As many as it did, where it has no
    /// such limit.
    #[must_use]
    pub fn units_wanted(&self) -> u64 {
        self.units_wanted
    }

    /// Trial days, as data: the first charge of the subscription is that much later (S67).
    #[must_use]
    pub fn trial_days(&self) -> Option<u32> {
        self.trial_days
    }

    /// The value as an order form shows it (S85): a percentage, or the amount that was taken off.
    pub(crate) fn value_text(&self) -> String {
        if let Some(terms) = &self.terms {
            match terms.benefits() {
                [Benefit::Percent(percent)] => return format!("{}%", percent.off()),
                [Benefit::Trial(trial)] => return format!("{} days free", trial.days()),
                [Benefit::Gift(_)] => return "gift".to_owned(),
                [Benefit::Shipping(shipping)] if matches!(shipping.value(), ShippingValue::Free) => {
                    return "free shipping".to_owned();
                }
                _ => {}
            }
        }
        self.discount().amount_text()
    }
}
