//! `PATCH /v1/charters/{charter}/members/{id}`

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    patch,
    web::{Data, Path},
};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    api::{
        Service,
        auth::Caller,
        body::{self, Body},
        problem::{
            ApiError, InputError,
            catalogue::{
                ALREADY_MEMBER, CATEGORY_NOT_ACCEPTED, CHANGED, COUNTRY_NOT_ACCEPTED,
                DOMAIN_PROOF_REQUIRED, FORMER_MEMBER, MEMBER_UNKNOWN, MEMBERSHIP_STATUS, NO_CHANGE,
                RECUSED,
            },
            problems,
        },
        render,
        wire::{
            member::{self, Member, revision},
            organisation::OrganisationBody,
        },
    },
    desk::memberships::{
        KeyConflict,
        amend::{self, Amend, AmendError},
    },
    rules::{
        id::MemberId,
        organisation::Organisation,
        text::{FieldError, Invalid, Slug},
    },
};

problems!(
    MEMBER_UNKNOWN,
    MEMBERSHIP_STATUS,
    CHANGED,
    PRECONDITION_REQUIRED,
    NO_CHANGE,
    RECUSED,
    CATEGORY_NOT_ACCEPTED,
    COUNTRY_NOT_ACCEPTED,
    DOMAIN_PROOF_REQUIRED,
    ALREADY_MEMBER,
    FORMER_MEMBER,
    IDEMPOTENCY_KEY_IN_USE,
    IDEMPOTENCY_KEY_REUSED,
    NOT_FOUND,
);

/// What is to change: any fields of an organisation, as a merge patch (RFC 7396).
#[derive(ToSchema)]
#[schema(value_type = Object)]
#[expect(dead_code, reason = "it only documents the body")]
pub struct AmendBody(Value);

/// Amend a member.
///
/// A merge patch (RFC 7396): absent fields stay, null removes, `name` is merged by language. `domainAttested`
/// accompanies a new `domain`: the registrar attests that the member controls it. With `formerNameKept` a member that
/// was renamed keeps its former names as aliases, by which it is still found. `If-Match` is needed. Keys
/// that the member gives up become free; a new key must be nobody else's.
#[utoipa::path(
    tag = "members",
    params(
        ("charter" = String, Path, description = "The charter's slug", example = "digital-ethics-of-childhood"),
        ("id" = Uuid, Path, description = "The member's identifier"),
        ("If-Match" = String, Header, description = "The ETag of the member as you read it"),
    ),
    request_body(
        content = AmendBody,
        content_type = "application/merge-patch+json",
        example = json!({"aliases": ["Школа № 1"], "website": null, "name": {"en": "First School"}}),
    ),
    responses((status = OK, description = "The member as amended", body = Member), Problems),
)]
#[patch("/v1/charters/{charter}/members/{id}")]
pub async fn amend_member(
    request: HttpRequest,
    service: Data<Service>,
    caller: Caller,
    path: Path<(Slug, Uuid)>,
    body: Body<Map<String, Value>>,
) -> Result<HttpResponse, ApiError> {
    let expected_index = member::index(render::required(&request)?);
    let call = caller.request(&request, &body.bytes)?;
    let mut fields = body.value;
    let domain_attested = flag(&mut fields, "domainAttested")?;
    let former_name_kept = flag(&mut fields, "formerNameKept")?;
    let (desk, (charter, id)) = (service.desk.clone(), path.into_inner());
    let command = Amend {
        charter: charter.to_string(),
        member: MemberId(id),
        expected_index,
        change: move |old: &Organisation| merged(old, fields),
        domain_attested,
        former_name_kept,
    };
    let amended = service
        .run(async move { amend::amend(&desk, call, command).await })
        .await?;
    render::changed(
        StatusCode::OK,
        revision(&amended),
        &Member::new(&amended, service.desk.base()),
    )
}

/// Takes a field out of the patch that is about the amendment, not about the organisation.
fn flag(patch: &mut Map<String, Value>, name: &str) -> Result<bool, ApiError> {
    match patch.remove(name) {
        None => Ok(false),
        Some(Value::Bool(value)) => Ok(value),
        Some(_) => {
            let invalid = Invalid::new("wrong_type", "expected true or false");
            Err(ApiError::invalid_field(&format!("/{name}"), invalid))
        }
    }
}

/// The organisation with the patch applied.
fn merged(old: &Organisation, patch: Map<String, Value>) -> Result<Organisation, Vec<InputError>> {
    let mut document = serde_json::to_value(OrganisationBody::from(old)).unwrap_or_default();
    merge(&mut document, Value::Object(patch));
    let body: OrganisationBody = body::from_value(document).map_err(|error| error.errors)?;
    let of_rules = |faults: Vec<FieldError>| faults.into_iter().map(Into::into).collect();
    Organisation::parse(body.into()).map_err(of_rules)
}

/// Applies a merge patch, RFC 7396 §2.
pub fn merge(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(target) = target else {
        return;
    };
    for (key, value) in patch {
        if value.is_null() {
            target.remove(&key);
        } else {
            merge(target.entry(key).or_insert(Value::Null), value);
        }
    }
}

impl From<AmendError<InputError>> for ApiError {
    fn from(error: AmendError<InputError>) -> Self {
        match error {
            AmendError::Unknown => Self::refused(&MEMBER_UNKNOWN, &error),
            AmendError::Changed => Self::refused(&CHANGED, &error),
            AmendError::NotNow(_) => Self::refused(&MEMBERSHIP_STATUS, &error),
            AmendError::Invalid(faults) => Self::invalid_body(faults),
            AmendError::Recused => Self::refused(&RECUSED, &error),
            AmendError::NoChange => Self::refused(&NO_CHANGE, &error),
            AmendError::CategoryNotAccepted(_) => Self::refused(&CATEGORY_NOT_ACCEPTED, &error),
            AmendError::CountryNotAccepted(_) => Self::refused(&COUNTRY_NOT_ACCEPTED, &error),
            AmendError::DomainRequired | AmendError::DomainNotAttested => {
                Self::refused(&DOMAIN_PROOF_REQUIRED, &error)
            }
            AmendError::KeyConflict(conflict) => conflict.into(),
            AmendError::Failed(failure) => failure.into(),
        }
    }
}

impl From<KeyConflict> for ApiError {
    fn from(conflict: KeyConflict) -> Self {
        match conflict {
            KeyConflict::Taken(_) => Self::refused(&ALREADY_MEMBER, &conflict),
            KeyConflict::FormerMember { .. } => Self::refused(&FORMER_MEMBER, &conflict),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::merge;

    /// The examples of RFC 7396, Appendix A.
    #[test]
    fn a_merge_patch_does_what_the_rfc_says() {
        let cases = [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (
                json!({"a": "b"}),
                json!({"b": "c"}),
                json!({"a": "b", "b": "c"}),
            ),
            (json!({"a": "b"}), json!({"a": null}), json!({})),
            (
                json!({"a": "b", "b": "c"}),
                json!({"a": null}),
                json!({"b": "c"}),
            ),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "c"}), json!({"a": ["b"]}), json!({"a": ["b"]})),
            (
                json!({"a": {"b": "c"}}),
                json!({"a": {"b": "d", "c": null}}),
                json!({"a": {"b": "d"}}),
            ),
            (
                json!({"a": [{"b": "c"}]}),
                json!({"a": [1]}),
                json!({"a": [1]}),
            ),
            (
                json!({"e": null}),
                json!({"a": 1}),
                json!({"e": null, "a": 1}),
            ),
            (
                json!({}),
                json!({"a": {"bb": {"ccc": null}}}),
                json!({"a": {"bb": {}}}),
            ),
        ];
        for (mut target, patch, result) in cases {
            merge(&mut target, patch.clone());
            assert_eq!(target, result, "{patch}");
        }
    }
}
