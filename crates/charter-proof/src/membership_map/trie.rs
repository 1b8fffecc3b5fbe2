//! The map in memory.

use super::arena::Arena;
use super::node::{Fork, Holder, Leaf, Link, Origin, Packed, Sides, To};
use super::{EMPTY_ROOT, Step, goes_right, inner_hash, leaf_hash};
use crate::canonical::Digest;

/// How a change is taken back. Changes are taken back in the reverse of their order.
#[derive(Debug, Clone)]
pub struct Undo(Change);

#[derive(Debug, Clone)]
enum Change {
    /// The newest leaf, of this number, was new.
    Added { number: u32 },
    /// A leaf was another one.
    Changed { number: u32, before: Leaf },
}

impl Undo {
    /// The number of the leaf that was changed.
    pub const fn number(&self) -> u32 {
        match self.0 {
            Change::Added { number } | Change::Changed { number, .. } => number,
        }
    }
}

/// A path from the root to the leaf where a key stands, or would have to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// The key hash of that leaf: the asked key's where the map holds it.
    pub leaf: Digest,
    /// The hash of that leaf.
    pub hash: Digest,
    /// Where that leaf's value comes from.
    pub origin: Origin,
    /// The steps from the root down.
    pub steps: Vec<Step>,
}

/// There is no room for another key or entry: a thousand million keys are in the map, or four times as many entries in
/// the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the membership map is full")]
pub struct Full;

/// Divisions of fewer keys keep no hashes: most are of few, and to hash these again takes less than a microsecond.
pub(super) const MANY: u32 = 7;

/// A way through a map of two million keys, and some more.
const USUAL_DEPTH: usize = 32;

/// The membership map, kept in memory and changed along paths: some 100 bytes a key.
#[derive(Debug, Clone, Default)]
pub struct MembershipMap {
    pub(super) root: Option<Link>,
    pub(super) leaves: Arena<Leaf>,
    /// Divisions of fewer than [`MANY`] keys, and those that are new.
    pub(super) few: Arena<Fork>,
    pub(super) many: Arena<Fork>,
    /// What the divisions of many have beside, under the same numbers.
    pub(super) sides: Arena<Sides>,
    /// Numbers of divisions that are there no more.
    free_few: Vec<u32>,
    free_many: Vec<u32>,
}

impl MembershipMap {
    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.leaves.len()
    }

    /// Whether there is no key.
    pub const fn is_empty(&self) -> bool {
        self.root.is_none()
    }

    /// Computes the hashes that changes left stale: once for all of them, before [`MembershipMap::root`] and
    /// [`MembershipMap::path`] are asked again.
    pub fn refresh(&mut self) {
        self.warm_stale();
        self.root = self.root.map(|root| self.refreshed(root).0);
    }

    /// Brings up to date what is below, and returns where it stands from now on, and its hash.
    fn refreshed(&mut self, link: Link) -> (Link, Digest) {
        match link.to() {
            To::Leaf(_) => (link, self.hash(link)),
            To::Few(number) => match self.few.get(number).copied() {
                Some(fork) if self.count(link, MANY) >= MANY => {
                    // At most as deep as a key has bits.
                    let sides = [self.refreshed(fork.left), self.refreshed(fork.right)];
                    self.free_few.push(number);
                    self.keep_many(fork.bit, sides)
                }
                _ => (link, self.hash(link)),
            },
            To::Many(number) => {
                self.refresh_sides(number);
                (link, self.hash(link))
            }
        }
    }

    fn refresh_sides(&mut self, number: u32) {
        let Some(mut fork) = self.many.get(number).copied() else {
            return;
        };
        let [left_is_stale, right_is_stale] = std::mem::take(&mut fork.is_stale);
        if !(left_is_stale || right_is_stale) {
            return;
        }
        let Some(Sides(mut hashes)) = self.sides.get(number).copied() else {
            return;
        };
        if left_is_stale {
            (fork.left, hashes[0]) = self.refreshed(fork.left);
        }
        if right_is_stale {
            (fork.right, hashes[1]) = self.refreshed(fork.right);
        }
        if let Some(place) = self.many.get_mut(number) {
            *place = fork;
        }
        if let Some(place) = self.sides.get_mut(number) {
            *place = Sides(hashes);
        }
    }

    /// Keeps a division with the hashes of its sides. Where there are numbers for no more, it is one of few.
    pub(super) fn keep_many(&mut self, bit: u8, sides: [(Link, Digest); 2]) -> (Link, Digest) {
        let [(left, left_hash), (right, right_hash)] = sides;
        let hash = inner_hash(bit, &left_hash, &right_hash);
        let fork = Fork::new(bit, left, right);
        let link = self
            .kept_many(fork, Sides([left_hash, right_hash]))
            .or_else(|| self.keep_few(fork));
        // There are fewer divisions than leaves, and these had numbers.
        (link.unwrap_or(left), hash)
    }

    fn kept_many(&mut self, fork: Fork, sides: Sides) -> Option<Link> {
        if let Some(number) = self.free_many.pop() {
            *self.many.get_mut(number)? = fork;
            *self.sides.get_mut(number)? = sides;
            return Link::many(number);
        }
        let number = self.many.push(fork).ok()?;
        self.sides.push(sides).ok()?;
        Link::many(number)
    }

    /// Keeps a division; none where there are numbers for no more.
    pub(super) fn keep_few(&mut self, fork: Fork) -> Option<Link> {
        let Some(number) = self.free_few.pop() else {
            return self.few.push(fork).ok().and_then(Link::few);
        };
        *self.few.get_mut(number)? = fork;
        Link::few(number)
    }

    /// How many keys there are below; `most` where there are more.
    fn count(&self, link: Link, most: u32) -> u32 {
        match link.to() {
            To::Leaf(_) => 1.min(most),
            To::Many(_) => most,
            To::Few(number) => match self.few.get(number) {
                Some(fork) if most > 1 => {
                    let left = self.count(fork.left, most);
                    left + self.count(fork.right, most - left)
                }
                _ => most,
            },
        }
    }

    /// The digest of all of it, as of the last [`MembershipMap::refresh`].
    pub fn root(&self) -> Digest {
        self.root.map_or(EMPTY_ROOT, |root| self.hash(root))
    }

    /// Says that `key` has the value with this digest. Nothing ever leaves the map, but what is undone.
    pub fn set(&mut self, key: Digest, value: &Digest, origin: Origin) -> Result<Undo, Full> {
        let hash = leaf_hash(&key, value);
        let origin = Packed::of(origin).ok_or(Full)?;
        let new = Leaf { key, hash, origin };
        let Some(root) = self.root else {
            let (number, leaf) = self.new_leaf(new)?;
            self.root = Some(leaf);
            return Ok(Undo(Change::Added { number }));
        };
        let (trail, end) = self.descend(root, &key);
        if let Some(bit) = self.first_difference(end, &key) {
            let number = self.divide(trail, end, new, bit)?;
            return Ok(Undo(Change::Added { number }));
        }
        let To::Leaf(number) = end.to() else {
            return Err(Full);
        };
        let leaf = self.leaves.get_mut(number).ok_or(Full)?;
        let before = std::mem::replace(leaf, new);
        self.stale(&trail, &key);
        Ok(Undo(Change::Changed { number, before }))
    }

    /// Says who holds a claim, without changing its value: none where there is no such key.
    pub fn set_holder(&mut self, key: &Digest, holder: Holder) -> Option<Undo> {
        let number = self.number(key)?;
        let leaf = self.leaves.get_mut(number)?;
        let before = *leaf;
        let event = leaf.origin.unpacked().event;
        leaf.origin = Packed::of(Origin { event, holder })?;
        Some(Undo(Change::Changed { number, before }))
    }

    /// Takes back the newest change that was not taken back yet.
    pub fn undo(&mut self, undo: &Undo) {
        match undo.0 {
            Change::Changed { number, before } => {
                let key = before.key;
                if let Some(leaf) = self.leaves.get_mut(number) {
                    *leaf = before;
                }
                if let Some(root) = self.root {
                    let (trail, _) = self.descend(root, &key);
                    self.stale(&trail, &key);
                }
            }
            Change::Added { .. } => self.take_out_newest(),
        }
    }

    fn take_out_newest(&mut self) {
        let (Some(leaf), Some(root)) = (self.leaves.pop(), self.root) else {
            return;
        };
        let (mut trail, _) = self.descend(root, &leaf.key);
        // The first leaf is the root itself.
        let Some(above) = trail.pop() else {
            self.root = None;
            return;
        };
        let Some(fork) = self.fork(above) else {
            return;
        };
        let other = fork.side(!goes_right(&leaf.key, fork.bit));
        self.hang(trail.last().copied(), &leaf.key, other);
        match above.to() {
            To::Few(number) => self.free_few.push(number),
            To::Many(number) => self.free_many.push(number),
            To::Leaf(_) => {}
        }
        self.stale(&trail, &leaf.key);
    }

    /// Puts a node below another on the side of this key; none is above the root.
    fn hang(&mut self, above: Option<Link>, key: &Digest, below: Link) {
        let fork = match above.map(Link::to) {
            Some(To::Few(number)) => self.few.get_mut(number),
            Some(To::Many(number)) => self.many.get_mut(number),
            Some(To::Leaf(_)) => None,
            None => {
                self.root = Some(below);
                None
            }
        };
        if let Some(fork) = fork {
            *fork.side_mut(goes_right(key, fork.bit)) = below;
        }
    }

    /// The division that a link leads to.
    pub(super) fn fork(&self, link: Link) -> Option<Fork> {
        match link.to() {
            To::Leaf(_) => None,
            To::Few(number) => self.few.get(number).copied(),
            To::Many(number) => self.many.get(number).copied(),
        }
    }

    /// The number of a key's leaf, which it keeps; none where there is no such key.
    pub fn number(&self, key: &Digest) -> Option<u32> {
        let mut end = self.root?;
        while let Some(fork) = self.fork(end) {
            end = fork.side(goes_right(key, fork.bit));
        }
        match end.to() {
            To::Leaf(number) if self.leaves.get(number)?.key == *key => Some(number),
            To::Leaf(_) | To::Few(_) | To::Many(_) => None,
        }
    }

    /// The key of this number.
    pub fn key(&self, number: u32) -> Option<Digest> {
        self.leaves.get(number).map(|leaf| leaf.key)
    }

    /// Where the value of a key comes from.
    pub fn origin(&self, key: &Digest) -> Option<Origin> {
        Some(self.leaves.get(self.number(key)?)?.origin.unpacked())
    }

    /// The path to where `key` stands or would have to, as of the last [`MembershipMap::refresh`]; none in the empty map.
    pub fn path(&self, key: &Digest) -> Option<Path> {
        let (trail, end) = self.descend(self.root?, key);
        let To::Leaf(number) = end.to() else {
            return None;
        };
        let leaf = self.leaves.get(number)?;
        let few = trail.iter().find(|link| matches!(link.to(), To::Few(_)));
        std::hint::black_box(few.map(|few| self.touched(*few)));
        let mut steps = Vec::with_capacity(trail.len());
        for link in trail {
            let (bit, sibling) = match link.to() {
                To::Leaf(_) => return None,
                To::Few(number) => {
                    let fork = self.few.get(number)?;
                    let other = fork.side(!goes_right(key, fork.bit));
                    (fork.bit, self.hash(other))
                }
                To::Many(number) => {
                    let bit = self.many.get(number)?.bit;
                    let Sides([left, right]) = self.sides.get(number)?;
                    (bit, if goes_right(key, bit) { *left } else { *right })
                }
            };
            steps.push(Step { bit, sibling });
        }
        Some(Path {
            leaf: leaf.key,
            hash: leaf.hash,
            origin: leaf.origin.unpacked(),
            steps,
        })
    }

    /// The divisions on the way of a key, from the root down, and the leaf at its end.
    fn descend(&self, root: Link, key: &Digest) -> (Vec<Link>, Link) {
        let (mut trail, mut here) = (Vec::with_capacity(USUAL_DEPTH), root);
        while let Some(fork) = self.fork(here) {
            trail.push(here);
            here = fork.side(goes_right(key, fork.bit));
        }
        (trail, here)
    }

    /// The first bit in which the leaf's key and this one differ.
    pub(super) fn first_difference(&self, leaf: Link, key: &Digest) -> Option<u8> {
        let To::Leaf(number) = leaf.to() else {
            return None;
        };
        let other = self.leaves.get(number)?.key;
        let bytes = key.as_bytes().iter().zip(other.as_bytes());
        let mut differing = (0..=u8::MAX).zip(bytes.map(|(one, other)| one ^ other));
        let (byte, bits) = differing.find(|(_, bits)| *bits != 0)?;
        // Of 32 bytes, and of 8 bits in each.
        u8::try_from(bits.leading_zeros())
            .ok()
            .map(|bit| 8 * byte + bit)
    }

    /// Puts a new leaf where the keys below divide at `bit`, and returns its number.
    fn divide(&mut self, mut trail: Vec<Link>, end: Link, new: Leaf, bit: u8) -> Result<u32, Full> {
        let key = new.key;
        // Nodes that divide later than `bit` hang below the new one.
        let is_above = |link: &Link| self.fork(*link).is_some_and(|fork| fork.bit < bit);
        // Most keys differ in a late bit from all others.
        let above = trail
            .iter()
            .rposition(is_above)
            .map_or(0, |place| place + 1);
        let old = trail.get(above).copied().unwrap_or(end);
        trail.truncate(above);

        let (number, leaf) = self.new_leaf(new)?;
        let (left, right) = if goes_right(&key, bit) {
            (old, leaf)
        } else {
            (leaf, old)
        };
        let new = self.keep_few(Fork::new(bit, left, right)).ok_or(Full)?;
        self.hang(trail.last().copied(), &key, new);
        self.stale(&trail, &key);
        Ok(number)
    }

    fn new_leaf(&mut self, leaf: Leaf) -> Result<(u32, Link), Full> {
        let number = self.leaves.push(leaf).map_err(|_| Full)?;
        let link = Link::leaf(number).ok_or(Full)?;
        Ok((number, link))
    }

    /// Something below these nodes changed, which stand one below the other on the way of this key.
    fn stale(&mut self, trail: &[Link], key: &Digest) {
        for link in trail.iter().rev() {
            let To::Many(number) = link.to() else {
                continue;
            };
            let Some(fork) = self.many.get(number) else {
                continue;
            };
            let side = usize::from(goes_right(key, fork.bit));
            // Then those above it are, too.
            if fork.is_stale.get(side) == Some(&true) {
                break;
            }
            let fork = self.many.get_mut(number);
            if let Some(is_stale) = fork.and_then(|fork| fork.is_stale.get_mut(side)) {
                *is_stale = true;
            }
        }
    }

    pub(super) fn hash(&self, link: Link) -> Digest {
        let hash = match link.to() {
            To::Leaf(number) => self.leaves.get(number).map(|leaf| leaf.hash),
            To::Few(number) => self.few.get(number).map(|fork| {
                let (left, right) = (self.hash(fork.left), self.hash(fork.right));
                inner_hash(fork.bit, &left, &right)
            }),
            To::Many(number) => {
                let sides = self.many.get(number).zip(self.sides.get(number));
                sides.map(|(fork, Sides([left, right]))| inner_hash(fork.bit, left, right))
            }
        };
        // Every link was made with its node.
        hash.unwrap_or(EMPTY_ROOT)
    }
}
