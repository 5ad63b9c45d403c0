//! A price list.

use std::collections::HashSet;
use std::hash::Hash;

use crate::calendar::{Window, Zone};
use crate::coupon::Validity;
use crate::customer::IdentityKey;
use crate::error::{DefinitionErrors, Error, Why};
use crate::form::DraftValue;
use crate::form::{Check, Form, Writer, serde_by_form, tagged};
use crate::key::{CustomerTypeId, PriceListId};

use crate::shop::parts::Report;

use super::entry::PriceEntry;
use super::overlap::overlaps;

/// Prices for some customer types, or for some customers, at some time (S37, S41).
///
/// Which of several prices of a product holds is the shop's [`PriceStrategy`](super::PriceStrategy). Assigning prices to
/// a type is also how a sales representative tailors them: there are no prices per representative (S43).
///
/// ```
/// use vouchsafe::*;
///
/// let wholesale = PriceList::builder("wholesale-2026")
///     .for_types(["WHOLESALE".parse()?])
///     .days(Some(parse_date("2026-01-01")?), Some(parse_date("2026-12-31")?))
///     .entry(PriceEntry::percent_off(Goods::Everything, "10".parse()?))
///     .entry(PriceEntry::price("SOCK".parse()?, Currency::USD, UnitPrice::parse("3.95")?).from_quantity(12))
///     .build()?;
/// assert_eq!(wholesale.entries().len(), 2);
/// # Ok::<(), Error>(())
/// ```
///
/// # JSON
///
/// ```
/// use vouchsafe::PriceList;
///
/// let acme: PriceList = serde_json::from_str(
///     r#"{
///         "id": "acme",
///         "for": {"customers": ["id:42"]},
///         "priority": 5,
///         "validity": {"from": "2026-01-01", "thru": "2026-12-31"},
///         "entries": [{"goods": {"product": "SOCK"}, "price": {"USD": "3.75"}}]
///     }"#,
/// )?;
/// assert_eq!(acme.priority(), 5);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceList {
    id: PriceListId,
    holders: PriceHolders,
    priority: i32,
    validity: Validity,
    entries: Vec<PriceEntry>,
}

/// Whom the prices of a list are for; a list of nobody is for nobody.
///
/// In JSON `{"types": ["WHOLESALE"]}` or `{"customers": ["id:42", "email:ann@example.com"]}`.
///
/// ```
/// use vouchsafe::PriceHolders;
///
/// let types: PriceHolders = serde_json::from_str(r#"{"types": ["WHOLESALE", "DEALER"]}"#)?;
/// assert!(matches!(types, PriceHolders::Types(types) if types.len() == 2));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PriceHolders {
    /// Customers who hold one of these types.
    Types(Vec<CustomerTypeId>),
    /// Customers who have one of these identity keys.
    Customers(Vec<IdentityKey>),
}

impl PriceList {
    /// Begins a list with this id.
    pub fn builder(id: impl AsRef<str>) -> PriceListBuilder {
        PriceListBuilder { fields: vec![("id", id.as_ref().into())], entries: Vec::new() }
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> &PriceListId {
        &self.id
    }

    /// Whom its prices are for.
    #[must_use]
    pub fn holders(&self) -> &PriceHolders {
        &self.holders
    }

    /// How it ranks among lists; the higher goes first where the [strategy](super::PriceStrategy) looks at it.
    #[must_use]
    pub fn priority(&self) -> i32 {
        self.priority
    }

    /// When its prices hold.
    #[must_use]
    pub fn validity(&self) -> &Validity {
        &self.validity
    }

    /// Its prices, in the order given.
    #[must_use]
    pub fn entries(&self) -> &[PriceEntry] {
        &self.entries
    }

    /// Checks what it names against the shop.
    pub(in crate::shop) fn check(&self, path: &str, report: &mut Report<'_>) {
        if let PriceHolders::Types(types) = &self.holders {
            for (i, customer_type) in types.iter().enumerate() {
                report.customer_type(|| format!("{path}.for.types[{i}]"), customer_type);
            }
        }
        for (i, entry) in self.entries.iter().enumerate() {
            report.goods(|| format!("{path}.entries[{i}].goods"), entry.goods());
        }
    }

    /// When its prices hold, in UTC.
    ///
    /// # Errors
    /// A day that the zone cannot place on the time line.
    pub(super) fn window(&self, zone: &Zone) -> Result<Window, Error> {
        match &self.validity {
            // Refused when the list was read.
            Validity::Always | Validity::Countdown(_) => Ok(Window::ALWAYS),
            Validity::Days(days) => Window::days(zone, days.from(), days.thru()),
            Validity::Instants(range) => Window::instants(range.starts_at(), range.ends_at()),
        }
    }
}

impl Form for PriceHolders {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| {
            if f.has("customers") {
                f.forbid("types", "customers");
                return f.optional_with("customers", read_once).map(Self::Customers);
            }
            f.required_with("types", read_once).map(Self::Types)
        })
    }

    fn write(&self) -> DraftValue {
        match self {
            Self::Types(types) => tagged("types", types.write()),
            Self::Customers(customers) => tagged("customers", customers.write()),
        }
    }
}

/// A list whose members stand there once.
fn read_once<T: Form + Clone + Eq + Hash>(value: &DraftValue, check: &mut Check) -> Option<Vec<T>> {
    let members: Vec<T> = Form::read(value, check)?;
    let mut seen = HashSet::new();
    for (i, member) in members.iter().enumerate() {
        if !seen.insert(member.clone()) {
            check.in_member(i, |check| check.report(member.write(), Why::Duplicate));
        }
    }
    Some(members)
}

impl Form for PriceList {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| {
            let (id, holders) = (f.required("id"), f.required("for"));
            let priority = f.or_default("priority");
            let validity = f.optional_with("validity", |value, check| {
                let validity = Validity::read(value, check)?;
                if matches!(validity, Validity::Countdown(_)) {
                    check.report(value, Why::Impossible { because: "a price list is not issued" });
                    return None;
                }
                Some(validity)
            });
            let entries = f.required_with("entries", |value, check| {
                let entries: Vec<PriceEntry> = Form::read(value, check)?;
                let found = overlaps(std::iter::once((&PriceHolders::Types(Vec::new()), 0, Window::ALWAYS, &*entries)));
                let members = value.as_list().unwrap_or_default();
                for overlap in found {
                    let (_, entry) = overlap.entry;
                    let (_, with) = overlap.with;
                    let shown = members.get(entry).unwrap_or(value);
                    let why = Why::Overlaps { with: format!("{}[{with}]", check.path()) };
                    check.in_member(entry, |check| check.report(shown, why));
                }
                Some(entries)
            });
            Some(Self {
                id: id?,
                holders: holders?,
                priority,
                validity: validity.unwrap_or_default(),
                entries: entries?,
            })
        })
    }

    fn write(&self) -> DraftValue {
        Writer::default()
            .put("id", &self.id)
            .put("for", &self.holders)
            .put_unless_default("priority", &self.priority)
            .put_unless_default("validity", &self.validity)
            .put("entries", &self.entries)
            .end()
    }
}

serde_by_form!(PriceHolders, PriceList);

/// Builds a [`PriceList`]; nothing is checked before [`build`](Self::build), which then checks all of it.
///
/// # Everything that is wrong, at once
///
/// ```
/// use vouchsafe::{Goods, Percent, PriceEntry, PriceList};
///
/// let entry = PriceEntry::percent_off(Goods::Everything, Percent::HUNDRED);
/// let errors = PriceList::builder("").entry(entry.clone().from_quantity(0)).entry(entry).build().unwrap_err();
/// assert_eq!(errors.to_string(), "`id` is ``: empty; `entries[0].from` is `0`: zero; `for` is missing");
/// ```
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until it builds"]
pub struct PriceListBuilder {
    /// In the order they were given; the last one of a name counts.
    fields: Vec<(&'static str, DraftValue)>,
    entries: Vec<DraftValue>,
}

impl PriceListBuilder {
    fn put(mut self, name: &'static str, value: DraftValue) -> Self {
        self.fields.retain(|(field, _)| *field != name);
        self.fields.push((name, value));
        self
    }

    /// For customers who hold one of these types; in place of whomever it was for.
    pub fn for_types(self, types: impl IntoIterator<Item = CustomerTypeId>) -> Self {
        let types: Vec<_> = types.into_iter().collect();
        self.put("for", PriceHolders::Types(types).write())
    }

    /// For customers who have one of these identity keys; in place of whomever it was for.
    pub fn for_customers(self, keys: impl IntoIterator<Item = IdentityKey>) -> Self {
        let keys: Vec<_> = keys.into_iter().collect();
        self.put("for", PriceHolders::Customers(keys).write())
    }

    /// How it ranks among lists; 0 where nothing is said.
    pub fn priority(self, priority: i32) -> Self {
        self.put("priority", priority.into())
    }

    /// On these local days of the merchant, both inclusive, either end open.
    pub fn days(self, from: Option<chrono::NaiveDate>, thru: Option<chrono::NaiveDate>) -> Self {
        let days = Writer::default().put_some("from", from.as_ref()).put_some("thru", thru.as_ref());
        self.put("validity", days.end())
    }

    /// Whenever this says; not a countdown.
    pub fn validity(self, validity: Validity) -> Self {
        self.put("validity", validity.write())
    }

    /// One more price.
    pub fn entry(mut self, entry: PriceEntry) -> Self {
        self.entries.push(entry.write());
        self
    }

    /// More prices.
    pub fn entries(mut self, entries: impl IntoIterator<Item = PriceEntry>) -> Self {
        self.entries.extend(entries.into_iter().map(|entry| entry.write()));
        self
    }

    /// Checks the list.
    ///
    /// # Errors
    /// Everything that cannot be used: an id that is none, nobody named, a type or customer named twice, a validity that
    /// ends before it begins or counts down, a quantity of zero, a price of other goods than a product, and
    /// [`Why::Overlaps`] where nothing says which of two entries holds.
    pub fn build(self) -> Result<PriceList, DefinitionErrors> {
        let entries = std::iter::once(("entries", DraftValue::list(self.entries)));
        let value = DraftValue::map(self.fields.into_iter().chain(entries));
        Check::document(|check| PriceList::read(&value, check))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity, read};

    const ALL: &str = concat!(
        r#"{"id":"acme","for":{"customers":["id:42","email:ann@example.com"]},"priority":-5,"#,
        r#""validity":{"from":"2026-01-01","thru":"2026-12-31"},"entries":["#,
        r#"{"goods":{"product":"P"},"price":{"USD":"8"}},{"goods":{"product":"P"},"price":{"EUR":"7"}},"#,
        r#"{"goods":{"product":"P"},"from":10,"percent_off":"20"}]}"#
    );

    #[test]
    fn a_round_trip_is_identity() {
        assert_identity::<PriceList>(&[ALL, r#"{"id":"none","for":{"types":[]},"entries":[]}"#]);
    }

    #[test]
    fn the_builder_makes_the_same_list() {
        let built = PriceList::builder("acme")
            .for_types(["A".parse().unwrap()])
            .for_customers(["id:42".parse().unwrap(), "email:ann@example.com".parse().unwrap()])
            .priority(-5)
            .days("2026-01-01".parse().ok(), "2026-12-31".parse().ok())
            .entries(read::<PriceList>(ALL).entries().iter().cloned())
            .build()
            .unwrap();
        assert_eq!(built, read(ALL));
    }

    #[test]
    fn every_mistake_is_reported_with_its_path() {
        assert_errors::<PriceList>(&[
            ("{}", "`id` is missing; `for` is missing; `entries` is missing"),
            (
                r#"{"id":"a","for":{"types":["A","A"],"customers":["id:1"]},
                    "validity":{"from":"2026-02-01","thru":"2026-01-01"},
                    "entries":[{"goods":{"product":"P"},"price":{"USD":"-1"}}]}"#,
                "`for.types` is `[..]`: not allowed together with customers; \
                 `validity.thru` is `2026-01-01`: ends before it begins; `entries[0].price.USD` is `-1`: negative",
            ),
            (
                r#"{"id":"a","for":{"customers":["id:1","id:2","id:1"]},"validity":{"countdown":{"days":2}},"entries":[]}"#,
                "`for.customers[2]` is `id:1`: given twice; \
                 `validity` is `{..}`: can never apply: a price list is not issued",
            ),
        ]);
    }

    /// The builder reports what JSON reports.
    #[test]
    fn entries_of_which_nothing_says_which_one_holds() {
        let list = |entries: &str| format!(r#"{{"id":"a","for":{{"types":["A"]}},"entries":[{entries}]}}"#);
        let p = r#"{"goods":{"product":"P"},"price":{"USD":"8"}}"#;
        let off = r#"{"goods":{"product":"P"},"percent_off":"8"}"#;
        let euro = r#"{"goods":{"product":"P"},"amount_off":{"EUR":"1"}}"#;
        let dozen = r#"{"goods":{"product":"P"},"from":12,"price":{"USD":"7"}}"#;
        let variants = r#"{"goods":{"product":"P","variants":true},"price":{"USD":"8"}}"#;
        assert_errors::<PriceList>(&[
            (&list(&[p, euro, dozen, variants].join(",")), ""),
            (&list(&[p, dozen, p].join(",")), "`entries[2]` is `{..}`: overlaps with `entries[0]`"),
            (
                &list(&[off, euro, p].join(",")),
                "`entries[1]` is `{..}`: overlaps with `entries[0]`; `entries[2]` is `{..}`: overlaps with `entries[0]`",
            ),
        ]);
        let twice = [p, p].map(read::<PriceEntry>);
        let errors = PriceList::builder("a").for_types([]).entries(twice).build().unwrap_err();
        assert_eq!(errors.to_string(), "`entries[1]` is `{..}`: overlaps with `entries[0]`");
    }
}
