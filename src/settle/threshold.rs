//! What becomes of a coupon whose threshold what is kept no longer reaches.

use std::collections::BTreeMap;

use super::error::SettleError;
use super::figures::{DiscountOrigin, DiscountPart, LineFigures};
use super::placed::PlacedOrder;
use super::refund::{KeptLine, Refund, RefundLine, RefundRequest};
use super::settlement::{Movement, SettledLine, Settlement};
use crate::coupon::{Benefit, Overrides};
use crate::error::{Error, Why};
use crate::form::choices;
use crate::money::allocate;
use crate::order::LineId;
use crate::outcome::{Answer, AnswerState};

choices! {
    /// What becomes of a coupon when a part of the order comes back and what is kept would no longer have earned it.
    ///
    /// 30.00 off from 100.00 on, taken from chairs at 60.00 and 40.00: 18.00 and 12.00. The second chair comes back, and
    /// 60.00 are left:
    ///
    /// | policy | paid back | the first chair has cost |
    /// |---|---|---|
    /// | [`Keep`](Self::Keep) | 28.00 | 42.00 |
    /// | [`Recompute`](Self::Recompute) | 10.00 | 60.00 |
    /// | [`ClawBack`](Self::ClawBack) | 10.00 | 60.00 |
    ///
    /// As long as every threshold still holds, the three are the same: shares stay where they are (trap: a cancelled line
    /// whose share moves to the survivors). The last two differ where one coupon falls and others stand: priced anew, those
    /// act on more, and take more off.
    ///
    /// What pieces earn for each other is such a threshold too: a set that is broken, a tier that is no longer reached, a
    /// step less. Of "3 for 2" at 30.00 each, where 60.00 were paid, one comes back: kept, 20.00 are paid back; else
    /// nothing, since the two that are left cost 60.00. A set price for the whole order is none: its shares stay. Nor does a code
    /// fall because the line that it was entered on came back: what it took off the others stays with them.
    ///
    /// Automatic offers are discounts of the shop, and what they took stays with its line under every policy.
    ///
    /// None pays back more than was paid for what is returned, and none ever asks for more money: where the kept lines
    /// would have cost more than is left of what was paid, nothing is paid back, and they have cost what was paid.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let usd = |text| Money::parse(text, Currency::USD);
    /// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
    /// let from_100 = MinimumSpend::new(Amounts::new([usd("100.00")?])?);
    /// let coupon = Coupon::builder("c").code("THIRTY").amount_off(usd("30.00")?).condition(from_100).build()?;
    /// let coupon = shop.prepare(coupon)?;
    /// let chair = |id: u64, name: &str, price: &str| -> Result<Line, Box<dyn std::error::Error>> {
    ///     Ok(Line::new(LineId(id), Product::new(name.parse()?), Quantity::ONE, UnitPrice::parse(price)?))
    /// };
    /// let order =
    ///     Order::builder(Currency::USD).line(chair(1, "OAK", "60.00")?).line(chair(2, "PINE", "40.00")?).build()?;
    /// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
    /// let codes = [Presented::new("thirty", &coupon)];
    /// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
    /// let placed = shop.place(&request)?;
    /// let settlement = Settlement::new(placed.outcome())?;
    ///
    /// let paid_back = |policy| -> Result<String, Box<dyn std::error::Error>> {
    ///     let request = RefundRequest::new("r-1".parse()?).units(LineId(2), 1).thresholds(policy);
    ///     Ok(settlement.refund_with_terms(&placed, &request)?.payable().to_string())
    /// };
    /// assert_eq!(paid_back(ThresholdPolicy::Keep)?, "28.00 USD");
    /// assert_eq!(paid_back(ThresholdPolicy::Recompute)?, "10.00 USD");
    /// assert_eq!(paid_back(ThresholdPolicy::ClawBack)?, "10.00 USD");
    /// # Ok(())
    /// # }
    /// ```
    pub enum ThresholdPolicy {
        /// It stays as it was: what is returned is paid back as it was paid, and lines that are kept keep their share.
        Keep = "keep",
        /// Where a coupon falls that took something off what is kept or overrode prices, or what is kept earns less of it, what
        /// is kept is priced anew, under the terms that were stored with the order, and the rest is paid back.
        Recompute = "recompute",
        /// What is returned is paid back as it was paid, less what the coupon took off lines that are kept; less the part of it
        /// that they no longer earn, taken from them in proportion to what it took off each. A price that it overrode stays.
        ClawBack = "claw_back",
    }
}

impl Settlement {
    /// [`Settlement::refund`] with the terms that the order was placed under, so that thresholds can be judged: it takes
    /// any [`ThresholdPolicy`]. Of lines that moved here from another order no threshold is judged; lines that moved away
    /// were not returned, and count towards thresholds with their part of every discount. Points that were given back are
    /// not taken off again.
    ///
    /// # Errors
    /// Those of [`Settlement::refund`] but [`SettleError::TermsNeeded`]; [`SettleError::WrongOrder`] where the terms are
    /// those of another order, and [`SettleError::Unusable`] where the order was [changed](Settlement::amend) since.
    pub fn refund_with_terms(&self, placed: &PlacedOrder, request: &RefundRequest) -> Result<Refund, SettleError> {
        if let Some(known) = self.known_refund(request)? {
            return Ok(known.clone());
        }
        if placed.reference() != self.reference() {
            return Err(SettleError::WrongOrder { found: placed.reference().clone() });
        }
        let back = self.returned(request)?;
        let left = self.left(&back);
        let targets = match request.thresholds {
            ThresholdPolicy::Keep => Vec::new(),
            policy => self.targets(placed, &left, policy)?,
        };
        let mut kept = within(&back, &left, targets)?;
        // What is returned pays back what was paid for it at most, so kept lines become no cheaper together.
        if kept.iter().map(|kept| kept.difference().minor()).fold(0, i64::saturating_add) < 0 {
            kept.clear();
        }
        Ok(self.plan(&request.id, false, request.thresholds, back, kept))
    }

    /// What kept lines should have cost: of the lines that were placed here those that are left.
    fn targets(
        &self,
        placed: &PlacedOrder,
        left: &[SettledLine],
        policy: ThresholdPolicy,
    ) -> Result<Vec<(LineId, LineFigures)>, SettleError> {
        if Self::new(placed.outcome())?.placed != self.placed {
            let why = Why::Disagrees { with: "the settlement" };
            return Err(Error::invalid("placed", placed.reference(), why).into());
        }
        let here = |line: &&SettledLine| self.placed.binary_search_by_key(&line.line, |placed| placed.line).is_ok();
        // What moved to another order was not returned: it took its part of every discount along, and counts.
        let sent = self.sent();
        let moved = |line: LineId| sent.get(&line).map_or(0, |(units, _)| *units);
        let quantities: Vec<(LineId, u32)> = (left.iter().filter(here).filter(|line| !line.charge))
            .map(|line| (line.line, line.units.saturating_add(moved(line.line))))
            .collect();
        let judged = placed.reprice_after_returns(&quantities, self.points_left(placed, &sent))?;
        let standing = || left.iter().filter(here).filter(|line| line.units > 0);
        let mut figures = LineFigures::of(&judged);
        // One that took nothing off what is kept leaves all of it as it was, down to the shares of the tax.
        let took = |origin: &DiscountOrigin| standing().any(|line| line.figures.discount_of(|o| o == origin) > 0);
        let mut lost = lost(placed.outcome().answers(), judged.answers(), took);
        for origin in of_pieces(placed.outcome().answers()) {
            if lost.iter().any(|lost| lost.origin == origin) {
                continue;
            }
            let of = |figures: &LineFigures| figures.discount_of(|other| *other == origin);
            let kept =
                standing().filter(|line| !line.charge).map(|line| of(&line.figures)).fold(0, i64::saturating_add);
            let gone = self.sent_figures().map(of).fold(0, i64::saturating_add);
            let lines = judged.lines().iter().filter_map(|line| figures.get(&line.id()));
            let now = lines.map(of).fold(0, i64::saturating_add);
            let too_much = kept.saturating_add(gone).saturating_sub(now).min(kept);
            if too_much > 0 {
                let shares: Vec<i64> = standing().map(|line| if line.charge { 0 } else { of(&line.figures) }).collect();
                let shares = allocate(too_much, &shares)?;
                let by_line = standing().map(|line| line.line).zip(shares).collect();
                lost.push(Lost { origin, by_line: Some(by_line) });
            }
        }
        if lost.is_empty() {
            return Ok(Vec::new());
        }
        if policy == ThresholdPolicy::Recompute {
            let target = |line: &SettledLine| {
                let all = figures.remove(&line.line)?;
                let units = moved(line.line);
                let gone = if units == 0 { None } else { Some(all.first(units, units.saturating_add(line.units))) };
                Some((line.line, gone.map_or_else(|| all.clone(), |gone| all.minus(&gone))))
            };
            return Ok(standing().filter(|line| self.is_whole(line)).filter_map(target).collect());
        }
        standing()
            .map(|line| {
                let back = |part: &DiscountPart| {
                    let lost = lost.iter().find(|lost| lost.origin == part.origin)?;
                    Some(lost.of_line(line.line, part.amount))
                };
                Ok((line.line, line.figures.with_less_discount(back, line.rate, self.rounding)?))
            })
            .collect()
    }

    /// What moved to other orders, as it was here.
    fn sent_figures(&self) -> impl Iterator<Item = &LineFigures> {
        self.movements.iter().filter_map(|movement| match movement {
            Movement::Sent(transfer) => Some(&transfer.before),
            _ => None,
        })
    }

    /// The units of each line that moved to other orders, with what points took off them.
    fn sent(&self) -> BTreeMap<LineId, (u32, i64)> {
        let mut sent: BTreeMap<LineId, (u32, i64)> = BTreeMap::new();
        for movement in &self.movements {
            let Movement::Sent(transfer) = movement else { continue };
            let (units, points) = sent.entry(transfer.line).or_default();
            *units = units.saturating_add(transfer.units);
            *points = points.saturating_add(transfer.before.points_discount().minor());
        }
        sent
    }

    /// What points may take off what is kept, where they are a discount: those that earlier returns gave back are the
    /// customer's again.
    fn points_left(&self, placed: &PlacedOrder, sent: &BTreeMap<LineId, (u32, i64)>) -> Option<i64> {
        placed.outcome().points().filter(|points| !points.discount().is_zero())?;
        let here = |line: LineId| self.placed.binary_search_by_key(&line, |placed| placed.line).is_ok();
        let standing = self.lines.iter().filter(|line| here(line.line));
        let standing = standing.map(|line| line.figures.points_discount().minor());
        let sent = sent.iter().filter(|(line, _)| here(**line)).map(|(_, (_, points))| *points);
        Some(standing.chain(sent).fold(0, i64::saturating_add))
    }

    /// A charge that was paid back in part keeps what is left of it.
    fn is_whole(&self, line: &SettledLine) -> bool {
        let placed = self.placed.binary_search_by_key(&line.line, |placed| placed.line).ok();
        let priced = placed.and_then(|at| self.placed.get(at)).map(|placed| placed.figures.priced);
        !line.charge || priced == Some(line.figures.priced)
    }
}

/// A coupon that what is kept would not have earned: not at all, or not as much of it.
struct Lost {
    origin: DiscountOrigin,
    /// How much too much it took off each kept line; `None`: all of it.
    by_line: Option<BTreeMap<LineId, i64>>,
}

impl Lost {
    /// How much too much it took off a line, of so much.
    fn of_line(&self, line: LineId, amount: i64) -> i64 {
        self.by_line.as_ref().map_or(amount, |lines| lines.get(&line).copied().unwrap_or(0))
    }
}

fn origin_of(answer: &Answer) -> Option<DiscountOrigin> {
    let (coupon, code) = (answer.coupon().filter(|_| answer.is_applied())?, answer.code()?);
    Some(DiscountOrigin::Coupon { coupon: coupon.clone(), code: code.clone() })
}

/// The coupons that were applied and no longer are, where what is kept is cheaper for them: by what they took off, or at
/// the list price that they put in the place of a dearer one of the customer.
fn lost(before: &[Answer], after: &[Answer], took: impl Fn(&DiscountOrigin) -> bool) -> Vec<Lost> {
    let overrides = |of: &Answer| of.terms().is_some_and(|t| t.combination().overrides() != Overrides::Nothing);
    let fell = |(before, after): (&Answer, &Answer)| {
        let origin = origin_of(before).filter(|_| after.state() == AnswerState::Refused)?;
        (took(&origin) || overrides(before)).then_some(Lost { origin, by_line: None })
    };
    before.iter().zip(after).filter_map(fell).collect()
}

/// The coupons of which a piece has more or less off for what is bought beside it.
fn of_pieces(answers: &[Answer]) -> impl Iterator<Item = DiscountOrigin> {
    let hangs =
        |answer: &&Answer| answer.terms().is_some_and(|terms| terms.benefits().iter().any(Benefit::hangs_on_others));
    answers.iter().filter(hangs).filter_map(origin_of)
}

/// The kept lines that change, all together by no more than what is returned: what they would have cost beyond that is
/// let go, line by line in proportion to what each would have cost more.
fn within(
    back: &[RefundLine],
    left: &[SettledLine],
    targets: Vec<(LineId, LineFigures)>,
) -> Result<Vec<KeptLine>, SettleError> {
    let mut kept: Vec<KeptLine> = Vec::new();
    for (id, target) in targets {
        let found = left.binary_search_by_key(&id, |line| line.line).ok();
        let Some(line) = found.and_then(|found| left.get(found)) else { continue };
        let (before, after) = line.figures.aligned(&target);
        if before != after {
            let (tax_class, rate) = (line.tax_class.clone(), line.rate);
            kept.push(KeptLine { line: id, charge: line.charge, tax_class, rate, before, after });
        }
    }
    let rises: Vec<i64> = kept.iter().map(|kept| kept.difference().minor()).collect();
    let total = |amounts: &mut dyn Iterator<Item = i64>| amounts.fold(0, i64::saturating_add);
    let rise = total(&mut rises.iter().copied().filter(|rise| *rise > 0));
    let fall = total(&mut rises.iter().copied().filter(|rise| *rise < 0));
    let room = total(&mut back.iter().map(|line| line.figures.payable_minor())).saturating_sub(fall);
    if rise > room {
        let weights: Vec<i64> = rises.iter().map(|rise| (*rise).max(0)).collect();
        let granted = allocate(room, &weights)?;
        for ((kept, rise), granted) in kept.iter_mut().zip(rises).zip(granted).filter(|((_, rise), _)| *rise > 0) {
            kept.after = kept.before.between(&kept.after, granted, rise);
        }
        kept.retain(|kept| kept.before != kept.after);
    }
    Ok(kept)
}
