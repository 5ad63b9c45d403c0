//! First charges of what is on trial, in the document.

use super::super::{FirstCharge, Outcome};
use super::check::{amount, disagrees, equal, unknown_line};
use super::form::FirstChargeForm;
use crate::error::{Error, Why};

/// Each of a line, by line, for all of its amount, and after the order was priced.
pub(super) fn read(outcome: &mut Outcome, forms: &[FirstChargeForm]) -> Result<(), Error> {
    for (i, form) in forms.iter().enumerate() {
        let path = |field: &'static str| move || format!("first_charges[{i}].{field}");
        let found = outcome.lines.binary_search_by_key(&form.line, |l| l.id).ok();
        let line = found.and_then(|at| outcome.lines.get(at)).filter(|line| line.refusal.is_none());
        let Some(line) = line else { return Err(unknown_line(path("line")(), form.line)) };
        if outcome.first_charges.last().is_some_and(|last| last.line >= form.line) {
            return Err(Error::invalid(path("line")(), form.line, Why::Unordered));
        }
        let charged = amount(&form.amount, outcome.currency, path("amount"))?;
        equal(charged, line.payable.into(), outcome.currency, path("amount"))?;
        if form.at <= outcome.at {
            return Err(disagrees(path("at")(), form.at.to_rfc3339()));
        }
        let charge = FirstCharge { line: form.line, at: form.at, currency: outcome.currency, amount: charged };
        outcome.first_charges.push(charge);
    }
    Ok(())
}
