//! Reading ahead what a change or a hash will need: where the map is large, to wait for memory takes most of the time, and
//! longest where one waits after the other.

use super::MembershipMap;
use super::goes_right;
use super::node::{Link, Sides, To};
use crate::canonical::Digest;

impl MembershipMap {
    /// Goes the ways of all these keys side by side, and reads a byte of each leaf: what stands all over memory comes for all
    /// of them at once.
    pub fn warm(&self, keys: &[Digest]) {
        let Some(root) = self.root else {
            return;
        };
        let mut ways: Vec<(Link, &Digest)> = keys.iter().map(|key| (root, key)).collect();
        let mut read = 0;
        while !ways.is_empty() {
            ways.retain_mut(|(here, key)| {
                let Some(fork) = self.fork(*here) else {
                    read ^= self.touched(*here);
                    return false;
                };
                *here = fork.side(goes_right(key, fork.bit));
                true
            });
        }
        std::hint::black_box(read);
    }

    /// Reads what is needed of all stale nodes, level by level: see [`MembershipMap::warm`].
    pub(super) fn warm_stale(&self) {
        let mut level: Vec<Link> = self.root.into_iter().collect();
        let mut read = 0;
        while !level.is_empty() {
            let mut below = Vec::with_capacity(2 * level.len());
            for link in level {
                let To::Many(number) = link.to() else {
                    read ^= self.touched(link);
                    continue;
                };
                let Some((fork, Sides([side, _]))) =
                    self.many.get(number).zip(self.sides.get(number))
                else {
                    continue;
                };
                let [left_is_stale, right_is_stale] = fork.is_stale;
                if left_is_stale || right_is_stale {
                    read ^= side.as_bytes()[0];
                }
                below.extend(left_is_stale.then_some(fork.left));
                below.extend(right_is_stale.then_some(fork.right));
            }
            level = below;
        }
        std::hint::black_box(read);
    }

    /// Reads a byte of each of these leaves.
    pub(super) fn warm_leaves(&self, numbers: impl Iterator<Item = u32>) {
        let leaves = numbers.filter_map(|number| self.leaves.get(number));
        std::hint::black_box(leaves.fold(0, |read, leaf| read ^ leaf.hash.as_bytes()[0]));
    }

    /// Reads a byte of every leaf below. What divisions of few are hashed from stands all over memory: so it comes all at
    /// once, and not each when its turn has come.
    pub(super) fn touched(&self, link: Link) -> u8 {
        match link.to() {
            To::Leaf(number) => {
                let leaf = self.leaves.get(number);
                leaf.map_or(0, |leaf| leaf.hash.as_bytes()[0])
            }
            To::Few(number) => self
                .few
                .get(number)
                .map_or(0, |fork| self.touched(fork.left) ^ self.touched(fork.right)),
            To::Many(_) => 0,
        }
    }
}
