//! The nodes of the map, as small as they can be: there are millions.

use crate::canonical::Digest;

/// A reference to a node: the lowest bit says which kind it is, the others its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Link(pub u32);

/// What a link leads to.
pub(super) enum To {
    Leaf(u32),
    Inner(u32),
}

impl Link {
    pub(super) fn leaf(number: u32) -> Option<Self> {
        number.checked_mul(2).map(Self)
    }

    pub(super) fn inner(number: u32) -> Option<Self> {
        number.checked_mul(2).map(|double| Self(double + 1))
    }

    pub(super) const fn to(self) -> To {
        if self.0 & 1 == 0 {
            To::Leaf(self.0 >> 1)
        } else {
            To::Inner(self.0 >> 1)
        }
    }
}

/// A key and what it comes to.
#[derive(Debug, Clone)]
pub(super) struct Leaf {
    pub key: Digest,
    pub hash: Digest,
    pub origin: Packed,
}

/// A division of keys.
#[derive(Debug, Clone)]
pub(super) struct Inner {
    pub hash: Digest,
    pub left: Link,
    pub right: Link,
    pub bit: u8,
    /// Something below it changed since its hash was computed; then everything above it is stale, too.
    pub is_stale: bool,
}

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
