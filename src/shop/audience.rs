//! Whom a rule concerns.

use crate::form::DraftValue;
use crate::form::{Check, Form, Writer, serde_by_form};
use crate::key::CustomerTypeId;

use super::Standing;

/// Whom a rule concerns: by customer type, by rank, or everyone. Every part that is given must hold.
///
/// The same words choose who sees a product, who has an allowance, who belongs to a run of shipments and to whom a
/// campaign is sent (S40, S51). A customer with several types belongs where any of them does, and is left out where any of
/// them is left out.
///
/// In JSON `{}` for everyone, `{"types": ["PROFORM"]}`, `{"min_rank": 10}`, `{"except": ["STAFF"]}`.
///
/// ```
/// use vouchsafe::{Audience, Currency, Customer, CustomerType, Policy, Shop, parse_instant};
///
/// let shop = Shop::builder(Policy::builder(Currency::USD).build()?)
///     .default_type("RETAIL".parse()?)
///     .customer_type(CustomerType::new("PROFORM".parse()?).with_rank(10))
///     .build()?;
/// let at = parse_instant("2026-03-01T12:00:00Z")?;
/// let pro = shop.standing(&Customer::anonymous().with_type("PROFORM".parse()?), at);
/// let new = shop.standing(&Customer::anonymous(), at);
///
/// assert!(Audience::of_types(["PROFORM".parse()?]).contains(&pro));
/// assert!(!Audience::of_rank(10).contains(&new));
/// assert!(Audience::everyone().except(["PROFORM".parse()?]).contains(&new));
/// # Ok::<(), vouchsafe::Error>(())
/// ```
///
/// # No type at all
///
/// A list that is absent allows everyone; an empty one allows nobody: [`Audience::of_types`] no type is legal, and
/// contains no customer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Audience {
    types: Option<Vec<CustomerTypeId>>,
    min_rank: Option<u32>,
    except: Vec<CustomerTypeId>,
}

/// How narrowly an audience is meant; the narrower wins among rules about the same products.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Specificity {
    /// Types are named.
    Types,
    /// From a rank upward.
    Rank,
    /// Everyone, with or without exceptions.
    Everyone,
}

impl Audience {
    /// Everyone, anonymous shoppers among them.
    #[must_use]
    pub fn everyone() -> Self {
        Self::default()
    }

    /// Customers who have one of these types, as their primary type or by a live membership.
    #[must_use]
    pub fn of_types(types: impl IntoIterator<Item = CustomerTypeId>) -> Self {
        Self { types: Some(sorted(types)), ..Self::default() }
    }

    /// Customers of whom one type has at least this rank.
    #[must_use]
    pub fn of_rank(min_rank: u32) -> Self {
        Self { min_rank: Some(min_rank), ..Self::default() }
    }

    /// But not those who have one of these types.
    #[must_use]
    pub fn except(mut self, types: impl IntoIterator<Item = CustomerTypeId>) -> Self {
        self.except = sorted(types);
        self
    }

    /// The types that belong; `None`: any, an empty list: none.
    #[must_use]
    pub fn types(&self) -> Option<&[CustomerTypeId]> {
        self.types.as_deref()
    }

    /// The lowest rank that belongs.
    #[must_use]
    pub fn min_rank(&self) -> Option<u32> {
        self.min_rank
    }

    /// The types that do not belong.
    #[must_use]
    pub fn excluded(&self) -> &[CustomerTypeId] {
        &self.except
    }

    /// Whether a customer with these types belongs to it.
    #[must_use]
    pub fn contains(&self, standing: &Standing) -> bool {
        let any = |types: &[CustomerTypeId]| standing.types().iter().any(|held| types.contains(held));
        self.types.as_deref().is_none_or(any)
            && self.min_rank.is_none_or(|min| standing.rank() >= min)
            && (self.except.is_empty() || !any(&self.except))
    }

    pub(crate) fn specificity(&self) -> Specificity {
        match (&self.types, self.min_rank) {
            (Some(_), _) => Specificity::Types,
            (None, Some(_)) => Specificity::Rank,
            (None, None) => Specificity::Everyone,
        }
    }

    /// The same audience, whatever the order in which its types were given.
    pub(super) fn canonical(&self) -> Self {
        let mut canonical = self.clone();
        canonical.types.iter_mut().for_each(|types| types.sort());
        canonical.except.sort();
        canonical
    }

    /// The first type it names that is not among those known, with its path inside the audience.
    pub(super) fn unknown<'a>(
        &'a self,
        known: impl Fn(&CustomerTypeId) -> bool,
    ) -> Option<(String, &'a CustomerTypeId)> {
        let find = |field: &str, types: &'a [CustomerTypeId]| {
            let (i, customer_type) = types.iter().enumerate().find(|(_, t)| !known(t))?;
            Some((format!("{field}[{i}]"), customer_type))
        };
        find("types", self.types.as_deref().unwrap_or_default()).or_else(|| find("except", &self.except))
    }
}

/// As given, each once.
fn sorted(types: impl IntoIterator<Item = CustomerTypeId>) -> Vec<CustomerTypeId> {
    let mut kept: Vec<CustomerTypeId> = Vec::new();
    for customer_type in types {
        if !kept.contains(&customer_type) {
            kept.push(customer_type);
        }
    }
    kept
}

impl Form for Audience {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| {
            let types: Option<Vec<_>> = f.optional("types");
            let min_rank = f.optional("min_rank");
            let except: Option<Vec<_>> = f.optional("except");
            Some(Self { types: types.map(sorted), min_rank, except: sorted(except.unwrap_or_default()) })
        })
    }

    fn write(&self) -> DraftValue {
        Writer::default()
            .put_some("types", self.types.as_ref())
            .put_some("min_rank", self.min_rank.as_ref())
            .put_some("except", (!self.except.is_empty()).then_some(&self.except))
            .end()
    }
}

serde_by_form!(Audience);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity, read};

    #[test]
    fn a_round_trip_is_identity() {
        assert_identity::<Audience>(&["{}", r#"{"types":[]}"#, r#"{"types":["B","A"],"min_rank":3,"except":["C"]}"#]);
        assert_errors::<Audience>(&[(
            r#"{"types":"A","rank":1}"#,
            "`types` is `A`: expected a list; `rank` is `1`: unknown field, known: `types`, `min_rank`, `except`",
        )]);
    }

    #[test]
    fn every_part_that_is_given_must_hold() {
        let standing = |types: &[&str], rank| Standing::of(types.iter().map(|t| t.parse().unwrap()).collect(), rank);
        let (retail, pro, both) = (standing(&["R"], 0), standing(&["P"], 10), standing(&["R", "P"], 10));
        for (audience, of_retail, of_pro, of_both) in [
            ("{}", true, true, true),
            (r#"{"types":[]}"#, false, false, false),
            (r#"{"types":["P"]}"#, false, true, true),
            (r#"{"min_rank":1}"#, false, true, true),
            (r#"{"min_rank":11}"#, false, false, false),
            (r#"{"except":["P"]}"#, true, false, false),
            (r#"{"types":["R"],"except":["P"]}"#, true, false, false),
            (r#"{"types":["R"],"min_rank":10}"#, false, false, true),
        ] {
            let audience: Audience = read(audience);
            let found = [&retail, &pro, &both].map(|s| audience.contains(s));
            assert_eq!(found, [of_retail, of_pro, of_both], "{audience:?}");
        }
    }
}
