//! What a store answers. These enums are exhaustive on purpose: where ignoring a new case would cost money, the build
//! should break.

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

use crate::coupon::Code;
use crate::customer::IdentityKey;
use crate::key::{AllowanceId, CouponId};
use crate::outcome::{CounterKey, Digest};

use super::PointsReturned;

/// The answer to [`reserve`](crate::CouponStore::reserve).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Reserve {
    /// Every counter of the redemption is held for this reference.
    Held {
        /// The hold lives before this instant: the one asked for, or the end of the shortest window of its coupons
        /// where that comes first, since nothing can be redeemed after it.
        until: DateTime<Utc>,
    },
    /// The same content is recorded already; there is nothing left to hold.
    AlreadyRecorded,
    /// Other content is recorded under this reference. Nothing was changed.
    Different,
    /// Counters or guards said no; every one that did. Nothing was changed, and a live hold of this reference stays.
    Refused(Vec<Objection>),
    /// Definitions were revised since the redemption was priced: load, evaluate and ask again. Nothing was changed.
    Stale(Vec<Revised>),
}

/// The answer to [`commit`](crate::CouponStore::commit).
///
/// | answer | what the checkout does |
/// |---|---|
/// | recorded, recorded already | commits its transaction: the order is placed |
/// | different | keeps the order that is recorded under this reference, and looks for the fault in its own references |
/// | refused | prices again without what said no and shows the shopper the new total, or voids the authorisation |
/// | refused, types changed | loads, evaluates and asks again under the same reference; nothing is left out |
/// | stale | loads, evaluates and asks again; the shopper sees a total that changed |
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Commit {
    /// Recorded, now and for good.
    Recorded,
    /// The same content was recorded under this reference before: a repeat, and a success. Nothing was counted twice.
    AlreadyRecorded,
    /// Other content is recorded under this reference. Nothing was changed: the order that is recorded stands.
    Different,
    /// Counters or guards said no; every one that did. Nothing was changed, and a live hold of this reference stays.
    /// Evaluate again without what said no, or give the order up.
    Refused(Vec<Objection>),
    /// Definitions were revised since the redemption was priced, and no live hold pins them: load, evaluate and ask
    /// again. Nothing was changed.
    Stale(Vec<Revised>),
}

impl Commit {
    /// Whether the redemption is recorded, by this call or an earlier one: the order may be placed.
    ///
    /// ```
    /// use vouchsafe::Commit;
    ///
    /// assert!(Commit::Recorded.is_recorded());
    /// assert!(Commit::AlreadyRecorded.is_recorded());
    /// assert!(!Commit::Different.is_recorded());
    /// ```
    #[must_use]
    pub fn is_recorded(&self) -> bool {
        match self {
            Self::Recorded | Self::AlreadyRecorded => true,
            Self::Different | Self::Refused(_) | Self::Stale(_) => false,
        }
    }
}

/// The answer to [`release`](crate::CouponStore::release).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Release {
    /// The hold is gone, and what it held is free.
    Released,
    /// There was no live hold: none was made, or it lapsed, or it was released before.
    NothingHeld,
    /// The redemption is recorded; what is recorded can only be [voided](crate::CouponStore::void).
    Recorded,
}

/// The answer to [`CouponAdmin::amend`](crate::CouponAdmin::amend).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Amend {
    /// The changed order is recorded in the place of the one before.
    Amended,
    /// This very change was recorded before. Nothing was changed.
    AlreadyAmended,
    /// What is recorded is not what the change is based on: somebody else changed the order meanwhile. Or the id of the
    /// change stands for another one. Nothing was changed.
    Different,
    /// Nothing is recorded under this reference.
    NotRecorded,
    /// A counter has no room for the rise, or the record is void. Nothing was changed.
    Refused(Vec<Objection>),
}

/// The answer to [`void`](crate::CouponStore::void).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Void {
    /// The record is marked as void.
    Voided {
        /// Whether its uses were given back.
        uses_given_back: bool,
        /// Whether a type of the customer was set back. Not where it changed none, or where later changes stand.
        type_reverted: bool,
        /// Whether the allowances that it took from were given back.
        #[serde(default)]
        allowances_given_back: bool,
        /// How the account of points was moved; none where the order moved no points, or they stay.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        points: Option<PointsReturned>,
    },
    /// It was void before. Nothing was changed, whatever was asked for this time.
    AlreadyVoided,
    /// Nothing is recorded under this reference. A hold, if there is one, stays: it is to be released.
    NotRecorded,
}

/// What a void gives back. By default nothing but points: a use stays used (S106), a type that was given stays, and what
/// was bought of an allowance stays bought. Points are money: those that were redeemed go back to the customer like what
/// was paid otherwise, and those that the order earned are taken back, unless they are kept.
///
/// ```
/// use vouchsafe::OnVoid;
///
/// let policy = OnVoid::KEEP.with_uses_given_back(true);
/// assert!(policy.gives_uses_back() && !policy.reverts_type());
/// assert_eq!(OnVoid::default(), OnVoid::KEEP);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OnVoid {
    uses: bool,
    customer_type: bool,
    allowances: bool,
    #[serde(skip_serializing_if = "is_false")]
    points_kept: bool,
}

fn is_false(value: &bool) -> bool {
    !*value
}

impl OnVoid {
    /// Uses stay used, the type stays, and what was bought of allowances stays bought. Points go back.
    pub const KEEP: Self = Self { uses: false, customer_type: false, allowances: false, points_kept: false };

    /// Whether the counters of coupons that the redemption raised are lowered again, and a bearer code that it bound is
    /// freed.
    #[must_use]
    pub fn with_uses_given_back(mut self, back: bool) -> Self {
        self.uses = back;
        self
    }

    /// Whether the customer goes back to the type before: at once, or where a later change of it stands, together with that
    /// one.
    #[must_use]
    pub fn with_type_reverted(mut self, reverted: bool) -> Self {
        self.customer_type = reverted;
        self
    }

    /// Whether the allowances that the order took from are given back, so that the customer may buy as much again (S44).
    #[must_use]
    pub fn with_allowances_given_back(mut self, back: bool) -> Self {
        self.allowances = back;
        self
    }

    /// Whether loyalty points stay as the order moved them: those that were redeemed are lost, those that were earned stay.
    #[must_use]
    pub fn with_points_kept(mut self, kept: bool) -> Self {
        self.points_kept = kept;
        self
    }

    /// Whether redeemed points are given back and earned ones taken back.
    #[must_use]
    pub fn gives_points_back(self) -> bool {
        !self.points_kept
    }

    /// Whether uses are given back.
    #[must_use]
    pub fn gives_uses_back(self) -> bool {
        self.uses
    }

    /// Whether allowances are given back.
    #[must_use]
    pub fn gives_allowances_back(self) -> bool {
        self.allowances
    }

    /// Whether the type is set back.
    #[must_use]
    pub fn reverts_type(self) -> bool {
        self.customer_type
    }
}

/// A definition that was revised since the redemption was priced.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revised {
    /// The definition.
    pub coupon: CouponId,
    /// The revision that was priced.
    pub priced: u32,
    /// The revision that stands.
    pub current: u32,
}

/// One counter or guard that said no.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Objection {
    /// A counter has no room for it (S4, S69, S98).
    LimitReached {
        /// The counter.
        counter: CounterKey,
        /// The most it may reach.
        limit: u64,
        /// What is used for good.
        used: u64,
        /// What live holds of others have of it; it may come free again.
        held: u64,
        /// By how much it was to rise.
        wanted: u64,
    },
    /// The store has no such definition.
    UnknownCoupon {
        /// The definition.
        coupon: CouponId,
    },
    /// The definition is switched off, or over, and no live hold was there before.
    NotActive {
        /// The definition.
        coupon: CouponId,
    },
    /// The definition was killed; not even a live hold outlasts that.
    Killed {
        /// The definition.
        coupon: CouponId,
    },
    /// No such code is issued.
    UnknownCode {
        /// The definition.
        coupon: CouponId,
        /// The code.
        code: Code,
    },
    /// The code was withdrawn; not even a live hold outlasts that.
    CodeRevoked {
        /// The definition.
        coupon: CouponId,
        /// The code.
        code: Code,
    },
    /// The code belongs to somebody else by now (S55).
    WrongCustomer {
        /// The definition.
        coupon: CouponId,
        /// The code.
        code: Code,
    },
    /// The customer gets a type, and there is no identity key to give it to.
    CustomerRequired {
        /// The definition; none where a purchase, a sign-up or an administrator gives it.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        coupon: Option<CouponId>,
    },
    /// The instant lies outside the coupon's window.
    OutsideWindow {
        /// The definition.
        coupon: CouponId,
        /// From this instant on.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        from: Option<DateTime<Utc>>,
        /// Before this instant.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        until: Option<DateTime<Utc>>,
    },
    /// The window in which an allowance was counted is over, or one has begun that was not to be counted yet: evaluate
    /// again (S45).
    OutsideAllowance {
        /// The allowance.
        allowance: AllowanceId,
        /// From this instant on.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        from: Option<DateTime<Utc>>,
        /// Before this instant.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        until: Option<DateTime<Utc>>,
    },
    /// The customer's types were changed since a change of them was priced, by another order of the same customer, an
    /// administrator or a void: load, evaluate and ask again under the same reference, so that the change starts from what
    /// the customer holds now (S12, S49).
    TypesChanged {
        /// The revision that it was priced from.
        priced: u64,
        /// The revision that stands.
        current: u64,
    },
    /// The account of points does not have as many as are redeemed (S29).
    PointsShort {
        /// The account.
        account: IdentityKey,
        /// The points in it.
        balance: u64,
        /// What live holds of others have of them; they may come free again.
        held: u64,
        /// What is to be redeemed.
        wanted: u64,
    },
    /// The total is not the one that the shopper saw.
    TotalChanged {
        /// What the shopper saw.
        seen: Digest,
        /// What is to be recorded.
        found: Digest,
    },
    /// The redemption of this reference was voided; a new order wants a new reference.
    Voided,
}

impl Objection {
    /// The definition it is about; none where it is about the order.
    #[must_use]
    pub fn coupon(&self) -> Option<&CouponId> {
        match self {
            Self::LimitReached { counter, .. } => counter.coupon(),
            Self::UnknownCoupon { coupon }
            | Self::NotActive { coupon }
            | Self::Killed { coupon }
            | Self::UnknownCode { coupon, .. }
            | Self::CodeRevoked { coupon, .. }
            | Self::WrongCustomer { coupon, .. }
            | Self::OutsideWindow { coupon, .. } => Some(coupon),
            Self::CustomerRequired { coupon } => coupon.as_ref(),
            Self::OutsideAllowance { .. }
            | Self::TypesChanged { .. }
            | Self::PointsShort { .. }
            | Self::TotalChanged { .. }
            | Self::Voided => None,
        }
    }

    /// The allowance it is about, where it is about one.
    #[must_use]
    pub fn allowance(&self) -> Option<&AllowanceId> {
        match self {
            Self::LimitReached { counter, .. } => counter.allowance(),
            Self::OutsideAllowance { allowance, .. } => Some(allowance),
            _ => None,
        }
    }
}

impl fmt::Display for Objection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LimitReached { counter, limit, used, held, wanted } => {
                match (counter.coupon(), counter.allowance()) {
                    (Some(coupon), _) => write!(f, "a limit of `{coupon}` is reached")?,
                    (None, Some(allowance)) => write!(f, "allowance `{allowance}` has no room")?,
                    (None, None) => f.write_str("another order of this customer has a first-order offer")?,
                }
                write!(f, ": {used} used and {held} held of {limit}, {wanted} wanted")
            }
            Self::UnknownCoupon { coupon } => write!(f, "`{coupon}` is not defined"),
            Self::NotActive { coupon } => write!(f, "`{coupon}` is switched off"),
            Self::Killed { coupon } => write!(f, "`{coupon}` was killed"),
            Self::UnknownCode { coupon, code } => write!(f, "`{coupon}` has no code `{code}`"),
            Self::CodeRevoked { code, .. } => write!(f, "code `{code}` was withdrawn"),
            Self::WrongCustomer { code, .. } => write!(f, "code `{code}` belongs to another customer"),
            Self::CustomerRequired { coupon: Some(coupon) } => {
                write!(f, "`{coupon}` gives a customer type, and the customer is not known")
            }
            Self::CustomerRequired { coupon: None } => f.write_str("the customer gets a type and is not known"),
            Self::OutsideWindow { coupon, from, until } => {
                write!(f, "`{coupon}` is valid")?;
                window(f, *from, *until)
            }
            Self::OutsideAllowance { allowance, from, until } => {
                write!(f, "allowance `{allowance}` was counted")?;
                window(f, *from, *until)
            }
            Self::TypesChanged { priced, current } => {
                write!(f, "the customer's types have revision {current}, and the change is based on {priced}")
            }
            Self::PointsShort { balance, held, wanted, .. } => {
                write!(f, "{wanted} points are wanted: {balance} are there, and {held} of them are held")
            }
            Self::TotalChanged { .. } => f.write_str("the total is not the one that the shopper saw"),
            Self::Voided => f.write_str("the redemption was voided"),
        }
    }
}

fn window(f: &mut fmt::Formatter<'_>, from: Option<DateTime<Utc>>, until: Option<DateTime<Utc>>) -> fmt::Result {
    for (word, instant) in [("from", from), ("until", until)] {
        if let Some(instant) = instant {
            write!(f, " {word} {}", instant.to_rfc3339_opts(SecondsFormat::Secs, true))?;
        }
    }
    Ok(())
}
