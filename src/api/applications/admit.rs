//! `POST /v1/applications/{id}/admission`

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
        problem::{
            ApiError,
            catalogue::{
                ALREADY_PROPOSED, APPLICATION_STATE, APPLICATION_UNKNOWN, CHANGED, DOMAIN_MISSING,
                DOMAIN_PROOF_REQUIRED, KEY_MISSING, NOT_A_FOUNDER, NOTHING_TO_REASSIGN,
                PROPOSAL_STALE, RECUSED, SECOND_REGISTRAR_MISSING, UNREVIEWED_MATCH,
            },
            problems,
        },
        render,
        wire::decision::DecisionView,
    },
    desk::{
        decisions::ProposeError,
        memberships::admit::{self, Admit, AdmitError},
    },
    rules::id::{ApplicationId, MemberId},
};

problems!(
    APPLICATION_UNKNOWN,
    APPLICATION_STATE,
    CHANGED,
    NOT_A_FOUNDER,
    DOMAIN_MISSING,
    DOMAIN_PROOF_REQUIRED,
    KEY_MISSING,
    ALREADY_MEMBER,
    FORMER_MEMBER,
    NOTHING_TO_REASSIGN,
    RECUSED,
    UNREVIEWED_MATCH,
    SECOND_REGISTRAR_MISSING,
    ALREADY_PROPOSED,
    IDEMPOTENCY_KEY_IN_USE,
    IDEMPOTENCY_KEY_REUSED,
    NOT_FOUND,
);

/// How the organisation is to be admitted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"domainAttested": true}))]
pub struct AdmitBody {
    /// Whether it is one of the charter's founders; false when absent.
    #[serde(default)]
    founder: bool,
    /// Whether the registrar attests that it controls its domain; false when absent. Without it the domain does
    /// not become a key of the membership, and the record does not name it.
    #[serde(default)]
    domain_attested: bool,
    /// A former member, another organisation than this one, whose keys it takes over.
    #[serde(default)]
    reassign_from: Option<Uuid>,
}

/// Propose to admit the organisation.
///
/// Enters a decision; nothing changes until another registrar approves it with
/// `POST /v1/decisions/{id}/approval`. The memorandum must be signed. A key that a former member holds is had by
/// naming that member in `reassignFrom`; if the organisation is that member, propose its readmission instead.
#[utoipa::path(
    tag = "applications",
    params(("id" = Uuid, Path, description = "The application's identifier")),
    request_body = AdmitBody,
    responses((status = CREATED, description = "The decision, open", body = DecisionView), Problems),
)]
#[post("/v1/applications/{id}/admission")]
pub async fn admit_applicant(
    request: HttpRequest,
    service: Data<Service>,
    caller: Caller,
    path: Path<Uuid>,
    body: Body<AdmitBody>,
) -> Result<HttpResponse, ApiError> {
    let command = Admit {
        application: ApplicationId(path.into_inner()),
        expected_revision: render::expected(&request),
        founder: body.value.founder,
        domain_attested: body.value.domain_attested,
        reassign_from: body.value.reassign_from.map(MemberId),
        by: caller.operator()?,
    };
    let (desk, call) = (service.desk.clone(), caller.request(&request, &body.bytes)?);
    let decision = service
        .run(async move { admit::propose(&desk, call, command).await })
        .await?;
    let shown = DecisionView::new(&decision, service.desk.base());
    render::created(&format!("/v1/decisions/{}", decision.id), None, &shown)
}

impl From<AdmitError> for ApiError {
    fn from(error: AdmitError) -> Self {
        match error {
            AdmitError::Unknown => Self::refused(&APPLICATION_UNKNOWN, &error),
            AdmitError::Changed => Self::refused(&CHANGED, &error),
            AdmitError::NotNow(_) => Self::refused(&APPLICATION_STATE, &error),
            AdmitError::NotAFounder => Self::refused(&NOT_A_FOUNDER, &error),
            AdmitError::NoDomain => Self::refused(&DOMAIN_MISSING, &error),
            AdmitError::DomainProofRequired => Self::refused(&DOMAIN_PROOF_REQUIRED, &error),
            AdmitError::NoKey => Self::refused(&KEY_MISSING, &error),
            AdmitError::Unreviewed(_) => Self::refused(&UNREVIEWED_MATCH, &error),
            AdmitError::KeyConflict(conflict) => conflict.into(),
            AdmitError::NothingToReassign(_) => Self::refused(&NOTHING_TO_REASSIGN, &error),
            AdmitError::Stale => Self::refused(&PROPOSAL_STALE, &error),
            AdmitError::Propose(refusal) => refusal.into(),
            AdmitError::Failed(failure) => failure.into(),
        }
    }
}

impl From<ProposeError> for ApiError {
    fn from(error: ProposeError) -> Self {
        match error {
            ProposeError::SecondRegistrarMissing => {
                Self::refused(&SECOND_REGISTRAR_MISSING, &error)
            }
            ProposeError::Recused => Self::refused(&RECUSED, &error),
            ProposeError::AlreadyProposed(_) => Self::refused(&ALREADY_PROPOSED, &error),
            ProposeError::Failed(failure) => failure.into(),
        }
    }
}
