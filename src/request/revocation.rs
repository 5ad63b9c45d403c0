//! Why a code was withdrawn.

use chrono::{DateTime, Utc};

use crate::error::{Error, Why};
use crate::form::DraftValue;
use crate::form::{Check, Fields, Form, Writer, checked_by, drafts};
use crate::key::ActorId;

/// That a code was withdrawn: when, why, and by whom. Nobody can redeem it from then on; what was redeemed before
/// stays redeemed.
///
/// ```
/// use vouchsafe::{Revocation, parse_instant};
///
/// let leaked = Revocation::new(parse_instant("2026-03-28T12:00:00Z")?, "posted in a forum")?.with_by("anna".parse()?);
/// assert_eq!(leaked.cause(), "posted in a forum");
/// let json = r#"{"at":"2026-03-28T12:00:00Z","cause":"posted in a forum","by":"anna"}"#;
/// assert_eq!(serde_json::to_string(&leaked)?, json);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    at: DateTime<Utc>,
    cause: String,
    by: Option<ActorId>,
}

impl Revocation {
    /// The most characters a cause may have.
    pub const MAX_CHARS: usize = 255;

    /// Withdrawn at this instant for this cause, in the merchant's own words; it may be empty where none is known.
    ///
    /// # Errors
    /// At the path `cause`: [`Why::TooLong`] above 255 characters.
    pub fn new(at: DateTime<Utc>, cause: impl Into<String>) -> Result<Self, Error> {
        let cause = cause.into();
        if cause.chars().count() > Self::MAX_CHARS {
            return Err(Error::invalid("cause", cause, Why::TooLong { max: Self::MAX_CHARS }));
        }
        Ok(Self { at, cause, by: None })
    }

    /// Who withdrew it.
    #[must_use]
    pub fn with_by(mut self, actor: ActorId) -> Self {
        self.by = Some(actor);
        self
    }

    /// When it was withdrawn.
    #[must_use]
    pub fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// Why, in the merchant's words. Not for shoppers.
    #[must_use]
    pub fn cause(&self) -> &str {
        &self.cause
    }

    /// Who withdrew it; none where it is not known, or a rule did.
    #[must_use]
    pub fn by(&self) -> Option<&ActorId> {
        self.by.as_ref()
    }

    /// Of a code that is only known to be withdrawn.
    pub(super) fn since(at: DateTime<Utc>) -> Self {
        Self { at, cause: String::new(), by: None }
    }
}

drafts! {
    /// That a code was withdrawn, as a host hands it in: plain data, right or wrong.
    ///
    /// ```
    /// use vouchsafe::RevocationDraft;
    ///
    /// let draft: RevocationDraft = serde_json::from_str(r#"{"at": "2026-03-28", "by": ""}"#)?;
    /// assert_eq!(
    ///     draft.check().unwrap_err().to_string(),
    ///     "`at` is `2026-03-28`: not a date, time or instant: write 2026-03-29, 03-29 for every year, 09:00, or 2026-03-29T12:00:00Z; `by` is ``: empty"
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct RevocationDraft {
        /// When it was withdrawn: `"2026-03-28T12:00:00Z"`. Needed.
        at: DraftValue = "at",
        /// Why, at most 255 characters; empty where it is absent.
        cause: DraftValue = "cause",
        /// Who withdrew it.
        by: DraftValue = "by",
    }
}

checked_by! {
    RevocationDraft => Revocation by read_revocation;
}

fn read_revocation(f: &mut Fields<'_, '_>) -> Option<Revocation> {
    let at = f.required("at");
    let cause = f.optional_or_reported::<String>("cause");
    let by = f.optional("by");
    let revocation = f.accept_at(&["cause"], Revocation::new(at?, cause?.unwrap_or_default()))?;
    Some(Revocation { by, ..revocation })
}

impl Form for Revocation {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, read_revocation)
    }

    fn write(&self) -> DraftValue {
        Writer::default()
            .put("at", &self.at)
            .put_unless_default("cause", &self.cause)
            .put_some("by", self.by.as_ref())
            .end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity};

    #[test]
    fn a_cause_is_bounded_and_may_be_unknown() {
        let cause = |count: usize| format!(r#"{{"at":"2026-03-28T12:00:00Z","cause":"{}"}}"#, "\u{e4}".repeat(count));
        assert_identity::<Revocation>(&[
            r#"{"at":"2026-03-28T12:00:00Z"}"#,
            r#"{"at":"2026-03-28T12:00:00.500Z","cause":"lost","by":"anna"}"#,
            &cause(255),
        ]);
        assert_errors::<Revocation>(&[
            ("{}", "`at` is missing"),
            (r#"{"at":"2026-03-28T12:00:00Z","cause":7}"#, "`cause` is `7`: expected a string"),
            (
                r#"{"at":"2026-03-28T12:00:00Z","why":"lost"}"#,
                "`why` is `lost`: unknown field, known: `at`, `cause`, `by`",
            ),
            ("true", "`` is `true`: expected an object"),
        ]);
        let long = serde_json::from_str::<Revocation>(&cause(256)).unwrap_err().to_string();
        assert!(long.starts_with("`cause` is ") && long.ends_with(": longer than 255 characters"), "{long}");
        let revocation: Revocation = serde_json::from_str(&cause(255)).unwrap();
        assert_eq!(RevocationDraft::from(&revocation).check().unwrap(), revocation);
    }
}
