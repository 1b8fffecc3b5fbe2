//! A key that is replaced after most of a first copy: by then the records behind it were verified by the one before.

use super::{Truth, checked, stranger_to};
use crate::{
    client::Client,
    mirrors::{awaited, book::Book, liar::Liar, state},
};

/// More entries than are fetched before any keys are known.
const MANY: usize = 50_000;

/// A long log in which the key for records is replaced at last, and then a member excluded.
fn with(truth: &Truth, exclude: fn(&mut Book)) -> Book {
    let mut book = truth.honest.clone();
    book.grow_to(MANY);
    exclude(&mut book);
    book.close();
    book.sign_lists(3, 1);
    book
}

#[test]
fn records_behind_a_rotation_are_verified_by_the_keys_that_it_leaves_in_force() {
    let truth = Truth::told();
    let by_new = with(&truth, |book| {
        book.rotate_record_key();
        book.exclude();
    });
    let by_old = with(&truth, |book| {
        let old = book.rotate_record_key();
        book.exclude_by(&old, |_| {});
    });
    for (book, wanted) in [(by_new, "following"), (by_old, "contradicted")] {
        let size = u64::try_from(book.entries.len()).unwrap();
        let host = stranger_to(&truth.policy);
        let liar = Liar::serve(book);
        let mirror = host.mirror(&liar.address, &["--policy", "policy"]);
        let client = Client::new(&mirror.address, &truth.tokens);
        if wanted == "following" {
            awaited(&client, wanted, size);
        } else {
            let told = state(&client, |told| told["state"] == wanted);
            checked(&host, &truth.policy, &told);
        }
    }
}
