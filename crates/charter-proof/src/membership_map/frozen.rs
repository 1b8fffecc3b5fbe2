//! The map as bytes, so that whoever keeps it reads it again and need not replay a log.
//!
//! Not a format for others: whoever writes it reads it, with a checksum of their own around it.

use std::io::{self, Read, Write};

use super::MembershipMap;
use super::node::{Fork, Leaf, Link, Packed, Sides, To};
use crate::canonical::Digest;

/// What stands before a node, so that it is known which kind follows.
const LEAF: u8 = 0;
const FEW: u8 = 1;
const MANY: u8 = 2;

impl MembershipMap {
    /// Writes all of it, as of the last [`MembershipMap::refresh`]: the leaves in the order of their numbers, then the
    /// divisions from the root down, the left side of each before the right one.
    pub fn freeze(&self, out: &mut impl Write) -> io::Result<()> {
        let leaves = u32::try_from(self.leaves.len()).map_err(io::Error::other)?;
        put(out, leaves)?;
        for leaf in self.leaves.iter() {
            out.write_all(leaf.key.as_bytes())?;
            out.write_all(leaf.hash.as_bytes())?;
            put(out, leaf.origin.event)?;
            put(out, leaf.origin.holder)?;
        }
        match self.root {
            Some(root) => self.freeze_below(root, out),
            None => Ok(()),
        }
    }

    fn freeze_below(&self, link: Link, out: &mut impl Write) -> io::Result<()> {
        let fork = match link.to() {
            To::Leaf(number) => {
                out.write_all(&[LEAF])?;
                return put(out, number);
            }
            To::Few(number) => {
                let fork = *self.few.get(number).ok_or_else(no_map)?;
                out.write_all(&[FEW, fork.bit])?;
                fork
            }
            To::Many(number) => {
                let fork = *self.many.get(number).ok_or_else(no_map)?;
                let Sides([left, right]) = self.sides.get(number).ok_or_else(no_map)?;
                out.write_all(&[MANY, fork.bit])?;
                out.write_all(left.as_bytes())?;
                out.write_all(right.as_bytes())?;
                fork
            }
        };
        self.freeze_below(fork.left, out)?;
        self.freeze_below(fork.right, out)
    }

    /// Reads what [`MembershipMap::freeze`] wrote.
    ///
    /// # Errors
    ///
    /// When the bytes end too early, or are no map.
    pub fn thaw(from: &mut impl Read) -> io::Result<Self> {
        let mut map = Self::default();
        let leaves = number(from)?;
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
        if leaves > 0 {
            let mut is_there = vec![false; usize::try_from(leaves).map_err(io::Error::other)?];
            map.root = Some(map.thaw_below(from, None, &mut is_there)?);
            if is_there.contains(&false) {
                return Err(no_map());
            }
        }
        Ok(map)
    }

    /// Reads a node and all below it. Whatever divides does so at a later bit than what is above it, and every leaf
    /// stands in one place.
    fn thaw_below(
        &mut self,
        from: &mut impl Read,
        above: Option<u8>,
        is_there: &mut [bool],
    ) -> io::Result<Link> {
        let [kind] = array(from)?;
        if kind == LEAF {
            let number = number(from)?;
            let place = usize::try_from(number).map_err(io::Error::other)?;
            let place = is_there.get_mut(place).filter(|is_there| !**is_there);
            *place.ok_or_else(no_map)? = true;
            return Link::leaf(number).ok_or_else(no_map);
        }
        let [bit] = array(from)?;
        if above.is_some_and(|above| above >= bit) {
            return Err(no_map());
        }
        let hashes = match kind {
            FEW => None,
            MANY => Some([digest(from)?, digest(from)?]),
            _ => return Err(no_map()),
        };
        let left = self.thaw_below(from, Some(bit), is_there)?;
        let right = self.thaw_below(from, Some(bit), is_there)?;
        let Some([left_hash, right_hash]) = hashes else {
            let fork = Fork::new(bit, left, right);
            return self.keep_few(fork).ok_or_else(no_map);
        };
        let sides = [(left, left_hash), (right, right_hash)];
        Ok(self.keep_many(bit, sides).0)
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
