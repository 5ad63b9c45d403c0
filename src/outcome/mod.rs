//! The answer: what every line costs, what is taxed, what became of every code, and what is to be recorded.

mod allowance;
mod answer;
mod counter;
mod counter_change;
mod digest;
mod first_charge;
#[cfg(test)]
mod fixture;
mod forget;
mod gift;
mod grant;
mod line;
mod offer;
mod points;
mod public;
mod receipt;
mod recorded;
mod redemption;
mod tax;
mod totals;
mod trace;
mod type_change;
mod wire;

use chrono::{DateTime, Utc};

pub(crate) use allowance::AllowanceToCome;
pub use allowance::{AllowanceCounter, AllowanceOutcome};
pub use answer::{Answer, AnswerState};
pub use counter::{CounterKey, Delta};
pub use counter_change::CounterChange;
pub use digest::Digest;
pub use first_charge::FirstCharge;
pub use gift::{GiftOutcome, PublicGift};
pub use grant::{CountedLine, Grant, GrantCause};
pub(crate) use grant::{Earner, codes_for};
pub use line::{Adjustment, LineOutcome, Source};
pub use offer::OfferOutcome;
pub(crate) use points::Earning;
pub use points::{PointsMove, PointsOutcome, PointsRefusal};
pub use public::{
    PublicAmounts, PublicAnswer, PublicCharge, PublicLine, PublicOffer, PublicOutcome, PublicPoints, PublicTax,
    PublicTotals,
};
pub use receipt::Receipt;
pub use redemption::{Guard, NotPlaceable, Redeemed, Redemption};
pub use tax::TaxTotal;
pub use totals::{AccountTotal, Totals};
pub use trace::{PricedBy, Trace, TraceEntry, TraceStep, TypeUnchanged};
pub use type_change::{TypeCause, TypeChange};

use crate::coupon::TypeKind;
use crate::customer::IdentityKey;
use crate::key::{AccountId, ActorId, CustomerTypeId, DiscountId, PaymentOptionId, PriceListId, TaxClass};
use crate::money::{Currency, Money};
use crate::order::LineId;
use crate::policy::{PriceMode, PublicReasons, RoundingRules};
use crate::refusal::OrderRefusal;
use crate::request::Reference;
use crate::shop::PointsMultiplier;

pub(crate) use line::{BY_POINTS, NO_CLASS, NO_HOST_KEY, NO_PRICE_LIST, RawAdjustment};
pub(crate) use wire::RecordedOutcome;

/// The version of the rules that priced an outcome. Of another version, the recorded figures stand.
pub const SEMANTICS_VERSION: u32 = 1;

/// Something about an outcome that the host should know.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let free = shop.prepare(Coupon::builder("free").code("FREE").percent_off("100").build()?)?;
/// let line = Line::new(LineId(1), Product::new("BOOT".parse()?), Quantity::pieces(2)?, UnitPrice::parse("30.00")?);
/// let order = Order::builder(Currency::USD).line(line).build()?;
/// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
/// let codes = [Presented::new("FREE", &free)];
/// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
/// let outcome = shop.evaluate(&request)?;
/// assert!(outcome.has_flag(Flag::ZeroBase)); // to be delivered, and nothing to be taxed
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Flag {
    /// A code was redeemed by somebody of whom the host had no record (S95).
    NewCustomer,
    /// A per-customer limit or allowance applies and the shopper has no identity key: the outcome cannot be placed before
    /// there is one.
    IdentityNeeded,
    /// Goods are delivered on a taxable amount of zero.
    ZeroBase,
    /// It was asked for [as another type](crate::Request::as_type) than the customer has: it tells what the order would
    /// cost, and nothing of it can be recorded.
    Preview,
}

/// The answer to one request. Serialises for storage; what a browser may see is [`public`](Outcome::public).
///
/// ```
/// # fn main() -> Result<(), vouchsafe::Error> {
/// use chrono::DateTime;
/// use vouchsafe::*;
///
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let boot = Product::new("BOOT".parse()?);
/// let order = Order::builder(Currency::USD)
///     .line(Line::new(LineId(1), boot, Quantity::pieces(2)?, UnitPrice::parse("30.00")?))
///     .build()?;
/// let (customer, at) = (Customer::anonymous(), DateTime::from_timestamp(1_800_000_000, 0).unwrap_or_default());
/// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at);
/// let outcome = shop.evaluate(&request)?;
/// assert_eq!(outcome.totals().payable().to_string(), "60.00 USD");
/// assert!(outcome.placeable());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    pub(crate) reference: Reference,
    pub(crate) at: DateTime<Utc>,
    pub(crate) currency: Currency,
    pub(crate) price_mode: PriceMode,
    pub(crate) rounding: RoundingRules,
    pub(crate) public_reasons: PublicReasons,
    pub(crate) customer: Vec<IdentityKey>,
    /// Those of the customer's keys that count for limits.
    pub(crate) counted: Vec<IdentityKey>,
    pub(crate) customer_type: Option<CustomerTypeId>,
    pub(crate) points_multiplier: PointsMultiplier,
    pub(crate) actor: Option<ActorId>,
    pub(crate) new_customer: bool,
    pub(crate) lines: Vec<LineOutcome>,
    pub(crate) charges: Vec<LineOutcome>,
    pub(crate) adjustments: Vec<RawAdjustment>,
    pub(crate) discounts: Vec<(DiscountId, Option<AccountId>)>,
    /// By id.
    pub(crate) offers: Vec<OfferOutcome>,
    pub(crate) host_keys: Vec<String>,
    /// The price lists that lines were priced by, in the order of the lines.
    pub(crate) price_lists: Vec<PriceListId>,
    pub(crate) answers: Vec<Answer>,
    pub(crate) taxes: Vec<TaxTotal>,
    /// By line.
    pub(crate) first_charges: Vec<FirstCharge>,
    pub(crate) gifts: Vec<GiftOutcome>,
    pub(crate) totals: Totals,
    pub(crate) accounts: Vec<AccountTotal>,
    pub(crate) type_changes: Vec<TypeChange>,
    /// Of the types that were held before, where any changes.
    pub(crate) types_revision: Option<u64>,
    pub(crate) grants: Vec<Grant>,
    /// Those offered to this customer; none where the shop defines none.
    pub(crate) payment_options: Option<Vec<PaymentOptionId>>,
    pub(crate) order_refusals: Vec<OrderRefusal>,
    /// Lines of which less is sold than was ordered, by id, with what was ordered.
    pub(crate) capped: Vec<(LineId, u32)>,
    /// By id.
    pub(crate) allowances: Vec<AllowanceOutcome>,
    pub(crate) allowances_to_come: Vec<AllowanceToCome>,
    pub(crate) points: Option<Box<PointsOutcome>>,
    pub(crate) flags: Vec<Flag>,
    pub(crate) trace: Option<Trace>,
}

impl Outcome {
    /// An outcome of nothing, to be written into by [`Shop::evaluate_into`](crate::Shop::evaluate_into).
    #[must_use]
    pub fn empty(reference: Reference, currency: Currency) -> Self {
        Self {
            reference,
            at: DateTime::UNIX_EPOCH,
            currency,
            price_mode: PriceMode::default(),
            rounding: RoundingRules::default(),
            public_reasons: PublicReasons::default(),
            customer: Vec::new(),
            counted: Vec::new(),
            customer_type: None,
            points_multiplier: PointsMultiplier::ONE,
            actor: None,
            new_customer: false,
            lines: Vec::new(),
            charges: Vec::new(),
            adjustments: Vec::new(),
            discounts: Vec::new(),
            offers: Vec::new(),
            host_keys: Vec::new(),
            price_lists: Vec::new(),
            answers: Vec::new(),
            taxes: Vec::new(),
            first_charges: Vec::new(),
            gifts: Vec::new(),
            totals: Totals::zero(currency),
            accounts: Vec::new(),
            type_changes: Vec::new(),
            types_revision: None,
            grants: Vec::new(),
            payment_options: None,
            order_refusals: Vec::new(),
            capped: Vec::new(),
            allowances: Vec::new(),
            allowances_to_come: Vec::new(),
            points: None,
            flags: Vec::new(),
            trace: None,
        }
    }

    /// The order or claim that was priced.
    #[must_use]
    pub fn reference(&self) -> &Reference {
        &self.reference
    }

    /// The instant it was priced at.
    #[must_use]
    pub fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// The currency of every amount in it.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// Whether prices contain tax.
    #[must_use]
    pub fn price_mode(&self) -> PriceMode {
        self.price_mode
    }

    /// How rounding was done.
    #[must_use]
    pub fn rounding(&self) -> RoundingRules {
        self.rounding
    }

    /// The type whose prices and permissions held.
    #[must_use]
    pub fn customer_type(&self) -> Option<&CustomerTypeId> {
        self.customer_type.as_ref()
    }

    /// What points earned on it are multiplied by: the highest multiplier of the customer's types (S28).
    #[must_use]
    pub fn points_multiplier(&self) -> PointsMultiplier {
        self.points_multiplier
    }

    /// Who acted for the customer (S42).
    #[must_use]
    pub fn actor(&self) -> Option<&ActorId> {
        self.actor.as_ref()
    }

    /// The lines, by id; refused lines among them.
    #[must_use]
    pub fn lines(&self) -> &[LineOutcome] {
        &self.lines
    }

    /// Shipping and fees, by id.
    #[must_use]
    pub fn charges(&self) -> &[LineOutcome] {
        &self.charges
    }

    /// One line or charge.
    #[must_use]
    pub fn line(&self, id: LineId) -> Option<&LineOutcome> {
        let find = |of: &'_ [LineOutcome]| of.binary_search_by_key(&id, LineOutcome::id).ok();
        match find(&self.lines) {
            Some(found) => self.lines.get(found),
            None => find(&self.charges).and_then(|found| self.charges.get(found)),
        }
    }

    /// The host's own key of a line, where it gave one.
    #[must_use]
    pub fn host_key(&self, line: &LineOutcome) -> Option<&str> {
        self.host_keys.get(usize::try_from(line.host_key).ok()?).map(String::as_str)
    }

    /// The price list that a line was priced by; none at the list price, a price on the line, or one of the short form.
    #[must_use]
    pub fn price_list(&self, line: &LineOutcome) -> Option<&PriceListId> {
        self.price_lists.get(usize::try_from(line.price_list).ok()?)
    }

    /// The tax class of a line or charge; none where it names no class, or is refused.
    #[must_use]
    pub fn tax_class(&self, line: &LineOutcome) -> Option<&TaxClass> {
        usize::try_from(line.class).ok().and_then(|class| self.taxes.get(class)).and_then(TaxTotal::class)
    }

    /// Every amount taken off a line or charge, with its source: the shop's discounts first, then coupons in the order
    /// in which they were applied, then points that are redeemed as a discount.
    pub fn adjustments(&self) -> impl Iterator<Item = Adjustment<'_>> {
        self.adjustments.iter().filter_map(|raw| self.resolve(raw))
    }

    /// What became of every code, in the order in which they were presented.
    #[must_use]
    pub fn answers(&self) -> &[Answer] {
        &self.answers
    }

    /// Taxable, net and tax per tax class.
    #[must_use]
    pub fn taxes(&self) -> &[TaxTotal] {
        &self.taxes
    }

    /// The sums.
    #[must_use]
    pub fn totals(&self) -> &Totals {
        &self.totals
    }

    /// Discounts by the account they are booked to, points that are redeemed as a discount among them; together they are
    /// all discounts (S114).
    #[must_use]
    pub fn accounts(&self) -> &[AccountTotal] {
        &self.accounts
    }

    /// The changes of the customer's types: at most one of the primary type, and any number of memberships. Nothing is
    /// durable before the redemption is committed.
    #[must_use]
    pub fn type_changes(&self) -> &[TypeChange] {
        &self.type_changes
    }

    /// The change of the customer's primary type, where there is one.
    #[must_use]
    pub fn type_change(&self) -> Option<&TypeChange> {
        self.type_changes.iter().find(|change| change.kind == TypeKind::Primary)
    }

    /// What the order earns (S99): codes of other coupons, to be issued once it is recorded. Empty where no
    /// [earnings](crate::Request::with_earnings) were handed in, and in a preview.
    ///
    /// It tells what would be earned; what *was* earned stands in the recorded
    /// [redemption](crate::Redemption::grants).
    #[must_use]
    pub fn grants(&self) -> &[Grant] {
        &self.grants
    }

    /// The payment options offered to this customer, those to be proposed first in front (S39, S41); none where the shop
    /// defines none, and then every one is allowed. Where the list is empty, nothing is.
    #[must_use]
    pub fn payment_options(&self) -> Option<&[PaymentOptionId]> {
        self.payment_options.as_deref()
    }

    /// Why the order as a whole cannot be placed, though it is priced: a payment option or shipping method that is not
    /// offered to this customer (S39).
    #[must_use]
    pub fn order_refusals(&self) -> &[OrderRefusal] {
        &self.order_refusals
    }

    /// How many units of a line were ordered. More than [`LineOutcome::units`] where a quantity rule or an allowance let
    /// less of it be sold; its amounts are those of what is sold (S44).
    #[must_use]
    pub fn requested(&self, line: &LineOutcome) -> u32 {
        let found = self.capped.binary_search_by_key(&line.id(), |(id, _)| *id).ok();
        found.and_then(|found| self.capped.get(found)).map_or(line.units(), |(_, requested)| *requested)
    }

    /// The allowances that concern the order, by id, with what is taken of each and what the order takes (S44).
    #[must_use]
    pub fn allowances(&self) -> &[AllowanceOutcome] {
        &self.allowances
    }

    /// What the host should know.
    #[must_use]
    pub fn flags(&self) -> &[Flag] {
        &self.flags
    }

    /// Whether a flag is set.
    #[must_use]
    pub fn has_flag(&self, flag: Flag) -> bool {
        self.flags.contains(&flag)
    }

    /// The way to every cent, where it was asked for.
    #[must_use]
    pub fn trace(&self) -> Option<&Trace> {
        self.trace.as_ref()
    }

    /// Whether the order can be placed: no line is refused, nor the order as a whole, nobody has to identify themselves
    /// first, and it is no preview.
    #[must_use]
    pub fn placeable(&self) -> bool {
        self.lines.iter().all(|line| line.refusal().is_none())
            && self.order_refusals.is_empty()
            && !self.has_flag(Flag::IdentityNeeded)
            && !self.has_flag(Flag::Preview)
    }

    /// The position of a price list, for a line that follows those that were named before.
    pub(crate) fn add_price_list(lists: &mut Vec<PriceListId>, list: &PriceListId) -> u32 {
        if lists.last() != Some(list) {
            lists.push(list.clone());
        }
        u32::try_from(lists.len().saturating_sub(1)).unwrap_or(NO_PRICE_LIST)
    }

    pub(crate) fn money(&self, minor: i64) -> Money {
        Money::new(minor, self.currency)
    }

    fn slot(&self, slot: u32) -> Option<&LineOutcome> {
        let slot = usize::try_from(slot).ok()?;
        match self.lines.get(slot) {
            Some(line) => Some(line),
            None => self.charges.get(slot.checked_sub(self.lines.len())?),
        }
    }

    fn resolve(&self, raw: &RawAdjustment) -> Option<Adjustment<'_>> {
        let line = self.slot(raw.slot)?.id();
        let index = usize::try_from(raw.source).ok()?;
        let source = if raw.coupon {
            Source::Code(self.answers.get(index)?)
        } else if raw.source == BY_POINTS {
            Source::Points { account: self.points.as_ref()?.program()?.account() }
        } else {
            let (id, account) = self.discounts.get(index)?;
            Source::Discount { id, account: account.as_ref() }
        };
        Some(Adjustment { line, source, amount: self.money(raw.amount), third_party: self.money(raw.third) })
    }
}
