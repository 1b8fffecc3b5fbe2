//! The syntax of objects (ISO 32000 clause 7.2 and 7.3).

use super::ScanRefusal;

/// How deep lists and dictionaries may lie in each other.
const MAX_DEPTH: usize = 32;

/// How many values a file may have in all, so that reading it takes little memory.
const MAX_VALUES: usize = 250_000;

/// The longest comment: enough for what programs write, too short for another file.
const MAX_COMMENT: usize = 255;

const CUT: ScanRefusal = ScanRefusal::Truncated("an object of the PDF has no end");
const BROKEN: ScanRefusal = ScanRefusal::Malformed("an object of the PDF is broken");

/// A value, as far as the checks need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// A string, a real number, a truth value, or null.
    Other,
    /// An integer.
    Integer(i64),
    /// A name, with its `#` escapes read.
    Name(Vec<u8>),
    /// An array.
    List(Vec<Value>),
    /// A dictionary; a stream is its dictionary.
    Dictionary(Dictionary),
    /// A reference to the object of this number.
    Reference(u32),
}

impl Value {
    /// The dictionary that this is.
    pub(super) const fn dictionary(&self) -> Option<&Dictionary> {
        match self {
            Self::Dictionary(dictionary) => Some(dictionary),
            _ => None,
        }
    }
}

/// A dictionary's entries, in their order; a key that stands twice is refused.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Dictionary(Vec<(Vec<u8>, Value)>);

impl Dictionary {
    /// The value of a key.
    pub(super) fn get(&self, key: &[u8]) -> Option<&Value> {
        let entry = self.0.iter().find(|(own, _)| own == key);
        entry.map(|(_, value)| value)
    }

    /// Every value.
    pub(super) fn values(&self) -> impl Iterator<Item = &Value> {
        self.0.iter().map(|(_, value)| value)
    }

    /// Whether `key` has the name `name`.
    pub(super) fn is(&self, key: &[u8], name: &[u8]) -> bool {
        matches!(self.get(key), Some(Value::Name(own)) if own == name)
    }

    /// The integer of a key.
    pub(super) fn integer(&self, key: &[u8]) -> Option<i64> {
        match self.get(key) {
            Some(Value::Integer(number)) => Some(*number),
            _ => None,
        }
    }
}

/// White space (7.2.3).
pub(super) const fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 0x0C | b'\r' | b' ')
}

const fn is_delimiter(byte: u8) -> bool {
    matches!(
        byte,
        b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%'
    )
}

/// Reads values out of bytes.
pub(super) struct Parser<'a> {
    rest: &'a [u8],
    values_left: usize,
}

impl<'a> Parser<'a> {
    /// Reads these bytes.
    pub(super) const fn over(bytes: &'a [u8]) -> Self {
        Self {
            rest: bytes,
            values_left: MAX_VALUES,
        }
    }

    /// Goes on in other bytes, within the same bounds.
    pub(super) const fn elsewhere<'b>(&self, bytes: &'b [u8]) -> Parser<'b> {
        Parser {
            rest: bytes,
            values_left: self.values_left,
        }
    }

    /// Takes over the bounds that a reading elsewhere has left.
    pub(super) const fn back_from(&mut self, other: &Parser<'_>) {
        self.values_left = other.values_left;
    }

    /// What is still to be read.
    pub(super) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The next `count` bytes.
    pub(super) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    /// Skips white space and comments; returns the last comment, if there was one.
    pub(super) fn skip_space(&mut self) -> Result<Option<&'a [u8]>, ScanRefusal> {
        let mut comment = None;
        loop {
            let spaces = self.rest.iter().take_while(|byte| is_space(**byte)).count();
            self.take(spaces);
            if self.rest.first() != Some(&b'%') {
                return Ok(comment);
            }
            let length = self
                .rest
                .iter()
                .take_while(|byte| !matches!(byte, b'\n' | b'\r'))
                .count();
            if length > MAX_COMMENT {
                return Err(ScanRefusal::Polyglot(
                    "a comment is long enough to hide another file",
                ));
            }
            comment = self.take(length);
        }
    }

    /// Whether `word` comes next; takes it if it does.
    pub(super) fn word(&mut self, word: &[u8]) -> bool {
        let Some(after) = self.rest.strip_prefix(word) else {
            return false;
        };
        let ends = after
            .first()
            .is_none_or(|byte| is_space(*byte) || is_delimiter(*byte));
        if ends {
            self.rest = after;
        }
        ends
    }

    /// The integer that comes next, without a sign.
    pub(super) fn number(&mut self) -> Option<u32> {
        let length = self
            .rest
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let (digits, after) = self.rest.split_at_checked(length)?;
        let ends = after
            .first()
            .is_none_or(|byte| is_space(*byte) || is_delimiter(*byte));
        let number = std::str::from_utf8(digits).ok()?.parse().ok()?;
        if !ends {
            return None;
        }
        self.rest = after;
        Some(number)
    }

    /// The value that comes next.
    pub(super) fn value(&mut self) -> Result<Value, ScanRefusal> {
        self.value_at(MAX_DEPTH)
    }

    fn value_at(&mut self, depth: usize) -> Result<Value, ScanRefusal> {
        self.skip_space()?;
        let depth = depth.checked_sub(1).ok_or(BROKEN)?;
        self.values_left = self
            .values_left
            .checked_sub(1)
            .ok_or(ScanRefusal::Malformed("the PDF has too many objects"))?;
        match self.rest {
            [b'/', ..] => Ok(Value::Name(self.name()?)),
            [b'(', ..] => self.string(),
            [b'<', b'<', ..] => self.dictionary(depth),
            [b'<', ..] => self.hex_string(),
            [b'[', ..] => self.list(depth),
            [b'+' | b'-' | b'.' | b'0'..=b'9', ..] => self.numeric(),
            [] => Err(CUT),
            _ => self.keyword(),
        }
    }

    /// A name (7.3.5), with its escapes read, so that `/J#53` is `/JS`.
    fn name(&mut self) -> Result<Vec<u8>, ScanRefusal> {
        self.take(1);
        let mut name = Vec::new();
        loop {
            match self.rest {
                [b'#', high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                    let digit = |byte: u8| char::from(byte).to_digit(16).unwrap_or_default();
                    let byte = digit(*high) * 16 + digit(*low);
                    name.push(u8::try_from(byte).map_err(|_| BROKEN)?);
                    self.take(3);
                }
                [byte, ..] if !is_space(*byte) && !is_delimiter(*byte) => {
                    name.push(*byte);
                    self.take(1);
                }
                _ => return Ok(name),
            }
            if name.len() > 255 {
                return Err(BROKEN);
            }
        }
    }

    /// A literal string (7.3.4.2): parentheses balance, a backslash takes the next byte along.
    fn string(&mut self) -> Result<Value, ScanRefusal> {
        let mut open = 0_usize;
        loop {
            let byte = *self.take(1).and_then(<[u8]>::first).ok_or(CUT)?;
            match byte {
                b'\\' => {
                    self.take(1).ok_or(CUT)?;
                }
                b'(' => open += 1,
                b')' if open == 1 => return Ok(Value::Other),
                b')' => open -= 1,
                _ => {}
            }
        }
    }

    fn hex_string(&mut self) -> Result<Value, ScanRefusal> {
        self.take(1);
        let length = self
            .rest
            .iter()
            .take_while(|byte| byte.is_ascii_hexdigit() || is_space(**byte))
            .count();
        self.take(length);
        match self.take(1) {
            Some(b">") => Ok(Value::Other),
            Some(_) => Err(BROKEN),
            None => Err(CUT),
        }
    }

    fn list(&mut self, depth: usize) -> Result<Value, ScanRefusal> {
        self.take(1);
        let mut values = Vec::new();
        loop {
            self.skip_space()?;
            if self.rest.first() == Some(&b']') {
                self.take(1);
                return Ok(Value::List(values));
            }
            values.push(self.value_at(depth)?);
        }
    }

    fn dictionary(&mut self, depth: usize) -> Result<Value, ScanRefusal> {
        self.take(2);
        let mut entries: Vec<(Vec<u8>, Value)> = Vec::new();
        loop {
            self.skip_space()?;
            match self.rest {
                [b'>', b'>', ..] => {
                    self.take(2);
                    entries.sort_by(|(one, _), (other, _)| one.cmp(other));
                    let twice = entries
                        .windows(2)
                        .any(|pair| matches!(pair, [(one, _), (other, _)] if one == other));
                    if twice {
                        return Err(BROKEN);
                    }
                    return Ok(Value::Dictionary(Dictionary(entries)));
                }
                [b'/', ..] => {
                    let key = self.name()?;
                    entries.push((key, self.value_at(depth)?));
                }
                [] => return Err(CUT),
                _ => return Err(BROKEN),
            }
        }
    }

    /// A number (7.3.3), or a reference (7.3.10).
    fn numeric(&mut self) -> Result<Value, ScanRefusal> {
        let before = self.rest;
        if let Some(number) = self.number() {
            let after = self.rest;
            self.skip_space()?;
            if self.number().is_some() {
                self.skip_space()?;
                if self.word(b"R") {
                    return Ok(Value::Reference(number));
                }
            }
            self.rest = after;
            return Ok(Value::Integer(number.into()));
        }
        self.rest = before;
        let length = before
            .iter()
            .take_while(|byte| matches!(byte, b'+' | b'-' | b'.' | b'0'..=b'9'))
            .count();
        let text = self.take(length).unwrap_or_default();
        let number = std::str::from_utf8(text)
            .ok()
            .and_then(|text| text.parse().ok());
        Ok(number.map_or(Value::Other, Value::Integer))
    }

    fn keyword(&mut self) -> Result<Value, ScanRefusal> {
        let known = [b"true".as_slice(), b"false", b"null"];
        if known.iter().any(|word| self.word(word)) {
            Ok(Value::Other)
        } else {
            Err(BROKEN)
        }
    }
}
