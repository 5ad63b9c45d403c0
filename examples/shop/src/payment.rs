//! The payment provider: one that only pretends, and keeps a journal that a test can read.
//!
//! What matters is the order of things: an amount is *authorised* before the order is written and *captured* after, so
//! that of whatever fails in between nothing was charged, and the authorisation is *voided*.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use vouchsafe::{Money, OrderId};

/// How far a payment has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Authorised,
    Captured,
    Voided,
    Refunded,
}

/// One payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    pub order: OrderId,
    pub amount: Money,
    pub standing: Standing,
}

/// Why there is no payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Declined {
    #[error("the card was declined")]
    Card,
    #[error("the payment does not stand as it should")]
    Standing,
}

/// The provider. Card data never comes to the shop: what comes is a token of the provider's own form in the browser.
#[derive(Debug, Default)]
pub struct Payments {
    journal: Mutex<BTreeMap<u64, Payment>>,
}

impl Payments {
    fn journal(&self) -> MutexGuard<'_, BTreeMap<u64, Payment>> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets an amount aside on a card. Every authorisation is one of its own, so that of two requests for one order each
    /// voids its own.
    ///
    /// # Errors
    /// The token is `tok_declined`.
    pub async fn authorise(&self, order: &OrderId, amount: Money, token: &str) -> Result<u64, Declined> {
        if token == "tok_declined" {
            return Err(Declined::Card);
        }
        let mut journal = self.journal();
        let id = journal.last_key_value().map_or(1, |(last, _)| last.saturating_add(1));
        journal.insert(id, Payment { order: order.clone(), amount, standing: Standing::Authorised });
        Ok(id)
    }

    /// Takes the amount. Again it changes nothing.
    ///
    /// # Errors
    /// It is not authorised any more.
    pub async fn capture(&self, payment: u64) -> Result<(), Declined> {
        self.change(payment, Standing::Authorised, Standing::Captured)
    }

    /// Lets an authorised amount go. Again it changes nothing.
    ///
    /// # Errors
    /// It was captured.
    pub async fn void(&self, payment: u64) -> Result<(), Declined> {
        self.change(payment, Standing::Authorised, Standing::Voided)
    }

    /// Pays a captured amount back. Again it changes nothing.
    ///
    /// # Errors
    /// It was not captured.
    pub async fn refund(&self, payment: u64) -> Result<(), Declined> {
        self.change(payment, Standing::Captured, Standing::Refunded)
    }

    fn change(&self, payment: u64, from: Standing, to: Standing) -> Result<(), Declined> {
        match self.journal().get_mut(&payment) {
            Some(payment) if payment.standing == to => Ok(()),
            Some(payment) if payment.standing == from => {
                payment.standing = to;
                Ok(())
            }
            _ => Err(Declined::Standing),
        }
    }

    /// Every payment there was.
    pub fn all(&self) -> Vec<Payment> {
        self.journal().values().cloned().collect()
    }
}
