//! Whether the figures of a placed order are those that its stored terms give.

use super::placed::{PlacedOrder, ThresholdCheck};
use crate::error::Error;
use crate::outcome::{LineOutcome, Outcome, SEMANTICS_VERSION};

/// What came of working a placed order out anew from its stored terms.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let shirt = Product::new("SHIRT".parse()?);
/// let order = Order::builder(Currency::USD)
///     .line(Line::new(LineId(1), shirt, Quantity::pieces(2)?, UnitPrice::parse("30.00")?))
///     .build()?;
/// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
/// let placed = shop.place(&Request::new(&order, &customer, Reference::Order("o-1".parse()?), at))?;
/// assert_eq!(placed.recompute()?, Recomputed::Same);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Recomputed {
    /// The same figures, to the cent.
    Same,
    /// The order was priced by another version of the rules: the recorded figures stand.
    OtherVersion {
        /// The version that priced it.
        recorded: u32,
    },
    /// Other figures: the record was changed, or there is a bug.
    Differs(
        /// The paths of the figures that differ, such as `lines[0].payable`, in the order of the outcome.
        Vec<String>,
    ),
}

impl PlacedOrder {
    /// Works the order out anew from its stored terms and base prices, and compares every figure with the recorded one.
    /// Reads nothing of today: no definition, no price list, no clock.
    ///
    /// # Errors
    /// Sums beyond exact arithmetic, which the order as it was placed does not have.
    pub fn recompute(&self) -> Result<Recomputed, Error> {
        if self.semantics != SEMANTICS_VERSION {
            return Ok(Recomputed::OtherVersion { recorded: self.semantics });
        }
        let again = self.price(&self.order, &self.prices, ThresholdCheck::AsPlaced)?;
        let (recorded, found) = (figures(&self.outcome), figures(&again));
        let differs = recorded.iter().zip(&found).filter(|(a, b)| a != b).map(|((path, _), _)| path.clone());
        let mut paths: Vec<String> = differs.collect();
        if recorded.len() != found.len() {
            // One of them has figures that the other one has not.
            let (longer, shorter) =
                if recorded.len() > found.len() { (&recorded, &found) } else { (&found, &recorded) };
            paths.extend(longer.iter().skip(shorter.len()).map(|(path, _)| path.clone()));
        }
        Ok(if paths.is_empty() { Recomputed::Same } else { Recomputed::Differs(paths) })
    }
}

/// Every figure of an outcome, with its path in JSON.
fn figures(outcome: &Outcome) -> Vec<(String, i128)> {
    let mut all: Vec<(String, i128)> = Vec::new();
    for (name, lines) in [("lines", outcome.lines()), ("charges", outcome.charges())] {
        for (i, line) in lines.iter().enumerate() {
            all.extend(of_line(line).map(|(field, figure)| (format!("{name}[{i}].{field}"), figure)));
        }
    }
    for (i, answer) in outcome.answers().iter().enumerate() {
        let trial = answer.trial_days().map_or(-1, i128::from);
        let figures = [
            ("discount", answer.discount().minor().into()),
            ("wanted", answer.wanted().minor().into()),
            ("forfeited", answer.forfeited().minor().into()),
            ("third_party", answer.third_party().minor().into()),
            ("units", answer.units().into()),
            ("trial_days", trial),
        ];
        all.extend(figures.map(|(field, figure)| (format!("answers[{i}].{field}"), figure)));
    }
    for (i, raw) in outcome.adjustments.iter().enumerate() {
        // Where it was taken and why are figures too.
        let source = i128::from(raw.source).saturating_mul(2).saturating_add(i128::from(raw.coupon));
        let figures = [
            ("line", raw.slot.into()),
            ("source", source),
            ("amount", raw.amount.into()),
            ("third_party", raw.third.into()),
        ];
        all.extend(figures.map(|(field, figure)| (format!("adjustments[{i}].{field}"), figure)));
    }
    for (i, tax) in outcome.taxes().iter().enumerate() {
        let figures = [
            ("taxable", tax.taxable().minor().into()),
            ("net", tax.net().minor().into()),
            ("tax", tax.tax().map_or(-1, |tax| tax.minor().into())),
        ];
        all.extend(figures.map(|(field, figure)| (format!("taxes[{i}].{field}"), figure)));
    }
    let totals = outcome.totals();
    let figures = [
        ("items", totals.items()),
        ("item_discount", totals.item_discount()),
        ("coupon_discount", totals.coupon_discount()),
        ("shipping", totals.shipping()),
        ("shipping_discount", totals.shipping_discount()),
        ("fees", totals.fees()),
        ("taxable", totals.taxable()),
        ("net", totals.net()),
        ("third_party", totals.third_party()),
        ("cash_rounding", totals.cash_rounding()),
        ("payable", totals.payable()),
    ];
    all.extend(figures.map(|(field, amount)| (format!("totals.{field}"), amount.minor().into())));
    if let Some(points) = outcome.points() {
        let figures = [("earned", points.earned().into()), ("redeemed", points.redeemed().into())];
        let money = ("money", points.money().minor().into());
        all.extend(figures.into_iter().chain([money]).map(|(field, figure)| (format!("points.{field}"), figure)));
    }
    all.push(("totals.tax".to_owned(), totals.tax().map_or(-1, |tax| tax.minor().into())));
    let accounts = outcome.accounts().iter().enumerate();
    all.extend(accounts.map(|(i, total)| (format!("accounts[{i}].discount"), total.discount().minor().into())));
    all
}

fn of_line(line: &LineOutcome) -> [(&'static str, i128); 11] {
    [
        ("id", line.id().0.into()),
        ("units", line.units().into()),
        ("list", line.list().minor().into()),
        ("priced", line.priced().minor().into()),
        ("shop_discount", line.shop_discount().minor().into()),
        ("coupon_discount", line.coupon_discount().minor().into()),
        ("third_party", line.third_party().minor().into()),
        ("taxable", line.taxable().minor().into()),
        ("net", line.net().minor().into()),
        ("tax", line.tax().map_or(-1, |tax| tax.minor().into())),
        ("payable", line.payable().minor().into()),
    ]
}
