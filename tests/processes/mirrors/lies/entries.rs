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
    Gate::Shut,
    Lie, NOBODY,
    Then::Evidence,
    When::{Always, Later},
    anchored, stranger,
};
use crate::client::CHARTER;

const EXALTED: &[u8] = br#"{"at":"2026-11-22T00:00:00Z","kind":"member.exalted","v":1}"#;

const STATE: &str = "the state entry does not say what the entries before it come to";
const JSON: &str = "the entry is not valid JSON";
const KIND: &str = "is not known; a newer verifier may know it";
const SPELLING: &str = "the entry's bytes are not the canonical JSON of what they say";
const TIME: &str = "it is older than the entry before it";
const FIRST: &str = "log.created is the first entry, and no other";
const CLAIM: &str = "it names a claim that another member holds";
const CLAIMS: &str = "it does not name exactly the claims that the member holds";
const NEXT: &str = "the entry of the member that the reassigned claim goes to must follow";
const ROTATION: &str = "the rotation is not signed by both keys";
const COMPROMISE: &str = "the compromised key is none of the registry's";

pub const LIES: &[Lie] = &[
    (
        "a wrong map",
        Always,
        Shut(STATE),
        Evidence(STATE),
        |book| {
            book.misstate(|_, map, _| *map = Digest::of(b"map"));
        },
    ),
    (
        "a wrong key list",
        Later,
        Shut(STATE),
        Evidence(STATE),
        |book| {
            book.misstate(|_, _, keys| *keys = Digest::of(b"keys"));
        },
    ),
    (
        "a state of another size",
        Later,
        Shut(STATE),
        Evidence(STATE),
        |book| {
            book.misstate(|size, _, _| *size += 1);
        },
    ),
    (
        "no state at the end",
        Later,
        Shut("the stored checkpoint of 31 entries is not what the entries come to"),
        Evidence("whose last one is no state"),
        |book| {
            book.push(anchored());
        },
    ),
    ("no JSON", Always, Shut(JSON), Evidence(JSON), |book| {
        book.push_odd(b"no JSON");
    }),
    (
        "an unknown kind",
        Later,
        Shut(KIND),
        Evidence(KIND),
        |book| {
            book.push_odd(EXALTED);
        },
    ),
    (
        "an entry that is not canonical",
        Later,
        Shut(SPELLING),
        Evidence(SPELLING),
        |book| {
            let mut bytes = book.entries[1].clone();
            bytes.insert(1, b' ');
            book.push_odd(&bytes);
        },
    ),
    (
        "time that goes backwards",
        Later,
        Shut(TIME),
        Evidence(TIME),
        |book| {
            let (at, event) = (book.entry(0).at - TimeDelta::hours(1), anchored());
            book.push_odd(&Entry { at, event }.to_bytes().unwrap());
        },
    ),
    (
        "a second beginning",
        Later,
        Shut(FIRST),
        Evidence(FIRST),
        |book| {
            book.push(book.entry(0).event);
            book.close_wrongly();
        },
    ),
    (
        "a member excluded twice",
        Always,
        Shut(STATE),
        Evidence(STATE),
        |book| {
            book.push_again(book.first(Excluded));
            book.close_wrongly();
        },
    ),
    (
        "a claim of another member's",
        Later,
        Shut(CLAIM),
        Evidence(CLAIM),
        |book| {
            book.exclude_telling(|told| {
                (*told.kind, *told.status) = (Included, Status::Active);
                *told.member = NOBODY;
            });
            book.close_wrongly();
        },
    ),
    (
        "claims dropped by an exclusion",
        Later,
        Shut(CLAIMS),
        Evidence(CLAIMS),
        |book| {
            book.exclude_telling(|told| told.claims.clear());
            book.close_wrongly();
        },
    ),
    (
        "a claim given to nobody",
        Later,
        Shut(NEXT),
        Evidence(NEXT),
        |book| {
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
        },
    ),
    (
        "a key replaced unsigned",
        Later,
        Shut(ROTATION),
        Evidence(ROTATION),
        |book| {
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
        },
    ),
    (
        "a key compromised that never was",
        Later,
        Shut(COMPROMISE),
        Evidence(COMPROMISE),
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
