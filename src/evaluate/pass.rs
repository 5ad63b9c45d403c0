//! What the steps share: the request, and the state that goes from one to the next.

use std::borrow::Cow;
use std::ops::Range;

use chrono::{DateTime, Utc};

use crate::calendar::Window;
use crate::coupon::Coupon;
use crate::customer::HeldTypes;
use crate::error::{Error, Why};
use crate::key::CustomerTypeId;
use crate::money::{Currency, Money, Percent, Scratch as AllocateScratch};
use crate::order::{LineId, Order, Slot};
use crate::outcome::{GiftOutcome, Grant, PointsOutcome, RawAdjustment, TraceEntry, TraceStep, TypeChange};
use crate::policy::{Policy, PriceMode};
use crate::refusal::{LimitKind, LineRefusal, Refusal};
use crate::request::{Detail, Presented, Request};
use crate::shop::{Entitled, Found, Prepared, PriceSource, Shop, Standing, UnitAmount};

use super::allowances::Plan;
use super::sets::Sets;
use super::stored::StoredTerms;
use super::units::{Take, Units};

/// One line or charge on its way. Amounts in minor units, for the whole line.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cell {
    /// At the price of this customer.
    pub(super) base: i64,
    /// After the discounts of the shop: the snapshot that everything is judged on.
    pub(super) after: i64,
    /// What remains.
    pub(super) left: i64,
    /// What third parties reimburse of the discounts so far.
    pub(super) third: i64,
    /// Its own tax.
    pub(super) tax: i64,
    pub(super) source: PriceSource,
    /// The price list that it was priced by, by its position in the shop.
    pub(super) price_list: Option<u32>,
    pub(super) refusal: Option<LineRefusal>,
    /// Its shop discounts were dropped for a coupon that does not combine with them.
    pub(super) dropped: bool,
    /// A coupon sets it back to the list price, which its base is then.
    pub(super) overridden: bool,
    /// The price of this customer, where a coupon overrides it.
    pub(super) own: i64,
    /// The code that keeps it for itself, so that others leave it alone: one that was entered on this very line, or one
    /// that is exclusive of its lines.
    pub(super) owner: Option<u32>,
    /// What automatic offers took off, beside the discounts of the order.
    pub(super) offered: i64,
    /// The pieces that sets of automatic offers used, which no set of a code uses again.
    pub(super) claimed: u32,
}

/// Where a presented code stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Refused for good, its reasons are written.
    Refused,
    /// Eligible; selection decides.
    Eligible,
    /// Chosen in this round.
    Selected,
}

/// Why an eligible code was not chosen in this round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Passed {
    No,
    NotStackable,
    /// Another one of its group was chosen.
    Group,
    SameCoupon,
    TypeConflict,
    TooMany(u32),
    /// With the codes of its definition that were chosen already, a limit on uses is reached.
    Limit {
        limit: LimitKind,
        allowed: u64,
        taken: u64,
    },
}

/// A presented code on its way.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) state: State,
    pub(super) passed: Passed,
    /// The qualifying slots, as a range of [`Scratch::touch`].
    pub(super) touch: Range<usize>,
    /// The slot of the line that it was entered on.
    pub(super) line: Option<u32>,
    /// Accepted before pricing: it keeps its place whatever comes.
    pub(super) seated: bool,
    /// Accepted for its type change alone: its money benefit was refused, and the reasons say why.
    pub(super) money_off: bool,
    /// Redeeming it would change the customer's type.
    pub(super) assigns: bool,
    /// Carries a condition on what remains at its turn.
    pub(super) deferred: bool,
    /// Does not combine with discounts, and touches a line that has some: the first such.
    pub(super) drops: Option<LineId>,
    /// Overrides prices or discounts of some line.
    pub(super) overrides: bool,
    /// Dropping or overriding them was found to be better for the shopper.
    pub(super) decided: bool,
    /// A shipping coupon on an order without shipping.
    pub(super) waiting: bool,
    /// Discounts a trial product.
    pub(super) trial: Option<u32>,
    pub(super) window: Window,
    pub(super) budget_left: Option<i64>,
    pub(super) units_left: Option<u64>,
    pub(super) tally: Tally,
}

impl Candidate {
    /// One of which nothing is known yet.
    pub(super) fn new(line: Option<u32>) -> Self {
        Self {
            state: State::Eligible,
            passed: Passed::No,
            touch: 0..0,
            line,
            seated: false,
            money_off: false,
            assigns: false,
            deferred: false,
            drops: None,
            overrides: false,
            decided: false,
            waiting: false,
            trial: None,
            window: Window::ALWAYS,
            budget_left: None,
            units_left: None,
            tally: Tally::default(),
        }
    }
}

/// What a code took so far in this round.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally {
    /// Its turn has come, and deferred conditions were judged.
    pub(super) judged: bool,
    pub(super) wanted: i64,
    pub(super) granted: i64,
    pub(super) forfeited: i64,
    /// What was lost does not fit exact arithmetic.
    pub(super) overflowed: bool,
    pub(super) third: i64,
    pub(super) units: u64,
    /// How many more it would have discounted had its limit of units not run short.
    pub(super) units_withheld: u64,
    /// How many the limit left where a benefit could take none for it.
    pub(super) units_short: Option<u64>,
}

/// Buffers that evaluation keeps from one call to the next; makes
/// [`evaluate_into`](crate::Shop::evaluate_into) free of allocation once they have grown.
#[derive(Debug, Default)]
pub struct Scratch {
    pub(super) cells: Vec<Cell>,
    pub(super) candidates: Vec<Candidate>,
    /// Reasons with the position of their code.
    pub(super) reasons: Vec<(u32, Refusal)>,
    /// The slots that each code qualifies for, one code after the other.
    pub(super) touch: Vec<u32>,
    pub(super) ranked: Vec<u32>,
    pub(super) by_code: Vec<u32>,
    pub(super) adjustments: Vec<RawAdjustment>,
    pub(super) trace: Vec<TraceEntry>,
    /// The changes of the customer's types that were decided on.
    pub(super) changes: Vec<TypeChange>,
    /// The lines that a benefit acts on, with what it takes from each.
    pub(super) gains: Vec<Gain>,
    /// How it takes from each, where that differs.
    pub(super) hows: Vec<Take>,
    /// What marginal steps give on each, before rounding.
    pub(super) exact: Vec<i128>,
    pub(super) weights: Vec<i64>,
    pub(super) caps: Vec<i64>,
    pub(super) shares: Vec<i64>,
    pub(super) allocate: AllocateScratch,
    pub(super) units: Units,
    pub(super) sets: Sets,
    pub(super) class_totals: Vec<ClassSum>,
    /// What the customer is to the shop; with the new type once a code has changed it before pricing.
    pub(super) standing: Standing,
    /// The price lists that the customer is entitled to.
    pub(super) entitled: Entitled,
    /// Of each line, how much of its product the whole order has, in millionths.
    pub(super) quantities: Vec<u128>,
    /// The lines by product.
    pub(super) by_product: Vec<u32>,
    /// What automatic offers took off: by slot, of each in the order in which they were taken.
    pub(super) offered: Vec<Offered>,
    /// What automatic offers give besides.
    pub(super) offer_gifts: Vec<GiftOutcome>,
    /// The automatic offers that could match.
    pub(super) found: Found,
    /// Where automatic offers are worked out.
    pub(super) offering: Option<Box<Scratch>>,
    /// The place of the offers as codes; always empty between evaluations.
    pub(super) offer_codes: Vec<Presented<'static>>,
    /// An automatic offer, by its place in the ranks, that is on trial: with these terms, or not made at all.
    pub(super) on_trial: Option<(u32, Option<Prepared>)>,
}

impl Scratch {
    /// Lets go of the buffers of an unusually large order, so that a thread does not keep them for good.
    pub(super) fn shrink(&mut self) {
        const KEPT_LINES: usize = 4_096;
        if self.cells.capacity() > KEPT_LINES || self.candidates.capacity() > KEPT_LINES {
            *self = Self::default();
        }
    }
}

/// What an automatic offer took off one line or charge: a discount of the shop.
#[derive(Debug, Clone, Copy)]
pub(super) struct Offered {
    pub(super) slot: u32,
    /// Its place in the ranks of the shop's offers.
    pub(super) offer: u32,
    pub(super) amount: i64,
}

/// The sums of one tax class.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ClassSum {
    pub(super) used: bool,
    /// Its place among the classes in use.
    pub(super) at: u32,
    pub(super) taxable: i64,
    /// The part of it that third parties pay.
    pub(super) third: i64,
    pub(super) net: i64,
    pub(super) tax: i64,
}

/// What a benefit does to one slot.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gain {
    pub(super) slot: u32,
    /// How many of its units; all where the benefit is not limited to some.
    pub(super) units: u32,
    /// What is left on those units.
    pub(super) left: i64,
    /// What stood on them before any coupon.
    pub(super) original: i64,
    /// The most that can be taken.
    pub(super) room: i64,
    /// What it would take were there room.
    pub(super) want: i64,
    /// What it takes.
    pub(super) take: i64,
}

/// One evaluation.
pub(super) struct Pass<'a> {
    pub(super) shop: &'a Shop,
    pub(super) policy: &'a Policy,
    pub(super) request: &'a Request<'a>,
    pub(super) order: &'a Order,
    pub(super) at: DateTime<Utc>,
    pub(super) currency: Currency,
    pub(super) price_mode: PriceMode,
    /// The customer's type before this evaluation.
    pub(super) type_before: Option<&'a CustomerTypeId>,
    /// The type that prices and permissions are judged by.
    pub(super) customer_type: Option<&'a CustomerTypeId>,
    /// The types that the customer holds; with the new ones once they were changed before pricing.
    pub(super) held: Cow<'a, HeldTypes>,
    pub(super) tracing: bool,
    /// Rates were given, so lines have a tax.
    pub(super) taxed: bool,
    /// The most of each line that all codes may take together.
    pub(super) depth: Option<Percent>,
    /// What all codes together may still take off the order in this round.
    pub(super) open: Option<i64>,
    /// A code keeps a line for itself, so others leave that line alone.
    pub(super) any_owned: bool,
    /// No round of pricing has touched the cells yet.
    pub(super) fresh: bool,
    /// The lines of coupons for everything, as a range of [`Scratch::touch`], once a code asked for them.
    pub(super) everything: Option<Range<usize>>,
    /// What may be sold of each line, where the shop bounds quantities.
    pub(super) plan: Plan,
    /// Which payment of its subscriptions is priced: the first one, unless it is priced again.
    pub(super) payment: u32,
    /// Automatic offers are worked out, in the place of codes.
    pub(super) offering: bool,
    /// Whether lines or charges carry discounts of the order, under whose ids offers may stand; asked for offers alone.
    pub(super) any_given: bool,
    /// The placed order whose terms stand, where it is priced again.
    pub(super) stored: Option<StoredTerms<'a>>,
    /// What the order earns.
    pub(super) grants: Vec<Grant>,
    /// What is earned and redeemed, where the shop has points or some were asked for.
    pub(super) points: Option<Box<PointsOutcome>>,
    /// What points were redeemed for on the placed order that is priced again.
    pub(super) points_then: i64,
    pub(super) s: &'a mut Scratch,
}

impl<'a> Pass<'a> {
    /// Step 1. The order was checked when it was built; here it meets the policy, and what came with the codes is
    /// checked.
    pub(super) fn begin(shop: &'a Shop, request: &'a Request<'a>, scratch: &'a mut Scratch) -> Result<Self, Error> {
        let (order, policy) = (request.order, shop.policy());
        let currency = order.currency();
        if !policy.accepts(currency) {
            let why = Why::CurrencyMismatch { expected: policy.currency() };
            return Err(Error::invalid("order.currency", currency, why));
        }
        if u32::try_from(request.codes.len()).is_err() {
            return Err(Error::invalid("codes", request.codes.len(), Why::TooMany { max: 1 << 31 }));
        }
        check_supplied(order, request.codes)?;
        scratch.candidates.clear();
        scratch.reasons.clear();
        scratch.touch.clear();
        scratch.ranked.clear();
        scratch.adjustments.clear();
        scratch.trace.clear();
        scratch.changes.clear();
        scratch.units.clear();
        scratch.offered.clear();
        scratch.offer_gifts.clear();
        if let Some(unknown) = request.as_type.filter(|t| !shop.types().knows(t)) {
            return Err(Error::invalid("as_type", unknown, Why::UnknownReference { what: "customer type" }));
        }
        let held = request.customer.held();
        let set = request.as_type.or(held.primary_at(request.at));
        let type_before = set.filter(|t| shop.types().knows(t)).or(shop.default_type());
        scratch.standing.set(shop.types(), held, set, request.at);
        Ok(Self {
            shop,
            policy,
            request,
            order,
            at: request.at,
            currency,
            price_mode: order.price_mode().unwrap_or(policy.price_mode()),
            type_before,
            customer_type: type_before,
            held: Cow::Borrowed(held),
            tracing: request.detail == Detail::Trace,
            taxed: order.classes().iter().any(|c| c.rate.is_some()),
            depth: policy.depth().per_line(),
            open: None,
            any_owned: false,
            fresh: true,
            everything: None,
            plan: Plan::default(),
            payment: 1,
            offering: false,
            any_given: false,
            stored: None,
            grants: Vec::new(),
            points: None,
            points_then: 0,
            s: scratch,
        })
    }

    pub(super) fn presented(&self, index: u32) -> Option<&'a Presented<'a>> {
        self.request.codes.get(usize::try_from(index).ok()?)
    }

    pub(super) fn prepared(&self, index: u32) -> Option<&'a Prepared> {
        self.presented(index)?.coupon
    }

    pub(super) fn candidate(&mut self, index: u32) -> Option<&mut Candidate> {
        self.s.candidates.get_mut(usize::try_from(index).ok()?)
    }

    /// The stages in which a code acts, one bit for each.
    pub(super) fn stages(&self, index: u32) -> u8 {
        self.prepared(index).map_or(0, |prepared| prepared.inner().facts.stages)
    }

    /// Whether another code keeps a line or charge for itself.
    #[inline]
    pub(super) fn is_kept_from(&self, index: u32, cell: &Cell) -> bool {
        self.any_owned && cell.owner.is_some_and(|owner| owner != index)
    }

    pub(super) fn slot(&self, slot: u32) -> Option<&'a Slot> {
        self.order.slots().get(usize::try_from(slot).ok()?)
    }

    pub(super) fn cell(&mut self, slot: u32) -> Option<&mut Cell> {
        self.s.cells.get_mut(usize::try_from(slot).ok()?)
    }

    /// What one unit of a slot costs on the snapshot; of a line that was placed, what it cost then.
    pub(super) fn unit_amount(&self, slot: &Slot, cell: &Cell) -> UnitAmount {
        if let Some(placed) = self.stored.as_ref().and_then(|stored| stored.unit_amount(slot.id)) {
            return placed;
        }
        UnitAmount { minor: self.snapshot(cell), units: slot.units.max(1), currency: self.currency }
    }

    /// What a line stands at where thresholds are judged: for codes after the shop's discounts, for automatic offers, which
    /// are discounts themselves, before them.
    #[inline]
    pub(super) fn snapshot(&self, cell: &Cell) -> i64 {
        if self.offering { cell.base } else { cell.after }
    }

    /// Whether the shop took anything off, by discounts of the order or by automatic offers.
    pub(super) fn any_shop_discount(&self) -> bool {
        self.order.any_shop_discount() || !self.s.offered.is_empty()
    }

    /// Whether the shop took anything off a slot.
    pub(super) fn is_discounted(&self, slot: usize) -> bool {
        self.order.slots().get(slot).is_some_and(|facts| facts.shop_discount > 0)
            || self.s.cells.get(slot).is_some_and(|cell| cell.offered > 0)
    }

    /// How many codes one order may hold; of automatic offers any number, since only their discounts on one line are bounded.
    pub(super) fn max_codes(&self) -> Option<u32> {
        if self.offering { None } else { self.policy.max_codes() }
    }

    /// What a line costs as a whole before any coupon, and how many units it has: what a pick goes by.
    pub(super) fn whole_price(&self, slot: u32) -> (i64, u32) {
        let i = usize::try_from(slot).unwrap_or(usize::MAX);
        let original = self.s.cells.get(i).map_or(0, |cell| if cell.dropped { cell.base } else { cell.after });
        (original, self.order.slots().get(i).map_or(1, |facts| facts.units))
    }

    /// What a condition was found to be when the order was placed, where that stands.
    pub(super) fn fact(&self, index: u32, place: usize) -> Option<bool> {
        self.stored.as_ref()?.fact(index, place)
    }

    pub(super) fn refuse(&mut self, index: u32, refusal: Refusal) {
        self.s.reasons.push((index, refusal));
        if let Some(candidate) = self.candidate(index) {
            // Prices already follow from a change of type, so it stands, and only the money is refused.
            if candidate.seated {
                candidate.money_off = true;
            } else {
                candidate.state = State::Refused;
            }
        }
    }

    pub(super) fn note(&mut self, slot: Option<u32>, step: TraceStep, before: i64, after: i64) {
        if self.tracing {
            let line = slot.and_then(|s| self.slot(s)).map(|s| s.id);
            let money = |minor| Money::new(minor, self.currency);
            self.s.trace.push(TraceEntry { line, step, before: money(before), after: money(after) });
        }
    }
}

/// The rank of a code: higher priority first, then definition id, then code.
pub(crate) fn rank(a: &Presented<'_>, b: &Presented<'_>) -> std::cmp::Ordering {
    let key = |p: &Presented<'_>| p.coupon.map(|c| std::cmp::Reverse(c.coupon().priority()));
    key(a).cmp(&key(b)).then_with(|| match (a.coupon, b.coupon) {
        (Some(x), Some(y)) => x.coupon().id().cmp(y.coupon().id()).then_with(|| code_of(a).cmp(&code_of(b))),
        _ => std::cmp::Ordering::Equal,
    })
}

/// The canonical code behind a presented one, once it is recognised.
pub(crate) fn code_of<'a>(presented: &Presented<'a>) -> Option<&'a crate::coupon::Code> {
    match (presented.issued, presented.coupon) {
        (Some(issued), _) => Some(issued.code()),
        (None, Some(coupon)) => coupon.coupon().code(),
        (None, None) => None,
    }
}

pub(super) fn coupon_of<'a>(presented: &Presented<'a>) -> Option<&'a Coupon> {
    presented.coupon.map(|c| c.coupon())
}

/// Amounts that came with codes: in the currency of the order, not negative, for lines that exist.
fn check_supplied(order: &Order, codes: &[Presented<'_>]) -> Result<(), Error> {
    let check = |path: &dyn Fn() -> String, amount: Money| {
        if amount.currency() != order.currency() {
            return Err(Error::invalid(path(), amount, Why::CurrencyMismatch { expected: order.currency() }));
        }
        if amount.is_negative() {
            return Err(Error::invalid(path(), amount, Why::Negative));
        }
        Ok(())
    };
    for (i, code) in codes.iter().enumerate() {
        if let Some(amount) = code.operator_amount {
            check(&|| format!("codes[{i}].operator_amount"), amount)?;
        }
        if let Some(given) = code.usage.money {
            check(&|| format!("codes[{i}].usage.money"), given)?;
        }
        if let Some(line) = code.line {
            if order.slot_of(line).is_none_or(|slot| slot >= order.lines().len()) {
                return Err(Error::invalid(format!("codes[{i}].line"), line, Why::UnknownReference { what: "line" }));
            }
        }
        let amounts = code.host_amounts.unwrap_or_default();
        let path = |j: usize| format!("codes[{i}].host_amounts[{j}]");
        for (j, (line, amount)) in amounts.iter().enumerate() {
            if order.slot_of(*line).is_none() {
                return Err(Error::invalid(path(j), line, Why::UnknownReference { what: "line" }));
            }
            check(&|| path(j), *amount)?;
        }
        let mut by_line: Vec<(LineId, usize)> = amounts.iter().zip(0..).map(|((line, _), j)| (*line, j)).collect();
        by_line.sort_unstable();
        let again = by_line.windows(2).filter_map(|pair| match pair {
            [(first, _), (second, j)] if first == second => Some((*j, *second)),
            _ => None,
        });
        if let Some((j, line)) = again.min() {
            return Err(Error::invalid(path(j), line, Why::Duplicate));
        }
    }
    Ok(())
}
