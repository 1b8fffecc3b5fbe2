//! `POST /v1/charters/{charter}/members/{id}/suspension`

use std::collections::BTreeMap;

use actix_web::{
    HttpRequest, HttpResponse, post,
    web::{Data, Path},
};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{reasons::ReasonsBody, target};
use crate::{
    api::{
        Service,
        auth::Caller,
        body::Body,
        faults::Faults,
        problem::{ApiError, problems},
        render,
        wire::decision::DecisionView,
    },
    desk::memberships::suspend::{self, Suspend, SuspendError},
    rules::{
        day::Day,
        decision::{Ground, Reasons},
        text::{Invalid, Slug},
    },
};

problems!(
    MEMBER_UNKNOWN,
    MEMBERSHIP_STATUS,
    CHANGED,
    INVALID_BODY,
    RECUSED,
    SECOND_REGISTRAR_MISSING,
    ALREADY_PROPOSED,
    IDEMPOTENCY_KEY_IN_USE,
    IDEMPOTENCY_KEY_REUSED,
    NOT_FOUND,
);

/// Why and for how long a member is to be suspended.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "ground": "unreachable",
    "statement": {"ru": "Участник не отвечает на письма.", "en": "The member does not answer letters."},
    "until": "2027-03-01"
}))]
pub struct SuspendBody {
    /// `charter_violation`, `law_violation`, `false_information`, `unreachable` or `own_request`.
    ground: Ground,
    /// The clauses that were violated; needed for `charter_violation`.
    #[serde(default)]
    clauses: Vec<String>,
    /// The law that was violated; needed for `law_violation`.
    #[serde(default)]
    law: Option<String>,
    /// The statement by language, without personal data: it becomes public for ever.
    statement: BTreeMap<String, String>,
    /// The day with whose beginning, in UTC, the suspension ends by itself; without one it lasts until two registrars
    /// end it.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    until: Option<String>,
}

/// Propose to suspend a member.
///
/// Enters a decision; nothing changes until another registrar approves it with
/// `POST /v1/decisions/{id}/approval`. About a member that one registrar suspended urgently it confirms that
/// suspension: the member stays suspended, from then on for the term of this decision, and an `amended` record says
/// why.
#[utoipa::path(
    tag = "members",
    params(
        ("charter" = String, Path, description = "The charter's slug", example = "digital-ethics-of-childhood"),
        ("id" = Uuid, Path, description = "The member's identifier"),
    ),
    request_body = SuspendBody,
    responses((status = CREATED, description = "The decision, open", body = DecisionView), Problems),
)]
#[post("/v1/charters/{charter}/members/{id}/suspension")]
pub async fn suspend_member(
    request: HttpRequest,
    service: Data<Service>,
    caller: Caller,
    path: Path<(Slug, Uuid)>,
    body: Body<SuspendBody>,
) -> Result<HttpResponse, ApiError> {
    let (desk, call) = (service.desk.clone(), caller.request(&request, &body.bytes)?);
    let (reasons, until) = read(body.value)?;
    let command = Suspend {
        target: target(&request, path),
        reasons,
        until: until.map(|day| day.0),
        by: caller.operator()?,
    };
    let decision = service
        .run(async move { suspend::propose(&desk, call, command).await })
        .await?;
    let shown = DecisionView::new(&decision, service.desk.base());
    render::created(&format!("/v1/decisions/{}", decision.id), None, &shown)
}

fn read(body: SuspendBody) -> Result<(Reasons, Option<Day>), ApiError> {
    let mut faults = Faults::default();
    let until = faults.optional("/until", body.until.as_deref(), Day::parse);
    let reasons = ReasonsBody {
        ground: body.ground,
        clauses: body.clauses,
        law: body.law,
        statement: body.statement,
    };
    let reasons = reasons.parse(&mut faults);
    faults.unless_any(reasons.map(|reasons| (reasons, until)))
}

impl From<SuspendError> for ApiError {
    fn from(error: SuspendError) -> Self {
        match error {
            SuspendError::Change(refusal) => refusal.into(),
            SuspendError::TermPassed(_) => {
                let invalid = Invalid::new("in_the_past", error.to_string());
                Self::invalid_field("/until", invalid)
            }
            SuspendError::Failed(failure) => failure.into(),
        }
    }
}
