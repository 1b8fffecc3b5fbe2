//! Decisions: what one registrar proposes and another approves.

pub mod approve;
pub mod decline;
pub mod get;
pub mod list;
