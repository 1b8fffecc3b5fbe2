//! The registry as processes: several on one PostgreSQL, a second one where only one may be, one that is asked to
//! end, one that speaks TLS to its database. What runs is the real binary.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod audit;
mod backup;
mod client;
mod clocks;
mod contention;
mod drills;
mod durability;
mod ending;
mod host;
mod keys;
mod lines;
mod locks;
mod migrations;
mod mirrors;
mod organisations;
#[path = "../registry/support/postgres.rs"]
mod postgres;
mod publication;
mod recovery;
mod rollback;
mod site;
mod starting;
mod tls;
mod tour;
mod witness;
mod witnesses;
