//! A JSON parser that refuses what readers of JSON disagree about.
//!
//! RFC 8259 leaves duplicate names and large numbers to each parser; two verifiers could then read
//! two documents in one. I-JSON (RFC 7493 §2.2, §2.3) refuses both, and so does this.

use std::fmt;

use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::is_exact;

/// How deep arrays and objects may nest.
pub const MAX_DEPTH: usize = 64;

/// Why a text is not JSON that every reader reads alike.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct StrictJsonError {
    /// The offending place as a JSON Pointer (RFC 6901); empty for a syntax error.
    pub pointer: String,
    /// What is wrong, for programs.
    pub kind: StrictJsonErrorKind,
    /// What is wrong, for people; with line and column for a syntax error.
    pub detail: String,
}

/// The ways in which a text fails to be strict JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StrictJsonErrorKind {
    /// Not JSON (RFC 8259), not UTF-8, or followed by something else.
    Syntax,
    /// An object with the same name twice (RFC 7493 §2.3).
    DuplicateKey,
    /// A number beyond ±2^53 (RFC 7493 §2.2).
    NumberOutOfRange,
    /// Nested deeper than [`MAX_DEPTH`].
    TooDeep,
}

impl StrictJsonErrorKind {
    /// The stable code of this refusal.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Syntax => "syntax",
            Self::DuplicateKey => "duplicate_key",
            Self::NumberOutOfRange => "number_out_of_range",
            Self::TooDeep => "too_deep",
        }
    }
}

/// Parses JSON that every reader reads alike: RFC 8259 within I-JSON (RFC 7493).
///
/// Duplicate names, numbers beyond ±2^53, nesting beyond [`MAX_DEPTH`] and anything after the
/// value are refused.
pub fn parse_strict(bytes: &[u8]) -> Result<Value, StrictJsonError> {
    let mut fault = Fault::default();
    let mut text = serde_json::Deserializer::from_slice(bytes);
    let strict = StrictValue {
        depth: 0,
        fault: &mut fault,
    };
    strict
        .deserialize(&mut text)
        .and_then(|value| text.end().map(|()| value))
        .map_err(|error| fault.explain(&error))
}

/// What went wrong and where, gathered while the parser backs out.
#[derive(Default)]
struct Fault {
    refusal: Option<(StrictJsonErrorKind, String)>,
    /// From the offending place outwards.
    enclosing: Vec<Step>,
}

enum Step {
    Item(usize),
    Member(String),
}

impl Fault {
    fn refuse<E: serde::de::Error>(&mut self, kind: StrictJsonErrorKind, detail: String) -> E {
        let error = E::custom(&detail);
        self.refusal = Some((kind, detail));
        error
    }

    fn explain(self, error: &serde_json::Error) -> StrictJsonError {
        let pointer = pointer(&self.enclosing);
        if let Some((kind, detail)) = self.refusal {
            return StrictJsonError {
                pointer,
                kind,
                detail,
            };
        }
        let detail = error.to_string();
        // A literal too large even for a double fails before any visitor sees it; serde_json has
        // no other name for that than its message.
        if detail.starts_with("number out of range") {
            return StrictJsonError {
                pointer,
                kind: StrictJsonErrorKind::NumberOutOfRange,
                detail,
            };
        }
        StrictJsonError {
            pointer: String::new(),
            kind: StrictJsonErrorKind::Syntax,
            detail,
        }
    }
}

fn pointer(enclosing: &[Step]) -> String {
    enclosing
        .iter()
        .rev()
        .map(|step| match step {
            Step::Item(index) => format!("/{index}"),
            // RFC 6901 §3: the tilde first, or `/` would be escaped twice.
            Step::Member(name) => format!("/{}", name.replace('~', "~0").replace('/', "~1")),
        })
        .collect()
}

/// One JSON value, and how many arrays and objects enclose it.
struct StrictValue<'a> {
    depth: usize,
    fault: &'a mut Fault,
}

impl StrictValue<'_> {
    fn number<E: serde::de::Error>(self, number: Number) -> Result<Value, E> {
        if is_exact(&number) {
            return Ok(Value::Number(number));
        }
        Err(self.fault.refuse(
            StrictJsonErrorKind::NumberOutOfRange,
            format!("the number {number} exceeds 2^53 in magnitude; write it as a string"),
        ))
    }

    fn open<E: serde::de::Error>(&mut self) -> Result<(), E> {
        if self.depth < MAX_DEPTH {
            return Ok(());
        }
        Err(self.fault.refuse(
            StrictJsonErrorKind::TooDeep,
            format!("arrays and objects nest deeper than {MAX_DEPTH} levels"),
        ))
    }

    fn inner(&mut self) -> StrictValue<'_> {
        StrictValue {
            depth: self.depth + 1,
            fault: self.fault,
        }
    }
}

impl<'de> DeserializeSeed<'de> for StrictValue<'_> {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, text: D) -> Result<Value, D::Error> {
        text.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for StrictValue<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Value, E> {
        self.number(value.into())
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Value, E> {
        self.number(value.into())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        let number = Number::from_f64(value).ok_or_else(|| E::custom("a number is not finite"))?;
        self.number(number)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut sequence: A) -> Result<Value, A::Error> {
        self.open()?;
        let mut items = Vec::new();
        loop {
            match sequence.next_element_seed(self.inner()) {
                Ok(Some(item)) => items.push(item),
                Ok(None) => return Ok(Value::Array(items)),
                Err(error) => {
                    self.fault.enclosing.push(Step::Item(items.len()));
                    return Err(error);
                }
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut object: A) -> Result<Value, A::Error> {
        self.open()?;
        let mut members = Map::new();
        while let Some(name) = object.next_key::<String>()? {
            if members.contains_key(&name) {
                let detail = format!("the name {name:?} stands twice in one object");
                self.fault.enclosing.push(Step::Member(name));
                return Err(self.fault.refuse(StrictJsonErrorKind::DuplicateKey, detail));
            }
            match object.next_value_seed(self.inner()) {
                Ok(value) => members.insert(name, value),
                Err(error) => {
                    self.fault.enclosing.push(Step::Member(name));
                    return Err(error);
                }
            };
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests;
