//! The page of HTML: it needs nothing but itself, and prints on A4.

use super::Sheet;

/// How it looks, on the screen and on paper.
const STYLE: &str = "\
@page { size: A4; margin: 25mm 20mm 25mm 30mm }
body { color: #000; background: #fff; font: 12pt/1.5 \"Noto Serif\", \"PT Serif\", Georgia, \"Times New Roman\", serif; \
max-width: 160mm; margin: 10mm auto; padding: 0 5mm }
h1 { font-size: 14pt; text-align: center; margin: 0 0 12pt }
p { margin: 0 0 12pt; white-space: pre-wrap; overflow-wrap: anywhere; orphans: 3; widows: 3 }
footer { border-top: 0.5pt solid #000; margin-top: 24pt; padding-top: 3pt; font: 8pt/1.4 monospace; \
overflow-wrap: anywhere }
@media print {
body { margin: 0; padding: 0; max-width: none }
footer { position: fixed; bottom: 0; left: 0; right: 0; margin: 0 }
}";

/// A page to print: the text in its paragraphs, each line as it stands, and the digest of its bytes.
pub fn page(sheet: &Sheet<'_>) -> String {
    let title = escaped(sheet.title());
    let mut paragraphs = paragraphs(sheet.text);
    let heading = if paragraphs
        .first()
        .is_some_and(|first| !first.contains('\n'))
    {
        let first = paragraphs.remove(0);
        format!("<h1>{}</h1>\n", escaped(first))
    } else {
        String::new()
    };
    let body: String = paragraphs
        .iter()
        .map(|paragraph| format!("<p>{}</p>\n", escaped(paragraph)))
        .collect();
    format!(
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n\
         <style>\n{STYLE}\n</style>\n</head>\n<body>\n<main>\n{heading}{body}</main>\n<footer>{}</footer>\n</body>\n</html>\n",
        escaped(sheet.language),
        sheet.mark(),
    )
}

/// The paragraphs: what empty lines part.
fn paragraphs(text: &str) -> Vec<&str> {
    let parts = text.split("\n\n").map(|part| part.trim_matches('\n'));
    parts.filter(|part| !part.trim().is_empty()).collect()
}

/// Text that HTML shows as it is.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
