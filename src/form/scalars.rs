//! The forms of what stands at the ends of a definition: flags, numbers, text, ids, percentages, and lists.

use crate::error::Why;
use crate::form::DraftValue;

use super::{Check, Form};

impl Form for bool {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        if value.as_flag().is_none() {
            check.wrong_kind(value, "true or false");
        }
        value.as_flag()
    }

    fn write(&self) -> DraftValue {
        (*self).into()
    }
}

impl Form for String {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.text(value).map(str::to_owned)
    }

    fn write(&self) -> DraftValue {
        self.as_str().into()
    }
}

macro_rules! whole_forms {
    ($($whole:ty),*) => {$(
        impl Form for $whole {
            fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
                let digits = value.as_number().filter(|d| d.bytes().all(|b| b.is_ascii_digit() || b == b'-'));
                let Some(digits) = digits else {
                    check.wrong_kind(value, "a whole number");
                    return None;
                };
                let number = digits.parse().ok();
                if number.is_none() {
                    let why = if digits.starts_with('-') && <$whole>::MIN == 0 {
                        Why::Negative
                    } else {
                        Why::OutOfRange { min: <$whole>::MIN.to_string(), max: <$whole>::MAX.to_string() }
                    };
                    check.report(value, why);
                }
                number
            }

            fn write(&self) -> DraftValue {
                (*self).into()
            }
        }
    )*};
}
whole_forms!(u32, u64, i32);

impl<T: Form> Form for Vec<T> {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        let Some(members) = value.as_list() else {
            check.wrong_kind(value, "a list");
            return None;
        };
        let read = members.iter().enumerate().map(|(place, member)| check.in_member(place, |c| T::read(member, c)));
        // Every member is read before the answer, so that one bad member does not hide the next.
        read.collect::<Vec<Option<T>>>().into_iter().collect()
    }

    fn write(&self) -> DraftValue {
        DraftValue::list(self.iter().map(Form::write))
    }
}

/// Forms of types that are one string and know how to read it.
macro_rules! text_forms {
    ($($(#[$meta:meta])* $name:ty),* $(,)?) => {$(
        impl Form for $name {
            fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
                let text = check.text(value)?;
                let made = text.parse::<Self>();
                check.accept(value, made)
            }

            fn write(&self) -> DraftValue {
                self.to_string().into()
            }
        }
    )*};
}

text_forms!(
    crate::key::AccountId,
    crate::key::ActorId,
    crate::key::AllowanceId,
    crate::key::AttributeKey,
    crate::key::AttributeValue,
    crate::key::BatchId,
    crate::key::CampaignId,
    crate::key::CategoryId,
    crate::key::ChannelId,
    crate::key::CouponId,
    crate::key::CustomerTypeId,
    crate::key::DateName,
    crate::key::EventId,
    crate::key::MovementId,
    crate::key::OccasionId,
    crate::key::PartyId,
    crate::key::PaymentOptionId,
    crate::key::PriceListId,
    crate::key::ProductId,
    crate::key::ProductTypeId,
    crate::key::RegionId,
    crate::key::ShippingMethodId,
    crate::key::SignUpId,
    crate::key::SubsystemId,
    crate::key::GroupId,
    crate::key::TagId,
);

/// Percentages are figures: a JSON number has a report of its own.
impl Form for crate::money::Percent {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        let text = check.figure(value)?;
        check.accept(value, Self::parse(text))
    }

    fn write(&self) -> DraftValue {
        self.to_string().into()
    }
}
