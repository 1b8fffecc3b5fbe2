//! Keys as C2SP signed notes name them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::PublicKey;
use crate::canonical::Digest;

/// The signature type of the log key: plain Ed25519 (C2SP signed-note).
pub const LOG_SIGNATURE: u8 = 0x01;

/// The signature type of the clock key: a timestamped cosignature (C2SP tlog-cosignature).
pub const CLOCK_SIGNATURE: u8 = 0x04;

/// The key id of a signed note: the first four bytes of `SHA256(name ‖ 0A ‖ type ‖ key)`.
pub fn key_id(name: &str, signature_type: u8, key: &PublicKey) -> [u8; 4] {
    let hash = Digest::of_parts(&[name.as_bytes(), b"\n", &[signature_type], key.as_bytes()]);
    let [a, b, c, d, ..] = *hash.as_bytes();
    [a, b, c, d]
}

/// The published form of a note's key: `name+<hex8 key id>+base64(type ‖ key)`.
pub fn vkey(name: &str, signature_type: u8, key: &PublicKey) -> String {
    let id = u32::from_be_bytes(key_id(name, signature_type, key));
    let material = [&[signature_type], key.as_bytes().as_slice()].concat();
    format!("{name}+{id:08x}+{}", STANDARD.encode(material))
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::{CLOCK_SIGNATURE, LOG_SIGNATURE, vkey};
    use crate::keys::PublicKey;

    #[test]
    fn the_key_of_a_well_known_log_has_its_published_vkey() {
        // The Go checksum database's key, golang.org/x/mod/sumdb.
        let published = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";
        let material = published.splitn(3, '+').nth(2).unwrap();
        let material = STANDARD.decode(material).unwrap();
        let key = PublicKey::from_bytes(material[1..].try_into().unwrap()).unwrap();
        assert_eq!(vkey("sum.golang.org", LOG_SIGNATURE, &key), published);
        assert_ne!(vkey("sum.golang.org", CLOCK_SIGNATURE, &key), published);
    }
}
