//! What is known of codes: for a support desk and an admin page.

use sqlx::Database;

use crate::coupon::{Code, Coupon};
use crate::key::{CouponId, Namespace};
use crate::request::IssuedCode;
use crate::shop::Shop;
use crate::store::sql::{Dialect, Row, Statement};
use crate::store::{AdminError, AdminFailure, CodeRecord, StoreError, spellings};

use super::imports::uses_in;
use super::rows::{CODE, ISSUED, SHARED, batch_of, coupon_of, issued_code, read_code, revocation_of};
use super::{read_coupon, unusable, write};

const LOOK_UP: Statement = Statement {
    sqlite: include_str!("../../sqlite/admin/look_up.sql"),
    postgres: include_str!("../../postgres/admin/look_up.sql"),
};
const CODES_OF: Statement = Statement::both(include_str!("codes_of.sql"));
const COUNT: Statement =
    Statement::both("SELECT codes_issued, codes_prepared FROM coupon_definition WHERE namespace = $1 AND coupon = $2");

pub(super) async fn issued<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    code: &Code,
) -> Result<Option<(CouponId, IssuedCode)>, StoreError> {
    let rows = D::rows(connection, &CODE, vec![namespace.as_str().into(), code.as_str().into()]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    if row.int(2)? != ISSUED {
        return Ok(None);
    }
    Ok(Some((coupon_of(row)?, issued_code(row)?)))
}

pub(super) async fn look_up<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    shop: &Shop,
    entered: &str,
) -> Result<Option<CodeRecord>, AdminFailure> {
    let spelled: Vec<_> = spellings(entered).collect();
    let texts: Vec<&str> = spelled.iter().map(|(_, code)| code.as_str()).collect();
    let rows = D::rows(connection, &LOOK_UP, vec![namespace.as_str().into(), write(&texts)?.into()]).await?;
    for (format, code) in &spelled {
        for row in &rows {
            if row.text(0)? == code.as_str() {
                let terms = read_coupon(row.text(1)?, row.text(13)?)?;
                if terms.code_format() == *format {
                    return code_record(shop, &terms, row).map(Some);
                }
            }
        }
    }
    Ok(None)
}

pub(super) async fn codes_of<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    shop: &Shop,
    coupon: &CouponId,
    (after, limit): (Option<&Code>, u32),
) -> Result<Vec<CodeRecord>, AdminFailure> {
    let terms = super::definitions::definition::<D>(connection, namespace, coupon).await?;
    let terms = terms.ok_or_else(|| AdminError::UnknownCoupon { coupon: coupon.clone() })?;
    let after = after.map_or("", Code::as_str);
    let values = vec![namespace.as_str().into(), coupon.as_str().into(), after.into(), i64::from(limit).into()];
    let rows = D::rows(connection, &CODES_OF, values).await?;
    rows.iter().map(|row| code_record(shop, &terms, row)).collect()
}

/// A code with what became of it: the columns of `code.sql`, then the number of its uses, then those of an older system.
fn code_record(shop: &Shop, terms: &Coupon, row: &Row) -> Result<CodeRecord, AdminFailure> {
    let issuing = shop.issuing(terms).map_err(|error| unusable(terms.id(), error))?;
    let imported = row.maybe_text(12)?.map(|document| uses_in(terms.id(), document)).transpose()?.unwrap_or(0);
    let (issued, window) = match row.int(2)? {
        SHARED => (None, Some(issuing.validity())),
        ISSUED => {
            let issued = issued_code(row)?;
            let window = issuing.window_of(&issued);
            (Some(issued), window)
        }
        _ => (None, None),
    };
    Ok(CodeRecord {
        coupon: coupon_of(row)?,
        code: read_code(row.text(0)?)?,
        issued,
        batch: batch_of(row)?,
        revocation: revocation_of(row)?,
        uses: row.figure(11)?.saturating_add(imported),
        window,
    })
}

pub(super) async fn issued_count<D: Dialect>(
    connection: &mut <D as Database>::Connection,
    namespace: &Namespace,
    coupon: &CouponId,
) -> Result<u64, StoreError> {
    let rows = D::rows(connection, &COUNT, vec![namespace.as_str().into(), coupon.as_str().into()]).await?;
    rows.first().map_or(Ok(0), |row| Ok(row.figure(0)?.saturating_sub(row.figure(1)?)))
}
