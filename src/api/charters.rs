//! Charters and their versions.

pub mod get;
pub mod list;
pub mod memorandum;
pub mod publish;
pub mod version;
pub mod versions;
