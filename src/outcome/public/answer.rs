//! What became of a code, as a browser may see it.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::super::Outcome;
use super::super::answer::{Answer, AnswerState};
use crate::coupon::Benefit;
use crate::money::{Money, Percent};
use crate::order::LineId;
use crate::policy::PublicReasons;
use crate::refusal::{Mend, PublicReason, Refusal};

/// How a code ended, as a browser may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Status {
    Applied { percent: Option<Percent>, amount: Money, forfeited: Money, trial_days: Option<u32> },
    Waiting,
    Refused { reason: PublicReason, mend: Option<Mend> },
}

/// What became of one code, as a browser may see it.
///
/// In JSON one of
/// - `{"entered":"spring","status":"applied","description":"Spring sale","percent":"10","amount":"6.00"}`, with
///   `forfeited` where a part of its amount is lost and `trial_days` where it gives some,
/// - `{"entered":"SHIPFREE","status":"waiting_for_shipping","description":"Free shipping"}`,
/// - `{"entered":"guess","status":"refused","reason":"not_valid","text":"this code is not valid"}`, with `mend` where
///   the shopper could do something about it,
///
/// each with `line` where it was entered on one.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let tenth = shop.prepare(Coupon::builder("tenth").code("TENTH").percent_off("10").build()?)?;
/// let line = Line::new(LineId(1), Product::new("BOOT".parse()?), Quantity::pieces(2)?, UnitPrice::parse("30.00")?);
/// let order = Order::builder(Currency::USD).line(line).build()?;
/// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
/// let codes = [Presented::new("TENTH", &tenth)];
/// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
/// let outcome = shop.evaluate(&request)?;
/// let public = outcome.public();
/// let answer = &public.answers()[0];
/// assert_eq!(answer.percent(), Some("10".parse()?));
/// assert_eq!(answer.amount().map(|amount| amount.to_string()).as_deref(), Some("6.00 USD"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicAnswer {
    entered: String,
    line: Option<LineId>,
    description: String,
    status: Status,
}

impl PublicAnswer {
    pub(super) fn of(answer: &Answer, outcome: &Outcome) -> Self {
        let status = match answer.state() {
            AnswerState::Applied => Status::Applied {
                percent: percent(answer),
                amount: answer.discount(),
                forfeited: answer.forfeited(),
                trial_days: answer.trial_days(),
            },
            AnswerState::WaitingForShipping => Status::Waiting,
            AnswerState::Refused => {
                let (reason, mend) = outcome.public_refusal(answer);
                Status::Refused { reason, mend }
            }
        };
        Self {
            entered: answer.entered().to_owned(),
            line: answer.line(),
            description: answer.description().to_owned(),
            status,
        }
    }

    /// What the shopper typed, as it was typed.
    #[must_use]
    pub fn entered(&self) -> &str {
        &self.entered
    }

    /// The line it was entered on.
    #[must_use]
    pub fn line(&self) -> Option<LineId> {
        self.line
    }

    /// How it ended.
    #[must_use]
    pub fn state(&self) -> AnswerState {
        match self.status {
            Status::Applied { .. } => AnswerState::Applied,
            Status::Waiting => AnswerState::WaitingForShipping,
            Status::Refused { .. } => AnswerState::Refused,
        }
    }

    /// The text an order form shows (S75); empty where the code was refused.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.description
    }

    /// The percentage, for a coupon that is worth one and nothing else (S85).
    #[must_use]
    pub fn percent(&self) -> Option<Percent> {
        match self.status {
            Status::Applied { percent, .. } => percent,
            _ => None,
        }
    }

    /// What it took off; none where it was not applied.
    #[must_use]
    pub fn amount(&self) -> Option<Money> {
        match self.status {
            Status::Applied { amount, .. } => Some(amount),
            _ => None,
        }
    }

    /// The part of its amount that is lost (S63).
    #[must_use]
    pub fn forfeited(&self) -> Option<Money> {
        match self.status {
            Status::Applied { forfeited, .. } => Some(forfeited).filter(|f| !f.is_zero()),
            _ => None,
        }
    }

    /// Days of a free trial.
    #[must_use]
    pub fn trial_days(&self) -> Option<u32> {
        match self.status {
            Status::Applied { trial_days, .. } => trial_days,
            _ => None,
        }
    }

    /// The one reason that the public may know; none where it was not refused.
    #[must_use]
    pub fn reason(&self) -> Option<PublicReason> {
        match self.status {
            Status::Refused { reason, .. } => Some(reason),
            _ => None,
        }
    }

    /// What the shopper could do about it (S26); never told where the reason stays hidden.
    #[must_use]
    pub fn mend(&self) -> Option<&Mend> {
        match &self.status {
            Status::Refused { mend, .. } => mend.as_ref(),
            _ => None,
        }
    }
}

impl Serialize for PublicAnswer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("entered", &self.entered)?;
        if let Some(line) = self.line {
            map.serialize_entry("line", &line)?;
        }
        map.serialize_entry("status", &self.state())?;
        match &self.status {
            Status::Applied { percent, amount, trial_days, .. } => {
                map.serialize_entry("description", &self.description)?;
                if let Some(percent) = percent {
                    map.serialize_entry("percent", percent)?;
                }
                map.serialize_entry("amount", &amount.amount_text())?;
                if let Some(forfeited) = self.forfeited() {
                    map.serialize_entry("forfeited", &forfeited.amount_text())?;
                }
                if let Some(days) = trial_days {
                    map.serialize_entry("trial_days", days)?;
                }
            }
            Status::Waiting => map.serialize_entry("description", &self.description)?,
            Status::Refused { reason, mend } => {
                map.serialize_entry("reason", reason)?;
                map.serialize_entry("text", &reason.to_string())?;
                if let Some(mend) = mend {
                    map.serialize_entry("mend", mend)?;
                }
            }
        }
        map.end()
    }
}

/// The percentage of a coupon that is worth one and nothing else.
fn percent(answer: &Answer) -> Option<Percent> {
    match answer.terms()?.benefits() {
        [Benefit::Percent(percent)] => Some(percent.off()),
        _ => None,
    }
}

impl Outcome {
    /// How many of the codes count as guesses: those of which a shopper is told no more than of a code that does not
    /// exist (S35). What an [`AttemptPolicy`](crate::AttemptPolicy) records.
    ///
    /// Not only unknown codes: those that are revoked, used up, or somebody else's count as well, and a code that was
    /// entered twice counts twice. If only unknown ones did, whoever tries one code until it is throttled, or is not,
    /// would learn that it exists. It does not matter how much the policy of the shop tells.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let shop = Shop::new(Policy::builder(Currency::USD).max_codes(None).build()?);
    /// # let order = Order::builder(Currency::USD).build()?;
    /// let course = shop.prepare(Coupon::builder("course").code("COURSE").percent_off("20").total_limit(50).build()?)?;
    /// let spring = shop.prepare(Coupon::builder("spring").code("SPRING").percent_off("20").build()?)?;
    /// let used_up = Presented::new("course", &course).with_usage(Usage::default().with_total(50));
    /// let codes = [Presented::unknown("GUESS"), used_up, Presented::new("spring", &spring)];
    /// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
    /// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
    /// assert_eq!(shop.evaluate(&request)?.unknown_codes(), 2);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn unknown_codes(&self) -> u64 {
        let reads_as_unknown = |answer: &&Answer| {
            answer.state() == AnswerState::Refused
                && self.public_refusal_under(answer, PublicReasons::Collapsed).0 == PublicReason::NotValid
        };
        u64::try_from(self.answers.iter().filter(reads_as_unknown).count()).unwrap_or(u64::MAX)
    }

    /// The one reason that the public may know of a refused code, and what may be done about it.
    pub(in crate::outcome) fn public_refusal(&self, answer: &Answer) -> (PublicReason, Option<Mend>) {
        self.public_refusal_under(answer, self.public_reasons)
    }

    fn public_refusal_under(&self, answer: &Answer, shown: PublicReasons) -> (PublicReason, Option<Mend>) {
        let of = |answer: &Answer| {
            let reasons = answer.reasons();
            (Refusal::public_of(reasons, shown), Refusal::public_mend_of(reasons, shown))
        };
        // A code that stays hidden, entered twice, stays hidden twice: "already entered" would tell that it exists.
        let duplicate = |answer: &Answer| answer.reasons().contains(&Refusal::DuplicateCode);
        if duplicate(answer) {
            let same = |other: &&Answer| other.code() == answer.code() && !duplicate(other);
            let first = self.answers.iter().find(same).filter(|first| first.state() == AnswerState::Refused);
            if first.is_some_and(|first| of(first).0 == PublicReason::NotValid) {
                return (PublicReason::NotValid, None);
            }
        }
        of(answer)
    }
}
