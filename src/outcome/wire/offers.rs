//! The automatic offers that were made, as they are written and read back.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::super::{OfferOutcome, Outcome};
use super::check::{amount, disagrees, equal};
use crate::error::{Error, Why};
use crate::key::DiscountId;

/// An automatic offer that was made.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OfferForm {
    pub(super) id: DiscountId,
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub(super) description: String,
    pub(super) discount: String,
    pub(super) third_party: String,
}

impl OfferForm {
    pub(super) fn of(offer: &OfferOutcome) -> Self {
        Self {
            id: offer.id().clone(),
            description: offer.description().to_owned(),
            discount: offer.discount().amount_text(),
            third_party: offer.third_party().amount_text(),
        }
    }
}

/// Each once, by id, for what the discounts under its id took off.
pub(super) fn add_up(outcome: &mut Outcome, forms: &[OfferForm]) -> Result<(), Error> {
    for ((first, second), i) in forms.iter().zip(forms.iter().skip(1)).zip(1..) {
        if first.id >= second.id {
            return Err(Error::invalid(format!("offers[{i}].id"), &second.id, Why::Unordered));
        }
    }
    let named: Vec<(DiscountId, Arc<str>)> =
        forms.iter().map(|form| (form.id.clone(), form.description.as_str().into())).collect();
    outcome.set_offers(named.iter().map(|(id, description)| (id, description)));
    for (i, form) in forms.iter().enumerate() {
        let path = |field: &'static str| move || format!("offers[{i}].{field}");
        let stands = outcome.offers.iter().find(|offer| offer.id == form.id);
        let Some(stands) = stands else { return Err(disagrees(path("id")(), &form.id)) };
        let (discount, third) = (stands.discount, stands.third_party);
        let figures = [("discount", &form.discount, discount), ("third_party", &form.third_party, third)];
        for (field, text, expected) in figures {
            let found = amount(text, outcome.currency, path(field))?;
            equal(found, expected.into(), outcome.currency, path(field))?;
        }
    }
    Ok(())
}
