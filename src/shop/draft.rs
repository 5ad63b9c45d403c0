//! A shop that has not been checked yet.

use crate::error::Why;
use crate::form::DraftValue;
use crate::form::{Check, Fields, Form, Writer, checked_by, drafts, read_members, read_version};
use crate::key::{CategoryId, CustomerTypeId, ProductId};
use crate::money::Currency;
use crate::policy::{Policy, PolicyDraft, read_inner_policy};

use super::parts::Parts;
use super::{
    Access, AccessRule, Assignments, Catalogue, CustomerType, Options, PriceList, PriceStrategy, Shop, TypePrices,
    Types,
};

drafts! {
    /// A shop as an admin page fills it in or as it comes in JSON: plain data, right or wrong.
    ///
    /// ```
    /// use vouchsafe::ShopDraft;
    ///
    /// let draft: ShopDraft = serde_json::from_str(
    ///     r#"{
    ///         "version": 1,
    ///         "policy": {"currency": "USD"},
    ///         "customer_types": ["RETAIL", "PROFORM"],
    ///         "default_type": "RETIAL",
    ///         "prices": [{"customer_type": "PROFORM", "product": "BOOT", "price": 119.0}]
    ///     }"#,
    /// )?;
    /// assert_eq!(
    ///     draft.check().unwrap_err().to_string(),
    ///     "`default_type` is `RETIAL`: unknown customer type; \
    ///      `prices[0].price` is `119.0`: a JSON number, amounts and percentages are strings"
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    ///
    /// What rules over several entries find (unknown types and products, categories in a circle, prices that overlap) comes
    /// after what is wrong in itself, and speaks of the entries that could be read; of none while a customer type could
    /// not.
    ///
    /// # A whole shop
    ///
    /// ```
    /// use vouchsafe::Shop;
    ///
    /// let shop: Shop = serde_json::from_str(
    ///     r#"{
    ///         "version": 1,
    ///         "policy": {"currency": "USD"},
    ///         "customer_types": ["RETAIL", {"id": "WHOLESALE", "rank": 10}, {"id": "CLUB", "points_multiplier": "2"}],
    ///         "default_type": "RETAIL",
    ///         "categories": ["wine", {"id": "reserve", "parent": "wine"}],
    ///         "price_lists": [{
    ///             "id": "wholesale-2026",
    ///             "for": {"types": ["WHOLESALE"]},
    ///             "validity": {"from": "2026-01-01", "thru": "2026-12-31"},
    ///             "entries": [
    ///                 {"goods": {"product": "PINOT"}, "price": {"USD": "28.00"}},
    ///                 {"goods": {"product": "PINOT"}, "from": 60, "price": {"USD": "26.50"}},
    ///                 {"goods": {"category": "wine", "subcategories": true}, "percent_off": "20"}
    ///             ]
    ///         }],
    ///         "access": [
    ///             {"deny": ["see"], "goods": {"category": "reserve"}},
    ///             {"allow": ["see"], "goods": {"category": "reserve"}, "to": {"types": ["CLUB"]}}
    ///         ],
    ///         "payment_options": ["card", {
    ///             "option": "net-30", "to": {"types": ["WHOLESALE"]}, "preferred_by": {"types": ["WHOLESALE"]}
    ///         }],
    ///         "shipping_options": ["parcel", {"method": "pallet", "to": {"min_rank": 10}}],
    ///         "quantity_rules": [{"goods": "everything", "to": {"types": ["WHOLESALE"]}, "min": 24, "increment": 12}],
    ///         "allowances": [
    ///             {"id": "reserve", "goods": [{"category": "reserve"}], "quantity": 6, "window": "quarter", "excess": "cap"},
    ///             {"id": "magnum", "goods": [{"product": "MAGNUM"}], "quantity": 1, "per": "shared"}
    ///         ],
    ///         "purchases": [
    ///             {"goods": {"product": "CLUB-YEAR"}, "assign": {"to": "CLUB", "kind": "membership", "until": {"days": 365}}}
    ///         ],
    ///         "sign_ups": [{"form": "dealer-form", "assign": {"to": "WHOLESALE", "only_upwards": true}}]
    ///     }"#,
    /// )?;
    /// assert_eq!((shop.price_lists().len(), shop.allowances().len()), (1, 2));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct ShopDraft version 1 {
        /// The merchant's choices. Needed. Its version may be left out here.
        policy: Option<PolicyDraft> = "policy",
        /// A list of the customer types there are: `"RETAIL"`, or `{"id": "PROFORM", "rank": 10}`.
        customer_types: DraftValue = "customer_types",
        /// The type of new and anonymous shoppers: one of those types, or the only one where none are listed.
        default_type: DraftValue = "default_type",
        /// A list of the categories there are: `"wine"`, or `{"id": "red", "parent": "wine"}`. Rules may name any category
        /// where it is absent.
        categories: DraftValue = "categories",
        /// A list of the products there are. Rules may name any product where it is absent.
        products: DraftValue = "products",
        /// Prices by customer type, in short: as in a price list for that type alone, of priority 0.
        prices: Vec<TypePriceDraft> = "prices",
        /// A list of price lists:
        /// `{"id": "w", "for": {"types": ["WHOLESALE"]}, "entries": [{"goods": "everything", "percent_off": "20"}]}`; see
        /// [`PriceList`] and [`PriceEntry`](crate::PriceEntry).
        price_lists: DraftValue = "price_lists",
        /// Which of several prices of a product holds: `most_specific`, where it is absent, `lowest` or `priority`; see
        /// [`PriceStrategy`].
        price_strategy: DraftValue = "price_strategy",
        /// Products that only some types see.
        visible_only_to: Vec<VisibilityDraft> = "visible_only_to",
        /// A list of rules about who sees products, sees their prices and buys them:
        /// `{"deny": ["see"], "goods": {"category": "pro"}}`; see [`AccessRule`].
        access: DraftValue = "access",
        /// A list of the payment options there are: `"CARD"`, or `{"option": "NET30", "to": {"types": ["WHOLESALE"]}}`.
        /// Everything is allowed where it is absent, and nothing where it is empty.
        payment_options: DraftValue = "payment_options",
        /// A list of the shipping methods there are, in the same form with `method`.
        shipping_options: DraftValue = "shipping_options",
        /// A list of rules for the quantity of a product in one order: `{"goods": {"category": "teas"}, "increment": 12}`;
        /// see [`QuantityRule`](crate::QuantityRule).
        quantity_rules: DraftValue = "quantity_rules",
        /// A list of quantities that customers may buy over a window of time:
        /// `{"id": "six", "goods": [{"product": "PINOT"}], "quantity": 6, "window": "quarter"}`; see
        /// [`Allowance`](crate::Allowance).
        allowances: DraftValue = "allowances",
        /// A list of what buying assigns: `{"goods": {"product": "CLUB-YEAR"}, "assign": {"to": "CLUB"}}`, with
        /// [`Goods`](crate::Goods) and [`TypeAssignment`](crate::TypeAssignment).
        purchases: DraftValue = "purchases",
        /// A list of what signing up assigns: `{"form": "club-form", "assign": {"to": "CLUB"}}`.
        sign_ups: DraftValue = "sign_ups",
        /// The programme of loyalty points: `{"earn": {"USD": "1"}, "value": {"USD": "0.01"}}`; see
        /// [`PointsProgram`](crate::PointsProgram).
        points: DraftValue = "points",
        /// A list of the automatic offers, each a definition without a code:
        /// `{"id": "sale", "scope": "on_sale", "benefits": [{"percent": {"off": "10"}}]}`; see [`Offer`](crate::Offer).
        offers: DraftValue = "offers",
    }

    /// A price of a [`ShopDraft`]: `{"customer_type": "PROFORM", "product": "BOOT", "price": "119.00"}`.
    pub struct TypePriceDraft {
        /// The type whose price it is. Needed.
        customer_type: DraftValue = "customer_type",
        /// The product. Needed.
        product: DraftValue = "product",
        /// The currency; the merchant's own where it is absent.
        currency: DraftValue = "currency",
        /// The price of one unit. Needed.
        price: DraftValue = "price",
    }

    /// Who sees a product of a [`ShopDraft`]: `{"product": "PRO-JACKET", "customer_types": ["PROFORM"]}`.
    pub struct VisibilityDraft {
        /// The product. Needed.
        product: DraftValue = "product",
        /// A list of the only types that see it; nobody does where it is empty. Needed.
        customer_types: DraftValue = "customer_types",
    }
}

checked_by! {
    ShopDraft => Shop by read_shop;
}

fn read_shop(f: &mut Fields<'_, '_>) -> Option<Shop> {
    read_version(f, ShopDraft::VERSION);
    let policy = f.required_with("policy", read_inner_policy);
    let own = policy.as_ref().map(Policy::currency);
    let mut reader = Reader { own, types: Types::default(), all_known: true };
    let listed = f.has("customer_types");
    f.optional_with("customer_types", |value, check| reader.define(value, check));
    let default_type = f.optional_with("default_type", |value, check| {
        if listed {
            return reader.known(value, check);
        }
        CustomerTypeId::read(value, check)
    });
    if let Some(default_type) = default_type.as_ref().filter(|_| !listed) {
        reader.types.define(CustomerType::new(default_type.clone()));
    }
    reader.types.set_default(default_type.clone());
    let mut catalogue = Catalogue::default();
    f.optional_with("categories", |value, check| {
        read_members(value, check, |value, check| read_category(value, check, &mut catalogue))
    });
    f.optional_with("products", |value, check| {
        read_members(value, check, |value, check| {
            if !catalogue.add_product(ProductId::read(value, check)?) {
                check.report(value, Why::Duplicate);
            }
            Some(())
        })
    });
    // Where the default type was reported, it may well be the one that the rules below name.
    reader.all_known &= default_type.is_some() || !f.has("default_type");
    let mut prices = TypePrices::default();
    f.optional_with("prices", |value, check| {
        read_members(value, check, |value, check| check.fields(value, |f| reader.price(f, &catalogue, &mut prices)))
    });
    let price_lists = placed::<PriceList>(f, "price_lists");
    let price_strategy = f.or_default::<PriceStrategy>("price_strategy");
    let mut access = Access::default();
    f.optional_with("visible_only_to", |value, check| {
        read_members(value, check, |value, check| {
            check.fields(value, |f| reader.visibility(f, &catalogue, &mut access))
        })
    });
    placed(f, "access").into_iter().for_each(|(place, rule): (usize, AccessRule)| access.add(place, rule));
    let options = Options { payment: read_offers(f, "payment_options"), shipping: read_offers(f, "shipping_options") };
    let (quantity_rules, allowances) = (placed(f, "quantity_rules"), placed(f, "allowances"));
    let assignments = Assignments::placed(placed(f, "purchases"), placed(f, "sign_ups"));
    let (points, offers) = (f.optional("points"), placed(f, "offers"));
    let rules = Parts { quantity_rules, allowances, assignments, points, offers, ..Parts::new(policy?) };
    let parts = Parts { types: reader.types, catalogue, prices, price_lists, price_strategy, access, options, ..rules };
    // Rules over several entries say nothing useful while types are missing.
    let all_known = reader.all_known;
    match parts.into_shop() {
        Ok(shop) => Some(shop),
        Err(errors) => {
            if all_known {
                f.check().report_found(errors);
            }
            None
        }
    }
}

/// The members of a list that can be read, each with its place.
fn placed<T: Form>(f: &mut Fields<'_, '_>, name: &'static str) -> Vec<(usize, T)> {
    let members = f.optional_with(name, |value, check| read_members(value, check, T::read)).unwrap_or_default();
    members.into_iter().enumerate().filter_map(|(i, member)| Some((i, member?))).collect()
}

/// A list that says something where it is empty, too.
fn read_offers<T: Form>(f: &mut Fields<'_, '_>, name: &'static str) -> Option<Vec<T>> {
    f.optional_with(name, |value, check| read_members(value, check, T::read)?.into_iter().collect())
}

/// A category: its name, or its name with that of the one above it.
fn read_category(value: &DraftValue, check: &mut Check, catalogue: &mut Catalogue) -> Option<()> {
    let (id, parent) = if value.as_text().is_some() {
        (CategoryId::read(value, check)?, None)
    } else if value.as_map().is_some() {
        let read = check.fields(value, |f| Some((f.required("id"), f.optional("parent"))))?;
        (read.0?, read.1)
    } else {
        check.wrong_kind(value, "a category or an object");
        return None;
    };
    catalogue.define(id, parent).map_err(|why| check.report(value, why)).ok()
}

/// What the parts of a shop share while they are read.
struct Reader {
    /// The merchant's own currency.
    own: Option<Currency>,
    types: Types,
    /// Whether every type that was defined could be read; otherwise nothing is said about unknown ones.
    all_known: bool,
}

impl Reader {
    fn define(&mut self, value: &DraftValue, check: &mut Check) -> Option<()> {
        let types = read_members(value, check, |value, check| {
            let customer_type = CustomerType::read(value, check);
            self.all_known &= customer_type.is_some();
            if !self.types.define(customer_type?) {
                check.report(value, Why::Duplicate);
            }
            Some(())
        });
        self.all_known &= types.is_some();
        types.map(|_| ())
    }

    /// A customer type that was defined.
    fn known(&self, value: &DraftValue, check: &mut Check) -> Option<CustomerTypeId> {
        let customer_type = CustomerTypeId::read(value, check)?;
        if self.all_known && self.types.get(&customer_type).is_none() {
            check.report(value, Why::UnknownReference { what: "customer type" });
            return None;
        }
        Some(customer_type)
    }

    fn price(&self, f: &mut Fields<'_, '_>, catalogue: &Catalogue, prices: &mut TypePrices) -> Option<()> {
        let customer_type = f.required_with("customer_type", |value, check| self.known(value, check));
        let product = f.required_with("product", |value, check| product(value, check, catalogue));
        let currency = f.optional_or_reported("currency");
        let price = f.required("price");
        let currency = currency?.or(self.own)?;
        if let Err(why) = prices.insert(customer_type?, &product?, currency, price?) {
            f.report("product", why);
        }
        Some(())
    }

    fn visibility(&self, f: &mut Fields<'_, '_>, catalogue: &Catalogue, access: &mut Access) -> Option<()> {
        let product = f.required_with("product", |value, check| product(value, check, catalogue));
        let types = f.required_with("customer_types", |value, check| {
            read_members(value, check, |value, check| self.known(value, check))?.into_iter().collect::<Option<Vec<_>>>()
        });
        if let Err(why) = access.show(&product?, types.unwrap_or_default()) {
            f.report("product", why);
        }
        Some(())
    }
}

/// A product that exists, where the shop says which do. One that was reported is no reason to say more about the rule.
fn product(value: &DraftValue, check: &mut Check, catalogue: &Catalogue) -> Option<ProductId> {
    let product = ProductId::read(value, check)?;
    if !catalogue.knows_product(&product) {
        check.report(value, Why::UnknownReference { what: "product" });
        return None;
    }
    Some(product)
}

/// A list that has members.
fn list<T: Form>(members: &[T]) -> Option<DraftValue> {
    (!members.is_empty()).then(|| DraftValue::list(members.iter().map(Form::write)))
}

impl Form for Shop {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, read_shop)
    }

    fn write(&self) -> DraftValue {
        let own = self.policy.currency();
        let types = DraftValue::list(self.types.all().iter().map(Form::write));
        let categories: Vec<DraftValue> = self
            .catalogue
            .categories()
            .map(|(id, parent)| match parent {
                None => id.write(),
                Some(parent) => Writer::default().put("id", id).put("parent", parent).end(),
            })
            .collect();
        let products: Vec<DraftValue> = self.catalogue.products().into_iter().map(Form::write).collect();
        let prices = self.prices.of_types().sorted().into_iter().map(|(customer_type, product, currency, price)| {
            Writer::default()
                .put("customer_type", customer_type)
                .put("product", product)
                .put_unless("currency", &currency, &own)
                .put("price", &price)
                .end()
        });
        let lists: Vec<DraftValue> = self.prices.lists().iter().map(Form::write).collect();
        let visible = self
            .access
            .shown()
            .map(|(product, types)| Writer::default().put("product", product).put("customer_types", types).end());
        let rules: Vec<DraftValue> = self.access.rules().map(Form::write).collect();
        let (purchases, sign_ups) = self.assignments.write();
        let offers: Vec<DraftValue> = self.offers().map(Form::write).collect();
        Writer::default()
            .put("version", &ShopDraft::VERSION)
            .put("policy", &self.policy.write_inner())
            .put_some("customer_types", (!self.types.is_empty()).then_some(&types))
            .put_some("default_type", self.types.default_type())
            .put_some("categories", (!categories.is_empty()).then(|| DraftValue::list(categories)).as_ref())
            .put_some("products", (!products.is_empty()).then(|| DraftValue::list(products)).as_ref())
            .put_some("prices", (!self.prices.of_types().is_empty()).then(|| DraftValue::list(prices)).as_ref())
            .put_some("price_lists", (!lists.is_empty()).then(|| DraftValue::list(lists)).as_ref())
            .put_unless_default("price_strategy", &self.prices.strategy())
            .put_some("visible_only_to", (visible.len() > 0).then(|| DraftValue::list(visible)).as_ref())
            .put_some("access", (!rules.is_empty()).then_some(&rules))
            .put_some("payment_options", self.options.payment.as_ref())
            .put_some("shipping_options", self.options.shipping.as_ref())
            .put_some("quantity_rules", list(self.bounds.rules()).as_ref())
            .put_some("allowances", list(self.bounds.allowances()).as_ref())
            .put_some("purchases", purchases.as_ref())
            .put_some("sign_ups", sign_ups.as_ref())
            .put_some("points", self.points())
            .put_some("offers", (!offers.is_empty()).then(|| DraftValue::list(offers)).as_ref())
            .end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity};

    const ALL: &str = concat!(
        r#"{"version":1,"policy":{"currency":"USD","accepts":["EUR"]},"#,
        r#""customer_types":["RETAIL","PROFORM"],"default_type":"RETAIL","prices":["#,
        r#"{"customer_type":"PROFORM","product":"BOOT","currency":"EUR","price":"109"},"#,
        r#"{"customer_type":"PROFORM","product":"BOOT","price":"119"},"#,
        r#"{"customer_type":"RETAIL","product":"BOOT","price":"0.0035"}],"#,
        r#""visible_only_to":[{"product":"JACKET","customer_types":["PROFORM"]},{"product":"SAMPLE","customer_types":[]}],"#,
        r#""access":[{"deny":["see_price","buy"],"goods":{"category":"pro","subcategories":true}},"#,
        r#"{"allow":["buy"],"goods":"everything","to":{"types":["PROFORM"]}}],"#,
        r#""payment_options":["CARD",{"option":"NET30","to":{"types":["PROFORM"]},"preferred_by":{}}],"#,
        r#""shipping_options":[]}"#
    );

    #[test]
    fn a_round_trip_is_identity() {
        assert_identity::<Shop>(&[r#"{"version":1,"policy":{"currency":"USD"}}"#, ALL]);
        let shop: Shop = serde_json::from_str(ALL).unwrap();
        let draft = ShopDraft::from(&shop);
        assert_eq!(serde_json::to_string(&draft).unwrap(), ALL);
        assert_eq!(draft.check().unwrap(), shop);
    }

    #[test]
    fn the_builder_makes_the_same_shop() {
        let key = |text: &str| text.parse::<CustomerTypeId>().unwrap();
        let shop = Shop::builder(Policy::builder(Currency::USD).build().unwrap())
            .default_type(key("RETAIL"))
            .visible_only_to("JACKET".parse().unwrap(), [key("RETAIL"), key("RETAIL")])
            .build()
            .unwrap();
        let json = concat!(
            r#"{"version":1,"policy":{"version":1,"currency":"USD"},"default_type":"RETAIL","#,
            r#""visible_only_to":[{"product":"JACKET","customer_types":["RETAIL"]}]}"#
        );
        assert_eq!(serde_json::from_str::<Shop>(json).unwrap(), shop);
    }

    #[test]
    fn every_mistake_is_reported_with_its_path() {
        let json = r#"{
            "version": 1,
            "policy": {"version": 2, "currency": "USX", "zone": "Mars/Olympus"},
            "customer_types": ["RETAIL", "PROFORM", "RETAIL"],
            "default_type": "VIP",
            "prices": [
                {"customer_type": "VIP", "product": "BOOT", "currency": "USD", "price": "-1.00"},
                {"customer_type": "RETAIL", "product": "", "currency": "usd", "price": 0.1},
                {"customer_type": "RETAIL", "product": "SKI", "currency": "USD", "price": "1"},
                {"customer_type": "RETAIL", "product": "SKI", "currency": "USD", "price": "2", "unit": "pair"},
                {}
            ],
            "visible_only_to": [
                {"product": "A", "customer_types": ["RETAIL", "VIP"]},
                {"product": "A", "customer_types": []},
                {"product": "B"}
            ],
            "coupons": []
        }"#;
        let errors = [
            "`policy.version` is `2`: unknown version, 1 is supported",
            "`policy.currency` is `USX`: not a known currency",
            "`policy.zone` is `Mars/Olympus`: not a known time zone",
            "`customer_types[2]` is `RETAIL`: given twice",
            "`default_type` is `VIP`: unknown customer type",
            "`prices[0].customer_type` is `VIP`: unknown customer type",
            "`prices[0].price` is `-1.00`: negative",
            "`prices[1].product` is ``: empty",
            "`prices[1].currency` is `usd`: not a known currency",
            "`prices[1].price` is `0.1`: a JSON number, amounts and percentages are strings",
            "`prices[3].product` is `SKI`: given twice",
            "`prices[3].unit` is `pair`: unknown field, known: `customer_type`, `product`, `currency`, `price`",
            "`prices[4].customer_type` is missing",
            "`prices[4].product` is missing",
            "`prices[4].price` is missing",
            "`visible_only_to[0].customer_types[1]` is `VIP`: unknown customer type",
            "`visible_only_to[1].product` is `A`: given twice",
            "`visible_only_to[2].customer_types` is missing",
            "`coupons` is `[]`: unknown field, known: `version`, `policy`, `customer_types`, `default_type`, `categories`, `products`, `prices`, `price_lists`, `price_strategy`, `visible_only_to`, `access`, `payment_options`, `shipping_options`, `quantity_rules`, `allowances`, `purchases`, `sign_ups`, `points`, `offers`",
        ];
        // A default type that is wrong leaves open whether the type of a rule is.
        let vague: Vec<&str> = errors.into_iter().filter(|e| !e.contains("VIP") || e.starts_with("`default")).collect();
        assert_errors::<Shop>(&[(json, &vague.join("; "))]);
        let mended = json.replace(r#""default_type": "VIP""#, r#""default_type": "RETAIL""#);
        let rest: Vec<&str> = errors.into_iter().filter(|e| !e.starts_with("`default")).collect();
        assert_errors::<Shop>(&[(&mended, &rest.join("; "))]);
        let draft: ShopDraft = serde_json::from_str(&mended).unwrap();
        assert_eq!(draft.check().unwrap_err().to_string(), rest.join("; "));
    }

    #[test]
    fn shapes_and_versions() {
        assert_errors::<Shop>(&[
            ("{}", "`version` is missing; `policy` is missing"),
            (r#"{"version":9,"policy":{"currency":"USD"}}"#, "`version` is `9`: unknown version, 1 is supported"),
            (r#"{"version":1,"policy":"storefront"}"#, "`policy` is `storefront`: expected an object"),
            (
                r#"{"version":1,"policy":{"currency":"USD"},"prices":{"BOOT":"1"},"visible_only_to":[7]}"#,
                "`prices` is `{..}`: expected a list; `visible_only_to[0]` is `7`: expected an object",
            ),
            ("null", "`` is `null`: expected an object"),
        ]);
        let json =
            r#"{"version":1,"policy":{"currency":"USD"},"visible_only_to":[{"product":"A","customer_types":[]},7]}"#;
        let draft: ShopDraft = serde_json::from_str(json).unwrap();
        assert_eq!(
            draft.check().unwrap_err().to_string(),
            "`visible_only_to[1]` is `7`: expected an object",
            "a list that holds something else is kept for the check"
        );
        assert!(serde_json::from_str::<ShopDraft>(&ALL[..ALL.len() - 1]).is_err());
    }
}
