//! Decisions: what a registrar proposes, on what ground, and another approves.

use serde::{Deserialize, Serialize};

use chrono::NaiveDate;

use super::{
    id::MemberId,
    redaction::Redaction,
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
        /// Suspends a member, with a term or without.
        Suspension = "suspension",
        /// Ends a suspension.
        Reinstatement = "reinstatement",
        /// Continues the membership of a former member by a new application.
        Readmission = "readmission",
        /// Gives a member keys that a former member holds.
        ClaimReassignment = "claim_reassignment",
        /// Merges a member into another one.
        Merger = "merger",
        /// Removes a record's document. An administrator proposes it, one registrar approves.
        Redaction = "redaction",
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
    /// Why a membership is changed or ends.
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
    /// Whether a decision of this kind may rest on this ground.
    ///
    /// Admissions and readmissions rest on an application, redactions on grounds of their own.
    pub const fn serves(self, kind: Kind) -> bool {
        use Ground::{
            AppealUpheld, CharterViolation, Dissolved, ErrorCorrected, FalseInformation,
            LawViolation, OwnRequest, Unreachable,
        };
        match kind {
            Kind::Admission | Kind::Readmission | Kind::Redaction => false,
            Kind::Exclusion => matches!(
                self,
                CharterViolation | LawViolation | FalseInformation | Unreachable | Dissolved
            ),
            Kind::Suspension => matches!(
                self,
                CharterViolation | LawViolation | FalseInformation | Unreachable | OwnRequest
            ),
            Kind::Reinstatement => matches!(self, AppealUpheld | ErrorCorrected | OwnRequest),
            Kind::ClaimReassignment => matches!(self, Dissolved | ErrorCorrected | OwnRequest),
            Kind::Merger => matches!(self, Dissolved),
        }
    }
}

/// Why a membership is changed: what its public record will say.
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

impl Reasons {
    /// Forgets every text; the ground and the clauses stay.
    pub fn omit_texts(&mut self) {
        self.statement = self.statement.all_as(&Prose::omitted());
        if let Some(law) = &mut self.law {
            *law = Name::omitted();
        }
    }
}

/// Keys that a former member holds, and that go to another member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reassigned {
    /// The former member.
    pub from: MemberId,
    /// The keys, sorted, each once.
    pub claims: Vec<String>,
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
        /// The keys that it takes over from a former member.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reassigned: Option<Reassigned>,
    },
    /// To exclude a member.
    Exclusion {
        /// Why.
        reasons: Reasons,
    },
    /// To suspend a member.
    Suspension {
        /// Why.
        reasons: Reasons,
        /// The day with whose beginning, in UTC, the suspension ends by itself.
        until: Option<NaiveDate>,
    },
    /// To end a suspension.
    Reinstatement {
        /// Why.
        reasons: Reasons,
    },
    /// To continue a membership by the application.
    #[serde(rename_all = "camelCase")]
    Readmission {
        /// The former member.
        member: MemberId,
        /// Whether the registrar attests that the applicant controls the domain.
        domain_attested: bool,
        /// The keys that it takes over from another former member.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reassigned: Option<Reassigned>,
    },
    /// To give a member keys of a former one.
    ClaimReassignment {
        /// The keys and who holds them.
        reassigned: Reassigned,
        /// Why.
        reasons: Reasons,
    },
    /// To merge a member into another one.
    Merger {
        /// The member that goes on.
        into: MemberId,
        /// Why.
        reasons: Reasons,
    },
    /// To remove records' documents.
    Redaction(Redaction),
}

impl Proposal {
    /// What the decision does.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Admission { .. } => Kind::Admission,
            Self::Exclusion { .. } => Kind::Exclusion,
            Self::Suspension { .. } => Kind::Suspension,
            Self::Reinstatement { .. } => Kind::Reinstatement,
            Self::Readmission { .. } => Kind::Readmission,
            Self::ClaimReassignment { .. } => Kind::ClaimReassignment,
            Self::Merger { .. } => Kind::Merger,
            Self::Redaction(_) => Kind::Redaction,
        }
    }

    /// Why, where the proposal rests on a ground.
    pub const fn reasons(&self) -> Option<&Reasons> {
        match self {
            Self::Admission { .. } | Self::Readmission { .. } | Self::Redaction(_) => None,
            Self::Exclusion { reasons }
            | Self::Suspension { reasons, .. }
            | Self::Reinstatement { reasons }
            | Self::ClaimReassignment { reasons, .. }
            | Self::Merger { reasons, .. } => Some(reasons),
        }
    }

    /// Forgets every text that it would make public, or has.
    pub fn omit_texts(&mut self) {
        match self {
            Self::Admission { .. } | Self::Readmission { .. } => {}
            Self::Exclusion { reasons }
            | Self::Suspension { reasons, .. }
            | Self::Reinstatement { reasons }
            | Self::ClaimReassignment { reasons, .. }
            | Self::Merger { reasons, .. } => reasons.omit_texts(),
            Self::Redaction(redaction) => redaction.omit_texts(),
        }
    }

    /// The keys that go from a former member to the one that the proposal is about.
    pub const fn reassigned(&self) -> Option<&Reassigned> {
        match self {
            Self::Admission { reassigned, .. } | Self::Readmission { reassigned, .. } => {
                reassigned.as_ref()
            }
            Self::ClaimReassignment { reassigned, .. } => Some(reassigned),
            Self::Exclusion { .. }
            | Self::Suspension { .. }
            | Self::Reinstatement { .. }
            | Self::Redaction(_)
            | Self::Merger { .. } => None,
        }
    }

    /// The memberships that it changes or takes from, beside its subject.
    pub fn members(&self) -> Vec<MemberId> {
        let own = match self {
            Self::Readmission { member, .. } => Some(*member),
            Self::Merger { into, .. } => Some(*into),
            _ => None,
        };
        let former = self.reassigned().map(|reassigned| reassigned.from);
        own.into_iter().chain(former).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{super::word::Word, Ground, Kind};

    /// Every ground × every kind of decision.
    #[test]
    fn every_ground_serves_the_decisions_of_the_table() {
        use Kind::{ClaimReassignment, Exclusion, Merger, Reinstatement, Suspension};
        for &ground in Ground::all() {
            let expected: &[Kind] = match ground {
                Ground::CharterViolation
                | Ground::LawViolation
                | Ground::FalseInformation
                | Ground::Unreachable => &[Exclusion, Suspension],
                Ground::Dissolved => &[Exclusion, ClaimReassignment, Merger],
                Ground::OwnRequest => &[Suspension, Reinstatement, ClaimReassignment],
                Ground::AppealUpheld => &[Reinstatement],
                Ground::ErrorCorrected => &[Reinstatement, ClaimReassignment],
            };
            let found: Vec<Kind> = Kind::all()
                .iter()
                .copied()
                .filter(|kind| ground.serves(*kind))
                .collect();
            assert_eq!(found, expected, "{ground}");
        }
    }
}
