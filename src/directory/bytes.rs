//! Plain binary: integers little-endian, texts and lists with their length before them.

/// Bytes that are being written.
#[derive(Default)]
pub(super) struct Writing(pub Vec<u8>);

/// Bytes that are being read; none of its answers where they end too early.
pub(super) struct Reading<'a>(pub &'a [u8]);

macro_rules! integers {
    ($($name:ident: $int:ty,)+) => {
        impl Writing {
            $(
                /// Appends an integer.
                pub(super) fn $name(&mut self, value: $int) {
                    self.0.extend_from_slice(&value.to_le_bytes());
                }
            )+
        }

        impl Reading<'_> {
            $(
                /// Takes an integer.
                pub(super) fn $name(&mut self) -> Option<$int> {
                    self.array().map(<$int>::from_le_bytes)
                }
            )+
        }
    };
}

integers! {
    byte: u8,
    short: u16,
    int: u32,
    day: i32,
    long: u64,
}

impl Writing {
    /// Appends bytes as they are; whoever reads them knows how many.
    pub(super) fn raw(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// Appends a text of at most 65,535 bytes; what is beyond is cut off between two characters.
    pub(super) fn text(&mut self, text: &str) {
        let end = text.floor_char_boundary(usize::from(u16::MAX));
        let text = text.get(..end).unwrap_or(text);
        self.short(u16::try_from(text.len()).unwrap_or(u16::MAX));
        self.raw(text.as_bytes());
    }
}

impl<'a> Reading<'a> {
    /// Takes so many bytes.
    pub(super) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// Takes as many bytes as the array has.
    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    /// Takes a text.
    pub(super) fn text(&mut self) -> Option<&'a str> {
        let length = self.short()?;
        str::from_utf8(self.take(usize::from(length))?).ok()
    }
}
