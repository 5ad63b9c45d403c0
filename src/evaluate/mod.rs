//! One pass over an order: the steps of the semantics, one call each, in the order in which they are done. Each step
//! sees only the steps before it.
//!
//! | step | file | does |
//! |---|---|---|
//! | 1 | `pass` | looks at the request: currency, supplied amounts; the order itself was checked when it was built |
//! | | `recognise` | tells known codes from unknown, revoked and duplicate ones |
//! | 2 | `type_change`, `assign` | judges and applies what changes the customer's types before pricing |
//! | 3 | `prices` | the base price of each line: customer, then customer type, then list |
//! | 4 | `access` | refuses lines that this customer must not see |
//! | | `allowances` | refuses or caps what is too much; what is capped goes through all steps once more |
//! | 5 | `discounts` | takes off what the shop already gave |
//! | | `offers` | finds the automatic offers and takes them off, by steps 6 to 8 on their own |
//! | 6 | `judge`, `conditions` | eligibility of every code, on one snapshot |
//! | 7 | `select`, `choose` | exclusive codes, rank, the number of codes |
//! | 8 | `stages`, one file per kind of value, `units` | line stage, order stage, shipping stage |
//! | 9 | `points` | what is redeemed of points as a discount |
//! | | `tax`, `type_change` | taxable amounts, tax, changes of type |
//! | | `points`, `earn`, `finish` | what points pay as a tender, what is earned, sums, effects |
//!
//! `survey` takes a whole wallet of codes through steps 1 to 6, so that a search knows what each of them could do.
//!
//! An order that was placed is priced again by `stored`, from its lines as they were `sold`: the steps from 5 on, with
//! what was decided then in the place of steps 2 to 4, 6 and 7.

mod access;
mod allowances;
mod amount;
mod assign;
mod basis;
mod benefit;
mod bundle;
mod buy_get;
mod choose;
mod conditions;
mod depths;
mod discounts;
mod earn;
mod finish;
mod first_further;
mod host;
mod judge;
mod matching;
mod measure;
mod nth;
mod offers;
mod pass;
mod percent;
mod points;
mod prices;
mod recognise;
mod select;
mod service;
mod set_price;
mod sets;
mod shipping;
mod sold;
mod stages;
mod steps;
mod stored;
mod survey;
mod tax;
mod tiers;
mod type_change;
mod units;

use std::cell::RefCell;

pub(crate) use access::missing_permission;
pub(crate) use choose::never_together;
pub use pass::Scratch;
pub(crate) use pass::{code_of, rank};
pub(crate) use service::covered;
pub(crate) use sold::{BasePrice, Sold, extended, sold};
pub(crate) use stored::{Payment, Placing, Settled, Stored, count_facts, reprice};
pub(crate) use survey::{Ground, Survey, Surveyed, survey};

use crate::error::Error;
use crate::outcome::Outcome;
use crate::request::Request;
use crate::shop::Shop;

use allowances::Plan;
use pass::Pass;

thread_local! {
    /// Work buffers, so that an evaluation allocates little more than its outcome. They carry nothing from one
    /// evaluation to the next.
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

impl Shop {
    /// Prices an order: discounted lines, tax base, answers to every code, effects.
    ///
    /// Pure: reads no clock, no storage and no randomness, so the same request gives the same outcome. A code that
    /// does not apply is a refusal inside the outcome and never an error.
    ///
    /// # The order of work
    ///
    /// One pass, in which each step sees only the steps before it:
    ///
    /// | step | |
    /// |---|---|
    /// | 1 | the request is looked at, and known codes are told from unknown ones |
    /// | 2 | codes that change the customer's type before pricing are judged and applied |
    /// | 3 | the base price of each line: the customer's own, that of a type, the list price |
    /// | 4 | lines that this customer must not see, or not buy so many of, are refused or capped |
    /// | 5 | discounts of the shop: those that the host put on the lines, then the automatic [offers](crate::Offer) |
    /// | 6 | every code is judged, on one snapshot: what an earlier code takes moves no threshold, unless it asks for that |
    /// | 7 | which codes stand together: [combinations](crate::Combination), rank, their number; one that is refused changes nothing for the others |
    /// | 8 | they take off in rank order within three stages: lines, then the order, then shipping |
    /// | 9 | points as a discount, taxable amounts and tax, points as a means of payment, sums, effects |
    ///
    /// # Errors
    /// Unusable input: an order in a currency that the policy does not accept, an amount with a code in another
    /// currency or below zero, amounts for a line that does not exist, or sums beyond exact arithmetic.
    ///
    /// # Example
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
    /// let welcome = shop.prepare(Coupon::builder("welcome").code("WELCOME10").percent_off("10").build()?)?;
    /// let shirt = Product::new("SHIRT".parse()?);
    /// let order = Order::builder(Currency::USD)
    ///     .line(Line::new(LineId(1), shirt, Quantity::pieces(2)?, UnitPrice::parse("30.00")?))
    ///     .build()?;
    /// let codes = [Presented::new("welcome10", &welcome)];
    /// let at = parse_instant("2026-03-29T12:00:00Z")?;
    /// let customer = Customer::anonymous();
    /// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
    /// let outcome = shop.evaluate(&request)?;
    /// assert_eq!(outcome.totals().payable().to_string(), "54.00 USD");
    /// # Ok(())
    /// # }
    /// ```
    pub fn evaluate(&self, request: &Request<'_>) -> Result<Outcome, Error> {
        let mut outcome = Outcome::empty(request.reference.clone(), request.order.currency());
        SCRATCH.with(|kept| match kept.try_borrow_mut() {
            Ok(mut scratch) => {
                let result = self.evaluate_into(request, &mut outcome, &mut scratch);
                scratch.shrink();
                result
            }
            Err(_) => self.evaluate_into(request, &mut outcome, &mut Scratch::default()),
        })?;
        Ok(outcome)
    }

    /// [`evaluate`](Shop::evaluate) into buffers that the host keeps, so that nothing is allocated once they have
    /// grown. After an error the outcome is what it was before.
    ///
    /// # Errors
    /// As [`evaluate`](Shop::evaluate).
    pub fn evaluate_into(
        &self,
        request: &Request<'_>,
        outcome: &mut Outcome,
        scratch: &mut Scratch,
    ) -> Result<(), Error> {
        self.evaluate_and_remember(request, outcome, scratch, None)
    }

    /// [`evaluate`](Shop::evaluate), with everything that it takes to price the order again without today's definitions.
    pub(crate) fn evaluate_placing(&self, request: &Request<'_>) -> Result<(Outcome, Placing), Error> {
        let mut outcome = Outcome::empty(request.reference.clone(), request.order.currency());
        let mut placing = Placing::default();
        self.evaluate_and_remember(request, &mut outcome, &mut Scratch::default(), Some(&mut placing))?;
        Ok((outcome, placing))
    }

    fn evaluate_and_remember(
        &self,
        request: &Request<'_>,
        outcome: &mut Outcome,
        scratch: &mut Scratch,
        placing: Option<&mut Placing>,
    ) -> Result<(), Error> {
        let plan = {
            let mut pass = begin(self, request, scratch, Plan::default(), recognise::codes)?;
            allowances::of_lines(&mut pass);
            if !pass.plan.is_sold_short() {
                return go_on(&mut pass, outcome, placing);
            }
            pass.plan
        };
        // Prices by quantity follow what is granted, so all of it is done again for an order of just that.
        let order = request.order.granting(&plan.granted(), self.policy().rounding().discount)?;
        let granted = Request { order: &order, ..request.clone() };
        let mut pass = begin(self, &granted, scratch, plan, recognise::codes)?;
        allowances::apply(&mut pass);
        go_on(&mut pass, outcome, placing)
    }
}

/// The steps up to who may buy what. The plan says which lines are not sold, where that is known already; codes are
/// told apart by `recognise`.
fn begin<'a>(
    shop: &'a Shop,
    request: &'a Request<'a>,
    scratch: &'a mut Scratch,
    plan: Plan,
    recognise: impl FnOnce(&mut Pass<'a>),
) -> Result<Pass<'a>, Error> {
    let mut pass = Pass::begin(shop, request, scratch)?;
    pass.plan = plan;
    recognise(&mut pass);
    type_change::before_pricing(&mut pass)?;
    prices::of_the_customer(&mut pass)?;
    access::to_products(&mut pass);
    Ok(pass)
}

/// Steps 5 and 6: the snapshot, with every code judged on it.
fn to_the_snapshot(pass: &mut Pass<'_>) -> Result<(), Error> {
    discounts::of_the_shop(pass)?;
    offers::of_the_shop(pass)?;
    judge::codes(pass)
}

/// The steps from there on.
fn go_on(pass: &mut Pass<'_>, outcome: &mut Outcome, placing: Option<&mut Placing>) -> Result<(), Error> {
    to_the_snapshot(pass)?;
    select::and_price(pass)?;
    points::as_discount(pass)?;
    tax::of_lines(pass)?;
    let multiplier = pass.s.standing.points_multiplier();
    points::as_tender_and_earned(pass, multiplier)?;
    type_change::settle(pass)?;
    earn::grants(pass)?;
    finish::write(pass, outcome)?;
    if let Some(placing) = placing {
        stored::remember(pass, outcome, placing);
    }
    Ok(())
}
