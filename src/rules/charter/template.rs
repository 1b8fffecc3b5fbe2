//! The memorandum's template: plain text with `{{placeholders}}`.

use chrono::NaiveDate;

use crate::rules::text::{Invalid, Lang, Name, Prose};

/// What a placeholder in a memorandum stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Placeholder {
    /// The charter's title, in the template's language.
    Charter,
    /// The day of signing, `2026-11-20`.
    Date,
    /// The signatory's full name.
    FullName,
    /// The organisation that accedes.
    Organisation,
    /// The signatory's position.
    Position,
    /// The line for a signature by hand.
    Signature,
}

impl Placeholder {
    /// Every placeholder.
    pub const ALL: [Self; 6] = [
        Self::Charter,
        Self::Date,
        Self::FullName,
        Self::Organisation,
        Self::Position,
        Self::Signature,
    ];

    /// The name that templates and memorandum fields write.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Charter => "charter",
            Self::Date => "date",
            Self::FullName => "fullName",
            Self::Organisation => "organisation",
            Self::Position => "position",
            Self::Signature => "signature",
        }
    }

    /// The placeholder that `name` writes.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == name)
    }
}

/// What the parties put into a memorandum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemorandumFields {
    /// The day of signing.
    pub date: NaiveDate,
    /// The organisation that accedes, as it wishes to be named.
    pub organisation: Name,
    /// The signatory's full name.
    pub full_name: Name,
    /// The signatory's position; may be absent only where the charter does not require it.
    pub position: Option<Name>,
}

/// Why a memorandum cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MemorandumRefusal {
    /// The version has no template in this language.
    #[error(
        "this charter has no memorandum in the language {0}; ask for one of the charter's languages"
    )]
    NoSuchLanguage(Lang),
    /// The charter requires the signatory's position.
    #[error("this charter's memorandum names the signatory's position; give it")]
    PositionMissing,
}

/// A memorandum's text with its placeholders found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template {
    source: Prose,
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Placeholder(Placeholder),
}

/// The line on which a signature by hand goes.
const SIGNATURE_LINE: &str = "____________________";

impl Template {
    /// Finds the placeholders of `source`; a placeholder that is unknown or not closed is refused.
    pub(super) fn parse(source: Prose) -> Result<Self, Invalid> {
        let mut pieces = Vec::new();
        let mut rest = source.as_str();
        while let Some((before, opened)) = rest.split_once("{{") {
            let Some((name, after)) = opened.split_once("}}") else {
                return Err(Invalid::new(
                    "unclosed_placeholder",
                    "A `{{` has no `}}` after it; close the placeholder.",
                ));
            };
            let Some(placeholder) = Placeholder::from_name(name) else {
                return Err(unknown_placeholder(name));
            };
            pieces.push(Piece::Text(before.to_owned()));
            pieces.push(Piece::Placeholder(placeholder));
            rest = after;
        }
        if rest.contains("}}") {
            return Err(Invalid::new(
                "unopened_placeholder",
                "A `}}` has no `{{` before it; remove it.",
            ));
        }
        pieces.push(Piece::Text(rest.to_owned()));
        Ok(Self { source, pieces })
    }

    /// The text as the definition gives it.
    pub(super) fn source(&self) -> &Prose {
        &self.source
    }

    /// Whether `placeholder` occurs.
    pub(super) fn mentions(&self, placeholder: Placeholder) -> bool {
        self.pieces.contains(&Piece::Placeholder(placeholder))
    }

    /// The memorandum's text, ending in one line feed.
    ///
    /// Values go in as they are; a placeholder inside one is not replaced.
    pub(super) fn fill(&self, charter: &Name, fields: &MemorandumFields) -> String {
        let date = fields.date.to_string();
        self.written(|placeholder| match placeholder {
            Placeholder::Charter => charter.as_str(),
            Placeholder::Date => &date,
            Placeholder::FullName => fields.full_name.as_str(),
            Placeholder::Organisation => fields.organisation.as_str(),
            Placeholder::Position => fields.position.as_ref().map_or("", Name::as_str),
            Placeholder::Signature => SIGNATURE_LINE,
        })
    }

    /// The form to fill in by hand: a line for every field.
    pub(super) fn blank(&self, charter: &Name) -> String {
        self.written(|placeholder| match placeholder {
            Placeholder::Charter => charter.as_str(),
            _ => SIGNATURE_LINE,
        })
    }

    fn written<'a>(&self, value: impl Fn(Placeholder) -> &'a str) -> String {
        let mut text = String::with_capacity(self.source.as_str().len());
        for piece in &self.pieces {
            text.push_str(match piece {
                Piece::Text(plain) => plain,
                Piece::Placeholder(placeholder) => value(*placeholder),
            });
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
        text
    }
}

fn unknown_placeholder(name: &str) -> Invalid {
    let known = Placeholder::ALL.map(Placeholder::as_str).join(", ");
    let shown: String = name.chars().take(40).collect();
    Invalid::new(
        "unknown_placeholder",
        format!("`{{{{{shown}}}}}` is not a placeholder; the known ones are {known}."),
    )
}
