//! What a rule allows or denies.

use crate::error::Why;
use crate::form::DraftValue;
use crate::form::{Check, Form, Writer, choices, read_members, serde_by_form};
use crate::shop::{Audience, Goods};

choices! {
    /// What a customer may do with a product. Each needs those before it: who does not see a product sees no price of it,
    /// and who sees no price cannot buy (S38, S46).
    ///
    /// # Example: who sees no price cannot buy
    ///
    /// ```
    /// use vouchsafe::*;
    ///
    /// let on_request = AccessRule::deny(Permission::SeePrice, Goods::product("ORGAN".parse()?), Audience::everyone());
    /// let shop = Shop::builder(Policy::builder(Currency::USD).build()?).access(on_request).build()?;
    /// let (organ, anyone) = (Product::new("ORGAN".parse()?), Standing::default());
    /// let allowed = Permission::ALL.map(|permission| shop.permits(permission, &organ, &anyone));
    /// assert_eq!(allowed, [true, false, false]);
    /// # Ok::<(), Error>(())
    /// ```
    pub enum Permission {
        /// See that it exists.
        See = "see",
        /// See what it costs.
        SeePrice = "see_price",
        /// Buy it.
        Buy = "buy",
    }
}

impl Permission {
    /// All of them, each after those that it needs.
    pub const ALL: [Self; 3] = [Self::See, Self::SeePrice, Self::Buy];

    pub(super) fn bit(self) -> u8 {
        match self {
            Self::See => 1,
            Self::SeePrice => 2,
            Self::Buy => 4,
        }
    }
}

/// Whether a rule opens or shuts.
///
/// ```
/// use vouchsafe::{AccessRule, Audience, Effect, Goods, Permission};
///
/// let gate = AccessRule::deny(Permission::See, Goods::category("pro".parse()?), Audience::everyone());
/// assert_eq!(gate.effect(), Effect::Deny);
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// It shuts. Among rules that are equally near and equally specific, this one wins.
    Deny,
    /// It opens what a rule further away, or for more people, has shut.
    Allow,
}

/// A rule about who sees products, sees their prices and buys them (S38, S46).
///
/// Where no rule matches, everything is permitted. Of those that match, the one whose goods are nearest to the product
/// wins: the product itself, then its parent, then its category, then categories further up, then everything. Among
/// equally near ones it is the more specific audience: types before a rank before everyone. Among equals a denial wins,
/// and a denial never grants anything.
///
/// In JSON `{"deny": ["see"], "goods": {"category": "pro"}}`, for everyone, or
/// `{"allow": ["see", "buy"], "goods": {"category": "pro"}, "to": {"types": ["PROFORM"]}}`.
///
/// ```
/// use vouchsafe::*;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let pro = || Goods::category("pro".parse().unwrap()).with_descendants();
/// let shop = Shop::builder(Policy::storefront(Currency::USD, Zone::UTC))
///     .default_type("RETAIL".parse()?)
///     .customer_type("PROFORM".parse()?)
///     .access(AccessRule::deny(Permission::See, pro(), Audience::everyone()))
///     .access(AccessRule::allow(Permission::See, pro(), Audience::of_types(["PROFORM".parse()?])))
///     .build()?;
/// let at = parse_instant("2026-03-01T12:00:00Z")?;
/// let stranger = shop.standing(&Customer::anonymous(), at);
/// let pro = shop.standing(&Customer::anonymous().with_type("PROFORM".parse()?), at);
///
/// let jacket = Product::new("JACKET".parse()?).with_categories(["pro".parse()?]);
/// assert!(!shop.permits(Permission::See, &jacket, &stranger));
/// assert!(shop.permits(Permission::Buy, &jacket, &pro));
/// # Ok(())
/// # }
/// ```
///
/// # Seen by all, sold to some
///
/// ```
/// use vouchsafe::*;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let lottery = || Goods::product("FIRST-EDITION".parse().unwrap());
/// let shop = Shop::builder(Policy::storefront(Currency::USD, Zone::UTC))
///     .default_type("RETAIL".parse()?)
///     .customer_type("COLLECTOR".parse()?)
///     .access(AccessRule::deny(Permission::Buy, lottery(), Audience::everyone().except(["COLLECTOR".parse()?])))
///     .build()?;
/// let stranger = shop.standing(&Customer::anonymous(), parse_instant("2026-03-01T12:00:00Z")?);
/// let book = Product::new("FIRST-EDITION".parse()?);
/// assert!(shop.permits(Permission::SeePrice, &book, &stranger));
/// assert!(!shop.permits(Permission::Buy, &book, &stranger));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AccessRule {
    effect: Effect,
    /// One bit for each permission; never none.
    permissions: u8,
    goods: Goods,
    to: Audience,
}

impl AccessRule {
    /// Permits something, where a rule further away or for more people denies it. More permissions are added with
    /// [`and`](Self::and).
    #[must_use]
    pub fn allow(permission: Permission, goods: Goods, to: Audience) -> Self {
        Self { effect: Effect::Allow, permissions: permission.bit(), goods, to }
    }

    /// Denies something. More permissions are added with [`and`](Self::and).
    #[must_use]
    pub fn deny(permission: Permission, goods: Goods, to: Audience) -> Self {
        Self { effect: Effect::Deny, permissions: permission.bit(), goods, to }
    }

    /// And says the same of another permission.
    ///
    /// ```
    /// use vouchsafe::{AccessRule, Audience, Goods, Permission};
    ///
    /// let pro = Audience::of_types(["PROFORM".parse()?]);
    /// let rule = AccessRule::allow(Permission::Buy, Goods::Everything, pro).and(Permission::See);
    /// assert_eq!(rule.permissions().collect::<Vec<_>>(), [Permission::See, Permission::Buy]);
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    #[must_use]
    pub fn and(mut self, permission: Permission) -> Self {
        self.permissions |= permission.bit();
        self
    }

    /// Whether it opens or shuts.
    #[must_use]
    pub fn effect(&self) -> Effect {
        self.effect
    }

    /// What it is about, each once, in the order of [`Permission::ALL`].
    pub fn permissions(&self) -> impl Iterator<Item = Permission> {
        let bits = self.permissions;
        Permission::ALL.into_iter().filter(move |permission| bits & permission.bit() != 0)
    }

    /// Which products it is about.
    #[must_use]
    pub fn goods(&self) -> &Goods {
        &self.goods
    }

    /// Whom it concerns.
    #[must_use]
    pub fn audience(&self) -> &Audience {
        &self.to
    }
}

impl Form for AccessRule {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| {
            let effect = if f.has("allow") {
                f.forbid("deny", "allow");
                Effect::Allow
            } else {
                Effect::Deny
            };
            let name = if effect == Effect::Allow { "allow" } else { "deny" };
            let permissions = f.required_with(name, read_permissions);
            let goods = f.required("goods");
            let to = f.or_default("to");
            Some(Self { effect, permissions: permissions?, goods: goods?, to })
        })
    }

    fn write(&self) -> DraftValue {
        let name = if self.effect == Effect::Allow { "allow" } else { "deny" };
        let permissions: Vec<Permission> = self.permissions().collect();
        Writer::default().put(name, &permissions).put("goods", &self.goods).put_unless_default("to", &self.to).end()
    }
}

fn read_permissions(value: &DraftValue, check: &mut Check) -> Option<u8> {
    let mut bits = 0_u8;
    let members = read_members(value, check, |value, check| {
        let permission = Permission::read(value, check)?;
        if bits & permission.bit() != 0 {
            check.report(value, Why::Duplicate);
        }
        bits |= permission.bit();
        Some(())
    })?;
    if members.is_empty() {
        check.report(value, Why::Empty);
    }
    (bits != 0).then_some(bits)
}

serde_by_form!(AccessRule);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity, read};

    #[test]
    fn a_round_trip_is_identity() {
        assert_identity::<AccessRule>(&[
            r#"{"deny":["see"],"goods":"everything"}"#,
            r#"{"allow":["see","see_price","buy"],"goods":{"product":"P","variants":true},"to":{"types":["PRO"]}}"#,
            r#"{"deny":["buy"],"goods":{"category":"C"},"to":{"min_rank":3,"except":["STAFF"]}}"#,
        ]);
        // The order in which permissions are named says nothing.
        assert_eq!(
            read::<AccessRule>(r#"{"allow":["buy","see"],"goods":"everything","to":{}}"#),
            AccessRule::allow(Permission::See, Goods::Everything, Audience::everyone()).and(Permission::Buy)
        );
    }

    #[test]
    fn every_mistake_is_named() {
        assert_errors::<AccessRule>(&[
            ("{}", "`deny` is missing; `goods` is missing"),
            (
                r#"{"allow":["see"],"deny":["buy"],"goods":"everything"}"#,
                "`deny` is `[..]`: not allowed together with allow",
            ),
            (r#"{"deny":[],"goods":"everything"}"#, "`deny` is `[]`: empty"),
            (r#"{"deny":"see","goods":"everything"}"#, "`deny` is `see`: expected a list"),
            (
                r#"{"allow":["see","sell","see"],"goods":"all","to":"PRO","for":1}"#,
                "`allow[1]` is `sell`: not one of `see`, `see_price`, `buy`; `allow[2]` is `see`: given twice; \
                 `goods` is `all`: expected `everything`, or an object with a product or a category; \
                 `to` is `PRO`: expected an object; `for` is `1`: unknown field, known: `allow`, `goods`, `to`",
            ),
        ]);
    }
}
