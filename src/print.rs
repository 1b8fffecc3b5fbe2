//! A memorandum on paper: its exact text as a page of HTML and as PDF, with the digest of its bytes on every sheet.
//!
//! Both are made of the bytes alone, so the same memorandum is printed alike each time. Nothing here knows who asks.

mod font;
mod html;
mod layout;
mod pdf;

use charter_proof::canonical::Digest;

pub use html::page as html;

/// A text to print.
#[derive(Debug, Clone, Copy)]
pub struct Sheet<'a> {
    /// The language, for the reader's program.
    pub language: &'a str,
    /// The exact text.
    pub text: &'a str,
}

/// The font has no such character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the PDF's font has no character U+{:04X}: take text/html and print that", u32::from(*.0))]
pub struct Unprintable(pub char);

impl Sheet<'_> {
    /// What the sheet is called: its first line.
    fn title(&self) -> &str {
        let lines = self.text.lines().map(str::trim);
        lines
            .into_iter()
            .find(|line| !line.is_empty())
            .unwrap_or_default()
    }

    /// What binds the paper to the bytes.
    fn mark(&self) -> String {
        format!("SHA-256 {}", Digest::of(self.text.as_bytes()))
    }
}

/// The sheet as PDF (ISO 32000-1), on A4.
pub fn pdf(sheet: &Sheet<'_>) -> Result<Vec<u8>, Unprintable> {
    let font = font::Font::embedded();
    let pages = layout::pages(sheet, &font)?;
    Ok(pdf::document(sheet, &pages, &font))
}

#[cfg(test)]
mod tests {
    use super::{Sheet, Unprintable, html, pdf};
    use crate::rules::scan::{self, ScanType};

    const RUSSIAN: Sheet<'_> = Sheet {
        language: "ru",
        text: "МЕМОРАНДУМ О ПРИСОЕДИНЕНИИ\n\nХартия «Цифровая этика детства» № 1 — «ёж»\n\nПодпись: ____\n",
    };

    #[test]
    fn the_same_text_gives_the_same_file_and_another_one_another() {
        let file = pdf(&RUSSIAN).unwrap();
        assert_eq!(pdf(&RUSSIAN).unwrap(), file);
        let other = Sheet {
            text: "Another text.\n",
            ..RUSSIAN
        };
        assert_ne!(pdf(&other).unwrap(), file);
    }

    #[test]
    fn a_printed_memorandum_is_a_scan_that_the_registry_takes_back() {
        let long = "Слово и ещё одно. ".repeat(4000);
        for text in [RUSSIAN.text, "", "\n\n", &long, &"я".repeat(5000)] {
            let sheet = Sheet { text, ..RUSSIAN };
            assert_eq!(scan::check(&pdf(&sheet).unwrap(), ScanType::Pdf), Ok(()));
        }
    }

    #[test]
    fn a_character_that_the_font_lacks_is_named() {
        let sheet = Sheet {
            text: "学校\n",
            ..RUSSIAN
        };
        assert_eq!(pdf(&sheet), Err(Unprintable('学')));
        assert!(html(&sheet).contains("学校"));
    }

    #[test]
    fn a_text_cannot_bring_markup_into_the_page() {
        let sheet = Sheet {
            language: "ru\"><script>",
            text: "</title><script>\"&\"</script>\n",
        };
        let page = html(&sheet);
        assert!(!page.contains("<script"), "{page}");
        assert!(page.contains("&lt;/title&gt;&lt;script&gt;&quot;&amp;&quot;&lt;/script&gt;"));
    }
}
