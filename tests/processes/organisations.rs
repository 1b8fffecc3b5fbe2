//! Organisations of the tests, told apart by their number in the register.

use serde_json::{Value, json};

/// A number in the register of legal entities, with its check digit.
pub fn ogrn(number: u64) -> Value {
    let stem = 102_280_000_000 + number;
    let value = format!("{stem}{}", stem % 11 % 10);
    json!({"scheme": "RU-OGRN", "value": value})
}
