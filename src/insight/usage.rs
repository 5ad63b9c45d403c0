//! The usage log, redemption by redemption: who used what, when, on which order, and for how much (S58, S86, S128).

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::coupon::Code;
use crate::customer::IdentityKey;
use crate::key::{ActorId, CampaignId, CouponId};
use crate::money::Money;
use crate::order::LineId;
use crate::request::Reference;
use crate::store::UsageRecord;

/// One use of one code: a line of the usage log of a coupon, and of the purchase history of a customer.
///
/// Made by [`UsageRecord::entries`]. The terms that it was used under are those of the
/// [revision](crate::CouponAdmin::definition_at), and stand in the stored outcome as well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct UsageEntry {
    /// The order or claim.
    pub reference: Reference,
    /// When it was committed.
    pub at: DateTime<Utc>,
    /// Who redeemed, by every key that was given.
    pub customer: Vec<IdentityKey>,
    /// Whether the host had no earlier record of the customer (S95).
    pub new_customer: bool,
    /// Who acted for the customer (S42).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<ActorId>,
    /// The definition.
    pub coupon: CouponId,
    /// Its revision when it was priced.
    pub revision: u32,
    /// The campaign.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub campaign: Option<CampaignId>,
    /// The code.
    pub code: Code,
    /// The line it was entered on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<LineId>,
    /// What it took off.
    pub discount: Money,
    /// The part of that which a third party reimburses.
    pub third_party: Money,
    /// What it was worth beyond that, and is lost.
    pub forfeited: Money,
    /// What was paid for the order.
    pub payable: Money,
    /// When the order was voided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voided_at: Option<DateTime<Utc>>,
}

impl UsageRecord {
    /// Its uses, one by one, by definition and code; none where the order carried no coupon.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
    /// let mut store = MemoryStore::new();
    /// let ten = Coupon::builder("ten").code("TEN").percent_off("10").build()?;
    /// store.define(ten.clone())?;
    /// let (coupon, at) = (shop.prepare(ten)?, parse_instant("2026-03-29T12:00:00Z")?);
    /// let shirt = Line::new(LineId(1), Product::new("SHIRT".parse()?), Quantity::ONE, UnitPrice::parse("30.00")?);
    /// let (order, ann) = (Order::builder(Currency::USD).line(shirt).build()?, Customer::new([IdentityKey::id("42")?]));
    /// let codes = [Presented::new("ten", &coupon)];
    /// let request = Request::new(&order, &ann, Reference::Order("o-1".parse()?), at).with_codes(&codes);
    /// block_on(store.commit(&shop.evaluate(&request)?.redemption()?, at))?;
    ///
    /// // The usage log of the coupon, and the same entry in the history of the customer:
    /// let log: Vec<UsageEntry> = store.usage_log(&"ten".parse()?).iter().flat_map(UsageRecord::entries).collect();
    /// assert_eq!((log[0].discount.to_string(), log[0].payable.to_string()), ("3.00 USD".into(), "27.00 USD".into()));
    /// let history: Vec<UsageEntry> = store.records_of(ann.keys()).iter().flat_map(UsageRecord::entries).collect();
    /// assert_eq!(history, log);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn entries(&self) -> Vec<UsageEntry> {
        let redemption = &self.redemption;
        let entry = |redeemed: &crate::outcome::Redeemed| UsageEntry {
            reference: redemption.reference().clone(),
            at: self.recorded_at,
            customer: redemption.customer().to_vec(),
            new_customer: redemption.is_new_customer(),
            actor: redemption.actor().cloned(),
            coupon: redeemed.coupon.clone(),
            revision: redeemed.revision,
            campaign: redeemed.campaign.clone(),
            code: redeemed.code.clone(),
            line: redeemed.line,
            discount: redeemed.discount,
            third_party: redeemed.third_party,
            forfeited: redeemed.forfeited,
            payable: redemption.payable(),
            voided_at: self.voided_at,
        };
        redemption.coupons().iter().map(entry).collect()
    }
}
