//! What people type when they look for a member, and what of it finds nobody.

use crate::{
    newcomers::{Chance, Known, organisation},
    registry::CHARTER,
};

/// A way of looking for a member.
type Way = (&'static str, fn(&Known, &mut Chance) -> String);

/// The ways, each as frequent as the others.
pub const WAYS: [Way; 8] = [
    ("beginning of a word", |known, chance| {
        let word = long_word(&known.russian, chance);
        word.chars().take(3 + chance.below(3)).collect()
    }),
    ("whole words", |known, chance| {
        let word = long_word(&known.russian, chance);
        format!("{word} {}", long_word(&known.russian, chance))
    }),
    ("the other script", |known, chance| {
        long_word(&known.english, chance)
    }),
    ("a typing error", |known, chance| {
        mistyped(&long_word(&known.russian, chance), chance)
    }),
    ("a typing error in the other script", |known, chance| {
        mistyped(&long_word(&known.english, chance), chance)
    }),
    ("a number", |known, _| known.ogrn.clone()),
    ("an address", |known, _| {
        let domain = known.domain.clone();
        domain.map_or_else(|| known.ogrn.clone(), |domain| format!("https://{domain}/"))
    }),
    ("nobody", |_, chance| {
        let letters: Vec<char> = "бвгджзклмнпрстфхцчшщ".chars().collect();
        (0..6 + chance.below(6))
            .map(|_| *chance.one(&letters))
            .collect()
    }),
];

/// The queries of one way, as paths.
pub fn of(way: usize, count: usize, members: u64) -> Vec<String> {
    let (_, make) = WAYS[way];
    let mut chance = Chance::of(0x005E_A6C4 + u64::try_from(way).unwrap());
    let all = usize::try_from(members).unwrap();
    (0..count)
        .map(|_| {
            let number = u64::try_from(chance.below(all)).unwrap();
            let typed = make(&organisation(number), &mut chance);
            format!("/v1/charters/{CHARTER}/members?q={}", encoded(&typed))
        })
        .collect()
}

/// One of the words that are not short.
fn long_word(name: &str, chance: &mut Chance) -> String {
    let words: Vec<&str> = name
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().count() >= 5)
        .collect();
    if words.is_empty() {
        return name.to_owned();
    }
    (*chance.one(&words)).to_owned()
}

/// A word with a letter missing, twice, or exchanged with the next one; not the first letter.
fn mistyped(word: &str, chance: &mut Chance) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    if letters.len() < 3 {
        return word.to_owned();
    }
    let place = 1 + chance.below(letters.len() - 2);
    match chance.below(3) {
        0 => drop(letters.remove(place)),
        1 => letters.insert(place, letters[place]),
        _ => letters.swap(place, place + 1),
    }
    letters.into_iter().collect()
}

/// A text as a query takes it.
fn encoded(text: &str) -> String {
    let of_byte = |byte: u8| {
        if byte.is_ascii_alphanumeric() {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    text.bytes().map(of_byte).collect()
}
