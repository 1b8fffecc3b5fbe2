//! The dictionary: every term by which a member is found, and who is found by it.

mod coming;
mod postings;

use super::typing::{Mistyped, signature};
pub(super) use coming::Coming;
use postings::Postings;

/// How a member that does not match is marked.
pub(super) const NO_MATCH: u16 = u16::MAX;

/// What a word adds to a member's score where it is a whole word of the member, its beginning, or mistyped.
const EXACT: u16 = 0;
const BEGINNING: u16 = 1;
const PER_ERROR: u16 = 16;

/// How many terms lie in one piece of the sorted list, before it is cut in two.
const PIECE: usize = 1024;

/// Terms in order, without moving all of them for each new one: pieces of a list.
#[derive(Default)]
struct Sorted(Vec<Vec<u32>>);

/// Every term, with the members that it finds.
#[derive(Default)]
pub(super) struct Terms {
    /// The terms one after another, as they came.
    text: Vec<u8>,
    /// Where each term ends.
    ends: Vec<u32>,
    /// The terms of letters only, in which alone typing errors are looked for, with their signatures.
    lettered: Vec<(u64, u32)>,
    postings: Postings,
    sorted: Sorted,
}

fn wide(index: u32) -> usize {
    usize::try_from(index).unwrap_or(usize::MAX)
}

/// A term's signature and index, if it is of letters only.
fn lettered(term: &[u8], index: u32) -> Option<(u64, u32)> {
    let signature = signature(term);
    (signature != 0).then_some((signature, index))
}

impl Terms {
    /// Lets a term find a member. A dictionary that is full takes no new terms.
    pub(super) fn add(&mut self, term: &str, member: u32) {
        let term = term.as_bytes();
        match self.place(term) {
            Ok(known) => self.postings.add(wide(known), member),
            Err((piece, place)) => {
                let index = u32::try_from(self.ends.len());
                let end = u32::try_from(self.text.len() + term.len());
                let (Ok(index), Ok(end)) = (index, end) else {
                    return;
                };
                self.text.extend_from_slice(term);
                self.ends.push(end);
                self.lettered.extend(lettered(term, index));
                self.postings.push(&[member]);
                self.sorted.insert(piece, place, index);
            }
        }
    }

    /// Lets a term no longer find a member.
    pub(super) fn remove(&mut self, term: &str, member: u32) {
        if let Ok(known) = self.place(term.as_bytes()) {
            self.postings.remove(wide(known), member);
        }
    }

    /// How well each of `members` members matches all these words: 0 is best, [`NO_MATCH`] none.
    ///
    /// A word matches by a term that it is, begins, or is with typing errors; the best of these counts.
    pub(super) fn scores(&self, words: &[String], members: usize) -> Vec<u16> {
        let mut total = vec![0_u16; members];
        let mut best = vec![NO_MATCH; members];
        for word in words {
            best.fill(NO_MATCH);
            self.score(word, &mut best);
            for (total, best) in total.iter_mut().zip(&best) {
                *total = total.saturating_add(*best);
            }
        }
        total
    }

    fn score(&self, word: &str, best: &mut [u16]) {
        for index in self.beginning_with(word.as_bytes()) {
            let is_whole = self.term(index).len() == word.len();
            self.mark(index, if is_whole { EXACT } else { BEGINNING }, best);
        }
        let Some(mistyped) = Mistyped::new(word) else {
            return;
        };
        for (signature, index) in &self.lettered {
            if mistyped.may_be(*signature)
                && let Some(errors) = mistyped.errors_from(self.term(*index))
                && let Ok(errors) = u16::try_from(errors)
                && errors > 0
            {
                self.mark(*index, errors.saturating_mul(PER_ERROR), best);
            }
        }
    }

    fn mark(&self, index: u32, score: u16, best: &mut [u16]) {
        for member in self.postings.of(wide(index)) {
            if let Some(best) = best.get_mut(wide(*member)) {
                *best = score.min(*best);
            }
        }
    }

    fn term(&self, index: u32) -> &[u8] {
        let index = wide(index);
        let end = self.ends.get(index).copied().map_or(0, wide);
        let before = index
            .checked_sub(1)
            .and_then(|before| self.ends.get(before));
        let start = before.copied().map_or(0, wide);
        self.text.get(start..end).unwrap_or_default()
    }

    /// The term's index, or where in the sorted list it belongs.
    fn place(&self, term: &[u8]) -> Result<u32, (usize, usize)> {
        let (piece, place) = self.first_from(term);
        match self.sorted.0.get(piece).and_then(|piece| piece.get(place)) {
            Some(index) if self.term(*index) == term => Ok(*index),
            _ => Err((piece, place)),
        }
    }

    /// The place of the first term that is not before this one.
    fn first_from(&self, term: &[u8]) -> (usize, usize) {
        let pieces = &self.sorted.0;
        let is_before = |index: &u32| self.term(*index) < term;
        let piece = pieces.partition_point(|piece| piece.last().is_some_and(is_before));
        let piece = piece.min(pieces.len().saturating_sub(1));
        let within = pieces.get(piece);
        (
            piece,
            within.map_or(0, |piece| piece.partition_point(is_before)),
        )
    }

    fn beginning_with<'a>(&'a self, word: &'a [u8]) -> impl Iterator<Item = u32> + 'a {
        let (piece, place) = self.first_from(word);
        let pieces = self.sorted.0.get(piece..).unwrap_or_default();
        let indices = pieces.iter().flatten().copied().skip(place);
        indices.take_while(move |index| self.term(*index).starts_with(word))
    }
}

impl Sorted {
    fn insert(&mut self, piece: usize, place: usize, index: u32) {
        let Some(terms) = self.0.get_mut(piece) else {
            self.0.push(vec![index]);
            return;
        };
        if terms.len() < PIECE {
            terms.insert(place.min(terms.len()), index);
            return;
        }
        // Before it grows: no piece has more room than it may need.
        let mut half = terms.split_off(PIECE / 2);
        match place.checked_sub(PIECE / 2) {
            Some(place) => half.insert(place.min(half.len()), index),
            None => terms.insert(place, index),
        }
        self.0.insert(piece + 1, half);
    }
}

/// The plain lists that a snapshot holds, and [`Coming`] reads: a large dictionary is not in memory twice.
impl Terms {
    /// The terms one after another.
    pub(super) fn text(&self) -> &[u8] {
        &self.text
    }

    /// Where each ends.
    pub(super) fn ends(&self) -> &[u32] {
        &self.ends
    }

    /// The terms' indices in the order of the terms.
    pub(super) fn sorted(&self) -> impl Iterator<Item = u32> {
        self.sorted.0.iter().flatten().copied()
    }

    /// The members that each term finds.
    pub(super) fn found(&self) -> impl Iterator<Item = &[u32]> + Clone {
        (0..self.ends.len()).map(|term| self.postings.of(term))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::{Coming, NO_MATCH, Terms};

    fn found(terms: &Terms, word: &str, members: usize) -> Vec<usize> {
        let scores = terms.scores(&[word.to_owned()], members);
        (0..members)
            .filter(|member| scores[*member] != NO_MATCH)
            .collect()
    }

    #[test]
    fn a_whole_word_comes_before_a_beginning_and_that_before_a_typing_error() {
        let mut terms = Terms::default();
        for (member, term) in ["altair", "altairis", "alatir", "altbir", "sirius"]
            .into_iter()
            .enumerate()
        {
            terms.add(term, u32::try_from(member).unwrap());
        }
        let scores = terms.scores(&["altair".to_owned()], 5);
        assert_eq!(scores[..2], [0, 1]);
        assert!(scores[2] > 8 && scores[2] == scores[3] && scores[3] < NO_MATCH);
        assert_eq!(scores[4], NO_MATCH);
        assert_eq!(
            terms.scores(&["altair".to_owned(), "sirius".to_owned()], 5),
            [NO_MATCH; 5]
        );
    }

    proptest! {
        #[test]
        fn a_dictionary_finds_what_a_plain_search_finds_and_survives_its_snapshot(
            steps in proptest::collection::vec((any::<bool>(), "[ab1]{1,4}", 0..20_u32), 0..400),
            word in "[ab1]{1,3}",
        ) {
            let (mut terms, mut plain) = (Terms::default(), BTreeSet::<(String, u32)>::new());
            for (adds, term, member) in steps {
                if adds {
                    terms.add(&term, member);
                    plain.insert((term, member));
                } else {
                    terms.remove(&term, member);
                    plain.remove(&(term, member));
                }
            }
            let mut expected: Vec<usize> = plain
                .iter()
                .filter(|(term, _)| term.starts_with(&word))
                .map(|(_, member)| usize::try_from(*member).unwrap())
                .collect();
            expected.sort_unstable();
            expected.dedup();
            prop_assert_eq!(&found(&terms, &word, 20), &expected);
            let mut coming = Coming::of(terms.text().to_vec(), terms.ends().to_vec());
            for index in terms.sorted() {
                coming.sorted(index);
            }
            let counts = terms.found().map(|members| u32::try_from(members.len()).unwrap());
            coming.counted(counts.collect());
            for member in terms.found().flatten() {
                coming.found(*member);
            }
            let again = coming.finish().unwrap();
            prop_assert_eq!(&found(&again, &word, 20), &expected);
        }
    }

    #[test]
    fn thousands_of_terms_stay_in_order_however_they_come() {
        let mut terms = Terms::default();
        for number in (0..5000_u32).rev().chain(5000..9000) {
            terms.add(&format!("{:05}", number * 7 % 9001), number);
        }
        for number in [0, 1, 511, 512, 1024, 8999_u32] {
            let word = format!("{:05}", number * 7 % 9001);
            assert_eq!(
                found(&terms, &word, 9000),
                [usize::try_from(number).unwrap()]
            );
        }
        assert_eq!(found(&terms, "0", 9000).len(), 9000);
    }
}
