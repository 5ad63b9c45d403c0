//! Codes that were handed out one by one, with what is known of their issue.

use chrono::{DateTime, Utc};

use super::Revocation;
use crate::calendar::Window;
use crate::coupon::Code;
use crate::customer::IdentityKey;
use crate::key::{ActorId, BatchId, OccasionId};

/// One code that was issued under a definition: a personal code, or one of a batch.
///
/// Made by [`Issuing::issue`](crate::Issuing::issue), which asks whether the definition may be given at all, or by hand.
/// What stands beside the code and its holder says how it came to be: the batch it was made with, the occasion it was
/// given on, and the operator who gave it. None of it changes what the code is worth.
///
/// ```
/// use chrono::DateTime;
/// use vouchsafe::{Code, CodeFormat, IdentityKey, IssuedCode};
///
/// let issued_at = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
/// let code = Code::parse("K7WQ-93MX", CodeFormat::Standard)?;
/// let code = IssuedCode::new(code, issued_at).with_holder(IdentityKey::id("42")?);
/// assert!(!code.is_revoked());
/// # Ok::<(), vouchsafe::Error>(())
/// ```
///
/// # Bound to an e-mail address that is not kept
///
/// A code of a general coupon may have a holder as well (S10): who passes it on unused has given away nothing. The
/// holder is any identity key, so that a host that keeps no addresses binds the code to a hash of one, and hands in the
/// same hash with the customer.
///
/// ```
/// use vouchsafe::{Code, CodeFormat, IdentityKey, IdentityKind, IssuedCode, parse_instant};
///
/// let hash = IdentityKey::new(IdentityKind::Other, "sha256:0c7e6a40")?;
/// let at = parse_instant("2026-03-28T12:00:00Z")?;
/// let code = IssuedCode::new(Code::parse("K7WQ-93MX", CodeFormat::Standard)?, at).with_holder(hash.clone());
/// assert_eq!(code.holder(), Some(&hash));
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedCode {
    pub(crate) code: Code,
    pub(crate) holder: Option<IdentityKey>,
    pub(crate) issued_at: DateTime<Utc>,
    pub(crate) window: Option<Window>,
    pub(crate) batch: Option<BatchId>,
    pub(crate) occasion: Option<OccasionId>,
    pub(crate) issued_by: Option<ActorId>,
    pub(crate) revocation: Option<Revocation>,
}

impl IssuedCode {
    /// A bearer code: whoever has it may use it; a countdown starts at `issued_at`.
    #[must_use]
    pub fn new(code: Code, issued_at: DateTime<Utc>) -> Self {
        let (holder, window, batch, occasion, issued_by, revocation) = (None, None, None, None, None, None);
        Self { code, holder, issued_at, window, batch, occasion, issued_by, revocation }
    }

    /// The one customer who may use it.
    #[must_use]
    pub fn with_holder(mut self, holder: IdentityKey) -> Self {
        self.holder = Some(holder);
        self
    }

    /// A window of its own, within that of the definition; [`Window::ALWAYS`] is none.
    #[must_use]
    pub fn with_window(mut self, window: Window) -> Self {
        self.window = (window != Window::ALWAYS).then_some(window);
        self
    }

    /// The batch that it was made with (S7).
    #[must_use]
    pub fn with_batch(mut self, batch: BatchId) -> Self {
        self.batch = Some(batch);
        self
    }

    /// What it was given for. The same occasion of the same customer is the same code.
    #[must_use]
    pub fn with_occasion(mut self, occasion: OccasionId) -> Self {
        self.occasion = Some(occasion);
        self
    }

    /// The operator who gave it (S18).
    #[must_use]
    pub fn with_issued_by(mut self, actor: ActorId) -> Self {
        self.issued_by = Some(actor);
        self
    }

    /// That it was withdrawn, and why.
    #[must_use]
    pub fn with_revocation(mut self, revocation: Revocation) -> Self {
        self.revocation = Some(revocation);
        self
    }

    /// The code.
    #[must_use]
    pub fn code(&self) -> &Code {
        &self.code
    }

    /// The one customer who may use it; none for a bearer code.
    #[must_use]
    pub fn holder(&self) -> Option<&IdentityKey> {
        self.holder.as_ref()
    }

    /// When it was issued.
    #[must_use]
    pub fn issued_at(&self) -> DateTime<Utc> {
        self.issued_at
    }

    /// Its own window.
    #[must_use]
    pub fn window(&self) -> Option<Window> {
        self.window
    }

    /// The batch that it was made with.
    #[must_use]
    pub fn batch(&self) -> Option<&BatchId> {
        self.batch.as_ref()
    }

    /// What it was given for.
    #[must_use]
    pub fn occasion(&self) -> Option<&OccasionId> {
        self.occasion.as_ref()
    }

    /// The operator who gave it; none where it was given by a rule or a job.
    #[must_use]
    pub fn issued_by(&self) -> Option<&ActorId> {
        self.issued_by.as_ref()
    }

    /// When, why and by whom it was withdrawn.
    #[must_use]
    pub fn revocation(&self) -> Option<&Revocation> {
        self.revocation.as_ref()
    }

    /// Whether it was withdrawn.
    #[must_use]
    pub fn is_revoked(&self) -> bool {
        self.revocation.is_some()
    }
}
