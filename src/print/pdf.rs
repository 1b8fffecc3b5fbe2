//! The file (ISO 32000-1): objects, one font that is embedded whole, and the characters behind its glyphs, so that
//! the text can be searched and copied. Written without a clock or chance.

use std::{collections::BTreeMap, io::Write as _};

use flate2::{Compression, write::ZlibEncoder};

use super::{
    Sheet,
    font::{Font, Measures},
    layout::{HEIGHT, Length, Line, POINT, WIDTH},
};

/// The objects before the first page: catalogue, page tree, information, and the font's five.
const PAGES_FROM: usize = 9;

/// The document of these pages.
pub(super) fn document(sheet: &Sheet<'_>, pages: &[Vec<Line>], font: &Font) -> Vec<u8> {
    let used: BTreeMap<u16, char> = pages
        .iter()
        .flatten()
        .flat_map(|line| line.glyphs.iter().copied())
        .collect();
    let kids: String = (0..pages.len())
        .map(|page| format!("{} 0 R ", PAGES_FROM + 2 * page))
        .collect();
    let mut file = Objects::begin();
    file.object(&format!(
        "<< /Type /Catalog /Pages 2 0 R /Lang {} /ViewerPreferences << /DisplayDocTitle true >> >>",
        text(sheet.language)
    ));
    file.object(&format!(
        "<< /Type /Pages /Kids [{kids}] /Count {} >>",
        pages.len()
    ));
    file.object(&format!(
        "<< /Title {} /Producer (charter-registry) >>",
        text(sheet.title())
    ));
    write_font(&mut file, font, &used);
    for (number, lines) in pages.iter().enumerate() {
        file.object(&format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {} {}] /Contents {} 0 R \
             /Resources << /Font << /F 4 0 R >> >> >>",
            points(WIDTH),
            points(HEIGHT),
            PAGES_FROM + 2 * number + 1
        ));
        file.stream("", content(lines).as_bytes());
    }
    file.end()
}

/// The font as a composite one (9.7), its glyphs by their numbers.
fn write_font(file: &mut Objects, font: &Font, used: &BTreeMap<u16, char>) {
    let Measures {
        ascent,
        descent,
        cap_height,
        bounds: [left, bottom, right, top],
    } = font.measures();
    let widths: String = used
        .keys()
        .map(|glyph| format!("{glyph} [{}] ", font.width(*glyph)))
        .collect();
    file.object(
        "<< /Type /Font /Subtype /Type0 /BaseFont /NotoSerif /Encoding /Identity-H \
         /DescendantFonts [5 0 R] /ToUnicode 8 0 R >>",
    );
    file.object(&format!(
        "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /NotoSerif /FontDescriptor 6 0 R /CIDToGIDMap /Identity \
         /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /DW 1000 /W [{widths}] >>"
    ));
    file.object(&format!(
        "<< /Type /FontDescriptor /FontName /NotoSerif /Flags 6 /FontBBox [{left} {bottom} {right} {top}] \
         /ItalicAngle 0 /Ascent {ascent} /Descent {descent} /CapHeight {cap_height} /StemV 80 /FontFile2 7 0 R >>"
    ));
    let length = Font::file().len();
    file.stream(&format!("/Length1 {length}"), Font::file());
    file.stream("", to_unicode(used).as_bytes());
}

/// The characters behind the glyphs (9.10.3).
fn to_unicode(used: &BTreeMap<u16, char>) -> String {
    let mut map = String::from(
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n\
         /CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n\
         /CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n\
         1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n",
    );
    let entries: Vec<_> = used.iter().collect();
    for part in entries.chunks(100) {
        map.push_str(&format!("{} beginbfchar\n", part.len()));
        for (glyph, character) in part {
            map.push_str(&format!(
                "<{glyph:04X}> <{}>\n",
                utf16(&character.to_string())
            ));
        }
        map.push_str("endbfchar\n");
    }
    map.push_str("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n");
    map
}

/// A page's content (9.4): each line at its place.
fn content(lines: &[Line]) -> String {
    let mut content = String::from("BT\n");
    for line in lines {
        let glyphs: String = line
            .glyphs
            .iter()
            .map(|(glyph, _)| format!("{glyph:04X}"))
            .collect();
        content.push_str(&format!(
            "/F {} Tf 1 0 0 1 {} {} Tm <{glyphs}> Tj\n",
            line.size,
            points(line.x),
            points(line.y)
        ));
    }
    content.push_str("ET\n");
    content
}

/// A length in points, with three decimals.
fn points(length: Length) -> String {
    format!("{}.{:03}", length / POINT, (length % POINT).abs())
}

/// A text string (7.9.2.2), as UTF-16 with its mark.
fn text(text: &str) -> String {
    format!("<FEFF{}>", utf16(text))
}

fn utf16(text: &str) -> String {
    text.encode_utf16()
        .map(|unit| format!("{unit:04X}"))
        .collect()
}

/// The objects of a file, as they are written.
struct Objects {
    file: Vec<u8>,
    places: Vec<usize>,
}

impl Objects {
    fn begin() -> Self {
        Self {
            // The second line is of bytes above 127, so that transfer programs take the file for binary.
            file: b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n".to_vec(),
            places: Vec::new(),
        }
    }

    fn object(&mut self, object: &str) {
        self.bytes(object.as_bytes());
    }

    fn stream(&mut self, entries: &str, content: &[u8]) {
        let mut packed = ZlibEncoder::new(Vec::new(), Compression::default());
        // Nothing can fail that writes to memory.
        let packed = packed
            .write_all(content)
            .and_then(|()| packed.finish())
            .unwrap_or_default();
        let begin = format!(
            "<< /Length {} /Filter /FlateDecode {entries} >>\nstream\n",
            packed.len()
        );
        self.bytes(&[begin.as_bytes(), &packed, b"\nendstream"].concat());
    }

    fn bytes(&mut self, object: &[u8]) {
        self.places.push(self.file.len());
        let begin = format!("{} 0 obj\n", self.places.len());
        self.file.extend_from_slice(begin.as_bytes());
        self.file.extend_from_slice(object);
        self.file.extend_from_slice(b"\nendobj\n");
    }

    /// The file with its table and trailer (7.5.4, 7.5.5).
    fn end(mut self) -> Vec<u8> {
        let (start, size) = (self.file.len(), self.places.len() + 1);
        let table: String = self
            .places
            .iter()
            .map(|place| format!("{place:010} 00000 n \n"))
            .collect();
        let end = format!(
            "xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R /Info 3 0 R >>\n\
             startxref\n{start}\n%%EOF\n"
        );
        self.file.extend_from_slice(end.as_bytes());
        self.file
    }
}
