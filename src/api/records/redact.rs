//! `POST /v1/records/{id}/redaction`

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
            catalogue::{RECORD_REDACTED, RECORD_UNKNOWN},
            problems,
        },
        render,
        wire::decision::DecisionView,
    },
    desk::memberships::redact::{self, Redact, RedactError},
    rules::{
        id::RecordId,
        organisation::Organisation,
        redaction::{Ground, Redaction},
        text::{Invalid, Localized, Name},
    },
};

problems!(
    RECORD_UNKNOWN,
    RECORD_REDACTED,
    INVALID_BODY,
    SECOND_REGISTRAR_MISSING,
    ALREADY_PROPOSED,
    IDEMPOTENCY_KEY_IN_USE,
    IDEMPOTENCY_KEY_REUSED,
    NOT_FOUND,
);

/// The most records that one proposal names.
const MOST: usize = 100;

/// What is to go, and what stands in its place.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "ground": "personal_data",
    "statement": {"ru": "Доступ детей к вредному контенту не был ограничен."}
}))]
pub struct RedactionBody {
    /// Why; it stands in the public log for ever.
    ground: Ground,
    /// Other records of the same member that are redacted with it, at most 99.
    #[serde(default)]
    also: Vec<Uuid>,
    /// What the member is called from then on, by language; as before when absent. Records that call it by a name that
    /// it loses are redacted with it.
    #[serde(default)]
    name: Option<BTreeMap<String, String>>,
    /// Its other names from then on; as before when absent.
    #[serde(default)]
    aliases: Option<Vec<String>>,
    /// What the record that follows says in place of the decision's statement; without it, that has no decision.
    #[serde(default)]
    statement: Option<BTreeMap<String, String>>,
}

impl RedactionBody {
    fn read(self, record: RecordId) -> Result<Redaction, ApiError> {
        let mut faults = Faults::default();
        let name = self
            .name
            .map(|name| faults.part("/name", Localized::parse(&name)));
        let statement = self
            .statement
            .map(|text| faults.part("/statement", Localized::parse(&text)));
        let aliases = self.aliases.map(|raw| aliases(&raw, &mut faults));
        let mut records = vec![record];
        for id in self.also.into_iter().map(RecordId) {
            if !records.contains(&id) {
                records.push(id);
            }
        }
        if records.len() > MOST {
            let invalid = Invalid::new("too_many", format!("expected at most {}", MOST - 1));
            faults.field::<()>("/also", Err(invalid));
        }
        let redaction = Redaction {
            records,
            ground: self.ground,
            name: name.flatten(),
            aliases,
            statement: statement.flatten(),
        };
        faults.unless_any(Some(redaction))
    }
}

fn aliases(raw: &[String], faults: &mut Faults) -> Vec<Name> {
    let mut aliases: Vec<Name> = Vec::new();
    for (place, raw) in raw.iter().enumerate() {
        let alias = faults.field(&format!("/aliases/{place}"), Name::parse(raw));
        aliases.extend(alias.filter(|alias| !aliases.contains(alias)));
    }
    if aliases.len() > Organisation::MAX_ALIASES {
        let most = format!("expected at most {}", Organisation::MAX_ALIASES);
        faults.field::<()>("/aliases", Err(Invalid::new("too_many", most)));
    }
    aliases
}

/// Propose to redact a record.
///
/// For what turns out to tell of a person, or must not be public for another reason. Enters a decision; nothing changes
/// until a registrar approves it with `POST /v1/decisions/{id}/approval`. Then the record's document goes from
/// everywhere, its address answers 410, and the log keeps its digest and says `record.redacted`. If the membership
/// lives, an `amended` record without the text follows at once; if it has ended, proofs say "record withheld".
#[utoipa::path(
    tag = "records",
    params(("id" = Uuid, Path, description = "The record's identifier")),
    request_body = RedactionBody,
    responses((status = CREATED, description = "The decision, open", body = DecisionView), Problems),
)]
#[post("/v1/records/{id}/redaction")]
pub async fn redact_record(
    request: HttpRequest,
    service: Data<Service>,
    caller: Caller,
    path: Path<Uuid>,
    body: Body<RedactionBody>,
) -> Result<HttpResponse, ApiError> {
    let (desk, call) = (service.desk.clone(), caller.request(&request, &body.bytes)?);
    let command = Redact {
        redaction: body.value.read(RecordId(path.into_inner()))?,
        by: caller.operator()?,
    };
    let decision = service
        .run(async move { redact::propose(&desk, call, command).await })
        .await?;
    let shown = DecisionView::new(&decision, service.desk.base());
    render::created(&format!("/v1/decisions/{}", decision.id), None, &shown)
}

impl From<RedactError> for ApiError {
    fn from(error: RedactError) -> Self {
        let at =
            |pointer, code| Self::invalid_field(pointer, Invalid::new(code, error.to_string()));
        match error {
            RedactError::Unknown(_) => Self::refused(&RECORD_UNKNOWN, &error),
            RedactError::Gone(_) => Self::refused(&RECORD_REDACTED, &error),
            RedactError::AnotherMember(_) => at("/also", "another_member"),
            RedactError::NoStatement => at("/statement", "no_statement"),
            RedactError::Ended => at("/statement", "membership_ended"),
            RedactError::Propose(refusal) => refusal.into(),
            RedactError::Failed(failure) => failure.into(),
        }
    }
}
