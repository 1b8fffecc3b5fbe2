//! A credential, a token, a status list is read or refused.
#![no_main]

use charter_proof::credential::jwt::verify_jwt;
use charter_proof::credential::verify_credential;
use charter_proof::keys::PublishedKeys;
use charter_proof::status_list::verify_status_list;
use charter_proof::verify::TrustedKeys;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let document = include_bytes!("../did.json");
    let keys = TrustedKeys::from_did_document(PublishedKeys::parse(document).unwrap());
    let now = "2026-11-22T03:13:00Z".parse().unwrap();
    let _ = verify_credential(data, &keys, now);
    let _ = verify_status_list(data, &keys, now);
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = verify_jwt(text, &keys, now);
    }
});
