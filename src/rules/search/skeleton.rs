//! The skeleton of a word: one coarse Latin spelling for what is said the same.
//!
//! A word goes through three steps, records and queries alike: it is *folded* (lower case, without
//! diacritics), *romanised* (Cyrillic letter by letter), and reduced by the rules of [`skeleton`],
//! which make the romanisations agree. Scripts other than these two stay as they are.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::rules::text::in_nfc;

/// The most characters of a word that count.
const MAX_WORD_CHARS: usize = 64;

/// The words of a text, folded: NFKD lower case without diacritics, punctuation and signs.
///
/// An apostrophe belongs to its word; every other sign ends it. Diacritics of Latin, Cyrillic and
/// Greek go (so ё is е and й is и); the vowel signs of other scripts stay.
pub(super) fn folded_words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    for c in in_nfc(text) {
        if is_apostrophe(c) {
            continue;
        }
        if !is_part_of_word(c) {
            words.push(std::mem::take(&mut word));
            continue;
        }
        if is_folded(c) {
            word.push(c);
            continue;
        }
        for lower in c.to_lowercase() {
            fold_into(&mut word, lower);
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    for word in &mut words {
        if let Some((end, _)) = word.char_indices().nth(MAX_WORD_CHARS) {
            word.truncate(end);
        }
    }
    words
}

/// Whether folding leaves a letter as it is: most letters of most words, of which that is known without looking it up.
const fn is_folded(c: char) -> bool {
    matches!(c, 'a'..='z' | '0'..='9' | 'а'..='и' | 'к'..='я' | 'ё')
}

fn is_apostrophe(c: char) -> bool {
    matches!(
        c,
        '\'' | '`' | '´' | '‘' | '’' | '′' | 'ʹ' | 'ʺ' | 'ʻ' | 'ʼ' | 'ʾ' | 'ʿ'
    )
}

fn is_part_of_word(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c)
}

fn fold_into(word: &mut String, c: char) {
    if matches!(c, 'ё' | 'č' | 'š' | 'ž') {
        word.push(c);
        return;
    }
    let is_diacritic = |c: &char| matches!(c, '\u{300}'..='\u{36F}');
    for part in std::iter::once(c).nfkd().flat_map(char::to_lowercase) {
        if is_part_of_word(part) && !is_apostrophe(part) && !is_diacritic(&part) {
            word.push(part);
        }
    }
}

/// The Latin spellings under which a folded word may be looked for, the usual one first.
///
/// There are two where ё is spelled "e" by some and "yo" by others.
pub(super) fn spellings(word: &str) -> Vec<String> {
    let usual = romanised(word);
    let other = if word.contains('ё') {
        romanised(&word.replace('ё', "yo"))
    } else {
        usual.replace("yo", "e")
    };
    if other == usual {
        return vec![usual];
    }
    vec![usual, other]
}

fn romanised(word: &str) -> String {
    let mut latin = String::with_capacity(word.len());
    for c in word.chars() {
        match letter(c) {
            Some(letters) => latin.push_str(letters),
            None => latin.push(c),
        }
    }
    latin
}

/// The romanisation of a letter: Russian, Ukrainian, Belarusian, Serbian, Kazakh, Tatar, and what
/// Latin alphabets add to the 26 letters beyond diacritics.
fn letter(c: char) -> Option<&'static str> {
    Some(match c {
        'а' | 'ә' => "a",
        'б' => "b",
        'в' => "v",
        'г' | 'ґ' | 'ғ' => "g",
        'д' | 'đ' => "d",
        'ђ' => "dj",
        'е' | 'ё' | 'э' | 'є' => "e",
        'ж' | 'җ' | 'ž' => "zh",
        'з' => "z",
        'и' | 'ы' | 'і' | 'ı' => "i",
        'ј' => "j",
        'к' | 'қ' => "k",
        'л' | 'ł' => "l",
        'љ' => "lj",
        'м' => "m",
        'н' | 'ң' => "n",
        'њ' => "nj",
        'о' | 'ө' | 'ø' => "o",
        'п' => "p",
        'р' => "r",
        'с' => "s",
        'т' => "t",
        'у' | 'ұ' | 'ү' => "u",
        'ф' => "f",
        'х' | 'һ' | 'ҳ' => "kh",
        'ц' => "ts",
        'ч' | 'ћ' | 'č' => "ch",
        'џ' => "dzh",
        'ш' | 'š' => "sh",
        'щ' => "shch",
        'ъ' | 'ь' => "",
        'ю' => "yu",
        'я' => "ya",
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ς' => "σ",
        _ => return None,
    })
}

/// What is spelled in several ways, longer before shorter, and the one spelling for all.
///
/// | spelled | skeleton | so that these agree |
/// | --- | --- | --- |
/// | shch, sch, sh, with or without t | sh | Щёлково, Shchelkovo, Schelkovo |
/// | kh, h; ch before a consonant | h | Хром, Khrom, Hrom, Chrom |
/// | ts; c before e, i, y, j | s | Циан, Tsian, Cian |
/// | tch, ch | ch | Чайка, Tchaika |
/// | c, ck, q | k | Телеком, Telecom |
/// | x | ks | Яндекс, Yandex |
/// | ph, th, w, qu | f, t, v, kv | Фото, Photo |
/// | y, j | i | Ямал, Yamal, Jamal, Iamal |
const SPELLINGS: [(&str, &str); 25] = [
    ("tshch", "sh"),
    ("tsch", "sh"),
    ("shch", "sh"),
    ("sch", "sh"),
    ("tch", "ch"),
    ("chl", "hl"),
    ("chm", "hm"),
    ("chn", "hn"),
    ("chr", "hr"),
    ("ch", "ch"),
    ("kh", "h"),
    ("ph", "f"),
    ("th", "t"),
    ("ts", "s"),
    ("qu", "kv"),
    ("ce", "se"),
    ("ci", "si"),
    ("cy", "si"),
    ("cj", "si"),
    ("c", "k"),
    ("q", "k"),
    ("x", "ks"),
    ("w", "v"),
    ("y", "i"),
    ("j", "i"),
];

/// The skeleton of a folded word, romanised or not.
///
/// Beyond what [`SPELLINGS`] says, "ie" is e ("Vasilyev", "Vasiliev") and a letter twice is the
/// letter once ("Rossiya", "Rosia"). Of hard and soft signs alone nothing is left.
pub(super) fn skeleton(word: &str) -> String {
    reduced(&romanised(word))
}

/// The skeleton of a word that is romanised.
pub(super) fn reduced(latin: &str) -> String {
    let (mut reduced, mut rest) = (String::with_capacity(latin.len()), latin);
    while let Some((sound, letters)) = first_sound(rest) {
        letters.chars().for_each(|c| append(&mut reduced, c));
        rest = rest.get(sound.len()..).unwrap_or_default();
    }
    reduced
}

/// The skeleton of a romanised word, and those of its beginnings that are no beginnings of it: some that end inside a
/// sound ("s" of "sh", "c" of "ch"), or with an "i" that goes before an "e".
pub(super) fn reduced_with_beginnings(latin: &str) -> (String, Vec<String>) {
    let (mut whole, mut rest) = (String::with_capacity(latin.len()), latin);
    let mut doubtful = Vec::new();
    while let Some((sound, letters)) = first_sound(rest) {
        let start = latin.len() - rest.len();
        if letters.starts_with('e') && whole.ends_with('i') {
            doubtful.push(start);
        }
        let inside = sound.char_indices().skip(1);
        doubtful.extend(inside.map(|(place, _)| start + place));
        letters.chars().for_each(|c| append(&mut whole, c));
        rest = rest.get(sound.len()..).unwrap_or_default();
    }
    let beginnings = doubtful.into_iter().filter_map(|end| latin.get(..end));
    let mut beginnings: Vec<String> = beginnings.map(reduced).collect();
    beginnings.retain(|beginning| !whole.starts_with(beginning));
    (whole, beginnings)
}

/// What a romanised word begins with: one sound as it is spelled, and its one spelling.
fn first_sound(latin: &str) -> Option<(&str, &str)> {
    let first = latin.chars().next()?;
    if begins_a_spelling(first)
        && let Some((spelled, reduced)) = SPELLINGS
            .iter()
            .find(|(spelled, _)| latin.starts_with(spelled))
    {
        return Some((*spelled, *reduced));
    }
    let letter = latin.get(..first.len_utf8())?;
    Some((letter, letter))
}

/// Whether one of [`SPELLINGS`] begins with this letter.
const fn begins_a_spelling(c: char) -> bool {
    matches!(c, 'c' | 'j' | 'k' | 'p' | 'q' | 's' | 't' | 'w' | 'x' | 'y')
}

/// Appends a letter, joining it with the one before where the two are one sound.
fn append(reduced: &mut String, c: char) {
    if c == 'e' && reduced.ends_with('i') {
        reduced.pop();
    }
    if !(c.is_ascii_alphabetic() && reduced.ends_with(c)) {
        reduced.push(c);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::{
        SPELLINGS, begins_a_spelling, fold_into, is_folded, reduced, reduced_with_beginnings,
        romanised,
    };

    #[test]
    fn what_is_known_without_looking_it_up_is_what_looking_it_up_gives() {
        for c in (0..=0x2FFF).filter_map(char::from_u32) {
            let mut folded = String::new();
            c.to_lowercase().for_each(|c| fold_into(&mut folded, c));
            assert!(!is_folded(c) || folded == c.to_string(), "{c}");
            let latin = romanised(&c.to_string());
            assert_eq!(romanised(&latin), latin);
            let begins = SPELLINGS.iter().any(|(spelled, _)| spelled.starts_with(c));
            assert_eq!(begins_a_spelling(c), begins, "{c}");
        }
        assert_eq!(reduced("shchyolkovo"), "shiolkovo");
    }
    proptest! {
        #[test]
        fn only_beginnings_that_differ_are_found_beside_a_word(word in "[a-zё]{0,12}|[ceihjkpqstwxyrlmn]{0,12}") {
            let latin = romanised(&word);
            let (whole, beginnings) = reduced_with_beginnings(&latin);
            prop_assert_eq!(&whole, &reduced(&latin));
            let ends = latin.char_indices().skip(1).map(|(end, _)| end);
            let all = ends.map(|end| reduced(&latin[..end]));
            let differ: BTreeSet<String> = all.filter(|beginning| !whole.starts_with(beginning)).collect();
            prop_assert_eq!(BTreeSet::from_iter(beginnings), differ);
        }
    }
}
