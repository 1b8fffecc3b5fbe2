//! The program as people at a prompt meet it: the real binary, in a folder of its own.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod accounts;
mod charters;
mod host;
mod import;
mod serving;
mod timetable;
mod usage;
mod verification;
