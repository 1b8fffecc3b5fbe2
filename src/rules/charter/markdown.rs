//! A charter's text as Markdown.

use unicode_normalization::UnicodeNormalization;

use crate::rules::text::{Invalid, is_forbidden};

/// A text in Markdown: NFC, lines ended by `\n`, their indentation kept; 1 to 200,000 characters.
///
/// Codes: `empty`, `too_long`, `forbidden_character`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Markdown(String);

impl Markdown {
    /// The most characters a text may have.
    pub const MAX_CHARS: usize = 200_000;

    /// Reads a text; empty lines at both ends go, and the last line ends in one `\n`.
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        let lines: String = raw.replace("\r\n", "\n").nfc().collect();
        let body = lines.trim_start_matches('\n').trim_end();
        if body.trim_start().is_empty() {
            return Err(Invalid::new(
                "empty",
                "The text is empty; the charter's text or a summary of it is expected.",
            ));
        }
        if let Some(found) = body.chars().find(|c| *c != '\n' && is_forbidden(*c)) {
            let detail = format!(
                "The text contains the character U+{:04X}, which is invisible, reserved or a \
                 control; remove it, and indent with spaces.",
                u32::from(found)
            );
            return Err(Invalid::new("forbidden_character", detail));
        }
        let length = body.chars().count();
        if length > Self::MAX_CHARS {
            let detail = format!(
                "The text has {length} characters; at most {} are accepted.",
                Self::MAX_CHARS
            );
            return Err(Invalid::new("too_long", detail));
        }
        Ok(Self(format!("{body}\n")))
    }

    /// The Markdown source.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
