//! What the log answers with: checkpoints, tiles, bundles of entries, and membership proofs.

use std::sync::Arc;

use charter_proof::{
    canonical::Digest,
    entry::{Entry, Status},
    keys::{KeyList, claim_hash},
    membership_map::{ClaimValue, Holder, MemberValue},
    merkle::inclusion_proof,
    proof_file::{self, Leaf, MapProof, Pieces, Way},
    replay::{Replay, map_proof},
    tile::{ReadTile as _, Row, Tile, TiledNodes, bundle},
    verify::Key,
};
use uuid::Uuid;

use super::{
    memory::{Log, LogError, Memory, Published},
    tiles::Tiles,
};
use crate::{
    buffers::{self, Lent},
    storage::{Connection, log, records::Record},
};

/// A membership proof, and what it is of.
#[derive(Debug)]
pub struct Proof {
    /// The file's text.
    pub text: String,
    /// A digest that differs where the text does.
    pub tag: Digest,
}

/// What every proof that stands on one checkpoint has.
#[derive(Debug, Clone)]
pub(super) struct Ending {
    keys: Vec<u8>,
    state: Vec<u8>,
    text: String,
    tag: Digest,
}

impl Ending {
    /// None where the tree does not have the hashes of so many entries.
    pub(super) fn of(
        keys: &KeyList,
        state: Vec<u8>,
        nodes: &TiledNodes<'_, Tiles>,
        size: u64,
        note: &str,
    ) -> Option<Self> {
        let index = size.checked_sub(1)?;
        let path = inclusion_proof(nodes, index, size).ok()?;
        Some(Self {
            keys: keys.to_bytes(),
            state,
            text: proof_file::end(index, &path, note),
            tag: Digest::of(note.as_bytes()),
        })
    }

    /// The same under the same checkpoint with further signatures; none where this does not end with that.
    pub(super) fn under(&self, checkpoint: &str, with_more: &str) -> Option<Self> {
        let path = self.text.strip_suffix(checkpoint)?;
        Some(Self {
            text: format!("{path}{with_more}"),
            tag: Digest::of(with_more.as_bytes()),
            ..self.clone()
        })
    }

    /// The proof of a question from the ways to its answer.
    fn proof(
        &self,
        asked: &Digest,
        claim: Option<&Way>,
        membership: Option<&Way>,
        record: Option<&[u8]>,
    ) -> Proof {
        let pieces = Pieces {
            claim,
            keys: &self.keys,
            membership,
            record,
            state: &self.state,
        };
        let mut extra = Lent(buffers::take());
        // Empty room is text.
        let mut text = String::from_utf8(buffers::take()).unwrap_or_default();
        pieces.append_to(&mut extra.0);
        proof_file::write_into(&mut text, &extra.0, &self.text);
        Proof {
            text,
            tag: Digest::of_parts(&[self.tag.as_bytes(), asked.as_bytes()]),
        }
    }
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
        let Some(newest) = self.standing(&memory) else {
            return Ok(None);
        };
        let replay = newest.replay(&memory);
        let claim = match key {
            Key::Member(_) => None,
            Key::Claim(claim) => Some(way(conn, replay, &claim_hash(charter, claim)).await?),
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
                let way = way(conn, replay, &asked).await?;
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
        let proof = newest.ending.proof(
            &claim_hash(charter, &key.canonical()),
            claim.as_ref().map(Way::from).as_ref(),
            membership.as_ref().map(|(way, _)| way.into()).as_ref(),
            record
                .as_ref()
                .and_then(|record| record.document.as_deref()),
        );
        Ok(Some(proof))
    }

    /// The same proof without the database, of a key that a present or former member holds; none where this cannot be
    /// told from what is at hand.
    ///
    /// `newest` gives a member's newest record, its digest and the member's status. Where they are not those that the map
    /// has, or somebody is changing it just now, nothing is answered.
    pub fn proof_at_hand(
        &self,
        charter: &str,
        key: &Key,
        newest: impl FnOnce(Uuid) -> Option<(Vec<u8>, Digest, Status)>,
    ) -> Option<Proof> {
        let memory = self.try_memory()?;
        let published = self.standing(&memory)?;
        let replay = published.replay(&memory);
        let asked = claim_hash(charter, &key.canonical());
        let (claim, member, key_hash) = match key {
            Key::Member(member) => (None, *member, asked),
            Key::Claim(_) => {
                let path = replay.path(&asked)?;
                let Holder::Held(number) = path.origin.holder else {
                    return None;
                };
                let member = memory.members().of(number)?;
                let leaf = Leaf::Claim(ClaimValue {
                    charter: charter.to_owned(),
                    event: path.origin.event,
                    key_hash: asked,
                    member: Some(member),
                });
                let key_hash = replay.map().key(number)?;
                (Some(Way::proved(path, &leaf)?), member, key_hash)
            }
        };
        let path = replay.path(&key_hash)?;
        let (record, digest, status) = newest(member)?;
        let record = Lent(record);
        // What was redacted is told by the database.
        if record.0.is_empty() {
            return None;
        }
        let leaf = Leaf::Member(MemberValue {
            charter: charter.to_owned(),
            event: path.origin.event,
            key_hash,
            record: digest,
            status,
        });
        let membership = Way::proved(path, &leaf)?;
        let (claim, membership) = (claim.as_ref(), Some(&membership));
        let proof = published
            .ending
            .proof(&asked, claim, membership, Some(&record.0));
        Some(proof)
    }

    /// The checkpoint at which proofs stand, if its map is at hand: where the mark could not be written, what is in
    /// memory is committed and not published yet.
    fn standing(&self, memory: &Memory) -> Option<Arc<Published>> {
        let served = self.served()?;
        (served.replay(memory).size() == served.checkpoint.size).then_some(served)
    }
}

/// The way to where a key stands or would have to, with what stands there.
async fn way(conn: &mut Connection, replay: &Replay, key: &Digest) -> Result<MapProof, LogError> {
    let Some(path) = replay.path(key) else {
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
fn held(way: &MapProof, asked: &Digest) -> Option<Uuid> {
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
