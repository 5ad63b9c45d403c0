//! When a coupon holds: conditions, limits, dates, and what it stands beside.

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};
use vouchsafe::Usage;

use super::{Issued, Terms};
use crate::runner::facts::{LineFacts, date, instant, next_midnight};
use crate::runner::fields::{Fields, Read, not_applicable, put};

impl Terms<'_> {
    pub(super) fn conditions(&mut self, f: &Fields<'_>) -> Read<()> {
        if f.raw("coupon_currency").is_some() {
            // Nothing is always spent, but only in the currency of the coupon.
            let none = self.amounts(Decimal::ZERO)?;
            self.conditions.push(json!({"minimum_spend": {"amounts": none, "range": "order"}}));
        }
        let basis = match f.text("min_subtotal_basis")? {
            None => self.context.reading.discounted_basis,
            Some("original") => false,
            Some("discounted") => true,
            Some(other) => return not_applicable(format!("coupons[].min_subtotal_basis={other}")),
        };
        let inclusive = f.flag("min_subtotal_inclusive")?.unwrap_or(true);
        let basis = if basis { "remaining" } else { "list" };
        if let Some(least) = f.decimal("min_subtotal")? {
            let amounts = self.amounts(least)?;
            self.mapped.waits = basis == "remaining";
            self.conditions.push(json!({"minimum_spend":
                {"amounts": amounts, "basis": basis, "range": "order", "inclusive": inclusive}}));
        }
        if let Some(most) = f.decimal("max_subtotal")? {
            let amounts = self.amounts(most)?;
            self.mapped.waits = basis == "remaining";
            self.conditions.push(json!({"maximum_spend": {"amounts": amounts, "basis": basis, "range": "order"}}));
        }
        self.quantities(f)?;
        self.required(f)?;
        self.of_customer(f)
    }

    fn quantities(&mut self, f: &Fields<'_>) -> Read<()> {
        let (skus, categories) = (f.texts("min_quantity_skus")?, f.texts("min_quantity_categories")?);
        if let Some(pieces) = f.whole("min_quantity")? {
            self.mapped.about.min_quantity = true;
            let of = match (skus, categories) {
                (None, None) => None,
                (Some(skus), None) => Some(json!({"products": skus})),
                (None, Some(categories)) => Some(json!({"categories": categories})),
                (Some(skus), Some(categories)) => {
                    Some(json!({"any": [{"products": skus}, {"categories": categories}]}))
                }
            };
            let qualifying = self.context.eligible_quantity && of.is_none();
            let range = if qualifying { "qualifying" } else { "order" };
            let mut quantity = json!({"pieces": pieces, "range": range});
            if let Some(of) = of {
                put(&mut quantity, "of", of);
            }
            if pieces > 0 {
                self.conditions.push(json!({"minimum_quantity": quantity}));
            }
        }
        if let Some(pieces) = f.whole("min_line_quantity")? {
            self.mapped.about.min_quantity = true;
            if self.lines_picked {
                return Ok(());
            }
            let touched: Vec<&LineFacts> = self.touch.iter().filter_map(|i| self.context.facts.lines.get(*i)).collect();
            // On one line a condition says the same.
            match touched.as_slice() {
                [] => {}
                [_] => self.conditions.push(json!({"minimum_quantity": {"pieces": pieces}})),
                lines if lines.iter().all(|line| line.qty >= pieces) => {}
                _ => return not_applicable("coupons[].min_line_quantity (of several lines)"),
            }
        }
        Ok(())
    }

    fn required(&mut self, f: &Fields<'_>) -> Read<()> {
        let present = |of: Value| json!({"minimum_quantity": {"pieces": 1, "range": "order", "of": of}});
        if let Some(skus) = f.texts("requires_skus_any")? {
            self.mapped.about.requires = true;
            self.conditions.push(present(json!({"products": skus})));
        }
        let categories = f.texts("requires_categories_any")?;
        if let Some(categories) = &categories {
            self.mapped.about.requires = true;
            self.conditions.push(present(json!({"categories": categories})));
        }
        if let Some(least) = f.decimal("min_category_subtotal")? {
            self.mapped.about.category_subtotal = true;
            let categories = categories.or_else(|| self.scope.categories.clone()).unwrap_or_default();
            let amounts = self.amounts(least)?;
            self.conditions.push(json!({"minimum_spend":
                {"amounts": amounts, "basis": "list", "range": "order", "of": {"categories": categories}}}));
        }
        if let Some(skus) = f.texts("requires_distinct_skus")? {
            self.mapped.about.requires = true;
            let least = f.whole("min_distinct")?.map_or(skus.len(), |n| usize::try_from(n).unwrap_or(usize::MAX));
            if least > 0 {
                self.conditions.push(json!({"distinct_products":
                    {"at_least": least, "range": "order", "of": {"products": skus}}}));
            }
        }
        Ok(())
    }

    fn of_customer(&mut self, f: &Fields<'_>) -> Read<()> {
        if let Some(groups) = f.texts("customer_groups")? {
            self.conditions.push(json!({"members": {"groups": groups}}));
        }
        if f.flag("first_order_only")? == Some(true) {
            self.mapped.about.first_order = true;
            self.mapped.needs_identity |= !self.context.facts.customer.stranger;
            self.conditions.push("first_order".into());
        }
        if let Some(n) = f.whole("nth_order")? {
            self.mapped.about.first_order |= n == 1;
            self.conditions.push(json!({"nth_order": {"n": n}}));
        }
        if let Some(emails) = f.texts("allowed_emails")? {
            let (mut keys, mut domains) = (Vec::new(), Vec::new());
            for email in emails {
                match email.strip_prefix('*').unwrap_or(&email).strip_prefix('@') {
                    Some(domain) if !domain.contains('*') => domains.push(domain.to_owned()),
                    _ if email.contains('*') => return not_applicable("coupons[].allowed_emails (pattern)"),
                    _ => keys.push(format!("email:{email}")),
                }
            }
            self.conditions.push(json!({"customers": {"only": keys, "email_domains": domains}}));
        }
        if !f.text("kind")?.is_some_and(|kind| kind.contains("shipping")) {
            // Of a benefit for shipping it bounds what that acts on.
            let methods = match f.raw("requires_shipping_method") {
                Some(Value::String(one)) => Some(vec![one.clone()]),
                _ => f.texts("requires_shipping_method")?,
            };
            if let Some(methods) = methods {
                self.conditions.push(json!({"shipping_methods": {"only": methods}}));
            }
        }
        if let Some(channels) = f.texts("channels")? {
            self.conditions.push(json!({"channels": {"only": channels}}));
        }
        Ok(())
    }

    pub(super) fn limits(&mut self, f: &Fields<'_>) -> Read<()> {
        let (facts, reading) = (self.context.facts, self.context.reading);
        let used = f.whole("used")?.unwrap_or(0);
        let held = f.whole("held")?.unwrap_or(0);
        let cancelled = f.whole("cancelled_uses")?.unwrap_or(0);
        let given_back = f.flag("reusable_after_cancel")?.unwrap_or(false);
        let used = counted(used, cancelled, given_back);
        let mut usage = Usage::default().with_total(used.saturating_add(held));
        if let Some(limit) = f.whole("usage_limit")? {
            self.limits.insert("total".to_owned(), limit.into());
        }
        if let Some(limit) = f.whole("per_customer_limit")? {
            self.limits.insert("per_customer".to_owned(), limit.into());
            self.mapped.needs_identity = true;
        }
        let customer = &facts.customer;
        usage = usage.with_customer(counted(customer.uses, customer.cancelled_uses, given_back));
        let given = f.decimal("total_discount_given")?;
        if let Some(budget) = f.decimal("max_total_discount")? {
            self.limits.insert("money".to_owned(), self.amounts(budget)?);
            usage = usage.with_money(facts.money(given.unwrap_or_default(), "coupons[].total_discount_given")?);
        }
        if let Some(consumed) = f.decimal("already_consumed_amount")? {
            // A balance is a budget of the coupon's own value.
            if self.limits.contains_key("money") {
                return not_applicable("coupons[].already_consumed_amount (beside a budget)");
            }
            let Some(value) = f.decimal("value")?.filter(|_| f.raw("kind") == Some(&json!("amount_order"))) else {
                return not_applicable("coupons[].already_consumed_amount");
            };
            self.limits.insert("money".to_owned(), self.amounts(value)?);
            usage = usage.with_money(facts.money(consumed, "coupons[].already_consumed_amount")?);
        }
        if reading.refuse_when_short && self.limits.contains_key("money") {
            self.limits.insert("when_short".to_owned(), "refuse".into());
        }
        self.mapped.usage = usage;
        Ok(())
    }

    pub(super) fn validity(&mut self, f: &Fields<'_>) -> Read<()> {
        let at = |field: &str| -> Read<Option<(&str, DateTime<Utc>)>> {
            match f.text(field)? {
                None => Ok(None),
                Some(text) => instant(text).map_or_else(|| f.malformed(field), |at| Ok(Some((text, at)))),
            }
        };
        let (starts, ends, issued) = (at("starts")?, at("ends")?, at("issued_at")?);
        let last_day = match (ends, f.flag("ends_is_date")?.unwrap_or(false)) {
            (Some((text, _)), true) => date(text),
            _ => None,
        };
        let is_day = |text: &str| text.len() == 10;
        let ends_at = match last_day {
            Some(day) => next_midnight(day).map_or_else(|| f.malformed("ends"), |at| Ok(Some(at)))?,
            None => ends.map(|(_, at)| at),
        };
        let starts_at = starts.map(|(_, at)| at);
        let countdown = f.whole("valid_for_hours")?;
        let bound = match f.raw("bound_customer") {
            None => None,
            Some(Value::String(text)) => Some(text.clone()),
            Some(Value::Number(number)) => Some(number.to_string()),
            Some(_) => return f.malformed("bound_customer"),
        };
        if let Some(hours) = countdown {
            let Some((_, at)) = issued else { return f.malformed("issued_at") };
            self.draft.insert("validity".to_owned(), json!({"countdown": {"hours": hours}}));
            let window = (starts_at.is_some() || ends_at.is_some()).then_some([starts_at, ends_at]);
            self.mapped.issued = Some(Issued { holder: bound, at, window });
            return Ok(());
        }
        if let Some(holder) = bound {
            let at = issued.map_or(yesterday(self.context.facts.now), |(_, at)| at);
            self.mapped.issued = Some(Issued { holder: Some(holder), at, window: None });
        }
        let mut validity = Map::new();
        let days = last_day.is_some() && starts.is_none_or(|(text, _)| is_day(text));
        if days {
            validity.extend(starts.map(|(text, _)| ("from".to_owned(), text.into())));
            validity.extend(last_day.map(|day| ("thru".to_owned(), day.to_string().into())));
        } else {
            let text = |at: DateTime<Utc>| Value::from(at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true));
            validity.extend(starts_at.map(|at| ("starts_at".to_owned(), text(at))));
            validity.extend(ends_at.map(|at| ("ends_at".to_owned(), text(at))));
        }
        if !validity.is_empty() {
            self.draft.insert("validity".to_owned(), Value::Object(validity));
        }
        Ok(())
    }

    pub(super) fn rest(&mut self, f: &Fields<'_>) -> Read<()> {
        if f.flag("enabled")? == Some(false) {
            self.draft.insert("status".to_owned(), "inactive".into());
        }
        self.mapped.about.deleted = f.flag("deleted")?.unwrap_or(false);
        if let Some(priority) = f.raw("priority") {
            let Some(priority) = priority.as_i64() else { return f.malformed("priority") };
            self.mapped.priority = priority;
            self.draft.insert("priority".to_owned(), priority.into());
        }
        self.mapped.exclusive = f.flag("exclusive")?.unwrap_or(false);
        self.mapped.stackable = f.flag("stackable")?.unwrap_or(true);
        self.mapped.code = f.text("code")?.map(str::to_owned);
        self.mapped.about.stranger = self.context.facts.customer.stranger || !self.context.facts.customer.stated;
        Ok(())
    }
}

/// Uses that count. Cancelled ones are among the uses, where there are as many; else they stand beside them.
fn counted(uses: u64, cancelled: u64, given_back: bool) -> u64 {
    match (uses.checked_sub(cancelled), given_back) {
        (Some(rest), true) => rest,
        (Some(_), false) | (None, true) => uses,
        (None, false) => uses.saturating_add(cancelled),
    }
}

fn yesterday(now: DateTime<Utc>) -> DateTime<Utc> {
    now.checked_sub_signed(TimeDelta::days(1)).unwrap_or(now)
}
