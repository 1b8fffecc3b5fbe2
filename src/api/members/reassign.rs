//! `POST /v1/charters/{charter}/members/{id}/claim-reassignment`

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
        problem::{
            ApiError,
            catalogue::{
                DOMAIN_PROOF_REQUIRED, NOTHING_TO_REASSIGN, PROPOSAL_STALE, SEVERAL_HOLDERS,
                TOO_MANY_IDENTIFIERS,
            },
            problems,
        },
        render,
        wire::decision::DecisionView,
    },
    desk::memberships::reassign::{self, Reassign, ReassignError},
    rules::{
        claim::Claim,
        decision::{Ground, Reasons},
        organisation::Organisation,
        text::{Invalid, Slug},
    },
};

problems!(
    MEMBER_UNKNOWN,
    MEMBERSHIP_STATUS,
    CHANGED,
    INVALID_BODY,
    RECUSED,
    ALREADY_MEMBER,
    NOTHING_TO_REASSIGN,
    SEVERAL_HOLDERS,
    TOO_MANY_IDENTIFIERS,
    DOMAIN_PROOF_REQUIRED,
    SECOND_REGISTRAR_MISSING,
    ALREADY_PROPOSED,
    IDEMPOTENCY_KEY_IN_USE,
    IDEMPOTENCY_KEY_REUSED,
    NOT_FOUND,
);

/// Which keys of a former member a member is to hold, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "claims": ["domain:school.example"],
    "domainAttested": true,
    "ground": "dissolved",
    "statement": {"ru": "Прежний участник ликвидирован, домен передан.", "en": "The former member was dissolved and its domain passed on."}
}))]
pub struct ReassignBody {
    /// The keys, `domain:<host>` or `<SCHEME>:<value>`, all held by one former member; 1 to 11.
    claims: Vec<String>,
    /// Whether the registrar attests that the member controls the domain among them; false when absent.
    #[serde(default)]
    domain_attested: bool,
    /// `dissolved`, `error_corrected` or `own_request` (of the former holder).
    ground: Ground,
    /// The statement by language, without personal data: it becomes public for ever.
    statement: BTreeMap<String, String>,
}

/// Propose to reassign keys of a former member.
///
/// Enters a decision; nothing changes until another registrar approves it with
/// `POST /v1/decisions/{id}/approval`. Then `claim.reassigned` stands in the log for each key, and the member's
/// `amended` record names them. Keys of a present member are never reassigned: it gives them up by an amendment, or in
/// a merger. A domain takes the place of the one that the member had.
#[utoipa::path(
    tag = "members",
    params(
        ("charter" = String, Path, description = "The charter's slug", example = "digital-ethics-of-childhood"),
        ("id" = Uuid, Path, description = "The member's identifier"),
    ),
    request_body = ReassignBody,
    responses((status = CREATED, description = "The decision, open", body = DecisionView), Problems),
)]
#[post("/v1/charters/{charter}/members/{id}/claim-reassignment")]
pub async fn reassign_claims(
    request: HttpRequest,
    service: Data<Service>,
    caller: Caller,
    path: Path<(Slug, Uuid)>,
    body: Body<ReassignBody>,
) -> Result<HttpResponse, ApiError> {
    let (desk, call) = (service.desk.clone(), caller.request(&request, &body.bytes)?);
    let domain_attested = body.value.domain_attested;
    let (claims, reasons) = read(body.value)?;
    let command = Reassign {
        target: target(&request, path),
        claims,
        domain_attested,
        reasons,
        by: caller.operator()?,
    };
    let decision = service
        .run(async move { reassign::propose(&desk, call, command).await })
        .await?;
    let shown = DecisionView::new(&decision, service.desk.base());
    render::created(&format!("/v1/decisions/{}", decision.id), None, &shown)
}

/// The most keys that an organisation can have: its identifiers and a domain.
const MAX_CLAIMS: usize = Organisation::MAX_IDENTIFIERS + 1;

fn read(body: ReassignBody) -> Result<(Vec<Claim>, Reasons), ApiError> {
    let mut faults = Faults::default();
    let mut claims = Vec::new();
    if (1..=MAX_CLAIMS).contains(&body.claims.len()) {
        for (place, raw) in body.claims.iter().enumerate() {
            claims.extend(faults.field(&format!("/claims/{place}"), Claim::parse(raw)));
        }
    } else {
        let detail = format!("expected 1 to {MAX_CLAIMS} keys");
        faults.field("/claims", Err::<(), _>(Invalid::new("wrong_count", detail)));
    }
    let reasons = ReasonsBody {
        ground: body.ground,
        clauses: Vec::new(),
        law: None,
        statement: body.statement,
    };
    let reasons = reasons.parse(&mut faults);
    faults.unless_any(reasons.map(|reasons| (claims, reasons)))
}

impl From<ReassignError> for ApiError {
    fn from(error: ReassignError) -> Self {
        match error {
            ReassignError::Change(refusal) => refusal.into(),
            ReassignError::KeyConflict(conflict) => conflict.into(),
            ReassignError::NotHeld(_) => Self::refused(&NOTHING_TO_REASSIGN, &error),
            ReassignError::SeveralHolders => Self::refused(&SEVERAL_HOLDERS, &error),
            ReassignError::DomainNotAttested => Self::refused(&DOMAIN_PROOF_REQUIRED, &error),
            ReassignError::TooMany(refusal) => Self::refused(&TOO_MANY_IDENTIFIERS, &refusal),
            ReassignError::Stale => Self::refused(&PROPOSAL_STALE, &error),
            ReassignError::Failed(failure) => failure.into(),
        }
    }
}
