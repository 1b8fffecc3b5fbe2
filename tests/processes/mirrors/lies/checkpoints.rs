//! Checkpoints that are not signed as they must be, and what no checkpoint is of.

use super::{
    Gate::{Around, Shut},
    Lie,
    Then::Lag,
    When::{Always, Later},
    stranger,
};

const UNSIGNED: &str = "or not signed by this log's key";

pub const LIES: &[Lie] = &[
    (
        "entries that were not signed",
        Later,
        Around,
        Lag("does not come to the root"),
        |book| {
            book.grow_wrongly();
            let path = format!("/log/tile/entries/000.p/{}", book.entries.len());
            book.fixed.insert(path, b"\0\x01x".to_vec());
        },
    ),
    (
        "a checkpoint by a stranger's key",
        Always,
        Shut(UNSIGNED),
        Lag("is not signed by a key of the registry"),
        |book| {
            book.log_key = stranger();
        },
    ),
    (
        "a checkpoint without a time",
        Later,
        Shut(UNSIGNED),
        Lag("is not signed by a key of the registry"),
        |book| {
            book.has_clock = false;
        },
    ),
    (
        "a checkpoint of another log",
        Later,
        Shut(UNSIGNED),
        Lag("is not signed by a key of the registry"),
        |book| {
            "other.example/log".clone_into(&mut book.origin);
        },
    ),
    (
        "a checkpoint that is none",
        Later,
        Around,
        Lag("is not signed by a key of the registry"),
        |book| {
            let path = "/log/checkpoint".to_owned();
            book.fixed.insert(path, b"none".to_vec());
        },
    ),
];
