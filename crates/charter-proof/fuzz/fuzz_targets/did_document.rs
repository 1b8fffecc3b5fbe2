//! A DID document is read or refused.
#![no_main]

use charter_proof::keys::PublishedKeys;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(keys) = PublishedKeys::parse(data) {
        assert!(!keys.asserting.is_empty());
    }
});
