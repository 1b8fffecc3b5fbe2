//! The one door to the log: signs a membership's record, appends its event, both in one transaction.

mod keys;
mod lists;

use std::sync::Arc;

use charter_proof::{
    canonical::Digest,
    entry::{Entry, EntryError, Event, MemberEventKind, Status},
    keys::claim_hash,
    record::{
        CharterVersion as CharterReference, Decision, Identifier, LanguageTagged, Memorandum,
        UnsignedRecord,
    },
};
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

use super::{
    keyring::{KeyringError, Keys},
    memory::LogError,
    signatory::Signatory,
    status_lists::Turns,
};
use crate::{
    clock::Clock,
    rules::{
        decision::Reasons,
        id::{MemberId, RecordId},
        text::Localized,
        word::Word,
    },
    storage::{
        self, Database, LogTransaction, charters::Published, keys::SigningKey,
        memberships::Membership, records::Record,
    },
};

/// How far the clock may stand behind the log's last entry before signing stops: as far as verifiers let clocks differ.
const CLOCK_TOLERANCE: TimeDelta = TimeDelta::seconds(30);

/// Why the log did not take an event.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The database failed.
    #[error("storage failed")]
    Storage(#[from] storage::Error),
    /// The event cannot be an entry.
    #[error("the event cannot be written as a log entry")]
    Entry(#[from] EntryError),
    /// The clock stands too far behind the last entry: nothing is signed until it is right.
    #[error("the clock says {now}, but the log's last entry is of {last}: set the clock")]
    ClockBehind {
        /// The clock's time.
        now: DateTime<Utc>,
        /// The last entry's time.
        last: DateTime<Utc>,
    },
    /// The clock is far from the database's: nothing is signed until they agree.
    #[error("the clock says {now}, and the database's says {database}: set the one that is wrong")]
    ClockApart {
        /// The clock's time.
        now: DateTime<Utc>,
        /// The database's.
        database: DateTime<Utc>,
    },
    /// A key in force is not at hand: nothing is signed without it.
    #[error(transparent)]
    Keys(#[from] KeyringError),
    /// The log in the database is not the one that was signed, or cannot be closed.
    #[error(transparent)]
    Log(LogError),
    /// The member's number is beyond what a record can carry.
    #[error("member number {0} is out of range")]
    Number(i64),
}

impl From<LogError> for LedgerError {
    fn from(error: LogError) -> Self {
        match error {
            LogError::Storage(error) => Self::Storage(error),
            error => Self::Log(error),
        }
    }
}

/// A change of a membership, as its record tells it.
pub struct Change<'a> {
    /// What happened.
    pub event: MemberEventKind,
    /// The status that follows.
    pub status: Status,
    /// The charter's version that the member acceded to.
    pub charter: &'a Published,
    /// Why, where a decision stands behind it.
    pub reasons: Option<&'a Reasons>,
    /// The other member whom it concerns: the one it merges with, or the former holder of its keys.
    pub other: Option<MemberId>,
}

/// A write transaction that holds the log head and can append to the log.
///
/// Everything in it happens at one time: [`Ledger::at`].
pub struct Ledger {
    tx: LogTransaction,
    at: DateTime<Utc>,
    /// How many entries there were when this began.
    began: u64,
    /// What happened to memberships, for the status lists.
    turns: Turns,
    signatory: Arc<Signatory>,
    keys: Arc<Keys>,
    /// Every key there is, where this transaction put another in force.
    turned: Option<Vec<SigningKey>>,
    clock: Clock,
}

impl Ledger {
    /// Takes the log head. Nobody else can append, or read what an appender would, until this ends.
    pub async fn open(
        database: &Database,
        signatory: Arc<Signatory>,
        clock: Clock,
    ) -> Result<Self, LedgerError> {
        let mut tx = database.begin_log().await?;
        signatory.check_clock(&mut tx, &clock).await?;
        let at = time_after(clock.now(), tx.head().last_at)?;
        Box::pin(signatory.log.check(&mut tx)).await?;
        Ok(Self {
            began: tx.head().size,
            keys: signatory.keys(&mut tx, at).await?,
            turned: None,
            turns: Turns::default(),
            tx,
            at,
            signatory,
            clock,
        })
    }

    /// The time of everything in this transaction, in whole seconds, never before the last entry's.
    pub const fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// How many entries the log has once what was appended is closed.
    pub const fn size_once_closed(&self) -> u64 {
        let size = self.tx.head().size;
        if size == self.began { size } else { size + 1 }
    }

    /// Appends an event and returns its index.
    pub async fn append(&mut self, event: Event) -> Result<u64, LedgerError> {
        let body = Entry { at: self.at, event }.to_bytes()?;
        Ok(self.tx.append(self.at, &body).await?)
    }

    /// Signs the record of a change, appends its event, and brings the membership to the state it leads to.
    ///
    /// The membership's new row is the caller's to write, in this same transaction.
    pub async fn record(
        &mut self,
        membership: &mut Membership,
        change: Change<'_>,
    ) -> Result<RecordId, LedgerError> {
        let (mut stored, event) = self.signed(membership, &change)?;
        self.turns.note(membership.id, membership.status);
        membership.log_index = self.append(event).await?;
        stored.log_index = membership.log_index;
        stored.insert(&mut self.tx).await?;
        Ok(membership.record)
    }

    /// The same for many memberships that change alike: one record and one event each, in their order.
    pub async fn record_all(
        &mut self,
        memberships: &mut [Membership],
        change: Change<'_>,
    ) -> Result<(), LedgerError> {
        let mut records = Vec::with_capacity(memberships.len());
        let mut entries = Vec::with_capacity(memberships.len());
        for (membership, index) in memberships.iter_mut().zip(self.tx.head().size..) {
            let (mut stored, event) = self.signed(membership, &change)?;
            self.turns.note(membership.id, membership.status);
            entries.push(Entry { at: self.at, event }.to_bytes()?);
            membership.log_index = index;
            stored.log_index = index;
            records.push(stored);
        }
        self.tx.append_all(self.at, entries).await?;
        Ok(Record::insert_all(records, &mut self.tx).await?)
    }

    /// The record of a change, without its entry's index yet, and the event that names it.
    fn signed(
        &self,
        membership: &mut Membership,
        change: &Change<'_>,
    ) -> Result<(Record, Event), LedgerError> {
        let previous = (change.event != MemberEventKind::Included).then_some(membership.record);
        membership.record = RecordId(self.clock.uuid());
        membership.status = change.status;
        membership.updated_at = self.at;

        let record = self.unsigned(membership, change, previous)?;
        let signed = record.sign(self.at, &self.keys.record, &self.signatory.base);
        let event = Event::Member {
            kind: change.event,
            charter: membership.charter.clone(),
            member: membership.id.0,
            status: change.status,
            record: signed.digest,
            claims: claims(membership),
        };
        let stored = Record {
            id: membership.record,
            charter: membership.charter.clone(),
            member: membership.id,
            log_index: membership.log_index,
            kind: change.event,
            status: change.status,
            digest: signed.digest,
            document: Some(signed.bytes),
            at: self.at,
            other: change.other,
            redacted: None,
        };
        Ok((stored, event))
    }

    /// Says that a key goes from one member to another, whose own record must follow at once.
    ///
    /// Who holds the key is the caller's to write, in this same transaction.
    pub async fn reassign(
        &mut self,
        charter: &str,
        key: &str,
        from: MemberId,
        to: MemberId,
    ) -> Result<u64, LedgerError> {
        let event = Event::ClaimReassigned {
            charter: charter.to_owned(),
            claim: claim_hash(charter, key),
            from: from.0,
            to: to.0,
        };
        self.append(event).await
    }

    fn unsigned(
        &self,
        membership: &Membership,
        change: &Change<'_>,
        previous: Option<RecordId>,
    ) -> Result<UnsignedRecord, LedgerError> {
        let organisation = &membership.organisation;
        let identifiers = organisation
            .identifiers
            .iter()
            .map(|identifier| Identifier {
                scheme: identifier.scheme().to_string(),
                value: identifier.value().to_owned(),
            });
        Ok(UnsignedRecord {
            id: membership.record.0,
            issuer_name: self.signatory.name.clone(),
            member: membership.id.0,
            charter: CharterReference {
                slug: membership.charter.clone(),
                version: membership.charter_version,
                digest: change.charter.digest,
            },
            event: change.event,
            at: self.at,
            resulting_status: change.status,
            until: membership.suspended_until,
            member_number: u32::try_from(membership.number)
                .map_err(|_| LedgerError::Number(membership.number))?,
            since: membership.since,
            founder: membership.founder,
            names: tagged(&organisation.name),
            aliases: organisation
                .aliases
                .iter()
                .map(ToString::to_string)
                .collect(),
            category: organisation.category.to_string(),
            country: organisation.country.as_ref().map(ToString::to_string),
            region: organisation.region.as_ref().map(ToString::to_string),
            website: organisation.website.as_ref().map(ToString::to_string),
            domain: organisation.domain.as_ref().map(ToString::to_string),
            identifiers: identifiers.collect(),
            memorandum: Some(Memorandum {
                digest: membership.memorandum.digest,
                form: membership.memorandum.form.as_str().to_owned(),
                signed_on: membership.memorandum.signed_on,
            }),
            decision: change.reasons.map(decision),
            previous: previous.map(|record| record.0),
        })
    }

    /// Closes what was appended with a `state` entry and a signed checkpoint, makes everything permanent, and frees the
    /// log head.
    ///
    /// # Errors
    ///
    /// When nothing was made permanent, or whether it was is not known: then memory follows the database again.
    pub async fn commit(mut self) -> Result<(), LedgerError> {
        self.keep_status_lists().await?;
        if self.tx.head().size == self.began {
            return Ok(self.tx.commit().await?);
        }
        let log = self.signatory.log.clone();
        let closing = Box::pin(log.close(&mut self.tx, self.at, &self.keys)).await?;
        self.tx.commit().await?;
        if let Some(list) = &self.turned
            && let Err(error) = self.signatory.keyring.following(list, self.at)
        {
            // Which key signs is permanent; whoever signs next puts the files right first.
            tracing::error!(%error, "the key files do not follow the rotation yet");
        }
        if let Err(error) = closing.settle() {
            // What is committed stays so; nothing of it is published until the mark can be written.
            tracing::error!(%error, "the log's newest checkpoint is not published");
        }
        Ok(())
    }

    /// Signs the head again, as of now, and makes that permanent.
    pub async fn refresh(mut self) -> Result<(), LedgerError> {
        let log = self.signatory.log.clone();
        let closing = Box::pin(log.refresh(&mut self.tx, self.at, &self.keys)).await?;
        self.tx.commit().await?;
        Ok(closing.settle()?)
    }
}

impl std::ops::Deref for Ledger {
    type Target = LogTransaction;

    fn deref(&self) -> &LogTransaction {
        &self.tx
    }
}

impl std::ops::DerefMut for Ledger {
    fn deref_mut(&mut self) -> &mut LogTransaction {
        &mut self.tx
    }
}

/// The hashes of the keys that a membership holds, sorted.
fn claims(membership: &Membership) -> Vec<Digest> {
    let keys = membership.organisation.claim_keys();
    let mut hashes: Vec<Digest> = keys
        .iter()
        .map(|key| claim_hash(&membership.charter, key))
        .collect();
    hashes.sort_unstable();
    hashes
}

/// The time of a transaction: now, in whole seconds, and never before the last entry's.
pub(super) fn time_after(
    now: DateTime<Utc>,
    last: Option<DateTime<Utc>>,
) -> Result<DateTime<Utc>, LedgerError> {
    let now = now.trunc_subsecs(0);
    match last {
        Some(last) if now + CLOCK_TOLERANCE < last => Err(LedgerError::ClockBehind { now, last }),
        Some(last) => Ok(now.max(last)),
        None => Ok(now),
    }
}

fn tagged<T: std::fmt::Display>(text: &Localized<T>) -> Vec<LanguageTagged> {
    text.iter()
        .map(|(language, value)| LanguageTagged {
            language: language.to_string(),
            value: value.to_string(),
        })
        .collect()
}

fn decision(reasons: &Reasons) -> Decision {
    Decision {
        clauses: reasons.clauses.clone(),
        ground: reasons.ground.as_str().to_owned(),
        law: reasons.law.as_ref().map(ToString::to_string),
        statement: tagged(&reasons.statement),
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::{LedgerError, time_after};

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn time_in_the_log_never_decreases_and_a_clock_that_is_wrong_stops_it() {
        let last = Some(at("2026-11-22T10:00:00Z"));
        assert_eq!(
            time_after(at("2026-11-22T10:00:01.9Z"), last).unwrap(),
            at("2026-11-22T10:00:01Z")
        );
        assert_eq!(
            time_after(at("2026-11-22T09:59:30Z"), last).unwrap(),
            at("2026-11-22T10:00:00Z")
        );
        assert!(matches!(
            time_after(at("2026-11-22T09:59:29Z"), last),
            Err(LedgerError::ClockBehind { .. })
        ));
        assert_eq!(
            time_after(at("2026-11-22T09:00:00Z"), None).unwrap(),
            at("2026-11-22T09:00:00Z")
        );
    }
}
