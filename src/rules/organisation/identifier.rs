//! Numbers that public registers give to organisations, in the canonical form of the log's keys.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::rules::text::{FieldError, Invalid, parsed_string};

/// The register an identifier comes from: `[A-Z][A-Z0-9-]*`, at most 32 characters.
///
/// Every well-formed scheme is accepted; those known here have their check digits verified. Code:
/// `invalid_scheme`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Scheme(String);

parsed_string!(Scheme);

impl Scheme {
    /// The most characters a scheme may have.
    pub const MAX_CHARS: usize = 32;

    /// Reads a scheme; nothing is changed.
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        let is_accepted = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-';
        let is_scheme = raw.starts_with(|c: char| c.is_ascii_uppercase())
            && raw.chars().all(is_accepted)
            && raw.len() <= Self::MAX_CHARS;
        if is_scheme {
            return Ok(Self(raw.to_owned()));
        }
        Err(Invalid::new(
            "invalid_scheme",
            "This is not the name of an identifier scheme; expected are at most 32 upper-case \
             Latin letters, digits and hyphens, beginning with a letter, as in \"RU-OGRN\".",
        ))
    }

    /// Whether the register is known here, so that its numbers are checked.
    pub fn is_known(&self) -> bool {
        matches!(self.as_str(), "RU-OGRN" | "RU-INN" | "LEI")
    }
}

/// An identifier as it was sent: raw strings, nothing checked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IdentifierInput {
    /// The register, such as `RU-OGRN`.
    pub scheme: String,
    /// The number in that register.
    pub value: String,
}

/// A number in a public register, canonical and with its check digits verified.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", try_from = "IdentifierInput")]
pub struct Identifier {
    scheme: Scheme,
    value: String,
}

impl Identifier {
    /// The most characters a canonical value may have.
    pub const MAX_CHARS: usize = 64;

    /// Reads an identifier; the refusal points to `/scheme` or `/value`.
    ///
    /// Codes: `invalid_scheme`, `empty`, `too_long`, `forbidden_character`, `wrong_length`,
    /// `wrong_check_digit`, `placeholder` (zeros only), `natural_person`.
    pub fn parse(scheme: &str, value: &str) -> Result<Self, FieldError> {
        let scheme = Scheme::parse(scheme).map_err(|refusal| refusal.at("/scheme"))?;
        let value = canonical_value(&scheme, value).map_err(|refusal| refusal.at("/value"))?;
        Ok(Self { scheme, value })
    }

    /// The register.
    pub fn scheme(&self) -> &Scheme {
        &self.scheme
    }

    /// The canonical number.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// The number alone, by which it is known again under another register: digits without leading zeros, or the
    /// whole where there are few digits. Numbers too short to tell organisations apart have none.
    pub fn bare_value(&self) -> Option<&str> {
        const SHORTEST: usize = 6;
        let digits = self
            .value
            .trim_start_matches(|c: char| !c.is_ascii_digit() || c == '0');
        let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
        let bare = if is_number { digits } else { &self.value };
        (bare.len() >= SHORTEST).then_some(bare)
    }

    /// The key of a membership that this identifier is: `<SCHEME>:<value>`.
    pub fn key(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for Identifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.scheme, self.value)
    }
}

impl TryFrom<IdentifierInput> for Identifier {
    type Error = FieldError;

    fn try_from(input: IdentifierInput) -> Result<Self, FieldError> {
        Self::parse(&input.scheme, &input.value)
    }
}

/// The value in upper case, without spaces, dots and hyphens, after its scheme's own checks.
fn canonical_value(scheme: &Scheme, raw: &str) -> Result<String, Invalid> {
    let is_separator = |c: char| c.is_whitespace() || c == '.' || c == '-';
    let value: String = raw
        .chars()
        .filter(|c| !is_separator(*c))
        .map(|c| c.to_ascii_uppercase())
        .collect();
    if value.is_empty() {
        return Err(Invalid::new(
            "empty",
            "The identifier is empty; the number in the register is expected.",
        ));
    }
    if !value.chars().all(|c| c.is_ascii_alphanumeric()) {
        return Err(Invalid::new(
            "forbidden_character",
            "The identifier may consist of Latin letters and digits; spaces, dots and hyphens \
             between them are left out.",
        ));
    }
    match scheme.as_str() {
        "RU-OGRN" => check_ogrn(&value)?,
        "RU-INN" => check_inn(&value)?,
        "LEI" => check_lei(&value)?,
        "RU-OGRNIP" | "RU-SNILS" => return Err(natural_person()),
        _ if value.len() > Identifier::MAX_CHARS => {
            return Err(Invalid::new(
                "too_long",
                "The identifier is too long; at most 64 letters and digits are accepted.",
            ));
        }
        _ => {}
    }
    if value.chars().all(|c| c == '0') {
        return Err(Invalid::new(
            "placeholder",
            "The identifier consists of zeros; the number in the register is expected.",
        ));
    }
    Ok(value)
}

/// OGRN of a legal entity: 13 digits, the last the remainder of the first twelve by 11, then by
/// 10 (Order of the Ministry of Finance of Russia of 30 October 2017 No. 165n).
fn check_ogrn(value: &str) -> Result<(), Invalid> {
    let digits = digits("OGRN", value)?;
    if digits.len() == 15 {
        return Err(natural_person());
    }
    expect_length("OGRN", digits.len(), 13)?;
    let number = |digits: &[u64]| digits.iter().fold(0, |number, digit| number * 10 + digit);
    match digits.split_last() {
        Some((check, body)) if number(body) % 11 % 10 == *check => Ok(()),
        _ => Err(wrong_check_digit("OGRN")),
    }
}

/// INN of a legal entity: 10 digits, the last the remainder of the weighted sum of the first
/// nine by 11, then by 10.
fn check_inn(value: &str) -> Result<(), Invalid> {
    const WEIGHTS: [u64; 9] = [2, 4, 10, 3, 5, 9, 4, 6, 8];
    let digits = digits("INN", value)?;
    if digits.len() == 12 {
        return Err(natural_person());
    }
    expect_length("INN", digits.len(), 10)?;
    let sum: u64 = digits
        .iter()
        .zip(WEIGHTS)
        .map(|(d, weight)| d * weight)
        .sum();
    if digits.last() == Some(&(sum % 11 % 10)) {
        return Ok(());
    }
    Err(wrong_check_digit("INN"))
}

/// LEI: 18 letters and digits and two check digits (ISO 17442-1, ISO/IEC 7064 MOD 97-10).
///
/// The check digits run from 02 to 98; of two that leave the same remainder only one is right.
fn check_lei(value: &str) -> Result<(), Invalid> {
    expect_length("LEI", value.len(), 20)?;
    let remainder = value
        .chars()
        .filter_map(|c| c.to_digit(36))
        .fold(0, |remainder, digit| {
            let shift = if digit < 10 { 10 } else { 100 };
            (remainder * shift + digit) % 97
        });
    let check_digits = value.get(18..).and_then(|digits| digits.parse().ok());
    match check_digits {
        Some(2..=98_u32) if remainder == 1 => Ok(()),
        _ => Err(wrong_check_digit("LEI")),
    }
}

fn digits(what: &str, value: &str) -> Result<Vec<u64>, Invalid> {
    let digits: Option<Vec<u64>> = value
        .chars()
        .map(|c| c.to_digit(10).map(u64::from))
        .collect();
    digits.ok_or_else(|| {
        Invalid::new(
            "forbidden_character",
            format!("The {what} contains a letter; only digits are expected."),
        )
    })
}

fn expect_length(what: &str, length: usize, expected: usize) -> Result<(), Invalid> {
    if length == expected {
        return Ok(());
    }
    Err(Invalid::new(
        "wrong_length",
        format!("The {what} has {length} characters; {expected} are expected."),
    ))
}

fn wrong_check_digit(what: &str) -> Invalid {
    Invalid::new(
        "wrong_check_digit",
        format!("The check digit of the {what} does not fit; look for a mistyped digit."),
    )
}

fn natural_person() -> Invalid {
    Invalid::new(
        "natural_person",
        "This is the number of a natural person or sole trader; the number of a legal entity is \
         expected, since natural persons cannot accede.",
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn real_identifiers_take_their_canonical_form() {
        for (scheme, raw, key) in [
            ("RU-OGRN", "1027700132195", "RU-OGRN:1027700132195"),
            ("RU-OGRN", " 102 770 022 9193 ", "RU-OGRN:1027700229193"),
            ("RU-INN", "7707083893", "RU-INN:7707083893"),
            ("RU-INN", "77-36.207 543", "RU-INN:7736207543"),
            ("LEI", "5493001KJTIIGC8Y1R12", "LEI:5493001KJTIIGC8Y1R12"),
            ("LEI", "213800wsgiiz-cxf1p572", "LEI:213800WSGIIZCXF1P572"),
            ("DE-HRB", "hrb 12.345-b", "DE-HRB:HRB12345B"),
            ("X", "1", "X:1"),
        ] {
            assert_eq!(Identifier::parse(scheme, raw).unwrap().key(), key);
        }
    }

    #[test]
    fn wrong_identifiers_are_refused_with_pointer_and_code() {
        let long = "1".repeat(65);
        for (scheme, raw, pointer, code) in [
            ("", "1", "/scheme", "invalid_scheme"),
            ("ru-ogrn", "1027700132195", "/scheme", "invalid_scheme"),
            ("1C", "1", "/scheme", "invalid_scheme"),
            ("-A", "1", "/scheme", "invalid_scheme"),
            ("A:B", "1", "/scheme", "invalid_scheme"),
            ("ОГРН", "1", "/scheme", "invalid_scheme"),
            ("RU-OGRN", "", "/value", "empty"),
            ("RU-OGRN", " - ", "/value", "empty"),
            ("RU-OGRN", "1027700132196", "/value", "wrong_check_digit"),
            ("RU-OGRN", "1027700132159", "/value", "wrong_check_digit"),
            ("RU-OGRN", "102770013219", "/value", "wrong_length"),
            ("RU-OGRN", "102770013219O", "/value", "forbidden_character"),
            ("RU-OGRN", "304500116000157", "/value", "natural_person"),
            ("RU-OGRN", "0000000000000", "/value", "placeholder"),
            ("RU-OGRNIP", "304500116000157", "/value", "natural_person"),
            ("RU-INN", "7707083894", "/value", "wrong_check_digit"),
            ("RU-INN", "770708389", "/value", "wrong_length"),
            ("RU-INN", "500100732259", "/value", "natural_person"),
            ("RU-INN", "0000000000", "/value", "placeholder"),
            ("LEI", "5493001KJTIIGC8Y1R13", "/value", "wrong_check_digit"),
            ("LEI", "5493001KJTIIGC8Y1R1A", "/value", "wrong_check_digit"),
            ("LEI", "5493001KJTIIGC8Y1R1", "/value", "wrong_length"),
            (
                "LEI",
                "5493001KJTIIGC8Y1Я12",
                "/value",
                "forbidden_character",
            ),
            ("DE-HRB", "12/345", "/value", "forbidden_character"),
            ("DE-HRB", "１２", "/value", "forbidden_character"),
            ("DE-HRB", &long, "/value", "too_long"),
        ] {
            let error = Identifier::parse(scheme, raw).unwrap_err();
            assert_eq!(
                (error.pointer.as_str(), error.code),
                (pointer, code),
                "{raw}"
            );
        }
    }

    #[test]
    fn of_two_check_digits_with_one_remainder_only_the_standard_one_is_accepted() {
        let mut accepted = 0;
        for number in 0..2000 {
            let body = format!("{number:018}");
            let fitting = (0..100)
                .filter(|check| Identifier::parse("LEI", &format!("{body}{check:02}")).is_ok())
                .count();
            assert!(fitting <= 1, "{body}");
            accepted += fitting;
        }
        assert_eq!(accepted, 2000);
    }

    #[test]
    fn json_keeps_scheme_and_value_and_is_checked_when_read() {
        let json = r#"{"scheme":"RU-INN","value":"7707083893"}"#;
        let identifier: Identifier = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&identifier).unwrap(), json);
        assert!(serde_json::from_str::<Identifier>(&json.replace("93", "94")).is_err());
        assert!(serde_json::from_str::<Identifier>(&json.replace('}', ",\"x\":1}")).is_err());
    }

    proptest! {
        #[test]
        fn a_single_mistyped_digit_of_a_lei_is_found(position in 0..7_usize, shift in 1..10_u32) {
            let mut characters: Vec<char> = "5493001KJTIIGC8Y1R12".chars().collect();
            let digit = characters[position].to_digit(10).unwrap();
            characters[position] = char::from_digit((digit + shift) % 10, 10).unwrap();
            let mistyped: String = characters.into_iter().collect();
            prop_assert!(Identifier::parse("LEI", &mistyped).is_err());
        }

        #[test]
        fn an_accepted_identifier_reads_back_as_itself(
            scheme in "[A-Z][A-Z0-9-]{0,5}|RU-OGRN|RU-INN|LEI",
            raw in "[a-zA-Z0-9 .-]{0,70}",
        ) {
            if let Ok(identifier) = Identifier::parse(&scheme, &raw) {
                let again = Identifier::parse(identifier.scheme().as_str(), identifier.value());
                prop_assert_eq!(again, Ok(identifier));
            }
        }

        #[test]
        fn any_text_is_read_without_a_panic(scheme in any::<String>(), raw in any::<String>()) {
            let _ = Identifier::parse(&scheme, &raw);
            for known in ["RU-OGRN", "RU-INN", "LEI", "OTHER"] {
                let _ = Identifier::parse(known, &raw);
            }
        }
    }
}
