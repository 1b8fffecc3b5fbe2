//! A bundle whose entries are read is made of them again.
#![no_main]

use charter_proof::tile::bundle;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut again = Vec::new();
    for entry in bundle::entries(data) {
        match entry {
            Ok(entry) => bundle::push(&mut again, entry).unwrap(),
            Err(_) => return,
        }
    }
    assert_eq!(again, data);
});
