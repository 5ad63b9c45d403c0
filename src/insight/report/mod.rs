//! Reports: pure folds over what was recorded (S31, S58, S148).

mod figures;
mod granularity;
mod of_store;
mod people;

pub use figures::{BasketFigures, MoneyFigures, RedemptionRate, ReportFigures, UsageFigures};
pub use granularity::Granularity;
pub use of_store::ReportFailure;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use crate::calendar::Zone;
use crate::coupon::Coupon;
use crate::customer::IdentityKey;
use crate::error::{Error, Why};
use crate::key::{CampaignId, CouponId};
use crate::request::{IssuedCode, Reference};
use crate::store::UsageRecord;

use people::People;

/// What the figures of a report are about.
///
/// ```
/// use vouchsafe::ReportSubject;
///
/// let campaign = ReportSubject::Campaign("spring".parse()?);
/// assert_eq!(serde_json::to_string(&campaign)?, r#"{"campaign":"spring"}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ReportSubject {
    /// The whole shop, orders without any coupon among them.
    Everything,
    /// One definition.
    Coupon(CouponId),
    /// All definitions of one campaign.
    Campaign(CampaignId),
}

/// One row of a report: what it is about, in which period, and the figures.
///
/// ```
/// use vouchsafe::{Granularity, Report, Zone, parse_date, parse_instant};
///
/// let mut report = Report::new(Zone::UTC, Granularity::Month);
/// report.add_issued_count(&"patrol".parse()?, parse_instant("2026-03-15T12:00:00Z")?, 500);
/// // The whole shop and the coupon, each in all and in March:
/// let periods: Vec<_> = report.rows().iter().map(|row| row.period).collect();
/// let march = Some(parse_date("2026-03-01")?);
/// assert_eq!(periods, [None, march, None, march]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ReportRow {
    /// What it is about.
    pub subject: ReportSubject,
    /// The first local day of the period; none for all periods together.
    pub period: Option<NaiveDate>,
    /// The figures.
    pub figures: ReportFigures,
}

/// A fold over usage records: figures per coupon, per campaign and for the whole shop, each of them in all and per period
/// of the merchant's calendar (S31, S58, S148).
///
/// In whatever order records are added, the figures are the same; and the reports of two shops, or of two halves of a
/// log, [merge](Self::merge) into the report of both. Each record is added once: a report does not remember references.
/// A redemption counts in the period in which it was committed, an issued code in that in which it was issued.
///
/// Currencies are never mixed, and figures are what was recorded: returned goods are not taken out, and a voided order
/// counts only under [voided](ReportFigures::voided).
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let mut store = MemoryStore::new();
/// let ten = Coupon::builder("ten").code("TEN").percent_off("10").total_limit(100).build()?;
/// store.define(ten.clone())?;
/// let coupon = shop.prepare(ten.clone())?;
/// let at = parse_instant("2026-03-29T12:00:00Z")?;
/// for (id, codes) in [("o-1", vec![Presented::new("ten", &coupon)]), ("o-2", vec![])] {
///     let shirt = Line::new(LineId(1), Product::new("SHIRT".parse()?), Quantity::ONE, UnitPrice::parse("30.00")?);
///     let (order, ann) = (Order::builder(Currency::USD).line(shirt).build()?, Customer::new([IdentityKey::id("42")?]));
///     let request = Request::new(&order, &ann, Reference::Order(id.parse()?), at).with_codes(&codes);
///     block_on(store.commit(&shop.evaluate(&request)?.redemption()?, at))?;
/// }
///
/// let mut report = Report::new(Zone::UTC, Granularity::Month);
/// report.define(&ten);
/// for record in store.records() {
///     report.add(&record)?;
/// }
/// let figures = report.coupon(ten.id());
/// assert_eq!((figures.redeemed(), figures.remaining()), (1, Some(99)));
/// let dollars = figures.in_currency(Currency::USD);
/// assert_eq!(dollars.discount().to_string(), "3.00 USD");
/// assert_eq!(dollars.with_coupon().sales().to_string(), "27.00 USD");
/// // The basket without a coupon, to compare with:
/// assert_eq!(report.total().in_currency(Currency::USD).without_coupon().sales().to_string(), "30.00 USD");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Report {
    zone: Zone,
    granularity: Granularity,
    tallies: BTreeMap<Group, Tally>,
    definitions: BTreeMap<CouponId, Definition>,
    people: People,
}

/// What a tally is about, and when.
type Group = (ReportSubject, Option<NaiveDate>);

/// What is added up of one group.
#[derive(Debug, Clone, Default)]
struct Tally {
    issued: u64,
    /// Uses that count on the limit although nothing that stands shows them: of voided orders that kept them, and of an
    /// old system.
    used_besides: u64,
    standing: UsageFigures,
    voided: UsageFigures,
    /// One key of each known customer who redeemed.
    redeemers: BTreeSet<IdentityKey>,
    /// Those of them who were new with one of these redemptions.
    new: BTreeSet<IdentityKey>,
    /// Redemptions by nobody known.
    anonymous: u64,
}

/// What a report needs of a definition.
#[derive(Debug, Clone)]
struct Definition {
    revision: u32,
    available: Option<u64>,
    campaign: Option<CampaignId>,
}

impl Report {
    /// An empty report over periods of the merchant's calendar.
    #[must_use]
    pub fn new(zone: Zone, granularity: Granularity) -> Self {
        Self { zone, granularity, tallies: BTreeMap::new(), definitions: BTreeMap::new(), people: People::default() }
    }

    /// Tells how many uses a definition allows in all, and of which campaign its codes are. Of several revisions the
    /// latest counts, in whatever order they come.
    pub fn define(&mut self, coupon: &Coupon) {
        let definition = Definition {
            revision: coupon.revision(),
            available: coupon.limits().total(),
            campaign: coupon.campaign().cloned(),
        };
        self.learn(coupon.id().clone(), definition);
    }

    fn learn(&mut self, coupon: CouponId, definition: Definition) {
        let known = self.definitions.get(&coupon);
        if known.is_none_or(|known| known.revision < definition.revision) {
            self.definitions.insert(coupon, definition);
        }
    }

    /// Counts a code that was issued under a definition. A withdrawn code was issued all the same.
    pub fn add_issued(&mut self, coupon: &CouponId, code: &IssuedCode) {
        self.add_issued_count(coupon, code.issued_at(), 1);
    }

    /// Counts codes that were issued under a definition at one instant, such as an export.
    pub fn add_issued_count(&mut self, coupon: &CouponId, issued_at: DateTime<Utc>, count: u64) {
        let day = self.granularity.first_day(&self.zone, issued_at);
        for subject in [ReportSubject::Everything, ReportSubject::Coupon(coupon.clone())] {
            for period in [None, Some(day)] {
                let tally = self.tallies.entry((subject.clone(), period)).or_default();
                tally.issued = tally.issued.saturating_add(count);
            }
        }
    }

    /// Counts uses of a definition that stand in no record, such as those that were imported from an old system. They
    /// lower what [remains](ReportFigures::remaining) and are no redemptions of this report.
    pub fn add_earlier_uses(&mut self, coupon: &CouponId, uses: u64) {
        let tally = self.tallies.entry((ReportSubject::Coupon(coupon.clone()), None)).or_default();
        tally.used_besides = tally.used_besides.saturating_add(uses);
    }

    /// Adds a record, with coupons or without.
    ///
    /// # Errors
    /// [`Error::Overflow`] where a sum passes the range of exact amounts; the report is as it was before.
    pub fn add(&mut self, record: &UsageRecord) -> Result<(), Error> {
        let redemption = &record.redemption;
        let (currency, voided) = (redemption.currency(), record.is_voided());
        let day = self.granularity.first_day(&self.zone, record.recorded_at);
        let mut subjects = BTreeMap::from([(ReportSubject::Everything, UsageFigures::default())]);
        for redeemed in redemption.coupons() {
            let campaign = redeemed.campaign.clone().map(ReportSubject::Campaign);
            let of = [Some(ReportSubject::Everything), Some(ReportSubject::Coupon(redeemed.coupon.clone())), campaign];
            for subject in of.into_iter().flatten() {
                subjects.entry(subject).or_default().add_coupon(redeemed, currency)?;
            }
        }
        let with_coupon = !redemption.coupons().is_empty();
        let is_order = matches!(redemption.reference(), Reference::Order(_));
        // Every sum is worked out before any is stored.
        let mut changed: Vec<(Group, UsageFigures, u64)> = Vec::new();
        for (subject, mut figures) in subjects {
            if is_order {
                figures.add_order(redemption.payable(), with_coupon, redemption.is_new_customer())?;
            } else {
                figures.add_claim();
            }
            let kept = if voided && !record.uses_given_back { figures.redeemed() } else { 0 };
            for period in [None, Some(day)] {
                let group = (subject.clone(), period);
                let before = self.tallies.get(&group).map(|t| if voided { &t.voided } else { &t.standing });
                let sum = before.map_or(Ok(figures.clone()), |before| before.plus(&figures))?;
                changed.push((group, sum, kept));
            }
        }
        let (customer, is_new) = (redemption.counted(), redemption.is_new_customer());
        for (group, sum, kept) in changed {
            let tally = self.tallies.entry(group).or_default();
            tally.used_besides = tally.used_besides.saturating_add(kept);
            if voided {
                tally.voided = sum;
            } else {
                tally.standing = sum;
                if with_coupon {
                    tally.add_redeemer(customer, is_new);
                }
            }
        }
        if with_coupon && !voided {
            self.people.join(customer);
        }
        Ok(())
    }

    /// The report of both: as if everything that was added to the other one had been added here.
    ///
    /// # Errors
    /// [`Why::Disagrees`] at `zone` or `granularity` where their periods are not the same; [`Error::Overflow`] where a sum
    /// passes the range of exact amounts. The report is as it was before.
    pub fn merge(&mut self, other: &Self) -> Result<(), Error> {
        let why = Why::Disagrees { with: "the other report" };
        if self.zone != other.zone {
            return Err(Error::invalid("zone", other.zone.name(), why));
        }
        if self.granularity != other.granularity {
            return Err(Error::invalid("granularity", other.granularity, why));
        }
        let mut merged = Vec::new();
        for (group, tally) in &other.tallies {
            let sum = self.tallies.get(group).map_or_else(|| Ok(tally.clone()), |before| before.plus(tally))?;
            merged.push((group.clone(), sum));
        }
        self.tallies.extend(merged);
        for (coupon, definition) in &other.definitions {
            self.learn(coupon.clone(), definition.clone());
        }
        self.people.merge(&other.people);
        Ok(())
    }

    /// The figures of the whole shop, over all periods.
    #[must_use]
    pub fn total(&self) -> ReportFigures {
        self.figures(&ReportSubject::Everything, None)
    }

    /// The figures of one definition, over all periods.
    #[must_use]
    pub fn coupon(&self, coupon: &CouponId) -> ReportFigures {
        self.figures(&ReportSubject::Coupon(coupon.clone()), None)
    }

    /// The figures of one campaign, over all periods.
    #[must_use]
    pub fn campaign(&self, campaign: &CampaignId) -> ReportFigures {
        self.figures(&ReportSubject::Campaign(campaign.clone()), None)
    }

    /// The figures of a subject over all periods, or in the one that begins with this local day; zero where nothing was
    /// added.
    #[must_use]
    pub fn figures(&self, subject: &ReportSubject, period: Option<NaiveDate>) -> ReportFigures {
        let nothing = Tally::default();
        let tally = self.tallies.get(&(subject.clone(), period)).unwrap_or(&nothing);
        let of_coupon = |coupon: &CouponId| self.tallies.get(&(ReportSubject::Coupon(coupon.clone()), period));
        let (new, all) = (self.people.count(&tally.new), self.people.count(&tally.redeemers));
        let issued = match subject {
            ReportSubject::Campaign(_) => {
                let codes = self.members(subject).filter_map(|(coupon, _)| of_coupon(coupon)).map(|t| t.issued);
                codes.fold(0, u64::saturating_add)
            }
            ReportSubject::Everything | ReportSubject::Coupon(_) => tally.issued,
        };
        ReportFigures {
            issued,
            // What is left is a state, not something that happens in a period.
            available: period.is_none().then(|| self.available(subject)).flatten(),
            used: self.used(subject, period),
            new_customers: new,
            returning_customers: all.saturating_sub(new),
            anonymous: tally.anonymous,
            standing: tally.standing.clone(),
            voided: tally.voided.clone(),
        }
    }

    /// Every row, by subject and period, the one over all periods first; no row for what nothing happened to.
    #[must_use]
    pub fn rows(&self) -> Vec<ReportRow> {
        let mut groups: BTreeSet<Group> = self.tallies.keys().cloned().collect();
        // The codes of a campaign are known by its definitions.
        for (coupon, definition) in &self.definitions {
            let Some(campaign) = &definition.campaign else { continue };
            let of_coupon = self.tallies.keys().filter(|(s, _)| *s == ReportSubject::Coupon(coupon.clone()));
            groups.extend(of_coupon.map(|(_, period)| (ReportSubject::Campaign(campaign.clone()), *period)));
        }
        let row = |(subject, period): Group| {
            let figures = self.figures(&subject, period);
            ReportRow { subject, period, figures }
        };
        groups.into_iter().map(row).collect()
    }

    /// The figures of a subject period by period, the earliest first; no row for a period in which nothing happened.
    #[must_use]
    pub fn periods(&self, subject: &ReportSubject) -> Vec<ReportRow> {
        self.rows().into_iter().filter(|row| row.subject == *subject && row.period.is_some()).collect()
    }

    /// The definitions of a subject that are known.
    fn members<'a>(&'a self, subject: &'a ReportSubject) -> impl Iterator<Item = (&'a CouponId, &'a Definition)> {
        self.definitions.iter().filter(move |(coupon, definition)| match subject {
            ReportSubject::Everything => true,
            ReportSubject::Coupon(of) => of == *coupon,
            ReportSubject::Campaign(of) => definition.campaign.as_ref() == Some(of),
        })
    }

    /// How many uses the definitions of a subject allow in all; none where one of them has no limit or is not known.
    fn available(&self, subject: &ReportSubject) -> Option<u64> {
        let known = self.members(subject).count();
        let unknown = *subject == ReportSubject::Everything
            && self
                .tallies
                .keys()
                .any(|(s, _)| matches!(s, ReportSubject::Coupon(c) if !self.definitions.contains_key(c)));
        if known == 0 || unknown {
            return None;
        }
        self.members(subject).try_fold(0_u64, |sum, (_, d)| Some(sum.saturating_add(d.available?)))
    }

    /// The uses of a subject that count on its limit: of several definitions, those of each.
    fn used(&self, subject: &ReportSubject, period: Option<NaiveDate>) -> u64 {
        let of = |subject: &ReportSubject| {
            let tally = self.tallies.get(&(subject.clone(), period));
            tally.map_or(0, |tally| tally.standing.redeemed().saturating_add(tally.used_besides))
        };
        let coupons: Vec<ReportSubject> = match subject {
            ReportSubject::Coupon(_) => Vec::new(),
            ReportSubject::Campaign(_) => {
                self.members(subject).map(|(c, _)| ReportSubject::Coupon(c.clone())).collect()
            }
            ReportSubject::Everything => {
                let here = self.tallies.keys().filter(|(_, p)| *p == period).map(|(subject, _)| subject);
                here.filter(|subject| matches!(subject, ReportSubject::Coupon(_))).cloned().collect()
            }
        };
        if coupons.is_empty() { of(subject) } else { coupons.iter().map(of).fold(0, u64::saturating_add) }
    }
}

impl Tally {
    fn add_redeemer(&mut self, customer: &[IdentityKey], is_new: bool) {
        match customer.first() {
            None => self.anonymous = self.anonymous.saturating_add(1),
            Some(key) => {
                self.redeemers.insert(key.clone());
                if is_new {
                    self.new.insert(key.clone());
                }
            }
        }
    }

    fn plus(&self, other: &Self) -> Result<Self, Error> {
        Ok(Self {
            issued: self.issued.saturating_add(other.issued),
            used_besides: self.used_besides.saturating_add(other.used_besides),
            standing: self.standing.plus(&other.standing)?,
            voided: self.voided.plus(&other.voided)?,
            redeemers: self.redeemers.union(&other.redeemers).cloned().collect(),
            new: self.new.union(&other.new).cloned().collect(),
            anonymous: self.anonymous.saturating_add(other.anonymous),
        })
    }
}
