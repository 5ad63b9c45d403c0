//! Many redemptions in one step.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sqlx::{Connection, Database};

use crate::outcome::Redemption;
use crate::store::sql::{Dialect, SqlStore, Statement};
use crate::store::{Commit, StoreError};

use super::ask::{Ask, Locks, Scope, json, reference_key};
use super::group::commit_group;
use super::{LOCK, settle};

/// Only for a database with more than one writer.
const LOCK_REFERENCES: Statement =
    Statement { sqlite: "", postgres: include_str!("../../postgres/checkout/lock_references.sql") };

impl<D: Dialect> SqlStore<'_, D> {
    /// Commits several redemptions together, of different orders and as a rule of different customers, and answers each as
    /// [`commit`](crate::CouponStore::commit) would, in their order. For a host that takes orders from a queue: what many
    /// orders want of one coupon is counted by one write, and one wait for the disk does for all.
    ///
    /// Each redemption is recorded whole or not at all, and one that is refused keeps no other from being recorded. Where
    /// nothing says no, all of them are one statement in PostgreSQL and one transaction in SQLite. Otherwise PostgreSQL
    /// records those that may be in smaller groups, each a transaction of its own unless the handle borrows one.
    ///
    /// # Errors
    /// As those of `commit`. Which of them were recorded is then not known: ask again with the same ones, and those that
    /// were are answered as [`Commit::AlreadyRecorded`].
    ///
    /// ```
    /// use chrono::{DateTime, Utc};
    /// use vouchsafe::{Dialect, Redemption, SqlStore, StoreError};
    ///
    /// /// How many orders of a queue may be placed.
    /// async fn place<D: Dialect>(
    ///     store: &mut SqlStore<'_, D>,
    ///     queue: &[Redemption],
    ///     at: DateTime<Utc>,
    /// ) -> Result<usize, StoreError> {
    ///     let answers = store.commit_all(queue, at).await?;
    ///     Ok(answers.iter().filter(|answer| answer.is_recorded()).count())
    /// }
    /// ```
    pub async fn commit_all(
        &mut self,
        redemptions: &[Redemption],
        at: DateTime<Utc>,
    ) -> Result<Vec<Commit>, StoreError> {
        let answers = self.record_all(redemptions, at).await;
        self.ended(answers).await
    }

    async fn record_all(&mut self, redemptions: &[Redemption], at: DateTime<Utc>) -> Result<Vec<Commit>, StoreError> {
        let scope = Scope { namespace: &self.namespace, grace: self.grace, at, at_once: self.at_once };
        let all: Vec<&Redemption> = redemptions.iter().collect();
        if self.at_once && D::COMMIT_GROUP.is_some() {
            if commit_group::<D>(self.connection, scope, &all).await? {
                return Ok(vec![Commit::Recorded; all.len()]);
            }
            if !self.connection.is_in_transaction() {
                return in_groups::<D>(self.connection, scope, &all).await;
            }
        }
        let mut transaction = D::begin(self.connection).await?;
        if !D::ONE_WRITER {
            let references: BTreeSet<String> = all.iter().map(|one| reference_key(one.reference())).collect();
            D::rows(&mut transaction, &LOCK_REFERENCES, vec![scope.namespace(), json(&references)?.into()]).await?;
        }
        D::execute(&mut transaction, &LOCK, locks(scope, &all)?.values(scope)?).await?;
        let answers = if self.at_once {
            in_groups::<D>(&mut transaction, scope, &all).await?
        } else {
            one_by_one::<D>(&mut transaction, scope, &all).await?
        };
        transaction.commit().await.map_err(D::failure)?;
        Ok(answers)
    }
}

/// What all of them take from, so that two groups lock it in the same order, whatever the order of the redemptions. The
/// references that hold something are locked before.
fn locks(scope: Scope<'_>, redemptions: &[&Redemption]) -> Result<Locks, StoreError> {
    let mut all = Locks::default();
    for redemption in redemptions {
        all.add(Ask::new(scope, redemption)?.locks([]));
    }
    Ok(all)
}

/// Tries the whole, then its halves: of a group in which one is refused the others are still recorded many at a time.
async fn in_groups<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    scope: Scope<'_>,
    redemptions: &[&Redemption],
) -> Result<Vec<Commit>, StoreError> {
    let (mut answers, mut groups) = (Vec::new(), Vec::new());
    let halves = |group: &[&'_ Redemption]| group.len() / 2;
    // The whole was tried before.
    groups.push((redemptions, true));
    while let Some((group, tried)) = groups.pop() {
        if !tried && commit_group::<D>(connection, scope, group).await? {
            answers.extend(group.iter().map(|_| Commit::Recorded));
        } else if let [redemption] = group {
            answers.push(settle::commit::<D>(connection, scope, redemption).await?);
        } else if let Some((first, second)) = group.split_at_checked(halves(group)) {
            groups.extend([(second, false), (first, false)].into_iter().filter(|(half, _)| !half.is_empty()));
        }
    }
    Ok(answers)
}

async fn one_by_one<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    scope: Scope<'_>,
    redemptions: &[&Redemption],
) -> Result<Vec<Commit>, StoreError> {
    let mut answers = Vec::new();
    for redemption in redemptions {
        answers.push(settle::commit::<D>(connection, scope, redemption).await?);
    }
    Ok(answers)
}
