//! How a customer may pay, and how goods may be sent.

use crate::error::Why;
use crate::form::DraftValue;
use crate::form::{Check, Form, Writer, serde_by_form};
use crate::key::{PaymentOptionId, ShippingMethodId};

use super::parts::Report;
use super::{Audience, Standing};

/// Something that is offered to some customers, and proposed first to some of them.
trait Offer {
    type Id: PartialEq + std::fmt::Display;
    /// Its field in JSON.
    const FIELD: &'static str;

    fn id(&self) -> &Self::Id;
    fn audience(&self) -> &Audience;
    fn preferred_by(&self) -> Option<&Audience>;
}

/// Declares an offer of one kind of thing.
macro_rules! offer {
    ($(#[$meta:meta])* $name:ident of $id:ident as $field:ident, $json:literal, $what:literal) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name {
            id: $id,
            to: Audience,
            preferred_by: Option<Audience>,
        }

        impl $name {
            #[doc = concat!("Offers the ", $what, " to everyone.")]
            #[must_use]
            pub fn new(id: $id) -> Self {
                Self { id, to: Audience::everyone(), preferred_by: None }
            }

            #[doc = concat!("Offers the ", $what, " to these customers only.")]
            #[must_use]
            pub fn to(mut self, audience: Audience) -> Self {
                self.to = audience;
                self
            }

            /// To these customers, it is proposed before the others (S41). That alone offers it to nobody.
            #[must_use]
            pub fn preferred_by(mut self, audience: Audience) -> Self {
                self.preferred_by = Some(audience);
                self
            }

            #[doc = concat!("The ", $what, ".")]
            #[must_use]
            pub fn $field(&self) -> &$id {
                &self.id
            }

            /// To whom it is offered.
            #[must_use]
            pub fn audience(&self) -> &Audience {
                &self.to
            }

            /// To whom it is proposed before the others.
            #[must_use]
            pub fn preferring(&self) -> Option<&Audience> {
                self.preferred_by.as_ref()
            }
        }

        impl Offer for $name {
            type Id = $id;
            const FIELD: &'static str = $json;

            fn id(&self) -> &$id {
                &self.id
            }

            fn audience(&self) -> &Audience {
                &self.to
            }

            fn preferred_by(&self) -> Option<&Audience> {
                self.preferred_by.as_ref()
            }
        }

        impl Form for $name {
            fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
                if value.as_text().is_some() {
                    return Form::read(value, check).map(Self::new);
                }
                if value.as_map().is_none() {
                    check.wrong_kind(value, concat!("a ", $what, " or an object"));
                    return None;
                }
                check.fields(value, |f| {
                    let (id, to, preferred_by) = (f.required($json), f.or_default("to"), f.optional("preferred_by"));
                    Some(Self { id: id?, to, preferred_by })
                })
            }

            fn write(&self) -> DraftValue {
                if *self == Self::new(self.id.clone()) {
                    return self.id.write();
                }
                Writer::default()
                    .put($json, &self.id)
                    .put_unless_default("to", &self.to)
                    .put_some("preferred_by", self.preferred_by.as_ref())
                    .end()
            }
        }

        serde_by_form!($name);
    };
}

offer! {
    /// A payment option, and to whom it is offered (S39).
    ///
    /// A shop that offers none leaves payment to the host; one that offers any allows no other. Options are shown in the
    /// order in which they are offered, those that the customer prefers in front (S41).
    ///
    /// In JSON `"CARD"`, or `{"option": "NET30", "to": {"types": ["WHOLESALE"]}, "preferred_by": {}}`.
    ///
    /// ```
    /// use vouchsafe::*;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let wholesale = Audience::of_types(["WHOLESALE".parse()?]);
    /// let shop = Shop::builder(Policy::storefront(Currency::USD, Zone::UTC))
    ///     .default_type("RETAIL".parse()?)
    ///     .customer_type("WHOLESALE".parse()?)
    ///     .payment_option(PaymentOffer::new("CARD".parse()?))
    ///     .payment_option(PaymentOffer::new("NET30".parse()?).to(wholesale.clone()).preferred_by(wholesale))
    ///     .build()?;
    /// let at = parse_instant("2026-03-01T12:00:00Z")?;
    /// let options = |who: Customer| -> Vec<String> {
    ///     let offered = shop.payment_options(&shop.standing(&who, at)).unwrap_or_default();
    ///     offered.iter().map(ToString::to_string).collect()
    /// };
    /// assert_eq!(options(Customer::anonymous()), ["CARD"]);
    /// assert_eq!(options(Customer::anonymous().with_type("WHOLESALE".parse()?)), ["NET30", "CARD"]);
    /// # Ok(())
    /// # }
    /// ```
    PaymentOffer of PaymentOptionId as option, "option", "payment option"
}

offer! {
    /// A shipping method, and to whom it is offered.
    ///
    /// As a [`PaymentOffer`]: a shop that offers none leaves shipping to the host, one that offers any allows no other.
    ///
    /// In JSON `"standard"`, or `{"method": "pallet", "to": {"types": ["WHOLESALE"]}}`.
    ///
    /// ```
    /// use vouchsafe::{Audience, ShippingOffer};
    ///
    /// let pallet = ShippingOffer::new("pallet".parse()?).to(Audience::of_types(["WHOLESALE".parse()?]));
    /// assert_eq!(pallet.method().as_str(), "pallet");
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    ShippingOffer of ShippingMethodId as method, "method", "shipping method"
}

/// What is offered; where it is none, everything is allowed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Options {
    pub(super) payment: Option<Vec<PaymentOffer>>,
    pub(super) shipping: Option<Vec<ShippingOffer>>,
}

impl Options {
    /// Reports what is wrong with the offers: types that nobody defined, and a thing offered twice.
    pub(super) fn check(&self, report: &mut Report<'_>) {
        check("payment_options", self.payment.as_deref(), report);
        check("shipping_options", self.shipping.as_deref(), report);
    }

    /// The payment options of a customer, the preferred ones in front; `None` where the shop leaves them to the host.
    pub(crate) fn payment<'a>(&'a self, standing: &Standing) -> Option<impl Iterator<Item = &'a PaymentOptionId>> {
        self.payment.as_deref().map(|offers| offered(offers, standing))
    }

    /// The shipping methods of a customer, as the payment options.
    pub(crate) fn shipping<'a>(&'a self, standing: &Standing) -> Option<impl Iterator<Item = &'a ShippingMethodId>> {
        self.shipping.as_deref().map(|offers| offered(offers, standing))
    }
}

fn check<O: Offer>(list: &'static str, offers: Option<&[O]>, report: &mut Report<'_>) {
    let offers = offers.unwrap_or_default();
    for (i, offer) in offers.iter().enumerate() {
        if offers.iter().take(i).any(|earlier| earlier.id() == offer.id()) {
            report.add(format!("{list}[{i}].{}", O::FIELD), offer.id(), Why::Duplicate);
        }
        report.audience(|| format!("{list}[{i}].to"), offer.audience());
        if let Some(preferred_by) = offer.preferred_by() {
            report.audience(|| format!("{list}[{i}].preferred_by"), preferred_by);
        }
    }
}

fn offered<'a, O: Offer>(offers: &'a [O], standing: &Standing) -> impl Iterator<Item = &'a O::Id> {
    let prefers = |offer: &O| offer.preferred_by().is_some_and(|audience| audience.contains(standing));
    let mine = move || offers.iter().filter(move |offer| offer.audience().contains(standing));
    mine().filter(move |o| prefers(o)).chain(mine().filter(move |o| !prefers(o))).map(Offer::id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity, read};

    #[test]
    fn a_round_trip_is_identity() {
        assert_identity::<PaymentOffer>(&[
            r#""CARD""#,
            r#"{"option":"NET30","to":{"types":["PRO"]}}"#,
            r#"{"option":"NET30","preferred_by":{}}"#,
        ]);
        assert_identity::<ShippingOffer>(&[r#""post""#, r#"{"method":"pallet","to":{"min_rank":1}}"#]);
        assert_errors::<PaymentOffer>(&[
            ("7", "`` is `7`: expected a payment option or an object"),
            (
                r#"{"method":"post"}"#,
                "`method` is `post`: unknown field, known: `option`, `to`, `preferred_by`; `option` is missing",
            ),
            (r#"{"option":"CARD","to":"PRO"}"#, "`to` is `PRO`: expected an object"),
        ]);
        assert_errors::<ShippingOffer>(&[("[]", "`` is `[]`: expected a shipping method or an object")]);
    }

    #[test]
    fn preferred_ones_come_first_and_the_rest_in_order() {
        let offers = r#"["A",{"option":"B","preferred_by":{"types":["PRO"]}},{"option":"C","to":{"types":["PRO"]}},
            {"option":"D","to":{"types":[]},"preferred_by":{}},{"option":"E","preferred_by":{"min_rank":1}}]"#;
        let options = Options { payment: Some(read(offers)), shipping: None };
        let of = |types: &[&str], rank| {
            let standing = Standing::of(types.iter().map(|t| t.parse().unwrap()).collect(), rank);
            assert!(options.shipping(&standing).is_none());
            let offered: Vec<String> = options.payment(&standing).unwrap().map(ToString::to_string).collect();
            offered.concat()
        };
        assert_eq!(of(&[], 0), "ABE");
        assert_eq!(of(&["PRO"], 0), "BACE");
        assert_eq!(of(&["PRO"], 1), "BEAC");
    }
}
