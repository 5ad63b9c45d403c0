//! What a customer has earned: codes to be issued once the order is recorded.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::digest::Digest;
use crate::calendar::Window;
use crate::coupon::{Kind, OnReturn, Per};
use crate::customer::{IdentityKey, Pseudonyms};
use crate::error::{Error, Why};
use crate::key::{CouponId, DateName, EventId, OccasionId, ProductId};
use crate::order::LineId;
use crate::request::Reference;

/// What earned a coupon.
///
/// ```
/// use vouchsafe::GrantCause;
///
/// let birthday: GrantCause = serde_json::from_str(r#"{"anniversary": {"of": "birthday", "year": 2026}}"#)?;
/// assert!(matches!(birthday, GrantCause::Anniversary { year: 2026, .. }));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum GrantCause {
    /// Products were bought (S99).
    Purchase {
        /// The line that they were bought on; of several the first.
        line: LineId,
        /// The product of that line.
        product: ProductId,
        /// All pieces that counted.
        counted: Vec<CountedLine>,
        /// How many were needed.
        pieces: u32,
        /// How often it earned.
        per: Per,
        /// How many codes each time.
        each: u32,
    },
    /// Something happened (S25).
    Event {
        /// What.
        event: EventId,
    },
    /// A day of the year came round (S33).
    Anniversary {
        /// Which of the customer's dates.
        of: DateName,
        /// The year of that day.
        year: i32,
    },
}

/// The pieces of one line that counted towards a coupon.
///
/// ```
/// use vouchsafe::{CountedLine, LineId};
///
/// let two: CountedLine = serde_json::from_str(r#"{"line": 7, "units": 2}"#)?;
/// assert_eq!((two.line, two.units), (LineId(7), 2));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CountedLine {
    /// The line.
    pub line: LineId,
    /// How many pieces of it are sold.
    pub units: u32,
}

/// Codes that a customer has earned, still to be issued: so many of one definition, for one occasion.
///
/// An outcome [lists](crate::Outcome::grants) what an order would earn; the
/// [redemption](crate::Redemption::grants) has it recorded with the order, so that nothing is lost between the commit and
/// the issue of the codes. After the commit the host issues each code for its [occasion](Self::occasions): the same
/// occasion again is the same code, so this can be repeated until it worked.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let journal = PurchaseTrigger::new(Scope::Products(vec!["JOURNAL".parse()?]));
/// let meeting = Coupon::builder("meeting").kind(Kind::Personal).percent_off("10").earn(EarnRule::new(journal));
/// let earnings = shop.earnings([meeting.build()?])?;
///
/// let line = Line::new(LineId(1), Product::new("JOURNAL".parse()?), Quantity::ONE, UnitPrice::parse("80.00")?);
/// let order = Order::builder(Currency::USD).line(line).build()?;
/// let (ann, at) = (Customer::new([IdentityKey::id("42")?]), parse_instant("2026-03-29T12:00:00Z")?);
/// let request = Request::new(&order, &ann, Reference::Order("o-1".parse()?), at).with_earnings(&earnings);
/// let redemption = shop.evaluate(&request)?.redemption()?;
/// let [grant] = redemption.grants() else { return Err("one grant".into()) };
/// assert_eq!((grant.coupon().as_str(), grant.codes()), ("meeting", 1));
/// assert_eq!(grant.holder(), Some(&IdentityKey::id("42")?));
/// assert_eq!(grant.occasion().as_str(), "order/o-1/1");
/// # Ok(())
/// # }
/// ```
///
/// # What is on an occasion
///
/// `order/o-1/1`: the first rule of the definition, on this order; `order/o-1/1/3`: on its third line;
/// `event/newsletter`; `date/birthday/2026`. Where the codes are for anyone and not bound to the customer, the customer
/// stands behind it, `event/newsletter/id:42`, so that one customer's occasion is never another's. Of several codes, the
/// second has the occasion `order/o-1/1#2`. It stays the same whenever it is worked out again, and has 255 characters
/// at most: a longer one ends in a digest of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "GrantForm")]
pub struct Grant {
    coupon: CouponId,
    revision: u32,
    #[serde(skip_serializing_if = "is_general")]
    kind: Kind,
    codes: u32,
    cause: GrantCause,
    occasion: OccasionId,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<IdentityKey>,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_from: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_until: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "is_keep")]
    on_return: OnReturn,
}

/// The document before it is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GrantForm {
    coupon: CouponId,
    revision: u32,
    #[serde(default)]
    kind: Kind,
    codes: u32,
    cause: GrantCause,
    occasion: OccasionId,
    #[serde(default)]
    customer: Option<IdentityKey>,
    #[serde(default)]
    valid_from: Option<DateTime<Utc>>,
    #[serde(default)]
    valid_until: Option<DateTime<Utc>>,
    #[serde(default)]
    on_return: OnReturn,
}

fn is_general(kind: &Kind) -> bool {
    *kind == Kind::General
}

fn is_keep(on_return: &OnReturn) -> bool {
    *on_return == OnReturn::Keep
}

/// How many codes so many pieces earn; `None` beyond 32 bits.
pub(crate) fn codes_for(sold: u64, pieces: u32, per: Per, each: u32) -> Option<u32> {
    let times = sold.checked_div(u64::from(pieces)).unwrap_or(0);
    let times = if per == Per::Unit { times } else { times.min(1) };
    u32::try_from(times.checked_mul(u64::from(each))?).ok()
}

/// What is the same for every grant of one rule.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Earner<'a> {
    pub(crate) coupon: &'a CouponId,
    pub(crate) revision: u32,
    pub(crate) kind: Kind,
    pub(crate) on_return: OnReturn,
    /// The first counted key of the customer.
    pub(crate) customer: Option<&'a IdentityKey>,
}

impl Earner<'_> {
    fn grant(&self, codes: u32, cause: GrantCause, occasion: OccasionId, window: Window) -> Grant {
        Grant {
            coupon: self.coupon.clone(),
            revision: self.revision,
            kind: self.kind,
            codes,
            cause,
            occasion,
            customer: self.customer.cloned(),
            valid_from: window.from(),
            valid_until: window.until(),
            on_return: self.on_return,
        }
    }

    /// For pieces that were bought: nothing where they are too few. `rule` counts from 1.
    pub(crate) fn purchase(
        &self,
        (reference, rule): (&Reference, usize),
        product: &ProductId,
        counted: Vec<CountedLine>,
        (pieces, per, each): (u32, Per, u32),
    ) -> Result<Option<Grant>, Error> {
        let Some(line) = counted.first().map(|first| first.line) else { return Ok(None) };
        let codes = codes_for(sold(&counted), pieces, per, each).ok_or_else(|| Error::overflow("earnings"))?;
        if codes == 0 {
            return Ok(None);
        }
        let (rule, of_line) = (rule.to_string(), line.to_string());
        let mut parts = of_reference(reference).to_vec();
        parts.push(&rule);
        if per == Per::Line {
            parts.push(&of_line);
        }
        let occasion = occasion(&parts)?;
        let cause = GrantCause::Purchase { line, product: product.clone(), counted, pieces, per, each };
        Ok(Some(self.grant(codes, cause, occasion, Window::ALWAYS)))
    }

    /// For something that happened. Of somebody unknown it is told apart by the reference.
    pub(crate) fn event(&self, reference: &Reference, event: &EventId, codes: u32) -> Result<Grant, Error> {
        let who = self.customer.map(ToString::to_string);
        let mut parts = vec!["event", event.as_str()];
        match &who {
            Some(who) => parts.extend((self.kind == Kind::General).then_some(who.as_str())),
            None => parts.extend(of_reference(reference)),
        }
        let occasion = occasion(&parts)?;
        Ok(self.grant(codes, GrantCause::Event { event: event.clone() }, occasion, Window::ALWAYS))
    }

    /// For a day of the year, of a customer who is known: it comes once a year.
    pub(crate) fn anniversary(
        &self,
        of: &DateName,
        (year, window): (i32, Window),
        codes: u32,
    ) -> Result<Option<Grant>, Error> {
        let Some(who) = self.customer.map(ToString::to_string) else { return Ok(None) };
        let in_year = year.to_string();
        let mut parts = vec!["date", of.as_str(), &in_year];
        parts.extend((self.kind == Kind::General).then_some(who.as_str()));
        let occasion = occasion(&parts)?;
        Ok(Some(self.grant(codes, GrantCause::Anniversary { of: of.clone(), year }, occasion, window)))
    }
}

fn of_reference(reference: &Reference) -> [&str; 2] {
    match reference {
        Reference::Order(id) => ["order", id.as_str()],
        Reference::Claim(id) => ["claim", id.as_str()],
    }
}

fn sold(counted: &[CountedLine]) -> u64 {
    counted.iter().fold(0, |sum, line| sum.saturating_add(u64::from(line.units)))
}

/// The most characters of an occasion, so that the number of a code has room behind it.
const MAX_OCCASION: usize = 240;

/// Parts with slashes between them. What the parts themselves have of the separators is escaped, so that two occasions
/// never read the same.
fn occasion(parts: &[&str]) -> Result<OccasionId, Error> {
    let parts: Vec<String> = parts.iter().map(|part| escaped(part)).collect();
    OccasionId::new(&shortened(parts.join("/")))
}

/// A part of an occasion, as it stands in the text.
pub(super) fn escaped(part: &str) -> String {
    let mut text = String::with_capacity(part.len());
    for character in part.chars() {
        match character {
            '%' => text.push_str("%25"),
            '/' => text.push_str("%2F"),
            '#' => text.push_str("%23"),
            '~' => text.push_str("%7E"),
            plain => text.push(plain),
        }
    }
    text
}

/// The text itself, or where it is too long its beginning with a digest of all of it.
pub(super) fn shortened(text: String) -> String {
    if text.chars().count() <= MAX_OCCASION {
        return text;
    }
    let digest = Digest::start().add(text.as_bytes()).to_string();
    let kept = MAX_OCCASION.saturating_sub(digest.len()).saturating_sub(1);
    text.chars().take(kept).chain("~".chars()).chain(digest.chars()).collect()
}

impl Grant {
    /// The definition.
    #[must_use]
    pub fn coupon(&self) -> &CouponId {
        &self.coupon
    }

    /// The revision of the definition that it was earned under.
    #[must_use]
    pub fn revision(&self) -> u32 {
        self.revision
    }

    /// How many codes.
    #[must_use]
    pub fn codes(&self) -> u32 {
        self.codes
    }

    /// What earned them.
    #[must_use]
    pub fn cause(&self) -> &GrantCause {
        &self.cause
    }

    /// The occasion of the first code, which tells a repeat from a second grant.
    #[must_use]
    pub fn occasion(&self) -> &OccasionId {
        &self.occasion
    }

    /// The occasions of all codes, one for each.
    ///
    /// ```
    /// use vouchsafe::Grant;
    ///
    /// let grant: Grant = serde_json::from_str(
    ///     r#"{"coupon": "ad", "revision": 1, "codes": 3, "cause": {"event": {"event": "survey"}},
    ///         "occasion": "event/survey/id:42", "customer": "id:42"}"#,
    /// )?;
    /// let occasions: Vec<String> = grant.occasions().map(|occasion| occasion.to_string()).collect();
    /// assert_eq!(occasions, ["event/survey/id:42", "event/survey/id:42#2", "event/survey/id:42#3"]);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn occasions(&self) -> impl Iterator<Item = OccasionId> + '_ {
        (1..=self.codes).filter_map(|number| match number {
            1 => Some(self.occasion.clone()),
            // There is room for it, so it always is one.
            number => OccasionId::new(&format!("{}#{number}", self.occasion)).ok(),
        })
    }

    /// Who earned them: the first of the customer's keys that count; none for a shopper who is not known.
    #[must_use]
    pub fn customer(&self) -> Option<&IdentityKey> {
        self.customer.as_ref()
    }

    /// Whom the codes are to be bound to: the customer who earned them, for a personal coupon (S105). A general coupon is
    /// for anyone who has its code (S122). A personal coupon without a holder cannot be issued before the customer is known.
    #[must_use]
    pub fn holder(&self) -> Option<&IdentityKey> {
        self.customer.as_ref().filter(|_| self.kind == Kind::Personal)
    }

    /// Whether the codes are for the customer alone.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The window that the codes are good in besides the validity of the definition: that of an anniversary.
    #[must_use]
    pub fn window(&self) -> Option<Window> {
        let window = Window::instants(self.valid_from, self.valid_until).ok();
        window.filter(|window| *window != Window::ALWAYS)
    }

    /// What becomes of the codes when what earned them is returned.
    #[must_use]
    pub fn on_return(&self) -> OnReturn {
        self.on_return
    }

    /// Checks grants that were read: of customers that count, each occasion of a definition once.
    /// Puts pseudonyms in the place of keys, in its occasion too.
    pub(super) fn forget(&mut self, names: &Pseudonyms) {
        if let Some(customer) = &mut self.customer {
            names.replace(customer);
        }
        if let Some(occasion) = names.occasion(&self.occasion) {
            self.occasion = occasion;
        }
    }

    pub(super) fn check_all(grants: &[Self], counted: &[IdentityKey]) -> Result<(), Error> {
        let mut occasions = HashSet::with_capacity(grants.len());
        for (i, grant) in grants.iter().enumerate() {
            let path = |field: &'static str| format!("grants[{i}].{field}");
            if let Some(stray) = grant.customer.as_ref().filter(|key| !counted.contains(key)) {
                return Err(Error::invalid(path("customer"), stray, Why::UnknownReference { what: "customer" }));
            }
            if !occasions.insert((&grant.coupon, &grant.occasion)) {
                return Err(Error::invalid(path("occasion"), &grant.occasion, Why::Duplicate));
            }
        }
        Ok(())
    }
}

impl TryFrom<GrantForm> for Grant {
    type Error = Error;

    fn try_from(form: GrantForm) -> Result<Self, Error> {
        for (figure, field) in [(form.revision, "revision"), (form.codes, "codes")] {
            if figure == 0 {
                return Err(Error::invalid(field, figure, Why::Zero));
            }
        }
        if form.occasion.as_str().chars().count() > MAX_OCCASION {
            return Err(Error::invalid("occasion", &form.occasion, Why::TooLong { max: MAX_OCCASION }));
        }
        let disagrees = || Why::Disagrees { with: "the rest of the document" };
        if let GrantCause::Purchase { line, counted, pieces, per, each, .. } = &form.cause {
            let mut last = None;
            for (i, counted) in counted.iter().enumerate() {
                let path = |field: &'static str| format!("cause.purchase.counted[{i}].{field}");
                if last.is_some_and(|last| last >= counted.line) {
                    return Err(Error::invalid(path("line"), counted.line, Why::Unordered));
                }
                last = Some(counted.line);
                if counted.units == 0 {
                    return Err(Error::invalid(path("units"), 0, Why::Zero));
                }
            }
            if counted.first().map(|first| first.line) != Some(*line) || (*per == Per::Line && counted.len() > 1) {
                return Err(Error::invalid("cause.purchase.line", line, disagrees()));
            }
            if *pieces == 0 {
                return Err(Error::invalid("cause.purchase.pieces", 0, Why::Zero));
            }
            if codes_for(sold(counted), *pieces, *per, *each) != Some(form.codes) {
                return Err(Error::invalid("codes", form.codes, disagrees()));
            }
        } else if form.on_return != OnReturn::Keep {
            return Err(Error::invalid("on_return", form.on_return, disagrees()));
        }
        Window::instants(form.valid_from, form.valid_until).map_err(|error| match error {
            Error::Invalid(field) if field.path == "starts_at" => Error::invalid("valid_from", field.value, field.why),
            Error::Invalid(field) => Error::invalid("valid_until", field.value, field.why),
            other => other,
        })?;
        Ok(Self {
            coupon: form.coupon,
            revision: form.revision,
            kind: form.kind,
            codes: form.codes,
            cause: form.cause,
            occasion: form.occasion,
            customer: form.customer,
            valid_from: form.valid_from,
            valid_until: form.valid_until,
            on_return: form.on_return,
        })
    }
}
