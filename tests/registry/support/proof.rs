//! What somebody does with a record who trusts nothing but the registry's DID document.

use charter_proof::{
    keys::PublishedKeys,
    verify::{RecordSummary, RecordVerdict, TrustedKeys, verify_record},
};

use super::{app::TestApp, client::Call};

impl TestApp {
    /// The registry's keys, as a verifier takes them from its DID document.
    pub fn trusted_keys(&self) -> TrustedKeys {
        let document = self.send(Call::get("/.well-known/did.json")).must_be(200);
        TrustedKeys::from_did_document(PublishedKeys::parse(&document.body).unwrap())
    }
}

/// What an authentic record says.
#[track_caller]
pub fn authentic(record: &[u8], keys: &TrustedKeys) -> RecordSummary {
    match verify_record(record, keys, None) {
        RecordVerdict::Authentic(said) => *said,
        other => panic!("{other:?}"),
    }
}

/// Asserts that the record is refused whichever of its bytes is changed.
#[track_caller]
pub fn breaks_at_every_byte(record: &[u8], keys: &TrustedKeys) {
    let mut changed = record.to_vec();
    for place in 0..record.len() {
        changed[place] ^= 1;
        let verdict = verify_record(&changed, keys, None);
        assert!(
            matches!(verdict, RecordVerdict::Refused(_)),
            "byte {place} of {}: {verdict:?}",
            String::from_utf8_lossy(&changed)
        );
        changed[place] ^= 1;
    }
}
