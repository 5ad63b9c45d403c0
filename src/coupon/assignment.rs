//! A customer type that is assigned: by a coupon, a purchase, a sign-up or an administrator.

use chrono::NaiveDate;

use crate::calendar::Zone;
use crate::error::{Error, Why};
use crate::key::CustomerTypeId;

use crate::form::DraftValue;
use crate::form::{Check, Form, Writer, choices, serde_by_form, tagged};

choices! {
    /// When an assigned customer type takes effect.
    ///
    /// ```
    /// use vouchsafe::{AssignWhen, TypeAssignment};
    ///
    /// // A pro-form code shows and prices the gated products in the same evaluation.
    /// let assign: TypeAssignment = serde_json::from_str(r#"{"to": "PROFORM", "when": "before_pricing"}"#)?;
    /// assert_eq!(assign.when(), AssignWhen::BeforePricing);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub enum AssignWhen {
        /// When the redemption is committed.
        OnCommit = "on_commit",
        /// In the very evaluation that accepts the code: prices and visibility follow the new type (S6).
        BeforePricing = "before_pricing",
        /// From the next order on.
        NextOrder = "next_order",
    }
}

choices! {
    /// How a customer holds a type. Everyone has one primary type, and any number of memberships beside it.
    ///
    /// ```
    /// use vouchsafe::{AssignWhen, TypeAssignment, TypeKind};
    ///
    /// let club = TypeAssignment::membership("CLUB".parse()?, AssignWhen::OnCommit);
    /// assert_eq!(club.kind(), TypeKind::Membership);
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    pub enum TypeKind {
        /// The type takes the place of the primary type that the customer has.
        Primary = "primary",
        /// The type comes beside the others, as a membership.
        Membership = "membership",
    }
}

/// How long an assigned type is held.
///
/// In JSON `"forever"`, `{"day": "2026-06-30"}`, `{"days": 365}` or `{"membership": "CLUB"}`. Days are local days of the
/// merchant's time zone, the last one inclusive (S92).
///
/// ```
/// use vouchsafe::AssignUntil;
///
/// let season: AssignUntil = serde_json::from_str(r#"{"day": "2026-04-30"}"#)?;
/// assert!(matches!(season, AssignUntil::Day(day) if day.to_string() == "2026-04-30"));
/// assert_eq!(AssignUntil::default(), AssignUntil::Forever);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AssignUntil {
    /// For good, until another change.
    #[default]
    Forever,
    /// Through this local day.
    Day(NaiveDate),
    /// For so many local days, 1 to 36,500: until the midnight that ends the n-th day after the day of the change. Where
    /// the customer holds the type already, for so many days more than it was to last; a membership that begins later is
    /// made longer as well, and still begins when it was to begin.
    Days(u32),
    /// For as long as the customer has this membership. For primary types only.
    Membership(CustomerTypeId),
}

impl AssignUntil {
    /// The most days of [`AssignUntil::Days`].
    pub const MAX_DAYS: u32 = 36_500;
}

/// A customer type that is assigned: by redeeming a coupon (S1), by a purchase (S49), by a sign-up (S50) or by an
/// administrator.
///
/// A pro-form code, for instance, turns whoever redeems it into a customer with professional prices. One that works
/// before pricing is judged before any price is known, so its coupon may carry only conditions that read no price and
/// no line.
///
/// In JSON `{"to": "PROFORM", "when": "before_pricing", "kind": "membership", "until": {"days": 365},
/// "only_upwards": true}`; all but `to` may be absent.
///
/// ```
/// use vouchsafe::{AssignWhen, CustomerTypeId, TypeAssignment};
///
/// let assign = TypeAssignment::new(CustomerTypeId::new("PROFORM")?, AssignWhen::BeforePricing);
/// assert_eq!(serde_json::to_string(&assign)?, r#"{"to":"PROFORM","when":"before_pricing"}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Example: a membership for a year
///
/// ```
/// use vouchsafe::{AssignUntil, AssignWhen, TypeAssignment};
///
/// let year = TypeAssignment::membership("CLUB".parse()?, AssignWhen::OnCommit).lasting(AssignUntil::Days(365))?;
/// assert_eq!(serde_json::to_string(&year)?, r#"{"to":"CLUB","kind":"membership","until":{"days":365}}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TypeAssignment {
    pub(crate) to: CustomerTypeId,
    pub(crate) when: AssignWhen,
    pub(crate) kind: TypeKind,
    pub(crate) until: AssignUntil,
    pub(crate) only_upwards: bool,
}

impl TypeAssignment {
    /// Makes `to` the primary type, at the given moment and for good.
    #[must_use]
    pub fn new(to: CustomerTypeId, when: AssignWhen) -> Self {
        Self { to, when, kind: TypeKind::Primary, until: AssignUntil::Forever, only_upwards: false }
    }

    /// Gives `to` as a membership beside the primary type, at the given moment and for good.
    #[must_use]
    pub fn membership(to: CustomerTypeId, when: AssignWhen) -> Self {
        Self { kind: TypeKind::Membership, ..Self::new(to, when) }
    }

    /// The same, for a time.
    ///
    /// # Errors
    /// At the path `until`: [`Why::Zero`] and [`Why::OutOfRange`] for a number of days outside of 1 to 36,500;
    /// [`Why::BadTime`] for a day outside the years 1 to 9999;
    /// [`Why::Contradicts`] for a membership that is to hang on another one; [`Why::Circular`] for a type that hangs on
    /// itself.
    ///
    /// # Example: a type that hangs on a membership
    ///
    /// ```
    /// use vouchsafe::{AssignUntil, AssignWhen, CustomerTypeId, TypeAssignment};
    ///
    /// let (pro, club): (CustomerTypeId, CustomerTypeId) = ("PROFORM".parse()?, "CLUB".parse()?);
    /// let assign = TypeAssignment::new(pro.clone(), AssignWhen::OnCommit);
    /// assert!(assign.clone().lasting(AssignUntil::Membership(club.clone())).is_ok());
    /// assert!(assign.lasting(AssignUntil::Membership(pro)).is_err());
    /// assert!(TypeAssignment::new(club, AssignWhen::OnCommit).lasting(AssignUntil::Days(0)).is_err());
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    pub fn lasting(mut self, until: AssignUntil) -> Result<Self, Error> {
        match &until {
            AssignUntil::Days(days) => {
                check_days(*days).map_err(|why| Error::invalid("until", days, why))?;
            }
            AssignUntil::Membership(membership) => {
                check_membership(&self.to, self.kind, membership)
                    .map_err(|why| Error::invalid("until", membership, why))?;
            }
            AssignUntil::Day(day) => {
                Zone::UTC.day_end(*day).map_err(|_| Error::invalid("until", day, Why::BadTime))?;
            }
            AssignUntil::Forever => {}
        }
        self.until = until;
        Ok(self)
    }

    /// Changes nothing unless the type ranks higher than the primary type that the customer has at that moment. A
    /// longer time of the type that the customer holds already is no step down, and is given all the same.
    ///
    /// ```
    /// use vouchsafe::{AssignWhen, TypeAssignment};
    ///
    /// let gold = TypeAssignment::new("GOLD".parse()?, AssignWhen::OnCommit).only_upwards(true);
    /// assert!(gold.is_only_upwards());
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    #[must_use]
    pub fn only_upwards(mut self, only_upwards: bool) -> Self {
        self.only_upwards = only_upwards;
        self
    }

    /// The type the customer gets.
    #[must_use]
    pub fn to(&self) -> &CustomerTypeId {
        &self.to
    }

    /// When it takes effect.
    #[must_use]
    pub fn when(&self) -> AssignWhen {
        self.when
    }

    /// Whether it becomes the primary type or a membership.
    #[must_use]
    pub fn kind(&self) -> TypeKind {
        self.kind
    }

    /// How long it is held.
    #[must_use]
    pub fn until(&self) -> &AssignUntil {
        &self.until
    }

    /// Whether it changes nothing for customers whose type ranks as high or higher.
    #[must_use]
    pub fn is_only_upwards(&self) -> bool {
        self.only_upwards
    }
}

fn check_days(days: u32) -> Result<(), Why> {
    match days {
        0 => Err(Why::Zero),
        1..=AssignUntil::MAX_DAYS => Ok(()),
        _ => Err(Why::OutOfRange { min: "1".to_owned(), max: AssignUntil::MAX_DAYS.to_string() }),
    }
}

/// A membership has a window and hangs on nothing else, so that no circle can come to be.
fn check_membership(to: &CustomerTypeId, kind: TypeKind, membership: &CustomerTypeId) -> Result<(), Why> {
    if to == membership {
        return Err(Why::Circular);
    }
    match kind {
        TypeKind::Primary => Ok(()),
        TypeKind::Membership => Err(Why::Contradicts { with: "kind membership" }),
    }
}

const UNTILS: &str = "`forever`, `day`, `days`, `membership`";

impl Form for AssignUntil {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        let (name, inner) = check.choice(value, UNTILS)?;
        match (name, inner) {
            ("forever", None) => Some(Self::Forever),
            ("day", Some(inner)) => check.in_field("day", 0, |check| Form::read(inner, check)).map(Self::Day),
            ("days", Some(inner)) => check.in_field("days", 0, |check| {
                let days = u32::read(inner, check)?;
                check_days(days).map_err(|why| check.report(inner, why)).ok()?;
                Some(Self::Days(days))
            }),
            ("membership", Some(inner)) => {
                check.in_field("membership", 0, |check| Form::read(inner, check)).map(Self::Membership)
            }
            _ => {
                check.report(value, Why::UnknownChoice { choices: UNTILS });
                None
            }
        }
    }

    fn write(&self) -> DraftValue {
        match self {
            Self::Forever => "forever".into(),
            Self::Day(day) => tagged("day", day.write()),
            Self::Days(days) => tagged("days", days.write()),
            Self::Membership(membership) => tagged("membership", membership.write()),
        }
    }
}

impl Form for TypeAssignment {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| {
            let (to, when): (Option<CustomerTypeId>, _) = (f.required("to"), f.or_default("when"));
            let kind = f.or_default("kind");
            let until = f.optional_with("until", |value, check| {
                let until = AssignUntil::read(value, check)?;
                if let (AssignUntil::Membership(membership), Some(to)) = (&until, &to) {
                    if let Err(why) = check_membership(to, kind, membership) {
                        check.in_field("membership", 0, |check| check.report(membership, why));
                    }
                }
                Some(until)
            });
            let only_upwards = f.or_default("only_upwards");
            to.map(|to| Self { to, when, kind, until: until.unwrap_or_default(), only_upwards })
        })
    }

    fn write(&self) -> DraftValue {
        Writer::default()
            .put("to", &self.to)
            .put_unless_default("when", &self.when)
            .put_unless_default("kind", &self.kind)
            .put_unless_default("until", &self.until)
            .put_unless_default("only_upwards", &self.only_upwards)
            .end()
    }
}

serde_by_form!(AssignUntil, TypeAssignment);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity};

    /// Proves S1.
    #[test]
    fn a_type_is_named_and_takes_effect_on_commit_by_default() {
        let assign: TypeAssignment = serde_json::from_str(r#"{"to":"CLUB"}"#).unwrap();
        assert_eq!((assign.to().as_str(), assign.when()), ("CLUB", AssignWhen::OnCommit));
        assert_eq!((assign.kind(), assign.until()), (TypeKind::Primary, &AssignUntil::Forever));
        assert!(!assign.is_only_upwards());
        assert_eq!(serde_json::to_string(&assign).unwrap(), r#"{"to":"CLUB"}"#);
        let error = serde_json::from_str::<TypeAssignment>(r#"{"when":"never"}"#).unwrap_err().to_string();
        assert!(error.contains("`to` is missing") && error.contains("`when` is `never`: not one of"), "{error}");
    }

    #[test]
    fn a_round_trip_is_identity() {
        assert_identity::<TypeAssignment>(&[
            r#"{"to":"CLUB","when":"next_order","kind":"membership","until":{"days":365},"only_upwards":true}"#,
            r#"{"to":"CLUB","until":{"day":"2026-06-30"}}"#,
            r#"{"to":"CLUB","until":{"membership":"GOLD"}}"#,
        ]);
    }

    #[test]
    fn what_cannot_be_assigned_is_named() {
        let range = "not between 1 and 36500";
        assert_errors::<TypeAssignment>(&[
            (r#"{"to":"A","kind":"third"}"#, "`kind` is `third`: not one of `primary`, `membership`"),
            (r#"{"to":"A","until":{"days":0}}"#, "`until.days` is `0`: zero"),
            (r#"{"to":"A","until":{"days":36501}}"#, &format!("`until.days` is `36501`: {range}")),
            (r#"{"to":"A","until":{"days":36500}}"#, ""),
            (r#"{"to":"A","until":"days"}"#, &format!("`until` is `days`: not one of {UNTILS}")),
            (r#"{"to":"A","until":{"forever":1}}"#, &format!("`until` is `{{..}}`: not one of {UNTILS}")),
            (
                r#"{"to":"A","until":{"day":"2026-06-31"}}"#,
                "`until.day` is `2026-06-31`: not a date, time or instant: write 2026-03-29, 03-29 for every year, 09:00, or 2026-03-29T12:00:00Z",
            ),
            (r#"{"to":"A","until":{"membership":"A"}}"#, "`until.membership` is `A`: leads back to itself"),
            (
                r#"{"to":"A","kind":"membership","until":{"membership":"B"},"only_upwards":1}"#,
                "`until.membership` is `B`: not allowed together with kind membership; \
                 `only_upwards` is `1`: expected true or false",
            ),
        ]);
    }

    /// The constructors and JSON judge alike.
    #[test]
    fn constructors_say_the_same() {
        let (a, b): (CustomerTypeId, CustomerTypeId) = ("A".parse().unwrap(), "B".parse().unwrap());
        let primary = || TypeAssignment::new(a.clone(), AssignWhen::OnCommit);
        let error = |made: Result<TypeAssignment, Error>| made.unwrap_err().to_string();
        assert_eq!(error(primary().lasting(AssignUntil::Days(0))), "`until` is `0`: zero");
        assert_eq!(
            error(primary().lasting(AssignUntil::Membership(a.clone()))),
            "`until` is `A`: leads back to itself"
        );
        let club = TypeAssignment::membership(a.clone(), AssignWhen::OnCommit);
        let hanging = error(club.lasting(AssignUntil::Membership(b)));
        assert_eq!(hanging, "`until` is `B`: not allowed together with kind membership");
    }
}
