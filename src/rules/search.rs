//! Finding organisations by what people type, in Cyrillic or Latin, without a search engine.
//!
//! Every word of an organisation becomes a few terms for a table; every word of a query becomes
//! one. A record matches if for every word of the query some term of the record has it as a
//! prefix. Both are the word's *skeleton* (`search/skeleton.rs`): a coarse Latin spelling on which
//! the scripts and the customary romanisations agree, so that "yandex" finds "Яндекс" and "Яндекс"
//! finds "Yandex". Terms consist of letters, digits and marks: `%` and `_` never occur in them.

use std::collections::BTreeSet;

use crate::rules::{
    organisation::{Identifier, Organisation},
    text::{Localized, Name},
};

mod likeness;
mod skeleton;

pub use likeness::{look_of, sound_of, words_that_tell};
use skeleton::{folded_words, reduced_with_beginnings, skeleton, spellings};

/// The most words of a query that are looked at.
pub const MAX_QUERY_WORDS: usize = 8;

/// Changes whenever [`terms`] or [`sort_key`] give anything else than before: kept terms are made anew then.
pub const REVISION: u32 = 1;

/// The terms by which an organisation, and the membership of this number, are found.
///
/// Words of names and aliases, compounds such as "Gazprom-Media" also in one word, identifiers,
/// the domain and its labels, and the number with and without leading zeros.
pub fn terms(organisation: &Organisation, number: Option<u64>) -> BTreeSet<String> {
    let mut terms = BTreeSet::new();
    let names = organisation.name.iter().map(|(_, name)| name);
    for name in names.chain(&organisation.aliases) {
        add_text(&mut terms, name.as_str());
    }
    for value in organisation.identifiers.iter().map(Identifier::value) {
        add_text(&mut terms, value);
    }
    if let Some(domain) = &organisation.domain {
        add_text(&mut terms, domain.as_str());
        add_text(&mut terms, &domain.unicode());
    }
    if let Some(number) = number {
        terms.insert(number.to_string());
        terms.insert(format!("{number:06}"));
    }
    terms
}

/// The text by which lists of names are sorted: English where there is an English name, folded.
pub fn sort_key(name: &Localized<Name>) -> String {
    folded_words(name.preferred(&[]).1.as_str()).join(" ")
}

/// The words of a query as prefixes of terms, at most [`MAX_QUERY_WORDS`], none twice.
///
/// An address is read as its host. A query without letters and digits gives no words.
pub fn query_terms(text: &str) -> Vec<String> {
    let mut terms = Vec::new();
    let words = text.split_whitespace().map(host_of).flat_map(folded_words);
    for term in words.map(|word| skeleton(&word)) {
        if !term.is_empty() && terms.len() < MAX_QUERY_WORDS && !terms.contains(&term) {
            terms.push(term);
        }
    }
    terms
}

/// The host of what looks like a web address, and anything else as it is.
fn host_of(chunk: &str) -> &str {
    let Some((_, address)) = chunk.split_once("://") else {
        return chunk.strip_prefix("www.").unwrap_or(chunk);
    };
    let host = address.split(['/', '?', '#']).next().unwrap_or(address);
    host.strip_prefix("www.").unwrap_or(host)
}

fn add_text(terms: &mut BTreeSet<String>, text: &str) {
    for chunk in text.split_whitespace() {
        let words = folded_words(chunk);
        if words.len() > 1 {
            add_word(terms, &words.concat());
        }
        for word in words {
            add_word(terms, &word);
        }
    }
}

/// Adds a word so that each of its beginnings finds it, however it is romanised.
///
/// The skeleton of a beginning that ends inside a digraph ("s" of "sh", "c" of "ch") need not be a
/// beginning of the skeleton of the whole; where it is not, it becomes a term of its own.
fn add_word(terms: &mut BTreeSet<String>, word: &str) {
    for spelling in spellings(word) {
        // What is romanised stays so.
        let (whole, beginnings) = reduced_with_beginnings(&spelling);
        if whole.is_empty() {
            continue;
        }
        terms.extend(beginnings);
        terms.insert(whole);
    }
}

#[cfg(test)]
mod tests;
