//! Faults of a body, gathered so that the client learns of all at once.

use super::problem::{ApiError, InputError};
use crate::rules::text::{FieldError, Invalid};

/// The faults found so far.
#[derive(Debug, Default)]
pub struct Faults(Vec<InputError>);

impl Faults {
    /// The value, or its fault noted at this pointer.
    pub fn field<T>(&mut self, pointer: &str, value: Result<T, Invalid>) -> Option<T> {
        value
            .map_err(|invalid| self.0.push(invalid.at(pointer).into()))
            .ok()
    }

    /// The optional value, or its fault noted at this pointer.
    pub fn optional<T>(
        &mut self,
        pointer: &str,
        raw: Option<&str>,
        parse: impl FnOnce(&str) -> Result<T, Invalid>,
    ) -> Option<T> {
        raw.and_then(|raw| self.field(pointer, parse(raw)))
    }

    /// The value, or its faults noted under this pointer.
    pub fn part<T>(&mut self, pointer: &str, value: Result<T, Vec<FieldError>>) -> Option<T> {
        value
            .map_err(|faults| {
                self.0
                    .extend(faults.into_iter().map(|fault| fault.under(pointer).into()));
            })
            .ok()
    }

    /// What was parsed, unless a fault was noted.
    pub fn unless_any<T>(self, parsed: Option<T>) -> Result<T, ApiError> {
        match parsed {
            Some(parsed) if self.0.is_empty() => Ok(parsed),
            _ => Err(ApiError::invalid_body(self.0)),
        }
    }
}
