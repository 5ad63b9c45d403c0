//! What a checkout is told.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::coupon::Coupon;
use crate::customer::IdentityKey;
use crate::outcome::{CounterKey, Guard, Redemption};
use crate::request::IssuedCode;
use crate::store::judge::in_the_way;
use crate::store::{LoadRequest, Loaded, LoadedCode, PointsBalance, Progress, spellings};

use super::codes::CodeEntry;
use super::state::State;

impl State {
    pub(super) fn load(&self, request: &LoadRequest) -> Loaded {
        let progress = self.progress(request);
        let own = match &progress {
            Progress::Recorded(redemption) => Some(redemption.as_ref()),
            Progress::Held { .. } => self.holds.get(request.reference()).map(|hold| hold.redemption.as_ref()),
            Progress::Open | Progress::Voided => None,
        };
        let taken = |key: &CounterKey, since: Option<DateTime<Utc>>| {
            let taken = self.taken(key, request.reference(), request.at(), since);
            taken.used.saturating_add(taken.held)
        };
        let codes = request.codes().iter().map(|entered| match self.find(entered, own) {
            None => LoadedCode::unknown(entered),
            Some((coupon, issued, pinned)) => {
                let own = own.filter(|_| pinned);
                let usage = request.usage_of(&coupon, issued, |key| in_the_way(key, taken(key, None), own));
                let found = LoadedCode::found(entered, coupon, usage);
                match issued {
                    Some(issued) => found.with_issued(issued.clone()),
                    None => found,
                }
            }
        });
        let allowances = request.allowance_usage(|counter| taken(counter.key(), counter.recorded_since(request.at())));
        let codes = codes.collect();
        let keys = request.customer_keys();
        // A repeat from the very start comes to the same content.
        let before = match &progress {
            Progress::Recorded(_) => self.records.get(request.reference()).map(|record| record.types_before),
            Progress::Open | Progress::Held { .. } | Progress::Voided => None,
        };
        let held = self.types.held(keys, before).with_revision(self.types.revision(keys, before));
        let loaded = Loaded::new(codes, progress).with_held(held).with_allowances(allowances);
        match request.points_account() {
            Some(account) => loaded.with_points(self.points_of(account, request)),
            None => loaded,
        }
    }

    /// What an account has without what this reference took or holds.
    fn points_of(&self, account: &IdentityKey, request: &LoadRequest) -> PointsBalance {
        let record = self.records.get(request.reference()).filter(|record| record.voided.is_none());
        let own = record.filter(|record| record.redemption.points().is_some_and(|points| points.account == *account));
        own.map_or_else(
            || self.points.state(account, Some(request.reference()), self.lapsed_through(request.at())),
            |record| record.points.before,
        )
    }

    fn progress(&self, request: &LoadRequest) -> Progress {
        match self.records.get(request.reference()) {
            Some(record) if record.voided.is_some() => Progress::Voided,
            Some(record) => Progress::Recorded(record.redemption.clone()),
            None => match self.live_hold(request.reference(), request.at()) {
                Some(hold) => Progress::Held { until: hold.until },
                None => Progress::Open,
            },
        }
    }

    /// The definition that a typed text stands for, as the reference holds or recorded it, or as it is; and which of both.
    fn find(&self, entered: &str, own: Option<&Redemption>) -> Option<(Arc<Coupon>, Option<&IssuedCode>, bool)> {
        spellings(entered).find_map(|(format, code)| {
            let entry = self.codes.get(&code).filter(|entry| entry.is_known());
            let issued = entry.and_then(CodeEntry::issued);
            let pinned = own.and_then(|own| {
                let redeemed = own.coupons().iter().find(|redeemed| redeemed.code == code)?;
                let definition = self.definitions.get(&redeemed.coupon)?;
                let alive = redeemed.revision > definition.killed_through;
                let terms = definition.revisions.get(&redeemed.revision).filter(|_| alive)?;
                let live = |g: &Guard| matches!(g, Guard::CodeLive { code: c, .. } if *c == code);
                Some((terms, issued.filter(|_| own.guards().iter().any(live)), true))
            });
            let current = || Some((&self.definitions.get(&entry?.coupon)?.current, issued, false));
            let (coupon, issued, pinned) = pinned.or_else(current)?;
            (coupon.code_format() == format).then(|| (coupon.clone(), issued, pinned))
        })
    }
}
