//! Marks of other formats in a file that begins like a scan: such a file opens as either (a polyglot).

/// How much of the beginning browsers and PDF readers search for a format of their own.
const SNIFFED: usize = 1024;

/// How far from the end a ZIP archive may have its directory's end: 22 bytes and a comment of up to 65,535.
const ZIP_TAIL: usize = 65_535 + 22;

/// Marks of programs and pages within the first bytes, in lower case.
const AT_THE_BEGINNING: [(&[u8], &str); 7] = [
    (b"%pdf-", "a PDF begins inside it"),
    (b"%!ps", "a PostScript program begins inside it"),
    (b"<html", "a page of HTML begins inside it"),
    (b"<body", "a page of HTML begins inside it"),
    (b"<svg", "an SVG drawing begins inside it"),
    (b"<?php", "a PHP program begins inside it"),
    (b"<%@", "a server page begins inside it"),
];

/// Marks that are long enough never to stand in compressed data by chance, in lower case.
const ANYWHERE: [(&[u8], &str); 5] = [
    (b"<script", "a script lies in it"),
    (b"<!doctype", "a page of HTML lies in it"),
    (b"<hta:application", "an HTML application lies in it"),
    (b"rar!\x1A\x07", "a RAR archive lies in it"),
    (b"7z\xBC\xAF\x27\x1C", "a 7z archive lies in it"),
];

/// Marks at a fixed place.
const AT_A_PLACE: [(usize, &[u8], &str); 3] = [
    (257, b"ustar", "it is a tar archive, too"),
    (0x8001, b"CD001", "it is a disk image, too"),
    (0x8801, b"CD001", "it is a disk image, too"),
];

/// What else the content is, if anything.
pub(super) fn inside(content: &[u8]) -> Option<&'static str> {
    let lower = content.to_ascii_lowercase();
    let beginning = lower.get(1..SNIFFED.min(lower.len())).unwrap_or_default();
    let tail = content
        .get(content.len().saturating_sub(ZIP_TAIL)..)
        .unwrap_or(content);
    let marked = |marks: &'static [(&'static [u8], &'static str)], place: &[u8]| {
        marks
            .iter()
            .find(|(mark, _)| contains(place, mark))
            .map(|(_, what)| *what)
    };
    marked(&AT_THE_BEGINNING, beginning)
        .or_else(|| marked(&ANYWHERE, &lower))
        .or_else(|| contains(tail, b"PK\x05\x06").then_some("a ZIP archive ends in it"))
        .or_else(|| {
            let placed = AT_A_PLACE.iter().find(|(place, mark, _)| {
                content
                    .get(*place..)
                    .is_some_and(|from| from.starts_with(mark))
            });
            placed.map(|(_, _, what)| *what)
        })
}

fn contains(place: &[u8], mark: &[u8]) -> bool {
    place.windows(mark.len()).any(|window| window == mark)
}
