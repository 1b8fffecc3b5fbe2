//! A scanned memorandum: a whole one-page PDF (ISO 32000-1) with an image on it.

/// The image's width and height in pixels.
const SIDE: usize = 32;

/// A page that shows a grey image, as a scanner makes one; `shade` tells two scans apart.
pub fn scan(shade: u8) -> Vec<u8> {
    let pixels: Vec<u8> = (0..SIDE * SIDE)
        .map(|place| if place % 7 == 0 { shade } else { 255 })
        .collect();
    let page = "q 400 0 0 400 97 221 cm /Scan Do Q";
    let image = format!(
        "<< /Type /XObject /Subtype /Image /Width {SIDE} /Height {SIDE} /ColorSpace /DeviceGray \
         /BitsPerComponent 8 /Length {} >>",
        pixels.len()
    );
    let objects: [Vec<u8>; 5] = [
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R \
          /Resources << /XObject << /Scan 5 0 R >> >> >>"
            .to_vec(),
        stream(&format!("<< /Length {} >>", page.len()), page.as_bytes()),
        stream(&image, &pixels),
    ];
    // The second line is of bytes above 127, so that transfer programs take the file for binary.
    let mut file = b"%PDF-1.4\n%\xE2\xE3\xCF\xD3\n".to_vec();
    let mut table = String::from("0000000000 65535 f \n");
    for (number, object) in (1..).zip(&objects) {
        table.push_str(&format!("{:010} 00000 n \n", file.len()));
        file.extend_from_slice(format!("{number} 0 obj\n").as_bytes());
        file.extend_from_slice(object);
        file.extend_from_slice(b"\nendobj\n");
    }
    let (start, size) = (file.len(), objects.len() + 1);
    let end = format!(
        "xref\n0 {size}\n{table}trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    );
    file.extend_from_slice(end.as_bytes());
    file
}

fn stream(dictionary: &str, content: &[u8]) -> Vec<u8> {
    [
        dictionary.as_bytes(),
        b"\nstream\n",
        content,
        b"\nendstream",
    ]
    .concat()
}
