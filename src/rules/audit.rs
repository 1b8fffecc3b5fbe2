//! What the audit says: who did what to what, in rows that a chain of hashes holds together.
//!
//! A row's hash covers the row before it, so nobody can change, drop or slip in one without changing every
//! later hash. No row holds personal data: subjects and persons enter by identifier, their state by digest.

use charter_proof::{
    canonical::{CanonicalError, Digest, to_jcs},
    entry::MemberEventKind,
};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::{
    id::{ApplicationId, DecisionId, LetterId, MemberId, OperatorId, PartnerId},
    role::Role,
    word::{Word as _, vocabulary},
};

/// What every hash of the chain begins with.
const DOMAIN: &[u8] = b"charter-audit/v1\n";

/// The hash before the first row's.
pub const GENESIS: Digest = Digest::from_bytes([0; 32]);

vocabulary! {
    /// What was done: one word for each use case.
    pub enum Action ("action") {
        /// An application was entered.
        ApplicationSubmitted = "application.submitted",
        /// Its applicant took it back.
        ApplicationWithdrawn = "application.withdrawn",
        /// The secretariat refused it.
        ApplicationRejected = "application.rejected",
        /// Its contact person's address was confirmed.
        ApplicationConfirmed = "application.confirmed",
        /// It was sent back for correction.
        ApplicationReturned = "application.returned",
        /// It was handed in again, corrected.
        ApplicationResubmitted = "application.resubmitted",
        /// Its term ended.
        ApplicationLapsed = "application.lapsed",
        /// It was taken up again.
        ApplicationReopened = "application.reopened",
        /// It was given to somebody, or another day to act by.
        ApplicationAssigned = "application.assigned",
        /// Somebody looked at whom it resembles.
        MatchesAcknowledged = "application.matches_acknowledged",
        /// Something was noted about it.
        CommentAdded = "comment.added",
        /// What was noted was erased.
        CommentErased = "comment.erased",
        /// It led to a membership.
        ApplicationAccepted = "application.accepted",
        /// Log entries were replayed from a copy, after an older backup was put back.
        LogRecovered = "log.recovered",
        /// A memorandum was made out.
        MemorandumIssued = "memorandum.issued",
        /// A signed memorandum was handed in.
        MemorandumSigned = "memorandum.signed",
        /// The contact person was looked at.
        ContactViewed = "contact.viewed",
        /// The memorandum, which names its signatory, was looked at.
        MemorandumViewed = "memorandum.viewed",
        /// The scan of the signed memorandum was looked at.
        ScanViewed = "scan.viewed",
        /// Everything that is held about the persons of an application was given out.
        PersonalDataExported = "personal_data.exported",
        /// It was erased.
        PersonalDataErased = "personal_data.erased",
        /// An admission was proposed.
        AdmissionProposed = "admission.proposed",
        /// An exclusion was proposed.
        ExclusionProposed = "exclusion.proposed",
        /// A suspension was proposed.
        SuspensionProposed = "suspension.proposed",
        /// A reinstatement was proposed.
        ReinstatementProposed = "reinstatement.proposed",
        /// A readmission was proposed.
        ReadmissionProposed = "readmission.proposed",
        /// That keys go from a former member to another was proposed.
        ReassignmentProposed = "reassignment.proposed",
        /// A merger was proposed.
        MergerProposed = "merger.proposed",
        /// That a record's document is removed was proposed.
        RedactionProposed = "redaction.proposed",
        /// A record's document was removed.
        RecordRedacted = "record.redacted",
        /// A registrar stood aside.
        RegistrarRecused = "registrar.recused",
        /// A decision was entered.
        DecisionProposed = "decision.proposed",
        /// A second registrar approved it, and it was carried out.
        DecisionApproved = "decision.approved",
        /// It was declined, or taken back.
        DecisionDeclined = "decision.declined",
        /// A membership began.
        MemberIncluded = "member.included",
        /// Many memberships that were older than the registry began at once.
        MembersImported = "members.imported",
        /// What is said of the member changed.
        MemberAmended = "member.amended",
        /// The membership was suspended.
        MemberSuspended = "member.suspended",
        /// A suspension ended.
        MemberReinstated = "member.reinstated",
        /// The member was excluded.
        MemberExcluded = "member.excluded",
        /// The member left.
        MemberWithdrew = "member.withdrew",
        /// A former member returned.
        MemberReadmitted = "member.readmitted",
        /// A letter was queued anew.
        LetterRetried = "letter.retried",
        /// A letter came back.
        LetterBounced = "letter.bounced",
        /// A version of a charter was published.
        CharterPublished = "charter.published",
        /// A person joined the secretariat.
        OperatorAdded = "operator.added",
        /// A partner site was given access.
        PartnerAdded = "partner.added",
        /// An account was closed.
        AccountClosed = "account.closed",
        /// An account got a further token.
        TokenAdded = "token.added",
        /// A token was revoked.
        TokenRevoked = "token.revoked",
        /// A key that will sign was published.
        KeyAnnounced = "key.announced",
        /// A key took over from another.
        KeyRotated = "key.rotated",
        /// Others may have a key.
        KeyCompromised = "key.compromised",
        /// Checkpoints are served without the witnesses' quorum.
        QuorumOverridden = "quorum.overridden",
        /// The audit's head entered the log.
        AuditAnchored = "audit.anchored",
    }
}

impl Action {
    /// Whether something is only looked at, so that there is no state before and after.
    pub const fn is_look(self) -> bool {
        matches!(
            self,
            Self::ContactViewed
                | Self::MemorandumViewed
                | Self::ScanViewed
                | Self::PersonalDataExported
        )
    }
}

impl From<MemberEventKind> for Action {
    fn from(kind: MemberEventKind) -> Self {
        match kind {
            MemberEventKind::Included => Self::MemberIncluded,
            MemberEventKind::Amended => Self::MemberAmended,
            MemberEventKind::Suspended => Self::MemberSuspended,
            MemberEventKind::Reinstated => Self::MemberReinstated,
            MemberEventKind::Excluded => Self::MemberExcluded,
            MemberEventKind::Withdrew => Self::MemberWithdrew,
            MemberEventKind::Readmitted => Self::MemberReadmitted,
        }
    }
}

vocabulary! {
    /// Whom the audit knows.
    pub enum ActorKind ("kind of actor") {
        /// Anybody.
        Anonymous = "anonymous",
        /// The applicant of an application.
        Applicant = "applicant",
        /// A partner site.
        Partner = "partner",
        /// A person of the secretariat.
        Operator = "operator",
        /// Whoever commands the host.
        Host = "host",
        /// The registry itself, by its timetable.
        System = "system",
    }
}

/// Who did it: by identifier, never by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Who {
    /// The kind.
    pub kind: ActorKind,
    /// The application, partner or operator.
    pub id: Option<Uuid>,
    /// The operator's role at that time.
    pub role: Option<Role>,
}

vocabulary! {
    /// What an action is about.
    pub enum SubjectKind ("kind of subject") {
        /// An application, with its persons and its memorandum.
        Application = "application",
        /// A membership.
        Member = "member",
        /// A decision.
        Decision = "decision",
        /// A charter.
        Charter = "charter",
        /// An operator's account and its tokens.
        Operator = "operator",
        /// A partner's account and its tokens.
        Partner = "partner",
        /// A letter.
        Letter = "letter",
        /// The registry as a whole.
        Registry = "registry",
    }
}

/// What an action is about, by identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// An application.
    Application(ApplicationId),
    /// A membership.
    Member(MemberId),
    /// A decision.
    Decision(DecisionId),
    /// A charter, by its slug.
    Charter(String),
    /// An operator.
    Operator(OperatorId),
    /// A partner.
    Partner(PartnerId),
    /// A letter.
    Letter(LetterId),
    /// The registry as a whole.
    Registry,
}

impl Subject {
    /// Its kind.
    pub const fn kind(&self) -> SubjectKind {
        match self {
            Self::Application(_) => SubjectKind::Application,
            Self::Member(_) => SubjectKind::Member,
            Self::Decision(_) => SubjectKind::Decision,
            Self::Charter(_) => SubjectKind::Charter,
            Self::Operator(_) => SubjectKind::Operator,
            Self::Partner(_) => SubjectKind::Partner,
            Self::Letter(_) => SubjectKind::Letter,
            Self::Registry => SubjectKind::Registry,
        }
    }

    /// Its identifier among those of its kind.
    pub fn id(&self) -> Option<String> {
        match self {
            Self::Application(id) => Some(id.to_string()),
            Self::Member(id) => Some(id.to_string()),
            Self::Decision(id) => Some(id.to_string()),
            Self::Charter(slug) => Some(slug.clone()),
            Self::Operator(id) => Some(id.to_string()),
            Self::Partner(id) => Some(id.to_string()),
            Self::Letter(id) => Some(id.to_string()),
            Self::Registry => None,
        }
    }
}

/// Makes a [`Subject`] of what identifies it.
macro_rules! subject_of {
    ($($id:ident => $variant:ident,)+) => {
        $(impl From<$id> for Subject {
            fn from(id: $id) -> Self {
                Self::$variant(id)
            }
        })+
    };
}
subject_of! {
    ApplicationId => Application,
    MemberId => Member,
    DecisionId => Decision,
    OperatorId => Operator,
    PartnerId => Partner,
    LetterId => Letter,
}

/// What one row says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// Its place in the chain, from 0.
    pub seq: u64,
    /// When it was done, to the microsecond.
    pub at: DateTime<Utc>,
    /// Who did it.
    pub actor: Who,
    /// What was done.
    pub action: Action,
    /// The kind of what it was done to.
    pub subject_kind: SubjectKind,
    /// What it was done to.
    pub subject: Option<String>,
    /// The identifier of the request by which it was done.
    pub request: Option<String>,
    /// The digest of the subject's state before, when it had one and was not only looked at.
    pub before: Option<Digest>,
    /// The digest of the subject's state after.
    pub after: Option<Digest>,
}

impl Body {
    /// The row's hash: SHA-256 over a fixed prefix, the previous row's hash, and the canonical JSON of this one.
    ///
    /// # Errors
    ///
    /// When the row's number is beyond what canonical JSON can carry.
    pub fn hash(&self, previous: Digest) -> Result<Digest, CanonicalError> {
        #[derive(Serialize)]
        struct Hashed<'a> {
            action: Action,
            actor: Who,
            after: Option<Digest>,
            at: String,
            before: Option<Digest>,
            request: Option<&'a str>,
            seq: u64,
            subject: Option<&'a str>,
            #[serde(rename = "subjectKind")]
            subject_kind: &'static str,
        }
        let body = to_jcs(&Hashed {
            action: self.action,
            actor: self.actor,
            after: self.after,
            at: self.at.to_rfc3339_opts(SecondsFormat::Micros, true),
            before: self.before,
            request: self.request.as_deref(),
            seq: self.seq,
            subject: self.subject.as_deref(),
            subject_kind: self.subject_kind.as_str(),
        })?;
        Ok(Digest::of_parts(&[DOMAIN, previous.as_bytes(), &body]))
    }
}

#[cfg(test)]
mod tests {
    use charter_proof::canonical::Digest;
    use uuid::Uuid;

    use super::{Action, ActorKind, Body, GENESIS, SubjectKind, Who};
    use crate::rules::{role::Role, word::Word as _};

    fn body() -> Body {
        Body {
            seq: 0,
            at: "2026-11-22T10:00:00.000001Z".parse().unwrap(),
            actor: Who {
                kind: ActorKind::Operator,
                id: Some(Uuid::nil()),
                role: Some(Role::Clerk),
            },
            action: Action::ApplicationRejected,
            subject_kind: SubjectKind::Application,
            subject: Some(Uuid::nil().to_string()),
            request: Some("request-1".to_owned()),
            before: Some(Digest::of(b"before")),
            after: Some(Digest::of(b"after")),
        }
    }

    #[test]
    fn every_field_of_a_row_and_the_row_before_it_are_in_its_hash() {
        let changes: [fn(&mut Body); 11] = [
            |body| body.seq = 1,
            |body| body.at += chrono::TimeDelta::microseconds(1),
            |body| body.actor.kind = ActorKind::Partner,
            |body| body.actor.id = None,
            |body| body.actor.role = Some(Role::Registrar),
            |body| body.action = Action::ApplicationWithdrawn,
            |body| body.subject_kind = SubjectKind::Member,
            |body| body.subject = None,
            |body| body.request = None,
            |body| body.before = None,
            |body| body.after = Some(Digest::of(b"other")),
        ];
        let hash = body().hash(GENESIS).unwrap();
        for (place, change) in changes.iter().enumerate() {
            let mut other = body();
            change(&mut other);
            assert_ne!(other.hash(GENESIS).unwrap(), hash, "change {place}");
        }
        assert_ne!(body().hash(Digest::of(b"other")).unwrap(), hash);
    }

    #[test]
    fn the_hash_stands_as_it_was_first_written() {
        let hash = body().hash(GENESIS).unwrap().to_string();
        assert_eq!(
            hash,
            "cb70ace2bc520f0083cd22d5b17ad9e464f048b6d08f64a9e47d2ff76f65c509"
        );
    }

    #[test]
    fn actions_are_named_by_what_they_are_about_and_what_was_done() {
        for action in Action::all() {
            let named = action.as_str().split_once('.');
            assert!(
                named.is_some_and(|(about, done)| !about.is_empty() && !done.is_empty()),
                "{action}"
            );
        }
    }
}
