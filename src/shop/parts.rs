//! What a shop is made of, before it is known to agree with itself. The builder and the document both end here, so that
//! one set of rules holds for both.

use std::collections::HashSet;
use std::fmt;
use std::mem::take;

use crate::error::{Error, FieldError, Why};
use crate::key::CustomerTypeId;
use crate::policy::Policy;

use super::allowance::{Allowance, Bounds, NO_FIGURE, QuantityRule};
use super::{
    Access, Assignments, Audience, Catalogue, Goods, Offer, Offers, Options, Points, PointsProgram, PriceBook,
    PriceList, PriceStrategy, Shop, TypePrices, Types,
};

/// The parts of a shop, each readable in itself.
#[derive(Debug, Clone)]
pub(super) struct Parts {
    pub(super) policy: Policy,
    pub(super) types: Types,
    pub(super) catalogue: Catalogue,
    pub(super) prices: TypePrices,
    /// With their places in the document.
    pub(super) price_lists: Vec<(usize, PriceList)>,
    pub(super) price_strategy: PriceStrategy,
    pub(super) access: Access,
    pub(super) options: Options,
    /// With their places in the document.
    pub(super) quantity_rules: Vec<(usize, QuantityRule)>,
    pub(super) allowances: Vec<(usize, Allowance)>,
    pub(super) assignments: Assignments,
    pub(super) points: Option<PointsProgram>,
    /// With their places in the document.
    pub(super) offers: Vec<(usize, Offer)>,
}

impl Parts {
    pub(super) fn new(policy: Policy) -> Self {
        Self {
            policy,
            types: Types::default(),
            catalogue: Catalogue::default(),
            prices: TypePrices::default(),
            price_lists: Vec::new(),
            price_strategy: PriceStrategy::default(),
            access: Access::default(),
            options: Options::default(),
            quantity_rules: Vec::new(),
            allowances: Vec::new(),
            assignments: Assignments::default(),
            points: None,
            offers: Vec::new(),
        }
    }

    /// The shop, or everything that is wrong with it, each with its whole path.
    pub(super) fn into_shop(mut self) -> Result<Shop, Vec<FieldError>> {
        let mut report = Report { types: &self.types, catalogue: &self.catalogue, errors: Vec::new() };
        for (i, parent, why) in self.catalogue.parent_errors() {
            report.add(format!("categories[{i}].parent"), parent, why);
        }
        self.access.check(&mut report);
        self.options.check(&mut report);
        let bounds = report.bounds(&self.policy, &self.quantity_rules, &self.allowances);
        self.assignments.check(&mut report);
        let (of_types, lists) = (take(&mut self.prices), take(&mut self.price_lists));
        let prices = PriceBook::new(of_types, lists, self.price_strategy, self.policy.zone(), &mut report);
        let offers = report.offers(&self.policy, &self.offers);
        let Report { errors, .. } = report;
        if !errors.is_empty() {
            return Err(errors);
        }
        let Self { policy, types, catalogue, mut access, options, assignments, points, .. } = self;
        access.prepare();
        let points = points.map(Points::new);
        Ok(Shop { policy, types, catalogue, prices, access, options, bounds, assignments, points, offers })
    }
}

/// What is known of the shop while its rules are checked, and what was found wrong so far.
pub(super) struct Report<'a> {
    types: &'a Types,
    catalogue: &'a Catalogue,
    errors: Vec<FieldError>,
}

impl Report<'_> {
    /// The quantity rules and allowances: each of goods and types that exist, an allowance under a name of its own, one
    /// quantity rule for the same goods and customers.
    fn bounds(
        &mut self,
        policy: &Policy,
        rules: &[(usize, QuantityRule)],
        allowances: &[(usize, Allowance)],
    ) -> Bounds {
        let mut bounds = Bounds::default();
        let mut about = HashSet::with_capacity(rules.len());
        for (i, rule) in rules {
            let path = || format!("quantity_rules[{i}]");
            self.goods(|| format!("{}.goods", path()), rule.goods());
            self.audience(|| format!("{}.to", path()), rule.audience());
            if rule.is_empty() {
                self.add(path(), "{..}", NO_FIGURE);
            }
            if !about.insert((rule.goods(), rule.audience())) {
                self.add(format!("{}.goods", path()), "{..}", Why::Duplicate);
            }
            bounds.add_rule(rule.clone());
        }
        let mut names = HashSet::with_capacity(allowances.len());
        for (i, allowance) in allowances {
            let path = || format!("allowances[{i}]");
            for (j, goods) in allowance.goods().iter().enumerate() {
                self.goods(|| format!("{}.goods[{j}]", path()), goods);
            }
            self.audience(|| format!("{}.to", path()), allowance.audience());
            if !names.insert(allowance.id()) {
                self.add(format!("{}.id", path()), allowance.id(), Why::Duplicate);
            }
            if let Err(Error::Invalid(field)) = bounds.add_allowance(allowance.clone(), policy.zone()) {
                self.add(format!("{}.window.{}", path(), field.path), field.value, field.why);
            }
        }
        bounds
    }

    /// The automatic offers: each under an id of its own, on days that the zone can place.
    fn offers(&mut self, policy: &Policy, offers: &[(usize, Offer)]) -> Offers {
        let mut names = HashSet::with_capacity(offers.len());
        for (i, offer) in offers {
            if !names.insert(offer.terms().id()) {
                self.add(format!("offers[{i}].id"), offer.terms().id(), Why::Duplicate);
            }
        }
        Offers::new(offers, policy.zone(), |error| self.errors.push(error))
    }

    /// One thing that is wrong, at its whole path.
    pub(super) fn add(&mut self, path: impl Into<String>, value: impl fmt::Display, why: Why) {
        self.errors.push(FieldError::new(path, value, why));
    }

    /// A customer type must be defined.
    pub(super) fn customer_type(&mut self, path: impl FnOnce() -> String, customer_type: &CustomerTypeId) {
        if self.types.get(customer_type).is_none() {
            self.add(path(), customer_type, Why::UnknownReference { what: "customer type" });
        }
    }

    /// Every type that an audience names must be defined.
    pub(super) fn audience(&mut self, path: impl FnOnce() -> String, audience: &Audience) {
        let types = self.types;
        if let Some((field, customer_type)) = audience.unknown(|t| types.get(t).is_some()) {
            let why = Why::UnknownReference { what: "customer type" };
            self.add(format!("{}.{field}", path()), customer_type, why);
        }
    }

    /// The product or category must exist, where the shop was told which do.
    pub(super) fn goods(&mut self, path: impl FnOnce() -> String, goods: &Goods) {
        if let Some((field, value, why)) = self.catalogue.unknown(goods) {
            self.add(format!("{}.{field}", path()), value, why);
        }
    }
}
