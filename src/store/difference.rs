//! What an edit changed, field by field.

use serde::Serialize;

use crate::coupon::Coupon;
use crate::form::{DraftValue, Form};

use super::DefinitionChange;

/// One field that an edit changed.
///
/// The path is one that [`CouponDraft::get`](crate::CouponDraft::get) understands, such as `limits.total` or
/// `benefits[0].percent.off`. What a definition does not say is absent on that side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Difference {
    /// Where it stands in the document.
    pub path: String,
    /// What it was; none where it was absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<DraftValue>,
    /// What it is; none where it was taken away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<DraftValue>,
}

impl DefinitionChange {
    /// From what to what the edit changed the definition, by path. The number of the revision is left out, since it always
    /// differs. Of a list, what was put in or taken out at one place is told as such, however long the list is.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let mut store = MemoryStore::new();
    /// let spring = |off: &str| Coupon::builder("spring").code("SPRING").percent_off(off);
    /// let anna = Edit::new(parse_instant("2026-03-01T12:00:00Z")?).by("anna".parse()?);
    /// block_on(CouponAdmin::define(&mut store, &spring("10").build()?, &anna))?;
    /// let bert = Edit::new(parse_instant("2026-03-02T09:30:00Z")?).by("bert".parse()?).with_note("too little");
    /// block_on(CouponAdmin::revise(&mut store, &spring("15").total_limit(1_000).build()?, &bert))?;
    ///
    /// let log = block_on(store.definition_log(&"spring".parse()?))?;
    /// let json = serde_json::to_string(&log[1].differences())?;
    /// assert_eq!(
    ///     json,
    ///     r#"[{"path":"benefits[0].percent.off","from":"10","to":"15"},{"path":"limits.total","to":1000}]"#
    /// );
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn differences(&self) -> Vec<Difference> {
        let mut found = Vec::new();
        let before = self.before.as_deref().map(document);
        compare(String::new(), before.as_ref(), Some(&document(&self.after)), &mut found);
        found.sort_by(|a, b| a.path.cmp(&b.path));
        found
    }
}

/// The definition without the number of its revision.
fn document(coupon: &Coupon) -> DraftValue {
    let written = coupon.write();
    let fields = written.as_map().unwrap_or_default().iter();
    DraftValue::map(fields.filter(|(name, _)| name != "revision").cloned())
}

/// Goes down as far as both sides are alike in kind. A draft is never nested without end, so neither is this.
fn compare(path: String, from: Option<&DraftValue>, to: Option<&DraftValue>, found: &mut Vec<Difference>) {
    if from == to {
        return;
    }
    let side = |value: Option<&DraftValue>| value.map_or(Some(0), |value| value.as_map().map(<[_]>::len));
    if side(from).zip(side(to)).is_some_and(|(from, to)| from > 0 || to > 0) {
        return compare_maps(&path, from, to, found);
    }
    let side = |value: Option<&DraftValue>| value.map_or(Some(0), |value| value.as_list().map(<[_]>::len));
    if side(from).zip(side(to)).is_some_and(|(from, to)| from > 0 || to > 0) {
        return compare_lists(&path, from, to, found);
    }
    found.push(Difference { path, from: from.cloned(), to: to.cloned() });
}

fn compare_maps(path: &str, from: Option<&DraftValue>, to: Option<&DraftValue>, found: &mut Vec<Difference>) {
    let fields = |side: Option<&DraftValue>| side.and_then(DraftValue::as_map).unwrap_or_default().to_vec();
    let before = fields(from);
    let new = fields(to).into_iter().filter(|(name, _)| before.iter().all(|(known, _)| known != name));
    for (name, _) in before.iter().cloned().chain(new) {
        let of = |side: Option<&DraftValue>| side.and_then(|side| side.get(&name)).cloned();
        let below = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        compare(below, of(from).as_ref(), of(to).as_ref(), found);
    }
}

/// Members at the beginning and at the end that are the same are not looked at.
fn compare_lists(path: &str, from: Option<&DraftValue>, to: Option<&DraftValue>, found: &mut Vec<Difference>) {
    let members = |side: Option<&'_ DraftValue>| side.and_then(DraftValue::as_list).unwrap_or_default().to_vec();
    let (from, to) = (members(from), members(to));
    let same_head = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let rest = from.len().min(to.len()).saturating_sub(same_head);
    let same_tail = from.iter().rev().zip(to.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    let changed = from.len().max(to.len()).saturating_sub(same_tail);
    let within = |side: &[DraftValue], place: usize| {
        side.get(place).filter(|_| place < side.len().saturating_sub(same_tail)).cloned()
    };
    for place in same_head..changed {
        compare(format!("{path}[{place}]"), within(&from, place).as_ref(), within(&to, place).as_ref(), found);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::calendar::parse_instant;
    use crate::store::{Edit, EditKind};

    fn change(before: Option<&str>, after: &str) -> String {
        let coupon = |fields: &str| -> Arc<Coupon> {
            Arc::new(serde_json::from_str(&format!(r#"{{"version":1,"id":"c",{fields}}}"#)).unwrap())
        };
        let edit = Edit::new(parse_instant("2026-03-01T12:00:00Z").unwrap());
        let change =
            DefinitionChange { kind: EditKind::Revised, edit, before: before.map(coupon), after: coupon(after) };
        serde_json::to_string(&change.differences()).unwrap()
    }

    const TEN: &str = r#""benefits":[{"percent":{"off":"10"}}]"#;

    #[test]
    fn nothing_differs_but_the_revision() {
        let later = format!(r#""revision":2,{TEN}"#);
        assert_eq!(change(Some(TEN), &later), "[]");
    }

    #[test]
    fn a_new_definition_is_all_new() {
        let expected =
            r#"[{"path":"benefits[0].percent.off","to":"10"},{"path":"id","to":"c"},{"path":"version","to":1}]"#;
        assert_eq!(change(None, TEN), expected);
    }

    #[test]
    fn what_is_put_into_a_list_is_one_difference() {
        let of = |products: &str| format!(r#"{TEN},"scope":{{"products":[{products}]}}"#);
        let changed = change(Some(&of(r#""A","B","C""#)), &of(r#""A","X","B","C""#));
        assert_eq!(changed, r#"[{"path":"scope.products[1]","to":"X"}]"#);
        let changed = change(Some(&of(r#""A","B","C""#)), &of(r#""A","B""#));
        assert_eq!(changed, r#"[{"path":"scope.products[2]","from":"C"}]"#);
        let changed = change(Some(&of(r#""A","A""#)), &of(r#""A","A","A""#));
        assert_eq!(changed, r#"[{"path":"scope.products[2]","to":"A"}]"#);
    }

    #[test]
    fn another_kind_of_benefit_is_one_taken_away_and_one_put_in() {
        let changed = change(Some(TEN), r#""benefits":["none"]"#);
        assert!(changed.contains(r#""path":"benefits[0]","#), "{changed}");
    }
}
