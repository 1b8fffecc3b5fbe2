//! A decision in JSON.

use std::collections::BTreeMap;

use charter_proof::{canonical::Digest, identity::Base};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::organisation::by_language;
use crate::{
    rules::decision::{Ground, Kind, Proposal, State},
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
    /// The application that it admits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application: Option<Uuid>,
    /// The member that it excludes.
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
    /// Of an admission: whether the registrar attests that it controls its domain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain_attested: Option<bool>,
    /// Of an exclusion: why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ground: Option<Ground>,
    /// Of an exclusion: the clauses that were violated.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub clauses: Vec<String>,
    /// Of an exclusion: the law that was violated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub law: Option<String>,
    /// Of an exclusion: what the public record will say, by language.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub statement: BTreeMap<String, String>,
}

impl From<&Proposal> for Content {
    fn from(proposal: &Proposal) -> Self {
        match proposal {
            Proposal::Admission {
                founder,
                domain_attested,
            } => Self {
                founder: Some(*founder),
                domain_attested: Some(*domain_attested),
                ..Self::default()
            },
            Proposal::Exclusion { reasons } => Self {
                ground: Some(reasons.ground),
                clauses: reasons.clauses.clone(),
                law: reasons.law.as_ref().map(ToString::to_string),
                statement: by_language(&reasons.statement),
                ..Self::default()
            },
        }
    }
}

impl DecisionView {
    /// The decision as the registry at `base` shows it.
    pub fn new(decision: &Decision, base: &Base) -> Self {
        let (application, member) = match decision.subject {
            Subject::Application(id) => (Some(id.0), None),
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
