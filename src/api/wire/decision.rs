//! A decision in JSON.

use std::collections::BTreeMap;

use charter_proof::{canonical::Digest, identity::Base};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::organisation::by_language;
use crate::{
    rules::{
        decision::{Ground, Kind, Proposal, State},
        redaction::{self, Redaction},
    },
    storage::decisions::{Decision, Subject},
};

/// A decision: proposed by one registrar, approved or declined by another.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DecisionView {
    /// The decision's identifier.
    pub id: Uuid,
    /// What it does.
    pub kind: Kind,
    /// The charter's slug.
    pub charter: String,
    /// The application that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application: Option<Uuid>,
    /// The member that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member: Option<Uuid>,
    /// What is proposed.
    #[serde(flatten)]
    pub content: Content,
    /// What an approval must repeat: the digest of the proposal and of its subject as it stood.
    #[schema(value_type = String)]
    pub digest: Digest,
    /// Where it stands.
    pub state: State,
    /// The operator who proposed it.
    pub proposer: Uuid,
    /// When.
    pub proposed_at: DateTime<Utc>,
    /// The operator who approved or declined it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decider: Option<Uuid>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<DateTime<Utc>>,
    /// The address of the signed record that carried it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
}

/// What a decision proposes.
#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Content {
    /// Of an admission: whether it is one of the charter's founders.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub founder: Option<bool>,
    /// Of an admission or readmission: whether the registrar attests that it controls its domain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain_attested: Option<bool>,
    /// Why, where it rests on a ground.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ground: Option<Ground>,
    /// The clauses that were violated.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub clauses: Vec<String>,
    /// The law that was violated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub law: Option<String>,
    /// What the public record will say, by language.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub statement: BTreeMap<String, String>,
    /// Of a suspension: the day with whose beginning, in UTC, it ends by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
    /// Of a merger: the member that goes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub into: Option<Uuid>,
    /// The keys that it takes from a former member.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reassigned: Option<ReassignedView>,
    /// Of a redaction: what goes, and what stands in its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redaction: Option<RedactionView>,
}

/// Records whose documents go, and what stands in place of what they told.
#[derive(Debug, Serialize, ToSchema)]
pub struct RedactionView {
    /// The identifiers of the records.
    pub records: Vec<Uuid>,
    /// Why.
    pub ground: redaction::Ground,
    /// What the member is called from then on, by language; as before when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<BTreeMap<String, String>>,
    /// Its other names from then on; as before when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aliases: Option<Vec<String>>,
    /// What the record that follows says in place of the decision's statement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statement: Option<BTreeMap<String, String>>,
}

impl From<&Redaction> for RedactionView {
    fn from(redaction: &Redaction) -> Self {
        let aliases = redaction.aliases.as_ref();
        let aliases = aliases.map(|all| all.iter().map(ToString::to_string).collect());
        Self {
            records: redaction.records.iter().map(|record| record.0).collect(),
            ground: redaction.ground,
            name: redaction.name.as_ref().map(by_language),
            aliases,
            statement: redaction.statement.as_ref().map(by_language),
        }
    }
}

/// Keys that go from a former member to another.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReassignedView {
    /// The former member.
    pub from: Uuid,
    /// The keys.
    #[schema(example = json!(["domain:school.example"]))]
    pub claims: Vec<String>,
}

impl From<&Proposal> for Content {
    fn from(proposal: &Proposal) -> Self {
        let reasons = proposal.reasons();
        let mut content = Self {
            ground: reasons.map(|reasons| reasons.ground),
            clauses: reasons
                .map(|reasons| reasons.clauses.clone())
                .unwrap_or_default(),
            law: reasons
                .and_then(|reasons| reasons.law.as_ref())
                .map(ToString::to_string),
            statement: reasons
                .map(|reasons| by_language(&reasons.statement))
                .unwrap_or_default(),
            reassigned: proposal.reassigned().map(|reassigned| ReassignedView {
                from: reassigned.from.0,
                claims: reassigned.claims.clone(),
            }),
            ..Self::default()
        };
        match proposal {
            Proposal::Admission {
                founder,
                domain_attested,
                ..
            } => {
                content.founder = Some(*founder);
                content.domain_attested = Some(*domain_attested);
            }
            Proposal::Readmission {
                domain_attested, ..
            } => content.domain_attested = Some(*domain_attested),
            Proposal::Suspension { until, .. } => content.until = *until,
            Proposal::Merger { into, .. } => content.into = Some(into.0),
            Proposal::Redaction(redaction) => content.redaction = Some(redaction.into()),
            Proposal::Exclusion { .. }
            | Proposal::Reinstatement { .. }
            | Proposal::ClaimReassignment { .. } => {}
        }
        content
    }
}

impl DecisionView {
    /// The decision as the registry at `base` shows it.
    pub fn new(decision: &Decision, base: &Base) -> Self {
        let readmitted = match decision.proposal {
            Proposal::Readmission { member, .. } => Some(member.0),
            _ => None,
        };
        let (application, member) = match decision.subject {
            Subject::Application(id) => (Some(id.0), readmitted),
            Subject::Membership(id) => (None, Some(id.0)),
        };
        Self {
            id: decision.id.0,
            kind: decision.proposal.kind(),
            charter: decision.charter.clone(),
            application,
            member,
            content: Content::from(&decision.proposal),
            digest: decision.digest,
            state: decision.state,
            proposer: decision.proposer.0,
            proposed_at: decision.proposed_at,
            decider: decision.decided.map(|(decider, _)| decider.0),
            decided_at: decision.decided.map(|(_, at)| at),
            record: decision.record.map(|record| base.record_url(record.0)),
        }
    }
}
