//! What a scan of a signed memorandum must be: one PDF, JPEG or PNG, whole, and nothing besides.
//!
//! [`check`] walks the whole content: every byte belongs to the format, or the file is refused. It decodes no
//! image and trusts no length; what it allocates is bounded by the size of the file and by the limits here.

mod cursor;
mod foreign;
mod jpeg;
mod pdf;
mod png;
#[cfg(test)]
mod tests;

use super::word::vocabulary;

vocabulary! {
    /// The file types in which a scan is accepted.
    pub enum ScanType ("scan type") {
        /// PDF, ISO 32000.
        Pdf = "application/pdf",
        /// JPEG, ISO/IEC 10918-1.
        Jpeg = "image/jpeg",
        /// PNG, ISO/IEC 15948.
        Png = "image/png",
    }
}

/// The largest scan, in bytes (10 MiB).
pub const MAX_BYTES: usize = 10 * 1024 * 1024;

/// The most pages of a PDF.
pub const MAX_PAGES: usize = 50;

/// The most pixels of an image, and of each image on a PDF's pages.
pub const MAX_PIXELS: u64 = 100_000_000;

/// The most pixels along one side.
pub const MAX_SIDE: u64 = 20_000;

/// Why a file is not taken as a scan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScanRefusal {
    /// There are no bytes.
    #[error("the body is empty: send the scan as the request's body")]
    Empty,
    /// There are too many bytes.
    #[error("a scan has at most {MAX_BYTES} bytes")]
    TooLong,
    /// The content begins like none of the accepted types.
    #[error("the content is no PDF, JPEG or PNG from its first byte on")]
    UnknownType,
    /// The content is of another type than it is said to be.
    #[error("the content is {found}, not {claimed}: send it with its true Content-Type")]
    OtherType {
        /// What the content is.
        found: ScanType,
        /// What it is said to be.
        claimed: ScanType,
    },
    /// The file is something else at the same time, or carries something else along.
    #[error("the file holds more than the scan: {0}; export the scan alone and send that")]
    Polyglot(&'static str),
    /// The file ends too early.
    #[error("the file is cut short: {0}; send it again, whole")]
    Truncated(&'static str),
    /// The file breaks its format, or uses a part of it that no scanner needs.
    #[error("the file is not a sound one: {0}; scan the memorandum again, or save it anew")]
    Malformed(&'static str),
    /// The PDF has too many pages.
    #[error("the file has more than {MAX_PAGES} pages: send the memorandum alone")]
    TooManyPages,
    /// An image is too large.
    #[error(
        "an image has {width} × {height} pixels; at most {MAX_SIDE} along a side and {MAX_PIXELS} in all are \
         accepted: scan at a lower resolution"
    )]
    TooManyPixels {
        /// Its width.
        width: u64,
        /// Its height.
        height: u64,
    },
    /// The PDF is encrypted.
    #[error("the PDF is encrypted: save it without a password and without restrictions")]
    Encrypted,
    /// The PDF can act by itself, or carries files.
    #[error("the PDF has {0}: print it to a new PDF, or send it as a picture")]
    ActiveContent(&'static str),
}

/// The type that the content begins like.
fn beginning(content: &[u8]) -> Option<ScanType> {
    if content.starts_with(pdf::BEGINNING) {
        Some(ScanType::Pdf)
    } else if content.starts_with(jpeg::BEGINNING) {
        Some(ScanType::Jpeg)
    } else if content.starts_with(png::BEGINNING) {
        Some(ScanType::Png)
    } else {
        None
    }
}

/// Checks that the content is a scan, and of the type it is said to be.
pub fn check(content: &[u8], claimed: ScanType) -> Result<(), ScanRefusal> {
    if content.is_empty() {
        return Err(ScanRefusal::Empty);
    }
    if content.len() > MAX_BYTES {
        return Err(ScanRefusal::TooLong);
    }
    let found = beginning(content).ok_or(ScanRefusal::UnknownType)?;
    if found != claimed {
        return Err(ScanRefusal::OtherType { found, claimed });
    }
    if let Some(what) = foreign::inside(content) {
        return Err(ScanRefusal::Polyglot(what));
    }
    match found {
        ScanType::Pdf => pdf::check(content),
        ScanType::Jpeg => jpeg::check(content),
        ScanType::Png => png::check(content),
    }
}

/// Refuses an image that would fill the memory of whoever opens it, or that has no area.
fn check_size(width: u64, height: u64) -> Result<(), ScanRefusal> {
    if width == 0 || height == 0 {
        return Err(ScanRefusal::Malformed("an image has no width or no height"));
    }
    if width > MAX_SIDE || height > MAX_SIDE || width.saturating_mul(height) > MAX_PIXELS {
        return Err(ScanRefusal::TooManyPixels { width, height });
    }
    Ok(())
}
