//! What was cosigned: by this program as a witness of other logs, and by the registry's own witnesses.

use charter_proof::{canonical::Digest, merkle::empty_root};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    Connection, OptionalRow as _, Result, Transaction, log, on,
    schema::{witnessed_head, witnessed_logs},
    types::Sha256,
};

/// How far a witness knows a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// The size that it cosigned last; 0 before the first time.
    pub size: u64,
    /// The root of that.
    pub root: Digest,
}

/// How far a log is known, and its row's lock: nobody else can cosign for it until the transaction ends.
pub async fn lock(tx: &mut Transaction, origin: &str) -> Result<Known> {
    on!(&mut **tx, |c| diesel::insert_into(witnessed_logs::table)
        .values((
            witnessed_logs::origin.eq(origin),
            witnessed_logs::size.eq(0_i64),
            witnessed_logs::root.eq(Sha256::from(empty_root())),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    let (size, root): (i64, Sha256) = on!(&mut **tx, |c| diesel::update(
        witnessed_logs::table.find(origin)
    )
    .set(witnessed_logs::size.eq(witnessed_logs::size))
    .returning((witnessed_logs::size, witnessed_logs::root))
    .get_result(c))?;
    Ok(Known {
        size: log::index(size)?,
        root: root.into(),
    })
}

/// Keeps what is cosigned now: in a transaction that holds the log's lock.
pub async fn keep(tx: &mut Transaction, origin: &str, known: Known, note: &str) -> Result<()> {
    let size = log::column(known.size)?;
    on!(&mut **tx, |c| diesel::update(
        witnessed_logs::table.find(origin)
    )
    .set((
        witnessed_logs::size.eq(size),
        witnessed_logs::root.eq(Sha256::from(known.root)),
        witnessed_logs::checkpoint.eq(note),
    ))
    .execute(c))?;
    Ok(())
}

/// The checkpoint of a log that was cosigned last, a signed note.
pub async fn checkpoint(conn: &mut Connection, origin: &str) -> Result<Option<String>> {
    let found: Option<Option<String>> = on!(conn, |c| witnessed_logs::table
        .find(origin)
        .select(witnessed_logs::checkpoint)
        .first(c))
    .optional_row()?;
    Ok(found.flatten())
}

/// What the registry may serve by its own witnesses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// The newest checkpoint that had its quorum, a signed note with the cosignatures.
    pub checkpoint: Option<String>,
    /// Since which entry checkpoints are served without a quorum, because an operator said so.
    pub overridden: Option<u64>,
}

/// What the registry may serve by its own witnesses.
pub async fn standing(conn: &mut Connection) -> Result<Standing> {
    let (checkpoint, overridden): (Option<String>, Option<i64>) =
        on!(conn, |c| witnessed_head::table
            .select((witnessed_head::checkpoint, witnessed_head::overridden))
            .first(c))?;
    Ok(Standing {
        checkpoint,
        overridden: overridden.map(log::index).transpose()?,
    })
}

/// The same, and its row's lock.
pub async fn lock_standing(tx: &mut Transaction) -> Result<Standing> {
    let (checkpoint, overridden): (Option<String>, Option<i64>) =
        on!(&mut **tx, |c| diesel::update(witnessed_head::table)
            .set(witnessed_head::id.eq(witnessed_head::id))
            .returning((witnessed_head::checkpoint, witnessed_head::overridden))
            .get_result(c))?;
    Ok(Standing {
        checkpoint,
        overridden: overridden.map(log::index).transpose()?,
    })
}

/// Keeps what may be served from now on, in a transaction that holds its lock.
pub async fn keep_standing(tx: &mut Transaction, standing: &Standing) -> Result<()> {
    let overridden = standing.overridden.map(log::column).transpose()?;
    on!(&mut **tx, |c| diesel::update(witnessed_head::table)
        .set((
            witnessed_head::checkpoint.eq(standing.checkpoint.as_deref()),
            witnessed_head::overridden.eq(overridden),
        ))
        .execute(c))?;
    Ok(())
}

/// Lets checkpoints be served without a quorum from this entry on.
pub async fn override_from(tx: &mut Transaction, entry: u64) -> Result<()> {
    let mut standing = lock_standing(tx).await?;
    standing.overridden = Some(entry);
    keep_standing(tx, &standing).await
}
