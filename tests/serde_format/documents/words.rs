//! Enums by themselves: one of every variant, those included that are left out of a document as its default.

use std::fmt::Debug;

use chrono::{DateTime, NaiveTime, Utc, Weekday};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use vouchsafe::*;

use super::coupons::{money, usd};

fn at() -> DateTime<Utc> {
    parse_instant("2026-03-29T12:00:00.5Z").unwrap()
}

fn dollars(text: &str) -> Money {
    money(text, Currency::USD)
}

/// One of every variant, which the message about an unknown one lists. `others` are further ones with other figures.
fn every<T: DeserializeOwned + Debug>(list: Vec<T>, others: usize) -> Vec<T> {
    let message = serde_json::from_str::<T>("\"?\"").unwrap_err().to_string();
    let listed = message.split("expected ").last().and_then(|rest| rest.split("not one of ").last());
    let choices = listed.map_or(0, |listed| listed.split('`').count() / 2);
    assert_eq!(list.len(), choices + others, "of {message}");
    list
}

pub fn refusals() -> Vec<Refusal> {
    let (required, found) = (dollars("50.00"), dollars("45.90"));
    let limit = |limit| Refusal::LimitReached { limit, allowed: 1_000, taken: u64::MAX };
    let list = vec![
        Refusal::UnknownCode,
        Refusal::CodeRevoked,
        Refusal::DuplicateCode,
        Refusal::Inactive,
        Refusal::NotStarted { starts: at() },
        Refusal::Expired { ended: Some(at()) },
        Refusal::Expired { ended: None },
        Refusal::WrongCustomer,
        Refusal::CustomerRequired,
        limit(LimitKind::Total),
        limit(LimitKind::Code),
        limit(LimitKind::Customer),
        limit(LimitKind::CustomerCode),
        limit(LimitKind::Units),
        limit(LimitKind::Money),
        Refusal::BudgetExhausted { wanted: Some(required), left: found },
        Refusal::BudgetExhausted { wanted: None, left: Money::zero(Currency::JPY) },
        Refusal::CustomerType { found: Some("RETAIL".parse().unwrap()) },
        Refusal::CustomerType { found: None },
        Refusal::CustomerAttribute { key: "segment".parse().unwrap() },
        Refusal::MembersOnly,
        Refusal::NotThisCustomer,
        Refusal::FirstOrder { orders: 3 },
        Refusal::NthOrder { required: 5, found: 4 },
        Refusal::OrdersInPeriod { required: 3, found: 1, days: 90 },
        Refusal::LifetimeSpend { required, found },
        Refusal::LastOrder { found: Some(at()) },
        Refusal::LastOrder { found: None },
        Refusal::NotBoughtBefore,
        Refusal::NotEnabledHere,
        Refusal::Region,
        Refusal::PaymentOption,
        Refusal::ShippingMethod { allowed: vec!["ground".parse().unwrap()], found: vec!["express".parse().unwrap()] },
        Refusal::ShippingMethod { allowed: Vec::new(), found: Vec::new() },
        Refusal::OutsideHours { opens: Some(at()) },
        Refusal::BlackoutDate { opens: Some(at()) },
        Refusal::BlackoutDate { opens: None },
        Refusal::UniqueCustomers { required: 100, found: 80 },
        Refusal::MinimumSpend { required, found },
        Refusal::MaximumSpend { allowed: found, found: required },
        Refusal::MinimumQuantity { required: 3, found: 2 },
        Refusal::DistinctProducts { required: 3, found: 2 },
        Refusal::NotWithLines { lines: vec![LineId(2), LineId(u64::MAX)] },
        Refusal::Excluded,
        Refusal::NoneOf,
        Refusal::NoAmountInCurrency { currency: Currency::own("PTS", 0).unwrap() },
        Refusal::ManualNotAllowed,
        Refusal::ManualAmountRequired,
        Refusal::ManualAmountTooHigh { allowed: found, found: required },
        Refusal::HostAmountsRequired,
        Refusal::NotApplicable,
        Refusal::NotWithDiscounts { line: LineId(u64::MAX) },
        Refusal::TypeConflict,
        Refusal::NotStackable { beside: Some("summer".parse().unwrap()) },
        Refusal::BetterInGroup { group: "welcome".parse().unwrap() },
        Refusal::SameCoupon { coupon: "spring".parse().unwrap() },
        Refusal::TooManyCodes { allowed: 1 },
        Refusal::NoBenefit,
    ];
    every(list, 5 + 4 + 2)
}

pub fn issue_refusals() -> Vec<IssueRefusal> {
    let code = || Code::parse("A_1", CodeFormat::Imported).unwrap();
    let all = vec![
        IssueRefusal::NotActive { status: Status::Expired },
        IssueRefusal::SharedCode,
        IssueRefusal::HolderRequired,
        IssueRefusal::NotYetAvailable { from: at() },
        IssueRefusal::NoLongerAvailable { until: at() },
        IssueRefusal::ValidityOver { until: at() },
        IssueRefusal::OutsideValidity,
        IssueRefusal::BeyondTime,
        IssueRefusal::WrongFormat { code: code() },
        IssueRefusal::WrongPattern { code: code() },
    ];
    every(all, 0)
}

pub fn mends() -> Vec<Mend> {
    let list = vec![
        Mend::Spend(dollars("4.10")),
        Mend::SpendLess(dollars("4.10")),
        Mend::Pieces(2),
        Mend::Products(2),
        Mend::RemoveLines(vec![LineId(2), LineId(u64::MAX)]),
        Mend::WaitUntil(at()),
        Mend::Identify,
        Mend::EnterAmount,
        Mend::EnterAtMost(dollars("25.00")),
        Mend::ChangePayment,
        Mend::ChangeShipping,
        Mend::Customers(20),
        Mend::Orders(2),
        Mend::SpendBefore(dollars("4.10")),
        Mend::RemoveOtherCode,
    ];
    every(list, 0)
}

pub fn objections() -> Vec<Objection> {
    let (coupon, code): (CouponId, Code) = ("spring".parse().unwrap(), Code::from_canonical("K7WQ93MX").unwrap());
    let customer = IdentityKey::id("42").unwrap();
    let counter = |counter| Objection::LimitReached { counter, limit: 10, used: 8, held: 1, wanted: 2 };
    let (c, k) = (|| coupon.clone(), || code.clone());
    let keys = every(
        vec![
            CounterKey::Total { coupon: c() },
            CounterKey::Code { coupon: c(), code: k() },
            CounterKey::Customer { coupon: c(), customer: customer.clone() },
            CounterKey::CustomerCode { coupon: c(), code: k(), customer: customer.clone() },
            CounterKey::Units { coupon: c() },
            CounterKey::Money { coupon: c(), currency: Currency::USD },
            CounterKey::FirstOrder { customer: customer.clone() },
            CounterKey::Allowance {
                allowance: "pairs".parse().unwrap(),
                customer: Some(customer),
                since: parse_date("2026-03-01").ok(),
            },
            CounterKey::Allowance { allowance: "violin".parse().unwrap(), customer: None, since: None },
        ],
        1,
    );
    let mut list: Vec<Objection> = keys.into_iter().map(counter).collect();
    list.extend([
        Objection::UnknownCoupon { coupon: c() },
        Objection::NotActive { coupon: c() },
        Objection::Killed { coupon: c() },
        Objection::UnknownCode { coupon: c(), code: k() },
        Objection::CodeRevoked { coupon: c(), code: k() },
        Objection::WrongCustomer { coupon: c(), code: k() },
        Objection::CustomerRequired { coupon: Some(c()) },
        Objection::CustomerRequired { coupon: None },
        Objection::OutsideWindow { coupon: c(), from: Some(at()), until: Some(at()) },
        Objection::OutsideWindow { coupon: c(), from: None, until: None },
        Objection::OutsideAllowance { allowance: "pairs".parse().unwrap(), from: Some(at()), until: None },
        Objection::TypesChanged { priced: 3, current: 4 },
        Objection::PointsShort { account: IdentityKey::id("42").unwrap(), balance: 730, held: 500, wanted: 300 },
        Objection::TotalChanged { seen: "0".repeat(32).parse().unwrap(), found: "f".repeat(32).parse().unwrap() },
        Objection::Voided,
    ]);
    every(list, 8 + 1 + 1)
}

fn revised() -> Vec<Revised> {
    vec![Revised { coupon: "spring".parse().unwrap(), priced: 1, current: 2 }]
}

pub fn reserve() -> Vec<Reserve> {
    let list = vec![
        Reserve::Held { until: at() },
        Reserve::AlreadyRecorded,
        Reserve::Different,
        Reserve::Refused(vec![Objection::Voided]),
        Reserve::Stale(revised()),
    ];
    every(list, 0)
}

pub fn commit() -> Vec<Commit> {
    let list = vec![
        Commit::Recorded,
        Commit::AlreadyRecorded,
        Commit::Different,
        Commit::Refused(vec![Objection::Voided]),
        Commit::Stale(revised()),
    ];
    every(list, 0)
}

pub fn release() -> Vec<Release> {
    every(vec![Release::Released, Release::NothingHeld, Release::Recorded], 0)
}

fn points_returned() -> PointsReturned {
    serde_json::from_str(r#"{"given_back":500,"taken_back":12,"shortfall":3}"#).unwrap()
}

pub fn points_refusals() -> Vec<PointsRefusal> {
    let list = vec![
        PointsRefusal::NotOffered,
        PointsRefusal::NoValueInCurrency { currency: Currency::JPY },
        PointsRefusal::IdentityRequired,
        PointsRefusal::BelowMinimum { asked: 99, minimum: 100 },
        PointsRefusal::NotInSteps { asked: 120, step: 50 },
        PointsRefusal::BalanceTooLow { asked: 500, balance: u64::MAX },
        PointsRefusal::NotApplicable,
        PointsRefusal::NoBenefit { asked: 1 },
    ];
    every(list, 0)
}

pub fn return_points() -> Vec<ReturnPoints> {
    let list = vec![
        ReturnPoints::Returned(points_returned()),
        ReturnPoints::AlreadyReturned(PointsReturned::default()),
        ReturnPoints::Different,
        ReturnPoints::NotRecorded,
    ];
    every(list, 0)
}

pub fn void() -> Vec<Void> {
    let list = vec![
        Void::Voided { uses_given_back: true, type_reverted: false, allowances_given_back: false, points: None },
        Void::Voided {
            uses_given_back: false,
            type_reverted: false,
            allowances_given_back: false,
            points: Some(points_returned()),
        },
        Void::AlreadyVoided,
        Void::NotRecorded,
    ];
    every(list, 1)
}

pub fn on_void() -> Vec<OnVoid> {
    vec![
        OnVoid::KEEP,
        OnVoid::KEEP.with_uses_given_back(true),
        OnVoid::KEEP.with_type_reverted(true),
        OnVoid::KEEP.with_allowances_given_back(true),
        OnVoid::KEEP.with_points_kept(true),
    ]
}

/// How earned codes stand.
pub fn granted_codes() -> Vec<GrantedCode> {
    every(vec![GrantedCode::Unused, GrantedCode::Used { discount: dollars("12.00") }, GrantedCode::TakenBack], 0)
}

/// What a return makes of earned codes.
pub fn grant_returns() -> Vec<GrantReturn> {
    let occasion = || "order/o-1/1#2".parse().unwrap();
    let coupon = || "meeting".parse().unwrap();
    let list = vec![
        GrantReturn::Withhold { coupon: coupon(), occasion: occasion() },
        GrantReturn::Revoke { coupon: coupon(), occasion: occasion() },
        GrantReturn::Bill { coupon: coupon(), occasion: occasion(), amount: dollars("12.00") },
        GrantReturn::Keep { coupon: coupon(), occasion: occasion() },
    ];
    every(list, 0)
}

pub fn weekly() -> Vec<Weekly> {
    let time = |hour, minute| NaiveTime::from_hms_opt(hour, minute, 0).unwrap();
    vec![
        Weekly::days(&[Weekday::Sat, Weekday::Sun]).unwrap(),
        Weekly::hours(
            &[Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri],
            time(9, 5),
            time(17, 30),
        )
        .unwrap(),
    ]
}

/// Words by the name of their enum; and values that are one string.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choices {
    status: Vec<Status>,
    kind: Vec<Kind>,
    code_format: Vec<CodeFormat>,
    code_status: Vec<CodeStatus>,
    level: Vec<Level>,
    when_short: Vec<WhenShort>,
    assign_when: Vec<AssignWhen>,
    assign_until: Vec<AssignUntil>,
    type_kind: Vec<TypeKind>,
    type_event: Vec<TypeEvent>,
    type_unchanged: Vec<TypeUnchanged>,
    excess: Vec<Excess>,
    allowance_per: Vec<AllowancePer>,
    allowance_window: Vec<AllowanceWindow>,
    pick: Vec<Pick>,
    measure: Vec<Measure>,
    within: Vec<Within>,
    first_of: Vec<FirstOf>,
    percent_base: Vec<PercentBase>,
    per: Vec<Per>,
    on_return: Vec<OnReturn>,
    leap_day: Vec<LeapDay>,
    month_day: Vec<MonthDay>,
    split: Vec<Split>,
    tax_view: Vec<TaxView>,
    basis: Vec<Basis>,
    range: Vec<LineRange>,
    funding: Vec<Funding>,
    payments: Vec<Payments>,
    remainder: Vec<Remainder>,
    billing_period: Vec<BillingPeriod>,
    price_mode: Vec<PriceMode>,
    rounding: Vec<Rounding>,
    percent_rounding: Vec<PercentRounding>,
    tax_rounding: Vec<TaxRounding>,
    discount_conflict: Vec<DiscountConflict>,
    no_identity: Vec<NoIdentity>,
    public_reasons: Vec<PublicReasons>,
    identity_kind: Vec<IdentityKind>,
    limit_kind: Vec<LimitKind>,
    line_refusal: Vec<LineRefusal>,
    public_line_reason: Vec<PublicLineReason>,
    order_refusal: Vec<OrderRefusal>,
    public_reason: Vec<PublicReason>,
    answer_state: Vec<AnswerState>,
    price_source: Vec<PriceSource>,
    price_loss: Vec<PriceLoss>,
    price_strategy: Vec<PriceStrategy>,
    overrides: Vec<Overrides>,
    flag: Vec<Flag>,
    trace_step: Vec<TraceStep>,
    guard: Vec<Guard>,
    reference: Vec<Reference>,
    phase: Vec<Phase>,
    validity: Vec<Validity>,
    money: Vec<Money>,
    percent: Vec<Percent>,
    tax_rate: Vec<TaxRate>,
    unit_price: Vec<UnitPrice>,
    quantity: Vec<Quantity>,
    cash: Vec<CashInterval>,
    currency: Vec<Currency>,
    zone: Vec<Zone>,
}

impl Choices {
    pub fn all() -> Self {
        let (coupon, code): (CouponId, Code) = ("spring".parse().unwrap(), Code::from_canonical("K7WQ93MX").unwrap());
        let party: PartyId = "ACME".parse().unwrap();
        let own = Currency::own("PTS", 0).unwrap();
        Self {
            status: every(vec![Status::Active, Status::Inactive, Status::Expired], 0),
            kind: every(vec![Kind::General, Kind::Personal], 0),
            code_format: every(vec![CodeFormat::Standard, CodeFormat::Imported], 0),
            code_status: every(
                vec![
                    CodeStatus::Shared,
                    CodeStatus::Prepared,
                    CodeStatus::Unused,
                    CodeStatus::Used,
                    CodeStatus::Revoked,
                    CodeStatus::Expired,
                ],
                0,
            ),
            level: every(vec![Level::Line, Level::Order], 0),
            when_short: every(vec![WhenShort::Clip, WhenShort::Refuse], 0),
            assign_when: every(vec![AssignWhen::BeforePricing, AssignWhen::OnCommit, AssignWhen::NextOrder], 0),
            assign_until: every(
                vec![
                    AssignUntil::Forever,
                    AssignUntil::Day(parse_date("2026-12-31").unwrap()),
                    AssignUntil::Days(365),
                    AssignUntil::Membership("CLUB".parse().unwrap()),
                ],
                0,
            ),
            type_kind: every(vec![TypeKind::Primary, TypeKind::Membership], 0),
            type_event: every(
                vec![
                    TypeEvent::SignUp("club-form".parse().unwrap()),
                    TypeEvent::Administrator {
                        actor: "eve".parse().unwrap(),
                        assignment: TypeAssignment::membership("CLUB".parse().unwrap(), AssignWhen::NextOrder)
                            .lasting(AssignUntil::Days(30))
                            .unwrap()
                            .only_upwards(true),
                    },
                    TypeEvent::Leave { actor: "eve".parse().unwrap(), membership: "CLUB".parse().unwrap() },
                    TypeEvent::Ended,
                ],
                0,
            ),
            type_unchanged: every(
                vec![
                    TypeUnchanged::AlreadyHeld,
                    TypeUnchanged::NotUpwards,
                    TypeUnchanged::Conflict,
                    TypeUnchanged::NotMember,
                    TypeUnchanged::Over,
                ],
                0,
            ),
            excess: every(vec![Excess::Refuse, Excess::Cap], 0),
            allowance_per: every(vec![AllowancePer::Customer, AllowancePer::Shared], 0),
            allowance_window: vec![
                AllowanceWindow::Ever,
                AllowanceWindow::Month,
                AllowanceWindow::Quarter,
                AllowanceWindow::Year,
                AllowanceWindow::Days(DayRange::new(None, parse_date("2026-12-31").ok()).unwrap()),
                AllowanceWindow::rolling(30).unwrap(),
            ],
            pick: every(vec![Pick::Cheapest, Pick::Dearest], 0),
            measure: every(vec![Measure::Spend, Measure::Quantity], 0),
            within: every(vec![Within::Qualifying, Within::Order, Within::Line], 0),
            first_of: every(vec![FirstOf::Line, FirstOf::Order], 0),
            percent_base: every(vec![PercentBase::Remaining, PercentBase::Original], 0),
            per: every(vec![Per::Order, Per::Line, Per::Unit], 0),
            on_return: every(vec![OnReturn::Keep, OnReturn::Revoke, OnReturn::RevokeOrBill], 0),
            leap_day: every(vec![LeapDay::Feb28, LeapDay::Mar1], 0),
            month_day: vec!["02-29".parse().unwrap(), "12-31".parse().unwrap()],
            split: every(vec![Split::Proportional, Split::Even], 0),
            tax_view: every(vec![TaxView::AsPriced, TaxView::Net, TaxView::Gross], 0),
            basis: every(vec![Basis::Discounted, Basis::List, Basis::Remaining], 0),
            range: every(vec![LineRange::Qualifying, LineRange::Order], 0),
            funding: every(
                vec![
                    Funding::Seller,
                    Funding::ThirdParty { party: party.clone() },
                    Funding::Split { party, share: Percent::parse("0.001").unwrap() },
                ],
                0,
            ),
            payments: every(
                vec![
                    Payments::First,
                    Payments::All,
                    Payments::FirstN(12.try_into().unwrap()),
                    Payments::Months(3.try_into().unwrap()),
                    Payments::Days(90.try_into().unwrap()),
                ],
                0,
            ),
            remainder: every(vec![Remainder::Forfeit, Remainder::Carry], 0),
            billing_period: every(
                vec![BillingPeriod::Days(14.try_into().unwrap()), BillingPeriod::Months(1.try_into().unwrap())],
                2,
            ),
            price_mode: every(vec![PriceMode::TaxExclusive, PriceMode::TaxInclusive], 0),
            rounding: every(vec![Rounding::HalfUp, Rounding::HalfEven, Rounding::HalfDown, Rounding::Down], 0),
            percent_rounding: every(vec![PercentRounding::PerLine, PercentRounding::PerUnit], 0),
            tax_rounding: every(vec![TaxRounding::PerClass, TaxRounding::PerLine], 0),
            discount_conflict: every(
                vec![DiscountConflict::RefuseCoupon, DiscountConflict::DropDiscounts, DiscountConflict::BetterOf],
                0,
            ),
            no_identity: every(vec![NoIdentity::Refuse, NoIdentity::ApplyAndFlag], 0),
            public_reasons: every(vec![PublicReasons::Collapsed, PublicReasons::Distinct], 0),
            identity_kind: every(
                vec![
                    IdentityKind::Id,
                    IdentityKind::Email,
                    IdentityKind::Phone,
                    IdentityKind::Device,
                    IdentityKind::Other,
                ],
                0,
            ),
            limit_kind: every(
                vec![
                    LimitKind::Total,
                    LimitKind::Code,
                    LimitKind::Customer,
                    LimitKind::CustomerCode,
                    LimitKind::Units,
                    LimitKind::Money,
                ],
                0,
            ),
            line_refusal: every(
                vec![
                    LineRefusal::NotVisible,
                    LineRefusal::PriceNotVisible,
                    LineRefusal::NotPurchasable,
                    LineRefusal::BelowMinimum { required: 6, found: 4 },
                    LineRefusal::NotAMultiple { increment: 6, found: 8 },
                    LineRefusal::AboveMaximum { allowed: 12, found: 13 },
                    LineRefusal::CustomerRequired,
                    LineRefusal::AllocationExceeded { remaining: 2, requested: 3 },
                ],
                0,
            ),
            public_line_reason: every(
                vec![
                    PublicLineReason::UnknownProduct,
                    PublicLineReason::PriceNotVisible,
                    PublicLineReason::NotPurchasable,
                    PublicLineReason::BelowMinimum { required: 6 },
                    PublicLineReason::NotAMultiple { increment: 6 },
                    PublicLineReason::AboveMaximum { allowed: 12 },
                    PublicLineReason::LogIn,
                    PublicLineReason::AllocationExceeded { remaining: 2 },
                ],
                0,
            ),
            order_refusal: every(
                vec![
                    OrderRefusal::PaymentNotAllowed { option: "NET30".parse().unwrap() },
                    OrderRefusal::ShippingNotAllowed { line: LineId(9), method: "express".parse().unwrap() },
                ],
                0,
            ),
            public_reason: every(
                vec![
                    PublicReason::NotValid,
                    PublicReason::Duplicate,
                    PublicReason::NotStarted,
                    PublicReason::Expired,
                    PublicReason::NotNow,
                    PublicReason::UsedUp,
                    PublicReason::NotForYou,
                    PublicReason::LogIn,
                    PublicReason::NotHere,
                    PublicReason::OrderTooSmall,
                    PublicReason::OrderTooLarge,
                    PublicReason::ConditionNotMet,
                    PublicReason::NotApplicable,
                    PublicReason::DoesNotCombine,
                    PublicReason::TooManyCodes,
                ],
                0,
            ),
            answer_state: every(vec![AnswerState::Applied, AnswerState::Refused, AnswerState::WaitingForShipping], 0),
            price_source: every(vec![PriceSource::List, PriceSource::CustomerType, PriceSource::Customer], 0),
            price_loss: every(
                vec![
                    PriceLoss::LessSpecific,
                    PriceLoss::SmallerQuantity,
                    PriceLoss::LowerPriority,
                    PriceLoss::Higher,
                    PriceLoss::LaterList,
                ],
                0,
            ),
            price_strategy: every(vec![PriceStrategy::MostSpecific, PriceStrategy::Lowest, PriceStrategy::Priority], 0),
            overrides: every(vec![Overrides::Nothing, Overrides::Touched, Overrides::Everything], 0),
            flag: every(vec![Flag::NewCustomer, Flag::IdentityNeeded, Flag::ZeroBase, Flag::Preview], 0),
            trace_step: every(
                vec![
                    TraceStep::Price {
                        won: PriceSource::Customer.into(),
                        lost: PriceSource::List.into(),
                        why: PriceLoss::LessSpecific,
                    },
                    TraceStep::Price {
                        won: priced_by(r#"{"source":"customer","list":"acme"}"#),
                        lost: priced_by(r#"{"source":"customer_type","customer_type":"CLUB","list":"club-2026"}"#),
                        why: PriceLoss::Higher,
                    },
                    TraceStep::Overridden { coupon: coupon.clone() },
                    TraceStep::TypeChanged { from: None, to: "PROFORM".parse().unwrap() },
                    TraceStep::TypeChanged { from: "RETAIL".parse().ok(), to: "PROFORM".parse().unwrap() },
                    TraceStep::TypeNotChanged {
                        to: "CLUB".parse().unwrap(),
                        cause: TypeCause::Purchase { product: "CLUB-YEAR".parse().unwrap(), line: LineId(1) },
                        why: TypeUnchanged::AlreadyHeld,
                    },
                    TraceStep::Capped { requested: 3, granted: 2 },
                    TraceStep::LineRefused,
                    TraceStep::ShopDiscount { id: "season".parse().unwrap() },
                    TraceStep::Offer { id: "season".parse().unwrap(), benefit: 1 },
                    TraceStep::DiscountsDropped,
                    TraceStep::Coupon { coupon: coupon.clone(), benefit: 1 },
                    TraceStep::Points,
                    TraceStep::Tax,
                ],
                2,
            ),
            guard: every(
                vec![
                    Guard::Revision { coupon: coupon.clone(), revision: 3 },
                    Guard::CodeLive { coupon: coupon.clone(), code },
                    Guard::Window { coupon: coupon.clone(), from: Some(at()), until: None },
                    Guard::Window { coupon, from: None, until: None },
                    Guard::Allowance { allowance: "pairs".parse().unwrap(), from: Some(at()), until: None },
                    Guard::Types { revision: 3 },
                    Guard::Seen { digest: "0123456789abcdef0123456789abcdef".parse().unwrap() },
                ],
                1,
            ),
            reference: every(
                vec![Reference::Order("o-1".parse().unwrap()), Reference::Claim("c-1".parse().unwrap())],
                0,
            ),
            phase: every(vec![Phase::Scheduled, Phase::Live, Phase::Ended], 0),
            validity: vec![
                Validity::Always,
                Validity::Days(DayRange::new(None, parse_date("2026-12-31").ok()).unwrap()),
                Validity::Instants(InstantRange::new(Some(at()), None).unwrap()),
                Validity::Countdown(Countdown::new(2, 3).unwrap()),
            ],
            money: vec![
                dollars("12.30"),
                dollars("-0.01"),
                Money::new(i64::MAX, own),
                Money::new(i64::MIN + 1, Currency::iso("CLF").unwrap()),
                money("0", Currency::JPY),
            ],
            percent: ["0", "0.001", "10", "33.333", "100"].map(|text| Percent::parse(text).unwrap()).to_vec(),
            tax_rate: ["0", "0.000001", "8.875", "1000"].map(|text| TaxRate::parse(text).unwrap()).to_vec(),
            unit_price: ["0", "0.000000001", "12.5", "999999999"].map(|t| UnitPrice::parse(t).unwrap()).to_vec(),
            quantity: vec![
                Quantity::ONE,
                Quantity::pieces(1_000_000_000).unwrap(),
                Quantity::measured("1.25".parse().unwrap()).unwrap(),
                Quantity::measured("0.000001".parse().unwrap()).unwrap(),
            ],
            cash: ["0.05", "1", "10"].map(|text| CashInterval::parse(text).unwrap()).to_vec(),
            currency: vec![Currency::USD, Currency::JPY, Currency::iso("CLF").unwrap(), own],
            zone: ["UTC", "+05:45", "-03:30", "Europe/Zurich"].map(|name| Zone::named(name).unwrap()).to_vec(),
        }
    }
}

fn priced_by(json: &str) -> PricedBy {
    serde_json::from_str(json).unwrap()
}

pub fn terms_in_words() -> Vec<Terms> {
    let coupon = Coupon::builder("spring")
        .code("SPRING")
        .days(parse_date("2026-03-01").ok(), parse_date("2026-05-31").ok())
        .scope(Scope::OnSale.negated().unwrap())
        .per_customer_limit(1)
        .condition(Condition::MinimumSpend(MinimumSpend::new(usd("50.00"))))
        .combination(Combination::default().alone())
        .assign(TypeAssignment::new("PROFORM".parse().unwrap(), AssignWhen::OnCommit))
        .percent_off("10");
    vec![coupon.build().unwrap().describe()]
}

pub fn warnings() -> Vec<Warning> {
    let launch = |id: &str| {
        let coupon = Coupon::builder(id).name("Launch").code(id).percent_off("60").validity(Validity::Always);
        coupon.condition(Condition::FirstOrder).condition(Condition::FirstOrder.negated().unwrap()).build().unwrap()
    };
    let gift = Coupon::builder("gift").code("GIFT").amount_off(dollars("30.00")).total_limit(5);
    let gift = gift.condition(MinimumSpend::new(usd("20.00"))).build().unwrap();
    let tenth = || StepValue::Percent(Percent::parse("10").unwrap());
    let tiers = Tiers::new([(Threshold::Pieces(2), tenth()), (Threshold::Pieces(4), tenth())]).unwrap();
    let none = NthOff::new(std::num::NonZeroU32::MIN, Reward::Percent(Percent::ZERO));
    let alone = Combination::default().in_group("g".parse().unwrap()).apart_from(["t".parse().unwrap()]);
    let sets = Coupon::builder("sets").code("SETS").benefit(tiers).benefit(none).combination(alone);
    let sets = sets.benefit(Steps::new(Threshold::Pieces(3), tenth()).unwrap()).build().unwrap();
    let options = LintOptions::new(&Policy::builder(Currency::USD).max_codes(None).build().unwrap())
        .stacking_beyond(Percent::parse("70").unwrap())
        .with_several_tax_rates();
    lint(&[launch("one"), launch("two"), gift, sets], &options)
}
