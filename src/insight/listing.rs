//! Listings of coupons: by status at an instant, upcoming, by product, kind, name and campaign (S30, S83, S88).

use chrono::{DateTime, Utc};

use crate::calendar::{Phase, Window};
use crate::coupon::{Kind, Status, Validity};
use crate::form::choices;
use crate::key::CampaignId;
use crate::money::Money;
use crate::order::Product;
use crate::shop::Prepared;

choices! {
    /// What a definition is at an instant: its stored [`Status`], and its dates (S30).
    ///
    /// | stored | and its window | is |
    /// |---|---|---|
    /// | active | has not begun | scheduled |
    /// | active | is open | live |
    /// | active | is over | ended |
    /// | expired | | ended |
    /// | inactive | | off |
    ///
    /// ```
    /// use vouchsafe::EffectiveStatus;
    ///
    /// assert_eq!(serde_json::to_string(&EffectiveStatus::Scheduled)?, r#""scheduled""#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub enum EffectiveStatus {
        /// It will be.
        Scheduled = "scheduled",
        /// Its codes can be used.
        Live = "live",
        /// It is over.
        Ended = "ended",
        /// It was switched off.
        Off = "off",
    }
}

impl Prepared {
    /// What the definition is at an instant (S30).
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
    /// let day = |text| parse_date(text).map(Some);
    /// let spring = Coupon::builder("spring").code("SPRING").percent_off("10");
    /// let spring = shop.prepare(spring.days(day("2026-03-01")?, day("2026-05-31")?).build()?)?;
    /// let status = |text| parse_instant(text).map(|at| spring.status_at(at));
    /// assert_eq!(status("2026-02-28T23:59:59Z")?, EffectiveStatus::Scheduled);
    /// assert_eq!(status("2026-05-31T23:59:59Z")?, EffectiveStatus::Live);
    /// assert_eq!(status("2026-06-01T00:00:00Z")?, EffectiveStatus::Ended);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn status_at(&self, at: DateTime<Utc>) -> EffectiveStatus {
        match self.coupon().status() {
            Status::Inactive => EffectiveStatus::Off,
            Status::Expired => EffectiveStatus::Ended,
            Status::Active => match self.usable().map(|window| window.phase(at)) {
                Some(Phase::Scheduled) => EffectiveStatus::Scheduled,
                Some(Phase::Live) => EffectiveStatus::Live,
                Some(Phase::Ended) | None => EffectiveStatus::Ended,
            },
        }
    }

    /// When any code of it could be used, by its dates alone; none where that is never.
    ///
    /// A shared code follows the dates of use. A code that is issued one by one exists from the first day on which it can
    /// be given or earned, and where it counts down from then, the last one ends that long after the last such day.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
    /// // Earned in March, good for ten days each: the last one ends on 10 April.
    /// let march: Validity = serde_json::from_str(r#"{"from": "2026-03-01", "thru": "2026-03-31"}"#)?;
    /// let earned = Coupon::builder("earned").percent_off("10").availability(march).countdown(10, 0).build()?;
    /// let usable = shop.prepare(earned)?.usable().ok_or("never")?;
    /// assert_eq!(usable.from(), Some(parse_instant("2026-03-01T00:00:00Z")?));
    /// assert_eq!(usable.until(), Some(parse_instant("2026-04-11T00:00:00Z")?));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn usable(&self) -> Option<Window> {
        let (coupon, available) = (self.coupon(), self.availability());
        if coupon.code().is_some() {
            return Some(self.window());
        }
        let until = match (coupon.validity(), available.until()) {
            (Validity::Countdown(countdown), Some(last)) => {
                Window::countdown(last, countdown.days(), countdown.hours()).ok().and_then(|window| window.until())
            }
            _ => None,
        };
        let given = Window::instants(available.from(), until).unwrap_or_default();
        self.window().intersect(&given)
    }
}

choices! {
    /// In which order a listing comes; those that are alike come by id.
    ///
    /// ```
    /// use vouchsafe::ListOrder;
    ///
    /// assert_eq!(ListOrder::default(), ListOrder::Start);
    /// ```
    pub enum ListOrder {
        /// By the first instant of use; those that were always open first.
        Start = "start",
        /// By the merchant's own name, whatever its case; those without a name first.
        Name = "name",
        /// By id.
        Id = "id",
    }
}

/// What a listing of coupons looks for; everything that is asked for must hold.
///
/// For the pages of the merchant: it knows internal names. What a shopper is told are the [terms](crate::Terms).
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let made = |id: &str, from| -> Result<Prepared, Box<dyn std::error::Error>> {
///     let coupon = Coupon::builder(id).name(&format!("{id} campaign")).code(id).percent_off("10");
///     Ok(shop.prepare(coupon.days(parse_date(from).ok(), None).build()?)?)
/// };
/// let all = [made("summer", "2026-06-01")?, made("easter", "2026-04-01")?, made("winter", "2025-12-01")?];
///
/// // Upcoming within the next hundred days, the earliest first:
/// let (now, until) = (parse_instant("2026-03-29T12:00:00Z")?, parse_instant("2026-07-07T12:00:00Z")?);
/// let upcoming = CouponQuery::new().upcoming(now, until).find(&all);
/// let ids: Vec<&str> = upcoming.iter().map(|found| found.coupon().id().as_str()).collect();
/// assert_eq!(ids, ["easter", "summer"]);
///
/// let named = CouponQuery::new().named("Winter").with_status(EffectiveStatus::Live, now).find(&all);
/// assert_eq!(named.len(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct CouponQuery<'a> {
    status: Option<(EffectiveStatus, DateTime<Utc>)>,
    within: Option<Window>,
    kind: Option<Kind>,
    name: Option<String>,
    campaign: Option<&'a CampaignId>,
    product: Option<(&'a Product, Money)>,
    order: ListOrder,
}

impl<'a> CouponQuery<'a> {
    /// Every coupon, by its first instant of use.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Those of this status at an instant (S30).
    #[must_use]
    pub fn with_status(mut self, status: EffectiveStatus, at: DateTime<Utc>) -> Self {
        self.status = Some((status, at));
        self
    }

    /// Those that are scheduled at an instant and begin before another one (S30).
    #[must_use]
    pub fn upcoming(self, at: DateTime<Utc>, until: DateTime<Utc>) -> Self {
        // Those whose window would be empty begin at no instant between the two.
        let nothing = Window::instants(Some(at), at.checked_add_signed(chrono::TimeDelta::nanoseconds(1)));
        let window = Window::instants(Some(at), Some(until)).or(nothing).unwrap_or_default();
        self.with_status(EffectiveStatus::Scheduled, at).within(window)
    }

    /// Those that are switched on and can be used at some instant of a window.
    #[must_use]
    pub fn within(mut self, window: Window) -> Self {
        self.within = Some(window);
        self
    }

    /// Those of this kind (S88).
    #[must_use]
    pub fn of_kind(mut self, kind: Kind) -> Self {
        self.kind = Some(kind);
        self
    }

    /// Those whose internal name contains this text, whatever its case (S88).
    #[must_use]
    pub fn named(mut self, text: &str) -> Self {
        self.name = Some(text.to_lowercase());
        self
    }

    /// Those of this campaign.
    #[must_use]
    pub fn of_campaign(mut self, campaign: &'a CampaignId) -> Self {
        self.campaign = Some(campaign);
        self
    }

    /// Those whose scope covers a product at this price of one unit (S83).
    #[must_use]
    pub fn covering(mut self, product: &'a Product, unit_price: Money) -> Self {
        self.product = Some((product, unit_price));
        self
    }

    /// In this order.
    #[must_use]
    pub fn ordered_by(mut self, order: ListOrder) -> Self {
        self.order = order;
        self
    }

    /// Whether a coupon is looked for.
    #[must_use]
    pub fn matches(&self, prepared: &Prepared) -> bool {
        let coupon = prepared.coupon();
        let usable = |window: &Window| {
            coupon.status() == Status::Active && prepared.usable().is_some_and(|u| u.intersect(window).is_some())
        };
        self.kind.is_none_or(|kind| coupon.kind() == kind)
            && self.campaign.is_none_or(|campaign| coupon.campaign() == Some(campaign))
            && self.name.as_ref().is_none_or(|text| coupon.name().is_some_and(|n| n.to_lowercase().contains(text)))
            && self.status.is_none_or(|(status, at)| prepared.status_at(at) == status)
            && self.within.as_ref().is_none_or(usable)
            && self.product.is_none_or(|(product, price)| prepared.covers(product, price))
    }

    /// Those of several coupons that are looked for, in the order that was asked for.
    #[must_use]
    pub fn find<'p>(&self, coupons: impl IntoIterator<Item = &'p Prepared>) -> Vec<&'p Prepared> {
        let mut found: Vec<&Prepared> = coupons.into_iter().filter(|coupon| self.matches(coupon)).collect();
        found.sort_by(|a, b| a.coupon().id().cmp(b.coupon().id()));
        match self.order {
            ListOrder::Id => {}
            ListOrder::Name => found.sort_by_cached_key(|p| p.coupon().name().map(str::to_lowercase)),
            ListOrder::Start => found.sort_by_key(|p| p.usable().and_then(|window| window.from())),
        }
        found
    }
}
