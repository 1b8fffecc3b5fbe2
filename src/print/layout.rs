//! From a text to lines on sheets of A4. Lengths are in thousandths of a point, whole numbers throughout.

use super::{Sheet, Unprintable, font::Font};

/// A thousandth of a point, of which an inch has 72.
pub(super) type Length = i64;

/// One point.
pub(super) const POINT: Length = 1000;

/// A4, 210 × 297 mm.
pub(super) const WIDTH: Length = 595_276;
/// A4's height.
pub(super) const HEIGHT: Length = 841_890;

/// 30 mm: the side on which papers are bound.
const LEFT: Length = 85_039;
/// 20 mm.
const RIGHT: Length = 56_693;
/// 25 mm, above and below.
const MARGIN: Length = 70_866;

const MEASURE: Length = WIDTH - LEFT - RIGHT;

/// A line as it is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) x: Length,
    /// From the sheet's lower edge.
    pub(super) y: Length,
    /// The type's size, in points.
    pub(super) size: u16,
    pub(super) glyphs: Vec<(u16, char)>,
}

/// The sheets, each with its lines.
pub(super) fn pages(sheet: &Sheet<'_>, font: &Font) -> Result<Vec<Vec<Line>>, Unprintable> {
    let mut pages = vec![Vec::new()];
    let mut y = HEIGHT - MARGIN;
    let mut is_title = true;
    for source in sheet.text.trim_matches('\n').lines() {
        let source = source.trim_end();
        if source.trim().is_empty() {
            y -= 9 * POINT;
            continue;
        }
        let size: u16 = if is_title { 14 } else { 12 };
        let leading = Length::from(size) * POINT * 3 / 2;
        for glyphs in broken(source, size, font)? {
            if y - leading < MARGIN {
                pages.push(Vec::new());
                y = HEIGHT - MARGIN;
            }
            y -= leading;
            let slack = MEASURE - width(&glyphs, size, font);
            let x = if is_title { LEFT + slack / 2 } else { LEFT };
            if let Some(page) = pages.last_mut() {
                page.push(Line { x, y, size, glyphs });
            }
        }
        is_title = false;
    }
    let count = pages.len();
    for (number, page) in (1..).zip(&mut pages) {
        let y = MARGIN / 2;
        let mark = glyphs(&sheet.mark(), font)?;
        let place = glyphs(&format!("{number}/{count}"), font)?;
        let x = WIDTH - RIGHT - width(&place, 8, font);
        for (x, glyphs) in [(LEFT, mark), (x, place)] {
            page.push(Line {
                x,
                y,
                size: 8,
                glyphs,
            });
        }
    }
    Ok(pages)
}

fn glyphs(text: &str, font: &Font) -> Result<Vec<(u16, char)>, Unprintable> {
    text.chars()
        .map(|character| Ok((font.glyph(character)?, character)))
        .collect()
}

fn width(glyphs: &[(u16, char)], size: u16, font: &Font) -> Length {
    let widths = glyphs
        .iter()
        .map(|(glyph, _)| Length::from(font.width(*glyph)));
    widths.sum::<Length>() * Length::from(size)
}

/// The lines into which a line of text is broken: between words, and inside one that is longer than a line.
fn broken(text: &str, size: u16, font: &Font) -> Result<Vec<Vec<(u16, char)>>, Unprintable> {
    let mut lines = Vec::new();
    let mut line: Vec<(u16, char)> = Vec::new();
    for word in text.split_inclusive(' ') {
        let word = glyphs(word, font)?;
        let solid = word.strip_suffix_space();
        if !line.is_empty() && width(&line, size, font) + width(solid, size, font) > MEASURE {
            lines.push(std::mem::take(&mut line));
        }
        for glyph in word {
            let is_full =
                glyph.1 != ' ' && width(&line, size, font) + width(&[glyph], size, font) > MEASURE;
            if is_full {
                lines.push(std::mem::take(&mut line));
            }
            line.push(glyph);
        }
    }
    lines.push(line);
    for line in &mut lines {
        let solid = line.strip_suffix_space().len();
        line.truncate(solid);
    }
    Ok(lines)
}

/// Glyphs without the space that ends them.
trait Solid {
    fn strip_suffix_space(&self) -> &[(u16, char)];
}

impl Solid for [(u16, char)] {
    fn strip_suffix_space(&self) -> &[(u16, char)] {
        match self {
            [solid @ .., (_, ' ')] => solid.strip_suffix_space(),
            solid => solid,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{HEIGHT, LEFT, MARGIN, MEASURE, broken, pages, width};
    use crate::print::{Sheet, font::Font};

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn every_character_is_set_once_and_inside_the_margins(text in "[a-zЖ_ \n]{0,2000}") {
            let font = Font::embedded();
            let sheet = Sheet { language: "ru", text: &text };
            let pages = pages(&sheet, &font).unwrap();
            let mut set = String::new();
            for line in pages.iter().flatten() {
                prop_assert!(line.x >= LEFT && width(&line.glyphs, line.size, &font) <= MEASURE);
                prop_assert!(line.y < HEIGHT);
                if line.size > 8 {
                    prop_assert!(line.y >= MARGIN);
                    set.extend(line.glyphs.iter().map(|(_, character)| character));
                }
            }
            let solid = |text: &str| text.split_whitespace().collect::<String>();
            prop_assert_eq!(solid(&set), solid(&text));
        }
    }

    #[test]
    fn a_word_longer_than_a_line_is_broken() {
        let font = Font::embedded();
        let lines = broken(&"Ж".repeat(200), 12, &font).unwrap();
        assert!(lines.len() > 1);
        assert_eq!(lines.iter().map(Vec::len).sum::<usize>(), 200);
    }
}
