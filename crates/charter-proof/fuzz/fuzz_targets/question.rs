//! A key's canonical form is its own.
#![no_main]

use charter_proof::verify::Key;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data)
        && let Ok(key) = text.parse::<Key>()
    {
        assert_eq!(key.canonical().parse::<Key>().unwrap(), key);
    }
});
