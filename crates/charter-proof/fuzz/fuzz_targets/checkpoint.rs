//! A checkpoint that is read is written the same.
#![no_main]

use charter_proof::note::Checkpoint;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data)
        && let Ok(checkpoint) = text.parse::<Checkpoint>()
    {
        assert_eq!(checkpoint.to_string(), text);
    }
});
