//! Gifts in the document, each given by a code that applied.

use serde::{Deserialize, Serialize};

use super::super::answer::AnswerState;
use super::super::{GiftOutcome, Outcome};
use super::check::{amount, disagrees};
use crate::coupon::{Benefit, Coupon};
use crate::error::{Error, Why};
use crate::key::{CouponId, ProductId};
use crate::money::Money;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GiftForm {
    product: ProductId,
    pieces: u64,
    coupon: CouponId,
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    offer: bool,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    value: Option<String>,
}

impl GiftForm {
    pub(super) fn of(gift: &GiftOutcome) -> Self {
        Self {
            product: gift.product.clone(),
            pieces: gift.pieces,
            coupon: gift.coupon.clone(),
            offer: gift.offer,
            value: gift.value.map(|value| value.amount_text()),
        }
    }
}

/// Each is a gift of an offer, or of terms that a code was applied under, as those say it.
pub(super) fn read(outcome: &mut Outcome, forms: Vec<GiftForm>) -> Result<(), Error> {
    for (i, form) in forms.into_iter().enumerate() {
        let path = |field: &'static str| move || format!("gifts[{i}].{field}");
        let currency = outcome.currency;
        let value = form.value.as_deref().map(|text| amount(text, currency, path("value"))).transpose()?;
        let value = value.map(|minor| Money::new(minor, currency));
        let (product, coupon) = (form.product, form.coupon);
        let gift = GiftOutcome { product, pieces: form.pieces, coupon, offer: form.offer, value };
        // The terms of an offer are not in the document.
        if gift.offer {
            outcome.gifts.push(gift);
            continue;
        }
        let applied = outcome.answers.iter().filter(|answer| answer.state == AnswerState::Applied);
        let mut terms = applied.filter_map(|answer| answer.terms.as_deref()).filter(|terms| *terms.id() == gift.coupon);
        let Some(terms) = terms.next() else {
            let why = Why::UnknownReference { what: "coupon that applied" };
            return Err(Error::invalid(path("coupon")(), gift.coupon, why));
        };
        if !gives(terms, &gift, outcome) {
            return Err(disagrees(path("product")(), gift.product));
        }
        outcome.gifts.push(gift);
    }
    Ok(())
}

fn gives(terms: &Coupon, gift: &GiftOutcome, outcome: &Outcome) -> bool {
    terms.benefits().iter().any(|benefit| match benefit {
        Benefit::Gift(of) => {
            let value = of.value().and_then(|value| value.in_currency(outcome.currency));
            (of.product(), of.pieces(), value) == (&gift.product, gift.pieces, gift.value)
        }
        _ => false,
    })
}
