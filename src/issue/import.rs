//! Codes of an older system, with the uses they had there.

use crate::customer::IdentityKey;
use crate::error::Why;
use crate::form::DraftValue;
use crate::form::{Check, Fields, Form, Writer, serde_by_form};
use crate::request::IssuedCode;

/// A code that an older system issued, with how often it was used there: what is used up there is used up here.
///
/// In JSON the fields of an [`IssuedCode`], and `uses`: `[{"by": ["id:42", "email:ann@example.com"], "times": 1}]`. `times`
/// is 1 where it is absent, and `by` may be empty where nobody knows who it was.
///
/// ```
/// use vouchsafe::{IdentityKey, ImportedCode};
///
/// let code: ImportedCode = serde_json::from_str(
///     r#"{"code": "Ski_Club 7", "code_format": "imported", "issued_at": "2019-11-01T00:00:00Z",
///         "uses": [{"by": ["id:42"], "times": 2}, {"times": 3}]}"#,
/// )?;
/// assert_eq!((code.issued().code().as_str(), code.uses()), ("SKI_CLUB 7", 5));
/// assert_eq!(code.uses_by(&IdentityKey::id("42")?), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedCode {
    issued: IssuedCode,
    uses: Vec<Uses>,
}

/// Uses by one customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Uses {
    /// By what the customer is known, each key once; empty where nobody knows who it was.
    pub(crate) by: Vec<IdentityKey>,
    /// How often, at least once.
    pub(crate) times: u64,
}

impl ImportedCode {
    /// A code that was not used yet.
    #[must_use]
    pub fn new(issued: IssuedCode) -> Self {
        Self { issued, uses: Vec::new() }
    }

    /// That one customer used it so many times; they count on each of the customer's keys. Without keys they count for the
    /// code and the definition alone. None at all is nothing.
    ///
    /// ```
    /// use vouchsafe::{Code, CodeFormat, IdentityKey, ImportedCode, IssuedCode, parse_instant};
    ///
    /// let at = parse_instant("2019-11-01T00:00:00Z")?;
    /// let code = IssuedCode::new(Code::parse("OLD7", CodeFormat::Standard)?, at);
    /// let code = ImportedCode::new(code).used([IdentityKey::id("42")?], 1).used([], 3);
    /// assert_eq!(code.uses(), 4);
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    #[must_use]
    pub fn used(mut self, by: impl IntoIterator<Item = IdentityKey>, times: u64) -> Self {
        if times > 0 {
            let mut by: Vec<IdentityKey> = by.into_iter().collect();
            by.sort();
            by.dedup();
            self.uses.push(Uses { by, times });
        }
        self
    }

    /// The code with what is known of its issue.
    #[must_use]
    pub fn issued(&self) -> &IssuedCode {
        &self.issued
    }

    /// How often it was used.
    #[must_use]
    pub fn uses(&self) -> u64 {
        self.uses.iter().fold(0, |sum, uses| sum.saturating_add(uses.times))
    }

    /// How often a customer used it.
    #[must_use]
    pub fn uses_by(&self, customer: &IdentityKey) -> u64 {
        let of_customer = self.uses.iter().filter(|uses| uses.by.contains(customer));
        of_customer.fold(0, |sum, uses| sum.saturating_add(uses.times))
    }

    /// Each use or series of uses: by what the customer is known, and how often. The keys are none where nobody knows who it
    /// was.
    ///
    /// ```
    /// use vouchsafe::{Code, CodeFormat, IdentityKey, ImportedCode, IssuedCode, parse_instant};
    ///
    /// let at = parse_instant("2019-11-01T00:00:00Z")?;
    /// let code = ImportedCode::new(IssuedCode::new(Code::parse("OLD7", CodeFormat::Standard)?, at));
    /// let code = code.used([IdentityKey::id("42")?], 1).used([], 3);
    /// let known: Vec<(usize, u64)> = code.each_use().map(|(by, times)| (by.len(), times)).collect();
    /// assert_eq!(known, [(1, 1), (0, 3)]);
    /// # Ok::<(), vouchsafe::Error>(())
    /// ```
    pub fn each_use(&self) -> impl Iterator<Item = (&[IdentityKey], u64)> {
        self.uses.iter().map(|uses| (uses.by.as_slice(), uses.times))
    }

    pub(crate) fn into_parts(self) -> (IssuedCode, Vec<Uses>) {
        (self.issued, self.uses)
    }
}

impl Form for Uses {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f| {
            let by = f.optional_with("by", read_keys).unwrap_or_default();
            let times = if f.has("times") { f.not_zero("times") } else { Some(1) };
            Some(Self { by, times: times? })
        })
    }

    fn write(&self) -> DraftValue {
        Writer::default().put_unless_default("by", &self.by).put_unless("times", &self.times, &1).end()
    }
}

/// The keys of one customer, each once.
fn read_keys(value: &DraftValue, check: &mut Check) -> Option<Vec<IdentityKey>> {
    let keys: Vec<IdentityKey> = Form::read(value, check)?;
    for (place, key) in keys.iter().enumerate() {
        if keys.iter().take(place).any(|earlier| earlier == key) {
            check.in_member(place, |check| check.report(key, Why::Duplicate));
        }
    }
    let mut keys = keys;
    keys.sort();
    Some(keys)
}

impl Form for ImportedCode {
    fn read(value: &DraftValue, check: &mut Check) -> Option<Self> {
        check.fields(value, |f: &mut Fields<'_, '_>| {
            let issued = IssuedCode::read_fields(f);
            let uses = f.or_default("uses");
            Some(Self { issued: issued?, uses })
        })
    }

    fn write(&self) -> DraftValue {
        self.issued.write_fields().put_unless_default("uses", &self.uses).end()
    }
}

serde_by_form!(ImportedCode);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::testing::{assert_errors, assert_identity};

    #[test]
    fn uses_are_counted_by_customer() {
        assert_identity::<ImportedCode>(&[
            r#"{"code":"A","issued_at":"2019-11-01T00:00:00Z"}"#,
            r#"{"code":"A","holder":"id:1","issued_at":"2019-11-01T00:00:00Z","uses":[{"by":["id:1","email:a@b"],"times":2},{}]}"#,
        ]);
        assert_errors::<ImportedCode>(&[
            (r#"{"code":"A","uses":[]}"#, "`issued_at` is missing"),
            (
                r#"{"code":"A","issued_at":"2019-11-01T00:00:00Z","uses":[{"times":0},{"by":["id:1","id:1"]},{"by":["x"]}]}"#,
                "`uses[0].times` is `0`: zero; `uses[1].by[1]` is `id:1`: given twice; \
                 `uses[2].by[0]` is `x`: not one of id:, email:, phone:, device: or other: with a value",
            ),
            (
                r#"{"code":"A","issued_at":"2019-11-01T00:00:00Z","used":3}"#,
                "`used` is `3`: unknown field, did you mean `uses`? known: `code_format`, `code`, `holder`, `issued_at`, `starts_at`, `ends_at`, `batch`, `occasion`, `issued_by`, `revocation`, `revoked`, `uses`",
            ),
        ]);
    }
}
