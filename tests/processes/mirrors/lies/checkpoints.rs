//! Checkpoints that are not signed as they must be, and what no checkpoint is of.

use super::{
    Lie,
    Then::Lag,
    When::{Always, Later},
    stranger,
};

pub const LIES: &[Lie] = &[
    ("entries that were not signed", Later, Lag, |book| {
        book.grow_wrongly();
        let path = format!("/log/tile/entries/000.p/{}", book.entries.len());
        book.fixed.insert(path, b"\0\x01x".to_vec());
    }),
    ("a checkpoint by a stranger's key", Always, Lag, |book| {
        book.log_key = stranger();
    }),
    ("a checkpoint without a time", Later, Lag, |book| {
        book.has_clock = false;
    }),
    ("a checkpoint of another log", Later, Lag, |book| {
        "other.example/log".clone_into(&mut book.origin);
    }),
    ("a checkpoint that is none", Later, Lag, |book| {
        let path = "/log/checkpoint".to_owned();
        book.fixed.insert(path, b"none".to_vec());
    }),
];
