//! The log in bulk: what its entries name by digest, as far as it was published.

use charter_proof::{canonical::Digest, tile::Tile};

use super::memory::{Log, LogError};
use crate::storage::{Connection, charters::Published, log, records::Record};

/// An entry, and the record that it names.
#[derive(Debug)]
pub struct Told {
    /// The entry's index.
    pub index: u64,
    /// The entry, as the bytes of its leaf.
    pub entry: Vec<u8>,
    /// The record, where the entry names one.
    pub record: Option<Record>,
}

impl Log {
    /// How many entries were published: committed and marked.
    fn published(&self) -> u64 {
        self.newest().map_or(0, |newest| newest.checkpoint.size)
    }

    /// Whether the newest checkpoint reaches as far as this bundle.
    pub fn has(&self, bundle: &Tile) -> bool {
        bundle.is_in_tree(self.published())
    }

    /// The records of a bundle's entries as lines of JSON, `null` where an entry has none; none where the newest
    /// checkpoint does not reach so far.
    pub async fn records(
        &self,
        conn: &mut Connection,
        bundle: &Tile,
    ) -> Result<Option<Vec<u8>>, LogError> {
        if !self.has(bundle) {
            return Ok(None);
        }
        let (from, width) = (bundle.first(), u64::from(bundle.width()));
        let records = Record::appended_since(conn, from, from + width).await?;
        let mut records = records.into_iter().peekable();
        let mut lines = Vec::new();
        for index in from..from + width {
            match records.next_if(|record| record.log_index == index) {
                Some(Record {
                    document: Some(document),
                    ..
                }) => lines.extend_from_slice(&document),
                Some(Record { digest, .. }) => {
                    lines.extend_from_slice(format!("{{\"redacted\":\"{digest}\"}}").as_bytes());
                }
                None => lines.extend_from_slice(b"null"),
            }
            lines.push(b'\n');
        }
        Ok(Some(lines))
    }

    /// The canonical document of a charter's version, by its digest; none where no published entry names it.
    pub async fn charter(
        &self,
        conn: &mut Connection,
        digest: Digest,
    ) -> Result<Option<Vec<u8>>, LogError> {
        let size = self.published();
        let found = Published::find_by_digest(conn, digest).await?;
        let found = found.filter(|version| version.log_index < size);
        Ok(found.map(|version| version.document))
    }

    /// At most `limit` published entries from `from` on, each with its record, and whether more follow.
    pub async fn told(
        &self,
        conn: &mut Connection,
        from: u64,
        limit: u32,
    ) -> Result<(Vec<Told>, bool), LogError> {
        let end = self.published().min(from.saturating_add(u64::from(limit)));
        let Some(count) = end.checked_sub(from).filter(|count| *count > 0) else {
            return Ok((Vec::new(), false));
        };
        let entries = log::entries(conn, from, u32::try_from(count).unwrap_or(limit)).await?;
        let records = Record::appended_since(conn, from, end).await?;
        let mut records = records.into_iter().peekable();
        let told = entries.into_iter().map(|(index, entry)| Told {
            index,
            entry,
            record: records.next_if(|record| record.log_index == index),
        });
        Ok((told.collect(), end < self.published()))
    }
}
