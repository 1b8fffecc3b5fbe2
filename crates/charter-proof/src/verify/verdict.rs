//! What a membership proof shows.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::entry::Status;
use crate::record::LanguageTagged;

/// What a proof shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// What the key stands for.
    pub standing: Standing,
    /// At which time this was the registry's newest word.
    pub as_of: DateTime<Utc>,
    /// On whose word.
    pub word: Word,
    /// The member that the key leads to.
    pub member: Option<Uuid>,
    /// The organisation's names; none where there is no member or its record was withheld.
    pub names: Vec<LanguageTagged>,
    /// The member's newest record was removed.
    pub record_withheld: bool,
    /// The number of entries of the log that this is by.
    pub size: u64,
    /// The index of the entry that last changed this.
    pub event: Option<u64>,
}

/// What a key stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// A member.
    Active,
    /// A member whose rights rest.
    Suspended,
    /// No longer a member, by decision.
    Excluded,
    /// No longer a member, by its own wish.
    Withdrawn,
    /// A member held this key and gave it up; nobody holds it.
    Released,
    /// Nobody ever held this key.
    Never,
}

impl Standing {
    /// The word for it: `active`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Excluded => "excluded",
            Self::Withdrawn => "withdrawn",
            Self::Released => "released",
            Self::Never => "never",
        }
    }
}

impl From<Status> for Standing {
    fn from(status: Status) -> Self {
        match status {
            Status::Active => Self::Active,
            Status::Suspended => Self::Suspended,
            Status::Excluded => Self::Excluded,
            Status::Withdrawn => Self::Withdrawn,
        }
    }
}

/// On whose word a verdict stands, the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Word {
    /// Enough independent witnesses recomputed the map.
    Witnessed,
    /// The registry's own.
    Registry,
    /// Witnesses' alone, without the registry's clock.
    Mirrors,
}

impl Word {
    /// The word for it: `witnessed`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Witnessed => "witnessed",
            Self::Registry => "registry",
            Self::Mirrors => "mirrors",
        }
    }
}
