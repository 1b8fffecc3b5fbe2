//! A log as far as it was read, as bytes: see [`MembershipMap::freeze`].

use std::io::{self, Read, Write};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Position, Replay};
use crate::canonical::Digest;
use crate::keys::KeyList;
use crate::membership_map::MembershipMap;
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
    /// Writes what was taken in, all of which must be settled.
    pub fn freeze(&self, out: &mut impl Write) -> io::Result<()> {
        if !self.undos.is_empty() || self.now.coming.is_some() {
            return Err(io::Error::other("what was taken in is not settled yet"));
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
        self.map.freeze(out)
    }

    /// Reads what [`Replay::freeze`] wrote.
    ///
    /// # Errors
    ///
    /// When the bytes end too early, or are nothing of the kind.
    pub fn thaw(from: &mut impl Read) -> io::Result<Self> {
        let mut length = [0; 8];
        from.read_exact(&mut length)?;
        let length = u64::from_le_bytes(length);
        let mut frozen = Vec::new();
        from.take(length.min(LONGEST)).read_to_end(&mut frozen)?;
        let frozen: Frozen = serde_json::from_slice(&frozen)?;
        let tree = Frontier::from_peaks(frozen.size, frozen.peaks);
        let now = Position {
            tree: tree.ok_or(io::ErrorKind::InvalidData)?,
            keys: frozen.keys,
            origin: frozen.origin,
            last_at: frozen.last_at,
            coming: None,
            ends_with_state: frozen.ends_with_state,
        };
        Ok(Self {
            settled: Box::new(now.clone()),
            now,
            map: MembershipMap::thaw(from)?,
            undos: Vec::new(),
        })
    }
}
