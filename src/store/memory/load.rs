//! What a checkout is told.

use std::sync::Arc;

use crate::coupon::Coupon;
use crate::customer::IdentityKey;
use crate::money::Money;
use crate::outcome::{CounterKey, Guard, Redemption};
use crate::request::{IssuedCode, Usage};
use crate::store::{LoadRequest, Loaded, LoadedCode, Standing, spellings};

use super::state::State;

impl State {
    pub(super) fn load(&self, request: &LoadRequest) -> Loaded {
        let standing = self.standing(request);
        let own = match &standing {
            Standing::Recorded(redemption) => Some(redemption.as_ref()),
            Standing::Held { .. } => self.holds.get(request.reference()).map(|hold| hold.redemption.as_ref()),
            Standing::Open | Standing::Voided => None,
        };
        let codes = request.codes().iter().map(|entered| match self.find(entered, own) {
            None => LoadedCode::unknown(entered),
            Some((coupon, issued)) => {
                let usage = self.usage(&coupon, issued, request, entered);
                let found = LoadedCode::found(entered, coupon, usage);
                match issued {
                    Some(issued) => found.with_issued(issued.clone()),
                    None => found,
                }
            }
        });
        let codes = codes.collect();
        let keys = request.customer_keys();
        let customer_type = match &standing {
            Standing::Recorded(_) => self.customer_type_before(request.reference(), keys),
            Standing::Open | Standing::Held { .. } | Standing::Voided => self.customer_type(keys),
        };
        let customer_type = customer_type.cloned();
        Loaded::new(codes, standing).with_customer_type(customer_type)
    }

    fn standing(&self, request: &LoadRequest) -> Standing {
        match self.records.get(request.reference()) {
            Some(record) if record.voided.is_some() => Standing::Voided,
            Some(record) => Standing::Recorded(record.redemption.clone()),
            None => match self.live_hold(request.reference(), request.at()) {
                Some(hold) => Standing::Held { until: hold.until },
                None => Standing::Open,
            },
        }
    }

    /// The definition that a typed text stands for: as the reference holds or recorded it, or as it is.
    fn find(&self, entered: &str, own: Option<&Redemption>) -> Option<(Arc<Coupon>, Option<&IssuedCode>)> {
        spellings(entered).find_map(|(format, code)| {
            let issued = self.codes.get(&code).and_then(|entry| entry.issued.as_ref());
            let pinned = own.and_then(|own| {
                let redeemed = own.coupons().iter().find(|redeemed| redeemed.code == code)?;
                let definition = self.definitions.get(&redeemed.coupon)?;
                let alive = redeemed.revision > definition.killed_through;
                let terms = definition.revisions.get(&redeemed.revision).filter(|_| alive)?;
                let live = |g: &Guard| matches!(g, Guard::CodeLive { code: c, .. } if *c == code);
                Some((terms, issued.filter(|_| own.guards().iter().any(live))))
            });
            let current = || {
                let entry = self.codes.get(&code)?;
                Some((&self.definitions.get(&entry.coupon)?.current, issued))
            };
            let (coupon, issued) = pinned.or_else(current)?;
            (coupon.code_format() == format).then(|| (coupon.clone(), issued))
        })
    }

    /// What is taken of the limits that the terms have, by others.
    fn usage(&self, coupon: &Coupon, issued: Option<&IssuedCode>, request: &LoadRequest, entered: &str) -> Usage {
        let id = coupon.id();
        let taken = |key: &CounterKey| {
            let state = self.taken(key, request.reference(), request.at());
            state.used.saturating_add(state.held)
        };
        let highest = |key: &dyn Fn(IdentityKey) -> CounterKey| {
            request.customer_keys().iter().map(|customer| taken(&key(customer.clone()))).max().unwrap_or(0)
        };
        let mut usage = Usage::default()
            .with_total(taken(&CounterKey::Total { coupon: id.clone() }))
            .with_units(taken(&CounterKey::Units { coupon: id.clone() }))
            .with_customer(highest(&|customer| CounterKey::Customer { coupon: id.clone(), customer }))
            .with_first_order_claimed(highest(&|customer| CounterKey::FirstOrder { customer }) > 0);
        let code = issued.map(|issued| issued.code().clone()).or_else(|| coupon.code().cloned());
        debug_assert!(code.is_some(), "`{entered}` was found by its code");
        if let Some(code) = code {
            let by_code = CounterKey::Code { coupon: id.clone(), code: code.clone() };
            usage = usage.with_code(taken(&by_code)).with_customer_code(highest(&|customer| {
                CounterKey::CustomerCode { coupon: id.clone(), code: code.clone(), customer }
            }));
        }
        if coupon.limits().money().is_some() {
            let currency = request.currency();
            let given = taken(&CounterKey::Money { coupon: id.clone(), currency });
            usage = usage.with_money(Money::new(i64::try_from(given).unwrap_or(i64::MAX), currency));
        }
        usage
    }
}
