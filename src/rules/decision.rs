//! Decisions: what a registrar proposes, on what ground, and another approves.

use serde::{Deserialize, Serialize};

use super::{
    text::{Localized, Name, Prose},
    word::vocabulary,
};

vocabulary! {
    /// What a decision does.
    pub enum Kind ("kind of decision") {
        /// Admits the organisation of an application.
        Admission = "admission",
        /// Excludes a member.
        Exclusion = "exclusion",
    }
}

vocabulary! {
    /// Where a decision stands.
    pub enum State ("decision state") {
        /// Waits for a second registrar.
        Proposed = "proposed",
        /// Approved and carried out.
        Approved = "approved",
        /// Declined, or taken back by its proposer.
        Declined = "declined",
    }
}

vocabulary! {
    /// Why a member is excluded or leaves.
    pub enum Ground ("ground") {
        /// The charter was violated; names the clauses.
        CharterViolation = "charter_violation",
        /// A law was violated; names the law.
        LawViolation = "law_violation",
        /// The application was untrue.
        FalseInformation = "false_information",
        /// The member cannot be reached.
        Unreachable = "unreachable",
        /// The organisation exists no longer.
        Dissolved = "dissolved",
        /// The member asked for it.
        OwnRequest = "own_request",
        /// An appeal was upheld.
        AppealUpheld = "appeal_upheld",
        /// An error of the registry is put right.
        ErrorCorrected = "error_corrected",
    }
}

impl Ground {
    /// Whether a member may be excluded on this ground.
    pub const fn excludes(self) -> bool {
        matches!(
            self,
            Self::CharterViolation
                | Self::LawViolation
                | Self::FalseInformation
                | Self::Unreachable
                | Self::Dissolved
        )
    }
}

/// Why a member is excluded: what its public record will say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reasons {
    /// The ground.
    pub ground: Ground,
    /// The charter's clauses that were violated; never empty for [`Ground::CharterViolation`].
    pub clauses: Vec<String>,
    /// The law that was violated; present for [`Ground::LawViolation`].
    pub law: Option<Name>,
    /// The statement, by language.
    pub statement: Localized<Prose>,
}

/// What a registrar proposes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum Proposal {
    /// To admit the organisation of an application.
    #[serde(rename_all = "camelCase")]
    Admission {
        /// Whether it is one of the charter's founders.
        founder: bool,
        /// Whether the registrar attests that the applicant controls the domain.
        domain_attested: bool,
    },
    /// To exclude a member.
    Exclusion {
        /// Why.
        reasons: Reasons,
    },
}

impl Proposal {
    /// What the decision does.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Admission { .. } => Kind::Admission,
            Self::Exclusion { .. } => Kind::Exclusion,
        }
    }
}
