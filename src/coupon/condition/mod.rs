//! Conditions: who may use a coupon, and on what order.
//!
//! One file per kind. A condition is only data here, checked when it is made; it is judged when a code is presented, on
//! one snapshot of the order, so that a coupon's own discount never takes its ground away.

mod bought;
mod channels;
mod customer_attribute;
mod customer_types;
mod customers;
mod distinct_products;
mod hours;
mod last_order;
mod lifetime_spend;
mod maximum_spend;
mod members;
mod minimum_quantity;
mod minimum_spend;
mod not_on;
mod nth_order;
mod orders_in_period;
mod payment_options;
mod regions;
mod selection;
mod shipping_methods;
mod spend;
mod unique_customers;
mod without;

pub use bought::Bought;
pub use channels::Channels;
pub use customer_types::CustomerTypes;
pub use customers::Customers;
pub use distinct_products::DistinctProducts;
pub use last_order::LastOrder;
pub use lifetime_spend::LifetimeSpend;
pub use maximum_spend::MaximumSpend;
pub use members::Members;
pub use minimum_quantity::MinimumQuantity;
pub use minimum_spend::MinimumSpend;
pub use not_on::NotOn;
pub use nth_order::NthOrder;
pub use orders_in_period::OrdersInPeriod;
pub use payment_options::PaymentOptions;
pub use regions::Regions;
pub use shipping_methods::ShippingMethods;
pub(crate) use spend::Spend;
pub use spend::{Basis, LineRange};
pub use unique_customers::UniqueCustomers;
pub use without::Without;

use crate::calendar::Weekly;
use crate::coupon::{HasAttribute, Scope};
use crate::error::{Error, Why};
use crate::form::DraftValue;
use crate::form::tree::{Group, Negated, Tree, group, negated, read_group, read_negated};
use crate::form::{Check, Form, serde_by_form, tagged};

/// One condition; a coupon needs all of its conditions to hold.
///
/// In JSON a name, `"first_order"`, or an object with one field: `{"minimum_spend": {...}}`, `{"not": "first_order"}`.
/// Conditions join to trees of at most 16 levels and 1,000 members; the scopes inside conditions count.
///
/// ```
/// use vouchsafe::{Condition, Members};
///
/// let newcomers_and_members = Condition::any([Condition::FirstOrder, Members::any().into()])?;
/// assert_eq!(serde_json::to_string(&newcomers_and_members)?, r#"{"any":["first_order",{"members":{}}]}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Nested without end
///
/// ```
/// use vouchsafe::Condition;
///
/// let mut condition = Condition::FirstOrder;
/// let error = loop {
///     match condition.negated() {
///         Ok(deeper) => condition = deeper,
///         Err(error) => break error,
///     }
/// };
/// assert_eq!(error.to_string(), "`tree` is `17`: nested deeper than 16");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Condition {
    /// Every member holds.
    All(Group<Condition>),
    /// At least one member holds.
    Any(Group<Condition>),
    /// The inner condition does not hold.
    Not(Negated<Condition>),
    /// The order is worth enough.
    MinimumSpend(MinimumSpend),
    /// The order is not worth too much.
    MaximumSpend(MaximumSpend),
    /// The order has pieces enough.
    MinimumQuantity(MinimumQuantity),
    /// The order has different products enough.
    DistinctProducts(DistinctProducts),
    /// The order has no such line.
    Without(Without),
    /// The customer has no earlier order (S16).
    FirstOrder,
    /// This is the customer's n-th order.
    NthOrder(NthOrder),
    /// The customer ordered often enough lately.
    OrdersInPeriod(OrdersInPeriod),
    /// The customer spent enough so far.
    LifetimeSpend(LifetimeSpend),
    /// The customer's last order is recent enough, or long enough ago.
    LastOrder(LastOrder),
    /// The customer bought one of these before.
    Bought(Bought),
    /// The customer is a member.
    Members(Members),
    /// The customer's type.
    CustomerTypes(CustomerTypes),
    /// What else is known of the customer.
    CustomerAttribute(HasAttribute),
    /// The channel or order form.
    Channels(Channels),
    /// The region.
    Regions(Regions),
    /// The payment option.
    PaymentOptions(PaymentOptions),
    /// The shipping method.
    ShippingMethods(ShippingMethods),
    /// The customer is one of these.
    Customers(Customers),
    /// The weekday, and the hour by the merchant's clock.
    Hours(Weekly),
    /// The day is none of these.
    NotOn(NotOn),
    /// Customers enough have joined.
    UniqueCustomers(UniqueCustomers),
}

const KINDS: &str = "`all`, `any`, `not`, `minimum_spend`, `maximum_spend`, `minimum_quantity`, \
                     `distinct_products`, `without`, `first_order`, `nth_order`, `orders_in_period`, `lifetime_spend`, `last_order`, `bought`, `members`, `customer_types`, `customer_attribute`, \
                     `channels`, `regions`, `payment_options`, `shipping_methods`, `customers`, `hours`, `not_on`, `unique_customers`";

impl Condition {
    /// Holds where every one of the conditions holds.
    ///
    /// # Errors
    /// [`Why::Empty`] without any condition, [`Why::TooDeep`] past 16 levels, [`Why::TooMany`] past 1,000 members.
    pub fn all(conditions: impl IntoIterator<Item = Self>) -> Result<Self, Error> {
        group(conditions.into_iter().collect()).map(Self::All)
    }

    /// Holds where at least one of the conditions holds.
    ///
    /// # Errors
    /// [`Why::Empty`] without any condition, [`Why::TooDeep`] past 16 levels, [`Why::TooMany`] past 1,000 members.
    pub fn any(conditions: impl IntoIterator<Item = Self>) -> Result<Self, Error> {
        group(conditions.into_iter().collect()).map(Self::Any)
    }

    /// Holds where this condition does not.
    ///
    /// # Errors
    /// [`Why::TooDeep`] past 16 levels, [`Why::TooMany`] past 1,000 members.
    pub fn negated(self) -> Result<Self, Error> {
        negated(self).map(Self::Not)
    }

    /// Whether it can only hold on a first order. One that lets other orders pass as well takes no claim.
    pub(crate) fn requires_first_order(&self) -> bool {
        match self {
            Self::FirstOrder => true,
            Self::NthOrder(nth) => nth.n() == 1,
            Self::All(group) => group.members.iter().any(Self::requires_first_order),
            Self::Any(group) => !group.members.is_empty() && group.members.iter().all(Self::requires_first_order),
            _ => false,
        }
    }

    /// The scope that narrows the lines that it reads.
    pub(crate) fn of(&self) -> Option<&Scope> {
        match self {
            Self::MinimumSpend(minimum) => minimum.of(),
            Self::MaximumSpend(maximum) => maximum.of(),
            Self::MinimumQuantity(minimum) => minimum.of(),
            Self::DistinctProducts(distinct) => distinct.of(),
            Self::Without(without) => Some(without.of()),
            _ => None,
        }
    }

    /// Whether judging it needs a price or a line of the order. A coupon that changes the customer's type before
    /// pricing cannot wait for either.
    pub(crate) fn reads_lines(&self) -> bool {
        match self {
            Self::All(group) | Self::Any(group) => group.members.iter().any(Self::reads_lines),
            Self::Not(negated) => negated.inner.reads_lines(),
            Self::MinimumSpend(_)
            | Self::MaximumSpend(_)
            | Self::MinimumQuantity(_)
            | Self::DistinctProducts(_)
            | Self::Without(_) => true,
            Self::FirstOrder
            | Self::NthOrder(_)
            | Self::OrdersInPeriod(_)
            | Self::LifetimeSpend(_)
            | Self::LastOrder(_)
            | Self::Bought(_)
            | Self::Members(_)
            | Self::CustomerTypes(_)
            | Self::CustomerAttribute(_)
            | Self::Channels(_)
            | Self::Regions(_)
            | Self::PaymentOptions(_)
            | Self::ShippingMethods(_)
            | Self::Customers(_)
            | Self::Hours(_)
            | Self::NotOn(_)
            | Self::UniqueCustomers(_) => false,
        }
    }
}

impl Tree for Condition {
    fn depth(&self) -> usize {
        match self {
            Self::All(group) | Self::Any(group) => group.depth(),
            Self::Not(negated) => negated.depth(),
            _ => 1,
        }
    }

    fn nodes(&self) -> usize {
        match self {
            Self::All(group) | Self::Any(group) => group.nodes(),
            Self::Not(negated) => negated.nodes(),
            of => of.of().map_or(0, Tree::nodes).saturating_add(1),
        }
    }
}

impl Form for Condition {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.node(value, |check| {
            let (kind, inner) = check.choice(value, KINDS)?;
            match (kind, inner) {
                ("first_order", None) => Some(Self::FirstOrder),
                (kind, _) if !KINDS.split(", ").any(|name| name.trim_matches('`') == kind) => {
                    check.report(kind, Why::UnknownChoice { choices: KINDS });
                    None
                }
                (_, None) => {
                    check.wrong_kind(value, "an object with one field, since this kind needs more than its name");
                    None
                }
                (kind, Some(inner)) => check.in_field(kind, 0, |check| Self::read_kind(kind, inner, check)),
            }
        })
    }

    fn write(&self) -> DraftValue {
        match self {
            Self::FirstOrder => "first_order".into(),
            Self::All(group) => tagged("all", group.members.write()),
            Self::Any(group) => tagged("any", group.members.write()),
            Self::Not(negated) => tagged("not", negated.inner.write()),
            Self::MinimumSpend(condition) => tagged("minimum_spend", condition.write()),
            Self::MaximumSpend(condition) => tagged("maximum_spend", condition.write()),
            Self::MinimumQuantity(condition) => tagged("minimum_quantity", condition.write()),
            Self::DistinctProducts(condition) => tagged("distinct_products", condition.write()),
            Self::Without(condition) => tagged("without", condition.write()),
            Self::NthOrder(condition) => tagged("nth_order", condition.write()),
            Self::OrdersInPeriod(condition) => tagged("orders_in_period", condition.write()),
            Self::LifetimeSpend(condition) => tagged("lifetime_spend", condition.write()),
            Self::LastOrder(condition) => tagged("last_order", condition.write()),
            Self::Bought(condition) => tagged("bought", condition.write()),
            Self::Members(condition) => tagged("members", condition.write()),
            Self::CustomerTypes(condition) => tagged("customer_types", condition.write()),
            Self::CustomerAttribute(condition) => tagged("customer_attribute", condition.write()),
            Self::Channels(condition) => tagged("channels", condition.write()),
            Self::Regions(condition) => tagged("regions", condition.write()),
            Self::PaymentOptions(condition) => tagged("payment_options", condition.write()),
            Self::ShippingMethods(condition) => tagged("shipping_methods", condition.write()),
            Self::Customers(condition) => tagged("customers", condition.write()),
            Self::Hours(condition) => tagged("hours", condition.write()),
            Self::NotOn(condition) => tagged("not_on", condition.write()),
            Self::UniqueCustomers(condition) => tagged("unique_customers", condition.write()),
        }
    }
}

impl Condition {
    fn read_kind(kind: &str, inner: &DraftValue, check: &mut Check) -> Option<Self> {
        match kind {
            "all" => read_group(inner, check).map(Self::All),
            "any" => read_group(inner, check).map(Self::Any),
            "not" => read_negated(inner, check).map(Self::Not),
            "minimum_spend" => Form::read(inner, check).map(Self::MinimumSpend),
            "maximum_spend" => Form::read(inner, check).map(Self::MaximumSpend),
            "minimum_quantity" => Form::read(inner, check).map(Self::MinimumQuantity),
            "distinct_products" => Form::read(inner, check).map(Self::DistinctProducts),
            "without" => Form::read(inner, check).map(Self::Without),
            "nth_order" => Form::read(inner, check).map(Self::NthOrder),
            "orders_in_period" => Form::read(inner, check).map(Self::OrdersInPeriod),
            "lifetime_spend" => Form::read(inner, check).map(Self::LifetimeSpend),
            "last_order" => Form::read(inner, check).map(Self::LastOrder),
            "bought" => Form::read(inner, check).map(Self::Bought),
            "members" => Form::read(inner, check).map(Self::Members),
            "customer_types" => Form::read(inner, check).map(Self::CustomerTypes),
            "customer_attribute" => Form::read(inner, check).map(Self::CustomerAttribute),
            "channels" => Form::read(inner, check).map(Self::Channels),
            "regions" => Form::read(inner, check).map(Self::Regions),
            "payment_options" => Form::read(inner, check).map(Self::PaymentOptions),
            "shipping_methods" => Form::read(inner, check).map(Self::ShippingMethods),
            "customers" => Form::read(inner, check).map(Self::Customers),
            "hours" => Form::read(inner, check).map(Self::Hours),
            "not_on" => Form::read(inner, check).map(Self::NotOn),
            "unique_customers" => Form::read(inner, check).map(Self::UniqueCustomers),
            _ => {
                check.wrong_kind(inner, "only the name `first_order`");
                None
            }
        }
    }
}

serde_by_form!(Condition);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_identity, errors_of, read};

    #[test]
    fn every_kind_is_read_and_written() {
        assert_identity::<Condition>(&[
            r#""first_order""#,
            r#"{"all":["first_order"]}"#,
            r#"{"any":[{"not":"first_order"},{"members":{}}]}"#,
            r#"{"minimum_spend":{"amounts":{"USD":"50.00"}}}"#,
            r#"{"maximum_spend":{"amounts":{"USD":"50.00"}}}"#,
            r#"{"minimum_quantity":{"pieces":3}}"#,
            r#"{"distinct_products":{"at_least":3}}"#,
            r#"{"without":{"of":"on_sale"}}"#,
            r#"{"nth_order":{"n":3}}"#,
            r#"{"orders_in_period":{"days":365,"at_least":5}}"#,
            r#"{"lifetime_spend":{"at_least":{"USD":"1000.00"}}}"#,
            r#"{"last_order":{"over_days":30}}"#,
            r#"{"bought":{"products":["JOURNAL"]}}"#,
            r#"{"customer_types":{"only":["RETAIL"]}}"#,
            r#"{"customer_attribute":{"key":"segment","any_of":["press"]}}"#,
            r#"{"channels":{"only":["web"]}}"#,
            r#"{"regions":{"only":["DE"]}}"#,
            r#"{"payment_options":{"only":["invoice"]}}"#,
            r#"{"shipping_methods":{"only":["ground"]}}"#,
            r#"{"customers":{"only":["id:42"]}}"#,
            r#"{"hours":{"days":["sat","sun"]}}"#,
            r#"{"not_on":{"dates":["2026-12-24"]}}"#,
            r#"{"unique_customers":{"at_least":100}}"#,
        ]);
    }

    #[test]
    fn what_is_no_condition_is_reported() {
        for json in [r#""first""#, r#"{"first":{}}"#, "{}"] {
            assert!(errors_of::<Condition>(json).contains("not one of `all`, `any`"), "{json}");
        }
        assert!(errors_of::<Condition>(r#""members""#).contains("expected an object with one field"));
        assert!(errors_of::<Condition>(r#"{"first_order":{}}"#).contains("expected only the name `first_order`"));
        assert!(errors_of::<Condition>("7").contains("expected a name or an object with one field"));
        let errors = errors_of::<Condition>(r#"{"all":[{"any":[{"nth_order":{"n":0}},{"members":[]}]},"x"]}"#);
        assert!(errors.starts_with("`all[0].any[0].nth_order.n` is `0`: zero; `all[0].any[1].members` is `[]`"));
        assert!(errors.contains("; `all[1]` is `x`: not one of"), "{errors}");
    }

    #[test]
    fn a_tree_past_its_bounds_is_reported_and_does_not_exhaust_the_stack() {
        for (levels, ok) in [(16, true), (17, false), (200, false), (100_000, false)] {
            let mut value = DraftValue::from("first_order");
            for _ in 1..levels {
                value = DraftValue::map([("not", value)]);
            }
            let read = Check::document(|check| Condition::read(&value, check));
            assert_eq!(read.is_ok(), ok, "{levels}");
        }
        // A scope may nest as deep again, but its members count.
        let scope = |members: usize| DraftValue::map([("any", DraftValue::list(vec!["on_sale"; members]))]);
        let quantity = |members| {
            let minimum = DraftValue::map([("pieces", 1_u32.into()), ("of", scope(members))]);
            let value = DraftValue::map([("minimum_quantity", minimum)]);
            Check::document(|check| Condition::read(&value, check))
        };
        assert_eq!(quantity(998).unwrap().nodes(), 1_000);
        assert_eq!(quantity(999).unwrap_err().to_string(), "`` is `{..}`: more than 1000 members");
    }

    /// A type change before pricing can wait for neither a price nor a line.
    #[test]
    fn conditions_that_read_lines_are_known() {
        for (json, reads) in [
            (r#""first_order""#, false),
            (r#"{"customer_types":{}}"#, false),
            (r#"{"shipping_methods":{}}"#, false),
            (r#"{"hours":{"days":["sat"]}}"#, false),
            (r#"{"minimum_quantity":{"pieces":1}}"#, true),
            (r#"{"maximum_spend":{"amounts":{"USD":"1"}}}"#, true),
            (r#"{"distinct_products":{"at_least":2}}"#, true),
            (r#"{"without":{"of":"on_sale"}}"#, true),
            (r#"{"any":["first_order",{"not":{"minimum_spend":{"amounts":{"USD":"1"}}}}]}"#, true),
        ] {
            assert_eq!(read::<Condition>(json).reads_lines(), reads, "{json}");
        }
    }
}
