//! A record that is withheld while the log is copied and given once most of it is kept.

use serde_json::{Value, json};

use super::{Truth, checked, stranger_to};
use crate::{
    client::Client,
    mirrors::{awaited, book::Book, liar::Liar, state},
};

/// Few more entries than a mirror has kept after its third commit.
const MANY: usize = 74_000;

/// A log with a record early in it, and the same with that withheld.
fn with(truth: &Truth, exclude: fn(&mut Book)) -> [Book; 2] {
    let mut given = truth.honest.clone();
    exclude(&mut given);
    let excluded = given.entries.len() - 1;
    given.close();
    given.grow_to(MANY);
    given.sign_lists(3, 1);
    let mut withheld = given.clone();
    withheld.lines[excluded] = given.redacted_line(excluded);
    [given, withheld]
}

/// What a mirror says that was first told the one, and then the other.
fn told_after(truth: &Truth, [given, withheld]: [Book; 2], wanted: &str) {
    let size = u64::try_from(given.entries.len()).unwrap();
    let host = stranger_to(&truth.policy);
    let followed = |book: Book| {
        let mirror = host.mirror(&Liar::serve(book).address, &["--policy", "policy"]);
        let client = Client::new(&mirror.address, &truth.tokens);
        (mirror, client)
    };
    let (mirror, client) = followed(withheld);
    let told = state(&client, |told| told["state"] == "stale");
    let detail = told["detail"].as_str().unwrap();
    assert!(detail.contains("withholds 1 records"), "{told}");
    assert!(told["fetched"].as_u64().unwrap() > 70_000, "{told}");
    drop(mirror);
    let (_mirror, client) = followed(given);
    if wanted == "following" {
        let told = awaited(&client, wanted, size);
        assert_eq!(told["detail"], Value::Null);
        return;
    }
    let told = state(&client, |told| told["state"] == wanted);
    assert_eq!(told["size"], json!(null), "{told}");
    checked(&host, &truth.policy, &told);
}

#[test]
fn a_record_that_was_withheld_is_verified_before_it_is_taken() {
    let truth = Truth::told();
    told_after(&truth, with(&truth, Book::exclude), "following");
    let forged = |book: &mut Book| {
        book.exclude();
        book.respell(|record| {
            let mut record: Value = serde_json::from_slice(record).unwrap();
            record["credentialSubject"]["founder"] = json!(true);
            charter_proof::canonical::to_jcs(&record).unwrap()
        });
    };
    told_after(&truth, with(&truth, forged), "contradicted");
}
