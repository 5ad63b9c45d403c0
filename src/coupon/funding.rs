//! Who pays for the discount.

use crate::key::PartyId;

use super::pending::Percent;

/// Who pays for the discount; decides the tax base.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Funding {
    /// The seller: the discount lowers the taxable amount.
    #[default]
    Seller,
    /// A third party reimburses all of it: the taxable amount stays.
    ThirdParty {
        /// Who reimburses.
        party: PartyId,
    },
    /// A third party reimburses a part of it.
    Split {
        /// Who reimburses.
        party: PartyId,
        /// The third party's part of the discount; the seller has the rest.
        share: Percent,
    },
}
