//! The coupons that can be earned, prepared once.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::calendar::{Window, Zone};
use crate::coupon::{Coupon, EarnRule, EarnTrigger, Status};
use crate::error::{Error, Why};
use crate::key::KeyIndex;
use crate::policy::Policy;

use super::Shop;
use super::matcher::Matcher;

/// The coupons of a shop that can be earned, checked and prepared: made once by [`Shop::earnings`], and handed to every
/// evaluation with [`Request::with_earnings`](crate::Request::with_earnings). Cheap to clone.
///
/// Those that are switched off, or not [available](Coupon::availability) at the instant of the order, earn nothing, so
/// that a set can be kept until a definition changes. An order looks at each rule once for each of its lines.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let birthday = AnniversaryTrigger::new("birthday".parse()?, 7, 7)?;
/// let coupon = Coupon::builder("cake").kind(Kind::Personal).percent_off("15").earn(EarnRule::new(birthday)).build()?;
/// let earnings = shop.earnings([coupon])?;
/// assert_eq!(earnings.coupons().count(), 1);
///
/// // What a nightly job finds for one customer.
/// let ann = Customer::new([IdentityKey::id("42")?]).with_date("birthday".parse()?, "06-15".parse()?);
/// let grants = earnings.anniversaries(&ann, parse_instant("2026-06-10T03:00:00Z")?)?;
/// assert_eq!(grants[0].occasion().as_str(), "date/birthday/2026");
/// assert!(earnings.anniversaries(&ann, parse_instant("2026-07-10T03:00:00Z")?)?.is_empty());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Earnings(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    policy: Policy,
    coupons: Vec<Earnable>,
}

/// One coupon that can be earned.
#[derive(Debug)]
pub(crate) struct Earnable {
    pub(crate) coupon: Coupon,
    /// When it can be earned.
    available: Window,
    rules: Vec<(EarnRule, Matcher)>,
}

impl Earnable {
    fn new(coupon: Coupon, zone: &Zone) -> Result<Self, Error> {
        let available = coupon.availability().window_in(zone)?;
        let matcher = |rule: &EarnRule| match rule.trigger() {
            EarnTrigger::Purchase(purchase) => Matcher::new(purchase.scope()),
            EarnTrigger::Event(_) | EarnTrigger::Anniversary(_) => Matcher::Everything,
        };
        let rules = coupon.earn().iter().map(|rule| (rule.clone(), matcher(rule))).collect();
        Ok(Self { coupon, available, rules })
    }

    /// The rules with what each covers, and their places, counted from 1.
    pub(crate) fn rules(&self) -> impl Iterator<Item = (usize, &EarnRule, &Matcher)> {
        (1..).zip(&self.rules).map(|(place, (rule, matcher))| (place, rule, matcher))
    }
}

impl Earnings {
    /// The definitions, in the order given.
    pub fn coupons(&self) -> impl Iterator<Item = &Coupon> {
        self.0.coupons.iter().map(|earnable| &earnable.coupon)
    }

    /// The merchant's choices.
    pub(crate) fn policy(&self) -> &Policy {
        &self.0.policy
    }

    /// Those that can be earned at an instant.
    pub(crate) fn at(&self, at: DateTime<Utc>) -> impl Iterator<Item = &Earnable> {
        let open = move |e: &&Earnable| e.coupon.status() == Status::Active && e.available.contains(at);
        self.0.coupons.iter().filter(open)
    }
}

impl Shop {
    /// Prepares the coupons that can be earned (S99).
    ///
    /// # Errors
    /// At `coupons[i]`: [`Why::Missing`] at `earn` of a definition that cannot be earned, [`Why::Duplicate`] at `id` of one
    /// that stands twice, and a day of its availability that the zone cannot place on the time line.
    ///
    /// ```
    /// use vouchsafe::{Coupon, Currency, Policy, Shop, Zone};
    ///
    /// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
    /// let shared = Coupon::builder("spring").code("SPRING").percent_off("10").build()?;
    /// assert_eq!(shop.earnings([shared]).unwrap_err().to_string(), "`coupons[0].earn` is missing");
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    pub fn earnings(&self, coupons: impl IntoIterator<Item = Coupon>) -> Result<Earnings, Error> {
        let (mut prepared, mut ids) = (Vec::new(), KeyIndex::default());
        for (i, coupon) in coupons.into_iter().enumerate() {
            if coupon.earn().is_empty() {
                return Err(Error::invalid(format!("coupons[{i}].earn"), "", Why::Missing));
            }
            if !ids.insert(coupon.id().clone()) {
                return Err(Error::invalid(format!("coupons[{i}].id"), coupon.id(), Why::Duplicate));
            }
            let earnable = Earnable::new(coupon, self.policy().zone());
            prepared.push(earnable.map_err(|error| error.under(&format!("coupons[{i}].availability")))?);
        }
        Ok(Earnings(Arc::new(Inner { policy: self.policy().clone(), coupons: prepared })))
    }
}
