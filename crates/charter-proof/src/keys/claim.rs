//! The keys under which a membership is asked for, as the log and the map name them.

use crate::canonical::Digest;

/// The hash of a membership's key: `SHA256(charter slug ‖ 0A ‖ key)`.
///
/// The key is already canonical: `member:<uuid>`, `domain:<host>` or `<SCHEME>:<value>`.
pub fn claim_hash(charter_slug: &str, key: &str) -> Digest {
    Digest::of_parts(&[charter_slug.as_bytes(), b"\n", key.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::claim_hash;

    #[test]
    fn the_published_vector_is_reproduced() {
        let hash = claim_hash("c", "domain:1.example").to_string();
        assert!(hash.starts_with("1a0c78bd"), "{hash}");
        assert!(hash.ends_with("364ca6"), "{hash}");
    }
}
