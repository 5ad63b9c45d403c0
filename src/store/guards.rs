//! Guards that need no storage, the same for every store.

use chrono::{DateTime, Utc};

use super::{Grace, Objection};
use crate::outcome::{Guard, Redemption};

impl Redemption {
    /// What says no without a look at what is stored: the windows at this instant, the total that the shopper saw, a type
    /// for nobody. For stores, which add what their rows say: revisions of coupons and of the
    /// customer's types, issued codes, counters.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
    /// let (at, noon) = (parse_instant("2026-03-01T12:00:00Z")?, parse_instant("2026-03-02T12:00:00Z")?);
    /// let spring = Coupon::builder("spring").code("SPRING").percent_off("10").instants(None, Some(noon)).build()?;
    /// let spring = shop.prepare(spring)?;
    ///
    /// let line = Line::new(LineId(1), Product::new("BOOTS".parse()?), Quantity::pieces(1)?, UnitPrice::parse("60.00")?);
    /// let order = Order::builder(Currency::USD).line(line).build()?;
    /// let (nobody, reference) = (Customer::anonymous(), Reference::Order("o-1".parse()?));
    /// let codes = [Presented::new("SPRING", &spring)];
    /// let redemption = shop.evaluate(&Request::new(&order, &nobody, reference, at).with_codes(&codes))?.redemption()?;
    ///
    /// assert!(redemption.objections_at(at).is_empty());
    /// assert_eq!(redemption.objections_at(noon)[0].to_string(), "`spring` is valid until 2026-03-02T12:00:00Z");
    /// // A hold is never longer than its coupons are valid.
    /// assert_eq!(redemption.hold_until(noon + chrono::TimeDelta::minutes(30)), noon);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn objections_at(&self, at: DateTime<Utc>) -> Vec<Objection> {
        self.objections_within(at, Grace::NONE)
    }

    /// The same by clocks that may be [apart](Grace): a window begins so much earlier and ends so much later, so that an
    /// order that was priced in it can be recorded by a server whose clock says otherwise. For stores.
    ///
    /// What was counted stays counted as it was priced: an order of the last second of March takes from the allowance of
    /// March, though the clock of the server that records it shows April.
    #[must_use]
    pub fn objections_within(&self, at: DateTime<Utc>, grace: Grace) -> Vec<Objection> {
        let mut objections = Vec::new();
        for guard in self.guards() {
            match guard {
                Guard::Window { coupon, from, until } => {
                    if !grace.covers(*from, *until, at) {
                        objections.push(Objection::OutsideWindow {
                            coupon: coupon.clone(),
                            from: *from,
                            until: *until,
                        });
                    }
                }
                Guard::Allowance { allowance, from, until } => {
                    if !grace.covers(*from, *until, at) {
                        let (allowance, from, until) = (allowance.clone(), *from, *until);
                        objections.push(Objection::OutsideAllowance { allowance, from, until });
                    }
                }
                Guard::Seen { digest } => {
                    let found = self.digest();
                    if *digest != found {
                        objections.push(Objection::TotalChanged { seen: *digest, found });
                    }
                }
                Guard::Revision { .. } | Guard::CodeLive { .. } | Guard::Types { .. } => {}
            }
        }
        if self.counted().is_empty() {
            for change in self.type_changes() {
                let objection = Objection::CustomerRequired { coupon: change.cause.coupon().cloned() };
                if !objections.contains(&objection) {
                    objections.push(objection);
                }
            }
        }
        objections
    }

    /// How long a hold of it may live: as asked, but not past the end of any window, since it could not be committed
    /// there. For stores.
    #[must_use]
    pub fn hold_until(&self, asked: DateTime<Utc>) -> DateTime<Utc> {
        let ends = self.guards().iter().filter_map(|guard| match guard {
            Guard::Window { until, .. } | Guard::Allowance { until, .. } => *until,
            Guard::Revision { .. } | Guard::CodeLive { .. } | Guard::Types { .. } | Guard::Seen { .. } => None,
        });
        ends.fold(asked, DateTime::min)
    }
}
