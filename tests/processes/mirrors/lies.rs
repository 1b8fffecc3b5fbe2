//! Whatever a registry signs that cannot be, a mirror finds, accepts nothing of it, and shows to others.

use std::{
    fs,
    sync::{Arc, Mutex},
    thread,
};

use charter_proof::{
    canonical::{Digest, to_jcs},
    entry::{Entry, Event, MemberEventKind, RotationProofs, Status},
    evidence::verify_evidence,
    identity::Base,
    keys::Purpose,
    policy::Policy,
    status_list::{Bits, MAX_VALIDITY, StatusPurpose, UnsignedStatusList},
};
use charter_registry::clock::Clock;
use chrono::{SubsecRound as _, TimeDelta};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Registry, awaited,
    liar::{Book, Liar, resigned, stranger},
};
use crate::{
    client::{CHARTER, Client},
    host::{Host, PUBLIC_URL},
};

/// When the lie is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    /// To a mirror that asks for the first time.
    First,
    /// To one that has seen the truth.
    Later,
}

/// What comes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    /// Evidence: the registry signed what cannot be.
    Evidence,
    /// The mirror lags: nobody signed it.
    Lag,
}

use Then::{Evidence, Lag};
use When::{First, Later};

type Lie = (&'static str, When, Then, fn(&mut Book));

const LIES: &[Lie] = &[
    ("an entry changed", Later, Evidence, |book| {
        let index = included(book);
        forget_claims(book, index);
    }),
    (
        "an entry changed, and the log grown",
        Later,
        Evidence,
        |book| {
            let index = included(book);
            forget_claims(book, index);
            grow(book);
        },
    ),
    ("an entry removed", Later, Evidence, |book| {
        let index = included(book);
        book.entries.remove(index);
        book.lines.remove(index);
        grow(book);
    }),
    ("an entry added back in time", Later, Evidence, |book| {
        let index = included(book);
        book.entries.insert(index, book.entries[index].clone());
        book.lines.insert(index, book.lines[index].clone());
    }),
    ("two entries swapped", Later, Evidence, |book| {
        let index = included(book);
        book.entries.swap(index, index + 1);
        book.lines.swap(index, index + 1);
    }),
    ("another end of the same length", Later, Evidence, |book| {
        let size = book.entries.len();
        *book = book.clone().cut(size - 2);
        book.push(anchored());
        book.close();
    }),
    (
        "a fork that grew on an older backup",
        Later,
        Evidence,
        |book| {
            let size = book.entries.len();
            let cut = (0..size - 2)
                .rev()
                .find(|it| matches!(book.entry(*it).event, Event::State { .. }));
            *book = book.clone().cut(cut.unwrap() + 1);
            while book.entries.len() < size + 3 {
                book.push(anchored());
            }
            book.close();
        },
    ),
    ("a fork that is shorter", Later, Evidence, |book| {
        let size = book.entries.len();
        *book = book.clone().cut(size - 4);
        book.push(anchored());
        book.close_wrongly();
    }),
    (
        "an older backup, said to be the newest long after",
        Later,
        Evidence,
        |book| {
            back(book);
            book.ahead = TimeDelta::minutes(11);
        },
    ),
    ("an older backup", Later, Lag, back),
    ("a wrong map", Later, Evidence, |book| {
        state(book, Some(Digest::of(b"map")), None, 0);
    }),
    ("a wrong map from the start", First, Evidence, |book| {
        state(book, Some(Digest::of(b"map")), None, 0);
    }),
    ("a wrong key list", Later, Evidence, |book| {
        state(book, None, Some(Digest::of(b"keys")), 0);
    }),
    ("a state of another size", Later, Evidence, |book| {
        state(book, None, None, 1);
    }),
    ("no state at the end", Later, Evidence, |book| {
        book.push(anchored());
    }),
    ("no JSON", Later, Evidence, |book| odd(book, b"no JSON")),
    ("no JSON from the start", First, Evidence, |book| {
        odd(book, b"no JSON");
    }),
    ("an unknown kind", Later, Evidence, |book| {
        odd(
            book,
            br#"{"at":"2026-11-22T00:00:00Z","kind":"member.exalted","v":1}"#,
        );
    }),
    ("an entry that is not canonical", Later, Evidence, |book| {
        let mut bytes = book.entries[1].clone();
        bytes.insert(1, b' ');
        odd(book, &bytes);
    }),
    ("time that goes backwards", Later, Evidence, |book| {
        let at = book.entry(0).at - TimeDelta::hours(1);
        let entry = Entry {
            at,
            event: anchored(),
        };
        odd(book, &entry.to_bytes().unwrap());
    }),
    ("a second beginning", Later, Evidence, |book| {
        book.push(book.entry(0).event);
        book.close_wrongly();
    }),
    ("a member excluded twice", Later, Evidence, |book| {
        let index = book.find(0, |event| is(event, MemberEventKind::Excluded));
        let (event, record) = (book.entry(index).event, book.lines[index].clone());
        book.push_record(event, record);
        book.close_wrongly();
    }),
    (
        "a member excluded twice, from the start",
        First,
        Evidence,
        |book| {
            let index = book.find(0, |event| is(event, MemberEventKind::Excluded));
            let (event, record) = (book.entry(index).event, book.lines[index].clone());
            book.push_record(event, record);
            book.close_wrongly();
        },
    ),
    ("a claim of another member's", Later, Evidence, |book| {
        let key = book.record_key.clone();
        exclude(
            book,
            &key,
            |_| {},
            |event| {
                let Event::Member {
                    kind,
                    member,
                    status,
                    ..
                } = event
                else {
                    unreachable!()
                };
                (*kind, *status) = (MemberEventKind::Included, Status::Active);
                *member = Uuid::from_u128(7);
            },
        );
        book.close_wrongly();
    }),
    ("claims dropped by an exclusion", Later, Evidence, |book| {
        let key = book.record_key.clone();
        exclude(
            book,
            &key,
            |_| {},
            |event| {
                let Event::Member { claims, .. } = event else {
                    unreachable!()
                };
                claims.clear();
            },
        );
        book.close_wrongly();
    }),
    (
        "a claim reassigned to nobody who follows",
        Later,
        Evidence,
        |book| {
            let Event::Member { member, claims, .. } = book.entry(active(book)).event else {
                unreachable!()
            };
            book.push(Event::ClaimReassigned {
                charter: CHARTER.to_owned(),
                claim: claims[0],
                from: member,
                to: Uuid::from_u128(7),
            });
            book.close_wrongly();
        },
    ),
    (
        "a key replaced without its own signature",
        Later,
        Evidence,
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
    ("a record by a stranger's key", Later, Evidence, |book| {
        exclude(book, &stranger(), |_| {}, |_| {});
        book.close();
    }),
    (
        "a record by a stranger's key, from the start",
        First,
        Evidence,
        |book| {
            exclude(book, &stranger(), |_| {}, |_| {});
            book.close();
        },
    ),
    ("a record of another status", Later, Evidence, |book| {
        let key = book.record_key.clone();
        exclude(
            book,
            &key,
            |record| {
                record["credentialSubject"]["event"]["resultingStatus"] = json!("withdrawn");
            },
            |_| {},
        );
        book.close();
    }),
    ("a record of another member", Later, Evidence, |book| {
        let key = book.record_key.clone();
        exclude(
            book,
            &key,
            |record| {
                record["credentialSubject"]["id"] =
                    json!(format!("{PUBLIC_URL}/members/{}", Uuid::from_u128(7)));
            },
            |_| {},
        );
        book.close();
    }),
    ("a record in another spelling", Later, Evidence, |book| {
        let key = book.record_key.clone();
        exclude(book, &key, |_| {}, |_| {});
        respell(book, |record| [record, b" "].concat());
        book.close();
    }),
    (
        "a record altered after it was signed",
        Later,
        Evidence,
        |book| {
            let key = book.record_key.clone();
            exclude(book, &key, |_| {}, |_| {});
            respell(book, |record| {
                let mut record: Value = serde_json::from_slice(record).unwrap();
                record["credentialSubject"]["founder"] = json!(true);
                to_jcs(&record).unwrap()
            });
            book.close();
        },
    ),
    ("a status list that forgets", Later, Evidence, |book| {
        lists(book, 0, 1);
    }),
    (
        "a status list that revokes too much",
        Later,
        Evidence,
        |book| lists(book, 5, 1),
    ),
    ("the log of another registry", First, Evidence, |book| {
        let Event::LogCreated { keys, previous, .. } = book.entry(0).event else {
            unreachable!()
        };
        let origin = "other.example/log".to_owned();
        book.put(
            0,
            Event::LogCreated {
                origin,
                keys,
                previous,
            },
        );
        *book = book.clone().cut(1);
        book.close();
    }),
    ("a record that is not the one named", Later, Lag, |book| {
        let key = book.record_key.clone();
        exclude(book, &key, |_| {}, |_| {});
        let other = book.lines[included(book)].clone();
        let last = book.lines.len() - 1;
        book.lines[last] = other;
        book.close();
    }),
    ("a record withheld", Later, Lag, |book| {
        let key = book.record_key.clone();
        exclude(book, &key, |_| {}, |_| {});
        *book.lines.last_mut().unwrap() = b"null".to_vec();
        book.close();
    }),
    (
        "a record said to be redacted, which the log never says",
        Later,
        Lag,
        |book| {
            let key = book.record_key.clone();
            exclude(book, &key, |_| {}, |_| {});
            let last = book.entry(book.entries.len() - 1).event;
            let Event::Member { record, .. } = last else {
                unreachable!()
            };
            *book.lines.last_mut().unwrap() = format!("{{\"redacted\":\"{record}\"}}").into_bytes();
            book.close();
        },
    ),
    ("entries that were not signed", Later, Lag, |book| {
        grow(book);
        let width = book.entries.len();
        book.fixed.insert(
            format!("/log/tile/entries/000.p/{width}"),
            b"\0\x01x".to_vec(),
        );
    }),
    ("a checkpoint by a stranger's key", Later, Lag, |book| {
        book.log_key = stranger();
    }),
    (
        "a checkpoint by a stranger's key, from the start",
        First,
        Lag,
        |book| book.log_key = stranger(),
    ),
    ("a checkpoint without a time", Later, Lag, |book| {
        book.has_clock = false;
    }),
    ("a checkpoint of another log", Later, Lag, |book| {
        "other.example/log".clone_into(&mut book.origin);
    }),
    ("a checkpoint that is none", Later, Lag, |book| {
        book.fixed
            .insert("/log/checkpoint".to_owned(), b"none".to_vec());
    }),
    ("a status list by a stranger's key", Later, Lag, |book| {
        book.record_key = stranger();
        lists(book, 2, 1);
    }),
    (
        "a charter's document that is another one",
        Later,
        Lag,
        |book| {
            let digest = Digest::of(b"charter");
            let charter = CHARTER.to_owned();
            book.push(Event::CharterPublished {
                charter,
                version: 2,
                digest,
            });
            book.charters
                .insert(format!("/log/charters/{digest}"), b"another".to_vec());
            book.close();
        },
    ),
];

fn is(event: &Event, wanted: MemberEventKind) -> bool {
    matches!(event, Event::Member { kind, .. } if *kind == wanted)
}

fn included(book: &Book) -> usize {
    book.find(0, |event| is(event, MemberEventKind::Included))
}

/// The newest entry of a member that is one: the last that was admitted.
fn active(book: &Book) -> usize {
    let mut all = (0..book.entries.len()).rev();
    all.find(|index| is(&book.entry(*index).event, MemberEventKind::Included))
        .unwrap()
}

fn anchored() -> Event {
    Event::AuditAnchored {
        head: Digest::of(b"head"),
    }
}

fn grow(book: &mut Book) {
    for _ in 0..3 {
        book.push(anchored());
    }
    book.close_wrongly();
}

fn back(book: &mut Book) {
    let size = book.entries.len();
    let cut = (0..size - 1)
        .rev()
        .find(|it| matches!(book.entry(*it).event, Event::State { .. }));
    *book = book.clone().cut(cut.unwrap() + 1);
}

fn odd(book: &mut Book, bytes: &[u8]) {
    let (at, state) = (
        book.entry(book.find_last_state()).at,
        book.find_last_state(),
    );
    book.push_bytes(bytes.to_vec());
    let Event::State { map, keys, .. } = book.entry(state).event else {
        unreachable!()
    };
    let size = u64::try_from(book.entries.len()).unwrap();
    let event = Event::State { size, map, keys };
    book.push_bytes(Entry { at, event }.to_bytes().unwrap());
}

fn state(book: &mut Book, map: Option<Digest>, keys: Option<Digest>, off: u64) {
    book.push(anchored());
    book.close();
    let last = book.entries.len() - 1;
    let Event::State {
        size,
        map: right_map,
        keys: right_keys,
    } = book.entry(last).event
    else {
        unreachable!()
    };
    let (map, keys) = (map.unwrap_or(right_map), keys.unwrap_or(right_keys));
    book.put(
        last,
        Event::State {
            size: size + off,
            map,
            keys,
        },
    );
}

fn forget_claims(book: &mut Book, index: usize) {
    let mut event = book.entry(index).event;
    if let Event::Member { claims, .. } = &mut event {
        claims.clear();
    }
    book.put(index, event);
}

/// Excludes a member, by a record and an entry that are changed before they are signed.
fn exclude(
    book: &mut Book,
    key: &charter_proof::keys::SecretKey,
    in_record: impl FnOnce(&mut Value),
    in_entry: impl FnOnce(&mut Event),
) {
    let index = active(book);
    let record = resigned(&book.lines[index], key, |record| {
        record["id"] = json!(format!("{PUBLIC_URL}/records/{}", Uuid::from_u128(8)));
        let event = &mut record["credentialSubject"]["event"];
        (event["type"], event["resultingStatus"]) = (json!("excluded"), json!("excluded"));
        in_record(record);
    });
    let mut event = book.entry(index).event;
    if let Event::Member {
        kind,
        status,
        record: digest,
        ..
    } = &mut event
    {
        (*kind, *status) = (MemberEventKind::Excluded, Status::Excluded);
        *digest = Digest::of(&record);
    }
    in_entry(&mut event);
    book.push_record(event, record);
}

/// Writes the newest record in other bytes, and has its entry name those.
fn respell(book: &mut Book, spell: impl FnOnce(&[u8]) -> Vec<u8>) {
    let last = book.entries.len() - 1;
    let record = spell(&book.lines[last]);
    let mut event = book.entry(last).event;
    if let Event::Member { record: digest, .. } = &mut event {
        *digest = Digest::of(&record);
    }
    book.put(last, event);
    book.lines[last] = record;
}

/// Lists in which so many places are set, signed by the book's key.
fn lists(book: &mut Book, revoked: u32, suspended: u32) {
    let base = Base::parse(PUBLIC_URL).unwrap();
    for (purpose, from, many) in [
        (StatusPurpose::Revocation, 0, revoked),
        (StatusPurpose::Suspension, 100, suspended),
    ] {
        let mut bits = Bits::default();
        (from..from + many).for_each(|index| {
            bits.set(index);
        });
        let at = Clock::system().now().trunc_subsecs(0);
        let list = UnsignedStatusList {
            purpose,
            number: 1,
            bits,
            issuer_name: "Registry".to_owned(),
            valid_from: at,
            valid_until: at + MAX_VALIDITY,
        };
        let signed = list.sign(&book.record_key, &base);
        book.lists
            .insert(format!("/status/{}/1", purpose.as_str()), signed);
    }
}

/// Tells a lie to a mirror of its own.
fn told(honest: &Book, registry: &Registry, (name, when, then, lie): Lie) {
    let mut lying = honest.clone();
    lie(&mut lying);
    let policy = String::from_utf8(honest.policy.clone()).unwrap();
    let size = u64::try_from(honest.entries.len()).unwrap();
    let liar = Liar::serve(if when == Later {
        honest.clone()
    } else {
        lying.clone()
    });
    let host = Host::on_sqlite();
    fs::write(host.folder().join("policy"), &policy).unwrap();
    let mirror = host.mirror(&liar.address, &["--policy", "policy"]);
    let client = Client::new(&mirror.address, &registry.tokens);
    let dump = format!("/v1/charters/{CHARTER}/members.ndjson");
    let before = (when == Later).then(|| {
        awaited(&client, "following", size);
        client.bytes(&dump)
    });
    liar.show(lying);
    let state = if then == Evidence {
        "contradicted"
    } else {
        "stale"
    };
    let told = super::state(&client, |told| {
        told["state"] == state && !told["detail"].is_null()
    });
    let served = before.as_ref().map(|_| size);
    assert_eq!(told["size"], json!(served), "{name}: {told}");
    if let Some(before) = before {
        assert!(client.bytes(&dump) == before, "{name}");
    }
    if then == Lag {
        assert!(told["evidence"].is_null(), "{name}: {told}");
        // Once the registry tells the truth again, the mirror follows.
        liar.show(honest.clone());
        if when == Later {
            awaited(&client, "following", size);
        }
        return;
    }
    let file = told["evidence"]
        .as_str()
        .unwrap_or_else(|| panic!("{name}: {told}"));
    let bytes = fs::read(host.folder().join(file)).unwrap();
    let shown = verify_evidence(&bytes, &Policy::parse(&policy).unwrap());
    assert!(shown.is_ok(), "{name}: {shown:?}");
    let verdict = host.answer(&["verify", file, "--policy", "policy"]);
    assert!(verdict.starts_with("contradiction: "), "{name}: {verdict}");
}

#[test]
fn every_lie_is_found_none_is_accepted_and_what_was_signed_convinces_others() {
    let registry = Registry::on(Host::on_sqlite());
    registry.story();
    let honest = Book::of(&registry.host, &registry.client);
    assert!(LIES.len() >= 30);
    let waiting = Arc::new(Mutex::new(LIES.iter()));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let next = waiting.lock().unwrap().next();
                    let Some(lie) = next else { return };
                    told(&honest, &registry, *lie);
                }
            });
        }
    });
}
