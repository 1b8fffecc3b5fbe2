//! A log as far as it was read, as bytes: see [`MembershipMap::freeze`](crate::membership_map::MembershipMap::freeze).

use std::io::{self, Read, Write};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Position, Replay};
use crate::canonical::Digest;
use crate::keys::KeyList;
use crate::membership_map::{self, Undo};
use crate::merkle::Frontier;

/// More than a key list ever is.
const LONGEST: u64 = 1 << 24;

#[derive(Serialize, Deserialize)]
struct Frozen {
    size: u64,
    peaks: Vec<Digest>,
    keys: KeyList,
    origin: String,
    last_at: Option<DateTime<Utc>>,
    ends_with_state: bool,
}

impl Replay {
    /// How many keys the map has: the numbers of those that come next begin there.
    pub fn keys_in_map(&self) -> u32 {
        u32::try_from(self.map.len()).unwrap_or(u32::MAX)
    }

    /// The numbers of the map's keys whose values changed since the last [`Replay::settle`], and how many entries there
    /// were then.
    pub fn changed(&self) -> (u64, Vec<u32>) {
        let mut changed: Vec<u32> = self.undos.iter().map(Undo::number).collect();
        changed.sort_unstable();
        changed.dedup();
        (self.settled.tree.size(), changed)
    }

    /// Writes what was taken in, settled or not: of the map's keys those from this number on, and those that changed.
    ///
    /// # Errors
    ///
    /// When an entry is awaited that belongs to the last.
    pub fn freeze(&self, from: u32, changed: &[u32], out: &mut impl Write) -> io::Result<()> {
        if self.now.coming.is_some() {
            return Err(io::Error::other("the next entry belongs to the last"));
        }
        let now = &self.now;
        let frozen = serde_json::to_vec(&Frozen {
            size: now.tree.size(),
            peaks: now.tree.peaks().to_vec(),
            keys: now.keys.clone(),
            origin: now.origin.clone(),
            last_at: now.last_at,
            ends_with_state: now.ends_with_state,
        })?;
        let length = u64::try_from(frozen.len()).map_err(io::Error::other)?;
        out.write_all(&length.to_le_bytes())?;
        out.write_all(&frozen)?;
        self.map.freeze(from, changed, out)
    }
}

/// A log that is read as it was written, part after part.
#[derive(Debug, Default)]
pub struct Thawing {
    now: Option<Position>,
    map: membership_map::Thawing,
}

impl Thawing {
    /// Reads what [`Replay::freeze`] wrote after that which was read before.
    ///
    /// # Errors
    ///
    /// When the bytes end too early, or are nothing of the kind.
    pub fn read(&mut self, from: &mut impl Read) -> io::Result<()> {
        let mut length = [0; 8];
        from.read_exact(&mut length)?;
        let length = u64::from_le_bytes(length);
        let mut frozen = Vec::new();
        from.take(length.min(LONGEST)).read_to_end(&mut frozen)?;
        let frozen: Frozen = serde_json::from_slice(&frozen)?;
        let tree = Frontier::from_peaks(frozen.size, frozen.peaks);
        self.now = Some(Position {
            tree: tree.ok_or(io::ErrorKind::InvalidData)?,
            keys: frozen.keys,
            origin: frozen.origin,
            last_at: frozen.last_at,
            coming: None,
            ends_with_state: frozen.ends_with_state,
        });
        self.map.read(from)
    }

    /// How many entries the log has by what was read last.
    pub fn size(&self) -> u64 {
        self.now.as_ref().map_or(0, |now| now.tree.size())
    }

    /// The log.
    ///
    /// # Errors
    ///
    /// When nothing was read, or two keys of the map are one.
    pub fn finish(self) -> io::Result<Replay> {
        let now = self.now.ok_or(io::ErrorKind::InvalidData)?;
        Ok(Replay {
            settled: Box::new(now.clone()),
            now,
            map: self.map.finish()?,
            undos: Vec::new(),
        })
    }
}
