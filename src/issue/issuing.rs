//! The rules under which a code is handed out.

use chrono::{DateTime, Utc};

use crate::calendar::{Phase, Window};
use crate::coupon::{Code, Coupon, Kind, Status, Validity};
use crate::error::Error;
use crate::request::IssuedCode;
use crate::shop::Shop;

use super::{CodePattern, IssueRefusal, IssueRequest};

/// A definition made ready to hand out codes: its dates are instants in the merchant's zone.
///
/// Made by [`Shop::issuing`]. It decides and makes; it stores nothing, counts nothing and draws no code. Whether a code
/// is still free, whether as many are issued as the definition allows (S81), and whether this occasion had its code
/// already, the store knows: [`MemoryStore::issue_once`](crate::MemoryStore::issue_once).
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let gift = Coupon::builder("gift")
///     .kind(Kind::Personal)
///     .percent_off("10")
///     .validity(Validity::Countdown(Countdown::new(2, 3)?))
///     .build()?;
/// let issuing = shop.issuing(&gift)?;
///
/// let request = IssueRequest::new(parse_instant("2026-03-28T12:00:00Z")?).with_holder(IdentityKey::id("42")?);
/// let issued = issuing.issue(Code::parse("K7WQ-93MX", CodeFormat::Standard)?, &request)?;
/// assert_eq!(issued.holder(), Some(&IdentityKey::id("42")?));
///
/// // Two days and three hours from the moment of issue, whatever the clocks on the wall do meanwhile.
/// let until = issuing.window(&request)?.until();
/// assert_eq!(until, Some(parse_instant("2026-03-30T15:00:00Z")?));
/// # Ok(())
/// # }
/// ```
///
/// # A code for nobody in particular
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let (at, code) = (parse_instant("2026-03-28T12:00:00Z")?, Code::parse("K7WQ-93MX", CodeFormat::Standard)?);
/// let gift = Coupon::builder("gift").kind(Kind::Personal).percent_off("10").build()?;
/// let refused = shop.issuing(&gift)?.issue(code.clone(), &IssueRequest::new(at)).unwrap_err();
/// assert_eq!(refused, IssueRefusal::HolderRequired);
///
/// // A general coupon that has no shared code gives bearer codes.
/// let patrol = Coupon::builder("patrol").percent_off("40").per_code_limit(1).build()?;
/// let issued = shop.issuing(&patrol)?.issue(code, &IssueRequest::new(at))?;
/// assert_eq!(issued.holder(), None);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Issuing<'c> {
    coupon: &'c Coupon,
    availability: Window,
    validity: Window,
    pattern: Option<&'c CodePattern>,
}

impl Shop {
    /// Makes a definition ready to hand out codes.
    ///
    /// # Errors
    /// At a path under `availability` or `validity`: local days that this shop's time zone does not have, or that lie
    /// outside of representable time.
    pub fn issuing<'c>(&self, coupon: &'c Coupon) -> Result<Issuing<'c>, Error> {
        let zone = self.policy().zone();
        Ok(Issuing {
            coupon,
            availability: coupon.availability().window_in(zone).map_err(|error| error.under("availability"))?,
            validity: coupon.validity().window_in(zone).map_err(|error| error.under("validity"))?,
            pattern: None,
        })
    }
}

impl<'c> Issuing<'c> {
    /// Hands out codes of this pattern only: with its prefix, its length and a check character that is right. For codes
    /// that come from elsewhere, such as a printer's list or an operator's keyboard.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
    /// let patrol = Coupon::builder("patrol").percent_off("40").per_code_limit(1).build()?;
    /// let pattern = CodePattern::new().with_prefix("SKI")?;
    /// let issuing = shop.issuing(&patrol)?.with_pattern(&pattern);
    /// let typed = Code::parse("SKI-WINTER", CodeFormat::Standard)?;
    /// let refused = issuing.issue(typed, &IssueRequest::new(parse_instant("2026-03-28T12:00:00Z")?)).unwrap_err();
    /// assert_eq!(refused.code(), "wrong_pattern");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_pattern(mut self, pattern: &'c CodePattern) -> Self {
        self.pattern = Some(pattern);
        self
    }

    /// The definition.
    #[must_use]
    pub fn coupon(&self) -> &'c Coupon {
        self.coupon
    }

    /// When codes can be given or earned.
    #[must_use]
    pub fn availability(&self) -> Window {
        self.availability
    }

    /// When codes can be used, as far as the dates of the definition go; always where it counts down from the issue of each.
    #[must_use]
    pub fn validity(&self) -> Window {
        self.validity
    }

    /// The window in which a code that is issued on this request can be used: the dates of the definition, its countdown
    /// from the moment of issue, and the window that was asked for, all at once.
    ///
    /// # Errors
    /// Why no code is issued on this request, whatever the code.
    pub fn window(&self, request: &IssueRequest) -> Result<Window, IssueRefusal> {
        let (coupon, at) = (self.coupon, request.at());
        if coupon.status() != Status::Active {
            return Err(IssueRefusal::NotActive { status: coupon.status() });
        }
        if coupon.code().is_some() {
            return Err(IssueRefusal::SharedCode);
        }
        if coupon.kind() == Kind::Personal && request.holder().is_none() {
            return Err(IssueRefusal::HolderRequired);
        }
        Window::instants(Some(at), None).map_err(|_| IssueRefusal::BeyondTime)?;
        match self.availability.phase(request.earned_at().unwrap_or(at)) {
            Phase::Live => {}
            Phase::Scheduled => {
                return Err(IssueRefusal::NotYetAvailable { from: self.availability.from().unwrap_or(at) });
            }
            Phase::Ended => {
                return Err(IssueRefusal::NoLongerAvailable { until: self.availability.until().unwrap_or(at) });
            }
        }
        let counted = self.counted_from(at).map_err(|_| IssueRefusal::BeyondTime)?;
        let own = request.window().unwrap_or_default();
        // What is over is named before what never was: the operator sees which date to look at.
        for window in [counted, own] {
            if let Some(until) = window.until().filter(|until| *until <= at) {
                return Err(IssueRefusal::ValidityOver { until });
            }
        }
        counted.intersect(&own).ok_or(IssueRefusal::OutsideValidity)
    }

    /// The window in which a code that was issued can be used; none where there is no instant in it. The definition may
    /// have been revised since the code was handed out.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
    /// let two_days = Validity::Countdown(Countdown::new(2, 0)?);
    /// let coupon = Coupon::builder("gift").percent_off("10").validity(two_days).build()?;
    /// let at = parse_instant("2026-03-28T12:00:00Z")?;
    /// let issued = IssuedCode::new(Code::parse("K7WQ-93MX", CodeFormat::Standard)?, at);
    /// let until = shop.issuing(&coupon)?.window_of(&issued).and_then(|window| window.until());
    /// assert_eq!(until, Some(parse_instant("2026-03-30T12:00:00Z")?));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn window_of(&self, issued: &IssuedCode) -> Option<Window> {
        self.counted_from(issued.issued_at()).ok()?.intersect(&issued.window().unwrap_or_default())
    }

    /// The dates of the definition, or its countdown from this instant.
    fn counted_from(&self, at: DateTime<Utc>) -> Result<Window, Error> {
        match self.coupon.validity() {
            Validity::Countdown(countdown) => Window::countdown(at, countdown.days(), countdown.hours()),
            Validity::Always | Validity::Days(_) | Validity::Instants(_) => Ok(self.validity),
        }
    }

    /// Hands out a code. Whether it is judged by availability alone, never by what it will be worth to whom (S100);
    /// but a code that nobody could ever use is not handed out.
    ///
    /// # Errors
    /// Why it is not issued: the first reason there is.
    ///
    /// # Example: given late, used later
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// // To be had in May, to be used in June.
    /// let coupon: Coupon = serde_json::from_str(
    ///     r#"{"version": 1, "id": "june", "availability": {"from": "2026-05-01", "thru": "2026-05-31"},
    ///         "validity": {"from": "2026-06-01", "thru": "2026-06-30"}, "benefits": [{"percent": {"off": "10"}}]}"#,
    /// )?;
    /// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
    /// let issuing = shop.issuing(&coupon)?;
    /// let code = Code::parse("K7WQ-93MX", CodeFormat::Standard)?;
    ///
    /// let may = IssueRequest::new(parse_instant("2026-05-31T23:59:59Z")?);
    /// assert!(issuing.issue(code.clone(), &may).is_ok());
    /// let june = IssueRequest::new(parse_instant("2026-06-01T00:00:00Z")?);
    /// assert_eq!(issuing.issue(code, &june).unwrap_err().code(), "no_longer_available");
    /// # Ok(())
    /// # }
    /// ```
    pub fn issue(&self, code: Code, request: &IssueRequest) -> Result<IssuedCode, IssueRefusal> {
        self.window(request)?;
        if !self.coupon.code_format().holds(&code) {
            return Err(IssueRefusal::WrongFormat { code });
        }
        if self.pattern.is_some_and(|pattern| !pattern.fits(&code)) {
            return Err(IssueRefusal::WrongPattern { code });
        }
        let mut issued = IssuedCode::new(code, request.at());
        issued.holder = request.holder().cloned();
        issued.window = request.window();
        issued.occasion = request.occasion().cloned();
        issued.issued_by = request.by().cloned();
        issued.batch = request.batch().cloned();
        Ok(issued)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{Zone, parse_instant};
    use crate::coupon::CodeFormat;
    use crate::customer::IdentityKey;
    use crate::money::Currency;
    use crate::policy::Policy;

    fn coupon(fields: &str) -> Coupon {
        let comma = if fields.is_empty() { "" } else { "," };
        let json = format!(r#"{{"version":1,"id":"c","benefits":["none"]{comma}{fields}}}"#);
        serde_json::from_str(&json).unwrap()
    }

    /// What is said of a code that is asked for at this instant, in a shop two hours east.
    fn answer(fields: &str, at: &str, change: impl FnOnce(IssueRequest) -> IssueRequest) -> String {
        let shop = Shop::new(Policy::storefront(Currency::USD, Zone::named("+02:00").unwrap()));
        let coupon = coupon(fields);
        let issuing = shop.issuing(&coupon).unwrap();
        let code = Code::parse("K7WQ-93MX", CodeFormat::Standard).unwrap();
        let request = change(IssueRequest::new(parse_instant(at).unwrap()));
        issuing.issue(code, &request).map_or_else(|refusal| refusal.code().to_owned(), |_| String::new())
    }

    const NOON: &str = "2026-03-29T12:00:00Z";

    /// Proves S78, S100, S131: each reason, and the instants at which it begins and ends.
    #[test]
    fn a_code_is_given_while_it_is_to_be_had() {
        let march = r#""availability":{"from":"2026-03-29","thru":"2026-03-29"}"#;
        let valid = r#""validity":{"thru":"2026-03-29"}"#;
        for (fields, at, expected) in [
            ("", NOON, ""),
            (r#""status":"inactive""#, NOON, "not_active"),
            (r#""status":"expired""#, NOON, "not_active"),
            (r#""code":"SPRING""#, NOON, "shared_code"),
            (r#""kind":"personal""#, NOON, "holder_required"),
            (r#""code_format":"imported""#, NOON, ""),
            // The local day begins and ends at 22:00 UTC.
            (march, "2026-03-28T21:59:59Z", "not_yet_available"),
            (march, "2026-03-28T22:00:00Z", ""),
            (march, "2026-03-29T21:59:59Z", ""),
            (march, "2026-03-29T22:00:00Z", "no_longer_available"),
            (valid, "2026-03-29T21:59:59Z", ""),
            (valid, "2026-03-29T22:00:00Z", "validity_over"),
            // What is to be used later can be given now.
            (r#""validity":{"from":"2027-01-01"}"#, NOON, ""),
            (r#""validity":{"countdown":{"days":36500}}"#, NOON, ""),
            (r#""validity":{"countdown":{"hours":1}}"#, "9999-12-31T23:00:00Z", "beyond_time"),
        ] {
            assert_eq!(answer(fields, at, |request| request), expected, "{fields} at {at}");
        }
        let held = |request: IssueRequest| request.with_holder(IdentityKey::id("42").unwrap());
        assert_eq!(answer(r#""kind":"personal""#, NOON, held), "");
    }

    #[test]
    fn a_window_of_its_own_lies_within_that_of_the_definition() {
        let own = |from: &str, until: &str| {
            let instant = |text| Some(parse_instant(text).unwrap());
            let window = Window::instants(instant(from), instant(until)).unwrap();
            move |request: IssueRequest| request.with_window(window)
        };
        let march = r#""validity":{"thru":"2026-03-31"}"#;
        assert_eq!(answer(march, NOON, own("2026-03-30T00:00:00Z", "2027-01-01T00:00:00Z")), "");
        assert_eq!(answer(march, NOON, own("2026-04-01T00:00:00Z", "2027-01-01T00:00:00Z")), "outside_validity");
        assert_eq!(answer("", NOON, own("2026-03-01T00:00:00Z", "2026-03-29T12:00:00Z")), "validity_over");
        let days = r#""validity":{"countdown":{"days":2}}"#;
        assert_eq!(answer(days, NOON, own("2026-03-31T12:00:00Z", "2027-01-01T00:00:00Z")), "outside_validity");
    }

    #[test]
    fn days_that_never_were_are_an_error_of_the_definition() {
        let shop = Shop::new(Policy::storefront(Currency::USD, Zone::named("+02:00").unwrap()));
        // The year 1 begins before the first representable instant.
        let error = shop.issuing(&coupon(r#""availability":{"from":"0001-01-01"}"#)).map(|_| ());
        assert_eq!(error.map_or_else(|e| e.to_string(), |()| String::new()), "");
        let wrong = coupon(r#""code_format":"standard""#);
        let imported = Code::parse("A_1", CodeFormat::Imported).unwrap();
        let request = IssueRequest::new(parse_instant(NOON).unwrap());
        let refused = shop.issuing(&wrong).unwrap().issue(imported.clone(), &request);
        assert_eq!(refused, Err(IssueRefusal::WrongFormat { code: imported }));
    }
}
