//! The structure of the file (ISO 32000 clause 7.5): objects, cross-reference tables, trailers, to the last byte.

use std::collections::BTreeMap;

use super::{
    ScanRefusal,
    syntax::{Dictionary, Parser, Value, is_space},
};

const CUT: ScanRefusal = ScanRefusal::Truncated("the PDF has no end (%%EOF)");
const BROKEN: ScanRefusal = ScanRefusal::Malformed("the PDF's structure is broken");

/// An object as it lies in the file.
pub(super) struct Object<'a> {
    pub(super) number: u32,
    pub(super) value: Value,
    /// Its bytes, if it is a stream.
    pub(super) stream: Option<&'a [u8]>,
}

/// Everything that the file consists of.
pub(super) struct File<'a> {
    pub(super) objects: Vec<Object<'a>>,
    /// The trailers, and the dictionaries of cross-reference streams, which are trailers as well.
    pub(super) trailers: Vec<Dictionary>,
    pub(super) parser: Parser<'a>,
}

impl<'a> File<'a> {
    /// Reads the whole file.
    pub(super) fn read(content: &'a [u8]) -> Result<Self, ScanRefusal> {
        let mut file = Self {
            objects: Vec::new(),
            trailers: Vec::new(),
            parser: Parser::over(content),
        };
        loop {
            let comment = file.parser.skip_space()?;
            if file.parser.rest().is_empty() {
                return match comment {
                    Some(b"%%EOF") => file.whole(content),
                    _ => Err(CUT),
                };
            }
            file.part()?;
        }
    }

    /// Checks what only shows when everything is read.
    fn whole(self, content: &[u8]) -> Result<Self, ScanRefusal> {
        // Tables and readers' repairs find objects by their beginnings: there must be no other ones.
        if beginnings(content) != self.objects.len() {
            return Err(ScanRefusal::Polyglot(
                "an object is hidden inside another one",
            ));
        }
        let integers: BTreeMap<u32, i64> = self
            .objects
            .iter()
            .filter_map(|object| match object.value {
                Value::Integer(integer) => Some((object.number, integer)),
                _ => None,
            })
            .collect();
        for object in &self.objects {
            let dictionary = object.value.dictionary();
            if let Some(Value::Reference(number)) =
                dictionary.and_then(|dictionary| dictionary.get(b"Length"))
                && let Some(stream) = object.stream
            {
                let told = integers.get(number).copied();
                let told = told.and_then(|told| usize::try_from(told).ok());
                // Line ends before `endstream` may or may not be counted.
                let missed = told.and_then(|told| stream.len().checked_sub(told));
                if missed.is_none_or(|missed| missed > 2) {
                    return Err(BROKEN);
                }
            }
        }
        Ok(self)
    }

    /// One part of the file.
    fn part(&mut self) -> Result<(), ScanRefusal> {
        if self.parser.word(b"xref") {
            self.skip_table()
        } else if self.parser.word(b"trailer") {
            match self.parser.value()? {
                Value::Dictionary(trailer) => self.trailers.push(trailer),
                _ => return Err(BROKEN),
            }
            Ok(())
        } else if self.parser.word(b"startxref") {
            self.parser.skip_space()?;
            self.parser.number().map(drop).ok_or(BROKEN)
        } else {
            self.object()
        }
    }

    /// Skips a cross-reference table (7.5.4).
    fn skip_table(&mut self) -> Result<(), ScanRefusal> {
        loop {
            self.parser.skip_space()?;
            if self.parser.rest().starts_with(b"trailer") {
                return Ok(());
            }
            self.parser.number().ok_or(BROKEN)?;
            self.parser.skip_space()?;
            self.parser.number().ok_or(BROKEN)?;
            self.parser.skip_space()?;
            let _ = self.parser.word(b"n") || self.parser.word(b"f");
        }
    }

    /// An object (7.3.10), and its stream (7.3.8) if it has one.
    fn object(&mut self) -> Result<(), ScanRefusal> {
        let number = self.parser.number().ok_or(BROKEN)?;
        self.parser.skip_space()?;
        self.parser.number().ok_or(BROKEN)?;
        self.parser.skip_space()?;
        if !self.parser.word(b"obj") {
            return Err(BROKEN);
        }
        let value = self.parser.value()?;
        self.parser.skip_space()?;
        let mut stream = None;
        if let Value::Dictionary(dictionary) = &value
            && self.parser.word(b"stream")
        {
            stream = Some(self.stream(dictionary)?);
            self.parser.skip_space()?;
            if dictionary.is(b"Type", b"XRef") {
                self.trailers.push(dictionary.clone());
            }
        }
        if !self.parser.word(b"endobj") {
            return Err(if self.parser.rest().is_empty() {
                CUT
            } else {
                BROKEN
            });
        }
        self.objects.push(Object {
            number,
            value,
            stream,
        });
        Ok(())
    }

    /// The bytes of a stream, to its `endstream`.
    fn stream(&mut self, dictionary: &Dictionary) -> Result<&'a [u8], ScanRefusal> {
        let rest = self.parser.rest();
        let begin = match rest {
            [b'\r', b'\n', ..] => 2,
            [b'\n', ..] => 1,
            [] => return Err(CUT),
            _ => return Err(BROKEN),
        };
        self.parser.take(begin);
        let length = match dictionary.get(b"Length") {
            Some(Value::Integer(length)) => usize::try_from(*length).map_err(|_| BROKEN)?,
            Some(Value::Reference(_)) => place(self.parser.rest(), b"endstream").ok_or(CUT)?,
            _ => return Err(BROKEN),
        };
        let stream = self.parser.take(length).ok_or(CUT)?;
        self.parser.skip_space()?;
        if self.parser.word(b"endstream") {
            Ok(stream)
        } else {
            Err(BROKEN)
        }
    }
}

fn place(bytes: &[u8], word: &[u8]) -> Option<usize> {
    bytes.windows(word.len()).position(|window| window == word)
}

/// How many places look like the beginning of an object: a number, a number, and `obj`.
fn beginnings(content: &[u8]) -> usize {
    let is_beginning = |end: usize| {
        let before = content.get(..end).unwrap_or_default();
        let back = |bytes: &[u8], test: fn(&u8) -> bool| {
            let count = bytes.iter().rev().take_while(|byte| test(byte)).count();
            (bytes.len() - count, count)
        };
        let space: fn(&u8) -> bool = |byte| is_space(*byte);
        let (end, _) = back(before, space);
        let (end, generation) = back(before.get(..end).unwrap_or_default(), u8::is_ascii_digit);
        let (end, gap) = back(before.get(..end).unwrap_or_default(), space);
        let (_, number) = back(before.get(..end).unwrap_or_default(), u8::is_ascii_digit);
        generation > 0 && gap > 0 && number > 0
    };
    let words = content.windows(3).enumerate();
    words
        .filter(|(at, window)| *window == b"obj" && is_beginning(*at))
        .count()
}
