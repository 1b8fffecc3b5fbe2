//! A key of a note that is read is written the same.
#![no_main]

use charter_proof::note::NoteKey;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data)
        && let Ok(key) = text.parse::<NoteKey>()
    {
        assert_eq!(key.to_string(), text);
    }
});
