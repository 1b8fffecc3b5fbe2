//! Records that are not what the log names, and status lists that are not what it says.

use charter_proof::{
    canonical::{Digest, to_jcs},
    entry::{Event, MemberEventKind::Included},
};
use serde_json::{Value, json};

use super::{
    Gate::{Around, Opens},
    Lie, NOBODY,
    Then::{Evidence, Lag},
    When::{Always, Later},
    stranger,
};
use crate::{client::CHARTER, host::PUBLIC_URL};

pub const LIES: &[Lie] = &[
    (
        "a record by a stranger's key",
        Always,
        Opens,
        Evidence("the record is not authentic: the key did:web:registry.example#"),
        |book| {
            book.exclude_by(&stranger(), |_| {});
            book.close();
        },
    ),
    (
        "a record of another status",
        Later,
        Opens,
        Evidence("the record's status is not that of the entry"),
        |book| {
            book.exclude_saying(|record| {
                record["credentialSubject"]["event"]["resultingStatus"] = json!("withdrawn");
            });
            book.close();
        },
    ),
    (
        "a record of another member",
        Later,
        Opens,
        Evidence("the record's member is not that of the entry"),
        |book| {
            book.exclude_saying(|record| {
                let id = format!("{PUBLIC_URL}/members/{NOBODY}");
                record["credentialSubject"]["id"] = json!(id);
            });
            book.close();
        },
    ),
    (
        "a record in another spelling",
        Later,
        Opens,
        Evidence("the record's bytes are not the canonical JSON"),
        |book| {
            book.exclude();
            book.respell(|record| [record, b" "].concat());
            book.close();
        },
    ),
    (
        "a record altered once signed",
        Later,
        Opens,
        Evidence("the signature is not that of the key"),
        |book| {
            book.exclude();
            book.respell(|record| {
                let mut record: Value = serde_json::from_slice(record).unwrap();
                record["credentialSubject"]["founder"] = json!(true);
                to_jcs(&record).unwrap()
            });
            book.close();
        },
    ),
    (
        "a status list that forgets",
        Later,
        Around,
        Evidence("revoke 0 credentials"),
        |book| {
            book.sign_lists(0, 1);
        },
    ),
    (
        "a status list of too many",
        Later,
        Around,
        Evidence("revoke 5 credentials"),
        |book| {
            book.sign_lists(5, 1);
        },
    ),
    (
        "a record that is not the one named",
        Later,
        Opens,
        Lag("the line of entry 30 is not the record"),
        |book| {
            book.exclude();
            book.reline(book.lines[book.first(Included)].clone());
            book.close();
        },
    ),
    (
        "a record withheld",
        Later,
        Opens,
        Lag("the line of entry 30 is not the record"),
        |book| {
            book.exclude();
            book.reline(b"null".to_vec());
            book.close();
        },
    ),
    (
        "a record redacted by no entry",
        Later,
        Opens,
        Lag("withholds 1 records"),
        |book| {
            book.exclude();
            book.reline(book.redacted_line(book.entries.len() - 1));
            book.close();
        },
    ),
    (
        "a status list by a stranger's key",
        Later,
        Opens,
        Lag("a status list is not accepted"),
        |book| {
            book.record_key = stranger();
            book.sign_lists(2, 1);
        },
    ),
    (
        "a charter's document exchanged",
        Later,
        Around,
        Lag("the document has another digest"),
        |book| {
            let digest = Digest::of(b"charter");
            book.push(Event::CharterPublished {
                charter: CHARTER.to_owned(),
                version: 2,
                digest,
            });
            let path = format!("/log/charters/{digest}");
            book.charters.insert(path, b"another".to_vec());
            book.close();
        },
    ),
];
