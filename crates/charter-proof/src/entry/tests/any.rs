//! Entries of any content.

use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;

use crate::entry::{Entry, Event, Previous};
use crate::fixtures::{digest, instant, member_event_kind, public, status, text, uuid};
use crate::keys::{KeyList, KeyRange, Purpose, SecretKey};

fn any_key_list() -> impl Strategy<Value = KeyList> {
    let purpose = prop::sample::select(vec![Purpose::Clock, Purpose::Log, Purpose::Record]);
    let index = || 0..=1_u64 << 53;
    let range = (index(), any::<u8>(), purpose, option::of(index())).prop_map(
        |(from, seed, purpose, to)| KeyRange {
            from,
            public_key_multibase: public(seed),
            purpose,
            to,
        },
    );
    vec(range, 0..4).prop_map(KeyList::new)
}

/// Any event that there can be.
pub(super) fn any_event() -> impl Strategy<Value = Event> {
    let previous =
        (text(), text()).prop_map(|(checkpoint, origin)| Previous { checkpoint, origin });
    prop_oneof![
        (text(), any_key_list(), option::of(previous)).prop_map(|(origin, keys, previous)| {
            Event::LogCreated {
                origin,
                keys,
                previous,
            }
        }),
        (text(), any::<u32>(), digest()).prop_map(|(charter, version, digest)| {
            Event::CharterPublished {
                charter,
                version,
                digest,
            }
        }),
        digest().prop_map(|head| Event::AuditAnchored { head }),
        text().prop_map(|reason| Event::QuorumOverridden { reason }),
        (digest(), text()).prop_map(|(record, ground)| Event::RecordRedacted { record, ground }),
        (0..=1_u64 << 53, digest(), digest()).prop_map(|(size, map, keys)| Event::State {
            size,
            map,
            keys
        }),
        any::<u8>().prop_map(|seed| Event::KeyAnnounced {
            purpose: Purpose::Log,
            key: public(seed),
        }),
        (any::<u8>(), option::of(any::<u8>())).prop_map(|(seed, replaced_by)| {
            Event::KeyCompromised {
                purpose: Purpose::Record,
                key: public(seed),
                replaced_by: replaced_by.map(public),
            }
        }),
        (any::<u8>(), any::<u8>()).prop_map(|(old, new)| {
            let [old, new] = [old, new].map(|seed| SecretKey::from_seed([seed; 32]));
            Entry::rotation(instant(), Purpose::Clock, &old, &new).event
        }),
        (text(), digest(), uuid(), uuid()).prop_map(|(charter, claim, from, to)| {
            Event::ClaimReassigned {
                charter,
                claim,
                from,
                to,
            }
        }),
        (
            member_event_kind(),
            text(),
            uuid(),
            status(),
            digest(),
            btree_set(digest(), 0..4)
        )
            .prop_map(
                |(kind, charter, member, status, record, claims)| Event::Member {
                    kind,
                    charter,
                    member,
                    status,
                    record,
                    claims: claims.into_iter().collect(),
                }
            ),
    ]
}
