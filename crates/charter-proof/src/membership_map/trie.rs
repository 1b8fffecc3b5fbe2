//! The map in memory.

use super::arena::Arena;
use super::node::{Holder, Inner, Leaf, Link, Origin, Packed, To};
use super::{EMPTY_ROOT, Step, goes_right, inner_hash, leaf_hash};
use crate::canonical::Digest;

/// How a change is taken back. Changes are taken back in the reverse of their order.
#[derive(Debug, Clone)]
pub struct Undo(Change);

#[derive(Debug, Clone)]
enum Change {
    /// The newest leaf was new.
    Added,
    /// A leaf was another one.
    Changed { number: u32, before: Leaf },
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

/// There is no room for another key or entry: two thousand million keys are in the map, or twice as many entries in the
/// log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the membership map is full")]
pub struct Full;

/// The membership map, kept in memory and changed along paths: some 115 bytes a key.
#[derive(Debug, Clone, Default)]
pub struct MembershipMap {
    pub(super) root: Option<Link>,
    pub(super) leaves: Arena<Leaf>,
    pub(super) inners: Arena<Inner>,
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
        if let Some(root) = self.root {
            self.refresh_below(root);
        }
    }

    fn refresh_below(&mut self, link: Link) {
        let To::Inner(number) = link.to() else {
            return;
        };
        let Some(&Inner {
            left,
            right,
            bit,
            is_stale: true,
            ..
        }) = self.inners.get(number)
        else {
            return;
        };
        // At most as deep as a key has bits.
        self.refresh_below(left);
        self.refresh_below(right);
        let hash = inner_hash(bit, &self.hash(left), &self.hash(right));
        if let Some(inner) = self.inners.get_mut(number) {
            inner.hash = hash;
            inner.is_stale = false;
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
            self.root = Some(self.new_leaf(new)?);
            return Ok(Undo(Change::Added));
        };
        let (trail, end) = self.descend(root, &key);
        if let Some(bit) = self.first_difference(end, &key) {
            self.divide(trail, root, new, bit)?;
            return Ok(Undo(Change::Added));
        }
        let To::Leaf(number) = end.to() else {
            return Err(Full);
        };
        let leaf = self.leaves.get_mut(number).ok_or(Full)?;
        let before = std::mem::replace(leaf, new);
        self.stale(&trail);
        Ok(Undo(Change::Changed { number, before }))
    }

    /// Says who holds a claim, without changing its value: none where there is no such key.
    pub fn set_holder(&mut self, key: &Digest, holder: Holder) -> Option<Undo> {
        let number = self.number(key)?;
        let leaf = self.leaves.get_mut(number)?;
        let before = leaf.clone();
        let event = leaf.origin.unpacked().event;
        leaf.origin = Packed::of(Origin { event, holder })?;
        Some(Undo(Change::Changed { number, before }))
    }

    /// Takes back the newest change that was not taken back yet.
    pub fn undo(&mut self, undo: Undo) {
        match undo.0 {
            Change::Changed { number, before } => {
                let key = before.key;
                if let Some(leaf) = self.leaves.get_mut(number) {
                    *leaf = before;
                }
                if let Some(root) = self.root {
                    let (trail, _) = self.descend(root, &key);
                    self.stale(&trail);
                }
            }
            Change::Added => self.take_out_newest(),
        }
    }

    fn take_out_newest(&mut self) {
        let (Some(leaf), Some(root)) = (self.leaves.pop(), self.root) else {
            return;
        };
        let (mut trail, _) = self.descend(root, &leaf.key);
        // A new leaf hangs below the newest inner node; the first leaf is the root itself.
        let Some(above) = trail.pop() else {
            self.root = None;
            return;
        };
        let Some(inner) = self.inners.get(above).cloned() else {
            return;
        };
        let other = if goes_right(&leaf.key, inner.bit) {
            inner.left
        } else {
            inner.right
        };
        match trail.last().and_then(|number| self.inners.get_mut(*number)) {
            None => self.root = Some(other),
            Some(parent) if goes_right(&leaf.key, parent.bit) => parent.right = other,
            Some(parent) => parent.left = other,
        }
        self.inners.pop();
        self.stale(&trail);
    }

    /// The number of a key's leaf, which it keeps; none where there is no such key.
    pub fn number(&self, key: &Digest) -> Option<u32> {
        let (_, end) = self.descend(self.root?, key);
        match end.to() {
            To::Leaf(number) if self.leaves.get(number)?.key == *key => Some(number),
            To::Leaf(_) | To::Inner(_) => None,
        }
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
        let steps = trail.iter().filter_map(|&number| {
            let inner = self.inners.get(number)?;
            let other = if goes_right(key, inner.bit) {
                inner.left
            } else {
                inner.right
            };
            Some(Step {
                bit: inner.bit,
                sibling: self.hash(other),
            })
        });
        Some(Path {
            leaf: leaf.key,
            hash: leaf.hash,
            origin: leaf.origin.unpacked(),
            steps: steps.collect(),
        })
    }

    /// The inner nodes on the way of a key, from the root down, and the leaf at its end.
    fn descend(&self, root: Link, key: &Digest) -> (Vec<u32>, Link) {
        let (mut trail, mut here) = (Vec::new(), root);
        while let To::Inner(number) = here.to() {
            let Some(inner) = self.inners.get(number) else {
                break;
            };
            trail.push(number);
            here = if goes_right(key, inner.bit) {
                inner.right
            } else {
                inner.left
            };
        }
        (trail, here)
    }

    /// The first bit in which the leaf's key and this one differ.
    fn first_difference(&self, leaf: Link, key: &Digest) -> Option<u8> {
        let To::Leaf(number) = leaf.to() else {
            return None;
        };
        let other = self.leaves.get(number)?.key;
        (0..=u8::MAX).find(|&bit| goes_right(key, bit) != goes_right(&other, bit))
    }

    /// Puts a new leaf where the keys below divide at `bit`.
    fn divide(&mut self, mut trail: Vec<u32>, root: Link, new: Leaf, bit: u8) -> Result<(), Full> {
        let key = new.key;
        // Nodes that divide later than `bit` hang below the new one.
        let is_above = |&number: &u32| self.inners.get(number).is_some_and(|inner| inner.bit < bit);
        let above = trail.iter().take_while(|number| is_above(number)).count();
        let parent = above
            .checked_sub(1)
            .and_then(|last| trail.get(last))
            .copied();
        let old = match trail.get(above) {
            Some(&number) => Link::inner(number).ok_or(Full)?,
            None => self.descend(root, &key).1,
        };
        trail.truncate(above);

        let leaf = self.new_leaf(new)?;
        let (left, right) = if goes_right(&key, bit) {
            (old, leaf)
        } else {
            (leaf, old)
        };
        let number = self
            .inners
            .push(Inner {
                hash: EMPTY_ROOT,
                left,
                right,
                bit,
                is_stale: true,
            })
            .map_err(|_| Full)?;
        let new = Link::inner(number).ok_or(Full)?;
        match parent.and_then(|number| self.inners.get_mut(number)) {
            None => self.root = Some(new),
            Some(parent) if goes_right(&key, parent.bit) => parent.right = new,
            Some(parent) => parent.left = new,
        }
        self.stale(&trail);
        Ok(())
    }

    fn new_leaf(&mut self, leaf: Leaf) -> Result<Link, Full> {
        let number = self.leaves.push(leaf).map_err(|_| Full)?;
        Link::leaf(number).ok_or(Full)
    }

    /// Something below these nodes changed, which stand one below the other.
    fn stale(&mut self, trail: &[u32]) {
        for &number in trail.iter().rev() {
            match self.inners.get_mut(number) {
                // Then those above it are, too.
                Some(inner) if inner.is_stale => break,
                Some(inner) => inner.is_stale = true,
                None => {}
            }
        }
    }

    fn hash(&self, link: Link) -> Digest {
        let hash = match link.to() {
            To::Leaf(number) => self.leaves.get(number).map(|leaf| leaf.hash),
            To::Inner(number) => self.inners.get(number).map(|inner| inner.hash),
        };
        // Every link was made with its node.
        hash.unwrap_or(EMPTY_ROOT)
    }
}
