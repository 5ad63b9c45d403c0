//! Loyalty points as a browser may see them.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::super::{Outcome, PointsRefusal};
use crate::money::Money;
use crate::shop::RedeemAs;

/// Loyalty points as a browser may see them: what is earned, what is redeemed and what for, and why nothing is.
///
/// In JSON `{"earned":52}`, with `"redeemed":500,"money":"5.00","as":"discount"` where some are redeemed, `due` where they
/// are a tender, and `refused` with the reason and its text where they are not redeemed.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// let program = PointsProgram::redeeming(PriceTable::new([(Currency::USD, UnitPrice::parse("0.01")?)])?)?
///     .redeemed_as(RedeemAs::Tender);
/// let shop = Shop::builder(Policy::storefront(Currency::USD, Zone::UTC)).points(program).build()?;
/// let line = Line::new(LineId(1), Product::new("BOOT".parse()?), Quantity::ONE, UnitPrice::parse("30.00")?);
/// let order = Order::builder(Currency::USD).line(line).build()?;
/// let (ann, at) = (Customer::new([IdentityKey::id("42")?]), parse_instant("2026-03-01T12:00:00Z")?);
/// let request = Request::new(&order, &ann, Reference::Order("o-1".parse()?), at).with_points(PointsUse::new(500, 500));
/// let public = shop.evaluate(&request)?.public();
/// assert_eq!(
///     serde_json::to_string(public.points().unwrap())?,
///     r#"{"earned":0,"redeemed":500,"money":"5.00","as":"tender","due":"25.00"}"#,
/// );
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicPoints {
    earned: u64,
    redeemed: u64,
    money: Money,
    redeemed_as: RedeemAs,
    due: Money,
    refusal: Option<PointsRefusal>,
}

impl PublicPoints {
    pub(super) fn of(outcome: &Outcome) -> Option<Self> {
        let points = outcome.points()?;
        Some(Self {
            earned: points.earned(),
            redeemed: points.redeemed(),
            money: points.money(),
            redeemed_as: points.redeem_as().unwrap_or_default(),
            due: outcome.amount_due(),
            refusal: points.refusal(),
        })
    }

    /// How many points the order earns.
    #[must_use]
    pub fn earned(&self) -> u64 {
        self.earned
    }

    /// How many points are used.
    #[must_use]
    pub fn redeemed(&self) -> u64 {
        self.redeemed
    }

    /// What they take off or pay.
    #[must_use]
    pub fn money(&self) -> Money {
        self.money
    }

    /// What they are used as; a discount where none are used.
    #[must_use]
    pub fn redeemed_as(&self) -> RedeemAs {
        self.redeemed_as
    }

    /// What is due in money.
    #[must_use]
    pub fn due(&self) -> Money {
        self.due
    }

    /// Why none are redeemed, though some were asked for: it tells nothing but what the shopper asked and owns.
    #[must_use]
    pub fn refusal(&self) -> Option<PointsRefusal> {
        self.refusal
    }
}

impl Serialize for PublicPoints {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("earned", &self.earned)?;
        if self.redeemed > 0 {
            map.serialize_entry("redeemed", &self.redeemed)?;
            map.serialize_entry("money", &self.money.amount_text())?;
            map.serialize_entry("as", &self.redeemed_as)?;
            if self.redeemed_as == RedeemAs::Tender {
                map.serialize_entry("due", &self.due.amount_text())?;
            }
        }
        if let Some(refusal) = &self.refusal {
            map.serialize_entry("refused", refusal)?;
            map.serialize_entry("text", &refusal.to_string())?;
        }
        map.end()
    }
}
