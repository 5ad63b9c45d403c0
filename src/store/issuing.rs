//! What a store answers about codes: which was issued, what became of each, what a batch holds.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::AdminError;
use crate::calendar::{Phase, Window};
use crate::coupon::Code;
use crate::key::{BatchId, CouponId};
use crate::request::{IssuedCode, Revocation};

/// The answer to [`issue_once`](crate::CouponAdmin::issue_once).
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::{Code, CodeFormat, Issue, IssuedCode, parse_instant};
///
/// let at = parse_instant("2026-03-28T12:00:00Z")?;
/// let answer = Issue::AlreadyIssued(IssuedCode::new(Code::parse("K7WQ-93MX", CodeFormat::Standard)?, at));
/// assert!(!answer.is_new());
/// assert_eq!(answer.issued().code().as_str(), "K7WQ93MX");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Issue {
    /// A code was issued, now.
    Issued(IssuedCode),
    /// This occasion of this customer had its code before: the same one, with the same clock, as it stands today. It may
    /// be bound, used or withdrawn by now.
    AlreadyIssued(IssuedCode),
}

impl Issue {
    /// The code, whenever it was issued.
    #[must_use]
    pub fn issued(&self) -> &IssuedCode {
        match self {
            Self::Issued(issued) | Self::AlreadyIssued(issued) => issued,
        }
    }

    /// The code, whenever it was issued.
    #[must_use]
    pub fn into_issued(self) -> IssuedCode {
        match self {
            Self::Issued(issued) | Self::AlreadyIssued(issued) => issued,
        }
    }

    /// Whether it was issued by this very call.
    #[must_use]
    pub fn is_new(&self) -> bool {
        matches!(self, Self::Issued(_))
    }
}

/// Why [`issue_once`](crate::MemoryStore::issue_once) gave no code. Nothing was changed.
///
/// ```
/// use vouchsafe::IssueError;
///
/// let error: IssueError<std::convert::Infallible> = IssueError::NoFreeCode { tried: 3 };
/// assert_eq!(error.to_string(), "none of 3 codes was free");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IssueError<E> {
    /// The store says no, or the definition does: [`AdminError::NotIssued`].
    #[error(transparent)]
    Store(AdminError),
    /// The source of codes failed.
    #[error("the source of codes failed")]
    Source(#[source] E),
    /// The source gave only codes that are taken, or none at all.
    #[error("none of {tried} codes was free")]
    NoFreeCode {
        /// How many codes it gave.
        tried: u32,
    },
}

/// What became of a code.
///
/// ```
/// use vouchsafe::CodeStatus;
///
/// assert_eq!(serde_json::to_string(&CodeStatus::Unused)?, r#""unused""#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeStatus {
    /// It is shared by all: the code of the definition itself.
    Shared,
    /// It was made, lies in a batch that was not exported, and nobody can redeem it.
    Prepared,
    /// It was handed out and not used, and can be used now or later.
    Unused,
    /// It was used, at least once; whatever came later, it stays used (S106).
    Used,
    /// It was withdrawn before any use.
    Revoked,
    /// Its time was over before any use.
    Expired,
}

/// What is stored of a code, with what became of it.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let store = MemoryStore::new();
/// let day = Validity::Countdown(Countdown::new(1, 0)?);
/// store.define(Coupon::builder("patrol").percent_off("40").per_code_limit(1).validity(day).build()?)?;
/// let at = parse_instant("2026-03-28T12:00:00Z")?;
/// let code = IssuedCode::new(Code::parse("K7WQ-93MX", CodeFormat::Standard)?, at);
/// store.issue(&"patrol".parse()?, [code])?;
///
/// let record = store.look_up(&shop, " k7wq 93mx ")?.ok_or("unknown")?;
/// assert_eq!((record.uses, record.status(at)), (0, CodeStatus::Unused));
/// assert_eq!(record.status(parse_instant("2026-03-29T12:00:00Z")?), CodeStatus::Expired);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CodeRecord {
    /// The definition it belongs to.
    pub coupon: CouponId,
    /// The code.
    pub code: Code,
    /// How it was issued; none for a shared code and for one that lies in a batch still.
    pub issued: Option<IssuedCode>,
    /// The batch that it lies in or came from.
    pub batch: Option<BatchId>,
    /// That it was withdrawn.
    pub revocation: Option<Revocation>,
    /// How often it was used, uses of an older system included; those that a void gave back are not.
    pub uses: u64,
    /// When it can be used; none where no instant is left, or the clock has not started.
    pub window: Option<Window>,
}

impl CodeRecord {
    /// A code of a definition of which nothing else is known. A store of the host's own fills in the rest.
    #[must_use]
    pub fn new(coupon: CouponId, code: Code) -> Self {
        Self { coupon, code, issued: None, batch: None, revocation: None, uses: 0, window: None }
    }

    /// What became of it by this instant. Uses come first, and a code that was withdrawn is not called expired.
    #[must_use]
    pub fn status(&self, at: DateTime<Utc>) -> CodeStatus {
        if self.issued.is_none() {
            return match (&self.batch, &self.revocation) {
                (None, _) => CodeStatus::Shared,
                (Some(_), None) => CodeStatus::Prepared,
                (Some(_), Some(_)) => CodeStatus::Revoked,
            };
        }
        if self.uses > 0 {
            CodeStatus::Used
        } else if self.revocation.is_some() {
            CodeStatus::Revoked
        } else if self.window.is_none_or(|window| window.phase(at) == Phase::Ended) {
            CodeStatus::Expired
        } else {
            CodeStatus::Unused
        }
    }
}

/// What is stored of a batch of codes.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// let store = MemoryStore::new();
/// store.define(Coupon::builder("patrol").percent_off("40").per_code_limit(1).build()?)?;
/// let (batch, at) = ("patrol-2026".parse()?, parse_instant("2026-03-01T12:00:00Z")?);
/// store.add_batch(&batch, &"patrol".parse()?, [Code::parse("K7WQ-93MX", CodeFormat::Standard)?], at)?;
/// let record = store.batch(&batch).ok_or("unknown")?;
/// assert_eq!((record.codes.len(), record.issued.len(), record.exported_at), (1, 0, None));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BatchRecord {
    /// The definition that its codes belong to.
    pub coupon: CouponId,
    /// When it was stored.
    pub added_at: DateTime<Utc>,
    /// When its codes were handed out, and their clocks began; none where it was not exported yet.
    pub exported_at: Option<DateTime<Utc>>,
    /// All of its codes, in the order in which they were given.
    pub codes: Vec<Code>,
    /// Those that were handed out, as they stand now.
    pub issued: Vec<IssuedCode>,
}

impl BatchRecord {
    /// A batch without codes, which was not exported. A store of the host's own fills in the rest.
    #[must_use]
    pub fn new(coupon: CouponId, added_at: DateTime<Utc>) -> Self {
        Self { coupon, added_at, exported_at: None, codes: Vec::new(), issued: Vec::new() }
    }
}
