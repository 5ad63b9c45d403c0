//! How far the clocks of two servers may be apart.

use chrono::{DateTime, TimeDelta, Utc};

use crate::error::{Error, Why};

/// How far the clocks of the servers of one shop may be apart: so long after its end is a hold still alive, and so long
/// before its beginning and after its end may a window be redeemed in. A policy of the host; none by default.
///
/// A store reads no clock. Holds are made by the clock of one server and judged by that of another; where that one is
/// ahead, it takes a hold away that the shopper was promised, and a payment that was authorised in time is refused. With a
/// grace of at least the difference it does not. The price is a wait: what lapsed comes free so much later. Whatever the
/// grace, no limit is ever passed: a hold that is alive for one is counted by all.
///
/// Give all handles of a store the same one. A handle with a smaller one takes holds away earlier; a commit that comes
/// after that takes the counters again, or is refused.
///
/// What counts back from now ([rolling days](crate::Delta::recorded_since)) is counted by the clock of whoever asks, with
/// no grace. So are countdowns and days: they are worked out when an order is priced, and here only checked.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use chrono::TimeDelta;
/// use vouchsafe::*;
///
/// let grace = Grace::new(TimeDelta::seconds(90))?;
/// let until = parse_instant("2026-03-01T12:20:00Z")?;
/// assert!(grace.is_live(until, until + TimeDelta::seconds(89)));
/// assert!(!grace.is_live(until, until + TimeDelta::seconds(90)));
/// assert!(!Grace::NONE.is_live(until, until));
///
/// let wrong = Grace::new(TimeDelta::hours(2)).unwrap_err();
/// assert_eq!(wrong.to_string(), "`grace` is `PT7200S`: not between 0 and 3600 seconds");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Grace(TimeDelta);

impl Grace {
    /// The clocks are taken to be the same: a hold ends at its instant.
    pub const NONE: Self = Self(TimeDelta::zero());

    /// The longest grace. What is further apart is no skew but a clock that is wrong.
    pub const MAX: TimeDelta = TimeDelta::hours(1);

    /// A grace of this length; a minute is plenty where servers keep their clocks by a time server.
    ///
    /// # Errors
    /// Less than nothing, or more than [`Grace::MAX`].
    pub fn new(length: TimeDelta) -> Result<Self, Error> {
        if length < TimeDelta::zero() || length > Self::MAX {
            let (min, max) = ("0".to_owned(), format!("{} seconds", Self::MAX.num_seconds()));
            return Err(Error::invalid("grace", length, Why::OutOfRange { min, max }));
        }
        Ok(Self(length))
    }

    /// How long it is.
    #[must_use]
    pub fn length(self) -> TimeDelta {
        self.0
    }

    /// Whether a hold until this instant is alive at another.
    #[must_use]
    pub fn is_live(self, until: DateTime<Utc>, at: DateTime<Utc>) -> bool {
        until > self.lapsed_through(at)
    }

    /// Holds until this instant or an earlier one have lapsed. For stores: what a statement compares the end of a hold with,
    /// in the place of `at`.
    #[must_use]
    pub fn lapsed_through(self, at: DateTime<Utc>) -> DateTime<Utc> {
        at.checked_sub_signed(self.0).unwrap_or(DateTime::<Utc>::MIN_UTC)
    }

    /// Whether an instant lies in a window, or so near to it that only the clocks may differ.
    pub(super) fn covers(self, from: Option<DateTime<Utc>>, until: Option<DateTime<Utc>>, at: DateTime<Utc>) -> bool {
        let latest = at.checked_add_signed(self.0).unwrap_or(DateTime::<Utc>::MAX_UTC);
        from.is_none_or(|from| from <= latest) && until.is_none_or(|until| self.is_live(until, at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grace_is_never_negative_and_never_long() {
        for seconds in [0, 1, 3_600] {
            assert_eq!(Grace::new(TimeDelta::seconds(seconds)).unwrap().length().num_seconds(), seconds);
        }
        for (seconds, shown) in [(-1, "-PT1S"), (3_601, "PT3601S")] {
            let error = Grace::new(TimeDelta::seconds(seconds)).unwrap_err().to_string();
            assert_eq!(error, format!("`grace` is `{shown}`: not between 0 and 3600 seconds"));
        }
        assert_eq!(Grace::default(), Grace::NONE);
    }

    #[test]
    fn the_ends_of_time_are_no_trouble() {
        let grace = Grace::new(Grace::MAX).unwrap();
        assert_eq!(grace.lapsed_through(DateTime::<Utc>::MIN_UTC), DateTime::<Utc>::MIN_UTC);
        assert!(grace.covers(Some(DateTime::<Utc>::MAX_UTC), None, DateTime::<Utc>::MAX_UTC));
    }
}
