//! The document, field by field, in the order in which it is written. Amounts are text here; reading gives them their
//! currency.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::ser::SerializeStruct;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::super::answer::{Answer, AnswerState};
use super::super::line::{BY_POINTS, LineOutcome, NO_HOST_KEY, RawAdjustment};
use super::super::{
    AccountTotal, AllowanceOutcome, AllowanceToCome, FirstCharge, Flag, Grant, Outcome, PointsOutcome, PointsRefusal,
    SEMANTICS_VERSION, TaxTotal, Totals, Trace, TypeChange,
};
use super::gifts::GiftForm;
use super::offers::OfferForm;
use crate::coupon::{Code, Coupon};
use crate::customer::IdentityKey;
use crate::error::Why;
use crate::key::{AccountId, ActorId, CouponId, CustomerTypeId, DiscountId, PaymentOptionId, PriceListId, TaxClass};
use crate::money::{Currency, TaxRate};
use crate::order::LineId;
use crate::policy::{PriceMode, PublicReasons, RoundingRules};
use crate::refusal::{LineRefusal, OrderRefusal, Refusal};
use crate::request::Reference;
use crate::shop::{PointsMultiplier, PointsProgram, PriceSource};

/// The version of a document. It stands first, so that a document of another version is refused as that and not for the
/// fields it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::outcome) struct Version;

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(SEMANTICS_VERSION)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let version = u32::deserialize(deserializer)?;
        if version != SEMANTICS_VERSION {
            return Err(de::Error::custom(Why::UnknownVersion { supported: SEMANTICS_VERSION }));
        }
        Ok(Self)
    }
}

/// The version of a record inside of a document that keeps figures of any version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct AnyVersion(pub(super) u32);

/// The definition that a code was applied under.
#[derive(Debug)]
pub(super) struct Terms(pub(super) Arc<Coupon>);

impl Serialize for Terms {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Terms {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Coupon::deserialize(deserializer).map(|coupon| Self(Arc::new(coupon)))
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OutcomeForm<V = Version> {
    pub(super) version: V,
    pub(super) reference: Reference,
    pub(super) at: DateTime<Utc>,
    pub(super) currency: Currency,
    pub(super) price_mode: PriceMode,
    #[serde(serialize_with = "whole_rounding")]
    pub(super) rounding: RoundingRules,
    pub(super) public_reasons: PublicReasons,
    pub(super) customer: Vec<IdentityKey>,
    pub(super) counted: Vec<IdentityKey>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) customer_type: Option<CustomerTypeId>,
    #[serde(skip_serializing_if = "is_one", default)]
    pub(super) points_multiplier: PointsMultiplier,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) actor: Option<ActorId>,
    pub(super) new_customer: bool,
    pub(super) lines: Vec<LineForm>,
    pub(super) charges: Vec<LineForm>,
    pub(super) discounts: Vec<DiscountForm>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(super) offers: Vec<OfferForm>,
    pub(super) answers: Vec<AnswerForm>,
    pub(super) adjustments: Vec<AdjustmentForm>,
    pub(super) taxes: Vec<TaxForm>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(super) first_charges: Vec<FirstChargeForm>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(super) gifts: Vec<GiftForm>,
    pub(super) totals: TotalsForm,
    pub(super) accounts: Vec<AccountForm>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(super) type_changes: Vec<TypeChange>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) types_revision: Option<u64>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(super) grants: Vec<Grant>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) payment_options: Option<Vec<PaymentOptionId>>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(super) order_refusals: Vec<OrderRefusal>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(super) allowances: Vec<AllowanceOutcome>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(super) allowances_to_come: Vec<AllowanceToCome>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) points: Option<PointsForm>,
    pub(super) flags: Vec<Flag>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) trace: Option<Trace>,
}

/// The modes that were used, each of them: a definition may leave out what is the default, a record may not, since it has
/// to be read the same way when the default is another one.
fn whole_rounding<S: Serializer>(rules: &RoundingRules, serializer: S) -> Result<S::Ok, S::Error> {
    let mut whole = serializer.serialize_struct("RoundingRules", 4)?;
    whole.serialize_field("discount", &rules.discount)?;
    whole.serialize_field("tax", &rules.tax)?;
    whole.serialize_field("percent", &rules.percent)?;
    whole.serialize_field("tax_level", &rules.tax_level)?;
    whole.end()
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LineForm {
    pub(super) id: LineId,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) host_key: Option<String>,
    pub(super) units: u32,
    /// What was ordered, where less is sold.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) requested: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) refused: Option<LineRefusal>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) tax_class: Option<TaxClass>,
    pub(super) price_source: PriceSource,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) price_list: Option<PriceListId>,
    pub(super) list: String,
    pub(super) priced: String,
    pub(super) shop_discount: String,
    pub(super) coupon_discount: String,
    /// None where no points took anything off.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) points_discount: Option<String>,
    pub(super) third_party: String,
    pub(super) taxable: String,
    pub(super) net: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) tax: Option<String>,
    pub(super) payable: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DiscountForm {
    pub(super) id: DiscountId,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) account: Option<AccountId>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AnswerForm {
    pub(super) entered: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) code: Option<Code>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) coupon: Option<CouponId>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) line: Option<LineId>,
    pub(super) state: AnswerState,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(super) reasons: Vec<Refusal>,
    pub(super) discount: String,
    pub(super) wanted: String,
    pub(super) forfeited: String,
    pub(super) third_party: String,
    pub(super) units: u64,
    /// Where its limit of units ran short.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) units_wanted: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) trial_days: Option<u32>,
    /// Whether the code was issued by itself, and is no shared one.
    #[serde(skip_serializing_if = "is_false", default)]
    pub(super) issued: bool,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) valid_from: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) valid_until: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) terms: Option<Terms>,
}

fn is_false(value: &bool) -> bool {
    !*value
}

fn is_one(multiplier: &PointsMultiplier) -> bool {
    *multiplier == PointsMultiplier::ONE
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AdjustmentForm {
    pub(super) line: LineId,
    pub(super) source: SourceForm,
    pub(super) amount: String,
    pub(super) third_party: String,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum SourceForm {
    /// Position among the shop's discounts.
    Discount(u32),
    /// Position among the answers.
    Code(u32),
    /// Loyalty points.
    Points,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TaxForm {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) class: Option<TaxClass>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) rate: Option<TaxRate>,
    pub(super) taxable: String,
    pub(super) net: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) tax: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TotalsForm {
    pub(super) items: String,
    pub(super) item_discount: String,
    pub(super) coupon_discount: String,
    /// None where no points took anything off.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) points_discount: Option<String>,
    pub(super) shipping: String,
    pub(super) shipping_discount: String,
    pub(super) fees: String,
    pub(super) taxable: String,
    pub(super) net: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) tax: Option<String>,
    pub(super) third_party: String,
    pub(super) cash_rounding: String,
    pub(super) payable: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AccountForm {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) account: Option<AccountId>,
    pub(super) discount: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PointsForm {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) program: Option<PointsProgram>,
    pub(super) lines: Vec<LineId>,
    pub(super) earned: u64,
    pub(super) wanted: u64,
    pub(super) redeemed: u64,
    pub(super) money: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) refusal: Option<PointsRefusal>,
}

impl PointsForm {
    fn of(points: &PointsOutcome) -> Self {
        Self {
            program: points.program().cloned(),
            lines: points.lines.clone(),
            earned: points.earned,
            wanted: points.wanted,
            redeemed: points.redeemed,
            money: points.money().amount_text(),
            refusal: points.refusal,
        }
    }
}

impl<V> OutcomeForm<V> {
    pub(super) fn of(outcome: &Outcome, version: V) -> Self {
        let line = |line: &LineOutcome| LineForm::of(line, outcome);
        Self {
            version,
            reference: outcome.reference.clone(),
            at: outcome.at,
            currency: outcome.currency,
            price_mode: outcome.price_mode,
            rounding: outcome.rounding,
            public_reasons: outcome.public_reasons,
            customer: outcome.customer.clone(),
            counted: outcome.counted.clone(),
            customer_type: outcome.customer_type.clone(),
            points_multiplier: outcome.points_multiplier,
            actor: outcome.actor.clone(),
            new_customer: outcome.new_customer,
            lines: outcome.lines.iter().map(line).collect(),
            charges: outcome.charges.iter().map(line).collect(),
            discounts: (outcome.discounts.iter())
                .map(|(id, account)| DiscountForm { id: id.clone(), account: account.clone() })
                .collect(),
            offers: outcome.offers().iter().map(OfferForm::of).collect(),
            answers: outcome.answers.iter().map(AnswerForm::of).collect(),
            adjustments: outcome.adjustments.iter().filter_map(|raw| AdjustmentForm::of(raw, outcome)).collect(),
            taxes: outcome.taxes.iter().map(TaxForm::of).collect(),
            first_charges: outcome.first_charges.iter().map(FirstChargeForm::of).collect(),
            gifts: outcome.gifts.iter().map(GiftForm::of).collect(),
            totals: TotalsForm::of(&outcome.totals),
            accounts: outcome.accounts.iter().map(AccountForm::of).collect(),
            type_changes: outcome.type_changes.clone(),
            types_revision: outcome.types_revision,
            grants: outcome.grants.clone(),
            payment_options: outcome.payment_options.clone(),
            order_refusals: outcome.order_refusals.clone(),
            allowances: outcome.allowances.clone(),
            allowances_to_come: outcome.allowances_to_come.clone(),
            points: outcome.points().map(PointsForm::of),
            flags: outcome.flags.clone(),
            trace: outcome.trace.clone(),
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FirstChargeForm {
    pub(super) line: LineId,
    pub(super) at: DateTime<Utc>,
    pub(super) amount: String,
}

impl FirstChargeForm {
    fn of(charge: &FirstCharge) -> Self {
        Self { line: charge.line(), at: charge.at(), amount: charge.amount().amount_text() }
    }
}

impl LineForm {
    fn of(line: &LineOutcome, outcome: &Outcome) -> Self {
        let host_key = if line.host_key == NO_HOST_KEY { None } else { outcome.host_key(line).map(str::to_owned) };
        Self {
            id: line.id,
            host_key,
            units: line.units,
            requested: Some(outcome.requested(line)).filter(|requested| *requested != line.units),
            refused: line.refusal,
            tax_class: outcome.tax_class(line).cloned(),
            price_source: line.price_source,
            price_list: outcome.price_list(line).cloned(),
            list: line.list().amount_text(),
            priced: line.priced().amount_text(),
            shop_discount: line.shop_discount().amount_text(),
            coupon_discount: line.coupon_discount().amount_text(),
            points_discount: Some(line.points_discount()).filter(|d| !d.is_zero()).map(|d| d.amount_text()),
            third_party: line.third_party().amount_text(),
            taxable: line.taxable().amount_text(),
            net: line.net().amount_text(),
            tax: line.tax().map(|tax| tax.amount_text()),
            payable: line.payable().amount_text(),
        }
    }
}

impl AnswerForm {
    fn of(answer: &Answer) -> Self {
        Self {
            entered: answer.entered.clone(),
            code: answer.code.clone(),
            coupon: answer.coupon.clone(),
            line: answer.line,
            state: answer.state,
            reasons: answer.reasons.clone(),
            discount: answer.discount().amount_text(),
            wanted: answer.wanted().amount_text(),
            forfeited: answer.forfeited().amount_text(),
            third_party: answer.third_party().amount_text(),
            units: answer.units,
            units_wanted: Some(answer.units_wanted).filter(|wanted| *wanted != answer.units),
            trial_days: answer.trial_days,
            issued: answer.issued,
            valid_from: answer.window.from(),
            valid_until: answer.window.until(),
            terms: answer.terms.clone().map(Terms),
        }
    }
}

impl AdjustmentForm {
    fn of(raw: &RawAdjustment, outcome: &Outcome) -> Option<Self> {
        Some(Self {
            line: outcome.slot(raw.slot)?.id,
            source: match raw.source {
                code if raw.coupon => SourceForm::Code(code),
                BY_POINTS => SourceForm::Points,
                discount => SourceForm::Discount(discount),
            },
            amount: outcome.money(raw.amount).amount_text(),
            third_party: outcome.money(raw.third).amount_text(),
        })
    }
}

impl TaxForm {
    fn of(tax: &TaxTotal) -> Self {
        Self {
            class: tax.class.clone(),
            rate: tax.rate,
            taxable: tax.taxable().amount_text(),
            net: tax.net().amount_text(),
            tax: tax.tax().map(|tax| tax.amount_text()),
        }
    }
}

impl TotalsForm {
    fn of(totals: &Totals) -> Self {
        Self {
            items: totals.items().amount_text(),
            item_discount: totals.item_discount().amount_text(),
            coupon_discount: totals.coupon_discount().amount_text(),
            points_discount: Some(totals.points_discount()).filter(|d| !d.is_zero()).map(|d| d.amount_text()),
            shipping: totals.shipping().amount_text(),
            shipping_discount: totals.shipping_discount().amount_text(),
            fees: totals.fees().amount_text(),
            taxable: totals.taxable().amount_text(),
            net: totals.net().amount_text(),
            tax: totals.tax().map(|tax| tax.amount_text()),
            third_party: totals.third_party().amount_text(),
            cash_rounding: totals.cash_rounding().amount_text(),
            payable: totals.payable().amount_text(),
        }
    }
}

impl AccountForm {
    fn of(total: &AccountTotal) -> Self {
        Self { account: total.account.clone(), discount: total.discount().amount_text() }
    }
}
