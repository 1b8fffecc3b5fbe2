//! Two histories where there can be one.

use charter_proof::entry::{Event, MemberEventKind::Included};
use chrono::TimeDelta;

use super::{
    Lie,
    Then::{Evidence, Lag},
    When::{First, Later},
};

pub const LIES: &[Lie] = &[
    ("an entry changed", Later, Evidence, |book| {
        book.retell(book.first(Included), |told| told.claims.clear());
    }),
    ("an entry changed, and more", Later, Evidence, |book| {
        book.retell(book.first(Included), |told| told.claims.clear());
        book.grow_wrongly();
    }),
    ("an entry removed", Later, Evidence, |book| {
        book.remove(book.first(Included));
        book.grow_wrongly();
    }),
    ("an entry added back in time", Later, Evidence, |book| {
        book.repeat(book.first(Included));
    }),
    ("two entries swapped", Later, Evidence, |book| {
        let index = book.first(Included);
        book.swap(index, index + 1);
    }),
    ("another end of the same length", Later, Evidence, |book| {
        let size = book.entries.len();
        *book = book.clone().cut(size - 2);
        book.grow_to(size - 1);
    }),
    ("a fork grown on an older backup", Later, Evidence, |book| {
        let size = book.entries.len();
        book.back_before(size - 2);
        book.grow_to(size + 3);
    }),
    ("a fork that is shorter", Later, Evidence, |book| {
        let size = book.entries.len();
        *book = book.clone().cut(size - 4);
        book.push(super::anchored());
        book.close_wrongly();
    }),
    ("an older backup as if new", Later, Evidence, |book| {
        book.back_before(book.entries.len() - 1);
        book.ahead = TimeDelta::minutes(11);
    }),
    ("an older backup", Later, Lag, |book| {
        book.back_before(book.entries.len() - 1);
    }),
    ("the log of another registry", First, Evidence, |book| {
        let mut event = book.entry(0).event;
        if let Event::LogCreated { origin, .. } = &mut event {
            "other.example/log".clone_into(origin);
        }
        book.put(0, event);
        *book = book.clone().cut(1);
        book.close();
    }),
];
