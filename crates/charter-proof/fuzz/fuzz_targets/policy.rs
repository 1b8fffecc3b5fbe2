//! A policy of either form is read or refused.
#![no_main]

use charter_proof::policy::Policy;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = Policy::parse(text);
        let _ = Policy::from_json(text);
        let _ = Policy::from_tlog_policy(text);
    }
});
