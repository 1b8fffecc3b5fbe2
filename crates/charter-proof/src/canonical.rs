//! Canonical JSON (RFC 8785), strict parsing and the digests of both.
//!
//! Documents of this crate's own are structs whose fields stand in canonical order and need no
//! canonicalizer (`InJcsOrder`); [`to_jcs`] is for what others wrote, and for the tests that hold
//! the two together.

mod digest;
mod strict_json;

pub use digest::{Digest, ParseDigestError, prefixed};
pub use strict_json::{MAX_DEPTH, StrictJsonError, StrictJsonErrorKind, parse_strict};

use serde::Serialize;
use serde_json::{Number, Value};

/// The largest magnitude of a number in a signed document: 2^53.
///
/// RFC 8785 §3.2.2.3 writes every number as an IEEE 754 double; beyond this, integers would be
/// rounded silently, and two documents that differ would have one digest.
pub const MAX_NUMBER: u64 = 1 << 53;

/// Why a value has no canonical form.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CanonicalError {
    /// A number beyond [`MAX_NUMBER`], which canonical JSON would round.
    #[error("the number {0} exceeds 2^53 in magnitude; write larger values as strings")]
    NumberOutOfRange(Number),
    /// The value does not serialise as JSON at all.
    #[error("the value cannot be written as canonical JSON")]
    Unserialisable(#[source] serde_json::Error),
}

/// Writes a value as canonical JSON (RFC 8785).
///
/// Refuses numbers beyond ±2^53, duplicate keys, and what JSON cannot express.
pub fn to_jcs<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, CanonicalError> {
    let tree = serde_json::to_value(value).map_err(CanonicalError::Unserialisable)?;
    refuse_large_numbers(&tree)?;
    // The value itself and not the tree: a tree has already lost a duplicate key.
    serde_json_canonicalizer::to_vec(&value).map_err(CanonicalError::Unserialisable)
}

fn refuse_large_numbers(value: &Value) -> Result<(), CanonicalError> {
    match value {
        Value::Number(number) if !is_exact(number) => {
            Err(CanonicalError::NumberOutOfRange(number.clone()))
        }
        Value::Array(items) => items.iter().try_for_each(refuse_large_numbers),
        Value::Object(members) => members.values().try_for_each(refuse_large_numbers),
        _ => Ok(()),
    }
}

/// Whether canonical JSON keeps this number: an integer up to 2^53, a fraction below it.
fn is_exact(number: &Number) -> bool {
    const FRACTIONS_BELOW: f64 = 9_007_199_254_740_992.0;
    if let Some(integer) = number.as_i64() {
        return integer.unsigned_abs() <= MAX_NUMBER;
    }
    if let Some(integer) = number.as_u64() {
        return integer <= MAX_NUMBER;
    }
    number
        .as_f64()
        .is_some_and(|fraction| fraction.abs() < FRACTIONS_BELOW)
}

/// A type whose plain serialisation is already canonical JSON.
///
/// Its fields are declared in the order of their names' UTF-16 code units, it holds no map and no
/// fraction, and a property test holds it against [`to_jcs`].
pub(crate) trait InJcsOrder: Serialize {
    /// The canonical bytes, an order of magnitude faster than [`to_jcs`] writes them.
    fn to_ordered_bytes(&self) -> Vec<u8> {
        // Most have two to four hundred bytes.
        let mut json = Vec::with_capacity(448);
        self.append_ordered(&mut json);
        json
    }

    /// The same, at the end of other bytes.
    fn append_ordered(&self, json: &mut Vec<u8>) {
        #[expect(
            clippy::expect_used,
            reason = "structs of strings, integers, sequences and options always serialise"
        )]
        serde_json::to_writer(json, self).expect("a struct of plain fields serialises");
    }
}

impl InJcsOrder for u8 {}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{CanonicalError, to_jcs};

    #[test]
    fn keys_are_ordered_by_utf_16_code_units() {
        // RFC 8785 §3.2.3: U+1F600 is written with surrogates and so sorts before U+FB33.
        let value = json!({"\u{fb33}": 1, "\u{1f600}": 2, "ö": 3, "1": 4, "\r": 5});
        assert_eq!(
            String::from_utf8(to_jcs(&value).unwrap()).unwrap(),
            "{\"\\r\":5,\"1\":4,\"ö\":3,\"\u{1f600}\":2,\"\u{fb33}\":1}"
        );
    }

    #[test]
    fn integers_up_to_two_to_the_53_are_written_as_they_are() {
        let value = json!([9_007_199_254_740_992_i64, -9_007_199_254_740_992_i64, 0]);
        assert_eq!(
            to_jcs(&value).unwrap(),
            b"[9007199254740992,-9007199254740992,0]"
        );
    }

    #[test]
    fn integers_that_would_be_rounded_are_refused() {
        for beyond in [
            json!(9_007_199_254_740_993_i64),
            json!({"deep": [u64::MAX]}),
            json!(i64::MIN),
            json!(1e20),
        ] {
            assert!(
                matches!(to_jcs(&beyond), Err(CanonicalError::NumberOutOfRange(_))),
                "{beyond}"
            );
        }
    }

    #[test]
    fn what_json_cannot_express_is_refused() {
        let by_pair = std::collections::BTreeMap::from([((1, 2), 3)]);
        assert!(matches!(
            to_jcs(&by_pair),
            Err(CanonicalError::Unserialisable(_))
        ));
    }
}
