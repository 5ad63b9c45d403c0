//! How a coupon is earned.

use crate::calendar::LeapDay;
use crate::error::{Error, Why};
use crate::form::DraftValue;
use crate::form::{Check, Fields, Form, Writer, choices, serde_by_form, tagged};
use crate::key::{DateName, EventId};

use super::{Per, Scope};

choices! {
    /// What becomes of an earned code when what earned it is returned.
    ///
    /// Whatever a customer may have bought with a used code stays bought: only its discount can be asked back.
    ///
    /// ```
    /// use vouchsafe::OnReturn;
    ///
    /// assert_eq!(OnReturn::default(), OnReturn::Keep);
    /// assert_eq!(serde_json::to_string(&OnReturn::RevokeOrBill)?, r#""revoke_or_bill""#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub enum OnReturn {
        /// It stays, used or not.
        Keep = "keep",
        /// An unused code is revoked; a used one stays.
        Revoke = "revoke",
        /// An unused code is revoked; the discount of a used one is billed.
        RevokeOrBill = "revoke_or_bill",
    }
}

/// One way in which a coupon is earned: by a purchase, an event, or a day of the year.
///
/// *When* it can be earned is the [availability](crate::Coupon::availability) of the definition; when the codes can be used
/// is its [validity](crate::Coupon::validity), which usually counts down from the issue of each code. Neither looks at the
/// other (S100). The [conditions](crate::Coupon::conditions) are judged when a code is used, not when it is earned.
///
/// Each code of a coupon that is earned is good for one use unless its [limits](crate::Limits) say otherwise, and whoever
/// earns it again can use the next code as well: a birthday comes every year.
///
/// In JSON `{"purchase": {"scope": {"products": ["JOURNAL"]}}}`, `{"event": {"event": "newsletter"}}` or
/// `{"anniversary": {"of": "birthday", "days_before": 7, "days_after": 7}}`, each with `"codes": 2` where it earns more
/// than one code.
///
/// ```
/// use vouchsafe::{Coupon, EarnRule, EventId, Kind, PurchaseTrigger, Scope};
///
/// let journal = PurchaseTrigger::new(Scope::Products(vec!["JOURNAL".parse()?]));
/// let coupon = Coupon::builder("meeting")
///     .kind(Kind::Personal)
///     .percent_off("10")
///     .countdown(365, 0)
///     .earn(EarnRule::new(journal))
///     .earn(EarnRule::new(EventId::new("newsletter")?).with_codes(2)?)
///     .build()?;
/// assert_eq!(coupon.earn().len(), 2);
/// assert_eq!(coupon.earn()[1].codes(), 2);
/// assert_eq!((coupon.limits().per_code(), coupon.limits().per_customer()), (Some(1), None));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarnRule {
    trigger: EarnTrigger,
    codes: u32,
}

/// What earns a coupon.
///
/// ```
/// use vouchsafe::{AnniversaryTrigger, EarnTrigger};
///
/// let birthday: EarnTrigger = AnniversaryTrigger::new("birthday".parse()?, 7, 7)?.into();
/// assert!(matches!(birthday, EarnTrigger::Anniversary(day) if day.days_after() == 7));
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum EarnTrigger {
    /// Buying something (S99).
    Purchase(PurchaseTrigger),
    /// Something that happened to a customer and that the host reports: a sign-up, a newsletter, a page visit, a survey
    /// (S25, S94). Once for each customer and event.
    Event(EventId),
    /// A day of the year of the customer, once a year (S33).
    Anniversary(AnniversaryTrigger),
}

/// Buying designated products, so many pieces of them.
///
/// What counts is what is sold: a refused line counts nothing, a capped one what is granted, and it does not matter what
/// was paid. A price range of the scope looks at the price of one unit after the shop's discounts.
///
/// ```
/// use vouchsafe::{OnReturn, Per, PurchaseTrigger, Scope};
///
/// // One code for every three pieces.
/// let trigger = PurchaseTrigger::new(Scope::Tags(vec!["journal".parse()?]))
///     .with_pieces(3)?
///     .with_per(Per::Unit)
///     .with_on_return(OnReturn::Revoke);
/// assert_eq!((trigger.pieces(), trigger.on_return()), (3, OnReturn::Revoke));
/// assert!(trigger.with_pieces(0).is_err());
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PurchaseTrigger {
    scope: Scope,
    pieces: u32,
    per: Per,
    on_return: OnReturn,
}

/// A day of the year of the customer, from some local days before it until some after it.
///
/// The code is earned within that window, once a year, and is good within it and the validity of the definition.
///
/// ```
/// use vouchsafe::{AnniversaryTrigger, LeapDay};
///
/// let month = AnniversaryTrigger::new("birthday".parse()?, 15, 15)?.with_leap_day(LeapDay::Mar1);
/// assert_eq!((month.of().as_str(), month.leap_day()), ("birthday", LeapDay::Mar1));
/// // The windows of two years would overlap.
/// assert!(AnniversaryTrigger::new("birthday".parse()?, 182, 183).is_err());
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnniversaryTrigger {
    of: DateName,
    days_before: u32,
    days_after: u32,
    leap_day: LeapDay,
}

/// The most ways in which one coupon can be earned.
const MAX_RULES: usize = 100;

impl EarnRule {
    /// The most codes that are earned at once.
    pub const MAX_CODES: u32 = 1_000;

    /// One code for each time that this happens.
    #[must_use]
    pub fn new(trigger: impl Into<EarnTrigger>) -> Self {
        Self { trigger: trigger.into(), codes: 1 }
    }

    /// So many codes each time, 1 to 1,000.
    ///
    /// # Errors
    /// At the path `codes`: [`Why::Zero`], [`Why::OutOfRange`].
    pub fn with_codes(mut self, codes: u32) -> Result<Self, Error> {
        self.codes = checked(codes, Self::MAX_CODES).map_err(|why| Error::invalid("codes", codes, why))?;
        Ok(self)
    }

    /// What earns the coupon.
    #[must_use]
    pub fn trigger(&self) -> &EarnTrigger {
        &self.trigger
    }

    /// How many codes are earned each time.
    #[must_use]
    pub fn codes(&self) -> u32 {
        self.codes
    }

    /// What becomes of the codes when what earned them is returned; only a purchase can be.
    #[must_use]
    pub fn on_return(&self) -> OnReturn {
        match &self.trigger {
            EarnTrigger::Purchase(purchase) => purchase.on_return,
            EarnTrigger::Event(_) | EarnTrigger::Anniversary(_) => OnReturn::Keep,
        }
    }

    /// Whether both would give their codes on the same occasion, so that one of them would never be heard.
    fn same_occasion(&self, other: &Self) -> bool {
        match (&self.trigger, &other.trigger) {
            (EarnTrigger::Event(a), EarnTrigger::Event(b)) => a == b,
            (EarnTrigger::Anniversary(a), EarnTrigger::Anniversary(b)) => a.of == b.of,
            _ => false,
        }
    }
}

impl PurchaseTrigger {
    /// Any piece that the scope covers, once per order; what was earned is kept when it is returned.
    #[must_use]
    pub fn new(scope: Scope) -> Self {
        Self { scope, pieces: 1, per: Per::Order, on_return: OnReturn::Keep }
    }

    /// Only from so many pieces on, and with [`Per::Unit`] for every so many.
    ///
    /// # Errors
    /// [`Why::Zero`] at the path `pieces`.
    pub fn with_pieces(mut self, pieces: u32) -> Result<Self, Error> {
        self.pieces = checked(pieces, u32::MAX).map_err(|why| Error::invalid("pieces", pieces, why))?;
        Ok(self)
    }

    /// How often: once for the order, whose covered pieces count together; once for each line that has enough of them by
    /// itself; or once for every so many pieces of the order.
    #[must_use]
    pub fn with_per(mut self, per: Per) -> Self {
        self.per = per;
        self
    }

    /// What becomes of the codes when the pieces are returned.
    #[must_use]
    pub fn with_on_return(mut self, on_return: OnReturn) -> Self {
        self.on_return = on_return;
        self
    }

    /// Which products.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// How many pieces are needed.
    #[must_use]
    pub fn pieces(&self) -> u32 {
        self.pieces
    }

    /// How often it earns.
    #[must_use]
    pub fn per(&self) -> Per {
        self.per
    }

    /// What becomes of the codes when the pieces are returned.
    #[must_use]
    pub fn on_return(&self) -> OnReturn {
        self.on_return
    }
}

impl AnniversaryTrigger {
    /// From so many local days before the day until so many after it; 29 February is 28 February in common years.
    ///
    /// # Errors
    /// [`Why::OutOfRange`] at the path `days_before` or `days_after` where both together are more than 364 days, so that the windows of two
    /// years would overlap.
    pub fn new(of: DateName, days_before: u32, days_after: u32) -> Result<Self, Error> {
        let too_many = |path: &'static str, days: u32, max: u32| {
            let why = Why::OutOfRange { min: "0".to_owned(), max: max.to_string() };
            Error::invalid(path, days, why)
        };
        if days_before > MAX_BESIDE {
            return Err(too_many("days_before", days_before, MAX_BESIDE));
        }
        let left = MAX_BESIDE.saturating_sub(days_before);
        if days_after > left {
            return Err(too_many("days_after", days_after, left));
        }
        Ok(Self { of, days_before, days_after, leap_day: LeapDay::default() })
    }

    /// The day that stands for 29 February in common years.
    #[must_use]
    pub fn with_leap_day(mut self, leap_day: LeapDay) -> Self {
        self.leap_day = leap_day;
        self
    }

    /// Which [date](crate::Customer::with_date) of the customer.
    #[must_use]
    pub fn of(&self) -> &DateName {
        &self.of
    }

    /// How many local days before it.
    #[must_use]
    pub fn days_before(&self) -> u32 {
        self.days_before
    }

    /// How many local days after it.
    #[must_use]
    pub fn days_after(&self) -> u32 {
        self.days_after
    }

    /// The day that stands for 29 February in common years.
    #[must_use]
    pub fn leap_day(&self) -> LeapDay {
        self.leap_day
    }
}

/// Two days of the same name lie 365 days apart or more, so this many days beside the one keep clear of the next.
const MAX_BESIDE: u32 = 364;

fn checked(number: u32, max: u32) -> Result<u32, Why> {
    match number {
        0 => Err(Why::Zero),
        _ if number > max => Err(Why::OutOfRange { min: "1".to_owned(), max: max.to_string() }),
        _ => Ok(number),
    }
}

impl From<PurchaseTrigger> for EarnTrigger {
    fn from(purchase: PurchaseTrigger) -> Self {
        Self::Purchase(purchase)
    }
}

impl From<AnniversaryTrigger> for EarnTrigger {
    fn from(anniversary: AnniversaryTrigger) -> Self {
        Self::Anniversary(anniversary)
    }
}

impl From<EventId> for EarnTrigger {
    fn from(event: EventId) -> Self {
        Self::Event(event)
    }
}

const TRIGGERS: &str = "`purchase`, `event`, `anniversary`";

impl Form for EarnRule {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        let Some((name, Some(inner))) = check.choice(value, TRIGGERS) else {
            if value.as_text().is_some() {
                check.wrong_kind(value, "an object with one field, since this kind needs more than its name");
            }
            return None;
        };
        check.in_field(name, 0, |check| match name {
            "purchase" => read_rule(inner, check, read_purchase),
            "event" => read_rule(inner, check, |f| f.required("event").map(EarnTrigger::Event)),
            "anniversary" => read_rule(inner, check, read_anniversary),
            _ => {
                check.report(inner, Why::UnknownChoice { choices: TRIGGERS });
                None
            }
        })
    }

    fn write(&self) -> DraftValue {
        let (name, writer) = match &self.trigger {
            EarnTrigger::Purchase(purchase) => ("purchase", write_purchase(purchase)),
            EarnTrigger::Event(event) => ("event", Writer::default().put("event", event)),
            EarnTrigger::Anniversary(anniversary) => ("anniversary", write_anniversary(anniversary)),
        };
        tagged(name, writer.put_unless("codes", &self.codes, &1).end())
    }
}

serde_by_form!(EarnRule);

fn read_rule(
    value: &DraftValue,
    check: &mut Check,
    read: impl FnOnce(&mut Fields<'_, '_>) -> Option<EarnTrigger>,
) -> Option<EarnRule> {
    check.fields(value, |f| {
        let trigger = read(f);
        let codes = read_checked(f, "codes", EarnRule::MAX_CODES);
        Some(EarnRule { trigger: trigger?, codes })
    })
}

/// A number from 1 to `max`; 1 where it is absent.
fn read_checked(f: &mut Fields<'_, '_>, name: &'static str, max: u32) -> u32 {
    let read = f.optional_with(name, |value, check| {
        let number = u32::read(value, check)?;
        checked(number, max).map_err(|why| check.report(value, why)).ok()
    });
    read.unwrap_or(1)
}

fn read_purchase(f: &mut Fields<'_, '_>) -> Option<EarnTrigger> {
    let (scope, pieces) = (f.or_default("scope"), read_checked(f, "pieces", u32::MAX));
    let (per, on_return) = (f.or_default("per"), f.or_default("on_return"));
    Some(EarnTrigger::Purchase(PurchaseTrigger { scope, pieces, per, on_return }))
}

fn write_purchase(purchase: &PurchaseTrigger) -> Writer {
    Writer::default()
        .put_unless_default("scope", &purchase.scope)
        .put_unless("pieces", &purchase.pieces, &1)
        .put_unless_default("per", &purchase.per)
        .put_unless_default("on_return", &purchase.on_return)
}

fn read_anniversary(f: &mut Fields<'_, '_>) -> Option<EarnTrigger> {
    let of = f.required("of");
    let before: Option<Option<u32>> = f.optional_or_reported("days_before");
    let after: Option<Option<u32>> = f.optional_or_reported("days_after");
    let leap_day = f.or_default("leap_day");
    let (of, before, after) = (of?, before?.unwrap_or(0), after?.unwrap_or(0));
    let made = f.accept_at(&["days_after", "days_before"], AnniversaryTrigger::new(of, before, after))?;
    Some(EarnTrigger::Anniversary(made.with_leap_day(leap_day)))
}

fn write_anniversary(anniversary: &AnniversaryTrigger) -> Writer {
    Writer::default()
        .put("of", &anniversary.of)
        .put_unless_default("days_before", &anniversary.days_before)
        .put_unless_default("days_after", &anniversary.days_after)
        .put_unless_default("leap_day", &anniversary.leap_day)
}

/// Reads the rules of a definition: a bounded number of them, each event and each day once.
pub(super) fn read_rules(value: &DraftValue, check: &mut Check) -> Option<Vec<EarnRule>> {
    if value.as_list().is_some_and(|list| list.len() > MAX_RULES) {
        check.report(value, Why::TooMany { max: MAX_RULES });
        return None;
    }
    let rules: Vec<EarnRule> = Form::read(value, check)?;
    for (place, rule) in rules.iter().enumerate() {
        if rules.iter().take(place).any(|earlier| earlier.same_occasion(rule)) {
            check.in_member(place, |check| check.report("{..}", Why::Duplicate));
        }
    }
    Some(rules)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coupon::Coupon;
    use crate::form::testing::{assert_errors, assert_identity, read};

    #[test]
    fn a_round_trip_is_identity() {
        assert_identity::<EarnRule>(&[
            r#"{"purchase":{}}"#,
            r#"{"purchase":{"scope":{"products":["J"]},"pieces":3,"per":"unit","on_return":"revoke_or_bill","codes":2}}"#,
            r#"{"event":{"event":"newsletter"}}"#,
            r#"{"event":{"event":"survey","codes":1000}}"#,
            r#"{"anniversary":{"of":"birthday"}}"#,
            r#"{"anniversary":{"of":"joined","days_before":364,"leap_day":"mar_1","codes":2}}"#,
            r#"{"anniversary":{"of":"joined","days_before":182,"days_after":182}}"#,
        ]);
    }

    #[test]
    fn what_is_left_out_has_a_default() {
        let rule: EarnRule = read(r#"{"purchase":{}}"#);
        let EarnTrigger::Purchase(purchase) = rule.trigger() else { panic!("{rule:?}") };
        assert_eq!((purchase.scope(), purchase.pieces(), purchase.per()), (&Scope::Open, 1, Per::Order));
        assert_eq!((rule.codes(), rule.on_return()), (1, OnReturn::Keep));
    }

    #[test]
    fn every_mistake_is_reported_with_its_path() {
        assert_errors::<EarnRule>(&[
            (
                r#""purchase""#,
                "`` is `purchase`: expected an object with one field, since this kind needs more than its name",
            ),
            (r#"{"sale":{}}"#, "`sale` is `{}`: not one of `purchase`, `event`, `anniversary`"),
            (
                r#"{"purchase":{"pieces":0,"per":"piece","codes":1001,"event":"x"}}"#,
                "`purchase.pieces` is `0`: zero; `purchase.per` is `piece`: not one of `order`, `line`, `unit`; \
                 `purchase.codes` is `1001`: not between 1 and 1000; `purchase.event` is `x`: unknown field, known: `scope`, `pieces`, `per`, `on_return`, `codes`",
            ),
            (
                r#"{"purchase":{"scope":{"products":["",7]}}}"#,
                "`purchase.scope.products[0]` is ``: empty; `purchase.scope.products[1]` is `7`: expected a string",
            ),
            (r#"{"event":{}}"#, "`event.event` is missing"),
            (
                r#"{"event":{"event":"x","on_return":"revoke"}}"#,
                "`event.on_return` is `revoke`: unknown field, known: `event`, `codes`",
            ),
            (r#"{"anniversary":{}}"#, "`anniversary.of` is missing"),
            (
                r#"{"anniversary":{"of":"birthday","days_before":200,"days_after":165}}"#,
                "`anniversary.days_after` is `165`: not between 0 and 164",
            ),
            (
                r#"{"anniversary":{"of":"birthday","days_before":365}}"#,
                "`anniversary.days_before` is `365`: not between 0 and 364",
            ),
            (
                r#"{"anniversary":{"of":"birthday","leap_day":"feb_29"}}"#,
                "`anniversary.leap_day` is `feb_29`: not one of `feb_28`, `mar_1`",
            ),
        ]);
    }

    /// A coupon that is earned has a code for each who earned it; each event and each day stands once.
    #[test]
    fn rules_of_one_definition_agree_with_each_other() {
        let coupon = |fields: &str| format!(r#"{{"version":1,"id":"C","benefits":["none"],{fields}}}"#);
        assert_errors::<Coupon>(&[
            (
                &coupon(r#""code":"SHARED","earn":[{"purchase":{}}]"#),
                "`code` is `SHARED`: not allowed together with earn",
            ),
            (&coupon(r#""earn":[{"purchase":{}},{"purchase":{}}]"#), ""),
            (
                &coupon(
                    r#""earn":[{"event":{"event":"a"}},{"event":{"event":"b"}},{"event":{"event":"a","codes":2}}]"#,
                ),
                "`earn[2]` is `{..}`: given twice",
            ),
            (
                &coupon(r#""earn":[{"anniversary":{"of":"b"}},{"anniversary":{"of":"b","days_after":3}}]"#),
                "`earn[1]` is `{..}`: given twice",
            ),
            (&coupon(r#""earn":7"#), "`earn` is `7`: expected a list"),
            (
                &coupon(&format!(r#""earn":[{}]"#, vec![r#"{"purchase":{}}"#; 101].join(","))),
                "`earn` is `[..]`: more than 100 members",
            ),
        ]);
    }
}
