//! What a lint finds.

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Serialize, Serializer};

use crate::coupon::Code;
use crate::key::{CouponId, GroupId, TagId};
use crate::money::{Currency, Money, Percent};

/// Something in a definition that is legal and may not be meant: where it stands, and why it is worth a look.
///
/// Made by [`lint`](crate::lint). In JSON with the reason in words beside its kind, for an admin page.
///
/// ```
/// use vouchsafe::{Coupon, Currency, LintOptions, Policy, WarningKind, Zone, lint};
///
/// let options = LintOptions::new(&Policy::storefront(Currency::USD, Zone::UTC));
/// let spring = |id: &str| Coupon::builder(id).name("Spring").percent_off("10").build();
/// let warnings = lint(&[spring("a")?, spring("b")?], &options);
/// assert_eq!((warnings[0].coupon.as_str(), warnings[0].path.as_str()), ("b", "name"));
/// assert_eq!(warnings[0].kind, WarningKind::DuplicateName { first: "a".parse().unwrap() });
/// # Ok::<(), vouchsafe::DefinitionErrors>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Warning {
    /// The definition.
    pub coupon: CouponId,
    /// The field of its document, such as `benefits[0].percent.off`.
    pub path: String,
    /// Why.
    pub kind: WarningKind,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`, `{}`: {}", self.coupon, self.path, self.kind)
    }
}

impl Serialize for Warning {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Form<'a> {
            coupon: &'a CouponId,
            path: &'a str,
            kind: &'a WarningKind,
            why: String,
        }
        Form { coupon: &self.coupon, path: &self.path, kind: &self.kind, why: self.kind.to_string() }
            .serialize(serializer)
    }
}

/// Why a definition is worth a look.
///
/// ```
/// use vouchsafe::{Percent, WarningKind};
///
/// let kind = WarningKind::SteepPercent { off: Percent::parse("60")? };
/// assert_eq!(kind.to_string(), "takes 60%, which is steep");
/// # Ok::<(), vouchsafe::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WarningKind {
    /// A steep percentage; 100% is legal, and makes what it is for free (S61).
    SteepPercent {
        /// The percentage.
        off: Percent,
    },
    /// A percentage that nothing bounds: no cap, no limit, no end, and a code that anybody may have.
    UnlimitedPercent {
        /// The percentage.
        off: Percent,
    },
    /// A price of zero.
    Free {
        /// The currency.
        currency: Currency,
    },
    /// An amount above the minimum spend: an order that just reaches it is free, and the rest is lost.
    AmountAboveMinimum {
        /// The amount.
        off: Money,
        /// The minimum spend.
        minimum: Money,
    },
    /// A reward, a bundle, a tier or a step that takes nothing off.
    GivesNothing,
    /// A tier that gives no more than the one before it, though more is bought.
    NoMoreThanBefore,
    /// A percentage for every so much, without a most of steps or a cap: whoever buys enough has all of it for nothing.
    EndlessSteps,
    /// Nothing else is in its group, so that the group keeps nothing apart.
    GroupOfOne {
        /// The group.
        group: GroupId,
    },
    /// It does not stand beside a tag that no definition has.
    NobodyHasTag {
        /// The tag.
        tag: TagId,
    },
    /// No currency of the shop has a figure, so that it is refused on every order.
    NoCurrency,
    /// The days do not exist in the merchant's time zone.
    NoSuchDay,
    /// It is active, and its window is over.
    Ended {
        /// Since this instant.
        until: DateTime<Utc>,
    },
    /// The first code can be given or earned when none can be used any more.
    AvailableTooLate {
        /// It can be given or earned from this instant on.
        from: DateTime<Utc>,
        /// It can be used until this one.
        until: DateTime<Utc>,
    },
    /// An empty list allows nothing.
    EmptyList,
    /// A condition that cannot hold together with another one.
    Contradiction {
        /// The path of the other one.
        with: String,
    },
    /// A code that is easily guessed, worth much, and without any limit in all.
    GuessableCode {
        /// The code.
        code: Code,
    },
    /// Another definition has the same name (S88).
    DuplicateName {
        /// The first one that has it.
        first: CouponId,
    },
    /// Another definition has the same shared code, so that one of them is never found.
    DuplicateCode {
        /// The first one that has it.
        first: CouponId,
    },
    /// Another definition has the same id.
    DuplicateId,
    /// It may stand beside another one, and both together take more than the merchant meant.
    Stacks {
        /// The other one; itself where several of its codes may be used at once.
        with: CouponId,
        /// What both take together, in thousandths of a percent, rounded up.
        thousandths: u32,
    },
    /// An amount as priced: where the goods bear several tax rates, what it is worth without tax depends on the basket.
    MixedTax,
}

impl fmt::Display for WarningKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let instant = |at: &DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
        match self {
            Self::SteepPercent { off } if *off == Percent::HUNDRED => f.write_str("takes everything: 100% off"),
            Self::SteepPercent { off } => write!(f, "takes {off}%, which is steep"),
            Self::UnlimitedPercent { off } => {
                write!(f, "takes {off}% without any cap, limit or end, for anybody")
            }
            Self::Free { currency } => write!(f, "costs nothing in {currency}"),
            Self::AmountAboveMinimum { off, minimum } => {
                write!(f, "takes {off} from {minimum} on: the order is free and the rest is lost")
            }
            Self::GivesNothing => f.write_str("takes nothing off"),
            Self::NoMoreThanBefore => f.write_str("gives no more than the tier before it"),
            Self::EndlessSteps => f.write_str("adds up to 100% without a most of steps or a cap"),
            Self::GroupOfOne { group } => write!(f, "nothing else is in the group `{group}`"),
            Self::NobodyHasTag { tag } => write!(f, "no definition has the tag `{tag}`"),
            Self::NoCurrency => f.write_str("has no figure in any currency of the shop, so it is always refused"),
            Self::NoSuchDay => f.write_str("names days that the time zone of the shop does not have"),
            Self::Ended { until } => write!(f, "is active, and over since {}", instant(until)),
            Self::AvailableTooLate { from, until } => {
                write!(f, "can be had from {} on, and used until {} only", instant(from), instant(until))
            }
            Self::EmptyList => f.write_str("allows nothing: an empty list"),
            Self::Contradiction { with } => write!(f, "cannot hold together with `{with}`"),
            Self::GuessableCode { code } => {
                write!(f, "`{code}` is easily guessed, worth much, and has no limit in all")
            }
            Self::DuplicateName { first } => write!(f, "is the name of `{first}` as well"),
            Self::DuplicateCode { first } => write!(f, "is the code of `{first}` as well"),
            Self::DuplicateId => f.write_str("is the id of another definition as well"),
            Self::Stacks { with, thousandths } => {
                let (whole, rest) = (thousandths.checked_div(1_000), thousandths.checked_rem(1_000));
                let (whole, rest) = (whole.unwrap_or(0), rest.unwrap_or(0));
                write!(f, "may stand beside `{with}`: up to {whole}.{rest:03}% together")
            }
            Self::MixedTax => f.write_str("is as priced: over several tax rates its net worth depends on the basket"),
        }
    }
}
