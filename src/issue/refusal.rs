//! Why a code is not issued.

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

use crate::coupon::{Code, Status};

/// Why a definition gives no code now. Nothing of it is for shoppers: it is for the job or the operator who asked.
///
/// ```
/// use vouchsafe::{IssueRefusal, Status};
///
/// let refusal = IssueRefusal::NotActive { status: Status::Inactive };
/// assert_eq!((refusal.code(), refusal.to_string().as_str()), ("not_active", "the definition is inactive"));
/// assert_eq!(serde_json::to_string(&refusal)?, r#"{"not_active":{"status":"inactive"}}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum IssueRefusal {
    /// The definition is switched off, or over.
    NotActive {
        /// Which of the two.
        status: Status,
    },
    /// The definition has a code that is shared by all, so that there is none to issue.
    SharedCode,
    /// The definition is personal, and nobody is named: nobody could redeem the code (S54).
    HolderRequired,
    /// It is too early to give or earn it (S100).
    NotYetAvailable {
        /// From this instant on.
        from: DateTime<Utc>,
    },
    /// It is too late to give or earn it (S100).
    NoLongerAvailable {
        /// It was to be had before this instant.
        until: DateTime<Utc>,
    },
    /// No code of it can be used any more, so that this one would be worth nothing.
    ValidityOver {
        /// It was to be used before this instant.
        until: DateTime<Utc>,
    },
    /// The window that was asked for has no instant in which the definition is valid.
    OutsideValidity,
    /// The instant of issue, or the end of the countdown from it, lies outside the years 1 to 9999.
    BeyondTime,
    /// The definition has codes of another format, so that nobody could redeem this one.
    WrongFormat {
        /// The code.
        code: Code,
    },
    /// The code is not of the pattern that was asked for: another prefix or length, or a character that is wrong.
    WrongPattern {
        /// The code.
        code: Code,
    },
}

impl IssueRefusal {
    /// A stable word for the reason, for hosts that translate: the one that JSON has.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotActive { .. } => "not_active",
            Self::SharedCode => "shared_code",
            Self::HolderRequired => "holder_required",
            Self::NotYetAvailable { .. } => "not_yet_available",
            Self::NoLongerAvailable { .. } => "no_longer_available",
            Self::ValidityOver { .. } => "validity_over",
            Self::OutsideValidity => "outside_validity",
            Self::BeyondTime => "beyond_time",
            Self::WrongFormat { .. } => "wrong_format",
            Self::WrongPattern { .. } => "wrong_pattern",
        }
    }
}

impl fmt::Display for IssueRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |instant: &DateTime<Utc>| instant.to_rfc3339_opts(SecondsFormat::Secs, true);
        match self {
            Self::NotActive { status } => write!(f, "the definition is {status}"),
            Self::SharedCode => f.write_str("the definition has a shared code, none is issued"),
            Self::HolderRequired => f.write_str("a code of a personal coupon needs a holder"),
            Self::NotYetAvailable { from } => write!(f, "to be had from {}", text(from)),
            Self::NoLongerAvailable { until } => write!(f, "was to be had until {}", text(until)),
            Self::ValidityOver { until } => write!(f, "could be used until {}", text(until)),
            Self::OutsideValidity => f.write_str("the definition is never valid in that window"),
            Self::BeyondTime => f.write_str("outside the years 1 to 9999"),
            Self::WrongFormat { code } => write!(f, "code `{code}` is not of the format of the definition"),
            Self::WrongPattern { code } => write!(f, "code `{code}` is not of the pattern of the definition"),
        }
    }
}

impl std::error::Error for IssueRefusal {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coupon::CodeFormat;

    #[test]
    fn every_reason_has_a_word_that_json_uses_too_and_a_text() {
        let at = DateTime::from_timestamp(1_774_785_600, 0).unwrap();
        let every = [
            IssueRefusal::NotActive { status: Status::Expired },
            IssueRefusal::SharedCode,
            IssueRefusal::HolderRequired,
            IssueRefusal::NotYetAvailable { from: at },
            IssueRefusal::NoLongerAvailable { until: at },
            IssueRefusal::ValidityOver { until: at },
            IssueRefusal::OutsideValidity,
            IssueRefusal::BeyondTime,
            IssueRefusal::WrongFormat { code: Code::parse("A-1", CodeFormat::Imported).unwrap() },
            IssueRefusal::WrongPattern { code: Code::parse("A1", CodeFormat::Standard).unwrap() },
        ];
        for refusal in &every {
            let json = serde_json::to_value(refusal).unwrap();
            let word = json.as_str().or_else(|| json.as_object()?.keys().next().map(String::as_str));
            assert_eq!(word, Some(refusal.code()));
            let text = refusal.to_string();
            assert!(!text.ends_with('.') && text.starts_with(char::is_lowercase), "{text}");
            assert_eq!(serde_json::from_value::<IssueRefusal>(json).unwrap(), *refusal);
        }
        assert_eq!(every[3].to_string(), "to be had from 2026-03-29T12:00:00Z");
    }
}
