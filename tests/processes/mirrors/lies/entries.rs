//! Entries that break the log's rules.

use charter_proof::{
    canonical::Digest,
    entry::{
        Entry, Event,
        MemberEventKind::{Excluded, Included},
        RotationProofs, Status,
    },
    keys::Purpose,
};
use chrono::TimeDelta;

use super::{
    Lie, NOBODY,
    Then::Evidence,
    When::{Always, Later},
    anchored, stranger,
};
use crate::client::CHARTER;

const EXALTED: &[u8] = br#"{"at":"2026-11-22T00:00:00Z","kind":"member.exalted","v":1}"#;

pub const LIES: &[Lie] = &[
    ("a wrong map", Always, Evidence, |book| {
        book.misstate(|_, map, _| *map = Digest::of(b"map"));
    }),
    ("a wrong key list", Later, Evidence, |book| {
        book.misstate(|_, _, keys| *keys = Digest::of(b"keys"));
    }),
    ("a state of another size", Later, Evidence, |book| {
        book.misstate(|size, _, _| *size += 1);
    }),
    ("no state at the end", Later, Evidence, |book| {
        book.push(anchored());
    }),
    ("no JSON", Always, Evidence, |book| {
        book.push_odd(b"no JSON")
    }),
    ("an unknown kind", Later, Evidence, |book| {
        book.push_odd(EXALTED);
    }),
    ("an entry that is not canonical", Later, Evidence, |book| {
        let mut bytes = book.entries[1].clone();
        bytes.insert(1, b' ');
        book.push_odd(&bytes);
    }),
    ("time that goes backwards", Later, Evidence, |book| {
        let (at, event) = (book.entry(0).at - TimeDelta::hours(1), anchored());
        book.push_odd(&Entry { at, event }.to_bytes().unwrap());
    }),
    ("a second beginning", Later, Evidence, |book| {
        book.push(book.entry(0).event);
        book.close_wrongly();
    }),
    ("a member excluded twice", Always, Evidence, |book| {
        book.push_again(book.first(Excluded));
        book.close_wrongly();
    }),
    ("a claim of another member's", Later, Evidence, |book| {
        book.exclude_telling(|told| {
            (*told.kind, *told.status) = (Included, Status::Active);
            *told.member = NOBODY;
        });
        book.close_wrongly();
    }),
    ("claims dropped by an exclusion", Later, Evidence, |book| {
        book.exclude_telling(|told| told.claims.clear());
        book.close_wrongly();
    }),
    ("a claim given to nobody", Later, Evidence, |book| {
        let Event::Member { member, claims, .. } = book.entry(book.active()).event else {
            unreachable!()
        };
        book.push(Event::ClaimReassigned {
            charter: CHARTER.to_owned(),
            claim: claims[0],
            from: member,
            to: NOBODY,
        });
        book.close_wrongly();
    }),
    ("a key replaced unsigned", Later, Evidence, |book| {
        book.push(Event::KeyRotated {
            purpose: Purpose::Record,
            key: stranger().public(),
            replaces: book.record_key.public(),
            proofs: RotationProofs {
                old: [1; 64],
                new: [2; 64],
            },
        });
        book.close_wrongly();
    }),
    (
        "a key compromised that never was",
        Later,
        Evidence,
        |book| {
            book.push(Event::KeyCompromised {
                purpose: Purpose::Record,
                key: stranger().public(),
                replaced_by: None,
            });
            book.close_wrongly();
        },
    ),
];
