//! What happened to a customer's types besides the order.

use serde::{Deserialize, Serialize};

use crate::coupon::TypeAssignment;
use crate::key::{ActorId, CustomerTypeId, SignUpId};

/// Something besides codes and lines that changes a customer's types: the host says that it happened, with the order or
/// on an empty one under a [claim](crate::Reference::Claim). It is recorded by commit like anything else, once.
///
/// A shopper never makes one alone (S12): a host hands in a sign-up that it accepted, or what somebody of the merchant
/// decided.
///
/// In JSON `{"sign_up": "newsletter"}`, `{"administrator": {"actor": "eve", "assignment": {"to": "WHOLESALE"}}}`,
/// `{"leave": {"actor": "eve", "membership": "CLUB"}}`, `"ended"`.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use vouchsafe::*;
///
/// let shop = Shop::builder(Policy::storefront(Currency::USD, Zone::UTC))
///     .default_type("RETAIL".parse()?)
///     .customer_type("CLUB".parse()?)
///     .sign_up_assigns("club-form".parse()?, TypeAssignment::membership("CLUB".parse()?, AssignWhen::OnCommit))
///     .build()?;
/// let (nothing, ann) = (Order::builder(Currency::USD).build()?, Customer::new([IdentityKey::id("42")?]));
/// let (claim, at) = (Reference::Claim("c-1".parse()?), parse_instant("2026-03-01T12:00:00Z")?);
///
/// let events = [TypeEvent::SignUp("club-form".parse()?)];
/// let outcome = shop.evaluate(&Request::new(&nothing, &ann, claim, at).with_type_events(&events))?;
/// assert_eq!(outcome.type_changes()[0].to, Some("CLUB".parse()?));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum TypeEvent {
    /// The customer signed up for something (S50). Where the shop assigns nothing for it, nothing changes and it is no
    /// error: forms that assign nothing may be handed in like all others.
    SignUp(SignUpId),
    /// Somebody of the merchant assigns a type.
    Administrator {
        /// Who.
        actor: ActorId,
        /// What.
        assignment: TypeAssignment,
    },
    /// A membership is ended before its time (S52). Where the customer has no such membership, nothing changes, and the
    /// trace says so: a type that the shop no longer defines can be left as well.
    Leave {
        /// Who ends it.
        actor: ActorId,
        /// The membership.
        membership: CustomerTypeId,
    },
    /// Whatever is over is to be recorded as ended: a primary type whose term is over, memberships that are over (S52).
    /// Prices and permissions follow the clock without it; this writes it down.
    Ended,
}
