//! How a person is reached: e-mail addresses and telephone numbers.
//!
//! Both are personal data, so `Debug` hides them and no refusal repeats them.

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use super::{Invalid, is_forbidden, parsed_string};
use crate::rules::organisation::host;

/// An e-mail address: a local part as written, `@`, a canonical host.
///
/// The lengths are those of RFC 5321 §4.5.3.1, the local part a dot-atom (RFC 5322 §3.2.3) in
/// which letters of any script may stand (RFC 6531); quoted local parts are refused. Codes:
/// `empty`, `too_long`, `invalid_email` and those of a host.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Email(String);

parsed_string!(Email);

impl Email {
    /// Reads an address; the local part keeps its case.
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        let raw = raw.trim();
        if raw.is_empty() {
            return Err(Invalid::new(
                "empty",
                "The e-mail address is empty; one like name@school.example is expected.",
            ));
        }
        let (local, host_name) = raw.split_once('@').ok_or_else(invalid_email)?;
        let local: String = local.nfc().collect();
        if !is_dot_atom(&local) {
            return Err(invalid_email());
        }
        let address = format!("{local}@{}", host(host_name)?);
        if local.len() > 64 || address.len() > 254 {
            return Err(Invalid::new(
                "too_long",
                "The e-mail address is too long; at most 64 bytes are accepted before the @ and \
                 254 in all.",
            ));
        }
        Ok(Self(address))
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Email(hidden)")
    }
}

fn is_dot_atom(local: &str) -> bool {
    let is_atom_character = |c: char| {
        if c.is_ascii() {
            c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c)
        } else {
            c.is_alphanumeric() && !is_forbidden(c)
        }
    };
    local
        .split('.')
        .all(|atom| !atom.is_empty() && atom.chars().all(is_atom_character))
}

fn invalid_email() -> Invalid {
    Invalid::new(
        "invalid_email",
        "This is not an e-mail address that is accepted here; expected is one like \
         name@school.example, with a single @ and without quotes and spaces.",
    )
}

/// A telephone number as written, with 5 to 15 digits (ITU-T E.164 allows 15 at most).
///
/// Digits, spaces, parentheses and hyphens, and a `+` in front. Codes: `empty`, `too_long`,
/// `forbidden_character`, `wrong_length`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Phone(String);

parsed_string!(Phone);

impl Phone {
    /// The most characters a number may have, punctuation included.
    pub const MAX_CHARS: usize = 40;

    /// Reads a number and trims it.
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        let raw = raw.trim();
        if raw.is_empty() {
            return Err(Invalid::new(
                "empty",
                "The telephone number is empty; one like +7 416 222-33-44 is expected.",
            ));
        }
        if raw.chars().count() > Self::MAX_CHARS {
            return Err(Invalid::new(
                "too_long",
                "The telephone number is too long; at most 40 characters are accepted.",
            ));
        }
        let is_accepted = |c: char| c.is_ascii_digit() || " ()-".contains(c);
        if !raw
            .strip_prefix('+')
            .unwrap_or(raw)
            .chars()
            .all(is_accepted)
        {
            return Err(Invalid::new(
                "forbidden_character",
                "The telephone number may have digits, spaces, parentheses and hyphens, and a + \
                 in front; nothing else is accepted.",
            ));
        }
        let digits = raw.chars().filter(char::is_ascii_digit).count();
        if !(5..=15).contains(&digits) {
            return Err(Invalid::new(
                "wrong_length",
                format!("The telephone number has {digits} digits; 5 to 15 are expected."),
            ));
        }
        Ok(Self(raw.to_owned()))
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Phone(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ordinary_addresses_are_accepted() {
        for (raw, canonical) in [
            ("info@school.example", "info@school.example"),
            (" Info@School.EXAMPLE ", "Info@school.example"),
            ("a.b+c@www.school.example", "a.b+c@www.school.example"),
            ("o'neil@x.example", "o'neil@x.example"),
            ("директор@школа.рф", "директор@xn--80atdl2c.xn--p1ai"),
        ] {
            assert_eq!(Email::parse(raw).unwrap().as_str(), canonical);
        }
    }

    #[test]
    fn what_is_not_an_address_is_refused_with_its_code() {
        let long_local = format!("{}@x.example", "a".repeat(65));
        for (raw, code) in [
            ("", "empty"),
            ("school.example", "invalid_email"),
            ("@school.example", "invalid_email"),
            ("a@b@school.example", "forbidden_character"),
            ("a b@school.example", "invalid_email"),
            (".a@school.example", "invalid_email"),
            ("a..b@school.example", "invalid_email"),
            ("\"a b\"@school.example", "invalid_email"),
            ("a\u{200b}b@school.example", "invalid_email"),
            ("a\r\nBcc: x@school.example", "invalid_email"),
            ("a@localhost", "single_label"),
            ("a@[127.0.0.1]", "forbidden_character"),
            ("a@127.0.0.1", "ip_address"),
            (&long_local, "too_long"),
        ] {
            assert_eq!(Email::parse(raw).unwrap_err().code, code, "{raw}");
        }
    }

    #[test]
    fn a_number_is_kept_as_written() {
        for raw in [
            "+7 (4162) 22-33-44",
            "8 800 555 35 35",
            "01-02-03",
            "+79161234567",
        ] {
            assert_eq!(Phone::parse(raw).unwrap().as_str(), raw);
        }
        assert_eq!(Phone::parse(" 123456 ").unwrap().as_str(), "123456");
    }

    #[test]
    fn what_is_not_a_number_is_refused_with_its_code() {
        for (raw, code) in [
            (" ", "empty"),
            ("1234", "wrong_length"),
            ("+1234567890123456", "wrong_length"),
            ("22-33-44 доб. 5", "forbidden_character"),
            ("7+9161234567", "forbidden_character"),
            ("٠١٢٣٤٥٦", "forbidden_character"),
            ("1                                       23456", "too_long"),
        ] {
            assert_eq!(Phone::parse(raw).unwrap_err().code, code, "{raw}");
        }
    }

    #[test]
    fn debug_output_hides_personal_data() {
        let email = Email::parse("info@school.example").unwrap();
        let phone = Phone::parse("+7 916 123 45 67").unwrap();
        assert_eq!(
            format!("{email:?} {phone:?}"),
            "Email(hidden) Phone(hidden)"
        );
    }

    proptest! {
        #[test]
        fn an_accepted_address_reads_back_as_itself(raw in "\\PC{0,12}@[a-zа-я0-9.-]{1,12}\\.[a-z]{2,4}") {
            if let Ok(email) = Email::parse(&raw) {
                prop_assert_eq!(Email::parse(email.as_str()), Ok(email));
            }
        }

        #[test]
        fn any_text_is_read_as_an_address_or_a_number_without_a_panic(raw in any::<String>()) {
            let _ = Email::parse(&raw);
            let _ = Phone::parse(&raw);
        }
    }
}
