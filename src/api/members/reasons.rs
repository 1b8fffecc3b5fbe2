//! The reasons of a change, as a body gives them.

use std::collections::BTreeMap;

use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    api::{
        faults::Faults,
        problem::{ApiError, InputError},
    },
    desk::memberships::change::ReasonsError,
    rules::{
        decision::{Ground, Kind, Reasons},
        text::{Localized, Name},
    },
};

/// Why a membership is changed: what its public record will say.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "ground": "charter_violation",
    "clauses": ["B.5"],
    "statement": {"ru": "Доступ детей к вредному контенту не был ограничен.", "en": "Children's access to harmful content was not restricted."}
}))]
pub struct ReasonsBody {
    /// The ground, one that serves the decision: an exclusion rests on `charter_violation`, `law_violation`,
    /// `false_information`, `unreachable` or `dissolved`; a suspension on the first four or on `own_request`; a
    /// reinstatement on `appeal_upheld`, `error_corrected` or `own_request`.
    pub ground: Ground,
    /// The clauses that were violated; needed for `charter_violation`.
    #[serde(default)]
    pub clauses: Vec<String>,
    /// The law that was violated; needed for `law_violation`.
    #[serde(default)]
    pub law: Option<String>,
    /// The statement by language, without personal data: it becomes public for ever.
    pub statement: BTreeMap<String, String>,
}

impl ReasonsBody {
    /// The reasons, their faults noted.
    pub fn parse(self, faults: &mut Faults) -> Option<Reasons> {
        let law = faults.optional("/law", self.law.as_deref(), Name::parse);
        let statement = faults.part("/statement", Localized::parse(&self.statement));
        Some(Reasons {
            ground: self.ground,
            clauses: self.clauses,
            law,
            statement: statement?,
        })
    }

    /// The reasons alone.
    pub fn read(self) -> Result<Reasons, ApiError> {
        let mut faults = Faults::default();
        let reasons = self.parse(&mut faults);
        faults.unless_any(reasons)
    }
}

impl From<ReasonsError> for ApiError {
    fn from(error: ReasonsError) -> Self {
        let (pointer, code) = match &error {
            ReasonsError::NoGround { kind, .. } => ("/ground", no_ground(*kind)),
            ReasonsError::ClauseMissing => ("/clauses", "missing"),
            ReasonsError::ClauseUnknown { .. } => ("/clauses", "unknown_clause"),
            ReasonsError::LawMissing => ("/law", "missing"),
        };
        Self::invalid_body(vec![InputError {
            pointer: pointer.to_owned(),
            code: code.to_owned(),
            detail: error.to_string(),
        }])
    }
}

const fn no_ground(kind: Kind) -> &'static str {
    match kind {
        Kind::Exclusion => "not_a_ground_to_exclude",
        Kind::Suspension => "not_a_ground_to_suspend",
        Kind::Reinstatement => "not_a_ground_to_reinstate",
        Kind::ClaimReassignment => "not_a_ground_to_reassign",
        Kind::Admission | Kind::Readmission | Kind::Merger | Kind::Redaction => "no_ground",
    }
}
