//! A proof that is read is written the same.
#![no_main]

use charter_proof::proof_file::ProofFile;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(proof) = ProofFile::parse(data) {
        assert_eq!(proof.to_text().unwrap().as_bytes(), data);
    }
});
