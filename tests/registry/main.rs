//! The registry as its clients meet it: the real server on a port of its own, over HTTP, on both databases.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod access;
mod applications;
mod audit;
mod bad_input;
mod bulk;
mod credentials;
mod directory;
mod dumps;
mod feeds;
mod http;
mod integrity;
mod keys;
mod letters;
mod limits;
mod log;
mod memberships;
mod memoranda;
mod openapi;
mod operation;
mod past;
mod personal_data;
mod real_input;
mod redaction;
mod snapshots;
mod stories;
mod support;
mod trust_queries;
mod verification;
