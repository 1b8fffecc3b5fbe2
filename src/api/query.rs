//! Query parameters: no unknown ones, none twice, each fault named.

use std::collections::BTreeSet;

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use serde::de::DeserializeOwned;

use super::problem::ApiError;
use crate::rules::{text::Invalid, word::Word};

/// The query of a request.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = ApiError;
    type Future = std::future::Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(parse(request.query_string()).map(Self))
    }
}

fn parse<T: DeserializeOwned>(query: &str) -> Result<T, ApiError> {
    let mut seen = BTreeSet::new();
    for (name, _) in url::form_urlencoded::parse(query.as_bytes()) {
        if !seen.insert(name.clone().into_owned()) {
            return Err(ApiError::invalid_query(
                &name,
                "duplicate",
                "the parameter is given twice",
            ));
        }
    }
    let deserializer =
        serde_urlencoded::Deserializer::new(url::form_urlencoded::parse(query.as_bytes()));
    serde_path_to_error::deserialize(deserializer).map_err(|error| {
        let message = error.inner().to_string();
        let named = message
            .strip_prefix("unknown field `")
            .and_then(|rest| rest.split('`').next());
        match named {
            Some(name) => {
                ApiError::invalid_query(name, "unknown_parameter", "there is no such parameter")
            }
            None => {
                ApiError::invalid_query(&error.path().to_string(), "invalid_value", message.clone())
            }
        }
    })
}

/// Reads a comma-separated list of words of a vocabulary.
pub fn words<T: Word>(parameter: &str, list: Option<&str>) -> Result<Vec<T>, ApiError> {
    list.unwrap_or_default()
        .split(',')
        .filter(|word| !word.is_empty())
        .map(|word| one(parameter, word))
        .collect()
}

/// Reads one word of a vocabulary.
pub fn word<T: Word>(parameter: &str, word: Option<&str>) -> Result<Option<T>, ApiError> {
    word.map(|word| one(parameter, word)).transpose()
}

fn one<T: Word>(parameter: &str, word: &str) -> Result<T, ApiError> {
    T::from_word(word).ok_or_else(|| {
        let known: Vec<_> = T::all().iter().map(|value| value.as_str()).collect();
        let detail = format!("{word:?} is no {}; expected {}", T::KIND, known.join(", "));
        ApiError::invalid_query(parameter, "unknown_value", detail)
    })
}

/// A parameter in its canonical form.
pub fn canonical<T: ToString>(
    name: &str,
    raw: Option<&str>,
    parse: impl FnOnce(&str) -> Result<T, Invalid>,
) -> Result<Option<String>, ApiError> {
    raw.map(parse)
        .transpose()
        .map(|value| value.map(|value| value.to_string()))
        .map_err(|invalid| ApiError::invalid_query(name, invalid.code, invalid.detail))
}
