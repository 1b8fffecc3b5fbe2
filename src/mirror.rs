//! A mirror: it follows another registry, checks everything, and keeps what holds in the same tables.
//!
//! [`source`] fetches, within limits of time, size and number; [`tree`] binds every bundle of entries to the signed root
//! before anything is made of it; [`check`] reads entries and records and judges their signatures; [`keep`] writes what
//! they come to where the read side finds it; [`follow`] goes round: a checkpoint, what is new up to it, all of it
//! checked, published at once. In a first copy records wait on the [`stage`] until tables are made of them. [`evidence`] is what remains of a registry that contradicts itself, [`standing`] is what the
//! API tells of it. [`recover`] does the same once, for a registry whose own database is older than what was published. A
//! mirror has no keys of the registry and signs
//! nothing in its name.

pub mod check;
pub mod evidence;
pub mod follow;
pub mod keep;
pub mod pin;
pub mod recover;
pub mod source;
pub mod stage;
pub mod standing;
pub mod tree;
