//! From document to outcome: points that agree with their terms and with the figures of the lines.

use std::sync::Arc;

use super::super::line::{BY_POINTS, LineOutcome};
use super::super::{Earning, Outcome, PointsOutcome};
use super::check::{amount, disagrees, equal, total, unknown_line};
use super::form::PointsForm;
use crate::error::{Error, Why};
use crate::money::Currency;
use crate::order::LineId;
use crate::shop::PointsProgram;

fn path(field: &'static str) -> impl Fn() -> String {
    move || format!("points.{field}")
}

impl PointsForm {
    /// Reads what stands by itself: an amount in the currency, as many points as it takes for it under these terms, no more
    /// than were asked for, and none where they are refused.
    pub(super) fn read(self, currency: Currency) -> Result<Box<PointsOutcome>, Error> {
        let Self { program, lines, earned, wanted, redeemed, money, refusal } = self;
        let minor = amount(&money, currency, path("money"))?;
        if redeemed > wanted || (refusal.is_some() && (redeemed > 0 || wanted == 0)) {
            return Err(disagrees(path("redeemed")(), redeemed));
        }
        let value = program.as_ref().and_then(|program| program.value_in(currency));
        let expected = if minor == 0 { Some(0) } else { value.and_then(|value| value.times_for(minor, currency)) };
        if expected != Some(redeemed) {
            return Err(disagrees(path("money")(), money));
        }
        let mut pairs = lines.iter().zip(lines.iter().skip(1)).enumerate();
        if let Some((i, (line, _))) = pairs.find(|(_, (line, next))| line >= next) {
            return Err(Error::invalid(format!("points.lines[{i}]"), line, Why::Unordered));
        }
        let program = program.map(Arc::new);
        Ok(Box::new(PointsOutcome { program, currency, lines, earned, wanted, redeemed, money: minor, refusal }))
    }
}

/// Lines that exist and are sold; off them what points took as a discount, or at least as much to pay as they paid; and
/// what is earned on the rest.
pub(super) fn add_up(outcome: &Outcome) -> Result<(), Error> {
    let by_points = || outcome.adjustments.iter().filter(|raw| !raw.coupon && raw.source == BY_POINTS);
    let Some(points) = outcome.points() else {
        return match by_points().next() {
            Some(_) => Err(disagrees("points".to_owned(), "none")),
            None => Ok(()),
        };
    };
    let (mut earning, mode) = (Earning::default(), outcome.price_mode);
    for (i, id) in points.lines.iter().enumerate() {
        let line = sold(outcome, *id).ok_or_else(|| unknown_line(format!("points.lines[{i}]"), *id))?;
        earning.add_line(line, mode);
    }
    equal(points.discount().minor(), total(by_points().map(|raw| raw.amount)), outcome.currency, path("money"))?;
    for raw in by_points() {
        let line = outcome.slot(raw.slot).map(LineOutcome::id);
        if line.is_none_or(|line| points.lines.binary_search(&line).is_err()) || raw.third != 0 {
            return Err(disagrees(path("lines")(), line.map_or_else(|| "none".to_owned(), |line| line.to_string())));
        }
    }
    if points.tendered_minor() > earning.payable {
        return Err(disagrees(path("money")(), points.money().amount_text()));
    }
    let earned = |program: &PointsProgram| {
        earning.points(program, outcome.points_multiplier, outcome.currency, points.tendered_minor())
    };
    let expected = points.program().map_or(Ok(0), earned)?;
    if points.earned != expected {
        return Err(disagrees(path("earned")(), points.earned));
    }
    if points.redeemed > 0 && outcome.counted.is_empty() {
        return Err(disagrees(path("redeemed")(), points.redeemed));
    }
    Ok(())
}

fn sold(outcome: &Outcome, id: LineId) -> Option<&LineOutcome> {
    let at = outcome.lines.binary_search_by_key(&id, LineOutcome::id).ok()?;
    outcome.lines.get(at).filter(|line| line.refusal.is_none())
}
