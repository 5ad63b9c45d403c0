//! What the store knows of a code, as documents of the host.

use crate::coupon::{Code, CodeFormat};
use crate::form::DraftValue;
use crate::form::{Check, Fields, Form, Writer, checked_by, drafts, read_amount, read_window};
use crate::money::{Currency, Money};

use super::{IssuedCode, Revocation, Usage};

drafts! {
    /// How much of a coupon's limits is taken, as a host hands it in: plain data, right or wrong. What is absent is
    /// zero.
    ///
    /// ```
    /// use vouchsafe::UsageDraft;
    ///
    /// let draft: UsageDraft = serde_json::from_str(
    ///     r#"{"total": 999, "customer": -1, "money": {"amount": 12.5, "currency": "USD"}}"#,
    /// )?;
    /// assert_eq!(
    ///     draft.check().unwrap_err().to_string(),
    ///     "`customer` is `-1`: negative; \
    ///      `money.amount` is `12.5`: a JSON number, amounts and percentages are strings"
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct UsageDraft {
        /// Uses of the definition.
        total: DraftValue = "total",
        /// Uses of the code.
        code: DraftValue = "code",
        /// Uses by the customer: the highest count over the identity keys.
        customer: DraftValue = "customer",
        /// Uses of the code by the customer.
        customer_code: DraftValue = "customer_code",
        /// Units discounted so far.
        units: DraftValue = "units",
        /// Money given so far, in the currency of the order: `{"amount": "12.50", "currency": "USD"}`.
        money: DraftValue = "money",
        /// Whether another order of this customer already holds a first-order offer.
        first_order_claimed: DraftValue = "first_order_claimed",
        /// How many different customers have joined the offer.
        customers: DraftValue = "customers",
    }

    /// A code that was issued, as a host hands it in: plain data, right or wrong.
    ///
    /// ```
    /// use vouchsafe::IssuedCodeDraft;
    ///
    /// let mut draft: IssuedCodeDraft =
    ///     serde_json::from_str(r#"{"code": "K7WQ_93MX", "holder": "id:42", "issued_at": "2026-03-28"}"#)?;
    /// assert_eq!(
    ///     draft.check().unwrap_err().to_string(),
    ///     "`code` is `K7WQ_93MX`: character `_` at position 5 is not allowed; \
    ///      `issued_at` is `2026-03-28`: not a date, time or instant: write 2026-03-29, 03-29 for every year, 09:00, or 2026-03-29T12:00:00Z"
    /// );
    /// draft.code = "K7WQ-93MX".into();
    /// draft.issued_at = "2026-03-28T12:00:00Z".into();
    /// assert_eq!(draft.check()?.code().as_str(), "K7WQ93MX");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub struct IssuedCodeDraft {
        /// The code, in any spelling. Needed.
        code: DraftValue = "code",
        /// `"standard"` or `"imported"`; standard where it is absent.
        code_format: DraftValue = "code_format",
        /// The identity key of the one customer who may use it; a bearer code has none.
        holder: DraftValue = "holder",
        /// When it was issued: `"2026-03-28T12:00:00Z"`. Needed.
        issued_at: DraftValue = "issued_at",
        /// The first instant of a window of its own.
        starts_at: DraftValue = "starts_at",
        /// The first instant after that window.
        ends_at: DraftValue = "ends_at",
        /// The batch that it was made with.
        batch: DraftValue = "batch",
        /// What it was given for.
        occasion: DraftValue = "occasion",
        /// The operator who gave it.
        issued_by: DraftValue = "issued_by",
        /// That it was withdrawn: `{"at": "2026-03-28T12:00:00Z", "cause": "lost", "by": "anna"}`.
        revocation: DraftValue = "revocation",
        /// Whether it was withdrawn, where nothing else is known of that: it counts as withdrawn since its issue. Not
        /// beside `revocation`, in which form it is written back.
        revoked: DraftValue = "revoked",
    }
}

checked_by! {
    UsageDraft => Usage by read_usage;
    IssuedCodeDraft => IssuedCode by read_issued;
}

fn read_usage(f: &mut Fields<'_, '_>) -> Option<Usage> {
    Some(Usage {
        total: f.or_default("total"),
        code: f.or_default("code"),
        customer: f.or_default("customer"),
        customer_code: f.or_default("customer_code"),
        units: f.or_default("units"),
        money: f.optional_with("money", read_money),
        first_order_claimed: f.or_default("first_order_claimed"),
        customers: f.or_default("customers"),
    })
}

/// An amount with its currency beside it.
fn read_money(value: &DraftValue, check: &mut Check) -> Option<Money> {
    check.fields(value, |f| {
        let currency: Option<Currency> = f.required("currency");
        f.required_with("amount", |value, check| read_amount(value, currency, check))
    })
}

fn read_issued(f: &mut Fields<'_, '_>) -> Option<IssuedCode> {
    let format: CodeFormat = f.or_default("code_format");
    let code = f.required_with("code", |value, check| {
        let text = check.text(value)?;
        check.accept(value, Code::parse(text, format))
    });
    let (holder, issued_at) = (f.optional("holder"), f.required("issued_at"));
    let window = read_window(f);
    let (batch, occasion, issued_by) = (f.optional("batch"), f.optional("occasion"), f.optional("issued_by"));
    let (revocation, revoked) = (f.optional("revocation"), f.or_default::<bool>("revoked"));
    if f.has("revocation") {
        f.forbid("revoked", "revocation");
    }
    let (code, issued_at, window) = (code?, issued_at?, window?);
    let revocation = revocation.or_else(|| revoked.then(|| Revocation::since(issued_at)));
    let issued = IssuedCode { code, holder, issued_at, window: None, batch, occasion, issued_by, revocation };
    Some(issued.with_window(window))
}

impl Form for Usage {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, read_usage)
    }

    fn write(&self) -> DraftValue {
        let money = self.money.map(|money| {
            Writer::default().put("amount", &money.amount_text()).put("currency", &money.currency()).end()
        });
        Writer::default()
            .put_unless_default("total", &self.total)
            .put_unless_default("code", &self.code)
            .put_unless_default("customer", &self.customer)
            .put_unless_default("customer_code", &self.customer_code)
            .put_unless_default("units", &self.units)
            .put_some("money", money.as_ref())
            .put_unless_default("first_order_claimed", &self.first_order_claimed)
            .put_unless_default("customers", &self.customers)
            .end()
    }
}

impl IssuedCode {
    /// Reads the fields of a code, for documents that say more of it.
    pub(crate) fn read_fields(f: &mut Fields<'_, '_>) -> Option<Self> {
        read_issued(f)
    }

    /// The fields that [`read_fields`](Self::read_fields) reads.
    pub(crate) fn write_fields(&self) -> Writer {
        // A code does not remember its format; one that is standard as it stands needs no other.
        let standard = Code::parse(self.code.as_str(), CodeFormat::Standard).is_ok_and(|code| code == self.code);
        let window = self.window.unwrap_or_default();
        Writer::default()
            .put("code", &self.code.as_str().to_owned())
            .put_some("code_format", (!standard).then_some(&CodeFormat::Imported))
            .put_some("holder", self.holder.as_ref())
            .put("issued_at", &self.issued_at)
            .put_some("starts_at", window.from().as_ref())
            .put_some("ends_at", window.until().as_ref())
            .put_some("batch", self.batch.as_ref())
            .put_some("occasion", self.occasion.as_ref())
            .put_some("issued_by", self.issued_by.as_ref())
            .put_some("revocation", self.revocation.as_ref())
    }
}

impl Form for IssuedCode {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, read_issued)
    }

    fn write(&self) -> DraftValue {
        self.write_fields().end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Window;
    use crate::form::testing::{assert_errors, assert_identity};

    const ISSUED: &str = concat!(
        r#"{"code":"K7WQ93MX","holder":"email:ann@example.com","issued_at":"2026-03-28T12:00:00Z","#,
        r#""starts_at":"2026-03-29T00:00:00Z","ends_at":"2026-04-01T00:00:00Z","batch":"b-1","occasion":"spring","#,
        r#""issued_by":"anna","revocation":{"at":"2026-03-30T09:00:00Z","cause":"lost","by":"bert"}}"#
    );
    const USAGE: &str = concat!(
        r#"{"total":999,"code":3,"customer":1,"customer_code":1,"units":12,"#,
        r#""money":{"amount":"12.50","currency":"USD"},"first_order_claimed":true,"customers":80}"#
    );

    #[test]
    fn a_round_trip_is_identity() {
        assert_identity::<Usage>(&["{}", USAGE, r#"{"units":18446744073709551615}"#]);
        assert_identity::<IssuedCode>(&[
            ISSUED,
            r#"{"code":"A","issued_at":"2026-03-28T12:00:00.500Z"}"#,
            r#"{"code":"20% OFF-NOW","code_format":"imported","issued_at":"2026-03-28T12:00:00Z"}"#,
        ]);
        let issued: IssuedCode = serde_json::from_str(ISSUED).unwrap();
        assert_eq!(IssuedCodeDraft::from(&issued).check().unwrap(), issued);
        let usage: Usage = serde_json::from_str(USAGE).unwrap();
        assert_eq!(UsageDraft::from(&usage).check().unwrap(), usage);
        assert_eq!(UsageDraft::default().check().unwrap(), Usage::default());
    }

    /// A window of all time restricts nothing, and is the same as none.
    #[test]
    fn a_window_without_ends_is_no_window() {
        let issued: IssuedCode = serde_json::from_str(r#"{"code":"A","issued_at":"2026-03-28T12:00:00Z"}"#).unwrap();
        assert_eq!(issued.clone().with_window(Window::ALWAYS), issued);
    }

    /// All that is known of some codes of older systems is that they are worth nothing any more.
    #[test]
    fn a_code_may_only_be_known_to_be_withdrawn() {
        let read = |fields: &str| {
            let json = format!(r#"{{"code":"A","issued_at":"2026-03-28T12:00:00Z",{fields}}}"#);
            serde_json::from_str::<IssuedCode>(&json).map_err(|error| error.to_string())
        };
        let revoked = read(r#""revoked":true"#).unwrap();
        let revocation = revoked.revocation().unwrap();
        assert_eq!((revocation.at(), revocation.cause()), (revoked.issued_at(), ""));
        assert_eq!(read(r#""revocation":{"at":"2026-03-28T12:00:00Z"}"#), Ok(revoked));
        assert!(!read(r#""revoked":false"#).unwrap().is_revoked());
        let both = read(r#""revocation":{"at":"2026-03-28T12:00:00Z"},"revoked":false"#);
        assert_eq!(both.unwrap_err(), "`revoked` is `false`: not allowed together with revocation");
    }

    #[test]
    fn every_fact_is_judged() {
        assert_errors::<Usage>(&[
            (r#"{"total":-1}"#, "`total` is `-1`: negative"),
            (
                r#"{"total":1.5,"units":"2"}"#,
                "`total` is `1.5`: expected a whole number; `units` is `2`: expected a whole number",
            ),
            (r#"{"code":18446744073709551616}"#, "`code` is `1.8446744073709552e19`: expected a whole number"),
            (r#"{"money":"12.50"}"#, "`money` is `12.50`: expected an object"),
            (
                r#"{"money":{"amount":"-1","currency":"USX"}}"#,
                "`money.amount` is `-1`: negative; `money.currency` is `USX`: not a known currency",
            ),
            (
                r#"{"money":{"amount":"0.001","currency":"USD","date":"2026"}}"#,
                "`money.amount` is `0.001`: more than 2 decimals; `money.date` is `2026`: unknown field, known: `currency`, `amount`",
            ),
            (r#"{"money":{}}"#, "`money.currency` is missing; `money.amount` is missing"),
            (
                r#"{"used":1}"#,
                "`used` is `1`: unknown field, known: `total`, `code`, `customer`, `customer_code`, `units`, `money`, `first_order_claimed`, `customers`",
            ),
            ("[]", "`` is `[]`: expected an object"),
        ]);
        let at = r#""issued_at":"2026-03-28T12:00:00Z""#;
        for (fields, error) in [
            (format!(r#""code":"",{at}"#), "`code` is ``: empty"),
            (
                format!(r#""code":"{}",{at}"#, "A".repeat(25)),
                "`code` is `AAAAAAAAAAAAAAAAAAAAAAAAA`: longer than 24 characters",
            ),
            (format!(r#""code":7,{at}"#), "`code` is `7`: expected a string"),
            (
                format!(r#""code":"A","code_format":"old",{at}"#),
                "`code_format` is `old`: not one of `standard`, `imported`",
            ),
            (
                format!(r#""code":"A","holder":"ann",{at}"#),
                "`holder` is `ann`: not one of id:, email:, phone:, device: or other: with a value",
            ),
            (r#""code":"A""#.to_owned(), "`issued_at` is missing"),
            (
                format!(r#""code":"A",{at},"starts_at":"2026-04-01T00:00:00Z","ends_at":"2026-04-01T00:00:00Z""#),
                "`ends_at` is `2026-04-01T00:00:00Z`: ends before it begins",
            ),
            (
                format!(r#""code":"A",{at},"ends_at":"2026-04-01""#),
                "`ends_at` is `2026-04-01`: not a date, time or instant: write 2026-03-29, 03-29 for every year, 09:00, or 2026-03-29T12:00:00Z",
            ),
            (
                format!(r#""code":"A",{at},"uses":1"#),
                "`uses` is `1`: unknown field, known: `code_format`, `code`, `holder`, `issued_at`, `starts_at`, `ends_at`, `batch`, `occasion`, `issued_by`, `revocation`, `revoked`",
            ),
        ] {
            assert_errors::<IssuedCode>(&[(&format!("{{{fields}}}"), error)]);
        }
    }
}
