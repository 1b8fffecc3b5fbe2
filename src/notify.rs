//! Letters: from a use case that has something to tell to the mail server that takes it.
//!
//! A use case gives a [`outbox::Draft`] to its transaction: the letter is queued if the change is, and not
//! otherwise. Nothing here reads requests or decides anything about applications and members.

pub mod outbox;
