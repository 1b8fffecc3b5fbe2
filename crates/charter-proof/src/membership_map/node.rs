//! The nodes of the map, as small as they can be: there are millions.

use crate::canonical::Digest;

/// A reference to a node: the two lowest bits say which kind it is, the others its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Link(u32);

/// What a link leads to.
#[derive(Clone, Copy)]
pub(super) enum To {
    Leaf(u32),
    Few(u32),
    Many(u32),
}

impl Link {
    pub(super) fn leaf(number: u32) -> Option<Self> {
        number.checked_mul(4).map(Self)
    }

    pub(super) fn few(number: u32) -> Option<Self> {
        Some(Self(number.checked_mul(4)? + 1))
    }

    pub(super) fn many(number: u32) -> Option<Self> {
        Some(Self(number.checked_mul(4)? + 2))
    }

    pub(super) const fn to(self) -> To {
        match self.0 & 3 {
            0 => To::Leaf(self.0 >> 2),
            1 => To::Few(self.0 >> 2),
            _ => To::Many(self.0 >> 2),
        }
    }
}

/// A key and what it comes to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leaf {
    pub key: Digest,
    pub hash: Digest,
    pub origin: Packed,
}

/// A division of keys: the first bit in which they differ, and where they go on either side.
///
/// A way down the map reads nothing else, so a dozen bytes are all there is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fork {
    pub left: Link,
    pub right: Link,
    pub bit: u8,
    /// Of a division that has [`Sides`]: something on a side changed since its hash was computed. Then the nodes above
    /// are stale on this side, too.
    pub is_stale: [bool; 2],
}

impl Fork {
    /// A division of which nothing is stale.
    pub(super) const fn new(bit: u8, left: Link, right: Link) -> Self {
        Self {
            left,
            right,
            bit,
            is_stale: [false; 2],
        }
    }

    /// The side to which a key goes, if it goes that way; else the other one.
    pub(super) const fn side(&self, goes_right: bool) -> Link {
        if goes_right { self.right } else { self.left }
    }

    pub(super) const fn side_mut(&mut self, goes_right: bool) -> &mut Link {
        if goes_right {
            &mut self.right
        } else {
            &mut self.left
        }
    }
}

/// The hashes of a division's sides, as of the last refresh of each, in one line of the processor's cache: a path needs
/// nothing beside the nodes on its way.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
pub(super) struct Sides(pub [Digest; 2]);

/// Where a leaf's value comes from: enough to find it, and who holds what, without keeping the values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// The index of the entry that last changed the value.
    pub event: u64,
    /// Of a claim, who holds it; of a member, itself.
    pub holder: Holder,
}

/// Who holds a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// The leaf is a member's, which nobody holds.
    Member,
    /// A member, by the number that [`MembershipMap::number`](super::MembershipMap::number) gives.
    Held(u32),
    /// A member whose own leaf comes with the next entry.
    Coming,
    /// Nobody any more.
    Released,
}

/// An [`Origin`] in eight bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Packed {
    pub event: u32,
    pub holder: u32,
}

/// What stands for a holder that has no number; numbers of leaves are half as large.
const MEMBER: u32 = u32::MAX;
const COMING: u32 = u32::MAX - 1;
const RELEASED: u32 = u32::MAX - 2;

impl Packed {
    /// None where a number is too large.
    pub(super) fn of(origin: Origin) -> Option<Self> {
        let holder = match origin.holder {
            Holder::Member => MEMBER,
            Holder::Coming => COMING,
            Holder::Released => RELEASED,
            Holder::Held(number) if number < RELEASED => number,
            Holder::Held(_) => return None,
        };
        let event = u32::try_from(origin.event).ok()?;
        Some(Self { event, holder })
    }

    pub(super) fn unpacked(self) -> Origin {
        Origin {
            event: self.event.into(),
            holder: match self.holder {
                MEMBER => Holder::Member,
                COMING => Holder::Coming,
                RELEASED => Holder::Released,
                number => Holder::Held(number),
            },
        }
    }
}
