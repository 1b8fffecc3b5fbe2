//! What must hold of a registry's history, whatever was done to it: read from the database, entry by entry.

use std::{
    collections::{BTreeSet, HashMap},
    fs,
    path::Path,
};

use charter_proof::{
    canonical::Digest,
    entry::{Entry, Event, MemberEventKind, Status},
    keys::claim_hash,
};
use charter_registry::{
    clock::Clock,
    rules::membership,
    storage::{
        Connection, Database,
        applications::{self, Application},
        files::{Files, GRACE, Place},
        log,
        memberships::Membership,
        memoranda,
        records::Record,
    },
};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    client::CHARTER,
    host::{Host, PUBLIC_URL},
};

/// What was found.
pub struct Found {
    /// How often each event happened.
    pub events: HashMap<MemberEventKind, usize>,
    /// Every member, by number.
    pub members: Vec<Membership>,
    /// How many applications there are.
    pub applications: usize,
}

/// Runs work on the database.
pub fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Runtime::new().unwrap().block_on(work)
}

/// Reads the whole history, and checks that it is one and consistent.
pub fn history(database_url: &str) -> Found {
    run(async {
        let database = Database::connect(database_url).await.unwrap();
        let mut conn = database.read().await.unwrap();
        let mut replay = Replay::default();
        for (index, entry) in entries(&mut conn).await {
            match entry.event {
                Event::LogCreated { .. } => assert_eq!(index, 0),
                Event::Member {
                    kind,
                    member,
                    status,
                    record,
                    claims,
                    ..
                } => {
                    let record = Record::find_by_digest(&mut conn, record).await.unwrap();
                    let record = record.unwrap_or_else(|| panic!("entry {index} has no record"));
                    assert_eq!(record.log_index, index);
                    assert_eq!(record.at, entry.at);
                    replay.change(member, kind, status, &record);
                    replay.claim(member, kind, &claims);
                }
                _ => {}
            }
        }
        let members = all_members(&mut conn).await;
        replay.expect(&members);
        let all = applications::Filter::default();
        let applications = Application::page(&mut conn, &all, None, i64::MAX);
        Found {
            events: replay.events,
            members,
            applications: applications.await.unwrap().len(),
        }
    })
}

/// Has uploaded files swept as they will be when nobody is at them any more; what stays is what memoranda name.
///
/// Returns how many were swept.
pub fn sweep(host: &Host) -> usize {
    run(async {
        let database = Database::connect(&host.database_url()).await.unwrap();
        let files = Files::open(&Place::Folder(host.file_folder()), host.folder()).unwrap();
        let later = Clock::system().now() + GRACE * 2;
        let swept = files.sweep(&database, later).await.unwrap();
        let mut named = memoranda::files(&mut database.read().await.unwrap())
            .await
            .unwrap();
        let mut kept = files.list().await.unwrap();
        named.sort();
        kept.sort();
        assert_eq!(kept, named);
        assert_eq!(files.sweep(&database, later).await.unwrap(), 0);
        // Nor is there anything that is no file of the registry's.
        assert_eq!(entries_under(&host.file_folder()), named.len());
        swept
    })
}

/// How many files lie under a folder.
fn entries_under(folder: &Path) -> usize {
    let inside = fs::read_dir(folder).unwrap().map(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            entries_under(&path)
        } else {
            1
        }
    });
    inside.sum()
}

/// Every entry: as many as the head says, without a gap, in canonical form, none before its predecessor.
async fn entries(conn: &mut Connection) -> Vec<(u64, Entry)> {
    let head = log::head(conn).await.unwrap();
    assert_eq!(log::count(conn).await.unwrap(), head.size);
    let rows = log::entries(conn, 0, u32::MAX).await.unwrap();
    let indices: Vec<u64> = rows.iter().map(|(index, _)| *index).collect();
    assert_eq!(indices, (0..head.size).collect::<Vec<u64>>());
    let entries: Vec<(u64, Entry)> = rows
        .into_iter()
        .map(|(index, body)| (index, Entry::parse(&body).unwrap()))
        .collect();
    assert!(entries.is_sorted_by_key(|(_, entry)| entry.at));
    assert_eq!(
        entries.last().map(|(_, entry)| entry.at),
        head.last_at,
        "the head's time"
    );
    entries
}

async fn all_members(conn: &mut Connection) -> Vec<Membership> {
    let members = Membership::changed_since(conn, 0, u64::MAX).await;
    let mut members = members.unwrap();
    members.sort_by_key(|member| member.number);
    members
}

/// The state that the log's entries lead to.
#[derive(Default)]
struct Replay {
    events: HashMap<MemberEventKind, usize>,
    /// Each member's status, newest record and that record's index.
    members: HashMap<Uuid, (Status, Uuid, u64)>,
    /// Who holds which key; none who gave it up.
    holders: HashMap<Digest, Option<Uuid>>,
}

impl Replay {
    /// Takes a member's next step, which must be one that the rules allow from where it stands.
    fn change(&mut self, member: Uuid, kind: MemberEventKind, status: Status, record: &Record) {
        *self.events.entry(kind).or_default() += 1;
        let document: Value = serde_json::from_slice(record.document.as_deref().unwrap()).unwrap();
        let subject = &document["credentialSubject"];
        assert_eq!(subject["event"]["type"], kind.as_str());
        assert_eq!(subject["event"]["resultingStatus"], status.as_str());
        assert_eq!(subject["id"], format!("{PUBLIC_URL}/members/{member}"));
        let before = self
            .members
            .insert(member, (status, record.id.0, record.log_index));
        match before {
            None => {
                assert_eq!((kind, status), (MemberEventKind::Included, Status::Active));
                assert_eq!(subject.get("previous"), None);
            }
            Some((before, previous, _)) => {
                assert_eq!(membership::after(before, kind).unwrap(), status);
                let previous = format!("{PUBLIC_URL}/records/{previous}");
                assert_eq!(subject["previous"], previous);
            }
        }
    }

    /// Takes the keys that an entry names (WIRE §4, Claims): free ones, or those that the member holds.
    fn claim(&mut self, member: Uuid, kind: MemberEventKind, claims: &[Digest]) {
        let named: BTreeSet<Digest> = claims.iter().copied().collect();
        let held: BTreeSet<Digest> = self
            .holders
            .iter()
            .filter(|(_, holder)| **holder == Some(member))
            .map(|(key, _)| *key)
            .collect();
        match kind {
            MemberEventKind::Included | MemberEventKind::Readmitted | MemberEventKind::Amended => {
                for key in held.difference(&named) {
                    self.holders.insert(*key, None);
                }
            }
            _ => assert_eq!(named, held, "{kind:?} changes no keys"),
        }
        for key in named {
            let holder = self.holders.insert(key, Some(member)).flatten();
            assert!(holder.is_none_or(|holder| holder == member), "{key}");
        }
    }

    /// Compares with what the database says of the members.
    fn expect(&self, members: &[Membership]) {
        let mut known = HashMap::new();
        let mut holders = HashMap::new();
        for member in members {
            let newest = (member.status, member.record.0, member.log_index);
            known.insert(member.id.0, newest);
            for key in member.organisation.claim_keys() {
                let key = claim_hash(CHARTER, &key);
                let other = holders.insert(key, member.id.0);
                assert_eq!(other, None, "two members hold one key");
            }
        }
        assert_eq!(known, self.members);
        let held = self.holders.iter();
        let held = held.filter_map(|(key, holder)| holder.map(|holder| (*key, holder)));
        assert_eq!(holders, held.collect::<HashMap<Digest, Uuid>>());
    }
}
