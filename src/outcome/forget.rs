//! A redemption without the identity of the customer: pseudonyms stand in the place of keys, and all else stays.

use super::counter::CounterKey;
use super::digest::Digest;
use super::grant::{escaped, shortened};
use super::redemption::Redemption;
use crate::customer::{IdentityKey, Pseudonyms};
use crate::key::OccasionId;

impl CounterKey {
    /// The identity it counts for; none where it counts for everybody.
    #[must_use]
    pub fn customer(&self) -> Option<&IdentityKey> {
        match self {
            Self::Customer { customer, .. } | Self::CustomerCode { customer, .. } | Self::FirstOrder { customer } => {
                Some(customer)
            }
            Self::Allowance { customer, .. } => customer.as_ref(),
            Self::Total { .. } | Self::Code { .. } | Self::Units { .. } | Self::Money { .. } => None,
        }
    }

    /// The same counter under a [pseudonym](Pseudonyms); none where its key stays.
    #[must_use]
    pub fn forgetting(&self, names: &Pseudonyms) -> Option<Self> {
        let pseudonym = names.of(self.customer()?)?;
        let mut key = self.clone();
        match &mut key {
            Self::Customer { customer, .. } | Self::CustomerCode { customer, .. } | Self::FirstOrder { customer } => {
                *customer = pseudonym.clone();
            }
            Self::Allowance { customer, .. } => *customer = Some(pseudonym.clone()),
            Self::Total { .. } | Self::Code { .. } | Self::Units { .. } | Self::Money { .. } => {}
        }
        Some(key)
    }
}

impl Redemption {
    /// The same redemption with pseudonyms in the place of keys; none where it has none of those keys. Each stands where
    /// its key stood, so that the first key that counts is still the account of points; deltas are put in order again.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
    /// let (order, key) = (Order::builder(Currency::USD).build()?, IdentityKey::id("42")?);
    /// let (ann, at) = (Customer::new([key.clone()]), parse_instant("2026-03-29T12:00:00Z")?);
    /// let outcome = shop.evaluate(&Request::new(&order, &ann, Reference::Order("o-1".parse()?), at))?;
    /// let redemption = outcome.redemption()?;
    ///
    /// let forgotten = redemption.forgetting(&Pseudonyms::new(&[key], 0)).ok_or("not hers")?;
    /// assert_eq!(forgotten.customer()[0].to_string(), "other:forgotten-1");
    /// assert_eq!(forgotten.reference(), redemption.reference());
    /// assert!(redemption.forgetting(&Pseudonyms::new(&[IdentityKey::id("43")?], 0)).is_none());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn forgetting(&self, names: &Pseudonyms) -> Option<Self> {
        // Whoever is named elsewhere in it is named here.
        self.customer.iter().find_map(|key| names.of(key))?;
        let mut forgotten = self.clone();
        names.replace_all(&mut forgotten.customer);
        names.replace_all(&mut forgotten.counted);
        for delta in &mut forgotten.deltas {
            if let Some(key) = delta.key.forgetting(names) {
                delta.key = key;
            }
        }
        forgotten.deltas.sort_by(|a, b| a.key.cmp(&b.key));
        for grant in &mut forgotten.grants {
            grant.forget(names);
        }
        if let Some(points) = &mut forgotten.points {
            names.replace(&mut points.account);
        }
        Some(forgotten)
    }
}

impl Pseudonyms {
    /// The occasion of an earned code with a pseudonym in the place of the customer, who stands in it where the code is for
    /// anyone; none where it names none of the keys. Of several codes each keeps its number, and of a shortened text the
    /// digest tells it from others.
    #[must_use]
    pub fn occasion(&self, occasion: &OccasionId) -> Option<OccasionId> {
        let numbered = occasion.as_str().rsplit_once('#');
        let numbered = numbered.filter(|(_, number)| number.parse::<u32>().is_ok());
        let text = numbered.map_or(occasion.as_str(), |(text, _)| text);
        let forgotten = forget_part(text, self).or_else(|| forget_shortened(text, self))?;
        let forgotten = match numbered {
            Some((_, number)) => format!("{forgotten}#{number}"),
            None => forgotten,
        };
        OccasionId::new(&forgotten).ok()
    }

    /// What to look for in stored occasions: a text without any of these names none of the keys. One that was shortened
    /// ends in a digest, and may have lost the end of a key.
    #[must_use]
    pub fn parts_of_occasions(&self) -> Vec<String> {
        let parts = self.pairs().iter().map(|(key, _)| escaped(&key.to_string()));
        parts.chain(["~".to_owned()]).collect()
    }
}

fn forget_part(text: &str, names: &Pseudonyms) -> Option<String> {
    let pairs = names.pairs().iter();
    let pairs: Vec<_> = pairs.map(|(key, name)| (escaped(&key.to_string()), escaped(&name.to_string()))).collect();
    let pseudonym = |part: &str| pairs.iter().find(|(key, _)| key == part).map(|(_, name)| name.as_str());
    text.split('/').find_map(pseudonym)?;
    let parts: Vec<&str> = text.split('/').map(|part| pseudonym(part).unwrap_or(part)).collect();
    Some(shortened(parts.join("/")))
}

/// Where the text was too long, the last part of it is a beginning of the key, and the digest of the whole text says whose:
/// many keys begin alike. Where not even the kind is whole, it tells nothing.
fn forget_shortened(text: &str, names: &Pseudonyms) -> Option<String> {
    let (beginning, digest) = text.rsplit_once('~')?;
    let (head, part) = beginning.rsplit_once('/')?;
    let is_of = |key: &IdentityKey| {
        let whole = escaped(&key.to_string());
        let kind = part.split_once(':').map(|(kind, _)| kind);
        kind == Some(key.kind().as_str())
            && whole.starts_with(part)
            && Digest::start().add(format!("{head}/{whole}").as_bytes()).to_string() == digest
    };
    let (_, pseudonym) = names.pairs().iter().find(|(key, _)| is_of(key))?;
    Some(shortened(format!("{head}/{}~{digest}", escaped(&pseudonym.to_string()))))
}

#[cfg(test)]
mod tests {
    use crate::calendar::parse_instant;
    use crate::coupon::{Condition, Coupon};
    use crate::customer::Customer;
    use crate::money::Currency;
    use crate::order::Order;
    use crate::policy::Policy;
    use crate::request::{Presented, Reference, Request};
    use crate::shop::Shop;

    use super::super::fixture;
    use super::*;

    fn keys(texts: &[&str]) -> Vec<IdentityKey> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn an_occasion_that_names_the_customer_names_a_pseudonym() {
        let names = Pseudonyms::new(&keys(&["id:42", "other:a/b"]), 6);
        let cases = [
            ("event/newsletter/id:42", Some("event/newsletter/other:forgotten-7")),
            ("event/newsletter/id:42#3", Some("event/newsletter/other:forgotten-7#3")),
            ("date/birthday/2026/other:a%2Fb", Some("date/birthday/2026/other:forgotten-8")),
            ("event/newsletter/id:421", None),
            ("event/newsletter/id:4", None),
            ("order/o-1/1", None),
            ("spring mail #2", None),
            ("event/e/id:4~0123456789abcdef", None),
            ("event/e/i~0123456789abcdef", None),
        ];
        for (text, expected) in cases {
            let forgotten = names.occasion(&text.parse().unwrap());
            assert_eq!(forgotten.as_ref().map(OccasionId::as_str), expected, "{text}");
        }
        let long = format!("event/{}/id:42", "e".repeat(228));
        let forgotten = names.occasion(&long.parse().unwrap()).unwrap();
        assert_eq!(forgotten.as_str().chars().count(), 240);
        assert!(!forgotten.as_str().contains("id:42"));
    }

    /// A text that was cut within the key, and one of a customer whose key begins alike.
    #[test]
    fn a_shortened_occasion_is_of_whom_its_digest_says() {
        let long_name = |domain: &str| format!("email:{}@{domain}", "ann-".repeat(20));
        let ann = long_name("example.com");
        let names = Pseudonyms::new(&keys(&[&ann]), 0);
        let mut cut = 0;
        for length in 140..240 {
            let stored = |key: &str| shortened(format!("event/{}/{key}", "e".repeat(length)));
            let text = stored(&ann);
            let Some((beginning, _)) = text.rsplit_once('~') else { continue };
            let forgotten = names.occasion(&text.parse().unwrap());
            assert_eq!(forgotten.is_some(), beginning.contains("/email:"), "{text}");
            if let Some(forgotten) = forgotten {
                cut += 1;
                assert!(!forgotten.as_str().contains("email:"), "{forgotten}");
            }
            for other in [long_name("example.org"), "email:alice@example.com".to_owned()] {
                assert_eq!(names.occasion(&stored(&other).parse().unwrap()), None);
            }
        }
        assert!(cut > 10, "{cut}");
    }

    /// Every figure stays, no text of a key is left, and what is written can be read.
    #[test]
    fn what_is_forgotten_stands_nowhere_and_everything_else_stays() {
        let shop = Shop::new(Policy::builder(Currency::USD).build().unwrap());
        let first_order = serde_json::from_str::<Condition>(r#""first_order""#).unwrap();
        let coupon = Coupon::builder("c").code("CODE").percent_off("10").total_limit(10).per_customer_limit(1);
        let coupon = fixture::prepared(&shop, coupon.per_customer_and_code_limit(1).condition(first_order));
        let order = Order::builder(Currency::USD).line(fixture::line(1, "BOOT", "30.00", 2)).build().unwrap();
        let ann = Customer::new(keys(&["id:42", "email:ann@example.com"]));
        let at = parse_instant("2026-03-29T12:00:00Z").unwrap();
        let codes = [Presented::new("code", &coupon)];
        let request = Request::new(&order, &ann, Reference::Order("o-1".parse().unwrap()), at).with_codes(&codes);
        let redemption = shop.evaluate(&request).unwrap().redemption().unwrap();

        let names = Pseudonyms::new(&keys(&["id:42"]), 0);
        let forgotten = redemption.forgetting(&names).unwrap();
        assert_eq!(forgotten.customer(), keys(&["other:forgotten-1", "email:ann@example.com"]));
        assert_eq!(forgotten.counted(), forgotten.customer());
        assert_eq!(forgotten.deltas().len(), redemption.deltas().len());
        assert_eq!((forgotten.payable(), forgotten.digest()), (redemption.payable(), redemption.digest()));
        let text = serde_json::to_string(&forgotten).unwrap();
        assert!(!text.contains("id:42"), "{text}");
        assert_eq!(serde_json::from_str::<Redemption>(&text).unwrap(), forgotten);

        assert!(forgotten.forgetting(&names).is_none());
        assert!(redemption.forgetting(&Pseudonyms::new(&keys(&["id:4", "email:an@example.com"]), 0)).is_none());
    }
}
