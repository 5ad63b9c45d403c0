//! A customer that has not been checked yet.

use crate::calendar::MonthDay;
use crate::error::Why;
use crate::form::DraftValue;
use crate::form::{Check, Fields, Form, Writer, checked_by, drafts, read_amount, read_named, read_version};
use crate::key::{CategoryId, DateName, Key, KeySet, ProductId};
use crate::money::{Currency, Money};

use super::held::{read_held, write_held};
use super::{Customer, History};

drafts! {
    /// A customer as it comes in JSON or as a host fills it in: plain data, right or wrong.
    ///
    /// ```
    /// use vouchsafe::CustomerDraft;
    ///
    /// let mut draft: CustomerDraft = serde_json::from_str(
    ///     r#"{"version": 1, "keys": ["id:42", "ann"], "history": {"orders": 2, "spend": {"USD": 120}}}"#,
    /// )?;
    /// assert_eq!(
    ///     draft.check().unwrap_err().to_string(),
    ///     "`keys[1]` is `ann`: not one of id:, email:, phone:, device: or other: with a value; \
    ///      `history.spend.USD` is `120`: a JSON number, amounts and percentages are strings"
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct CustomerDraft version 1 {
        /// A list of identity keys: `"id:42"`, `"email:ann@example.com"`, `"phone:+41445550100"`, `"device:..."`,
        /// `"other:..."`. Without any, the shopper is anonymous.
        keys: DraftValue = "keys",
        /// The customer's type; the shop's default type where it is absent.
        customer_type: DraftValue = "customer_type",
        /// How long the customer has that type: `{"until": "...", "while_member_of": "CLUB", "then": "RETAIL"}`.
        type_term: DraftValue = "type_term",
        /// A list of further types the customer has: `"CLUB"`, or `{"type": "CLUB", "ends_at": "..."}`.
        memberships: DraftValue = "memberships",
        /// The revision of these types, where a store gave it; it is not for hosts to set.
        types_revision: DraftValue = "types_revision",
        /// A list of quantities agreed with this customer: `{"allowance": "bottles", "quantity": 12}`.
        allowance_grants: DraftValue = "allowance_grants",
        /// Days of the year of this customer: `{"birthday": "02-29"}`.
        dates: DraftValue = "dates",
        /// Whether the host had no earlier record of this customer.
        new: DraftValue = "new",
        /// What else is known of the customer, a value or a list of values by key: `{"segment": "press"}`.
        attributes: DraftValue = "attributes",
        /// What the customer did before.
        history: Option<HistoryDraft> = "history",
    }

    /// The past of a [`CustomerDraft`].
    pub struct HistoryDraft {
        /// How many orders were placed before this one; as many as there are times where it is absent.
        orders: DraftValue = "orders",
        /// A list of the instants at which earlier orders were placed: `"2026-01-05T09:00:00Z"`.
        order_times: DraftValue = "order_times",
        /// What was spent, per currency: `{"USD": "120.00"}`.
        spend: DraftValue = "spend",
        /// A list of products bought before.
        products: DraftValue = "products",
        /// A list of categories bought from before.
        categories: DraftValue = "categories",
    }
}

checked_by! {
    CustomerDraft => Customer by read_customer;
}

fn read_customer(f: &mut Fields<'_, '_>) -> Option<Customer> {
    read_version(f, CustomerDraft::VERSION);
    let keys: Vec<_> = f.optional("keys").unwrap_or_default();
    let held = read_held(f).unwrap_or_default();
    let allowance_grants = f.optional("allowance_grants").unwrap_or_default();
    let dates = f.optional_with("dates", read_dates).unwrap_or_default();
    let new = f.or_default("new");
    let history = f.optional_with("history", |value, check| check.fields(value, read_history)).unwrap_or_default();
    let customer = Customer::new(keys).with_held(held).with_new(new).with_history(history);
    let customer = dates.into_iter().fold(customer, |customer, (name, day)| customer.with_date(name, day));
    let attributes = f.optional("attributes").unwrap_or_default();
    Some(Customer { allowance_grants, attributes, ..customer })
}

fn read_history(f: &mut Fields<'_, '_>) -> Option<History> {
    let times: Vec<_> = f.optional("order_times").unwrap_or_default();
    let products: Vec<ProductId> = f.optional("products").unwrap_or_default();
    let categories: Vec<CategoryId> = f.optional("categories").unwrap_or_default();
    let history = History::default().with_order_times(times).with_products(products).with_categories(categories);
    let known = history.known_orders();
    let orders = f.optional_with("orders", |value, check| {
        let orders = u64::read(value, check)?;
        if orders < known {
            check.report(value, Why::OutOfRange { min: known.to_string(), max: u64::MAX.to_string() });
        }
        Some(orders)
    });
    let spend = f.optional_with("spend", read_spend).unwrap_or_default();
    Some(History { spend, ..history }.with_orders(orders.unwrap_or_default()))
}

/// Days of the year by name, each once.
fn read_dates(value: &DraftValue, check: &mut Check) -> Option<Vec<(DateName, MonthDay)>> {
    let mut dates: Vec<(DateName, MonthDay)> = Vec::new();
    read_named(value, check, "an object that names a day of the year for each", |name, value, check| {
        let name = DateName::read(&name.into(), check);
        let (name, day) = (name?, MonthDay::read(value, check)?);
        if dates.iter().any(|(known, _)| *known == name) {
            check.report(value, Why::Duplicate);
        }
        dates.push((name, day));
        Some(())
    })?;
    Some(dates)
}

/// What was spent, sorted by currency.
fn read_spend(value: &DraftValue, check: &mut Check) -> Option<Vec<Money>> {
    let expected = "an object that names an amount per currency";
    let mut spend: Vec<Money> = Vec::new();
    read_named(value, check, expected, |name, value, check| {
        let currency = Currency::read(&name.into(), check);
        let amount = read_amount(value, currency, check)?;
        match spend.binary_search_by_key(&amount.currency(), |s| s.currency()) {
            Ok(_) => check.report(value, Why::Duplicate),
            Err(place) => spend.insert(place, amount),
        }
        Some(())
    })?;
    Some(spend)
}

impl Form for Customer {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, read_customer)
    }

    fn write(&self) -> DraftValue {
        let (keys, grants) = (&self.keys, &self.allowance_grants);
        let dates = self.dates.iter().map(|(name, day)| (name.to_string(), day.write()));
        let dates = (!self.dates.is_empty()).then(|| DraftValue::map(dates));
        let history = (self.history != History::default()).then(|| write_history(&self.history));
        let writer = Writer::default()
            .put("version", &CustomerDraft::VERSION)
            .put_some("keys", (!keys.is_empty()).then_some(keys));
        write_held(&self.held, writer)
            .put_some("allowance_grants", (!grants.is_empty()).then_some(grants))
            .put_some("dates", dates.as_ref())
            .put_unless_default("new", &self.new)
            .put_unless_default("attributes", &self.attributes)
            .put_some("history", history.as_ref())
            .end()
    }
}

fn write_history(history: &History) -> DraftValue {
    let spend = history.spend.iter().map(|s| (s.currency().to_string(), s.amount_text()));
    let spend = (!history.spend.is_empty()).then(|| DraftValue::map(spend));
    let times = &history.order_times;
    Writer::default()
        .put_unless("orders", &history.orders, &history.known_orders())
        .put_some("order_times", (!times.is_empty()).then_some(times))
        .put_some("spend", spend.as_ref())
        .put_some("products", write_set(&history.products).as_ref())
        .put_some("categories", write_set(&history.categories).as_ref())
        .end()
}

/// By text, so that the same set is always written the same way.
fn write_set(set: &KeySet) -> Option<DraftValue> {
    (set.len() > 0).then(|| DraftValue::list(set.sorted().into_iter().map(Key::as_str)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity};

    const ALL: &str = concat!(
        r#"{"version":1,"keys":["id:42","email:ann@example.com"],"customer_type":"PROFORM","#,
        r#""memberships":["AAPT"],"dates":{"birthday":"02-29","joined":"12-31"},"new":true,"attributes":{"segment":"press"},"history":{"orders":3,"order_times":["2026-01-05T09:00:00Z"],"#,
        r#""spend":{"JPY":"1000","USD":"120.00"},"products":["BOOT","SKI"],"categories":["boots"]}}"#
    );

    #[test]
    fn a_round_trip_is_identity() {
        assert_identity::<Customer>(&[r#"{"version":1}"#, r#"{"version":1,"new":true}"#, ALL]);
        let customer: Customer = serde_json::from_str(ALL).unwrap();
        let draft = CustomerDraft::from(&customer);
        assert_eq!(serde_json::to_string(&draft).unwrap(), ALL);
        assert_eq!(draft.check().unwrap(), customer);
        let anonymous = serde_json::to_string(&Customer::anonymous()).unwrap();
        assert_eq!(serde_json::from_str::<Customer>(&anonymous).unwrap(), Customer::anonymous());
    }

    #[test]
    fn a_set_is_written_in_one_order() {
        let jumbled = r#"{"version":1,"history":{"products":["c","a","b","a"]}}"#;
        let customer: Customer = serde_json::from_str(jumbled).unwrap();
        let json = serde_json::to_string(&customer).unwrap();
        assert_eq!(json, r#"{"version":1,"history":{"products":["a","b","c"]}}"#);
    }

    #[test]
    fn every_mistake_is_reported_with_its_path() {
        let json = r#"{
            "version": 3,
            "keys": ["fax:1", 42, "email:nobody", "id:1"],
            "customer_type": "",
            "memberships": "AAPT",
            "dates": {"birthday": "02-30", "joined": "1-1", "": "01-01", "first": 7, "last": "01-01", "last": "01-02"},
            "new": 1,
            "history": {
                "orders": 1,
                "order_times": ["2026-01-05T09:00:00Z", "2026-02-05T09:00:00Z"],
                "spend": {"USD": 12.5, "USX": "1", "JPY": "0.5", "EUR": "-1", "CHF": "1", "CHF": "2"},
                "products": [7],
                "coupons": 2
            },
            "birthday": "2000-02-29"
        }"#;
        let kinds = "not one of id:, email:, phone:, device: or other: with a value";
        let figure = "a JSON number, amounts and percentages are strings";
        let errors = [
            "`version` is `3`: unknown version, 1 is supported".to_owned(),
            format!("`keys[0]` is `fax:1`: {kinds}"),
            "`keys[1]` is `42`: expected a string".to_owned(),
            "`keys[2]` is `email:nobody`: expected an e-mail address".to_owned(),
            "`customer_type` is ``: empty".to_owned(),
            "`memberships` is `AAPT`: expected a list".to_owned(),
            "`dates.birthday` is `02-30`: not a date, time or instant: write 2026-03-29, 03-29 for every year, 09:00, or 2026-03-29T12:00:00Z".to_owned(),
            "`dates.joined` is `1-1`: expected month and day, such as 02-29".to_owned(),
            "`dates.\"\"` is ``: empty".to_owned(),
            "`dates.first` is `7`: expected a string".to_owned(),
            "`dates.last` is `01-02`: given twice".to_owned(),
            "`new` is `1`: expected true or false".to_owned(),
            "`history.orders` is `1`: not between 2 and 18446744073709551615".to_owned(),
            format!("`history.spend.USD` is `12.5`: {figure}"),
            "`history.spend.USX` is `USX`: not a known currency".to_owned(),
            "`history.spend.JPY` is `0.5`: more than 0 decimals".to_owned(),
            "`history.spend.EUR` is `-1`: negative".to_owned(),
            "`history.spend.CHF` is `2`: given twice".to_owned(),
            "`history.products[0]` is `7`: expected a string".to_owned(),
            "`history.coupons` is `2`: unknown field, known: `order_times`, `products`, `categories`, `orders`, `spend`".to_owned(),
            "`birthday` is `2000-02-29`: unknown field, known: `version`, `keys`, `customer_type`, `type_term`, `memberships`, `types_revision`, `allowance_grants`, `dates`, `new`, `history`, `attributes`".to_owned(),
        ]
        .join("; ");
        assert_errors::<Customer>(&[(json, &errors)]);
        let draft: CustomerDraft = serde_json::from_str(json).unwrap();
        assert_eq!(draft.check().unwrap_err().to_string(), errors);
    }

    #[test]
    fn times_are_instants() {
        for time in ["2026-01-05", "2026-01-05T09:00:00", "yesterday", "2026-02-30T00:00:00Z"] {
            let json = format!(r#"{{"version":1,"history":{{"order_times":["{time}"]}}}}"#);
            let error = format!(
                "`history.order_times[0]` is `{time}`: not a date, time or instant: write 2026-03-29, 03-29 for every year, 09:00, or 2026-03-29T12:00:00Z"
            );
            assert_errors::<Customer>(&[(&json, &error)]);
        }
    }

    #[test]
    fn versions_and_shapes() {
        assert_errors::<Customer>(&[
            ("{}", "`version` is missing"),
            (r#"{"version":1,"history":7}"#, "`history` is `7`: expected an object"),
            (
                r#"{"version":1,"history":{"spend":"7"}}"#,
                "`history.spend` is `7`: expected an object that names an amount per currency",
            ),
            ("7", "`` is `7`: expected an object"),
        ]);
        let misfit: CustomerDraft = serde_json::from_str(r#"{"version":1,"history":7}"#).unwrap();
        assert_eq!(misfit.check().unwrap_err().to_string(), "`history` is `7`: expected an object");
        assert!(serde_json::from_str::<Customer>(r#"{"version":1,"keys":["id:4"#).is_err());
    }
}
