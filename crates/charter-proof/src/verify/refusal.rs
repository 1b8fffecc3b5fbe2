//! Why a membership proof is refused.

use std::fmt;

use chrono::{DateTime, Utc};

use super::Reason;
use crate::entry::EntryError;
use crate::membership_map::PathError;
use crate::proof_file::ProofFileError;

/// Why a membership proof shows nothing: a stable code for programs, a sentence for people.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The file is no proof.
    #[error("this is no membership proof: {0}")]
    File(#[from] ProofFileError),
    /// The signed text is no checkpoint.
    #[error("the signed text is no checkpoint")]
    Checkpoint,
    /// Another log than the one that is asked.
    #[error("the checkpoint is of the log {found}, and {asked} is asked")]
    WrongOrigin {
        /// What the checkpoint says.
        found: String,
        /// What is asked.
        asked: String,
    },
    /// The policy is about another log than the question.
    #[error("the policy is about the log {policy}, and {asked} is asked")]
    OtherPolicy {
        /// What the policy says.
        policy: String,
        /// What is asked.
        asked: String,
    },
    /// No key of the log that the policy knows signed.
    #[error("none of the log's keys in the policy signed the checkpoint")]
    LogSignatureMissing,
    /// A key of the policy stands there, and did not sign this.
    #[error("the signature of {0} is not one of this checkpoint")]
    BadSignature(String),
    /// A key of the policy signed more than once.
    #[error("{0} signed twice")]
    SignedTwice(String),
    /// The registry does not say when the checkpoint was its newest.
    #[error("the registry's clock did not cosign the checkpoint")]
    ClockMissing,
    /// The checkpoint was the newest too long ago.
    #[error("the checkpoint was the newest at {at}: too long ago; fetch the proof again")]
    Stale {
        /// The cosignature's time.
        at: DateTime<Utc>,
    },
    /// The cosignature's time is not yet.
    #[error(
        "the checkpoint is cosigned as of {at}, which is not yet: one of the two clocks is wrong"
    )]
    Future {
        /// The cosignature's time.
        at: DateTime<Utc>,
    },
    /// Fewer witnesses than the policy wants, or too old.
    #[error("too few of the policy's witnesses cosigned the checkpoint recently")]
    TooFewWitnesses,
    /// The proof is of another entry than the last one.
    #[error("the proof is of entry {index}, and the last entry of {size} is the one that counts")]
    NotTheLastEntry {
        /// Of which entry.
        index: u64,
        /// How many there are.
        size: u64,
    },
    /// The last entry cannot be read.
    #[error("the last entry is none: {0}")]
    Entry(#[source] EntryError),
    /// The last entry says no state.
    #[error("the last entry is no state entry")]
    NotAState,
    /// The state entry says that it stands elsewhere.
    #[error("the state entry says that it is entry {says}, and stands at {index}")]
    StateMisplaced {
        /// What it says.
        says: u64,
        /// Where it stands.
        index: u64,
    },
    /// The state is of a later time than the cosignature.
    #[error("the state is of {at}, later than what the cosignature knew")]
    StateAfterCosignature {
        /// The state's time.
        at: DateTime<Utc>,
    },
    /// The state entry is not in the checkpoint's tree.
    #[error("the state entry is not the one that the checkpoint ends with")]
    Inclusion,
    /// The key list is not the state's.
    #[error("the key list is not the one that the state entry names")]
    KeyList,
    /// A way through the map has not the form of one.
    #[error("the way to the {place}: {source}")]
    MapPath {
        /// To what.
        place: Place,
        /// What is wrong with it.
        #[source]
        source: PathError,
    },
    /// A way does not lead from the state's map.
    #[error("the way to the {0} does not begin at the map that the state entry names")]
    MapRoot(Place),
    /// The leaf at a way's end is of another kind or another charter than what is asked for.
    #[error("the leaf at the end of the way to the {0} is not what is asked for")]
    WrongLeaf(Place),
    /// The question is about a claim, and no way to it is there; or about a member, and one is.
    #[error("the proof answers another question: it is about a {0}")]
    OtherQuestion(Place),
    /// The claim leads to a member, and no way to it is there; or it leads to none, and one is.
    #[error("the claim leads to {0}, and the proof shows otherwise")]
    Membership(LeadsTo),
    /// The map has a claim of a member that it does not have.
    #[error(
        "the claim leads to a member that the map does not have: the registry contradicts itself"
    )]
    MapInconsistent,
    /// A living membership without a record.
    #[error("the record is missing: only that of a former member may be withheld")]
    RecordMissing,
    /// A record where there is no member.
    #[error("there is no member, and the proof has a record")]
    RecordUnexpected,
    /// The record is not the one that the map names.
    #[error("the record is not the one that the map names")]
    RecordDigest,
    /// The record is not authentic.
    #[error("the record is not authentic: {0}")]
    Record(#[source] Box<Reason>),
    /// The record says something else than the map.
    #[error("the record's {0} is not that of the member")]
    RecordMismatch(RecordPart),
}

/// A place in the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// That of the domain or number that is asked for.
    Claim,
    /// That of the member.
    Member,
}

/// Whether a claim leads to anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeadsTo {
    /// Somebody holds it.
    Member,
    /// Nobody holds it.
    Nobody,
}

/// What of a record must be as the log has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordPart {
    /// The member it is about.
    Member,
    /// The charter.
    Charter,
    /// What happened.
    Event,
    /// The status that results.
    Status,
    /// The keys it names, among which the one that is asked for must be.
    Key,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Claim => "claim",
            Self::Member => "member",
        })
    }
}

impl fmt::Display for LeadsTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Member => "a member",
            Self::Nobody => "no member",
        })
    }
}

impl fmt::Display for RecordPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Member => "member",
            Self::Charter => "charter",
            Self::Event => "event",
            Self::Status => "status",
            Self::Key => "key",
        })
    }
}

impl Refusal {
    /// The stable code of this refusal.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::File(_) => "malformed-proof",
            Self::Checkpoint => "malformed-checkpoint",
            Self::WrongOrigin { .. } => "wrong-origin",
            Self::OtherPolicy { .. } => "other-policy",
            Self::LogSignatureMissing => "log-signature-missing",
            Self::BadSignature(_) => "bad-signature",
            Self::SignedTwice(_) => "signed-twice",
            Self::ClockMissing => "clock-missing",
            Self::Stale { .. } => "stale",
            Self::Future { .. } => "future",
            Self::TooFewWitnesses => "too-few-witnesses",
            Self::NotTheLastEntry { .. } => "not-the-last-entry",
            Self::Entry(_) => "malformed-state",
            Self::NotAState => "not-a-state",
            Self::StateMisplaced { .. } => "state-misplaced",
            Self::StateAfterCosignature { .. } => "state-after-cosignature",
            Self::Inclusion => "not-included",
            Self::KeyList => "wrong-key-list",
            Self::MapPath { .. } => "malformed-map-path",
            Self::MapRoot(_) => "wrong-map-root",
            Self::WrongLeaf(_) => "wrong-leaf",
            Self::OtherQuestion(_) => "other-question",
            Self::Membership(_) => "wrong-membership",
            Self::MapInconsistent => "map-inconsistent",
            Self::RecordMissing => "record-missing",
            Self::RecordUnexpected => "record-unexpected",
            Self::RecordDigest => "wrong-record",
            Self::Record(_) => "record-not-authentic",
            Self::RecordMismatch(_) => "record-mismatch",
        }
    }
}
