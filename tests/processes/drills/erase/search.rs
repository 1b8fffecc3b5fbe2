//! The search: `grep`, which knows many words at a time and reads bytes as bytes.

use std::{
    fmt::Write as _,
    fs,
    path::Path,
    process::{Command, Output, Stdio},
};

use tempfile::NamedTempFile;

/// A place that holds something about persons, and the words that are planted there and nowhere else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// The contact person's name.
    Name,
    /// Its position.
    Position,
    /// Its e-mail address.
    Email,
    /// Its telephone number.
    Phone,
    /// How an oral application came.
    Entered,
    /// How the address was confirmed.
    Confirmed,
    /// A comment.
    Comment,
    /// Why it was sent back for correction, also in a letter.
    Returned,
    /// Why it was rejected, also in a letter.
    Rejected,
    /// The signatory's name, in the memorandum.
    Signatory,
    /// The signatory's position there.
    Office,
    /// The scan.
    Scan,
}

impl Mark {
    /// All of them.
    pub fn all() -> Vec<Self> {
        use Mark::{
            Comment, Confirmed, Email, Entered, Name, Office, Phone, Position, Rejected, Returned,
            Scan, Signatory,
        };
        vec![
            Name, Position, Email, Phone, Entered, Confirmed, Comment, Returned, Rejected,
            Signatory, Office, Scan,
        ]
    }

    /// What every value of it begins with.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Name => "Канарейка Имя",
            Self::Position => "Смотритель канареек",
            Self::Email => "canary.address.",
            Self::Phone => "+7 990 551",
            Self::Entered => "Звонила канарейка",
            Self::Confirmed => "Подтвердила канарейка",
            Self::Comment => "Примечание о канарейке",
            Self::Returned => "Канарейка ошиблась",
            Self::Rejected => "Канарейке отказано",
            Self::Signatory => "Канарейка Подписант",
            Self::Office => "Директор канареек",
            Self::Scan => "canary on a scan",
        }
    }
}

/// Words to look for: as they are, and in the hexadecimal digits in which PostgreSQL copies bytes.
pub struct Needles(NamedTempFile);

impl Needles {
    /// These.
    pub fn of(marks: &[Mark]) -> Self {
        let mut words = String::new();
        for mark in marks {
            let text = mark.text();
            writeln!(words, "{text}").unwrap();
            for byte in text.bytes() {
                write!(words, "{byte:02x}").unwrap();
            }
            words.push('\n');
        }
        let file = NamedTempFile::new().unwrap();
        fs::write(file.path(), words).unwrap();
        Self(file)
    }

    fn grep(&self, options: &str, folder: &Path) -> Output {
        let mut grep = Command::new("grep");
        grep.env("LC_ALL", "C").stdin(Stdio::null());
        grep.args([options, "-f"]).arg(self.0.path()).arg(folder);
        let output = grep.output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code().unwrap() < 2, "grep: {told}");
        output
    }

    /// Fails where one of them stands in a file of the folder.
    pub fn must_be_absent(&self, folder: &Path) {
        let found = self.grep("-raoF", folder).stdout;
        let found = String::from_utf8_lossy(&found);
        let first: Vec<&str> = found.lines().take(20).collect();
        assert!(first.is_empty(), "{first:#?}");
    }

    /// Fails where none stands in any file of the folder: then the search could not have found it either.
    pub fn must_be_found(&self, mark: Mark, folder: &Path) {
        let found = self.grep("-raqF", folder);
        assert!(
            found.status.success(),
            "{mark:?} is not in {}",
            folder.display()
        );
    }
}
