//! A membership credential is given: signed once per period and event of the membership, and given again as it was.
//!
//! What is signed follows from the newest record, the membership's place in the status lists and the period, so that
//! every instance signs the same bytes. Nothing is signed that the database does not say at that moment; what was
//! signed before is given again for as long as this process knows of no change: its own at once, another instance's
//! after half a second, and the status list says so anyhow.

mod kept;

use std::{path::PathBuf, sync::Arc};

use charter_proof::{credential::UnsignedCredential, entry::Status};
use chrono::{DateTime, Utc};

use crate::{
    desk::{Desk, Failure, failures_of},
    log::ledger::{Ledger, LedgerError},
    rules::{credential::Term, id::MemberId},
    storage::{
        Connection, keys::SigningKey, memberships::Membership, records::Record, status_lists,
    },
};
use kept::{Kept, Period};

/// The forms of a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// A document with a proof in it.
    Document,
    /// A JSON Web Token.
    Token,
}

/// Why no credential is given.
#[derive(Debug, thiserror::Error)]
pub enum CredentialError {
    /// There is no such member of this charter.
    #[error("there is no such member of this charter")]
    Unknown,
    /// The membership has ended.
    #[error("the member is {} since {at}: {record} says why", .status.as_str())]
    NotAMember {
        /// How.
        status: Status,
        /// When.
        at: DateTime<Utc>,
        /// The URL of the record that says why.
        record: String,
    },
    /// It could not be carried out.
    #[error(transparent)]
    Failed(#[from] Failure),
}
failures_of!(CredentialError);

/// How the credentials of this process are made, and those that were.
#[derive(Clone)]
pub struct Credentials {
    term: Term,
    kept: Arc<Kept>,
}

impl Credentials {
    /// Credentials of this term; none is made yet. Those that will be are kept in a file in this folder.
    pub fn new(term: Term, folder: PathBuf) -> Self {
        Self {
            term,
            kept: Arc::new(Kept::new(folder)),
        }
    }
}

/// The credential that was made of what this process knows, if it was; without the database.
pub fn known(desk: &Desk, charter: &str, member: MemberId, form: Form) -> Option<Vec<u8>> {
    let record = desk.directory.as_ref()?.newest_record_id(charter, member)?;
    if desk.signatory.keyring.is_lacking() {
        return None;
    }
    desk.credentials
        .kept
        .get(&period(desk), member, form, record)
}

/// The credential of a member as of now.
pub async fn give(
    desk: &Desk,
    charter: &str,
    member: MemberId,
    form: Form,
) -> Result<Vec<u8>, CredentialError> {
    let mut conn = desk.database.read().await?;
    let mut membership = living(desk, &mut conn, charter, member).await?;
    let held = if let Some(held) = status_lists::place_of(&mut conn, member).await? {
        held
    } else {
        drop(conn);
        membership = take_place(desk, charter, member).await?;
        conn = desk.database.read().await?;
        let held = status_lists::place_of(&mut conn, member).await?;
        // Ended since: the next to ask is told.
        held.ok_or(CredentialError::Unknown)?
    };
    let record = Record::find(&mut conn, membership.record).await?;
    let mut record = record.ok_or(CredentialError::Unknown)?;
    let list = SigningKey::all(&mut conn).await?;
    drop(conn);
    // The newest record of a living membership is never one that was redacted.
    let document = record.document.take().ok_or(Failure::Outcome)?;
    let period = period(desk);
    let (valid_from, valid_until) = desk.credentials.term.window(desk.now(), record.at);
    let credential = UnsignedCredential {
        record: serde_json::from_slice(&document).map_err(|_| Failure::Outcome)?,
        digest: record.digest,
        valid_from,
        valid_until,
        place: held.place,
    };
    // An instance that lacks the key in force signs nothing.
    let keys = desk.signatory.keyring.following(&list, desk.now());
    let (keys, base) = (keys.map_err(LedgerError::from)?, desk.base());
    let bytes = match form {
        Form::Document => credential.sign(&keys.record, base),
        Form::Token => credential
            .sign_jwt(&keys.record, base)
            .map(String::into_bytes),
    };
    let bytes = bytes.map_err(|_| Failure::Outcome)?;
    let kept = &desk.credentials.kept;
    if let Err(error) = kept.keep(&period, member, form, record.id, &bytes) {
        tracing::warn!(cause = %error, "a credential is not kept: it is signed each time it is asked for");
    }
    Ok(bytes)
}

fn period(desk: &Desk) -> Period {
    let (began, _) = desk
        .credentials
        .term
        .window(desk.now(), DateTime::UNIX_EPOCH);
    Period {
        began,
        key: desk.signatory.keyring.keys().record.public(),
    }
}

/// The membership, if it has not ended.
async fn living(
    desk: &Desk,
    conn: &mut Connection,
    charter: &str,
    member: MemberId,
) -> Result<Membership, CredentialError> {
    let membership = Membership::find(conn, charter, member).await?;
    let membership = membership.ok_or(CredentialError::Unknown)?;
    match membership.status {
        Status::Active | Status::Suspended => Ok(membership),
        status @ (Status::Excluded | Status::Withdrawn) => Err(CredentialError::NotAMember {
            status,
            at: membership.updated_at,
            record: desk.base().record_url(membership.record.0),
        }),
    }
}

/// Gives a membership of before there were status lists its place in them.
async fn take_place(
    desk: &Desk,
    charter: &str,
    member: MemberId,
) -> Result<Membership, CredentialError> {
    let (signatory, clock) = (desk.signatory.clone(), desk.clock.clone());
    let mut ledger = Box::pin(Ledger::open(&desk.database, signatory, clock)).await?;
    let membership = living(desk, &mut ledger, charter, member).await?;
    ledger.give_place(&membership);
    Box::pin(ledger.commit()).await?;
    Ok(membership)
}
