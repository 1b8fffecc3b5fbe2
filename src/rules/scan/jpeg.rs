//! JPEG: a walk over the segments of ISO/IEC 10918-1 annex B, from SOI to EOI.

use super::{ScanRefusal, check_size, cursor::Cursor};

/// SOI and the first byte of the next marker.
pub(super) const BEGINNING: &[u8] = b"\xFF\xD8\xFF";

const SOI: u8 = 0xD8;
const EOI: u8 = 0xD9;
const SOS: u8 = 0xDA;

const CUT: ScanRefusal = ScanRefusal::Truncated("the JPEG has no end (EOI)");
const SEVERAL: ScanRefusal = ScanRefusal::Malformed("the JPEG holds several images");

/// Checks that the content is one image and ends with it.
pub(super) fn check(content: &[u8]) -> Result<(), ScanRefusal> {
    let mut cursor = Cursor::over(content);
    let mut has_frame = false;
    let mut has_scan = false;
    cursor.take(2);
    loop {
        match marker(&mut cursor)? {
            EOI if has_scan && cursor.rest().is_empty() => return Ok(()),
            EOI if has_scan => {
                return Err(ScanRefusal::Polyglot(
                    "bytes follow the picture's end, as a camera's motion photo has them",
                ));
            }
            EOI => return Err(ScanRefusal::Malformed("the JPEG holds no image")),
            SOI => return Err(SEVERAL),
            SOS if has_frame => {
                segment(&mut cursor)?;
                skip_coded(&mut cursor)?;
                has_scan = true;
            }
            SOS => return Err(ScanRefusal::Malformed("a JPEG's scan has no frame")),
            // Baseline, extended and progressive frames, Huffman or arithmetic coded.
            0xC0..=0xC2 | 0xC9 | 0xCA if has_frame => return Err(SEVERAL),
            0xC0..=0xC2 | 0xC9 | 0xCA => {
                frame(segment(&mut cursor)?)?;
                has_frame = true;
            }
            // Tables, restart interval, number of lines, applications' segments, comments.
            0xC4 | 0xCC | 0xDB..=0xDD | 0xE0..=0xEF | 0xFE => {
                segment(&mut cursor)?;
            }
            _ => {
                return Err(ScanRefusal::Malformed(
                    "the JPEG has a segment that no scanner writes",
                ));
            }
        }
    }
}

/// The next marker; any number of fill bytes may stand before its code (B.1.1.2).
fn marker(cursor: &mut Cursor<'_>) -> Result<u8, ScanRefusal> {
    if cursor.byte().ok_or(CUT)? != 0xFF {
        return Err(ScanRefusal::Malformed(
            "a JPEG's segment does not end where it says",
        ));
    }
    loop {
        match cursor.byte().ok_or(CUT)? {
            0xFF => {}
            code => return Ok(code),
        }
    }
}

/// A segment's parameters (B.1.1.4).
fn segment<'a>(cursor: &mut Cursor<'a>) -> Result<&'a [u8], ScanRefusal> {
    let length = usize::from(cursor.u16().ok_or(CUT)?);
    let length = length
        .checked_sub(2)
        .ok_or(ScanRefusal::Malformed("a JPEG's segment has no length"))?;
    cursor.take(length).ok_or(CUT)
}

/// A frame header (B.2.2): one image of an acceptable size.
fn frame(parameters: &[u8]) -> Result<(), ScanRefusal> {
    const BROKEN: ScanRefusal = ScanRefusal::Malformed("the JPEG's frame header is broken");
    let mut cursor = Cursor::over(parameters);
    let precision = cursor.byte().ok_or(BROKEN)?;
    let height = cursor.u16().ok_or(BROKEN)?;
    let width = cursor.u16().ok_or(BROKEN)?;
    let components = cursor.byte().ok_or(BROKEN)?;
    let is_sound = precision == 8
        && matches!(components, 1 | 3 | 4)
        && cursor.rest().len() == usize::from(components) * 3;
    if !is_sound {
        return Err(BROKEN);
    }
    check_size(width.into(), height.into())
}

/// Skips entropy-coded data up to the next marker: stuffed bytes and restart markers belong to it (B.1.1.5).
fn skip_coded(cursor: &mut Cursor<'_>) -> Result<(), ScanRefusal> {
    loop {
        let rest = cursor.rest();
        let place = rest.iter().position(|byte| *byte == 0xFF).ok_or(CUT)?;
        match rest.get(place + 1).ok_or(CUT)? {
            0x00 | 0xD0..=0xD7 => cursor.take(place + 2),
            0xFF => cursor.take(place + 1),
            _ => {
                cursor.take(place);
                return Ok(());
            }
        };
    }
}
