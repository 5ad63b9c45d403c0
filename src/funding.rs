//! Who pays for the discount.

use crate::error::Why;
use crate::key::PartyId;
use crate::money::Percent;

use crate::form::{Check, DraftValue, Form, Writer, serde_by_form, tagged};

/// Who pays for the discount; decides the tax base.
///
/// A discount that the seller gives lowers what the seller earns, and tax is due on what is earned: 100.00 less 10.00
/// is taxed on 90.00. A discount that a manufacturer reimburses lowers what the *customer* pays, while the seller still
/// earns 100.00, part of it from the manufacturer: tax stays due on 100.00 (V11).
///
/// In JSON `"seller"`, `{"third_party": {"party": "ACME"}}` or `{"split": {"party": "ACME", "share": "40"}}`.
///
/// ```
/// use vouchsafe::{Funding, PartyId, Percent};
///
/// let funding: Funding = serde_json::from_str(r#"{"split": {"party": "ACME", "share": "40"}}"#)?;
/// assert_eq!(funding, Funding::Split { party: PartyId::new("ACME")?, share: Percent::parse("40")? });
/// assert_eq!(Funding::default(), Funding::Seller);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Funding {
    /// The seller: the discount lowers the taxable amount (S115).
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
        /// The third party's part of the discount, 0 to 100 percent; the seller has the rest.
        share: Percent,
    },
}

impl Form for Funding {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        let choices = "`seller`, `third_party`, `split`";
        match check.choice(value, choices)? {
            ("seller", None) => Some(Self::Seller),
            ("third_party", Some(inner)) => check.in_field("third_party", 0, |check| {
                check.fields(inner, |f| f.required("party").map(|party| Self::ThirdParty { party }))
            }),
            ("split", Some(inner)) => check.in_field("split", 0, |check| {
                check.fields(inner, |f| {
                    let (party, share) = (f.required("party"), f.required("share"));
                    Some(Self::Split { party: party?, share: share? })
                })
            }),
            ("third_party" | "split", None) => {
                check.wrong_kind(value, "an object that names the party");
                None
            }
            (other, _) => {
                check.report(other, Why::UnknownChoice { choices });
                None
            }
        }
    }

    fn write(&self) -> DraftValue {
        match self {
            Self::Seller => "seller".into(),
            Self::ThirdParty { party } => tagged("third_party", Writer::default().put("party", party).end()),
            Self::Split { party, share } => {
                tagged("split", Writer::default().put("party", party).put("share", share).end())
            }
        }
    }
}

serde_by_form!(Funding);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_a_percentage_and_a_party_is_named() {
        for (json, error) in [
            (r#""seller""#, ""),
            (r#"{"split":{"party":"A","share":"0"}}"#, ""),
            (r#"{"split":{"party":"A","share":"100"}}"#, ""),
            (r#"{"split":{"party":"A","share":"100.001"}}"#, "`split.share` is `100.001`: not between 0 and 100"),
            (r#"{"split":{"share":"-1"}}"#, "`split.share` is `-1`: negative; `split.party` is missing"),
            (r#"{"third_party":{}}"#, "`third_party.party` is missing"),
            (r#""split""#, "`` is `split`: expected an object that names the party"),
            (r#""buyer""#, "`` is `buyer`: not one of `seller`, `third_party`, `split`"),
        ] {
            let read = serde_json::from_str::<Funding>(json);
            assert_eq!(read.map_or_else(|e| e.to_string(), |_| String::new()), error, "{json}");
        }
    }

    #[test]
    fn a_round_trip_is_identity() {
        for json in [r#""seller""#, r#"{"third_party":{"party":"A"}}"#, r#"{"split":{"party":"A","share":"33.333"}}"#] {
            let funding: Funding = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&funding).unwrap(), json);
        }
    }
}
