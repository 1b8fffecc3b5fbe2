//! Typing errors: which words may be meant by a word that is not quite one of them.
//!
//! A word of letters has a signature: one bit for each of its trigrams, with the beginning marked. An error spoils
//! a few trigrams and leaves the others, so a term that lacks too many of the query's bits cannot be meant, and
//! most of a dictionary is passed over at a glance. What remains is measured by the optimal string alignment
//! distance (a letter too many, missing, wrong, or two exchanged), bit-parallel as H. Hyyrö describes it ("A
//! Bit-Vector Algorithm for Computing Levenshtein and Damerau Edit Distances", 2003).

/// The shortest word in which typing errors are looked for: below it, everything resembles everything.
const MIN_LETTERS: usize = 5;

/// The longest: as many letters as a machine word has bits.
const MAX_LETTERS: usize = 64;

/// The trigrams of a word as a set of 64 bits; empty for what is not of Latin letters only.
///
/// Terms are skeletons, in which Cyrillic is Latin already.
pub(super) fn signature(word: &[u8]) -> u64 {
    if word.len() < MIN_LETTERS - 1 || !word.iter().all(u8::is_ascii_lowercase) {
        return 0;
    }
    let mut bits = 0;
    let (mut before, mut last) = (0_u32, 0_u32);
    for letter in word.iter().map(|letter| u32::from(*letter)) {
        // A multiplicative hash: its highest six bits are spread evenly.
        let trigram = (before << 16) | (last << 8) | letter;
        bits |= 1_u64 << (trigram.wrapping_mul(0x9E37_79B1) >> 26);
        (before, last) = (last, letter);
    }
    bits
}

/// A word of a query as it may have been mistyped.
pub(super) struct Mistyped {
    letters: usize,
    /// Where each letter occurs.
    places: [u64; 26],
    signature: u64,
    /// How many errors it may have.
    errors: u32,
    /// How many of its bits a term may lack.
    lacking: u32,
    /// Whether it may be the beginning of a longer word.
    unfinished: bool,
}

impl Mistyped {
    /// The word, unless it is too short, too long, or of other signs than letters.
    pub(super) fn new(word: &str) -> Option<Self> {
        let word = word.as_bytes();
        let bits = signature(word);
        if bits == 0 || !(MIN_LETTERS..=MAX_LETTERS).contains(&word.len()) {
            return None;
        }
        let (errors, lacking) = match word.len() {
            ..=5 => (1, 3),
            6..=8 => (1, 4),
            _ => (2, 6),
        };
        let mut places = [0; 26];
        for (place, letter) in word.iter().enumerate() {
            if let Some(bits) = places.get_mut(usize::from(letter - b'a')) {
                *bits |= 1 << place;
            }
        }
        Some(Self {
            letters: word.len(),
            places,
            signature: bits,
            errors,
            lacking,
            unfinished: word.len() >= 7,
        })
    }

    /// Whether a term of this signature is worth measuring.
    pub(super) fn may_be(&self, signature: u64) -> bool {
        (self.signature & !signature).count_ones() <= self.lacking
    }

    /// How many errors lead from the term to this word, if they are few enough.
    pub(super) fn errors_from(&self, term: &[u8]) -> Option<u32> {
        let longest = self.letters + usize::try_from(self.errors).unwrap_or(0);
        if !self.unfinished && term.len() > longest {
            return None;
        }
        let measured = term.get(..longest.min(term.len())).unwrap_or(term);
        let errors = self.distance(measured);
        (errors <= self.errors).then_some(errors)
    }

    /// The distance from a term, or from the nearest of its beginnings where the word may be unfinished.
    fn distance(&self, term: &[u8]) -> u32 {
        let last_bit = 1_u64 << (self.letters - 1);
        let mut distance = u32::try_from(self.letters).unwrap_or(u32::MAX);
        let mut nearest = distance;
        let (mut plus, mut minus, mut zero, mut before) = (u64::MAX, 0_u64, 0_u64, 0_u64);
        for letter in term {
            let index = usize::from(letter.wrapping_sub(b'a'));
            let places = self.places.get(index).copied().unwrap_or(0);
            let exchanged = ((!zero & places) << 1) & before;
            zero = ((places & plus).wrapping_add(plus) ^ plus) | places | minus | exchanged;
            let up = minus | !(zero | plus);
            let down = zero & plus;
            distance += u32::from(up & last_bit != 0);
            distance -= u32::from(down & last_bit != 0);
            nearest = nearest.min(distance);
            let up = (up << 1) | 1;
            plus = (down << 1) | !(zero | up);
            minus = up & zero;
            before = places;
        }
        if self.unfinished { nearest } else { distance }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Mistyped, signature};

    /// The same distance by the textbook's table.
    fn by_the_book(a: &[u8], b: &[u8]) -> u32 {
        let width = b.len() + 1;
        let mut table = vec![0_u32; (a.len() + 1) * width];
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                let at = |i: usize, j: usize| table[i * width + j];
                table[i * width + j] = if i == 0 || j == 0 {
                    u32::try_from(i + j).unwrap()
                } else {
                    let wrong = at(i - 1, j - 1) + u32::from(a[i - 1] != b[j - 1]);
                    let best = wrong.min(at(i - 1, j) + 1).min(at(i, j - 1) + 1);
                    let exchanged = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
                    if exchanged {
                        best.min(at(i - 2, j - 2) + 1)
                    } else {
                        best
                    }
                };
            }
        }
        table[a.len() * width + b.len()]
    }

    proptest! {
        #[test]
        fn errors_are_counted_as_the_textbook_counts_them(word in "[a-d]{5,12}", term in "[a-d]{4,16}") {
            let mistyped = Mistyped::new(&word).unwrap();
            let (word, term) = (word.as_bytes(), term.as_bytes());
            let expected = if mistyped.unfinished {
                (0..=term.len()).map(|end| by_the_book(word, &term[..end])).min().unwrap()
            } else {
                by_the_book(word, term)
            };
            let found = mistyped.errors_from(term);
            prop_assert_eq!(found, (expected <= mistyped.errors).then_some(expected));
        }
    }

    #[test]
    fn a_word_with_an_error_still_resembles_what_was_meant() {
        for (typed, meant) in [
            ("kasperkii", "kasperskii"),
            ("kasprskii", "kasperskii"),
            ("kaspreskii", "kasperskii"),
            ("iandesk", "iandeks"),
            ("iagdeks", "iandeks"),
            ("megfon", "megafon"),
            ("bilian", "bilain"),
            ("mediq", "media"),
            ("nedia", "media"),
        ] {
            let mistyped = Mistyped::new(typed).unwrap();
            assert!(mistyped.may_be(signature(meant.as_bytes())), "{typed}");
            assert!(mistyped.errors_from(meant.as_bytes()).is_some(), "{typed}");
        }
    }

    #[test]
    fn numbers_short_words_and_other_scripts_are_taken_as_they_are() {
        for word in ["7736207543", "sber", "mts1234", "საქართველო", ""] {
            assert!(Mistyped::new(word).is_none(), "{word}");
        }
        assert_eq!(signature("7736207543".as_bytes()), 0);
    }
}
