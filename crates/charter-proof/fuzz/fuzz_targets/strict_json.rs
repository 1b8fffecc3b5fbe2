//! JSON that is read has one canonical form, which is read the same.
#![no_main]

use charter_proof::canonical::{parse_strict, to_jcs};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(value) = parse_strict(data) {
        let canonical = to_jcs(&value).unwrap();
        let again = parse_strict(&canonical).unwrap();
        assert_eq!(to_jcs(&again).unwrap(), canonical);
    }
});
