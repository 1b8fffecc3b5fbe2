//! What the log answers with: checkpoints, tiles, bundles of entries, and membership proofs.

use std::sync::Arc;

use charter_proof::{
    canonical::Digest,
    entry::Entry,
    keys::claim_hash,
    merkle::inclusion_proof,
    proof_file::{self, Leaf, MapProof, Pieces},
    replay::map_proof,
    tile::{ReadTile as _, Row, Tile, bundle},
    verify::Key,
};

use super::memory::{Log, LogError, Memory, Published};
use crate::storage::{Connection, log, records::Record};

/// A membership proof, and what it is of.
#[derive(Debug)]
pub struct Proof {
    /// The file's text.
    pub text: String,
    /// The checkpoint that it stands on.
    pub size: u64,
}

impl Log {
    /// The bytes of a tile or of a bundle of entries; none where the newest checkpoint does not have it.
    pub async fn tile(
        &self,
        conn: &mut Connection,
        tile: &Tile,
    ) -> Result<Option<Vec<u8>>, LogError> {
        let Some(newest) = self.newest() else {
            return Ok(None);
        };
        if !tile.is_in_tree(newest.checkpoint.size) {
            return Ok(None);
        }
        if tile.row() != Row::Entries {
            return Ok(self.memory().await.tiles().read(tile).ok());
        }
        let stored = log::entries(conn, tile.first(), u32::from(tile.width())).await?;
        if stored.len() < usize::from(tile.width()) {
            return Err(LogError::Missing(tile.first()));
        }
        let mut bytes = Vec::new();
        for (index, body) in stored {
            bundle::push(&mut bytes, &body).map_err(|_| LogError::Missing(index))?;
        }
        Ok(Some(bytes))
    }

    /// The proof that answers whether this key stands for a member of the charter; none before anything is published.
    pub async fn proof(
        &self,
        conn: &mut Connection,
        charter: &str,
        key: &Key,
    ) -> Result<Option<Proof>, LogError> {
        let memory = self.memory().await;
        // Where the mark could not be written, what is in memory is committed and not published yet.
        let is_of_memory =
            |newest: &Arc<Published>| newest.checkpoint.size == memory.replay().size();
        let Some(newest) = self.newest().filter(is_of_memory) else {
            return Ok(None);
        };
        let claim = match key {
            Key::Member(_) => None,
            Key::Claim(claim) => Some(way(conn, &memory, &claim_hash(charter, claim)).await?),
        };
        let holder = match (key, &claim) {
            (Key::Member(member), _) => Some(*member),
            (Key::Claim(asked), Some(way)) => held(way, &claim_hash(charter, asked)),
            (Key::Claim(_), None) => None,
        };
        let membership = match holder {
            None => None,
            Some(member) => {
                let asked = claim_hash(charter, &Key::Member(member).canonical());
                let way = way(conn, &memory, &asked).await?;
                Some((way, asked))
            }
        };
        let record = match &membership {
            Some((
                MapProof {
                    leaf: Some(Leaf::Member(value)),
                    ..
                },
                asked,
            )) if value.key_hash == *asked => Record::find_by_digest(conn, value.record).await?,
            _ => None,
        };
        let size = newest.checkpoint.size;
        let index = size - 1;
        let state = entry(conn, index).await?;
        let pieces = Pieces {
            claim: claim.as_ref(),
            keys: memory.replay().keys(),
            membership: membership.as_ref().map(|(way, _)| way),
            record: record.as_ref().map(|record| record.document.as_slice()),
            state: &state,
        };
        let damaged = || LogError::Missing(index);
        let extra = pieces.to_bytes().map_err(|_| damaged())?;
        let path = inclusion_proof(&memory.nodes(size), index, size).map_err(|_| damaged())?;
        Ok(Some(Proof {
            text: proof_file::write(&extra, index, &path, &newest.note),
            size,
        }))
    }
}

/// The way to where a key stands or would have to, with what stands there.
async fn way(conn: &mut Connection, memory: &Memory, key: &Digest) -> Result<MapProof, LogError> {
    let Some(path) = memory.replay().path(key) else {
        return Ok(MapProof {
            leaf: None,
            path: Vec::new(),
        });
    };
    let event = path.origin.event;
    let stored = entry(conn, event).await?;
    let parsed = Entry::parse(&stored)?;
    map_proof(&path, &parsed).ok_or(LogError::Missing(event))
}

/// Who holds a claim, by the leaf at the end of the way to it.
fn held(way: &MapProof, asked: &Digest) -> Option<uuid::Uuid> {
    match &way.leaf {
        Some(Leaf::Claim(value)) if value.key_hash == *asked => value.member,
        _ => None,
    }
}

async fn entry(conn: &mut Connection, index: u64) -> Result<Vec<u8>, LogError> {
    let stored = log::entries(conn, index, 1).await?.pop();
    let found = stored.filter(|(found, _)| *found == index);
    found.map(|(_, body)| body).ok_or(LogError::Missing(index))
}
