//! Which purchases and sign-ups assign a customer type (S49, S50).

use std::collections::{HashMap, HashSet};

use crate::coupon::{AssignUntil, AssignWhen, TypeAssignment, TypeKind};
use crate::error::Why;
use crate::form::DraftValue;
use crate::form::{Check, Form, Writer};
use crate::key::SignUpId;
use crate::order::Product;

use super::goods_index::GoodsIndex;
use super::parts::Report;
use super::{Catalogue, Goods};

/// What a shop assigns besides coupons.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Assignments {
    /// With their places in the document.
    purchases: Vec<(usize, Purchase)>,
    purchases_of: GoodsIndex,
    sign_ups: Vec<(usize, SignUp)>,
}

/// Buying one of these goods assigns a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Purchase {
    goods: Goods,
    assign: TypeAssignment,
}

/// Signing up for something assigns a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SignUp {
    form: SignUpId,
    assign: TypeAssignment,
}

impl Assignments {
    pub(super) fn add_purchase(&mut self, goods: Goods, assign: TypeAssignment) {
        let place = self.purchases.len();
        self.purchases_of.insert(&goods, place);
        self.purchases.push((place, Purchase { goods, assign }));
    }

    pub(super) fn add_sign_up(&mut self, form: SignUpId, assign: TypeAssignment) {
        self.sign_ups.push((self.sign_ups.len(), SignUp { form, assign }));
    }

    /// The lists of a document.
    pub(super) fn placed(purchases: Vec<(usize, Purchase)>, sign_ups: Vec<(usize, SignUp)>) -> Self {
        let mut purchases_of = GoodsIndex::default();
        for (place, (_, purchase)) in purchases.iter().enumerate() {
            purchases_of.insert(&purchase.goods, place);
        }
        Self { purchases, purchases_of, sign_ups }
    }

    /// Both lists as a document has them; none where they are empty.
    pub(super) fn write(&self) -> (Option<DraftValue>, Option<DraftValue>) {
        let purchases = self.purchases.iter().map(|(_, p)| p.write());
        let sign_ups = self.sign_ups.iter().map(|(_, s)| s.write());
        let purchases = (!self.purchases.is_empty()).then(|| DraftValue::list(purchases));
        (purchases, (!self.sign_ups.is_empty()).then(|| DraftValue::list(sign_ups)))
    }

    /// What disagrees with the rest of the shop, or with itself.
    pub(super) fn check(&self, report: &mut Report<'_>) {
        let (mut primary, mut memberships) = (HashMap::new(), HashSet::new());
        for (i, purchase) in &self.purchases {
            let (goods, assign) = (&purchase.goods, &purchase.assign);
            let path = |field: &str| format!("purchases[{i}].{field}");
            report.goods(|| path("goods"), goods);
            check_types(report, assign, path);
            if assign.when() == AssignWhen::BeforePricing {
                let with = "a purchase, which is known once it is priced";
                report.add(path("assign.when"), assign.when(), Why::Contradicts { with });
            }
            let to = assign.to();
            let why = match assign.kind() {
                TypeKind::Primary => match *primary.entry(goods).or_insert((i, to)) {
                    (first, _) if first == i => None,
                    (_, earlier) if earlier == to => Some(Why::Duplicate),
                    _ => Some(Why::Contradicts { with: "another primary type for the same goods" }),
                },
                TypeKind::Membership => (!memberships.insert((goods, to))).then_some(Why::Duplicate),
            };
            if let Some(why) = why {
                report.add(path("assign.to"), to, why);
            }
        }
        let mut forms = HashSet::new();
        for (i, sign_up) in &self.sign_ups {
            let path = |field: &str| format!("sign_ups[{i}].{field}");
            check_types(report, &sign_up.assign, path);
            if !forms.insert(&sign_up.form) {
                report.add(path("form"), &sign_up.form, Why::Duplicate);
            }
        }
    }

    pub(crate) fn any_purchases(&self) -> bool {
        !self.purchases.is_empty()
    }

    /// What buying a product assigns: the primary type of the nearest goods that assign one, and every membership.
    pub(crate) fn of_purchase<'a>(
        &'a self,
        catalogue: &Catalogue,
        product: &Product,
    ) -> impl Iterator<Item = &'a TypeAssignment> {
        let assignment = |place: usize| self.purchases.get(place).map(|(_, purchase)| &purchase.assign);
        let (mut nearest, mut memberships) = (None, Vec::new());
        self.purchases_of.each(catalogue, product, |near, place| match assignment(place).map(TypeAssignment::kind) {
            Some(TypeKind::Primary) => {
                let found = (near, place);
                nearest = Some(nearest.map_or(found, |best| found.min(best)));
            }
            Some(TypeKind::Membership) => memberships.push(place),
            None => {}
        });
        // In the order in which they were defined, each once.
        memberships.sort_unstable();
        memberships.dedup();
        nearest.map(|(_, place)| place).into_iter().chain(memberships).filter_map(assignment)
    }

    /// What signing up assigns.
    pub(crate) fn of_sign_up(&self, form: &SignUpId) -> Option<&TypeAssignment> {
        self.sign_ups.iter().find(|(_, s)| s.form == *form).map(|(_, s)| &s.assign)
    }
}

/// Every type that an assignment names must be defined.
fn check_types(report: &mut Report<'_>, assign: &TypeAssignment, path: impl Fn(&str) -> String) {
    report.customer_type(|| path("assign.to"), assign.to());
    if let AssignUntil::Membership(membership) = assign.until() {
        report.customer_type(|| path("assign.until.membership"), membership);
    }
}

impl Form for Purchase {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| {
            let (goods, assign) = (f.required("goods"), f.required("assign"));
            Some(Self { goods: goods?, assign: assign? })
        })
    }

    fn write(&self) -> DraftValue {
        Writer::default().put("goods", &self.goods).put("assign", &self.assign).end()
    }
}

impl Form for SignUp {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| {
            let (form, assign) = (f.required("form"), f.required("assign"));
            Some(Self { form: form?, assign: assign? })
        })
    }

    fn write(&self) -> DraftValue {
        Writer::default().put("form", &self.form).put("assign", &self.assign).end()
    }
}

#[cfg(test)]
mod tests {
    use crate::coupon::TypeKind;
    use crate::form::testing::{assert_errors, assert_identity, read};
    use crate::order::Product;
    use crate::policy::Policy;
    use crate::shop::{Goods, Shop};

    fn shop(fields: &str) -> String {
        let types = r#""customer_types":["RETAIL","CLUB","PRO"],"default_type":"RETAIL""#;
        format!(r#"{{"version":1,"policy":{{"currency":"USD"}},{types},{fields}}}"#)
    }

    #[test]
    fn a_round_trip_is_identity() {
        assert_identity::<Shop>(&[&shop(concat!(
            r#""purchases":[{"goods":{"product":"YEAR"},"assign":{"to":"CLUB","kind":"membership","until":{"days":365}}},"#,
            r#"{"goods":{"product":"YEAR"},"assign":{"to":"PRO","until":{"membership":"CLUB"}}}],"#,
            r#""sign_ups":[{"form":"club","assign":{"to":"CLUB","when":"before_pricing"}}]"#
        ))]);
    }

    #[test]
    fn what_contradicts_itself_is_named() {
        let table = [
            (
                r#""purchases":[{"goods":{"product":"A"},"assign":{"to":"VIP","until":{"membership":"GUILD"}}}]"#,
                "`purchases[0].assign.to` is `VIP`: unknown customer type; \
                 `purchases[0].assign.until.membership` is `GUILD`: unknown customer type",
            ),
            (
                r#""purchases":[{"goods":{"product":"A"},"assign":{"to":"PRO","when":"before_pricing"}}]"#,
                "`purchases[0].assign.when` is `before_pricing`: \
                 not allowed together with a purchase, which is known once it is priced",
            ),
            (
                r#""purchases":[{"goods":{"product":"A"},"assign":{"to":"PRO"}},{"goods":{"product":"A"},"assign":{"to":"CLUB"}}]"#,
                "`purchases[1].assign.to` is `CLUB`: not allowed together with another primary type for the same goods",
            ),
            (
                r#""purchases":[{"goods":"everything","assign":{"to":"PRO"}},{"goods":"everything","assign":{"to":"PRO"}}]"#,
                "`purchases[1].assign.to` is `PRO`: given twice",
            ),
            (
                r#""products":["B"],"purchases":[{"goods":{"product":"A"},"assign":{"to":"PRO"}}]"#,
                "`purchases[0].goods.product` is `A`: unknown product",
            ),
            (
                r#""sign_ups":[{"form":"f","assign":{"to":"PRO"}},{"form":"f","assign":{"to":"CLUB","kind":"membership"}}]"#,
                "`sign_ups[1].form` is `f`: given twice",
            ),
            (
                r#""sign_ups":[{"form":"f","assign":{"to":"VIP"}},{"assign":{"to":"PRO","until":{"membership":"PRO"}}}]"#,
                "`sign_ups[1].assign.until.membership` is `PRO`: leads back to itself; `sign_ups[1].form` is missing; \
                 `sign_ups[0].assign.to` is `VIP`: unknown customer type",
            ),
        ];
        for (fields, errors) in table {
            assert_errors::<Shop>(&[(&shop(fields), errors)]);
        }
    }

    /// The builder reports the same paths.
    #[test]
    fn the_builder_says_the_same() {
        let assign = |json: &str| serde_json::from_str(json).unwrap();
        let builder = || Shop::builder(Policy::builder(crate::money::Currency::USD).build().unwrap());
        let error = builder()
            .purchase_assigns(Goods::Everything, assign(r#"{"to":"VIP"}"#))
            .sign_up_assigns("f".parse().unwrap(), assign(r#"{"to":"VIP"}"#))
            .build()
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "`purchases[0].assign.to` is `VIP`: unknown customer type; \
             `sign_ups[0].assign.to` is `VIP`: unknown customer type"
        );
    }

    /// Proves S49: the nearest goods assign the primary type, and all that match their memberships.
    #[test]
    fn the_nearest_goods_assign_the_primary_type() {
        let shop: Shop = read(&shop(concat!(
            r#""purchases":[{"goods":"everything","assign":{"to":"RETAIL"}},"#,
            r#"{"goods":{"category":"clubs"},"assign":{"to":"CLUB","kind":"membership"}},"#,
            r#"{"goods":{"product":"YEAR"},"assign":{"to":"PRO"}},"#,
            r#"{"goods":{"product":"YEAR"},"assign":{"to":"PRO","kind":"membership"}}]"#
        )));
        let product = |id: &str| Product::new(id.parse().unwrap()).with_categories(["clubs".parse().unwrap()]);
        let assigned = |id: &str| {
            let product = product(id);
            let assigned = shop.assignments().of_purchase(shop.catalogue(), &product);
            let name = |kind| if kind == TypeKind::Primary { "" } else { "+" };
            assigned.map(|a| format!("{}{}", name(a.kind()), a.to())).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(assigned("YEAR"), "PRO +CLUB +PRO");
        assert_eq!(assigned("MONTH"), "RETAIL +CLUB");
    }

    /// Proves S49: several ways to one membership are one, in the order of the definitions; of two goods that are as
    /// near, the first assigns.
    #[test]
    fn each_membership_is_assigned_once_in_its_order() {
        let shop: Shop = read(&shop(concat!(
            r#""categories":["clubs",{"id":"wine","parent":"clubs"},{"id":"beer","parent":"clubs"}],"#,
            r#""purchases":[{"goods":"everything","assign":{"to":"PRO","kind":"membership"}},"#,
            r#"{"goods":{"category":"clubs","subcategories":true},"assign":{"to":"CLUB","kind":"membership"}},"#,
            r#"{"goods":{"category":"beer"},"assign":{"to":"PRO"}},"#,
            r#"{"goods":{"category":"wine"},"assign":{"to":"RETAIL"}}]"#
        )));
        let categories = ["wine", "beer"].map(|category| category.parse().unwrap());
        let product = Product::new("YEAR".parse().unwrap()).with_categories(categories);
        let assigned = shop.assignments().of_purchase(shop.catalogue(), &product);
        let names: Vec<String> = assigned.map(|a| format!("{:?} {}", a.kind(), a.to())).collect();
        assert_eq!(names, ["Primary PRO", "Membership PRO", "Membership CLUB"]);
    }
}
