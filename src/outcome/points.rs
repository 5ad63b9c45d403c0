//! What an order earns in loyalty points, and what is redeemed on it.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::redemption::Redemption;
use super::{LineOutcome, Outcome};
use crate::customer::IdentityKey;
use crate::error::Error;
use crate::money::{Currency, Money, Rounding, divide};
use crate::order::LineId;
use crate::policy::PriceMode;
use crate::shop::{PointsMultiplier, PointsProgram, RedeemAs};

/// Why no points are redeemed, though some were asked for. The order is priced without them.
///
/// The first of these that holds is given. In JSON the name alone, or an object with what was asked for and what was
/// found.
///
/// ```
/// use vouchsafe::PointsRefusal;
///
/// let refusal = PointsRefusal::BalanceTooLow { asked: 500, balance: 430 };
/// assert_eq!(refusal.to_string(), "500 points were asked for, and there are 430");
/// assert_eq!(serde_json::to_string(&refusal)?, r#"{"balance_too_low":{"asked":500,"balance":430}}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum PointsRefusal {
    /// The shop has no points, or none that can be redeemed.
    NotOffered,
    /// It is not said what a point is worth in the currency of the order; nothing is ever converted.
    NoValueInCurrency {
        /// The currency of the order.
        currency: Currency,
    },
    /// The customer has no identity key that counts, and so no account of points.
    IdentityRequired,
    /// Fewer were asked for than may be.
    BelowMinimum {
        /// What was asked for.
        asked: u64,
        /// The fewest that may be asked for.
        minimum: u64,
    },
    /// Points may be asked for in multiples of a number, and this is none.
    NotInSteps {
        /// What was asked for.
        asked: u64,
        /// That number.
        step: u64,
    },
    /// The balance does not have as many. Never are fewer redeemed silently.
    BalanceTooLow {
        /// What was asked for.
        asked: u64,
        /// What there is.
        balance: u64,
    },
    /// There is nothing left to pay of any line that points may pay for.
    NotApplicable,
    /// As many points are worth less than the minor unit.
    NoBenefit {
        /// What was asked for.
        asked: u64,
    },
}

impl fmt::Display for PointsRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOffered => f.write_str("points cannot be redeemed here"),
            Self::NoValueInCurrency { currency } => write!(f, "points cannot be redeemed in {currency}"),
            Self::IdentityRequired => f.write_str("points are redeemed by customers who are logged in"),
            Self::BelowMinimum { asked, minimum } => {
                write!(f, "{asked} points were asked for, and {minimum} are the fewest")
            }
            Self::NotInSteps { asked, step } => {
                write!(f, "{asked} points were asked for, and they are redeemed in steps of {step}")
            }
            Self::BalanceTooLow { asked, balance } => {
                write!(f, "{asked} points were asked for, and there are {balance}")
            }
            Self::NotApplicable => f.write_str("there is nothing here that points can pay for"),
            Self::NoBenefit { asked } => write!(f, "{asked} points are worth nothing"),
        }
    }
}

/// What an order earns in loyalty points, and what is redeemed on it (S28, S29); with the terms, so that a return can be
/// worked out years later. An example stands at [`PointsProgram`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PointsOutcome {
    /// None where the shop has no points, and some were asked for.
    pub(crate) program: Option<Arc<PointsProgram>>,
    pub(crate) currency: Currency,
    /// The lines that are in its scope and sold, by id.
    pub(crate) lines: Vec<LineId>,
    pub(crate) earned: u64,
    pub(crate) wanted: u64,
    pub(crate) redeemed: u64,
    pub(crate) money: i64,
    pub(crate) refusal: Option<PointsRefusal>,
}

impl PointsOutcome {
    /// The terms: the programme as it was when the order was priced.
    #[must_use]
    pub fn program(&self) -> Option<&PointsProgram> {
        self.program.as_deref()
    }

    /// The lines that earn and that points may pay for, by id.
    #[must_use]
    pub fn lines(&self) -> &[LineId] {
        &self.lines
    }

    /// How many points the order earns. They are added to the account of the customer's first counted key when the order
    /// is recorded; where there is none, they are what a customer who logs in would earn.
    #[must_use]
    pub fn earned(&self) -> u64 {
        self.earned
    }

    /// How many points the customer asked to redeem.
    #[must_use]
    pub fn wanted(&self) -> u64 {
        self.wanted
    }

    /// How many points are used: no more than it takes for the [amount](Self::money). The rest of what was asked for stays
    /// in the account.
    #[must_use]
    pub fn redeemed(&self) -> u64 {
        self.redeemed
    }

    /// What they are used as; none where no points can be redeemed.
    #[must_use]
    pub fn redeem_as(&self) -> Option<RedeemAs> {
        self.program.as_ref().filter(|program| program.value().is_some()).map(|program| program.redeem_as())
    }

    /// What the points that are used take off or pay.
    #[must_use]
    pub fn money(&self) -> Money {
        Money::new(self.money, self.currency)
    }

    /// The part of the amount to pay that points pay, where they are a tender; zero where they are a discount.
    #[must_use]
    pub fn tendered(&self) -> Money {
        Money::new(self.tendered_minor(), self.currency)
    }

    /// What points took off, where they are a discount; zero where they are a tender.
    #[must_use]
    pub fn discount(&self) -> Money {
        Money::new(self.money.saturating_sub(self.tendered_minor()), self.currency)
    }

    /// Why none of the points that were asked for are redeemed.
    #[must_use]
    pub fn refusal(&self) -> Option<PointsRefusal> {
        self.refusal
    }

    pub(crate) fn tendered_minor(&self) -> i64 {
        if self.redeem_as() == Some(RedeemAs::Tender) { self.money } else { 0 }
    }
}

/// How a recorded order moves the points of an account: one step of the store, together with its counters.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// let program = PointsProgram::earning(PointsRates::everywhere("1".parse()?));
/// let shop = Shop::builder(Policy::storefront(Currency::USD, Zone::UTC)).points(program).build()?;
/// let line = Line::new(LineId(1), Product::new("BOOT".parse()?), Quantity::pieces(1)?, UnitPrice::parse("39.99")?);
/// let order = Order::builder(Currency::USD).line(line).build()?;
/// let (ann, at) = (Customer::new([IdentityKey::id("42")?]), parse_instant("2026-03-01T12:00:00Z")?);
/// let outcome = shop.evaluate(&Request::new(&order, &ann, Reference::Order("o-1".parse()?), at))?;
/// let redemption = outcome.redemption()?;
/// let moved = redemption.points().unwrap();
/// assert_eq!((&moved.account, moved.earned, moved.redeemed), (&IdentityKey::id("42")?, 39, 0));
///
/// // Nobody's points are nobody's.
/// let nobody = Customer::anonymous();
/// let outcome = shop.evaluate(&Request::new(&order, &nobody, Reference::Order("o-2".parse()?), at))?;
/// assert_eq!((outcome.points().unwrap().earned(), outcome.redemption()?.points()), (39, None));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct PointsMove {
    /// The account: the first of the customer's counted keys.
    pub account: IdentityKey,
    /// How many points are added.
    pub earned: u64,
    /// How many points are taken away.
    pub redeemed: u64,
    /// What those that are taken away took off or paid.
    pub money: Money,
    /// What they were used as.
    pub redeemed_as: RedeemAs,
}

impl Outcome {
    /// What is earned and redeemed in loyalty points; none where the shop has no points and none were asked for.
    #[must_use]
    pub fn points(&self) -> Option<&PointsOutcome> {
        self.points.as_deref()
    }

    /// What is due in money: the [amount to pay](super::Totals::payable) less what points pay as a tender.
    #[must_use]
    pub fn amount_due(&self) -> Money {
        self.money(self.totals.payable().minor().saturating_sub(self.tendered_minor()))
    }

    pub(crate) fn tendered_minor(&self) -> i64 {
        self.points.as_ref().map_or(0, |points| points.tendered_minor())
    }

    /// How the account is moved when the order is recorded.
    pub(super) fn points_move(&self) -> Option<PointsMove> {
        let (points, account) = (self.points()?, self.counted.first()?);
        let (earned, redeemed) = (points.earned, points.redeemed);
        (earned > 0 || redeemed > 0).then(|| PointsMove {
            account: account.clone(),
            earned,
            redeemed,
            money: points.money(),
            redeemed_as: points.redeem_as().unwrap_or_default(),
        })
    }
}

impl Redemption {
    /// How the customer's points are moved; none where nothing is earned or redeemed, or the customer has no account.
    #[must_use]
    pub fn points(&self) -> Option<&PointsMove> {
        self.points.as_ref()
    }

    /// What is due in money: the amount to pay less what points pay as a tender.
    #[must_use]
    pub fn amount_due(&self) -> Money {
        let tender = self.points.as_ref().filter(|points| points.redeemed_as == RedeemAs::Tender);
        let tendered = tender.map_or(0, |points| points.money.minor());
        Money::new(self.payable.minor().saturating_sub(tendered), self.currency)
    }
}

/// The figures of lines that points are earned on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Earning {
    /// What is paid for them, without tax.
    pub(crate) net: i64,
    /// What is paid for them, with the tax on it.
    pub(crate) payable: i64,
}

impl Earning {
    /// Adds a line: what is left of it, what third parties pay of its discounts, its tax, and what is paid for it.
    pub(crate) fn add(&mut self, left: i64, third: i64, tax: i64, payable: i64, mode: PriceMode) {
        self.net = self.net.saturating_add(untaxed(left, third, tax, mode));
        self.payable = self.payable.saturating_add(payable);
    }

    pub(crate) fn add_line(&mut self, line: &LineOutcome, mode: PriceMode) {
        self.add(line.discounted().minor(), line.third_party, line.tax, line.payable, mode);
    }

    /// The points for them, of which a tender paid so much: it earns nothing, so its share of the net amount is left out.
    pub(crate) fn points(
        self,
        program: &PointsProgram,
        multiplier: PointsMultiplier,
        currency: Currency,
        tendered: i64,
    ) -> Result<u64, Error> {
        let Some(rate) = program.rate_in(currency) else { return Ok(0) };
        let net = self.net.saturating_sub(part(self.net, tendered, self.payable));
        multiplier.points(rate.to_decimal(), Money::new(net.max(0), currency))
    }
}

/// What is left of a line, without tax. What third parties pay is taxed as well, so that only a part of the tax is on what
/// is left.
fn untaxed(left: i64, third: i64, tax: i64, mode: PriceMode) -> i64 {
    match mode {
        PriceMode::TaxExclusive => left,
        PriceMode::TaxInclusive => left.saturating_sub(part(tax, left, left.saturating_add(third))),
    }
}

/// The part of an amount that `of` is of `whole`, to the minor unit; nothing of nothing.
fn part(amount: i64, of: i64, whole: i64) -> i64 {
    if whole <= 0 {
        return 0;
    }
    let product = i128::from(amount).saturating_mul(i128::from(of));
    i64::try_from(divide(product, i128::from(whole), Rounding::HalfUp)).unwrap_or(amount)
}
