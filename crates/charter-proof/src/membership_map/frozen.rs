//! The map as bytes, so that whoever keeps it reads it again and need not replay a log: its leaves, in the order of their
//! numbers. Where they divide, and the hashes above them, follow from those.
//!
//! Not a format for others: whoever writes it reads it, with a checksum of their own around it.

use std::io::{self, Read, Write};

use super::arena::Arena;
use super::node::{Fork, Leaf, Link, Packed};
use super::trie::MANY;
use super::{MembershipMap, goes_right, inner_hash};
use crate::canonical::Digest;

/// How many bits of a key are compared before the key is looked at.
const BEGINNING: u8 = 32;

/// How many leaves at most are read at once before what divides them is hashed.
const AHEAD: usize = 128;

impl MembershipMap {
    /// Writes the leaves from this number on, and those before it that changed.
    pub fn freeze(&self, from: u32, changed: &[u32], out: &mut impl Write) -> io::Result<()> {
        let count = u32::try_from(self.leaves.len()).map_err(io::Error::other)?;
        put(out, count.saturating_sub(from))?;
        for leaf in self.leaves.iter_from(from) {
            put_leaf(out, leaf)?;
        }
        let changed = changed.iter().filter(|number| **number < from);
        put(
            out,
            u32::try_from(changed.clone().count()).map_err(io::Error::other)?,
        )?;
        for number in changed {
            put(out, *number)?;
            put_leaf(out, self.leaves.get(*number).ok_or_else(no_map)?)?;
        }
        Ok(())
    }
}

/// A map whose leaves are read, part after part.
#[derive(Debug, Default)]
pub struct Thawing {
    leaves: Arena<Leaf>,
}

impl Thawing {
    /// Reads what [`MembershipMap::freeze`] wrote after that which was read before.
    ///
    /// # Errors
    ///
    /// When the bytes end too early, or are no leaves.
    pub fn read(&mut self, from: &mut impl Read) -> io::Result<()> {
        for _ in 0..number(from)? {
            self.leaves.push(leaf(from)?).map_err(|_| no_map())?;
        }
        for _ in 0..number(from)? {
            let number = number(from)?;
            *self.leaves.get_mut(number).ok_or_else(no_map)? = leaf(from)?;
        }
        Ok(())
    }

    /// The map with these leaves.
    ///
    /// # Errors
    ///
    /// When two of them have one key.
    pub fn finish(self) -> io::Result<MembershipMap> {
        // By how they begin most keys are told apart, and those beginnings stand side by side.
        let numbered = (0..).zip(self.leaves.iter());
        let mut order = Vec::with_capacity(self.leaves.len());
        order.extend(numbered.map(|(number, leaf)| (beginning(&leaf.key), number)));
        let leaves = &self.leaves;
        let key = |number: u32| leaves.get(number).map(|leaf| leaf.key);
        order.sort_unstable_by(|one, other| {
            let later = || key(one.1).cmp(&key(other.1));
            one.0.cmp(&other.0).then_with(later)
        });
        let mut map = MembershipMap::default();
        map.leaves = self.leaves;
        if !order.is_empty() {
            map.root = Some(map.built(&order)?.0);
        }
        Ok(map)
    }
}

impl MembershipMap {
    /// Makes what divides these leaves, which stand in the order of their keys: where it stands, and its hash.
    fn built(&mut self, order: &[(u32, u32)]) -> io::Result<(Link, Digest)> {
        let Some(((first, one), (last, other))) = order.first().zip(order.last()) else {
            return Err(no_map());
        };
        if order.len() == 1 {
            let link = Link::leaf(*one).ok_or_else(no_map)?;
            return Ok((link, self.hash(link)));
        }
        if order.len() <= AHEAD && 2 * order.len() > AHEAD {
            self.warm_leaves(order.iter().map(|(_, number)| *number));
        }
        let near = (first ^ last).leading_zeros();
        let bit = match u8::try_from(near) {
            Ok(bit) if bit < BEGINNING => bit,
            _ => {
                let link = Link::leaf(*one).ok_or_else(no_map)?;
                let key = self.leaves.get(*other).ok_or_else(no_map)?.key;
                self.first_difference(link, &key).ok_or_else(no_map)?
            }
        };
        let is_left = |(beginning, number): &(u32, u32)| {
            if bit < BEGINNING {
                return beginning >> (BEGINNING - 1 - bit) & 1 == 0;
            }
            let leaf = self.leaves.get(*number);
            leaf.is_some_and(|leaf| !goes_right(&leaf.key, bit))
        };
        let middle = order.partition_point(is_left);
        let (left, right) = order.split_at(middle);
        // At most as deep as a key has bits.
        let sides = [self.built(left)?, self.built(right)?];
        if order.len() >= usize::try_from(MANY).unwrap_or(usize::MAX) {
            return Ok(self.keep_many(bit, sides));
        }
        let [(left, left_hash), (right, right_hash)] = sides;
        let link = self.keep_few(Fork::new(bit, left, right));
        let hash = inner_hash(bit, &left_hash, &right_hash);
        Ok((link.ok_or_else(no_map)?, hash))
    }
}

/// How a key begins.
fn beginning(key: &Digest) -> u32 {
    let first = key.as_bytes().first_chunk::<4>();
    first.map_or(0, |first| u32::from_be_bytes(*first))
}

fn no_map() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "these bytes are no map")
}

fn put(out: &mut impl Write, number: u32) -> io::Result<()> {
    out.write_all(&number.to_le_bytes())
}

fn put_leaf(out: &mut impl Write, leaf: &Leaf) -> io::Result<()> {
    out.write_all(leaf.key.as_bytes())?;
    out.write_all(leaf.hash.as_bytes())?;
    put(out, leaf.origin.event)?;
    put(out, leaf.origin.holder)
}

fn leaf(from: &mut impl Read) -> io::Result<Leaf> {
    Ok(Leaf {
        key: digest(from)?,
        hash: digest(from)?,
        origin: Packed {
            event: number(from)?,
            holder: number(from)?,
        },
    })
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
