//! Requests that carried an `Idempotency-Key`, and their sealed answers.

use charter_proof::canonical::Digest;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    OptionalRow, Result, Transaction, on,
    schema::idempotent_requests,
    types::{Sha256, Timestamp},
};

/// A request that was carried out before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    /// The digest of its method, path and body.
    pub request_digest: Digest,
    /// The sealed answer.
    pub answer: Vec<u8>,
}

/// Enters a request, or finds the one that was entered under the same identifier.
///
/// While another transaction that entered it is still open, this waits for its end.
pub async fn enter(
    tx: &mut Transaction,
    id: Digest,
    request: Digest,
    at: DateTime<Utc>,
) -> Result<Option<Earlier>> {
    let inserted = on!(&mut **tx, |c| diesel::insert_into(
        idempotent_requests::table
    )
    .values((
        idempotent_requests::id.eq(Sha256::from(id)),
        idempotent_requests::request_digest.eq(Sha256::from(request)),
        idempotent_requests::created_at.eq(Timestamp::from(at)),
    ))
    .on_conflict_do_nothing()
    .execute(c))?;
    if inserted == 1 {
        return Ok(None);
    }
    let row: Option<(Sha256, Option<Vec<u8>>)> = on!(&mut **tx, |c| idempotent_requests::table
        .find(Sha256::from(id))
        .select((
            idempotent_requests::request_digest,
            idempotent_requests::answer
        ))
        .first(c))
    .optional_row()?;
    Ok(row.map(|(digest, answer)| Earlier {
        request_digest: digest.into(),
        answer: answer.unwrap_or_default(),
    }))
}

/// Keeps the sealed answer of a request that was entered in this transaction.
pub async fn answer(tx: &mut Transaction, id: Digest, sealed: &[u8]) -> Result<()> {
    on!(&mut **tx, |c| diesel::update(
        idempotent_requests::table.find(Sha256::from(id))
    )
    .set(idempotent_requests::answer.eq(sealed))
    .execute(c))?;
    Ok(())
}

/// Forgets requests entered before `end`.
pub async fn forget_before(tx: &mut Transaction, end: DateTime<Utc>) -> Result<()> {
    on!(&mut **tx, |c| diesel::delete(
        idempotent_requests::table.filter(idempotent_requests::created_at.lt(Timestamp::from(end)))
    )
    .execute(c))?;
    Ok(())
}
