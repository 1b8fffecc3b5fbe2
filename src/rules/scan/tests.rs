//! Files that real programs made, the same files with something wrong, and files that chance spoilt.

use proptest::prelude::*;

use super::{
    ScanRefusal, ScanType,
    ScanType::{Jpeg, Pdf, Png},
    check,
};

macro_rules! sample {
    ($name:literal) => {
        include_bytes!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/files/scans/",
            $name
        ))
        .as_slice()
    };
}

const JPEG: &[u8] = sample!("scan.jpg");
const PNG: &[u8] = sample!("scan.png");
const PDF: &[u8] = sample!("img2pdf.pdf");

/// Scans as programs make them.
const WHOLE: [(&str, ScanType, &[u8]); 14] = [
    ("baseline JPEG", Jpeg, JPEG),
    ("progressive JPEG", Jpeg, sample!("progressive.jpg")),
    ("JPEG in four colours", Jpeg, sample!("cmyk.jpg")),
    ("ImageMagick's JPEG", Jpeg, sample!("imagemagick.jpg")),
    ("grey PNG", Png, PNG),
    ("PNG with a palette", Png, sample!("palette.png")),
    ("img2pdf's PDF", Pdf, PDF),
    ("cairo's PDF", Pdf, sample!("cairo.pdf")),
    ("Pillow's PDF", Pdf, sample!("pillow.pdf")),
    ("Ghostscript's PDF", Pdf, sample!("ghostscript.pdf")),
    (
        "PDF with object streams",
        Pdf,
        sample!("object-streams.pdf"),
    ),
    ("linearised PDF", Pdf, sample!("linearised.pdf")),
    (
        "linearised PDF with object streams",
        Pdf,
        sample!("linearised-object-streams.pdf"),
    ),
    ("PDF of fifty pages", Pdf, sample!("fifty-pages.pdf")),
];

/// What a refusal is about, without its words.
fn kind(outcome: &Result<(), ScanRefusal>) -> &'static str {
    match outcome {
        Ok(()) => "taken",
        Err(ScanRefusal::Empty) => "empty",
        Err(ScanRefusal::TooLong) => "too long",
        Err(ScanRefusal::UnknownType) => "unknown type",
        Err(ScanRefusal::OtherType { .. }) => "other type",
        Err(ScanRefusal::Polyglot(_)) => "polyglot",
        Err(ScanRefusal::Truncated(_)) => "truncated",
        Err(ScanRefusal::Malformed(_)) => "malformed",
        Err(ScanRefusal::TooManyPages) => "too many pages",
        Err(ScanRefusal::TooManyPixels { .. }) => "too many pixels",
        Err(ScanRefusal::Encrypted) => "encrypted",
        Err(ScanRefusal::ActiveContent(_)) => "active content",
    }
}

fn joined(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

/// The bytes with the first `old` replaced by `new`, which stands there.
fn with(bytes: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let at = bytes
        .windows(old.len())
        .position(|window| window == old)
        .unwrap();
    joined(&[&bytes[..at], new, &bytes[at + old.len()..]])
}

/// A one-page PDF with this entry in its catalogue, and these objects after the page's.
fn document(entry: &str, objects: &str) -> Vec<u8> {
    format!(
        "%PDF-1.7\n1 0 obj << /Type /Catalog /Pages 2 0 R {entry} >> endobj\n\
         2 0 obj << /Type /Pages /Kids [3 0 R] /Count 1 >> endobj\n\
         3 0 obj << /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >> endobj\n\
         {objects}\ntrailer << /Root 1 0 R >>\nstartxref\n0\n%%EOF\n"
    )
    .into_bytes()
}

/// A chunk of a PNG.
fn chunk(name: &[u8], data: &[u8]) -> Vec<u8> {
    let named = joined(&[name, data]);
    let length = u32::try_from(data.len()).unwrap().to_be_bytes();
    joined(&[&length, &named, &crc32fast::hash(&named).to_be_bytes()])
}

/// A PNG of one empty data chunk and this size.
fn png(width: u32, height: u32) -> Vec<u8> {
    let header = joined(&[
        &width.to_be_bytes(),
        &height.to_be_bytes(),
        &[8, 0, 0, 0, 0],
    ]);
    joined(&[
        super::png::BEGINNING,
        &chunk(b"IHDR", &header),
        &chunk(b"IDAT", b""),
        &chunk(b"IEND", b""),
    ])
}

/// A JPEG with its height and width in place of its own.
fn jpeg(height: u16, width: u16) -> Vec<u8> {
    let sized = [height.to_be_bytes(), width.to_be_bytes()].concat();
    with(JPEG, b"\x00\x54\x00\x3C", &sized)
}

#[test]
fn a_scan_of_every_program_is_taken() {
    for (what, scan_type, content) in WHOLE {
        assert_eq!(check(content, scan_type), Ok(()), "{what}");
    }
    assert_eq!(check(&png(20_000, 5_000), Png), Ok(()));
    assert_eq!(check(&jpeg(5_000, 20_000), Jpeg), Ok(()));
    assert_eq!(check(&document("", ""), Pdf), Ok(()));
    let opens_at_its_page = document("/OpenAction [3 0 R /Fit]", "");
    assert_eq!(check(&opens_at_its_page, Pdf), Ok(()));
    let links = document(
        "",
        "4 0 obj << /S /URI /URI (https://scanner.example) >> endobj",
    );
    assert_eq!(check(&links, Pdf), Ok(()));
}

#[test]
fn a_scan_that_is_cut_anywhere_is_refused() {
    for (what, scan_type, content) in WHOLE {
        // A PDF may end without its last line end.
        let ends = content.len()
            - content
                .iter()
                .rev()
                .take_while(|b| b.is_ascii_whitespace())
                .count();
        for length in 0..ends {
            let cut = check(&content[..length], scan_type);
            assert!(cut.is_err(), "{what}, cut to {length} bytes");
        }
    }
    for (scan_type, content) in [(Jpeg, JPEG), (Png, PNG)] {
        for length in 8..content.len() {
            assert_eq!(kind(&check(&content[..length], scan_type)), "truncated");
        }
    }
    assert_eq!(kind(&check(&PDF[..PDF.len() / 2], Pdf)), "truncated");
    assert_eq!(kind(&check(&PDF[..PDF.len() - 7], Pdf)), "truncated");
}

#[test]
fn a_scan_is_of_the_type_it_is_said_to_be() {
    for (_, found, content) in WHOLE {
        for claimed in [Pdf, Jpeg, Png]
            .into_iter()
            .filter(|claimed| *claimed != found)
        {
            let refusal = ScanRefusal::OtherType { found, claimed };
            assert_eq!(check(content, claimed), Err(refusal));
        }
    }
    for content in [
        b"I sign.".as_slice(),
        b"GIF89a",
        b"II*\0",
        b"MZ\x90\0%PDF-1.4\n%%EOF",
        b"<html>%PDF-1.4\n%%EOF",
        b"\n%PDF-1.4\n%%EOF",
        b"PK\x03\x04",
    ] {
        assert_eq!(kind(&check(content, Pdf)), "unknown type");
    }
    assert_eq!(kind(&check(b"", Pdf)), "empty");
    let long = vec![b' '; super::MAX_BYTES + 1];
    assert_eq!(kind(&check(&long, Pdf)), "too long");
}

#[test]
fn a_file_that_is_something_else_as_well_is_refused() {
    let archive = b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0".as_slice();
    let commented = |mark: &[u8]| {
        // A comment segment right after SOI.
        let length = u16::try_from(mark.len() + 2).unwrap().to_be_bytes();
        joined(&[b"\xFF\xD8\xFF\xFE", &length, mark, &JPEG[2..]])
    };
    let texted = |mark: &[u8]| {
        let end = PNG.len() - 12;
        joined(&[&PNG[..end], &chunk(b"tEXt", mark), &PNG[end..]])
    };
    let streamed = |data: &str| {
        let length = data.len();
        let stream = format!("4 0 obj << /Length {length} >> stream\n{data}\nendstream endobj");
        document("", &stream)
    };
    let cases: [(&str, ScanType, Vec<u8>); 19] = [
        ("a ZIP after a JPEG", Jpeg, joined(&[JPEG, archive])),
        ("a ZIP after a PNG", Png, joined(&[PNG, archive])),
        ("a ZIP after a PDF", Pdf, joined(&[PDF, archive])),
        ("a ZIP in a JPEG", Jpeg, commented(archive)),
        ("a ZIP in a PNG", Png, texted(archive)),
        (
            "a film after a picture",
            Jpeg,
            joined(&[JPEG, b"\0\0\0\x18ftypmp42"]),
        ),
        ("two pictures", Jpeg, joined(&[JPEG, JPEG])),
        ("a line end after a picture", Png, joined(&[PNG, b"\n"])),
        ("a PDF in a JPEG", Jpeg, commented(b"%PDF-1.4")),
        (
            "a script in a JPEG",
            Jpeg,
            commented(b"<ScRiPt>alert(1)</sCrIpT>"),
        ),
        ("a page in a JPEG", Jpeg, commented(b"<HTML>")),
        ("a program in a JPEG", Jpeg, commented(b"<?php")),
        ("a script in a PNG", Png, texted(b"x\0<script src=//x>")),
        ("a 7z in a PNG", Png, texted(b"7z\xBC\xAF\x27\x1C")),
        ("a RAR in a PNG", Png, texted(b"Rar!\x1A\x07\x01\0")),
        (
            "a page in a PDF",
            Pdf,
            with(PDF, b"\n", b"\n%<!doctype html>\n"),
        ),
        ("a PDF in a PDF", Pdf, streamed("%PDF-1.4")),
        (
            "a long comment",
            Pdf,
            with(PDF, b"\n", &joined(&[b"\n%", &[b'x'; 300], b"\n"])),
        ),
        (
            "an object in a stream",
            Pdf,
            streamed("9 0 obj << /S /JavaScript >> endobj"),
        ),
    ];
    for (what, scan_type, content) in cases {
        let outcome = check(&content, scan_type);
        assert_eq!(kind(&outcome), "polyglot", "{what}: {outcome:?}");
    }
}

#[test]
fn an_image_that_would_fill_the_memory_is_refused() {
    let cases = [
        (Png, png(20_001, 1)),
        (Png, png(10_001, 10_000)),
        (Png, png(u32::MAX, u32::MAX)),
        (Jpeg, jpeg(65_535, 65_535)),
        (Jpeg, jpeg(1, 20_001)),
        (Pdf, with(PDF, b"/Width 60", b"/Width 60000")),
        (
            Pdf,
            document(
                "",
                "4 0 obj << /Subtype /Image /Width 5 0 R /Height 5 0 R >> endobj 5 0 obj 19999 endobj",
            ),
        ),
    ];
    for (scan_type, content) in cases {
        assert_eq!(kind(&check(&content, scan_type)), "too many pixels");
    }
}

#[test]
fn a_pdf_that_acts_or_carries_files_is_refused() {
    let objects = |object: &str| document("", &format!("4 0 obj {object} endobj"));
    let cases = [
        document(
            "/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>",
            "",
        ),
        document("/OpenAction << /S /J#61vaScript /J#53 (x) >>", ""),
        document("/Names << /JavaScript 4 0 R >>", ""),
        document("/Names << /EmbeddedFiles 4 0 R >>", ""),
        document("/AcroForm << /XFA [] >>", ""),
        objects("<< /S /Launch /F (calc.exe) >>"),
        objects("<< /S /SubmitForm >>"),
        objects("<< /S /GoToE >>"),
        objects("[[[ << /A << /S /Launch >> >> ]]]"),
        objects("<< /S 5 0 R >> endobj 5 0 obj /Launch"),
        objects("<< /Type /Filespec /EF << >> >>"),
        objects("<< /Subtype /RichMedia >>"),
        // An earlier revision that a later one hides.
        revised(&objects("<< /S /Launch >>")),
        sample!("attachment.pdf").to_vec(),
    ];
    for (place, content) in cases.iter().enumerate() {
        let outcome = check(content, Pdf);
        assert_eq!(kind(&outcome), "active content", "{place}: {outcome:?}");
    }
    // The object streams of this file are compressed: nothing of it shows in its bytes.
    let packed = sample!("attachment-object-streams.pdf");
    assert!(!packed.windows(4).any(|window| window == b"/EF "));
    assert_eq!(kind(&check(packed, Pdf)), "active content");
}

#[test]
fn a_pdf_has_one_to_fifty_pages_that_anybody_can_read() {
    let cases = [
        ("too many pages", sample!("fifty-one-pages.pdf").to_vec()),
        ("encrypted", sample!("encrypted.pdf").to_vec()),
        (
            "encrypted",
            sample!("encrypted-object-streams.pdf").to_vec(),
        ),
        ("malformed", with(&document("", ""), b"[3 0 R]", b"[]")),
        ("malformed", with(&document("", ""), b"[3 0 R]", b"[2 0 R]")),
        (
            "malformed",
            with(&document("", ""), b"[3 0 R]", b"[3 0 R 3 0 R]"),
        ),
        ("malformed", with(&document("", ""), b"/Root 1 0 R", b"")),
        (
            "malformed",
            with(&document("", ""), b"/Pages 2 0 R", b"/Pages 9 0 R"),
        ),
        ("malformed", document("/A 1 /A 2", "")),
        (
            "malformed",
            document("", &format!("4 0 obj {} endobj", "[".repeat(40))),
        ),
        (
            "malformed",
            document("", &format!("4 0 obj [{}] endobj", "1 ".repeat(250_001))),
        ),
        (
            "malformed",
            document("", "4 0 obj << /Length 9 >> stream\nx\nendstream endobj"),
        ),
        (
            "malformed",
            document(
                "",
                "4 0 obj << /Type /ObjStm /N 1 /First 4 /Filter /LZWDecode /Length 1 >> stream\nx\nendstream endobj",
            ),
        ),
        ("malformed", document("", "nothing")),
    ];
    for (expected, content) in cases {
        let outcome = check(&content, Pdf);
        assert_eq!(kind(&outcome), expected, "{outcome:?}");
    }
}

#[test]
fn an_object_stream_cannot_fill_the_memory() {
    use flate2::{Compression, write::ZlibEncoder};
    use std::io::Write as _;

    let mut packed = ZlibEncoder::new(Vec::new(), Compression::best());
    packed.write_all(b"4 0 ").unwrap();
    packed.write_all(&vec![b' '; 17 * 1024 * 1024]).unwrap();
    let packed = packed.finish().unwrap();
    let begin = format!(
        "4 0 obj << /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length {} >> stream\n",
        packed.len()
    );
    let stream = joined(&[begin.as_bytes(), &packed, b"\nendstream endobj\ntrailer"]);
    let content = with(&document("", ""), b"trailer", &stream);
    assert_eq!(
        check(&content, Pdf),
        Err(ScanRefusal::Malformed("the PDF unpacks to too many bytes"))
    );
}

/// The same document with a later revision, in which the fourth object is null.
fn revised(document: &[u8]) -> Vec<u8> {
    let revision = b"4 0 obj null endobj\ntrailer << /Root 1 0 R >>\nstartxref\n0\n%%EOF\n";
    joined(&[document, revision])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn whatever_chance_does_to_a_scan_it_is_judged_and_never_panics(
        file in 0..WHOLE.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<prop::sample::Index>(),
        doubled in any::<bool>(),
    ) {
        let (_, scan_type, content) = WHOLE[file];
        let mut content = content.to_vec();
        for (place, byte) in changes {
            let place = place.index(content.len());
            content[place] = byte;
        }
        if doubled {
            let from = cut.index(content.len());
            content.extend_from_within(from..);
        }
        let _ = check(&content, scan_type);
    }

    #[test]
    fn random_bytes_after_a_beginning_are_no_scan(noise in prop::collection::vec(any::<u8>(), 0..512)) {
        for (scan_type, beginning) in [
            (Pdf, super::pdf::BEGINNING),
            (Jpeg, super::jpeg::BEGINNING),
            (Png, super::png::BEGINNING),
        ] {
            prop_assert!(check(&joined(&[beginning, &noise]), scan_type).is_err());
        }
    }
}
