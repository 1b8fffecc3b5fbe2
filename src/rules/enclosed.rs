//! An electronic signature in a file of its own: a detached CMS `SignedData` (RFC 5652), as qualified signatures are.
//!
//! It is kept as evidence. Its outer structure is checked, so that it is no other file; its certificate and its
//! signature are not, and nothing that shows it may say that they were.

use base64::{Engine as _, engine::general_purpose::STANDARD};

/// The media type of the file (RFC 8551 §3.2.1).
pub const MEDIA_TYPE: &str = "application/pkcs7-signature";

/// The largest file, in bytes (1 MiB): certificates, time stamps and revocation lists included.
pub const MAX_BYTES: usize = 1024 * 1024;

/// `id-signedData`, 1.2.840.113549.1.7.2 (RFC 5652 §5.1).
const SIGNED_DATA: &[u8] = b"\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02";

const INTEGER: u8 = 0x02;
const OBJECT_IDENTIFIER: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
/// `[0] EXPLICIT`.
const CONTENT: u8 = 0xA0;
/// `[0] IMPLICIT` and `[1] IMPLICIT` of a set.
const CERTIFICATES: u8 = 0xA0;
const REVOCATION_LISTS: u8 = 0xA1;

/// Why a file is no enclosed signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EnclosedRefusal {
    /// It is no CMS `SignedData` from its first byte to its last.
    #[error(
        "the file is no CMS SignedData (RFC 5652) in DER, PEM or base64: send the .p7s or .sig file that the \
         signing program made"
    )]
    NoSignedData,
    /// Nobody signed.
    #[error(
        "the file holds certificates and no signature: send the file that the signing program made"
    )]
    NoSigner,
    /// It holds the signed content as well.
    #[error(
        "the signature is attached: it holds what was signed; make a detached signature over the memorandum's \
         exact bytes (GET it as text/plain)"
    )]
    Attached,
}

/// Checks the outer structure of a signature file: DER, or DER in PEM or base64.
pub fn check(content: &[u8]) -> Result<(), EnclosedRefusal> {
    if content.first() == Some(&SEQUENCE)
        && signed_data(content) != Err(EnclosedRefusal::NoSignedData)
    {
        return signed_data(content);
    }
    signed_data(&unwrapped(content).ok_or(EnclosedRefusal::NoSignedData)?)
}

/// The bytes inside PEM (RFC 7468) or plain base64.
fn unwrapped(content: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(content).ok()?.trim();
    let inner = ["CMS", "PKCS7"].iter().find_map(|label| {
        text.strip_prefix(&format!("-----BEGIN {label}-----"))?
            .strip_suffix(&format!("-----END {label}-----"))
    });
    let digits: String = inner
        .unwrap_or(text)
        .chars()
        .filter(|c| !c.is_ascii_whitespace())
        .collect();
    STANDARD.decode(digits).ok()
}

/// `ContentInfo` with a `SignedData` inside (RFC 5652 §3, §5.1).
fn signed_data(content: &[u8]) -> Result<(), EnclosedRefusal> {
    const BROKEN: EnclosedRefusal = EnclosedRefusal::NoSignedData;
    let mut outer = Elements(content);
    let mut info = outer.inside(SEQUENCE).ok_or(BROKEN)?;
    let kind = info.content(OBJECT_IDENTIFIER).ok_or(BROKEN)?;
    let mut explicit = info.inside(CONTENT).ok_or(BROKEN)?;
    let mut data = explicit.inside(SEQUENCE).ok_or(BROKEN)?;
    if !outer.is_empty() || !info.is_empty() || !explicit.is_empty() || kind != SIGNED_DATA {
        return Err(BROKEN);
    }
    data.content(INTEGER).ok_or(BROKEN)?;
    data.content(SET).ok_or(BROKEN)?;
    let mut encapsulated = data.inside(SEQUENCE).ok_or(BROKEN)?;
    encapsulated.content(OBJECT_IDENTIFIER).ok_or(BROKEN)?;
    let _ = data.content(CERTIFICATES);
    let _ = data.content(REVOCATION_LISTS);
    let mut signers = data.inside(SET).ok_or(BROKEN)?;
    if !data.is_empty() {
        return Err(BROKEN);
    }
    if signers.is_empty() {
        return Err(EnclosedRefusal::NoSigner);
    }
    while !signers.is_empty() {
        signers.content(SEQUENCE).ok_or(BROKEN)?;
    }
    if encapsulated.is_empty() {
        Ok(())
    } else {
        Err(EnclosedRefusal::Attached)
    }
}

/// Elements one after the other, in DER (X.690 §8.1, §10.1): short and definite lengths.
struct Elements<'a>(&'a [u8]);

impl<'a> Elements<'a> {
    const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The content of the next element, if it has this tag.
    fn content(&mut self, tag: u8) -> Option<&'a [u8]> {
        let rest = self.0.strip_prefix(&[tag])?;
        let (first, rest) = rest.split_first()?;
        let (length, rest) = if *first < 0x80 {
            (usize::from(*first), rest)
        } else {
            let (digits, rest) = rest.split_at_checked(usize::from(*first & 0x7F))?;
            let is_shortest = digits.first().is_some_and(|digit| *digit != 0) && digits.len() <= 4;
            let length = digits
                .iter()
                .fold(0_usize, |length, digit| (length << 8) | usize::from(*digit));
            if !is_shortest || length < 0x80 {
                return None;
            }
            (length, rest)
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some(content)
    }

    /// The elements inside the next one, if it has this tag.
    fn inside(&mut self, tag: u8) -> Option<Self> {
        self.content(tag).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use proptest::prelude::*;

    use super::{EnclosedRefusal, check};

    /// Made by OpenSSL: `cms -sign -binary`, with an elliptic-curve key and its certificate.
    const DETACHED: &[u8] = include_bytes!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/files/signatures/detached.p7s"
    ));
    const ATTACHED: &[u8] = include_bytes!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/files/signatures/attached.p7s"
    ));
    const CERTIFICATES: &[u8] = include_bytes!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/files/signatures/certificates.p7b"
    ));

    #[test]
    fn a_detached_signature_is_taken_in_each_of_its_wrappings() {
        assert_eq!(check(DETACHED), Ok(()));
        let base64 = STANDARD.encode(DETACHED);
        assert_eq!(check(base64.as_bytes()), Ok(()));
        for label in ["CMS", "PKCS7"] {
            let pem = format!("-----BEGIN {label}-----\r\n{base64}\r\n-----END {label}-----\r\n");
            assert_eq!(check(pem.as_bytes()), Ok(()));
        }
    }

    #[test]
    fn anything_else_is_refused() {
        use EnclosedRefusal::{Attached, NoSignedData, NoSigner};
        assert_eq!(check(ATTACHED), Err(Attached));
        assert_eq!(check(CERTIFICATES), Err(NoSigner));
        let longer = [DETACHED, b"\0"].concat();
        for content in [
            b"".as_slice(),
            b"I sign.",
            b"0",
            b"\x30\x80",
            b"%PDF-1.4",
            &longer,
        ] {
            assert_eq!(check(content), Err(NoSignedData), "{content:?}");
        }
        for length in 0..DETACHED.len() {
            assert_eq!(check(&DETACHED[..length]), Err(NoSignedData));
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_check_panic(
            place in any::<prop::sample::Index>(),
            byte in any::<u8>(),
            noise in prop::collection::vec(any::<u8>(), 0..64),
        ) {
            let mut changed = DETACHED.to_vec();
            let place = place.index(changed.len());
            changed[place] = byte;
            let _ = check(&changed);
            let _ = check(&noise);
        }
    }
}
