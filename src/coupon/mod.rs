//! Coupons: what they are worth, for whom, on what, and when.
//!
//! A [`Coupon`] is a *definition*: a merchant writes it once, and shoppers redeem *codes* of it. One definition may have
//! one shared code that everybody types (a group coupon, `WELCOME10`), or thousands of codes, issued one by one to one
//! customer each (personal coupons, [`Kind`]).
//!
//! The parts of a definition answer one question each:
//!
//! | question | part |
//! |---|---|
//! | how much? | [`Benefit`], one or more |
//! | off what? | [`Scope`], and [`Level`]: each line by itself or the order as one sum |
//! | for whom, on what order? | [`Condition`], all of which must hold |
//! | when? | [`Validity`]: local days, instants, or a countdown from issue |
//! | earned by what? | [`EarnRule`], any of them |
//! | how often? | [`Limits`], separate counters |
//! | beside what? | [`Combination`], and the priority |
//! | who pays, and who books it where? | [`Funding`], and the account |
//! | and besides money? | [`TypeAssignment`] |
//!
//! **Scope and level are two things.** The scope says which lines a coupon is about; the level says whether its
//! percentage is taken and rounded line by line or once on their sum. 10% of 1.06, 2.06, 3.06 and 4.06 is 1.04 at level
//! "line" (0.11 + 0.21 + 0.31 + 0.41) and 1.02 at level "order" (V23).
//!
//! **A definition needs no code.** The same document, without a code, a holder and limits, is an automatic offer of the shop
//! ([`Offer`](crate::Offer)), with the same benefits, conditions and combinations.
//!
//! # Drafts and coupons
//!
//! A [`CouponDraft`] is a definition as an admin page holds it, right or wrong; its check gives a [`Coupon`], which can
//! only be right, or every mistake at once with its path. JSON and [`Coupon::builder`] go through that same check.
//! Amounts and percentages are strings in JSON; a number is refused, because many writers of JSON pass numbers through
//! floats.

mod assignment;
mod attribute;
mod benefit;
mod builder;
mod check;
mod code;
mod combination;
mod condition;
mod draft;
mod earn;
mod limits;
mod payments;
mod scope;
mod validity;

use crate::form::amounts;
pub use crate::form::amounts::{Amounts, PriceTable};
pub(crate) use crate::form::amounts::{insert, read_table};
pub use crate::form::tree::{Group, Negated};
pub use assignment::{AssignUntil, AssignWhen, TypeAssignment, TypeKind};
pub use attribute::HasAttribute;
pub use benefit::{
    Among, AmountOff, Benefit, Bundle, BundleValue, BuyGet, FirstFurther, FirstOf, Gift, HostAmounts, Measure, NthOff,
    NthPiece, OperatorAmount, Per, PercentBase, PercentOff, Pick, Reward, RewardFrom, SetOrder, SetPart, SetPrice,
    ShippingOff, ShippingValue, Split, StepValue, Steps, Target, TaxView, Threshold, Tier, Tiers, Trial, Within,
};
pub use builder::CouponBuilder;
pub(crate) use check::read_inner_coupon;
pub use code::{Code, CodeFormat};
pub use combination::{Combination, Exclusive, Overrides};
pub(crate) use condition::Spend;
pub use condition::{
    Basis, Bought, Channels, Condition, CustomerTypes, Customers, DistinctProducts, LastOrder, LifetimeSpend,
    LineRange, MaximumSpend, Members, MinimumQuantity, MinimumSpend, NotOn, NthOrder, OrdersInPeriod, PaymentOptions,
    Regions, ShippingMethods, UniqueCustomers, Without,
};
pub use draft::CouponDraft;
pub use earn::{AnniversaryTrigger, EarnRule, EarnTrigger, OnReturn, PurchaseTrigger};
pub use limits::{Limits, WhenShort};
pub use payments::{Payments, Remainder};
pub use scope::{PriceRange, Scope};
pub use validity::{Countdown, DayRange, InstantRange, Validity};

use crate::funding::Funding;
use crate::key::{AccountId, CampaignId, CouponId};

use crate::form::choices;

choices! {
    /// Whether a definition can be redeemed, as it is stored (S131).
    ///
    /// ```
    /// use vouchsafe::{Coupon, Status};
    ///
    /// let off = Coupon::builder("spring").code("SPRING").percent_off("10").status(Status::Inactive).build()?;
    /// assert_eq!(serde_json::to_string(&off.status()).unwrap(), r#""inactive""#);
    /// # Ok::<(), vouchsafe::DefinitionErrors>(())
    /// ```
    pub enum Status {
        /// It can.
        Active = "active",
        /// It was switched off.
        Inactive = "inactive",
        /// It is over.
        Expired = "expired",
    }
}

choices! {
    /// Whom a coupon is for (S54, S133).
    ///
    /// ```
    /// use vouchsafe::{Coupon, Kind};
    ///
    /// // A personal definition has no code that everybody knows: codes are issued, one by one.
    /// let errors = Coupon::builder("vip").kind(Kind::Personal).code("VIP").percent_off("10").build().unwrap_err();
    /// assert!(errors.at("code").is_some());
    /// ```
    pub enum Kind {
        /// Anyone who has the code.
        General = "general",
        /// The one customer that a code was issued to, once unless its limits say otherwise (S135).
        Personal = "personal",
    }
}

choices! {
    /// What a percentage or a set price is taken on (S134). Not which lines: that is the [`Scope`].
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    /// // 10% of 1.06, 2.06, 3.06 and 4.06 (V23).
    /// let off = |level| -> Result<String, Box<dyn std::error::Error>> {
    ///     let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
    ///     let coupon = shop.prepare(Coupon::builder("tenth").code("TENTH").percent_off("10").level(level).build()?)?;
    ///     let mut order = Order::builder(Currency::USD);
    ///     for (id, price) in (1..).zip(["1.06", "2.06", "3.06", "4.06"]) {
    ///         order = order.line(Line::new(LineId(id), Product::new("TEA".parse()?), Quantity::ONE, UnitPrice::parse(price)?));
    ///     }
    ///     let (order, customer) = (order.build()?, Customer::anonymous());
    ///     let (codes, at) = ([Presented::new("TENTH", &coupon)], parse_instant("2026-03-29T12:00:00Z")?);
    ///     let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
    ///     Ok(shop.evaluate(&request)?.totals().coupon_discount().to_string())
    /// };
    /// assert_eq!(off(Level::Line)?, "1.04 USD");
    /// assert_eq!(off(Level::Order)?, "1.02 USD");
    /// # Ok(())
    /// # }
    /// ```
    pub enum Level {
        /// Each line by itself, rounded per line.
        Line = "line",
        /// The sum of the qualifying lines, rounded once.
        Order = "order",
    }
}

/// A checked coupon definition: one that exists can be used.
///
/// Made by [`Coupon::builder`], [`CouponDraft::check`], or from JSON.
///
/// ```
/// use vouchsafe::{Coupon, Level};
///
/// let coupon: Coupon = serde_json::from_str(
///     r#"{"version": 1, "id": "spring", "code": "20-off", "benefits": [{"percent": {"off": "20"}}]}"#,
/// )?;
/// assert_eq!(coupon.code().map(|code| code.as_str()), Some("20OFF"));
/// assert_eq!(coupon.level(), Level::Line);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coupon {
    pub(crate) id: CouponId,
    pub(crate) revision: u32,
    pub(crate) name: Option<String>,
    pub(crate) description: String,
    pub(crate) status: Status,
    pub(crate) kind: Kind,
    pub(crate) code: Option<Code>,
    pub(crate) code_format: CodeFormat,
    pub(crate) level: Level,
    pub(crate) scope: Scope,
    pub(crate) availability: Validity,
    pub(crate) validity: Validity,
    pub(crate) earn: Vec<EarnRule>,
    pub(crate) limits: Limits,
    pub(crate) conditions: Vec<Condition>,
    pub(crate) benefits: Vec<Benefit>,
    pub(crate) assign: Option<TypeAssignment>,
    pub(crate) combination: Combination,
    pub(crate) priority: i32,
    pub(crate) account: Option<AccountId>,
    pub(crate) funding: Funding,
    pub(crate) payments: Option<Payments>,
    pub(crate) remainder: Remainder,
    pub(crate) campaign: Option<CampaignId>,
}

impl Coupon {
    /// Names the definition.
    #[must_use]
    pub fn id(&self) -> &CouponId {
        &self.id
    }

    /// Counts the edits, from 1.
    #[must_use]
    pub fn revision(&self) -> u32 {
        self.revision
    }

    /// The merchant's own name; never in a public text (S73).
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// What an order form and an invoice show, at most 255 characters (S75, S132).
    #[must_use]
    pub fn description(&self) -> &str {
        &self.description
    }

    /// Whether it can be redeemed (S131).
    #[must_use]
    pub fn status(&self) -> Status {
        self.status
    }

    /// For anyone with the code, or for one customer (S54).
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The shared code; `None` where codes are issued one by one.
    #[must_use]
    pub fn code(&self) -> Option<&Code> {
        self.code.as_ref()
    }

    /// Which codes it may have.
    #[must_use]
    pub fn code_format(&self) -> CodeFormat {
        self.code_format
    }

    /// Whether percentages and set prices act on each line or on the order (S134).
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// Which lines it acts on.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// When it can be given or earned; never a countdown (S116).
    #[must_use]
    pub fn availability(&self) -> &Validity {
        &self.availability
    }

    /// When it can be used.
    #[must_use]
    pub fn validity(&self) -> &Validity {
        &self.validity
    }

    /// How it can be earned, while it is [available](Self::availability); empty where it cannot.
    #[must_use]
    pub fn earn(&self) -> &[EarnRule] {
        &self.earn
    }

    /// How often, by whom and up to what sum.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// All of these must hold.
    #[must_use]
    pub fn conditions(&self) -> &[Condition] {
        &self.conditions
    }

    /// What it is worth, at least one.
    #[must_use]
    pub fn benefits(&self) -> &[Benefit] {
        &self.benefits
    }

    /// The customer type that redeeming assigns.
    #[must_use]
    pub fn assign(&self) -> Option<&TypeAssignment> {
        self.assign.as_ref()
    }

    /// What it may stand beside.
    #[must_use]
    pub fn combination(&self) -> &Combination {
        &self.combination
    }

    /// Higher goes first.
    #[must_use]
    pub fn priority(&self) -> i32 {
        self.priority
    }

    /// The discount account that its amounts are booked on (S114).
    #[must_use]
    pub fn account(&self) -> Option<&AccountId> {
        self.account.as_ref()
    }

    /// Who pays for the discount.
    #[must_use]
    pub fn funding(&self) -> &Funding {
        &self.funding
    }

    /// What becomes of the part of an amount that a payment of a subscription cannot take.
    #[must_use]
    pub fn remainder(&self) -> Remainder {
        self.remainder
    }

    /// Which payments of a subscription it lowers; without it, the first one.
    #[must_use]
    pub fn payments(&self) -> Option<Payments> {
        self.payments
    }

    /// The campaign it belongs to, for reports only.
    #[must_use]
    pub fn campaign(&self) -> Option<&CampaignId> {
        self.campaign.as_ref()
    }
}
