//! The types a customer has: one primary type, and memberships beside it.

use std::hash::{Hash, Hasher};

use chrono::{DateTime, Utc};

use crate::calendar::Window;
use crate::error::Why;
use crate::form::DraftValue;
use crate::form::{Check, Form, Writer, read_window, serde_by_form};
use crate::key::CustomerTypeId;

/// A further customer type that a customer has beside the primary one, for a time: a club, a guild, a programme.
///
/// Belonging to it gives what its type gives: prices, access, allowances. A membership that is over gives nothing, and
/// nobody has to tidy it up (S52).
///
/// In JSON `"CLUB"`, or `{"type": "CLUB", "starts_at": "...", "ends_at": "..."}`, the end no longer inside.
///
/// ```
/// use vouchsafe::{Membership, Window, parse_instant};
///
/// let (joined, over) = (parse_instant("2026-01-01T00:00:00Z")?, parse_instant("2027-01-01T00:00:00Z")?);
/// let club = Membership::new("CLUB".parse()?).with_window(Window::instants(Some(joined), Some(over))?);
/// assert!(club.is_live(joined));
/// assert!(!club.is_live(over));
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Membership {
    pub(crate) customer_type: CustomerTypeId,
    pub(crate) window: Window,
}

impl Membership {
    /// A membership without end.
    #[must_use]
    pub fn new(customer_type: CustomerTypeId) -> Self {
        Self { customer_type, window: Window::ALWAYS }
    }

    /// When it is live.
    #[must_use]
    pub fn with_window(mut self, window: Window) -> Self {
        self.window = window;
        self
    }

    /// The type that it gives.
    #[must_use]
    pub fn customer_type(&self) -> &CustomerTypeId {
        &self.customer_type
    }

    /// When it is live.
    #[must_use]
    pub fn window(&self) -> Window {
        self.window
    }

    /// Whether it is live at an instant.
    #[must_use]
    pub fn is_live(&self, at: DateTime<Utc>) -> bool {
        self.window.contains(at)
    }
}

impl From<CustomerTypeId> for Membership {
    fn from(customer_type: CustomerTypeId) -> Self {
        Self::new(customer_type)
    }
}

impl Form for Membership {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        if value.as_text().is_some() {
            return Form::read(value, check).map(Self::new);
        }
        if value.as_map().is_none() {
            check.wrong_kind(value, "a customer type or an object");
            return None;
        }
        check.fields(value, |f| {
            let customer_type = f.required("type");
            let window = read_window(f)?;
            Some(Self { customer_type: customer_type?, window })
        })
    }

    fn write(&self) -> DraftValue {
        if self.window == Window::ALWAYS {
            return self.customer_type.write();
        }
        Writer::default().put("type", &self.customer_type).put_window(&self.window).end()
    }
}

/// How long a customer has the primary type, and which comes after.
///
/// Where it is over, the customer has the type of `then`, or the shop's default type without one: at that very instant,
/// whether or not anybody has recorded it (S52).
///
/// In JSON `{"until": "...", "while_member_of": "CLUB", "then": "RETAIL"}`, with one of the first two or both.
///
/// ```
/// use vouchsafe::{Customer, Membership, TypeTerm, parse_instant};
///
/// let season_ends = parse_instant("2026-05-01T00:00:00Z")?;
/// let term = TypeTerm::until(season_ends).then("RETAIL".parse()?);
/// let ann = Customer::anonymous().with_type("PROFORM".parse()?).with_type_term(term);
/// let type_at = |at| ann.held().primary_at(at).map(|t| t.as_str());
/// assert_eq!(type_at(season_ends - chrono::TimeDelta::seconds(1)), Some("PROFORM"));
/// assert_eq!(type_at(season_ends), Some("RETAIL"));
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TypeTerm {
    pub(crate) until: Option<DateTime<Utc>>,
    pub(crate) while_member_of: Option<CustomerTypeId>,
    pub(crate) then: Option<CustomerTypeId>,
}

impl TypeTerm {
    /// Before this instant.
    #[must_use]
    pub fn until(until: DateTime<Utc>) -> Self {
        Self { until: Some(until), while_member_of: None, then: None }
    }

    /// While the customer has a live membership of this type.
    #[must_use]
    pub fn while_member_of(membership: CustomerTypeId) -> Self {
        Self { until: None, while_member_of: Some(membership), then: None }
    }

    /// The type that comes after.
    #[must_use]
    pub fn then(mut self, customer_type: CustomerTypeId) -> Self {
        self.then = Some(customer_type);
        self
    }

    /// The first instant at which it no longer holds.
    #[must_use]
    pub fn ends_at(&self) -> Option<DateTime<Utc>> {
        self.until
    }

    /// The membership that it lasts with.
    #[must_use]
    pub fn membership(&self) -> Option<&CustomerTypeId> {
        self.while_member_of.as_ref()
    }

    /// The type that comes after; the shop's default type where there is none.
    #[must_use]
    pub fn next(&self) -> Option<&CustomerTypeId> {
        self.then.as_ref()
    }
}

impl Form for TypeTerm {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| {
            let (until, while_member_of) = (f.optional("until"), f.optional("while_member_of"));
            // A term that nothing ends would be none.
            if !f.has("until") && !f.has("while_member_of") {
                f.report("until", Why::Missing);
            }
            Some(Self { until, while_member_of, then: f.optional("then") })
        })
    }

    fn write(&self) -> DraftValue {
        Writer::default()
            .put_some("until", self.until.as_ref())
            .put_some("while_member_of", self.while_member_of.as_ref())
            .put_some("then", self.then.as_ref())
            .end()
    }
}

/// The types of a customer: one primary type, and an ordered list of memberships, each type once.
///
/// A store keeps it per customer; a host that keeps its own fills it in. What a store hands out has a
/// [revision](Self::with_revision), which is no part of what the customer holds: two are equal whatever theirs.
///
/// In JSON the fields `customer_type`, `type_term`, `memberships` and `types_revision`, each optional, which stand in the
/// document of a [`Customer`](crate::Customer) as they are.
///
/// ```
/// use vouchsafe::{Customer, parse_instant};
///
/// let at = parse_instant("2026-03-01T12:00:00Z")?;
/// let ann = Customer::anonymous().with_type("WHOLESALE".parse()?).with_memberships(["WINE_CLUB".parse()?]);
/// let held: Vec<&str> = ann.held().types_at(at).map(|t| t.as_str()).collect();
/// assert_eq!(held, ["WHOLESALE", "WINE_CLUB"]);
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct HeldTypes {
    pub(crate) primary: Option<CustomerTypeId>,
    pub(crate) term: Option<TypeTerm>,
    pub(crate) memberships: Vec<Membership>,
    pub(crate) revision: Option<u64>,
}

impl PartialEq for HeldTypes {
    fn eq(&self, other: &Self) -> bool {
        self.primary == other.primary && self.term == other.term && self.memberships == other.memberships
    }
}

impl Eq for HeldTypes {}

impl Hash for HeldTypes {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.primary.hash(state);
        self.term.hash(state);
        self.memberships.hash(state);
    }
}

impl HeldTypes {
    /// How many changes the store had recorded for the customer when it read these types. For stores: a host that keeps
    /// the types itself sets none.
    ///
    /// A redemption that changes a type bears the revision that it was priced from
    /// ([`Guard::Types`](crate::Guard::Types)), and is refused where the store has gone on since: of two orders that were
    /// priced at once and each add a year, the second would take the first one's year away.
    ///
    /// ```
    /// use vouchsafe::HeldTypes;
    ///
    /// let third = HeldTypes::default().with_revision(3);
    /// assert_eq!(third.revision(), Some(3));
    /// assert_eq!(third, HeldTypes::default(), "the customer holds the same");
    /// ```
    #[must_use]
    pub fn with_revision(mut self, revision: u64) -> Self {
        self.revision = Some(revision);
        self
    }

    /// The [revision](Self::with_revision) that a store gave; none where the host keeps the types itself.
    #[must_use]
    pub fn revision(&self) -> Option<u64> {
        self.revision
    }

    /// The primary type as it was set, whether or not its term is over.
    #[must_use]
    pub fn primary(&self) -> Option<&CustomerTypeId> {
        self.primary.as_ref()
    }

    /// How long the primary type holds; for good where there is none.
    #[must_use]
    pub fn term(&self) -> Option<&TypeTerm> {
        self.term.as_ref()
    }

    /// All memberships in their order, those that are over or have not begun among them.
    #[must_use]
    pub fn memberships(&self) -> &[Membership] {
        &self.memberships
    }

    /// Whether the term of the primary type is over.
    #[must_use]
    pub fn term_is_over(&self, at: DateTime<Utc>) -> bool {
        self.term.as_ref().is_some_and(|term| {
            term.until.is_some_and(|until| until <= at)
                || term.while_member_of.as_ref().is_some_and(|membership| !self.is_member(membership, at))
        })
    }

    /// The primary type at an instant: the one that was set, or after its term the one that follows.
    #[must_use]
    pub fn primary_at(&self, at: DateTime<Utc>) -> Option<&CustomerTypeId> {
        match &self.term {
            Some(term) if self.term_is_over(at) => term.then.as_ref(),
            _ => self.primary.as_ref(),
        }
    }

    /// The types of the memberships that are live at an instant, in their order.
    pub fn memberships_at(&self, at: DateTime<Utc>) -> impl Iterator<Item = &CustomerTypeId> {
        self.memberships.iter().filter(move |m| m.is_live(at)).map(|m| &m.customer_type)
    }

    /// The primary type at an instant, then the live memberships.
    pub fn types_at(&self, at: DateTime<Utc>) -> impl Iterator<Item = &CustomerTypeId> {
        self.primary_at(at).into_iter().chain(self.memberships_at(at))
    }

    /// Whether there is a live membership of this type.
    #[must_use]
    pub fn is_member(&self, membership: &CustomerTypeId, at: DateTime<Utc>) -> bool {
        self.memberships_at(at).any(|m| m == membership)
    }

    /// Puts a membership at the end of the list, or in the place of the one of its type.
    pub(crate) fn set_membership(&mut self, membership: Membership) {
        match self.memberships.iter_mut().find(|m| m.customer_type == membership.customer_type) {
            Some(place) => *place = membership,
            None => self.memberships.push(membership),
        }
    }
}

impl Form for HeldTypes {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, read_held)
    }

    fn write(&self) -> DraftValue {
        write_held(self, Writer::default()).end()
    }
}

/// The fields of it, which stand in the document of a customer as they are.
pub(super) fn read_held(f: &mut crate::form::Fields<'_, '_>) -> Option<HeldTypes> {
    let (primary, term) = (f.optional("customer_type"), f.optional("type_term"));
    if term.is_some() && !f.has("customer_type") {
        f.report("customer_type", Why::Missing);
    }
    let given: Vec<Membership> = f.optional("memberships").unwrap_or_default();
    let revision = f.optional("types_revision");
    let mut held = HeldTypes { primary, term, memberships: Vec::new(), revision };
    for membership in given {
        held.set_membership(membership);
    }
    Some(held)
}

pub(super) fn write_held(held: &HeldTypes, writer: Writer) -> Writer {
    let memberships = &held.memberships;
    writer
        .put_some("customer_type", held.primary.as_ref())
        .put_some("type_term", held.term.as_ref().filter(|_| held.primary.is_some()))
        .put_some("memberships", (!memberships.is_empty()).then_some(memberships))
        .put_some("types_revision", held.revision.as_ref())
}

serde_by_form!(Membership, TypeTerm, HeldTypes);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::parse_instant;
    use crate::form::testing::{assert_errors, assert_identity, read};

    #[test]
    fn a_round_trip_is_identity() {
        assert_identity::<Membership>(&[
            r#""CLUB""#,
            r#"{"type":"CLUB","starts_at":"2026-01-01T00:00:00Z","ends_at":"2027-01-01T00:00:00Z"}"#,
        ]);
        assert_identity::<HeldTypes>(&[
            "{}",
            concat!(
                r#"{"customer_type":"A","type_term":{"until":"2026-01-01T00:00:00Z","while_member_of":"B","then":"C"},"#,
                r#""memberships":["Z","B"],"types_revision":7}"#
            ),
            r#"{"types_revision":18446744073709551615}"#,
        ]);
    }

    #[test]
    fn mistakes_are_named() {
        assert_errors::<Membership>(&[
            ("7", "`` is `7`: expected a customer type or an object"),
            (r#"{"starts_at":"2026-01-01T00:00:00Z"}"#, "`type` is missing"),
            (
                r#"{"type":"A","starts_at":"2026-01-01T00:00:00Z","ends_at":"2026-01-01T00:00:00Z"}"#,
                "`ends_at` is `2026-01-01T00:00:00Z`: ends before it begins",
            ),
        ]);
        assert_errors::<HeldTypes>(&[
            (r#"{"type_term":{"until":"2026-01-01T00:00:00Z"}}"#, "`customer_type` is missing"),
            (r#"{"customer_type":"A","type_term":{"then":"B"}}"#, "`type_term.until` is missing"),
        ]);
        assert!(serde_json::from_str::<HeldTypes>(r#"{"types_revision":-1}"#).is_err());
    }

    /// Proves S52: whatever ends a term, the type that follows holds from that instant on.
    #[test]
    fn a_term_ends_with_its_date_or_with_its_membership() {
        let held: HeldTypes = read(concat!(
            r#"{"customer_type":"GOLD","type_term":{"until":"2026-06-01T00:00:00Z","while_member_of":"CLUB","#,
            r#""then":"SILVER"},"memberships":[{"type":"CLUB","starts_at":"2026-01-01T00:00:00Z","#,
            r#""ends_at":"2026-05-01T00:00:00Z"}]}"#
        ));
        let primary = |at: &str| held.primary_at(parse_instant(at).unwrap()).map(CustomerTypeId::as_str);
        assert_eq!(primary("2025-12-31T23:59:59Z"), Some("SILVER"), "the membership has not begun");
        assert_eq!(primary("2026-01-01T00:00:00Z"), Some("GOLD"));
        assert_eq!(primary("2026-04-30T23:59:59Z"), Some("GOLD"));
        assert_eq!(primary("2026-05-01T00:00:00Z"), Some("SILVER"));
        let without = HeldTypes { term: Some(TypeTerm::while_member_of("OTHER".parse().unwrap())), ..held };
        assert_eq!(without.primary_at(parse_instant("2026-03-01T00:00:00Z").unwrap()), None);
    }

    #[test]
    fn a_type_is_a_member_once_and_keeps_its_place() {
        let held: HeldTypes = read(r#"{"memberships":["B","A",{"type":"B","ends_at":"2026-01-01T00:00:00Z"}]}"#);
        let types: Vec<&str> = held.memberships().iter().map(|m| m.customer_type().as_str()).collect();
        assert_eq!(types, ["B", "A"]);
        let later = parse_instant("2026-02-01T00:00:00Z").unwrap();
        assert!(!held.is_member(&"B".parse().unwrap(), later) && held.is_member(&"A".parse().unwrap(), later));
    }
}
