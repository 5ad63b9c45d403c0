//! From a draft to a coupon: the rules that concern more than one field.

use crate::error::Why;

use super::code::{Code, CodeFormat};
use super::earn::read_rules;
use super::limits::Limits;
use super::{
    AssignWhen, Benefit, Condition, Coupon, CouponDraft, Kind, Level, Payments, Remainder, TypeAssignment, Validity,
};
use crate::form::DraftValue;
use crate::form::{Check, Fields, Form, Writer, read_inner_version, serde_by_form};

/// The most characters of a name or a description (S132).
const MAX_TEXT: usize = 255;
/// The most benefits of one coupon.
const MAX_BENEFITS: usize = 100;

impl Form for Coupon {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, read_coupon)
    }

    fn write(&self) -> DraftValue {
        self.write_after(Writer::default().put("version", &CouponDraft::VERSION))
    }
}

impl Coupon {
    /// The definition inside another document, which has the version.
    pub(crate) fn write_inner(&self) -> DraftValue {
        self.write_after(Writer::default())
    }

    fn write_after(&self, fields: Writer) -> DraftValue {
        let conditions = (!self.conditions.is_empty()).then_some(&self.conditions);
        fields
            .put("id", &self.id)
            .put_unless("revision", &self.revision, &1)
            .put_some("name", self.name.as_ref())
            .put_unless_default("description", &self.description)
            .put_unless_default("status", &self.status)
            .put_unless_default("kind", &self.kind)
            .put_unless_default("code_format", &self.code_format)
            .put_some("code", self.code.as_ref().map(|code| code.as_str().to_owned()).as_ref())
            .put_unless_default("level", &self.level)
            .put_unless_default("scope", &self.scope)
            .put_unless_default("availability", &self.availability)
            .put_unless_default("validity", &self.validity)
            .put_some("earn", (!self.earn.is_empty()).then_some(&self.earn))
            .put_unless_default("limits", &self.limits)
            .put_some("conditions", conditions)
            .put("benefits", &self.benefits)
            .put_some("assign", self.assign.as_ref())
            .put_unless_default("combination", &self.combination)
            .put_unless_default("priority", &self.priority)
            .put_some("account", self.account.as_ref())
            .put_unless_default("funding", &self.funding)
            .put_some("payments", self.payments.as_ref())
            .put_unless_default("remainder", &self.remainder)
            .put_some("campaign", self.campaign.as_ref())
            .end()
    }
}

serde_by_form!(Coupon);

/// Reads every field, and reports what does not go together.
pub(super) fn read_coupon(f: &mut Fields<'_, '_>) -> Option<Coupon> {
    read_version(f);
    read_fields(f)
}

/// Reads a definition inside another document, which has the version.
pub(crate) fn read_inner_coupon(f: &mut Fields<'_, '_>) -> Option<Coupon> {
    read_inner_version(f, CouponDraft::VERSION);
    read_fields(f)
}

fn read_fields(f: &mut Fields<'_, '_>) -> Option<Coupon> {
    let id = f.required("id");
    let revision = f.not_zero("revision").unwrap_or(1);
    let name = f.optional_with("name", read_text);
    let description = f.optional_with("description", read_text).unwrap_or_default();
    let (kind, level) = (f.or_default("kind"), f.or_default("level"));
    let code_format = f.or_default("code_format");
    let code = f.optional_with("code", |value, check| read_code(value, code_format, check));
    let earn = f.optional_with("earn", read_rules).unwrap_or_default();
    if kind == Kind::Personal {
        // A personal coupon has a code per customer, issued one by one.
        f.forbid("code", "kind personal");
    } else if !earn.is_empty() {
        // Who earns it gets a code of their own.
        f.forbid("code", "earn");
    }
    let shared = f.has("code");
    let availability = f.optional_with("availability", read_availability).unwrap_or_default();
    let validity = f.optional_with("validity", |value, check| read_validity(value, shared, check)).unwrap_or_default();
    let limits: Limits = f.or_default("limits");
    let limits = match kind {
        // Whoever earns it again, next year or with the next order, has a code that is as good as the first.
        _ if !earn.is_empty() => limits.once_per_code_by_default(),
        Kind::Personal => limits.once_by_default(),
        Kind::General => limits,
    };
    let assign: Option<TypeAssignment> = f.optional("assign");
    let before_pricing = assign.as_ref().is_some_and(|assign| assign.when == AssignWhen::BeforePricing);
    let conditions =
        f.optional_with("conditions", |value, check| read_conditions(value, before_pricing, check)).unwrap_or_default();
    let benefits = f.required_with("benefits", |value, check| read_benefits(value, level, check));
    let payments: Option<Payments> = f.optional("payments");
    let remainder: Remainder = f.or_default("remainder");
    let left_over = |b: &Benefit| matches!(b, Benefit::Amount(_) | Benefit::Operator(_));
    if remainder == Remainder::Carry && benefits.as_ref().is_some_and(|all| !all.iter().any(left_over)) {
        f.report("remainder", Why::Impossible { because: "only an amount leaves a remainder" });
    }
    if payments.is_some_and(Payments::is_service_time) {
        let shipping = |b: &Benefit| match b {
            Benefit::Shipping(_) => true,
            Benefit::Percent(percent) => percent.include_shipping(),
            Benefit::Amount(amount) => amount.include_shipping(),
            _ => false,
        };
        if benefits.iter().flatten().any(shipping) {
            f.report("payments", Why::Contradicts { with: "shipping, which has no time of service" });
        }
    }
    if benefits.iter().flatten().any(|benefit| matches!(benefit, Benefit::Trial(_))) {
        f.forbid("payments", "a trial");
    }
    let (status, scope, combination) = (f.or_default("status"), f.or_default("scope"), f.or_default("combination"));
    let (priority, account, funding) = (f.or_default("priority"), f.optional("account"), f.or_default("funding"));
    let campaign = f.optional("campaign");
    Some(Coupon {
        id: id?,
        revision,
        name,
        description,
        status,
        kind,
        code,
        code_format,
        level,
        scope,
        availability,
        validity,
        earn,
        limits,
        conditions,
        benefits: benefits?,
        assign,
        combination,
        priority,
        account,
        funding,
        payments,
        remainder,
        campaign,
    })
}

fn read_version(f: &mut Fields<'_, '_>) {
    f.required_with("version", |value, check| {
        let version = u32::read(value, check)?;
        if version != CouponDraft::VERSION {
            check.report(value, Why::UnknownVersion { supported: CouponDraft::VERSION });
        }
        Some(())
    });
}

fn read_text(value: &DraftValue, check: &mut Check) -> Option<String> {
    let text = check.text(value)?;
    if text.chars().count() > MAX_TEXT {
        check.report(value, Why::TooLong { max: MAX_TEXT });
        return None;
    }
    Some(text.to_owned())
}

fn read_code(value: &DraftValue, format: CodeFormat, check: &mut Check) -> Option<Code> {
    let text = check.text(value)?;
    check.accept(value, Code::parse(text, format))
}

/// A countdown runs from the moment a code was issued, and a code that is shared has none.
fn read_validity(value: &DraftValue, shared: bool, check: &mut Check) -> Option<Validity> {
    let validity = Validity::read(value, check)?;
    if shared && matches!(validity, Validity::Countdown(_)) {
        check.in_field("countdown", 0, |check| check.report("{..}", Why::Contradicts { with: "a shared code" }));
    }
    Some(validity)
}

fn read_availability(value: &DraftValue, check: &mut Check) -> Option<Validity> {
    let availability = Validity::read(value, check)?;
    if matches!(availability, Validity::Countdown(_)) {
        check.in_field("countdown", 0, |check| check.report("{..}", Why::Contradicts { with: "availability" }));
    }
    Some(availability)
}

fn read_conditions(value: &DraftValue, before_pricing: bool, check: &mut Check) -> Option<Vec<Condition>> {
    // One tree, so that the bound on its members holds for the conditions of a coupon together.
    let conditions: Vec<Condition> = check.tree(|check| Form::read(value, check))?;
    for (place, condition) in conditions.iter().enumerate() {
        if before_pricing && condition.reads_lines() {
            let why = Why::Contradicts { with: "an assignment before pricing, which knows no price and no line" };
            check.in_member(place, |check| check.report("{..}", why));
        }
    }
    Some(conditions)
}

fn read_benefits(value: &DraftValue, level: Level, check: &mut Check) -> Option<Vec<Benefit>> {
    match value.as_list().map(<[DraftValue]>::len) {
        Some(0) => {
            check.report(value, Why::Empty);
            return None;
        }
        Some(count) if count > MAX_BENEFITS => {
            check.report(value, Why::TooMany { max: MAX_BENEFITS });
            return None;
        }
        _ => {}
    }
    let benefits: Vec<Benefit> = Form::read(value, check)?;
    // The figures come with the code, one set of them; and a subscription has one first charge.
    let once = |benefit: &Benefit| match benefit {
        Benefit::Operator(_) => Some("operator"),
        Benefit::Host(_) => Some("host"),
        Benefit::Trial(_) => Some("trial"),
        _ => None,
    };
    for (place, benefit) in benefits.iter().enumerate() {
        let earlier = benefits.iter().take(place).map(once);
        if let Some(name) = once(benefit).filter(|name| earlier.into_iter().any(|e| e == Some(name))) {
            check.in_member(place, |check| check.report(name, Why::Duplicate));
        }
    }
    for (place, benefit) in benefits.iter().enumerate() {
        let Benefit::SetPrice(set) = benefit else { continue };
        // The price of a whole order is an amount, and has no unit to round on.
        if let Some(currency) = set.price.finer_than_its_currency().filter(|_| level == Level::Order) {
            let price = set.price.in_currency(currency).map(|price| price.to_string()).unwrap_or_default();
            check.in_member(place, |check| {
                check.in_field("set_price", 0, |check| {
                    check.in_field("price", 0, |check| {
                        let why = Why::TooPrecise { decimals: currency.exponent() };
                        check.in_field(&currency.to_string(), 0, |check| check.report(price, why));
                    });
                });
            });
        }
    }
    Some(benefits)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::form::testing::{assert_identity, errors_of, read};

    /// A definition with these fields beside the ones that must be there.
    fn with(fields: &str) -> String {
        let benefits = if fields.contains("\"benefits\"") { "" } else { r#","benefits":["none"]"# };
        let comma = if fields.is_empty() { "" } else { "," };
        format!(r#"{{"version":1,"id":"C"{comma}{fields}{benefits}}}"#)
    }

    #[track_caller]
    fn assert_all(table: &[(&str, &str)]) {
        for (fields, errors) in table {
            assert_eq!(errors_of::<Coupon>(&with(fields)), *errors, "{fields}");
        }
    }

    #[test]
    fn a_definition_says_its_version_its_id_and_what_it_is_worth() {
        for (json, errors) in [
            ("{}", "`version` is missing; `id` is missing; `benefits` is missing"),
            ("[]", "`` is `[]`: expected an object"),
            (r#"{"version":2,"id":"C","benefits":["none"]}"#, "`version` is `2`: unknown version, 1 is supported"),
            (r#"{"version":"1","id":"C","benefits":["none"]}"#, "`version` is `1`: expected a whole number"),
            (r#"{"version":1.0,"id":"C","benefits":["none"]}"#, "`version` is `1.0`: expected a whole number"),
            (r#"{"version":1,"id":"","benefits":[]}"#, "`id` is ``: empty; `benefits` is `[]`: empty"),
            (
                r#"{"version":1,"id":7,"benefits":{}}"#,
                "`id` is `7`: expected a string; `benefits` is `{}`: expected a list",
            ),
        ] {
            assert_eq!(errors_of::<Coupon>(json), errors, "{json}");
        }
    }

    /// Proves the defaults of S131, S133, S134, S139.
    #[test]
    fn what_is_left_out_has_a_default() {
        let coupon: Coupon = read(&with(""));
        assert_eq!(coupon.revision(), 1);
        assert_eq!(coupon.status(), crate::Status::Active);
        assert_eq!(coupon.kind(), Kind::General);
        assert_eq!(coupon.level(), Level::Line);
        assert_eq!(coupon.scope(), &crate::Scope::Open);
        assert_eq!(coupon.validity(), &Validity::Always);
        assert_eq!(coupon.limits(), &Limits::default());
        assert_eq!(coupon.combination(), &crate::Combination::default());
        assert_eq!(coupon.funding(), &crate::Funding::Seller);
        assert_eq!((coupon.code(), coupon.assign(), coupon.payments()), (None, None, None));
    }

    /// Proves S73, S132.
    #[test]
    fn texts_are_bounded() {
        let text = |field: &str, count: usize| with(&format!(r#""{field}":"{}""#, "\u{e4}".repeat(count)));
        for field in ["name", "description"] {
            assert_eq!(errors_of::<Coupon>(&text(field, 255)), "");
            assert!(errors_of::<Coupon>(&text(field, 256)).ends_with(": longer than 255 characters"), "{field}");
        }
    }

    #[test]
    fn numbers_and_choices_are_checked() {
        assert_all(&[
            (r#""revision":0"#, "`revision` is `0`: zero"),
            (r#""priority":-5"#, ""),
            (r#""priority":2147483648"#, "`priority` is `2147483648`: not between -2147483648 and 2147483647"),
            (r#""status":"on""#, "`status` is `on`: not one of `active`, `inactive`, `expired`"),
            (r#""kind":"group""#, "`kind` is `group`: not one of `general`, `personal`"),
            (r#""level":"unit""#, "`level` is `unit`: not one of `line`, `order`"),
            (
                r#""colour":"red""#,
                "`colour` is `red`: unknown field, known: `version`, `id`, `revision`, `name`, `description`, `kind`, `level`, `code_format`, `code`, `earn`, `availability`, `validity`, `limits`, `assign`, `conditions`, `benefits`, `payments`, `remainder`, `status`, `scope`, `combination`, `priority`, `account`, `funding`, `campaign`",
            ),
            (r#""priority":1,"priority":2"#, "`priority` is `2`: given twice"),
        ]);
    }

    /// Proves S130 and the codes of V17.
    #[test]
    fn a_code_fits_its_format() {
        assert_all(&[
            (r#""code":"ABCDEFGHIJKLMNOPQRSTUVWX""#, ""),
            (
                r#""code":"ABCDEFGHIJKLMNOPQRSTUVWXY""#,
                "`code` is `ABCDEFGHIJKLMNOPQRSTUVWXY`: longer than 24 characters",
            ),
            (r#""code":"20 OFF!""#, "`code` is `20 OFF!`: character `!` at position 7 is not allowed"),
            (r#""code":"20 OFF!","code_format":"imported""#, ""),
            (r#""code":20"#, "`code` is `20`: expected a string"),
        ]);
        let coupon: Coupon = read(&with(r#""code":" 20-off ""#));
        assert_eq!(coupon.code().unwrap().as_str(), "20OFF");
    }

    /// Proves S54, S135.
    #[test]
    fn a_personal_coupon_has_no_shared_code_and_is_good_for_one_use() {
        assert_all(&[(
            r#""kind":"personal","code":"ANN""#,
            "`code` is `ANN`: not allowed together with kind personal",
        )]);
        let once: Coupon = read(&with(r#""kind":"personal""#));
        assert_eq!((once.limits().per_code(), once.limits().per_customer()), (Some(1), Some(1)));
        let thrice: Coupon = read(&with(r#""kind":"personal","limits":{"per_customer":3}"#));
        assert_eq!((thrice.limits().per_code(), thrice.limits().per_customer()), (Some(1), Some(3)));
    }

    /// Proves S78, S116.
    #[test]
    fn a_countdown_needs_a_moment_of_issue() {
        assert_all(&[
            (r#""kind":"personal","validity":{"countdown":{"days":2}}"#, ""),
            (r#""validity":{"countdown":{"days":2}}"#, ""),
            (
                r#""code":"SHARED","validity":{"countdown":{"days":2}}"#,
                "`validity.countdown` is `{..}`: not allowed together with a shared code",
            ),
            (
                r#""validity":{"from":"2026-01-02","thru":"2026-01-01","countdown":{"days":2}}"#,
                "`validity.thru` is `2026-01-01`: ends before it begins; \
                 `validity.countdown` is `{..}`: not allowed together with dates",
            ),
            (r#""availability":{"thru":"2026-12-31"}"#, ""),
            (
                r#""availability":{"countdown":{"days":2}}"#,
                "`availability.countdown` is `{..}`: not allowed together with availability",
            ),
        ]);
    }

    /// Proves the definition error of S67.
    #[test]
    fn a_trial_has_no_payment_to_lower() {
        assert_all(&[
            (r#""benefits":[{"trial":{"days":14}}]"#, ""),
            (r#""payments":"first""#, ""),
            (
                r#""benefits":["none",{"trial":{"days":14}}],"payments":"first""#,
                "`payments` is `first`: not allowed together with a trial",
            ),
        ]);
    }

    #[test]
    fn an_assignment_before_pricing_has_no_condition_on_prices_or_lines() {
        let spend = r#"{"minimum_spend":{"amounts":{"USD":"1"}}}"#;
        let fields = |when: &str| {
            with(&format!(
                r#""assign":{{"to":"PROFORM","when":"{when}"}},"conditions":["first_order",{{"not":{spend}}}]"#
            ))
        };
        assert_eq!(errors_of::<Coupon>(&fields("on_commit")), "");
        assert_eq!(
            errors_of::<Coupon>(&fields("before_pricing")),
            "`conditions[1]` is `{..}`: not allowed together with an assignment before pricing, which knows no price \
             and no line"
        );
    }

    #[test]
    fn the_price_of_a_whole_order_is_an_amount() {
        let fields = |level: &str| {
            with(&format!(r#""level":"{level}","benefits":["none",{{"set_price":{{"price":{{"USD":"0.005"}}}}}}]"#))
        };
        assert_eq!(errors_of::<Coupon>(&fields("line")), "");
        assert_eq!(
            errors_of::<Coupon>(&fields("order")),
            "`benefits[1].set_price.price.USD` is `0.005`: more than 2 decimals"
        );
    }

    #[test]
    fn everything_is_reported_at_once_in_the_order_of_the_document() {
        let json = r#"{
            "version": 7, "id": "C", "code": "ABCDEFGHIJKLMNOPQRSTUVWXY", "statsu": "active",
            "validity": {"from": "2026-02-01", "thru": "2026-01-31"},
            "scope": {"product": {"product": "BOOTH", "subsystem": "meetings"}},
            "limits": {"total": 0},
            "conditions": [{"minimum_spend": {"amounts": {"USD": 50.5}}}, "firstorder"],
            "benefits": [
                {"percent": {"off": "100.001", "cap": {"USD": "-1"}}},
                {"amount": {"off": {"USD": "100000000.00", "USD": "1"}}}
            ],
            "funding": {"split": {"party": "ACME", "share": "101"}}
        }"#;
        let paths: Vec<String> = match serde_json::from_str::<CouponDraft>(json).unwrap().check() {
            Ok(_) => Vec::new(),
            Err(errors) => errors.errors().iter().map(|error| error.path.clone()).collect(),
        };
        assert_eq!(
            paths,
            [
                "version",
                "code",
                "statsu",
                "validity.thru",
                "scope.product.subsystem",
                "scope.product.parent_product",
                "limits.total",
                "conditions[0].minimum_spend.amounts.USD",
                "conditions[1]",
                "benefits[0].percent.off",
                "benefits[0].percent.cap.USD",
                "benefits[1].amount.off.USD",
                "funding.split.share",
            ]
        );
    }

    #[test]
    fn lists_are_bounded() {
        let benefits = |count: usize| with(&format!(r#""benefits":[{}]"#, vec![r#""none""#; count].join(",")));
        assert_eq!(errors_of::<Coupon>(&benefits(100)), "");
        assert_eq!(errors_of::<Coupon>(&benefits(101)), "`benefits` is `[..]`: more than 100 members");
        let conditions =
            |count: usize| with(&format!(r#""conditions":[{}]"#, vec![r#"{"not":"first_order"}"#; count].join(",")));
        assert_eq!(errors_of::<Coupon>(&conditions(500)), "");
        assert_eq!(errors_of::<Coupon>(&conditions(501)), "`conditions` is `{..}`: more than 1000 members");
    }

    #[test]
    fn nesting_without_end_is_an_error_that_hides_nothing_else() {
        let mut condition = DraftValue::from("first_order");
        for _ in 0..100_000 {
            condition = DraftValue::map([("not", condition)]);
        }
        let mut draft = CouponDraft::new();
        draft.set("conditions[0]", condition.clone()).unwrap();
        draft.set("scope", condition).unwrap();
        draft.set("benefits", DraftValue::list(["none"])).unwrap();
        let errors = draft.check().unwrap_err();
        assert_eq!(errors.errors().len(), 3, "{errors}");
        assert_eq!(errors.errors().iter().filter(|e| matches!(e.why, Why::TooDeep { .. })).count(), 2, "{errors}");
        assert!(errors.at("id").is_some());

        let json = format!(r#"{{"conditions":[{}1{}]}}"#, r#"{"not":"#.repeat(100_000), "}".repeat(100_000));
        assert!(serde_json::from_str::<CouponDraft>(&json).is_err());
        assert!(serde_json::from_str::<Coupon>(&json).is_err());
    }

    #[test]
    fn a_round_trip_is_identity() {
        assert_identity::<Coupon>(&[
            r#"{"version":1,"id":"C","benefits":["none"]}"#,
            r#"{"version":1,"id":"C","revision":2,"name":"internal","description":"10% off","status":"inactive","kind":"personal","level":"order","scope":"on_sale","availability":{"from":"2026-01-01"},"validity":{"countdown":{"days":2,"hours":3}},"limits":{"per_code":1,"per_customer":2},"conditions":["first_order"],"benefits":[{"percent":{"off":"10"}},{"shipping":"free"}],"assign":{"to":"CLUB"},"combination":{"exclusive":true},"priority":-1,"account":"R-100","funding":{"third_party":{"party":"ACME"}},"payments":{"first_n":3},"campaign":"spring"}"#,
            r#"{"version":1,"id":"C","code_format":"imported","code":"20% OFF","benefits":[{"trial":{"days":14}}]}"#,
        ]);
        let coupon: Coupon = read(&with(r#""code":"welcome-10""#));
        assert_eq!(CouponDraft::from(&coupon).check().unwrap(), coupon);
        let json = serde_json::to_string(&coupon).unwrap();
        assert_eq!(serde_json::from_str::<Coupon>(&json).unwrap(), coupon);
    }

    /// A definition that says everything, some of which a test then replaces.
    const FULL: &str = r#"{"version":1,"id":"C","revision":2,"description":"d","kind":"general","code":"A","level":"order",
        "scope":{"any":[{"product":{"parent_product":"p","product":"q"}},{"price_range":{"min":{"USD":"1.00"}}}]},
        "validity":{"from":"2026-01-01","thru":"2026-12-31"},"limits":{"total":5,"money":{"USD":"7.40"}},
        "conditions":[{"minimum_spend":{"amounts":{"USD":"50.00","other":"50"}}},{"last_order":{"within_days":9}}],
        "benefits":[{"percent":{"off":"10","cap":{"USD":"5.00"},"scope":{"not":"on_sale"}}},{"shipping":{"percent":"50"}},
            {"set_price":{"price":{"USD":"9.99"}}},{"operator":{"instructions":"i"}}],
        "assign":{"to":"T"},"funding":{"split":{"party":"P","share":"40"}},"payments":{"first_n":3}}"#;

    const PATHS: [&str; 18] = [
        "version",
        "id",
        "code",
        "level",
        "scope.any[0].product.parent_product",
        "scope.any[1].price_range.min.USD",
        "scope.any[0]",
        "validity.thru",
        "validity.countdown.days",
        "limits.total",
        "conditions[0].minimum_spend.amounts",
        "conditions[1].last_order.over_days",
        "benefits[0].percent.off",
        "benefits[1].shipping.free",
        "benefits[2].set_price.price.USD",
        "assign.when",
        "funding.split.share",
        "payments",
    ];

    fn anything() -> impl Strategy<Value = DraftValue> {
        let leaf = prop_oneof![
            Just(DraftValue::NULL),
            any::<bool>().prop_map(DraftValue::from),
            any::<i64>().prop_map(DraftValue::from),
            (0_u32..100).prop_map(DraftValue::from),
            "[-0-9.]{0,6}".prop_map(DraftValue::from),
            "\\PC{0,8}".prop_map(DraftValue::from),
            Just(DraftValue::from("2026-06-30")),
            Just(DraftValue::from("before_pricing")),
            Just(DraftValue::from("on_sale")),
        ];
        leaf.prop_recursive(3, 16, 4, |inner| {
            let name = prop_oneof![Just("not"), Just("any"), Just("USD"), Just("off"), Just("days"), Just("x")];
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(DraftValue::list),
                prop::collection::vec((name, inner), 0..4).prop_map(DraftValue::map),
            ]
        })
    }

    proptest! {
        /// Whatever stands in a draft, its check answers; and what it accepts reads back as itself.
        #[test]
        fn any_draft_is_checked(changes in prop::collection::vec((prop::sample::select(&PATHS[..]), anything()), 0..4)) {
            let mut draft: CouponDraft = serde_json::from_str(FULL).unwrap();
            for (path, value) in changes {
                // A scalar from an earlier change may stand in the way.
                let _ = draft.set(path, value);
            }
            let json = serde_json::to_string(&draft).unwrap();
            prop_assert_eq!(&serde_json::from_str::<CouponDraft>(&json).unwrap(), &draft);
            match draft.check() {
                Ok(coupon) => {
                    let written = serde_json::to_string(&coupon).unwrap();
                    prop_assert_eq!(serde_json::from_str::<Coupon>(&written).unwrap(), coupon);
                }
                Err(errors) => prop_assert!(!errors.errors().is_empty()),
            }
        }
    }

    #[test]
    fn the_full_definition_is_valid() {
        assert_eq!(errors_of::<Coupon>(FULL), "");
    }
}
