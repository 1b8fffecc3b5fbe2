//! The registry's own keys: announced, put in force, and what becomes of those that signed before.

pub mod compromise;
pub mod destroy;
pub mod rotate;

use chrono::TimeDelta;

/// How long a key is published before it signs: as long as somebody may use the key list or the DID document that they
/// once fetched.
pub const ANNOUNCED_FOR: TimeDelta = TimeDelta::days(1);

/// How long a retired record key stays among those that assert: as long as the longest credential that it signed.
pub const ASSERTING_FOR: TimeDelta = TimeDelta::days(7);
