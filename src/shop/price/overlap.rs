//! Entries of which nothing says which one holds: the same holder, goods, quantity and priority, at the same time, in the
//! same currency.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::calendar::Window;
use crate::customer::IdentityKey;
use crate::key::CustomerTypeId;
use crate::money::Currency;
use crate::shop::Goods;

use super::entry::PriceEntry;
use super::list::PriceHolders;

/// An entry, by list and place, and an earlier one that it overlaps with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Overlap {
    pub(super) entry: (usize, usize),
    pub(super) with: (usize, usize),
}

/// A list as far as overlaps look at it: for whom, with which priority, when, and its entries.
pub(super) type Listed<'a> = (&'a PriceHolders, i32, Window, &'a [PriceEntry]);

/// One customer type or identity key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Holder<'a> {
    Type(&'a CustomerTypeId),
    Customer(&'a IdentityKey),
}

fn holders(of: &PriceHolders) -> Vec<Holder<'_>> {
    match of {
        PriceHolders::Types(types) => types.iter().map(Holder::Type).collect(),
        PriceHolders::Customers(keys) => keys.iter().map(Holder::Customer).collect(),
    }
}

/// Every entry that overlaps with an earlier one, each once, in the order of the lists.
pub(super) fn overlaps<'a>(lists: impl Iterator<Item = Listed<'a>>) -> Vec<Overlap> {
    let lists: Vec<Listed<'a>> = lists.collect();
    let mut all: Vec<(&Goods, u64, i32, usize, usize)> = Vec::new();
    for (l, (_, priority, _, entries)) in lists.iter().enumerate() {
        all.extend(entries.iter().enumerate().map(|(e, entry)| (entry.goods(), entry.from(), *priority, l, e)));
    }
    all.sort_unstable();
    let mut found = Vec::new();
    for group in all.chunk_by(|a, b| (a.0, a.1, a.2) == (b.0, b.1, b.2)).filter(|group| group.len() > 1) {
        let mut spans = Vec::new();
        let mut own = BTreeSet::new();
        for (_, _, _, l, e) in group {
            let Some((of, _, window, entries)) = lists.get(*l) else { continue };
            let Some(entry) = entries.get(*e) else { continue };
            let currency = entry.value().currency();
            let span = |holder| Span { holder, start: window.from(), end: window.until(), currency, at: (*l, *e) };
            own.insert(*l);
            spans.extend(holders(of).into_iter().map(|holder| span(Some(holder))));
            // Within one list the holders are the same, even where there are none.
            spans.push(span(None));
        }
        sweep_lists(&mut spans, own.len() > 1, &mut found);
    }
    found.sort_unstable();
    found.dedup_by_key(|overlap| overlap.entry);
    found
}

/// An entry of one holder on the time line.
#[derive(Debug, Clone, Copy)]
struct Span<'a> {
    /// None stands for all holders of one list.
    holder: Option<Holder<'a>>,
    start: Option<DateTime<Utc>>,
    end: Option<DateTime<Utc>>,
    currency: Option<Currency>,
    at: (usize, usize),
}

fn sweep_lists(spans: &mut Vec<Span<'_>>, several: bool, found: &mut Vec<Overlap>) {
    // Entries of one list first, whoever holds it; then entries of several lists, holder by holder.
    let mut of_one: Vec<Span<'_>> = spans.iter().copied().filter(|span| span.holder.is_none()).collect();
    of_one.sort_unstable_by_key(|span| (span.at.0, span.start, span.at));
    of_one.chunk_by(|a, b| a.at.0 == b.at.0).for_each(|run| sweep(run, found));
    if several {
        spans.retain(|span| span.holder.is_some());
        spans.sort_unstable_by_key(|span| (span.holder, span.start, span.at));
        spans.chunk_by(|a, b| a.holder == b.holder).for_each(|run| sweep(run, found));
    }
}

/// Spans of one holder by their start: each is held against the one that lasts longest so far, of its currency and of all.
fn sweep(run: &[Span<'_>], found: &mut Vec<Overlap>) {
    let mut last: Vec<(Option<Currency>, Span<'_>)> = Vec::new();
    for span in run {
        let same =
            |currency: &Option<Currency>| span.currency.is_none() || currency.is_none() || *currency == span.currency;
        for (_, before) in last.iter().filter(|(currency, _)| same(currency)) {
            let open = before.end.is_none_or(|end| span.start.is_none_or(|start| start < end));
            if open {
                let (with, entry) = (before.at.min(span.at), before.at.max(span.at));
                found.push(Overlap { entry, with });
            }
        }
        let longer = |before: &Span<'_>| match (before.end, span.end) {
            (None, _) => false,
            (_, None) => true,
            (Some(a), Some(b)) => b > a,
        };
        match last.iter_mut().find(|(currency, _)| *currency == span.currency) {
            Some((_, before)) if longer(before) => *before = *span,
            Some(_) => {}
            None => last.push((span.currency, *span)),
        }
    }
}
