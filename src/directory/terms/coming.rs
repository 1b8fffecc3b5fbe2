//! A dictionary that is read, list after list.

use std::vec;

use super::{PIECE, Sorted, Terms, lettered, postings::Postings, wide};

/// A dictionary whose lists come one after another, none of which is in memory beside what is made of it.
pub(in crate::directory) struct Coming {
    text: Vec<u8>,
    ends: Vec<u32>,
    sorted: Sorted,
    /// How many members the next terms find.
    counts: vec::IntoIter<u32>,
    /// Those of the next term, as far as they came.
    members: Vec<u32>,
    postings: Postings,
}

impl Coming {
    /// The terms, one after another, and where each ends.
    pub(in crate::directory) fn of(text: Vec<u8>, ends: Vec<u32>) -> Self {
        Self {
            text,
            ends,
            sorted: Sorted::default(),
            counts: Vec::new().into_iter(),
            members: Vec::new(),
            postings: Postings::default(),
        }
    }

    /// The next term's index in the order of the terms.
    pub(in crate::directory) fn sorted(&mut self, index: u32) {
        match self.sorted.0.last_mut() {
            Some(piece) if piece.len() < PIECE / 2 => piece.push(index),
            _ => {
                let mut piece = Vec::with_capacity(PIECE / 2);
                piece.push(index);
                self.sorted.0.push(piece);
            }
        }
    }

    /// How many members each term finds.
    pub(in crate::directory) fn counted(&mut self, counts: Vec<u32>) {
        let pairs = counts.iter().filter(|members| **members == 2).count();
        self.postings = Postings::with_room(counts.len(), pairs);
        self.counts = counts.into_iter();
        self.take_whole();
    }

    /// The next member that a term finds, term after term.
    pub(in crate::directory) fn found(&mut self, member: u32) {
        self.members.push(member);
        self.take_whole();
    }

    /// Keeps what terms find, where all of it came.
    fn take_whole(&mut self) {
        while let Some(count) = self.counts.as_slice().first()
            && wide(*count) == self.members.len()
        {
            self.postings.push(&self.members);
            self.members.clear();
            self.counts.next();
        }
    }

    /// The dictionary; none when its lists do not fit together.
    pub(in crate::directory) fn finish(self) -> Option<Terms> {
        let count = self.ends.len();
        let is_whole = self.sorted.0.iter().map(Vec::len).sum::<usize>() == count
            && self.postings.count() == count
            && self.counts.len() + self.members.len() == 0
            && self.ends.is_sorted()
            && self.ends.last().copied().map_or(0, wide) == self.text.len();
        if !is_whole {
            return None;
        }
        let mut terms = Terms {
            text: self.text,
            ends: self.ends,
            lettered: Vec::new(),
            postings: self.postings,
            sorted: self.sorted,
        };
        let indices = (0..).take(count);
        let found = indices.filter_map(|index| lettered(terms.term(index), index));
        let mut of_letters = Vec::with_capacity(found.clone().count());
        of_letters.extend(found);
        terms.lettered = of_letters;
        Some(terms)
    }
}
