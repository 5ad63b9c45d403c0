//! The outcome as text, as an order form and an invoice show it.

use std::fmt;

use super::answer::{Answer, AnswerState};
use super::line::{BY_POINTS, LineOutcome};
use super::{Flag, Outcome};
use crate::coupon::{AssignWhen, TypeKind};
use crate::order::{ChargeKind, Order};
use crate::policy::PriceMode;
use crate::refusal::{OrderRefusal, PublicLineReason};

/// The least and most characters of the column of texts; longer texts go on in the next row.
const TEXT_WIDTH: (usize, usize) = (28, 48);
/// The least characters of the column of amounts; longer amounts make it wider.
const AMOUNT_WIDTH: usize = 12;

/// An outcome as an order form shows it: made by [`Outcome::receipt`], where an example stands, and written by
/// [`Display`](fmt::Display).
///
/// Down to the total, the amounts in the last column add up to it; what follows is part of the total or a notice. A
/// coupon is shown with its description and its percentage or amount (S75, S85, S145), an automatic offer with its
/// description below each line that it lowers, a refused code with the reason that the public may know (S84). Other
/// discounts of the shop, and offers without a description, are one row `Discount` of their line. Internal names are not
/// in it (S73).
///
/// Texts are those of the order and of the coupon definitions; the words around them are English. Hosts that need other
/// words read the outcome itself.
#[derive(Debug, Clone, Copy)]
pub struct Receipt<'a> {
    outcome: &'a Outcome,
    order: &'a Order,
}

impl Outcome {
    /// The outcome as text, with descriptions and quantities from the order that was priced.
    ///
    /// # Example
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let shop = Shop::new(Policy::order_form(Currency::USD, Zone::UTC));
    /// let spring = shop.prepare(
    ///     Coupon::builder("spring").code("SPRING").description("Spring sale").percent_off("10").build()?,
    /// )?;
    /// let boot = Product::new("BOOT".parse()?);
    /// let order = Order::builder(Currency::USD)
    ///     .line(
    ///         Line::new(LineId(1), boot, Quantity::pieces(2)?, UnitPrice::parse("30.00")?)
    ///             .with_description("Hiking boots"),
    ///     )
    ///     .charge(Charge::shipping(LineId(2), Money::parse("4.90", Currency::USD)?))
    ///     .build()?;
    /// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
    /// let codes = [Presented::new("spring", &spring), Presented::unknown("SUMMER")];
    /// let request = Request::new(&order, &customer, Reference::Order("o-1".parse()?), at).with_codes(&codes);
    /// let outcome = shop.evaluate(&request)?;
    /// assert_eq!(
    ///     outcome.receipt(&order).to_string(),
    ///     "\
    /// Hiking boots                       2       60.00
    /// ------------------------------------------------
    /// Subtotal                                   60.00
    /// Spring sale                      10%       -6.00
    /// Shipping                                    4.90
    /// ------------------------------------------------
    /// Total USD                                  58.90
    ///
    /// SUMMER: this code is not valid
    /// ",
    /// );
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn receipt<'a>(&'a self, order: &'a Order) -> Receipt<'a> {
        Receipt { outcome: self, order }
    }
}

/// What an offer took off a line or charge, by position.
struct Offered<'a> {
    slot: u32,
    description: &'a str,
    amount: i64,
}

/// One row of the table.
enum Row {
    Rule,
    Entry { text: String, middle: String, amount: String },
}

impl fmt::Display for Receipt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::default();
        let offered = self.offered();
        self.lines(&mut table, &offered);
        self.coupons(&mut table, false);
        self.gifts(&mut table);
        self.points(&mut table);
        self.charges(&mut table, &offered);
        self.coupons(&mut table, true);
        self.total(&mut table);
        table.write(f)?;
        let notices = self.notices();
        if !notices.is_empty() {
            f.write_str("\n")?;
        }
        for notice in notices {
            writeln!(f, "{notice}")?;
        }
        Ok(())
    }
}

impl Receipt<'_> {
    fn text(&self, minor: i64) -> String {
        self.outcome.money(minor).amount_text()
    }

    fn off(&self, minor: i64) -> String {
        self.text(minor.saturating_neg())
    }

    fn lines(&self, table: &mut Table, offered: &[Offered<'_>]) {
        for (line, slot) in self.outcome.lines.iter().zip(0_u32..) {
            let found = self.order.lines().binary_search_by_key(&line.id, |l| l.id());
            let facts = found.ok().and_then(|i| self.order.lines().get(i));
            if let Some(refusal) = line.refusal {
                let reason = refusal.public();
                // Neither a price nor a name: to this customer the product does not exist (S5).
                let named = facts.filter(|_| reason != PublicLineReason::UnknownProduct);
                let name = named.map_or_else(|| format!("Line {}", line.id), |l| l.description().to_owned());
                table.entry(&format!("{name}: {reason}"), "", "");
                continue;
            }
            // Less than was ordered may be sold; a measured line is sold whole.
            let ordered = facts.filter(|_| self.outcome.requested(line) == line.units);
            let quantity = ordered.map_or_else(|| line.units.to_string(), |l| l.quantity().to_string());
            match facts {
                Some(facts) => table.entry(facts.description(), &quantity, &self.text(line.priced)),
                None => table.entry(&format!("Line {}", line.id), &quantity, &self.text(line.priced)),
            }
            self.shop_discount(table, line, slot, offered);
        }
        if !self.outcome.lines.is_empty() {
            table.rule();
        }
        let of_shop = sum(&self.outcome.lines, |l| l.shop_discount);
        table.entry("Subtotal", "", &self.text(self.outcome.totals.items.saturating_sub(of_shop)));
    }

    /// What the shop took off a line or charge: first what it gave with the order, the name of which is the host's own, then
    /// its offers.
    fn shop_discount(&self, table: &mut Table, line: &LineOutcome, slot: u32, offered: &[Offered<'_>]) {
        let (from, until) =
            (offered.partition_point(|one| one.slot < slot), offered.partition_point(|one| one.slot <= slot));
        let offers = offered.get(from..until).unwrap_or_default();
        let named = offers.iter().fold(0_i64, |sum, one| sum.saturating_add(one.amount));
        let other = line.shop_discount.saturating_sub(named);
        if other != 0 {
            table.entry("  Discount", "", &self.off(other));
        }
        for one in offers {
            table.entry(&format!("  {}", one.description), "", &self.off(one.amount));
        }
    }

    /// What offers with a description took off, by line and charge.
    fn offered(&self) -> Vec<Offered<'_>> {
        let outcome = self.outcome;
        if outcome.offers.is_empty() {
            return Vec::new();
        }
        let of_shop = outcome.adjustments.iter().filter(|raw| !raw.coupon && raw.source != BY_POINTS && raw.amount > 0);
        let named = of_shop.filter_map(|raw| {
            let (id, _) = outcome.discounts.get(usize::try_from(raw.source).ok()?)?;
            let at = outcome.offers.binary_search_by(|offer| offer.id.cmp(id)).ok()?;
            let description = outcome.offers.get(at)?.description().trim();
            (!description.is_empty()).then_some(Offered { slot: raw.slot, description, amount: raw.amount })
        });
        let mut offered: Vec<_> = named.collect();
        offered.sort_by_key(|one| one.slot);
        offered
    }

    /// The applied codes in the order in which they took something off, whatever order they were typed in; those that act
    /// on charges alone stand below the charges.
    fn coupons(&self, table: &mut Table, below_charges: bool) {
        let outcome = self.outcome;
        // Per code: its first adjustment, and whether all of them are on charges.
        let mut turns = vec![(usize::MAX, true); outcome.answers.len()];
        for (at, raw) in outcome.adjustments.iter().enumerate().filter(|(_, raw)| raw.coupon) {
            if let Some((first, charges)) = usize::try_from(raw.source).ok().and_then(|code| turns.get_mut(code)) {
                *first = at.min(*first);
                *charges = *charges && usize::try_from(raw.slot).is_ok_and(|slot| slot >= outcome.lines.len());
            }
        }
        let mut rows: Vec<(usize, &Answer)> = (turns.iter().zip(&outcome.answers))
            .filter(|(_, answer)| answer.is_applied())
            .filter(|((first, charges), _)| (*charges && *first != usize::MAX) == below_charges)
            .map(|((first, _), answer)| (*first, answer))
            .collect();
        rows.sort_by(|(a, x), (b, y)| a.cmp(b).then_with(|| x.code.cmp(&y.code)));
        for (_, answer) in rows {
            let value = answer.value_text();
            let shown = if value == answer.discount().amount_text() { "" } else { &value };
            table.entry(name(answer), shown, &self.off(answer.granted));
        }
    }

    /// What comes for nothing, below the coupons that give it.
    fn gifts(&self, table: &mut Table) {
        for gift in &self.outcome.gifts {
            table.entry(&format!("Gift {}", gift.product), &gift.pieces.to_string(), &self.text(0));
        }
    }

    /// Points that were redeemed as a discount, below the coupons: they act on lines, and after all others.
    fn points(&self, table: &mut Table) {
        if let Some(points) = self.outcome.points().filter(|points| !points.discount().is_zero()) {
            table.entry("Points", &points.redeemed.to_string(), &self.off(points.discount().minor()));
        }
    }

    fn charges(&self, table: &mut Table, offered: &[Offered<'_>]) {
        let first = u32::try_from(self.outcome.lines.len()).unwrap_or(u32::MAX);
        for fees in [false, true] {
            for (charge, slot) in self.outcome.charges.iter().zip(first..) {
                let found = self.order.charges().binary_search_by_key(&charge.id, |c| c.id());
                let facts = found.ok().and_then(|i| self.order.charges().get(i));
                if facts.is_some_and(|c| matches!(c.kind(), ChargeKind::Fee)) == fees {
                    let unnamed = format!("Charge {}", charge.id);
                    table.entry(facts.map_or(&unnamed, |c| c.description()), "", &self.text(charge.priced));
                    self.shop_discount(table, charge, slot, offered);
                }
            }
        }
    }

    fn total(&self, table: &mut Table) {
        let outcome = self.outcome;
        let inclusive = outcome.price_mode == PriceMode::TaxInclusive;
        if !inclusive {
            self.taxes(table, "Tax");
        }
        if outcome.totals.cash_rounding != 0 {
            table.entry("Cash rounding", "", &self.text(outcome.totals.cash_rounding));
        }
        table.rule();
        table.entry(&format!("Total {}", outcome.currency.code()), "", &outcome.totals.payable().amount_text());
        if inclusive {
            self.taxes(table, "  incl. tax");
        }
        if outcome.totals.third_party != 0 {
            table.entry("  reimbursed by third parties", "", &self.text(outcome.totals.third_party));
        }
        if let Some(points) = outcome.points().filter(|points| !points.tendered().is_zero()) {
            table.entry("Paid with points", &points.redeemed.to_string(), &self.off(points.tendered().minor()));
            table.rule();
            table.entry(&format!("Due {}", outcome.currency.code()), "", &outcome.amount_due().amount_text());
        }
    }

    fn taxes(&self, table: &mut Table, label: &str) {
        for class in &self.outcome.taxes {
            let (Some(rate), Some(tax)) = (class.rate(), class.tax()) else { continue };
            let text = format!("{label} {rate}% on {}", class.net().amount_text());
            table.entry(&text, "", &tax.amount_text());
        }
    }

    fn notices(&self) -> Vec<String> {
        let outcome = self.outcome;
        let mut notices = Vec::new();
        for answer in &outcome.answers {
            let entered = plain(answer.entered().trim());
            match answer.state() {
                AnswerState::Refused => {
                    let (reason, _) = outcome.public_refusal(answer);
                    notices.push(format!("{entered}: {reason}"));
                }
                AnswerState::WaitingForShipping => {
                    notices.push(format!("{entered}: applies as soon as shipping is chosen"));
                }
                AnswerState::Applied => {
                    if answer.granted < answer.wanted {
                        let (given, of) = (answer.discount(), answer.wanted());
                        notices.push(format!("{entered}: {given} of {of} could be given"));
                    }
                    if answer.forfeited != 0 {
                        notices.push(format!("{entered}: {} could not be used and is lost", answer.forfeited()));
                    }
                    if let Some(days) = answer.trial_days {
                        let days = if days == 1 { "1 day".to_owned() } else { format!("{days} days") };
                        notices.push(format!("{entered}: the first {days} are free"));
                    }
                }
            }
        }
        if let Some(points) = outcome.points() {
            notices.extend(points.refusal.map(|refusal| format!("Points: {refusal}")));
            match points.earned {
                0 => {}
                1 => notices.push("1 point is earned".to_owned()),
                earned => notices.push(format!("{earned} points are earned")),
            }
        }
        for change in &outcome.type_changes {
            let kind = match change.kind {
                TypeKind::Primary => "Customer type",
                TypeKind::Membership => "Membership",
            };
            let Some(to) = &change.to else {
                let ended = change.from.as_ref().map_or("", |from| from.as_str());
                notices.push(format!("{kind} {} ends", plain(ended)));
                continue;
            };
            let when = match change.when {
                AssignWhen::BeforePricing => "from this order on",
                AssignWhen::OnCommit => "once this order is placed",
                AssignWhen::NextOrder => "from the next order on",
            };
            notices.push(format!("{kind} {} {when}", plain(to.as_str())));
        }
        for refusal in &outcome.order_refusals {
            notices.push(match refusal {
                OrderRefusal::PaymentNotAllowed { option } => {
                    format!("Payment option {} is not available", plain(option.as_str()))
                }
                OrderRefusal::ShippingNotAllowed { method, .. } => {
                    format!("Shipping method {} is not available", plain(method.as_str()))
                }
            });
        }
        if outcome.has_flag(Flag::IdentityNeeded) {
            notices.push("Log in to place this order".to_owned());
        }
        notices
    }
}

/// What an order form calls a coupon: its description, or what was typed where it has none.
fn name(answer: &Answer) -> &str {
    match answer.description() {
        "" => answer.entered().trim(),
        description => description,
    }
}

fn sum(lines: &[LineOutcome], of: impl Fn(&LineOutcome) -> i64) -> i64 {
    lines.iter().fold(0_i64, |sum, line| sum.saturating_add(of(line)))
}

/// A text in one row of a receipt: line breaks and other control characters become blanks, so that no text looks like a
/// row of its own.
fn plain(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    plain.trim_end().to_owned()
}

/// Rows of text, a column in the middle, and amounts.
#[derive(Default)]
struct Table {
    rows: Vec<Row>,
}

impl Table {
    fn rule(&mut self) {
        self.rows.push(Row::Rule);
    }

    fn entry(&mut self, text: &str, middle: &str, amount: &str) {
        self.rows.push(Row::Entry { text: plain(text), middle: middle.to_owned(), amount: amount.to_owned() });
    }

    /// The width of a column: its longest cell, within bounds.
    fn width(&self, least: usize, cell: impl Fn(&str, &str, &str) -> usize) -> usize {
        self.rows.iter().fold(least, |width, row| match row {
            Row::Rule => width,
            Row::Entry { text, middle, amount } => width.max(cell(text, middle, amount)),
        })
    }

    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |text: &str| text.chars().count();
        let amounts = self.width(AMOUNT_WIDTH, |_, _, amount| count(amount));
        let middles = self.width(8, |_, middle, _| count(middle));
        let texts = self.width(TEXT_WIDTH.0, |text, _, _| count(text)).min(TEXT_WIDTH.1);
        let all = texts.saturating_add(middles).saturating_add(amounts);
        for row in &self.rows {
            let (text, middle, amount) = match row {
                Row::Rule => {
                    writeln!(f, "{:-<all$}", "")?;
                    continue;
                }
                Row::Entry { text, middle, amount } => (text, middle, amount),
            };
            let (first, rest) = wrap(text, texts);
            let row = format!("{first:<texts$}{middle:>middles$}{amount:>amounts$}");
            writeln!(f, "{}", row.trim_end())?;
            for part in rest {
                writeln!(f, "  {part}")?;
            }
        }
        Ok(())
    }
}

/// Breaks a text into rows of at most `width` characters, between words where that is possible.
fn wrap(text: &str, width: usize) -> (String, Vec<String>) {
    if text.chars().count() <= width {
        return (text.to_owned(), Vec::new());
    }
    // The rows below the first are set in by two.
    let below = width.saturating_sub(2).max(1);
    let mut rows: Vec<String> = Vec::new();
    let mut row = String::new();
    let mut room = width;
    for word in text.split_inclusive(' ') {
        let long = word.trim_end().chars().count();
        if long > room && !row.trim().is_empty() {
            rows.push(std::mem::take(&mut row));
            room = below;
        }
        for character in word.chars() {
            if room == 0 && character != ' ' {
                rows.push(std::mem::take(&mut row));
                room = below;
            }
            row.push(character);
            room = room.saturating_sub(1);
        }
    }
    rows.push(row);
    let mut rows = rows.into_iter().map(|row| row.trim_end().to_owned());
    (rows.next().unwrap_or_default(), rows.collect())
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{line, money, prepared, price, rich};
    use super::*;
    use crate::coupon::Coupon;
    use crate::money::{Currency, TaxRate};
    use crate::order::{Charge, LineId, ShopDiscount};
    use crate::policy::Policy;
    use crate::request::Presented;
    use crate::shop::Shop;

    fn shop(currency: Currency) -> Shop {
        Shop::new(Policy::builder(currency).max_codes(None).build().unwrap())
    }

    /// Proves S75, S85, S145: what an order form shows, all of it.
    #[test]
    fn a_receipt_with_everything() {
        let (order, outcome) = rich(PriceMode::TaxExclusive);
        assert_eq!(
            outcome.receipt(&order).to_string(),
            "\
Ski boot, size 27                        2      399.90
  Discount                                      -20.00
POLE                                     1       44.90
Line 3: unknown product
Wax by the kilo, every month          1.25       14.38
------------------------------------------------------
Subtotal                                        439.18
Ten percent                            10%      -43.92
Gift                                            -52.94
From the maker                                  -15.00
Pro-form programme                                0.00
trial                         14 days free        0.00
Shipping                                          9.90
Fee                                               2.50
Free delivery                free shipping       -9.90
Tax 8.1% on 344.82                               27.93
Tax 2.6% on 0.00                                  0.00
------------------------------------------------------
Total CHF                                       357.75
  reimbursed by third parties                    15.00

gift 20: 7.06 CHF could not be used and is lost
trial: the first 14 days are free
old: this code has expired
no such code: this code is not valid
TEN: this code was already entered
Customer type PROFORM once this order is placed
"
        );
    }

    /// V21: 305.00 with 21% in it, less 10%.
    #[test]
    fn tax_within_prices_stands_below_the_total() {
        let shop = shop(Currency::EUR);
        let ten = prepared(&shop, Coupon::builder("c").code("TEN").description("Ten off").percent_off("10"));
        let order = Order::builder(Currency::EUR)
            .price_mode(PriceMode::TaxInclusive)
            .line(line(1, "DESK", "305.00", 1).with_tax_class("high".parse().unwrap()))
            .rate("high".parse().unwrap(), TaxRate::parse("21").unwrap())
            .build()
            .unwrap();
        let outcome = price(&shop, &order, &[Presented::new("ten", &ten)]);
        assert_eq!(
            outcome.receipt(&order).to_string(),
            "\
DESK                               1      305.00
------------------------------------------------
Subtotal                                  305.00
Ten off                          10%      -30.50
------------------------------------------------
Total EUR                                 274.50
  incl. tax 21% on 226.86                  47.64
"
        );
    }

    /// An offer stands below each line and charge that it lowers, by its description; what has none, and what the order
    /// brought along, is a discount without a name. The amounts add up to the subtotal and to the total.
    #[test]
    fn offers_are_named_where_they_took_something_off() {
        let offer = |json: &str| serde_json::from_str::<crate::shop::Offer>(json).unwrap();
        let shop = Shop::builder(Policy::builder(Currency::USD).build().unwrap())
            .offer(offer(
                r#"{"id":"a","description":"Two for less","benefits":[{"percent":{"off":"10"}}],
                    "conditions":[{"minimum_quantity":{"pieces":2}}]}"#,
            ))
            .offer(offer(r#"{"id":"b","benefits":[{"amount":{"off":{"USD":"3.00"}}}]}"#))
            .offer(offer(r#"{"id":"c","description":"Free delivery","benefits":[{"shipping":"free"}]}"#))
            .build()
            .unwrap();
        let own = ShopDiscount::new("staff".parse().unwrap(), money("5.00", Currency::USD));
        let order = Order::builder(Currency::USD)
            .line(line(1, "BOOT", "20.00", 1).with_discount(own))
            .line(line(2, "SOCK", "10.00", 1))
            .charge(Charge::shipping(LineId(3), money("4.90", Currency::USD)))
            .build()
            .unwrap();
        // 1.50 and 1.00 of 15.00 and 10.00, and 3.00 shared as 13.50 to 9.00.
        assert_eq!(
            price(&shop, &order, &[]).receipt(&order).to_string(),
            "\
BOOT                               1       20.00
  Discount                                 -6.80
  Two for less                             -1.50
SOCK                               1       10.00
  Discount                                 -1.20
  Two for less                             -1.00
------------------------------------------------
Subtotal                                   19.50
Shipping                                    4.90
  Free delivery                            -4.90
------------------------------------------------
Total USD                                  19.50
"
        );
    }

    #[test]
    fn currencies_have_their_own_decimals() {
        for (currency, list, off, total) in
            [(Currency::JPY, "1980", "-98", "3862"), (Currency::KWD, "1.234", "-0.098", "2.370")]
        {
            let shop = shop(currency);
            let amount = money(off.trim_start_matches('-'), currency);
            let coupon = prepared(&shop, Coupon::builder("c").code("OFF").description("Off").amount_off(amount));
            let order = Order::builder(currency).line(line(1, "TEA", list, 2)).build().unwrap();
            let text = price(&shop, &order, &[Presented::new("off", &coupon)]).receipt(&order).to_string();
            assert!(text.contains(&format!("Off                                 {off:>12}\n")), "{text}");
            assert!(text.contains(&format!("Total {currency}                           {total:>12}\n")), "{text}");
        }
    }

    #[test]
    fn cash_rounding_has_a_row_of_its_own() {
        let chf = Currency::iso("CHF").unwrap();
        let policy = Policy::builder(chf).cash(crate::money::CashInterval::parse("0.05").unwrap()).build().unwrap();
        let order = Order::builder(chf).line(line(1, "TEA", "9.98", 1)).build().unwrap();
        let text = price(&Shop::new(policy), &order, &[]).receipt(&order).to_string();
        assert!(text.contains("\nCash rounding                               0.02\n"), "{text}");
        assert!(text.contains("\nTotal CHF                                  10.00\n"), "{text}");
    }

    /// Proves S8: a code on an empty cart.
    #[test]
    fn an_empty_cart_has_a_receipt() {
        let shop = shop(Currency::USD);
        let order = Order::builder(Currency::USD).build().unwrap();
        assert_eq!(
            price(&shop, &order, &[Presented::unknown("  x\u{7}y  ")]).receipt(&order).to_string(),
            "\
Subtotal                                    0.00
------------------------------------------------
Total USD                                   0.00

x y: this code is not valid
"
        );
    }

    /// An amount in the last column, in minor units of a currency of two decimals.
    fn amount(row: &str) -> Option<i64> {
        let last = row.rsplit(' ').next()?;
        let (whole, fraction) = last.split_once('.')?;
        (fraction.len() == 2).then(|| format!("{whole}{fraction}").parse().ok())?
    }

    #[test]
    fn amounts_add_up_to_the_total_and_rows_line_up() {
        for mode in [PriceMode::TaxExclusive, PriceMode::TaxInclusive] {
            let (order, outcome) = rich(mode);
            let text = outcome.receipt(&order).to_string();
            assert!(text.lines().all(|row| row == row.trim_end()), "{text}");
            let rows: Vec<&str> = text.lines().collect();
            let rules: Vec<usize> = (0..rows.len()).filter(|i| rows[*i].starts_with("---")).collect();
            let lines: i64 = rows[..rules[0]].iter().filter_map(|row| amount(row)).sum();
            assert_eq!(amount(rows[rules[0] + 1]), Some(lines));
            let all: i64 = rows[rules[0] + 1..rules[1]].iter().filter_map(|row| amount(row)).sum();
            assert_eq!(amount(rows[rules[1] + 1]), Some(all));
            assert_eq!(all, outcome.totals().payable().minor());
            let width = rows[rules[0]].len();
            assert!(rows[..=rules[1] + 1].iter().all(|r| r.chars().count() == width || amount(r).is_none()), "{text}");
        }
    }

    #[test]
    fn a_receipt_of_another_order_names_what_it_knows() {
        let (_, outcome) = rich(PriceMode::TaxExclusive);
        let other =
            Order::builder(Currency::USD).charge(Charge::fee(LineId(1), money("1.00", Currency::USD))).build().unwrap();
        let text = outcome.receipt(&other).to_string();
        assert!(text.starts_with("Line 1 "), "{text}");
        assert!(text.contains("\nCharge 10 "), "{text}");
    }

    #[test]
    fn long_texts_go_on_in_the_next_row() {
        assert_eq!(wrap("short", 10), ("short".to_owned(), vec![]));
        let (first, rest) = wrap("one two three four", 8);
        assert_eq!((first.as_str(), rest), ("one two", vec!["three".to_owned(), "four".to_owned()]));
        let (first, rest) = wrap("abcdefghijklmnop", 6);
        assert_eq!((first.as_str(), rest.join("|")), ("abcdef", "ghij|klmn|op".to_owned()));
        let (first, rest) = wrap("ab abcdefghijk", 6);
        assert_eq!((first.as_str(), rest.join("|")), ("ab", "abcd|efgh|ijk".to_owned()));
        for text in ["Ünïcödé wörds cöünt äs chärs", "a  b   c    d     e", "     x", ""] {
            let (first, rest) = wrap(text, 8);
            assert!(std::iter::once(&first).chain(&rest).all(|row| row.chars().count() <= 8), "{text}");
            let joined: String = first.chars().chain(rest.join("").chars()).filter(|c| *c != ' ').collect();
            assert_eq!(joined, text.replace(' ', ""));
        }
    }

    #[test]
    fn no_text_looks_like_a_row_of_its_own() {
        assert_eq!(plain("Gift\nTotal USD   0.00\r\n"), "Gift Total USD   0.00");
    }
}
