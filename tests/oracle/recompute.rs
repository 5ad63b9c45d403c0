//! Placed orders as they are kept, and changed.

/// What is written is read back whole.
fn kept(placed: &vouchsafe::PlacedOrder) -> Result<(), String> {
    let text = serde_json::to_string(placed).unwrap();
    let read = serde_json::from_str::<vouchsafe::PlacedOrder>(&text).map_err(|e| format!("{e}: {text}"))?;
    assert_eq!(read, *placed);
    assert_eq!(serde_json::to_string(&read).unwrap(), text);
    Ok(())
}

/// A placed order, read back from JSON, gives the same figures from its stored terms alone.
pub fn recomputes(shop: &vouchsafe::Shop, request: &vouchsafe::Request<'_>, whole: bool) -> Result<bool, String> {
    let placed = match shop.place(request) {
        Ok(placed) => placed,
        Err(vouchsafe::PlaceError::NotPlaceable(_)) => return Ok(false),
        Err(error) => return Err(error.to_string()),
    };
    let again = placed.reprice(&[], vouchsafe::ThresholdCheck::AsPlaced).map_err(|e| e.to_string())?;
    if again != *placed.outcome() || placed.recompute() != Ok(vouchsafe::Recomputed::Same) {
        return Err(format!("{:?}\nrecorded {:?}\nagain {again:?}", placed.recompute(), placed.outcome()));
    }
    if whole {
        kept(&placed)?;
        // Changed, it is as good a record as before: fewer of the first line, without the last, and with a new one.
        let lines = placed.order().lines();
        let mut change = vouchsafe::Amendment::new("a-1".parse().unwrap());
        if let (Some(first), Some(last)) = (lines.first(), lines.last()) {
            if lines.len() > 1 {
                change = change.removing(last.id());
            }
            if !first.quantity().is_measured() {
                change = change.in_quantity(first.id(), vouchsafe::Quantity::ONE);
            }
            let mut new = vouchsafe::Line::new(
                vouchsafe::LineId(9_999),
                vouchsafe::Product::new("NEW".parse().unwrap()),
                vouchsafe::Quantity::ONE,
                first.unit_price(),
            );
            if let Some(class) = first.tax_class() {
                new = new.with_tax_class(class.clone());
            }
            let amended = placed.amend(&change.adding(new)).map_err(|e| format!("amended: {e}"))?;
            let again = amended.placed().recompute();
            if again != Ok(vouchsafe::Recomputed::Same) {
                return Err(format!("amended: {again:?}\n{:?}", amended.placed().outcome()));
            }
            kept(amended.placed()).map_err(|e| format!("amended: {e}"))?;
        }
    }
    Ok(true)
}
