//! What everybody can read of the members after a round, and what must hold of it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use charter_proof::{
    canonical::Digest,
    entry::{MemberEventKind, Status},
    keys::PublishedKeys,
    verify::{RecordVerdict, TrustedKeys, verify_record},
};
use charter_registry::rules::membership;
use serde_json::Value;

use crate::{client::Client, drills::change::Change, host::PUBLIC_URL, site::Site};

/// What was found in the rounds so far.
pub struct Histories {
    /// How often each event happened.
    pub events: HashMap<MemberEventKind, usize>,
    keys: TrustedKeys,
    /// The index of the first entry of the next round.
    next: u64,
}

impl Histories {
    /// Nothing has happened yet.
    pub fn of(site: &Site) -> Self {
        let [client, _] = site.pair();
        let document = client.bytes("/.well-known/did.json");
        Self {
            events: HashMap::new(),
            keys: TrustedKeys::from_did_document(PublishedKeys::parse(&document).unwrap()),
            // The log's creation and the charter.
            next: 4,
        }
    }

    /// Checks the round that brought these members, in which these changes were acknowledged.
    pub fn check(&mut self, site: &Site, members: &[String; 2], mut acknowledged: Vec<Change>) {
        let mut found = BTreeMap::new();
        for member in members {
            let events = agreed(site, |client| client.history(member));
            let shown = agreed(site, |client| client.member(member).done());
            let records = self.follow(site, &events);
            let last = records.last().unwrap();
            assert_eq!(Change::of(&shown), last.change, "{shown}");
            assert_eq!(shown["status"], last.status.as_str(), "{shown}");
            for record in records {
                let other = found.insert(record.change.log_index, record);
                assert!(other.is_none(), "two records at one place");
            }
        }
        let indices: Vec<u64> = found.keys().copied().collect();
        // Each change is followed by the state that closes it.
        let expected: Vec<u64> = (self.next..).step_by(2).take(found.len()).collect();
        assert_eq!(indices, expected, "the log has a gap");
        self.next += 2 * u64::try_from(found.len()).unwrap();

        acknowledged.sort();
        let present: Vec<Change> = found.values().map(|one| one.change.clone()).collect();
        assert_eq!(acknowledged, present, "acknowledged, and there once");
        one_holder_of_each_key(found.values());
    }

    /// Follows a member's records from the first, each of which must verify and name the one before.
    fn follow(&mut self, site: &Site, events: &[Value]) -> Vec<Followed> {
        let [client, _] = site.pair();
        let mut before: Option<Followed> = None;
        let mut all = Vec::new();
        for event in events {
            let change = Change::of(event);
            let path = change.record.strip_prefix(PUBLIC_URL).unwrap();
            let bytes = client.bytes(path);
            assert_eq!(event["digest"], Digest::of(&bytes).to_string());
            let verdict = verify_record(&bytes, &self.keys, Some(change.log_index));
            let RecordVerdict::Authentic(said) = verdict else {
                panic!("{verdict:?}");
            };
            let record: Value = serde_json::from_slice(&bytes).unwrap();
            let subject = record["credentialSubject"].clone();
            match &before {
                None => {
                    let first = (said.event, said.resulting_status);
                    assert_eq!(first, (MemberEventKind::Included, Status::Active));
                    assert_eq!(subject.get("previous"), None);
                }
                Some(before) => {
                    let status = membership::after(before.status, said.event).unwrap();
                    assert_eq!(said.resulting_status, status);
                    assert_eq!(subject["previous"], before.change.record);
                    assert!(change.log_index > before.change.log_index);
                }
            }
            *self.events.entry(said.event).or_default() += 1;
            let followed = Followed {
                change,
                member: said.member.to_string(),
                status: said.resulting_status,
                keys: keys_in(&subject),
            };
            before = Some(followed.clone());
            all.push(followed);
        }
        all
    }
}

/// A record that was followed.
#[derive(Clone)]
struct Followed {
    change: Change,
    member: String,
    status: Status,
    keys: BTreeSet<String>,
}

/// The identifiers that a record says the member has.
fn keys_in(subject: &Value) -> BTreeSet<String> {
    let identifiers = subject["identifiers"].as_array().unwrap();
    identifiers.iter().map(Value::to_string).collect()
}

/// Replays the records in the log's order: a key is free or the member's own when a member takes it.
fn one_holder_of_each_key<'a>(records: impl Iterator<Item = &'a Followed>) {
    let mut holders: HashMap<String, String> = HashMap::new();
    for record in records {
        holders.retain(|_, holder| *holder != record.member);
        for key in &record.keys {
            let other = holders.insert(key.clone(), record.member.clone());
            assert_eq!(other, None, "{key} has two holders");
        }
    }
}

/// What every instance answers, once they all answer alike.
fn agreed<T: PartialEq>(site: &Site, read: impl Fn(&Client) -> T) -> T {
    let [one, other] = site.pair();
    for _ in 0..10_000 {
        let answer = read(one);
        if read(other) == answer {
            return answer;
        }
    }
    panic!("two instances do not come to agree");
}
