//! What is asked for when earned codes are issued.

use chrono::{DateTime, Utc};

use super::IssueRequest;
use crate::outcome::Grant;

impl Grant {
    /// What to ask for when its codes are issued (S102): one request for each code, with the holder, the occasion and the
    /// window that belong to it.
    ///
    /// Hand in the instant at which the codes were *earned*, that of the order, not that of the issue: whoever bought on
    /// the last day of the availability has earned the code, though it is issued the next morning (S100), and a countdown
    /// runs from there.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
    /// let coupon: Coupon = serde_json::from_str(
    ///     r#"{"version": 1, "id": "thanks", "kind": "personal", "benefits": [{"percent": {"off": "10"}}],
    ///         "earn": [{"purchase": {"codes": 2}}], "availability": {"thru": "2026-03-29"},
    ///         "validity": {"countdown": {"days": 30}}}"#,
    /// )?;
    /// let earnings = shop.earnings([coupon.clone()])?;
    /// let line = Line::new(LineId(1), Product::new("BOOT".parse()?), Quantity::ONE, UnitPrice::parse("80.00")?);
    /// let order = Order::builder(Currency::USD).line(line).build()?;
    /// let (ann, at) = (Customer::new([IdentityKey::id("42")?]), parse_instant("2026-03-29T23:59:00Z")?);
    /// let request = Request::new(&order, &ann, Reference::Order("o-1".parse()?), at).with_earnings(&earnings);
    /// let redemption = shop.evaluate(&request)?.redemption()?;
    ///
    /// // The next morning.
    /// let issuing = shop.issuing(&coupon)?;
    /// let free = ["K7WQ-93MX", "P2HD-8VRT"];
    /// for (request, code) in redemption.grants()[0].requests(redemption.priced_at()).zip(free) {
    ///     let issued = issuing.issue(Code::parse(code, CodeFormat::Standard)?, &request)?;
    ///     assert_eq!(issued.holder(), Some(&IdentityKey::id("42")?));
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn requests(&self, earned_at: DateTime<Utc>) -> impl Iterator<Item = IssueRequest> + '_ {
        self.occasions().map(move |occasion| {
            let request = IssueRequest::new(earned_at).with_occasion(occasion);
            let request =
                self.holder().into_iter().fold(request, |request, holder| request.with_holder(holder.clone()));
            self.window().into_iter().fold(request, IssueRequest::with_window)
        })
    }
}
