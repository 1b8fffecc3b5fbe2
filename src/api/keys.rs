//! The registry's public keys.

pub mod did;
pub mod list;
