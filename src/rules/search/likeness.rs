//! When two names are taken for one another: they tell the same, sound the same, or look the same.

use unicode_normalization::UnicodeNormalization;

use super::skeleton::{folded_words, skeleton};
use crate::rules::text::Name;

/// Words for the form of an organisation, folded, which nobody remembers of its name.
const FORMS: [&str; 44] = [
    "ооо",
    "оао",
    "зао",
    "пао",
    "нпао",
    "ао",
    "ано",
    "нко",
    "нп",
    "фгуп",
    "гуп",
    "муп",
    "фгбу",
    "фгау",
    "фгбоу",
    "фгаоу",
    "гбу",
    "гау",
    "гбоу",
    "гаоу",
    "гоау",
    "мбу",
    "мау",
    "мбоу",
    "маоу",
    "моу",
    "мобу",
    "мдоу",
    "мбдоу",
    "мадоу",
    "кгбу",
    "рооо",
    "тоо",
    "llc",
    "ltd",
    "inc",
    "jsc",
    "pjsc",
    "ojsc",
    "plc",
    "gmbh",
    "ag",
    "sa",
    "corp",
];

/// The words of a name that tell it from others, folded: without those for the form of the organisation, unless
/// there are no others.
pub fn words_that_tell(name: &Name) -> Vec<String> {
    let words = folded_words(name.as_str());
    let telling: Vec<String> = words
        .iter()
        .filter(|word| !FORMS.contains(&word.as_str()))
        .cloned()
        .collect();
    if telling.is_empty() { words } else { telling }
}

/// How these words sound, in whichever script they are written: one word of their skeletons.
pub fn sound_of(words: &[String]) -> String {
    words
        .iter()
        .map(|word| skeleton(word))
        .collect::<Vec<_>>()
        .join(" ")
}

/// How a name looks: its confusable skeleton (UTS #39 §4) in lower case, of letters and digits only.
///
/// Beyond the standard, small letters stand for the capitals that they are written as, so that "РОСТ" and "POCT" look
/// the same, too.
pub fn look_of(name: &Name) -> String {
    let lower: String = name.as_str().nfkc().flat_map(char::to_lowercase).collect();
    let prototypes: String = unicode_security::confusable_detection::skeleton(&lower).collect();
    prototypes
        .nfd()
        .flat_map(char::to_lowercase)
        .filter(|c| c.is_alphanumeric())
        .map(as_its_capital_looks)
        .collect()
}

/// The Latin small letter whose capital looks like this letter's capital, or the letter that the sign is read as.
const fn as_its_capital_looks(c: char) -> char {
    match c {
        'в' | 'ʙ' | 'β' => 'b',
        'н' | 'ʜ' | 'η' => 'h',
        'к' | 'ĸ' | 'κ' => 'k',
        'м' | 'ʍ' | 'μ' => 'm',
        'т' | 'ᴛ' | 'τ' => 't',
        'у' => 'y',
        'ё' => 'e',
        '0' => 'o',
        '1' | 'i' | 'і' | 'ı' | 'ι' => 'l',
        other => other,
    }
}
