//! The map as bytes, so that whoever keeps it reads it again and need not replay a log.
//!
//! Not a format for others: whoever writes it reads it, with a checksum of their own around it.

use std::io::{self, Read, Write};

use super::MembershipMap;
use super::node::{Inner, Leaf, Link, Packed, To};
use crate::canonical::Digest;

/// What stands for the root of the map without leaves.
const NO_ROOT: u32 = u32::MAX;

impl MembershipMap {
    /// Writes all of it, as of the last [`MembershipMap::refresh`].
    pub fn freeze(&self, out: &mut impl Write) -> io::Result<()> {
        let root = self.root.map_or(NO_ROOT, |root| root.0);
        let (leaves, inners) = (self.leaves.len(), self.inners.len());
        put(out, root)?;
        put(out, u32::try_from(leaves).map_err(io::Error::other)?)?;
        put(out, u32::try_from(inners).map_err(io::Error::other)?)?;
        for leaf in self.leaves.iter() {
            out.write_all(leaf.key.as_bytes())?;
            out.write_all(leaf.hash.as_bytes())?;
            put(out, leaf.origin.event)?;
            put(out, leaf.origin.holder)?;
        }
        for inner in self.inners.iter() {
            out.write_all(inner.hash.as_bytes())?;
            put(out, inner.left.0)?;
            put(out, inner.right.0)?;
            out.write_all(&[inner.bit])?;
        }
        Ok(())
    }

    /// Reads what [`MembershipMap::freeze`] wrote.
    ///
    /// # Errors
    ///
    /// When the bytes end too early, or are no map.
    pub fn thaw(from: &mut impl Read) -> io::Result<Self> {
        let root = number(from)?;
        let (leaves, inners) = (number(from)?, number(from)?);
        let mut map = Self {
            root: (root != NO_ROOT).then_some(Link(root)),
            ..Self::default()
        };
        for _ in 0..leaves {
            let leaf = Leaf {
                key: digest(from)?,
                hash: digest(from)?,
                origin: Packed {
                    event: number(from)?,
                    holder: number(from)?,
                },
            };
            map.leaves.push(leaf).map_err(|_| no_map())?;
        }
        for _ in 0..inners {
            let inner = Inner {
                hash: digest(from)?,
                left: Link(number(from)?),
                right: Link(number(from)?),
                bit: array::<1>(from)?[0],
                is_stale: false,
            };
            map.inners.push(inner).map_err(|_| no_map())?;
        }
        map.is_a_trie().then_some(map).ok_or_else(no_map)
    }

    /// Whether every link leads to a node, and downwards.
    fn is_a_trie(&self) -> bool {
        let leads = |link: Link, above: Option<u8>| match link.to() {
            To::Leaf(leaf) => self.leaves.get(leaf).is_some(),
            To::Inner(inner) => {
                let inner = self.inners.get(inner);
                inner.is_some_and(|inner| above.is_none_or(|above| above < inner.bit))
            }
        };
        let mut inners = self.inners.iter();
        self.root.is_some() != self.leaves.is_empty()
            && self.root.is_none_or(|root| leads(root, None))
            && self.inners.len() == self.leaves.len().saturating_sub(1)
            && inners.all(|inner| {
                leads(inner.left, Some(inner.bit)) && leads(inner.right, Some(inner.bit))
            })
    }
}

fn no_map() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "these bytes are no map")
}

fn put(out: &mut impl Write, number: u32) -> io::Result<()> {
    out.write_all(&number.to_le_bytes())
}

fn array<const N: usize>(from: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn number(from: &mut impl Read) -> io::Result<u32> {
    array(from).map(u32::from_le_bytes)
}

fn digest(from: &mut impl Read) -> io::Result<Digest> {
    array(from).map(Digest::from_bytes)
}
