//! The log, replayed: each entry against its record, and what follows from all of them for the tables.

use std::collections::{BTreeMap, BTreeSet};

use charter_proof::{
    canonical::Digest,
    entry::{Entry, Event, MemberEventKind, Status},
    identity::did_of_host,
    verify::{RecordVerdict, TrustedKeys, verify_record},
};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Anchors, Findings, tables};
use crate::storage::{Connection, Error, keys::SigningKey, log, records::Record};

/// How many rows are read at a time.
pub(super) const BATCH: u32 = 1_000;

/// What the log says, as far as it was read.
#[derive(Default)]
pub(super) struct Replay {
    last_at: Option<DateTime<Utc>>,
    /// Of each member: status, newest record's digest and its entry's index.
    pub(super) members: BTreeMap<Uuid, (Status, Digest, u64)>,
    /// Of each key's hash: who holds it; nobody, once it was released.
    pub(super) claims: BTreeMap<Digest, Option<Uuid>>,
    /// The keys that each member holds.
    held: BTreeMap<Uuid, BTreeSet<Digest>>,
    anchors: Anchors,
}

/// Replays the log and holds records, memberships and claims against it; returns the audit's heads that it names.
pub(super) async fn check(
    conn: &mut Connection,
    findings: &mut Findings,
) -> Result<Anchors, Error> {
    let mut replay = Replay::default();
    let mut trusted = None;
    let mut next = 0;
    loop {
        let batch = log::entries(conn, next, BATCH).await?;
        if batch.is_empty() {
            break;
        }
        for (index, body) in batch {
            if index != next {
                findings.fault(format!("log: entry {next} is missing before entry {index}"));
            }
            next = index + 1;
            findings.entries += 1;
            let entry = match Entry::parse(&body) {
                Ok(entry) => entry,
                Err(error) => {
                    findings.fault(format!("log: entry {index} is damaged: {error}"));
                    continue;
                }
            };
            if let Event::LogCreated { origin, .. } = &entry.event {
                let keys = SigningKey::list(&SigningKey::all(conn).await?);
                let host = origin.strip_suffix("/log").unwrap_or(origin);
                trusted = Some(TrustedKeys::from_key_list(&did_of_host(host), keys));
            }
            let digest = replay.take(index, entry, findings);
            if let (Some(digest), Some(trusted)) = (digest, &trusted) {
                check_record(conn, findings, trusted, index, digest, &replay).await?;
            }
        }
    }
    let size = log::head(conn).await?.size;
    if size != next {
        findings.fault(format!(
            "log: the head names {size} entries, {next} are there"
        ));
    }
    tables::check(conn, findings, &replay).await?;
    Ok(replay.anchors)
}

impl Replay {
    /// Takes an entry in; returns the digest of the record that it names.
    fn take(&mut self, index: u64, entry: Entry, findings: &mut Findings) -> Option<Digest> {
        if self.last_at.is_some_and(|last| entry.at < last) {
            findings.fault(format!(
                "log: entry {index} is older than the one before it"
            ));
        }
        self.last_at = Some(entry.at);
        match entry.event {
            Event::Member {
                kind,
                member,
                status,
                record,
                claims,
                ..
            } => {
                self.members.insert(member, (status, record, index));
                self.hold(index, kind, member, claims, findings);
                Some(record)
            }
            Event::ClaimReassigned {
                claim, from, to, ..
            } => {
                if self.claims.insert(claim, Some(to)) != Some(Some(from)) {
                    findings.fault(format!(
                        "log: entry {index} takes a key from {from}, which did not hold it"
                    ));
                }
                self.held.entry(from).or_default().remove(&claim);
                self.held.entry(to).or_default().insert(claim);
                None
            }
            Event::AuditAnchored { head } => {
                self.anchors.insert(head);
                None
            }
            _ => None,
        }
    }

    /// The keys that a member holds from this entry on.
    fn hold(
        &mut self,
        index: u64,
        kind: MemberEventKind,
        member: Uuid,
        named: Vec<Digest>,
        findings: &mut Findings,
    ) {
        let held = self.held.entry(member).or_default();
        let named: BTreeSet<Digest> = named.into_iter().collect();
        for dropped in held.difference(&named) {
            self.claims.insert(*dropped, None);
            if !matches!(kind, MemberEventKind::Amended | MemberEventKind::Readmitted) {
                findings.fault(format!(
                    "log: entry {index} drops a key, which a {kind:?} does not"
                ));
            }
        }
        for claim in &named {
            if let Some(Some(other)) = self.claims.insert(*claim, Some(member))
                && other != member
            {
                findings.fault(format!("log: entry {index} names a key that {other} holds"));
            }
        }
        *held = named;
    }
}

/// The record that an entry names: stored, digested, signed and placed as the entry says.
async fn check_record(
    conn: &mut Connection,
    findings: &mut Findings,
    trusted: &TrustedKeys,
    index: u64,
    digest: Digest,
    replay: &Replay,
) -> Result<(), Error> {
    let Some(record) = Record::find_by_digest(conn, digest).await? else {
        findings.fault(format!("records: the record of entry {index} is missing"));
        return Ok(());
    };
    findings.records += 1;
    if Digest::of(&record.document) != digest || record.log_index != index {
        findings.fault(format!(
            "records: record {} is not what entry {index} names",
            record.id
        ));
    }
    match verify_record(&record.document, trusted, Some(index)) {
        RecordVerdict::Authentic(said) => {
            let status = replay.members.get(&said.member).map(|member| member.0);
            if said.id != record.id.0
                || said.member != record.member.0
                || Some(said.resulting_status) != status
            {
                findings.fault(format!(
                    "records: record {} says another thing than entry {index}",
                    record.id
                ));
            }
        }
        RecordVerdict::PositionUnknown { .. } | RecordVerdict::Refused(_) => {
            findings.fault(format!("records: record {} does not verify", record.id));
        }
    }
    Ok(())
}
