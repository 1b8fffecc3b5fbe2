//! The rows of files: each is there before its file, and goes after it.

use std::collections::BTreeSet;

use charter_proof::canonical::Digest;
use chrono::{DateTime, Utc};
use diesel::{dsl::exists, prelude::*};
use diesel_async::RunQueryDsl;

use crate::storage::{
    Connection, Result, Transaction, on,
    schema::{files, memoranda},
    types::{Sha256, Timestamp},
};

/// Notes that a file is about to be kept; whoever sweeps it at this moment goes first.
pub(super) async fn touch(tx: &mut Transaction, digest: Digest, at: DateTime<Utc>) -> Result<()> {
    on!(&mut **tx, |c| diesel::insert_into(files::table)
        .values((
            files::digest.eq(Sha256::from(digest)),
            files::touched_at.eq(Timestamp::from(at)),
        ))
        .on_conflict(files::digest)
        .do_update()
        .set(files::touched_at.eq(Timestamp::from(at)))
        .execute(c))?;
    Ok(())
}

/// The files that no memorandum names and that nobody touched since.
pub(super) async fn unnamed(conn: &mut Connection, before: DateTime<Utc>) -> Result<Vec<Digest>> {
    let rows: Vec<Sha256> = on!(conn, |c| files::table
        .left_join(memoranda::table.on(memoranda::file_digest.eq(files::digest.nullable())))
        .filter(files::touched_at.lt(Timestamp::from(before)))
        .filter(memoranda::file_digest.is_null())
        .select(files::digest)
        .load(c))?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Takes the row of a file away if still no memorandum names it and nobody touched it; its lock is held from then on.
pub(super) async fn release(
    tx: &mut Transaction,
    digest: Digest,
    before: DateTime<Utc>,
) -> Result<bool> {
    if is_named(tx, digest).await? {
        return Ok(false);
    }
    let released = on!(&mut **tx, |c| diesel::delete(
        files::table
            .filter(files::digest.eq(Sha256::from(digest)))
            .filter(files::touched_at.lt(Timestamp::from(before)))
    )
    .execute(c))?;
    Ok(released == 1)
}

/// Takes the row's lock until the transaction ends; says whether there is one.
pub(super) async fn lock(tx: &mut Transaction, digest: Digest) -> Result<bool> {
    let locked = on!(&mut **tx, |c| diesel::update(
        files::table.filter(files::digest.eq(Sha256::from(digest)))
    )
    .set(files::touched_at.eq(files::touched_at))
    .execute(c))?;
    Ok(locked == 1)
}

/// Takes the row of a file away if no memorandum names it, however recently it was touched; its lock is held from then
/// on. Without a row nothing is taken away: then it is the sweep's.
pub(super) async fn drop_unnamed(tx: &mut Transaction, digest: Digest) -> Result<bool> {
    if !lock(tx, digest).await? || is_named(tx, digest).await? {
        return Ok(false);
    }
    forget(tx, digest).await?;
    Ok(true)
}

async fn is_named(conn: &mut Connection, digest: Digest) -> Result<bool> {
    on!(conn, |c| diesel::select(exists(
        memoranda::table.filter(memoranda::file_digest.eq(Sha256::from(digest)))
    ))
    .get_result(c))
}

/// Enters a row for a file that has none; not if it has one by now.
pub(super) async fn reserve(
    tx: &mut Transaction,
    digest: Digest,
    at: DateTime<Utc>,
) -> Result<bool> {
    let reserved = on!(&mut **tx, |c| diesel::insert_into(files::table)
        .values((
            files::digest.eq(Sha256::from(digest)),
            files::touched_at.eq(Timestamp::from(at)),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(reserved == 1)
}

/// Takes a row away.
pub(super) async fn forget(tx: &mut Transaction, digest: Digest) -> Result<()> {
    on!(&mut **tx, |c| diesel::delete(
        files::table.filter(files::digest.eq(Sha256::from(digest)))
    )
    .execute(c))?;
    Ok(())
}

/// Which of these files have rows.
pub(super) async fn like(conn: &mut Connection, digests: &[Digest]) -> Result<BTreeSet<Digest>> {
    let (Some(first), Some(last)) = (digests.iter().min(), digests.iter().max()) else {
        return Ok(BTreeSet::new());
    };
    let rows: Vec<Sha256> = on!(conn, |c| files::table
        .filter(files::digest.ge(Sha256::from(*first)))
        .filter(files::digest.le(Sha256::from(*last)))
        .select(files::digest)
        .load(c))?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Whether a file was touched since: it may be on its way.
pub(super) async fn is_fresh(
    conn: &mut Connection,
    digest: Digest,
    since: DateTime<Utc>,
) -> Result<bool> {
    on!(conn, |c| diesel::select(exists(
        files::table
            .filter(files::digest.eq(Sha256::from(digest)))
            .filter(files::touched_at.ge(Timestamp::from(since)))
    ))
    .get_result(c))
}
