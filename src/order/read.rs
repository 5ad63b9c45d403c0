//! Reading an order with every mistake at once, and writing it back.

use std::collections::HashSet;

use crate::error::Why;
use crate::form::DraftValue;
use crate::form::{Check, Fields, Form, Writer, read_amount, read_members, read_named, read_version};
use crate::key::TaxClass;
use crate::money::{Currency, Money, Quantity, TaxRate, UnitPrice};

use super::rules::{self, ClassRate, Classes};
use super::{Billing, Charge, ChargeKind, Line, LineId, Order, OrderBuilder, OrderDraft, Product, ShopDiscount};

/// Reads every field, and reports what does not go together.
pub(super) fn read_order(f: &mut Fields<'_, '_>) -> Option<Order> {
    read_version(f, OrderDraft::VERSION);
    let currency = f.required("currency");
    let price_mode = f.optional("prices");
    let mut reader = Reader { currency, ids: HashSet::new(), classes: Classes::default(), total: Some(0) };
    let lines = f.optional_with("lines", |value, check| reader.members(value, check, Reader::line));
    let charges = f.optional_with("charges", |value, check| reader.members(value, check, Reader::charge));
    if reader.total.is_none() {
        f.report("lines", Why::Overflow);
    }
    // What was reported is `None` from here on, so that whatever the builder still finds is news.
    let rates = f.optional_with("tax_rates", |value, check| read_rates(value, check, &reader.classes));
    let (channel, region, payment_option) = (f.optional("channel"), f.optional("region"), f.optional("payment_option"));
    reader.total?;
    let builder = OrderBuilder {
        currency: currency?,
        price_mode,
        lines: lines.unwrap_or_default().into_iter().collect::<Option<_>>()?,
        charges: charges.unwrap_or_default().into_iter().collect::<Option<_>>()?,
        rates: rates.unwrap_or_default(),
        channel,
        region,
        payment_option,
    };
    builder.build().map_err(|error| f.check().report_error(&DraftValue::NULL, error)).ok()
}

/// What the members of an order share while they are read.
struct Reader {
    currency: Option<Currency>,
    ids: HashSet<LineId>,
    classes: Classes,
    /// The sum of list amounts; none where it does not fit.
    total: Option<i64>,
}

impl Reader {
    fn members<T>(
        &mut self,
        value: &DraftValue,
        check: &mut Check,
        read: fn(&mut Self, &mut Fields<'_, '_>) -> Option<T>,
    ) -> Option<Vec<Option<T>>> {
        if value.as_list().is_some_and(|members| members.len() > Order::MAX_LINES) {
            check.report(value, Why::TooMany { max: Order::MAX_LINES });
            return None;
        }
        read_members(value, check, |value, check| check.fields(value, |f| read(self, f)))
    }

    fn line(&mut self, f: &mut Fields<'_, '_>) -> Option<Line> {
        let id = self.id(f);
        let (host_key, description) = (f.optional("key"), f.optional("description"));
        let product: Option<Product> = f.required("product");
        let quantity = f.required("quantity");
        let unit_price = f.required_with("unit_price", |v, c| self.price(v, c, quantity, rules::extended));
        let customer_price = f.optional_with("customer_price", |v, c| self.price(v, c, quantity, rules::extended));
        let floor_price = f.optional_with("floor_price", |v, c| self.price(v, c, quantity, rules::unit_floor));
        let list = unit_price.zip(quantity).zip(self.currency).and_then(|((price, quantity), currency)| {
            let minor = rules::extended(price, quantity, currency).ok()?;
            Some(Money::new(minor, currency))
        });
        self.add(list);
        let discountable = f.optional("discountable").unwrap_or(true);
        let tax_class = self.tax_class(f);
        let discounts = self.discounts(f, list);
        let billing = f.optional_or_reported::<Billing>("billing");
        Some(Line {
            id: id?,
            host_key,
            description,
            product: product?.into(),
            quantity: quantity?,
            unit_price: unit_price?,
            customer_price,
            floor_price,
            discountable,
            tax_class: tax_class?,
            discounts: discounts?,
            billing: billing?.map(Box::new),
        })
    }

    fn charge(&mut self, f: &mut Fields<'_, '_>) -> Option<Charge> {
        let id = self.id(f);
        let kind = f.required("kind");
        if kind == Some(Named::Fee) {
            f.forbid("method", "kind fee");
        }
        let method = f.optional("method");
        let description = f.optional("description");
        let amount = f.required_with("amount", |v, c| read_amount(v, self.currency, c));
        self.add(amount);
        let tax_class = self.tax_class(f);
        let discounts = self.discounts(f, amount);
        Some(Charge {
            id: id?,
            kind: match kind? {
                Named::Shipping => ChargeKind::Shipping { method },
                Named::Fee => ChargeKind::Fee,
            },
            description,
            amount: amount?,
            tax_class: tax_class?,
            discounts: discounts?,
        })
    }

    fn id(&mut self, f: &mut Fields<'_, '_>) -> Option<LineId> {
        f.required_with("id", |value, check| {
            let id = LineId(u64::read(value, check)?);
            let new = self.ids.insert(id);
            if !new {
                check.report(value, Why::Duplicate);
            }
            new.then_some(id)
        })
    }

    /// A price that has an amount in the currency of the order.
    fn price(
        &self,
        value: &DraftValue,
        check: &mut Check,
        quantity: Option<Quantity>,
        amount: fn(UnitPrice, Quantity, Currency) -> Result<i64, Why>,
    ) -> Option<UnitPrice> {
        let price = UnitPrice::read(value, check)?;
        if let (Some(quantity), Some(currency)) = (quantity, self.currency) {
            amount(price, quantity, currency).map_err(|why| check.report(value, why)).ok()?;
        }
        Some(price)
    }

    fn add(&mut self, list: Option<Money>) {
        let list = list.map_or(0, Money::minor);
        self.total = self.total.and_then(|total| rules::add_to_total(total, list).ok());
    }

    /// The class, if it names one; nothing where it was reported.
    fn tax_class(&mut self, f: &mut Fields<'_, '_>) -> Option<Option<TaxClass>> {
        let class = f.optional_or_reported("tax_class")?.and_then(rules::named);
        if self.classes.index(class.as_ref()).is_none() {
            f.report("tax_class", Why::TooMany { max: Order::MAX_TAX_CLASSES });
            return None;
        }
        Some(class)
    }

    /// Discounts on an amount, which is unknown where it was reported.
    fn discounts(&self, f: &mut Fields<'_, '_>, list: Option<Money>) -> Option<Vec<ShopDiscount>> {
        if !f.has("discounts") {
            return Some(Vec::new());
        }
        let mut sum = 0_i64;
        let mut ids = HashSet::new();
        let read = f.optional_with("discounts", |value, check| {
            if value.as_list().is_some_and(|members| members.len() > Order::MAX_DISCOUNTS) {
                check.report(value, Why::TooMany { max: Order::MAX_DISCOUNTS });
                return None;
            }
            read_members(value, check, |value, check| {
                check.fields(value, |f| {
                    let id = f.required_with("id", |value, check| {
                        let id = crate::key::DiscountId::read(value, check)?;
                        let new = ids.insert(id.clone());
                        if !new {
                            check.report(value, Why::Duplicate);
                        }
                        new.then_some(id)
                    });
                    let amount = f.required_with("amount", |value, check| {
                        let amount = read_amount(value, self.currency, check)?;
                        if let Some(list) = list {
                            let added = rules::add_discount(sum, amount, list);
                            sum = added.map_err(|why| check.report(value, why)).ok()?;
                        }
                        Some(amount)
                    });
                    let (account, funding) = (f.optional("account"), f.or_default("funding"));
                    Some(ShopDiscount { id: id?, amount: amount?, account, funding })
                })
            })
        });
        read?.into_iter().collect()
    }
}

/// The name of a kind of charge.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Named {
    Shipping,
    Fee,
}

impl Form for Named {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        match check.text(value)? {
            "shipping" => Some(Self::Shipping),
            "fee" => Some(Self::Fee),
            _ => {
                check.report(value, Why::UnknownChoice { choices: "`shipping`, `fee`" });
                None
            }
        }
    }

    fn write(&self) -> DraftValue {
        match self {
            Self::Shipping => "shipping".into(),
            Self::Fee => "fee".into(),
        }
    }
}

/// Rates by class; those of classes that lines have and that are not there are missing.
fn read_rates(value: &DraftValue, check: &mut Check, used: &Classes) -> Option<Vec<ClassRate>> {
    if value.as_map().is_some_and(|rates| rates.len() > Order::MAX_TAX_CLASSES) {
        check.report(value, Why::TooMany { max: Order::MAX_TAX_CLASSES });
        return None;
    }
    let mut given = HashSet::new();
    let expected = "an object that names a rate per tax class";
    let rates = read_named(value, check, expected, |name, value, check| {
        if !given.insert(name.to_owned()) {
            check.report(value, Why::Duplicate);
            return None;
        }
        let class = check.accept(&name.into(), name.parse::<TaxClass>());
        let rate = TaxRate::read(value, check);
        Some(ClassRate { class: rules::named(class?), rate: Some(rate?) })
    })?;
    let mut missing = used.without_rate().filter(|class| !given.is_empty() && !given.contains(class.name())).peekable();
    let complete = missing.peek().is_none();
    for class in missing {
        check.in_field(class.name(), usize::MAX, |check| check.report("", Why::Missing));
    }
    // With some rates reported, the others alone would seem to leave classes without one.
    (complete && rates.len() == given.len()).then_some(rates)
}

impl Form for Order {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, read_order)
    }

    fn write(&self) -> DraftValue {
        let list = |members: Vec<DraftValue>| (!members.is_empty()).then(|| DraftValue::list(members));
        let rates: Vec<(&str, String)> =
            self.classes.iter().filter_map(|c| Some((c.name(), c.rate?.to_string()))).collect();
        let rates = (!rates.is_empty()).then(|| DraftValue::map(rates));
        Writer::default()
            .put("version", &OrderDraft::VERSION)
            .put("currency", &self.currency)
            .put_some("prices", self.price_mode.as_ref())
            .put_some("lines", list(self.lines.iter().map(write_line).collect()).as_ref())
            .put_some("charges", list(self.charges.iter().map(write_charge).collect()).as_ref())
            .put_some("tax_rates", rates.as_ref())
            .put_some("channel", self.channel.as_ref())
            .put_some("region", self.region.as_ref())
            .put_some("payment_option", self.payment_option.as_ref())
            .end()
    }
}

fn write_line(line: &Line) -> DraftValue {
    Writer::default()
        .put("id", &line.id.0)
        .put_some("key", line.host_key.as_ref())
        .put_some("description", line.description.as_ref())
        .put("product", line.product())
        .put("quantity", &line.quantity)
        .put("unit_price", &line.unit_price)
        .put_some("customer_price", line.customer_price.as_ref())
        .put_some("floor_price", line.floor_price.as_ref())
        .put_unless("discountable", &line.discountable, &true)
        .put_some("tax_class", line.tax_class.as_ref())
        .put_some("discounts", write_discounts(&line.discounts).as_ref())
        .put_some("billing", line.billing.as_deref())
        .end()
}

fn write_charge(charge: &Charge) -> DraftValue {
    let (kind, method) = match &charge.kind {
        ChargeKind::Shipping { method } => (Named::Shipping, method.as_ref()),
        ChargeKind::Fee => (Named::Fee, None),
    };
    Writer::default()
        .put("id", &charge.id.0)
        .put("kind", &kind)
        .put_some("method", method)
        .put_some("description", charge.description.as_ref())
        .put("amount", &charge.amount.amount_text())
        .put_some("tax_class", charge.tax_class.as_ref())
        .put_some("discounts", write_discounts(&charge.discounts).as_ref())
        .end()
}

fn write_discounts(discounts: &[ShopDiscount]) -> Option<DraftValue> {
    let write = |discount: &ShopDiscount| {
        Writer::default()
            .put("id", &discount.id)
            .put("amount", &discount.amount.amount_text())
            .put_some("account", discount.account.as_ref())
            .put_unless_default("funding", &discount.funding)
            .end()
    };
    (!discounts.is_empty()).then(|| DraftValue::list(discounts.iter().map(write)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity};

    const ALL: &str = concat!(
        r#"{"version":1,"currency":"USD","prices":"tax_inclusive","lines":["#,
        r#"{"id":1,"key":"row-1","description":"Boot","product":{"id":"BOOT","parent":"SKI","type":"shoe","#,
        r#""subsystem":"shop","categories":["boots"],"tags":["new"],"on_sale":true,"subscription":true},"quantity":2,"#,
        r#""unit_price":"199.95","customer_price":"189","floor_price":"150.005","discountable":false,"#,
        r#""tax_class":"standard","discounts":[{"id":"spring","amount":"20.00","account":"4730","#,
        r#""funding":{"split":{"party":"ACME","share":"40"}}},{"id":"club","amount":"1.50"}]},"#,
        r#"{"id":18446744073709551615,"product":"WAX","quantity":{"measured":"1.25"},"unit_price":"0.0035"}],"#,
        r#""charges":[{"id":2,"kind":"shipping","method":"express","description":"Express","amount":"9.90","#,
        r#""tax_class":"standard","discounts":[{"id":"half","amount":"4.95"}]},{"id":3,"kind":"fee","amount":"0.00"}],"#,
        r#""tax_rates":{"standard":"8.875","default":"0","unused":"7"},"#,
        r#""channel":"web","region":"CH-ZH","payment_option":"invoice"}"#
    );

    #[test]
    fn a_round_trip_is_identity() {
        assert_identity::<Order>(&[
            r#"{"version":1,"currency":"JPY"}"#,
            r#"{"version":1,"currency":"PTS:0","lines":[{"id":0,"product":"A","quantity":1,"unit_price":"3"}]}"#,
            ALL,
        ]);
        let order: Order = serde_json::from_str(ALL).unwrap();
        let draft = OrderDraft::from(&order);
        assert_eq!(serde_json::to_string(&draft).unwrap(), ALL);
        assert_eq!(draft.check().unwrap(), order);
        let again: OrderDraft = serde_json::from_str(ALL).unwrap();
        assert_eq!(again, draft);
    }

    #[test]
    fn lines_may_come_in_any_order() {
        let line = |id| format!(r#"{{"id":{id},"product":"P{id}","quantity":1,"unit_price":"1"}}"#);
        let order = |ids: [u32; 3]| {
            let lines = ids.map(line).join(",");
            serde_json::from_str::<Order>(&format!(r#"{{"version":1,"currency":"USD","lines":[{lines}]}}"#)).unwrap()
        };
        assert_eq!(order([3, 1, 2]), order([1, 2, 3]));
    }

    /// `{"version":1,"currency":"USD","lines":[LINE]}`, with one field of a good line replaced or added.
    fn with_line(field: &str, value: &str) -> String {
        let mut fields = vec![("id", "1"), ("product", "\"A\""), ("quantity", "2"), ("unit_price", "\"10.00\"")];
        fields.retain(|(name, _)| *name != field);
        fields.push((field, value));
        let fields: Vec<String> = fields.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        format!(r#"{{"version":1,"currency":"USD","lines":[{{{}}}]}}"#, fields.join(","))
    }

    const FIGURE: &str = "a JSON number, amounts and percentages are strings";

    #[test]
    fn every_field_of_a_line_is_judged() {
        for (field, value, error) in [
            ("id", "-1", "`lines[0].id` is `-1`: negative"),
            ("id", "1.5", "`lines[0].id` is `1.5`: expected a whole number"),
            ("id", "\"1\"", "`lines[0].id` is `1`: expected a whole number"),
            ("id", "null", "`lines[0].id` is missing"),
            ("key", "7", "`lines[0].key` is `7`: expected a string"),
            ("product", "\"\"", "`lines[0].product` is ``: empty"),
            (
                "product",
                "{\"id\":\"A\",\"brand\":1}",
                "`lines[0].product.brand` is `1`: unknown field, known: `id`, `parent`, `type`, `subsystem`, `categories`, `tags`, `on_sale`, `subscription`, `attributes`",
            ),
            ("product", "7", "`lines[0].product` is `7`: expected a product id or an object"),
            ("product", "null", "`lines[0].product` is missing"),
            ("quantity", "0", "`lines[0].quantity` is `0`: zero"),
            ("quantity", "-1", "`lines[0].quantity` is `-1`: negative"),
            ("quantity", "1000000000000", "`lines[0].quantity` is `1000000000000`: not between 1 and 1000000000"),
            ("quantity", "{\"measured\":1.5}", &format!("`lines[0].quantity.measured` is `1.5`: {FIGURE}")),
            ("unit_price", "10.0", &format!("`lines[0].unit_price` is `10.0`: {FIGURE}")),
            ("unit_price", "10", &format!("`lines[0].unit_price` is `10`: {FIGURE}")),
            ("unit_price", "\"-1.00\"", "`lines[0].unit_price` is `-1.00`: negative"),
            ("unit_price", "\"0.0000000001\"", "`lines[0].unit_price` is `0.0000000001`: more than 9 decimals"),
            (
                "unit_price",
                "\"92233720368547758.07\"",
                "`lines[0].unit_price` is `92233720368547758.07`: too large for exact amounts",
            ),
            ("unit_price", "\"1e5\"", "`lines[0].unit_price` is `1e5`: not a decimal number"),
            (
                "customer_price",
                "\"99999999999999999\"",
                "`lines[0].customer_price` is `99999999999999999`: too large for exact amounts",
            ),
            ("floor_price", "\"-0.01\"", "`lines[0].floor_price` is `-0.01`: negative"),
            (
                "floor_price",
                "\"999999999999999999\"",
                "`lines[0].floor_price` is `999999999999999999`: too large for exact amounts",
            ),
            ("discountable", "\"no\"", "`lines[0].discountable` is `no`: expected true or false"),
            ("tax_class", "19", "`lines[0].tax_class` is `19`: expected a string"),
            (
                "price",
                "\"1\"",
                "`lines[0].price` is `1`: unknown field, known: `id`, `key`, `description`, `product`, `quantity`, `unit_price`, `customer_price`, `floor_price`, `discountable`, `tax_class`, `discounts`, `billing`",
            ),
        ] {
            let json = with_line(field, value);
            assert_errors::<Order>(&[(&json, error)]);
            let draft: OrderDraft = serde_json::from_str(&json).unwrap();
            assert_eq!(draft.check().unwrap_err().to_string(), error, "{json}");
        }
    }

    #[test]
    fn discounts_stay_within_their_line() {
        for (discounts, error) in [
            (r#"[{"id":"a","amount":"12.00"},{"id":"b","amount":"8.00"}]"#, ""),
            (
                r#"[{"id":"a","amount":"12.00"},{"id":"b","amount":"8.01"}]"#,
                "`lines[0].discounts[1].amount` is `8.01`: not between 0 and 8.00",
            ),
            (r#"[{"id":"a","amount":"-1"}]"#, "`lines[0].discounts[0].amount` is `-1`: negative"),
            (r#"[{"id":"a","amount":"1.005"}]"#, "`lines[0].discounts[0].amount` is `1.005`: more than 2 decimals"),
            (r#"[{"id":"a","amount":1.0}]"#, &format!("`lines[0].discounts[0].amount` is `1.0`: {FIGURE}")),
            (
                r#"[{"id":"a","amount":{"amount":"1","currency":"EUR"}}]"#,
                "`lines[0].discounts[0].amount` is `{..}`: expected a string",
            ),
            (r#"[{"id":"a","amount":"1"},{"id":"a","amount":"1"}]"#, "`lines[0].discounts[1].id` is `a`: given twice"),
            (
                r#"[{"funding":"buyer"},7]"#,
                "`lines[0].discounts[0].funding` is `buyer`: not one of `seller`, `third_party`, `split`; \
                 `lines[0].discounts[0].id` is missing; `lines[0].discounts[0].amount` is missing; \
                 `lines[0].discounts[1]` is `7`: expected an object",
            ),
            (r#"{}"#, "`lines[0].discounts` is `{}`: expected a list"),
        ] {
            assert_errors::<Order>(&[(&with_line("discounts", discounts), error)]);
        }
        let many: Vec<String> = (0..=Order::MAX_DISCOUNTS).map(|i| format!(r#"{{"id":"{i}","amount":"0"}}"#)).collect();
        let json = with_line("discounts", &format!("[{}]", many.join(",")));
        assert_errors::<Order>(&[(&json, "`lines[0].discounts` is `[..]`: more than 100 members")]);
    }

    #[test]
    fn every_field_of_a_charge_is_judged() {
        for (charge, error) in [
            (r#"{"id":1,"kind":"shipping","amount":"0"}"#, "`charges[0].id` is `1`: given twice"),
            (r#"{"id":2,"kind":"tip","amount":"1"}"#, "`charges[0].kind` is `tip`: not one of `shipping`, `fee`"),
            (
                r#"{"id":2,"kind":"fee","method":"express","amount":"1"}"#,
                "`charges[0].method` is `express`: not allowed together with kind fee",
            ),
            (r#"{"id":2,"kind":"fee","amount":"-1"}"#, "`charges[0].amount` is `-1`: negative"),
            (r#"{"id":2,"kind":"fee","amount":"0.001"}"#, "`charges[0].amount` is `0.001`: more than 2 decimals"),
            (r#"{"id":2,"kind":"fee","amount":9.9}"#, &format!("`charges[0].amount` is `9.9`: {FIGURE}")),
            (
                r#"{"id":2,"kind":"fee","amount":"1","discounts":[{"id":"a","amount":"1.01"}]}"#,
                "`charges[0].discounts[0].amount` is `1.01`: not between 0 and 1.00",
            ),
            ("{}", "`charges[0].id` is missing; `charges[0].kind` is missing; `charges[0].amount` is missing"),
        ] {
            let good = with_line("quantity", "1");
            let json = format!(r#"{},"charges":[{charge}]}}"#, good.strip_suffix('}').unwrap());
            assert_errors::<Order>(&[(&json, error)]);
        }
    }

    #[test]
    fn a_class_without_a_rate_is_reported_where_any_rate_is_given() {
        let order = |rates: &str| {
            format!(
                r#"{{"version":1,"currency":"EUR","lines":[
                    {{"id":1,"product":"A","quantity":1,"unit_price":"1","tax_class":"books"}},
                    {{"id":2,"product":"A","quantity":1,"unit_price":"1","tax_class":"standard"}},
                    {{"id":3,"product":"A","quantity":1,"unit_price":"1","tax_class":"standard"}}],
                    "charges":[{{"id":4,"kind":"shipping","amount":"1"}}],"tax_rates":{rates}}}"#
            )
        };
        for (rates, error) in [
            ("{}", ""),
            ("null", ""),
            (r#"{"books":"7","standard":"19","default":"19"}"#, ""),
            (r#"{"books":"7"}"#, "`tax_rates.standard` is missing; `tax_rates.default` is missing"),
            (
                r#"{"books":7,"default":"19"}"#,
                &format!("`tax_rates.books` is `7`: {FIGURE}; `tax_rates.standard` is missing"),
            ),
            (
                r#"{"books":"-7","standard":"1000.5","default":"19 %"}"#,
                "`tax_rates.books` is `-7`: negative; `tax_rates.standard` is `1000.5`: not between 0 and 1000; \
                 `tax_rates.default` is `19 %`: not a decimal number",
            ),
            (r#"{"books":"7","standard":"19","books":"7","default":"0"}"#, "`tax_rates.books` is `7`: given twice"),
            (r#"{"books":"7","standard":"19","default":"0","":"1"}"#, "`tax_rates.\"\"` is ``: empty"),
            (r#""19""#, "`tax_rates` is `19`: expected an object that names a rate per tax class"),
        ] {
            assert_errors::<Order>(&[(&order(rates), error)]);
        }
    }

    #[test]
    fn a_class_named_default_is_none() {
        let json = r#"{"version":1,"currency":"EUR","lines":[
            {"id":1,"product":"A","quantity":1,"unit_price":"1","tax_class":"default"},
            {"id":2,"product":"A","quantity":1,"unit_price":"1"}],"tax_rates":{"default":"19"}}"#;
        let order: Order = serde_json::from_str(json).unwrap();
        assert_eq!(order.classes().len(), 1);
        assert_eq!(order.rate(Some(&"default".parse().unwrap())), order.rate(None));
    }

    #[test]
    fn all_mistakes_of_a_document_come_at_once() {
        let json = r#"{
            "version": 7,
            "currency": "USX",
            "prices": "gross",
            "lines": [
                {"id": 1, "product": "A", "quantity": 1, "unit_price": "1.00"},
                {"id": 1, "product": "B", "quantity": 0, "unit_price": "-1.00", "discounts": [{"id": "a", "amount": 1}]},
                "C"
            ],
            "charges": {},
            "channel": "",
            "region": 41,
            "coupon": "SPRING"
        }"#;
        let errors = "`version` is `7`: unknown version, 1 is supported; \
            `currency` is `USX`: not a known currency; \
            `prices` is `gross`: not one of `tax_exclusive`, `tax_inclusive`; \
            `lines[1].id` is `1`: given twice; \
            `lines[1].quantity` is `0`: zero; \
            `lines[1].unit_price` is `-1.00`: negative; \
            `lines[1].discounts[0].amount` is `1`: a JSON number, amounts and percentages are strings; \
            `lines[2]` is `C`: expected an object; \
            `charges` is `{}`: expected a list; \
            `channel` is ``: empty; \
            `region` is `41`: expected a string; \
            `coupon` is `SPRING`: unknown field, known: `version`, `currency`, `prices`, `lines`, `charges`, `tax_rates`, `channel`, `region`, `payment_option`";
        assert_errors::<Order>(&[(json, errors)]);
        let draft: OrderDraft = serde_json::from_str(json).unwrap();
        let found = draft.check().unwrap_err();
        // A draft has its own order of fields; what it could not place comes last.
        let sorted = |text: &str| {
            let mut parts: Vec<String> = text.split("; ").map(str::to_owned).collect();
            parts.sort();
            parts
        };
        assert_eq!(sorted(&found.to_string()), sorted(errors));
        assert_eq!(found.at("lines[1].unit_price").map(|e| e.why.clone()), Some(Why::Negative));
    }

    #[test]
    fn sums_that_do_not_fit_are_reported() {
        let line = |id: u32| format!(r#"{{"id":{id},"product":"A","quantity":1,"unit_price":"50000000000000000"}}"#);
        let json = format!(r#"{{"version":1,"currency":"USD","lines":[{},{}]}}"#, line(1), line(2));
        assert_errors::<Order>(&[(&json, "`lines` is `[..]`: too large for exact amounts")]);
    }

    #[test]
    fn documents_that_are_none() {
        assert_errors::<Order>(&[
            ("{}", "`version` is missing; `currency` is missing"),
            ("[]", "`` is `[]`: expected an object"),
            (r#"{"version":1.0,"currency":"USD"}"#, "`version` is `1.0`: expected a whole number"),
            (r#"{"version":1,"currency":"USD","currency":"USD"}"#, "`currency` is `USD`: given twice"),
            (r#"{"version":1,"currency":"USD","lines":[],"lines":[{}]}"#, "`lines` is `[..]`: given twice"),
        ]);
        for end in 0..ALL.len() {
            if ALL.is_char_boundary(end) {
                assert!(serde_json::from_str::<OrderDraft>(&ALL[..end]).is_err(), "cut at {end}");
            }
        }
    }

    /// Nested without end, in code and in JSON.
    #[test]
    fn depth_is_no_danger() {
        let mut deep = DraftValue::from("A");
        for _ in 0..100_000 {
            deep = DraftValue::list([deep]);
        }
        let draft = OrderDraft { currency: deep.clone(), region: deep, ..OrderDraft::default() };
        let errors = draft.check().unwrap_err();
        assert_eq!(errors.errors().iter().map(|e| e.path.as_str()).collect::<Vec<_>>(), ["currency", "region"]);
        // One that only just fits by itself does not fit inside a line any more, and the line says so.
        let deepest = (0..DraftValue::MAX_DEPTH).fold(DraftValue::from("A"), |value, _| DraftValue::list([value]));
        let line = super::super::LineDraft {
            product: Some(super::super::ProductDraft::default()),
            key: deepest,
            ..Default::default()
        };
        let draft = OrderDraft { currency: "USD".into(), lines: vec![line], ..OrderDraft::default() };
        let errors = draft.check().unwrap_err();
        assert_eq!(errors.to_string(), "`lines[0]` is `{..}`: nested deeper than 128");
        let json = format!(r#"{{"lines":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
        assert!(serde_json::from_str::<OrderDraft>(&json).is_err());
    }

    #[test]
    fn many_lines_and_many_classes_are_bounded() {
        let line = |i: usize| format!(r#"{{"id":{i},"product":"A","quantity":1,"unit_price":"1","tax_class":"{i}"}}"#);
        let lines: Vec<String> = (0..=Order::MAX_TAX_CLASSES).map(line).collect();
        let json = format!(r#"{{"version":1,"currency":"USD","lines":[{}]}}"#, lines.join(","));
        assert_errors::<Order>(&[(&json, "`lines[1000].tax_class` is `1000`: more than 1000 members")]);
    }
}
