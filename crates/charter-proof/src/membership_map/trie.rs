//! The map in memory.

use super::arena::Arena;
use super::{EMPTY_ROOT, Step, goes_right, inner_hash, leaf_hash};
use crate::canonical::Digest;

/// A reference to a node: the lowest bit says which kind it is, the others its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Link(u32);

/// What a link leads to.
enum To {
    Leaf(u32),
    Inner(u32),
}

impl Link {
    fn leaf(number: u32) -> Option<Self> {
        number.checked_mul(2).map(Self)
    }

    fn inner(number: u32) -> Option<Self> {
        number.checked_mul(2).map(|double| Self(double + 1))
    }

    const fn to(self) -> To {
        if self.0 & 1 == 0 {
            To::Leaf(self.0 >> 1)
        } else {
            To::Inner(self.0 >> 1)
        }
    }
}

#[derive(Debug, Clone)]
struct Leaf {
    key: Digest,
    hash: Digest,
}

#[derive(Debug, Clone)]
struct Inner {
    hash: Digest,
    left: Link,
    right: Link,
    bit: u8,
}

/// A path from the root to the leaf where a key stands, or would have to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// The key hash of that leaf: the asked key's where the map holds it.
    pub leaf: Digest,
    /// The steps from the root down.
    pub steps: Vec<Step>,
}

/// There is no room for another key: two thousand million are in the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the membership map is full")]
pub struct Full;

/// The membership map, kept in memory and changed along paths: about 110 bytes a key.
#[derive(Debug, Clone, Default)]
pub struct MembershipMap {
    root: Option<Link>,
    leaves: Arena<Leaf>,
    inners: Arena<Inner>,
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

    /// The digest of all of it.
    pub fn root(&self) -> Digest {
        self.root.map_or(EMPTY_ROOT, |root| self.hash(root))
    }

    /// Says that `key` has the value with this digest. Nothing ever leaves the map.
    pub fn set(&mut self, key: Digest, value: &Digest) -> Result<(), Full> {
        let hash = leaf_hash(&key, value);
        let Some(root) = self.root else {
            self.root = Some(self.new_leaf(key, hash)?);
            return Ok(());
        };
        let (trail, end) = self.descend(root, &key);
        match self.first_difference(end, &key) {
            None => {
                if let To::Leaf(number) = end.to()
                    && let Some(leaf) = self.leaves.get_mut(number)
                {
                    leaf.hash = hash;
                }
                self.rehash(&trail);
            }
            Some(bit) => self.divide(trail, root, key, hash, bit)?,
        }
        Ok(())
    }

    /// The path to where `key` stands or would have to; none in the empty map.
    pub fn path(&self, key: &Digest) -> Option<Path> {
        let (trail, end) = self.descend(self.root?, key);
        let To::Leaf(number) = end.to() else {
            return None;
        };
        let leaf = self.leaves.get(number)?.key;
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
            leaf,
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
    fn divide(
        &mut self,
        mut trail: Vec<u32>,
        root: Link,
        key: Digest,
        hash: Digest,
        bit: u8,
    ) -> Result<(), Full> {
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

        let leaf = self.new_leaf(key, hash)?;
        let (left, right) = if goes_right(&key, bit) {
            (old, leaf)
        } else {
            (leaf, old)
        };
        let hash = inner_hash(bit, &self.hash(left), &self.hash(right));
        let number = self
            .inners
            .push(Inner {
                hash,
                left,
                right,
                bit,
            })
            .map_err(|_| Full)?;
        let new = Link::inner(number).ok_or(Full)?;
        match parent.and_then(|number| self.inners.get_mut(number)) {
            None => self.root = Some(new),
            Some(parent) if goes_right(&key, parent.bit) => parent.right = new,
            Some(parent) => parent.left = new,
        }
        self.rehash(&trail);
        Ok(())
    }

    fn new_leaf(&mut self, key: Digest, hash: Digest) -> Result<Link, Full> {
        let number = self.leaves.push(Leaf { key, hash }).map_err(|_| Full)?;
        Link::leaf(number).ok_or(Full)
    }

    /// Computes these nodes anew, the lowest first.
    fn rehash(&mut self, trail: &[u32]) {
        for &number in trail.iter().rev() {
            let Some(inner) = self.inners.get(number) else {
                continue;
            };
            let hash = inner_hash(inner.bit, &self.hash(inner.left), &self.hash(inner.right));
            if let Some(inner) = self.inners.get_mut(number) {
                inner.hash = hash;
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
