//! What a checkout is told before it prices. Nothing is locked: every figure may be stale the moment it is read, and `commit`
//! asks again.

use std::cell::RefCell;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use vouchsafe::store::rules::in_the_way;
use vouchsafe::store::spellings;
use vouchsafe::{
    CounterKey, Coupon, Guard, IssuedCode, LoadRequest, Loaded, LoadedCode, PointsBalance, Progress, Redemption,
};

use crate::counters::owner;
use crate::logs::Record;
use crate::step::{Failure, Rows};

/// What a typed text stands for.
struct Found {
    coupon: Arc<Coupon>,
    issued: Option<IssuedCode>,
    /// Whether these are the terms that the reference holds or has recorded.
    pinned: bool,
}

impl Rows<'_> {
    pub(crate) fn load(&self, request: &LoadRequest) -> Result<Loaded, Failure> {
        let record = self.record_of(request.reference())?;
        let hold = self.live_hold(request.reference(), request.at())?;
        let voided = record.as_ref().is_some_and(|record| record.voided_at.is_some());
        let own = match (&record, &hold) {
            _ if voided => None,
            (Some(record), _) => Some(&*record.redemption),
            (None, Some(hold)) => Some(&hold.redemption),
            (None, None) => None,
        };

        // The library asks for one counter after the other, and cannot be told of an error in between.
        let (reference, failed) = (owner(request.reference())?, RefCell::new(None));
        let taken = |key: &CounterKey, since: Option<DateTime<Utc>>| {
            let taken = self.taken(key, &reference, request.at(), since);
            let taken = taken.map_err(|failure| *failed.borrow_mut() = Some(failure)).unwrap_or_default();
            taken.used.saturating_add(taken.held)
        };
        let mut codes = Vec::new();
        for entered in request.codes() {
            codes.push(match self.find(entered, own)? {
                None => LoadedCode::unknown(entered),
                Some(Found { coupon, issued, pinned }) => {
                    let own = own.filter(|_| pinned);
                    let usage =
                        request.usage_of(&coupon, issued.as_ref(), |key| in_the_way(key, taken(key, None), own));
                    let found = LoadedCode::found(entered, coupon, usage);
                    issued.into_iter().fold(found, LoadedCode::with_issued)
                }
            });
        }
        let allowances = request.allowance_usage(|counter| taken(counter.key(), counter.recorded_since(request.at())));
        if let Some(failure) = failed.take() {
            return Err(failure);
        }

        let recorded = record.as_ref().filter(|_| !voided);
        // Of a reference that is recorded, the types before it: a repeat from the very start comes to the same content.
        let held = self.types(request.customer_keys(), recorded.map(|record| record.types_before))?;
        let points = self.points_for(request, &reference, recorded)?;
        let progress = match (&record, hold) {
            _ if voided => Progress::Voided,
            (Some(record), _) => Progress::Recorded(record.redemption.clone()),
            (None, Some(hold)) => Progress::Held { until: hold.until },
            (None, None) => Progress::Open,
        };
        let loaded = Loaded::new(codes, progress).with_held(held).with_allowances(allowances);
        Ok(points.into_iter().fold(loaded, Loaded::with_points))
    }

    /// What the account has without what this reference took or holds.
    fn points_for(
        &self,
        request: &LoadRequest,
        reference: &str,
        recorded: Option<&Record>,
    ) -> Result<Option<PointsBalance>, Failure> {
        let Some(account) = request.points_account() else { return Ok(None) };
        let of_account = |record: &&Record| record.redemption.points().is_some_and(|p| p.account == *account);
        match recorded.filter(of_account) {
            Some(record) => Ok(Some(record.points_before)),
            None => Ok(Some(self.points(account, reference, request.at())?)),
        }
    }

    /// The definition that a typed text stands for, as the reference holds or recorded it, or as it is.
    fn find(&self, entered: &str, own: Option<&Redemption>) -> Result<Option<Found>, Failure> {
        for (format, code) in spellings(entered) {
            let entry = self.code(&code)?.filter(|entry| entry.is_known());
            let issued = entry.as_ref().and_then(|entry| entry.issued().cloned());
            let redeemed = own.and_then(|own| own.coupons().iter().find(|redeemed| redeemed.code == code));
            let mut found = None;
            if let (Some(own), Some(redeemed)) = (own, redeemed) {
                // Terms that were killed are worth nothing, to whomever holds them.
                let killed = self.definition(&redeemed.coupon)?.is_none_or(|d| redeemed.revision <= d.killed_through);
                if let Some(coupon) = self.revision(&redeemed.coupon, redeemed.revision)?.filter(|_| !killed) {
                    let of_code = |g: &Guard| matches!(g, Guard::CodeLive { code: c, .. } if *c == code);
                    let issued = issued.clone().filter(|_| own.guards().iter().any(of_code));
                    found = Some(Found { coupon, issued, pinned: true });
                }
            }
            if let (None, Some(entry)) = (&found, &entry) {
                let current = self.definition(&entry.coupon)?.map(|definition| definition.current);
                found = current.map(|coupon| Found { coupon, issued, pinned: false });
            }
            // A code is good only in the spelling of its definition's format.
            if let Some(found) = found.filter(|found| found.coupon.code_format() == format) {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }
}
