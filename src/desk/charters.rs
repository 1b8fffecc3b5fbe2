//! Charters: their publication.

pub mod publish;
