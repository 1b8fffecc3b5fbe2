//! Which number an identifier has, with four bytes an identifier beside the list that has them.

use std::hash::{BuildHasher as _, RandomState};

use hashbrown::HashTable;

/// An identifier's bytes.
type Id = [u8; 16];

/// Numbers by identifier. The identifiers are the caller's to keep.
#[derive(Default)]
pub(super) struct Numbers {
    numbers: HashTable<u32>,
    hasher: RandomState,
}

impl Numbers {
    /// Of so many identifiers, each of which has another number.
    pub(super) fn of(count: u32, id_of: impl Fn(u32) -> Option<Id>) -> Self {
        let mut numbers = Self::default();
        let room = usize::try_from(count).unwrap_or_default();
        let hash = |number: &u32| numbers.hasher.hash_one(id_of(*number));
        numbers.numbers.reserve(room, hash);
        for number in 0..count {
            numbers.insert(number, &id_of);
        }
        numbers
    }

    /// The number of this identifier.
    pub(super) fn get(&self, id: &Id, id_of: impl Fn(u32) -> Option<Id>) -> Option<u32> {
        let hash = self.hasher.hash_one(Some(*id));
        let is_same = |number: &u32| id_of(*number).is_some_and(|other| other == *id);
        self.numbers.find(hash, is_same).copied()
    }

    /// Keeps a number, whose identifier has none yet.
    pub(super) fn insert(&mut self, number: u32, id_of: impl Fn(u32) -> Option<Id>) {
        let hash = |number: &u32| self.hasher.hash_one(id_of(*number));
        self.numbers.insert_unique(hash(&number), number, hash);
    }
}

#[cfg(test)]
mod tests {
    use super::Numbers;

    #[test]
    fn each_identifier_has_its_number() {
        let mut ids: Vec<[u8; 16]> = (0..1000_u128).map(u128::to_be_bytes).collect();
        let id_of =
            |ids: &[[u8; 16]], number: u32| ids.get(usize::try_from(number).unwrap()).copied();
        let mut numbers = Numbers::of(1000, |number| id_of(&ids, number));
        ids.push([7; 16]);
        numbers.insert(1000, |number| id_of(&ids, number));
        for (number, id) in (0..).zip(&ids) {
            assert_eq!(numbers.get(id, |number| id_of(&ids, number)), Some(number));
        }
        assert_eq!(numbers.get(&[9; 16], |number| id_of(&ids, number)), None);
    }
}
