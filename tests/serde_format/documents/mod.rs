//! Every kind of document, built in code: what the golden files must hold.

mod codes;
mod coupons;
mod facts;
mod outcomes;
mod placed;
mod settled;
mod words;

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// How a kind of document is read.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    /// Documents that stand alone have a version.
    pub versioned: bool,
    /// Documents of the host are read as a whole, and every mistake has its path. What this crate writes for its own
    /// later use is read field by field and stops at the first mistake, which names the field.
    pub paths: bool,
}

/// What a host writes by hand, standing alone.
const DOCUMENT: Reading = Reading { versioned: true, paths: true };
/// What a host writes by hand, inside of something of its own.
const PART: Reading = Reading { versioned: false, paths: true };
/// What a store keeps, standing alone.
const RECORD: Reading = Reading { versioned: true, paths: false };
/// What a store keeps, inside of something of its own.
const RECORD_PART: Reading = Reading { versioned: false, paths: false };

/// Somebody who looks at every kind of document, one golden file after the other.
pub trait Visit {
    /// A file of documents that are written and read.
    fn read<T>(&mut self, file: &'static str, reading: Reading, built: Vec<T>)
    where
        T: Serialize + DeserializeOwned + PartialEq + Debug;

    /// A file of documents that are written and never read.
    fn written<T: Serialize>(&mut self, file: &'static str, built: Vec<T>);
}

/// Shows every kind of document.
pub fn all(visit: &mut impl Visit) {
    visit.read("coupon-benefits", DOCUMENT, coupons::benefits());
    visit.read("coupon-conditions", DOCUMENT, coupons::conditions());
    visit.read("coupon-scopes", DOCUMENT, coupons::scopes());
    visit.read("coupon-terms", DOCUMENT, coupons::terms());
    visit.read("order", DOCUMENT, facts::orders());
    visit.read("customer", DOCUMENT, facts::customers());
    visit.read("policy", DOCUMENT, facts::policies());
    visit.read("shop", DOCUMENT, facts::shops());
    visit.read("usage", PART, facts::usages());
    visit.read("issued-code", PART, facts::issued_codes());
    visit.read("code-pattern", PART, codes::patterns());
    visit.read("attempt-policy", PART, codes::attempt_policies());
    visit.read("attempts", PART, codes::attempts());
    visit.written("merge-fields", codes::merge_fields());
    visit.read("imported-code", PART, facts::imported_codes());
    for (file, outcome) in outcomes::files() {
        visit.read(file, RECORD, vec![outcome]);
    }
    visit.read("redemption", RECORD, outcomes::redemptions());
    visit.read("placed-order", RECORD_PART, placed::orders());
    visit.read("subscription", RECORD_PART, placed::subscriptions());
    visit.written("outcome-public", outcomes::public());
    visit.read("refund-request", RECORD_PART, settled::requests());
    visit.read("refund", RECORD, settled::refunds());
    visit.read("transfer-request", RECORD_PART, settled::transfer_requests());
    visit.read("transfer", RECORD, settled::transfers());
    visit.read("settlement", RECORD, settled::settlements());
    visit.read("account-table", RECORD_PART, settled::account_tables());
    visit.read("books", RECORD_PART, settled::books());
    visit.read("posting", RECORD_PART, settled::postings());
    visit.read("refusals", RECORD_PART, words::refusals());
    visit.read("mends", RECORD_PART, words::mends());
    visit.read("issue-refusals", RECORD_PART, words::issue_refusals());
    visit.read("store-objections", RECORD_PART, words::objections());
    visit.read("store-reserve", RECORD_PART, words::reserve());
    visit.read("store-commit", RECORD_PART, words::commit());
    visit.read("store-release", RECORD_PART, words::release());
    visit.read("store-void", RECORD_PART, words::void());
    visit.read("store-on-void", RECORD_PART, words::on_void());
    visit.read("granted-codes", RECORD_PART, words::granted_codes());
    visit.read("grant-returns", RECORD_PART, words::grant_returns());
    visit.read("store-return-points", RECORD_PART, words::return_points());
    visit.read("points-refusals", RECORD_PART, words::points_refusals());
    visit.read("points-use", RECORD_PART, vec![vouchsafe::PointsUse::new(500, 730)]);
    visit.read("points-balance", RECORD_PART, vec![vouchsafe::PointsBalance::new(730, 500)]);
    visit.read("points-return", RECORD_PART, vec![vouchsafe::PointsReturn::new(250, 26)]);
    visit.read("weekly", RECORD_PART, words::weekly());
    visit.read("choices", RECORD_PART, vec![words::Choices::all()]);
    visit.written("terms-in-words", words::terms_in_words());
    visit.written("warnings", words::warnings());
    visit.written("usage-entries", outcomes::usage_entries());
    visit.written("report", outcomes::reports());
}
