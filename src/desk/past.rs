//! The registry as it was: what its log told up to a moment.
//!
//! Every change is a record, and the newest one before that moment tells how the member stood. What no record tells,
//! such as until when a suspension was to last, is known of the present alone.

use std::ops::Range;

use charter_proof::{
    canonical::Digest,
    entry::{Entry, Event, Status},
    keys::claim_hash,
    record::{RegistryRecord, Subject},
};
use chrono::{DateTime, Utc};

use super::{Desk, Failure, failures_of};
use crate::{
    directory::Filter,
    rules::{
        id::MemberId,
        matching::Trace,
        memorandum::{Evidence, SigningForm},
        moment::Moment,
        organisation::{Organisation, OrganisationInput, Website},
        word::Word as _,
    },
    storage::{
        Connection, Error,
        charters::Published,
        log,
        memberships::{Holder, Membership},
        records::Record,
        traces,
    },
};

/// How many members are looked at at a time.
const WINDOW: i64 = 500;

/// How many times that many are looked at for one page.
const WINDOWS: usize = 10;

/// Why a moment is none of this registry's past.
#[derive(Debug, thiserror::Error)]
pub enum PastError {
    /// It has not come yet.
    #[error("this is in the future: the newest is entry {last} of {at}")]
    Future {
        /// The index of the newest entry.
        last: u64,
        /// The time now.
        at: DateTime<Utc>,
    },
    /// There was no registry yet.
    #[error("this is before the log began, at {0}")]
    BeforeTheLog(DateTime<Utc>),
    /// Nothing is published yet.
    #[error("the registry has not published a checkpoint yet")]
    Unpublished,
    /// It could not be read.
    #[error(transparent)]
    Failed(#[from] Failure),
}
failures_of!(PastError);

/// A page of members as they were.
#[derive(Debug)]
pub struct Page {
    /// The members.
    pub members: Vec<Membership>,
    /// The number of the last member that was looked at, if others may follow.
    pub next: Option<i64>,
}

/// How many entries the log had at a moment, and the time that this was; as far as it is published.
pub async fn size_at(desk: &Desk, conn: &mut Connection, moment: Moment) -> Result<u64, PastError> {
    let newest = desk.signatory.log.newest().ok_or(PastError::Unpublished)?;
    let (size, now) = (newest.checkpoint.size, desk.now());
    let future = PastError::Future {
        last: size.saturating_sub(1),
        at: now,
    };
    match moment {
        Moment::Entry(index) if index < size => Ok(index + 1),
        Moment::Entry(_) => Err(future),
        Moment::At(at) if at > now => Err(future),
        Moment::At(at) => {
            let began = time_of(conn, 0).await?;
            if at < began {
                return Err(PastError::BeforeTheLog(began));
            }
            // The time of entries never decreases.
            let (mut before, mut after) = (1, size);
            while before < after {
                let middle = before + (after - before) / 2;
                if time_of(conn, middle).await? <= at {
                    before = middle + 1;
                } else {
                    after = middle;
                }
            }
            Ok(before)
        }
    }
}

/// Whether a charter was published in the first `size` entries.
pub async fn has_charter(conn: &mut Connection, charter: &str, size: u64) -> Result<bool, Error> {
    let versions = Published::versions(conn, charter).await?;
    Ok(versions.iter().any(|version| version.log_index < size))
}

/// A member as the first `size` entries leave it; none where they do not know it.
pub async fn member(
    conn: &mut Connection,
    charter: &str,
    id: MemberId,
    size: u64,
) -> Result<Option<Membership>, Error> {
    let Some(now) = Membership::find(conn, charter, id).await? else {
        return Ok(None);
    };
    let record = Record::newest_before(conn, &[id], size).await?.pop();
    Ok(record.map(|record| as_told(&record, &now)))
}

/// At most `limit` members of a charter as the first `size` entries leave them, by number after this one.
pub async fn members(
    conn: &mut Connection,
    charter: &str,
    size: u64,
    filter: &Filter,
    after: i64,
    limit: usize,
) -> Result<Page, Error> {
    let (mut members, mut after) = (Vec::new(), after);
    for _ in 0..WINDOWS {
        let now = Membership::by_number(conn, charter, after, None, WINDOW).await?;
        let ids: Vec<MemberId> = now.iter().map(|member| member.id).collect();
        let told = Record::newest_before(conn, &ids, size).await?;
        // Numbers are given in the log's order: where nobody was one yet, nobody after them was.
        if told.is_empty() {
            return Ok(Page {
                members,
                next: None,
            });
        }
        for member in &now {
            if members.len() == limit {
                return Ok(Page {
                    members,
                    next: Some(after),
                });
            }
            after = member.number;
            let record = told.iter().find(|record| record.member == member.id);
            let was = record.map(|record| as_told(record, member));
            members.extend(was.filter(|was| passes(was, filter)));
        }
    }
    Ok(Page {
        members,
        next: Some(after),
    })
}

/// Who held a key of a charter's memberships once the log had `size` entries; nobody where it was free.
pub async fn holder(
    conn: &mut Connection,
    charter: &str,
    key: &str,
    size: u64,
) -> Result<Option<Membership>, Error> {
    let mut known = traces::who_ever_left(conn, charter, Trace::Key, key).await?;
    let now = Holder::of(conn, charter, &[key.to_owned()]).await?;
    known.extend(now.iter().map(|holder| holder.member));
    known.sort_unstable();
    known.dedup();
    let mut told = Record::newest_before(conn, &known, size).await?;
    // A key goes on to another member with an entry of that member's: of those whose entries name it, the last has it.
    told.sort_unstable_by_key(|record| std::cmp::Reverse(record.log_index));
    let hash = claim_hash(charter, key);
    for record in told {
        if !names_key(conn, record.log_index, &hash).await? {
            continue;
        }
        let later = record.log_index + 1..size;
        if went_on(conn, &known, record.member, later, &hash).await? {
            // To somebody who gave it up since.
            return Ok(None);
        }
        let now = Membership::find(conn, charter, record.member).await?;
        return Ok(now.map(|now| as_told(&record, &now)));
    }
    Ok(None)
}

/// Whether the entry of a change of a membership names a key.
async fn names_key(conn: &mut Connection, index: u64, hash: &Digest) -> Result<bool, Error> {
    let entry = entry_at(conn, index).await?;
    Ok(matches!(entry.event, Event::Member { claims, .. } if claims.contains(hash)))
}

/// Whether an entry among these gave a key that this member had to another one.
async fn went_on(
    conn: &mut Connection,
    known: &[MemberId],
    from: MemberId,
    entries: Range<u64>,
    hash: &Digest,
) -> Result<bool, Error> {
    for other in known.iter().filter(|other| **other != from) {
        for record in Record::of_member(conn, *other).await? {
            let index = record.log_index;
            if entries.contains(&index) && names_key(conn, index, hash).await? {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// The member that had its pages here once the log had `size` entries; nobody where several members had.
pub async fn at_website(
    conn: &mut Connection,
    charter: &str,
    place: &str,
    size: u64,
) -> Result<Option<Membership>, Error> {
    let known = traces::who_ever_left(conn, charter, Trace::Host, place).await?;
    let mut found = Vec::new();
    for member in known {
        let was = self::member(conn, charter, member, size).await?;
        found.extend(was.filter(|was| {
            let website = was.organisation.website.as_ref();
            website.and_then(Website::place).as_deref() == Some(place)
        }));
    }
    let (living, mut ended): (Vec<_>, Vec<_>) = found
        .into_iter()
        .partition(|member| matches!(member.status, Status::Active | Status::Suspended));
    ended.sort_unstable_by_key(|member| member.log_index);
    match <[Membership; 1]>::try_from(living) {
        Ok([only]) => Ok(Some(only)),
        Err(several) if several.is_empty() => Ok(ended.pop()),
        Err(_) => Ok(None),
    }
}

/// The membership as a record of it tells. Where the record's document is gone, what it is called is as of now.
fn as_told(record: &Record, now: &Membership) -> Membership {
    if record.id == now.record {
        return now.clone();
    }
    let document = record.document.as_deref();
    let said: Option<RegistryRecord> =
        document.and_then(|document| serde_json::from_slice(document).ok());
    let told = said.and_then(|said| told_by(&said.credential_subject, now));
    let suspended_until = told.as_ref().and_then(|told| told.suspended_until);
    let is_end = record.status == Status::Withdrawn;
    Membership {
        status: record.status,
        record: record.id,
        log_index: record.log_index,
        updated_at: record.at,
        suspended_until,
        merged_into: record.other.filter(|_| is_end),
        ..told.unwrap_or_else(|| now.clone())
    }
}

fn told_by(said: &Subject, now: &Membership) -> Option<Membership> {
    let memorandum = said.memorandum.as_ref()?;
    let organisation = Organisation::parse(OrganisationInput::from(said));
    Some(Membership {
        charter_version: said.charter.version,
        suspended_until: said.event.until,
        founder: said.founder,
        since: said.since,
        organisation: organisation.ok()?,
        memorandum: Evidence {
            digest: memorandum.digest,
            form: SigningForm::from_word(&memorandum.form)?,
            signed_on: memorandum.signed_on,
        },
        ..now.clone()
    })
}

fn passes(member: &Membership, filter: &Filter) -> bool {
    let organisation = &member.organisation;
    let is = |wanted: Option<&String>, found: Option<String>| {
        wanted.is_none_or(|wanted| found.as_ref() == Some(wanted))
    };
    (filter.statuses.is_empty() || filter.statuses.contains(&member.status))
        && is(
            filter.category.as_ref(),
            Some(organisation.category.to_string()),
        )
        && is(
            filter.country.as_ref(),
            organisation.country.map(|it| it.to_string()),
        )
        && is(
            filter.region.as_ref(),
            organisation.region.as_ref().map(ToString::to_string),
        )
        && filter.founder.is_none_or(|wanted| wanted == member.founder)
        && filter.since.is_none_or(|since| member.since >= since)
}

async fn entry_at(conn: &mut Connection, index: u64) -> Result<Entry, Error> {
    let found = log::entries(conn, index, 1).await?.pop();
    let entry = found.filter(|(found, _)| *found == index);
    let entry = entry.and_then(|(_, body)| Entry::parse(&body).ok());
    entry.ok_or_else(|| Error::Damaged(format!("log entry {index}")))
}

async fn time_of(conn: &mut Connection, index: u64) -> Result<DateTime<Utc>, Error> {
    Ok(entry_at(conn, index).await?.at)
}
