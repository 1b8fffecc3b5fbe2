//! A one-page PDF (ISO 32000-1) that stands for the scan of a signed memorandum.

/// A page with these lines of ASCII text.
pub(super) fn page(lines: &[&str]) -> Vec<u8> {
    let shown: String = lines
        .iter()
        .map(|line| format!("({}) ' ", escaped(line)))
        .collect();
    let content = format!("BT /F1 14 Tf 24 TL 72 770 Td {shown}ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R \
         /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!(
            "<< /Length {} >>\nstream\n{content}\nendstream",
            content.len()
        ),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut file = String::from("%PDF-1.4\n");
    let mut table = String::from("0000000000 65535 f \n");
    for (number, object) in (1..).zip(&objects) {
        table.push_str(&format!("{:010} 00000 n \n", file.len()));
        file.push_str(&format!("{number} 0 obj\n{object}\nendobj\n"));
    }
    let start = file.len();
    let size = objects.len() + 1;
    file.push_str(&format!(
        "xref\n0 {size}\n{table}trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    ));
    file.into_bytes()
}

/// Text inside the parentheses of a PDF string.
fn escaped(line: &str) -> String {
    line.chars()
        .filter(char::is_ascii)
        .flat_map(|letter| {
            matches!(letter, '(' | ')' | '\\')
                .then_some('\\')
                .into_iter()
                .chain([letter])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::page;
    use crate::rules::scan::{self, ScanType};

    #[test]
    fn the_page_is_a_pdf_whose_table_points_to_its_objects() {
        let file = page(&["Memorandum (signed)"]);
        assert_eq!(scan::check(&file, ScanType::Pdf), Ok(()));
        let text = String::from_utf8(file).unwrap();
        let table = text.split("f \n").nth(1).unwrap();
        for (number, row) in (1..).zip(table.lines().take(5)) {
            let place: usize = row.split(' ').next().unwrap().parse().unwrap();
            assert!(
                text[place..].starts_with(&format!("{number} 0 obj")),
                "object {number}"
            );
        }
        assert!(text.contains("(Memorandum \\(signed\\)) '"));
    }
}
