//! A definition made ready for evaluation.

use std::sync::Arc;

use crate::calendar::{Window, Zone};
use crate::coupon::{Benefit, Condition, Coupon, Payments, SetPart, Target};
use crate::error::Error;
use crate::money::Money;
use crate::order::Product;

use super::matcher::{Matcher, UnitAmount};
use super::stage::{Stage, stage};

/// A coupon made ready for evaluation: its dates are instants, its lists are sets. Cheap to clone, `Send` and `Sync`;
/// hosts keep it by id and revision.
///
/// Made by [`Shop::prepare`](crate::Shop::prepare), since days begin and end in the merchant's zone.
#[derive(Debug, Clone)]
pub struct Prepared(Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) coupon: Arc<Coupon>,
    /// The window of its dates; a countdown starts with each code.
    pub(crate) window: Window,
    /// When it can be given or earned.
    pub(crate) availability: Window,
    pub(crate) scope: Matcher,
    /// One for each benefit: its own narrower scope.
    pub(crate) benefit_scopes: Vec<Option<Matcher>>,
    /// One for each benefit: the scopes of its parts, for kinds that act on sets of pieces.
    pub(crate) part_scopes: Vec<Box<[Option<Matcher>]>>,
    /// One for each condition that reads lines, in the order of a walk: which lines it reads.
    pub(crate) condition_scopes: Vec<Option<Matcher>>,
    /// Worth nothing by definition, and assigns nothing: accepted at 0.00 (S91). One that assigns a type is worth that,
    /// so its discount lines are empty (S2), and for a customer who has the type it comes to nothing.
    pub(crate) zero_by_definition: bool,
    pub(crate) facts: Facts,
}

/// What evaluation can pass over where a definition has none of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts {
    /// Its dates bound it.
    pub(crate) has_window: bool,
    /// It has limits on uses, units or money.
    pub(crate) has_limits: bool,
    /// It has limits or conditions that need to know who the customer is.
    pub(crate) per_customer: bool,
    /// The stages in which any benefit acts, one bit for each.
    pub(crate) stages: u8,
    /// It is for a time of service.
    pub(crate) service: bool,
    /// Something comes with it.
    pub(crate) gifts: bool,
    /// How many benefits take something off.
    pub(crate) takers: usize,
}

impl Facts {
    pub(crate) fn acts_in(&self, stage: Stage) -> bool {
        self.stages & stage.bit() != 0
    }

    fn new(coupon: &Coupon, window: Window) -> Self {
        let limits = coupon.limits();
        let of_customer = [limits.per_customer(), limits.per_customer_and_code()];
        let others = [limits.total(), limits.per_code(), limits.units()];
        let stages = || coupon.benefits().iter().filter_map(|b| stage(b, coupon.level()));
        let any = |limits: &[Option<u64>]| limits.iter().any(Option::is_some);
        Self {
            has_window: window != Window::ALWAYS,
            has_limits: any(&of_customer) || any(&others) || limits.money().is_some(),
            gifts: coupon.benefits().iter().any(|benefit| matches!(benefit, Benefit::Gift(_))),
            service: coupon.payments().is_some_and(Payments::is_service_time),
            stages: stages().fold(0, |bits, stage| bits | stage.bit()),
            takers: stages().count(),
            per_customer: any(&of_customer) || coupon.conditions().iter().any(Condition::requires_first_order),
        }
    }
}

impl Prepared {
    pub(crate) fn new(coupon: Coupon, zone: &Zone) -> Result<Self, Error> {
        Self::of(Arc::new(coupon), zone)
    }

    /// [`new`](Self::new) for terms that are shared with an outcome.
    pub(crate) fn of(coupon: Arc<Coupon>, zone: &Zone) -> Result<Self, Error> {
        let window = coupon.validity().window_in(zone).map_err(|e| e.under("validity"))?;
        let availability = coupon.availability().window_in(zone).map_err(|e| e.under("availability"))?;
        let mut condition_scopes = Vec::new();
        for condition in coupon.conditions() {
            collect_scopes(condition, &mut condition_scopes);
        }
        let benefits = coupon.benefits();
        Ok(Self(Arc::new(Inner {
            facts: Facts::new(&coupon, window),
            window,
            availability,
            scope: Matcher::new(coupon.scope()),
            benefit_scopes: benefits.iter().map(scope_of).collect(),
            part_scopes: benefits.iter().map(|b| b.parts().map(matcher_of).collect()).collect(),
            condition_scopes,
            zero_by_definition: coupon.assign().is_none() && benefits.iter().all(Benefit::is_zero_by_definition),
            coupon,
        })))
    }

    /// The definition.
    #[must_use]
    pub fn coupon(&self) -> &Coupon {
        &self.0.coupon
    }

    /// The window of its dates, in UTC; always open where it has none or counts down from the issue of each code.
    #[must_use]
    pub fn window(&self) -> Window {
        self.0.window
    }

    /// When it can be given or earned (S116), in UTC; always open where the definition does not say. Use is judged without
    /// it (S100).
    #[must_use]
    pub fn availability(&self) -> Window {
        self.0.availability
    }

    /// Whether its scope covers a product at this price of one unit, for listings (S83). Coupons that act on shipping
    /// alone, or on nothing, cover no product.
    ///
    /// ```
    /// use vouchsafe::*;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
    /// let shoes = Scope::Categories(vec!["shoes".parse()?]);
    /// let coupon = shop.prepare(Coupon::builder("shoes").code("SHOES").percent_off("10").scope(shoes).build()?)?;
    ///
    /// let price = Money::parse("80.00", Currency::USD)?;
    /// let boot = Product::new("BOOT".parse()?).with_categories(["shoes".parse()?]);
    /// assert!(coupon.covers(&boot, price));
    /// assert!(!coupon.covers(&Product::new("SHIRT".parse()?), price));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn covers(&self, product: &Product, unit_price: Money) -> bool {
        let unit = UnitAmount { minor: unit_price.minor(), units: 1, currency: unit_price.currency() };
        let benefits = self.0.coupon.benefits().iter().zip(&self.0.benefit_scopes);
        let mut narrower = benefits.filter(|(b, _)| match b {
            Benefit::Trial(_) => product.is_subscription(),
            _ => b.target().is_some(),
        });
        self.0.scope.covers(product, unit)
            && narrower.any(|(_, scope)| scope.as_ref().is_none_or(|s| s.covers(product, unit)))
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.0
    }
}

/// Those of several coupons whose scope covers a product at this price of one unit (S83).
///
/// ```
/// use vouchsafe::*;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
/// let any = shop.prepare(Coupon::builder("any").code("ANY").percent_off("5").build()?)?;
/// let sale = shop.prepare(Coupon::builder("sale").code("SALE").percent_off("5").scope(Scope::OnSale).build()?)?;
///
/// let price = Money::parse("80.00", Currency::USD)?;
/// let all = [any, sale];
/// let boot = Product::new("BOOT".parse()?);
/// assert_eq!(coupons_for(&boot, price, &all).count(), 1);
/// # Ok(())
/// # }
/// ```
pub fn coupons_for<'a>(
    product: &Product,
    unit_price: Money,
    coupons: impl IntoIterator<Item = &'a Prepared>,
) -> impl Iterator<Item = &'a Prepared> {
    coupons.into_iter().filter(move |coupon| coupon.covers(product, unit_price))
}

/// What narrows the coupon's scope for a benefit: its own scope, or that of any of its parts.
fn scope_of(benefit: &Benefit) -> Option<Matcher> {
    if benefit.parts().next().is_none() {
        return benefit.target().and_then(Target::scope).map(Matcher::new);
    }
    benefit.parts().map(matcher_of).collect::<Option<_>>().map(Matcher::Any)
}

fn matcher_of(part: &SetPart) -> Option<Matcher> {
    part.scope().map(Matcher::new)
}

fn collect_scopes(condition: &Condition, scopes: &mut Vec<Option<Matcher>>) {
    match condition {
        Condition::All(group) | Condition::Any(group) => {
            for member in group.members() {
                collect_scopes(member, scopes);
            }
        }
        Condition::Not(negated) => collect_scopes(negated.inner(), scopes),
        leaf if leaf.reads_lines() => scopes.push(leaf.of().map(Matcher::new)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::parse_instant;

    fn prepare(fields: &str) -> Result<Prepared, Error> {
        let benefits = if fields.contains("benefits") { "" } else { r#""benefits":[{"percent":{"off":"10"}}],"# };
        let coupon = format!(r#"{{"version":1,"id":"c","code":"C",{benefits}{fields}}}"#);
        Prepared::new(serde_json::from_str(&coupon).unwrap(), &Zone::named("+02:00").unwrap())
    }

    #[test]
    fn dates_become_instants_in_the_zone_of_the_merchant() {
        let at = |text: &str| Some(parse_instant(text).unwrap());
        for (validity, from, until) in [
            (r#"{}"#, None, None),
            (r#"{"thru":"2026-03-29"}"#, None, at("2026-03-29T22:00:00Z")),
            (r#"{"from":"2026-03-29","thru":"2026-03-29"}"#, at("2026-03-28T22:00:00Z"), at("2026-03-29T22:00:00Z")),
            (r#"{"starts_at":"2026-03-29T00:00:00Z"}"#, at("2026-03-29T00:00:00Z"), None),
        ] {
            let window = prepare(&format!(r#""validity":{validity}"#)).unwrap().window();
            assert_eq!((window.from(), window.until()), (from, until), "{validity}");
        }
    }

    /// The calendar ends with the year 9999, and so does the window: the last day is whole all the same.
    #[test]
    fn the_last_day_of_all_can_be_prepared() {
        let last = prepare(r#""validity":{"from":"0001-01-01","thru":"9999-12-31"}"#).unwrap().window();
        assert!(last.contains(parse_instant("9999-12-31T21:59:59Z").unwrap()));
    }

    #[test]
    fn a_coupon_is_worth_nothing_only_where_all_of_it_is() {
        for (fields, zero) in [
            (r#""benefits":["none"]"#, true),
            (r#""benefits":[{"percent":{"off":"0"}}]"#, true),
            (r#""benefits":["none",{"percent":{"off":"0.001"}}]"#, false),
            (r#""benefits":["none"],"assign":{"to":"PRO"}"#, false),
        ] {
            assert_eq!(prepare(fields).unwrap().inner().zero_by_definition, zero, "{fields}");
        }
    }

    #[test]
    fn what_conditions_read_stands_in_the_order_of_a_walk() {
        let fields = r#""conditions":[
            {"any":[{"minimum_quantity":{"pieces":2}},{"not":{"minimum_quantity":{"pieces":1,"of":{"tags":["a"]}}}}]},
            "first_order",{"minimum_spend":{"amounts":{"USD":"1"},"of":{"products":["P"]}}},
            {"without":{"of":"on_sale"}}
        ]"#;
        let prepared = prepare(fields).unwrap();
        let kinds: Vec<_> = prepared.inner().condition_scopes.iter().collect();
        assert!(matches!(kinds[..], [None, Some(Matcher::Tags(_)), Some(Matcher::Products(_)), Some(Matcher::OnSale)]));
    }

    #[test]
    fn a_clone_shares_what_was_prepared() {
        let prepared = prepare(r#""revision":3"#).unwrap();
        assert!(std::ptr::eq(prepared.clone().coupon(), prepared.coupon()));
        assert_eq!(prepared.coupon().revision(), 3);
    }
}
