//! A report over everything that a store has.

use std::collections::HashMap;

use crate::coupon::{Code, Coupon};
use crate::error::Error;
use crate::key::CouponId;
use crate::shop::Shop;
use crate::store::{AdminFailure, CouponAdmin, Page, StoreError};

use super::{Granularity, Report};

/// How many rows are asked for at once.
const PAGE: u32 = 1_000;

/// Why there is no report.
///
/// ```
/// use vouchsafe::{ReportFailure, StoreError};
///
/// let failure = ReportFailure::from(StoreError::unavailable("connection reset"));
/// assert_eq!(failure.to_string(), "the store failed");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportFailure {
    /// The store could not be read.
    #[error(transparent)]
    Store(#[from] AdminFailure),
    /// A sum passes the range of exact amounts.
    #[error(transparent)]
    Figures(#[from] Error),
}

impl From<StoreError> for ReportFailure {
    fn from(error: StoreError) -> Self {
        Self::Store(error.into())
    }
}

impl Report {
    /// Reads a whole store: its definitions, every record, and every code with its uses (S31, S58). Uses that stand in no
    /// record, those of an old system and those whose records were purged, lower what
    /// [remains](super::ReportFigures::remaining) and are no redemptions of the report.
    ///
    /// The store is read in pages, and checkouts go on meanwhile: what is recorded while it is read may or may not be in
    /// it. In a database a transaction of repeatable read sees all of it at one instant, and a replica for reads spares the
    /// checkouts the work.
    ///
    /// # Errors
    /// [`ReportFailure`].
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
    /// let (mut store, at) = (MemoryStore::new(), parse_instant("2026-03-29T12:00:00Z")?);
    /// let club = Coupon::builder("club").percent_off("5").total_limit(100).per_code_limit(2);
    /// store.define(club.build()?)?;
    /// let code = |text| Code::parse(text, CodeFormat::Standard).map(|code| IssuedCode::new(code, at));
    /// store.import(&"club".parse()?, [ImportedCode::new(code("OLD7")?).used([], 2), ImportedCode::new(code("NEW7")?)], at)?;
    ///
    /// let report = block_on(Report::of_store(&mut store, &shop, Granularity::Month))?;
    /// let figures = report.coupon(&"club".parse()?);
    /// assert_eq!((figures.issued(), figures.redeemed(), figures.remaining()), (2, 0, Some(98)));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn of_store<S: CouponAdmin>(
        store: &mut S,
        shop: &Shop,
        granularity: Granularity,
    ) -> Result<Self, ReportFailure> {
        let mut report = Self::new(*shop.policy().zone(), granularity);
        let uses = report.read_records(store).await?;
        let mut after: Option<CouponId> = None;
        loop {
            let definitions = store.definitions(after.as_ref(), PAGE).await?;
            let Some(last) = definitions.last() else { return Ok(report) };
            after = Some(last.id().clone());
            for coupon in &definitions {
                report.define(coupon);
                report.read_codes(store, shop, coupon, &uses).await?;
            }
        }
    }

    /// Adds every record; says how often each code was used by those that count.
    async fn read_records<S: CouponAdmin>(&mut self, store: &mut S) -> Result<Uses, ReportFailure> {
        let (mut uses, mut page) = (Uses::new(), Page::first(PAGE));
        loop {
            let records = store.records(page).await?;
            let Some(last) = records.last() else { return Ok(uses) };
            page = Page::after(last.place, PAGE);
            for record in &records {
                self.add(record)?;
                for redeemed in record.redemption.coupons().iter().filter(|_| !record.uses_given_back) {
                    let count = uses.entry((redeemed.coupon.clone(), redeemed.code.clone())).or_default();
                    *count = count.saturating_add(1);
                }
            }
        }
    }

    /// Adds the codes of a definition, with the uses that no record shows.
    async fn read_codes<S: CouponAdmin>(
        &mut self,
        store: &mut S,
        shop: &Shop,
        coupon: &Coupon,
        uses: &Uses,
    ) -> Result<(), ReportFailure> {
        let mut after: Option<Code> = None;
        loop {
            let codes = store.codes_of(shop, coupon.id(), after.as_ref(), PAGE).await?;
            let Some(last) = codes.last() else { return Ok(()) };
            after = Some(last.code.clone());
            for code in &codes {
                if let Some(issued) = &code.issued {
                    self.add_issued(coupon.id(), issued);
                }
                let recorded = uses.get(&(coupon.id().clone(), code.code.clone())).copied().unwrap_or(0);
                let earlier = code.uses.saturating_sub(recorded);
                if earlier > 0 {
                    self.add_earlier_uses(coupon.id(), earlier);
                }
            }
        }
    }
}

type Uses = HashMap<(CouponId, Code), u64>;
