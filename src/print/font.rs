//! The one font of printed memoranda, and how wide its characters are.

use ttf_parser::{Face, GlyphId};

use super::Unprintable;

/// Noto Serif, cut down to Latin, Greek and Cyrillic; SIL Open Font License 1.1 (`fonts/OFL.txt`).
const FILE: &[u8] = include_bytes!("fonts/NotoSerif.ttf");

/// The font.
pub(super) struct Font {
    face: Option<Face<'static>>,
}

/// What the font's descriptor says (ISO 32000-1 §9.8), in thousandths of the type's size.
pub(super) struct Measures {
    pub(super) ascent: i16,
    pub(super) descent: i16,
    pub(super) cap_height: i16,
    pub(super) bounds: [i16; 4],
}

impl Font {
    /// The font that is built in.
    pub(super) fn embedded() -> Self {
        Self {
            face: Face::parse(FILE, 0).ok(),
        }
    }

    /// The file.
    pub(super) const fn file() -> &'static [u8] {
        FILE
    }

    /// The glyph of a character.
    pub(super) fn glyph(&self, character: char) -> Result<u16, Unprintable> {
        let glyph = self
            .face
            .as_ref()
            .and_then(|face| face.glyph_index(character));
        glyph.map(|glyph| glyph.0).ok_or(Unprintable(character))
    }

    /// The width of a glyph, in thousandths of the type's size: this font's units.
    pub(super) fn width(&self, glyph: u16) -> u16 {
        let face = self.face.as_ref();
        face.and_then(|face| face.glyph_hor_advance(GlyphId(glyph)))
            .unwrap_or_default()
    }

    /// The font's measures.
    pub(super) fn measures(&self) -> Measures {
        let face = self.face.as_ref();
        let bounds = face.map(Face::global_bounding_box);
        Measures {
            ascent: face.map_or(0, Face::ascender),
            descent: face.map_or(0, Face::descender),
            cap_height: face.and_then(Face::capital_height).unwrap_or_default(),
            bounds: bounds.map_or([0; 4], |b| [b.x_min, b.y_min, b.x_max, b.y_max]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Font;

    #[test]
    fn the_font_has_the_letters_of_the_charters_languages_and_thousand_units() {
        let font = Font::embedded();
        assert_eq!(font.face.as_ref().unwrap().units_per_em(), 1000);
        let alphabets = "АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдеёжзийклмнопрстуфхцчшщъыьэюя\
                         ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789«»“”„’–—…№§©•_\u{A0}ІіЇїЄєҐґҚқӘәÄöüßÉçñŁ";
        for character in alphabets.chars() {
            assert!(font.glyph(character).is_ok(), "{character}");
        }
        assert!(font.width(font.glyph('Ж').unwrap()) > font.width(font.glyph('i').unwrap()));
    }
}
