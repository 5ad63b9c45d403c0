//! The other side of the comparison: the same figures through the public interface of the crate.

use rust_decimal::Decimal;
use vouchsafe as v;

use crate::answer::{Answer, ClassAnswer, CodeAnswer, GiftAnswer, LineAnswer, Off, TotalsAnswer};
use crate::case::{Case, Conflict, Funding, Line, Policy, thousandths};
use crate::fraction::Mode;

pub type Failure = Box<dyn std::error::Error>;

fn mode(mode: Mode) -> v::Rounding {
    match mode {
        Mode::HalfUp => v::Rounding::HalfUp,
        Mode::HalfEven => v::Rounding::HalfEven,
        Mode::HalfDown => v::Rounding::HalfDown,
        Mode::Down => v::Rounding::Down,
    }
}

fn class_name(class: u8) -> String {
    format!("T{class}")
}

struct Build {
    policy: Policy,
    currency: v::Currency,
}

impl Build {
    fn money(&self, minor: i128) -> v::Money {
        v::Money::new(i64::try_from(minor).unwrap(), self.currency)
    }

    fn funding(funding: Funding) -> Result<v::Funding, Failure> {
        let party = "ACME".parse()?;
        Ok(match funding {
            Funding::Seller => v::Funding::Seller,
            Funding::Third => v::Funding::ThirdParty { party },
            Funding::Split(share) => v::Funding::Split { party, share: v::Percent::parse(&thousandths(share))? },
        })
    }

    fn discounts(&self, of: &[(i128, Funding)]) -> Result<Vec<v::ShopDiscount>, Failure> {
        let one = |(n, (amount, funding)): (usize, &(i128, Funding))| {
            let id = format!("discount {n}").parse()?;
            let discount = v::ShopDiscount::new(id, self.money(*amount)).with_funding(Self::funding(*funding)?);
            Ok(if n == 0 { discount.with_account("coupon-a".parse()?) } else { discount })
        };
        of.iter().enumerate().map(one).collect()
    }

    fn policy(&self) -> Result<v::Policy, Failure> {
        let policy = self.policy;
        let mut builder = v::Policy::builder(self.currency)
            .price_mode(if policy.inclusive { v::PriceMode::TaxInclusive } else { v::PriceMode::TaxExclusive })
            .rounding(v::RoundingRules {
                discount: mode(policy.discount_rounding),
                tax: mode(policy.tax_rounding),
                percent: if policy.percent_per_unit {
                    v::PercentRounding::PerUnit
                } else {
                    v::PercentRounding::PerLine
                },
                tax_level: if policy.tax_per_line { v::TaxRounding::PerLine } else { v::TaxRounding::PerClass },
            })
            .max_codes(policy.max_codes)
            .line_codes(policy.line_codes)
            .manual(true)
            .discount_conflict(match policy.conflict {
                Conflict::Refuse => v::DiscountConflict::RefuseCoupon,
                Conflict::Drop => v::DiscountConflict::DropDiscounts,
                Conflict::Better => v::DiscountConflict::BetterOf,
            });
        let percent = |of: i128| v::Percent::parse(&thousandths(of));
        let mut depth = v::Depth::default();
        if let Some(most) = policy.depths.per_line {
            depth = depth.with_per_line(percent(most)?);
        }
        if let Some(most) = policy.depths.per_order {
            depth = depth.with_per_order(percent(most)?);
        }
        builder = builder.depth(depth);
        if let Some(most) = policy.depths.most {
            builder = builder.max_discount(v::Amounts::new([self.money(most)])?);
        }
        if let Some(interval) = policy.cash {
            builder = builder.cash(serde_json::from_value(policy.text(interval).into())?);
        }
        Ok(builder.build()?)
    }

    fn line(&self, line: &Line) -> Result<v::Line, Failure> {
        let product = v::Product::new(format!("P{}", line.product).parse()?)
            .with_categories(line.categories.iter().map(|c| format!("C{c}").parse()).collect::<Result<Vec<_>, _>>()?)
            .with_on_sale(line.on_sale);
        let product = match line.parent {
            Some(parent) => product.with_parent(format!("P{parent}").parse()?),
            None => product,
        };
        let quantity = if line.measured {
            v::Quantity::measured(line.quantity.to_string().parse::<Decimal>()?)?
        } else {
            v::Quantity::pieces(u64::try_from(line.quantity.digits)?)?
        };
        let price = |price: crate::case::Number| v::UnitPrice::parse(&price.to_string());
        let mut built = v::Line::new(v::LineId(line.id), product, quantity, price(line.price)?)
            .with_discountable(line.discountable);
        if let Some(own) = line.customer_price {
            built = built.with_customer_price(price(own)?);
        }
        if let Some(floor) = line.floor {
            built = built.with_floor_price(price(floor)?);
        }
        if let Some(class) = line.class {
            built = built.with_tax_class(class_name(class).parse()?);
        }
        for discount in self.discounts(&line.discounts)? {
            built = built.with_discount(discount);
        }
        Ok(built)
    }

    fn order(&self, case: &Case, payment: Option<v::PaymentOptionId>) -> Result<v::Order, Failure> {
        let mut order = v::Order::builder(self.currency);
        if let Some(payment) = payment {
            order = order.payment_option(payment);
        }
        for (class, rate) in &case.rates {
            let rate = v::TaxRate::parse(&thousandths(*rate))?;
            order = match class {
                None => order.default_rate(rate),
                Some(class) => order.rate(class_name(*class).parse()?, rate),
            };
        }
        for line in &case.lines {
            order = order.line(self.line(line)?);
        }
        for charge in &case.charges {
            let (id, amount) = (v::LineId(charge.id), self.money(charge.amount));
            let mut built = match charge.shipping {
                None => v::Charge::fee(id, amount),
                Some(None) => v::Charge::shipping(id, amount),
                Some(Some(method)) => v::Charge::shipping(id, amount).with_method(format!("M{method}").parse()?),
            };
            if let Some(class) = charge.class {
                built = built.with_tax_class(class_name(class).parse()?);
            }
            for discount in self.discounts(&charge.discounts)? {
                built = built.with_discount(discount);
            }
            order = order.charge(built);
        }
        Ok(order.build()?)
    }
}

/// What the engine says. An error means that the case itself is unusable.
pub fn evaluate(case: &Case) -> Result<Answer, Failure> {
    with(case, |shop, request| Ok(answer(&shop.evaluate(request)?)))
}

/// One line.
pub fn line(policy: Policy, line: &Line) -> Result<v::Line, Failure> {
    Build { policy, currency: v::Currency::iso(policy.currency())? }.line(line)
}

/// The policy of a case.
pub fn policy(case: &Case) -> Result<v::Policy, Failure> {
    Build { policy: case.policy, currency: v::Currency::iso(case.policy.currency())? }.policy()
}

/// The customer, the instant, and what else the order says.
pub struct Setting {
    pub shop: v::Shop,
    pub customer: v::Customer,
    pub at: chrono::DateTime<chrono::Utc>,
    pub payment: Option<v::PaymentOptionId>,
    pub reference: v::Reference,
}

/// Builds the request of a case and hands it over.
pub fn with<T>(case: &Case, what: impl FnOnce(&v::Shop, &v::Request<'_>) -> Result<T, Failure>) -> Result<T, Failure> {
    with_setting(case, &setting(case, "o-1")?, what)
}

/// Somebody unknown, who orders under this number.
pub fn setting(case: &Case, order: &str) -> Result<Setting, Failure> {
    let mut shop = v::Shop::builder(policy(case)?);
    for offer in &case.offers {
        shop = shop.offer(v::Offer::new(serde_json::from_value(offer.json(case.policy))?)?);
    }
    let (shop, at) = (shop.build()?, v::parse_instant("2026-03-29T12:00:00Z")?);
    let reference = v::Reference::Order(order.parse()?);
    Ok(Setting { shop, customer: v::Customer::anonymous(), at, payment: None, reference })
}

/// The same for a customer of a shop.
pub fn with_setting<T>(
    case: &Case,
    setting: &Setting,
    what: impl FnOnce(&v::Shop, &v::Request<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let build = Build { policy: case.policy, currency: v::Currency::iso(case.policy.currency())? };
    let (shop, order, at) = (&setting.shop, build.order(case, setting.payment.clone())?, setting.at);
    let prepared = case
        .coupons
        .iter()
        .map(|coupon| Ok(shop.prepare(serde_json::from_value(coupon.json(case.policy))?)?))
        .collect::<Result<Vec<_>, Failure>>()?;
    let issued = case
        .codes
        .iter()
        .map(|entered| Ok(v::IssuedCode::new(v::Code::parse(&entered.code, v::CodeFormat::Standard)?, at)))
        .collect::<Result<Vec<_>, Failure>>()?;
    let host: Vec<Option<Vec<(v::LineId, v::Money)>>> = case
        .codes
        .iter()
        .map(|entered| {
            let amounts = entered.host_amounts.as_ref()?;
            Some(amounts.iter().map(|(line, amount)| (v::LineId(*line), build.money(*amount))).collect())
        })
        .collect();
    let mut codes = Vec::new();
    for ((entered, issued), host) in case.codes.iter().zip(&issued).zip(&host) {
        let coupon = &case.coupons[entered.coupon];
        let mut usage = v::Usage::default();
        if let Some((_, used)) = coupon.units {
            usage = usage.with_units(used);
        }
        if let Some((_, used)) = coupon.total {
            usage = usage.with_total(used);
        }
        if let Some((_, spent)) = coupon.budget {
            usage = usage.with_money(build.money(spent));
        }
        let mut presented =
            v::Presented::new(&entered.code, &prepared[entered.coupon]).with_issued(issued).with_usage(usage);
        if let Some(line) = entered.on_line {
            presented = presented.on_line(v::LineId(line));
        }
        if let Some(amount) = entered.operator_amount {
            presented = presented.with_operator_amount(build.money(amount));
        }
        if let Some(host) = host {
            presented = presented.with_host_amounts(host);
        }
        codes.push(presented);
    }
    let request = v::Request::new(&order, &setting.customer, setting.reference.clone(), at).with_codes(&codes);
    what(shop, &request)
}

fn minor(money: v::Money) -> i128 {
    i128::from(money.minor())
}

pub fn answer(outcome: &v::Outcome) -> Answer {
    let line = |l: &v::LineOutcome| LineAnswer {
        id: l.id().0,
        units: i128::from(l.units()),
        list: minor(l.list()),
        priced: minor(l.priced()),
        shop_discount: minor(l.shop_discount()),
        coupon_discount: minor(l.coupon_discount()),
        third_party: minor(l.third_party()),
        taxable: minor(l.taxable()),
        net: minor(l.net()),
        tax: l.tax().map(minor),
        payable: minor(l.payable()),
    };
    let mut offs: Vec<Off> = outcome
        .adjustments()
        .map(|a| Off {
            line: a.line.0,
            by: match a.source {
                v::Source::Code(answer) => answer.entered().to_owned(),
                v::Source::Discount { id, .. } => id.to_string(),
                v::Source::Points { .. } => "points".to_owned(),
                _ => "?".to_owned(),
            },
            amount: minor(a.amount),
            third_party: minor(a.third_party),
        })
        .filter(|off| off.amount > 0 || !off.by.starts_with("discount"))
        .collect();
    offs.sort();
    let mut classes: Vec<ClassAnswer> = outcome
        .taxes()
        .iter()
        .map(|t| ClassAnswer {
            class: t.class().map(|c| c.as_str()[1..].parse().unwrap()),
            taxable: minor(t.taxable()),
            net: minor(t.net()),
            tax: t.tax().map(minor),
        })
        .collect();
    classes.sort();
    let mut gifts: Vec<GiftAnswer> = outcome
        .gifts()
        .iter()
        .map(|gift| GiftAnswer {
            by: gift.coupon().to_string(),
            product: gift.product().to_string(),
            pieces: gift.pieces(),
            value: gift.value().map(minor),
        })
        .collect();
    gifts.sort();
    let totals = outcome.totals();
    Answer {
        lines: outcome.lines().iter().chain(outcome.charges()).map(line).collect(),
        offs,
        codes: outcome.answers().iter().map(code).collect(),
        classes,
        totals: TotalsAnswer {
            items: minor(totals.items()),
            item_discount: minor(totals.item_discount()),
            coupon_discount: minor(totals.coupon_discount()),
            shipping: minor(totals.shipping()),
            shipping_discount: minor(totals.shipping_discount()),
            fees: minor(totals.fees()),
            taxable: minor(totals.taxable()),
            net: minor(totals.net()),
            tax: totals.tax().map(minor),
            third_party: minor(totals.third_party()),
            cash_rounding: minor(totals.cash_rounding()),
            payable: minor(totals.payable()),
        },
        zero_base: outcome.has_flag(v::Flag::ZeroBase),
        gifts,
    }
}

fn code(answer: &v::Answer) -> CodeAnswer {
    let mut reasons: Vec<String> = answer.reasons().iter().map(|r| r.code().to_owned()).collect();
    reasons.sort();
    reasons.dedup();
    CodeAnswer {
        entered: answer.entered().to_owned(),
        state: match answer.state() {
            v::AnswerState::Applied => "applied",
            v::AnswerState::Refused => "refused",
            v::AnswerState::WaitingForShipping => "waiting",
        },
        reasons,
        discount: minor(answer.discount()),
        wanted: minor(answer.wanted()),
        forfeited: minor(answer.forfeited()),
        third_party: minor(answer.third_party()),
        units: i128::from(answer.units()),
    }
}
