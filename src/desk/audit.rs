//! The audit trail of one transaction: what it does to what, written down last.
//!
//! A use case names its action and subject when it opens its transaction; the state before is taken then, the
//! state after when it finishes. The head of the audit is the last lock that any transaction takes, so nobody
//! who waits for it holds up somebody who has it.

pub mod anchor;

use std::collections::BTreeMap;

use charter_proof::canonical::{CanonicalError, Digest, to_jcs};
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{Actor, Failure, Request};
use crate::{
    rules::{
        audit::{Action, ActorKind, Body, Subject, Who},
        id::{OperatorId, PartnerId},
    },
    storage::{
        self, Transaction,
        applications::Application,
        audit::{self, Entry, Head},
        charters::Published,
        decisions::Decision,
        letters::Letter,
        memberships::Membership,
        memoranda::Memorandum,
        people::{Operator, Partner, StoredToken},
    },
};

/// What a transaction will leave in the audit.
pub(super) struct Trail {
    actor: Who,
    request: Option<String>,
    notes: Vec<Note>,
}

struct Note {
    action: Action,
    subject: Subject,
    before: Option<Digest>,
}

impl Trail {
    /// Begins a trail with what the use case is for.
    pub(super) async fn begin(
        tx: &mut Transaction,
        request: &Request,
        action: Action,
        subject: Subject,
    ) -> Result<Self, Failure> {
        let mut trail = Self {
            actor: who(request.actor),
            request: request.id.clone(),
            notes: Vec::new(),
        };
        trail.note(tx, action, subject).await?;
        Ok(trail)
    }

    /// Notes a further action on a subject, before it is carried out; once, however often it is said.
    pub(super) async fn note(
        &mut self,
        tx: &mut Transaction,
        action: Action,
        subject: Subject,
    ) -> Result<(), Failure> {
        let noted = |note: &Note| note.action == action && note.subject == subject;
        if self.notes.iter().any(noted) {
            return Ok(());
        }
        let before = if action.is_look() {
            None
        } else {
            state(tx, &subject).await?
        };
        self.notes.push(Note {
            action,
            subject,
            before,
        });
        Ok(())
    }

    /// Writes the rows: the transaction's last work before its end.
    pub(super) async fn write(
        self,
        tx: &mut Transaction,
        at: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let mut bodies = Vec::with_capacity(self.notes.len());
        for note in self.notes {
            let after = if note.action.is_look() {
                None
            } else {
                state(tx, &note.subject).await?
            };
            bodies.push(Body {
                seq: 0,
                at,
                actor: self.actor,
                action: note.action,
                subject_kind: note.subject.kind(),
                subject: note.subject.id(),
                request: self.request.clone(),
                before: note.before,
                after,
            });
        }
        let mut head = audit::lock_head(tx).await?;
        let mut entries = Vec::with_capacity(bodies.len());
        for mut body in bodies {
            body.seq = head.size;
            let (previous, hash) = (
                head.hash,
                body.hash(head.hash).map_err(|error| unwritable(&error))?,
            );
            head = Head {
                size: head.size + 1,
                hash,
            };
            entries.push(Entry {
                body,
                previous,
                hash,
            });
        }
        Ok(audit::append(tx, &entries, head).await?)
    }
}

/// An actor as the audit names it.
fn who(actor: Actor) -> Who {
    let (kind, id, role) = match actor {
        Actor::Anonymous => (ActorKind::Anonymous, None, None),
        Actor::Applicant(id) => (ActorKind::Applicant, Some(id.0), None),
        Actor::Partner(id) => (ActorKind::Partner, Some(id.0), None),
        Actor::Operator(id, role) => (ActorKind::Operator, Some(id.0), Some(role)),
        Actor::Host => (ActorKind::Host, None, None),
        Actor::System => (ActorKind::System, None, None),
    };
    Who { kind, id, role }
}

/// The digest of a subject as it is stored, without what it holds of personal data; `None` when there is none.
///
/// What was written about an application may name its persons: its salt keeps anybody from guessing that by the
/// digest once it is erased. A letter is told such words too, and they never change, so its digest leaves them out.
///
/// An application or a decision is locked first, so that nobody changes it between its state before and after.
/// Memberships, charters and accounts change only under the log head, or in ways that touch no other field.
async fn state(tx: &mut Transaction, subject: &Subject) -> Result<Option<Digest>, Failure> {
    match subject {
        Subject::Application(id) => {
            let Some(application) = Application::lock(tx, *id).await? else {
                return Ok(None);
            };
            // The salt keeps anybody from guessing the signatory's name by the digest.
            let memorandum = Memorandum::find(tx, *id).await?.map(|memorandum| {
                let text = Digest::of_parts(&[&memorandum.salt, &memorandum.body]);
                (text, memorandum.signature.map(|signed| signed.evidence))
            });
            digest_of(&(application, memorandum)).map(Some)
        }
        Subject::Member(id) => Membership::find_anywhere(tx, *id)
            .await?
            .map(|membership| digest_of(&membership))
            .transpose(),
        Subject::Decision(id) => Decision::lock(tx, *id)
            .await?
            .map(|decision| digest_of(&decision))
            .transpose(),
        Subject::Charter(slug) => Published::current(tx, slug)
            .await?
            .map(|published| digest_of(&(published.version.version(), published.digest)))
            .transpose(),
        Subject::Operator(id) => operator(tx, *id).await,
        Subject::Partner(id) => partner(tx, *id).await,
        Subject::Letter(id) => Letter::lock(tx, *id)
            .await?
            .map(|letter| {
                digest_of(&Letter {
                    arguments: BTreeMap::new(),
                    ..letter
                })
            })
            .transpose(),
        Subject::Registry => Ok(None),
    }
}

async fn operator(tx: &mut Transaction, id: OperatorId) -> Result<Option<Digest>, Failure> {
    let tokens = tokens(tx, id.0).await?;
    Operator::find(tx, id)
        .await?
        .map(|operator| digest_of(&(operator, tokens)))
        .transpose()
}

async fn partner(tx: &mut Transaction, id: PartnerId) -> Result<Option<Digest>, Failure> {
    let tokens = tokens(tx, id.0).await?;
    Partner::find(tx, id)
        .await?
        .map(|partner| digest_of(&(partner, tokens)))
        .transpose()
}

/// What an account's tokens can do, without when they were used.
async fn tokens(
    tx: &mut Transaction,
    owner: uuid::Uuid,
) -> Result<Vec<(String, Option<DateTime<Utc>>, Option<DateTime<Utc>>)>, Failure> {
    let tokens = StoredToken::of_owner(tx, owner).await?;
    Ok(tokens
        .into_iter()
        .map(|token| (token.id, token.expires_at, token.revoked_at))
        .collect())
}

fn digest_of<T: Serialize>(value: &T) -> Result<Digest, Failure> {
    let bytes = to_jcs(value).map_err(|error| unwritable(&error))?;
    Ok(Digest::of(&bytes))
}

/// What is stored has a canonical form, or it is not what was written.
fn unwritable(error: &CanonicalError) -> Failure {
    Failure::Storage(storage::Error::Damaged(format!("the audit: {error}")))
}
