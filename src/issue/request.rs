//! What is asked for when a code is to be issued.

use chrono::{DateTime, Utc};

use crate::calendar::Window;
use crate::customer::IdentityKey;
use crate::key::{ActorId, BatchId, OccasionId};

/// For whom, when and why a code is issued. Only the instant is needed.
///
/// ```
/// use vouchsafe::*;
///
/// let at = parse_instant("2026-03-28T12:00:00Z")?;
/// let request = IssueRequest::new(at)
///     .with_holder(IdentityKey::email("ann@example.com")?)
///     .with_occasion("birthday-2026".parse()?)
///     .with_by("anna".parse()?);
/// assert_eq!(request.occasion().map(|occasion| occasion.as_str()), Some("birthday-2026"));
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueRequest {
    at: DateTime<Utc>,
    holder: Option<IdentityKey>,
    occasion: Option<OccasionId>,
    window: Option<Window>,
    by: Option<ActorId>,
    batch: Option<BatchId>,
    earned_at: Option<DateTime<Utc>>,
}

impl IssueRequest {
    /// A bearer code, issued at this instant: a countdown starts with it.
    #[must_use]
    pub fn new(at: DateTime<Utc>) -> Self {
        Self { at, holder: None, occasion: None, window: None, by: None, batch: None, earned_at: None }
    }

    /// The one customer who may use it: needed for a personal coupon, and a choice for any other (S10). For a host that
    /// keeps no addresses it may be the hash of one.
    #[must_use]
    pub fn with_holder(mut self, holder: IdentityKey) -> Self {
        self.holder = Some(holder);
        self
    }

    /// What it is given for. The same occasion of the same customer is the same code.
    #[must_use]
    pub fn with_occasion(mut self, occasion: OccasionId) -> Self {
        self.occasion = Some(occasion);
        self
    }

    /// A window of its own, within that of the definition; [`Window::ALWAYS`] is none.
    #[must_use]
    pub fn with_window(mut self, window: Window) -> Self {
        self.window = (window != Window::ALWAYS).then_some(window);
        self
    }

    /// The operator who gives it (S18).
    #[must_use]
    pub fn with_by(mut self, actor: ActorId) -> Self {
        self.by = Some(actor);
        self
    }

    /// The batch that it belongs to, so that it can be withdrawn with the others.
    #[must_use]
    pub fn with_batch(mut self, batch: BatchId) -> Self {
        self.batch = Some(batch);
        self
    }

    /// When it was earned, where that was before it is issued: the availability of the definition is asked of this instant,
    /// so that what an order earned within the window is issued even if the job that does it runs late (S100). Its clock
    /// starts when it is issued.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let coupon: Coupon = serde_json::from_str(
    ///     r#"{"version": 1, "id": "may", "availability": {"thru": "2026-05-31"}, "benefits": [{"percent": {"off": "10"}}]}"#,
    /// )?;
    /// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
    /// let issuing = shop.issuing(&coupon)?;
    /// let late = IssueRequest::new(parse_instant("2026-06-01T00:10:00Z")?);
    /// assert_eq!(issuing.window(&late).unwrap_err().code(), "no_longer_available");
    /// assert!(issuing.window(&late.with_earned_at(parse_instant("2026-05-31T23:59:00Z")?)).is_ok());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_earned_at(mut self, at: DateTime<Utc>) -> Self {
        self.earned_at = Some(at);
        self
    }

    /// When it is issued.
    #[must_use]
    pub fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// The one customer who may use it; none for a bearer code.
    #[must_use]
    pub fn holder(&self) -> Option<&IdentityKey> {
        self.holder.as_ref()
    }

    /// What it is given for.
    #[must_use]
    pub fn occasion(&self) -> Option<&OccasionId> {
        self.occasion.as_ref()
    }

    /// Its own window.
    #[must_use]
    pub fn window(&self) -> Option<Window> {
        self.window
    }

    /// The operator who gives it.
    #[must_use]
    pub fn by(&self) -> Option<&ActorId> {
        self.by.as_ref()
    }

    /// The batch that it belongs to.
    #[must_use]
    pub fn batch(&self) -> Option<&BatchId> {
        self.batch.as_ref()
    }

    /// When it was earned, where that was before.
    #[must_use]
    pub fn earned_at(&self) -> Option<DateTime<Utc>> {
        self.earned_at
    }
}
