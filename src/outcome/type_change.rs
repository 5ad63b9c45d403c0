//! A change of the types that a customer holds: what it was, what it becomes, and why.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::calendar::Window;
use crate::coupon::{AssignWhen, Code, TypeKind};
use crate::customer::{HeldTypes, Membership, TypeTerm};
use crate::error::{Error, Why};
use crate::key::{ActorId, CouponId, CustomerTypeId, ProductId, SignUpId};
use crate::order::LineId;

/// Why a customer's types change. There are these causes and no others: a shopper alone changes nothing (S12).
///
/// ```
/// use vouchsafe::TypeCause;
///
/// let bought: TypeCause = serde_json::from_str(r#"{"purchase": {"product": "CLUB-YEAR", "line": 1}}"#)?;
/// assert!(matches!(bought, TypeCause::Purchase { product, .. } if product.as_str() == "CLUB-YEAR"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum TypeCause {
    /// A coupon was redeemed (S1).
    Coupon {
        /// The definition.
        coupon: CouponId,
        /// The code it was redeemed by.
        code: Code,
    },
    /// A product was bought that assigns the type (S49).
    Purchase {
        /// The product.
        product: ProductId,
        /// The line that it was bought on.
        line: LineId,
    },
    /// The customer signed up (S50).
    SignUp {
        /// What for.
        form: SignUpId,
    },
    /// Somebody of the merchant decided so.
    Administrator {
        /// Who.
        actor: ActorId,
    },
    /// Its time was over, or that of the membership that it hung on (S52).
    Ended,
}

impl TypeCause {
    /// The coupon, where one was the cause.
    #[must_use]
    pub fn coupon(&self) -> Option<&CouponId> {
        match self {
            Self::Coupon { coupon, .. } => Some(coupon),
            Self::Purchase { .. } | Self::SignUp { .. } | Self::Administrator { .. } | Self::Ended => None,
        }
    }
}

/// A change of one type of a customer: the primary type, or one membership. Only a coupon, a purchase, a sign-up, an
/// administrator or the end of its time makes one, never the shopper alone (S12); it says which, and what was before, so
/// that it can be audited and turned back.
///
/// A membership that is made longer goes from itself to itself. Nothing is durable before a store has
/// [recorded](crate::CouponStore::commit) it.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// let shop = Shop::builder(Policy::storefront(Currency::USD, Zone::UTC))
///     .default_type("RETAIL".parse()?)
///     .customer_type("PROFORM".parse()?)
///     .build()?;
/// let assign = TypeAssignment::new("PROFORM".parse()?, AssignWhen::OnCommit).lasting(AssignUntil::Days(30))?;
/// let patrol = Coupon::builder("patrol").code("PATROL").benefit(Benefit::None).assign(assign).build()?;
/// let patrol = shop.prepare(patrol)?;
///
/// let (nothing, ann) = (Order::builder(Currency::USD).build()?, Customer::new([IdentityKey::id("42")?]));
/// let (claim, at) = (Reference::Claim("c-1".parse()?), parse_instant("2026-03-01T12:00:00Z")?);
/// let codes = [Presented::new("patrol", &patrol)];
/// let outcome = shop.evaluate(&Request::new(&nothing, &ann, claim, at).with_codes(&codes))?;
///
/// let change = outcome.type_change().ok_or("no change")?;
/// assert_eq!((change.from.clone(), change.to.clone()), (Some("RETAIL".parse()?), Some("PROFORM".parse()?)));
/// assert_eq!(change.until, Some(parse_instant("2026-04-01T00:00:00Z")?));
///
/// // What the customer holds with it, and without it again.
/// let mut held = ann.held().clone();
/// held.apply(change);
/// assert_eq!(held.primary_at(at), Some(&"PROFORM".parse()?));
/// held.apply(&change.inverse(at));
/// assert_eq!(held.primary_at(at), Some(&"RETAIL".parse()?));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct TypeChange {
    /// Whether it is the primary type or a membership that changes.
    pub kind: TypeKind,
    /// The type before: of a membership itself, or nothing where the customer was no member.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub from: Option<CustomerTypeId>,
    /// The type after. None for a membership that ends, and for a primary type that only the shop's default follows.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub to: Option<CustomerTypeId>,
    /// When it takes effect.
    pub when: AssignWhen,
    /// Of a membership, when it begins or began.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub since: Option<DateTime<Utc>>,
    /// The first instant at which the type is no longer held; none where it has no end.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub until: Option<DateTime<Utc>>,
    /// The membership that the primary type lasts with.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub while_member_of: Option<CustomerTypeId>,
    /// The primary type that comes after; the shop's default where there is none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub then: Option<CustomerTypeId>,
    /// How long the type before was to be held.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub before: Option<TypeTerm>,
    /// Why.
    pub cause: TypeCause,
    /// The instant of the evaluation.
    pub at: DateTime<Utc>,
}

impl TypeChange {
    /// The change that turns this one back, made at an instant. The cause stays: it is what is turned back.
    ///
    /// A customer who had no type of their own goes back to what was the shop's default type, by name.
    #[must_use]
    pub fn inverse(&self, at: DateTime<Utc>) -> Self {
        let before = self.before.as_ref();
        Self {
            kind: self.kind,
            from: self.to.clone(),
            to: self.from.clone(),
            when: self.when,
            since: self.since,
            until: before.and_then(|term| term.until),
            while_member_of: before.and_then(|term| term.while_member_of.clone()),
            then: before.and_then(|term| term.then.clone()),
            before: self.term(),
            cause: self.cause.clone(),
            at,
        }
    }

    /// Whether it is about the same: the primary type, or the same membership.
    #[must_use]
    pub fn concerns_same(&self, other: &Self) -> bool {
        self.kind == other.kind && (self.kind == TypeKind::Primary || self.membership() == other.membership())
    }

    /// The membership that it is about.
    fn membership(&self) -> Option<&CustomerTypeId> {
        self.to.as_ref().or(self.from.as_ref())
    }

    /// How long the type after is held; none where it has no end.
    pub(crate) fn term(&self) -> Option<TypeTerm> {
        let (until, while_member_of) = (self.until, self.while_member_of.clone());
        let bounded = until.is_some() || while_member_of.is_some();
        bounded.then(|| TypeTerm { until, while_member_of, then: self.then.clone() })
    }

    /// What it says, without the instant and what follows from it.
    pub(super) fn same_content(&self, other: &Self) -> bool {
        let shape = |c: &Self| (c.kind, c.when, c.until.is_some());
        shape(self) == shape(other)
            && self.from == other.from
            && self.to == other.to
            && self.while_member_of == other.while_member_of
            && self.then == other.then
            && self.cause == other.cause
    }
}

impl HeldTypes {
    /// Makes a change. What the customer holds is what is left after all changes in the order in which they were
    /// recorded.
    ///
    /// ```
    /// use vouchsafe::{HeldTypes, TypeChange};
    ///
    /// let joined: TypeChange = serde_json::from_str(
    ///     r#"{
    ///         "kind": "membership", "to": "CLUB", "when": "on_commit", "until": "2027-01-01T00:00:00Z",
    ///         "cause": {"purchase": {"product": "CLUB-YEAR", "line": 1}}, "at": "2026-01-01T12:00:00Z"
    ///     }"#,
    /// )?;
    /// let mut held = HeldTypes::default();
    /// held.apply(&joined);
    /// assert!(held.is_member(&"CLUB".parse()?, joined.at));
    /// assert!(!held.is_member(&"CLUB".parse()?, "2027-01-01T00:00:00Z".parse()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn apply(&mut self, change: &TypeChange) {
        match change.kind {
            TypeKind::Primary => {
                self.primary = change.to.clone();
                self.term = change.term().filter(|_| change.to.is_some());
            }
            TypeKind::Membership => match (&change.to, change.membership()) {
                (Some(to), _) => {
                    // A window that would be empty holds nothing, as if it had ended.
                    match Window::instants(change.since, change.until) {
                        Ok(window) => self.set_membership(Membership::new(to.clone()).with_window(window)),
                        Err(_) => self.memberships.retain(|m| m.customer_type != *to),
                    }
                }
                (None, Some(from)) => self.memberships.retain(|m| m.customer_type != *from),
                (None, None) => {}
            },
        }
    }
}

/// Checks changes that were read: at most one of the primary type, each membership once, each one a change. `known` says
/// whether a cause is known to the document.
pub(super) fn check(changes: &[TypeChange], known: impl Fn(&TypeCause) -> bool) -> Result<(), Error> {
    for (i, change) in changes.iter().enumerate() {
        let path = |field: &'static str| format!("type_changes[{i}].{field}");
        let name = |held: &Option<CustomerTypeId>| held.as_ref().map_or_else(|| "none".to_owned(), ToString::to_string);
        let disagrees = || Why::Disagrees { with: "the rest of the document" };
        if changes.iter().take(i).any(|earlier| earlier.concerns_same(change)) {
            return Err(Error::invalid(path("kind"), change.kind, Why::Duplicate));
        }
        if !known(&change.cause) {
            let cause = change.cause.coupon().map_or_else(|| "..".to_owned(), ToString::to_string);
            return Err(Error::invalid(path("cause"), cause, disagrees()));
        }
        let same = change.from == change.to;
        let wrong = match change.kind {
            TypeKind::Primary => (same && change.before == change.term()) || change.since.is_some(),
            TypeKind::Membership => {
                change.membership().is_none() || (!same && change.from.is_some() && change.to.is_some())
            }
        };
        if wrong {
            return Err(Error::invalid(path("to"), name(&change.to), disagrees()));
        }
        if change.to.is_none() && change.term().is_some() {
            return Err(Error::invalid(path("until"), name(&change.to), disagrees()));
        }
        if change.kind == TypeKind::Membership && change.while_member_of.is_some() {
            return Err(Error::invalid(path("while_member_of"), name(&change.while_member_of), disagrees()));
        }
        if let (Some(since), Some(until)) = (change.since, change.until) {
            if until <= since {
                return Err(Error::invalid(path("until"), until.to_rfc3339(), Why::EmptyWindow));
            }
        }
    }
    Ok(())
}
