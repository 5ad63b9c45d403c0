//! A recurring run: one order priced for each member of a cohort.

use chrono::{DateTime, Utc};

use super::granted::Granted;
use super::member::{Member, RunItem};
use crate::error::Error;
use crate::evaluate::Scratch;
use crate::key::PaymentOptionId;
use crate::order::Order;
use crate::outcome::Outcome;
use crate::request::Request;
use crate::shop::{AllowanceUsage, Audience, Shop, Standing};

impl Shop {
    /// Prices a recurring shipment for each of its members: one order, a cohort of customer types, and any number of
    /// members, each under the types, prices, access and allowances of their own (S51).
    ///
    /// Who is outside of the cohort at that instant is left out without a word: also who was inside at the last run and
    /// has left since (S52). All others come, in the order given, with an outcome, or with every reason why there is none
    /// to be placed. The run is an iterator: it prices the next member when it is asked, and keeps the memory of one.
    ///
    /// # What there is too little of
    ///
    /// The run remembers what it has granted of the allowances, so that it promises nothing twice: the second member who
    /// would have what there is one of is refused (S48), and a customer who comes twice in a row shares one allowance
    /// with oneself. For that it keeps one figure for each shared allowance, and those of the customer served last, so a
    /// run over a million members needs the memory of one; sort them by customer where one may have several orders.
    /// Members get first what comes first. What members bring along ([`Member::with_allowances`]) is therefore how it
    /// stood *before* the run.
    ///
    /// A run is a preview all the same: it writes nothing, and commit decides. Others buy while it goes on, and a commit
    /// may refuse what the run has promised.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let shop = Shop::builder(Policy::storefront(Currency::USD, Zone::UTC))
    ///     .default_type("RETAIL".parse()?)
    ///     .customer_type("CLUB".parse()?)
    ///     .customer_type("GOLD_CLUB".parse()?)
    ///     .price("GOLD_CLUB".parse()?, "CASE".parse()?, Currency::USD, UnitPrice::parse("80.00")?)
    ///     .build()?;
    /// let case = Line::new(LineId(1), Product::new("CASE".parse()?), Quantity::ONE, UnitPrice::parse("90.00")?);
    /// let april = Order::builder(Currency::USD).line(case).build()?;
    /// let clubs = Audience::of_types(["CLUB".parse()?, "GOLD_CLUB".parse()?]);
    ///
    /// let member = |name: &str, customer_type: &str| -> Result<Member, Error> {
    ///     let customer = Customer::new([IdentityKey::id(name)?]).with_type(customer_type.parse()?);
    ///     Ok(Member::new(customer, Reference::Order(format!("2026-04-{name}").parse()?)))
    /// };
    /// let members = [member("ann", "CLUB")?, member("bob", "GOLD_CLUB")?, member("eve", "RETAIL")?];
    ///
    /// let at = parse_instant("2026-04-01T08:00:00Z")?;
    /// let due: Vec<String> = shop
    ///     .price_run(&april, &clubs, at, members)
    ///     .filter_map(|item| Some(item.into_parts().1.ok()?.totals().payable().to_string()))
    ///     .collect();
    /// assert_eq!(due, ["90.00 USD", "80.00 USD"]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn price_run<'a, M: IntoIterator<Item = Member>>(
        &'a self,
        template: &'a Order,
        cohort: &'a Audience,
        at: DateTime<Utc>,
        members: M,
    ) -> PriceRun<'a, M::IntoIter> {
        PriceRun {
            shop: self,
            template,
            cohort,
            at,
            members: members.into_iter(),
            standing: Standing::default(),
            granted: Granted::default(),
            usage: Vec::new(),
            paid_otherwise: None,
            scratch: Scratch::default(),
            left_out: 0,
        }
    }
}

/// A recurring run on its way; begun with [`Shop::price_run`], where an example stands.
#[derive(Debug)]
#[must_use = "a run prices nobody before it is asked for the next member"]
pub struct PriceRun<'a, M> {
    shop: &'a Shop,
    template: &'a Order,
    cohort: &'a Audience,
    at: DateTime<Utc>,
    members: M,
    standing: Standing,
    granted: Granted,
    /// What is taken for one member: before the run, and by it.
    usage: Vec<AllowanceUsage>,
    /// The template with the payment option that was last asked for.
    paid_otherwise: Option<(PaymentOptionId, Order)>,
    scratch: Scratch,
    left_out: u64,
}

impl<M> PriceRun<'_, M> {
    /// How many members were left out so far, because they are outside of the cohort at this instant.
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    fn price(&mut self, member: &Member) -> Result<Outcome, Error> {
        let given = member.order.as_deref().unwrap_or(self.template);
        let own;
        let order = match &member.payment_option {
            None => given,
            Some(option) if given.payment_option() == Some(option) => given,
            Some(option) if member.order.is_some() => {
                own = given.clone().with_payment_option(option.clone());
                &own
            }
            Some(option) => {
                let kept = self.paid_otherwise.take().filter(|(kept, _)| kept == option);
                let make = || (option.clone(), self.template.clone().with_payment_option(option.clone()));
                &self.paid_otherwise.insert(kept.unwrap_or_else(make)).1
            }
        };
        self.granted.taken(member, &mut self.usage);
        let request = Request::new(order, &member.customer, member.reference.clone(), self.at);
        let request = request.with_allowances(&self.usage);
        let mut outcome = Outcome::empty(member.reference.clone(), order.currency());
        self.shop.evaluate_into(&request, &mut outcome, &mut self.scratch)?;
        if outcome.placeable() {
            self.granted.add(&outcome);
        }
        Ok(outcome)
    }
}

impl<M: Iterator<Item = Member>> Iterator for PriceRun<'_, M> {
    type Item = RunItem;

    fn next(&mut self) -> Option<RunItem> {
        loop {
            let member = self.members.next()?;
            self.shop.stand(&mut self.standing, &member.customer, self.at);
            if self.cohort.contains(&self.standing) {
                let priced = self.price(&member);
                return Some(RunItem::of(member, priced));
            }
            self.left_out = self.left_out.saturating_add(1);
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, self.members.size_hint().1)
    }
}
