//! What becomes of earned codes when what earned them is returned.

use serde::{Deserialize, Serialize};

use crate::coupon::OnReturn;
use crate::key::{CouponId, KeyMap, OccasionId};
use crate::money::Money;
use crate::order::LineId;
use crate::outcome::{Grant, GrantCause, codes_for};

/// How an earned code stands, as the host and its store know it.
///
/// In JSON `"unused"`, `{"used": {"discount": {"amount": "10.00", "currency": "USD"}}}` or `"taken_back"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum GrantedCode {
    /// Issued, and not used yet.
    Unused,
    /// Used.
    Used {
        /// What it took off.
        discount: Money,
    },
    /// Revoked or billed by an earlier return.
    TakenBack,
}

/// What a return makes of one earned code.
///
/// In JSON `{"revoke": {"coupon": "meeting", "occasion": "order/o-1/1"}}`: two definitions may each have given a code for
/// one occasion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum GrantReturn {
    /// It was not issued yet, and is not to be.
    Withhold {
        /// The definition.
        coupon: CouponId,
        /// The occasion that it was to be issued for.
        occasion: OccasionId,
    },
    /// It is not used yet, and is to be revoked.
    Revoke {
        /// The definition.
        coupon: CouponId,
        /// The occasion that it was issued for.
        occasion: OccasionId,
    },
    /// It was used, and its discount is to be billed.
    Bill {
        /// The definition.
        coupon: CouponId,
        /// The occasion that it was issued for.
        occasion: OccasionId,
        /// What it took off.
        amount: Money,
    },
    /// It is no longer earned, and stays with the customer all the same.
    Keep {
        /// The definition.
        coupon: CouponId,
        /// The occasion that it was issued for.
        occasion: OccasionId,
    },
}

/// What becomes of the codes that an order earned, once some of it is returned: one entry for each code that the kept
/// pieces no longer earn, by the [policy](OnReturn) of its rule. Codes that are still earned are not named.
///
/// `returned` says how many units of each line came back *in all*, earlier returns among them; `codes` how each issued
/// code stands, by its occasion. A code that is not among them was not issued.
/// Occasions tell the codes of one definition apart: where an order earned several coupons, ask for the grants of each
/// definition by itself, with its codes alone. Unused codes go before used ones, the last
/// of them first, so that no discount is billed as long as there is a code to revoke. Where everything that is said here
/// was done and told (as [`GrantedCode::TakenBack`]), the same return again has nothing more to say.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let each = PurchaseTrigger::new(Scope::Open).with_per(Per::Unit).with_on_return(OnReturn::RevokeOrBill);
/// let earnings = shop.earnings([Coupon::builder("ad").percent_off("50").earn(EarnRule::new(each)).build()?])?;
/// let line = Line::new(LineId(1), Product::new("STAND".parse()?), Quantity::pieces(3)?, UnitPrice::parse("900.00")?);
/// let order = Order::builder(Currency::USD).line(line).build()?;
/// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
/// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_earnings(&earnings);
/// let redemption = shop.evaluate(&request)?.redemption()?;
///
/// // Of the three codes one was used. Two stands come back: two codes are unearned, and two can still be revoked.
/// let discount = Money::parse("450.00", Currency::USD)?;
/// let coupon: CouponId = "ad".parse()?;
/// let used = (coupon.clone(), "order/o-1/1#2".parse()?, GrantedCode::Used { discount });
/// let unused = |occasion: &str| Ok::<_, Error>((coupon.clone(), occasion.parse()?, GrantedCode::Unused));
/// let codes = [unused("order/o-1/1")?, used, unused("order/o-1/1#3")?];
/// let back = grants_on_return(redemption.grants(), &[(LineId(1), 2)], &codes);
/// let revoke = |occasion: &str| Ok::<_, Error>(GrantReturn::Revoke { coupon: coupon.clone(), occasion: occasion.parse()? });
/// assert_eq!(back, [revoke("order/o-1/1#3")?, revoke("order/o-1/1")?]);
///
/// // The third one as well: the discount of the used code is billed too.
/// let all = grants_on_return(redemption.grants(), &[(LineId(1), 3)], &codes);
/// let occasion = "order/o-1/1#2".parse()?;
/// assert_eq!(all[2], GrantReturn::Bill { coupon: coupon.clone(), occasion, amount: discount });
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn grants_on_return(
    grants: &[Grant],
    returned: &[(LineId, u32)],
    codes: &[(CouponId, OccasionId, GrantedCode)],
) -> Vec<GrantReturn> {
    let mut states: States<'_> = KeyMap::default();
    for (coupon, occasion, state) in codes {
        states.entry(coupon).or_default().insert(occasion, *state);
    }
    let codes = states;
    grants.iter().flat_map(|grant| of_grant(grant, returned, &codes)).collect()
}

/// How codes stand, by definition and occasion.
type States<'a> = KeyMap<&'a CouponId, KeyMap<&'a OccasionId, GrantedCode>>;

fn of_grant(grant: &Grant, returned: &[(LineId, u32)], codes: &States<'_>) -> Vec<GrantReturn> {
    let GrantCause::Purchase { counted, pieces, per, each, .. } = grant.cause() else { return Vec::new() };
    let kept = counted.iter().fold(0_u64, |kept, counted| {
        let back = returned.iter().filter(|(line, _)| *line == counted.line);
        let back = back.fold(0_u32, |sum, (_, units)| sum.saturating_add(*units));
        kept.saturating_add(u64::from(counted.units.saturating_sub(back)))
    });
    // Fewer pieces never earn more than all of them did.
    let standing = codes_for(kept, *pieces, *per, *each).unwrap_or(u32::MAX);
    let unearned = usize::try_from(grant.codes().saturating_sub(standing)).unwrap_or(usize::MAX);
    if unearned == 0 {
        return Vec::new();
    }
    let codes = codes.get(grant.coupon());
    let state = |occasion: OccasionId| (codes.and_then(|codes| codes.get(&occasion)).copied(), occasion);
    let mut states: Vec<(Option<GrantedCode>, OccasionId)> = grant.occasions().map(state).collect();
    let taken = states.iter().filter(|(state, _)| *state == Some(GrantedCode::TakenBack)).count();
    // What costs the customer least goes first: codes not issued yet, then unused ones, then used ones.
    let cost = |state: &Option<GrantedCode>| match state {
        None => 0,
        Some(GrantedCode::Unused) => 1,
        Some(GrantedCode::Used { .. }) => 2,
        Some(GrantedCode::TakenBack) => 3,
    };
    states.retain(|(state, _)| *state != Some(GrantedCode::TakenBack));
    states.reverse();
    states.sort_by_key(|(state, _)| cost(state));
    let told = states.into_iter().take(unearned.saturating_sub(taken));
    let back = |(state, occasion): (Option<GrantedCode>, OccasionId)| {
        let coupon = grant.coupon().clone();
        match (grant.on_return(), state) {
            (OnReturn::Keep, _) => GrantReturn::Keep { coupon, occasion },
            (_, None) => GrantReturn::Withhold { coupon, occasion },
            (_, Some(GrantedCode::Unused)) => GrantReturn::Revoke { coupon, occasion },
            (OnReturn::RevokeOrBill, Some(GrantedCode::Used { discount })) => {
                GrantReturn::Bill { coupon, occasion, amount: discount }
            }
            (OnReturn::Revoke, _) | (_, Some(GrantedCode::TakenBack)) => GrantReturn::Keep { coupon, occasion },
        }
    };
    told.map(back).collect()
}
