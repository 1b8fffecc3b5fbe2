//! The people of the secretariat, and their tokens.

pub mod add;
pub mod list;
pub mod revoke;
pub mod tokens;
