//! What is laid down of a contradiction: a file that a third party checks with `charter-proof` alone.

use std::{
    collections::BTreeSet,
    fs::{File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use charter_proof::{
    audit::Bad,
    canonical::Digest,
    entry::Event,
    evidence::{Bytes, Claim, Evidence, Lists, Stated},
    keys::KeyList,
    merkle::leaf_hash,
    note::Checkpoint,
    replay::{Broken, Fault},
    tile::{Row, Tile, bundle},
};

use super::{
    check::{Item, Line},
    source::Source,
    tree::SignedTree,
};
use crate::storage::{self, Connection, log};

/// How many entries a file holds at most. A longer log is evidence itself, for whoever replays it.
const MOST_ENTRIES: u64 = 100_000;

/// How many entries are read at a time.
const WINDOW: u32 = 1_000;

/// Writes a file in the data folder, there whole or not at all, and returns its name.
pub fn lay_down(data: &Path, size: u64, evidence: &Evidence) -> io::Result<String> {
    let name = format!("evidence-{size}.json");
    let (path, new) = (data.join(&name), data.join(format!("{name}.new")));
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o644);
    let mut file = options.open(&new)?;
    file.write_all(&evidence.to_bytes())?;
    file.sync_all()?;
    std::fs::rename(&new, &path)?;
    File::open(data)?.sync_all()?;
    Ok(name)
}

/// A signed tree, and where the entries are of which it consists.
pub struct Scene<'a> {
    /// The signed checkpoint.
    pub note: &'a str,
    /// Its tree.
    pub tree: &'a SignedTree,
    /// Where what is not at hand is fetched.
    pub source: &'a Source,
}

impl Scene<'_> {
    const fn checkpoint(&self) -> &Checkpoint {
        self.tree.checkpoint()
    }

    /// That an entry breaks the rules of the log, whose entries up to it are stored.
    pub async fn of_entry(
        &self,
        conn: &mut Connection,
        broken: &Broken,
    ) -> Result<Option<Claim>, storage::Error> {
        let index = broken.index;
        let is_by_itself = matches!(broken.fault, Fault::Entry(_) | Fault::Beginning);
        if is_by_itself {
            return self.of_entry_alone(conn, index).await;
        }
        if index >= MOST_ENTRIES {
            return Ok(None);
        }
        let entries = stored(conn, index + 1).await?;
        let size = index + 1;
        let tree = self.looked_into(conn, &[index]).await?;
        let path = tree.and_then(|tree| tree.consistency(size));
        Ok(path.map(|path| Claim::Log {
            checkpoint: self.note.to_owned(),
            entries,
            path,
        }))
    }

    /// That an entry is none, whatever stands before it.
    pub async fn of_entry_alone(
        &self,
        conn: &mut Connection,
        index: u64,
    ) -> Result<Option<Claim>, storage::Error> {
        let Some((_, entry)) = log::entries(conn, index, 1).await?.pop() else {
            return Ok(None);
        };
        let tree = self.looked_into(conn, &[index]).await?;
        Ok(tree.and_then(|tree| {
            Some(Claim::Entry {
                checkpoint: self.note.to_owned(),
                entry: Bytes(entry),
                index,
                path: tree.inclusion(index)?,
            })
        }))
    }

    /// That the first entry is that of another log.
    pub async fn of_origin(&self, conn: &mut Connection) -> Result<Option<Claim>, storage::Error> {
        let entries = stored(conn, 1).await?;
        let tree = self.looked_into(conn, &[0]).await?;
        let path = tree.and_then(|tree| tree.consistency(1));
        Ok(path.map(|path| Claim::Log {
            checkpoint: self.note.to_owned(),
            entries,
            path,
        }))
    }

    /// That a record which an entry of this piece names is none.
    pub async fn of_record(
        &self,
        conn: &mut Connection,
        items: &[Item],
        bad: &Bad,
        keys: &KeyList,
    ) -> Result<Option<Claim>, storage::Error> {
        let item = items.iter().find(|item| item.index == bad.index);
        let Some((item, Line::Document(record, _))) = item.map(|item| (item, &item.line)) else {
            return Ok(None);
        };
        let Some((tree, stated)) = self.stated(conn, item.index, keys).await? else {
            return Ok(None);
        };
        Ok(tree.inclusion(item.index).map(|path| Claim::Record {
            checkpoint: self.note.to_owned(),
            entry: Bytes(item.bytes.to_vec()),
            index: item.index,
            path,
            record: Bytes(record.to_vec()),
            stated,
        }))
    }

    /// The key list as the last entry states it, if these are the keys; and the tree, looked into at an entry, too.
    async fn stated(
        &self,
        conn: &mut Connection,
        index: u64,
        keys: &KeyList,
    ) -> Result<Option<(SignedTree, Stated)>, storage::Error> {
        let last = self.checkpoint().size.saturating_sub(1);
        let Some(tree) = self.looked_into(conn, &[index]).await? else {
            return Ok(None);
        };
        let tile = Tile::of_tree(Row::Entries, last / 256, self.checkpoint().size);
        let Some(tile) = tile else {
            return Ok(None);
        };
        let Ok(bytes) = self.source.tile(&tile).await else {
            return Ok(None);
        };
        let entries = bundle::entries(&bytes).map(|entry| entry.map(<[u8]>::to_vec));
        let entries: Result<Vec<Vec<u8>>, _> = entries.collect();
        let Some(entries) = entries
            .ok()
            .filter(|entries| tree.leaves(&tile, entries).is_some())
        else {
            return Ok(None);
        };
        let leaves = entries.iter().map(|entry| leaf_hash(entry)).collect();
        let tree = tree.looked_into(last / 256, leaves);
        let state = entries.last().cloned().unwrap_or_default();
        let said = charter_proof::entry::Entry::parse(&state).map(|entry| entry.event);
        let is_it = matches!(said, Ok(Event::State { keys: said, .. }) if said == keys.digest());
        let path = tree.inclusion(last).filter(|_| is_it);
        Ok(path.map(|path| {
            let keys = keys.clone();
            let state = Bytes(state);
            (tree, Stated { keys, path, state })
        }))
    }

    /// The tree with the leaves around these entries, which are stored.
    async fn looked_into(
        &self,
        conn: &mut Connection,
        near: &[u64],
    ) -> Result<Option<SignedTree>, storage::Error> {
        let mut tree = self.tree.clone();
        // A proof about n entries also looks to the right of the last.
        let bundles: BTreeSet<u64> = near.iter().map(|index| index / 256).collect();
        for index in bundles {
            let Some(tile) = Tile::of_tree(Row::Entries, index, self.checkpoint().size) else {
                return Ok(None);
            };
            let width = u32::from(tile.width());
            let entries = log::entries(conn, tile.first(), width).await?;
            let entries: Vec<Vec<u8>> = entries.into_iter().map(|(_, entry)| entry).collect();
            if tree.leaves(&tile, &entries).is_none() {
                return Ok(None);
            }
            let leaves = entries.iter().map(|entry| leaf_hash(entry)).collect();
            tree = tree.looked_into(index, leaves);
        }
        Ok(Some(tree))
    }
}

/// That status lists are not those of the log that is kept, if it is short enough to be shown.
pub async fn of_lists(
    conn: &mut Connection,
    note: &str,
    size: u64,
    lists: Vec<Lists>,
) -> Result<Option<Claim>, storage::Error> {
    if size > MOST_ENTRIES {
        return Ok(None);
    }
    Ok(Some(Claim::StatusLists {
        checkpoint: note.to_owned(),
        entries: stored(conn, size).await?,
        lists,
    }))
}

/// That the newer of two checkpoints does not continue the older: `root` is what it has in its place.
pub fn of_fork(newer: &str, older: &str, root: Option<Digest>, path: Vec<Digest>) -> Claim {
    Claim::Fork {
        newer: newer.to_owned(),
        older: older.to_owned(),
        path,
        root,
    }
}

/// The first entries as they are stored.
async fn stored(conn: &mut Connection, size: u64) -> Result<Vec<Bytes>, storage::Error> {
    let mut all = Vec::new();
    let mut from = 0;
    while from < size {
        let many = u32::try_from(size - from).map_or(WINDOW, |many| many.min(WINDOW));
        let window = log::entries(conn, from, many).await?;
        if window.is_empty() {
            break;
        }
        for (index, entry) in window {
            all.push(Bytes(entry));
            from = index + 1;
        }
    }
    Ok(all)
}
