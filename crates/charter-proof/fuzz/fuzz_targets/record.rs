//! No bytes but a record that the registry signed are authentic.
#![no_main]

use charter_proof::keys::PublishedKeys;
use charter_proof::verify::{RecordVerdict, TrustedKeys, verify_record};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let document = include_bytes!("../did.json");
    let keys = TrustedKeys::from_did_document(PublishedKeys::parse(document).unwrap());
    if let RecordVerdict::Authentic(said) = verify_record(data, &keys, Some(0)) {
        assert_eq!(said.issuer, keys.issuer());
    }
});
