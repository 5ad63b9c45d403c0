//! Customers by what they are to the shop.

use std::borrow::Borrow;

use chrono::{DateTime, Utc};

use crate::customer::Customer;
use crate::shop::{Audience, Shop, Standing};

impl Shop {
    /// Those of many customers who belong to an audience at an instant: the members of a type, for a campaign or a
    /// report (S40). One pass, one customer at a time, in the order given; customers may be handed in by reference or
    /// by value.
    ///
    /// Who belongs is worked out as for prices: with the default type, memberships that are live, and types whose term
    /// is over (S52).
    ///
    /// ```
    /// use vouchsafe::{Audience, Currency, Customer, IdentityKey, Policy, Shop, parse_instant};
    ///
    /// let shop = Shop::builder(Policy::builder(Currency::USD).build()?)
    ///     .default_type("RETAIL".parse()?)
    ///     .customer_type("CLUB".parse()?)
    ///     .build()?;
    /// let ann = Customer::new([IdentityKey::id("ann")?]).with_memberships(["CLUB".parse()?]);
    /// let bob = Customer::new([IdentityKey::id("bob")?]);
    /// let (customers, club) = ([ann, bob], Audience::of_types(["CLUB".parse()?]));
    ///
    /// let at = parse_instant("2026-03-29T12:00:00Z")?;
    /// let members: Vec<&Customer> = shop.select(&club, &customers, at).collect();
    /// assert_eq!(members, [&customers[0]]);
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    pub fn select<'a, C: Borrow<Customer>>(
        &'a self,
        audience: &'a Audience,
        customers: impl IntoIterator<Item = C>,
        at: DateTime<Utc>,
    ) -> impl Iterator<Item = C> {
        let mut standing = Standing::default();
        customers.into_iter().filter(move |customer| {
            self.stand(&mut standing, customer.borrow(), at);
            audience.contains(&standing)
        })
    }
}
