//! The OpenAPI document: what the routes register, completed from the table of access and the problem catalogue.

use std::{collections::BTreeMap, future::ready, sync::LazyLock};

use actix_web::{HttpResponse, Resource, guard, http::header::ContentType, web::Bytes};
use utoipa::{
    Modify, OpenApi,
    openapi::{
        Content, OpenApi as Document, Ref, RefOr, Required, Response, ResponseBuilder,
        path::{HttpMethod, Operation, Parameter, ParameterBuilder, ParameterIn, PathItem},
        schema::{AdditionalProperties, ArrayItems, Object, ObjectBuilder, Schema, Type},
        security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};

use super::{
    access::{ENDPOINTS, Endpoint, PUBLIC},
    problem::{
        MEDIA_TYPE, Problem, ProblemType,
        catalogue::{
            BAD_REQUEST, BUSY, FORBIDDEN, INTERNAL, INVALID_BODY, INVALID_HEADER, INVALID_QUERY,
            INVALID_TOKEN, MALFORMED_JSON, MIRROR_READ_ONLY, NOT_FOUND, RATE_LIMITED, SLOW_BODY,
            TIMED_OUT, TOO_LARGE, UNAUTHENTICATED, UNSUPPORTED_MEDIA_TYPE,
        },
    },
};

/// What the document says of the API as a whole.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Charter registry",
        version = "1",
        description = "Organisations apply to accede to a public charter, sign its memorandum, are admitted to its \
            registry, and may be excluded or leave. Every change is a record signed with ed25519 in an append-only \
            log.\n\nEvery error is a problem document (RFC 9457); `type` tells problems apart. A request that \
            changes something may carry an `Idempotency-Key`: repeated with the same key and body it is answered \
            alike and carried out once. Lists have `limit` and `cursor`. `If-Match` takes the `ETag` of what was read.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    tags(
        (name = "charters", description = "Charters and their versions"),
        (name = "members", description = "The public registry: who is and was a member"),
        (name = "records", description = "Signed records, keys, verification"),
        (name = "log", description = "The public log, and proofs that stand on it"),
        (name = "trust queries", description = "ToIP Trust Registry Query Protocol 2.0"),
        (name = "applications", description = "From an application to its end"),
        (name = "decisions", description = "What one registrar proposes and another approves"),
        (name = "letters", description = "What was told to whom, and what became of it"),
        (name = "people", description = "Operators, partners and their tokens"),
        (name = "service", description = "Health and metrics"),
    ),
    components(schemas(Problem)),
    modifiers(&Token),
)]
pub struct ApiDoc;

const TOKEN: &str = "token";

struct Token;

impl Modify for Token {
    fn modify(&self, document: &mut Document) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("chr_<kind>_<id>_<secret>")
            .description(Some(
                "An operator's token, a partner's key, or the token of an application.",
            ))
            .build();
        document
            .components
            .get_or_insert_default()
            .security_schemes
            .insert(TOKEN.to_owned(), RefOr::T(SecurityScheme::Http(scheme)));
    }
}

/// Where the document is served. It is made when it is asked for: to make it takes ten megabytes.
pub fn serve() -> Resource {
    static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| {
        serde_json::to_vec(&super::openapi())
            .map(Bytes::from)
            .unwrap_or_default()
    });
    Resource::new("/openapi.json").guard(guard::Get()).to(|| {
        ready(
            HttpResponse::Ok()
                .content_type(ContentType::json())
                .body(DOCUMENT.clone()),
        )
    })
}

/// The responses that these problems make, by status.
pub fn problem_responses(problems: &[&ProblemType]) -> BTreeMap<String, RefOr<Response>> {
    let mut by_status: BTreeMap<u16, Vec<&ProblemType>> = BTreeMap::new();
    for problem in problems {
        by_status.entry(problem.status).or_default().push(problem);
    }
    by_status
        .into_iter()
        .map(|(status, problems)| (status.to_string(), RefOr::T(response(&problems))))
        .collect()
}

fn response(problems: &[&ProblemType]) -> Response {
    let lines: Vec<_> = problems.iter().map(|problem| line(problem)).collect();
    let example = problems.first().map(|problem| {
        serde_json::json!({
            "type": format!("https://registry.example/problems/{}", problem.slug),
            "title": problem.title,
            "status": problem.status,
            "detail": problem.explanation,
            "instance": "0199d1c8-7f5c-7a3e-8c11-0a2f5f6f7a10",
        })
    });
    let mut content = Content::new(Some(RefOr::Ref(Ref::from_schema_name("Problem"))));
    content.example = example;
    ResponseBuilder::new()
        .description(lines.join("\n"))
        .content(MEDIA_TYPE, content)
        .build()
}

fn line(problem: &ProblemType) -> String {
    format!("- `{}`: {}", problem.slug, problem.explanation)
}

/// Adds to each operation what the table of access says of it, and the problems that follow from its form.
pub fn complete(mut document: Document) -> Document {
    open_what_is_flattened(&mut document);
    for endpoint in ENDPOINTS {
        let Some(item) = document.paths.paths.get_mut(endpoint.path) else {
            continue;
        };
        let method = match endpoint.method.as_str() {
            "POST" => HttpMethod::Post,
            "PUT" => HttpMethod::Put,
            "PATCH" => HttpMethod::Patch,
            "DELETE" => HttpMethod::Delete,
            _ => HttpMethod::Get,
        };
        if let Some(operation) = operation(item, &method) {
            operation.operation_id = operation.operation_id.as_deref().map(camel_case);
            if method != HttpMethod::Get
                && endpoint.path.starts_with("/v1/")
                && endpoint.access != PUBLIC
            {
                operation
                    .parameters
                    .get_or_insert_default()
                    .push(RefOr::T(idempotency_key()));
            }
            describe(operation, endpoint);
        }
    }
    document
}

/// Writes out the schemas that are part of others, and lets them be: what takes no unknown fields by itself has
/// some beside it there.
fn open_what_is_flattened(document: &mut Document) {
    let schemas = &mut document.components.get_or_insert_default().schemas;
    let closed: BTreeMap<String, Object> = schemas
        .iter()
        .filter_map(|(name, schema)| match schema {
            RefOr::T(Schema::Object(object)) if takes_nothing_unknown(object) => {
                let mut object = object.clone();
                object.additional_properties = None;
                object.example = None;
                Some((format!("#/components/schemas/{name}"), object))
            }
            _ => None,
        })
        .collect();
    for schema in schemas.values_mut() {
        write_out_parts(schema, &closed);
    }
}

fn write_out_parts(schema: &mut RefOr<Schema>, closed: &BTreeMap<String, Object>) {
    match schema {
        RefOr::T(Schema::AllOf(whole)) => {
            for part in &mut whole.items {
                if let RefOr::Ref(reference) = part
                    && let Some(object) = closed.get(&reference.ref_location)
                {
                    *part = RefOr::T(Schema::Object(object.clone()));
                }
            }
        }
        RefOr::T(Schema::Object(object)) => {
            for property in object.properties.values_mut() {
                write_out_parts(property, closed);
            }
        }
        RefOr::T(Schema::Array(array)) => {
            if let ArrayItems::RefOrSchema(items) = &mut array.items {
                write_out_parts(items, closed);
            }
        }
        _ => {}
    }
}

fn takes_nothing_unknown(object: &Object) -> bool {
    matches!(
        object.additional_properties.as_deref(),
        Some(AdditionalProperties::FreeForm(false))
    )
}

/// The header that names a request.
const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// The header that makes a change safe to repeat.
fn idempotency_key() -> Parameter {
    let description = "Names this request, 1 to 255 visible ASCII characters: repeated with the same key and body \
        within a day, it is answered alike and carried out once.";
    ParameterBuilder::new()
        .name(IDEMPOTENCY_KEY)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .build()
}

/// A handler's name, as generated clients name the operation.
fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |joined, word| {
        let mut letters = word.chars();
        let head = letters.next().map(|letter| letter.to_ascii_uppercase());
        joined + &head.into_iter().chain(letters).collect::<String>()
    })
}

fn operation<'a>(item: &'a mut PathItem, method: &HttpMethod) -> Option<&'a mut Operation> {
    match method {
        HttpMethod::Post => item.post.as_mut(),
        HttpMethod::Put => item.put.as_mut(),
        HttpMethod::Patch => item.patch.as_mut(),
        HttpMethod::Delete => item.delete.as_mut(),
        _ => item.get.as_mut(),
    }
}

/// Whether the operation says already that it can answer with this problem.
fn names(operation: &Operation, problem: &ProblemType) -> bool {
    let response = operation
        .responses
        .responses
        .get(&problem.status.to_string());
    matches!(response, Some(RefOr::T(response)) if response.description.contains(&line(problem)))
}

fn describe(operation: &mut Operation, endpoint: &Endpoint) {
    let access = endpoint.access;
    let mut problems: Vec<&ProblemType> = Vec::new();
    if endpoint.needs_registry() {
        problems.push(&MIRROR_READ_ONLY);
    }
    if !access.anybody || access.partner {
        problems.extend([&UNAUTHENTICATED, &INVALID_TOKEN, &FORBIDDEN]);
        let needed = SecurityRequirement::new::<_, [&str; 0], &str>(TOKEN, []);
        let mut security = vec![needed];
        if access.anybody {
            security.push(SecurityRequirement::default());
            problems.retain(|problem| **problem != UNAUTHENTICATED);
        }
        operation.security = Some(security);
    }
    if let Some(RefOr::T(body)) = &operation.request_body {
        problems.extend([
            &BAD_REQUEST,
            &SLOW_BODY,
            &TOO_LARGE,
            &UNSUPPORTED_MEDIA_TYPE,
        ]);
        if body
            .content
            .keys()
            .any(|media_type| media_type.ends_with("json"))
        {
            problems.extend([&MALFORMED_JSON, &INVALID_BODY]);
        }
    }
    let is_of = |place: &dyn Fn(&Parameter) -> bool| {
        let mut parameters = operation.parameters.iter().flatten();
        parameters.any(|parameter| matches!(parameter, RefOr::T(parameter) if place(parameter)))
    };
    if is_of(&|parameter| parameter.parameter_in == ParameterIn::Query) {
        problems.push(&INVALID_QUERY);
    }
    if is_of(&|parameter| parameter.name == IDEMPOTENCY_KEY) {
        problems.push(&INVALID_HEADER);
    }
    if is_of(&|parameter| parameter.parameter_in == ParameterIn::Path) {
        problems.push(&NOT_FOUND);
    }
    // What serves those who run the registry answers from memory.
    let is_service = operation.tags.iter().flatten().any(|tag| tag == "service");
    if !is_service {
        problems.extend([&RATE_LIMITED, &INTERNAL, &BUSY, &TIMED_OUT]);
    }
    problems.retain(|problem| !names(operation, problem));
    for (status, added) in problem_responses(&problems) {
        let RefOr::T(added) = added else { continue };
        match operation.responses.responses.get_mut(&status) {
            Some(RefOr::T(present)) => {
                present.description = format!("{}\n{}", present.description, added.description);
            }
            _ => {
                operation
                    .responses
                    .responses
                    .insert(status, RefOr::T(added));
            }
        }
    }
}
