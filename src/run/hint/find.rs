//! How hints are found: what the refusal asks for is done to a copy of the request, and priced again.

use std::cmp::Reverse;

use super::offers;
use super::trial::{Bench, Trial};
use super::{Hint, HintStep, HintedCode};
use crate::coupon::{Benefit, Condition, LineRange, Scope, SetPart, Target, Within};
use crate::error::Error;
use crate::evaluate::code_of;
use crate::key::ProductId;
use crate::money::{Money, UnitPrice};
use crate::order::LineId;
use crate::outcome::{AnswerState, PublicGift};
use crate::policy::PublicReasons;
use crate::refusal::{PublicReason, Refusal};
use crate::request::{Presented, Request};
use crate::shop::{Prepared, Shop};

/// How many lines are tried for one mend.
pub(super) const LINES: usize = 16;
/// How often something may have to be mended that only shows once something else is.
const ROUNDS: u32 = 4;

pub(super) fn hints<'a>(shop: &'a Shop, request: &Request<'a>, wallet: &[Presented<'a>]) -> Result<Vec<Hint>, Error> {
    let mut bench = Bench::new(shop, request);
    let start = Trial::new(request);
    bench.price(&start, None, None, true)?;
    let applied: Vec<bool> = bench.outcome.answers().iter().map(|a| a.state() != AnswerState::Refused).collect();
    let offers = offers::worth_trying(&bench);
    let mut hints = Vec::new();
    for (i, code) in request.codes.iter().enumerate() {
        let seeker = Seeker::new(&mut bench, HintedCode::Presented(i), Subject::Code(*code), &applied);
        hints.extend(match applied.get(i) {
            Some(false) => seeker.hint(&start)?,
            _ => seeker.further(&start)?,
        });
    }
    let presented = |code: &Presented<'_>| request.codes.iter().any(|other| code_of(other) == code_of(code));
    for (i, code) in wallet.iter().enumerate().filter(|(_, code)| !presented(code)) {
        hints.extend(Seeker::new(&mut bench, HintedCode::Wallet(i), Subject::Code(*code), &applied).hint(&start)?);
    }
    for (rank, terms, made) in offers {
        let seeker = Seeker::new(&mut bench, HintedCode::Offer, Subject::Offer(rank, terms), &applied);
        hints.extend(if made { seeker.further(&start)? } else { seeker.hint(&start)? });
        bench.try_offer(None);
    }
    hints.sort_by(|a, b| {
        let key = |hint: &Hint| (Reverse(hint.gain.minor()), hint.steps.len(), hint.code);
        key(a).cmp(&key(b)).then_with(|| a.coupon.cmp(&b.coupon))
    });
    Ok(hints)
}

/// What a hint is sought about.
#[derive(Debug, Clone)]
pub(super) enum Subject<'a> {
    Code(Presented<'a>),
    /// An automatic offer, by its place in the ranks, on these terms.
    Offer(u32, Prepared),
}

/// Looks for a hint about one code or offer.
pub(super) struct Seeker<'b, 'a> {
    pub(super) bench: &'b mut Bench<'a>,
    pub(super) about: HintedCode,
    pub(super) subject: Subject<'a>,
    /// Which codes of the request are applied as it stands.
    pub(super) applied: &'b [bool],
    /// A reason was met that the public is not told.
    hidden: bool,
}

impl<'b, 'a> Seeker<'b, 'a> {
    pub(super) fn new(bench: &'b mut Bench<'a>, about: HintedCode, subject: Subject<'a>, applied: &'b [bool]) -> Self {
        Self { bench, about, subject, applied, hidden: false }
    }

    /// The position of the code in the request, where it is one of it.
    pub(super) fn own(&self) -> Option<usize> {
        match self.about {
            HintedCode::Presented(i) => Some(i),
            HintedCode::Wallet(_) | HintedCode::Offer => None,
        }
    }

    /// The definition; none of a code that is unknown.
    pub(super) fn terms(&self) -> Option<Prepared> {
        match &self.subject {
            Subject::Code(code) => code.coupon.cloned(),
            Subject::Offer(_, terms) => Some(terms.clone()),
        }
    }

    fn is_offer(&self) -> bool {
        matches!(self.subject, Subject::Offer(..))
    }

    pub(super) fn price(&mut self, trial: &Trial) -> Result<(), Error> {
        let code = match &self.subject {
            Subject::Code(code) => Some(*code),
            Subject::Offer(rank, terms) => {
                self.bench.try_offer(Some((*rank, Some(terms.clone()))));
                None
            }
        };
        self.bench.price(trial, self.own(), code, false)
    }

    /// What there is to pay without it, and with all codes of the request as they are.
    fn without(&mut self, trial: &Trial) -> Result<Money, Error> {
        if let Subject::Offer(rank, _) = &self.subject {
            self.bench.try_offer(Some((*rank, None)));
        }
        self.bench.price(trial, self.own(), None, true)?;
        Ok(self.bench.payable())
    }

    pub(super) fn state(&self) -> AnswerState {
        match &self.subject {
            Subject::Code(_) => self.bench.answer().map_or(AnswerState::Refused, |answer| answer.state()),
            Subject::Offer(_, terms) => {
                let id = terms.coupon().id().key();
                let made = self.bench.outcome.offers().iter().any(|offer| offer.id().key() == id);
                if made { AnswerState::Applied } else { AnswerState::Refused }
            }
        }
    }

    pub(super) fn reasons(&self) -> Vec<Refusal> {
        match &self.subject {
            Subject::Code(_) => self.bench.answer().map(|answer| answer.reasons().to_vec()).unwrap_or_default(),
            Subject::Offer(rank, _) => self.bench.offer_reasons(*rank),
        }
    }

    fn hint(mut self, start: &Trial) -> Result<Option<Hint>, Error> {
        if self.terms().is_none() {
            return Ok(None);
        }
        let Some(mended) = self.mend(start.clone(), ROUNDS)? else { return Ok(None) };
        self.worth(mended, None)
    }

    /// Mends what can be mended, until the code is applied.
    fn mend(&mut self, mut trial: Trial, rounds: u32) -> Result<Option<Trial>, Error> {
        for round in 0..rounds {
            self.price(&trial)?;
            match self.state() {
                AnswerState::Applied => return Ok(Some(trial)),
                AnswerState::WaitingForShipping => return Ok(None),
                AnswerState::Refused => {}
            }
            let reasons = self.reasons();
            self.note(&reasons);
            if let Some(either) = reasons.iter().position(|reason| *reason == Refusal::NoneOf) {
                // One of what follows is enough, as far as that can be told from the list.
                for reason in reasons.iter().skip(either.saturating_add(1)) {
                    let Some(next) = self.mend_one(&trial, reason)? else { continue };
                    let left = rounds.saturating_sub(round).saturating_sub(1);
                    if let Some(mended) = self.mend(next, left)? {
                        return Ok(Some(mended));
                    }
                }
                return Ok(None);
            }
            for (i, reason) in reasons.iter().enumerate() {
                // What mends one reason may mend another as well, or part of it.
                if i > 0 {
                    self.price(&trial)?;
                }
                let now = self.reasons().into_iter().find(|now| now.code() == reason.code() && is_as_far(now, reason));
                let Some(now) = now else { continue };
                let Some(next) = self.mend_one(&trial, &now)? else { return Ok(None) };
                trial = next;
            }
        }
        self.price(&trial)?;
        Ok(Some(trial).filter(|_| self.state() == AnswerState::Applied))
    }

    /// The public is told of a code that it presented only where it is told why that was refused.
    fn note(&mut self, reasons: &[Refusal]) {
        let policy = self.bench.shop.policy().public_reasons();
        let told = Refusal::public_of(reasons, policy) != PublicReason::NotValid || policy == PublicReasons::Distinct;
        self.hidden |= !told && !matches!(self.about, HintedCode::Wallet(_));
    }

    /// What it takes off of what there is to pay; none where it is not applied.
    pub(super) fn saved(&mut self, trial: &Trial) -> Result<Option<Money>, Error> {
        self.price(trial)?;
        if self.state() != AnswerState::Applied {
            return Ok(None);
        }
        let payable = self.bench.payable();
        Ok(self.without(trial)?.checked_sub(payable).ok())
    }

    /// What is gained with everything done, beyond what is saved already; none where that is neither money nor a gift.
    pub(super) fn worth(&mut self, trial: Trial, already: Option<Money>) -> Result<Option<Hint>, Error> {
        let Some(terms) = self.terms() else { return Ok(None) };
        self.price(&trial)?;
        let payable = self.bench.payable();
        let others = (0..self.applied.len()).filter(|i| Some(*i) != self.own() && !trial.removed.contains(i));
        let now = self.bench.outcome.answers().iter().map(|a| a.state() != AnswerState::Refused);
        let lost = |(i, applied): (usize, bool)| (!applied && self.applied.get(i) == Some(&true)).then_some(i);
        let replaces: Vec<usize> = others.zip(now).filter_map(lost).collect();
        let given = self.gifts();
        let saved = self.without(&trial)?.checked_sub(payable);
        let before = self.gifts();
        let gain = match (saved, already) {
            (Ok(saved), Some(already)) => saved.checked_sub(already),
            (saved, _) => saved,
        };
        let Ok(gain) = gain else { return Ok(None) };
        // What comes already with a code that takes off more is none of what is gained.
        let gifts = if already.is_some() { Vec::new() } else { more_of(&given, &before) };
        // Nobody gives a gift for another one.
        let for_gifts = gain.is_zero() && !gifts.is_empty() && more_of(&before, &given).is_empty();
        if gain.minor() <= 0 && !for_gifts {
            return Ok(None);
        }
        let (entered, description) = match &self.subject {
            Subject::Code(code) => (code.entered.to_owned(), String::new()),
            Subject::Offer(..) => (String::new(), terms.coupon().description().to_owned()),
        };
        Ok(Some(Hint {
            code: self.about,
            coupon: terms.coupon().id().clone(),
            steps: trial.steps,
            replaces,
            more: already.is_some(),
            gain,
            gifts,
            payable,
            entered,
            description,
            hidden: self.hidden,
        }))
    }

    /// What comes for nothing with what was priced last, each product once.
    fn gifts(&self) -> Vec<PublicGift> {
        let mut gifts: Vec<PublicGift> = Vec::new();
        for gift in self.bench.outcome.gifts().iter().map(PublicGift::of) {
            match gifts.iter_mut().find(|other| other.product() == gift.product()) {
                Some(same) => same.pieces = same.pieces.saturating_add(gift.pieces),
                None => gifts.push(gift),
            }
        }
        gifts
    }

    /// Mends one reason; none where a shopper cannot.
    pub(super) fn mend_one(&mut self, trial: &Trial, reason: &Refusal) -> Result<Option<Trial>, Error> {
        if self.is_offer() && !offers::is_told(reason) {
            return Ok(None);
        }
        Ok(match reason {
            Refusal::NotStarted { starts } => Some(trial.later(trial.at.max(*starts))),
            Refusal::OutsideHours { opens } | Refusal::BlackoutDate { opens } => {
                opens.map(|opens| trial.later(trial.at.max(opens)))
            }
            Refusal::CustomerRequired => self.identify(trial)?,
            Refusal::WrongCustomer | Refusal::NotThisCustomer | Refusal::MembersOnly | Refusal::CustomerType { .. } => {
                self.identify_as(trial, reason)?
            }
            Refusal::NthOrder { required, found } => {
                self.order_first(trial, required.saturating_sub(*found), reason)?
            }
            Refusal::OrdersInPeriod { required, found, .. } => {
                self.order_first(trial, required.saturating_sub(*found), reason)?
            }
            Refusal::LifetimeSpend { required, found } => self.spend_first(trial, *required, *found),
            Refusal::LastOrder { .. } => self.last_order(trial)?,
            Refusal::UniqueCustomers { required, found } => Some(trial.joined_by(required.saturating_sub(*found))),
            Refusal::MinimumSpend { required, found } => self.spend(trial, *required, *found)?,
            Refusal::MaximumSpend { allowed, found } => self.spend_less(trial, *allowed, *found)?,
            Refusal::MinimumQuantity { required, found } => self.pieces(trial, *required, *found)?,
            Refusal::DistinctProducts { required, found } => {
                let missing = required.saturating_sub(*found);
                let zero = UnitPrice::parse("0").ok();
                self.goods(trial, reason, |trial, of| {
                    let step = HintStep::AddGoods { of: of.clone(), pieces: missing, different: true };
                    trial.with_goods(of, zero?, missing, 1, step)
                })?
            }
            Refusal::NotWithLines { lines } => trial.without_lines(lines).filter(|_| self.has_lines(lines)),
            Refusal::NotWithDiscounts { line } => self.without_discounted(trial, *line)?,
            Refusal::PaymentOption => self.pay(trial)?,
            Refusal::ShippingMethod { allowed, .. } => self.ship(trial, allowed)?,
            Refusal::NotStackable { .. }
            | Refusal::TooManyCodes { .. }
            | Refusal::SameCoupon { .. }
            | Refusal::BetterInGroup { .. }
            | Refusal::DuplicateCode
            | Refusal::TypeConflict => self.without_another(trial)?,
            Refusal::NoBenefit => self.complete_set(trial)?,
            _ => None,
        })
    }

    /// Adds the fewest pieces of a line with which a set is complete, of as many those of the cheapest line.
    fn complete_set(&mut self, trial: &Trial) -> Result<Option<Trial>, Error> {
        let Some(terms) = self.terms() else { return Ok(None) };
        let Some(most) = terms.coupon().benefits().iter().filter_map(pieces_of_set).max() else { return Ok(None) };
        let same = |reason: &Refusal| *reason == Refusal::NoBenefit;
        self.price(trial)?;
        let mut best: Option<(u64, Trial)> = None;
        for (_, line, units) in self.lines(trial).into_iter().take(LINES) {
            // Only fewer than were found are of use.
            let pieces = best.as_ref().map_or(most, |(fewest, _)| fewest.saturating_sub(1));
            let step = HintStep::AddPieces { line, pieces };
            let next = trial.with_pieces(line, units.saturating_add(pieces), step).filter(|_| pieces > 0);
            let Some(next) = next else { continue };
            if self.is_mended(&next, same)? {
                let found = self.fewest(trial, (line, units, pieces), next, same)?;
                let added = found.steps.last().map_or(pieces, |step| match step {
                    HintStep::AddPieces { pieces, .. } => *pieces,
                    _ => pieces,
                });
                best = Some((added, found));
            }
        }
        Ok(best.map(|(_, found)| found))
    }

    /// Whether a trial no longer has a reason of this kind about the same figure.
    pub(super) fn is_mended(&mut self, trial: &Trial, same: impl Fn(&Refusal) -> bool) -> Result<bool, Error> {
        self.price(trial)?;
        Ok(!self.reasons().iter().any(same))
    }

    /// Whether all of these are lines of the order, and none that was made up.
    pub(super) fn has_lines(&self, ids: &[LineId]) -> bool {
        let lines = self.bench.request.order.lines();
        ids.iter().all(|id| lines.iter().any(|line| line.id() == *id))
    }

    /// What the pieces of each line of the order cost after the shop's discounts, those that cost least first.
    fn lines(&self, trial: &Trial) -> Vec<(i64, LineId, u64)> {
        let known = |id| self.has_lines(&[id]);
        let lines = self.bench.outcome.lines().iter().filter(|line| line.refusal().is_none() && known(line.id()));
        let mut lines: Vec<_> = lines
            .filter_map(|line| {
                let whole = trial.order.lines().iter().find(|l| l.id() == line.id())?;
                let units = u64::from(line.units());
                let after = line.priced().minor().saturating_sub(line.shop_discount().minor());
                let each = after.checked_div(i64::from(line.units()))?;
                (!whole.quantity().is_measured() && each > 0).then_some((each, line.id(), units))
            })
            .collect();
        lines.sort_unstable();
        lines
    }

    /// Adds pieces of the line that takes the least more to spend.
    fn spend(&mut self, trial: &Trial, required: Money, found: Money) -> Result<Option<Trial>, Error> {
        let same = |reason: &Refusal| matches!(reason, Refusal::MinimumSpend { required: r, .. } if *r == required);
        self.price(trial)?;
        let missing = required.minor().saturating_sub(found.minor()).max(0);
        let mut ways: Vec<_> = self
            .lines(trial)
            .into_iter()
            .filter_map(|(each, id, units)| {
                let more = missing.saturating_add(each.saturating_sub(1)).checked_div(each)?;
                Some((more.saturating_mul(each), id, units, u64::try_from(more).ok()?))
            })
            .collect();
        ways.sort_unstable();
        for (_, line, units, more) in ways.into_iter().take(LINES) {
            // Discounts and rounding may leave a little to be spent still.
            for extra in 0..2 {
                let pieces = more.saturating_add(extra);
                let step = HintStep::AddPieces { line, pieces };
                let Some(next) = trial.with_pieces(line, units.saturating_add(pieces), step) else { continue };
                if self.is_mended(&next, same)? {
                    return self.fewest(trial, (line, units, pieces), next, same).map(Some);
                }
            }
        }
        let amount = Money::new(missing, required.currency());
        let price = UnitPrice::from_decimal(amount.to_decimal()).ok();
        self.goods(trial, &Refusal::MinimumSpend { required, found }, |trial, of| {
            trial.with_goods(of, price?, 1, 1, HintStep::AddWorth { of: of.clone(), amount })
        })
    }

    /// The fewest of so many pieces more that mend it as well: an offer of the shop that makes the pieces of today cheaper
    /// need not act on the next one.
    fn fewest(
        &mut self,
        trial: &Trial,
        (line, units, pieces): (LineId, u64, u64),
        found: Trial,
        same: impl Fn(&Refusal) -> bool + Copy,
    ) -> Result<Trial, Error> {
        let (mut short, mut enough, mut found) = (0_u64, pieces, found);
        while enough.saturating_sub(short) > 1 {
            let middle = short.saturating_add(enough.saturating_sub(short) / 2);
            let step = HintStep::AddPieces { line, pieces: middle };
            let next = trial.with_pieces(line, units.saturating_add(middle), step);
            match next {
                Some(next) if self.is_mended(&next, same)? => (enough, found) = (middle, next),
                _ => short = middle,
            }
        }
        Ok(found)
    }

    /// Takes pieces of a line out, or all of it, so that the least is lost.
    fn spend_less(&mut self, trial: &Trial, allowed: Money, found: Money) -> Result<Option<Trial>, Error> {
        let same = |reason: &Refusal| matches!(reason, Refusal::MaximumSpend { allowed: a, .. } if *a == allowed);
        self.price(trial)?;
        let over = found.minor().saturating_sub(allowed.minor()).max(0);
        let mut ways: Vec<_> = self
            .lines(trial)
            .into_iter()
            .filter_map(|(each, id, units)| {
                let fewer = over.saturating_add(each.saturating_sub(1)).checked_div(each)?;
                let pieces = u64::try_from(fewer).ok().filter(|pieces| *pieces <= units)?;
                Some((fewer.saturating_mul(each), id, units, pieces))
            })
            .collect();
        ways.sort_unstable();
        for (_, line, units, pieces) in ways.into_iter().take(LINES) {
            let next = match units.saturating_sub(pieces) {
                0 => trial.without_lines(&[line]),
                left => trial.with_pieces(line, left, HintStep::TakePieces { line, pieces }),
            };
            let Some(next) = next else { continue };
            if self.is_mended(&next, same)? {
                return Ok(Some(next));
            }
        }
        Ok(None)
    }

    /// Adds pieces of the cheapest line that counts.
    fn pieces(&mut self, trial: &Trial, required: u64, found: u64) -> Result<Option<Trial>, Error> {
        let reason = Refusal::MinimumQuantity { required, found };
        let same = |other: &Refusal| matches!(other, Refusal::MinimumQuantity { required: r, .. } if *r == required);
        self.price(trial)?;
        let pieces = required.saturating_sub(found);
        for (_, line, units) in self.lines(trial).into_iter().take(LINES) {
            let step = HintStep::AddPieces { line, pieces };
            let Some(next) = trial.with_pieces(line, units.saturating_add(pieces), step) else { continue };
            if self.is_mended(&next, same)? {
                return Ok(Some(next));
            }
        }
        let zero = UnitPrice::parse("0").ok();
        self.goods(trial, &reason, |trial, of| {
            let step = HintStep::AddGoods { of: of.clone(), pieces, different: false };
            trial.with_goods(of, zero?, 1, pieces, step)
        })
    }

    /// Adds goods that the order does not have, within a scope that the coupon names.
    fn goods(
        &mut self,
        trial: &Trial,
        reason: &Refusal,
        with: impl Fn(&Trial, &Scope) -> Option<Trial>,
    ) -> Result<Option<Trial>, Error> {
        let Some(terms) = self.terms() else { return Ok(None) };
        let coupon = terms.coupon();
        let mut scopes: Vec<&Scope> = Vec::new();
        for condition in coupon.conditions() {
            collect_scopes(condition, coupon.scope(), &mut scopes);
        }
        for benefit in coupon.benefits() {
            let within = match benefit {
                Benefit::Tiers(tiers) => tiers.within(),
                Benefit::Steps(steps) => steps.within(),
                _ => continue,
            };
            let of = benefit.target().and_then(Target::scope);
            let scope = if within == Within::Order { &Scope::Open } else { of.unwrap_or_else(|| coupon.scope()) };
            if !scopes.contains(&scope) {
                scopes.push(scope);
            }
        }
        for scope in scopes {
            let Some(next) = with(trial, scope) else { continue };
            if self.is_mended(&next, |other| other.code() == reason.code() && is_as_far(other, reason))? {
                return Ok(Some(next));
            }
        }
        Ok(None)
    }
}

/// What there is of each product beyond what the others have.
fn more_of(gifts: &[PublicGift], others: &[PublicGift]) -> Vec<PublicGift> {
    let pieces =
        |product: &ProductId| others.iter().find(|gift| gift.product() == product).map_or(0, |gift| gift.pieces);
    let more = |gift: &PublicGift| PublicGift {
        product: gift.product.clone(),
        pieces: gift.pieces.saturating_sub(pieces(&gift.product)),
    };
    gifts.iter().map(more).filter(|gift| gift.pieces > 0).collect()
}

/// Whether a reason is the other one still, or again: not just a later figure of a different condition.
fn is_as_far(other: &Refusal, reason: &Refusal) -> bool {
    match (other, reason) {
        (Refusal::MinimumSpend { required: a, .. }, Refusal::MinimumSpend { required: b, .. })
        | (Refusal::MaximumSpend { allowed: a, .. }, Refusal::MaximumSpend { allowed: b, .. }) => a == b,
        (Refusal::MinimumQuantity { required: a, .. }, Refusal::MinimumQuantity { required: b, .. })
        | (Refusal::DistinctProducts { required: a, .. }, Refusal::DistinctProducts { required: b, .. }) => a == b,
        _ => true,
    }
}

/// How many pieces a complete set has; none of a benefit that forms no sets.
fn pieces_of_set(benefit: &Benefit) -> Option<u64> {
    let all = |parts: &[SetPart]| parts.iter().fold(0_u64, |sum, part| sum.saturating_add(u64::from(part.pieces())));
    match benefit {
        Benefit::BuyGet(sets) => Some(all(sets.buy()).saturating_add(u64::from(sets.get().pieces()))),
        Benefit::Nth(sets) => Some(u64::from(sets.of())),
        Benefit::Bundle(sets) => Some(all(sets.parts())),
        _ => None,
    }
}

/// The scopes that conditions on lines look at: their own, or that of the coupon.
fn collect_scopes<'c>(condition: &'c Condition, of_coupon: &'c Scope, scopes: &mut Vec<&'c Scope>) {
    let mut add = |of: Option<&'c Scope>, range: LineRange| {
        let scope = of.unwrap_or(if range == LineRange::Order { &Scope::Open } else { of_coupon });
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    };
    match condition {
        Condition::MinimumSpend(minimum) => add(minimum.of(), minimum.range()),
        Condition::MinimumQuantity(minimum) => add(minimum.of(), minimum.range()),
        Condition::DistinctProducts(distinct) => add(distinct.of(), distinct.range()),
        Condition::All(group) | Condition::Any(group) => {
            group.members().iter().for_each(|member| collect_scopes(member, of_coupon, scopes));
        }
        _ => {}
    }
}
