//! The log, replayed from its entries: what they come to, and each thing they name.

use std::collections::{BTreeMap, BTreeSet};

use charter_proof::{
    canonical::Digest,
    entry::{Entry, Event, Status},
    identity::did_of_host,
    keys::{PublicKey, Purpose},
    replay::{Broken, Replay},
    verify::TrustedKeys,
};
use uuid::Uuid;

use super::{Anchors, Findings, Kept, checkpoints, keys, records, status_lists, tables};
use crate::storage::{Connection, Error, charters::Published, log, records::Record};

/// How many rows are read at a time.
pub(super) const BATCH: u32 = 1_000;

/// What the log says, as far as it was read.
#[derive(Default)]
pub(super) struct Logged {
    pub(super) replay: Replay,
    /// Of each member: its charter, status, newest record's digest and its entry's index.
    pub(super) members: BTreeMap<Uuid, Newest>,
    /// The keys that are announced and do not sign yet.
    pub(super) announced: BTreeMap<Purpose, PublicKey>,
    /// The keys that were declared compromised.
    pub(super) compromised: BTreeSet<[u8; 32]>,
    /// How many versions of charters.
    charters: u64,
    anchors: Anchors,
    /// The records whose documents are gone, each with the index of the entry that has to say so.
    redacted: BTreeMap<Digest, u64>,
}

/// What the newest entry of a member says.
pub(super) struct Newest {
    pub(super) charter: String,
    pub(super) status: Status,
    pub(super) record: Digest,
    pub(super) index: u64,
}

/// A piece of the log as it is stored, with the records of its entries.
struct Window {
    entries: Vec<(u64, Vec<u8>)>,
    records: BTreeMap<u64, Record>,
}

/// Replays the log and holds everything against it; returns the audit's heads that it names.
///
/// An entry that breaks the log's rules is the last one that is looked at: nothing follows from what comes after.
pub(super) async fn check(
    conn: &mut Connection,
    findings: &mut Findings,
    kept: &[Kept],
    progress: &mut (dyn FnMut(u64, u64) + Send),
) -> Result<Anchors, Error> {
    let head = log::head(conn).await?.size;
    let mut logged = Logged::default();
    let mut trusted = None;
    let mut is_whole = true;
    while is_whole {
        let from = logged.replay.size();
        progress(from, head.max(from));
        let window = Window::read(conn, from).await?;
        if window.entries.is_empty() {
            break;
        }
        for (index, body) in &window.entries {
            let broken = logged.take(conn, findings, &window, *index, body).await?;
            if let Some(fault) = broken {
                findings.fault(fault);
                is_whole = false;
                break;
            }
            checkpoints::compare(&mut logged.replay, kept, findings);
            logged.look(conn, findings, &window, &mut trusted).await?;
        }
        logged.replay.settle();
    }
    let found = log::count(conn).await?;
    if head != found {
        findings.fault(format!(
            "log: the head names {head} entries, {found} are there"
        ));
    }
    if is_whole {
        checkpoints::check(conn, findings, &logged.replay, kept).await?;
        keys::check(conn, findings, &logged).await?;
        tables::check(conn, findings, &logged).await?;
        status_lists::check(conn, findings, &logged).await?;
        for digest in logged.redacted.keys() {
            findings.fault(format!(
                "records: the document of {digest} is missing, and no entry says that it was redacted"
            ));
        }
    } else {
        findings.fault(format!(
            "log: from entry {} on nothing was looked at, nor the tables that follow from it",
            logged.replay.size()
        ));
    }
    Ok(logged.anchors)
}

impl Window {
    async fn read(conn: &mut Connection, from: u64) -> Result<Self, Error> {
        let entries = log::entries(conn, from, BATCH).await?;
        let before = entries.last().map_or(from, |(index, _)| index + 1);
        let records = Record::appended_since(conn, from, before).await?;
        let records = records.into_iter().map(|record| (record.log_index, record));
        Ok(Self {
            entries,
            records: records.collect(),
        })
    }

    /// An earlier entry, from here or from the database.
    async fn entry(&self, conn: &mut Connection, index: u64) -> Result<Option<Entry>, Error> {
        let near = self.entries.iter().find(|(found, _)| *found == index);
        let body = match near {
            Some((_, body)) => Some(body.clone()),
            None => log::entries(conn, index, 1)
                .await?
                .pop()
                .map(|(_, body)| body),
        };
        Ok(body.and_then(|body| Entry::parse(&body).ok()))
    }
}

impl Logged {
    /// Takes the next entry in; says what is wrong with it.
    async fn take(
        &mut self,
        conn: &mut Connection,
        findings: &mut Findings,
        window: &Window,
        index: u64,
        body: &[u8],
    ) -> Result<Option<String>, Error> {
        let expected = self.replay.size();
        if index != expected {
            return Ok(Some(format!(
                "log: entry {expected} is missing before entry {index}"
            )));
        }
        findings.entries += 1;
        let entry = match Entry::parse(body) {
            Ok(entry) => entry,
            Err(error) => return Ok(Some(format!("log: entry {index} is damaged: {error}"))),
        };
        let earlier = match self.replay.needs(&entry) {
            None => None,
            Some(needed) => window.entry(conn, needed).await?,
        };
        if let Err(Broken { index, fault }) =
            self.replay.push(&entry, body, earlier.as_ref(), |_| ())
        {
            return Ok(Some(format!("log: entry {index}: {fault}")));
        }
        self.note(index, entry.event);
        Ok(None)
    }

    /// Notes what an entry says for what is compared in the end.
    fn note(&mut self, index: u64, event: Event) {
        match event {
            Event::Member {
                charter,
                member,
                status,
                record,
                ..
            } => {
                let newest = Newest {
                    charter,
                    status,
                    record,
                    index,
                };
                self.members.insert(member, newest);
            }
            Event::AuditAnchored { head } => {
                self.anchors.insert(head, index);
            }
            Event::KeyAnnounced { purpose, key } => {
                self.announced.insert(purpose, key);
            }
            Event::KeyRotated { purpose, .. } => {
                self.announced.remove(&purpose);
            }
            Event::KeyCompromised {
                purpose,
                key,
                replaced_by,
            } => {
                self.compromised.insert(*key.as_bytes());
                if replaced_by.is_some() {
                    self.announced.remove(&purpose);
                }
            }
            _ => {}
        }
    }

    /// Looks at what the entry just taken in names.
    async fn look(
        &mut self,
        conn: &mut Connection,
        findings: &mut Findings,
        window: &Window,
        trusted: &mut Option<(u64, TrustedKeys)>,
    ) -> Result<(), Error> {
        let index = self.replay.size() - 1;
        let body = window.entries.iter().find(|(found, _)| *found == index);
        let entry = body.and_then(|(_, body)| Entry::parse(body).ok());
        match entry.map(|entry| entry.event) {
            Some(Event::Member { record, status, .. }) => {
                let since = self.replay.keys().ranges().iter();
                let since = since.map(|range| range.from).max().unwrap_or_default();
                let keys = match trusted.take().filter(|(at, _)| *at == since) {
                    Some((_, keys)) => keys,
                    None => self.trusted(),
                };
                let here = window.records.get(&index);
                let entry = (index, record, status);
                let redacted = records::check(conn, findings, &keys, entry, here).await?;
                self.redacted.extend(redacted.map(|by| (record, by)));
                *trusted = Some((since, keys));
            }
            Some(Event::RecordRedacted { record, .. })
                if self.redacted.remove(&record) != Some(index) =>
            {
                findings.fault(format!(
                    "records: entry {index} says that {record} was redacted, and its document is there, or went by \
                     another entry"
                ));
            }
            Some(Event::CharterPublished {
                charter,
                version,
                digest,
            }) => {
                self.charters += 1;
                check_charter(conn, findings, index, (&charter, version), digest).await?;
            }
            _ => {}
        }
        Ok(())
    }

    /// The record keys as of here, by the log.
    pub(super) fn trusted(&self) -> TrustedKeys {
        let origin = self.replay.origin();
        let host = origin.strip_suffix("/log").unwrap_or(origin);
        TrustedKeys::from_key_list(&did_of_host(host), self.replay.keys().clone())
    }
}

/// The version of a charter that an entry names.
async fn check_charter(
    conn: &mut Connection,
    findings: &mut Findings,
    index: u64,
    (slug, version): (&str, u32),
    digest: Digest,
) -> Result<(), Error> {
    let found = Published::find(conn, slug, version).await;
    let Some(found) = findings.readable(found)? else {
        return Ok(());
    };
    let is_it = found.is_some_and(|found| {
        found.digest == digest && found.log_index == index && Digest::of(&found.document) == digest
    });
    if !is_it {
        findings.fault(format!(
            "charters: version {version} of {slug} is not what entry {index} names"
        ));
    }
    Ok(())
}
