//! A policy that has not been checked yet.

use crate::error::Why;
use crate::form::DraftValue;
use crate::form::amounts::Amounts;
use crate::form::{Check, Fields, Form, Writer, checked_by, drafts, read_inner_version, read_version};
use crate::money::{CashInterval, Currency};

use super::{Policy, PolicyBuilder, fits, names};

drafts! {
    /// A policy as an admin page fills it in or as it comes in JSON: plain data, right or wrong.
    ///
    /// What is absent has the default of [`Policy::builder`].
    ///
    /// ```
    /// use vouchsafe::PolicyDraft;
    ///
    /// let mut draft: PolicyDraft =
    ///     serde_json::from_str(r#"{"version": 1, "currency": "EUR", "zone": "Mars/Olympus", "max_codes": 0}"#)?;
    /// assert_eq!(
    ///     draft.check().unwrap_err().to_string(),
    ///     "`zone` is `Mars/Olympus`: not a known time zone; `max_codes` is `0`: zero"
    /// );
    /// draft.zone = "UTC".into();
    /// draft.max_codes = "unlimited".into();
    /// assert!(draft.check().is_ok());
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct PolicyDraft version 1 {
        /// The merchant's own currency. Needed.
        currency: DraftValue = "currency",
        /// A list of further currencies in which orders are accepted.
        accepts: DraftValue = "accepts",
        /// The zone in which days begin and end: `"UTC"`, `"+02:00"`, or an IANA name.
        zone: DraftValue = "zone",
        /// `"tax_exclusive"` or `"tax_inclusive"`.
        prices: DraftValue = "prices",
        /// [`RoundingRules`](crate::RoundingRules).
        rounding: DraftValue = "rounding",
        /// How many codes one order may hold: a whole number from 1, or `"unlimited"`. One where it is absent; `null` is
        /// refused, since it could be meant as either.
        max_codes: DraftValue = "max_codes" if not_null,
        /// Whether each line has a coupon field of its own.
        line_codes: DraftValue = "line_codes",
        /// Whether operators may enter amounts by hand.
        manual: DraftValue = "manual",
        /// `"refuse_coupon"`, `"drop_discounts"` or `"better_of"`.
        discount_conflict: DraftValue = "discount_conflict",
        /// `"refuse"` or `"apply_and_flag"`.
        no_identity: DraftValue = "no_identity",
        /// A list of the kinds of identity keys that count for limits: `"id"`, `"email"`, `"phone"`, `"device"`,
        /// `"other"`.
        identity_kinds: DraftValue = "identity_kinds",
        /// `"collapsed"` or `"distinct"`.
        public_reasons: DraftValue = "public_reasons",
        /// The interval to which the amount to pay is rounded: `"0.05"`.
        cash: DraftValue = "cash",
        /// How deep all coupons of an order may cut together: `{"per_line": "50", "per_order": "30"}`; see
        /// [`Depth`](crate::Depth).
        depth: DraftValue = "depth",
        /// The most that all coupons of an order may take off together: `{"USD": "50.00"}`, in every currency accepted.
        max_discount: DraftValue = "max_discount",
    }
}

checked_by! {
    PolicyDraft => Policy by read_policy;
}

/// What stands for any number of codes, since a field that is absent has its default.
const UNLIMITED: &str = "unlimited";
const MAX_CODES: &str = "a whole number, or \"unlimited\"";

fn read_policy(f: &mut Fields<'_, '_>) -> Option<Policy> {
    read_version(f, PolicyDraft::VERSION);
    read_fields(f)
}

/// Reads the policy inside another document, which has the version.
pub(crate) fn read_inner_policy(value: &DraftValue, check: &mut Check) -> Option<Policy> {
    check.fields(value, |f| {
        read_inner_version(f, PolicyDraft::VERSION);
        read_fields(f)
    })
}

fn read_fields(f: &mut Fields<'_, '_>) -> Option<Policy> {
    let currency: Option<Currency> = f.required("currency");
    let accepts: Vec<Currency> = f.optional("accepts").unwrap_or_default();
    let start = Policy::builder(currency.unwrap_or(Currency::USD)).policy;
    let policy = Policy {
        currencies: start.currencies,
        zone: f.optional("zone").unwrap_or(start.zone),
        price_mode: f.or_default("prices"),
        rounding: f.optional("rounding").unwrap_or_default(),
        max_codes: f.optional_unless_null("max_codes", MAX_CODES, read_max_codes).unwrap_or(start.max_codes),
        line_codes: f.or_default("line_codes"),
        manual: f.or_default("manual"),
        discount_conflict: f.or_default("discount_conflict"),
        no_identity: f.or_default("no_identity"),
        identity_kinds: start.identity_kinds,
        public_reasons: f.or_default("public_reasons"),
        cash: None,
        depth: f.or_default("depth"),
        max_discount: None,
    };
    let mut builder = accepts.into_iter().fold(PolicyBuilder { policy }, PolicyBuilder::accept);
    if let Some(kinds) = f.optional::<Vec<_>>("identity_kinds") {
        builder = builder.identity_kinds(kinds);
    }
    let currencies = &builder.policy.currencies;
    let cash = f.optional_with("cash", |value, check| {
        let cash = CashInterval::read(value, check)?;
        // Without the merchant's currency there is nothing to compare with.
        let misfit = currency.and_then(|_| currencies.iter().find_map(|c| fits(cash, *c).err()));
        misfit.map_or(Some(cash), |why| {
            check.report(value, why);
            None
        })
    });
    let max_discount = f.optional_with("max_discount", |value, check| {
        let most = Amounts::read_not_zero(value, check)?;
        let unnamed = currency.and_then(|_| currencies.iter().find_map(|c| Some((*c, names(&most, *c).err()?))));
        unnamed.map_or(Some(most), |(currency, why)| {
            check.in_field(&currency.to_string(), usize::MAX, |check| check.report("", why));
            None
        })
    });
    currency?;
    Some(Policy { cash, max_discount, ..builder.policy })
}

fn read_max_codes(value: &DraftValue, check: &mut Check) -> Option<Option<u32>> {
    if value.as_text() == Some(UNLIMITED) {
        return Some(None);
    }
    if value.as_number().is_none() {
        check.wrong_kind(value, MAX_CODES);
        return None;
    }
    match u32::read(value, check)? {
        0 => {
            check.report(value, Why::Zero);
            None
        }
        max => Some(Some(max)),
    }
}

impl Form for Policy {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, read_policy)
    }

    fn write(&self) -> DraftValue {
        self.write_with(Writer::default().put("version", &PolicyDraft::VERSION))
    }
}

impl Policy {
    /// The policy as it stands inside another document.
    pub(crate) fn write_inner(&self) -> DraftValue {
        self.write_with(Writer::default())
    }

    fn write_with(&self, writer: Writer) -> DraftValue {
        let start = Self::builder(self.currency()).policy;
        let further: Vec<Currency> = self.currencies.iter().copied().skip(1).collect();
        let max_codes: DraftValue = self.max_codes.map_or(UNLIMITED.into(), DraftValue::from);
        let kinds = &self.identity_kinds;
        writer
            .put("currency", &self.currency())
            .put_some("accepts", (!further.is_empty()).then_some(&further))
            .put_unless("zone", &self.zone, &start.zone)
            .put_unless_default("prices", &self.price_mode)
            .put_unless_default("rounding", &self.rounding)
            .put_some("max_codes", (self.max_codes != start.max_codes).then_some(&max_codes))
            .put_unless_default("line_codes", &self.line_codes)
            .put_unless_default("manual", &self.manual)
            .put_unless_default("discount_conflict", &self.discount_conflict)
            .put_unless_default("no_identity", &self.no_identity)
            .put_some("identity_kinds", (*kinds != start.identity_kinds).then_some(kinds))
            .put_unless_default("public_reasons", &self.public_reasons)
            .put_some("cash", self.cash.as_ref())
            .put_unless_default("depth", &self.depth)
            .put_some("max_discount", self.max_discount.as_ref())
            .end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity};

    const ALL: &str = concat!(
        r#"{"version":1,"currency":"CHF","accepts":["EUR"],"zone":"+02:00","prices":"tax_inclusive","#,
        r#""rounding":{"discount":"half_even","tax":"down","percent":"per_unit","tax_level":"per_line"},"#,
        r#""max_codes":"unlimited","line_codes":true,"manual":true,"discount_conflict":"better_of","#,
        r#""no_identity":"apply_and_flag","identity_kinds":["email","device"],"public_reasons":"distinct","cash":"0.05","#,
        r#""depth":{"per_line":"50","per_order":"30"},"max_discount":{"CHF":"100.00","other":"90"}}"#
    );

    #[test]
    fn a_round_trip_is_identity() {
        assert_identity::<Policy>(&[r#"{"version":1,"currency":"USD"}"#, r#"{"version":1,"currency":"PTS:0"}"#, ALL]);
        let policy: Policy = serde_json::from_str(ALL).unwrap();
        let draft = PolicyDraft::from(&policy);
        assert_eq!(draft.check().unwrap(), policy);
        assert_eq!(serde_json::to_string(&draft).unwrap(), ALL);
        for preset in [Policy::storefront, Policy::order_form, Policy::association] {
            let policy = preset(Currency::JPY, crate::Zone::UTC);
            let json = serde_json::to_string(&policy).unwrap();
            assert_eq!(serde_json::from_str::<Policy>(&json).unwrap(), policy, "{json}");
        }
    }

    /// With the feature `tz` only, since without it no zone has a name.
    #[cfg(feature = "tz")]
    #[test]
    fn a_named_zone_is_kept() {
        assert_identity::<Policy>(&[r#"{"version":1,"currency":"EUR","zone":"Europe/Berlin"}"#]);
    }

    #[test]
    fn an_absent_choice_is_that_of_the_builder() {
        let read: Policy = serde_json::from_str(r#"{"version":1,"currency":"USD","zone":null}"#).unwrap();
        assert_eq!(read, Policy::builder(Currency::USD).build().unwrap());
        // The merchant's own currency is accepted without being named again.
        let twice: Policy = serde_json::from_str(r#"{"version":1,"currency":"USD","accepts":["USD","EUR"]}"#).unwrap();
        assert_eq!(twice.currencies(), [Currency::USD, Currency::EUR]);
    }

    #[test]
    fn every_value_is_judged() {
        let with = |field: &str| format!(r#"{{"version":1,"currency":"USD",{field}}}"#);
        for (field, error) in [
            (r#""zone":"Mars/Olympus""#, "`zone` is `Mars/Olympus`: not a known time zone"),
            (r#""zone":2"#, "`zone` is `2`: expected a string"),
            (r#""accepts":["EUR","USX"]"#, "`accepts[1]` is `USX`: not a known currency"),
            (r#""accepts":"EUR""#, "`accepts` is `EUR`: expected a list"),
            (r#""prices":"net""#, "`prices` is `net`: not one of `tax_exclusive`, `tax_inclusive`"),
            (
                r#""rounding":{"tax":"up","mode":"down"}"#,
                "`rounding.tax` is `up`: not one of `half_up`, `half_even`, `half_down`, `down`; \
                 `rounding.mode` is `down`: unknown field, known: `discount`, `tax`, `percent`, `tax_level`",
            ),
            (r#""max_codes":0"#, "`max_codes` is `0`: zero"),
            (r#""max_codes":-1"#, "`max_codes` is `-1`: negative"),
            (r#""max_codes":1.5"#, "`max_codes` is `1.5`: expected a whole number"),
            (r#""max_codes":4294967296"#, "`max_codes` is `4294967296`: not between 0 and 4294967295"),
            // In code `None` is any number, in JSON an absent field is one code: `null` would be read as either.
            (r#""max_codes":null"#, "`max_codes` is `null`: expected a whole number, or \"unlimited\""),
            (r#""max_codes":"any""#, "`max_codes` is `any`: expected a whole number, or \"unlimited\""),
            (r#""manual":"yes""#, "`manual` is `yes`: expected true or false"),
            (
                r#""discount_conflict":"drop""#,
                "`discount_conflict` is `drop`: not one of `refuse_coupon`, `drop_discounts`, `better_of`",
            ),
            (r#""no_identity":"apply""#, "`no_identity` is `apply`: not one of `refuse`, `apply_and_flag`"),
            (
                r#""identity_kinds":["id","fax"]"#,
                "`identity_kinds[1]` is `fax`: not one of `id`, `email`, `phone`, `device`, `other`",
            ),
            (r#""public_reasons":true"#, "`public_reasons` is `true`: expected a string"),
            (r#""cash":0.05"#, "`cash` is `0.05`: a JSON number, amounts and percentages are strings"),
            (r#""cash":"0.005""#, "`cash` is `0.005`: more than 2 decimals"),
            (r#""cash":"0""#, "`cash` is `0`: zero"),
            (r#""accepts":["JPY"],"cash":"0.05""#, "`cash` is `0.05`: more than 0 decimals"),
            (
                r#""cach":"0.05""#,
                "`cach` is `0.05`: unknown field, did you mean `cash`? known: `version`, `currency`, `accepts`, `zone`, `prices`, `rounding`, `max_codes`, `line_codes`, `manual`, `discount_conflict`, `no_identity`, `public_reasons`, `depth`, `identity_kinds`, `cash`, `max_discount`",
            ),
        ] {
            assert_errors::<Policy>(&[(&with(field), error)]);
            let draft: PolicyDraft = serde_json::from_str(&with(field)).unwrap();
            assert_eq!(draft.check().unwrap_err().to_string(), error);
        }
    }

    #[test]
    fn versions_and_shapes() {
        assert_errors::<Policy>(&[
            ("{}", "`version` is missing; `currency` is missing"),
            (r#"{"version":2,"currency":"USD"}"#, "`version` is `2`: unknown version, 1 is supported"),
            (r#"{"version":"1","currency":"USD"}"#, "`version` is `1`: expected a whole number"),
            ("[]", "`` is `[]`: expected an object"),
        ]);
        assert!(serde_json::from_str::<PolicyDraft>("[]").is_err());
        assert!(serde_json::from_str::<PolicyDraft>(r#"{"version":1,"curr"#).is_err());
        assert_eq!(PolicyDraft::default().check().unwrap_err().to_string(), "`currency` is missing");
    }
}
