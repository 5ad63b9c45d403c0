//! From figures to entries.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::posting::{Posting, Purpose, Side};
use crate::error::Why;
use crate::key::{AccountId, PartyId, TaxClass};
use crate::money::{Currency, Money};
use crate::order::LineId;
use crate::outcome::Outcome;
use crate::policy::PriceMode;
use crate::settle::error::SettleError;
use crate::settle::figures::{DiscountOrigin, LineFigures};
use crate::settle::refund::Refund;
use crate::settle::settlement::{Movement, SettledLine, Settlement};
use crate::settle::transfer::{Received, Transfer};

/// The accounts that orders are booked to, and how: entries that balance, line by line (S109, S146).
///
/// | | debit | credit |
/// |---|---|---|
/// | a line | receivable: what is paid | revenue: the customer's price, without tax |
/// | | discount account of each coupon or discount: the seller's part | tax |
/// | | claim on a third party: its part | |
/// | cash rounding, of the order | receivable | cash rounding, or the other way round |
///
/// What is returned, moved or clawed back is booked the other way round. Of a **deferred** line (something that is
/// delivered or takes place later) revenue and the seller's part of the discounts go to their deferred accounts, and are
/// moved to the usual ones [when it is recognised](Books::recognise).
///
/// The discount entries of an account, with the claims that stand in their place, are what
/// [`Outcome::accounts`](crate::Outcome::accounts) says of it (S114).
///
/// Charges (shipping and fees) go to the shipping revenue account, or to that of revenue where none is named; claims to
/// the receivable account, cash rounding to that of revenue, and points to that of discounts, likewise. In JSON
/// `{"receivable": "1200", "revenue": "4000", "discount": "4900", "tax": "2200"}` and what else is named.
///
/// 100.00 less 10.00, 8% on top:
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// let ten = Money::parse("10.00", Currency::USD)?;
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let coupon =
///     shop.prepare(Coupon::builder("c").code("TEN").amount_off(ten).account("4910".parse()?).build()?)?;
/// let order = Order::builder(Currency::USD)
///     .line(Line::new(LineId(1), Product::new("BOOT".parse()?), Quantity::ONE, UnitPrice::parse("100.00")?))
///     .default_rate(TaxRate::parse("8")?)
///     .build()?;
/// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
/// let codes = [Presented::new("ten", &coupon)];
/// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
///
/// let books = Books::new("1200".parse()?, "4000".parse()?, "4900".parse()?, "2200".parse()?);
/// let postings = books.post(&shop.evaluate(&request)?, |_| false)?;
/// let rows: Vec<String> =
///     postings.iter().map(|p| format!("{} {} {}", p.side, p.account, p.amount.amount_text())).collect();
/// assert_eq!(rows, ["debit 1200 97.20", "debit 4910 10.00", "credit 4000 100.00", "credit 2200 7.20"]);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Books {
    receivable: AccountId,
    revenue: AccountId,
    discount: AccountId,
    tax: AccountId,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    shipping_revenue: Option<AccountId>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    deferred: Option<Deferred>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    claims: Option<AccountId>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    cash_rounding: Option<AccountId>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    points: Option<AccountId>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default, deserialize_with = "each_once")]
    tax_classes: BTreeMap<TaxClass, AccountId>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default, deserialize_with = "each_once")]
    parties: BTreeMap<PartyId, AccountId>,
}

/// A map that names nothing twice.
fn each_once<'de, K, D>(deserializer: D) -> Result<BTreeMap<K, AccountId>, D::Error>
where
    K: Deserialize<'de> + Ord,
    D: Deserializer<'de>,
{
    struct Each<K>(PhantomData<K>);

    impl<'de, K: Deserialize<'de> + Ord> Visitor<'de> for Each<K> {
        type Value = BTreeMap<K, AccountId>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object of accounts")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut accounts = BTreeMap::new();
            while let Some((name, account)) = map.next_entry()? {
                if accounts.insert(name, account).is_some() {
                    return Err(de::Error::custom(Why::Duplicate));
                }
            }
            Ok(accounts)
        }
    }

    deserializer.deserialize_map(Each(PhantomData))
}

/// The accounts of what is delivered later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Deferred {
    revenue: AccountId,
    discount: AccountId,
}

impl Books {
    /// Books with the accounts that every order needs: receivables, revenue, discounts of coupons that name no account,
    /// and tax.
    #[must_use]
    pub fn new(receivable: AccountId, revenue: AccountId, discount: AccountId, tax: AccountId) -> Self {
        Self {
            receivable,
            revenue,
            discount,
            tax,
            shipping_revenue: None,
            deferred: None,
            claims: None,
            cash_rounding: None,
            points: None,
            tax_classes: BTreeMap::new(),
            parties: BTreeMap::new(),
        }
    }

    /// The account of what is earned by shipping and fees.
    #[must_use]
    pub fn with_shipping_revenue(mut self, account: AccountId) -> Self {
        self.shipping_revenue = Some(account);
        self
    }

    /// The accounts of what is sold now and delivered later, and of the discounts on it.
    #[must_use]
    pub fn with_deferred(mut self, revenue: AccountId, discount: AccountId) -> Self {
        self.deferred = Some(Deferred { revenue, discount });
        self
    }

    /// The account of claims on third parties.
    #[must_use]
    pub fn with_claims(mut self, account: AccountId) -> Self {
        self.claims = Some(account);
        self
    }

    /// The account of claims on one third party.
    #[must_use]
    pub fn with_party(mut self, party: PartyId, account: AccountId) -> Self {
        self.parties.insert(party, account);
        self
    }

    /// The account of cash rounding.
    #[must_use]
    pub fn with_cash_rounding(mut self, account: AccountId) -> Self {
        self.cash_rounding = Some(account);
        self
    }

    /// The account of loyalty points: what they take off, where the programme names no account, and what they pay.
    #[must_use]
    pub fn with_points(mut self, account: AccountId) -> Self {
        self.points = Some(account);
        self
    }

    /// The account of the tax of one class.
    #[must_use]
    pub fn with_tax_class(mut self, class: TaxClass, account: AccountId) -> Self {
        self.tax_classes.insert(class, account);
        self
    }

    /// The entries of an order that is placed. Of the lines for which `deferred` holds, revenue and discounts are
    /// deferred.
    ///
    /// # Errors
    /// [`SettleError::NotPlaced`]; [`SettleError::NoDeferredAccounts`] where a line is deferred and
    /// [`Books::with_deferred`] was not called.
    pub fn post(&self, outcome: &Outcome, deferred: impl Fn(LineId) -> bool) -> Result<Vec<Posting>, SettleError> {
        self.post_placed(&Settlement::new(outcome)?, &deferred)
    }

    /// The entries of all that became of an order: that it was placed, and every movement since. Together they are what
    /// it stands at.
    ///
    /// # Errors
    /// [`SettleError::NoDeferredAccounts`].
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
    /// let order = Order::builder(Currency::USD)
    ///     .line(Line::new(LineId(1), Product::new("BOOT".parse()?), Quantity::ONE, UnitPrice::parse("100.00")?))
    ///     .build()?;
    /// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
    /// let outcome = shop.evaluate(&Request::new(&order, &customer, Reference::Order("o-1".parse()?), at))?;
    /// let mut settlement = Settlement::new(&outcome)?;
    /// let void = settlement.void("v-1".parse()?)?;
    /// settlement.apply(&void)?;
    /// let books = Books::new("1200".parse()?, "4000".parse()?, "4900".parse()?, "2200".parse()?);
    /// let postings = books.post_settlement(&settlement, |_| false)?;
    /// assert_eq!(postings.len(), 4); // receivable and revenue, there and back
    /// assert_eq!(postings.iter().map(Posting::signed).sum::<i64>(), 0);
    /// # Ok(())
    /// # }
    /// ```
    pub fn post_settlement(
        &self,
        settlement: &Settlement,
        deferred: impl Fn(LineId) -> bool,
    ) -> Result<Vec<Posting>, SettleError> {
        let mut postings = self.post_placed(settlement, &deferred)?;
        for movement in settlement.movements() {
            postings.extend(match movement {
                Movement::Refund(refund) => self.post_refund(refund, &deferred)?,
                Movement::Sent(transfer) => self.post_sent(transfer, &deferred)?,
                Movement::Received(received) => self.post_received(received, &deferred)?,
            });
        }
        Ok(postings)
    }

    fn post_placed(
        &self,
        settlement: &Settlement,
        deferred: &impl Fn(LineId) -> bool,
    ) -> Result<Vec<Posting>, SettleError> {
        let mut entries = Entries::of(self, settlement.currency);
        for line in settlement.placed() {
            entries.line(&Booked::settled(line), &line.figures, 1, deferred)?;
        }
        entries.cash(settlement.placed_cash);
        Ok(entries.postings)
    }

    /// The entries of a refund or void: those of what goes back the other way round, and what kept lines cost more. For
    /// lines that are still deferred `deferred` holds; once they were recognised it no longer does.
    ///
    /// # Errors
    /// [`SettleError::NoDeferredAccounts`].
    pub fn post_refund(&self, refund: &Refund, deferred: impl Fn(LineId) -> bool) -> Result<Vec<Posting>, SettleError> {
        let mut entries = Entries::of(self, refund.currency);
        for line in &refund.lines {
            let booked = Booked { line: line.line, charge: line.charge, tax_class: line.tax_class.as_ref() };
            entries.line(&booked, &line.figures, -1, &deferred)?;
        }
        for kept in &refund.kept {
            let booked = Booked { line: kept.line, charge: kept.charge, tax_class: kept.tax_class.as_ref() };
            entries.line(&booked, &kept.after.minus(&kept.before), 1, &deferred)?;
        }
        entries.cash(refund.cash.saturating_neg());
        Ok(entries.postings)
    }

    /// The entries of a transfer in the order that the line leaves. That the customer has paid for it moves along: the
    /// receivable of the one order falls by what that of the other one rises by, but for the difference that is paid.
    ///
    /// # Errors
    /// [`SettleError::NoDeferredAccounts`].
    pub fn post_sent(
        &self,
        transfer: &Transfer,
        deferred: impl Fn(LineId) -> bool,
    ) -> Result<Vec<Posting>, SettleError> {
        let mut entries = Entries::of(self, transfer.currency);
        let (line, charge) = (transfer.line, transfer.charge);
        let booked = Booked { line, charge, tax_class: transfer.tax_class.as_ref() };
        entries.line(&booked, &transfer.before, -1, &deferred)?;
        entries.cash(transfer.cash_before.saturating_neg());
        Ok(entries.postings)
    }

    /// The entries of a transfer in the order that received the line.
    ///
    /// # Errors
    /// [`SettleError::NoDeferredAccounts`].
    pub fn post_received(
        &self,
        received: &Received,
        deferred: impl Fn(LineId) -> bool,
    ) -> Result<Vec<Posting>, SettleError> {
        let transfer = &received.transfer;
        let mut entries = Entries::of(self, transfer.currency);
        let (line, charge) = (received.line, transfer.charge);
        let booked = Booked { line, charge, tax_class: transfer.tax_class.as_ref() };
        entries.line(&booked, &transfer.after, 1, &deferred)?;
        entries.cash(transfer.cash_after);
        Ok(entries.postings)
    }

    /// The entries of what loyalty points paid of an order as a tender
    /// ([`PointsOutcome::tendered`](crate::PointsOutcome::tendered)): the receivable of the order falls by it. Of points
    /// that a return gives back the amount is below zero.
    ///
    /// ```
    /// use vouchsafe::{Books, Currency, Money, Side};
    ///
    /// let books = Books::new("1200".parse()?, "4000".parse()?, "4900".parse()?, "2200".parse()?)
    ///     .with_points("2500".parse()?);
    /// let postings = books.post_tender(Money::new(500, Currency::USD));
    /// assert_eq!((postings[0].account.as_str(), postings[0].side), ("2500", Side::Debit));
    /// assert_eq!((postings[1].account.as_str(), postings[1].side), ("1200", Side::Credit));
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    #[must_use]
    pub fn post_tender(&self, tendered: Money) -> Vec<Posting> {
        let mut entries = Entries::of(self, tendered.currency());
        entries.put(None, self.points.as_ref().unwrap_or(&self.discount), tendered.minor(), Purpose::Points);
        entries.put(None, &self.receivable, tendered.minor().saturating_neg(), Purpose::Receivable);
        entries.postings
    }

    /// The entries when a deferred line is delivered: what is left of it moves from the deferred accounts to those of
    /// revenue and discounts. Once for a line; the host keeps what it recognised.
    ///
    /// # Errors
    /// [`SettleError::UnknownLine`], [`SettleError::NoDeferredAccounts`].
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
    /// let coupon = shop.prepare(Coupon::builder("c").code("TEN").percent_off("10").account("4910".parse()?).build()?)?;
    /// let order = Order::builder(Currency::USD)
    ///     .line(Line::new(LineId(1), Product::new("SEAT".parse()?), Quantity::ONE, UnitPrice::parse("100.00")?))
    ///     .build()?;
    /// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
    /// let codes = [Presented::new("ten", &coupon)];
    /// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
    /// let settlement = Settlement::new(&shop.evaluate(&request)?)?;
    ///
    /// let books = Books::new("1200".parse()?, "4000".parse()?, "4900".parse()?, "2200".parse()?)
    ///     .with_deferred("2400".parse()?, "1400".parse()?);
    /// let rows = |postings: Vec<Posting>| -> Vec<String> {
    ///     postings.iter().map(|p| format!("{} {} {}", p.side, p.account, p.amount.amount_text())).collect()
    /// };
    /// let sold = rows(books.post_settlement(&settlement, |_| true)?);
    /// assert_eq!(sold, ["debit 1200 90.00", "debit 1400 10.00", "credit 2400 100.00"]);
    /// let held = rows(books.recognise(&settlement, LineId(1))?);
    /// assert_eq!(held, ["credit 1400 10.00", "debit 2400 100.00", "debit 4910 10.00", "credit 4000 100.00"]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn recognise(&self, settlement: &Settlement, line: LineId) -> Result<Vec<Posting>, SettleError> {
        let found = settlement.line(line).ok_or(SettleError::UnknownLine { line })?;
        let mut entries = Entries::of(self, settlement.currency);
        entries.earned(&Booked::settled(found), &found.figures, -1, true)?;
        entries.earned(&Booked::settled(found), &found.figures, 1, false)?;
        Ok(entries.postings)
    }

    fn tax_account(&self, class: Option<&TaxClass>) -> &AccountId {
        class.and_then(|class| self.tax_classes.get(class)).unwrap_or(&self.tax)
    }

    fn claim_account(&self, party: Option<&PartyId>) -> &AccountId {
        let own = party.and_then(|party| self.parties.get(party));
        own.or(self.claims.as_ref()).unwrap_or(&self.receivable)
    }
}

/// A line as the books see it.
struct Booked<'a> {
    line: LineId,
    charge: bool,
    tax_class: Option<&'a TaxClass>,
}

impl<'a> Booked<'a> {
    fn settled(line: &'a SettledLine) -> Self {
        Self { line: line.line, charge: line.charge, tax_class: line.tax_class.as_ref() }
    }
}

/// Entries in the making.
struct Entries<'b> {
    books: &'b Books,
    currency: Currency,
    postings: Vec<Posting>,
}

impl<'b> Entries<'b> {
    fn of(books: &'b Books, currency: Currency) -> Self {
        Self { books, currency, postings: Vec::new() }
    }

    /// All entries of a line: receivable, discounts and claims, revenue, tax.
    fn line(
        &mut self,
        booked: &Booked<'_>,
        figures: &LineFigures,
        sign: i64,
        deferred: &impl Fn(LineId) -> bool,
    ) -> Result<(), SettleError> {
        let (books, signed) = (self.books, |minor: i64| minor.saturating_mul(sign));
        let line = Some(booked.line);
        self.put(line, &books.receivable, signed(figures.payable_minor()), Purpose::Receivable);
        self.earned(booked, figures, sign, deferred(booked.line))?;
        for part in &figures.discounts {
            if self.put(line, books.claim_account(part.party()), signed(part.third), Purpose::Claim) {
                self.name(part.origin(), part.party());
            }
        }
        let tax = books.tax_account(booked.tax_class);
        self.put(line, tax, signed(figures.tax.saturating_neg()), Purpose::Tax);
        Ok(())
    }

    /// The entries of a line that may be deferred: the seller's part of the discounts, and revenue.
    fn earned(
        &mut self,
        booked: &Booked<'_>,
        figures: &LineFigures,
        sign: i64,
        deferred: bool,
    ) -> Result<(), SettleError> {
        let (books, line) = (self.books, booked.line);
        let signed = |minor: i64| minor.saturating_mul(sign);
        let accounts = match &books.deferred {
            Some(accounts) if deferred => Some(accounts),
            None if deferred => return Err(SettleError::NoDeferredAccounts { line }),
            _ => None,
        };
        let for_discount = accounts.map_or(Purpose::Discount, |_| Purpose::DeferredDiscount);
        for part in &figures.discounts {
            let points = books.points.as_ref().filter(|_| *part.origin() == DiscountOrigin::Points);
            let own = part.account().or(points).unwrap_or(&books.discount);
            let account = accounts.map_or(own, |accounts| &accounts.discount);
            if self.put(Some(line), account, signed(part.seller_minor()), for_discount) {
                self.name(part.origin(), None);
            }
        }
        let shipping = books.shipping_revenue.as_ref().filter(|_| booked.charge);
        let account = accounts.map_or(shipping.unwrap_or(&books.revenue), |accounts| &accounts.revenue);
        let contained = if figures.mode == PriceMode::TaxInclusive { figures.tax } else { 0 };
        let revenue = signed(contained.saturating_sub(figures.priced));
        self.put(Some(line), account, revenue, accounts.map_or(Purpose::Revenue, |_| Purpose::DeferredRevenue));
        Ok(())
    }

    fn cash(&mut self, cash: i64) {
        let books = self.books;
        let account = books.cash_rounding.as_ref().unwrap_or(&books.revenue);
        self.put(None, &books.receivable, cash, Purpose::Receivable);
        self.put(None, account, cash.saturating_neg(), Purpose::CashRounding);
    }

    /// One entry, on the debit side where the amount is above zero; none of nothing.
    fn put(&mut self, line: Option<LineId>, account: &AccountId, minor: i64, purpose: Purpose) -> bool {
        if minor == 0 {
            return false;
        }
        let side = if minor > 0 { Side::Debit } else { Side::Credit };
        let amount = Money::new(minor.saturating_abs(), self.currency);
        let account = account.clone();
        self.postings.push(Posting { line, account, side, amount, purpose, coupon: None, discount: None, party: None });
        true
    }

    /// Says of the last entry whose discount it is.
    fn name(&mut self, origin: &DiscountOrigin, party: Option<&PartyId>) {
        let Some(posting) = self.postings.last_mut() else { return };
        match origin {
            DiscountOrigin::Coupon { coupon, .. } => posting.coupon = Some(coupon.clone()),
            DiscountOrigin::Shop { discount } => posting.discount = Some(discount.clone()),
            DiscountOrigin::Points => {}
        }
        posting.party = party.cloned();
    }
}
