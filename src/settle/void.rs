//! The end of an order: everything that is left of it goes back.

use super::error::SettleError;
use super::refund::Refund;
use super::settlement::{Movement, Settlement};
use super::threshold::ThresholdPolicy;
use crate::key::MovementId;

impl Settlement {
    /// What is paid back when the order is voided: all that is left of every line and charge, and the cash rounding. What
    /// went back before does not go back twice, and what moved to another order stays there. Nothing is changed before it
    /// is [applied](Settlement::apply).
    ///
    /// Money only: uses of coupons stay used (S106), unless the host tells its store otherwise
    /// ([`OnVoid`](../enum.OnVoid.html)).
    ///
    /// # Errors
    /// [`SettleError::NothingLeft`] where all of it is gone already; [`SettleError::IdTaken`] where the id was given to
    /// something else. The same void again is the same refund.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use vouchsafe::*;
    ///
    /// let shop = Shop::new(Policy::storefront(Currency::USD, Zone::UTC));
    /// let order = Order::builder(Currency::USD)
    ///     .line(Line::new(LineId(1), Product::new("CUP".parse()?), Quantity::pieces(2)?, UnitPrice::parse("9.00")?))
    ///     .charge(Charge::shipping(LineId(9), Money::parse("4.90", Currency::USD)?))
    ///     .build()?;
    /// let (customer, at) = (Customer::anonymous(), parse_instant("2026-03-29T12:00:00Z")?);
    /// let outcome = shop.evaluate(&Request::new(&order, &customer, Reference::Order("o-1".parse()?), at))?;
    /// let mut settlement = Settlement::new(&outcome)?;
    /// let void = settlement.void("v-1".parse()?)?;
    /// assert_eq!(void.payable().to_string(), "22.90 USD");
    /// settlement.apply(&void)?;
    /// assert_eq!(settlement.void("v-2".parse()?), Err(SettleError::NothingLeft));
    /// # Ok(())
    /// # }
    /// ```
    pub fn void(&self, id: MovementId) -> Result<Refund, SettleError> {
        match self.movement(&id) {
            Some(Movement::Refund(refund)) if refund.void => return Ok(refund.clone()),
            Some(_) => return Err(SettleError::IdTaken { id }),
            None => {}
        }
        let left = self.lines.iter().filter(|line| line.units > 0);
        let lines = left.map(|line| line.returned(line.units)).collect::<Result<Vec<_>, _>>()?;
        if lines.is_empty() {
            return Err(SettleError::NothingLeft);
        }
        Ok(self.plan(&id, true, ThresholdPolicy::Keep, lines, Vec::new()))
    }
}
