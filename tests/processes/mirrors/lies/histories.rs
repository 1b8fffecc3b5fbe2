//! Two histories where there can be one.

use charter_proof::entry::{
    Event,
    MemberEventKind::{Excluded, Included},
};
use chrono::TimeDelta;
use serde_json::json;

use super::{
    Gate::{Opens, Shut},
    Lie,
    Then::{Evidence, Lag},
    When::{First, Later},
};

const FORK: &str = "the registry signed two logs";
const STATE: &str = "the state entry does not say what the entries before it come to";

pub const LIES: &[Lie] = &[
    (
        "an entry changed",
        Later,
        Shut(STATE),
        Evidence(FORK),
        |book| {
            book.retell(book.first(Included), |told| told.claims.clear());
        },
    ),
    (
        "an entry changed, and more",
        Later,
        Shut(STATE),
        Evidence(FORK),
        |book| {
            book.retell(book.first(Included), |told| told.claims.clear());
            book.grow_wrongly();
        },
    ),
    (
        "an entry removed",
        Later,
        Shut(STATE),
        Evidence(FORK),
        |book| {
            book.remove(book.first(Included));
            book.grow_wrongly();
        },
    ),
    (
        "an entry added back in time",
        Later,
        Shut("does not follow from what the member was"),
        Evidence(FORK),
        |book| {
            book.repeat(book.first(Included));
        },
    ),
    (
        "two entries swapped",
        Later,
        Shut(STATE),
        Evidence(FORK),
        |book| {
            let index = book.first(Included);
            book.swap(index, index + 1);
        },
    ),
    (
        "another end of the same length",
        Later,
        Opens,
        Evidence(FORK),
        |book| {
            let size = book.entries.len();
            *book = book.clone().cut(size - 2);
            book.grow_to(size - 1);
        },
    ),
    (
        "a fork grown on an older backup",
        Later,
        Opens,
        Evidence(FORK),
        |book| {
            let size = book.entries.len();
            book.back_before(size - 2);
            book.grow_to(size + 3);
        },
    ),
    (
        "a fork that is shorter",
        Later,
        Opens,
        Evidence(FORK),
        |book| {
            let size = book.entries.len();
            *book = book.clone().cut(size - 4);
            book.push(super::anchored());
            book.close_wrongly();
        },
    ),
    (
        "an older backup as if new",
        Later,
        Opens,
        Evidence("28 entries were its newest, long after it had signed 30"),
        |book| {
            book.back_before(book.entries.len() - 1);
            book.ahead = TimeDelta::minutes(11);
        },
    ),
    (
        "an older backup",
        Later,
        Opens,
        Lag("serves 28 entries, and it signed 30"),
        |book| {
            book.back_before(book.entries.len() - 1);
        },
    ),
    (
        "the log of another registry",
        First,
        Shut("the log's origin is other.example/log"),
        Evidence("the log of other.example/log under its own name"),
        |book| {
            let mut event = book.entry(0).event;
            if let Event::LogCreated { origin, .. } = &mut event {
                "other.example/log".clone_into(origin);
            }
            book.put(0, event);
            *book = book.clone().cut(1);
            book.close();
        },
    ),
    (
        "an exclusion undone",
        Later,
        Opens,
        Evidence(FORK),
        |book| {
            book.remove(book.first(Excluded));
            book.restate();
        },
    ),
    (
        "an entry added back in time, all made anew",
        Later,
        Opens,
        Evidence(FORK),
        |book| {
            book.insert(book.first(Included), super::anchored());
            book.restate();
        },
    ),
    (
        "a record in other words, all made anew",
        Later,
        Opens,
        Evidence(FORK),
        |book| {
            book.rewrite_record(book.first(Included), |record| {
                record["credentialSubject"]["founder"] = json!(true);
            });
            book.restate();
        },
    ),
    (
        "two members' records exchanged, all made anew",
        Later,
        Opens,
        Evidence(FORK),
        |book| {
            let [one, other] = [book.first(Included), book.active()];
            book.exchange(one, other);
            book.restate();
        },
    ),
    ("a log begun anew", Later, Opens, Evidence(FORK), |book| {
        *book = book.clone().cut(1);
        book.grow_to(5);
    }),
    (
        "a log begun anew by other keys",
        Later,
        Opens,
        Lag("is not signed by a key of the registry"),
        |book| {
            book.begin_anew();
            book.grow_to(5);
        },
    ),
];
