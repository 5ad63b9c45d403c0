//! Where every cent came from.

use serde::{Deserialize, Serialize};

use super::type_change::TypeCause;
use crate::key::{CouponId, CustomerTypeId, DiscountId, PriceListId};
use crate::money::Money;
use crate::order::LineId;
use crate::shop::{PriceLoss, PriceSource};

/// The way to every cent, in the order in which it was gone: one entry for each step that changed an amount or could
/// have. For support and for auditors; names definitions, so it is not for the public.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let coupon = shop.prepare(Coupon::builder("spring").code("TEN").percent_off("10").build()?)?;
/// let shirt = Product::new("SHIRT".parse()?);
/// let order = Order::builder(Currency::USD)
///     .line(Line::new(LineId(1), shirt, Quantity::pieces(2)?, UnitPrice::parse("30.00")?))
///     .build()?;
/// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
/// let codes = [Presented::new("ten", &coupon)];
/// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at)
///     .with_codes(&codes)
///     .with_detail(Detail::Trace);
/// let outcome = shop.evaluate(&request)?;
/// let steps: Vec<&TraceEntry> = outcome.trace().into_iter().flat_map(|trace| trace.of(LineId(1))).collect();
/// assert_eq!(steps[0].step, TraceStep::Coupon { coupon: "spring".parse()?, benefit: 0 });
/// assert_eq!(format!("{} -> {}", steps[0].before, steps[0].after), "60.00 USD -> 54.00 USD");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trace {
    pub(crate) entries: Vec<TraceEntry>,
}

impl Trace {
    /// The steps, in order.
    #[must_use]
    pub fn entries(&self) -> &[TraceEntry] {
        &self.entries
    }

    /// The steps that touched one line or charge.
    pub fn of(&self, line: LineId) -> impl Iterator<Item = &TraceEntry> {
        self.entries.iter().filter(move |entry| entry.line == Some(line))
    }
}

/// One step on the way. An example stands at [`Trace`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct TraceEntry {
    /// The line or charge; none for a step of the whole order.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub line: Option<LineId>,
    /// What was done.
    pub step: TraceStep,
    /// What the line stood at before.
    pub before: Money,
    /// What it stands at now.
    pub after: Money,
}

/// Where a price comes from.
///
/// In JSON the source alone, or an object where the type or the price list is known.
///
/// ```
/// use vouchsafe::{PriceSource, PricedBy};
///
/// let list: PricedBy = serde_json::from_str("\"list\"")?;
/// assert_eq!(list, PricedBy::from(PriceSource::List));
/// let club: PricedBy = serde_json::from_str(r#"{"source": "customer_type", "customer_type": "CLUB"}"#)?;
/// assert_eq!(club.customer_type.map(|t| t.to_string()).as_deref(), Some("CLUB"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "PricedByForm", into = "PricedByForm")]
#[non_exhaustive]
pub struct PricedBy {
    /// Whose price it is.
    pub source: PriceSource,
    /// The customer type whose price it is.
    pub customer_type: Option<CustomerTypeId>,
    /// The price list it is from.
    pub list: Option<PriceListId>,
}

impl From<PriceSource> for PricedBy {
    fn from(source: PriceSource) -> Self {
        Self { source, customer_type: None, list: None }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum PricedByForm {
    Source(PriceSource),
    Whole(PricedByFields),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PricedByFields {
    source: PriceSource,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    customer_type: Option<CustomerTypeId>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    list: Option<PriceListId>,
}

impl From<PricedByForm> for PricedBy {
    fn from(form: PricedByForm) -> Self {
        match form {
            PricedByForm::Source(source) => source.into(),
            PricedByForm::Whole(PricedByFields { source, customer_type, list }) => Self { source, customer_type, list },
        }
    }
}

impl From<PricedBy> for PricedByForm {
    fn from(by: PricedBy) -> Self {
        let PricedBy { source, customer_type, list } = by;
        if customer_type.is_none() && list.is_none() {
            return Self::Source(source);
        }
        Self::Whole(PricedByFields { source, customer_type, list })
    }
}

/// What a step did. An example stands at [`Trace`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum TraceStep {
    /// A price was chosen, and another lost against it.
    Price {
        /// Whose price won.
        won: PricedBy,
        /// Whose price lost; `before` is its amount.
        lost: PricedBy,
        /// Why it lost.
        #[serde(default)]
        why: PriceLoss,
    },
    /// The customer's type was changed before pricing.
    TypeChanged {
        /// The type before.
        from: Option<CustomerTypeId>,
        /// The type now.
        to: CustomerTypeId,
    },
    /// A coupon set the line back to the list price without the shop's discounts; `before` is what it stood at.
    Overridden {
        /// Which.
        coupon: CouponId,
    },
    /// An assignment changed nothing.
    TypeNotChanged {
        /// The type that was to be assigned, or the membership that was to end.
        to: CustomerTypeId,
        /// What assigned it.
        cause: TypeCause,
        /// Why nothing came of it.
        why: TypeUnchanged,
    },
    /// Less of a line is sold than was ordered; `before` is what all of it would have cost (S44).
    Capped {
        /// How many units were ordered.
        requested: u32,
        /// How many are sold.
        granted: u32,
    },
    /// A line was refused and left every total.
    LineRefused,
    /// A discount that the shop gave.
    ShopDiscount {
        /// Which.
        id: DiscountId,
    },
    /// An automatic offer of the shop took something off; from there on it is a discount of the shop.
    Offer {
        /// Which.
        id: DiscountId,
        /// Which of its benefits, counted from 0.
        benefit: u32,
    },
    /// The discounts of a line were dropped for a coupon that does not combine with them.
    DiscountsDropped,
    /// A coupon took something off.
    Coupon {
        /// Which.
        coupon: CouponId,
        /// Which of its benefits, counted from 0.
        benefit: u32,
    },
    /// Points that were redeemed as a discount took something off (S29).
    Points,
    /// Tax on a line; `before` is the taxable amount, `after` what is paid.
    Tax,
}

/// Why an assignment of a customer type changes nothing.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// // Nobody can leave a club without being in it.
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let (nothing, ann) = (Order::builder(Currency::USD).build()?, Customer::new([IdentityKey::id("42")?]));
/// let (claim, at) = (Reference::Claim("c-1".parse()?), parse_instant("2026-03-01T12:00:00Z")?);
/// let events = [TypeEvent::Leave { actor: "eve".parse()?, membership: "CLUB".parse()? }];
/// let request = Request::new(&nothing, &ann, claim, at).with_type_events(&events).with_detail(Detail::Trace);
/// let outcome = shop.evaluate(&request)?;
/// let steps: Vec<_> = outcome.trace().into_iter().flat_map(Trace::entries).map(|entry| &entry.step).collect();
/// assert!(matches!(steps[..], [TraceStep::TypeNotChanged { why: TypeUnchanged::NotMember, .. }]));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TypeUnchanged {
    /// The customer holds the type already, and for as long.
    AlreadyHeld,
    /// It only raises customers, and the type ranks no higher than the primary type that the customer has.
    NotUpwards,
    /// Another change goes before it.
    Conflict,
    /// The customer is no member of what is to end, or of what the type is to hang on.
    NotMember,
    /// Its last day is over.
    Over,
}
