//! The audit: who did what to what, and who looked at whose data.

pub mod list;
