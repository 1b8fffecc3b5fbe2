//! The registry as its clients meet it: the real server on a port of its own, over HTTP, on both databases.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod support;

#[test]
fn x() {
    let d = support::postgres::TestDatabase::create();
    eprintln!("{:?}", d.map(|d| d.url().to_owned()));
}
