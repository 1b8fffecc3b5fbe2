//! The bits of a list: index 0 is the leftmost, gzip (RFC 1952) makes them small.

use std::io::{Read as _, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::bufread::GzDecoder;
use flate2::{Compression, GzBuilder};

use super::ENTRIES;

/// As many bytes as are read at most: more than eight million places.
const MOST: usize = 1 << 20;

/// The multibase prefix of base64url without padding.
const BASE64URL: char = 'u';

/// The operating system of a gzip header that does not say one (RFC 1952 §2.3.1).
const NO_SYSTEM: u8 = 255;

/// The bits of a status list; at least [`ENTRIES`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bits(Vec<u8>);

impl Default for Bits {
    /// [`ENTRIES`] bits, none of them set.
    fn default() -> Self {
        Self(vec![0; bytes(ENTRIES)])
    }
}

impl Bits {
    /// Sets the bit at an index. One beyond the list's end is nowhere to be set.
    pub fn set(&mut self, index: u32) {
        if let Some(byte) = self.0.get_mut(bytes(index)) {
            *byte |= mask(index);
        }
    }

    /// Whether the bit at an index is set; none beyond the list's end.
    pub fn get(&self, index: u32) -> Option<bool> {
        Some(self.0.get(bytes(index))? & mask(index) != 0)
    }

    /// How many are set.
    pub fn count(&self) -> u32 {
        self.0.iter().map(|byte| byte.count_ones()).sum()
    }

    /// `u` and base64url of the compressed bits: the same bits give the same text.
    pub fn encode(&self) -> String {
        format!("{BASE64URL}{}", URL_SAFE_NO_PAD.encode(compressed(&self.0)))
    }

    /// Reads the bits back, decompressing no more than a megabyte.
    ///
    /// # Errors
    ///
    /// What is wrong with the text, for people.
    pub fn decode(text: &str) -> Result<Self, &'static str> {
        let compressed = text
            .strip_prefix(BASE64URL)
            .and_then(|encoded| URL_SAFE_NO_PAD.decode(encoded).ok())
            .ok_or("it is not u and base64url without padding")?;
        let mut gzip = GzDecoder::new(compressed.as_slice());
        let mut bits = Vec::new();
        let limit = u64::try_from(MOST).unwrap_or(u64::MAX) + 1;
        gzip.by_ref()
            .take(limit)
            .read_to_end(&mut bits)
            .map_err(|_| "it is not compressed with gzip, or is damaged")?;
        if bits.len() > MOST {
            return Err("it is longer than a megabyte");
        }
        if !gzip.into_inner().is_empty() {
            return Err("something follows the compressed bits");
        }
        if bits.len() < bytes(ENTRIES) {
            return Err("it has fewer than 131072 entries");
        }
        Ok(Self(bits))
    }
}

/// The bits in gzip, without a time and a system, so that nothing but the bits counts.
fn compressed(bits: &[u8]) -> Vec<u8> {
    let builder = GzBuilder::new().mtime(0).operating_system(NO_SYSTEM);
    let mut gzip = builder.write(Vec::new(), Compression::best());
    #[expect(clippy::expect_used, reason = "a Vec takes all that is written to it")]
    gzip.write_all(bits)
        .and_then(|()| gzip.finish())
        .expect("memory can be written to")
}

/// The byte of an index; of a length, how many bytes it takes.
fn bytes(index: u32) -> usize {
    usize::try_from(index / 8).unwrap_or(usize::MAX)
}

/// The bit within its byte: the first is the most significant.
const fn mask(index: u32) -> u8 {
    0x80 >> (index % 8)
}
