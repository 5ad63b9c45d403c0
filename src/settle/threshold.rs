//! What becomes of a coupon whose threshold what is kept no longer reaches.

use crate::form::choices;

choices! {
    /// What becomes of a coupon when a part of the order comes back and what is kept would no longer have earned it: 20.00
    /// off from 100.00 on, and of 120.00 a half is returned.
    ///
    /// ```
    /// use vouchsafe::ThresholdPolicy;
    ///
    /// assert_eq!(ThresholdPolicy::default(), ThresholdPolicy::Keep);
    /// assert_eq!(serde_json::to_string(&ThresholdPolicy::ClawBack)?, "\"claw_back\"");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub enum ThresholdPolicy {
        /// It stays as it was: what is returned is paid back as it was paid, and lines that are kept keep their share.
        Keep = "keep",
        /// What is kept is priced anew, under the terms that were stored with the order, and the rest is paid back.
        Recompute = "recompute",
        /// What is returned is paid back as it was paid, less what the coupon took off lines that are kept.
        ClawBack = "claw_back",
    }
}
