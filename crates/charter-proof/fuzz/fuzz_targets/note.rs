//! A note that is read is written the same.
#![no_main]

use charter_proof::note::Note;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data)
        && let Ok(note) = text.parse::<Note>()
    {
        assert_eq!(note.to_string(), text);
    }
});
