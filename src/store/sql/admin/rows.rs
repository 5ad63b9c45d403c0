//! Codes as they are read.

use crate::calendar::Window;
use crate::coupon::Code;
use crate::key::{BatchId, CouponId};
use crate::request::{IssuedCode, Revocation};
use crate::store::StoreError;
use crate::store::sql::{Row, Statement};

pub(super) const CODE: Statement = Statement::both(include_str!("code.sql"));

/// How far a code has come, as a number.
pub(in crate::store::sql) const SHARED: i64 = 0;
pub(in crate::store::sql) const PREPARED: i64 = 1;
pub(in crate::store::sql) const ISSUED: i64 = 2;

pub(in crate::store::sql) fn read_code(text: &str) -> Result<Code, StoreError> {
    Code::from_canonical(text).map_err(|error| StoreError::corrupt(format!("code `{text}`"), error))
}

fn of_code<T, E: Into<crate::store::BoxError>>(code: &Code, read: Result<T, E>) -> Result<T, StoreError> {
    read.map_err(|error| StoreError::corrupt(format!("code `{code}`"), error))
}

/// The definition that a code belongs to.
pub(in crate::store::sql) fn coupon_of(row: &Row) -> Result<CouponId, StoreError> {
    of_code(&read_code(row.text(0)?)?, row.text(1)?.parse())
}

pub(in crate::store::sql) fn batch_of(row: &Row) -> Result<Option<BatchId>, StoreError> {
    let code = read_code(row.text(0)?)?;
    row.maybe_text(8)?.map(|batch| of_code(&code, batch.parse())).transpose()
}

pub(in crate::store::sql) fn revocation_of(row: &Row) -> Result<Option<Revocation>, StoreError> {
    let code = read_code(row.text(0)?)?;
    row.maybe_text(10)?.map(|document| of_code(&code, serde_json::from_str(document))).transpose()
}

/// A code that was handed out, from the columns of `code.sql`.
pub(in crate::store::sql) fn issued_code(row: &Row) -> Result<IssuedCode, StoreError> {
    let code = read_code(row.text(0)?)?;
    let window = Window::instants(row.maybe_instant(5)?, row.maybe_instant(6)?);
    let window = of_code(&code, window)?;
    let holder = row.maybe_text(3)?.map(|holder| of_code(&code, holder.parse())).transpose()?;
    let by = row.maybe_text(7)?.map(|by| of_code(&code, by.parse())).transpose()?;
    let occasion = row.maybe_text(9)?.map(|occasion| of_code(&code, occasion.parse())).transpose()?;
    let mut issued = IssuedCode::new(code, row.instant(4)?).with_window(window);
    issued.holder = holder;
    issued.issued_by = by;
    issued.occasion = occasion;
    issued.batch = batch_of(row)?;
    issued.revocation = revocation_of(row)?;
    Ok(issued)
}
