//! What of a log's rules an entry breaks.

use crate::entry::EntryError;

/// The first entry that breaks the log's rules.
#[derive(Debug, thiserror::Error)]
#[error("entry {index}: {fault}")]
pub struct Broken {
    /// Its index.
    pub index: u64,
    /// What it breaks.
    #[source]
    pub fault: Fault,
}

/// A rule that an entry breaks.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The bytes are no entry.
    #[error("{0}")]
    Entry(#[from] EntryError),
    /// Time went backwards.
    #[error("it is older than the entry before it")]
    Time,
    /// The log does not begin with `log.created`, or has it once more.
    #[error("log.created is the first entry, and no other")]
    Beginning,
    /// A claim was reassigned, and the new holder's own entry does not follow.
    #[error(
        "the entry of the member that the reassigned claim goes to must follow at once and name it"
    )]
    Awaited,
    /// A change that does not follow from what the member was.
    #[error("this change does not follow from what the member was")]
    Transition,
    /// The member's entry before was not at hand, or is not the one.
    #[error("the member's entry before is missing")]
    Earlier,
    /// It names a claim that another member holds.
    #[error("it names a claim that another member holds")]
    ClaimHeld,
    /// It does not name the claims that the member holds, and is of a kind that cannot change them.
    #[error(
        "it does not name exactly the claims that the member holds, and only amended and readmitted may drop one"
    )]
    ClaimsChanged,
    /// A claim is taken from somebody who does not hold it, or who gets it.
    #[error("it takes a claim from a member that does not hold it")]
    NotTheHolder,
    /// A rotation that is not signed by both keys, or replaces a key that does not sign, or by one that was there.
    #[error(
        "the rotation is not signed by both keys, or the old one does not sign, or the new one was there before"
    )]
    Rotation,
    /// A compromised key that the registry never had, or a replacement that it had.
    #[error("the compromised key is none of the registry's, or its replacement was there before")]
    Compromise,
    /// The state entry says something else than what everything before comes to.
    #[error("the state entry does not say what the entries before it come to")]
    State,
    /// There is no room in the map.
    #[error("the membership map is full")]
    Full,
}
