//! An entry that is read is written the same.
#![no_main]

use charter_proof::entry::Entry;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(entry) = Entry::parse(data) {
        assert_eq!(entry.to_bytes().unwrap(), data);
    }
});
