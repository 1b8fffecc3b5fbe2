//! Partner sites, and their keys.

pub mod add;
pub mod list;
pub mod revoke;
pub mod tokens;
