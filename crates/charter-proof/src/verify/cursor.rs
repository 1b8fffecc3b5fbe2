//! Canonical JSON (RFC 8785) from one place to the next.

/// The bytes that are left, of a text in UTF-8.
pub(super) struct Cursor<'a>(pub(super) &'a [u8]);

impl<'a> Cursor<'a> {
    /// Goes past this text, where it is what comes next.
    pub(super) fn literal(&mut self, text: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(text.as_bytes())?;
        Some(())
    }

    /// What was gone past since these bytes were what is left.
    pub(super) fn since(&self, earlier: &'a [u8]) -> Option<&'a [u8]> {
        earlier.get(..earlier.len().checked_sub(self.0.len())?)
    }

    /// Goes past the rest of a string whose opening quotation mark was passed, and gives it without the closing one.
    ///
    /// None where canonical JSON writes it otherwise (RFC 8785 §3.2.2.2).
    pub(super) fn string(&mut self) -> Option<&'a [u8]> {
        let whole = self.0;
        loop {
            let ends = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=0x1f);
            let place = self.0.iter().position(ends)?;
            let (_, rest) = self.0.split_at_checked(place)?;
            match rest {
                [b'"', rest @ ..] => {
                    let found = self.past(whole, rest)?;
                    return found.split_last().map(|(_, string)| string);
                }
                [
                    b'\\',
                    b'"' | b'\\' | b'b' | b'f' | b'n' | b'r' | b't',
                    rest @ ..,
                ] => self.0 = rest,
                [b'\\', b'u', b'0', b'0', tens, ones, rest @ ..] if is_control(*tens, *ones) => {
                    self.0 = rest;
                }
                _ => return None,
            }
        }
    }

    fn past(&mut self, whole: &'a [u8], rest: &'a [u8]) -> Option<&'a [u8]> {
        self.0 = rest;
        self.since(whole)
    }

    /// The same of a string without anything that JSON escapes.
    pub(super) fn plain(&mut self) -> Option<&'a str> {
        let place = self.0.iter().position(|byte| *byte == b'"')?;
        let (string, rest) = self.0.split_at_checked(place)?;
        let is_plain = |byte: &u8| byte.is_ascii_graphic() && *byte != b'\\';
        if !string.iter().all(is_plain) {
            return None;
        }
        self.0 = rest.get(1..)?;
        std::str::from_utf8(string).ok()
    }

    /// A member that may be absent: its string with both quotation marks; none at all where it is not one.
    #[expect(
        clippy::option_option,
        reason = "absent, and malformed, are two things"
    )]
    pub(super) fn optional(&mut self, start: &str) -> Option<Option<&'a [u8]>> {
        let whole = self.0;
        if self.literal(start).is_none() {
            return Some(None);
        }
        self.string()?;
        let member = self.since(whole)?;
        Some(Some(member.get(start.len().checked_sub(1)?..)?))
    }

    /// A list with something in it, with its brackets.
    pub(super) fn list(&mut self, item: impl Fn(&mut Self) -> Option<()>) -> Option<&'a [u8]> {
        let whole = self.0;
        self.literal("[")?;
        loop {
            item(self)?;
            match self.0.split_first()? {
                (b',', rest) => self.0 = rest,
                (b']', rest) => return self.past(whole, rest),
                _ => return None,
            }
        }
    }

    /// A list that may be empty.
    pub(super) fn list_or_nothing(&mut self, item: impl Fn(&mut Self) -> Option<()>) -> Option<()> {
        self.literal("[]").or_else(|| self.list(item).map(|_| ()))
    }

    /// A number of 32 bits.
    pub(super) fn number(&mut self) -> Option<u32> {
        let digits = self
            .0
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let (number, rest) = self.0.split_at_checked(digits)?;
        if digits > 1 && number.starts_with(b"0") {
            return None;
        }
        self.0 = rest;
        std::str::from_utf8(number).ok()?.parse().ok()
    }
}

/// Whether these two digits are those of a control character that has no shorter escape.
fn is_control(tens: u8, ones: u8) -> bool {
    let has_shorter = tens == b'0' && matches!(ones, b'8' | b'9' | b'a' | b'c' | b'd');
    let is_digit = ones.is_ascii_digit() || (b'a'..=b'f').contains(&ones);
    matches!(tens, b'0' | b'1') && is_digit && !has_shorter
}
