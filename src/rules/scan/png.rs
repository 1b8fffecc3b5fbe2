//! PNG: a walk over the chunks of ISO/IEC 15948 clause 5, each with its checksum.

use super::{ScanRefusal, check_size, cursor::Cursor};

/// The signature (5.2).
pub(super) const BEGINNING: &[u8] = b"\x89PNG\r\n\x1A\n";

const CUT: ScanRefusal = ScanRefusal::Truncated("the PNG has no end (IEND)");

/// How far a PNG is read.
#[derive(PartialEq, Eq)]
enum Part {
    Beginning,
    Header,
    Data,
    AfterData,
}

/// Checks that the content is one image and ends with it.
pub(super) fn check(content: &[u8]) -> Result<(), ScanRefusal> {
    let mut cursor = Cursor::over(content);
    cursor.take(BEGINNING.len());
    let mut part = Part::Beginning;
    loop {
        let (name, data) = chunk(&mut cursor)?;
        part = match (name, part) {
            (b"IHDR", Part::Beginning) => {
                header(data)?;
                Part::Header
            }
            (b"IHDR", _) | (_, Part::Beginning) => {
                return Err(ScanRefusal::Malformed("IHDR is not the PNG's first chunk"));
            }
            (b"IDAT", Part::Header | Part::Data) => Part::Data,
            (b"IDAT", _) => return Err(ScanRefusal::Malformed("the PNG's data is in pieces")),
            (b"IEND", Part::Data | Part::AfterData) if data.is_empty() => {
                return if cursor.rest().is_empty() {
                    Ok(())
                } else {
                    Err(ScanRefusal::Polyglot("bytes follow the picture's end"))
                };
            }
            (b"IEND", _) => return Err(ScanRefusal::Malformed("the PNG holds no image")),
            (b"acTL" | b"fcTL" | b"fdAT", _) => {
                return Err(ScanRefusal::Malformed("the PNG holds several images"));
            }
            (b"PLTE", Part::Header) => Part::Header,
            (name, part) if is_ancillary(*name) => match part {
                Part::Data => Part::AfterData,
                other => other,
            },
            _ => {
                return Err(ScanRefusal::Malformed(
                    "the PNG has a chunk that no scanner writes",
                ));
            }
        };
    }
}

/// A chunk's type and data (5.3); its checksum must be right.
fn chunk<'a>(cursor: &mut Cursor<'a>) -> Result<(&'a [u8; 4], &'a [u8]), ScanRefusal> {
    let length = cursor.u32().ok_or(CUT)?;
    let length = usize::try_from(length).map_err(|_| CUT)?;
    let named = cursor.take(length.checked_add(4).ok_or(CUT)?).ok_or(CUT)?;
    if cursor.u32().ok_or(CUT)? != crc32fast::hash(named) {
        return Err(ScanRefusal::Malformed("a PNG's checksum is wrong"));
    }
    named.split_first_chunk().ok_or(CUT)
}

/// Whether a decoder may skip a chunk of this type (5.4).
fn is_ancillary(name: [u8; 4]) -> bool {
    name.iter().all(u8::is_ascii_alphabetic) && name.first().is_some_and(u8::is_ascii_lowercase)
}

/// The image header (11.2.2): one image of an acceptable size.
fn header(data: &[u8]) -> Result<(), ScanRefusal> {
    const BROKEN: ScanRefusal = ScanRefusal::Malformed("the PNG's header is broken");
    let mut cursor = Cursor::over(data);
    let width = cursor.u32().ok_or(BROKEN)?;
    let height = cursor.u32().ok_or(BROKEN)?;
    let &[depth, colour, compression, filter, interlace] = cursor.rest() else {
        return Err(BROKEN);
    };
    let is_sound = matches!(
        (colour, depth),
        (0, 1 | 2 | 4 | 8 | 16) | (3, 1 | 2 | 4 | 8) | (2 | 4 | 6, 8 | 16)
    ) && compression == 0
        && filter == 0
        && interlace <= 1;
    if !is_sound {
        return Err(BROKEN);
    }
    check_size(width.into(), height.into())
}
