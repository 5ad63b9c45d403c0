//! Guards that need no storage, the same for every store.

use chrono::{DateTime, Utc};

use super::Objection;
use crate::outcome::{Guard, Redemption};

/// What says no without a look at what is stored: the window, the total that the shopper saw, a type for nobody.
pub(crate) fn without_storage(redemption: &Redemption, at: DateTime<Utc>, objections: &mut Vec<Objection>) {
    for guard in redemption.guards() {
        match guard {
            Guard::Window { coupon, from, until } => {
                let begun = from.is_none_or(|from| from <= at);
                let open = until.is_none_or(|until| at < until);
                if !begun || !open {
                    objections.push(Objection::OutsideWindow { coupon: coupon.clone(), from: *from, until: *until });
                }
            }
            Guard::Seen { digest } => {
                let found = redemption.digest();
                if *digest != found {
                    objections.push(Objection::TotalChanged { seen: *digest, found });
                }
            }
            Guard::Revision { .. } | Guard::CodeLive { .. } => {}
        }
    }
    if let Some(change) = redemption.type_change() {
        if redemption.counted().is_empty() {
            objections.push(Objection::CustomerRequired { coupon: change.coupon.clone() });
        }
    }
}

/// How long a hold may live: as asked, but not past the end of any window, since it could not be committed there.
pub(crate) fn hold_until(redemption: &Redemption, asked: DateTime<Utc>) -> DateTime<Utc> {
    let ends = redemption.guards().iter().filter_map(|guard| match guard {
        Guard::Window { until, .. } => *until,
        Guard::Revision { .. } | Guard::CodeLive { .. } | Guard::Seen { .. } => None,
    });
    ends.fold(asked, DateTime::min)
}
