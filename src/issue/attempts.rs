//! How guessing is slowed down: so many wrong codes at once, then one more every so often.

use chrono::{DateTime, TimeDelta, Utc};

use crate::error::{Error, Why};
use crate::form::{Check, DraftValue, Form, Writer, serde_by_form};

/// How many wrong codes somebody may try: so many at once, and one more every so often (S35).
///
/// A bucket that leaks: every wrong code fills it a little, it empties at a steady pace, and while it is full no code is
/// looked up. Whoever mistypes a code three times notices nothing; whoever tries codes one after the other gets as many
/// as the bucket holds, and then one every [`refill`](Self::refill).
///
/// The host keeps one [`Attempts`] for each shopper, session or address, and asks before each evaluation. While somebody
/// is throttled, every code is presented as [`Presented::unknown`](crate::Presented::unknown): what the shopper is told
/// is, byte by byte, what a wrong code is told, and not that there is a limit. Whoever guessed right by then learns
/// nothing from it.
///
/// # The whole of it
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let gift = shop.prepare(Coupon::builder("gift").code("GIFT").percent_off("10").build()?)?;
/// # let cup = Product::new("CUP".parse()?);
/// let order = Order::builder(Currency::USD)
///     .line(Line::new(LineId(1), cup, Quantity::pieces(1)?, UnitPrice::parse("10.00")?))
///     .build()?;
/// let policy = AttemptPolicy::new(2, chrono::TimeDelta::minutes(1))?;
/// let mut attempts = Attempts::default(); // loaded with the session, its row locked until it is written again
///
/// let mut enter = |typed: &str, at: &str| -> Result<PublicOutcome, Box<dyn std::error::Error>> {
///     let at = parse_instant(at)?;
///     let allowed = policy.may_try(&attempts, at).is_allowed();
///     // In earnest a store looks the code up, where it is allowed to.
///     let found = allowed && typed == "GIFT";
///     let codes = [if found { Presented::new(typed, &gift) } else { Presented::unknown(typed) }];
///     let (customer, reference) = (Customer::anonymous(), Reference::Order("o-1".parse()?));
///     let outcome = shop.evaluate(&Request::new(&order, &customer, reference, at).with_codes(&codes))?;
///     if allowed {
///         policy.record(&mut attempts, outcome.unknown_codes(), at);
///     }
///     Ok(outcome.public())
/// };
/// let reason = |outcome: PublicOutcome| outcome.answers()[0].reason();
/// assert_eq!(reason(enter("GIFD", "2026-03-29T12:00:00Z")?), Some(PublicReason::NotValid));
/// assert_eq!(reason(enter("GIFF", "2026-03-29T12:00:01Z")?), Some(PublicReason::NotValid));
/// // The third is right, and is not even looked up.
/// assert_eq!(reason(enter("GIFT", "2026-03-29T12:00:02Z")?), Some(PublicReason::NotValid));
/// assert_eq!(reason(enter("GIFT", "2026-03-29T12:01:00Z")?), None);
/// # Ok(())
/// # }
/// ```
///
/// # How much it helps
///
/// Against codes of the default [`CodePattern`](crate::CodePattern) no limiter is needed. A shared code that people can
/// remember is found by trying words, and a short code by trying numbers: at one more a minute, a year gives 525,600
/// tries to one shopper, and as many more to each further one that an attacker pretends to be. So limit by address as
/// well as by session, and let limits on uses bound what a code that was found is worth.
///
/// # JSON
///
/// `{"burst": 10, "refill_seconds": 60}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AttemptPolicy {
    burst: u32,
    refill_seconds: u32,
}

/// What somebody has tried lately: the whole state of the limiter, for the host to keep per shopper, session or address.
///
/// Two instants, however many codes were tried. In JSON `{}`, or
/// `{"last_at": "2026-03-29T12:00:00Z", "clear_at": "2026-03-29T12:03:00Z"}`.
///
/// ```
/// use vouchsafe::{AttemptPolicy, Attempts, parse_instant};
///
/// let (policy, at) = (AttemptPolicy::default(), parse_instant("2026-03-29T12:00:00Z")?);
/// let mut attempts = Attempts::default();
/// policy.record(&mut attempts, 3, at);
/// // Three wrong codes are forgotten after three minutes; then the row may be deleted.
/// assert_eq!(attempts.clear_at(), Some(parse_instant("2026-03-29T12:03:00Z")?));
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Attempts(Option<Tried>);

/// When the last wrong code was recorded, and when all of them are forgotten, which is later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Tried {
    last_at: DateTime<Utc>,
    clear_at: DateTime<Utc>,
}

/// Whether a code may be looked up now.
///
/// ```
/// use chrono::TimeDelta;
/// use vouchsafe::{Attempt, AttemptPolicy, Attempts, parse_instant};
///
/// let policy = AttemptPolicy::new(5, TimeDelta::seconds(30))?;
/// let at = parse_instant("2026-03-29T12:00:00Z")?;
/// let mut attempts = Attempts::default();
/// policy.record(&mut attempts, 5, at);
/// assert_eq!(policy.may_try(&attempts, at), Attempt::Throttled { until: parse_instant("2026-03-29T12:00:30Z")? });
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Attempt {
    /// It may.
    Allowed,
    /// Too many wrong codes: none is looked up. For the host; a shopper who is told learns that there is something to
    /// guess.
    Throttled {
        /// The first instant at which one may be looked up again.
        until: DateTime<Utc>,
    },
}

impl Attempt {
    /// Whether a code may be looked up.
    #[must_use]
    pub fn is_allowed(self) -> bool {
        self == Self::Allowed
    }
}

impl AttemptPolicy {
    /// The longest time between two attempts: a year of 365 days.
    pub const MAX_REFILL: TimeDelta = TimeDelta::days(365);

    /// So many wrong codes at once, and one more every `refill`.
    ///
    /// # Errors
    /// [`Why::Zero`] at `burst` for none at all, which would refuse every code; [`Why::OutOfRange`] at `refill` below a
    /// second or above a year; [`Why::TooPrecise`] at `refill` for parts of a second.
    ///
    /// ```
    /// use chrono::TimeDelta;
    /// use vouchsafe::AttemptPolicy;
    ///
    /// assert!(AttemptPolicy::new(3, TimeDelta::minutes(10)).is_ok());
    /// assert!(AttemptPolicy::new(0, TimeDelta::minutes(10)).is_err());
    /// assert!(AttemptPolicy::new(3, TimeDelta::zero()).is_err());
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    pub fn new(burst: u32, refill: TimeDelta) -> Result<Self, Error> {
        if burst == 0 {
            return Err(Error::invalid("burst", burst, Why::Zero));
        }
        let invalid = |why| Error::invalid("refill", refill, why);
        let seconds = u32::try_from(refill.num_seconds()).ok();
        let whole = seconds.filter(|_| refill >= TimeDelta::seconds(1) && refill <= Self::MAX_REFILL);
        let max = Self::MAX_REFILL.num_seconds().to_string();
        let refill_seconds = whole.ok_or_else(|| invalid(Why::OutOfRange { min: "1".to_owned(), max }))?;
        if refill.subsec_nanos() != 0 {
            return Err(invalid(Why::TooPrecise { decimals: 0 }));
        }
        Ok(Self { burst, refill_seconds })
    }

    /// How many wrong codes may follow one another.
    #[must_use]
    pub fn burst(&self) -> u32 {
        self.burst
    }

    /// How long it takes until one wrong code is forgotten.
    #[must_use]
    pub fn refill(&self) -> TimeDelta {
        TimeDelta::seconds(i64::from(self.refill_seconds))
    }

    /// Whether a code may be looked up at this instant. Changes nothing, so it can be asked as often as one likes.
    ///
    /// A clock that is set back helps nobody: the time of the last wrong code is the earliest that counts.
    ///
    /// Several codes in one request are looked up together. All wrong ones among them are recorded, and paid for by
    /// waiting longer.
    #[must_use]
    pub fn may_try(&self, attempts: &Attempts, at: DateTime<Utc>) -> Attempt {
        let Some(tried) = attempts.0 else { return Attempt::Allowed };
        // One fewer than the bucket holds must be left of what was recorded.
        let spare = self.times(self.burst.saturating_sub(1).into());
        let until = tried.clear_at.checked_sub_signed(spare).unwrap_or(tried.last_at);
        if at.max(tried.last_at) >= until { Attempt::Allowed } else { Attempt::Throttled { until } }
    }

    /// Records wrong codes, as many as [`Outcome::unknown_codes`](crate::Outcome::unknown_codes) counts; none changes
    /// nothing.
    ///
    /// Only what was looked up is recorded: what is typed while throttled told nothing, and a shopper who keeps typing
    /// would never get out. Read the state, evaluate and write it back under one lock of its row, or else many requests
    /// at once each find room for one attempt more.
    pub fn record(&self, attempts: &mut Attempts, unknown_codes: u64, at: DateTime<Utc>) {
        if unknown_codes == 0 {
            return;
        }
        let at = in_range(at);
        let last_at = attempts.0.map_or(at, |tried| at.max(tried.last_at));
        let from = attempts.0.map_or(last_at, |tried| last_at.max(tried.clear_at));
        let clear_at = from.checked_add_signed(self.times(unknown_codes)).unwrap_or(DateTime::<Utc>::MAX_UTC);
        attempts.0 = Some(Tried { last_at, clear_at: in_range(clear_at) });
    }

    /// So many times the refill; where that is more than there is, for ever.
    fn times(&self, count: u64) -> TimeDelta {
        let seconds = count.saturating_mul(u64::from(self.refill_seconds));
        i64::try_from(seconds).ok().and_then(TimeDelta::try_seconds).unwrap_or(TimeDelta::MAX)
    }
}

/// Ten wrong codes, and one more a minute.
impl Default for AttemptPolicy {
    fn default() -> Self {
        Self { burst: 10, refill_seconds: 60 }
    }
}

impl Attempts {
    /// When everything that was recorded is forgotten. From then on the state is as good as none, and may be deleted.
    #[must_use]
    pub fn clear_at(&self) -> Option<DateTime<Utc>> {
        self.0.map(|tried| tried.clear_at)
    }

    /// When the last wrong code was recorded.
    #[must_use]
    pub fn last_at(&self) -> Option<DateTime<Utc>> {
        self.0.map(|tried| tried.last_at)
    }
}

/// The nearest instant of the years 1 to 9999, beyond which none can be written.
fn in_range(at: DateTime<Utc>) -> DateTime<Utc> {
    const FIRST: i64 = -62_135_596_800;
    const LAST: i64 = 253_402_300_799;
    let instant = |seconds| DateTime::from_timestamp(seconds, 0).unwrap_or(at);
    at.max(instant(FIRST)).min(instant(LAST))
}

impl Form for AttemptPolicy {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| {
            let burst = f.required_not_zero("burst");
            let refill = f.required_with("refill_seconds", |value, check| {
                let refill = TimeDelta::seconds(u32::read(value, check)?.into());
                // Any number of attempts will do, where it is the time between two that is judged.
                check.accept(value, Self::new(1, refill))
            });
            Some(Self { burst: burst?, ..refill? })
        })
    }

    fn write(&self) -> DraftValue {
        Writer::default().put("burst", &self.burst).put("refill_seconds", &self.refill_seconds).end()
    }
}

impl Form for Attempts {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| {
            let last_at = f.optional_or_reported::<DateTime<Utc>>("last_at");
            let clear_at = f.optional_or_reported::<DateTime<Utc>>("clear_at");
            match (last_at?, clear_at?) {
                (None, None) => Some(Self(None)),
                (Some(last_at), Some(clear_at)) => {
                    if clear_at < last_at {
                        f.report("clear_at", Why::EmptyWindow);
                    }
                    Some(Self(Some(Tried { last_at, clear_at })))
                }
                (one, _) => {
                    f.report(if one.is_some() { "clear_at" } else { "last_at" }, Why::Missing);
                    None
                }
            }
        })
    }

    fn write(&self) -> DraftValue {
        let (last_at, clear_at) = (self.last_at(), self.clear_at());
        Writer::default().put_some("last_at", last_at.as_ref()).put_some("clear_at", clear_at.as_ref()).end()
    }
}

serde_by_form!(AttemptPolicy, Attempts);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::parse_instant;
    use crate::form::testing::{assert_errors, assert_identity};

    fn at(time: &str) -> DateTime<Utc> {
        parse_instant(&format!("2026-03-29T{time}Z")).unwrap()
    }

    fn throttled(time: &str) -> Attempt {
        Attempt::Throttled { until: at(time) }
    }

    /// Five at once and one a minute, at figures worked by hand.
    #[test]
    fn the_bucket_fills_and_leaks() {
        let policy = AttemptPolicy::new(5, TimeDelta::minutes(1)).unwrap();
        let mut attempts = Attempts::default();
        assert_eq!(policy.may_try(&attempts, at("12:00:00")), Attempt::Allowed);
        for second in 0..5 {
            let now = at(&format!("12:00:0{second}"));
            assert_eq!(policy.may_try(&attempts, now), Attempt::Allowed);
            policy.record(&mut attempts, 1, now);
        }
        // Five minutes from the first; one of them is over a minute after the first.
        assert_eq!((attempts.last_at(), attempts.clear_at()), (Some(at("12:00:04")), Some(at("12:05:00"))));
        assert_eq!(policy.may_try(&attempts, at("12:00:04")), throttled("12:01:00"));
        assert_eq!(policy.may_try(&attempts, at("12:00:59.999")), throttled("12:01:00"));
        assert_eq!(policy.may_try(&attempts, at("12:01:00")), Attempt::Allowed);
        policy.record(&mut attempts, 1, at("12:01:00"));
        assert_eq!(policy.may_try(&attempts, at("12:01:30")), throttled("12:02:00"));
        // Left alone until everything is forgotten, the bucket holds five again and no more.
        let later = at("18:00:00");
        policy.record(&mut attempts, 4, later);
        assert_eq!(policy.may_try(&attempts, later), Attempt::Allowed);
        policy.record(&mut attempts, 1, later);
        assert_eq!(policy.may_try(&attempts, later), throttled("18:01:00"));
        // Nothing wrong, nothing recorded.
        let before = attempts;
        policy.record(&mut attempts, 0, at("19:00:00"));
        assert_eq!(attempts, before);
    }

    /// Many in one request are all paid for: the bucket overflows, and all of it has to leak out again.
    #[test]
    fn many_at_once_cost_as_much_as_one_by_one() {
        let policy = AttemptPolicy::new(5, TimeDelta::minutes(1)).unwrap();
        let (mut at_once, mut one_by_one) = (Attempts::default(), Attempts::default());
        policy.record(&mut at_once, 100, at("12:00:00"));
        for _ in 0..100 {
            policy.record(&mut one_by_one, 1, at("12:00:00"));
        }
        assert_eq!(at_once, one_by_one);
        // 100 minutes to forget, less the four that may be left.
        assert_eq!(policy.may_try(&at_once, at("13:35:59")), throttled("13:36:00"));
        assert_eq!(policy.may_try(&at_once, at("13:36:00")), Attempt::Allowed);
    }

    #[test]
    fn a_clock_that_is_set_back_stands_still() {
        let policy = AttemptPolicy::new(3, TimeDelta::minutes(1)).unwrap();
        let mut attempts = Attempts::default();
        policy.record(&mut attempts, 2, at("12:00:00"));
        // One is left, before the hour was set back and after.
        assert_eq!(policy.may_try(&attempts, at("11:00:00")), Attempt::Allowed);
        policy.record(&mut attempts, 1, at("11:00:00"));
        assert_eq!((attempts.last_at(), attempts.clear_at()), (Some(at("12:00:00")), Some(at("12:03:00"))));
        for early in ["00:00:00", "11:00:00", "11:59:59", "12:00:59"] {
            assert_eq!(policy.may_try(&attempts, at(early)), throttled("12:01:00"), "{early}");
        }
        assert_eq!(policy.may_try(&attempts, DateTime::<Utc>::MIN_UTC), throttled("12:01:00"));
        assert_eq!(policy.may_try(&attempts, DateTime::<Utc>::MAX_UTC), Attempt::Allowed);
    }

    #[test]
    fn what_does_not_fit_time_waits_for_its_end() {
        let policies = [
            AttemptPolicy::new(1, AttemptPolicy::MAX_REFILL).unwrap(),
            AttemptPolicy::new(u32::MAX, AttemptPolicy::MAX_REFILL).unwrap(),
            AttemptPolicy::new(u32::MAX, TimeDelta::seconds(1)).unwrap(),
        ];
        for policy in policies {
            for instant in [DateTime::<Utc>::MIN_UTC, at("12:00:00"), DateTime::<Utc>::MAX_UTC] {
                let mut attempts = Attempts::default();
                policy.record(&mut attempts, u64::MAX, instant);
                policy.record(&mut attempts, 1, instant);
                let end = parse_instant("9999-12-31T23:59:59Z").unwrap();
                assert_eq!(attempts.clear_at(), Some(end));
                let json = serde_json::to_string(&attempts).unwrap();
                assert_eq!(serde_json::from_str::<Attempts>(&json).unwrap(), attempts);
                // As many at once as the bucket holds, or none before the end of time.
                let expected = policy.burst() == u32::MAX && policy.refill() == AttemptPolicy::MAX_REFILL;
                assert_eq!(policy.may_try(&attempts, at("12:00:00")).is_allowed(), expected || instant > end);
            }
        }
        let mut attempts = Attempts::default();
        policies[0].record(&mut attempts, 10_000, at("12:00:00"));
        assert!(!policies[0].may_try(&attempts, at("12:00:00")).is_allowed());
    }

    #[test]
    fn a_policy_is_checked() {
        let error = |burst, refill| AttemptPolicy::new(burst, refill).unwrap_err().to_string();
        assert_eq!(error(0, TimeDelta::minutes(1)), "`burst` is `0`: zero");
        assert_eq!(error(1, TimeDelta::zero()), "`refill` is `P0D`: not between 1 and 31536000");
        assert_eq!(error(1, TimeDelta::seconds(-1)), "`refill` is `-PT1S`: not between 1 and 31536000");
        assert_eq!(error(1, TimeDelta::milliseconds(1_500)), "`refill` is `PT1.5S`: more than 0 decimals");
        assert_eq!(error(1, TimeDelta::days(366)), "`refill` is `PT31622400S`: not between 1 and 31536000");
        assert_eq!(error(1, TimeDelta::MAX).rsplit(": ").next(), Some("not between 1 and 31536000"));
        assert_identity::<AttemptPolicy>(&[
            r#"{"burst":10,"refill_seconds":60}"#,
            r#"{"burst":4294967295,"refill_seconds":31536000}"#,
        ]);
        assert_errors::<AttemptPolicy>(&[
            ("{}", "`burst` is missing; `refill_seconds` is missing"),
            (
                r#"{"burst":0,"refill_seconds":0}"#,
                "`burst` is `0`: zero; `refill_seconds` is `0`: not between 1 and 31536000",
            ),
            (
                r#"{"burst":1,"refill_seconds":60,"refill":60}"#,
                "`refill` is `60`: unknown field, known: `burst`, `refill_seconds`",
            ),
        ]);
        assert_eq!(AttemptPolicy::default(), AttemptPolicy::new(10, TimeDelta::minutes(1)).unwrap());
    }

    #[test]
    fn a_state_is_checked() {
        assert_identity::<Attempts>(&[
            "{}",
            r#"{"last_at":"2026-03-29T12:00:00Z","clear_at":"2026-03-29T12:03:00.500Z"}"#,
        ]);
        assert_errors::<Attempts>(&[
            (r#"{"last_at":"2026-03-29T12:00:00Z"}"#, "`clear_at` is missing"),
            (r#"{"clear_at":"2026-03-29T12:00:00Z"}"#, "`last_at` is missing"),
            (
                r#"{"last_at":"2026-03-29T12:00:00Z","clear_at":"2026-03-29T11:59:59Z"}"#,
                "`clear_at` is `2026-03-29T11:59:59Z`: ends before it begins",
            ),
        ]);
    }
}
