//! The memorandum of accession: how it is signed and what a scan of it must be.

use charter_proof::canonical::Digest;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{text::Invalid, word::vocabulary};

vocabulary! {
    /// How a memorandum is signed.
    pub enum SigningForm ("form of signing") {
        /// By hand, returned as a scan.
        HandwrittenScan = "handwritten_scan",
        /// By an ed25519 key over the memorandum's exact bytes.
        Ed25519 = "ed25519",
        /// By an electronic signature in a file of its own, kept as evidence.
        EnclosedSignature = "enclosed_signature",
        /// On paper; a clerk attests it.
        Paper = "paper",
    }
}

/// What a membership's records say of the signed memorandum; it tells nothing about who signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    /// SHA-256 of the salt and the signed bytes: the scan, or for a key's signature the memorandum's text.
    pub digest: Digest,
    /// How it was signed.
    pub form: SigningForm,
    /// The date of signing.
    pub signed_on: NaiveDate,
}

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
pub const MAX_SCAN_BYTES: usize = 10 * 1024 * 1024;

impl ScanType {
    /// The type that the content itself shows, by its first and last bytes.
    ///
    /// # Errors
    ///
    /// `empty`, `too_long`, or `unknown_file_type` when it is none of the accepted types, or is cut short.
    pub fn of_content(content: &[u8]) -> Result<Self, Invalid> {
        if content.is_empty() {
            return Err(Invalid {
                code: "empty",
                detail: "the body is empty: send the scan as the request's body".into(),
            });
        }
        if content.len() > MAX_SCAN_BYTES {
            return Err(Invalid {
                code: "too_long",
                detail: format!("a scan has at most {MAX_SCAN_BYTES} bytes"),
            });
        }
        let tail = content
            .get(content.len().saturating_sub(1024)..)
            .unwrap_or(content);
        let tail_has = |mark: &[u8]| tail.windows(mark.len()).any(|window| window == mark);
        if content.starts_with(b"%PDF-") && tail_has(b"%%EOF") {
            Ok(Self::Pdf)
        } else if content.starts_with(b"\xFF\xD8\xFF") && tail_has(b"\xFF\xD9") {
            Ok(Self::Jpeg)
        } else if content.starts_with(b"\x89PNG\r\n\x1A\n") && tail_has(b"IEND") {
            Ok(Self::Png)
        } else {
            Err(Invalid {
                code: "unknown_file_type",
                detail: "the content is no whole PDF, JPEG or PNG".into(),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ScanType;

    #[test]
    fn a_scan_is_known_by_its_content() {
        let code = |content: &[u8]| ScanType::of_content(content).map_err(|invalid| invalid.code);
        assert_eq!(code(b"%PDF-1.7\n...\n%%EOF\n"), Ok(ScanType::Pdf));
        assert_eq!(code(b"\xFF\xD8\xFF\xE0....\xFF\xD9"), Ok(ScanType::Jpeg));
        assert_eq!(
            code(b"\x89PNG\r\n\x1A\n....IEND\xAEB`\x82"),
            Ok(ScanType::Png)
        );
        assert_eq!(code(b""), Err("empty"));
        assert_eq!(code(b"%PDF-1.7\ncut short"), Err("unknown_file_type"));
        assert_eq!(code(b"MZ\x90\x00"), Err("unknown_file_type"));
        assert_eq!(code(&vec![0; super::MAX_SCAN_BYTES + 1]), Err("too_long"));
    }
}
