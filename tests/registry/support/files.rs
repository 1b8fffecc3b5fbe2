//! Files as programs make them that are not ours: `tests/files`.

macro_rules! file {
    ($name:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/files/", $name))
    };
}

/// A scan as JPEG.
pub const JPEG: &[u8] = file!("scans/scan.jpg");
/// A scan as PNG.
pub const PNG: &[u8] = file!("scans/scan.png");
/// Two pictures in one PNG.
pub const ANIMATED_PNG: &[u8] = file!("scans/animated.png");
/// A PDF with more pages than are taken.
pub const FIFTY_ONE_PAGES: &[u8] = file!("scans/fifty-one-pages.pdf");
/// A PDF that opens without a password, and is encrypted all the same.
pub const ENCRYPTED_PDF: &[u8] = file!("scans/encrypted.pdf");
/// A PDF with a file inside.
pub const ATTACHMENT_PDF: &[u8] = file!("scans/attachment.pdf");
/// The same, with its objects compressed.
pub const PACKED_ATTACHMENT_PDF: &[u8] = file!("scans/attachment-object-streams.pdf");
/// A detached signature.
pub const DETACHED: &[u8] = file!("signatures/detached.p7s");
/// A signature that holds what it signs.
pub const ATTACHED: &[u8] = file!("signatures/attached.p7s");
/// A file of certificates, in the same format.
pub const CERTIFICATES: &[u8] = file!("signatures/certificates.p7b");
