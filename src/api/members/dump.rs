//! `GET /v1/charters/{charter}/members.ndjson`, `.csv`, `.jsonld`

use actix_web::{
    HttpRequest, HttpResponse,
    body::SizedStream,
    get,
    http::{StatusCode, header},
    web::{Data, Path},
};

use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    api::{
        Service,
        charters::get::unknown,
        encoding::Encoding,
        log::unpublished,
        problem::{ApiError, problems},
        query::Query,
        ranges,
        render::{self, Freshness},
        wire::dump::{CSV, JSON_LD, NDJSON, licence_url},
    },
    directory::{Dump, Form, Stored},
    rules::text::Slug,
};

problems!(
    CHARTER_UNKNOWN,
    RANGE_UNSATISFIABLE,
    NOT_FOUND,
    INVALID_QUERY,
    BUSY
);

/// Which members.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DumpQuery {
    /// Only members to whom something happened at this index of the log or after it: whoever has a dump asks for the
    /// next with the `size` that its `Link` tells.
    since: Option<u64>,
}

/// Get all members as lines of JSON.
///
/// The current state of all present and former members, by number, each as `GET …/members/{id}` shows it. `Link` with
/// `rel="describedby"` leads to the checkpoint and names the one that the dump stands at; so does the file's name. Ranges,
/// conditional requests and compression are served.
#[utoipa::path(
    tag = "members",
    params(
        ("charter" = String, Path, description = "The charter's slug", example = "digital-ethics-of-childhood"),
        DumpQuery,
    ),
    responses(
        (status = OK, description = "The members", body = String, content_type = "application/x-ndjson"),
        (status = PARTIAL_CONTENT, description = "The range that was asked for", body = String, content_type = "application/x-ndjson"),
        Problems,
    ),
)]
#[get("/v1/charters/{charter}/members.ndjson")]
pub async fn get_members_ndjson(
    request: HttpRequest,
    service: Data<Service>,
    path: Path<Slug>,
    query: Query<DumpQuery>,
) -> Result<HttpResponse, ApiError> {
    answer(&request, &service, &path, query.0, &NDJSON).await
}

/// Get all members as a table.
///
/// CSV (RFC 4180) in UTF-8 with a line of names. A field that a spreadsheet would take for a formula has an apostrophe
/// before it. The rest as for `members.ndjson`.
#[utoipa::path(
    tag = "members",
    params(
        ("charter" = String, Path, description = "The charter's slug", example = "digital-ethics-of-childhood"),
        DumpQuery,
    ),
    responses(
        (status = OK, description = "The members", body = String, content_type = "text/csv; charset=utf-8; header=present"),
        (status = PARTIAL_CONTENT, description = "The range that was asked for", body = String, content_type = "text/csv; charset=utf-8; header=present"),
        Problems,
    ),
)]
#[get("/v1/charters/{charter}/members.csv")]
pub async fn get_members_csv(
    request: HttpRequest,
    service: Data<Service>,
    path: Path<Slug>,
    query: Query<DumpQuery>,
) -> Result<HttpResponse, ApiError> {
    answer(&request, &service, &path, query.0, &CSV).await
}

/// Get all members as linked data.
///
/// JSON-LD 1.1 in the words of schema.org: a `Dataset` with its licence, then each member as an `Organization`; a present
/// one with what it is a member of. No context need be fetched. The rest as for `members.ndjson`.
#[utoipa::path(
    tag = "members",
    params(
        ("charter" = String, Path, description = "The charter's slug", example = "digital-ethics-of-childhood"),
        DumpQuery,
    ),
    responses(
        (status = OK, description = "The members", body = serde_json::Value, content_type = "application/ld+json"),
        (status = PARTIAL_CONTENT, description = "The range that was asked for", body = String, content_type = "application/ld+json"),
        Problems,
    ),
)]
#[get("/v1/charters/{charter}/members.jsonld")]
pub async fn get_members_jsonld(
    request: HttpRequest,
    service: Data<Service>,
    path: Path<Slug>,
    query: Query<DumpQuery>,
) -> Result<HttpResponse, ApiError> {
    answer(&request, &service, &path, query.0, &JSON_LD).await
}

async fn answer(
    request: &HttpRequest,
    service: &Service,
    charter: &Slug,
    DumpQuery { since }: DumpQuery,
    form: &'static Form,
) -> Result<HttpResponse, ApiError> {
    let published = || service.desk.signatory.log.newest();
    let size = published().ok_or_else(unpublished)?.checkpoint.size;
    let (directory, desk) = (service.directory.clone(), service.desk.clone());
    let (slug, encoding) = (charter.clone(), Encoding::of(request));
    let (dump, stored) = service
        .run(async move {
            let dump = match since {
                None => directory.dump(slug.as_str(), form, size).await?,
                Some(since) => directory.dump_since(slug.as_str(), form, since).await?,
            };
            let dump = dump.ok_or_else(unknown)?;
            let stored = in_encoding(&dump, encoding).await?;
            let log = &desk.signatory.log;
            if log
                .newest()
                .is_none_or(|newest| newest.checkpoint.size < dump.checkpoint.size)
            {
                // Another instance committed it a moment ago, or it is being marked.
                log.follow(&mut desk.database.read().await?).await?;
            }
            Ok::<_, ApiError>((dump, stored))
        })
        .await?;
    // What is committed is served once it is marked.
    published()
        .filter(|newest| newest.checkpoint.size >= dump.checkpoint.size)
        .ok_or_else(unpublished)?;
    let mut response = part_of(request, service, form, encoding, &dump, stored)?;
    describe(&mut response, service, charter, (form, since), &dump);
    Ok(response)
}

async fn in_encoding(dump: &Dump, encoding: Encoding) -> Result<Stored, ApiError> {
    if encoding == Encoding::Identity {
        return Ok(dump.plain().clone());
    }
    let encoded = dump.encoded(encoding.name(), move |from, to| encoding.copy(from, to));
    Ok(encoded.await?)
}

/// The dump, the part of it that is asked for, or that the client has it.
fn part_of(
    request: &HttpRequest,
    service: &Service,
    form: &Form,
    encoding: Encoding,
    dump: &Dump,
    stored: Stored,
) -> Result<HttpResponse, ApiError> {
    let tag = encoding.tag(render::digest_tag(dump.digest));
    if render::has(request, &tag) {
        return Ok(render::unchanged(Freshness::Revalidate, tag));
    }
    let part = ranges::wanted(request, &tag, stored.length)?;
    let mut builder = HttpResponse::build(StatusCode::OK);
    let range = match part {
        None => 0..stored.length,
        Some(range) => {
            let (first, last, length) = (range.start, range.end - 1, stored.length);
            builder.status(StatusCode::PARTIAL_CONTENT);
            builder.insert_header((
                header::CONTENT_RANGE,
                format!("bytes {first}-{last}/{length}"),
            ));
            range
        }
    };
    if encoding != Encoding::Identity {
        builder.insert_header((header::CONTENT_ENCODING, encoding.name()));
    }
    let length = range.end - range.start;
    let bytes = ranges::stream(service.runtime.clone(), stored, range);
    Ok(builder
        .insert_header((header::CONTENT_TYPE, form.media_type))
        .insert_header((header::ETAG, tag))
        .insert_header((header::CACHE_CONTROL, Freshness::Revalidate.cache_control()))
        .body(SizedStream::new(length, bytes)))
}

/// Says what the dump stands at, under which licence, and how it is to be stored.
fn describe(
    response: &mut HttpResponse,
    service: &Service,
    charter: &Slug,
    (form, since): (&Form, Option<u64>),
    dump: &Dump,
) {
    let (size, root) = (dump.checkpoint.size, dump.checkpoint.root.to_string());
    let (base, extension) = (service.desk.base().url(), form.extension);
    let short = root.get(..16).unwrap_or(&root);
    let licence = licence_url(service.directory.licence());
    let links = format!(
        "<{base}/log/checkpoint>; rel=\"describedby\"; type=\"text/plain\"; size=\"{size}\"; root=\"{root}\", \
         <{licence}>; rel=\"license\""
    );
    let since = since
        .map(|since| format!("-since-{since}"))
        .unwrap_or_default();
    let name =
        format!("attachment; filename=\"{charter}-members-{size}-{short}{since}.{extension}\"");
    let headers = response.headers_mut();
    for (header, value) in [
        (header::LINK, links.as_str()),
        (header::CONTENT_DISPOSITION, name.as_str()),
        (header::ACCEPT_RANGES, "bytes"),
        (header::VARY, "Accept-Encoding"),
    ] {
        if let Ok(value) = header::HeaderValue::from_str(value) {
            headers.insert(header, value);
        }
    }
}
