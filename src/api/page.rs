//! Pages of lists: `?limit=&cursor=`, and the way to the next one in the body and in `Link` (RFC 8288).

use actix_web::HttpRequest;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Datelike as _, Utc};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::{IntoParams, ToSchema};

use super::problem::ApiError;

/// The length of a page unless asked otherwise.
pub const DEFAULT_LIMIT: u8 = 50;

/// The longest page.
pub const MAX_LIMIT: u8 = 100;

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// The cursor of the next page; null on the last.
    pub next: Option<String>,
}

/// Which page of a list that has no filters.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// How many at most.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100, default = 50)]
    limit: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
}

impl PageQuery {
    /// The page asked for.
    pub fn window<K: Serialize + DeserializeOwned>(&self) -> Result<Window<K>, ApiError> {
        Window::parse(self.limit.as_deref(), self.cursor.as_deref())
    }
}

/// An instant in a cursor, in a year of four digits: every database has those.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(try_from = "DateTime<Utc>", into = "DateTime<Utc>")]
pub struct Instant(pub DateTime<Utc>);

impl TryFrom<DateTime<Utc>> for Instant {
    type Error = &'static str;

    fn try_from(at: DateTime<Utc>) -> Result<Self, Self::Error> {
        if (1..=9999).contains(&at.year()) {
            Ok(Self(at))
        } else {
            Err("the year is out of range")
        }
    }
}

impl From<Instant> for DateTime<Utc> {
    fn from(instant: Instant) -> Self {
        instant.0
    }
}

/// Text in a cursor, without control characters: no name has them, and not every database takes them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Text(pub String);

impl TryFrom<String> for Text {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.chars().any(char::is_control) {
            Err("there is a control character")
        } else {
            Ok(Self(text))
        }
    }
}

/// Which page is asked for.
#[derive(Debug)]
pub struct Window<K> {
    /// How many items.
    pub limit: usize,
    /// The place after which the page begins.
    pub after: Option<K>,
}

impl<K: Serialize + DeserializeOwned> Window<K> {
    /// Reads `limit` (1 to 100) and `cursor`.
    pub fn parse(limit: Option<&str>, cursor: Option<&str>) -> Result<Self, ApiError> {
        let limit = match limit {
            None => DEFAULT_LIMIT,
            Some(text) => text
                .parse()
                .ok()
                .filter(|limit| (1..=MAX_LIMIT).contains(limit))
                .ok_or_else(|| {
                    ApiError::invalid_query(
                        "limit",
                        "out_of_range",
                        format!("expected 1 to {MAX_LIMIT}"),
                    )
                })?,
        };
        let after = cursor.map(|cursor| {
            let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
            let key = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
            key.ok_or_else(|| {
                let detail =
                    "this is no cursor of this list: take `next` of the page before, unchanged";
                ApiError::invalid_query("cursor", "invalid_cursor", detail)
            })
        });
        Ok(Self {
            limit: usize::from(limit),
            after: after.transpose()?,
        })
    }

    /// How many rows to load: one more than the page has, to know whether another follows.
    pub fn rows(&self) -> i64 {
        i64::try_from(self.limit)
            .unwrap_or(i64::MAX)
            .saturating_add(1)
    }

    /// Makes the page of the rows loaded.
    pub fn page<R, T>(
        &self,
        mut rows: Vec<R>,
        place: impl Fn(&R) -> K,
        item: impl Fn(R) -> T,
    ) -> Page<T> {
        let more = rows.len() > self.limit;
        rows.truncate(self.limit);
        let next = rows
            .last()
            .filter(|_| more)
            .map(|last| cursor(&place(last)));
        Page {
            items: rows.into_iter().map(item).collect(),
            next,
        }
    }
}

/// The cursor that leads on from this place.
pub fn cursor<K: Serialize>(place: &K) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(place).unwrap_or_default())
}

/// The `Link` header's value that leads to the next page.
pub fn link_to_next(request: &HttpRequest, next: &str) -> String {
    let kept = url::form_urlencoded::parse(request.query_string().as_bytes())
        .filter(|(name, _)| name != "cursor" && name != "token");
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(kept)
        .append_pair("cursor", next)
        .finish();
    format!("<{}?{query}>; rel=\"next\"", request.path())
}
