//! Whether a backup that was put back holds together.

use std::collections::BTreeSet;

use charter_proof::canonical::Digest;

use super::{BackupError, LogState};
use crate::storage::{
    Database, audit,
    backup::{self, Copied},
    keys::SigningKey,
    log,
};

/// Compares a restored database with what was copied; returns the state of its log and its public keys.
pub(super) async fn check(
    database: &Database,
    copied: &Copied,
    files: &[Digest],
) -> Result<(LogState, Vec<u8>), BackupError> {
    let damaged = |what: String| Err(BackupError::Damaged(what));
    if !backup::is_whole(database).await? {
        return damaged("SQLite finds the database file damaged".into());
    }
    let mut conn = database.read().await?;
    let rows = backup::rows(&mut conn).await?;
    for table in &copied.tables {
        let found = rows.get(&table.name).copied().unwrap_or_default();
        if found != table.rows {
            let (name, expected) = (&table.name, table.rows);
            return damaged(format!(
                "table {name} has {found} rows instead of {expected}"
            ));
        }
    }
    let present: BTreeSet<_> = files.iter().collect();
    let named = backup::named_files(&mut conn).await?;
    if let Some(missing) = named.iter().find(|digest| !present.contains(digest)) {
        return damaged(format!("file {missing} is named, but is not there"));
    }
    let head = log::head(&mut conn).await?;
    let count = log::count(&mut conn).await?;
    if count != head.size {
        let size = head.size;
        return damaged(format!("the log has {count} entries instead of {size}"));
    }
    let last = match head.size.checked_sub(1) {
        Some(index) => log::entries(&mut conn, index, 1).await?.pop(),
        None => None,
    };
    let audit = audit::head(&mut conn).await?;
    let keys = SigningKey::list(&SigningKey::all(&mut conn).await?);
    let keys = serde_json::to_vec_pretty(&keys).unwrap_or_default();
    let state = LogState {
        size: head.size,
        last_at: head.last_at,
        last_entry: last.map(|(_, body)| Digest::of(&body).prefixed()),
        audit_size: audit.size,
        audit_head: audit.hash,
    };
    Ok((state, keys))
}
