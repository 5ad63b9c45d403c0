//! The search: which combinations are evaluated, and which are passed over.

use std::cmp::Reverse;
use std::collections::HashMap;

use crate::coupon::AssignWhen;
use crate::error::Error;
use crate::evaluate::{Scratch, Survey, Surveyed, code_of, never_together, rank, survey};
use crate::money::Money;
use crate::outcome::{Answer, GiftOutcome, LineOutcome, Outcome};
use crate::refusal::{LimitKind, Refusal};
use crate::request::{Detail, Presented, Request};
use crate::shop::Shop;

use super::bound::{Bound, Standing};
use super::{OfferGoal, OfferSearch};

/// What a combination is worth, the smaller the better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Worth {
    /// Pieces that were ordered and are not sold.
    unsold: u64,
    /// Choices of the order that the customer is not offered.
    refusals: usize,
    /// What it costs whom the search is for, in minor units.
    cost: i64,
}

/// What became of a combination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Tried {
    worth: Worth,
    verdict: Verdict,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// Every code was applied.
    Clean,
    /// Some code was refused for what others do at its turn; with more codes it may be different.
    Unclean,
    /// Two of its codes never stand together, whatever comes besides.
    Never,
}

/// The best combination so far: by its worth, then the number of its codes, then their ranks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Best {
    worth: Worth,
    codes: usize,
    ranks: Vec<usize>,
}

/// What a search found.
pub(super) struct Found {
    /// The positions of the codes in the request, in ascending order.
    pub(super) codes: Vec<usize>,
    pub(super) proven: bool,
    pub(super) nodes: u64,
}

/// A search. Codes are known by their position by rank throughout.
pub(super) struct Search<'a> {
    shop: &'a Shop,
    request: Request<'a>,
    goal: OfferGoal,
    budget: u64,
    nodes: u64,
    /// Something was not evaluated for want of budget.
    exhausted: bool,
    /// The wallet by rank, with the position of each code in the request.
    wallet: Vec<(Presented<'a>, usize)>,
    /// For each code those that never stand beside it, as far as the definitions tell.
    clashes: Vec<Vec<bool>>,
    /// What was found out about combinations that are asked for again.
    known: HashMap<Vec<usize>, Tried>,
    best: Option<Best>,
    presented: Vec<Presented<'a>>,
    scratch: Scratch,
    outcome: Outcome,
}

/// The codes that may stand beside what is fixed, on the snapshot that follows from it.
struct Field<'s> {
    /// The codes on the snapshot, by rank: their positions in the wallet.
    codes: &'s [usize],
    /// Those that are open, in the order in which they are tried, as positions in `codes`.
    order: Vec<usize>,
    standing: Vec<Standing>,
    bound: Bound,
    /// What the worth of every combination here begins with.
    ground: Worth,
    /// Whether a code counts against the number of codes that policy allows.
    counts: Vec<bool>,
    /// For a seller: the most that could be left, and the codes that are applied beside any of the others.
    most_left: i64,
    certain: Vec<bool>,
}

impl<'a> Search<'a> {
    pub(super) fn new(shop: &'a Shop, request: &Request<'a>, search: OfferSearch) -> Self {
        let mut wallet: Vec<_> = request.codes.iter().copied().zip(0_usize..).collect();
        let figures = |p: &Presented<'a>| {
            let host = p.host_amounts.unwrap_or_default().iter().map(|(line, amount)| (*line, amount.minor()));
            (p.line, p.operator_amount.map(|amount| amount.minor()), host.collect::<Vec<_>>())
        };
        wallet.sort_by(|(a, i), (b, j)| rank(a, b).then_with(|| figures(a).cmp(&figures(b))).then(i.cmp(j)));
        let row = |(i, (a, _)): (usize, &(Presented<'a>, usize))| -> Vec<bool> {
            wallet.iter().enumerate().map(|(j, (b, _))| i != j && clash(a, b)).collect()
        };
        let clashes = wallet.iter().enumerate().map(row).collect();
        Self {
            shop,
            request: Request { detail: Detail::Reasons, ..request.clone() },
            goal: search.goal(),
            budget: search.node_budget(),
            nodes: 0,
            exhausted: false,
            wallet,
            clashes,
            known: HashMap::new(),
            best: None,
            presented: Vec::new(),
            scratch: Scratch::default(),
            outcome: Outcome::empty(request.reference.clone(), request.order.currency()),
        }
    }

    /// Codes that change the types before pricing decide what everything costs and who may use the others, so each
    /// combination of them is a search of its own.
    pub(super) fn run(mut self) -> Result<Found, Error> {
        let changes = |(_, (presented, _)): &(usize, &(Presented<'a>, usize))| {
            let assign = presented.coupon.and_then(|c| c.coupon().assign());
            assign.is_some_and(|assign| assign.when() == AssignWhen::BeforePricing)
        };
        let changing: Vec<usize> = self.wallet.iter().enumerate().filter(changes).map(|(code, _)| code).collect();
        // Positions in `changing`, ascending; what comes next is tried after what is taken.
        let mut taken: Vec<usize> = Vec::new();
        let mut next = 0_usize;
        'all: loop {
            let fixed: Vec<usize> = taken.iter().filter_map(|t| changing.get(*t)).copied().collect();
            let tried = self.tries(&fixed)?.filter(|tried| tried.verdict != Verdict::Never);
            if let Some(tried) = tried {
                self.beside(&fixed, &changing, tried)?;
            } else {
                next = changing.len();
            }
            while next >= changing.len() {
                let Some(last) = taken.pop() else { break 'all };
                next = last.saturating_add(1);
            }
            taken.push(next);
            next = next.saturating_add(1);
        }
        let ranks = self.best.take().map(|best| best.ranks).unwrap_or_default();
        let mut codes: Vec<usize> = ranks.iter().filter_map(|c| self.wallet.get(*c)).map(|(_, at)| *at).collect();
        codes.sort_unstable();
        Ok(Found { codes, proven: !self.exhausted, nodes: self.nodes })
    }

    /// Evaluates a combination; none past the budget.
    fn evaluate(&mut self, ranks: &[usize]) -> Result<Option<Tried>, Error> {
        if let Some(known) = self.known.get(ranks) {
            return Ok(Some(*known));
        }
        if !self.spend() {
            return Ok(None);
        }
        self.presented.clear();
        self.presented.extend(ranks.iter().filter_map(|c| self.wallet.get(*c)).map(|(presented, _)| *presented));
        let request = Request { codes: &self.presented, ..self.request.clone() };
        self.shop.evaluate_into(&request, &mut self.outcome, &mut self.scratch)?;
        let tried = Tried { worth: self.worth(), verdict: verdict(&self.outcome) };
        // A combination comes up again as a start or, for a seller, as what another one could be made of.
        if self.goal == OfferGoal::Merchant || ranks.len() < 2 {
            self.known.insert(ranks.to_vec(), tried);
        }
        Ok(Some(tried))
    }

    fn spend(&mut self) -> bool {
        self.exhausted = self.exhausted || self.nodes >= self.budget;
        if !self.exhausted {
            self.nodes = self.nodes.saturating_add(1);
        }
        !self.exhausted
    }

    /// Evaluates a combination and keeps it where it is the best so far.
    fn tries(&mut self, codes: &[usize]) -> Result<Option<Tried>, Error> {
        let mut ranks = codes.to_vec();
        ranks.sort_unstable();
        let Some(tried) = self.evaluate(&ranks)? else { return Ok(None) };
        if tried.verdict == Verdict::Clean {
            let found = Best { worth: tried.worth, codes: ranks.len(), ranks };
            if self.best.as_ref().is_none_or(|best| found < *best) && self.is_complete(&found.ranks)? {
                self.best = Some(found);
            }
        }
        Ok(Some(tried))
    }

    /// For a seller: whether no further code could be added and be applied.
    fn is_complete(&mut self, ranks: &[usize]) -> Result<bool, Error> {
        if self.goal == OfferGoal::Customer {
            return Ok(true);
        }
        for more in 0..self.wallet.len() {
            if ranks.contains(&more) || ranks.iter().any(|code| self.clash(*code, more)) {
                continue;
            }
            let mut with = ranks.to_vec();
            with.push(more);
            with.sort_unstable();
            match self.evaluate(&with)? {
                Some(tried) if tried.verdict == Verdict::Clean => return Ok(false),
                Some(_) => {}
                None => return Ok(false),
            }
        }
        Ok(true)
    }

    fn clash(&self, a: usize, b: usize) -> bool {
        self.clashes.get(a).and_then(|row| row.get(b)).copied().unwrap_or(false)
    }

    fn worth(&self) -> Worth {
        let outcome = &self.outcome;
        let unsold = |line: &LineOutcome| {
            let sold = if line.refusal().is_some() { 0 } else { line.units() };
            u64::from(outcome.requested(line).saturating_sub(sold))
        };
        let totals = outcome.totals();
        let gift = |gift: &GiftOutcome| {
            let each = gift.value().map_or(0, Money::minor);
            each.saturating_mul(i64::try_from(gift.pieces()).unwrap_or(i64::MAX))
        };
        // What an automatic offer gives is no doing of the codes, and the bound knows nothing of it.
        let of_codes = outcome.gifts().iter().filter(|gift| !gift.is_of_offer());
        let gifts = of_codes.map(gift).fold(0, i64::saturating_add);
        let cost = match self.goal {
            OfferGoal::Customer => {
                totals.payable().minor().saturating_add(totals.points_discount().minor()).saturating_sub(gifts)
            }
            OfferGoal::Merchant => gifts.saturating_sub(totals.net().minor()),
        };
        Worth {
            unsold: outcome.lines().iter().map(unsold).fold(0, u64::saturating_add),
            refusals: outcome.order_refusals().len(),
            cost,
        }
    }

    /// Searches among the combinations of what is fixed with codes that change no type before pricing.
    fn beside(&mut self, fixed: &[usize], changing: &[usize], start: Tried) -> Result<(), Error> {
        let in_play = |code: &usize| fixed.contains(code) || !changing.contains(code);
        let codes: Vec<usize> = (0..self.wallet.len()).filter(in_play).collect();
        if codes.len() == fixed.len() || !self.spend() {
            return Ok(());
        }
        let presented: Vec<_> = codes.iter().filter_map(|c| self.wallet.get(*c)).map(|(p, _)| *p).collect();
        let request = Request { codes: &presented, ..self.request.clone() };
        let survey = survey(self.shop, &request, &mut self.scratch)?;
        let refused = |code: &usize| {
            let at = codes.binary_search(code).ok().and_then(|at| survey.codes.get(at));
            at.is_none_or(|surveyed| surveyed.refused)
        };
        if fixed.iter().any(refused) {
            return Ok(());
        }
        let Some(mut field) = self.field(fixed, &codes, &presented, &survey, start)? else { return Ok(()) };
        self.dive(fixed, &mut field)?;
        self.branch(fixed, &mut field)
    }

    /// Tries each code alone beside what is fixed: so nothing that is found in the end is worse than a single code, and the
    /// most promising codes go first.
    fn field<'s>(
        &mut self,
        fixed: &[usize],
        codes: &'s [usize],
        presented: &[Presented<'a>],
        survey: &Survey,
        start: Tried,
    ) -> Result<Option<Field<'s>>, Error> {
        let (policy, order) = (self.shop.policy(), self.request.order);
        let pairs: Vec<_> = presented.iter().copied().zip(&survey.codes).collect();
        let mut bound = Bound::new(self.shop, &self.request, survey, &pairs);
        let mut standing = vec![Standing::Out; codes.len()];
        let mut order_of_trial = Vec::new();
        for (at, (code, surveyed)) in codes.iter().zip(&survey.codes).enumerate() {
            let Some(standing) = standing.get_mut(at) else { continue };
            if fixed.contains(code) {
                *standing = Standing::In;
                continue;
            }
            if surveyed.refused || surveyed.waiting || fixed.iter().any(|f| self.clash(*f, *code)) {
                continue;
            }
            let mut with = fixed.to_vec();
            with.push(*code);
            let Some(tried) = self.tries(&with)? else { return Ok(None) };
            let gain = match tried.verdict {
                Verdict::Never => continue,
                Verdict::Clean => start.worth.cost.saturating_sub(tried.worth.cost),
                Verdict::Unclean => 0,
            };
            order_of_trial.push((gain, bound.most(at), at));
        }
        match self.goal {
            OfferGoal::Customer => order_of_trial.sort_by_key(|(gain, most, at)| (Reverse(*gain), Reverse(*most), *at)),
            OfferGoal::Merchant => order_of_trial.sort_unstable(),
        }
        let mut all = standing.clone();
        for (_, _, at) in &order_of_trial {
            all.iter_mut().skip(*at).take(1).for_each(|standing| *standing = Standing::Open);
        }
        let certain = match self.goal {
            OfferGoal::Customer => Vec::new(),
            OfferGoal::Merchant => bound.certain(order, survey, &pairs, &all),
        };
        let counts = |s: &Surveyed| !policy.line_codes() || s.line.is_none();
        Ok(Some(Field {
            codes,
            order: order_of_trial.into_iter().map(|(_, _, at)| at).collect(),
            standing,
            most_left: bound.most_left(),
            certain,
            bound,
            ground: start.worth,
            counts: survey.codes.iter().map(counts).collect(),
        }))
    }

    /// A first good answer: code by code, each that makes it better.
    fn dive(&mut self, fixed: &[usize], field: &mut Field<'_>) -> Result<(), Error> {
        let mut path = fixed.to_vec();
        let mut worth = None;
        for at in &field.order {
            let Some(code) = field.codes.get(*at).copied() else { continue };
            if path.iter().any(|p| self.clash(*p, code)) {
                continue;
            }
            path.push(code);
            let Some(tried) = self.tries(&path)? else { return Ok(()) };
            let better = self.goal == OfferGoal::Merchant || worth.is_none_or(|worth| tried.worth < worth);
            if tried.verdict == Verdict::Clean && better {
                worth = Some(tried.worth);
            } else {
                path.pop();
            }
        }
        Ok(())
    }

    /// Depth first: with the next code, then without it.
    fn branch(&mut self, fixed: &[usize], field: &mut Field<'_>) -> Result<(), Error> {
        // Positions in the order of trial.
        let mut taken: Vec<usize> = Vec::new();
        let mut path = fixed.to_vec();
        let mut next = 0_usize;
        loop {
            let wanted = self.first_open(field, &path, &taken, next);
            let Some(open) =
                wanted.filter(|_| !self.is_hopeless(field, &path) && !self.lacks_one(field, &path, &taken, next))
            else {
                // Nothing here any more: without the code that was taken last.
                let Some(last) = taken.pop() else { return Ok(()) };
                path.pop();
                next = last.saturating_add(1);
                continue;
            };
            next = open.saturating_add(1);
            let code = field.order.get(open).and_then(|at| field.codes.get(*at)).copied();
            let Some(code) = code else { continue };
            path.push(code);
            let Some(tried) = self.tries(&path)? else { return Ok(()) };
            if tried.verdict == Verdict::Never {
                path.pop();
            } else {
                taken.push(open);
            }
        }
    }

    /// Notes what is taken and what may still come, from a position in the order of trial on, and answers the first of the
    /// latter.
    fn first_open(&self, field: &mut Field<'_>, path: &[usize], taken: &[usize], next: usize) -> Option<usize> {
        let max = self.shop.policy().max_codes();
        let free = max.is_none_or(|max| free_places(field, max, path) > 0);
        let mut first = None;
        for (place, at) in field.order.iter().enumerate() {
            let Some(standing) = field.standing.get_mut(*at) else { continue };
            let counts = field.counts.get(*at).copied().unwrap_or(true);
            let code = field.codes.get(*at).copied().unwrap_or(usize::MAX);
            *standing = if taken.contains(&place) {
                Standing::In
            } else if place < next || (counts && !free) || path.iter().any(|p| self.clash(*p, code)) {
                Standing::Out
            } else {
                first = first.or(Some(place));
                Standing::Open
            };
        }
        first
    }

    /// For a seller: whether a code that was left out could be added to whatever is made of a combination with open codes, so
    /// that none of that is complete.
    fn lacks_one(&self, field: &Field<'_>, path: &[usize], taken: &[usize], next: usize) -> bool {
        let certain = |at: &usize| field.certain.get(*at).copied().unwrap_or(false);
        let places = field.codes.iter().enumerate();
        let used = |at: &usize, code: &usize| field.standing.get(*at) != Some(&Standing::Out) || path.contains(code);
        let used: Vec<(usize, usize)> =
            places.map(|(at, code)| (at, *code)).filter(|(at, code)| used(at, code)).collect();
        let room = self.shop.policy().max_codes().is_none_or(|max| u32::try_from(used.len()).is_ok_and(|n| n < max));
        if self.goal == OfferGoal::Customer || !room || !used.iter().all(|(at, _)| certain(at)) {
            return false;
        }
        let left_out = field.order.iter().enumerate().take(next).filter(|(place, _)| !taken.contains(place));
        let mut left_out = left_out.map(|(_, at)| at).filter(|at| certain(at)).filter_map(|at| field.codes.get(*at));
        left_out.any(|code| used.iter().all(|(_, other)| !self.clash(*code, *other)))
    }

    /// Whether nothing that is made of a combination with open codes could be better than the best so far.
    fn is_hopeless(&self, field: &mut Field<'_>, path: &[usize]) -> bool {
        let Some(best) = &self.best else { return false };
        let cost = match self.goal {
            OfferGoal::Merchant => 0_i64.saturating_sub(field.most_left),
            OfferGoal::Customer => {
                let free = self.shop.policy().max_codes().map(|max| free_places(field, max, path));
                let counts = &field.counts;
                let counts = |at: usize| counts.get(at).copied().unwrap_or(true);
                field.bound.least(&field.standing, free, counts, best.worth.cost)
            }
        };
        let could = (Worth { cost, ..field.ground }, path.len().saturating_add(1));
        could > (best.worth, best.codes)
    }
}

/// How many codes may still come.
fn free_places(field: &Field<'_>, max: u32, path: &[usize]) -> u32 {
    let counted = |code: &&usize| {
        let at = field.codes.binary_search(code).ok().and_then(|at| field.counts.get(at));
        at.copied().unwrap_or(true)
    };
    max.saturating_sub(u32::try_from(path.iter().filter(counted).count()).unwrap_or(u32::MAX))
}

/// Whether two codes never stand together, as their definitions tell: one shuts the other out, they are the same code, of
/// one definition that is used once, or for one line.
fn clash(a: &Presented<'_>, b: &Presented<'_>) -> bool {
    let (Some(x), Some(y)) = (a.coupon, b.coupon) else { return true };
    let (x, y) = (x.coupon(), y.coupon());
    let (first, second) = if rank(a, b).is_le() { (a, b) } else { (b, a) };
    let apart = first.coupon.zip(second.coupon).is_none_or(|(first, second)| never_together(first, second));
    let once = x.id() == y.id() && !x.combination().several_codes();
    apart || once || code_of(a) == code_of(b) || (a.line.is_some() && a.line == b.line)
}

/// What became of the codes of an outcome.
fn verdict(outcome: &Outcome) -> Verdict {
    if outcome.answers().iter().all(Answer::is_applied) {
        return Verdict::Clean;
    }
    // Both codes would have to be applied in any combination that counts, and then one refuses the other as it does here.
    let for_good = |refusal: &Refusal| match refusal {
        Refusal::DuplicateCode
        | Refusal::TypeConflict
        | Refusal::NotStackable { .. }
        | Refusal::BetterInGroup { .. }
        | Refusal::SameCoupon { .. }
        | Refusal::TooManyCodes { .. } => true,
        Refusal::LimitReached { limit, .. } => !matches!(limit, LimitKind::Units | LimitKind::Money),
        _ => false,
    };
    if outcome.answers().iter().flat_map(Answer::reasons).any(for_good) { Verdict::Never } else { Verdict::Unclean }
}
