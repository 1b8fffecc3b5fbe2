//! Text that people and programs send in, parsed into types that cannot be wrong.
//!
//! [`Name`] and [`Prose`] are what people read, [`Slug`] is what stands in addresses. Languages
//! live in `text/language.rs`, e-mail addresses and telephone numbers in `text/contact.rs`. Every
//! refusal is an [`Invalid`]; a document with several fields collects them as [`FieldError`]s.

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_public_assigned;

mod contact;
mod language;

pub use contact::{Email, Phone};
pub use language::{Lang, Localized};

/// Why a value was refused: a stable code for programs and a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{detail}")]
pub struct Invalid {
    /// A stable `snake_case` word that a program may depend on.
    pub code: &'static str,
    /// What happened and what was expected, in English.
    pub detail: String,
}

impl Invalid {
    /// A refusal with its code and its sentence.
    pub fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
        }
    }

    /// This refusal at a place in a document, given as a JSON Pointer (RFC 6901).
    pub fn at(self, pointer: impl Into<String>) -> FieldError {
        FieldError {
            pointer: pointer.into(),
            code: self.code,
            detail: self.detail,
        }
    }

    fn empty(what: &str) -> Self {
        Self::new(
            "empty",
            format!("{what} is empty; at least one letter or digit is expected."),
        )
    }

    fn too_long(what: &str, limit: usize, length: usize) -> Self {
        Self::new(
            "too_long",
            format!("{what} has {length} characters; at most {limit} are accepted."),
        )
    }

    fn forbidden_character(what: &str, found: char) -> Self {
        Self::new(
            "forbidden_character",
            format!(
                "{what} contains the character U+{:04X}, which is invisible, reserved or a \
                 control; only visible characters and spaces are accepted.",
                u32::from(found)
            ),
        )
    }
}

/// A refusal and the field it concerns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// The field, as a JSON Pointer (RFC 6901) into the document that was sent.
    pub pointer: String,
    /// A stable `snake_case` word that a program may depend on.
    pub code: &'static str,
    /// What happened and what was expected, in English.
    pub detail: String,
}

impl FieldError {
    /// The same refusal seen from the document that holds this one at `parent`, a JSON Pointer.
    #[must_use]
    pub fn under(mut self, parent: &str) -> Self {
        self.pointer.insert_str(0, parent);
        self
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.pointer, self.detail)
    }
}

impl std::error::Error for FieldError {}

/// One step of a JSON Pointer: `/` and the key, escaped as RFC 6901 §3 demands.
pub fn pointer_to(key: &str) -> String {
    format!("/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// Gives a string type with a `parse` function the rest of what such a type needs.
macro_rules! parsed_string {
    ($name:ident) => {
        impl $name {
            /// The canonical text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::rules::text::Invalid;

            fn from_str(raw: &str) -> Result<Self, Self::Err> {
                Self::parse(raw)
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::rules::text::Invalid;

            fn try_from(raw: String) -> Result<Self, Self::Error> {
                Self::parse(&raw)
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }
    };
}
pub(crate) use parsed_string;

/// A name on one line: of an organisation, a person, a position.
///
/// NFC, trimmed, inner white space collapsed to one space; 1 to 300 characters, of which at least
/// one is a letter or a digit. Codes: `empty`, `too_long`, `forbidden_character`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Name(String);

parsed_string!(Name);

impl Name {
    /// What stands where a name was removed, in any language.
    pub fn omitted() -> Self {
        Self("[…]".to_owned())
    }

    /// The most characters a name may have.
    pub const MAX_CHARS: usize = 300;

    /// Reads a name and brings it into canonical form.
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        let line = canonical_line(raw, "The name")?;
        if !line.chars().any(char::is_alphanumeric) {
            return Err(Invalid::empty("The name"));
        }
        within(&line, Self::MAX_CHARS, "The name")?;
        Ok(Self(line))
    }
}

/// Free text of one or more lines: a statement, a complaint, a remark.
///
/// Lines are canonical as in [`Name`], ended by `\n`, with at most one empty line between two; 1
/// to 10,000 characters. Codes: `empty`, `too_long`, `forbidden_character`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Prose(String);

parsed_string!(Prose);

impl Prose {
    /// What stands where a text was removed, in any language.
    pub fn omitted() -> Self {
        Self("[…]".to_owned())
    }

    /// The most characters a text may have.
    pub const MAX_CHARS: usize = 10_000;

    /// Reads a text and brings it into canonical form.
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        let mut text = String::with_capacity(raw.len());
        let mut blank_lines = 0;
        for line in raw.trim().replace("\r\n", "\n").split('\n') {
            let line = canonical_line(line, "The text")?;
            if line.is_empty() {
                blank_lines += 1;
                continue;
            }
            if !text.is_empty() {
                text.push_str(if blank_lines > 0 { "\n\n" } else { "\n" });
            }
            blank_lines = 0;
            text.push_str(&line);
        }
        if text.is_empty() {
            return Err(Invalid::empty("The text"));
        }
        within(&text, Self::MAX_CHARS, "The text")?;
        Ok(Self(text))
    }
}

/// A word for addresses: `[a-z0-9](-?[a-z0-9])*`, 1 to 64 characters.
///
/// Codes: `empty`, `too_long`, `forbidden_character`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Slug(String);

parsed_string!(Slug);

impl Slug {
    /// The most characters a slug may have.
    pub const MAX_CHARS: usize = 64;

    /// Reads a slug; nothing is changed, since a slug is part of signed addresses.
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        if raw.is_empty() {
            return Err(Invalid::empty("The slug"));
        }
        within(raw, Self::MAX_CHARS, "The slug")?;
        let parts_are_words = raw.split('-').all(|part| {
            let lower = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
            !part.is_empty() && part.chars().all(lower)
        });
        if !parts_are_words {
            return Err(Invalid::new(
                "forbidden_character",
                "The slug may consist of lower-case Latin letters and digits, with single \
                 hyphens between them.",
            ));
        }
        Ok(Self(raw.to_owned()))
    }
}

/// One line in NFC, trimmed, with each run of white space made one space.
fn canonical_line(raw: &str, what: &str) -> Result<String, Invalid> {
    let mut line = String::with_capacity(raw.len());
    let mut space_is_due = false;
    for c in in_nfc(raw.trim()) {
        if is_forbidden(c) {
            return Err(Invalid::forbidden_character(what, c));
        }
        if c.is_whitespace() {
            space_is_due = true;
            continue;
        }
        if space_is_due && !line.is_empty() {
            line.push(' ');
        }
        space_is_due = false;
        line.push(c);
    }
    Ok(line)
}

/// The characters of a text in NFC.
pub(crate) fn in_nfc(text: &str) -> impl Iterator<Item = char> {
    let is_in_nfc = text.chars().all(is_common);
    let (as_it_is, composed) = if is_in_nfc { (text, "") } else { ("", text) };
    as_it_is.chars().chain(composed.nfc())
}

/// Refuses a text of more than `limit` characters.
fn within(text: &str, limit: usize, what: &str) -> Result<(), Invalid> {
    match text.chars().count() {
        length if length > limit => Err(Invalid::too_long(what, limit, length)),
        _ => Ok(()),
    }
}

/// Whether a character is one of those that most texts consist of: printable ASCII, and letters of the Cyrillic alphabets.
/// No two of them compose, and none changes in NFC.
pub(crate) const fn is_common(c: char) -> bool {
    matches!(c, ' '..='~' | '\u{400}'..='\u{45F}')
}

/// Whether a character has no place in text for people: it cannot be seen, reorders what stands
/// around it, breaks the line, or means nothing that others agree on.
///
/// The list is `Default_Ignorable_Code_Point` (UAX #44) with controls, bidi marks, separators,
/// the blank Braille pattern, annotation marks, private use, unassigned and non-characters.
pub(crate) fn is_forbidden(c: char) -> bool {
    let is_invisible = matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}'
        | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFD}' | '\u{1BCA0}'..='\u{1BCA3}'
        | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}');
    !is_common(c) && (c.is_control() || is_invisible || !is_public_assigned(c))
}

#[cfg(test)]
mod tests;
