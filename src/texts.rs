//! The texts of letters and small pages, in Russian and English: fluent files, and what fills them.

use std::{borrow::Cow, sync::LazyLock};

use chrono::{Datelike as _, NaiveDate};
use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};

use crate::rules::text::Lang;

/// The columns after which a line of a letter is broken, where it can be.
const WIDTH: usize = 72;

/// A language that the texts are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// Russian.
    Russian,
    /// English, which also serves readers of any other language.
    English,
}

impl Written {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Russian, Self::English];

    /// The language for a reader of `lang`.
    pub fn of(lang: &Lang) -> Self {
        match lang.primary() {
            "ru" => Self::Russian,
            _ => Self::English,
        }
    }

    /// The language's tag.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Russian => "ru",
            Self::English => "en",
        }
    }

    fn texts(self) -> &'static Texts {
        static RUSSIAN: LazyLock<Texts> = LazyLock::new(|| Texts::read(Written::Russian));
        static ENGLISH: LazyLock<Texts> = LazyLock::new(|| Texts::read(Written::English));
        match self {
            Self::Russian => &RUSSIAN,
            Self::English => &ENGLISH,
        }
    }

    const fn sources(self) -> [&'static str; 2] {
        match self {
            Self::Russian => [
                include_str!("texts/letters.ru.ftl"),
                include_str!("texts/pages.ru.ftl"),
            ],
            Self::English => [
                include_str!("texts/letters.en.ftl"),
                include_str!("texts/pages.en.ftl"),
            ],
        }
    }
}

/// A text that the fluent files do not give.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the text {name} in {language}: {problem}")]
pub struct TextError {
    name: String,
    language: &'static str,
    problem: String,
}

/// What fills the places of a text.
#[derive(Debug, Default)]
pub struct Places(FluentArgs<'static>);

impl Places {
    /// With one place filled.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.0
            .set(name, FluentValue::String(Cow::Owned(value.into())));
        self
    }

    /// With a number, whose grammar the text follows.
    #[must_use]
    pub fn with_number(mut self, name: &'static str, value: u32) -> Self {
        self.0.set(name, value);
        self
    }
}

struct Texts {
    written: Written,
    bundle: FluentBundle<FluentResource>,
}

impl Texts {
    /// Reads the files. What is wrong with them a test finds; here the rest is used.
    fn read(written: Written) -> Self {
        let language = written.tag().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![language]);
        // Letters are plain text, which marks of direction would spoil; names have none (`rules::text`).
        bundle.set_use_isolating(false);
        for source in written.sources() {
            let resource = FluentResource::try_new(source.to_owned());
            bundle.add_resource_overriding(resource.unwrap_or_else(|(readable, _)| readable));
        }
        Self { written, bundle }
    }

    fn text(
        &self,
        name: &str,
        attribute: Option<&str>,
        places: &Places,
    ) -> Result<String, TextError> {
        let failed = |problem: String| TextError {
            name: name.to_owned(),
            language: self.written.tag(),
            problem,
        };
        let message = self.bundle.get_message(name);
        let pattern = message.and_then(|message| match attribute {
            Some(attribute) => message.get_attribute(attribute).map(|found| found.value()),
            None => message.value(),
        });
        let pattern = pattern.ok_or_else(|| failed("is missing".to_owned()))?;
        let mut errors = Vec::new();
        let text = self
            .bundle
            .format_pattern(pattern, Some(&places.0), &mut errors);
        match errors.first() {
            None => Ok(text.into_owned()),
            Some(error) => Err(failed(error.to_string())),
        }
    }
}

/// The text of this name.
pub fn text(written: Written, name: &str, places: &Places) -> Result<String, TextError> {
    written.texts().text(name, None, places)
}

/// An attribute of the text of this name, such as a letter's subject.
pub fn attribute(
    written: Written,
    name: &str,
    attribute: &str,
    places: &Places,
) -> Result<String, TextError> {
    written.texts().text(name, Some(attribute), places)
}

/// A day as people of this language write it.
pub fn day(written: Written, day: NaiveDate) -> Result<String, TextError> {
    let places = Places::default()
        .with("day", day.day().to_string())
        .with_number("month", day.month())
        .with("year", day.year().to_string());
    text(written, "date", &places)
}

/// The text with lines of at most 72 columns; what has no space in it, such as an address, stays whole.
pub fn wrapped(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(wrapped_line).collect();
    lines.join("\n") + "\n"
}

fn wrapped_line(line: &str) -> String {
    let mut wrapped = String::new();
    let mut column = 0;
    for word in line.split_whitespace() {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > WIDTH {
            wrapped.push('\n');
            column = 0;
        } else if column > 0 {
            wrapped.push(' ');
            column += 1;
        }
        wrapped.push_str(word);
        column += length;
    }
    wrapped
}

#[cfg(test)]
mod tests {
    use fluent_bundle::FluentResource;

    use super::{Written, day, wrapped};
    use crate::rules::{day::Day, text::Lang};

    #[test]
    fn the_files_are_read_without_an_error() {
        for written in Written::ALL {
            for source in written.sources() {
                let errors = FluentResource::try_new(source.to_owned())
                    .err()
                    .map(|(_, errors)| errors);
                assert_eq!(errors, None, "{}", written.tag());
            }
        }
    }

    #[test]
    fn every_reader_has_a_language() {
        for (reader, written) in [
            ("ru", Written::Russian),
            ("ru-RU", Written::Russian),
            ("en-GB", Written::English),
            ("udm", Written::English),
        ] {
            assert_eq!(Written::of(&Lang::parse(reader).unwrap()), written);
        }
    }

    #[test]
    fn a_day_is_written_as_people_write_it() {
        let date = Day::parse("2026-11-02").unwrap().0;
        assert_eq!(day(Written::Russian, date).unwrap(), "2 ноября 2026 года");
        assert_eq!(day(Written::English, date).unwrap(), "2 November 2026");
    }

    #[test]
    fn lines_are_broken_between_words_only() {
        let address = format!("https://registry.example/{}", "x".repeat(80));
        let text = format!("{}\n\n{address}\nконец", "слово ".repeat(30).trim_end());
        let wrapped = wrapped(&text);
        assert_eq!(
            wrapped.split_whitespace().collect::<Vec<_>>(),
            text.split_whitespace().collect::<Vec<_>>()
        );
        assert!(wrapped.contains("\n\n"));
        for line in wrapped.lines() {
            assert!(line.chars().count() <= 72 || line == address, "{line}");
        }
    }
}
