//! The table itself.

use actix_web::http::Method;

use super::{Access, Endpoint, PUBLIC};
use crate::rules::role::Role::{self, Administrator, Auditor, Clerk, Registrar};

/// Anybody may apply; a partner's application is its own, an operator's is entered by a clerk.
const APPLY: Access = Access {
    anybody: true,
    applicant: false,
    partner: true,
    roles: &[Clerk],
};

/// The contact person confirms by the token of a letter and no other; a clerk by word.
const CONFIRM: Access = Access {
    anybody: true,
    applicant: false,
    partner: false,
    roles: &[Clerk],
};

/// Who sees an application.
const PARTIES: Access = Access {
    anybody: false,
    applicant: true,
    partner: true,
    roles: &[Auditor, Clerk, Registrar],
};

/// Who may see whom to speak to: an auditor reads the audit of these looks instead.
const CONTACT: Access = Access {
    anybody: false,
    applicant: true,
    partner: true,
    roles: &[Clerk, Registrar],
};

/// Who may be told all that is held about the persons of an application, and have it erased: themselves, and the
/// secretariat when they ask it.
const PERSONS: Access = Access {
    anybody: false,
    applicant: true,
    partner: false,
    roles: &[Clerk, Registrar],
};

/// Who acts for the applicant.
const APPLICANT: Access = Access {
    anybody: false,
    applicant: true,
    partner: true,
    roles: &[Clerk],
};

/// A partner sees its own applications, the secretariat all of them.
const QUEUE: Access = Access {
    anybody: false,
    applicant: false,
    partner: true,
    roles: &[Auditor, Clerk, Registrar],
};

/// Operators of these roles, and nobody else.
const fn only(roles: &'static [Role]) -> Access {
    Access {
        anybody: false,
        applicant: false,
        partner: false,
        roles,
    }
}

const fn endpoint(method: Method, path: &'static str, access: Access) -> Endpoint {
    Endpoint {
        method,
        path,
        access,
    }
}

/// Every endpoint.
pub const ENDPOINTS: &[Endpoint] = &[
    endpoint(Method::POST, "/authorization", PUBLIC),
    endpoint(Method::POST, "/recognition", PUBLIC),
    endpoint(Method::GET, "/v1/charters", PUBLIC),
    endpoint(Method::POST, "/v1/charters", only(&[Administrator])),
    endpoint(Method::GET, "/v1/charters/{charter}", PUBLIC),
    endpoint(Method::GET, "/v1/charters/{charter}/versions", PUBLIC),
    endpoint(
        Method::GET,
        "/v1/charters/{charter}/versions/{version}",
        PUBLIC,
    ),
    endpoint(Method::GET, "/v1/charters/{charter}/memorandum", PUBLIC),
    endpoint(Method::GET, "/v1/charters/{charter}/events.atom", PUBLIC),
    endpoint(
        Method::GET,
        "/v1/charters/{charter}/members/{id}/events.atom",
        PUBLIC,
    ),
    endpoint(Method::GET, "/v1/charters/{charter}/members", PUBLIC),
    endpoint(Method::GET, "/v1/charters/{charter}/members.ndjson", PUBLIC),
    endpoint(Method::GET, "/v1/charters/{charter}/members.csv", PUBLIC),
    endpoint(Method::GET, "/v1/charters/{charter}/members.jsonld", PUBLIC),
    endpoint(Method::GET, "/v1/charters/{charter}/members/{id}", PUBLIC),
    endpoint(
        Method::PATCH,
        "/v1/charters/{charter}/members/{id}",
        only(&[Registrar]),
    ),
    endpoint(
        Method::GET,
        "/v1/charters/{charter}/members/{id}/history",
        PUBLIC,
    ),
    endpoint(
        Method::GET,
        "/v1/charters/{charter}/members/{id}/record",
        PUBLIC,
    ),
    endpoint(
        Method::GET,
        "/v1/charters/{charter}/members/{id}/credential",
        PUBLIC,
    ),
    endpoint(
        Method::POST,
        "/v1/charters/{charter}/members/{id}/exclusion",
        only(&[Registrar]),
    ),
    endpoint(
        Method::POST,
        "/v1/charters/{charter}/members/{id}/withdrawal",
        only(&[Registrar]),
    ),
    endpoint(
        Method::POST,
        "/v1/charters/{charter}/members/{id}/suspension",
        only(&[Registrar]),
    ),
    endpoint(
        Method::POST,
        "/v1/charters/{charter}/members/{id}/urgent-suspension",
        only(&[Registrar]),
    ),
    endpoint(
        Method::POST,
        "/v1/charters/{charter}/members/{id}/reinstatement",
        only(&[Registrar]),
    ),
    endpoint(
        Method::POST,
        "/v1/charters/{charter}/members/{id}/claim-reassignment",
        only(&[Registrar]),
    ),
    endpoint(
        Method::POST,
        "/v1/charters/{charter}/members/{id}/merger",
        only(&[Registrar]),
    ),
    endpoint(
        Method::POST,
        "/v1/charters/{charter}/members/{id}/recusal",
        only(&[Registrar]),
    ),
    endpoint(
        Method::POST,
        "/v1/records/{id}/redaction",
        only(&[Administrator]),
    ),
    endpoint(Method::POST, "/v1/charters/{charter}/applications", APPLY),
    endpoint(Method::GET, "/v1/applications", QUEUE),
    endpoint(Method::GET, "/v1/applications/{id}", PARTIES),
    endpoint(Method::GET, "/v1/applications/{id}/contact", CONTACT),
    endpoint(Method::GET, "/v1/applications/{id}/personal-data", PERSONS),
    endpoint(Method::POST, "/v1/applications/{id}/erasure", PERSONS),
    endpoint(Method::GET, "/v1/applications/{id}/memorandum", PARTIES),
    endpoint(
        Method::POST,
        "/v1/applications/{id}/memorandum",
        only(&[Clerk]),
    ),
    endpoint(
        Method::GET,
        "/v1/applications/{id}/memorandum/scan",
        PARTIES,
    ),
    endpoint(
        Method::PUT,
        "/v1/applications/{id}/memorandum/scan",
        APPLICANT,
    ),
    endpoint(
        Method::PUT,
        "/v1/applications/{id}/memorandum/signature",
        APPLICANT,
    ),
    endpoint(
        Method::GET,
        "/v1/applications/{id}/memorandum/enclosed-signature",
        PARTIES,
    ),
    endpoint(
        Method::PUT,
        "/v1/applications/{id}/memorandum/enclosed-signature",
        APPLICANT,
    ),
    endpoint(
        Method::POST,
        "/v1/applications/{id}/memorandum/paper",
        only(&[Clerk]),
    ),
    endpoint(
        Method::PATCH,
        "/v1/applications/{id}",
        only(&[Clerk, Registrar]),
    ),
    endpoint(Method::POST, "/v1/applications/{id}/confirmation", CONFIRM),
    endpoint(Method::GET, "/applications/{id}/confirm", PUBLIC),
    endpoint(Method::POST, "/applications/{id}/confirm", PUBLIC),
    endpoint(
        Method::POST,
        "/v1/applications/{id}/return",
        only(&[Clerk, Registrar]),
    ),
    endpoint(
        Method::POST,
        "/v1/applications/{id}/resubmission",
        APPLICANT,
    ),
    endpoint(
        Method::POST,
        "/v1/applications/{id}/reopening",
        only(&[Clerk, Registrar]),
    ),
    endpoint(
        Method::POST,
        "/v1/applications/{id}/matches/acknowledgement",
        only(&[Clerk, Registrar]),
    ),
    endpoint(Method::GET, "/v1/applications/{id}/comments", PARTIES),
    endpoint(
        Method::POST,
        "/v1/applications/{id}/comments",
        only(&[Clerk, Registrar]),
    ),
    endpoint(
        Method::DELETE,
        "/v1/applications/{id}/comments/{comment}",
        only(&[Clerk, Registrar]),
    ),
    endpoint(Method::POST, "/v1/applications/{id}/withdrawal", APPLICANT),
    endpoint(
        Method::POST,
        "/v1/applications/{id}/rejection",
        only(&[Clerk, Registrar]),
    ),
    endpoint(
        Method::POST,
        "/v1/applications/{id}/admission",
        only(&[Registrar]),
    ),
    endpoint(
        Method::POST,
        "/v1/applications/{id}/readmission",
        only(&[Registrar]),
    ),
    endpoint(
        Method::POST,
        "/v1/applications/{id}/recusal",
        only(&[Registrar]),
    ),
    endpoint(
        Method::GET,
        "/v1/decisions",
        only(&[Auditor, Clerk, Registrar]),
    ),
    endpoint(
        Method::GET,
        "/v1/decisions/{id}",
        only(&[Auditor, Clerk, Registrar]),
    ),
    endpoint(
        Method::POST,
        "/v1/decisions/{id}/approval",
        only(&[Registrar]),
    ),
    endpoint(
        Method::POST,
        "/v1/decisions/{id}/refusal",
        only(&[Registrar]),
    ),
    endpoint(Method::GET, "/v1/audit", only(&[Auditor, Administrator])),
    endpoint(
        Method::POST,
        "/v1/decisions/{id}/recusal",
        only(&[Registrar]),
    ),
    endpoint(
        Method::GET,
        "/v1/letters",
        only(&[Auditor, Clerk, Registrar]),
    ),
    endpoint(
        Method::GET,
        "/v1/letters/{id}",
        only(&[Auditor, Clerk, Registrar]),
    ),
    endpoint(Method::POST, "/v1/letters/{id}/retry", only(&[Clerk])),
    endpoint(Method::POST, "/v1/letters/{id}/bounce", only(&[Clerk])),
    endpoint(
        Method::GET,
        "/v1/operators",
        only(&[Auditor, Administrator]),
    ),
    endpoint(Method::POST, "/v1/operators", only(&[Administrator])),
    endpoint(Method::DELETE, "/v1/operators/{id}", only(&[Administrator])),
    endpoint(
        Method::GET,
        "/v1/operators/{id}/tokens",
        only(&[Auditor, Administrator]),
    ),
    endpoint(
        Method::POST,
        "/v1/operators/{id}/tokens",
        only(&[Administrator]),
    ),
    endpoint(
        Method::DELETE,
        "/v1/operators/{id}/tokens/{token}",
        only(&[Administrator]),
    ),
    endpoint(Method::GET, "/v1/partners", only(&[Auditor, Administrator])),
    endpoint(Method::POST, "/v1/partners", only(&[Administrator])),
    endpoint(Method::DELETE, "/v1/partners/{id}", only(&[Administrator])),
    endpoint(
        Method::GET,
        "/v1/partners/{id}/tokens",
        only(&[Auditor, Administrator]),
    ),
    endpoint(
        Method::POST,
        "/v1/partners/{id}/tokens",
        only(&[Administrator]),
    ),
    endpoint(
        Method::DELETE,
        "/v1/partners/{id}/tokens/{token}",
        only(&[Administrator]),
    ),
    endpoint(Method::GET, "/log/checkpoint", PUBLIC),
    endpoint(Method::GET, "/log/tile/{path}", PUBLIC),
    endpoint(Method::GET, "/log/records/{path}", PUBLIC),
    endpoint(Method::GET, "/log/charters/{digest}", PUBLIC),
    endpoint(Method::GET, "/v1/events", PUBLIC),
    endpoint(Method::GET, "/v1/charters/{charter}/proof", PUBLIC),
    endpoint(
        Method::GET,
        "/v1/charters/{charter}/members/{id}/proof",
        PUBLIC,
    ),
    endpoint(Method::GET, "/v1/policy", PUBLIC),
    endpoint(Method::GET, "/v1/keys", PUBLIC),
    endpoint(Method::POST, "/v1/verify", PUBLIC),
    endpoint(Method::GET, "/.well-known/did.json", PUBLIC),
    endpoint(Method::GET, "/records/{id}", PUBLIC),
    endpoint(Method::GET, "/status/{purpose}/{n}", PUBLIC),
    endpoint(Method::GET, "/members/{id}", PUBLIC),
    endpoint(Method::GET, "/charters/{charter}", PUBLIC),
    endpoint(Method::GET, "/problems", PUBLIC),
    endpoint(Method::GET, "/problems/{slug}", PUBLIC),
    endpoint(Method::GET, "/v1/mirror", PUBLIC),
    endpoint(Method::GET, "/healthz", PUBLIC),
    endpoint(Method::GET, "/readyz", PUBLIC),
    endpoint(Method::GET, "/metrics", PUBLIC),
    endpoint(Method::GET, "/openapi.json", PUBLIC),
    endpoint(Method::GET, "/docs", PUBLIC),
    endpoint(Method::GET, "/docs/{_:.*}", PUBLIC),
];
