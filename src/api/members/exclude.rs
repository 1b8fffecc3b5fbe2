//! `POST /v1/charters/{charter}/members/{id}/exclusion`

use std::collections::BTreeMap;

use actix_web::{
    HttpRequest, HttpResponse, post,
    web::{Data, Path},
};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    api::{
        Service,
        auth::Caller,
        body::Body,
        faults::Faults,
        problem::{
            ApiError,
            catalogue::{CHANGED, INVALID_BODY, MEMBER_UNKNOWN, MEMBERSHIP_STATUS},
            problems,
        },
        render,
        wire::{decision::DecisionView, member},
    },
    desk::memberships::exclude::{self, Exclude, ExcludeError},
    rules::{
        decision::{Ground, Reasons},
        id::MemberId,
        text::{Localized, Name, Slug},
    },
};

problems!(
    MEMBER_UNKNOWN,
    MEMBERSHIP_STATUS,
    CHANGED,
    INVALID_BODY,
    SECOND_REGISTRAR_MISSING,
    ALREADY_PROPOSED,
    IDEMPOTENCY_KEY_IN_USE,
    IDEMPOTENCY_KEY_REUSED,
    NOT_FOUND,
);

/// Why a member is to be excluded: what its public record will say.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "ground": "charter_violation",
    "clauses": ["B.5"],
    "statement": {"ru": "Доступ детей к вредному контенту не был ограничен.", "en": "Children's access to harmful content was not restricted."}
}))]
pub struct ExcludeBody {
    /// `charter_violation`, `law_violation`, `false_information`, `unreachable` or `dissolved`.
    ground: Ground,
    /// The clauses that were violated; needed for `charter_violation`.
    #[serde(default)]
    clauses: Vec<String>,
    /// The law that was violated; needed for `law_violation`.
    #[serde(default)]
    law: Option<String>,
    /// The statement by language, without personal data: it becomes public for ever.
    statement: BTreeMap<String, String>,
}

/// Propose to exclude a member.
///
/// Enters a decision; nothing changes until another registrar approves it with
/// `POST /v1/decisions/{id}/approval`. `If-Match` may name the state of the member that the proposal is about.
#[utoipa::path(
    tag = "members",
    params(
        ("charter" = String, Path, description = "The charter's slug", example = "digital-ethics-of-childhood"),
        ("id" = Uuid, Path, description = "The member's identifier"),
    ),
    request_body = ExcludeBody,
    responses((status = CREATED, description = "The decision, open", body = DecisionView), Problems),
)]
#[post("/v1/charters/{charter}/members/{id}/exclusion")]
pub async fn exclude_member(
    request: HttpRequest,
    service: Data<Service>,
    caller: Caller,
    path: Path<(Slug, Uuid)>,
    body: Body<ExcludeBody>,
) -> Result<HttpResponse, ApiError> {
    let (desk, call) = (service.desk.clone(), caller.request(&request, &body.bytes)?);
    let (charter, id) = path.into_inner();
    let command = Exclude {
        charter: charter.to_string(),
        member: MemberId(id),
        expected_index: render::expected(&request).map(member::index),
        reasons: reasons(body.value)?,
        by: caller.operator()?,
    };
    let decision = service
        .run(async move { exclude::propose(&desk, call, command).await })
        .await?;
    let shown = DecisionView::new(&decision, service.desk.base());
    render::created(&format!("/v1/decisions/{}", decision.id), None, &shown)
}

fn reasons(body: ExcludeBody) -> Result<Reasons, ApiError> {
    let mut faults = Faults::default();
    let law = faults.optional("/law", body.law.as_deref(), Name::parse);
    let statement = faults.part("/statement", Localized::parse(&body.statement));
    let reasons = statement.map(|statement| Reasons {
        ground: body.ground,
        clauses: body.clauses,
        law,
        statement,
    });
    faults.unless_any(reasons)
}

impl From<ExcludeError> for ApiError {
    fn from(error: ExcludeError) -> Self {
        let fault = |pointer: &str, code: &str, error: &ExcludeError| {
            let fault = crate::api::problem::InputError {
                pointer: pointer.to_owned(),
                code: code.to_owned(),
                detail: error.to_string(),
            };
            Self {
                errors: vec![fault],
                ..Self::refused(&INVALID_BODY, error)
            }
        };
        match error {
            ExcludeError::Unknown => Self::refused(&MEMBER_UNKNOWN, &error),
            ExcludeError::Changed => Self::refused(&CHANGED, &error),
            ExcludeError::NotNow(_) => Self::refused(&MEMBERSHIP_STATUS, &error),
            ExcludeError::NoGroundToExclude(_) => {
                fault("/ground", "not_a_ground_to_exclude", &error)
            }
            ExcludeError::ClauseMissing => fault("/clauses", "missing", &error),
            ExcludeError::ClauseUnknown { .. } => fault("/clauses", "unknown_clause", &error),
            ExcludeError::LawMissing => fault("/law", "missing", &error),
            ExcludeError::Propose(refusal) => refusal.into(),
            ExcludeError::Failed(failure) => failure.into(),
        }
    }
}
