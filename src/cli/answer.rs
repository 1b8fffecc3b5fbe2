//! What a command answers, and how it fails.

use std::{
    error::Error,
    fmt::Write as _,
    io::{self, Write as _},
    process::ExitCode,
};

use crate::rules::text::is_forbidden;

/// The exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    /// Done.
    Done,
    /// Refused, or it failed.
    Refused,
    /// Wrong usage or configuration, unreadable input, or no answer to be had from it.
    Unusable,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Done => Self::SUCCESS,
            Exit::Refused => Self::from(1),
            Exit::Unusable => Self::from(2),
        }
    }
}

/// What a command answers.
#[derive(Debug)]
pub(super) struct Answer {
    /// For standard output, whole lines.
    pub(super) text: String,
    /// For standard error, whole lines: what explains the answer without being it.
    pub(super) notes: String,
    /// The exit status.
    pub(super) exit: Exit,
}

impl Answer {
    /// An answer of these lines.
    pub(super) fn done(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            notes: String::new(),
            exit: Exit::Done,
        }
    }

    /// This answer, explained by one more line.
    #[must_use]
    pub(super) fn note(mut self, line: impl AsRef<str>) -> Self {
        self.notes.push_str(line.as_ref());
        self.notes.push('\n');
        self
    }

    /// Prints it. A reader that closes its end early, as `head` does, has had what it wanted.
    pub(super) fn print(self) -> ExitCode {
        let mut out = io::stdout().lock();
        let written = out
            .write_all(self.text.as_bytes())
            .and_then(|()| out.flush());
        eprint(&self.notes);
        match written {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Failed::from(error).print(),
            _ => self.exit.into(),
        }
    }
}

/// Why a command failed, as lines for people: the failure, then its causes or a way out.
#[derive(Debug)]
pub(super) struct Failed {
    lines: Vec<String>,
    exit: Exit,
}

impl Failed {
    /// A failure of which these words say all.
    pub(super) fn because(message: impl Into<String>) -> Self {
        Self {
            lines: vec![message.into()],
            exit: Exit::Refused,
        }
    }

    /// A failure of whoever typed the command or wrote its input.
    pub(super) fn unusable(error: impl Error) -> Self {
        Self::from(error).of_input()
    }

    /// This failure, as one of whoever typed the command or wrote its input.
    #[must_use]
    pub(super) fn of_input(self) -> Self {
        Self {
            exit: Exit::Unusable,
            ..self
        }
    }

    /// This failure and one more line about it.
    #[must_use]
    pub(super) fn and(mut self, line: impl Into<String>) -> Self {
        self.lines.push(line.into());
        self
    }

    /// This failure and the error behind it, with its causes.
    #[must_use]
    pub(super) fn and_causes(mut self, error: &dyn Error) -> Self {
        let mut next = Some(error);
        while let Some(error) = next {
            let line = error.to_string();
            // Some errors repeat their cause in their own words.
            if !self.lines.last().is_some_and(|last| last.ends_with(&line)) {
                self.lines.push(line);
            }
            next = error.source();
        }
        self
    }

    /// Prints it.
    pub(super) fn print(self) -> ExitCode {
        let mut text = String::new();
        for (place, line) in self.lines.iter().enumerate() {
            let before = if place == 0 { "error:" } else { " " };
            let line = line.trim_end().replace('\n', "\n  ");
            // Writing to a string does not fail.
            let _ = writeln!(text, "{before} {line}");
        }
        eprint(&text);
        self.exit.into()
    }

    #[cfg(test)]
    pub(super) fn lines(&self) -> &[String] {
        &self.lines
    }
}

impl<E: Error> From<E> for Failed {
    fn from(error: E) -> Self {
        Self {
            lines: Vec::new(),
            exit: Exit::Refused,
        }
        .and_causes(&error)
    }
}

/// Text from outside, fit for a terminal: what could move the cursor or turn the line around is replaced.
pub(super) fn printable(text: &str) -> String {
    text.chars()
        .map(|c| {
            if is_forbidden(c) {
                char::REPLACEMENT_CHARACTER
            } else {
                c
            }
        })
        .collect()
}

/// Rows under headings, the columns aligned by two spaces at least.
pub(super) fn table<const N: usize>(headings: [&str; N], rows: Vec<[String; N]>) -> String {
    let headings = headings.map(str::to_owned);
    let rows: Vec<[String; N]> = std::iter::once(headings).chain(rows).collect();
    let mut widths = [0; N];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let mut text = String::new();
    for row in &rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            // Writing to a string does not fail.
            let _ = write!(line, "{cell:width$}  ");
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn eprint(text: &str) {
    // When standard error is closed, there is nobody left to tell.
    let _ = io::stderr().write_all(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::{Failed, printable, table};

    #[derive(Debug, thiserror::Error)]
    #[error("the outer thing failed")]
    struct Outer(#[source] std::io::Error);

    #[test]
    fn a_failure_has_one_line_for_each_cause() {
        let error = Outer(std::io::Error::other("the inner thing failed"));
        let failed = Failed::from(error).and("do this");
        assert_eq!(
            failed.lines(),
            [
                "the outer thing failed",
                "the inner thing failed",
                "do this"
            ]
        );
    }

    #[test]
    fn columns_are_aligned_by_characters() {
        let rows = vec![
            ["Амур".to_owned(), "1".to_owned()],
            ["B".to_owned(), "2".to_owned()],
        ];
        assert_eq!(table(["N", "K"], rows), "N     K\nАмур  1\nB     2\n");
    }

    #[test]
    fn what_would_take_the_terminal_over_is_replaced() {
        assert_eq!(
            printable("a\u{1b}[2J\u{202e}b «Амур»"),
            "a\u{fffd}[2J\u{fffd}b «Амур»"
        );
    }
}
